"""What each way costs by volume, where they break even, which is the cheapest: by hand, and against plain sampling."""

from __future__ import annotations

import doctest
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payback.measures.ranges import at, between, known
from payback.measures.returns import own_or_call
from payback.measures.returns.own_or_call import Compared, Crossing, Share, Way, compared, monthly

CALL = Way("call", per_unit=known(1.0))
OWN = Way("own", once=known(36_000), a_month=known(4_000), per_unit=known(0.2), limit=20_000)
RULES = Way("rules", once=known(3_600), per_unit=known(0.1), loses_per_unit=known(0.8))
NOTHING = Way("nothing", loses_per_unit=known(3.0))


def of(*ways: Way, volume: float | None = 5_000, months: int = 36) -> Compared:
    return compared(ways, None if volume is None else known(volume), months, draws=64, seed=1)


def crossing(found: Compared, one: str, other: str) -> Crossing:
    (each,) = [each for each in found.crossings if {each.below, each.above} == {one, other}]
    return each


def test_the_worked_numbers_in_the_code_come_out() -> None:
    failed, tried = doctest.testmod(own_or_call)
    assert tried > 0
    assert failed == 0


def test_a_month_at_todays_volume() -> None:
    found = of(CALL, OWN, RULES, NOTHING)
    # 36,000 / 36 + 4,000 + 0.2 x 5,000; 3,600 / 36 + 0.9 x 5,000
    assert {name: now.cost.value for name, now in found.today.items()} == pytest.approx(
        {"call": 5_000, "own": 6_000, "rules": 4_600, "nothing": 15_000}
    )
    assert {name: now.cheapest for name, now in found.today.items()} == {
        "call": 0, "own": 0, "rules": 1, "nothing": 0,
    }  # fmt: skip


def test_break_even_between_each_pair() -> None:
    found = of(CALL, OWN, RULES, NOTHING)
    assert crossing(found, "call", "own").volume == pytest.approx(6_250)  # 5,000 / 0.8
    assert crossing(found, "call", "rules").volume == pytest.approx(1_000)  # 100 / 0.1
    assert crossing(found, "rules", "own").volume == pytest.approx(7_000)  # 4,900 / 0.7
    assert crossing(found, "nothing", "rules").volume == pytest.approx(100 / 2.1)
    even = crossing(found, "call", "own")
    assert (even.below, even.above, even.chance, even.low, even.high) == ("call", "own", 1, 6_250, 6_250)


def test_no_break_even_at_any_volume() -> None:
    even = crossing(of(CALL, NOTHING), "call", "nothing")
    assert (even.volume, even.always, even.chance) == (None, "call", 0)
    # dearer a month and a unit
    worse = Way("worse", a_month=known(1), per_unit=known(2))
    assert crossing(of(worse, CALL), "call", "worse").always == "call"
    # the same a unit: who pays less a month is cheaper throughout
    fee = Way("fee", a_month=known(10), per_unit=known(1))
    assert crossing(of(CALL, fee), "call", "fee").always == "call"
    assert crossing(of(fee, CALL), "call", "fee").always == "call"


def test_two_that_always_cost_the_same() -> None:
    even = crossing(of(CALL, Way("twin", per_unit=known(1.0))), "call", "twin")
    assert (even.volume, even.always) == (None, None)


def test_small_prices_beside_large_sums_still_cross() -> None:
    cheap = Way("cheap", a_month=known(1e6), per_unit=known(1e-4))
    dear = Way("dear", per_unit=known(2e-4))
    assert crossing(of(cheap, dear), "cheap", "dear").volume == pytest.approx(1e10)


def test_the_cheapest_by_volume() -> None:
    found = of(CALL, OWN, RULES, NOTHING, volume=5_000)
    shown = [
        (round(each.start), each.end and round(each.end), each.way, round(each.at))
        for each in found.stretches
    ]
    assert shown == [
        (0, 1_000, "call", 500),
        (1_000, 7_000, "rules", 5_000),  # today's volume is within
        (7_000, 20_000, "own", 13_500),
        (20_000, None, "rules", 40_000),  # what is owned is full
    ]
    assert [each.chance for each in found.stretches] == [1, 1, 1, 1]


def test_beyond_every_limit_no_way_is_left() -> None:
    small = Way("small", per_unit=known(1), limit=10)
    found = of(small, Way("large", a_month=known(5), per_unit=known(2), limit=20), volume=30)
    assert [(each.start, each.end, each.way) for each in found.stretches] == [
        (0, 10, "small"),
        (10, 20, "large"),
        (20, None, None),
    ]
    assert [now.cheapest for now in found.today.values()] == [0, 0]
    assert [now.too_many for now in found.today.values()] == [1, 1]
    assert crossing(found, "small", "large").volume is None


def test_a_break_even_beyond_a_limit_is_said() -> None:
    tight = Way("own", once=known(36_000), a_month=known(4_000), per_unit=known(0.2), limit=5_000)
    even = crossing(of(CALL, tight), "call", "own")
    assert even.volume == pytest.approx(6_250)
    assert even.beyond == "own"


def test_zero_volume_is_the_money_a_month() -> None:
    found = of(CALL, OWN, volume=0)
    assert {name: now.cost.value for name, now in found.today.items()} == {"call": 0, "own": 5_000}
    assert found.stretches[0].at == 0


def test_an_unknown_volume_leaves_the_break_even() -> None:
    found = of(CALL, OWN, volume=None)
    assert (found.volume, dict(found.today)) == (None, {})
    assert crossing(found, "call", "own").volume == pytest.approx(6_250)


def test_interest_on_what_is_paid_once() -> None:
    # 8 % a year is 0.6434 % a month; 36 payments of 1 are worth 32.0434 now: 36,000 / 32.0434 = 1,123.48
    rate = 1.08 ** (1 / 12) - 1
    worth = sum((1 + rate) ** -month for month in range(1, 37))
    assert monthly(36_000, 36, 0.08) == pytest.approx(36_000 / worth)
    assert monthly(36_000, 36, 0.08) == pytest.approx(1_123.48, abs=0.01)


def test_one_way_or_two_of_a_name_are_refused() -> None:
    for ways in ([CALL], [CALL, CALL]):
        with pytest.raises(ValueError, match="two or more"):
            compared(ways, None, 36, seed=1)


def test_what_is_shared_moves_both_ways_alike() -> None:
    # Both redo half as today. Whatever today costs, the first is 0.10 cheaper in every future.
    today = {"today": between(2, 8)}
    one = Way("one", per_unit=known(1.0), carries=(Share("today", 0.5),))
    other = Way("other", per_unit=known(1.1), carries=(Share("today", 0.5),))
    found = compared([one, other], known(100), 36, shared=today, seed=1)
    assert found.today["one"].cheapest == 1
    assert found.today["one"].high - found.today["one"].low > 200
    # Drawn apart, either may be the cheaper one.
    apart = compared(
        [Way("one", per_unit=between(2, 8)), Way("other", per_unit=between(2.1, 8.1))], known(100), 36, seed=1
    )
    assert 0.45 < apart.today["one"].cheapest < 0.6


def test_against_plain_sampling() -> None:
    """A million futures by plain Monte Carlo, written apart: chances, costs and break-even volumes agree."""
    given_by = np.random.default_rng(7)
    n = 1_000_000
    scores = given_by.standard_normal((4, n))
    each, once, month, volume = (
        at(what, scores[place])
        for place, what in enumerate(
            (between(0.8, 1.6), between(20_000, 90_000), between(3_000, 6_000), between(3_000, 9_000))
        )
    )
    called, owned = each * volume, once / 36 + month + 0.2 * volume
    found = compared(
        [
            Way("call", per_unit=between(0.8, 1.6)),
            Way("own", once=between(20_000, 90_000), a_month=between(3_000, 6_000), per_unit=known(0.2)),
        ],
        between(3_000, 9_000),
        36,
        seed=3,
    )
    assert found.today["call"].cheapest == pytest.approx((called < owned).mean(), abs=0.005)
    assert found.today["own"].cost.value == pytest.approx(owned.mean(), rel=0.002)
    low, high = np.quantile(owned, (0.05, 0.95))
    assert found.today["own"].low == pytest.approx(low, rel=0.01)
    assert found.today["own"].high == pytest.approx(high, rel=0.01)
    even = crossing(found, "call", "own")
    places = (once / 36 + month) / (each - 0.2)
    assert even.chance == pytest.approx((places > 0).mean(), abs=0.002)
    assert even.low == pytest.approx(np.quantile(places[places > 0], 0.05), rel=0.02)
    assert even.high == pytest.approx(np.quantile(places[places > 0], 0.95), rel=0.02)
    assert even.volume == pytest.approx((once / 36 + month).mean() / (each - 0.2).mean(), rel=0.005)


WAYS = st.lists(
    st.tuples(
        st.integers(0, 5_000),
        st.integers(0, 40).map(lambda n: n / 10),
        st.sampled_from([None, 50, 400, 3_000]),
    ),
    min_size=2,
    max_size=5,
)


@given(WAYS, st.floats(0, 10_000))
def test_the_stretches_cover_every_volume_and_name_the_cheapest(
    given_ways: list[tuple[int, float, float | None]], volume: float
) -> None:
    ways = [
        Way(str(place), a_month=known(fixed), per_unit=known(each), limit=limit)
        for place, (fixed, each, limit) in enumerate(given_ways)
    ]
    found = of(*ways, volume=None)
    assert found.stretches[0].start == 0
    assert found.stretches[-1].end is None
    assert all(one.end == other.start for one, other in itertools.pairwise(found.stretches))
    (mine,) = [
        each for each in found.stretches if each.start <= volume and (each.end is None or volume < each.end)
    ]
    able = {name: line.at(volume) for name, line in found.lines.items() if line.can(volume)}
    if mine.way is None:
        assert not {name for name, line in found.lines.items() if line.limit is None}
    elif volume > mine.start:
        assert able[mine.way] <= min(able.values()) * (1 + 1e-6) + 1e-6
    assert sum(found.chances[name][0] for name in found.lines) == pytest.approx(1)
