"""How long a result takes, how often a call fails, on which days, and what a new version changed.

Formulas and sources: docs/formulas.md, "slowest-twentieth", "error-rate", "available-days", "version-change".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor
from typing import Any

import numpy as np
from scipy.special import betaincinv

from payback.locale import say
from payback.measures.estimate import LEVEL, Estimate, Floats, Range, rounded, student, too_few
from payback.measures.proportion import newcombe, normal, share_limits, share_range, worth
from payback.measures.work import Exact, mean
from payback.records import Unknown

_IN_PERIOD = """
    (first_day is null or (first_day >= period.first_day_of and first_day < period.first_day_after))
"""

# A histogram of seconds a result took in its calls: the same three leading digits stand together.
# Without a bucket: at least one call's seconds are not known.
TIME_QUERY = f"""
    select use_case, arm, time_bucket, count(*) as results, min(seconds) as least, max(seconds) as most
    from task_service, period
    where tasks = 1 and calls > 0 and {_IN_PERIOD}
    group by use_case, arm, time_bucket
    order by use_case, arm, time_bucket
"""

TIME_LIMIT_COLUMNS = (("use_case", "VARCHAR"), ("arm", "VARCHAR"), ("seconds", "DECIMAL(24,6)"))

# `time_limit(use_case, arm, seconds)` is a small table the caller fills: results within it, by cluster.
WITHIN_QUERY = f"""
    select t.use_case, t.arm, t.cell, count(*) as results,
           sum(case when t.seconds <= l.seconds then 1 else 0 end) as within
    from task_service t
    join time_limit l on t.use_case = l.use_case and t.arm = l.arm
    cross join period
    where t.tasks = 1 and t.time_bucket is not null and {_IN_PERIOD.replace("first_day ", "t.first_day ")}
    group by t.use_case, t.arm, t.cell
    order by t.use_case, t.arm, t.cell
"""

ERROR_QUERY = f"""
    select use_case, arm, cell, sum(calls) as calls, sum(errors) as errors
    from task_service, period
    where {_IN_PERIOD}
    group by use_case, arm, cell
    order by use_case, arm, cell
"""

DAY_QUERY = """
    select use_case, arm, day, calls, errors
    from day_service, period
    where day >= period.first_day_of and day < period.first_day_after
    order by use_case, arm, day
"""

# By the models that worked on a task, as logged. `partial` counts tasks scored neither 0 nor 1.
VERSION_QUERY = """
    select use_case, arm, version, cell, checked, min(first_day) as first, max(first_day) as last,
           sum(tasks) as tasks, sum(accepted) as accepted,
           sum(case when accepted = 0 or accepted = checked then 0 else 1 end) as partial
    from task_version, period
    where tasks = 1 and first_day >= period.first_day_of and first_day < period.first_day_after
    group by use_case, arm, version, cell, checked
    order by use_case, arm, version, cell, checked
"""

Key = tuple[str, str]
"""(use case, way of working)"""

SLOWEST = 0.95
"""The quantile of time that is shown: 95 of 100 results are there by then."""
DOWN_FROM = 0.5
"""A day counts as down when this share of its calls or more failed (judgement)."""
OVERLAP = timedelta(days=7)
"""How long an old version may go on beside the new one for the change to have a day (judgement)."""
FEWEST_BESIDE = 5
"""Fewer checked tasks before or after a change say nothing of it (judgement)."""


# --- time -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Times:
    """A histogram of the seconds results took: (results, least, most), quickest first; `unknown` are not in it."""

    buckets: list[tuple[int, Decimal, Decimal]] = field(default_factory=list)
    unknown: int = 0

    @property
    def known(self) -> int:
        return sum(count for count, _, _ in self.buckets)

    def least_at(self, place: int) -> Decimal:
        """The least the result in that place can have taken, of 1 and up."""
        return self._at(place)[1]

    def most_at(self, place: int) -> Decimal:
        """The most."""
        return self._at(place)[2]

    def _at(self, place: int) -> tuple[int, Decimal, Decimal]:
        seen = 0
        for bucket in self.buckets:
            seen += bucket[0]
            if seen >= place:
                return bucket
        raise IndexError(place)


def times(rows: Iterable[Sequence[Any]]) -> Mapping[Key, Times]:
    """From the rows of TIME_QUERY; ways of working whose seconds nobody logged are not there."""
    found: defaultdict[Key, Times] = defaultdict(Times)
    for use_case, arm, bucket, results, least, most in rows:
        each = found[use_case, arm]
        if bucket is None:
            each.unknown += int(results)
        else:
            each.buckets.append((int(results), least, most))
    for each in found.values():
        each.buckets.sort(key=lambda bucket: bucket[1])
    return {key: each for key, each in found.items() if each.buckets}


def slowest(found: Times) -> Decimal:
    """Seconds within which 95 of 100 results are there: the most the one in that place can have taken."""
    return found.most_at(ceil(SLOWEST * found.known))


def slowest_range(found: Times, results: Floats, within: Floats, level: float = LEVEL) -> Range | Unknown:
    """The range of that quantile; `results` by cluster and how many of them were `within` the figure.

    Order statistics: the places between which the binomial law puts it (Thompson 1936), on what results in
    clusters are worth (Woodruff 1952; Korn and Graubard 1998). Results of unknown time
    are the quickest at the low end, the slowest at the high end.
    """
    alone = bool(np.all(results == 1))
    if not alone and (refused := too_few(len(results))):
        return refused
    number = float(results.sum())
    if not alone:
        number = worth(results, within, within) * (normal(level) / student(len(results), level)) ** 2
    tail, hits = (1 - level) / 2, SLOWEST * number
    low_share = float(betaincinv(hits, number - hits + 1, tail))
    high_share = float(betaincinv(hits + 1, number - hits, 1 - tail))
    every = found.known + found.unknown
    first = max(0, floor(low_share * every) - found.unknown)
    last = ceil(high_share * every)
    closed = last < found.known
    return Range(
        low=rounded(float(found.least_at(first))) if first > 0 else 0.0,
        high=rounded(float(found.most_at(last))) if closed else None,
        method="slowest-twentieth",
        sentence=say("from {count} results", count=found.known)
        if alone
        else say("from {count} groups of results", count=len(results)),
        level=level,
        clusters=len(results),
        size=rounded(float(results.mean())),
        notes=() if closed else (say("so few results tell no upper limit of the slowest"),),
    )


# --- errors -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Calls:
    """Calls by cluster, and of them those that failed."""

    calls: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)


def errors(rows: Iterable[Sequence[Any]]) -> Mapping[Key, Calls]:
    """From the rows of ERROR_QUERY."""
    found: defaultdict[Key, Calls] = defaultdict(Calls)
    for use_case, arm, cell, calls, failed in rows:
        if calls:
            found[use_case, arm].calls[cell] = int(calls)
            found[use_case, arm].errors[cell] = int(failed)
    return dict(found)


def error_rate(found: Calls, level: float = LEVEL) -> Estimate:
    """Failed calls over calls; calls of one task, or of one customer, fail together."""
    cells = sorted(found.calls)
    calls: Floats = np.array([float(found.calls[cell]) for cell in cells])
    failed: Floats = np.array([float(found.errors[cell]) for cell in cells])
    alone = bool(np.all(calls == 1))
    refused = None if alone else too_few(len(cells))
    made = refused or share_range(calls, failed, failed, alone=alone, level=level)
    return Estimate(float(failed.sum() / calls.sum()), made)


@dataclass(frozen=True, slots=True)
class Day:
    """A day with calls."""

    day: date
    calls: int
    errors: int

    @property
    def down(self) -> bool:
        return self.errors >= DOWN_FROM * self.calls


def days(rows: Iterable[Sequence[Any]]) -> Mapping[Key, tuple[Day, ...]]:
    """From the rows of DAY_QUERY."""
    found: defaultdict[Key, list[Day]] = defaultdict(list)
    for use_case, arm, day, calls, failed in rows:
        found[use_case, arm].append(Day(day, int(calls), int(failed)))
    return {key: tuple(each) for key, each in found.items()}


# --- versions ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Version:
    """Tasks done by one version: its first and last day, and by cluster checked tasks and accepted ones."""

    name: str
    first: date
    last: date
    tasks: int = 0
    checked: dict[str, int] = field(default_factory=dict)
    accepted: dict[str, Exact] = field(default_factory=dict)
    binary: bool = True

    @property
    def known(self) -> int:
        return sum(self.checked.values())

    @property
    def share(self) -> float:
        return float(sum(self.accepted.values()) / self.known)


def versions(rows: Iterable[Sequence[Any]]) -> Mapping[Key, tuple[Version, ...]]:
    """From the rows of VERSION_QUERY, in the order they began."""
    found: dict[Key, dict[str, Version]] = {}
    for use_case, arm, name, cell, checked, first, last, tasks, accepted, partial in rows:
        each = found.setdefault((use_case, arm), {}).setdefault(name, Version(name, first, last))
        each.first, each.last = min(each.first, first), max(each.last, last)
        each.tasks += int(tasks)
        if checked:
            each.checked[cell] = each.checked.get(cell, 0) + int(tasks)
            each.accepted[cell] = each.accepted.get(cell, 0) + mean(accepted, checked)
            each.binary = each.binary and not partial
    return {
        key: tuple(sorted(mine.values(), key=lambda each: (each.first, each.name)))
        for key, mine in found.items()
    }


def changes_of(found: Sequence[Version]) -> tuple[tuple[Version, Version], ...]:
    """Versions that took the place of the one before them: before and after."""
    told = [each for each in found if each.known >= FEWEST_BESIDE]
    return tuple(
        (before, after)
        for before, after in pairwise(told)
        if before.first < after.first and before.last < after.last and before.last <= after.first + OVERLAP
    )


def change(before: Version, after: Version, level: float = LEVEL) -> Estimate:
    """How much more often the later version was accepted: two independent shares, of different tasks.

    Descriptive: the work may have changed as well.
    """
    limits = []
    for version in (after, before):
        cells = sorted(version.checked)
        tasks: Floats = np.array([float(version.checked[cell]) for cell in cells])
        accepted: Floats = np.array([float(version.accepted[cell]) for cell in cells])
        alone = version.binary and bool(np.all(tasks == 1))
        if not alone and (refused := too_few(len(cells))):
            return Estimate(after.share - before.share, refused)
        limits.append(share_limits(tasks, accepted, accepted, level, alone=alone))
    low, high = newcombe(after.share, limits[0], before.share, limits[1])
    clusters = len(before.checked) + len(after.checked)
    made = Range(
        low=rounded(max(-1.0, low)),
        high=rounded(min(1.0, high)),
        method="newcombe",
        sentence=say(
            "from {before} tasks before and {after} after, which are not the same tasks",
            before=before.known,
            after=after.known,
        ),
        level=level,
        clusters=clusters,
    )
    return Estimate(after.share - before.share, made)
