"""Sessions of Gemini CLI. Layout, token semantics and traps: docs/formats/gemini-cli.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from payback.sources import log_lines
from payback.sources.faults import Fault
from payback.sources.formats import Call, Format, Rows, instant, tokens

MARKS = re.compile(rb'"projectHash"\s*:')
SESSION = re.compile(rb'"sessionId"\s*:')
LINES, DOCUMENT = "lines", "document"
NAMES = ("input", "output", "cached", "thoughts", "tool")


def recognises(path: Path, head: bytes) -> str | None:
    """Where the beginning names a session and the project it belongs to."""
    if not (MARKS.search(head) and SESSION.search(head)):
        return None
    return LINES if path.suffix == ".jsonl" or b"}\n{" in head.replace(b"\r", b"") else DOCUMENT


def read(file: Path, layout: str) -> Iterator[Call | Fault]:
    """A call for each answer with counts. An answer that is written again keeps its id."""
    session = project = None
    for row, held in _objects(file, layout):
        if isinstance(held, Fault):
            yield held
            continue
        session = _text(held.get("sessionId")) or session
        project = _text(held.get("projectHash")) or project
        changed = held.get("$set")
        for owner in (held, changed if isinstance(changed, dict) else {}):
            listed = owner.get("messages")
            for message in listed if isinstance(listed, list) else [owner]:
                if (
                    isinstance(message, dict)
                    and message.get("type") == "gemini"
                    and isinstance(message.get("tokens"), dict)
                ):
                    yield _call(row, message, session, project)


def _objects(file: Path, layout: str) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    if layout == LINES:
        for row, line in log_lines.lines(file):
            yield row, log_lines.parsed(row, line)
    else:
        yield 1, log_lines.document(file)


def _call(row: int, message: Mapping[str, Any], session: str | None, project: str | None) -> Call | Fault:
    """Input includes what was cached, and excludes what tools put in; output excludes thoughts."""
    counts = {}
    for name in NAMES:
        given = message["tokens"].get(name)
        count = tokens(given or 0)
        if count is None:
            return Fault("not-whole", row, f"tokens.{name}", str(given))
        counts[name] = count
    moment = instant(message.get("timestamp"))
    if moment is None:
        return Fault(
            "time" if message.get("timestamp") else "missing",
            row,
            "time",
            str(message.get("timestamp") or ""),
        )
    return Call(
        row=row,
        time=moment,
        model=_text(message.get("model")),
        input_tokens=max(counts["input"] - counts["cached"], 0) + counts["tool"],
        cached_tokens=min(counts["cached"], counts["input"]),
        output_tokens=counts["output"] + counts["thoughts"],
        reasoning_tokens=counts["thoughts"],
        message=_text(message.get("id")),
        session=session,
        project=project,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


FORMAT = Format(
    name="gemini-cli",
    title="Gemini CLI",
    fills=("usage",),
    endings=(".jsonl", ".json"),
    homes=(".gemini/tmp",),
    recognises=recognises,
    read=Rows(read),
)
