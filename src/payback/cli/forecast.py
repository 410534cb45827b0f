"""Who promised what, what came, and what that says of the next promise."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from payback.cli import written
from payback.cli.assessed import assessed
from payback.cli.examples import examples
from payback.locale import say
from payback.records import PaybackError

if TYPE_CHECKING:
    from payback.foretold import Foretold
    from payback.project import Project

WIDTH = 88
Answer = TypeVar("Answer")
FOLDER = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    default=".",
    help=say("the folder of the project; else the one we stand in"),
)
JSON = click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
QUIET = click.option("--quiet", is_flag=True, help=say("say nothing beside the result"))
CASE = click.option("--use-case", metavar="NAME", help=say("only this one"))


@click.group(
    invoke_without_command=True,
    short_help=say("who promised what, what came, and what the next promise is worth"),
    subcommand_metavar="[COMMAND]",
    epilog=examples(
        "payback forecast",
        "payback forecast score --use-case invoices --json",
        "payback forecast add invoices --quantity 'spend removed' --low 200_000 --high 800_000 --for 2027 --by 'R. Silva'",
        "payback forecast add invoices --quantity 'paid back' --chance 60% --for 2027-Q2 --by 'R. Silva'",
    ),
)
@FOLDER
@CASE
@JSON
@QUIET
@click.pass_context
def command(ctx: click.Context, *, folder: Path, use_case: str | None, as_json: bool, quiet: bool) -> None:
    """What was promised and what came: claims, rows of forecasts, and what assessments foretold.

    Without COMMAND, every forecast by use case: who said it, how much, for when, what came and whether
    it held; an open one beside what it is taken at by the past of who said it. Exit codes: 0 shown;
    2 wrong call or broken payback.toml; 5 no row of the project could be read.
    """
    if ctx.invoked_subcommand is None:
        _show(folder, use_case, as_json=as_json, quiet=quiet, scores_only=False)


@command.command(
    "score",
    short_help=say("how good forecasts were, by who made them and how far ahead"),
    epilog=examples("payback forecast score", "payback forecast score --use-case invoices --json"),
)
@FOLDER
@CASE
@JSON
@QUIET
def score(*, folder: Path, use_case: str | None, as_json: bool, quiet: bool) -> None:
    """Scores of what has come due: Brier and log of chances, distance and interval score of amounts.

    How often ranges held, and what each person's past promises came in at. With --json, the score of
    each forecast as well.
    """
    _show(folder, use_case, as_json=as_json, quiet=quiet, scores_only=True)


def _show(folder: Path, use_case: str | None, *, as_json: bool, quiet: bool, scores_only: bool) -> None:
    from payback import load
    from payback.report import forecast_report
    from payback.report.to_terminal import terminal

    if use_case is not None:
        _known(load(folder), use_case)
    (found,) = assessed([folder], quiet=quiet)
    if as_json:
        written.write(written.STDOUT, forecast_report.json_text(found, use_case))
        return
    on_screen = sys.stdout.isatty()
    asked = click.get_current_context().color
    columns = shutil.get_terminal_size().columns if on_screen else WIDTH
    drawn = forecast_report.report(found, use_case, scores_only=scores_only)
    click.echo(terminal(drawn, columns, color=on_screen if asked is None else asked), nl=False)


@command.command(
    "add",
    short_help=say("keep a forecast: an amount, a range, or a chance"),
    epilog=examples(
        "payback forecast add invoices --quantity value --low 200_000 --high 800_000 --for 2027 --by 'R. Silva'",
        "payback forecast add invoices --quantity 'gate accepted in pilot' --chance 0.7 --for 2027-Q1 --by 'R. Silva'",
    ),
)
@click.argument("use_case", metavar="USE_CASE")
@click.option(
    "--quantity",
    required=True,
    metavar="WHAT",
    help=say("value, 'spend removed' or another kind, spend, accepted, 'paid back', 'gate NAME', ..."),
)
@click.option("--low", metavar="AMOUNT", help=say("1 in 20 says it is below; alone, the amount itself"))
@click.option("--high", metavar="AMOUNT", help=say("1 in 20 says it is above"))
@click.option("--chance", metavar="SHARE", help=say("of what happens or does not: 0.7 or 70%"))
@click.option(
    "about", "--for", required=True, metavar="PERIOD", help=say("2027, 2027-Q3, 2027-03, or FIRST..END")
)
@click.option("--by", required=True, metavar="WHO", help=say("who says so"))
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=say("the day it was said; else today")
)
@click.option("--currency", metavar="CODE", help=say("of the amounts; else the project's"))
@click.option("--source", default="", metavar="TEXT", help=say("where it is written"))
@FOLDER
@JSON
def add(
    use_case: str,
    *,
    quantity: str,
    low: str | None,
    high: str | None,
    chance: str | None,
    about: str,
    by: str,
    on: datetime | None,
    currency: str | None,
    source: str,
    folder: Path,
    as_json: bool,
) -> None:
    """Keep in the record what WHO says of USE_CASE. A line is never changed; the same twice is one.

    A range is one WHO is 90 % sure of. Exit codes: 0 kept, or there already; 2 it is no forecast.
    """
    from payback import forecasts, load

    project = load(folder)
    _known(project, use_case)
    said = _foretold(
        project,
        use_case,
        quantity=quantity,
        ends=(low, high),
        chance=chance,
        about=about,
        by=by,
        on=on.date() if on else date.today(),  # noqa: DTZ011  a day as people at this machine count it
        currency=currency,
        source=source,
    )
    new = bool(_written(project, lambda: forecasts.keep(project, [said])))
    key = forecasts.key_of(said)
    if as_json:
        import json

        written.write(
            written.STDOUT,
            json.dumps({"schema_version": 1, "kind": "forecast_added", "key": key, "new": new}) + "\n",
        )
        return
    click.echo(say("kept as {key}", key=key) if new else say("kept before, as {key}", key=key))


@command.command(
    "withdraw",
    short_help=say("take a forecast out of the scores; it stays in the record"),
    epilog=examples("payback forecast withdraw 2a7d33b5 --by 'R. Silva' --why 'wrong year'"),
)
@click.argument("key", metavar="KEY")
@click.option("--by", required=True, metavar="WHO", help=say("who takes it back"))
@click.option("--why", required=True, metavar="TEXT", help=say("why; it is shown"))
@FOLDER
def withdraw(key: str, *, by: str, why: str, folder: Path) -> None:
    """Withdraw the forecast KEY: it stays, with who took it back and why, and is in no score.

    `payback forecast --json` names the keys. Exit codes: 0 withdrawn; 2 there is none of that key.
    """
    from payback import forecasts, load

    project = load(folder)
    today = date.today()  # noqa: DTZ011  a day as people at this machine count it
    _written(project, lambda: forecasts.withdraw(project, forecasts.Withdrawal(key, why, by, today)))
    click.echo(say("withdrawn: {key}", key=key))


def _known(project: Project, use_case: str) -> None:
    if use_case not in project.use_cases:
        raise PaybackError(
            "unknown-use-case",
            say("no use case is called {name}", name=repr(use_case)),
            where=str(project.file),
            fix=say("one of: {names}", names=", ".join(project.use_cases)),
        )


def _written(project: Project, write: Callable[[], Answer]) -> Answer:
    try:
        return write()
    except OSError as error:
        raise PaybackError(
            "no-record",
            say("the forecast cannot be kept: {reason}", reason=error.strerror or str(error)),
            where=str(error.filename or project.folder / ".payback"),
            fix=say("make the folder .payback beside payback.toml writable"),
        ) from None


def _foretold(
    project: Project,
    use_case: str,
    *,
    quantity: str,
    ends: tuple[str | None, str | None],
    chance: str | None,
    about: str,
    by: str,
    on: date,
    currency: str | None,
    source: str,
) -> Foretold:
    """What the options say. Raises PaybackError naming the option that is wrong."""
    from payback import days
    from payback.foretold import GATE, MONEY, QUANTITIES, Foretold, fault, quantity_of

    what = quantity_of(quantity)
    if what is None:
        names = ", ".join((*QUANTITIES, f"{GATE}NAME"))
        raise _wrong(
            "--quantity",
            say("{quantity} is nothing that is counted", quantity=repr(quantity)),
            say("one of: {names}", names=names),
        )
    if what.startswith(GATE):
        _gate(project, use_case, what[len(GATE) :])
    period = days.read_period(about)
    if period is None:
        raise _wrong(
            "--for",
            say("{period} is no period", period=repr(about)),
            say("write 2027, 2027-Q3, 2027-03, or FIRST..END with END not included"),
        )
    low, high = (_amount(text, option) for text, option in zip(ends, ("--low", "--high"), strict=True))
    unit = (currency or project.currency) if what in MONEY else ""
    said = Foretold(
        use_case, what, period, on, by.strip(),
        low=low if low is not None else high,
        high=high if high is not None else low,
        chance=_chance(chance), currency=unit, source=source,
    )  # fmt: skip
    if wrong := fault(said):
        raise _wrong(_option_of(said), wrong, say("`payback forecast add --help` shows examples"))
    _rate(project, unit, on)
    return said


def _option_of(said: Foretold) -> str:
    if said.made_on is not None and said.period is not None and said.made_on >= said.period.first_day_after:
        return "--for"
    return "--chance" if said.yes_or_no or said.chance is not None else "--low, --high"


def _gate(project: Project, use_case: str, name: str) -> None:
    names = [gate.name for gate in project.use_cases[use_case].gates]
    if name.casefold() not in {each.casefold() for each in names}:
        raise _wrong(
            "--quantity",
            say("{use_case} has no gate called {name}", use_case=use_case, name=repr(name)),
            say("one of: {names}", names=", ".join(names)) if names else say("add [[use_cases.NAME.gates]]"),
        )


def _rate(project: Project, currency: str, on: date) -> None:
    from payback.prices import of_project
    from payback.prices.currency import conversion

    if not currency or currency == project.currency:
        return
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise _wrong(
            "--currency",
            say("{currency} is no currency", currency=repr(currency)),
            say("write the three-letter code, such as EUR"),
        )
    _, _, rates = of_project(project)
    if conversion(currency, project.currency, on, rates) is None:
        raise PaybackError(
            "no-currency-rate",
            say("no rate from {a} to {b}", a=currency, b=project.currency),
            where="--currency",
            fix=say("add it under [[currency_rates]] in payback.toml"),
        )


def _amount(text: str | None, option: str) -> Decimal | None:
    from payback.quantities import quantity

    if text is None:
        return None
    try:
        found = quantity(text)
    except ValueError as error:
        raise _wrong(option, str(error), say("write digits with a decimal point")) from None
    if found.is_range:
        raise _wrong(option, say("{text} is a range", text=repr(text)), say("give --low and --high"))
    return found.low


def _chance(text: str | None) -> Decimal | None:
    if text is None:
        return None
    number, percent = text.strip().removesuffix("%").strip(), text.strip().endswith("%")
    try:
        found = Decimal(number)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise _wrong(
            "--chance", say("{text} is no chance", text=repr(text)), say("write 0.7, or 70% for the same")
        )
    return found / 100 if percent else found


def _wrong(option: str, message: str, fix: str) -> PaybackError:
    return PaybackError("not-a-forecast", message, where=option, fix=fix)
