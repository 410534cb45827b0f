"""Money out and back by use case, day and evidence: the rows of costs, bills and values, summed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from payback.records import Evidence

COST_QUERY = """
    select use_case, coalesce(arm, '') as arm, category, evidence, currency, day, committed_until,
           coalesce(note, '') as note, sum(amount) as pico, count(*) as rows
    from cost_row
    group by use_case, coalesce(arm, ''), category, evidence, currency, day, committed_until,
             coalesce(note, '')
    order by use_case, arm, category, evidence, currency, day, committed_until, note
"""

VALUE_QUERY = """
    select use_case, kind, evidence, currency, day, sum(amount) as pico, sum(hours) as hours,
           count(*) as rows
    from value_row
    group by use_case, kind, evidence, currency, day
    order by use_case, kind, evidence, currency, day
"""

BILL_QUERY = """
    select use_case, currency, day, sum(billed) as pico, count(*) as rows
    from bill_row
    group by use_case, currency, day
    order by use_case, currency, day
"""

# Calls by the day of their task's first call: the burn of what is metered.
SPEND_BY_DAY_QUERY = """
    select use_case, first_day as day, sum(pico) as pico
    from task_cost
    where first_day is not null
    group by use_case, first_day
    order by use_case, first_day
"""

# An outcome without a day of its own stands on the day of its task's first call.
ACCEPTED_BY_DAY_QUERY = """
    select use_case, arm, coalesce(decided_day, first_day) as day, trials,
           sum(coalesce(accepted, 0)) as accepted, sum(trials - checked) as unchecked
    from task_outcome
    where tasks = 1
    group by use_case, arm, coalesce(decided_day, first_day), trials
    order by use_case, arm, day, trials
"""

# Each side is summed before the join; joining tasks to tasks would cost as much again.
WEEKLY_QUERY = """
    with spent as (select t.use_case, c.week, count(*) as tasks, sum(t.calls) as calls,
                          sum(t.pico) as pico
                   from task_cost t join calendar c on t.first_day = c.day
                   group by t.use_case, c.week),
         kept as (select t.use_case, c.week, sum(t.checked) as checked, sum(t.accepted) as accepted
                  from task_outcome t join calendar c on t.first_day = c.day
                  group by t.use_case, c.week)
    select spent.use_case, spent.week, spent.tasks, spent.calls, kept.checked, spent.pico,
           kept.accepted
    from spent join kept on spent.use_case = kept.use_case and spent.week = kept.week
    order by spent.use_case, spent.week
"""


@dataclass(frozen=True, slots=True)
class CostLine:
    """Costs of one use case, category, day and note. `amount` is in `currency`."""

    use_case: str
    arm: str
    category: str
    evidence: Evidence
    currency: str
    day: date
    committed_until: date | None
    note: str
    amount: Decimal
    rows: int


@dataclass(frozen=True, slots=True)
class ValueLine:
    """Value of one use case, kind and day; `amount` None where only hours were freed."""

    use_case: str
    kind: str
    evidence: Evidence
    currency: str | None
    day: date
    amount: Decimal | None
    hours: Decimal | None
    rows: int


@dataclass(frozen=True, slots=True)
class BillLine:
    """Invoiced for one use case on one day."""

    use_case: str
    currency: str
    day: date
    amount: Decimal
    rows: int


def costs(rows: Iterable[Sequence[Any]]) -> list[CostLine]:
    """From the rows of COST_QUERY."""
    return [
        CostLine(use_case, arm, category, _evidence(known), currency, day, until, note, _money(pico), n)
        for use_case, arm, category, known, currency, day, until, note, pico, n in rows
    ]


def values(rows: Iterable[Sequence[Any]]) -> list[ValueLine]:
    """From the rows of VALUE_QUERY."""
    return [
        ValueLine(
            use_case, kind, _evidence(known), currency, day, None if pico is None else _money(pico), hours, n
        )
        for use_case, kind, known, currency, day, pico, hours, n in rows
    ]


def bills(rows: Iterable[Sequence[Any]]) -> list[BillLine]:
    """From the rows of BILL_QUERY."""
    return [BillLine(use_case, currency, day, _money(pico), n) for use_case, currency, day, pico, n in rows]


def _evidence(word: str) -> Evidence:
    return Evidence[word.upper()]


def _money(pico: Decimal | int) -> Decimal:
    return Decimal(pico).scaleb(-12)
