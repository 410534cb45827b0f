"""The projects a command names, assessed; and the ending when their data cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from payback.cli import written
from payback.cli.progress import Progress
from payback.locale import say, say_count
from payback.records import PaybackError, Problem

if TYPE_CHECKING:
    from payback.assessment import Assessment
    from payback.assessor.returns import Prospect
    from payback.project import Project

UNREADABLE = 5
"""Exit code: no row of a project could be read, or with --strict a row was left out."""
SHOWN = 5
"""Problems told one by one; the rest are counted."""


def assessed(
    folders: Sequence[Path], *, as_of: date | None = None, quiet: bool = False, replay: bool = False
) -> list[Assessment]:
    """One Assessment for each folder, in order; the working folder where none is named.

    Every project file is read first. Leaves with exit code 5 where a project has no readable row.
    """
    return [found for found, _ in assessed_ahead(folders, as_of=as_of, quiet=quiet, replay=replay)]


def assessed_ahead(
    folders: Sequence[Path], *, as_of: date | None = None, quiet: bool = False, replay: bool = False
) -> list[tuple[Assessment, Mapping[str, Prospect]]]:
    """The same, each with the futures of its use cases."""
    from payback import load

    projects = [load(folder) for folder in folders or (Path(),)]
    with Progress(quiet=quiet) as progress:
        return [_assessed(project, as_of, progress, replay=replay) for project in projects]


def _assessed(
    project: Project, as_of: date | None, progress: Progress, *, replay: bool
) -> tuple[Assessment, Mapping[str, Prospect]]:
    from payback.assessor import assess_ahead

    with kept(project):
        found, ahead = assess_ahead(project, as_of=as_of, progress=progress, replay=replay)
    if not any(source.rows for source in found.sources):
        unreadable(_nothing_read(project, found))
    return found, ahead


@contextmanager
def kept(project: Project) -> Iterator[None]:
    """Whatever reads the project's files: says so where their record cannot be written. Raises PaybackError."""
    try:
        yield
    except OSError as error:
        raise PaybackError(
            "no-record",
            say("what was read cannot be kept: {reason}", reason=error.strerror or str(error)),
            where=str(error.filename or project.folder / ".payback"),
            fix=say(
                "payback keeps a record in the folder .payback beside payback.toml; make that possible, or assess a copy"
            ),
        ) from None


def _nothing_read(project: Project, found: Assessment) -> str:
    if not project.sources:
        return say("payback: {file} names no file to read; add one under [[sources]]", file=project.file)
    head = say("payback: no row of {file} could be read", file=project.file)
    return "\n".join((head, *told(found.problems)))


def told(problems: Sequence[Problem]) -> list[str]:
    """The first few problems as lines, and how many more there are."""
    lines = [f"  {line}" for problem in problems[:SHOWN] for line in str(problem).splitlines()]
    if len(problems) > SHOWN:
        lines.append("  " + say("and {count} more", count=len(problems) - SHOWN))
    return lines


def nothing_left_out(assessments: Sequence[Assessment]) -> None:
    """What --strict asks: leaves with exit code 5 where a row, or a whole file, was left out."""
    problems = [one for project in assessments for one in project.problems if one.left_out]
    rows = sum(project.rows_left_out for project in assessments)
    if not rows and not problems:
        return
    head = say_count("payback: {count} row was left out", "payback: {count} rows were left out", rows)
    if not rows:
        head = say("payback: a file was left out")
    unreadable("\n".join((head, *told(problems))))


def unreadable(message: str) -> NoReturn:
    """Say why on the error output and leave with exit code 5."""
    click.echo(message, err=True)
    raise click.exceptions.Exit(UNREADABLE)


def workbooks(file: str) -> None:
    """Refuse what cannot be written as a workbook, before the work is done."""
    from payback.report.to_xlsx import available

    if file == written.STDOUT:
        raise click.UsageError(say("a workbook goes to a file: --xlsx report.xlsx"))
    available()
