"""Where AI could pay at all, from tables of today's work: what `payback opportunities` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from payback.assessor.work_tables import Reading, Sheet, WorkTable, read
from payback.measures.returns.opportunities import Found, Terms, Work, opportunities
from payback.records import Origin


@dataclass(frozen=True, slots=True)
class Opportunities:
    """Kinds of work, the one worth most first, and what they were read from. `currency` "" is: not named."""

    currency: str
    terms: Terms
    found: Found
    table: WorkTable
    origins: Mapping[Work, Origin]


def assessed(sheets: Sequence[Sheet], reading: Reading, terms: Terms) -> Opportunities:
    """The most AI could make of each kind of work. Raises PaybackError where no table can be read."""
    table = read(sheets, reading)
    return Opportunities(
        table.currency,
        terms,
        opportunities(table.works, terms),
        table,
        dict(zip(table.works, table.origins, strict=True)),
    )
