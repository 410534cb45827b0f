"""Draws that were made apart, put into an order of their own before they are put together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from payback.measures.estimate import Floats


def shuffled(values: Mapping[str, Floats], scrambles: int, seed: int) -> dict[str, Floats]:
    """The same draws in another order within each scramble, one order for all quantities.

    What was drawn apart must be shuffled before it is put together: the n-th points of two Sobol sequences
    are not independent of each other, however each is scrambled.
    """
    count = len(next(iter(values.values()))) if values else 0
    order = np.random.default_rng([seed, scrambles]).permuted(
        np.tile(np.arange(count // scrambles), (scrambles, 1)), axis=1
    )
    order += (count // scrambles) * np.arange(scrambles)[:, None]
    return {name: each[order.ravel()] for name, each in values.items()}
