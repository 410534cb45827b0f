"""A price book as a file: what each provider lists, and since when. Columns: docs/formats/price_book.md."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import cast

from payback.prices.price import (
    RATE_NAMES,
    SECONDS_A_DAY,
    Hours,
    Price,
    Rates,
    Tier,
    TierRule,
    per_token,
)

COLUMNS = (
    "provider",
    "model",
    "valid_from",
    "window",
    "window_days",
    *RATE_NAMES,
    "tier_above",
    "tier_rule",
    *(f"tier_{name}" for name in RATE_NAMES),
    "source",
    "retrieved_on",
    "note",
)

FOLDER = Path(__file__).parent
BOOK = FOLDER / "book.csv"
SECOND_BOOK = FOLDER / "second_book.csv"

MOST_STRETCHES = 2
"""How many stretches of the day the calendar's columns can hold."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One model at one provider: every dated price, oldest first; a later one replaces an earlier."""

    provider: str
    model: str
    prices: tuple[Price, ...]

    def on(self, day: date) -> Price | None:
        """The price in force on `day`; None before the first dated one."""
        found = None
        for price in self.prices:
            if price.valid_from is None or price.valid_from <= day:
                found = price
        return found


@dataclass(frozen=True, slots=True)
class Listings:
    """A whole book, looked up by provider and by model, both in any case."""

    by_provider_and_model: Mapping[tuple[str, str], _Rows]
    providers_of: Mapping[str, tuple[str, ...]]

    def find(self, provider: str, model: str) -> Listing | None:
        rows = self.by_provider_and_model.get((provider, model.casefold()))
        return None if rows is None else _listing(rows)

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Every (provider, model) of the book, the model in lower case."""
        return tuple(self.by_provider_and_model)


_Row = tuple[str, ...]
_Rows = tuple[_Row, ...]
_AT = {name: index for index, name in enumerate(COLUMNS)}


@cache
def read(path: Path) -> Listings:
    """The book in `path`. A missing rate stays unknown. Rows are made into prices when asked for."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = tuple(next(rows))
        if header != COLUMNS:
            raise ValueError(f"{path.name}: the columns are not those of a price book: {header}")
        return listings(tuple(row) for row in rows)


def as_of(path: Path = BOOK) -> date:
    """The last day a price of the book was read at its source."""
    days = (row[_AT["retrieved_on"]] for rows in read(path).by_provider_and_model.values() for row in rows)
    return date.fromisoformat(max(days))


def listings(rows: Iterable[_Row]) -> Listings:
    """A book from rows in the order of COLUMNS."""
    grouped: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        grouped.setdefault((row[0], row[1].casefold()), []).append(row)
    providers: dict[str, list[str]] = {}
    for provider, model in grouped:
        providers.setdefault(model, []).append(provider)
    return Listings(
        by_provider_and_model={key: tuple(found) for key, found in grouped.items()},
        providers_of={model: tuple(sorted(names)) for model, names in providers.items()},
    )


@cache
def _listing(rows: _Rows) -> Listing:
    """Rows of one model: for each date one row for the day, and one for each stretch of hours."""
    dates: dict[str, list[_Row]] = {}
    for row in rows:
        dates.setdefault(row[_AT["valid_from"]], []).append(row)
    prices = [_price(of_date) for of_date in dates.values()]
    prices.sort(key=lambda price: price.valid_from or date.min)
    return Listing(rows[0][0], rows[0][1], tuple(prices))


def _price(rows: list[_Row]) -> Price:
    of_day = [row for row in rows if not row[_AT["window"]]]
    of_hours = [row for row in rows if row[_AT["window"]]]
    name = f"{rows[0][0]}/{rows[0][1]} from {rows[0][_AT['valid_from']] or 'the start'}"
    if len(of_day) != 1:
        raise ValueError(f"price book: {name} has {len(of_day)} rows for the day instead of one")
    row = of_day[0]
    tier = _tier(row)
    hours = _hours(of_hours, name)
    if tier is not None and hours is not None:
        raise ValueError(f"price book: {name} has both a tier and hours; no column can hold both")
    return Price(
        provider=row[_AT["provider"]],
        model=row[_AT["model"]],
        valid_from=_day(row[_AT["valid_from"]]),
        currency="USD",
        rates=_rates(row, ""),
        tier=tier,
        hours=hours,
        source=row[_AT["source"]],
        retrieved_on=_day(row[_AT["retrieved_on"]]),
        note=row[_AT["note"]],
    )


def _tier(row: _Row) -> Tier | None:
    above = row[_AT["tier_above"]]
    if not above:
        return None
    rule = row[_AT["tier_rule"]]
    if rule not in {"cliff", "excess"}:
        raise ValueError(f"price book: {row[0]}/{row[1]} has the tier rule {rule!r}")
    return Tier(int(above), cast("TierRule", rule), _rates(row, "tier_"))


def _hours(rows: list[_Row], name: str) -> Hours | None:
    if not rows:
        return None
    rates = {_rates(row, "") for row in rows}
    days = {row[_AT["window_days"]] for row in rows}
    stretches = sorted(stretch for row in rows for stretch in _stretches(*row[_AT["window"]].split("-")))
    if len(rates) > 1 or len(days) > 1 or len(stretches) > MOST_STRETCHES:
        raise ValueError(f"price book: {name} has more kinds of hours than the columns can hold")
    return Hours(tuple(stretches), rates.pop(), weekdays_only=days == {"mon-fri"})


def _stretches(start: str, end: str) -> list[tuple[int, int]]:
    """Two stretches for hours that pass midnight, one otherwise."""
    first, last = _second(start), _second(end)
    if first < last:
        return [(first, last)]
    return [(first, SECONDS_A_DAY), (0, last)]


def _second(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def _rates(row: _Row, prefix: str) -> Rates:
    cells = (row[_AT[prefix + name]] for name in RATE_NAMES)
    return Rates(*(per_token(Decimal(cell)) if cell else None for cell in cells))


def _day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None
