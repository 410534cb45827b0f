"""Money from here on: against a loop month by month, hand calculations, and what must hold of any plan."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from payback.measures.estimate import Floats
from payback.measures.returns import cash
from payback.measures.returns.cash import (
    Event,
    Gain,
    Plan,
    Worth,
    ahead,
    break_even_share,
    later,
    net_of_stopping,
    risk_input,
    share_input,
    value_input,
)

ONE = {
    "volume": 1000.0, "adoption": 0.8, "acceptance": 0.75, "minutes_today": 12.0, "review_minutes": 2.0,
    "wage_per_hour": 30.0, "realisation_share": 0.25, "model_cost": 0.4, "fixed_a_month": 200.0,
}  # fmt: skip


def arrays(values: dict[str, float]) -> dict[str, Floats]:
    return {name: np.array([value]) for name, value in values.items()}


def net(plan: Plan, values: dict[str, float]) -> float:
    return float(net_of_stopping(plan, arrays(values))[0])


def by_hand(plan: Plan, v: dict[str, float]) -> list[float]:
    """The same month by month in plain Python, written from docs/formulas.md and not from the code."""
    flows = []
    for month in range(plan.months):
        years, began = month / 12, plan.waits + plan.build_months
        running = month >= began
        since = max(month - began, 0)
        price, extra, whens = 1.0, 0.0, []
        for place, event in enumerate(plan.events):
            chance = v[f"risk.{place + 1}.chance"]
            u = 0.5 * math.erfc(-v[f"risk.{place + 1}.when"] / math.sqrt(2))
            when = math.floor(12 * math.log(u) / math.log(1 - chance))
            whens.append(when if event.ends or event.times else when + plan.waits)
            if event.times and month >= when:
                price *= v[f"risk.{place + 1}.times"]
        ends = [when for event, when in zip(plan.events, whens, strict=True) if event.ends]
        end = min(ends, default=math.inf)
        gone = month >= end
        for place, (event, when) in enumerate(zip(plan.events, whens, strict=True)):
            happens = month == when and plan.waits <= month <= end
            if event.costs and happens:
                extra += v[f"risk.{place + 1}.costs"]
            if event.switching and happens and running:
                extra += v["switching_cost"]
        work = plan.volumes[min(month, len(plan.volumes) - 1)] if plan.volumes else v.get("volume", 0.0)
        ramp = plan.ramp[min(since, len(plan.ramp) - 1)] if plan.ramp else 1.0
        units = work * v.get("adoption", 1.0) * ramp * (1 + v.get("volume_growth", 0.0)) ** years
        units *= v.get("retention", 1.0) ** (since / 12)
        if not running or gone:
            units = 0.0
        price *= plan.prices[min(month, len(plan.prices) - 1)] if plan.prices else 1.0
        price *= (1 + v.get("price_change", 0.0)) ** years
        grown = (1 + v.get("today_growth", 0.0)) ** years
        wage = v.get("wage_per_hour", 0.0) / 60
        today = v.get("minutes_today", 0.0) * wage + v.get("cost_today", 0.0)
        each = (
            v.get("acceptance", 1.0) * today - v.get("review_minutes", 0.0) * wage - v.get("review_cost", 0.0)
        )
        saved = units * each * grown
        if plan.pool is not None:
            saved = min(saved, plan.pool * grown)
        if saved > 0:
            saved *= v.get("realisation_share", 1.0)
        gained = 0.0
        for place, gain in enumerate(plan.gains):
            amount = v[f"value.{place + 1}"] * (v[f"value.{place + 1}.share"] if gain.shared else 1)
            nth = month - began + 1
            last = gain.first if gain.per == "once" else gain.last or plan.months
            if running and not gone and gain.first <= nth <= last:
                gained += amount * (units if gain.per == "unit" else 1)
        out = units * (
            v.get("model_cost", 0.0) * price + v.get("platform_cost", 0.0) + v.get("harm_per_unit", 0.0)
        )
        if running and not gone:
            out += v.get("fixed_a_month", 0.0)
        out += extra
        if plan.build_months and plan.waits <= month < began and not gone:
            out += v["build"] / plan.build_months
        due = plan.committed[month] if month < len(plan.committed) else 0.0
        flows.append(saved + gained - max(out, due))
    return flows


def drawn_plan(seed: int) -> tuple[Plan, dict[str, float]]:
    """A plan with everything in it that a plan may have, or some of it."""
    dice = random.Random(seed)  # noqa: S311  no secret

    def maybe(value: Any) -> Any:
        return value if dice.random() < 0.6 else None

    months = dice.choice([1, 7, 24, 36])
    values = {
        "volume": dice.uniform(100, 2000), "acceptance": dice.uniform(0.4, 1), "model_cost": dice.uniform(0, 2),
        "wage_per_hour": dice.uniform(10, 60), "realisation_share": dice.uniform(0, 1),
        "build": dice.uniform(0, 5000), "switching_cost": dice.uniform(0, 3000),
    }  # fmt: skip
    for name, value in {
        "adoption": dice.uniform(0.2, 1), "volume_growth": dice.uniform(-0.5, 0.5), "retention": dice.uniform(0.3, 1),
        "minutes_today": dice.uniform(1, 20), "cost_today": dice.uniform(0, 9), "today_growth": dice.uniform(-0.1, 0.2),
        "review_minutes": dice.uniform(0, 9), "review_cost": dice.uniform(0, 2), "price_change": dice.uniform(-0.6, 0.3),
        "platform_cost": dice.uniform(0, 1), "fixed_a_month": dice.uniform(0, 900), "harm_per_unit": dice.uniform(0, 1),
        "exit_cost": dice.uniform(0, 900), "salvage": dice.uniform(0, 900),
    }.items():  # fmt: skip
        if (given := maybe(value)) is not None:
            values[name] = given
    gains = []
    for place in range(dice.randrange(3)):
        shared = dice.random() < 0.5
        first = dice.randrange(1, 6)
        last = maybe(first + dice.randrange(20))
        gains.append(
            Gain("gain", "spend removed", dice.choice(["unit", "month", "once"]), first, last, shared)
        )
        values[value_input(place)] = dice.uniform(0, 50)
        if shared:
            values[share_input(place)] = dice.uniform(0, 1)
    events = []
    for place in range(dice.randrange(3)):
        events.append(
            Event("event", dice.random() < 0.5, dice.random() < 0.5, dice.random() < 0.5, dice.random() < 0.5)
        )
        for part, value in {
            "when": dice.gauss(0, 1), "chance": dice.uniform(0.05, 0.7), "costs": dice.uniform(0, 4000),
            "times": dice.uniform(0.5, 3),
        }.items():  # fmt: skip
            values[risk_input(place, part)] = value
    plan = Plan(
        months=months,
        build_months=dice.choice([0, 1, 3]),
        volumes=tuple(dice.uniform(0, 900) for _ in range(dice.choice([0, 0, 3, 12]))),
        ramp=tuple(sorted(dice.random() for _ in range(dice.choice([0, 2, 5])))),
        prices=tuple(dice.random() for _ in range(dice.choice([0, 0, 4]))),
        gains=tuple(gains),
        events=tuple(events),
        committed=tuple(dice.uniform(0, 2000) for _ in range(dice.choice([0, 4]))),
        pool=maybe(dice.uniform(100, 4000)),
        yearly_rate=dice.choice([0.0, 0.08]),
        waits=dice.choice([0, 0, 2]),
    )
    return plan, values


@pytest.mark.parametrize("seed", range(60))
def test_it_is_the_loop_month_by_month(seed: int) -> None:
    plan, values = drawn_plan(seed)
    found = ahead(plan, arrays(values))
    expected = by_hand(plan, values)
    assert np.allclose(found.flows[0], expected, rtol=1e-9, atol=1e-6)
    worth = sum(flow * (1 + plan.yearly_rate) ** (-month / 12) for month, flow in enumerate(expected))
    due = sum(
        amount * (1 + plan.yearly_rate) ** (-month / 12)
        for month, amount in enumerate(plan.committed[: plan.months])
    )
    stopping = values.get("salvage", 0.0) - values.get("exit_cost", 0.0) - due
    assert net(plan, values) == pytest.approx(worth - stopping, rel=1e-9, abs=1e-6)
    assert float(Worth(plan)(arrays(values))[0]) == pytest.approx(worth - stopping, rel=1e-9, abs=1e-6)


def test_a_month_by_hand() -> None:
    # 800 units x (0.75 x 12 - 2) min x 0.5 a minute = 2,800, a quarter of it 700; 800 x 0.40 + 200 = 520
    assert net(Plan(1), ONE) == pytest.approx(180.0)
    found = ahead(Plan(1), arrays(ONE))
    assert (found.worked[0, 0], found.saved[0, 0], found.out[0, 0]) == pytest.approx((2800.0, 700.0, 520.0))


def test_time_that_is_lost_counts_in_full() -> None:
    # 0.1 x 12 - 2 = -0.8 minutes a unit: 800 x -0.8 x 0.5 = -320, not a quarter of it
    assert ahead(Plan(1), arrays({**ONE, "acceptance": 0.1})).saved[0, 0] == pytest.approx(-320.0)


def test_the_break_even_share_brings_the_worth_to_nothing() -> None:
    (share,) = break_even_share(Plan(1), arrays(ONE))
    assert share == pytest.approx(520 / 2800)
    assert net(Plan(1), {**ONE, "realisation_share": float(share)}) == pytest.approx(0.0, abs=1e-9)


def test_no_share_is_enough_where_nothing_is_saved_and_none_is_needed_where_it_pays_without() -> None:
    assert break_even_share(Plan(1), arrays({**ONE, "acceptance": 0.1}))[0] == math.inf
    gains = Plan(1, gains=(Gain("sales", "revenue won", "month", 1, None, shared=False),))
    assert break_even_share(gains, arrays({**ONE, value_input(0): 5000.0}))[0] == 0.0


def test_what_was_spent_before_is_no_input() -> None:
    """A plan has no place for it: every name it reads is of the future."""
    assert not {"spent", "past", "sunk"} & set(cash.NEUTRAL)
    plan, values = drawn_plan(3)
    assert net(plan, {**values, "spent": 1e9}) == net(plan, values)


def test_a_contract_is_paid_in_both_cases() -> None:
    # 600 falls due either way: going on costs no more than 600 (not 520), so that all saved is gained
    plan = Plan(1, committed=(600.0,))
    assert net(plan, ONE) == pytest.approx(700.0)
    assert net(replace(plan, committed=(100.0,)), ONE) == pytest.approx(180.0 + 100.0)


def test_stopping_costs_are_saved_by_going_on_and_salvage_is_lost() -> None:
    assert net(Plan(1), {**ONE, "exit_cost": 50.0, "salvage": 20.0}) == pytest.approx(180.0 + 50.0 - 20.0)


def test_a_pool_caps_what_is_saved() -> None:
    # 2,800 a month saved of a department that costs 1,000: 1,000 x 0.25 - 520
    assert net(Plan(1, pool=1000.0), ONE) == pytest.approx(-270.0)


def test_waiting_pays_where_models_get_cheaper() -> None:
    # month m costs 1,000 x (1, 0.9, 0.2) and brings 500: -500, -400, +300; waiting two months keeps the last
    plan = Plan(3, prices=(1.0, 0.9, 0.2))
    values = {"volume": 1000.0, "cost_today": 0.5, "model_cost": 1.0}
    assert net(plan, values) == pytest.approx(-600.0)
    assert float(later(plan, arrays(values), 2)[0]) == pytest.approx(300.0)


def test_an_event_comes_as_often_as_its_chance_says() -> None:
    """In a year as its yearly chance; in three 1 - (1 - p)^3: a cost of 1 each time is the chance."""
    scores = np.random.default_rng(5).standard_normal(400_000)
    values = {
        risk_input(0, "when"): scores,
        risk_input(0, "chance"): np.full_like(scores, 0.2),
        risk_input(0, "costs"): np.ones_like(scores),
    }
    event = Event("lawsuit", costs=True, times=False, ends=False, switching=False)
    for months, expected in ((12, 0.2), (36, 1 - 0.8**3)):
        cost = -net_of_stopping(Plan(months, events=(event,)), values).mean()
        assert cost == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / len(scores)))


@pytest.mark.parametrize("seed", range(20))
def test_what_is_kept_from_call_to_call_changes_nothing(seed: int) -> None:
    plan, values = drawn_plan(seed)
    dice = np.random.default_rng(seed)
    drawn = {name: value * dice.uniform(0.9, 1.1, 50) for name, value in values.items()}
    worth = Worth(plan)
    for _ in range(2):
        for name in values:
            other = {**drawn, name: drawn[name] * 0.95}
            assert np.allclose(worth(other), net_of_stopping(plan, other), rtol=1e-9, atol=1e-6)
