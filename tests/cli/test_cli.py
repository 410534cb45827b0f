"""The command itself: help by question, exit codes, colours, closed pipes, completion, doctor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from payback import __version__, cli
from payback.cli.doctor import chromium
from payback.records import PaybackError

NAMES = [name for group in cli.commands().values() for name in group]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_an_example(name: str) -> None:
    done = _payback(name, "--help")
    assert done.returncode == 0, done.stderr
    assert "Example" in done.stdout, (
        f"give it epilog=examples('payback {name} ...') from payback.cli.examples"
    )
    assert f"payback {name}" in done.stdout.partition("Example")[2]


def test_help_groups_the_commands_by_question() -> None:
    shown = _payback("--help").stdout
    places = [shown.index(f"\n{question}:") for question in cli.commands()]
    assert places == sorted(places)
    assert all(f"\n  {name} " in shown for name in NAMES)


def test_the_version_is_one_line() -> None:
    assert _payback("--version").stdout == f"payback {__version__}\n"


@pytest.mark.parametrize("call", [["nonsense"], ["doctor", "--nonsense"], ["completion", "ksh"], []], ids=str)
def test_a_wrong_call_ends_with_2(call: list[str]) -> None:
    done = _payback(*call)
    assert done.returncode == 2
    assert "Usage: payback" in done.stderr
    assert "Traceback" not in done.stderr


class _Case:
    """What happens inside a command, and what the shell then sees."""

    def __init__(self, raised: BaseException, code: int, says: str) -> None:
        self.raised, self.code, self.says = raised, code, says


@pytest.mark.parametrize(
    "case",
    [
        _Case(PaybackError("no-project", "no payback.toml here", fix="payback init ."), 2, "payback init ."),
        _Case(click.ClickException("not a folder"), 2, "not a folder"),
        _Case(KeyboardInterrupt(), 130, ""),
        _Case(click.Abort(), 130, ""),
        _Case(click.exceptions.Exit(4), 4, ""),
        _Case(ZeroDivisionError("oops"), 1, "report"),
    ],
    ids=lambda case: type(case.raised).__name__,
)
def test_every_ending_has_its_code(
    case: _Case, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.payback, "invoke", _raising(case.raised))
    with pytest.raises(SystemExit) as end:
        cli.main(["doctor"])
    told = capsys.readouterr().err
    assert end.value.code == case.code
    assert case.says in told
    assert "Traceback" not in told


def test_a_fault_shows_its_trace_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAYBACK_DEBUG", "1")
    monkeypatch.setattr(cli.payback, "invoke", _raising(ZeroDivisionError("oops")))
    with pytest.raises(SystemExit):
        cli.main(["doctor"])
    assert "Traceback" in capsys.readouterr().err


def _raising(raised: BaseException) -> object:
    def invoke(_: click.Context) -> None:
        raise raised

    return invoke


@pytest.mark.skipif(os.name == "nt", reason="no pipes of this kind on Windows")
def test_a_closed_pipe_is_no_fault() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "payback", "doctor"],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("set_to", "colour"), [({}, None), ({"NO_COLOR": "1"}, False), ({"FORCE_COLOR": "1"}, True)], ids=str
)
def test_colours_follow_the_environment(
    set_to: dict[str, str], colour: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_to.items():
        monkeypatch.setenv(name, value)
    seen: list[bool | None] = []
    monkeypatch.setattr(cli.payback, "invoke", lambda ctx: seen.append(ctx.color))
    with pytest.raises(SystemExit):
        cli.main(["doctor"])
    assert seen == [colour]


def test_a_shell_is_told_the_commands_with_their_lines() -> None:
    asked = {"COMP_WORDS": "payback do", "COMP_CWORD": "1", "_PAYBACK_COMPLETE": "zsh_complete"}
    assert _payback(environment=asked).stdout == "plain\ndoctor\nwhat is installed, and where\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_lines_for_the_shell(shell: str) -> None:
    assert f"_PAYBACK_COMPLETE={shell}_complete" in _payback("completion", shell).stdout


def test_doctor_speaks_json() -> None:
    facts = json.loads(_payback("doctor", "--json").stdout)
    assert facts["schema_version"] == 1
    assert facts["payback"] == __version__
    assert facts["engines"]["duckdb"]
    assert "en" in facts["languages"]


def test_doctor_finds_the_project_above(tmp_path: Path) -> None:
    (tmp_path / "payback.toml").touch()
    below = tmp_path / "bills"
    below.mkdir()
    facts = json.loads(_payback("doctor", "--json", cwd=below).stdout)
    assert Path(facts["paths"]["project"]).samefile(tmp_path / "payback.toml")


def test_a_browser_named_but_missing_is_not_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAYBACK_CHROMIUM", str(tmp_path / "none"))
    assert chromium() is None


def _payback(
    *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "payback", *arguments],
        cwd=cwd,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )
