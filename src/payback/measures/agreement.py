"""How far people and a judge agree, task by task, and whether that has changed.

Formulas, sources and worked numbers: docs/formulas.md, "agreement", "judge-drift".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from payback.measures.estimate import Floats, student


@dataclass(frozen=True, slots=True)
class Agreement:
    """Tasks that people and the judge both looked at: accepted by both, by one alone, by neither."""

    both: float
    people_only: float
    judge_only: float
    neither: float

    @property
    def count(self) -> float:
        return self.both + self.people_only + self.judge_only + self.neither

    @property
    def accepted(self) -> float:
        """Accepted by people."""
        return self.both + self.people_only

    @property
    def rejected(self) -> float:
        """Rejected by people."""
        return self.judge_only + self.neither

    @property
    def agreed(self) -> float:
        """The share on which both say the same."""
        return (self.both + self.neither) / self.count

    @property
    def sensitivity(self) -> float | None:
        """Of what people accepted, the share the judge accepted too."""
        return self.both / self.accepted if self.accepted else None

    @property
    def specificity(self) -> float | None:
        """Of what people rejected, the share the judge rejected too."""
        return self.neither / self.rejected if self.rejected else None


def kappa(table: Agreement) -> tuple[float, float] | None:
    """Cohen 1960, and its standard error (Fleiss, Cohen and Everitt 1969); None where all is one answer.

    >>> [round(number, 4) for number in kappa(Agreement(101, 7, 9, 33))]
    [0.7315, 0.0629]
    """
    if not table.count:
        return None
    cells = np.array([[table.both, table.people_only], [table.judge_only, table.neither]]) / table.count
    people, judge = cells.sum(axis=1), cells.sum(axis=0)
    agreed, chance = float(np.trace(cells)), float(people @ judge)
    if chance >= 1:
        return None
    value = (agreed - chance) / (1 - chance)
    own = float((np.diag(cells) * np.square(1 - (people + judge) * (1 - value))).sum())
    crossed = np.square(judge[:, None] + people[None, :])
    apart = float((cells * crossed).sum() - (np.diag(cells) * np.diag(crossed)).sum())
    variance = own + (1 - value) ** 2 * apart - (value - chance * (1 - value)) ** 2
    return value, math.sqrt(max(0.0, variance) / table.count) / (1 - chance)


def gwet(table: Agreement) -> float | None:
    """AC1 (Gwet 2008): agreement beyond chance that holds its ground where nearly all is accepted.

    >>> round(gwet(Agreement(101, 7, 9, 33)), 6)
    0.823035
    """
    if not table.count:
        return None
    middle = (table.accepted + table.both + table.judge_only) / (2 * table.count)
    chance = 2 * middle * (1 - middle)
    return (table.agreed - chance) / (1 - chance)


FEWEST_IN_MONTH = 10
"""Tasks people accepted (or rejected) in a month, and in the others, for the judge's share right to be compared."""

ALARM = 0.05
"""How often a judge that has not changed may be called changed, over all months and both shares together."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A month in which the judge was right more or less often than in all others, beyond chance.

    `of` is `accepted` or `rejected`: which of people's answers it was held against.
    """

    month: str
    of: str
    share: float
    others: float


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """One month by cluster: tasks people accepted, of them the judge too; rejected, of them the judge too."""

    accepted: Floats
    accepted_right: Floats
    rejected: Floats
    rejected_right: Floats


def drift(months: Mapping[str, MonthCounts]) -> tuple[tuple[Drift, ...], int]:
    """Months in which the judge differs, and how many comparisons were made.

    A month is held against all others. It is named only where both Fisher's exact test, which few cases do not
    mislead, and Student's t by cluster, which likeness within clusters does not, are below ALARM divided by the
    number of comparisons. Arrays have the same clusters in the same order in every month.
    """
    compared = []
    for month, counts in sorted(months.items()):
        rest = [other for name, other in months.items() if name != month]
        for of in ("accepted", "rejected"):
            there: Floats = getattr(counts, of)
            right: Floats = getattr(counts, f"{of}_right")
            others, others_right = _sum(rest, of, there), _sum(rest, f"{of}_right", there)
            if min(there.sum(), others.sum()) >= FEWEST_IN_MONTH:
                compared.append((month, of, there, right, others, others_right))
    found = []
    for month, of, there, right, others, others_right in compared:
        level = ALARM / len(compared)
        table = tuple(
            round(float(each))
            for each in (
                right.sum(),
                there.sum() - right.sum(),
                others_right.sum(),
                others.sum() - others_right.sum(),
            )
        )
        if fisher(*table) < level and _apart(there, right, others, others_right, level):
            share, rest_share = float(right.sum() / there.sum()), float(others_right.sum() / others.sum())
            found.append(Drift(month, of, share, rest_share))
    return tuple(found), len(compared)


def _sum(months: Sequence[MonthCounts], name: str, like: Floats) -> Floats:
    return np.asarray(sum((getattr(each, name) for each in months), np.zeros_like(like)), dtype=np.float64)


def _apart(there: Floats, right: Floats, others: Floats, others_right: Floats, level: float) -> bool:
    share, rest = right.sum() / there.sum(), others_right.sum() / others.sum()
    parts = (right - share * there) / there.sum() - (others_right - rest * others) / others.sum()
    clusters = int(((there + others) > 0).sum())
    if clusters < 2:
        return False
    error = math.sqrt(clusters / (clusters - 1) * float(np.square(parts).sum()))
    return bool(abs(share - rest) > student(clusters, 1 - level) * error)


def fisher(right: int, wrong: int, others_right: int, others_wrong: int) -> float:
    """Exact chance of a table no likelier than this one with the same margins (Fisher 1935).

    >>> round(fisher(3, 1, 1, 3), 6)  # the lady tasting tea
    0.485714
    """
    row, column = right + wrong, right + others_right
    total = row + others_right + others_wrong

    def logged(count: int) -> float:
        return _choose(column, count) + _choose(total - column, row - count) - _choose(total, row)

    seen = logged(right)
    least, most = max(0, row + column - total), min(row, column)
    chances = (logged(count) for count in range(least, most + 1))
    return min(1.0, math.fsum(math.exp(each) for each in chances if each <= seen + 1e-9))


def _choose(among: int, count: int) -> float:
    """Logarithm of the number of ways."""
    return math.lgamma(among + 1) - math.lgamma(count + 1) - math.lgamma(among - count + 1)
