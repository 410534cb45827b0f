"""What calls cost by another measure than tokens, joined to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback.ledger.engine import Engine
from payback.prices import CurrencyRate
from payback.prices.currency import conversion
from payback.prices.meters import meter_price
from payback.records import Money

PICO = 10**12


@dataclass(frozen=True, slots=True)
class Metered:
    """One meter: how much of it, and its list price; None where none is known for some of it."""

    meter: str
    quantity: Decimal
    listed: Money | None


def load_meters(
    engine: Engine, currency: str, rates: Sequence[CurrencyRate]
) -> tuple[bool, tuple[Metered, ...]]:
    """Make the table `call_meter` and say whether any call has meters, and what they come to.

    A row for each (provider, model, day, meters) there is: `pico` is the price of what has one, `missing`
    whether something has none, `whole` whether nothing else is charged.
    """
    found = engine.rows("""
        select coalesce(provider, ''), coalesce(model, ''), cast("time" as date), meters, count(*)
        from usage_call where meters is not null group by 1, 2, 3, 4 order by 1, 2, 3, 4""")
    rows = []
    sums: dict[str, tuple[Decimal, int | None]] = {}
    for provider, model, day, meters, count in found:
        pico, missing, whole = 0, False, True
        for meter, quantity in _quantities(meters):
            amount, alone = _amount(meter, quantity, model, provider, day, currency, rates)
            so_far, cost = sums.get(meter, (Decimal(0), 0))
            whole_cost = None if amount is None or cost is None else cost + amount * count
            sums[meter] = (so_far + quantity * count, whole_cost)
            pico += amount or 0
            missing |= amount is None
            whole &= alone
        rows.append((provider, model, day, meters, pico, missing, whole))
    if rows:
        names = ("provider", "model", "meters")
        kinds = dict.fromkeys(names, "VARCHAR") | {"day": "DATE", "pico": "DECIMAL(38,0)"}
        order = ("provider", "model", "day", "meters", "pico", "missing", "whole")
        engine.load("call_meter", [(name, kinds.get(name, "BOOLEAN")) for name in order], rows)
    return bool(rows), tuple(
        Metered(meter, quantity, None if cost is None else Money.of_pico(cost, currency))
        for meter, (quantity, cost) in sorted(sums.items())
    )


def _quantities(meters: str) -> Iterator[tuple[str, Decimal]]:
    held = json.loads(meters, parse_float=Decimal)
    for meter, quantity in sorted(held.items()):
        if isinstance(quantity, int | Decimal) and not isinstance(quantity, bool) and quantity > 0:
            yield meter, Decimal(quantity)


def _amount(
    meter: str,
    quantity: Decimal,
    model: str,
    provider: str,
    day: date,
    currency: str,
    rates: Sequence[CurrencyRate],
) -> tuple[int | None, bool]:
    """The price in pico, rounded once, and whether nothing else of the call is charged."""
    price = meter_price(meter, model, provider or None)
    if price is None:
        return None, True
    into = conversion(price.currency, currency, day, rates)
    if into is None:
        return None, price.whole_call
    exact = Fraction(quantity) * Fraction(price.price) / Fraction(price.per) * into.factor
    return round(exact * PICO), price.whole_call
