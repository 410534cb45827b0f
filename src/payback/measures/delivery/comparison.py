"""One way of working against another on the same tasks (formulas: docs/formulas.md, "paired-difference").

Arrays have one entry a cluster: `tasks` both ways did, with both outcomes (or costs) known, and
`difference`, the sum over those tasks of the second way's minus the first way's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr

from payback.locale import say
from payback.measures.estimate import (
    BANDS,
    LEVEL,
    Estimate,
    Floats,
    Range,
    rounded,
    student,
    too_few,
    uneven,
)
from payback.records import Unknown


@dataclass(frozen=True, slots=True)
class Reversal:
    """A segment in which the difference goes against the whole, beyond chance."""

    segment: str
    estimate: Estimate


def clustered_difference(tasks: Floats, difference: Floats) -> tuple[float, float]:
    """Mean difference per task and its standard error by cluster (Miller 2024)."""
    total, clusters = float(tasks.sum()), len(tasks)
    mean = float(difference.sum()) / total
    square = float(np.square(difference - mean * tasks).sum())
    return mean, math.sqrt(clusters / (clusters - 1) * square) / total


def acceptance_difference(tasks: Floats, difference: Floats, *, level: float = LEVEL) -> Estimate | Unknown:
    """How much more often the second way was accepted, on the same tasks.

    The range is Student's t by cluster after adding one task won and one lost, each a cluster of its
    own (Bonett and Price 2012 for independent pairs): so it has a width even where no task came out
    differently, and the plain t range, far too narrow where few did, is not used.
    """
    there = tasks > 0
    tasks, difference = tasks[there], difference[there]
    if not len(tasks):
        return _no_common_tasks()
    value = float(difference.sum() / tasks.sum())
    if refused := too_few(len(tasks)):
        return Estimate(value, refused)
    centre, error = clustered_difference(np.append(tasks, [1.0, 1.0]), np.append(difference, [1.0, -1.0]))
    limits = {}
    for each in (*BANDS, level):
        half = student(len(tasks), each) * error
        limits[each] = max(-1.0, min(value, centre - half)), min(1.0, max(value, centre + half))
    return Estimate(value, _range(tasks, tasks, limits, level))


def cost_difference(tasks: Floats, difference: Floats, *, level: float = LEVEL) -> Estimate | Unknown:
    """How much more the second way cost per task, on the same tasks.

    Student's t by cluster, with room on either side for the part of the cluster that is farthest out on
    that side (docs/formulas.md, "costliest-case").
    """
    there = tasks > 0
    tasks, difference = tasks[there], difference[there]
    if not len(tasks):
        return _no_common_tasks()
    value = float(difference.sum() / tasks.sum())
    if refused := too_few(len(tasks)):
        return Estimate(value, refused)
    _, error = clustered_difference(tasks, difference)
    if error <= 1e-12 * float(np.abs(difference).sum() / tasks.sum()):
        return Estimate(
            value,
            Unknown(say("the difference is the same in every group of cases, so the sample shows no spread")),
        )
    parts = (difference - value * tasks) / tasks.sum()
    limits = {}
    for each in (*BANDS, level):
        critical = student(len(tasks), each)
        limits[each] = (
            value - critical * (error + max(0.0, float(-parts.min()))),
            value + critical * (error + max(0.0, float(parts.max()))),
        )
    return Estimate(value, _range(tasks, difference, limits, level))


def margin_of(saving: float, lost: float) -> float:
    """The drop in acceptance that a saving pays for: saving a task / what a result not accepted costs.

    What it costs is its value and the rework; both in money, so that no margin has to be guessed.

    >>> margin_of(0.10, 2.00)
    0.05
    """
    return saving / lost


def least_difference(tasks: Floats, difference: Floats, *, level: float = LEVEL) -> float | Unknown:
    """How much less often, at the worst, the second way is accepted: one-sided, `level` sure.

    Not worse (Wellek 2010) is: this lies above minus the margin. "Not significantly worse" is not that.
    """
    made = acceptance_difference(tasks, difference, level=2 * level - 1)
    if isinstance(made, Unknown):
        return made
    if isinstance(made.range, Unknown):
        return made.range
    return -1.0 if made.range.low is None else made.range.low


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact chance of so uneven a split of the tasks that came out differently (McNemar 1947).

    For one independent task a cluster, scores 0 or 1.

    >>> round(mcnemar(8, 4), 10)
    0.3876953125
    """
    apart = only_first + only_second
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), apart, 0.5))) if apart else 1.0


def reversals(
    overall: float,
    segments: Mapping[str, tuple[Floats, Floats]],
    *,
    cost: bool = False,
    level: float = LEVEL,
) -> tuple[Reversal, ...]:
    """Segments whose difference has the opposite sign to `overall` and whose range excludes 0.

    `segments` are (tasks, difference) by name. Ranges are at 1 - (1 - level) / number of segments
    (Bonferroni), so that with no real reversal one is named in at most 1 - level of cases.
    """
    found = []
    strict = 1 - (1 - level) / max(1, len(segments))
    for name, (tasks, difference) in sorted(segments.items()):
        estimate = (
            cost_difference(tasks, difference, level=strict)
            if cost
            else acceptance_difference(tasks, difference, level=strict)
        )
        if isinstance(estimate, Unknown) or isinstance(estimate.range, Unknown):
            continue
        low, high = estimate.range.low, estimate.range.high
        above, below = low is not None and low > 0, high is not None and high < 0
        if (overall < 0 and above) or (overall > 0 and below):
            found.append(Reversal(name, estimate))
    return tuple(found)


def _no_common_tasks() -> Unknown:
    return Unknown(
        say("no task was done and checked both ways"),
        fix=say("let both ways work on the same tasks, under the same task names"),
    )


def _range(tasks: Floats, totals: Floats, limits: Mapping[float, tuple[float, float]], level: float) -> Range:
    return Range(
        low=rounded(limits[level][0]),
        high=rounded(limits[level][1]),
        method="paired-difference",
        sentence=say(
            "from {clusters} independent tasks or groups of tasks done both ways", clusters=len(tasks)
        ),
        level=level,
        bands=tuple(
            (each, rounded(limits[each][0]), rounded(limits[each][1])) for each in BANDS if each < level
        ),
        clusters=len(tasks),
        uneven=rounded(uneven(np.abs(totals))),
        size=rounded(float(tasks.mean())),
    )
