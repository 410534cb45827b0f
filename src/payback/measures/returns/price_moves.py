"""What a price, more tokens or more work would change: cost per task, spend, and where a comparison turns.

Formula, source and worked numbers: docs/formulas.md, "price-moves". Factors are exact: 1/2 is half
the price, 2 is twice the tokens. Money is in exact fractions of 10^-12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

POWERS = Context(prec=50)
"""Digits of a power that no fraction can hold; whole elasticities are exact."""
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class ModelMove:
    """One model's calls of known cost, and the factor on their price.

    `tokens` None: not known of every call. `reason` says why a price asked for is not known; calls
    without one stay at what they cost.
    """

    model: str
    calls: int
    pico: int
    tokens: int | None
    price: Fraction = ONE
    reason: str = ""

    @property
    def price_per_million(self) -> Fraction | None:
        """What a million of its tokens cost, in and out together, in 10^-12; None where that is not known."""
        return Fraction(self.pico * 10**6, self.tokens) if self.tokens else None


def price_factor(models: Sequence[ModelMove]) -> Fraction:
    """What the same calls cost at the new prices over what they cost: 1 where nothing was called.

    >>> cheap = ModelMove("a", 1, 100, None, Fraction(1, 2))
    >>> price_factor([cheap, ModelMove("b", 1, 300, None)])
    Fraction(7, 8)
    """
    before = sum(each.pico for each in models)
    return sum((each.pico * each.price for each in models), Fraction(0)) / before if before else ONE


def power(factor: Fraction, exponent: Fraction) -> Fraction:
    """A factor above 0 to any exponent; exact for whole ones, else to fifty digits.

    >>> power(Fraction(1, 2), Fraction(-1))
    Fraction(2, 1)
    """
    if exponent.denominator == 1 or factor == 1:
        return factor**exponent.numerator if factor != 1 else ONE
    base, times = (POWERS.divide(Decimal(one.numerator), one.denominator) for one in (factor, exponent))
    return Fraction(POWERS.power(base, times))


def volume_factor(price: Fraction, volume: Fraction, elasticity: Fraction) -> Fraction:
    """How much more work there is: what was asked for, times what the price brings (volume x price^e)."""
    return volume * power(price, elasticity)


def spend_factor(price: Fraction, per_task: Fraction, volume: Fraction, elasticity: Fraction) -> Fraction:
    """New spend over old: volume x price^e x what a task's calls cost, over what they cost.

    Where only price and tokens move, `per_task` is price x tokens, so spend falls only where
    price^(1 + e) x tokens x volume is below 1.

    >>> half = Fraction(1, 2)
    >>> spend_factor(half, half, ONE, Fraction(-1))
    Fraction(1, 1)
    >>> spend_factor(half, half * 2, ONE, Fraction(0))
    Fraction(1, 1)
    >>> round(float(spend_factor(half, half * Fraction(5, 2), ONE, Fraction(-2, 5))), 4)
    1.6494
    """
    return volume_factor(price, volume, elasticity) * per_task


def turning_factor(attempt: Fraction, besides: Fraction, share: Fraction, today: Fraction) -> Fraction | None:
    """What calls must cost, over what they cost, for the full cost to equal today's: (a T - b) / A.

    From A x + b + (1 - a) T = T. Below 0: people and platform alone cost more. None without calls.

    >>> turning_factor(Fraction(1), Fraction(2), Fraction(1, 2), Fraction(10))
    Fraction(3, 1)
    """
    return (share * today - besides) / attempt if attempt else None
