"""How often a share corrected for a judge holds: `python -m benchmarks.coverage.judge [--quick]`.

Seeded. Writes benchmarks/coverage/judge.json and docs/coverage/judge.md by the code that prints the ranges; `--quick`
takes a tenth of the runs and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from payback.measures.agreement import Agreement, MonthCounts, drift
from payback.measures.delivery.judge import (
    FEWEST_GROUPS,
    FEWEST_LABELS,
    Corrected,
    Labels,
    corrected,
    limits,
    rogan_gladen,
)
from payback.measures.estimate import Floats, Range, student
from payback.records import Unknown

RUNS = 5000
SHORT = 0.93
HERE = Path(__file__).parent
ROOT = HERE.parent.parent

JUDGES = ((0.93, 0.72), (0.98, 0.95), (0.9, 0.5), (0.6, 0.9), (0.999, 0.99))
"""Sensitivity and specificity: usual, good, lenient, strict, nearly always right."""
RATES = (0.5, 0.7, 0.9, 0.95, 0.98)
EXTREME = (0.99, 0.995)
"""Not asked to hold; shown."""
NUMBERS = (30, 60, 100, 300)
OTHERS = (300, 3000)
GROUPS = (
    (20, 20, 0.3),
    (25, 20, 0.2),
    (30, 10, 0.2),
    (40, 6, 0.3),
    (100, 6, 0.1),
    (100, 6, 0.5),
    (300, 6, 0.05),
)
"""Clusters, mean tasks in one, chance of a label."""
ALIKE, JUDGE_ALIKE = 0.2, 0.1
"""Intraclass correlation of acceptance, and of the judge's being right."""
PICKED = ((20, 20), (50, 50), (100, 30))
"""Labels of accepted and of rejected tasks, where somebody picked them."""

Dice = np.random.Generator


@dataclass(frozen=True)
class Cell:
    """One cell: coverage by method, the widths' median, and the share of runs in which the method printed."""

    kind: str
    judge: tuple[float, float]
    rate: float
    size: str
    held: dict[str, float]
    width: dict[str, float]
    shown: dict[str, float]


def alone(dice: Dice, judge: tuple[float, float], rate: float, count: int, rest: int, runs: int) -> Labels:
    """Every task stands alone; six kinds of task, each counted."""
    right, wrong = judge
    chance = [rate * right, rate * (1 - right), (1 - rate) * (1 - wrong), (1 - rate) * wrong]
    drawn = dice.multinomial(count, chance, size=runs).astype(float)
    said = dice.binomial(rest, chance[0] + chance[2], size=runs).astype(float)
    return _kinds(runs, np.column_stack([drawn, said, rest - said]), np.ones((runs, 4)))


def by_judge(dice: Dice, judge: tuple[float, float], rate: float, count: int, rest: int, runs: int) -> Labels:
    """Half of the labels from what the judge accepted, half from what it rejected, as far as there are."""
    right, wrong = judge
    yes_rate = rate * right + (1 - rate) * (1 - wrong)
    every = count + rest
    yes = dice.binomial(every, yes_rate, size=runs)
    no = every - yes
    from_no = np.minimum(count // 2, no)
    from_yes = np.minimum(count - from_no, yes)
    from_no = np.minimum(count - from_yes, no)
    both = dice.binomial(from_yes, rate * right / yes_rate)
    people = dice.binomial(from_no, rate * (1 - right) / (1 - yes_rate))
    times = np.column_stack([both, people, from_yes - both, from_no - people, yes - from_yes, no - from_no])
    heavy_yes, heavy_no = yes / np.maximum(from_yes, 1), no / np.maximum(from_no, 1)
    return _kinds(runs, times.astype(float), np.column_stack([heavy_yes, heavy_no, heavy_yes, heavy_no]))


def _kinds(runs: int, times: Floats, weight: Floats) -> Labels:
    """Labelled: both, people only, judge only, neither; not labelled: judge accepted, rejected."""

    def each(*values: float) -> Floats:
        return np.broadcast_to(np.array(values, dtype=float), (runs, 6))

    heavy = np.concatenate([weight, np.zeros((runs, 2))], axis=1)
    people, judge = each(1, 1, 0, 0, 0, 0), each(1, 0, 1, 0, 0, 0)
    rest, rest_judge = each(0, 0, 0, 0, 1, 1), each(0, 0, 0, 0, 1, 0)
    return Labels(
        each(1, 1, 1, 1, 0, 0), judge, heavy, heavy * people, heavy * judge, rest, rest_judge,
        heavy * people * judge, judge + rest_judge, np.zeros((runs, 6)), times,
    )  # fmt: skip


def grouped(
    dice: Dice, judge: tuple[float, float], rate: float, clusters: int, mean: int, chance: float, runs: int
) -> Labels:
    """Tasks in clusters, each with its own rate and its own judge."""

    def own(middle: float, alike: float) -> Floats:
        strength = 1 / alike - 1
        return np.asarray(dice.beta(middle * strength, (1 - middle) * strength, size=shape))

    shape = (runs, clusters)
    size = dice.integers(1, 2 * mean, size=shape)
    accepted = dice.binomial(size, own(rate, ALIKE))
    both = dice.binomial(accepted, own(judge[0], JUDGE_ALIKE))
    neither = dice.binomial(size - accepted, own(judge[1], JUDGE_ALIKE))
    kinds = (both, accepted - both, size - accepted - neither, neither)
    drawn = [dice.binomial(kind, chance).astype(float) for kind in kinds]
    people, said = drawn[0] + drawn[1], drawn[0] + drawn[2]
    count = people + drawn[2] + drawn[3]
    rest, rest_said = size - count, kinds[0] + kinds[2] - said
    return Labels(
        count, said, count, people, said, rest, rest_said, drawn[0], said + rest_said,
        np.zeros(shape), np.ones(shape),
    )  # fmt: skip


def cell(kind: str, judge: tuple[float, float], rate: float, size: str, labels: Labels) -> Cell:
    """Coverage of the printed range, of people alone, and of PPI++ as published (t quantile, no case added)."""
    count = labels.total(labels.drawn)
    best = corrected(labels)
    people = corrected(labels, np.zeros(len(count)))
    plain = corrected(labels, added=0.0)
    enough = (count >= FEWEST_LABELS) & (best.groups >= FEWEST_GROUPS)
    apart = labels.total(labels.people + labels.drawn_judge - 2 * labels.product / _one(labels.weight))
    rule = enough & (count >= 100) & (apart >= 10)
    held, width, shown = {}, {}, {}
    for name, low, high, where in (
        ("printed", *_ends(best), enough),
        ("people", *_ends(people), enough),
        ("plain", *_wald(plain), enough),
        ("notes", *_wald(plain), rule),
    ):
        shown[name] = float(where.mean())
        if shown[name] < 0.05:
            continue
        held[name] = float(((low <= rate) & (rate <= high))[where].mean())
        width[name] = float(np.median((np.minimum(high, 1) - np.maximum(low, 0))[where]))
    return Cell(kind, judge, rate, size, held, width, shown)


def _one(weight: Floats) -> Floats:
    """The weight itself where it is 1 a task, so that only even draws count disagreements."""
    return np.where(weight > 0, np.maximum(weight, 1), 1.0)


def _ends(found: Corrected) -> tuple[Floats, Floats]:
    ends = [
        limits(float(value), float(variance), float(worth), student(max(2, int(groups)), 0.95))
        for value, variance, worth, groups in zip(
            found.value, found.variance, found.worth, found.groups, strict=True
        )
    ]
    return np.array([low for low, _ in ends]), np.array([high for _, high in ends])


def _wald(found: Corrected) -> tuple[Floats, Floats]:
    half = np.array([student(max(2, int(groups)), 0.95) for groups in found.groups]) * np.sqrt(found.variance)
    return found.value - half, found.value + half


def carried(
    dice: Dice, judge: tuple[float, float], rate: float, yes: int, no: int, tasks: int, runs: int
) -> Cell:
    """Rogan and Gladen's figure from picked labels."""
    both, neither = dice.binomial(yes, judge[0], size=runs), dice.binomial(no, judge[1], size=runs)
    judged = dice.binomial(tasks, rate * judge[0] + (1 - rate) * (1 - judge[1]), size=runs) / tasks
    held, widths = 0, []
    for each in range(runs):
        table = Agreement(both[each], yes - both[each], no - neither[each], neither[each])
        found = rogan_gladen(table, float(judged[each]), tasks)
        if isinstance(found, Unknown) or not isinstance(found.range, Range):
            continue
        low, high = found.range.low or 0.0, found.range.high or 0.0
        held += low <= rate <= high
        widths.append(high - low)
    shown = len(widths) / runs
    known = shown >= 0.05
    return Cell(
        "picked", judge, rate, f"{yes} accepted, {no} rejected of {tasks:,}",
        {"printed": held / len(widths)} if known else {},
        {"printed": float(np.median(widths))} if known else {},
        {"printed": shown},
    )  # fmt: skip


def false_alarms(dice: Dice, months: int, labels: int, rate: float, runs: int) -> float:
    """How often a judge that has not changed is called changed; 60 clusters, each with a judge of its own."""
    alarms = 0
    for _ in range(runs):
        right = dice.beta(rate * 9, (1 - rate) * 9, size=60)
        counted = {}
        for month in range(months):
            yes = np.bincount(dice.integers(60, size=labels), minlength=60)
            no = np.bincount(dice.integers(60, size=labels // 3), minlength=60)
            counted[f"{month:02d}"] = MonthCounts(
                yes.astype(float), dice.binomial(yes, right).astype(float),
                no.astype(float), dice.binomial(no, right).astype(float),
            )  # fmt: skip
        alarms += bool(drift(counted)[0])
    return alarms / runs


def simulated(runs: int) -> dict[str, Any]:
    """Every cell, seeded one by one."""
    cells = list(_cells(runs))
    alarms = [
        {"months": months, "labels": labels, "rate": rate, "alarms": false_alarms(_dice("drift", months, labels), months, labels, rate, runs // 5)}
        for months in (3, 6, 12) for labels in (15, 60, 200) for rate in (0.8, 0.95)
    ]  # fmt: skip
    return {"runs": runs, "drift": alarms, "cells": [vars(each) for each in cells]}


def _cells(runs: int) -> Iterator[Cell]:
    for judge in JUDGES:
        for rate in (*RATES, *EXTREME):
            for count in NUMBERS:
                for rest in OTHERS:
                    size = f"{count} labels, {rest:,} more"
                    made = alone(_dice("alone", judge, rate, size), judge, rate, count, rest, runs)
                    yield cell("alone", judge, rate, size, made)
                    if rate not in EXTREME:
                        made = by_judge(_dice("by", judge, rate, size), judge, rate, count, rest, runs)
                        yield cell("by judge", judge, rate, size, made)
    for judge in JUDGES[:4]:
        for rate in RATES:
            for clusters, mean, chance in GROUPS:
                size = f"{clusters} clusters of {mean}, {100 * chance:.0f} % labelled"
                dice = _dice("grouped", judge, rate, size)
                yield cell(
                    "grouped", judge, rate, size, grouped(dice, judge, rate, clusters, mean, chance, runs)
                )
            for yes, no in PICKED:
                for tasks in OTHERS:
                    dice = _dice("picked", judge, rate, yes, no, tasks)
                    yield carried(dice, judge, rate, yes, no, tasks, runs)


def _dice(*of: object) -> Dice:
    return np.random.default_rng([20261122, *map(ord, repr(of))])


KINDS = {
    "alone": "Tasks on their own, every one as likely to be drawn",
    "by judge": "As many of what the judge accepted as of what it rejected, weighed back",
    "grouped": f"Tasks in clusters (acceptance alike {ALIKE}, the judge's errors {JUDGE_ALIKE})",
    "picked": "Picked labels, a judge whose errors carry over (Rogan and Gladen)",
}

PAGE = """# How often a share corrected for a judge holds

A 95 % range should hold the truth in 95 of 100 cases. Each cell is {runs:,} samples from made-up work whose accepted share is known, by the
code that prints the range. Generated by `python -m benchmarks.coverage.judge` (seeded; `--quick` takes a tenth); numbers in
`benchmarks/coverage/judge.json`. The error of a share from {runs:,} runs is 0.3 points at 95 %. Of several hundred cells the worst is
partly bad luck.

Judges: sensitivity and specificity {judges}. True shares {rates} %. 30 to 300 labels, 300 or 3,000 tasks more; with clusters, of
2 to 39 tasks each. `payback.measures.delivery.judge` prints from {labels} labels in {groups} clusters on.

## In short

| | cells | worst, % | cells under 93 | median, % | width against people alone |
|---|---|---|---|---|---|
{short}

**The range printed has no condition on the sample.** The rule we started from prints PPI++ as published where there are 100 labels and 10 of them
differ from the judge. It fails in {rule_short} of {rule_cells} cells ({rule_worst} % at worst), and no rule of that kind mends it: a rule that looks
at the sample keeps lucky samples. Where few tasks are accepted wrongly, exactly those samples pass that show more errors than usual. One case of
either disagreement in the spread, Wilson's form and Student's t do mend it, at a width that is {width} of that of people alone (median), {least}
where the judge is good.

## Where it is shortest

The ten cells with least coverage of each kind, of the range printed: held % (median width in points).

{worst}

## Beyond 98 %

Nearly all accepted is where 30 labels say least: not counted above.

{extreme}

## A judge that has not changed

How often one is called changed, % of {alarm_runs:,} runs; the test is set at 5. Labels a month, of accepted tasks; a third as many of rejected ones.

| | {alarm_head} |
|---|{alarm_line}|
{alarms}

## What this does not say

People are taken to be right, and the draw to be by chance. Judges here are wrong at random given what people say, within a cluster alike; a judge
that is wrong about one customer only is no harm to the figure, and to the range only through that customer's weight.
"""


def page(results: dict[str, Any]) -> str:
    """docs/coverage/judge.md."""
    cells = results["cells"]
    counted = [each for each in cells if each["rate"] not in EXTREME]
    rule = [
        each["held"]["notes"] for each in counted if "notes" in each["held"] and each["kind"] != "by judge"
    ]
    ratios = [
        each["width"]["printed"] / each["width"]["people"]
        for each in counted
        if "printed" in each["width"] and "people" in each["width"]
    ]
    good = [
        each["width"]["printed"] / each["width"]["people"]
        for each in counted
        if tuple(each["judge"]) == JUDGES[1] and "printed" in each["width"] and each["kind"] == "alone"
    ]
    rows = [_short(KINDS[kind], counted, kind, "printed") for kind in KINDS]
    rows.append(_short("For comparison: people's labels alone, Wilson with t", counted, None, "people"))
    rows.append(_short("For comparison: PPI++ as published, with t", counted, None, "plain"))
    drifts = results["drift"]
    months = sorted({each["months"] for each in drifts})
    return PAGE.format(
        runs=results["runs"],
        judges=", ".join(f"{a}/{b}" for a, b in JUDGES),
        rates=", ".join(f"{100 * rate:.0f}" for rate in RATES),
        labels=FEWEST_LABELS,
        groups=FEWEST_GROUPS,
        short="\n".join(rows),
        rule_short=sum(each < SHORT for each in rule),
        rule_cells=len(rule),
        rule_worst=f"{100 * min(rule):.1f}",
        width=f"{_median(ratios):.2f}",
        least=f"{min(good):.2f} to {max(good):.2f}",
        worst="\n".join(_worst(counted, kind) for kind in KINDS),
        extreme=_extreme(cells),
        alarm_runs=results["runs"] // 5,
        alarm_head=" | ".join(f"{each} months" for each in months),
        alarm_line="|".join("---" for _ in months),
        alarms="\n".join(_alarms(drifts, months)),
    )


def _short(name: str, cells: Sequence[dict[str, Any]], kind: str | None, method: str) -> str:
    mine = [each for each in cells if method in each["held"] and (kind is None or each["kind"] == kind)]
    held = [each["held"][method] for each in mine]
    wide = [each["width"][method] / each["width"]["people"] for each in mine if "people" in each["width"]]
    ratio = f"{_median(wide):.2f}" if wide else "-"
    return (
        f"| {name} | {len(held)} | {100 * min(held):.1f} | {sum(each < SHORT for each in held)} "
        f"| {100 * _median(held):.1f} | {ratio} |"
    )


def _worst(cells: Sequence[dict[str, Any]], kind: str) -> str:
    mine = [each for each in cells if each["kind"] == kind and "printed" in each["held"]]
    mine.sort(key=lambda each: each["held"]["printed"])
    lines = [f"| {KINDS[kind]} | judge | true share | held |", "|---|---|---|---|"]
    lines += [
        f"| {each['size']} | {each['judge'][0]}/{each['judge'][1]} | {100 * each['rate']:.0f} % "
        f"| {100 * each['held']['printed']:.1f} ({100 * each['width']['printed']:.0f}) |"
        for each in mine[:10]
    ]
    return "\n".join(lines) + "\n"


def _extreme(cells: Sequence[dict[str, Any]]) -> str:
    lines = [
        f"| labels | {' | '.join(f'{100 * rate:g} %: worst, median' for rate in EXTREME)} |",
        f"|---|{'---|' * len(EXTREME)}",
    ]
    for count in NUMBERS:
        parts = []
        for rate in EXTREME:
            held = [
                each["held"]["printed"]
                for each in cells
                if each["rate"] == rate and each["size"].startswith(f"{count} ") and "printed" in each["held"]
            ]
            parts.append(f"{100 * min(held):.1f}, {100 * _median(held):.1f}")
        lines.append(f"| {count} | {' | '.join(parts)} |")
    return "\n".join(lines)


def _alarms(drifts: Sequence[dict[str, Any]], months: Sequence[int]) -> Iterator[str]:
    for labels, rate in sorted({(each["labels"], each["rate"]) for each in drifts}):
        row = [
            f"{100 * each['alarms']:.1f}"
            for month in months
            for each in drifts
            if (each["months"], each["labels"], each["rate"]) == (month, labels, rate)
        ]
        yield f"| {labels} a month, right on {100 * rate:.0f} % | {' | '.join(row)} |"


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[math.floor(len(ordered) / 2)]


def main(words: Sequence[str]) -> int:
    """Simulate, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.coverage.judge", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the runs, nothing written")
    quick = asked.parse_args(words).quick
    results = simulated(RUNS // 10 if quick else RUNS)
    if not quick:
        cells = ",\n".join(json.dumps(_rounded(each)) for each in results["cells"])
        head = json.dumps({key: value for key, value in results.items() if key != "cells"}, indent=1)
        (HERE / "judge.json").write_text(f'{head[:-2]},\n "cells": [\n{cells}\n]}}\n', encoding="utf-8")
        (ROOT / "docs" / "coverage" / "judge.md").write_text(page(results), encoding="utf-8")
    print(page(results))
    return 0


def _rounded(each: dict[str, Any]) -> dict[str, Any]:
    found = dict(each)
    for name in ("held", "width", "shown"):
        found[name] = {key: round(value, 4) for key, value in each[name].items()}
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
