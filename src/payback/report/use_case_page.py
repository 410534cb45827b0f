"""The page of one use case: the answer, what a unit costs, what was compared, the gates, the figures."""

from __future__ import annotations

from dataclasses import replace

from payback import days, numbers
from payback.assessment import (
    ArmResult,
    Assessment,
    Comparison,
    GateResult,
    Looks,
    UseCaseResult,
    Verdict,
)
from payback.locale import say
from payback.numbers import Scale
from payback.records import Figure, Unknown
from payback.report import (
    burn_blocks,
    capacity_blocks,
    charted,
    delivery_blocks,
    figures,
    forecast_report,
    own_or_call_blocks,
    page_one,
    returns_blocks,
)
from payback.report import page as model
from payback.report.checked_blocks import checked
from payback.report.experiment_blocks import experiment
from payback.report.page import (
    Block,
    Cell,
    Column,
    FigureRows,
    Layout,
    LookMark,
    Narrowing,
    Note,
    Page,
    Row,
    Section,
    Table,
    Tone,
)
from payback.report.shelf import Shelf, value_of

FOLDED_FROM = 16
"""Lines of figures, or of comparisons, above which their list opens only when asked for."""


def page(project: Assessment, case: UseCaseResult, key: str) -> Page:
    """Sections in the order a reader asks: the answer, unit cost, ways of working, gates, money, figures."""
    shelf, ways, against, kinds, how, ahead, held = (
        Shelf(f"{key}{part}") for part in ("", "-way", "-against", "-kind", "-how", "-ahead", "-held")
    )
    scale = _scale(case)
    sections = [
        Section((_answer(case),)),
        *_of(_cost(case)),
        *_of(_ways(case, ways)),
        *_of(_compared(case, against)),
        *_of(experiment(case, against)),
        *_of(_segments(case)),
        *_of(checked(case, ways)),
        *_of(delivery_blocks.blocks(case, how)),
        *_of(_gates(case)),
        *returns_blocks.sections(case, ahead, project.forecasts.tracks),
        *_money_drawn(case, scale, forecast_report.past_of_value(project, case.key)),
        *_of(burn_blocks.blocks(case, scale)),
        *_of((_money(case, shelf, scale),)),
        *_of(capacity_blocks.blocks(case, held)),
        *_of(own_or_call_blocks.blocks(case, held)),
        *_of(forecast_report.blocks(project, case.key)),
    ]
    if case.decisions:
        box = page_one.decisions(_next_title(case), case.decisions, near=project)
        sections.append(Section((box,), Layout.BOX))
    for arm in _by_name(case):
        for part in arm.parts:
            ways.put(say("{arm}: {part}", arm=arm.title, part=part.name), part.figure)
    _segment_figures(case, kinds)
    sections.append(Section(_known(shelf, ahead, held, ways, against, kinds, how)))
    if case.notes:
        sections.append(Section((Note(say("Notes"), case.notes),)))
    sections.append(Section(_foot(project, case), Layout.FOOT))
    about = ", ".join((case.title, days.period(case.period), scale.unit))
    label = project.label or (say("real runs, no customer") if project.benchmark else "")
    return Page(key, case.title, project.name, about, tuple(sections), label)


def _known(
    money: Shelf, ahead: Shelf, held: Shelf, ways: Shelf, against: Shelf, kinds: Shelf, how: Shelf
) -> tuple[Block, ...]:
    """How each figure is known: money first; long lists are folded."""
    named = (
        (say("How each figure is known: money and hours"), money),
        (say("How each figure is known: what lies ahead"), ahead),
        (say("How each figure is known: hardware held, own or call"), held),
        (say("How each figure is known: ways of working"), ways),
        (say("How each figure is known: on the same tasks"), against),
        (say("How each figure is known: kinds of task"), kinds),
        (say("How each figure is known: service, failures and users"), how),
    )
    hint = say("Open a line for its formula, what went in, the rows it came from and what was left out")
    return tuple(
        FigureRows(
            title, hint if shelf is money else "", tuple(shelf.rows), folded=len(shelf.rows) > FOLDED_FROM
        )
        for title, shelf in named
        if shelf.rows
    )


def _of(blocks: tuple[Block, ...]) -> tuple[Section, ...]:
    return (Section(blocks),) if blocks else ()


def _answer(case: UseCaseResult) -> model.Verdict:
    until = ""
    if case.until is not None:
        until = (
            say("by {day}", day=days.day(case.until))
            if case.verdict in {Verdict.STOP, Verdict.FIX}
            else say("until {day}", day=days.day(case.until))
        )
    owner = case.owner or say("no one yet")
    about = [until, say("owner: {owner}", owner=owner), _stage(case.stage)]
    ahead = returns_blocks.answer(case.returns) if case.returns is not None else ""
    dek = case.why if ahead in case.why else f"{case.why} {ahead}"
    return model.Verdict(case.verdict, ", ".join(part for part in about if part), case.headline, dek)


def _stage(stage: str) -> str:
    return {
        "explore": say("stage: explore"),
        "pilot": say("stage: pilot"),
        "production": say("stage: production"),
        "rollout": say("stage: rollout"),
    }.get(stage, stage)


def _by_name(case: UseCaseResult) -> list[ArmResult]:
    return sorted(case.arms, key=lambda arm: (arm.title.casefold(), arm.arm))


def _cost(case: UseCaseResult) -> tuple[Block, ...]:
    judged = case.arm(case.judged)
    if judged is None:
        return ()
    chart = charted.cost_parts(case, judged)
    return (chart,) if chart else ()


def _ways(case: UseCaseResult, shelf: Shelf) -> tuple[Block, ...]:
    arms = _by_name(case)
    if not arms:
        return ()
    full = any(isinstance(arm.full_unit_cost, Figure) for arm in arms)
    chart = (
        charted.intervals(
            case, say("Full cost, all in"), case.unit, [(arm, arm.full_unit_cost) for arm in arms]
        )
        if full
        else charted.intervals(
            case,
            say("Cost per accepted result"),
            say("accepted result"),
            [(arm, arm.cost_per_accepted) for arm in arms],
        )
    )
    table = _ways_table(case, arms, shelf, full=full)
    notes = _ways_notes(arms)
    told = (Note(say("What is missing of them"), notes),) if notes else ()
    return (chart, table, *told) if chart else (table, *told)


def _ways_table(case: UseCaseResult, arms: list[ArmResult], shelf: Shelf, *, full: bool) -> Table:
    spend = Scale.of([value_of(arm.spend) for arm in arms], case.currency)
    unit = Scale(case.currency)
    places = {
        "accepted": figures.places_for(arm.acceptance for arm in arms),
        "spend": figures.places_for((arm.spend for arm in arms), spend),
        "each": figures.places_for((arm.cost_per_accepted for arm in arms), unit),
        "full": figures.places_for((arm.full_unit_cost for arm in arms), unit),
    }
    rows = []
    for arm in arms:
        name = arm.title
        cells = [
            Cell(name, Tone.STRONG, more=_role(arm)),
            Cell(numbers.count(arm.checked), more=_of_tasks(arm)),
            shelf.cell(say("{arm}: accepted", arm=name), arm.acceptance, None, places["accepted"]),
            shelf.cell(say("{arm}: money out", arm=name), arm.spend, spend, places["spend"]),
            shelf.cell(
                say("{arm}: cost per accepted", arm=name), arm.cost_per_accepted, unit, places["each"]
            ),
        ]
        if not full and isinstance(arm.full_unit_cost, Unknown):
            shelf.put(say("{arm}: full cost, all in", arm=name), arm.full_unit_cost)
        if full:
            cells.append(
                shelf.cell(
                    say("{arm}: full cost, all in", arm=name), arm.full_unit_cost, unit, places["full"]
                )
            )
        rows.append(Row(tuple(cells)))
    if case.today is not None and isinstance(case.today.unit_cost, Figure) and case.today.declared:
        rows.append(_today_row(case, shelf, places, full=full))
    columns = [
        Column(say("way of working"), lead=True),
        Column(say("checked"), figures=True),
        Column(say("accepted, of 100"), figures=True),
        Column(say("out, {unit}", unit=spend.unit), figures=True),
        Column(say("{currency} per accepted", currency=case.currency), figures=True),
    ]
    if full:
        columns.append(
            Column(say("{currency} per {unit}, all in", currency=case.currency, unit=case.unit), figures=True)
        )
    return Table(
        title=say("Ways of working"),
        subtitle=say(
            "By name, not by result; the second line of a figure is its 95 % range, or the one it names"
        ),
        columns=tuple(columns),
        rows=tuple(rows),
        marks=True,
    )


def _role(arm: ArmResult) -> str:
    return {"ai": say("the AI's way judged here"), "today": say("as today")}.get(arm.role, "")


def _of_tasks(arm: ArmResult) -> str:
    parts = [say("of {count}", count=numbers.count(arm.tasks))] if arm.checked != arm.tasks else []
    if arm.trials > arm.tasks:
        parts.append(say("{count} tries", count=numbers.count(arm.trials)))
    return ", ".join(parts)


def _today_row(case: UseCaseResult, shelf: Shelf, places: dict[str, int], *, full: bool) -> Row:
    today = case.today
    if today is None:
        raise TypeError("no today")
    label = say("as today, {title}", title=today.title) if today.title else say("as today")
    cell = shelf.cell(label, today.unit_cost, Scale(case.currency), places["full" if full else "each"])
    empty = [Cell("") for _ in range(2)]
    middle = [Cell("")] if full else []
    declared = Cell(say("declared"), Tone.SOFT)
    return Row((Cell(label, Tone.STRONG), declared, *empty, *middle, cell))


def _ways_notes(arms: list[ArmResult]) -> tuple[str, ...]:
    """What is missing of each way; its own notes where it has them."""
    lines: list[str] = []
    for arm in arms:
        told = list(arm.notes)
        if not told and arm.unpriced:
            told.append(say("{count} calls have no price", count=numbers.count(arm.unpriced)))
        if not told and arm.unknown_cost:
            told.append(say("the cost of {count} tasks is not known", count=numbers.count(arm.unknown_cost)))
        lines.extend(f"{arm.title}: {one.rstrip('.')}." for one in told)
    return tuple(lines)


def _compared(case: UseCaseResult, shelf: Shelf) -> tuple[Block, ...]:
    if not case.comparisons:
        return ()
    names = {arm.arm: arm.title for arm in case.arms}
    if case.today is not None:
        names.setdefault(case.today.arm, case.today.title or say("as today"))
    ordered = sorted(case.comparisons, key=lambda one: names.get(one.against, one.against).casefold())
    cost_places = numbers.decimals_for(value_of(one.cost) for one in ordered)
    rows = [_comparison_row(one, names, shelf, case.currency, cost_places) for one in ordered]
    judged = names.get(ordered[0].arm, ordered[0].arm)
    return (
        Table(
            title=say("{way} on the same tasks as others", way=judged),
            subtitle=say("Only tasks both did; the second line is the 95 % range"),
            columns=(
                Column(say("against"), lead=True),
                Column(say("tasks both did"), figures=True),
                Column(say("{currency} per task", currency=case.currency), figures=True),
                Column(say("accepted, of 100"), figures=True),
            ),
            rows=tuple(rows),
            folded=len(rows) > FOLDED_FROM,
        ),
    )


def _comparison_row(one: Comparison, names: dict[str, str], shelf: Shelf, currency: str, places: int) -> Row:
    against = names.get(one.against, one.against)
    cost = shelf.cell(
        say("Cost against {way}", way=against),
        one.cost,
        Scale(currency),
        places,
        sense=figures.dearer_or_cheaper(),
    )
    accepted = shelf.cell(
        say("Accepted against {way}", way=against), one.acceptance, sense=figures.more_or_fewer()
    )
    return Row((Cell(against, Tone.STRONG), Cell(numbers.count(one.tasks)), cost, accepted))


def _segments(case: UseCaseResult) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for name in dict.fromkeys(row.name for row in case.segments):
        rows = [row for row in case.segments if row.name == name]
        blocks.append(charted.segments(name, rows, case.arms))
        warnings = tuple(row.reversal for row in rows if row.reversal)
        if warnings:
            blocks.append(Note(say("Where the whole misleads"), tuple(dict.fromkeys(warnings)), Tone.ALARM))
    return tuple(blocks)


def _segment_figures(case: UseCaseResult, shelf: Shelf) -> None:
    names = {arm.arm: arm.title for arm in case.arms}
    for row in case.segments:
        for cell in row.cells:
            way = names.get(cell.arm, cell.arm)
            shelf.put(say("{way}: accepted, {segment}", way=way, segment=row.value), cell.share)


def _gates(case: UseCaseResult) -> tuple[Block, ...]:
    if not case.gates:
        return ()
    rows = tuple(_gate_row(gate, case) for gate in case.gates)
    sealed = {gate.sealed_on for gate in case.gates}
    passed = sum(gate.state.value == "passed" for gate in case.gates)
    days_sealed = [one for one in sealed if one is not None]
    if None in sealed or not days_sealed:
        subtitle = say("Not sealed before the data: rules that could have been chosen afterwards")
    else:
        subtitle = say("Sealed on {day}", day=days.day(max(days_sealed)))
    return (
        Table(
            title=say("{passed} of {all} gates passed", passed=passed, all=len(rows)),
            subtitle=subtitle,
            columns=(
                Column(say("gate"), lead=True),
                Column(say("result")),
                Column(say("when")),
                Column(say("what we see"), free=False),
                Column(say("what would decide it")),
                Column(say("owner")),
            ),
            rows=rows,
        ),
        *(_looks(case.looks) if case.looks else ()),
    )


def _looks(found: Looks) -> tuple[Block, ...]:
    """How the share of the first such gate came to be known."""
    points = [LookMark(each.day, each.share * 100, each.low * 100, each.high * 100) for each in found.looks]
    last = points[-1]
    low, high = (numbers.number(end, 0) for end in (last.low, last.high))
    points[-1] = replace(last, text=say("{share} of 100", share=numbers.number(last.share, 0)))
    threshold = numbers.number(found.threshold * 100, 0)
    return (
        Narrowing(
            title=say("Between {low} and {high} of 100, however often one looks", low=low, high=high),
            subtitle=say(
                "Accepted, of 100, as known day by day, from {tasks} tasks; the gate “{gate}”",
                tasks=numbers.count(found.looks[-1].tasks),
                gate=found.gate,
            ),
            source=say(
                "In {level} of 100 cases the shade holds the truth at every look at once. What nobody checked is "
                "rejected at its lower edge and accepted at its upper one; the line is the share of what was checked.",
                level=numbers.number(found.confidence * 100, 0),
            ),
            points=tuple(points),
            threshold=found.threshold * 100,
            threshold_text=say("at least {threshold}", threshold=threshold)
            if found.upwards
            else say("at most {threshold}", threshold=threshold),
        ),
    )


def _gate_row(gate: GateResult, case: UseCaseResult) -> Row:
    last = days.last_day(case.period)
    when = days.short_day(gate.on, near=last) if gate.on else ""
    if not when and gate.due:
        when = say("due {day}", day=days.short_day(gate.due, near=last))
    remarks = [say("hard: failing it stops the work")] if gate.hard else []
    if gate.changed_after_seal:
        remarks.append(say("changed after it was sealed"))
    return Row(
        (
            Cell(gate.name, Tone.STRONG, more=", ".join(remarks)),
            Cell(gate.state.word, badge=gate.state),
            Cell(when or say("no day yet")),
            Cell(gate.seen),
            Cell(gate.decides or say("nothing more needed"), Tone.PLAIN if gate.decides else Tone.SOFT),
            Cell(gate.owner) if gate.owner else Cell(say("no one yet"), Tone.ALARM),
        )
    )


def _scale(case: UseCaseResult) -> Scale:
    """One scale for the page's sums of money."""
    amounts = [value_of(case.out), value_of(case.back), *(money.amount for _, money in case.back_parts)]
    if case.burn is not None:
        amounts.extend(money.amount for money in (case.burn.kill_line, case.burn.budget) if money)
    if case.promise is not None:
        amounts.extend((case.promise.said.amount, case.promise.total.amount))
    return Scale.of(amounts, case.currency)


def _money_drawn(case: UseCaseResult, scale: Scale, past: str) -> tuple[Section, ...]:
    blocks: list[Block] = []
    if case.burn is not None and len(case.burn.points) > 1:
        blocks.append(charted.burn(case.title, case.burn, scale, case.burn_ahead))
    if case.promise is not None and case.promise.parts:
        drawn = returns_blocks.bridge(case.promise, scale) or charted.promised(case.promise, scale)
        blocks.append(replace(drawn, source=" ".join(filter(None, (drawn.source, past)))))
    if not blocks:
        return ()
    return (Section(tuple(blocks), Layout.PAIR if len(blocks) > 1 else Layout.FULL),)


def _money(case: UseCaseResult, shelf: Shelf, scale: Scale) -> Table:
    """Out by part, back by how it is known; only what counts is added."""
    amounts = [value_of(case.out), *(part.value for _, part in case.out_parts)]
    amounts.extend(money.amount for _, money in case.back_parts)
    places = scale.decimals(amounts)
    rows = [
        Row(
            (
                Cell(say("Money out"), Tone.STRONG),
                shelf.cell(say("Money out"), case.out, scale, places, zero=say("nothing")),
                Cell(""),
            ),
            total=True,
        )
    ]
    if len(case.out_parts) > 1:
        rows[:0] = [
            Row(
                (
                    Cell(name),
                    shelf.cell(say("Out: {part}", part=name), part, scale, places),
                    Cell(say("out"), Tone.SOFT),
                )
            )
            for name, part in case.out_parts
        ]
    for evidence, money in case.back_parts:
        if money.amount == 0:
            continue
        counts = say("counted as back") if evidence.counts_as_back else say("shown, not added")
        rows.append(
            Row(
                (
                    Cell(say("Back, {known}", known=evidence.word)),
                    Cell(scale.text(money.amount, places), evidence=evidence),
                    Cell(counts, Tone.SOFT),
                )
            )
        )
    rows.append(
        _counted(
            "Money back",
            say("Money back"),
            case.back,
            shelf,
            scale,
            places,
            say("in the accounts, billed or measured"),
        )
    )
    hours = shelf.cell(say("Hours freed"), case.hours_freed, zero=say("none"))
    hours = _with_unit(hours, case.hours_freed, say("hours"))
    rows.append(Row((Cell(say("Hours freed"), Tone.STRONG), hours, Cell(say("hours, not money"), Tone.SOFT))))
    ratio = shelf.cell(say("Payback ratio"), case.payback_ratio, zero=say("nothing"))
    rows.append(
        Row((Cell(say("Payback ratio"), Tone.STRONG), ratio, Cell(say("back for every 1 out"), Tone.SOFT)))
    )
    if case.today is not None and not case.today.declared:
        shelf.put(say("As today"), case.today.unit_cost)
    if case.today is not None:
        even = shelf.cell(say("Break-even cost as today"), case.today.break_even, Scale(case.currency))
        even = _with_unit(even, case.today.break_even, case.currency)
        note = say("per {unit}; above it the AI's way is cheaper", unit=case.unit)
        rows.append(Row((Cell(say("Break-even cost as today"), Tone.STRONG), even, Cell(note, Tone.SOFT))))
    return Table(
        title=say("Money out and money back"),
        subtitle=say("{unit}, unless another unit is written", unit=scale.unit),
        columns=(
            Column(say("what"), lead=True),
            Column(say("amount"), figures=True),
            Column(say("what it is"), free=True),
        ),
        rows=tuple(rows),
        source=case.today.note if case.today else "",
        marks=True,
    )


def _with_unit(cell: Cell, found: Figure | Unknown, unit: str) -> Cell:
    """The cell with its unit, where it is not that of its column."""
    if isinstance(found, Unknown) or found.value == 0:
        return cell
    return replace(cell, text=f"{cell.text} {unit}")


def _counted(
    _key: str, label: str, found: Figure | Unknown, shelf: Shelf, scale: Scale, places: int, note: str
) -> Row:
    cell = shelf.cell(label, found, scale, places)
    if isinstance(found, Figure) and found.value == 0:
        cell = Cell(say("nothing"), Tone.ALARM, opens=cell.opens)
    return Row((Cell(label, Tone.STRONG), cell, Cell(note, Tone.SOFT)), total=True)


def _next_title(case: UseCaseResult) -> str:
    return say("Decide") if case.verdict in {Verdict.STOP, Verdict.SCALE} else say("Measure next, or decide")


def _foot(project: Assessment, case: UseCaseResult) -> tuple[Block, ...]:
    lines = tuple(say("{what}: {effect}", what=one.what, effect=one.effect) for one in case.left_out)
    as_of = [days.day(project.as_of) + "."]
    if project.label:
        as_of.append(say("Label: {label}.", label=project.label.rstrip(".")))
    if project.benchmark:
        as_of.append(say("Real runs on test tasks, no customer; never added to anybody's money."))
    return (Note(say("Left out"), lines or (say("nothing."),)), Note(say("As of"), (" ".join(as_of),)))
