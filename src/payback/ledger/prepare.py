"""The prepared tables that every rollup reads, made once a run from the record.

| table | one row is |
|---|---|
| `task_cost`, `task_outcome` | a task and a way of working; sums over its trials |
| `task_segment` | a property of such a task |
| `cost_row`, `value_row`, `bill_row` | a row of the ledger, its use case assigned |
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
from payback.ledger.engine import Engine, quoted
from payback.ledger.facts import Facts
from payback.ledger.priced import priced_calls
from payback.ledger.standing import standing
from payback.prices import CurrencyRate, PriceBook
from payback.project import Project
from payback.records import Period
from payback.tables import TABLES

MOST_CELLS = 4096
"""Clusters of one way of working that leave the engine one by one; more are put into this many
buckets by a hash of their name, which keeps means and, as buckets are random, their variances."""


OUTCOME_KEY = ", ".join(TABLES["outcome"].key)
SEGMENT_KEY = ", ".join(TABLES["segment"].key)
DECIDED = ("accepted", "minutes", "rework_minutes")
"""What is known of an outcome only once it is decided."""


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
    _cut(engine, project, outcome, last if as_of else None)
    constant = priced_calls(engine, project, usage, book, rates)
    _trial_cost(engine, project, constant)
    one_trial = len(usage.trials | outcome.trials) <= 1
    _attempt(engine, project, outcome, one_trial=one_trial)
    _work(engine, outcome, one_trial=one_trial)
    _segments(engine, project)
    _money_rows(engine, project)
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
    found = engine.one(f"select max(day) from ({' union all '.join(parts)})")[0]
    return found if isinstance(found, date) else None


def _cut(engine: Engine, project: Project, outcome: Facts, last: date | None) -> None:
    """Views of the rows known by the as-of day. A later decision makes an outcome pending again."""

    def until(column: str) -> str:
        return "" if last is None else f" where {column} <= date '{last}'"

    called = until(day_of("time", project))
    engine.run(f"create or replace temp view usage_known as select * from usage_row{called}")
    outcomes, late = "select * from outcome_row", ""
    if last is not None:
        late = f"coalesce({day_of('decided_at', project)} > date '{last}', false)"
        unknown = ", ".join(f"case when {late} then null else {name} end as {name}" for name in DECIDED)
        outcomes = f"select * replace ({unknown}) from outcome_row"
    distinct = outcome.distinct
    if outcome.batches > 1:
        distinct = engine.one(f"select count(*) from (select distinct {OUTCOME_KEY} from outcome_row)")[0]
    if outcome.rows != distinct:  # a check still to come does not hide the one before it
        outcomes = standing(outcomes, OUTCOME_KEY, first=late)
    engine.run(f"create or replace temp view outcome_known as {outcomes}")
    for table, entry in (("cost", "cost_entry"), ("value", "value_entry"), ("bill", "bill_entry")):
        engine.run(f"create or replace temp view {table}_known as select * from {entry}{until('day')}")


def _trial_cost(engine: Engine, project: Project, constant: Mapping[str, str]) -> None:
    """One row a trial: its calls, what they cost, how many of them have no known cost."""
    keys = [name for name in ("use_case", "arm", "task", "trial") if name not in constant]

    def column(name: str) -> str:
        return f"{constant[name]} as {name}" if name in constant else name

    def total(name: str) -> str:
        return "cast(0 as bigint)" if name in constant else f"sum({name})"

    engine.run(f"""
        create or replace temp table trial_cost as
        select use_case, {column("arm")}, task, {column("trial")},
               {day_of("min(time)", project)} as day, count(*) as calls, sum(pico) as pico,
               {total("assumed_pico")} as assumed_pico, count(*) - count(pico) as unknown_calls,
               {total("unpriced")} as unpriced_calls
        from call_cost group by {", ".join(keys)}
    """)


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


def _attempt(engine: Engine, project: Project, outcome: Facts, *, one_trial: bool) -> None:
    """One row a trial: cost and outcome side by side, either of which may be missing.

    A trial without calls has an unknown cost where its use case is metered, unless its log says
    that it made no call, or people's minutes say what it took.
    """
    named, key = "select * from outcome_known", "c.task = o.task and c.trial = o.trial"
    all_keys = f"{key} and c.arm = o.arm and c.use_case = o.use_case"
    if outcome.all_filled("use_case") and outcome.all_filled("arm"):
        key = all_keys
    elif not (
        outcome.never_filled("use_case")
        and outcome.never_filled("arm")
        # Every task was done once, by one way of working: the task alone finds it.
        and one_trial
        and engine.one("select count(*) = count(distinct task) from trial_cost")[0]
    ):
        named, key = _outcomes_named(project), all_keys
    engine.run(
        "create or replace temp table metered as select distinct use_case from trial_cost "
        f"where use_case <> {quoted(UNASSIGNED)}"
    )

    def known(column: str, engine_type: str) -> str:
        """A column of the outcomes; a plain null where no row fills it, so that no join carries it."""
        if outcome.never_filled(column):
            return f"cast(null as {engine_type})"
        return f"o.{column}"

    decided = "cast(null as date)" if outcome.never_filled("decided_at") else day_of("o.decided_at", project)
    engine.run(f"""
        create or replace temp view attempt_own as
        with o as ({named}),
        joined as (
            select coalesce(c.use_case, o.use_case, {quoted(UNASSIGNED)}) as use_case,
                   coalesce(c.arm, o.arm, {quoted(DEFAULT_ARM)}) as arm,
                   coalesce(c.task, o.task) as task, coalesce(c.trial, o.trial) as trial,
                   coalesce(c.day, {decided}) as day, {decided} as decided_day,
                   c.calls, coalesce(c.pico, 0) as pico, coalesce(c.assumed_pico, 0) as assumed_pico,
                   coalesce(c.unknown_calls, 0) as unknown_calls,
                   coalesce(c.unpriced_calls, 0) as unpriced_calls,
                   {known("calls", "bigint")} as calls_logged, o.accepted,
                   {known("cluster", "varchar")} as cluster,
                   {known("minutes", "decimal(18,6)")} as minutes,
                   {known("rework_minutes", "decimal(18,6)")} as rework_minutes
            from trial_cost c full outer join o on {key})
        select *,
               case when calls is not null
                    then unknown_calls > 0 or coalesce(calls_logged, 0) > calls
                    when calls_logged = 0 or minutes is not null then false
                    else use_case in (select use_case from metered) end as unknown
        from joined
    """)
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
        create or replace temp table attempt as
        with own as (select * from attempt_own)
        select own.* replace (own.unknown or (inherits.arm is not null
                                              and coalesce(seed.unknown, true)) as unknown),
               cast(coalesce(seed.pico, 0) as decimal(38,0)) as inherited_pico
        from own
        left join inherits on own.use_case = inherits.use_case and own.arm = inherits.arm
        left join own as seed on seed.use_case = own.use_case and seed.arm = inherits.from_arm
             and seed.task = own.task and seed.trial = own.trial
    """)


def _work(engine: Engine, outcome: Facts, *, one_trial: bool) -> None:
    """One row a task and way of working, and the two views on it that rollups read."""
    single = one_trial

    def total(column: str) -> str:
        return column if single else f"sum({column})"

    def least(column: str) -> str:
        return column if single else f"min({column})"

    cell = f"coalesce({least('cluster')}, task)"
    big = engine.rows(
        "select use_case, arm from (select use_case, arm, count(*) as n from trial_cost group by all "
        "union all select coalesce(use_case, ''), coalesce(arm, ''), count(*) from outcome_known "
        f"group by all) group by use_case, arm having sum(n) > {MOST_CELLS}"
    )
    if big:  # perhaps too many clusters: see which ways of working really have that many
        clusters = "coalesce(cluster, task)"
        engine.run(f"""
            create or replace temp table many as
            select use_case, arm from
            {"trial_cost" if outcome.never_filled("cluster") else "attempt"}
            group by use_case, arm
            having count({"*" if outcome.never_filled("cluster") else f"distinct {clusters}"})
                   > {MOST_CELLS}
        """)
        bucket = f"'bucket ' || substr(md5({cell}), 1, {_HEX_DIGITS})"
        cell = (
            f"case when (use_case, arm) in (select (use_case, arm) from many) then {bucket} else {cell} end"
        )
    engine.run(f"""
        create or replace temp table work as
        select use_case, arm, task, {cell} as cell, {least("day")} as first_day,
               case when task like {quoted(NO_TASK + "%")} then 0 else 1 end as tasks,
               {"cast(1 as bigint)" if single else "count(*)"} as trials,
               cast({total("pico")} as decimal(38,0)) as pico,
               cast({total("inherited_pico")} as decimal(38,0)) as inherited_pico,
               cast({total("assumed_pico")} as decimal(38,0)) as assumed_pico,
               cast({total("case when unknown then pico + inherited_pico else 0 end")}
                    as decimal(38,0)) as partial_pico,
               {total("case when unknown then 1 else 0 end")} as unknown_trials,
               {total("coalesce(calls, 0)")} as calls, {total("unknown_calls")} as unknown_calls,
               {total("unpriced_calls")} as unpriced_calls,
               {"case when accepted is null then 0 else 1 end" if single else "count(accepted)"}
                    as checked,
               {total("accepted")} as accepted, {least("decided_day")} as decided_day,
               {"case when minutes is null then 0 else 1 end" if single else "count(minutes)"}
                    as timed,
               {total("minutes")} as minutes, {total("rework_minutes")} as rework_minutes
        from attempt {"" if single else "group by use_case, arm, task"}
    """)
    engine.run("""
        create or replace temp view task_cost as
        select use_case, arm, task, cell, first_day, cast(tasks as bigint) as tasks, trials,
               pico, inherited_pico, assumed_pico, partial_pico,
               cast(unknown_trials as bigint) as unknown_trials,
               cast(calls as bigint) as calls, cast(unknown_calls as bigint) as unknown_calls,
               cast(unpriced_calls as bigint) as unpriced_calls
        from work
    """)
    engine.run("""
        create or replace temp view task_outcome as
        select use_case, arm, task, cell, first_day, cast(tasks as bigint) as tasks, trials, cast(checked as bigint) as checked,
               cast(accepted as decimal(18,6)) as accepted, decided_day, cast(timed as bigint) as timed,
               cast(minutes as decimal(24,6)) as minutes,
               cast(rework_minutes as decimal(24,6)) as rework_minutes
        from work
    """)


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
        "union all select min(day) from bill_row)"
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
