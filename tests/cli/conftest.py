"""Tiny projects whose verdict is known from their rows, and a payback command to run on them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from payback import cli

HEAD = """\
name = "{name}"
currency = "EUR"

[[sources]]
table = "cost"
path = "costs.csv"
constants = {{ use_case = "replies", currency = "EUR" }}

[[sources]]
table = "outcome"
path = "checks.csv"
timezone = "UTC"
constants = {{ use_case = "replies", arm = "model" }}

[use_cases.replies]
unit = "reply sent"
arm = "model"
"""
GATE = """
[[use_cases.replies.gates]]
name = "{name}"
figure = "{figure}"
{rule}
"""
# What is in the rows below: 30 EUR spent by 28 February 2026, 2 of 4 checked replies accepted by then.
COSTS = "day,category,amount\n2026-01-31,run,10\n2026-02-28,run,20\n"
CHECKS = """\
task,decided_at,accepted
t1,2026-01-15 10:00,1
t2,2026-01-20 10:00,0
t3,2026-02-10 10:00,1
t4,2026-02-28 10:00,0
"""
Gate = tuple[str, str, str]  # name, figure, its rule as TOML
FAILED_HARD: Gate = ("many accepted", "accepted", "at_least = 3\nby = 2026-02-01\nhard = true")
FAILED_SOFT: Gate = ("within budget", "spend", "at_most = 25")
OPEN: Gate = ("more accepted", "accepted", "at_least = 3\nby = 2026-12-31")
PASSED: Gate = ("some accepted", "accepted", "at_least = 2\nby = 2026-12-31")
BY_VERDICT: dict[str, tuple[Gate, ...]] = {
    "stop": (PASSED, FAILED_HARD, FAILED_SOFT, OPEN),  # a failed hard gate, whatever else there is
    "fix": (PASSED, FAILED_SOFT, OPEN),
    "continue": (PASSED, OPEN),
    "scale": (PASSED,),
}


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


Payback = Callable[..., Done]
MakeProject = Callable[..., Path]


@pytest.fixture
def payback(capsys: pytest.CaptureFixture[str]) -> Payback:
    """`payback("check", folder)`: the command, run within this process as main() runs it."""

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main([str(one) for one in arguments])
        told = capsys.readouterr()
        return Done(int(end.value.code or 0), told.out, told.err)

    return run


def process(*arguments: object, cwd: Path | None = None, **environment: str) -> Done:
    """The same as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "payback", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """`make_project("stop")`: the folder of a project that comes out so."""

    def make(
        verdict: str = "scale",
        *,
        name: str = "",
        gates: Sequence[Gate] | None = None,
        costs: str = COSTS,
        checks: str = CHECKS,
        more: str = "",
    ) -> Path:
        folder = tmp_path / (name or verdict)
        folder.mkdir()
        rules = [GATE.format(name=n, figure=f, rule=r) for n, f, r in gates or BY_VERDICT[verdict]]
        (folder / "payback.toml").write_text(HEAD.format(name=folder.name) + more + "".join(rules))
        (folder / "costs.csv").write_text(costs)
        (folder / "checks.csv").write_text(checks)
        return folder

    return make


@pytest.fixture
def demo_folder(tmp_path: Path) -> Path:
    """The bundled examples, as `payback demo` copies them."""
    from payback.cli import demo

    demo.copied(tmp_path / "demo")
    return tmp_path / "demo"
