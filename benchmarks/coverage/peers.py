"""Peers on PyPI beside our ranges and gates, on the same draws: `python -m benchmarks.coverage.peers [--quick]`.

Seeded. Each peer runs in a process of its own, through the Python of the environment PAYBACK_PEERS names, or of one
made here with pip; one that is not there is "absent", with the reason. Writes benchmarks/coverage/peers.json and
docs/coverage/peers.md; `--quick` takes a tenth and writes nothing.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coverage.bootstrap import bootstrap_t, counts, quantiles
from benchmarks.coverage.laws import LAWS, Law, gained, generator_for, outcomes_both_ways, tasks
from payback.measures.bets import log_bets, needed
from payback.measures.delivery.acceptance import Acceptance, acceptance
from payback.measures.delivery.comparison import acceptance_difference, mcnemar
from payback.measures.delivery.planning import enough
from payback.measures.economics.unit_cost import Arm, per_accepted_range
from payback.measures.estimate import LEVEL, Estimate, Floats, Range
from payback.measures.proportion import clustered_t, clustered_wilson
from payback.measures.ratio import ratio_interval
from payback.records import Unknown

PEERS = ("inspect-ai", "evalsig", "evaltrust", "claimeval")
RUNS, STREAMS, CASES = 1000, 1000, 1000
SECONDS = 7.0  # of processor time for each method of a peer in each cell
GROUP, ALIKE = 5, 0.3  # tasks of a group in a stream, and how alike they are
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "coverage" / "peers.md"
PAIRED = ROOT / "tests" / "measures" / "data" / "paired_cases.csv"

Limits = tuple[float, float]
Cell = dict[str, Any]


def main(words: Sequence[str]) -> int:
    """Simulate, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.coverage.peers", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the runs, nothing written")
    quick = asked.parse_args(words).quick
    results = measured(0.1 if quick else 1.0)
    print(page(results))
    if not quick:
        cells = ",\n".join(json.dumps(cell) for cell in results["cells"])
        head = json.dumps({key: value for key, value in results.items() if key != "cells"}, indent=1)
        (HERE / "peers.json").write_text(f'{head[:-2]},\n "cells": [\n{cells}\n]}}\n', encoding="utf-8")
        PAGE.write_text(page(results), encoding="utf-8")
    return 0


def measured(part: float = 1.0) -> dict[str, Any]:
    """Everything the page and the rows show; `part` of the runs and of the time."""
    drawn = list(_drawn(part))
    with tempfile.TemporaryDirectory(prefix="payback-peers-") as scratch, _python() as (python, why):
        folder = Path(scratch)
        for each in drawn:
            np.savez(folder / f"{each.file}.npz", **each.arrays)
        listed = [{"file": each.file, "kind": each.kind} for each in drawn]
        (folder / "cells.json").write_text(json.dumps(listed), encoding="utf-8")
        told = {name: _asked(python, why, name, folder, SECONDS * part) for name in PEERS}
    cells = [cell for each in drawn for cell in _compared(each, told)]
    return {
        "date": date.today().isoformat(),  # noqa: DTZ011 - the day here, for people
        "runs": int(RUNS * part),
        "streams": int(STREAMS * part),
        "peers": {
            name: {key: answer[key] for key in ("version", "python", "absent") if key in answer}
            for name, answer in told.items()
        },
        "cells": cells,
    }


# --- Where the peers are -------------------------------------------------------------------------------------


@contextmanager
def _python() -> Iterator[tuple[Path | None, str]]:
    """The interpreter that has the peers, or why there is none."""
    named = os.environ.get("PAYBACK_PEERS")
    if named:
        python = _inside(Path(named))
        yield (python, "") if python.exists() else (None, f"no {python}")
        return
    with tempfile.TemporaryDirectory(prefix="payback-peers-") as made:
        venv.create(made, with_pip=True)
        why = ""
        for name in PEERS:  # one by one, so that one that cannot be installed keeps no other out
            pip = [str(_inside(Path(made))), "-m", "pip", "install", "-q", name]
            done = subprocess.run(pip, capture_output=True, text=True, check=False)
            why = why or (_last(done.stderr) if done.returncode else "")
        yield _inside(Path(made)), why


def _inside(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _asked(python: Path | None, why: str, name: str, folder: Path, seconds: float) -> dict[str, Any]:
    if python is None:
        return {"absent": why}
    quiet = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [str(python), str(HERE / "peer.py"), name, str(folder), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=quiet)
    if done.returncode:
        return {"absent": why or _last(done.stderr)}
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["it says nothing"])[-1]


# --- The same draws for everybody ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """The runs of one cell, what is asked of them, and the truth of each kind."""

    file: str
    kind: str  # kinds of answer, joined by +
    about: str
    arrays: Mapping[str, Any]
    truth: Mapping[str, float]


def _drawn(part: float) -> Iterator[Drawn]:
    law = {each.key: each for each in LAWS}
    runs = int(RUNS * part)
    yield Drawn("paired_cases", "exact", "tests/measures/data/paired_cases.csv", _paired_cases(), {})
    for key in ("lognormal-1.0", "nearly-all"):
        for clusters in (15, 40):
            yield _accepted(law[key], clusters, runs)
    for clusters in (15, 40):
        yield _both_ways(law["lognormal-1.0"], clusters, runs)
    for key in ("lognormal-1.0", "lognormal-1.8", "runaway"):
        yield _costs(law[key], 40, runs)
    for share, alike in ((0.65, 0.0), (0.98, 0.0), (0.65, ALIKE)):
        yield _stream(share, alike, int(STREAMS * part))


def _paired_cases() -> dict[str, Any]:
    with PAIRED.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["cluster"] for row in rows})
    groups = [[row for row in rows if row["cluster"] == name] for name in names]
    most = max(len(group) for group in groups)

    def column(name: str) -> Floats:
        return np.array(
            [[*(float(row[name]) for row in group), *[0.0] * (most - len(group))] for group in groups]
        )

    there = np.arange(most) < np.array([len(group) for group in groups])[:, None]
    named = {"first": "champion_ok", "second": "challenger_ok", "cost": "champion_cost"}
    return {"there": there[None], **{key: column(name)[None] for key, name in named.items()}}


def _accepted(law: Law, clusters: int, runs: int) -> Drawn:
    made = tasks(law, generator_for(f"peers acceptance {law.key} {clusters}"), runs, clusters, alone=False)
    arrays = {"there": made.there, "first": made.accepted, "second": made.accepted, "cost": made.there}
    about = f"{100 * law.share:.0f} % accepted, {clusters} clusters"
    return Drawn(f"acceptance-{law.key}-{clusters}", "acceptance", about, arrays, {"acceptance": law.share})


def _both_ways(law: Law, clusters: int, runs: int) -> Drawn:
    generator = generator_for(f"peers difference {law.key} {clusters}")
    _, there, first, second = outcomes_both_ways(law, generator, runs, clusters, alone=False)
    arrays = {"there": there, "first": first & there, "second": second & there, "cost": there}
    return Drawn(
        f"difference-{clusters}", "difference", f"{clusters} clusters", arrays, {"difference": gained(law)}
    )


def _costs(law: Law, clusters: int, runs: int) -> Drawn:
    made = tasks(law, generator_for(f"peers cost {law.key} {clusters}"), runs, clusters, alone=False)
    arrays = {"there": made.there, "first": made.accepted, "second": made.accepted, "cost": made.cost}
    truth = {"cost per task": law.cost_per_task, "cost per accepted": law.cost_per_task / law.share}
    return Drawn(
        f"cost-{law.key}-{clusters}", "+".join(truth), f"{law.key}, {clusters} clusters", arrays, truth
    )


def _stream(share: float, alike: float, streams: int) -> Drawn:
    """Outcomes less the threshold they are held against, which is the truth: whoever passes, passes wrongly."""
    generator = generator_for(f"peers gate {share} {alike}")
    rates = np.full((streams, CASES // GROUP), share)
    if alike:
        weight = 1 / alike - 1
        rates = generator.beta(share * weight, (1 - share) * weight, rates.shape)
    accepted = generator.random((streams, CASES // GROUP, GROUP)) < rates[..., None]
    about = f"{share} accepted, " + (f"groups of {GROUP}, alike {alike}" if alike else "independent")
    arrays = {"streams": accepted.reshape(streams, CASES) - share}
    return Drawn(f"gate-{share}-{alike}", "gate", about, arrays, {"gate": share, "alike": alike})


# --- Ours beside theirs --------------------------------------------------------------------------------------


def _compared(drawn: Drawn, told: Mapping[str, dict[str, Any]]) -> Iterator[Cell]:
    """One cell a method: payback's first."""
    answers = [
        (name, answer)
        for name in PEERS
        for answer in told[name].get("answers", ())
        if answer["cell"] == drawn.file
    ]
    if drawn.kind == "exact":
        for method, value in exact(drawn.arrays).items():
            found = [(name, each["found"][0]) for name, each in answers if each["method"] == method]
            for name, theirs in found:
                apart = max(abs(a - b) for a, b in zip(value, theirs, strict=True))
                yield {"kind": "exact", "of": name, "method": method, "ours": value, "apart": apart}
        return
    if drawn.kind == "gate":
        for of, method, first, seconds in (
            *_our_gates(drawn),
            *((name, each["method"], each["found"], each["seconds"]) for name, each in answers),
        ):
            passed = sum(each is not None for each in first) / len(first)
            yield {
                "kind": "gate",
                "about": drawn.about,
                "of": of,
                "method": method,
                "runs": len(first),
                "passed": round(passed, 4),
                "seconds": seconds,
            }
        return
    for kind in drawn.kind.split("+"):
        for of, method, limits, seconds in (
            *_our_ranges(drawn, kind),
            *(
                (name, each["method"], each["found"], each["seconds"])
                for name, each in answers
                if each["kind"] == kind
            ),
        ):
            truth = drawn.truth[kind]
            yield {
                "kind": kind,
                "about": drawn.about,
                "of": of,
                "method": method,
                **held(limits, truth, truth if kind.startswith("cost") else 0.01),
                "seconds": seconds,
            }


def held(limits: Sequence[Sequence[float | None]], truth: float, unit: float) -> dict[str, Any]:
    """How many held the truth, lay wholly below it, and their median width in `unit`s; None is an open end.

    >>> held([(1.0, 3.0), (1.0, 1.5), (2.5, None), (0.0, 4.0)], 2.0, 2.0)
    {'runs': 4, 'held': 0.5, 'below': 0.25, 'width': 1.0}
    """
    ends = [(-math.inf if low is None else low, math.inf if high is None else high) for low, high in limits]
    widths = sorted(high - low for low, high in ends if math.isfinite(high - low))
    return {
        "runs": len(ends),
        "held": round(sum(low <= truth <= high for low, high in ends) / len(ends), 4),
        "below": round(sum(high < truth for _, high in ends) / len(ends), 4),
        "width": round(widths[len(widths) // 2] / unit, 4) if widths else None,
    }


def exact(arrays: Mapping[str, Any]) -> dict[str, tuple[float, ...]]:
    """What ours says of the paired cases, by the names peers give the same."""
    there, first, second = (arrays[name][0] for name in ("there", "first", "second"))
    n, accepted = there.sum(axis=1).astype(np.float64), (first * there).sum(axis=1)
    plain = clustered_t(n, accepted)
    lost, won = int(((first > second) & there).sum()), int(((second > first) & there).sum())
    return {
        "standard error by cluster": (plain.standard_error,),
        "t by cluster": (plain.low, plain.high),
        "Wilson by cluster": clustered_wilson(n, accepted, accepted),
        "McNemar": (mcnemar(lost, won),),
    }


def _our_ranges(
    drawn: Drawn, kind: str
) -> Iterator[tuple[str, str, list[tuple[float | None, float | None]], float | None]]:
    there = drawn.arrays["there"]
    n = there.sum(axis=-1).astype(np.float64)
    first, second, cost = (
        (drawn.arrays[name] * there).sum(axis=-1).astype(np.float64) for name in ("first", "second", "cost")
    )
    nothing = np.zeros(n.shape[1])

    def ours(run: int) -> Range | Unknown:
        if kind == "acceptance":
            made = acceptance(n[run], n[run], first[run], binary=True)
            return made.estimate.range if isinstance(made, Acceptance) else made
        if kind == "difference":
            apart = acceptance_difference(n[run], second[run] - first[run])
            return apart.range if isinstance(apart, Estimate) else apart
        if kind == "cost per task":
            return ratio_interval(cost[run], n[run])
        return per_accepted_range(Arm(n[run], n[run], first[run], cost[run], nothing), 0.0)

    yield "payback", _named(ours(0)), *_limits(ours, len(n))
    if kind == "cost per accepted":
        ends = quantiles(cost, first, counts(generator_for(f"peers {drawn.file}"), n.shape[1]))
        boot = _limits(lambda run: bootstrap_t(cost[run], first[run], ends[:, run]), len(n))
        yield "for comparison", "bootstrap-t on the log scale", boot[0], None


def _named(made: Range | Unknown) -> str:
    assert isinstance(made, Range)
    return made.method


def _limits(
    make: Callable[[int], Range | Unknown], runs: int
) -> tuple[list[tuple[float | None, float | None]], float]:
    begun = time.process_time()
    made = [make(run) for run in range(runs)]
    seconds = (time.process_time() - begun) / runs
    return [(each.low, each.high) for each in made if isinstance(each, Range)], seconds


def _our_gates(drawn: Drawn) -> Iterator[tuple[str, str, list[int | None], float]]:
    share, alike = drawn.truth["gate"], drawn.truth["alike"]
    accepted = drawn.arrays["streams"] + share
    begun = time.process_time()
    if alike:
        groups = accepted.reshape(len(accepted), -1, GROUP).mean(axis=-1)
        passed = log_bets(groups, share) >= needed(LEVEL)
        method = "bets on groups"
    else:
        passed = np.cumsum(accepted, axis=1) >= enough(share, LEVEL, CASES) - 1e-9
        method = "mixture bet"
    seconds = (time.process_time() - begun) / len(accepted)
    yield "payback", method, [int(each.argmax()) if each.any() else None for each in passed], seconds
    if alike:
        ignored = np.cumsum(accepted, axis=1) >= enough(share, LEVEL, CASES) - 1e-9
        yield (
            "payback",
            "mixture bet, groups ignored: not what it does",
            [1 if each.any() else None for each in ignored],
            seconds,
        )


# --- The page ------------------------------------------------------------------------------------------------

WORDS = {
    "inspect-ai": (
        "Its intervals for a mean of scores know clusters: Student's t, a bootstrap, and Wilson's with the number of tasks cut "
        "down, which gives what ours gives except where all were accepted, or none (it then takes tasks for independent). We found no "
        "metric that compares two runs, no test that may be looked at again and again, and no interval that joins cost to outcome."
    ),
    "evalsig": (
        "It compares two runs on the same tasks, by cluster where asked, and has a sequence for looking at every case. "
        "That sequence estimates the spread as it goes and has no place for clusters; we found no interval of money."
    ),
    "evaltrust": (
        "It audits whether a comparison can be trusted: paired tests, a bootstrap by cluster, agreement of judges. "
        "Its intervals of one model's score and of pass or fail take tasks for independent (its own report says so where there are groups); "
        "we found no sequential test and no interval of money."
    ),
    "claimeval": (
        'It tests claims such as "cheaper and not worse" from joint draws of acceptance and of cost, by cluster, with several '
        "bootstraps; cost is by default the median over tasks, here the mean. We found no interval of the cost of an accepted "
        "result: the rows that say so divide its draws, which is our doing, not its. Its wild bootstrap by inverting tests took "
        "one to two seconds a range and was left out."
    ),
}


def page(results: Mapping[str, Any]) -> str:
    """docs/coverage/peers.md."""
    cells = results["cells"]
    lines = [
        "# Peers beside ours, on the same data",
        "",
        "Four packages on PyPI that put error bars on evaluations, each in its own process on the same made-up work as in",
        f"[Coverage](README.md): clusters of 1 to 12 tasks, intraclass correlation 0.2. Measured on {results['date']} by",
        "`python -m benchmarks.coverage.peers` (seeded; numbers in `benchmarks/coverage/peers.json`). Each through its own functions,",
        f"95 %, bootstraps with 1,000 draws; {results['runs']:,} runs. A slow one gets as far as {SECONDS:g} seconds of processor time go: *runs*",
        "says how far, always the first ones. The error of a share near 95 is 0.7 from 1,000 runs, 2.2 from 100. What a peer is said not",
        "to have we did not find in its installed source; that is no proof.",
        "",
        "| peer | version | |",
        "|---|---|---|",
        *(
            f"| {name} | {told.get('version', '-')} | {WORDS[name]}{_absent(told)} |"
            for name, told in results["peers"].items()
        ),
        "",
        "## The same figures from the same cases",
        "",
        "202 cases in 40 clusters done both ways (`tests/measures/data/paired_cases.csv`).",
        "",
        "| figure | peer | ours | differs by |",
        "|---|---|---|---|",
        *(
            f"| {cell['method']} | {cell['of']} | {' to '.join(f'{each:.6f}' for each in cell['ours'])} | {cell['apart']:.0e} |"
            for cell in cells
            if cell["kind"] == "exact"
        ),
        "",
        "We found no Newcombe interval in any of them, so that one is held against published values only (docs/formulas.md).",
        "",
        *_tables(cells),
        "## How often a gate passes that should not, looked at at every case",
        "",
        f"Streams of {CASES:,} cases whose true share is the threshold, so that every pass is wrong; 5 of 100 are allowed.",
        "",
        "| truth | by | streams | passes, of 100 |",
        "|---|---|---|---|",
        *(
            f"| {cell['about']} | {cell['of']}, {cell['method']} | {cell['runs']:,} | {100 * cell['passed']:.1f} |"
            for cell in cells
            if cell["kind"] == "gate"
        ),
        "",
        "evalsig's sequence is given each outcome less the threshold; that is a use its documents do not name, which speak of paired",
        "differences. The error of 5 of 100 is 2 from 120 streams, 0.7 from 1,000. Dependence breaks every test that ignores it, ours",
        "too where groups are ignored.",
        "",
    ]
    return "\n".join(lines)


def _absent(told: Mapping[str, str]) -> str:
    return f" **Absent here: {told['absent']}**" if "absent" in told else ""


HEADINGS = {
    "acceptance": ("Accepted share", "points of 100"),
    "difference": ("Difference in acceptance, two ways on the same tasks", "points of 100"),
    "cost per accepted": ("Cost per accepted outcome", "parts of the truth"),
    "cost per task": ("Cost per task", "parts of the truth"),
}


def _tables(cells: Sequence[Cell]) -> Iterator[str]:
    for kind, (heading, unit) in HEADINGS.items():
        yield f"## {heading}"
        yield ""
        yield "| data | by | runs | held the truth, of 100 | wholly below it | width | ms each |"
        yield "|---|---|---|---|---|---|---|"
        for cell in cells:
            if cell["kind"] == kind:
                width = "-" if cell["width"] is None else f"{cell['width']:.2f}"
                ms = "-" if cell["seconds"] is None else f"{1000 * cell['seconds']:.2g}"
                yield (
                    f"| {cell['about']} | {cell['of']}, {cell['method']} | {cell['runs']:,} "
                    f"| {100 * cell['held']:.1f} | {100 * cell['below']:.1f} | {width} | {ms} |"
                )
        yield ""
        yield f"Width: median, in {unit}."
        yield ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
