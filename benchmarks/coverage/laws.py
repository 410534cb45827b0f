"""Made-up work whose true cost per accepted outcome is known exactly.

Clusters have 1 to 12 tasks (or one each), all equally likely. Each cluster has its own acceptance
rate (beta, intraclass correlation 0.2) and its own level of cost; a rejected task costs 1.75 times
as much. So cost depends on failing, and tasks on their cluster, and calls of one cluster are alike.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from payback.measures.estimate import Floats

Generator = np.random.Generator

ALIKE = 0.2  # intraclass correlation of acceptance
TOGETHER = 0.3  # share of the variance of log cost that lies between clusters
FAILED_COSTS = 1.75
LARGEST_CLUSTER = 12


def generator_for(seed_text: str) -> Generator:
    """The same draws for the same text, on every machine and in every run."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(seed_text.encode()).digest()[:16], "big"))


@dataclass(frozen=True)
class Law:
    """How cost falls: lognormal with `spread`, or Pareto with index `tail`; `runaway` of calls cost `times` as much."""

    key: str
    words: str
    share: float = 0.65  # accepted
    spread: float = 1.0
    runaway: float = 0.0
    tail: float | None = None
    times: float = 30.0  # what a runaway call costs
    pooled: bool = True  # among the laws "cases like yours" are drawn from

    @property
    def call_cost(self) -> float:
        """Mean cost of an accepted task."""
        return 1 + (self.times - 1) * self.runaway

    @property
    def cost_per_task(self) -> float:
        """Mean cost of a task."""
        return self.call_cost * (self.share + (1 - self.share) * FAILED_COSTS)


LAWS = (
    Law("lognormal-1.0", "lognormal, s = 1.0"),
    Law("lognormal-1.8", "lognormal, s = 1.8", spread=1.8),
    Law("runaway", "lognormal, s = 0.9; 3 % of calls run away and cost 30 times", spread=0.9, runaway=0.03),
    Law("pareto-1.6", "Pareto, index 1.6 (infinite variance)", spread=0.5, tail=1.6),
    Law("rare", "lognormal, s = 1.0; 10 % accepted", share=0.10),
    Law("nearly-all", "lognormal, s = 1.0; 95 % accepted", share=0.95),
    # Not looked at when the rule was chosen:
    Law(
        "ten-times",
        "lognormal, s = 0.6; 10 % of calls cost 10 times",
        spread=0.6,
        runaway=0.1,
        times=10.0,
        pooled=False,
    ),
    Law(
        "lognormal-2.5",
        "lognormal, s = 2.5 (1 call in 200 costs as much as 30 others)",
        spread=2.5,
        pooled=False,
    ),
)


Flags = np.typing.NDArray[np.bool_]


@dataclass(frozen=True)
class Tasks:
    """Every task of many runs: runs by clusters by tasks, `there` where a cluster has one."""

    n: Floats  # runs by clusters
    there: Flags
    accepted: Flags
    cost: Floats


def tasks(law: Law, generator: Generator, runs: int, clusters: int, *, alone: bool) -> Tasks:
    """Draw `runs` samples of `clusters` clusters; `alone` gives each one task."""
    n, there = _sizes(generator, runs, clusters, alone=alone)
    accepted = (generator.random(there.shape) < _rates(law.share, generator, runs, clusters)) & there
    cost = _cost(law, generator, there.shape) * np.where(accepted, 1.0, FAILED_COSTS) * there
    return Tasks(n, there, accepted, cost)


@dataclass(frozen=True)
class Work:
    """Many runs of one law: rows are runs, columns clusters. `seen` is what is left when some is missing."""

    law: Law
    n: Floats
    accepted: Floats
    cost: Floats
    seen_checked: Floats
    seen_accepted: Floats
    seen_cost: Floats
    seen_unknown: Floats
    seen_largest: Floats  # by run


def work(law: Law, generator: Generator, runs: int, clusters: int, *, alone: bool) -> Work:
    """Sums by cluster of `tasks`, with everything known and with some missing.

    Missing, not at random: 5 % of accepted and 15 % of rejected outcomes, 3 % of costs.
    """
    drawn = tasks(law, generator, runs, clusters, alone=alone)
    n, there, accepted, cost = drawn.n, drawn.there, drawn.accepted, drawn.cost
    checked = (generator.random(there.shape) >= np.where(accepted, 0.05, 0.15)) & there
    priced = (generator.random(there.shape) >= 0.03) & there
    return Work(
        law=law,
        n=n,
        accepted=accepted.sum(axis=-1).astype(np.float64),
        cost=cost.sum(axis=-1),
        seen_checked=checked.sum(axis=-1).astype(np.float64),
        seen_accepted=(accepted & checked).sum(axis=-1).astype(np.float64),
        seen_cost=(cost * priced).sum(axis=-1),
        seen_unknown=(there & ~priced).sum(axis=-1).astype(np.float64),
        seen_largest=(cost * priced).max(axis=(1, 2)),
    )


@dataclass(frozen=True)
class Pairs:
    """Two ways of working on the same tasks: sums of differences by run and cluster, and the true means."""

    n: Floats
    accepted: Floats
    cost: Floats
    true_accepted: float
    true_cost: float


LOST, WON = 0.06, 0.08  # of accepted tasks the second way loses, of rejected ones it wins
CHEAPER = 0.7


def outcomes_both_ways(
    law: Law, generator: Generator, runs: int, clusters: int, *, alone: bool
) -> tuple[Floats, Flags, Flags, Flags]:
    """Tasks by cluster, which are there, and what each way had accepted of them."""
    n, there = _sizes(generator, runs, clusters, alone=alone)
    first = generator.random(there.shape) < _rates(law.share, generator, runs, clusters)
    change = generator.random(there.shape)
    return n, there, first, np.where(first, change >= LOST, change < WON)


def gained(law: Law) -> float:
    """By how much more often the second way is accepted."""
    return (1 - law.share) * WON - law.share * LOST


def pairs(law: Law, generator: Generator, runs: int, clusters: int, *, alone: bool) -> Pairs:
    """The second way costs 0.7 of the first for the same outcome, and differs in a few outcomes."""
    n, there, first, second = outcomes_both_ways(law, generator, runs, clusters, alone=alone)
    shared = _cost(law, generator, there.shape)
    own = [np.exp(0.5 * generator.standard_normal(there.shape) - 0.125) for _ in range(2)]
    cost_first = shared * own[0] * np.where(first, 1.0, FAILED_COSTS)
    cost_second = CHEAPER * shared * own[1] * np.where(second, 1.0, FAILED_COSTS)
    share = law.share + gained(law)
    second_cost = CHEAPER * law.call_cost * (share + (1 - share) * FAILED_COSTS)
    return Pairs(
        n=n,
        accepted=((second.astype(np.float64) - first) * there).sum(axis=-1),
        cost=((cost_second - cost_first) * there).sum(axis=-1),
        true_accepted=gained(law),
        true_cost=second_cost - law.cost_per_task,
    )


def _sizes(generator: Generator, runs: int, clusters: int, *, alone: bool) -> tuple[Floats, Flags]:
    most = 1 if alone else LARGEST_CLUSTER
    n = generator.integers(1, most + 1, (runs, clusters))
    return n.astype(np.float64), np.arange(most) < n[..., None]


def _rates(share: float, generator: Generator, runs: int, clusters: int) -> Floats:
    weight = 1 / ALIKE - 1
    return generator.beta(share * weight, (1 - share) * weight, (runs, clusters, 1))


def _cost(law: Law, generator: Generator, shape: tuple[int, ...]) -> Floats:
    cluster = generator.standard_normal((*shape[:2], 1))
    if law.tail is None:
        own = generator.standard_normal(shape)
        log = law.spread * (TOGETHER**0.5 * cluster + (1 - TOGETHER) ** 0.5 * own)
        cost = np.exp(log - law.spread**2 / 2)
    else:
        pareto = (1 - generator.random(shape)) ** (-1 / law.tail) * (law.tail - 1) / law.tail
        cost = pareto * np.exp(law.spread * cluster - law.spread**2 / 2)
    if law.runaway:
        cost *= np.where(generator.random(shape) < law.runaway, law.times, 1.0)
    return np.asarray(cost, dtype=np.float64)
