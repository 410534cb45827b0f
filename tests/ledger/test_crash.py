"""Processes that are killed while they write, or write at the same time, lose and double nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from payback.ledger import Ledger
from payback.project import Project
from tests.ledger.built import PRICE, made, own_prices, source, written

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent.parent
FILES = 8
ROWS = 200


def many(folder: Path) -> Project:
    """A project of several files of calls, each its own task."""
    for file in range(FILES):
        written(
            folder / f"calls/{file:02d}.csv",
            [
                {"time": f"2026-01-{1 + row % 28:02d} 10:00:00", "use_case": "u", "task": f"{file}-{row}", "model": "m",
                 "input_tokens": 100 + row, "output_tokens": 10, "trace": f"{file}", "span": f"{row}"}
                for row in range(ROWS)
            ],
        )  # fmt: skip
    return made(folder, source("usage", "calls/*.csv") + PRICE)


def started(project: Project) -> subprocess.Popen[str]:
    """A process that stands ready to read the project's files."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.ledger.ingesting", str(project.folder)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def acknowledged(project: Project) -> list[str]:
    """Files with a whole line in the manifest."""
    manifest = project.folder / ".payback/record/manifest.jsonl"
    lines = manifest.read_bytes().split(b"\n") if manifest.exists() else []
    return [json.loads(line)["path"] for line in lines[:-1]]


def totals(project: Project) -> list[tuple[object, ...]]:
    with Ledger(project) as ledger:
        assert ledger.gather().problems == ()
        ledger.prepare(*own_prices(project))
        return ledger.rows("select count(*), sum(calls), sum(pico) from task_cost")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    found = totals(many(tmp_path_factory.mktemp("undisturbed")))
    assert found[0][:2] == (FILES * ROWS, FILES * ROWS)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_killed_run_loses_nothing_and_doubles_nothing(
    tmp_path: Path, expected: list[tuple[object, ...]], seed: int
) -> None:
    given = random.Random(seed)  # noqa: S311  the same moments on every run
    project = many(tmp_path)
    told: list[str] = []
    for _ in range(2):  # killed, started again, killed again
        with started(project) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            told += [process.stdout.readline() for _ in range(given.randrange(1, FILES))]
            os.kill(process.pid, signal.SIGKILL)
            told += process.stdout.readlines()
        done = max((int(line.split()[0]) for line in told if line[:1].isdigit()), default=0)
        known = acknowledged(project)
        assert set(known) >= {f"calls/{file:02d}.csv" for file in range(done)}
        assert len(known) == len(set(known))
    before = (project.folder / ".payback/record/manifest.jsonl").read_bytes()
    assert totals(project) == expected
    after = (project.folder / ".payback/record/manifest.jsonl").read_bytes()
    assert after.startswith(before), "a line once written stays as it is"


@pytest.mark.slow
def test_two_runs_at_once_keep_each_fact_once(tmp_path: Path, expected: list[tuple[object, ...]]) -> None:
    project = many(tmp_path)
    running = [started(project) for _ in range(3)]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in running:
        told, faults = process.communicate()
        assert told.endswith("done\n"), faults
        assert process.returncode == 0
    assert set(acknowledged(project)) == {f"calls/{file:02d}.csv" for file in range(FILES)}
    assert totals(project) == expected
