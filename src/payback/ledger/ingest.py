"""One file of a source into rows of the ledger: the plan of a reader, run on the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count as running_number
from pathlib import Path

import duckdb

from payback.locale import say
from payback.project import Source
from payback.records import PaybackError, Problem
from payback.sources import faults, table
from payback.sources.cells import PERSON_KEY, name, quoted
from payback.sources.faults import LISTED, Fault, Tally
from payback.sources.table import TablePlan

_number = running_number(1)


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one file. `relation` is a temporary view on the connection with the ledger table's
    columns (types: payback.tables.ENGINE_TYPE) and `source_row`; it reads from `scratch` or the file itself,
    so both stay until the rows are stored. `rows_read` + `rows_left_out` are all rows of the file.
    """

    table: str
    file: str
    relation: str
    rows_read: int
    rows_left_out: int
    problems: tuple[Problem, ...]
    unfilled: tuple[str, ...]  # columns that are null in every row because nothing fills them
    connection: duckdb.DuckDBPyConnection
    scratch: tuple[Path, ...] = ()

    def close(self) -> None:
        """Drop the view and the files made for it."""
        self.connection.execute(f"drop view if exists {self.relation}").fetchall()
        for file in self.scratch:
            file.unlink(missing_ok=True)


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Set what every reading rests on: UTC, and no extension from the net."""
    for setting in (
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "TimeZone = 'UTC'",
    ):
        connection.execute(f"set {setting}").fetchall()


def read(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    file: Path,
    *,
    person_key: str,
    scratch: Path,
    shown: str | None = None,
) -> Batch:
    """Read one file. Raises PaybackError where the file or the source's mapping cannot be used at all.

    `shown` is what to call the file in messages; else its path.
    """
    shown = shown or str(file)
    table.check(file, shown)
    settle(connection)
    _run(connection, f"set variable {PERSON_KEY} = {quoted(person_key)}")
    is_parquet = table.format_of(source, file, shown) == "parquet"
    types = _types(connection, file, shown) if is_parquet else None
    plan = table.plan(source, file, scratch=scratch, shown=shown, types=types)
    try:
        return _read(connection, plan, scratch)
    except (duckdb.Error, _OtherRowsError) as error:
        if is_parquet:
            raise _unreadable(file, shown, error) from None
        if not plan.in_place:
            raise
    # The engine made something else of the file than the check of it did: read it row by row after all.
    return _read(connection, table.plan(source, file, scratch=scratch, shown=shown, in_place=False), scratch)


class _OtherRowsError(Exception):
    """The engine saw another number of rows than the reader."""


def _read(connection: duckdb.DuckDBPyConnection, plan: TablePlan, scratch: Path) -> Batch:
    relation = f"batch_{next(_number)}"
    kept: tuple[Path, ...] = ()
    good, judged = plan.select_good, plan.select_bad
    if plan.in_one_pass:
        kept = (scratch / f"{relation}.parquet",)
        _in_order(connection, f"copy ({plan.checked}) to {quoted(str(kept[0]))} (format parquet)")
        judged = f"select * from read_parquet({quoted(table.literal_path(kept[0]))})"
        good = f"select * exclude (faults, notes) from ({judged}) where faults is null"
        if plan.staged is not None:
            plan.staged.unlink()
    rows, bad = _tallied(connection, judged, plan.tally)
    if plan.rows is not None and plan.rows - plan.left_out != rows:
        raise _OtherRowsError(f"{plan.file}: {plan.rows - plan.left_out} rows counted, {rows} read")
    _run(connection, f"create temp view {relation} as {good}")
    outside = (
        plan.problems_outside
        if rows or plan.rows is not None
        else (*plan.problems_outside, *table.no_rows(plan.file))
    )
    return Batch(
        table=plan.source.table,
        file=plan.file,
        relation=relation,
        rows_read=rows - bad,
        rows_left_out=bad + plan.left_out,
        problems=outside + faults.problems(plan.tally, plan.source, plan.file, plan.shown),
        unfilled=plan.unfilled,
        connection=connection,
        scratch=kept,
    )


def _in_order(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Run it with rows kept in the file's order, whatever the connection is set to: a row's number is its place."""
    ((before,),) = _run(connection, "select current_setting('preserve_insertion_order')")
    _run(connection, "set preserve_insertion_order = true")
    try:
        _run(connection, sql)
    finally:
        _run(connection, f"set preserve_insertion_order = {before}")


def _run(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql).fetchall()


def _tallied(connection: duckdb.DuckDBPyConnection, judged: str, tally: Tally) -> tuple[int, int]:
    """All rows and those with faults; what is wrong with them is added to the tally."""
    ((rows, bad, odd),) = connection.execute(
        f"select count(*), count(faults), count(notes) from ({judged})"
    ).fetchall()
    if bad or odd:
        each = f"""select source_row, unnest(list_concat(faults, notes), recursive := true) from ({judged})
            where faults is not null or notes is not null"""
        listed = connection.execute(f"""
            select code, ledger_column, "value", source_row,
                   count(*) over (partition by code, ledger_column) as "all"
            from ({each})
            qualify row_number() over (partition by code, ledger_column order by source_row) <= {LISTED}
            order by source_row, ledger_column""").fetchall()
        for code, column, value, row, of_its_kind in listed:
            faults.count(tally, Fault(code, row, column, value or ""))
            tally.counts[code, column] = of_its_kind
    return rows, bad


def parquet_columns(connection: duckdb.DuckDBPyConnection, file: Path) -> tuple[str, ...]:
    """The names of a Parquet file's columns. Raises PaybackError where it is none."""
    return tuple(_types(connection, file, file.name))


def _types(connection: duckdb.DuckDBPyConnection, file: Path, shown: str) -> Mapping[str, str]:
    """A Parquet file's columns and their types, fields of structures as `outer.inner`."""
    scan = f"read_parquet({quoted(table.literal_path(file))})"
    try:
        described = connection.execute(f"describe select * from {scan}").fetchall()
    except duckdb.Error as error:
        raise _unreadable(file, shown, error) from None
    types: dict[str, str] = {}
    for column, engine_type, *_ in described:
        types[column] = engine_type
        if engine_type.startswith("STRUCT("):
            types |= _fields(connection, scan, name(column), column)
    return types


def _unreadable(file: Path, shown: str, error: Exception) -> PaybackError:
    return PaybackError(
        "unreadable-file",
        say(
            "the file cannot be read as Parquet: {reason}",
            reason=str(error).split("\n")[0].replace(str(file), shown)[:200],
        ),
        where=shown,
        fix=say("export it again; if it is text, set format for this source in payback.toml"),
    )


def _fields(connection: duckdb.DuckDBPyConnection, scan: str, sql: str, path: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for field, engine_type, *_ in connection.execute(f"describe select unnest({sql}) from {scan}").fetchall():
        fields[f"{path}.{field}"] = engine_type
        if engine_type.startswith("STRUCT("):
            fields |= _fields(connection, scan, f"struct_extract({sql}, {quoted(field)})", f"{path}.{field}")
    return fields
