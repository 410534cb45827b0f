"""The range of a ratio of sums over clusters: all cost over all accepted, never a mean of ratios.

Formulas, sources and worked numbers: docs/formulas.md, "costliest-case", "log-delta". How often the
ranges hold, and where they do not: docs/coverage. Nothing here is drawn: the same data give the same
digits, whatever the clusters are called and in whatever order they come.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from payback.locale import say
from payback.measures.estimate import (
    BANDS,
    LEVEL,
    Floats,
    Range,
    rounded,
    student,
    too_few,
    uneven,
)
from payback.records import Unknown

LARGE_SHARE = 0.20
"""Said aloud when one cluster has more than this share of the money (judgement; refuses nothing).

A rule that refuses there was tried: it drops the ranges that hold and keeps those in which the
costly case has not been seen yet (docs/coverage, "What refuses a range").
"""

HIGHEST_MULTIPLE = 20.0
"""An upper limit beyond this many times the figure is no limit (judgement): it is left open."""

NO_SPREAD = 1e-9  # a relative error below this is rounding

TAIL_SHARE = 0.10  # Hill's estimate looks at the largest tenth of the clusters,
FEWEST_IN_TAIL = 10  # and at no fewer than this (judgement)


Reach = Callable[[float], tuple[float, float]]
"""From Student's t: how far, on the log scale, the truth may lie below the lowest and above the highest value."""


def relative_error(x: Floats, y: Floats) -> float:
    """Linearised standard error of log(sum x / sum y): sqrt(C/(C-1) sum (x/X - y/Y)^2)."""
    return norm(x / x.sum() - y / y.sum())


def norm(parts: Floats) -> float:
    """sqrt(C/(C-1) times the sum of squares): the standard error of a sum of one part a cluster."""
    clusters = len(parts)
    return math.sqrt(clusters / (clusters - 1) * float(np.square(parts).sum()))


def log_delta(x: Floats, y: Floats, level: float = LEVEL) -> tuple[float, float]:
    """R exp(-t se), R exp(t se): without resampling; too narrow on heavy tails."""
    ratio, half = float(x.sum() / y.sum()), student(len(x), level) * relative_error(x, y)
    return ratio * math.exp(-half), ratio * math.exp(half)


def fieller_g(y: Floats, level: float = LEVEL) -> float:
    """How uncertain the denominator is: t^2 var(mean)/mean^2. From 1 up it may be 0 (Fieller 1954)."""
    if y.sum() <= 0:
        return math.inf
    return (student(len(y), level) * norm(y / y.sum() - 1 / len(y))) ** 2


def hill_index(x: Floats) -> float | None:
    """Hill 1975: tail index of the largest tenth; below 2 the variance, below 1 the mean is infinite.

    Of those above 0: a cost that strikes few clusters begins where it strikes. None where the tenth has
    fewer than FEWEST_IN_TAIL clusters.
    """
    count = _in_tail(x)
    if count < FEWEST_IN_TAIL:
        return None
    top = np.sort(x)[::-1][: count + 1]
    spread = float(np.log(top[:-1] / top[-1]).mean())
    return 1 / spread if spread > 0 else math.inf


def _in_tail(x: Floats) -> int:
    return int(TAIL_SHARE * np.count_nonzero(x > 0))


def reach(parts: Floats, spent: Floats, *, added: float = 0.0) -> Reach:
    """Downwards t se, upwards t (se + the costliest cluster's part).

    `parts` say by how much each cluster moves the log of the figure, `spent` by how much its spending
    does; `added` is a further standard error. Upwards there is room for a cost like the largest one
    that chance has kept out of the sample: without it a range of skewed costs is too cheap
    (docs/formulas.md, "costliest-case").
    """
    error = math.hypot(norm(parts), added)
    above = error + max(0.0, float(spent.max()))
    return lambda critical: (critical * error, critical * above)


def range_of(
    lowest: float,
    highest: float,
    reached: Reach,
    *,
    money: Floats,
    size: float,
    level: float,
    closed: bool = True,
) -> Range | Unknown:
    """From `lowest` less its reach to `highest` plus its reach.

    `money` is the numerator by cluster, for what is said about the largest; `size` the mean number of
    tasks in one; `closed` False is: no upper limit can be given.
    """
    clusters = len(money)
    if refused := too_few(clusters) or _no_average(money):
        return refused
    limits = {}
    for each in (*BANDS, level):
        below, above = reached(student(clusters, each))
        limits[each] = lowest * math.exp(-below), highest * math.exp(above) if above < 100 else math.inf
    low, high = limits[level]
    if high - low <= NO_SPREAD * low:
        return Unknown(
            say("every group of cases gives the same figure, so the sample shows no spread"),
            fix=say("if a contract fixes the price per outcome, the figure is exact"),
        )
    notes = _notes(money)
    if not closed:
        notes += (say("so few were accepted that no upper limit can be given"),)
    elif high > HIGHEST_MULTIPLE * highest:
        closed = False
        notes += (say("the costliest cases weigh so much that no upper limit can be given"),)
    return Range(
        low=rounded(low),
        high=rounded(high) if closed else None,
        method="costliest-case",
        sentence=say(
            "from {clusters} independent cases or groups of cases, with room for a cost like the largest",
            clusters=clusters,
        ),
        level=level,
        bands=tuple(
            (each, rounded(limits[each][0]), rounded(limits[each][1])) for each in BANDS if each < level
        )
        if closed
        else (),
        clusters=clusters,
        uneven=rounded(uneven(money)),
        size=rounded(size),
        notes=notes,
    )


def ratio_interval(x: Floats, y: Floats, *, level: float = LEVEL) -> Range | Unknown:
    """The range of sum(x)/sum(y), as cost per task."""
    if refused := too_few(len(x)):
        return refused
    if x.sum() <= 0 or y.sum() <= 0:
        return Unknown(say("nothing was spent, or credits cancel the cost, so there is no range"))
    ratio, parts = float(x.sum() / y.sum()), x / x.sum() - y / y.sum()
    return range_of(
        ratio,
        ratio,
        reach(parts, parts),
        money=x,
        size=float(y.mean()),
        level=level,
        closed=fieller_g(y, level) < 1,
    )


def union(one: Range | Unknown, other: Range | Unknown) -> Range | Unknown:
    """From the lower low to the higher high, as for the two ends of a declared amount."""
    if isinstance(one, Unknown):
        return one
    if isinstance(other, Unknown):
        return other
    closed = one.high is not None and other.high is not None
    return Range(
        low=min(one.low or 0.0, other.low or 0.0),
        high=max(one.high or 0.0, other.high or 0.0) if closed else None,
        method=one.method,
        sentence=one.sentence,
        level=one.level,
        bands=tuple(
            (level, min(low, other_low), max(high, other_high))
            for (level, low, high), (_, other_low, other_high) in zip(one.bands, other.bands, strict=True)
        )
        if closed
        else (),
        clusters=one.clusters,
        uneven=max(one.uneven, other.uneven),
        size=one.size,
        notes=tuple(dict.fromkeys(one.notes + other.notes)),
    )


def _no_average(money: Floats) -> Unknown | None:
    index = hill_index(money)
    if index is None or index * (1 + 2 / math.sqrt(_in_tail(money))) >= 1:
        return None
    return Unknown(
        say("a few cases cost so much more than all others that no average holds"),
        fix=say("look at the costliest cases one by one, or set a limit per case"),
    )


def _notes(money: Floats) -> tuple[str, ...]:
    share = float(money.max() / money.sum())
    if share <= LARGE_SHARE:
        return ()
    return (
        say(
            "{percent} % of the money is in the largest of {clusters} independent cases or groups",
            percent=round(100 * share),
            clusters=len(money),
        ),
    )
