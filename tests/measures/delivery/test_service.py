from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from scipy.stats import binom

from payback.measures.delivery.service import (
    Calls,
    Day,
    Times,
    Version,
    change,
    changes_of,
    error_rate,
    slowest,
    slowest_range,
    times,
    versions,
)
from payback.measures.estimate import Floats, Range
from payback.records import Unknown

D = Decimal


def hundred(unknown: int = 0) -> tuple[Times, Floats, Floats]:
    """1 to 100 seconds."""
    found = Times([(1, D(each), D(each)) for each in range(1, 101)], unknown)
    return found, np.ones(100), np.array([1.0] * 95 + [0.0] * 5)


def test_the_places_are_those_of_the_binomial_law() -> None:
    found, results, within = hundred()
    made = slowest_range(found, results, within)
    assert slowest(found) == 95
    assert isinstance(made, Range)
    assert (made.low, made.high) == (88, 99)
    # Chance that 87 or fewer, or 99 or more, of 100 lie below the true quantile:
    assert binom.cdf(87, 100, 0.95) + binom.sf(98, 100, 0.95) < 0.05


def test_results_of_unknown_time_widen_both_ways() -> None:
    found, results, within = hundred(unknown=10)
    made = slowest_range(found, results, within)
    assert isinstance(made, Range)
    assert made.low is not None
    assert made.low < 88
    assert made.high is None


def test_few_results_have_no_upper_limit() -> None:
    found = Times([(1, D(each), D(each)) for each in range(1, 61)])
    made = slowest_range(found, np.ones(60), np.array([1.0] * 57 + [0.0] * 3))
    assert isinstance(made, Range)
    assert made.high is None
    assert made.notes


def test_customers_that_are_slow_together_count_as_fewer() -> None:
    found = Times([(1, D(each), D(each)) for each in range(1, 401)])
    apart = slowest_range(found, np.full(40, 10.0), np.array([9.0] * 20 + [10.0] * 20))
    together = slowest_range(found, np.full(40, 10.0), np.array([0.0] * 2 + [10.0] * 38))
    assert isinstance(apart, Range)
    assert isinstance(together, Range)
    assert (together.low or 0) < (apart.low or 0)
    assert isinstance(slowest_range(found, np.full(4, 100.0), np.full(4, 95.0)), Unknown)


def test_a_histogram_is_read_as_its_least_and_most() -> None:
    rows = [
        ("u", "ai", D(2_000_000), 3, D("2.001"), D("2.009")),
        ("u", "ai", D(1_000_000), 1, D("1.001"), D("1.004")),
        ("u", "ai", None, 2, None, None),
        ("u", "human", None, 2, None, None),
    ]
    found = times(rows)
    assert set(found) == {("u", "ai")}
    assert (found["u", "ai"].known, found["u", "ai"].unknown) == (4, 2)
    assert (found["u", "ai"].least_at(1), found["u", "ai"].most_at(2)) == (D("1.001"), D("2.009"))


def test_errors_by_cluster() -> None:
    draw = np.random.default_rng(3)
    calls = {f"c{n}": 10 for n in range(40)}
    errors = {f"c{n}": int(draw.binomial(10, 0.03)) for n in range(40)}
    made = error_rate(Calls(calls, errors))
    assert made.value == sum(errors.values()) / 400
    assert isinstance(made.range, Range)
    assert made.range.method == "clustered-wilson"
    assert isinstance(error_rate(Calls({"a": 5}, {"a": 1})).range, Unknown)


@pytest.mark.parametrize(("errors", "down"), [(0, False), (4, False), (5, True), (10, True)])
def test_a_day_is_down_when_half_of_its_calls_failed(errors: int, down: bool) -> None:
    assert Day(date(2026, 1, 1), 10, errors).down is down


def version(name: str, first: int, last: int, accepted: int, of: int) -> Version:
    checked = {f"{name}{n}": 1 for n in range(of)}
    return Version(
        name, date(2026, 1, first), date(2026, 1, last), of, checked, {f"{name}{n}": int(n < accepted) for n in range(of)}
    )  # fmt: skip


def test_a_change_of_version_is_newcombes_difference() -> None:
    before, after = version("m-1", 1, 10, 35, 50), version("m-2", 9, 20, 43, 50)
    made = change(before, after)
    assert made.value == pytest.approx(0.16)
    assert isinstance(made.range, Range)
    assert (made.range.low, made.range.high) == pytest.approx((-0.0034735035, 0.3145195416), abs=1e-9)


def test_only_a_version_that_takes_anothers_place_is_a_change() -> None:
    one, two = version("m-1", 1, 10, 35, 50), version("m-2", 9, 20, 43, 50)
    beside, few = version("m-3", 2, 31, 40, 50), version("m-4", 21, 31, 2, 4)
    assert changes_of([one, two, few]) == ((one, two),)
    assert changes_of([version("m-0", 1, 25, 40, 50), version("m-9", 2, 31, 40, 50)]) == ()
    assert changes_of([beside]) == ()


def test_rows_of_versions_in_the_order_they_began() -> None:
    rows = [
        ("u", "ai", "m-2", "c", 1, date(2026, 2, 1), date(2026, 2, 3), 4, D(3), 0),
        ("u", "ai", "m-1", "c", 2, date(2026, 1, 1), date(2026, 1, 9), 2, D(3), 1),
        ("u", "ai", "m-1", "d", 0, date(2026, 1, 2), date(2026, 1, 20), 5, D(0), 0),
    ]
    first, second = versions(rows)["u", "ai"]
    assert (first.name, first.tasks, first.known, first.share, first.binary) == ("m-1", 7, 2, 0.75, False)
    assert (first.last, second.name, second.binary) == (date(2026, 1, 20), "m-2", True)
