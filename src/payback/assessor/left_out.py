"""What was left out of an assessment: rows first, then what is only partly known, each with its effect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from payback.assessment import Omission, UseCaseResult
from payback.assessor.exchange import NO_RATE
from payback.locale import say, say_count
from payback.numbers import count as written_count
from payback.records import Problem

LISTED = 5
"""How many of the rows with the same problem are named one by one."""


def left_out(
    problems: Sequence[Problem],
    unpriced: Sequence[tuple[Any, ...]],
    cases: Sequence[UseCaseResult],
    unfinished: int = 0,
) -> tuple[Omission, ...]:
    """Everything that was left out, of the whole project and of each use case."""
    several = len(cases) > 1
    of_cases = [
        Omission(
            f"{case.title}: {omission.what}" if several else omission.what,
            omission.rows,
            omission.effect,
            omission.problems,
        )
        for case in cases
        for omission in case.left_out
    ]
    return (
        *_rows(problems),
        *_unpriced(unpriced),
        *_unfinished(unfinished),
        *of_cases,
    )


def _rows(problems: Sequence[Problem]) -> list[Omission]:
    alike: defaultdict[tuple[str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.left_out:
            alike[problem.code, problem.what if problem.code == NO_RATE else ""].append(problem)
    found = []
    for _, mine in sorted(alike.items(), key=lambda item: -sum(each.rows for each in item[1])):
        rows = sum(each.rows for each in mine)
        what = f"{mine[0].origin}: {mine[0].what}"
        if rows:
            what = say_count(
                "{shown} row left out: {what}",
                "{shown} rows left out: {what}",
                rows,
                shown=written_count(rows),
                what=mine[0].what,
            )
        found.append(Omission(what, rows, mine[0].fix, tuple(mine[:LISTED])))
    return found


def _unpriced(unpriced: Sequence[tuple[Any, ...]]) -> list[Omission]:
    found = []
    for provider, model, reason, calls in unpriced:
        name = f"{provider}/{model}" if provider else model or say("(no model named)")
        what = say_count(
            "{shown} call of {model} has no price",
            "{shown} calls of {model} have no price",
            calls,
            shown=written_count(calls),
            model=name,
        )
        found.append(Omission(what, int(calls), reason))
    return found


def _unfinished(calls: int) -> list[Omission]:
    """Calls whose output was counted before it was done."""
    if not calls:
        return []
    what = say_count(
        "{shown} call logs its output before it was done",
        "{shown} calls log their output before it was done",
        calls,
        shown=written_count(calls),
    )
    return [Omission(what, calls, say("their true cost is higher: money out is that much or more"))]
