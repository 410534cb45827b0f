"""Effects of one way of working against another: published values, and how often their ranges hold."""

from __future__ import annotations

import csv
from collections.abc import Sequence

import numpy as np
import pytest

from payback.measures.delivery.experiment import Sums, effect, sums
from payback.measures.delivery.rollout import before_after
from payback.measures.effect import Effect, estimate
from payback.measures.estimate import Floats, Range
from payback.records import Unknown
from tests.measures.conftest import DATA


def known(found: Effect | Unknown) -> Effect:
    assert isinstance(found, Effect), found
    return found


def trial(*, covariate: bool) -> tuple[Sums, Sums]:
    """cuped.csv: 400 tasks given to either way at random; the true effect is -2.5 minutes."""
    with (DATA / "cuped.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    def of(treated: str) -> Sums:
        mine = [row for row in rows if row["treated"] == treated]
        before = [float(row["pre_minutes"]) * covariate for row in mine]
        return sums(
            [float(row["post_minutes"]) for row in mine], before, [str(at) for at in range(len(mine))]
        )

    return of("1"), of("0")


def test_without_a_covariate_it_is_the_difference_of_means() -> None:
    found = known(effect(*trial(covariate=False)))
    assert (found.value, found.error) == pytest.approx((-1.1283489290361288, 1.5072819907736983), abs=1e-9)
    assert found.saved is None


def test_with_one_it_is_lins_regression() -> None:
    """statsmodels 0.15.0: -2.364998, and 0.831370 with HC2 errors; ours differ by the correction for size."""
    found = known(effect(*trial(covariate=True)))
    assert found.value == pytest.approx(-2.364997818120964, abs=1e-9)
    assert found.error == pytest.approx(0.8313698319109475, rel=2e-3)
    assert found.saved == pytest.approx(0.6988917918785702, abs=0.005)  # by CUPED, one slope for both


def panel(cohort: str) -> list[tuple[float, float]]:
    """staggered_panel.csv: a team's minutes before and from week 9."""
    with (DATA / "staggered_panel.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["first_treated_week"] == cohort]
    found = []
    for team in sorted({row["team"] for row in rows}):
        mine = [
            (int(row["week"]) >= 9, float(row["minutes_per_task"])) for row in rows if row["team"] == team
        ]
        before, after = ([value for late, value in mine if late is wanted] for wanted in (False, True))
        found.append((sum(before) / len(before), sum(after) / len(after)))
    return found


def test_difference_in_differences_where_before_and_after_alone_says_the_opposite() -> None:
    treated, control = panel("9"), panel("0")
    assert np.mean([after - before for before, after in treated]) == pytest.approx(0.9549383333333381)
    found = known(before_after(treated, control))
    assert found.value == pytest.approx(-4.3650149999999925, abs=1e-9)  # the truth is -3.75
    low, high = limits(found)
    assert low < -3.75 < high


def limits(found: Effect) -> tuple[float, float]:
    made = estimate(found).range
    assert isinstance(made, Range)
    assert made.low is not None
    assert made.high is not None
    return made.low, made.high


def drawn(random: np.random.Generator, clusters: int, gain: float) -> Sums:
    """Clusters of 1 to 9 tasks whose minutes share an effect; what was expected explains half of them."""
    names: list[str] = []
    y: list[float] = []
    x: list[float] = []
    for at in range(clusters):
        own = random.normal(0, 3)
        for _ in range(random.integers(1, 10)):
            expected = random.gamma(4, 5)
            names.append(str(at))
            x.append(expected)
            y.append(gain + 0.8 * expected + own + random.normal(0, 5))
    return sums(y, x, names)


def test_ranges_by_cluster_hold_as_often_as_they_say() -> None:
    random = np.random.default_rng(11)
    held = 0
    for _ in range(400):
        low, high = limits(known(effect(drawn(random, 30, -2.0), drawn(random, 30, 0.0))))
        held += low <= -2.0 <= high
    assert 0.92 <= held / 400 <= 0.98


def test_a_covariate_that_says_nothing_changes_little() -> None:
    random = np.random.default_rng(12)
    y = random.normal(0, 1, 200)
    names = [str(at) for at in range(200)]
    with_it = known(
        effect(sums(y[:100], random.random(100), names[:100]), sums(y[100:], random.random(100), names[100:]))
    )
    without = known(
        effect(sums(y[:100], np.zeros(100), names[:100]), sums(y[100:], np.zeros(100), names[100:]))
    )
    assert with_it.value == pytest.approx(without.value, abs=0.05)


@pytest.mark.parametrize("values", [[1.0] * 10])
def test_no_spread_is_no_effect_with_a_range(values: Sequence[float]) -> None:
    same = sums(values, [0.0] * 10, [str(at) for at in range(10)])
    assert isinstance(effect(same, same), Unknown)


def test_few_clusters_are_refused() -> None:
    few = sums([1.0, 2.0, 3.0], [0.0] * 3, ["a", "b", "c"])
    assert isinstance(effect(few, few), Unknown)
    assert isinstance(before_after([(1, 2)], [(1, 2), (1, 3)]), Unknown)


def test_the_order_of_tasks_changes_nothing() -> None:
    given: Floats = np.random.default_rng(3).random(60)
    names = [str(at % 12) for at in range(60)]
    order = np.random.default_rng(4).permutation(60)
    one = sums(given, given[::-1], names)
    two = sums(given[order], given[::-1][order], [names[at] for at in order])
    assert np.allclose(one.xy, two.xy)
