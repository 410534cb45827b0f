"""payback assess: the report on screen, as files and as JSON, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from payback.cli.assess import command
from payback.report import to_json
from tests.cli.conftest import process
from tests.report.schema import faults

if TYPE_CHECKING:
    from tests.cli.conftest import MakeProject, Payback


@pytest.mark.parametrize("verdict", ["stop", "fix", "continue", "scale"])
def test_assessing_ends_with_0_whatever_the_verdict(
    verdict: str, make_project: MakeProject, payback: Payback
) -> None:
    done = payback("assess", make_project(verdict))
    assert (done.code, done.err) == (0, "")
    assert verdict.upper() in done.out


def test_without_a_folder_it_is_the_project_we_stand_in(
    make_project: MakeProject, payback: Payback, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = make_project("fix") / "bills" / "march"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert "FIX" in payback("assess").out


def test_no_project_is_a_wrong_call(tmp_path: Path, payback: Payback) -> None:
    done = payback("assess", tmp_path / "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "payback.toml" in done.err


def test_json_is_the_only_thing_on_stdout(make_project: MakeProject, payback: Payback) -> None:
    done = payback("assess", make_project("stop"), make_project("scale"), "--json")
    document = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert (document["schema_version"], document["kind"]) == (1, "assessment")
    assert list(faults(document, to_json.schema(), to_json.schema())) == []
    verdicts = [project["use_cases"][0]["verdict"] for project in document["assessments"]]
    assert verdicts == ["stop", "scale"]


@pytest.mark.long
def test_the_same_files_give_the_same_json(make_project: MakeProject) -> None:
    folder = make_project("fix")
    first, second = (process("assess", folder, "--json", PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first.out
    assert first == second


def test_files_are_written_and_named(make_project: MakeProject, payback: Payback, tmp_path: Path) -> None:
    page, words = tmp_path / "page.html", tmp_path / "page.md"
    done = payback("assess", make_project("stop"), "--html", page, "--markdown", words)
    assert done.err == f"written: {page}\nwritten: {words}\n"
    assert "STOP" in done.out
    assert page.read_text().startswith("<!doctype html>")
    assert "STOP" in words.read_text()
    assert not list(tmp_path.glob(".*.tmp"))


def test_quiet_leaves_the_terminal_to_others(
    make_project: MakeProject, payback: Payback, tmp_path: Path
) -> None:
    folder = make_project("stop")
    done = payback("assess", folder, "--html", tmp_path / "page.html", "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert "STOP" in payback("assess", folder, "--quiet").out


@pytest.mark.parametrize("option", ["--html", "--markdown"])
def test_a_dash_prints_the_file_and_nothing_else(
    option: str, make_project: MakeProject, payback: Payback, tmp_path: Path
) -> None:
    folder = make_project("stop")
    printed = payback("assess", folder, option, "-")
    payback("assess", folder, option, tmp_path / "file")
    assert printed.out == (tmp_path / "file").read_text()
    assert printed.err == ""


def test_two_results_on_one_output_are_refused(make_project: MakeProject, payback: Payback) -> None:
    done = payback("assess", make_project("stop"), "--json", "--html", "-")
    assert (done.code, done.out) == (2, "")
    assert "--html and --json" in done.err


def test_a_missing_folder_is_told_before_the_work(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("stop")
    done = payback("assess", folder, "--html", folder / "none" / "page.html")
    assert (done.code, done.out) == (2, "")
    assert f"there is no folder {folder / 'none'}" in done.err
    assert not (folder / ".payback").exists()


def test_a_failed_run_leaves_the_old_file(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("stop")
    page = folder / "page.html"
    page.write_text("the old one")
    (folder / "costs.csv").unlink()
    (folder / "checks.csv").unlink()
    assert payback("assess", folder, "--html", page).code == 5
    assert page.read_text() == "the old one"


def test_a_folder_that_takes_no_record_is_told(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("stop")
    (folder / ".payback").touch()
    done = payback("assess", folder)
    assert (done.code, done.out) == (2, "")
    assert f"{folder / '.payback'}" in done.err
    assert "fault in payback" not in done.err


def test_as_of_looks_at_the_data_of_that_day(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("stop")
    now, then = (
        json.loads(payback("assess", folder, "--json", *more).out)["assessments"][0]
        for more in ((), ("--as-of", "2026-01-31"))
    )
    assert (now["as_of"], then["as_of"]) == ("2026-02-28", "2026-01-31")
    assert (now["use_cases"][0]["verdict"], then["use_cases"][0]["verdict"]) == ("stop", "continue")


def test_a_day_that_is_none_is_a_wrong_call(payback: Payback) -> None:
    assert payback("assess", "--as-of", "2026-02-30").code == 2


def test_strict_shows_the_report_and_ends_with_5(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("scale", costs="day,category,amount\n2026-01-31,run,10\n2026-02-28,run,ten\n")
    assert payback("assess", folder).code == 0
    done = payback("assess", folder, "--strict")
    assert done.code == 5
    assert "SCALE" in done.out
    assert "costs.csv:3" in done.err


def test_the_width_is_kept(make_project: MakeProject, payback: Payback) -> None:
    done = payback("assess", make_project("stop"), "--width", "60")
    assert max(map(len, done.out.splitlines())) <= 60
    assert payback("assess", "--width", "30").code == 2


@pytest.mark.parametrize(("set_to", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True)], ids=str)
def test_colours_only_where_they_can_be_seen(
    set_to: dict[str, str], *, coloured: bool, make_project: MakeProject
) -> None:
    done = process("assess", make_project("stop"), cwd=None, **set_to)
    assert ("\x1b[" in done.out) == coloured


def test_a_terminal_without_our_signs_gets_the_rest(make_project: MakeProject) -> None:
    folder = make_project("stop")
    done = process("check", folder, PYTHONIOENCODING="latin-1")
    assert done.code == 3
    assert "The gate ?many accepted? failed" in done.out


@pytest.mark.skipif(os.name == "nt", reason="no pipes of this kind on Windows")
def test_whoever_reads_json_may_leave_early(make_project: MakeProject) -> None:
    call = f"{sys.executable} -m payback assess --json {make_project('stop')} | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {call}"], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_it_runs_in_the_test_runner_of_click_too(make_project: MakeProject) -> None:
    done = CliRunner().invoke(command, [str(make_project("fix"))])
    assert done.exit_code == 0, done.stderr
    assert "FIX" in done.stdout
    assert done.stderr == ""
