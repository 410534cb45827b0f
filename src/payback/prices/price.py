"""What a model costs on a day: rates per token, the tier for long prompts, the hours that differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Context, Decimal
from typing import Literal

EXACT = Context(prec=100)
"""Products of published rates and factors stay exact in it; only conversion to pico rounds."""

SECONDS_A_DAY = 86_400
STANDARD = "standard"

TierRule = Literal["cliff", "excess"]


@dataclass(frozen=True, slots=True)
class Rates:
    """Money per token, in the currency of the price. None is not known, never free."""

    input: Decimal | None = None
    cached: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None
    output: Decimal | None = None

    @property
    def known(self) -> bool:
        """Whether a call can be priced at all: embeddings have an input rate only."""
        return self.input is not None

    def times(self, factor: Decimal, cache_factor: Decimal | None) -> Rates:
        """Every rate times `factor`; those of the cache times `cache_factor`, None where that is."""
        return Rates(
            input=_product(self.input, factor),
            cached=_product(self.cached, cache_factor),
            cache_write_5m=_product(self.cache_write_5m, cache_factor),
            cache_write_1h=_product(self.cache_write_1h, cache_factor),
            output=_product(self.output, factor),
        )


RATE_NAMES = tuple(field.name for field in fields(Rates))
"""input, cached, cache_write_5m, cache_write_1h, output: the columns of the book, in this order."""


@dataclass(frozen=True, slots=True)
class Tier:
    """Rates for prompts of more than `above` tokens: fresh, cached and written together.

    `cliff`: past it all tokens pay these rates. `excess`: only the input above it does.
    """

    above: int
    rule: TierRule
    rates: Rates


@dataclass(frozen=True, slots=True)
class Hours:
    """Stretches of the UTC day, in seconds from midnight, start in and end out, with their own rates."""

    stretches: tuple[tuple[int, int], ...]
    rates: Rates
    weekdays_only: bool = False


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a model in force from `valid_from` (None: from the start) until the next one.

    `currency` is the currency of every rate. `source` and `retrieved_on` say where it was read and
    when; `own` is True for a price of the project's own; `found_by` lists the rules that led from the name as logged to `model`; `adjustments`
    what was done to the list price: service tier, discount.
    """

    provider: str
    model: str
    valid_from: date | None
    currency: str
    rates: Rates
    tier: Tier | None = None
    hours: Hours | None = None
    service_tier: str = STANDARD
    source: str = ""
    retrieved_on: date | None = None
    note: str = ""
    own: bool = False
    found_by: tuple[str, ...] = ()
    adjustments: tuple[str, ...] = ()

    def times(self, factor: Decimal, cache_factor: Decimal | None) -> Price:
        """The same price, every rate multiplied; cache rates are unknown where their factor is None."""

        def multiplied(rates: Rates) -> Rates:
            return rates.times(factor, cache_factor)

        return self.with_rates(multiplied)

    def with_rates(self, change: Callable[[Rates], Rates]) -> Price:
        """The same price with `change` made to its rates, to those of its tier and of its hours."""
        return replace(
            self,
            rates=change(self.rates),
            tier=None if self.tier is None else replace(self.tier, rates=change(self.tier.rates)),
            hours=None if self.hours is None else replace(self.hours, rates=change(self.hours.rates)),
        )


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Why a model has no price, and what would give it one. It is never free."""

    model: str
    reason: str
    fix: str = ""
    near: tuple[str, ...] = ()


def per_million(rate: Decimal | None) -> Decimal | None:
    """A rate per token as price lists print it."""
    return None if rate is None else rate.scaleb(6)


def per_token(rate: Decimal) -> Decimal:
    """A rate per million tokens as this room counts it."""
    return rate.scaleb(-6)


def _product(rate: Decimal | None, factor: Decimal | None) -> Decimal | None:
    return None if rate is None or factor is None else EXACT.multiply(rate, factor)
