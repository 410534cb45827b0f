"""A sheet that is a plain table: a title, what it shows, headings, rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from payback.locale import say
from payback.records import Money, Unknown
from payback.report.to_xlsx.book import NOT_LIVE, Book, Sheet

HEAD = 3
"""Row of the headings, counted from 0: title, words and an empty row stand above."""


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    SHARE = "share"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, how wide it is in characters, and what stands below it."""

    heading: str
    width: float = 14
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Formula:
    """A live cell: the formula, and what it comes to at the base case."""

    text: str
    value: float | str


Value = str | int | float | Decimal | Money | date | Unknown | Formula | None
"""Nothing is an empty cell; what is not known says so."""


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. Each row has a value for each column."""

    title: str
    says: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


def number_format(value: float) -> str:
    """As many decimals as a reader needs: two, none from 1,000, more below 1."""
    size = abs(value)
    is_whole = abs(value - round(value)) <= 1e-9 * max(size, 1)
    if is_whole or size >= 999.5:
        return "#,##0"
    return "#,##0.00##" if size < 1 else "#,##0.00"


def write(book: Book, table: Table) -> str:
    """Write the sheet; return its name."""
    sheet, name = book.sheet(table.title)
    heading(book, sheet, table.title, table.says)
    head(book, sheet, HEAD, table.columns)
    for number, row in enumerate(table.rows, start=HEAD + 1):
        for at, (value, column) in enumerate(zip(row, table.columns, strict=True)):
            cell(book, sheet, number, at, value, column.kind)
    if not table.rows:
        book.text(sheet, HEAD + 1, 0, say("nothing"), font_color=NOT_LIVE)
    sheet.freeze_panes(HEAD + 1, min(2, len(table.columns) - 1))
    sheet.repeat_rows(HEAD)
    sheet.autofilter(HEAD, 0, max(HEAD + len(table.rows), HEAD + 1), len(table.columns) - 1)
    return name


def heading(book: Book, sheet: Sheet, title: str, says: str) -> None:
    """The title of a sheet, and a line on what it shows."""
    book.text(sheet, 0, 0, title, bold=True, font_size=14)
    book.text(sheet, 1, 0, says, font_color=NOT_LIVE)


def head(book: Book, sheet: Sheet, row: int, columns: Sequence[Column]) -> None:
    """The headings, and how wide the columns are."""
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width)
        side = "right" if column.kind in {Kind.NUMBER, Kind.SHARE} else "left"
        book.text(sheet, row, at, column.heading, bold=True, bottom=1, text_wrap=True, align=side)


def cell(book: Book, sheet: Sheet, row: int, at: int, value: Value, kind: Kind = Kind.TEXT) -> None:
    """One value; `kind` is how a number is written."""
    match value:
        case None:
            return
        case Unknown():
            book.text(sheet, row, at, say("not known"), italic=True, font_color=NOT_LIVE, align="right")
        case str():
            book.text(sheet, row, at, value, text_wrap=True)
        case date():
            sheet.write_datetime(row, at, value, book.style(num_format="yyyy-mm-dd", align="left"))
        case Formula():
            style = book.style(num_format=_format(value.value, kind), align="right")
            sheet.write_formula(row, at, f"={value.text}", style, value.value)
        case _:
            number = float(value.amount if isinstance(value, Money) else value)
            sheet.write_number(row, at, number, book.style(num_format=_format(number, kind)))


def _format(value: float | str, kind: Kind) -> str:
    if kind is Kind.SHARE:
        return "0.0%"
    return number_format(value) if not isinstance(value, str) else "General"
