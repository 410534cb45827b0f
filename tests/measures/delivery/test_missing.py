from __future__ import annotations

import numpy as np

from payback.measures.delivery.missing import (
    CHECK_IF_DEAR,
    COST_IF_REFUSED,
    KINDS,
    Split,
    more_often,
    splits,
)


def alone(missing: int, of: int, other: int, other_of: int) -> Split:
    cells = {f"a{n:04}": [int(n < missing), 1, 0, 0] for n in range(of)}
    cells |= {f"b{n:04}": [0, 0, int(n < other), 1] for n in range(other_of)}
    return Split(cells)


def test_30_of_100_against_5_of_100_is_said() -> None:
    assert more_often({COST_IF_REFUSED: alone(30, 100, 5, 100)}) == (COST_IF_REFUSED,)


def test_what_is_missing_less_often_or_as_often_is_not() -> None:
    assert more_often({COST_IF_REFUSED: alone(5, 100, 30, 100), CHECK_IF_DEAR: alone(6, 100, 5, 100)}) == ()


def test_nothing_or_everything_missing_tells_nothing() -> None:
    assert more_often({COST_IF_REFUSED: alone(0, 50, 0, 50), CHECK_IF_DEAR: alone(50, 50, 50, 50)}) == ()


def test_one_customer_whose_costs_are_missing_is_no_pattern() -> None:
    # 30 of 100 against 0 of 100, but all 30 of one customer: it is that customer, not the refusal.
    cells = {f"c{n}": [0, 10, 0, 10] for n in range(7)} | {"large": [30, 30, 0, 30]}
    assert more_often({COST_IF_REFUSED: Split(cells)}) == ()
    spread = {f"c{n}": [n % 4, 5, 0, 5] for n in range(40)}  # the same share, of forty customers
    assert more_often({COST_IF_REFUSED: Split(spread)}) == (COST_IF_REFUSED,)


def test_rows_are_counted_by_what_is_known_of_them() -> None:
    # cell, unchecked, unknown cost, refused, dear, many calls, tasks
    rows = [
        ("u", "ai", "a", 0, 1, 1, None, 0, 3),  # refused, cost unknown
        ("u", "ai", "a", 0, 0, 0, 1, 1, 2),  # accepted, dear
        ("u", "ai", "b", 1, 0, None, 1, 0, 4),  # unchecked, dear
    ]
    found = splits(rows)["u", "ai"]
    assert found[COST_IF_REFUSED].sums == (3, 3, 0, 2)
    assert found[CHECK_IF_DEAR].sums == (4, 6, 0, 0)


def test_with_nothing_amiss_hardly_anything_is_said() -> None:
    draw = np.random.default_rng(9)
    said = 0
    for _ in range(300):
        found = {
            kind: alone(int(draw.binomial(60, 0.1)), 60, int(draw.binomial(140, 0.1)), 140) for kind in KINDS
        }
        said += bool(more_often(found))
    assert said <= 15  # 5 % of 300
