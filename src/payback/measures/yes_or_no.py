"""Yes-or-no choices under linear rules: the solver HiGHS by way of scipy, its answers looked at again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from payback.measures.estimate import Floats

_BROKEN = 1e-5  # a row of numbers around 1 that is off by more does not hold
GAP = 1e-6  # no answer is looked for that is better by less, as a share
MOST_NODES = 20_000
"""Of the tree of cases: then the best answer found counts. A limit of time would not give the same answer twice."""


class Rows:
    """Rows of a linear problem as they come: variable = factor, and between which ends their sum lies."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, row: Mapping[int, float], low: float, high: float) -> None:
        self.entries += [(len(self.low), place, float(each)) for place, each in row.items() if each]
        self.low.append(low)
        self.high.append(high)


def least_cost(cost: Floats, choices: int, rows: Rows, *, whole: bool = True) -> Floats | None:
    """The variables of least cost; None where the rows cannot all hold.

    The first `choices` variables are yes or no (or, unless `whole`, between), the others 0 or more. An answer
    that breaks a row is looked for once more without presolving (scipy issues 18907 and 24141).
    """
    if not rows.width:
        return np.zeros(0)
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415  0.3 s: only where it is chosen
    from scipy.sparse import csr_array  # noqa: PLC0415

    at, places, values = (
        (list(each) for each in zip(*rows.entries, strict=True)) if rows.entries else ([], [], [])
    )
    matrix = csr_array((values, (at, places)), shape=(len(rows.low), rows.width))
    low, high = np.array(rows.low), np.array(rows.high)
    binary = np.arange(rows.width) < choices
    for presolve in (True, False):
        found = milp(
            cost,
            integrality=binary * int(whole),
            bounds=Bounds(np.zeros(rows.width), np.where(binary, 1.0, np.inf)),
            constraints=LinearConstraint(matrix, low, high),
            options={"mip_rel_gap": GAP, "presolve": presolve, "node_limit": MOST_NODES},
        )
        if found.x is None:
            continue
        answer = np.where(binary & whole, np.round(found.x), found.x)
        shown = matrix @ answer
        if bool(((shown >= low - _BROKEN) & (shown <= high + _BROKEN)).all()):
            return np.asarray(answer, dtype=np.float64)
    return None
