"""How numbers are written: exact Decimal in, text out, rounded half to even once.

A page chooses one scale for its money (million, thousand) and says it once with the currency's
code. A column chooses one number of decimals. Nothing that is not zero is ever written as zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, localcontext

from payback.locale import language, say
from payback.records import Figure, Interval

SIGNIFICANT = 3
"""Digits of the largest number of a column; more would promise what no range here supports."""
SEPARATORS = {"id": (".", ",")}
"""Thousands and decimals, where the language does not write 1,234.5."""
THOUSAND, MILLION, BILLION = 3, 6, 9


def fixed(value: Decimal, decimals: int, rounding: str = ROUND_HALF_EVEN) -> str:
    """1234.5 with 1 decimal is 1,234.5. A value that rounds to zero has no sign."""
    with localcontext() as context:
        context.prec = 60
        rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=rounding)
    text = f"{abs(rounded) if rounded == 0 else rounded:,f}"
    group, point = SEPARATORS.get(language(), (",", "."))
    return "".join({",": group, ".": point}.get(mark, mark) for mark in text)


def decimals_of(value: Decimal, digits: int = SIGNIFICANT) -> int:
    """Decimals that show `digits` significant digits; one digit fewer below 1, where 0.41 is enough."""
    if value == 0:
        return 0
    wanted = digits if abs(value) >= 1 else max(1, digits - 1)
    return max(0, wanted - 1 - value.adjusted())


def decimals_for(values: Iterable[Decimal | None]) -> int:
    """One number of decimals for a column: three digits of the largest, one of the smallest."""
    sizes = sorted(abs(value) for value in values if value is not None and value != 0)
    if not sizes:
        return 0
    largest = decimals_of(sizes[-1])
    smallest = max(0, -sizes[0].adjusted())
    return min(max(largest, smallest), largest + 2)


def number(value: Decimal, decimals: int | None = None) -> str:
    """A number on its own, or with its column's decimals; more where it would look like zero."""
    own = decimals_of(value)
    if decimals is None:
        return fixed(value, own)
    shown = fixed(value, decimals)
    if value != 0 and not any(digit in shown for digit in "123456789"):
        return fixed(value, own)
    return shown


def short(value: Decimal) -> str:
    """A number inside a sentence, without zeros at its end: 9.8 where a column says 9.80."""
    places = decimals_of(value)
    while places > 0 and round(value, places) == round(value, places - 1):
        places -= 1
    return fixed(value, places)


def spread(low: Decimal | None, high: Decimal | None, decimals: int) -> str:
    """A range, its ends rounded outwards: 1.34 to 1.62. No upper end: 1.34 or more."""
    lowest = "" if low is None else fixed(low, decimals, ROUND_FLOOR)
    highest = "" if high is None else fixed(high, decimals, ROUND_CEILING)
    if low is None and high is None:
        return say("no range")
    if high is None:
        return say("{low} or more", low=lowest)
    if low is None:
        return say("{high} or less", high=highest)
    return say("{low} to {high}", low=lowest, high=highest)


def count(value: int | Decimal) -> str:
    """A whole number, grouped."""
    return fixed(Decimal(value), 0)


@dataclass(frozen=True, slots=True)
class Scale:
    """The unit a page or a table writes money in: `EUR`, `thousand EUR`, `million EUR`."""

    currency: str
    power: int = 0

    @classmethod
    def of(cls, amounts: Iterable[Decimal | None], currency: str) -> Scale:
        """The scale in which the largest amount reads easily."""
        largest = max((abs(amount) for amount in amounts if amount is not None), default=Decimal(0))
        for power in (BILLION, MILLION):
            if largest >= Decimal(1).scaleb(power):
                return cls(currency, power)
        return cls(currency, THOUSAND if largest >= 100_000 else 0)  # five digits still read well

    @property
    def word(self) -> str:
        return {
            0: "",
            THOUSAND: say("thousand"),
            MILLION: say("million"),
            BILLION: say("billion"),
        }[self.power]

    @property
    def unit(self) -> str:
        """`million EUR`, as it stands once at the head of a table."""
        return f"{self.word} {self.currency}".strip()

    def scaled(self, amount: Decimal) -> Decimal:
        return amount.scaleb(-self.power)

    def decimals(self, amounts: Iterable[Decimal | None]) -> int:
        return decimals_for(None if amount is None else self.scaled(amount) for amount in amounts)

    def text(self, amount: Decimal, decimals: int | None = None) -> str:
        """The bare number in this scale."""
        return number(self.scaled(amount), decimals)

    def short(self, amount: Decimal) -> str:
        """The number inside a sentence."""
        return short(self.scaled(amount))

    def spread(self, interval: Interval, decimals: int) -> str:
        low, high = (None if end is None else self.scaled(end) for end in (interval.low, interval.high))
        return spread(low, high, decimals)


def money(amount: Decimal, currency: str) -> str:
    """An amount on its own in a sentence: 2,600 EUR, 2.2 million EUR."""
    scale = Scale.of([amount], currency)
    written = scale.short(amount) if scale.power >= MILLION else scale.text(amount)
    return f"{written} {scale.unit}"


def of_every(share: Decimal) -> str:
    """A share in whole parts for a headline: 3 of every 100, 4 of every 1,000."""
    for base in (100, 1_000, 10_000, 100_000):
        parts = (share * base).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        if parts >= 1 or share == 0:
            return say("{parts} of every {base}", parts=fixed(parts, 0), base=fixed(Decimal(base), 0))
    return say("less than 1 of every {base}", base=fixed(Decimal(100_000), 0))


def share_decimals(shares: Iterable[Decimal | None]) -> int:
    """Decimals for parts of 100: none from 10 on, one where a share is small."""
    known = [share for share in shares if share is not None and share != 0]
    return 1 if known and min(known) < Decimal("0.1") else 0


def of_hundred(share: Decimal, decimals: int | None = None) -> str:
    """A share as 27 of 100, or 1.4 of 100."""
    return say("{parts} of 100", parts=hundredths(share, decimals))


def hundredths(share: Decimal, decimals: int | None = None) -> str:
    """The number before `of 100`."""
    return number(share * 100, share_decimals([share]) if decimals is None else decimals)


def hundredths_spread(interval: Interval, decimals: int) -> str:
    """A range of shares, in parts of 100; a share stays between 0 and 100."""
    low, high = (None if end is None else end * 100 for end in (interval.low, interval.high))
    return spread(low, high, decimals)


def percent(share: Decimal) -> str:
    """A share of a whole beside its amount: 8 %."""
    return f"{number(share * 100, 0)} %"


def more_or_less(value: Decimal, written: str, more: str, less: str) -> str:
    """A difference as words: `written` is its size; a bare minus is easily overlooked."""
    if value == 0:
        return say("no difference")
    return f"{written} {more if value > 0 else less}"


def in_full(figure: Figure) -> str:
    """The value with every digit a signature needs: cents, or six decimals for small amounts."""
    value = abs(figure.value)
    whole = figure.currency is None and value == value.to_integral_value()
    digits = fixed(value, 0 if whole else max(2, min(6, decimals_of(value, 4))))
    text = f"{digits} {figure.currency}" if figure.currency is not None else digits
    return say("{amount} below zero", amount=text) if figure.value < 0 else text
