"""What must hold whatever the rows are: less known is never narrower, parts add up, order changes nothing."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import payback
from payback.assessment import ArmResult, Assessment, Verdict
from payback.assessor.context import Context, Sources
from payback.assessor.per_task import PerTask
from payback.assessor.today import today_result
from payback.assessor.unit_costs import costed
from payback.assessor.ways import arm_result
from payback.measures.work import Cell, Work
from payback.project import UseCase
from payback.records import PICO, Evidence, Figure, Period
from tests.assessor.built import CASE as REPLIES
from tests.assessor.built import (
    PRICE,
    Row,
    assessed,
    call,
    cost,
    figure,
    made,
    of,
    outcome,
    source,
    value,
    written,
)

FEW = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
MANY = settings(max_examples=60, deadline=None, derandomize=True)

CASE = UseCase.model_validate({"unit": "ticket", "arm": "ai", "today": {"cost": "4 to 6"}})
CONTEXT = Context(
    "replies", CASE, "EUR", Period(date(2026, 9, 1), date(2026, 10, 1)), Sources({}), "payback.toml"
)

cells = st.builds(
    lambda tasks, checked, accepted, unknown, each: Cell(
        tasks=tasks,
        checked=min(checked, tasks),
        accepted=min(accepted, checked, tasks),
        unknown=min(unknown, tasks),
        pico=each * (tasks - min(unknown, tasks)) * PICO // 100,
    ),
    st.integers(1, 4), st.integers(0, 4), st.integers(0, 4), st.integers(0, 1), st.integers(1, 500),
)  # fmt: skip
works = st.lists(cells, min_size=6, max_size=12).map(
    lambda made: Work(
        cells={f"{place:02}": cell for place, cell in enumerate(made)},
        most_pico=5 * PICO,
        calls=1,
        spent_pico=int(sum(cell.pico for cell in made)),
    )
)


def result(work: Work) -> ArmResult:
    way = costed(work, PerTask(()), ())
    return arm_result(CONTEXT, "ai", way, today_result(CONTEXT, None, None), "ai")


def shown(found: object) -> tuple[Decimal, Decimal] | None:
    """The range of a figure, an open end as far as it goes; None where there is none."""
    if not isinstance(found, Figure) or found.interval is None or found.interval.low is None:
        return None
    return found.interval.low, found.interval.high if found.interval.high is not None else Decimal("Infinity")


def changed(work: Work, place: int, **more: object) -> Work:
    name = sorted(work.cells)[place % len(work.cells)]
    cell = replace(work.cells[name], **more)  # type: ignore[arg-type]
    return replace(work, cells=work.cells | {name: cell})


@given(work=works, place=st.integers(0, 20))
@MANY
def test_blanking_an_outcome_never_narrows_acceptance(work: Work, place: int) -> None:
    cell = work.cells[sorted(work.cells)[place % len(work.cells)]]
    assume(cell.checked > 0)
    for accepted in {cell.accepted, cell.accepted - 1}:  # the blanked one was not accepted, or was
        if not 0 <= accepted <= cell.checked - 1:
            continue
        before = shown(result(work).acceptance)
        after = shown(result(changed(work, place, checked=cell.checked - 1, accepted=accepted)).acceptance)
        assert before is None or after is None or (after[0] <= before[0] and before[1] <= after[1])


@given(work=works, more=st.integers(1, 5))
@MANY
def test_tasks_nobody_checked_never_narrow_what_the_sample_can_be(work: Work, more: int) -> None:
    """The limits of what is there: 6 of 8 checked can be 6 to 8 of 10 once two are added."""
    first = min(work.cells)
    added = changed(work, 0, tasks=work.cells[first].tasks + more)
    before, after = result(work).acceptance, result(added).acceptance
    assume(isinstance(before, Figure))
    limits, wider = figure(before).bounds, figure(after).bounds
    assert wider is not None
    share = figure(before).value
    low, high = (share, share) if limits is None else (limits.low, limits.high)
    assert low is not None
    assert high is not None
    assert wider.low is not None
    assert wider.high is not None
    assert wider.low <= low + Decimal("1e-9")
    assert high <= wider.high + Decimal("1e-9")


@given(checked=st.integers(5, 40), accepted=st.integers(0, 40), more=st.integers(1, 20))
@MANY
def test_tasks_nobody_checked_never_narrow_the_range(checked: int, accepted: int, more: int) -> None:
    """Tasks that stand alone: Wilson's range over those there are, then with some more that nobody checked."""
    good = min(accepted, checked)
    there = {f"{n:02}": Cell(tasks=1, checked=1, accepted=int(n < good)) for n in range(checked)}
    added = {f"x{n:02}": Cell(tasks=1) for n in range(more)}
    before, after = (shown(result(Work(cells=each)).acceptance) for each in (there, there | added))
    assert before is not None
    assert after is not None
    assert after[0] <= before[0]
    assert before[1] <= after[1]


@given(work=works)
@MANY
def test_twice_the_cost_is_twice_the_unit_cost(work: Work) -> None:
    doubled = replace(
        work,
        cells={name: replace(cell, pico=2 * cell.pico) for name, cell in work.cells.items()},
        most_pico=2 * work.most_pico,
        spent_pico=2 * work.spent_pico,
    )
    once, twice = result(work).cost_per_accepted, result(doubled).cost_per_accepted
    assert isinstance(once, Figure) == isinstance(twice, Figure)
    if not isinstance(once, Figure):
        return
    assert figure(twice).value == pytest.approx(2 * once.value)
    before, after = shown(once), shown(twice)
    assert (before is None) == (after is None)
    if before is not None and after is not None and before[1].is_finite():
        assert [float(end) for end in after] == pytest.approx([2 * float(end) for end in before], rel=1e-9)


@given(work=works)
@MANY
def test_the_parts_add_up_and_the_figure_lies_in_its_limits(work: Work) -> None:
    found = result(work)
    assume(isinstance(found.full_unit_cost, Figure))
    full = figure(found.full_unit_cost)
    assert full.value == sum(figure(part.figure).value for part in found.parts)
    assert full.evidence == min(figure(part.figure).evidence for part in found.parts)
    for each in (found.acceptance, found.cost_per_accepted):
        if isinstance(each, Figure) and each.bounds is not None and each.bounds.low is not None:
            assert each.bounds.low <= each.value + Decimal("1e-9")
            assert each.bounds.high is None or each.value <= each.bounds.high + Decimal("1e-9")


@given(work=works)
@MANY
def test_the_names_of_clusters_change_nothing(work: Work) -> None:
    turned = dict(zip(sorted(work.cells, reverse=True), work.cells.values(), strict=True))
    assert result(replace(work, cells=dict(sorted(turned.items())))) == result(work)


USAGE = [call(n, 100_000 * (n + 1)) for n in range(12)]
OUTCOMES = [outcome(n, n % 2, minutes=n) for n in range(12)]
COSTS = [cost("3.00"), cost("5.00", category="build"), cost("7.00", category="licence")]
VALUES = [value("3.00"), value("4.00", "claimed")]
RULES = '\n[use_cases.replies.today]\ncost = "3 to 5"\n[use_cases.replies.review]\nwage_per_hour = 6\n'


def numbers(found: Assessment) -> list[object]:
    """What an assessment says, without the names of the files it rests on."""
    (case,) = found.use_cases
    (arm,) = case.arms
    figures = [
        case.out,
        case.back,
        case.payback_ratio,
        arm.acceptance,
        arm.spend,
        arm.cost_per_accepted,
        arm.full_unit_cost,
        *(part.figure for part in arm.parts),
        *(part for _, part in case.out_parts),
    ]
    said = [found.period, found.as_of, case.verdict, case.why, case.headline, case.burn]
    return [
        *((each.value, each.interval, each.bounds, each.evidence) if isinstance(each, Figure) else each for each in figures),
        *said,
    ]  # fmt: skip


@pytest.mark.long
@given(seed=st.integers(0, 10**6))
@FEW
def test_order_of_rows_and_splitting_of_files_change_nothing(seed: int) -> None:
    shuffled = random.Random(seed)  # noqa: S311  any order will do
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = assessed(folder / "whole", RULES, usage=USAGE, outcome=OUTCOMES, cost=COSTS, value=VALUES)
        tables: dict[str, list[Row]] = {"usage": USAGE, "outcome": OUTCOMES, "cost": COSTS, "value": VALUES}
        sources = []
        for table, rows in tables.items():
            mixed = shuffled.sample(rows, len(rows))
            cut = shuffled.randrange(1, len(rows))
            written(folder / "split" / f"{table}-1.csv", mixed[:cut])
            written(folder / "split" / f"{table}-2.csv", mixed[cut:])
            sources.append(source(table, f"{table}-*.csv"))
        head = 'name = "test"\ncurrency = "EUR"\n' + "\n".join(sources)
        made(folder / "split", PRICE + REPLIES + RULES, head)
        assert numbers(payback.assess(folder / "split")) == numbers(whole)


GATE = '\n[[use_cases.replies.gates]]\nname = "six accepted"\nfigure = "accepted"\nat_least = {least}\n'


@pytest.mark.long
@given(least=st.sampled_from([6, 7]), amount=st.integers(1, 10**9))
@FEW
def test_past_cost_moves_no_verdict_but_by_a_rule_that_was_set(least: int, amount: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, toml = Path(name), GATE.format(least=least)
        rows = {"usage": USAGE, "outcome": OUTCOMES}
        before = of(assessed(folder / "before", toml, **rows))
        more = [cost(amount, "2026-08-01", "build")]
        after = of(assessed(folder / "after", toml, cost=more, **rows))
        assert (after.verdict, after.why, after.gates) == (before.verdict, before.why, before.gates)
        assert before.verdict is (Verdict.SCALE if least == 6 else Verdict.CONTINUE)
        budget = of(assessed(folder / "budget", f"\nbudget = 1\n{toml}", cost=more, **rows))
        assert budget.verdict is Verdict.FIX


GRADES = ("booked", "billed", "measured", "estimated", "claimed")


@given(
    grades=st.lists(st.sampled_from(GRADES), min_size=1, max_size=4),
    costs=st.lists(st.sampled_from(GRADES), min_size=1, max_size=3),
)
@FEW
def test_evidence_never_rises_by_adding_up(grades: list[str], costs: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        back = [value(2, grade, note=str(n)) for n, grade in enumerate(grades)]
        out = [cost(3, evidence=grade, note=str(n)) for n, grade in enumerate(costs)]
        case = of(assessed(Path(name), cost=out, value=back))
    of_costs = [Evidence[each.upper()] for each in costs]
    counted = [each for grade in grades if (each := Evidence[grade.upper()]).counts_as_back]
    assert figure(case.out).evidence == min(of_costs)
    assert figure(case.back).value == 2 * len(counted)
    assert figure(case.back).evidence <= min(counted or [Evidence[grade.upper()] for grade in grades])
    assert figure(case.payback_ratio).evidence == min(figure(case.out).evidence, figure(case.back).evidence)
    assert figure(case.payback_ratio).value == Decimal(2 * len(counted)) / (3 * len(costs))
    assert sum(money.amount for _, money in case.back_parts) == 2 * len(grades)


def test_a_figure_without_input_is_no_number() -> None:
    empty = result(Work(cells={}))
    for each in (empty.acceptance, empty.spend, empty.cost_per_accepted, empty.full_unit_cost):
        assert not isinstance(each, Figure)
    assert Fraction(0) == Work().unknown
