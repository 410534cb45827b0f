"""Month by month: the same gates, verdict and money as `payback assess --as-of` at each month's end."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import payback
from payback.assessment import Assessment, UseCaseResult
from payback.measures.returns.replay import MonthThen, Replay, kept_by_stopping
from payback.records import Unknown
from tests.assessor.built import Row, call, cost, of, outcome, project, row, value

EXAMPLE = Path(payback.__file__).parent / "examples" / "own-model"
RULES = """
budget = 5000
[use_cases.replies.kill_line]
spend = 300
unless_accepted = 12
[[use_cases.replies.gates]]
name = "two accepted"
figure = "accepted"
at_least = 12
by = 2026-04-30
hard = true
[[use_cases.replies.gates]]
name = "most accepted"
figure = "acceptance"
at_least = 0.4
"""


def replay(found: Assessment) -> Replay:
    replayed = of(found).replayed
    assert isinstance(replayed, Replay), replayed
    return replayed


def same(month: MonthThen, case: UseCaseResult) -> None:
    """The month as the assessment of that day has it."""
    assert case.burn is not None
    assert (month.verdict, month.why) == (case.verdict.value, case.why)
    assert [(gate.name, gate.state) for gate in month.gates] == [
        (gate.name, gate.state.value) for gate in case.gates
    ]
    assert month.spent == case.burn.spent
    assert month.accepted == case.burn.points[-1].accepted


@pytest.fixture(scope="module")
def own_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replayed") / "own-model"
    return Path(shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".payback")))


@pytest.fixture(scope="module")
def months(own_model: Path) -> Replay:
    return replay(payback.assess(own_model))


def test_own_model_is_stopped_at_the_end_of_april(months: Replay) -> None:
    found = months
    assert [month.day.month for month in found.months] == list(range(1, 13))
    assert found.stopped is not None
    assert found.stopped.day == date(2026, 4, 30)
    # README of the example: 8.4 by then, and none of the 21.6 million since was under contract that day
    assert row(found.stopped.spent.amount, found.stopped.kept.amount) == (8_400_000, 21_600_000)
    # By hand: 30.0 - 11.25 = 18.75 since May, less the lease signed that month: June to December, 7 x 0.35 = 2.45
    assert found.months[4].kept.amount == 16_300_000
    assert found.months[-1].kept.amount == 0
    assert [month.verdict for month in found.months] == ["continue"] * 3 + ["stop"] * 9
    assert found.says == (
        "At the end of April 2026 the verdict would have been STOP. Stopping then would have kept 21.6 million EUR "
        "of what was spent by 31 December 2026; what was under contract that day falls due anyway and is not in it."
    )


@pytest.mark.parametrize(
    "number", [3, *(pytest.param(n, marks=pytest.mark.long) for n in (0, 1, 2, *range(4, 12)))]
)
def test_own_model_agrees_with_as_of(own_model: Path, months: Replay, number: int) -> None:
    month = months.months[number]
    same(month, of(payback.assess(own_model, as_of=month.day)))


@pytest.mark.long  # put together anew five times
def test_what_is_seen_on_an_earlier_day_is_replayed_to_that_day(own_model: Path) -> None:
    found = replay(payback.assess(own_model, as_of=date(2026, 6, 15), replay=True))
    assert [month.day.month for month in found.months] == [1, 2, 3, 4, 5]
    # 15 June: the rows of June are of its last day, so nothing was spent after May
    assert found.months[3].kept.amount == 2_850_000  # May


def rows() -> dict[str, list[Row]]:
    """Calls and results over four months; some results decided in a later month than their call."""
    start = date(2026, 1, 5)
    days = [start + timedelta(days=4 * n) for n in range(26)]  # to 15 April
    calls = [call(n, on=str(day)) for n, day in enumerate(days)]
    results = [outcome(n, n % 2, on=str(day + timedelta(days=9))) for n, day in enumerate(days)]
    costs = [
        cost(100, "2026-01-31"),
        cost(100, "2026-02-28", note="lease", committed_until="2026-05-31"),
        cost(100, "2026-03-31"),
        cost(100, "2026-04-24"),
    ]
    return {"usage": calls, "outcome": results, "cost": costs, "value": [value(10, on="2026-03-31")]}


@pytest.mark.long
def test_a_project_with_calls_agrees_with_as_of(tmp_path: Path) -> None:
    made = project(tmp_path, RULES, **rows())
    found = replay(payback.assess(made, replay=True))
    assert [month.day.month for month in found.months] == [1, 2, 3]
    for month in found.months:
        same(month, of(payback.assess(made, as_of=month.day)))


def test_what_must_be_put_together_anew_is_only_when_asked(tmp_path: Path) -> None:
    found = of(payback.assess(project(tmp_path, RULES, **rows()))).replayed
    assert isinstance(found, Unknown)
    assert found.fix == "payback assess --replay, or payback explain replies replay"


def test_without_a_rule_there_is_nothing_to_replay(tmp_path: Path) -> None:
    made = project(tmp_path, "", **rows())
    assert of(payback.assess(made, replay=True)).replayed is None


def test_before_the_first_month_is_over(tmp_path: Path) -> None:
    made = project(tmp_path, RULES, cost=[cost(5, "2026-01-10")])
    found = of(payback.assess(made, replay=True)).replayed
    assert isinstance(found, Unknown)
    assert (found.reason, found.fix) == (
        "no month of it is over",
        "look again after the end of its first month",
    )


def test_too_many_rows_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payback.assessor.replayed.MOST_ROWS", 10)
    found = of(payback.assess(project(tmp_path, RULES, **rows()), replay=True)).replayed
    assert isinstance(found, Unknown)
    assert (
        found.reason
        == "52 calls and outcomes are too many to go through for each month; it takes 10 or fewer"
    )
    assert "--as-of" in found.fix


def test_more_under_contract_never_keeps_more() -> None:
    from payback.measures.returns.burn import Spent

    spent = [Spent(date(2026, month, 28), Decimal(100), "lease") for month in (1, 2, 3, 4)]
    kept = []
    for until in (None, date(2026, 2, 28), date(2026, 3, 28), date(2027, 3, 28)):
        first = Spent(spent[0].day, Decimal(100), "lease", until)
        kept.append(kept_by_stopping([first, *spent[1:]], date(2026, 1, 31), date(2026, 4, 30)))
    assert kept == [300, 200, 100, 0]
