"""Money spent to date against budget and kill line, and what stopping keeps or still costs.

Formula and worked number: docs/formulas.md, "burn". Only money that can still be avoided counts for
a verdict: what is under contract falls due either way and is shown apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from payback.records import Money

MOST_POINTS = 60
"""Days drawn one by one; with more, the last of each month."""
RECENT_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Spent:
    """Money out on a day. With `committed_until` as much falls due each month until then."""

    day: date
    amount: Decimal
    what: str = ""
    committed_until: date | None = None


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
    `saved_a_month` that without what is committed.
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
    accepted: Iterable[tuple[date, Decimal, int]],
    currency: str,
    as_of: date,
    *,
    budget: Decimal | None = None,
    line: Line | None = None,
) -> Burn | None:
    """Spending to the end of `as_of`; None where nothing was spent.

    `accepted` are (day, accepted that day, unchecked of that day). An unchecked outcome may have
    been accepted, so a line is crossed only where even all of them would not have been enough.
    """
    lines = sorted((each for each in spending if each.day <= as_of), key=lambda each: each.day)
    if not lines:
        return None
    results = sorted(each for each in accepted if each[0] <= as_of)
    days = list(dict.fromkeys(each.day for each in lines))
    running: list[tuple[date, Decimal]] = []
    total = Decimal(0)
    for day in days:
        total += sum((each.amount for each in lines if each.day == day), Decimal(0))
        running.append((day, total))
    crossed, undecided = _crossing(running, results, line)
    at_crossing = next((spent for day, spent in running if day == crossed), None)
    kept = None
    if crossed is not None and at_crossing is not None:
        owed_then = sum((due for _, due, _ in _due(lines, crossed, no_later_than=as_of)), Decimal(0))
        kept = total - at_crossing - owed_then
    due = _due(lines, as_of)
    monthly = _monthly(lines, as_of)
    committed = sum((each.amount for each in _contracts(lines, as_of)), Decimal(0))

    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money(amount, currency)

    return Burn(
        points=tuple(
            BurnPoint(day, Money(spent, currency), int(_accepted(results, day)[0]))
            for day, spent in _thinned(running)
        ),
        spent=Money(total, currency),
        budget=money(budget),
        kill_line=money(line.spend if line else None),
        unless_accepted=line.unless_accepted if line else None,
        crossed_on=crossed,
        undecided=undecided,
        spent_when_crossed=money(at_crossing),
        kept=money(kept),
        falls_due=Money(sum((each[1] for each in due), Decimal(0)), currency),
        falls_due_until=max((until for _, _, until in due), default=None),
        falls_due_for=tuple((what, Money(amount, currency), until) for what, amount, until in due),
        monthly=money(monthly),
        saved_a_month=money(None if monthly is None else max(Decimal(0), monthly - committed)),
    )


def _accepted(results: Sequence[tuple[date, Decimal, int]], day: date) -> tuple[Decimal, int]:
    """Accepted by the end of `day`, and how many more outcomes of those days are unchecked."""
    known = [each for each in results if each[0] <= day]
    return sum((each[1] for each in known), Decimal(0)), sum(each[2] for each in known)


def _crossing(
    running: Sequence[tuple[date, Decimal]],
    results: Sequence[tuple[date, Decimal, int]],
    line: Line | None,
) -> tuple[date | None, bool]:
    if line is None:
        return None, False
    undecided = False
    for day, spent in running:
        if spent < line.spend:
            continue
        accepted, unchecked = _accepted(results, day)
        if accepted + unchecked < line.unless_accepted:
            return day, False
        undecided = undecided or accepted < line.unless_accepted
    return None, undecided


def _contracts(lines: Sequence[Spent], on: date) -> list[Spent]:
    """The latest line of each contract that still runs after `on`, as known that day."""
    latest: dict[str, Spent] = {}
    for each in lines:
        if each.day <= on and each.committed_until is not None:
            latest[each.what] = each
    return [each for each in latest.values() if each.committed_until and each.committed_until > on]


def _due(
    lines: Sequence[Spent], on: date, no_later_than: date | None = None
) -> list[tuple[str, Decimal, date]]:
    """What falls due after `on` under contracts known that day: monthly amount x months left."""
    found = []
    for each in _contracts(lines, on):
        assert each.committed_until is not None  # noqa: S101  _contracts
        until = min(each.committed_until, no_later_than or each.committed_until)
        months = (until.year - each.day.year) * 12 + until.month - each.day.month
        if months > 0:
            found.append((each.what, each.amount * months, each.committed_until))
    return found


def _monthly(lines: Sequence[Spent], as_of: date) -> Decimal | None:
    """Mean spending of the last three whole months that had begun when the first was spent."""
    months: dict[tuple[int, int], Decimal] = {}
    for each in lines:
        key = (each.day.year, each.day.month)
        months[key] = months.get(key, Decimal(0)) + each.amount
    first = min(months)
    last = (as_of.year, as_of.month)
    if not _ends_month(as_of):
        last = _before(last)
    recent: list[Decimal] = []
    while len(recent) < RECENT_MONTHS and last >= first:
        recent.append(months.get(last, Decimal(0)))
        last = _before(last)
    return sum(recent, Decimal(0)) / len(recent) if recent else None


def _before(month: tuple[int, int]) -> tuple[int, int]:
    return (month[0] - 1, 12) if month[1] == 1 else (month[0], month[1] - 1)


def _ends_month(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1


def _thinned(running: list[tuple[date, Decimal]]) -> list[tuple[date, Decimal]]:
    if len(running) <= MOST_POINTS:
        return running
    by_month = {(day.year, day.month): (day, spent) for day, spent in running}
    return list(by_month.values())
