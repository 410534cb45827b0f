"""What to measure next: what it costs, what it is worth at most, and why, in words nobody has to look up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from payback.assessor.returns.prospect import Prospect
from payback.assessor.returns.rounding import as_money
from payback.assessor.returns.stated import SHARE, Input
from payback.locale import say, say_count
from payback.measures.ranges import Shape, median
from payback.measures.returns import cash
from payback.measures.returns.information import (
    WORTH_TELLING,
    Net,
    Worth,
    group_known,
    more_cases,
    more_of_a_mean,
)
from payback.measures.returns.simulation import Simulation
from payback.numbers import count as written_count
from payback.records import Evidence
from payback.returned import Measurement, WorthLine

CASES = (25, 50, 100, 200, 400, 800, 1600)
MOST_SHOWN = 4
SPREAD = 1.0
"""Of single cases, over their mean, where nobody timed any: as of durations that are exponential."""
CLOSE = 0.95
TIMED = {cash.MINUTES_TODAY, cash.REVIEW_MINUTES}


@dataclass(frozen=True, slots=True)
class _Plan:
    """A measurement of so many cases: what it costs, if that is known, and what it is worth."""

    cases: int | None
    costs: float | None
    worth: float

    @property
    def gain(self) -> float:
        return self.worth - (self.costs or 0.0)


def measure_next(
    currency: str, prospect: Prospect, found: Simulation, known: Worth
) -> tuple[Measurement, ...]:
    """What is worth measuring before deciding: first what pays for itself, the most gain first."""
    measurements = []
    for each in known.inputs:
        given = prospect.inputs[each.name]
        if not each.told or each.name.endswith(".when"):
            continue
        plan = _best(prospect, given, found, each.value)
        if plan.worth <= WORTH_TELLING * known.everything.value:
            continue
        pays = plan.costs is not None and plan.gain > 0
        measurements.append(
            (
                (pays, plan.gain if pays else plan.worth),
                Measurement(
                    key=each.name,
                    what=_what(given, plan.cases),
                    cases=plan.cases,
                    costs=None if plan.costs is None else as_money(plan.costs, currency, digits=3),
                    worth=as_money(plan.worth, currency, digits=2),
                    why=_why(given, plan),
                    pays=pays,
                ),
            )
        )
    measurements.sort(key=lambda each: each[0], reverse=True)
    return tuple(measurement for _, measurement in measurements[:MOST_SHOWN])


def worth_of_knowing(
    currency: str, prospect: Prospect, found: Simulation, known: Worth, net: Net
) -> tuple[WorthLine, ...]:
    """What it is worth to know each input exactly, all that is only claimed, all that is estimated, and everything.

    Groups only where their mean worth is known and not fitted: fitting many inputs takes longer than all the rest.
    """
    lines = [
        WorthLine(each.name, given.label, as_money(each.value, currency, digits=2), given.evidence)
        for each in known.inputs
        if each.told and not (given := prospect.inputs[each.name]).key.endswith(".when")
    ]
    if not lines:
        return ()
    everything = known.everything.value
    for grade, label in (
        (Evidence.CLAIMED, say("all that is only claimed")),
        (Evidence.ESTIMATED, say("all that is estimated")),
    ):
        names = [
            name
            for name in found.draws.unsure
            if prospect.inputs[name].evidence is grade and not name.endswith(".when")
        ]
        others = set(found.draws.unsure) - set(names)
        if len(names) > 1 and not prospect.together and others <= set(found.slopes):
            group = group_known(
                found.net, found.draws, names,
                inputs=prospect.distributions, model=net, straight=found.slopes,
            )  # fmt: skip
            amount = min(group.value, everything)
            lines.append(WorthLine(grade.key, label, as_money(amount, currency, digits=2), grade))
    lines.append(
        WorthLine("everything", say("everything, chance too"), as_money(everything, currency, digits=2), None)
    )
    return tuple(lines)


def _best(prospect: Prospect, given: Input, found: Simulation, exactly: float) -> _Plan:
    """How many cases to look at: where worth less cost is largest; for what is not counted in cases, all."""
    each_costs = _one_more(prospect, given)
    values = found.draws.values[given.key]
    worth_of: Callable[[int], float]
    if given.key == cash.ACCEPTANCE and _is_share(given):
        worth_of = partial(more_cases, found.net, values)
    elif given.key in TIMED and float(values.min()) > 0:
        worth_of = partial(more_of_a_mean, found.net, values, given.spread or SPREAD)
    else:
        told = None if given.one_more_costs is None else float(given.one_more_costs)
        return _Plan(None, told, exactly)
    plans = []
    for cases in CASES:
        costs = None if each_costs is None else each_costs * cases
        if costs is not None and costs >= exactly:
            break  # more than knowing it exactly is worth
        plans.append(_Plan(cases, costs, min(worth_of(cases), exactly)))
        if costs is None and plans[-1].worth >= CLOSE * exactly:
            break
    return max(plans, key=lambda plan: plan.gain, default=_Plan(None, None, 0.0))


def _is_share(given: Input) -> bool:
    return given.unit == SHARE and given.what.shape in {Shape.BETA, Shape.MEASURED_SHARE}


def _one_more(prospect: Prospect, given: Input) -> float | None:
    """What one more case costs: as stated, else people's minutes on it at their wage."""
    if given.one_more_costs is not None:
        return float(given.one_more_costs)
    wage = prospect.inputs.get(cash.WAGE)
    minutes = prospect.inputs.get(cash.REVIEW_MINUTES if given.key == cash.ACCEPTANCE else given.key)
    if wage is None or minutes is None:
        return None
    return median(wage.what) * median(minutes.what) / cash.MINUTES_AN_HOUR


def _what(given: Input, cases: int | None) -> str:
    """The thing to do, as an order."""
    if cases is not None:
        shown = written_count(cases)
        if given.key == cash.ACCEPTANCE:
            return say_count("Check {shown} more result", "Check {shown} more results", cases, shown=shown)
        if given.key == cash.REVIEW_MINUTES:
            return say_count("Time {shown} review", "Time {shown} reviews", cases, shown=shown)
        return say_count(
            "Time {shown} done by people, as today",
            "Time {shown} done by people, as today",
            cases,
            shown=shown,
        )
    if given.key == cash.REALISATION:
        return say("Have it signed which share of what is saved leaves a budget")
    if given.key == cash.VOLUME:
        return say("Count how much of this work there is")
    if given.key == cash.ADOPTION:
        return say("Try out which share of the work people do this way")
    if given.key == cash.PRICE_CHANGE:
        return say("Ask vendors for a binding price of the models")
    return say("Find out: {what}", what=given.label)


def _why(given: Input, plan: _Plan) -> str:
    """What would be known better, and what it rests on today."""
    if given.cases is not None and given.evidence >= Evidence.MEASURED:
        why = say_count(
            "“{what}” rests on {shown} case", "“{what}” rests on {shown} cases", given.cases,
            what=given.label, shown=written_count(given.cases),
        )  # fmt: skip
    elif given.evidence is Evidence.CLAIMED and given.by:
        why = say("“{what}” is only claimed, by {who}", what=given.label, who=given.by)
    elif given.evidence is Evidence.CLAIMED:
        why = say("“{what}” is only claimed", what=given.label)
    elif given.by:
        why = say("“{what}” rests on one estimate, by {who}", what=given.label, who=given.by)
    else:
        why = say("“{what}” rests on one estimate", what=given.label)
    if plan.cases is not None and given.key in TIMED and not given.spread:
        why += say("; single cases are taken to differ as much as their mean")
    if plan.cases is None:
        why += say("; the worth is of knowing it exactly")
    return why
