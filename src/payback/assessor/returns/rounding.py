"""Simulated numbers as decimals: no more digits than the simulation supports."""

from __future__ import annotations

import math
from decimal import Decimal

from payback.records import Money

DIGITS = 4


def shown(value: float, digits: int = DIGITS) -> Decimal:
    """To four digits: more would be noise of the simulation."""
    if value == 0 or not math.isfinite(value):
        return Decimal(0)
    return Decimal(f"{value:.{digits - 1}e}")


def as_money(value: float, currency: str, digits: int = DIGITS) -> Money:
    """An amount to four digits, or to fewer."""
    return Money(plain(shown(value, digits)), currency)


def share(value: float) -> Decimal:
    """A share to a tenth of one in a hundred."""
    return Decimal(f"{value:.3f}")


def months(value: float) -> Decimal:
    """Months to a tenth, upwards: money is never back before it is."""
    return Decimal(math.ceil(round(value * 10, 6))) / 10


def plain(value: Decimal) -> Decimal:
    """The same without an exponent: 5400, not 5.4E+3."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
