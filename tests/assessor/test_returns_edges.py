"""What lies ahead at its edges: each of these once gave a wrong verdict, a wrong figure, or no answer at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from payback.assessment import UseCaseResult, Verdict
from payback.measures.returns.burn import Spent, falls_due
from payback.measures.returns.cash import Event, Plan, later, net_of_stopping, risk_input
from payback.records import PaybackError
from payback.returned import Returns
from tests.assessor.built import assessed, cost, figure, of
from tests.assessor.test_returns import AHEAD, TABLES, TODAY


def look(folder: Path, toml: str, today: str = TODAY, /, **more: object) -> UseCaseResult:
    return of(assessed(folder, today + toml, "", **{**TABLES, **more}))  # type: ignore[arg-type]


def ahead(case: UseCaseResult) -> Returns:
    assert case.returns is not None
    return case.returns


def test_waiting_does_not_escape_the_cost_of_stopping(tmp_path: Path) -> None:
    """It loses, and stopping costs 20,000: who waits has stopped, and has paid that too."""
    loses = AHEAD.replace("months = 12", "months = 36\nexit_cost = 20_000").replace(
        "20 % to 40 %", "1 % to 2 %"
    )
    case = look(tmp_path, loses)
    assert case.verdict is Verdict.STOP
    assert all(each.worth.amount <= 0 for each in ahead(case).choices if each.months_waited)


def test_a_risk_begins_with_what_is_under_way() -> None:
    """Nearly sure within a year, 3,000: whoever waits three months still meets it in nine of ten years."""
    scores = np.random.default_rng(3).standard_normal(200_000)
    values = {
        "cost_today": np.full_like(scores, 1.0),
        "volume": np.full_like(scores, 100.0),
        risk_input(0, "when"): scores,
        risk_input(0, "chance"): np.full_like(scores, 0.9),
        risk_input(0, "costs"): np.full_like(scores, 3000.0),
    }
    plan = Plan(12, events=(Event("a fine", costs=True, times=False, ends=False, switching=False),))
    # 12 x 100 - 0.9 x 3,000; three months later 9 x 100 - (1 - 0.1^(9/12)) x 3,000
    assert net_of_stopping(plan, values).mean() == pytest.approx(1200 - 2700, abs=15)
    assert later(plan, values, 3).mean() == pytest.approx(900 - 3000 * (1 - 0.1**0.75), abs=15)


def test_risks_do_not_depend_on_the_order_they_are_listed_in() -> None:
    dice = np.random.default_rng(4)
    when, other = dice.standard_normal(10_000), dice.standard_normal(10_000)
    ends = Event("withdrawn", costs=False, times=False, ends=True, switching=False)
    suit = Event("suit", costs=True, times=False, ends=False, switching=False)

    def worth(events: tuple[Event, ...], first: int, second: int) -> float:
        values = {
            "cost_today": np.ones(10_000), "volume": np.full(10_000, 100.0),
            risk_input(first, "when"): when, risk_input(first, "chance"): np.full(10_000, 0.9),
            risk_input(second, "when"): other, risk_input(second, "chance"): np.full(10_000, 0.5),
            risk_input(second, "costs"): np.full(10_000, 10_000.0),
        }  # fmt: skip
        return float(net_of_stopping(Plan(24, events=events), values).mean())

    assert worth((ends, suit), 0, 1) == pytest.approx(worth((suit, ends), 1, 0))


@pytest.mark.parametrize(
    ("today", "stated"),
    [
        (TODAY.replace("10 to 14", "0 to 10"), AHEAD.replace("20 % to 40 %", "70 % to 99 %")),
        (TODAY.replace("wage_per_hour = 24\nby", 'wage_per_hour = "0 to 40"\nby'), AHEAD),
    ],
)
def test_a_range_from_nothing_is_never_below_nothing(tmp_path: Path, today: str, stated: str) -> None:
    shown = ahead(look(tmp_path, stated, today))
    assert all(each.low >= 0 for each in shown.inputs)
    assert figure(shown.worth).count


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        (
            '[[use_cases.replies.returns.together]]\ninputs = ["minutes_today", "acceptance"]\nrank = 0.5\n'
            * 2,
            "write each pair of two inputs once",
        ),
        (
            "[use_cases.replies.returns.pilot]\ncost = 9\nmonths = 12\ncatches = 0.9\nspares = 0.9\n",
            "only after the 12 months looked at",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path: Path, stated: str, says: str) -> None:
    with pytest.raises(PaybackError, match=says):
        look(tmp_path, AHEAD + "\n" + stated)


def test_measured_work_is_done_this_way_already(tmp_path: Path) -> None:
    with pytest.raises(PaybackError, match="`adoption` needs `volume`"):
        look(tmp_path, AHEAD.replace("volume = 1_000", "adoption = 0.5"))


def test_what_is_in_the_rows_does_not_lie_ahead(tmp_path: Path) -> None:
    shown = ahead(look(tmp_path, AHEAD + "start = 2026-08-01\n"))
    assert shown.start == date(2026, 10, 1)  # the day after the last data
    assert any("month 1 begins 1 October 2026" in note for note in shown.notes)
    assert shown.path[0].month == shown.history[-1].month == 3


def test_review_is_paid_at_the_wage_of_those_who_review(tmp_path: Path) -> None:
    # 1.5 minutes at 120.00 an hour are 3.00 a unit, not the 0.60 of the desk's 24.00
    dear = TODAY.replace(
        "[use_cases.replies.review]\nwage_per_hour = 24", "[use_cases.replies.review]\nwage_per_hour = 120"
    )
    cheap, costly = (
        figure(ahead(look(tmp_path / name, AHEAD.replace('"20 % to 40 %"', "1.0"), toml)).worth).value
        for name, toml in (("cheap", TODAY), ("dear", dear))
    )
    assert float(cheap - costly) == pytest.approx(12 * 1000 * 2.4, rel=0.02)


def test_minutes_that_are_stated_stand_in_the_place_of_rows_of_review(tmp_path: Path) -> None:
    rows = [cost("60.00", "2026-08-01", "review")]
    outcomes = [{key: each[key] for key in each if key != "minutes"} for each in TABLES["outcome"]]
    today = TODAY.replace("[use_cases.replies.review]\nwage_per_hour = 24\n", "")
    shown = ahead(look(tmp_path, AHEAD + "review_minutes = 1.5\n", today, outcome=outcomes, cost=rows))
    assert not [each for each in shown.inputs if each.key == "review_cost"]


def test_a_contract_booked_once_is_due_only_for_the_days_to_come() -> None:
    """130 a month from 1 July to 31 December: after 30 September October, November and December are left."""
    booked = [Spent(date(2026, 7, 1), Decimal(130), "lease", date(2026, 12, 31))]
    assert falls_due(booked, date(2026, 9, 30)) == [("lease", Decimal(390), date(2026, 12, 31))]


def test_a_pool_costs_as_much_a_month_however_many_days_have_rows(tmp_path: Path) -> None:
    """12,000 a year are 1,000 a month, with rows for a quarter of it too: so much can be saved, and no more."""
    pool = "\n[cost_pools.desk]\ntotal = 12_000\n"
    head = "period = { from = 2026-01-01, to = 2027-01-01 }\n"
    toml = TODAY.replace("[use_cases.replies.today]", 'cost_pool = "desk"\n\n[use_cases.replies.today]')
    stated = AHEAD.replace('"20 % to 40 %"', "1.0").replace("fixed_a_month = 800", "fixed_a_month = 0")
    case = of(assessed(tmp_path, toml + stated + pool, head, **TABLES))
    # 12 months of 1,000 saved (365 days are 11.99 months), less 520 of calls and platform each
    assert float(figure(ahead(case).worth).value) == pytest.approx(12 * (12_000 / 11.992 - 520), rel=0.01)


def test_a_licence_is_weighed_by_its_months_alone(tmp_path: Path) -> None:
    toml = (
        "\n[use_cases.replies.returns]\nmonths = 12\nfixed_a_month = 500\n"
        '\n[[use_cases.replies.returns.values]]\nkind = "revenue won"\na_month = 600\n'
    )
    assert float(figure(ahead(of(assessed(tmp_path, toml))).worth).value) == pytest.approx(1200)
