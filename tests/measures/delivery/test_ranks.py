from __future__ import annotations

import numpy as np

from payback.measures.delivery.ranks import Standing, places


def way(draw: np.random.Generator, share: float, tasks: int) -> Standing:
    return Standing(np.ones(tasks), (draw.random(tasks) < share).astype(float))


def test_all_places_hold_together_as_often_as_they_say() -> None:
    # Eight ways, two alike, on the same 300 independent tasks; 400 samples.
    shares = np.array([0.9, 0.85, 0.85, 0.7, 0.6, 0.55, 0.5, 0.3])
    best = np.array([1 + (shares > each).sum() for each in shares])
    worst = np.array([(shares >= each).sum() for each in shares])
    draw = np.random.default_rng(5)
    wrong = 0
    width = 0.0
    for _ in range(400):
        found = places([way(draw, float(each), 300) for each in shares])
        wrong += any(
            not (low <= b and w <= high) for (low, high), b, w in zip(found, best, worst, strict=True)
        )
        width += sum(high - low for low, high in found) / len(found)
    assert wrong <= 32  # 5 % of 400 and two standard errors more
    assert width / 400 < 3  # and they tell something


def test_the_same_tasks_tell_more_apart_than_others() -> None:
    draw = np.random.default_rng(6)
    hard = draw.random(400) < 0.5
    one = Standing(np.ones(400), hard.astype(float))
    other = hard & (draw.random(400) < 0.88)
    assert places([one, Standing(np.ones(400), other.astype(float))]) == [(1, 1), (2, 2)]
    apart = np.zeros(400)
    tasks = np.concatenate([np.ones(400), apart])
    first = Standing(tasks, np.concatenate([one.accepted, apart]))
    second = Standing(np.concatenate([apart, np.ones(400)]), np.concatenate([apart, other.astype(float)]))
    assert places([first, second]) == [(1, 2), (1, 2)]


def test_ways_that_did_alike_share_all_places() -> None:
    same = Standing(np.ones(50), np.array([1.0] * 30 + [0.0] * 20))
    assert places([same, same, same]) == [(1, 3)] * 3


def test_order_of_the_ways_changes_nothing() -> None:
    draw = np.random.default_rng(7)
    ways = [way(draw, share, 200) for share in (0.9, 0.5, 0.7, 0.2)]
    turned = places(ways[::-1])[::-1]
    assert places(ways) == turned
