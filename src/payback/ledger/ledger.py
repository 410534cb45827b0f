"""One project's ledger: files in, record kept, prepared tables made, rollups answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from payback.ledger import logs
from payback.ledger.engine import Engine, quoted
from payback.ledger.facts import Facts, batch_facts, facts_in, facts_of
from payback.ledger.ingest import read
from payback.ledger.prepare import Prepared, prepare
from payback.ledger.record import BatchEntry, Record, batch_name, content_digest, text_digest
from payback.locale import say
from payback.prices import CurrencyRate, PriceBook
from payback.project import Project, Source
from payback.records import Origin, PaybackError, Problem
from payback.sources.faults import OF_THE_FILE
from payback.sources.formats import Format
from payback.tables import ENGINE_TYPE, TABLES, Table

ENTRY_VIEW = {"cost": "cost_entry", "value": "value_entry", "bill_line": "bill_entry"}
"""Tables whose rows are first cut at the as-of day and given a use case; others are `NAME_row`."""

COMPRESSION = "(format parquet, compression zstd)"
Progress = Callable[[str, int, int], None]
"""Told what is being done, how many files are done, of how many."""


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """One source of the project and the batches it now stands for."""

    source: Source
    entries: tuple[BatchEntry, ...]

    @property
    def rows(self) -> int:
        return sum(entry.rows for entry in self.entries)

    @property
    def rows_left_out(self) -> int:
        return sum(entry.rows_left_out for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the sources gave: their batches, every problem met, and a digest of all of it."""

    sources: tuple[SourceFiles, ...]
    problems: tuple[Problem, ...]
    digest: str


class Ledger:
    """Opened with `with`; holds the only connection to the engine."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.record = Record(project.folder)
        self.engine = Engine()
        self.facts: dict[str, Facts] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.engine.__exit__(kind, error, trace)

    def gather(self, progress: Progress | None = None) -> Gathered:
        """Bring the record up to date with the project's files and open it for rollups.

        A file already in the record as it is now is not read again. A file that changed replaces
        what it gave before. What a pattern once matched stays, though the file may be gone.
        """
        found: list[SourceFiles] = []
        problems: list[Problem] = []
        wanted = [(source, list(self._files(source))) for source in self.project.sources]
        total = sum(len(files) for _, files in wanted)
        done = 0
        counted: dict[str, str] = {}
        formats = {
            number: logs.format_of(source, self.project, number)
            for number, source in enumerate(self.project.sources)
            if source.of_logs
        }
        for number, (source, files) in enumerate(wanted):
            entries: list[BatchEntry] = []
            if number in formats:
                entries = self._logs(source, formats[number], files, counted, problems, progress)
                done += len(files)
            for file in files if number not in formats else ():
                if progress is not None:
                    progress(file.name, done, total)
                entry = self._entry(source, file, counted, problems)
                if entry is not None:
                    entries.append(entry)
                    problems.extend(entry.problems)
                done += 1
            entries += self._gone(
                source, {entry.path for entry in entries}, {entry.batch for entry in entries}
            )
            found.append(SourceFiles(source, tuple(entries)))
            if not files and not entries:
                problems.append(self._nothing_found(source))
        if progress is not None:
            progress("", total, total)
        problems += self._open(found)
        digest = text_digest(entry.batch for each in found for entry in each.entries)
        return Gathered(tuple(found), tuple(problems), digest)

    def prepare(self, book: PriceBook, rates: Sequence[CurrencyRate], as_of: date | None = None) -> Prepared:
        """Make the prepared tables that rollups read; see `payback.ledger.prepare`."""
        return prepare(self.engine, self.project, self.facts, book, rates, as_of)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The answer to a measure's QUERY: whole numbers and decimals exact, null as None."""
        return self.engine.rows(query)

    def load(self, table: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]) -> None:
        """A small table that a measure's QUERY names, such as the pairs to compare."""
        self.engine.load(table, columns, rows)

    def _files(self, source: Source) -> Iterator[Path]:
        path = Path(source.path).expanduser()
        if path.is_absolute():
            root, pattern = Path(path.anchor), str(path.relative_to(path.anchor))
        else:
            root, pattern = self.project.folder, source.path
        if _is_pattern(pattern) and not (root / pattern).is_file():  # a name may hold [ and ]
            yield from sorted(file for file in root.glob(pattern) if file.is_file())
        elif (root / pattern).exists():
            yield root / pattern

    def _nothing_found(self, source: Source) -> Problem:
        near = sorted(file.name for file in self.project.folder.glob("**/*") if file.is_file())[:200]
        named = [name for name in near if name[:3].lower() == Path(source.path).name[:3].lower()]
        hint = say(" Near it: {names}.", names=", ".join(named[:3])) if named else ""
        return Problem(
            "missing-file",
            say("no file matches path = {path}", path=json.dumps(source.path)) + hint,
            say("mend the path in payback.toml; it is relative to that file"),
            Origin(source.path),
            rows=0,
        )

    def _entry(
        self, source: Source, file: Path, counted: dict[str, str], problems: list[Problem]
    ) -> BatchEntry | None:
        """The batch for a file as it is now, from the record or read anew; None if it cannot be."""
        path = self._path(file)
        settings = source_digest(source, self.project)
        try:
            content = content_digest(file)
            name = batch_name(content, settings)
            if name in counted:
                problems.append(_same_bytes(path, counted[name]))
                return None
            counted[name] = path
            known = self.record.entry(name)
            if known is not None:
                return known
            return self._read(source, file, path, settings, content, name)
        except PaybackError as error:
            if error.code not in OF_THE_FILE:
                raise
            problems.append(Problem(error.code, error.message, error.fix, Origin(path), rows=0))
            return None

    def _logs(
        self,
        source: Source,
        format_: Format,
        files: Sequence[Path],
        counted: dict[str, str],
        problems: list[Problem],
        progress: Progress | None,
    ) -> list[BatchEntry]:
        """The batches of logs as they are now, one for each file and table; those not known yet are read together."""
        settings = source_digest(source, self.project)
        tables = logs.tables_of(source, format_)
        known: list[BatchEntry] = []
        fresh: list[logs.NewFile] = []
        strange: list[str] = []
        for file in files:
            path = self._path(file)
            try:
                content = content_digest(file)
                names = {table: batch_name(content, f"{settings} {table}") for table in tables}
                if (name := names[tables[0]]) in counted:
                    problems.append(_same_bytes(path, counted[name]))
                    continue
                counted[name] = path
                entries = [self.record.entry(name) for name in names.values()]
                if all(entries):
                    known += [entry for entry in entries if entry is not None]
                    continue
                one, filled = logs.recognised(format_, file)
            except PaybackError as error:
                problems.append(Problem(error.code, error.message, error.fix, Origin(path), rows=0))
                continue
            except OSError as error:
                problems.append(logs.unreadable(path, error.strerror or str(error)))
                continue
            if one is not None:
                fresh.append(logs.NewFile(one, path, content, names))
            elif filled:
                strange.append(path)
        made = logs.store(self.engine, self.record, source, settings, fresh, progress) if fresh else []
        problems += logs.not_of_the_format(format_, strange, named=not _is_pattern(source.path))
        found = [*known, *made]
        for entry in found:
            problems.extend(entry.problems)
        return found

    def _read(
        self, source: Source, file: Path, path: str, settings: str, content: str, name: str
    ) -> BatchEntry:
        batch = read(
            self.engine.connection,
            source,
            file,
            person_key=self.record.person_key(),
            scratch=self.engine.scratch,
            shown=path,
        )
        received = self.record.next_received
        staged = self.record.staging(source.table)
        self.engine.run(
            f"copy (select *, cast({received} as bigint) as received, {quoted(name)} as batch "
            f"from {batch.relation}) to {quoted(staged)} {COMPRESSION}"
        )
        rows = self.engine.one(f"select count(*) from read_parquet({quoted(staged)})")[0]
        entry = BatchEntry(
            batch=name,
            table=source.table,
            source=settings,
            path=path,
            content=content,
            rows=rows,
            rows_left_out=batch.rows_left_out,
            problems=tuple(batch.problems),
            received=received,
            facts=batch_facts(self.engine, source.table, staged),
        )
        self.record.append(staged, entry)
        batch.close()
        return entry

    def _path(self, file: Path) -> str:
        """The file as a page names it: from the project's folder where it lies inside."""
        try:
            return file.relative_to(self.project.folder).as_posix()
        except ValueError:
            return file.as_posix()

    def _gone(self, source: Source, present: set[str], batches: set[str]) -> list[BatchEntry]:
        """Batches of files that a pattern once matched and that are no longer there."""
        if not _is_pattern(source.path):
            return []
        matched = path_pattern(Path(source.path).expanduser().as_posix())
        latest: dict[tuple[str, str], BatchEntry] = {}
        for entry in self.record.entries_of(source_digest(source, self.project)):
            gone = entry.path not in present and not (self.project.folder / entry.path).exists()
            if gone and matched.fullmatch(entry.path):
                latest[entry.path, entry.table] = entry
        return [entry for entry in latest.values() if entry.batch not in batches]

    def _open(self, found: Sequence[SourceFiles]) -> tuple[Problem, ...]:
        """A view on each table's rows in the record; an empty table where there are none."""
        logged = logs.opened(
            self.engine,
            self.record,
            [(each.source, entry) for each in found if each.source.of_logs for entry in each.entries],
        )
        for table in TABLES.values():
            entries = [
                entry
                for each in found
                if each.source.table == table.name and not each.source.of_logs
                for entry in each.entries
            ]
            facts = [entry.facts for entry in entries]
            parts = [self._rows_of(table, [entry for entry in entries if entry.rows])]
            if table.name in logged.tables:
                facts.append(facts_in(self.engine, table.name, logged.tables[table.name]))
                parts.append(f"select {logs.standing_columns(table.name)} from {logged.tables[table.name]}")
            self.facts[table.name] = facts_of(facts)
            view = ENTRY_VIEW.get(table.name, f"{table.name}_row")
            rows = " union all by name ".join(part for part in parts if part)
            rows = rows or f"select {_empty_columns(table)} where false"
            self.engine.run(f"create or replace temp view {view} as {rows}")
        return logged.problems

    def _rows_of(self, table: Table, entries: Sequence[BatchEntry]) -> str:
        """SQL: the rows of these batches; empty where there are none."""
        if not entries:
            return ""
        listed = ", ".join(
            quoted(file) for file in dict.fromkeys(str(self.record.file_of(e)) for e in entries)
        )
        if table.name == "usage" and any("unfinished" not in entry.facts["filled"] for entry in entries):
            # Stored before the table had all its columns: those it lacks are null.
            return (
                f"(select {_empty_columns(table)} where false) union all by name "
                f"(select * from read_parquet([{listed}], hive_partitioning = false, union_by_name = true))"
            )
        return f"select * from read_parquet([{listed}], hive_partitioning = false)"


def _same_bytes(path: str, other: str) -> Problem:
    return Problem(
        "same-file-twice",
        say("holds the same bytes as {other}", other=other),
        say("it is counted once; remove one of the two"),
        Origin(path),
        rows=0,
        left_out=False,
    )


def _is_pattern(path: str) -> bool:
    return any(mark in path for mark in "*?[")


def path_pattern(pattern: str) -> re.Pattern[str]:
    """What `Path.glob` would find, for files that are no longer there: `**/` is any folders, or none."""
    spelled = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^]]+\])", pattern.removeprefix("./"))
    return re.compile("".join(_spelled(part, spelled) for part in parts), re.DOTALL)


def _spelled(part: str, spelled: Mapping[str, str]) -> str:
    if part.startswith("[") and part.endswith("]"):
        return f"[{'^' if part[1] == '!' else ''}{re.escape(part.strip('[]!'))}]".replace(r"\-", "-")
    return spelled.get(part) or re.escape(part)


def _empty_columns(table: Table) -> str:
    typed = [(column.name, ENGINE_TYPE[column.kind]) for column in table.columns]
    typed += [("source_row", "BIGINT"), ("received", "BIGINT"), ("batch", "VARCHAR")]
    return ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in typed)


def source_digest(source: Source, project: Project) -> str:
    """Hash of everything that decides how a file's rows are read."""
    # `check` decides only when the record is opened; named here, it would have the logs read anew.
    told = {"title", "by", "licence", "link", "path", "check"}
    settings = source.model_dump(mode="json", exclude=told)
    return text_digest([json.dumps(settings, sort_keys=True), project.timezone])
