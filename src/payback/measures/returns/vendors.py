"""How much of what models cost goes to one vendor: what would have to be moved if it failed or doubled its price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

VENDOR_QUERY = """
    select use_case, arm, provider, sum(calls) as calls, sum(known_calls) as known_calls, sum(pico) as pico
    from model_call, period
    where first_day >= period.first_day_of and first_day < period.first_day_after
    group by use_case, arm, provider
    order by use_case, arm, provider
"""


@dataclass(frozen=True, slots=True)
class Vendor:
    """Calls to one vendor; `pico` is 10^-12 of the currency, of those `known` whose cost is known."""

    name: str
    calls: int
    known: int
    pico: int


def vendors(rows: Iterable[Sequence[Any]]) -> dict[tuple[str, str], tuple[Vendor, ...]]:
    """From the rows of VENDOR_QUERY: by use case and way of working, the dearest vendor first."""
    found: dict[tuple[str, str], list[Vendor]] = {}
    for use_case, arm, provider, calls, known, pico in rows:
        found.setdefault((use_case, arm), []).append(
            Vendor(provider or "", int(calls), int(known), int(pico or 0))
        )
    return {
        key: tuple(sorted(mine, key=lambda each: (-each.pico, -each.calls, each.name)))
        for key, mine in found.items()
    }


def largest_share(mine: Sequence[Vendor]) -> Fraction | None:
    """The dearest vendor's share of the money; of the calls where no cost is known. None without calls.

    >>> largest_share([Vendor("a", 1, 1, 30), Vendor("b", 5, 5, 10)])
    Fraction(3, 4)
    """
    if not mine:
        return None
    pico = sum(each.pico for each in mine)
    if pico > 0:
        return Fraction(mine[0].pico, pico)
    calls = sum(each.calls for each in mine)
    return Fraction(max(each.calls for each in mine), calls) if calls else None
