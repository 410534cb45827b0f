"""`task_result`: what each task came to, one row a task, way of working and result, for comparing ways on different tasks.

`y` is the result (minutes, their logarithm, cost in the project's currency, share accepted), repeats averaged; `x` the
minutes the task was expected to take, known beforehand. `known` is 1 where there is a result, `expected` 1 where there is
an expectation too; sums over rows without are of nothing. Products are made here, each rounded to 10^-12, so that
adding them up is exact in any order.
"""

from __future__ import annotations

from payback.ledger.engine import Engine, quoted

_DECIMAL = "decimal(38,12)"
RESULTS = {
    "minutes": "case when timed > 0 then cast(minutes as double) / timed end",
    "log minutes": "case when minutes > 0 then ln(cast(minutes as double) / timed) end",
    "cost": "case when unknown_trials = 0 then cast(pico + inherited_pico as double) / trials / 1e12 end",
    "acceptance": "case when checked > 0 then cast(accepted as double) / checked end",
}


def results(engine: Engine, cell: str) -> None:
    """Make the view; `cell` is SQL for the name of a task's cluster, or of its bucket."""
    kinds = (("use_case", "VARCHAR"), ("arm", "VARCHAR"), ("against", "VARCHAR"), ("since", "DATE"))
    engine.load("experiment", kinds, [])  # filled by whoever asks for a comparison
    expected = "case when expected > 0 then cast(expected_minutes as double) / expected end"
    rows = " union all ".join(
        f"select use_case, arm, task, {cell} as cell, coalesce(cluster, task) as cluster, first_day, "
        f"{quoted(name)} as result, {value} as y, {expected} as x from work where tasks = 1"
        for name, value in RESULTS.items()
    )
    engine.run(f"""
        create or replace temp view task_result as
        select use_case, arm, task, cell, cluster, first_day, result,
               cast(case when y is null then 0 else 1 end as bigint) as known,
               cast(case when y is null or x is null then 0 else 1 end as bigint) as expected,
               {_exact("y")} as y, {_exact("x")} as x, {_exact("x * y")} as xy, {_exact("x * x")} as xx
        from ({rows})
    """)


def _exact(value: str) -> str:
    """SQL: the value where there is a result, 0 where it is not known."""
    return f"cast(coalesce(case when y is not null then {value} end, 0) as {_DECIMAL})"
