"""One use case put together: its figures, its gates, its verdict, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from payback import seals
from payback.assessment import ArmResult, Comparison, UseCaseResult
from payback.assessor.alternatives import Found, own_or_call
from payback.assessor.burn_ahead import Budgeted, ahead, booked, budget_end
from payback.assessor.burn_alerts import alerts, unmeasured
from payback.assessor.capacity import Priced, hardware, unpriced_hours
from payback.assessor.checked import checked
from payback.assessor.comparisons import comparisons
from payback.assessor.context import Context, Sources
from payback.assessor.delivery import Delivered, delivery, harm_counted, missing_notes
from payback.assessor.exchange import Back, Invoiced, Out
from payback.assessor.experiments import Tried, experiment_of
from payback.assessor.judging import Accepted, History, burned, changed_rules, gate_results, history, seen
from payback.assessor.kinds import segment_rows
from payback.assessor.money_back import hours_freed, hours_needed, money_back, payback_ratio, promise
from payback.assessor.money_out import Spending, money_out
from payback.assessor.per_task import per_task, wage
from payback.assessor.returns import Known, Prospect, Reader, outlook, past, prospect, vendor_lines
from payback.assessor.sentences import decisions, headline, left_out, no_result
from payback.assessor.today import today_result
from payback.assessor.unit_costs import Costed, cost_of_accepted, costed
from payback.assessor.watching import Stream, looks_at, watched
from payback.assessor.ways import AI, OTHER, TODAY, arm_result, missing_costs, missing_outcomes, single_tasks
from payback.gates import judgement
from payback.locale import say
from payback.measures.delivery.judge import Looked
from payback.measures.delivery.pairs import Pair
from payback.measures.delivery.segments import SegmentWork
from payback.measures.economics.spread import Alike
from payback.measures.returns.vendors import Vendor
from payback.measures.work import Work
from payback.project import Project, UseCase
from payback.records import Evidence, Figure, Money, Period, Unknown

WEEKS_AT_LEAST = 4


@dataclass(frozen=True, slots=True)
class Collected:
    """All rollups of a run, as measures return them, money in the project's currency."""

    works: Mapping[tuple[str, str], Work]
    cost_pairs: Mapping[tuple[str, str, str], Pair]
    outcome_pairs: Mapping[tuple[str, str, str], Pair]
    segments: Mapping[tuple[str, str, str, str], SegmentWork]
    segment_differences: Mapping[tuple[str, str, str], Pair]
    streams: Mapping[tuple[str, str], Stream]
    alike: Mapping[tuple[str, str], tuple[Alike, ...]]
    looked: Mapping[tuple[str, str], Looked]
    tried: Tried
    costs: Mapping[str, Sequence[Out]]
    held: Mapping[str, Sequence[Priced]]
    values: Mapping[str, Sequence[Back]]
    bills: Mapping[str, Sequence[Invoiced]]
    spend_by_day: Mapping[str, Sequence[tuple[date, Decimal]]]
    accepted_by_day: Mapping[tuple[str, str], Sequence[Accepted]]
    delivered: Delivered
    sources: Mapping[str, Sources]
    as_of: date
    period: Period
    reader: Reader
    vendors: Mapping[tuple[str, str], Sequence[Vendor]]


def judged_of(case: UseCase, works: Mapping[str, Work]) -> str | None:
    """The way of working that is judged: the one named, else the only one that is not today's."""
    if case.arm is not None:
        return case.arm
    today = case.today.arm if case.today else None
    others = [arm for arm in works if arm != today]
    return others[0] if len(others) == 1 else None


def compared_with(case: UseCase, works: Mapping[str, Work], judged: str) -> list[str]:
    """The ways of working the judged one is compared with: today's where it has rows, else every other."""
    today = case.today.arm if case.today else None
    if today is not None and today in works:
        return [today] if today != judged else []
    others = [arm for arm in works if arm != judged]
    return sorted(others, key=lambda arm: (case.arms.get(arm) or arm).casefold())


def use_case_result(
    project: Project, name: str, collected: Collected, sealed: seals.Seal | None, *, looks_ahead: bool = True
) -> tuple[UseCaseResult, Prospect | None]:
    """Everything about one use case, and its future ready to be drawn together with others.

    Without `looks_ahead` nothing is said of spending still to come, which moves no verdict.
    """
    case, currency, period = project.use_cases[name], project.currency, collected.period
    benchmark = project.benchmark
    works = {arm: work for (of, arm), work in collected.works.items() if of == name}
    judged = judged_of(case, works)
    sources = collected.sources.get(name, Sources({}))
    context = Context(name, case, currency, period, sources, project.file.name)
    costs = of_the_ai(case, works, collected.costs.get(name, ()))
    bills, calls = collected.bills.get(name, ()), collected.spend_by_day.get(name, ())
    spending = Spending(
        list(works.values()),
        [call for call in calls if call[0] in period],
        [line for line in costs if line.day in period],
        [bill for bill in bills if bill.day in period],
        unpriced_hours(collected.held.get(name, ()), period),
    )
    out, out_parts = money_out(spending, currency, period, sources)
    all_values = collected.values.get(name, ())
    values = [value for value in all_values if value.day in period]
    back, back_parts = money_back(values, currency, period, sources, benchmark=benchmark)
    ways = _costed(context, works, collected.costs.get(name, ()), judged)
    ai_cost = cost_of_accepted(context, ways[judged]) if judged in ways else None
    today = today_result(context, ways.get(case.today.arm) if case.today else None, ai_cost)
    arms = tuple(
        arm_result(context, arm, ways[arm], today, _role(case, arm, judged))
        for arm in sorted(works, key=lambda arm: context.title(arm).casefold())
    )
    arms = tuple(
        replace(arm, notes=(*arm.notes, *missing_notes(collected.delivered.splits.get((name, arm.arm)))))
        for arm in arms
    )
    arms = tuple(
        replace(arm, single=single_tasks(ways[arm.arm], collected.alike.get((name, arm.arm), ()), today))
        if arm.arm == judged
        else arm
        for arm in arms
    )
    ai = next((arm for arm in arms if arm.arm == judged), None)
    today_arm = case.today.arm if case.today else None
    compared: tuple[Comparison, ...] = ()
    if judged is not None and judged in works:
        compared = comparisons(
            context, judged, compared_with(case, works, judged), works,
            collected.cost_pairs, collected.outcome_pairs, today.unit_cost if today else None,
        )  # fmt: skip
    against_today = next((each.acceptance for each in compared if each.against == today_arm), None)
    known = history(
        costs, bills, calls, collected.accepted_by_day.get((name, judged or ""), ()), all_values,
        collected.as_of,
    )  # fmt: skip
    burn = None if benchmark else burned(case, currency, known)
    unknown = bool(spending.unpriced_hours)
    unknown |= any(work.unknown_trials or work.unknown_days for work in works.values())
    bets = watched(
        case,
        collected.streams.get((name, judged or "")),
        ways.get(judged or ""),
        today,
        collected.as_of,
        currency,
    )
    harm = harm_counted(context, collected.delivered, judged, collected.costs.get(name, ()), collected.as_of)
    looked_at = seen(known, currency, _ranges(ai), bets, spend_unknown=unknown, harmed=harm)
    gates = gate_results(case, looked_at, sealed)
    last = min(period.first_day_after, collected.as_of + timedelta(days=1))
    days = _worked(collected, name, judged, max(last, period.first_day + timedelta(days=1)))
    today_way = ways.get(case.today.arm) if case.today else None
    future = prospect(
        project, name, collected.reader,
        Known(ways.get(judged or ""), ai, today, today_way, burn, days, period, collected.as_of),
    )  # fmt: skip
    returns = None
    if future is not None:
        due = burn.falls_due if burn is not None else Money(Decimal(0), currency)
        returns = outlook(currency, future, past(known, future.start), due)
        returns = replace(returns, vendors=vendor_lines(collected.vendors.get((name, judged or ""), ())))
    coming = None
    if looks_ahead and not benchmark:
        looked_until = project.looked_at.first_day_after - timedelta(days=1) if project.looked_at else None
        coming = ahead(
            name,
            booked(costs, bills, calls, collected.as_of),
            known,
            burn,
            Budgeted(
                case,
                currency,
                budget_end(case, looked_until, collected.as_of),
                by_ets=project.returns.spend_forecast == "ets",
            ),
        )
    decision = judgement(gates, burn, case.fixes, no_result=no_result(known, burn), returns=returns)
    hours = hours_freed(values, period, sources, benchmark=benchmark)
    if isinstance(hours, Figure) and (needed := hours_needed(hours, out, back, wage(case, today_arm or ""))):
        hours = replace(hours, notes=(*hours.notes, needed))
    held = hardware(collected.held.get(name, ()), currency, period, sources, burn)
    result = UseCaseResult(
        key=name,
        title=project.title_of(name),
        unit=case.unit,
        stage=case.stage,
        owner=case.owner,
        currency=currency,
        period=period,
        verdict=decision.verdict,
        why=decision.why,
        headline=headline(
            context, out, back, ai, today, plan=returns is not None and not works and burn is None
        ),
        until=decision.until,
        out=out,
        out_parts=out_parts,
        back=back,
        back_parts=back_parts,
        hours_freed=hours,
        payback_ratio=payback_ratio(out, back),
        arms=arms,
        judged=judged,
        today=today,
        comparisons=compared,
        segments=segment_rows(
            context,
            collected.segments,
            {
                (of, value): pair
                for (at, of, value), pair in collected.segment_differences.items()
                if at == name
            },
            against_today.value if isinstance(against_today, Figure) else None,
        ),
        gates=gates,
        burn=burn,
        promise=promise(case.claims, _came(case, all_values, back_parts, context, collected.as_of), currency),
        decisions=decisions(
            context, decision, burn, gates, works.get(judged or ""), benchmark=benchmark, returns=returns
        ),
        left_out=left_out(context, works, judged, spending),
        notes=(*case.notes, *changed_rules(case, sealed)),
        checks=checked(context, collected.looked),
        experiment=experiment_of(context, judged, works, collected.tried),
        hardware=held,
        own_or_call=own_or_call(
            project, context, collected.reader, Found(ways, arms, today, judged, held, days)
        ),
        looks=looks_at(case, collected.streams.get((name, judged or "")), collected.as_of),
        delivery=delivery(
            context, collected.delivered, works, judged, collected.costs.get(name, ()), collected.as_of
        ),
        returns=returns,
        burn_ahead=coming,
        alerts=alerts(coming, gates, unmeasured(case, looked_at, ai), collected.as_of) if looks_ahead else (),
    )
    return result, future


def history_of(project: Project, name: str, collected: Collected) -> History:
    """Money and results of a use case by day, whatever period the figures are of."""
    case = project.use_cases[name]
    works = {arm: work for (of, arm), work in collected.works.items() if of == name}
    judged = judged_of(case, works)
    return history(
        of_the_ai(case, works, collected.costs.get(name, ())),
        collected.bills.get(name, ()),
        collected.spend_by_day.get(name, ()),
        collected.accepted_by_day.get((name, judged or ""), ()),
        collected.values.get(name, ()),
        collected.as_of,
    )


def _came(
    case: UseCase,
    values: Sequence[Back],
    of_period: tuple[tuple[Evidence, Money], ...],
    context: Context,
    as_of: date,
) -> tuple[tuple[Evidence, Money], ...]:
    """What came of the days that were promised, to the as-of day; of the period where they are not said."""
    about = [claim.period for claim in case.claims if claim.amount is not None]
    if not about or None in about:
        return of_period
    first = min(days.first_day for days in about if days is not None)
    after = min(max(days.first_day_after for days in about if days is not None), as_of + timedelta(days=1))
    if first >= after:
        return ()
    whole = Period(first, after)
    mine = [value for value in values if value.day in whole]
    return money_back(mine, context.currency, whole, context.sources, benchmark=False)[1]


def _worked(collected: Collected, name: str, judged: str | None, after: date) -> tuple[date, date]:
    """The days the work of a month is counted over: from its first call or result, where it began within the period.

    Rows that all fall within four weeks may have been entered together, so that the whole period stands for them.
    """
    period = collected.period
    found = [each.day for each in collected.accepted_by_day.get((name, judged or ""), ()) if each.day]
    found += [day for day, _ in collected.spend_by_day.get(name, ())]
    first = min((day for day in found if day in period), default=period.first_day)
    return (first if (after - first).days >= WEEKS_AT_LEAST * 7 else period.first_day), after


def _costed(
    context: Context, works: Mapping[str, Work], costs: Sequence[Out], judged: str | None
) -> dict[str, Costed]:
    """Every way of working with what its tasks cost besides its calls."""
    in_period = [line for line in costs if line.day in context.period]
    return {
        arm: costed(
            work,
            per_task(context, arm, work, in_period, judged),
            (*missing_outcomes(work), *missing_costs(work)),
        )
        for arm, work in works.items()
    }


def of_the_ai(case: UseCase, works: Mapping[str, Work], costs: Sequence[Out]) -> list[Out]:
    """Costs without those of today's way, which are no AI spending unless that way makes calls too."""
    today = case.today.arm if case.today else None
    if today is None or (today in works and works[today].calls):
        return list(costs)
    return [line for line in costs if line.arm != today]


def _role(case: UseCase, arm: str, judged: str | None) -> str:
    if arm == judged:
        return AI
    return TODAY if case.today is not None and arm == case.today.arm else OTHER


def _ranges(ai: ArmResult | None) -> dict[str, Figure | Unknown]:
    """The figures that gates show with their range; bets decide on them."""
    if ai is None:
        nothing = Unknown(say("no row names the way of working that is judged"))
        return dict.fromkeys(("acceptance", "cost_per_accepted", "full_unit_cost"), nothing)
    return {
        "acceptance": ai.acceptance,
        "cost_per_accepted": ai.cost_per_accepted,
        "full_unit_cost": ai.full_unit_cost,
    }
