"""Spending against the kill line and the budget, and what stopping keeps or still costs; by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from payback.assessment import Burn, Verdict
from payback.measures.returns.burn import Line, Result, Spent, burn
from tests.assessor.built import assessed, call, cost, figure, of, outcome, row

D = Decimal
LINE = Line(D(100), 2)


def spent(*days: tuple[str, int]) -> list[Spent]:
    return [Spent(date.fromisoformat(day), D(amount), "calls") for day, amount in days]


def results(*days: tuple[str, int, int]) -> list[Result]:
    return [Result(date.fromisoformat(day), D(good), D(unchecked)) for day, good, unchecked in days]


def made(
    spending: list[Spent],
    found: list[Result] | None = None,
    as_of: str = "2026-12-31",
    line: Line | None = LINE,
) -> Burn:
    burned = burn(spending, found or [], "EUR", date.fromisoformat(as_of), line=line)
    assert burned is not None
    return burned


TWO_MONTHS = [("2026-01-31", 60), ("2026-02-28", 40), ("2026-03-31", 10)]


@pytest.mark.parametrize(
    ("found", "crossed", "undecided"),
    [
        pytest.param((), "2026-02-28", False, id="nothing accepted"),
        pytest.param((("2026-02-28", 1, 0),), "2026-02-28", False, id="one is too few"),
        pytest.param((("2026-02-28", 2, 0),), None, False, id="two on the day are enough"),
        pytest.param((("2026-03-01", 2, 0),), "2026-02-28", False, id="two a day later are too late"),
        pytest.param((("2026-02-01", 1, 1),), None, True, id="one unchecked leaves it open"),
        pytest.param((("2026-02-01", 1, 1), ("2026-03-01", 5, 0)), None, True, id="it stays open afterwards"),
        pytest.param((("2026-02-01", 0, 1),), "2026-02-28", False, id="one unchecked would not be enough"),
        pytest.param((("2026-02-01", 0, 1), ("2026-03-01", 0, 9)), "2026-02-28", False, id="later ones do not help"),
    ],
)  # fmt: skip
def test_the_kill_line(found: tuple[tuple[str, int, int], ...], crossed: str | None, undecided: bool) -> None:
    burned = made(spent(*TWO_MONTHS), results(*found))
    assert burned.crossed_on == (crossed and date.fromisoformat(crossed))
    assert burned.undecided is undecided
    if crossed:
        assert burned.spent_when_crossed is not None
        assert burned.kept is not None
        assert row(burned.spent_when_crossed.amount, burned.kept.amount) == (100, 10)  # 60 + 40; 110 - 100


def test_one_cent_under_the_line_is_under_it() -> None:
    assert made([*spent(("2026-01-31", 60)), Spent(date(2026, 2, 28), D("39.99"))]).crossed_on is None


def test_a_refund_comes_off(tmp_path: Path) -> None:
    burned = made(spent(("2026-01-31", 90), ("2026-02-28", -20), ("2026-03-31", 20)))
    assert row(burned.crossed_on, burned.spent.amount) == (None, 90)


def test_what_was_under_contract_is_not_kept() -> None:
    # A lease of 10 a month, booked from February, to 30 June. Crossed on 28 February, at 100.
    lease = [Spent(date(2026, month, 28), D(10), "lease", date(2026, 6, 30)) for month in range(2, 6)]
    burned = made(
        [*spent(("2026-01-31", 60), ("2026-02-27", 30), ("2026-04-15", 25)), *lease], as_of="2026-05-31"
    )
    assert burned.crossed_on == date(2026, 2, 28)
    # spent in all 60 + 30 + 25 + 40 = 155, so 55 since; March, April and May of the lease were owed: 30
    assert burned.spent_when_crossed is not None
    assert burned.kept is not None
    assert row(burned.spent.amount, burned.spent_when_crossed.amount, burned.kept.amount) == (155, 100, 25)
    # Stopping on 31 May: June still falls due
    assert [row(what, due.amount, until) for what, due, until in burned.falls_due_for] == [
        ("lease", 10, date(2026, 6, 30))
    ]
    # March, April, May: (10 + 10 + 25 + 10) / 3 a month, of which only the 25 can be saved
    assert burned.monthly is not None
    assert burned.saved_a_month is not None
    assert round(burned.monthly.amount, 6) == round(D(55) / 3, 6)
    assert round(burned.saved_a_month.amount, 6) == round(D(25) / 3, 6)


def test_each_contract_falls_due_on_its_own() -> None:
    day = date(2026, 3, 31)
    burned = made(
        [
            Spent(date(2026, 2, 28), D(9), "hosting", date(2026, 12, 31)),  # replaced in March
            Spent(day, D(7), "hosting", date(2026, 12, 31)),  # nine months: 63
            Spent(day, D(5), "data", date(2026, 5, 31)),  # two months: 10
            Spent(day, D(4), "data", date(2026, 4, 30)),  # another of that name: 4
            Spent(day, D(3), "over", date(2026, 3, 31)),  # ends today
        ],
        as_of="2026-03-31",
    )
    assert {row(what, due.amount) for what, due, _ in burned.falls_due_for} == {
        ("hosting", 63),
        ("data", 10),
        ("data", 4),
    }
    assert burned.falls_due.amount == 77
    assert burned.falls_due_until == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("as_of", "monthly"),
    [
        pytest.param("2026-04-30", "20", id="April is whole: (10 + 20 + 30) / 3"),
        pytest.param("2026-04-29", "15", id="April is not: (0 + 10 + 20 + ...) over January to March"),
        pytest.param("2026-02-28", "7.5", id="two whole months: (5 + 10) / 2"),
        pytest.param("2026-01-20", None, id="no whole month yet"),
    ],
)
def test_the_monthly_rate_is_of_the_last_three_whole_months(as_of: str, monthly: str | None) -> None:
    spending = spent(("2026-01-15", 5), ("2026-02-10", 10), ("2026-03-10", 20), ("2026-04-10", 30))
    burned = made(spending, as_of=as_of, line=None)
    expected = {"15": D(35) / 3}.get(monthly or "", monthly and D(monthly))
    assert (burned.monthly and burned.monthly.amount) == expected


def test_many_days_are_drawn_by_month_and_cross_on_their_own_day() -> None:
    spending = [Spent(date(2026, 1, 1) + timedelta(days=n), D(1)) for n in range(200)]
    burned = made(spending)
    assert burned.crossed_on == date(2026, 4, 10)  # the hundredth day
    assert [point.day for point in burned.points][:2] == [date(2026, 1, 31), date(2026, 2, 28)]


TOML = "\nkill_line = { spend = 3, unless_accepted = 2 }\n"


def test_an_outcome_without_a_day_may_have_been_there(tmp_path: Path) -> None:
    # 3.00 by the third day. Two accepted results carry no day and no calls: they may be from before.
    outcomes = [outcome("x", on=None, calls=0), outcome("y", on=None, calls=0)]
    usage = [call(n, on=f"2026-09-0{n}") for n in (1, 2, 3)] + [call(3, on="2026-09-05")]
    checked = [outcome(n, 0) for n in (1, 2, 3)]
    case = of(assessed(tmp_path, TOML, usage=usage, outcome=[*outcomes, *checked]))
    assert case.burn is not None
    assert (case.burn.crossed_on, case.burn.undecided) == (None, True)
    assert case.verdict is Verdict.CONTINUE
    assert case.why.startswith(
        "Its own limit is passed, unless outcomes that nobody has checked were accepted"
    )


def test_a_ticket_nobody_checked_leaves_the_line_open(tmp_path: Path) -> None:
    usage = [call(n, on=f"2026-09-0{n}") for n in (1, 2, 3, 4)]
    case = of(assessed(tmp_path, TOML, usage=usage, outcome=[outcome(1, 0)]))
    assert case.burn is not None
    assert (case.burn.crossed_on, case.burn.undecided) == (None, True)


def test_crossing_stops_it(tmp_path: Path) -> None:
    usage = [call(n, on=f"2026-0{n}-01") for n in range(1, 6)]
    case = of(
        assessed(
            tmp_path,
            TOML,
            usage=usage,
            outcome=[outcome(n, int(n == 5), f"2026-0{n}-02") for n in range(1, 6)],
        )
    )
    assert case.verdict is Verdict.STOP
    assert case.why == (
        "1 accepted result so far. Passed its own limit on 1 March 2026, at 3.00 EUR; "
        "stopping then would have kept 2.00 EUR."
    )
    assert [(each.what, each.costs) for each in case.decisions] == [
        ("Stop Replies", "nothing still falls due")
    ]


def test_over_budget_is_to_be_fixed(tmp_path: Path) -> None:
    usage = [call(n) for n in range(5)]
    within = of(assessed(tmp_path / "within", "\nbudget = 5\n", usage=usage))
    over = of(assessed(tmp_path / "over", "\nbudget = 4\n", usage=usage))
    assert (within.verdict, over.verdict) == (Verdict.CONTINUE, Verdict.FIX)
    assert over.why == "5.00 EUR spent, 1.00 EUR over budget."


def test_repeats_of_a_ticket_are_one_accepted_result(tmp_path: Path) -> None:
    rows = [outcome("1", on="2026-09-01", trial=str(n)) for n in range(1, 6)]
    usage = [call("1", trial=str(n)) for n in range(1, 6)]
    case = of(assessed(tmp_path, usage=usage, outcome=rows))
    assert case.burn is not None
    assert case.burn.points[-1].accepted == 1
    assert figure(case.out).value == 5


def test_what_people_cost_today_does_not_burn(tmp_path: Path) -> None:
    rows = [cost("1.00"), cost("50.00", category="people", arm="people")]
    case = of(assessed(tmp_path, '\ntoday = { arm = "people" }\n', cost=rows))
    assert case.burn is not None
    assert case.burn.spent.amount == figure(case.out).value == 1
