"""Between which places each of several uncertain amounts lies, all places right together.

Formulas and sources: docs/formulas.md, "rank-ranges".
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from payback.measures.estimate import Floats

LEVEL = 0.90
"""As sure as somebody is of "200 to 800"."""


def rank_ranges(values: Floats, level: float = LEVEL) -> list[tuple[int, int]]:
    """The best and the worst place of each column, all of them right in `level` of draws; 1 is the largest.

    `values` is a row a draw. Amounts that are equal in a draw share their places there.

    >>> rank_ranges(np.array([[5.0, 3.0, 3.0]] * 10))
    [(1, 1), (2, 3), (2, 3)]
    """
    draws, columns = values.shape
    if columns == 0:
        return []
    best, worst = _places(values)
    high, low = np.sort(best, axis=0), np.sort(worst, axis=0)[::-1]

    def joint(cut: int) -> float:
        """Share of draws in which no place lies beyond the ranges that leave `cut` draws out at each end."""
        within = (best >= high[cut]) & (worst <= low[cut])
        return float(within.all(axis=1).mean())

    keeps, loses = 0, draws  # with none left out, every draw lies within
    while loses - keeps > 1:
        middle = (keeps + loses) // 2
        if joint(middle) >= level:
            keeps = middle
        else:
            loses = middle
    # A fresh draw lies beyond the n-th of so many as often as one more of them would: so one fewer is left out.
    cut = max(keeps - 1, 0)
    return [(int(one), int(other)) for one, other in zip(high[cut], low[cut], strict=True)]


def _places(values: Floats) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Best and worst place of each in its draw: they differ where amounts are equal."""
    best = np.empty(values.shape, dtype=np.int32)
    worst = np.empty(values.shape, dtype=np.int32)
    columns = values.shape[1]
    for at, row in enumerate(values):
        rising = np.sort(row)
        worst[at] = columns - np.searchsorted(rising, row, side="left")
        best[at] = columns + 1 - np.searchsorted(rising, row, side="right")
    return best, worst
