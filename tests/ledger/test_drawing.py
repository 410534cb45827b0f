"""Which tasks a sample takes: each with the chance it says, the same for the same seed."""

from __future__ import annotations

import doctest
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from payback.ledger import drawing
from payback.ledger.drawing import Candidate, draw, shared, telling


def candidates(count: int, kinds: int = 1) -> list[Candidate]:
    return [Candidate(f"t{number}", stratum=str(number % kinds)) for number in range(count)]


def test_every_task_is_drawn_as_often_as_its_chance_says() -> None:
    times = Counter(row.task for seed in range(3000) for row in draw(candidates(12), 3, seed)[0])
    # 3000 x 3/12 = 750 each; four standard deviations of a binomial are 95.
    assert set(times) == {f"t{number}" for number in range(12)}
    assert all(655 < count < 845 for count in times.values())


def test_pairs_are_drawn_together_as_often_as_by_chance() -> None:
    together = Counter(
        frozenset((a.task, b.task))
        for seed in range(3000)
        for rows in [draw(candidates(6), 2, seed)[0]]
        for a, b in [rows]
    )
    assert len(together) == 15
    assert all(140 < count < 260 for count in together.values())  # 3000 / 15 = 200


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 5), st.randoms(use_true_random=False))
def test_order_of_tasks_changes_nothing_and_more_holds_fewer(
    seed: int, number: int, kinds: int, dice: object
) -> None:
    tasks = candidates(40, kinds)
    turned = list(tasks)
    getattr(dice, "shuffle")(turned)  # noqa: B009  hypothesis gives its dice no type
    rows, strata = draw(tasks, number, seed)
    assert (rows, strata) == draw(turned, number, seed)
    assert len(rows) == min(number, 40) == sum(each.drawn for each in strata)
    assert {row.task for row in rows} <= {row.task for row in draw(tasks, number + 7, seed)[0]}


@given(st.dictionaries(st.text(min_size=1), st.integers(1, 500), min_size=1, max_size=8), st.integers(1, 900))
def test_strata_give_as_equally_as_they_can(sizes: dict[str, int], number: int) -> None:
    given_out = shared(sizes, number)
    assert sum(given_out.values()) == min(number, sum(sizes.values()))
    assert all(given_out[name] <= sizes[name] for name in sizes)
    short = [count for name, count in given_out.items() if count < sizes[name]]
    assert not short or max(given_out.values()) - min(short) <= 1


def test_names_that_tell_are_found_whatever_their_case() -> None:
    assert telling(["gpt-99", "ai", "Owl 2"], ["17-GPT-99", "mail 4"]) == ("gpt-99",)  # "ai" is in "mail"


def test_the_worked_number() -> None:
    failed, tried = doctest.testmod(drawing)
    assert (failed, tried) == (0, 1)
