"""How it is known: totals, sources, what was left out, formulas and methods, and how to repeat it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from payback import days, numbers
from payback.assessment import Assessment, Omission, SourceSummary
from payback.locale import say
from payback.records import Figure, Unknown
from payback.report import formulas, page_one
from payback.report import page as model
from payback.report.page import (
    Block,
    Cell,
    Column,
    FigureRows,
    FormulaNote,
    Formulas,
    Layout,
    Note,
    Page,
    Row,
    Section,
    Table,
    Tone,
)
from payback.report.shelf import Shelf

PROBLEMS_SHOWN = 5
"""Problems listed one by one for each thing left out; the rest are counted."""


def page(assessments: Sequence[Assessment]) -> Page:
    """One page for all projects of the report."""
    first = assessments[0]
    sections: list[Section] = [Section((_answer(assessments),))]
    sections.append(Section((_totals(first),)))
    for project in assessments:
        blocks: list[Block] = [_sources(project)] if project.sources else []
        blocks.extend(_left_out(project))
        if project.notes:
            blocks.append(Note(say("Notes on {project}", project=project.name), project.notes))
        if blocks:
            sections.append(Section(tuple(blocks)))
    sections.append(
        Section(
            (
                Formulas(
                    say("Formulas and methods"),
                    say("Those the figures of this report used"),
                    _used(assessments),
                ),
            ),
            detail=True,
        )
    )
    sections.append(Section((_repeat(assessments),)))
    sections.append(Section((Note(say("As of"), (days.day(first.as_of) + ".",)),), Layout.FOOT))
    return Page(page_one.KNOWN, say("How it is known"), first.name, first.title, tuple(sections), first.label)


def _answer(assessments: Sequence[Assessment]) -> model.Verdict:
    rows = sum(source.rows for project in assessments for source in project.sources)
    left_out = sum(project.rows_left_out for project in assessments)
    files = sum(len(source.files) for project in assessments for source in project.sources)
    headline = say("How it is known")
    dek = say(
        "{rows} rows from {files} files; {left_out} could not be used.",
        rows=numbers.count(rows), files=numbers.count(files), left_out=numbers.count(left_out),
    )  # fmt: skip
    return model.Verdict(None, "", headline, dek)


def _totals(project: Assessment) -> FigureRows:
    shelf = Shelf("total")
    scale = page_one.scale_of(project)
    shelf.put(say("Money out"), project.out, scale)
    shelf.put(say("Money back"), project.back, scale)
    shelf.put(say("Hours freed"), project.hours_freed)
    shelf.put(say("Payback ratio"), project.payback_ratio)
    nobodys = page_one.by_owner(project)
    if nobodys is not None:
        shelf.put(say("Not assigned"), nobodys, scale)
    return FigureRows(
        say("The totals of page one"),
        say("Only money in the accounts, billed or measured counts as back"),
        tuple(shelf.rows),
    )


def _sources(project: Assessment) -> Table:
    return Table(
        title=say("Sources of {project}", project=project.name),
        subtitle=say("Price book: {book}", book=project.price_book) if project.price_book else "",
        columns=(
            Column(say("source"), lead=True),
            Column(say("fills")),
            Column(say("rows"), figures=True),
            Column(say("left out"), figures=True),
            Column(say("by")),
            Column(say("licence")),
        ),
        rows=tuple(_source_row(source) for source in project.sources),
    )


def _source_row(source: SourceSummary) -> Row:
    files = ", ".join(source.files[:3])
    if len(source.files) > 3:
        files = say("{files} and {rest} more", files=files, rest=len(source.files) - 3)
    place = ", ".join(part for part in (files if files != source.title else "", source.link) if part)
    return Row(
        (
            Cell(source.title or files, Tone.STRONG, more=place),
            Cell(source.table),
            Cell(numbers.count(source.rows)),
            Cell(numbers.count(source.left_out) if source.left_out else say("none")),
            Cell(source.by or say("not said"), Tone.PLAIN if source.by else Tone.SOFT),
            Cell(source.licence or say("not said"), Tone.PLAIN if source.licence else Tone.SOFT),
        )
    )


def _left_out(project: Assessment) -> Iterator[Block]:
    omissions: list[tuple[str, Omission]] = [("", one) for one in project.left_out]
    omissions.extend((case.title, one) for case in project.use_cases for one in case.left_out)
    seen = set()
    rows = []
    for where, one in omissions:
        if (one.what, one.effect) in seen:
            continue
        seen.add((one.what, one.effect))
        rows.append(_omission_row(where, one))
    if not rows:
        yield Note(say("Left out of {project}", project=project.name), (say("nothing."),))
        return
    yield Table(
        title=say("Left out of {project}", project=project.name),
        subtitle=say("What could not be counted, and what it can change"),
        columns=(
            Column(say("what"), lead=True),
            Column(say("rows"), figures=True),
            Column(say("effect"), free=True),
            Column(say("first problems")),
        ),
        rows=tuple(rows),
    )


def _omission_row(where: str, one: Omission) -> Row:
    shown = [
        "; ".join(line.strip() for line in str(problem).splitlines())
        for problem in one.problems[:PROBLEMS_SHOWN]
    ]
    rest = len(one.problems) - len(shown)
    if rest > 0:
        shown.append(say("and {count} more", count=rest))
    return Row(
        (
            Cell(one.what, Tone.STRONG, more=where),
            Cell(numbers.count(one.rows)),
            Cell(one.effect),
            Cell(" | ".join(shown) or say("none listed"), Tone.SOFT),
        )
    )


def _used(assessments: Sequence[Assessment]) -> tuple[FormulaNote, ...]:
    """The formulas and methods of the figures in the report, in the order of the registry."""
    used: dict[str, None] = {}
    for figure in every_figure(assessments):
        used[figure.formula] = None
        for interval in (figure.interval, figure.bounds):
            if interval is not None:
                used[interval.method] = None
    known = [note.key for note in formulas.notes()]
    ordered = sorted(used, key=lambda key: (known.index(key) if key in known else len(known), key))
    return tuple(formulas.note_of(key) for key in ordered)


def every_figure(assessments: Sequence[Assessment]) -> Iterator[Figure]:
    """Each figure of the assessments, as the report walks through them."""
    for project in assessments:
        yield from _figures(
            project.out, project.back, project.hours_freed, project.payback_ratio, project.unassigned
        )
        for case in project.use_cases:
            yield from _figures(case.out, case.back, case.hours_freed, case.payback_ratio)
            yield from (figure for _, figure in case.out_parts)
            for arm in case.arms:
                yield from _figures(arm.acceptance, arm.spend, arm.cost_per_accepted, arm.full_unit_cost)
                yield from _figures(*(part.figure for part in arm.parts))
            if case.today is not None:
                yield from _figures(case.today.unit_cost, case.today.break_even)
            for one in case.comparisons:
                yield from _figures(one.cost, one.acceptance)
            yield from _figures(*(check.share for check in case.checks))
            if case.experiment is not None:
                yield from _figures(*(one.figure for one in case.experiment.tested))
            yield from _figures(*(cell.share for row in case.segments for cell in row.cells))
            how = case.delivery
            for rated in (*how.failures, *how.harm, *how.service, *how.adoption):
                yield from _figures(rated.figure, rated.today)


def _figures(*found: Figure | Unknown | None) -> Iterator[Figure]:
    yield from (one for one in found if isinstance(one, Figure))


def _repeat(assessments: Sequence[Assessment]) -> Table:
    """What another person needs to get the same digits."""
    return Table(
        title=say("To get the same digits again"),
        subtitle=say("Same files, same version, same answer"),
        columns=(
            Column(say("project"), lead=True),
            Column(say("as of")),
            Column(say("payback")),
            Column(say("seed")),
            Column(say("draws"), figures=True),
            Column(say("project file")),
            Column(say("data")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(project.name, Tone.STRONG, more=project.label),
                    Cell(days.day(project.as_of)),
                    Cell(project.version),
                    Cell(project.seed or say("none used")),
                    Cell(numbers.count(project.draws) if project.draws else say("none")),
                    Cell(project.project_digest[:12] or say("not known")),
                    Cell(project.data_digest[:12] or say("not known")),
                )
            )
            for project in assessments
        ),
    )
