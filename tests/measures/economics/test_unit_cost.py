from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payback.measures.economics.unit_cost import (
    Arm,
    break_even_acceptance,
    break_even_today,
    cost_per_accepted,
    full_unit_cost,
    least_cost_per_accepted,
)
from payback.measures.estimate import Estimate, Range
from payback.records import Unknown


def arm(clusters: int = 40, seed: int = 1) -> Arm:
    """Everything known: clusters of 1 to 12 tasks, about 65 in 100 accepted."""
    generator = np.random.default_rng(seed)
    size = generator.integers(1, 13, clusters)
    zero = np.zeros(clusters)
    return Arm(
        n=size.astype(float),
        checked=size.astype(float),
        accepted=generator.binomial(size, 0.65).astype(float),
        cost=size.astype(float) * np.exp(generator.normal(size=clusters)),
        unknown=zero,
        largest_cost=20.0,
    )


def found(made: Estimate | Unknown) -> tuple[float, Range]:
    assert isinstance(made, Estimate), made
    assert isinstance(made.range, Range), made.range
    return made.value, made.range


def contains(outer: Range, inner: Range, slack: float = 0.0) -> bool:
    """Whether `outer` reaches at least as far as `inner` on both sides, up to a share `slack`."""
    assert outer.low is not None
    assert inner.low is not None
    low = outer.low <= inner.low * (1 + slack)
    return low and (outer.high is None or (inner.high is not None and outer.high >= inner.high * (1 - slack)))


FIVE = Arm(  # five clusters of 4 tasks at 0.50 a task: 20 tasks, 14 accepted, cost 10
    n=np.full(5, 4.0),
    checked=np.full(5, 4.0),
    accepted=np.array([4.0, 3, 3, 2, 2]),
    cost=np.full(5, 2.0),
    unknown=np.zeros(5),
    largest_cost=0.5,
)


def test_worked_numbers() -> None:
    # docs/formulas.md: 10/14; (10 + 6*5 + 20*0.74)/20; (10 + 20*0.74)/14; (0.50 + 0.74)/5
    assert found(cost_per_accepted(FIVE))[0] == pytest.approx(0.7142857143)
    assert found(full_unit_cost(FIVE, (5.0, 5.0), (0.74, 0.74)))[0] == pytest.approx(2.74)
    assert found(break_even_today(FIVE, (0.74, 0.74)))[0] == pytest.approx(24.8 / 14)
    assert break_even_acceptance(0.50, 0.74, 5.0) == 0.248
    assert break_even_acceptance(6.0, 0.0, 5.0) is None
    assert break_even_acceptance(0.5, 0.0, 0.0) is None


def test_at_the_break_even_both_ways_cost_the_same() -> None:
    one, per_task = arm(), (0.8, 0.8)
    even, _ = found(break_even_today(one, per_task))
    value, _ = found(full_unit_cost(one, (even, even), per_task))
    assert value == pytest.approx(even, rel=1e-12)


def test_the_range_reaches_over_both_ends_of_what_today_costs() -> None:
    one = arm()
    low, high = (found(full_unit_cost(one, (today, today), (0.5, 0.5)))[1] for today in (4.2, 6.1))
    middle, both = found(full_unit_cost(one, (4.2, 6.1), (0.5, 0.5)))
    assert both.low == low.low
    assert both.high == high.high
    assert middle == pytest.approx(one.cost_per_task + 0.5 + (1 - one.share) * 5.15)


def test_missing_values_are_taken_to_be_like_the_known_ones() -> None:
    one = replace(FIVE, checked=np.array([4.0, 4, 4, 4, 0]), accepted=np.array([4.0, 3, 3, 2, 0]))
    one = replace(one, unknown=np.array([0.0, 0, 0, 0, 4]), cost=np.array([2.0, 2, 2, 2, 0]))
    made = cost_per_accepted(one)
    assert isinstance(made, Estimate)
    assert made.value == pytest.approx(0.5 / 0.75)
    assert made.missing is not None
    # least: 8 for 12 + 4; most: 8 + 4 * 0.5 for 12
    assert (made.missing.low, made.missing.high) == pytest.approx((8 / 16, 10 / 12))
    whole = full_unit_cost(one, (5.0, 5.0), (0.0, 0.0))
    assert isinstance(whole, Estimate)
    assert whole.missing is not None
    # least: 8 + 4 * 5 for 20; most: 10 + 8 * 5 for 20
    assert (whole.missing.low, whole.missing.high) == pytest.approx((1.4, 2.5))


@given(st.integers(5, 40), st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_doubling_cost_doubles_unit_cost(clusters: int, seed: int) -> None:
    one = arm(clusters, seed)
    twice = replace(one, cost=2 * one.cost)
    first, second = (cost_per_accepted(each) for each in (one, twice))
    if isinstance(first, Unknown) or isinstance(second, Unknown):
        assert isinstance(first, Unknown)
        assert isinstance(second, Unknown)
        return
    assert second.value == pytest.approx(2 * first.value, rel=1e-12)
    if isinstance(first.range, Range) and isinstance(second.range, Range):
        assert second.range.low == pytest.approx(2 * (first.range.low or 0), rel=1e-9)


@given(st.integers(5, 25), st.integers(0, 10**6), st.data())
@settings(max_examples=60, deadline=None)
def test_missing_outcomes_never_narrow(clusters: int, seed: int, data: st.DataObject) -> None:
    """Outcomes go missing one after another; every range contains the one before."""
    one = arm(clusters, seed)
    before: dict[str, Range | Unknown] = {}
    for where in data.draw(st.lists(st.integers(0, clusters - 1), min_size=1, max_size=8)):
        if one.checked[where] == 0:
            continue
        here = np.arange(clusters) == where
        rejected = one.checked[where] - one.accepted[where]
        was = 1.0 if one.accepted[where] and (rejected == 0 or data.draw(st.booleans())) else 0.0
        one = replace(one, checked=one.checked - here, accepted=one.accepted - was * here)
        for name, made in (
            ("accepted", cost_per_accepted(one)),
            ("even", break_even_today(one, (0.5, 0.9))),
            ("full", full_unit_cost(one, (4.0, 6.0), (0.5, 0.5))),
        ):
            if isinstance(made, Unknown):
                return
            known = before.get(name)
            if isinstance(known, Range):
                assert isinstance(made.range, Range)
                assert contains(made.range, known, slack=1e-9)
            before[name] = made.range


@given(st.integers(5, 25), st.integers(0, 10**6), st.floats(0.0, 1.0), st.data())
@settings(max_examples=60, deadline=None)
def test_missing_costs_never_narrow(clusters: int, seed: int, share: float, data: st.DataObject) -> None:
    """Each task that loses its cost had at most the largest known one."""
    one = arm(clusters, seed)
    before: dict[str, Range | Unknown] = {}
    for where in data.draw(st.lists(st.integers(0, clusters - 1), min_size=1, max_size=8)):
        known = one.n[where] - one.unknown[where]
        for name, made in (
            ("accepted", cost_per_accepted(one)),
            ("even", break_even_today(one, (0.5, 0.9))),
            ("full", full_unit_cost(one, (4.0, 6.0), (0.5, 0.5))),
        ):
            if isinstance(made, Unknown):
                return
            inner = before.get(name)
            if isinstance(inner, Range):
                assert isinstance(made.range, Range)
                assert contains(made.range, inner, slack=1e-9)
            before[name] = made.range
        if known == 0 or one.unknown.sum() + 1 >= one.tasks:
            return
        lost = one.cost[where] if known == 1 else share * one.cost[where]
        here = np.arange(clusters) == where
        if lost > 20.0:  # more than the largest cost of one task: no such task
            return
        one = replace(one, unknown=one.unknown + here, cost=np.maximum(one.cost - lost * here, 0.0))


@given(st.integers(5, 40), st.integers(0, 10**6), st.integers(0, 39))
@settings(max_examples=40, deadline=None)
def test_limits_from_what_is_missing_never_narrow(clusters: int, seed: int, at: int) -> None:
    one = arm(clusters, seed)
    here = np.arange(clusters) == at % clusters
    some = replace(one, checked=np.minimum(one.checked, 3.0), accepted=np.minimum(one.accepted, 3.0))
    fewer = replace(
        some, checked=some.checked - here, accepted=np.minimum(some.accepted, some.checked - here)
    )
    less = replace(fewer, unknown=fewer.unknown + here, cost=fewer.cost * np.where(here, 1 - 1 / one.n, 1.0))
    if less.accepted.sum() <= 0 or less.unknown.sum() >= less.tasks:
        return
    widths = []
    for each in (some, fewer, less):
        made = cost_per_accepted(each)
        assert isinstance(made, Estimate)
        if made.missing is None:
            widths.append((made.value, made.value))
        else:
            assert made.missing.low is not None
            assert made.missing.high is not None
            widths.append((made.missing.low, made.missing.high))
    for (low, high), (lower, higher) in itertools.pairwise(widths):
        assert lower <= low * (1 + 1e-9)
        assert higher >= high * (1 - 1e-9)


def test_where_nothing_was_accepted_there_is_a_least_cost() -> None:
    none = replace(FIVE, accepted=np.zeros(5))
    assert isinstance(cost_per_accepted(none), Unknown)
    # Upper Clopper-Pearson of 0 in 5: 1 - 0.025^(1/5) = 0.52182; 10 / (0.52182 * 20)
    assert least_cost_per_accepted(none) == pytest.approx(10 / (0.5218237501 * 20), rel=1e-9)


def test_what_cannot_be_said_is_unknown() -> None:
    nothing = replace(FIVE, n=np.zeros(5), checked=np.zeros(5), accepted=np.zeros(5))
    unchecked = replace(FIVE, checked=np.zeros(5), accepted=np.zeros(5))
    unpriced = replace(FIVE, unknown=np.full(5, 4.0), cost=np.zeros(5))
    for each in (nothing, unchecked, unpriced):
        assert isinstance(cost_per_accepted(each), Unknown)
        assert isinstance(full_unit_cost(each, (5, 5), (0, 0)), Unknown)
        assert isinstance(break_even_today(each, (0, 0)), Unknown)


def test_the_largest_cost_falls_back_on_the_largest_cluster() -> None:
    one = replace(FIVE, largest_cost=None, unknown=np.array([1.0, 0, 0, 0, 0]))
    assert one.dearest_cost.tolist() == [4.0, 2, 2, 2, 2]
