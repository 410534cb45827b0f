"""Where AI could pay at all, from tables of today's work, before anybody builds."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payback.cli import written
from payback.cli.examples import examples
from payback.locale import say
from payback.records import PaybackError

if TYPE_CHECKING:
    from payback.measures.ranges import Uncertain

WIDTH = 88
MOST_MONTHS = 600


@click.command(
    short_help=say("where AI could pay at most, from tables of today's work"),
    epilog=examples(
        "payback opportunities work.csv",
        "payback opportunities work.xlsx --unit-price '0.20 to 0.60' --review-minutes 1",
        "payback opportunities work.csv --build 20000 --months 12 --json",
        "payback opportunities work.csv --map minutes='Handling time' --wage 32 --currency EUR",
    ),
)
@click.argument("tables", metavar="TABLE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "maps",
    "--map",
    multiple=True,
    metavar="KEY=COLUMN",
    help=say("which column is work, segment, volume, minutes, wage or cost; may be repeated"),
)
@click.option(
    "--unit-price", metavar="AMOUNT", help=say("what a unit costs with AI, all in but review: 0.30")
)
@click.option(
    "--review-minutes", metavar="MINUTES", help=say("minutes a person checks a unit: 1, or '0.5 to 2'")
)
@click.option("--accepted", metavar="SHARE", help=say("share accepted: 80 %, '70 % to 90 %', '17 of 20'"))
@click.option("--wage", metavar="AMOUNT", help=say("what an hour costs, for rows that do not say"))
@click.option(
    "--build", metavar="AMOUNT", help=say("what building it costs, once: 20000, or '15000 to 40000'")
)
@click.option(
    "--months",
    type=click.IntRange(1, MOST_MONTHS),
    default=12,
    show_default=True,
    help=say("in which the build must be back"),
)
@click.option(
    "--currency", metavar="CODE", help=say("of the money in the tables; rows in another are left out")
)
@click.option(
    "--decimal", type=click.Choice([".", ","]), help=say("the sign before decimals, where commas are used")
)
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
@click.option("as_csv", "--csv", is_flag=True, help=say("every kind of work as CSV"))
def command(
    tables: tuple[Path, ...],
    *,
    maps: tuple[str, ...],
    unit_price: str | None,
    review_minutes: str | None,
    accepted: str | None,
    wage: str | None,
    build: str | None,
    months: int,
    currency: str | None,
    decimal: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Say what work costs today, and the most AI could make of it, from each TABLE of kinds of work.

    A TABLE is CSV or xlsx. A row is a kind of work: what it is, units a month (or a year: the column's
    name says so), minutes a unit with the wage of an hour, or the cost of a unit; a segment if you
    have one. A cell may be a range, "10 to 15". Everything said is a limit, never a promise. Exit
    codes: 0 answered; 2 wrong call, or a table that cannot be read; 5 no row could be used.
    """
    if as_json and as_csv:
        raise click.UsageError(
            say(
                "{options} cannot both go to the standard output",
                options=say(" and ").join(("--json", "--csv")),
            )
        )
    from payback.assessor.opportunities import assessed
    from payback.assessor.work_tables import Reading
    from payback.cli.assessed import told, unreadable
    from payback.cli.work_sheets import sheets
    from payback.measures.returns.opportunities import Terms
    from payback.report import opportunities_report
    from payback.report.to_terminal import terminal

    terms = Terms(
        price=_amount(unit_price, "--unit-price", decimal),
        accepted=_share(accepted),
        review_minutes=_amount(review_minutes, "--review-minutes", decimal),
        build=_amount(build, "--build", decimal),
        months=months,
    )
    reading = Reading(dict(map(_pair, maps)), decimal, _wage(wage, decimal), (currency or "").strip().upper())
    found = assessed(sheets(tables), reading, terms)
    if not found.table.works:
        head = say("payback: no row says what work costs today")
        unreadable("\n".join((head, *told(found.table.problems))))
    if as_json:
        written.write(written.STDOUT, opportunities_report.json_text(found))
    elif as_csv:
        written.write(written.STDOUT, opportunities_report.csv_text(found))
    else:
        on_screen = sys.stdout.isatty()
        asked = click.get_current_context().color
        columns = shutil.get_terminal_size().columns if on_screen else WIDTH
        page = opportunities_report.report(found)
        click.echo(terminal(page, columns, color=on_screen if asked is None else asked), nl=False)


def _pair(text: str) -> tuple[str, str]:
    key, sign, name = text.partition("=")
    if not sign or not key.strip() or not name.strip():
        raise PaybackError(
            "unknown-key",
            say("{text} does not say which column is what", text=repr(text)),
            where="--map",
            fix=say("write --map minutes='Handling time'"),
        )
    return key.strip().casefold(), name.strip()


def _amount(text: str | None, option: str, decimal: str | None) -> Uncertain | None:
    """A number of 0 or more, or a range above 0. Raises PaybackError."""
    from payback.assessor.work_tables import amount

    if text is None:
        return None
    try:
        found = amount(text, decimal)
        if not found.is_known:
            return amount(text, decimal, above_zero=True)
    except ValueError as error:
        raise _not_an_amount(option, str(error)) from None
    if found.parameters[0] < 0:
        raise _not_an_amount(option, say("{text} is below 0", text=repr(text)))
    return found


def _wage(text: str | None, decimal: str | None) -> Uncertain | None:
    found = _amount(text, "--wage", decimal)
    if found is not None and found.is_known and found.parameters[0] == 0:
        raise _not_an_amount("--wage", say("{text} is not above 0", text=repr(text)))
    return found


def _share(text: str | None) -> Uncertain | None:
    """A share above 0 and up to 1. Raises PaybackError."""
    from payback.measures.ranges import quantile, uncertain

    if text is None:
        return None
    try:
        found = uncertain(text)
    except ValueError as error:
        raise _not_an_amount("--accepted", str(error)) from None
    if not (quantile(found, 0.001) >= 0 and quantile(found, 0.5) > 0 and quantile(found, 0.999) <= 1):
        raise _not_an_amount(
            "--accepted", say("{text} is no share: write 80 %, '70 % to 90 %' or '17 of 20'", text=repr(text))
        )
    return found


def _not_an_amount(option: str, message: str) -> PaybackError:
    return PaybackError(
        "not-an-amount", message, where=option, fix=say('write 12.5, "10 to 15" or pert(2, 5, 14)')
    )
