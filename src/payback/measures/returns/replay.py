"""A use case month by month as it was known then: what was spent and accepted, and what stopping would have kept.

Formula: docs/formulas.md, "replay". Only money that could still be avoided on the day is kept by stopping: what was under
contract that day falls due either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from payback.days import months_on
from payback.measures.returns.burn import Spent, falls_due
from payback.records import Money


@dataclass(frozen=True, slots=True)
class GateThen:
    """A gate as it stood on a day; `state` is passed, failed or not decided."""

    name: str
    state: str
    word: str


@dataclass(frozen=True, slots=True)
class MonthThen:
    """The end of a month: spent and accepted by then, gates, and the verdict as it would have been.

    `kept` is what stopping that day would have kept of all that is spent by now.
    """

    day: date
    spent: Money
    accepted: int
    gates: tuple[GateThen, ...]
    verdict: str
    word: str
    why: str
    kept: Money


@dataclass(frozen=True, slots=True)
class Replay:
    """Every month's end up to now; `stopped` is the first at which the verdict was stop. `says` is that in words."""

    months: tuple[MonthThen, ...]
    stopped: MonthThen | None
    says: str


def month_ends(first: date, last: date) -> tuple[date, ...]:
    """The last days of all months from that of `first` on that are over by `last`.

    >>> [str(day) for day in month_ends(date(2026, 1, 12), date(2026, 3, 30))]
    ['2026-01-31', '2026-02-28']
    """
    found: list[date] = []
    after = months_on(first.replace(day=1), 1)
    while after - timedelta(days=1) <= last:
        found.append(after - timedelta(days=1))
        after = months_on(after, 1)
    return tuple(found)


def kept_by_stopping(spending: Sequence[Spent], day: date, as_of: date) -> Decimal:
    """What was spent after `day` up to `as_of`, less what was under contract on `day`; never below 0.

    >>> lines = [
    ...     Spent(date(2026, 1, 31), Decimal(50), "lease", date(2026, 3, 31)),
    ...     Spent(date(2026, 2, 28), Decimal(80), "team"),
    ...     Spent(date(2026, 2, 28), Decimal(50), "lease", date(2026, 3, 31)),
    ... ]
    >>> kept_by_stopping(lines, date(2026, 1, 31), date(2026, 2, 28))
    Decimal('80')
    """
    after = sum((each.amount for each in spending if day < each.day <= as_of), Decimal(0))
    known = [each for each in spending if each.day <= day]
    owed = sum((amount for _, amount, _ in falls_due(known, day, no_later_than=as_of)), Decimal(0))
    return max(Decimal(0), after - owed)
