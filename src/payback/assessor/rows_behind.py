"""The rows of the ledger that stand behind a figure, with file and row number.

Cells are those of the ledger's tables, so no prompt and no answer is among them; hashes of people and
tags are not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from payback.ledger import Ledger
from payback.ledger.ledger import SourceFiles
from payback.prices import PriceBook, of_project
from payback.project import Project
from payback.records import PICO, Period
from payback.tables import TABLES, Column, Kind

Progress = Callable[[str, int, int], None]
NOT_SHOWN = frozenset({"tags"})


@dataclass(frozen=True, slots=True)
class Behind:
    """Which rows a figure rests on. No `arms` are all of them; `outside` is of no use case named here."""

    tables: tuple[str, ...]
    use_cases: tuple[str, ...]
    period: Period
    arms: tuple[str, ...] = ()
    category: str = ""
    segment: tuple[str, str] = ("", "")
    outside: bool = False


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row: its number in the file (1 is the header) and its cells, empty ones left out."""

    number: int
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FileRows:
    """The rows of one file that stand behind a figure: how many, and the first of them."""

    path: str
    table: str
    count: int
    rows: tuple[LedgerRow, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """All files, in the order of the tables and of their names."""

    files: tuple[FileRows, ...]


# Every query gives (batch, source_row) of the rows behind a figure. {use_case} and the rest are SQL
# conditions; `w` is a task and a way of working.
USAGE = """
    select c.batch, c.source_row
    from call_cost c join work w on c.use_case = w.use_case and c.arm = w.arm and c.task = w.task
    where {of_work}
"""
OUTCOME = """
    select distinct o.batch, o.source_row
    from outcome_known o join work w on o.task = w.task
         and (o.use_case is null or o.use_case = w.use_case) and (o.arm is null or o.arm = w.arm)
    where {of_work}
"""
SEGMENT = """
    select distinct s.batch, s.source_row
    from segment_row s join work w on s.task = w.task and (s.use_case is null or s.use_case = w.use_case)
    where {of_work} and s.name = {name} and s.value = {value}
"""
MONEY = """
    select distinct m.batch, m.source_row from {table} m where {of_money}
"""
MONEY_TABLES = {
    "cost": "cost_row",
    "value": "value_row",
    "bill_line": "bill_row",
    "capacity": "capacity_day",
}
ROW_VIEWS = {
    "usage": "usage_known",
    "outcome": "outcome_known",
    "segment": "segment_row",
    "cost": "cost_known",
    "value": "value_known",
    "bill_line": "bill_known",
    "capacity": "capacity_row",
}


def rows_behind(
    project: Project,
    behind: Behind,
    limit: int,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Rows:
    """Count the rows behind a figure, file by file, and show the first `limit` of each."""
    overrides, discounts, rates = of_project(project)
    with Ledger(project) as ledger:
        gathered = ledger.gather(progress)
        ledger.prepare(PriceBook.bundled(overrides, discounts), rates, as_of)
        return Rows(
            tuple(
                file
                for table in behind.tables
                for file in _files(ledger, gathered.sources, table, behind, limit)
            )
        )


def _files(
    ledger: Ledger, sources: Sequence[SourceFiles], table: str, behind: Behind, limit: int
) -> Iterator[FileRows]:
    query = _query(table, behind)
    counts: dict[str, int] = dict(ledger.rows(f"select batch, count(*) from ({query}) group by batch"))
    paths: dict[str, str] = {entry.batch: entry.path for each in sources for entry in each.entries}
    for batch, count in sorted(counts.items(), key=lambda item: (paths.get(item[0], item[0]), item[0])):
        rows = tuple(_rows(ledger, table, query, batch, limit)) if limit else ()
        yield FileRows(paths.get(batch, batch), table, int(count), rows)


def _rows(ledger: Ledger, table: str, query: str, batch: str, limit: int) -> Iterator[LedgerRow]:
    view = ROW_VIEWS[table]
    there = {name for name, *_ in ledger.rows(f"describe {view}")}
    columns = [
        column
        for column in TABLES[table].columns
        if column.name in there and column.kind is not Kind.HASHED and column.name not in NOT_SHOWN
    ]
    listed = ", ".join(f'r."{column.name}"' for column in columns)
    found = ledger.rows(f"""
        select r.source_row, {listed}
        from {view} r
        join (select distinct source_row from ({query}) where batch = {_text(batch)}
              order by source_row limit {int(limit)}) q on r.source_row = q.source_row
        where r.batch = {_text(batch)} order by r.source_row
    """)
    for number, *cells in found:
        named = zip(columns, cells, strict=True)
        yield LedgerRow(
            int(number),
            tuple((column.name, _cell(column, cell)) for column, cell in named if cell is not None),
        )


def _cell(column: Column, value: Any) -> str:
    if column.kind is Kind.MONEY:
        return f"{Decimal(value) / PICO:f}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def _query(table: str, behind: Behind) -> str:
    if table in MONEY_TABLES:
        return MONEY.format(table=MONEY_TABLES[table], of_money=_of_money(table, behind))
    of_work = " and ".join(
        (
            _is_one_of("w.use_case", behind.use_cases, but=behind.outside),
            *([_is_one_of("w.arm", behind.arms)] if behind.arms else []),
            f"(w.first_day is null or ({_within('w.first_day', behind.period)}))",
            *([_has_segment(behind)] if behind.segment[0] and table != "segment" else []),
        )
    )
    name, value = behind.segment
    text = {"usage": USAGE, "outcome": OUTCOME, "segment": SEGMENT}[table]
    return text.format(of_work=of_work, name=_text(name), value=_text(value))


def _of_money(table: str, behind: Behind) -> str:
    parts = [_is_one_of("m.use_case", behind.use_cases, but=behind.outside), _within("m.day", behind.period)]
    if table == "cost" and behind.category:
        parts.append(f"m.category = {_text(behind.category)}")
    if table == "cost" and behind.arms:
        parts.append(f"(coalesce(m.arm, '') = '' or {_is_one_of('m.arm', behind.arms)})")
    return " and ".join(parts)


def _has_segment(behind: Behind) -> str:
    name, value = (_text(each) for each in behind.segment)
    return (
        "exists (select 1 from task_segment s where s.use_case = w.use_case and s.arm = w.arm "
        f"and s.task = w.task and s.name = {name} and s.value = {value})"
    )


def _within(column: str, period: Period) -> str:
    return f"{column} >= date '{period.first_day}' and {column} < date '{period.first_day_after}'"


def _is_one_of(column: str, names: Sequence[str], *, but: bool = False) -> str:
    if not names:
        return "true" if but else "false"
    return f"{column} {'not in' if but else 'in'} ({', '.join(_text(name) for name in names)})"


def _text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
