"""Expected values: data/returns_expected.json (closed forms), any table of the normal, or by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaincinv, ndtr

from payback.measures.ranges import (
    Shape,
    Uncertain,
    at,
    beta,
    between,
    echo,
    known,
    mean,
    measured,
    median,
    moments,
    pert,
    quantile,
    scores_of,
    share_between,
    uncertain,
)


def test_a_range_of_90_percent_is_a_lognormal_above_0(returns_expected: Any) -> None:
    for row in returns_expected["lognormal_from_90range"]:
        found = uncertain(f"{row['p5']} to {row['p95']}")
        assert found.shape is Shape.LOGNORMAL
        assert found.parameters == pytest.approx((row["mu"], row["sigma"]), rel=1e-9)
        assert moments(found) == pytest.approx((row["mean"], row["sd"]), rel=1e-9)
        assert median(found) == pytest.approx(row["median"], rel=1e-9)
        assert quantile(found, 0.05) == pytest.approx(row["p5"], rel=1e-9)


def test_a_range_that_reaches_0_is_normal() -> None:
    found = uncertain("-10 to 30")
    assert found.shape is Shape.NORMAL
    assert moments(found) == pytest.approx((10, 20 / 1.6448536269514722), rel=1e-12)
    assert uncertain("0 to 5").shape is Shape.NORMAL


def test_pert_has_a_weight_of_4(returns_expected: Any) -> None:
    for row in returns_expected["pert_lambda4"]:
        found = uncertain(f"pert({row['min']}, {row['mode']}, {row['max']})")
        assert found.parameters[:2] == pytest.approx((row["alpha"], row["beta"]), rel=1e-9)
        assert moments(found) == pytest.approx((row["mean"], row["sd"]), rel=1e-9)
        assert quantile(found, 0.05) == pytest.approx(row["p5"], rel=1e-7)
        assert quantile(found, 0.95) == pytest.approx(row["p95"], rel=1e-7)


@pytest.mark.parametrize(("a", "b"), [(40, 12), (1, 1), (0.5, 20.5), (5, 0.5), (4000, 6)])
def test_tabled_beta_quantiles_are_those_of_scipy(a: float, b: float) -> None:
    scores = np.linspace(-4.3, 4.3, 2001)
    exact = betaincinv(a, b, ndtr(scores))
    assert np.abs(at(beta(a, b), scores) - exact).max() < 1e-5 * moments(beta(a, b))[1]
    assert (np.diff(at(beta(a, b), scores)) >= 0).all()


def test_cases_make_a_share_as_sure_as_they_are_many() -> None:
    found = uncertain("17 of 20")
    assert found.parameters == (17.5, 3.5, 0.0, 1.0)  # Jeffreys: half a case each way
    assert mean(found) == pytest.approx(17.5 / 21)


def test_a_range_of_a_share_is_the_beta_through_both_ends() -> None:
    found = uncertain("60 % to 90 %")
    assert found.shape is Shape.BETA
    assert quantile(found, 0.05) == pytest.approx(0.6, abs=1e-6)
    assert quantile(found, 0.95) == pytest.approx(0.9, abs=1e-6)
    assert uncertain("85 %") == Uncertain("85 %", Shape.NUMBER, (0.85,))


@given(st.floats(0.005, 0.97), st.floats(0.003, 0.9))
def test_every_range_of_a_share_comes_back(low: float, wide: float) -> None:
    high = low + wide * (0.995 - low)
    found = share_between(low, high)
    assert quantile(found, 0.05) == pytest.approx(low, abs=1e-4)
    assert quantile(found, 0.95) == pytest.approx(high, abs=1e-4)


def test_a_measured_figure_keeps_its_own_range() -> None:
    found = measured(0.42, 0.33, 0.60)
    assert [quantile(found, share) for share in (0.025, 0.5, 0.975)] == pytest.approx([0.33, 0.42, 0.60])
    even = measured(10.0, 10.0 / 1.5, 15.0)  # even in logarithms: a plain lognormal
    sigma = math.log(1.5) / 1.959963984540054
    assert moments(even) == pytest.approx(
        (10 * math.exp(sigma**2 / 2), 10 * math.exp(sigma**2 / 2) * math.sqrt(math.expm1(sigma**2))), rel=1e-9
    )
    loss = measured(-5.0, -10.0, 20.0, level=0.90)
    assert quantile(loss, 0.95) == pytest.approx(20.0)


def test_a_measured_share_stays_between_0_and_1() -> None:
    found = measured(0.95, 0.80, 0.99, share=True)
    values = at(found, np.linspace(-8, 8, 99))
    assert values.min() > 0
    assert values.max() < 1
    assert quantile(found, 0.975) == pytest.approx(0.99)


SHAPES = ["200 to 800", "-5 to 5", "pert(2, 5, 14)", "beta(40, 12)", "17 of 20", "60 % to 90 %"]


@pytest.mark.parametrize(
    "what",
    [*map(uncertain, SHAPES), measured(5, 3, 9), measured(0.9, 0.7, 0.95, share=True), measured(1, -1, 9)],
)
def test_scores_are_values_backwards(what: Uncertain) -> None:
    scores = np.linspace(-4, 4, 201)
    assert scores_of(what, at(what, scores)) == pytest.approx(scores, abs=1e-5)
    assert not np.isnan(scores_of(what, np.array([-1e9, 0.0, 1.0, 1e9]))).any()


def test_what_was_understood_is_echoed() -> None:
    assert echo(uncertain("200 to 800")) == "200 to 800: median 400, mean 437 (lognormal)"
    assert echo(uncertain("-5 to 5")) == "-5 to 5: median 0, mean 0 (normal: it may be below 0)"
    assert echo(uncertain(12)) == "12: taken as known"
    assert echo(uncertain("pert(2, 5, 14)")).endswith("mean 6.00 (PERT)")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("800 to 200", '800 to 200 runs backwards: write "200 to 800"'),
        ("many", "'many' is not a number: write digits with a decimal point"),
        (
            "pert(5, 2, 14)",
            "pert(5, 2, 14) is impossible: write pert(least, likely, most), in rising order",
        ),
        (
            "pert(5, 5, 5)",
            "pert(5, 5, 5) is impossible: write pert(least, likely, most), in rising order",
        ),
        ("pert(2, 14)", "pert(2, 14) is incomplete: write pert(2, 5, 14)"),
        ("beta(40)", "beta(40) is incomplete: write beta(40, 12)"),
        ("beta(0, 12)", "beta(0, 12) is impossible: both numbers must be above 0"),
        ("beta(1 to 2, 12)", "beta(1 to 2, 12) has a range within: write plain numbers"),
        ("21 of 20", "21 of 20 is impossible: write the part first, then how many there were"),
        ("0 of 0", "0 of 0 is impossible: write the part first, then how many there were"),
        (
            "60 % to 100 %",
            "60 % to 100 % is impossible: a range of a share rises and lies between 0 % and 100 %, both left out",
        ),
    ],
)
def test_the_impossible_is_refused(written: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        uncertain(written)
    assert str(refused.value) == message


def test_a_measured_figure_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="takes a range with two ends"):
        measured(5.0, 3.0, math.inf)
    with pytest.raises(ValueError, match="how many of how many"):
        measured(1.0, 0.8, 1.0, share=True)
    with pytest.raises(ValueError, match="is no range"):
        between(5, 5)


def test_a_number_is_known() -> None:
    assert uncertain("12.5") == Uncertain("12.5", Shape.NUMBER, (12.5,))
    assert uncertain("4 to 4").is_known
    assert moments(known(3)) == (3, 0)
    assert measured(2.0, 2.0, 2.0).is_known
    assert pert(0, 0, 1).parameters[:2] == (1, 5)
