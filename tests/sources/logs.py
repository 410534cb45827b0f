"""Reading logs the way `payback usage` does, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from payback.ledger import calls
from payback.ledger.engine import Engine
from payback.ledger.gather import gather
from payback.ledger.gathered import Gathered
from payback.sources import FORMATS
from payback.sources.discover import Discovered, discover


@dataclass(frozen=True)
class Read:
    """The calls that stand, bill lines and outcomes, each a mapping of its columns that are not null; what was left out."""

    found: Discovered
    calls: list[dict[str, Any]]
    bills: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    faults: list[tuple[str, int, str, str]]  # file, row, code, column
    copies: int
    skipped: Mapping[str, int]
    lines_left_out: int


def read_logs(*paths: Path) -> Read:
    found = discover(paths, FORMATS)
    with Engine() as engine:
        gathered = gather(engine, found.files)
        copies, skipped = calls.once(engine)
        rows = _rows(engine, gathered, "usage_call", '"time", message, request, output_tokens')
        bills = _rows(engine, gathered, "bill_read", 'file, "row"')
        outcomes = _rows(engine, gathered, "outcome_read", 'file, "row"')
    faults = [
        (file.name, fault.row, fault.code, fault.column)
        for file, tally in gathered.faults.items()
        for kind in tally.first.values()
        for fault in kind
    ]
    return Read(
        found=found,
        calls=rows,
        bills=bills,
        outcomes=outcomes,
        faults=sorted(faults),
        copies=copies,
        skipped=skipped,
        lines_left_out=gathered.lines_left_out,
    )


def _rows(engine: Engine, gathered: Gathered, table: str, order: str) -> list[dict[str, Any]]:
    names = [name for name, *_ in engine.rows(f"describe {table}")]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value not in {None, False}}
        | {"file": str(gathered.paths[row[names.index("file")]])}
        for row in engine.rows(f"select * from {table} order by {order}")
    ]


def without(call: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The call but for these columns."""
    return {name: value for name, value in call.items() if name not in names}
