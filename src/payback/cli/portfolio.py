"""Which use cases to fund together, under budget, people and risk, and what to do with each, when."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import click

from payback.cli import written
from payback.cli.assessed import kept, told, unreadable, workbooks
from payback.cli.examples import examples
from payback.cli.progress import Progress
from payback.locale import say
from payback.quantities import quantity
from payback.records import PaybackError

WIDTH = 88
FILE = click.Path(dir_okay=False, allow_dash=True)


@click.command(
    short_help=say("which use cases to fund together, and what to do when"),
    epilog=examples(
        "payback portfolio",
        "payback portfolio group/ --budget 60000 --people 10",
        "payback portfolio --html board.html",
        "payback portfolio --xlsx board.xlsx",
        "payback portfolio --json",
    ),
)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--budget", metavar="AMOUNT", help=say("what there is to lay out, in the project's currency"))
@click.option("--people", metavar="MONTHS", help=say("how many months of one person there are"))
@click.option("--html", type=FILE, metavar="FILE", help=say("write the pages for a board; - prints them"))
@click.option(
    "--xlsx",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=say("write a workbook: the plan with live sums, and how each use case comes to its worth"),
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help=say("look at the data as they were at the end of that day"),
)
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
@click.option("as_csv", "--csv", is_flag=True, help=say("one use case a row, as CSV"))
@click.option("--quiet", is_flag=True, help=say("say nothing beside the result"))
def command(
    folder: Path | None,
    *,
    budget: str | None,
    people: str | None,
    html: str | None,
    xlsx: str | None,
    as_of: datetime | None,
    as_json: bool,
    as_csv: bool,
    quiet: bool,
) -> None:
    """Choose among the use cases of the project in DIR, on the same futures for all of them.

    The choice is worth most on average within the budget, the people and the risk that [portfolio] in
    payback.toml names; doing nothing is always one of the choices. Exit codes: 0 answered; 2 wrong
    call or broken payback.toml; 5 no row of the project could be read.
    """
    asking = [*["--json"] * as_json, *["--csv"] * as_csv, *["--html"] * (html == written.STDOUT)]
    if len(asking) > 1:
        raise click.UsageError(
            say("{options} cannot both go to the standard output", options=say(" and ").join(asking))
        )
    for file in (html, xlsx):
        written.check(file)
    if xlsx is not None:
        workbooks(xlsx)
    from payback import load
    from payback.assessor.portfolio import portfolio
    from payback.report import portfolio_json, portfolio_report

    money, months = _amount(budget, "--budget"), _amount(people, "--people")
    project = load(folder or Path())
    with Progress(quiet=quiet) as progress, kept(project), _solver_is_silent():
        found = portfolio(
            project,
            budget=money,
            people=months,
            as_of=as_of.date() if as_of else None,
            progress=progress,
        )
    if not found.rows and project.sources:
        unreadable(
            "\n".join(
                (say("payback: no row of {file} could be read", file=project.file), *told(found.problems))
            )
        )
    if html is not None:
        from payback.report.to_html import html as page

        written.write(html, page(portfolio_report.report(found, drawn=True)))
        written.tell(html, quiet=quiet)
    if xlsx is not None:
        from payback.report.to_xlsx import plan, workbook

        written.write_bytes(Path(xlsx), workbook([(found.rests_on, found.prospects)], more=(plan(found),)))
        written.tell(xlsx, quiet=quiet)
    if as_json:
        written.write(written.STDOUT, portfolio_json.json_text(found))
    elif as_csv:
        written.write(written.STDOUT, portfolio_json.csv_text(found))
    elif html != written.STDOUT and not (quiet and (html or xlsx)):
        from payback.report.to_terminal import terminal

        on_screen = sys.stdout.isatty()
        asked = click.get_current_context().color
        columns = shutil.get_terminal_size().columns if on_screen else WIDTH
        text = terminal(portfolio_report.report(found), columns, color=on_screen if asked is None else asked)
        click.echo(text, nl=False)


def _amount(text: str | None, option: str) -> Decimal | None:
    """One amount of 0 or more. Raises PaybackError."""
    if text is None:
        return None
    try:
        found = quantity(text)
    except ValueError as error:
        raise _not_an_amount(option, str(error)) from None
    if found.is_range:
        raise _not_an_amount(option, say("{text} is a range: name one amount", text=repr(text)))
    if found.low < 0:
        raise _not_an_amount(option, say("{text} is below 0", text=repr(text)))
    return found.low


def _not_an_amount(option: str, message: str) -> PaybackError:
    return PaybackError(
        "not-an-amount", message, where=option, fix=say("write one amount of 0 or more, such as 60000")
    )


@contextmanager
def _solver_is_silent() -> Iterator[None]:
    """HiGHS writes a line past Python into the standard output now and then (HiGHS.jl issue 312): not into ours."""
    try:
        ours = os.dup(1)
    except OSError:  # no standard output at all
        yield
        return
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        with suppress(OSError, AttributeError, TypeError):
            ctypes.CDLL(None).fflush(None)  # what it wrote must leave before the output is ours again
        os.dup2(ours, 1)
        os.close(ours)
        os.close(nowhere)
