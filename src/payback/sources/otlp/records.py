"""Spans, log records and events, many at once, as columns: what both encodings are read into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import numpy as np

from payback.sources.formats import tokens
from payback.sources.otlp.lockstep import Flags, Ints
from payback.sources.otlp.vocabulary import LONGEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPAN, LOG, EVENT = 0, 1, 2
MISSING, WRONG = -1, -2
"""A count that is not there; one that is there and no count of tokens."""


@dataclass(frozen=True, slots=True)
class Words:
    """A column of texts, each different one held once. The first is "", which is none."""

    codes: Ints
    values: NDArray[np.object_]

    def at(self, places: Ints) -> NDArray[np.object_]:
        """The texts at these places."""
        return self.values[self.codes[places]]


@dataclass(frozen=True, slots=True)
class Records:
    """Columns of equal length. A text "" is not there.

    `texts` maps slots of the vocabulary to their values once they are asked for, `decimals` to decimal text,
    `counts` to counts or MISSING or WRONG; a slot nobody filled is left out. `trace`, `span` and `parent` give
    the ids at some places. `resource` is the place in `of_resource`, and `tags` those of payback.
    """

    row: Ints
    sort: NDArray[np.int8]
    began: Ints  # ns since 1970, 0 is not there
    ended: Ints
    failed: Flags
    trace: Callable[[Ints], list[str]]
    span: Callable[[Ints], list[str]]
    parent: Callable[[Ints], list[str]]
    has_parent: Flags
    texts: Mapping[str, Callable[[], Words]]
    counts: Mapping[str, Ints]
    decimals: Mapping[str, NDArray[np.object_]]
    tags: Mapping[int, Mapping[str, str]]
    resource: Ints
    of_resource: Mapping[str, NDArray[np.object_]]
    resource_tags: Mapping[int, Mapping[str, str]]

    def has(self, slot: str) -> bool:
        """Whether any record or resource may have a text for the slot."""
        return slot in self.texts or slot in self.of_resource

    def text(self, slot: str, places: Ints) -> NDArray[np.object_]:
        """The texts of a slot at these places, "" where there is none; what the resource says comes after."""
        own = self.texts[slot]().at(places) if slot in self.texts else None
        if slot not in self.of_resource:
            return np.full(len(places), "", dtype=object) if own is None else own
        general = self.of_resource[slot][self.resource[places]]
        return general if own is None else np.where(own == "", general, own)

    def count(self, slot: str) -> Ints:
        """The counts of a slot."""
        found = self.counts.get(slot)
        return np.full(len(self.row), MISSING, dtype=np.int64) if found is None else found

    def decimal(self, slot: str) -> NDArray[np.object_]:
        """The numbers of a slot, as decimal text."""
        found = self.decimals.get(slot)
        return np.full(len(self.row), "", dtype=object) if found is None else found


def text(value: object) -> str:
    """A value as a name or an id; "" where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    shown = value if isinstance(value, str) else str(value)
    return shown if len(shown) <= LONGEST else ""


def count(value: object) -> int:
    """A value as a count of tokens."""
    if value is None or value == "":
        return MISSING
    made = tokens(value)
    return WRONG if made is None else made


def decimal(value: object) -> str:
    """A number as decimal text, as it is written; "" where it is none."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if not isinstance(value, int | float | str) or value == "" or len(str(value)) > 40:
        return ""
    try:
        made = Decimal(str(value))
    except InvalidOperation:
        return ""
    return format(made, "f") if made.is_finite() and -30 < made.adjusted() < 20 else ""


def objects(values: Sequence[Any]) -> NDArray[np.object_]:
    """An array of Python's own values."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
