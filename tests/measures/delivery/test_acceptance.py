from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from payback.measures.delivery.acceptance import Acceptance, acceptance
from payback.measures.estimate import Floats, Range
from payback.records import Unknown


def found(n: Floats, checked: Floats, accepted: Floats, *, binary: bool = True) -> tuple[Acceptance, Range]:
    made = acceptance(n, checked, accepted, binary=binary)
    assert isinstance(made, Acceptance), made
    assert isinstance(made.estimate.range, Range), made.estimate.range
    return made, made.estimate.range


def test_17_of_20_independent_cases_is_wilson() -> None:
    n = np.ones(20)
    made, limits = found(n, n, np.array([1.0] * 17 + [0.0] * 3))
    assert made.estimate.value == 0.85
    assert limits.method == "wilson"
    assert (limits.low, limits.high) == pytest.approx((0.6395811353, 0.9476312541), abs=1e-9)
    assert made.design_effect is None
    assert made.estimate.missing is None


def test_five_of_five_is_not_certain() -> None:
    n = np.ones(5)
    _, limits = found(n, n, n)
    assert (limits.low, limits.high) == pytest.approx((0.5655175352, 1.0), abs=1e-9)


def test_tasks_in_clusters_tell_their_design_effect(pairs: Any, expected: Any) -> None:
    made, limits = found(pairs.n, pairs.n, pairs.accepted["champion"])
    assert limits.method == "clustered-wilson"
    assert made.design_effect == pytest.approx(
        expected["acceptance_paired_cases"]["champion"]["deff"], rel=1e-9
    )
    want = expected["acceptance_paired_cases"]["champion"]["ci_t_cluster_inspect"]
    # Near one half Wilson's limits and the t interval of inspect_ai nearly agree.
    assert (limits.low, limits.high) == pytest.approx((want["lower"], want["upper"]), abs=0.01)


def test_scores_between_0_and_1_are_clusters_of_one() -> None:
    n = np.ones(6)
    made, limits = found(n, n, np.array([1, 0.5, 0.25, 1, 0.75, 1]), binary=False)
    assert limits.method == "clustered-wilson"
    assert made.design_effect is None


def test_unchecked_outcomes_widen_both_ways() -> None:
    n = np.ones(100)
    checked = np.array([1.0] * 80 + [0.0] * 20)
    accepted = np.array([1.0] * 60 + [0.0] * 40)
    made, limits = found(n, checked, accepted)
    assert made.estimate.value == 0.75
    missing = made.estimate.missing
    assert missing is not None
    assert (missing.low, missing.high, missing.level) == (0.6, 0.8, None)
    assert limits.low is not None
    assert limits.high is not None
    assert limits.low < 0.6
    assert limits.high > 0.8


def test_four_groups_are_too_few_for_a_range() -> None:
    made = acceptance(np.full(4, 3.0), np.full(4, 3.0), np.array([3.0, 2, 1, 3]), binary=True)
    assert isinstance(made, Acceptance)
    assert made.estimate.value == 0.75
    assert isinstance(made.estimate.range, Unknown)


def test_nothing_checked_is_unknown() -> None:
    assert isinstance(acceptance(np.ones(5), np.zeros(5), np.zeros(5), binary=True), Unknown)
