"""Expected values: data/returns_expected.json, by hand, or Higham 2002."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from payback.measures.draws import (
    Together,
    dependence,
    draw,
    nearest_correlation,
    normal_correlation,
    spearman,
)
from payback.measures.ranges import uncertain

INPUTS = {"users": uncertain("200 to 800"), "share": uncertain("beta(40, 12)"), "fixed": uncertain("1 to 3")}


def test_rank_correlations_are_those_of_a_gaussian_copula(returns_expected: Any) -> None:
    for row in returns_expected["gaussian_copula"]:
        assert spearman(row["pearson_normal"]) == pytest.approx(row["spearman"], rel=1e-9)
        assert normal_correlation(row["spearman"]) == pytest.approx(row["pearson_normal"], rel=1e-9)


def test_draws_move_together_as_asked() -> None:
    drawn = draw(INPUTS, [Together("users", "share", -0.6), Together("fixed", "share", 0.3)], seed=1)
    ranks = np.array([np.argsort(np.argsort(drawn.values[name])) for name in INPUTS])
    found = np.corrcoef(ranks)
    assert found[0, 1] == pytest.approx(-0.6, abs=0.01)
    assert found[1, 2] == pytest.approx(0.3, abs=0.01)
    assert drawn.dependence.notes == ()


def test_full_correlation_needs_no_second_draw() -> None:
    drawn = draw(INPUTS, [Together("users", "fixed", 1.0)], seed=1)
    assert drawn.scores["users"] == pytest.approx(drawn.scores["fixed"], abs=1e-7)


def test_correlations_that_cannot_hold_are_moved_and_it_is_said() -> None:
    together = [
        Together("users", "share", 0.9),
        Together("share", "fixed", 0.9),
        Together("users", "fixed", -0.9),
    ]
    found = dependence(list(INPUTS), together)
    assert np.linalg.eigvalsh(found.correlation)[0] > -1e-9
    assert found.lower @ found.lower.T == pytest.approx(found.correlation, abs=1e-9)
    # the three are alike by symmetry: (1/2, 1/2, -1/2) is the edge; 6/pi asin(1/4) = 0.4826
    assert found.correlation[0, 1] == pytest.approx(0.5, abs=1e-6)
    assert found.moved == pytest.approx(0.9 - 0.4826, abs=1e-4)
    assert found.notes == (
        "These correlations cannot hold together; the nearest that can are used, up to 0.42 away",
    )


def test_the_nearest_correlation_is_highams() -> None:
    """Higham 2002, section 4: the nearest to [[1, 1, 0], [1, 1, 1], [0, 1, 1]]."""
    found = nearest_correlation(np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]]))
    assert found[0, 1] == pytest.approx(0.7607, abs=1e-4)
    assert found[0, 2] == pytest.approx(0.1573, abs=1e-4)


@pytest.mark.parametrize(
    ("together", "message"),
    [
        ([Together("users", "cost", 0.1)], "users / cost: cost is not an uncertain input"),
        ([Together("users", "users", 0.1)], "users / users: write each pair of two inputs once"),
        (
            [Together("users", "share", 0.1), Together("share", "users", 0.2)],
            "share / users: write each pair of two inputs once",
        ),
        (
            [Together("users", "share", 1.5)],
            "users / share: a correlation lies between -1 and 1, not 1.5",
        ),
    ],
)
def test_wrong_pairs_are_refused(together: list[Together], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        draw(INPUTS, together, seed=1)
    assert str(refused.value) == message


def test_the_same_seed_gives_the_same_draws() -> None:
    one, same, other = (draw(INPUTS, draws=64, seed=seed) for seed in (1, 1, 2))
    assert (one.values["users"] == same.values["users"]).all()
    assert (one.values["users"] != other.values["users"]).any()


def test_known_inputs_take_no_dimension() -> None:
    drawn = draw({**INPUTS, "wage": uncertain(3)}, draws=64, seed=1)
    assert (drawn.values["wage"] == 3).all()
    assert (drawn.values["users"] == draw(INPUTS, draws=64, seed=1).values["users"]).all()


def test_draws_are_powers_of_two() -> None:
    with pytest.raises(ValueError, match="1000 draws or scrambles: it takes a power of two"):
        draw(INPUTS, draws=1000, seed=1)
    with pytest.raises(ValueError, match="fewer draws than scrambles"):
        draw(INPUTS, draws=4, scrambles=8, seed=1)
