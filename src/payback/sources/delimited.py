"""CSV and its kin: cells between separators. How it is read, and what is refused: docs/formats/tables.md."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from payback.locale import say
from payback.project import Source
from payback.sources.faults import Fault, Tally, count
from payback.sources.text import (
    AT_ONCE,
    LONGEST_ROW,
    Lines,
    Opened,
    Staged,
    TooLongError,
    damage,
    limit,
    not_text,
    reading,
    size,
    writing,
)

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a CSV file is laid out. `first_row` is the header's row."""

    header: tuple[str, ...]
    delimiter: str
    first_row: int = 1


def layout(file: Opened, source: Source, wanted: Sequence[str]) -> Layout | None:
    """Header and delimiter of a CSV file; None where the file has nothing in it.

    A delimiter that is not given is the one whose header has most of the wanted names, then most names.
    """
    with reading(file) as text:
        lines = Lines(text)
        first, row = "", 0
        for first in lines:
            row += 1
            if first.strip():
                break
        if not first.strip():
            return None
        delimiter = source.delimiter
        declared = first.strip().strip('"')
        if declared.lower().startswith("sep=") and len(declared) == 5:  # a spreadsheet's own first line
            delimiter = delimiter or declared[4]
            first, row = next(lines, ""), row + 1
        lines.back.appendleft(first)
        if damage([first], file.strict, 0):
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


def staged(file: Opened, form: Layout, used: Sequence[int], scratch: Path) -> Staged:
    """Every row with as many cells as the header, its `used` cells as text; the others in the tally."""
    tally, width = Tally(), len(form.header)
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_ROW))
    pick: Callable[[list[str]], Iterable[str]]
    pick = itemgetter(*used) if len(used) > 1 else (lambda row: [row[at] for at in used])
    out: list[Sequence[object]] = []
    rows = left_out = 0
    longest = 0
    with reading(file) as text, writing(scratch) as (path, write):
        lines = Lines(text)
        for _ in range(form.first_row - 1):
            next(lines, None)
        reader = csv.reader(lines, delimiter=form.delimiter, strict=True)
        number, at = form.first_row - 1, 0
        while True:
            taken = lines.taken
            at += sum(size(line, file.encoding) for line in taken)
            taken.clear()
            fault: Fault | None = None
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error:
                row, fault = [], Fault("quote", number + 1)
            except TooLongError:
                row, fault = (
                    [],
                    Fault("quote" if len(taken) > 1 else "long-row", number + 1, "", limit()),
                )
            number += 1
            if number == form.first_row and fault is None:
                continue  # the header
            if fault is None and not row:
                continue  # a blank line
            if fault is None and len(row) != width:
                fault = _width_fault(row, width, taken, number)
                del row[width:]
            damaged = damage(taken, file.strict, at)
            if damaged is not None:
                fault = Fault(damaged[0], number, "", damaged[1])
            if len(taken) > 1 and fault is not None:  # what a stray quote swallowed is read again
                lines.back.extendleft(reversed(taken[1:]))
                del taken[1:]
            if fault is None and width > 1 and not any(row):
                count(tally, Fault("blank-rows", number))
                continue
            rows += 1
            if fault is not None:
                count(tally, fault)
                left_out += 1
                continue
            out.append((number, *pick(row)))
            longest = max(longest, sum(map(len, taken)))
            if len(out) == AT_ONCE:
                write(out)
                out.clear()
        write(out)
    return Staged(path, rows, left_out, longest, tally)


def _width_fault(row: list[str], width: int, taken: list[str], number: int) -> Fault | None:
    if len(row) > width and not any(row[width:]):
        return None  # separators at the end of the line
    if len(taken) > 1:
        return Fault("quote", number)
    return Fault("fields", number, "", say("{count} cells of {width}", count=len(row), width=width))
