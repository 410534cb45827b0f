"""JSON lines: one object a line. How it is read, and what is refused: docs/formats/tables.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from payback.locale import say
from payback.records import PaybackError
from payback.sources.faults import Fault, Tally, count
from payback.sources.text import (
    AT_ONCE,
    LONG_ROW,
    Lines,
    Opened,
    Staged,
    TooLongError,
    damage,
    limit,
    reading,
    size_written,
    writing,
)

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in an object: a key, or keys one inside the other (`outer.inner`).

    `nested` says that an object may stand there (it is kept as JSON).
    """

    path: str
    nested: bool = False


@dataclass(frozen=True, slots=True)
class _Reach:
    """The places by their keys: those of the object itself, and those inside one of its values.

    A number is the place's position among the cells.
    """

    places: tuple[Place, ...]
    keys: dict[str, int]
    inside: dict[str, list[tuple[int, tuple[str, ...]]]]


def _reach(places: Sequence[Place]) -> _Reach:
    keys = {place.path: at for at, place in enumerate(places)}
    inside: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for at, place in enumerate(places):
        top, *steps = place.path.split(".")
        if steps:
            inside.setdefault(top, []).append((at, tuple(steps)))
    return _Reach(tuple(places), keys, inside)


def staged(file: Opened, places: Sequence[Place], scratch: Path) -> Staged:
    """The value at each place of every line that is a JSON object, as text; the others in the tally.

    Numbers keep their digits as written. Blank lines are no rows.
    """
    tally, seen = Tally(), dict[str, None]()
    rows = left_out = longest = number = 0
    decoder = _Decoder()
    reach = _reach(places)
    strict = file.strict
    out: list[Sequence[object]] = []
    with reading(file) as text, writing(scratch) as (path, write):
        lines = Lines(text)
        while True:
            lines.taken.clear()
            decoder.twice = False
            number += 1
            try:
                line = next(lines).strip()
            except StopIteration:
                break
            except TooLongError:
                made: _Row | Fault = Fault("long-row", number, "", limit())
            else:
                if not line:
                    continue
                made = _row(line, number, decoder, reach, first=rows == 0, file=file)
                if (damaged := damage(lines.taken, strict)) is not None:
                    made = Fault(damaged[0], number, "", damaged[1])
            rows += 1
            if decoder.twice:
                count(tally, Fault("duplicate-key", number))
            if isinstance(made, Fault):
                count(tally, made)
                left_out += 1
                continue
            if not made.keys <= seen.keys():
                seen.update(dict.fromkeys(made.keys))
            out.append((number, *made.cells))
            if len(line) > LONG_ROW:
                longest = max(longest, size_written(made.cells))
            if len(out) == AT_ONCE:
                write(out)
                out.clear()
        write(out)
    return Staged(path, rows, left_out, longest, tally, tuple(seen))


@dataclass(frozen=True, slots=True)
class _Row:
    keys: AbstractSet[str]  # of the object, and the places inside it that were found
    cells: tuple[str | None, ...]


class _Decoder:
    """Reads JSON with every number as its digits; `twice` becomes true when an object has a key twice."""

    def __init__(self) -> None:
        self.twice = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_float=str, parse_int=str, parse_constant=str
        )

    def read(self, line: str) -> Any:
        return self._decoder.decode(line)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        self.twice = self.twice or len(made) != len(pairs)
        return made


def _row(
    line: str, number: int, decoder: _Decoder, reach: _Reach, *, first: bool, file: Opened
) -> _Row | Fault:
    """The line's cells, or what is wrong with it. Raises PaybackError where the file is no JSON lines at all."""
    try:
        held = decoder.read(line)
    except (ValueError, RecursionError) as error:
        if first and line in {"[", "{"}:
            raise _not_lines(file.shown) from None
        return Fault("json", number, "", str(getattr(error, "msg", None) or say("nested too deeply")))
    if isinstance(held, list) and first:
        raise _not_lines(file.shown)
    if not isinstance(held, dict):
        return Fault("json-object", number)
    cells: list[str | None] = [None] * len(reach.places)
    found: set[str] = set()
    for key, value in held.items():
        at = reach.keys.get(key)
        if at is not None:
            if isinstance(value, str) and value.isascii() and "\0" not in value:
                cells[at] = value.strip()
            elif isinstance(cell := _cell(value, reach.places[at], number), Fault):
                return cell
            else:
                cells[at] = cell
        for at, steps in reach.inside.get(key, ()):
            inner = _inside(value, steps)
            if inner is _ABSENT or reach.places[at].path in held:
                continue
            if isinstance(cell := _cell(inner, reach.places[at], number), Fault):
                return cell
            cells[at] = cell
            found.add(reach.places[at].path)
    return _Row(held.keys() | found if found else held.keys(), tuple(cells))


def _not_lines(shown: str) -> PaybackError:
    return PaybackError(
        "json-layout",
        say("the file is one JSON value over many lines, not one object a line"),
        where=shown,
        fix=say("turn it into JSON lines: jq -c '.[]' file.json > file.jsonl"),
    )


def _inside(held: Any, steps: Sequence[str]) -> Any:
    """The value keys inside each other lead to."""
    for step in steps:
        if not isinstance(held, dict):
            return _ABSENT
        held = held.get(step, _ABSENT)
    return held


def _cell(value: Any, place: Place, number: int) -> str | Fault | None:
    """A value as text; empty text for null."""
    if isinstance(value, str):
        damaged = damage([value], strict=True)
        return value.strip() if damaged is None else Fault(damaged[0], number, "", repr(place.path))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if place.nested and isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"))
    return Fault("json-type", number, "", repr(place.path))
