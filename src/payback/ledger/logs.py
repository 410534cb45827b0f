"""Logs as sources of a project: what each file holds goes into the record, copies and all.

Which of several records of one call is the most complete is asked when the record is opened, over all
files it ever held: docs/decisions/0010-logs-in-the-record.md.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from payback.ledger.calls import one_each
from payback.ledger.engine import Engine, quoted
from payback.ledger.gather import Progress, gather
from payback.ledger.gathered import Gathered
from payback.ledger.ingest import settle
from payback.ledger.record import BatchEntry, Record, text_digest
from payback.locale import say, say_count
from payback.project import TABLE_FORMATS, Project, Source, place_of
from payback.records import Origin, PaybackError, Problem
from payback.sources import FORMATS, cells
from payback.sources.faults import LISTED, NOTES, log_words
from payback.sources.formats import HEAD, Format, Found
from payback.tables import ENGINE_TYPE, TABLES, Column, Kind

FILES_IN_ONE = 4000
"""Files whose rows go into the record together: a thousand sessions are not a thousand files there."""

READ_INTO = {"usage": "call_read", "bill_line": "bill_read", "outcome": "outcome_read"}
KEPT_BESIDE: Mapping[str, Mapping[str, str]] = {
    "usage": {"tool": "tool", "message": "message", "request": "request", "aside": "aside"},
    "bill_line": {"tool": "tool", "line": "line"},
    "outcome": {"message": "message", "checked_for": '"check"'},
}
"""What is kept beside a table's own columns, to tell copies apart and to join on; in SQL over what was read."""

HOME = r"^(?:/home/[^/]+|/Users/[^/]+|/root|[A-Za-z]:[\\/]Users[\\/][^/\\]+)([/\\]|$)"
"""Where a path begins with somebody's name: it says who, and keeps two people's copies of a project apart."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A log that is not in the record as it is now; `batches` are their names by table."""

    found: Found
    path: str
    content: str
    batches: Mapping[str, str]


def format_of(source: Source, project: Project, number: int) -> Format:
    """The format of logs a source names. Raises PaybackError with the nearest name."""
    names = {format_.name: format_ for format_ in FORMATS}
    if source.format not in names:
        known = [*TABLE_FORMATS, *names]
        near = difflib.get_close_matches(source.format or "", known, n=1, cutoff=0.5)
        raise PaybackError(
            "unknown-format",
            say("no format {format}", format=repr(source.format)),
            where=place_of(project, ("sources", number, "format")),
            fix=say("did you mean {near}?", near=near[0])
            if near
            else say("write one of {names}", names=", ".join(known)),
        )
    format_ = names[source.format]
    if source.table and source.table not in format_.fills:
        raise PaybackError(
            "project-value",
            say(
                "logs of {title} fill {tables}, not {table}",
                title=format_.title,
                tables=", ".join(format_.fills),
                table=source.table,
            ),
            where=place_of(project, ("sources", number, "table")),
            fix=say("leave `table` out"),
        )
    return format_


def tables_of(source: Source, format_: Format) -> tuple[str, ...]:
    """The tables of the ledger that files of the source go into."""
    return (source.table,) if source.table else tuple(table for table in READ_INTO if table in format_.fills)


def store(
    engine: Engine,
    record: Record,
    source: Source,
    settings: str,
    files: Sequence[NewFile],
    progress: Progress | None = None,
) -> list[BatchEntry]:
    """Read logs into the record: for each file a batch of every table its format fills."""
    made: list[BatchEntry] = []
    settle(engine.connection)
    engine.run(f"set variable {cells.PERSON_KEY} = {quoted(record.person_key())}")
    for at in range(0, len(files), FILES_IN_ONE):
        group = files[at : at + FILES_IN_ONE]
        gathered = gather(engine, [file.found for file in group], progress)
        by_path = {file.found.path: file for file in group}
        read = [by_path[path] for path in gathered.paths]
        told = _problems(engine, gathered, read)
        for table, scratch in READ_INTO.items():
            if table in group[0].batches:
                made += _stored(engine, record, source, settings, table, read, gathered, told)
            engine.run(f"drop table {scratch}")
    return made


def _stored(
    engine: Engine,
    record: Record,
    source: Source,
    settings: str,
    table: str,
    read: Sequence[NewFile],
    gathered: Gathered,
    told: Mapping[str, tuple[Problem, ...]],
) -> list[BatchEntry]:
    """The batches of one table, all in one file of the record."""
    readable = [
        (number, file) for number, file in enumerate(read) if file.found.path not in gathered.unreadable
    ]
    if not readable:
        return []
    engine.load(
        "file_batch",
        (("file", "BIGINT"), ("batch", "VARCHAR")),
        [(number, file.batches[table]) for number, file in readable],
    )
    received = record.next_received
    files = once([file for _, file in readable])
    stored_in = text_digest(file.batches[table] for file in files)
    columns = ", ".join(f'{sql} as "{name}"' for name, sql in _columns(source, table).items())
    staged = record.staging(table)
    engine.run(f"""
        copy (select {columns}, r."row" as source_row, cast({received} as BIGINT) as received, b.batch
              from ({_usable(table, sums=read[0].found.format.sums)}) r join file_batch b on r.file = b.file
              order by r.file, r."row")
        to {quoted(staged)} (format parquet, compression zstd)""")
    counts = dict(engine.rows(f"select batch, count(*) from read_parquet({quoted(staged)}) group by 1"))
    entries = [
        BatchEntry(
            batch=file.batches[table],
            table=table,
            source=settings,
            path=file.path,
            content=file.content,
            rows=counts.get(file.batches[table], 0),
            rows_left_out=sum(each.rows for each in told.get(file.path, ()) if each.left_out)
            if table == next(iter(file.batches))
            else 0,
            problems=told.get(file.path, ()) if table == next(iter(file.batches)) else (),
            received=received,
            stored_in=stored_in,
        )
        for file in files
    ]
    record.append(staged, *entries)
    return entries


def once(read: Sequence[NewFile]) -> list[NewFile]:
    """Each file once: one that was read a second time, line by line, has two numbers."""
    return list({file.path: file for file in read}.values())


def _usable(table: str, *, sums: bool = False) -> str:
    """SQL: the rows that were read and can be one row of the ledger; of a file's copies, the best."""
    rows = f"select * from {READ_INTO[table]} where {_fits(table, sums=sums)}"
    return one_each(rows, apart="tool, file, message") if table == "usage" else rows


def _fits(table: str, *, sums: bool) -> str:
    """SQL: whether what was read can be a row of the table."""
    return {
        "usage": f'skipped is null and "time" is not null and {"false" if sums else "coalesce(calls, 1) = 1"}',
        "bill_line": '"day" is not null and billed is not null and currency is not null',
        "outcome": "coalesce(task, trace, message) is not null and coalesce(accepted between 0 and 1, true)",
    }[table]


def _columns(source: Source, table: str) -> dict[str, str]:
    """SQL of each column of the ledger's table, over what was read, and of what is kept beside them."""
    given = _GIVEN[table]
    made = {}
    for column in TABLES[table].columns:
        value = f"cast({given.get(column.name, 'null')} as {ENGINE_TYPE[column.kind]})"
        if column.kind is Kind.HASHED and column.name in given:
            key = f"coalesce(getvariable('{cells.PERSON_KEY}'), error('no key for hashing people'))"
            value = f"left(sha256({key} || {given[column.name]}), {cells.HASH_LETTERS})"
        if column.default is not None:
            value = f"coalesce({value}, {quoted(column.default)})"
        if column.name in source.defaults:
            value = f"coalesce({value}, {_literal(source, column, 'defaults')})"
        if column.name in source.constants:
            value = _literal(source, column, "constants")
        made[column.name] = value
    return made | dict(KEPT_BESIDE[table])


def _literal(source: Source, column: Column, key: str) -> str:
    """SQL of a value written in payback.toml. Raises PaybackError where its column does not accept it."""
    written: Any = (source.constants if key == "constants" else source.defaults)[column.name]
    try:
        return cells.literal(column, written, source)
    except ValueError as error:
        raise PaybackError(
            "source-value",
            say(
                "{key}.{column} is {value}: {reason}",
                key=key,
                column=column.name,
                value=repr(str(written)),
                reason=error,
            ),
            where=source.path,
            fix=say("change it under this source in payback.toml"),
        ) from None


def _pico(column: str) -> str:
    return f"{column} * 1000000000000"


_TAGS = f"""nullif(cast(json_merge_patch('{{}}',
    json_object('project', regexp_replace(project, {quoted(HOME)}, '~\\1'), 'branch', branch, 'session', session),
    coalesce(try_cast(tags as JSON), cast('{{}}' as JSON))) as VARCHAR), '{{}}')"""

_GIVEN: Mapping[str, Mapping[str, str]] = {
    "usage": {
        **{
            name: f'"{name}"'
            for name in (
                "time", "use_case", "arm", "task", "trial", "provider", "model", "service_tier", "error", "user",
                "trace", "span", "input_tokens", "cached_tokens", "cache_write_5m_tokens",
                "cache_write_1h_tokens", "output_tokens", "reasoning_tokens",
            )
        },
        "service": "coalesce(service, tool)",
        "stated_cost": f"case when stated_currency is not null then {_pico('stated_cost')} end",
        "stated_currency": "case when stated_cost is not null then stated_currency end",
        "seconds": "case when seconds between 0 and 999999999999 then seconds end",
        "tags": _TAGS,
        "unfinished": "case when unfinished then 1 else 0 end",
    },
    "bill_line": {
        "day": '"day"',
        "account": "coalesce(account, project)",
        "service": "coalesce(service, tool)",
        "model": "model",
        "kind": "kind",
        "billed": _pico("billed"),
        "effective": _pico("effective"),
        "currency": "currency",
    },
    "outcome": {
        **{name: f'"{name}"' for name in ("use_case", "arm", "trial", "decided_at", "accepted", "reason", "grader", "trace")},
        "task": "coalesce(task, trace, message)",
    },
}  # fmt: skip
"""SQL of the ledger's columns over what formats read (payback.sources.formats)."""


# --- what is wrong with files and lines ----------------------------------------------------------------


def _problems(engine: Engine, gathered: Gathered, read: Sequence[NewFile]) -> dict[str, tuple[Problem, ...]]:
    """By the file's path: damaged lines, rows that no table takes, files that cannot be opened."""
    found: dict[str, list[Problem]] = {}
    for file in once(read):
        lines = gathered.lost.get(file.found.path, 0)
        if lines or file.found.path in gathered.faults:
            found.setdefault(file.path, []).extend(_damaged(gathered, file, lines))
        if file.found.path in gathered.unreadable:
            reason = gathered.unreadable[file.found.path]
            found.setdefault(file.path, []).append(unreadable(file.path, reason))
    return {path: tuple(problems) for path, problems in _unfit(engine, read, found).items()}


def _damaged(gathered: Gathered, file: NewFile, lines: int) -> list[Problem]:
    """A problem for each kind of fault in a file, or one for all of them where only their number is known."""
    tally = gathered.faults.get(file.found.path)
    if tally is None:
        what = say_count("{count} line cannot be read", "{count} lines cannot be read", lines)
        return [
            Problem("json", what, say("nothing need be done if there are few"), Origin(file.path), rows=lines)
        ]
    made = []
    for (code, column), rows in tally.counts.items():
        first = tally.first[code, column][0]
        what, fix = log_words(first)
        if rows > 1:
            what += "; " + say_count("{count} line like it", "{count} lines like it", rows - 1)
        place = Origin(file.path, first.row, column or None)
        made.append(Problem(code, what, fix, place, rows=rows, left_out=code not in NOTES))
    return made


def _unfit(
    engine: Engine, read: Sequence[NewFile], found: dict[str, list[Problem]]
) -> dict[str, list[Problem]]:
    """Add rows that were read and cannot be a row of the ledger."""
    if not read:
        return found
    for table in read[0].batches:
        sums = read[0].found.format.sums
        wanted = f"not ({_fits(table, sums=sums)})" + (" and skipped is null" if table == "usage" else "")
        undated = '"time" is null' if table == "usage" else "false"
        for number, no_time, rows in engine.rows(f"""
            select file, {undated}, count(*) from {READ_INTO[table]} where {wanted}
            group by 1, 2 order by 1, 2"""):
            path = read[number].path
            found.setdefault(path, []).append(
                _undated(path, rows) if no_time else _not_taken(table, path, rows)
            )
    return found


def _undated(path: str, rows: int) -> Problem:
    what = say_count("{count} call has no time", "{count} calls have no time", rows)
    return Problem(
        "missing", what, say("without its day a call has no price: log the time"), Origin(path), rows=rows
    )


def _not_taken(table: str, path: str, rows: int) -> Problem:
    if table == "usage":
        return Problem(
            "summed-calls",
            say_count(
                "{count} row sums many calls, and the ledger holds one call a row",
                "{count} rows sum many calls, and the ledger holds one call a row",
                rows,
            ),
            say("look at it with payback usage, and give the project the calls themselves or the bill"),
            Origin(path),
            rows=rows,
        )
    if table == "bill_line":
        what = say_count(
            "{count} line of a bill has no day, amount or currency",
            "{count} lines of a bill have no day, amount or currency",
            rows,
        )
        return Problem("missing", what, say("export it again with these columns"), Origin(path), rows=rows)
    what = say_count(
        "{count} check names no task, trace or message, or its score is not between 0 and 1",
        "{count} checks name no task, trace or message, or their score is not between 0 and 1",
        rows,
    )
    return Problem("missing", what, say("log with each check what was checked"), Origin(path), rows=rows)


def unreadable(path: str, reason: str) -> Problem:
    """A file that cannot be opened."""
    return Problem(
        "unreadable-file",
        say("the file cannot be opened: {reason}", reason=reason),
        say("give yourself the right to read it, or copy it"),
        Origin(path),
        rows=0,
    )


def not_of_the_format(format_: Format, paths: Sequence[str], *, named: bool) -> list[Problem]:
    """Files that a source names and that are no logs of its format; in folders they are only counted."""
    if not paths:
        return []
    what = say("not a log of {title}", title=format_.title)
    fix = say("mend the path, or the format, of this source in payback.toml")
    if named:
        return [Problem("wrong-format", what, fix, Origin(path), rows=0) for path in paths[:LISTED]]
    more = say_count("and {count} more file", "and {count} more files", len(paths) - 1)
    what = f"{what}, {more}" if len(paths) > 1 else what
    return [Problem("wrong-format", what, fix, Origin(paths[0]), rows=0, left_out=False)]


# --- the record opened ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Logged:
    """What the logs of a record come to: the temporary table of each ledger table, and what to say."""

    tables: Mapping[str, str]
    problems: tuple[Problem, ...]


def opened(engine: Engine, record: Record, entries: Sequence[tuple[Source, BatchEntry]]) -> Logged:
    """Make `NAME_logged` for each table: every call, line of a bill and check once, over all files."""
    made: dict[str, str] = {}
    problems: list[Problem] = []
    for table in READ_INTO:
        mine = [(source, entry) for source, entry in entries if entry.table == table and entry.rows]
        if not mine:
            continue
        files = dict.fromkeys(str(record.file_of(entry)) for _, entry in mine)
        listed = ", ".join(map(quoted, files))
        deciding = _checks(mine)
        engine.load(
            "batch_open",
            (("batch", "VARCHAR"), ("decides", "VARCHAR")),
            [(batch, deciding.get(batch)) for batch in dict.fromkeys(entry.batch for _, entry in mine)],
        )
        rows = (
            f"select r.*, b.decides from read_parquet([{listed}], hive_partitioning = false, union_by_name = true) r "
            "join batch_open b on r.batch = b.batch"
        )
        if table == "usage":
            rows = one_each(rows, ties="batch, source_row")
            rows = f"select * replace (nullif(unfinished, 0) as unfinished) from ({rows})"
        elif table == "bill_line":
            last = "received desc, batch desc, source_row desc"
            rows = f"""select * from ({rows})
                qualify line is null or row_number() over (partition by tool, line order by {last}) = 1"""
        engine.run(f"create or replace temp table {table}_logged as {rows}")
        made[table] = f"{table}_logged"
    if "outcome" in made:
        problems += _one_check(engine)
        if "usage" in made:
            _joined_by_message(engine)
    return Logged(made, tuple(problems))


def _checks(entries: Sequence[tuple[Source, BatchEntry]]) -> dict[str, str]:
    """By batch, the check that decides, where its source names one."""
    return {entry.batch: source.check for source, entry in entries if source.check is not None}


def _one_check(engine: Engine) -> list[Problem]:
    """Of results checked for several things only the one that the source names can be accepted or not."""
    engine.run(
        "delete from outcome_logged where decides is not null and checked_for is distinct from decides"
    )
    names = [
        name or say("no name")
        for (name,) in engine.rows(
            "select distinct checked_for from outcome_logged where decides is null order by checked_for"
        )
    ]
    if len(names) < 2:
        return []
    (rows,) = engine.one("select count(*) from outcome_logged where decides is null")
    engine.run("delete from outcome_logged where decides is null")
    return [
        Problem(
            "several-checks",
            say("results were checked for several things: {names}", names=", ".join(names[:LISTED])),
            say('name the one that decides: check = "{name}" under this source', name=names[0]),
            Origin("payback.toml"),
            rows=int(rows),
        )
    ]


def _joined_by_message(engine: Engine) -> None:
    """A check that names the message of a call gets the call's trace, or both get the message for one."""
    if not engine.one("select count(*) from outcome_logged where trace is null and message is not null")[0]:
        return
    engine.run("""
        update usage_logged set trace = message
        where trace is null and message in (select message from outcome_logged where trace is null)""")
    engine.run("""
        update outcome_logged as o set trace = coalesce(c.trace, o.message)
        from (select message, min(trace) as trace from usage_logged group by message) c
        where o.trace is null and o.message = c.message""")


def standing_columns(table: str) -> str:
    """The columns of a table's rows in the record, without what logs keep beside them."""
    return ", ".join(f'"{name}"' for name in (*TABLES[table].names, "source_row", "received", "batch"))


def recognised(format_: Format, file: Path) -> tuple[Found | None, bool]:
    """What the file is; and whether there is anything in it. Raises OSError."""
    with file.open("rb") as handle:
        head = handle.read(HEAD)
    if not head.strip():
        return None, False
    layout = format_.recognises(file, head)
    return (None if layout is None else Found(file, format_, layout, file.stat().st_size)), True
