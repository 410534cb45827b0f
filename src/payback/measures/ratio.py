"""The range of a ratio of sums over clusters: all cost over all accepted, never a mean of ratios.

Formulas, sources and worked numbers: docs/formulas.md, "bootstrap-t", "log-delta". How often the
ranges hold, and where they do not: docs/coverage.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from payback.locale import say
from payback.measures.estimate import (
    BANDS,
    LEVEL,
    Floats,
    Generator,
    Range,
    ends,
    resamples_for,
    resampling,
    rounded,
    student,
    too_few,
    uneven,
)
from payback.records import Unknown

LARGE_SHARE = 0.20
"""Said aloud when one cluster has more than this share of the money (judgement; refuses nothing).

A rule that refuses there was tried: it drops the ranges that hold (98 in 100) and keeps those in
which the costly case has not been seen yet (docs/coverage, "What refuses a range").
"""

HIGHEST_MULTIPLE = 20.0
"""An upper limit beyond this many times the figure is no limit (judgement): it is left open."""

NO_SPREAD = 1e-9  # a relative error below this is rounding

TAIL_SHARE = 0.10  # Hill's estimate looks at the largest tenth of the clusters,
FEWEST_IN_TAIL = 10  # and at no fewer than this (judgement)


@dataclass(frozen=True, slots=True)
class Stretch:
    """By how many standard errors a figure may be off: downwards, upwards, and if nothing is skewed.

    `below` and `above` come from resampling what was spent per task and are never less than `plain`,
    Student's t.
    """

    below: float
    above: float
    plain: float


Reach = Callable[[Stretch], tuple[float, float]]
"""How far, on the log scale, the true figure may lie below the lowest and above the highest value."""


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

    None where the tenth has fewer than FEWEST_IN_TAIL clusters, or is not all positive.
    """
    count = int(TAIL_SHARE * len(x))
    if count < FEWEST_IN_TAIL:
        return None
    top = np.sort(x)[::-1][: count + 1]
    if top[-1] <= 0:
        return None
    spread = float(np.log(top[:-1] / top[-1]).mean())
    return 1 / spread if spread > 0 else math.inf


def studentised(x: Floats, y: Floats, counts: Floats) -> Floats:
    """(log R* - log R) / se* for each resample (rows) and each data set (columns of x and y).

    A resample whose ratio is infinite, or that has no spread, counts as infinitely far out.
    """
    clusters, columns = x.shape
    x, y = x / x.sum(axis=0), y / y.sum(axis=0)  # so that log R is 0, and money of any size is safe
    sums = counts @ np.hstack([x, y, x * x, x * y, y * y])
    above, below, xx, xy, yy = (sums[:, i * columns : (i + 1) * columns] for i in range(5))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = above / below
        square = xx - 2 * ratio * xy + ratio * ratio * yy
        square = np.where(square > 1e-12 * (xx + ratio * ratio * yy), square, 0.0)  # rounding is no spread
        far = np.log(ratio) / (np.sqrt(clusters / (clusters - 1) * square) / above)
    far = np.where(above <= 0, -np.inf, np.where(below <= 0, np.inf, far))
    return np.where(np.isnan(far) | (np.abs(ratio - 1) < 1e-9), 0.0, far)


def draws(columns: Sequence[Floats], y: Floats, generator: Generator, resamples: int) -> Floats:
    """`studentised` for each distinct column over `y`, sorted down.

    Columns that sum to 0 or less, or have no spread, are left out. The order of the clusters changes nothing, nor do their names: they are sorted by what they hold.
    """
    distinct: list[Floats] = []
    for column in columns:
        if column.sum() <= 0 or any(np.array_equal(column, other) for other in distinct):
            continue
        if relative_error(column, y) > NO_SPREAD:
            distinct.append(column)
    if not distinct or resamples == 0:
        return np.empty((0, 0))
    order = np.lexsort((y, *reversed(distinct)))
    x = np.stack(distinct, axis=1)[order]
    below = np.repeat(y[order][:, None], len(distinct), axis=1)
    batches = [studentised(x, below, counts) for counts in resampling(generator, len(y), resamples)]
    return np.sort(np.vstack(batches), axis=0)


def stretch(drawn: Floats, clusters: int, level: float) -> Stretch:
    """The stretch at `level` from sorted `draws`; the widest of their columns."""
    below = above = plain = student(clusters, level)
    if len(drawn):
        for column in drawn.T:
            least, most = ends(column, level)
            below, above = max(below, most), max(above, -least)
    return Stretch(below, above, plain)


def range_of(
    lowest: float,
    highest: float,
    reach: Reach,
    *,
    drawn: Floats,
    money: Floats,
    level: float,
    closed: bool = True,
) -> Range | Unknown:
    """From `lowest` less its reach to `highest` plus its reach.

    `money` is the numerator by cluster, for what is said about the largest; `closed` False is: no
    upper limit can be given.
    """
    clusters = len(money)
    if refused := too_few(clusters) or _no_average(money):
        return refused
    limits = {}
    for each in (*BANDS, level):
        below, above = reach(stretch(drawn, clusters, each))
        limits[each] = (
            lowest * math.exp(-below),
            highest * math.exp(above) if above < 100 else math.inf,
            below + above,
        )
    low, high, width = limits[level]
    if width <= NO_SPREAD:
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
        method="bootstrap-t" if len(drawn) else "log-delta",
        sentence=say(
            "from {clusters} independent cases or groups of cases, by resampling them", clusters=clusters
        ),
        level=level,
        bands=tuple(
            (each, rounded(limits[each][0]), rounded(limits[each][1])) for each in BANDS if each < level
        )
        if closed
        else (),
        clusters=clusters,
        uneven=rounded(uneven(money)),
        notes=notes,
    )


def ratio_interval(
    x: Floats,
    y: Floats,
    generator: Generator,
    *,
    level: float = LEVEL,
    resamples: int | None = None,
) -> Range | Unknown:
    """The range of sum(x)/sum(y), as cost per task: bootstrap-t on the log scale, never below log-delta."""
    if len(x) and x.sum() > 0 and y.sum() > 0 and too_few(len(x)) is None:
        drawn = draws([x], y, generator, resamples_for(level) if resamples is None else resamples)
        return ratio_range(x, y, drawn=drawn, level=level)
    return too_few(len(x)) or Unknown(
        say("nothing was spent, or credits cancel the cost, so there is no range")
    )


def ratio_range(x: Floats, y: Floats, *, drawn: Floats, level: float) -> Range | Unknown:
    """`ratio_interval` from sorted draws."""
    error = relative_error(x, y)
    ratio = float(x.sum() / y.sum())
    closed = fieller_g(y, level) < 1  # else too many resamples have nothing to divide by
    return range_of(
        ratio,
        ratio,
        lambda by: ((by.below if closed else by.plain) * error, by.above * error),
        drawn=drawn,
        money=x,
        level=level,
        closed=closed,
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
        notes=tuple(dict.fromkeys(one.notes + other.notes)),
    )


def _no_average(money: Floats) -> Unknown | None:
    index = hill_index(money)
    if index is None or index * (1 + 2 / math.sqrt(int(TAIL_SHARE * len(money)))) >= 1:
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
