"""The rows behind a figure, with file and row number, so that a reader finds them in the file."""

from __future__ import annotations

import csv
import gzip
import shutil
from datetime import date
from pathlib import Path

import pytest

import payback
from payback.assessor.rows_behind import Behind, FileRows, rows_behind
from payback.records import Period
from payback.report import explained
from tests.assessor.built import call, cost, outcome, project, value

EXAMPLES = Path(payback.__file__).parent / "examples"
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 10, 1))


def files(folder: Path, behind: Behind, limit: int = 0, toml: str = "") -> list[FileRows]:
    made = project(
        folder,
        toml,
        usage=[
            call(1),
            call(1),
            call(2),
            call(3, arm="human"),
            call(9, on="2026-08-31"),
            call(4, user="Ada"),
        ],
        outcome=[outcome(1), outcome(2, 0), outcome(3, arm="human"), outcome(9, on="2026-08-31")],
        cost=[cost(10), cost(5, category="build"), cost(7, on="2026-08-31"), cost(8, use_case="other")],
        value=[value(3), value(2, evidence="claimed")],
    )
    return list(rows_behind(made, behind, limit).files)


def counts(found: list[FileRows]) -> dict[str, int]:
    return {file.path: file.count for file in found}


def test_rows_of_the_use_case_the_way_and_the_days(tmp_path: Path) -> None:
    """Of six calls one is people's and one of a task begun in August; of four costs two are of September here."""
    behind = Behind(("usage", "outcome", "cost", "value"), ("replies",), SEPTEMBER, arms=("ai",))
    assert counts(files(tmp_path, behind)) == {
        "usage.csv": 4,
        "outcome.csv": 2,
        "cost.csv": 2,
        "value.csv": 2,
    }


def test_rows_of_a_category(tmp_path: Path) -> None:
    behind = Behind(("cost",), ("replies",), SEPTEMBER, category="build")
    assert counts(files(tmp_path, behind)) == {"cost.csv": 1}


def test_rows_of_no_use_case_that_is_named(tmp_path: Path) -> None:
    behind = Behind(("cost", "usage"), ("replies",), SEPTEMBER, outside=True)
    assert counts(files(tmp_path, behind)) == {"cost.csv": 1}


def test_the_first_rows_with_their_number_in_the_file(tmp_path: Path) -> None:
    """Row 1 is the header, so the first call stands in row 2; money is shown in the currency."""
    behind = Behind(("usage", "cost"), ("replies",), SEPTEMBER, arms=("ai",))
    usage, spent = files(tmp_path, behind, limit=2)
    assert [row.number for row in usage.rows] == [2, 3]
    assert dict(usage.rows[0].cells)["input_tokens"] == "500000"
    assert dict(spent.rows[0].cells)["amount"] == "10"


def test_nobody_is_named(tmp_path: Path) -> None:
    behind = Behind(("usage",), ("replies",), SEPTEMBER)
    (usage,) = files(tmp_path, behind, limit=9)
    assert "Ada" not in str(usage)
    assert all("user" not in dict(row.cells) for row in usage.rows)


def test_a_segment_keeps_its_tasks_alone(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        'segments = ["language"]\n',
        usage=[call(1), call(2)],
        outcome=[outcome(1), outcome(2)],
        segment=[
            {"task": 1, "name": "language", "value": "de", "use_case": "replies"},
            {"task": 2, "name": "language", "value": "fr", "use_case": "replies"},
        ],
    )
    behind = Behind(("outcome", "segment"), ("replies",), SEPTEMBER, segment=("language", "de"))
    found = rows_behind(made, behind, 1).files
    assert [(file.path, file.count, file.rows[0].number) for file in found] == [
        ("outcome.csv", 1, 2),
        ("segment.csv", 1, 2),
    ]


@pytest.mark.long
def test_a_row_of_an_example_is_that_line_of_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "fix-issues"
    shutil.copytree(EXAMPLES / "fix-issues", folder, ignore=shutil.ignore_patterns(".payback"))
    one = explained.find(explained.named(payback.assess(folder)), "fix-issues", "acceptance")
    (file,) = rows_behind(payback.load(folder), one.behind, 3).files
    with gzip.open(folder / file.path, "rt", encoding="utf-8", newline="") as handle:
        lines = list(csv.DictReader(handle))
    assert file.count == sum(line["model"] == "claude-opus-4-8" for line in lines)
    for row in file.rows:
        line, cells = lines[row.number - 2], dict(row.cells)
        assert (line["instance_id"], line["model"]) == (cells["task"], cells["arm"])
