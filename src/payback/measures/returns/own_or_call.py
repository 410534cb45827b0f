"""Own or call: what each way of having the work done costs at any volume, and which is the cheapest where.

A way costs `once` (spread over the months), so much a month, and so much a unit, up to a limit if it has one.
Formulas and worked numbers: docs/formulas.md, "monthly-cost", "break-even-volume" and "cheapest-by-volume".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from payback.measures.draws import DRAWS, SCRAMBLES, Simulated, Together, average, draw
from payback.measures.estimate import Floats
from payback.measures.ranges import Uncertain, known

LOW, HIGH = 0.05, 0.95
"""The ends of a range that is right in 90 of 100 futures."""
POINTS = 41
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Share:
    """`weight` of another quantity, such as today's cost, that every unit of a way also carries."""

    of: str
    weight: float


NOTHING = known(0.0)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of having the work done; money in one currency. `limit` is the most units a month it can do.

    `carries` are quantities several ways share: they are drawn once and are the same for all.
    """

    name: str
    once: Uncertain = NOTHING
    a_month: Uncertain = NOTHING
    per_unit: Uncertain = NOTHING
    loses_per_unit: Uncertain = NOTHING
    carries: tuple[Share, ...] = ()
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Mean cost of a way: `fixed` a month and `slope` a unit."""

    fixed: float
    slope: float
    limit: float | None

    def at(self, volume: float) -> float:
        return self.fixed + self.slope * volume

    def can(self, volume: float) -> bool:
        return self.limit is None or volume <= self.limit * (1 + _SAME)


@dataclass(frozen=True, slots=True)
class AtVolume:
    """A way at today's volume: mean cost a month and its 90 % range, how often it is the cheapest of those that can.

    `error` is the simulation's own error of the mean; `too_many` how often the volume is beyond its limit.
    """

    cost: Simulated
    low: float
    high: float
    cheapest: float
    too_many: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where two ways cost the same: below `volume` the first is cheaper, above it the second.

    `volume` None: one of them is cheaper at every volume (`always`, on the means), or both always cost the same.
    `chance` is how often there is such a volume, `low` and `high` its 90 % range among those futures.
    """

    below: str
    above: str
    volume: float | None
    always: str | None
    chance: float
    low: float | None
    high: float | None
    beyond: str | None = None  # the way whose limit the volume lies beyond


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one volume to another, the way with the least mean cost, and how often it is the cheapest `at` a volume there.

    `end` None has no end; `way` None: no way can do as many.
    """

    start: float
    end: float | None
    way: str | None
    at: float
    chance: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything found: by way, by pair, by stretch of volume, and each way's chance on a grid of volumes."""

    lines: Mapping[str, Line]
    volume: tuple[float, float, float] | None  # mean, low, high, where it is known
    today: Mapping[str, AtVolume]
    crossings: tuple[Crossing, ...]
    stretches: tuple[Stretch, ...]
    grid: tuple[float, ...]
    chances: Mapping[str, tuple[float, ...]]


def monthly(once: float, months: int, rate: float | None) -> float:
    """`once` as equal amounts at the end of each month; with a yearly `rate` they pay interest on what is left.

    12,000 over 24 months are 500 a month; at 10 % a year 551.35, as 0.7974 % a month compounds to 10 %.

    >>> monthly(12000, 24, None)
    500.0
    >>> round(monthly(12000, 24, 0.10), 2)
    551.35
    """
    if not rate:
        return once / months
    each = math.expm1(math.log1p(rate) / 12)
    return once * each / -math.expm1(-months * math.log1p(each))


def compared(
    ways: Sequence[Way],
    volume: Uncertain | None,
    months: int,
    *,
    rate: float | None = None,
    shared: Mapping[str, Uncertain] | None = None,
    together: Sequence[Together] = (),
    draws: int = DRAWS,
    seed: int,
) -> Compared:
    """Draw every input once and hold the ways against each other in each future.

    `volume` is units a month today, None where nobody knows it. Raises ValueError for fewer than two ways, or
    for two of one name.
    """
    names = [way.name for way in ways]
    if len(ways) < 2 or len(set(names)) < len(names):
        raise ValueError("two or more ways of different names")
    inputs = dict(shared or {})
    if volume is not None:
        inputs["volume"] = volume
    for way in ways:
        for part in ("once", "a_month", "per_unit", "loses_per_unit"):
            inputs[f"{way.name}.{part}"] = getattr(way, part)
    drawn = draw(inputs, together, draws=draws, scrambles=SCRAMBLES, seed=seed)
    fixed = {
        way.name: monthly(1.0, months, rate) * drawn.values[f"{way.name}.once"]
        + drawn.values[f"{way.name}.a_month"]
        for way in ways
    }
    slopes = {way.name: _slope(way, drawn.values) for way in ways}
    lines = {
        way.name: Line(float(fixed[way.name].mean()), float(slopes[way.name].mean()), way.limit)
        for way in ways
    }
    limits = {way.name: way.limit for way in ways}
    today: dict[str, AtVolume] = {}
    spread = None
    if volume is not None:
        units = np.maximum(drawn.values["volume"], 0.0)
        spread = (float(units.mean()), *_ends(units))
        costs = {name: fixed[name] + slopes[name] * units for name in names}
        wins = _cheapest(costs, {name: _able(limits[name], units) for name in names})
        for name in names:
            today[name] = AtVolume(
                average(costs[name], drawn.scrambles),
                *_ends(costs[name]),
                float(wins[name].mean()),
                float(1 - _able(limits[name], units).mean()),
            )
    crossings = tuple(_crossing(one, other, lines, fixed, slopes) for one, other in combinations(names, 2))
    stretches = _stretches(lines, spread[0] if spread else None)

    def chance(at: float) -> dict[str, float]:
        units = np.full(draws, at)
        costs = {name: fixed[name] + slopes[name] * at for name in names}
        found = _cheapest(costs, {name: _able(limits[name], units) for name in names})
        return {name: float(found[name].mean()) for name in names}

    shown = tuple(
        Stretch(each.start, each.end, each.way, each.at, chance(each.at)[each.way] if each.way else 0.0)
        for each in stretches
    )
    grid = tuple(float(each) for each in np.linspace(0.0, reach(stretches, crossings, spread), POINTS))
    by_volume = [chance(at) for at in grid]
    return Compared(
        lines,
        spread,
        today,
        crossings,
        shown,
        grid,
        {name: tuple(each[name] for each in by_volume) for name in names},
    )


def reach(
    stretches: Sequence[Stretch],
    crossings: Sequence[Crossing],
    volume: tuple[float, float, float] | None,
) -> float:
    """How far volumes are worth showing: past today's range and where the cheapest way changes."""
    places = [each.end for each in stretches if each.end is not None]
    if volume is not None:
        places += [volume[2]]
    if not any(places):
        places = [each.volume for each in crossings if each.volume is not None]
    return 1.5 * max(places, default=0.0) or 1000.0


def _slope(way: Way, values: Mapping[str, Floats]) -> Floats:
    found = values[f"{way.name}.per_unit"] + values[f"{way.name}.loses_per_unit"]
    for each in way.carries:
        found = found + each.weight * values[each.of]
    return found


def _able(limit: float | None, units: Floats) -> Floats:
    if limit is None:
        return np.ones(units.shape, dtype=bool)
    return np.asarray(units <= limit * (1 + _SAME))


def _cheapest(costs: Mapping[str, Floats], able: Mapping[str, Floats]) -> dict[str, Floats]:
    """In each future 1 for the cheapest way that can do it; ways that cost the same share it."""
    every = np.stack([np.where(able[name], costs[name], np.inf) for name in costs])
    least = every.min(axis=0)
    tied = (every <= least + _SAME * np.abs(least)) & np.isfinite(every)
    shares = tied / np.maximum(tied.sum(axis=0), 1)
    return dict(zip(costs, shares, strict=True))


def _ends(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, (LOW, HIGH))
    return float(low), float(high)


def _crossing(
    one: str, other: str, lines: Mapping[str, Line], fixed: Mapping[str, Floats], slopes: Mapping[str, Floats]
) -> Crossing:
    """Of two ways, where they cost the same on their means, and how often and where in single futures."""
    dear = fixed[other] - fixed[one]
    saves = slopes[one] - slopes[other]
    with np.errstate(divide="ignore", invalid="ignore"):
        at = dear / saves
    there = at[np.isfinite(at) & (at > 0)]
    chance = len(there) / len(at)
    low, high = _ends(there) if len(there) else (None, None)
    mine, its = lines[one], lines[other]
    more, less = its.fixed - mine.fixed, mine.slope - its.slope
    level = abs(more) <= _SAME * max(abs(its.fixed), abs(mine.fixed))
    flat = abs(less) <= _SAME * max(abs(its.slope), abs(mine.slope))
    if not level and not flat and (volume := more / less) > 0:
        below, above = (one, other) if more > 0 else (other, one)
        beyond = next((name for name in (one, other) if not lines[name].can(volume)), None)
        return Crossing(below, above, volume, None, chance, low, high, beyond)
    if level and flat:
        return Crossing(one, other, None, None, chance, low, high)
    # Nothing crosses above zero: who is cheaper a unit is cheaper throughout, else who is cheaper a month.
    cheaper = (one if more > 0 else other) if flat else (one if less < 0 else other)
    return Crossing(one, other, None, cheaper, chance, low, high)


def _stretches(lines: Mapping[str, Line], today: float | None) -> list[Stretch]:
    """The least mean cost by volume: between crossings and limits one way is the cheapest throughout."""
    places = {0.0}
    for one, other in combinations(lines.values(), 2):
        less = one.slope - other.slope
        if less and (at := (other.fixed - one.fixed) / less) > 0 and math.isfinite(at):
            places.add(at)
    places |= {line.limit for line in lines.values() if line.limit is not None}
    ordered = sorted(places)
    ends: list[float | None] = [*ordered[1:], None]
    found: list[Stretch] = []
    for start, end in zip(ordered, ends, strict=True):
        inside = (start + end) / 2 if end is not None else 2 * start or 1.0
        able = {name: line.at(inside) for name, line in lines.items() if line.can(inside)}
        way = min(able, key=lambda name: able[name]) if able else None
        begins = found.pop().start if found and found[-1].way == way else start
        found.append(Stretch(begins, end, way, inside, 0.0))
    return [_looked_at(each, today) for each in found]


def _looked_at(each: Stretch, today: float | None) -> Stretch:
    """Its chance is said at today's volume where that lies within, else in its middle, else at twice its start."""
    at = (each.start + each.end) / 2 if each.end is not None else 2 * each.start or 1.0
    if today is not None and each.start <= today and (each.end is None or today < each.end):
        at = today
    return Stretch(each.start, each.end, each.way, at, 0.0)
