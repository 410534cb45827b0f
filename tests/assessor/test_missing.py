"""What is missing is not zero: it widens limits, is counted aloud, and never makes a number."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from payback import assess
from payback.assessment import ArmResult, UseCaseResult
from payback.records import Unknown
from tests.assessor.built import Row, assessed, call, cost, figure, near, of, outcome, row, unknown, value

DECLARED = "\n[use_cases.replies.today]\ncost = 5\n"


def ai(case: UseCaseResult) -> ArmResult:
    found = case.arm("ai")
    assert found is not None
    return found


def limits(case: UseCaseResult, name: str) -> tuple[Any, Any]:
    bounds = figure(getattr(ai(case), name)).bounds
    assert bounds is not None
    return bounds.low, bounds.high


def left_out(case: UseCaseResult) -> dict[str, str]:
    return {each.what: each.effect for each in case.left_out}


# Ten tickets at 1.00 each, but the last two made by a model nobody has a price for.
UNPRICED: list[Row] = [call(f"{n}", model="m" if n < 8 else "nobody-prices-this") for n in range(10)]
TEN = [outcome(f"{n}", int(n < 6)) for n in range(10)]


def test_a_model_without_a_price_costs_nothing_or_the_most(tmp_path: Path) -> None:
    found = assessed(tmp_path, DECLARED, usage=UNPRICED, outcome=TEN)
    case = of(found)
    # 8 known at 1.00: the figure takes all to be like them: 1.00 / 0.6 = 1.666...
    assert near(ai(case).cost_per_accepted, str(Decimal(1) / Decimal("0.6")))
    # low: 8.00 / 6 accepted; high: (8.00 + 2 x 1.00) / 6
    assert limits(case, "cost_per_accepted") == (Decimal("1.33333333333"), Decimal("1.66666666667"))
    # full: 8/10 + 0.4 x 5 = 2.80 to 10/10 + 2.00 = 3.00
    assert near(ai(case).full_unit_cost, "3")
    assert limits(case, "full_unit_cost") == (Decimal("2.8"), Decimal("3.0"))
    assert limits(case, "spend") == (8, 10)
    out = figure(case.out)
    assert out.value == 8
    assert out.bounds is not None
    assert row(out.bounds.low, out.bounds.high) == (8, 10)
    assert out.omissions == ("2 calls have no known cost",)
    assert (ai(case).unpriced, ai(case).unknown_cost) == (2, 2)
    assert [each.what for each in found.left_out] == [
        "2 calls of nobody-prices-this have no price",
        "the cost of 2 tasks is not known",
    ]
    assert left_out(case) == {
        "the cost of 2 tasks is not known": "0 at the low end and the largest known cost at the high end: "
        "at most 2.00 EUR more"
    }


def test_a_call_without_tokens_is_not_free(tmp_path: Path) -> None:
    usage: list[Row] = [call("1"), call("2", 1_000_000), call("3", output_tokens=None)]
    case = of(assessed(tmp_path, usage=usage, outcome=[outcome(n) for n in "123"]))
    # known 1.00 and 2.00, so 1.50 each; the third 0 to 2.00: 3/3 to 5/3
    assert near(ai(case).cost_per_accepted, "1.5")
    assert limits(case, "cost_per_accepted") == (Decimal("1.0"), Decimal("1.66666666667"))


def test_unchecked_outcomes_are_counted_both_ways(tmp_path: Path) -> None:
    outcomes = [outcome(f"{n}", int(n < 6)) for n in range(8)] + [outcome("8", None), outcome("9", None)]
    case = of(assessed(tmp_path, DECLARED, usage=[call(f"{n}") for n in range(10)], outcome=outcomes))
    assert near(ai(case).acceptance, "0.75")  # 6 of 8 checked
    assert limits(case, "acceptance") == (Decimal("0.6"), Decimal("0.8"))  # 6/10 to 8/10
    assert limits(case, "cost_per_accepted") == (Decimal("1.25"), Decimal("1.66666666667"))  # 10/8 to 10/6
    assert limits(case, "full_unit_cost") == (Decimal("2.0"), Decimal("3.0"))  # 1 + 0.2 x 5 to 1 + 0.4 x 5
    assert left_out(case) == {
        "2 tasks were never checked": "counted both ways: as all accepted at one end of a range, none at the other"
    }
    assert case.decisions[-1].what == "Check the 2 outcomes of Replies that nobody has checked"


def test_a_call_without_any_outcome_is_a_task_nobody_checked(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, usage=[call("1"), call("2")], outcome=[outcome("1")]))
    assert (ai(case).tasks, ai(case).checked) == (2, 1)
    assert limits(case, "acceptance") == (Decimal("0.5"), Decimal("1.0"))


def test_repeats_are_averaged_and_a_repeat_of_unknown_cost_is_a_part_unknown(tmp_path: Path) -> None:
    # Task 1, two tries at 1.00 and 3.00. Task 2, two tries: 4.00, and one whose calls were not logged.
    usage: list[Row] = [
        call("1", trial="1"),
        call("1", 1_500_000, trial="2"),
        call("2", 2_000_000, trial="1"),
    ]
    outcomes = [outcome(task, accepted, trial=trial) for task, trial, accepted in
                [("1", "1", 1), ("1", "2", 0), ("2", "1", 1), ("2", "2", 1)]]  # fmt: skip
    case = of(assessed(tmp_path, usage=usage, outcome=outcomes))
    assert (ai(case).tasks, ai(case).trials) == (2, 4)
    assert near(ai(case).acceptance, "0.75")  # (1/2 + 2/2) / 2
    # Known: task 1 2.00, and half of task 2, 2.00: 4.00 over 1.5 tasks = 2.666...; over 0.75
    assert near(ai(case).cost_per_accepted, str(Decimal(4) / Decimal("1.5") / Decimal("0.75")))
    # low (2 + 2) / 1.5 accepted; high: half a task more at the largest known cost, 4.00
    assert limits(case, "cost_per_accepted") == (Decimal("2.66666666667"), Decimal("4.0"))
    # what was spent is what was spent: every try counts
    assert figure(ai(case).spend).value == 8
    assert limits(case, "spend") == (8, 12)


def test_calls_that_are_only_partly_logged_make_a_least_cost(tmp_path: Path) -> None:
    # The log says that each ticket took two calls, and holds one of each: 1.00 or more.
    outcomes: list[Row] = [outcome(f"{n}", int(n < 3), calls=2) for n in range(4)]
    case = of(assessed(tmp_path, DECLARED, usage=[call(f"{n}") for n in range(4)], outcome=outcomes))
    found = figure(ai(case).cost_per_accepted)
    assert near(found, str(Decimal(4) / 3))
    assert found.interval is None
    assert found.omissions == ("part of the cost of every task is not known: this much or more",)
    assert limits(case, "cost_per_accepted") == (found.value, None)
    assert unknown(ai(case).full_unit_cost) == "the cost of an attempt is not known"
    assert case.today is not None
    assert unknown(case.today.break_even) == "only a least cost of an accepted result is known"
    assert left_out(case) == {
        "the cost of 4 tasks is not known": "no task of the same way of working has a known cost, "
        "so nothing limits it"
    }


def test_a_way_of_working_without_any_log_has_no_cost(tmp_path: Path) -> None:
    usage = [call("1"), call("2")]
    outcomes = [outcome(n) for n in "12"] + [outcome(n, arm="other") for n in "12"]
    case = of(assessed(tmp_path, usage=usage, outcome=outcomes))
    other = case.arm("other")
    assert other is not None
    assert unknown(other.spend) == "no call of it is logged, and no cost"
    assert unknown(other.cost_per_accepted) == "its calls were not logged"
    assert unknown(other.full_unit_cost) == "the cost of an attempt is not known"
    out = figure(case.out)
    assert out.bounds is not None
    assert row(out.value, out.bounds.high) == (2, None)


def test_calls_that_name_no_task_cost_every_task_the_same(tmp_path: Path) -> None:
    # 6.00 of calls without a task, four tickets, three accepted: 6 / 3
    usage = [call(None, 1_500_000), call(None, 1_500_000, on="2026-09-02")]
    case = of(assessed(tmp_path, DECLARED, usage=usage, outcome=[outcome(n, int(n != "4")) for n in "1234"]))
    assert (ai(case).tasks, ai(case).unknown_cost) == (4, 0)
    assert near(ai(case).cost_per_accepted, "2")
    assert near(ai(case).full_unit_cost, "2.75")  # 6/4 + 0.25 x 5
    assert figure(ai(case).cost_per_accepted).bounds is None
    assert [one.what for one in case.left_out] == [
        "6.00 EUR went to calls that name no task, so no result joins them"
    ]


def test_calls_that_name_no_task_do_not_make_the_others_dear(tmp_path: Path) -> None:
    # Two tickets with calls at 1.00, two without; and 2.00 of calls that name no ticket: 1.00 + 2.00 / 4
    usage = [call("1"), call("2"), call(None, 1_000_000)]
    case = of(assessed(tmp_path, usage=usage, outcome=[outcome(n) for n in "1234"]))
    assert near(ai(case).cost_per_accepted, "1.5")
    # low: all that is known, 4.00 / 4; high: two more at 1.00
    assert limits(case, "cost_per_accepted") == (Decimal("1.0"), Decimal("1.5"))
    assert figure(case.out).value == 4


def test_unpriced_calls_of_no_task_have_no_upper_end(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, usage=[call(None), call(None, model="nobody-prices-this")]))
    out = figure(case.out)
    assert out.bounds is not None
    assert row(out.value, out.bounds.low, out.bounds.high) == (1, 1, None)
    assert list(left_out(case).values()) == ["money out is this much or more"]


def test_nothing_checked_gives_no_unit_cost(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, DECLARED, usage=[call("1")], outcome=[outcome("1", None)]))
    for name in ("acceptance", "cost_per_accepted", "full_unit_cost"):
        assert unknown(getattr(ai(case), name)) == "no outcomes checked"
    assert figure(ai(case).spend).value == 1


def test_nothing_accepted_gives_a_least_cost_in_words(tmp_path: Path) -> None:
    # 10 tickets at 1.00, none accepted: at most 1 - 0.025^(1/10) = 0.3085 can be; 10 / (0.3085 x 10) = 3.24
    usage, outcomes = [call(f"{n}") for n in range(10)], [outcome(f"{n}", 0) for n in range(10)]
    case = of(assessed(tmp_path, DECLARED, usage=usage, outcome=outcomes))
    assert unknown(ai(case).cost_per_accepted) == "no outcome was accepted; one costs 3.24 EUR or more"
    assert near(ai(case).full_unit_cost, "6")  # 1 + all redone at 5


def test_minutes_without_a_wage_are_said_and_a_wage_without_minutes_gives_no_number(tmp_path: Path) -> None:
    usage, outcomes = [call("1")], [outcome("1", minutes=3)]
    case = of(assessed(tmp_path / "minutes", DECLARED, usage=usage, outcome=outcomes))
    assert figure(ai(case).full_unit_cost).omissions == (
        "1 result has people's minutes, but no wage is given: not counted",
    )
    wage = f"{DECLARED}\n[use_cases.replies.review]\nwage_per_hour = 30\n"
    case = of(assessed(tmp_path / "wage", wage, usage=usage, outcome=[outcome("1")]))
    for name in ("cost_per_accepted", "full_unit_cost"):
        assert unknown(getattr(ai(case), name)) == "how long people review a result is not known"


def test_results_that_were_not_timed_are_like_those_that_were(tmp_path: Path) -> None:
    # Two of four timed, 2 and 4 minutes at 30.00: 3 / 60 x 30 = 1.50 each, not 0.75
    toml = f"{DECLARED}\n[use_cases.replies.review]\nwage_per_hour = 30\n"
    outcomes: list[Row] = [outcome(n, minutes=m) for n, m in [("1", 2), ("2", 4), ("3", None), ("4", None)]]
    case = of(assessed(tmp_path, toml, usage=[call(n) for n in "1234"], outcome=outcomes))
    assert near(ai(case).full_unit_cost, "2.5")
    assert (
        "2 of 4 results were timed; the others are taken to be like them"
        in figure(ai(case).full_unit_cost).omissions
    )


def test_minutes_of_looking_over_say_nothing_of_calls_that_were_not_logged(tmp_path: Path) -> None:
    # Four tickets looked over, calls of three logged at 1.00: the fourth costs 0 to 1.00, not 0.
    toml = "\n[use_cases.replies.review]\nwage_per_hour = 60\n"
    outcomes = [outcome(n, minutes=2) for n in "1234"]
    case = of(assessed(tmp_path, toml, usage=[call(n) for n in "123"], outcome=outcomes))
    assert ai(case).unknown_cost == 1
    assert near(ai(case).cost_per_accepted, "3")  # 1.00 and two minutes at 1.00
    assert limits(case, "cost_per_accepted") == (Decimal("2.75"), Decimal("3.0"))


def test_value_that_nobody_recorded_is_not_zero(tmp_path: Path) -> None:
    case = of(assessed(tmp_path / "none", usage=[call("1")]))
    assert unknown(case.back) == "no record of money coming back is listed"
    assert unknown(case.payback_ratio) == unknown(case.back)
    assert case.headline == "1.00 EUR went out; what came back is not recorded."
    other: Row = value("9.00", use_case="another")
    case = of(assessed(tmp_path / "other", usage=[call("1")], value=[other]))
    assert unknown(case.back) == "no row of these days says what came back"
    case = of(assessed(tmp_path / "nothing", usage=[call("1")], value=[value("0")]))
    assert figure(case.back).value == figure(case.payback_ratio).value == 0
    assert case.headline == "1.00 EUR went out, nothing came back."


def test_freed_time_at_a_price_is_an_estimate_until_it_is_booked(tmp_path: Path) -> None:
    rows: list[Row] = [
        value("100.00", "measured", kind="time freed", hours=4),
        value("30.00", "booked", kind="time freed", hours=1),
    ]
    case = of(assessed(tmp_path, usage=[call("1")], value=rows))
    assert figure(case.back).value == 30
    assert {grade.key: money.amount for grade, money in case.back_parts} == {"booked": 30, "estimated": 100}
    assert figure(case.hours_freed).value == 5


def test_minutes_of_putting_right_are_named(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, usage=[call("1")], outcome=[outcome("1", rework_minutes=7)]))
    assert list(left_out(case)) == ["7 minutes of putting results right"]


def test_rows_of_harm_and_review_are_parts_of_the_unit(tmp_path: Path) -> None:
    rows = [cost("4.00", category="harm"), cost("2.00", category="review")]
    case = of(
        assessed(
            tmp_path, DECLARED, usage=[call(n) for n in "12"], outcome=[outcome(n) for n in "12"], cost=rows
        )
    )
    parts = {part.name: figure(part.figure).value for part in ai(case).parts}
    assert parts == {"calls": 1, "review by people": 1, "harm done": 2, "redone as today, 0 of 100": 0}
    assert near(ai(case).full_unit_cost, "4")


def test_hardware_without_a_price_leaves_money_out_open(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"start": "2026-09-01T00:00:00Z", "end": "2026-09-02T00:00:00Z", "pool": "gpu", "devices": 8}
    ]
    held = [dict(each, use_case="replies") for each in rows]
    out = figure(of(assessed(tmp_path, usage=[call("1")], capacity=held)).out)
    assert out.value == 1
    assert out.only_a_least
    assert out.omissions == ("192 device hours have no price",)


def test_a_cost_of_harm_in_outcomes_is_money_out_and_a_part_of_the_unit(tmp_path: Path) -> None:
    found = assessed(
        tmp_path,
        "\n[use_cases.replies.today]\ncost = 5\n",
        usage=[call("1"), call("2")],
        outcome=[outcome("1"), outcome("2", 0, harm_cost="12.50", harm_currency="EUR")],
    )
    assert figure(of(found).out).value == Decimal("14.50")  # two calls at 1.00, and the harm
    (way,) = of(found).arms
    parts = {part.name: figure(part.figure).value for part in way.parts}
    assert parts == {"calls": 1, "harm done": Decimal("6.25"), "redone as today, 50 of 100": Decimal("2.5")}
    assert found.left_out == ()


def test_harm_that_rows_of_cost_tell_of_counts_once(tmp_path: Path) -> None:
    found = assessed(
        tmp_path,
        usage=[call("1")],
        outcome=[outcome("1", 0, harm_cost="12.50", harm_currency="EUR")],
        cost=[cost("20.00", category="harm")],
    )
    assert figure(of(found).out).value == 21
    (harm, _) = of(found).delivery.harm
    assert figure(harm.figure).value == Decimal("12.50")
    assert "not added to money out: rows of cost of category harm are" in figure(harm.figure).omissions


def test_harm_in_another_currency_is_converted_or_counted_as_left_out(tmp_path: Path) -> None:
    rate = '\n[[currency_rates]]\nfrom = "EUR"\nto = "USD"\nday = 2026-09-01\nrate = 1.25\n'
    rows = [
        outcome("1", 0, harm_cost="10.00", harm_currency="USD"),
        outcome("2", 0, harm_cost="7.00", harm_currency="CHF"),
    ]
    found = assessed(tmp_path, "", rate, usage=[call("1"), call("2")], outcome=rows)
    assert figure(of(found).out).value == 10  # two calls, and 10 USD at 1.25
    assert [each.what for each in found.left_out] == ["1 row left out: no rate from CHF to EUR"]


def test_calls_that_all_have_no_price_cost_an_unknown_amount_not_zero(tmp_path: Path) -> None:
    rows = [call(n, model="acme-tuned-7b") for n in "12"]
    found = assessed(tmp_path, usage=rows, outcome=[outcome(n) for n in "12"])
    case = of(found)
    for nothing in (found.out, case.out, ai(case).spend, ai(case).cost_per_accepted):
        assert isinstance(nothing, Unknown)
    assert case.headline == "What it cost is not known: of its 2 calls none has a known cost."
    assert case.burn is None


def test_unpriced_calls_beside_a_known_cost_make_it_a_least(tmp_path: Path) -> None:
    rows = [call("1", model="acme-tuned-7b")]
    case = of(assessed(tmp_path, usage=rows, outcome=[outcome("1")], cost=[cost("4.00")]))
    out = figure(case.out)
    assert out.value == Decimal(4)
    assert out.only_a_least
    assert case.headline.startswith("4.00 EUR or more went out")


def test_a_file_of_another_kind_keeps_itself_out_and_the_others_count(tmp_path: Path) -> None:
    """A workbook under the name of a CSV file: said, and the calls beside it still count."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "costs.csv").write_bytes(b"PK\x03\x04" + bytes(200))
    (folder / "more.csv").write_text("day,category,amount\n2026-09-01,run,4.00\n")
    (folder / "payback.toml").write_text(
        'name = "Mixed"\ncurrency = "EUR"\n'
        + "".join(
            f'[[sources]]\ntable = "cost"\npath = "{name}.csv"\n'
            'constants = { use_case = "replies", currency = "EUR" }\n'
            for name in ("costs", "more")
        )
        + '[use_cases.replies]\nunit = "ticket closed"\n'
    )
    found = assess(folder)
    assert [problem.code for problem in found.problems] == ["wrong-format"]
    assert "costs.csv" in found.left_out[0].what
    assert figure(of(found).out).value == Decimal(4)
