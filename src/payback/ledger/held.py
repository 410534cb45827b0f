"""`capacity_day`: hardware held, a row of `capacity` cut at the midnights of the project's time zone.

A day has 23, 24 or 25 hours. Device time is devices x microseconds; times that are not said are 0, with how much
device time says them beside them. `last_devices` are those held at the end of the day, `again_time` lies within an earlier row of the same use case and pool.
"""

from __future__ import annotations

from datetime import date

from payback.ledger.assigning import assigned, day_of
from payback.ledger.engine import Engine, quoted
from payback.project import Project

_SAID = "cast(case when {share} is null then 0 else device_time end as decimal(38,6))"
_TIME = "cast(case when {share} is null then 0 else device_time * {share} end as decimal(38,12))"


def held(engine: Engine, project: Project, last: date) -> None:
    """Make `capacity_day`, up to the end of `last`."""
    first_day = day_of('"start"', project)
    last_day = day_of('"end" - interval 1 microsecond', project)
    columns = frozenset(row[0] for row in engine.rows("select column_name from (describe capacity_row)"))
    engine.run(f"""
        create or replace temp table capacity_day as
        with given as (
            select * replace ({assigned(project, columns, "capacity_row")} as use_case) from capacity_row),
        stretch as (
            select *, max("end") over (
                          partition by use_case, pool
                          order by "start", "end", devices, price_per_device_hour, committed_until, batch, source_row
                          rows between unbounded preceding and 1 preceding) as covered,
                   {first_day} as first_day,
                   {last_day} as last_day
            from given),
        piece as (
            select *, cast(unnest(generate_series(first_day, least(last_day, date '{last}'), interval 1 day)) as date)
                          as day
            from stretch where first_day <= date '{last}'),
        cut as (
            select *, greatest("start", {_midnight("day", project)}) as piece_start,
                   least("end", {_midnight("day + 1", project)}) as piece_end
            from piece),
        timed as (
            select *, cast(devices * (epoch_us(piece_end) - epoch_us(piece_start)) as decimal(29,6)) as device_time,
                   cast(devices * greatest(0, epoch_us(least(piece_end, coalesce(covered, piece_start)))
                                              - epoch_us(piece_start)) as decimal(38,6)) as again_time,
                   allocated_share >= busy_share as split
            from cut where piece_end > piece_start)
        select use_case, pool, day, first_day, price_per_device_hour as price, currency, committed_until,
               cast(case when piece_end = max(piece_end) over (partition by use_case, pool, day) then devices else 0 end
                    as decimal(18,6)) as last_devices,
               cast(device_time as decimal(38,6)) as device_time, again_time,
               {_SAID.format(share="allocated_share")} as allocated_said,
               {_TIME.format(share="allocated_share")} as allocated_time,
               {_SAID.format(share="busy_share")} as busy_said,
               {_TIME.format(share="busy_share")} as busy_time,
               cast(case when split then device_time else 0 end as decimal(38,6)) as spare_said,
               cast(case when split then device_time * cast(allocated_share - busy_share as decimal(9,6))
                         else 0 end as decimal(38,12)) as spare_time,
               cast(case when not split then device_time else 0 end as decimal(38,6)) as odd_time,
               batch, source_row
        from timed
    """)


def _midnight(day: str, project: Project) -> str:
    """SQL: the UTC time at which a business day begins."""
    begins = f"cast({day} as timestamp)"
    if project.timezone == "UTC":
        return begins
    return f"timezone('UTC', timezone({quoted(project.timezone)}, {begins}))"
