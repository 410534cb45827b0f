"""What people's checks of a sample, and a judge, say of all the work: a figure, agreement, drift, and what more checks bring."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback import days
from payback.assessment import CheckedWork
from payback.assessor.context import Context
from payback.assessor.estimates import interval
from payback.ledger import Ledger
from payback.locale import say, say_count
from payback.measures import agreement
from payback.measures.delivery import judge
from payback.measures.delivery.judge import Looked, Sampled
from payback.measures.estimate import Range
from payback.numbers import count as written_count
from payback.project import Judge
from payback.records import Evidence, Figure, Input, Unknown

WIDTHS = (0.2, 0.1, 0.05, 0.02)
"""Widths of a range worth asking for: what more checks bring is said for the widest below the present one."""


def looked(ledger: Ledger) -> Mapping[tuple[str, str], Looked]:
    """What people and judges said, by use case and way of working; empty without a judge and without a sample."""
    return judge.looked_at(ledger.rows(judge.QUERY), ledger.rows(judge.MONTH_QUERY))


def checked(context: Context, found: Mapping[tuple[str, str], Looked]) -> tuple[CheckedWork, ...]:
    """One for each way of working with a sample or a judge's word, by name."""
    mine = [(arm, each) for (use_case, arm), each in found.items() if use_case == context.name]
    ordered = sorted(mine, key=lambda each: context.title(each[0]).casefold())
    return tuple(
        _checked(context, arm, each)
        for arm, each in ordered
        if each.looked or 0 < each.checked < each.tasks or each.drawn > each.checked
    )


def share_of(found: Looked, named: Judge | None) -> Sampled | Unknown:
    """The share of all tasks people would accept, by the method whose conditions hold, or why there is none."""
    judged = named is not None and found.looked > 0
    if found.drawn:
        return judge.sampled(found.labels, judged=judged)
    if not found.picked:
        return Unknown(
            say(
                "the judge accepts {percent} %, and nobody has checked how often it is right",
                percent=_percent(found.judged),
            ),
            fix=say("draw a sample for people to check: `payback sample`"),
        )
    if named is None or not named.carries_over or not judged:
        return judge.not_random(found.picked)
    return judge.rogan_gladen(found.agreement, float(found.judged), found.looked, groups=found.groups)


def _checked(context: Context, arm: str, found: Looked) -> CheckedWork:
    named = context.case.judge
    share = share_of(found, named)
    table = found.agreement
    both = bool(table.count)
    agreed = agreement.kappa(table)
    changed, compared = agreement.drift(found.by_month())
    return CheckedWork(
        arm=arm,
        title=context.title(arm),
        judge=named.grader if named is not None else "",
        share=share if isinstance(share, Unknown) else _figure(context, found, share),
        tasks=found.tasks,
        looked=found.looked,
        drawn=found.drawn,
        checked=found.checked,
        picked=found.picked,
        both=round(table.both),
        people_only=round(table.people_only),
        judge_only=round(table.judge_only),
        neither=round(table.neither),
        agreed=_decimal(table.agreed) if both else None,
        kappa=_decimal(agreed[0]) if agreed else None,
        kappa_error=_decimal(agreed[1]) if agreed else None,
        ac1=_decimal(agreement.gwet(table)),
        changes=_changes(changed, compared),
        more=_more(found, share),
    )


def _figure(context: Context, found: Looked, share: Sampled) -> Figure:
    spread = share.range
    notes = list(share.notes)
    if isinstance(spread, Unknown):
        notes.append(spread.reason)
    if share.people is not None and share.method == "judge-corrected":
        notes.append(
            say(
                "people's checks alone: {low} to {high} %; with the judge they tell as much as {worth}",
                low=_percent(share.people.low or 0),
                high=_percent(share.people.high or 0),
                worth=written_count(round(share.worth or 0)),
            )
        )
    if share.method == "rogan-gladen" and (named := context.case.judge) is not None:
        notes.append(
            say(
                "declared by {who}: the judge is as often right about all tasks as about those picked",
                who=named.by or say("no one named"),
            )
        )
    if share.missing:
        notes.append(
            say_count(
                "{tasks} task of the sample is not checked, counted both ways",
                "{tasks} tasks of the sample are not checked, counted both ways",
                found.drawn - found.checked,
                tasks=written_count(found.drawn - found.checked),
            )
        )
    if found.drawn and found.picked:
        notes.append(
            say("{tasks} checks of tasks nobody drew are left out here", tasks=written_count(found.picked))
        )
    if share.method == "judge-corrected" and found.looked < found.tasks:
        notes.append(
            say("the judge said nothing of {tasks} tasks", tasks=written_count(found.tasks - found.looked))
        )
    inputs = [Input(say("checked by people"), written_count(share.labels), Evidence.MEASURED)]
    inputs.append(Input(say("tasks"), written_count(share.tasks), Evidence.MEASURED))
    if found.looked:
        inputs.append(Input(say("accepted by the judge"), f"{_percent(found.judged)} %", Evidence.MEASURED))
    return Figure(
        name="sampled_acceptance",
        value=Decimal(str(share.value)),
        unit="share",
        formula=share.method,
        evidence=Evidence.ESTIMATED if share.method == "rogan-gladen" else Evidence.MEASURED,
        period=context.period,
        interval=interval(spread) if isinstance(spread, Range) else None,
        count=share.labels,
        counted=say("tasks checked"),
        inputs=tuple(inputs),
        origins=context.sources.of("outcome"),
        notes=tuple(notes),
    )


def _changes(found: tuple[agreement.Drift, ...], compared: int) -> tuple[str, ...]:
    """Months in which the judge was another, in words; that there is none, where any were compared."""
    if compared and not found:
        return (say("no sign that the judge has changed, in {count} comparisons by month", count=compared),)
    said = []
    for each in found:
        month = days.month(date.fromisoformat(f"{each.month}-01"))
        share, others = _percent(each.share), _percent(each.others)
        if each.of == "accepted":
            words = say(
                "{month}: of what people accepted the judge accepted {share} %, in other months {others} %",
                month=month,
                share=share,
                others=others,
            )
        else:
            words = say(
                "{month}: of what people rejected the judge rejected {share} %, in other months {others} %",
                month=month,
                share=share,
                others=others,
            )
        said.append(words)
    return tuple(said)


def _more(found: Looked, share: Sampled | Unknown) -> str:
    """How many more checks make the range as narrow as the next of WIDTHS; empty where there is no range."""
    if isinstance(share, Unknown) or not isinstance(share.range, Range):
        return ""
    wide = (share.range.high or 0) - (share.range.low or 0)
    wanted = next((width for width in WIDTHS if width < wide), None)
    if wanted is None or share.method == "rogan-gladen":
        return ""
    return more_in_words(found, share, wanted)


def more_in_words(found: Looked, share: Sampled | Unknown, width: float) -> str:
    """How many more checks make the range `width` wide, or why none do."""
    if isinstance(share, Unknown):
        return share.reason
    if share.method == "rogan-gladen":
        return say("checks that were picked narrow nothing: draw a sample")
    if not isinstance(share.range, Range):
        return share.range.reason
    now = 100 * ((share.range.high or 0) - (share.range.low or 0))
    more = judge.more_labels(found.labels, width, judged=share.method == "judge-corrected")
    if isinstance(more, Unknown):
        return say("a range of {width:g} points: {reason}", width=100 * width, reason=more.reason)
    if not more and now > 100 * width:
        return say("check the rest of the sample first: what is open makes the range wider")
    if not more:
        return say("the range is {now:.0f} points wide: no more checks are needed", now=now)
    return say(
        "about {more} more checks make the range {width:g} points wide instead of {now:.0f}",
        more=written_count(more),
        width=round(100 * width, 2),
        now=now,
    )


def _percent(share: float | Fraction) -> str:
    return f"{100 * float(share):.0f}"


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.6g}")
