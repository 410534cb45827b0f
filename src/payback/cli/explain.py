"""What stands behind a figure, down to the rows."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payback.cli import written
from payback.cli.assessed import assessed, kept
from payback.cli.examples import examples
from payback.cli.progress import Progress
from payback.locale import say

if TYPE_CHECKING:
    from payback.assessment import UseCaseResult

WIDTH = 88
REPLAY = "replay"
"""Asked for like a figure: every month's end as it was known then."""


@click.command(
    short_help=say("what stands behind a figure, down to the rows"),
    epilog=examples(
        "payback explain",
        "payback explain invoices",
        "payback explain invoices full_unit_cost",
        "payback explain invoices acceptance --rows 5",
        "payback explain own-model replay",
        "payback explain all money_out pilot/ --json",
    ),
)
@click.argument("use_case", metavar="[USE_CASE]", required=False)
@click.argument("figure", metavar="[FIGURE]", required=False)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "rows",
    "--rows",
    type=click.IntRange(0),
    metavar="N",
    help=say("count its rows and show the first N of each file"),
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
    use_case: str | None,
    figure: str | None,
    folder: Path | None,
    *,
    rows: int | None,
    as_of: datetime | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Explain FIGURE of USE_CASE: formula, inputs, range, files and what would change it.

    Without FIGURE, its figures by name; without USE_CASE, the use cases; `all` are the totals of page
    one; FIGURE `replay` is how a use case with a kill line or gates stood at every month's end. DIR is the
    folder of the project, else the one we stand in. Exit codes: 0 explained; 2 wrong call; 5 no row of the
    project could be read.
    """
    from payback import load
    from payback.assessor.rows_behind import rows_behind
    from payback.report import explained

    day = as_of.date() if as_of else None
    (found,) = assessed([folder or Path()], as_of=day, quiet=quiet, replay=figure == REPLAY)
    every = explained.named(found)
    if use_case is None:
        if as_json:
            written.write(written.STDOUT, explained.list_json(every, None))
        else:
            click.echo(explained.list_of_cases(found), nl=False)
        return
    case = explained.case_named(found, use_case)
    if figure is None:
        if as_json:
            written.write(written.STDOUT, explained.list_json(every, case))
        else:
            click.echo(explained.list_of_figures(every, case), nl=False)
        return
    replayed = [each for each in found.use_cases if each.key == case]
    if figure == REPLAY and replayed:
        _replay(replayed[0], as_json=as_json)
        return
    one = explained.find(every, case, figure)
    behind = None
    if rows is not None:
        project = load(folder or Path())
        with Progress(quiet=quiet) as progress, kept(project):
            behind = rows_behind(project, one.behind, rows, as_of=day, progress=progress)
    if as_json:
        written.write(written.STDOUT, explained.json_text(one, behind))
        return
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    click.echo(explained.text(one, behind, max(60, min(100, columns))), nl=False)


def _replay(case: UseCaseResult, *, as_json: bool) -> None:
    """Month by month, in words or as `payback assess --json` has it."""
    from payback.report import burn_blocks, burn_json

    if not as_json:
        click.echo(burn_blocks.replay_words(case), nl=False)
        return
    facts = {"schema_version": 1, "kind": "replay", "key": case.key, "replayed": burn_json.replayed(case)}
    written.write(written.STDOUT, json.dumps(facts, indent=2) + "\n")
