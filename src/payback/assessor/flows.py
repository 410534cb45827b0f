"""Money out and back of one use case, hours freed, what was promised, and the ratio of the two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback.assessment import Promise
from payback.assessor.estimates import of_pico
from payback.locale import say, say_count
from payback.measures.economics.money import BillLine, CostLine, ValueLine
from payback.measures.work import Work
from payback.numbers import money
from payback.prices import CurrencyRate
from payback.prices.currency import conversion
from payback.project import Claim
from payback.records import (
    Evidence,
    Figure,
    Input,
    Interval,
    Money,
    Origin,
    Period,
    Problem,
    Unknown,
)

MODELS = "models"
UNIT_COSTS = frozenset({"run", "people", "licence", "data", "platform"})
"""Categories that every unit of work carries a share of; building is money spent once."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a use case's figures rest on: files by table, and whether value is recorded at all."""

    by_table: Mapping[str, tuple[Origin, ...]]

    def of(self, *tables: str) -> tuple[Origin, ...]:
        return tuple(origin for table in tables for origin in self.by_table.get(table, ()))

    def has(self, table: str) -> bool:
        return table in self.by_table


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
        return Decimal(round(Fraction(amount) * factor * 10**12)).scaleb(-12)

    def problems(self) -> list[Problem]:
        """One for each currency without a rate."""
        return [
            Problem(
                "no-currency-rate",
                say("no rate from {a} to {b}", a=currency, b=self.currency),
                say("add it under [[currency_rates]] in payback.toml"),
                Origin("payback.toml"),
                rows=rows,
            )
            for currency, rows in sorted(self.without_rate.items())
        ]


@dataclass(frozen=True, slots=True)
class Out:
    """Money out on a day, converted."""

    day: date
    amount: Decimal
    category: str
    evidence: Evidence
    arm: str
    what: str
    committed_until: date | None
    rows: int


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
    """Value on a day, converted; `amount` None where only hours were freed."""

    day: date
    kind: str
    evidence: Evidence
    amount: Decimal | None
    hours: Decimal | None
    rows: int


def comings(lines: Iterable[ValueLine], exchange: Exchange) -> list[Back]:
    """Values in the project's currency."""
    found = []
    for line in lines:
        amount = line.amount
        if amount is not None:
            amount = exchange.amount(amount, line.currency or exchange.currency, line.day, line.rows)
            if amount is None:
                continue
        found.append(Back(line.day, line.kind, line.evidence, amount, line.hours, line.rows))
    return found


def invoiced(lines: Iterable[BillLine], exchange: Exchange) -> list[tuple[date, Decimal, int]]:
    """Invoices in the project's currency, by day."""
    found = []
    for line in lines:
        amount = exchange.amount(line.amount, line.currency, line.day, line.rows)
        if amount is not None:
            found.append((line.day, amount, line.rows))
    return found


def money_out(
    works: Sequence[Work],
    costs: Sequence[Out],
    bills: Sequence[tuple[date, Decimal, int]],
    currency: str,
    period: Period,
    sources: Sources,
) -> tuple[Figure | Unknown, tuple[tuple[str, Figure], ...]]:
    """Everything spent in the period, and its parts. An invoice stands in the place of list prices."""
    parts: list[tuple[str, Figure]] = []
    if any(work.calls for work in works) or bills:
        parts.append((say("models"), _models(works, bills, currency, period, sources)))
    by_category: dict[str, list[Out]] = {}
    for line in costs:
        by_category.setdefault(line.category, []).append(line)
    for category, lines in sorted(by_category.items()):
        parts.append(
            (
                category_name(category),
                Figure(
                    name=category,
                    value=sum((line.amount for line in lines), Decimal(0)),
                    unit="money",
                    formula="spend",
                    evidence=min(line.evidence for line in lines),
                    currency=currency,
                    period=period,
                    count=sum(line.rows for line in lines),
                    counted=say("rows"),
                    origins=sources.of("cost"),
                ),
            )
        )
    if not parts:
        return (
            Unknown(
                say("no calls, bills or costs are recorded"),
                fix=say("list a source of usage, bill_line or cost in payback.toml"),
            ),
            (),
        )
    value = sum((part.value for _, part in parts), Decimal(0))
    high: Decimal | None = Decimal(0)
    low = Decimal(0)
    for _, part in parts:
        low += part.bounds.low if part.bounds and part.bounds.low is not None else part.value
        if high is not None:
            end = part.bounds.high if part.bounds else part.value
            high = None if end is None else high + end
    bounds = None
    if any(part.bounds for _, part in parts):
        bounds = Interval(low, high, "missing-bounds", None, say("from what is known to the most it can be"))
    return (
        Figure(
            name="money_out",
            value=value,
            unit="money",
            formula="spend",
            evidence=min(part.evidence for _, part in parts),
            currency=currency,
            period=period,
            bounds=bounds,
            inputs=tuple(
                Input(name, money(part.value, currency), part.evidence, *part.origins[:1])
                for name, part in parts
            ),
            origins=sources.of("usage", "bill_line", "cost"),
            omissions=tuple(omission for _, part in parts for omission in part.omissions),
        ),
        tuple(parts),
    )


def _models(
    works: Sequence[Work],
    bills: Sequence[tuple[date, Decimal, int]],
    currency: str,
    period: Period,
    sources: Sources,
) -> Figure:
    listed = of_pico(sum(work.spent_pico for work in works))
    if bills:
        billed = sum((amount for _, amount, _ in bills), Decimal(0))
        inputs = [Input(say("invoiced"), money(billed, currency), Evidence.BILLED)]
        if any(work.calls for work in works):
            inputs.append(
                Input(say("the same calls at list price"), money(listed, currency), Evidence.MEASURED)
            )
            inputs.append(Input(say("invoiced less list price"), money(billed - listed, currency)))
        return Figure(
            name="models",
            value=billed,
            unit="money",
            formula="spend",
            evidence=Evidence.BILLED,
            currency=currency,
            period=period,
            count=sum(rows for _, _, rows in bills),
            counted=say("invoice lines"),
            inputs=tuple(inputs),
            origins=sources.of("bill_line"),
        )
    low, high = limits_of_spend(works)
    calls = sum(work.calls for work in works)
    unknown = sum(work.unknown_calls for work in works)
    omissions = []
    if unknown:
        omissions.append(
            say_count(
                "{count} call has no known cost",
                "{count} calls have no known cost",
                unknown,
            )
        )
    bounds = None
    if high is None or low != high:
        bounds = Interval(
            low, high, "missing-bounds", None, say("unknown costs at 0, and at the largest known")
        )
    return Figure(
        name="models",
        value=listed,
        unit="money",
        formula="spend",
        evidence=Evidence.MEASURED,
        currency=currency,
        period=period,
        bounds=bounds,
        count=calls,
        counted=say("calls"),
        inputs=(Input(say("calls at the price of their day"), money(listed, currency), Evidence.MEASURED),),
        origins=sources.of("usage"),
        omissions=tuple(omissions),
    )


def limits_of_spend(works: Sequence[Work]) -> tuple[Decimal, Decimal | None]:
    """The least and the most that calls can have cost; None where nothing bounds it from above."""
    low = high = Fraction(0)
    open_end = False
    for work in works:
        low += work.spent_pico - work.assumed_pico
        high += work.spent_pico
        if work.unknown_trials and work.most_pico:
            high += work.unknown_trials * Fraction(work.most_pico)
        elif work.unknown_trials:
            open_end = True
    return of_pico(low), None if open_end else of_pico(high)


def money_back(
    values: Sequence[Back], currency: str, period: Period, sources: Sources, *, benchmark: bool
) -> tuple[Figure | Unknown, tuple[tuple[Evidence, Money], ...]]:
    """What came back, counting only what is in the accounts, billed or measured; and every grade."""
    if benchmark:
        return Unknown(say("a benchmark has no customer, so no money can come back")), ()
    if not sources.has("value"):
        return (
            Unknown(
                say("no record of money coming back is listed"),
                fix=say("list a source of value in payback.toml; rows of 0 say that nothing came"),
            ),
            (),
        )
    amounts = {grade: Decimal(0) for grade in Evidence}
    present: set[Evidence] = set()
    for value in values:
        if value.amount is not None:
            amounts[value.evidence] += value.amount
            present.add(value.evidence)
    parts = tuple(
        (grade, Money(amounts[grade], currency))
        for grade in sorted(Evidence, reverse=True)
        if amounts[grade] != 0
    )
    counted = [grade for grade in present if grade.counts_as_back]
    return (
        Figure(
            name="money_back",
            value=sum((amounts[grade] for grade in counted), Decimal(0)),
            unit="money",
            formula="value-back",
            evidence=min((grade for grade in counted if amounts[grade] != 0), default=Evidence.BOOKED),
            currency=currency,
            period=period,
            count=sum(value.rows for value in values if value.amount is not None),
            counted=say("rows"),
            inputs=tuple(Input(grade.word, money(each.amount, currency), grade) for grade, each in parts),
            origins=sources.of("value"),
            omissions=tuple(
                say(
                    "{amount} only {grade}, not counted",
                    amount=money(each.amount, currency),
                    grade=grade.word,
                )
                for grade, each in parts
                if not grade.counts_as_back
            ),
        ),
        parts,
    )


def hours_freed(
    values: Sequence[Back], period: Period, sources: Sources, *, benchmark: bool
) -> Figure | Unknown:
    """Hours freed, whatever they may be worth."""
    if benchmark:
        return Unknown(say("a benchmark frees nobody's hours"))
    if not sources.has("value"):
        return Unknown(
            say("no record of hours freed is listed"),
            fix=say("list a source of value with kind time freed in payback.toml"),
        )
    lines = [value for value in values if value.hours is not None]
    return Figure(
        name="hours_freed",
        value=sum((value.hours for value in lines if value.hours is not None), Decimal(0)),
        unit="hours",
        formula="hours-freed",
        evidence=min((value.evidence for value in lines), default=Evidence.MEASURED),
        period=period,
        count=sum(value.rows for value in lines),
        counted=say("rows"),
        origins=sources.of("value"),
    )


def payback_ratio(out: Figure | Unknown, back: Figure | Unknown) -> Figure | Unknown:
    """Money back over money out."""
    if isinstance(out, Unknown):
        return out
    if isinstance(back, Unknown):
        return back
    if out.value <= 0:
        return Unknown(say("nothing was spent, so there is no ratio"))
    return Figure(
        name="payback_ratio",
        value=back.value / out.value,
        unit="ratio",
        formula="payback-ratio",
        evidence=min(out.evidence, back.evidence),
        period=out.period,
        inputs=(
            Input(say("money back"), money(back.value, back.currency or ""), back.evidence),
            Input(say("money out"), money(out.value, out.currency or ""), out.evidence),
        ),
        origins=(*back.origins, *out.origins),
    )


def promise(
    claims: Sequence[Claim], back_parts: Sequence[tuple[Evidence, Money]], currency: str
) -> Promise | None:
    """What was promised, split by how much of it is known and how; None where nothing was.

    What came back is taken off the claimed part first: a verified amount replaces a claim.
    """
    said = sum((claim.amount for claim in claims if claim.amount is not None), Decimal(0))
    if not said:
        return None
    known = {grade: each.amount for grade, each in back_parts}
    verified = [(grade, known[grade]) for grade in sorted(known, reverse=True) if grade.counts_as_back]
    came = sum((amount for _, amount in verified), Decimal(0))
    left = max(Decimal(0), said - came)
    ranged = sum(
        (claim.amount for claim in claims if claim.amount is not None and claim.evidence == "estimated"),
        known.get(Evidence.ESTIMATED, Decimal(0)),
    )
    estimated = min(left, ranged)
    parts = [*verified, (Evidence.ESTIMATED, estimated), (Evidence.CLAIMED, left - estimated)]
    return Promise(
        said=Money(said, currency),
        total=Money(came + left, currency),
        parts=tuple((grade, Money(amount, currency)) for grade, amount in parts if amount),
        by="; ".join(dict.fromkeys(claim.by for claim in claims if claim.by)),
        source="; ".join(dict.fromkeys(claim.source for claim in claims if claim.source)),
    )


def category_name(category: str) -> str:
    """The word a page uses for a cost category."""
    return {
        "build": say("building it"),
        "run": say("running it"),
        "people": say("people"),
        "licence": say("licences"),
        "data": say("data"),
        "review": say("review by people"),
        "platform": say("platform"),
        "harm": say("harm done"),
    }.get(category, category)
