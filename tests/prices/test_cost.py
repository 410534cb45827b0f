"""The cost of one call: tiers, hours, what is not known; and the same as a direct calculation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payback.prices import CalendarRow, CallTokens, Override, PriceBook, calendar, call_cost_pico
from payback.records import Money

BOOK = PriceBook.bundled()
MONDAY = date(2026, 9, 14)


def row_of(model: str, day: date = MONDAY, book: PriceBook = BOOK) -> CalendarRow:
    (row,) = calendar(book, [(None, model, None, day)], "USD")
    return row


def usd(pico: int | None) -> Decimal | None:
    return None if pico is None else Money.of_pico(pico, "USD").amount


LONG = CallTokens(input=250_000, output=10_000)


def test_past_the_cliff_all_tokens_pay_the_tier() -> None:
    # Sonnet 4.5 (platform.claude.com pricing): 250,000 x 6 + 10,000 x 22.50 a million = 1.725 USD.
    assert usd(call_cost_pico(row_of("claude-sonnet-4-5"), LONG)) == Decimal("1.725")


def test_excess_charges_only_the_input_above() -> None:
    # 200,000 x 3 + 50,000 x 6 + 10,000 x 15 a million = 0.60 + 0.30 + 0.15 = 1.05 USD.
    row = replace(row_of("claude-sonnet-4-5"), tier_rule="excess")
    assert usd(call_cost_pico(row, LONG)) == Decimal("1.05")


@pytest.mark.parametrize(("fresh", "expected"), [(200_000, "0.6"), (200_001, "1.200006")])
def test_the_tier_begins_past_its_threshold(fresh: int, expected: str) -> None:
    assert usd(call_cost_pico(row_of("claude-sonnet-4-5"), CallTokens(input=fresh))) == Decimal(expected)


def test_cached_and_written_input_count_towards_the_threshold() -> None:
    # 1,000 fresh + 190,000 cached + 10,000 written = 201,000: 1,000 x 6 + 190,000 x 0.60 + 10,000 x 7.50
    # + 100 x 22.50 a million = 0.006 + 0.114 + 0.075 + 0.00225 = 0.19725 USD.
    tokens = CallTokens(input=1_000, cached=190_000, write_5m=10_000, output=100)
    assert usd(call_cost_pico(row_of("claude-sonnet-4-5"), tokens)) == Decimal("0.19725")


def test_the_excess_is_the_end_of_the_prompt() -> None:
    # 30,000 above: all 10,000 fresh at 6, all 5,000 one-hour writes at 12, 15,000 of 20,000 five-minute
    # writes at 7.50; below: 5,000 writes at 3.75 and 195,000 cached at 0.30 a million.
    # 0.06 + 0.06 + 0.1125 + 0.01875 + 0.0585 = 0.30975 USD.
    row = replace(row_of("claude-sonnet-4-5"), tier_rule="excess")
    tokens = CallTokens(input=10_000, cached=195_000, write_5m=20_000, write_1h=5_000)
    assert usd(call_cost_pico(row, tokens)) == Decimal("0.30975")


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (3_599, "0.75"),  # 1 M in at 0.15, 1 M out at 0.60
        (3_600, "1.5"),  # twice that from 01:00
        (14_399, "1.5"),
        (14_400, "0.75"),
        (21_600, "1.5"),
        (35_999, "1.5"),
        (36_000, "0.75"),
    ],
)
def test_hours_have_their_own_rates(second: int, expected: str) -> None:
    tokens = CallTokens(input=1_000_000, output=1_000_000)
    assert usd(call_cost_pico(row_of("deepseek-v4-flash"), tokens, second)) == Decimal(expected)


def test_an_unpriced_call_costs_nobody_knows_what() -> None:
    assert call_cost_pico(row_of("nope"), CallTokens(input=1)) is None
    assert call_cost_pico(row_of("nope"), CallTokens()) is None


def test_an_unknown_cache_rate_is_bounded() -> None:
    # gpt-4-0613 lists no cache rates: 30 in, 60 out. Cached: 0 to 30; written: 0 to 60 a million.
    row = row_of("gpt-4-0613")
    tokens = CallTokens(input=100, cached=1_000, write_5m=10, write_1h=1, output=10)
    low, high = call_cost_pico(row, tokens), call_cost_pico(row, tokens, end="high")
    assert usd(low) == Decimal("0.0036")
    assert usd(high) == Decimal("0.0036") + Decimal("0.03") + Decimal("0.00066")


def test_known_rates_leave_no_bounds() -> None:
    row = row_of("claude-opus-4-8")
    tokens = CallTokens(1, 2, 3, 4, 5)
    assert call_cost_pico(row, tokens) == call_cost_pico(row, tokens, end="high")


def test_output_without_a_rate_cannot_be_costed() -> None:
    row = row_of("text-embedding-3-small")
    assert usd(call_cost_pico(row, CallTokens(input=1_000_000))) == Decimal("0.02")
    assert call_cost_pico(row, CallTokens(input=1, output=1)) is None


def test_a_tier_without_an_input_rate_cannot_be_costed_past_it() -> None:
    book = PriceBook.bundled((Override("m", input=Decimal(1), tier_above=10, tier_rule="excess"),))
    row = row_of("m", book=book)
    assert call_cost_pico(row, CallTokens(input=10)) == 10_000_000
    assert call_cost_pico(row, CallTokens(input=11)) is None
    assert call_cost_pico(row, CallTokens(cached=11), end="high") is None


RATES = st.decimals(min_value=0, max_value=1000, places=6)
COUNTS = st.integers(min_value=0, max_value=2_000_000)


@given(
    rates=st.tuples(RATES, RATES, RATES, RATES, RATES),
    tier=st.tuples(RATES, RATES, RATES, RATES, RATES),
    tokens=st.builds(CallTokens, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS),
    above=st.integers(min_value=0, max_value=8_000_000),
)
def test_a_row_costs_what_exact_arithmetic_says(
    rates: tuple[Decimal, ...], tier: tuple[Decimal, ...], tokens: CallTokens, above: int
) -> None:
    fresh, cached, write_5m, write_1h, output = rates
    own = Override(
        "m",
        input=fresh,
        cached=cached,
        cache_write_5m=write_5m,
        cache_write_1h=write_1h,
        output=output,
        tier_above=above,
        tier_input=tier[0],
        tier_cached=tier[1],
        tier_cache_write_5m=tier[2],
        tier_cache_write_1h=tier[3],
        tier_output=tier[4],
    )
    counts = (tokens.input, tokens.cached, tokens.write_5m, tokens.write_1h, tokens.output)
    charged = tier if sum(counts[:4]) > above else rates
    exact = sum(count * rate for count, rate in zip(counts, charged, strict=True)) / Decimal(10) ** 6
    found = usd(call_cost_pico(row_of("m", book=PriceBook.bundled((own,))), tokens))
    assert found is not None
    # Six decimals a million are whole pico a token, so nothing is rounded.
    assert found == exact


@given(
    per_million=st.decimals(min_value=0, max_value=1000, places=9),
    count=COUNTS,
    factor=st.decimals(min_value=Decimal("0.0001"), max_value=1000, places=4),
)
def test_rounding_moves_a_cost_by_half_a_pico_a_token_at_most(
    per_million: Decimal, count: int, factor: Decimal
) -> None:
    from payback.prices import CurrencyRate

    book = PriceBook.bundled((Override("m", input=per_million),))
    rates = (CurrencyRate(MONDAY, "USD", "EUR", factor),)
    (row,) = calendar(book, [(None, "m", None, MONDAY)], "EUR", rates)
    cost = call_cost_pico(row, CallTokens(input=count))
    assert cost is not None
    exact = count * per_million * factor * 10**6
    assert abs(cost - exact) <= Decimal(count) / 2


@given(
    tokens=st.builds(CallTokens, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS),
    model=st.sampled_from(["gpt-4-0613", "o3", "claude-sonnet-4-5", "deepseek-v4-pro", "gemini-2.5-pro"]),
    rule=st.sampled_from(["cliff", "excess"]),
    second=st.integers(min_value=0, max_value=86_399),
)
def test_the_high_end_is_never_below_the_low_one(
    tokens: CallTokens, model: str, rule: str, second: int
) -> None:
    row = replace(row_of(model), tier_rule=rule)
    low, high = call_cost_pico(row, tokens, second), call_cost_pico(row, tokens, second, end="high")
    assert low is not None
    assert high is not None
    assert 0 <= low <= high
