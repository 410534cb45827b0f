"""Logs into tables of the engine: calls, bill lines and outcomes as their formats read them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from payback.ledger.blocks import blocked
from payback.ledger.engine import Engine
from payback.ledger.gathered import Gathered
from payback.ledger.generated import TABLES, generated
from payback.ledger.scanned import scanned
from payback.sources.formats import PLACES, Blocks, Found, Scan

FILES_AT_ONCE = 2000
BYTES_AT_ONCE = 2**30
"""What one query reads: enough that none is slow to start, little enough to show progress."""

Progress = Callable[[str, int, int], None]


def gather(
    engine: Engine,
    found: Sequence[Found],
    progress: Progress | None = None,
    *,
    places: Collection[str] = PLACES,
) -> Gathered:
    """Make the tables `call_read`, `bill_read`, `outcome_read`: the columns of `Call`, `Bill`, `Outcome`, `tool`, `file`.

    Copies are still in them. Of `PLACES`, only those asked for need be filled.
    """
    made = Gathered()
    for table, types in TABLES.values():
        columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
        engine.run(
            f"create or replace temp table {table} ({columns}, tool VARCHAR, file BIGINT, odd BOOLEAN)"
        )
    done = 0
    for group in _groups(found):
        if progress is not None:
            progress(group[0].path.name, done, len(found))
        read = group[0].format.read
        if isinstance(read, Scan):
            scanned(engine, group, _asked(read, places), made)
        elif isinstance(read, Blocks):
            blocked(engine, group, made, places)
        else:
            generated(engine, group, made)
        done += len(group)
    made.files = len(found) - len(made.unreadable)
    return made


def _asked(scan: Scan, places: Collection[str]) -> Scan:
    """The scan without the places nobody asks for: the engine then passes over their values."""

    def columns(layout: str) -> dict[str, str]:
        given = scan.columns(layout)
        return {name: sql for name, sql in given.items() if name not in PLACES or name in places}

    return replace(scan, columns=columns)


def _groups(found: Sequence[Found]) -> Iterator[list[Found]]:
    """Files of one format and layout, as many as one query reads."""
    kinds: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        kinds.setdefault((one.format.name, one.layout), []).append(one)
    for files in kinds.values():
        group: list[Found] = []
        size = 0
        for one in files:
            if group and (len(group) == FILES_AT_ONCE or size + one.size > BYTES_AT_ONCE):
                yield group
                group, size = [], 0
            group.append(one)
            size += one.size
        yield group
