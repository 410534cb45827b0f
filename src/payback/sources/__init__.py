"""One reader per format people already have. The tuple below is the registry of logs.

Tables (CSV, Parquet, JSON lines with columns of one's own) are read by `payback.sources.table`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from payback.sources import (
    anthropic_costs,
    anthropic_usage,
    claude_code,
    codex,
    focus,
    gemini_cli,
    langfuse,
    litellm,
    openai_costs,
    openai_usage,
    opencode,
    otlp,
)

if TYPE_CHECKING:
    from payback.project import Source

FORMATS = (
    claude_code.FORMAT,
    codex.FORMAT,
    gemini_cli.FORMAT,
    opencode.FORMAT,
    otlp.FORMAT,
    litellm.FORMAT,
    langfuse.FORMAT,
    focus.FORMAT,
    openai_costs.FORMAT,
    anthropic_costs.FORMAT,  # before usage, whose kinds of tokens its lines name
    openai_usage.FORMAT,
    anthropic_usage.FORMAT,
    anthropic_usage.CLAUDE_CODE,
)
"""Asked in this order whose file it is; the first that recognises it reads it."""


def files(source: Source, folder: Path) -> tuple[Path, ...]:
    """The files a source names, in the order of their names. Raises PaybackError where there are none."""
    from payback.sources import table  # noqa: PLC0415  needs pydantic, which logs do not

    named = folder / source.path
    if named.is_file():
        return (named,)
    if any(letter in source.path for letter in "*?["):
        matched = tuple(sorted(one for one in folder.glob(source.path) if one.is_file()))
        if matched:
            return matched
    table.check(named, source.path)
    raise table.missing(named, source.path)
