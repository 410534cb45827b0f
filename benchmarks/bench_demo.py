"""How long `payback demo` takes, from nothing to a verdict on bundled data; no peer does the same."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.rows import Row

TURNS = 3


def run() -> list[Row]:
    """Seconds by the clock, each run in an empty folder."""
    command = Path(sys.executable).with_name("payback")
    if not command.exists():
        return [Row("payback demo", None, note="payback is not installed here")]
    seconds = []
    for _ in range(TURNS):
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            subprocess.run([str(command), "demo"], cwd=folder, check=True, capture_output=True)
            seconds.append(time.perf_counter() - begun)
    return [
        Row(
            "payback demo",
            median(seconds),
            "s",
            note=f"{TURNS} runs, {min(seconds):.1f} to {max(seconds):.1f} s",
        )
    ]
