"""Lines of a JSON log, one at a time in bounded memory, with what is wrong with each.

The engine reads whole logs; this reads those it found something wrong in, so that a damaged line costs
that line and no other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from payback.locale import say
from payback.sources.faults import Fault
from payback.sources.formats import Fields, Leaf, Scan, instant, tokens

LONGEST_DOCUMENT = 64 * 2**20
LONGEST_LINE = 16 * 2**20
"""Bytes; a longer line is damage, and skipped without being held."""


def lines(file: Path) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number from 1; None where it is too long to be meant. Blank ones are left out."""
    with file.open("rb") as raw:
        number = 0
        while line := raw.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                del line
                while (rest := raw.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield number, None
            elif not line.isspace():
                yield number, line


def parsed(number: int, line: bytes | None) -> dict[str, Any] | Fault:
    """The object on a line, or what is wrong with it."""
    if line is None:
        return Fault("long-row", number, "", say("{count} MiB", count=LONGEST_LINE // 2**20))
    try:
        held = json.loads(line.rstrip(), parse_constant=_refused)
    except UnicodeDecodeError as error:
        return Fault("encoding", number, "", say("byte {at} of the row", at=error.start))
    except (ValueError, RecursionError) as error:
        return Fault("json", number, "", str(getattr(error, "msg", None) or say("nested too deeply")))
    return held if isinstance(held, dict) else Fault("json-object", number)


def _refused(word: str) -> NoReturn:
    raise ValueError(word)  # NaN and Infinity are not JSON


def checked(number: int, held: Mapping[str, Any], scan: Scan) -> dict[str, Any] | Fault:
    """What is wanted of a line, each value of its type; or what is wrong with a call. Times come in UTC."""
    wanted, wrong = _wanted(held, scan.fields)
    if wrong and scan.is_call(wanted):
        code, column, value = wrong[0]
        return Fault(code, number, column, value)
    return wanted


def _wanted(
    held: Mapping[str, Any], fields: Fields, path: str = ""
) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    kept: dict[str, Any] = {}
    wrong: list[tuple[str, str, str]] = []
    for key, field in fields.items():
        value = held.get(key)
        if not isinstance(field, Leaf):
            if isinstance(value, dict):
                kept[key], inner = _wanted(value, field, f"{path}{key}.")
                wrong += inner
        elif field is Leaf.TIME:
            if (moment := instant(value)) is not None:
                kept[key] = moment.isoformat() + "Z"
            else:
                wrong.append(("time" if value else "missing", "time", str(value or "")))
        elif value is None:
            continue
        elif field is Leaf.TOKENS:
            if (count := tokens(value)) is not None:
                kept[key] = count
            else:
                wrong.append((_fault_of(value), f"{path}{key}", str(value)))
        elif field is Leaf.FLAG:
            kept[key] = value is True
        elif isinstance(value, str | int | float):
            kept[key] = _text(value)
    return kept, wrong


def _text(value: str | float) -> str:
    """Text that any JSON reader takes: half of a character, cut in two by the log, becomes a mark."""
    return str(value).encode("utf-8", "replace").decode()


def _fault_of(value: object) -> str:
    if isinstance(value, int | float) and value < 0:
        return "negative"
    return "too-large" if isinstance(value, int) else "not-whole"


def document(file: Path) -> dict[str, Any] | Fault:
    """A file that is one JSON object, or what is wrong with it; one too large to be meant is not held."""
    with file.open("rb") as raw:
        held = raw.read(LONGEST_DOCUMENT + 1)
    if len(held) > LONGEST_DOCUMENT:
        return Fault("long-row", 1, "", say("{count} MiB", count=LONGEST_DOCUMENT // 2**20))
    return parsed(1, held)
