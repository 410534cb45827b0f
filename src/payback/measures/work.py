"""What each way of working did: tasks, outcomes and cost, whole and by cluster.

The engine returns sums by cluster and number of trials; repeats are averaged here, within the task
and exactly, before anything is added up (docs/formulas.md, "cost-per-accepted").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from operator import attrgetter
from typing import Any

Key = tuple[str, str]
"""(use case, way of working)"""

Exact = int | Fraction

# `partial_pico` is what is known of trials whose cost is not known in full: at least that.
# `most_pico` is the largest cost of a task's known trials, `loose_pico` that of calls of no task.
COST_QUERY = """
    select use_case, arm, cell, trials, unknown_trials, sum(tasks) as tasks,
           sum(case when tasks = 1 then pico + inherited_pico - partial_pico else 0 end) as pico,
           sum(case when tasks = 1 then partial_pico else 0 end) as partial_pico,
           max(case when tasks = 1 then pico + inherited_pico - partial_pico else 0 end) as most_pico,
           sum(case when tasks = 0 then pico else 0 end) as loose_pico
    from task_cost, period
    where first_day is null or (first_day >= period.first_day_of
                                and first_day < period.first_day_after)
    group by use_case, arm, cell, trials, unknown_trials
    order by use_case, arm, cell, trials, unknown_trials
"""

# `checked` of a task's trials have a known outcome; their mean is the task's score. `partial`
# counts tasks whose score is neither 0 nor 1.
OUTCOME_QUERY = """
    select use_case, arm, cell, checked, sum(tasks) as tasks, sum(accepted) as accepted,
           sum(case when accepted = 0 or accepted = checked then 0 else 1 end) as partial,
           sum(trials) as trials, sum(timed) as timed, sum(minutes) as minutes,
           sum(rework_minutes) as rework_minutes
    from task_outcome, period
    where tasks = 1 and (first_day is null or (first_day >= period.first_day_of
                                               and first_day < period.first_day_after))
    group by use_case, arm, cell, checked
    order by use_case, arm, cell, checked
"""

# Sums that need no clusters: every trial's own cost counts here, averaged over nothing.
SPEND_QUERY = """
    select use_case, arm, sum(tasks) as tasks, sum(trials) as trials, sum(pico) as pico,
           sum(assumed_pico) as assumed_pico, sum(calls) as calls,
           sum(unknown_calls) as unknown_calls, sum(unpriced_calls) as unpriced_calls,
           sum(case when tasks = 1 then unknown_trials else 0 end) as unknown_trials,
           sum(case when tasks = 0 then unknown_trials else 0 end) as unknown_days
    from task_cost, period
    where first_day is null or (first_day >= period.first_day_of
                                and first_day < period.first_day_after)
    group by use_case, arm
    order by use_case, arm
"""


@dataclass(slots=True)
class Cell:
    """One cluster: tasks, of them checked and of unknown cost; accepted and cost summed exactly.

    Cost is in 10^-12 of the currency. Of a task with three trials, one of unknown cost, a third is
    unknown; what is known of that trial is in `partial_pico`, at least that. `timed` counts the
    trials whose `minutes` of people's work are known.
    """

    tasks: int = 0
    checked: int = 0
    accepted: Exact = 0
    unknown: Exact = 0
    pico: Exact = 0
    partial_pico: Exact = 0
    timed: int = 0
    minutes: Decimal = Decimal(0)


@dataclass
class Work:
    """One way of working in one use case. `cells` are by cluster name, in the order of the names.

    Sums over the cells are worked out once, when they are first asked for: cells do not change then.
    `most_pico` is the largest known cost of a task, repeats averaged; `loose_pico` that of calls that name no task,
    `unknown_days` on how many days such calls have a cost nobody knows.
    """

    cells: dict[str, Cell] = field(default_factory=dict)
    binary: bool = True
    most_pico: Exact = 0
    loose_pico: Exact = 0
    trials: int = 0
    timed: int = 0
    minutes: Decimal = Decimal(0)
    rework_minutes: Decimal = Decimal(0)
    spent_pico: int = 0
    assumed_pico: int = 0
    calls: int = 0
    unknown_calls: int = 0
    unpriced_calls: int = 0
    unknown_trials: int = 0
    unknown_days: int = 0

    def total(self, name: str) -> Fraction:
        """Sum of one field of `Cell` over all clusters."""
        return Fraction(sum(map(attrgetter(name), self.cells.values())))

    @cached_property
    def tasks(self) -> int:
        return sum(cell.tasks for cell in self.cells.values())

    @cached_property
    def checked(self) -> int:
        return sum(cell.checked for cell in self.cells.values())

    @cached_property
    def unknown(self) -> Fraction:
        """Tasks whose cost is not known, a part of one where only some of its trials are."""
        return self.total("unknown")

    @property
    def by_people(self) -> bool:
        """Whether people did it: minutes are known, and no call is."""
        return not self.calls and bool(self.timed)


def work(
    cost_rows: Iterable[Sequence[Any]],
    outcome_rows: Iterable[Sequence[Any]],
    spend_rows: Iterable[Sequence[Any]],
) -> Mapping[Key, Work]:
    """Everything each way of working did, from the rows of the three queries."""
    found: defaultdict[Key, Work] = defaultdict(Work)
    for use_case, arm, name, trials, unknown, tasks, pico, partial, most, loose in cost_rows:
        each = found[use_case, arm]
        each.loose_pico += int(loose)
        if not tasks:
            continue
        cell = each.cells.setdefault(name, Cell())
        cell.tasks += int(tasks)
        cell.unknown += mean(int(tasks) * unknown, trials)
        cell.pico += mean(int(pico), trials)
        cell.partial_pico += mean(int(partial), trials)
        if unknown < trials:
            each.most_pico = max(each.most_pico, mean(int(most), trials - unknown))
    for use_case, arm, name, checked, tasks, accepted, partial, trials, *people in outcome_rows:
        each = found[use_case, arm]
        each.trials += int(trials)
        timed, minutes, rework = people
        each.timed += int(timed or 0)
        each.minutes += minutes or Decimal(0)
        each.rework_minutes += rework or Decimal(0)
        cell = each.cells.setdefault(name, Cell())
        cell.timed += int(timed or 0)
        cell.minutes += minutes or Decimal(0)
        if not checked:
            continue
        cell.checked += int(tasks)
        cell.accepted += mean(accepted, checked)
        each.binary = each.binary and not partial
    for use_case, arm, _, _, pico, assumed, calls, unknown, unpriced, trials, days in spend_rows:
        each = found[use_case, arm]
        each.spent_pico, each.assumed_pico = int(pico), int(assumed)
        each.calls, each.unknown_calls = int(calls), int(unknown)
        each.unpriced_calls, each.unknown_trials, each.unknown_days = int(unpriced), int(trials), int(days)
    for each in found.values():
        each.cells = dict(sorted(each.cells.items()))
        if each.by_people or _logged_without_tasks(each):
            each.unknown_trials = 0
            for cell in each.cells.values():
                cell.unknown = 0
    return dict(found)


def _logged_without_tasks(each: Work) -> bool:
    """Whether every call names no task: what they cost together is known, though not task by task."""
    if not each.loose_pico:
        return False
    cells = each.cells.values()
    return all(cell.unknown == cell.tasks and not cell.pico and not cell.partial_pico for cell in cells)


def mean(total: int | Decimal, times: int) -> Exact:
    """`total` / `times`, exactly, and as a plain whole number where it is one: that is much quicker."""
    whole = int(total)
    if whole != total:
        return Fraction(total) / times
    return whole if times == 1 else Fraction(whole, times)
