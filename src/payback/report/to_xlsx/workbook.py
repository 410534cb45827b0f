"""Assessments and the futures they were drawn from -> one workbook. Guide: docs/guides/workbook.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from payback.assessment import Assessment, UseCaseResult
from payback.assessor.returns import Prospect
from payback.locale import say
from payback.records import PaybackError
from payback.report.to_xlsx import cash_sheet, contents, inputs, read_me, table
from payback.report.to_xlsx.book import opened
from payback.report.to_xlsx.inputs import Ahead
from payback.report.to_xlsx.table import Table

Assessed = tuple[Assessment, Mapping[str, Prospect]]
"""One project as `assess_ahead` gives it."""


def workbook(found: Sequence[Assessed], *, more: Sequence[Table] = ()) -> bytes:
    """The workbook of one or more projects; `more` are sheets that follow the Read me.

    The same assessments give the same bytes. Raises PaybackError where XlsxWriter is not installed.
    """
    if not found:
        raise PaybackError("nothing-assessed", say("there is nothing to report"), fix=say("name a project"))
    projects = [project for project, _ in found]
    book = opened(projects[0].as_of, projects[0].title or projects[0].name)
    first, _ = book.sheet(say("Read me"))
    for each in more:
        table.write(book, each)
    ahead = _ahead(found)
    results: dict[str, cash_sheet.Results] = {}
    if ahead:
        placed = inputs.write(book, [of for of, _ in ahead])
        results = {of.name: cash_sheet.write(book, of, case, placed[of.name]) for of, case in ahead}
    for each in (
        contents.figures(projects),
        contents.unit_costs(projects),
        contents.gates(projects),
        contents.left_out(projects),
    ):
        table.write(book, each)
    read_me.write(book, first, projects, [of for of, _ in ahead], results)
    return book.finished()


def _ahead(found: Sequence[Assessed]) -> list[tuple[Ahead, UseCaseResult]]:
    """Every use case with a future, under a name of its own."""
    keys = [name for _, futures in found for name in futures]
    return [
        (
            Ahead(name if keys.count(name) == 1 else f"{project.name} {name}", case.currency, futures[name]),
            case,
        )
        for project, futures in found
        for case in project.use_cases
        for name in [case.key]
        if name in futures
    ]
