"""Your own prices and discounts, as payback.toml gives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from payback.prices.currency import CurrencyRate
from payback.prices.price import STANDARD, Rates, Tier, TierRule, per_token

if TYPE_CHECKING:
    from payback.project import Project


@dataclass(frozen=True, slots=True)
class Override:
    """A price of your own, per million tokens of `currency`; it wins over the book.

    `model` is a name as logged or as the book has it, in any case; * and ? stand for anything.
    Days are start in, end out; None is open. `provider` None is any. A rate left out is not known.
    """

    model: str
    input: Decimal
    output: Decimal | None = None
    cached: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None
    currency: str = "USD"
    provider: str | None = None
    first_day: date | None = None
    first_day_after: date | None = None
    service_tier: str = STANDARD
    tier_above: int | None = None
    tier_rule: TierRule = "cliff"
    tier_input: Decimal | None = None
    tier_cached: Decimal | None = None
    tier_cache_write_5m: Decimal | None = None
    tier_cache_write_1h: Decimal | None = None
    tier_output: Decimal | None = None
    source: str = ""

    @property
    def rates(self) -> Rates:
        return Rates(
            input=per_token(self.input),
            cached=_token(self.cached),
            cache_write_5m=_token(self.cache_write_5m),
            cache_write_1h=_token(self.cache_write_1h),
            output=_token(self.output),
        )

    @property
    def tier(self) -> Tier | None:
        if self.tier_above is None:
            return None
        rates = Rates(
            input=_token(self.tier_input),
            cached=_token(self.tier_cached),
            cache_write_5m=_token(self.tier_cache_write_5m),
            cache_write_1h=_token(self.tier_cache_write_1h),
            output=_token(self.tier_output),
        )
        return Tier(self.tier_above, self.tier_rule, rates)


@dataclass(frozen=True, slots=True)
class Discount:
    """A factor on the book's price: 0.8 is a fifth less. It never touches an override.

    Without `service_tier` it multiplies whatever the price is. With one it IS that tier's factor on
    the standard price, in the place of the book's own factor for the tier.
    """

    factor: Decimal
    model: str = "*"
    provider: str | None = None
    service_tier: str | None = None
    first_day: date | None = None
    first_day_after: date | None = None
    source: str = ""


def concerns(own: Override | Discount, providers: frozenset[str], models: frozenset[str]) -> bool:
    """Whether it is about this model; `providers` and `models` hold the names as logged and as resolved."""
    if own.provider is not None and own.provider.casefold() not in providers:
        return False
    pattern = own.model.casefold()
    return any(fnmatchcase(model, pattern) for model in models)


def in_force(own: Override | Discount, day: date) -> bool:
    """Whether it applies on `day`."""
    started = own.first_day is None or own.first_day <= day
    return started and (own.first_day_after is None or day < own.first_day_after)


def of_project(
    project: Project,
) -> tuple[tuple[Override, ...], tuple[Discount, ...], tuple[CurrencyRate, ...]]:
    """The overrides, discounts and currency rates a project file gives."""
    overrides = tuple(
        Override(
            model=price.model,
            provider=price.provider,
            input=price.input,
            output=price.output,
            cached=price.cached,
            cache_write_5m=price.cache_write_5m,
            cache_write_1h=price.cache_write_1h,
            currency=price.currency,
            first_day=price.first_day,
            first_day_after=price.first_day_after,
            source=price.source,
        )
        for price in project.prices
    )
    discounts = tuple(
        Discount(
            factor=discount.factor,
            model=discount.model,
            provider=discount.provider,
            service_tier=discount.service_tier,
            first_day=discount.first_day,
            first_day_after=discount.first_day_after,
            source=discount.source,
        )
        for discount in project.discounts
    )
    rates = tuple(
        CurrencyRate(rate.day, rate.from_currency, rate.to_currency, rate.rate)
        for rate in project.currency_rates
    )
    return overrides, discounts, rates


def _token(rate: Decimal | None) -> Decimal | None:
    return None if rate is None else per_token(rate)
