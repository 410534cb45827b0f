"""What the logs on this machine hold: calls, tokens and list price, apart from what was paid."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payback.cli import own_config
from payback.cli.examples import examples
from payback.cli.progress import Progress
from payback.cli.usage_json import facts, table_csv
from payback.cli.usage_notes import left_out, more, waste, went
from payback.cli.usage_paid import headline, paid
from payback.cli.usage_table import cost, heading, plain, table
from payback.locale import say
from payback.records import Money, PaybackError

if TYPE_CHECKING:
    from payback.prices import CurrencyRate, PriceBook
    from payback.usage import Plan, Usage

UNREADABLE = 5
"""Exit code: not one call could be read."""
GROUPS = (
    *("model", "day", "week", "month", "session", "project", "branch", "user"),
    *("tool", "service", "use-case", "tag"),
)
TAG = "tag:"
PLAN = re.compile(r"(?P<name>[\w.-]+)=(?:(?P<seats>\d+)x)?(?P<monthly>\d+(?:\.\d+)?)")


def _group(context: click.Context, option: click.Parameter, given: str) -> str:  # noqa: ARG001  click asks so
    if given in GROUPS or (given.startswith(TAG) and given != TAG):
        return given
    named = ", ".join((*GROUPS, "tag:NAME"))
    raise click.BadParameter(say("{given} is none of {groups}", given=given, groups=named))


@click.command(
    short_help=say("calls, tokens and list price, from the logs you have"),
    epilog=examples(
        "payback usage",
        "payback usage ~/.claude --by month",
        "payback usage --by tag:team --timezone Europe/Berlin",
        "payback usage --by branch --git .",
        "payback usage --live --by session",
        "payback usage ~/.claude ~/.codex --plan 'claude=2x200' --since 2026-10-01",
        "payback usage ~/.codex openai_costs.json --since 2026-10-01",
    ),
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--by",
    metavar="GROUP",
    callback=_group,
    default="model",
    show_default=True,
    help=say("one line for each {groups}, or tag:NAME", groups=", ".join(GROUPS)),
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=say("from this day on"))
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=say("up to this day, included")
)
@click.option(
    "--timezone",
    default="UTC",
    show_default=True,
    metavar="ZONE",
    help=say("whose days, weeks and months: Europe/Berlin; prices are those of the UTC day"),
)
@click.option(
    "plans",
    "--plan",
    multiple=True,
    metavar="NAME=SEATSxPRICE",
    help=say("a flat plan paid by the month: claude=2x200 covers models and tools named claude..."),
)
@click.option(
    "also_ai",
    "--ai",
    multiple=True,
    metavar="SERVICE",
    help=say("count a service of a bill as AI, too: 'Amazon EC2*'"),
)
@click.option(
    "repositories",
    "--git",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help=say("say what became of the work in this repository: merged, not merged, reverted"),
)
@click.option(
    "--currency", metavar="CODE", help=say("show money in this currency; needs dated rates in payback.toml")
)
@click.option("--live", is_flag=True, help=say("show it again while the logs grow, until Ctrl-C"))
@click.option(
    "--interval",
    type=click.FloatRange(min=0.2),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help=say("how often --live looks"),
)
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
@click.option("as_csv", "--csv", is_flag=True, help=say("the table as CSV"))
@click.option("--quiet", is_flag=True, help=say("no progress on the error output"))
def command(
    paths: tuple[Path, ...],
    *,
    by: str,
    since: datetime | None,
    until: datetime | None,
    timezone: str,
    plans: tuple[str, ...],
    also_ai: tuple[str, ...],
    repositories: tuple[Path, ...],
    currency: str | None,
    live: bool,
    interval: float,
    as_json: bool,
    as_csv: bool,
    quiet: bool,
) -> None:
    """What the logs under each PATH hold: every call once, priced by its day at list price.

    Without PATH: the folders that the tools payback knows write to. Nothing is sent anywhere, and no
    question or answer is kept. Bills among the paths (FOCUS, cost exports of OpenAI and Anthropic) and
    flat plans say what was paid, apart from that. Prices, discounts and currency of the payback.toml here
    or in a folder above come first. Exit codes: 2 wrong call, 5 no call could be read.
    """
    from payback import usage as room

    if as_json and as_csv:
        raise click.UsageError(say("--json and --csv cannot both go to the standard output"))
    if live and (as_json or as_csv or not sys.stdout.isatty()):
        raise click.UsageError(say("--live is for a terminal, without --json and --csv"))
    book, rates, own_currency = _project()
    shown_in = currency or own_currency
    own = own_config.load()
    bought = _plans(plans, own.plans, shown_in)

    def ask(progress: Progress | None = None) -> Usage:
        return room.usage(
            paths or room.homes(),
            by=by,
            since=since.date() if since else None,
            until=until.date() if until else None,
            timezone=timezone,
            currency=shown_in,
            book=book,
            rates=rates,
            plans=bought,
            also_ai=(*also_ai, *own.ai_services),
            git=repositories,
            now=datetime.now(UTC).replace(tzinfo=None),
            progress=progress,
        )

    if live:
        from payback.cli.usage_live import watch

        watch(lambda: _lines(ask()), lambda: paths or room.homes(), interval)
        return
    with Progress(quiet=quiet) as progress:
        found = ask(progress)
    if as_json:
        click.echo(json.dumps(facts(found), indent=2, ensure_ascii=False))
    elif as_csv:
        click.echo(table_csv(found), nl=False)
    else:
        click.echo("\n".join(_lines(found)))
        if found.total.records and sys.stdout.isatty() and not _in_project():
            click.echo(say("next   payback init   does it pay?"))
    if not found.total.records and found.bills is None and found.lines_left_out:
        raise click.exceptions.Exit(UNREADABLE)


def _in_project() -> bool:
    return any((folder / "payback.toml").is_file() for folder in (Path.cwd(), *Path.cwd().parents))


def _project() -> tuple[PriceBook, Sequence[CurrencyRate], str]:
    """Prices, rates and currency: the bundled book, under the project we stand in, if any."""
    from payback.prices import PriceBook

    if not _in_project():
        return PriceBook.bundled(), (), "USD"
    from payback import project
    from payback.prices import of_project

    loaded = project.load(project.find(Path()))
    overrides, discounts, rates = of_project(loaded)
    return PriceBook.bundled(overrides, discounts), rates, loaded.currency


def _plans(given: Sequence[str], own: Sequence[Plan], currency: str) -> list[Plan]:
    """Those of the call, and of the own configuration those the call does not name."""
    called = [_plan(plan, currency) for plan in given]
    names = {plan.name.casefold() for plan in called}
    return [*called, *(plan for plan in own if plan.name.casefold() not in names)]


def _plan(given: str, currency: str) -> Plan:
    from payback.usage import Plan

    found = PLAN.fullmatch(given)
    if found is None:
        raise PaybackError(
            "plan",
            say("--plan {given} is not a plan", given=given),
            fix=say("write its name, seats and the price of a seat a month: claude=2x200"),
        )
    return Plan(found["name"], int(found["seats"] or 1), Money(Decimal(found["monthly"]), currency))


def _lines(found: Usage) -> list[str]:
    lines = [heading(found)]
    if found.total.records:
        listed = say("At list price: {amount}", amount=cost(found.total))
        lines.append(" ".join(filter(None, (headline(found), listed + "."))))
        lines += ["", *table(found), "", *paid(found), *more(found), *waste(found), *went(found)]
    elif found.bills is not None:
        lines += [*filter(None, [headline(found)]), "", *paid(found)]
    lines += left_out(found)
    return [plain(line) for line in lines]
