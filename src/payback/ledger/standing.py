"""Of rows about the same thing, the one that stands: the last received."""

from __future__ import annotations

LAST_RECEIVED = "received desc, batch desc, source_row desc"
"""Two runs that read files at the same moment may give them the same number; the batch decides then."""


def standing(rows: str, key: str, *, first: str = "") -> str:
    """SQL: `rows` with one row for each `key`, the last received.

    Among rows of one key those with the least `first` are looked at first.
    """
    order = f"{first}, {LAST_RECEIVED}" if first else LAST_RECEIVED
    kept = f"row_number() over (partition by {key} order by {order}) = 1"
    return f"select * from ({rows}) qualify {kept}"
