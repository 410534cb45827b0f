"""The effect of one way of working against another: a difference, its error, and its range."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

from payback.locale import say
from payback.measures.estimate import BANDS, LEVEL, Estimate, Range, rounded


@dataclass(frozen=True, slots=True)
class Effect:
    """The second way less the first, per task. `error` is its standard error, `freedom` degrees of freedom of t.

    `saved` is the share of the variance that the covariate took away; None without one. `worth` is the smaller way's
    clusters as if all were alike, `spread` as if all moved the effect alike, `larger` the part of the variance that is
    of one way: what tells whether the range can be trusted (docs/coverage/experiments.md).
    """

    value: float
    error: float
    freedom: float
    clusters: int
    saved: float | None = None
    worth: float = math.inf
    spread: float = math.inf


def chance(found: Effect) -> float:
    """How often a difference as large would come about by chance, from Student's t."""
    return 2 * float(stdtr(found.freedom, -abs(found.value) / found.error))


def estimate(found: Effect, method: str = "regression-adjusted", *, level: float = LEVEL) -> Estimate:
    """The effect with its range: Student's t."""
    limits = {}
    for each in (*BANDS, level):
        half = float(stdtrit(found.freedom, 0.5 + each / 2)) * found.error
        limits[each] = (rounded(found.value - half), rounded(found.value + half))
    return Estimate(
        rounded(found.value),
        Range(
            low=limits[level][0],
            high=limits[level][1],
            method=method,
            sentence=say("from {clusters} independent tasks or groups of tasks", clusters=found.clusters),
            level=level,
            bands=tuple((each, *limits[each]) for each in BANDS if each < level),
            clusters=found.clusters,
        ),
    )
