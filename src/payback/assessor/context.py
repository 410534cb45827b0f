"""What every figure of a use case carries: its names, its period, and the files behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from payback.project import UseCase
from payback.records import Origin, Period


@dataclass(frozen=True, slots=True)
class Sources:
    """The files a use case's figures rest on, by table; a table without a source is not there."""

    by_table: Mapping[str, tuple[Origin, ...]]

    def of(self, *tables: str) -> tuple[Origin, ...]:
        """The files of these tables."""
        return tuple(origin for table in tables for origin in self.by_table.get(table, ()))

    def has(self, table: str) -> bool:
        """Whether the project lists a source of the table for this use case."""
        return table in self.by_table


@dataclass(frozen=True, slots=True)
class Context:
    """One use case: what was declared of it and what its figures carry."""

    name: str
    case: UseCase
    currency: str
    period: Period
    sources: Sources
    file: str

    def title(self, arm: str) -> str:
        """The name a page shows for a way of working."""
        if arm in self.case.arms:
            return self.case.arms[arm]
        today = self.case.today
        if today is not None and arm == today.arm and today.title:
            return today.title
        return arm
