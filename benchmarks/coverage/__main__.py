"""How often the ranges hold: `python -m benchmarks.coverage [--quick]`.

Seeded. Writes benchmarks/coverage/results.json, docs/coverage/README.md and the small table payback
carries, src/payback/measures/coverage_table.py; `--quick` takes a tenth of the runs and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

# Two workers of one thread each: a library's own threads would fight over the same processors.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

RUNS = 5000
CLUSTERS = (5, 15, 40, 150, 600)
MANY, FEWER_RUNS = 2400, 4  # the largest takes a quarter of the runs
REVERSALS = ((15, 6), (40, 6), (150, 12))  # clusters in a segment, segments

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def main(words: Sequence[str]) -> int:
    """Simulate, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the runs, nothing written")
    quick = asked.parse_args(words).quick
    from benchmarks.coverage import page

    results = simulated(RUNS // 10 if quick else RUNS)
    if quick:
        print(page.tables(results))
        return 0
    (HERE / "results.json").write_text(_lines(results), encoding="utf-8")
    (ROOT / "docs" / "coverage" / "README.md").write_text(page.page(results), encoding="utf-8")
    (ROOT / "src" / "payback" / "measures" / "coverage_table.py").write_text(
        page.module(results), encoding="utf-8"
    )
    print(page.tables(results))
    return 0


def _lines(results: dict[str, Any]) -> str:
    """JSON with one cell a line, so that a change reads like one."""
    cells = ",\n".join(json.dumps(cell) for cell in results["cells"])
    head = json.dumps({key: value for key, value in results.items() if key != "cells"}, indent=1)
    return f'{head[:-2]},\n "cells": [\n{cells}\n]}}\n'


def simulated(runs: int) -> dict[str, Any]:
    """Every cell, on two processors."""
    from benchmarks.coverage.laws import LAWS
    from benchmarks.coverage.simulate import cell, false_reversals, narrowing

    with ProcessPoolExecutor(max_workers=2, initializer=_nice) as pool:
        waiting = [
            pool.submit(
                cell, law, clusters, alone=alone, runs=runs // FEWER_RUNS if clusters == MANY else runs
            )
            for clusters in (MANY, *reversed(CLUSTERS))
            for law in LAWS
            for alone in (False, True)
        ]
        named = [
            pool.submit(false_reversals, clusters, segments, runs=runs) for clusters, segments in REVERSALS
        ]
        steps = [
            pool.submit(narrowing, clusters, costs=costs, runs=runs // 4)
            for clusters in CLUSTERS[:-1]
            for costs in (False, True)
        ]
        cells = [result for job in waiting for result in job.result()]
        return {
            "runs": runs,
            "reversals": [job.result() for job in named],
            "narrowing": [job.result() for job in steps],
            "cells": cells,
        }


def _nice() -> None:
    os.nice(10)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
