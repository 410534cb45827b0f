"""What the logged calls of a way of working would cost at other prices, model by model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from fractions import Fraction

from payback.locale import say
from payback.measures.economics.price_volume import ModelCalls, list_price
from payback.measures.returns.price_moves import ModelMove
from payback.measures.work import Cell, Exact, Work
from payback.prices import CurrencyRate, Price, PriceBook, Unpriced, calendar
from payback.prices.price import STANDARD
from payback.prices.service_tier import service_tier_name
from payback.records import PaybackError, Unknown

Patterns = Sequence[tuple[str, Fraction]]


@dataclass(frozen=True, slots=True)
class Prices:
    """The price book, and how its currencies become the project's."""

    book: PriceBook
    currency: str
    rates: tuple[CurrencyRate, ...]

    def of(self, calls: ModelCalls, model: str, provider: str, on: date) -> Price | Unpriced:
        """The price of `model`, at the service tier of these calls."""
        return self.book.price(model, provider or None, on=on, service_tier=calls.service_tier or None)

    def names(self, calls: ModelCalls) -> tuple[str, ...]:
        """What the model is called: as a page shows it first, then as logged and as the book has it."""
        price = self.of(calls, calls.model, calls.provider, calls.day)
        listed = (price.provider, price.model) if isinstance(price, Price) else (calls.provider, calls.model)
        shown = "/".join(part for part in listed if part) or say("(no model named)")
        tier = service_tier_name(calls.service_tier)
        return (shown if tier == STANDARD else f"{shown} ({tier})", shown, calls.model, listed[1])


def matches(names: Sequence[str], pattern: str) -> bool:
    """Whether a pattern with * and ? means one of these names, in any case."""
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for name in names)


def moves(
    prices: Prices,
    every: Sequence[ModelCalls],
    changed: Patterns,
    as_if: date | None = None,
    another: tuple[str, str] | None = None,
) -> tuple[ModelMove, ...]:
    """Each model's calls of known cost, with the factor on their price.

    `changed` are factors by pattern, the first that fits; `as_if` is the day whose list prices hold;
    `another` is (pattern, model): the same tokens at that model's list price of the same day.
    """
    grouped: defaultdict[str, list[_Repriced]] = defaultdict(list)
    for calls in every:
        if not calls.known:
            continue
        names = prices.names(calls)
        ratio: Fraction | Unknown = Fraction(1)
        if another is not None and matches(names, another[0]):
            ratio = _ratio(prices, calls, another[1], "", as_if or calls.day)
        elif as_if is not None:
            ratio = _ratio(prices, calls, calls.model, calls.provider, as_if)
        own = next((each for pattern, each in changed if matches(names, pattern)), Fraction(1))
        reason = ratio.reason if isinstance(ratio, Unknown) else ""
        grouped[names[0]].append(_Repriced(calls, own if isinstance(ratio, Unknown) else ratio * own, reason))
    return tuple(_move(name, found) for name, found in sorted(grouped.items()))


@dataclass(frozen=True, slots=True)
class _Repriced:
    """Calls of one day with the factor on their price; `reason` says why it is not known, they stay then."""

    calls: ModelCalls
    factor: Fraction
    reason: str


def _move(name: str, found: Sequence[_Repriced]) -> ModelMove:
    """The calls of one model over all days."""
    pico = sum(each.calls.pico for each in found)
    metered = all(each.calls.metered >= each.calls.known for each in found)
    tokens = sum(each.calls.tokens.prompt + each.calls.tokens.output for each in found)
    later = sum((each.calls.pico * each.factor for each in found), Fraction(0))
    return ModelMove(
        model=name,
        calls=sum(each.calls.known for each in found),
        pico=pico,
        tokens=tokens if metered else None,
        price=later / pico if pico else Fraction(1),
        reason=next((each.reason for each in found if each.reason), ""),
    )


def _ratio(prices: Prices, calls: ModelCalls, model: str, provider: str, on: date) -> Fraction | Unknown:
    """The same tokens at the plain list price of `model` on a day, over that of their own model and day.

    In the currency of both prices where they share one, so that no exchange rate moves it.
    """
    if calls.metered < calls.known:
        return Unknown(say("the tokens of some of its calls are not logged"))
    own = prices.of(calls, calls.model, calls.provider, calls.day)
    other = prices.of(calls, model, provider, on)
    for found in (own, other):
        if isinstance(found, Unpriced):
            return Unknown(found.reason, fix=found.fix)
    if own == other:
        return Fraction(1)
    same = isinstance(own, Price) and isinstance(other, Price) and own.currency == other.currency
    currency = own.currency if same and isinstance(own, Price) else prices.currency
    tier = calls.service_tier or None
    (here,) = calendar(
        prices.book, [(calls.provider or None, calls.model, tier, calls.day)], currency, prices.rates
    )
    (there,) = calendar(prices.book, [(provider or None, model, tier, on)], currency, prices.rates)
    before, after = list_price(here, calls.tokens), list_price(there, calls.tokens)
    if before is None or after is None:
        return Unknown(there.reason or here.reason or say("a rate of its tokens is not known"))
    if not before:
        return Unknown(say("its own tokens cost nothing at list price"))
    return Fraction(after, before)


def known_models(prices: Prices, calls: Sequence[ModelCalls]) -> dict[str, tuple[str, ...]]:
    """Every model that was called, by the name a page shows, with all its names."""
    found: dict[str, tuple[str, ...]] = {}
    for each in calls:
        names = prices.names(each)
        found[names[0]] = tuple(dict.fromkeys((*found.get(names[0], ()), *names)))
    return dict(sorted(found.items()))


def refuse_strangers(patterns: Sequence[str], known: Mapping[str, Sequence[str]], where: str) -> None:
    """Raise for a pattern that fits no model of the project: a misspelt name must not change nothing."""
    for pattern in patterns:
        if not any(matches(names, pattern) for names in known.values()):
            raise PaybackError(
                "unknown-model",
                say("no call was made to a model named {name}", name=repr(pattern)),
                where=where,
                fix=say("called here: {known}", known=", ".join(known) or say("none")),
            )


def has_long_prompts(prices: Prices, calls: Sequence[ModelCalls]) -> tuple[str, ...]:
    """Models whose long prompts have a rate of their own."""
    found: set[str] = set()
    for each in calls:
        price = prices.of(each, each.model, each.provider, each.day)
        if each.known and isinstance(price, Price) and price.tier is not None:
            found.add(prices.names(each)[0])
    return tuple(sorted(found))


def scaled(work: Work, factor: Fraction) -> Work:
    """The same work with what its calls cost times `factor`; the same to the last digit at 1."""
    if factor == 1:
        return work
    return replace(
        work,
        cells={name: _scaled_cell(cell, factor) for name, cell in work.cells.items()},
        most_pico=_times(work.most_pico, factor),
        loose_pico=_times(work.loose_pico, factor),
    )


def _scaled_cell(cell: Cell, factor: Fraction) -> Cell:
    return replace(cell, pico=_times(cell.pico, factor), partial_pico=_times(cell.partial_pico, factor))


def _times(value: Exact, factor: Fraction) -> Exact:
    product = value * factor
    return product.numerator if product.denominator == 1 else product


def alike(models: Sequence[ModelMove]) -> bool:
    """Whether every model's price moves by the same factor, so that a range may be scaled with it."""
    return len({each.price for each in models if each.pico}) <= 1
