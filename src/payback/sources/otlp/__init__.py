"""Traces and log events of OpenTelemetry, as JSON or protobuf. Vocabularies and traps: docs/formats/otlp.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from payback.sources.faults import Fault
from payback.sources.formats import Block, Blocks, Format

KEYS = re.compile(rb'"resource_?(spans|logs|metrics)"\s*:\s*\[', re.IGNORECASE)
LINE = re.compile(
    rb'^[ \t]*\{[^\n]*"resource_?(?:spans|logs|metrics)"[ \t]*:[ \t]*\[[^\n]', re.IGNORECASE | re.MULTILINE
)
LINES, DOCUMENT, METRICS = "lines", "document", "metrics"


def recognises(path: Path, head: bytes) -> str | None:
    """JSON by its keys; protobuf where the first message is groups of resources with spans or log records."""
    if found := KEYS.search(head):
        if found[1].lower() == b"metrics" and {kind.lower() for kind in KEYS.findall(head)} == {b"metrics"}:
            return METRICS
        return LINES if LINE.search(head) else DOCUMENT
    if head[:1] in {b"{", b"["}:
        return None
    from payback.sources.otlp.framing import framing  # noqa: PLC0415

    return framing(head, path.stat().st_size)


def read(file: Path, layout: str) -> Iterator[Block | Fault]:
    """Blocks of calls and results. Metrics sum many calls, and are none themselves."""
    if layout == METRICS:
        yield Fault(METRICS, 1)
        return
    from payback.sources.otlp import calls, json_text, protobuf  # noqa: PLC0415  numpy, which other logs do not need

    if layout in {LINES, DOCUMENT}:
        made = json_text.read(file, lines=layout == LINES)
    else:
        made = protobuf.read(file, layout)
    for each in made:
        if isinstance(each, Fault):
            yield each
        else:
            yield from calls.rows(each)


FORMAT = Format(
    name="otlp",
    title="OpenTelemetry",
    fills=("usage", "outcome"),
    endings=(".jsonl", ".json", ".ndjson", ".pb", ".binpb", ".otlp", ".bin"),
    homes=(),
    recognises=recognises,
    read=Blocks(read),
)
