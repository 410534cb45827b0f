from __future__ import annotations

import numpy as np
import pytest

from payback.measures.estimate import rounded, student, too_few, uneven


def test_student_is_the_tabled_quantile() -> None:
    assert student(11, 0.95) == pytest.approx(2.228, abs=5e-4)  # 10 degrees of freedom, any table


def test_four_clusters_are_too_few() -> None:
    assert too_few(4) is not None
    assert too_few(5) is None


def test_ranges_are_given_to_12_digits() -> None:
    assert rounded(1 / 3) == 0.333333333333


def test_uneven_is_spread_over_mean() -> None:
    assert uneven(np.array([1.0, 3.0])) == 0.5
    assert uneven(np.zeros(3)) == 0.0
