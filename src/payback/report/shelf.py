"""The figures of a page, gathered as they are shown, so that each one opens what stands behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from payback.numbers import Scale
from payback.records import Figure, Unknown
from payback.report import figures
from payback.report.figures import Sense
from payback.report.inert import slug
from payback.report.page import Cell, FigureRow


@dataclass(slots=True)
class Shelf:
    """Figures in the order they were shown. `prefix` keeps keys of two pages apart."""

    prefix: str
    rows: list[FigureRow] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)

    def put(
        self,
        label: str,
        found: Figure | Unknown,
        scale: Scale | None = None,
        sense: Sense | None = None,
    ) -> str:
        """Keep the figure and return the key that opens it."""
        key = self._key(label)
        self.rows.append(figures.figure_row(key, label, found, scale, sense))
        return key

    def cell(
        self,
        label: str,
        found: Figure | Unknown,
        scale: Scale | None = None,
        decimals: int | None = None,
        *,
        zero: str = "",
        sense: Sense | None = None,
    ) -> Cell:
        """A table's cell that opens the figure."""
        key = self.put(label, found, scale, sense)
        return figures.cell(found, scale, decimals, opens=key, zero=zero, sense=sense)

    def _key(self, label: str) -> str:
        name = f"{self.prefix}-{slug(label)}"
        self.keys[name] = self.keys.get(name, 0) + 1
        times = self.keys[name]
        return name if times == 1 else f"{name}-{times}"


def value_of(found: Figure | Unknown | None) -> Decimal | None:
    """The number, where there is one."""
    return found.value if isinstance(found, Figure) else None
