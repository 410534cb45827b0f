from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from payback.measures.delivery.adoption import Curve, Users, curve, followed, mean_days, tried_once, users
from payback.records import Unknown

DATA = Path(__file__).parent.parent / "data"
DAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def known() -> Any:
    return json.loads((DATA / "delivery_expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def retention() -> Curve:
    left, stayed = [0] * 200, [0] * 200
    with (DATA / "retention.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            (left if row["churned"] == "1" else stayed)[int(row["duration_days"])] += 1
    made = curve(left, stayed)
    assert isinstance(made, Curve)
    return made


@pytest.mark.parametrize("day", [1, 7, 14, 28, 56, 84])
def test_the_curve_and_its_band_equal_lifelines(retention: Curve, known: Any, day: int) -> None:
    step = retention.share(day)
    assert step is not None
    assert (step.share, step.low, step.high) == pytest.approx(known["km_lifelines"][f"day{day}"], rel=1e-9)


def test_the_median_and_the_mean_of_56_days_equal_lifelines(retention: Curve, known: Any) -> None:
    made = mean_days(retention, 56)
    assert not isinstance(made, Unknown)
    assert retention.median == known["km_median"]
    assert made[0] == pytest.approx(known["km_rmst_56"], rel=1e-12)
    assert made[1] < made[0] < made[2]


def test_users_are_followed_as_long_as_leaving_could_be_seen() -> None:
    # As of day 40 with 28 days: one who came on day 0 is followed to day 12, though still there on day 35.
    as_of = DAY + timedelta(days=40)
    found = [
        Users(DAY, DAY + timedelta(days=35), 3, 3),  # stays: followed for 12 days
        Users(DAY, DAY + timedelta(days=5), 2, 0),  # left on day 5
        Users(DAY, DAY + timedelta(days=20), 1, 0),  # gone, but not for 28 days: seen to stay for 12
        Users(DAY + timedelta(days=20), DAY + timedelta(days=20), 9, 0),  # too young
    ]
    left, stayed = followed(found, as_of, 28)
    assert left == [0] * 5 + [2] + [0] * 7
    assert stayed == [0] * 12 + [4]
    assert tried_once(found, as_of, 28) == (0, 6)


def test_where_all_stay_the_range_still_has_a_width() -> None:
    made = curve([0] * 30 + [0], [0] * 30 + [20])
    assert isinstance(made, Curve)
    step = made.share(10)
    assert step is not None
    assert step.share == 1
    assert step.low == pytest.approx(0.8388748, abs=1e-6)  # Wilson, 20 of 20: 1 / (1 + 1.96^2 / 20)
    assert made.share(31) is None


def test_where_all_leave_nobody_is_there_and_that_too_has_a_range() -> None:
    made = curve([12], [0])
    assert isinstance(made, Curve)
    step = made.share(0)
    assert step is not None
    assert step.share == 0
    assert step.high > 0.2


def test_few_users_make_no_curve() -> None:
    assert isinstance(curve([1, 2], [3, 0]), Unknown)


def test_nobody_followed_long_enough_is_unknown() -> None:
    made = curve([0, 3], [0, 20])
    assert isinstance(made, Curve)
    assert isinstance(mean_days(made, 56), Unknown)


def test_rows_are_by_way_of_working() -> None:
    rows = [("a", "ai", DAY, DAY, 3, 1), ("a", "human", DAY, DAY, 2, None)]
    assert users(rows)["a", "human"] == [Users(DAY, DAY, 2, 0)]


def test_following_only_so_far_finds_the_true_curve() -> None:
    # 3,000 users leave at a rate of 3 % a day and use it every day until then; they come over 90 days.
    draw = np.random.default_rng(11)
    last = np.minimum(draw.geometric(0.03, 3000) - 1, 400)
    came = draw.integers(0, 90, 3000)
    as_of = 120
    found = [
        Users(DAY + timedelta(days=int(c)), DAY + timedelta(days=min(int(c + d), as_of)), 1, 0)
        for c, d in zip(came, last, strict=True)
    ]
    made = curve(*followed(found, DAY + timedelta(days=as_of), 28))
    assert isinstance(made, Curve)
    for day in (7, 28, 56):
        step = made.share(day)
        assert step is not None
        assert step.low - 0.01 < 0.97 ** (day + 1) < step.high + 0.01
