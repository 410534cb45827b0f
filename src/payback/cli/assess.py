"""The verdict on each use case, and every figure behind it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payback.cli import written
from payback.cli.assessed import assessed_ahead, nothing_left_out, workbooks
from payback.cli.examples import examples
from payback.locale import say

if TYPE_CHECKING:
    from payback.assessment import Assessment

WIDTH = 88
"""Columns of a report that goes to a file or a pipe."""


@click.command(
    short_help=say("the verdict on each use case, and what it rests on"),
    epilog=examples(
        "payback assess",
        "payback assess invoices sales --html report.html",
        "payback assess --xlsx report.xlsx",
        "payback assess --json > assessment.json",
        "payback assess --as-of 2026-09-30",
    ),
)
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
@click.option(
    "--html",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help=say("write the report as one self-contained page; - prints it"),
)
@click.option(
    "--markdown",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help=say("write the report as Markdown; - prints it"),
)
@click.option(
    "--xlsx",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=say("write a workbook whose live formulas recompute the base case"),
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help=say("look at the data as they were at the end of that day; without it, the latest day in them"),
)
@click.option(
    "--replay", is_flag=True, help=say("every use case at each month's end, also where that takes its time")
)
@click.option("--strict", is_flag=True, help=say("exit code 5 where any row was left out"))
@click.option(
    "--quiet", is_flag=True, help=say("say nothing beside the result; no report here if a file has it")
)
@click.option(
    "--width", type=click.IntRange(60, 100), metavar="COLUMNS", help=say("of the report in the terminal")
)
def command(
    folders: tuple[Path, ...],
    *,
    as_json: bool,
    html: str | None,
    markdown: str | None,
    xlsx: str | None,
    as_of: datetime | None,
    replay: bool,
    strict: bool,
    quiet: bool,
    width: int | None,
) -> None:
    """Assess the project in each DIR: the folder of a payback.toml, or one below it.

    Without DIR, the project we stand in. Exit codes: 0 assessed, whatever the verdict (`payback
    check` ends by it); 2 wrong call or broken payback.toml; 5 no row of a project could be read,
    or with --strict a row was left out.
    """
    files = {"--html": html, "--markdown": markdown}
    _one_result([*(name for name, file in files.items() if file == written.STDOUT), *["--json"] * as_json])
    for file in (*files.values(), xlsx):
        written.check(file)
    if xlsx is not None:
        workbooks(xlsx)
    ahead = assessed_ahead(folders, as_of=as_of.date() if as_of else None, quiet=quiet, replay=replay)
    found = [assessment for assessment, _ in ahead]
    for file, drawn in ((html, _html), (markdown, _markdown)):
        if file is not None:
            _write(file, drawn, found, quiet=quiet)
    if xlsx is not None:
        from payback.report.to_xlsx import workbook

        written.write_bytes(Path(xlsx), workbook(ahead))
        written.tell(xlsx, quiet=quiet)
    if as_json:
        _print_json(found)
    elif written.STDOUT not in files.values() and not (quiet and any((*files.values(), xlsx))):
        print_report(found, width)
    if strict:
        nothing_left_out(found)


def _one_result(asking: Sequence[str]) -> None:
    if len(asking) > 1:
        raise click.UsageError(
            say("{options} cannot both go to the standard output", options=say(" and ").join(asking))
        )


def _write(
    file: str, drawn: Callable[[Sequence[Assessment]], str], found: Sequence[Assessment], *, quiet: bool
) -> None:
    written.write(file, drawn(found))
    written.tell(file, quiet=quiet)


def _html(found: Sequence[Assessment]) -> str:
    from payback.report.build import report
    from payback.report.to_html import html

    return html(report(found))


def _markdown(found: Sequence[Assessment]) -> str:
    from payback.report.build import report
    from payback.report.to_markdown import markdown

    return markdown(report(found))


def _print_json(found: Sequence[Assessment]) -> None:
    from payback.report.to_json import json_text

    written.write(written.STDOUT, json_text(found))


def print_report(found: Sequence[Assessment], width: int | None = None, *, pages: int | None = None) -> None:
    """The report in the terminal; `pages` is how many of its pages, all where None."""
    from dataclasses import replace

    from payback.report.build import report
    from payback.report.to_terminal import terminal

    whole = report(found)
    shown = replace(whole, pages=whole.pages[:pages])
    on_screen = sys.stdout.isatty()
    asked = click.get_current_context().color
    columns = width or (shutil.get_terminal_size().columns if on_screen else WIDTH)
    click.echo(terminal(shown, columns, color=on_screen if asked is None else asked), nl=False)
