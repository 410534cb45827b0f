"""How many cases a gate will need, before there are any: its own test run on many made-up streams.

Formulas: docs/formulas.md, "mixture-bet" and "cluster-bets". Seeded, so that a plan is the same twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from payback.measures.bets import MOST_STAKE_OF_MONEY, log_bets, log_mixture, needed
from payback.measures.estimate import Floats

STREAMS, LONGEST = 1000, 4000
"""Made-up streams, and the tasks each goes on for."""
SPREAD = 1.0
"""Of log costs: what a task costs varies about as much as in the runs of docs/coverage, lognormal-1.0."""
SEED = 20261122
MANY = 400_000
"""Costs that are enough to tell their mean."""


@dataclass(frozen=True, slots=True)
class Need:
    """For one truth: the share of streams that pass within the longest, and the tasks half and nine tenths
    of all streams take; None where fewer pass at all.
    """

    truth: float
    passing: float
    half: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Shape:
    """How tasks come: `size` of them in a group whose acceptance is `alike` (intraclass correlation)."""

    size: int = 1
    alike: float = 0.0


def share_need(least: float, truth: float, confidence: float, shape: Shape, streams: int = STREAMS) -> Need:
    """Tasks until "more than `least` are accepted" passes where `truth` of them are."""
    random = np.random.default_rng(SEED)
    if shape.size == 1:
        accepted = np.cumsum(random.random((streams, LONGEST)) < truth, axis=1, dtype=np.int32)
        return _need(truth, accepted >= enough(least, confidence), 1)
    paths = log_bets(_groups(random, truth, shape, streams) / shape.size, least)
    return _need(truth, paths >= needed(confidence), shape.size)


def enough(least: float, confidence: float, longest: int = LONGEST) -> npt.NDArray[np.int32]:
    """How many of the first 1, 2, ... tasks must be accepted for the gate to pass there; one more is never."""
    tasks = np.arange(1.0, longest + 1)
    low, high = np.floor(least * tasks), tasks + 1
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        passes = log_mixture(np.minimum(middle, tasks), tasks, least) >= needed(confidence)
        low, high = np.where(passes, low, middle), np.where(passes, middle, high)
    return high.astype(np.int32)


def money_need(
    limit: float, cap: float, besides: float, share: float, cost: float, confidence: float, shape: Shape
) -> Need:
    """Tasks until "an accepted result costs less than `limit`" passes where a task's calls cost `cost` in the
    mean, `besides` comes on top of each and `share` are accepted. No task costs more than `cap`.
    """
    random = np.random.default_rng(SEED)
    groups = LONGEST // shape.size
    accepted = _groups(random, share, shape, STREAMS) / shape.size
    costs = np.exp(SPREAD * random.standard_normal((STREAMS, groups)) - SPREAD * SPREAD / 2)
    values = (limit * accepted - _capped(costs, cost, cap) + cap) / (limit + cap)
    paths = log_bets(values, (besides + cap) / (limit + cap), MOST_STAKE_OF_MONEY)
    return _need((cost + besides) / share, paths >= needed(confidence), shape.size)


def _capped(costs: Floats, mean: float, cap: float) -> Floats:
    """Costs of that mean, none above the cap: scaled up until what the cap takes away is made good."""
    some = costs.ravel()[:MANY]
    low, high = 0.0, 1e6 * mean
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(middle * some, cap).mean() < mean else (low, middle)
    return np.minimum(high * costs, cap)


def _groups(random: np.random.Generator, share: float, shape: Shape, streams: int) -> Floats:
    """Accepted tasks of each group: beta-binomial."""
    groups = LONGEST // shape.size
    rates = np.full((streams, groups), share)
    if shape.alike > 0 and 0 < share < 1:
        weight = 1 / shape.alike - 1
        rates = random.beta(share * weight, (1 - share) * weight, (streams, groups))
    return random.binomial(shape.size, rates).astype(np.float64)


def _need(truth: float, reached: npt.NDArray[np.bool_], size: int) -> Need:
    first = np.sort(np.where(reached.any(axis=1), (reached.argmax(axis=1) + 1) * size, LONGEST + 1))

    def by(part: float) -> int | None:
        found = int(first[round(part * (len(first) - 1))])
        return found if found <= LONGEST else None

    return Need(truth, float(reached.any(axis=1).mean()), by(0.5), by(0.9))
