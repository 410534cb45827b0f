"""What somebody is unsure of, as a distribution: "200 to 800", pert(2, 5, 14), beta(40, 12), 17 of 20.

Read from text, echoed with median and mean, and turned into values by normal scores: score 0 is the median,
-1.645 the value that one in twenty lies below. Formulas and sources: docs/formulas.md, "ranges".
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache

import numpy as np
from scipy.special import betainc, betaincinv, betaln, expit, logit, ndtr, ndtri, xlogy

from payback.locale import say
from payback.measures.estimate import Floats
from payback.numbers import number
from payback.quantities import quantity

NINETY = float(ndtri(0.95))  # half the width of a 90 % range, in standard deviations
FARTHEST = 9.0
"""No draw lies this many standard deviations out: it would be one in 10^18."""
_STEPS = 32  # of a table, in one standard deviation; a cubic between them is exact to about 1e-9

_CALL = re.compile(r"^\s*(pert|beta)\s*\(([^()]*)\)\s*$")
_OF = re.compile(r"^\s*([\d_]+)\s+of\s+([\d_]+)\s*$")
_SHARE = re.compile(r"^\s*(\S+?)\s*%\s*(?:to\s+(\S+?)\s*%\s*)?$")


class Shape(Enum):
    """The kind of distribution; its parameters are in the order said here."""

    NUMBER = "number"  # value
    LOGNORMAL = "lognormal"  # mean and standard deviation of the logarithm
    NORMAL = "normal"  # mean, standard deviation
    BETA = "beta"  # a, b, least, most
    PERT = "pert"  # the same: a beta between least and most
    MEASURED = "measured"  # median, standard deviations below and above it
    MEASURED_LOG = "measured, log scale"  # the same of the logarithm
    MEASURED_SHARE = "measured share"  # the same of log(share / (1 - share))


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A quantity and how sure anybody is of it, with the text it was read from."""

    written: str
    shape: Shape
    parameters: tuple[float, ...]

    @property
    def is_known(self) -> bool:
        return self.shape is Shape.NUMBER


def uncertain(written: object) -> Uncertain:
    """Read 12, "12.5", "200 to 800", "60 % to 90 %", "17 of 20", "pert(2, 5, 14)" or "beta(40, 12)".

    Raises ValueError with what is accepted.

    >>> uncertain("200 to 800").shape.value
    'lognormal'
    """
    text = str(written)
    if isinstance(written, str):
        if match := _CALL.match(text):
            return _called(match[1], match[2], text)
        if match := _OF.match(text):
            return share_of(int(match[1]), int(match[2]), text)
        if match := _SHARE.match(text):
            return _percent(match[1], match[2], text)
    found = quantity(written)
    if not found.is_range:
        return known(float(found.low), text)
    return between(float(found.low), float(found.high), text)


def known(value: float, written: str = "") -> Uncertain:
    """A plain number."""
    return Uncertain(written or f"{value:g}", Shape.NUMBER, (value,))


def between(low: float, high: float, written: str = "") -> Uncertain:
    """One in twenty lies below `low`, one above `high`: lognormal where both are above 0, else normal."""
    written = written or f"{low:g} to {high:g}"
    if not low < high:
        raise ValueError(
            say("{written} is no range: its low end must be below its high end", written=written)
        )
    if low > 0:
        below, above = math.log(low), math.log(high)
        return Uncertain(written, Shape.LOGNORMAL, ((below + above) / 2, math.log(high / low) / (2 * NINETY)))
    return Uncertain(written, Shape.NORMAL, ((low + high) / 2, (high - low) / (2 * NINETY)))


def pert(least: float, likely: float, most: float, written: str = "") -> Uncertain:
    """A beta between `least` and `most` with its peak at `likely` and a weight of 4 (Malcolm et al. 1959)."""
    written = written or f"pert({least:g}, {likely:g}, {most:g})"
    if not (least <= likely <= most and least < most):
        raise ValueError(
            say("{written} is impossible: write pert(least, likely, most), in rising order", written=written)
        )
    peak = (likely - least) / (most - least)
    return Uncertain(written, Shape.PERT, (1 + 4 * peak, 5 - 4 * peak, least, most))


def beta(a: float, b: float, written: str = "") -> Uncertain:
    """A share: as sure as after `a` of a + b cases."""
    written = written or f"beta({a:g}, {b:g})"
    if not (a > 0 and b > 0):
        raise ValueError(say("{written} is impossible: both numbers must be above 0", written=written))
    return Uncertain(written, Shape.BETA, (a, b, 0.0, 1.0))


def share_of(accepted: int, checked: int, written: str = "") -> Uncertain:
    """A share of which `accepted` of `checked` cases are known: beta with Jeffreys' prior of 1/2 each way."""
    written = written or f"{accepted} of {checked}"
    if not 0 <= accepted <= checked or checked == 0:
        raise ValueError(
            say("{written} is impossible: write the part first, then how many there were", written=written)
        )
    return Uncertain(written, Shape.BETA, (accepted + 0.5, checked - accepted + 0.5, 0.0, 1.0))


def share_between(low: float, high: float, written: str = "") -> Uncertain:
    """A share of which one in twenty lies below `low` and one above `high`: the beta through both ends."""
    written = written or f"{100 * low:g} % to {100 * high:g} %"
    if not 0 < low < high < 1:
        raise ValueError(
            say(
                "{written} is impossible: a range of a share rises and lies between 0 % and 100 %, both left out",
                written=written,
            )
        )
    return Uncertain(written, Shape.BETA, (*_beta_through(low, high), 0.0, 1.0))


def measured(
    value: float, low: float, high: float, level: float = 0.95, *, share: bool = False, written: str = ""
) -> Uncertain:
    """A measured figure within its range: median at `value`, ends where the range has them.

    Two halves of a normal; of the logarithm where all three are above 0, of log(p / (1 - p)) for a share.
    """
    written = written or f"{value:g} ({low:g} to {high:g})"
    if not (all(map(math.isfinite, (value, low, high))) and low <= value <= high):
        raise ValueError(
            say(
                "{written} cannot be simulated: it takes a range with two ends and the figure within",
                written=written,
            )
        )
    if low == high:
        return known(value, written)
    if share and low > 0 and high < 1:
        shape, places = Shape.MEASURED_SHARE, tuple(float(logit(each)) for each in (low, value, high))
    elif not share and low > 0:
        shape, places = Shape.MEASURED_LOG, tuple(math.log(each) for each in (low, value, high))
    elif share:
        raise ValueError(
            say("{written} reaches 0 % or 100 %: write how many of how many, as in 20 of 20", written=written)
        )
    else:
        shape, places = Shape.MEASURED, (low, value, high)
    out = float(ndtri(0.5 + level / 2))
    return Uncertain(
        written, shape, (places[1], (places[1] - places[0]) / out, (places[2] - places[1]) / out)
    )


def at(what: Uncertain, scores: Floats) -> Floats:
    """The values at these normal scores, one for each."""
    match what.shape, what.parameters:
        case Shape.NUMBER, (value,):
            found = np.full(scores.shape, value)
        case Shape.LOGNORMAL, (middle, spread):
            found = spread * scores
            found += middle
            np.exp(found, out=found)
        case Shape.NORMAL, (middle, spread):
            found = middle + spread * scores
        case ((Shape.BETA | Shape.PERT), (a, b, least, most)):
            found = _beta_at(a, b, scores)
            found *= most - least
            found += least
        case _, (middle, below, above):
            placed = middle + np.where(scores < 0, below, above) * scores
            found = {
                Shape.MEASURED_LOG: np.exp,
                Shape.MEASURED_SHARE: expit,
            }.get(what.shape, np.asarray)(placed)
        case _:  # pragma: no cover  # every shape is above
            raise AssertionError(what)
    return np.asarray(found, dtype=np.float64)


def scores_of(what: Uncertain, values: Floats) -> Floats:
    """The normal score of each value: `at` backwards. -inf below everything possible, inf above."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        match what.shape, what.parameters:
            case Shape.NUMBER, (value,):
                found = np.where(values < value, -np.inf, np.inf)
            case Shape.LOGNORMAL, (middle, spread):
                found = np.maximum(values, 0.0)
                np.log(found, out=found)
                found -= middle
                found /= spread
            case Shape.NORMAL, (middle, spread):
                found = (values - middle) / spread
            case ((Shape.BETA | Shape.PERT), (a, b, least, most)):
                found = ndtri(betainc(a, b, np.clip((values - least) / (most - least), 0.0, 1.0)))
            case _, (middle, below, above):
                placed = {
                    Shape.MEASURED_LOG: lambda x: np.log(np.maximum(x, 0.0)),
                    Shape.MEASURED_SHARE: lambda x: logit(np.clip(x, 0.0, 1.0)),
                }.get(what.shape, np.asarray)(values)
                over = placed - middle
                low = over / below if below else np.where(over < 0, -np.inf, 0.0)
                high = over / above if above else np.where(over > 0, np.inf, 0.0)
                found = np.where(over < 0, low, high)
            case _:  # pragma: no cover  # every shape is above
                raise AssertionError(what)
    return np.asarray(found, dtype=np.float64)


def quantile(what: Uncertain, share: float) -> float:
    """The value that this share lies below."""
    return float(at(what, np.array([float(ndtri(share))]))[0])


def median(what: Uncertain) -> float:
    """Half lies below it."""
    return quantile(what, 0.5)


def mean(what: Uncertain) -> float:
    """The mean: of "200 to 800" it is 437, not 500."""
    return moments(what)[0]


@cache
def moments(what: Uncertain) -> tuple[float, float]:
    """Mean and standard deviation."""
    match what.shape, what.parameters:
        case Shape.NUMBER, (value,):
            return value, 0.0
        case Shape.LOGNORMAL, (middle, spread):
            centre = math.exp(middle + spread * spread / 2)
            return centre, centre * math.sqrt(math.expm1(spread * spread))
        case Shape.NORMAL, (middle, spread):
            return middle, spread
        case ((Shape.BETA | Shape.PERT), (a, b, least, most)):
            wide = most - least
            return least + wide * a / (a + b), wide * math.sqrt(a * b / (a + b + 1)) / (a + b)
        case _:
            return _by_quadrature(what)


def echo(what: Uncertain) -> str:
    """What was understood: shape, median and mean."""
    if what.is_known:
        return say("{written}: taken as known", written=what.written)
    return say(
        "{written}: median {median}, mean {mean} ({shape})",
        written=what.written,
        median=number(Decimal(f"{median(what):.6g}")),
        mean=number(Decimal(f"{mean(what):.6g}")),
        shape=_shape(what.shape),
    )


def shape_word(what: Uncertain) -> str:
    """The kind of distribution, in a word; empty where it is taken as known."""
    return "" if what.is_known else _shape(what.shape)


def _shape(shape: Shape) -> str:
    match shape:
        case Shape.LOGNORMAL:
            return say("lognormal")
        case Shape.NORMAL:
            return say("normal: it may be below 0")
        case Shape.BETA:
            return say("beta")
        case Shape.PERT:
            return say("PERT")
        case _:
            return say("as measured")


def _called(name: str, inside: str, text: str) -> Uncertain:
    parts = [part.strip() for part in inside.split(",")]
    wanted = 3 if name == "pert" else 2
    if len(parts) != wanted or not all(parts):
        raise ValueError(
            say("{written} is incomplete: write pert(2, 5, 14)", written=text)
            if name == "pert"
            else say("{written} is incomplete: write beta(40, 12)", written=text)
        )
    found = [quantity(part) for part in parts]
    if any(each.is_range for each in found):
        raise ValueError(say("{written} has a range within: write plain numbers", written=text))
    values = [float(each.low) for each in found]
    if name == "pert":
        return pert(values[0], values[1], values[2], text)
    return beta(values[0], values[1], text)


def _percent(low: str, high: str | None, text: str) -> Uncertain:
    least = float(quantity(low).low) / 100
    if high is None:
        return known(least, text)
    most = float(quantity(high).low) / 100
    return known(least, text) if least == most else share_between(least, most, text)


def _beta_at(a: float, b: float, scores: Floats) -> Floats:
    """Beta quantiles by a cubic between tabled ones: at 131,072 draws in a hundredth of the time."""
    values, first, second, third = _beta_cubics(a, b)
    t = scores + FARTHEST
    t *= _STEPS
    np.clip(t, 0.0, len(values) - 1e-6, out=t)
    step = t.astype(np.intp)
    t -= step
    found = third.take(step, mode="clip")
    for each in (second, first, values):
        found *= t
        found += each.take(step, mode="clip")
    return np.asarray(found, dtype=np.float64)


@cache
def _beta_cubics(a: float, b: float) -> tuple[Floats, Floats, Floats, Floats]:
    """For each step of the table the four numbers of its cubic, from values and rises at both ends."""
    table, slopes = _beta_table(a, b)
    low, rise, left, right = table[:-1], np.diff(table), slopes[:-1], slopes[1:]
    bend = left + right - 2 * rise
    return low.copy(), left.copy(), rise - left - bend, bend


@cache
def _beta_table(a: float, b: float) -> tuple[Floats, Floats]:
    """Quantiles at even steps of the normal score, and how much they rise in a step."""
    scores = np.linspace(-FARTHEST, FARTHEST, int(2 * FARTHEST * _STEPS) + 1)
    left, right = betaincinv(a, b, ndtr(scores)), betaincinv(b, a, ndtr(-scores))
    table = np.where(scores < 0, left, 1 - right)
    rest = np.where(scores < 0, 1 - left, right)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_density = xlogy(a - 1, table) + xlogy(b - 1, rest) - betaln(a, b)
        slopes = np.exp(-scores * scores / 2 - math.log(math.sqrt(2 * math.pi)) - log_density) / _STEPS
    steepest = 3 * np.minimum(np.diff(table, prepend=table[0]), np.diff(table, append=table[-1]))
    return table, np.where(np.isfinite(slopes), np.minimum(slopes, np.maximum(steepest, 0.0)), 0.0)


def _beta_through(low: float, high: float) -> tuple[float, float]:
    """Parameters of the beta with these 5 % and 95 % points, by Newton on their logarithms."""

    def off(log_a: float, log_b: float) -> Floats:
        a, b = math.exp(log_a), math.exp(log_b)
        return np.array(
            [float(ndtri(betainc(a, b, low))) + NINETY, float(ndtri(betainc(a, b, high))) - NINETY]
        )

    middle = (low + high) / 2
    size = max(middle * (1 - middle) / ((high - low) / (2 * NINETY)) ** 2 - 1, 0.5)
    place = np.log(np.array([middle * size, (1 - middle) * size]))
    for _ in range(60):
        now = off(*place)
        if not np.isfinite(now).all() or np.abs(now).max() < 1e-12:
            break
        step = 1e-6
        slope = np.column_stack(
            [
                (off(place[0] + step, place[1]) - now) / step,
                (off(place[0], place[1] + step) - now) / step,
            ]
        )
        place = place - np.clip(np.linalg.solve(slope, now), -1.0, 1.0)
    if not np.abs(off(*place)).max() < 1e-6:
        raise ValueError(
            say(
                "no share spreads from {low} to {high} like this: write how many of how many, as in 17 of 20",
                low=low,
                high=high,
            )
        )
    return float(math.exp(place[0])), float(math.exp(place[1]))


def _by_quadrature(what: Uncertain) -> tuple[float, float]:
    """Mean and standard deviation of two half normals: each half by Gauss and Legendre."""
    nodes, weights = np.polynomial.legendre.leggauss(80)
    half = (nodes + 1) * FARTHEST / 2
    scores = np.concatenate([-half, half])
    heavy = np.exp(-scores * scores / 2) * np.concatenate([weights, weights]) * FARTHEST / 2
    heavy /= heavy.sum()
    values = at(what, scores)
    centre = float(heavy @ values)
    return centre, math.sqrt(float(heavy @ np.square(values - centre)))
