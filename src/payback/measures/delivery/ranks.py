"""Between which places each way of working may stand, given how little is known (docs/formulas.md, "places")."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from payback.measures.estimate import LEVEL, Floats
from payback.measures.proportion import share_limits


@dataclass(frozen=True, slots=True)
class Standing:
    """A share by cluster: `tasks` checked and of them `accepted`, in one order of clusters for all ways.

    A cluster a way did nothing of has 0 tasks.
    """

    tasks: Floats
    accepted: Floats
    binary: bool = True

    @property
    def share(self) -> float:
        return float(self.accepted.sum() / self.tasks.sum())

    @property
    def parts(self) -> Floats:
        """How much each cluster moves the share."""
        found: Floats = (self.accepted - self.share * self.tasks) / self.tasks.sum()
        return found

    def limits(self, level: float) -> tuple[float, float]:
        there = self.tasks > 0
        tasks, accepted = self.tasks[there], self.accepted[there]
        alone = self.binary and bool(np.all(tasks == 1))
        return share_limits(tasks, accepted, accepted, level, alone=alone)


def places(ways: Sequence[Standing], level: float = LEVEL) -> list[tuple[int, int]]:
    """The best and the worst place of each way, all of them right together in `level` of cases.

    A way stands behind another where the range of their difference, at a level that allows for every
    pair (Bonferroni), excludes 0: after Mogstad, Romano, Shaikh and Wilhelm 2024. Ways that did the
    same tasks are compared on them, which tells more apart.
    """
    pairs = len(ways) * (len(ways) - 1) // 2
    strict = 1 - (1 - level) / max(1, pairs)
    limits = [way.limits(strict) for way in ways]
    shares, parts = [way.share for way in ways], [way.parts for way in ways]
    lengths = [math.sqrt(float(part @ part)) for part in parts]
    ahead, behind = [0] * len(ways), [0] * len(ways)
    for one in range(len(ways)):
        for other in range(one):
            product = lengths[one] * lengths[other]
            alike = float(parts[one] @ parts[other]) / product if product > 0 else 0.0
            if not alike <= 1:
                alike = 1.0
            better, worse = (one, other) if shares[one] >= shares[other] else (other, one)
            below = shares[better] - limits[better][0]
            above = limits[worse][1] - shares[worse]
            reach = math.sqrt(max(0.0, below**2 + above**2 - 2 * max(0.0, alike) * below * above))
            if shares[better] - shares[worse] > reach:
                ahead[worse] += 1
                behind[better] += 1
    return [(1 + ahead[way], len(ways) - behind[way]) for way in range(len(ways))]
