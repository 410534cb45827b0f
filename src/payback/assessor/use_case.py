"""One use case put together: its figures, its gates, its verdict, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback import seals
from payback.assessment import (
    ArmResult,
    Comparison,
    Decision,
    GateResult,
    Omission,
    TodayResult,
    UseCaseResult,
)
from payback.assessor.estimates import exact, of_pico
from payback.assessor.flows import (
    Back,
    Out,
    Sources,
    hours_freed,
    money_back,
    money_out,
    payback_ratio,
    promise,
)
from payback.assessor.ways import (
    AI,
    OTHER,
    TODAY,
    Context,
    arm_result,
    comparisons,
    per_task,
    segment_rows,
    today_result,
)
from payback.days import day as written_day
from payback.gates import GateState, Judgement, Seen, Verdict, judged, judgement, running
from payback.locale import say, say_count
from payback.measures.delivery.pairs import Pair
from payback.measures.delivery.segments import SegmentWork
from payback.measures.returns.burn import Burn, Line, Spent, burn
from payback.measures.work import Work
from payback.numbers import count as written_count
from payback.numbers import money, number
from payback.project import Project, UseCase
from payback.records import Figure, Period, Unknown


@dataclass(frozen=True, slots=True)
class Collected:
    """All rollups of a run, as measures return them, money in the project's currency."""

    works: Mapping[tuple[str, str], Work]
    cost_pairs: Mapping[tuple[str, str, str], Pair]
    outcome_pairs: Mapping[tuple[str, str, str], Pair]
    segments: Mapping[tuple[str, str, str, str], SegmentWork]
    segment_differences: Mapping[tuple[str, str, str], Pair]
    costs: Mapping[str, Sequence[Out]]
    values: Mapping[str, Sequence[Back]]
    bills: Mapping[str, Sequence[tuple[date, Decimal, int]]]
    spend_by_day: Mapping[str, Sequence[tuple[date, Decimal]]]
    accepted_by_day: Mapping[tuple[str, str], Sequence[tuple[date | None, Fraction, int]]]
    sources: Mapping[str, Sources]
    as_of: date
    period: Period


def judged_of(case: UseCase, works: Mapping[str, Work]) -> str | None:
    """The way of working that is judged: the one named, else the only one that is not today's."""
    if case.arm is not None:
        return case.arm
    today = case.today.arm if case.today else None
    others = [arm for arm in works if arm != today]
    return others[0] if len(others) == 1 else None


def use_case_result(
    project: Project, name: str, collected: Collected, sealed: seals.Seal | None
) -> UseCaseResult:
    """Everything about one use case."""
    case = project.use_cases[name]
    works = {arm: work for (of, arm), work in collected.works.items() if of == name}
    judged_arm = judged_of(case, works)
    period, sources = collected.period, collected.sources.get(name, Sources({}))
    context = Context(name, case, project.currency, period, sources, project.file.name)
    all_costs = collected.costs.get(name, ())
    costs = [line for line in all_costs if line.day in period]
    values = [value for value in collected.values.get(name, ()) if value.day in period]
    bills = [bill for bill in collected.bills.get(name, ()) if bill[0] in period]
    out, out_parts = money_out(list(works.values()), costs, bills, project.currency, period, sources)
    back, back_parts = money_back(values, project.currency, period, sources, benchmark=project.benchmark)
    besides = {arm: per_task(context, arm, work, costs, judged_arm) for arm, work in works.items()}
    today = today_result(context, works, judged_arm, besides.get(judged_arm or ""))
    arms = tuple(
        arm_result(context, arm, works[arm], besides[arm], today, _role(case, arm, judged_arm))
        for arm in sorted(works, key=lambda arm: context.title(arm).casefold())
    )
    ai = next((arm for arm in arms if arm.arm == judged_arm), None)
    today_arm = case.today.arm if case.today else None
    others = [today_arm] if today_arm in works else [arm.arm for arm in arms if arm.arm != judged_arm]
    compared: tuple[Comparison, ...] = ()
    if judged_arm in works:
        compared = comparisons(
            context, judged_arm or "", [other for other in others if other],
            collected.cost_pairs, collected.outcome_pairs,
        )  # fmt: skip
    against_today = next((each for each in compared if each.against == today_arm), None)
    overall = (
        against_today.acceptance.value
        if against_today is not None and isinstance(against_today.acceptance, Figure)
        else None
    )
    differences = {
        (of, value): pair
        for (use_case, of, value), pair in collected.segment_differences.items()
        if use_case == name
    }
    burned = None
    if not project.benchmark:
        burned = _burn(case, project.currency, all_costs, name, judged_arm, collected)
    hours = hours_freed(values, period, sources, benchmark=project.benchmark)
    seen = _seen(project, name, judged_arm, collected, ai, burned)
    results = tuple(_with_seal(judged(gate, seen), gate.name, case, sealed) for gate in case.gates)
    decision = judgement(
        results, burned, case.fixes, no_result=_no_result(name, judged_arm, collected, burned)
    )
    promised = promise(case.claims, back_parts, project.currency)
    return UseCaseResult(
        key=name,
        title=project.title_of(name),
        unit=case.unit,
        stage=case.stage,
        owner=case.owner,
        currency=project.currency,
        period=period,
        verdict=decision.verdict,
        why=decision.why,
        headline=_headline(context, out, back, ai, today),
        until=decision.until,
        out=out,
        out_parts=out_parts,
        back=back,
        back_parts=back_parts,
        hours_freed=hours,
        payback_ratio=payback_ratio(out, back),
        arms=arms,
        judged=judged_arm,
        today=today,
        comparisons=compared,
        segments=segment_rows(context, collected.segments, differences, overall),
        gates=results,
        burn=burned,
        promise=promised,
        decisions=_decisions(project, name, case, decision, burned, results, works),
        left_out=_left_out(project, works),
        notes=case.notes,
    )


def _role(case: UseCase, arm: str, judged_arm: str | None) -> str:
    if arm == judged_arm:
        return AI
    return TODAY if case.today is not None and arm == case.today.arm else OTHER


def _burn(
    case: UseCase,
    currency: str,
    costs: Sequence[Out],
    name: str,
    judged_arm: str | None,
    collected: Collected,
) -> Burn | None:
    spending = [Spent(line.day, line.amount, line.what, line.committed_until) for line in costs]
    bills = collected.bills.get(name, ())
    if bills:
        spending += [Spent(day, amount, say("invoices")) for day, amount, _ in bills]
    else:
        spending += [Spent(day, amount, say("calls")) for day, amount in collected.spend_by_day.get(name, ())]
    line = None
    if case.kill_line is not None:
        line = Line(case.kill_line.spend, case.kill_line.unless_accepted)
    accepted = [
        (day or collected.as_of, exact(count), unchecked)
        for day, count, unchecked in collected.accepted_by_day.get((name, judged_arm or ""), ())
    ]
    return burn(spending, accepted, currency, collected.as_of, budget=case.budget, line=line)


def _seen(
    project: Project,
    name: str,
    judged_arm: str | None,
    collected: Collected,
    ai: ArmResult | None,
    burned: Burn | None,
) -> Seen:
    results = [
        (day or collected.as_of, exact(count), unchecked)
        for day, count, unchecked in collected.accepted_by_day.get((name, judged_arm or ""), ())
    ]
    works = [work for (of, _), work in collected.works.items() if of == name]
    values = collected.values.get(name, ())
    nothing = Unknown(say("no row names the way of working that is judged"))
    ranges: dict[str, Figure | Unknown] = dict.fromkeys(
        ("acceptance", "cost_per_accepted", "full_unit_cost"), nothing
    )
    if ai is not None:
        ranges = {
            "acceptance": ai.acceptance,
            "cost_per_accepted": ai.cost_per_accepted,
            "full_unit_cost": ai.full_unit_cost,
        }
    spending = []
    if burned is not None:
        before = Decimal(0)
        for point in burned.points:
            spending.append((point.day, point.spent.amount - before))
            before = point.spent.amount
    return Seen(
        as_of=collected.as_of,
        first_day=collected.period.first_day,
        currency=project.currency,
        accepted=running(
            [(day, count) for day, count, _ in results],
            [(day, Decimal(unchecked)) for day, _, unchecked in results],
        ),
        spend=running(spending),
        spend_unknown=any(work.unknown_trials for work in works),
        value_back=running(
            [
                (value.day, value.amount)
                for value in values
                if value.amount is not None and value.evidence.counts_as_back
            ]
        ),
        hours_freed=running(
            [
                (value.day, value.hours)
                for value in values
                if value.hours is not None and value.evidence.counts_as_back
            ]
        ),
        ranges=ranges,
    )


def _with_seal(result: GateResult, name: str, case: UseCase, sealed: seals.Seal | None) -> GateResult:
    if sealed is None:
        return result
    then = sealed.gate(name)
    now = next(gate for gate in seals.rules(case)["gates"] if gate["name"] == name)
    return replace(result, sealed_on=sealed.on, changed_after_seal=then != now)


def _no_result(name: str, judged_arm: str | None, collected: Collected, burned: Burn | None) -> str:
    """What there was to show when the kill line was crossed, to the as-of day."""
    if burned is None or burned.crossed_on is None:
        return ""
    accepted = sum(
        (count for _, count, _ in collected.accepted_by_day.get((name, judged_arm or ""), ())),
        Fraction(0),
    )
    first = burned.points[0].day
    months = (collected.as_of.year - first.year) * 12 + collected.as_of.month - first.month + 1
    if not accepted:
        return say_count(
            "No accepted result in {count} month.", "No accepted result in {count} months.", months
        )
    return say("{accepted} accepted results so far.", accepted=written_count(int(accepted)))


def _headline(
    context: Context,
    out: Figure | Unknown,
    back: Figure | Unknown,
    ai: ArmResult | None,
    today: TodayResult | None,
) -> str:
    """The answer in one sentence: unit against unit where both are known, else money against money."""
    if ai is not None and today is not None:
        full, now = ai.full_unit_cost, today.unit_cost
        if isinstance(full, Figure) and isinstance(now, Figure):
            compared = say(
                "With the AI, all in: {ours} for each {unit}; as today: {theirs}.",
                unit=context.case.unit,
                ours=_span(full, context.currency, whole=today.declared),
                theirs=_span(now, context.currency, whole=today.declared),
            )
            if isinstance(today.break_even, Figure) and today.declared:
                compared += " " + say(
                    "It is cheaper where today's way costs more than {break_even}.",
                    break_even=money(today.break_even.value, context.currency),
                )
            return compared
    if isinstance(out, Unknown):
        return say("Nothing is recorded yet.")
    spent = money(out.value, out.currency or "")
    if isinstance(back, Unknown):
        return say("{spent} went out; what came back is not recorded.", spent=spent)
    if back.value == 0:
        return say("{spent} went out, nothing came back.", spent=spent)
    return say(
        "{spent} went out, {back} came back.", spent=spent, back=money(back.value, back.currency or "")
    )


def _span(figure: Figure, currency: str, *, whole: bool) -> str:
    """The range where the figure rests on a declared one (`whole`): its middle says little. Else the value."""
    ends = figure.interval
    if not whole or ends is None or ends.low is None or ends.high is None:
        return money(figure.value, currency)
    return say("{low} to {high}", low=number(ends.low), high=money(ends.high, currency))


def _decisions(
    project: Project,
    name: str,
    case: UseCase,
    decision: Judgement,
    burned: Burn | None,
    gates: Sequence[GateResult],
    works: Mapping[str, Work],
) -> tuple[Decision, ...]:
    title = project.title_of(name)
    found: list[Decision] = []
    if decision.verdict is Verdict.STOP:
        worth = costs = ""
        if burned is not None and burned.saved_a_month is not None:
            worth = say(
                "{amount} a month saved",
                amount=money(burned.saved_a_month.amount, project.currency),
            )
        if burned is not None and burned.falls_due_for:
            what, _, until = burned.falls_due_for[0]
            costs = say(
                "{amount} still falls due: {what} to {day}",
                amount=money(burned.falls_due.amount, project.currency),
                what=what,
                day=written_day(until),
            )
        elif burned is not None:
            costs = say("nothing still falls due")
        found.append(
            Decision(say("Stop {title}", title=title), worth, costs, case.owner, case.decide_by, name)
        )
    found += [
        Decision(
            fix.what,
            money(fix.worth, project.currency) if fix.worth is not None else "",
            "",
            fix.owner or case.owner,
            fix.by,
            name,
        )
        for fix in case.fixes
    ]
    if decision.verdict is Verdict.SCALE:
        found.append(Decision(say("Scale {title}", title=title), "", "", case.owner, case.decide_by, name))
    if decision.verdict is Verdict.CONTINUE and not project.benchmark:
        first = next((gate for gate in gates if gate.state is GateState.NOT_DECIDED), None)
        if first is not None:
            found.append(
                Decision(
                    say("Decide the gate “{name}”", name=first.name),
                    say("seen so far: {seen}", seen=first.seen),
                    first.decides,
                    first.owner or case.owner,
                    first.due or case.decide_by,
                    name,
                )
            )
        elif not gates:
            found.append(
                Decision(
                    say("Set a gate for {title}", title=title),
                    say("without one nothing can be decided"),
                    "",
                    case.owner,
                    case.decide_by,
                    name,
                )
            )
    unchecked = sum(work.tasks - work.checked for arm, work in works.items() if arm == case.arm)
    if unchecked and not project.benchmark:
        found.append(
            Decision(
                say_count(
                    "Check the {count} outcome nobody has checked",
                    "Check the {count} outcomes nobody has checked",
                    unchecked,
                ),
                say("narrows every range of {title}", title=title),
                "",
                case.owner,
                None,
                name,
            )
        )
    return tuple(found)


def _left_out(project: Project, works: Mapping[str, Work]) -> tuple[Omission, ...]:
    found = []
    unchecked = sum(work.tasks - work.checked for work in works.values())
    if unchecked:
        found.append(
            Omission(
                say_count("{count} task was never checked", "{count} tasks were never checked", unchecked),
                unchecked,
                say("counted both ways: as all accepted at one end of a range, none at the other"),
            )
        )
    unknown = [work for work in works.values() if work.unknown and (work.calls or work.tasks)]
    if unknown:
        tasks = int(-(-sum((work.unknown for work in unknown), Fraction(0)) // 1))
        bounded = [work for work in unknown if work.most_pico]
        most = sum((work.unknown * Fraction(work.most_pico) for work in bounded), Fraction(0))
        effect = say(
            "0 at the low end and the largest known cost at the high end: at most {amount} more",
            amount=money(of_pico(most), project.currency),
        )
        if len(bounded) < len(unknown):
            effect += "; " + say("for ways of working with no known cost there is no upper end")
        found.append(
            Omission(
                say_count(
                    "the cost of {count} task is not known", "the cost of {count} tasks is not known", tasks
                ),
                tasks,
                effect,
            )
        )
    assumed = sum(work.assumed_pico for work in works.values())
    if assumed:
        found.append(
            Omission(
                say("some cached tokens have no price of their own"),
                0,
                say(
                    "counted at the most they can cost: at most {amount} too much",
                    amount=money(of_pico(assumed), project.currency),
                ),
            )
        )
    return tuple(found)
