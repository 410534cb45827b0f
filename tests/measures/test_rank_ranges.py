"""Places of uncertain amounts: by hand, by counting orders, and as often right as they claim."""

from __future__ import annotations

import numpy as np
import pytest

from payback.measures.rank_ranges import rank_ranges


def test_known_amounts_have_one_place_each() -> None:
    assert rank_ranges(np.array([[5.0, 9.0, 1.0]])) == [(2, 2), (1, 1), (3, 3)]


def test_equal_amounts_share_their_places() -> None:
    assert rank_ranges(np.array([[3.0, 3.0, 5.0, 3.0]])) == [(2, 4), (2, 4), (1, 1), (2, 4)]


def test_nothing_to_rank() -> None:
    assert rank_ranges(np.zeros((5, 0))) == []


def test_an_order_seen_in_one_draw_of_twenty_may_be_left_out_at_nine_in_ten() -> None:
    """19 draws say first, second; one says the other way: 95 of 100 hold without it."""
    values = np.array([[2.0, 1.0]] * 19 + [[1.0, 2.0]])
    assert rank_ranges(values, level=0.90) == [(1, 1), (2, 2)]
    assert rank_ranges(values, level=0.99) == [(1, 2), (1, 2)]


def test_a_larger_amount_never_has_a_worse_place() -> None:
    generator = np.random.default_rng(5)
    base = generator.normal(size=(500, 4))
    found = rank_ranges(np.column_stack([base, base[:, 0] + 0.5]))
    assert found[4][0] <= found[0][0]
    assert found[4][1] <= found[0][1]


@pytest.mark.parametrize("columns", [3, 12])
def test_all_places_are_right_together_as_often_as_said(columns: int) -> None:
    """Ranges from one half of independent draws hold 90 of 100 of the other half; the error of 4,000 is 0.5."""
    generator = np.random.default_rng(columns)
    middle = np.linspace(0.0, 2.0, columns)
    first, fresh = (generator.normal(middle, 1.0, size=(4000, columns)) for _ in range(2))
    found = rank_ranges(first)
    order = np.argsort(np.argsort(-fresh, axis=1), axis=1) + 1
    low, high = (np.array([each[end] for each in found]) for end in (0, 1))
    held = float(((order >= low) & (order <= high)).all(axis=1).mean())
    assert held > 0.88
    assert any(worst - best < columns - 1 for best, worst in found)  # and says something
