"""One way of working: what it was given, what it got accepted, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from payback.assessment import ArmResult, SingleTasks, TodayResult
from payback.assessor.accepted_share import accepted_share
from payback.assessor.context import Context
from payback.assessor.estimates import exact, of_pico
from payback.assessor.money_out import limits_of_spend, none_known
from payback.assessor.unit_costs import Costed, cost_of_accepted, full_cost
from payback.locale import say, say_count
from payback.measures.economics.spread import Alike, spread
from payback.measures.work import Work
from payback.numbers import count as written_count
from payback.records import PICO, Evidence, Figure, Interval, Unknown

AI, TODAY, OTHER = "ai", "today", "other"


def arm_result(context: Context, arm: str, way: Costed, today: TodayResult | None, role: str) -> ArmResult:
    """Everything about one way of working."""
    work = way.work
    full, parts = full_cost(context, way, today)
    return ArmResult(
        arm=arm,
        title=context.title(arm),
        role=role,
        tasks=work.tasks,
        trials=work.trials,
        checked=work.checked,
        acceptance=accepted_share(
            context,
            (way.arm.n, way.arm.checked, way.arm.accepted),
            work.total("accepted"),
            work.checked,
            binary=work.binary,
            origins=context.sources.of("outcome"),
            omissions=missing_outcomes(work),
        ),
        spend=_spend(context, way),
        cost_per_accepted=cost_of_accepted(context, way),
        full_unit_cost=full,
        parts=parts,
        unknown_cost=whole_tasks(work.unknown),
        unpriced=work.unpriced_calls,
        notes=(*missing_outcomes(work), *missing_costs(work)),
    )


def single_tasks(way: Costed, alike: Sequence[Alike], today: TodayResult | None) -> SingleTasks | None:
    """How much single tasks differ in full cost; None where their full cost, or a spread, is not known."""
    if way.missing is not None or today is None or not isinstance(today.unit_cost, Figure):
        return None
    loose = Fraction(way.work.loose_pico, way.work.tasks) / PICO if way.work.tasks else Fraction(0)
    found = spread(alike, loose + Fraction(way.besides.value), Fraction(today.unit_cost.value), PICO)
    if found is None:
        return None
    return SingleTasks(exact(found.low), exact(found.middle), exact(found.high), found.tasks)


def whole_tasks(share: Fraction) -> int:
    """Tasks of which at least a part is meant."""
    return int(exact(share).to_integral_value(ROUND_CEILING))


def missing_outcomes(work: Work) -> tuple[str, ...]:
    """What is said of tasks that nobody checked."""
    unchecked = work.tasks - work.checked
    if not unchecked:
        return ()
    return (
        say_count(
            "{tasks} task was never checked, counted both ways",
            "{tasks} tasks were never checked, counted both ways",
            unchecked,
            tasks=written_count(unchecked),
        ),
    )


def missing_costs(work: Work) -> tuple[str, ...]:
    """What is said of tasks whose cost is not known, in full or in part."""
    if not work.unknown or not work.calls:
        return ()
    return (
        say(
            "the cost of {tasks} of {all} tasks is not known: 0 at the low end, "
            "the largest known cost at the high end",
            tasks=written_count(whole_tasks(work.unknown)),
            all=written_count(work.tasks),
        ),
    )


def _spend(context: Context, way: Costed) -> Figure | Unknown:
    """Its calls at list price and its rows of cost, building too."""
    work, rows = way.work, way.besides.rows
    if not work.calls and not rows:
        return Unknown(
            say("no call of it is logged, and no cost"),
            fix=say("list its usage, or its costs, in payback.toml"),
        )
    if not rows and work.calls == work.unknown_calls:
        return Unknown(none_known(work.calls), fix=say("see what was left out: prices and currency rates"))
    low, high = limits_of_spend([work])
    bounds = None
    if low != high:
        sentence = say("unknown costs at 0, and at the largest known")
        paid = sum((line.amount for line in rows), Decimal(0))
        bounds = Interval(low + paid, None if high is None else high + paid, "missing-bounds", None, sentence)
    return Figure(
        name="spend",
        value=sum((line.amount for line in rows), of_pico(work.spent_pico)),
        unit="money",
        formula="spend",
        evidence=min([line.evidence for line in rows] + ([Evidence.MEASURED] if work.calls else [])),
        currency=context.currency,
        period=context.period,
        bounds=bounds,
        count=work.calls or sum(line.rows for line in rows),
        counted=say("calls") if work.calls else say("rows"),
        origins=context.sources.of(*(["usage"] if work.calls else []), *(["cost"] if rows else [])),
        omissions=missing_costs(work),
    )
