"""Which column fills which: names, templates, constants, defaults, parts of the input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from payback.project import Source
from payback.records import PaybackError
from payback.sources import faults, files
from tests.sources.reading import Result, read_file

T = "2026-03-02T09:00:00Z"


def calls(folder: Path, header: str, *rows: str, **settings: Any) -> Result:
    file = folder / "calls.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read_file({"table": "usage", **settings}, file)


def test_a_template(tmp_path: Path) -> None:
    result = calls(
        tmp_path,
        "time,strategy,config,repo",
        f"{T},ldb,gpt,a/b",
        f"{T},ldb,,a/b",
        columns={"arm": "{strategy} {config}", "task": "repo:{repo}", "model": "{strategy}"},
    )
    assert [(row.get("arm"), row["task"], row["model"]) for row in result.rows] == [
        ("ldb gpt", "repo:a/b", "ldb"),
        (None, "repo:a/b", "ldb"),  # half a name would join the wrong rows
    ]
    assert not result.codes()


def test_a_column_whose_name_has_braces(tmp_path: Path) -> None:
    result = calls(tmp_path, "time,{model},{a", f"{T},gpt,x", columns={"model": "{model}", "arm": "{a"})
    assert (result.rows[0]["model"], result.rows[0]["arm"]) == ("gpt", "x")


def test_constants_and_defaults(tmp_path: Path) -> None:
    result = calls(
        tmp_path,
        "time,model,arm,cached_tokens",
        f"{T},,,",
        f"{T},gpt,b,7",
        constants={"use_case": "help"},
        defaults={"model": "unknown", "arm": "a", "cached_tokens": 0},
    )
    assert [(row["use_case"], row["model"], row["arm"], row["cached_tokens"]) for row in result.rows] == [
        ("help", "unknown", "a", 0),
        ("help", "gpt", "b", 7),
    ]
    assert [(row["trial"], row["service_tier"]) for row in result.rows] == [("1", "standard")] * 2


def test_ignored_columns_are_neither_used_nor_named(tmp_path: Path) -> None:
    result = calls(tmp_path, "time,model,region", f"{T},gpt,eu", ignore=["model", "region"])
    assert "model" not in result.rows[0]
    assert not result.codes()


def test_input_that_includes_its_parts(tmp_path: Path) -> None:
    result = calls(
        tmp_path,
        "time,input_tokens,cached_tokens,cache_write_5m_tokens",
        f"{T},100,30,20",
        f"{T},100,,20",
        f"{T},100,90,20",
        f"{T},,1,1",
        input_includes=["cached", "cache_writes"],
    )
    assert [row.get("input_tokens") for row in result.rows] == [50, None, None]
    assert [
        (problem.code, problem.origin.row if problem.origin else 0) for problem in result.batch.problems
    ] == [("input-parts", 4)]


def test_money_needs_a_currency(tmp_path: Path) -> None:
    with pytest.raises(PaybackError) as raised:
        calls(tmp_path, "time,stated_cost", f"{T},1.5")
    assert raised.value.code == "no-currency"
    assert "stated_currency" in raised.value.fix
    result = calls(tmp_path, "time,stated_cost,stated_currency", f"{T},1.5,USD", f"{T},1.5,", f"{T},,")
    assert (result.batch.rows_read, result.codes()) == (2, ["no-currency"])
    result = calls(tmp_path, "time,stated_cost", f"{T},1.5", constants={"stated_currency": "usd"})
    assert result.rows[0]["stated_currency"] == "USD"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"columns": {"model": "modell"}}, "unknown-column"),
        ({"columns": {"arm": "{model} {tier}"}}, "unknown-column"),
        ({"columns": {"model": "model"}, "constants": {"model": "x"}}, "filled-twice"),
        ({"input_includes": ["cache_writes"]}, "input-parts"),
        ({"ignore": ["time"]}, "missing-column"),
    ],
)
def test_a_mapping_that_does_not_fit(settings: dict[str, Any], code: str, tmp_path: Path) -> None:
    with pytest.raises(PaybackError) as raised:
        calls(tmp_path, "time,model,input_tokens", f"{T},gpt,1", **settings)
    assert raised.value.code == code
    assert raised.value.where == "calls.csv"
    assert raised.value.fix


def test_a_column_that_is_unused_may_be_a_double(tmp_path: Path) -> None:
    assert calls(tmp_path, "time,note,note", f"{T},a,b").batch.rows_read == 1


def test_files_of_a_pattern_come_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "sub/c.csv", "d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("time\n", encoding="utf-8")
    source = Source.model_validate({"table": "usage", "path": "**/*.csv"})
    assert [file.relative_to(tmp_path).as_posix() for file in files(source, tmp_path)] == [
        "a.csv",
        "b.csv",
        "sub/c.csv",
    ]


@pytest.mark.parametrize(
    ("path", "fix"),
    [("a.cvs", "there is a.csv"), ("*.parquet", "relative"), ("data/a.csv", "no folder data")],
)
def test_files_that_are_not_there(path: str, fix: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time\n", encoding="utf-8")
    with pytest.raises(PaybackError) as raised:
        files(Source.model_validate({"table": "usage", "path": path}), tmp_path)
    assert raised.value.code == "missing-file"
    assert fix in raised.value.fix
    assert raised.value.code in faults.OF_THE_FILE
