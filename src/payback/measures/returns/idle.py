"""Owned or reserved hardware: what an allocated and a busy hour cost, and what is paid for neither.

Formulas and worked numbers: docs/formulas.md, "hardware" to "idle-money". `allocated_share` and `busy_share` are
both of all time: the two costs stand side by side and are never multiplied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

# A row counts on its first day; one begun before the period on the period's first day.
HELD_QUERY = """
    select h.use_case, h.pool, h.day, coalesce(h.currency, '') as currency, h.price, h.committed_until,
           sum(case when h.day = h.first_day or h.day = p.first_day_of then 1 else 0 end) as rows,
           sum(case when h.again_time > 0 and (h.day = h.first_day or h.day = p.first_day_of)
                    then 1 else 0 end) as again_rows,
           sum(h.last_devices) as last_devices,
           sum(h.device_time) as device_time, sum(h.again_time) as again_time,
           sum(h.allocated_said) as allocated_said, sum(h.allocated_time) as allocated_time,
           sum(h.busy_said) as busy_said, sum(h.busy_time) as busy_time,
           sum(h.spare_said) as spare_said, sum(h.spare_time) as spare_time, sum(h.odd_time) as odd_time
    from capacity_day h cross join period p
    group by h.use_case, h.pool, h.day, coalesce(h.currency, ''), h.price, h.committed_until
    order by use_case, pool, day, currency, price, committed_until
"""

# The money for a pool is counted once: where an invoice of the use case names it, that month is invoiced.
INVOICED_QUERY = """
    select b.use_case, b.service as pool, c.month
    from bill_row b
    join calendar c on b.day = c.day
    join (select use_case, pool from capacity_day group by use_case, pool) h
         on b.use_case = h.use_case and b.service = h.pool
    group by b.use_case, b.service, c.month
    order by use_case, pool, month
"""

MICROSECONDS_AN_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Said:
    """Hours of which a share is said, and how many of them it is true of."""

    of: Fraction = Fraction(0)
    hours: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Held:
    """One pool of one use case on one day, at one price. Hours are those of devices.

    `price` is money of `currency` an hour; None is not said. `again` are hours that an earlier row of the pool
    has too. `spare` is allocated but not busy, where both are said; `odd` hours are said to be busy for
    longer than they were allocated. `last_devices` are held when the day ends, or at the day's last hour.
    """

    use_case: str
    pool: str
    day: date
    currency: str
    price: Decimal | None
    committed_until: date | None
    rows: int
    again_rows: int
    last_devices: Decimal
    hours: Fraction
    again: Fraction
    allocated: Said
    busy: Said
    spare: Said
    odd: Fraction


def held(rows: Iterable[Sequence[Any]]) -> list[Held]:
    """From the rows of HELD_QUERY."""
    return [
        Held(
            use_case, pool, day, currency, None if price is None else Decimal(price).scaleb(-12), until,
            int(count), int(again_count), last, _hours(device), _hours(again),
            Said(_hours(allocated_of), _hours(allocated)), Said(_hours(busy_of), _hours(busy)),
            Said(_hours(spare_of), _hours(spare)), _hours(odd),
        )
        for use_case, pool, day, currency, price, until, count, again_count, last, device, again,
        allocated_of, allocated, busy_of, busy, spare_of, spare, odd in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """Stretches together: hours of devices, the money for those with a price, and the same by what is said.

    `paid` and the three below it are money: of all hours that have a price, and of the allocated, busy and spare
    ones among them. `unpriced` hours have no price.
    """

    hours: Fraction
    again: Fraction
    odd: Fraction
    allocated: Said
    busy: Said
    spare: Said
    priced: Fraction
    paid: Fraction
    paid_again: Fraction
    paid_allocated: Said
    paid_busy: Said
    paid_spare: Said
    priced_allocated: Said
    priced_busy: Said

    @property
    def unpriced(self) -> Fraction:
        return self.hours - self.priced


def used(lines: Iterable[tuple[Held, Fraction | None]]) -> Use:
    """Add up; each line comes with the price of a device hour in one currency, None where there is none."""
    every = list(lines)
    known = [(line, price) for line, price in every if price is not None]

    def said(name: str) -> Said:
        return _sum((getattr(line, name), Fraction(1)) for line, _ in every)

    def paid(name: str) -> Said:
        return _sum((getattr(line, name), price) for line, price in known)

    return Use(
        hours=sum((line.hours for line, _ in every), Fraction(0)),
        again=sum((line.again for line, _ in every), Fraction(0)),
        odd=sum((line.odd for line, _ in every), Fraction(0)),
        allocated=said("allocated"),
        busy=said("busy"),
        spare=said("spare"),
        priced=sum((line.hours for line, _ in known), Fraction(0)),
        paid=sum((line.hours * price for line, price in known), Fraction(0)),
        paid_again=sum((line.again * price for line, price in known), Fraction(0)),
        paid_allocated=paid("allocated"),
        paid_busy=paid("busy"),
        paid_spare=paid("spare"),
        priced_allocated=_sum((line.allocated, Fraction(1)) for line, _ in known),
        priced_busy=_sum((line.busy, Fraction(1)) for line, _ in known),
    )


@dataclass(frozen=True, slots=True)
class Limited:
    """A number, and the least and most it can be whatever is not said; `high` None has no upper end.

    `value` None: nothing is said at all.
    """

    value: Fraction | None
    low: Fraction
    high: Fraction | None

    @property
    def is_known(self) -> bool:
        return self.value is not None and self.low == self.value == self.high


def share(said: Said, hours: Fraction) -> Limited:
    """Of `hours`, the share that `said` is true of; what says nothing is taken to be like the rest.

    Its limits are those with all of the silent hours so, and none of them. 150 of 200 hours that say it, of 250
    in all: 75 of 100, between 60 (150 / 250) and 80 (200 / 250).

    >>> share(Said(Fraction(200), Fraction(150)), Fraction(250))
    Limited(value=Fraction(3, 4), low=Fraction(3, 5), high=Fraction(4, 5))
    """
    silent = hours - said.of
    low, high = said.hours / hours, (said.hours + silent) / hours
    return Limited(said.hours / said.of if said.of else None, low, high)


def cost_per_hour(paid: Fraction, said: Said, hours: Fraction) -> Limited | None:
    """All that is paid for `hours` over those of them that `said` is true of; None: nobody says that there are any.

    Silent hours are taken to be like the rest; the limits are all of them so, and none. Without a word on any of
    them it is `paid / hours` or more.

    >>> cost_per_hour(Fraction(500), Said(Fraction(250), Fraction(125)), Fraction(250))
    Limited(value=Fraction(4, 1), low=Fraction(4, 1), high=Fraction(4, 1))
    """
    silent = hours - said.of
    most = said.hours + silent
    if not most:
        return None
    likely = said.hours * hours / said.of if said.of else Fraction(0)
    return Limited(
        paid / likely if likely else None,
        paid / most,
        paid / said.hours if said.hours else None,
    )


def idle(paid: Fraction, used_for: Said) -> Limited:
    """Of what is `paid`, the money for hours that `used_for` is not true of; it is money, by hours at their price.

    Money whose hours say nothing is taken to be like the rest; its limits are none of it idle, and all of it.
    """
    silent = paid - used_for.of
    known = used_for.of - used_for.hours
    value = known * paid / used_for.of if used_for.of else None
    return Limited(value, known, known + silent)


def spare(paid: Fraction, split: Said) -> Limited:
    """Of what is `paid`, the money for hours that were allocated and not busy, where both are said."""
    silent = paid - split.of
    value = split.hours * paid / split.of if split.of else None
    return Limited(value, split.hours, split.hours + silent)


def decimal(value: Fraction) -> Decimal:
    """Rounded to 10^-12, as money is kept."""
    return Decimal(round(value * 10**12)).scaleb(-12)


def _sum(parts: Iterable[tuple[Said, Fraction]]) -> Said:
    of = hours = Fraction(0)
    for said, weight in parts:
        of += said.of * weight
        hours += said.hours * weight
    return Said(of, hours)


def _hours(microseconds: Decimal | int) -> Fraction:
    return Fraction(microseconds) / MICROSECONDS_AN_HOUR
