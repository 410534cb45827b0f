"""payback check: an exit code for each verdict, and what CI systems are told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from payback.cli.check import FAIL_ON, exit_code
from payback.cli.demo import PROJECTS
from payback.gates import Verdict
from payback.report import to_json
from tests.report.schema import faults

if TYPE_CHECKING:
    from tests.cli.conftest import MakeProject, Payback

# From the architecture: rows are --fail-on, columns verdicts.
CODES = {
    "stop": {"stop": 3, "fix": 0, "continue": 0, "scale": 0},
    "fail": {"stop": 3, "fix": 3, "continue": 0, "scale": 0},
    "undecided": {"stop": 3, "fix": 3, "continue": 4, "scale": 0},
}
COMBINATIONS = [(fail_on, verdict) for fail_on, codes in CODES.items() for verdict in codes]


@pytest.mark.parametrize(("fail_on", "verdict"), COMBINATIONS)
def test_the_verdict_is_the_exit_code(
    fail_on: str, verdict: str, make_project: MakeProject, payback: Payback
) -> None:
    done = payback("check", make_project(verdict), "--fail-on", fail_on)
    assert done.out.startswith(f"{verdict.upper()}  replies: "), done
    assert (done.code, done.err) == (CODES[fail_on][verdict], "")


@pytest.mark.parametrize("verdict", ["stop", "continue", "scale"])
def test_undecided_is_the_default(verdict: str, make_project: MakeProject, payback: Payback) -> None:
    assert payback("check", make_project(verdict)).code == CODES["undecided"][verdict]


@pytest.mark.parametrize(
    ("verdicts", "codes"),
    [
        ("wait", (0, 0, 4)),
        ("wait stop", (3, 3, 3)),
        ("continue fix scale", (0, 3, 3)),
        ("scale scale", (0, 0, 0)),
    ],
    ids=str,
)
def test_the_worst_of_several_counts(verdicts: str, codes: tuple[int, ...]) -> None:
    found = [Verdict(word) for word in verdicts.split()]
    assert tuple(exit_code(found, fail_on) for fail_on in FAIL_ON) == codes


def test_several_projects_end_as_the_worst(make_project: MakeProject, payback: Payback) -> None:
    folders = [make_project(verdict) for verdict in ("scale", "continue")]
    done = payback("check", *folders)
    assert done.code == 4
    assert "SCALE  scale/replies: " in done.out
    assert "CONTINUE  continue/replies: " in done.out
    assert payback("check", *folders, make_project("fix")).code == 3


def test_gates_stand_below_the_verdict(make_project: MakeProject, payback: Payback) -> None:
    lines = payback("check", make_project("stop")).out.splitlines()
    assert [line.split("  ")[1].strip() for line in lines[1:]] == [
        "passed",
        "failed",
        "failed",
        "not decided",
    ]
    assert "many accepted: 1 of 3" in lines[2]


def test_a_project_without_a_use_case_is_a_wrong_call(tmp_path: Path, payback: Payback) -> None:
    (tmp_path / "payback.toml").write_text(
        'name = "none"\ncurrency = "EUR"\n[[sources]]\ntable = "cost"\npath = "costs.csv"\n'
        'constants = { currency = "EUR" }\n'
    )
    (tmp_path / "costs.csv").write_text("day,category,amount\n2026-01-31,run,10\n")
    done = payback("check", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "[use_cases.NAME]" in done.err


@pytest.mark.parametrize("fault", ['currency = "euro"', "unknown_key = 1", "name ="])
def test_a_broken_project_file_ends_with_2(fault: str, tmp_path: Path, payback: Payback) -> None:
    (tmp_path / "payback.toml").write_text(f'{fault}\nname = "broken"\n')
    for command in ("check", "assess"):
        done = payback(command, tmp_path)
        assert (done.code, done.out) == (2, "")
        assert "payback.toml:" in done.err
        assert "Traceback" not in done.err


def test_nothing_readable_ends_with_5(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("stop")
    for file in ("costs.csv", "checks.csv"):
        (folder / file).unlink()
    for command in ("check", "assess"):
        done = payback(command, folder)
        assert (done.code, done.out) == (5, "")
        assert "costs.csv" in done.err


def test_one_missing_file_is_left_out_and_strict_refuses_it(
    make_project: MakeProject, payback: Payback
) -> None:
    folder = make_project("fix")
    (folder / "checks.csv").unlink()
    assert payback("check", folder).code == 3
    done = payback("check", folder, "--strict")
    assert done.code == 5
    assert done.out.startswith("FIX")
    assert "checks.csv" in done.err


def test_strict_refuses_a_row_left_out(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("scale", costs="day,category,amount\n2026-01-31,run,10\n2026-02-28,run,ten\n")
    done = payback("check", folder)
    assert done.code == 0
    assert "left out: 1 row: costs.csv:3: " in done.out
    done = payback("check", folder, "--strict")
    assert done.code == 5
    assert "1 row was left out" in done.err
    assert "costs.csv:3" in done.err


def test_strict_changes_nothing_where_all_was_read(make_project: MakeProject, payback: Payback) -> None:
    assert payback("check", make_project("scale"), "--strict").code == 0
    assert payback("check", make_project("stop"), "--strict").code == 3


@pytest.mark.parametrize(
    ("verdict", "tests", "failures", "skipped"),
    [("stop", 5, 3, 1), ("fix", 4, 2, 1), ("continue", 3, 0, 2), ("scale", 2, 0, 0)],
)
def test_junit_counts_verdict_and_gates(
    verdict: str,
    tests: int,
    failures: int,
    skipped: int,
    make_project: MakeProject,
    payback: Payback,
    tmp_path: Path,
) -> None:
    payback("check", make_project(verdict), "--junit", tmp_path / "out.xml")
    root = _xml(tmp_path / "out.xml")
    (suite,) = root
    cases = list(suite)
    for element in (root, suite):
        counts = {name: int(element.get(name, "")) for name in ("tests", "failures", "skipped", "errors")}
        assert counts == {"tests": tests, "failures": failures, "skipped": skipped, "errors": 0}
    assert cases[0].get("name") == "verdict"
    assert len(cases) == tests
    assert _messages(suite.iter("failure"), failures)
    assert _messages(suite.iter("skipped"), skipped)


def _xml(file: Path) -> ET.Element:
    return ET.parse(file).getroot()  # noqa: S314  our own file


def _messages(elements: Iterable[ET.Element], count: int) -> bool:
    return [bool(element.get("message")) for element in elements] == [True] * count


def test_junit_is_xml_whatever_a_name_holds(
    make_project: MakeProject, payback: Payback, tmp_path: Path
) -> None:
    hostile = '<b> & \\"x\\" ]]> \\u0007\\u202e | `rm`'
    folder = make_project(name="odd", gates=[(hostile, "accepted", "at_least = 9\nby = 2026-01-31")])
    done = payback("check", folder, "--junit", tmp_path / "out.xml", "--summary", tmp_path / "out.md")
    names = [case.get("name", "") for case in _xml(tmp_path / "out.xml").iter("testcase")]
    assert '<b> & "x" ]]>' in names[1]
    assert not {"\x07", "\u202e"} & set("".join(names) + done.out)
    assert "\\| \\`rm\\`" in (tmp_path / "out.md").read_text()


def test_the_summary_is_markdown_and_may_be_printed(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("fix")
    done = payback("check", folder, "--summary", "-")
    assert (done.code, done.err) == (3, "")
    assert done.out.startswith("## payback\n\n| use case | verdict | why |\n")
    assert "| replies | **FIX** |" in done.out
    assert "| replies | some accepted | passed |" in done.out
    done = payback("check", folder, "--summary", folder / "summary.md")
    assert (folder / "summary.md").read_text().startswith("## payback\n")
    assert done.err == f"written: {folder / 'summary.md'}\n"


def test_json_holds_the_verdict_and_the_code(make_project: MakeProject, payback: Payback) -> None:
    done = payback("check", make_project("continue"), "--json", "--fail-on", "fail")
    facts = json.loads(done.out)
    assert done.code == facts["exit_code"] == 0
    assert (facts["schema_version"], facts["kind"], facts["rows_left_out"]) == (1, "check", 0)
    (case,) = facts["use_cases"]
    assert (case["key"], case["verdict"]) == ("replies", "continue")
    assert [gate["state"] for gate in case["gates"]] == ["passed", "not decided"]


def test_two_results_on_one_output_are_refused(make_project: MakeProject, payback: Payback) -> None:
    done = payback("check", make_project("scale"), "--json", "--summary", "-")
    assert (done.code, done.out) == (2, "")


@pytest.mark.long
def test_the_benchmark_examples_are_not_decided(payback: Payback, demo_folder: Path) -> None:
    assert payback("check", demo_folder / "own-model").code == 3
    assert payback("check", demo_folder / "fix-issues").code == 4
    document = json.loads(payback("assess", *(demo_folder / name for name in PROJECTS), "--json").out)
    assert [project["rows_left_out"] for project in document["assessments"]] == [0, 0, 0]
    assert list(faults(document, to_json.schema(), to_json.schema())) == []


COSTS_OF_HALF_A_YEAR = "day,category,amount\n" + "".join(
    f"2026-{month:02}-28,run,{amount}\n" for month, amount in enumerate((100, 110, 90, 105, 95, 100), 1)
)
BUDGET = "budget = 800\n"


def test_what_deserves_a_look_is_told_and_changes_no_exit_code(
    make_project: MakeProject, payback: Payback
) -> None:
    quiet = make_project("scale", name="quiet", costs=COSTS_OF_HALF_A_YEAR)
    close = make_project("scale", name="close", costs=COSTS_OF_HALF_A_YEAR, more=BUDGET)
    assert "look:" not in payback("check", quiet).out
    done = payback("check", close)
    (look,) = [line for line in done.out.splitlines() if line.startswith("  look: ")]
    # 600 of 800 spent, about 100 a month: used up well within the half year looked at
    assert look.endswith("futures the budget of 800 EUR is used up by 31 December 2026.")
    assert done.code == payback("check", quiet).code == 0
    (case,) = json.loads(payback("check", close, "--json").out)["use_cases"]
    (alert,) = case["alerts"]
    assert alert["kind"] == "budget used up"
    assert float(alert["share"]) > 0.9
    assert alert["says"] in look
    assert "look:" not in payback("check", close, "--warn-at", "1").out


def test_what_deserves_a_look_stands_in_junit_and_summary(
    make_project: MakeProject, payback: Payback, tmp_path: Path
) -> None:
    close = make_project("scale", costs=COSTS_OF_HALF_A_YEAR, more=BUDGET)
    report, summary = tmp_path / "junit.xml", tmp_path / "summary.md"
    assert payback("check", close, "--junit", report, "--summary", summary).code == 0
    said = ET.parse(report).find("testsuite/system-out")  # noqa: S314  our own file
    assert said is not None
    assert "the budget of 800 EUR" in (said.text or "")
    assert "the budget of 800 EUR" in summary.read_text(encoding="utf-8")


def test_a_check_as_of_an_earlier_day(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("scale", gates=[("two accepted", "accepted", "at_least = 2\nby = 2026-12-31")])
    assert payback("check", folder).code == 0
    assert payback("check", folder, "--as-of", "2026-01-31").code == 4  # one of two accepted by then
