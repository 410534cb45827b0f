"""How days and periods are written: 30 April, 31 Jan, January to December 2026; and what a month later is."""

from __future__ import annotations

import re
from datetime import date, timedelta

from payback.locale import say
from payback.records import Period


def months() -> tuple[str, ...]:
    """January to December."""
    return (
        say("January"), say("February"), say("March"), say("April"), say("May"), say("June"), say("July"),
        say("August"), say("September"), say("October"), say("November"), say("December"),
    )  # fmt: skip


def short_months() -> tuple[str, ...]:
    """Jan to Dec."""
    return (
        say("Jan"), say("Feb"), say("Mar"), say("Apr"), say("May"), say("Jun"), say("Jul"),
        say("Aug"), say("Sep"), say("Oct"), say("Nov"), say("Dec"),
    )  # fmt: skip


def day(of: date) -> str:
    """30 April 2026."""
    return say("{day} {month} {year}", day=of.day, month=months()[of.month - 1], year=of.year)


def short_day(of: date, *, near: date | None = None) -> str:
    """31 Jan; with the year where it is another one than that of `near`."""
    month = short_months()[of.month - 1]
    if near is None or near.year != of.year:
        return say("{day} {month} {year}", day=of.day, month=month, year=of.year)
    return say("{day} {month}", day=of.day, month=month)


def month(of: date) -> str:
    """April 2026."""
    return say("{month} {year}", month=months()[of.month - 1], year=of.year)


def short_month(of: date, *, year: bool = True) -> str:
    """Apr 2026, or Apr."""
    name = short_months()[of.month - 1]
    return say("{month} {year}", month=name, year=of.year) if year else name


def last_day(period: Period) -> date:
    """A period ends before its `first_day_after`."""
    return period.first_day_after - timedelta(days=1)


def period(of: Period) -> str:
    """January to December 2026 for whole months, else the first and the last day."""
    first, last = of.first_day, last_day(of)
    whole = first.day == 1 and of.first_day_after.day == 1
    if whole and (first.year, first.month) == (last.year, last.month):
        return month(first)
    if whole and first.year == last.year:
        return say("{first} to {last}", first=months()[first.month - 1], last=month(last))
    if whole:
        return say("{first} to {last}", first=month(first), last=month(last))
    if first == last:
        return day(first)
    if first.year == last.year:
        opening = say("{day} {month}", day=first.day, month=months()[first.month - 1])
        return say("{first} to {last}", first=opening, last=day(last))
    return say("{first} to {last}", first=day(first), last=day(last))


def read_period(text: str) -> Period | None:
    """2026, 2026-Q3, 2026-07, 2026-07-15, or FIRST..END with END not included; None if it is none of them."""
    first, dots, end = text.partition("..")
    if dots:
        ends = (_read_day(first), _read_day(end))
        if ends[0] is None or ends[1] is None or ends[0] >= ends[1]:
            return None
        return Period(ends[0], ends[1])
    if (found := re.fullmatch(r"(\d{4})(?:-(?:[qQ]([1-4])|(\d\d)))?", text)) is not None:
        year, quarter, month_ = found.groups()
        begins, months_ = (3 * int(quarter) - 2, 3) if quarter else (int(month_ or 1), 1 if month_ else 12)
        if not 1 <= begins <= DECEMBER or not 1 <= int(year) < date.max.year:
            return None
        later = begins + months_
        after = date(int(year) + (later > DECEMBER), (later - 1) % DECEMBER + 1, 1)
        return Period(date(int(year), begins, 1), after)
    only = _read_day(text)
    return None if only is None or only == date.max else Period(only, only + timedelta(days=1))


DECEMBER = 12


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def months_on(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    after = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return first + timedelta(days=min(day.day, (after - first).days) - 1)
