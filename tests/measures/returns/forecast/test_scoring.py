"""Scores of forecasts: vectors of scoringrules 0.10.0 and properscoring 0.1, sums by hand, and what must hold."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from payback.measures import ranges
from payback.measures.returns.forecast import scoring
from payback.records import Unknown

MANY = settings(max_examples=25, deadline=None, derandomize=True)
SAID = (0.1, 0.5, 0.9, 0.8, 0.3)
CAME = (False, True, True, False, False)
DRAWS = np.array([90.0, 100.0, 105.0, 120.0, 160.0])


def test_the_worked_numbers_in_the_code_come_out() -> None:
    failed, tried = doctest.testmod(scoring)
    assert (failed, tried > 3) == (0, True)


def test_chances() -> None:
    """By hand: squares .01 .25 .01 .64 .09 are 1; logs of .9 .5 .9 .2 .7 sum to -2.8699811."""
    assert np.mean([scoring.brier(*each) for each in zip(SAID, CAME, strict=True)]) == pytest.approx(0.2)
    mean = np.mean([scoring.log_score(*each) for each in zip(SAID, CAME, strict=True)])
    assert mean == pytest.approx(0.5739962136496862, rel=1e-12)


def test_what_was_said_to_be_impossible_scores_without_limit() -> None:
    assert scoring.log_score(0.0, True) == math.inf
    assert scoring.log_score(1.0, False) == math.inf
    assert scoring.log_score(1.0, True) == 0


def test_amounts_against_other_programs() -> None:
    """scoringrules 0.10.0 (crps_ensemble, crps_normal, crps_lognormal), properscoring 0.1 for the first."""
    assert scoring.crps_of_draws(DRAWS, 130) == pytest.approx(14.2, rel=1e-12)
    assert scoring.crps_of_draws(DRAWS, 130, fair=True) == pytest.approx(11.0, rel=1e-12)
    assert scoring.crps_of_normal(100, 20, 130) == pytest.approx(19.88848007954906, rel=1e-12)
    assert scoring.crps_of_lognormal(4.6, 0.4, 130) == pytest.approx(17.690080619931344, rel=1e-12)


def test_intervals_against_another_program() -> None:
    """scoringrules 0.10.0: width 45, and 5 outside at 20 each."""
    assert scoring.interval_score(80, 125, 130) == pytest.approx(145.0)
    assert scoring.interval_score(80, 125, 100) == pytest.approx(45.0)
    assert scoring.interval_score(80, 125, 79) == pytest.approx(65.0)


@pytest.mark.parametrize(
    ("shares", "values", "came", "score"),
    [
        ((0.0, 1.0), (0.0, 10.0), 5.0, 10 / 12),  # two times the integral of (x/10)^2 from 0 to 5
        ((0.0, 1.0), (0.0, 10.0), 20.0, 10 / 3 + 10),  # that of 0 to 10, and 10 beyond it
        ((0.0, 1.0), (0.0, 10.0), -4.0, 10 / 3 + 4),
        ((0.05, 0.95), (0.0, 10.0), 0.0, 10 * (0.95**2 + 0.95 * 0.05 + 0.05**2) / 3),
        ((0.5,), (10.0,), 13.0, 3.0),  # one number: the distance
    ],
)
def test_quantiles_by_hand(
    shares: tuple[float, ...], values: tuple[float, ...], came: float, score: float
) -> None:
    assert scoring.crps_of_quantiles(shares, values, came) == pytest.approx(score, rel=1e-12)


@pytest.mark.parametrize("came", [20.0, 95.0, 130.0, 300.0])
def test_many_quantiles_are_the_distribution(came: float) -> None:
    shares = (np.arange(20_000) + 0.5) / 20_000
    normal = scoring.crps_of_quantiles(list(shares), list(100 + 20 * ndtri(shares)), came)
    assert normal == pytest.approx(scoring.crps_of_normal(100, 20, came), rel=1e-5)


def test_a_range_is_scored_as_what_it_stands_for() -> None:
    """200 to 800 is the lognormal of median 400; -100 to 300 the normal of mean 100; a share its beta."""
    spread = math.log(4) / (2 * ranges.NINETY)
    assert scoring.crps(ranges.between(200, 800), 500) == scoring.crps_of_lognormal(
        math.log(400), spread, 500
    )
    assert scoring.crps(ranges.between(-100, 300), 500) == pytest.approx(
        scoring.crps_of_normal(100, 200 / ranges.NINETY, 500)
    )
    assert scoring.crps(ranges.known(4), 10) == 6
    drawn = np.random.default_rng(1).beta(40, 12, 4000)
    assert scoring.crps(ranges.beta(40, 12), 0.7) == pytest.approx(
        scoring.crps_of_draws(drawn, 0.7), abs=2e-3
    )


def test_a_lognormal_gives_nothing_to_zero_and_below() -> None:
    """At 0 the score is E|X| - E|X - X'|/2, which draws give as well."""
    drawn = np.exp(np.random.default_rng(2).normal(1, 0.5, 20_000))
    assert scoring.crps_of_lognormal(1, 0.5, 0.0) == pytest.approx(
        scoring.crps_of_draws(drawn, 0.0), rel=0.02
    )


def test_the_true_distribution_scores_best_on_average() -> None:
    came = np.random.default_rng(3).normal(100, 20, 4000)

    def mean(centre: float, spread: float) -> float:
        return float(np.mean([scoring.crps_of_normal(centre, spread, float(y)) for y in came]))

    true = mean(100, 20)
    assert true < min(mean(110, 20), mean(90, 20), mean(100, 10), mean(100, 40))
    assert true == pytest.approx(20 / math.sqrt(math.pi), rel=0.03)  # the mean score of the right normal


@MANY
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.floats(-1e6, 1e6),
)
def test_draws_score_the_double_sum(draws: list[float], came: float) -> None:
    """The sorted form is the definition."""
    values = np.array(draws)
    plain = np.abs(values - came).mean() - np.abs(values[:, None] - values).mean() / 2
    assert scoring.crps_of_draws(values, came) == pytest.approx(plain, abs=1e-6)


def test_hits_have_wilsons_range() -> None:
    """17 of 20: statsmodels 0.15.0."""
    found = scoring.hit_rate(17, 20)
    assert isinstance(found, scoring.Hits)
    assert (found.share, round(found.low, 4), round(found.high, 4)) == (0.85, 0.6396, 0.9476)
    assert isinstance(scoring.hit_rate(0, 0), Unknown)


def test_the_shape_needs_twenty() -> None:
    assert isinstance(scoring.shape([0.5] * 19), Unknown)
    assert scoring.shape([0.05] * 15 + [0.95] * 4 + [1.0]) == (15, 0, 0, 0, 0, 0, 0, 0, 0, 5)


def test_where_the_truth_falls_is_even_for_a_right_forecast() -> None:
    came = np.random.default_rng(4).normal(0, 1, 4000)
    law = ranges.between(-ranges.NINETY, ranges.NINETY)
    found = scoring.shape([scoring.place_of(law, float(each)) for each in came])
    assert isinstance(found, tuple)
    assert all(340 < each < 460 for each in found)  # 400 each, give or take three deviations of 19


def test_places_among_quantiles() -> None:
    assert scoring.place_among((0.05, 0.5, 0.95), (10, 20, 60), 40) == pytest.approx(0.725)
    assert scoring.place_among((0.05, 0.5, 0.95), (10, 20, 60), 5) == 0
    assert scoring.place_among((0.05, 0.5, 0.95), (10, 20, 60), 61) == 1
