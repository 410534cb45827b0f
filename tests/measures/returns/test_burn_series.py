"""Spending by whole week and month: what is missing is never 0, and trailing means by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from payback.days import months_on
from payback.measures.returns.burn_series import (
    Booked,
    Every,
    block_range,
    counted_by,
    spending,
    total_of,
    trailing,
)

D = Decimal


def monthly(category: str, amounts: dict[int, int], day: int = 28) -> list[Booked]:
    """A row a month of 2026."""
    return [Booked(date(2026, month, day), D(amount), category) for month, amount in amounts.items()]


def daily(first: date, amounts: list[int], category: str = "models") -> list[Booked]:
    return [
        Booked(first + timedelta(days=number), D(amount), category) for number, amount in enumerate(amounts)
    ]


def test_rows_booked_by_month_have_no_week() -> None:
    assert counted_by(monthly("people", {1: 5, 2: 5, 3: 5})) is Every.MONTH
    calls = daily(date(2026, 1, 5), [1] * 60)
    assert counted_by(calls) is Every.WEEK
    assert counted_by([*calls, *monthly("people", {1: 5, 2: 5})]) is Every.MONTH  # the coarser of the two


def test_a_contract_does_not_decide_between_weeks_and_months() -> None:
    lease = Booked(date(2026, 1, 31), D(50), "platform", "lease", date(2026, 12, 31))
    assert counted_by([*daily(date(2026, 1, 5), [1] * 60), lease]) is Every.WEEK


def test_whole_weeks_only() -> None:
    # 7 January 2026 is a Wednesday: that week is begun in its middle; 25 January is a Sunday
    found = spending(daily(date(2026, 1, 7), [1] * 19), date(2026, 1, 25), Every.WEEK)
    assert found.periods == (date(2026, 1, 12), date(2026, 1, 19))
    assert found.free == {"models": (D(7), D(7))}
    # a day before its end the last week is not whole
    assert len(spending(daily(date(2026, 1, 7), [1] * 19), date(2026, 1, 24), Every.WEEK).periods) == 1


def test_a_month_without_any_row_is_missing_and_not_0() -> None:
    found = spending(monthly("people", {1: 5, 2: 6, 4: 8, 5: 9}), date(2026, 5, 31), Every.MONTH)
    assert found.free["people"] == (D(5), D(6), None, D(8), D(9))
    (gap,) = found.gaps
    assert (gap.category, gap.periods) == ("", (date(2026, 3, 1),))
    assert total_of(found)[2] is None


def test_a_row_of_0_is_a_month_in_which_nothing_was_spent() -> None:
    found = spending(monthly("people", {1: 5, 2: 6, 3: 0, 4: 8}), date(2026, 4, 30), Every.MONTH)
    assert found.free["people"] == (D(5), D(6), D(0), D(8))
    assert found.gaps == ()


def test_a_regular_category_that_lacks_a_month_is_missing_there() -> None:
    rows = monthly("people", {1: 5, 2: 5, 4: 5, 5: 5}) + monthly("data", dict.fromkeys(range(1, 6), 2))
    found = spending(rows, date(2026, 5, 31), Every.MONTH)
    assert found.free["people"] == (D(5), D(5), None, D(5), D(5))
    assert [(gap.category, gap.periods) for gap in found.gaps] == [("people", (date(2026, 3, 1),))]
    assert total_of(found) == (D(7), D(7), None, D(7), D(7))


def test_what_comes_now_and_then_was_not_booked_in_between() -> None:
    rows = monthly("licence", {1: 90, 5: 90}) + monthly("data", dict.fromkeys(range(1, 7), 2))
    found = spending(rows, date(2026, 6, 30), Every.MONTH)
    assert found.free["licence"] == (D(90), D(0), D(0), D(0), D(90), D(0))
    assert found.gaps == ()


@pytest.mark.parametrize(("last", "ended"), [(4, False), (3, True)])
def test_a_category_without_rows_of_late(last: int, ended: bool) -> None:
    rows = monthly("build", dict.fromkeys(range(1, last + 1), 5))
    rows += monthly("data", dict.fromkeys(range(1, 7), 2))
    found = spending(rows, date(2026, 6, 30), Every.MONTH)
    assert [(gap.category, gap.ended) for gap in found.gaps] == [("build", ended)]
    assert ("build" in found.free) is not ended


def test_what_began_later_was_not_spent_before() -> None:
    rows = monthly("people", dict.fromkeys(range(1, 7), 5)) + monthly("data", dict.fromkeys(range(4, 7), 2))
    found = spending(rows, date(2026, 6, 30), Every.MONTH)
    assert found.free["data"] == (None, None, None, D(2), D(2), D(2))
    assert total_of(found) == (D(5), D(5), D(5), D(7), D(7), D(7))


def test_trailing_means_by_hand() -> None:
    rows = monthly("people", {1: 10, 2: 20, 3: 30, 4: 40}) + monthly("data", {1: 1, 2: 1, 3: 1, 4: 1})
    found = {each.category: each for each in trailing(rows, date(2026, 4, 30))}
    people, total = found["people"], found[""]
    assert [people.last, people.recent, people.year, people.year_months] == [40, 30, 25, 4]
    assert [total.last, total.recent, total.year] == [41, 31, 26]
    assert people.range is None  # four months are too few for one


def test_a_missing_month_is_left_out_of_the_mean() -> None:
    (people, _) = trailing(monthly("people", {1: 10, 2: 20, 4: 40}), date(2026, 4, 30))
    assert [people.recent, people.recent_months] == [30, 2]  # (20 + 40) / 2
    assert people.year == D(70) / 3
    assert people.year_months == 3


def test_parts_add_up_to_the_whole() -> None:
    rows = monthly("people", {1: 10, 2: 20, 3: 30}) + monthly("data", {1: 1, 2: 3, 3: 7})
    *parts, total = trailing(rows, date(2026, 3, 31))
    for of in ("last", "recent", "year"):
        assert sum(getattr(each, of) for each in parts) == getattr(total, of)


def test_a_range_of_daily_spending_takes_36_weeks() -> None:
    week = [12, 12, 12, 12, 12, 5, 5]
    short, long = (daily(date(2026, 1, 5), week * weeks) for weeks in (35, 40))
    assert trailing(short, date(2026, 1, 4) + timedelta(weeks=35))[-1].range is None
    found = trailing(long, date(2026, 1, 4) + timedelta(weeks=40))[-1].range
    assert found is not None
    # 70 a week, always: 70 x 365.25 / 12 / 7 = 304.375 a month
    assert [float(end) for end in found] == pytest.approx([304.375, 304.375], abs=0.01)


def test_a_block_range_by_hand() -> None:
    # four blocks of nine weeks with means 1, 2, 3, 4: mean 2.5, sd 1.2910, t(3) = 3.1824,
    # 1.15 x 3.1824 x 1.2910 / 2 = 2.3624
    found = block_range(np.repeat([1.0, 2.0, 3.0, 4.0], 9))
    assert found == pytest.approx((2.5 - 2.3624, 2.5 + 2.3624), abs=1e-4)


def test_the_same_day_so_many_months_on() -> None:
    assert months_on(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_on(date(2026, 12, 31), 14) == date(2028, 2, 29)
