"""Where AI could pay at all, before anybody builds: from what work costs today, the most that can be had of it.

With today's cost c of a unit, a price p all in, a review r and a share a accepted, a unit costs
p + r + (1 - a) c. Formulas: docs/formulas.md, "worth-at-most", "rank-ranges".
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from payback.measures.draws import SCRAMBLES, draw
from payback.measures.estimate import Floats
from payback.measures.ranges import Uncertain
from payback.measures.rank_ranges import LEVEL, rank_ranges
from payback.measures.shuffled import shuffled

YEAR = 12
HOUR = 60
MOST_CELLS = 2**22
"""Draws times kinds of work that are held at once."""
DRAWS, FEWEST_DRAWS = 4096, 256
AT_ONCE = 500  # uncertain quantities drawn together
_DIGITS = 12  # what is known exactly is the same to the last digit however it was reckoned


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work as people do it today: units a month, and minutes and an hour's wage or a unit's cost.

    `cost` counts where it is there; else it is `minutes` at `wage`.
    """

    name: str
    segment: str
    a_month: Uncertain
    minutes: Uncertain | None = None
    wage: Uncertain | None = None
    cost: Uncertain | None = None

    @property
    def label(self) -> str:
        return f"{self.name}, {self.segment}" if self.segment else self.name


@dataclass(frozen=True, slots=True)
class Terms:
    """What is taken for granted of the AI, alike for all work. None: not said, so taken as best as can be.

    `price` is what a unit costs all in but review, `accepted` the share accepted, `build` money once, to be
    back in `months`.
    """

    price: Uncertain | None = None
    accepted: Uncertain | None = None
    review_minutes: Uncertain | None = None
    build: Uncertain | None = None
    months: int = 12


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure and the range that holds it 9 times in 10; both ends are the figure where all is known."""

    value: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Opportunity:
    """What one kind of work costs today, and the most AI could make of it. Money and hours a year are means,
    the rest medians.

    `most_a_unit` is the price of a unit all in but review at which nothing is gained, below 0 where review and
    redoing alone cost more than today. `least_accepted` is the share that must be more than reached. `worth` is a
    year's, below 0 where it cannot pay. `most_build` is what a build may cost to be back in time, `least_volume` the
    units a month from which the named build is; None where not asked, or where no volume is enough.
    `review_known`: whether an hour of review has a price here; where it has none, the review is left out.
    """

    work: Work
    unit: Spread
    spent: Spread
    hours: Spread | None
    most_a_unit: Spread
    least_accepted: Spread | None
    worth: Spread
    most_build: Spread
    least_volume: Spread | None
    chance: float
    build_chance: float | None
    places: tuple[int, int]
    review_known: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over kinds of work. `worth` is of those that can pay, `paying` how many."""

    kinds: int
    paying: int
    spent: Spread
    hours: Spread | None
    worth: Spread


@dataclass(frozen=True, slots=True)
class Found:
    """Kinds of work, the one worth most first, and their sums by segment and in all."""

    ranked: tuple[Opportunity, ...]
    segments: Mapping[str, Totals]
    whole: Totals
    draws: int


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """One kind of work, draw by draw."""

    unit: Floats
    spent: Floats
    hours: Floats | None
    most_a_unit: Floats
    least_accepted: Floats | None
    gain: Floats  # a unit
    worth: Floats
    volume: Floats
    review_known: bool


def opportunities(works: Sequence[Work], terms: Terms) -> Found:
    """Every kind of work, ranked by what it is worth at most. Ranges are 90 % ones; the same files, the same draws."""
    inputs = _inputs(works, terms)
    values, draws = _drawn(inputs, len(works))
    reckoned = [_reckoned(place, work, terms, values) for place, work in enumerate(works)]
    worths = (
        np.column_stack([np.broadcast_to(each.worth, (draws,)) for each in reckoned])
        if reckoned
        else np.zeros((draws, 0))
    )
    places = rank_ranges(worths)
    found = [
        _opportunity(work, each, terms, values, place)
        for work, each, place in zip(works, reckoned, places, strict=True)
    ]
    order = sorted(range(len(works)), key=lambda at: (-found[at].worth.value, works[at].label))
    names = dict.fromkeys(works[at].segment for at in order)
    return Found(
        tuple(found[at] for at in order),
        {
            name: _totals([reckoned[at] for at in order if works[at].segment == name])
            for name in names
            if len(names) > 1
        },
        _totals(reckoned),
        draws,
    )


def _inputs(works: Sequence[Work], terms: Terms) -> dict[str, Uncertain]:
    """Every quantity by a name of its own; those of the terms are drawn once for all work."""
    shared = {
        "price": terms.price,
        "accepted": terms.accepted,
        "review": terms.review_minutes,
        "build": terms.build,
    }
    found = {name: each for name, each in shared.items() if each is not None}
    for place, work in enumerate(works):
        for name, each in (
            ("a_month", work.a_month),
            ("minutes", work.minutes),
            ("wage", work.wage),
            ("cost", work.cost),
        ):
            if each is not None:
                found[_called(place, name, each)] = each
    return found


def _called(place: int, name: str, each: Uncertain | None) -> str:
    """A quantity's own name. A wage written alike is one wage, whatever the work; all else is the row's own."""
    return f"wage/{each.written}" if name == "wage" and each is not None else f"{place}/{name}"


def _drawn(inputs: Mapping[str, Uncertain], works: int) -> tuple[dict[str, Floats], int]:
    """Values of every quantity, and how many draws; one where nothing is uncertain."""
    unsure = [name for name, each in inputs.items() if not each.is_known]
    if not unsure:
        return {name: np.array([each.parameters[0]]) for name, each in inputs.items()}, 1
    draws = DRAWS
    while draws > FEWEST_DRAWS and draws * max(works, 1) > MOST_CELLS:
        draws //= 2
    seed = zlib.crc32(repr([(name, each.written) for name, each in inputs.items()]).encode())
    values = {name: np.array([each.parameters[0]]) for name, each in inputs.items() if each.is_known}
    for first in range(0, len(unsure), AT_ONCE):
        some = {name: inputs[name] for name in unsure[first : first + AT_ONCE]}
        drawn = draw(some, draws=draws, scrambles=SCRAMBLES, seed=seed + first)
        values |= shuffled(drawn.values, SCRAMBLES, seed + first) if first else drawn.values
    return values, draws


def _reckoned(place: int, work: Work, terms: Terms, values: Mapping[str, Floats]) -> _Reckoned:
    nothing, all_of_it = np.zeros(1), np.ones(1)
    volume = values[f"{place}/a_month"]
    minutes, wage = values.get(f"{place}/minutes"), values.get(_called(place, "wage", work.wage))
    given = values.get(f"{place}/cost")
    if given is not None:
        unit = given
    elif minutes is not None and wage is not None:
        unit = minutes * wage / HOUR
    else:
        raise ValueError(f"{work.label} has neither a cost nor minutes with a wage")
    if wage is None and given is not None and minutes is not None:
        wage = given / minutes * HOUR
    asked = values.get("review")
    review_known = asked is None or wage is not None
    review = asked * wage / HOUR if asked is not None and wage is not None else nothing
    accepted = values.get("accepted", all_of_it)
    price = values.get("price", nothing)
    most_a_unit = accepted * unit - review
    gain = most_a_unit - price
    says_price = terms.price is not None or terms.review_minutes is not None
    return _Reckoned(
        unit=unit,
        spent=YEAR * volume * unit,
        hours=None if minutes is None else YEAR * volume * minutes / HOUR,
        most_a_unit=most_a_unit,
        least_accepted=(price + review) / unit if says_price and review_known else None,
        gain=gain,
        worth=YEAR * volume * gain,
        volume=volume,
        review_known=review_known,
    )


def _opportunity(
    work: Work, each: _Reckoned, terms: Terms, values: Mapping[str, Floats], places: tuple[int, int]
) -> Opportunity:
    build = values.get("build")
    least = None
    build_chance = None
    if build is not None:
        with np.errstate(divide="ignore"):
            needed = np.where(
                each.gain > 0, build / np.where(each.gain > 0, each.gain, 1) / terms.months, np.inf
            )
        build_chance = float((needed <= each.volume).mean())
        if np.isfinite(np.median(needed)):
            least = _middle(needed)
    return Opportunity(
        work=work,
        unit=_middle(each.unit),
        spent=_mean(each.spent),
        hours=None if each.hours is None else _mean(each.hours),
        most_a_unit=_middle(each.most_a_unit),
        least_accepted=None if each.least_accepted is None else _middle(each.least_accepted),
        worth=_mean(each.worth),
        most_build=_mean(each.worth * terms.months / YEAR),
        least_volume=least,
        chance=float((each.gain > 0).mean()),
        build_chance=build_chance,
        places=places,
        review_known=each.review_known,
    )


def _totals(some: Sequence[_Reckoned]) -> Totals:
    paying = [each.worth for each in some if each.worth.mean() > 0]
    hours = [each.hours for each in some if each.hours is not None]
    return Totals(
        len(some),
        len(paying),
        _mean(_sum([each.spent for each in some])),
        _mean(_sum(hours)) if hours else None,
        _mean(_sum(paying)),
    )


def _sum(many: Sequence[Floats]) -> Floats:
    return np.asarray(sum(many, np.zeros(1)), dtype=np.float64)


def _mean(values: Floats) -> Spread:
    return _spread(float(values.mean()), values)


def _middle(values: Floats) -> Spread:
    if len(values) == 1:
        return _spread(float(values[0]), values)
    return _spread(float(np.quantile(values, 0.5, method="inverted_cdf")), values)


def _spread(value: float, values: Floats) -> Spread:
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="inverted_cdf")
    return Spread(*(float(f"{each:.{_DIGITS}g}") for each in (value, low, high)))
