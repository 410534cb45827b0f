"""A first payback.toml for what was found: sources that were tried, guesses that say so, and open questions."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from payback.ledger.engine import Engine, quoted
from payback.ledger.ingest import parquet_columns, read
from payback.locale import say, say_count
from payback.project import Source
from payback.records import PaybackError, Problem
from payback.sources import delimited, text
from payback.sources.faults import NOTES
from payback.sources.formats import Format
from payback.starter import columns
from payback.starter.folder import Seen, sample
from payback.starter.templates import SAMPLE_CALLS, SAMPLE_RESULTS, Template
from payback.tables import TABLES

DEFAULT_CURRENCY = "USD"
MOST_CASES = 12
"""Use cases named in the files that become blocks of their own; the rest are shown as unassigned."""
MOST_TABLES = 40
MOST_SEPARATE = 8
"""Logs of one format beside other files of the same ending, listed one by one."""
MOST_WRONG = Decimal("0.2")
"""Where more of a column's cells than that cannot be used, it is not what its name says."""
SCHEMA_LINE = "#:schema ./payback.schema.json"


@dataclass(frozen=True, slots=True)
class Drafted:
    """One source as it is written: what it is, its lines, and the question where it is only a comment."""

    path: str
    what: str
    lines: tuple[str, ...]
    active: bool
    use_cases: tuple[str, ...] = ()
    question: str = ""


@dataclass(slots=True)
class Draft:
    """The file and what to tell about it."""

    text: str = ""
    name: str = ""
    currency: str = DEFAULT_CURRENCY
    currency_from: str = ""
    sources: list[Drafted] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    not_used: list[tuple[str, str]] = field(default_factory=list)  # file, why


def string(text_: str) -> str:
    """The text as a TOML string: quotes, line ends and controls written out."""
    made = []
    for letter in text_:
        if letter in '"\\':
            made.append("\\" + letter)
        elif ord(letter) < 32 or 127 <= ord(letter) < 160 or letter in "\u2028\u2029":
            made.append(f"\\u{ord(letter):04X}")
        else:
            made.append(letter)
    return '"' + "".join(made) + '"'


def key(text_: str) -> str:
    """The text as a TOML key: bare where it may be."""
    return text_ if re.fullmatch(r"[A-Za-z0-9_-]+", text_) else string(text_)


def comment(text_: str) -> str:
    """A line of comment: what a file's name holds cannot end it."""
    return "# " + "".join(letter if letter.isprintable() else " " for letter in text_)


def draft(
    seen: Seen,
    homes: Sequence[tuple[Format, str]],
    formats: Sequence[Format],
    *,
    language: str = "",
    template: Template | None = None,
    sample_made: bool = False,
) -> Draft:
    """What to write. `homes` are folders tools write to, `~/...`; `sample_made` says that files were made up."""
    made = Draft(name=_name(seen.folder))
    case = template.name if template is not None else _slug(made.name)
    by_name = {format_.name: format_ for format_ in formats}
    found: list[columns.Mapped] = []
    with Engine() as engine:
        tables = {} if sample_made else _headers(engine, seen, made)
        header = [name for names in tables.values() for name in names]
        made.currency, made.currency_from = _currency(engine, seen, tables, header, language)
        made.sources += _of_logs(seen, by_name, case, made)
        for paths, names in _together(tables):
            mapped = columns.tables(names, paths[0].name)
            found += mapped
            if not mapped:
                made.not_used.append((_pattern(paths), say("its columns say nothing payback knows")))
            for one in mapped:
                made.sources.append(_of_table(engine, seen, paths, names, one, case, made.currency))
    for format_, home in homes:
        path = f"{home}/**/*{format_.endings[0]}"
        made.sources.append(_log(path, format_, case, say("logs of {title}", title=format_.title)))
    if sample_made:
        made.sources += _samples(case)
    made.not_used += [
        (str(path), say("payback reads no spreadsheets yet: save it as CSV")) for path in seen.sheets
    ]
    made.not_used += [(ascii(str(path)), say("its name cannot be written down")) for path in seen.strange]
    made.not_used += [(str(path), say("it cannot be opened")) for path in seen.unreadable]
    made.questions += [
        say("{path}: {question}", path=one.path, question=one.question)
        for one in made.sources
        if one.question
    ]
    made.text = _written(made, case, template, illustrative=sample_made, seen=seen)
    return made


def _name(folder: Path) -> str:
    return folder.resolve().name or say("my project")


def _slug(name: str) -> str:
    """The use case's key: the folder's name in small letters, signs as one dash."""
    slug = re.sub(r"[\W_]+", "-", name.casefold()).strip("-")
    return slug[:40] or "work"


# --- sources -------------------------------------------------------------------------------------------


def _of_logs(seen: Seen, formats: Mapping[str, Format], case: str, made: Draft) -> list[Drafted]:
    found = []
    for (name, top, ending), paths in sorted(seen.logs.items()):
        format_ = formats[name]
        if format_.sums and "bill_line" not in format_.fills:
            why = say("it sums calls: payback usage shows it")
            made.not_used.append((_pattern(paths), why))
            continue
        what = say_count("{count} log of {title}", "{count} logs of {title}", len(paths), title=format_.title)
        others = [path for path in seen.tables if path.suffix == ending and (not top or path.parts[0] == top)]
        if len(paths) == 1 or (others and len(paths) <= MOST_SEPARATE):
            found += [_log(path.as_posix(), format_, case, what) for path in paths]
        else:
            deep = bool(top)
            path = f"{_literal(top)}/**/*{ending}" if deep else f"*{ending}"
            found.append(_log(path, format_, case, what))
    return found


def _literal(part: str) -> str:
    """A folder's name so that a pattern takes it as it is."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in part)


def _log(path: str, format_: Format, case: str, what: str) -> Drafted:
    lines = [
        comment(what),
        "[[sources]]",
        f"path = {string(path)}",
        f"format = {string(format_.name)}",
        f"constants = {{ use_case = {string(case)} }}",
    ]
    if format_.sums:
        lines.insert(4, 'table = "bill_line"')
    return Drafted(path, what, tuple(lines), active=True, use_cases=(case,))


def _samples(case: str) -> list[Drafted]:
    what = say("made up, to show how it looks: not anybody's figures")
    calls = ("# " + what, "[[sources]]", 'table = "usage"', f'path = "{SAMPLE_CALLS}"')
    results = ("# " + what, "[[sources]]", 'table = "outcome"', f'path = "{SAMPLE_RESULTS}"')
    constants = f"constants = {{ use_case = {string(case)} }}"
    return [
        Drafted(SAMPLE_CALLS, what, (*calls, constants), active=True, use_cases=(case,)),
        Drafted(SAMPLE_RESULTS, what, (*results, constants), active=True, use_cases=(case,)),
    ]


def _headers(engine: Engine, seen: Seen, made: Draft) -> dict[Path, tuple[str, ...]]:
    """The columns of each table; what cannot be read is named."""
    found: dict[Path, tuple[str, ...]] = {}
    for path in seen.tables:
        if len(found) == MOST_TABLES:
            made.not_used.append(
                (str(path), say("only the first {count} tables are looked at", count=MOST_TABLES))
            )
            break
        try:
            names = _header(engine, seen.folder / path)
        except (PaybackError, OSError) as error:
            why = error.message if isinstance(error, PaybackError) else str(error.strerror)
            made.not_used.append((str(path), why))
            continue
        if names:
            found[path] = names
        else:
            made.not_used.append((str(path), say("nothing is in it")))
    return found


def _header(engine: Engine, file: Path) -> tuple[str, ...]:
    if file.suffix.lower() == ".parquet":
        return parquet_columns(engine.connection, file)
    part = sample(file, engine.scratch)
    if part.suffix in {".jsonl", ".ndjson"}:
        return _keys(part)
    given = Source(path=file.name, table="usage", format="csv")
    form = delimited.layout(text.opened(part, file.name, given), given, [])
    return () if form is None else tuple(name for name in form.header if name)


def _keys(file: Path) -> tuple[str, ...]:
    """The keys of the first objects of JSON lines that hold a single value."""
    keys: dict[str, None] = {}
    for line in file.read_bytes().splitlines()[:50]:
        try:
            held = json.loads(line)
        except ValueError:
            continue
        if isinstance(held, dict):
            keys |= {name: None for name, value in held.items() if not isinstance(value, dict | list)}
    return tuple(keys)


def _together(tables: Mapping[Path, tuple[str, ...]]) -> list[tuple[list[Path], tuple[str, ...]]]:
    """Files of one folder and ending that have the same columns, where all of that ending have."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    for path in tables:
        groups.setdefault((path.parent, "".join(path.suffixes[-2:]).lower()), []).append(path)
    found: list[tuple[list[Path], tuple[str, ...]]] = []
    for paths in groups.values():
        if len({tables[path] for path in paths}) == 1:
            found.append((paths, tables[paths[0]]))
        else:
            found += [([path], tables[path]) for path in paths]
    return found


def _pattern(paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return paths[0].as_posix()
    parent = paths[0].parent
    pattern = f"*{''.join(paths[0].suffixes[-2:]) if paths[0].suffix == '.gz' else paths[0].suffix}"
    return pattern if parent == Path() else "/".join((*map(_literal, parent.parts), pattern))


def _of_table(
    engine: Engine,
    seen: Seen,
    paths: Sequence[Path],
    header: Sequence[str],
    mapped: columns.Mapped,
    case: str,
    currency: str,
) -> Drafted:
    """A source that was tried on the first lines of its first file; what does not fit becomes a question."""
    path = _pattern(paths)
    what = _what(mapped.table)
    part = _trial_file(engine, seen.folder / paths[0])
    taken = dict(mapped.columns)
    more: dict[str, str] = {}
    constants: dict[str, str] = {} if "use_case" in taken else {"use_case": case}
    doubts: list[str] = []
    _money(mapped.table, taken, header, constants, currency, doubts)
    if "cached_tokens" in taken:
        doubts.append(
            say('cached_tokens: if input_tokens already hold them, add input_includes = ["cached"]')
        )
    for _ in range(2 * len(taken) + 6):
        lines = _lines(mapped.table, path, taken, constants, more, header)
        if not _needed(mapped.table, taken, constants):
            break
        failed = _tried(engine, part, paths[0].name, lines, taken)
        if failed is None:
            note = comment(what)
            listed = [note, *(comment(doubt) for doubt in doubts), *lines]
            return Drafted(
                path,
                what,
                tuple(listed),
                active=True,
                use_cases=_cases(engine, part, paths[0].name, lines) if "use_case" in taken else (case,),
                question="; ".join(doubts),
            )
        column, code, why = failed
        if code == "time-zone" and "timezone" not in more:
            more["timezone"] = '"UTC"'
            doubts.append(say("its times name no zone: UTC is a guess, mend `timezone`"))
        elif code == "number" and "decimal" not in more:
            more["decimal"] = '","'
        elif column in taken and (mapped.table, column) not in _REQUIRED:
            doubts.append(
                say("{column} looks like {key}, but: {why}", column=taken.pop(column), key=column, why=why)
            )
        else:
            doubts.append(why)
            break
    lines = _lines(mapped.table, path, taken, constants, more, header)
    missing = _missing(mapped.table, taken, constants)
    question = "; ".join([*missing, *doubts]) or say("it cannot be read as it is")
    commented = [comment(what), comment(question), *(f"# {line}" for line in lines)]
    return Drafted(path, what, tuple(commented), active=False, question=question)


_REQUIRED = {
    (table.name, column.name) for table in TABLES.values() for column in table.columns if column.required
}


def _what(table: str) -> str:
    return {
        "usage": say("calls"),
        "outcome": say("results"),
        "bill_line": say("lines of an invoice"),
        "cost": say("money out"),
        "value": say("money back"),
    }[table]


def _money(
    table: str,
    taken: dict[str, str],
    header: Sequence[str],
    constants: dict[str, str],
    currency: str,
    doubts: list[str],
) -> None:
    """Say in which currency amounts are: a column, else what a header says, else a guess that is said."""
    amount = next((name for name in ("stated_cost", "billed", "amount") if name in taken), None)
    held = "stated_currency" if table == "usage" else "currency"
    if amount is None:
        taken.pop(held, None)
    elif held not in taken:
        told = columns.currency_in([taken[amount]]) or columns.currency_in(header)
        constants[held] = told or currency
        if told is None:
            doubts.append(say("no column names the currency: {currency} is a guess", currency=currency))


def _needed(table: str, taken: Mapping[str, str], constants: Mapping[str, str]) -> bool:
    return not _missing(table, taken, constants)


def _missing(table: str, taken: Mapping[str, str], constants: Mapping[str, str]) -> list[str]:
    found = []
    for column in TABLES[table].columns:
        if column.required and column.name not in taken and column.name not in constants:
            choices = f" ({', '.join(column.choices)})" if column.choices else ""
            found.append(
                say(
                    "which column is {key}, {meaning}{choices}?",
                    key=column.name,
                    meaning=column.meaning,
                    choices=choices,
                )
            )
    return found


def _lines(
    table: str,
    path: str,
    taken: Mapping[str, str],
    constants: Mapping[str, str],
    more: Mapping[str, str],
    header: Sequence[str],
) -> list[str]:
    others = [name for name in header if name not in taken.values() and name not in TABLES[table].names]
    lines = ["[[sources]]", f"table = {string(table)}", f"path = {string(path)}"]
    renamed = {name: held for name, held in taken.items() if name != held}
    # Text in braces would be taken for a column's name inside a text.
    safe = {name: held for name, held in renamed.items() if not set(held) & set("{}")}
    if safe:
        pairs = ", ".join(f"{name} = {string(held)}" for name, held in safe.items())
        lines.append(f"columns = {{ {pairs} }}")
    if constants:
        pairs = ", ".join(f"{name} = {string(value)}" for name, value in constants.items())
        lines.append(f"constants = {{ {pairs} }}")
    lines += [f"{name} = {value}" for name, value in more.items()]
    if others:
        lines.append(f"ignore = [{', '.join(map(string, others))}]")
    return lines


def _trial_file(engine: Engine, file: Path) -> Path:
    return file if file.suffix.lower() == ".parquet" else sample(file, engine.scratch)


def _tried(
    engine: Engine, part: Path, shown: str, lines: Sequence[str], taken: Mapping[str, str]
) -> tuple[str, str, str] | None:
    """None where the source reads the file; else the ledger's column, the code and what is wrong."""
    try:
        batch = read(
            engine.connection,
            _source(lines),
            part,
            person_key="only to try it",
            scratch=engine.scratch,
            shown=shown,
        )
    except (PaybackError, ValueError) as error:
        message = error.message if isinstance(error, PaybackError) else str(error)
        code = error.code if isinstance(error, PaybackError) else ""
        return "", code, message
    rows, left_out = batch.rows_read, batch.rows_left_out
    batch.close()
    if left_out and left_out > MOST_WRONG * (rows + left_out):
        worst = _worst(batch.problems)
        if worst is not None:
            called = worst.origin.column if worst.origin else None
            column = next((name for name, held in taken.items() if called in {held, name}), "")
            return column, worst.code, worst.what
    if not rows:
        return "", "no-rows", say("it has no rows")
    return None


def _source(lines: Sequence[str]) -> Source:
    data: dict[str, Any] = tomllib.loads("\n".join(lines), parse_float=Decimal)
    return Source.model_validate(data["sources"][0])


def _worst(problems: Sequence[Problem]) -> Problem | None:
    """The first problem of the kind that keeps most rows out."""
    kinds: dict[tuple[str, str | None], list[Problem]] = {}
    for problem in problems:
        if problem.left_out and problem.code not in NOTES:
            kinds.setdefault((problem.code, problem.origin.column if problem.origin else None), []).append(
                problem
            )
    if not kinds:
        return None
    return max(kinds.values(), key=lambda alike: sum(each.rows for each in alike))[0]


def _cases(engine: Engine, part: Path, shown: str, lines: Sequence[str]) -> tuple[str, ...]:
    """The use cases that the first lines name, the most frequent first."""
    batch = read(
        engine.connection,
        _source(lines),
        part,
        person_key="only to try it",
        scratch=engine.scratch,
        shown=shown,
    )
    rows = engine.rows(
        f"select use_case from {batch.relation} where use_case is not null "
        f"group by 1 order by count(*) desc, 1 limit {MOST_CASES}"
    )
    batch.close()
    return tuple(name for (name,) in rows)


def _currency(
    engine: Engine,
    seen: Seen,
    tables: Mapping[Path, tuple[str, ...]],
    header: Sequence[str],
    language: str,
) -> tuple[str, str]:
    """The project's currency and why: a column of the data, a header, the language; else dollars."""
    wanted = columns.SYNONYMS["cost"]["currency"].split()
    for path, names in tables.items():
        held = next((name for name in names if columns.alike(name) in map(columns.alike, wanted)), None)
        if held is None or path.suffix.lower() == ".parquet":
            continue
        lines = [
            "[[sources]]",
            'table = "segment"',
            f"path = {string(path.name)}",
            'constants = { task = "t", name = "n" }',
            f"columns = {{ value = {string(held)} }}",
        ]
        try:
            part = sample(seen.folder / path, engine.scratch)
            batch = read(
                engine.connection,
                _source(lines),
                part,
                person_key="",
                scratch=engine.scratch,
                shown=path.name,
            )
        except (PaybackError, ValueError, OSError):
            continue
        found = engine.rows(
            f"select upper(value), count(*) from {batch.relation} "
            f"where regexp_full_match(value, {quoted('[A-Za-z]{3}')}) group by 1 order by 2 desc, 1 limit 1"
        )
        batch.close()
        if found:
            return str(found[0][0]), say("from {column} of {file}", column=held, file=path.as_posix())
    if (told := columns.currency_in(header)) is not None:
        return told, say("from the name of a column")
    spoken = columns.currency_of_language(language)
    money = {columns.alike(name) for names in (columns.SYNONYMS["cost"]["amount"],) for name in names.split()}
    if spoken is not None and any(columns.alike(name) in money for name in header):
        return spoken, say("a guess, from the language {language}", language=language)
    return DEFAULT_CURRENCY, say("a guess: list prices are in it")


# --- the file ------------------------------------------------------------------------------------------


def _written(made: Draft, case: str, template: Template | None, *, illustrative: bool, seen: Seen) -> str:
    active = [one for one in made.sources if one.active]
    names = list(dict.fromkeys(name for one in active for name in one.use_cases)) or [case]
    top = [
        SCHEMA_LINE,
        comment(say("Written by payback init. Every key: docs/guides/project_file.md, or payback schema.")),
        f"name = {string(made.name)}",
        f"currency = {string(made.currency)}  " + comment(made.currency_from),
        f'timezone = "UTC"  {comment(say("where a day begins; such as Europe/Berlin, Asia/Shanghai, Asia/Jakarta"))}',
    ]
    if illustrative:
        top.append('label = "illustrative"')
    blocks = ["\n".join(top), _period(), *("\n".join(one.lines) for one in made.sources)]
    if not active:
        blocks.append(comment(say("No source could be used as it is: see the questions above.")))
    if made.currency != DEFAULT_CURRENCY:
        blocks.append(_rates(made.currency))
    for number, name in enumerate(names[:MOST_CASES]):
        blocks.append(
            _use_case(name, made, seen, template if number == 0 else None, illustrative=illustrative)
        )
    return "\n\n".join(blocks) + "\n"


def _period() -> str:
    return "\n".join(
        (
            comment(say("Days looked at; without it, all there is.")),
            "# [period]",
            "# from = 2026-01-01",
            "# to = 2027-01-01",
        )
    )


def _rates(currency: str) -> str:
    return "\n".join(
        (
            comment(
                say("List prices of most models are in USD: without a rate, such calls have no known cost.")
            ),
            "# [[currency_rates]]",
            '# from = "USD"',
            f"# to = {string(currency)}",
            "# day = 2026-01-01",
            "# rate = 0.9",
            comment(say('source = "where the rate comes from"')),
        )
    )


def _use_case(name: str, made: Draft, seen: Seen, template: Template | None, *, illustrative: bool) -> str:
    head = f"[use_cases.{key(name)}]"
    unit = template.unit if template is not None else say("piece of work accepted")
    lines = [head]
    if template is not None:
        lines += [f"title = {string(template.title)}"]
    lines += [
        f"unit = {string(unit)}  {comment(say('what one finished piece of work is'))}",
        f"stage = {string(template.stage if template is not None else 'pilot')}  "
        + comment("explore, pilot, production, rollout"),
        '# owner = "R. Silva"',
    ]
    if not template and any("format" in line for one in made.sources for line in one.lines):
        lines.append(
            comment(say("to split logs by folder, take use_case out of `constants` above and write here:"))
        )
        lines.append('# match = { "tag.project" = "*/my-folder*" }')
    if template is not None:
        lines.append(f"notes = [{string(template.note)}]")
    lines += ["", *_today(name, template, illustrative=illustrative)]
    lines += ["", *_gates(name, template, illustrative=illustrative)]
    if not any(line == 'table = "outcome"' for one in made.sources if one.active for line in one.lines):
        lines += ["", *_results(name, repository=seen.repository)]
    return "\n".join(lines)


def _today(name: str, template: Template | None, *, illustrative: bool) -> list[str]:
    shown = template or Template("", "", "", "", "5 to 10", "25 to 30", "1 to 2", (), "")
    lines = [
        f"[use_cases.{key(name)}.today]",
        f'minutes = "{shown.minutes}"',
        f'wage_per_hour = "{shown.wage}"',
        f"by = {string(say('an example, not a figure of yours') if illustrative else say('who says so'))}",
        "",
        f"[use_cases.{key(name)}.review]",
        f'minutes = "{shown.review}"',
        f'wage_per_hour = "{shown.wage}"',
    ]
    if illustrative:
        return [
            comment(say("How the work is done today, and people looking over results. Example values.")),
            *lines,
        ]
    return [
        comment(
            say("How the work is done today, to compare with: fill in your own ranges and take the # away.")
        ),
        *(f"# {line}" if line else "#" for line in lines),
    ]


def _gates(name: str, template: Template | None, *, illustrative: bool) -> list[str]:
    gates = template.gates if template is not None else ((say("100 accepted"), "accepted", "at_least = 100"),)
    lines: list[str] = []
    for title, figure, rule in gates:
        due = "by = 2027-06-30"
        lines += [
            f"[[use_cases.{key(name)}.gates]]",
            f"name = {string(title)}",
            f"figure = {string(figure)}",
            rule,
            due,
            "",
        ]
    lines = lines[:-1]
    if illustrative:
        return [comment(say("Rules set beforehand. Example values.")), *lines]
    return [
        comment(say("Rules set before the data arrive; seal them with payback gate seal.")),
        *(f"# {line}" if line else "#" for line in lines),
    ]


def _results(name: str, *, repository: bool) -> list[str]:
    how = (
        say("such as: merged and not reverted, by task or branch")
        if repository
        else say("such as: closed and not opened again")
    )
    return [
        comment(say("What was accepted is in no file yet: without it nothing is delivered. {how}", how=how)),
        "# [[sources]]",
        '# table = "outcome"',
        f'# path = "results.csv"  {comment("task,decided_at,accepted")}',
        f"# constants = {{ use_case = {string(name)} }}",
        '# timezone = "UTC"',
    ]
