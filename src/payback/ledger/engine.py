"""The engine that rollups run on: DuckDB in this process, with no file of its own.

DuckDB 2 streams what `execute` returns, so every result here is drained at once; a connection
left open at exit prints pages of warnings, so it is closed by `with`.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

MEMORY_LIMIT = "700MB"
"""What the engine may hold before it spills to disk; the rest of a gigabyte is Python's."""


class Engine:
    """One connection, its scratch folder, and the few ways rows go in and out of it."""

    def __init__(self) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="payback-")
        self.scratch = Path(self._scratch.name)
        self.connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": str(self.scratch / "spill"),
                "preserve_insertion_order": "false",
            }
        )
        self.run("set timezone = 'UTC'")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()
        self._scratch.cleanup()

    def run(self, statement: str) -> None:
        """Run a statement that returns nothing worth having."""
        self.connection.execute(statement).fetchall()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query: whole numbers as int, DECIMAL as Decimal, null as None."""
        return self.connection.execute(query).fetchall()

    def one(self, query: str) -> tuple[Any, ...]:
        """The single row of a query without group by."""
        return self.rows(query)[0]

    def load(self, table: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]]) -> None:
        """Make `table` of (name, engine type) columns and fill it with `rows`; None is null."""
        file = self.scratch / f"{table}-{secrets.token_hex(4)}.csv"
        with file.open("w", newline="", encoding="utf-8") as handle:
            handle.writelines(",".join(map(_cell, row)) + "\n" for row in rows)
        declared = ", ".join(f"{name} {kind}" for name, kind in columns)
        typed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
        self.run(f"create or replace temp table {table} ({declared})")
        if file.stat().st_size:
            self.run(
                f"insert into {table} select * from read_csv({quoted(file)}, header = false, "
                f"auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', "
                f"allow_quoted_nulls = false, columns = {{{typed}}})"
            )
        file.unlink()


def _cell(value: object) -> str:
    """A value as a CSV cell: texts quoted, so that an empty one is not taken for null."""
    if value is None:
        return ""
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return str(value)


def quoted(text: object) -> str:
    """A text or path as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"
