"""Use cases to choose from: their ways to go on, what they share, what there is, and a choice among them.

Formulas and sources: docs/formulas.md, "portfolio", "worst-twentieth", "shared-work", "joint-claims".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from payback.locale import say
from payback.measures.estimate import Floats

WORST = 0.05
"""The share of futures whose mean is the worst loss: 1 in 20."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go on with a use case: its worth a draw, and what it takes.

    `value` is what it brings before its costs, one a draw, for work that others do too. `does` is whether the
    use case is then under way: others may require it or exclude it.
    """

    way: str
    net: Floats
    money: float = 0.0
    people: float = 0.0
    does: bool = True
    value: Floats | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One use case. Without an option that does nothing, nothing may be done at a worth of 0."""

    name: str
    options: tuple[Option, ...]
    business: str = ""
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlap:
    """Use cases that do partly the same work: of the shared part of what they bring only one counts."""

    use_cases: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Pool:
    """What several use cases draw on: they cannot together claim more than `cap`. One a draw; claims by use case and way."""

    name: str
    claims: Mapping[tuple[str, str], Floats]
    cap: Floats


@dataclass(frozen=True, slots=True)
class Limits:
    """What there is, and what risk is borne. None: no limit. `worst_loss` is of the mean of the worst 1 in 20.

    `most_share` is of the money in one business: a share of the budget, or of what is spent where there is none.
    """

    budget: float | None = None
    people: float | None = None
    most_likely_loss: float | None = None
    worst_loss: float | None = None
    most_share: float | None = None

    def spread_over(self, money: float) -> float:
        """What the share of one business is a share of, where so much is spent."""
        return money if self.budget is None else self.budget


@dataclass(frozen=True, slots=True)
class Problem:
    """Use cases to choose from. `forced` names ways that must be taken, by use case."""

    cases: tuple[Case, ...]
    overlaps: tuple[Overlap, ...] = ()
    pools: tuple[Pool, ...] = ()
    forced: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One choice: the way of each use case, what all of it is worth a draw, and what it takes.

    `counts` names for each overlap the use case whose shared part counts; `lost` is what overlaps and pools take
    from the mean. `worst` is the mean of the worst 1 in 20 draws.
    """

    ways: Mapping[str, str]
    counts: tuple[str | None, ...]
    net: Floats
    worth: float
    loss: float
    worst: float
    money: float
    people: float
    lost: float


NOTHING = "nothing"
Picks = Sequence[bool] | npt.NDArray[np.bool_]


def with_nothing(case: Case) -> Case:
    """The same use case with doing nothing among its options."""
    if any(not option.does and option.money == 0 and not option.net.any() for option in case.options):
        return case
    draws = len(case.options[0].net) if case.options else 1
    return replace(case, options=(*case.options, Option(NOTHING, np.zeros(draws), does=False)))


def worst_mean(net: Floats, share: float = WORST) -> float:
    """Mean of the worst share of draws, whole draws rounded up (Rockafellar and Uryasev 2000).

    >>> worst_mean(np.array([-4.0, -2.0] + [1.0] * 38))
    -3.0
    """
    return mean_of_worst(net, worst_count(len(net), share))


def worst_count(draws: int, share: float = WORST) -> int:
    """How many draws the worst share is: whole ones, rounded up."""
    return max(1, math.ceil(share * draws - 1e-9))


def mean_of_worst(net: Floats, count: int) -> float:
    """The mean of so many of the smallest."""
    return float(np.partition(net, count - 1)[:count].mean())


def check(cases: Sequence[Case]) -> None:
    """Raise ValueError where a use case requires one that is not there, or itself by way of others."""
    names = {case.name for case in cases}
    needs = {case.name: case.requires for case in cases}
    for case in cases:
        for other in (*case.requires, *case.excludes):
            if other not in names or other == case.name:
                raise ValueError(
                    say("{name} names {other}, which is not another use case", name=case.name, other=other)
                )
    for case in cases:
        path = _back_to(case.name, needs)
        if path:
            raise ValueError(
                say(
                    "{path}: each waits for the other, so none can begin", path=" > ".join((case.name, *path))
                )
            )
        both = set(case.requires) & set(case.excludes)
        if both:
            raise ValueError(
                say("{name} both requires and excludes {other}", name=case.name, other=min(both))
            )


def _back_to(name: str, needs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A way from a use case through what it requires back to it; () where there is none."""
    waiting: list[tuple[str, ...]] = [(other,) for other in needs[name]]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        if path[-1] == name:
            return path
        if path[-1] not in seen:
            seen.add(path[-1])
            waiting += [(*path, other) for other in needs.get(path[-1], ())]
    return ()


def brings(option: Option) -> Floats:
    """What an option brings before its costs; where nobody says, what it is worth where that is above 0."""
    return np.maximum(option.net if option.value is None else option.value, 0.0)


def only(problem: Problem, draws: slice) -> Problem:
    """The same problem on some of its draws."""

    def part(values: Floats) -> Floats:
        return values[draws] if len(values) > 1 else values

    return replace(
        problem,
        cases=tuple(
            replace(
                case,
                options=tuple(
                    replace(
                        option,
                        net=part(option.net),
                        value=None if option.value is None else part(option.value),
                    )
                    for option in case.options
                ),
            )
            for case in problem.cases
        ),
        pools=tuple(
            replace(pool, claims={key: part(each) for key, each in pool.claims.items()}, cap=part(pool.cap))
            for pool in problem.pools
        ),
    )


def main_worths(problem: Problem) -> Floats:
    """Worth of each use case a draw, by its best way of doing it; a row a draw."""
    columns = []
    for case in problem.cases:
        doing = [option for option in case.options if option.does] or list(case.options)
        columns.append(max(doing, key=lambda option: float(option.net.mean())).net)
    draws = max(map(len, columns), default=1)
    return np.column_stack([np.broadcast_to(each, (draws,)) for each in columns])
