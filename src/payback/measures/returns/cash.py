"""Money in and out by month, from here on, of going on with the AI's way instead of stopping.

Values of the inputs stand one a draw; money is a row of months a draw. What was spent before is not in
it. Taxes are left out. Formula and worked number: docs/formulas.md, "cash-ahead".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_ndtr

from payback.measures.estimate import Floats
from payback.measures.returns.simulation import present_value

MINUTES_AN_HOUR = 60.0
KEPT = 4
"""Sums over the months that are kept for the next call."""
FEW = 512
"""Values up to which two arrays are compared one by one."""

# Names of the inputs. Those that are not given count as in NEUTRAL.
VOLUME, VOLUME_GROWTH, ADOPTION, RETENTION = "volume", "volume_growth", "adoption", "retention"
ACCEPTANCE, MINUTES_TODAY, COST_TODAY, TODAY_GROWTH = (
    "acceptance", "minutes_today", "cost_today", "today_growth",
)  # fmt: skip
REVIEW_MINUTES, REVIEW_COST, WAGE, REALISATION = (
    "review_minutes", "review_cost", "wage_per_hour", "realisation_share",
)  # fmt: skip
MODEL_COST, PRICE_CHANGE, PLATFORM_COST = "model_cost", "price_change", "platform_cost"
FIXED, HARM, BUILD = "fixed_a_month", "harm_per_unit", "build"
EXIT, SALVAGE, SWITCHING = "exit_cost", "salvage", "switching_cost"
NEUTRAL = {ADOPTION: 1.0, RETENTION: 1.0, ACCEPTANCE: 1.0, REALISATION: 1.0}


def value_input(place: int) -> str:
    """The name of the amount of one expected value."""
    return f"value.{place + 1}"


def share_input(place: int) -> str:
    """The name of how much of it the AI is the reason for."""
    return f"value.{place + 1}.share"


def risk_input(place: int, part: str) -> str:
    """The names of a risk: `when` (a normal score), `chance`, `costs`, `times`."""
    return f"risk.{place + 1}.{part}"


@dataclass(frozen=True, slots=True)
class Gain:
    """Money expected besides what is saved on the work: `per` unit, month or once; months count from 1."""

    name: str
    kind: str
    per: str
    first: int
    last: int | None
    shared: bool


@dataclass(frozen=True, slots=True)
class Event:
    """What a risk does when it happens."""

    name: str
    costs: bool
    times: bool
    ends: bool
    switching: bool
    kind: str = "other"


@dataclass(frozen=True, slots=True)
class Plan:
    """What of the future is not drawn.

    `volumes`, `ramp` and `prices` go by month, the last one holding on; `prices` are shares of today's price.
    `committed` falls due month by month whether it goes on or not. `pool` is what the cost pool costs a month:
    more cannot be saved. `waits` months pass before anything happens.
    """

    months: int
    build_months: int = 0
    volumes: tuple[float, ...] = ()
    ramp: tuple[float, ...] = ()
    prices: tuple[float, ...] = ()
    gains: tuple[Gain, ...] = ()
    events: tuple[Event, ...] = ()
    committed: tuple[float, ...] = ()
    pool: float | None = None
    yearly_rate: float = 0.0
    waits: int = 0


@dataclass(frozen=True, slots=True)
class Ahead:
    """Money by month, a row a draw, by what it is; `falls_due` and `stopping` are of not going on.

    `saved` is what is saved on today's way and turns into money, `worked` the same if all of it did. `out` is
    money out, as amounts above 0. `stopping` is what stopping brings on its day (below 0: costs).
    """

    units: Floats
    saved: Floats
    worked: Floats
    gained: Floats
    models: Floats
    out: Floats
    falls_due: Floats
    stopping: Floats

    @property
    def flows(self) -> Floats:
        """Money in less money out, of going on."""
        return np.asarray(self.saved + self.gained - self.out, dtype=np.float64)


def ahead(plan: Plan, values: Mapping[str, Floats]) -> Ahead:
    """Money by month of every draw, going on."""
    see = _Values(values)
    months = np.arange(plan.months, dtype=np.float64)
    began = plan.waits + plan.build_months
    running = (months >= began).astype(np.float64)
    happened = _happened(plan, see, months, running)
    if happened.gone is not None:
        running = running * (1 - happened.gone)
    units = see(ADOPTION) * (1.0 if plan.volumes else see(VOLUME)) * _shape(plan, see, months, running)
    saved, worked = _saved(plan, see, units, months)
    models = units * see(MODEL_COST) * happened.prices
    out = models + units * (see(PLATFORM_COST) + see(HARM))
    if see.has(FIXED):
        out = out + see(FIXED) * running
    for place, event in enumerate(plan.events):
        if event.costs:
            out = out + see(risk_input(place, "costs")) * happened.costs[place]
        if event.switching:
            out = out + see(SWITCHING) * happened.switches[place]
    if plan.build_months:
        built = ((months >= plan.waits) & (months < began)) * (
            1.0 if happened.gone is None else 1 - happened.gone
        )
        out = out + see(BUILD) / plan.build_months * built
    due = np.zeros(plan.months)
    due[: len(plan.committed)] = plan.committed[: plan.months]
    if plan.committed:
        out = np.maximum(out, due)  # what is under contract is paid in any case, and counts once
    gained = _gained(plan, see, units, months, running)
    shape = (see.draws, plan.months)
    stopping = np.broadcast_to((see(SALVAGE) - see(EXIT))[:, 0], (see.draws,))
    units, saved, worked, gained, models, out = (
        np.broadcast_to(each, shape) for each in (units, saved, worked, gained, models, out)
    )
    return Ahead(units, saved, worked, gained, models, out, np.broadcast_to(due, shape), stopping)


def net_of_stopping(plan: Plan, values: Mapping[str, Floats]) -> Floats:
    """What going on is worth more than stopping now, at today's worth, one a draw."""
    found = ahead(plan, values)
    worth = present_value(found.flows, plan.yearly_rate)
    stopped = found.stopping - present_value(found.falls_due, plan.yearly_rate)
    return np.asarray(worth - stopped, dtype=np.float64)


class Worth:
    """`net_of_stopping` of one plan, called with many values: what depends on months is worked out once.

    What changes with the months (growth, prices, risks) is summed over them for the draws it was last called
    with; as long as those inputs are the same arrays, only sums remain. Contracts, and a cost pool that is reached, bend
    each month by itself, and are worked out month by month.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._kept: list[tuple[tuple[Floats | None, ...], _Sums]] = []

    def __call__(self, values: Mapping[str, Floats]) -> Floats:
        if self.plan.committed:
            return net_of_stopping(self.plan, values)
        see = _Values(values)
        names = _by_time(self.plan)
        key = tuple(values.get(name) for name in names)
        sums = next((kept for arrays, kept in self._kept if all(map(_same, arrays, key))), None)
        if sums is None:
            sums = _sums(self.plan, see)
            self._kept = [(key, sums), *self._kept[: KEPT - 1]]
        units = see(ADOPTION) * (1.0 if self.plan.volumes else see(VOLUME))
        each, realised = _each_saved(see)
        if self.plan.pool is not None and (units * each * sums.peak > self.plan.pool).any():
            return net_of_stopping(self.plan, values)
        per_unit = see(MODEL_COST) * sums.models + (see(PLATFORM_COST) + see(HARM)) * sums.units
        net = units * (each * realised * sums.saved - per_unit) - see(FIXED) * sums.running
        if self.plan.build_months:
            net = net - see(BUILD) * sums.build
        for place, event in enumerate(self.plan.events):
            if event.costs:
                net = net - see(risk_input(place, "costs")) * sums.events[place]
            if event.switching:
                net = net - see(SWITCHING) * sums.switches[place]
        for place, gain in enumerate(self.plan.gains):
            amount = see(value_input(place)) * (see(share_input(place)) if gain.shared else 1.0)
            net = net + amount * sums.gains[place] * (units if gain.per == "unit" else 1.0)
        net = net + see(EXIT) - see(SALVAGE)
        return np.asarray(np.broadcast_to(net[:, 0], (see.draws,)), dtype=np.float64)


def _same(one: Floats | None, other: Floats | None) -> bool:
    """Whether two inputs are the same array, or few and equal."""
    if one is other or one is None or other is None:
        return one is other
    return one.size == other.size <= FEW and bool((one == other).all())


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over the months, at today's worth, each a column or a number: what one of a thing comes to.

    `peak` is not a sum: the most units a month of each unit of work.
    """

    peak: Floats
    units: Floats
    saved: Floats
    models: Floats
    running: Floats
    build: Floats
    events: tuple[Floats, ...]
    switches: tuple[Floats, ...]
    gains: tuple[Floats, ...]


def _by_time(plan: Plan) -> tuple[str, ...]:
    """The inputs whose effect differs from month to month."""
    of_risks = [
        risk_input(place, part) for place in range(len(plan.events)) for part in ("when", "chance", "times")
    ]
    return (VOLUME_GROWTH, RETENTION, PRICE_CHANGE, TODAY_GROWTH, *of_risks)


def _sums(plan: Plan, see: _Values) -> _Sums:
    months = np.arange(plan.months, dtype=np.float64)
    worth = (1 + plan.yearly_rate) ** (-months / 12)
    began = plan.waits + plan.build_months
    running = (months >= began).astype(np.float64)
    happened = _happened(plan, see, months, running)
    if happened.gone is not None:
        running = running * (1 - happened.gone)
    shape = _shape(plan, see, months, running)
    grown = _years(1 + see(TODAY_GROWTH), months) if see.has(TODAY_GROWTH) else 1.0

    def total(by_month: Floats) -> Floats:
        return np.asarray(np.broadcast_to(by_month, (by_month.shape[0], plan.months)) @ worth)[:, None]

    def gained(gain: Gain) -> Floats:
        comes = _comes(plan, gain, months) * running
        return total(np.atleast_2d(comes * shape if gain.per == "unit" else comes))

    built = ((months >= plan.waits) & (months < began)) / max(plan.build_months, 1)
    if happened.gone is not None:
        built = built * (1 - happened.gone)
    return _Sums(
        np.atleast_2d(shape).max(axis=1)[:, None],
        total(np.atleast_2d(shape)),
        total(np.atleast_2d(shape * grown)),
        total(np.atleast_2d(shape * happened.prices)),
        total(np.atleast_2d(running)),
        total(np.atleast_2d(built)),
        tuple(total(np.atleast_2d(each)) for each in happened.costs),
        tuple(total(np.atleast_2d(each)) for each in happened.switches),
        tuple(gained(gain) for gain in plan.gains),
    )


def later(plan: Plan, values: Mapping[str, Floats], months: int) -> Floats:
    """The same of going on only after some months; the calendar ends on the same day.

    What waits is stopped first: what stopping costs and brings is the same in both.
    """
    kept = {name: each for name, each in values.items() if name not in {EXIT, SALVAGE}}
    return Worth(replace(plan, waits=months))(kept)


def break_even_share(plan: Plan, values: Mapping[str, Floats]) -> Floats:
    """The share of what is saved that must turn into money for going on to pay, one a draw.

    Above 1: not even all of it is enough. 0: it pays without any. inf: nothing is saved.
    """
    ones = {**values, REALISATION: np.ones_like(next(iter(values.values())))}
    nothing = {**values, REALISATION: np.zeros_like(ones[REALISATION])}
    worth = Worth(plan)
    without = worth(nothing)
    each = worth(ones) - without
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(each > 0, -without / each, np.inf)
    return np.asarray(np.where(without >= 0, 0.0, share), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Values:
    """Inputs as columns, one row a draw; what is not given is neutral."""

    values: Mapping[str, Floats]

    @property
    def draws(self) -> int:
        return max((np.size(each) for each in self.values.values()), default=1)

    def has(self, name: str) -> bool:
        return name in self.values

    def __call__(self, name: str) -> Floats:
        if name not in self.values:
            return np.full((1, 1), NEUTRAL.get(name, 0.0))
        return np.asarray(self.values[name], dtype=np.float64).reshape(-1, 1)


def _by_month(given: tuple[float, ...], months: Floats) -> Floats:
    """A schedule whose last entry holds on; without one, 1."""
    if not given:
        return np.ones_like(months)
    places = np.minimum(months.astype(np.int64), len(given) - 1)
    return np.asarray(np.array(given, dtype=np.float64)[places], dtype=np.float64)


def _years(factor: Floats, months: Floats) -> Floats:
    """A yearly factor (a column, no less than 0) to the power of months / 12, months rising by 0 or 1."""
    monthly = np.maximum(factor, 0.0) ** (1 / 12)
    steps = np.where(np.diff(months, prepend=0.0) > 0, monthly, 1.0)
    return np.asarray(np.cumprod(steps, axis=1), dtype=np.float64)


def _shape(plan: Plan, see: _Values, months: Floats, running: Floats) -> Floats:
    """Units by month where one unit of work is there and all of it is done this way; with a list, the work too."""
    since = np.maximum(months - plan.waits - plan.build_months, 0.0)
    shape = _by_month(plan.volumes, months) * _by_month(plan.ramp, since) * running
    if see.has(VOLUME_GROWTH):
        shape = shape * _years(1 + see(VOLUME_GROWTH), months)
    if see.has(RETENTION):
        shape = shape * _years(see(RETENTION), since)
    return shape


def _each_saved(see: _Values) -> tuple[Floats, Floats]:
    """What one unit saves on today's way, and which share of that turns into money.

    Accepted work is not done today's way; the rest is done again, and people look over all of it. Time that is
    lost counts in full.
    """
    wage = see(WAGE) / MINUTES_AN_HOUR
    looked_over = see(REVIEW_MINUTES) * wage + see(REVIEW_COST)
    each = see(ACCEPTANCE) * (see(MINUTES_TODAY) * wage + see(COST_TODAY)) - looked_over
    return each, np.where(each > 0, see(REALISATION), 1.0)


def _saved(plan: Plan, see: _Values, units: Floats, months: Floats) -> tuple[Floats, Floats]:
    """What is saved on today's way and turns into money, and all of it: no more than the cost pool."""
    each, realised = _each_saved(see)
    worked = units * each
    grown = _years(1 + see(TODAY_GROWTH), months) if see.has(TODAY_GROWTH) else None
    if grown is not None:
        worked = worked * grown
    if plan.pool is not None:
        worked = np.minimum(worked, plan.pool if grown is None else plan.pool * grown)
    return worked * realised, worked


def _gained(plan: Plan, see: _Values, units: Floats, months: Floats, running: Floats) -> Floats:
    """Money expected besides."""
    total = np.zeros((1, 1))
    for place, gain in enumerate(plan.gains):
        amount = see(value_input(place)) * (see(share_input(place)) if gain.shared else 1.0)
        comes = _comes(plan, gain, months) * running
        total = total + amount * comes * (units if gain.per == "unit" else 1.0)
    return total


def _comes(plan: Plan, gain: Gain, months: Floats) -> Floats:
    """1 in the months a gain comes: they count from when it runs; what comes once comes in its month."""
    month = months - plan.waits - plan.build_months + 1
    last = gain.first if gain.per == "once" else gain.last or plan.months
    return ((month >= gain.first) & (month <= last)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Happened:
    """What risks do by month: `gone` is 1 from when it ends, `costs` and `switches` 1 in the month of paying.

    `gone` None is: nothing ends it. `prices` are shares of today's, with the schedule and the change in them.
    """

    gone: Floats | None
    costs: tuple[Floats, ...]
    switches: tuple[Floats, ...]
    prices: Floats


def _happened(plan: Plan, see: _Values, months: Floats, running: Floats) -> _Happened:
    """The first time something happens is exponential, so that its chance is the same in every year."""
    prices = _by_month(plan.prices, months)
    if see.has(PRICE_CHANGE):
        prices = prices * _years(1 + see(PRICE_CHANGE), months)
    never = np.zeros((1, plan.months))
    happens, ends_at = [], np.full((1, 1), np.inf)
    for place, event in enumerate(plan.events):
        chance = np.clip(see(risk_input(place, "chance")), 0.0, 1 - 1e-12)
        score = see(risk_input(place, "when"))
        with np.errstate(divide="ignore"):
            month = np.floor(12 * log_ndtr(score) / np.log1p(-chance))  # 12 ln(u) / ln(1 - p)
        if not (event.ends or event.times):
            month = month + plan.waits  # it happens to what is under way: its clock starts with it
        happens.append(month)
        if event.ends:
            ends_at = np.minimum(ends_at, month)
        if event.times:
            prices = prices * np.where(months >= month, see(risk_input(place, "times")), 1.0)
    costs, switches = [], []
    for event, month in zip(plan.events, happens, strict=True):
        now = never
        if event.costs or event.switching:
            now = ((months == month) & (months >= plan.waits) & (month <= ends_at)).astype(np.float64)
        costs.append(now if event.costs else never)
        switches.append(now * running if event.switching else never)
    gone = (months >= ends_at).astype(np.float64) if any(event.ends for event in plan.events) else None
    return _Happened(gone, tuple(costs), tuple(switches), prices)


def chance_within(yearly: float, months: int) -> float:
    """The chance that something with this yearly chance happens within so many months."""
    return float(1 - (1 - yearly) ** (months / 12))
