"""The best choice: by hand, and against every choice there is on seeded random problems."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from payback.measures.estimate import Floats
from payback.measures.funding import (
    Case,
    Chosen,
    Limits,
    Option,
    Overlap,
    Pool,
    Problem,
    check,
    main_worths,
    worst_mean,
)
from payback.measures.returns.portfolio import Chooser, best

NONE = Limits()


def fixed(worth: float) -> Floats:
    return np.full(40, float(worth))


def case(name: str, worth: float, money: float = 0.0, **more: object) -> Case:
    return Case(name, (Option("go on", fixed(worth), money),), **more)  # type: ignore[arg-type]


def doing(chosen: Chosen | None) -> set[str]:
    assert chosen is not None
    return {name for name, way in chosen.ways.items() if way not in {"nothing", "stop"}}


def brute(problem: Problem, limits: Limits) -> Chosen | None:
    """The best of all choices, every one of them worked out."""
    chooser = Chooser(problem)
    ways = [
        [place for place, (of, _) in enumerate(chooser.options) if of.name == each.name]
        for each in chooser.problem.cases
    ]
    top: Chosen | None = None
    for places in itertools.product(*ways):
        picks = [place in places for place in range(len(chooser.options))]
        groups = [
            [None, *(at for at, (of, option) in enumerate(chooser.members) if of == group and picks[option])]
            for group in range(len(chooser.shared))
        ]
        for counting in itertools.product(*groups):
            found = chooser.evaluated(picks, [at in counting for at in range(len(chooser.members))])
            if chooser.within(found, limits) and (top is None or found.worth > top.worth):
                top = found
    return top


SEEDS = [*range(20), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(20, 60))]


def random_problem(seed: int, draws: int = 64) -> tuple[Problem, Limits]:
    """Up to 12 options: up to 5 use cases with one to three ways, what goes together, pools, overlaps, limits."""
    generator = np.random.default_rng(seed)
    count = int(generator.integers(3, 6))
    common = generator.normal(0, 20, draws)
    cases = []
    for at in range(count):
        options = [
            Option(
                f"way {way}",
                generator.normal(generator.uniform(-10, 40), generator.uniform(5, 60), draws)
                + common * generator.uniform(-1, 1),
                float(generator.integers(5, 60)),
                float(generator.integers(0, 8)),
                does=way < 2,
                value=generator.uniform(10, 80, draws),
            )
            for way in range(int(generator.integers(1, 3 if count > 4 else 4)))
        ]
        cases.append(
            Case(
                f"c{at}",
                tuple(options),
                f"b{generator.integers(0, 3)}",
                (f"c{generator.integers(0, at)}",) if at and generator.random() < 0.3 else (),
            )
        )
    at, other = generator.choice(count, 2, replace=False)
    if f"c{other}" not in cases[at].requires and generator.random() < 0.5:
        cases[at] = replace(cases[at], excludes=(f"c{other}",))
    overlaps = (Overlap(("c0", "c1", "c2"), 0.4),) if generator.random() < 0.5 else ()
    pools: tuple[Pool, ...] = ()
    if generator.random() < 0.5:
        claims = {
            (each.name, option.way): generator.uniform(10, 60, draws)
            for each in cases[:3]
            for option in each.options
        }
        pools = (Pool("support", claims, generator.uniform(40, 90, draws)),)
    limits = Limits(
        float(generator.integers(40, 150)) if generator.random() < 0.7 else None,
        float(generator.integers(4, 20)) if generator.random() < 0.5 else None,
        float(generator.uniform(0.05, 0.4)) if generator.random() < 0.4 else None,
        float(generator.uniform(10, 120)) if generator.random() < 0.5 else None,
        float(generator.uniform(0.5, 0.9)) if generator.random() < 0.3 else None,
    )
    return Problem(tuple(cases), overlaps, pools), limits


@pytest.mark.parametrize("seed", SEEDS)
def test_no_choice_is_better(seed: int) -> None:
    problem, limits = random_problem(seed)
    found, known = best(problem, limits), brute(problem, limits)
    assert found is not None
    assert known is not None
    assert found.worth == pytest.approx(known.worth, abs=1e-6)
    assert Chooser(problem).within(found, limits)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_solver_finds_no_worse_one(seed: int) -> None:
    """As where there are too many choices to look at all; the chance of a loss is left out."""
    problem, limits = random_problem(seed)
    limits = replace(limits, most_likely_loss=None)
    found, known = Chooser(problem, exhaustive=False).best(limits), brute(problem, limits)
    assert found is not None
    assert known is not None
    assert found.worth == pytest.approx(known.worth, rel=1e-5, abs=1e-3)
    assert Chooser(problem).within(found, limits)


def test_the_solver_keeps_the_chance_of_a_loss_and_comes_near_the_best() -> None:
    reached = []
    for seed in range(10):
        problem, limits = random_problem(seed)
        limits = replace(limits, most_likely_loss=0.15)
        found, known = Chooser(problem, exhaustive=False).best(limits), brute(problem, limits)
        assert found is not None
        assert known is not None
        assert found.loss <= 0.15
        assert found.worth <= known.worth + 1e-3
        if known.worth > 1:
            reached.append(found.worth / known.worth)
    assert np.mean(reached) > 0.98


def test_the_limits_of_random_problems_do_bind() -> None:
    """The comparison above would say nothing if all problems came out as without limits."""
    binding = 0
    for seed in range(20):
        problem, limits = random_problem(seed)
        found, free = best(problem, limits), best(problem, NONE)
        assert found is not None
        assert free is not None
        binding += found.ways != free.ways
    assert binding >= 8


def test_a_budget_takes_the_best_sum_not_the_best_first() -> None:
    """10 for 6 alone, or 7 + 7 for 5 + 5."""
    cases = (case("a", 10, 6), case("b", 7, 5), case("c", 7, 5))
    found = best(Problem(cases), Limits(budget=10))
    assert doing(found) == {"b", "c"}
    assert found is not None
    assert (found.worth, found.money) == (14, 10)


def test_doing_nothing_is_always_there() -> None:
    found = best(Problem((case("a", -5, 1), case("b", 3, 20))), Limits(budget=10))
    assert doing(found) == set()
    assert found is not None
    assert (found.worth, found.loss, found.money) == (0, 0, 0)


def test_no_use_case_is_no_fault() -> None:
    found = best(Problem(()), Limits(budget=10))
    assert found is not None
    assert (found.worth, dict(found.ways)) == (0, {})


def test_what_is_required_comes_along_even_at_a_loss() -> None:
    cases = (case("a", 10, requires=("b",)), case("b", -4), case("c", 3, requires=("d",)), case("d", -4))
    assert doing(best(Problem(cases), NONE)) == {"a", "b"}


def test_what_excludes_each_other_is_chosen_once() -> None:
    cases = (case("a", 10, excludes=("b",)), case("b", 12), case("c", 1))
    assert doing(best(Problem(cases), NONE)) == {"b", "c"}


def test_one_way_of_each_use_case() -> None:
    ways = (Option("go on", fixed(5)), Option("pilot", fixed(8)), Option("wait", fixed(7), does=False))
    found = best(Problem((Case("a", ways),)), NONE)
    assert found is not None
    assert dict(found.ways) == {"a": "pilot"}


def test_people_and_spread() -> None:
    ways = [
        Case(name, (Option("go on", fixed(5), 10, people),), name) for name, people in (("a", 3), ("b", 4))
    ]
    assert doing(best(Problem(tuple(ways)), Limits(people=5))) in ({"a"}, {"b"})
    assert doing(best(Problem(tuple(ways)), Limits(most_share=0.5))) == {"a", "b"}
    assert doing(best(Problem(tuple(ways)), Limits(most_share=0.4))) == set()
    assert doing(best(Problem(tuple(ways)), Limits(budget=25, most_share=0.4))) == {"a", "b"}  # 10 of 25 each
    assert doing(best(Problem(tuple(ways)), Limits(budget=24, most_share=0.4))) == set()


def test_shared_work_counts_once_for_the_larger() -> None:
    """Both bring 10 and 8 before costs, half of it the same work: the smaller half, 4, is lost."""
    cases = tuple(
        Case(name, (Option("go on", fixed(worth), value=fixed(value)),))
        for name, worth, value in (("a", 6, 10), ("b", 5, 8))
    )
    found = best(Problem(cases, (Overlap(("a", "b"), 0.5),)), NONE)
    assert found is not None
    assert (found.worth, found.lost, found.counts) == (7, 4, ("a",))
    alone = best(Problem(cases, (Overlap(("a", "b"), 0.9),)), NONE)
    assert doing(alone) == {"a"}  # 5 - 0.9 x 8 is below 0


def test_joint_claims_stop_at_the_pool() -> None:
    """Claims of 8 and 8 on 10: 6 is lost, and 7 + 7 - 6 = 8 is still better than 7 alone; of 8 and 12 not."""
    cases = (case("a", 7), case("b", 7))
    pool = Pool("staff", {("a", "go on"): fixed(8), ("b", "go on"): fixed(8)}, fixed(10))
    found = best(Problem(cases, (), (pool,)), NONE)
    assert found is not None
    assert (doing(found), found.worth, found.lost) == ({"a", "b"}, 8, 6)
    more = replace(pool, claims={("a", "go on"): fixed(8), ("b", "go on"): fixed(12)})
    assert len(doing(best(Problem(cases, (), (more,)), NONE))) == 1


def test_opposite_risks_are_borne_where_one_alone_is_not() -> None:
    """Each loses 30 in half of draws; together they never lose."""
    up, down = np.tile([40.0, -30.0], 20), np.tile([-30.0, 40.0], 20)
    cases = (Case("a", (Option("go on", up),)), Case("b", (Option("go on", down),)), case("c", 1))
    for limits in (Limits(worst_loss=0), Limits(most_likely_loss=0)):
        assert doing(best(Problem(cases), limits)) == {"a", "b", "c"}
        assert doing(best(Problem(cases[::2]), limits)) == {"c"}


def test_a_way_that_is_forced() -> None:
    ways = (Option("go on", fixed(5)), Option("stop", fixed(0), does=False))
    found = best(Problem((Case("a", ways),), forced={"a": "stop"}), NONE)
    assert doing(found) == set()


def test_nothing_within_the_limits_is_said() -> None:
    stuck = Case("a", (Option("stop", fixed(-9), 5, does=False), Option("go on", fixed(3), 8)))
    assert best(Problem((stuck,), forced={"a": "stop"}), Limits(budget=1)) is None


@pytest.mark.parametrize(
    ("cases", "says"),
    [
        ((case("a", 1, requires=("z",)),), "a names z, which is not another use case"),
        ((case("a", 1, excludes=("a",)),), "a names a"),
        (
            (case("a", 1, requires=("b",)), case("b", 1, requires=("a",))),
            "a > b > a: each waits for the other",
        ),
        (
            (case("a", 1, requires=("b",)), case("b", 1, requires=("c",)), case("c", 1, requires=("b",))),
            "b > c > b",
        ),
        ((case("a", 1, requires=("b",), excludes=("b",)), case("b", 1)), "both requires and excludes b"),
    ],
)
def test_what_cannot_be(cases: tuple[Case, ...], says: str) -> None:
    with pytest.raises(ValueError, match=r"use case|waits|excludes") as refused:
        check(cases)
    assert says in str(refused.value)
    with pytest.raises(ValueError, match=r"use case|waits|excludes"):
        best(Problem(cases), NONE)


def test_mean_of_the_worst_twentieth() -> None:
    assert worst_mean(np.arange(100.0)) == 2.0  # of 0 ... 4
    assert worst_mean(np.array([3.0])) == 3.0


@pytest.mark.parametrize("exhaustive", [True, False])
def test_in_hindsight_each_is_taken_where_it_pays(*, exhaustive: bool) -> None:
    """a pays in 3 of 4 draws, b always, c never; a budget for one takes the better of a and b."""
    up = np.tile([9.0, 9.0, 9.0, -5.0], 16)
    cases = (
        Case("a", (Option("go on", up, 1),)),
        Case("b", (Option("go on", np.full(64, 4.0), 1),)),
        Case("c", (Option("go on", np.full(64, -1.0), 1),)),
    )
    chooser = Chooser(Problem(cases), exhaustive=exhaustive)
    assert chooser.often(NONE) == {"a": 0.75, "b": 1.0, "c": 0.0}
    assert chooser.often(Limits(budget=1)) == {"a": 0.75, "b": 0.25, "c": 0.0}


def test_worth_by_the_best_way_of_doing_it() -> None:
    ways = (Option("go on", fixed(5)), Option("pilot", fixed(8)), Option("wait", fixed(9), does=False))
    assert main_worths(Problem((Case("a", ways), case("b", 2)))).mean(axis=0).tolist() == [8, 2]


def test_the_same_again_is_the_same() -> None:
    problem, limits = random_problem(11)
    first, again = best(problem, limits), best(problem, limits)
    assert first is not None
    assert again is not None
    assert (first.ways, first.worth) == (again.ways, again.worth)
