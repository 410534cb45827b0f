"""How many cases a gate will need: against other simulations, and against the gate itself."""

from __future__ import annotations

import numpy as np
import pytest

from payback.measures.bets import log_mixture, needed
from payback.measures.delivery.planning import LONGEST, Shape, enough, money_need, share_need


def test_enough_is_where_the_gate_passes_and_one_less_is_not() -> None:
    least = enough(0.65, 0.95, 300)
    for tasks in (1, 7, 20, 100, 300):
        passing = [
            accepted
            for accepted in range(tasks + 1)
            if float(log_mixture(accepted, tasks, 0.65)) >= needed(0.95)
        ]
        assert least[tasks - 1] == min(passing, default=tasks + 1)


@pytest.mark.parametrize(("share", "median"), [(0.75, 134), (0.80, 56)])
def test_medians_are_those_of_other_streams(share: float, median: int) -> None:
    need = share_need(0.65, share, 0.95, Shape())
    assert need.passing == 1.0
    assert need.half == pytest.approx(median, rel=0.12)
    assert need.most is not None
    assert need.half is not None
    assert need.most > need.half


def test_groups_take_more() -> None:
    """Five alike at 0.3: 180 cases in the notes of 2026-11-21 for a share of 0.80 against 0.65."""
    need = share_need(0.65, 0.80, 0.95, Shape(5, 0.3))
    assert need.half == pytest.approx(180, rel=0.12)


def test_at_the_threshold_it_hardly_ever_passes() -> None:
    need = share_need(0.65, 0.65, 0.95, Shape())
    assert need.passing <= 0.06
    assert (need.half, need.most) == (None, None)


@pytest.mark.long
def test_money_at_its_limit_hardly_ever_passes_and_half_of_it_soon_does() -> None:
    at_limit = money_need(2.0, 10.0, 0.0, 0.8, 1.6, 0.95, Shape())
    assert at_limit.truth == pytest.approx(2.0)
    assert at_limit.passing <= 0.06
    half = money_need(2.0, 10.0, 0.0, 0.8, 0.8, 0.95, Shape())
    assert half.half is not None
    assert half.half < LONGEST / 2


def test_a_plan_is_the_same_twice() -> None:
    given = [share_need(0.65, 0.75, 0.95, Shape(5, 0.3)) for _ in range(2)]
    assert given[0] == given[1]
    assert np.isfinite(given[0].passing)
