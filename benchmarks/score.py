"""Scores against ground truth: `python -m benchmarks.score [--quick] [NAME ...]`.

Runs every module of benchmarks/scores. Their data lie under data/ in ../shared or in the folder
PAYBACK_SHARED names, never in this repository; a score whose data are not there says "absent".
Leaves with 1 if a score falls short of the bar it states.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import scores
from benchmarks.rows import Row, Standing, modules, table

BESIDE = Path(__file__).parent.parent.parent / "shared"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 0 if no score falls short."""
    parser = argparse.ArgumentParser(prog="make score", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fixed sample instead of everything")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these modules of benchmarks/scores")
    asked = parser.parse_args(arguments)
    data = shared()
    print(f"ground truth: {'found' if data else 'absent'}{', quick sample' if asked.quick else ''}\n")
    rows: list[Row] = []
    for module in modules(scores):
        name = module.__name__.rpartition(".")[2]
        if not asked.names or name in asked.names:
            rows += module.run(data, asked.quick)
    print(table(rows) if rows else "no scores yet")
    short = sum(row.standing is Standing.SHORT for row in rows)
    print(f"\n{len(rows)} scores, {short} fall short" if rows else "")
    return 1 if short else 0


def shared() -> Path | None:
    """The folder whose data/ holds the ground truth, or None where this machine has none."""
    folder = Path(os.environ.get("PAYBACK_SHARED") or BESIDE)
    return folder if (folder / "data").is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
