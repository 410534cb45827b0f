"""What is charged by another measure than tokens: searches, minutes of sound, characters read aloud.

Its own small table, one price a row with its source; what stands in none of them has no known price.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache

from payback.prices.listing import FOLDER
from payback.prices.names import forms, known_provider, maker


@dataclass(frozen=True, slots=True)
class MeterPrice:
    """`price` for `per` units. `whole_call`: the call is charged by nothing else."""

    price: Decimal
    per: Decimal
    currency: str
    whole_call: bool
    source: str


def meter_price(meter: str, model: str, provider: str | None) -> MeterPrice | None:
    """The list price of a meter in a call of `model`, None where none is known."""
    for seller, name in _names(model, provider):
        for row_meter, row_seller, pattern, price in _prices():
            if row_meter == meter and row_seller == seller and fnmatchcase(name, pattern):
                return price
    return None


def _names(model: str, provider: str | None) -> Iterator[tuple[str | None, str]]:
    named = known_provider(provider)
    for form in forms(model, named):
        yield form.provider or named or maker(form.model) or _speaks(form.model), form.model.casefold()


def _speaks(model: str) -> str | None:
    """OpenAI's models for sound that no token price names."""
    return "openai" if model.casefold().startswith(("whisper-", "tts-")) else None


@cache
def _prices() -> tuple[tuple[str, str, str, MeterPrice], ...]:
    with (FOLDER / "meters.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (
                row["meter"],
                row["provider"],
                row["model"],
                MeterPrice(
                    Decimal(row["price"]),
                    Decimal(row["per"]),
                    row["currency"],
                    row["whole_call"] == "yes",
                    row["source"],
                ),
            )
            for row in csv.DictReader(file)
        )
