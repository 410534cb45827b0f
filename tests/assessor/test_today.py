"""How the same work is done today: with rows, declared, not at all, or nobody knows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from payback.assessment import TodayResult, UseCaseResult
from payback.records import Evidence
from tests.assessor.built import Row, assessed, call, cost, figure, near, of, outcome, row, unknown

# Four tickets at 1.00 each, three accepted: an attempt 1.00, one in four redone as today.
USAGE = [call(n) for n in "1234"]
OUTCOMES = [outcome(n, int(n != "4")) for n in "1234"]


def case_of(folder: Path, today: str, **tables: list[Row]) -> tuple[UseCaseResult, TodayResult]:
    """The use case, and how it is done today as `today` says."""
    rows = {"usage": USAGE, "outcome": OUTCOMES} | tables
    case = of(assessed(folder, f"\n[use_cases.replies.today]\n{today}\n", **rows))
    assert case.today is not None
    return case, case.today


def full_cost(case: UseCaseResult) -> Decimal:
    ai = case.arm("ai")
    assert ai is not None
    return figure(ai.full_unit_cost).value


def test_a_declared_cost(tmp_path: Path) -> None:
    case, today = case_of(tmp_path, 'cost = "4 to 6"\nby = "K. Lang"')
    unit = figure(today.unit_cost)
    assert row(today.declared, unit.value, unit.evidence) == (True, 5, Evidence.ESTIMATED)
    assert [origin.note for origin in unit.origins] == ["K. Lang"]
    assert full_cost(case) == Decimal("2.25")  # 1.00 + 0.25 x 5
    assert near(today.break_even, str(Decimal(4) / 3))


def test_declared_minutes_at_a_wage(tmp_path: Path) -> None:
    # 6 to 10 minutes at 30 to 36 an hour: 3.00 to 6.00, middle 4.50
    case, today = case_of(tmp_path, 'minutes = "6 to 10"\nwage_per_hour = "30 to 36"')
    unit = figure(today.unit_cost)
    assert unit.interval is not None
    assert row(unit.value, unit.interval.low, unit.interval.high) == (Decimal("4.5"), 3, 6)
    assert [(each.name, each.value) for each in unit.inputs] == [
        ("minutes a unit", "6 to 10"),
        ("wage an hour", "30 to 36"),
    ]
    assert full_cost(case) == Decimal("2.125")  # 1.00 + 0.25 x 4.50


def test_people_with_minutes_and_a_wage(tmp_path: Path) -> None:
    # People did four tickets in 6, 6, 12 and 12 minutes, one of them badly: 36 minutes for 3 at 30 an hour:
    # 18.00 / 3 = 6.00 each. Their licence, 3.00, is theirs: 0.75 a ticket more, 7.00 each.
    people: list[Row] = [
        outcome(n, ok, arm="people", minutes=minutes)
        for n, ok, minutes in [("1", 1, 6), ("2", 1, 6), ("3", 1, 12), ("4", 0, 12)]
    ]
    case, today = case_of(
        tmp_path,
        'arm = "people"\ntitle = "by hand"\nwage_per_hour = 30',
        outcome=OUTCOMES + people,
        cost=[cost("3.00", category="licence", arm="people"), cost("8.00", category="licence")],
    )
    assert not today.declared
    assert today.title == "by hand"
    assert near(today.unit_cost, "7")
    assert figure(today.unit_cost).evidence is Evidence.ESTIMATED  # the wage was declared
    # The AI: calls 1.00, its own licence 2.00, a quarter redone at 7.00
    assert full_cost(case) == Decimal("4.75")
    # What people cost is no spending on AI: 4.00 of calls and 8.00 of licences went out
    assert figure(case.out).value == 12
    way = case.arm("people")
    assert way is not None
    assert (way.role, way.unknown_cost) == ("today", 0)
    assert [part.name for part in way.parts] == [
        "people, 9.0 minutes",
        "share of the platform",
        "redone as today, 25 of 100",
    ]
    assert case.left_out == ()


def test_people_of_whom_only_some_were_timed(tmp_path: Path) -> None:
    # Two of four timed, at 6 and 12: 9 minutes each at 30: 4.50; all four accepted
    people: list[Row] = [
        outcome(n, arm="people", minutes=m) for n, m in [("1", 6), ("2", 12), ("3", None), ("4", None)]
    ]
    _, today = case_of(tmp_path, 'arm = "people"\nwage_per_hour = 30', outcome=OUTCOMES + people)
    assert near(today.unit_cost, "4.5")


def test_people_are_not_compared_task_by_task_on_calls_they_never_make(tmp_path: Path) -> None:
    people: list[Row] = [outcome(n, arm="people", minutes=6) for n in "1234"]
    case, _ = case_of(tmp_path, 'arm = "people"\nwage_per_hour = 30', outcome=OUTCOMES + people)
    (compared,) = case.comparisons
    assert unknown(compared.cost).startswith("only calls are compared")
    assert near(compared.acceptance, "-0.25")  # 3 of 4 against 4 of 4


def test_another_model_with_rows(tmp_path: Path) -> None:
    # The old model: 2.00 a ticket, all four accepted: 2.00 each. The AI: 1.00 + 0.25 x 2.00
    old = [call(n, 1_000_000, arm="old") for n in "1234"]
    case, today = case_of(
        tmp_path, 'arm = "old"', usage=USAGE + old, outcome=OUTCOMES + [outcome(n, arm="old") for n in "1234"]
    )
    assert near(today.unit_cost, "2")
    assert full_cost(case) == Decimal("1.5")
    assert near(today.break_even, str(Decimal(4) / 3))
    (compared,) = case.comparisons
    assert near(compared.cost, "-1")  # 1.00 less 2.00
    assert figure(case.out).value == 12  # both are spending on AI
    # Four tickets are too few for a range, so nothing is called cheaper
    assert case.headline == (
        "Not known whether it is cheaper: 1.50 EUR for each ticket closed with the AI, all in; as today: 2.00 EUR."
    )


def test_rules_with_rows_of_cost(tmp_path: Path) -> None:
    # Rules make no calls and take no minutes: 8.00 of running them for four tickets, two good: 4.00 each
    rules = [outcome(n, int(n in "12"), arm="rules", calls=0) for n in "1234"]
    _, today = case_of(
        tmp_path, 'arm = "rules"', outcome=OUTCOMES + rules, cost=[cost("8.00", category="run", arm="rules")]
    )
    assert near(today.unit_cost, "4")


def test_rows_with_calls_come_before_what_was_declared(tmp_path: Path) -> None:
    old = [call(n, 1_000_000, arm="old") for n in "1234"]
    _, today = case_of(
        tmp_path,
        'arm = "old"\ncost = 9',
        usage=USAGE + old,
        outcome=OUTCOMES + [outcome(n, arm="old") for n in "1234"],
    )
    assert row(today.declared, figure(today.unit_cost).value) == (False, 2)


def test_nobody_does_it_today(tmp_path: Path) -> None:
    # One in four stays undone and loses 2 to 4: 1.00 + 0.25 x 3
    case, today = case_of(tmp_path, 'nothing = true\nloses = "2 to 4"')
    assert figure(today.unit_cost).value == 3
    assert full_cost(case) == Decimal("1.75")
    ai = case.arm("ai")
    assert ai is not None
    assert [part.name for part in ai.parts] == ["calls", "left undone, 25 of 100"]
    assert "nobody does it today, and each left undone loses 2.00 to 4.00 EUR." in case.headline


def test_nobody_knows_what_today_costs(tmp_path: Path) -> None:
    case, today = case_of(tmp_path, 'arm = "people"')
    assert unknown(today.unit_cost) == "no row names the way of working people"
    assert near(today.break_even, str(Decimal(4) / 3))
    ai = case.arm("ai")
    assert ai is not None
    assert (
        unknown(ai.full_unit_cost) == "what is not accepted is redone as today, and today's cost is not known"
    )
    assert [part.name for part in ai.parts] == ["calls", "redone as today"]


def test_people_without_minutes_have_no_cost(tmp_path: Path) -> None:
    people = [outcome(n, arm="people") for n in "1234"]
    _, today = case_of(tmp_path, 'arm = "people"\nwage_per_hour = 30', outcome=OUTCOMES + people)
    assert unknown(today.unit_cost) == "today's way has no cost: no calls, and no minutes with a wage"


def test_a_claim_that_it_is_dearer_is_a_word(tmp_path: Path) -> None:
    usage = [call(n, 2_500_000 + 10_000 * n) for n in range(20)]  # 5.00 to 5.38
    case = of(assessed(tmp_path, "\n[use_cases.replies.today]\ncost = 2\n", usage=usage,
                       outcome=[outcome(n) for n in range(20)]))  # fmt: skip
    assert case.headline.startswith("Dearer than today: ")
