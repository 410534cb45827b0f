"""What was tried against bootstrap-t for the range of cost per accepted outcome: `python -m benchmarks.coverage.research`.

Seeded. Writes benchmarks/coverage/research.json and docs/coverage/research.md. Bootstrap-t itself is taken from
benchmarks/coverage/results.json, the same laws and cells. `--quick` takes a tenth and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coverage.laws import LAWS, Generator, Law, generator_for, work
from payback.measures.estimate import LEVEL, Floats, student
from payback.measures.ratio import HIGHEST_MULTIPLE

RUNS, FEWER_RUNS = 4000, 1000  # fewer at 600 clusters
CLUSTERS = (5, 15, 40, 150, 600)
OUTER, INNER, DOUBLE_RUNS = 199, 99, 400
HEAVY = ("lognormal-1.8", "runaway", "pareto-1.6")
HEAVY_CLUSTERS = (15, 40)
COMPARED = "cost-per-accepted, bootstrap-t (not used)"
POINTS_LESS, TIMES_WIDER, BELOW = 1.0, 1.5, 4.0
LARGE = 0.15  # a part of the costliest cluster that looks heavy
HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "coverage" / "research.md"


@dataclass(frozen=True)
class Seen:
    """Runs of one cell. `ratio` in parts of the truth, `error` its standard error on the log scale.

    `largest` and `second` are the parts of the two costliest clusters, `cubes` the cube root of the sum of
    cubes of all positive parts; `g` is Fieller's. `fitted` and `spread` are of a lognormal law fitted to the
    clusters' cost a task: log of its mean over the sample's, and the standard error of that (Cox).
    """

    clusters: int
    ratio: Floats
    error: Floats
    largest: Floats
    second: Floats
    cubes: Floats
    g: Floats
    fitted: Floats
    spread: Floats


Upper = Callable[[Seen], Floats]
"""How far the upper end lies above the figure on the log scale."""


def _plain(whole: float, more: float = 1.0) -> Upper:
    return lambda seen: student(seen.clusters, LEVEL) * (more * seen.error + whole * seen.largest)


def _if_large(seen: Seen) -> Floats:
    part = np.where(seen.largest > LARGE, 1.0, 0.5)
    return np.asarray(student(seen.clusters, LEVEL) * (seen.error + part * seen.largest), dtype=np.float64)


def _cubes(seen: Seen) -> Floats:
    return student(seen.clusters, LEVEL) * (seen.error + 0.75 * seen.cubes)


def _two(seen: Seen) -> Floats:
    return student(seen.clusters, LEVEL) * (seen.error + 0.5 * (seen.largest + seen.second))


def _square(seen: Seen) -> Floats:
    far = student(seen.clusters, LEVEL) * (seen.error + seen.largest)
    return np.asarray(far + 0.3 * far * far, dtype=np.float64)


def _lognormal(seen: Seen) -> Floats:
    """The upper end of the mean of a fitted lognormal law, or half the costliest part, whichever is higher."""
    fitted = seen.fitted + student(seen.clusters, LEVEL) * seen.spread
    return np.asarray(np.maximum(_plain(0.5)(seen), fitted), dtype=np.float64)


RULES: Mapping[str, tuple[str, Upper]] = {
    "none": ("t se: log-delta", _plain(0.0)),
    "half": ("t (se + m/2): what was printed before", _plain(0.5)),
    "whole": ("**t (se + m): what is printed**", _plain(1.0)),
    "more": ("t (se + 1.5 m)", _plain(1.5)),
    "error": ("t (1.3 se + m/2)", _plain(0.5, 1.3)),
    "large": (f"t (se + m) where m is over {LARGE}, else t (se + m/2)", _if_large),
    "two": ("t (se + half of the two costliest)", _two),
    "cubes": ("t (se + 0.75 (sum of cubes of parts)^(1/3))", _cubes),
    "square": ("a + 0.3 a^2, a = t (se + m)", _square),
    "lognormal": ("mean of a fitted lognormal (Cox), or t (se + m/2)", _lognormal),
}


def main(words: Sequence[str]) -> int:
    """Simulate, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.coverage.research", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the runs, nothing written")
    quick = asked.parse_args(words).quick
    results = simulated(10 if quick else 1)
    print(page(results))
    if not quick:
        cells = ",\n".join(json.dumps(cell) for cell in results["cells"])
        double = ",\n".join(json.dumps(cell) for cell in results["double"])
        text = f'{{"cells": [\n{cells}\n], "double": [\n{double}\n]}}\n'
        (HERE / "research.json").write_text(text, encoding="utf-8")
        PAGE.write_text(page(results), encoding="utf-8")
    return 0


def simulated(less: int = 1) -> dict[str, Any]:
    """Every rule in every cell, beside what bootstrap-t did there."""
    stored = json.loads((HERE / "results.json").read_text(encoding="utf-8"))["cells"]
    boot = {
        (cell["law"], cell["clusters"], cell["alone"]): cell
        for cell in stored
        if cell["quantity"] == COMPARED
    }
    cells, double = [], []
    for law in LAWS:
        for clusters in CLUSTERS:
            for alone in (False, True):
                runs = (FEWER_RUNS if clusters >= 600 else RUNS) // less
                generator = generator_for(f"research {law.key} {clusters} {alone}")
                seen = _seen(law, generator, runs, clusters, alone=alone)
                named = {"law": law.key, "clusters": clusters, "alone": alone}
                held = {name: _judged(seen, upper(seen)) for name, (_, upper) in RULES.items()}
                theirs = boot[law.key, clusters, alone]
                compared = {"held": theirs["held"], "below": theirs["wholly_below"], "width": theirs["width"]}
                cells.append({**named, "bootstrap-t": compared, **held})
                if law.key in HEAVY and clusters in HEAVY_CLUSTERS:
                    double.append({**named, **_double(law, clusters, DOUBLE_RUNS // less, alone=alone)})
    return {"cells": cells, "double": double}


def _seen(law: Law, generator: Generator, runs: int, clusters: int, *, alone: bool) -> Seen:
    found: list[list[Floats]] = []
    batch = max(20, min(1000, 100_000 // clusters))
    for start in range(0, runs, batch):
        drawn = work(law, generator, min(batch, runs - start), clusters, alone=alone)
        some = drawn.accepted.sum(axis=1) > 0
        x, y, n = drawn.cost[some], drawn.accepted[some], drawn.n[some]
        shares = [each / each.sum(axis=1, keepdims=True) for each in (x, y, n)]
        spent = np.sort(np.maximum(shares[0] - shares[2], 0.0), axis=1)
        logs = np.log(x / n)
        between = logs.var(axis=1, ddof=1)
        found.append(
            [
                x.sum(axis=1) / y.sum(axis=1) / (law.cost_per_task / law.share),
                _norm(shares[0] - shares[1]),
                spent[:, -1],
                spent[:, -2],
                (spent**3).sum(axis=1) ** (1 / 3),
                (student(clusters, LEVEL) * _norm(shares[1] - 1 / clusters)) ** 2,
                logs.mean(axis=1) + between / 2 - np.log(x.sum(axis=1) / n.sum(axis=1)),
                np.sqrt(between / clusters + between**2 / (2 * (clusters - 1))),
            ]
        )
    return Seen(clusters, *(np.concatenate(each) for each in zip(*found, strict=True)))


def _norm(parts: Floats) -> Floats:
    clusters = parts.shape[1]
    return np.asarray(np.sqrt(clusters / (clusters - 1) * np.square(parts).sum(axis=1)), dtype=np.float64)


def _judged(seen: Seen, above: Floats) -> dict[str, float]:
    """Shares of runs, and the median width of ranges that have both ends; as benchmarks.coverage counts."""
    low = seen.ratio * np.exp(-student(seen.clusters, LEVEL) * seen.error)
    high = seen.ratio * np.exp(np.minimum(above, 100.0))
    open_end = (seen.g >= 1) | (high > HIGHEST_MULTIPLE * seen.ratio)
    high = np.where(open_end, np.inf, high)
    width = (high - low)[~open_end]
    return {
        "held": round(float(((low <= 1) & (high >= 1)).mean()), 4),
        "below": round(float((high < 1).mean()), 4),
        "width": round(float(np.median(width)), 4) if len(width) else float("inf"),
        "open": round(float(open_end.mean()), 4),
    }


def _double(law: Law, clusters: int, runs: int, *, alone: bool) -> dict[str, Any]:
    """Bootstrap-t, and bootstrap-t whose upper level is set by a bootstrap within each bootstrap (Beran 1987).

    One set of resamples serves all runs, as in benchmarks.coverage.bootstrap.
    """
    generator = generator_for(f"double {law.key} {clusters} {alone}")
    drawn = work(law, generator, runs, clusters, alone=alone)
    first = generator.integers(0, clusters, (OUTER, clusters))
    within = np.take_along_axis(
        np.repeat(first, INNER, axis=0), generator.integers(0, clusters, (OUTER * INNER, clusters)), axis=1
    )
    truth = law.cost_per_task / law.share
    once: list[tuple[float, float]] = []
    twice: list[tuple[float, float]] = []
    for run in range(runs):
        x, y = drawn.cost[run], drawn.accepted[run]
        if y.sum() <= 0:
            continue
        ratio, error = _log_ratio(x[None], y[None])
        outer, outer_error = _log_ratio(x[first], y[first])
        inner, inner_error = _log_ratio(x[within], y[within])
        with np.errstate(invalid="ignore", divide="ignore"):
            pivots = _finite((outer - ratio) / outer_error)
            nested = _finite((inner - np.repeat(outer, INNER)) / inner_error).reshape(OUTER, INNER)
        rank = (nested <= pivots[:, None]).mean(axis=1)
        level = float(np.quantile(rank, 0.025))
        critical = student(clusters, LEVEL)
        for far, into in ((0.025, once), (level, twice)):
            above = max(critical, -float(np.quantile(pivots, far)))
            high = float(np.exp(min(ratio[0] + above * error[0], 100.0))) / truth
            low = float(np.exp(ratio[0] - critical * error[0])) / truth
            into.append((low, high))
    return {"bootstrap-t": _ends(once), "calibrated": _ends(twice), "runs": len(once)}


def _finite(pivots: Floats) -> Floats:
    return np.nan_to_num(pivots, nan=0.0, posinf=1e6, neginf=-1e6)


def _log_ratio(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    with np.errstate(invalid="ignore", divide="ignore"):
        above, below = x.sum(axis=1), y.sum(axis=1)
        return np.log(above / below), _norm(x / above[:, None] - y / below[:, None])


def _ends(limits: Sequence[tuple[float, float]]) -> dict[str, float]:
    low, high = np.array(limits).T
    return {
        "held": round(float(((low <= 1) & (high >= 1)).mean()), 4),
        "below": round(float((high < 1).mean()), 4),
        "width": round(float(np.median(high - low)), 4),
    }


@dataclass(frozen=True)
class Sum:
    """A rule over many cells."""

    cells: int
    short: int  # hold less often than bootstrap-t, by more than a point
    wide: int  # wider than allowed
    widest: float  # times bootstrap-t
    below: int  # in how many no more lie wholly below the truth than allowed
    median: float  # held
    worst: float


def summed(cells: Sequence[Mapping[str, Any]], rule: str) -> Sum:
    """One rule against bootstrap-t in the cells given; widths where both have one."""
    pairs = [(cell[rule], cell["bootstrap-t"]) for cell in cells]
    ratios = [
        mine["width"] / theirs["width"]
        for mine, theirs in pairs
        if theirs["width"] and np.isfinite(mine["width"])
    ]
    helds = sorted(100 * mine["held"] for mine, _ in pairs)
    return Sum(
        cells=len(pairs),
        short=sum(100 * (theirs["held"] - mine["held"]) > POINTS_LESS for mine, theirs in pairs),
        wide=sum(ratio > TIMES_WIDER for ratio in ratios),
        widest=max(ratios),
        below=sum(100 * mine["below"] <= BELOW for mine, _ in pairs),
        median=helds[len(helds) // 2],
        worst=helds[0],
    )


def page(results: Mapping[str, Any]) -> str:
    """docs/coverage/research.md."""
    kept_out = {law.key for law in LAWS if not law.pooled}
    cells = results["cells"]
    looked = [cell for cell in cells if cell["law"] not in kept_out]
    others = [cell for cell in cells if cell["law"] in kept_out]
    lines = [
        "# What was tried against bootstrap-t",
        "",
        "Cost per accepted outcome where costs have a heavy tail and clusters are few. The low end is always R exp(-t se); what was",
        "tried is how far up the range goes, on the log scale (m: the part of the costliest cluster, docs/formulas.md,",
        f'"costliest-case"). Asked of a rule in **every** cell: to hold at least as often as bootstrap-t less {POINTS_LESS:g} point, at no more',
        f"than {TIMES_WIDER:g} times its median width; and, where possible, at most {BELOW:g} of 100 ranges wholly below the truth. {len(looked)} cells",
        f"of six laws to look at, {len(others)} cells of two laws (*ten-times*, *lognormal-2.5*) kept out. {RUNS:,} runs a cell ({FEWER_RUNS:,} at 600",
        "clusters), `python -m benchmarks.coverage.research`, seeded; bootstrap-t as in [Coverage](README.md).",
        "",
        "| upper end | cells short of bootstrap-t | too wide | widest, times | at most 4 wholly below | median held | worst held | kept out: short | too wide |",
        "|---|---|---|---|---|---|---|---|---|",
        _line("bootstrap-t", summed(looked, "bootstrap-t"), summed(others, "bootstrap-t")),
        *(_line(words, summed(looked, rule), summed(others, rule)) for rule, (words, _) in RULES.items()),
        "",
        "**Taken: the whole of m in place of half.** It is short in no cell, kept out or not, and needs nothing fitted or drawn; a",
        "range only grows where m grows, so more missing data never narrow it. More than the whole helps the worst cells by a few",
        "points and widens every range of even costs, which hold well already. To widen only where the tail looks heavy does not work: the",
        "samples that mislead are those in which the costly case has not been seen, and they look light. A fitted law fails for the same reason,",
        "and where the law is another.",
        "",
        "**What no rule mends.** Where 3 of 100 calls run away and a cluster is one task, 30 of 100 samples of 40 have no such call.",
        "More than 4 of 100 ranges lie below the truth there, by bootstrap-t in 21 of 100. A bound by betting needs a cap on what a task can cost;",
        "with one, gates use it ([gates](gates.md)). A saddlepoint is an approximation to what bootstrap-t draws, and blind to the same; it was not tried.",
        "",
        "## The hardest cells",
        "",
        "Held, of 100 (wholly below the truth) median width in parts of the truth. A range without an upper end (over",
        f"{HIGHEST_MULTIPLE:g} times the figure) holds where its low end does, and is left out of the width; the last column is how many.",
        "",
        "| law | clusters | bootstrap-t | half of m | whole of m | 1.5 m | whole: no upper end, of 100 |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {_named(cell)} | {cell['clusters']} | "
            + " | ".join(_held(cell[rule]) for rule in ("bootstrap-t", "half", "whole", "more"))
            + f" | {100 * cell['whole']['open']:.0f} |"
            for cell in cells
            if cell["clusters"] in HEAVY_CLUSTERS and cell["law"] in (*HEAVY, *kept_out)
        ),
        "",
        "## Bootstrap-t with its level set by a second bootstrap",
        "",
        f"Beran 1987; {OUTER} resamples with {INNER} in each, {DOUBLE_RUNS} runs a cell, upper end only, never less than t se.",
        "",
        "| law | clusters | bootstrap-t | calibrated | width, times |",
        "|---|---|---|---|---|",
        *_calibrated(results["double"]),
        "",
    ]
    return "\n".join(lines)


def _line(words: str, looked: Sum, others: Sum) -> str:
    return (
        f"| {words} | {looked.short} of {looked.cells} | {looked.wide} | {looked.widest:.2f} | {looked.below} of {looked.cells} "
        f"| {looked.median:.1f} | {looked.worst:.1f} | {others.short} of {others.cells} | {others.wide} |"
    )


def _named(cell: Mapping[str, Any]) -> str:
    return f"{cell['law']}, {'one task each' if cell['alone'] else '1 to 12 tasks'}"


def _held(cell: Mapping[str, float]) -> str:
    return f"{100 * cell['held']:.1f} ({100 * cell['below']:.1f}) {cell['width']:.2f}"


def _calibrated(cells: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for cell in cells:
        once, twice = cell["bootstrap-t"], cell["calibrated"]
        yield (
            f"| {_named(cell)} | {cell['clusters']} | {_held(once)} | {_held(twice)} "
            f"| {twice['width'] / once['width']:.2f} |"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
