"""Large, regular JSON lines: read by the engine in one query, and line by line where it met something odd."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

import duckdb

from payback.ledger.engine import Engine, quoted
from payback.ledger.gathered import Gathered, next_number
from payback.sources import faults, log_lines
from payback.sources.faults import Fault, Tally
from payback.sources.formats import CALL_TYPES, FIRST_YEAR, MOST, YEAR_AFTER, Fields, Found, Leaf, Scan

SMALL, MANY = 2**16, 100
"""From so many files of at most so many bytes on, they are read here and not by the engine."""
MENDED_FILE, MENDED_ROW = "payback_file", "payback_row"

SOUND = " and ".join(
    (
        '"time" is not null',
        f"\"time\" >= timestamp '{FIRST_YEAR}-01-01' and \"time\" < timestamp '{YEAR_AFTER}-01-01'",
        "message is not null and input_tokens is not null and output_tokens is not null",
        *(
            f"coalesce({name} between 0 and {MOST - 1}, true)"
            for name in CALL_TYPES
            if name.endswith("_tokens")
        ),
    )
)
"""SQL: what holds of a call that need not be looked at twice."""


def scanned(engine: Engine, group: Sequence[Found], scan: Scan, made: Gathered) -> None:
    """One query for all files; those in which it met something odd are read again, line by line.

    So are small files where they are many: to open one costs the engine more than its lines cost us.
    """
    small = [one for one in group if one.size <= SMALL]
    again = small if len(small) >= MANY else []
    if large := [one for one in group if one.size > SMALL] if again else list(group):
        again += _odd(engine, large, scan, made)
    if not again:
        return
    staged = engine.scratch / f"mended-{next_number()}.jsonl"
    with staged.open("w", encoding="utf-8") as out:
        for one in again:
            _mend(one, scan, out, made)
    if staged.stat().st_size:
        _insert(engine, [staged], group[0], scan, made, mended=True)
    staged.unlink()


def _odd(engine: Engine, group: Sequence[Found], scan: Scan, made: Gathered) -> list[Found]:
    """Add the calls of files the engine reads without a doubt; returns the others."""
    try:
        odd = _insert(engine, [one.path for one in group], group[0], scan, made)
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.OutOfMemoryException):
        if len(group) == 1:
            return list(group)
        half = len(group) // 2
        return _odd(engine, group[:half], scan, made) + _odd(engine, group[half:], scan, made)
    return [one for one in group if one.path in odd]


def _insert(
    engine: Engine,
    files: Sequence[Path],
    like: Found,
    scan: Scan,
    gathered: Gathered,
    *,
    mended: bool = False,
) -> set[Path]:
    """Add the calls of these files; returns those with something odd, of which none are added."""
    listed = ", ".join(quoted(_literal(file)) for file in files)
    rare = () if mended else scan.rare
    wanted: Fields = {key: each for key, each in scan.fields.items() if key not in rare}
    if mended:
        wanted = {**wanted, MENDED_FILE: Leaf.TOKENS, MENDED_ROW: Leaf.TOKENS}
    declared = ", ".join(f"{quoted(key)}: {quoted(_type(each))}" for key, each in wanted.items())
    nulls = "".join(f', cast(null as VARCHAR) as "{key}"' for key in rare)
    nothing = " and ".join(f'"{key}" is null' for key in scan.marks)
    given = scan.columns(like.layout)
    made = ", ".join(_column(name, given) for name in CALL_TYPES if name != "row")
    place = (MENDED_FILE, MENDED_ROW) if mended else (f"file_index + {len(gathered.paths)}", "null")
    # A line that is not JSON comes as nothing but nulls; a value of the wrong type as null.
    engine.run(f"""
        insert into call_read by name
        with made as (
            select {made}, cast({place[0]} as BIGINT) as file, cast({place[1]} as BIGINT) as "row", {nothing} as broken
            from (select *, file_index{nulls}
                  from read_json([{listed}], format = 'newline_delimited', ignore_errors = true,
                                 columns = {{{declared}}}, compression = 'none'))
            where ({scan.call}) or ({nothing}))
        select * exclude (broken), {quoted(like.format.name)} as tool, {"false" if mended else f"broken or not ({SOUND})"} as odd
        from made""")
    if mended:
        return set()
    gathered.paths += files
    odd = {gathered.paths[at] for (at,) in engine.rows("select distinct file from call_read where odd")}
    if odd:
        engine.run("delete from call_read where file in (select file from call_read where odd)")
    return odd


def _column(name: str, given: Mapping[str, str]) -> str:
    kind = CALL_TYPES[name]
    if name not in given:
        return f'cast({"false" if kind == "BOOLEAN" else "null"} as {kind}) as "{name}"'
    value = given[name]
    if kind == "TIMESTAMP":  # casting text straight to it would drop the zone
        zoned = f"try_cast({value} as TIMESTAMPTZ)"
        value = f"case when ends_with({value}, 'Z') then try_cast({value} as TIMESTAMP) else {zoned} end"
    return f'try_cast({value} as {kind}) as "{name}"'


def _type(field_: Leaf | Fields) -> str:
    """The engine's type for a value of a line, structures inside each other."""
    if isinstance(field_, Leaf):
        return field_.value.strip()
    return "STRUCT(" + ", ".join(f'"{key}" {_type(inner)}' for key, inner in field_.items()) + ")"


def _literal(file: Path) -> str:
    """The path so that the engine takes none of it for a pattern."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(file))


def _mend(one: Found, scan: Scan, out: TextIO, made: Gathered) -> None:
    """Write what is wanted of each good line of a file, and its place; count the others."""
    tally = Tally()
    at = len(made.paths)
    made.paths.append(one.path)
    try:
        for number, line in log_lines.lines(one.path):
            held = log_lines.parsed(number, line)
            if not isinstance(held, Fault):
                held = log_lines.checked(number, held, scan)
            if isinstance(held, Fault):
                faults.count(tally, held)
            elif scan.is_call(held):
                out.write(json.dumps({**held, MENDED_FILE: at, MENDED_ROW: number}) + "\n")
    except OSError as error:
        made.unreadable[one.path] = error.strerror or str(error)
    made.tell(one.path, tally)
