"""What to fund of a project: sums by hand on statements without doubt, and draws that move together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from payback import load
from payback.assessor import assess_ahead
from payback.assessor.joint_futures import joint
from payback.assessor.portfolio import PlanLine, Portfolio, portfolio
from payback.records import PaybackError

HEAD = 'name = "Mini"\ncurrency = "EUR"\n[returns]\nmonths = 12\ndiscount_rate = 0\n'


def case(name: str, build: str = "5_000", gain: str = "1_500", more: str = "", ahead: str = "") -> str:
    """Built in month 1, then 11 months of gain: 11 x 1,500 - 5,000 = 11,500; 5,000 is laid out."""
    return f"""
[use_cases.{name}]
unit = "thing"
stage = "explore"
{more}
[use_cases.{name}.returns]
start = 2026-01-01
build = {build}
values = [{{ kind = "revenue won", a_month = {gain} }}]
model_cost = 0
volume = 1
acceptance = 1
{ahead}
"""


def made(folder: Path, *parts: str) -> Path:
    (folder / "payback.toml").write_text("".join((HEAD, *parts)))
    return folder


def chosen(found: Portfolio) -> set[str]:
    assert found.best is not None
    return set(found.best.chosen)


def line(found: Portfolio, key: str) -> PlanLine:
    return next(each for each in found.lines if each.key == key)


def numbers(*several: Decimal) -> list[float]:
    return [float(each) for each in several]


A = case("a", "6_000", "2_000")  # 16,000
B, C = case("b"), case("c")


def test_the_best_sum_within_the_budget(tmp_path: Path) -> None:
    found = portfolio(load(made(tmp_path, A, B, C)), budget=Decimal(10_000))
    assert chosen(found) == {"b", "c"}
    assert found.best is not None
    assert numbers(found.best.worth.mean, found.best.money, found.best.loss) == [23_000, 10_000, 0]
    assert line(found, "a").when == "later"
    assert line(found, "a").costs_less == 7_000
    assert [tuple(numbers(each.money, each.worth.mean)) for each in found.by_budget] == [
        (0, 0), (5_000, 11_500), (6_000, 16_000), (10_000, 23_000), (11_000, 27_500), (16_000, 39_000),
    ]  # fmt: skip


def test_places_and_how_often_in_hindsight(tmp_path: Path) -> None:
    found = portfolio(load(made(tmp_path, A, B, C)), budget=Decimal(10_000))
    assert {each.key: (each.places, float(each.often)) for each in found.lines} == {
        "a": ((1, 1), 0),
        "b": ((2, 3), 1),
        "c": ((2, 3), 1),
    }


def test_without_a_budget_all_that_pays_and_nothing_else(tmp_path: Path) -> None:
    found = portfolio(load(made(tmp_path, A, case("d", "90_000"))))
    assert chosen(found) == {"a"}
    assert (line(found, "d").when, line(found, "d").worth.mean) == ("stop", Decimal(-73_500))


def test_a_budget_for_none_leaves_doing_nothing(tmp_path: Path) -> None:
    found = portfolio(load(made(tmp_path, A, B)), budget=Decimal(100))
    assert chosen(found) == set()
    assert found.best is not None
    assert numbers(found.best.worth.mean, found.best.money) == [0, 0]
    assert line(found, "a").why == "it needs more than the budget"


def test_what_requires_another_comes_next(tmp_path: Path) -> None:
    found = portfolio(load(made(tmp_path, A, case("b", ahead='requires = ["a"]'))))
    assert (line(found, "a").when, line(found, "b").when, line(found, "b").why) == ("now", "next", "after a")


def test_what_begins_later_comes_next(tmp_path: Path) -> None:
    found = portfolio(load(made(tmp_path, A, case("b", ahead="earliest = 2026-06-01"))))
    assert (line(found, "b").when, line(found, "b").on) == ("next", date(2026, 6, 1))


def test_one_in_place_of_another(tmp_path: Path) -> None:
    found = portfolio(load(made(tmp_path, A, case("b", ahead='excludes = ["a"]'))))
    assert chosen(found) == {"a"}
    assert line(found, "b").why == "a is chosen in its place"
    assert line(found, "b").costs_less == 4_500


def test_people_count_where_they_are_limited(tmp_path: Path) -> None:
    """3 months for a, 2 for b; 4 are there. c does not say: it is not weighed, and not free."""
    parts = (case("a", "6_000", "2_000", ahead="people = 3"), case("b", ahead="people = 2"), C)
    found = portfolio(load(made(tmp_path, *parts)), people=Decimal(4))
    assert chosen(found) == {"a"}
    assert [title for title, _ in found.left] == ["c"]
    assert portfolio(load(made(tmp_path, *parts))).left == ()


def test_shared_work_counts_once(tmp_path: Path) -> None:
    """Half of what b brings, 11 x 1,500, is the same as a's: 8,250 less."""
    overlap = '[[portfolio.overlaps]]\nuse_cases = ["a", "b"]\nshare = 0.5\n'
    found = portfolio(load(made(tmp_path, A, B, overlap)))
    assert found.best is not None
    assert numbers(found.best.lost, found.best.worth.mean) == [8_250, 16_000 + 11_500 - 8_250]


def test_one_business_gets_no_more_than_its_share(tmp_path: Path) -> None:
    parts = (case("a", "6_000", "2_000", 'business = "x"'), case("b", more='business = "x"'), C)
    limits = "[portfolio]\nbudget = 16_000\nmost_share_per_business = 0.5\n"
    found = portfolio(load(made(tmp_path, *parts, limits)))
    assert chosen(found) == {"a", "c"}


def test_an_uncertain_loss_is_borne_only_within_the_limit(tmp_path: Path) -> None:
    """Half of its futures lose: 11 x (median 455) is what it costs."""
    risky = case("r", "5_000", '"150 to 2_000"')
    free = portfolio(load(made(tmp_path, risky, B)))
    assert chosen(free) == {"r", "b"}
    careful = portfolio(load(made(tmp_path, risky, "[portfolio]\nworst_loss = 100\n")))
    assert chosen(careful) == set()
    rare = portfolio(load(made(tmp_path, risky, "[portfolio]\nmost_likely_loss = 0.1\n")))
    assert chosen(rare) == set()


def test_an_owner_or_a_gate_that_is_missing_is_missing(tmp_path: Path) -> None:
    found = portfolio(load(made(tmp_path, A)))
    assert (line(found, "a").owner, line(found, "a").gate, line(found, "a").gate_due) == ("", "", None)


def test_what_says_nothing_of_its_future_is_named(tmp_path: Path) -> None:
    found = portfolio(load(made(tmp_path, A, '[use_cases.z]\nunit = "thing"\n')))
    ((title, left),) = found.left
    assert (title, left.reason) == ("z", "nothing says what lies ahead of it")


def test_draws_are_apart_unless_said_to_move_together(tmp_path: Path) -> None:
    pair = tuple(case(name, "5_000", '"500 to 3_000"') for name in ("a", "b"))
    tied = '[[portfolio.together]]\ninputs = ["a.value.1", "b.value.1"]\nrank = 0.8\n'
    found = []
    for more in ("", tied):
        project = load(made(tmp_path, *pair, more))
        assessment, prospects = assess_ahead(project)
        problem = joint(project, assessment, prospects, people_count=False).problem
        nets = [each.options[0].net for each in problem.cases]
        found.append(np.corrcoef([np.argsort(np.argsort(net)) for net in nets])[0, 1])
    assert found[0] == pytest.approx(0, abs=0.03)
    assert found[1] == pytest.approx(0.8, abs=0.02)


def test_worth_is_that_of_the_use_cases_own_page(tmp_path: Path) -> None:
    project = load(made(tmp_path, case("a", "5_000", '"500 to 3_000"')))
    assessment, _ = assess_ahead(project)
    returns = assessment.use_cases[0].returns
    assert returns is not None
    worth = float(line(portfolio(project), "a").worth.mean)
    assert worth == pytest.approx(float(returns.choice("go_on").worth.amount), rel=0.01)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        (('[use_cases.z]\nunit = "thing"\n',), "of no use case it is known what lies ahead"),
        ((), "there is no use case to choose from"),
        ((case("a", ahead='requires = ["b"]'), case("b", ahead='requires = ["a"]')), "a > b > a: each waits"),
        ((A, '[[portfolio.overlaps]]\nuse_cases = ["a", "q"]\nshare = 0.1\n'), "'q' under [[portfolio.overlaps]]"),
        ((A, B, '[[portfolio.together]]\ninputs = ["q.build", "a.build"]\nrank = 0.1\n'), "names no use case"),
        ((A, B, '[[portfolio.together]]\ninputs = ["a.build", "b.build"]\nrank = 0.1\n'), "is not an uncertain input"),
        ((case("a", ahead='requires = ["q"]'),), "names q"),
        ((A, "[portfolio]\nbudget = -1\n"), "budget"),
    ],
)  # fmt: skip
def test_bad_input(tmp_path: Path, parts: tuple[str, ...], says: str) -> None:
    with pytest.raises(PaybackError) as refused:
        portfolio(load(made(tmp_path, *parts)))
    assert says in str(refused.value)
