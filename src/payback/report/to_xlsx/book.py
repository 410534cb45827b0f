"""An open workbook: its formats, safe names, and text that never becomes a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from payback.locale import say
from payback.records import PaybackError
from payback.report import inert

LONGEST_NAME = 31
LONGEST_TEXT = 32_000  # a cell holds 32,767 characters
FORMULA = ("=", "+", "-", "@")
"""Text that begins so would become a formula once somebody edits its cell."""
LIVE, CHANGED, NOT_LIVE = "#FFF2CC", "#F4B183", "#595959"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]+")

Format = Any  # a format of XlsxWriter, which publishes no types
Sheet = Any  # a worksheet of it


def available() -> None:
    """Raises PaybackError where the library that writes workbooks is not installed."""
    try:
        import xlsxwriter  # noqa: F401, PLC0415  heavy
    except ImportError:
        raise PaybackError(
            "no-xlsx",
            say("a workbook needs one more library"),
            fix=say("pip install 'payback[xlsx]', or write a page: --html FILE"),
        ) from None


@dataclass(slots=True)
class Book:
    """A workbook being written; the same calls give the same bytes."""

    file: io.BytesIO
    writer: Any
    formats: dict[tuple[tuple[str, object], ...], Format] = field(default_factory=dict)
    sheets: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def style(self, **properties: object) -> Format:
        """A format; the same properties give the same one."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.writer.add_format({"valign": "top", **properties})
        return self.formats[key]

    def sheet(self, title: str) -> tuple[Sheet, str]:
        """A new sheet, and its name: `title` made safe, unlike every other."""
        name = safe_sheet_name(title, self.sheets)
        self.sheets.append(name)
        made = self.writer.add_worksheet(name)
        made.set_landscape()
        made.set_paper(9)  # A4
        made.fit_to_pages(1, 0)
        made.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        made.set_footer("&L&A&R&P / &N")
        return made, name

    def text(self, sheet: Sheet, row: int, column: int, text: str, **properties: object) -> None:
        """Words. They stay words, whatever they begin with."""
        shown = inert.plain(text)
        if len(shown) > LONGEST_TEXT:
            shown = shown[:LONGEST_TEXT] + "..."
        if shown.startswith(FORMULA):
            properties["quote_prefix"] = True
        sheet.write_string(row, column, shown, self.style(**properties))

    def name(self, wanted: str, place: str) -> str:
        """Give a cell a name that no other has; return it."""
        base = safe_cell_name(wanted)
        name, times = base, 1
        while name.lower() in self.names:
            times += 1
            name = f"{base}_{times}"
        self.names.add(name.lower())
        self.writer.define_name(name, f"={place}")
        return name

    def finished(self) -> bytes:
        """The file."""
        self.writer.close()
        return self.file.getvalue()


def opened(as_of: date, title: str) -> Book:
    """An empty workbook, dated by what it shows and not by the clock."""
    available()
    import xlsxwriter  # noqa: PLC0415  heavy

    file = io.BytesIO()
    writer = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    made = datetime(as_of.year, as_of.month, as_of.day)  # noqa: DTZ001  a day
    writer.set_properties({"title": inert.plain(title), "created": made, "comments": "payback"})
    return Book(file, writer)


def safe_sheet_name(title: str, taken: Sequence[str] = ()) -> str:
    """At most 31 characters, without []:*?/ and backslash, unlike those taken in any case of letters.

    >>> safe_sheet_name("Cash a/b [x]", ["cash a b  x"])
    'Cash a b x'
    """
    words = " ".join(_FORBIDDEN.sub(" ", inert.plain(title)).split()).strip("' ")
    base = words[:LONGEST_NAME].rstrip("' ") or "Sheet"
    if base.lower() == "history":  # a name spreadsheets keep for themselves
        base = "History_"
    used = {each.lower() for each in taken}
    name, times = base, 1
    while name.lower() in used:
        times += 1
        tail = f" {times}"
        name = base[: LONGEST_NAME - len(tail)].rstrip("' ") + tail
    return name


def safe_cell_name(wanted: str) -> str:
    """Letters, digits and underscores, with at least one underscore: no name of a cell has one.

    >>> safe_cell_name("invoices.value.1.share"), safe_cell_name("3d")
    ('invoices_value_1_share', '_3d')
    """
    words = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_") or "cell"
    if words[0].isdigit() or "_" not in words:
        words = f"_{words}"
    return words[:200]


def reference(sheet: str, row: int, column: int) -> str:
    """A cell of any sheet, as formulas of other sheets write it."""
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!{place(row, column)}"


def place(row: int, column: int, *, fixed: bool = True) -> str:
    """$C$5, or C5.

    >>> place(4, 2), place(4, 27, fixed=False)
    ('$C$5', 'AB5')
    """
    mark = "$" if fixed else ""
    return f"{mark}{letters(column)}{mark}{row + 1}"


def letters(column: int) -> str:
    """The letters of a column that is counted from 0."""
    found = ""
    left = column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        found = chr(ord("A") + digit) + found
    return found


def quoted(text: str) -> str:
    """Words within a formula."""
    doubled = inert.plain(text)[:240].replace('"', '""')
    return f'"{doubled}"'
