"""What a model costs, since when, who says so, and who says otherwise."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from payback.cli.examples import examples
from payback.locale import say, say_count
from payback.records import PaybackError

if TYPE_CHECKING:
    from payback.prices import Disagreement, Hours, Price, PriceBook, Rates, Tier, Unpriced

SCHEMA_VERSION = 1
WRONG_CALL = 2


@click.command(
    short_help=say("list prices by model and day, with their source"),
    epilog=examples(
        "payback prices o3 --on 2025-06-01",
        "payback prices deepseek-v4-pro",
        "payback prices claude-opus-4-8 --tier batch",
        "payback prices",
    ),
)
@click.argument("model", required=False)
@click.option(
    "on",
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help=say("the UTC day; without it, the day the price book was last read"),
)
@click.option("--provider", help=say("who runs the model; without it, its maker"))
@click.option("service_tier", "--tier", default="standard", help=say("standard, batch, flex, priority"))
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
def command(
    model: str | None, on: datetime | None, provider: str | None, service_tier: str, *, as_json: bool
) -> None:
    """The price of MODEL on a day, per million tokens: its source, its changes, its tiers and hours.

    Prices and discounts of the payback.toml here or in a folder above come first. Without MODEL:
    what the price book holds, and where a second book disagrees. Exit code 2: no price is known.
    """
    from payback import prices

    day = prices.as_of() if on is None else on.date()
    book = _book()
    if model is None:
        facts, lines = _coverage(book, day)
    else:
        price = book.price(model, provider, on=day, service_tier=service_tier)
        if isinstance(price, prices.Unpriced):
            _refuse(price, day, service_tier, as_json=as_json)
            return
        facts, lines = _priced(book, price, model, provider, day)
    click.echo(json.dumps(facts, indent=2, ensure_ascii=False) if as_json else "\n".join(lines))


def _book() -> PriceBook:
    """The bundled book, under the prices and discounts of the project we stand in, if any."""
    from payback import project
    from payback.prices import PriceBook, of_project

    try:
        file = project.find(Path())
    except PaybackError:
        return PriceBook.bundled()
    overrides, discounts, _ = of_project(project.load(file))
    return PriceBook.bundled(overrides, discounts)


def _refuse(unpriced: Unpriced, day: date, service_tier: str, *, as_json: bool) -> None:
    near = say("listed names like it: {names}", names=", ".join(unpriced.near)) if unpriced.near else ""
    if not as_json:
        fix = "\n  ".join(filter(None, (near, unpriced.fix)))
        raise PaybackError("no-price", unpriced.reason, fix=fix)
    facts = {
        "schema_version": SCHEMA_VERSION,
        "model": unpriced.model,
        "on": day.isoformat(),
        "service_tier": service_tier,
        "priced": False,
        "reason": unpriced.reason,
        "fix": unpriced.fix,
        "near": list(unpriced.near),
    }
    click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    raise click.exceptions.Exit(WRONG_CALL)


def _priced(
    book: PriceBook, price: Price, model: str, provider: str | None, day: date
) -> tuple[dict[str, Any], list[str]]:
    """What JSON and the terminal say of one price."""
    from payback.prices import Unpriced

    history = book.history(model, provider)
    listed = () if isinstance(history, Unpriced) else history
    disagreements = book.disagreements(model, day, provider)
    facts = {
        "schema_version": SCHEMA_VERSION,
        "model": price.model,
        "logged_as": model,
        "provider": price.provider,
        "on": day.isoformat(),
        "service_tier": price.service_tier,
        "priced": True,
        "currency": price.currency,
        "tokens": 1_000_000,
        **_price_facts(price),
        "found_by": list(price.found_by),
        "adjustments": list(price.adjustments),
        "history": [
            {**_price_facts(new), "percent_change": _changes(old, new)}
            for old, new in zip((None, *listed), listed, strict=False)
        ],
        "disagreements": [_disagreement_facts(found) for found in disagreements],
    }
    return facts, _priced_lines(price, listed, disagreements, model, day)


def _priced_lines(
    price: Price,
    listed: tuple[Price, ...],
    disagreements: tuple[Disagreement, ...],
    model: str,
    day: date,
) -> list[str]:
    lines = [_heading(price, model, day)]
    lines += _rate_lines(price.rates)
    if price.tier is not None:
        lines += _tier_lines(price.tier)
    if price.hours is not None:
        lines += _hour_lines(price.hours)
    lines += ["", say("source  {source}", source=price.source)]
    if price.retrieved_on is not None:
        lines.append(say("read on {day}", day=price.retrieved_on))
    lines += [say("name    {step}", step=step) for step in price.found_by]
    lines += [say("applied {step}", step=step) for step in price.adjustments]
    if price.note:
        lines.append(say("note    {note}", note=price.note))
    if len(listed) > 1:
        lines += ["", say("Every list price, per million tokens"), *_history_lines(listed)]
    if disagreements:
        lines += ["", say("Another book disagrees")]
        lines += [f"  {line}" for found in disagreements for line in _disagreement_lines(found)]
    return lines


def _heading(price: Price, model: str, day: date) -> str:
    kind = say("your own price") if price.own else say("list price")
    if price.adjustments:
        kind = say("price after factors")
    named = (
        price.model if price.model == model else say("{model} ({logged})", model=price.model, logged=model)
    )
    return say(
        "{model} at {provider}, {tier}: {kind} on {day}, {currency} per million tokens",
        model=named,
        provider=price.provider or say("no provider"),
        tier=price.service_tier,
        kind=kind,
        day=day,
        currency=price.currency,
    )


def _rate_words() -> dict[str, str]:
    return {
        "input": say("fresh input"),
        "cached": say("cached input"),
        "cache_write_5m": say("written to cache, 5 minutes"),
        "cache_write_1h": say("written to cache, 1 hour"),
        "output": say("output"),
    }


def _rate_lines(rates: Rates, indent: str = "  ") -> list[str]:
    """One line a rate; what is not known is said, and writes to the cache are left out where none is."""
    words = _rate_words()
    width = max(map(len, words.values()))
    shown = {name: _amount(getattr(rates, name)) for name in words}
    number = max(map(len, filter(None, shown.values())), default=0)
    return [
        f"{indent}{words[name]:<{width}}  {amount or say('not known'):>{number}}"
        for name, amount in shown.items()
        if amount or not name.startswith("cache_write")
    ]


def _tier_lines(tier: Tier) -> list[str]:
    above = f"{tier.above:,}"
    head = (
        say("Past {above} input tokens, all tokens of the call cost", above=above)
        if tier.rule == "cliff"
        else say("Only the input past {above} tokens costs", above=above)
    )
    return [head, *_rate_lines(tier.rates)]


def _hour_lines(hours: Hours) -> list[str]:
    stretches = say(" and ").join(
        say("{start} to {end}", start=_clock(start), end=_clock(end)) for start, end in hours.stretches
    )
    days = say("Monday to Friday") if hours.weekdays_only else say("every day")
    return [say("From {stretches} UTC, {days}", stretches=stretches, days=days), *_rate_lines(hours.rates)]


def _history_lines(listed: tuple[Price, ...]) -> list[str]:
    lines = []
    for old, new in zip((None, *listed), listed, strict=False):
        since = say("from the start") if new.valid_from is None else new.valid_from.isoformat()
        changes = _changes(old, new)
        parts = [
            say("{rate} {amount}{change}", rate=words, amount=amount, change=_change_words(changes.get(name)))
            for name, words in _rate_words().items()
            if (amount := _amount(getattr(new.rates, name)))
        ]
        lines.append(f"  {since:<14}  " + ("; ".join(parts) or say("no price")))
        if new.hours is not None:
            lines.append(" " * 18 + say("with other rates at some hours"))
    return lines


def _disagreement_lines(found: Disagreement) -> list[str]:
    words = _rate_words()
    lines = [
        say(
            "{model} at {provider}: {rate} {there} in {book}, {here} here",
            model=found.ours.model,
            provider=found.ours.provider,
            rate=words[name],
            there=_amount(getattr(found.theirs.rates, name)),
            book=found.theirs.source,
            here=_amount(getattr(found.ours.rates, name)),
        )
        for name in found.differ
    ]
    if found.hours:
        lines.append(say("  (it has the rate of the dear hours for the whole day)"))
    return lines


def _coverage(book: PriceBook, day: date) -> tuple[dict[str, Any], list[str]]:
    """What the book holds, and every disagreement with the second one at first-party sellers."""
    from payback import prices

    compared, differ = book.compared(day)
    keys = book.listings.keys
    sellers = len({seller for seller, _ in keys})
    facts = {
        "schema_version": SCHEMA_VERSION,
        "on": day.isoformat(),
        "as_of": prices.as_of().isoformat(),
        "models": len(keys),
        "providers": sellers,
        "overrides": len(book.overrides),
        "discounts": len(book.discounts),
        "compared": compared,
        "disagreements": [_disagreement_facts(found) for found in differ],
    }
    lines = [
        say(
            "The price book: {models} models at {sellers} providers, last read on {day}",
            models=f"{len(keys):,}",
            sellers=sellers,
            day=prices.as_of(),
        ),
        say(
            "Of {compared} models of their makers that a second book prices too, {differ} differ",
            compared=compared,
            differ=len(differ),
        ),
    ]
    lines += [f"  {line}" for found in differ for line in _disagreement_lines(found)]
    if book.overrides or book.discounts:
        prices_of_own = say_count(
            "{count} price of your own", "{count} prices of your own", len(book.overrides)
        )
        discounts = say_count("{count} discount", "{count} discounts", len(book.discounts))
        lines.append(say("payback.toml: {prices}, {discounts}", prices=prices_of_own, discounts=discounts))
    return facts, lines


def _price_facts(price: Price) -> dict[str, Any]:
    return {
        "valid_from": None if price.valid_from is None else price.valid_from.isoformat(),
        "rates": _rate_facts(price.rates),
        "tier": None
        if price.tier is None
        else {
            "above_input_tokens": price.tier.above,
            "rule": price.tier.rule,
            "rates": _rate_facts(price.tier.rates),
        },
        "hours": None
        if price.hours is None
        else {
            "utc": [[_clock(start), _clock(end)] for start, end in price.hours.stretches],
            "weekdays_only": price.hours.weekdays_only,
            "rates": _rate_facts(price.hours.rates),
        },
        "own": price.own,
        "source": price.source,
        "retrieved_on": None if price.retrieved_on is None else price.retrieved_on.isoformat(),
        "note": price.note,
    }


def _rate_facts(rates: Rates) -> dict[str, str | None]:
    """Exact decimals as text; null is not known."""
    return {name: _amount(getattr(rates, name)) or None for name in _rate_words()}


def _disagreement_facts(found: Disagreement) -> dict[str, Any]:
    return {
        "provider": found.ours.provider,
        "model": found.ours.model,
        "book": found.theirs.source,
        "rates": {
            name: {
                "here": _amount(getattr(found.ours.rates, name)),
                "there": _amount(getattr(found.theirs.rates, name)),
            }
            for name in found.differ
        },
        "has_rate_of_hours": found.hours,
    }


def _changes(old: Price | None, new: Price) -> dict[str, str]:
    """Percent by which each rate both know went up (or, negative, down); unchanged rates are left out."""
    if old is None:
        return {}
    changes = {}
    for name in _rate_words():
        before, after = getattr(old.rates, name), getattr(new.rates, name)
        if before and after is not None and before != after:
            percent = ((after - before) / before * 100).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
            changes[name] = f"{percent.normalize():f}"
    return changes


def _change_words(percent: str | None) -> str:
    if percent is None:
        return ""
    if percent.startswith("-"):
        return say(" ({percent} % less)", percent=percent[1:])
    return say(" ({percent} % more)", percent=percent)


def _amount(rate: Decimal | None) -> str:
    """A rate per million tokens, exact; "" where it is not known."""
    from payback.prices.price import per_million

    amount = per_million(rate)
    return "" if amount is None else f"{amount.normalize():f}"


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}"
