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
    years = months / 12
    running = (months >= began).astype(np.float64)
    since = np.maximum(months - began, 0.0)
    units = (
        _by_month(plan.volumes, months) if plan.volumes else see(VOLUME)
    ) * see(ADOPTION) * (_by_month(plan.ramp, since) * running)  # fmt: skip
    if see.has(VOLUME_GROWTH):
        units = units * np.maximum(1 + see(VOLUME_GROWTH), 0.0) ** years
    if see.has(RETENTION):
        units = units * see(RETENTION) ** (since / 12)
    prices = np.asarray(_by_month(plan.prices, months))
    if see.has(PRICE_CHANGE):
        prices = prices * np.maximum(1 + see(PRICE_CHANGE), 0.0) ** years
    units = np.broadcast_to(units, (see.draws, plan.months))
    prices = np.broadcast_to(prices, (see.draws, plan.months))
    gone, extra, prices = _events(plan, see, months, running, prices)
    units = units * (1 - gone)
    saved, worked = _saved(plan, see, units, years)
    models = units * see(MODEL_COST) * prices
    out = models + units * (see(PLATFORM_COST) + see(HARM)) + see(FIXED) * running * (1 - gone) + extra
    built = (months >= plan.waits) & (months < began)
    if plan.build_months:
        out = out + see(BUILD) / plan.build_months * built
    due = np.zeros(plan.months)
    due[: len(plan.committed)] = plan.committed[: plan.months]
    return Ahead(
        units,
        saved,
        worked,
        _gained(plan, see, units, months, running * (1 - gone)),
        models,
        np.maximum(out, due),  # what is under contract is paid in any case, and counts once
        np.broadcast_to(due, out.shape),
        np.broadcast_to((see(SALVAGE) - see(EXIT))[:, 0], (see.draws,)),
    )


def net_of_stopping(plan: Plan, values: Mapping[str, Floats]) -> Floats:
    """What going on is worth more than stopping now, at today's worth, one a draw."""
    found = ahead(plan, values)
    worth = present_value(found.flows, plan.yearly_rate)
    stopped = found.stopping - present_value(found.falls_due, plan.yearly_rate)
    return np.asarray(worth - stopped, dtype=np.float64)


def later(plan: Plan, values: Mapping[str, Floats], months: int) -> Floats:
    """The same of going on only after some months; the calendar ends on the same day."""
    return net_of_stopping(replace(plan, waits=months), values)


def break_even_share(plan: Plan, values: Mapping[str, Floats]) -> Floats:
    """The share of what is saved that must turn into money for going on to pay, one a draw.

    Above 1: not even all of it is enough. 0: it pays without any. inf: nothing is saved.
    """
    ones = {**values, REALISATION: np.ones_like(next(iter(values.values())))}
    nothing = {**values, REALISATION: np.zeros_like(ones[REALISATION])}
    without = net_of_stopping(plan, nothing)
    each = net_of_stopping(plan, ones) - without
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


def _saved(plan: Plan, see: _Values, units: Floats, years: Floats) -> tuple[Floats, Floats]:
    """What is saved on today's way and turns into money, and all of it: minutes at a wage, or its cost.

    Accepted work is not done today's way; the rest is done again, and people look over all of it.
    """
    grown = np.maximum(1 + see(TODAY_GROWTH), 0.0) ** years if see.has(TODAY_GROWTH) else np.ones_like(years)
    wage = see(WAGE) / MINUTES_AN_HOUR
    looked_over = see(REVIEW_MINUTES) * wage + see(REVIEW_COST)
    each = see(ACCEPTANCE) * (see(MINUTES_TODAY) * wage + see(COST_TODAY)) - looked_over
    worked = units * each * grown
    if plan.pool is not None:
        worked = np.minimum(worked, plan.pool * grown)
    return np.asarray(np.where(worked > 0, worked * see(REALISATION), worked)), worked


def _gained(plan: Plan, see: _Values, units: Floats, months: Floats, running: Floats) -> Floats:
    """Money expected besides. A month counts from when it runs; what comes once comes in its month."""
    total = np.zeros(units.shape)
    began = plan.waits + plan.build_months
    for place, gain in enumerate(plan.gains):
        amount = see(value_input(place)) * (see(share_input(place)) if gain.shared else 1.0)
        month = months - began + 1
        last = gain.first if gain.per == "once" else gain.last or plan.months
        comes = ((month >= gain.first) & (month <= last)) * running
        total = total + amount * comes * (units if gain.per == "unit" else 1.0)
    return total


def _events(
    plan: Plan, see: _Values, months: Floats, running: Floats, prices: Floats
) -> tuple[Floats, Floats, Floats]:
    """From which month on it has ended, money out because something happened, and what models cost then.

    The first time something happens is exponential, so that its chance is the same in every year.
    """
    gone = np.zeros((1, plan.months))
    extra = np.zeros((1, plan.months))
    for place, event in enumerate(plan.events):
        chance = np.clip(see(risk_input(place, "chance")), 0.0, 1 - 1e-12)
        score = see(risk_input(place, "when"))
        with np.errstate(divide="ignore"):
            month = 12 * log_ndtr(score) / np.log1p(-chance)  # 12 ln(u) / ln(1 - p)
        since = months >= np.floor(month)
        now = (months == np.floor(month)) & (months >= plan.waits)
        still = 1 - gone
        if event.costs:
            extra = extra + see(risk_input(place, "costs")) * now * still
        if event.switching:
            extra = extra + see(SWITCHING) * now * still * running
        if event.times:
            prices = prices * np.where(since, see(risk_input(place, "times")), 1.0)
        if event.ends:
            gone = np.maximum(gone, since.astype(np.float64))
    return gone, extra, prices


def chance_within(yearly: float, months: int) -> float:
    """The chance that something with this yearly chance happens within so many months."""
    return float(1 - (1 - yearly) ** (months / 12))
