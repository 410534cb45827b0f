"""What all use cases come to together, and the spending that belongs to none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from payback.assessment import Promise, UseCaseResult
from payback.assessor.estimates import of_pico
from payback.assessor.exchange import HARDWARE, Invoiced, Out, without_invoice
from payback.locale import say, say_count
from payback.measures.work import Work
from payback.numbers import money, of_hundred
from payback.project import Claim, Project
from payback.records import Evidence, Figure, Input, Money, Period, Unknown


def total(figures: Sequence[Figure | Unknown], name: str, formula: str, period: Period) -> Figure | Unknown:
    """The sum of what is known; where nothing is, the first reason. What is not known is said."""
    known = [figure for figure in figures if isinstance(figure, Figure)]
    unknown = [figure for figure in figures if isinstance(figure, Unknown)]
    if not known:
        return unknown[0] if unknown else Unknown(say("no use case is declared"))
    first = known[0]
    counted = [figure for figure in known if figure.value] or known
    missing = say_count("not known for {count} use case", "not known for {count} use cases", len(unknown))
    return Figure(
        name=name,
        value=sum((figure.value for figure in known), Decimal(0)),
        unit=first.unit,
        formula=formula,
        evidence=min(figure.evidence for figure in counted),
        currency=first.currency,
        period=period,
        inputs=tuple(each for figure in known for each in figure.inputs) if len(known) == 1 else (),
        origins=tuple(dict.fromkeys(origin for figure in known for origin in figure.origins)),
        omissions=(
            *(omission for figure in known for omission in figure.omissions),
            *([missing] if unknown else []),
        ),
    )


def added(
    parts: Sequence[Sequence[tuple[Evidence, Money]]], currency: str
) -> tuple[tuple[Evidence, Money], ...]:
    """Amounts by how they are known, the best known first."""
    totals: dict[Evidence, Decimal] = {}
    for each in parts:
        for grade, amount in each:
            totals[grade] = totals.get(grade, Decimal(0)) + amount.amount
    return tuple((grade, Money(totals[grade], currency)) for grade in sorted(totals, reverse=True))


def promises(found: Sequence[Promise | None], currency: str) -> Promise | None:
    """What was promised for all use cases; None where nothing was."""
    made = [promise for promise in found if promise is not None]
    if not made:
        return None
    return Promise(
        said=Money(sum((promise.said.amount for promise in made), Decimal(0)), currency),
        total=Money(sum((promise.total.amount for promise in made), Decimal(0)), currency),
        parts=added([promise.parts for promise in made], currency),
        by="; ".join(dict.fromkeys(promise.by for promise in made if promise.by)),
        source="; ".join(dict.fromkeys(promise.source for promise in made if promise.source)),
    )


def pools(project: Project, cases: Sequence[UseCaseResult]) -> tuple[str, ...]:
    """For each cost pool, what its use cases claim together against what it costs."""
    found = []
    for name, pool in project.cost_pools.items():
        drawing = [case for case in cases if project.use_cases[case.key].cost_pool == name]
        claimed = sum(
            (
                _of_days(claim, case.period)
                for case in drawing
                for claim in project.use_cases[case.key].claims
                if claim.amount is not None
            ),
            Decimal(0),
        )
        if not claimed or not pool.total:
            continue
        sentence = say(
            "{pool}: together the use cases claim {share} of what it costs, {total}.",
            pool=name,
            share=of_hundred(claimed / pool.total),
            total=money(pool.total, project.currency),
        )
        if claimed > pool.total:
            sentence += " " + say("More than all of it: at most that much can come back.")
        found.append(sentence)
    return tuple(found)


def _of_days(claim: Claim, period: Period) -> Decimal:
    """What of a claim falls into the period, where it says which days it is about; else all of it."""
    amount, about = claim.amount or Decimal(0), claim.period
    if about is None:
        return amount
    first, after = max(about.first_day, period.first_day), min(about.first_day_after, period.first_day_after)
    return amount * max((after - first).days, 0) / about.days


def unassigned(
    project: Project,
    period: Period,
    works: Mapping[tuple[str, str], Work],
    calls: Mapping[str, Sequence[tuple[date, Decimal]]],
    costs: Mapping[str, Sequence[Out]],
    bills: Mapping[str, Sequence[Invoiced]],
) -> Figure | None:
    """Spending in the period that no declared use case takes; None where there is none.

    An invoice of no use case is first taken to be for calls that no other invoice is there for: what
    it says beyond their list price is unassigned, and never the same money twice.
    """
    names = {name for name, _ in works} | set(costs) | set(bills)
    loose = sorted(name for name in names if name not in project.use_cases)
    lines = [line for name in loose for line in costs.get(name, ()) if line.day in period]
    rows = [line.amount for line in lines]
    held = sum((line.amount for line in lines if line.category == HARDWARE), Decimal(0))
    invoices = [bill for name in loose for bill in bills.get(name, ()) if bill.day in period]
    own_calls = sum(
        (of_pico(each.spent_pico) for (name, _), each in works.items() if name in loose), Decimal(0)
    )
    called = sum(each.calls for (name, _), each in works.items() if name in loose)
    spent = sum(rows, Decimal(0)) + own_calls
    inputs = [
        Input(say("calls at list price"), money(own_calls, project.currency), Evidence.MEASURED),
        Input(say("rows of cost"), money(sum(rows, Decimal(0)) - held, project.currency)),
    ]
    if held:
        inputs.append(Input(say("hardware held"), money(held, project.currency), Evidence.MEASURED))
    if invoices:
        billed = sum((bill.amount for bill in invoices), Decimal(0))
        listed = sum(
            (
                amount
                for name in project.use_cases
                for day, amount in without_invoice(
                    calls.get(name, ()), [bill for bill in bills.get(name, ()) if bill.day in period]
                )
                if day in period
            ),
            Decimal(0),
        )
        spent = sum(rows, Decimal(0)) + max(own_calls, billed - listed)
        inputs.append(Input(say("invoices"), money(billed, project.currency), Evidence.BILLED))
        assigned = say("of them for calls of use cases, at list price")
        inputs.append(Input(assigned, money(min(billed, listed), project.currency), Evidence.MEASURED))
    if not rows and not called and not invoices:
        return None
    named = [name or say("no use case") for name in loose]
    return Figure(
        name="unassigned",
        value=spent,
        unit="money",
        formula="spend",
        evidence=min(
            [line.evidence for name in loose for line in costs.get(name, ()) if line.day in period]
            + ([Evidence.MEASURED] if called or invoices else [])
        ),
        currency=project.currency,
        period=period,
        count=called,
        counted=say("calls"),
        inputs=(*inputs, *(Input(say("named in the rows"), name) for name in named)),
    )
