"""A support desk of 100 tickets, every figure by hand; in form like the example in docs.

The rows, in EUR:

    calls      100 tickets, one call each: tickets 1 to 50 at 0.30, 51 to 100 at 0.50        40.00
    outcomes   73 of 100 accepted (tickets 1 to 73)
    minutes    every ticket is reviewed: tickets 1 to 50 for 1 minute, 51 to 100 for 2       mean 1.5
    wage       24.00 an hour                                        1.5 / 60 x 24.00 = 0.60 a ticket
    platform   licences, 9.00 on 1 August and 3.00 on 1 September                            12.00
    building   200.00 on 1 July: money spent once, in money out and in no unit
    today      4.20 to 6.10 a ticket, declared                                      middle 5.15
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from payback.assessment import UseCaseResult, Verdict
from payback.records import Evidence
from tests.assessor.built import Row, assessed, call, cost, figure, near, of, outcome, row, value

TICKETS = range(1, 101)

CALLS = [call(f"{n:03}", 150_000 if n <= 50 else 250_000, on="2026-08-03") for n in TICKETS]
OUTCOMES = [outcome(f"{n:03}", int(n <= 73), "2026-08-04", minutes=1 if n <= 50 else 2) for n in TICKETS]
COSTS = [
    cost("200.00", "2026-07-01", "build"),
    cost("9.00", "2026-08-01", "licence"),
    cost("3.00", "2026-09-01", "licence"),
]
VALUES: list[Row] = [
    value("50.00", "booked"),
    value("20.00", "billed"),
    value("5.00", "measured"),
    value("400.00", "estimated"),
    value("900.00", "claimed"),
    value(None, "measured", kind="time freed", hours=40, currency=None),
    value(None, "claimed", kind="time freed", hours=1000, currency=None),
]

TOML = """
[use_cases.replies.today]
arm = "people"
title = "people only"
cost = "4.20 to 6.10"
by = "D. Roth"

[use_cases.replies.review]
wage_per_hour = 24

[[use_cases.replies.claims]]
kind = "spend removed"
amount = 300
evidence = "estimated"
by = "D. Roth"

[[use_cases.replies.claims]]
kind = "revenue won"
amount = 700
by = "a vendor"
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> UseCaseResult:
    folder: Path = tmp_path_factory.mktemp("replies")
    return of(assessed(folder, TOML, usage=CALLS, outcome=OUTCOMES, cost=COSTS, value=VALUES))


def test_acceptance(case: UseCaseResult) -> None:
    (ai,) = case.arms
    assert (ai.role, ai.tasks, ai.trials, ai.checked) == ("ai", 100, 100, 100)
    assert figure(ai.acceptance).value == Decimal("0.73")
    # Wilson, z = 1.96: (73/100 + 0.0192) / 1.0384 +- 0.0911: 0.6357 to 0.8073 (by hand to four digits)
    shown = figure(ai.acceptance).interval
    assert shown is not None
    assert shown.low is not None
    assert shown.high is not None
    assert (round(shown.low, 4), round(shown.high, 4)) == (Decimal("0.6357"), Decimal("0.8073"))


def test_full_cost_of_a_ticket(case: UseCaseResult) -> None:
    # calls 40/100 = 0.40, review 0.60, platform 12/100 = 0.12, redone 0.27 x 5.15 = 1.3905: 2.5105
    (ai,) = case.arms
    parts = {part.name: figure(part.figure).value for part in ai.parts}
    assert parts == {
        "calls": Decimal("0.4"),
        "review by people, 1.5 minutes": Decimal("0.6"),
        "share of the platform": Decimal("0.12"),
        "redone as today, 27 of 100": Decimal("1.3905"),
    }
    assert near(ai.full_unit_cost, "2.5105")
    assert figure(ai.full_unit_cost).value == sum(parts.values())
    assert figure(ai.full_unit_cost).evidence is Evidence.ESTIMATED


def test_the_range_of_the_full_cost_holds_both_ends_of_today(case: UseCaseResult) -> None:
    # at 4.20: 0.40 + 0.60 + 0.12 + 1.134 = 2.254; at 6.10: 1.12 + 1.647 = 2.767
    shown = figure(case.arms[0].full_unit_cost).interval
    assert shown is not None
    assert shown.low is not None
    assert shown.high is not None
    assert shown.low < Decimal("2.254")
    assert Decimal("2.767") < shown.high < Decimal(4)


def test_cost_per_accepted_is_all_cost_over_accepted(case: UseCaseResult) -> None:
    # 40.00 calls + 60.00 review + 12.00 platform = 112.00; 112 / 73 = 1.534246575342...
    assert near(case.arms[0].cost_per_accepted, "1.534246575342")


def test_break_even_is_what_an_accepted_ticket_costs(case: UseCaseResult) -> None:
    # 0.40 + 0.60 + 0.12 + 0.27 x today = today: today = 1.12 / 0.73
    assert case.today is not None
    assert case.today.declared
    assert near(case.today.break_even, "1.534246575342")
    assert figure(case.today.unit_cost).value == Decimal("5.15")


def test_money_out(case: UseCaseResult) -> None:
    # 40 calls + 200 building + 12 licences; minutes are paid anyway and are no money out
    parts = {name: part.value for name, part in case.out_parts}
    assert parts == {"models": 40, "building it": 200, "licences": 12}
    assert figure(case.out).value == 252


def test_what_the_ai_spent_is_what_went_out(case: UseCaseResult) -> None:
    assert figure(case.arms[0].spend).value == figure(case.out).value


def test_money_back_counts_what_is_measured_or_better_and_shows_the_rest(case: UseCaseResult) -> None:
    assert {grade: money.amount for grade, money in case.back_parts} == {
        Evidence.BOOKED: 50,
        Evidence.BILLED: 20,
        Evidence.MEASURED: 5,
        Evidence.ESTIMATED: 400,
        Evidence.CLAIMED: 900,
    }
    back = figure(case.back)
    assert back.value == 75  # 50 + 20 + 5
    assert back.evidence is Evidence.MEASURED  # as well known as its weakest part
    assert back.omissions == ("400 EUR only estimated, not counted", "900 EUR only claimed, not counted")


def test_hours_are_hours_and_claimed_ones_are_none(case: UseCaseResult) -> None:
    hours = figure(case.hours_freed)
    assert row(hours.value, hours.unit, hours.evidence) == (40, "hours", Evidence.MEASURED)
    assert hours.omissions == ("1,000 hours only claimed, not counted",)
    # (252 - 75) / (40 x 24.00) = 177 / 960 = 0.184
    assert hours.notes == ("pays if 18 of 100 of them turn into money, at 24.0 EUR an hour",)


def test_payback_ratio(case: UseCaseResult) -> None:
    assert near(case.payback_ratio, str(Decimal(75) / Decimal(252)))
    assert figure(case.payback_ratio).evidence is Evidence.MEASURED


def test_the_promise_adds_up(case: UseCaseResult) -> None:
    # 1,000 promised; 75 came back. Estimated: 400 on record, 300 promised, perhaps the same money: 400.
    # Only claimed: 1,000 - 75 - 400 = 525.
    assert case.promise is not None
    parts = {grade: money.amount for grade, money in case.promise.parts}
    assert parts == {
        Evidence.BOOKED: 50,
        Evidence.BILLED: 20,
        Evidence.MEASURED: 5,
        Evidence.ESTIMATED: 400,
        Evidence.CLAIMED: 525,
    }
    assert sum(parts.values()) == case.promise.total.amount == case.promise.said.amount == 1000


def test_what_is_said(case: UseCaseResult) -> None:
    # 1.53 (at most 1.80) is under the cheap end of today's way
    assert case.headline.startswith("Cheaper than today: ")
    assert case.headline.endswith("It is cheaper where today's way costs more than 1.53 EUR.")
    assert (case.verdict, case.why) == (
        Verdict.CONTINUE,
        "No gate is set, so nothing can be decided: set one.",
    )
    assert [each.what for each in case.decisions] == [
        "Set a gate for Replies: without one nothing can be decided"
    ]
    assert case.left_out == ()


def test_building_and_the_wage_are_named(case: UseCaseResult) -> None:
    full = figure(case.arms[0].full_unit_cost)
    assert "what building it cost is not in it: that is money spent once" in full.omissions
    review = next(part.figure for part in case.arms[0].parts if part.name.startswith("review"))
    assert [(each.name, each.value, each.evidence) for each in figure(review).inputs] == [
        ("minutes a unit, mean of 100", "1.50", Evidence.MEASURED),
        ("wage an hour", "24", Evidence.ESTIMATED),
    ]
