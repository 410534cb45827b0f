"""Tables of today's work as people have them: CSV in any dress, or the sheets of a workbook, as cells of text."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path

from payback.assessor.work_tables import Sheet
from payback.locale import say
from payback.records import PaybackError

TEXT = {".csv", ".tsv", ".txt"}
SHEETS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
LARGEST = 64 * 2**20
"""Bytes of a table; a kind of work a row stays far below."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def sheets(files: Sequence[Path]) -> list[Sheet]:
    """Every table of every file, a file named twice once. Raises PaybackError where one cannot be read."""
    found: list[Sheet] = []
    for file in dict.fromkeys(each.resolve() for each in files):
        found += _of(file, next(str(each) for each in files if each.resolve() == file))
    return found


def _of(file: Path, shown: str) -> list[Sheet]:
    if file.is_dir():
        raise PaybackError(
            "not-a-file", say("this is a folder"), where=shown, fix=say("name the tables themselves")
        )
    if not file.exists():
        raise PaybackError(
            "missing-file", say("no such file"), where=shown, fix=say("check its name and folder")
        )
    ending = file.suffix.casefold()
    if ending not in TEXT | SHEETS:
        raise PaybackError(
            "unknown-format",
            say(
                "payback reads CSV and xlsx here, not {ending}",
                ending=ending or say("a file without an ending"),
            ),
            where=shown,
            fix=say("save it as CSV or xlsx"),
        )
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise PaybackError(
                "too-large",
                say("the file has {size} MB", size=size // 2**20),
                where=shown,
                fix=say("add up alike work first: a row is a kind of work, not a single piece"),
            )
        return [_text(file.read_bytes(), shown)] if ending in TEXT else _book(file, shown)
    except OSError as error:
        raise PaybackError(
            "unreadable-file",
            say("the file cannot be opened: {reason}", reason=error.strerror or str(error)),
            where=shown,
            fix=say("give yourself the right to read it, or copy it"),
        ) from None


def _text(content: bytes, shown: str) -> Sheet:
    """CSV: the separator is the one the rows have most of."""
    text = _decoded(content, shown)
    first = text.split("\n", 1)[0].strip().strip('"')
    if first.lower().startswith("sep=") and len(first) == 5:  # a spreadsheet's own first line
        delimiter = first[4]
    else:
        delimiter = max(
            ",;\t|", key=lambda each: sum(min(line.count(each), 9) for line in text.splitlines()[:30])
        )
    try:
        rows = list(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1))
    except csv.Error as error:
        raise PaybackError(
            "quote",
            say("a quote is never closed: {reason}", reason=str(error)),
            where=shown,
            fix=say("close it"),
        ) from None
    return Sheet(shown, rows)


def _decoded(content: bytes, shown: str) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    if content.startswith(b"PK\x03\x04"):
        raise PaybackError(
            "wrong-format",
            say("the file holds {holds}, not text", holds=say("a spreadsheet")),
            where=shown,
            fix=say("let its name end in .xlsx"),
        )
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise PaybackError(
            "bad-encoding",
            say("byte {at} of the file is not UTF-8", at=error.start),
            where=shown,
            fix=say("save it as CSV UTF-8"),
        ) from None


def _book(file: Path, shown: str) -> list[Sheet]:
    """Every sheet of a workbook that has cells."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise PaybackError(
            "no-xlsx",
            say("sheets need two more libraries"),
            where=shown,
            fix=say("pip install 'payback[xlsx]', or save it as CSV"),
        ) from None
    try:
        book = CalamineWorkbook.from_path(str(file))
        read = [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names
        ]
    except (CalamineError, ValueError) as error:
        raise PaybackError(
            "wrong-format",
            say("the file cannot be read as a sheet: {reason}", reason=str(error)[:120]),
            where=shown,
            fix=say("save it as xlsx or CSV"),
        ) from None
    filled = [
        (name, cells)
        for name, cells in read
        if any(any(cell not in ("", None) for cell in row) for row in cells)
    ]
    return [
        Sheet(
            shown if len(filled) == 1 else f"{shown}, {name}",
            [(number, [_cell(cell) for cell in row]) for number, row in enumerate(cells, start=1)],
        )
        for name, cells in filled
    ]


def _cell(cell: object) -> str:
    """As the sheet shows it, a number without the dust of floats."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.15g}" if abs(cell) < 1e15 and (cell == 0 or abs(cell) >= 1e-4) else f"{cell:f}"
    return str(cell)
