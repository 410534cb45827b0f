"""What one call costs under a row of the calendar: the reference the ledger's SQL is checked against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from payback.prices.price_calendar import CalendarRow

WRITTEN_AT_MOST = 2
"""The dearest published write to a cache, in input rates: Anthropic's for an hour (list price of 2026)."""

End = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class CallTokens:
    """The metered tokens of one call: `input` is fresh input, without what was cached or written."""

    input: int = 0
    cached: int = 0
    write_5m: int = 0
    write_1h: int = 0
    output: int = 0

    @property
    def prompt(self) -> int:
        """All input, fresh, cached and written: what a tier's threshold is compared with."""
        return self.input + self.cached + self.write_5m + self.write_1h


def call_cost_pico(
    row: CalendarRow, tokens: CallTokens, second_of_day: int = 0, *, end: End = "low"
) -> int | None:
    """The cost in whole 10^-12 of the row's currency; None where it cannot be known.

    Where a cache rate is not known, `end` chooses the least (0) or the most: the input rate for
    cached tokens, twice that for written ones. The two ends are equal where every rate is known.
    `second_of_day` is the second of the UTC day, for hours with a price of their own.

    Worked: 250,000 fresh tokens in, 10,000 out at 3/15 USD a million, 6/22.5 past 200,000. Cliff:
    250,000 x 6 + 10,000 x 22.5 = 1.725 USD. Excess: 200,000 x 3 + 50,000 x 6 + 10,000 x 15 = 1.05 USD.
    """
    if not row.priced:
        return None
    plain = _in_window(row, second_of_day) or (
        row.input_pico,
        row.cached_pico,
        row.write_5m_pico,
        row.write_1h_pico,
        row.output_pico,
    )
    if row.tier_above is None or tokens.prompt <= row.tier_above:
        return _charged(plain, tokens, end)
    tier = (
        row.tier_input_pico,
        row.tier_cached_pico,
        row.tier_write_5m_pico,
        row.tier_write_1h_pico,
        row.tier_output_pico,
    )
    if row.tier_rule == "cliff":
        return _charged(tier, tokens, end)
    above = _last_of_prompt(tokens, tokens.prompt - row.tier_above)
    below = CallTokens(
        input=tokens.input - above.input,
        cached=tokens.cached - above.cached,
        write_5m=tokens.write_5m - above.write_5m,
        write_1h=tokens.write_1h - above.write_1h,
        output=tokens.output,
    )
    parts = (_charged(plain, below, end), _charged(tier, above, end))
    return None if None in parts else sum(part for part in parts if part is not None)


_FiveRates = tuple[int | None, int | None, int | None, int | None, int | None]


def _in_window(row: CalendarRow, second: int) -> _FiveRates | None:
    windows = (
        (row.window_from_second, row.window_to_second),
        (row.window_2_from_second, row.window_2_to_second),
    )
    for start, stop in windows:
        if start is not None and stop is not None and start <= second < stop:
            return (
                row.window_input_pico,
                row.window_cached_pico,
                row.window_write_5m_pico,
                row.window_write_1h_pico,
                row.window_output_pico,
            )
    return None


def _charged(rates: _FiveRates, tokens: CallTokens, end: End) -> int | None:
    fresh, cached, write_5m, write_1h, output = rates
    most_cached = most_written = 0
    if end == "high" and fresh is not None:
        most_cached, most_written = fresh, WRITTEN_AT_MOST * fresh
    high_needs_input = end == "high" and fresh is None
    parts = (
        (tokens.input, fresh),
        (tokens.cached, _known(cached, None if high_needs_input else most_cached)),
        (tokens.write_5m, _known(write_5m, None if high_needs_input else most_written)),
        (tokens.write_1h, _known(write_1h, None if high_needs_input else most_written)),
        (tokens.output, output),
    )
    if any(count and rate is None for count, rate in parts):
        return None
    return sum(count * (rate or 0) for count, rate in parts)


def _known(rate: int | None, otherwise: int | None) -> int | None:
    return otherwise if rate is None else rate


def _last_of_prompt(tokens: CallTokens, count: int) -> CallTokens:
    """The last `count` tokens of a prompt that starts with what was cached and ends with fresh input."""
    fresh = min(tokens.input, count)
    write_1h = min(tokens.write_1h, count - fresh)
    write_5m = min(tokens.write_5m, count - fresh - write_1h)
    return CallTokens(
        input=fresh,
        cached=count - fresh - write_1h - write_5m,
        write_5m=write_5m,
        write_1h=write_1h,
    )
