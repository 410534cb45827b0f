"""Numbers as words: rounded once, never a bare minus, never zero for what is not zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payback import days, numbers
from payback.locale import use
from payback.numbers import Scale
from payback.records import Evidence, Figure, Interval, Period
from payback.report import figures

D = Decimal
AMOUNTS = st.decimals(min_value=D("-1e12"), max_value=D("1e12"), places=6)


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (D("1234.5"), 1, "1,234.5"),
        (D("0.5"), 0, "0"),
        (D("1.5"), 0, "2"),
        (D("2.5"), 0, "2"),
        (D("-0.004"), 2, "0.00"),
        (D("-1.24"), 2, "-1.24"),
    ],
    ids=str,
)
def test_fixed_rounds_half_to_even_once_and_never_shows_minus_zero(
    value: Decimal, decimals: int, written: str
) -> None:
    assert numbers.fixed(value, decimals) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [("34.61", "34.6"), ("0.4123", "0.41"), ("9700", "9,700"), ("412.37", "412"), ("0.0421", "0.042")],
    ids=str,
)
def test_a_number_alone_has_three_digits_and_two_below_one(value: str, written: str) -> None:
    assert numbers.number(D(value)) == written


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        (["34.6", "30.0", "0.9"], 1),
        (["1.10", "0.82", "0.28"], 2),
        (["2.53", "0.12"], 2),
        (["3100", "21000"], 0),
        ([], 0),
    ],
    ids=str,
)
def test_a_column_has_one_number_of_decimals(values: list[str], decimals: int) -> None:
    assert numbers.decimals_for(D(value) for value in values) == decimals


@given(AMOUNTS, st.integers(0, 4))
def test_what_is_not_zero_is_never_written_as_zero(value: Decimal, decimals: int) -> None:
    written = numbers.number(value, decimals)
    assert (value == 0) == (not any(digit in written for digit in "123456789"))


@given(AMOUNTS, AMOUNTS, st.integers(0, 4))
def test_the_ends_of_a_range_are_rounded_outwards(one: Decimal, other: Decimal, decimals: int) -> None:
    low, high = sorted((one, other))
    first, last = numbers.spread(low, high, decimals).replace(",", "").split(" to ")
    assert D(first) <= low
    assert D(last) >= high


def test_ranges_without_an_end_say_so() -> None:
    assert numbers.spread(D("0.41"), None, 2) == "0.41 or more"
    assert numbers.spread(None, D("0.41"), 2) == "0.41 or less"


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        ("34600000", "million EUR", "34.6"),
        ("900000", "thousand EUR", "900"),
        ("9700", "EUR", "9,700"),
        ("2500000000", "billion EUR", "2.50"),
    ],
    ids=str,
)
def test_a_scale_fits_its_largest_amount(amount: str, unit: str, text: str) -> None:
    scale = Scale.of([D(amount), None], "EUR")
    assert (scale.unit, scale.text(D(amount))) == (unit, text)


@pytest.mark.parametrize(
    ("share", "written"),
    [
        ("0.0318", "3 of every 100"),
        ("0.004", "4 of every 1,000"),
        ("0", "0 of every 100"),
        ("0.000001", "less than 1 of every 100,000"),
    ],
    ids=str,
)
def test_shares_of_a_headline_are_whole(share: str, written: str) -> None:
    assert numbers.of_every(D(share)) == written


def test_shares_of_hundred() -> None:
    assert numbers.of_hundred(D("0.27")) == "27 of 100"
    assert numbers.of_hundred(D("0.014")) == "1.4 of 100"
    assert numbers.percent(D("0.0837")) == "8 %"


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("8400000", "8.4 million EUR"),
        ("30000000", "30 million EUR"),
        ("2550000", "2.55 million EUR"),
        ("2600", "2,600 EUR"),
        ("0.5", "0.50 EUR"),
    ],
    ids=str,
)
def test_money_in_a_sentence_has_no_zeros_at_its_end(amount: str, written: str) -> None:
    assert numbers.money(D(amount), "EUR") == written


def test_the_separators_follow_the_language_and_the_figure_does_not_change() -> None:
    use("id")
    try:
        assert numbers.fixed(D("1234.5"), 1) == "1.234,5"
    finally:
        use("en")


def difference(value: str, low: str, high: str) -> Figure:
    return Figure(
        "difference",
        D(value),
        "money",
        "paired-difference",
        Evidence.MEASURED,
        "EUR",
        interval=Interval(D(low), D(high), "clustered-t"),
    )


@pytest.mark.parametrize(
    ("figure", "value", "range_"),
    [
        (difference("-1.43", "-1.61", "-1.22"), "1.43 cheaper", "1.22 to 1.61 cheaper"),
        (difference("0.37", "0.31", "0.43"), "0.37 dearer", "0.31 to 0.43 dearer"),
        (difference("-0.2", "-3.1", "0.2"), "0.20 cheaper", "3.10 cheaper to 0.20 dearer"),
        (difference("0", "-1", "1"), "no difference", "1 cheaper to 1 dearer"),
    ],
    ids=lambda one: one.value if isinstance(one, Figure) else "",
)
def test_a_difference_is_told_in_words(figure: Figure, value: str, range_: str) -> None:
    written = figures.written(figure, sense=figures.dearer_or_cheaper())
    assert (written.both, written.range) == (value, range_)


def test_a_share_is_written_in_parts_of_hundred() -> None:
    share = Figure("accepted", D("0.646"), "share", "acceptance", Evidence.MEASURED, count=500)
    assert figures.written(share).both == "64.6"
    assert figures.written(share).unit == "of 100"


@pytest.mark.parametrize(
    ("first", "after", "written"),
    [
        (date(2026, 1, 1), date(2027, 1, 1), "January to December 2026"),
        (date(2026, 10, 1), date(2026, 11, 1), "October 2026"),
        (date(2025, 7, 1), date(2026, 7, 1), "July 2025 to June 2026"),
        (date(2026, 3, 2), date(2026, 5, 17), "2 March to 16 May 2026"),
        (date(2025, 12, 2), date(2026, 1, 3), "2 December 2025 to 2 January 2026"),
        (date(2026, 3, 2), date(2026, 3, 3), "2 March 2026"),
    ],
    ids=str,
)
def test_periods_are_written_as_people_say_them(first: date, after: date, written: str) -> None:
    assert days.period(Period(first, after)) == written


def test_a_day_names_its_year_only_where_it_is_another() -> None:
    assert days.short_day(date(2026, 9, 12), near=date(2026, 12, 31)) == "12 Sep"
    assert days.short_day(date(2027, 2, 28), near=date(2026, 12, 31)) == "28 Feb 2027"
