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


def calls(layout: str) -> str:
    """The columns of a call. Input excludes what was read from and written to the cache.

    Written to the cache: by lifetime as broken down; what of the total the breakdown leaves out (all of
    it, where zeros stand beside a total) at the five-minute price.
    """
    used = 'message."usage"'
    total = f"{used}.cache_creation_input_tokens"
    short = f"{used}.cache_creation.ephemeral_5m_input_tokens"
    long = f"{used}.cache_creation.ephemeral_1h_input_tokens"
    parts = f"coalesce({short}, 0) + coalesce({long}, 0)"
    rest = f"greatest({total} - ({parts}), 0)"
    return f"""
        select "timestamp" as "time", null as provider, message.model as model,
               case when {used}.speed = 'fast' then 'fast' else {used}.service_tier end as service_tier,
               {used}.input_tokens as input_tokens, {used}.cache_read_input_tokens as cached_tokens,
               case when {total} is null then {short} else coalesce({short}, 0) + {rest} end
                   as cache_write_5m_tokens,
               {long} as cache_write_1h_tokens,
               {used}.output_tokens as output_tokens, null as reasoning_tokens,
               costUSD as stated_cost, case when costUSD is not null then 'USD' end as stated_currency,
               null as "user", coalesce(message.id, uuid) as message, requestId as request,
               sessionId as session, cwd as project, gitBranch as branch,
               coalesce(isSidechain, false) as aside,
               {"false" if layout == SILENT else "message.stop_reason is null"} as unfinished,
               case when message.model = '<synthetic>' then 'synthetic' end as skipped
        from line"""


FORMAT = Format(
    name="claude-code",
    title="Claude Code",
    fills=("usage",),
    endings=(".jsonl",),
    homes=(".claude/projects", ".config/claude/projects"),
    recognises=recognises,
    read=Scan(FIELDS, 'message."usage" is not null', is_call, calls),
)
