"""Hardware held by a use case: in its money out once, and what an allocated and a busy hour of it cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback.assessment import HeldHardware
from payback.assessor.context import Sources
from payback.assessor.estimates import exact
from payback.assessor.exchange import HARDWARE, Exchange, Out
from payback.ledger import Ledger
from payback.locale import say, say_count
from payback.measures.returns.burn import Burn
from payback.measures.returns.idle import (
    HELD_QUERY,
    INVOICED_QUERY,
    Held,
    Limited,
    Said,
    Use,
    cost_per_hour,
    decimal,
    held,
    idle,
    share,
    spare,
    used,
)
from payback.numbers import count as written_count
from payback.numbers import money, short
from payback.records import Evidence, Figure, Interval, Money, Period, Unknown

Month = tuple[int, int]
HOURS_A_DAY = 24
"""Of a day to come; those past are counted as the clock ran."""


@dataclass(frozen=True, slots=True)
class Priced:
    """Hardware held on a day and the price of a device hour in the project's currency, None where not known.

    `instead` names what stands in the place of its money, so that it is counted once.
    """

    line: Held
    price: Fraction | None
    instead: str = ""


def held_by(
    ledger: Ledger, costs: Mapping[str, Sequence[Out]], exchange: Exchange
) -> dict[str, list[Priced]]:
    """Hardware by use case, as the ledger has it; beside `costs` its money is there once."""
    lines = priced(held(ledger.rows(HELD_QUERY)), exchange)
    return counted_once(lines, costs, ledger.rows(INVOICED_QUERY))


def priced(lines: Iterable[Held], exchange: Exchange) -> dict[str, list[Priced]]:
    """By use case. A price without a currency rate is none; it is counted with what has no rate."""
    found: defaultdict[str, list[Priced]] = defaultdict(list)
    for line in lines:
        price = None
        if line.price is not None:
            price = exchange.amount(line.price, line.currency, line.day, line.rows)
        found[line.use_case].append(Priced(line, None if price is None else Fraction(price)))
    return dict(found)


def counted_once(
    found: Mapping[str, Sequence[Priced]],
    costs: Mapping[str, Sequence[Out]],
    invoiced: Iterable[tuple[str, str, date]],
) -> dict[str, list[Priced]]:
    """Where a row of cost whose note is the pool, or an invoice of that service, is of the same month: marked.

    These are better known than hours at a price, so they stand in the place of it.
    """
    bills = {(use_case, pool.casefold(), _month(month)) for use_case, pool, month in invoiced}
    marked = {}
    for use_case, lines in found.items():
        noted = {
            (line.what.casefold(), _month(line.day))
            for line in costs.get(use_case, ())
            if line.what != line.category
        }

        def instead(line: Held, use_case: str = use_case, noted: set[tuple[str, Month]] = noted) -> str:
            pool, month = line.pool.casefold(), _month(line.day)
            if (pool, month) in noted:
                return say("rows of cost")
            return say("invoices") if (use_case, pool, month) in bills else ""

        marked[use_case] = [replace(each, instead=instead(each.line)) for each in lines]
    return marked


def with_hardware(
    costs: Mapping[str, Sequence[Out]], found: Mapping[str, Sequence[Priced]]
) -> dict[str, Sequence[Out]]:
    """Costs with the hardware held: hours of a day at their price, once."""
    added = dict(costs)
    for use_case, lines in found.items():
        added[use_case] = [*costs.get(use_case, ()), *(out for each in lines if (out := _out(each)))]
    return added


def _out(each: Priced) -> Out | None:
    line = each.line
    if each.price is None or each.instead:
        return None
    return Out(
        day=line.day,
        amount=decimal(line.hours * each.price),
        category=HARDWARE,
        evidence=Evidence.MEASURED,
        arm="",
        what=line.pool,
        committed_until=line.committed_until,
        rows=line.rows,
        table="capacity",
        again=decimal(line.again * each.price),
        a_day=decimal(each.price * Fraction(line.last_devices) * HOURS_A_DAY),
    )


def unpriced_hours(lines: Iterable[Priced], period: Period) -> Fraction:
    """Device hours of the period that nothing gives a price to."""
    return sum(
        (
            each.line.hours
            for each in lines
            if each.price is None and not each.instead and each.line.day in period
        ),
        Fraction(0),
    )


def without_price(hours: Fraction) -> str:
    """What is said of hours without a price."""
    return say("{hours} device hours have no price", hours=short(exact(hours)))


def hardware(
    lines: Sequence[Priced], currency: str, period: Period, sources: Sources, burn: Burn | None
) -> tuple[HeldHardware, ...]:
    """Each pool of a use case over the period, and month by month; by name."""
    pools: defaultdict[str, list[Priced]] = defaultdict(list)
    for each in lines:
        if each.line.day in period:
            pools[each.line.pool].append(each)
    return tuple(_pool(name, pools[name], currency, period, sources, burn) for name in sorted(pools))


def _pool(
    name: str, lines: Sequence[Priced], currency: str, period: Period, sources: Sources, burn: Burn | None
) -> HeldHardware:
    whole = _held(name, None, lines, currency, period, sources)
    months: defaultdict[Month, list[Priced]] = defaultdict(list)
    for each in lines:
        months[_month(each.line.day)].append(each)
    due = [] if burn is None else [(owed, until) for what, owed, until in burn.falls_due_for if what == name]
    return replace(
        whole,
        months=tuple(
            _held(name, date(*month, 1), months[month], currency, period, sources) for month in sorted(months)
        ),
        falls_due=Money(sum((owed.amount for owed, _ in due), Decimal(0)), currency) if due else None,
        due_until=max((until for _, until in due), default=None),
        notes=_notes(name, lines, currency),
    )


def _held(
    name: str, month: date | None, lines: Sequence[Priced], currency: str, period: Period, sources: Sources
) -> HeldHardware:
    use = used((each.line, each.price) for each in lines)
    make = _Figures(lines, use, currency, period, sources)
    return HeldHardware(
        name=name,
        month=month,
        hours=make.hours(),
        cost=make.cost(),
        allocated=make.share("allocated_share", use.allocated, say("allocated")),
        busy=make.share("busy_share", use.busy, say("busy")),
        per_allocated_hour=make.per_hour(
            "per_allocated_hour", use.priced_allocated, say("allocated"), say("allocated hour")
        ),
        per_busy_hour=make.per_hour("per_busy_hour", use.priced_busy, say("busy"), say("busy hour")),
        not_allocated=make.idle(
            "not_allocated", idle(use.paid, use.paid_allocated), use.paid_allocated, say("allocated")
        ),
        not_busy=make.idle(
            "allocated_not_busy", spare(use.paid, use.paid_spare), use.paid_spare, say("allocated and busy")
        ),
        idle=make.idle("idle", idle(use.paid, use.paid_busy), use.paid_busy, say("busy")),
    )


class _Figures:
    """Figures of one pool in one stretch of days."""

    def __init__(
        self, lines: Sequence[Priced], use: Use, currency: str, period: Period, sources: Sources
    ) -> None:
        self.use, self.currency, self.period = use, currency, period
        self.rows = sum(each.line.rows for each in lines)
        self.origins = sources.of("capacity")
        self.missing = (without_price(use.unpriced),) if use.unpriced else ()

    def hours(self) -> Figure:
        again = self.use.again
        return self._figure(
            "device_hours",
            Limited(self.use.hours, self.use.hours - again, self.use.hours),
            "hardware",
            unit="hours",
        )

    def cost(self) -> Figure | Unknown:
        if not self.use.priced:
            return self._no_price()
        found = Limited(
            self.use.paid, self.use.paid - self.use.paid_again, None if self.use.unpriced else self.use.paid
        )
        return self._figure("hardware_cost", found, "hardware", money=True, omissions=self.missing)

    def share(self, name: str, said: Said, word: str) -> Figure | Unknown:
        if not said.of:
            return _not_said(word)
        found = share(said, self.use.hours)
        return self._figure(name, found, "hardware-share", unit="share", omissions=self._silent(said, word))

    def per_hour(self, name: str, said: Said, word: str, per: str) -> Figure | Unknown:
        if not self.use.priced:
            return self._no_price()
        found = cost_per_hour(self.use.paid, said, self.use.priced)
        if found is None or (found.value is None and said.of):
            return Unknown(
                say(
                    "no hour is said to be {word}: {cost} bought none",
                    word=word,
                    cost=money(decimal(self.use.paid), self.currency),
                )
            )
        if found.value is None:
            least = say(
                "at least {price}", price=money(decimal(found.low), self.currency)
            )  # were every hour of it useful
            return _not_said(word, least)
        return self._figure(
            name,
            found,
            "cost-per-allocated-hour" if name == "per_allocated_hour" else "cost-per-busy-hour",
            money=True,
            per=per,
            omissions=(*self._silent(said, word, self.use.priced), *self.missing),
        )

    def idle(self, name: str, found: Limited, said: Said, word: str) -> Figure | Unknown:
        if not self.use.priced:
            return self._no_price()
        if found.value is None:
            return _not_said(
                word,
                say("between nothing and {paid}", paid=money(decimal(self.use.paid), self.currency))
                if found.high
                else "",
            )
        omissions = list(self.missing)
        if said.of < self.use.paid:
            silent = money(decimal(self.use.paid - said.of), self.currency)
            omissions.append(
                say("{silent} of hours that do not say how much was {word}", silent=silent, word=word)
            )
        if name == "allocated_not_busy" and self.use.odd:
            omissions.append(
                say(
                    "{hours} device hours say that they were busy for longer than allocated",
                    hours=short(exact(self.use.odd)),
                )
            )
        return self._figure(name, found, "idle-money", money=True, omissions=tuple(omissions))

    def _silent(self, said: Said, word: str, hours: Fraction | None = None) -> tuple[str, ...]:
        silent = (self.use.hours if hours is None else hours) - said.of
        if not silent:
            return ()
        return (
            say(
                "{hours} device hours do not say how much was {word}: taken to be like the others",
                hours=short(exact(silent)),
                word=word,
            ),
        )

    def _no_price(self) -> Unknown:
        return Unknown(
            say("no price of a device hour is known"),
            fix=say("give price_per_device_hour and its currency in the rows of capacity"),
        )

    def _figure(
        self,
        name: str,
        found: Limited,
        formula: str,
        *,
        unit: str = "money",
        money: bool = False,
        per: str | None = None,
        omissions: tuple[str, ...] = (),
    ) -> Figure:
        value = found.value or Fraction(0)
        bounds = None
        if found.low != value or found.high != value:
            bounds = Interval(
                decimal(found.low),
                None if found.high is None else decimal(found.high),
                "missing-bounds",
                None,
                say("whatever the hours that do not say it were")
                if name not in {"device_hours", "hardware_cost"}
                else say("without hours that rows of the same pool have twice"),
            )
        return Figure(
            name=name,
            value=decimal(value),
            unit=unit,
            formula=formula,
            evidence=Evidence.MEASURED,
            currency=self.currency if money else None,
            per=per,
            period=self.period,
            bounds=bounds,
            count=self.rows,
            counted=say("rows"),
            origins=self.origins,
            omissions=omissions,
        )


def _not_said(word: str, limits: str = "") -> Unknown:
    """A share that nobody gives is neither 0 nor 1; what that leaves open is said."""
    reason = say("no row says how much of the time was {word}", word=word)
    if limits:
        reason = say("{reason}; {limits}", reason=reason, limits=limits)
    return Unknown(
        reason,
        fix=say("fill allocated_share and busy_share, each a share of all time, in the rows of capacity"),
    )


def _notes(name: str, lines: Sequence[Priced], currency: str) -> tuple[str, ...]:
    """Rows that overlap, and months whose money stands elsewhere."""
    notes = []
    use = used((each.line, each.price) for each in lines)
    if use.again:
        rows = sum(each.line.again_rows for each in lines)
        what = say_count(
            "{pool}: {shown} row overlaps an earlier one of the same pool, by {hours} device hours",
            "{pool}: {shown} rows overlap earlier ones of the same pool, by {hours} device hours",
            rows,
            pool=name,
            shown=written_count(rows),
            hours=short(exact(use.again)),
        )
        paid = money(decimal(use.paid_again), currency)
        notes.append(
            say(
                "{what} and {paid}. All are counted; where they are the same devices, remove one.",
                what=what,
                paid=paid,
            )
        )
    for instead in sorted({each.instead for each in lines if each.instead}):
        mine = [each for each in lines if each.instead == instead]
        amount = sum((each.line.hours * each.price for each in mine if each.price is not None), Fraction(0))
        months = len({_month(each.line.day) for each in mine})
        notes.append(
            say_count(
                "{pool}: in {count} month {instead} name this pool and stand in its place in money out; by hours and "
                "price it would be {amount}.",
                "{pool}: in {count} months {instead} name this pool and stand in its place in money out; by hours and "
                "price it would be {amount}.",
                months,
                pool=name,
                instead=instead,
                amount=money(decimal(amount), currency),
            )
        )
    return tuple(notes)


def _month(day: date) -> Month:
    return (day.year, day.month)
