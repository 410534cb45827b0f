"""The ledger: what was used, paid, delivered and promised, kept exactly and asked in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from payback.ledger.ledger import Gathered, Ledger

__all__ = ["Gathered", "Ledger"]


def __getattr__(name: str) -> Any:
    """What stands in `payback.ledger.ledger`, imported only when asked for: logs need no project."""
    if name in __all__:
        from payback.ledger import ledger  # noqa: PLC0415  that is the point

        return getattr(ledger, name)
    raise AttributeError(name)
