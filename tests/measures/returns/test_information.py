"""Expected values: nested simulation, R mgcv and closed forms (data/README.md), or by hand."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from payback.measures.draws import Dependence, Draws, Together, draw
from payback.measures.estimate import Floats
from payback.measures.ranges import between, moments, uncertain
from payback.measures.returns.information import (
    break_evens,
    everything_known,
    group_known,
    learned,
    more_cases,
    more_measured,
    more_of_a_mean,
    normal_worth,
    one_at_a_time,
    one_known,
    worth,
)
from payback.measures.returns.simulation import simulate

SAMPLE = Path(__file__).parent.parent / "data" / "evppi_sample.csv"
WIDE = 2 * 1.6448536269514722  # of a 90 % range, in standard deviations


@pytest.fixture(scope="module")
def sample() -> dict[str, Floats]:
    with SAMPLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def test_each_input_is_worth_what_mgcv_and_nested_draws_say(
    sample: Mapping[str, Floats], returns_expected: Any
) -> None:
    net = sample["net_benefit"]
    inputs = {name: values for name, values in sample.items() if name != "net_benefit"}
    alone = Dependence(np.eye(len(inputs)), np.eye(len(inputs)), 0.0)
    found = worth(net, Draws(inputs, tuple(inputs), {}, 1, 0, alone))
    everything = returns_expected["evppi_evpi_first4096"]
    assert found.everything.value == pytest.approx(everything, rel=1e-9)
    for each in found.inputs:
        for source in ("evppi_nested", "evppi_mgcv_first4096"):
            assert abs(each.value - returns_expected[source][each.name]) < 0.01 * everything
        plain, floor = one_known(net, inputs[each.name])
        assert abs(plain - returns_expected["evppi_nested"][each.name]) < 0.01 * everything
        assert floor <= plain
    assert [each.name for each in found.inputs[:3]] == ["minutes", "users", "tasks"]
    assert [each.name for each in found.inputs if not each.told] == ["rework", "cost"]


def test_normal_returns_are_worth_the_closed_forms(returns_expected: Any) -> None:
    for row in returns_expected["evpi_normal_two_actions"]:
        mean, one, other = row["mu"], row["s1"], row["s2"]
        assert normal_worth(mean, math.hypot(one, other)) == pytest.approx(row["evpi"], rel=1e-9)
        assert normal_worth(mean, one) == pytest.approx(row["evppi_x1"], rel=1e-9)
        assert normal_worth(mean, other) == pytest.approx(row["evppi_x2"], rel=1e-9)
        for more in row["evsi_x1_n"]:
            known = learned(one, more["noise_sd"], more["n"])
            assert normal_worth(mean, known) == pytest.approx(more["evsi"], rel=1e-6)


@pytest.mark.parametrize("mean", [10.0, -15.0])
def test_drawn_returns_come_to_the_closed_forms(mean: float) -> None:
    drawn = draw(
        {"one": _normal(mean, 30), "other": _normal(0, 20), "noise": _normal(0, 1)}, seed=2, draws=16384
    )
    net = drawn.values["one"] + drawn.values["other"]
    everything = normal_worth(mean, math.hypot(30, 20))
    assert everything_known(net, 8).value == pytest.approx(everything, rel=0.003)
    found = {each.name: each for each in worth(net, drawn).inputs}
    assert found["one"].value == pytest.approx(normal_worth(mean, 30), abs=0.01 * everything)
    assert found["other"].value == pytest.approx(normal_worth(mean, 20), abs=0.01 * everything)
    assert not found["noise"].told
    for cases in (5, 20, 80):
        observed = drawn.values["one"] + 100 / math.sqrt(cases) * drawn.values["noise"]
        expected = normal_worth(mean, learned(30, 100, cases))
        assert more_measured(net, drawn.values["one"], observed) == pytest.approx(
            expected, abs=0.01 * everything
        )


def test_a_straight_line_is_not_fitted_but_known() -> None:
    inputs = {"one": _normal(10, 30), "other": _normal(0, 20)}
    found = simulate(inputs, lambda v: v["one"] + 2 * v["other"], seed=4)
    assert found.slopes == pytest.approx({"one": 1, "other": 2})
    known = worth(found.net, found.draws, slopes=found.slopes, mean=found.mean.value)
    everything = normal_worth(10, 50)
    for each, spread in zip(known.inputs, (40, 30), strict=True):
        assert each.value == pytest.approx(normal_worth(10, spread), abs=0.002 * everything)
        assert each.floor == pytest.approx(each.value, abs=0.03 * everything)


def _normal(mean: float, deviation: float) -> Any:
    return (
        between(mean - WIDE / 2 * deviation, mean + WIDE / 2 * deviation)
        if mean < WIDE / 2 * deviation
        else None
    )


def test_more_cases_of_a_share_are_worth_what_an_exact_sum_says() -> None:
    """Uniform share p, net p - 0.6. Of n cases, k accepted: each k has chance 1/(n+1), mean share (k+1)/(n+2)."""
    drawn = draw({"share": uncertain("beta(1, 1)"), "else": uncertain("-1 to 1")}, seed=1)
    net = drawn.values["share"] - 0.6 + 0.1 * drawn.values["else"]
    for cases in (1, 10, 100):
        exact = sum(max((k + 1) / (cases + 2) - 0.6, 0.0) for k in range(cases + 1)) / (cases + 1)
        assert more_cases(net, drawn.values["share"], cases) == pytest.approx(exact, abs=0.001)
    # all shares known: the integral of p - 0.6 from 0.6 to 1 is 0.08
    assert more_cases(net, drawn.values["share"], 20000) == pytest.approx(0.08, abs=0.001)


def test_more_cases_are_never_worth_less() -> None:
    drawn = draw({"share": uncertain("17 of 20")}, seed=1)
    net = drawn.values["share"] - 0.8
    worths = [more_cases(net, drawn.values["share"], cases) for cases in (0, 1, 5, 25, 125)]
    assert worths[0] == pytest.approx(0, abs=1e-12)
    assert worths == sorted(worths)
    assert worths[-1] <= everything_known(net, 8).value


EIGHT = {
    "users": "200 to 800",
    "tasks": "10 to 30",
    "accept": "beta(40, 12)",
    "minutes": "4 to 15",
    "wage": "0.7 to 1.3",
    "cost": "0.05 to 0.6",
    "rework": "2 to 8",
    "fixed": "15000 to 60000",
}


def of_eight(v: Mapping[str, Floats]) -> Floats:
    """The return of evppi_sample.csv (least squares on it gives these numbers)."""
    freed = v["accept"] * v["minutes"] * v["wage"] - (1 - v["accept"]) * v["rework"] * v["wage"] - v["cost"]
    return 3 * v["users"] * v["tasks"] * freed - v["fixed"] - 60_000


def test_a_group_of_inputs_is_worth_what_mgcv_says(
    sample: Mapping[str, Floats], returns_expected: Any
) -> None:
    inputs = {name: values for name, values in sample.items() if name != "net_benefit"}
    drawn = Draws(inputs, tuple(inputs), {}, 1, 0, Dependence(np.eye(8), np.eye(8), 0.0))
    everything = returns_expected["evppi_evpi_first4096"]
    found = group_known(sample["net_benefit"], drawn, ["minutes", "users", "tasks"])
    expected = returns_expected["evppi_mgcv_first4096"]["users+tasks+minutes(te k=4)"]
    assert found.names == ("users", "tasks", "minutes")
    assert found.value == pytest.approx(expected, abs=0.01 * everything)
    assert 0.95 * found.value < found.floor < found.value
    assert not found.exact
    whole = group_known(sample["net_benefit"], drawn, list(inputs))
    assert whole.value == pytest.approx(everything)
    assert whole.share == pytest.approx(1)


def test_a_group_is_not_fitted_where_the_others_are_straight_lines(returns_expected: Any) -> None:
    """Alone, inputs are worth what nested draws say; in groups, what random draws of our own say."""
    inputs = {name: uncertain(written) for name, written in EIGHT.items()}
    found = simulate(inputs, of_eight, seed=3)
    everything = everything_known(found.net, 8).value
    exact: dict[str, Any] = {"inputs": inputs, "model": of_eight, "straight": found.slopes}
    for name, nested in returns_expected["evppi_nested"].items():
        alone = group_known(found.net, found.draws, [name], **exact)
        assert alone.exact
        assert alone.value == pytest.approx(nested, abs=0.01 * everything)
    random = np.random.default_rng(1)
    for group in (("minutes", "rework"), ("users", "tasks", "minutes"), ("accept", "minutes", "wage")):
        values = {name: np.full(200_000, moments(each)[0]) for name, each in inputs.items()}
        for name in group:
            one, other = inputs[name].parameters[:2]
            drawn = random.beta if name == "accept" else random.lognormal
            values[name] = drawn(one, other, 200_000)
        given = of_eight(values)
        truth = np.maximum(given, 0).mean() - max(given.mean(), 0)
        known = group_known(found.net, found.draws, group, **exact)
        assert known.value == pytest.approx(truth, abs=0.01 * everything)
        fitted = group_known(found.net, found.draws, group)
        assert not fitted.exact
        assert fitted.value == pytest.approx(truth, abs=0.02 * everything)


def test_groups_of_normal_inputs_are_worth_the_closed_form() -> None:
    inputs = {
        name: _normal(mean, spread) for name, mean, spread in (("a", 10, 30), ("b", 0, 20), ("c", 0, 25))
    }
    drawn = draw(inputs, seed=2)
    net = drawn.values["a"] + drawn.values["b"] + drawn.values["c"]
    everything = normal_worth(10, math.hypot(30, 20, 25))
    found = group_known(net, drawn, ["a", "b"])
    assert found.value == pytest.approx(normal_worth(10, math.hypot(30, 20)), abs=0.01 * everything)
    with pytest.raises(KeyError, match="d"):
        group_known(net, drawn, ["a", "d"])


def test_a_group_of_inputs_that_move_together_is_fitted_to_the_return_itself() -> None:
    """Of one + other knowing one, with correlation r: the spread known is s_one + r s_other."""
    inputs = {"one": _normal(10, 30), "other": _normal(0, 20)}
    drawn = draw(inputs, [Together("one", "other", 0.5)], seed=1)
    net = drawn.values["one"] + drawn.values["other"]
    normal = 2 * math.sin(math.pi * 0.5 / 6)
    found = group_known(net, drawn, ["one"], inputs=inputs, model=None, straight=("one", "other"))
    assert not found.exact
    assert found.value == pytest.approx(normal_worth(10, 30 + normal * 20), rel=0.02)


@pytest.mark.parametrize(("cases", "tolerance"), [(5, 0.03), (20, 0.02), (80, 0.02)])
def test_more_of_a_mean_with_small_noise_comes_to_the_normal_form(cases: int, tolerance: float) -> None:
    """A mean near 1,000 known to 30; a tenth of it is noise of about 100 (the notes' vector, 5.41 for 20)."""
    drawn = draw(
        {"minutes": between(1000 - WIDE / 2 * 30, 1000 + WIDE / 2 * 30), "b": _normal(0, 20)}, seed=1
    )
    mean = drawn.values["minutes"]
    net = mean - mean.mean() + 10 + drawn.values["b"]
    expected = normal_worth(10, learned(30, 100, cases))
    assert more_of_a_mean(net, mean, 0.1, cases) == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize(("cases", "variation"), [(4, 1.0), (10, 0.8), (40, 0.5)])
def test_more_of_a_mean_is_worth_what_simulated_measuring_is(cases: int, variation: float) -> None:
    drawn = draw({"minutes": uncertain("4 to 15"), "cost": uncertain("6 to 9")}, seed=2, draws=65_536)
    minutes = drawn.values["minutes"]
    net = minutes - drawn.values["cost"]
    shape = cases / variation**2
    seen = minutes * np.random.default_rng(4).gamma(shape, 1 / shape, len(minutes))
    assert more_of_a_mean(net, minutes, variation, cases) == pytest.approx(
        more_measured(net, minutes, seen), rel=0.03
    )


def test_more_of_a_mean_rises_to_the_worth_of_the_input() -> None:
    drawn = draw({"minutes": uncertain("4 to 15"), "cost": uncertain("6 to 9")}, seed=2)
    net = drawn.values["minutes"] - drawn.values["cost"]
    worths = [more_of_a_mean(net, drawn.values["minutes"], 0.5, cases) for cases in (1, 5, 50, 5000, 10**8)]
    assert worths == sorted(worths)
    assert worths[-1] == pytest.approx(one_known(net, drawn.values["minutes"])[0], rel=0.005)


@pytest.mark.parametrize(
    ("variation", "cases", "low"), [(0.0, 5, "4 to 15"), (0.5, 0, "4 to 15"), (0.5, 5, "-1 to 1")]
)
def test_a_mean_that_cannot_be_measured_so_is_refused(variation: float, cases: int, low: str) -> None:
    values = draw({"minutes": uncertain(low)}, seed=1, draws=64).values["minutes"]
    with pytest.raises(ValueError, match="takes a mean, a variation and a number of cases above 0"):
        more_of_a_mean(values, values, variation, cases)


def test_inputs_that_move_together_tell_of_each_other() -> None:
    inputs = {"one": between(-40.0, 50.0), "other": between(-1.0, 1.0)}
    drawn = draw(inputs, [Together("one", "other", 0.9)], seed=1)
    found = {each.name: each for each in worth(drawn.values["one"], drawn).inputs}
    spread = moments(inputs["one"])[1]
    normal = 2 * math.sin(math.pi * 0.9 / 6)
    assert found["other"].value == pytest.approx(normal_worth(5, normal * spread), rel=0.02)


MODEL_INPUTS = {"gain": uncertain("4 to 25"), "cost": uncertain("6 to 9"), "fee": uncertain(1)}


def net_of(v: Mapping[str, Floats]) -> Floats:
    return v["gain"] - v["cost"] - v["fee"]


def test_break_even_of_each_input_by_hand() -> None:
    """Medians: gain 10, cost sqrt(54) = 7.348. Gain breaks even at 8.348; cost at 9."""
    gain, cost = break_evens(MODEL_INPUTS, net_of)
    assert gain.value == pytest.approx(math.sqrt(54) + 1, rel=1e-6)
    # (ln 8.3485 - ln 10) / (ln 6.25 / 3.28971) = -0.32399: 37.30 %
    assert gain.chance == pytest.approx(0.3730, abs=1e-4)
    assert cost.value == pytest.approx(9.0, rel=1e-6)
    assert cost.chance == pytest.approx(0.05, abs=1e-6)


def test_an_input_that_never_turns_the_return_has_no_break_even() -> None:
    assert break_evens({"gain": uncertain("4 to 25")}, lambda v: v["gain"] + 1) == ()
    assert break_evens({"gain": uncertain(4)}, lambda v: v["gain"] - 4) == ()


def test_the_tornado_by_hand() -> None:
    gain, cost = one_at_a_time(MODEL_INPUTS, net_of)
    middle = math.sqrt(54)
    assert (gain.net_at_low, gain.net_at_high) == pytest.approx((4 - middle - 1, 25 - middle - 1))
    assert (cost.net_at_low, cost.net_at_high) == pytest.approx((3, 0), abs=1e-9)
    assert (gain.low, gain.high) == pytest.approx((4, 25))
    assert gain.flips
    assert not one_at_a_time({"gain": uncertain("4 to 25")}, lambda v: v["gain"] + 1)[0].flips


def test_knowing_is_worth_nothing_where_nothing_can_be_lost() -> None:
    drawn = draw({"gain": uncertain("4 to 25")}, seed=1)
    found = worth(drawn.values["gain"], drawn)
    assert found.everything.value == 0
    assert [each.told for each in found.inputs] == [False]
    assert found.inputs[0].share == 0
