"""Draws of several uncertain quantities at once, as even as they can be, moving together where they are said to.

Scrambled Sobol points (Owen 1997, Matousek 1998) through a Gaussian copula. Several scrambles, each a power
of two, so that every figure has a simulation error. Formulas and sources: docs/formulas.md, "draws".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from payback.locale import say
from payback.measures.estimate import Floats
from payback.measures.points import normal_scores
from payback.measures.ranges import Uncertain, at

DRAWS, SCRAMBLES = 8192, 8
MOST_INPUTS = 1000
_SMALL = 1e-10


@dataclass(frozen=True, slots=True)
class Together:
    """Two quantities that rise together (rank correlation above 0) or against each other."""

    one: str
    other: str
    rank: float


@dataclass(frozen=True, slots=True)
class Dependence:
    """Correlations of the normal scores, what they are made with, and what had to be changed.

    `lower` times independent scores are scores that move together; `moved` is the most that any rank
    correlation differs from the one asked for.
    """

    correlation: Floats
    lower: Floats
    moved: float

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.moved:
            return ()
        return (
            say(
                "These correlations cannot hold together; the nearest that can are used, up to {moved} away",
                moved=f"{self.moved:.2f}",
            ),
        )


@dataclass(frozen=True, slots=True)
class Draws:
    """Values of each quantity, one a draw; scrambles stand one after another. `unsure` are those not known.

    Normal scores of these are kept where they move together, else there are none: values rise with them.
    """

    values: Mapping[str, Floats]
    unsure: tuple[str, ...]
    scores: Mapping[str, Floats]
    scrambles: int
    seed: int
    dependence: Dependence

    @property
    def count(self) -> int:
        return len(next(iter(self.values.values())))


@dataclass(frozen=True, slots=True)
class Simulated:
    """A figure and its simulation error: the standard error over scrambles, None with one alone."""

    value: float
    error: float | None


def spearman(normal: float) -> float:
    """Rank correlation of two normal scores of this correlation (Pearson 1907).

    >>> round(spearman(0.5), 7)
    0.4825837
    """
    return float(6 / np.pi * np.arcsin(normal / 2))


def normal_correlation(rank: float) -> float:
    """The other way round.

    >>> round(normal_correlation(0.4825837395309974), 7)
    0.5
    """
    return float(2 * np.sin(np.pi * rank / 6))


def dependence(names: Sequence[str], together: Sequence[Together]) -> Dependence:
    """Correlations of all names. Raises ValueError for an unknown name, one pair twice or beyond -1 to 1."""
    place = {name: at for at, name in enumerate(names)}
    wanted = np.eye(len(names))
    given: set[frozenset[str]] = set()
    for each in together:
        pair = f"{each.one} / {each.other}"
        for name in (each.one, each.other):
            if name not in place:
                raise ValueError(say("{pair}: {name} is not an uncertain input", pair=pair, name=name))
        if each.one == each.other or frozenset((each.one, each.other)) in given:
            raise ValueError(say("{pair}: write each pair of two inputs once", pair=pair))
        if not -1 <= each.rank <= 1:
            raise ValueError(
                say("{pair}: a correlation lies between -1 and 1, not {rank}", pair=pair, rank=each.rank)
            )
        given.add(frozenset((each.one, each.other)))
        one, other = place[each.one], place[each.other]
        wanted[one, other] = wanted[other, one] = normal_correlation(each.rank)
    if not together or float(np.linalg.eigvalsh(wanted)[0]) >= -_SMALL:
        return Dependence(wanted, _lower(wanted) if together else wanted, 0.0)
    used = nearest_correlation(wanted)
    moved = np.abs(_ranks(used) - _ranks(wanted)).max()
    return Dependence(used, _lower(used), float(moved))


def nearest_correlation(wanted: Floats) -> Floats:
    """The nearest matrix of correlations that can hold together (Higham 2002, alternating projections)."""
    found, correction = wanted.copy(), np.zeros_like(wanted)
    for _ in range(500):
        shifted = found - correction
        sizes, ways = np.linalg.eigh(shifted)
        possible = (ways * np.maximum(sizes, 0.0)) @ ways.T
        correction = possible - shifted
        before, found = found, possible.copy()
        np.fill_diagonal(found, 1.0)
        if np.abs(found - before).max() < 1e-12:
            break
    sizes, ways = np.linalg.eigh(found)
    possible = (ways * np.maximum(sizes, 0.0)) @ ways.T
    scale = 1 / np.sqrt(np.diag(possible))
    result = possible * scale[:, None] * scale[None, :]
    np.fill_diagonal(result, 1.0)
    return np.asarray(result, dtype=np.float64)


def draw(
    inputs: Mapping[str, Uncertain],
    together: Sequence[Together] = (),
    *,
    draws: int = DRAWS,
    scrambles: int = SCRAMBLES,
    seed: int,
) -> Draws:
    """`draws` in all, in as many scrambles; both powers of two. The same seed, the same draws."""
    for count in (draws, scrambles):
        if count < 1 or count & (count - 1):
            raise ValueError(say("{count} draws or scrambles: it takes a power of two", count=count))
    if scrambles > draws:
        raise ValueError(say("fewer draws than scrambles"))
    unsure = [name for name, each in inputs.items() if not each.is_known]
    if len(unsure) > MOST_INPUTS:
        raise ValueError(say("more than {most} uncertain inputs", most=MOST_INPUTS))
    depends = dependence(unsure, together)
    values = np.empty((len(inputs), draws))
    scores = []
    first = 0
    for independent in normal_scores(len(unsure), draws // scrambles, scrambles, seed):
        here = slice(first, first := first + independent.shape[1])
        part = depends.lower @ independent if together else independent
        if together:
            scores.append(part)
        moved = dict(zip(unsure, part, strict=True))
        for row, (name, each) in zip(values, inputs.items(), strict=True):
            row[here] = each.parameters[0] if each.is_known else at(each, moved[name])
    return Draws(
        dict(zip(inputs, values, strict=True)),
        tuple(unsure),
        dict(zip(unsure, np.hstack(scores), strict=True)) if scores else {},
        scrambles,
        seed,
        depends,
    )


def average(values: Floats, scrambles: int) -> Simulated:
    """Mean over draws, with its error over scrambles."""
    return Simulated(float(values.mean()), error_of(by_scramble(values, scrambles).mean(axis=1)))


def by_scramble(values: Floats, scrambles: int) -> Floats:
    """One row a scramble."""
    return values.reshape(scrambles, -1)


def error_of(parts: Floats) -> float | None:
    """Standard error of the mean of figures, one a scramble; None of one."""
    if len(parts) < 2:
        return None
    return float(parts.std(ddof=1) / np.sqrt(len(parts)))


def _lower(correlation: Floats) -> Floats:
    """Cholesky's factor; from the eigenvectors, since correlations of exactly 1 have no plain one."""
    sizes, ways = np.linalg.eigh(correlation)
    root = ways * np.sqrt(np.maximum(sizes, 0.0))
    upper = np.asarray(np.linalg.qr(root.T).R, dtype=np.float64)
    return np.asarray(upper.T * np.where(np.diag(upper) < 0, -1.0, 1.0), dtype=np.float64)


def _ranks(correlation: Floats) -> Floats:
    return np.asarray(6 / np.pi * np.arcsin(np.clip(correlation, -1, 1) / 2), dtype=np.float64)
