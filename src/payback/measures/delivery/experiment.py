"""What the AI changed: the effect of one way of working against another on different tasks.

Everything is worked out from sums by cluster, so that a million tasks are a few thousand rows. Formulas and
sources: docs/formulas.md, "regression-adjusted". `experiment(use_case, arm, against, since)` is a small table the
caller fills before it runs the query; `since` is null in a randomised trial.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from payback.locale import say
from payback.measures.effect import Effect
from payback.measures.estimate import Floats, too_few
from payback.records import Unknown

EXPERIMENT_COLUMNS = (
    ("use_case", "VARCHAR"),
    ("arm", "VARCHAR"),
    ("against", "VARCHAR"),
    ("since", "DATE"),
)

WAYS_QUERY = """
    select e.use_case, r.arm, r.result, r.cell, count(*) as tasks, sum(r.known) as known,
           sum(r.expected) as expected, sum(r.y) as y, sum(r.x) as x, sum(r.xy) as xy, sum(r.xx) as xx
    from experiment e
    join task_result r on e.use_case = r.use_case and (e.arm = r.arm or e.against = r.arm)
    cross join period
    where e.since is null
          and (r.first_day is null or (r.first_day >= period.first_day_of
                                       and r.first_day < period.first_day_after))
    group by e.use_case, r.arm, r.result, r.cell
    order by e.use_case, r.arm, r.result, r.cell
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """One way of working by cluster: tasks, and sums over them of the result y, the covariate x and products.

    `x` is known before the work is done (the minutes it was expected to take); all 0 where there is none.
    """

    n: Floats
    y: Floats
    x: Floats
    xy: Floats
    xx: Floats


@dataclass(frozen=True, slots=True)
class Way:
    """One way of working and one result: tasks, those whose result is known, those also expected to take a time.

    `clusters` and `sums` are of tasks whose result is known.
    """

    tasks: int
    known: int
    expected: int
    clusters: tuple[str, ...]
    sums: Sums


LOPSIDED, FEWEST_LOPSIDED = 2.0, 40
"""Minutes and shares: where one way has more than so many times the clusters of the other, the smaller one needs so many."""
FEWEST_RARER = 10
"""Shares: how many must have been accepted, and not accepted, each way."""
FEWEST_OF_MONEY, LOPSIDED_MONEY = 1000, 1.2
"""Costs: clusters each way, and how many times as many the larger may have; a few dear tasks decide the mean."""

Key = tuple[str, str, str]
"""(use case, way of working, result)"""


def ways(rows: Iterable[Sequence[Any]]) -> Mapping[Key, Way]:
    """From the rows of `WAYS_QUERY`."""
    found: defaultdict[Key, list[Sequence[Any]]] = defaultdict(list)
    for use_case, arm, result, *rest in rows:
        found[use_case, arm, result].append(rest)
    return {key: _way(mine) for key, mine in found.items()}


def _way(rows: Sequence[Sequence[Any]]) -> Way:
    known = [row for row in rows if row[2]]
    _, _, n, _, y, x, xy, xx = (
        np.array([float(row[at]) if at else 0.0 for row in known], dtype=np.float64) for at in range(8)
    )
    return Way(
        tasks=sum(int(row[1]) for row in rows),
        known=sum(int(row[2]) for row in rows),
        expected=sum(int(row[3]) for row in rows),
        clusters=tuple(row[0] for row in known),
        sums=Sums(n, y, x, xy, xx),
    )


def sums(
    results: Sequence[float] | Floats, covariates: Sequence[float] | Floats, clusters: Sequence[str]
) -> Sums:
    """By cluster, in the order of their names, from single tasks."""
    y, x = np.asarray(results, dtype=np.float64), np.asarray(covariates, dtype=np.float64)
    _, place = np.unique(np.asarray(clusters), return_inverse=True)

    def summed(values: Floats) -> Floats:
        return np.bincount(place, weights=values).astype(np.float64)

    return Sums(summed(np.ones_like(y)), summed(y), summed(x), summed(x * y), summed(x * x))


def effect(second: Sums, first: Sums) -> Effect | Unknown:
    """Lin 2013: each way's mean at the mean covariate of both, by a line fitted to each way.

    Errors by leaving out one cluster after the other (Bell and McCaffrey 2002), degrees of freedom by Satterthwaite
    from what unequal clusters are worth (Kish 1965). Where one cluster was worked both ways it counts in each.
    """
    for each in (second, first):
        if (refused := too_few(len(each.n))) is not None:
            return refused
    centre = float(second.x.sum() + first.x.sum()) / float(second.n.sum() + first.n.sum())
    adjusted = [_adjusted(each, centre) for each in (second, first)]
    variance = sum(each.variance for each in adjusted)
    value = adjusted[0].value - adjusted[1].value
    if variance <= 1e-20 * max(1.0, value * value):
        return Unknown(say("every task came out the same, so the sample shows no spread"))
    used = bool(np.any(second.x) or np.any(first.x))
    before = sum(_adjusted(without(each), 0.0).variance for each in (second, first))
    return Effect(
        value=value,
        error=math.sqrt(variance),
        freedom=variance**2 / sum(each.variance**2 / max(1.0, each.worth - 1) for each in adjusted),
        clusters=len(second.n) + len(first.n),
        saved=1 - variance / before if used and before > 0 else None,
        worth=min(each.worth for each in adjusted),
        spread=min(each.spread for each in adjusted),
    )


def untrusted(result: str, second: Sums, first: Sums) -> Unknown | None:
    """Why there is no range: where simulated ones held the truth in fewer than 93 of 100 (docs/coverage/experiments.md)."""
    fewer, more = sorted((len(second.n), len(first.n)))
    if result in {"minutes", "acceptance"} and more > LOPSIDED * fewer and fewer < FEWEST_LOPSIDED:
        return _no_range(
            say("one way has {fewer} independent tasks or groups, the other {more}", fewer=fewer, more=more),
            say("it takes {least} each way, or as many both ways", least=FEWEST_LOPSIDED),
        )
    if result == "cost" and (fewer < FEWEST_OF_MONEY or more > LOPSIDED_MONEY * fewer):
        return _no_range(
            say(
                "a few dear tasks decide a mean cost, with {fewer} groups here, {more} there",
                fewer=fewer,
                more=more,
            ),
            say(
                "it takes {least} independent tasks or groups each way, about as many both ways",
                least=FEWEST_OF_MONEY,
            ),
        )
    if result == "acceptance":
        rarer = min(min(float(each.y.sum()), float(each.n.sum() - each.y.sum())) for each in (second, first))
        if rarer < FEWEST_RARER:
            return _no_range(
                say("of one way too few tasks were accepted, or not accepted"),
                say("it takes {least} of either, each way", least=FEWEST_RARER),
            )
    return None


def _no_range(reason: str, fix: str) -> Unknown:
    return Unknown(say("no range: {reason}; {fix}", reason=reason, fix=fix), fix=fix)


@dataclass(frozen=True, slots=True)
class _Adjusted:
    value: float
    variance: float
    worth: float
    spread: float


def _adjusted(each: Sums, centre: float) -> _Adjusted:
    """A way's mean at the centre of the covariate, and its variance by leaving out each cluster."""
    whole = [part.sum(keepdims=True) for part in (each.n, each.y, each.x, each.xy, each.xx)]
    value = float(_at(centre, *whole)[0])
    parts = (each.n, each.y, each.x, each.xy, each.xx)
    left = _at(centre, *(total - part for total, part in zip(whole, parts, strict=True)))
    clusters = len(each.n)
    squares = np.square(left - value)
    total, fourth = float(squares.sum()), float(np.square(squares).sum())
    return _Adjusted(
        value=value,
        variance=(clusters - 1) / clusters * total,
        worth=float(each.n.sum()) ** 2 / float(np.square(each.n).sum()),
        spread=total**2 / fourth if fourth > 0 else 0.0,
    )


def _at(centre: float, n: Floats, y: Floats, x: Floats, xy: Floats, xx: Floats) -> Floats:
    """The height of the line at the centre; the mean where the covariate does not vary."""
    mean_y, mean_x = y / n, x / n
    spread = xx - n * mean_x * mean_x
    flat = spread <= 1e-12 * np.maximum(1.0, xx)
    slope = np.where(flat, 0.0, (xy - n * mean_x * mean_y) / np.where(flat, 1.0, spread))
    return np.asarray(mean_y + slope * (centre - mean_x), dtype=np.float64)


def without(each: Sums) -> Sums:
    """The same without the covariate."""
    nothing = np.zeros_like(each.n)
    return Sums(each.n, each.y, nothing, nothing, nothing)


def expected(each: Sums) -> Sums:
    """The covariate in the place of the result: whether both ways got the same work."""
    nothing = np.zeros_like(each.n)
    return Sums(each.n, each.x, nothing, nothing, nothing)
