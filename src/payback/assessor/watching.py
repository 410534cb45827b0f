"""Gates on shares and unit costs, judged by bets that stay true however often they are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from payback.assessment import Look, Looks, TodayResult
from payback.assessor.estimates import ends_of
from payback.assessor.unit_costs import Costed
from payback.gates import Watched
from payback.locale import say
from payback.measures.bets import MOST_STAKE_OF_MONEY, Bet, mean_sequence, share_sequence
from payback.measures.delivery.monitoring import (
    Observed,
    bet,
    share_bet_of,
)
from payback.measures.work import Work
from payback.numbers import money
from payback.project import Gate, Project, UseCase
from payback.records import PICO, Unknown

DAY, TASK, CLUSTER = "day", "cell", "cluster"
"""What a unit of the stream is: whole days where tasks are independent and only their share is asked for."""
OF_SHARE, OF_MONEY = "acceptance", ("cost_per_accepted", "full_unit_cost")


@dataclass(frozen=True, slots=True)
class Stream:
    """Everything a way of working gave, in order; `grouped` where tasks depend on each other."""

    observed: tuple[Observed, ...]
    grouped: bool
    binary: bool


def grains(
    project: Project, judged: Mapping[str, str], works: Mapping[tuple[str, str], Work], *, grouped: bool
) -> list[tuple[str, str, str]]:
    """The ways of working whose gates need a stream, and how fine it must be: rows of `watched`."""
    found = []
    for name, arm in judged.items():
        figures = {gate.figure for gate in project.use_cases[name].gates}
        if not figures & {OF_SHARE, *OF_MONEY}:
            continue
        by_day = figures.isdisjoint(OF_MONEY) and works[name, arm].binary and not grouped
        found.append((name, arm, DAY if by_day else CLUSTER if grouped else TASK))
    return found


def watched(
    case: UseCase,
    stream: Stream | None,
    way: Costed | None,
    today: TodayResult | None,
    as_of: date,
    currency: str,
) -> dict[str, Watched | Unknown]:
    """How each such gate stands, by its name."""
    found: dict[str, Watched | Unknown] = {}
    for gate in case.gates:
        if gate.figure == OF_SHARE or gate.figure in OF_MONEY:
            found[gate.name] = _watched(gate, stream, way, today, as_of, currency)
    return found


def _watched(
    gate: Gate,
    stream: Stream | None,
    way: Costed | None,
    today: TodayResult | None,
    as_of: date,
    currency: str,
) -> Watched | Unknown:
    if stream is None or way is None or not way.work.checked:
        return Unknown(say("no outcomes checked"), fix=say("list a source of outcomes in payback.toml"))
    until = min(gate.by, as_of) if gate.by else as_of
    given = [each for each in stream.observed if each.day <= until]
    confidence = float(gate.confidence)
    if gate.figure == OF_SHARE:
        sides = _share_sides(gate, stream, given, confidence, until)
    else:
        terms = _terms(gate, way, today, currency)
        if isinstance(terms, Unknown):
            return terms
        dearest = max((each.most_pico for each in given), default=0.0) / PICO
        if dearest > terms.cap:
            return Unknown(
                say(
                    "a task cost {cost}, more than the {cap} that one may cost (`cap`)",
                    cost=money(Decimal(str(dearest)), currency),
                    cap=money(Decimal(str(terms.cap)), currency),
                ),
                fix=say("set a higher `cap`, seal it, and begin to count anew"),
            )
        sides = _money_sides(terms, stream, given, confidence, until)
    (passed, passed_on), (failed, failed_on) = sides
    tasks = sum(each.tasks for each in given)
    units = len({each.unit for each in given}) if stream.grouped else tasks
    per_task = gate.figure == OF_SHARE and stream.binary and not stream.grouped
    return Watched(
        tasks=tasks,
        units=units,
        grouped=stream.grouped,
        passed_on=passed_on,
        failed_on=failed_on,
        more_to_pass=_in_tasks(passed, given, tasks, per_task=per_task, grouped=stream.grouped),
        more_to_fail=_in_tasks(failed, given, tasks, per_task=per_task, grouped=stream.grouped),
        each_costs=_each_costs(way),
    )


MOST_LOOKS = 60
"""Points of the drawing; looks between them change nothing."""


def looks_at(case: UseCase, stream: Stream | None, as_of: date) -> Looks | None:
    """The first gate on the share accepted, day by day; None without one, without days, or while groups grow.

    What nobody checked counts as rejected at the low end and as accepted at the high one. Limits only ever
    come nearer: what an earlier look ruled out stays out.
    """
    gate = next((gate for gate in case.gates if gate.figure == OF_SHARE), None)
    if gate is None or stream is None:
        return None
    given = [each for each in stream.observed if date.min < each.day <= as_of]
    if stream.grouped and len({each.unit for each in given}) < len(given):
        return None  # looked at at the ends of months only
    places = [at for at, each in enumerate(given) if at + 1 == len(given) or given[at + 1].day > each.day]
    if len(places) < 2:
        return None
    step = -(-len(places) // MOST_LOOKS)
    level, low, high = float(gate.confidence), 0.0, 1.0
    made = []
    for at in places[::-1][::step][::-1]:
        so_far = given[: at + 1]
        tasks, accepted = sum(each.tasks for each in so_far), sum(each.accepted for each in so_far)
        known = tasks - sum(each.open for each in so_far)
        if not known:
            continue
        least, most = _limits_now(stream, so_far, level)
        low, high = max(low, least), min(high, most)
        made.append(
            Look(
                given[at].day, tasks, *(Decimal(str(round(end, 6))) for end in (accepted / known, low, high))
            )
        )
    threshold = gate.at_least if gate.at_least is not None else gate.at_most
    return (
        Looks(gate.name, threshold or Decimal(0), gate.at_least is not None, gate.confidence, tuple(made))
        if made
        else None
    )


def _limits_now(stream: Stream, given: Sequence[Observed], level: float) -> tuple[float, float]:
    if stream.binary and not stream.grouped:
        tasks = sum(each.tasks for each in given)
        accepted = sum(each.accepted for each in given)
        at_most = accepted + sum(each.open for each in given)
        return share_sequence(accepted, tasks, level)[0], share_sequence(at_most, tasks, level)[1]
    least = np.array([each.accepted / each.tasks for each in given])
    most = np.array([(each.accepted + each.open) / each.tasks for each in given])
    return mean_sequence(least, level)[0], mean_sequence(most, level)[1]


Side = tuple[Bet, date | None]


def _share_sides(
    gate: Gate, stream: Stream, given: Sequence[Observed], confidence: float, until: date
) -> tuple[Side, Side]:
    """The bets that the share is on the right side of its threshold, and on the wrong one.

    What nobody checked counts against each bet: as rejected where a high share wins, as accepted where a
    low one does.
    """
    wanted = gate.at_least if gate.at_least is not None else gate.at_most
    threshold, useless = float(wanted or 0), gate.least_useful
    above = _share_bet(stream, given, threshold, confidence, until)
    floor = threshold if useless is None or gate.at_least is None else float(useless)
    below = _share_bet(stream, [_turned(each) for each in given], 1 - floor, confidence, until)
    return (above, below) if gate.at_least is not None else (below, above)


def _share_bet(
    stream: Stream, given: Sequence[Observed], least: float, confidence: float, until: date
) -> Side:
    if not 0 < least < 1:
        return Bet(0.0, 1.0, None, None), None
    if stream.binary and not stream.grouped:
        return share_bet_of(given, least, confidence)
    return bet(
        given, lambda each: each.accepted / each.tasks, least, confidence, grouped=stream.grouped, until=until
    )


def _turned(each: Observed) -> Observed:
    """Accepted and rejected in each other's place; what is open stays open, and so counts against the bet again."""
    return Observed(
        each.unit, each.day, each.tasks, each.open, each.tasks - each.open - each.accepted,
        each.unknown, each.pico, each.most_pico,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a task is worth to the gate: `won` if accepted, less its calls and `besides`, less `always`.

    Pairs are for the bet that it passes, then for the bet that it fails. `cap` is the most its calls cost.
    """

    won: tuple[float, float]
    besides: tuple[float, float]
    cap: float


def _terms(gate: Gate, way: Costed, today: TodayResult | None, currency: str) -> _Terms | Unknown:
    """Unit cost below c, as a mean: E[c x accepted - cost] > 0, or for the full cost of a finished unit
    E[c - cost - (1 - accepted) x today] > 0. Estimates are taken at the end that is against the bet.
    """
    if way.missing is not None:
        return way.missing
    loose = float(way.work.loose_pico / PICO) / way.work.tasks if way.work.tasks else 0.0
    cheap, dear = (each + loose for each in way.besides.ends)
    known = ends_of(today.unit_cost) if today is not None else None
    if known is None and (gate.below_today or gate.figure == "full_unit_cost"):
        return Unknown(
            say("today's cost is not known"), fix=say("give `today` of the use case in payback.toml")
        )
    if gate.cap is None:
        return Unknown(
            say("one task may cost any amount"),
            fix=say(
                "give the gate `cap`, in {currency}: the most the calls of one task may cost",
                currency=currency,
            ),
        )
    low, high = known or (0.0, 0.0)
    if gate.figure == "cost_per_accepted":
        limits = (low, high) if gate.below_today else (float(gate.at_most or 0),) * 2
        return _Terms(won=(limits[0], limits[1]), besides=(dear, cheap), cap=float(gate.cap))
    if gate.below_today:  # today's cost stands on both sides: what is not accepted is done at it
        return _Terms(won=(low, high), besides=(dear, cheap), cap=float(gate.cap))
    most = float(gate.at_most or 0)
    return _Terms(won=(high, low), besides=(dear + high - most, cheap + low - most), cap=float(gate.cap))


def _money_sides(
    terms: _Terms, stream: Stream, given: Sequence[Observed], confidence: float, until: date
) -> tuple[Side, Side]:
    """Bets on (gain + most it can lose) / (most it can gain + lose) against "the mean gain is 0 or less"."""

    def side(won: float, besides: float, *, against: bool) -> Side:
        span = won + terms.cap
        if span <= 0:
            return Bet(0.0, 1.0, None, None), None
        least = (besides + terms.cap) / span  # the place of a gain of 0

        def value(each: Observed) -> float:
            known = each.pico / PICO
            if against:  # what is not known counts for the gate here, and against it there
                share = (each.accepted + each.open) / each.tasks
                return 1 - min(1.0, max(0.0, (won * share - known / each.tasks + terms.cap) / span))
            calls = min(known + terms.cap * each.unknown, terms.cap * each.tasks)
            return min(
                1.0, max(0.0, (won * each.accepted / each.tasks - calls / each.tasks + terms.cap) / span)
            )

        least = 1 - least if against else least
        if least <= 0:
            return Bet(0.0, 1.0, None, None), given[0].day if given else None  # true whatever comes
        if least >= 1:
            return Bet(0.0, 1.0, None, None), None  # cannot be true
        return bet(
            given, value, least, confidence,
            grouped=stream.grouped, until=until, most_stake=MOST_STAKE_OF_MONEY,
        )  # fmt: skip

    return (
        side(terms.won[0], terms.besides[0], against=False),
        side(terms.won[1], terms.besides[1], against=True),
    )


def _in_tasks(
    made: Bet, given: Sequence[Observed], tasks: int, *, per_task: bool, grouped: bool
) -> int | None:
    """How many more tasks the bet takes; it counts tasks itself, or groups, or what a bucket gave on a day."""
    if made.more is None or per_task or not given:
        return made.more
    return round(made.more * tasks / (len({each.unit for each in given}) if grouped else len(given)))


def _each_costs(way: Costed) -> Decimal | None:
    """What a task costs, all in, so far."""
    if way.attempt is None:
        return None
    return Decimal(str(float(way.attempt))) + way.besides.value
