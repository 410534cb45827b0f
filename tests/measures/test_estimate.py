from __future__ import annotations

import numpy as np
import pytest

from payback.measures.estimate import (
    RESAMPLES,
    ends,
    generator_for,
    resamples_for,
    resampling,
    rounded,
    student,
    too_few,
)


def test_the_same_text_gives_the_same_draws() -> None:
    first = generator_for("support-replies\nagent").integers(0, 10**9, 5)
    again = generator_for("support-replies\nagent").integers(0, 10**9, 5)
    other = generator_for("support-replies\nhuman").integers(0, 10**9, 5)
    assert first.tolist() == again.tolist() != other.tolist()
    assert first.tolist() == [140320005, 322958269, 361304110, 900745422, 379687018]


def test_each_resample_draws_as_many_clusters_as_there_are() -> None:
    counts = np.vstack(list(resampling(generator_for("a"), 4096, 999)))
    assert counts.shape == (999, 4096)
    assert (counts.sum(axis=1) == 4096).all()
    assert counts.mean(axis=0).std() < 0.05  # each cluster about once: sd of a mean of 999 draws is 0.032


def test_quantiles_are_order_statistics() -> None:
    draws = np.arange(1.0, 1000.0)
    assert ends(draws, 0.95) == (25.0, 975.0)
    assert ends(draws, 0.8) == (100.0, 900.0)
    assert ends(draws, 0.5) == (250.0, 750.0)


def test_strict_levels_take_more_draws() -> None:
    assert resamples_for(0.95) == RESAMPLES
    assert resamples_for(0.995) == 1999
    assert resamples_for(0.999) == 9999


def test_student_is_the_tabled_quantile() -> None:
    assert student(11, 0.95) == pytest.approx(2.228, abs=5e-4)  # 10 degrees of freedom, any table


def test_four_clusters_are_too_few() -> None:
    assert too_few(4) is not None
    assert too_few(5) is None


def test_ranges_are_given_to_12_digits() -> None:
    assert rounded(1 / 3) == 0.333333333333
