"""What a score or a benchmark says: one measured number, and the bar it has to reach."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from types import ModuleType


class Standing(Enum):
    """How a row came out."""

    REACHED = "reached"
    SHORT = "FALLS SHORT"
    ABSENT = "absent"  # the data or the peer is not on this machine
    SHOWN = ""  # no bar is stated


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    `value` None is absent: `note` says what is missing. With `at_least` or `at_most` the row has
    a bar and falls short beyond it. `bar` is where the bar comes from, in words.
    """

    name: str
    value: float | None
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    bar: str = ""
    note: str = ""

    @property
    def standing(self) -> Standing:
        """Whether the row reaches its bar."""
        if self.value is None:
            return Standing.ABSENT
        if self.at_least is None and self.at_most is None:
            return Standing.SHOWN
        low = self.at_least is None or self.value >= self.at_least
        high = self.at_most is None or self.value <= self.at_most
        return Standing.REACHED if low and high else Standing.SHORT  # not-a-number falls short

    @property
    def asked(self) -> str:
        """The bar, short."""
        parts = []
        if self.at_least is not None:
            parts.append(f"at least {self.at_least:g}")
        if self.at_most is not None:
            parts.append(f"at most {self.at_most:g}")
        return " and ".join(parts) + (f" ({self.bar})" if self.bar else "")


def modules(package: ModuleType, prefix: str = "") -> Iterator[ModuleType]:
    """The modules of `package` whose names start with `prefix`, in alphabetical order."""
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        if found.name.startswith(prefix) and not found.ispkg:
            yield importlib.import_module(f"{package.__name__}.{found.name}")


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned text, one line each."""
    lines = [("", "measured", "", "bar", ""), *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        "  ".join(
            (
                line[0].ljust(widths[0]),
                line[1].rjust(widths[1]),
                line[2].ljust(widths[2]),
                line[3].ljust(widths[3]),
                line[4],
            )
        ).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    value = "absent" if row.value is None else f"{row.value:,.6g}"
    standing = "" if row.standing is Standing.ABSENT else row.standing.value
    return row.name, value, row.unit, row.asked, " ".join(part for part in (standing, row.note) if part)
