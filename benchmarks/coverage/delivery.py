"""How often the ranges of delivery hold: `python -m benchmarks.coverage.delivery [--quick]`.

Seeded. Writes benchmarks/coverage/delivery.json and docs/coverage/delivery.md; `--quick` takes a tenth of
the runs and writes nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from benchmarks.coverage.laws import ALIKE, Generator, generator_for
from payback.measures.delivery.adoption import Curve, Users, curve, followed, mean_days
from payback.measures.delivery.harm import HarmCost, mean_harm
from payback.measures.delivery.missing import KINDS, Split, more_often
from payback.measures.delivery.ranks import Standing, places
from payback.measures.delivery.repeats import Repeats, mean_over_tasks, scores
from payback.measures.delivery.service import Times, Version, change, slowest_range
from payback.measures.estimate import Floats, Range
from payback.measures.proportion import most_share, share_range
from payback.records import Unknown

RUNS = 1000
HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "coverage" / "delivery.md"
PICO = 10**12
FEWEST_MADE = 40
"""A cell with fewer ranges than this is not printed."""


@dataclass(frozen=True)
class Cell:
    """One kind of range in one made-up world: how often it held, of those made, and its median width."""

    what: str
    world: str
    held: float
    below: float  # the whole range lies below the truth
    none: float  # no range, or no end on one side
    width: float
    runs: int


def tally(what: str, world: str, truth: float, made: Sequence[tuple[float, float] | None]) -> Cell:
    """Low and high end of each run; None where none was made, infinite where an end is open."""
    there = [each for each in made if each is not None]
    closed = [high - low for low, high in there if np.isfinite(high)]
    return Cell(
        what=what,
        world=world,
        held=round(float(np.mean([low <= truth <= high for low, high in there])) if there else 0.0, 4),
        below=round(float(np.mean([high < truth for _, high in there])) if there else 0.0, 4),
        none=round(1 - len(closed) / len(made), 4),
        width=round(float(np.median(closed)), 4) if closed else 0.0,
        runs=len(made),
    )


def ends(made: Range | Unknown) -> tuple[float, float] | None:
    """The two ends; open ones are infinite."""
    if isinstance(made, Unknown):
        return None
    return (
        -np.inf if made.low is None else made.low,
        np.inf if made.high is None else made.high,
    )


def rates(generator: Generator, share: float, shape: tuple[int, ...]) -> Floats:
    """A rate for each cluster: beta, intraclass correlation ALIKE."""
    weight = 1 / ALIKE - 1
    return generator.beta(share * weight, (1 - share) * weight, shape)


def failures(runs: int) -> Iterator[Cell]:
    """A reason that strikes rarely: its range, and the most a failure can be."""
    for share in (0.005, 0.02, 0.08):
        for clusters, size in ((100, 1), (400, 1), (40, 10), (150, 4)):
            generator = generator_for(f"failures {share} {clusters} {size}")
            rate = (
                np.full((runs, clusters), share) if size == 1 else rates(generator, share, (runs, clusters))
            )
            hits = generator.binomial(size, rate).astype(np.float64)
            tasks = np.full(clusters, float(size))
            world = f"{100 * share:g} of 100, {clusters} {'tasks' if size == 1 else f'groups of {size}'}"
            ranges = [ends(share_range(tasks, each, each, alone=size == 1)) for each in hits]
            yield tally("why not accepted, error rate", world, share, ranges)
            yield tally(
                "severe failures, at most", world, share, [(0.0, most_share(tasks, each)) for each in hits]
            )


def slow(runs: int) -> Iterator[Cell]:
    """Lognormal times; in groups, half of the variance of their log lies between groups."""
    for clusters, size in ((100, 1), (400, 1), (40, 10), (150, 4)):
        generator = generator_for(f"slow {clusters} {size}")
        own = generator.standard_normal((runs, clusters, size))
        group = generator.standard_normal((runs, clusters, 1)) if size > 1 else own
        seconds = np.exp((own + group) / np.sqrt(2) if size > 1 else own)
        truth = float(np.exp(ndtri(0.95)))
        found = []
        for run in seconds:
            flat = np.sort(run.ravel())
            limit = flat[int(np.ceil(0.95 * flat.size)) - 1]
            histogram = Times([(1, each, each) for each in (Decimal(str(round(x, 9))) for x in flat)])
            within = (run <= limit).sum(axis=1).astype(np.float64)
            found.append(ends(slowest_range(histogram, np.full(clusters, float(size)), within)))
        world = f"{clusters} {'results' if size == 1 else f'groups of {size}'}"
        yield tally("95 of 100 results take at most", world, truth, found)


def staying(runs: int) -> Iterator[Cell]:
    """Users come over 90 days, leave at 2 % a day, are seen to day 150 and are gone after 28 days."""
    start, as_of, leave = date(2026, 1, 1), 150, 0.02
    truth = (1 - leave) ** 29
    mean = sum((1 - leave) ** (day + 1) for day in range(56))
    for users in (20, 100, 400):
        generator = generator_for(f"staying {users}")
        came = generator.integers(0, 90, (runs, users))
        last = np.minimum(came + generator.geometric(leave, (runs, users)) - 1, as_of)
        shares: list[tuple[float, float] | None] = []
        means: list[tuple[float, float] | None] = []
        for run in range(runs):
            pairs = zip(came[run].tolist(), last[run].tolist(), strict=True)
            found = [Users(start + timedelta(days=a), start + timedelta(days=b), 1, 0) for a, b in pairs]
            made = curve(*followed(found, start + timedelta(days=as_of)))
            step = made.share(28) if isinstance(made, Curve) else None
            shares.append(None if step is None else (step.low, step.high))
            area = mean_days(made) if isinstance(made, Curve) else None
            means.append(None if area is None or isinstance(area, Unknown) else area[1:])
        yield tally("still there after 28 days", f"{users} users", truth, shares)
        yield tally("days of the first 56", f"{users} users", mean, means)


def before_after(runs: int) -> Iterator[Cell]:
    """Two versions, accepted 70 and 78 of 100."""
    day = date(2026, 1, 1)
    for clusters, size in ((20, 1), (50, 1), (200, 1), (40, 10)):
        generator = generator_for(f"version {clusters} {size}")
        made = []
        drawn = []
        for share in (0.70, 0.78):
            rate = (
                np.full((runs, clusters), share) if size == 1 else rates(generator, share, (runs, clusters))
            )
            drawn.append(generator.binomial(size, rate))
        for one, other in zip(*drawn, strict=True):
            before, after = (
                Version(
                    "m", day, day, clusters * size, {str(n): size for n in range(clusters)},
                    {str(n): int(hits) for n, hits in enumerate(each)},
                )
                for each in (one, other)
            )  # fmt: skip
            made.append(ends(change(before, after).range))
        world = f"{clusters} {'tasks' if size == 1 else f'groups of {size}'} each"
        yield tally("after a new version", world, 0.08, made)


def harm(runs: int) -> Iterator[Cell]:
    """10 % of independent results cost something: lognormal, or Pareto."""
    worlds: dict[str, Callable[[Generator, int], Floats]] = {
        "lognormal, s = 1.0": lambda g, shape: np.exp(g.standard_normal(shape) - 0.5),
        "lognormal, s = 1.8": lambda g, shape: np.exp(1.8 * g.standard_normal(shape) - 1.62),
        "Pareto, index 1.6": lambda g, shape: (1 - g.random(shape)) ** (-1 / 1.6) * 0.6 / 1.6,
        "Pareto, index 0.8 (no mean)": lambda g, shape: (1 - g.random(shape)) ** (-1 / 0.8),
    }
    for name, law in worlds.items():
        for results in (100, 300, 1000, 4000):
            generator = generator_for(f"harm {name} {results}")
            count = max(50, runs // (1 + results // 1000))
            made = []
            for _ in range(count):
                paid = law(generator, results) * (generator.random(results) < 0.1)
                pico = [int(each * PICO) for each in paid]
                sizes = [(1, each, each) for each in sorted(each for each in pico if each)]
                cells = {str(n): each for n, each in enumerate(pico)}
                found = HarmCost(dict.fromkeys(cells, 1), dict(cells), results, results, 0, sum(pico), sizes)
                made.append(ends(mean_harm(found, PICO)))
            truth = np.inf if "no mean" in name else 0.1
            yield tally("harm a task", f"{name}, {results} results", truth, made)


def tries(runs: int) -> Iterator[Cell]:
    """Four trials of each task, whose own chance is beta around 70 of 100, intraclass correlation 0.4."""
    a, b = 0.7 * 1.5, 0.3 * 1.5
    both = a * (a + 1) / ((a + b) * (a + b + 1))
    for tasks in (10, 30, 150):
        generator = generator_for(f"tries {tasks}")
        passed = generator.binomial(4, generator.beta(a, b, (runs, tasks)))
        made = []
        for run in passed:
            found = Repeats({(str(n), 4, int(c)): 1 for n, c in enumerate(run)})
            _, estimate = mean_over_tasks(found, scores(found, 2, every=True))
            made.append(ends(estimate.range))
        yield tally("all of 2 tries accepted", f"{tasks} tasks of 4 trials", both, made)


def standing(runs: int) -> Iterator[Cell]:
    """Eight ways, two alike: all places right together; the width is how many places one may stand on."""
    shares = np.array([0.9, 0.85, 0.85, 0.7, 0.6, 0.55, 0.5, 0.3])
    best = [int(1 + (shares > each).sum()) for each in shares]
    worst = [int((shares >= each).sum()) for each in shares]
    for tasks, size in ((50, 1), (300, 1), (60, 5)):
        generator = generator_for(f"places {tasks} {size}")
        rights, widths = 0, []
        for _ in range(runs // 2):
            level = generator.standard_normal(
                (tasks, 1)
            )  # hard and easy tasks, or groups, for all ways alike
            own = generator.standard_normal((tasks, size))
            ways = []
            for share in shares:
                noise = generator.standard_normal((tasks, size))
                score = level * 0.6 + own * 0.4 + noise * np.sqrt(1 - 0.36 - 0.16)
                got = (score < ndtri(share)).sum(axis=1).astype(np.float64)
                ways.append(Standing(np.full(tasks, float(size)), got))
            found = places(ways)
            rights += all(
                low <= b and w <= high for (low, high), b, w in zip(found, best, worst, strict=True)
            )
            widths += [high - low + 1 for low, high in found]
        world = f"8 ways, {tasks} {'tasks' if size == 1 else f'groups of {size}'}"
        share_right = round(rights / (runs // 2), 4)
        yield Cell("all places together", world, share_right, 0.0, 0.0, float(np.mean(widths)), runs // 2)


def false_alarms(runs: int) -> Iterator[Cell]:
    """Nothing is amiss: how often it is not said that something is missing more often."""
    for clusters, size in ((200, 1), (40, 10)):
        generator = generator_for(f"missing {clusters} {size}")
        quiet = 0
        for _ in range(runs):
            found = {}
            for kind in KINDS:
                rate = rates(generator, 0.1, (clusters,)) if size > 1 else np.full(clusters, 0.1)
                part = generator.binomial(size, 0.3, clusters)
                one, rest = generator.binomial(part, rate), generator.binomial(size - part, rate)
                found[kind] = Split(
                    {
                        str(n): [int(one[n]), int(part[n]), int(rest[n]), int(size - part[n])]
                        for n in range(clusters)
                    }
                )
            quiet += not more_often(found)
        world = f"{clusters} {'tasks' if size == 1 else f'groups of {size}'}"
        yield Cell("nothing said of missing data", world, round(quiet / runs, 4), 0.0, 0.0, 0.0, runs)


HEAD = """# How often the ranges of delivery hold

As in [the page of the other ranges](README.md): each range is made {runs:,} times (half for places, fewer for much harm) from made-up work whose truth is
known, by the code that prints it; 95 of 100 should hold. Groups are alike with an intraclass correlation of 0.2 where nothing else
is said. Generated by `python -m benchmarks.coverage.delivery` (seeded). *Held*: of the ranges made, in 100. *Below*: wholly below
the truth. *None*: no range, or open on one side. **Bold**: under 93. An upper limit is one-sided and may hold more often.

What falls short: harm whose costs are very uneven (a cost not yet met is in no range; those that are refused would have held more
often, but where no mean exists nothing else is honest); rare failures in few groups. Places are found by allowing for every pair, so they hold more
often than they say.

| range | made-up work | held | below | none | median width |
|---|---|---|---|---|---|
"""


def page(cells: Sequence[Cell], runs: int) -> str:
    """The table."""
    lines = []
    for cell in cells:
        held = f"{100 * cell.held:.1f}"
        shown = held if (1 - cell.none) * cell.runs >= FEWEST_MADE or not cell.none else "-"
        if cell.held < 0.93 and shown != "-":
            shown = f"**{shown}**"
        lines.append(
            f"| {cell.what} | {cell.world} | {shown} | {100 * cell.below:.1f} | {100 * cell.none:.1f} "
            f"| {cell.width:.3g} |"
        )
    return HEAD.format(runs=runs) + "\n".join(lines) + "\n"


def main(words: Sequence[str]) -> int:
    """Simulate, print, write."""
    quick = "--quick" in words
    runs = RUNS // 10 if quick else RUNS
    kinds = (failures, slow, staying, before_after, harm, tries, standing, false_alarms)
    cells = [cell for kind in kinds for cell in kind(runs)]
    text = page(cells, runs)
    print(text)
    if not quick:
        lines = ",\n".join(json.dumps(asdict(cell)) for cell in cells)
        (HERE / "delivery.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
        PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
