"""Futures of spending: known truths recovered, a runway by hand, and the score of the notes."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from payback.measures.estimate import Floats
from payback.measures.returns import burn_forecast as forecast
from payback.measures.returns.burn_series import Every

SHARED = Path(os.environ.get("PAYBACK_SHARED") or Path(__file__).parents[3].parent / "shared")
DAILY_SPEND = SHARED / "data" / "statistics" / "daily_spend.csv"
SEED = [1]


def futures(total: Floats, known: int = 12) -> forecast.Futures:
    count = total.shape[1]
    ends = forecast.period_ends(Every.MONTH, date(2026, 12, 31), count)
    return forecast.Futures(Every.MONTH, ends, {"all": total}, total, known)


def held(
    process: Callable[[int, np.random.Generator], Floats], known: int, ahead: int, runs: int = 120
) -> float:
    """Share of runs in which the band of 80 of all that is spent ahead holds it."""
    random = np.random.default_rng(7)
    inside = 0
    for run in range(runs):
        series = process(known + ahead, random)
        drawn = forecast.paths(series[:known], ahead, seed=[run], draws=256).sum(axis=1)
        low, high = np.quantile(drawn, [0.1, 0.9])
        inside += bool(low <= series[known:].sum() <= high)
    return inside / runs


def test_known_processes_are_held() -> None:
    from benchmarks.coverage.burn import lumps, wandering, weeks

    # 120 runs: 0.8 less two and a half standard errors of 0.037; the whole table is in docs/coverage/burn.md
    for process in (weeks, lumps, wandering):
        assert held(process, 9, 6) >= 0.8 - 2.5 * 0.037, process.__name__


def test_a_trend_goes_on_and_a_level_stays() -> None:
    rising = forecast.paths(np.arange(10.0, 34.0), 6, seed=SEED)
    assert 34 < np.median(rising[:, 5]) <= 39  # 39 if it went on whole; a part of the rise is damped
    flat = forecast.paths(100 + np.tile([1.0, -1.0], 12), 6, seed=SEED)
    assert np.median(flat) == pytest.approx(100, abs=1.5)


def test_the_same_every_month_goes_on_without_a_spread() -> None:
    drawn = forecast.paths(np.full(6, 40.0), 3, seed=SEED)
    assert (drawn == 40).all()
    assert forecast.span(drawn.sum(axis=1), 3, 6) == forecast.Span(120.0, ())


def test_no_future_goes_below_nothing() -> None:
    drawn = forecast.paths(np.array([90.0, 60.0, 40.0, 15.0, 5.0]), 12, seed=SEED)
    assert drawn.min() >= 0


def test_a_season_of_a_year_is_seen_after_two() -> None:
    year = np.array([10.0, 10, 10, 10, 10, 90, 10, 10, 10, 10, 10, 10])
    values = np.concatenate([year, year, year]) + np.random.default_rng(3).normal(0, 1, 36)
    drawn = forecast.paths(values, 12, seed=SEED)
    assert int(np.argmax(np.median(drawn, axis=0))) == 5
    assert np.median(drawn[:, 5]) > 60


def test_a_missing_period_is_not_taken_as_nothing() -> None:
    values = np.array([100.0, 101, np.nan, 99, 100, 102, 98])
    with_zero = np.where(np.isnan(values), 0.0, values)
    known, wrong = (forecast.paths(each, 3, seed=SEED) for each in (values, with_zero))
    assert np.median(known) == pytest.approx(100, abs=3)
    assert float(np.ptp(np.quantile(known, [0.1, 0.9]))) < float(np.ptp(np.quantile(wrong, [0.1, 0.9]))) / 4


def test_fewer_than_three_known_periods_give_no_futures() -> None:
    with pytest.raises(ValueError, match="fewer known periods"):
        forecast.paths(np.array([1.0, np.nan, 2.0]), 3, seed=SEED)


def test_the_same_seed_gives_the_same_futures() -> None:
    values = np.array([5.0, 7, 6, 9, 8])
    one, same, other = (forecast.paths(values, 4, seed=[seed]) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_twice_the_money_is_twice_the_forecast() -> None:
    values = np.array([50.0, 70, 60, 90, 80, 85])
    one, two = (np.median(forecast.paths(each, 4, seed=SEED), axis=0) for each in (values, 2 * values))
    assert two / one == pytest.approx(2.0, rel=0.05)


def test_bands_are_not_shown_where_they_do_not_hold() -> None:
    values = np.random.default_rng(1).normal(10, 1, 4096)
    levels = {ahead: [band[0] for band in forecast.span(values, ahead, 4).bands] for ahead in (6, 7, 8, 9)}
    assert levels == {6: [0.5, 0.8, 0.95], 7: [0.8, 0.95], 8: [0.8, 0.95], 9: []}


def test_a_runway_by_hand() -> None:
    # 100 left; half of the futures spend 50 a month, three tenths 25, two tenths 10
    total = np.repeat([50.0, 25.0, 10.0], [2048, 1229, 819])[:, None] * np.ones((1, 6))
    shuffled = np.random.default_rng(1).permutation(total)
    found = forecast.runway(100.0, futures(shuffled))
    # 50 a month: month 2; 25: month 4; 10: never within six months. 0.5 is the last of those that take 50
    assert (found.early, found.middle, found.late) == (2, 2, None)
    assert found.not_within.value == pytest.approx(819 / 4096)
    assert [round(each.value, 3) for each in found.by_period] == [0, 0.5, 0.5, 0.8, 0.8, 0.8]


def test_a_runway_is_no_quotient() -> None:
    # mean burn 30 a month: 60 / 30 = 2 months; half of the futures spend nothing and never use it up
    total = np.repeat([0.0, 60.0], 2048)[:, None] * np.ones((1, 12))
    found = forecast.runway(60.0, futures(np.random.default_rng(1).permutation(total)))
    assert found.early == 1
    assert found.late is None
    assert found.not_within.value == pytest.approx(0.5)


def test_the_kill_line_by_hand() -> None:
    # 40 spent, line 100 unless 3 accepted, 1 so far; 30 a month: 70, 100, 130. A third have 1 more a month.
    total = np.full((4096, 3), 30.0)
    results = np.zeros((4096, 3))
    results[: 4096 // 4] = 1.0
    results = np.random.default_rng(1).permutation(results)
    found = forecast.kill_line_ahead(futures(total), 40.0, results, 1.0, 100.0, 3)
    # by the second month a quarter has 3, the others 1: crossed in three quarters, and stays so
    assert [round(each.value, 2) for each in found] == [0.0, 0.75, 0.75]


def test_no_result_so_far_does_not_mean_none_to_come() -> None:
    drawn = forecast.counts_ahead(np.zeros(4), 1, seed=SEED)
    # gamma(1/2) over 4 periods: P(none in the next) = (4 / 5) ** 0.5 = 0.894
    assert float((drawn == 0).mean()) == pytest.approx(0.894, abs=0.02)
    assert forecast.counts_ahead(np.zeros(0), 2, seed=SEED).shape == (forecast.DRAWS, 2)


def test_the_last_month_above_what_was_to_be_expected() -> None:
    before = 100 + np.random.default_rng(5).normal(0, 5, 12)
    periods = [date(2026, month, 1) for month in range(1, 13)] + [date(2027, 1, 1)]
    usual, high = (
        forecast.recent_against_before(np.append(before, last), periods, Every.MONTH, seed=SEED)
        for last in (103.0, 190.0)
    )
    assert usual is not None
    assert high is not None
    assert (usual.is_above, high.is_above) == (False, True)
    assert (high.since, high.until, high.spent) == (date(2027, 1, 1), date(2027, 1, 31), 190.0)
    few = forecast.recent_against_before(np.append(before[:8], 190.0), periods[:9], Every.MONTH, seed=SEED)
    assert few is None


def daily_spend() -> tuple[list[float], list[float]]:
    """120 days, the last 14 held out."""
    if not DAILY_SPEND.is_file():
        pytest.skip(f"{DAILY_SPEND} is not there: daily_spend is not scored")
    with DAILY_SPEND.open(encoding="utf-8") as file:
        values = [float(row["spend"]) for row in csv.DictReader(file)]
    return values[:-14], values[-14:]


def mean_error(found: object, truth: list[float]) -> float:
    return float(np.abs(np.asarray(found) - np.asarray(truth)).mean())


def test_seasonal_naive_on_daily_spend() -> None:
    known, truth = daily_spend()
    # notes, section 7, and expected.json, seasonal_naive_mae: 10.75
    assert mean_error(forecast.seasonal_naive(known, 7, 14), truth) == pytest.approx(10.75, abs=0.005)


def test_whole_weeks_of_daily_spend_are_held() -> None:
    known, truth = daily_spend()
    weeks = np.array(known[-105:]).reshape(15, 7).sum(axis=1)
    drawn = forecast.paths(weeks, 2, seed=SEED).sum(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert low <= sum(truth) <= high


def test_ets_on_daily_spend() -> None:
    pytest.importorskip("statsforecast", reason="the extra `forecast` is not installed: ETS is not scored")
    known, truth = daily_spend()
    # notes, section 7: 7.27 by AutoETS of statsforecast, against 10.75
    assert mean_error(forecast.middle_by_ets(np.array(known), 7, 14), truth) == pytest.approx(7.27, abs=0.05)


def test_moved_to_another_middle_the_spread_stays() -> None:
    drawn = forecast.paths(np.array([50.0, 70, 60, 90, 80, 85]), 2, seed=SEED)
    moved = forecast.recentred(drawn, np.array([200.0, 300.0]))
    assert np.median(moved, axis=0) == pytest.approx([200, 300])
    assert np.ptp(np.quantile(moved, [0.3, 0.7], axis=0), axis=0) == pytest.approx(
        np.ptp(np.quantile(drawn, [0.3, 0.7], axis=0), axis=0)
    )
