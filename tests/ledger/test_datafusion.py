"""Every rollup runs word for word on a second engine and gives the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from datafusion import SessionContext

from payback.ledger import Ledger
from payback.measures.delivery.experiment import EXPERIMENT_COLUMNS
from payback.measures.delivery.monitoring import WATCHED_COLUMNS
from payback.measures.delivery.pairs import PAIR_COLUMNS
from payback.measures.delivery.service import TIME_LIMIT_COLUMNS
from tests.ledger.built import opened
from tests.ledger.mixed import mixed
from tests.ledger.portable import PREPARED
from tests.measures.rollups import rollups

ROLLUPS = rollups()
WATCHED = [("tickets", "bot", "cluster"), ("tickets", "human", "cell"), ("invoices", "reader", "day")]
PAIRS = [("tickets", "bot", "human"), ("tickets", "bot", "bot+check"), ("invoices", "reader", "human")]

EXPERIMENTS = [
    ("tickets", "bot", "human", None),
    ("tickets", "bot", "bot+check", date(2026, 1, 5)),
]

LIMITS = [("tickets", "bot", Decimal("300.125")), ("invoices", "reader", Decimal(250))]


@dataclass(frozen=True)
class Both:
    """The same prepared tables on our engine and on another one."""

    ours: Ledger
    other: SessionContext


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("mixed")
    with opened(mixed(folder)) as ledger:
        ledger.load("pair", PAIR_COLUMNS, PAIRS)
        ledger.load("time_limit", TIME_LIMIT_COLUMNS, LIMITS)
        ledger.load("watched", WATCHED_COLUMNS, WATCHED)
        ledger.load("experiment", EXPERIMENT_COLUMNS, EXPERIMENTS)
        other = SessionContext()
        for table in sorted(PREPARED):
            file = folder / f"{table}.parquet"
            ledger.engine.run(f"copy (select * from {table}) to '{file}' (format parquet)")
            other.register_parquet(table, str(file))
        yield Both(ledger, other)


def plain(value: Any) -> Any:
    """A whole number as int, another as an exact fraction of ten; a double would be neither."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    assert not isinstance(value, float), "a double is not exact"
    return value


@pytest.mark.parametrize("name", ROLLUPS)
def test_the_other_engine_gives_the_same_rows(both: Both, name: str) -> None:
    ours = [tuple(map(plain, row)) for row in both.ours.rows(ROLLUPS[name])]
    columns = both.other.sql(ROLLUPS[name]).to_pydict()
    theirs = [tuple(map(plain, row)) for row in zip(*columns.values(), strict=True)]
    assert ours, "the example has no rows for it"
    assert theirs == ours


@pytest.mark.parametrize("table", sorted(PREPARED))
def test_prepared_columns_are_of_types_every_engine_has(both: Both, table: str) -> None:
    types = {name: kind for name, kind, *_ in both.ours.rows(f"describe {table}")}
    plain_types = {"BIGINT", "DATE", "VARCHAR"}
    odd = {
        name: kind
        for name, kind in types.items()
        if kind not in plain_types and not kind.startswith("DECIMAL")
    }
    assert odd == {}


@pytest.mark.parametrize("name", ROLLUPS)
def test_sums_are_whole_or_decimal(both: Both, name: str) -> None:
    types = {column: kind for column, kind, *_ in both.ours.rows(f"describe {ROLLUPS[name]}")}
    assert not {column for column, kind in types.items() if kind in {"DOUBLE", "FLOAT"}}


def test_the_example_holds_what_engines_differ_in(both: Both) -> None:
    """Without these the comparison would prove little."""
    one = both.ours.engine.one
    assert one("select count(*) from task_outcome where checked = 0")[0] > 0
    assert one("select count(*) from task_outcome where trials > 1 and accepted > 0")[0] > 0
    assert one("select sum(accepted) from task_outcome where use_case = 'invoices'")[0] == 0
    assert one("select max(pico) from task_cost")[0] > 2**63
    assert one("select sum(unknown_trials), sum(assumed_pico), sum(unpriced_calls) from task_cost") > (
        0,
        0,
        0,
    )
    assert one("select count(*) from task_cost where inherited_pico > 0")[0] > 0
    assert one("select count(distinct week) from calendar where day in ('2025-12-31', '2026-01-01')")[0] == 1
    assert one("select count(distinct fiscal_year) from calendar")[0] == 1
    assert one("select count(*) from task_cost where use_case = ''")[0] == 2
    assert one("select count(distinct name) from task_segment")[0] == 2
    assert one("select min(first_day) < (select first_day_of from period) from task_cost")[0]
