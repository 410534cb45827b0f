"""How often the ranges and chances of own or call hold: `python -m benchmarks.coverage.own_or_call [--quick]`.

Seeded. Writes benchmarks/coverage/own_or_call.json and docs/coverage/own_or_call.md by the code that makes the
ranges; `--quick` takes a tenth of the runs and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from payback.measures.economics.unit_cost import Arm, full_unit_cost
from payback.measures.estimate import Estimate
from payback.measures.ranges import Uncertain, at, between, measured
from payback.measures.returns.own_or_call import Share, Way, compared
from payback.records import Unknown

RUNS = 1000
DRAWS = 1024
TASKS = (30, 100, 400)
SPREADS = (0.6, 1.0)
HERE = Path(__file__).parent
ROOT = HERE.parent.parent

ACCEPTED, REVIEW = (5, 1.5), 0.30
"""Parameters of the beta that shares accepted are drawn from, use case by use case; review, a task."""
LEVEL = between(0.05, 5)
"""What an attempt costs differs from use case to use case as widely as this."""
TODAY, ONCE, EACH, VOLUME = between(3, 7), between(20_000, 80_000), between(0.3, 0.9), between(400, 2_500)
MONTHS = 36
BINS = ((0.0, 0.1), (0.1, 0.3), (0.3, 0.7), (0.7, 0.9), (0.9, 1.0))


@dataclass(frozen=True)
class Cell:
    """Of 100 ranges of 90, how many held the truth: a month of the measured way, of the declared one, and the volume at
    which they are even (where there is one); and in how many runs a range could be made at all.
    """

    tasks: int
    spread: float
    measured: float
    declared: float
    even: float
    made: float


@dataclass(frozen=True)
class Bin:
    """Of the chances said between two ends: how many, their mean, and how often it was so."""

    low: float
    high: float
    count: int
    said: float
    came: float


def main(words: Sequence[str]) -> int:
    """Simulate, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.coverage.own_or_call", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the runs, nothing written")
    quick = asked.parse_args(words).quick
    cells, bins = simulated(RUNS // 10 if quick else RUNS)
    text = page(cells, bins)
    if not quick:
        result = {
            "runs": RUNS,
            "cells": [asdict(each) for each in cells],
            "bins": [asdict(each) for each in bins],
        }
        (HERE / "own_or_call.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        (ROOT / "docs" / "coverage" / "own_or_call.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def simulated(runs: int) -> tuple[list[Cell], list[Bin]]:
    """Every cell, and all chances that were said in them."""
    cells, chances = [], []
    for tasks in TASKS:
        for spread in SPREADS:
            dice = np.random.default_rng([tasks, int(10 * spread)])
            found = [_run(dice, tasks, spread, number) for number in range(runs)]
            made = [each for each in found if each is not None]
            chances += [each[3] for each in made]
            evens = [each[2] for each in made if each[2] is not None]
            cells.append(
                Cell(
                    tasks, spread, _of_hundred([each[0] for each in made]), _of_hundred([each[1] for each in made]),
                    _of_hundred(evens), 100 * len(made) / runs,
                )
            )  # fmt: skip
    return cells, _binned(chances)


def _run(
    dice: np.random.Generator, tasks: int, spread: float, seed: int
) -> tuple[bool, bool, bool | None, tuple[float, bool]] | None:
    """One made-up use case: whether each range held the truth, and the chance said that the measured way is cheaper."""
    today, once, each, volume, level = (_one(dice, what) for what in (TODAY, ONCE, EACH, VOLUME, LEVEL))
    share = float(dice.beta(*ACCEPTED))
    accepted = dice.random(tasks) < share
    cost = np.exp(dice.normal(-spread * spread / 2, spread, tasks)) * level * np.where(accepted, 1, 1.75)
    true_attempt = level * (share + 1.75 * (1 - share)) + REVIEW
    middle = 5.0  # of "3 to 7", as today's cost is shown
    way = _measured(cost, accepted, middle)
    if way is None:
        return None
    own = Way("own", once=ONCE, per_unit=EACH)
    found = compared([way, own], VOLUME, MONTHS, shared={"today": TODAY}, draws=DRAWS, seed=seed)
    per_unit = true_attempt + (1 - share) * today
    truth = {"ai": per_unit * volume, "own": once / MONTHS + each * volume}
    held = {name: now.low <= truth[name] <= now.high for name, now in found.today.items()}
    (crossing,) = found.crossings
    even = None
    if per_unit > each:
        place = once / MONTHS / (per_unit - each)
        even = (
            crossing.low is not None and crossing.high is not None and crossing.low <= place <= crossing.high
        )
    return held["ai"], held["own"], even, (found.today["ai"].cheapest, bool(truth["ai"] < truth["own"]))


def _measured(cost: np.ndarray, accepted: np.ndarray, today: float) -> Way | None:
    """A measured way as the assessment makes it: its unit cost within its range, what is redone apart."""
    ones = np.ones(len(cost))
    arm = Arm(ones, ones, accepted.astype(float), cost, np.zeros(len(cost)), float(cost.max()))
    estimate = full_unit_cost(arm, (today, today), (REVIEW, REVIEW))
    if not isinstance(estimate, Estimate) or isinstance(estimate.range, Unknown):
        return None
    ends, redone = estimate.range, 1 - float(accepted.mean())
    if ends.low is None or ends.high is None:
        return None
    value = float(cost.mean()) + REVIEW + redone * today
    low, high = min(ends.low, value), max(ends.high, value)
    apart = redone * today
    per_unit = measured(value - apart, low - apart, high - apart, ends.level or 0.95)
    return Way("ai", per_unit=per_unit, carries=(Share("today", redone),))


def _one(dice: np.random.Generator, what: Uncertain) -> float:
    """The truth of something stated as a range: one draw from it."""
    return float(at(what, dice.standard_normal(1))[0])


def _of_hundred(held: Sequence[bool]) -> float:
    return 100 * sum(held) / len(held) if held else 0.0


def _binned(chances: Sequence[tuple[float, bool]]) -> list[Bin]:
    made = []
    for low, high in BINS:
        mine = [(said, came) for said, came in chances if low <= said < high or (high == 1.0 and said == 1.0)]
        if mine:
            said, came = (float(np.mean([each[place] for each in mine])) for place in (0, 1))
            made.append(Bin(low, high, len(mine), round(said, 4), round(came, 4)))
    return made


def page(cells: Sequence[Cell], bins: Sequence[Bin]) -> str:
    """docs/coverage/own_or_call.md."""
    rows = "\n".join(
        f"| {each.tasks} | {each.spread} | {each.measured:.1f} | {each.declared:.1f} | {each.even:.1f} | {each.made:.0f} |"
        for each in cells
    )
    lines = "\n".join(
        f"| {100 * each.low:.0f} to {100 * each.high:.0f} | {each.count:,} | {100 * each.said:.1f} | {100 * each.came:.1f} |"
        for each in bins
    )
    worst = min(each.measured for each in cells)
    return f"""# How often own or call holds

A measured way of working beside a declared one, {RUNS:,} made-up use cases a cell, by the code that makes the ranges.
Generated by `python -m benchmarks.coverage.own_or_call` (seeded); numbers in `benchmarks/coverage/own_or_call.json`. The error of a
share near 90 from 1,000 runs is about 0.9.

Tasks cost a lognormal sum (*spread*: standard deviation of its logarithm), at a level between 0.05 and 5 that differs from use case to use case; 77 of 100 are accepted on average (beta(5, 1.5)), a rejected one costs 1.75 times as
much, and what is not accepted is redone as today. What is declared (today's cost 3 to 7, a build of 20,000 to 80,000 over 36 months,
0.30 to 0.90 a unit, 400 to 2,500 units a month) has as its truth one draw from the range: where people are surer than they
should be, no simulation helps.

**A range of 90 held the measured way's true cost a month in {worst:.1f} of 100 or more in every cell.**

| tasks | spread | a month, measured way | a month, declared way | break-even volume | ranges made |
|---|---|---|---|---|---|
{rows}

How often the measured way was the cheaper one, by the chance that was said of it:

| chance said, of 100 | use cases | mean of those | it was so |
|---|---|---|---|
{lines}
"""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
