"""Is what is missing like what is there? Where it is not, the figure may be one of a kinder world.

Formulas and sources: docs/formulas.md, "missing-more-often".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from payback.measures.estimate import FEWEST_CLUSTERS, LEVEL, Floats
from payback.measures.proportion import fisher, newcombe, share_limits

# Per task: not accepted at all against the rest of the checked; dearer, or more calls, than the average.
QUERY = """
    with usual as (
        select use_case, arm, count(*) as tasks, sum(calls) as calls,
               sum(case when unknown_trials = 0 then 1 else 0 end) as known,
               sum(case when unknown_trials = 0 then pico + inherited_pico else 0 end) as pico
        from task_cost, period
        where tasks = 1 and (first_day is null or (first_day >= period.first_day_of
                                                   and first_day < period.first_day_after))
        group by use_case, arm),
    each_task as (
        select c.use_case, c.arm, c.cell,
               case when o.checked = 0 then 1 else 0 end as unchecked,
               case when c.unknown_trials > 0 then 1 else 0 end as unknown,
               case when o.checked = 0 then null when o.accepted = 0 then 1 else 0 end as refused,
               case when c.unknown_trials > 0 then null
                    when (c.pico + c.inherited_pico) * u.known > u.pico then 1 else 0 end as dear,
               case when c.calls * u.tasks > u.calls then 1 else 0 end as busy
        from task_cost c
        join task_outcome o on c.use_case = o.use_case and c.arm = o.arm and c.task = o.task
        join usual u on c.use_case = u.use_case and c.arm = u.arm
        cross join period
        where c.tasks = 1 and (c.first_day is null or (c.first_day >= period.first_day_of
                                                       and c.first_day < period.first_day_after)))
    select use_case, arm, cell, unchecked, unknown, refused, dear, busy, count(*) as tasks
    from each_task
    group by use_case, arm, cell, unchecked, unknown, refused, dear, busy
    order by use_case, arm, cell, unchecked, unknown, refused, dear, busy
"""

Key = tuple[str, str]
"""(use case, way of working)"""

COST_IF_REFUSED, COST_IF_LONG, CHECK_IF_DEAR, CHECK_IF_LONG = (
    "cost-if-refused",
    "cost-if-long",
    "check-if-dear",
    "check-if-long",
)
KINDS = (COST_IF_REFUSED, COST_IF_LONG, CHECK_IF_DEAR, CHECK_IF_LONG)
"""What is missing (a cost, a check), and the tasks of which it may be missing more often."""


@dataclass(slots=True)
class Split:
    """Tasks by cluster in the part asked about and in the rest, and of both those where something is missing."""

    cells: dict[str, list[int]]

    @property
    def sums(self) -> tuple[int, int, int, int]:
        """Missing, of how many; missing of the rest, of how many."""
        one, of, other, other_of = (sum(each) for each in zip(*self.cells.values(), strict=True))
        return one, of, other, other_of


def splits(rows: Iterable[Sequence[Any]]) -> Mapping[Key, Mapping[str, Split]]:
    """From the rows of QUERY, by way of working and kind."""
    found: defaultdict[Key, dict[str, Split]] = defaultdict(dict)
    for use_case, arm, cell, unchecked, unknown, refused, dear, busy, tasks in rows:
        for kind, gone, part in (
            (COST_IF_REFUSED, unknown, refused),
            (COST_IF_LONG, unknown, busy),
            (CHECK_IF_DEAR, unchecked, dear),
            (CHECK_IF_LONG, unchecked, busy),
        ):
            if part is None:
                continue
            split = found[use_case, arm].setdefault(kind, Split({}))
            counts = split.cells.setdefault(cell, [0, 0, 0, 0])
            place = 0 if part else 2
            counts[place] += int(tasks) * int(gone)
            counts[place + 1] += int(tasks)
    return {key: dict(each) for key, each in found.items()}


def more_often(found: Mapping[str, Split], level: float = LEVEL) -> tuple[str, ...]:
    """Kinds of which something is missing more often than of the rest, beyond chance.

    With nothing amiss one is named in 1 - `level` of cases at the most: each is asked at the level
    that allows for all of them (Bonferroni).
    """
    asked = [kind for kind in KINDS if kind in found and _can_tell(found[kind])]
    strict = 1 - (1 - level) / max(1, len(asked))
    return tuple(kind for kind in asked if _beyond_chance(found[kind], strict))


def _can_tell(split: Split) -> bool:
    missing, of, other, other_of = split.sums
    return min(of, other_of) > 0 and 0 < missing + other < of + other_of


def _beyond_chance(split: Split, level: float) -> bool:
    """Fisher's exact chance of independent tasks, else whether the range of the difference excludes 0."""
    missing, of, other, other_of = split.sums
    if missing * other_of <= other * of:
        return False
    counts: Floats = np.array([split.cells[cell] for cell in sorted(split.cells)], dtype=np.float64)
    if bool(np.all(counts[:, 1] + counts[:, 3] == 1)):
        return fisher(missing, of, other, other_of) < 1 - level
    one, rest = counts[counts[:, 1] > 0], counts[counts[:, 3] > 0]
    if min(len(one), len(rest)) < FEWEST_CLUSTERS:
        return False
    low, _ = newcombe(
        missing / of,
        share_limits(one[:, 1], one[:, 0], one[:, 0], level, alone=False),
        other / other_of,
        share_limits(rest[:, 3], rest[:, 2], rest[:, 2], level, alone=False),
    )
    return low > 0
