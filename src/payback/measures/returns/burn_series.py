"""Spending by category and by whole week or month, with what is missing of it, and its trailing means.

A period without a row is missing, never 0: a row of 0 says that nothing was spent. Formulas: docs/formulas.md,
"trailing-burn".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from math import sqrt

import numpy as np

from payback.days import months_on
from payback.measures.estimate import Floats, student

RECENT = 3
"""Whole months of the trailing mean, as `burn` has it."""
YEAR = 12
BLOCKS, FEWEST_BLOCKED, MOST_BLOCKED = 4, 36, 52
WIDER = 1.15
"""A range of a mean takes four blocks of at least nine weeks, and is wider than theirs (docs/coverage/burn.md)."""
WEEKS_A_MONTH = 365.25 / 12 / 7
DAILY = 2.0
"""Days with rows in a week from which on a category is counted day by day."""
REGULAR = 0.75
"""Share of periods with rows from which on a category is expected in each."""
ENDED = 3
"""Whole periods without a row of its own, others having some, after which a category is taken to have ended."""
MOST = {"week": 104, "month": 60}
"""Periods looked back."""


Amounts = tuple[Decimal | None, ...]
"""One a period; None is: not known."""


class Every(Enum):
    """What one period is."""

    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """The first day of the period it lies in."""
        return day - timedelta(days=day.weekday()) if self is Every.WEEK else day.replace(day=1)

    def after(self, day: date, periods: int = 1) -> date:
        """The first day of the period so many after the one it lies in."""
        first = self.start(day)
        if self is Every.WEEK:
            return first + timedelta(weeks=periods)
        return months_on(first, periods)


@dataclass(frozen=True, slots=True)
class Booked:
    """Money out on a day, by category. With `committed_until` as much falls due each month, or `a_day`, until then."""

    day: date
    amount: Decimal
    category: str
    what: str = ""
    committed_until: date | None = None
    a_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Periods, by their first days, in which no row stands; `category` empty is: of the whole use case."""

    category: str
    periods: tuple[date, ...]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Spending:
    """Whole periods, by first day, and what each category spent in them; None where it is not known.

    Of contracts only what is not under one stands in `free`; `whole` has everything.
    """

    every: Every
    periods: tuple[date, ...]
    free: Mapping[str, Amounts]
    whole: Mapping[str, Amounts]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Trailing:
    """What a category took a month: in the last whole one, on average of the last 3 and 12. None: not known."""

    category: str
    last: Decimal | None
    recent: Decimal | None
    recent_months: int
    year: Decimal | None
    year_months: int
    range: tuple[Decimal, Decimal] | None


def counted_by(lines: Sequence[Booked]) -> Every:
    """Weeks where every category is counted day by day, else months."""
    days: dict[str, set[date]] = {}
    for each in lines:
        if each.committed_until is None:
            days.setdefault(each.category, set()).add(each.day)
    if not days:
        return Every.MONTH
    return Every.WEEK if all(_is_daily(found) for found in days.values()) else Every.MONTH


def _is_daily(days: set[date]) -> bool:
    weeks = ((max(days) - min(days)).days + 1) / 7
    return len(days) >= DAILY * max(weeks, 1.0)


def spending(lines: Iterable[Booked], as_of: date, every: Every) -> Spending:
    """By whole period up to `as_of`, from the first one in which anything was spent."""
    known = sorted((each for each in lines if each.day <= as_of), key=lambda each: each.day)
    if not known:
        return Spending(every, (), {}, {}, ())
    after = every.start(as_of + timedelta(days=1))
    periods: list[date] = []
    at = every.start(known[0].day)
    while at < after:
        periods.append(at)
        at = every.after(at)
    begun_within = _begun_within(known, every)
    if periods and begun_within >= {each.category for each in known if every.start(each.day) == periods[0]}:
        begun_within -= {each.category for each in known if every.start(each.day) == periods[0]}
        del periods[0]
    periods = periods[-MOST[every.value] :]
    place = {day: number for number, day in enumerate(periods)}
    inside = [(place[start], each) for each in known if (start := every.start(each.day)) in place]
    with_rows = {number for number, _ in inside}
    empty = frozenset(number for number in range(len(periods)) if number not in with_rows)
    gaps = [Gap("", tuple(periods[number] for number in sorted(empty)))] if empty else []
    free: dict[str, Amounts] = {}
    whole: dict[str, Amounts] = {}
    for category in sorted({each.category for _, each in inside}):
        mine = [(number, each) for number, each in inside if each.category == category]
        loose = [(number, each) for number, each in mine if each.committed_until is None]
        partly = category in begun_within
        whole[category], missing = _amounts(mine, len(periods), empty, partly=partly)
        if loose:
            free[category], missing = _amounts(loose, len(periods), empty, partly=partly)
        last = max(number for number, _ in loose or mine)
        inner = tuple(periods[number] for number in missing if number <= last)
        since = tuple(periods[number] for number in missing if number > last)
        if inner:
            gaps.append(Gap(category, inner))
        if since and loose:
            gaps.append(Gap(category, since, ended=len(since) >= ENDED))
            if len(since) >= ENDED:
                del free[category]
    return Spending(every, tuple(periods), free, whole, tuple(gaps))


def _begun_within(known: Sequence[Booked], every: Every) -> set[str]:
    """Categories counted day by day whose first row is not of the first days of its period."""
    days: dict[str, set[date]] = {}
    for each in known:
        days.setdefault(each.category, set()).add(each.day)
    return {
        category
        for category, found in days.items()
        if _is_daily(found)
        and (min(found) - every.start(min(found))).days > (0 if every is Every.WEEK else 2)
    }


def _amounts(
    rows: Sequence[tuple[int, Booked]], periods: int, empty: frozenset[int], *, partly: bool
) -> tuple[Amounts, list[int]]:
    """Sums by period, None where nothing is known, and the periods that are missing of this category alone.

    A category with rows in nearly all periods is expected in each from its first one on; one that comes now and
    then was simply not booked in the others. `partly`: it began within its first period.
    """
    sums: dict[int, Decimal] = {}
    for number, each in rows:
        sums[number] = sums.get(number, Decimal(0)) + each.amount
    first, last = min(sums), max(sums)
    there = [number for number in range(first, last + 1) if number not in empty]
    expected = len(sums) >= max(REGULAR * len(there), RECENT)
    missing = [n for n in range(first, periods) if n not in sums and n not in empty] if expected else []
    unknown = {*empty, *missing, *(range(first) if expected else ()), *([first] if partly else ())}
    return tuple(None if n in unknown else sums.get(n, Decimal(0)) for n in range(periods)), missing


def as_floats(amounts: Amounts) -> Floats:
    """As numbers; nan where it is not known."""
    return np.array([np.nan if each is None else float(each) for each in amounts], dtype=np.float64)


def trailing(lines: Sequence[Booked], as_of: date) -> tuple[Trailing, ...]:
    """Of each category and, as the last with no name, of all: what it takes a month."""
    by_month = spending(lines, as_of, Every.MONTH)
    if not by_month.periods:
        return ()
    ends: dict[str, tuple[float, float] | None] = {}
    if counted_by(lines) is Every.WEEK:
        by_week = spending(lines, as_of, Every.WEEK)
        rows = (*by_week.whole.items(), ("", total_of(by_week)))
        ends = {name: block_range(as_floats(amounts)) for name, amounts in rows}
    return tuple(
        _trailing(name, amounts, ends.get(name))
        for name, amounts in (*by_month.whole.items(), ("", total_of(by_month)))
    )


def total_of(found: Spending) -> Amounts:
    """All categories together; None in a period in which one that had begun is not known."""
    totals: list[Decimal | None] = []
    began = {
        name: next((n for n, each in enumerate(amounts) if each is not None), 0)
        for name, amounts in found.whole.items()
    }
    empty = {day for gap in found.gaps if not gap.category for day in gap.periods}
    for number, day in enumerate(found.periods):
        mine = [amounts[number] for name, amounts in found.whole.items() if number >= began[name]]
        known = [each for each in mine if each is not None]
        whole = day not in empty and len(known) == len(mine) > 0
        totals.append(sum(known, Decimal(0)) if whole else None)
    return tuple(totals)


def _trailing(category: str, amounts: Amounts, ends: tuple[float, float] | None) -> Trailing:
    recent, recent_months = _mean(amounts[-RECENT:])
    year, year_months = _mean(amounts[-YEAR:])
    return Trailing(
        category=category,
        last=amounts[-1],
        recent=recent,
        recent_months=recent_months,
        year=year,
        year_months=year_months,
        range=None
        if ends is None
        else (_money(max(0.0, ends[0]) * WEEKS_A_MONTH), _money(ends[1] * WEEKS_A_MONTH)),
    )


def _mean(amounts: Amounts) -> tuple[Decimal | None, int]:
    known = [each for each in amounts if each is not None]
    return (sum(known, Decimal(0)) / len(known) if known else None), len(known)


def block_range(values: Floats, level: float = 0.95) -> tuple[float, float] | None:
    """The range of the mean that the last 52 weeks vary about, from the means of four blocks of them.

    Weeks that follow each other are alike, so nine or more count as one case (batch means, Schmeiser 1982).
    None of fewer than 36 known weeks: it would hold too seldom.
    """
    known = values[-MOST_BLOCKED:]
    known = known[~np.isnan(known)]
    if len(known) < FEWEST_BLOCKED:
        return None
    size = len(known) // BLOCKS
    means = known[-BLOCKS * size :].reshape(BLOCKS, size).mean(axis=1)
    reach = WIDER * student(BLOCKS, level) * float(means.std(ddof=1)) / sqrt(BLOCKS)
    middle = float(means.mean())
    return middle - reach, middle + reach


def _money(amount: float) -> Decimal:
    return Decimal(repr(round(float(amount), 2)))
