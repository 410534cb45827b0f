"""Why results were not accepted, how bad that was, and what it cost (docs/formulas.md, "failures", "harm")."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from payback.locale import say
from payback.measures.estimate import LEVEL, Estimate, Floats, Range, rounded, too_few
from payback.measures.proportion import most_share, share_range
from payback.measures.ratio import ratio_interval
from payback.measures.work import Exact, mean
from payback.records import Unknown

_IN_PERIOD = """
    (first_day is null or (first_day >= period.first_day_of and first_day < period.first_day_after))
"""

# `judged` trials of a task are checked, or somebody said how bad they were.
REASON_QUERY = f"""
    select use_case, arm, cell, judged, coalesce(reason, '') as reason,
           coalesce(severity, '') as severity, count(*) as trials, count(accepted) as checked,
           sum(case when accepted is null then 0 else 1 - accepted end) as lost
    from trial_outcome, period
    where tasks = 1 and (accepted is not null or severity is not null) and {_IN_PERIOD}
    group by use_case, arm, cell, judged, coalesce(reason, ''), coalesce(severity, '')
    order by use_case, arm, cell, judged, reason, severity
"""

# Costs of harm by cluster and number of trials: repeats are averaged within the task.
COST_QUERY = f"""
    select use_case, arm, cell, trials, count(*) as results, count(harm_pico) as told,
           sum(coalesce(harm_pico, 0)) as pico,
           sum(case when harm_pico is null and accepted is not null and accepted < 1 then 1 else 0 end)
               as untold
    from trial_outcome, period
    where tasks = 1 and {_IN_PERIOD}
    group by use_case, arm, cell, trials
    order by use_case, arm, cell, trials
"""

# A histogram: amounts of the same three leading digits stand together.
TAIL_QUERY = f"""
    select use_case, arm, harm_bucket, count(*) as results, sum(harm_pico) as pico, max(harm_pico) as most
    from trial_outcome, period
    where tasks = 1 and harm_pico > 0 and {_IN_PERIOD}
    group by use_case, arm, harm_bucket
    order by use_case, arm, harm_bucket
"""

# Of all days, for the money that went out: harm counts on the day its task began.
DAY_QUERY = """
    select use_case, arm, coalesce(first_day, decided_day) as day, sum(harm_pico) as pico,
           count(harm_pico) as results
    from trial_outcome
    where tasks = 1 and harm_pico is not null
    group by use_case, arm, coalesce(first_day, decided_day)
    order by use_case, arm, day
"""

# Of all days, for gates: how many results were how bad, on the day that was decided.
SEVERITY_DAY_QUERY = """
    select use_case, arm, coalesce(decided_day, first_day) as day, severity, count(*) as results
    from trial_outcome
    where tasks = 1 and severity is not null
    group by use_case, arm, coalesce(decided_day, first_day), severity
    order by use_case, arm, day, severity
"""

Key = tuple[str, str]
"""(use case, way of working)"""

SEVERE = frozenset({"severe", "critical", "fatal", "blocker"})
"""Words of `severity` that are severe, unless the project names its own."""

FEWEST_HARMED = 20
"""Fewer results with a cost of harm than this give no range of its mean (simulated, docs/coverage)."""

FINITE_VARIANCE = 2.0
"""A tail index below this is of costs without a variance: 75 to 94 of 100 ranges hold (docs/coverage/delivery.md)."""

TAIL_SHARE, FEWEST_IN_TAIL = 0.2, 10
"""Hill's estimate looks at the largest fifth of the results that had a cost of harm, and at no fewer than this."""


@dataclass(slots=True)
class Failures:
    """Tasks by cluster, and of them by reason and by severity, repeats averaged within the task.

    `lost` is by reason, "" where none was given; `bad` by severity, "" where none was.
    """

    tasks: dict[str, Exact] = field(default_factory=dict)
    lost: dict[str, dict[str, Exact]] = field(default_factory=dict)
    bad: dict[str, dict[str, Exact]] = field(default_factory=dict)
    binary: bool = True

    @property
    def judged(self) -> Fraction:
        return Fraction(sum(self.tasks.values()))

    def count(self, words: Mapping[str, Exact]) -> Fraction:
        """Sum over the clusters."""
        return Fraction(sum(words.values()))


def failures(rows: Iterable[Sequence[Any]]) -> Mapping[Key, Failures]:
    """From the rows of REASON_QUERY; words that differ only in capitals or spaces are one."""
    found: defaultdict[Key, Failures] = defaultdict(Failures)
    for use_case, arm, cell, judged, reason, severity, trials, checked, lost in rows:
        each = found[use_case, arm]
        each.tasks[cell] = each.tasks.get(cell, 0) + mean(int(trials), judged)
        part = mean(lost, judged)
        if part:
            _add(each.lost, word(reason), cell, part)
        if severity:
            _add(each.bad, word(severity), cell, mean(int(trials), judged))
        each.binary = (
            each.binary and judged == 1 and Fraction(lost).denominator == 1 and checked in {0, trials}
        )
    return dict(found)


def word(given: str) -> str:
    """A reason or severity as it is counted."""
    return " ".join(given.split()).casefold()


def _add(to: dict[str, dict[str, Exact]], name: str, cell: str, part: Exact) -> None:
    cells = to.setdefault(name, {})
    cells[cell] = cells.get(cell, 0) + part


def share_of(
    found: Failures, hits: Mapping[str, Exact], maybe: Mapping[str, Exact], unchecked: Mapping[str, Exact]
) -> Estimate:
    """The share of the judged tasks that failed so, with its range.

    `maybe` are failures of a reason nobody gave and `unchecked` tasks nobody looked at, both by
    cluster: none of them at the low end, all of them at the high end, as in the limits.
    """
    cells = sorted({*found.tasks, *unchecked})

    def column(of: Mapping[str, Exact]) -> Floats:
        return np.array([float(of.get(cell, 0)) for cell in cells])

    judged, least, open_, rest = (column(of) for of in (found.tasks, hits, maybe, unchecked))
    tasks, most = judged + rest, least + open_ + rest
    missing = None
    if (most > least).any():
        missing = Range(
            low=rounded(float(least.sum() / tasks.sum())),
            high=rounded(float(most.sum() / tasks.sum())),
            method="missing-bounds",
            sentence=say("if none, or all, of what nobody gave a reason for or checked had failed so"),
            level=None,
        )
    there = tasks > 0
    tasks, least, most = tasks[there], least[there], most[there]
    alone = found.binary and bool(np.all(tasks == 1))
    refused = None if alone else too_few(len(tasks))
    return Estimate(
        float(least.sum() / judged.sum()), refused or share_range(tasks, least, most, alone=alone), missing
    )


def at_most(found: Failures, hits: Mapping[str, Exact], level: float = LEVEL) -> float:
    """The share that such failures pass with a chance of 1 - `level` at the most, among the judged."""
    cells = sorted(cell for cell, tasks in found.tasks.items() if tasks)
    tasks: Floats = np.array([float(found.tasks[cell]) for cell in cells])
    return most_share(tasks, np.array([float(hits.get(cell, 0)) for cell in cells]), level)


@dataclass(slots=True)
class HarmCost:
    """What harm cost: by cluster per task, and the sizes of what single results cost, largest last.

    `results` are all, `told` those with an amount, `untold` those not accepted that have none.
    `sizes` are (results, their sum, the largest of them), in 10^-12 of the currency.
    """

    tasks: dict[str, Exact] = field(default_factory=dict)
    pico: dict[str, Exact] = field(default_factory=dict)
    results: int = 0
    told: int = 0
    untold: int = 0
    total: int = 0
    sizes: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def harmed(self) -> int:
        """Results that cost anything."""
        return sum(count for count, _, _ in self.sizes)

    @property
    def largest(self) -> int:
        return self.sizes[-1][2] if self.sizes else 0


def harm_costs(
    cost_rows: Iterable[Sequence[Any]], tail_rows: Iterable[Sequence[Any]]
) -> Mapping[Key, HarmCost]:
    """From the rows of COST_QUERY and TAIL_QUERY; ways of working for which nobody gave an amount are not there."""
    found: defaultdict[Key, HarmCost] = defaultdict(HarmCost)
    for use_case, arm, cell, trials, results, told, pico, untold in cost_rows:
        each = found[use_case, arm]
        each.tasks[cell] = each.tasks.get(cell, 0) + mean(int(results), trials)
        each.pico[cell] = each.pico.get(cell, 0) + mean(int(pico), trials)
        each.results += int(results)
        each.told += int(told)
        each.untold += int(untold)
        each.total += int(pico)
    for use_case, arm, _, results, pico, most in tail_rows:
        found[use_case, arm].sizes.append((int(results), int(pico), int(most)))
    return {key: each for key, each in found.items() if each.told}


def mean_harm(found: HarmCost, scale: int, level: float = LEVEL) -> Range | Unknown:
    """The range of the cost of harm per task, or why the tail of costs allows none."""
    harmed = found.harmed
    if harmed < FEWEST_HARMED:
        return Unknown(
            say(
                "{harmed} results with a cost of harm are too few for a range of their mean; it takes {fewest}",
                harmed=harmed,
                fewest=FEWEST_HARMED,
            )
        )
    index = tail_index(found)
    if index is not None and index < 1:
        return Unknown(say("a few results cost so much more than all others that no average holds"))
    cells = sorted(found.tasks)
    made = ratio_interval(
        np.array([float(Fraction(found.pico[cell]) / scale) for cell in cells]),
        np.array([float(found.tasks[cell]) for cell in cells]),
        level=level,
    )
    if isinstance(made, Unknown) or index is None or index >= FINITE_VARIANCE:
        return made
    return replace(
        made, notes=(*made.notes, say("a few results cost very much: such a range is often too low"))
    )


def _in_tail(harmed: int) -> int:
    return max(FEWEST_IN_TAIL, int(TAIL_SHARE * harmed))


def tail_index(found: HarmCost) -> float | None:
    """Hill 1975, of the largest fifth of what single results cost; below 1 no mean exists. None of too few."""
    count = _in_tail(found.harmed)
    if found.harmed <= count:
        return None
    largest: list[float] = []
    for results, pico, _ in reversed(found.sizes):
        largest += [pico / results] * min(results, count + 1 - len(largest))
        if len(largest) > count:
            break
    top: Floats = np.array(largest)
    spread = float(np.log(top[:-1] / top[-1]).mean())
    return 1 / spread if spread > 0 else math.inf


def worst_of(found: HarmCost, one_in: int) -> int | None:
    """What the worst 1 in `one_in` results cost or more; None where there are not so many results."""
    wanted = found.results // one_in
    if wanted < 1:
        return None
    seen = 0
    for results, _, most in reversed(found.sizes):
        seen += results
        if seen >= wanted:
            return most
    return 0
