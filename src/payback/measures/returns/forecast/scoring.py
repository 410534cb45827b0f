"""How good a forecast was, once what it spoke of is known. Lower is better in every score.

Formulas, sources and worked numbers: docs/formulas.md, "forecast-scores".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from payback.locale import say
from payback.measures.estimate import Floats
from payback.measures.proportion import normal, wilson
from payback.measures.ranges import Shape, Uncertain, scores_of
from payback.measures.ranges import at as values_at
from payback.records import Unknown

LEVEL = 0.9
"""A range somebody gives is one he is 90 % sure of."""
FEWEST_FOR_SHAPE = 20
"""Scored ranges below which a histogram of where the truth fell says nothing: our judgement."""
BARS = 10
_STEPS = 1000  # quantiles a distribution is scored by where no formula does it


@dataclass(frozen=True, slots=True)
class Hits:
    """How many of the ranges held what came, and between which shares that rate may be (Wilson, 95 %)."""

    hits: int
    count: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.hits / self.count


def brier(chance: float, came: bool) -> float:
    """Brier 1950: squared distance of the chance from 1 (it came) or 0 (it did not).

    >>> round(brier(0.8, False), 2)
    0.64
    """
    return (chance - float(came)) ** 2


def log_score(chance: float, came: bool) -> float:
    """Good 1952: minus the natural logarithm of the chance given to what happened; infinite where it was 0.

    >>> round(log_score(0.5, True), 4)
    0.6931
    """
    given = chance if came else 1 - chance
    return math.inf if given <= 0 else -math.log(given)


def crps_of_draws(draws: Floats, came: float, *, fair: bool = False) -> float:
    """Continuous ranked probability score of equally likely values: mean |x - y| less half of mean |x - x'|.

    `fair` divides the second sum by m(m - 1), not m^2: what infinitely many draws would score (Ferro 2014).
    """
    ordered = np.sort(draws)
    count = len(ordered)
    apart = float((ordered * (2 * np.arange(1, count + 1) - count - 1)).sum())  # sum over pairs |x - x'|
    pairs = count * (count - 1) if fair else count * count
    spread = apart / pairs if pairs else 0.0
    return float(np.abs(ordered - came).mean()) - spread


def crps_of_normal(mean: float, deviation: float, came: float) -> float:
    """Of a normal (Gneiting and Raftery 2007, equation 21).

    >>> round(crps_of_normal(100, 20, 130), 7)
    19.8884801
    """
    if deviation <= 0:
        return abs(came - mean)
    z = (came - mean) / deviation
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return deviation * (z * (2 * float(ndtr(z)) - 1) + 2 * density - 1 / math.sqrt(math.pi))


def crps_of_lognormal(middle: float, spread: float, came: float) -> float:
    """Of a lognormal with this mean and deviation of the logarithm (Baran and Lerch 2015)."""
    if spread <= 0:
        return abs(came - math.exp(middle))
    mean = math.exp(middle + spread * spread / 2)
    if came <= 0:
        below, above = 0.0, 0.0
    else:
        z = (math.log(came) - middle) / spread
        below, above = float(ndtr(z)), float(ndtr(z - spread))
    half = float(ndtr(spread / math.sqrt(2)))
    return came * (2 * below - 1) - 2 * mean * (above + half - 1)


def crps_of_quantiles(shares: Sequence[float], values: Sequence[float], came: float) -> float:
    """Of quantiles: the distribution rises evenly from one to the next, and ends at the outermost.

    `shares` rise between 0 and 1; what lies outside of them is put on the outermost values. Exact: the integral
    of (F(x) - [x >= y])^2, piece by piece.
    """
    edges = np.asarray(values, dtype=np.float64)
    below = np.asarray(shares, dtype=np.float64)
    if came < edges[0]:
        # Nothing of the distribution lies between what came and its lowest value.
        outside = float(edges[0]) - came
    elif came > edges[-1]:
        outside = came - float(edges[-1])
    else:
        outside = 0.0
    inside = min(max(came, float(edges[0])), float(edges[-1]))
    place = float(np.interp(inside, edges, below))
    knots = np.concatenate([edges, [inside]])
    order = np.argsort(knots, kind="stable")
    knots, heights = knots[order], np.concatenate([below, [place]])[order]
    total = outside
    for left, right, low, high in zip(knots, knots[1:], heights, heights[1:], strict=False):
        a, b = (low, high) if right <= inside else (1 - low, 1 - high)
        total += float(right - left) * (a * a + a * b + b * b) / 3
    return float(total)


def crps(what: Uncertain, came: float) -> float:
    """Of any distribution a range is read as: by formula where there is one, else by 1,000 of its quantiles."""
    match what.shape, what.parameters:
        case Shape.NUMBER, (value,):
            return abs(came - value)
        case Shape.NORMAL, (mean, deviation):
            return crps_of_normal(mean, deviation, came)
        case Shape.LOGNORMAL, (middle, spread):
            return crps_of_lognormal(middle, spread, came)
        case _:
            shares = (np.arange(_STEPS) + 0.5) / _STEPS
            return crps_of_draws(values_at(what, np.asarray(ndtri(shares))), came)


def interval_score(low: float, high: float, came: float, level: float = LEVEL) -> float:
    """Winkler 1972: the width, and 2 / (1 - level) for each unit by which the truth lies outside.

    >>> round(interval_score(80, 125, 130), 6)
    145.0
    """
    outside = max(low - came, came - high, 0.0)
    return (high - low) + 2 / (1 - level) * outside


def place_of(what: Uncertain, came: float) -> float:
    """Which share of the forecast lies below what came: the probability integral transform (Dawid 1984)."""
    return float(ndtr(scores_of(what, np.array([came]))[0]))


def place_among(shares: Sequence[float], values: Sequence[float], came: float) -> float:
    """The same of quantiles; 0 below the lowest and 1 above the highest."""
    if came < values[0]:
        return 0.0
    if came > values[-1]:
        return 1.0
    return float(np.interp(came, values, shares))


def hit_rate(hits: int, count: int) -> Hits | Unknown:
    """Ranges that held what came, of `count`, with Wilson's 95 % range."""
    if count == 0:
        return Unknown(say("no range can be held against what came yet"))
    low, high = wilson(hits / count, count, normal(0.95))
    return Hits(hits, count, low, high)


def shape(places: Sequence[float]) -> tuple[int, ...] | Unknown:
    """In which tenth of the forecast the truth fell, how often: even if forecasts are as sure as they should be.

    Many at both ends: surer than they had reason to be. Many at one end: too high, or too low.
    """
    if len(places) < FEWEST_FOR_SHAPE:
        return Unknown(
            say("only {count} of the {fewest} it takes", count=len(places), fewest=FEWEST_FOR_SHAPE)
        )
    counts = np.histogram(np.clip(places, 0.0, 1.0), bins=BARS, range=(0.0, 1.0))[0]
    return tuple(int(each) for each in counts)
