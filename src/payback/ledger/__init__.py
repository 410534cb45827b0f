"""The ledger: what was used, paid, delivered and promised, kept exactly and asked in SQL."""

from payback.ledger.ledger import Gathered, Ledger

__all__ = ["Gathered", "Ledger"]
