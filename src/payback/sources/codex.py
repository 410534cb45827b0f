"""Sessions of Codex. Layout, token semantics and traps: docs/formats/codex.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from payback.sources import log_lines
from payback.sources.faults import Fault
from payback.sources.formats import Call, Format, Rows, instant, tokens

MARKS = re.compile(rb'"type"\s*:\s*"(?:session_meta|turn_context|event_msg)"')
WANTED = re.compile(rb'"(?:token_count|turn_context|session_meta)"')
NAMES = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)


class _Sum(NamedTuple):
    """Tokens so far, or of one call. Input includes what was cached and written; output, reasoning."""

    input: int
    cached: int
    written: int
    output: int
    reasoning: int

    def __sub__(self, other: _Sum) -> _Sum:
        return _Sum(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


NOTHING = _Sum(0, 0, 0, 0, 0)


def recognises(path: Path, head: bytes) -> str | None:  # noqa: ARG001  the name says nothing more
    """Where lines are of the kinds a rollout has."""
    return "" if MARKS.search(head) else None


def read(file: Path, layout: str) -> Iterator[Call | Fault]:  # noqa: ARG001  there is one
    """A call for each growth of the session's running total.

    Lines that carry no count are only looked at for being whole.
    """
    place: dict[str, str | None] = {}
    family = model = None
    last_total: _Sum | None = None
    first = True
    for row, line in log_lines.lines(file):
        if line is not None and not WANTED.search(line) and _whole(line):
            continue
        held = log_lines.parsed(row, line)
        if isinstance(held, Fault):
            yield held
            continue
        payload = held.get("payload")
        if not isinstance(payload, dict):
            continue
        if held.get("type") == "session_meta":
            if first:
                place, first = _place(payload), False
            # A fork begins with its own line and then repeats those of its ancestors, the eldest last.
            family = (
                _text(payload.get("forked_from_id"))
                or _text(payload.get("parent_thread_id"))
                or _text(payload.get("id"))
            )
        elif held.get("type") == "turn_context":
            model = _text(payload.get("model")) or model
        elif payload.get("type") == "token_count" and isinstance(payload.get("info"), dict):
            made = _counts(row, payload["info"])
            if isinstance(made, Fault):
                yield made
                continue
            total, last = made
            used = _used(total, last, last_total)
            last_total = total or last_total
            if used is None or used == NOTHING:
                continue
            moment = instant(held.get("timestamp"))
            if moment is None:
                yield Fault(
                    "time" if held.get("timestamp") else "missing",
                    row,
                    "time",
                    str(held.get("timestamp") or ""),
                )
                continue
            yield Call(
                row=row,
                time=moment,
                model=_text(payload["info"].get("model")) or model,
                input_tokens=max(used.input - used.cached - used.written, 0),
                cached_tokens=min(used.cached, used.input),
                cache_write_5m_tokens=used.written or None,
                output_tokens=used.output,
                reasoning_tokens=used.reasoning,
                message=None if total is None or family is None else f"{family}:{':'.join(map(str, total))}",
                session=place.get("session"),
                project=place.get("project"),
                branch=place.get("branch"),
            )


def _used(total: _Sum | None, last: _Sum | None, before: _Sum | None) -> _Sum | None:
    """What one call used: the growth of the total, so that a count written twice counts once.

    The first total of a file may be inherited, and one that fell was started anew: there the call's own
    count is taken, where the log has it.
    """
    if total is None:
        return last
    if before is None:
        return last or total
    grown = total - before
    return grown if min(grown) >= 0 else last or total


def _counts(row: int, info: Mapping[str, Any]) -> tuple[_Sum | None, _Sum | None] | Fault:
    sums: list[_Sum | None] = []
    for key in ("total_token_usage", "last_token_usage"):
        held = info.get(key)
        if not isinstance(held, dict):
            sums.append(None)
            continue
        counts = []
        for name in NAMES:
            count = tokens(held.get(name) or 0)
            if count is None:
                return Fault("not-whole", row, f"payload.info.{key}.{name}", str(held[name]))
            counts.append(count)
        sums.append(_Sum(*counts))
    return sums[0], sums[1]


def _place(payload: Mapping[str, Any]) -> dict[str, str | None]:
    git = payload.get("git")
    return {
        "session": _text(payload.get("id")),
        "project": _text(payload.get("cwd")),
        "branch": _text(git.get("branch")) if isinstance(git, dict) else None,
    }


def _whole(line: bytes) -> bool:
    stripped = line.strip()
    return stripped.startswith(b"{") and stripped.endswith(b"}")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


FORMAT = Format(
    name="codex",
    title="Codex",
    fills=("usage",),
    endings=(".jsonl",),
    homes=(".codex/sessions", ".codex/archived_sessions"),
    recognises=recognises,
    read=Rows(read),
)
