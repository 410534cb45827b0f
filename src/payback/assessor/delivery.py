"""How each way of working delivers: which rollups are worth asking for, and what they come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np

from payback.assessment import Delivery, Place
from payback.assessor import adoption as who
from payback.assessor import harm as harmed
from payback.assessor import service as served
from payback.assessor.context import Context
from payback.assessor.estimates import of_pico
from payback.assessor.exchange import Exchange, Out
from payback.gates import HARM, SEVERE, Running, running
from payback.ledger import Ledger
from payback.locale import say
from payback.measures.delivery import adoption, harm, missing, repeats, service
from payback.measures.delivery.ranks import Standing, places
from payback.measures.estimate import FEWEST_CLUSTERS
from payback.measures.work import Work
from payback.project import Project
from payback.records import Evidence

Key = tuple[str, str]
FEWEST_WAYS = 3
"""Fewer ways of working than this are told apart by their differences."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the rollups of delivery gave, by use case and way of working."""

    failures: Mapping[Key, harm.Failures] = field(default_factory=dict)
    harm: Mapping[Key, harm.HarmCost] = field(default_factory=dict)
    harm_days: Mapping[str, Sequence[Out]] = field(default_factory=dict)
    severities: Mapping[Key, Sequence[tuple[date, str, int]]] = field(default_factory=dict)
    times: Mapping[Key, served.Timed] = field(default_factory=dict)
    errors: Mapping[Key, service.Calls] = field(default_factory=dict)
    days: Mapping[Key, Sequence[service.Day]] = field(default_factory=dict)
    versions: Mapping[Key, Sequence[service.Version]] = field(default_factory=dict)
    repeats: Mapping[Key, repeats.Repeats] = field(default_factory=dict)
    users: Mapping[Key, Sequence[adoption.Users]] = field(default_factory=dict)
    splits: Mapping[Key, Mapping[str, missing.Split]] = field(default_factory=dict)


def delivered(ledger: Ledger, works: Mapping[Key, Work], exchange: Exchange, as_of: date) -> Delivered:
    """Run the rollups whose columns anybody fills."""
    usage, outcome = ledger.facts["usage"], ledger.facts["outcome"]
    told = not (outcome.never_filled("reason") and outcome.never_filled("severity"))
    timed, failed = not usage.never_filled("seconds"), not usage.never_filled("error")
    has_harm = not outcome.never_filled("harm_cost")
    if has_harm:
        for currency, rows in ledger.rows("select currency, rows from harm_without_rate"):
            exchange.without_rate[currency] = exchange.without_rate.get(currency, 0) + int(rows)
    return Delivered(
        failures=harm.failures(ledger.rows(harm.REASON_QUERY)) if told else {},
        harm=harm.harm_costs(ledger.rows(harm.COST_QUERY), ledger.rows(harm.TAIL_QUERY)) if has_harm else {},
        harm_days=_harm_days(ledger, as_of) if has_harm else {},
        severities={} if outcome.never_filled("severity") else _severities(ledger, as_of),
        times=_times(ledger) if timed else {},
        errors=service.errors(ledger.rows(service.ERROR_QUERY)) if failed else {},
        days=service.days(ledger.rows(service.DAY_QUERY)) if failed else {},
        versions=service.versions(ledger.rows(service.VERSION_QUERY)) if _changing(ledger) else {},
        repeats=repeats.repeats(ledger.rows(repeats.QUERY)) if len(outcome.trials) > 1 else {},
        users={} if usage.never_filled("user") else adoption.users(ledger.rows(adoption.QUERY)),
        splits=missing.splits(ledger.rows(missing.QUERY)) if _some_missing(works) else {},
    )


def _harm_days(ledger: Ledger, as_of: date) -> dict[str, list[Out]]:
    """Costs of harm as money out, on the day their task began."""
    found: defaultdict[str, list[Out]] = defaultdict(list)
    for use_case, arm, day, pico, results in ledger.rows(harm.DAY_QUERY):
        if pico:
            line = Out(
                day or as_of, of_pico(int(pico)), HARM, Evidence.MEASURED, arm, say("harm done"), None, int(results), "outcome"
            )  # fmt: skip
            found[use_case].append(line)
    return dict(found)


def _severities(ledger: Ledger, as_of: date) -> dict[Key, list[tuple[date, str, int]]]:
    found: defaultdict[Key, list[tuple[date, str, int]]] = defaultdict(list)
    for use_case, arm, day, severity, results in ledger.rows(harm.SEVERITY_DAY_QUERY):
        found[use_case, arm].append((day or as_of, harm.word(severity), int(results)))
    return dict(found)


def harm_counted(
    context: Context, found: Delivered, judged: str | None, costs: Sequence[Out], as_of: date
) -> dict[str, Running]:
    """What gates on harm look at: severe failures and money, day by day, where anybody tells of them."""
    counted = {}
    told = found.severities.get((context.name, judged or ""))
    if told is not None:
        words = harmed.severe_words(context)
        counted[SEVERE] = running(
            [(day, Decimal(results)) for day, severity, results in told if severity in words and day <= as_of]
        )
    lines = [line for line in costs if line.category == HARM and (not line.arm or line.arm == judged)]
    if lines or (context.name, judged or "") in found.harm:
        counted[HARM] = running([(line.day, line.amount) for line in lines if line.day <= as_of])
    return counted


def _times(ledger: Ledger) -> dict[Key, served.Timed]:
    """Times of each way of working, and how many results of each cluster were within the figure."""
    found = service.times(ledger.rows(service.TIME_QUERY))
    limits = [(*key, service.slowest(each)) for key, each in found.items()]
    ledger.load("time_limit", service.TIME_LIMIT_COLUMNS, limits)
    within: defaultdict[Key, list[tuple[int, int]]] = defaultdict(list)
    for use_case, arm, _, results, hits in ledger.rows(service.WITHIN_QUERY):
        within[use_case, arm].append((int(results), int(hits)))
    return {key: served.Timed(each, tuple(within[key])) for key, each in found.items()}


def _changing(ledger: Ledger) -> bool:
    """Whether some model came later than another: only then can one have taken the place of another."""
    return len({key.first for key in ledger.facts["usage"].keys if key.model}) > 1


def _some_missing(works: Mapping[Key, Work]) -> bool:
    return any(0 < work.checked < work.tasks or 0 < work.unknown < work.tasks for work in works.values())


def with_harm(
    project: Project, costs: Mapping[str, Sequence[Out]], found: Mapping[str, Sequence[Out]]
) -> dict[str, Sequence[Out]]:
    """Costs with the harm that outcomes tell of; where rows of cost tell of harm already, only these count."""
    added = dict(costs)
    for name in project.use_cases:
        mine = costs.get(name, ())
        if not any(line.category == HARM for line in mine) and found.get(name):
            added[name] = [*mine, *found[name]]
    return added


def delivery(
    context: Context,
    found: Delivered,
    works: Mapping[str, Work],
    judged: str | None,
    costs: Sequence[Out],
    as_of: date,
) -> Delivery:
    """Everything that is logged of how the judged way delivers; empty parts where nobody logs it."""
    key = (context.name, judged or "")
    work = works.get(judged or "")
    failures = found.failures.get(key)
    lines = found.harm_days.get(context.name, ())
    in_rows = bool(lines) and not any(line is lines[0] for line in costs)
    kept, retention = who.adoption(context, found.users.get(key, ()), as_of)
    harm_rows = harmed.severe(context, failures, work)
    harm_rows += harmed.cost(context, found.harm.get(key), in_rows=in_rows)
    return Delivery(
        failures=harmed.reasons(context, failures, work),
        harm=harm_rows,
        service=(
            *served.service(context, found.times.get(key), found.errors.get(key), found.days.get(key, ())),
            *served.consistency(context, found.repeats.get(key)),
            *served.changes(context, found.versions.get(key, ())),
        ),
        service_days=served.service_days(found.days.get(key, ())),
        adoption=kept,
        retention=retention,
        places=standing(works),
    )


def standing(works: Mapping[str, Work]) -> tuple[Place, ...]:
    """Between which places each way of working may stand, by name of the way; nobody is ranked."""
    told = {
        arm: work
        for arm, work in sorted(works.items())
        if work.checked and sum(1 for cell in work.cells.values() if cell.checked) >= FEWEST_CLUSTERS
    }
    if len(told) < FEWEST_WAYS:
        return ()
    cells = sorted({cell for work in told.values() for cell in work.cells})
    place_of = {cell: place for place, cell in enumerate(cells)}
    ways = []
    for work in told.values():
        tasks, accepted = np.zeros(len(cells)), np.zeros(len(cells))
        for name, cell in work.cells.items():
            tasks[place_of[name]], accepted[place_of[name]] = float(cell.checked), float(cell.accepted)
        ways.append(Standing(tasks, accepted, work.binary))
    return tuple(
        Place(arm, best, worst, len(told)) for arm, (best, worst) in zip(told, places(ways), strict=True)
    )


def missing_notes(found: Mapping[str, missing.Split] | None) -> tuple[str, ...]:
    """What is said where something is missing more often of some tasks than of others."""
    if not found:
        return ()
    lines = []
    for kind in missing.more_often(found):
        hits, of, other, other_of = found[kind].sums
        sentence = {
            missing.COST_IF_REFUSED: say("costs are missing more often where the result was not accepted"),
            missing.COST_IF_LONG: say("costs are missing more often where a task took more calls than usual"),
            missing.CHECK_IF_DEAR: say("checks are missing more often where a task cost more than usual"),
            missing.CHECK_IF_LONG: say("checks are missing more often where a task took more calls than usual"),
        }[kind]  # fmt: skip
        lines.append(
            say(
                "{sentence}: {hits} of {of} against {other} of {other_of}; the figure takes what is missing "
                "to be like what is known, its limits do not",
                sentence=sentence, hits=hits, of=of, other=other, other_of=other_of,
            )
        )  # fmt: skip
    return tuple(lines)
