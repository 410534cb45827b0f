"""Objects out of an export, one at a time in bounded memory: CSV under a header, JSON lines, or JSON documents."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TextIO

from payback.locale import say
from payback.sources import log_lines
from payback.sources.faults import Fault

CSV, LINES, DOCUMENTS = "csv", "lines", "documents"
"""How an export is laid out."""
DELIMITERS = (",", ";", "\t", "|")
CHUNK = 2**18
NOTHING = frozenset({"", "null", "NULL", "None", "none", "\\N"})
"""How exports write a text that is not there."""
PLAIN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,18})?")

csv.field_size_limit(log_lines.LONGEST_LINE)  # columns that hold whole prompts are passed over, not refused


def layout(head: bytes) -> str:
    """How a file that begins so is laid out."""
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if begins[:1] not in {b"{", b"["}:
        return CSV
    first, ended, _ = begins.partition(b"\n")
    whole = first.startswith(b"{") and (ended or len(head) < 2**15) and _is_json(first)
    return LINES if whole else DOCUMENTS


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def header(head: bytes) -> Sequence[str]:
    """The names in the first row of a CSV file that begins so; none where it is JSON."""
    if layout(head) != CSV:
        return ()
    first = head.decode("utf-8-sig", "replace").lstrip("\r\n").partition("\n")[0].rstrip("\r")
    return _names(first, _delimiter(first))


def _names(line: str, delimiter: str) -> Sequence[str]:
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return ()


def _delimiter(line: str) -> str:
    return max(DELIMITERS, key=lambda one: len(_names(line, one)))


def objects(file: Path, form: str) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    """Each object of the file and the row it begins on, or what is wrong there. Cells of CSV are text."""
    if form == CSV:
        yield from _csv(file)
    elif form == LINES:
        for row, line in log_lines.lines(file):
            yield row, log_lines.parsed(row, line)
    else:
        yield from _documents(file)


def listed(held: Mapping[str, Any], *keys: str) -> Iterator[dict[str, Any]]:
    """The objects in the list under the first of these keys that has one; the object itself without any."""
    for key in keys:
        if isinstance(held.get(key), list):
            yield from (each for each in held[key] if isinstance(each, dict))
            return
    yield dict(held)


def nested(value: object) -> Mapping[str, Any]:
    """An object inside another, which a cell of CSV holds as JSON; empty where there is none."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def words(value: object) -> list[str]:
    """A list of texts: of JSON, of JSON in a cell, or as Postgres writes one ({a,b})."""
    if isinstance(value, str):
        text = value.strip()
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = next(csv.reader([text[1:-1]]), []) if text.startswith("{") and text.endswith("}") else []
    return (
        [_clean(each) for each in value if isinstance(each, str) and each] if isinstance(value, list) else []
    )


def _clean(value: str) -> str:
    """Text that any reader takes: half of a character, cut in two by the log, becomes a mark."""
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode()
    return value.replace("\0", "").strip()


def text(value: object) -> str | None:
    """A text that says something; None for an empty one and for a word that means nothing."""
    if type(value) is str:
        value = _clean(value)
        return None if value in NOTHING else value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def decimal(value: object) -> str | None:
    """A number as decimal digits; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    written = str(value).strip()
    if PLAIN.fullmatch(written):
        return written
    try:
        made = Decimal(written)
    except InvalidOperation:
        return None
    return f"{made:f}" if made.is_finite() and abs(made) < 10**15 else None


def _csv(file: Path) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as opened:
        first = opened.readline().rstrip("\r\n")
        delimiter = _delimiter(first)
        opened.seek(0)
        reader = csv.reader(opened, delimiter=delimiter)
        names: Sequence[str] = ()
        while True:
            row = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error:
                yield (
                    row,
                    Fault("long-row", row, "", say("{count} MiB", count=log_lines.LONGEST_LINE // 2**20)),
                )
                continue
            if cells is None:
                return
            if not any(cells):
                continue
            if not names:
                names = [name.strip() for name in cells]
            elif len(cells) != len(names):
                count = say("{count} cells of {width}", count=len(cells), width=len(names))
                yield row, Fault("fields", row, "", count)
            else:
                yield row, dict(zip(names, cells, strict=True))


def _documents(file: Path) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    """Values one after the other, or in lists: pages of an interface as they come, or put into one list."""
    decoder = json.JSONDecoder()
    with file.open(encoding="utf-8-sig", errors="replace") as opened:
        held, row = "", 1
        while True:
            rest = held.lstrip(" \t\r\n,[]")
            row += held[: len(held) - len(rest)].count("\n")
            held = rest
            if not held:
                if not (held := opened.read(CHUNK)):
                    return
                continue
            try:
                value, end = decoder.raw_decode(held)
            except (ValueError, RecursionError) as error:
                longer = _longer(opened, held)
                if longer is None:
                    reason = str(getattr(error, "msg", None) or say("nested too deeply"))
                    yield row, Fault("json", row, "", reason)
                    return
                held = longer
                continue
            if isinstance(value, dict):
                yield row, value
            elif not isinstance(value, list):
                yield row, Fault("json-object", row)
            row += held[:end].count("\n")
            held = held[end:]


def _longer(opened: TextIO, held: str) -> str | None:
    """What is held and as much again; None where there is no more, or too much to be meant."""
    if len(held) > log_lines.LONGEST_DOCUMENT:
        return None
    read = opened.read(max(CHUNK, len(held)))
    return held + read if read else None
