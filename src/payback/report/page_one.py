"""Page one: what the chairman reads, on one printed page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from payback import days, numbers
from payback.assessment import Assessment, Burn, Decision, UseCaseResult, Verdict
from payback.locale import say, say_count
from payback.numbers import Scale
from payback.records import Evidence, Figure, Input, Unknown
from payback.report import charted, figures
from payback.report import page as model
from payback.report.page import Block, Cell, Column, Layout, Note, Page, Row, Section, Table, Tone
from payback.report.returns_blocks import in_short
from payback.report.shelf import value_of

KNOWN = "how-it-is-known"
OTHERS_SHOWN = 6
"""Rows of other projects on page one; the rest are counted."""
OWNERS_SHOWN = 4
"""Owners of spending that no use case takes, on page one; the rest are one line."""
LEFT_OUT_SHOWN = 3
"""Lines of what was left out on page one; the rest stands under how it is known."""


def page(assessments: Sequence[Assessment], keys: Mapping[tuple[str, str], str]) -> Page:
    """The page of the first assessment; the others stand in a small table of their own."""
    first = assessments[0]
    scale = scale_of(first)
    sections = [Section((answer(first, scale), *_strip(first, scale)))]
    if first.use_cases:
        sections.append(Section((_table(first, keys, scale),)))
    pictures = _pictures(first, scale)
    if pictures:
        sections.append(Section(pictures, Layout.PAIR if len(pictures) > 1 else Layout.FULL))
    others = [other for other in assessments[1:] if other.use_cases]
    sections.extend(
        Section((_others(group, keys, benchmark=benchmark),))
        for benchmark in (False, True)
        if (group := [other for other in others if other.benchmark is benchmark])
    )
    if first.decisions:
        sections.append(Section((decisions(say("Decide"), first.decisions, near=first),), Layout.BOX))
    sections.append(Section(_foot(first), Layout.FOOT))
    about = ", ".join((first.title, days.period(first.period), scale.unit))
    return Page("page-one", say("Page one"), first.name, about, tuple(sections), first.label, headline=True)


def scale_of(project: Assessment) -> Scale:
    """One scale for the page's money."""
    amounts = [
        value_of(project.out),
        value_of(project.back),
        *(value_of(case.out) for case in project.use_cases),
    ]
    return Scale.of(amounts, project.currency)


def answer(project: Assessment, scale: Scale) -> model.Verdict:
    """The headline and the sentence below it."""
    return model.Verdict(None, "", _headline(project, scale), _dek(project, scale))


def _headline(project: Assessment, scale: Scale) -> str:
    if isinstance(project.out, Unknown):
        return say("What went out is not known.")
    out = scale.short(project.out.value)
    if project.benchmark:
        out = f"{out} {scale.unit}"
    if project.out.only_a_least:
        out = say("{low} or more", low=out)
    if project.benchmark:
        return say("Test tasks, no customer: {out} went out.", out=out)
    if isinstance(project.back, Unknown):
        return say("{out} went out; what came back is not known.", out=out)
    if project.back.value == 0:
        return say("{out} went out, nothing came back.", out=out)
    back = scale.short(project.back.value)
    if project.out.value <= 0 or project.back.value >= project.out.value:
        return say("{out} went out, {back} came back.", out=out, back=back)
    share = numbers.of_every(project.back.value / project.out.value)
    return say("{out} went out, {back} came back: {share}.", out=out, back=back, share=share)


def _dek(project: Assessment, scale: Scale) -> str:
    lines = []
    if isinstance(project.out, Unknown):
        reason = project.out.reason.rstrip(".")
        lines.append(say("{reason}.", reason=reason[:1].upper() + reason[1:]))
    if project.benchmark:
        lines.append(
            say("Real runs on test tasks; what they cost is nobody's spending and nothing can come back.")
        )
        return " ".join(lines)
    lines.extend(_nobodys(project, scale))
    booked = sum(
        (money.amount for evidence, money in project.back_parts if evidence is Evidence.BOOKED), Decimal(0)
    )
    if booked > 0:
        lines.append(say("In the accounts we can see {amount}.", amount=scale.short(booked)))
    elif isinstance(project.back, Figure) and project.back.value > 0:
        lines.append(say("None of it is in the accounts yet."))
    claimed = sum(
        (money.amount for evidence, money in project.back_parts if not evidence.counts_as_back), Decimal(0)
    )
    if isinstance(project.back, Figure) and project.back.value == 0 and claimed > 0:
        lines.append(
            say("{amount} is estimated or claimed, and counts as nothing.", amount=scale.short(claimed))
        )
    lines.extend(_heaviest(project, scale))
    lines.extend(_alone(project, scale, said=bool(lines)))
    return " ".join(lines)


def _nobodys(project: Assessment, scale: Scale) -> list[str]:
    """What was spent besides that no use case takes, and its largest owner."""
    found = project.unassigned
    if not isinstance(found, Figure) or found.value <= 0:
        return []
    amount = scale.short(found.value)
    if not project.unassigned_by or not project.unassigned_by[0].kind:
        return [say("{amount} more is unassigned: no use case takes it.", amount=amount)]
    first = project.unassigned_by[0]
    return [
        say(
            "{amount} more is unassigned: no use case takes it; {part} of it is {owner}.",
            amount=amount,
            part=scale.short(first.amount.amount),
            owner=first.words,
        )
    ]


def _alone(project: Assessment, scale: Scale, *, said: bool) -> list[str]:
    """Of a single use case: what the accounts show, and how much of its promise is only a claim."""
    if len(project.use_cases) != 1:
        return []
    lines = []
    if not said and isinstance(project.back, Figure) and project.back.value == 0:
        lines.append(say("In the accounts we can see nothing."))
    promise = project.promise
    claimed = charted.only_claimed(promise) if promise is not None else Decimal(0)
    if promise is not None and claimed > 0:
        words = charted.promise_title(promise, scale)
        lines.append(say("{sentence}.", sentence=words))
    return lines


def _heaviest(project: Assessment, scale: Scale) -> list[str]:
    """The one use case that took half of the money or more, and brought nothing."""
    if isinstance(project.out, Unknown) or len(project.use_cases) < 2:
        return []
    for case in project.use_cases:
        nothing = isinstance(case.back, Figure) and case.back.value == 0
        if isinstance(case.out, Figure) and nothing and case.out.value * 2 >= project.out.value > 0:
            took = scale.short(case.out.value)
            return [
                say("{title} took {amount} of the money and brought nothing.", title=case.title, amount=took)
            ]
    return []


def _strip(project: Assessment, scale: Scale) -> tuple[Block, ...]:
    if isinstance(project.out, Unknown) or project.out.value <= 0 or project.benchmark:
        return ()
    unassigned = project.unassigned if isinstance(project.unassigned, Figure) else None
    return (charted.out_and_back(project.use_cases, project.out, project.back_parts, unassigned, scale),)


def _table(project: Assessment, keys: Mapping[tuple[str, str], str], scale: Scale) -> Table:
    cases = project.use_cases
    out_places = scale.decimals([value_of(project.out), *(value_of(case.out) for case in cases)])
    back_places = scale.decimals([value_of(project.back), *(value_of(case.back) for case in cases)])
    rows = []
    nobodys = _unassigned_rows(project, scale, out_places)
    largest = max((value_of(case.out) or Decimal(0) for case in cases), default=Decimal(0))
    first = (value_of(project.unassigned) or Decimal(0)) > largest
    rows += nobodys if first else []
    for case in cases:
        key = keys[project.name, case.key]
        rows.append(
            Row(
                (
                    Cell(case.title, Tone.STRONG, opens=key),
                    _short(figures.cell(case.out, scale, out_places, opens=f"{key}-money-out"), plain=True),
                    _back(case.back, scale, back_places, f"{key}-money-back"),
                    _short(figures.cell(case.hours_freed, zero=say("none"), opens=f"{key}-hours-freed")),
                    Cell(case.verdict.word, badge=case.verdict),
                    Cell(" ".join(part for part in (case.why, in_short(case.returns)) if part)),
                )
            )
        )
    rows += [] if first else nobodys
    if len(cases) > 1:
        rows.append(_total_row(project, scale, out_places, back_places, len(cases)))
    return Table(
        title="",
        subtitle="",
        columns=(
            Column(scale.unit, lead=True),
            Column(say("out"), figures=True),
            Column(say("back"), figures=True),
            Column(say("hours freed"), figures=True),
            Column(say("verdict")),
            Column(say("and why"), free=True),
        ),
        rows=tuple(rows),
        marks=True,
    )


def _short(cell: Cell, *, plain: bool = False) -> Cell:
    """Page one has no room for ranges; the figure opens them. Money out needs no mark."""
    return Cell(cell.text, cell.tone, None if plain else cell.evidence, "", cell.opens)


def _back(found: Figure | Unknown, scale: Scale, places: int, opens: str) -> Cell:
    if isinstance(found, Figure) and found.value == 0:
        return Cell(say("nothing"), Tone.ALARM, opens=opens)
    return _short(figures.cell(found, scale, places, opens=opens))


def by_owner(project: Assessment) -> Figure | Unknown | None:
    """The figure of what is unassigned, with whose it is among its inputs."""
    found = project.unassigned
    if not isinstance(found, Figure):
        return found
    whose = tuple(
        Input(one.words, numbers.money(one.amount.amount, project.currency), one.evidence)
        for one in project.unassigned_by
    )
    return replace(found, inputs=(*found.inputs, *whose))


def _unassigned_rows(project: Assessment, scale: Scale, places: int) -> list[Row]:
    """Spending that no use case takes, and below it whose it is: the largest owners, the rest together."""
    if not isinstance(project.unassigned, Figure) or project.unassigned.value <= 0:
        return []
    shown, rest = project.unassigned_by[:OWNERS_SHOWN], project.unassigned_by[OWNERS_SHOWN:]
    if len(rest) == 1:
        shown, rest = project.unassigned_by, ()
    rows = [
        _owner_row(one.words, one.amount.amount, scale, places, _calls(one.calls), or_more=one.or_more)
        for one in shown
    ]
    if rest:
        amount = sum((one.amount.amount for one in rest), Decimal(0))
        calls = _calls(sum(one.calls for one in rest))
        words = say_count("{count} other", "{count} others", len(rest))
        rows.append(_owner_row(words, amount, scale, places, calls, or_more=any(one.or_more for one in rest)))
    return [_unassigned_row(project.unassigned, scale, places), *rows]


def _owner_row(words: str, amount: Decimal, scale: Scale, places: int, calls: str, *, or_more: bool) -> Row:
    text = scale.text(amount, places)
    if or_more:
        text = say("{low} or more", low=text) if amount else say("not known")
    blank = Cell("")
    whose = say("of it: {owner}", owner=words)
    return Row((Cell(whose, Tone.SOFT), Cell(text, Tone.SOFT), blank, blank, blank, Cell(calls, Tone.SOFT)))


def _calls(count: int) -> str:
    return say_count("{shown} call", "{shown} calls", count, shown=numbers.count(count)) if count else ""


def _unassigned_row(found: Figure, scale: Scale, places: int) -> Row:
    return Row(
        (
            Cell(say("No use case"), Tone.STRONG),
            Cell(scale.text(found.value, places), opens="total-not-assigned"),
            Cell(say("nothing"), Tone.ALARM),
            Cell(say("none")),
            Cell(""),
            Cell(say("Spending that no use case has taken. Name it in payback.toml."), Tone.SOFT),
        )
    )


def _total_row(project: Assessment, scale: Scale, out_places: int, back_places: int, count: int) -> Row:
    back = _back(project.back, scale, back_places, "total-money-back")
    return Row(
        (
            Cell(_all(count), Tone.STRONG),
            _short(figures.cell(project.out, scale, out_places, opens="total-money-out"), plain=True),
            back,
            _short(figures.cell(project.hours_freed, zero=say("none"), opens="total-hours-freed")),
            Cell(""),
            Cell(_total_why(project, scale), Tone.SOFT),
        ),
        total=True,
    )


def _all(count: int) -> str:
    words = {
        2: say("Both"),
        3: say("All three"),
        4: say("All four"),
        5: say("All five"),
        6: say("All six"),
    }
    return words.get(count) or (say("All") if count < 2 else say("All {count}", count=count))


def _total_why(project: Assessment, scale: Scale) -> str:
    lines = []
    if isinstance(project.out, Figure) and isinstance(project.back, Figure):
        net = project.back.value - project.out.value
        amount = scale.short(abs(net))
        if net < 0:
            lines.append(say("Loses {amount} so far.", amount=amount))
        elif net > 0:
            lines.append(say("Gains {amount} so far.", amount=amount))
    if (value_of(project.hours_freed) or 0) > 0:
        lines.append(say("Hours stay hours until the accounts or a signed budget say money."))
    return " ".join(lines)


def _pictures(project: Assessment, scale: Scale) -> tuple[Block, ...]:
    blocks: list[Block] = []
    chosen = _burning(project.use_cases)
    if chosen is not None:
        title, burn = chosen
        blocks.append(charted.burn(title, burn, scale))
    if project.promise is not None and project.promise.parts:
        blocks.append(charted.promised(project.promise, scale))
    if blocks and project.pools:
        blocks.append(Note(say("Counted once"), project.pools))
    return tuple(blocks)


def _burning(cases: Sequence[UseCaseResult]) -> tuple[str, Burn] | None:
    """The use case whose money most needs looking at: over its limit, then stopped, then largest."""
    drawn = [
        (case, case.burn)
        for case in cases
        if case.burn is not None
        and len(case.burn.points) > 1
        and (case.burn.kill_line is not None or case.burn.budget is not None)
    ]
    if not drawn:
        return None
    case, burn = max(
        drawn,
        key=lambda one: (one[1].crossed_on is not None, one[0].verdict is Verdict.STOP, one[1].spent.amount),
    )
    return case.title, burn


def _others(group: Sequence[Assessment], keys: Mapping[tuple[str, str], str], *, benchmark: bool) -> Table:
    title = (
        say("Benchmarks: real runs, no customer; never added")
        if benchmark
        else say("Other projects, not added to the figures above")
    )
    rows = []
    for project in group:
        for case in project.use_cases:
            key = keys[project.name, case.key]
            tasks = max((arm.tasks for arm in case.arms), default=0)
            out = figures.cell(case.out, Scale(case.currency), opens=f"{key}-money-out")
            cells = [
                Cell(case.title, Tone.STRONG, opens=key, more=project.name),
                Cell(out.text, out.tone, opens=out.opens, more=case.currency),
                Cell(numbers.count(tasks)),
                Cell(numbers.count(len(case.arms))),
                Cell(case.headline),
            ]
            rows.append(Row(tuple(cells)))
    return Table(
        title=title,
        subtitle=say("Each in its own currency"),
        columns=(
            Column(say("benchmark") if benchmark else say("project"), lead=True),
            Column(say("out"), figures=True),
            Column(say("tasks"), figures=True),
            Column(say("ways of working"), figures=True),
            Column(say("what it shows"), free=True),
        ),
        rows=tuple(rows[:OTHERS_SHOWN]),
        source=say("{count} more stand under Use cases.", count=len(rows) - OTHERS_SHOWN)
        if len(rows) > OTHERS_SHOWN
        else "",
    )


def decisions(title: str, found: Sequence[Decision], *, near: Assessment | None = None) -> Table:
    """What to decide: what it is worth, what it costs, who and by when. A missing owner is said."""
    as_of = near.as_of if near else None
    rows = [
        Row(
            (
                Cell(one.what, Tone.STRONG),
                Cell(one.worth or say("not known")),
                Cell(one.costs or say("not known")),
                Cell(one.who) if one.who else Cell(say("no one yet"), Tone.ALARM),
                Cell(days.short_day(one.by, near=as_of)) if one.by else Cell(say("no day yet"), Tone.ALARM),
            )
        )
        for one in found
    ]
    return Table(
        title=title,
        subtitle="",
        columns=(
            Column(say("what"), lead=True),
            Column(say("worth")),
            Column(say("costs")),
            Column(say("who")),
            Column(say("by")),
        ),
        rows=tuple(rows),
    )


def _foot(project: Assessment) -> tuple[Block, ...]:
    shown = project.left_out[:LEFT_OUT_SHOWN]
    lines = [say("{what}: {effect}", what=one.what, effect=one.effect) for one in shown]
    rest = len(project.left_out) - len(shown)
    if rest > 0:
        lines.append(
            say_count(
                "{count} more line under How it is known.", "{count} more lines under How it is known.", rest
            )
        )
    as_of = [days.day(project.as_of) + "."]
    if project.label:
        as_of.append(say("Label: {label}.", label=project.label.rstrip(".")))
    return (
        Note(say("Left out"), tuple(lines) or (say("nothing."),)),
        Note(say("As of"), (" ".join(as_of),)),
    )
