from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from payback.measures.delivery.repeats import (
    all_of,
    disagreements,
    mean_over_tasks,
    one_of,
    repeats,
    scores,
)
from payback.measures.estimate import Range

DATA = Path(__file__).parent.parent / "data" / "delivery_expected.json"
ROWS = json.loads(DATA.read_text(encoding="utf-8"))["pass_k"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['c']}-of-{row['n']}-k{row['k']}")
def test_vectors(row: dict[str, float]) -> None:
    n, c, k = int(row["n"]), int(row["c"]), int(row["k"])
    assert float(one_of(n, c, k)) == pytest.approx(row["pass_at_k"], rel=1e-12)
    assert float(all_of(n, c, k)) == pytest.approx(row["pass_hat_k"], rel=1e-12)


@pytest.mark.parametrize("tries", [0, 4])
def test_more_tries_than_trials_is_an_error(tries: int) -> None:
    for of in (one_of, all_of):
        with pytest.raises(ValueError, match="tries of a task"):
            of(3, 2, tries)


def test_tasks_and_those_that_disagree() -> None:
    found = repeats(
        [("u", "ai", "a", 3, 3, 4), ("u", "ai", "b", 3, 1, 2), ("u", "ai", "c", 4, 0, 1), ("u", "x", "c", 2, 2, 1)]
    )["u", "ai"]  # fmt: skip
    assert (found.count, found.fewest, found.apart) == (7, 3, 2)
    value, estimate = mean_over_tasks(found, disagreements(found))
    assert value == Fraction(2, 7)
    assert not isinstance(estimate.range, Range)  # 3 clusters
    # pass^3: four tasks at 1, two at C(1,3) = 0, one at 0; pass@3: four at 1, two at 1, one at 0
    assert mean_over_tasks(found, scores(found, 3, every=True))[0] == Fraction(4, 7)
    assert mean_over_tasks(found, scores(found, 3, every=False))[0] == Fraction(6, 7)


def test_independent_tasks_have_a_range_of_their_own() -> None:
    found = repeats([("u", "ai", f"t{n}", 2, 2 if n < 17 else 1, 1) for n in range(20)])["u", "ai"]
    value, estimate = mean_over_tasks(found, disagreements(found))
    assert value == Fraction(3, 20)
    assert isinstance(estimate.range, Range)
    # Wilson of 3 of 20, the mirror of 17 of 20 (statsmodels 0.15.0)
    assert (estimate.range.low, estimate.range.high) == pytest.approx((0.0523687, 0.3604189), abs=1e-6)
