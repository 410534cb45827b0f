"""People and a judge side by side: kappa and AC1 as other programs have them, and drift that seldom cries wolf."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from payback.measures.agreement import Agreement, MonthCounts, drift, fisher, gwet, kappa
from payback.measures.proportion import normal


def test_kappa_and_its_range_equal_statsmodels(judged_elsewhere: Any) -> None:
    vector, other = judged_elsewhere["kappa"], judged_elsewhere["rogan_gladen"]
    table = Agreement(other["tp"], other["fn"], other["fp"], other["tn"])
    found = kappa(table)
    assert found is not None
    value, error = found
    assert value == pytest.approx(vector["sm"], abs=1e-9)
    half = normal(0.95) * error
    assert [value - half, value + half] == pytest.approx(vector["sm_ci"], abs=1e-9)
    assert gwet(table) == pytest.approx(vector["gwet_ac1"], abs=1e-9)
    assert table.agreed == pytest.approx(vector["po"], abs=1e-12)


def test_kappa_says_nothing_where_all_is_one_answer() -> None:
    assert kappa(Agreement(40, 0, 0, 0)) is None
    assert kappa(Agreement(0, 0, 0, 0)) is None
    assert gwet(Agreement(40, 0, 0, 0)) == 1


def test_kappa_misleads_where_nearly_all_is_accepted_and_ac1_does_not() -> None:
    # 118 of 125 alike; kappa 0.2 only, as both accept nearly everything (by hand: po .944, .9306).
    table = Agreement(117, 4, 3, 1)
    found = kappa(table)
    assert found is not None
    assert round(found[0], 3) == 0.194
    assert round(gwet(table) or 0, 3) == 0.94


def test_fisher_equals_the_published_cases() -> None:
    # Fisher 1935, the lady tasting tea, both sides: (16 + 1 + 16 + 1) / 70; Agresti 2002, 3.5.
    assert fisher(3, 1, 1, 3) == pytest.approx(34 / 70)
    assert fisher(4, 0, 0, 4) == pytest.approx(2 / 70)
    assert fisher(10, 0, 50, 0) == 1


def months(shares: dict[str, float], each: int, seed: int, groups: int = 40) -> dict[str, MonthCounts]:
    drawn = np.random.default_rng(seed)
    found = {}
    for month, share in shares.items():
        accepted = np.bincount(drawn.integers(groups, size=each), minlength=groups)
        found[month] = MonthCounts(
            accepted.astype(float),
            drawn.binomial(accepted, share).astype(float),
            np.zeros(groups),
            np.zeros(groups),
        )
    return found


def test_a_judge_that_has_not_changed_is_seldom_called_changed() -> None:
    steady = {f"2026-{month:02d}": 0.9 for month in range(1, 7)}
    alarms = sum(bool(drift(months(steady, 60, seed))[0]) for seed in range(400))
    assert alarms <= 28  # 5 in 100 of 400 is 20; 28 is two standard errors more


def test_likeness_within_customers_is_no_drift() -> None:
    """One customer's 60 tasks in March, all wrong, are one case and not sixty."""
    quiet = np.full(30, 5.0)
    one = np.zeros(30)
    one[7] = 60.0
    none = np.zeros(30)
    counted = {
        "2026-02": MonthCounts(quiet, quiet - 0.0, none, none),
        "2026-03": MonthCounts(quiet + one, quiet - 0.0, none, none),
    }
    assert fisher(150, 60, 150, 0) < 1e-12
    assert drift(counted) == ((), 2)


def test_a_judge_that_got_worse_is_named() -> None:
    shares = {"2026-01": 0.95, "2026-02": 0.95, "2026-03": 0.95, "2026-04": 0.6}
    found, compared = drift(months(shares, 80, 1))
    assert compared == 4
    (worst,) = [each for each in found if each.month == "2026-04"]
    assert worst.of == "accepted"
    assert worst.share < 0.75 < worst.others
    assert all(each.share > each.others for each in found if each.month != "2026-04")


def test_months_with_few_labels_are_not_compared() -> None:
    assert drift(months({"2026-01": 0.9, "2026-02": 0.1}, 9, 3)) == ((), 0)
