"""payback portfolio: the guide, the pages, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import formualizer
import pytest

from payback.cli.portfolio import _solver_is_silent, command
from tests.assessor.test_portfolio import A, B, C, made

if TYPE_CHECKING:
    from tests.cli.conftest import MakeProject, Payback

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "portfolio.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """16,000 for 6,000, and twice 11,500 for 5,000."""
    return made(tmp_path, A, B, C)


def test_the_guide_comes_out_as_told(tmp_path: Path, payback: Payback) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    project, shown, plan = re.findall(r"^```(?:toml)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "payback.toml").write_text(project)
    done = payback("portfolio", tmp_path, "--quiet")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(shown)
    assert done.out.endswith(plan)


def test_options_in_the_guide_exist() -> None:
    known = {option for each in command.params if isinstance(each, click.Option) for option in each.opts}
    assert set(re.findall(r"--[a-z][a-z-]+", GUIDE.read_text(encoding="utf-8"))) <= known


def test_the_answer_comes_first(folder: Path, payback: Payback) -> None:
    done = payback("portfolio", folder, "--budget", 10000, "--quiet")
    assert "Fund 2 of 3: worth 23,000 EUR on average, for 10,000 EUR." in done.out
    assert "Doing nothing is worth 0." in done.out
    assert "7,000 EUR" in done.out  # what choosing a all the same would cost
    assert "no owner named" in done.out
    assert "Name an owner first: b, c, a." in " ".join(done.out.split())


def test_a_budget_that_pays_for_none_is_said(folder: Path, payback: Payback) -> None:
    done = payback("portfolio", folder, "--budget", 100, "--quiet")
    assert done.code == 0
    assert "A budget of 100 EUR pays for none of these 3." in done.out
    assert "The cheapest needs 5,000 EUR." in done.out


def test_json_and_csv(folder: Path, payback: Payback) -> None:
    found = json.loads(payback("portfolio", folder, "--budget", 10000, "--json", "--quiet").out)
    assert (found["kind"], found["chosen"]["use_cases"], found["nothing"]["worth"]) == (
        "portfolio",
        ["b", "c"],
        "0",
    )
    assert found["by_budget"][-1]["money"] == "16000"
    rows = list(csv.DictReader(io.StringIO(payback("portfolio", folder, "--csv", "--quiet").out)))
    assert {row["use_case"]: (row["when"], row["money"]) for row in rows} == {
        "a": ("now", "6000"),
        "b": ("now", "5000"),
        "c": ("now", "5000"),
    }


def test_the_pages_say_the_same(folder: Path, payback: Payback) -> None:
    file = folder / "board.html"
    done = payback("portfolio", folder, "--budget", 10000, "--html", file, "--quiet")
    assert (done.code, done.out) == (0, "")
    page = file.read_text(encoding="utf-8")
    for words in ("Fund 2 of 3", "What more money would bring", "23.0", "To adopt", "no owner named"):
        assert words in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--budget", "-1"), "'-1' is below 0"),
        (("--budget", "much"), "is not a number"),
        (("--people", "2 to 4"), "is a range"),
        (("--json", "--csv"), "cannot both"),
        (("--json", "--html", "-"), "cannot both"),
        (("--html", "nowhere/board.html"), "there is no folder"),
    ],
)
def test_bad_input(folder: Path, payback: Payback, arguments: tuple[str, ...], says: str) -> None:
    done = payback("portfolio", folder, *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_what_broke_its_own_rule_stops_whatever_it_is_worth(
    make_project: MakeProject, payback: Payback
) -> None:
    ahead = """
[use_cases.replies.returns]
values = [{ kind = "revenue won", a_month = 90_000 }]
volume = 10
acceptance = 1
model_cost = 0

"""
    found = json.loads(payback("portfolio", make_project("stop", more=ahead), "--json", "--quiet").out)
    (line,) = found["use_cases"]
    assert (line["when"], line["why"]) == ("stop", "its gate “many accepted” failed")
    assert float(line["worth"]["mean"]) > 1_000_000
    assert found["chosen"]["use_cases"] == []


def test_what_the_solver_writes_stays_out_of_ours(capfd: pytest.CaptureFixture[str]) -> None:
    with _solver_is_silent():
        os.write(1, b"HighsMipSolverData: noise\n")
    os.write(1, b"ours\n")
    assert capfd.readouterr().out == "ours\n"


def test_no_project(tmp_path: Path, payback: Payback) -> None:
    done = payback("portfolio", tmp_path)
    assert done.code == 2
    assert "payback.toml" in done.err


def test_the_workbook_follows_what_is_chosen(folder: Path, payback: Payback, tmp_path: Path) -> None:
    file = tmp_path / "board.xlsx"
    done = payback("portfolio", folder, "--xlsx", file, "--json")
    assert done.code == 0
    facts = json.loads(done.out)
    book = formualizer.load_workbook_bytes(file.read_bytes(), strategy="eager_all")
    lines = facts["use_cases"]
    first, total = 5, 5 + len(lines)
    funded = [line for line in lines if line["when"] in {"now", "next"}]
    spent = sum(float(line["money"]) for line in funded)
    assert book.evaluate_cell("Portfolio", total, 10) == pytest.approx(spent)
    assert book.evaluate_cell("Portfolio", total + 2, 6) == pytest.approx(
        float(facts["chosen"]["worth"]["mean"]), rel=1e-3
    )
    for row in range(first, total):  # nothing chosen: nothing spent
        book.set_value("Portfolio", row, 5, 0)
    assert book.evaluate_cell("Portfolio", total, 10) == 0


def test_a_workbook_is_a_file(folder: Path, payback: Payback) -> None:
    assert "goes to a file" in payback("portfolio", folder, "--xlsx", "-").err
