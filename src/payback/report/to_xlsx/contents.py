"""The sheets that are tables: figures, unit cost, gates, what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from payback.assessment import ArmResult, Assessment, UseCaseResult
from payback.locale import say
from payback.records import Figure, Interval, Unknown
from payback.report import explained, formulas
from payback.report.figures import unit_of
from payback.report.to_xlsx.book import place
from payback.report.to_xlsx.table import HEAD, Column, Formula, Kind, Table, Value

PROBLEMS = 3
"""How many rows of what was left out are shown one by one."""


def figures(found: Sequence[Assessment]) -> Table:
    """Every figure of the report, a row each, with what it rests on."""
    rows = []
    for project in found:
        for one in explained.named(project):
            case = "" if one.use_case == explained.ALL else one.use_case
            rows.append((project.name, case, one.key, one.label, *_figure(one.found)))
    return Table(
        say("Figures"),
        say("Every figure of the report. Shares are of 1; money is exact where it was counted."),
        (
            Column(say("Project"), 16),
            Column(say("Use case"), 16),
            Column(say("Key"), 24),
            Column(say("Figure"), 40),
            Column(say("Value"), 14, Kind.NUMBER),
            Column(say("Unit"), 18),
            Column(say("Low"), 12, Kind.NUMBER),
            Column(say("High"), 12, Kind.NUMBER),
            Column(say("Range"), 26),
            Column(say("Evidence"), 14),
            Column(say("Formula"), 26),
            Column(say("Key of the formula"), 20),
            Column(say("Rests on"), 18),
            Column(say("Files"), 34),
            Column(say("Row"), 8, Kind.NUMBER),
            Column(say("What else must be said"), 60),
        ),
        tuple(rows),
    )


def _figure(found: Figure | Unknown) -> tuple[Value, ...]:
    if isinstance(found, Unknown):
        said = ". ".join(part for part in (found.reason, found.fix) if part)
        return (found, None, None, None, None, None, None, None, None, None, None, said)
    unit = unit_of(found, None) if found.currency is None else _money_unit(found)
    shown = found.interval or found.bounds
    first = found.origins[0] if found.origins else None
    files = "; ".join(dict.fromkeys(each.file for each in found.origins))
    rests = " ".join(
        part for part in ("" if found.count is None else str(found.count), found.counted) if part
    )
    return (
        found.value,
        say("share") if found.unit == "share" else unit,
        shown.low if shown else None,
        shown.high if shown else None,
        _range(shown),
        found.evidence.word,
        formulas.note_of(found.formula).title,
        found.formula,
        rests,
        files,
        None if first is None else first.row,
        ". ".join((*found.omissions, *found.notes)),
    )


def _money_unit(found: Figure) -> str:
    currency = found.currency or ""
    return say("{currency} per {unit}", currency=currency, unit=found.per) if found.per else currency


def _range(shown: Interval | None) -> str:
    """How sure a range is, and how it was made."""
    if shown is None:
        return ""
    if shown.level is None:
        return say("least and most")
    return say("{share} sure, {method}", share=f"{shown.level:.0%}", method=shown.method)


def unit_costs(found: Sequence[Assessment]) -> Table:
    """The parts of the full cost of a unit, and their sum as a formula."""
    rows: list[tuple[Value, ...]] = []
    for project in found:
        for case in project.use_cases:
            for arm in case.arms:
                rows.extend(_parts(project, case, arm, HEAD + 1 + len(rows)))
    return Table(
        say("Unit cost"),
        say("What a finished unit of work costs, part by part. The sum is a formula."),
        (
            Column(say("Project"), 16),
            Column(say("Use case"), 18),
            Column(say("Way of working"), 28),
            Column(say("Part"), 34),
            Column(say("Amount"), 14, Kind.NUMBER),
            Column(say("Unit"), 22),
            Column(say("Evidence"), 14),
            Column(say("As the report says"), 14, Kind.NUMBER),
            Column(say("What else must be said"), 60),
        ),
        tuple(rows),
    )


def _parts(project: Assessment, case: UseCaseResult, arm: ArmResult, row: int) -> Iterator[tuple[Value, ...]]:
    """Rows of one way of working; the first of them stands in `row`, counted from 0."""
    of = (project.name, case.key, arm.title or arm.arm)
    full = arm.full_unit_cost
    unit = say("{currency} per {unit}", currency=case.currency, unit=case.unit)
    for part in arm.parts:
        said = part.figure
        if isinstance(said, Figure):
            yield (*of, part.name, said.value, unit, said.evidence.word, None, ". ".join(said.notes))
        else:
            yield (*of, part.name, said, unit, None, None, said.reason)
    known = [part.figure for part in arm.parts if isinstance(part.figure, Figure)]
    if not arm.parts or len(known) < len(arm.parts) or not isinstance(full, Figure):
        why = full.reason if isinstance(full, Unknown) else ""
        total: Value = full if isinstance(full, Unknown) else None
        yield (*of, say("in all"), total, unit, None, full.value if isinstance(full, Figure) else full, why)
        return
    last = row + len(arm.parts) - 1
    cells = f"SUM({place(row, 4, fixed=False)}:{place(last, 4, fixed=False)})"
    value = float(sum((each.value for each in known), known[0].value * 0))
    yield (*of, say("in all"), Formula(cells, value), unit, full.evidence.word, full.value, "")


def gates(found: Sequence[Assessment]) -> Table:
    """Every gate, and how it stands."""
    rows = [
        (
            project.name, case.key, case.verdict.word, gate.name, gate.state.word, gate.seen, gate.decides,
            gate.on, gate.due, gate.owner or say("nobody"), say("hard") if gate.hard else "",
            gate.sealed_on, say("changed after it was sealed") if gate.changed_after_seal else "",
        )
        for project in found
        for case in project.use_cases
        for gate in case.gates
    ]  # fmt: skip
    return Table(
        say("Gates"),
        say("The rules set beforehand, and what was seen of them."),
        (
            Column(say("Project"), 16),
            Column(say("Use case"), 18),
            Column(say("Verdict"), 12),
            Column(say("Gate"), 34),
            Column(say("State"), 14),
            Column(say("Seen"), 40),
            Column(say("What decides it"), 40),
            Column(say("Decided on"), 12, Kind.DATE),
            Column(say("Due"), 12, Kind.DATE),
            Column(say("Owner"), 18),
            Column(say("Hard"), 8),
            Column(say("Sealed on"), 12, Kind.DATE),
            Column(say("Since then"), 24),
        ),
        tuple(rows),
    )


def left_out(found: Sequence[Assessment]) -> Table:
    """What was left out or counted in part, how much of it, and what it can change."""
    rows: list[tuple[Value, ...]] = []
    for project in found:
        cases = [(case.key, case.left_out) for case in project.use_cases]
        for of, omissions in [("", project.left_out), *cases]:
            for each in omissions:
                where = "; ".join(str(one).replace("\n", ":") for one in each.problems[:PROBLEMS])
                rows.append((project.name, of, each.what, each.rows, each.effect, where))
    return Table(
        say("Left out"),
        say("What could not be used, or only in part, and what it can change."),
        (
            Column(say("Project"), 16),
            Column(say("Use case"), 18),
            Column(say("What"), 50),
            Column(say("Rows"), 10, Kind.NUMBER),
            Column(say("What it can change"), 50),
            Column(say("The first of them"), 70),
        ),
        tuple(rows),
    )
