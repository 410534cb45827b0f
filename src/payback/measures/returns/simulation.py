"""Does the money come back, how likely and when: the return where its inputs are uncertain.

A model turns values of the inputs into money, or into money by month; it works on arrays, one entry a draw.
Formulas and sources: docs/formulas.md, "simulated", "smoothed", "present-value", "payback-month".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

import numpy as np

from payback.locale import say
from payback.measures.draws import (
    DRAWS,
    SCRAMBLES,
    Dependence,
    Draws,
    Simulated,
    Together,
    average,
    by_scramble,
    draw,
    error_of,
)
from payback.measures.estimate import Floats
from payback.measures.points import CHUNK, chance_below
from payback.measures.ranges import Uncertain, moments, scores_of

Model = Callable[[Mapping[str, Floats]], Floats]
"""Values of the inputs, one a draw, to net money: one a draw, or a row of months a draw."""

LEVELS = (0.05, 0.5, 0.95)
PILOT = 512
"""Draws on which it is looked up in which inputs the model is a straight line."""
SLOPE_DRAWS = 4096
STRAIGHT = 1e-9
SEARCH = 1024
"""Draws on which a quantile is looked for; a step on the first scramble, then one on all, each square what is left."""
CLOSE = 1e-5
_RATES = (-0.9999, 1e6)  # a period's rate of return is looked for between these


@dataclass(frozen=True, slots=True)
class Simulation:
    """Net money over all draws. `net` and `flows` (a row of months a draw, or None) are draw by draw.

    `slopes` is the mean change of net money for one more of each input in which the model is a straight line,
    `smoothed` the one of them that was integrated exactly; None where there is none.
    """

    mean: Simulated
    deviation: Simulated
    loss: Simulated
    quantiles: Mapping[float, Simulated]
    net: Floats
    flows: Floats | None
    draws: Draws
    smoothed: str | None
    slopes: Mapping[str, float]
    method: str

    @property
    def notes(self) -> tuple[str, ...]:
        return self.draws.dependence.notes


@dataclass(frozen=True, slots=True)
class _Line:
    """Net money as a straight line in one input: `net` at its mean, `slope` for one more of it.

    The input's normal score, given all others, is normal with mean `centre` and standard deviation `spread`.
    `flat` and `falls` are whether the slope is 0, or less, in any draw.
    """

    what: Uncertain
    net: Floats
    slope: Floats
    centre: Floats | float
    spread: float
    flat: bool
    falls: bool

    def below(self, money: float | Floats, part: slice) -> Floats:
        """Chance of less than `money`, given all other inputs, for each draw; a row for each row of `money`."""
        slope, net = self.slope[part], self.net[part]
        edge = np.subtract(money, net)
        flat = slope == 0 if self.flat else None
        with np.errstate(divide="ignore", invalid="ignore"):
            edge /= slope
        edge += moments(self.what)[0]
        if flat is not None:
            np.copyto(edge, 0.0, where=flat)
        score = scores_of(self.what, edge)
        if not isinstance(self.centre, float):
            score -= self.centre[part]
            score /= self.spread
        if self.falls:
            np.negative(score, out=score, where=slope < 0)
        chance = chance_below(score)
        return chance if flat is None else np.where(flat, (net < money).astype(np.float64), chance)

    def chances(self, money: float, scrambles: int) -> Floats:
        """The mean of `below` in each scramble."""
        return _means(lambda part: self.below(money, part), len(self.net), scrambles)


def simulate(
    inputs: Mapping[str, Uncertain],
    model: Model,
    together: Sequence[Together] = (),
    *,
    yearly_rate: float = 0.0,
    draws: int = DRAWS,
    scrambles: int = SCRAMBLES,
    seed: int,
    levels: Sequence[float] = LEVELS,
    smooth: bool = True,
) -> Simulation:
    """Mean, spread, quantiles and the chance of a loss, each with its simulation error.

    Money by month is discounted to its first month at `yearly_rate`. Where the model is a straight line in
    an input, that input is integrated exactly and the others are drawn: of tails and chances it leaves a
    small part of the error (docs/decisions/0011-simulation.md).
    """
    drawn = draw(inputs, together, draws=draws, scrambles=scrambles, seed=seed)
    name, straight = _best_line(inputs, model, drawn, yearly_rate) if smooth else (None, ())
    slopes = _slopes(inputs, model, drawn, yearly_rate, straight)
    if name is None:
        return _plain(*_over_all(model, drawn, yearly_rate), drawn, levels, slopes)
    net, flows, line = _along(name, inputs[name], model, drawn, yearly_rate)
    if line is None:
        return _plain(net, flows, drawn, levels, {})  # a bend so rare that few draws did not show it
    return _smoothed(name, line, net, flows, drawn, levels, slopes)


def present_value(flows: Floats, yearly_rate: float) -> Floats:
    """Money by month, a row a draw, at its worth in the first month: month m over (1 + r)^(m / 12).

    >>> float(present_value(np.array([[-100.0] + [0.0] * 11 + [110.0]]), 0.10).round(9)[0])
    0.0
    """
    if yearly_rate <= -1:
        raise ValueError(
            say("a yearly rate of {rate} cannot discount: it must be above -1", rate=yearly_rate)
        )
    months = np.arange(flows.shape[-1])
    return np.asarray(flows @ (1 + yearly_rate) ** (-months / 12), dtype=np.float64)


def monthly_rate(yearly_rate: float) -> float:
    """What a month earns where a year earns this.

    >>> round(monthly_rate(0.10), 12)
    0.007974140429
    """
    return float((1 + yearly_rate) ** (1 / 12) - 1)


def discounted(flows: Floats, yearly_rate: float) -> Floats:
    """Each month's money at its worth in the first."""
    return np.asarray(flows * (1 + yearly_rate) ** (-np.arange(flows.shape[-1]) / 12), dtype=np.float64)


def payback_month(flows: Floats) -> Floats:
    """Months until as much has come back as went out, for the first time; inf where that never happens.

    Within the month in which it does, money comes back evenly.
    """
    total = np.cumsum(flows, axis=-1)
    out_before = np.maximum.accumulate(total < 0, axis=-1)  # nothing comes back before it went out
    back = (total >= 0) & out_before
    found = np.argmax(back, axis=-1)
    rows = np.arange(len(flows))
    short, flow = -total[rows, np.maximum(found - 1, 0)], flows[rows, found]
    with np.errstate(divide="ignore", invalid="ignore"):
        month = found - 1 + short / flow
    never = ~back.any(axis=-1)
    month = np.where(out_before.any(axis=-1), month, 0.0)
    return np.asarray(np.where(never & out_before.any(axis=-1), np.inf, month), dtype=np.float64)


def internal_rate(flows: Floats) -> Floats:
    """The rate a period at which the money is worth nothing; nan unless it goes out first and turns once.

    With more turns there may be several such rates, with none there is none.
    """
    found = np.full(len(flows), np.nan)
    signs = np.sign(flows)
    last = np.maximum.accumulate(np.where(signs != 0, np.arange(flows.shape[1]), 0), axis=1)
    filled = np.take_along_axis(signs, last, axis=1)  # a month without money keeps the sign before it
    turns = ((filled[:, 1:] != filled[:, :-1]) & (filled[:, :-1] != 0)).sum(axis=1)
    first = filled[np.arange(len(flows)), np.argmax(filled != 0, axis=1)]
    once = (turns == 1) & (first < 0)
    if not once.any():
        return found
    money = np.ascontiguousarray(flows[once].T)
    low, high = (np.full(money.shape[1], np.log1p(rate)) for rate in _RATES)
    for _ in range(60):  # money goes out first, so that worth falls as the rate rises, from above 0
        middle = (low + high) / 2
        factor = np.exp(-middle)
        worth = money[-1].copy()
        for flow in money[-2::-1]:
            worth *= factor
            worth += flow
        above = worth > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    found[once] = np.expm1((low + high) / 2)
    return found


def runway_months(balance: float, flows: Floats) -> Floats:
    """Months until a balance is used up, for each draw; inf where it lasts as far as the months go."""
    gone = balance + np.cumsum(flows, axis=-1) <= 0
    return np.where(gone.any(axis=-1), np.argmax(gone, axis=-1) + 1.0, np.inf)


def kill_line_by_month(spent: Floats, accepted: Floats, line: float, unless_accepted: float) -> Floats:
    """Whether the kill line is crossed by the end of each month: 1 or 0, a row of months a draw.

    `spent` and `accepted` are to date. A line once crossed stays so.
    """
    crossed = (spent >= line) & (accepted < unless_accepted)
    return np.maximum.accumulate(crossed, axis=-1).astype(np.float64)


def by_month(months: Floats, last: int, scrambles: int) -> tuple[Simulated, ...]:
    """Chance that it has happened by the end of month 1, 2 ... `last`; what is missing at the end is "never"."""
    return tuple(average((months <= month).astype(np.float64), scrambles) for month in range(1, last + 1))


def quantile_of(values: Floats, share: float, scrambles: int) -> Simulated | None:
    """The value that this share of draws lies below; None where it is "never" (inf)."""
    found = float(np.quantile(values, share, method="inverted_cdf"))
    if not np.isfinite(found):
        return None
    parts = np.quantile(by_scramble(values, scrambles), share, axis=1, method="inverted_cdf")
    return Simulated(found, error_of(parts) if np.isfinite(parts).all() else None)


def dots_of(months: Iterable[float], count: int = 20) -> tuple[Decimal | None, ...]:
    """The months at the quantiles (i + 0.5) / `count`, each that of a draw; None where it is inf (never).

    Months are rounded up to hundredths, so that no dot stands before the month its money is back.
    ValueError where there are no draws or one is not a number.
    """
    ordered = sorted(float(month) for month in months)
    if not ordered or any(month != month for month in ordered):  # noqa: PLR0124  only nan differs from itself
        raise ValueError("no months, or one that is not a number")
    places = [-(-(2 * number + 1) * len(ordered) // (2 * count)) - 1 for number in range(count)]
    return tuple(_month(ordered[place]) for place in places)


def _month(month: float) -> Decimal | None:
    if month == float("inf"):
        return None
    exact = Decimal(f"{month:.6f}")  # what a sum of floats is off by must not push it into the next month
    return exact.quantize(Decimal("0.01"), rounding=ROUND_CEILING)


def _net(money: Floats, yearly_rate: float) -> tuple[Floats, Floats | None]:
    return (present_value(money, yearly_rate), money) if money.ndim > 1 else (money, None)


def _asked(model: Model, values: Mapping[str, Floats], yearly_rate: float) -> tuple[Floats, Floats | None]:
    return _net(np.asarray(model(values), dtype=np.float64), yearly_rate)


def _over_all(model: Model, drawn: Draws, yearly_rate: float) -> tuple[Floats, Floats | None]:
    """Net money and money by month of all draws, a part of them at a time."""
    net, months = np.empty(drawn.count), []
    for part in _parts(drawn.count):
        net[part], flows = _asked(model, _of(drawn, part), yearly_rate)
        months.append(flows)
    return net, _joined(months)


def _along(
    name: str, what: Uncertain, model: Model, drawn: Draws, yearly_rate: float
) -> tuple[Floats, Floats | None, _Line | None]:
    """The same, and the line in one input on which they lie; None where any draw leaves it."""
    centre, deviation = moments(what)
    net, at_centre, slope = np.empty((3, drawn.count))
    months, scales, offs = [], [], []
    for part in _parts(drawn.count):
        values = _of(drawn, part)
        own, flows = _asked(model, values, yearly_rate)
        low, high = (
            _asked(model, {**values, name: np.full(len(own), place)}, yearly_rate)[0]
            for place in (centre, centre + deviation)
        )
        scale, off = _off(own, low, high, (values[name] - centre) / deviation)
        scales.append(scale)
        offs.append(off)
        months.append(flows)
        net[part], at_centre[part] = own, low
        np.divide(high - low, deviation, out=slope[part])
    if not np.max(offs) <= STRAIGHT * max(scales):  # not a number is off, too
        return net, _joined(months), None
    return net, _joined(months), _line(name, what, at_centre, slope, drawn)


def _parts(count: int) -> Iterator[slice]:
    return (slice(first, first + CHUNK) for first in range(0, count, CHUNK))


def _of(drawn: Draws, part: slice) -> dict[str, Floats]:
    return {name: each[part] for name, each in drawn.values.items()}


def _joined(parts: Sequence[Floats | None]) -> Floats | None:
    there = [each for each in parts if each is not None]
    return np.concatenate(there) if len(there) > 1 else there[0] if there else None


def _means(of: Callable[[slice], Floats], count: int, scrambles: int) -> Floats:
    """The mean of each scramble, some draws at a time."""
    step = min(count // scrambles, CHUNK)
    found = [of(part).reshape(-1, step).mean(axis=1) for part in _parts(count)]
    return np.asarray(by_scramble(np.concatenate(found), scrambles).mean(axis=1), dtype=np.float64)


def _deviation(first: Floats, second: Floats) -> Simulated:
    """From the means, one a scramble, of values and of squares about any one place."""
    whole = np.sqrt(max(float(second.mean() - first.mean() ** 2), 0.0))
    # each scramble about the mean of all: its own mean would cost it a degree of freedom
    parts = np.sqrt(np.maximum(second - 2 * first * first.mean() + first.mean() ** 2, 0.0))
    return Simulated(float(whole), error_of(parts))


def _drawn_moments(net: Floats, scrambles: int) -> tuple[Simulated, Simulated]:
    """Mean and standard deviation of what was drawn."""
    centre = float(net.mean())
    first = _means(lambda part: net[part] - centre, len(net), scrambles)
    second = _means(lambda part: np.square(net[part] - centre), len(net), scrambles)
    return _mean(first + centre), _deviation(first, second)


def _known_moments(line: _Line, scrambles: int) -> tuple[Simulated, Simulated]:
    """Mean and standard deviation where they are known of each draw, given the other inputs."""
    centre, deviation = float(line.net.mean()), moments(line.what)[1]
    first = _means(lambda part: line.net[part] - centre, len(line.net), scrambles)

    def squares(part: slice) -> Floats:
        about, drawn = line.net[part] - centre, line.slope[part] * deviation
        return np.asarray(about * about + drawn * drawn, dtype=np.float64)

    return _mean(first + centre), _deviation(first, _means(squares, len(line.net), scrambles))


def _mean(parts: Floats) -> Simulated:
    return Simulated(float(parts.mean()), error_of(parts))


def _plain(
    net: Floats, flows: Floats | None, drawn: Draws, levels: Sequence[float], slopes: Mapping[str, float]
) -> Simulation:
    count = drawn.scrambles
    return Simulation(
        *_drawn_moments(net, count),
        average((net < 0).astype(np.float64), count),
        {level: found for level in levels if (found := quantile_of(net, level, count)) is not None},
        net,
        flows,
        drawn,
        None,
        slopes,
        "simulated",
    )


def _smoothed(
    name: str,
    line: _Line,
    net: Floats,
    flows: Floats | None,
    drawn: Draws,
    levels: Sequence[float],
    slopes: Mapping[str, float],
) -> Simulation:
    count = drawn.scrambles
    independent = line.spread == 1.0
    return Simulation(
        *(_known_moments(line, count) if independent else _drawn_moments(net, count)),
        _mean(line.chances(0.0, count)),
        {level: _quantile(line, net, level, count) for level in levels},
        net,
        flows,
        drawn,
        name,
        slopes,
        "smoothed",
    )


def _quantile(line: _Line, net: Floats, level: float, scrambles: int) -> Simulated:
    """Where the mean chance of less is `level`: looked for on few draws, then a step on one scramble, one on all."""
    first = slice(0, len(net) // scrambles)
    few = slice(0, min(SEARCH, first.stop))
    wide = min(0.5 * min(level, 1 - level), 0.02)
    low, high = (float(each) for each in np.quantile(net[few], [level - wide, level + wide]))
    if not low < high:
        return Simulated(low, None)
    found = _root(lambda money: float(line.below(money, few).mean()) - level, low, high)
    step = 0.01 * (high - low)
    below, above = (float(line.below(found + way, first).mean()) for way in (-step, step))
    density = (above - below) / (2 * step)
    if density <= 0:
        return Simulated(found, None)
    found += max(-4 * step, min(4 * step, (level - (below + above) / 2) / density))
    chances = line.chances(found, scrambles)
    error = error_of(chances)
    value = found + (level - float(chances.mean())) / density
    return Simulated(value, None if error is None else error / density)


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function is 0; the nearer end where it is so beyond (Illinois rule)."""
    at_low, at_high = rising(low), rising(high)
    if at_low >= 0 or at_high <= 0:
        return low if at_low >= 0 else high
    side = 0
    wide = high - low
    middle = (low + high) / 2
    for _ in range(40):
        middle = high - at_high * (high - low) / (at_high - at_low)
        value = rising(middle)
        if abs(value) < CLOSE or high - low < 1e-9 * wide:
            break
        if value < 0:
            low, at_low = middle, value
            at_high = at_high / 2 if side < 0 else at_high
            side = -1
        else:
            high, at_high = middle, value
            at_low = at_low / 2 if side > 0 else at_low
            side = 1
    return middle


def _best_line(
    inputs: Mapping[str, Uncertain], model: Model, drawn: Draws, rate: float
) -> tuple[str | None, tuple[str, ...]]:
    """The inputs in which the model is a straight line, and before them the one that leaves the least to draw.

    That is how much the chance of less than nothing, and than three quantiles, still varies with the others.
    """
    values = _first(drawn, PILOT)
    money = np.asarray(model(values), dtype=np.float64)
    own = _net(money, rate)[0]
    marks = np.array([0.0, *np.quantile(own, LEVELS)])[:, None]
    thrice = {name: np.tile(each, 3) for name, each in values.items()}
    best, least, straight_in = None, math.inf, []
    for name in drawn.unsure:
        centre, deviation = moments(inputs[name])
        if not deviation > 0 or not math.isfinite(deviation):
            continue
        places = np.repeat([centre, centre + deviation, centre + 2.5 * deviation], len(own))
        low, middle, high = np.split(np.asarray(model({**thrice, name: places}), dtype=np.float64), 3)
        rise = middle - low
        step = (values[name] - centre) / deviation
        straight = low + rise * (step[:, None] if low.ndim > 1 else step)
        scale = max(float(np.abs(each).max()) for each in (low, middle, high))
        off = max(float(np.abs(low + 2.5 * rise - high).max()), float(np.abs(straight - money).max()))
        if not off <= STRAIGHT * scale:
            continue
        straight_in.append(name)
        line = _line(name, inputs[name], _net(low, rate)[0], _net(rise, rate)[0] / deviation, drawn, PILOT)
        if line.spread == 0.0 or not rise.any():
            continue
        chances = line.below(marks, slice(None))
        means = chances.mean(axis=1)
        open_ = (means > 0) & (means < 1)
        left = float((chances.var(axis=1)[open_] / (means * (1 - means))[open_]).sum())
        if left < least:
            best, least = name, left
    return best, tuple(straight_in)


def _slopes(
    inputs: Mapping[str, Uncertain], model: Model, drawn: Draws, rate: float, straight: Sequence[str]
) -> dict[str, float]:
    """Mean change of net money for one more of each, over the first draws of each scramble."""
    if not straight:
        return {}
    values = _first(drawn, SLOPE_DRAWS)
    own = _asked(model, values, rate)[0]
    found = {}
    for name in straight:
        centre, deviation = moments(inputs[name])
        low, high = (
            _asked(model, {**values, name: np.full(len(own), place)}, rate)[0]
            for place in (centre, centre + deviation)
        )
        scale, off = _off(own, low, high, (values[name] - centre) / deviation)
        if off <= STRAIGHT * scale:
            found[name] = float((high - low).mean()) / deviation
    return found


def _first(drawn: Draws, most: int) -> dict[str, Floats]:
    """The first draws of each scramble, which are even points themselves."""
    return {name: _begun(each, drawn, most) for name, each in drawn.values.items()}


def _begun(values: Floats, drawn: Draws, most: int) -> Floats:
    few = max(1, min(drawn.count, most) // drawn.scrambles)
    return np.asarray(by_scramble(values, drawn.scrambles)[:, :few].ravel(), dtype=np.float64)


def _off(own: Floats, low: Floats, high: Floats, step: Floats) -> tuple[float, float]:
    """The largest amount, and how far net money leaves the line through two places of an input."""
    scale = max(float(np.abs(each).max()) for each in (own, low, high))
    line = high - low
    line *= step
    line += low
    line -= own
    return scale, float(np.abs(line).max())


def _line(
    name: str, what: Uncertain, at_centre: Floats, slope: Floats, drawn: Draws, most: int | None = None
) -> _Line:
    """From net money at the input's mean and its slope, for the first draws or for all."""
    centre, spread = _given_others(name, drawn)
    return _Line(
        what,
        at_centre,
        slope,
        centre if isinstance(centre, float) or most is None else _begun(centre, drawn, most),
        spread,
        flat=bool((slope == 0).any()),
        falls=bool((slope < 0).any()),
    )


def _given_others(name: str, drawn: Draws) -> tuple[Floats | float, float]:
    """Mean and standard deviation of an input's normal score, given all others; 0 where they settle it."""
    names = drawn.unsure
    place = names.index(name)
    depends: Dependence = drawn.dependence
    others = [at for at in range(len(names)) if at != place and depends.correlation[place, at]]
    if not others:
        return 0.0, 1.0
    rest = [at for at in range(len(names)) if at != place]
    among = depends.correlation[np.ix_(rest, rest)]
    if float(np.linalg.eigvalsh(among)[0]) < 1e-6:
        return 0.0, 0.0
    weights = np.linalg.solve(among, depends.correlation[rest, place])
    left = 1.0 - float(weights @ depends.correlation[rest, place])
    if left < 1e-6:
        return 0.0, 0.0
    centre = sum(
        (weight * drawn.scores[names[at]] for weight, at in zip(weights, rest, strict=True) if weight),
        np.zeros(drawn.count),
    )
    return np.asarray(centre, dtype=np.float64), float(np.sqrt(left))
