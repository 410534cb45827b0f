"""Money out of one use case: invoices, calls at list price where none is there, and rows of cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback.assessor.capacity import without_price
from payback.assessor.context import Sources
from payback.assessor.estimates import of_pico
from payback.assessor.exchange import HARDWARE, Invoiced, Out, without_invoice
from payback.locale import say, say_count
from payback.measures.work import Work
from payback.numbers import count as written_count
from payback.numbers import money
from payback.records import Evidence, Figure, Input, Interval, Period, Unknown


@dataclass(frozen=True, slots=True)
class Spending:
    """What a use case spent, in the project's currency: `calls` at list price by day.

    `unpriced_hours` are of devices held that nothing gives a price to.
    """

    works: Sequence[Work]
    calls: Sequence[tuple[date, Decimal]]
    costs: Sequence[Out]
    bills: Sequence[Invoiced]
    unpriced_hours: Fraction = Fraction(0)

    @property
    def listed(self) -> Decimal:
        """Every call at the price of its day."""
        return sum((amount for _, amount in self.calls), Decimal(0))

    @property
    def billed(self) -> Decimal:
        return sum((bill.amount for bill in self.bills), Decimal(0))

    @property
    def calls_if_none_is_known(self) -> int:
        """How many calls there are, where not one of them has a known cost; else 0."""
        calls = sum(work.calls for work in self.works)
        return calls if calls == sum(work.unknown_calls for work in self.works) else 0

    @property
    def without_invoice(self) -> Decimal:
        """Calls at list price in the months no invoice is there for."""
        return sum((amount for _, amount in without_invoice(self.calls, self.bills)), Decimal(0))


def money_out(
    spending: Spending, currency: str, period: Period, sources: Sources
) -> tuple[Figure | Unknown, tuple[tuple[str, Figure], ...]]:
    """Everything spent in the period, and its parts. An invoice stands in the place of list prices."""
    parts: list[tuple[str, Figure]] = []
    unpriced = 0 if spending.bills else spending.calls_if_none_is_known
    if (any(work.calls for work in spending.works) and not unpriced) or spending.bills:
        parts.append((say("models"), _models(spending, currency, period, sources)))
    by_category: dict[str, list[Out]] = {}
    for line in spending.costs:
        by_category.setdefault(line.category, []).append(line)
    for category, lines in sorted(by_category.items()):
        figure = Figure(
            name=category,
            value=sum((line.amount for line in lines), Decimal(0)),
            unit="money",
            formula="spend",
            evidence=min(line.evidence for line in lines),
            currency=currency,
            period=period,
            bounds=_without_twice(lines),
            count=sum(line.rows for line in lines),
            counted=say("rows"),
            origins=sources.of(*dict.fromkeys(line.table for line in lines)),
        )
        parts.append((category_name(category), figure))
    if not parts and not unpriced and spending.unpriced_hours:
        missing = without_price(spending.unpriced_hours)
        return Unknown(
            missing, fix=say("give price_per_device_hour and its currency in the rows of capacity")
        ), ()
    if not parts and unpriced:
        return Unknown(none_known(unpriced), fix=say("see what was left out: prices and currency rates")), ()
    if not parts:
        nothing = Unknown(
            say("no calls, bills or costs are recorded"),
            fix=say("list a source of usage, bill_line or cost in payback.toml"),
        )
        return nothing, ()
    value = sum((part.value for _, part in parts), Decimal(0))
    bounds = _added_bounds([part for _, part in parts])
    if unpriced or spending.unpriced_hours:
        least = value if bounds is None else bounds.low
        bounds = Interval(least, None, "missing-bounds", None, say("what is known, and no upper end"))
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
            origins=sources.of(
                *("usage", "bill_line", "cost"),
                *sorted({line.table for line in spending.costs} - {"cost"}),
            ),
            omissions=(
                *(omission for _, part in parts for omission in part.omissions),
                *([none_known(unpriced)] if unpriced else []),
                *([without_price(spending.unpriced_hours)] if spending.unpriced_hours else []),
            ),
        ),
        tuple(parts),
    )


def none_known(calls: int) -> str:
    """Why nothing can be said of calls that all have no known cost."""
    return say_count(
        "the cost of its {shown} call is not known",
        "of its {shown} calls none has a known cost",
        calls,
        shown=written_count(calls),
    )


def _without_twice(lines: Sequence[Out]) -> Interval | None:
    """Limits of hardware whose rows overlap: the lower one counts hours once that two rows have."""
    again = sum((line.again for line in lines), Decimal(0))
    if not again:
        return None
    value = sum((line.amount for line in lines), Decimal(0))
    without = say("without hours that rows of the same pool have twice")
    return Interval(value - again, value, "missing-bounds", None, without)


def _added_bounds(parts: Sequence[Figure]) -> Interval | None:
    """The bounds of a sum: of each part, or its value where it is known."""
    if not any(part.bounds for part in parts):
        return None
    lows = [part.value if part.bounds is None else part.bounds.low for part in parts]
    highs = [part.value if part.bounds is None else part.bounds.high for part in parts]
    return Interval(
        sum((low for low in lows if low is not None), Decimal(0)),
        None if None in highs else sum((high for high in highs if high is not None), Decimal(0)),
        "missing-bounds",
        None,
        say("from what is known to the most it can be"),
    )


def _models(spending: Spending, currency: str, period: Period, sources: Sources) -> Figure:
    called = any(work.calls for work in spending.works)
    inputs: list[Input] = []
    if spending.bills:
        inputs.append(Input(say("invoiced"), money(spending.billed, currency), Evidence.BILLED))
    rest = spending.without_invoice
    if not spending.bills:
        listed = say("calls at the price of their day")
        inputs.append(Input(listed, money(spending.listed, currency), Evidence.MEASURED))
    elif called:
        covered = spending.listed - rest
        inputs.append(Input(say("the same calls at list price"), money(covered, currency), Evidence.MEASURED))
        inputs.append(Input(say("invoiced less list price"), money(spending.billed - covered, currency)))
        if rest:
            listed = say("calls at list price, of months without an invoice")
            inputs.append(Input(listed, money(rest, currency), Evidence.MEASURED))
    value = spending.billed + rest
    bounds: Interval | None = None
    omissions: tuple[str, ...] = ()
    if called and (rest or not spending.bills):
        bounds, omissions = _missing(spending, value)
    return Figure(
        name="models",
        value=value,
        unit="money",
        formula="spend",
        evidence=Evidence.BILLED if spending.bills and not rest else Evidence.MEASURED,
        currency=currency,
        period=period,
        bounds=bounds,
        count=sum(bill.rows for bill in spending.bills)
        if spending.bills
        else sum(work.calls for work in spending.works),
        counted=say("invoice lines") if spending.bills else say("calls"),
        inputs=tuple(inputs),
        origins=(
            *(sources.of("bill_line") if spending.bills else ()),
            *(sources.of("usage") if not spending.bills or rest else ()),
        ),
        omissions=omissions,
    )


def _missing(spending: Spending, value: Decimal) -> tuple[Interval | None, tuple[str, ...]]:
    """Limits where the cost of calls is not known, and how many calls that are."""
    low, high = limits_of_spend(spending.works)
    unknown = sum(work.unknown_calls for work in spending.works)
    omissions: tuple[str, ...] = ()
    if unknown:
        omissions = (
            say_count("{count} call has no known cost", "{count} calls have no known cost", unknown),
        )
    listed = spending.listed
    if low == high == listed:
        return None, omissions
    return (
        Interval(
            value - (listed - low),
            None if high is None else value + (high - listed),
            "missing-bounds",
            None,
            say("unknown costs at 0, and at the largest known"),
        ),
        omissions,
    )


def limits_of_spend(works: Sequence[Work]) -> tuple[Decimal, Decimal | None]:
    """The least and the most that calls can have cost; None where nothing bounds it from above.

    A task of unknown cost costs at most the largest known one; calls of no task have no such limit.
    """
    low = high = Fraction(0)
    open_end = False
    for work in works:
        low += work.spent_pico - work.assumed_pico
        high += work.spent_pico
        if work.unknown_days or (work.unknown_trials and not work.most_pico):
            open_end = True
        high += work.unknown_trials * Fraction(work.most_pico)
    return of_pico(low), None if open_end else of_pico(high)


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
        HARDWARE: say("hardware held"),
    }.get(category, category)
