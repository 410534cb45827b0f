"""Expected values: data/returns_expected.json (numpy-financial), closed forms, or by hand with the working shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from payback.measures.draws import Together, average
from payback.measures.estimate import Floats
from payback.measures.ranges import Uncertain, between, mean, measured, uncertain
from payback.measures.returns.simulation import (
    Simulation,
    by_month,
    discounted,
    internal_rate,
    kill_line_by_month,
    monthly_rate,
    payback_month,
    present_value,
    quantile_of,
    runway_months,
    simulate,
)

EIGHT = {
    "users": uncertain("200 to 800"),
    "tasks": uncertain("10 to 30"),
    "accept": uncertain("beta(40, 12)"),
    "minutes": uncertain("4 to 15"),
    "wage": uncertain("0.7 to 1.3"),
    "cost": uncertain("0.05 to 0.6"),
    "rework": uncertain("2 to 8"),
    "fixed": uncertain("15000 to 60000"),
}
TRUE_MEAN, TRUE_DEVIATION = 307620.83823464473, 305309.3308734861  # algebra: products of independent inputs
TRUE_P50, TRUE_LOSS = 223545.87, 0.021055  # 8 x 2^20 plain points, by another script: to 0.02 % and 0.1 %


def eight(v: Mapping[str, Floats]) -> Floats:
    value = v["accept"] * v["minutes"] * v["wage"] - (1 - v["accept"]) * v["rework"] * v["wage"] - v["cost"]
    return v["users"] * v["tasks"] * value * 8.4 - v["fixed"]


@pytest.mark.parametrize("smooth", [True, False])
def test_the_eight_input_model_comes_out(smooth: bool) -> None:
    found = simulate(EIGHT, eight, seed=1, smooth=smooth)
    for figure, truth in (
        (found.mean, TRUE_MEAN),
        (found.deviation, TRUE_DEVIATION),
        (found.quantiles[0.5], TRUE_P50),
        (found.loss, TRUE_LOSS),
    ):
        assert figure.error is not None
        assert abs(figure.value - truth) < 4 * figure.error + 2e-4 * abs(truth)
        assert figure.error < 0.1 * abs(truth)
    assert found.smoothed == ("minutes" if smooth else None)
    assert found.method == ("smoothed" if smooth else "simulated")


def test_an_input_integrated_exactly_takes_most_of_the_error() -> None:
    smooth, plain = (simulate(EIGHT, eight, seed=3, smooth=each) for each in (True, False))
    assert _error(smooth, 0.05) < 0.6 * _error(plain, 0.05)
    assert _error(smooth, 0.5) < 0.3 * _error(plain, 0.5)
    assert np.allclose(smooth.net, plain.net)  # the draws themselves are the same


def _error(found: Simulation, level: float) -> float:
    error = found.quantiles[level].error
    assert error is not None
    return error


@pytest.mark.parametrize("rank", [0.0, 0.5, -0.7])
def test_normal_inputs_that_move_together_have_a_known_sum(rank: float) -> None:
    inputs = {"one": between(-30.0, 60.0), "other": between(-20.0, 30.0)}
    found = simulate(
        inputs, lambda v: v["one"] + v["other"], [Together("one", "other", rank)] if rank else [], seed=5
    )
    out = 1.6448536269514722
    sd = [45 / out, 25 / out]
    correlation = 2 * math.sin(math.pi * rank / 6)
    spread = math.sqrt(sd[0] ** 2 + sd[1] ** 2 + 2 * correlation * sd[0] * sd[1])
    assert found.smoothed == "one"
    assert found.mean.value == pytest.approx(20, abs=0.05)
    assert found.deviation.value == pytest.approx(spread, rel=2e-3)
    assert found.loss.value == pytest.approx(float(ndtr(-20 / spread)), abs=5e-4)
    assert found.quantiles[0.05].value == pytest.approx(20 - out * spread, abs=0.1)


def test_errors_are_as_large_as_they_say() -> None:
    """Over 40 seeds the error of the chance of a loss is within 2.36 times its standard error in about 95 %."""
    truth = float(ndtr(-20 / math.hypot(45 / 1.6448536269514722, 25 / 1.6448536269514722)))
    inputs = {"one": between(-30.0, 60.0), "other": between(-20.0, 30.0)}
    held = 0
    for seed in range(40):
        found = simulate(inputs, lambda v: v["one"] + v["other"], seed=seed, draws=256, smooth=False)
        assert found.loss.error is not None
        held += abs(found.loss.value - truth) <= 2.36 * found.loss.error + 1e-12
    assert held >= 33  # binomial(40, 0.95): 33 or fewer in 1 of 200 runs; coverage of discrete counts is less


@pytest.mark.parametrize(
    "what",
    [uncertain("pert(2, 5, 14)"), uncertain("17 of 20"), uncertain("-3 to 9"), measured(4.0, 2.0, 12.0)],
)
def test_every_shape_can_be_integrated(what: Uncertain) -> None:
    inputs = {"what": what, "cost": uncertain("0.5 to 2")}

    def model(v: Mapping[str, Floats]) -> Floats:
        return 10 * v["what"] - v["cost"]

    smooth, plain = (simulate(inputs, model, seed=1, draws=32768, smooth=each) for each in (True, False))
    assert smooth.smoothed == "what"
    assert smooth.mean.value == pytest.approx(10 * mean(what) - mean(inputs["cost"]), rel=1e-5)
    for level in (0.05, 0.5, 0.95):
        assert smooth.quantiles[level].value == pytest.approx(plain.quantiles[level].value, rel=0.01, abs=0.1)
    assert smooth.deviation.value == pytest.approx(plain.deviation.value, rel=0.005)


def test_a_model_that_bends_in_every_input_is_drawn_plainly() -> None:
    inputs = {"one": uncertain("1 to 3"), "other": uncertain("2 to 5")}
    found = simulate(inputs, lambda v: np.maximum(v["one"] - 2, 0) - np.sqrt(v["other"]) / 4, seed=1)
    assert found.smoothed is None
    assert 0 < found.loss.value < 1


def test_a_rare_bend_is_not_taken_for_a_line() -> None:
    """A cap that 1 draw in 1,000 reaches: none of the draws tried first does."""
    inputs = {"users": uncertain("100 to 200"), "cost": uncertain("-1 to 1")}
    cap = 141.42 * (2 ** (3.09 / 3.28971))  # the 99.9 % point of users

    def model(v: Mapping[str, Floats]) -> Floats:
        return np.minimum(v["users"], cap) * (1 + 0.1 * np.square(v["cost"])) - 150

    found = simulate(inputs, model, seed=2)
    assert found.smoothed is None
    assert "users" not in found.slopes


def test_a_falling_line_is_integrated_from_the_other_side() -> None:
    found = simulate({"cost": uncertain("1 to 9")}, lambda v: 5 - v["cost"], seed=1)
    rising = simulate({"gain": uncertain("1 to 9")}, lambda v: v["gain"] - 5, seed=1)
    assert found.loss.value + rising.loss.value == pytest.approx(1, abs=1e-9)
    # ln 1 = 0, ln 9 = 2.1972: P(cost > 5) = 1 - Phi((1.6094 - 1.0986) / 0.66791) = 0.22220
    assert found.loss.value == pytest.approx(0.2222, abs=1e-4)


def test_without_anything_uncertain_there_is_no_spread() -> None:
    found = simulate({"gain": uncertain(5)}, lambda v: v["gain"] - 7, seed=1)
    assert (found.mean.value, found.deviation.value, found.loss.value) == (-2, 0, 1)
    assert found.quantiles[0.05].value == -2


def test_money_by_month_is_discounted_by_the_month() -> None:
    def model(v: Mapping[str, Floats]) -> Floats:
        return np.stack([-1000 + 0 * v["gain"], *[v["gain"]] * 12], axis=1)

    found = simulate({"gain": uncertain("60 to 140")}, model, yearly_rate=0.10, seed=1)
    worth = sum(1.1 ** (-month / 12) for month in range(1, 13))
    assert found.mean.value == pytest.approx(-1000 + worth * mean(uncertain("60 to 140")), rel=1e-6)
    assert found.flows is not None
    assert found.flows.shape == (8192, 13)
    assert present_value(found.flows, 0.10) == pytest.approx(found.net)
    assert discounted(found.flows, 0.10).sum(axis=1) == pytest.approx(found.net)


def test_cash_flows_of_numpy_financial(returns_expected: Any) -> None:
    rows = returns_expected["cashflow_numpy_financial_1.0.0"]
    assert monthly_rate(0.10) == pytest.approx(rows["monthly_rate_from_10pct_annual"], rel=1e-12)
    for name in ("a", "b", "neg", "multi"):
        row = rows[name]
        flows = np.array([row["cashflows"]], dtype=np.float64)
        yearly = 1.1**12 - 1  # so that a period, here a month, earns 10 %
        assert present_value(flows, yearly)[0] == pytest.approx(row["npv_10"], rel=1e-9, abs=1e-9)
        assert payback_month(flows)[0] == pytest.approx(row["payback_periods"] or math.inf)
        assert payback_month(discounted(flows, yearly))[0] == pytest.approx(
            row["discounted_payback_10"] or math.inf, rel=1e-9
        )
        if name == "multi":
            assert math.isnan(internal_rate(flows)[0])  # 10 % and 40 % both: no such figure
        else:
            assert internal_rate(flows)[0] == pytest.approx(row["irr"], rel=1e-9)


def test_a_rate_of_return_needs_money_out_first_and_one_turn() -> None:
    flows = np.array([[0, -10, 0, 11], [10, -11, 0, 0], [-1, -1, -1, 0], [0, 0, 0, 0], [-10, 0, 0, 0.001]])
    found = internal_rate(flows.astype(np.float64))
    assert found[0] == pytest.approx(math.sqrt(1.1) - 1)
    assert np.isnan(found[1:4]).all()
    assert found[4] == pytest.approx(1e-4 ** (1 / 3) - 1)


def test_money_at_its_own_rate_of_return_is_worth_nothing() -> None:
    random = np.random.default_rng(1)
    flows = np.column_stack([-random.uniform(0.1, 500, 2000), random.uniform(0.1, 100, (2000, 12))])
    rates = internal_rate(flows)
    worth = sum(flow / (1 + rates) ** month for month, flow in enumerate(flows.T))
    assert np.abs(worth / np.abs(flows).sum(axis=1)).max() < 1e-12


def test_months_until_it_is_back_with_never() -> None:
    flows = np.array([[-10.0, 4, 4, 4], [-10, 1, 1, 1], [5, 5, 5, 5], [0, -8, 0, 8], [-10, 20, -20, 20]])
    assert payback_month(flows).tolist() == [2.5, math.inf, 0, 3, 0.5]
    chances = by_month(payback_month(flows), 3, 1)
    assert [each.value for each in chances] == [0.4, 0.4, 0.8]  # 0 and 0.5; then 2.5 and 3; one never


def test_quantiles_of_never_are_none() -> None:
    months = np.array([1.0, 2, 3, 4, math.inf, math.inf, math.inf, math.inf])
    half = quantile_of(months, 0.5, 2)
    assert half is not None
    assert half.value == 4
    assert half.error is None  # the half of the draws that says "never" has no quantile
    assert quantile_of(months, 0.75, 1) is None


def test_a_balance_lasts_until_it_is_used_up() -> None:
    flows = np.array([[-4.0, -4, -4], [-1, -1, -1], [-10, 50, 0]])
    assert runway_months(10, flows).tolist() == [3, math.inf, 1]


def test_a_kill_line_once_crossed_stays_crossed() -> None:
    spent = np.array([[10.0, 20, 30], [10, 20, 30]])
    accepted = np.array([[5.0, 9, 50], [5, 15, 50]])
    crossed = kill_line_by_month(spent, accepted, line=20, unless_accepted=10)
    assert crossed.tolist() == [[0, 1, 1], [0, 0, 0]]
    assert average(crossed[:, 1], 1).value == 0.5


def test_a_rate_below_minus_1_is_refused() -> None:
    with pytest.raises(ValueError, match="it must be above -1"):
        present_value(np.array([[1.0]]), -1.0)


@pytest.mark.parametrize("times", [0.5, 3.0, 1e6])
def test_money_in_another_unit_is_the_same_money(times: float) -> None:
    inputs = {"gain": uncertain("1 to 9"), "cost": uncertain("2 to 5")}
    one = simulate(inputs, lambda v: v["gain"] - v["cost"], seed=1, draws=128)
    other = simulate(inputs, lambda v: times * (v["gain"] - v["cost"]), seed=1, draws=128)
    assert other.mean.value == pytest.approx(times * one.mean.value, rel=1e-9)
    assert other.loss.value == pytest.approx(one.loss.value, rel=1e-9)
