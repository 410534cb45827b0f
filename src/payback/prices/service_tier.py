"""Service tiers: what a batch or flex call pays of the standard price, only where the seller says so."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache

from payback.prices.listing import FOLDER
from payback.prices.price import STANDARD

STANDARD_WORDS = frozenset({"", "standard", "default", "on_demand", "on-demand"})
"""What logs call the standard tier: OpenAI says `default`, Google `on_demand`."""


@dataclass(frozen=True, slots=True)
class TierFactor:
    """What a tier pays of the standard price; `cache_factor` None: not said for cached or written input."""

    factor: Decimal
    cache_factor: Decimal | None
    source: str


def service_tier_name(logged: str | None) -> str:
    """A service tier in lower case, `standard` for every word that means it, or where none was logged."""
    name = (logged or "").strip().casefold()
    return STANDARD if name in STANDARD_WORDS else name


def tier_factor(provider: str, model: str, service_tier: str) -> TierFactor | None:
    """The documented factor; None where nobody published one."""
    for row_provider, pattern, tier, factor in _factors():
        if row_provider == provider and tier == service_tier and fnmatchcase(model.casefold(), pattern):
            return factor
    return None


@cache
def _factors() -> tuple[tuple[str, str, str, TierFactor], ...]:
    with (FOLDER / "service_tiers.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (
                row["provider"],
                row["model"],
                row["service_tier"],
                TierFactor(
                    Decimal(row["factor"]),
                    Decimal(row["cache_factor"]) if row["cache_factor"] else None,
                    row["source"],
                ),
            )
            for row in csv.DictReader(file)
        )
