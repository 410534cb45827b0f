"""Speed against named peers: `python -m benchmarks [NAME ...]`.

Runs every module benchmarks/bench_*.py, each with `run() -> list[Row]`. Rows are ratios taken on
one machine in one run, so that they mean something elsewhere; a peer not installed is "absent".
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import benchmarks
from benchmarks.rows import Row, modules, table

PREFIX = "bench_"


def main(names: Sequence[str]) -> int:
    """Print the table of the benchmarks named, or of all."""
    rows: list[Row] = []
    for module in modules(benchmarks, PREFIX):
        if not names or module.__name__.rpartition(PREFIX)[2] in names:
            rows += module.run()
    print(table(rows) if rows else "no benchmarks yet")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
