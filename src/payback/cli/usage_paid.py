"""The lines of `payback usage` that say what was paid, and how a bill differs from the list price."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from payback.cli.usage_table import SHOWN, cost, money
from payback.locale import say, say_count
from payback.records import Money

if TYPE_CHECKING:
    from payback.usage import Billed, Bills, Part, Usage

NAMES = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "aws": "AWS",
    "azure": "Microsoft Azure",
    "google": "Google",
    "mistral": "Mistral",
    "x-ai": "xAI",
    "deepseek": "DeepSeek",
    "cohere": "Cohere",
    "openrouter": "OpenRouter",
    "perplexity": "Perplexity",
}
NAMED = 3
"""How many models or items of a part are named; --json has all."""
WIDTH = 100
CENT = Decimal("0.01")
COLUMNS = ("paid_as", "paid", "lines", "list_price_compared", "difference", "not_explained")
"""Of --csv, filled in the rows of plans and bills, which come after those of the groups."""


def headline(found: Usage) -> str | None:
    """You paid 1,791.12. None where nothing is known to have been paid."""
    others = found.bills.other_currencies if found.bills else ()
    if found.paid is None:
        if not others:
            return None
        return say(
            "You paid {others}, which no rate in force turns into {currency}.",
            others=", ".join(_with_code(each) for each in others),
            currency=found.currency,
        )
    if found.paid.amount < 0:
        return say("You were credited {amount} more than was billed.", amount=money(-found.paid))
    if not others:
        return say("You paid {amount}.", amount=money(found.paid))
    return say(
        "You paid {amount}, and {others}, which no rate in force turns into {currency}.",
        amount=money(found.paid),
        others=", ".join(_with_code(each) for each in others),
        currency=found.currency,
    )


def paid(found: Usage) -> list[str]:
    """What was paid, and for which calls."""
    texts = []
    for each in found.plans:
        seats = say_count("{count} seat", "{count} seats", each.plan.seats)
        months = say_count("{count} month", "{count} months", each.months)
        texts.append(
            say(
                "flat plan {name}, {seats}, {months}: {amount}, as you say; covers {calls} calls, {listed} at list price",
                name=each.plan.name,
                seats=seats,
                months=months,
                amount=money(each.paid),
                calls=f"{each.covered.calls:,}",
                listed=cost(each.covered),
            )
        )
    if found.bills is not None:
        invoices = found.bills.months
        texts += [_bill(each, found.currency) for each in invoices[-SHOWN:]]
        if len(invoices) > SHOWN:
            texts.append(say("{count} more invoices; --json has them", count=len(invoices) - SHOWN))
        texts += _asides(found.bills)
    return [
        line
        for number, text in enumerate(texts)
        for line in textwrap.wrap(
            text,
            WIDTH,
            initial_indent=f"{say('paid') if number == 0 else '':<6} ",
            subsequent_indent=" " * 9,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def vendor(name: str) -> str:
    """The vendor as it writes itself."""
    return NAMES.get(name, name) or say("a vendor not named")


def _bill(each: Billed, currency: str) -> str:
    named = {"vendor": vendor(each.vendor), "month": f"{each.month:%Y-%m}"}
    if each.billed.currency != currency:
        return say(
            "invoice {vendor} {month} {amount} billed; not in the sum: no rate from {a} to {b} is in force, add one under [[currency_rates]] in payback.toml",
            amount=_with_code(each.billed),
            a=each.billed.currency,
            b=currency,
            **named,
        )
    if each.billed.amount < 0:
        text = say("invoice {vendor} {month} {amount} credited", amount=money(-each.billed), **named)
    else:
        text = say("invoice {vendor} {month} {amount} billed", amount=money(each.billed), **named)
    return "; ".join([text, *_against(each)])


def _against(each: Billed) -> list[str]:
    """The bill against the list price of its calls, in words."""
    if each.listed is None or each.difference is None:
        if each.planned:
            calls = say_count("{count:,} call", "{count:,} calls", each.planned)
            return [say("no calls of it in the logs but {calls} that a plan covers", calls=calls)]
        return [say("no calls of it in the logs")]
    shown = _cents(each)
    texts = []
    if each.compared is not None and each.apart is not None and each.later is not None:
        from payback.days import period

        if each.apart.amount or each.later.amount:
            texts.append(
                say(
                    "compared over {period}, the days that bill and logs both cover",
                    period=period(each.compared),
                )
            )
        if each.apart.amount:
            texts.append(say("{amount} is for other days", amount=money(each.apart)))
        if each.later.amount:
            texts.append(
                say("calls of other days, {amount} at list, are not on it", amount=money(each.later))
            )
    if each.partly:
        texts.append(say("the logs cover a part of its days, and it does not say what is for which day"))
    difference, parts = shown
    listed = say("list ({amount} or more)", amount=money(each.listed)) if each.or_more else say("list")
    if not difference and not parts:
        return [*texts, say("equal to {listed}", listed=listed)]
    with_it = [part for part in parts if (part[1] > 0) == (difference > 0)]
    against = [part for part in parts if (part[1] > 0) != (difference > 0)]
    reasons = ", ".join(f"{_amount(abs(amount))} {words}" for words, amount in with_it)
    if against:
        other = ", ".join(f"{_amount(abs(amount))} {words}" for words, amount in against)
        reasons = say("{reasons}; the other way {other}", reasons=reasons or say("nothing"), other=other)
    how = {"amount": _amount(abs(difference)), "listed": listed, "reasons": reasons}
    if difference < 0:
        return [*texts, say("{amount} under {listed}: {reasons}", **how)]
    if difference > 0:
        return [*texts, say("{amount} over {listed}: {reasons}", **how)]
    return [*texts, say("equal to {listed}, as parts cancel out: {reasons}", **how)]


def _cents(each: Billed) -> tuple[Decimal, list[tuple[str, Decimal]]]:
    """Difference and parts to the cent, so that the parts still add up: the largest takes what rounding left."""
    if each.difference is None:
        return Decimal(0), []
    difference = each.difference.amount.quantize(CENT)
    rounded = [(_words(part), part.amount.amount.quantize(CENT)) for part in each.parts]
    rest = difference - sum((amount for _, amount in rounded), Decimal(0))
    if rounded and rest:
        at = max(range(len(rounded)), key=lambda number: abs(rounded[number][1]))
        rounded[at] = (rounded[at][0], rounded[at][1] + rest)
    return difference, [(words, amount) for words, amount in rounded if amount]


def _words(part: Part) -> str:
    kind, _, tier = part.kind.partition(":")
    if tier:
        return tier
    names = ", ".join(part.names[:NAMED])
    if len(part.names) > NAMED:
        names = say("{names} and {count} more", names=names, count=len(part.names) - NAMED)
    return {
        "credit": say("credits"),
        "tax": say("tax"),
        "purchase": say("bought in advance"),
        "correction": say("corrections"),
        "not_by_tokens": say("not charged by tokens ({names})", names=names),
        "not_logged": say("for models that no log names ({names})", names=names),
        "not_priced": say("for models without a list price ({names})", names=names),
        "not_explained": say("not explained"),
    }[kind]


def _asides(bills: Bills) -> list[str]:
    texts = []
    for each in bills.not_ai:
        lines = say_count("{count:,} line", "{count:,} lines", each.lines)
        texts.append(
            say(
                "not AI: {lines}, {amount}, not counted; --ai SERVICE counts a service",
                lines=lines,
                amount=_with_code(each.billed),
            )
        )
    if bills.repeated:
        texts.append(
            say_count(
                "{count:,} bill line met again in another export, counted once",
                "{count:,} bill lines met again in another export, counted once",
                bills.repeated,
            )
        )
    if bills.restated:
        texts.append(
            say_count(
                "{count:,} bill line has two amounts, the larger counts",
                "{count:,} bill lines have several amounts, the largest counts",
                bills.restated,
            )
        )
    if bills.coarser:
        texts.append(
            say_count(
                "{count:,} bill line of a day that a finer export holds too, not counted again",
                "{count:,} bill lines of days that a finer export holds too, not counted again",
                bills.coarser,
            )
        )
    if bills.beyond:
        texts.append(
            say_count(
                "{count:,} bill line reaches beyond the days asked for and is left out",
                "{count:,} bill lines reach beyond the days asked for and are left out",
                bills.beyond,
            )
        )
    return texts


def facts(bills: Bills | None) -> dict[str, Any]:
    """For --json: bills by vendor and month, and what of them does not count."""
    if bills is None:
        return {"bills": [], "bills_left_out": None}
    return {
        "bills": [
            {
                "vendor": each.vendor or None,
                "month": f"{each.month:%Y-%m}",
                "currency": each.billed.currency,
                "lines": each.lines,
                "billed": _exact(each.billed),
                "effective": _exact(each.effective),
                "calls": each.calls,
                "list_price": _exact(each.listed),
                "list_price_or_more": each.or_more,
                "difference": _exact(each.difference),
                "parts": [
                    {"kind": part.kind, "amount": _exact(part.amount), "names": list(part.names)}
                    for part in each.parts
                ],
                "compared_from": each.compared.first_day.isoformat() if each.compared else None,
                "compared_to": each.compared.first_day_after.isoformat() if each.compared else None,
                "billed_for_other_days": _exact(each.apart),
                "list_price_of_other_days": _exact(each.later),
                "partly_logged": each.partly,
                "calls_of_plans": each.planned,
            }
            for each in bills.months
        ],
        "bills_left_out": {
            "not_ai": [
                {"lines": each.lines, "billed": _exact(each.billed), "currency": each.billed.currency}
                for each in bills.not_ai
            ],
            "repeated": bills.repeated,
            "restated": bills.restated,
            "coarser": bills.coarser,
            "beyond": bills.beyond,
            "other_currencies": [
                {"billed": _exact(each), "currency": each.currency} for each in bills.other_currencies
            ],
        },
    }


def rows(found: Usage, group: str) -> Sequence[dict[str, Any]]:
    """For --csv: a row for each plan, and for each vendor and month of bills."""
    made: list[dict[str, Any]] = [
        {
            group: each.plan.name,
            "currency": found.currency,
            "calls": each.covered.calls,
            "paid_as": "plan",
            "paid": _exact(each.paid),
        }
        for each in found.plans
    ]
    for each in found.bills.months if found.bills else ():
        rest = [part.amount for part in each.parts if part.kind == "not_explained"]
        made.append(
            {
                group: f"{each.vendor} {each.month:%Y-%m}",
                "currency": each.billed.currency,
                "calls": each.calls,
                "paid_as": "bill",
                "paid": _exact(each.billed),
                "lines": each.lines,
                "list_price_compared": _exact(each.listed),
                "difference": _exact(each.difference),
                "not_explained": _exact(rest[0]) if rest else "0" if each.difference is not None else None,
            }
        )
    return made


def _exact(amount: Money | None) -> str | None:
    return None if amount is None else f"{amount.amount.normalize():f}"


def _with_code(amount: Money) -> str:
    return f"{money(amount)} {amount.currency}"


def _amount(amount: Decimal) -> str:
    from payback.numbers import fixed

    return fixed(amount, 2)
