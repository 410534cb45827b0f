"""Whose the calls and invoices are that belong to no use case: sums by owner, each row once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

OWNER_QUERY = """
    select owner_kind, owner, sum(calls) as calls, sum(unknown_calls) as unknown_calls,
           sum(unfinished_calls) as unfinished_calls, sum(pico) as pico
    from loose_cost, period
    where first_day is null or (first_day >= period.first_day_of
                                and first_day < period.first_day_after)
    group by owner_kind, owner
    order by owner_kind, owner
"""

BILL_OWNER_QUERY = """
    select use_case, coalesce(account, '') as account, coalesce(service, '') as service, currency, day,
           sum(billed) as pico, count(*) as rows
    from bill_row
    group by use_case, coalesce(account, ''), coalesce(service, ''), currency, day
    order by use_case, account, service, currency, day
"""


@dataclass(frozen=True, slots=True)
class LooseCalls:
    """Calls of one owner that no use case takes; `pico` is 10^-12 of the project's currency.

    `not_in_full` of them have a cost that is not known, or that much or more.
    """

    kind: str
    name: str
    calls: int
    not_in_full: int
    pico: int


@dataclass(frozen=True, slots=True)
class OwnedBill:
    """Invoiced to one account for one service on one day, in the invoice's currency."""

    use_case: str
    account: str
    service: str
    currency: str
    day: date
    amount: Decimal
    rows: int


def loose_calls(rows: Iterable[Sequence[Any]]) -> list[LooseCalls]:
    """From the rows of OWNER_QUERY."""
    return [
        LooseCalls(kind, name, int(calls), int(unknown) + int(unfinished), int(pico))
        for kind, name, calls, unknown, unfinished, pico in rows
    ]


def owned_bills(rows: Iterable[Sequence[Any]]) -> list[OwnedBill]:
    """From the rows of BILL_OWNER_QUERY."""
    return [
        OwnedBill(use_case, account, service, currency, day, Decimal(pico).scaleb(-12), int(count))
        for use_case, account, service, currency, day, pico, count in rows
    ]
