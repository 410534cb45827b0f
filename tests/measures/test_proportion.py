from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payback.measures.proportion import (
    clopper_pearson,
    clustered_t,
    clustered_wilson,
    normal,
    wilson,
)

with (Path(__file__).parent / "data" / "proportion_intervals.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['k']}-of-{row['n']}" for row in ROWS])
def test_wilson_and_clopper_pearson_equal_statsmodels(row: dict[str, str]) -> None:
    k, n = float(row["k"]), float(row["n"])
    assert wilson(k / n, n, normal(0.95)) == pytest.approx(
        (float(row["wilson_lo"]), float(row["wilson_hi"])), abs=1e-9
    )
    assert clopper_pearson(k, n) == pytest.approx(
        (float(row["clopper_pearson_lo"]), float(row["clopper_pearson_hi"])), abs=1e-9
    )


def test_wilson_of_17_in_20() -> None:
    low, high = wilson(17 / 20, 20, normal(0.95))
    assert (round(low, 4), round(high, 4)) == (0.6396, 0.9476)


@pytest.mark.parametrize("arm", ["champion", "challenger"])
def test_clustered_t_equals_inspect(pairs: Any, expected: Any, arm: str) -> None:
    want = expected["acceptance_paired_cases"][arm]
    got = clustered_t(pairs.n, pairs.accepted[arm])
    assert got.value == pytest.approx(want["mean"], rel=1e-9)
    assert got.standard_error == pytest.approx(want["se_cluster_inspect"], rel=1e-9)
    assert (got.low, got.high) == pytest.approx(
        (want["ci_t_cluster_inspect"]["lower"], want["ci_t_cluster_inspect"]["upper"]), rel=1e-9
    )
    assert got.design_effect == pytest.approx(want["deff"], rel=1e-9)


def test_clustered_wilson_by_hand() -> None:
    # Five clusters of 2, accepted 2 2 1 1 0: share 0.6, residuals .8 .8 -.2 -.2 -1.2, squares sum to 2.8;
    # se^2 = 5/4 * 2.8 / 100 = 0.035; worth 0.24/0.035 = 6.857 tasks, between 5 clusters and 10 tasks;
    # t(4) = 2.7764; Wilson of 0.6 in 6.857 with it.
    n, accepted = np.full(5, 2.0), np.array([2.0, 2, 1, 1, 0])
    assert clustered_wilson(n, accepted, accepted) == pytest.approx(
        wilson(0.6, 0.24 / 0.035, 2.7764451051977987), rel=1e-9
    )


def test_where_every_task_is_alike_clusters_count_as_one_case_each() -> None:
    n = np.array([3.0, 3, 3, 3, 3, 3])
    low, high = clustered_wilson(n, n, n)
    assert high == 1.0
    assert low == pytest.approx(wilson(1.0, 6, 2.5705818366147395)[0], rel=1e-9)


counts = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6), st.integers(0, 6)), min_size=5, max_size=12)


@given(counts, st.integers(0, 11))
def test_a_further_missing_outcome_never_narrows(rows: list[tuple[int, int, int]], which: int) -> None:
    n = np.array([a for a, _, _ in rows], float)
    least = np.minimum(np.array([b for _, b, _ in rows], float), n)
    most = np.minimum(least + np.array([c for _, _, c in rows], float), n)
    less_low, less_high = clustered_wilson(n, least, most)
    i = which % len(rows)
    for fewer_least, fewer_most in (
        (np.where(np.arange(len(n)) == i, np.maximum(least - 1, 0), least), most),
        (least, np.where(np.arange(len(n)) == i, np.minimum(most + 1, n), most)),
    ):
        low, high = clustered_wilson(n, fewer_least, fewer_most)
        assert low <= less_low + 1e-12
        assert high >= less_high - 1e-12
