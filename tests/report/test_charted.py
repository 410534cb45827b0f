"""What titles and rows of charts claim: cheaper, dearer or not decided, and what is only a least."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from payback.assessment import ArmResult, TodayResult
from payback.records import Evidence, Figure, Interval, Unknown
from payback.report import charted, figures, page_one
from tests.report.sample import GROUP, INVOICE_MATCH, OWN_MODEL

D = Decimal
WAY = INVOICE_MATCH.arms[0]
NOTHING = OWN_MODEL.back


def cost(
    value: str,
    range_: tuple[str, str] | None = None,
    bounds: tuple[str, str | None] | None = None,
    **more: Any,
) -> Figure:
    low_high = None if range_ is None else Interval(D(range_[0]), D(range_[1]), "costliest-case")
    limits = None
    if bounds is not None:
        limits = Interval(D(bounds[0]), None if bounds[1] is None else D(bounds[1]), "missing-bounds", None)
    return Figure(
        "cost", D(value), "money", "cost-per-accepted", Evidence.MEASURED, "EUR", "ticket",
        interval=low_high, bounds=limits, **more,
    )  # fmt: skip


def way(each: Figure | Unknown, **more: Any) -> ArmResult:
    return replace(WAY, cost_per_accepted=each, **more)


def today(low: str, high: str, *, declared: bool = True, level: str | None = "0.9") -> TodayResult:
    middle = (D(low) + D(high)) / 2
    within = Interval(D(low), D(high), "declared", None if level is None else D(level))
    figure = Figure("today", middle, "money", "declared", Evidence.ESTIMATED, "EUR", interval=within)
    return TodayResult("people", "people", declared, figure, Unknown("not asked"))


# Today 12.80 to 145 declared; full cost = attempt + (1 - share) x today, so it spans 2.40 to 29.50 and
# overlaps today, though a result costs 0.89: cheaper for every cost of today above 0.89.
@pytest.mark.parametrize(
    ("each", "said"),
    [
        (cost("0.89", ("0.78", "1.02")), "cheaper"),
        (cost("150", ("146", "160")), "dearer"),
        (cost("13", ("12", "14")), "not decided"),
        (cost("0.89", ("0.78", "1.02"), ("0.8", "13.5")), "not decided"),
        (cost("0.89", ("0.78", "1.02"), ("0.8", None)), "not decided"),
        (cost("0.89"), "no range, so not compared"),
        (cost("0.89", None, ("0.89", None)), "no range, so not compared"),
        (Unknown("no outcome was accepted"), "not decided"),
    ],
    ids=["below", "above", "meets", "limits meet", "no upper limit", "no range", "a least", "unknown"],
)
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "from rows"])
def test_cheaper_is_said_where_an_accepted_result_costs_less_than_today(
    each: Figure | Unknown, said: str, *, declared: bool
) -> None:
    full = cost("13.5", ("2.4", "29.5"))  # overlaps today, and says nothing
    found = charted.against_today(way(each, full_unit_cost=full), today("12.8", "145", declared=declared))
    assert found[0] == said


def test_a_way_is_not_compared_with_itself_nor_with_what_is_not_known() -> None:
    each = cost("1", ("0.5", "2"))
    itself = replace(today("3", "4"), arm=WAY.arm)
    unknown = replace(today("3", "4"), unit_cost=Unknown("nobody said"))
    assert [charted.against_today(way(each), one)[0] for one in (itself, unknown, None)] == ["", "", ""]


def test_one_declared_number_is_its_own_range() -> None:
    told = today("5", "5")
    assert isinstance(told.unit_cost, Figure)
    alone = replace(told, unit_cost=replace(told.unit_cost, interval=None))
    assert charted.against_today(way(cost("1", ("0.5", "2"))), alone)[0] == "cheaper"


def test_the_title_counts_by_the_same_rule_and_the_source_says_it() -> None:
    each = cost("0.89", ("0.78", "1.02"))
    ways = [way(each, arm=name, title=name, full_unit_cost=cost("13.5", ("2.4", "29.5"))) for name in "ab"]
    case = replace(INVOICE_MATCH, arms=tuple(ways), today=today("12.8", "145", level=None))
    chart = charted.intervals(case, "Full cost", "ticket", [(one, one.full_unit_cost) for one in ways])
    assert chart is not None
    assert chart.title == "All 2 ways of working are cheaper than as today"
    assert [row.says for row in chart.rows] == ["cheaper", "cheaper"]
    assert (
        "what one accepted result costs, all in, lies below the whole range of today's cost" in chart.source
    )
    assert "18,240 tasks each" in chart.subtitle


def test_the_title_does_not_count_the_way_of_today() -> None:
    each, full = cost("1", ("0.5", "2")), cost("1.5", ("1", "2.5"))
    ways = [way(each, arm=name, title=name, full_unit_cost=full) for name in ("a", "b", "people")]
    case = replace(INVOICE_MATCH, arms=tuple(ways), today=today("3", "4", declared=False))
    chart = charted.intervals(case, "Full cost", "ticket", [(one, one.full_unit_cost) for one in ways])
    assert chart is not None
    assert chart.title == "All 2 ways of working are cheaper than as today"
    assert [row.says for row in chart.rows] == ["cheaper", "cheaper", ""]


def test_a_least_cost_is_never_a_plain_number() -> None:
    least = cost("0.002", None, ("0.002", None))
    assert figures.written(least).both == "0.0020 or more"
    assert figures.cell(least, None, 4).text == "0.0020 or more"
    assert figures.figure_row("key", "cost", least).value == "0.0020 or more"
    assert figures.written(cost("0.002", None, ("0.001", "0.003"))).both == "0.0020"


@pytest.mark.parametrize(
    ("level", "more"),
    [("0.95", "1 to 3"), ("0.9", "1 to 3, 90 % sure"), (None, "1 to 3, least and most")],
    ids=str,
)
def test_a_range_of_another_level_than_its_heading_says_so(level: str | None, more: str) -> None:
    within = Interval(D(1), D(3), "declared", None if level is None else D(level))
    assert figures.cell(replace(cost("2"), interval=within), None, 0).more == more


def test_one_use_case_has_a_second_sentence_too() -> None:
    alone = replace(GROUP, use_cases=GROUP.use_cases[:1], back=NOTHING, back_parts=())
    dek = page_one.answer(alone, page_one.scale_of(alone)).dek
    assert dek == "In the accounts we can see nothing. Of 9.8 promised, 6.8 is still only a claim."
