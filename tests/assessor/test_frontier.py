"""What more money, or more risk, brings: by hand."""

from __future__ import annotations

import numpy as np

from payback.assessor.frontier import by_budget, by_risk
from payback.measures.funding import Case, Limits, Option, Problem
from payback.measures.returns.portfolio import Chooser, best


def test_the_frontier_by_budget_rises() -> None:
    """10 for 6, 7 for 5 twice, and one that loses: 5, 6, 10, 11 and 16 of money each bring more."""
    cases = tuple(
        Case(name, (Option("go on", np.full(40, worth), money),))
        for name, worth, money in (("a", 10.0, 6), ("b", 7.0, 5), ("c", 7.0, 5), ("d", -1.0, 1))
    )
    points = by_budget(Chooser(Problem(cases)), Limits(budget=10), points=17)
    found = [(point.at, point.chosen.worth) for point in points]
    assert found == [(0, 0), (5, 7), (6, 10), (10, 14), (11, 17), (16, 24)]


def test_the_frontier_by_risk_goes_from_nothing_to_the_best() -> None:
    generator = np.random.default_rng(4)
    cases = tuple(
        Case(f"c{at}", (Option("go on", generator.normal(10 * at, 30 * at, 400)),)) for at in range(1, 5)
    )
    points = by_risk(Chooser(Problem(cases)), Limits())
    assert (points[0].at, points[0].chosen.worth) == (0, 0)
    assert [point.chosen.worth for point in points] == sorted(point.chosen.worth for point in points)
    free = best(Problem(cases), Limits())
    assert free is not None
    assert points[-1].chosen.worth == free.worth


def test_nothing_to_fund_is_one_point() -> None:
    (point,) = by_budget(Chooser(Problem(())), Limits())
    assert (point.at, point.chosen.worth) == (0, 0)
