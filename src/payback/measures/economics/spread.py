"""How much single tasks differ in cost, which is not how well their mean is known (docs/formulas.md, "spread")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

# A histogram of what tasks of known cost and outcome cost: the same three leading digits stand together.
QUERY = """
    select use_case, arm, step, trials, checked, accepted, count(*) as tasks, sum(pico) as pico
    from task_spread, period
    where tasks = 1 and checked > 0 and (first_day is null or (first_day >= period.first_day_of
                                                               and first_day < period.first_day_after))
    group by use_case, arm, step, trials, checked, accepted
    order by use_case, arm, step, trials, checked, accepted
"""

FEWEST = 10
"""Fewer single tasks have no tenth."""
ENDS = (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10))


@dataclass(frozen=True, slots=True)
class Alike:
    """Tasks that cost about the same and came out the same: how many, their mean cost in pico, their score."""

    tasks: int
    pico: Fraction
    score: Fraction


@dataclass(frozen=True, slots=True)
class Spread:
    """What a tenth, half and nine tenths of single tasks cost at most, in whole currency."""

    low: Fraction
    middle: Fraction
    high: Fraction
    tasks: int


def alike(
    rows: Iterable[Sequence[Any]], wanted: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], tuple[Alike, ...]]:
    """Of the ways of working `wanted`, from the rows of QUERY; repeats are averaged within the task."""
    found: defaultdict[tuple[str, str], list[Alike]] = defaultdict(list)
    for use_case, arm, _, trials, checked, accepted, tasks, pico in rows:
        if (use_case, arm) not in wanted:
            continue
        score = Fraction(Decimal(accepted)) / checked
        found[use_case, arm].append(Alike(int(tasks), Fraction(int(pico), int(trials) * int(tasks)), score))
    return {key: tuple(each) for key, each in found.items()}


def spread(given: Iterable[Alike], besides: Fraction, redone: Fraction, pico: int) -> Spread | None:
    """Of the full cost of single tasks: calls, `besides`, and `redone` for what was not accepted.

    None where there are too few, or all cost the same: one observation has no spread.
    """
    costs = sorted((each.pico / pico + besides + (1 - each.score) * redone, each.tasks) for each in given)
    tasks = sum(count for _, count in costs)
    if tasks < FEWEST or len({cost for cost, _ in costs}) == 1:
        return None
    ends = [_at(costs, end * tasks) for end in ENDS]
    return Spread(ends[0], ends[1], ends[2], tasks)


def _at(costs: Sequence[tuple[Fraction, int]], place: Fraction) -> Fraction:
    """The cost of the task in that place, dearest last."""
    seen = 0
    for cost, count in costs:
        seen += count
        if seen >= place:
            return cost
    return costs[-1][0]
