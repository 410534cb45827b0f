"""Assessments -> Report: page one, a page per use case, and how it is known."""

from __future__ import annotations

from collections.abc import Sequence

from payback.assessment import Assessment
from payback.locale import language, say
from payback.records import PaybackError
from payback.report import known_page, page_one, use_case_page
from payback.report.inert import slug
from payback.report.page import Page, Report


def report(assessments: Sequence[Assessment]) -> Report:
    """The whole report. The first assessment is the headline; no other is added to it."""
    if not assessments:
        raise PaybackError("nothing-assessed", say("there is nothing to report"), fix=say("name a project"))
    first = assessments[0]
    keys = use_case_keys(assessments)
    one = page_one.page(assessments, keys)
    cases: list[Page] = []
    for project in assessments:
        cases.extend(
            use_case_page.page(project, case, keys[project.name, case.key]) for case in project.use_cases
        )
    return Report(
        title=f"{first.name}: {first.title}",
        label=first.label,
        language=language().replace("_", "-"),
        as_of=first.as_of,
        pages=(one, *cases, known_page.page(assessments)),
    )


def use_case_keys(assessments: Sequence[Assessment]) -> dict[tuple[str, str], str]:
    """The anchor of each use case's page, no two the same."""
    keys: dict[tuple[str, str], str] = {}
    for project in assessments:
        for case in project.use_cases:
            base = f"use-{slug(case.key)}"
            key, times = base, 1
            while key in keys.values():
                times += 1
                key = f"{base}-{times}"
            keys[project.name, case.key] = key
    return keys
