"""A random sample of tasks for people to check: which, and with what chance each was drawn.

The order is that of a hash of seed and task, so the same seed draws the same tasks again, whatever order they come
in, and a larger sample holds the smaller one (docs/formulas.md, "sampled").
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task that may be drawn: its first trial, and the stratum it lies in."""

    task: str
    trial: str = "1"
    stratum: str = ""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Tasks of one kind, and how many of them were drawn."""

    name: str
    tasks: int
    drawn: int

    @property
    def chance(self) -> float:
        """The chance each of its tasks had."""
        return self.drawn / self.tasks if self.tasks else 0.0


def draw(
    candidates: Iterable[Candidate], number: int, seed: int
) -> tuple[tuple[Candidate, ...], tuple[Stratum, ...]]:
    """`number` of the candidates by chance, in an order that tells nothing, and the strata by name.

    Every stratum gives the same number, or all it has: so that a rare kind is seen. With one stratum each
    candidate has the same chance.
    """
    strata: defaultdict[str, list[Candidate]] = defaultdict(list)
    for each in candidates:
        strata[each.stratum].append(each)
    shares = shared({name: len(tasks) for name, tasks in strata.items()}, number)
    chosen: list[Candidate] = []
    for name, tasks in strata.items():
        tasks.sort(key=lambda each: _hash(seed, "draw", each))
        chosen += tasks[: shares[name]]
    chosen.sort(key=lambda each: _hash(seed, "show", each))
    return tuple(chosen), tuple(
        Stratum(name, len(tasks), shares[name]) for name, tasks in sorted(strata.items())
    )


def shared(sizes: Mapping[str, int], number: int) -> dict[str, int]:
    """How many each stratum gives: as equal as their sizes let it be, the rest by name.

    >>> shared({"rare": 3, "usual": 900, "other": 40}, 50)
    {'other': 23, 'rare': 3, 'usual': 24}
    """
    given = dict.fromkeys(sorted(sizes), 0)
    left = min(number, sum(sizes.values()))
    while left:
        room = [name for name in given if given[name] < sizes[name]]
        each = max(1, left // len(room))
        for name in reversed(room):
            more = min(each, sizes[name] - given[name], left)
            given[name] += more
            left -= more
    return given


def _hash(seed: int, what: str, each: Candidate) -> tuple[bytes, str]:
    text = f"{seed}\0{what}\0{each.task}".encode()
    return hashlib.blake2b(text, digest_size=16).digest(), each.task


def telling(names: Sequence[str], tasks: Iterable[str]) -> tuple[str, ...]:
    """Of these names of models and ways of working, those that tasks' own names give away."""
    folded = [(name, name.casefold()) for name in names if len(name) > 2]
    found = {name for task in tasks for name, low in folded if low in task.casefold()}
    return tuple(sorted(found))
