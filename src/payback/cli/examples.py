"""The examples at the foot of a command's --help."""

from __future__ import annotations

from payback.locale import say


def examples(*lines: str) -> str:
    """An epilog for click: the command lines as written, one below the other."""
    head = say("Example:") if len(lines) == 1 else say("Examples:")
    return "\n".join(("\b", head, *(f"  {line}" for line in lines)))
