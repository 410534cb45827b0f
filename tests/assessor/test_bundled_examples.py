"""The bundled examples end to end: what page one says of them, by hand or as their authors published it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

import payback
from payback.assessment import ArmResult, UseCaseResult, Verdict
from payback.records import Evidence
from tests.assessor.built import figure, of, row, unknown

EXAMPLES = Path(payback.__file__).parent / "examples"
MILLION = 10**6


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], UseCaseResult]:
    """`example("own-model")`: its use case, assessed in a copy."""

    @cache
    def made(name: str) -> UseCaseResult:
        folder = tmp_path_factory.mktemp("examples") / name
        shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns(".payback"))
        return of(payback.assess(folder))

    return made


def arm(case: UseCaseResult, name: str) -> ArmResult:
    found = case.arm(name)
    assert found is not None
    return found


def test_own_model_is_stopped(example: Callable[[str], UseCaseResult]) -> None:
    case = example("own-model")
    assert row(figure(case.out).value, figure(case.back).value) == (30 * MILLION, 0)
    assert figure(case.back).evidence is Evidence.BOOKED  # rows of 0: somebody looked
    assert case.verdict is Verdict.STOP
    assert case.headline == "30 million EUR went out, nothing came back."
    assert case.why == (
        "No accepted result in 12 months. Passed its own limit on 30 April 2026, at 8.4 million EUR; "
        "stopping then would have kept 21.6 million EUR."
    )


def test_own_model_burnt(example: Callable[[str], UseCaseResult]) -> None:
    burn = example("own-model").burn
    assert burn is not None
    assert burn.crossed_on == date(2026, 4, 30)
    assert burn.spent_when_crossed is not None
    assert burn.kept is not None
    assert burn.monthly is not None
    assert burn.saved_a_month is not None
    assert burn.spent_when_crossed.amount == Decimal("8.4") * MILLION
    assert burn.kept.amount == Decimal("21.6") * MILLION  # 30.0 - 8.4; nothing was under contract that day
    # December's lease of 350,000, six months to June
    assert row(burn.falls_due.amount, burn.falls_due_until) == (2_100_000, date(2027, 6, 30))
    assert burn.monthly.amount == 2_550_000  # (2.60 + 2.55 + 2.50) / 3
    assert burn.saved_a_month.amount == 2_200_000  # less 350,000


def test_own_model_promised(example: Callable[[str], UseCaseResult]) -> None:
    promise = example("own-model").promise
    assert promise is not None
    assert promise.said.amount == promise.total.amount == 9_800_000
    assert {grade: money.amount for grade, money in promise.parts} == {
        Evidence.ESTIMATED: 3_000_000,
        Evidence.CLAIMED: 6_800_000,
    }


def test_own_model_in_words(example: Callable[[str], UseCaseResult]) -> None:
    case = example("own-model")
    (stop,) = case.decisions
    assert (stop.what, stop.worth, stop.costs, stop.who, stop.by) == (
        "Stop Own model",
        "2.2 million EUR a month saved",
        "2.1 million EUR still falls due: GPU lease signed in May to 30 June 2027",
        "K. Lang",
        date(2027, 1, 31),
    )
    (ai,) = case.arms
    # 36 asked, none accepted; 30.0 less 6.68 of building is 23.32; at most 1 - 0.025^(1/36) = 0.0974 can be
    # good: 23.32 / (36 x 0.0974) = 6.65
    assert unknown(ai.cost_per_accepted) == "no outcome was accepted; one costs 6.65 million EUR or more"


@pytest.mark.parametrize(
    ("model", "per_resolved"),
    [("claude-sonnet-4-5", "1.55"), ("claude-opus-4-8", "0.89"), ("GPT-5.5", "1.93")],
)
def test_fix_issues_cost_for_each_resolved(
    example: Callable[[str], UseCaseResult], model: str, per_resolved: str
) -> None:
    found = figure(arm(example("fix-issues"), model).cost_per_accepted)
    assert round(found.value, 2) == Decimal(per_resolved)


def test_fix_issues_all_models_together(example: Callable[[str], UseCaseResult]) -> None:
    """All that 34 models cost, over all they resolved, where every cost is known, from the rows themselves."""
    case = example("fix-issues")
    full = [each for each in case.arms if not each.unknown_cost and each.checked == each.tasks]
    for each in full:
        resolved = figure(each.acceptance).value * each.checked
        assert figure(each.cost_per_accepted).value == pytest.approx(figure(each.spend).value / resolved)
    assert len(full) >= 20


def test_fix_issues_unknown_costs_widen_the_range(example: Callable[[str], UseCaseResult]) -> None:
    case = example("fix-issues")
    open_ones = [each for each in case.arms if each.unknown_cost]
    assert sum(each.unknown_cost for each in open_ones) == 159  # 25 not recorded, 134 said to be exactly 0
    glm = arm(case, "GLM-5")
    assert glm.unknown_cost > 0
    limits, shown = figure(glm.cost_per_accepted).bounds, figure(glm.cost_per_accepted).interval
    assert limits is not None
    assert shown is not None
    assert limits.low is not None
    assert limits.high is not None
    assert shown.low is not None
    assert shown.high is not None
    assert shown.low < limits.low < figure(glm.cost_per_accepted).value < limits.high < shown.high
    assert any("is not known: 0 at the low end" in each for each in glm.notes)


def test_fix_issues_has_no_customer(example: Callable[[str], UseCaseResult]) -> None:
    case = example("fix-issues")
    assert unknown(case.back) == "a benchmark has no customer, so no money can come back"
    assert row(case.burn, case.verdict) == (None, Verdict.CONTINUE)
    assert [each.state.value for each in case.gates] == [
        "passed",
        "not decided",
    ]  # 0.75 at every look; no cap
    assert {each.rows for each in case.left_out} == {9, 159}


def test_solve_problems_is_judged_against_rows(example: Callable[[str], UseCaseResult]) -> None:
    case = example("solve-problems")
    assert case.today is not None
    assert not case.today.declared
    today = arm(case, case.today.arm)
    assert today.role == "today"
    assert figure(case.today.unit_cost).value == figure(today.cost_per_accepted).value
    (compared,) = case.comparisons
    assert compared.against == "simple gpt-4-0613"
    assert figure(compared.cost).value < 0  # cheaper
    assert case.headline.startswith("Cheaper than today: ")


def test_solve_problems_debuggers_carry_the_answer_they_start_from(
    example: Callable[[str], UseCaseResult],
) -> None:
    case = example("solve-problems")
    inherits = arm(case, "ldb gpt-4-0613+gpt-4-0613")
    seed = arm(case, "simple gpt-4-0613")
    own = figure(inherits.spend).value / inherits.trials
    attempt = next(part.figure for part in inherits.parts if part.name == "calls")
    assert figure(attempt).value == pytest.approx(
        own + figure(seed.spend).value / seed.trials, rel=Decimal("0.01")
    )


def test_solve_problems_on_reflexion_is_this_much_or_more(example: Callable[[str], UseCaseResult]) -> None:
    case = example("solve-problems")
    found = [each for each in case.arms if each.arm.endswith("+reflexion")]
    assert len(found) == 4
    for each in found:
        least = figure(each.cost_per_accepted)
        assert least.bounds is not None
        assert row(least.bounds.low, least.bounds.high, least.interval) == (least.value, None, None)
        assert least.omissions == ("part of the cost of every task is not known: this much or more",)
        assert unknown(each.full_unit_cost) == "the cost of an attempt is not known"


def test_every_formula_that_a_figure_names_is_described() -> None:
    """Keys of Figure.formula in the code, and headings of docs/formulas.md."""
    code = "".join(
        path.read_text(encoding="utf-8") for path in Path(payback.__file__).parent.glob("assessor/*.py")
    )
    named = set(re.findall(r'formula="([a-z-]+)"', code)) | {"value-back", "hours-freed"}
    page = Path(__file__).parents[2] / "docs" / "formulas.md"
    headings = set(re.findall(r"^## (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert {"spend", "acceptance", "cost-per-accepted", "full-unit-cost", "declared"} <= named <= headings
