"""A judge's rows among the outcomes, and people's checks of a sample: `task_label`.

The rows of the grader that payback.toml names as a use case's judge are no outcomes: `outcome_checked` keeps
people's rows as they are and has a judge's task that nobody else checked as one without an outcome.
`task_label` has, for each task of a use case with a judge or a sample, what people and what the judge said.
"""

from __future__ import annotations

from datetime import date

from payback.ledger.assigning import day_of, judged_arm
from payback.ledger.engine import Engine, quoted
from payback.ledger.standing import standing
from payback.project import Project
from payback.tables import ENGINE_TYPE, TABLES

_OUTCOME = TABLES["outcome"]
_KEY = ", ".join(_OUTCOME.key)
_OF_THE_TASK = (*_OUTCOME.key, "cluster", "decided_at")
"""What a judge's row says of the task itself, and not of how well it was done."""


def split(engine: Engine, project: Project) -> bool:
    """Make `outcome_checked` and `judge_row`; whether there is a judge or a sample.

    `seen_at` is when anybody first said anything of the outcome: a label made months later does not move its task.
    """
    judge = _is_judge(project)
    sampled = bool(engine.one("select count(label_probability) from outcome_row")[0])
    engine.run(f"create or replace temp view judge_row as select * from outcome_row where {judge}")
    if not sampled and judge == "false":
        engine.run(
            "create or replace temp view outcome_checked as select *, decided_at as seen_at from outcome_row"
        )
        return False
    # A task drawn for the sample stays one when its outcome is replaced; one that is still to be checked,
    # received before all others, hides no outcome.
    engine.run(f"""
        create or replace temp view outcome_seen as
        select * replace (max(label_probability) over (partition by {_KEY}) as label_probability,
                          case when accepted is null and label_probability is not null
                               then -received else received end as received),
               min(decided_at) over (partition by {_KEY}) as seen_at
        from outcome_row""")
    people = f"select * from outcome_seen where not {judge}"
    if judge != "false":
        unknown = ", ".join(
            f"cast(null as {ENGINE_TYPE[column.kind]}) as {column.name}"
            for column in _OUTCOME.columns
            if column.name not in _OF_THE_TASK
        )
        same = " and ".join(f"p.{name} is not distinct from j.{name}" for name in _OUTCOME.key)
        people = f"""
            with people as ({people})
            select * from people
            union all by name
            select * replace ({unknown}, -j.received as received) from outcome_seen j
            where {judge} and not exists (select 1 from people p where {same})"""
    engine.run(f"create or replace temp view outcome_checked as {people}")
    return True


def label(engine: Engine, project: Project, last: date | None, *, there: bool) -> None:
    """Make `task_label` from `task_outcome`; `last` is the as-of day asked for, `there` what `split` said."""
    if not there:
        engine.run(f"create or replace temp table task_label as select {_NOTHING} where false")
        return
    known = "true" if last is None else f"coalesce({day_of('decided_at', project)} <= date '{last}', true)"
    said = standing(f"select * from judge_row where accepted is not null and {known}", _KEY)
    engine.run(f"""
        create or replace temp table task_label as
        with said as (
            select use_case, arm, task, count(accepted) as looked, sum(accepted) as judged
            from ({said}) group by use_case, arm, task),
        drawn as (
            select use_case, arm, task, max(label_probability) as label_probability
            from outcome_known where label_probability is not null group by use_case, arm, task),
        way as (
            select use_case, arm, task, {judged_arm(project)} as default_arm,
                   count(*) over (partition by use_case, task) as ways
            from task_outcome where task in (select task from said union all select task from drawn)),
        judged as (
            select way.use_case, way.arm, way.task, sum(said.looked) as looked, sum(said.judged) as judged
            from way join said on {_SAME_WORK.format(given="said")}
            group by way.use_case, way.arm, way.task),
        sampled as (
            select way.use_case, way.arm, way.task, max(drawn.label_probability) as label_probability
            from way join drawn on {_SAME_WORK.format(given="drawn")}
            group by way.use_case, way.arm, way.task)
        select o.use_case, o.arm, o.task, o.cell, o.first_day, o.decided_day, o.tasks, o.checked,
               cast(coalesce(o.accepted, 0) as decimal(18,6)) as accepted,
               cast(coalesce(j.looked, 0) as bigint) as looked,
               cast(coalesce(j.judged, 0) as decimal(18,6)) as judged,
               cast(cast(coalesce(j.judged, 0) as decimal(18,6)) * cast(coalesce(j.judged, 0) as decimal(18,6))
                    as decimal(36,12)) as judged_square,
               cast(coalesce(s.label_probability, 0) as decimal(9,6)) as label_probability
        from task_outcome o
        left join judged j on o.use_case = j.use_case and o.arm = j.arm and o.task = j.task
        left join sampled s on o.use_case = s.use_case and o.arm = s.arm and o.task = s.task
        where (o.use_case, o.arm) in (select (use_case, arm) from judged
                                      union all select (use_case, arm) from sampled)
    """)


_NOTHING = ", ".join(
    f"cast(null as {kind}) as {name}"
    for kind, names in (
        ("VARCHAR", ("use_case", "arm", "task", "cell")),
        ("DATE", ("first_day", "decided_day")),
        ("BIGINT", ("tasks", "checked", "looked")),
        ("DECIMAL(18,6)", ("accepted", "judged")),
        ("DECIMAL(36,12)", ("judged_square",)),
        ("DECIMAL(9,6)", ("label_probability",)),
    )
    for name in names
)

_SAME_WORK = """
    way.task = {given}.task and ({given}.use_case is null or {given}.use_case = way.use_case)
    and ({given}.arm = way.arm
         or ({given}.arm is null and (way.ways = 1 or way.arm = way.default_arm)))"""


def _is_judge(project: Project) -> str:
    """SQL: whether a row of outcomes is a judge's."""
    tests = [
        f"(grader = {quoted(case.judge.grader)} and coalesce(use_case, {quoted(name)}) = {quoted(name)})"
        for name, case in project.use_cases.items()
        if case.judge is not None
    ]
    return f"coalesce({' or '.join(tests)}, false)" if tests else "false"
