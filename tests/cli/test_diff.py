"""payback diff: the bridge on screen and as JSON, and how it ends."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from payback.days import read_period
from payback.records import Period
from tests.assessor.test_difference import call, month, project

if TYPE_CHECKING:
    from tests.cli.conftest import Payback


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """0.40 an accepted ticket in June, 0.30 in July: tests/assessor/test_difference.py has the working."""
    months = (
        month("06", [1, 1, 1, 0], [call(100_000, 10_000)]),
        month("07", [1, 1, 0, 0], [call(100_000, 10_000)]),
    )
    project(tmp_path, *months)
    return tmp_path


def test_the_bridge_on_screen(folder: Path, payback: Payback) -> None:
    done = payback("diff", "2026-06", "2026-07", folder, "--quiet")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(
        "June 2026 against July 2026\n\n"
        "u. Since June 2026: one ticket closed costs 0.10 EUR less (0.25 less by price per token,\n"
        "  0.15 more by share accepted)\n\n"
        "Cost per accepted ticket closed, EUR: 0.40 -> 0.30 (-0.10)\n"
        "  price per token         -0.25\n"
        "  tokens per call             0\n"
        "  calls per task              0\n"
        "  mix of models               0\n"
        "  share accepted          +0.15\n"
    )
    assert "price of m: 50 % lower for the same tokens" in done.out


def test_json_adds_up(folder: Path, payback: Payback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    found = json.loads(payback("diff", "2026-06-01..2026-07-01", "2026-07", "--json").out)
    assert (found["schema_version"], found["kind"]) == (1, "difference")
    one = found["use_cases"][0]["bridges"][0]
    assert (one["name"], one["change"]) == ("cost_per_accepted", "-0.100000000000")
    assert (one["parts"]["price"], one["parts"]["acceptance"]) == ("-0.250000000000", "0.150000000000")


def test_two_folders(folder: Path, payback: Payback) -> None:
    done = payback("diff", folder, folder)
    assert done.code == 0
    assert "one ticket closed costs the same" in done.out


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "yesterday", "2026-07-02..2026-07-01", "2026-02-30"])
def test_what_is_no_period_is_a_wrong_call(text: str, folder: Path, payback: Payback) -> None:
    done = payback("diff", text, "2026-07", folder)
    assert (done.code, done.out) == (2, "")
    assert f"'{text}' cannot be compared" in done.err


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026-q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-02-28", date(2026, 2, 28), date(2026, 3, 1)),
        ("2026-02-28..2026-03-02", date(2026, 2, 28), date(2026, 3, 2)),
    ],
)
def test_periods_as_they_are_written(text: str, first: date, after: date) -> None:
    assert read_period(text) == Period(first, after)


def test_days_without_rows_are_said(folder: Path, payback: Payback) -> None:
    done = payback("diff", "2025", "2026", folder)
    assert done.code == 0
    assert "not known before: no row of these days names the way of working" in " ".join(done.out.split())


def test_without_any_row_it_ends_with_5(folder: Path, payback: Payback) -> None:
    for file in ("usage.csv", "outcome.csv"):
        (folder / file).unlink()
    done = payback("diff", "2026-06", "2026-07", folder, "--quiet")
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("payback: there is no row to compare\n  usage.csv: no file matches")
