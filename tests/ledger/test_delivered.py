"""Trials, their time and errors, users and versions: small rows whose sums can be seen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from payback.project import Project
from tests.ledger.built import Row, asked, made

HEAD = 'name = "t"\ncurrency = "EUR"\n[use_cases.a]\nunit = "task"\narm = "ai"\n'
PRICE = '\n[[prices]]\nmodel = "*"\ncurrency = "EUR"\ninput = 2\noutput = 2\n'


def call(task: object, **more: object) -> Row:
    row = {"time": "2026-01-05 10:00:00", "use_case": "a", "arm": "ai", "task": task, "model": "m"}
    return {**row, "input_tokens": 5, "output_tokens": 5, **more}


def outcome(task: object, **more: object) -> Row:
    return {
        "use_case": "a",
        "arm": "ai",
        "task": task,
        "accepted": 0,
        "decided_at": "2026-01-06 10:00:00",
        **more,
    }


def project(folder: Path, usage: list[Row], outcomes: list[Row]) -> Project:
    return made(folder, PRICE, HEAD, **{"usage": usage} | ({"outcome": outcomes} if outcomes else {}))


def test_twelve_reasons_are_told_apart_and_sentences_never(tmp_path: Path) -> None:
    rows = [outcome(f"{n}-{i}", reason=f"word {n:02}") for n in range(14) for i in range(14 - n)]
    rows += [
        outcome(f"s{n}", reason="The customer M. Muster of Basel got the wrong invoice") for n in range(50)
    ]
    rows += [outcome("x", reason=" WORD   00 ")]
    found = dict(
        asked(
            project(tmp_path, [call("0-0")], rows),
            "select reason, count(*) as times from trial_outcome group by reason",
        )
    )
    assert len(found) == 13
    assert found["word 00"] == 15
    assert found["(other)"] == 50 + 2 + 1  # sentences, and the two words seen least


def test_seconds_of_a_result_are_those_of_all_its_calls_or_not_known(tmp_path: Path) -> None:
    usage = [call("a", seconds="1.25"), call("a", seconds="2"), call("b", seconds="1"), call("b")]
    query = "select task, calls, seconds, time_bucket from task_service order by task"
    assert asked(project(tmp_path, usage, []), query) == [
        ("a", 2, Decimal("3.25"), 3_250_000),
        ("b", 2, None, None),
    ]


def test_times_with_the_same_three_digits_stand_together(tmp_path: Path) -> None:
    usage = [
        call(str(n), seconds=seconds) for n, seconds in enumerate(["12.34", "12.38", "0.001239", "0", "123"])
    ]
    query = "select task, time_bucket from task_service order by task"
    assert [row[1] for row in asked(project(tmp_path, usage, []), query)] == [
        12_300_000, 12_300_000, 1230, 0, 123_000_000,
    ]  # fmt: skip


def test_errors_by_trial_and_by_day(tmp_path: Path) -> None:
    usage = [call("a", error=""), call("a", error="timeout"), call("b", time="2026-01-07 09:00:00")]
    where = project(tmp_path, usage, [])
    assert asked(where, "select task, calls, errors from task_service order by task") == [
        ("a", 2, 1),
        ("b", 1, 0),
    ]
    days = asked(where, "select cast(day as varchar), calls, errors from day_service order by day")
    assert days == [("2026-01-05", 2, 1), ("2026-01-07", 1, 0)]


def test_a_user_is_a_hash_with_first_and_last_day(tmp_path: Path) -> None:
    usage = [
        call("a", user="D. Roth"),
        call("b", user="D. Roth", time="2026-02-01 09:00:00"),
        call("c", user="R. Silva"),
        call("d"),
    ]
    rows = asked(
        project(tmp_path, usage, [outcome("b", accepted=1), outcome("c")]),
        "select who, cast(first_day as varchar), cast(last_day as varchar), accepted from user_use order by 3, 1",
    )
    assert [row[1:] for row in rows] == [("2026-01-05", "2026-01-05", 0), ("2026-01-05", "2026-02-01", 1)]
    assert not {row[0] for row in rows} & {"D. Roth", "R. Silva"}


def test_a_version_is_the_models_that_worked_on_a_task(tmp_path: Path) -> None:
    usage = [call("a", model="m2"), call("a", model="m1"), call("a", model="m2"), call("b")]
    query = "select task, version from task_version order by task"
    assert asked(project(tmp_path, usage, []), query) == [("a", "m1 + m2"), ("b", "m")]


def test_a_decision_still_to_come_tells_no_harm(tmp_path: Path) -> None:
    rows = [
        outcome(
            "a",
            reason="wrong",
            severity="severe",
            harm_cost=4,
            harm_currency="EUR",
            decided_at="2026-03-01 10:00:00",
        )
    ]
    found = asked(
        project(tmp_path, [call("a")], rows),
        "select reason, severity, harm_pico from trial_outcome",
        date(2026, 2, 1),
    )
    assert found == [(None, None, None)]
