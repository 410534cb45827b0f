"""How often the bands of the forecast of spending hold: `python -m benchmarks.coverage.burn [--quick]`.

Seeded. Writes benchmarks/coverage/burn.json and docs/coverage/burn.md by the code that draws the bands; `--quick` takes
a tenth of the runs and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from payback.measures.estimate import Floats
from payback.measures.returns import burn_forecast as forecast
from payback.measures.returns.burn_series import FEWEST_BLOCKED, block_range

RUNS, DRAWS = 1000, 512
AHEAD = (1, 6, 12)
KNOWN = (3, 4, 6, 9, 13, 26)
BLOCKED = (36, 52)
HERE = Path(__file__).parent
ROOT = HERE.parent.parent

Random = np.random.Generator


def weeks(count: int, random: Random) -> Floats:
    """Days with a weekly season, a trend and noise, summed to weeks."""
    day = np.arange(count * 7)
    season = np.array([1.2, 1.25, 1.2, 1.15, 1.0, 0.5, 0.4])[day % 7]
    return np.asarray(
        ((100 + 0.3 * day) * season + random.normal(0, 12, len(day))).reshape(count, 7).sum(axis=1)
    )


def moving_weeks(count: int, random: Random) -> Floats:
    """Weeks with a trend whose level moves too."""
    level = np.cumsum(random.normal(0, 25, count))
    return np.asarray(np.maximum(700 + 10 * np.arange(count) + level + random.normal(0, 40, count), 0))


def lumps(count: int, random: Random) -> Floats:
    """Months of 100, and in one of six a bill of 150 more."""
    return np.asarray(100 + random.normal(0, 10, count) + 150 * (random.random(count) < 1 / 6))


def steady(count: int, random: Random) -> Floats:
    """Months that vary about 100 by a fifth."""
    return np.asarray(np.maximum(random.normal(100, 20, count), 0))


def wandering(count: int, random: Random) -> Floats:
    """Months that move from where the last one was."""
    return np.asarray(np.maximum(300 + np.cumsum(random.normal(0, 15, count)), 0))


def returning(count: int, random: Random) -> Floats:
    """Months alike that return to a mean, in shares (correlation 0.7)."""
    found = np.empty(count)
    found[0] = random.normal(0, 0.28)
    for number in range(1, count):
        found[number] = 0.7 * found[number - 1] + random.normal(0, 0.2)
    return np.asarray(100 * np.exp(found))


def growing(count: int, random: Random) -> Floats:
    """Months that grow by 8 of 100, give or take a tenth."""
    return np.asarray(100 * 1.08 ** np.arange(count) * np.exp(random.normal(0, 0.1, count)))


def ramping(count: int, random: Random) -> Floats:
    """Months that rise fast and level off: what comes is not like what was."""
    rise = 100 / (1 + np.exp(-(np.arange(count) - 4) / 1.5))
    return np.asarray((20 + rise) * np.exp(random.normal(0, 0.1, count)))


PROCESSES: dict[str, Callable[[int, Random], Floats]] = {
    "weekly season, trend, noise": weeks,
    "weeks, moving level": moving_weeks,
    "monthly lumps": lumps,
    "steady months": steady,
    "wandering months": wandering,
    "months that return": returning,
    "growth of 8 %": growing,
}
NOT_LIKE_THE_PAST = {"fast rise, then level": ramping}


def seeded(*names: object) -> list[int]:
    """A seed that depends on nothing but the names."""
    return [zlib.crc32(str(name).encode()) for name in names]


def cells(runs: int) -> Iterator[dict[str, Any]]:
    """How often the bands of all that is spent by a period ahead hold the truth."""
    for name, process in {**PROCESSES, **NOT_LIKE_THE_PAST}.items():
        for known in KNOWN:
            yield from _cell(name, process, known, runs)


def _cell(
    name: str, process: Callable[[int, Random], Floats], known: int, runs: int
) -> Iterator[dict[str, Any]]:
    random = np.random.default_rng(seeded("cell", name, known))
    ahead = [step for step in AHEAD if step <= forecast.REACH * known]
    held = {step: dict.fromkeys([*map(str, forecast.LEVELS), "above"], 0) for step in ahead}
    wide: dict[int, list[float]] = {step: [] for step in ahead}
    for run in range(runs):
        series = process(known + max(ahead), random)
        drawn = forecast.paths(series[:known], max(ahead), seed=[run, known], draws=DRAWS)
        for step in ahead:
            total, truth = drawn[:, :step].sum(axis=1), float(series[known : known + step].sum())
            for level in forecast.LEVELS:
                low, high = np.quantile(total, [(1 - level) / 2, (1 + level) / 2])
                held[step][str(level)] += bool(low <= truth <= high)
                if level == 0.8:
                    wide[step].append((high - low) / truth)
            held[step]["above"] += bool(truth > np.quantile(total, 0.975))
    for step in ahead:
        cell: dict[str, Any] = {"process": name, "known": known, "ahead": step}
        cell |= {key: count / runs for key, count in held[step].items()}
        yield cell | {"width": float(np.median(wide[step]))}


def blocked(runs: int) -> Iterator[dict[str, Any]]:
    """How often the range of a trailing mean holds the mean that periods vary about."""
    still = {"steady months": (steady, 100.0), "monthly lumps": (lumps, 125.0)}
    still["months that return"] = (returning, 100 * float(np.exp(0.2**2 / (1 - 0.7**2) / 2)))
    for name, (process, truth) in still.items():
        for known in BLOCKED:
            random = np.random.default_rng(seeded("blocked", name, known))
            held = plain = 0
            for _ in range(runs):
                series = process(known, random)
                ends = block_range(series)
                assert ends is not None
                held += ends[0] <= truth <= ends[1]
                reach = 1.96 * series.std(ddof=1) / np.sqrt(known)
                plain += abs(series.mean() - truth) <= reach
            yield {"process": name, "known": known, "held": held / runs, "plain": plain / runs}


def main(words: Sequence[str]) -> int:
    """Simulate, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.coverage.burn", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the runs, nothing written")
    quick = asked.parse_args(words).quick
    runs = RUNS // 10 if quick else RUNS
    found: dict[str, Any] = {"runs": runs, "cells": list(cells(runs)), "blocked": list(blocked(runs * 4))}
    text = page(found)
    print(text)
    if not quick:
        lines = ",\n".join(json.dumps(cell) for cell in (*found["cells"], *found["blocked"]))
        (HERE / "burn.json").write_text(f'{{"runs": {runs}, "cells": [\n{lines}\n]}}\n', encoding="utf-8")
        (ROOT / "docs" / "coverage" / "burn.md").write_text(text, encoding="utf-8")
    return 0


def page(found: dict[str, Any]) -> str:
    """docs/coverage/burn.md."""
    like = [cell for cell in found["cells"] if cell["process"] in PROCESSES]
    worst = {
        level: min(
            cell[str(level)]
            for cell in like
            if cell["ahead"]
            <= min(forecast.AS_FAR_AS.get(level, max(AHEAD)), forecast.BANDS_REACH * cell["known"])
        )
        for level in forecast.LEVELS
    }
    last = [cell for cell in like if cell["ahead"] == 1 and cell["known"] >= forecast.FEWEST_BEFORE]
    alarms = max(cell["above"] for cell in last)
    heads = [str(round(level * 100)) for level in forecast.LEVELS]
    parts = [
        f"""# How often the forecast of spending holds

Known processes, {found["runs"]:,} runs a cell, by the code that draws the bands: so many periods are known, and what
is spent in all over the next 1, 6 and 12 is compared with the bands. Generated by `python -m benchmarks.coverage.burn`
(seeded); numbers in `benchmarks/coverage/burn.json`. The error of a rate near 80 from 1,000 runs is 1.3.

**In the worst cell in which they are shown the bands of 50, 80 and 95 held in """
        + ", ".join(f"{100 * worst[level]:.0f}" for level in forecast.LEVELS)
        + f""" of 100.** The band of 50 is shown for the next
{forecast.AS_FAR_AS[0.5]} periods only, since further ahead it holds too seldom where spending grows by a share, and no band further ahead than {forecast.BANDS_REACH} times what is known. The bands are wider than
they need be where spending is steady, because few periods do not show whether it is. Nothing is forecast from fewer
than {forecast.FEWEST} periods, nor its middle further ahead than {forecast.REACH} times what is known.

*Above*: how often spending that goes on as it did lies above the 95 % band, which is what the alert in `payback check`
looks for, one month or four weeks ahead from {forecast.FEWEST_BEFORE} known periods on; in the worst such cell {100 * alarms:.1f} of 100. *Width*: of the
80 % band, in parts of the truth.
""",
        "| process | known | ahead | " + " | ".join(heads) + " | above | width |",
        "|---|---|---|" + "---|" * (len(heads) + 2),
        *(_row(cell) for cell in like),
        """
## What does not go on as it did

A fast rise that levels off: no forecast from the past alone sees the bend. Before it the bands are too narrow, after it
they are right. The page says that the forecast takes spending to go on as it did.
""",
        "| process | known | ahead | " + " | ".join(heads) + " | above | width |",
        "|---|---|---|" + "---|" * (len(heads) + 2),
        *(_row(cell) for cell in found["cells"] if cell["process"] in NOT_LIKE_THE_PAST),
        f"""
## The range of a trailing mean

The mean that periods vary about, by the means of four blocks, from {FEWEST_BLOCKED} weeks on; below that no range is shown, so
spending booked by month has none. *Plain*: as if periods had nothing to do with each other.

| process | periods | held, of 100 | plain |
|---|---|---|---|""",
        *(
            f"| {cell['process']} | {cell['known']} | {100 * cell['held']:.1f} | {100 * cell['plain']:.1f} |"
            for cell in found["blocked"]
        ),
    ]
    return "\n".join(parts) + "\n"


def _row(cell: dict[str, Any]) -> str:
    rates = " | ".join(f"{100 * cell[str(level)]:.0f}" for level in forecast.LEVELS)
    return (
        f"| {cell['process']} | {cell['known']} | {cell['ahead']} | {rates} | {100 * cell['above']:.1f} | "
        f"{cell['width']:.2f} |"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
