"""A project made for one test: its files from rows, its payback.toml from text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import payback
from payback.ledger import Ledger
from payback.prices import CurrencyRate, PriceBook, of_project
from payback.prices.listing import Listings
from payback.project import Project

Row = Mapping[str, object]

HEAD = 'name = "test"\ncurrency = "EUR"\n'

PRICE = """
[[prices]]
model = "m"
currency = "EUR"
input = 2
output = 10
"""
"""One model, m: 2 EUR a million tokens in, 10 out."""


def written(file: Path, rows: Sequence[Row]) -> Path:
    """The rows as CSV: every key of any row is a column, None an empty cell, a mapping JSON."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as handle:
        lines = csv.writer(handle, lineterminator="\n")
        lines.writerow(columns)
        for row in rows:
            lines.writerow(_cell(row.get(column)) for column in columns)
    return file


def _cell(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict) else value


def source(table: str, path: str, more: str = "") -> str:
    """The text of one source; times without a zone are UTC."""
    zone = 'timezone = "UTC"\n' if table in {"usage", "outcome", "capacity"} else ""
    return f'[[sources]]\ntable = "{table}"\npath = "{path}"\n{zone}{more}\n'


def made(folder: Path, more: str = "", head: str = HEAD, /, **tables: Sequence[Row]) -> Project:
    """A project in `folder` with one file a table, `usage.csv` and so on, and `more` of payback.toml."""
    sources = []
    for table, rows in tables.items():
        written(folder / f"{table}.csv", rows)
        sources.append(source(table, f"{table}.csv"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "payback.toml").write_text(head + "\n".join(sources) + more, encoding="utf-8")
    return payback.load(folder)


def own_prices(project: Project) -> tuple[PriceBook, Sequence[CurrencyRate]]:
    """Only the project's own prices: the bundled book neither helps nor slows a test."""
    overrides, discounts, rates = of_project(project)
    return PriceBook(_nothing(), _nothing(), overrides, discounts), rates


@cache
def _nothing() -> Listings:
    return Listings({}, {})


@contextmanager
def opened(project: Project, as_of: date | None = None) -> Iterator[Ledger]:
    """The project's ledger, gathered without a problem and prepared."""
    with Ledger(project) as ledger:
        assert ledger.gather().problems == ()
        ledger.prepare(*own_prices(project), as_of)
        yield ledger


def asked(project: Project, query: str, as_of: date | None = None) -> list[tuple[Any, ...]]:
    """The rows of one query on the project's prepared tables."""
    with opened(project, as_of) as ledger:
        return ledger.rows(query)


def answers(ledger: Ledger, queries: Mapping[str, str]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of several queries, by name."""
    return {name: ledger.rows(query) for name, query in queries.items()}
