"""What the logs on this machine hold: calls, tokens and list price, apart from what was paid."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from payback.cli.examples import examples
from payback.cli.progress import Progress
from payback.locale import say, say_count
from payback.records import Money, PaybackError

if TYPE_CHECKING:
    from payback.prices import CurrencyRate, PriceBook
    from payback.usage import Counted, Plan, Usage

SCHEMA_VERSION = 1
UNREADABLE = 5
"""Exit code: not one call could be read."""
GROUPS = ("model", "day", "week", "month", "session", "project", "user", "tool")
SHOWN = 40
"""Rows the terminal shows; the rest are one line. --json and --csv have all."""
NAME_LETTERS = 40
PLAN = re.compile(r"(?P<name>[\w.-]+)=(?:(?P<seats>\d+)x)?(?P<monthly>\d+(?:\.\d+)?)")


@click.command(
    short_help=say("calls, tokens and list price, from the logs you have"),
    epilog=examples(
        "payback usage",
        "payback usage ~/.claude --by month",
        "payback usage ~/.claude ~/.codex --plan 'claude=2x200' --since 2026-10-01",
    ),
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--by", type=click.Choice(GROUPS), default="model", show_default=True, help=say("one line for each")
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=say("from this UTC day on"))
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=say("up to this UTC day, included")
)
@click.option(
    "plans",
    "--plan",
    multiple=True,
    metavar="NAME=SEATSxPRICE",
    help=say("a flat plan paid by the month: claude=2x200 covers models and tools named claude..."),
)
@click.option(
    "--currency", metavar="CODE", help=say("show money in this currency; needs dated rates in payback.toml")
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
    plans: tuple[str, ...],
    currency: str | None,
    as_json: bool,
    as_csv: bool,
    quiet: bool,
) -> None:
    """What the logs under each PATH hold: every call once, priced by its day at list price.

    Without PATH: the folders that the tools payback knows write to. Nothing is sent anywhere, and no
    question or answer is kept. Prices, discounts and currency of the payback.toml here
    or in a folder above come first. Exit codes: 2 wrong call, 5 no call could be read.
    """
    from payback import usage as room

    if as_json and as_csv:
        raise click.UsageError(say("--json and --csv cannot both go to the standard output"))
    book, rates, own_currency = _project()
    shown_in = currency or own_currency
    with Progress(quiet=quiet) as progress:
        found = room.usage(
            paths or room.homes(),
            by=by,
            since=since.date() if since else None,
            until=until.date() if until else None,
            currency=shown_in,
            book=book,
            rates=rates,
            plans=[_plan(plan, shown_in) for plan in plans],
            progress=progress,
        )
    if as_json:
        click.echo(json.dumps(_facts(found), indent=2, ensure_ascii=False))
    elif as_csv:
        click.echo(_csv(found), nl=False)
    else:
        click.echo("\n".join(_lines(found)))
    if not found.total.calls and found.lines_left_out:
        raise click.exceptions.Exit(UNREADABLE)


def _project() -> tuple[PriceBook, Sequence[CurrencyRate], str]:
    """Prices, rates and currency: the bundled book, under the project we stand in, if any."""
    from payback.prices import PriceBook

    if not any((folder / "payback.toml").is_file() for folder in (Path.cwd(), *Path.cwd().parents)):
        return PriceBook.bundled(), (), "USD"
    from payback import project
    from payback.prices import of_project

    loaded = project.load(project.find(Path()))
    overrides, discounts, rates = of_project(loaded)
    return PriceBook.bundled(overrides, discounts), rates, loaded.currency


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
    lines = [_heading(found)]
    if not found.total.calls:
        return [*lines, *_left_out(found)]
    listed = say("At list price: {amount}", amount=_cost(found.total))
    if found.paid is None:
        lines.append(listed + ".")
    else:
        lines.append(say("You paid {amount}.", amount=_money(found.paid)) + f" {listed}.")
    lines += ["", *_table(found), ""]
    for number, paid in enumerate(found.plans):
        seats = say_count("{count} seat", "{count} seats", paid.plan.seats)
        months = say_count("{count} month", "{count} months", paid.months)
        text = say(
            "flat plan {name}, {seats}, {months}: {amount}, as you say; covers {calls} calls, {listed} at list price",
            name=paid.plan.name,
            seats=seats,
            months=months,
            amount=_money(paid.paid),
            calls=f"{paid.covered.calls:,}",
            listed=_cost(paid.covered),
        )
        lines.append(_noted(say("paid") if number == 0 else "", text))
    lines += _more(found)
    lines += _left_out(found)
    return [_plain(line) for line in lines]


def _heading(found: Usage) -> str:
    from payback.days import period

    calls = say_count("{count:,} call", "{count:,} calls", found.total.calls)
    files = say_count("{count:,} file", "{count:,} files", found.files)
    if found.period is None:
        return say("No calls in {files}", files=files)
    return say(
        "{period}, days in UTC, {currency}, {calls}, {files}",
        period=period(found.period),
        currency=found.currency,
        calls=calls,
        files=files,
    )


def _table(found: Usage) -> list[str]:
    heads = [
        _by_words()[found.by],
        say("calls"),
        say("fresh in"),
        say("cached in"),
        say("cache writes"),
        say("out"),
        say("list price"),
    ]
    cells = [
        [_shortened(row.key or say("not named")), *_cells(row.counted)]
        for row in (found.rows if len(found.rows) <= SHOWN + 1 else found.rows[:SHOWN])
    ]
    if len(found.rows) > SHOWN + 1:
        from payback.usage import together

        rest = found.rows[SHOWN:]
        name = say("{count} more", count=len(rest))
        cells.append([name, *_cells(together([row.counted for row in rest], found.currency))])
    if len(found.rows) > 1:
        cells.append([say("total"), *_cells(found.total)])
    widths = [max(len(line[at]) for line in (heads, *cells)) for at in range(len(heads))]
    return [
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (heads, *cells)
    ]


def _cells(counted: Counted) -> list[str]:
    unknown = counted.unmetered == counted.calls
    return [
        f"{counted.calls:,}",
        *(
            "?" if unknown and not count else _tokens(count)
            for count in (counted.fresh, counted.cached, counted.written, counted.out)
        ),
        _cost(counted),
    ]


def _by_words() -> dict[str, str]:
    return {
        "model": say("model"),
        "day": say("day"),
        "week": say("week from"),
        "month": say("month"),
        "session": say("session"),
        "project": say("project"),
        "user": say("user"),
        "tool": say("tool"),
    }


def _tokens(count: int) -> str:
    """6.1 M, 402 k: three digits say enough; --json and --csv have all."""
    for size, mark in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if count >= size:
            return f"{Decimal(count) / size:,.1f}{mark}"
    return str(count)


def _cost(counted: Counted) -> str:
    if counted.calls and counted.unpriced + counted.unmetered == counted.calls:
        return say("not priced")
    amount = _money(counted.cost)
    return say("{amount} or more", amount=amount) if counted.or_more else amount


def _money(money: Money) -> str:
    from payback.numbers import fixed

    return fixed(money.amount, 2)


def _more(found: Usage) -> list[str]:
    """Why the true cost is higher than the sum, and what to do about it."""
    notes = []
    total = found.total
    if total.unfinished:
        notes.append(
            say_count(
                "{count:,} call logs its output before it was done: the true count is higher",
                "{count:,} calls log their output before it was done: the true counts are higher",
                total.unfinished,
            )
        )
    for each in found.not_priced[:SHOWN]:
        name = each.model or say("no model")
        notes.append(
            say_count(
                "{count:,} call without a price: {reason}",
                "{count:,} calls without a price: {reason}",
                each.calls,
                reason=each.reason,
            )
            + (say("; see payback prices {model}", model=name) if each.model else "")
        )
    if total.unmetered:
        notes.append(
            say_count(
                "{count:,} call logs no token counts: its cost is not known",
                "{count:,} calls log no token counts: their cost is not known",
                total.unmetered,
            )
        )
    lines = [_noted(say("more?") if number == 0 else "", note) for number, note in enumerate(notes)]
    others = []
    if total.stated_calls:
        others.append(
            say_count(
                "{count:,} call has no list price and is counted at the {amount} its log states",
                "{count:,} calls have no list price and are counted at the {amount} their logs state",
                total.stated_calls,
                amount=_money(total.stated),
            )
        )
    if total.assumed.amount:
        others.append(
            say(
                "{amount} of the list price rests on a cache price nobody lists, taken at its most",
                amount=_money(total.assumed),
            )
        )
    return lines + [_noted(say("note") if number == 0 else "", note) for number, note in enumerate(others)]


def _left_out(found: Usage) -> list[str]:
    notes = []
    if found.copies:
        notes.append(
            say_count(
                "{count:,} copy of a call, counted once",
                "{count:,} copies of calls, counted once",
                found.copies,
            )
        )
    for reason, count in found.skipped.items():
        notes.append(_skipped(reason, count))
    if found.lines_left_out:
        notes.append(say_count("{count:,} damaged line", "{count:,} damaged lines", found.lines_left_out))
    lines = [_noted(say("out") if number == 0 else "", note) for number, note in enumerate(notes)]
    for problem in found.problems[:SHOWN]:
        where = f"{problem.origin}: " if problem.origin else ""
        lines.append(_noted("", where + problem.what))
    if (rest := len(found.problems) - SHOWN) > 0:
        lines.append(_noted("", say("{count} more notes; --json has them", count=rest)))
    return lines


def _skipped(reason: str, count: int) -> str:
    if reason == "synthetic":
        return say_count(
            "{count:,} message that no model made", "{count:,} messages that no model made", count
        )
    return say_count(
        "{count:,} answer broken off before anything was counted",
        "{count:,} answers broken off before anything was counted",
        count,
    )


def _noted(head: str, text: str) -> str:
    return f"{head:<6} {text}"


def _facts(found: Usage) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "usage",
        "by": found.by,
        "currency": found.currency,
        "from": found.period.first_day.isoformat() if found.period else None,
        "to": found.period.first_day_after.isoformat() if found.period else None,
        "tools": list(found.tools),
        "files": found.files,
        "total": _counted_facts(found.total),
        "rows": [{found.by: row.key or None, **_counted_facts(row.counted)} for row in found.rows],
        "paid": None if found.paid is None else _exact(found.paid),
        "plans": [
            {
                "name": paid.plan.name,
                "seats": paid.plan.seats,
                "monthly": _exact(paid.plan.monthly),
                "months": paid.months,
                "paid": _exact(paid.paid),
                "covered": _counted_facts(paid.covered),
            }
            for paid in found.plans
        ],
        "not_priced": [
            {"model": each.model or None, "calls": each.calls, "reason": each.reason}
            for each in found.not_priced
        ],
        "copies": found.copies,
        "skipped": dict(found.skipped),
        "lines_left_out": found.lines_left_out,
        "problems": [
            {
                "code": problem.code,
                "file": problem.origin.file if problem.origin else None,
                "row": problem.origin.row if problem.origin else None,
                "what": problem.what,
                "fix": problem.fix,
                "rows": problem.rows,
                "left_out": problem.left_out,
            }
            for problem in found.problems
        ],
    }


def _counted_facts(counted: Counted) -> dict[str, Any]:
    return {
        "calls": counted.calls,
        "input_tokens": counted.fresh,
        "cached_tokens": counted.cached,
        "cache_write_tokens": counted.written,
        "output_tokens": counted.out,
        "list_price": _exact(counted.listed),
        "list_price_assumed": _exact(counted.assumed),
        "stated_cost": _exact(counted.stated),
        "stated_calls": counted.stated_calls,
        "unpriced_calls": counted.unpriced,
        "unmetered_calls": counted.unmetered,
        "unfinished_calls": counted.unfinished,
        "or_more": counted.or_more,
    }


def _csv(found: Usage) -> str:
    out = io.StringIO()
    writer: Any = None
    for row in found.rows:
        facts = {found.by: row.key, "currency": found.currency, **_counted_facts(row.counted)}
        if writer is None:
            writer = csv.DictWriter(out, list(facts), lineterminator="\n")
            writer.writeheader()
        writer.writerow(facts)
    return out.getvalue()


def _exact(money: Money) -> str:
    """Every digit there is, as text: a JSON number would lose some."""
    amount = money.amount.normalize()
    return f"{amount:f}"


def _shortened(text: str) -> str:
    clean = _plain(text)
    return clean if len(clean) <= NAME_LETTERS else "…" + clean[1 - NAME_LETTERS :]


def _plain(text: str) -> str:
    from payback.report.inert import plain

    return plain(text)
