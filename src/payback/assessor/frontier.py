"""The best choice where a limit is moved: what more money, or more risk, would bring."""

from __future__ import annotations

from dataclasses import dataclass, replace

from payback.measures.funding import Chosen, Limits
from payback.measures.returns.portfolio import Chooser

BUDGETS, RISKS = 12, 9
"""How many budgets and worst losses are looked at; half as many where choices are too many to work out all."""


@dataclass(frozen=True, slots=True)
class Point:
    """The best choice where one limit is moved: `at` is what of it the choice takes."""

    at: float
    chosen: Chosen


def by_budget(chooser: Chooser, limits: Limits, points: int | None = None) -> list[Point]:
    """The best worth for budgets from nothing to as much as is of use; a choice that comes again is left out."""
    free = chooser.best(replace(limits, budget=None, most_share=None))
    if free is None:
        return []
    points = points or _as_many(chooser, BUDGETS)
    budgets = {free.money * step / (points - 1) for step in range(points)}
    if limits.budget is not None:
        budgets.add(limits.budget)
    return _points(chooser, [replace(limits, budget=each) for each in sorted(budgets)], by_money=True)


def by_risk(chooser: Chooser, limits: Limits, points: int | None = None) -> list[Point]:
    """The best worth for worst losses (mean of the worst 1 in 20) from none to that of the best choice."""
    free = chooser.best(replace(limits, worst_loss=None))
    if free is None:
        return []
    most = max(0.0, -free.worst)
    points = points or _as_many(chooser, RISKS)
    losses = {most * step / (points - 1) for step in range(points)}
    return _points(chooser, [replace(limits, worst_loss=each) for each in sorted(losses)], by_money=False)


def _as_many(chooser: Chooser, points: int) -> int:
    return points if chooser.every is not None else -(-points // 2)


def _points(chooser: Chooser, several: list[Limits], *, by_money: bool) -> list[Point]:
    found: list[Point] = []
    for limits in several:
        chosen = chooser.best(limits)
        if chosen is None or (found and dict(found[-1].chosen.ways) == dict(chosen.ways)):
            continue
        found.append(Point(chosen.money if by_money else max(0.0, -chosen.worst), chosen))
    return found
