"""What the AI changed, in an assessment: by chance, with a control, before and after, and what was promised of it."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from payback.assessment import Contrast, Experiment
from payback.records import Effect, Figure, PaybackError, Unknown
from payback.report import to_json
from payback.report.build import report
from payback.report.explained import named
from payback.report.to_terminal import terminal
from tests.assessor.built import Row, assessed, call, of, outcome
from tests.report.schema import faults

TODAY = '[use_cases.replies.today]\narm = "people"\n'
RANDOMISED = TODAY + '[use_cases.replies.experiment]\ndesign = "randomised"\n'
SINCE = TODAY + '[use_cases.replies.experiment]\ndesign = "{design}"\nsince = 2026-03-02\n'


def timed(arm: str, minutes: Sequence[object], expected: Sequence[object] = ()) -> list[Row]:
    """One task a value, of an arm."""
    rows = []
    for at, value in enumerate(minutes):
        row = outcome(f"{arm}{at}", 1, arm=arm, minutes=value)
        rows.append({**row, "expected_minutes": expected[at]} if expected else row)
    return rows


def tried(folder: Path, rows: Sequence[Row], toml: str = RANDOMISED, **tables: Sequence[Row]) -> Experiment:
    found = of(assessed(folder, toml, outcome=rows, **tables)).experiment
    assert found is not None
    return found


def one(found: Experiment, result: str = "minutes") -> Contrast:
    return next(each for each in found.tested if each.result == result)


def figure(found: Experiment, result: str = "minutes") -> Figure:
    shown = one(found, result).figure
    assert isinstance(shown, Figure), shown
    return shown


def ends(shown: Figure) -> tuple[float, float]:
    assert shown.interval is not None
    assert shown.interval.low is not None
    assert shown.interval.high is not None
    return float(shown.interval.low), float(shown.interval.high)


AI, PEOPLE = [5, 6, 7, 8, 9], [9, 10, 11, 12, 13]


def test_a_trial_without_anything_known_before_is_the_difference_of_means(tmp_path: Path) -> None:
    # Means 7 and 11, variances 2.5: error sqrt(2.5/5 + 2.5/5) = 1, and t of 8 at 97.5 % is 2.306004.
    found = tried(tmp_path, [*timed("ai", AI), *timed("people", PEOPLE)])
    shown = figure(found)
    assert (shown.value, shown.unit, shown.count) == (Decimal("-4.0"), "minutes", 10)
    assert ends(shown) == pytest.approx((-6.306004, -1.693996), abs=1e-6)
    assert found.design is Effect.RANDOMISED
    assert "chance chose" in found.known
    assert "fill `expected_minutes`" in found.notes[0]


def test_minutes_in_proportion_compare_geometric_means(tmp_path: Path) -> None:
    shown = figure(tried(tmp_path, [*timed("ai", AI), *timed("people", PEOPLE)]), "log minutes")
    expected = (math.prod(AI) / math.prod(PEOPLE)) ** (1 / 5) - 1
    assert float(shown.value) == pytest.approx(expected, abs=1e-9)
    assert (shown.unit, shown.formula) == ("share", "regression-adjusted")
    low, high = ends(shown)
    assert -1 < low < expected < high < 0


def test_what_was_expected_of_a_task_is_taken_out(tmp_path: Path) -> None:
    # The AI got easier work: 1 to 5 minutes expected, people 3 to 7. y = x + e and x + 4 + e, e = 1 -1 0 -1 1
    # (no slope of its own): at the mean expectation of 4 the lines are at 4 and 8. Raw means are 3 and 9.
    e = (1, -1, 0, -1, 1)
    ours = timed("ai", [x + d + 10 for x, d in zip(range(1, 6), e, strict=True)], list(range(1, 6)))
    theirs = timed("people", [x + 4 + d + 10 for x, d in zip(range(3, 8), e, strict=True)], list(range(3, 8)))
    found = tried(tmp_path, [*ours, *theirs])
    assert float(figure(found).value) == pytest.approx(-4)
    assert any("took away" in note or "explains none" in note for note in figure(found).notes)
    # Expected 3 and 5, error 1, t = 2 with 8 degrees of freedom: by chance in 8 of 100 trials.
    assert found.notes == (
        "both ways got the same work, as far as can be told: 3 minutes were expected of a task of ai, 5 of people",
    )


def test_a_trial_whose_work_differs_is_said(tmp_path: Path) -> None:
    ours, theirs = timed("ai", AI, [1, 2, 3, 4, 5]), timed("people", PEOPLE, [11, 12, 13, 14, 15])
    (said,) = tried(tmp_path, [*ours, *theirs]).notes
    assert said.startswith("the two ways got different work, beyond chance: 3 minutes were expected")
    assert said.endswith("13 of people; it may not have been chance that chose")


def test_an_expectation_that_is_not_always_there_is_not_used(tmp_path: Path) -> None:
    rows = [*timed("ai", AI, [1, 2, 3, 4, None]), *timed("people", PEOPLE, [1, 2, 3, 4, 5])]
    shown = figure(tried(tmp_path, rows))
    assert shown.value == Decimal("-4.0")
    assert "expected minutes are missing for 1 of 10 tasks, and so are not used" in shown.notes


def test_tasks_without_minutes_are_left_out_aloud(tmp_path: Path) -> None:
    shown = figure(tried(tmp_path, [*timed("ai", [*AI, None]), *timed("people", PEOPLE)]))
    assert (shown.value, shown.count) == (Decimal("-4.0"), 10)
    assert "1 of 11 tasks are left out: not known is their minutes" in shown.notes


def test_repeats_of_a_task_are_averaged_first(tmp_path: Path) -> None:
    again = [outcome("ai0", 1, arm="ai", minutes=9, trial=2)]  # the first took 5: its mean is 7
    shown = figure(tried(tmp_path, [*timed("ai", AI), *again, *timed("people", PEOPLE)]))
    assert float(shown.value) == pytest.approx((7 + 6 + 7 + 8 + 9) / 5 - 11)


def test_customers_worked_both_ways_are_said(tmp_path: Path) -> None:
    ours = [{**row, "cluster": f"c{at}"} for at, row in enumerate(timed("ai", AI))]
    theirs = [{**row, "cluster": f"c{at + 3}"} for at, row in enumerate(timed("people", PEOPLE))]
    notes = tried(tmp_path, [*ours, *theirs]).notes
    assert "2 tasks or groups of tasks were worked both ways and count in each" in notes


def test_few_tasks_have_no_range(tmp_path: Path) -> None:
    shown = figure(tried(tmp_path, [*timed("ai", AI[:3]), *timed("people", PEOPLE)]))
    assert float(shown.value) == pytest.approx(6 - 11)
    assert shown.interval is None
    assert any("too few for a range" in note for note in shown.notes)


def test_a_share_nearly_always_reached_has_no_range(tmp_path: Path) -> None:
    rows = [outcome(f"{arm}{n}", int(n > 2), arm=arm) for arm in ("ai", "people") for n in range(40)]
    shown = figure(tried(tmp_path, rows), "acceptance")
    assert shown.interval is None
    assert any("it takes 10 of either, each way" in note for note in shown.notes)


def test_the_share_accepted_is_compared(tmp_path: Path) -> None:
    # 30 of 40 and 20 of 40: 0.25 more; error sqrt(.75 x .25 / 39 + .5 x .5 / 39) = 0.105916.
    rows = [
        outcome(f"{arm}{n}", int(n < good), arm=arm)
        for arm, good in (("ai", 30), ("people", 20))
        for n in range(40)
    ]
    shown = figure(tried(tmp_path, rows), "acceptance")
    low, high = ends(shown)
    assert float(shown.value) == pytest.approx(0.25)
    freedom = 39 * (0.1875 + 0.25) ** 2 / (0.1875**2 + 0.25**2)
    assert 76 < freedom < 78
    assert (high - low) / 2 == pytest.approx(1.991 * 0.105916, rel=1e-3)


def test_costs_are_compared_where_both_ways_make_calls(tmp_path: Path) -> None:
    calls = [call(f"ai{n}", 500_000 * n) for n in range(1, 6)]
    calls += [call(f"people{n}", 1_000_000 * n, arm="people") for n in range(1, 6)]
    shown = figure(tried(tmp_path, [], usage=calls), "cost")
    assert float(shown.value) == pytest.approx(3 - 6)  # 1 to 5 EUR, 2 to 10
    assert (shown.currency, shown.per, shown.interval) == ("EUR", "task", None)
    assert any("it takes 1000 independent tasks" in note for note in shown.notes)


def test_people_have_no_cost_of_calls(tmp_path: Path) -> None:
    rows = [*timed("ai", AI), *timed("people", PEOPLE)]
    asked = tried(tmp_path, rows, RANDOMISED + 'on = ["cost"]\n', usage=[call(f"ai{n}") for n in range(5)])
    (only,) = asked.tested
    assert isinstance(only.figure, Unknown)
    assert "one of the two ways makes none" in only.figure.reason


def test_nothing_is_shown_without_a_declared_experiment(tmp_path: Path) -> None:
    rows = [*timed("ai", AI), *timed("people", PEOPLE)]
    assert of(assessed(tmp_path, TODAY, outcome=rows)).experiment is None


# --- what was promised ---


@pytest.mark.parametrize(
    ("promised", "told"),
    [
        ("-5", "promised 5 minutes less, measured 4 less (1.69 to 6.31)"),
        ('"-10 to -8"', "promised 8 to 10 minutes less, measured 4 less (1.69 to 6.31); the promise lies outside that"),
        ('"-1 to 2"', "promised 1 minutes less to 2 minutes more, measured 4 less (1.69 to 6.31); the promise lies outside that"),
    ],
    ids=["within", "less-than-promised", "either-way"],
)  # fmt: skip
def test_a_promise_stands_against_what_was_measured(tmp_path: Path, promised: str, told: str) -> None:
    toml = RANDOMISED + f"forecast = {{ minutes = {promised} }}\n"
    found = tried(tmp_path, [*timed("ai", AI), *timed("people", PEOPLE)], toml)
    assert one(found).promised == told


def test_a_promise_nobody_measured_is_said(tmp_path: Path) -> None:
    rows = [outcome("t", 1), outcome("t2", 1, arm="people")]
    found = tried(tmp_path, rows, RANDOMISED + "forecast = { minutes = -5 }\n")
    assert one(found).promised == "promised 5 minutes less; not measured"


# --- before and after ---


def team(name: str, before: Sequence[int], after: Sequence[int], arm: str) -> list[Row]:
    """A team's tasks of February, done by people, and of March."""
    rows = [
        outcome(f"{name}-b{at}", 1, arm="people", minutes=value, cluster=name, on=f"2026-02-{2 + at:02d}")
        for at, value in enumerate(before)
    ]
    rows += [
        outcome(f"{name}-a{at}", 1, arm=arm, minutes=value, cluster=name, on=f"2026-03-{2 + at:02d}")
        for at, value in enumerate(after)
    ]
    return rows


BEGAN = {"a": 7, "b": 8, "c": 6, "d": 9, "e": 5}  # from 10: changes -3 -2 -4 -1 -5, mean -3, variance 2.5
OTHERS = {"v": 11, "w": 12, "x": 10, "y": 13, "z": 9}  # changes 1 2 0 3 -1, mean 1, variance 2.5


def rollout(late: Sequence[str] = ()) -> list[Row]:
    rows: list[Row] = []
    for name, after in BEGAN.items():
        rows += team(name, [9, 11], [after, after], "ai")
    for name, after in OTHERS.items():
        rows += team(name, [9, 11], [after, after], "people")
    for name in late:  # people went on for a week, and the AI came in April
        rows += [outcome(f"{name}-l", 1, arm="ai", minutes=7, cluster=name, on="2026-04-06")]
    return rows


def test_groups_that_began_are_compared_with_groups_that_did_not(tmp_path: Path) -> None:
    found = tried(tmp_path, rollout(), SINCE.format(design="controlled"))
    shown = figure(found)
    assert (shown.value, shown.formula) == (Decimal("-4.0"), "difference-in-differences")
    # Error sqrt(2.5/5 + 2.5/5) = 1, t of 8.
    assert ends(shown) == pytest.approx((-6.306004, -1.693996), abs=1e-6)
    assert found.design is Effect.CONTROLLED
    assert [each.value for each in shown.inputs[1:]] == [
        "10.0 minutes",
        "7.00 minutes",
        "10.0 minutes",
        "11.0 minutes",
    ]


def test_before_and_after_alone_is_descriptive(tmp_path: Path) -> None:
    rows = [row for row in rollout() if row["cluster"] in BEGAN]
    found = tried(tmp_path, rows, SINCE.format(design="before/after"))
    shown = figure(found)
    assert (shown.value, shown.interval, shown.formula) == (Decimal("-3.0"), None, "before-after")
    assert "descriptive" in found.known
    assert "whatever else changed" in found.known
    assert "no range of chance holds what else changed" in shown.notes[-1]


def test_four_groups_of_a_kind_have_no_range(tmp_path: Path) -> None:
    rows = [row for row in rollout() if row["cluster"] != "z"]
    shown = figure(tried(tmp_path, rows, SINCE.format(design="controlled")))
    assert float(shown.value) == pytest.approx(-3 - 1.5)
    assert shown.interval is None
    assert "no range: 5 groups began and 4 did not; it takes 5 of either" in shown.notes


def test_without_groups_there_is_no_control(tmp_path: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "cluster"} for row in rollout()]
    shown = one(tried(tmp_path, rows, SINCE.format(design="controlled"))).figure
    assert isinstance(shown, Unknown)
    assert "fill `cluster`" in shown.fix


def test_all_groups_began_is_no_control(tmp_path: Path) -> None:
    rows = [row for row in rollout() if row["cluster"] in BEGAN]
    asked = SINCE.format(design="controlled") + 'on = ["minutes"]\n'
    shown = one(tried(tmp_path, rows, asked)).figure
    assert isinstance(shown, Unknown)
    assert shown.reason == "every group began, so none is a control"


def test_groups_that_began_on_different_days_need_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyfixest", None)  # not installed
    asked = SINCE.format(design="controlled") + 'on = ["minutes"]\n'
    shown = one(tried(tmp_path, rollout(late=["v", "w"]), asked)).figure
    assert isinstance(shown, Unknown)
    assert "began on different days" in shown.reason
    assert "install payback[staggered]" in shown.fix


@pytest.mark.parametrize("design", ["controlled", "before/after"])
def test_the_day_it_began_is_needed(tmp_path: Path, design: str) -> None:
    toml = SINCE.format(design=design).replace("since = 2026-03-02\n", "")
    with pytest.raises(PaybackError, match="since"):
        assessed(tmp_path, toml, outcome=rollout())


def test_every_effect_can_be_explained(tmp_path: Path) -> None:
    found = assessed(tmp_path, RANDOMISED, outcome=[*timed("ai", AI), *timed("people", PEOPLE)])
    keys = [each.key for each in named(found) if each.use_case == "replies"]
    assert [key for key in keys if key.startswith("effect")] == [
        "effect/minutes",
        "effect/log-minutes",
        "effect/acceptance",
    ]


def test_it_fits_the_schema_and_stands_on_the_page(tmp_path: Path) -> None:
    toml = RANDOMISED + 'forecast = { minutes = -5 }\nby = "R. Silva"\n'
    found = assessed(tmp_path, toml, outcome=[*timed("ai", AI), *timed("people", PEOPLE)])
    schema = to_json.schema()
    assert list(faults(json.loads(to_json.json_text([found])), schema, schema)) == []
    shown = terminal(report([found]), 120, color=False)
    assert "What ai changed against people" in shown
    assert "Randomised: chance chose which task was done which way (declared by R. Silva)" in shown
    assert "promised 5 minutes less" in shown
