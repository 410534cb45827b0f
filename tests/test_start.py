"""Starting is quick: nothing heavy is imported before a command needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from payback.cli import commands

HEAVY = ("numpy", "duckdb", "pydantic", "jinja2", "scipy", "tree_sitter", "babel")

RUN = """
import sys
import payback.cli
try:
    payback.cli.main({arguments!r})
except SystemExit as end:
    assert end.code == 0, end.code
print(" ".join(name for name in {heavy!r} if name in sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        *([name, "--help"] for group in commands().values() for name in group),
        ["gate", "seal", "--help"],
        ["completion", "bash"],
        ["schema"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_loaded_for(arguments: list[str]) -> None:
    done = _python("-c", RUN.format(arguments=arguments, heavy=HEAVY))
    assert done.returncode == 0, done.stderr
    assert done.stderr.split() == [], f"payback {' '.join(arguments)} loads {done.stderr}"


def test_the_import_itself_loads_nothing_heavy() -> None:
    done = _python("-X", "importtime", "-c", "import payback, payback.cli")
    assert done.returncode == 0, done.stderr
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "payback" in loaded
    assert not loaded.intersection(HEAVY)


def test_the_module_runs_like_the_command() -> None:
    done = _python("-m", "payback", "--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "payback")


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
