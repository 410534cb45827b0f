"""What the AI changed: the effect of one way of working against another on different tasks.

Everything is worked out from sums by cluster, so that a million tasks are a few thousand rows. Formulas and
sources: docs/formulas.md, "regression-adjusted" and "difference-in-differences".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from payback.locale import say
from payback.measures.estimate import BANDS, LEVEL, Estimate, Floats, Range, rounded, too_few
from payback.records import Unknown


@dataclass(frozen=True, slots=True)
class Sums:
    """One way of working by cluster: tasks, and sums over them of the result y, the covariate x and products.

    `x` is known before the work is done (the minutes it was expected to take); all 0 where there is none.
    """

    n: Floats
    y: Floats
    x: Floats
    yy: Floats
    xy: Floats
    xx: Floats


@dataclass(frozen=True, slots=True)
class Effect:
    """The second way less the first, per task. `error` is its standard error, `freedom` degrees of freedom of t.

    `saved` is the share of the variance that the covariate took away; None without one.
    """

    value: float
    error: float
    freedom: float
    clusters: int
    saved: float | None


def sums(
    results: Sequence[float] | Floats, covariates: Sequence[float] | Floats, clusters: Sequence[str]
) -> Sums:
    """By cluster, in the order of their names, from single tasks."""
    y, x = np.asarray(results, dtype=np.float64), np.asarray(covariates, dtype=np.float64)
    _, place = np.unique(np.asarray(clusters), return_inverse=True)

    def summed(values: Floats) -> Floats:
        return np.bincount(place, weights=values).astype(np.float64)

    return Sums(summed(np.ones_like(y)), summed(y), summed(x), summed(y * y), summed(x * y), summed(x * x))


def effect(second: Sums, first: Sums) -> Effect | Unknown:
    """Lin 2013: each way's mean at the mean covariate of both, by a line fitted to each way.

    Standard errors by cluster (Liang and Zeger 1986) with C/(C-1) for each way, as where ways were given to
    clusters at random; degrees of freedom by Satterthwaite. Where one cluster was worked both ways it counts in each.
    """
    for each in (second, first):
        if (refused := too_few(len(each.n))) is not None:
            return refused
    tasks = float(second.n.sum() + first.n.sum())
    centre = float(second.x.sum() + first.x.sum()) / tasks
    adjusted = [_adjusted(each, centre) for each in (second, first)]
    plain = [_adjusted(_without(each), 0.0) for each in (second, first)]
    value = adjusted[0][0] - adjusted[1][0]
    parts = [(made[1], len(each.n)) for made, each in zip(adjusted, (second, first), strict=True)]
    variance = sum(part for part, _ in parts)
    if variance <= 0:
        return Unknown(say("every task came out the same, so the sample shows no spread"))
    freedom = variance**2 / sum(part**2 / (clusters - 1) for part, clusters in parts)
    used = bool(np.any(second.x) or np.any(first.x))
    before = sum(made[1] for made in plain)
    return Effect(
        value=value,
        error=math.sqrt(variance),
        freedom=freedom,
        clusters=len(second.n) + len(first.n),
        saved=1 - variance / before if used and before > 0 else None,
    )


def _adjusted(each: Sums, centre: float) -> tuple[float, float]:
    """A way's mean at the centre of the covariate, and its variance by cluster."""
    n = float(each.n.sum())
    mean_y, mean_x = float(each.y.sum()) / n, float(each.x.sum()) / n
    spread = float(each.xx.sum()) - n * mean_x * mean_x
    flat = spread <= 1e-12 * max(1.0, float(each.xx.sum()))
    slope = 0.0 if flat else (float(each.xy.sum()) - n * mean_x * mean_y) / spread
    value = mean_y + slope * (centre - mean_x)
    # Each cluster's part of the estimate's error: residuals weighted by 1/n + (x - mean) (centre - mean) / spread.
    residual = each.y - mean_y * each.n - slope * (each.x - mean_x * each.n)
    crossed = each.xy - mean_x * each.y - mean_y * (each.x - mean_x * each.n)
    crossed -= slope * (each.xx - 2 * mean_x * each.x + mean_x * mean_x * each.n)
    lever = 0.0 if flat else (centre - mean_x) / spread
    score = residual / n + lever * crossed
    clusters = len(each.n)
    parameters = 1 if flat else 2
    scale = clusters / (clusters - 1) * ((n - 1) / (n - parameters) if n > parameters else 1.0)
    return value, scale * float(np.square(score).sum())


def _without(each: Sums) -> Sums:
    nothing = np.zeros_like(each.n)
    return Sums(each.n, each.y, nothing, each.yy, nothing, nothing)


def estimate(found: Effect, *, level: float = LEVEL) -> Estimate:
    """The effect with its range: Student's t."""
    limits = {}
    for each in (*BANDS, level):
        half = float(stdtrit(found.freedom, 0.5 + each / 2)) * found.error
        limits[each] = (rounded(found.value - half), rounded(found.value + half))
    return Estimate(
        found.value,
        Range(
            low=limits[level][0],
            high=limits[level][1],
            method="regression-adjusted",
            sentence=say("from {clusters} independent tasks or groups of tasks", clusters=found.clusters),
            level=level,
            bands=tuple((each, *limits[each]) for each in BANDS if each < level),
            clusters=found.clusters,
        ),
    )


def before_after(
    treated: Sequence[tuple[float, float]], control: Sequence[tuple[float, float]]
) -> Effect | Unknown:
    """Difference in differences: how much more the treated groups changed than the others (Card and Krueger 1994).

    A pair a group: its mean before, and after. Each group is one observation; Welch's t.
    """
    changes = [np.array([after - before for before, after in each]) for each in (treated, control)]
    for each in changes:
        if len(each) < 2:
            return Unknown(say("a comparison before and after takes at least two groups of each kind"))
    parts = [(float(each.var(ddof=1)) / len(each), len(each)) for each in changes]
    variance = sum(part for part, _ in parts)
    if variance <= 0:
        return Unknown(say("every group changed the same, so the sample shows no spread"))
    return Effect(
        value=float(changes[0].mean() - changes[1].mean()),
        error=math.sqrt(variance),
        freedom=variance**2 / sum(part**2 / (count - 1) for part, count in parts),
        clusters=len(changes[0]) + len(changes[1]),
        saved=None,
    )
