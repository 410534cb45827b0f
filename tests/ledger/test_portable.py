"""Every rollup stays in the part of SQL that all engines read alike, and the lint sees what does not."""

from __future__ import annotations

import pytest

from tests.ledger.portable import faults
from tests.measures.rollups import rollups

ROLLUPS = rollups()

BAD = {
    "as-of join": "select t.task from task_cost t asof join calendar c on t.first_day >= c.day",
    "right join": "select t.task from task_cost t right join calendar c on t.first_day = c.day",
    "full join": "select t.task from task_cost t full join calendar c on t.first_day = c.day",
    "semi join": "select t.task from task_cost t semi join calendar c on t.first_day = c.day",
    "natural join": "select t.task from task_cost t natural join calendar c",
    "using": "select t.task from task_cost t join task_outcome o using (task)",
    "group by all": "select arm, sum(pico) as pico from task_cost group by all",
    "group by place": "select arm, sum(pico) as pico from task_cost group by 1",
    "group by a new name": "select coalesce(arm, '') as arm, sum(amount) as pico from cost_row group by arm",
    "rollup": "select arm, sum(pico) as pico from task_cost group by rollup (arm)",
    "order by place": "select arm from task_cost order by 1",
    "order by all": "select arm from task_cost order by all",
    "star": "select * from task_cost",
    "star of a table": "select t.* from task_cost t",
    "distinct": "select distinct arm from task_cost",
    "count distinct": "select count(distinct arm) as arms from task_cost",
    "limit": "select arm from task_cost limit 3",
    "qualify": "select arm from task_cost qualify row_number() over (order by arm) = 1",
    "window": "select sum(pico) over (partition by arm) as pico from task_cost",
    "quantile": "select quantile_cont(pico, 0.5) as pico from task_cost",
    "median": "select median(pico) as pico from task_cost",
    "average": "select avg(pico) as pico from task_cost",
    "any value": "select any_value(arm) as arm from task_cost",
    "arg max": "select arg_max(arm, pico) as arm from task_cost",
    "deviation": "select stddev(pico) as pico from task_cost",
    "division": "select pico / calls as pico from task_cost",
    "integer division": "select calls // 2 as calls from task_cost",
    "remainder": "select calls % 2 as calls from task_cost",
    "power": "select pow(calls, 2) as calls from task_cost",
    "power sign": "select calls ** 2 as calls from task_cost",
    "square": "select sum(calls * calls) as calls from task_cost",
    "hash": "select hash(task) as task from task_cost",
    "md5": "select md5(task) as task from task_cost",
    "week": "select date_trunc('week', first_day) as week from task_cost",
    "part of a day": "select year(first_day) as year from task_cost",
    "days added": "select first_day + interval 7 day as day from task_cost",
    "series": "select n from generate_series(1, 3) as s(n)",
    "range": "select n from range(3) as s(n)",
    "unnest": "select unnest([1, 2]) as n",
    "text joined": "select use_case || arm as name from task_cost",
    "like": "select arm from task_cost where task like 'a%'",
    "glob": "select arm from task_cost where task glob 'a*'",
    "cast to hugeint": "select cast(calls as hugeint) as calls from task_cost",
    "cast to integer": "select cast(calls as integer) as calls from task_cost",
    "try cast": "select try_cast(task as bigint) as task from task_cost",
    "filter": "select sum(pico) filter (where calls > 0) as pico from task_cost",
    "union": "select arm from task_cost union all select arm from task_outcome",
    "another table": "select task from usage_known",
    "a file": "select task from read_parquet('task_cost.parquet')",
    "is distinct from": "select arm from task_cost where first_day is distinct from null",
}


@pytest.mark.parametrize("name", ROLLUPS)
def test_every_rollup_is_portable(name: str) -> None:
    assert faults(ROLLUPS[name]) == []


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_portable_is_refused(name: str) -> None:
    assert faults(BAD[name]) != []


def test_every_kind_of_rollup_is_found() -> None:
    rooms = {name.rpartition(".")[0] for name in ROLLUPS}
    assert rooms >= {"work", "delivery.pairs", "delivery.segments", "economics.money"}
