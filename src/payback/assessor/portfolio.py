"""What to fund together, and what to do when: what `payback portfolio` shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from payback.assessment import Assessment, UseCaseResult
from payback.assessor import assess_ahead
from payback.assessor.frontier import Point, by_budget, by_risk
from payback.assessor.joint_futures import RUNNING, Joint, Left, joint
from payback.assessor.returns import Prospect
from payback.assessor.returns.choices import GO_ON, PILOT
from payback.assessor.returns.rounding import plain, share, shown
from payback.gates import GateState, next_to_decide
from payback.locale import say
from payback.measures.draws import SCRAMBLES, average
from payback.measures.estimate import Floats
from payback.measures.funding import Case, Chosen, Limits, Option, check, main_worths
from payback.measures.rank_ranges import rank_ranges
from payback.measures.returns.portfolio import Chooser
from payback.project import Project
from payback.records import PaybackError, Problem

Progress = Callable[[str, int, int], None]
NOW, NEXT, LATER, STOP = "now", "next", "later", "stop"
SOON = timedelta(days=31)
"""What begins within it begins now."""
FORCED_MOST = 12
"""For so many that are not chosen it is looked up what choosing them would cost."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean over the futures, and the ends that hold 9 of 10 of them."""

    mean: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One use case: what to do when, what it takes and is worth, and where it stands.

    `way` is go_on, pilot, wait_N or "" for nothing; `when` is now, next, later or stop. `worth`, `money` and
    `people` are of the way chosen, else of the best way of doing it. `places` are by that worth; `often` is in how
    many of 1 futures it would be chosen if the future were known. `costs_less` is what the whole would be worth
    less if it were chosen all the same; None where that cannot be, or is not looked up.
    """

    key: str
    title: str
    business: str
    owner: str
    when: str
    way: str
    runs: bool
    worth: Spread
    loss: Decimal
    money: Decimal
    people: Decimal
    places: tuple[int, int]
    often: Decimal
    gate: str
    gate_open: bool
    gate_due: date | None
    on: date | None
    why: str
    costs_less: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """A choice as a whole. `worst` is the mean of the worst 1 in 20 futures; `lost` what shared work and
    pools take from the mean, whose simulation error is `error`.
    """

    worth: Spread
    loss: Decimal
    worst: Decimal
    money: Decimal
    people: Decimal
    lost: Decimal
    chosen: tuple[str, ...]
    error: Decimal | None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Everything `payback portfolio` shows. `best` is None where not even doing nothing keeps the limits."""

    title: str
    name: str
    label: str
    currency: str
    as_of: date
    limits: Limits
    best: Sum | None
    lines: tuple[PlanLine, ...]
    by_budget: tuple[Sum, ...]
    by_risk: tuple[Sum, ...]
    by_business: tuple[tuple[str, Decimal], ...]
    left: tuple[tuple[str, Left], ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    rows: int
    draws: int
    rests_on: Assessment
    prospects: Mapping[str, Prospect]


def portfolio(
    project: Project,
    *,
    budget: Decimal | None = None,
    people: Decimal | None = None,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Portfolio:
    """What to fund of a project's use cases. Raises PaybackError where none can be weighed, or none may begin."""
    limits = _limits(project, budget, people)
    found, prospects = assess_ahead(project, as_of=as_of, progress=progress)
    together = joint(project, found, prospects, people_count=limits.people is not None)
    if not together.problem.cases:
        raise _nothing_weighed(project, together)
    try:
        check(together.problem.cases)
    except ValueError as error:
        raise PaybackError(
            "project-value",
            str(error),
            where=str(project.file),
            fix=say("take one name out of `requires` or `excludes`"),
        ) from None
    chooser = Chooser(together.problem)
    best = chooser.best(limits)
    titles = {case.key: case.title for case in found.use_cases}
    lines = _lines(project, found, together, chooser, limits, best) if best is not None else ()
    return Portfolio(
        title=found.title,
        name=found.name,
        label=found.label,
        currency=found.currency,
        as_of=found.as_of,
        limits=limits,
        best=None if best is None else _sum(chooser, best),
        lines=lines,
        by_budget=tuple(_sum(chooser, point.chosen) for point in _frontier(by_budget, chooser, limits)),
        by_risk=tuple(_sum(chooser, point.chosen) for point in _frontier(by_risk, chooser, limits)),
        by_business=() if best is None else _by_business(chooser, best),
        left=tuple((titles[each.key], each) for each in together.left),
        notes=(*together.notes, *_granted(project, limits)),
        problems=found.problems,
        rows=sum(source.rows for source in found.sources),
        draws=chooser.draws,
        rests_on=found,
        prospects=prospects,
    )


def _limits(project: Project, budget: Decimal | None, people: Decimal | None) -> Limits:
    said = project.portfolio
    if said is None:
        return Limits(None if budget is None else float(budget), None if people is None else float(people))

    def number(value: Decimal | None) -> float | None:
        return None if value is None else float(value)

    return Limits(
        number(said.budget if budget is None else budget),
        number(said.people if people is None else people),
        number(said.most_likely_loss),
        number(said.worst_loss),
        number(said.most_share_per_business),
    )


def _nothing_weighed(project: Project, together: Joint) -> PaybackError:
    if not together.left:
        return PaybackError(
            "nothing-ahead",
            say("there is no use case to choose from"),
            where=str(project.file),
            fix=say("add [use_cases.NAME] and [use_cases.NAME.returns]"),
        )
    first = together.left[0]
    return PaybackError(
        "nothing-ahead",
        say(
            "of no use case it is known what lies ahead; {name}: {reason}",
            name=project.title_of(first.key),
            reason=first.reason,
        ),
        where=str(project.file),
        fix=first.fix,
    )


def _frontier(
    points: Callable[[Chooser, Limits], list[Point]], chooser: Chooser, limits: Limits
) -> list[Point]:
    return points(chooser, limits)


def _granted(project: Project, limits: Limits) -> list[str]:
    notes = [
        say("money is what must be laid out before a use case carries itself, on average over the futures"),
    ]
    if limits.budget is None:
        notes.append(say("no budget is named: every use case that pays is chosen; --budget names one"))
    if project.portfolio is not None and project.portfolio.overlaps:
        notes.append(say("of work that several do, only one counts: the one that brings most"))
    return notes


# --- one choice -------------------------------------------------------------------------------------


def _sum(chooser: Chooser, chosen: Chosen) -> Sum:
    return Sum(
        _spread(chosen.net),
        share(chosen.loss),
        plain(shown(chosen.worst)),
        plain(shown(chosen.money)),
        plain(shown(chosen.people)),
        plain(shown(chosen.lost)),
        tuple(case.name for case, option in _taken(chooser, chosen) if option.does),
        None if (error := average(chosen.net, SCRAMBLES).error) is None else Decimal(f"{error:.2g}"),
    )


def _spread(net: Floats) -> Spread:
    low, high = np.quantile(net, [0.05, 0.95], method="inverted_cdf")
    return Spread(*(plain(shown(float(each))) for each in (net.mean(), low, high)))


def _taken(chooser: Chooser, chosen: Chosen) -> list[tuple[Case, Option]]:
    return [(case, option) for case, option in chooser.options if chosen.ways[case.name] == option.way]


def _by_business(chooser: Chooser, chosen: Chosen) -> tuple[tuple[str, Decimal], ...]:
    found: dict[str, float] = {}
    for case, option in _taken(chooser, chosen):
        found[case.business] = found.get(case.business, 0.0) + option.money
    ordered = sorted(found.items(), key=lambda each: -each[1])
    return tuple((name, plain(shown(money))) for name, money in ordered if money > 0)


# --- the plan ---------------------------------------------------------------------------------------


def _lines(
    project: Project,
    found: Assessment,
    together: Joint,
    chooser: Chooser,
    limits: Limits,
    best: Chosen,
) -> tuple[PlanLine, ...]:
    worths = main_worths(together.problem)
    places = rank_ranges(worths)
    often = chooser.often(limits)
    results = {case.key: case for case in found.use_cases}
    taken = {case.name: option for case, option in _taken(chooser, best)}
    lines = []
    for place, case in enumerate(together.problem.cases):
        option = taken[case.name]
        shown_option = option if option.does else _best_way(case)
        when, why = _when(project, found, together, case, taken, limits)
        result = results[case.name]
        gate = _gate(result)
        lines.append(
            PlanLine(
                key=case.name,
                title=result.title,
                business=case.business,
                owner=result.owner,
                when=when,
                way=option.way if option.does else "",
                runs=_runs(result),
                worth=_spread(shown_option.net),
                loss=share(float((shown_option.net < 0).mean())),
                money=plain(shown(shown_option.money)),
                people=plain(shown(shown_option.people)),
                places=places[place],
                often=share(often[case.name]),
                gate=gate[0],
                gate_open=bool(gate[0]) and any(each.state is GateState.NOT_DECIDED for each in result.gates),
                gate_due=gate[1],
                on=_on(project, found, case.name, option if option.does else None),
                why=why,
                costs_less=None,
            )
        )
    order = {NOW: 0, NEXT: 1, LATER: 2, STOP: 3}
    lines.sort(key=lambda line: (order[line.when], -line.worth.mean, line.key))
    return tuple(_with_cost(lines, together, limits, best))


def _with_cost(lines: Sequence[PlanLine], together: Joint, limits: Limits, best: Chosen) -> list[PlanLine]:
    """What choosing each that waits for later would cost all together."""
    found = []
    asked = 0
    for line in lines:
        if line.when != LATER or asked == FORCED_MOST:
            found.append(line)
            continue
        asked += 1
        way = _best_way(next(case for case in together.problem.cases if case.name == line.key)).way
        forced = replace(together.problem, forced={**together.problem.forced, line.key: way})
        chosen = Chooser(forced).best(limits)
        cost = None if chosen is None else plain(shown(max(0.0, best.worth - chosen.worth)))
        found.append(replace(line, costs_less=cost))
    return found


def _best_way(case: Case) -> Option:
    doing = [option for option in case.options if option.does]
    return max(doing, key=lambda option: float(option.net.mean()))


def _runs(result: UseCaseResult) -> bool:
    """Whether it is under way already, so that it can be stopped."""
    return result.stage in RUNNING or (result.burn is not None and result.burn.spent.amount > 0)


def _when(
    project: Project,
    found: Assessment,
    together: Joint,
    case: Case,
    taken: Mapping[str, Option],
    limits: Limits,
) -> tuple[str, str]:
    """Now, next, later or stop, and why."""
    option = taken[case.name]
    if option.does:
        start = _on(project, found, case.name, option)
        waits_for = [
            other
            for other in case.requires
            if not _runs(next(each for each in found.use_cases if each.key == other))
        ]
        if waits_for:
            names = ", ".join(project.title_of(other) for other in waits_for)
            return NEXT, say("after {names}", names=names)
        if option.way not in {GO_ON, PILOT}:
            return NEXT, say("going on later is worth more than now")
        if start is not None and start > _today(found) + SOON:
            return NEXT, ""
        return NOW, ""
    if (why := together.stopped.get(case.name)) is not None:
        return STOP, why
    way = _best_way(case)
    if float(way.net.mean()) <= 0:
        return STOP, say("it is worth less than nothing on average")
    return LATER, _why_later(project, case, way, taken, limits)


def _today(found: Assessment) -> date:
    """The as-of day; where no row says which day it is, the first day on which anything begins."""
    starts = [case.returns.start for case in found.use_cases if case.returns is not None]
    return found.as_of if any(source.rows for source in found.sources) else min(starts)


def _why_later(project: Project, case: Case, way: Option, taken: Mapping[str, Option], limits: Limits) -> str:
    for other in case.excludes:
        if taken[other].does:
            return say("{other} is chosen in its place", other=project.title_of(other))
    for other, option in taken.items():
        said = project.use_cases[other].returns
        if option.does and said is not None and case.name in said.excludes:
            return say("{other} is chosen in its place", other=project.title_of(other))
    for other in case.requires:
        if not taken[other].does:
            return say("it requires {other}, which is not chosen", other=project.title_of(other))
    if limits.budget is not None and way.money > limits.budget:
        return say("it needs more than the budget")
    if limits.people is not None and way.people > limits.people:
        return say("it needs more people than there are")
    return say("others bring more for the money, the people and the risk there is")


def _on(project: Project, found: Assessment, name: str, option: Option | None) -> date | None:
    """The day it begins: its start, later by what it waits, not before its earliest day."""
    said = project.use_cases[name].returns
    if option is None or said is None:
        return project.use_cases[name].decide_by
    result = next(case for case in found.use_cases if case.key == name)
    assert result.returns is not None  # noqa: S101  it was weighed
    months = int(option.way.rpartition("_")[2]) if option.way.startswith("wait_") else 0
    start = result.returns.start_after(months) if months else result.returns.start
    return start if said.earliest is None else max(start, said.earliest)


def _gate(result: UseCaseResult) -> tuple[str, date | None]:
    """The gate that decides next, and when it is due; "" where there is none."""
    open_gates = [gate for gate in result.gates if gate.state is GateState.NOT_DECIDED]
    if open_gates:
        gate = next_to_decide(open_gates)
        return gate.name, gate.due
    return (say("every gate has passed"), None) if result.gates else ("", None)
