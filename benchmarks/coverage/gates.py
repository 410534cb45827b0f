"""How often gates pass that should not: `python -m benchmarks.coverage.gates [--quick]`.

Seeded; 5,000 streams a cell, each looked at at every case, by the code that decides gates. Writes
benchmarks/coverage/gates.json and docs/coverage/gates.md; `--quick` takes a tenth and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from benchmarks.coverage.laws import LAWS, Law, generator_for
from payback.measures.bets import MOST_STAKE_OF_MONEY, log_bets, needed
from payback.measures.delivery.planning import enough
from payback.measures.estimate import Floats

RUNS, CHUNK, CASES = 5000, 500, 1000
LEVEL = 0.95
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "coverage" / "gates.md"

Flags = npt.NDArray[np.bool_]
Cell = dict[str, Any]
NEVER = 10**9


def main(words: Sequence[str]) -> int:
    """Simulate, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.coverage.gates", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the streams, nothing written")
    quick = asked.parse_args(words).quick
    runs = RUNS // 10 if quick else RUNS
    cells = list(simulated(runs))
    shown = page(cells, runs)
    print(shown)
    if not quick:
        listed = ",\n".join(json.dumps(cell) for cell in cells)
        (HERE / "gates.json").write_text(f'{{"runs": {runs}, "cells": [\n{listed}\n]}}\n', encoding="utf-8")
        PAGE.write_text(shown, encoding="utf-8")
    return 0


def simulated(runs: int) -> Iterator[Cell]:
    """Every cell."""
    for truth, least in ((0.65, 0.65), (0.9, 0.9), (0.98, 0.98), (0.72, 0.65), (0.75, 0.65), (0.8, 0.65)):
        yield _cell("share", {"truth": truth, "least": least}, runs, _independent(truth, least), 1)
    for truth, alike in ((0.65, 0.1), (0.65, 0.3), (0.65, 0.6), (0.72, 0.3), (0.75, 0.3), (0.8, 0.3)):
        yield _cell("groups", {"truth": truth, "least": 0.65, "alike": alike}, runs, _groups(truth, alike), 5)
    for customers in (30, 100):
        for truth, alike in ((0.65, 0.0), (0.65, 0.1), (0.65, 0.3), (0.8, 0.1)):
            named = {"truth": truth, "least": 0.65, "alike": alike, "customers": customers}
            yield _cell("growing", named, runs, _growing(customers, truth, alike), 1)
    yield _cell("late", {"truth": 0.65, "least": 0.65}, runs, _late, 1)
    for law in LAWS:
        if law.share != 0.65 or law.key == "lognormal-2.5":
            continue
        for cap in (10, 40):
            for part in (1.0, 0.75, 0.5):
                priced: dict[str, Any] = {"law": law.key, "cap": cap, "part": part}
                yield _cell("money", priced, runs, _money(law, cap, part), 1)


Streams = Callable[[np.random.Generator, int], dict[str, npt.NDArray[np.int64]]]
"""Draws streams; for each rule, the case (from 0) at which each stream first passed."""


def _cell(kind: str, named: dict[str, Any], runs: int, streams: Streams, size: int) -> Cell:
    generator = generator_for(f"gates {kind} {json.dumps(named)}")
    found: dict[str, list[npt.NDArray[np.int64]]] = {}
    for start in range(0, runs, CHUNK):
        for rule, first in streams(generator, min(CHUNK, runs - start)).items():
            found.setdefault(rule, []).append(first)
    made: Cell = {"kind": kind, **named}
    for rule, parts in found.items():
        first = np.concatenate(parts)
        middle = float(np.median(first))
        made[rule] = {
            "passed": round(float((first < NEVER).mean()), 4),
            "median": None if middle >= NEVER else int((middle + 1) * size),
        }
    return made


def _first(reached: Flags) -> npt.NDArray[np.int64]:
    return np.where(reached.any(axis=1), reached.argmax(axis=1), NEVER)


def _independent(truth: float, least: float) -> Streams:
    boundary = enough(least, LEVEL, CASES)
    cases = np.arange(1.0, CASES + 1)

    def drawn(generator: np.random.Generator, runs: int) -> dict[str, npt.NDArray[np.int64]]:
        accepted = np.cumsum(generator.random((runs, CASES)) < truth, axis=1)
        failing = cases - accepted >= enough(1 - least, LEVEL, CASES)
        return {
            "gate": _first(accepted >= boundary),
            "fails": _first(failing),
            "range": _first(_wilson_low(accepted / cases, cases) > least),
        }

    return drawn


def _wilson_low(share: Floats, cases: Floats) -> Floats:
    """The lower end of a one-sided 95 % range, from the tenth case on: what people look at."""
    z = float(ndtri(LEVEL))
    centre = (share + z * z / (2 * cases)) / (1 + z * z / cases)
    half = z * np.sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases)) / (1 + z * z / cases)
    low = centre - half
    low[..., :9] = -1.0
    return np.asarray(low, dtype=np.float64)


def _rates(generator: np.random.Generator, truth: float, alike: float, shape: tuple[int, int]) -> Floats:
    if not alike:
        return np.full(shape, truth)
    weight = 1 / alike - 1
    return generator.beta(truth * weight, (1 - truth) * weight, shape)


def _groups(truth: float, alike: float) -> Streams:
    size = 5
    boundary = enough(0.65, LEVEL, CASES)[size - 1 :: size]

    def drawn(generator: np.random.Generator, runs: int) -> dict[str, npt.NDArray[np.int64]]:
        accepted = generator.binomial(size, _rates(generator, truth, alike, (runs, CASES // size)))
        shares = accepted.astype(np.float64) / size
        return {
            "gate": _first(log_bets(shares, 0.65) >= needed(LEVEL)),
            "fails": _first(log_bets(1 - shares, 0.35) >= needed(LEVEL)),
            "groups ignored": _first(np.cumsum(accepted, axis=1) >= boundary),
        }

    return drawn


def _growing(customers: int, truth: float, alike: float) -> Streams:
    """Each customer has four more outcomes a month for a year; looked at at the ends of months."""
    months = 12

    def drawn(generator: np.random.Generator, runs: int) -> dict[str, npt.NDArray[np.int64]]:
        rates = _rates(generator, truth, alike, (runs, customers))
        monthly = generator.binomial(4, rates[:, None, :], (runs, months, customers))
        means = np.cumsum(monthly, axis=1) / (4 * np.arange(1, months + 1)[:, None])
        stake = log_bets(means, 0.65)[..., -1]
        price = np.log(np.arange(1, months + 1) * np.arange(2, months + 2))
        return {
            "gate": _first(stake >= needed(LEVEL) + price),
            "every look free": _first(stake >= needed(LEVEL)),
        }

    return drawn


def _late(generator: np.random.Generator, runs: int) -> dict[str, npt.NDArray[np.int64]]:
    """A fifth of the outcomes are known up to 200 cases late, and take their place in the order of their days."""
    boundary = enough(0.65, LEVEL, CASES)
    given = generator.random((runs, CASES)) < 0.65
    delay = np.where(generator.random((runs, CASES)) < 0.2, generator.integers(0, 200, (runs, CASES)), 0)
    known_at = np.arange(CASES) + delay
    passed = np.full(runs, NEVER)
    for look in range(19, CASES, 20):
        known = known_at <= look
        tasks = np.cumsum(known, axis=1)
        accepted = np.cumsum(given & known, axis=1)
        now = (accepted >= boundary[np.maximum(tasks, 1) - 1]) & known
        passed = np.where((passed == NEVER) & now.any(axis=1), look, passed)
    return {"gate": passed}


def _money(law: Law, cap: float, part: float) -> Streams:
    """Unit cost at `part` of its limit of 1; no task above `cap`. Where part is 1 a pass is wrong."""
    scale = _scale(law, cap, part)

    def drawn(generator: np.random.Generator, runs: int) -> dict[str, npt.NDArray[np.int64]]:
        accepted = generator.random((runs, CASES)) < law.share
        costs = np.minimum(scale * _drawn_costs(law, generator, accepted), cap)
        values = np.asarray((accepted - costs + cap) / (1 + cap), dtype=np.float64)
        least = cap / (1 + cap)
        return {
            "gate": _first(log_bets(values, least, MOST_STAKE_OF_MONEY) >= needed(LEVEL)),
            "fails": _first(log_bets(1 - values, 1 - least, MOST_STAKE_OF_MONEY) >= needed(LEVEL)),
            "range": _first(_student_low(accepted - costs) > 0),
        }

    return drawn


def _drawn_costs(law: Law, generator: np.random.Generator, accepted: Flags) -> Floats:
    shape = accepted.shape
    if law.tail is not None:
        costs = generator.random(shape) ** (-1 / law.tail) * (law.tail - 1) / law.tail
    else:
        costs = np.exp(law.spread * generator.standard_normal(shape) - law.spread**2 / 2)
    costs = costs * np.where(generator.random(shape) < law.runaway, law.times, 1.0)
    return np.asarray(costs * np.where(accepted, 1.0, 1.75), dtype=np.float64)


def _scale(law: Law, cap: float, part: float) -> float:
    """What costs are multiplied by so that, with the cap, the unit cost is `part`: from ten million draws."""
    generator = generator_for(f"gates scale {law.key}")
    accepted = generator.random(10_000_000) < law.share
    costs = _drawn_costs(law, generator, accepted)
    low, high = 0.0, 1000.0
    for _ in range(40):
        middle = (low + high) / 2
        if np.minimum(middle * costs, cap).mean() < part * law.share:
            low = middle
        else:
            high = middle
    return high


def _student_low(gains: Floats) -> Floats:
    """The lower end of a one-sided 95 % normal range of the mean gain, from the tenth case on."""
    cases = np.arange(1.0, gains.shape[1] + 1)
    mean = np.cumsum(gains, axis=1) / cases
    spread = np.sqrt(np.maximum(np.cumsum(gains**2, axis=1) / cases - mean**2, 0.0))
    low = mean - float(ndtri(LEVEL)) * spread / np.sqrt(np.maximum(cases - 1, 1))
    low[:, :9] = -1.0
    return np.asarray(low, dtype=np.float64)


def page(cells: Sequence[Cell], runs: int) -> str:
    """docs/coverage/gates.md."""
    error = 100 * math.sqrt(0.05 * 0.95 / runs)
    wrong = [cell for cell in cells if _null(cell)]
    worst = max(max(cell[rule]["passed"] for rule in ("gate", "fails") if rule in cell) for cell in wrong)
    lines = [
        "# How often gates pass that should not",
        "",
        f"{runs:,} streams a cell, each looked at at every one of 1,000 cases (or at the end of every month), by the code",
        "that decides gates. A gate at 95 % may pass, or fail, wrongly in 5 of 100 streams however often it is looked at.",
        f"**In the worst cell it was {100 * worst:.1f}.** The error of a rate near 5 from {runs:,} streams is {error:.1f}. Generated by",
        "`python -m benchmarks.coverage.gates` (seeded); numbers in `benchmarks/coverage/gates.json`.",
        "",
        "*Wrongly*: the truth is exactly at the threshold, the worst case there is. *By a range*: the lower end of a one-sided",
        "95 % range looked at as often. *Cases*: when half of the streams have passed; - is: not within 1,000.",
        "",
        "## Shares of independent tasks",
        "",
        "| truth | threshold | passes, of 100 | fails, of 100 | cases | by a range, of 100 |",
        "|---|---|---|---|---|---|",
        *(
            f"| {cell['truth']} | {cell['least']} | {_rate(cell, 'gate')} | {_rate(cell, 'fails')} "
            f"| {_median(cell)} | {_rate(cell, 'range')} |"
            for cell in _of(cells, "share")
        ),
        "",
        "## Groups of five tasks that are alike",
        "",
        "*Groups ignored*: the test for independent tasks, which such data break.",
        "",
        "| truth | threshold | alike | passes, of 100 | fails, of 100 | cases | groups ignored, of 100 |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {cell['truth']} | 0.65 | {cell['alike']} | {_rate(cell, 'gate')} | {_rate(cell, 'fails')} "
            f"| {_median(cell)} | {_rate(cell, 'groups ignored')} |"
            for cell in _of(cells, "groups")
        ),
        "",
        "## Customers that come back: four more outcomes each, every month for a year",
        "",
        "Looked at at the ends of months, each look at its share of the error; *every look free* is without that.",
        "",
        "| truth | threshold | alike | customers | passes, of 100 | every look free, of 100 |",
        "|---|---|---|---|---|---|",
        *(
            f"| {cell['truth']} | 0.65 | {cell['alike']} | {cell['customers']} | {_rate(cell, 'gate')} "
            f"| {_rate(cell, 'every look free')} |"
            for cell in _of(cells, "growing")
        ),
        "",
        "## Outcomes that arrive late",
        "",
        "One in five is known up to 200 cases late and takes its place by its day; 50 looks. "
        + "; ".join(f"{_rate(cell, 'gate')} of 100 pass at the threshold" for cell in _of(cells, "late"))
        + ".",
        "",
        "## Unit costs, with a cap per task",
        "",
        "Cost of an accepted result against a limit of 1; 65 % accepted, a rejected task costs 1.75 times as much. *Truth* is",
        "the unit cost: 1.0 is at the limit, where passing is wrong.",
        "",
        "| costs | cap | truth | passes, of 100 | fails, of 100 | cases | by a range, of 100 |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {cell['law']} | {cell['cap']} | {cell['part']} | {_rate(cell, 'gate')} | {_rate(cell, 'fails')} "
            f"| {_median(cell)} | {_rate(cell, 'range')} |"
            for cell in _of(cells, "money")
        ),
        "",
    ]
    return "\n".join(lines)


def _null(cell: Cell) -> bool:
    return cell.get("part") == 1.0 if cell["kind"] == "money" else cell["truth"] == cell["least"]


def _of(cells: Sequence[Cell], kind: str) -> list[Cell]:
    return [cell for cell in cells if cell["kind"] == kind]


def _rate(cell: Cell, rule: str) -> str:
    return f"{100 * cell[rule]['passed']:.1f}"


def _median(cell: Cell) -> str:
    return "-" if cell["gate"]["median"] is None else f"{cell['gate']['median']:,}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
