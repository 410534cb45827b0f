"""Outcomes by a property of the task: where the whole hides a part that goes the other way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from payback.measures.work import Exact, mean

QUERY = """
    select s.use_case, s.name, s.value, s.arm, o.cell, o.checked, sum(o.tasks) as tasks,
           sum(o.accepted) as accepted,
           sum(case when o.accepted = 0 or o.accepted = o.checked then 0 else 1 end) as partial
    from task_segment s
    join task_outcome o on s.use_case = o.use_case and s.arm = o.arm and s.task = o.task
    cross join period
    where o.tasks = 1 and (o.first_day is null or (o.first_day >= period.first_day_of
                                                   and o.first_day < period.first_day_after))
    group by s.use_case, s.name, s.value, s.arm, o.cell, o.checked
    order by s.use_case, s.name, s.value, s.arm, o.cell, o.checked
"""

# The judged way less today's on the tasks of each segment; `pair` as in payback.measures.delivery.pairs.
DIFFERENCE_QUERY = """
    select pair.use_case, pair.arm, pair.against, s.name, s.value, a.cell, a.checked,
           b.checked as checked_against, count(*) as tasks, sum(a.accepted) as accepted,
           sum(b.accepted) as accepted_against
    from pair
    join task_outcome a on pair.use_case = a.use_case and pair.arm = a.arm
    join task_outcome b on pair.use_case = b.use_case and pair.against = b.arm and a.task = b.task
    join task_segment s on s.use_case = a.use_case and s.arm = a.arm and s.task = a.task
    cross join period
    where a.tasks = 1 and a.checked > 0 and b.checked > 0
          and (a.first_day is null or (a.first_day >= period.first_day_of
                                       and a.first_day < period.first_day_after))
    group by pair.use_case, pair.arm, pair.against, s.name, s.value, a.cell, a.checked, b.checked
    order by pair.use_case, pair.arm, pair.against, s.name, s.value, a.cell, a.checked, b.checked
"""

Key = tuple[str, str, str, str]
"""(use case, property, its value, way of working)"""


@dataclass(slots=True)
class SegmentWork:
    """Tasks by cluster: all, checked, and accepted exactly; `binary`: every score is 0 or 1."""

    tasks: dict[str, int] = field(default_factory=dict)
    checked: dict[str, int] = field(default_factory=dict)
    accepted: dict[str, Exact] = field(default_factory=dict)
    binary: bool = True


def segments(rows: Iterable[Sequence[Any]]) -> Mapping[Key, SegmentWork]:
    """From the rows of QUERY; repeats are averaged within the task."""
    found: defaultdict[Key, SegmentWork] = defaultdict(SegmentWork)
    for use_case, name, value, arm, cell, checked, tasks, accepted, partial in rows:
        each = found[use_case, name, value, arm]
        each.tasks[cell] = each.tasks.get(cell, 0) + int(tasks)
        each.checked.setdefault(cell, 0)
        each.accepted.setdefault(cell, 0)
        if checked:
            each.checked[cell] += int(tasks)
            each.accepted[cell] += mean(accepted, checked)
            each.binary = each.binary and not partial
    return dict(found)
