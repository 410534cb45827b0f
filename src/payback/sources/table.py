"""Tables people have: CSV, gzip CSV, Parquet, JSON lines. How each is read: docs/formats/tables.md.

A source and a file become a plan: SQL that the ledger runs, for readers hold no connection.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from payback.locale import say
from payback.project import INPUT_PARTS, Source
from payback.records import Origin, PaybackError, Problem
from payback.sources import cells, delimited, json_lines, mapping, text
from payback.sources.cells import Cell, Raw, given, name, parsed, quoted
from payback.sources.faults import LISTED, ORDERED, SHOWN_LETTERS, Tally
from payback.sources.mapping import Fill
from payback.tables import ENGINE_TYPE, TABLES, Column, Kind

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
} | dict.fromkeys((".jsonl", ".ndjson", ".json"), "jsonl")
LEAST_LINE = 2**21  # bytes the engine holds ready for a line, however short they are


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What the ledger runs to read one file into one table. Columns are the table's, then `source_row`.

    `scan` gives every row that is a row at all: the wanted cells as `given ...` (text files: VARCHAR)
    and `source_row`, counted as a spreadsheet counts, in the file's order. `checked` adds to the ledger's
    columns `faults` and `notes` (lists of column, value, code; null where there are none).
    `select_good` are the rows without faults, typed; `select_bad` one row per fault or note.
    `in_one_pass` says whether the file is dear to read, so that `checked` is best stored once.
    `rows` counts those of a text file read already, of which `left_out` never reach the scan.
    """

    source: Source
    file: str
    scan: str
    checked: str
    select_good: str
    select_bad: str
    in_one_pass: bool
    rows: int | None
    left_out: int
    tally: Tally
    shown: Mapping[str, str]
    problems_outside: tuple[Problem, ...] = ()
    unfilled: tuple[str, ...] = ()  # columns that nothing fills: null in every row
    in_place: bool = False  # a text file the engine reads where it is
    staged: Path | None = None  # a file made for the scan, not needed once `checked` has run


def format_of(source: Source, file: Path, shown: str) -> str:
    """csv, parquet or jsonl: as the source says, else by the file's ending. Raises PaybackError."""
    if source.format is not None:
        return source.format
    ending = file.suffix.lower()
    if ending == ".gz":
        ending = file.with_suffix("").suffix.lower()
    if ending not in FORMATS:
        raise PaybackError(
            "unknown-format",
            say(
                "payback reads CSV, Parquet and JSON lines, not {ending}",
                ending=ending or say("a file without an ending"),
            ),
            where=shown,
            fix=say('save it as CSV, or set format = "csv" (parquet, jsonl) for this source in payback.toml'),
        )
    return FORMATS[ending]


def check(file: Path, shown: str) -> None:
    """Raise PaybackError where there is no such file to read."""
    if file.is_dir():
        raise PaybackError(
            "not-a-file",
            say("this is a folder"),
            where=shown,
            fix=say('name its files: path = "{path}/*.csv"', path=shown.rstrip("/")),
        )
    if not file.exists():
        raise missing(file, shown)


def missing(file: Path, shown: str) -> PaybackError:
    """The error for a file that is not there, with those that are named like it."""
    folder = file.parent
    names = [one.name for one in folder.iterdir()] if folder.is_dir() else []
    near = difflib.get_close_matches(file.name, names, n=3, cutoff=0.5)
    if near:
        fix = say("there is {near}", near=", ".join(near))
    elif folder.is_dir():
        fix = say("the path is relative to payback.toml")
    else:
        fix = say("there is no folder {folder} either", folder=folder.name)
    return PaybackError("missing-file", say("no such file"), where=shown, fix=fix)


def plan(
    source: Source,
    file: Path,
    *,
    scratch: Path,
    shown: str | None = None,
    types: Mapping[str, str] | None = None,
    in_place: bool = True,
) -> TablePlan:
    """How to read the file. Raises PaybackError where the source does not fit it.

    `scratch` is a folder for files the plan reads from; it must stay until the plan has run. `types` are
    a Parquet file's columns and their engine types, fields of structures as `outer.inner`. Without
    `in_place` a text file is read row by row even if it is clean.
    """
    shown = shown or str(file)
    if format_of(source, file, shown) == "parquet":
        return _of_parquet(source, file, shown, types or {})
    opened = text.opened(file, shown, source)
    if format_of(source, file, shown) == "jsonl":
        return _of_jsonl(source, opened, scratch)
    return _of_csv(source, opened, scratch, in_place=in_place)


def _of_csv(source: Source, file: text.Opened, scratch: Path, *, in_place: bool) -> TablePlan:
    wanted = [one for fill in mapping.wanted(source) for one in fill.names]
    form = delimited.layout(file, source, wanted)
    if form is None:
        return _empty(source, file.shown)
    fills = mapping.found(source, dict.fromkeys(form.header), file.shown)
    used = list(dict.fromkeys(one for fill in fills for one in fill.names))
    for one in used:
        if form.header.count(one) > 1:
            raise PaybackError(
                "duplicate-column",
                say(
                    "the header has the column {name} {count} times",
                    name=repr(one),
                    count=form.header.count(one),
                ),
                where=file.shown,
                fix=say("rename one of them"),
            )
    if in_place and (clean := delimited.clean(file, form)) is not None:
        return _of_clean(source, file, form, clean, fills, used)
    staged = delimited.staged(file, form, [form.header.index(one) for one in used], scratch)
    return _of_staged(source, file.shown, staged, fills, used, form.header)


def _of_clean(
    source: Source,
    file: text.Opened,
    form: delimited.Layout,
    clean: delimited.Clean,
    fills: Sequence[Fill],
    used: Sequence[str],
) -> TablePlan:
    """The engine reads the file where it is; the order of its rows is their number."""
    columns = ", ".join(f"{quoted(f'c{at}')}: 'VARCHAR'" for at in range(len(form.header)))
    raw = {one: name(f"c{form.header.index(one)}") for one in used}
    scan = f"""select {"".join(f"{sql}, " for sql in raw.values())}row_number() over () + 1 as source_row
        from read_csv({quoted(literal_path(file.file))}, auto_detect = false, header = true, columns = {{{columns}}},
        delim = {quoted(form.delimiter)}, quote = '', escape = '', new_line = {quoted(_escaped(clean.line_end))},
        nullstr = '', compression = {quoted("gzip" if file.zipped else "none")},
        max_line_size = {LEAST_LINE})"""
    made = _plan(source, file.shown, scan, fills, raw, dict.fromkeys(used, cells.TEXT), trimmed=True)
    outside = _unused(source, file.shown, fills, form.header) + (() if clean.rows else no_rows(file.shown))
    return replace(made, in_one_pass=True, in_place=True, rows=clean.rows, problems_outside=outside)


def _escaped(line_end: str) -> str:
    return line_end.replace("\r", "\\r").replace("\n", "\\n")


def _of_jsonl(source: Source, file: text.Opened, scratch: Path) -> TablePlan:
    wanted = mapping.wanted(source)
    paths = list(dict.fromkeys(one for fill in wanted for one in fill.names))
    tags = {one for fill in wanted if fill.column.name == "tags" for one in fill.names}
    source = source.model_copy(update={"decimal": "."})  # JSON's numbers have a point
    staged = json_lines.staged(file, [json_lines.Place(one, one in tags) for one in paths], scratch)
    if not staged.seen:
        fills: tuple[Fill, ...] = ()
        if staged.rows == 0:
            return _empty(source, file.shown)
    else:
        fills = mapping.found(source, staged.seen, file.shown)
    tops = {one.split(".")[0] for fill in fills for one in fill.names} | {
        one for fill in fills for one in fill.names
    }
    unused = [one for one in staged.seen if one not in tops and one not in paths]
    return _of_staged(source, file.shown, staged, fills, paths, unused)


def _of_staged(
    source: Source,
    shown: str,
    staged: text.Staged,
    fills: Sequence[Fill],
    used: Sequence[str],
    header: Sequence[str],
) -> TablePlan:
    columns = ", ".join(
        [f"{quoted('source_row')}: 'BIGINT'", *(f"{quoted(f'c{at}')}: 'VARCHAR'" for at in range(len(used)))]
    )
    longest = max(LEAST_LINE, staged.longest)
    table = f"""read_csv({quoted(literal_path(staged.path))}, auto_detect = false, header = false,
        columns = {{{columns}}}, delim = ',', quote = '"', escape = '"', new_line = '\\r\\n', nullstr = '',
        parallel = false, max_line_size = {longest})"""
    raw = {one: name(f"c{at}") for at, one in enumerate(used)}
    made = _plan(
        source, shown, f"select * from {table}", fills, raw, dict.fromkeys(used, cells.TEXT), trimmed=True
    )
    return replace(
        made,
        in_one_pass=True,
        rows=staged.rows,
        left_out=staged.left_out,
        tally=staged.tally,
        staged=staged.path,
        problems_outside=_unused(source, shown, fills, header) + (() if staged.rows else no_rows(shown)),
    )


def _of_parquet(source: Source, file: Path, shown: str, types: Mapping[str, str]) -> TablePlan:
    fills = mapping.found(source, types, shown)
    used = list(dict.fromkeys(one for fill in fills for one in fill.names))
    raw = {one: name(f"c{at}") for at, one in enumerate(used)}
    wanted = "".join(f"{_reached(one, types)} as {raw[one]}, " for one in used)
    numbered = "row_number() over ()" if "file_row_number" in map(str.lower, types) else "file_row_number + 1"
    option = "" if numbered.startswith("row") else ", file_row_number = true"
    scan = f"select {wanted}{numbered} as source_row from read_parquet({quoted(literal_path(file))}{option})"
    made = _plan(source, shown, scan, fills, raw, types, trimmed=False)
    tops = {*used, *(one.split(".")[0] for one in used)}
    unused = [one for one in types if one not in tops and _top(one, types) == one]
    return replace(
        made, problems_outside=_unused(source, shown, fills, unused), in_one_pass="over ()" in numbered
    )


def _top(one: str, types: Mapping[str, str]) -> str:
    """The column that holds a field written `outer.inner`; a column's own name may hold points."""
    outer = one.rpartition(".")[0]
    while outer:
        if types.get(outer, "").startswith("STRUCT"):
            return outer
        outer = outer.rpartition(".")[0]
    return one


def _reached(one: str, types: Mapping[str, str]) -> str:
    """The SQL of a column, or of a field inside one."""
    outer = one.rpartition(".")[0]
    while outer:
        if types.get(outer, "").startswith("STRUCT"):
            return f"struct_extract({_reached(outer, types)}, {quoted(one[len(outer) + 1 :])})"
        outer = outer.rpartition(".")[0]
    return name(one)


def literal_path(path: Path) -> str:
    """The path so that the engine takes none of it for a pattern."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def _empty(source: Source, shown: str) -> TablePlan:
    columns = ", ".join(
        f"cast(null as {ENGINE_TYPE[c.kind]}) as {name(c.name)}" for c in TABLES[source.table].columns
    )
    good = f"select {columns}, cast(null as BIGINT) as source_row limit 0"
    judged = f"select *, null as faults, null as notes from ({good})"
    return TablePlan(
        source=source,
        file=shown,
        scan=good,
        checked=judged,
        select_good=good,
        select_bad=judged,
        in_one_pass=False,
        rows=0,
        left_out=0,
        tally=Tally(),
        shown={},
        problems_outside=no_rows(shown),
    )


def no_rows(shown: str) -> tuple[Problem, ...]:
    """The note for a file with nothing in it."""
    return (
        Problem(
            "no-rows",
            say("the file has no rows"),
            say("nothing is missing if there was nothing to export; otherwise export it again"),
            Origin(shown),
            left_out=False,
        ),
    )


def _unused(source: Source, shown: str, fills: Sequence[Fill], names: Sequence[str]) -> tuple[Problem, ...]:
    """A note for each column of the file that nothing takes, unless it is listed under `ignore`."""
    taken = {one for fill in fills for one in fill.names}
    unused = [one for one in dict.fromkeys(names) if one and one not in taken and one not in source.ignore]
    filled = {*(fill.column.name for fill in fills), *source.constants}
    free = [column.name for column in TABLES[source.table].columns if column.name not in filled]
    notes = []
    for one in unused[:LISTED]:
        fix = say('add it to ignore = ["{name}"] if it is not needed', name=one)
        if like := mapping.near(one, free, 1):
            fix = (
                say('write columns = {{ {key} = "{name}" }} if it is that, or ', key=like[0], name=one) + fix
            )
        what = say("the column {name} is not used", name=repr(one))
        notes.append(Problem("unused-column", what, fix, Origin(shown, None, one), left_out=False))
    if (rest := len(unused) - LISTED) > 0:
        what = say("{count} more columns are not used", count=rest)
        notes.append(
            Problem(
                "unused-column",
                what,
                say("add them to `ignore` if they are not needed"),
                Origin(shown),
                rest,
                left_out=False,
            )
        )
    return tuple(notes)


def _plan(
    source: Source,
    shown: str,
    scan: str,
    fills: Sequence[Fill],
    raw: Mapping[str, str],
    types: Mapping[str, str],
    *,
    trimmed: bool,
) -> TablePlan:
    """Layers of SQL over a scan: given cells, parsed cells, the ledger's values, what is wrong with them."""
    table = TABLES[source.table]
    rules = {fill.column.name: _rule(shown, source, fill, raw, types, trimmed=trimmed) for fill in fills}
    values = {column.name: _value(source, shown, column, rules.get(column.name)) for column in table.columns}
    if "input_tokens" in rules:
        values["input_tokens"] = _fresh_input(source, values)
    faults = {key: sql for key, rule in rules.items() if (sql := _fault(source, rule, rules)) is not None}
    notes = {key: rule.note for key, rule in rules.items() if rule.note is not None}
    layers = {
        "scanned": scan,
        "given": _select(
            [*_named(given, {key: rule.given for key, rule in rules.items()}), "source_row"], "scanned"
        ),
        "parsed": _select(["*", *_named(parsed, {key: rule.parsed for key, rule in rules.items()})], "given"),
        "valued": _select(["*", *_named(name, values)], "parsed"),
        "judged": _select(["*", *_named(_fault_name, faults), *_named(_note_name, notes)], "valued"),
    }
    base = "with " + ",\n".join(f"{layer} as ({sql})" for layer, sql in layers.items())
    columns = ", ".join([*map(name, table.names), "source_row"])
    wrong, odd = _listed(faults, _fault_name), _listed(notes, _note_name)
    fine = " and ".join(f"{_fault_name(key)} is null" for key in faults) or "true"
    return TablePlan(
        source=source,
        file=shown,
        scan=f"with scanned as ({scan}) {layers['given']}",
        checked=f"{base} select {columns}, {wrong} as faults, {odd} as notes from judged",
        select_good=f"{base} select {columns} from judged where {fine}",
        select_bad=f"{base} select source_row, {wrong} as faults, {odd} as notes from judged",
        in_one_pass=False,
        rows=None,
        left_out=0,
        tally=Tally(),
        shown={fill.column.name: fill.shown for fill in fills},
        unfilled=tuple(key for key, sql in values.items() if sql.startswith(_NULL)),
    )


def _select(columns: Sequence[str], table: str) -> str:
    return f"select {', '.join(columns)} from {table}"


def _named(called: Callable[[str], str], expressions: Mapping[str, str]) -> list[str]:
    return [f"{sql} as {called(key)}" for key, sql in expressions.items()]


def _fault_name(column: str) -> str:
    return name(f"fault {column}")


def _note_name(column: str) -> str:
    return name(f"note {column}")


def _listed(codes: Collection[str], called: Callable[[str], str]) -> str:
    """A row's codes as a list of (ledger_column, value, code); null where there are none."""
    if not codes:
        return 'null::STRUCT(ledger_column VARCHAR, "value" VARCHAR, code VARCHAR)[]'
    each = ", ".join(
        f"{{'ledger_column': {quoted(key)}, 'value': left(cast({given(key)} as VARCHAR), {SHOWN_LETTERS + 1}), 'code': {called(key)}}}"
        for key in codes
    )
    some = " or ".join(f"{called(key)} is not null" for key in codes)
    return f"case when {some} then list_filter([{each}], lambda one: one.code is not null) end"


def _rule(
    shown: str, source: Source, fill: Fill, raw: Mapping[str, str], types: Mapping[str, str], *, trimmed: bool
) -> Cell:
    """The rule for what fills a column. Raises PaybackError where its type in the file cannot be meant."""
    if fill.plain:
        (held,) = fill.names
        sql, engine_type = raw[held], types[held]
    else:
        sql, engine_type = " || ".join(_part(before, held, raw) for before, held in fill.parts), cells.TEXT
    rule = cells.cell(Raw(fill.column, f"({sql})", engine_type, source, trimmed))
    if rule is None:
        raise PaybackError(
            "column-type",
            say(
                "the column {name} holds {type}, which is no {kind}",
                name=repr(fill.shown),
                type=engine_type,
                kind=fill.column.kind.value,
            ),
            where=shown,
            fix=say(
                "{key} is {meaning}; map another column, or write it as that",
                key=fill.column.name,
                meaning=fill.column.meaning,
            ),
        )
    return rule


def _part(before: str, held: str | None, raw: Mapping[str, str]) -> str:
    """Text of a template; null as soon as one of its columns is empty."""
    cell = [f"nullif(trim(cast({raw[held]} as VARCHAR)), '')"] if held is not None else []
    return " || ".join([quoted(before), *cell])


_NULL = "cast(null as "


def _value(source: Source, shown: str, column: Column, rule: Cell | None) -> str:
    """A ledger column's SQL: its constant, else its cell, else its default, else null."""
    if column.name in source.constants:
        return _literal(source, shown, column, source.constants[column.name], "constants")
    default: str | None = None
    if column.name in source.defaults:
        default = _literal(source, shown, column, source.defaults[column.name], "defaults")
    elif column.default is not None:
        default = cells.literal(column, column.default, source)
    if rule is None:
        return default or f"{_NULL}{ENGINE_TYPE[column.kind]})"
    return f"coalesce({rule.value}, {default})" if default else rule.value


def _fresh_input(source: Source, values: Mapping[str, str]) -> str:
    """Input less what the file counts into it; not known as soon as one of those parts is not."""
    parts = [
        key
        for part in source.input_includes
        for key in INPUT_PARTS[part]
        if not values[key].startswith(_NULL)
    ]
    return " - ".join(f"({values[key]})" for key in ("input_tokens", *parts))


def _literal(source: Source, shown: str, column: Column, written: Any, key: str) -> str:
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
            where=shown,
            fix=say("change it under this source in payback.toml"),
        ) from None


def _fault(source: Source, rule: Cell, rules: Mapping[str, Cell]) -> str | None:
    """The code of what is wrong with the value, or null: its own fault, then what it misses."""
    column = rule.column
    faults = [rule.fault] if rule.fault is not None else []
    if column.required and column.name not in source.defaults and column.default is None:
        faults.append(f"case when {name(column.name)} is null then 'missing' end")
    if column.kind is Kind.MONEY:
        currency = mapping.currency_of(column.name)
        if currency in rules and not rules[currency].column.required:
            faults.append(
                f"case when {name(column.name)} is not null and {name(currency)} is null then 'no-currency' end"
            )
    if column.name == "input_tokens" and source.input_includes:
        faults.append("case when input_tokens < 0 then 'input-parts' end")
    first, last = ORDERED.get(source.table, ("", ""))
    if column.name == last and first in rules:
        faults.append(f"case when {name(last)} < {name(first)} then 'order' end")
    if not faults:
        return None
    return faults[0] if len(faults) == 1 else f"coalesce({', '.join(faults)})"
