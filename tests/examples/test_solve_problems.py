"""Counts of the agent-eval logs, by hand from the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from payback.project import Project

Rows = list[dict[str, str]]
CALLS, OUTCOMES = "solve-problems/calls.csv.gz", "solve-problems/outcomes.csv.gz"


def arm(row: dict[str, str]) -> str:
    return f"{row['strategy']} {row['config']}"


def attempt(row: dict[str, str]) -> tuple[str, str, str]:
    return arm(row), row["run"], row["task_id"]


def test_every_call_and_attempt(rows: Callable[[str], Rows]) -> None:
    calls, outcomes = rows(CALLS), rows(OUTCOMES)
    assert len(calls) == 32_576
    assert len(outcomes) == 28_371 == len({attempt(row) for row in outcomes})
    assert len({(arm(row), row["run"]) for row in outcomes}) == 173
    assert len({arm(row) for row in outcomes}) == 39
    assert {row["task_id"] for row in outcomes} == {f"HumanEval/{number}" for number in range(164)}
    assert Counter(row["is_solved"] for row in outcomes) == {"1": 24_318, "0": 4_053}


def test_every_call_is_metered_and_dated(rows: Callable[[str], Rows]) -> None:
    calls = rows(CALLS)
    assert all(int(row["input_tokens"]) > 0 and int(row["output_tokens"]) > 0 for row in calls)
    assert min(row["ended_at"] for row in calls).startswith("2024-04-13")
    assert max(row["ended_at"] for row in calls).startswith("2024-04-29")
    assert len({row["model"] for row in calls}) == 13


def test_calls_match_what_each_attempt_says(rows: Callable[[str], Rows]) -> None:
    made = Counter(attempt(row) for row in rows(CALLS))
    outcomes = rows(OUTCOMES)
    said = {attempt(row): int(row["calls"]) for row in outcomes if row["calls"]}
    assert all(made[key] == count for key, count in said.items())
    assert sum(said.values()) == 32_576
    assert set(made) <= set(said)


def test_no_log_is_empty_and_no_call_is_zero(rows: Callable[[str], Rows]) -> None:
    outcomes = rows(OUTCOMES)
    without = Counter(row["strategy"] for row in outcomes if not row["calls"])
    assert without == {"reflexion": 2_459, "lats": 984, "ldb": 820}
    assert all(not row["ended_at"] for row in outcomes if not row["calls"])
    nothing = [row for row in outcomes if row["calls"] == "0"]
    assert len(nothing) == 7_985
    assert {row["strategy"] for row in nothing} == {"ldb"}


def test_one_task_in_the_mixed_strategy_uses_several_models(rows: Callable[[str], Rows]) -> None:
    models: dict[tuple[str, str, str], set[str]] = {}
    for row in rows(CALLS):
        models.setdefault(attempt(row), set()).add(row["model"])
    assert {key[0].split()[0] for key, used in models.items() if len(used) > 1} == {"simple_boosting"}
    assert max(len(used) for used in models.values()) == 4


def test_ways_of_working_named_in_the_project_are_those_in_the_data(
    rows: Callable[[str], Rows], example: Callable[[str], Project]
) -> None:
    case = example("solve-problems").use_cases["solve-problems"]
    arms = {arm(row) for row in rows(OUTCOMES)}
    assert set(case.arms) == arms
    assert len(set(case.arms.values())) == 39
    assert case.arm in arms
    assert case.today is not None
    assert case.today.arm in arms
    assert {name for way in case.inherits for name in (way.arm, way.from_arm)} <= arms


def test_every_debugger_starts_from_another_way(
    rows: Callable[[str], Rows], example: Callable[[str], Project]
) -> None:
    case = example("solve-problems").use_cases["solve-problems"]
    debuggers = {arm(row) for row in rows(OUTCOMES) if row["strategy"] == "ldb"}
    assert {way.arm for way in case.inherits} == debuggers
    assert len(case.inherits) == 12


def test_the_start_is_where_the_project_says(
    rows: Callable[[str], Rows], example: Callable[[str], Project]
) -> None:
    """A debugger that made no call ends as its start did: same run, same problem.

    79 of 7,985 end otherwise; the logs do not say why.
    """
    outcomes = {attempt(row): row for row in rows(OUTCOMES)}
    case = example("solve-problems").use_cases["solve-problems"]
    same = different = 0
    for way in case.inherits:
        for (name, run, task), row in outcomes.items():
            if name == way.arm and row["calls"] == "0":
                start = outcomes[way.from_arm, run, task]
                same += start["is_solved"] == row["is_solved"]
                different += start["is_solved"] != row["is_solved"]
    assert (same + different, different) == (7_985, 79)


def test_lower_bounds_are_called_so(rows: Callable[[str], Rows], example: Callable[[str], Project]) -> None:
    case = example("solve-problems").use_cases["solve-problems"]
    unlogged = {arm(row) for row in rows(OUTCOMES)} - {arm(row) for row in rows(CALLS)}
    lower = {way.arm for way in case.inherits if way.from_arm in unlogged}
    assert len(lower) == 4
    assert all(name.endswith("+reflexion") for name in lower)
    assert {name for name, title in case.arms.items() if "lower bound" in title} == lower
    assert {name for name, title in case.arms.items() if "not logged" in title} == unlogged
