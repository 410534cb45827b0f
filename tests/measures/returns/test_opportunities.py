"""What work costs today and the most AI could make of it: worked by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payback.measures.ranges import known, uncertain
from payback.measures.returns.opportunities import Terms, Work, opportunities


def work(name: str = "tickets", segment: str = "", **given_: object) -> Work:
    """1,000 units a month, 6 minutes each, 30 an hour: 3.00 a unit, 36,000 and 1,200 hours a year."""
    values = {"a_month": 1000, "minutes": 6, "wage": 30} | given_
    return Work(name, segment, **{key: uncertain(each) for key, each in values.items() if each is not None})


def test_what_it_costs_today() -> None:
    (found,) = opportunities([work()], Terms()).ranked
    assert found.unit.value == 3.0
    assert found.spent.value == 36_000
    assert found.hours is not None
    assert found.hours.value == 1_200
    assert found.spent.is_known
    assert (found.most_a_unit.value, found.worth.value, found.least_accepted) == (3.0, 36_000, None)


def test_terms_come_off() -> None:
    """0.80 x 3.00 - 1 minute at 0.50 = 1.90 at most; less 0.50 = 1.40 a unit, 16,800 a year; (0.50 + 0.50) / 3.00."""
    terms = Terms(known(0.5), known(0.8), known(1), known(14_000), 12)
    (found,) = opportunities([work()], terms).ranked
    assert found.most_a_unit.value == pytest.approx(1.9)
    assert found.worth.value == pytest.approx(16_800)
    assert found.most_build.value == pytest.approx(16_800)
    assert found.least_accepted is not None
    assert found.least_accepted.value == pytest.approx(1 / 3)
    assert found.least_volume is not None
    assert found.least_volume.value == pytest.approx(14_000 / (12 * 1.4))  # 833.3 a month
    assert found.build_chance == 1.0


def test_least_accepted_is_where_nothing_is_gained() -> None:
    """Redone share x today's cost + review + price = today's cost, at that share."""
    terms = Terms(known(0.9), None, known(2))
    (found,) = opportunities([work()], terms).ranked
    assert found.least_accepted is not None
    at = found.least_accepted.value
    assert (1 - at) * 3.0 + 2 * 30 / 60 + 0.9 == pytest.approx(3.0)
    (there,) = opportunities([work()], Terms(known(0.9), known(at), known(2))).ranked
    assert there.worth.value == pytest.approx(0.0, abs=1e-6)


def test_a_build_is_back_exactly_at_the_least_volume() -> None:
    terms = Terms(price=known(1.0), build=known(6_000), months=6)
    (found,) = opportunities([work()], terms).ranked
    assert found.least_volume is not None
    assert found.least_volume.value * 6 * (3.0 - 1.0) == pytest.approx(6_000)


def test_what_cannot_pay_has_no_volume_that_is_enough() -> None:
    (found,) = opportunities([work()], Terms(price=known(3.5), build=known(1))).ranked
    assert found.worth.value == -6_000
    assert found.least_volume is None
    assert (found.chance, found.build_chance) == (0.0, 0.0)


def test_a_cost_of_a_unit_counts_before_minutes_and_gives_review_its_wage() -> None:
    """4.00 a unit of 6 minutes is 40 an hour: 3 minutes of review are 2.00."""
    (found,) = opportunities([work(cost=4, wage=None)], Terms(review_minutes=known(3))).ranked
    assert found.unit.value == 4.0
    assert found.most_a_unit.value == pytest.approx(2.0)


def test_review_without_a_wage_is_left_out_and_said() -> None:
    (found,) = opportunities([work(cost=4, wage=None, minutes=None)], Terms(review_minutes=known(3))).ranked
    assert not found.review_known
    assert found.least_accepted is None
    assert found.hours is None
    assert found.most_a_unit.value == 4.0


def test_a_range_has_the_mean_and_the_ends_that_were_written() -> None:
    """200 to 800 has mean 437.27 (docs/formulas.md, ranges): 12 x 437.27 x 3.00, between 7,200 and 28,800."""
    found = opportunities([work(a_month="200 to 800")], Terms())
    (one,) = found.ranked
    assert found.draws > 1
    assert one.spent.value == pytest.approx(12 * 437.27 * 3, rel=2e-3)
    assert (one.spent.low, one.spent.high) == pytest.approx((7_200, 28_800), rel=0.01)


def test_one_wage_written_alike_is_one_wage() -> None:
    """Two kinds of work at the same uncertain wage keep their order whatever it is."""
    found = opportunities([work("a", wage="20 to 60"), work("b", wage="20 to 60", a_month=900)], Terms())
    assert [(each.work.name, each.places) for each in found.ranked] == [("a", (1, 1)), ("b", (2, 2))]


def test_places_widen_where_ranges_overlap() -> None:
    found = opportunities(
        [work("a", a_month="500 to 2000"), work("b", a_month="500 to 1900"), work("c", a_month=1)], Terms()
    )
    assert [each.places for each in found.ranked] == [(1, 2), (1, 2), (3, 3)]


def test_totals_take_only_what_can_pay() -> None:
    """At 2.00 a unit, 3.00 gains 1.00 (12,000 a year) and 1.00 gains nothing."""
    found = opportunities([work("a", "north"), work("b", "south", minutes=2)], Terms(price=known(2)))
    assert found.whole.paying == 1
    assert found.whole.worth.value == pytest.approx(12_000)
    assert found.whole.spent.value == pytest.approx(48_000)
    assert found.segments["south"].worth.value == 0
    assert sum(each.spent.value for each in found.segments.values()) == pytest.approx(48_000)


def test_the_same_again_is_the_same_to_the_last_digit() -> None:
    works = [work("a", minutes="4 to 9"), work("b", minutes="pert(2, 5, 14)")]
    assert opportunities(works, Terms()) == opportunities(works, Terms())


def test_more_kinds_than_can_be_drawn_at_once() -> None:
    works = [work(f"w{number}", a_month=f"{number + 1} to {number + 9}") for number in range(520)]
    found = opportunities(works, Terms())
    assert len(found.ranked) == 520
    assert found.ranked[0].places[0] == 1
    assert found.ranked[0].work.name in {f"w{number}" for number in range(500, 520)}


@given(
    price=st.floats(0, 10), accepted=st.floats(0.01, 1), review=st.floats(0, 30), minutes=st.floats(0.1, 600)
)
def test_nothing_is_worth_more_than_it_costs_today(
    price: float, accepted: float, review: float, minutes: float
) -> None:
    (found,) = opportunities(
        [work(minutes=minutes)], Terms(known(price), known(accepted), known(review))
    ).ranked
    assert found.worth.value <= found.spent.value * (1 + 1e-9)
    assert found.least_accepted is not None
    pays = accepted > found.least_accepted.value
    if not math.isclose(accepted, found.least_accepted.value, rel_tol=1e-6):
        assert pays == (found.worth.value > 0)
