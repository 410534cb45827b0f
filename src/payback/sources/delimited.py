"""CSV and its kin: cells between separators. How it is read, and what is refused: docs/formats/tables.md."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import TextIO

import numpy as np

from payback.locale import say
from payback.project import Source
from payback.records import PaybackError
from payback.sources.faults import Fault, Tally, count
from payback.sources.text import (
    AT_ONCE,
    LONG_ROW,
    LONGEST_ROW,
    Lines,
    Opened,
    Staged,
    TooLongError,
    damage,
    limit,
    not_text,
    reading,
    reading_bytes,
    size_written,
    writing,
)

BLOCK = 4 * 2**20
DELIMITERS = (",", ";", "\t", "|")
ODD_SPACES = "\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029"  # taken off a cell by Python, not by the engine


@dataclass(frozen=True, slots=True)
class Layout:
    """How a CSV file is laid out. `first_row` is the header's row."""

    header: tuple[str, ...]
    delimiter: str
    first_row: int = 1


@dataclass(frozen=True, slots=True)
class Clean:
    """A file the engine may read as it is: its rows under the header and its line end."""

    rows: int
    line_end: str


def layout(file: Opened, source: Source, wanted: Sequence[str]) -> Layout | None:
    """Header and delimiter of a CSV file; None where the file has nothing in it.

    A delimiter that is not given is the one whose header has most of the wanted names, then most names.
    """
    with reading(file) as text:
        lines = Lines(text)
        first, row = "", 0
        try:
            for first in lines:
                row += 1
                if first.strip():
                    break
        except TooLongError:
            raise PaybackError(
                "wrong-format",
                say("the first line is longer than {limit}", limit=limit()),
                where=file.shown,
                fix=say("the first line holds the names of the columns; export the file again"),
            ) from None
        if not first.strip():
            return None
        delimiter = source.delimiter
        declared = first.strip().strip('"')
        if declared.lower().startswith("sep=") and len(declared) == 5:  # a spreadsheet's own first line
            delimiter = delimiter or declared[4]
            first, row = next(lines, ""), row + 1
        lines.back.appendleft(first)
        if damage([first], file.strict):
            raise not_text(file.shown, 0)
        candidates = (delimiter,) if delimiter else DELIMITERS
        headers = {one: _header(lines, one) for one in candidates}
    best = max(headers, key=lambda one: (len(set(wanted) & set(headers[one])), len(headers[one])))
    return Layout(headers[best], best, row)


def _header(lines: Lines, delimiter: str) -> tuple[str, ...]:
    lines.taken.clear()
    try:
        row = next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except (csv.Error, TooLongError):
        row = lines.taken[0].strip("\r\n").split(delimiter) if lines.taken else []
        lines.taken[1:], rest = [], lines.taken[1:]
        lines.back.extendleft(reversed(rest))
    lines.back.extendleft(reversed(lines.taken))
    return tuple(cell.strip() for cell in row)


def clean(file: Opened, form: Layout) -> Clean | None:
    """Whether nothing in the file can be read in two ways, so that the engine may read it as it is.

    That is: UTF-8, every line with as many cells as the header and one kind of line end, no quotes, no
    blank or empty rows, no odd spaces. Most files that programs write are.
    """
    if file.encoding not in {"utf-8", "utf-8-sig"} or form.first_row != 1 or not form.delimiter.isascii():
        return None
    odd = [b'"', b"\0", *([] if form.delimiter == "\t" else [b"\t"])]
    odd += [space.encode() for space in ODD_SPACES if space.isascii()]
    beyond = [space.encode() for space in ODD_SPACES if not space.isascii()]
    width, delimiter = len(form.header), ord(form.delimiter)
    rows = 0
    ends: set[bytes] = set()
    for block in _blocks(file):
        if not block.endswith(b"\n") or any(one in block for one in odd):
            return None
        if not block.isascii() and (b"\xef\xbb\xbf" in block[3:] or any(one in block for one in beyond)):
            return None
        lines, returns = block.count(b"\n"), block.count(b"\r")
        ends.add(b"\r\n" if returns else b"\n")
        if len(ends) > 1 or returns not in {0, lines} or (returns and block.count(b"\r\n") != lines):
            return None
        try:
            block.decode()
        except UnicodeDecodeError:
            return None
        letters = np.frombuffer(block, dtype=np.uint8)
        marks = letters[(letters == ord("\n")) | (letters == delimiter)]
        if len(marks) != lines * width or (marks[width - 1 :: width] != ord("\n")).any():
            return None
        lengths = np.diff(np.flatnonzero(letters == ord("\n")), prepend=-1)
        if int(lengths.min()) <= width + bool(returns) or int(lengths.max()) > LONG_ROW:
            return None
        rows += lines
    return Clean(rows - 1, "\r\n" if b"\r\n" in ends else "\n") if rows else None


def _blocks(file: Opened) -> Iterator[bytes]:
    """The file in pieces of whole lines; the last line gets its end where it has none."""
    rest = b""
    with reading_bytes(file) as raw:
        while piece := raw.read(BLOCK):
            cut = piece.rfind(b"\n") + 1
            if cut:
                yield rest + piece[:cut]
                rest = piece[cut:]
            else:
                rest += piece
                if len(rest) > LONGEST_ROW:
                    yield rest  # without an end: not clean
                    return
    if rest:
        yield rest + (b"\r\n" if rest.endswith(b"\r") else b"\n")


def staged(file: Opened, form: Layout, used: Sequence[int], scratch: Path) -> Staged:
    """Every row with as many cells as the header, its `used` cells as text; the others in the tally."""
    tally, width = Tally(), len(form.header)
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_ROW))
    pick: Callable[[list[str]], Iterable[str]]
    pick = itemgetter(*used) if len(used) > 1 else (lambda row: [row[at] for at in used])
    out: list[Sequence[object]] = []
    rows = left_out = longest = 0
    with reading(file) as text, writing(scratch) as (path, write):
        for number, row, size in _rows(text, form, file.strict):
            if isinstance(row, list) and not any(row) and width > 1:
                count(tally, Fault("blank-rows", number))
                continue
            rows += 1
            if isinstance(row, Fault):
                count(tally, row)
                left_out += 1
                continue
            cells = (number, *map(str.strip, pick(row)))
            out.append(cells)
            if size > LONG_ROW:
                longest = max(longest, size_written(cells))
            if len(out) == AT_ONCE:
                write(out)
                out.clear()
        write(out)
    return Staged(path, rows, left_out, longest, tally)


def _rows(text: TextIO, form: Layout, strict: bool) -> Iterator[tuple[int, list[str] | Fault, int]]:
    """Number, cells (or what is wrong) and length of each row under the header, blank lines left out.

    A row that goes wrong after its first line was led astray by a quote: that line is the bad row, and
    the lines after it are read again as rows of their own. One that is only of the wrong width has whole
    quotes; it is led astray where a later line of it would fit.
    """
    lines, width = Lines(text), len(form.header)
    for _ in range(form.first_row - 1):
        next(lines, None)
    number, taken = form.first_row - 1, lines.taken
    reader = csv.reader(lines, delimiter=form.delimiter, strict=True)
    while True:
        taken.clear()
        number += 1
        row: list[str] | Fault
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = Fault("quote", number)
        except TooLongError:
            row = Fault("quote", number) if len(taken) > 1 else Fault("long-row", number, "", limit())
        if number == form.first_row and isinstance(row, list):
            continue  # the header
        if isinstance(row, list):
            if not row:
                continue
            if len(row) != width:
                row = _fitted(row, form, taken, number)
        if (damaged := damage(taken, strict)) is not None:
            row = Fault(damaged[0], number, "", damaged[1])
        if len(taken) > 1 and isinstance(row, Fault) and row.code != "fields":
            lines.back.extendleft(reversed(taken[1:]))
        yield number, row, len(taken[0]) if len(taken) == 1 else sum(map(len, taken))


def _fitted(row: list[str], form: Layout, taken: Sequence[str], number: int) -> list[str] | Fault:
    """The row without separators at its end that the header does not have, or what is wrong with its width.

    Of nothing but separators it is blank, however many there are: a bare line end in a cell cuts it.
    """
    width = len(form.header)
    if not any(row[width:]) and (len(row) > width or not any(row)):
        return row[:width]
    if any(_fits(line, form) for line in taken[1:]):
        return Fault("quote", number)
    return Fault("fields", number, "", say("{count} cells of {width}", count=len(row), width=width))


def _fits(line: str, form: Layout) -> bool:
    """Whether a line that a quote drew into the row before is a row of its own."""
    try:
        row = next(csv.reader([line], delimiter=form.delimiter, strict=True), [])
    except csv.Error:
        return False
    return len(row) == len(form.header) and any(row)
