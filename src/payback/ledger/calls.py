"""Calls out of logs: the plans of the formats, run on the engine; each call once, at its list price."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count as running_number
from pathlib import Path

import duckdb

from payback.ledger.engine import Engine, quoted
from payback.ledger.facts import TOKENS, Facts, Key
from payback.sources import faults, log_lines
from payback.sources.faults import LISTED, Fault, Tally
from payback.sources.formats import (
    CALL_TYPES,
    FIRST_YEAR,
    MOST,
    YEAR_AFTER,
    Call,
    Fields,
    Format,
    Found,
    Leaf,
    Scan,
)

FILES_AT_ONCE = 2000
BYTES_AT_ONCE = 2**30
"""What one query reads: enough that none is slow to start, little enough to show progress."""
ROWS_AT_ONCE = 10_000
MENDED_FILE, MENDED_ROW = "payback_file", "payback_row"

Progress = Callable[[str, int, int], None]
_number = running_number(1)


@dataclass(slots=True)
class Gathered:
    """What was read. `faults` are of lines left out, by file; `unreadable` says why a whole file was."""

    files: int = 0
    lines_left_out: int = 0
    faults: dict[Path, Tally] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)


def gather(engine: Engine, found: Sequence[Found], progress: Progress | None = None) -> Gathered:
    """Make the table `call_read`: the columns of a `Call`, `tool` and `file`. Copies are still in it."""
    made = Gathered()
    columns = ", ".join(f'"{name}" {kind}' for name, kind in CALL_TYPES.items())
    engine.run(f"create or replace temp table call_read ({columns}, tool VARCHAR, file VARCHAR, odd BOOLEAN)")
    done = 0
    for group in _groups(found):
        if progress is not None:
            progress(group[0].path.name, done, len(found))
        read = group[0].format.read
        if isinstance(read, Scan):
            _scanned(engine, group, read, made)
        else:
            _generated(engine, group, made)
        done += len(group)
    made.files = len(found) - len(made.unreadable)
    return made


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
    """One query for all files; those in which it met something odd are read again, line by line."""
    format_, layout = group[0].format, group[0].layout
    try:
        odd = _insert(engine, [one.path for one in group], format_, layout, scan)
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.OutOfMemoryException):
        if len(group) > 1:
            half = len(group) // 2
            _scanned(engine, group[:half], scan, made)
            _scanned(engine, group[half:], scan, made)
            return
        odd = {group[0].path}
    if not odd:
        return
    mended = []
    for one in group:
        if one.path in odd:
            staged = _mended(engine, one, scan, made)
            mended += [staged] if staged is not None else []
    if mended:
        _insert(engine, mended, format_, layout, scan, mended=True)
        for file in mended:
            file.unlink()


def _insert(
    engine: Engine, files: Sequence[Path], format_: Format, layout: str, scan: Scan, *, mended: bool = False
) -> set[Path]:
    """Add the calls of these files; returns those with something odd, of which none are added."""
    listed = ", ".join(quoted(_literal(file)) for file in files)
    wanted: Fields = (
        {**scan.fields, MENDED_FILE: Leaf.TEXT, MENDED_ROW: Leaf.TOKENS} if mended else scan.fields
    )
    declared = ", ".join(f"{quoted(key)}: {quoted(_type(each))}" for key, each in wanted.items())
    nothing = " and ".join(f'"{key}" is null' for key in scan.fields)
    given = scan.columns(layout)
    made = ", ".join(_column(name, given) for name in CALL_TYPES if name != "row")
    place = (MENDED_FILE, MENDED_ROW) if mended else ("filename", "null")
    # A line that is not JSON comes as nothing but nulls; a value of the wrong type as null.
    engine.run(f"""
        insert into call_read by name
        with made as (
            select {made}, {place[0]} as file, cast({place[1]} as BIGINT) as "row", {nothing} as broken
            from read_json([{listed}], format = 'newline_delimited', ignore_errors = true, filename = true,
                           columns = {{{declared}}}, compression = 'none')
            where ({scan.call}) or ({nothing}))
        select * exclude (broken), {quoted(format_.name)} as tool, {"false" if mended else f"broken or not ({SOUND})"} as odd
        from made""")
    if mended:
        return set()
    odd = {Path(file) for (file,) in engine.rows("select distinct file from call_read where odd")}
    if odd:
        engine.run("delete from call_read where file in (select file from call_read where odd)")
    return odd


def _column(name: str, given: Mapping[str, str]) -> str:
    kind = CALL_TYPES[name]
    if name not in given:
        return f'cast({"false" if kind == "BOOLEAN" else "null"} as {kind}) as "{name}"'
    value = given[name]
    if kind == "TIMESTAMP":  # casting text straight to it would drop the zone
        value = f"try_cast({value} as TIMESTAMPTZ)"
    return f'try_cast({value} as {kind}) as "{name}"'


def _type(field_: Leaf | Fields) -> str:
    """The engine's type for a value of a line, structures inside each other."""
    if isinstance(field_, Leaf):
        return field_.value.strip()
    return "STRUCT(" + ", ".join(f'"{key}" {_type(inner)}' for key, inner in field_.items()) + ")"


def _literal(file: Path) -> str:
    """The path so that the engine takes none of it for a pattern."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(file))


def _mended(engine: Engine, one: Found, scan: Scan, made: Gathered) -> Path | None:
    """A file of ours with what is wanted of each good line; the others are counted with their place."""
    staged = engine.scratch / f"mended-{next(_number)}.jsonl"
    tally = Tally()
    try:
        with staged.open("w", encoding="utf-8") as out:
            for number, line in log_lines.lines(one.path):
                held = log_lines.parsed(number, line)
                if not isinstance(held, Fault):
                    held = log_lines.checked(number, held, scan)
                if isinstance(held, Fault):
                    faults.count(tally, held)
                elif scan.is_call(held):
                    out.write(json.dumps({**held, MENDED_FILE: str(one.path), MENDED_ROW: number}) + "\n")
    except OSError as error:
        made.unreadable[one.path] = error.strerror or str(error)
        return None
    _tell(made, one.path, tally)
    return staged


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
                writer.writerows(_cells(read.read(one.path, one.layout), one, tally))
            except OSError as error:
                made.unreadable[one.path] = error.strerror or str(error)
            _tell(made, one.path, tally)
    if staged.stat().st_size:
        typed = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in _STAGED.items())
        engine.run(f"""insert into call_read by name select *, false as odd from read_csv({quoted(staged)},
            auto_detect = false, header = false, columns = {{{typed}}}, delim = ',', quote = '"',
            escape = '"', new_line = '\\r\\n', nullstr = '')""")
    staged.unlink()


_STAGED = {**CALL_TYPES, "tool": "VARCHAR", "file": "VARCHAR"}


def _cells(given: Iterable[Call | Fault], one: Found, tally: Tally) -> Iterator[tuple[object, ...]]:
    for each in given:
        if isinstance(each, Fault):
            faults.count(tally, each)
        else:
            yield (*each, one.format.name, str(one.path))


def _tell(made: Gathered, file: Path, tally: Tally) -> None:
    if tally.counts:
        made.lines_left_out += sum(tally.counts.values())
        if len(made.faults) < LISTED:
            made.faults[file] = tally


SOUND = " and ".join(
    (
        '"time" is not null',
        f"\"time\" >= timestamp '{FIRST_YEAR}-01-01' and \"time\" < timestamp '{YEAR_AFTER}-01-01'",
        "input_tokens is not null and output_tokens is not null",
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
