"""The calendar's rows, their conversion and rounding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from payback.prices import CalendarRow, CurrencyRate, Discount, Override, PriceBook, calendar
from payback.prices.currency import conversion
from payback.prices.listing import COLUMNS
from payback.prices.price_calendar import rate_in_pico

DAY = date(2026, 3, 2)  # a Monday


def one(
    book: PriceBook,
    model: str,
    day: date = DAY,
    *,
    provider: str | None = None,
    tier: str | None = None,
    currency: str = "USD",
    rates: Iterable[CurrencyRate] = (),
) -> CalendarRow:
    (row,) = calendar(book, [(provider, model, tier, day)], currency, rates)
    return row


def rate(day: date, pair: str, amount: str) -> CurrencyRate:
    return CurrencyRate(day, pair[:3], pair[3:], Decimal(amount))


def test_a_row_has_whole_pico_per_token() -> None:
    # o3 at 2/8, cached 0.50 USD a million (OpenAI's list since 2025-06-10): 2 USD / 10^6 is 2,000,000
    # x 10^-12 USD.
    row = one(PriceBook.bundled(), "o3")
    assert (row.input_pico, row.cached_pico, row.output_pico) == (2_000_000, 500_000, 8_000_000)
    assert (row.write_5m_pico, row.write_1h_pico) == (None, None)
    assert (row.tier_above, row.window_from_second) == (None, None)
    assert (row.priced, row.reason, row.note) == (True, "", "")


def test_one_row_for_each_key_in_the_order_they_come() -> None:
    keys = [
        (None, "o3", None, DAY),
        ("openai", "o3", "standard", DAY),
        (None, "o3", None, DAY),
        (None, "o3", None, date(2025, 6, 9)),
        (None, "nope", None, DAY),
    ]
    rows = calendar(PriceBook.bundled(), keys, "USD")
    assert [(row.provider, row.model, row.service_tier, row.day) for row in rows] == [
        ("", "o3", "", DAY),
        ("openai", "o3", "standard", DAY),
        ("", "o3", "", date(2025, 6, 9)),
        ("", "nope", "", DAY),
    ]
    assert [row.input_pico for row in rows] == [2_000_000, 2_000_000, 10_000_000, None]


def test_an_unpriced_row_has_a_reason_and_no_rates() -> None:
    row = one(PriceBook.bundled(), "nope")
    assert not row.priced
    assert row.reason == "no price is known for nope"
    assert {getattr(row, field.name) for field in fields(row) if "_pico" in field.name} == {None}


def test_the_name_that_was_resolved_is_noted() -> None:
    row = one(PriceBook.bundled(), "us.anthropic.claude-opus-4-8-v1:0", tier="standard")
    assert row.model == "us.anthropic.claude-opus-4-8-v1:0"
    assert "regional" in row.note


def test_a_tier_is_in_its_columns() -> None:
    row = one(PriceBook.bundled(), "claude-sonnet-4-5")
    assert (row.tier_above, row.tier_rule) == (200_000, "cliff")
    assert (row.tier_input_pico, row.tier_cached_pico, row.tier_output_pico) == (
        6_000_000,
        600_000,
        22_500_000,
    )
    assert (row.tier_write_5m_pico, row.tier_write_1h_pico) == (7_500_000, 12_000_000)


def test_dear_hours_are_in_their_columns_on_weekdays_only() -> None:
    # DeepSeek's page of September 2026: 01:00-04:00 and 06:00-10:00 UTC, Monday to Friday.
    book = PriceBook.bundled()
    monday = one(book, "deepseek-v4-flash", date(2026, 9, 14))
    assert (monday.window_from_second, monday.window_to_second) == (3600, 14_400)
    assert (monday.window_2_from_second, monday.window_2_to_second) == (21_600, 36_000)
    assert (monday.window_input_pico, monday.window_output_pico) == (300_000, 1_200_000)
    saturday = one(book, "deepseek-v4-flash", date(2026, 9, 12))
    assert saturday.window_from_second is None
    assert saturday.window_input_pico is None
    assert saturday.input_pico == monday.input_pico == 150_000


def test_one_stretch_of_hours_leaves_the_second_empty() -> None:
    row = one(PriceBook.bundled(), "deepseek-chat", date(2025, 7, 1))
    assert (row.window_from_second, row.window_to_second) == (1800, 59_400)
    assert (row.window_2_from_second, row.window_2_to_second) == (None, None)


def test_dates_change_the_price_from_one_day_to_the_next() -> None:
    days = [date(2025, 6, 8), date(2025, 6, 9), date(2025, 6, 10), date(2025, 6, 11)]
    rows = calendar(PriceBook.bundled(), [("openai", "o3", "standard", day) for day in days], "USD")
    assert [row.output_pico for row in rows] == [40_000_000, 40_000_000, 8_000_000, 8_000_000]


def test_the_last_rate_on_or_before_the_day_converts() -> None:
    rates = [
        rate(date(2026, 3, 3), "USDEUR", "0.5"),
        rate(date(2026, 2, 1), "USDEUR", "0.8"),
        rate(date(2026, 3, 1), "USDEUR", "0.9"),
    ]
    row = one(PriceBook.bundled(), "o3", currency="EUR", rates=rates)
    assert row.currency == "EUR"
    assert row.input_pico == 1_800_000  # 2 x 0.9
    assert row.note == "1 USD = 0.9 EUR since 2026-03-01"


def test_the_inverse_converts_and_is_said() -> None:
    # 2 / 1.0842 = 1.844678... a million, so 1,844,678 pico; by hand.
    row = one(PriceBook.bundled(), "o3", currency="EUR", rates=[rate(DAY, "EURUSD", "1.0842")])
    assert row.input_pico == 1_844_678
    assert row.note == "the inverse of 1 EUR = 1.0842 USD since 2026-03-02"


def test_of_two_rates_of_a_day_the_direct_one_counts() -> None:
    pair = [rate(DAY, "EURUSD", "1.25"), rate(DAY, "USDEUR", "0.9")]
    for rates in (pair, pair[::-1]):
        found = conversion("USD", "EUR", DAY, rates)
        assert found is not None
        assert found.factor == Fraction(9, 10)


def test_no_rate_is_unpriced_and_no_third_currency_helps() -> None:
    rates = [
        rate(date(2026, 3, 3), "USDEUR", "0.9"),
        rate(DAY, "USDGBP", "0.8"),
        rate(DAY, "GBPEUR", "1.1"),
    ]
    row = one(PriceBook.bundled(), "o3", currency="EUR", rates=rates)
    assert not row.priced
    assert row.reason == "no currency rate from USD to EUR is in force"
    assert row.input_pico is None


def test_an_override_in_the_currency_needs_no_rate() -> None:
    own = Override("o3", input=Decimal(3), output=Decimal(4), currency="EUR")
    row = one(PriceBook.bundled((own,)), "o3", currency="EUR")
    assert (row.input_pico, row.output_pico) == (3_000_000, 4_000_000)


def test_a_discount_and_a_tier_are_in_the_rates_and_the_note() -> None:
    book = PriceBook.bundled(discounts=(Discount(Decimal("0.9")),))
    row = one(book, "claude-opus-4-8", tier="batch")
    assert row.input_pico == 2_250_000  # 5 x 0.5 x 0.9
    assert "batch: times 0.5" in row.note
    assert "times 0.9" in row.note


@pytest.mark.parametrize(
    ("per_token", "factor", "pico"),
    [
        # Half to even, on the last place: 0.5 -> 0, 1.5 -> 2, 2.5 -> 2, and neighbours of the half.
        ("0.0000000000005", 1, 0),
        ("0.0000000000015", 1, 2),
        ("0.0000000000025", 1, 2),
        ("0.00000000000250000000001", 1, 3),
        ("0.00000000000249999999999", 1, 2),
        ("0.000000000003", Fraction(1, 2), 2),
        ("0.000000000001", Fraction(1, 3), 0),
        ("0.000000000002", Fraction(1, 3), 1),
    ],
)
def test_rates_round_half_to_even_once(per_token: str, factor: Fraction | int, pico: int) -> None:
    assert rate_in_pico(Decimal(per_token), Fraction(factor)) == pico


def test_rounding_is_not_done_twice() -> None:
    # 2.4999999 USD-pico-tokens at 1.0000001: rounding the rate first would give 2, then 2; the
    # product is 2.50000015 and rounds to 3.
    own = Override("m", input=Decimal("0.0000024999999"))
    rates = [rate(DAY, "USDEUR", "1.0000001")]
    assert one(PriceBook.bundled((own,)), "m", currency="EUR", rates=rates).input_pico == 3


def test_columns_stand_in_the_order_the_calendar_fills_them() -> None:
    names = [field.name for field in fields(CalendarRow)]
    assert names[:8] == [
        "provider",
        "model",
        "service_tier",
        "day",
        "currency",
        "priced",
        "reason",
        "note",
    ]
    assert [name for name in names[8:13] if name.endswith("_pico")] == names[8:13]
    assert len(COLUMNS) == len(set(COLUMNS))
