"""Dated currency rates, and the one in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback.locale import say


@dataclass(frozen=True, slots=True)
class CurrencyRate:
    """1 of `from_currency` is `rate` of `to_currency`, from `day` until a later rate."""

    day: date
    from_currency: str
    to_currency: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Conversion:
    """What to multiply with, exactly, and in words where the rate came from ("" for one currency)."""

    factor: Fraction
    note: str


def conversion(
    from_currency: str, to_currency: str, day: date, rates: Iterable[CurrencyRate]
) -> Conversion | None:
    """The rate in force on `day`: the last on or before it, in either direction.

    Of two rates of one day the direct one is taken. None where there is none; a third currency is
    never gone through.
    """
    if from_currency == to_currency:
        return Conversion(Fraction(1), "")
    best: CurrencyRate | None = None
    for rate in rates:
        pair = {rate.from_currency, rate.to_currency}
        if rate.day > day or pair != {from_currency, to_currency}:
            continue
        newer = best is None or rate.day > best.day
        same_day_direct = best is not None and rate.day == best.day and rate.from_currency == from_currency
        if newer or same_day_direct:
            best = rate
    if best is None:
        return None
    if best.from_currency == from_currency:
        note = say(
            "1 {a} = {rate} {b} since {day}",
            a=from_currency,
            rate=best.rate,
            b=to_currency,
            day=best.day,
        )
        return Conversion(Fraction(best.rate), note)
    note = say(
        "the inverse of 1 {b} = {rate} {a} since {day}",
        a=from_currency,
        rate=best.rate,
        b=to_currency,
        day=best.day,
    )
    return Conversion(1 / Fraction(best.rate), note)
