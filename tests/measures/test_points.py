"""Expected values: scipy's sampler and scipy's normal functions, which are other programs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats.qmc import Sobol, discrepancy

from payback.measures import points
from payback.measures.points import BITS, chance_below, directions, normal_scores, score_of


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    directions.cache_clear()
    yield
    directions.cache_clear()


def drawn(inputs: int, draws: int, scrambles: int, seed: int) -> np.ndarray:
    return np.hstack(list(normal_scores(inputs, draws, scrambles, seed)))


@pytest.mark.parametrize("power", [0, 1, 10])
def test_direction_numbers_are_those_of_scipys_sampler(power: int) -> None:
    """In another order (by plain, not Gray, code), so the points are compared as a set."""
    ours = directions(300, power)
    made = np.zeros((300, 1), dtype=np.int64)
    for number in range(power):
        made = np.hstack([made, made ^ ours[:, number, None]])
    theirs = Sobol(300, scramble=False, bits=BITS).random_base2(power).T * 2.0**BITS
    assert (made[:, np.lexsort(made)] == theirs[:, np.lexsort(theirs)]).all()


def test_without_scipys_file_its_sampler_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    read = directions(50, 12)
    directions.cache_clear()
    monkeypatch.setattr(points, "_TABLE", "no/such/file.npz")
    assert (directions(50, 12) == read).all()


def test_scores_are_scipys_to_a_billionth() -> None:
    some = np.random.default_rng(1).integers(0, 2**BITS, 400_000)
    some[:6] = [0, 1, 2**BITS - 1, 2**BITS - 2, 2 ** (BITS - 1), 2**24]
    assert np.abs(score_of(some) - ndtri((some + 0.5) / 2**BITS)).max() < 1e-9


@pytest.mark.long
def test_chances_are_scipys_to_a_billionth_and_relatively_in_the_tail() -> None:
    scores = np.linspace(-9.5, 9.5, 400_001)
    scores[0], scores[-1] = -np.inf, np.inf
    assert np.abs(chance_below(scores) - ndtr(scores)).max() < 1e-9
    tail = scores[(scores > -8) & (scores < -3)]
    assert chance_below(tail) == pytest.approx(ndtr(tail), rel=1e-5)


def test_each_scramble_has_one_point_in_each_of_n_even_parts_of_each_input() -> None:
    chances = ndtr(drawn(12, 256, 8, 3)).reshape(12, 8, 256)
    assert (np.sort((chances * 256).astype(int), axis=-1) == np.arange(256)).all()
    assert len(np.unique(chances)) == chances.size  # the rest of a point is scrambled, too


def test_a_scramble_is_as_even_as_scipys() -> None:
    ours = np.mean([discrepancy(ndtr(drawn(6, 512, 1, seed)).T) for seed in range(10)])
    theirs = np.mean([discrepancy(Sobol(6, rng=seed).random_base2(9)) for seed in range(10)])
    plain = np.mean([discrepancy(np.random.default_rng(seed).random((512, 6))) for seed in range(10)])
    assert ours < 1.3 * theirs < 0.5 * plain


def test_a_point_is_everywhere_as_likely_as_elsewhere() -> None:
    """First point of 2,000 scrambles: uniform (Kolmogorov, 1 in 1,000 is 1.95 / sqrt(n))."""
    first = np.sort(ndtr(drawn(1, 1, 2048, 5)[0]))
    assert np.abs(first - (np.arange(2048) + 0.5) / 2048).max() < 1.95 / np.sqrt(2048)


@pytest.mark.parametrize(("draws", "scrambles"), [(4096, 2), (64, 8), (1, 4)])
def test_parts_change_nothing(draws: int, scrambles: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = drawn(3, draws, scrambles, 7)
    monkeypatch.setattr(points, "CHUNK", 256)
    assert (drawn(3, draws, scrambles, 7) == whole).all()
