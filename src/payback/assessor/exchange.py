"""Costs, values and invoices in the project's one currency (docs/decisions/0007-one-currency.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback.locale import say
from payback.measures.economics.money import BillLine, CostLine, ValueLine
from payback.prices import CurrencyRate
from payback.prices.currency import conversion
from payback.records import PICO, Evidence, Origin, Problem
from payback.tables import VALUE_KINDS

TIME_FREED = VALUE_KINDS[-1]
NO_RATE = "no-currency-rate"
HARDWARE = "capacity"
"""The category of hardware held: hours of `capacity` at their price, never rows of `cost`."""


class Exchange:
    """Amounts into the project's currency by dated rates; what has no rate is counted and left out."""

    def __init__(self, currency: str, rates: Sequence[CurrencyRate]) -> None:
        self.currency = currency
        self._rates = rates
        self._known: dict[tuple[str, date], Fraction | None] = {}
        self.without_rate: dict[str, int] = {}

    def amount(self, amount: Decimal, currency: str, day: date, rows: int) -> Decimal | None:
        """In the project's currency; None where no rate is known, which is counted."""
        if currency == self.currency:
            return amount
        key = (currency, day)
        if key not in self._known:
            found = conversion(currency, self.currency, day, self._rates)
            self._known[key] = None if found is None else found.factor
        factor = self._known[key]
        if factor is None:
            self.without_rate[currency] = self.without_rate.get(currency, 0) + rows
            return None
        return Decimal(round(Fraction(amount) * factor * PICO)).scaleb(-12)

    def problems(self) -> list[Problem]:
        """One for each currency without a rate."""
        return [
            Problem(
                NO_RATE,
                say("no rate from {a} to {b}", a=currency, b=self.currency),
                say("add it under [[currency_rates]] in payback.toml"),
                Origin("payback.toml"),
                rows=rows,
            )
            for currency, rows in sorted(self.without_rate.items())
        ]


@dataclass(frozen=True, slots=True)
class Out:
    """Money out on a day, converted; `table` is where its rows stand.

    Of hardware, `again` is the part that rows which overlap have twice, `a_day` what falls due each day until
    `committed_until`.
    """

    day: date
    amount: Decimal
    category: str
    evidence: Evidence
    arm: str
    what: str
    committed_until: date | None
    rows: int
    table: str = "cost"
    again: Decimal = Decimal(0)
    a_day: Decimal | None = None


def outgoings(lines: Iterable[CostLine], exchange: Exchange) -> list[Out]:
    """Costs in the project's currency."""
    found = []
    for line in lines:
        amount = exchange.amount(line.amount, line.currency, line.day, line.rows)
        if amount is not None:
            found.append(
                Out(
                    line.day,
                    amount,
                    line.category,
                    line.evidence,
                    line.arm,
                    line.note or line.category,
                    line.committed_until,
                    line.rows,
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class Back:
    """Value on a day, converted; `amount` None where only hours were freed.

    `priced_hours` is: hours somebody put a price on. Until they are in the accounts that is an estimate.
    """

    day: date
    kind: str
    evidence: Evidence
    amount: Decimal | None
    hours: Decimal | None
    rows: int

    @property
    def priced_hours(self) -> bool:
        return self.kind == TIME_FREED and self.evidence is not Evidence.BOOKED

    @property
    def money_evidence(self) -> Evidence:
        """How the money is known: freed hours that were given a price are never better than estimated."""
        return min(self.evidence, Evidence.ESTIMATED) if self.priced_hours else self.evidence


def comings(lines: Iterable[ValueLine], exchange: Exchange) -> list[Back]:
    """Values in the project's currency."""
    found = []
    for line in lines:
        amount = line.amount
        if amount is not None:
            amount = exchange.amount(amount, line.currency or exchange.currency, line.day, line.rows)
            if amount is None and line.hours is None:
                continue
        found.append(Back(line.day, line.kind, line.evidence, amount, line.hours, line.rows))
    return found


@dataclass(frozen=True, slots=True)
class Invoiced:
    """Invoices of a day, converted; credits are negative."""

    day: date
    amount: Decimal
    rows: int


def invoiced(lines: Iterable[BillLine], exchange: Exchange) -> list[Invoiced]:
    """Invoices in the project's currency, by day."""
    found = []
    for line in lines:
        amount = exchange.amount(line.amount, line.currency, line.day, line.rows)
        if amount is not None:
            found.append(Invoiced(line.day, amount, line.rows))
    return found


def months_of(bills: Iterable[Invoiced]) -> frozenset[tuple[int, int]]:
    """The months an invoice is there for: in these it stands in the place of list prices."""
    return frozenset((bill.day.year, bill.day.month) for bill in bills)


def without_invoice(
    calls: Iterable[tuple[date, Decimal]], bills: Iterable[Invoiced]
) -> list[tuple[date, Decimal]]:
    """Calls at list price, by day, of the months no invoice is there for."""
    months = months_of(bills)
    return [(day, amount) for day, amount in calls if (day.year, day.month) not in months]
