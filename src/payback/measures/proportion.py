"""Ranges for a share of independent cases, and for a share of clustered ones.

Formulas, sources and worked numbers: docs/formulas.md, "wilson", "clopper-pearson", "clustered-t",
"clustered-wilson", "most-share", "newcombe", "fisher".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, gammaln, ndtri

from payback.locale import say
from payback.measures.estimate import BANDS, LEVEL, Floats, Range, rounded, student, uneven


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


def worth(tasks: Floats, least: Floats, most: Floats) -> float:
    """As how many independent tasks clustered ones count: share (1 - share) / se^2 (Kish 1965).

    Never more than the tasks nor less than tasks^2 / sum of squares, which is what it is when all tasks of
    a cluster are alike. With counts between `least` and `most` it is the fewest they can come to.
    """
    total, clusters = float(tasks.sum()), len(tasks)
    low, high = float(least.sum()) / total, float(most.sum()) / total
    apart = np.maximum(np.abs(least - high * tasks), np.abs(most - low * tasks))
    kish = total**2 / float(np.square(tasks).sum())
    if clusters < 2:
        return kish
    variance = clusters / (clusters - 1) * float(np.square(apart).sum()) / total**2
    spread = min(low * (1 - low), high * (1 - high))
    return min(total, max(kish, spread / variance)) if variance > 0 else kish


def clustered_wilson(tasks: Floats, least: Floats, most: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Limits of a share by cluster when each cluster's accepted count lies between `least` and `most`.

    Wilson's limits with Student's t and the number of tasks as if they were independent, `worth` (Korn and
    Graubard 1998; Dean and Pagano 2015). With counts not known exactly each part is taken where it
    makes the range widest, so the range for fewer known counts always contains the range for more.
    """
    total = float(tasks.sum())
    low, high = float(least.sum()) / total, float(most.sum()) / total
    count, critical = worth(tasks, least, most), student(len(tasks), level)
    return wilson(low, count, critical)[0], wilson(high, count, critical)[1]


def share_limits(
    tasks: Floats, least: Floats, most: Floats, level: float = LEVEL, *, alone: bool
) -> tuple[float, float]:
    """Wilson's limits where every task stands `alone`, else those for clusters."""
    if not alone:
        return clustered_wilson(tasks, least, most, level)
    count, critical = float(tasks.sum()), normal(level)
    return (
        wilson(float(least.sum()) / count, count, critical)[0],
        wilson(float(most.sum()) / count, count, critical)[1],
    )


def share_range(tasks: Floats, least: Floats, most: Floats, *, alone: bool, level: float = LEVEL) -> Range:
    """The range of a share of `tasks`, by cluster; `alone` is one task a cluster, scored 0 or 1."""
    limits = {each: share_limits(tasks, least, most, each, alone=alone) for each in (*BANDS, level)}
    return Range(
        low=rounded(limits[level][0]),
        high=rounded(limits[level][1]),
        method="wilson" if alone else "clustered-wilson",
        sentence=say("from {count} independent cases", count=len(tasks))
        if alone
        else say("from {count} groups of cases", count=len(tasks)),
        level=level,
        bands=tuple(
            (each, rounded(limits[each][0]), rounded(limits[each][1])) for each in BANDS if each < level
        ),
        clusters=len(tasks),
        uneven=rounded(uneven(tasks)),
        size=rounded(float(tasks.mean())),
    )


def most_share(tasks: Floats, count: Floats, level: float = LEVEL) -> float:
    """The share that is passed with a chance of 1 - `level` at the most, as for a failure never seen.

    Clopper and Pearson's upper limit, one-sided, on what the tasks are worth, fewer for few clusters (Korn and
    Graubard 1998), with room for one more cluster that fails like the worst one: rare failures come together,
    and a sample that has met few of them shows too little spread. None seen among n independent tasks: about 3 / n.

    >>> round(most_share(np.ones(300), np.zeros(300)), 5)
    0.00994
    """
    share, clusters = float(count.sum()) / float(tasks.sum()), len(tasks)
    if share >= 1:
        return 1.0
    alone = bool(np.all(tasks == 1))
    number = float(tasks.sum())
    if not alone:
        number = float(tasks.sum()) ** 2 / float(np.square(tasks).sum())  # Kish: each cluster all alike
        apart = np.square(count - share * tasks)
        variance = clusters / max(1, clusters - 1) * float(apart.sum()) + float(apart.max())
        if variance > 0:
            number = max(number, share * (1 - share) * float(tasks.sum()) ** 2 / variance)
        number = min(number, float(tasks.sum()))
        if clusters > 1:
            number *= (normal(level) / student(clusters, level)) ** 2
    seen = share * number
    return float(betaincinv(seen + 1, number - seen, level))


def newcombe(
    share: float, limits: tuple[float, float], other: float, other_limits: tuple[float, float]
) -> tuple[float, float]:
    """Limits of `share` - `other`, two shares independent of each other, from the limits of each.

    Newcombe 1998, method 10, where the limits are Wilson's; as MOVER for others (Zou and Donner 2008).

    >>> low, high = newcombe(0.86, wilson(0.86, 50, normal(0.95)), 0.7, wilson(0.7, 50, normal(0.95)))
    >>> round(low, 7), round(high, 7)
    (-0.0034735, 0.3145195)
    """
    between = share - other
    below = math.hypot(share - limits[0], other_limits[1] - other)
    above = math.hypot(limits[1] - share, other - other_limits[0])
    return between - below, between + above


def fisher(hits: int, of: int, other_hits: int, other_of: int) -> float:
    """Exact chance of so uneven a split of all hits over two independent groups (Fisher 1935), two-sided.

    >>> round(fisher(8, 10, 1, 6), 6)
    0.034965
    """
    total, drawn = of + other_of, hits + other_hits
    possible = np.arange(max(0, drawn - other_of), min(of, drawn) + 1)
    logs = _choose(of, possible) + _choose(other_of, drawn - possible) - _choose(total, np.array([drawn]))
    chances = np.exp(logs)
    seen = chances[hits - int(possible[0])]
    return min(1.0, float(chances[chances <= seen * (1 + 1e-7)].sum()))


def _choose(n: int, k: npt.NDArray[np.int64]) -> Floats:
    found: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return found
