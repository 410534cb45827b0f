"""The calendar of prices: one row for each provider, model, service tier and day that occurs.

The ledger joins calls to it on those four and multiplies; nothing else in payback prices a call.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from payback.locale import say
from payback.prices.book import PriceBook, Segments
from payback.prices.currency import Conversion, CurrencyRate, conversion
from payback.prices.price import Hours, Price, Rates, Unpriced
from payback.records import PICO

SATURDAY = 5

Key = tuple[str | None, str, str | None, date]
"""(provider, model, service tier, UTC day) of a call, each as logged; None is not logged."""


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """What one token costs, in whole 10^-12 of `currency`; join on the first four columns.

    `provider`, `model` and `service_tier` are as logged, with "" for what was not logged, so that
    the four are never null. Where `priced` is False every rate is None and `reason` says why: the
    call's cost is not known, never 0. `note` says how the name was resolved and which currency rate
    was used.

    A rate of None is not known. The ledger charges a call with such tokens as `call_cost_pico` does:
    cached input between 0 and the input rate; written input between 0 and twice the input rate (no
    seller asks more); with fresh input or output tokens and no rate, the cost is not known.

    Past `tier_above` input tokens (fresh, cached and written together) the rule `cliff` charges all
    tokens, output too, at the tier's rates. `excess` charges at them only the input above, taken from
    the end of the prompt: fresh tokens first, then those written for an hour, for five minutes,
    cached ones last; output stays at the plain rate.

    From `window_from_second` to `window_to_second` of the UTC day, and in the second window, start
    in and end out, the window's rates hold instead. No row has both a tier and a window.
    """

    provider: str
    model: str
    service_tier: str
    day: date
    currency: str
    priced: bool
    reason: str = ""
    note: str = ""
    input_pico: int | None = None
    cached_pico: int | None = None
    write_5m_pico: int | None = None
    write_1h_pico: int | None = None
    output_pico: int | None = None
    tier_above: int | None = None
    tier_rule: str | None = None
    tier_input_pico: int | None = None
    tier_cached_pico: int | None = None
    tier_write_5m_pico: int | None = None
    tier_write_1h_pico: int | None = None
    tier_output_pico: int | None = None
    window_from_second: int | None = None
    window_to_second: int | None = None
    window_2_from_second: int | None = None
    window_2_to_second: int | None = None
    window_input_pico: int | None = None
    window_cached_pico: int | None = None
    window_write_5m_pico: int | None = None
    window_write_1h_pico: int | None = None
    window_output_pico: int | None = None


def calendar(
    book: PriceBook,
    keys: Iterable[Key],
    currency: str,
    rates: Iterable[CurrencyRate] = (),
) -> list[CalendarRow]:
    """One row per distinct key, in the order they come, priced in `currency`.

    Each (provider, model, tier) is resolved once. Rates are converted with the last currency rate
    on or before the day, then rounded half to even, once, to whole 10^-12. Without such a rate the
    row is unpriced.
    """
    work = _Work(book, currency, tuple(rates))
    rows: dict[tuple[str, str, str, date], CalendarRow] = {}
    for provider, model, service_tier, day in keys:
        key = (provider or "", model, service_tier or "", day)
        if key not in rows:
            rows[key] = CalendarRow(*key, currency, *work.columns(provider, model, service_tier, day))
    return list(rows.values())


_Columns = tuple[Any, ...]  # the fields of CalendarRow from `priced` on, in its order
_NO_RATES: tuple[None, ...] = (None,) * 5
_NO_TIER: tuple[None, ...] = (None,) * 7
_NO_WINDOW: tuple[None, ...] = (None,) * 9


@dataclass(slots=True)
class _Work:
    """What has been resolved, converted and rounded so far."""

    book: PriceBook
    currency: str
    rates: tuple[CurrencyRate, ...]
    segments: dict[tuple[str | None, str, str | None], tuple[list[date], Segments]] = field(
        default_factory=dict
    )
    conversions: dict[tuple[str, date], Conversion | None] = field(default_factory=dict)
    made: dict[tuple[str | None, str, str | None, int, str | None, bool], _Columns] = field(
        default_factory=dict
    )

    def columns(self, provider: str | None, model: str, service_tier: str | None, day: date) -> _Columns:
        """Everything of a row but its key and currency."""
        name = (provider, model, service_tier)
        if name not in self.segments:
            found = self.book.segments(model, provider, service_tier)
            self.segments[name] = ([start for start, _ in found], found)
        starts, segments = self.segments[name]
        index = bisect_right(starts, day) - 1
        price = segments[index][1]
        if isinstance(price, Unpriced):
            return (False, price.reason, "", *_NO_RATES, *_NO_TIER, *_NO_WINDOW)
        converted = self._conversion(price.currency, day)
        has_hours = price.hours is not None and not (price.hours.weekdays_only and day.weekday() >= SATURDAY)
        made = (*name, index, None if converted is None else converted.note, has_hours)
        if made not in self.made:
            self.made[made] = self._columns(price, converted, has_hours=has_hours)
        return self.made[made]

    def _conversion(self, price_currency: str, day: date) -> Conversion | None:
        if (price_currency, day) not in self.conversions:
            self.conversions[price_currency, day] = conversion(price_currency, self.currency, day, self.rates)
        return self.conversions[price_currency, day]

    def _columns(self, price: Price, converted: Conversion | None, *, has_hours: bool) -> _Columns:
        if converted is None:
            reason = say(
                "no currency rate from {a} to {b} is in force",
                a=price.currency,
                b=self.currency,
            )
            return (False, reason, "", *_NO_RATES, *_NO_TIER, *_NO_WINDOW)
        note = "; ".join(filter(None, (*price.found_by, *price.adjustments, converted.note)))
        tier: _Columns = _NO_TIER
        if price.tier is not None:
            tier = (price.tier.above, price.tier.rule, *_pico(price.tier.rates, converted.factor))
        window: _Columns = _NO_WINDOW
        if price.hours is not None and has_hours:
            window = (*_windows(price.hours), *_pico(price.hours.rates, converted.factor))
        return (True, "", note, *_pico(price.rates, converted.factor), *tier, *window)


def _windows(hours: Hours) -> tuple[int | None, ...]:
    first, second = (*hours.stretches, (None, None))[:2]
    return (*first, *second)


def _pico(rates: Rates, factor: Fraction) -> tuple[int | None, ...]:
    return tuple(
        None if rate is None else rate_in_pico(rate, factor)
        for rate in (
            rates.input,
            rates.cached,
            rates.cache_write_5m,
            rates.cache_write_1h,
            rates.output,
        )
    )


def rate_in_pico(rate: Decimal, factor: Fraction) -> int:
    """A rate per token in whole 10^-12 after conversion, rounded half to even, once.

    3 USD a million at 1 EUR = 1.0842 USD: 3 / 1.0842 = 2.767017... EUR a million, 2767017 pico.
    """
    top, bottom = rate.as_integer_ratio()
    whole, rest = divmod(top * factor.numerator * PICO, bottom * factor.denominator)
    twice = 2 * rest - bottom * factor.denominator
    return whole + (twice > 0 or (twice == 0 and whole % 2 == 1))
