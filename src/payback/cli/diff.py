"""Why a figure moved from one period, or one project, to another."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payback.cli import written
from payback.cli.assessed import kept, told, unreadable
from payback.cli.examples import examples
from payback.cli.progress import Progress
from payback.days import read_period
from payback.locale import say
from payback.records import PaybackError

if TYPE_CHECKING:
    from datetime import date

    from payback.assessor.difference import Difference

WIDTH = 88


@click.command(
    short_help=say("why a cost moved between two periods or projects"),
    epilog=examples(
        "payback diff 2026-Q2 2026-Q3",
        "payback diff 2026-07 2026-08 invoices/",
        "payback diff 2026-01-01..2026-02-15 2026-02-15..2026-04-01 --json",
        "payback diff pilot/ rollout/",
    ),
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "use_cases", "--use-case", multiple=True, metavar="NAME", help=say("only this one; may be repeated")
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help=say("look at the data as they were at the end of that day; without it, the latest day in them"),
)
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
@click.option("--quiet", is_flag=True, help=say("say nothing beside the result"))
def command(
    old: str,
    new: str,
    folder: Path | None,
    *,
    use_cases: tuple[str, ...],
    as_of: datetime | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Take a cost apart: price, tokens, calls, mix of models and acceptance, from OLD to NEW.

    OLD and NEW are two periods of the project in DIR (2026, 2026-Q3, 2026-07, or
    2026-07-01..2026-08-15, whose last day is not included), or two project folders. The parts add
    up to the change exactly. Exit codes: 0 compared; 2 wrong call or broken
    payback.toml; 5 no row of a project could be read.
    """
    from payback.report import moved

    found = _found(old, new, folder, as_of.date() if as_of else None, use_cases, quiet=quiet)
    if not found.rows:
        head = say("payback: there is no row to compare")
        unreadable("\n".join((head, *told(found.problems))))
    if as_json:
        written.write(written.STDOUT, moved.json_text(found))
        return
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    click.echo(moved.text(found, max(60, min(100, columns))), nl=False)


def _found(
    old: str,
    new: str,
    folder: Path | None,
    as_of: date | None,
    use_cases: tuple[str, ...],
    *,
    quiet: bool,
) -> Difference:
    from payback import load
    from payback.assessor.difference import between_periods, between_projects

    periods = read_period(old), read_period(new)
    if periods[0] is not None and periods[1] is not None:
        project = load(folder or Path())
        with Progress(quiet=quiet) as progress, kept(project):
            return between_periods(
                project, periods[0], periods[1], as_of=as_of, use_cases=use_cases, progress=progress
            )
    for text, period in zip((old, new), periods, strict=True):
        if period is not None or not Path(text).exists():
            raise PaybackError(
                "not-a-period",
                say("{text} cannot be compared", text=repr(text)),
                fix=say(
                    "give two periods (2026, 2026-Q3, 2026-07, 2026-07-01..2026-08-15) or two project folders"
                ),
            )
    if folder is not None:
        raise click.UsageError(say("two project folders take no third"))
    before, after = load(Path(old)), load(Path(new))
    with Progress(quiet=quiet) as progress, kept(after):
        return between_projects(before, after, as_of=as_of, use_cases=use_cases, progress=progress)
