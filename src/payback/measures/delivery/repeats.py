"""Repeats of a task: how often they agree, and how many of k tries succeed (docs/formulas.md, "pass-k")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np

from payback.measures.estimate import Estimate, Floats, too_few
from payback.measures.proportion import share_range
from payback.records import Unknown

# One row a task of two checked trials or more; trials scored between 0 and 1 have no success to count.
QUERY = """
    with t as (
        select o.use_case, o.arm, o.task, o.cell, count(*) as trials,
               sum(case when o.accepted = 1 then 1 else 0 end) as passed,
               sum(case when o.accepted = 0 or o.accepted = 1 then 0 else 1 end) as partial
        from trial_outcome o
        cross join period
        where o.accepted is not null
              and (o.first_day is null or (o.first_day >= period.first_day_of
                                           and o.first_day < period.first_day_after))
        group by o.use_case, o.arm, o.task, o.cell)
    select use_case, arm, cell, trials, passed, count(*) as tasks
    from t
    where trials > 1 and partial = 0
    group by use_case, arm, cell, trials, passed
    order by use_case, arm, cell, trials, passed
"""

Key = tuple[str, str]
"""(use case, way of working)"""

MOST_TRIES = 8
"""More tries than this are not asked for, however many repeats there are."""


@dataclass(slots=True)
class Repeats:
    """Tasks done more than once: how many, by cluster, trials and successes."""

    tasks: dict[tuple[str, int, int], int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.tasks.values())

    @property
    def fewest(self) -> int:
        """The trials every one of them has."""
        return min((trials for _, trials, _ in self.tasks), default=0)

    @property
    def apart(self) -> int:
        """Tasks whose trials did not all end alike."""
        return sum(tasks for (_, trials, passed), tasks in self.tasks.items() if 0 < passed < trials)


def repeats(rows: Iterable[Sequence[Any]]) -> Mapping[Key, Repeats]:
    """From the rows of QUERY."""
    found: defaultdict[Key, Repeats] = defaultdict(Repeats)
    for use_case, arm, cell, trials, passed, tasks in rows:
        found[use_case, arm].tasks[cell, int(trials), int(passed)] = int(tasks)
    return dict(found)


def one_of(trials: int, passed: int, tries: int) -> Fraction:
    """pass@k: the chance that at least one of `tries` succeeds (Chen et al. 2021, arXiv 2107.03374).

    1 - C(n-c, k) / C(n, k), of n trials of which c passed; never 1 - (1 - c/n)^k, which is too low.

    >>> round(float(one_of(8, 6, 2)), 10)
    0.9642857143
    """
    return 1 - Fraction(comb(trials - passed, _possible(trials, tries)), comb(trials, tries))


def all_of(trials: int, passed: int, tries: int) -> Fraction:
    """pass^k: the chance that all of `tries` succeed (Yao et al. 2024, arXiv 2406.12045).

    C(c, k) / C(n, k); never (c/n)^k, which is too high.

    >>> round(float(all_of(8, 6, 2)), 10)
    0.5357142857
    """
    return Fraction(comb(passed, _possible(trials, tries)), comb(trials, tries))


def _possible(trials: int, tries: int) -> int:
    if not 1 <= tries <= trials:
        raise ValueError(f"{tries} tries of a task that was done {trials} times")
    return tries


def mean_over_tasks(found: Repeats, score: Mapping[tuple[int, int], Fraction]) -> tuple[Fraction, Estimate]:
    """The mean of a score of each task, by (trials, passed), exactly; and the same with its range by cluster."""
    tasks: defaultdict[str, int] = defaultdict(int)
    total: defaultdict[str, Fraction] = defaultdict(Fraction)
    for (cell, trials, passed), count in found.tasks.items():
        tasks[cell] += count
        total[cell] += count * score[trials, passed]
    value = sum(total.values(), Fraction(0)) / sum(tasks.values())
    cells = sorted(tasks)
    sizes: Floats = np.array([float(tasks[cell]) for cell in cells])
    sums: Floats = np.array([float(total[cell]) for cell in cells])
    binary = all(each.denominator == 1 for each in score.values())
    alone = binary and bool(np.all(sizes == 1))
    refused: Unknown | None = None if alone else too_few(len(cells))
    return value, Estimate(float(value), refused or share_range(sizes, sums, sums, alone=alone))


def scores(found: Repeats, tries: int, *, every: bool) -> dict[tuple[int, int], Fraction]:
    """pass^k (`every`) or pass@k by (trials, passed)."""
    of = all_of if every else one_of
    return {(trials, passed): of(trials, passed, tries) for _, trials, passed in found.tasks}


def disagreements(found: Repeats) -> dict[tuple[int, int], Fraction]:
    """1 where the trials of a task did not all end alike, by (trials, passed)."""
    return {(trials, passed): Fraction(0 < passed < trials) for _, trials, passed in found.tasks}
