"""Past optimism: the worked case of docs/formulas.md, a known bias found again, ranges that hold as they say."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest

from payback.measures.returns.forecast import optimism
from payback.measures.returns.forecast.optimism import log_ratio, next_ratio


def test_the_worked_numbers_in_the_code_come_out() -> None:
    failed, tried = doctest.testmod(optimism)
    assert (failed, tried > 0) == (0, True)


def test_five_cases_by_hand() -> None:
    """The working stands in docs/formulas.md: centre -0.71445, scale 0.57931, t of 7 at 95 % 1.8946."""
    found = next_ratio([math.log(0.5)] * 5, 0.44)
    assert found.middle == pytest.approx(math.exp(-0.714453), rel=1e-5)
    assert found.low == pytest.approx(math.exp(-0.714453 - 1.894579 * 0.579315), rel=1e-4)
    assert found.high == pytest.approx(math.exp(-0.714453 + 1.894579 * 0.579315), rel=1e-4)


@pytest.mark.parametrize("cases", range(5))
def test_below_five_cases_a_default_without_a_range(cases: int) -> None:
    found = next_ratio([math.log(0.9)] * cases, 0.44)
    assert (found.middle, found.low, found.high, found.cases) == (0.44, None, None, cases)


def test_ratios_are_held_within_bounds() -> None:
    assert log_ratio(100, 0) == pytest.approx(-math.log(20))
    assert log_ratio(1, 1e9) == pytest.approx(math.log(20))
    with pytest.raises(ValueError, match="0"):
        log_ratio(0, 5)


def test_where_nothing_came_the_range_begins_at_nothing() -> None:
    found = next_ratio([log_ratio(100, each) for each in (0, 80, 70, 90, 60)], 0.44)
    assert found.low == 0
    without = next_ratio([log_ratio(100, each) for each in (75, 80, 70, 90, 60)], 0.44)
    assert without.low is not None
    assert without.low > 0.2


@pytest.mark.parametrize("bias", [0.2, 0.4, 1.0, 1.6])
def test_a_known_bias_is_found_again(bias: float) -> None:
    logs = np.random.default_rng(5).normal(math.log(bias), 0.4, 400)
    assert next_ratio(list(logs), 0.44).middle == pytest.approx(bias, rel=0.06)


def test_few_cases_are_pulled_towards_the_default() -> None:
    few, many = (next_ratio([0.0] * cases, 0.44).middle for cases in (5, 50))
    assert 0.44 < few < many < 1


@pytest.mark.parametrize(("bias", "spread", "cases"), [(0.4, 0.5, 5), (0.4, 1.0, 10), (1.2, 0.5, 20)])
def test_the_range_holds_nine_of_ten(bias: float, spread: float, cases: int) -> None:
    """At 600 runs a rate of 90 has an error of 1.2; docs/coverage/forecasts.md has 5,000."""
    dice = np.random.default_rng(6)
    held = 0
    for _ in range(600):
        drawn = dice.normal(math.log(bias), spread, cases + 1)
        found = next_ratio(list(drawn[:-1]), 0.44)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= math.exp(drawn[-1]) <= found.high
    assert held / 600 > 0.86
