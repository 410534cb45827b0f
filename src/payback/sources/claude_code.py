"""Sessions of Claude Code. Layout, token semantics and traps: docs/formats/claude-code.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from payback.sources.formats import Fields, Format, Leaf, Scan

MARKS = re.compile(rb'"(?:isSidechain|parentUuid|leafUuid)"\s*:')
SESSION = re.compile(rb'"(?:sessionId|leafUuid)"\s*:')

SILENT = "no stop reason"
"""The layout of logs that do not say how a message ended, so that none can be called unfinished."""

FIELDS: Fields = {
    "type": Leaf.TEXT,
    "timestamp": Leaf.TIME,
    "uuid": Leaf.TEXT,
    "requestId": Leaf.TEXT,
    "sessionId": Leaf.TEXT,
    "cwd": Leaf.TEXT,
    "gitBranch": Leaf.TEXT,
    "isSidechain": Leaf.FLAG,
    "costUSD": Leaf.TEXT,
    "message": {
        "id": Leaf.TEXT,
        "model": Leaf.TEXT,
        "stop_reason": Leaf.TEXT,
        "usage": {
            "input_tokens": Leaf.TOKENS,
            "output_tokens": Leaf.TOKENS,
            "cache_creation_input_tokens": Leaf.TOKENS,
            "cache_read_input_tokens": Leaf.TOKENS,
            "cache_creation": {
                "ephemeral_5m_input_tokens": Leaf.TOKENS,
                "ephemeral_1h_input_tokens": Leaf.TOKENS,
            },
            "server_tool_use": {"web_search_requests": Leaf.TOKENS, "web_fetch_requests": Leaf.TOKENS},
            "service_tier": Leaf.TEXT,
            "speed": Leaf.TEXT,
        },
    },
}


def recognises(path: Path, head: bytes) -> str | None:  # noqa: ARG001  the name says nothing more
    """Where the first lines are of a session: by their keys, since files are moved and renamed."""
    if not (MARKS.search(head) and SESSION.search(head)):
        return None
    return SILENT if b'"output_tokens"' in head and b'"stop_reason"' not in head else ""


def is_call(line: Mapping[str, Any]) -> bool:
    """An answer carries its usage; questions and notes do not."""
    return "usage" in line.get("message", {})


def columns(layout: str) -> Mapping[str, str]:
    """A call's columns. Input excludes what was read from and written to the cache.

    Written to the cache: by lifetime as broken down; what of the total the breakdown leaves out (all of
    it, where zeros stand beside a total) at the five-minute price.
    """
    used = 'message."usage"'
    total, parts = f"{used}.cache_creation_input_tokens", f"{used}.cache_creation"
    short, long = f"{parts}.ephemeral_5m_input_tokens", f"{parts}.ephemeral_1h_input_tokens"
    rest = f"greatest({total} - coalesce({short}, 0) - coalesce({long}, 0), 0)"
    return {
        "time": '"timestamp"',
        "model": "message.model",
        "service_tier": f"case when {used}.speed = 'fast' then 'fast' else {used}.service_tier end",
        "input_tokens": f"{used}.input_tokens",
        "cached_tokens": f"{used}.cache_read_input_tokens",
        "cache_write_5m_tokens": f"case when {total} is null then {short} else coalesce({short}, 0) + {rest} end",
        "cache_write_1h_tokens": long,
        "output_tokens": f"{used}.output_tokens",
        "stated_cost": "costUSD",
        "meters": _meters(f"{used}.server_tool_use"),
        "stated_currency": "case when costUSD is not null then 'USD' end",
        "message": "coalesce(message.id, uuid)",
        "request": "requestId",
        "session": "sessionId",
        "project": "cwd",
        "branch": "gitBranch",
        "aside": "coalesce(isSidechain, false)",
        "unfinished": "false" if layout == SILENT else "message.stop_reason is null",
        "skipped": "case when message.model = '<synthetic>' then 'synthetic' end",
    }


def _meters(tools: str) -> str:
    """SQL: {"web_search": 3}, null where no tool of the server was used."""
    parts = ", ".join(
        f"case when {tools}.{name}_requests > 0 then '\"{name}\": ' || {tools}.{name}_requests end"
        for name in ("web_search", "web_fetch")
    )
    return f"""case when greatest({tools}.web_search_requests, {tools}.web_fetch_requests) > 0
        then '{{' || concat_ws(', ', {parts}) || '}}' end"""


FORMAT = Format(
    name="claude-code",
    title="Claude Code",
    fills=("usage",),
    endings=(".jsonl",),
    homes=(".claude/projects", ".config/claude/projects"),
    recognises=recognises,
    read=Scan(
        fields=FIELDS,
        marks=("type", "message"),
        rare=("uuid",),
        call='message."usage" is not null',
        is_call=is_call,
        columns=columns,
    ),
)
