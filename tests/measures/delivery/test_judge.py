"""Acceptance of all work from a checked sample and a judge, held against ppi-python and by hand."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payback.measures.agreement import Agreement
from payback.measures.delivery.judge import (
    FEWEST_GROUPS,
    Labels,
    Sampled,
    corrected,
    lang_reiczigel,
    lean,
    more_labels,
    rogan_gladen,
    sampled,
)
from payback.measures.estimate import Floats, Range
from payback.measures.proportion import normal
from payback.records import Unknown

DATA = Path(__file__).parent.parent / "data"
DRAWN, REST = 150, 3000


def labels(
    people: Floats,
    judge: Floats,
    drawn: Floats,
    weight: Floats | None = None,
    cluster: Floats | None = None,
) -> Labels:
    """One entry a task, or summed by `cluster`."""
    each = drawn if weight is None else drawn * weight
    rest = 1 - drawn
    columns = {
        "drawn": drawn,
        "drawn_judge": judge * drawn,
        "weight": each,
        "people": people * each,
        "judge": judge * each,
        "others": rest,
        "others_judge": judge * rest,
        "product": people * judge * each,
        "squares": judge * judge,
        "missing": np.zeros(len(drawn)),
    }
    if cluster is not None:
        columns = {
            name: np.bincount(cluster.astype(int), weights=values).astype(np.float64)
            for name, values in columns.items()
        }
    return Labels(**columns, times=np.ones(len(columns["drawn"])))


def vector(score: str) -> Labels:
    with (DATA / "judge_labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    people = np.array([float(row["human"] or 0) for row in rows])
    drawn = np.array([float(bool(row["human"])) for row in rows])
    return labels(people, np.array([float(row[score]) for row in rows]), drawn)


def ends(found: Sampled | Unknown) -> tuple[float, float]:
    assert isinstance(found, Sampled)
    assert isinstance(found.range, Range)
    assert found.range.low is not None
    assert found.range.high is not None
    return found.range.low, found.range.high


@pytest.mark.parametrize(("score", "name"), [("judge", "judge"), ("judge_score", "judge_score")])
def test_value_lean_and_variance_equal_ppi_python(score: str, name: str, judged_elsewhere: Any) -> None:
    own, given_by_other = vector(score), judged_elsewhere[name]
    plain = corrected(own, added=0.0)
    low, high = given_by_other["ppi_pp_tuned"]["ci"]
    assert float(plain.value) == pytest.approx(given_by_other["ppi_pp_tuned"]["point"], abs=1e-9)
    # ppi-python divides by n where we divide by n - 1, and takes the normal quantile.
    error = float(np.sqrt(plain.variance * (DRAWN - 1) / DRAWN))
    assert error * normal(0.95) == pytest.approx((high - low) / 2, abs=1e-9)
    # The formula in the data divides the spread of the judge by N, ppi-python by N - 1.
    every = DRAWN + REST
    by = float(lean(own)) * REST / every * every / (every - 1)
    assert by == pytest.approx(given_by_other["lam_hat_formula_cov/((1+n/N)var(all))"], abs=1e-9)


def test_without_leaning_it_is_people_alone_and_with_all_of_it_ppi(judged_elsewhere: Any) -> None:
    own = vector("judge")
    alone = corrected(own, np.asarray(0.0), added=0.0)
    assert float(alone.value) == pytest.approx(judged_elsewhere["judge"]["lam0"]["point"], abs=1e-9)
    whole = corrected(own, np.asarray((DRAWN + REST) / REST), added=0.0)  # lambda = 1
    low, high = judged_elsewhere["judge"]["ppi_lam1"]["ci"]
    assert float(whole.value) == pytest.approx(judged_elsewhere["judge"]["ppi_lam1"]["point"], abs=1e-9)
    error = float(np.sqrt(whole.variance * (DRAWN - 1) / DRAWN)) * normal(0.95)
    assert error == pytest.approx((high - low) / 2, abs=1e-9)


def test_the_printed_range_is_wider_than_the_plain_one_and_narrower_than_people_alone() -> None:
    found = sampled(vector("judge"), judged=True)
    low, high = ends(found)
    assert isinstance(found, Sampled)
    assert found.method == "judge-corrected"
    assert low < 0.6723410764967225  # ppi-python's own ends
    assert high - low > 0.1005516
    assert found.people is not None
    assert found.people.low is not None
    assert found.people.low < low
    assert found.worth is not None
    assert 250 < found.worth < 306.4  # the notes' plain figure: 150 labels act as 306


def test_rogan_gladen_equals_the_closed_form(judged_elsewhere: Any) -> None:
    other = judged_elsewhere["rogan_gladen"]
    table = Agreement(other["tp"], other["fn"], other["fp"], other["tn"])
    assert lang_reiczigel(table, other["p_judge"], REST, normal(0.95)) == pytest.approx(
        other["ci_lang_reiczigel"], abs=1e-9
    )
    found = rogan_gladen(table, other["p_judge"], REST)
    assert isinstance(found, Sampled)
    assert found.value == pytest.approx(other["theta"], abs=1e-9)
    assert ends(found) == pytest.approx(other["ci_lang_reiczigel"], abs=1e-9)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (Agreement(60, 10, 2, 7), "rejected 9"),
        (Agreement(60, 20, 30, 11), "nearly as often"),  # 0.75 + 0.268 - 1 = 0.018
    ],
)
def test_a_judge_that_cannot_be_carried_over_is_refused(table: Agreement, says: str) -> None:
    found = rogan_gladen(table, 0.7, 1000)
    assert isinstance(found, Unknown)
    assert says in found.reason


def test_groups_of_tasks_widen_rogan_gladen() -> None:
    table = Agreement(101, 7, 9, 33)
    low, high = ends(rogan_gladen(table, 0.737, 3000))
    fewer_low, fewer_high = ends(rogan_gladen(table, 0.737, 3000, groups=300))
    assert fewer_low < low < high < fewer_high


def drawn_tasks(count: int, accepted: int, rest: int, seed: int = 5) -> Labels:
    """A judge right in nine of ten; `accepted` of `count` drawn tasks accepted, all tasks on their own."""
    dice = np.random.default_rng(seed)
    people = np.concatenate([np.arange(count) < accepted, dice.random(rest) < accepted / count]).astype(float)
    judge = np.where(dice.random(count + rest) < 0.9, people, 1 - people)
    return labels(people, judge, np.concatenate([np.ones(count), np.zeros(rest)]))


def test_few_labels_stand_alone_and_very_few_give_no_range() -> None:
    few = sampled(drawn_tasks(29, 20, 300), judged=True)
    assert isinstance(few, Sampled)
    assert few.method == "sampled"
    assert few.value == pytest.approx(20 / 29)
    assert "29" in few.notes[0]
    fewer = sampled(drawn_tasks(FEWEST_GROUPS - 1, 12, 300), judged=True)
    assert isinstance(fewer, Sampled)
    assert isinstance(fewer.range, Unknown)
    assert isinstance(sampled(drawn_tasks(30, 20, 300), judged=True), Sampled)


def test_nothing_checked_is_no_figure() -> None:
    nothing = labels(np.zeros(50), np.ones(50), np.zeros(50))
    assert isinstance(sampled(nothing, judged=True), Unknown)


def test_a_judge_that_says_the_same_of_everything_changes_nothing() -> None:
    same = drawn_tasks(100, 70, 1000)
    people = np.concatenate([np.arange(100) < 70, np.zeros(1000)]).astype(float)
    same = labels(people, np.ones(1100), np.concatenate([np.ones(100), np.zeros(1000)]))
    found = sampled(same, judged=True)
    assert isinstance(found, Sampled)
    assert (found.method, found.value, found.lean) == ("judge-corrected", 0.7, 0)


def test_all_accepted_still_has_a_width() -> None:
    sure = labels(np.ones(1060), np.ones(1060), np.concatenate([np.ones(60), np.zeros(1000)]))
    low, high = ends(sampled(sure, judged=True))
    assert high == 1
    assert 0.9 < low < 0.96  # Wilson's of 60 of 60 with t: 0.9375


def test_weights_undo_an_uneven_draw() -> None:
    """Half of the drawn from a rare kind that always fails: people say 50 %, the truth is 90 %."""
    people = np.array([1.0] * 50 + [0.0] * 50 + [0.0] * 900)
    drawn = np.array([1.0] * 100 + [0.0] * 900)
    weight = np.array([18.0] * 50 + [2.0] * 50 + [0.0] * 900)  # 50 of 900, 50 of 100
    found = sampled(labels(people, np.zeros(1000), drawn, weight), judged=False)
    assert isinstance(found, Sampled)
    assert found.value == pytest.approx(0.9)


def test_unchecked_tasks_of_the_sample_count_both_ways() -> None:
    whole = drawn_tasks(100, 70, 1000)
    some = replace(whole, missing=np.where(np.arange(1100) >= 1075, 1.0, 0.0))  # 25 more drawn, unchecked
    low, high = ends(sampled(some, judged=False))
    full_low, full_high = ends(sampled(whole, judged=False))
    # A fifth of the draw is missing: down by a fifth of 0.7, up by a fifth of 0.3.
    assert low == pytest.approx(full_low - 0.14)
    assert high == pytest.approx(full_high + 0.06)


def test_tasks_of_one_group_count_as_fewer() -> None:
    dice = np.random.default_rng(2)
    group = np.repeat(np.arange(60.0), 20)
    people = (dice.random(60) < 0.7).astype(float)[group.astype(int)]
    judge = np.where(dice.random(1200) < 0.95, people, 1 - people)
    drawn = (dice.random(1200) < 0.25).astype(float)
    low, high = ends(sampled(labels(people, judge, drawn), judged=True))
    grouped_low, grouped_high = ends(sampled(labels(people, judge, drawn, cluster=group), judged=True))
    assert grouped_high - grouped_low > 2 * (high - low)


def test_more_labels_narrow_the_range_to_what_was_asked() -> None:
    own = vector("judge")
    low, high = ends(sampled(own, judged=True))
    assert more_labels(own, high - low + 1e-6, judged=True) == 0
    more = more_labels(own, 0.08, judged=True)
    alone = more_labels(own, 0.08, judged=False)
    assert isinstance(more, int)
    assert isinstance(alone, int)
    # By hand: people alone p(1-p)/n with t = 1.965 needs about 0.2016 x (2 x 1.965 / 0.08)^2 = 486 labels in all.
    assert alone + DRAWN == pytest.approx(486, rel=0.02)
    assert 0 < more < alone
    assert isinstance(more_labels(own, 0.01, judged=True), Unknown)


Rows = list[tuple[int, int, int, int]]
ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 1), st.integers(0, 39)),
    min_size=80,
    max_size=200,
)


def made_of(rows: Rows) -> Labels:
    people, judge, drawn, group = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    drawn[:60] = 1
    group[:40] = np.arange(40)
    return labels(people, judge, drawn, cluster=group)


@settings(max_examples=25, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_groups_changes_nothing(rows: Rows, dice: Any) -> None:
    own = made_of(rows)
    order = list(range(40))
    dice.shuffle(order)
    turned = Labels(**{each.name: getattr(own, each.name)[order] for each in fields(Labels)})
    first, second = sampled(own, judged=True), sampled(turned, judged=True)
    assert isinstance(first, Sampled)
    assert isinstance(second, Sampled)
    assert first.value == pytest.approx(second.value, abs=1e-11)
    assert ends(first) == pytest.approx(ends(second), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(ROWS, st.integers(1, 30))
def test_more_missing_never_narrows_and_never_moves_the_figure(rows: Rows, more: int) -> None:
    own = made_of(rows)
    gaps = replace(own, missing=np.where(np.arange(40) < more, 1.0, 0.0))
    first, second = sampled(own, judged=True), sampled(gaps, judged=True)
    assert isinstance(first, Sampled)
    assert isinstance(second, Sampled)
    assert first.value == second.value
    (low, high), (wide_low, wide_high) = ends(first), ends(second)
    assert wide_low <= low
    assert wide_high >= high


@settings(max_examples=25, deadline=None)
@given(ROWS)
def test_inner_ranges_lie_inside_and_hold_the_figure(rows: Rows) -> None:
    found = sampled(made_of(rows), judged=True)
    assert isinstance(found, Sampled)
    assert isinstance(found.range, Range)
    low, high = ends(found)
    for _, inner_low, inner_high in found.range.bands:
        assert low <= inner_low <= found.value <= inner_high <= high


def simulated(rate: float, seed: int, draw: Callable[[np.random.Generator], tuple[Floats, Floats]]) -> float:
    """Share of 400 ranges that hold `rate`; the whole table: docs/coverage."""
    dice = np.random.default_rng(seed)
    held = 0
    for _ in range(400):
        people, judge = draw(dice)
        drawn = (np.arange(len(people)) < 40).astype(float)
        low, high = ends(sampled(labels(people, judge, drawn), judged=True))
        held += low <= rate <= high
    return held / 400


def test_the_range_holds_where_the_plain_one_does_not() -> None:
    """40 labels, 90 % accepted: the plain range holds in about 83 of 100 (statistics notes, section 3)."""

    def draw(dice: np.random.Generator) -> tuple[Floats, Floats]:
        people = (dice.random(640) < 0.9).astype(float)
        right = np.where(people == 1, 0.93, 0.72)
        return people, np.where(dice.random(640) < right, people, 1 - people)

    assert simulated(0.9, 11, draw) >= 0.93
