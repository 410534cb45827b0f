"""Money spent to date against budget and kill line, and what stopping keeps or still costs.

Formula and worked number: docs/formulas.md, "burn". Only money that can still be avoided counts for
a verdict: what is under contract falls due either way and is shown apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Protocol, TypeVar

from payback.days import months_on
from payback.records import Money

MOST_POINTS = 60
"""Days drawn one by one; with more, the last of each month."""
RECENT_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Spent:
    """Money out on a day. With `committed_until` as much falls due each month until then, or `a_day` each day."""

    day: date
    amount: Decimal
    what: str = ""
    committed_until: date | None = None
    a_day: Decimal | None = None


class Contracted(Protocol):
    """Money out that may be under contract."""

    @property
    def day(self) -> date: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def what(self) -> str: ...
    @property
    def committed_until(self) -> date | None: ...


_Line = TypeVar("_Line", bound=Contracted)


@dataclass(frozen=True, slots=True)
class Result:
    """Accepted on a day, and how many more of that day nobody has checked; parts of one where repeated."""

    day: date
    accepted: Decimal
    unchecked: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """The kill line: stop at this much spent with fewer accepted results than that."""

    spend: Decimal
    unless_accepted: int


@dataclass(frozen=True, slots=True)
class BurnPoint:
    """Everything spent up to the end of `day`, and accepted results by then."""

    day: date
    spent: Money
    accepted: int


@dataclass(frozen=True, slots=True)
class Burn:
    """Money spent to date against budget and kill line.

    `crossed_on` is the day the kill line was crossed; `undecided` is: it would be, but for
    outcomes nobody has checked. `kept` is what stopping on that day would have kept: spent since,
    less what was already under contract that day. `falls_due` must still be paid after stopping on
    the as-of day, by what and until when. `monthly` is the mean of the last three whole months,
    `saved_a_month` that without contracts that run on.
    """

    points: tuple[BurnPoint, ...]
    spent: Money
    budget: Money | None
    kill_line: Money | None
    unless_accepted: int | None
    crossed_on: date | None
    undecided: bool
    spent_when_crossed: Money | None
    kept: Money | None
    falls_due: Money
    falls_due_until: date | None
    falls_due_for: tuple[tuple[str, Money, date], ...]
    monthly: Money | None
    saved_a_month: Money | None


def burn(
    spending: Iterable[Spent],
    results: Iterable[Result],
    currency: str,
    as_of: date,
    *,
    budget: Decimal | None = None,
    line: Line | None = None,
) -> Burn | None:
    """Spending to the end of `as_of`; None where nothing was spent.

    An unchecked outcome may have been accepted, so a line is crossed only where even all of them would
    not have been enough.
    """
    lines = sorted((each for each in spending if each.day <= as_of), key=lambda each: each.day)
    if not any(each.amount for each in lines):
        return None
    known = sorted((each for each in results if each.day <= as_of), key=lambda each: each.day)
    running = _running(lines, known)
    total = running[-1].spent
    crossed, undecided = _crossing(running, line)
    kept = None
    if crossed is not None:
        owed_then = sum((due for _, due, _ in falls_due(lines, crossed.day, no_later_than=as_of)), Decimal(0))
        kept = total - crossed.spent - owed_then
    due = falls_due(lines, as_of)
    months = _recent_months(lines[0].day, as_of)
    monthly = _mean(lines, months)
    running_on = {each.what for each in contracts(lines, as_of)}
    free = [each for each in lines if each.committed_until is None or each.what not in running_on]
    saved = _mean(free, months)

    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money(amount, currency)

    return Burn(
        points=tuple(
            BurnPoint(each.day, Money(each.spent, currency), int(each.accepted)) for each in _thinned(running)
        ),
        spent=Money(total, currency),
        budget=money(budget),
        kill_line=money(line.spend if line else None),
        unless_accepted=line.unless_accepted if line else None,
        crossed_on=crossed.day if crossed else None,
        undecided=undecided,
        spent_when_crossed=money(crossed.spent if crossed else None),
        kept=money(kept),
        falls_due=Money(sum((each[1] for each in due), Decimal(0)), currency),
        falls_due_until=max((until for _, _, until in due), default=None),
        falls_due_for=tuple((what, Money(amount, currency), until) for what, amount, until in due),
        monthly=money(monthly),
        saved_a_month=money(None if saved is None else max(Decimal(0), saved)),
    )


@dataclass(frozen=True, slots=True)
class _Day:
    """Spent and accepted by the end of a day on which something was spent; `open_to` counts unchecked in."""

    day: date
    spent: Decimal
    accepted: Decimal
    open_to: Decimal


def _running(lines: Sequence[Spent], results: Sequence[Result]) -> list[_Day]:
    """Running totals, one a day of spending; both are sorted by day."""
    found: list[_Day] = []
    spent = accepted = unchecked = Decimal(0)
    place = 0
    for day, of_day in groupby(lines, key=lambda each: each.day):
        spent += sum((each.amount for each in of_day), Decimal(0))
        while place < len(results) and results[place].day <= day:
            accepted += results[place].accepted
            unchecked += results[place].unchecked
            place += 1
        found.append(_Day(day, spent, accepted, accepted + unchecked))
    return found


def _crossing(running: Sequence[_Day], line: Line | None) -> tuple[_Day | None, bool]:
    """The day the line was crossed; else whether it would be, but for outcomes nobody has checked."""
    if line is None:
        return None, False
    past = [each for each in running if each.spent >= line.spend]
    crossed = next((each for each in past if each.open_to < line.unless_accepted), None)
    if crossed is not None:
        return crossed, False
    return None, any(each.accepted < line.unless_accepted for each in past)


def contracts(lines: Sequence[_Line], on: date) -> list[_Line]:
    """The lines of each contract's latest day that still run after `on`, as known that day.

    Contracts of one name that are booked on the same day are several, and all of them count.
    """
    latest: dict[str, list[_Line]] = {}
    for each in lines:
        if each.day <= on and each.committed_until is not None:
            before = latest.get(each.what, [])
            same_day = [one for one in before if one.day == each.day]
            latest[each.what] = [*same_day, each]
    return [
        each
        for mine in latest.values()
        for each in mine
        if each.committed_until is not None and each.committed_until > on
    ]


def falls_due(
    lines: Sequence[Spent], on: date, no_later_than: date | None = None
) -> list[tuple[str, Decimal, date]]:
    """What falls due after `on` under contracts known that day: amount a month x months left, or a day x days."""
    found = []
    for each in contracts(lines, on):
        assert each.committed_until is not None  # noqa: S101  contracts
        until = min(each.committed_until, no_later_than or each.committed_until)
        if each.a_day is not None:
            left = (until - each.day).days
            if left > 0 and each.a_day:
                found.append((each.what, each.a_day * left, each.committed_until))
            continue
        months = (until.year - each.day.year) * 12 + until.month - each.day.month
        left = sum(months_on(each.day, month) > on for month in range(1, months + 1))
        if left > 0:
            found.append((each.what, each.amount * left, each.committed_until))
    return found


def _recent_months(first: date, as_of: date) -> list[tuple[int, int]]:
    """The last three whole months since money was first spent, or as many as there are."""
    last = (as_of.year, as_of.month)
    if not _ends_month(as_of):
        last = _before(last)
    found: list[tuple[int, int]] = []
    while len(found) < RECENT_MONTHS and last >= (first.year, first.month):
        found.append(last)
        last = _before(last)
    return found


def _mean(lines: Sequence[Spent], months: Sequence[tuple[int, int]]) -> Decimal | None:
    """Mean spending of these months; None without any."""
    if not months:
        return None
    spent = (each.amount for each in lines if (each.day.year, each.day.month) in months)
    return sum(spent, Decimal(0)) / len(months)


def _before(month: tuple[int, int]) -> tuple[int, int]:
    return (month[0] - 1, 12) if month[1] == 1 else (month[0], month[1] - 1)


def _ends_month(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1


def _thinned(running: list[_Day]) -> list[_Day]:
    """Every day, or the last of each month where they are many."""
    if len(running) <= MOST_POINTS:
        return running
    return list({(each.day.year, each.day.month): each for each in running}.values())
