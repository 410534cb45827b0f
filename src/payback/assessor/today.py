"""How the same work is done today: a way of working with rows, or what was declared."""

from __future__ import annotations

from payback.assessment import TodayResult
from payback.assessor.context import Context
from payback.assessor.unit_costs import Costed, break_even, cost_of_accepted
from payback.locale import say
from payback.project import Today
from payback.quantities import Quantity
from payback.records import Evidence, Figure, Input, Interval, Origin, Unknown


def today_result(
    context: Context, mine: Costed | None, ai_cost: Figure | Unknown | None
) -> TodayResult | None:
    """How the work is done today; None where nothing is said of it.

    `mine` is today's way where it has rows, `ai_cost` what an accepted result of the AI costs, all in.
    Rows with calls, or with people's minutes, come before what was declared.
    """
    today = context.case.today
    if today is None:
        return None
    declared = today.declared_cost
    unit_cost: Figure | Unknown = Unknown(
        say("no row names the way of working {arm}", arm=today.arm),
        fix=say("give its rows that arm, or declare `cost` or `minutes` and `wage_per_hour`"),
    )
    if mine is not None and not today.nothing and _tells_its_cost(mine, today):
        declared, unit_cost = None, cost_of_accepted(context, mine)
    elif declared is not None:
        unit_cost = _declared(context, today, declared)
    elif mine is not None:
        unit_cost = Unknown(
            say("today's way has no cost: no calls, and no minutes with a wage"),
            fix=say("give minutes in its outcome rows and `wage_per_hour`"),
        )
    no_row = Unknown(say("no row names the way of working that is judged"))
    return TodayResult(
        arm=today.arm,
        title=today.title or context.title(today.arm),
        declared=declared is not None,
        unit_cost=unit_cost,
        break_even=no_row if ai_cost is None else break_even(ai_cost),
        note=today.source,
    )


def _tells_its_cost(mine: Costed, today: Today) -> bool:
    """Whether its rows say what it cost; a declared `cost` yields only to calls."""
    return bool(mine.work.calls or (mine.besides.parts and today.cost is None))


def _declared(context: Context, today: Today, declared: Quantity) -> Figure:
    origin = Origin(context.file, note=", ".join(part for part in (today.by, str(today.on or "")) if part))
    inputs: tuple[Input, ...] = ()
    if today.minutes is not None and today.wage_per_hour is not None and not today.nothing:
        inputs = (
            Input(say("minutes a unit"), str(today.minutes), Evidence.ESTIMATED, origin),
            Input(say("wage an hour"), str(today.wage_per_hour), Evidence.ESTIMATED, origin),
        )
    within = None
    if declared.is_range:
        sentence = say("the two ends of what was declared")
        within = Interval(declared.low, declared.high, "declared", None, sentence)
    return Figure(
        name="unit_cost_today",
        value=declared.middle,
        unit="money",
        formula="declared",
        evidence=Evidence.ESTIMATED,
        currency=context.currency,
        per=context.case.unit,
        interval=within,
        inputs=inputs,
        origins=(origin,),
        notes=(today.source,) if today.source else (),
    )
