"""What measured usage would cost at other prices: halved, or those of a day."""

from __future__ import annotations

import re
import shutil
import sys
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import click

from payback.cli import written
from payback.cli.assessed import kept, told, unreadable
from payback.cli.examples import examples
from payback.cli.progress import Progress
from payback.locale import say
from payback.quantities import Quantity, quantity
from payback.records import PaybackError

WIDTH = 88
MOST_ELASTIC = 10  # a price cut of a tenth that brings three times the work is a slip of the pen


@click.command(
    name="what-if",
    short_help=say("the same usage at other prices, with more tokens or more work"),
    epilog=examples(
        "payback what-if --price '*=-50%'",
        "payback what-if --price 'gpt-*=-50%' --tokens +30% --elasticity '-1 to 0'",
        "payback what-if pilot/ --as-if 2025-06-10 --json",
        "payback what-if --model gpt-4.1=gpt-4.1-mini --reviewer-wage 20",
    ),
)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "use_cases", "--use-case", multiple=True, metavar="NAME", help=say("only this one; may be repeated")
)
@click.option(
    "prices",
    "--price",
    multiple=True,
    metavar="MODEL=CHANGE",
    help=say("its price changes: 'gpt-*=-50%', '*=x0.8'; may be repeated, the first that fits counts"),
)
@click.option(
    "--as-if",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help=say("the same tokens at the list prices of that day; --price comes on top"),
)
@click.option("--tokens", metavar="CHANGE", help=say("tokens a task: +30%, x2"))
@click.option("--volume", metavar="CHANGE", help=say("how much work there is: +30%, x2"))
@click.option(
    "--elasticity",
    metavar="RANGE",
    help=say("by how many percent volume moves when the price moves by one: -0.4, or '-1 to 0'"),
)
@click.option(
    "--reviewer-wage",
    metavar="AMOUNT",
    help=say("what an hour of review costs: 20, or '18 to 25', in the project's currency"),
)
@click.option(
    "--model", metavar="OLD=NEW", help=say("NEW, a model or a way of working, in place of the model OLD")
)
@click.option(
    "vendor_costs",
    "--vendor-cost",
    multiple=True,
    metavar="MODEL=AMOUNT",
    help=say("what a million tokens cost its vendor: is it sold at a loss?"),
)
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
@click.option("--quiet", is_flag=True, help=say("say nothing beside the result"))
def command(
    folder: Path | None,
    *,
    use_cases: tuple[str, ...],
    prices: tuple[str, ...],
    as_if: datetime | None,
    tokens: str | None,
    volume: str | None,
    elasticity: str | None,
    reviewer_wage: str | None,
    model: str | None,
    vendor_costs: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """Measured usage at other prices: what part of the cost is models, and what a change of price is worth.

    Says for each use case how much of the full cost its calls are, then what an accepted result, a
    finished unit and all calls would cost, and whether the comparison with today turns. Without a
    change it shows the figures as they are. MODEL may hold * and ?. Exit codes: 0 answered; 2 wrong
    call or broken payback.toml; 5 no row of the project could be read.
    """
    from payback import load
    from payback.assessor.what_if import Changes, what_if
    from payback.report import what_if as report

    changes = Changes(
        prices=tuple((name, factor(change, "--price")) for name, change in _pairs(prices, "--price")),
        tokens=factor(tokens, "--tokens") if tokens is not None else Fraction(1),
        volume=factor(volume, "--volume") if volume is not None else Fraction(1),
        elasticity=_elasticity(elasticity),
        reviewer_wage=_wage(reviewer_wage),
        as_if=as_if.date() if as_if else None,
        model=_pairs([model], "--model")[0] if model is not None else None,
        vendor_costs=tuple((name, _amount(text)) for name, text in _pairs(vendor_costs, "--vendor-cost")),
    )
    project = load(folder or Path())
    with Progress(quiet=quiet) as progress, kept(project):
        found = what_if(project, changes, use_cases=use_cases, progress=progress)
    if not found.rows:
        head = say("payback: there is no row to reckon with")
        unreadable("\n".join((head, *told(found.problems))))
    if as_json:
        written.write(written.STDOUT, report.json_text(found))
        return
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    click.echo(report.text(found, max(60, min(100, columns))), nl=False)


def factor(text: str, option: str) -> Fraction:
    """-50% is a half, +30% is 1.3, x2 is 2, exactly. Raises PaybackError for what leaves nothing."""
    match = re.fullmatch(r"\s*(?:([+-]\d{1,6}(?:\.\d{1,12})?)\s*%|[x×](\d{1,6}(?:\.\d{1,12})?))\s*", text)
    found = None
    if match is not None:
        percent, times = match.groups()
        found = 1 + Fraction(percent) / 100 if percent is not None else Fraction(times)
    if found is None or found <= 0:
        raise PaybackError(
            "not-a-change",
            say("{text} is no change of something that stays above 0", text=repr(text)),
            where=option,
            fix=say("write -50% for half, +30% for three tenths more, or x2 for twice as much"),
        )
    return found


def _pairs(texts: tuple[str, ...] | list[str], option: str) -> list[tuple[str, str]]:
    """Both sides of the last = of each; names of models may hold one too."""
    found = []
    for text in texts:
        name, sign, value = text.rpartition("=")
        if not sign or not name.strip() or not value.strip():
            raise PaybackError(
                "not-a-change",
                say("{text} does not say what of which model", text=repr(text)),
                where=option,
                fix=say("write both with = between them, such as --price '*=-50%' or --model OLD=NEW"),
            )
        found.append((name.strip(), value.strip()))
    return found


def _elasticity(text: str | None) -> tuple[Fraction, Fraction]:
    if text is None:
        return Fraction(0), Fraction(0)
    try:
        found = quantity(text)
    except ValueError as error:
        raise _not_a_number("--elasticity", str(error)) from None
    if max(abs(found.low), abs(found.high)) > MOST_ELASTIC:
        raise _not_a_number("--elasticity", say("{text} is too large to be meant", text=text))
    return Fraction(found.low), Fraction(found.high)


def _wage(text: str | None) -> Quantity | None:
    if text is None:
        return None
    try:
        found = quantity(text)
    except ValueError as error:
        raise _not_a_number("--reviewer-wage", str(error)) from None
    if found.low < 0:
        raise _not_a_number("--reviewer-wage", say("{text} is below 0", text=text))
    return found


def _amount(text: str) -> Decimal:
    try:
        found = quantity(text)
    except ValueError as error:
        raise _not_a_number("--vendor-cost", str(error)) from None
    if found.is_range or found.low < 0:
        raise _not_a_number("--vendor-cost", say("{text} is not one amount of 0 or more", text=text))
    return found.low


def _not_a_number(option: str, message: str) -> PaybackError:
    return PaybackError(
        "not-a-change", message, where=option, fix=say("payback what-if --help shows what it takes")
    )
