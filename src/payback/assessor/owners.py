"""Whose the spending is that no use case takes: it adds up to the figure, to the last digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from payback.assessment import Owned
from payback.assessor.estimates import of_pico
from payback.assessor.exchange import HARDWARE, Exchange, Out
from payback.measures.economics.owners import LooseCalls, OwnedBill
from payback.project import Project
from payback.records import Evidence, Figure, Money, Period


def owners(
    project: Project,
    period: Period,
    unassigned: Figure | None,
    calls: Sequence[LooseCalls],
    costs: Mapping[str, Sequence[Out]],
    bills: Sequence[OwnedBill],
    exchange: Exchange,
) -> tuple[Owned, ...]:
    """By owner, the largest first and what names none last; empty where nothing is unassigned.

    Calls and rows of cost have the owner their rows name. What invoices say beyond calls is split by account
    and service only where there are no calls at all it could be for.
    """
    if unassigned is None:
        return ()
    found = [
        Owned(
            each.kind,
            each.name,
            Money(of_pico(each.pico), project.currency),
            Evidence.MEASURED,
            each.calls,
            or_more=each.not_in_full > 0,
        )
        for each in calls
    ]
    spent = sum((line.amount.amount for line in found), Decimal(0))
    by_cost: dict[tuple[str, str, Evidence], Decimal] = {}
    for name, lines in costs.items():
        for line in lines if name not in project.use_cases else ():
            if line.day in period:
                kind = "hardware" if line.category == HARDWARE else "cost"
                key = (kind, line.what, line.evidence)
                by_cost[key] = by_cost.get(key, Decimal(0)) + line.amount
    found += [
        Owned(kind, what, Money(amount, project.currency), evidence)
        for (kind, what, evidence), amount in by_cost.items()
    ]
    beyond = unassigned.value - spent - sum(by_cost.values(), Decimal(0))
    if beyond:
        found += _invoiced(project, period, beyond, bills, exchange, split=not calls)
    return tuple(sorted(found, key=_order))


def _order(one: Owned) -> tuple[bool, Decimal, str, str]:
    return (not one.kind, -one.amount.amount, one.kind, one.name)


def _invoiced(
    project: Project,
    period: Period,
    beyond: Decimal,
    bills: Sequence[OwnedBill],
    exchange: Exchange,
    *,
    split: bool,
) -> list[Owned]:
    """What invoices say beyond calls: by account, else by service, where that adds up."""
    by_owner: dict[tuple[str, str], Decimal] = {}
    for bill in bills:
        if bill.use_case in project.use_cases or bill.day not in period:
            continue
        amount = exchange.amount(bill.amount, bill.currency, bill.day, 0)
        if amount is not None:
            kind = "account" if bill.account else "service" if bill.service else ""
            key = (kind, bill.account or bill.service)
            by_owner[key] = by_owner.get(key, Decimal(0)) + amount
    if split and sum(by_owner.values(), Decimal(0)) == beyond:
        return [
            Owned(kind, name, Money(amount, project.currency), Evidence.BILLED)
            for (kind, name), amount in by_owner.items()
        ]
    return [Owned("invoice", "", Money(beyond, project.currency), Evidence.BILLED)]
