"""Sessions of OpenCode. Layout, token semantics and traps: docs/formats/opencode.md."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from payback.sources import log_lines
from payback.sources.faults import Fault
from payback.sources.formats import Call, Format, Rows, instant, tokens

MARKS = re.compile(rb'"sessionID"\s*:')
MODEL = re.compile(rb'"(?:modelID|providerID)"\s*:')
SQLITE = b"SQLite format 3\0"
DATABASE, DOCUMENT = "database", "document"
QUERIES = {
    "message": "select id, session_id, data from message order by id",
    "session_message": "select id, session_id, data from session_message where type = 'assistant' order by id",
}
"""The messages of OpenCode 1.2 and later, and those of 2, by their table."""
NAMES = ("input", "output", "reasoning", "read", "write", "total")


def recognises(path: Path, head: bytes) -> str | None:
    """A database called opencode*.db, or one message a file as older versions write them."""
    if head.startswith(SQLITE):
        return DATABASE if path.name.startswith("opencode") else None
    return DOCUMENT if MARKS.search(head) and MODEL.search(head) else None


def read(file: Path, layout: str) -> Iterator[Call | Fault]:
    """A call for each answer. Raises OSError where the database cannot be read."""
    if layout == DOCUMENT:
        held = log_lines.document(file)
        if isinstance(held, Fault):
            yield held
        else:
            yield from _answers(1, held, held.get("id"), held.get("sessionID"))
        return
    try:
        with closing(_opened(file)) as database:
            row = 0
            for table in _tables(database):
                for message, session, data in database.execute(QUERIES[table]):
                    row += 1
                    held = log_lines.parsed(row, data.encode() if isinstance(data, str) else data)
                    if isinstance(held, Fault):
                        yield held
                    else:
                        yield from _answers(row, held, message, session)
    except sqlite3.Error as error:
        raise OSError(0, str(error)) from error


def _tables(database: sqlite3.Connection) -> list[str]:
    """Those of ours it has. OpenCode 2 keeps the messages of 1 beside its own: one id, one call."""
    there = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
    if not there & QUERIES.keys():
        raise sqlite3.DatabaseError("no table of messages")
    return [table for table in QUERIES if table in there]


def _opened(file: Path) -> sqlite3.Connection:
    """For reading only: OpenCode may be writing to it."""
    return sqlite3.connect(f"file:{quote(str(file.resolve()))}?mode=ro", uri=True)


def _answers(row: int, held: Mapping[str, Any], message: object, session: object) -> Iterator[Call | Fault]:
    """Input excludes what was read from and written to the cache.

    Reasoning comes on top of the output, unless the total says that it is part of it.
    """
    used, model = held.get("tokens"), held.get("model")
    if held.get("role", "assistant") != "assistant" or not isinstance(used, dict):
        return
    named = (
        model
        if isinstance(model, dict)
        else {"id": held.get("modelID"), "providerID": held.get("providerID")}
    )
    cache = used.get("cache")
    given = used | (cache if isinstance(cache, dict) else {})
    counts = {}
    for name in NAMES:
        count = tokens(given.get(name) or 0)
        if count is None:
            yield Fault("not-whole", row, f"tokens.{name}", str(given.get(name)))
            return
        counts[name] = count
    time, path, cost = held.get("time"), held.get("path"), held.get("cost")
    began = time.get("created") if isinstance(time, dict) else None
    moment = instant(began)
    if moment is None:
        yield Fault("time" if began else "missing", row, "time", str(began or ""))
        return
    parts = sum(counts[name] for name in NAMES if name not in {"reasoning", "total"})
    included = counts["total"] == parts and counts["reasoning"] <= counts["output"]
    finished = isinstance(time, dict) and time.get("completed") is not None
    yield Call(
        row=row,
        time=moment,
        provider=_text(named.get("providerID")),
        model=_text(named.get("id")),
        input_tokens=counts["input"],
        cached_tokens=counts["read"],
        cache_write_5m_tokens=counts["write"],
        output_tokens=counts["output"] + (0 if included else counts["reasoning"]),
        reasoning_tokens=counts["reasoning"],
        stated_cost=json.dumps(cost) if isinstance(cost, int | float) and cost > 0 else None,  # 0: not known
        stated_currency="USD" if isinstance(cost, int | float) and cost > 0 else None,
        message=_text(message),
        session=_text(session),
        project=_text(path.get("cwd")) if isinstance(path, dict) else None,
        unfinished=not finished,
        skipped=None if parts + counts["reasoning"] else "empty",
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


FORMAT = Format(
    name="opencode",
    title="OpenCode",
    fills=("usage",),
    endings=(".json", ".db"),
    homes=(".local/share/opencode",),
    recognises=recognises,
    read=Rows(read),
)
