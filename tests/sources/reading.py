"""Reading a source the way the ledger does, for tests that have no ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from payback.ledger.ingest import Batch, read
from payback.project import Source
from payback.records import PaybackError

KEY = "a key for tests"


@dataclass(frozen=True)
class Result:
    """A batch and its rows, each a mapping of the columns that are not null."""

    batch: Batch
    rows: list[dict[str, Any]]

    def codes(self) -> list[str]:
        return [problem.code for problem in self.batch.problems]


@contextmanager
def connected() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"preserve_insertion_order": "false"})
    try:
        yield connection
    finally:
        connection.close()


def read_file(settings: dict[str, Any] | Source, file: Path, *, shown: str | None = None) -> Result:
    source = (
        settings if isinstance(settings, Source) else Source.model_validate({"path": file.name, **settings})
    )
    with connected() as connection, TemporaryDirectory() as scratch:
        batch = read(
            connection, source, file, person_key=KEY, scratch=Path(scratch), shown=shown or file.name
        )
        told = connection.execute(f"select * from {batch.relation} order by source_row")
        names = [column[0] for column in told.description or ()]
        rows = [
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in told.fetchall()
        ]
        batch.close()
        left = [one.name for one in Path(scratch).iterdir()]
    assert not left, f"left in the scratch folder: {left}"
    assert len(rows) == batch.rows_read
    return Result(batch, rows)


def told(result: Result | PaybackError) -> str:
    """What a person would read, with the code of each message."""
    if isinstance(result, PaybackError):
        return f"[{result.code}] {result}\n"
    head = f"{result.batch.rows_read} rows read, {result.batch.rows_left_out} left out\n"
    kept = {True: "left out", False: "note"}
    return head + "".join(f"[{one.code}, {kept[one.left_out]}] {one}\n" for one in result.batch.problems)
