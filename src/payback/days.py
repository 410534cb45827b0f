"""How days and periods are written: 30 April, 31 Jan, January to December 2026."""

from __future__ import annotations

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
