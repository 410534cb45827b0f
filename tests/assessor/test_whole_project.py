"""Period, days of the business, spending of nobody, cost pools, and what all use cases come to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from payback.records import Period
from tests.assessor.built import assessed, call, cost, figure, of, outcome, row, value

SECOND = '\n[use_cases.sales]\nunit = "reply sent"\narm = "ai"\n'


def test_the_period_takes_tasks_by_their_first_call(tmp_path: Path) -> None:
    # Ticket 1 begins in August, ends in September; the period is September.
    usage = [
        call("1", on="2026-08-31"),
        call("1", on="2026-09-01"),
        call("2", 1_000_000, on="2026-09-01"),
        call("3", 2_500_000, on="2026-10-01"),
    ]
    outcomes = [
        outcome("1", on="2026-09-02"),
        outcome("2", 0, on="2026-10-02"),
        outcome("3", on="2026-10-02"),
    ]
    rows = [cost("100.00", "2026-08-31"), cost("10.00", "2026-09-30"), cost("1000.00", "2026-10-01")]
    back = [value("3.00", on="2026-09-30"), value("900.00", on="2026-10-01")]
    head = "period = { from = 2026-09-01, to = 2026-10-01 }"
    found = assessed(tmp_path, "", head, usage=usage, outcome=outcomes, cost=rows, value=back)
    case = of(found)
    assert found.period == Period(date(2026, 9, 1), date(2026, 10, 1))
    (ai,) = case.arms
    assert row(ai.tasks, ai.checked, figure(ai.acceptance).value) == (1, 1, 0)  # ticket 2, checked in October
    assert {name: part.value for name, part in case.out_parts} == {"models": 2, "platform": 10}
    assert figure(case.back).value == 3
    # The burn runs from the first day, whatever period is looked at: 1 + 1 + 2 + 5 + 1,110
    assert case.burn is not None
    assert case.burn.spent.amount == 1119


def test_a_day_begins_and_ends_where_the_business_is(tmp_path: Path) -> None:
    # 23:30 UTC on 31 August is 1 September in Berlin
    late = {**call("1"), "time": "2026-08-31T23:30:00"}
    period = "period = { from = 2026-09-01, to = 2026-10-01 }\n"
    berlin = assessed(tmp_path / "berlin", "", period + 'timezone = "Europe/Berlin"', usage=[late, call("2")])
    utc = assessed(tmp_path / "utc", "", period, usage=[late, call("2")])
    assert row(figure(berlin.out).value, figure(utc.out).value) == (2, 1)


def test_spending_of_no_use_case_is_apart_and_in_none(tmp_path: Path) -> None:
    usage = [call("1"), call("2", use_case=None), call("3", 1_000_000, use_case="nobody declared this")]
    rows = [
        cost("7.00", use_case=None),
        cost("70.00", "2026-08-01", use_case=None),  # before the period
        cost("11.00"),
    ]
    head = "period = { from = 2026-09-01, to = 2026-10-01 }"
    found = assessed(tmp_path, "", head, usage=usage, cost=rows)
    assert figure(of(found).out).value == figure(found.out).value == 12  # 1.00 and 11.00
    unassigned = figure(found.unassigned)
    assert unassigned.value == 10  # calls of 1.00 and 2.00, and a row of 7.00
    assert unassigned.count == 2
    assert [each.value for each in unassigned.inputs if each.name == "named in the rows"] == [
        "no use case",
        "nobody declared this",
    ]


def test_nothing_unassigned(tmp_path: Path) -> None:
    assert assessed(tmp_path, usage=[call("1")]).unassigned is None


def test_match_assigns_what_names_no_use_case(tmp_path: Path) -> None:
    toml = '\nmatch = { service = "replies-*" }\n' + SECOND + 'match = { service = "*" }\n'
    usage = [
        call("1", use_case=None, service="replies-de"),
        call("2", 1_000_000, use_case=None, service="other"),
    ]
    found = assessed(tmp_path, toml, usage=usage)
    assert [figure(case.out).value for case in found.use_cases] == [1, 2]
    assert found.unassigned is None


def test_use_cases_add_up_and_what_is_not_known_is_said(tmp_path: Path) -> None:
    usage = [call("1"), call("2", 1_500_000, use_case="sales")]
    found = assessed(tmp_path, SECOND, usage=usage, value=[value("2.00")])
    assert figure(found.out).value == 4
    assert figure(found.back).value == 2
    assert figure(found.payback_ratio).value == figure(found.back).value / 4
    # sales has no row that says what came back: not zero
    assert "not known for 1 use case" in figure(found.back).omissions
    assert "not known for 1 use case" in figure(found.payback_ratio).omissions


POOL = """
cost_pool = "service desk"

[[use_cases.replies.claims]]
kind = "spend removed"
amount = 300

[use_cases.sales]
unit = "reply sent"
arm = "ai"
cost_pool = "service desk"

[[use_cases.sales.claims]]
kind = "spend removed"
amount = {claimed}

[cost_pools."service desk"]
total = 1000
"""


def test_one_pool_of_cost_is_claimed_once(tmp_path: Path) -> None:
    within = assessed(tmp_path / "within", POOL.format(claimed=80), usage=[call("1")])
    assert within.pools == (
        "service desk: together the use cases claim 38 of 100 of what it costs, 1,000 EUR.",
    )
    over = assessed(tmp_path / "over", POOL.format(claimed=900), usage=[call("1")])
    assert over.pools[0].endswith("More than all of it: at most that much can come back.")
    assert over.promise is not None
    assert over.promise.said.amount == 1200


def test_an_empty_project(tmp_path: Path) -> None:
    found = assessed(tmp_path)
    assert of(found).headline == "What it cost is not known: no calls, bills or costs are recorded."
    assert of(found).arms == ()


def test_single_tasks_differ_more_than_their_mean_is_uncertain(tmp_path: Path) -> None:
    """12 tasks at 1.00, three of them redone at 5.00: a tenth and half at most 1.00, nine tenths 6.00."""
    found = of(
        assessed(
            tmp_path,
            "\n[use_cases.replies.today]\ncost = 5\n",
            usage=[call(at) for at in range(12)],
            outcome=[outcome(at, 0 if at < 3 else 1) for at in range(12)],
        )
    )
    single = found.arms[0].single
    assert single is not None
    assert row(single.low, single.middle, single.high, single.tasks) == (1, 1, 6, 12)
