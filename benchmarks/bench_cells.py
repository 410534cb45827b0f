"""Ranges for 1,000 use cases of ten ways of working, 100 clusters each: ours, and a bootstrap-t as matrix products.

Ours draws nothing, so that a range is the same whatever the order; the bootstrap takes 999 draws a cell, all
cells of a batch in one product. CPU seconds, the two in turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from benchmarks.coverage.bootstrap import bootstrap_t, counts, quantiles
from benchmarks.coverage.laws import generator_for
from benchmarks.rows import Row
from payback.measures.delivery.acceptance import acceptance
from payback.measures.economics.unit_cost import Arm, break_even_today
from payback.measures.estimate import Floats

CELLS, CLUSTERS, BATCH = 10_000, 100, 500
REPEATS = 3
BAR = 5.0


def run() -> list[Row]:
    """CPU seconds for all cells."""
    random = generator_for("cells")
    n = random.integers(1, 13, (CELLS, CLUSTERS)).astype(np.float64)
    accepted = random.binomial(n.astype(np.int64), 0.65).astype(np.float64)
    cost = random.lognormal(0.0, 1.0, (CELLS, CLUSTERS)) * n

    def costs() -> None:
        nothing = np.zeros(CLUSTERS)
        for tasks, good, spent in zip(n, accepted, cost, strict=True):
            largest = float(spent.max())
            break_even_today(Arm(tasks, tasks, good, spent, nothing, largest), (0.0, 0.0))

    def shares() -> None:
        for tasks, good in zip(n, accepted, strict=True):
            acceptance(tasks, tasks, good, binary=True)

    def drawn() -> None:
        resampled = counts(generator_for("resamples"), CLUSTERS)
        for at in range(0, CELLS, BATCH):
            x, y = cost[at : at + BATCH], accepted[at : at + BATCH]
            ends: Floats = quantiles(x, y, resampled)
            for place in range(BATCH):
                bootstrap_t(x[place], y[place], ends[:, place])

    taken = [(_seconds(costs), _seconds(shares), _seconds(drawn)) for _ in range(REPEATS)]
    return [
        Row("10,000 cells, cost per accepted", median(each[0] for each in taken), "CPU s", at_most=BAR),
        Row("10,000 cells, acceptance", median(each[1] for each in taken), "CPU s", at_most=BAR),
        Row(
            "10,000 cells, cost per accepted against a bootstrap-t of 999 draws in matrix products",
            median(each[0] / each[2] for each in taken),
            "times",
        ),
    ]


def _seconds(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
