"""The words of a use case: its answer in one sentence, what to decide, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil

from payback.assessment import ArmResult, Decision, GateResult, Omission, TodayResult
from payback.assessor.context import Context
from payback.assessor.estimates import of_pico
from payback.assessor.judging import History
from payback.assessor.money_out import Spending
from payback.assessor.ways import whole_tasks
from payback.days import day as written_day
from payback.gates import GateState, Judgement, Verdict, next_to_decide
from payback.locale import say, say_count
from payback.measures.returns.burn import Burn
from payback.measures.work import Work
from payback.numbers import Scale, money, of_hundred, short
from payback.numbers import count as written_count
from payback.records import Figure, Unknown
from payback.returned import Returns


def headline(
    context: Context,
    out: Figure | Unknown,
    back: Figure | Unknown,
    ai: ArmResult | None,
    today: TodayResult | None,
    *,
    plan: bool = False,
) -> str:
    """The answer in one sentence: unit against unit where both are known, else money against money."""
    if ai is not None and today is not None:
        full, now = ai.full_unit_cost, today.unit_cost
        if isinstance(full, Figure) and isinstance(now, Figure):
            return _against_today(context, full, now, today)
    if isinstance(out, Unknown) and plan:
        return say("A plan so far: nothing is recorded of it, and everything said of it lies ahead.")
    if isinstance(out, Unknown):
        return say("What it cost is not known: {reason}.", reason=out.reason)
    spent = money(out.value, out.currency or "")
    if out.only_a_least:
        spent = say("{low} or more", low=spent)
    if isinstance(back, Unknown):
        return say("{spent} went out; what came back is not recorded.", spent=spent)
    if back.value == 0:
        return say("{spent} went out, nothing came back.", spent=spent)
    came = money(abs(back.value), back.currency or "")
    if back.value < 0:
        return say("{spent} went out, and another {lost} was lost.", spent=spent, lost=came)
    return say("{spent} went out, {back} came back.", spent=spent, back=came)


def _against_today(context: Context, full: Figure, now: Figure, today: TodayResult) -> str:
    """Cheaper, dearer or not known: from what today's way must cost for both to cost the same."""
    even = today.break_even
    ours = _span(full, context.currency, whole=today.declared)
    theirs = _span(now, context.currency, whole=today.declared)
    unit = context.case.unit
    undone = context.case.today is not None and context.case.today.nothing
    if not isinstance(even, Figure):
        return say(
            "With the AI, all in: {ours} for each {unit}; as today: {theirs}.",
            unit=unit, ours=ours, theirs=theirs,
        )  # fmt: skip
    from_cost = money(even.value, context.currency)
    least, most = _ends(even)
    cheapest, dearest = _ends(now)
    if undone:
        answer = say(
            "With the AI, all in: {ours} for each {unit}; nobody does it today, and each left undone loses "
            "{theirs}.",
            unit=unit, ours=ours, theirs=theirs,
        )  # fmt: skip
        return answer + " " + say("It pays where one left undone loses more than {even}.", even=from_cost)
    if most is not None and cheapest is not None and most < cheapest:
        answer = say(
            "Cheaper than today: {ours} for each {unit} with the AI, all in; as today: {theirs}.",
            unit=unit, ours=ours, theirs=theirs,
        )  # fmt: skip
    elif least is not None and dearest is not None and least > dearest:
        answer = say(
            "Dearer than today: {ours} for each {unit} with the AI, all in; as today: {theirs}.",
            unit=unit, ours=ours, theirs=theirs,
        )  # fmt: skip
    else:
        answer = say(
            "Not known whether it is cheaper: {ours} for each {unit} with the AI, all in; as today: {theirs}.",
            unit=unit, ours=ours, theirs=theirs,
        )  # fmt: skip
    if not today.declared:
        return answer
    return answer + " " + say("It is cheaper where today's way costs more than {even}.", even=from_cost)


def _ends(figure: Figure) -> tuple[Decimal | None, Decimal | None]:
    """Both ends of a figure's range. A declared number is its own range; a sample without one has none."""
    if figure.interval is not None:
        return figure.interval.low, figure.interval.high
    return (figure.value, figure.value) if figure.formula == "declared" else (None, None)


def _span(figure: Figure, currency: str, *, whole: bool) -> str:
    """The range where the figure rests on a declared one (`whole`): its middle says little. Else the value."""
    ends = figure.interval
    if not whole or ends is None or ends.low is None or ends.high is None:
        return money(figure.value, currency)
    scale = Scale.of([ends.high], currency)
    return say(
        "{low} to {high} {unit}", low=scale.text(ends.low), high=scale.text(ends.high), unit=scale.unit
    )


def no_result(known: History, burn: Burn | None) -> str:
    """What there was to show when the kill line was crossed, to the as-of day."""
    if burn is None or burn.crossed_on is None:
        return ""
    accepted = sum((each.accepted for each in known.results), Decimal(0))
    unchecked = sum((each.unchecked for each in known.results), Decimal(0))
    if accepted:
        said = say_count("{count} accepted result so far.", "{count} accepted results so far.", int(accepted))
    else:
        first = burn.points[0].day
        months = (known.as_of.year - first.year) * 12 + known.as_of.month - first.month + 1
        said = say_count(
            "No accepted result in {count} month.", "No accepted result in {count} months.", months
        )
    if unchecked > 0:
        more = say_count(
            "{count} outcome is not checked.", "{count} outcomes are not checked.", ceil(unchecked)
        )
        said = f"{said} {more}"
    return said


def decisions(
    context: Context,
    decision: Judgement,
    burn: Burn | None,
    gates: Sequence[GateResult],
    judged: Work | None,
    *,
    benchmark: bool,
    returns: Returns | None = None,
) -> tuple[Decision, ...]:
    """What somebody should decide or measure next, the verdict first."""
    case, title = context.case, context.case.title or context.name
    found: list[Decision] = []
    begun = returns is None or judged is not None or burn is not None

    def add(what: str, worth: str = "", costs: str = "", who: str = "", by: date | None = None) -> None:
        found.append(Decision(what, worth, costs, who or case.owner, by or case.decide_by, context.name))

    if decision.verdict is Verdict.STOP:
        stopping = say("Stop {title}", title=title) if begun else say("Do not begin {title}", title=title)
        add(stopping, *_stopping(context, burn))
    if decision.verdict is Verdict.WAIT:
        waits = [each.worth.amount for each in returns.choices if each.months_waited] if returns else []
        worth = money(max(waits), context.currency) if waits else ""
        add(say("Wait with {title}: {why}", title=title, why=decision.why), worth, by=decision.until)
    pilot = returns.pilot if returns else None
    if (
        decision.verdict is Verdict.CONTINUE
        and returns is not None
        and pilot is not None
        and pilot is returns.best
    ):
        cost = next((each.median for each in returns.inputs if each.key == "pilot.cost"), None)
        add(
            say("Try {title} first, with its gate", title=title),
            money(pilot.worth.amount, context.currency),
            money(cost, context.currency) if cost is not None else "",
        )
    if decision.verdict is Verdict.CONTINUE and returns is not None:
        for each in returns.measure_next[:1]:
            worth = say("up to {worth}", worth=money(each.worth.amount, context.currency))
            costs = money(each.costs.amount, context.currency) if each.costs is not None else ""
            add(say("{title}: {what}", title=title, what=each.what), worth, costs)
    for fix in case.fixes:
        worth = money(fix.worth, context.currency) if fix.worth is not None else ""
        add(fix.what, worth, who=fix.owner, by=fix.by)
    if decision.verdict is Verdict.SCALE:
        gains = returns.worth.value if returns and isinstance(returns.worth, Figure) else None
        add(say("Scale {title}", title=title), money(gains, context.currency) if gains and gains > 0 else "")
    if decision.verdict is Verdict.CONTINUE and not benchmark:
        undecided = [gate for gate in gates if gate.state is GateState.NOT_DECIDED]
        if undecided:
            first = next_to_decide(undecided)
            what = say(
                "Decide the gate “{name}”. Seen so far: {seen}. It takes: {decides}",
                name=first.name, seen=first.seen, decides=first.decides,
            )  # fmt: skip
            add(what, who=first.owner, by=first.due)
        elif not gates:
            add(say("Set a gate for {title}: without one nothing can be decided", title=title))
    unchecked = judged.tasks - judged.checked if judged is not None else 0
    if unchecked and not benchmark:
        add(
            say_count(
                "Check the {tasks} outcome of {title} that nobody has checked",
                "Check the {tasks} outcomes of {title} that nobody has checked",
                unchecked,
                tasks=written_count(unchecked),
                title=title,
            ),
            say("narrows every range"),
        )
    return tuple(found)


def _stopping(context: Context, burn: Burn | None) -> tuple[str, str]:
    """What stopping saves a month, and what it still costs."""
    if burn is None:
        return "", ""
    saved = ""
    if burn.saved_a_month is not None:
        saved = say("{amount} a month saved", amount=money(burn.saved_a_month.amount, context.currency))
    if not burn.falls_due_for:
        return saved, say("nothing still falls due")
    what, _, until = burn.falls_due_for[0]
    due = money(burn.falls_due.amount, context.currency)
    if len(burn.falls_due_for) == 1:
        still = say(
            "{amount} still falls due: {what} to {day}", amount=due, what=what, day=written_day(until)
        )
    else:
        last = burn.falls_due_until or until
        still = say(
            "{amount} still falls due under {count} contracts, the last to {day}",
            amount=due, count=len(burn.falls_due_for), day=written_day(last),
        )  # fmt: skip
    return saved, still


def left_out(
    context: Context, works: Mapping[str, Work], judged: str | None, spending: Spending
) -> tuple[Omission, ...]:
    """What of a use case is only partly known, and what that can change."""
    found = [
        *_unchecked(works),
        *_without_task(context, works),
        *_unknown_costs(context, works),
        *_assumed(context, works),
    ]
    mine = works.get(judged or "")
    covered = spending.listed - spending.without_invoice
    if spending.bills and covered > 0 and spending.billed != covered:
        found.append(_invoices(spending.billed, covered))
    if mine is not None and mine.rework_minutes:
        found.append(
            Omission(
                say("{minutes} minutes of putting results right", minutes=short(mine.rework_minutes)),
                0,
                say("not in the cost: what is not accepted counts as redone as today instead"),
            )
        )
    return tuple(found)


def _unchecked(works: Mapping[str, Work]) -> list[Omission]:
    unchecked = sum(work.tasks - work.checked for work in works.values())
    if not unchecked:
        return []
    return [
        Omission(
            say_count(
                "{tasks} task was never checked",
                "{tasks} tasks were never checked",
                unchecked,
                tasks=written_count(unchecked),
            ),
            unchecked,
            say("counted both ways: as all accepted at one end of a range, none at the other"),
        )
    ]


def _without_task(context: Context, works: Mapping[str, Work]) -> list[Omission]:
    """Money of calls that name no task, where there are tasks: no result can be joined to them."""
    loose = sum(work.loose_pico for work in works.values() if work.tasks)
    if not loose:
        return []
    what = say(
        "{amount} went to calls that name no task, so no result joins them",
        amount=money(of_pico(loose), context.currency),
    )
    return [Omission(what, 0, say("every task carries the same share of it"))]


def _unknown_costs(context: Context, works: Mapping[str, Work]) -> list[Omission]:
    """Tasks whose cost is not known, apart those that nothing bounds from above."""
    today = context.case.today
    declared = today.arm if today is not None and today.declared_cost is not None else None
    unknown = [work for arm, work in works.items() if work.unknown and (work.calls or arm != declared)]
    found = []
    bounded = [work for work in unknown if work.most_pico]
    if bounded:
        tasks = whole_tasks(sum((work.unknown for work in bounded), Fraction(0)))
        most = sum((work.unknown * Fraction(work.most_pico) for work in bounded), Fraction(0))
        effect = say(
            "0 at the low end and the largest known cost at the high end: at most {amount} more",
            amount=money(of_pico(most), context.currency),
        )
        found.append(_cost_not_known(tasks, effect))
    if openly := [work for work in unknown if not work.most_pico]:
        tasks = whole_tasks(sum((work.unknown for work in openly), Fraction(0)))
        effect = say("no task of the same way of working has a known cost, so nothing limits it")
        found.append(_cost_not_known(tasks, effect))
    if days := sum(work.unknown_days for work in works.values()):
        found.append(
            Omission(
                say_count(
                    "on {count} day calls that name no task have no known cost",
                    "on {count} days calls that name no task have no known cost",
                    days,
                ),
                0,
                say("money out is this much or more"),
            )
        )
    return found


def _cost_not_known(tasks: int, effect: str) -> Omission:
    what = say_count(
        "the cost of {tasks} task is not known",
        "the cost of {tasks} tasks is not known",
        tasks,
        tasks=written_count(tasks),
    )
    return Omission(what, tasks, effect)


def _assumed(context: Context, works: Mapping[str, Work]) -> list[Omission]:
    assumed = sum(work.assumed_pico for work in works.values())
    if not assumed:
        return []
    return [
        Omission(
            say("some cached tokens have no price of their own"),
            0,
            say(
                "counted at the most they can cost: at most {amount} too much",
                amount=money(of_pico(assumed), context.currency),
            ),
        )
    ]


def _invoices(billed: Decimal, listed: Decimal) -> Omission:
    """Unit costs are made from calls at list price, whatever the invoice says in total."""
    apart = abs(billed - listed) / listed
    if billed < listed:
        effect = say(
            "money out is as invoiced; the calls in each unit cost {share} less than shown",
            share=of_hundred(apart),
        )
    else:
        effect = say(
            "money out is as invoiced; the calls in each unit cost {share} more than shown",
            share=of_hundred(apart),
        )
    return Omission(say("unit costs are at list price, not as invoiced"), 0, effect)
