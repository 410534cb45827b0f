"""The prepared tables that every rollup reads, made once a run from the record.

| table | one row is |
|---|---|
| `task_cost`, `task_outcome` | a task and a way of working; sums over its trials |
| `task_result` | such a task and one of its results, to compare ways on different tasks |
| `task_segment` | a property of such a task |
| `task_label` | such a task of a use case with a judge or a sample: what people and the judge said of it |
| `model_call` | a way of working, a model, the day of a call and the first day of its task |
| those of `payback.ledger.delivered` | trials, their time and errors, users, versions |
| `loose_cost` | an owner of calls that no use case takes, and the first day of their task |
| `cost_row`, `value_row`, `bill_row`, `forecast_row` | a row of the ledger, its use case assigned |
| `capacity_day` | a row of `capacity` on one business day (`payback.ledger.held`) |
| `unpriced` | a model without a price |
| `calendar` | a day: its week, month and fiscal year |
| `period` | the one period looked at |

Rollups see only these, in a portable subset of SQL (docs/decisions/0004-portable-rollups.md). What
makes them is DuckDB's own dialect, and is written to suit the rows that are there: a join that
nothing needs is not made. Each branch says what must hold for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from payback.ledger.assigning import (
    DEFAULT_ARM,
    NO_TASK,
    UNASSIGNED,
    assigned,
    day_of,
    judged_arm,
)
from payback.ledger.delivered import deliver, service_columns
from payback.ledger.engine import Engine, quoted
from payback.ledger.facts import Facts
from payback.ledger.held import held
from payback.ledger.judged import label, split
from payback.ledger.priced import TOKENS, priced_calls
from payback.ledger.results import results
from payback.ledger.standing import standing
from payback.prices import CurrencyRate, PriceBook
from payback.project import Project
from payback.records import Period
from payback.tables import ENGINE_TYPE, TABLES, Kind

MOST_CELLS = 4096
"""Clusters of one way of working that leave the engine one by one; more are put into this many
buckets by a hash of their name, which keeps means and, as buckets are random, their variances."""


OUTCOME_KEY = ", ".join(TABLES["outcome"].key)
SEGMENT_KEY = ", ".join(TABLES["segment"].key)
DECIDED = (
    "accepted",
    "reason",
    "severity",
    "minutes",
    "rework_minutes",
    "harm_cost",
    "calls",
    "label_probability",
)
"""What is known of an outcome only once it is decided."""


FIRST_TRIAL = "1"
NO_DAY, NO_TEXT, NO_NUMBER, NO_MONEY = (
    f"cast(null as {ENGINE_TYPE[kind]})" for kind in (Kind.DAY, Kind.TEXT, Kind.NUMBER, Kind.MONEY)
)
"""What stands for a column of the outcomes that no row fills: no join has to carry it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the run looks at: the last day with data, the period, and prices that were missing."""

    as_of: date
    period: Period


def prepare(
    engine: Engine,
    project: Project,
    facts: Mapping[str, Facts],
    book: PriceBook,
    rates: Sequence[CurrencyRate],
    as_of: date | None,
) -> Prepared:
    """Make every prepared table; `as_of` None is the day of the latest event in the data."""
    last = as_of or _latest_day(engine, project, facts["usage"]) or _no_day()
    usage, outcome = facts["usage"], facts["outcome"]
    sampled = split(engine, project)
    _cut(engine, project, outcome, last if as_of else None)
    constant = priced_calls(engine, project, usage, book, rates)
    _trial_cost(engine, project, usage, constant)
    trials = usage.trials | outcome.trials
    one_trial = next(iter(trials), FIRST_TRIAL) if len(trials) <= 1 else None
    _attempt(engine, project, outcome, constant, one_trial=one_trial)
    _work(engine, outcome, one_trial=one_trial is not None)
    label(engine, project, as_of, there=sampled)
    _model_calls(engine)
    _loose_cost(engine, project)
    deliver(engine, project, usage, outcome, rates)
    _segments(engine, project)
    _money_rows(engine, project)
    held(engine, project, last)
    period = _period(engine, project, last)
    return Prepared(last, period)


def _no_day() -> date:
    return date(1970, 1, 1)


def _latest_day(engine: Engine, project: Project, usage: Facts) -> date | None:
    """The business day of the latest event; calls are known by their UTC days first, which is quick."""
    days = (("cost_entry", "day"), ("value_entry", "day"), ("bill_entry", "day"))
    parts = [f"select max({column}) as day from {table}" for table, column in days]
    parts.append(f"select {day_of('max(decided_at)', project)} from outcome_row")
    if usage.keys:
        last = max(key.last for key in usage.keys)
        parts.append(f"select {day_of('max(time)', project)} from usage_row where time >= date '{last}'")
    # Hardware whose use is said has been used; without other data it is looked at to its end.
    ends = day_of('max("end") - interval 1 microsecond', project)
    parts.append(
        f"select {ends} from capacity_row where allocated_share is not null or busy_share is not null"
    )
    found = engine.one(f"select max(day) from ({' union all '.join(parts)})")[0]
    if found is None:
        found = engine.one(f"select {ends} from capacity_row")[0]
    return found if isinstance(found, date) else None


def _cut(engine: Engine, project: Project, outcome: Facts, last: date | None) -> None:
    """Views of the rows known by the as-of day. A later decision makes an outcome pending again."""

    def until(column: str) -> str:
        return "" if last is None else f" where {column} <= date '{last}'"

    called = until(day_of("time", project))
    engine.run(f"create or replace temp view usage_known as select * from usage_row{called}")
    outcomes, late = "select * from outcome_checked", ""
    if last is not None:
        late = f"coalesce({day_of('decided_at', project)} > date '{last}', false)"
        unknown = ", ".join(f"case when {late} then null else {name} end as {name}" for name in DECIDED)
        outcomes = f"select * replace ({unknown}) from outcome_checked"
        if not outcome.all_filled("decided_at"):  # without a day of its own it is there with its first call
            outcomes += f"""
                where decided_at is not null or (task, coalesce(arm, '')) not in (
                    select (task, coalesce(arm, '')) from usage_row where task is not null
                    group by task, coalesce(arm, '') having {day_of("min(time)", project)} > date '{last}')
            """
    distinct = outcome.distinct
    if outcome.batches > 1:
        distinct = engine.one(f"select count(*) from (select distinct {OUTCOME_KEY} from outcome_row)")[0]
    if outcome.rows != distinct:  # a check still to come does not hide the one before it
        outcomes = standing(outcomes, OUTCOME_KEY, first=late)
    engine.run(f"create or replace temp view outcome_known as {outcomes}")
    for table, entry in (("cost", "cost_entry"), ("value", "value_entry"), ("bill", "bill_entry")):
        engine.run(f"create or replace temp view {table}_known as select * from {entry}{until('day')}")


def _stored(
    engine: Engine, name: str, columns: Mapping[str, str], rest: str, constant: Mapping[str, str]
) -> None:
    """Make `name` with these columns: a view on a table of those that vary, the others written as `constant`."""
    varying = ", ".join(f"{sql} as {column}" for column, sql in columns.items() if column not in constant)
    engine.run(f"create or replace temp table {name}_stored as select {varying} {rest}")
    every = ", ".join(f"{constant.get(column, column)} as {column}" for column in columns)
    engine.run(f"create or replace temp view {name} as select {every} from {name}_stored")


def _trial_cost(engine: Engine, project: Project, usage: Facts, constant: Mapping[str, str]) -> None:
    """One row a trial: its calls, what they cost, how many of them have no known cost."""
    keys = ("use_case", "arm", "task", "trial")
    columns = {key: key for key in keys} | {
        "day": day_of("min(time)", project),
        "calls": "count(*)",
        "pico": "sum(pico)",
        "assumed_pico": "sum(assumed_pico)",
        "unknown_calls": "count(*) - count(pico)",
        "unpriced_calls": "sum(unpriced)",
        "unfinished_calls": "coalesce(sum(unfinished), 0)",
        **service_columns(usage),
    }
    by = ", ".join(key for key in keys if key not in constant)
    _stored(engine, "trial_cost", columns, f"from call_cost group by {by}", constant)
    if usage.never_filled("span"):  # no call was logged twice
        given, counted = engine.one(
            "select (select count(*) from usage_known), (select coalesce(sum(calls), 0) from trial_cost)"
        )
        if given != counted:
            raise RuntimeError(f"{given} calls, {counted} of them priced: the record's facts are wrong")


def _outcomes_named(project: Project) -> str:
    """SQL over outcomes whose use case and arm are filled from the calls of the same task.

    Two rows that turn out to be about the same work are one: the last received stands.
    """
    named = f"""
        with home as (
            select task, min(use_case) as use_case, max(use_case) as use_case_too,
                   min(arm) as arm, max(arm) as arm_too
            from trial_cost group by task),
        named as (
            select o.* replace (coalesce(o.use_case, case when home.use_case = home.use_case_too
                                                          then home.use_case end,
                                         {quoted(UNASSIGNED)}) as use_case),
                   case when home.arm = home.arm_too then home.arm end as only_arm
            from outcome_known o left join home on o.task = home.task)
        select * exclude (only_arm) replace (coalesce(arm, only_arm, {judged_arm(project)}) as arm)
        from named
    """
    return standing(named, OUTCOME_KEY)


def _attempt(
    engine: Engine, project: Project, outcome: Facts, constant: Mapping[str, str], *, one_trial: str | None
) -> None:
    """One row a trial: cost and outcome side by side, either of which may be missing.

    A call whose output was counted before it was done costs that much or more: its trial is known in part.
    A trial without calls has an unknown cost where its use case is metered, unless its log says
    that it made no call, or people's minutes say what it took: not those of people who look over the
    work of a way that makes calls.
    """
    named, key = "select * from outcome_known", ["task"]
    if outcome.all_filled("use_case") and outcome.all_filled("arm"):
        key += ["arm", "use_case"]
    elif not (
        outcome.never_filled("use_case")
        and outcome.never_filled("arm")
        # Every task was done once, by one way of working: the task alone finds it.
        and one_trial is not None
        and engine.one("select count(*) = count(distinct task) from trial_cost")[0]
    ):
        named = _outcomes_named(project)
        key += ["arm", "use_case"]
    if one_trial is None:
        key.append("trial")
    engine.run(
        "create or replace temp table metered as select distinct use_case, arm from trial_cost "
        f"where use_case <> {quoted(UNASSIGNED)}"
    )

    def filled(column: str, otherwise: str) -> str:
        return otherwise if outcome.never_filled(column) else f"o.{column}"

    use_case = f"coalesce(c.use_case, o.use_case, {quoted(UNASSIGNED)})"
    arm = f"coalesce(c.arm, o.arm, {quoted(DEFAULT_ARM)})"
    decided = NO_DAY if outcome.never_filled("decided_at") else day_of("o.decided_at", project)
    seen = NO_DAY if outcome.never_filled("decided_at") else day_of("o.seen_at", project)
    logged, minutes = filled("calls", "cast(null as bigint)"), filled("minutes", NO_NUMBER)
    columns = {
        "use_case": use_case,
        "arm": arm,
        "task": "coalesce(c.task, o.task)",
        "trial": "coalesce(c.trial, o.trial)",
        "day": f"coalesce(c.day, {seen})",
        "decided_day": decided,
        "calls": "coalesce(c.calls, 0)",
        "pico": "coalesce(c.pico, 0)",
        "assumed_pico": "coalesce(c.assumed_pico, 0)",
        "unknown_calls": "coalesce(c.unknown_calls, 0)",
        "unpriced_calls": "coalesce(c.unpriced_calls, 0)",
        "unknown": f"""case when c.calls is not null
                            then c.unknown_calls > 0 or c.unfinished_calls > 0
                                 or coalesce({logged}, 0) > c.calls
                            when {logged} = 0 then false
                            when {minutes} is not null
                                 and ({use_case}, {arm}) not in (select (use_case, arm) from metered) then false
                            else {use_case} in (select use_case from metered) end""",
        "accepted": "o.accepted",
        "cluster": filled("cluster", NO_TEXT),
        "minutes": minutes,
        "rework_minutes": filled("rework_minutes", NO_NUMBER),
        "reason": filled("reason", NO_TEXT),
        "severity": filled("severity", NO_TEXT),
        "harm_cost": filled("harm_cost", NO_MONEY),
        "harm_currency": NO_TEXT if outcome.never_filled("harm_cost") else "o.harm_currency",
        "expected_minutes": filled("expected_minutes", NO_NUMBER),
    }
    same = {column: sql for column, sql in columns.items() if sql in {NO_DAY, NO_TEXT, NO_NUMBER, NO_MONEY}}
    same |= {column: constant[column] for column in _OF_CALLS if column in constant}
    if "arm" in constant and outcome.never_filled("arm"):
        same["arm"] = constant["arm"]
    if one_trial is not None:
        same["trial"] = quoted(one_trial)
    on = " and ".join(f"c.{column} = o.{column}" for column in key)
    _stored(engine, "attempt_own", columns, f"from trial_cost c full outer join ({named}) o on {on}", same)
    _inherited(engine, project)


_OF_CALLS = ("assumed_pico", "unknown_calls", "unpriced_calls")


def _inherited(engine: Engine, project: Project) -> None:
    """`attempt`: every trial with the cost of the one it started from, or unknown without that."""
    inherits = [
        (name, link.arm, link.from_arm) for name, case in project.use_cases.items() for link in case.inherits
    ]
    if not inherits:
        engine.run(
            "create or replace temp view attempt as "
            "select *, cast(0 as decimal(38,0)) as inherited_pico from attempt_own"
        )
        return
    engine.load("inherits", (("use_case", "VARCHAR"), ("arm", "VARCHAR"), ("from_arm", "VARCHAR")), inherits)
    engine.run("""
        create or replace temp table attempt_linked as
        select own.* replace (own.unknown or (inherits.arm is not null
                                              and coalesce(seed.unknown, true)) as unknown),
               cast(coalesce(seed.pico, 0) as decimal(38,0)) as inherited_pico
        from attempt_own own
        left join inherits on own.use_case = inherits.use_case and own.arm = inherits.arm
        left join attempt_own seed on seed.use_case = own.use_case and seed.arm = inherits.from_arm
             and seed.task = own.task and seed.trial = own.trial
    """)
    engine.run("create or replace temp view attempt as select * from attempt_linked")


def _work(engine: Engine, outcome: Facts, *, one_trial: bool) -> None:
    """`work`, one row a task and way of working, and the two views on it that rollups read."""
    engine.run(f"""
        create or replace temp {"view" if one_trial else "table"} work as
        select use_case, arm, task, {_over("min", "cluster", one_trial)} as cluster,
               {_over("min", "day", one_trial)} as first_day,
               case when task like {quoted(NO_TASK + "%")} then 0 else 1 end as tasks,
               {"1" if one_trial else "count(*)"} as trials,
               {_over("sum", "pico", one_trial)} as pico,
               {_over("sum", "inherited_pico", one_trial)} as inherited_pico,
               {_over("sum", "assumed_pico", one_trial)} as assumed_pico,
               {_over("sum", "case when unknown then pico + inherited_pico else 0 end", one_trial)}
                   as partial_pico,
               {_over("sum", "case when unknown then 1 else 0 end", one_trial)} as unknown_trials,
               {_over("sum", "calls", one_trial)} as calls,
               {_over("sum", "unknown_calls", one_trial)} as unknown_calls,
               {_over("sum", "unpriced_calls", one_trial)} as unpriced_calls,
               {_over("sum", "case when accepted is null then 0 else 1 end", one_trial)} as checked,
               {_over("sum", "accepted", one_trial)} as accepted,
               {_over("min", "decided_day", one_trial)} as decided_day,
               {_over("sum", "case when minutes is null then 0 else 1 end", one_trial)} as timed,
               {_over("sum", "minutes", one_trial)} as minutes,
               {_over("sum", "rework_minutes", one_trial)} as rework_minutes,
               {_over("sum", "case when expected_minutes is null then 0 else 1 end", one_trial)} as expected,
               {_over("sum", "expected_minutes", one_trial)} as expected_minutes
        from attempt {"" if one_trial else "group by use_case, arm, task"}
    """)
    cell = _cell(engine, clustered=not outcome.never_filled("cluster"))
    shared = f"use_case, arm, task, {cell} as cell, first_day, cast(tasks as bigint) as tasks"
    engine.run(f"""
        create or replace temp view task_cost as
        select {shared}, cast(trials as bigint) as trials, cast(pico as decimal(38,0)) as pico,
               cast(inherited_pico as decimal(38,0)) as inherited_pico,
               cast(assumed_pico as decimal(38,0)) as assumed_pico,
               cast(partial_pico as decimal(38,0)) as partial_pico,
               cast(unknown_trials as bigint) as unknown_trials,
               cast(calls as bigint) as calls, cast(unknown_calls as bigint) as unknown_calls,
               cast(unpriced_calls as bigint) as unpriced_calls
        from work
    """)
    engine.run(f"""
        create or replace temp view task_outcome as
        select {shared}, cast(trials as bigint) as trials, cast(checked as bigint) as checked,
               cast(accepted as decimal(18,6)) as accepted, coalesce(cluster, task) as cluster, decided_day,
               cast(timed as bigint) as timed,
               cast(minutes as decimal(24,6)) as minutes,
               cast(rework_minutes as decimal(24,6)) as rework_minutes
        from work
    """)
    results(engine, cell)


def _model_calls(engine: Engine) -> None:
    """`model_call`: calls by model; tokens and cost are of calls of known cost, `metered_calls` those with tokens.

    A view: only `payback diff` pays for it.
    """
    tokens = ", ".join(
        f"cast(coalesce(sum(case when c.pico is not null then c.{name} end), 0) as decimal(38,0)) as {name}"
        for name in TOKENS.values()
    )
    engine.run(f"""
        create or replace temp view model_call as
        select c.use_case, c.arm, w.first_day, coalesce(c.provider, '') as provider,
               coalesce(c.model, '') as model, coalesce(c.service_tier, '') as service_tier,
               cast(c.time as date) as day, count(*) as calls, count(c.pico) as known_calls,
               count(case when c.pico is not null and c.input_tokens is not null
                               and c.output_tokens is not null then 1 end) as metered_calls,
               {tokens}, cast(coalesce(sum(c.pico), 0) as decimal(38,0)) as pico
        from call_cost c join work w on c.use_case = w.use_case and c.arm = w.arm and c.task = w.task
        group by all
    """)


OWNERS = {
    "team": "json_extract_string(c.tags, '$.team')",
    "project": "json_extract_string(c.tags, '$.project')",
    "service": "c.service",
    "person": 'c."user"',
}
"""Who a call belongs to: the first of these that its row names."""


def _loose_cost(engine: Engine, project: Project) -> None:
    """`loose_cost`: calls that no use case of the project takes, by who they belong to.

    People are numbered by what they spent: the key their names are hashed with is part of no figure.
    """
    others = "true"
    if project.use_cases:
        others = f"use_case not in ({', '.join(map(quoted, project.use_cases))})"
    kinds = " ".join(
        f"when nullif({sql}, '') is not null then {quoted(kind)}" for kind, sql in OWNERS.items()
    )
    names = ", ".join(f"nullif({sql}, '')" for sql in OWNERS.values())
    some = engine.one(f"select count(*) from work where {others}")[0]
    engine.run(f"""
        create or replace temp table loose_each as
        select w.first_day, case {kinds} else '' end as owner_kind, coalesce({names}, '') as owner,
               count(*) as calls, count(*) - count(c.pico) as unknown_calls,
               cast(coalesce(sum(c.unfinished), 0) as bigint) as unfinished_calls,
               cast(coalesce(sum(c.pico), 0) as decimal(38,0)) as pico
        from (select * from call_cost where {others}) c
        join (select * from work where {others}) w
             on c.use_case = w.use_case and c.arm = w.arm and c.task = w.task
        {"" if some else "where false"}
        group by all
    """)
    shape = "concat_ws(' ', first_day, calls, unknown_calls, unfinished_calls, pico)"
    engine.run(f"""
        create or replace temp table loose_cost as
        with people as (
            select owner, row_number() over (order by sum(pico) desc, string_agg({shape}, ',' order by {shape}))
                   as number
            from loose_each where owner_kind = 'person' group by owner)
        select l.* replace (coalesce(cast(p.number as varchar), l.owner) as owner)
        from loose_each l left join people p on l.owner_kind = 'person' and l.owner = p.owner
    """)


def _over(sums: str, column: str, one_trial: bool) -> str:
    """SQL: the column over the trials of a task; itself where there is only one."""
    return column if one_trial else f"{sums}({column})"


def _cell(engine: Engine, *, clustered: bool) -> str:
    """SQL: the name of a task's cluster, or of its bucket where a way of working has too many clusters."""
    cell = "coalesce(cluster, task)" if clustered else "task"
    many = engine.rows(
        f"select use_case, arm from work group by use_case, arm having count(*) > {MOST_CELLS}"
    )
    if many and clustered:
        listed = ", ".join(f"({quoted(use_case)}, {quoted(arm)})" for use_case, arm in many)
        many = engine.rows(
            f"select use_case, arm from work where (use_case, arm) in ({listed}) "
            f"group by use_case, arm having count(distinct {cell}) > {MOST_CELLS}"
        )
    if not many:
        return cell
    bucket = f"'bucket ' || substr(md5({cell}), 1, {_HEX_DIGITS})"
    # Written out, not joined: a rollup that does not ask for the cell does none of it.
    where = " or ".join(f"(use_case = {quoted(use_case)} and arm = {quoted(arm)})" for use_case, arm in many)
    return f"case when {where} then {bucket} else {cell} end"


_HEX_DIGITS = 3  # 16 ** 3 is MOST_CELLS


def _segments(engine: Engine, project: Project) -> None:
    """Properties of tasks: those given, and `difficulty`, seen from each way of working."""
    engine.run(f"""
        create or replace temp table task_segment as
        with given as ({standing("select * from segment_row", SEGMENT_KEY)}),
        placed as (
            select w.use_case, w.arm, s.task, s.name, s.value
            from given s join work w on s.task = w.task
            where s.use_case = w.use_case
                  or (s.use_case is null
                      and not exists (select 1 from given o where o.task = s.task and o.name = s.name
                                      and o.use_case = w.use_case)))
        select * from placed
    """)
    hard = [quoted(name) for name, case in project.use_cases.items() if DIFFICULTY in case.segments]
    if not hard:
        return
    # Shares of trials are whole numbers of 10^-12, so that sums are exact in any order; cut off there,
    # a third thrice is a little less than one: a millionth is let pass.
    engine.run(f"""
        insert into task_segment
        with own as (
            select use_case, arm, task, case when checked > 0 then 1 else 0 end as checked,
                   case when checked > 0
                        then cast(accepted * 1000000 as bigint) * 1000000 // checked else 0 end as solved
            from work where use_case in ({", ".join(hard)})),
        every as (select use_case, task, sum(checked) as checked, sum(solved) as solved
                  from own group by use_case, task),
        others as (
            select w.use_case, w.arm, w.task, (t.checked - w.checked) * 1000000000000 as others,
                   t.solved - w.solved as solved
            from own w join every t on w.use_case = t.use_case and w.task = t.task)
        select use_case, arm, task, {quoted(DIFFICULTY)} as name,
               case when others = 0 then 'nobody else tried'
                    when solved = 0 then 'no other solved it'
                    when 3 * solved + 1000000 < others then 'under a third solved it'
                    when 3 * solved + 1000000 < 2 * others then 'a third to two thirds'
                    when solved < others then 'over two thirds solved it'
                    else 'all others solved it' end as value
        from others
        where not exists (select 1 from task_segment s where s.name = {quoted(DIFFICULTY)}
                          and s.use_case = others.use_case and s.arm = others.arm and s.task = others.task)
    """)


DIFFICULTY = "difficulty"
"""The segment payback makes itself: the share of the other ways of working that solved the task."""


def _money_rows(engine: Engine, project: Project) -> None:
    for table in ("cost", "value", "bill"):
        columns = frozenset(
            row[0] for row in engine.rows(f"select column_name from (describe {table}_known)")
        )
        engine.run(
            f"create or replace temp table {table}_row as "
            f"select * replace ({assigned(project, columns, f'{table}_known')} as use_case) "
            f"from {table}_known"
        )


def _period(engine: Engine, project: Project, last: date) -> Period:
    """Fill `period` and `calendar`. Without a period asked for it runs over all days with data."""
    first = engine.one(
        "select min(day) from (select min(first_day) as day from work "
        "union all select min(day) from cost_row union all select min(day) from value_row "
        "union all select min(day) from bill_row union all select min(day) from capacity_day)"
    )[0]
    first_day = first if isinstance(first, date) else last
    period = Period(min(first_day, last), last + timedelta(days=1))
    if (asked := project.looked_at) is not None:
        end = min(asked.first_day_after, period.first_day_after)
        period = Period(asked.first_day, max(end, asked.first_day + timedelta(days=1)))
    engine.load(
        "period",
        (("first_day_of", "DATE"), ("first_day_after", "DATE")),
        [(period.first_day, period.first_day_after)],
    )
    start = min(period.first_day, first_day)
    engine.load(
        "calendar",
        (("day", "DATE"), ("week", "DATE"), ("month", "DATE"), ("fiscal_year", "BIGINT")),
        _days(start, max(last, period.first_day_after), project.fiscal.first_month),
    )
    return period


def _days(first: date, last: date, first_month: int) -> Iterator[tuple[date, date, date, int]]:
    """Each day with the Monday of its week, the first of its month, and the year it ends in."""
    day = first
    while day <= last:
        monday = day - timedelta(days=day.weekday())
        later = first_month != 1 and day.month >= first_month
        yield day, monday, day.replace(day=1), day.year + (1 if later else 0)
        day += timedelta(days=1)
