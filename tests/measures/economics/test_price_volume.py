"""Why a cost moved: parts add up, swap their signs and are nothing where nothing changed."""

from __future__ import annotations

import doctest
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payback.measures.economics import price_volume
from payback.measures.economics.price_volume import (
    ACCEPTANCE,
    CALLS,
    MIX,
    NOT_KNOWN,
    PER_CALL,
    PRICE,
    TOKENS,
    VOLUME,
    Called,
    ModelCalls,
    Side,
    called,
    of_accepted,
    of_full_cost,
    of_spend,
    rounded,
)
from payback.prices.cost import CallTokens
from payback.prices.price_calendar import CalendarRow

COUNTS = st.integers(1, 400)
PICO = st.integers(0, 10**12)
SHARES = st.fractions(Fraction(1, 50), 1, max_denominator=50)
MONEY = st.fractions(0, 10**10, max_denominator=100)


@st.composite
def calls_of(draw: st.DrawFn) -> Called:
    elsewhere = draw(st.one_of(st.none(), MONEY))
    return Called(draw(COUNTS), draw(PICO), elsewhere)


@st.composite
def sides(draw: st.DrawFn) -> Side:
    models = draw(st.dictionaries(st.sampled_from("abcd"), calls_of(), max_size=4))
    return Side(models, draw(COUNTS), draw(MONEY), draw(MONEY), draw(SHARES), draw(MONEY))


def spent(side: Side) -> Fraction:
    return Fraction(side.pico)


def per_accepted(side: Side) -> Fraction:
    return (side.attempt + side.besides) / side.share


def in_full(side: Side) -> Fraction:
    return side.attempt + side.besides + (1 - side.share) * side.today


EACH = [(of_spend, spent), (of_accepted, per_accepted), (of_full_cost, in_full)]


@pytest.mark.parametrize(("parts", "total"), EACH)
@settings(max_examples=15, deadline=None)
@given(old=sides(), new=sides())
def test_parts_add_up_to_the_change_exactly_and_swap_their_signs(parts, total, old: Side, new: Side) -> None:  # type: ignore[no-untyped-def]
    found = parts(old, new)
    assert sum(found.values()) == total(new) - total(old)
    assert parts(new, old) == {name: -part for name, part in found.items()}


@pytest.mark.parametrize(("parts", "total"), EACH)
@settings(max_examples=10, deadline=None)
@given(side=sides())
def test_the_same_on_both_sides_is_nothing(parts, total, side: Side) -> None:  # type: ignore[no-untyped-def]
    assert not any(parts(side, side).values())
    backwards = Side(
        dict(reversed(list(side.models.items()))),
        side.tries,
        side.attempt,
        side.besides,
        side.share,
        side.today,
    )
    assert not any(parts(side, backwards).values())
    assert total(side) == total(backwards)


@settings(max_examples=30, deadline=None)
@given(
    parts=st.dictionaries(st.sampled_from("abcdefg"), st.fractions(-50, 50, max_denominator=9), min_size=1),
    nudge=st.fractions(-1, 1, max_denominator=2),
)
def test_rounded_parts_add_up_to_the_rounded_total(parts: dict[str, Fraction], nudge: Fraction) -> None:
    total = Fraction(round(sum(parts.values()) + nudge / 2))
    whole = rounded(parts, total)
    assert sum(whole.values()) == total
    assert all(abs(whole[name] - part) < 2 for name, part in parts.items())


def one(calls: int, cost_per_call: int, elsewhere: int | None = None) -> Called:
    there = None if elsewhere is None else Fraction(elsewhere * calls)
    return Called(calls, cost_per_call * calls, there)


def test_a_price_cut_alone_is_price() -> None:
    old, new = Side({"m": one(100, 8, 6)}, 50), Side({"m": one(100, 6, 8)}, 50)
    assert {name: part for name, part in of_spend(old, new).items() if part} == {PRICE: -200}


def test_fewer_calls_a_task_alone_is_calls() -> None:
    """As many tasks, 200 and 150 calls at 8: 400 less in all, 8 less for each of 50 tasks."""
    old, new = Side({"m": one(200, 8, 8)}, 50, Fraction(32)), Side({"m": one(150, 8, 8)}, 50, Fraction(24))
    assert {name: part for name, part in of_spend(old, new).items() if part} == {CALLS: -400}
    assert {name: part for name, part in of_accepted(old, new).items() if part} == {CALLS: -8}


def test_price_and_volume_by_hand() -> None:
    """10 tasks of 2 calls at 5, then 20 of 2 at 4. The mean of both orders: price (-20 - 40) / 2 = -30,
    volume (100 + 80) / 2 = 90, together the change of 160 - 100.
    """
    old, new = Side({"m": one(20, 5, 4)}, 10), Side({"m": one(40, 4, 5)}, 20)
    assert {name: part for name, part in of_spend(old, new).items() if part} == {PRICE: -30, VOLUME: 90}


def test_a_new_model_is_mix() -> None:
    """From 10 calls at 5 to 5 at 5 and 5 at 9: a call costs 7 for 5."""
    old = Side({"m": one(10, 5, 5)}, 10)
    new = Side({"m": one(5, 5, 5), "n": Called(5, 45)}, 10)
    assert {name: part for name, part in of_spend(old, new).items() if part} == {MIX: 20}


def test_without_tokens_price_and_tokens_are_told_together() -> None:
    old, new = Side({"m": one(10, 5)}, 10), Side({"m": one(10, 7)}, 10)
    assert {name: part for name, part in of_spend(old, new).items() if part} == {PER_CALL: 20}


def test_half_the_acceptance_doubles_what_an_accepted_result_costs() -> None:
    old = Side({"m": one(10, 5, 5)}, 10, Fraction(5), share=Fraction(1))
    new = Side({"m": one(10, 5, 5)}, 10, Fraction(5), share=Fraction(1, 2))
    assert {name: part for name, part in of_accepted(old, new).items() if part} == {ACCEPTANCE: 5}


def test_what_the_known_calls_do_not_show_is_not_spread() -> None:
    """5 of 10 tasks have a known cost of 5: a task costs 5, though the known calls spread over all say 2.5."""
    old = Side({"m": one(10, 5, 5)}, 10, Fraction(5))
    new = Side({"m": one(5, 5, 5)}, 10, Fraction(5))
    found = of_accepted(old, new)
    assert {name: part for name, part in found.items() if part} == {
        CALLS: Fraction(-5, 2),
        NOT_KNOWN: Fraction(5, 2),
    }


APRIL, JULY = date(2026, 4, 1), date(2026, 7, 1)


def calls(day: date, number: int, tokens: CallTokens, pico: int, metered: int | None = None) -> ModelCalls:
    known = number if metered is None else metered
    return ModelCalls("u", "a", "", "m", "", day, number, number, known, tokens, pico)


def rate(day: date, fresh: int | None) -> CalendarRow:
    return CalendarRow("", "m", "", day, "EUR", True, input_pico=fresh, output_pico=10)


def repriced(april: CalendarRow) -> Called:
    """10 calls of July, 1,000 tokens in and 100 out at 2 and 10: 3,000; and what it costs in April."""
    mine = [calls(JULY, 10, CallTokens(input=1000, output=100), 3000)]
    theirs = [calls(APRIL, 4, CallTokens(input=1), 3)]
    return called(mine, theirs, {mine[0].key: rate(JULY, 2)}, {theirs[0].key: april})


def test_the_same_tokens_at_the_other_rates() -> None:
    assert repriced(rate(APRIL, 3)) == Called(10, 3000, Fraction(4000))
    assert repriced(rate(APRIL, 2)) == Called(10, 3000, Fraction(3000))


def test_without_a_rate_there_is_no_other_price() -> None:
    assert repriced(rate(APRIL, None)).elsewhere is None
    assert called([calls(JULY, 10, CallTokens(), 3000)], [], {}, {}).elsewhere is None


def test_calls_without_tokens_have_no_other_price() -> None:
    mine = [calls(JULY, 10, CallTokens(input=1000), 2000, metered=9)]
    theirs = [calls(APRIL, 4, CallTokens(input=1), 3)]
    both = {mine[0].key: rate(JULY, 2), theirs[0].key: rate(APRIL, 3)}
    assert called(mine, theirs, both, both).elsewhere is None


def test_a_long_prompts_price_stays_with_its_tokens() -> None:
    """Added up, tokens must not pass a tier that no single call passed."""
    tier = replace(rate(APRIL, 2), tier_above=500, tier_rule="cliff", tier_input_pico=9, tier_output_pico=9)
    assert repriced(tier) == Called(10, 3000, Fraction(3000))


def test_rates_that_changed_within_the_other_period_count_by_its_calls() -> None:
    """3 calls at 2 and 1 at 6: 3/4 x 3,000 + 1/4 x 7,000 = 4,000."""
    may = date(2026, 5, 1)
    mine = [calls(JULY, 10, CallTokens(input=1000, output=100), 3000)]
    theirs = [calls(APRIL, 3, CallTokens(input=1), 2), calls(may, 1, CallTokens(input=1), 6)]
    other = {theirs[0].key: rate(APRIL, 2), theirs[1].key: rate(may, 6)}
    assert called(mine, theirs, {mine[0].key: rate(JULY, 2)}, other).elsewhere == 4000


def test_tokens_and_price_apart_by_hand() -> None:
    """A call of 1,000 tokens at 3, then of 1,500 at 2, nothing else: 3,000 and 3,000. More tokens and a lower price
    cancel: price (-1000 - 1500) / 2 = -1,250, tokens (1500 + 1000) / 2 = 1,250.
    """
    old = Side({"m": Called(1, 3000, Fraction(2000))}, 1)
    new = Side({"m": Called(1, 3000, Fraction(4500))}, 1)
    assert {name: part for name, part in of_spend(old, new).items() if part} == {PRICE: -1250, TOKENS: 1250}


def test_the_worked_numbers_in_the_code_come_out() -> None:
    failed, tried = doctest.testmod(price_volume)
    assert (failed, tried) == (0, 3)
