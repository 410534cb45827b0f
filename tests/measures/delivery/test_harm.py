from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from payback.measures.delivery.harm import (
    Failures,
    HarmCost,
    at_most,
    failures,
    harm_costs,
    mean_harm,
    share_of,
    tail_index,
    worst_of,
)
from payback.measures.estimate import Range
from payback.records import Unknown

D = Decimal


def of_100(reasons: dict[str, int], severities: dict[str, int] | None = None) -> Failures:
    """100 independent tasks, each checked once."""
    words: list[tuple[str | None, str]] = [
        (word, "") for word, count in reasons.items() for _ in range(count)
    ]
    words += [("", word) for word, count in (severities or {}).items() for _ in range(count)]
    words += [(None, "")] * (100 - len(words))
    rows = [
        ("u", "ai", f"t{n:03}", 1, reason or "", severity, 1, 1, D(0) if reason is None or severity else D(1))
        for n, (reason, severity) in enumerate(words)
    ]
    return failures(rows)["u", "ai"]


def test_9_of_100_for_one_reason_is_wilson() -> None:
    found = of_100({"wrong": 9, "late": 3})
    made = share_of(found, found.lost["wrong"], {}, {})
    assert made.value == 0.09
    assert isinstance(made.range, Range)
    assert made.range.method == "wilson"
    # (0.09 + 1.96^2/200 -+ 1.96 sqrt(0.09 0.91/100 + 1.96^2/40000)) / (1 + 1.96^2/100)
    assert (made.range.low, made.range.high) == pytest.approx((0.0480725, 0.1622621), abs=1e-6)
    assert made.missing is None


def test_capitals_and_spaces_make_no_other_reason() -> None:
    rows = [("u", "ai", f"t{n}", 1, reason, "", 1, 1, D(1)) for n, reason in enumerate(["Sounds  like AI", " sounds like ai"])]  # fmt: skip
    assert list(failures(rows)["u", "ai"].lost) == ["sounds like ai"]


def test_reasons_add_up_to_what_was_not_accepted() -> None:
    # two trials each: 0.4 scored, and 0; one with no reason
    rows = [
        ("u", "ai", "a", 2, "wrong", "", 1, 1, D("0.6")),
        ("u", "ai", "a", 2, "", "", 1, 1, D(0)),
        ("u", "ai", "b", 2, "late", "", 2, 2, D(2)),
        ("u", "ai", "c", 1, "", "", 1, 1, D(1)),
    ]
    found = failures(rows)["u", "ai"]
    assert found.judged == 3
    assert {name: found.count(cells) for name, cells in found.lost.items()} == {
        "wrong": Fraction(3, 10), "late": 1, "": 1,
    }  # fmt: skip
    assert not found.binary


def test_reasons_nobody_gave_and_unchecked_tasks_only_widen() -> None:
    found = of_100({"wrong": 9, "": 10})
    sure = share_of(found, found.lost["wrong"], {}, {})
    less = share_of(found, found.lost["wrong"], found.lost[""], {f"x{n}": 1 for n in range(25)})
    assert isinstance(sure.range, Range)
    assert isinstance(less.range, Range)
    assert less.missing is not None
    assert (less.missing.low, less.missing.high) == (9 / 125, 44 / 125)
    assert (less.range.low or 0) < (sure.range.low or 0)
    assert (less.range.high or 0) > (sure.range.high or 1)


def test_none_seen_is_not_none() -> None:
    found = of_100({"wrong": 5})
    assert at_most(found, {}) == pytest.approx(1 - 0.05 ** (1 / 100), rel=1e-9)


def test_in_customers_none_seen_says_less() -> None:
    rows = [("u", "ai", f"customer{n}", 1, "", "minor", 10, 10, D(0)) for n in range(10)]
    found = failures(rows)["u", "ai"]
    # ten customers are worth ten tasks, times (1.96 / 2.262)^2 = 7.5: 1 - 0.05^(1/7.5) = 0.329
    assert at_most(found, {}) == pytest.approx(0.329, abs=0.001)


def cost(sizes: list[float], results: int) -> HarmCost:
    """Harm of these amounts, among so many independent results."""
    paid = sorted(int(each * 10**12) for each in sizes)
    rows = [("u", "ai", f"t{n:04}", 1, 1, 1, paid[n] if n < len(paid) else 0, 0) for n in range(results)]
    return harm_costs(rows, [("u", "ai", each, 1, each, each) for each in paid])["u", "ai"]


def test_what_the_worst_cost() -> None:
    found = cost([1, 2, 5, 40, 500], 300)
    assert (found.harmed, found.total, found.largest) == (5, 548 * 10**12, 500 * 10**12)
    assert worst_of(found, 100) == 5 * 10**12  # the worst three of 300
    assert worst_of(found, 1000) is None


def test_few_costs_of_harm_have_no_range() -> None:
    assert isinstance(mean_harm(cost([3.0] * 19, 400), 10**12), Unknown)


def test_many_have_one() -> None:
    draw = np.random.default_rng(2)
    found = cost(list(draw.lognormal(1, 0.7, 60)), 400)
    made = mean_harm(found, 10**12)
    assert isinstance(made, Range)
    assert made.low is not None
    assert made.high is not None
    assert made.low < found.total / 10**12 / 400 < made.high


def test_where_no_average_holds_there_is_no_range() -> None:
    # Pareto with index 0.4: the mean is infinite. 60 amounts, so the largest 12 are looked at.
    draw = np.random.default_rng(4)
    found = cost(list((1 - draw.random(60)) ** (-1 / 0.4)), 400)
    index = tail_index(found)
    assert index is not None
    assert index < 0.7
    assert isinstance(mean_harm(found, 10**12), Unknown)


def test_a_way_for_which_nobody_gave_an_amount_is_not_there() -> None:
    assert harm_costs([("u", "ai", "a", 1, 5, 0, 0, 2)], []) == {}
