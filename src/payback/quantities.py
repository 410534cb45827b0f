"""A quantity as people write it: a number, or "a to b" for a range they are 90 % sure of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from payback.locale import say

_RANGE = re.compile(r"^\s*(\S+)\s+to\s+(\S+)\s*$")
LEAST, MOST = (
    Decimal("-1e15"),
    Decimal("1e15"),
)  # beyond a thousand million million is a slip


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number (`low == high`) or a 90 % range. In whatever unit its key names."""

    low: Decimal
    high: Decimal

    @property
    def is_range(self) -> bool:
        return self.low != self.high

    @property
    def middle(self) -> Decimal:
        """Half way between the ends: what is shown where one number must stand for a range."""
        return (self.low + self.high) / 2

    def __str__(self) -> str:
        return f"{self.low} to {self.high}" if self.is_range else f"{self.low}"


def quantity(written: object) -> Quantity:
    """Read 12, 12.5, "12.5" or "10 to 15". Raises ValueError with what is accepted."""
    if isinstance(written, Quantity):
        return written
    if isinstance(written, bool) or not isinstance(written, int | float | Decimal | str):
        raise ValueError(say('write a number, or a range such as "10 to 15"'))
    if isinstance(written, str) and (match := _RANGE.match(written)):
        low, high = (_number(part) for part in match.groups())
        if low > high:
            raise ValueError(
                say(
                    '{written} runs backwards: write "{high} to {low}"',
                    written=written,
                    high=high,
                    low=low,
                )
            )
        return Quantity(low, high)
    number = _number(str(written))
    return Quantity(number, number)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.replace("_", ""))
    except InvalidOperation:
        raise ValueError(
            say(
                "{text} is not a number: write digits with a decimal point",
                text=repr(text),
            )
        ) from None
    if not number.is_finite() or not LEAST <= number <= MOST:
        raise ValueError(say("{text} is too large to be meant", text=text))
    return number
