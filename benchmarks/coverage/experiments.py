"""How often ranges of an experiment's effect hold: `python -m benchmarks.coverage.experiments [--quick]`.

Seeded; 5,000 experiments a cell, by the code that prints the ranges. Writes benchmarks/coverage/experiments.json and
docs/coverage/experiments.md; `--quick` takes a tenth and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.coverage.laws import Generator, generator_for
from payback.measures.delivery import experiment, rollout
from payback.measures.delivery.experiment import Sums
from payback.measures.effect import Effect, estimate
from payback.measures.estimate import Floats, Range

RUNS, CHUNK_TASKS = 5000, 2_000_000
HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "coverage" / "experiments.md"
Cell = dict[str, Any]
Integers = npt.NDArray[np.int64]

SIZES = {"one task each": 1, "1 to 12 tasks": 12, "1 to 60, most few": 60}
TOGETHER = 0.3  # share of the variance that lies between clusters
LAWS = {
    "minutes": ("minutes", "expected time x lognormal, s = 0.6; 15 % less"),
    "log minutes": ("log minutes", "normal, half of it expected"),
    "65 % accepted": ("acceptance", "2 points more; intraclass correlation 0.2"),
    "90 % accepted": ("acceptance", "2 points more; intraclass correlation 0.2"),
    "96 % accepted": ("acceptance", "2 points more; intraclass correlation 0.2"),
    "cost, s = 1.0": ("cost", "lognormal; 40 % less"),
    "cost, s = 1.8": ("cost", "lognormal; 40 % less"),
    "cost, runaway": ("cost", "lognormal, s = 0.9; 3 % of tasks cost 30 times; 40 % less"),
}
EVEN = ((5, 5), (10, 10), (20, 20), (40, 40), (150, 150))
LOPSIDED = ((20, 10), (10, 20), (10, 40), (40, 10), (40, 150), (150, 40))
OF_MONEY = ((150, 150), (300, 300), (1000, 1000), (1000, 1200), (1200, 1000), (2500, 2500))
GROUPS = ((2, 2), (3, 3), (5, 5), (10, 10), (20, 20), (5, 15), (15, 5), (10, 40), (40, 10), (60, 60))


def main(words: Sequence[str]) -> int:
    """Simulate, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.coverage.experiments", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the runs, nothing written")
    quick = asked.parse_args(words).quick
    runs = RUNS // 10 if quick else RUNS
    cells = []
    for cell in simulated(runs):
        cells.append(cell)
        print(cell, flush=True)
    if not quick:
        listed = ",\n".join(json.dumps(cell) for cell in cells)
        (HERE / "experiments.json").write_text(
            f'{{"runs": {runs}, "cells": [\n{listed}\n]}}\n', encoding="utf-8"
        )
        PAGE.write_text(page(cells, runs), encoding="utf-8")
    return 0


def simulated(runs: int) -> Iterator[Cell]:
    """Every cell: trials with a covariate, then groups before and after."""
    for law, (result, _) in LAWS.items():
        for size in list(SIZES)[: 2 if result == "cost" else 3]:
            for pair in OF_MONEY if result == "cost" else (*EVEN, *LOPSIDED):
                yield trial(law, size, pair, runs)
    for pair in EVEN[1:3]:
        yield trial("minutes", "1 to 12 tasks", pair, runs, both=True)
    for law in ("minutes", "log minutes", "90 % accepted", "cost, s = 1.8"):
        for size in ("20 tasks", "1 to 60 tasks"):
            for pair in GROUPS:
                yield groups(law, size, pair, runs)
    for teams in (10, 20, 40, 60):
        yield rollouts(teams, runs)


def trial(law: str, size: str, pair: tuple[int, int], runs: int, *, both: bool = False) -> Cell:
    """One cell: `pair` is clusters of the second way and of the first; `both`: the same clusters work both ways."""
    generator = generator_for(f"experiments {law} {size} {pair} {both}")
    held = below = printed = 0
    widths: list[float] = []
    chunk = max(1, CHUNK_TASKS // (max(pair) * min(8, SIZES[size])))
    left = runs
    while left > 0:
        count = min(chunk, left)
        left -= count
        shared = generator.standard_normal((count, pair[0])) if both else None
        seconds, truth_second = _drawn(law, generator, count, pair[0], SIZES[size], shared, second=True)
        firsts, truth_first = _drawn(law, generator, count, pair[1], SIZES[size], shared, second=False)
        truth = truth_second - truth_first
        for run in range(count):
            second, first = _of(seconds, run), _of(firsts, run)
            if experiment.untrusted(LAWS[law][0], second, first) is not None:
                continue
            found = experiment.effect(second, first)
            if not isinstance(found, Effect):
                continue
            low, high = _ends(found)
            printed += 1
            held += low <= truth <= high
            below += high < truth
            widths.append((high - low) / abs(truth))
    kind = "both" if both else "trial"
    return _cell(
        {"kind": kind, "law": law, "size": size, "clusters": pair}, runs, held, below, printed, widths
    )


def _cell(named: Cell, runs: int, held: int, below: int, printed: int, widths: list[float]) -> Cell:
    if not printed:
        return {**named, "printed": 0.0, "held": None, "below": None, "width": None}
    return {
        **named,
        "printed": round(printed / runs, 4),
        "held": round(held / printed, 4),
        "below": round(below / printed, 4),
        "width": round(float(np.median(widths)), 3),
    }


def _ends(found: Effect) -> tuple[float, float]:
    made = estimate(found).range
    assert isinstance(made, Range)
    assert made.low is not None
    assert made.high is not None
    return made.low, made.high


def _of(drawn: Sequence[Floats], run: int) -> Sums:
    return Sums(*(part[run] for part in drawn))


def _drawn(
    law: str,
    generator: Generator,
    runs: int,
    clusters: int,
    most: int,
    shared: Floats | None,
    *,
    second: bool,
) -> tuple[tuple[Floats, ...], float]:
    """Sums by run and cluster, and the true mean of a task."""
    if most <= 12:
        n = generator.integers(1, most + 1, (runs, clusters))
    else:
        heavy = np.ceil((1 - generator.random((runs, clusters))) ** (-1 / 1.1))
        n = np.minimum(most, heavy).astype(np.int64)
    sizes = n.ravel()
    begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    tasks = int(sizes.sum())
    expected = generator.gamma(4, 5, tasks)
    own = shared if shared is not None else generator.standard_normal((runs, clusters))
    noise = TOGETHER**0.5 * np.repeat(own.ravel(), sizes)
    noise += (1 - TOGETHER) ** 0.5 * generator.standard_normal(tasks)
    y, truth = _values(law, generator, expected, noise, sizes, second=second)

    def summed(values: Floats) -> Floats:
        return np.add.reduceat(values, begins).reshape(n.shape)

    parts = (y, expected, expected * y, expected * expected)
    return (n.astype(np.float64), *(summed(part) for part in parts)), truth


def _values(
    law: str, generator: Generator, expected: Floats, noise: Floats, sizes: Integers, *, second: bool
) -> tuple[Floats, float]:
    if law == "minutes":
        times = 0.85 if second else 1.0
        return 0.8 * expected * np.exp(0.6 * noise - 0.18) * times, 16 * times
    if law == "log minutes":
        less = 0.15 if second else 0.0
        return 0.04 * expected + 0.6 * noise - less, 0.8 - less
    if law.endswith("accepted"):
        share = float(law[:2]) / 100 + (0.02 if second else 0.0)
        rates = np.repeat(generator.beta(4 * share, 4 * (1 - share), len(sizes)), sizes)
        return (generator.random(len(expected)) < rates).astype(np.float64), share
    times = 0.6 if second else 1.0
    s = {"cost, s = 1.0": 1.0, "cost, s = 1.8": 1.8}.get(law, 0.9)
    cost = times * np.exp(s * noise - s * s / 2) * np.sqrt(expected / 20)
    mean = times * math.gamma(4.5) / math.gamma(4) * math.sqrt(5 / 20)
    if law == "cost, runaway":
        cost *= np.where(generator.random(len(expected)) < 0.03, 30.0, 1.0)
        mean *= 1 + 29 * 0.03
    return cost, mean


def groups(law: str, size: str, pair: tuple[int, int], runs: int) -> Cell:
    """Groups with means before and after, each with its own level and its own drift; `pair`: with it, without."""
    generator = generator_for(f"experiments groups {law} {size} {pair}")
    held = below = printed = 0
    widths: list[float] = []
    treated, truth = _changes(law, size, generator, runs, pair[0], treated=True)
    control, drift = _changes(law, size, generator, runs, pair[1], treated=False)
    truth -= drift
    result = LAWS[law][0]
    for run in range(runs):
        second = [(float(a), float(b)) for a, b in treated[run]]
        first = [(float(a), float(b)) for a, b in control[run]]
        if rollout.untrusted(result, len(second), len(first)) is not None:
            continue
        found = rollout.before_after(second, first)
        if not isinstance(found, Effect):
            continue
        low, high = _ends(found)
        printed += 1
        held += low <= truth <= high
        below += high < truth
        widths.append((high - low) / abs(truth))
    return _cell(
        {"kind": "groups", "law": law, "size": size, "clusters": pair}, runs, held, below, printed, widths
    )


def _changes(
    law: str, size: str, generator: Generator, runs: int, count: int, *, treated: bool
) -> tuple[Floats, float]:
    """Means before and after by run and group, and the true mean change."""
    n = np.full((runs, count, 2), 20)
    if size != "20 tasks":
        n = generator.integers(1, 61, (runs, count, 2))
    there = np.arange(n.max()) < n[..., None]
    level = generator.standard_normal((runs, count, 1, 1))
    drifted = generator.standard_normal((runs, count, 2, 1))
    own = generator.standard_normal(there.shape)
    z = 0.4 * level + 0.3 * drifted + math.sqrt(1 - 0.16 - 0.09) * own
    late = np.array([0.0, 1.0])[:, None]
    if law.endswith("accepted"):
        share = 0.9 + late * (0.01 + (0.03 if treated else 0.0))
        centre = share + 0.04 * np.tanh(level) + 0.02 * np.tanh(drifted)  # never above 1
        accepted = generator.random(there.shape) < centre
        return (accepted * there).sum(axis=3) / n, 0.04 if treated else 0.01
    if law == "log minutes":
        change = -0.05 - (0.15 if treated else 0.0)
        values = 3 + 0.6 * z + late * change
    else:
        s = 0.6 if law == "minutes" else 1.8
        times = 1 + late * (-0.05 - (0.2 if treated else 0.0))
        values = np.exp(s * z - s * s / 2) * times
        change = -0.25 if treated else -0.05
    return (values * there).sum(axis=3) / n, change


def rollouts(teams: int, runs: int) -> Cell:
    """Teams that begin in week 6, 9 or 12 of 16, a quarter of them never; the effect grows. Two stages, by groups."""
    generator = generator_for(f"experiments rollouts minutes {teams}")
    named = {"kind": "rollouts", "law": "minutes", "size": "16 weeks", "clusters": (teams, teams)}
    if rollout.untrusted_weeks("minutes", teams) is not None:
        return _cell(named, runs, 0, 0, 0, [])
    weeks = 16
    start = np.array([(6, 9, 12, 99)[team % 4] for team in range(teams)])
    team, week = (part.ravel() for part in np.meshgrid(range(teams), range(1, weeks + 1), indexing="ij"))
    treated = week >= start[team]
    gains = np.where(treated, -3.0 - (week - start[team]), 0.0)
    truth = float(gains[treated].mean())
    two = TwoStages(team, week, treated)
    held = below = 0
    widths: list[float] = []
    for _ in range(runs):
        noise = 5 * generator.standard_normal(teams * weeks) + 2 * _walk(generator, teams, weeks)
        y = 45 + 4 * generator.standard_normal(teams)[team] + 0.4 * week + gains + noise
        found = two.effect(y)
        low, high = _ends(found)
        held += low <= truth <= high
        below += high < truth
        widths.append((high - low) / abs(truth))
    return _cell(named, runs, held, below, runs, widths)


def _walk(generator: Generator, teams: int, weeks: int) -> Floats:
    """What stays with a team from week to week: half of it."""
    found = generator.standard_normal((teams, weeks))
    for at in range(1, weeks):
        found[:, at] = 0.5 * found[:, at - 1] + math.sqrt(0.75) * found[:, at]
    return found.ravel()


class TwoStages:
    """Gardner 2022 by hand, for one panel and many results: what pyfixest's did2s gives, without its seconds a call."""

    def __init__(self, team: Floats, week: Floats, treated: Floats) -> None:
        teams, weeks = np.unique(team), np.unique(week)
        effects = np.hstack([team[:, None] == teams, week[:, None] == weeks[1:]]).astype(np.float64)
        self.treated = treated.astype(np.float64)
        self.groups = (team[:, None] == teams).astype(np.float64)
        untreated = effects * (1 - self.treated)[:, None]
        self.bread = np.linalg.pinv(untreated.T @ untreated)
        self.effects, self.untreated = effects, untreated
        self.count = float(self.treated.sum())
        self.through = (self.treated @ effects) @ self.bread

    def effect(self, y: Floats) -> Effect:
        """The mean effect in treated weeks, and its error by team."""
        first = y - self.effects @ (self.bread @ (self.untreated.T @ y))
        value = float(self.treated @ first) / self.count
        second = first - value * self.treated
        early = (self.untreated * (first * (1 - self.treated))[:, None]) @ self.through
        score = self.groups.T @ (self.treated * second - early) / self.count
        teams = self.groups.shape[1]
        scale = teams / (teams - 1)
        return Effect(value, math.sqrt(scale * float(score @ score)), teams - 1, teams)


def page(cells: Sequence[Cell], runs: int) -> str:
    """docs/coverage/experiments.md."""
    error = 100 * math.sqrt(0.95 * 0.05 / runs)
    printed = [cell for cell in cells if cell["held"] is not None and cell["printed"] >= 0.05]
    worst = min(cell["held"] for cell in printed)
    rules = _rules()
    lines = [
        "# How often the ranges of experiments hold",
        "",
        f"{runs:,} experiments a cell whose true effect is known, by the code that prints the ranges. A 95 % range should hold the truth in 95",
        f"of 100. **In the worst cell that is printed it was {100 * worst:.1f}.** The error of a share near 95 is {error:.1f}. Generated by",
        "`python -m benchmarks.coverage.experiments` (seeded); numbers in `benchmarks/coverage/experiments.json`.",
        "",
        "**How to read a cell.** `94.1 (2.0) 0.61`: 94.1 of 100 ranges held the truth, 2.0 lay wholly below it, and their median width is 0.61",
        "times the effect. *(40 %)* after it: only so many of the samples were given a range, the others a reason. `-`: fewer than 5 % were.",
        "",
        "## Trials with a covariate: regression-adjusted",
        "",
        "Clusters of the AI's way and of the other one. Tasks of a cluster share 30 % of the spread; what was expected of a task explains part",
        "of it. The two ways differ in spread too: that is where ranges fail. No range is given",
        "",
        *(f"- {rule}" for rule in rules),
        "",
        *(f"- *{law}*: {words}" for law, (_, words) in LAWS.items()),
        "",
    ]
    for results in (("minutes", "log minutes", "acceptance"), ("cost",)):
        pairs = OF_MONEY if results == ("cost",) else (*EVEN, *LOPSIDED)
        lines += _table(cells, "trial", [law for law, (of, _) in LAWS.items() if of in results], pairs)
    both = [cell for cell in cells if cell["kind"] == "both"]
    lines += [
        "Where the same clusters work both ways the range is too wide rather than too narrow: "
        + "; ".join(f"{cell['clusters'][0]} clusters: {_text(cell)}" for cell in both)
        + ".",
        "",
        "## Groups before and after, with a control: difference-in-differences",
        "",
        "Groups that began, and groups that did not. A group is one observation; each drifts on its own. No range with fewer than",
        f"{rollout.FEWEST_GROUPS} groups of either kind; none for costs.",
        "",
        *_table(cells, "groups", ["minutes", "log minutes", "90 % accepted", "cost, s = 1.8"], GROUPS),
        "## Groups that began on different days",
        "",
        "16 weeks; a quarter of the teams each begin in week 6, 9 and 12, a quarter never; the effect grows. By the same two stages as",
        "pyfixest (a test compares); Student's t, teams less one. No range is given with fewer than",
        f"{rollout.FEWEST_BEGINNING_APART} teams, and none for costs.",
        "",
        *_table(cells, "rollouts", ["minutes"], [(n, n) for n in (10, 20, 40, 60)]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _rules() -> tuple[str, ...]:
    """Where no range is given."""
    return (
        f"for costs with fewer than {experiment.FEWEST_OF_MONEY:,} clusters each way, or {experiment.LOPSIDED_MONEY} times as many one way;",
        f"for shares with fewer than {experiment.FEWEST_RARER} accepted, or not accepted, one way;",
        f"for minutes and shares with fewer than {experiment.FEWEST_LOPSIDED} clusters one way and over {experiment.LOPSIDED:.0f} times as many the other;",
        "for anything with fewer than 5 clusters each way.",
    )


def _table(
    cells: Sequence[Cell], kind: str, laws: Sequence[str], pairs: Sequence[tuple[int, int]]
) -> list[str]:
    lines = [
        "| | " + " | ".join(f"{a} and {b}" for a, b in pairs) + " |",
        "|---" * (len(pairs) + 1) + "|",
    ]
    mine = {
        (cell["law"], cell["size"], tuple(cell["clusters"])): cell for cell in cells if cell["kind"] == kind
    }
    for law in laws:
        for size in dict.fromkeys(of for name, of, _ in mine if name == law):
            shown = (_text(mine.get((law, size, pair))) for pair in pairs)
            lines.append(f"| {law}, {size} | " + " | ".join(shown) + " |")
    return [*lines, ""]


def _text(cell: Cell | None) -> str:
    if cell is None or cell["held"] is None or cell["printed"] < 0.05:
        return "-"
    text = f"{100 * cell['held']:.1f} ({100 * cell['below']:.1f}) {cell['width']:.2f}"
    text = f"**{text}**" if cell["held"] < 0.93 else text
    return text if cell["printed"] > 0.995 else f"{text} *({100 * cell['printed']:.0f} %)*"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
