"""Cost per accepted result and full cost of a finished unit of work, of one way of working."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from payback.assessment import CostPart, TodayResult
from payback.assessor.accepted_share import plain
from payback.assessor.context import Context
from payback.assessor.estimates import ends_of, exact, interval_of, of_pico
from payback.assessor.per_task import Part, PerTask
from payback.locale import say
from payback.measures.economics.unit_cost import (
    Arm,
    break_even_today,
    full_unit_cost,
    least_cost_per_accepted,
)
from payback.measures.estimate import Floats
from payback.measures.work import Exact, Work
from payback.numbers import count as written_count
from payback.numbers import money, of_hundred
from payback.records import PICO, Evidence, Figure, Input, Interval, Unknown


@dataclass(frozen=True, slots=True)
class Costed:
    """One way of working ready for its unit costs: its work, the same as arrays, and what else a task costs."""

    work: Work
    arm: Arm
    besides: PerTask
    notes: tuple[str, ...]

    @property
    def attempt(self) -> Fraction | None:
        """Calls per task, in the currency: of tasks of known cost, and a share of calls of no task.

        None where no task's cost is known, or only that some made no call.
        """
        known = self.work.tasks - self.work.unknown
        if known <= 0 or (self.work.unknown and not self.work.most_pico):
            return None
        return (self.work.total("pico") / known + Fraction(self.work.loose_pico, self.work.tasks)) / PICO

    @property
    def paid_for(self) -> bool:
        """Whether anything says what it cost: calls, people's minutes or rows of cost."""
        return bool(self.work.calls or self.besides.parts)

    @property
    def share(self) -> Fraction:
        """Accepted over checked."""
        return self.work.total("accepted") / self.work.checked

    @property
    def missing(self) -> Unknown | None:
        """Why there is no unit cost at all."""
        if not self.work.checked:
            return Unknown(say("no outcomes checked"), fix=say("list a source of outcomes in payback.toml"))
        if not self.paid_for and not self.work.unknown:
            return Unknown(say("nothing says what it cost"), fix=_list_costs())
        return self.besides.unknown


def _list_costs() -> str:
    return say("list its usage, or its costs, in payback.toml")


def costed(work: Work, besides: PerTask, notes: tuple[str, ...]) -> Costed:
    """One way of working with the arrays its unit costs are made from."""
    return Costed(work, arrays(work), besides, (*notes, *besides.notes))


def arrays(work: Work) -> Arm:
    """The arrays that estimates are made from, money in whole currency.

    Calls of no task cost every task the same, as nobody knows better.
    """
    cells = list(work.cells.values())
    loose: Exact = Fraction(work.loose_pico, work.tasks) if work.loose_pico and work.tasks else 0

    def column(values: Iterable[Exact | float]) -> Floats:
        return np.array([float(value) for value in values], dtype=np.float64)

    return Arm(
        n=column(cell.tasks for cell in cells),
        checked=column(cell.checked for cell in cells),
        accepted=column(cell.accepted for cell in cells),
        cost=column(_in_currency(cell.pico + cell.partial_pico + loose * cell.tasks) for cell in cells),
        unknown=column(cell.unknown for cell in cells),
        largest_cost=_in_currency(work.most_pico) if work.most_pico else None,
    )


def _in_currency(pico: Exact) -> float:
    """The nearest float: dividing whole numbers is exact to the last bit, and quick."""
    return pico / PICO if isinstance(pico, int) else float(pico / PICO)


def cost_of_accepted(context: Context, way: Costed) -> Figure | Unknown:
    """All it cost over all it got accepted: calls, people's minutes and its share of the platform."""
    work = way.work
    if way.missing is not None:
        return way.missing
    if not work.total("accepted"):
        return _none_accepted(context, way)
    attempt = way.attempt
    if attempt is None:
        return _lower_bound(context, way)
    estimate = break_even_today(way.arm, way.besides.ends)
    shown, missing, notes = interval_of(
        estimate, "break-even-today" if way.besides.parts else "cost-per-accepted", float(way.share)
    )
    return Figure(
        name="cost_per_accepted",
        value=(exact(attempt) + way.besides.value) / exact(way.share),
        unit="money",
        formula="cost-per-accepted",
        evidence=_evidence(way),
        currency=context.currency,
        per=context.case.unit,
        period=context.period,
        interval=shown,
        bounds=missing,
        count=work.checked,
        counted=say("tasks"),
        inputs=(*_inputs(context, way), *_of_parts(context, way.besides.parts)),
        origins=context.sources.of("usage", "outcome", *(["cost"] if way.besides.parts else [])),
        omissions=way.notes,
        notes=notes,
    )


def break_even(per_accepted: Figure | Unknown) -> Figure | Unknown:
    """What today's way must cost for both to cost the same: what an accepted result costs, all in."""
    if isinstance(per_accepted, Unknown):
        return Unknown(say("the cost of an accepted result is not known"), fix=per_accepted.fix)
    if per_accepted.bounds is not None and per_accepted.bounds.high is None:
        return Unknown(say("only a least cost of an accepted result is known"))
    return replace(per_accepted, name="break_even_today", formula="break-even-today")


def _evidence(way: Costed) -> Evidence:
    return min((Evidence.MEASURED, *(part.evidence for part in way.besides.parts)))


def _inputs(context: Context, way: Costed) -> tuple[Input, ...]:
    work = way.work
    known: tuple[Input, ...] = ()
    if work.calls or work.unknown:
        total = of_pico(work.total("pico"))
        known = (
            Input(say("known cost, repeats averaged"), money(total, context.currency), Evidence.MEASURED),
            Input(say("tasks of known cost"), plain(work.tasks - work.unknown), Evidence.MEASURED),
        )
    if work.loose_pico:
        loose = money(of_pico(work.loose_pico), context.currency)
        known += (Input(say("calls that name no task"), loose, Evidence.MEASURED),)
    return (
        *known,
        Input(say("accepted"), plain(work.total("accepted")), Evidence.MEASURED),
        Input(say("checked"), written_count(work.checked), Evidence.MEASURED),
    )


def _of_parts(context: Context, parts: tuple[Part, ...]) -> tuple[Input, ...]:
    return tuple(
        Input(say("{part}, a task", part=part.name), money(part.value, context.currency), part.evidence)
        for part in parts
    )


def _none_accepted(context: Context, way: Costed) -> Unknown:
    """No figure where nothing was accepted, but what one accepted result costs at the least."""
    reason = say("no outcome was accepted")
    if way.paid_for and way.arm.checked.sum() > 0:
        each = replace(way.arm, cost=way.arm.cost + way.arm.n * way.besides.ends[0])
        least = least_cost_per_accepted(each)
        if least > 0:
            reason = say(
                "no outcome was accepted; one costs {least} or more",
                least=money(Decimal(str(least)), context.currency),
            )
    return Unknown(reason, fix=say("widen the period, or look at why outcomes are rejected"))


def _lower_bound(context: Context, way: Costed) -> Figure | Unknown:
    """Where no task's cost is known in full: what is known over all that may have been accepted."""
    work = way.work
    known = (work.total("partial_pico") + work.loose_pico) / PICO + Fraction(way.besides.value) * work.tasks
    least = known / (work.total("accepted") + work.tasks - work.checked)
    if not work.total("partial_pico") and not work.loose_pico:
        return Unknown(say("its calls were not logged"), fix=say("log its calls, or its cost"))
    only = say("only part of its calls is logged")
    return Figure(
        name="cost_per_accepted",
        value=exact(least),
        unit="money",
        formula="cost-per-accepted",
        evidence=_evidence(way),
        currency=context.currency,
        per=context.case.unit,
        period=context.period,
        bounds=Interval(exact(least), None, "missing-bounds", None, only),
        count=work.checked,
        counted=say("tasks"),
        origins=context.sources.of("usage", "outcome"),
        omissions=(say("part of the cost of every task is not known: this much or more"),),
    )


def full_cost(
    context: Context, way: Costed, today: TodayResult | None
) -> tuple[Figure | Unknown, tuple[CostPart, ...]]:
    """Attempt, people, platform and what is redone as today, for each finished unit; and these parts."""
    if way.missing is not None:
        return way.missing, ()
    attempt = way.attempt
    if attempt is None:
        return Unknown(say("the cost of an attempt is not known"), fix=_list_costs()), ()
    parts = [_plain_part(context, say("calls"), exact(attempt))] if way.work.calls else []
    parts += [_cost_part(context, part) for part in way.besides.parts]
    ends = ends_of(today.unit_cost) if today is not None else None
    if today is None or ends is None or not isinstance(today.unit_cost, Figure):
        reason = say("what is not accepted is redone as today, and today's cost is not known")
        fix = say("give [use_cases.{name}.today] in payback.toml", name=context.name)
        parts.append(CostPart(say("redone as today"), Unknown(reason, fix=fix)))
        return Unknown(reason, fix=fix), tuple(parts)
    redone = exact(1 - way.share)
    parts.append(_cost_part(context, _redone(context, today, today.unit_cost, redone)))
    estimate = full_unit_cost(way.arm, ends, way.besides.ends)
    shown, missing, notes = interval_of(estimate, "full-unit-cost", float(way.share))
    if not today.declared and today.unit_cost.interval is None:
        notes += (say("today's cost has no range, so this range leaves that out"),)
    figures = [part.figure for part in parts if isinstance(part.figure, Figure)]
    return (
        Figure(
            name="full_unit_cost",
            value=sum((figure.value for figure in figures), Decimal(0)),
            unit="money",
            formula="full-unit-cost",
            evidence=min(figure.evidence for figure in figures),
            currency=context.currency,
            per=context.case.unit,
            period=context.period,
            interval=shown,
            bounds=missing,
            count=way.work.tasks,
            counted=say("tasks"),
            inputs=tuple(
                Input(figure.name, money(figure.value, context.currency), figure.evidence)
                for figure in figures
            ),
            origins=context.sources.of("usage", "outcome", "cost"),
            omissions=way.notes,
            notes=notes,
        ),
        tuple(parts),
    )


def _redone(context: Context, today: TodayResult, unit_cost: Figure, share: Decimal) -> Part:
    """What is not accepted, done as today; where nobody does it today, what leaving it undone loses."""
    undone = context.case.today is not None and context.case.today.nothing
    written = of_hundred(share)
    name = (
        say("left undone, {share}", share=written)
        if undone
        else say("redone as today, {share}", share=written)
    )
    within = unit_cost.interval
    low, high = unit_cost.value, unit_cost.value
    if within is not None and within.low is not None and within.high is not None:
        low, high = within.low, within.high
    shown = None
    if share and low != high:
        sentence = say("at the two ends of today's cost")
        shown = Interval(share * low, share * high, "declared", None, sentence)
    evidence = Evidence.ESTIMATED if today.declared else min(Evidence.MEASURED, unit_cost.evidence)
    return Part(name, share * unit_cost.value, evidence, share * low, share * high, shown)


def _plain_part(context: Context, name: str, value: Decimal) -> CostPart:
    return _cost_part(context, Part(name, value, Evidence.MEASURED, value, value))


def _cost_part(context: Context, part: Part) -> CostPart:
    return CostPart(
        part.name,
        Figure(
            name=part.name,
            value=part.value,
            unit="money",
            formula="full-unit-cost",
            evidence=part.evidence,
            currency=context.currency,
            per=context.case.unit,
            period=context.period,
            interval=part.interval,
            inputs=part.inputs,
            origins=context.sources.of("usage", "outcome", "cost"),
        ),
    )
