"""JSON lines: every line is a row or a Problem, numbers keep their digits, values inside values are reached."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payback.records import PaybackError
from tests.sources.reading import Result, read_file

TIME = "2026-03-02T09:00:00Z"
CALL = {"time": TIME, "usage": {"in": 120, "out": 30}}
NESTED = {"table": "usage", "columns": {"input_tokens": "usage.in", "output_tokens": "usage.out"}}


def lines(folder: Path, *rows: Any, settings_: dict[str, Any] | None = None) -> Result:
    file = folder / "calls.jsonl"
    file.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    return read_file(settings_ or NESTED, file)


def test_values_inside_values(tmp_path: Path) -> None:
    result = lines(tmp_path, CALL, {"time": TIME, "usage": None}, {"time": TIME, "usage": 5}, {"time": TIME})
    assert [row.get("input_tokens") for row in result.rows] == [120, None, None, None]
    assert not result.codes()


def test_a_key_with_a_point_in_it_comes_first(tmp_path: Path) -> None:
    result = lines(tmp_path, {**CALL, "usage.in": 7}, {"usage.in": 8, **CALL})
    assert [row["input_tokens"] for row in result.rows] == [7, 8]


def test_blank_lines_are_no_rows_but_have_numbers(tmp_path: Path) -> None:
    result = lines(tmp_path, CALL, "", "   ", CALL)
    assert [row["source_row"] for row in result.rows] == [1, 4]
    assert (result.batch.rows_read, result.batch.rows_left_out) == (2, 0)


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    settings_ = {"table": "cost", "constants": {"day": "2026-03-01", "category": "run", "currency": "USD"}}
    written = [
        "0.1",
        "12345678901234.123456789012",
        "1e-12",
        "1e999",
        "123456789012345678901234567890",
        "NaN",
        "-Infinity",
    ]
    result = lines(tmp_path, *(f'{{"amount": {number}}}' for number in written), settings_=settings_)
    assert [int(row["amount"]) for row in result.rows] == [10**11, 12345678901234123456789012, 1]
    assert [problem.code for problem in result.batch.problems] == [
        "too-large",
        "too-large",
        "number",
        "number",
    ]


def test_types_of_json(tmp_path: Path) -> None:
    settings_ = {"table": "usage", "columns": {"tags": "labels"}}
    result = lines(
        tmp_path,
        {"time": 1772442000, "error": True, "labels": {"team": "ap", "n": 1}},
        {"time": 1772442000.5, "error": False, "model": 4},
        {"time": TIME, "input_tokens": True},
        {"time": TIME, "input_tokens": "12"},
        {"time": TIME, "model": ["a"]},
        {"time": TIME, "labels": ["a"]},
        settings_=settings_,
    )
    first, second, third = result.rows
    assert (first["error"], first["tags"]) == ("error", '{"team":"ap","n":"1"}')
    assert ("error" in second, second["model"], third["input_tokens"]) == (False, "4", 12)
    assert [problem.code for problem in result.batch.problems] == ["number", "json-type", "json-type"]


@pytest.mark.parametrize("cell", ["\\u0000", "\\ud83d"])
def test_text_that_is_none(cell: str, tmp_path: Path) -> None:
    result = lines(
        tmp_path, f'{{"time": "{TIME}", "model": "a{cell}"}}', {"time": TIME}, settings_={"table": "usage"}
    )
    assert (result.batch.rows_read, result.batch.rows_left_out) == (1, 1)


def test_depth_is_no_danger(tmp_path: Path) -> None:
    result = lines(tmp_path, CALL, "[" * 100_000, '{"a":' * 100_000, CALL)
    assert (result.batch.rows_read, result.codes()) == (2, ["json", "json"])


def test_a_column_no_line_has_is_a_misspelt_one(tmp_path: Path) -> None:
    with pytest.raises(PaybackError) as raised:
        lines(tmp_path, CALL, settings_={"table": "usage", "columns": {"input_tokens": "usage.inn"}})
    assert raised.value.code == "unknown-column"
    result = lines(tmp_path, {"time": TIME}, CALL)  # one line has it: enough
    assert result.batch.rows_read == 2


def test_keys_nothing_takes_are_named(tmp_path: Path) -> None:
    result = lines(tmp_path, {**CALL, "region": "eu"}, {**CALL, "zone": 1})
    assert [problem.origin.column for problem in result.batch.problems if problem.origin] == [
        "region",
        "zone",
    ]
    many = lines(tmp_path, {**CALL, **{f"k{at}": 1 for at in range(500)}})
    assert len(many.batch.problems) == 21
    assert many.batch.problems[-1].rows == 480


def test_compressed_and_in_utf16(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl.gz"
    file.write_bytes(
        gzip.compress((json.dumps({**CALL, "model": "größe"}, ensure_ascii=False) + "\n").encode("utf-16"))
    )
    assert read_file(NESTED, file).rows[0]["model"] == "größe"


@pytest.mark.parametrize("content", ["[]", "{\n}", '[\n{"time": 1}\n]'])
def test_one_value_over_many_lines(content: str, tmp_path: Path) -> None:
    with pytest.raises(PaybackError) as raised:
        lines(tmp_path, content)
    assert raised.value.code == "json-layout"


DAMAGE = (
    '{"time": "x',
    "nope",
    "[1]",
    '"text"',
    "7",
    '{"time": "2026-03-02T09:00:00Z", "usage": {"in": [1]}}',
    '{"a": 1}',
)


@pytest.mark.long
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.just("good") | st.just("blank") | st.sampled_from(DAMAGE), max_size=50))
def test_damage_costs_its_own_line_only(tmp_path: Path, kinds: list[str]) -> None:
    rows = [{"good": json.dumps(CALL), "blank": ""}.get(kind, kind) for kind in [*kinds, "good"]]
    result = lines(tmp_path, json.dumps(CALL), *rows)
    good = [1, *(number for number, kind in enumerate([*kinds, "good"], 2) if kind == "good")]
    assert [row["source_row"] for row in result.rows] == good
    assert result.batch.rows_left_out == sum(kind not in {"good", "blank"} for kind in kinds)
