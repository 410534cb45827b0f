"""The judged way of working and another one on the tasks both did, by cluster.

`pair(use_case, arm, against)` is a small table the caller fills before it runs the queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from payback.measures.work import Exact, mean

PAIR_COLUMNS = (("use_case", "VARCHAR"), ("arm", "VARCHAR"), ("against", "VARCHAR"))

_IN_PERIOD = """
    (a.first_day is null or (a.first_day >= period.first_day_of
                             and a.first_day < period.first_day_after))
"""

COST_QUERY = f"""
    select pair.use_case, pair.arm, pair.against, a.cell, a.trials, b.trials as trials_against,
           count(*) as tasks, sum(a.pico + a.inherited_pico) as pico,
           sum(b.pico + b.inherited_pico) as pico_against
    from pair
    join task_cost a on pair.use_case = a.use_case and pair.arm = a.arm
    join task_cost b on pair.use_case = b.use_case and pair.against = b.arm and a.task = b.task
    cross join period
    where a.tasks = 1 and a.unknown_trials = 0 and b.unknown_trials = 0 and {_IN_PERIOD}
    group by pair.use_case, pair.arm, pair.against, a.cell, a.trials, b.trials
    order by pair.use_case, pair.arm, pair.against, a.cell, a.trials, b.trials
"""

OUTCOME_QUERY = f"""
    select pair.use_case, pair.arm, pair.against, a.cell, a.checked, b.checked as checked_against,
           count(*) as tasks, sum(a.accepted) as accepted, sum(b.accepted) as accepted_against
    from pair
    join task_outcome a on pair.use_case = a.use_case and pair.arm = a.arm
    join task_outcome b on pair.use_case = b.use_case and pair.against = b.arm and a.task = b.task
    cross join period
    where a.tasks = 1 and a.checked > 0 and b.checked > 0 and {_IN_PERIOD}
    group by pair.use_case, pair.arm, pair.against, a.cell, a.checked, b.checked
    order by pair.use_case, pair.arm, pair.against, a.cell, a.checked, b.checked
"""

Key = tuple[str, str, str]
"""(use case, judged way of working, the other)"""


@dataclass(slots=True)
class Pair:
    """Tasks both ways did, by cluster, and the judged way's total less the other's, exactly."""

    tasks: dict[str, int] = field(default_factory=dict)
    difference: dict[str, Exact] = field(default_factory=dict)

    def add(self, cell: str, tasks: int, difference: Exact) -> None:
        self.tasks[cell] = self.tasks.get(cell, 0) + tasks
        self.difference[cell] = self.difference.get(cell, 0) + difference


def pairs(rows: Iterable[Sequence[Any]]) -> Mapping[Key, Pair]:
    """From the rows of either query; repeats are averaged within the task."""
    found: defaultdict[Key, Pair] = defaultdict(Pair)
    for use_case, arm, against, cell, times, times_against, tasks, ours, theirs in rows:
        difference = mean(ours, times) - mean(theirs, times_against)
        found[use_case, arm, against].add(cell, int(tasks), difference)
    return dict(found)
