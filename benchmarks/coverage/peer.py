"""What a peer makes of draws given to it, in the peer's own interpreter: `python peer.py NAME FOLDER SECONDS`.

Needs numpy and the peer, nothing of payback. Bootstraps draw RESAMPLES times, as their coverage does not turn on it. FOLDER holds cells.json and an array file for each cell, written by
benchmarks/coverage/peers.py. Each method works through the runs of a cell until SECONDS of processor time are
used up. What it takes to hand the data over is not counted.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RESAMPLES = 1000


@dataclass(frozen=True)
class Run:
    """The tasks of one run: cluster, what each of two ways had accepted, cost of the first."""

    cluster: npt.NDArray[np.int64]
    first: Floats
    second: Floats
    cost: Floats


Limits = tuple[float, ...]
Method = Callable[[Run], Callable[[], Limits]]
"""Hands a run over; what it returns makes the interval, and is timed."""


def runs(stored: Mapping[str, Any]) -> list[Run]:
    """From arrays of runs by clusters by tasks."""
    there = stored["there"].astype(bool)
    place = np.broadcast_to(np.arange(there.shape[1])[:, None], there.shape[1:])
    return [
        Run(place[here], *(stored[name][at][here].astype(np.float64) for name in ("first", "second", "cost")))
        for at, here in enumerate(there)
    ]


# --- inspect-ai ---------------------------------------------------------------------------------------------


def _scores(values: Floats, run: Run) -> list[Any]:
    scorer = importlib.import_module("inspect_ai.scorer")
    return [
        scorer.SampleScore(
            score=scorer.Score(value=float(value)), sample_id=at, sample_metadata={"group": int(cluster)}
        )
        for at, (value, cluster) in enumerate(zip(values, run.cluster, strict=True))
    ]


def _inspect(metric: str, of: Callable[[Run], Floats], **settings: Any) -> Method:
    def handed(run: Run) -> Callable[[], Limits]:
        made = getattr(importlib.import_module("inspect_ai.scorer"), metric)(cluster="group", **settings)
        scores = _scores(of(run), run)

        def limits() -> Limits:
            found = made(scores)
            return (found["lower"], found["upper"]) if isinstance(found, dict) else (float(found),)

        return limits

    return handed


# --- evalsig ------------------------------------------------------------------------------------------------


def _evalsig_by_cluster(run: Run) -> Callable[[], Limits]:
    made = importlib.import_module("evalsig.inference.cluster_bootstrap").cluster_bootstrap_ci
    return lambda: tuple(made(run.first, run.second, run.cluster, n_resamples=RESAMPLES).ci)


def _evalsig_alone(run: Run) -> Callable[[], Limits]:
    test = importlib.import_module("evalsig.inference.mcnemar").mcnemar_test
    return lambda: tuple(test(run.first, run.second).ci)


def _evalsig_mcnemar(run: Run) -> Callable[[], Limits]:
    test = importlib.import_module("evalsig.inference.mcnemar").mcnemar_test
    return lambda: (test(run.first, run.second).p_value,)


def _evalsig_gate(stream: Floats) -> int | None:
    gate = importlib.import_module("evalsig").sequential_gate
    found = gate(stream, alternative="greater")
    return int(found.n_pairs) if found.stopped else None


# --- evaltrust ----------------------------------------------------------------------------------------------


def _evaltrust(of: Callable[[Run], Floats], *, grouped: bool) -> Method:
    def handed(run: Run) -> Callable[[], Limits]:
        resampling = importlib.import_module("evaltrust.stats.resampling")
        if not grouped:
            return lambda: tuple(resampling.bootstrap_ci(of(run), n_resamples=RESAMPLES))
        parts = [of(run)[run.cluster == each] for each in np.unique(run.cluster)]
        return lambda: tuple(resampling.bootstrap_ci_clustered(parts, n_resamples=RESAMPLES))

    return handed


def _evaltrust_mcnemar(run: Run) -> Callable[[], Limits]:
    test = importlib.import_module("evaltrust.stats.paired").mcnemar_exact
    gained, lost = int((run.second > run.first).sum()), int((run.second < run.first).sum())
    return lambda: (test(gained, lost),)


# --- claimeval ----------------------------------------------------------------------------------------------


def _rollouts(run: Run, *ways: str) -> Any:
    peer = importlib.import_module("claimeval")
    return peer.RolloutSet(
        peer.Rollout(
            way, f"t{at:05}", "0", float(accepted[at]), float(run.cost[at]), f"g{run.cluster[at]:04}"
        )
        for way, accepted in (("first", run.first), ("second", run.second))
        if way in ways
        for at in range(len(run.cluster))
    )


def _claimeval(mode: str, of: Callable[[Any], Floats], *ways: str) -> Method:
    """The middle 95 % of what its draws of acceptance and of mean cost come to."""

    def handed(run: Run) -> Callable[[], Limits]:
        peer, given = importlib.import_module("claimeval"), _rollouts(run, *(ways or ("first",)))

        def limits() -> Limits:
            drawn = of(peer.hierarchical_bootstrap(given, RESAMPLES, mode, cost_stat="mean"))
            return tuple(float(each) for each in np.quantile(drawn, [0.025, 0.975]))

        return limits

    return handed


def _claimeval_wild(kind: str) -> Method:
    def handed(run: Run) -> Callable[[], Limits]:
        peer, given = importlib.import_module("claimeval"), _rollouts(run, "first")

        def limits() -> Limits:
            found = peer.wild_intervals(given, "wcu", cost_stat="mean")
            return float(found[f"{kind}_lo"][0]), float(found[f"{kind}_hi"][0])

        return limits

    return handed


def _claimeval_wild_difference(run: Run) -> Callable[[], Limits]:
    wild = importlib.import_module("claimeval.stats.wild")
    groups = [np.flatnonzero(run.cluster == each) for each in np.unique(run.cluster)]
    return lambda: tuple(wild.wcu_interval(run.second - run.first, groups, np.random.default_rng(0)))


def _first(run: Run) -> Floats:
    return run.first


def _difference(run: Run) -> Floats:
    return run.second - run.first


def _cost(run: Run) -> Floats:
    return run.cost


METHODS: Mapping[str, Mapping[str, Mapping[str, Method]]] = {
    "inspect-ai": {
        "acceptance": {
            "t by cluster": _inspect("ci", _first),
            "bootstrap by cluster": _inspect("ci", _first, method="bootstrap"),
            "Wilson by cluster": _inspect("ci_wilson", _first),
        },
        "difference": {"t by cluster, differences as scores": _inspect("ci", _difference)},
        "cost per task": {"t by cluster, costs as scores": _inspect("ci", _cost)},
        "exact": {
            "standard error by cluster": _inspect("stderr", _first),
            "t by cluster": _inspect("ci", _first),
            "Wilson by cluster": _inspect("ci_wilson", _first),
        },
    },
    "evalsig": {
        "difference": {
            "bootstrap by cluster": _evalsig_by_cluster,
            "McNemar's normal range, tasks alone": _evalsig_alone,
        },
        "exact": {"McNemar": _evalsig_mcnemar},
    },
    "evaltrust": {
        "acceptance": {"bootstrap, tasks alone": _evaltrust(_first, grouped=False)},
        "difference": {
            "bootstrap by cluster": _evaltrust(_difference, grouped=True),
            "bootstrap, tasks alone": _evaltrust(_difference, grouped=False),
        },
        "exact": {"McNemar": _evaltrust_mcnemar},
    },
    "claimeval": {
        "acceptance": {
            "bootstrap by cluster, widened": _claimeval("cluster_t", lambda drawn: drawn.acc[:, 0]),
            "wild bootstrap-t by cluster": _claimeval_wild("acc"),
        },
        "difference": {
            "bootstrap by cluster, widened, drawn together": _claimeval(
                "cluster_t", lambda drawn: drawn.acc[:, 1] - drawn.acc[:, 0], "first", "second"
            ),
            "wild bootstrap-t by cluster": _claimeval_wild_difference,
        },
        "cost per task": {
            "bootstrap by cluster, widened": _claimeval("cluster_t", lambda drawn: drawn.cost[:, 0]),
            "bootstrap by cluster, CR2": _claimeval("cluster_cr2", lambda drawn: drawn.cost[:, 0]),
            "wild bootstrap-t by cluster": _claimeval_wild("cost"),
        },
        "cost per accepted": {
            "its draws of cost and acceptance by cluster, divided by us": _claimeval(
                "cluster", lambda drawn: drawn.cost[:, 0] / drawn.acc[:, 0]
            ),
            "the same, widened": _claimeval("cluster_t", lambda drawn: drawn.cost[:, 0] / drawn.acc[:, 0]),
        },
    },
}
GATES: Mapping[str, Mapping[str, Callable[[Floats], int | None]]] = {
    "evalsig": {"asymptotic sequence of the mean": _evalsig_gate}
}


def answers(name: str, folder: Path, seconds: float) -> dict[str, Any]:
    """Version, and for each cell and method the limits run by run, as far as the time went."""
    made: list[dict[str, Any]] = []
    for cell in json.loads((folder / "cells.json").read_text(encoding="utf-8")):
        with np.load(folder / f"{cell['file']}.npz") as stored:
            arrays = {key: stored[key] for key in stored.files}
        if cell["kind"] == "gate":
            for method, gate in GATES.get(name, {}).items():
                given = [lambda stream=stream, gate=gate: gate(stream) for stream in arrays["streams"]]
                made.append({"cell": cell["file"], "method": method, **_timed(given, seconds)})
            continue
        drawn = runs(arrays)
        for kind in cell["kind"].split("+"):
            for method, make in METHODS[name].get(kind, {}).items():
                handed = (make(run) for run in drawn)
                made.append({"cell": cell["file"], "kind": kind, "method": method, **_timed(handed, seconds)})
    return {"version": version(name), "python": sys.version.split()[0], "answers": made}


def _timed(jobs: Any, seconds: float) -> dict[str, Any]:
    """What each job gives, until the time is up; the first is not timed, as it loads what it needs."""
    found, taken, begun = [], [], None
    for job in jobs:
        start = time.process_time()
        found.append(job())
        taken.append(time.process_time() - start)
        begun = begun or time.process_time()
        if time.process_time() - begun > seconds:
            break
    later = taken[1:] or taken
    return {"found": found, "seconds": float(np.mean(later))}


if __name__ == "__main__":
    np.seterr(all="ignore")
    np.random.seed(0)  # noqa: NPY002 - inspect-ai draws from the old global generator
    print("\n" + json.dumps(answers(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))))
