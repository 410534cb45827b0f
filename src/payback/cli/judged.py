"""What a check says of each use case and gate, in words; whatever it is then written as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from payback import load, seals
from payback.assessment import Assessment, GateResult, GateState, UseCaseResult
from payback.assessor.burn_alerts import WARN_AT, with_budget
from payback.assessor.judging import changed_rules
from payback.days import day
from payback.locale import say, say_count
from payback.measures.returns.burn_ahead import Alert
from payback.records import PaybackError
from payback.report.inert import plain


@dataclass(frozen=True, slots=True)
class Judged:
    """One use case; `name` is what it is called where there are several projects.

    `not_as_sealed` says which rules beside the gates were changed after their seal, `alerts` what deserves a
    look and moves no verdict.
    """

    project: Assessment
    case: UseCaseResult
    name: str
    not_as_sealed: tuple[str, ...]
    alerts: tuple[Alert, ...] = ()


def judged(
    folders: Sequence[Path], found: Sequence[Assessment], *, warn_at: Decimal = WARN_AT
) -> list[Judged]:
    """Every use case of the assessed folders. Raises PaybackError for a project without one."""
    cases = []
    for folder, assessed in zip(folders or (Path(),), found, strict=True):
        project = load(folder)
        sealed = seals.latest(project)
        for case in assessed.use_cases:
            name = f"{assessed.name}/{case.key}" if len(found) > 1 else case.key
            changed = changed_rules(project.use_cases[case.key], sealed.get(case.key))
            told = with_budget(case.alerts, case.burn_ahead, warn_at)
            cases.append(Judged(assessed, case, plain(name), changed, told))
        if not assessed.use_cases:
            raise PaybackError(
                "no-use-case",
                say("{name} names no use case, so there is nothing to judge", name=assessed.name),
                fix=say("add one under [use_cases.NAME] in payback.toml"),
            )
    return cases


def gate_words(gate: GateResult) -> str:
    """What is seen of a gate, what would decide it, by when and who sees to it."""
    words = [gate.seen]
    if gate.state is GateState.NOT_DECIDED:
        words.append(gate.decides)
        if gate.due is not None:
            words.append(say("due {day}", day=day(gate.due)))
    elif gate.on is not None:
        words.append(say("on {day}", day=day(gate.on)))
    if gate.owner:
        words.append(say("owner {name}", name=gate.owner))
    if gate.changed_after_seal:
        words.append(say("changed after it was sealed"))
    return plain("; ".join(dict.fromkeys(word for word in words if word)))


def left_out(project: Assessment) -> list[str]:
    """What was left out of a project, as one line; none where nothing was."""
    problems = [one for one in project.problems if one.left_out]
    if not problems:
        return []
    where = f"{problems[0].origin}: " if problems[0].origin else ""
    first = plain(where + problems[0].what)
    if not project.rows_left_out:
        return [say("left out: {first}", first=first)]
    return [
        say_count(
            "left out: {count} row: {first}",
            "left out: {count} rows: {first}",
            project.rows_left_out,
            first=first,
        )
    ]
