"""Calls out of logs: the plans of the formats, run on the engine; each call once, at its list price."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count as running_number
from pathlib import Path
from typing import TextIO

import duckdb

from payback.ledger.engine import Engine, quoted
from payback.ledger.facts import TOKENS, Facts, Key
from payback.sources import faults, log_lines
from payback.sources.faults import LISTED, Fault, Tally
from payback.sources.formats import (
    CALL_TYPES,
    FIRST_YEAR,
    MOST,
    PLACES,
    YEAR_AFTER,
    Call,
    Fields,
    Found,
    Leaf,
    Scan,
)

FILES_AT_ONCE = 2000
BYTES_AT_ONCE = 2**30
"""What one query reads: enough that none is slow to start, little enough to show progress."""
SMALL, MANY = 2**16, 100
"""From so many files of at most so many bytes on, they are read here and not by the engine."""
MENDED_FILE, MENDED_ROW = "payback_file", "payback_row"

Progress = Callable[[str, int, int], None]
_number = running_number(1)


@dataclass(slots=True)
class Gathered:
    """What was read. `faults` are of lines left out, by file; `unreadable` says why a whole file was.

    `paths` are the files that the column `file` counts from 0.
    """

    files: int = 0
    paths: list[Path] = field(default_factory=list)
    lines_left_out: int = 0
    faults: dict[Path, Tally] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)


def gather(
    engine: Engine,
    found: Sequence[Found],
    progress: Progress | None = None,
    *,
    places: Collection[str] = PLACES,
) -> Gathered:
    """Make the table `call_read`: the columns of a `Call`, `tool` and `file`. Copies are still in it.

    Of `PLACES`, only those asked for need be filled.
    """
    made = Gathered()
    columns = ", ".join(f'"{name}" {kind}' for name, kind in CALL_TYPES.items())
    engine.run(f"create or replace temp table call_read ({columns}, tool VARCHAR, file BIGINT, odd BOOLEAN)")
    done = 0
    for group in _groups(found):
        if progress is not None:
            progress(group[0].path.name, done, len(found))
        read = group[0].format.read
        if isinstance(read, Scan):
            _scanned(engine, group, _asked(read, places), made)
        else:
            _generated(engine, group, made)
        done += len(group)
    made.files = len(found) - len(made.unreadable)
    return made


def _asked(scan: Scan, places: Collection[str]) -> Scan:
    """The scan without the places nobody asks for: the engine then passes over their values."""

    def columns(layout: str) -> dict[str, str]:
        given = scan.columns(layout)
        return {name: sql for name, sql in given.items() if name not in PLACES or name in places}

    return replace(scan, columns=columns)


def _groups(found: Sequence[Found]) -> Iterator[list[Found]]:
    """Files of one format and layout, as many as one query reads."""
    kinds: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        kinds.setdefault((one.format.name, one.layout), []).append(one)
    for files in kinds.values():
        group: list[Found] = []
        size = 0
        for one in files:
            if group and (len(group) == FILES_AT_ONCE or size + one.size > BYTES_AT_ONCE):
                yield group
                group, size = [], 0
            group.append(one)
            size += one.size
        yield group


def _scanned(engine: Engine, group: Sequence[Found], scan: Scan, made: Gathered) -> None:
    """One query for all files; those in which it met something odd are read again, line by line.

    So are small files where they are many: to open one costs the engine more than its lines cost us.
    """
    small = [one for one in group if one.size <= SMALL]
    again = small if len(small) >= MANY else []
    if large := [one for one in group if one.size > SMALL] if again else list(group):
        again += _odd(engine, large, scan, made)
    if not again:
        return
    staged = engine.scratch / f"mended-{next(_number)}.jsonl"
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
    _tell(made, one.path, tally)


def _generated(engine: Engine, group: Sequence[Found], made: Gathered) -> None:
    """The calls that a format's generator gives, a few thousand at a time through a file of ours."""
    staged = engine.scratch / f"calls-{next(_number)}.csv"
    with staged.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        for one in group:
            tally = Tally()
            read = one.format.read
            if isinstance(read, Scan):
                continue
            try:
                writer.writerows(_cells(read.read(one.path, one.layout), one, len(made.paths), tally))
            except OSError as error:
                made.unreadable[one.path] = error.strerror or str(error)
            made.paths.append(one.path)
            _tell(made, one.path, tally)
    if staged.stat().st_size:
        typed = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in _STAGED.items())
        engine.run(f"""insert into call_read by name select *, false as odd from read_csv({quoted(staged)},
            auto_detect = false, header = false, columns = {{{typed}}}, delim = ',', quote = '"',
            escape = '"', new_line = '\\r\\n', nullstr = '')""")
    staged.unlink()


_STAGED = {**CALL_TYPES, "tool": "VARCHAR", "file": "BIGINT"}


def _cells(given: Iterable[Call | Fault], one: Found, at: int, tally: Tally) -> Iterator[tuple[object, ...]]:
    for each in given:
        if isinstance(each, Fault):
            faults.count(tally, each)
        else:
            yield (*each, one.format.name, at)


def _tell(made: Gathered, file: Path, tally: Tally) -> None:
    if tally.counts:
        made.lines_left_out += sum(tally.counts.values())
        if len(made.faults) < LISTED:
            made.faults[file] = tally


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


def once(engine: Engine, within: str = "true") -> tuple[int, dict[str, int]]:
    """Make the table `usage_call`: every call once, the most complete of its records; those `within`, in SQL.

    Returns how many records were copies, and of those skipped how many for which reason. Records of one
    (tool, message, request) are one call; the most complete has the most output and says that it ended.
    A copy in a side conversation, and a record without a request, yield to any other of their message.
    """
    skipped = dict(
        engine.rows(
            f"select skipped, count(*) from call_read where skipped is not null and {within} group by 1"
        )
    )
    kept = "select * exclude (odd, skipped) from call_read where skipped is null"
    total, several = engine.one(f"""
        select count(*), count(*) - count(distinct hash(tool, message)) filter (where message is not null)
               - count(*) filter (where message is null) from ({kept})""")
    if several:
        complete = (
            'output_tokens desc nulls last, unfinished, input_tokens desc nulls last, "time" nulls last, '
            'session nulls last, project nulls last, file, "row"'
        )
        kept = f"""select * exclude (nth, of_message) from (
            select *, row_number() over (partition by tool, message, coalesce(request, '')
                                         order by aside, {complete}) as nth,
                   row_number() over (partition by tool, message
                                      order by aside, request is null, {complete}) as of_message
            from ({kept}))
            where message is null or of_message = 1 or (nth = 1 and not aside and request is not null)"""
    engine.run(f"create or replace temp table usage_call as {kept}")
    copies = total - engine.one("select count(*) from usage_call")[0]
    if within != "true":  # only now: a call's records may lie on two sides of midnight
        engine.run(f"delete from usage_call where not ({within})")
    return copies, skipped


def facts(engine: Engine) -> Facts:
    """What the price calendar needs to know of `usage_call`."""
    largest = ", ".join(f"max({column})" for column in TOKENS)
    found = engine.rows(f"""
        select coalesce(provider, ''), coalesce(model, ''), coalesce(service_tier, ''),
               cast(min("time") as date), cast(max("time") as date), count(*), {largest}
        from usage_call group by 1, 2, 3 order by 1, 2, 3""")
    return Facts(
        rows=sum(row[5] for row in found),
        keys=tuple(Key(*row[:5]) for row in found),
        most={name: max((row[6 + at] or 0 for row in found), default=0) for at, name in enumerate(TOKENS)},
    )
