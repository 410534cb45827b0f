"""The guides and the action do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import click
import pytest

from payback.cli.check import command as check
from tests.assessor.test_difference import call, month, project

if TYPE_CHECKING:
    from tests.cli.conftest import MakeProject, Payback

ROOT = Path(__file__).parents[2]
FIRST_STEPS = ROOT / "docs" / "guides" / "first_steps.md"


def test_the_first_steps_come_out_as_told(
    demo_folder: Path, payback: Payback, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = re.findall(r"^```\n(.*?)^```", FIRST_STEPS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    project = demo_folder / "own-model"
    monkeypatch.chdir(project)
    done = payback("check")
    assert done.code == 3
    assert done.out.startswith(told[0])

    checks = (project / "checks.csv").read_text()
    (project / "checks.csv").write_text(checks.replace("2026-04-30 16:00,0", "2026-04-30 16:00,1", 1))
    done = payback("check")
    assert done.code == 3
    assert done.out.startswith("FIX  own-model: 30 million EUR spent, 6 million EUR over budget.")
    assert payback("check", "--fail-on", "stop").code == 0
    (project / "checks.csv").write_text(checks)

    then = json.loads(payback("assess", "--as-of", "2026-03-31", "--json").out)["assessments"][0]
    assert then["use_cases"][0]["verdict"] == "continue"

    assert "there are data until 2026-12-31" in payback("gate", "seal").out
    rules = (project / "payback.toml").read_text()
    (project / "payback.toml").write_text(rules.replace("budget = 24_000_000", "budget = 40_000_000"))
    shown = payback("gate", "show").out
    assert set(told[1].splitlines()[1:]) <= set(shown.splitlines())


def test_explaining_and_comparing_come_out_as_told(
    demo_folder: Path, tmp_path: Path, payback: Payback, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ROOT / "docs" / "guides" / "explain_and_diff.md"
    told = re.findall(r"^```\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(demo_folder / "own-model")
    shown = payback("explain", "own-model", "money_out", "--rows", "2").out
    assert shown.startswith(told[0])
    assert shown.endswith(told[1])
    june = month("06", [1, 1, 1, 0], [call(100_000, 10_000)] * 2)
    project(tmp_path / "tickets", june, month("07", [1, 1, 1, 1], [call(120_000, 10_000)]))
    assert told[2] in payback("diff", "2026-06", "2026-07", tmp_path / "tickets").out


def test_the_trial_of_the_guide_comes_out_as_told(
    tmp_path: Path, payback: Payback, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs" / "guides" / "experiments.md").read_text(encoding="utf-8")
    rows, rules, told = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "outcomes.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "payback.toml").write_text(rules, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert payback("explain", "tickets", "effect/minutes").out.startswith(told)
    found = json.loads(payback("assess", "--json").out)["assessments"][0]["use_cases"][0]["experiment"]
    assert f'"{found["tested"][0]["promised"]}"' in text


def _script(step: str) -> str:
    """The shell of a step of action.yml."""
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    found = re.search(rf"- name: {step}\n.*?run: \|\n((?: {{8}}.*\n?)+)", text, re.DOTALL)
    assert found, step
    return textwrap.dedent(found[1])


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="written for bash")
@pytest.mark.parametrize(
    ("verdict", "fail_on", "code"), [("stop", "undecided", 3), ("continue", "fail", 0), ("scale", "stop", 0)]
)
def test_the_action_ends_as_the_check_does(
    verdict: str, fail_on: str, code: int, make_project: MakeProject, tmp_path: Path
) -> None:
    tool = tmp_path / "payback" / "bin" / "payback"
    tool.parent.mkdir(parents=True)
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m payback "$@"\n')
    tool.chmod(0o755)
    summary, output = tmp_path / "summary.md", tmp_path / "output"
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", _script("Check")],
        env=os.environ
        | {
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "FOLDER": str(make_project(verdict)),
            "FAIL_ON": fail_on,
            "STRICT": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done
    files = Path(output.read_text().strip().removeprefix("files="))
    assert ET.parse(files / "payback.xml").getroot().tag == "testsuites"  # noqa: S314  our own file
    assert (files / "report.html").is_file()
    assert verdict.upper() in summary.read_text()


@pytest.mark.parametrize("name", ["docs/guides/ci.md", "README.md", ".pre-commit-hooks.yaml"])
def test_options_of_check_in_documents_exist(name: str) -> None:
    known = {option for each in check.params if isinstance(each, click.Option) for option in each.opts}
    text = (ROOT / name).read_text(encoding="utf-8")
    used = {
        option
        for line in re.findall(r"payback check (--[^`\n]*)", text)
        for option in re.findall(r"--[a-z][a-z-]+", line)
    }
    assert used <= known
