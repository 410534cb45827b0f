"""The futures of all use cases at once: what going on, waiting or trying each is worth, and what it takes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from payback.assessment import Assessment, UseCaseResult
from payback.assessor.returns import Prospect, Reader
from payback.assessor.returns.choices import GO_ON, PILOT, WAITS, wait
from payback.assessor.returns.stated import SHARE, UNITS
from payback.gates import GateState
from payback.locale import say
from payback.measures import ranges
from payback.measures.draws import SCRAMBLES, Together, draw
from payback.measures.estimate import Floats
from payback.measures.funding import NOTHING, Case, Option, Overlap, Pool, Problem
from payback.measures.returns.cash import TODAY_GROWTH, Ahead, Plan, ahead, later, net_of_stopping
from payback.measures.returns.options import after_pilot
from payback.measures.returns.simulation import present_value
from payback.measures.shuffled import shuffled
from payback.prices import of_project
from payback.project import Project
from payback.records import Figure, PaybackError

YEAR = 12
RUNNING = ("production", "rollout")
"""Stages in which no people are left to be found for it."""


@dataclass(frozen=True, slots=True)
class Left:
    """A use case that cannot be weighed against the others, and why."""

    key: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class Joint:
    """What is chosen from, what could not be weighed, and what was taken for granted."""

    problem: Problem
    left: tuple[Left, ...]
    stopped: Mapping[str, str]
    notes: tuple[str, ...]


def joint(
    project: Project, found: Assessment, prospects: Mapping[str, Prospect], *, people_count: bool
) -> Joint:
    """Every use case whose worth is known, on draws that move together where payback.toml says so.

    `people_count` is whether people are limited: then those that do not say how many they need are left.
    Raises PaybackError where one requires another that waits for it.
    """
    reader = Reader(project, of_project(project)[2], found.as_of)
    results = {case.key: case for case in found.use_cases}
    people = {name: _people(project, reader, name) for name in prospects}
    left = tuple(_left(project, results, prospects, people, people_count=people_count))
    gone = {each.key for each in left}
    weighed = {name: each for name, each in prospects.items() if name not in gone}
    values = _drawn(project, weighed)
    notes: list[str] = []
    futures = {name: ahead(each.plan, values[name]) for name, each in weighed.items()}
    cases = tuple(
        _case(project, each, values[name], futures[name], people[name], set(weighed), notes)
        for name, each in weighed.items()
    )
    if people_count:
        notes.extend(
            say(
                "{name} runs, and nothing says that it needs more people: none are counted",
                name=project.title_of(name),
            )
            for name in weighed
            if people[name] is None
        )
    stopped = {name: why for name in weighed if (why := _stopped(results[name]))}
    problem = Problem(
        cases,
        tuple(_overlaps(project, reader, set(weighed))),
        tuple(_pools(project, weighed, futures, values)),
        dict.fromkeys(stopped, NOTHING),
    )
    return Joint(problem, left, stopped, tuple(dict.fromkeys(notes)))


def _left(
    project: Project,
    results: Mapping[str, UseCaseResult],
    prospects: Mapping[str, Prospect],
    people: Mapping[str, float | None],
    *,
    people_count: bool,
) -> list[Left]:
    found = []
    for name, case in results.items():
        returns = case.returns
        if name not in prospects or returns is None:
            found.append(
                Left(
                    name,
                    say("nothing says what lies ahead of it"),
                    say("add [use_cases.{name}.returns] to {file}", name=name, file=project.file.name),
                )
            )
        elif not isinstance(returns.worth, Figure):
            found.append(Left(name, returns.worth.reason, returns.worth.fix))
        elif people_count and people[name] is None and case.stage == "explore":
            found.append(
                Left(
                    name,
                    say("people are limited, and nothing says how many it needs"),
                    say("give `people` under [use_cases.{name}.returns]", name=name),
                )
            )
    return found


def _people(project: Project, reader: Reader, name: str) -> float | None:
    """Person-months it still needs, on average; None where nobody says."""
    said = project.use_cases[name].returns
    if said is None or said.people is None:
        return None
    return ranges.mean(
        reader.read(
            said.people, ("use_cases", name, "returns", "people"), "people", say("person-months"), UNITS
        ).what
    )


def _stopped(case: UseCaseResult) -> str:
    """Why a use case must not go on by its own rules; "" where it may."""
    if case.burn is not None and case.burn.crossed_on is not None:
        return say("it crossed its own limit")
    failed = next((gate for gate in case.gates if gate.hard and gate.state is GateState.FAILED), None)
    return say("its gate “{name}” failed", name=failed.name) if failed is not None else ""


# --- draws ------------------------------------------------------------------------------------------


def _drawn(project: Project, prospects: Mapping[str, Prospect]) -> dict[str, dict[str, Floats]]:
    """Values of the inputs of each use case. Those that move together are drawn together, the others apart."""
    across = _across(project, prospects)
    found: dict[str, dict[str, Floats]] = {}
    for names in _groups(list(prospects), [(one, other) for (one, _), (other, _), _ in across]):
        alone = len(names) == 1
        inputs = {
            f"{name}.{key}": what for name in names for key, what in prospects[name].distributions.items()
        }
        together = [
            Together(f"{name}.{each.one}", f"{name}.{each.other}", each.rank)
            for name in names
            for each in prospects[name].together
        ]
        together += [
            Together(f"{one}.{key}", f"{other}.{second}", rank)
            for (one, key), (other, second), rank in across
            if one in names
        ]
        seed = prospects[names[0]].seed if alone else zlib.crc32("\n".join(names).encode())
        drawn = draw(inputs, together, seed=seed)
        values = shuffled(drawn.values, SCRAMBLES, zlib.crc32(names[0].encode()))
        for name in names:
            found[name] = {key: values[f"{name}.{key}"] for key in prospects[name].distributions}
    return found


def _across(
    project: Project, prospects: Mapping[str, Prospect]
) -> list[tuple[tuple[str, str], tuple[str, str], float]]:
    """Pairs of inputs of different use cases that move together. Raises PaybackError for one that is not there."""
    found = []
    limits = project.portfolio
    for pair in limits.together if limits is not None else ():
        ends = [_named(project, text, prospects) for text in pair.inputs]
        one, other = ends
        if one is not None and other is not None:
            found.append((one, other, float(pair.rank)))
    return found


def _named(project: Project, text: str, prospects: Mapping[str, Prospect]) -> tuple[str, str] | None:
    """The use case and the input of "use-case.input"; None where the use case is not weighed."""
    names = [name for name in project.use_cases if text.startswith(f"{name}.")]
    if not names:
        raise _fault(
            project,
            say("{text} names no use case: write use-case.input", text=repr(text)),
            say("use cases: {names}", names=", ".join(project.use_cases)),
        )
    name = max(names, key=len)
    if name not in prospects:
        return None
    key = text[len(name) + 1 :]
    unsure = [each for each, what in prospects[name].distributions.items() if not what.is_known]
    if key not in unsure:
        raise _fault(
            project,
            say("{key} is not an uncertain input of {name}", key=repr(key), name=name),
            say("uncertain there: {names}", names=", ".join(unsure)),
        )
    return name, key


def _fault(project: Project, message: str, fix: str) -> PaybackError:
    return PaybackError("project-value", f"portfolio: {message}", where=str(project.file), fix=fix)


def _groups(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Use cases that are tied to each other, by way of others too; in the order given."""
    group = {name: name for name in names}
    for one, other in pairs:
        old, new = group[other], group[one]
        group = {name: new if each == old else each for name, each in group.items()}
    return [[name for name in names if group[name] == each] for each in dict.fromkeys(group.values())]


# --- options ----------------------------------------------------------------------------------------


def _case(
    project: Project,
    prospect: Prospect,
    values: Mapping[str, Floats],
    future: Ahead,
    people: float | None,
    weighed: set[str],
    notes: list[str],
) -> Case:
    said = project.use_cases[prospect.name].returns
    assert said is not None  # noqa: S101  it has a prospect
    notes.extend(
        say(
            "{name} names {other}, which cannot be weighed: it is taken to be there as it is",
            name=project.title_of(prospect.name),
            other=project.title_of(other),
        )
        for other in (*said.requires, *said.excludes)
        if other not in weighed
    )
    return Case(
        prospect.name,
        tuple(_options(prospect, values, future, people or 0.0)),
        project.use_cases[prospect.name].business,
        tuple(other for other in said.requires if other in weighed),
        tuple(other for other in said.excludes if other in weighed),
    )


def _options(prospect: Prospect, values: Mapping[str, Floats], future: Ahead, people: float) -> list[Option]:
    """Going on, the best of the waits, trying first, and nothing."""
    plan = prospect.plan
    net = net_of_stopping(plan, values)
    value = _brings(plan, future)
    found = [Option(GO_ON, net, _money(future), people, value=value)]
    waits = [(months, later(plan, values, months)) for months in WAITS if months < plan.months]
    if waits:
        months, worth = max(waits, key=lambda each: float(each[1].mean()))
        if float(worth.mean()) > float(net.mean()):  # waiting that gains nothing is no choice of its own
            waited = ahead(replace(plan, waits=months), values)
            found.append(Option(wait(months), worth, _money(waited), people, value=_brings(plan, waited)))
    if prospect.pilot is not None:
        pilot = prospect.pilot
        then = later(plan, values, pilot.months)
        after = ahead(replace(plan, waits=pilot.months), values)
        monthly = np.full((1, pilot.months), 1 / pilot.months)
        spread = float(present_value(monthly, plan.yearly_rate)[0])
        cost = values[pilot.cost]
        through = np.where(then > 0, pilot.catches, 1 - pilot.spares)
        found.append(
            Option(
                PILOT,
                after_pilot(then, cost * spread, pilot.catches, pilot.spares),
                float((cost + through * _hole(after)).mean()),
                people,
                value=through * _brings(plan, after),
            )
        )
    found.append(Option(NOTHING, np.zeros_like(net), does=False))
    return found


def _money(future: Ahead) -> float:
    """What must be laid out before it carries itself, on average: the deepest its money to date goes below 0."""
    return float(_hole(future).mean())


def _hole(future: Ahead) -> Floats:
    """The same, a draw. What falls due in any case is not laid out for it."""
    avoidable = future.flows + future.falls_due
    return np.asarray(np.maximum(0.0, -np.cumsum(avoidable, axis=1).min(axis=1)), dtype=np.float64)


def _brings(plan: Plan, future: Ahead) -> Floats:
    """What it saves and brings in, before its costs, at today's worth."""
    return present_value(future.saved + future.gained, plan.yearly_rate)


# --- what use cases share ---------------------------------------------------------------------------


def _overlaps(project: Project, reader: Reader, weighed: set[str]) -> list[Overlap]:
    """Use cases that do partly the same work. Raises PaybackError for a name that is none."""
    found = []
    limits = project.portfolio
    for place, each in enumerate(limits.overlaps if limits is not None else ()):
        for name in each.use_cases:
            if name not in project.use_cases:
                raise _fault(
                    project,
                    say("{name} under [[portfolio.overlaps]] is no use case", name=repr(name)),
                    say("use cases: {names}", names=", ".join(project.use_cases)),
                )
        both = tuple(name for name in dict.fromkeys(each.use_cases) if name in weighed)
        if len(both) > 1:
            what = reader.read(
                each.share, ("portfolio", "overlaps", place, "share"), "share", say("share in common"), SHARE
            )
            found.append(Overlap(both, ranges.mean(what.what)))
    return found


def _by_way(prospect: Prospect, going_on: Ahead, values: Mapping[str, Floats]) -> dict[str, Ahead]:
    """What each way of doing it saves when: what waits saves nothing before it begins."""
    plan = prospect.plan
    found = {GO_ON: going_on}
    found |= {
        wait(months): ahead(replace(plan, waits=months), values) for months in WAITS if months < plan.months
    }
    if prospect.pilot is not None:
        found[PILOT] = ahead(replace(plan, waits=prospect.pilot.months), values)
    return found


def _pools(
    project: Project,
    prospects: Mapping[str, Prospect],
    futures: Mapping[str, Ahead],
    values: Mapping[str, Mapping[str, Floats]],
) -> list[Pool]:
    """What several use cases save on: a pool for each year, so that one year's room is not another's."""
    found = []
    for pool in project.cost_pools:
        names = [name for name in prospects if project.use_cases[name].cost_pool == pool]
        if len(names) < 2:
            continue
        months = max(prospects[name].plan.months for name in names)
        ways = {name: _by_way(prospects[name], futures[name], values[name]) for name in names}
        for first in range(0, months, YEAR):
            claims: dict[tuple[str, str], Floats] = {}
            caps = []
            for name in names:
                plan = prospects[name].plan
                part = slice(first, min(first + YEAR, plan.months))
                if first >= plan.months:
                    continue
                shown = np.arange(plan.months)[part]
                discount = (1 + plan.yearly_rate) ** (-shown / YEAR)
                growth = values[name].get(TODAY_GROWTH, np.zeros(1)).reshape(-1, 1)
                caps.append(((plan.pool or 0.0) * np.maximum(1 + growth, 0.0) ** (shown / YEAR)) @ discount)
                claims |= {
                    (name, way): np.maximum(each.saved[:, part], 0.0) @ discount
                    for way, each in ways[name].items()
                }
            widest = max(len(cap) for cap in caps)
            cap = np.max(np.stack([np.broadcast_to(each, (widest,)) for each in caps]), axis=0)
            found.append(Pool(f"{pool}, {first // YEAR + 1}", claims, cap))
    return found
