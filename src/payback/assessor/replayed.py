"""Every month's end again: what was known of a use case then, its gates, and the verdict as it would have been.

The rules are those of today's payback.toml. A use case without calls, whose rows all have their day, is cut by day; any
other is put together anew from the files as `payback assess --as-of` does, which takes as long for each month.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from payback import days, seals
from payback.assessor.judging import Accepted, History, burned, gate_results, history, seen
from payback.assessor.sentences import no_result
from payback.assessor.use_case import Collected, judged_of, of_the_ai, use_case_result
from payback.gates import GateResult, GateState, Verdict, judgement
from payback.locale import say
from payback.measures.returns.replay import GateThen, MonthThen, Replay, kept_by_stopping, month_ends
from payback.numbers import count as written_count
from payback.numbers import money
from payback.project import Project, UseCase
from payback.records import Money, Unknown

MOST_MONTHS = 24
MOST_ROWS = 200_000
"""Months looked back, and calls and outcomes up to which they are put together anew."""
COUNTED = frozenset({"accepted", "spend", "value_back", "hours_freed"})

Found = dict[str, Replay | Unknown]


def replays(
    project: Project,
    now: Collected,
    sealed: Mapping[str, seals.Seal],
    collect: Callable[[date], Collected],
    *,
    rows: int,
    anew: bool,
) -> Found:
    """By use case with a kill line or gates. Without `anew` only those that need not be put together anew;
    of the others it says how to have them.
    """
    if project.benchmark:
        return {}
    found: Found = {}
    waiting: dict[str, tuple[date, ...]] = {}
    for name, case in project.use_cases.items():
        if not case.gates and case.kill_line is None:
            continue
        known = _history(project, name, now)
        ends = month_ends(known.first_day, now.as_of)[-MOST_MONTHS:]
        if not ends:
            found[name] = Unknown(
                say("no month of it is over"), fix=say("look again after the end of its first month")
            )
        elif _only_counted(case, name, now):
            months = [_counted(project, name, known, day, sealed.get(name)) for day in ends]
            found[name] = _replay(months, now.as_of)
        elif anew:
            waiting[name] = ends
        else:
            found[name] = Unknown(
                say("every month's end is put together anew from its files, which takes a while"),
                fix=say("payback assess --replay, or payback explain {name} replay", name=name),
            )
    if waiting:
        found |= (
            _anew(project, now, sealed, collect, waiting) if rows <= MOST_ROWS else _too_many(waiting, rows)
        )
    return found


def _too_many(waiting: Mapping[str, tuple[date, ...]], rows: int) -> Found:
    why = Unknown(
        say(
            "{rows} calls and outcomes are too many to go through for each month; it takes {most} or fewer",
            rows=written_count(rows),
            most=written_count(MOST_ROWS),
        ),
        fix=say("payback assess --as-of DAY says how it stood at one month's end"),
    )
    return dict.fromkeys(waiting, why)


def _anew(
    project: Project,
    now: Collected,
    sealed: Mapping[str, seals.Seal],
    collect: Callable[[date], Collected],
    waiting: Mapping[str, tuple[date, ...]],
) -> Found:
    """As `payback assess --as-of` puts them together, for each month's end."""
    months: dict[str, list[MonthThen]] = {name: [] for name in waiting}
    for day in sorted({day for ends in waiting.values() for day in ends}):
        then = collect(day)
        for name, ends in waiting.items():
            if day not in ends:
                continue
            case, _ = use_case_result(project, name, then, sealed.get(name), looks_ahead=False)
            months[name].append(
                _month(
                    project, _history(project, name, now), _history(project, name, then),
                    case.gates, case.verdict, case.why,
                )
            )  # fmt: skip
    return {name: _replay(each, now.as_of) for name, each in months.items()}


def _history(project: Project, name: str, found: Collected) -> History:
    """Everything of a use case by day, as its verdict looks at it."""
    case = project.use_cases[name]
    works = {arm: work for (of, arm), work in found.works.items() if of == name}
    return history(
        of_the_ai(case, works, found.costs.get(name, ())),
        found.bills.get(name, ()),
        found.spend_by_day.get(name, ()),
        _accepted(case, name, found),
        found.values.get(name, ()),
        found.as_of,
    )


def _accepted(case: UseCase, name: str, found: Collected) -> list[Accepted]:
    works = {arm: work for (of, arm), work in found.works.items() if of == name}
    return list(found.accepted_by_day.get((name, judged_of(case, works) or ""), ()))


def _only_counted(case: UseCase, name: str, found: Collected) -> bool:
    """Whether all that its verdict looks at is counted by day, in rows that do not change afterwards."""
    works = [work for (of, _), work in found.works.items() if of == name]
    return (
        case.arm is not None
        and case.returns is None
        and not any(work.calls or work.unknown_trials or work.unknown_days for work in works)
        and not found.held.get(name)
        and {gate.figure for gate in case.gates} <= COUNTED
        and all(each.day is not None and not each.unchecked for each in _accepted(case, name, found))
    )


def _counted(project: Project, name: str, known: History, day: date, sealed: seals.Seal | None) -> MonthThen:
    """The end of a month from rows cut at that day."""
    case, currency = project.use_cases[name], project.currency
    then = History(
        [each for each in known.spending if each.day <= day],
        [each for each in known.results if each.day <= day],
        [each for each in known.values if each.day <= day],
        day,
    )
    burn = burned(case, currency, then)
    gates = gate_results(case, seen(then, currency, {}, {}, spend_unknown=False), sealed)
    decision = judgement(gates, burn, case.fixes, no_result=no_result(then, burn))
    return _month(project, known, then, gates, decision.verdict, decision.why)


def _month(
    project: Project,
    known: History,
    then: History,
    gates: tuple[GateResult, ...],
    verdict: Verdict,
    why: str,
) -> MonthThen:
    spent = sum((each.amount for each in then.spending), Decimal(0))
    accepted = sum((each.accepted for each in then.results), Decimal(0))
    return MonthThen(
        day=then.as_of,
        spent=Money(spent, project.currency),
        accepted=int(accepted),
        gates=tuple(GateThen(gate.name, gate.state.value, gate.state.word) for gate in gates),
        verdict=verdict.value,
        word=verdict.word,
        why=why,
        kept=Money(kept_by_stopping(known.spending, then.as_of, known.as_of), project.currency),
    )


def _replay(months: list[MonthThen], as_of: date) -> Replay:
    stopped = next((each for each in months if each.verdict == Verdict.STOP.value), None)
    return Replay(tuple(months), stopped, _words(months, stopped, as_of))


def _words(months: list[MonthThen], stopped: MonthThen | None, as_of: date) -> str:
    """What the replay comes to, in a sentence or two."""
    failed = next(
        ((each, gate) for each in months for gate in each.gates if gate.state == GateState.FAILED.value), None
    )
    if stopped is not None:
        words = say("At the end of {month} the verdict would have been STOP.", month=days.month(stopped.day))
        if stopped.kept.amount > 0:
            return words + " " + say(
                "Stopping then would have kept {amount} of what was spent by {day}; what was under contract that day "
                "falls due anyway and is not in it.",
                amount=money(stopped.kept.amount, stopped.kept.currency),
                day=days.day(as_of),
            )  # fmt: skip
        return words + " " + say("Nothing was spent since that could have been kept.")
    if failed is not None:
        month, gate = failed
        return say(
            "At the end of {month} the gate “{name}” had failed; no month would have stopped it.",
            month=days.month(month.day),
            name=gate.name,
        )
    return say("At no month's end would a gate or its own limit have stopped it.")
