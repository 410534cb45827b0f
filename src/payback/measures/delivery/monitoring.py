"""What was decided, in the order in which it came: what the gates of a use case bet on (payback.measures.bets)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from payback.measures.bets import MOST_STAKE, Bet, mean_bet, monthly_bet, share_bet

# What was decided, in the order in which it came. `checked` outcomes of a day, `accepted` of them;
# `open` outcomes nobody has checked are on the day of their task's first call.
STREAM_QUERY = """
    select o.use_case, o.arm, case when watched.grain = 'day' then '' when watched.grain = 'cell' then o.cell
                                   else o.cluster end as unit,
           coalesce(o.decided_day, o.first_day) as day, o.trials, o.checked, c.unknown_trials,
           sum(o.tasks) as tasks, sum(coalesce(o.accepted, 0)) as accepted,
           sum(c.pico + c.inherited_pico - c.partial_pico) as pico, sum(c.partial_pico) as partial_pico,
           max(c.pico + c.inherited_pico) as most_pico
    from watched
    join task_outcome o on watched.use_case = o.use_case and watched.arm = o.arm
    join task_cost c on o.use_case = c.use_case and o.arm = c.arm and o.task = c.task
    where o.tasks = 1
    group by o.use_case, o.arm, case when watched.grain = 'day' then '' when watched.grain = 'cell' then o.cell
                                     else o.cluster end,
             coalesce(o.decided_day, o.first_day), o.trials, o.checked, c.unknown_trials
    order by o.use_case, o.arm, day, unit, o.trials, o.checked, c.unknown_trials
"""
WATCHED_COLUMNS = (("use_case", "VARCHAR"), ("arm", "VARCHAR"), ("grain", "VARCHAR"))


@dataclass(frozen=True, slots=True)
class Observed:
    """What one unit (a day, a task, a cluster) gave on one day, repeats averaged within the task.

    `open` tasks have no outcome yet, `unknown` ones no cost known in full; money in 10^-12 of the
    currency, `most_pico` that of the dearest task.
    """

    unit: str
    day: date
    tasks: int
    open: float
    accepted: float
    unknown: float
    pico: float
    most_pico: float


def observed(rows: Iterable[Sequence[Any]]) -> Mapping[tuple[str, str], tuple[Observed, ...]]:
    """By use case and way of working, in order of day and unit; rows of STREAM_QUERY.

    What is on no known day was there before everything else.
    """
    found: dict[tuple[str, str], dict[tuple[date, str], Observed]] = {}
    for use_case, arm, unit, day, trials, checked, unknown, tasks, accepted, pico, partial, most in rows:
        mine = found.setdefault((use_case, arm), {})
        key = (day or date.min, str(unit))
        before = mine.get(key) or Observed(key[1], key[0], 0, 0.0, 0.0, 0.0, 0.0, 0.0)
        score = float(accepted) / checked if checked else 0.0
        mine[key] = Observed(
            unit=key[1],
            day=key[0],
            tasks=before.tasks + int(tasks),
            open=before.open + (0.0 if checked else float(tasks)),
            accepted=before.accepted + score,
            unknown=before.unknown + float(tasks) * unknown / trials,
            pico=before.pico + float(pico + partial) / trials,
            most_pico=max(before.most_pico, float(most) / trials),
        )
    return {key: tuple(mine[at] for at in sorted(mine)) for key, mine in found.items()}


Value = Callable[[Observed], float]
"""What a unit is worth to a bet, from 0 to 1."""


def bet(
    given: Sequence[Observed],
    value: Value,
    least: float,
    confidence: float,
    *,
    grouped: bool,
    until: date,
    most_stake: float = MOST_STAKE,
) -> tuple[Bet, date | None]:
    """The bet that the mean value of a unit is above `least`, and the day it was won.

    Where tasks come in groups, a group is the unit. While groups go on growing, only the ends of months
    are looked at, each at its share of the error; otherwise every unit is.
    """
    if not grouped or _one_day_each(given):
        values = np.array([value(each) for each in given], dtype=np.float64)
        made = mean_bet(values, least, confidence, most_stake)
        return made, None if made.won_at is None else given[made.won_at].day
    ends = _month_ends(given, until)
    looks = [
        np.array([value(each) for each in merged([one for one in given if one.day <= end])], dtype=np.float64)
        for end in ends
    ]
    made = monthly_bet(looks, least, confidence, most_stake)
    return made, None if made.won_at is None else ends[made.won_at]


def share_bet_of(given: Sequence[Observed], least: float, confidence: float) -> tuple[Bet, date | None]:
    """The bet that more than `least` of independent tasks are accepted; what nobody checked counts as not."""
    accepted = np.array([each.accepted for each in given], dtype=np.float64)
    made = share_bet(accepted, np.array([each.tasks for each in given], dtype=np.float64), least, confidence)
    return made, None if made.won_at is None else given[made.won_at].day


def merged(given: Iterable[Observed]) -> list[Observed]:
    """Every unit once, in the order of their first days."""
    found: dict[str, Observed] = {}
    for each in given:
        before = found.get(each.unit)
        found[each.unit] = (
            each
            if before is None
            else Observed(
                unit=each.unit,
                day=before.day,
                tasks=before.tasks + each.tasks,
                open=before.open + each.open,
                accepted=before.accepted + each.accepted,
                unknown=before.unknown + each.unknown,
                pico=before.pico + each.pico,
                most_pico=max(before.most_pico, each.most_pico),
            )
        )
    return list(found.values())


def _one_day_each(given: Sequence[Observed]) -> bool:
    return len({each.unit for each in given}) == len(given)


def _month_ends(given: Sequence[Observed], until: date) -> list[date]:
    """Last days of months, from the first that has something to the last that is over."""
    known = [each.day for each in given if each.day > date.min]
    if not known:
        return [until]
    year, month = min(known).year, min(known).month
    ends: list[date] = []
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        end = date(year, month, 1) - timedelta(days=1)
        if end > until:
            return ends
        ends.append(end)
