"""Deciding later: what a pilot with an imperfect gate is worth, what waiting is, and what a choice is regretted by.

Formulas and sources: docs/formulas.md, "pilot-option", "regret".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from payback.measures.estimate import Floats


@dataclass(frozen=True, slots=True)
class Regret:
    """By how much the best choice of each future is better: the mean, and what 1 in 20 futures exceed.

    `best` is the share of futures in which no other choice is better.
    """

    mean: float
    high: float
    best: float


def after_pilot(then: Floats, cost: Floats | float, catches: float, spares: float) -> Floats:
    """Worth of trying first, one a draw: `then` is what going on afterwards is worth, known only to the gate.

    Of futures that pay the gate lets `catches` through, of the others it stops `spares`; a perfect one has 1
    and 1. What the gate says is averaged over, so that nothing more is drawn.

    >>> float(after_pilot(np.array([100.0, -50.0]), 10.0, 0.8, 0.9).mean())
    27.5
    """
    through = np.where(then > 0, catches, 1 - spares)
    return np.asarray(through * then - cost, dtype=np.float64)


def regrets(worths: Mapping[str, Floats]) -> dict[str, Regret]:
    """Of each choice on the same futures (Savage 1951).

    >>> regrets({"a": np.array([1.0, 4.0]), "b": np.array([2.0, 0.0])})["a"].mean
    0.5
    """
    best = np.max(np.stack(list(worths.values())), axis=0)
    return {
        name: Regret(
            float((best - each).mean()),
            float(np.quantile(best - each, 0.95)),
            float((each >= best).mean()),
        )
        for name, each in worths.items()
    }
