"""Even points of Sobol, scrambled, as normal scores.

A random lower matrix of bits and a random shift for each scramble and input (Matousek 1998), which leaves as
large an error as scrambling every digit (Owen 1997). Formulas and sources: docs/formulas.md, "draws".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from payback.measures.estimate import Floats

Bits = NDArray[np.int64]

BITS = 32
"""Of a point; the last half of one is added, so that none is 0 and infinitely far out."""
CHUNK = 16_384
"""Numbers worked on at once: they and what is made of them stay near the processor."""
FARTHEST = 9.0
"""No draw lies this many standard deviations out: it would be one in 10^18."""
RUNGS = 256  # in one standard deviation
TABLED = 14  # bits of a point that choose a place in the table of normal scores
_OUTER = 256  # places at both ends at which the table is too coarse
_TABLE = "stats/_sobol_direction_numbers.npz"


def normal_scores(inputs: int, draws: int, scrambles: int, seed: int) -> Iterator[Floats]:
    """Independent normal scores, one row an input, in parts of at most CHUNK draws.

    Scrambles stand one after another; each has `draws`, a power of two.
    """
    width, some = min(draws, CHUNK), min(scrambles, max(1, CHUNK // draws))
    scrambled, shift = _scrambled(directions(inputs, draws.bit_length() - 1), scrambles, seed)
    points = np.empty((some, width), dtype=np.int64)
    for first in range(0, scrambles, some):
        which = slice(first, first + some)
        for start in range(0, draws, width):
            further = [power for power in range(scrambled.shape[-1]) if start >> power & 1]
            begin = shift[:, which] ^ np.bitwise_xor.reduce(scrambled[:, which, further], axis=-1)
            found = np.empty((inputs, some * width))
            for each in range(inputs):
                points[:, 0] = begin[each]
                for power in range(width.bit_length() - 1):
                    half, number = 1 << power, scrambled[each, which, power, None]
                    np.bitwise_xor(points[:, :half], number, out=points[:, half : 2 * half])
                score_of(points.reshape(-1), found[each])
            yield found


def score_of(points: Bits, out: Floats | None = None) -> Floats:
    """The normal score of (point + 1/2) / 2^32, to 1e-9: from the nearest of 16,384 places by Taylor.

    >>> score_of(np.array([2**31, 4187593113])).round(6)
    array([0.      , 1.959964])
    """
    places, rises = _table()
    place = points >> (BITS - TABLED)
    outer = np.flatnonzero((place - _OUTER).view(np.uint64) >= len(places) - 2 * _OUTER)
    near = places.take(place, mode="clip")
    step = rises.take(place, mode="clip")
    np.bitwise_and(points, (1 << BITS - TABLED) - 1, out=place)
    found: Floats = np.multiply(place, 2.0 ** (TABLED - BITS), out=out)
    found += 2.0 ** (TABLED - BITS - 1) - 0.5
    step *= found
    np.multiply(near, step, out=found)  # the second derivative is z times the first squared
    found *= 0.5
    found += 1.0
    found *= step
    found += near
    found[outer] = ndtri((points[outer] + 0.5) * 2.0**-BITS)
    return found


def chance_below(scores: Floats) -> Floats:
    """How likely a normal score is to be lower, to 1e-9: from the nearest of tabled ones by Taylor.

    >>> chance_below(np.array([-1.959963985, 0.0])).round(9)
    array([0.025, 0.5  ])
    """
    chances, densities = _ladder()
    step = np.clip(scores, -FARTHEST, FARTHEST)
    near = step * RUNGS
    np.rint(near, out=near)
    rung = near.astype(np.intp)
    rung += len(chances) // 2
    near *= 1 / RUNGS
    step -= near
    near *= step  # the density falls by z times itself
    near *= -0.5
    near += 1.0
    near *= step
    near *= densities.take(rung, mode="clip")
    near += chances.take(rung, mode="clip")
    return near


@lru_cache(maxsize=32)
def directions(inputs: int, power: int) -> Bits:
    """Sobol's direction numbers (Joe and Kuo 2008), a row an input, for 2^power points of 32 bits.

    Read from scipy's own file: its sampler takes 0.7 s to import. Where the file is not there, the sampler.
    """
    try:
        with np.load(Path(scipy.__file__).parent / _TABLE) as held:
            polynomials, first = held["poly"][:inputs], held["vinit"][:inputs]
    except (OSError, KeyError):
        return _asked(inputs, power)
    found = np.zeros((inputs, power), dtype=np.int64)
    for each, (polynomial, start) in enumerate(zip(polynomials.tolist(), first.tolist(), strict=True)):
        degree = polynomial.bit_length() - 1
        numbers = start[:degree] if each else [1] * power
        for at in range(len(numbers), power):
            number = numbers[at - degree] ^ (numbers[at - degree] << degree)
            for back in range(1, degree):
                if polynomial >> (degree - back) & 1:
                    number ^= numbers[at - back] << back
            numbers.append(number)
        found[each] = [number << (BITS - 1 - at) for at, number in enumerate(numbers[:power])]
    return found


def _asked(inputs: int, power: int) -> Bits:
    """The same from scipy's sampler: its points 1, 2, 4 ... are two of them, one over the other."""
    from scipy.stats.qmc import Sobol  # noqa: PLC0415  0.7 s of CPU

    sampler = Sobol(inputs, scramble=False, bits=BITS)
    found = np.zeros((inputs, power), dtype=np.int64)
    for at in range(power):
        sampler.reset().fast_forward(1 << at)
        point = (sampler.random(1)[0] * 2.0**BITS).astype(np.int64)
        found[:, at] = point ^ found[:, at - 1] if at else point
    return found


def _scrambled(plain: Bits, scrambles: int, seed: int) -> tuple[Bits, Bits]:
    """Direction numbers and shift of each input and scramble."""
    inputs, power = plain.shape
    random = np.random.default_rng(seed).integers(0, 1 << BITS, (inputs, scrambles, BITS + 1))
    own = 1 << np.arange(BITS - 1, -1, -1)
    rows = (random[..., :BITS] & -2 * own) | own  # a digit depends on itself and on those before it
    found = np.zeros((inputs, scrambles, power), dtype=np.int64)
    for digit in range(BITS):
        odd = np.bitwise_count(rows[..., digit, None] & plain[:, None, :]) & 1
        found |= odd.astype(np.int64) << (BITS - 1 - digit)
    return found, random[..., BITS]


@lru_cache(maxsize=1)
def _ladder() -> tuple[Floats, Floats]:
    """Chance below each rung and its density, from -9 to 9."""
    rungs = np.arange(-int(FARTHEST * RUNGS), int(FARTHEST * RUNGS) + 1) / RUNGS
    densities = np.exp(-rungs * rungs / 2) / np.sqrt(2 * np.pi)
    return np.asarray(ndtr(rungs), dtype=np.float64), np.asarray(densities, dtype=np.float64)


@lru_cache(maxsize=1)
def _table() -> tuple[Floats, Floats]:
    """Normal scores in the middle of each place, and how much they rise in one."""
    count = 1 << TABLED
    places = np.asarray(ndtri((np.arange(count) + 0.5) / count), dtype=np.float64)
    rises = np.sqrt(2 * np.pi) * np.exp(places * places / 2) / count
    return places, np.asarray(rises, dtype=np.float64)
