"""The sheet people fill in: written blind, as xlsx or CSV, and read back whatever became of it.

Columns: row (its key), task, accepted (1 or 0), reason, comment. It names no model and no way of working.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from payback.ledger.samples import Sample
from payback.locale import say
from payback.records import PaybackError

COLUMNS = ("row", "task", "accepted", "reason", "comment")
REASONS = ("wrong", "fabricated", "incomplete", "unsafe", "late", "sounds like AI")
YES = frozenset(
    [
        "1",
        "true",
        "yes",
        "y",
        "ja",
        "j",
        "ya",
        "iya",
        "oui",
        "si",
        "sí",
        "sim",
        "da",
        "ok",
        "okay",
        "accepted",
        "wahr",
        "vrai",
        "是",
        "是的",
        "对",
        "好",
        "✓",
        "✔",
        "☑",
    ]
)
NO = frozenset(
    [
        "0",
        "false",
        "no",
        "n",
        "nein",
        "tidak",
        "tdk",
        "bukan",
        "non",
        "não",
        "nao",
        "нет",
        "rejected",
        "falsch",
        "faux",
        "否",
        "不",
        "不是",
        "错",
        "✗",
        "✘",
        "☒",
    ]
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be a formula in a spreadsheet."""


@dataclass(frozen=True, slots=True)
class Label:
    """What somebody entered for a row; `accepted` None is: nothing, or nothing clear."""

    row: str
    accepted: Decimal | None
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Labels by row key, and what was entered that could not be used: the row of the file, and why."""

    labels: Mapping[str, Label]
    problems: tuple[tuple[int, str], ...]


def free(file: Path) -> None:
    """Raises PaybackError where the file is there already."""
    if file.exists():
        raise PaybackError(
            "sheet-there",
            say("the file is there already, and may hold what people entered"),
            where=str(file),
            fix=say("name another with --out, or move it away"),
        )


def write(sample: Sample, file: Path, *, without: Collection[str] = ()) -> None:
    """Write the sheet; its ending says whether xlsx or CSV. `without` are tasks that need no second look."""
    free(file)
    lines = [
        (sample.row_key(place), row.task) for place, row in enumerate(sample.rows) if row.task not in without
    ]
    if file.suffix.lower() == ".csv":
        _csv(lines, file)
    else:
        _xlsx(lines, file)


def _csv(lines: Sequence[tuple[str, str]], file: Path) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        rows = csv.writer(handle)
        rows.writerow(COLUMNS)
        for key, task in lines:
            rows.writerow([key, f"'{task}" if task.startswith(FORMULA) else task, "", "", ""])


def _xlsx(lines: Sequence[tuple[str, str]], file: Path) -> None:
    try:
        import xlsxwriter
    except ImportError:
        raise _no_xlsx() from None
    from datetime import datetime

    book = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001  the same sheet, the same bytes
    sheet = book.add_worksheet("sample")
    head = book.add_format({"bold": True, "bottom": 1})
    fixed = book.add_format({"num_format": "@", "font_color": "#595959"})
    open_cell = book.add_format({"text_wrap": True, "valign": "top"})
    for place, name in enumerate(COLUMNS):
        sheet.write_string(0, place, name, head)
    for number, (key, task) in enumerate(lines, start=1):
        sheet.write_string(number, 0, key, fixed)
        sheet.write_string(number, 1, task, fixed)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 36)
    sheet.set_column(2, 2, 10, open_cell)
    sheet.set_column(3, 3, 18, open_cell)
    sheet.set_column(4, 4, 60, open_cell)
    sheet.freeze_panes(1, 2)
    last = max(1, len(lines))
    # Wrong entries are warned of, not refused: whatever somebody writes is kept and read back.
    sheet.data_validation(
        1, 2, last, 2, {"validate": "list", "source": ["1", "0"], "error_type": "information"}
    )
    sheet.data_validation(
        1, 3, last, 3, {"validate": "list", "source": list(REASONS), "error_type": "information"}
    )
    told = book.add_worksheet("how")
    told.set_column(0, 0, 100, open_cell)
    for place, line in enumerate(how()):
        told.write_string(place, 0, line)
    book.close()


def how() -> tuple[str, ...]:
    """What the person who fills it in should know."""
    return (
        say("Look up each task and say whether its result can be used as it is: accepted 1, or 0."),
        say("Where it cannot, pick a reason. A comment stays in your file."),
        say("Leave empty what you cannot judge. The order is by chance; keep the column row as it is."),
        say("Then: payback sample --read FILE"),
    )


def rows_of(file: Path) -> list[tuple[int, list[str]]]:
    """Every row with its number in the file, cells as text; of a workbook, the first sheet that has the columns."""
    if not file.is_file():
        raise PaybackError(
            "no-sample",
            say("there is no such file"),
            where=str(file),
            fix=say("name the sheet that was filled in"),
        )
    tables = [_csv_rows(file)] if file.suffix.lower() in {".csv", ".txt", ".tsv"} else _sheets(file)
    for table in tables:
        if _header(table) is not None:
            return table
    raise PaybackError(
        "no-sample",
        say("no row has the headings {names}", names=", ".join(COLUMNS[:3])),
        where=str(file),
        fix=say("name the sheet payback wrote, with its first row as it was"),
    )


def _csv_rows(file: Path) -> list[tuple[int, list[str]]]:
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    return list(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1))


def _sheets(file: Path) -> list[list[tuple[int, list[str]]]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise _no_xlsx() from None
    try:
        book = CalamineWorkbook.from_path(str(file))
        sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        raise PaybackError(
            "no-sample",
            say("the file cannot be read as a sheet: {reason}", reason=str(error)[:120]),
            where=str(file),
            fix=say("save it as xlsx, ods or CSV"),
        ) from None
    return [list(enumerate(([_text(cell) for cell in row] for row in sheet), start=1)) for sheet in sheets]


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _header(table: Sequence[tuple[int, Sequence[str]]]) -> tuple[int, dict[str, int]] | None:
    """Place of the row with the headings, and the place of each column in it."""
    for place, (_, cells) in enumerate(table):
        names = [cell.strip().casefold() for cell in cells]
        if {"row", "accepted"} <= set(names):
            return place, {name: names.index(name) for name in COLUMNS if name in names}
    return None


def sample_key(table: Sequence[tuple[int, Sequence[str]]], known: Iterable[str]) -> str | None:
    """The sample most rows of the sheet belong to."""
    found = _header(table)
    if found is None:
        return None
    place, at = found
    seen = [
        cells[at["row"]].strip().rpartition("-")[0]
        for _, cells in table[place + 1 :]
        if at["row"] < len(cells)
    ]
    counted = {key: seen.count(key) for key in set(seen).intersection(known)}
    return max(sorted(counted), key=lambda key: counted[key]) if counted else None


def read_back(sample: Sample, table: Sequence[tuple[int, Sequence[str]]]) -> ReadBack:
    """The labels of a filled-in sheet. Rows left empty are no fault; what is unclear is told with its row."""
    found = _header(table)
    if found is None:
        return ReadBack({}, ())
    place, at = found
    tasks = {sample.row_key(number): row.task for number, row in enumerate(sample.rows)}
    entered: dict[str, list[tuple[int, Label]]] = {}
    problems: list[tuple[int, str]] = []
    for number, cells in table[place + 1 :]:
        cell = {name: cells[where].strip() for name, where in at.items() if where < len(cells)}
        if not any(cell.get(name) for name in ("accepted", "reason", "comment")):
            continue
        key = cell.get("row", "")
        if key not in tasks:
            problems.append((number, say("row {key} is not in this sample", key=repr(key))))
        elif (task := cell.get("task", "")) and _bare(task) != _bare(tasks[key]):
            problems.append(
                (number, say("row {key} is another task in the sample: were columns sorted apart?", key=key))
            )
        else:
            accepted, unclear = _accepted(cell.get("accepted", ""))
            if unclear:
                problems.append((number, unclear))
            label = Label(key, accepted, cell.get("reason", ""), cell.get("comment", ""))
            entered.setdefault(key, []).append((number, label))
    labels: dict[str, Label] = {}
    for key, given in entered.items():
        answers = {label.accepted for _, label in given if label.accepted is not None}
        if len(answers) > 1:
            rows = ", ".join(str(number) for number, _ in given)
            problems.append(
                (
                    given[-1][0],
                    say(
                        "row {key} is there more than once with different answers: rows {rows}",
                        key=key,
                        rows=rows,
                    ),
                )
            )
            continue
        reasons = dict.fromkeys(label.reason for _, label in given if label.reason)
        comments = dict.fromkeys(label.comment for _, label in given if label.comment)
        labels[key] = Label(key, next(iter(answers), None), "; ".join(reasons), "; ".join(comments))
    return ReadBack(labels, tuple(sorted(problems)))


def _bare(task: str) -> str:
    """A task's name as spreadsheets leave it: without the sign against formulas and without leading zeros."""
    return task.strip().removeprefix("'").removesuffix(".0").lstrip("0")


def _accepted(word: str) -> tuple[Decimal | None, str]:
    """1 or 0, or a share between; else None and what is wrong."""
    plain = word.strip().casefold()
    if not plain:
        return None, ""
    if plain in YES:
        return Decimal(1), ""
    if plain in NO:
        return Decimal(0), ""
    try:
        share = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        share = Decimal(-1)
    if share.is_finite() and 0 <= share <= 1:
        return Decimal(f"{share.normalize():f}"), ""
    return None, say("accepted is {word}: write 1 or 0", word=repr(word[:40]))


def _no_xlsx() -> PaybackError:
    return PaybackError(
        "no-xlsx",
        say("sheets need two more libraries"),
        fix=say("pip install 'payback[xlsx]', or write a CSV: --csv FILE"),
    )
