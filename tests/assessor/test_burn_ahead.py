"""Spending still to come of a project: what is forecast, what is missing of it, and what deserves a look."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from payback.assessment import UseCaseResult
from payback.measures.estimate import Floats
from payback.measures.returns.burn_ahead import (
    AlertKind,
    BurnAhead,
    KillAhead,
    RunwayAhead,
    SpendForecast,
)
from payback.measures.returns.burn_series import Every
from payback.records import PaybackError, Unknown
from tests.assessor.built import Row, assessed, call, cost, of, outcome, row

BUDGET = "budget = 1000\n"
BY_JUNE = '[[use_cases.replies.gates]]\nname = "within"\nfigure = "spend"\nat_most = 1000\nby = 2026-12-31\n'


def months(*amounts: object, **more: object) -> list[Row]:
    """A row on the 28th of each month of 2026; None leaves a month out."""
    return [
        cost(amount, f"2026-{number:02}-28", "people", **more)
        for number, amount in enumerate(amounts, 1)
        if amount is not None
    ]


def end(month: int) -> date:
    return date(2026, month + 1, 1) - timedelta(days=1)


def ahead(case: UseCaseResult) -> BurnAhead:
    assert case.burn_ahead is not None
    return case.burn_ahead


def forecast(case: UseCaseResult) -> SpendForecast:
    found = ahead(case).forecast
    assert isinstance(found, SpendForecast), found
    return found


def kinds(case: UseCaseResult) -> list[AlertKind]:
    return [alert.kind for alert in case.alerts]


def test_costs_by_month_are_forecast_by_month_for_half_a_year(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, "", "", end(6), cost=months(100, 110, 90, 105, 95, 100)))
    found = forecast(case)
    assert (found.every, found.known) == (Every.MONTH, 6)
    assert [each.until for each in found.periods] == [end(n) for n in range(7, 12)] + [date(2026, 12, 31)]
    first, last = found.periods[0], found.periods[-1]
    assert [level for level, _, _ in first.spent.ends] == [Decimal("0.5"), Decimal("0.8"), Decimal("0.95")]
    # 600 spent, about 100 a month more
    assert Decimal(1100) < last.to_date.middle < Decimal(1300)
    low, high = last.to_date.ends[-1][1:]
    assert low < last.to_date.middle < high


def test_calls_by_day_are_forecast_by_week(tmp_path: Path) -> None:
    start = date(2026, 3, 2)  # a Monday
    calls = [call(n, 500_000, str(start + timedelta(days=n))) for n in range(70)]  # 1 EUR a day
    case = of(assessed(tmp_path, "", "", start + timedelta(days=69), usage=calls))
    found = forecast(case)
    assert (found.every, found.known) == (Every.WEEK, 10)
    assert found.periods[0].until == start + timedelta(days=76)
    assert [each.spent.middle for each in found.periods] == [7] * len(found.periods)
    assert found.periods[0].spent.ends == ()  # the same every week: no spread to show
    assert found.until >= date(2026, 11, 1)  # half a year from 10 May


def test_the_runway_is_by_futures_and_says_so(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, BUDGET, "", end(6), cost=months(100, 110, 90, 105, 95, 100)))
    runway = ahead(case).runway
    assert isinstance(runway, RunwayAhead)
    assert runway.left.amount == 400  # 1,000 - 600
    # about 100 a month: October, give or take; not within six months in few futures
    assert runway.middle in {end(9), end(10), end(11)}
    assert runway.early is not None
    assert runway.early <= runway.middle
    assert runway.says.startswith("The 400 EUR left of the budget is used up by ")


def test_a_budget_used_up_already_has_no_runway(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, "budget = 500\n", "", end(6), cost=months(100, 110, 90, 105, 95, 100)))
    assert ahead(case).runway is None
    assert AlertKind.BUDGET not in kinds(case)  # its verdict says it


@pytest.mark.parametrize(("budget", "told"), [(1000, True), (5000, False)])
def test_a_budget_used_up_before_its_end_is_told(tmp_path: Path, budget: int, *, told: bool) -> None:
    rules = f"budget = {budget}\n{BY_JUNE}"
    case = of(assessed(tmp_path, rules, "", end(6), cost=months(100, 110, 90, 105, 95, 100)))
    assert (AlertKind.BUDGET in kinds(case)) is told
    runway = ahead(case).runway
    assert isinstance(runway, RunwayAhead)
    assert runway.end == date(2026, 12, 31)


def test_two_months_are_too_few(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, BUDGET, "", end(2), cost=months(100, 110)))
    found = ahead(case)
    assert isinstance(found.forecast, Unknown)
    assert found.forecast.reason == "2 whole months of spending are known; a forecast takes 3"
    assert found.forecast.fix == "add the rows of earlier months, or look again when there are more"
    assert found.runway == found.forecast
    assert found.trailing[-1][1].recent == 105


def test_a_missing_month_is_said_and_not_0(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, "", "", end(6), cost=months(100, 100, None, 104, 96, 100)))
    found = ahead(case)
    assert found.notes == (
        "No row of money out in March 2026: not known, and not taken as 0. A row of 0 says that nothing was spent.",
    )
    assert found.trailing[-1][1].year == 100  # of five months
    assert forecast(case).known == 5
    assert forecast(case).periods[0].spent.middle > 80


def test_no_rows_of_late_are_said(tmp_path: Path) -> None:
    late = outcome(1, 1, on="2026-09-30")
    case = of(assessed(tmp_path, "", "", end(9), cost=months(100, 110, 90, 105), outcome=[late]))
    found = ahead(case).forecast
    assert isinstance(found, Unknown)
    assert found.reason == "no money out is recorded since 28 April 2026"
    assert "a row of 0" in found.fix


def test_a_contract_goes_on_to_its_end_and_then_ends(tmp_path: Path) -> None:
    lease = [cost(50, f"2026-0{n}-28", note="lease", committed_until="2026-08-31") for n in range(1, 7)]
    case = of(assessed(tmp_path, "", "", end(6), cost=[*months(100, 100, 100, 100, 100, 100), *lease]))
    found = forecast(case)
    assert [each.spent.middle for each in found.periods] == [150, 150, 100, 100, 100, 100]
    (contract,) = found.committed
    assert row(contract.what, contract.a_month.amount, contract.until) == ("lease", 50, date(2026, 8, 31))
    assert kinds(case) == [AlertKind.COMMITTED]  # within 90 days of 30 June
    assert case.alerts[0].says == (
        "Committed until 31 August 2026: lease, 50.0 EUR a month. Renew it or let it end."
    )


def test_spending_above_what_was_to_be_expected_is_told(tmp_path: Path) -> None:
    usual = [100, 104, 98, 101, 99, 103, 97, 100, 102]
    case = of(assessed(tmp_path, "", "", end(10), cost=months(*usual, 400)))
    above = ahead(case).above
    assert above is not None
    assert above.is_above
    assert kinds(case) == [AlertKind.ABOVE]
    assert case.alerts[0].says.startswith("400 EUR was spent from 1 October 2026 to 31 October 2026;")
    quiet = of(assessed(tmp_path / "quiet", "", "", end(10), cost=months(*usual, 103)))
    assert kinds(quiet) == []


GATE = '[[use_cases.replies.gates]]\nname = "good"\nfigure = "{figure}"\nat_least = {least}\nby = {by}\n'


@pytest.mark.parametrize(
    ("figure", "least", "by", "measured", "told"),
    [
        ("accepted", "3", "2026-04-12", False, True),
        ("accepted", "3", "2026-04-14", False, True),
        ("accepted", "3", "2026-04-15", False, False),  # in 15 days
        ("accepted", "3", "2026-03-30", False, False),  # its day has passed: the verdict says it
        ("accepted", "3", "2026-04-12", True, False),
        ("acceptance", "0.6", "2026-04-12", False, True),
        ("value_back", "50", "2026-04-12", False, True),
    ],
)
def test_a_gate_due_with_nothing_measured_is_told(
    tmp_path: Path, figure: str, least: str, by: str, *, measured: bool, told: bool
) -> None:
    checked = [outcome(1, 1, on="2026-03-20")] if measured else []
    case = of(
        assessed(
            tmp_path,
            GATE.format(figure=figure, least=least, by=by),
            "",
            date(2026, 3, 31),
            cost=months(100, 110, 90),
            outcome=checked,
        )
    )
    assert (AlertKind.GATE in kinds(case)) is told


def test_the_kill_line_likely_by_a_date(tmp_path: Path) -> None:
    rules = "[use_cases.replies.kill_line]\nspend = 800\nunless_accepted = 50\n"
    results = [outcome(n, 1, on=f"2026-0{n}-20") for n in range(1, 7)]  # one a month
    spent = months(100, 110, 90, 105, 95, 100)
    case = of(assessed(tmp_path, rules, "", end(6), cost=spent, outcome=results))
    kill = ahead(case).kill
    assert isinstance(kill, KillAhead)
    assert kill.likely_on in {end(8), end(9)}  # 600 spent, about 100 a month: 800 by August
    shares = [each.share for each in kill.chances]
    assert shares == sorted(shares)
    assert AlertKind.KILL_LINE in kinds(case)
    easy = rules.replace("50", "4")  # six are accepted already
    reached = of(assessed(tmp_path / "easy", easy, "", end(6), cost=spent, outcome=results))
    kill = ahead(reached).kill
    assert isinstance(kill, KillAhead)
    assert {each.share for each in kill.chances} == {0}


def test_past_money_and_alerts_move_no_verdict(tmp_path: Path) -> None:
    few, many = (
        of(assessed(tmp_path / name, BY_JUNE, "", end(6), cost=months(*amounts)))
        for name, amounts in (("few", [10] * 6), ("many", [150] * 6))
    )
    assert few.verdict == many.verdict
    assert AlertKind.BUDGET not in kinds(few)


def test_the_same_rows_in_another_order_give_the_same_forecast(tmp_path: Path) -> None:
    rows = months(100, 110, 90, 105, 95, 100)
    one, other = (
        ahead(of(assessed(tmp_path / name, BUDGET, "", end(6), cost=each)))
        for name, each in (("one", rows), ("other", rows[::-1]))
    )
    assert one == other


ETS = '[returns]\nspend_forecast = "ets"\n'


def test_ets_without_its_extra_says_how_to_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsforecast.models", None)
    with pytest.raises(
        PaybackError, match="statsforecast, which makes that forecast, is not installed"
    ) as told:
        assessed(tmp_path, "", ETS, end(6), cost=months(100, 110, 90, 105, 95, 100))
    assert "payback[forecast]" in told.value.fix


def test_ets_moves_the_middle_and_keeps_the_spread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def middle(values: Floats, season: int, ahead: int) -> Floats:
        assert (list(values), season) == ([100, 110, 90, 105, 95, 100], 1)
        return np.full(ahead, 200.0)

    monkeypatch.setattr("payback.measures.returns.burn_forecast.middle_by_ets", middle)
    rows = months(100, 110, 90, 105, 95, 100)
    moved = forecast(of(assessed(tmp_path / "ets", "", ETS, end(6), cost=rows)))
    plain = forecast(of(assessed(tmp_path / "late", "", "", end(6), cost=rows)))
    assert (plain.method, moved.method) == ("burn-forecast", "burn-forecast-ets")
    assert moved.periods[0].spent.middle == 200
    widths = [each.periods[0].spent.ends[1][2] - each.periods[0].spent.ends[1][1] for each in (plain, moved)]
    assert abs(widths[0] - widths[1]) < 1


def test_building_that_is_over_is_not_forecast_to_come_again(tmp_path: Path) -> None:
    """6,000 of building in January and none since: what lies ahead is the platform alone, 100 a month."""
    rows = [cost("6000.00", "2026-01-15", "build")]
    rows += [cost("100.00", f"2026-{month:02}-15", "platform") for month in range(1, 9)]
    case = of(assessed(tmp_path, "", "", date(2026, 8, 31), cost=rows))
    assert any("not forecast to come again" in note for note in ahead(case).notes)
    # 6,000 + 8 x 100 spent, and six months of 100 to come
    assert forecast(case).periods[5].to_date.middle == 6000 + 800 + 600
