"""How much single tasks differ, by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from payback.measures.economics.spread import Alike, alike, spread

PICO = 10**12


def each(tasks: int, cost: float, score: int = 1) -> Alike:
    return Alike(tasks, Fraction(cost) * PICO, Fraction(score))


def test_what_is_redone_makes_the_dear_end() -> None:
    found = spread([each(73, 1.15), each(27, 1.15, 0)], Fraction(0), Fraction(51, 10), PICO)
    assert found is not None
    assert [round(float(end), 2) for end in (found.low, found.middle, found.high)] == [1.15, 1.15, 6.25]
    assert found.tasks == 100


def test_ends_are_costs_of_tasks_there_are() -> None:
    found = spread([each(1, cost) for cost in range(1, 11)], Fraction(0), Fraction(0), PICO)
    assert found is not None
    assert [found.low, found.middle, found.high] == [Fraction(1), Fraction(5), Fraction(9)]


@pytest.mark.parametrize("tasks", [[], [each(1, 2.0)], [each(9, 1.0), each(0, 5.0)], [each(50, 3.0)]])
def test_few_tasks_or_all_alike_have_no_spread(tasks: list[Alike]) -> None:
    assert spread(tasks, Fraction(0), Fraction(0), PICO) is None


def test_rows_are_averaged_over_repeats() -> None:
    """Two tasks tried three times, one of the three accepted each: 6 of cost a task makes 2 a try."""
    rows = [("u", "ai", Decimal(2), 3, 3, Decimal(1), 2, Decimal(12))]
    assert alike(rows, {("u", "ai")}) == {("u", "ai"): (Alike(2, Fraction(2), Fraction(1, 3)),)}
    assert alike(rows, set()) == {}
