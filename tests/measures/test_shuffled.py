"""Draws made apart do not move together once each has its own order."""

from __future__ import annotations

import numpy as np
import pytest

from payback.measures.draws import SCRAMBLES, by_scramble, draw
from payback.measures.ranges import uncertain
from payback.measures.shuffled import shuffled

ONE = {"one": uncertain("200 to 800")}


def leading(values: np.ndarray) -> np.ndarray:
    """Whether each lies above the median: the first binary digit of its point."""
    return values > 400


def test_two_sequences_drawn_apart_go_together_and_shuffled_do_not() -> None:
    """Two digital shifts of one Sobol sequence: in a scramble, above the median together or never together."""
    first, second = (draw(ONE, seed=seed).values["one"] for seed in (1, 2))
    alike = by_scramble((leading(first) == leading(second)).astype(float), SCRAMBLES).mean(axis=1)
    assert set(alike.round(6)) <= {0.0, 1.0}  # the trap
    fresh = shuffled({"one": second}, SCRAMBLES, 2)["one"]
    apart = by_scramble((leading(first) == leading(fresh)).astype(float), SCRAMBLES).mean(axis=1)
    assert apart == pytest.approx(0.5, abs=0.06)


def test_the_order_is_one_for_all_and_stays_within_a_scramble() -> None:
    values = {"a": np.arange(64.0), "b": 100 + np.arange(64.0)}
    found = shuffled(values, 8, 7)
    assert (found["b"] - found["a"] == 100).all()
    assert (np.sort(by_scramble(found["a"], 8), axis=1) == by_scramble(values["a"], 8)).all()
    assert (found["a"] != values["a"]).any()
    assert (shuffled(values, 8, 7)["a"] == found["a"]).all()
    assert shuffled({}, 8, 7) == {}
