"""Runs of one cell: a law, a number of clusters, a kind of range; how often it holds the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.coverage.bootstrap import bootstrap_t, counts, quantiles
from benchmarks.coverage.laws import LAWS, Generator, Law, Work, generator_for, pairs, work
from payback.measures.coverage import share_class, uneven_class
from payback.measures.delivery.acceptance import Acceptance, acceptance
from payback.measures.delivery.comparison import (
    acceptance_difference,
    clustered_difference,
    cost_difference,
    reversals,
)
from payback.measures.economics.unit_cost import (
    Arm,
    cost_per_accepted,
    full_cost_range,
    least_cost_per_accepted,
    per_accepted_range,
)
from payback.measures.estimate import (
    LEVEL,
    Estimate,
    Range,
    student,
    too_few,
)
from payback.measures.proportion import clustered_t
from payback.measures.ratio import LARGE_SHARE, log_delta, ratio_interval
from payback.records import Unknown

TODAY = (3.0, 12.0)
"""Today's cost of a task, in mean costs of an attempt."""

PER_TASK = 1.0
"""Review and platform for the break-even, in mean costs of an attempt."""


@dataclass
class Tally:
    """What became of the runs of one cell. A range with no upper limit holds where its low end does."""

    quantity: str
    law: str
    clusters: int
    alone: bool
    runs: int = 0
    refused: int = 0  # no range
    open: int = 0  # no upper limit
    held: int = 0
    held_closed: int = 0
    below: int = 0  # the whole range lies below the truth
    above: int = 0
    held80: int = 0
    held50: int = 0
    widths: list[float] = field(default_factory=list)
    like: dict[str, list[int]] = field(default_factory=dict)  # class of sample -> [held, shown]
    large: list[int] = field(default_factory=lambda: [0, 0])  # one cluster over LARGE_SHARE: [held, shown]

    def add(self, made: Range | Unknown, truth: float, share: float, *, largest: float = 0.0) -> None:
        """Count one run; `share` is the accepted share seen in it, `largest` the largest cluster's of cost."""
        self.runs += 1
        if isinstance(made, Unknown):
            self.refused += 1
            return
        low = -np.inf if made.low is None else made.low
        high = np.inf if made.high is None else made.high
        held = low <= truth <= high
        closed = np.isfinite(low) and np.isfinite(high)
        self.held += held
        self.below += high < truth
        self.above += low > truth
        self.open += not closed
        if largest > LARGE_SHARE:
            self.large[0] += bool(held)
            self.large[1] += 1
        if closed:
            self.held_closed += held
            self.widths.append((high - low) / abs(truth) if truth else high - low)
            for level, inner_low, inner_high in made.bands:
                inside = inner_low <= truth <= inner_high
                self.held50 += inside and level == 0.5
                self.held80 += inside and level == 0.8
        key = f"{uneven_class(made.uneven)}/{share_class(share)}"
        counts = self.like.setdefault(key, [0, 0])
        counts[0] += bool(held)
        counts[1] += 1

    def result(self) -> dict[str, object]:
        """The tally in shares."""
        shown = max(1, self.runs - self.refused)
        closed = max(1, self.runs - self.refused - self.open)
        return {
            "quantity": self.quantity,
            "law": self.law,
            "clusters": self.clusters,
            "alone": self.alone,
            "runs": self.runs,
            "held": round(self.held / shown, 4),
            "held_closed": round(self.held_closed / closed, 4),
            "wholly_below": round(self.below / shown, 4),
            "wholly_above": round(self.above / shown, 4),
            "held_80": round(self.held80 / closed, 4),
            "held_50": round(self.held50 / closed, 4),
            "no_upper_limit": round(self.open / self.runs, 4),
            "no_range": round(self.refused / self.runs, 4),
            "wrong_of_all": round((self.below + self.above) / self.runs, 4),
            "width": round(float(np.median(self.widths)), 4) if self.widths else None,
            "like": self.like,
            "large": self.large,
        }


Tallies = Callable[[str], Tally]


def cell(law: Law, clusters: int, *, alone: bool, runs: int) -> list[dict[str, object]]:
    """Every kind of range for one law and number of clusters."""
    generator = generator_for(f"coverage {law.key} {clusters} {alone}")
    tallies: dict[str, Tally] = {}

    def tally(quantity: str) -> Tally:
        return tallies.setdefault(quantity, Tally(quantity, law.key, clusters, alone))

    batch = max(20, min(200, 60_000 // clusters))
    for start in range(0, runs, batch):
        size = min(batch, runs - start)
        drawn = work(law, generator, size, clusters, alone=alone)
        _money(tally, drawn, generator)
        _acceptance(tally, drawn, alone=alone)
        _pairs(tally, law, generator, size, clusters, alone=alone)
    return [each.result() for each in tallies.values()]


def _arms(drawn: Work) -> Iterator[tuple[Arm, Arm]]:
    """Each run with everything known, and with some missing."""
    nothing = np.zeros(drawn.n.shape[1])
    for run in range(len(drawn.n)):
        n = drawn.n[run]
        whole = Arm(n, n, drawn.accepted[run], drawn.cost[run], nothing)
        yield (
            whole,
            Arm(
                n,
                drawn.seen_checked[run],
                drawn.seen_accepted[run],
                drawn.seen_cost[run],
                drawn.seen_unknown[run],
                float(drawn.seen_largest[run]),
            ),
        )


def _money(tally: Tallies, drawn: Work, generator: Generator) -> None:
    law = drawn.law
    extra = PER_TASK * law.cost_per_task
    truth = law.cost_per_task / law.share
    ends = quantiles(drawn.cost, drawn.accepted, counts(generator, drawn.n.shape[1]))
    for run, (whole, part) in enumerate(_arms(drawn)):
        share = float(whole.accepted.sum() / whole.n.sum())
        tally("cost-per-task").add(ratio_interval(whole.cost, whole.n), law.cost_per_task, share)
        if whole.accepted.sum() > 0:
            largest = float(whole.cost.max() / whole.cost.sum())
            made = per_accepted_range(whole, 0.0)
            tally("cost-per-accepted").add(made, truth, share, largest=largest)
            tally("break-even-today").add(per_accepted_range(whole, extra), truth + extra / law.share, share)
            boot = bootstrap_t(whole.cost, whole.accepted, ends[:, run])
            tally("cost-per-accepted, bootstrap-t (not used)").add(boot, truth, share)
            low, high = log_delta(whole.cost, whole.accepted)
            delta = Range(low, None if boot.high is None else high, "log-delta", "")
            tally("cost-per-accepted, log-delta (not used)").add(delta, truth, share)
        else:
            tally("cost-per-accepted").add(Unknown("none accepted"), truth, share)
            least = Range(least_cost_per_accepted(whole), None, "clopper-pearson", "")
            tally("least-cost-per-accepted").add(least, truth, share)
        if part.accepted.sum() > 0:
            tally("cost-per-accepted, some missing").add(per_accepted_range(part, 0.0), truth, share)
        for times in TODAY:
            today = times * law.cost_per_task
            truth_full = law.cost_per_task + (1 - law.share) * today
            name = f"full-unit-cost, today {times:g}x"
            tally(name).add(full_cost_range(whole, today, 0.0), truth_full, share)
            if times == TODAY[-1]:
                tally(f"{name}, some missing").add(full_cost_range(part, today, 0.0), truth_full, share)


def _acceptance(tally: Tallies, drawn: Work, *, alone: bool) -> None:
    for whole, part in _arms(drawn):
        for arm, more in ((whole, ""), (part, ", some missing")):
            made = acceptance(arm.n, arm.checked, arm.accepted, binary=True)
            if isinstance(made, Acceptance):
                name = ("wilson" if alone else "clustered-wilson") + more
                tally(f"acceptance, {name}").add(made.estimate.range, drawn.law.share, arm.share)
        yardstick = clustered_t(whole.n, whole.accepted)
        plain = Range(yardstick.low, yardstick.high, "clustered-t", "")
        tally("acceptance, clustered t (not used)").add(
            too_few(len(whole.n)) or plain, drawn.law.share, whole.share
        )


def _pairs(tally: Tallies, law: Law, generator: Generator, runs: int, clusters: int, *, alone: bool) -> None:
    both = pairs(law, generator, runs, clusters, alone=alone)
    for run in range(runs):
        made = acceptance_difference(both.n[run], both.accepted[run])
        assert isinstance(made, Estimate)
        tally("acceptance-difference").add(made.range, both.true_accepted, law.share)
        value, error = clustered_difference(both.n[run], both.accepted[run])
        half = student(clusters, LEVEL) * error
        plain = Range(value - half, value + half, "paired-difference", "")
        tally("acceptance-difference, clustered t (not used)").add(plain, both.true_accepted, law.share)
        cost = cost_difference(both.n[run], both.cost[run])
        assert isinstance(cost, Estimate)
        tally("cost-difference").add(cost.range, both.true_cost, law.share)


def false_reversals(clusters: int, segments: int, *, runs: int) -> dict[str, object]:
    """How often a reversal is named where every segment has the same difference."""
    generator = generator_for(f"reversals {clusters} {segments}")
    named = 0
    for _ in range(runs):
        both = pairs(LAWS[0], generator, segments, clusters, alone=False)
        found = reversals(
            float(both.accepted.sum() / both.n.sum()),
            {str(each): (both.n[each], both.accepted[each]) for each in range(segments)},
        )
        named += bool(found)
    return {
        "quantity": "reversal named where there is none",
        "clusters": clusters,
        "segments": segments,
        "runs": runs,
        "named": round(named / runs, 4),
    }


def narrowing(clusters: int, *, costs: bool, runs: int) -> dict[str, object]:
    """How often a range of cost per accepted outcome does not contain the one before, as data go missing.

    Ten tasks one after another lose their cost, or their outcome; half the runs are lognormal with s = 1.8.
    """
    generator = generator_for(f"narrowing {clusters} {costs}")
    steps = outside = 0
    for run in range(runs):
        arm, tasks = _whole(LAWS[run % 2], generator, clusters)
        before = cost_per_accepted(arm)
        for cluster, cost, accepted in tasks:
            here = np.arange(clusters) == cluster
            if costs:
                arm = replace(arm, cost=arm.cost - cost * here, unknown=arm.unknown + here)
            else:
                arm = replace(arm, checked=arm.checked - here, accepted=arm.accepted - accepted * here)
            if arm.accepted.sum() <= 0 or arm.unknown.sum() >= arm.tasks:
                break
            after = cost_per_accepted(arm)
            steps += 1
            outside += not _contains(after, before)
            before = after
    return {
        "missing": "costs" if costs else "outcomes",
        "clusters": clusters,
        "steps": steps,
        "outside": outside,
    }


def _whole(law: Law, generator: Generator, clusters: int) -> tuple[Arm, list[tuple[int, float, float]]]:
    n = generator.integers(1, 13, clusters)
    cluster = np.repeat(np.arange(clusters), n)
    cost = np.exp(law.spread * generator.standard_normal(len(cluster)))
    accepted = (generator.random(len(cluster)) < law.share).astype(np.float64)
    sums = [np.bincount(cluster, weights=each).astype(np.float64) for each in (cost, accepted)]
    size, nothing = n.astype(np.float64), np.zeros(clusters)
    arm = Arm(size, size, sums[1], sums[0], nothing, float(cost.max()))
    chosen = generator.permutation(len(cluster))[:10]
    return arm, [(int(cluster[each]), float(cost[each]), float(accepted[each])) for each in chosen]


def _contains(outer: Estimate | Unknown, inner: Estimate | Unknown) -> bool:
    if isinstance(outer, Unknown) or isinstance(inner, Unknown):
        return True
    wide, narrow = outer.range, inner.range
    if isinstance(wide, Unknown) or isinstance(narrow, Unknown):
        return True
    lower = (wide.low or 0.0) <= (narrow.low or 0.0) * (1 + 1e-9)
    return lower and (
        wide.high is None or (narrow.high is not None and wide.high >= narrow.high * (1 - 1e-9))
    )
