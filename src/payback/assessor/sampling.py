"""A sample of one use case's tasks for people to check, drawn by chance and kept in the record."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from datetime import date, datetime, timedelta

from payback.assessor import checked
from payback.ledger import Ledger, drawing, samples
from payback.ledger.samples import Sample
from payback.locale import say
from payback.prices import PriceBook, of_project
from payback.project import Project, UseCase
from payback.records import PaybackError


def draw_sample(
    project: Project,
    use_case: str,
    number: int,
    *,
    seed: int,
    drawn_at: datetime,
    by: str = "",
    arm: str | None = None,
    as_of: date | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Sample, tuple[str, ...]]:
    """Draw `number` of the use case's tasks and keep the draw; beside it what gives the work's maker away.

    `by` names a segment, or `judge`: every kind of task then gives about as many. Raises PaybackError where there is
    nothing to draw from.
    """
    case = _named(project, use_case)
    overrides, discounts, rates = of_project(project)
    with Ledger(project) as ledger:
        ledger.gather(progress)
        prepared = ledger.prepare(PriceBook.bundled(overrides, discounts), rates, as_of)
        arm = arm or case.arm or _only_arm(ledger, use_case, case.today.arm if case.today else None)
        _known_kind(ledger, project, use_case, by)
        tasks = samples.universe(ledger, use_case, arm, by)
        models = [str(model) for (model,) in ledger.rows("select distinct model from model_call") if model]
    if not tasks:
        raise PaybackError(
            "nothing-to-sample",
            say("{use_case} has no task of {arm} in the period", use_case=use_case, arm=arm),
            where=str(project.file),
            fix=say("list its calls or outcomes with a task each, or name another way of working with --arm"),
        )
    rows, strata = drawing.draw(tasks, number, seed)
    period = prepared.period
    sample = samples.named(
        (use_case, arm),
        drawn_at=drawn_at,
        seed=seed,
        days=(period.first_day, period.first_day_after),
        by=by,
        strata=strata,
        rows=rows,
    )
    before = [each for each in samples.kept(project) if each.key != sample.key]
    told = drawing.telling([*models, arm, *case.arms.values()], (row.task for row in rows))
    notes = [say("names of tasks give it away: {names}", names=", ".join(told))] if told else []
    notes += [
        say(
            "sample {key}, drawn on {day}, has tasks of the same days: check one of the two, or take --seed {seed} "
            "and a larger -n to add to it",
            key=each.key,
            day=each.drawn_at.date(),
            seed=each.seed,
        )
        for each in before
        if (each.use_case, each.arm) == (use_case, arm)
        and each.seed != seed
        and each.first_day < period.first_day_after
        and period.first_day < each.first_day_after
    ]
    return samples.keep(project, sample), tuple(notes)


def more_checks(
    project: Project,
    use_case: str,
    width: float,
    *,
    as_of: date | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[tuple[str, str]]:
    """How many more checks make the range `width` wide, or why none do, for each way of working with a sample."""
    case = _named(project, use_case)
    overrides, discounts, rates = of_project(project)
    with Ledger(project) as ledger:
        ledger.gather(progress)
        ledger.prepare(PriceBook.bundled(overrides, discounts), rates, as_of)
        found = checked.looked(ledger)
    told = [
        (case.arms.get(arm, arm), checked.more_in_words(each, checked.share_of(each, case.judge), width))
        for (of, arm), each in sorted(found.items())
        if of == use_case
    ]
    if told:
        return told
    raise PaybackError(
        "nothing-to-sample",
        say("nobody has checked a sample of {use_case} yet", use_case=use_case),
        where=str(project.file),
        fix=say("draw one: payback sample {use_case} -n 100", use_case=use_case),
    )


def _named(project: Project, use_case: str) -> UseCase:
    """The use case of that name. Raises PaybackError with the nearest one."""
    case = project.use_cases.get(use_case)
    if case is None:
        near = difflib.get_close_matches(use_case, project.use_cases, n=1, cutoff=0.5)
        raise PaybackError(
            "unknown-use-case",
            say("no use case is called {name}", name=use_case),
            where=str(project.file),
            fix=say("did you mean {near}?", near=near[0])
            if near
            else say("there are: {names}", names=", ".join(project.use_cases)),
        )
    return case


def _only_arm(ledger: Ledger, use_case: str, today: str | None) -> str:
    """The way of working with rows that is not today's. Raises PaybackError where there is not just one."""
    rows = ledger.rows("select distinct use_case, arm from task_outcome where tasks = 1 order by arm")
    arms = [arm for case, arm in rows if case == use_case and arm != today]
    if len(arms) == 1:
        return str(arms[0])
    raise PaybackError(
        "nothing-to-sample",
        say(
            "{use_case} has {count} ways of working: {names}",
            use_case=use_case,
            count=len(arms),
            names=", ".join(arms),
        )
        if arms
        else say("{use_case} has no task in the data", use_case=use_case),
        fix=say("name one with --arm, or set arm for the use case in payback.toml"),
    )


def _known_kind(ledger: Ledger, project: Project, use_case: str, by: str) -> None:
    """Raises PaybackError where no segment has the name, or there is no judge."""
    case = project.use_cases[use_case]
    if not by or (by == samples.BY_JUDGE and case.judge is not None):
        return
    rows = ledger.rows("select distinct use_case, name from task_segment order by name")
    names = [name for of, name in rows if of == use_case]
    if by not in names:
        raise PaybackError(
            "unknown-segment",
            say("{use_case} has no property called {name}", use_case=use_case, name=by),
            where=str(project.file),
            fix=say(
                "there are: {names}", names=", ".join([*names, *([samples.BY_JUDGE] if case.judge else [])])
            )
            if names or case.judge
            else say("list segments of its tasks in payback.toml, or draw without --by"),
        )


def days_shown(sample: Sample) -> tuple[date, date]:
    """First and last day the sample was drawn from."""
    return sample.first_day, sample.first_day_after - timedelta(days=1)
