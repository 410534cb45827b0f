"""What is it worth to know more before deciding, and which input decides.

The decision is to go on (net money) or to stop (nothing). Formulas and sources: docs/formulas.md,
"value-of-information", "value-of-one-input", "value-of-more-cases", "break-even-of-input", "one-at-a-time".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from scipy.special import gammaln, ndtr, ndtri, polygamma

from payback.locale import say
from payback.measures.draws import Draws, Simulated, average, by_scramble, error_of
from payback.measures.estimate import Floats
from payback.measures.ranges import Uncertain, at, median, moments

Net = Callable[[Mapping[str, Floats]], Floats]
"""Values of the inputs to net money, one a draw."""

KNOTS = 5
DRAWS_A_TERM = 32  # at least, of a fit in several inputs
FITS, NEAR = 4, 0.3  # of such a fit; "near nothing" is nearer than this share of the draws
WORTH_TELLING = 0.01
"""Of the worth of knowing everything: below it a regression of this size sees noise (statistics, section 6)."""
_STEPS = 128
_FARTHEST = float(ndtri(0.999))  # a break-even is looked for in 998 of 1,000 cases
_PLACES = 512  # of a share, each as likely as the next


@dataclass(frozen=True, slots=True)
class InputWorth:
    """What it would be worth to know one input exactly: `value` a decision, at least about `floor`.

    `floor` is what deciding by one half of the draws earns on the other; where it is far below `value`, the
    draws are too few. `share` is of the worth of knowing everything, `told` whether it is above the noise.
    """

    name: str
    value: float
    floor: float
    share: float
    told: bool


@dataclass(frozen=True, slots=True)
class GroupWorth:
    """What it would be worth to know several inputs exactly, at once; the rest as in InputWorth.

    `exact` is whether their mean return was known, not fitted.
    """

    names: tuple[str, ...]
    value: float
    floor: float
    share: float
    told: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class Worth:
    """The worth of knowing everything, and of knowing each input, the most first."""

    everything: Simulated
    inputs: tuple[InputWorth, ...]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The value of an input at which the return is nothing, all others at their medians.

    `chance` is how likely the input is on the side where money is lost.
    """

    name: str
    value: float
    chance: float


@dataclass(frozen=True, slots=True)
class Bar:
    """Net money at the 5 % and the 95 % point of one input, all others at their medians."""

    name: str
    low: float
    high: float
    net_at_low: float
    net_at_high: float
    flips: bool


def worth(
    net: Floats, draws: Draws, *, slopes: Mapping[str, float] | None = None, mean: float | None = None
) -> Worth:
    """What knowing everything and what knowing each input is worth before going on or stopping.

    Where a Simulation knows how much money one more of an input makes (`slopes`) and the inputs are
    independent, net money given it is a known line and nothing is fitted; `mean` is the mean return that
    goes with it.
    """
    everything = everything_known(net, draws.scrambles)
    alone = np.array_equal(draws.dependence.correlation, np.eye(len(draws.unsure)))
    known = slopes if slopes and alone else {}
    centre = float(net.mean()) if mean is None else mean
    given = {name: _given(net, draws, name, known.get(name), centre) for name in draws.unsure}
    found = []
    for name, line in given.items():
        own = net - sum((each - each.mean() for other, each in given.items() if other != name), 0.0 * net)
        if name in known:
            value, earned = _gain(line), float(np.where(line > 0, own, 0.0).mean())
            floor = max(earned - max(float(own.mean()), 0.0), 0.0)
        else:
            value, floor = one_known(own if alone else net, draws.values[name])
        share = value / everything.value if everything.value > 0 else 0.0
        found.append(InputWorth(name, value, floor, share, share > WORTH_TELLING))
    return Worth(everything, tuple(sorted(found, key=lambda each: -each.value)))


def everything_known(net: Floats, scrambles: int) -> Simulated:
    """E max(net, 0) - max(E net, 0): what a decision would gain if nothing were uncertain."""
    gained = np.maximum(net, 0.0) if net.mean() <= 0 else np.maximum(-net, 0.0)
    value = average(gained, scrambles).value
    return Simulated(value, error_of(by_scramble(gained, scrambles).mean(axis=1)))


def one_known(net: Floats, values: Floats) -> tuple[float, float]:
    """What knowing one input exactly is worth, and the floor: what it earns where it was not fitted.

    The mean of net money given the input is a cubic spline in the normal scores of its ranks, by least
    squares (Strong, Oakley and Brennan 2014).
    """
    sorted_net = net[np.argsort(values, kind="stable")]
    return _gain(_fitted(sorted_net)), _floor(sorted_net, _basis(len(net)))


def group_known(
    net: Floats,
    draws: Draws,
    names: Collection[str],
    *,
    inputs: Mapping[str, Uncertain] | None = None,
    model: Net | None = None,
    straight: Collection[str] = (),
) -> GroupWorth:
    """What knowing these inputs at once is worth: no less than the most any of them is worth alone.

    Where inputs are independent and the model is a straight line in each of the others (`straight`, the names in
    Simulation.slopes), its mean given these is the model with the others at their means: nothing is fitted. Else
    the mean is fitted: a cubic spline in each and polynomials of up to the third degree in several, all in normal
    scores. Raises KeyError for a name that is not an uncertain input.
    """
    group = tuple(name for name in draws.unsure if name in set(names))
    if missing := set(names) - set(group):
        raise KeyError(min(missing))
    others = [name for name in draws.unsure if name not in group]
    alone = np.array_equal(draws.dependence.correlation, np.eye(len(draws.unsure)))
    everything = everything_known(net, draws.scrambles).value
    exact = alone and model is not None and inputs is not None and set(others) <= set(straight)
    if exact and model is not None and inputs is not None:
        means = {name: np.full(len(net), moments(inputs[name])[0]) for name in others}
        given = np.asarray(model({**draws.values, **means}), dtype=np.float64)
        value = floor = _gain(given)
    elif not others:
        value = floor = everything
    else:
        own = net
        if alone:  # what the others explain one by one is noise here
            own = net - sum((_centred(net, draws, name) for name in others), 0.0 * net)
        value, floor = _group_fitted(own, _in_several([draws.values[name] for name in group]))
    share = value / everything if everything > 0 else 0.0
    return GroupWorth(group, value, floor, share, share > WORTH_TELLING, exact)


def more_measured(net: Floats, values: Floats, observed: Floats) -> float:
    """What observing is worth: `observed` are results simulated from `values` of the input, one a draw.

    Net money is fitted to the input first, which takes the noise of all others out, then to what is observed
    (Strong, Oakley, Brennan and Breeze 2015). Results must be on a scale without many ties.
    """
    order = np.argsort(values, kind="stable")
    given = np.empty_like(net)
    given[order] = _fitted(net[order])
    return _gain(_fitted(given[np.argsort(observed, kind="stable")]))


def more_cases(net: Floats, share: Floats, cases: int) -> float:
    """What checking `cases` more is worth before deciding, `share` being the share accepted in each draw.

    Net money is fitted to the share; every result 0 ... `cases` is then weighed by how likely it is, so that
    nothing more is drawn.
    """
    order = np.argsort(share, kind="stable")
    fitted, sorted_share = _fitted(net[order]), share[order]
    size = len(net) // min(_PLACES, len(net)) * min(_PLACES, len(net))
    places = min(_PLACES, len(net))
    mean_net = fitted[:size].reshape(places, -1).mean(axis=1)
    p = np.clip(sorted_share[:size].reshape(places, -1).mean(axis=1), 1e-12, 1 - 1e-12)
    gained = 0.0
    for first in range(0, cases + 1, 1000):
        k = np.arange(first, min(first + 1000, cases + 1), dtype=np.float64)[:, None]
        ways = gammaln(cases + 1) - gammaln(k + 1) - gammaln(cases - k + 1)
        likely = np.exp(ways + k * np.log(p) + (cases - k) * np.log1p(-p)) / places
        gained += float(np.maximum(likely @ mean_net, 0.0).sum())
    return max(gained - max(float(mean_net.mean()), 0.0), 0.0)


def more_of_a_mean(net: Floats, mean: Floats, variation: float, cases: int) -> float:
    """What measuring `cases` more is worth before deciding, `mean` being the true mean in each draw.

    One case varies about the mean by `variation` of it (standard deviation over mean, as from a pilot: 0.5 where
    most cases take between none and twice the mean), however large it turns out to be: cases are taken for gamma,
    so that their mean is gamma, too. Raises ValueError for a mean that is not above 0.
    """
    if not (variation > 0 and cases > 0 and float(mean.min()) > 0):
        raise ValueError(
            say("the worth of measuring a mean takes a mean, a variation and a number of cases above 0")
        )
    order = np.argsort(mean, kind="stable")
    places = min(_PLACES, len(net))
    size = len(net) // places * places
    mean_net = _fitted(net[order])[:size].reshape(places, -1).mean(axis=1)
    known = _gain(mean_net)
    log_mean = np.log(mean[order][:size]).reshape(places, -1).mean(axis=1)
    shape = cases / variation**2
    noise = math.sqrt(float(polygamma(1, shape)))  # of the logarithm of the mean of the cases
    if noise < (log_mean[-1] - log_mean[0]) / (4 * places):
        return known  # closer than the places are to each other
    step = min(noise, float(log_mean.std())) / 8 or noise / 8
    seen = np.arange(log_mean[0] - 9 * noise - 9 * noise**2, log_mean[-1] + 9 * noise, step)
    gained = 0.0
    for first in range(0, len(seen), 1000):
        ratio = seen[first : first + 1000, None] - log_mean
        likely = np.exp(shape * (ratio - np.expm1(ratio) - 1) + shape * math.log(shape) - gammaln(shape))
        gained += float(np.maximum(likely @ mean_net, 0.0).sum()) * step / places
    return min(max(gained - max(float(mean_net.mean()), 0.0), 0.0), known)


def normal_worth(mean: float, known: float) -> float:
    """The same in closed form: net money normal around `mean`, of which this spread would be known.

    >>> round(normal_worth(10, math.hypot(30, 20)), 7), round(normal_worth(10, 30), 7)
    (9.9337826, 7.6270834)
    """
    if known <= 0:
        return 0.0
    away = abs(mean) / known
    return known * math.exp(-away * away / 2) / math.sqrt(2 * math.pi) - abs(mean) * float(ndtr(-away))


def learned(spread: float, noise: float, cases: int) -> float:
    """How much of a normal input's spread `cases` observations with this noise would make known.

    >>> round(normal_worth(10, learned(30, 100, 20)), 7)
    5.4135025
    """
    return spread * spread / math.sqrt(spread * spread + noise * noise / cases)


def break_evens(inputs: Mapping[str, Uncertain], net: Net) -> tuple[BreakEven, ...]:
    """For each input the value that brings the return to nothing; inputs that nowhere do are left out.

    Of several the one nearest its median. Looked for from the first to the last thousandth.
    """
    found = []
    for name, what in inputs.items():
        if what.is_known:
            continue
        edges = _turn(inputs, net, name)
        if edges is None:
            continue
        score, rises = edges
        chance = float(ndtr(score))
        value = float(at(what, np.array([score]))[0])
        found.append(BreakEven(name, value, chance if rises else 1 - chance))
    return tuple(found)


def one_at_a_time(inputs: Mapping[str, Uncertain], net: Net) -> tuple[Bar, ...]:
    """The tornado: each input over its 90 % range, the others at their medians; the longest bar first."""
    unsure = [name for name, what in inputs.items() if not what.is_known]
    ends = np.array([ndtri(0.05), ndtri(0.95), 0.0])
    bars = []
    for name in unsure:
        low, high, middle = _along(inputs, net, name, ends)
        values = at(inputs[name], ends)
        flips = (low < 0) != (high < 0) or (low < 0) != (middle < 0)
        bars.append(Bar(name, float(values[0]), float(values[1]), float(low), float(high), bool(flips)))
    return tuple(sorted(bars, key=lambda bar: -abs(bar.net_at_high - bar.net_at_low)))


def _given(net: Floats, draws: Draws, name: str, slope: float | None, mean: float) -> Floats:
    """Mean of net money given one input: the line that is known, or a spline."""
    if slope is not None:
        values = draws.values[name]
        return np.asarray(mean + slope * (values - values.mean()), dtype=np.float64)
    order = np.argsort(draws.values[name], kind="stable")
    fitted = np.empty_like(net)
    fitted[order] = _fitted(net[order])
    return fitted


def _centred(net: Floats, draws: Draws, name: str) -> Floats:
    given = _given(net, draws, name, None, 0.0)
    return np.asarray(given - given.mean(), dtype=np.float64)


def _gain(given: Floats) -> float:
    """Of deciding by this mean of net money, against deciding once for all."""
    return max(float(np.maximum(given, 0.0).mean()) - max(float(given.mean()), 0.0), 0.0)


def _fitted(sorted_net: Floats) -> Floats:
    """Least squares in the order of the input's ranks; the spline's basis is the same for all inputs."""
    basis = _basis(len(sorted_net))
    return np.asarray(basis @ (basis.T @ sorted_net), dtype=np.float64)


def _floor(sorted_net: Floats, basis: Floats) -> float:
    """Decide by a fit through every other draw, and look at what the draws between them earn."""
    stop = max(float(sorted_net.mean()), 0.0)
    earned = []
    for fitted, seen in ((slice(0, None, 2), slice(1, None, 2)), (slice(1, None, 2), slice(0, None, 2))):
        half = basis[fitted]
        weights = np.linalg.lstsq(half.T @ half, half.T @ sorted_net[fitted], rcond=None)[0]
        earned.append(float(np.where(basis[seen] @ weights > 0, sorted_net[seen], 0.0).mean()))
    return max(sum(earned) / 2 - stop, 0.0)


@lru_cache(maxsize=8)
def _basis(count: int) -> Floats:
    """Orthonormal columns that span the cubic splines in the normal scores of `count` ranks."""
    columns = _spline(ndtri((np.arange(count) + 0.5) / count))
    return np.asarray(np.linalg.qr(np.column_stack(columns)).Q, dtype=np.float64)


def _spline(scores: Floats) -> list[Floats]:
    """1, z, z^2, z^3 and a bend at each knot."""
    knots = ndtri(np.arange(1, KNOTS + 1) / (KNOTS + 1))
    columns = [scores**power for power in range(4)]
    columns += [np.maximum(scores - knot, 0.0) ** 3 for knot in knots]
    return columns


def _in_several(inputs: Sequence[Floats]) -> Floats:
    """The same for several inputs, and products of two and three as far as the draws carry them."""
    count = len(inputs[0])
    scores = []
    for values in inputs:
        ranks = np.empty(count)
        ranks[np.argsort(values, kind="stable")] = np.arange(count)
        scores.append(np.asarray(ndtri((ranks + 0.5) / count), dtype=np.float64))
    columns = [np.ones(count), *(column for each in scores for column in _spline(each)[1:])]
    for powers in ((1, 1), (2, 1), (1, 2), (1, 1, 1)):
        products = [
            math.prod((z**power for z, power in zip(some, powers, strict=True)), start=np.ones(count))
            for some in combinations(scores, len(powers))
        ]
        if (len(columns) + len(products)) * DRAWS_A_TERM <= count:
            columns += products
    return np.column_stack(columns)


def _group_fitted(net: Floats, columns: Floats) -> tuple[float, float]:
    """Worth and floor by least squares, the fit weighed by how near it is to nothing, where the decision turns.

    Products of ranges spread the more the larger they are; unweighed, large returns bend the fit of small ones.
    """
    weight = np.ones(len(net))
    for turn in range(FITS):
        basis = np.linalg.qr(columns * weight[:, None]).Q
        fitted = basis @ (basis.T @ (net * weight)) / weight
        if turn < FITS - 1:
            near = float(np.quantile(np.abs(fitted), NEAR))
            weight = 1 / np.sqrt(near * near + fitted * fitted) if near > 0 else weight
    earned = []
    for here, there in ((slice(0, None, 2), slice(1, None, 2)), (slice(1, None, 2), slice(0, None, 2))):
        by = np.linalg.lstsq(basis[here], (net * weight)[here], rcond=None)[0]
        earned.append(float(np.where(basis[there] @ by > 0, net[there], 0.0).mean()))
    return _gain(fitted), max(sum(earned) / 2 - max(float(net.mean()), 0.0), 0.0)


def _along(inputs: Mapping[str, Uncertain], net: Net, name: str, scores: Floats) -> Floats:
    """Net money with one input at these normal scores and the others at their medians."""
    values = {
        each: at(what, scores) if each == name else np.full(len(scores), median(what))
        for each, what in inputs.items()
    }
    return np.broadcast_to(np.asarray(net(values), dtype=np.float64), scores.shape)


def _turn(inputs: Mapping[str, Uncertain], net: Net, name: str) -> tuple[float, bool] | None:
    """The normal score nearest 0 at which net money changes sign, and whether it rises there."""
    low, high = -_FARTHEST, _FARTHEST
    rises = True
    for _ in range(5):
        scores = np.linspace(low, high, _STEPS + 1)
        signs = _along(inputs, net, name, scores) < 0
        turns = np.flatnonzero(signs[1:] != signs[:-1])
        if not len(turns):
            return None
        place = min(turns, key=lambda turn: abs(scores[turn] + scores[turn + 1]))
        low, high, rises = float(scores[place]), float(scores[place + 1]), bool(signs[place])
    return (low + high) / 2, rises
