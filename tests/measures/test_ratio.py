from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payback.measures.estimate import Floats, Range
from payback.measures.ratio import (
    fieller_g,
    hill_index,
    log_delta,
    ratio_interval,
    reach,
    relative_error,
    union,
)
from payback.records import Unknown


def some_clusters(count: int, seed: int = 1, spread: float = 1.0) -> tuple[Floats, Floats]:
    """Cost and accepted of `count` clusters of 1 to 12 tasks."""
    generator = np.random.default_rng(seed)
    size = generator.integers(1, 13, count)
    return np.exp(spread * generator.normal(size=count)) * size, generator.binomial(size, 0.65).astype(float)


def found(x: Floats, y: Floats) -> Range:
    made = ratio_interval(x, y)
    assert isinstance(made, Range), made
    return made


@pytest.mark.parametrize("arm", ["champion", "challenger"])
def test_log_delta_and_fieller_g_equal_the_stored_vectors(pairs: Any, expected: Any, arm: str) -> None:
    want = expected["cost_per_accepted"][arm]
    x, y = pairs.cost[arm], pairs.accepted[arm]
    assert x.sum() / y.sum() == pytest.approx(want["ratio"], rel=1e-9)
    assert relative_error(x, y) * want["ratio"] == pytest.approx(want["se_delta_cluster"], rel=1e-9)
    assert log_delta(x, y) == pytest.approx(tuple(want["ci_logdelta_t"]), rel=1e-9)
    assert fieller_g(y) == pytest.approx(want["fieller_g"], rel=1e-9)


def test_by_hand() -> None:
    # Parts x/X - y/Y: 0, -0.1, -0.05, 0.25, -0.1; se = sqrt(5/4 * 0.085) = 0.32596; t(4) = 2.77645
    x, y = np.array([2.0, 4, 3, 9, 2]), np.array([1.0, 3, 2, 2, 2])
    made = found(x, y)
    assert made.method == "costliest-case"
    assert made.low == pytest.approx(2 * math.exp(-2.7764451 * 0.3259601), rel=1e-6)
    assert made.high == pytest.approx(2 * math.exp(2.7764451 * (0.3259601 + 0.25)), rel=1e-6)


def test_the_champion_has_room_above_log_delta_and_bca(pairs: Any, expected: Any) -> None:
    want = expected["cost_per_accepted"]["champion"]
    made = found(pairs.cost["champion"], pairs.accepted["champion"])
    assert made.low == pytest.approx(want["ci_logdelta_t"][0], rel=1e-9)
    assert made.high is not None
    assert want["ci_logdelta_t"][1] <= made.high < 1.1 * want["ci_bca_99999"][1]


def test_reach_has_no_room_downwards() -> None:
    parts = np.array([-0.5, 0.1, 0.1, 0.1, 0.2])
    below, above = reach(parts, parts)(2.0)
    assert above - below == pytest.approx(2 * 0.2)
    assert reach(parts, -np.abs(parts))(2.0) == (below, below)
    assert reach(parts, parts, added=0.3)(2.0)[0] == pytest.approx(2 * math.hypot(below / 2, 0.3))


def test_bands_lie_within_one_another() -> None:
    made = found(*some_clusters(40))
    (half, low50, high50), (most, low80, high80) = made.bands
    assert (half, most) == (0.5, 0.8)
    assert made.low is not None
    assert made.high is not None
    assert made.low < low80 < low50 < high50 < high80 < made.high


def test_the_order_of_clusters_changes_nothing() -> None:
    x, y = some_clusters(40)
    other = np.random.default_rng(0).permutation(40)
    assert found(x, y) == found(x[other], y[other])


@given(st.integers(5, 60), st.integers(0, 10**6), st.floats(0.001, 1000))
@settings(max_examples=25, deadline=None)
def test_scaling_cost_scales_the_range(count: int, seed: int, factor: float) -> None:
    x, y = some_clusters(count, seed)
    if y.sum() == 0:
        return
    once, scaled = (ratio_interval(cost, y) for cost in (x, x * factor))
    if isinstance(once, Unknown) or isinstance(scaled, Unknown):
        assert once == scaled
        return
    assert scaled.low == pytest.approx(factor * (once.low or 0), rel=1e-8)
    assert (scaled.high is None) == (once.high is None)
    if once.high is not None:
        assert scaled.high == pytest.approx(factor * once.high, rel=1e-8)


def test_four_clusters_give_no_range() -> None:
    assert isinstance(ratio_interval(np.arange(1.0, 5), np.ones(4)), Unknown)


def test_one_price_for_every_outcome_gives_no_range_but_a_reason() -> None:
    made = ratio_interval(np.array([2.0, 4, 6, 2, 4]), np.array([1.0, 2, 3, 1, 2]))
    assert isinstance(made, Unknown)
    assert "no spread" in made.reason


def test_credits_that_cancel_the_cost_give_no_range() -> None:
    made = ratio_interval(np.array([5.0, -5, 1, -1, 0]), np.ones(5))
    assert isinstance(made, Unknown)


def test_a_credit_in_one_cluster_is_no_obstacle() -> None:
    x, y = some_clusters(40)
    x[3] = -0.5
    assert found(x, y).low is not None


def test_few_accepted_give_no_upper_limit() -> None:
    x, _ = some_clusters(15)
    few = np.zeros(15)
    few[:2] = 1
    made = found(x, few)
    assert fieller_g(few) >= 1
    assert made.high is None
    assert made.bands == ()
    assert made.low is not None
    assert 0 < made.low < x.sum() / 2


def test_one_cluster_with_nearly_all_cost_gives_no_upper_limit_and_says_why() -> None:
    x, y = some_clusters(15)
    x[0] = 50 * x.sum()
    made = found(x, np.maximum(y, 1))
    assert made.high is None
    assert any("98 %" in note for note in made.notes)


def test_an_average_that_does_not_exist_is_refused() -> None:
    x = (1 - np.random.default_rng(4).random(400)) ** (-1 / 0.4)  # Pareto 0.4: no mean
    index = hill_index(x)
    assert index == pytest.approx(0.4, abs=0.15)
    made = ratio_interval(x, np.ones(400))
    assert isinstance(made, Unknown)
    assert "no average holds" in made.reason


def test_hill_index_by_hand() -> None:
    x = np.concatenate([np.full(90, 1.0), np.full(10, math.e)])  # log(e / 1) = 1 for each of the ten
    assert hill_index(x) == pytest.approx(1)
    assert hill_index(x[:50]) is None


def test_union_reaches_over_both() -> None:
    low, high = found(*some_clusters(40)), found(*some_clusters(40, 2, 1.8))
    both = union(high, low)
    assert isinstance(both, Range)
    assert both.low == min(low.low or 0, high.low or 0)
    assert both.high == max(low.high or 0, high.high or 0)
    assert isinstance(union(low, Unknown("why")), Unknown)
