"""How often the range of a corrected claim holds: `python -m benchmarks.coverage.forecasts [--quick]`.

Seeded. Writes benchmarks/coverage/forecasts.json and docs/coverage/forecasts.md by the code that prints the range;
`--quick` takes a tenth of the runs and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from payback.measures.estimate import Floats
from payback.measures.returns.forecast.optimism import VALUE_COMES_IN_AT, log_ratio, next_ratio

RUNS = 5000
HERE = Path(__file__).parent
ROOT = HERE.parent.parent

BIASES = (0.1, 0.44, 1.0, 2.0)
SPREADS = (0.2, 0.5, 1.0)
CASES = (5, 10, 20, 50)
ALIKE = (0.3, 0.6)
"""How alike the ratios of one use case are: intraclass correlation of their logarithms."""

Dice = np.random.Generator
Law = Callable[[Dice, int, int], Floats]
"""(dice, runs, cases) -> ratios; the last column is the next one."""


@dataclass(frozen=True)
class Cell:
    """Of 100 ranges, how many held the next ratio, lay above it, below it; its median middle, and
    high end over low (of those that do not begin at nothing).
    """

    law: str
    bias: float
    spread: float
    cases: int
    held: float
    above: float
    below: float
    middle: float
    wide: float | None


def plain(bias: float, spread: float) -> Law:
    """Independent lognormal ratios."""
    return lambda dice, runs, cases: np.exp(dice.normal(math.log(bias), spread, (runs, cases + 1)))


def heavy(bias: float, spread: float) -> Law:
    """Student t with 3 degrees of freedom: now and then far off."""
    return lambda dice, runs, cases: np.exp(math.log(bias) + spread * dice.standard_t(3, (runs, cases + 1)))


def nothing(bias: float, spread: float) -> Law:
    """Of one in five nothing comes at all."""

    def drawn(dice: Dice, runs: int, cases: int) -> Floats:
        some = np.exp(dice.normal(math.log(bias), spread, (runs, cases + 1)))
        return np.where(dice.random(some.shape) < 0.2, 0.0, some)

    return drawn


def grouped(bias: float, spread: float, alike: float, *, new: bool) -> Law:
    """Periods of use cases, five each; the next is of a use case of its own, or of the last one."""

    def drawn(dice: Dice, runs: int, cases: int) -> Floats:
        groups = -(-cases // 5)
        level = dice.normal(0, spread * math.sqrt(alike), (runs, groups + 1))
        own = dice.normal(0, spread * math.sqrt(1 - alike), (runs, cases + 1))
        place = np.minimum(np.arange(cases + 1) // 5, groups - 1)
        place[-1] = groups if new else groups - 1
        return np.asarray(np.exp(math.log(bias) + level[:, place] + own), dtype=np.float64)

    return drawn


def cell(name: str, law: Law, bias: float, spread: float, cases: int, runs: int) -> Cell:
    """The next ratio against the range made from the past ones. A ratio counts as 0.05 to 20, as on the page."""
    dice = np.random.default_rng([runs, cases, round(100 * bias), round(100 * spread), len(name)])
    drawn = law(dice, runs, cases)
    logs = [[log_ratio(1.0, float(each)) for each in row] for row in drawn]
    made = [next_ratio(row[:-1], VALUE_COMES_IN_AT) for row in logs]
    came = np.array([math.exp(row[-1]) for row in logs])
    low = np.array([each.low for each in made], dtype=np.float64)
    high = np.array([each.high for each in made], dtype=np.float64)
    slack = 1e-9
    return Cell(
        law=name, bias=bias, spread=spread, cases=cases,
        held=_of_100((came >= low * (1 - slack)) & (came <= high * (1 + slack))),
        above=_of_100(came < low * (1 - slack)),
        below=_of_100(came > high * (1 + slack)),
        middle=round(float(np.median([each.middle for each in made])), 3),
        wide=round(float(np.median(high[low > 0] / low[low > 0])), 1) if (low > 0).any() else None,
    )  # fmt: skip


def _of_100(which: np.ndarray) -> float:
    return round(100 * float(which.mean()), 1)


def simulated(runs: int) -> list[Cell]:
    """Every cell."""
    found = [
        cell("independent", plain(bias, spread), bias, spread, cases, runs)
        for bias in BIASES
        for spread in SPREADS
        for cases in CASES
    ]
    found += [cell("now and then far off", heavy(0.44, 0.5), 0.44, 0.5, cases, runs) for cases in CASES]
    found += [cell("nothing came of a fifth", nothing(0.7, 0.4), 0.7, 0.4, cases, runs) for cases in CASES]
    for alike in ALIKE:
        for new in (True, False):
            name = f"use cases of five periods, alike {alike}; next: {'another use case' if new else 'the last one'}"
            law = grouped(0.6, 0.7, alike, new=new)
            found += [cell(name, law, 0.6, 0.7, cases, runs) for cases in CASES]
    return found


def page(cells: Sequence[Cell], runs: int) -> str:
    """docs/coverage/forecasts.md."""
    alone = [each for each in cells if each.law == "independent"]
    worst = min(alone, key=lambda each: each.held)
    lines = [
        "# How often the range of a corrected claim holds",
        "",
        f"The next claim's ratio against the 90 % range made from past ones, {runs:,} times a cell, by the code that prints it",
        "(docs/formulas.md, `past-optimism`). Below five past cases no range is shown. Of independent cases the worst of",
        f"{len(alone)} cells held {worst.held} of 100 (bias {worst.bias}, spread {worst.spread}, {worst.cases} cases). **Periods of one use",
        "case are not independent cases**: where they are alike and the next claim is of another use case, the range holds less",
        "often; the tables say by how much. Generated by `python -m benchmarks.coverage.forecasts` (seeded; `--quick` takes a",
        "tenth); numbers in `benchmarks/coverage/forecasts.json`. The error of a rate near 90 from 5,000 runs is 0.4.",
        "",
        "*Bias*: the median of what comes over what is said. *Spread*: standard deviation of its logarithm. *Middle*: the median",
        "ratio claims are taken at; it should be the bias, and is pulled towards the default of 0.44. *Too high*, *too low*: of 100,",
        "ranges that lay above, below what came. *Wide*: high end over low end, of ranges that do not begin at nothing.",
    ]
    for law in dict.fromkeys(each.law for each in cells):
        lines += [
            "",
            f"## {law[:1].upper()}{law[1:]}",
            "",
            "| bias | spread | cases | held, of 100 | too high | too low | middle | wide |",
            "|---|---|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {one.bias} | {one.spread} | {one.cases} | {one.held} | {one.above} | {one.below} | {one.middle} | {'-' if one.wide is None else one.wide} |"
            for one in cells
            if one.law == law
        ]
    return "\n".join(lines) + "\n"


def main(words: Sequence[str]) -> int:
    """Simulate, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.coverage.forecasts", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the runs, nothing written")
    quick = asked.parse_args(words).quick
    runs = RUNS // 10 if quick else RUNS
    cells = simulated(runs)
    if quick:
        print(page(cells, runs))
        return 0
    rows = ",\n".join(json.dumps(asdict(each)) for each in cells)
    (HERE / "forecasts.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")
    (ROOT / "docs" / "coverage" / "forecasts.md").write_text(page(cells, runs), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
