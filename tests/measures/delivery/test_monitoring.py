"""Bets against a threshold: published values, error rates by simulation, and what they must never do."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from payback.measures.bets import (
    log_bets,
    log_mixture,
    mean_bet,
    mean_sequence,
    monthly_bet,
    needed,
    share_bet,
    share_sequence,
)
from payback.measures.delivery.monitoring import Observed, bet, merged, observed, share_bet_of
from payback.measures.estimate import Floats
from tests.measures.conftest import DATA

DAY = date(2026, 9, 1)
STREAMS, CASES = 2000, 600
MONTE_CARLO = 3 * math.sqrt(0.05 * 0.95 / STREAMS)  # three standard errors of a rate of 5 %


def test_the_mixture_is_what_quadrature_gives() -> None:
    for row in json.loads((DATA / "one_sided_eprocess.json").read_text(encoding="utf-8")):
        found = float(log_mixture(row["s"], row["n"], row["p0"]))
        assert found == pytest.approx(row["log_e_quad"], abs=1e-9)
        assert (found >= needed(0.95)) == row["crosses_20"]


def test_the_sequence_is_that_of_confseq() -> None:
    """Its running intersection, as the reference draws it."""
    accepted, low, high = 0, 0.0, 1.0
    with (DATA / "sequential_streams.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            accepted += int(row["x_binary"])
            now = share_sequence(accepted, int(row["t"]), 0.95)
            low, high = max(low, now[0]), min(high, now[1])
            assert (low, high) == pytest.approx(
                (float(row["x_betabinom_lo"]), float(row["x_betabinom_hi"])), abs=2e-6
            )


def drawn(share: float, *, seed: int = 1) -> Floats:
    """Independent outcomes, a stream a row."""
    given = np.random.default_rng(seed).random((STREAMS, CASES)) < share
    return given.astype(np.float64)


def won(paths: Floats) -> float:
    """Share of streams that ever reach what 95 % takes."""
    return float((paths >= needed(0.95)).any(axis=1).mean())


def test_looked_at_at_every_case_a_share_at_the_threshold_passes_in_at_most_5_percent() -> None:
    given = drawn(0.65)
    paths = log_mixture(np.cumsum(given, axis=1), np.arange(1.0, CASES + 1), 0.65)
    assert 0.01 < won(paths) <= 0.05 + MONTE_CARLO


def test_so_does_the_mean_of_groups_that_are_alike() -> None:
    """Groups of five, correlation 0.3 within: where independence is assumed, 17 % pass (notes of 2026-11-21)."""
    random = np.random.default_rng(2)
    rates = random.beta(0.65 * (1 / 0.3 - 1), 0.35 * (1 / 0.3 - 1), (STREAMS, 150))
    groups = random.binomial(5, rates)
    assert won(log_bets(groups / 5, 0.65)) <= 0.05 + MONTE_CARLO
    cases = np.cumsum(groups, axis=1).astype(np.float64)
    assert won(log_mixture(cases, np.arange(5.0, 755, 5), 0.65)) > 0.1, "this test could not fail"


def test_groups_that_grow_are_looked_at_once_a_month() -> None:
    """30 customers, each with one more outcome a month for a year: their means move, and no look is free."""
    random = np.random.default_rng(3)
    passed = every_look = 0
    for _ in range(STREAMS // 4):
        rates = random.beta(0.65 * 9, 0.35 * 9, 30)  # correlation 0.1
        outcomes = random.random((30, 12)) < rates[:, None]
        looks = [outcomes[:, : month + 1].mean(axis=1) for month in range(12)]
        passed += monthly_bet(looks, 0.65, 0.95).won_at is not None
        every_look += any(mean_bet(look, 0.65, 0.95).now >= needed(0.95) for look in looks)
    assert passed / (STREAMS // 4) <= 0.05
    assert every_look >= passed


@pytest.mark.parametrize(("share", "cases"), [(0.72, 306), (0.75, 134), (0.80, 56)])
def test_how_soon_a_better_share_passes(share: float, cases: int) -> None:
    """Medians of 3,000 other streams looked at at every case."""
    given = drawn(share, seed=5)
    paths = log_mixture(np.cumsum(given, axis=1), np.arange(1.0, CASES + 1), 0.65)
    reached = paths >= needed(0.95)
    first = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, CASES * 10)
    assert np.median(first) == pytest.approx(cases, rel=0.12)


def test_the_number_of_more_cases_is_the_first_that_is_enough() -> None:
    made = share_bet(np.array([80.0]), np.array([110.0]), 0.65, 0.95)
    assert made.won_at is None
    assert made.more is not None
    share = 80 / 110

    def reached(more: int) -> bool:
        return float(log_mixture(80 + share * more, 110 + more, 0.65)) >= made.needed

    assert reached(made.more)
    assert not reached(made.more - 1)


def test_on_the_wrong_side_no_number_of_cases_is_enough() -> None:
    assert share_bet(np.array([60.0]), np.array([100.0]), 0.65, 0.95).more is None
    assert mean_bet(np.array([0.5] * 20), 0.65, 0.95).more is None


def test_nothing_seen_decides_nothing() -> None:
    assert share_bet(np.zeros(0), np.zeros(0), 0.65, 0.95).won_at is None
    assert mean_bet(np.zeros(0), 0.65, 0.95).won_at is None
    assert monthly_bet([], 0.65, 0.95).won_at is None


def test_values_of_the_future_move_no_stake_of_the_past() -> None:
    given = np.random.default_rng(7).random(50)
    other = given.copy()
    other[30:] = 1 - other[30:]
    assert np.array_equal(log_bets(given, 0.5)[:30], log_bets(other, 0.5)[:30])


def rows(outcomes: Sequence[tuple[str, date | None, float]]) -> list[Observed]:
    """One task a row: its group, its day, accepted or not."""
    given = [("u", "ai", unit, day, 1, 1, 0, 1, score, 0, 0, 0) for unit, day, score in outcomes]
    return list(observed(given)[("u", "ai")])


def test_rows_come_in_order_of_day_and_repeats_are_averaged() -> None:
    found = observed(
        [
            (
                "u",
                "ai",
                "b",
                DAY,
                2,
                2,
                1,
                3,
                4,
                600,
                60,
                300,
            ),  # three tasks tried twice, four tries accepted
            ("u", "ai", "b", DAY, 1, 0, 0, 1, 0, 10, 0, 10),  # one nobody checked
            ("u", "ai", "a", None, 1, 1, 0, 1, 1, 5, 0, 5),
        ]
    )["u", "ai"]
    assert found == (
        Observed("a", date.min, 1, 0.0, 1.0, 0.0, 5.0, 5.0),
        Observed("b", DAY, 4, 1.0, 2.0, 1.5, 340.0, 150.0),
    )


def test_a_group_counts_once_where_all_its_tasks_are_of_one_day() -> None:
    given = rows([(f"g{at // 4}", DAY + timedelta(at // 4), 1.0) for at in range(80)])
    made, on = bet(given, lambda each: each.accepted / each.tasks, 0.5, 0.95, grouped=True, until=DAY)
    assert len(given) == 20
    assert made == mean_bet(np.ones(20), 0.5, 0.95)
    assert made.won_at is not None
    assert on == DAY + timedelta(made.won_at)


def test_a_group_of_several_days_waits_for_the_end_of_the_month() -> None:
    """40 groups with an outcome on 1 and on 20 September, all accepted: won when the month is over, not before."""
    given = rows([(f"g{at % 40}", DAY + timedelta(19 * (at // 40)), 1.0) for at in range(80)])
    assert len(merged(given)) == 40

    def on(until: date) -> date | None:
        return bet(given, lambda each: each.accepted / each.tasks, 0.5, 0.95, grouped=True, until=until)[1]

    assert on(date(2026, 9, 29)) is None
    assert on(date(2026, 9, 30)) == date(2026, 9, 30)


def test_independent_outcomes_of_a_day_are_counted_together() -> None:
    by_task = rows([(str(at), DAY, 1.0) for at in range(30)])
    by_day = observed([("u", "ai", "", DAY, 1, 1, 0, 30, 30, 0, 0, 0)])["u", "ai"]
    assert share_bet_of(by_task, 0.8, 0.95)[1] == share_bet_of(by_day, 0.8, 0.95)[1] == DAY


@pytest.mark.long
def test_limits_of_a_mean_hold_at_every_look_and_close_in() -> None:
    random = np.random.default_rng(21)
    missed = 0
    for _ in range(200):
        values = random.beta(6, 4, 120)
        looks = [mean_sequence(values[:count], 0.95) for count in (10, 30, 60, 120)]
        missed += any(not low <= 0.6 <= high for low, high in looks)
        assert looks[-1][1] - looks[-1][0] < looks[0][1] - looks[0][0]
    assert missed / 200 <= 0.05


def test_limits_of_a_mean_are_where_the_bets_are_not_won() -> None:
    values = np.random.default_rng(22).random(80)
    low, high = mean_sequence(values, 0.95)
    goal = needed(0.95) + math.log(2)
    assert log_bets(values, low - 0.001)[-1] >= goal > log_bets(values, low + 0.001)[-1]
    assert log_bets(1 - values, 1 - high - 0.001)[-1] >= goal > log_bets(1 - values, 1 - high + 0.001)[-1]
