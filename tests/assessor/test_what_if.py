"""What measured usage costs at other prices, from files; every expected figure worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import payback
from payback.assessor.repricing import scaled
from payback.assessor.what_if import CaseWhatIf, Changes, Measured, Side, WhatIf, answer, measured, what_if
from payback.measures.work import Cell, Work
from payback.project import Project
from payback.quantities import quantity
from payback.records import Figure, PaybackError, Unknown
from payback.report import what_if as report
from tests.assessor.test_difference import RULES, call, month
from tests.assessor.test_difference import project as made_project
from tests.ledger.built import Row, made
from tests.ledger.mixed import mixed

HALF, TWICE = Fraction(1, 2), Fraction(2)
REVIEW = '[use_cases.u.review]\nminutes = "3"\nwage_per_hour = "20"\n'


def three_of_four(folder: Path, rules: str = RULES) -> Project:
    """Four tasks of one call, 100,000 tokens in at 2 and 10,000 out at 10 a million: 0.30. Three accepted."""
    return made_project(folder, month("06", [1, 1, 1, 0], [call(100_000, 10_000)]), rules=rules)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """`three_of_four`, read once."""
    return measured(three_of_four(tmp_path_factory.mktemp("four")), model=("m", "n"))


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """The same with 3 minutes of review at 20, 1.00 a task, and 1.20 as today."""
    rules = RULES.replace('cost = "5"', 'cost = "1.20"') + REVIEW
    return measured(three_of_four(tmp_path_factory.mktemp("reviewed"), rules))


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """A hundred tasks both ways, accepted alike."""
    alike = [1] * 90 + [0] * 10
    return measured(both_ways(tmp_path_factory.mktemp("hundred"), alike, alike), model=("m", "n"))


def only(found: WhatIf) -> CaseWhatIf:
    (case,) = found.cases
    return case


def asked(project: Project | Measured, changes: Changes) -> CaseWhatIf:
    return only(answer(project, changes) if isinstance(project, Measured) else what_if(project, changes))


def value(one: Figure | Unknown) -> Decimal:
    assert isinstance(one, Figure), one
    return one.value


def unit_costs(side: Side) -> tuple[Decimal, Decimal]:
    """Cost per accepted and full cost, to twelve decimals."""
    return round(value(side.per_accepted), 12), round(value(side.full), 12)


def test_half_the_price_by_hand(read: Measured) -> None:
    """0.30 / 0.75 = 0.40 and 0.30 + 0.25 x 5 = 1.55; then 0.20 and 1.40. Calls are 0.30 of 1.55."""
    case = asked(read, Changes(prices=(("*", HALF),)))
    assert isinstance(case.share, Decimal)
    assert round(case.share, 12) == round(Decimal(6) / 31, 12)
    assert unit_costs(case.before) == (Decimal("0.40"), Decimal("1.55"))
    assert unit_costs(case.after) == (Decimal("0.20"), Decimal("1.40"))
    assert case.spend is not None
    assert (case.spend.before, case.spend.low, case.spend.high) == (
        Decimal("1.2"), Decimal("0.6"), Decimal("0.6")
    )  # fmt: skip
    assert case.turning == Fraction("12.5")  # 0.75 x 5 / 0.30


def test_twice_the_tokens_use_up_half_the_price(read: Measured) -> None:
    case = asked(read, Changes(prices=(("m", HALF),), tokens=TWICE))
    assert case.after == case.before == asked(read, Changes()).after
    assert case.factor == 1
    assert case.spends == (Fraction(1), Fraction(1))


def test_elasticity_of_minus_one_leaves_the_spend(read: Measured) -> None:
    """Half the price, twice the work: 1.20 again. With none 0.60; a range shows both."""
    ends = (Fraction(-1), Fraction(0))
    spend = asked(read, Changes(prices=(("*", HALF),), elasticity=ends)).spend
    assert spend is not None
    assert (spend.low, spend.high) == (Decimal("0.6"), Decimal("1.2"))


def test_more_work_is_more_spend_and_the_same_unit(read: Measured) -> None:
    case = asked(read, Changes(volume=Fraction(3)))
    assert case.after == case.before
    assert case.spend is not None
    assert case.spend.high == Decimal("3.6")


def test_the_wage_of_reviewers(reviewed: Measured) -> None:
    """1.30 / 0.75, then at 40 an hour 2.30 / 0.75; models are 0.30 of 0.30 + 1.00 + 0.25 x 1.20 = 1.60."""
    case = asked(reviewed, Changes(reviewer_wage=quantity("40")))
    assert isinstance(case.share, Decimal)
    assert round(case.share, 12) == Decimal("0.1875")
    assert value(case.after.full) - value(case.before.full) == 1
    assert round(value(case.after.per_accepted), 12) == round(Decimal("2.30") / Decimal("0.75"), 12)


def test_a_wage_without_minutes_is_not_taken_for_nothing(read: Measured) -> None:
    """Nobody timed the review: the full cost is not known then, and the answer says so."""
    case = asked(read, Changes(reviewer_wage=quantity("40")))
    assert isinstance(case.after.full, Unknown)
    assert "how long people review" in case.after.full.reason


def test_a_comparison_that_turns(tmp_path: Path) -> None:
    """Today 0.35: full 0.30 + 0.25 x 0.35 = 0.3875 is dearer, 0.15 + 0.0875 = 0.2375 is not. 0.75 x 0.35 / 0.30."""
    project = three_of_four(tmp_path, RULES.replace('cost = "5"', 'cost = "0.35"'))
    case = asked(project, Changes(prices=(("*", HALF),)))
    assert (case.before.cheaper, case.after.cheaper) == (False, True)
    assert case.turning == Fraction("0.875")
    assert "this turns it: cheaper than as today" in (report.against_today(case) or "")


def test_no_price_makes_up_for_dear_people(reviewed: Measured) -> None:
    """Review of 1.00 a task against 0.75 x 1.20 = 0.90 that an attempt saves."""
    case = asked(reviewed, Changes(prices=(("*", HALF),)))
    assert case.turning is not None
    assert case.turning < 0
    assert "people, platform and what is redone cost as much already" in (report.against_today(case) or "")


def test_a_price_of_one_model_alone(tmp_path: Path) -> None:
    """m 0.30 and n 110,000 x 4 a million = 0.44: 0.74, then 0.15 + 0.44 = 0.59."""
    calls = [call(100_000, 10_000), call(100_000, 10_000, model="n")]
    case = asked(made_project(tmp_path, month("06", [1, 1], calls)), Changes(prices=(("M", HALF),)))
    assert [round(value(one.per_accepted), 12) for one in (case.before, case.after)] == [
        Decimal("0.74"), Decimal("0.59")
    ]  # fmt: skip
    assert [one.price for one in case.models] == [HALF, 1]
    assert any("models change unlike" in note for note in case.notes)


@pytest.mark.long
@pytest.mark.slow
def test_no_change_leaves_every_digit(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Repeats, unknown costs, calls of no task, harm, two rates: before, after and `assess` are one."""
    project = mixed(tmp_path_factory.mktemp("mixed"))
    assessed = {case.key: case for case in payback.assess(project).use_cases}
    seen = 0
    for case in what_if(project, Changes()).cases:
        assert case.after == case.before
        if case.spend is not None:
            assert case.spend.before == case.spend.low == case.spend.high
        mine = next((arm for arm in assessed[case.key].arms if arm.role == "ai"), None)
        if mine is not None:
            for ours, theirs in (
                (case.before.per_accepted, mine.cost_per_accepted), (case.before.full, mine.full_unit_cost)
            ):  # fmt: skip
                assert isinstance(ours, Figure) == isinstance(theirs, Figure)
                if isinstance(ours, Figure) and isinstance(theirs, Figure):
                    assert replace(ours, origins=()) == replace(theirs, origins=())
                    seen += 1
    assert seen


O3 = """
[use_cases.u]
unit = "ticket closed"
arm = "bot"
[use_cases.u.today]
arm = "human"
cost = "50"
"""


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_the_list_prices_of_a_day(tmp_path: Path, currency: str) -> None:
    """o3 fell from 10 and 40 a million to 2 and 8 on 10 June 2025: a million in and 100,000 out 14, then 2.80.

    In euros at 1.25, then 1.00 from the day of the cut: the exchange rate of the calls' own day stays.
    """
    rates = "".join(
        f'[[currency_rates]]\nfrom = "USD"\nto = "EUR"\nday = {day}\nrate = {rate}\n'
        for day, rate in (("2025-01-01", "0.5"), ("2025-06-09", "0.9"))
    )
    head = f'name = "test"\ncurrency = "{currency}"\n'
    usage, outcomes = month("06", [1, 1], [call(1_000_000, 100_000, model="o3", provider="openai")])
    early: list[Row] = [{**row, "time": "2025-06-01 10:00:00"} for row in usage]
    project = made(tmp_path, O3 + (rates if currency == "EUR" else ""), head, usage=early, outcome=outcomes)
    case = asked(project, Changes(as_if=date(2025, 6, 10)))
    assert case.price == Fraction(1, 5)
    before = Decimal(14) if currency == "USD" else Decimal(7)
    assert unit_costs(case.before)[0] == before
    assert unit_costs(case.after)[0] == before / 5


def two_models(folder: Path) -> Project:
    """m has a price in June alone, n on every day."""
    rules = RULES.replace("to = 2026-07-01", "from = 2026-06-01\nto = 2026-07-01", 1)
    calls = [call(100_000, 10_000), call(100_000, 10_000, model="n")]
    return made_project(folder, month("06", [1, 1], calls), rules=rules)


def test_a_day_without_a_price_is_named_and_never_free(tmp_path: Path) -> None:
    found = what_if(two_models(tmp_path), Changes(as_if=date(2026, 5, 1)))
    m, n = only(found).models
    assert m.reason
    assert m.price == n.price == 1
    assert not n.reason
    assert "m, 41 of 100 of the cost of calls:" in " ".join(report.text(found, 88).split())
    assert only(found).after == only(found).before


def test_no_price_on_the_day_at_all_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(PaybackError, match="no price is known on 2026-05-01") as refused:
        what_if(
            made_project(
                tmp_path,
                month("06", [1], [call(1000, 10)]),
                rules=RULES.replace("to = 2026-07-01", "from = 2026-06-01\nto = 2026-07-01", 1),
            ),
            Changes(as_if=date(2026, 5, 1)),
        )
    assert refused.value.code == "no-price"


def test_an_unpriced_model_is_counted_not_charged(tmp_path: Path) -> None:
    usage, outcomes = month("06", [1, 1], [call(100_000, 10_000)])
    more, done = month("06", [1], [call(5, 5, model="nobody-prices-this")])
    renamed: list[Row] = [{**row, "task": "other"} for row in more]
    project = made(tmp_path, RULES, usage=[*usage, *renamed], outcome=[*outcomes, *({**row, "task": "other"} for row in done)])  # fmt: skip
    found = what_if(project, Changes(prices=(("*", HALF),)))
    assert only(found).unknown_calls == 1
    assert [one.model for one in only(found).models] == ["m"]
    assert "1 call has no known cost" in " ".join(report.text(found, 88).split())


def test_a_misspelt_model_is_refused(read: Measured) -> None:
    with pytest.raises(PaybackError, match="no call was made to a model named 'mm'") as refused:
        answer(read, Changes(prices=(("mm", HALF),)))
    assert refused.value.fix == "called here: m"


def both_ways(folder: Path, mine: Sequence[int], other: Sequence[int], rules: str = RULES) -> Project:
    """The same tasks by `bot` with m, 0.30 each, and by `cheap` with n, 10,000 x 4 a million = 0.04 each."""
    usage, outcomes = month("06", mine, [call(100_000, 10_000)])
    more, done = month("06", other, [call(5_000, 5_000, model="n")])
    return made(
        folder,
        rules,
        usage=[*usage, *({**row, "arm": "cheap"} for row in more)],
        outcome=[*outcomes, *({**row, "arm": "cheap"} for row in done)],
    )


def test_a_cheaper_model_that_was_shown_to_be_no_worse(hundred: Measured) -> None:
    """On 100 tasks accepted alike it saves 0.26, which pays for 0.26 / 5 = 5.2 of 100 fewer accepted."""
    found = answer(hundred, Changes(model=("m", "n")))
    case = only(found)
    assert case.swap is not None
    assert (case.swap.saving, case.swap.margin) == (Fraction("0.26"), Decimal("0.052"))
    assert case.swap.shown
    assert unit_costs(case.after)[1] == Decimal("0.54")  # 0.04 + 0.10 x 5
    assert case.spend is not None
    assert round(case.spend.high, 12) == Decimal(4)  # 100 x 0.04
    assert "cheap was shown to be no worse on 100 tasks" in " ".join(report.text(found, 88).split())


def test_a_cheaper_model_on_few_tasks_has_two_ends(tmp_path: Path) -> None:
    """Ten alike tell little: not shown. As often as now 0.04 + 0.10 x 5 = 0.54 all in."""
    project = both_ways(tmp_path, [1] * 9 + [0], [1] * 9 + [0])
    found = what_if(project, Changes(model=("m", "cheap")))
    case = only(found)
    assert case.swap is not None
    assert not case.swap.shown
    assert isinstance(case.after.full, Unknown)
    first, worst = case.swap.ends
    assert (first.accepted, first.full) == (Decimal("0.9"), Decimal("0.54"))
    assert case.swap.least is not None
    assert worst.accepted == first.accepted + Decimal(str(case.swap.least))
    assert worst.full is not None
    assert worst.full > Decimal("0.54")
    assert "0.54 EUR all in, cheaper than as today" in " ".join(report.text(found, 88).split())
    assert "cheap was not shown to be no worse" in " ".join(report.text(found, 88).split())


def test_a_lower_price_narrows_what_a_saving_pays_for(hundred: Measured) -> None:
    """At a tenth of the price m costs 0.03 and saves nothing against 0.04."""
    case = asked(hundred, Changes(model=("m", "n"), prices=(("m", Fraction(1, 10)),)))
    assert case.swap is not None
    assert case.swap.saving == Fraction("-0.01")
    assert (case.swap.shown, case.swap.reason) == (False, "it does not cost less on the same tasks")


def test_a_model_nobody_tried_has_its_list_price_and_two_ends(read: Measured) -> None:
    """110,000 tokens of n cost 0.44 for 0.30; the worst is that none is accepted: 0.44 + 5."""
    case = asked(read, Changes(model=("m", "n")))
    assert case.swap is not None
    assert case.swap.way == ""
    assert round(case.factor, 12) == round(Fraction("0.44") / Fraction("0.30"), 12)
    first, worst = case.swap.ends
    assert (first.full, worst.full) == (Decimal("1.69"), Decimal("5.44"))
    assert worst.per_accepted is None
    told = report.text(answer(read, Changes(model=("m", "n"))), 88)
    assert "none accepted: 5.44 EUR all in, not cheaper than as today" in " ".join(told.split())


def test_only_a_model_of_the_judged_way_gives_up_its_place(hundred: Measured) -> None:
    """n is called by the other way alone."""
    with pytest.raises(PaybackError, match="no call was made to a model named 'n'") as refused:
        answer(replace(hundred, model=("n", "m")), Changes(model=("n", "m")))
    assert refused.value.fix == "called here: m"


def test_two_ways_that_call_the_other_model_are_not_guessed_between(tmp_path: Path) -> None:
    usage, outcomes = month("06", [1, 1], [call(100_000, 10_000)])
    more, done = month("06", [1, 1], [call(5_000, 5_000, model="n")])
    arms = ("one", "two")
    project = made(
        tmp_path,
        RULES,
        usage=[*usage, *({**row, "arm": arm} for row in more for arm in arms)],
        outcome=[*outcomes, *({**row, "arm": arm} for row in done for arm in arms)],
    )
    with pytest.raises(PaybackError, match="several ways of working call n") as refused:
        what_if(project, Changes(model=("m", "n")))
    assert refused.value.code == "several-ways"


def test_a_model_without_a_price_takes_no_place(read: Measured) -> None:
    with pytest.raises(PaybackError, match="zzz has no price to reckon with") as refused:
        answer(replace(read, model=("m", "zzz")), Changes(model=("m", "zzz")))
    assert refused.value.code == "no-price"


def test_a_price_below_what_it_costs_its_vendor(read: Measured) -> None:
    """110,000 tokens for 0.30 are 2.7272... a million; its vendor pays 3: a loss, 1.1 times makes it good."""
    found = answer(read, Changes(vendor_costs=(("m", Decimal(3)),)))
    (one,) = only(found).vendor_costs
    assert one.price is not None
    assert round(one.price, 9) == round(Decimal(30) / 11, 9)
    assert "m is sold at a loss" in report.text(found, 88)
    assert "costs 1.1 times as much" in " ".join(report.text(found, 88).split())
    dear = answer(read, Changes(vendor_costs=(("m", Decimal(2)),)))
    assert "m is not sold at a loss" in report.text(dear, 88)


def test_json_says_all_of_it(read: Measured) -> None:
    found = answer(read, Changes(prices=(("*", HALF),), elasticity=(Fraction(-1), Fraction(0))))
    told = json.loads(report.json_text(found))
    assert (told["schema_version"], told["kind"]) == (1, "what_if")
    (case,) = told["use_cases"]
    assert case["factors"] == {
        "price": "0.5",
        "cost_of_calls": "0.5",
        "volume": ["1", "2"],
        "spend": ["0.5", "1"],
    }
    assert case["turning_factor"] == "12.5"
    assert case["turns"] is False


positive = st.fractions(Fraction(1, 100), 100, max_denominator=1000)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(positive, positive, positive)
def test_prices_and_tokens_move_the_calls_in_proportion(
    read: Measured, price: Fraction, tokens: Fraction, volume: Fraction
) -> None:
    """0.30 of calls, 1.25 redone, three of four accepted."""
    case = asked(read, Changes(prices=(("*", price),), tokens=tokens, volume=volume))
    factor = price * tokens
    near = Fraction(1, 10**20)
    assert case.factor == factor
    assert abs(Fraction(value(case.after.full)) - Fraction("0.30") * factor - Fraction("1.25")) < near
    assert abs(Fraction(value(case.after.per_accepted)) - Fraction("0.40") * factor) < near
    assert case.spends == (factor * volume, factor * volume)
    assert case.turning == Fraction("12.5")


cells = st.builds(
    lambda tasks, pico, partial: Cell(
        tasks=tasks, checked=tasks, accepted=tasks, pico=pico, partial_pico=partial
    ),
    st.integers(1, 5),
    st.integers(0, 10**13),
    st.integers(0, 10**13),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(cells, min_size=1, max_size=4),
    st.integers(0, 10**12),
    positive,
)
def test_a_factor_scales_the_cost_of_calls_and_nothing_else(
    listed: list[Cell], loose: int, factor: Fraction
) -> None:
    before = Work(cells={str(at): cell for at, cell in enumerate(listed)}, loose_pico=loose, most_pico=5)
    after = scaled(before, factor)
    for name in ("pico", "partial_pico"):
        assert after.total(name) == before.total(name) * factor
    assert (after.loose_pico, after.most_pico) == (loose * factor, 5 * factor)
    for name in ("tasks", "checked", "accepted", "unknown"):
        assert after.total(name) == before.total(name)
    assert scaled(before, Fraction(1)) is before
