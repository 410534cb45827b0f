"""Prepared tables of how work was delivered: outcomes trial by trial, time and errors, users, versions.

| table | one row is |
|---|---|
| `trial_outcome` | a trial of a task: accepted or not, why not, how bad, what harm it cost |
| `task_service` | a trial of a task: its calls, those that failed, the seconds of all of them |
| `day_service` | a way of working and a day: calls, and those that failed |
| `task_spread` | a task of known cost: that, its outcome, and the step of a histogram it is on |
| `task_version` | a task and the models that worked on it |
| `user_use` | a user and a way of working: first and last day of use, and whether a result was accepted |

All are views: only the rollup that asks pays for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from payback.ledger.assigning import day_of
from payback.ledger.engine import Engine, quoted
from payback.ledger.facts import Facts
from payback.prices import CurrencyRate
from payback.prices.currency import conversion
from payback.project import Project

MOST_REASONS = 12
"""Reasons of a use case that are told apart, the most frequent ones; a word somebody made up once is private."""
OTHER_REASONS = "(other)"
LONGEST_REASON = 40
"""A longer reason is a sentence, not a word: it counts as another one."""
LEADING_DIGITS = 3
"""Histograms put together what begins with the same so many digits."""


def deliver(
    engine: Engine, project: Project, usage: Facts, outcome: Facts, rates: Sequence[CurrencyRate]
) -> None:
    """Make the views."""
    _reasons(engine, outcome)
    _harm_rates(engine, project, outcome, rates)
    _trial_outcome(engine, project, outcome)
    _service(engine, project, usage)
    _spread(engine)
    _versions(engine)
    _users(engine, project)
    limit = (("use_case", "VARCHAR"), ("arm", "VARCHAR"), ("seconds", "DECIMAL(24,6)"))
    engine.load("time_limit", limit, [])  # filled by whoever asks for a limit


def _reasons(engine: Engine, outcome: Facts) -> None:
    """`reason_kept`: as logged, and the word it is counted under."""
    if outcome.never_filled("reason"):
        engine.load("reason_kept", [(name, "VARCHAR") for name in ("use_case", "reason", "word")], [])
        return
    engine.run(f"""
        create or replace temp table reason_kept as
        with given as (
            select use_case, reason, lower(trim(regexp_replace(reason, '\\s+', ' ', 'g'))) as word,
                   count(*) as times
            from attempt_own where reason is not null group by use_case, reason),
        kept as (
            select use_case, word from given where length(word) <= {LONGEST_REASON}
            group by use_case, word
            qualify row_number() over (partition by use_case order by sum(times) desc, word)
                    <= {MOST_REASONS})
        select g.use_case, g.reason,
               case when kept.word is null then {quoted(OTHER_REASONS)} else g.word end as word
        from given g left join kept on g.use_case = kept.use_case and g.word = kept.word
    """)


def _harm_rates(engine: Engine, project: Project, outcome: Facts, rates: Sequence[CurrencyRate]) -> None:
    """`harm_rate`: `top / bottom` of the project's currency for 1 of a cost of harm, by currency and day."""
    found: list[tuple[str, date, int, int]] = []
    if not outcome.never_filled("harm_cost"):
        for currency, day in engine.rows(
            "select distinct harm_currency, day from attempt_own "
            f"where harm_currency <> {quoted(project.currency)} and day is not null"
        ):
            converted = conversion(currency, project.currency, day, rates)
            if converted is not None:
                found.append((currency, day, *converted.factor.as_integer_ratio()))
    engine.load(
        "harm_rate",
        (("currency", "VARCHAR"), ("day", "DATE"), ("top", "HUGEINT"), ("bottom", "HUGEINT")),
        found,
    )
    if outcome.never_filled("harm_cost"):
        engine.load("harm_without_rate", (("currency", "VARCHAR"), ("rows", "BIGINT")), [])
        return
    engine.run(f"""
        create or replace temp view harm_without_rate as
        select a.harm_currency as currency, count(*) as rows
        from attempt_own a left join harm_rate r on a.harm_currency = r.currency and a.day = r.day
        where a.harm_cost is not null and a.harm_currency <> {quoted(project.currency)} and r.top is null
        group by a.harm_currency order by a.harm_currency
    """)


def _trial_outcome(engine: Engine, project: Project, outcome: Facts) -> None:
    pico, judged = "cast(null as decimal(38,0))", "o.checked"
    if not outcome.never_filled("harm_cost"):
        # Whole units of `bottom` first, so that no product leaves 128 bits; what is below 10^-12 is cut off.
        paid = "cast(a.harm_cost as hugeint)"
        own = f"a.harm_currency = {quoted(project.currency)}"
        converted = f"({paid} // r.bottom * r.top + {paid} % r.bottom * r.top // r.bottom)"
        pico = f"cast(case when {own} then {paid} else {converted} end as decimal(38,0))"
    if not outcome.never_filled("severity"):
        judged = """sum(case when a.accepted is null and a.severity is null then 0 else 1 end)
                    over (partition by a.use_case, a.arm, a.task)"""
    engine.run(f"""
        create or replace temp view trial_outcome as
        select *, case when harm_pico > 0 then {_bucket("cast(harm_pico as varchar)")} end as harm_bucket
        from (
            select a.use_case, a.arm, a.task, a.trial, o.cell, o.first_day, a.decided_day, o.tasks, o.trials,
                   cast({judged} as bigint) as judged, cast(a.accepted as decimal(18,6)) as accepted,
                   coalesce(k.word, a.reason) as reason, a.severity, {pico} as harm_pico
            from attempt_own a
            join task_outcome o on a.use_case = o.use_case and a.arm = o.arm and a.task = o.task
            left join reason_kept k on a.use_case = k.use_case and a.reason = k.reason
            left join harm_rate r on a.harm_currency = r.currency and a.day = r.day)
    """)


def _bucket(digits: str) -> str:
    """SQL: a whole number, written, with all but its leading digits at 0."""
    kept = f"left({digits}, {LEADING_DIGITS})"
    return f"cast(rpad({kept}, cast(length({digits}) as integer), '0') as decimal(38,0))"


def service_columns(usage: Facts) -> dict[str, str]:
    """SQL over the calls of a trial: how many have known seconds, these together, how many failed."""
    columns: dict[str, str] = {}
    if not usage.never_filled("seconds"):
        columns |= {"timed": "count(seconds)", "seconds": "sum(seconds)"}
    if not usage.never_filled("error"):
        columns["errors"] = f"sum({FAILED})"
    return columns


FAILED = "case when error is null or error = '' then 0 else 1 end"


def _service(engine: Engine, project: Project, usage: Facts) -> None:
    there = service_columns(usage)
    seconds = "cast(null as decimal(24,6))"
    if "seconds" in there:
        seconds = "case when c.timed = c.calls then cast(c.seconds as decimal(24,6)) end"
    errors = "c.errors" if "errors" in there else "0"
    engine.run(f"""
        create or replace temp view task_service as
        select *, case when seconds is null then null when seconds = 0 then cast(0 as decimal(38,0))
                       else {_bucket("cast(cast(seconds * 1000000 as hugeint) as varchar)")} end as time_bucket
        from (
            select c.use_case, c.arm, c.task, c.trial, o.cell, o.first_day, o.tasks,
                   cast(c.calls as bigint) as calls, cast({errors} as bigint) as errors, {seconds} as seconds
            from trial_cost c
            join task_outcome o on c.use_case = o.use_case and c.arm = o.arm and c.task = o.task)
    """)
    engine.run(f"""
        create or replace temp view day_service as
        select use_case, arm, {day_of("time", project)} as day, count(*) as calls,
               cast(sum({FAILED}) as bigint) as errors
        from call_cost group by all
    """)


def _spread(engine: Engine) -> None:
    cost = "cast(c.pico + c.inherited_pico as hugeint) // c.trials"
    engine.run(f"""
        create or replace temp view task_spread as
        select c.use_case, c.arm, c.task, c.first_day, c.tasks, c.trials, o.checked, o.accepted,
               cast(c.pico + c.inherited_pico as decimal(38,0)) as pico,
               case when {cost} <= 0 then cast(0 as decimal(38,0))
                    else {_bucket(f"cast({cost} as varchar)")} end as step
        from task_cost c
        join task_outcome o on c.use_case = o.use_case and c.arm = o.arm and c.task = o.task
        where c.unknown_trials = 0
    """)


def _versions(engine: Engine) -> None:
    engine.run("""
        create or replace temp view task_version as
        select c.use_case, c.arm, c.task, c.version, o.cell, o.first_day, o.tasks, o.checked, o.accepted
        from (select use_case, arm, task, string_agg(distinct model, ' + ' order by model) as version
              from call_cost where model is not null group by use_case, arm, task) c
        join task_outcome o on c.use_case = o.use_case and c.arm = o.arm and c.task = o.task
    """)


def _users(engine: Engine, project: Project) -> None:
    """Users are hashes; no rollup returns one."""
    day = day_of("time", project)
    engine.run(f"""
        create or replace temp view user_use as
        with used as (
            select use_case, arm, "user" as who, task, trial, min({day}) as first_day, max({day}) as last_day
            from call_cost where "user" is not null group by all)
        select u.use_case, u.arm, u.who, min(u.first_day) as first_day, max(u.last_day) as last_day,
               cast(max(case when a.accepted > 0 then 1 else 0 end) as bigint) as accepted
        from used u
        left join attempt_own a on u.use_case = a.use_case and u.arm = a.arm and u.task = a.task
             and u.trial = a.trial
        group by u.use_case, u.arm, u.who
    """)
