"""The table of `payback usage`: heading, one line a group, the total."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from payback.locale import say, say_count
from payback.records import Money

if TYPE_CHECKING:
    from payback.usage import Counted, Usage

SHOWN = 40
"""Rows the terminal shows; the rest are one line. --json and --csv have all."""
NAME_LETTERS = 40
CENT = Decimal("0.01")


def heading(found: Usage) -> str:
    from payback.days import period

    calls = counted_calls(found.total.calls, found.total.uncounted)
    files = say_count("{count:,} file", "{count:,} files", found.files)
    if found.period is None:
        return say("No calls in {files}", files=files)
    return say(
        "{period}, days in {timezone}, {currency}, {calls}, {files}",
        period=period(found.period),
        timezone=found.timezone,
        currency=found.currency,
        calls=calls,
        files=files,
    )


def counted_calls(calls: int, uncounted: int) -> str:
    """12 calls, and sums of calls that nobody counted."""
    counted = say_count("{count:,} call", "{count:,} calls", calls)
    if not uncounted:
        return counted
    sums = say_count("{count:,} sum of uncounted calls", "{count:,} sums of uncounted calls", uncounted)
    return say("{calls} and {sums}", calls=counted, sums=sums) if calls else sums


def table(found: Usage) -> list[str]:
    heads = [
        _by_word(found.by),
        say("calls"),
        say("fresh in"),
        say("cached in"),
        say("cache writes"),
        say("out"),
        say("list price"),
    ]
    cells = [
        [_shortened(row.key or say("not named")), *_cells(row.counted)]
        for row in (found.rows if len(found.rows) <= SHOWN + 1 else found.rows[:SHOWN])
    ]
    if len(found.rows) > SHOWN + 1:
        from payback.usage import together

        rest = found.rows[SHOWN:]
        name = say("{count} more", count=len(rest))
        cells.append([name, *_cells(together([row.counted for row in rest], found.currency))])
    if len(found.rows) > 1:
        cells.append([say("total"), *_cells(found.total)])
    widths = [max(len(line[at]) for line in (heads, *cells)) for at in range(len(heads))]
    return [
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (heads, *cells)
    ]


def _cells(counted: Counted) -> list[str]:
    unknown = counted.unmetered == counted.records
    calls = say("{count:,} or more", count=counted.calls) if counted.uncounted else f"{counted.calls:,}"
    return [
        calls if counted.calls or not counted.uncounted else "?",
        *(
            "?" if unknown and not count else counted_tokens(count)
            for count in (counted.fresh, counted.cached, counted.written, counted.out)
        ),
        cost(counted),
    ]


def _by_word(by: str) -> str:
    words = {
        "model": say("model"),
        "day": say("day"),
        "week": say("week from"),
        "month": say("month"),
        "session": say("session"),
        "project": say("project"),
        "branch": say("branch"),
        "user": say("user"),
        "tool": say("tool"),
        "service": say("service"),
        "use-case": say("use case"),
        "tag": say("tag"),
    }
    return words.get(by) or by.partition(":")[2]  # tag:NAME, by its own name


def counted_tokens(count: int) -> str:
    """6.1 M, 402 k: three digits say enough; --json and --csv have all."""
    for size, mark in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if count >= size:
            return f"{Decimal(count) / size:,.1f}{mark}"
    return str(count)


def cost(counted: Counted) -> str:
    if counted.records and counted.unpriced + counted.unmetered == counted.records:
        return say("not priced")
    amount = money(counted.cost)
    return say("{amount} or more", amount=amount) if counted.or_more else amount


def money(money: Money) -> str:
    from payback.numbers import fixed

    amount = money.amount
    # Less than a cent is not nothing: two digits of it.
    return fixed(amount, 1 - amount.adjusted() if 0 < abs(amount) < CENT else 2)


def _shortened(text: str) -> str:
    clean = plain(text)
    return clean if len(clean) <= NAME_LETTERS else "…" + clean[1 - NAME_LETTERS :]


def plain(text: str) -> str:
    from payback.report.inert import plain

    return plain(text)
