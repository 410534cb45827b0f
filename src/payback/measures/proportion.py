"""Ranges for a share of independent cases, and for a share of clustered ones.

Formulas, sources and worked numbers: docs/formulas.md, "wilson", "clopper-pearson", "clustered-t",
"clustered-wilson".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtri

from payback.measures.estimate import LEVEL, Floats, student


@dataclass(frozen=True, slots=True)
class ClusteredShare:
    """A share by cluster: value, standard error, limits of the t interval.

    `design_effect` is how many times larger the variance is than if every task stood alone; None
    where scores are not all 0 or 1, as then the sums do not say.
    """

    value: float
    standard_error: float
    low: float
    high: float
    design_effect: float | None


def wilson(share: float, count: float, critical: float) -> tuple[float, float]:
    """Wilson 1927: limits of a share seen in `count` independent cases, always within 0 and 1.

    >>> low, high = wilson(17 / 20, 20, 1.959963984540054)
    >>> round(low, 4), round(high, 4)
    (0.6396, 0.9476)
    """
    square = critical * critical
    centre = (share + square / (2 * count)) / (1 + square / count)
    half = (
        critical
        * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
        / (1 + square / count)
    )
    low = 0.0 if share <= 0 else max(0.0, centre - half)
    high = 1.0 if share >= 1 else min(1.0, centre + half)
    return low, high


def normal(level: float) -> float:
    """Two-sided quantile of the normal law."""
    return float(ndtri(0.5 + level / 2))


def clopper_pearson(accepted: float, count: float, level: float = LEVEL) -> tuple[float, float]:
    """Clopper and Pearson 1934: limits that hold at least as often as `level` says, for any share."""
    tail = (1 - level) / 2
    low = 0.0 if accepted <= 0 else float(betaincinv(accepted, count - accepted + 1, tail))
    high = 1.0 if accepted >= count else float(betaincinv(accepted + 1, count - accepted, 1 - tail))
    return low, high


def clustered_t(
    checked: Floats, accepted: Floats, level: float = LEVEL, *, binary: bool = True
) -> ClusteredShare:
    """Accepted over checked, with Student's t on clusters (Miller 2024, arXiv 2411.00640).

    se = sqrt(C/(C-1) * sum over clusters of (accepted - share * checked)^2) / tasks. It may leave 0
    to 1 and is too narrow near the ends; kept for its standard error and as a yardstick.
    """
    tasks, clusters = float(checked.sum()), len(checked)
    share = float(accepted.sum()) / tasks
    error = math.sqrt(clusters / (clusters - 1) * float(np.square(accepted - share * checked).sum())) / tasks
    alone = share * (1 - share) / (tasks - 1) if tasks > 1 else 0.0
    half = student(clusters, level) * error
    effect = error * error / alone if binary and alone > 0 else None
    return ClusteredShare(share, error, share - half, share + half, effect)


def clustered_wilson(tasks: Floats, least: Floats, most: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Limits of a share by cluster when each cluster's accepted count lies between `least` and `most`.

    Wilson's limits with Student's t and the number of tasks as if they were independent (Korn and
    Graubard 1998; Dean and Pagano 2015): share (1 - share) / se^2, never more than the tasks nor less
    than Kish's number of clusters, tasks^2 / sum of squares, which is what it is when all are alike.
    With counts not known exactly each part is taken where it makes the range widest, so the range
    for fewer known counts always contains the range for more.
    """
    total, clusters = float(tasks.sum()), len(tasks)
    low, high = float(least.sum()) / total, float(most.sum()) / total
    apart = np.maximum(np.abs(least - high * tasks), np.abs(most - low * tasks))
    variance = clusters / (clusters - 1) * float(np.square(apart).sum()) / total**2
    kish = total**2 / float(np.square(tasks).sum())
    spread = min(low * (1 - low), high * (1 - high))
    count = min(total, max(kish, spread / variance)) if variance > 0 else kish
    critical = student(clusters, level)
    return wilson(low, count, critical)[0], wilson(high, count, critical)[1]
