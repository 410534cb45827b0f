"""The SQL that prices calls equals payback.prices.call_cost_pico, call by call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payback.ledger import Ledger
from payback.ledger.engine import Engine, quoted
from payback.ledger.facts import Key, batch_facts, facts_of
from payback.ledger.priced import _stretches, priced_calls
from payback.prices import (
    CalendarRow,
    CallTokens,
    CurrencyRate,
    Override,
    PriceBook,
    calendar,
    call_cost_pico,
)
from payback.project import Project
from payback.tables import ENGINE_TYPE, TABLES
from tests.ledger.built import PRICE, asked, made, opened, own_prices

DAY = date(2026, 3, 31)
PARTS = ("input", "cached", "write_5m", "write_1h", "output")
COLUMNS = ("input_tokens", "cached_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens")

rates = st.one_of(
    st.integers(0, 20_000_000),  # up to 20 a million tokens
    st.integers(10**15, 10**21),  # beyond 64 bits once multiplied
    st.just(0),
)
maybe = st.one_of(st.none(), rates)
tokens = st.one_of(st.integers(0, 5), st.integers(0, 300_000), st.integers(0, 10**12))


@st.composite
def calendar_rows(draw: st.DrawFn) -> CalendarRow:
    """A priced day: plain rates, and perhaps a tier or hours of its own, never both."""
    row: dict[str, Any] = {"input_pico": draw(rates)}
    row |= {f"{part}_pico": draw(maybe) for part in PARTS[1:]}
    kind = draw(st.sampled_from(["plain", "cliff", "excess", "hours"]))
    if kind in {"cliff", "excess"}:
        row |= {"tier_above": draw(st.integers(0, 300_000)), "tier_rule": kind}
        row |= {f"tier_{part}_pico": draw(maybe) for part in PARTS}
    if kind == "hours":
        edges = sorted(draw(st.lists(st.integers(0, 86_400), min_size=4, max_size=4)))
        ends = ("window_from_second", "window_to_second", "window_2_from_second", "window_2_to_second")
        row |= dict(zip(ends, edges if draw(st.booleans()) else [*edges[:2], None, None], strict=True))
        row |= {f"window_{part}_pico": draw(maybe) for part in PARTS}
    return CalendarRow("", "m", "standard", DAY, "EUR", priced=True, **row)


@dataclass(frozen=True)
class Call:
    """Tokens as metered; None is not."""

    tokens: tuple[int | None, ...]
    micro: int  # of the day

    @property
    def time(self) -> datetime:
        return datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(microseconds=self.micro)


calls = st.builds(
    Call,
    st.tuples(*[st.one_of(tokens, st.just(0), st.none())] * 5),
    st.one_of(
        st.integers(0, 86_399).map(lambda second: second * 10**6 + 999_999),
        st.integers(0, 86_400 * 10**6 - 1),
    ),
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Engine() as engine:
        yield Desk(made(tmp_path_factory.mktemp("project")), engine)


@dataclass(frozen=True)
class Desk:
    """One engine for all examples."""

    project: Project
    engine: Engine

    def usage(self, calls: Sequence[Call]) -> Path:
        """A file of the record holding the calls; `task` is their place."""
        types = [(column.name, ENGINE_TYPE[column.kind]) for column in TABLES["usage"].columns]
        types += [("source_row", "BIGINT"), ("received", "BIGINT"), ("batch", "VARCHAR")]
        known = {
            "model": "m",
            "service_tier": "standard",
            "use_case": "u",
            "trial": "1",
            "batch": "b",
            "received": 1,
        }
        rows = []
        for number, call in enumerate(calls):
            row = known | dict(zip(COLUMNS, call.tokens, strict=True))
            row |= {"task": str(number), "source_row": number, "time": call.time.replace(tzinfo=None)}
            rows.append([row.get(name) for name, _ in types])
        self.engine.load("given", types, rows)
        file = self.engine.scratch / "usage.parquet"
        self.engine.run(f"copy given to {quoted(str(file))} (format parquet)")
        return file

    def priced(self, row: CalendarRow, calls: Sequence[Call]) -> list[tuple[int | None, int]]:
        """Cost and what of it is assumed, of each call, as the ledger has it."""
        facts = facts_of([batch_facts(self.engine, "usage", self.usage(calls))])
        self.engine.run("create or replace temp view usage_known as select * from given")
        with patch("payback.ledger.priced.calendar", lambda *_: [row]):
            priced_calls(self.engine, self.project, facts, *own_prices(self.project))
        return self.engine.rows("select pico, assumed_pico from call_cost order by cast(task as integer)")


def by_hand(row: CalendarRow, call: Call) -> tuple[int | None, int]:
    if call.tokens[0] is None or call.tokens[-1] is None:
        return None, 0
    counts = CallTokens(*(count or 0 for count in call.tokens))
    most = call_cost_pico(row, counts, call.micro // 10**6, end="high")
    least = call_cost_pico(row, counts, call.micro // 10**6)
    return (None, 0) if most is None else (most, most - (least or 0))


@pytest.mark.long
@settings(max_examples=60)
@given(row=calendar_rows(), calls=st.lists(calls, min_size=1, max_size=40))
@example(
    row=CalendarRow("", "m", "standard", DAY, "EUR", priced=True, input_pico=3, output_pico=None),
    calls=[Call((5, None, None, None, 0), 0), Call((5, None, None, None, 1), 0)],
)
@example(
    row=CalendarRow(
        "", "m", "standard", DAY, "EUR", priced=True, input_pico=3, output_pico=15,
        window_from_second=0, window_to_second=28_800, window_input_pico=1, window_output_pico=5,
    ),
    calls=[Call((10, None, None, None, 10), 28_799_999_999), Call((10, None, None, None, 10), 28_800 * 10**6)],
)  # fmt: skip
@example(
    row=CalendarRow("", "m", "standard", DAY, "EUR", priced=True, input_pico=3, output_pico=15),
    calls=[Call((10, 7, 3, 2, None), 0), Call((None, 7, 3, 2, 10), 0), Call((10, 7, 3, 2, 1), 0)],
)
def test_every_call_costs_what_the_calendar_says(desk: Desk, row: CalendarRow, calls: list[Call]) -> None:
    assert desk.priced(row, calls) == [by_hand(row, call) for call in calls]


def test_the_published_examples_of_a_tier(desk: Desk) -> None:
    """250,000 in and 10,000 out at 3 and 15, past 200,000 at 6 and 22.5: 1.725 all of it, 1.05 the excess."""
    row = CalendarRow(
        "", "m", "standard", DAY, "EUR", priced=True, input_pico=3_000_000, output_pico=15_000_000,
        tier_above=200_000, tier_rule="cliff", tier_input_pico=6_000_000, tier_output_pico=22_500_000,
    )  # fmt: skip
    call = Call((250_000, None, None, None, 10_000), 0)
    assert desk.priced(row, [call]) == [(1_725 * 10**9, 0)]
    assert desk.priced(replace(row, tier_rule="excess"), [call]) == [(1_050 * 10**9, 0)]


def test_a_model_without_a_price_is_unknown_and_listed(tmp_path: Path) -> None:
    calls = [
        {"time": "2026-01-05 10:00:00", "task": "a", "model": "m", "input_tokens": 10, "output_tokens": 1},
        {"time": "2026-01-05 10:00:00", "task": "a", "model": "x", "input_tokens": 10, "output_tokens": 1},
        {"time": "2026-01-06 10:00:00", "task": "b", "model": "x", "input_tokens": 10, "output_tokens": None},
    ]
    with opened(made(tmp_path, PRICE, usage=calls)) as ledger:
        assert ledger.rows("select model, calls from unpriced") == [("x", 1)]
        found = ledger.rows(
            "select task, pico, unknown_calls, unpriced_calls, partial_pico from task_cost order by task"
        )
    assert found == [("a", 30_000_000, 1, 1, 30_000_000), ("b", 0, 1, 0, 0)]


def test_a_service_tier_without_a_known_price_is_unknown(tmp_path: Path) -> None:
    call = {"time": "2026-01-05 10:00:00", "model": "m", "input_tokens": 10, "output_tokens": 1}
    calls = [
        call | {"task": "plain"},
        call | {"task": "batch", "service_tier": "batch"},
        call | {"task": "flex", "service_tier": "flex"},
    ]
    more = PRICE + '[[discounts]]\nservice_tier = "batch"\nfactor = 0.5\nmodel = "m"\n'
    found = asked(
        made(tmp_path, more, usage=calls), "select task, pico, unpriced_calls from task_cost order by task"
    )
    assert found == [("batch", 15_000_000, 0), ("flex", 0, 1), ("plain", 30_000_000, 0)]


def test_a_price_changes_at_midnight_utc_in_any_time_zone(tmp_path: Path) -> None:
    more = """
        [[prices]]
        model = "m"
        currency = "EUR"
        to = 2026-01-06
        input = 1
        output = 0
        [[prices]]
        model = "m"
        currency = "EUR"
        from = 2026-01-06
        input = 2
        output = 0
    """
    call = {"model": "m", "input_tokens": 1_000_000, "output_tokens": 0}
    calls = [
        call | {"task": "before", "time": "2026-01-05 23:59:59.999"},
        call | {"task": "after", "time": "2026-01-06 00:00:00"},
    ]
    head = 'name = "test"\ncurrency = "EUR"\ntimezone = "Asia/Jakarta"\n'
    found = asked(
        made(tmp_path, more, head, usage=calls),
        "select task, pico, first_day from task_cost order by task",
    )
    assert found == [("after", 2 * 10**12, date(2026, 1, 6)), ("before", 10**12, date(2026, 1, 6))]


STATED = """
[[currency_rates]]
from = "EUR"
to = "USD"
day = 2026-01-01
rate = 1.0842
"""


def test_a_cost_in_the_log_counts_where_the_book_has_none(tmp_path: Path) -> None:
    call = {"time": "2026-01-05 10:00:00", "model": "x", "input_tokens": 10, "output_tokens": 1}
    calls = [
        call | {"task": "dollars", "stated_cost": "1", "stated_currency": "USD"},
        call | {"task": "euros", "stated_cost": "123456789.123456789012", "stated_currency": "EUR"},
        call | {"task": "no rate", "stated_cost": "1", "stated_currency": "IDR"},
        call | {"task": "priced", "stated_cost": "1", "stated_currency": "EUR", "model": "m"},
        call | {"task": "unmetered", "stated_cost": "2", "stated_currency": "EUR", "output_tokens": None},
    ]
    with opened(made(tmp_path, PRICE + STATED, usage=calls)) as ledger:
        found = ledger.rows("select task, pico, unknown_calls, unpriced_calls from task_cost order by task")
        assert ledger.rows("select model, calls from unpriced") == [("x", 1)]
    assert found == [
        ("dollars", round(Fraction(10**12) / Fraction("1.0842")), 0, 0),
        ("euros", 123456789123456789012, 0, 0),
        ("no rate", 0, 1, 1),
        ("priced", 30_000_000, 0, 0),
        ("unmetered", 2 * 10**12, 0, 0),
    ]


@pytest.mark.long
@settings(max_examples=10)
@given(
    st.lists(st.decimals("-1e15", "1e15", places=12, allow_nan=False), min_size=1, max_size=20),
    st.decimals("0.000001", "1e6", places=6),
    st.booleans(),
)
def test_stated_costs_are_converted_exactly_and_rounded_half_to_even(
    tmp_path_factory: pytest.TempPathFactory, costs: list[Decimal], rate: Decimal, inverse: bool
) -> None:
    pair = ("USD", "EUR") if inverse else ("EUR", "USD")
    calls = [
        {"time": "2026-01-05 10:00:00", "task": f"{number:02d}", "model": "x", "input_tokens": 1, "output_tokens": 1,
         "stated_cost": format(cost, "f"), "stated_currency": "USD"}
        for number, cost in enumerate(costs)
    ]  # fmt: skip
    project = made(tmp_path_factory.mktemp("stated"), usage=calls)
    factor = Fraction(rate) if inverse else 1 / Fraction(rate)
    with Ledger(project) as ledger:
        ledger.gather()
        ledger.prepare(own_prices(project)[0], [CurrencyRate(date(2026, 1, 1), *pair, rate)])
        found = [pico for (pico,) in ledger.rows("select pico from task_cost order by task")]
    assert found == [round(Fraction(cost) * 10**12 * factor) for cost in costs]


def test_days_on_which_nothing_changes_share_a_row_of_the_calendar() -> None:
    """Joined back to days, the rows are those of the whole calendar: hours, dated prices and rates."""
    first, last = date(2024, 11, 1), date(2026, 3, 1)
    book = PriceBook.bundled((Override("own", Decimal(1), Decimal(2), first_day=date(2025, 5, 1)),))
    rates = [CurrencyRate(date(2025, month, 7), "USD", "EUR", Decimal(month)) for month in (1, 6, 12)]
    for model in ("own", "deepseek-chat", "gpt-4o-mini", "claude-sonnet-4-5", "nobody-lists-this"):
        stretches = _stretches([Key("", model, "standard", first, last)], book, "EUR", rates)
        days = [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]
        expected = calendar(book, [(None, model, "standard", day) for day in days], "EUR", rates)
        found = [
            replace(each.row, day=date.fromordinal(day))
            for each in stretches
            for day in range(each.row.day.toordinal(), each.last.toordinal() + 1)
        ]
        assert found == expected
        assert len(stretches) < len(days) or any(row.window_from_second is not None for row in expected)


def test_every_column_of_the_calendar_is_used() -> None:
    """A new column of prices that the SQL does not read would be a price that nobody is charged."""
    known = {"provider", "model", "service_tier", "day", "currency", "priced", "reason", "note"}
    known |= {f"{kind}{part}_pico" for kind in ("", "tier_", "window_") for part in PARTS}
    known |= {"tier_above", "tier_rule"} | {
        f"window_{n}{end}_second" for n in ("", "2_") for end in ("from", "to")
    }
    assert {each.name for each in fields(CalendarRow)} == known
