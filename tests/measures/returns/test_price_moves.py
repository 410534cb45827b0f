"""Price moves: the vectors of halved prices, worked by hand, and what must hold for any factor."""

from __future__ import annotations

import doctest
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payback.measures.returns import price_moves
from payback.measures.returns.price_moves import ModelMove, power, price_factor, spend_factor, turning_factor

factors = st.fractions(Fraction(1, 100), 100, max_denominator=1000)
MANY = settings(max_examples=25, deadline=None, derandomize=True)
ONE, HALF = Fraction(1), Fraction(1, 2)


def test_the_worked_numbers_in_the_code_come_out() -> None:
    failed, tried = doctest.testmod(price_moves)
    assert (failed, tried > 5) == (0, True)


@pytest.mark.parametrize(
    ("price", "tokens", "elasticity", "spend"),
    [
        (ONE, ONE, Fraction(0), Decimal("315.0")),
        (HALF, ONE, Fraction(0), Decimal("157.5")),
        (HALF, ONE, Fraction(-1), Decimal("315.0")),
        (HALF, Fraction(2), Fraction(0), Decimal("315.0")),
        (HALF, Fraction(5, 2), Fraction(-2, 5), Decimal("519.5562398668271")),
    ],
)
def test_spend_after_a_halved_price(
    price: Fraction, tokens: Fraction, elasticity: Fraction, spend: Decimal
) -> None:
    """10,000 calls of 6,000 tokens in at 3 and 900 out at 15 a million cost 315; the last from numpy's powers."""
    found = 315 * spend_factor(price, price * tokens, ONE, elasticity)
    assert float(found) == pytest.approx(float(spend), rel=1e-12)
    if elasticity.denominator == 1:
        assert found == Fraction(spend)


@MANY
@given(factors, factors, st.integers(-3, 3))
def test_whole_elasticities_are_exact(price: Fraction, tokens: Fraction, elasticity: int) -> None:
    found = spend_factor(price, price * tokens, ONE, Fraction(elasticity))
    assert found == price ** (1 + elasticity) * tokens


@MANY
@given(factors, st.fractions(-3, 3, max_denominator=7))
def test_a_power_undoes_itself(factor: Fraction, exponent: Fraction) -> None:
    assert abs(power(factor, exponent) * power(factor, -exponent) - 1) < Fraction(1, 10**40)
    assert power(ONE, exponent) == 1


@MANY
@given(st.lists(st.tuples(st.integers(0, 10**15), factors), max_size=4), factors)
def test_one_factor_on_every_price_is_that_factor(
    models: list[tuple[int, Fraction]], factor: Fraction
) -> None:
    every = [ModelMove(str(at), 1, pico, None, factor) for at, (pico, _) in enumerate(models)]
    assert price_factor(every) == (factor if any(pico for pico, _ in models) else 1)
    unlike = [ModelMove(str(at), 1, pico, None, own) for at, (pico, own) in enumerate(models) if pico]
    if unlike:
        assert min(one.price for one in unlike) <= price_factor(unlike) <= max(one.price for one in unlike)


@MANY
@given(factors, factors, factors, factors)
def test_at_the_turning_factor_both_ways_cost_the_same(
    attempt: Fraction, besides: Fraction, share: Fraction, today: Fraction
) -> None:
    found = turning_factor(attempt, besides, share, today)
    assert found is not None
    assert found * attempt + besides + (1 - share) * today == today


def test_without_calls_no_price_turns_anything() -> None:
    assert turning_factor(Fraction(0), ONE, ONE, ONE) is None
