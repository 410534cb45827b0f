"""Which use case and way of working a row belongs to, and the business day it falls on, as SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from payback.ledger.engine import quoted

if TYPE_CHECKING:
    from payback.project import Project, UseCase

DEFAULT_ARM = "ai"
UNASSIGNED = ""
"""The use case of spend that no rule assigns."""

NO_TASK = "no task: "
"""Begins the name of a day's spend that belongs to no task: in the arm's cost, never a unit."""


def day_of(column: str, project: Project) -> str:
    """SQL: the business day of a UTC timestamp."""
    if project.timezone == "UTC":
        return f"cast({column} as date)"
    zone = quoted(project.timezone)
    return f"cast(timezone({zone}, timezone('UTC', {column})) as date)"


def assigned(project: Project, columns: frozenset[str], table: str) -> str:
    """SQL: the use case a row of `table` belongs to: its own, else the first whose `match` it fits."""
    rules = [
        f"when {' and '.join(tests)} then {quoted(name)}"
        for name, case in project.use_cases.items()
        if (tests := list(_tests(case, columns, table)))
    ]
    matched = f"case {' '.join(rules)} end, " if rules else ""
    return f"coalesce({table}.use_case, {matched}{quoted(UNASSIGNED)})"


def _tests(case: UseCase, columns: frozenset[str], table: str) -> Iterator[str]:
    for key, pattern in case.match.items():
        if key.startswith("tag."):
            if "tags" not in columns:
                yield "false"
                continue
            path = "$." + '"' + key.removeprefix("tag.").replace('"', "") + '"'
            value = f"json_extract_string({table}.tags, {quoted(path)})"
        else:
            value = f'{table}."{key}"' if key in columns else "cast(null as varchar)"
        yield f"{value} glob {quoted(pattern)}"


def judged_arm(project: Project) -> str:
    """SQL: the way of working of a row that names none: the one its use case is judged by."""
    named = [
        f"when {quoted(name)} then {quoted(case.arm)}" for name, case in project.use_cases.items() if case.arm
    ]
    chosen = f"case use_case {' '.join(named)} end, " if named else ""
    return f"{chosen}{quoted(DEFAULT_ARM)}"


def no_task(project: Project) -> str:
    """SQL: the name that stands for the task of calls that belong to none: one a day."""
    return f"{quoted(NO_TASK)} || {day_of('u.time', project)}"
