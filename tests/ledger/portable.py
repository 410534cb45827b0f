"""What a rollup may be written in: the part of SQL that every engine reads the same way.

Why: docs/decisions/0004-portable-rollups.md. What is not listed here is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

PREPARED = frozenset(
    {
        "task_cost",
        "task_outcome",
        "task_segment",
        "task_label",
        "task_result",
        "experiment",
        "model_call",
        "loose_cost",
        "cost_row",
        "value_row",
        "bill_row",
        "forecast_row",
        "capacity_day",
        "calendar",
        "period",
        "pair",
        "trial_outcome",
        "task_service",
        "day_service",
        "task_version",
        "user_use",
        "time_limit",
        "watched",
        "task_spread",
    }
)
"""The tables a rollup may read."""

ALLOWED = (
    # the frame
    *(exp.Select, exp.With, exp.CTE, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order),
    *(exp.Ordered, exp.Table, exp.TableAlias, exp.Alias, exp.Identifier, exp.Column, exp.Subquery, exp.Paren),
    # sums
    *(exp.Count, exp.Sum, exp.Min, exp.Max, exp.Star),
    # values
    *(exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Cast, exp.DataType, exp.DataTypeParam),
    *(exp.Literal, exp.Null, exp.Boolean, exp.Add, exp.Sub, exp.Mul, exp.Neg),
    # conditions
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.And, exp.Or, exp.Not, exp.Is, exp.In),
)
TYPES = frozenset(
    {
        exp.DataType.Type.BIGINT,
        exp.DataType.Type.DATE,
        exp.DataType.Type.DECIMAL,
        exp.DataType.Type.DOUBLE,
        exp.DataType.Type.TEXT,
        exp.DataType.Type.VARCHAR,
    }
)


def faults(query: str) -> list[str]:
    """What in the query another engine may refuse or answer differently; empty where it is portable."""
    tree = sqlglot.parse_one(query, read="duckdb")
    return list(dict.fromkeys(_faults(tree)))


def _faults(tree: exp.Expr) -> Iterator[str]:
    own = {each.alias for each in tree.find_all(exp.CTE, exp.Subquery)}
    for node in tree.walk():
        if not isinstance(node, ALLOWED) or type(node) not in ALLOWED:
            yield f"not in the portable subset: {node.sql('duckdb')}"
        match node:
            case exp.Table() if node.name not in PREPARED | own or node.db:
                yield f"no prepared table: {node.sql('duckdb')}"
            case exp.Star() if not isinstance(node.parent, exp.Count):
                yield "name the columns, not *"
            case exp.Count() if not isinstance(node.this, exp.Star | exp.Column) or node.expressions:
                yield f"count a column or *: {node.sql('duckdb')}"
            case exp.Join():
                yield from _join(node)
            case exp.Group():
                yield from _group(node)
            case exp.Ordered() if not isinstance(node.this, exp.Column):
                yield f"order by a name: {node.sql('duckdb')}"
            case exp.Cast() if node.to.this not in TYPES:
                yield f"cast to bigint, double, date, decimal or varchar: {node.sql('duckdb')}"
            case exp.Mul() if node.left == node.right:
                yield f"no squares, they leave the exact numbers: {node.sql('duckdb')}"
            case exp.Select() if any(
                node.args.get(part) for part in ("limit", "qualify", "sample", "distinct")
            ):
                yield "select without distinct, limit, qualify or sample"
            case _:
                pass


def _join(join: exp.Join) -> Iterator[str]:
    if join.method:
        yield f"no {join.method.lower()} join"
    if join.side not in {"", "LEFT"} or join.kind not in {"", "INNER", "CROSS"}:
        yield f"inner, cross or left join: {join.sql('duckdb')}"
    if join.args.get("using"):
        yield f"write the condition after on: {join.sql('duckdb')}"


def _group(group: exp.Group) -> Iterator[str]:
    if any(group.args.get(part) for part in ("all", "cube", "rollup", "grouping_sets", "totals")):
        yield "name the columns to group by"
    select = group.parent
    assert isinstance(select, exp.Select)
    renamed = {
        each.alias
        for each in select.expressions
        if isinstance(each, exp.Alias) and each.this.name != each.alias
    }
    for each in group.expressions:
        if isinstance(each, exp.Literal):
            yield f"group by a name, not the place {each.name}"
        elif isinstance(each, exp.Column) and not each.table and each.name in renamed:
            yield f"engines differ in what {each.name} is: group by the expression, not by its new name"
