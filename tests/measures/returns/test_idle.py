"""Costs of allocated and busy hours and idle money, by hand; what is not said is neither 0 nor all of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payback.measures.returns.idle import (
    Held,
    Limited,
    Said,
    Use,
    cost_per_hour,
    idle,
    share,
    spare,
    used,
)

F = Fraction
DAY = date(2026, 9, 1)


def line(
    hours: int, allocated: str | None = None, busy: str | None = None, price: int | None = 2
) -> tuple[Held, Fraction | None]:
    """Device hours on a day, with shares of all time as text, None not said."""
    a, b = (None if each is None else F(each) for each in (allocated, busy))
    both = a is not None and b is not None and a >= b
    held = Held(
        "replies", "gpu", DAY, "EUR", None if price is None else Decimal(price), None, 1, 0, Decimal(1), F(hours), F(0),
        Said() if a is None else Said(F(hours), hours * a),
        Said() if b is None else Said(F(hours), hours * b),
        Said(F(hours), hours * (a - b)) if both and a is not None and b is not None else Said(),
        F(hours) if a is not None and b is not None and a < b else F(0),
    )  # fmt: skip
    return held, None if price is None else F(price)


def of(*lines: tuple[Held, Fraction | None]) -> Use:
    return used(lines)


def test_two_costs_that_are_not_multiplied() -> None:
    # 1,000 device hours at 2.00, 80 of 100 allocated, 50 of 100 busy, both of all time.
    use = of(line(1000, "0.8", "0.5"))
    assert use.paid == 2000
    # 2,000 / 800 and 2,000 / 500; multiplying the shares would give 400 busy hours and 5.00.
    assert cost_per_hour(use.paid, use.priced_allocated, use.priced) == Limited(F("2.5"), F("2.5"), F("2.5"))
    assert cost_per_hour(use.paid, use.priced_busy, use.priced) == Limited(F(4), F(4), F(4))
    # Idle: 200 hours nobody had, 300 that somebody had and did not use; together what is not busy.
    assert idle(use.paid, use.paid_allocated).value == 400
    assert spare(use.paid, use.paid_spare).value == 600
    assert idle(use.paid, use.paid_busy).value == 1000


def test_prices_weigh_idle_money() -> None:
    # 100 hours at 10.00 all busy, 100 at 1.00 never: 100.00 of 1,100.00 is idle, not half of it.
    use = of(line(100, "1", "1", 10), line(100, "0", "0", 1))
    assert use.paid == 1100
    assert idle(use.paid, use.paid_busy) == Limited(F(100), F(100), F(100))
    assert cost_per_hour(use.paid, use.priced_busy, use.priced) == Limited(F(11), F(11), F(11))


def test_a_missing_share_has_limits_and_is_like_the_rest() -> None:
    # 600 hours say 50 of 100 busy; 400 say nothing. 2.00 an hour, 2,000.00 in all.
    use = of(line(600, None, "0.5"), line(400))
    # like the rest: 500 busy hours, 4.00; all 400 busy: 2,000 / 700; none of them: 2,000 / 300
    assert cost_per_hour(use.paid, use.priced_busy, use.priced) == Limited(F(4), F(2000, 700), F(2000, 300))
    assert share(use.busy, use.hours) == Limited(F(1, 2), F(300, 1000), F(700, 1000))
    # idle: 600 known of 1,200 said; 800 more may be idle or not
    assert idle(use.paid, use.paid_busy) == Limited(F(1000), F(600), F(1400))


def test_no_share_at_all_is_not_known_and_a_busy_hour_costs_at_least_the_price() -> None:
    use = of(line(1000, "0.8"))
    assert cost_per_hour(use.paid, use.priced_busy, use.priced) == Limited(None, F(2), None)
    assert share(use.busy, use.hours) == Limited(None, F(0), F(1))
    assert idle(use.paid, use.paid_busy) == Limited(None, F(0), F(2000))
    assert spare(use.paid, use.paid_spare) == Limited(None, F(0), F(2000))


def test_hours_of_which_none_was_busy_have_no_cost_per_busy_hour() -> None:
    use = of(line(1000, "0.8", "0"))
    assert cost_per_hour(use.paid, use.priced_busy, use.priced) is None
    assert idle(use.paid, use.paid_busy).value == 2000


def test_hours_without_a_price_are_in_no_money() -> None:
    use = of(line(100, "1", "0.5"), line(50, "1", "0.1", None))
    assert [use.hours, use.unpriced, use.paid] == [150, 50, 200]
    assert cost_per_hour(use.paid, use.priced_busy, use.priced) == Limited(F(4), F(4), F(4))
    assert share(use.busy, use.hours).value == F(55, 150)


LINES = st.lists(
    st.tuples(
        st.integers(1, 500),
        st.sampled_from([None, "0", "0.25", "0.8", "1"]),
        st.sampled_from([None, "0", "0.1", "0.25", "1"]),
        st.sampled_from([None, 1, 3]),
    ),
    min_size=1,
    max_size=6,
)


@given(LINES)
def test_parts_add_up_and_the_value_lies_within_its_limits(
    rows: list[tuple[int, str | None, str | None, int | None]],
) -> None:
    use = of(*(line(*row) for row in rows))
    if not use.priced:
        return
    allocated, busy = idle(use.paid, use.paid_allocated), idle(use.paid, use.paid_busy)
    for each in (allocated, busy, spare(use.paid, use.paid_spare)):
        assert each.high is not None
        assert 0 <= each.low <= (each.low if each.value is None else each.value) <= each.high <= use.paid
    for said in (use.priced_allocated, use.priced_busy):
        cost = cost_per_hour(use.paid, said, use.priced)
        if cost is not None and cost.value is not None:
            assert cost.low <= cost.value
            assert cost.high is None or cost.value <= cost.high
        if cost is not None:
            assert cost.low >= use.paid / use.priced  # a useful hour is never cheaper than a paid one
    if all(row[1] is not None and row[2] is not None and F(row[1]) >= F(row[2]) for row in rows):
        part = spare(use.paid, use.paid_spare).value
        assert allocated.value is not None
        assert part is not None
        assert allocated.value + part == busy.value


@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    rows: list[tuple[int, str | None, str | None, int | None]], given_by: object
) -> None:
    shuffled = list(rows)
    given_by.shuffle(shuffled)  # type: ignore[attr-defined]
    assert of(*(line(*row) for row in rows)) == of(*(line(*row) for row in shuffled))


@pytest.mark.parametrize("price", [1, 7])
def test_twice_the_price_is_twice_the_money(price: int) -> None:
    once, twice = of(line(10, "0.5", "0.2", price)), of(line(10, "0.5", "0.2", 2 * price))
    assert idle(twice.paid, twice.paid_busy).value == 2 * (idle(once.paid, once.paid_busy).value or 0)
