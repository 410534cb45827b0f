from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from payback.measures.delivery.comparison import (
    acceptance_difference,
    clustered_difference,
    cost_difference,
    mcnemar,
    reversals,
)
from payback.measures.estimate import Estimate, Floats, Range, student
from payback.records import Unknown


def found(made: Estimate | Unknown) -> tuple[float, Range]:
    assert isinstance(made, Estimate), made
    assert isinstance(made.range, Range), made.range
    return made.value, made.range


def test_difference_and_error_equal_inspect(pairs: Any, expected: Any) -> None:
    want = expected["acceptance_paired_cases"]["diff"]
    difference = pairs.accepted["challenger"] - pairs.accepted["champion"]
    mean, error = clustered_difference(pairs.n, difference)
    assert mean == pytest.approx(want["mean"], rel=1e-9)
    assert error == pytest.approx(want["se_cluster_inspect"], rel=1e-9)
    assert mean - student(40, 0.95) * error == pytest.approx(want["ci_t_cluster_inspect"]["lower"], rel=1e-9)
    assert mean - student(40, 0.90) * error == pytest.approx(
        expected["noninferiority_paired"]["one_sided_95_lower"], rel=1e-9
    )


def test_acceptance_difference_is_near_the_t_interval_where_many_tasks_differ(
    pairs: Any, expected: Any
) -> None:
    value, limits = found(
        acceptance_difference(pairs.n, pairs.accepted["challenger"] - pairs.accepted["champion"])
    )
    want = expected["acceptance_paired_cases"]["diff"]["ci_t_cluster_inspect"]
    assert value == pytest.approx(0.0198019802, abs=1e-9)
    assert (limits.low, limits.high) == pytest.approx((want["lower"], want["upper"]), abs=0.005)


def test_where_no_task_differs_the_range_still_has_a_width() -> None:
    # 40 tasks alone, none apart: two added tasks, +1 and -1: se = sqrt(42/41 * 2) / 42, t(39) = 2.0227
    value, limits = found(acceptance_difference(np.ones(40), np.zeros(40)))
    half = 2.022690920036762 * np.sqrt(42 / 41 * 2) / 42
    assert value == 0
    assert (limits.low, limits.high) == pytest.approx((-half, half), rel=1e-9)


def test_cheaper_on_the_same_tasks(pairs: Any) -> None:
    difference = pairs.cost["challenger"] - pairs.cost["champion"]
    value, limits = found(cost_difference(pairs.n, difference))
    assert value == pytest.approx((31.859243 - 51.080844) / 202, rel=1e-9)
    assert limits.high is not None
    assert limits.high < 0
    again = np.random.default_rng(1).permutation(len(difference))
    assert cost_difference(pairs.n[again], difference[again]) == cost_difference(pairs.n, difference)


def test_one_saving_in_every_group_shows_no_spread() -> None:
    made = cost_difference(np.array([1.0, 2, 3, 1, 2]), -0.5 * np.array([1.0, 2, 3, 1, 2]))
    assert isinstance(made, Estimate)
    assert made.value == -0.5
    assert isinstance(made.range, Unknown)


def test_no_common_task_is_unknown() -> None:
    assert isinstance(acceptance_difference(np.zeros(3), np.zeros(3)), Unknown)
    assert isinstance(cost_difference(np.zeros(3), np.zeros(3)), Unknown)


def test_four_groups_are_too_few() -> None:
    made = acceptance_difference(np.ones(4), np.array([1.0, 0, -1, 1]))
    assert isinstance(made, Estimate)
    assert isinstance(made.range, Unknown)


@pytest.mark.parametrize(
    ("only_first", "only_second", "chance"),
    [(8, 4, 0.3876953125), (4, 8, 0.3876953125), (0, 0, 1.0), (5, 5, 1.0), (0, 6, 0.03125)],
    ids=["statsmodels", "mirrored", "none", "even", "by-hand-2/64"],
)
def test_mcnemar(only_first: int, only_second: int, chance: float) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(chance, rel=1e-12)


def segment(wins: int, losses: int, ties: int) -> tuple[Floats, Floats]:
    difference = np.array([1.0] * wins + [-1.0] * losses + [0.0] * ties)
    return np.ones(len(difference)), difference


def test_a_segment_that_goes_against_the_whole_is_named() -> None:
    segments = {"english": segment(60, 10, 130), "german": segment(2, 30, 68), "short": segment(5, 7, 20)}
    found_reversals = reversals(0.05, segments)
    assert [each.segment for each in found_reversals] == ["german"]
    assert reversals(-0.05, segments)[0].segment == "english"
    assert reversals(0.0, segments) == ()


def test_a_segment_that_costs_more_is_named() -> None:
    draw = np.random.default_rng(3)
    segments = {
        "short": (np.ones(50), draw.normal(-1, 0.5, 50)),
        "long": (np.ones(50), draw.normal(2, 0.5, 50)),
    }
    assert [each.segment for each in reversals(-0.4, segments, cost=True)] == ["long"]
