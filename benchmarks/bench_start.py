"""How long payback takes to say its version, against Python doing nothing."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.rows import Row

TURNS = 15
BAR = 8.0


def run() -> list[Row]:
    """The ratio of CPU, each command in turns; the first turn warms up."""
    command = Path(sys.executable).with_name("payback")
    if not command.exists():
        return [
            Row("payback --version, CPU against python -c pass", None, note="payback is not installed here")
        ]
    nothing = [sys.executable, "-c", "pass"]
    turns = [(spent([str(command), "--version"]), spent(nothing)) for _ in range(TURNS + 1)][1:]
    ours, theirs = (1000 * median(each) for each in zip(*turns, strict=True))
    return [
        Row(
            "payback --version, CPU against python -c pass",
            median(a / b for a, b in turns),
            "times",
            at_most=BAR,
            note=f"{ours:.0f} ms against {theirs:.0f} ms, {TURNS} turns",
        )
    ]


def spent(command: Sequence[str]) -> float:
    """CPU seconds of a command, in its own process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
