"""A pilot with a gate, and regret: against the reference's stage gate, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from payback.measures.estimate import Floats
from payback.measures.returns.options import after_pilot, regrets

COMMITTED, PERFECT, IMPERFECT = -14.922666321525327, 43.47810532416044, 18.022368512475488
"""Worth without a gate, with one that is always right, and with one that catches 0.80 and spares 0.85:
`stage_gate` of the reference's expected.json, which does not give its inputs."""
PILOT = 40.0
"""What the pilot of the reference costs: the one amount at which its three figures agree."""


def futures() -> Floats:
    """Two equally likely futures that give the reference's first two figures."""
    good = PERFECT + PILOT
    bad = COMMITTED - PERFECT
    return np.array([2 * good, 2 * bad])


def test_the_reference_without_a_gate_and_with_a_perfect_one() -> None:
    assert float(after_pilot(futures(), PILOT, 1.0, 0.0).mean()) == pytest.approx(COMMITTED, abs=1e-9)
    assert float(after_pilot(futures(), PILOT, 1.0, 1.0).mean()) == pytest.approx(PERFECT, abs=1e-9)


def test_the_third_figure_of_the_reference_follows_from_the_other_two() -> None:
    assert float(after_pilot(futures(), PILOT, 0.80, 0.85).mean()) == pytest.approx(IMPERFECT, abs=1e-9)


def test_a_gate_that_cannot_stop_anything_is_worth_its_cost_less() -> None:
    then = np.array([100.0, -50.0, 20.0])
    assert float(after_pilot(then, 7.0, 1.0, 0.0).mean()) == pytest.approx(then.mean() - 7)


def test_drawn_gates_give_what_is_averaged_over() -> None:
    """One million gates thrown by chance, against the closed form."""
    dice = np.random.default_rng(11)
    then = dice.normal(5, 40, 1_000_000)
    passed = dice.random(len(then)) < np.where(then > 0, 0.8, 0.15)
    assert after_pilot(then, 3.0, 0.8, 0.85).mean() == pytest.approx((then * passed).mean() - 3, abs=0.1)


def test_regret_of_the_best_choice_is_what_knowing_everything_is_worth() -> None:
    net = np.random.default_rng(12).normal(10, 36.0555127546399, 400_000)
    found = regrets({"go on": net, "stop": np.zeros_like(net)})
    # normal, mean 10, standard deviation sqrt(1300): 9.9337826 (the reference's closed form)
    assert found["go on"].mean == pytest.approx(9.9337826, abs=0.15)
    assert found["stop"].mean == pytest.approx(found["go on"].mean + net.mean())
    assert found["go on"].best + found["stop"].best == pytest.approx(1.0, abs=1e-6)
