"""What rows of forecasts say, and how many results were checked by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

FORECAST_QUERY = """
    select made_on, coalesce(made_by, '') as made_by, coalesce(use_case, '') as use_case, quantity, low, high,
           coalesce(for_period, '') as for_period, batch, source_row
    from forecast_row
    order by batch, source_row
"""

# A task tried several times counts once, by its mean over the tries that were checked.
CHECKED_QUERY = """
    select use_case, arm, coalesce(decided_day, first_day) as day, trials, sum(checked) as checked,
           sum(coalesce(accepted, 0)) as accepted
    from task_outcome
    where tasks = 1
    group by use_case, arm, coalesce(decided_day, first_day), trials
    order by use_case, arm, day, trials
"""


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One row of the table `forecast`, as it stands there; `batch` and `row` say where."""

    made_on: date
    made_by: str
    use_case: str
    quantity: str
    low: Decimal | None
    high: Decimal | None
    for_period: str
    batch: str
    row: int


@dataclass(frozen=True, slots=True)
class CheckedDay:
    """Results of a day: of how many tasks' worth checked, of how many accepted. `day` None: not known."""

    use_case: str
    arm: str
    day: date | None
    checked: Fraction
    accepted: Fraction


def forecast_rows(rows: Iterable[Sequence[Any]]) -> list[ForecastRow]:
    """From the rows of FORECAST_QUERY."""
    return [
        ForecastRow(on, by, case, quantity, _exact(low), _exact(high), period, batch, int(row))
        for on, by, case, quantity, low, high, period, batch, row in rows
    ]


def checked_days(rows: Iterable[Sequence[Any]]) -> list[CheckedDay]:
    """From the rows of CHECKED_QUERY."""
    return [
        CheckedDay(case, arm, day, Fraction(int(checked), trials), Fraction(accepted) / trials)
        for case, arm, day, trials, checked, accepted in rows
    ]


def _exact(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
