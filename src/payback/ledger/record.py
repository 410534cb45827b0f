"""The record: append-only Parquet, one file a batch, and a manifest that is written last.

`.payback/record/` is the record of truth and never disposable. A batch is what one source made of
one file; its name is a hash of the file's content and of how it was read, so reading the same file
again adds nothing. A file becomes part of the record when its line in `manifest.jsonl` is on disk;
anything else there is debris of an interrupted run. Why one file a batch and not one a day:
docs/decisions/0003-record-layout.md.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from payback.records import Origin, PaybackError, Problem

SCHEMA_VERSION = 1
"""Part of every batch's name: a new layout of the tables reads the files anew."""

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One line of the manifest: what one source made of one file, for one table.

    `source` identifies how the file was read (a hash of its settings), `path` is the file as
    payback.toml reaches it. `rows` are in the record, `rows_left_out` are not; `problems` says why.
    `facts` are counts over the batch (payback.ledger.facts), so that no query has to look again.
    `stored_in` is the file that holds the rows of several batches, told apart by their column `batch`;
    empty where a batch has a file of its own.
    """

    batch: str
    table: str
    source: str
    path: str
    content: str
    rows: int
    rows_left_out: int
    problems: tuple[Problem, ...]
    received: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    stored_in: str = ""

    @property
    def file_name(self) -> str:
        return f"{self.stored_in or self.batch}.parquet"


class Record:
    """The folder `.payback/record` of one project."""

    def __init__(self, project_folder: Path) -> None:
        self.folder = project_folder / ".payback" / "record"
        self.manifest = self.folder / "manifest.jsonl"
        self._entries = {entry.batch: entry for entry in self._read()}

    def entry(self, batch: str) -> BatchEntry | None:
        """The acknowledged batch of that name, if its rows are on disk."""
        entry = self._entries.get(batch)
        return entry if entry is not None and self.file_of(entry).exists() else None

    def entries_of(self, source: str) -> list[BatchEntry]:
        """Every acknowledged batch a source ever made, oldest first."""
        found = [entry for entry in self._entries.values() if entry.source == source]
        return sorted(found, key=lambda entry: entry.received)

    def file_of(self, entry: BatchEntry) -> Path:
        return self.folder / entry.table / entry.file_name

    def staging(self, table: str) -> Path:
        """A fresh hidden name beside the table's files, for rows not yet acknowledged."""
        folder = self.folder / table
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f".staging-{secrets.token_hex(8)}.parquet"

    def append(self, staged: Path, *entries: BatchEntry) -> None:
        """Make the staged rows, of one batch or of several in one file, part of the record.

        On return they survive a crash.
        """
        _sync(staged)
        target = self.file_of(entries[0])
        staged.replace(target)
        _sync(target.parent)
        lines = (json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True) for entry in entries)
        self._acknowledge("\n".join(lines))
        _sync(self.folder)
        self._entries |= {entry.batch: entry for entry in entries}

    def _acknowledge(self, line: str) -> None:
        """Append lines to the manifest in one write, so that two runs at once never mix their lines."""
        manifest = os.open(self.manifest, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            length = os.fstat(manifest).st_size
            os.lseek(manifest, max(length - 1, 0), os.SEEK_SET)
            cut_off = os.read(manifest, 1) not in {b"\n", b""}
            written = (("\n" if cut_off else "") + line + "\n").encode()
            if os.write(manifest, written) != len(written):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.manifest))
            os.fsync(manifest)
        finally:
            os.close(manifest)

    @property
    def next_received(self) -> int:
        """The number the next batch takes, in order of arrival."""
        return 1 + max((entry.received for entry in self._entries.values()), default=0)

    def person_key(self) -> str:
        """The project's key for hashing names of people; made once, never part of a figure."""
        file = self.folder.parent / "key"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            made = file.with_name(f".key-{secrets.token_hex(4)}")
            made.touch(mode=0o600)
            made.write_text(secrets.token_hex(32), encoding="ascii")
            _sync(made)
            try:
                os.link(made, file)
            except FileExistsError:
                pass  # another run was first: its key is the project's
            except OSError:  # a disk without links
                shutil.copy(made, file)
            made.unlink()
            _sync(file.parent)
        return file.read_text(encoding="ascii").strip()

    def _read(self) -> Iterator[BatchEntry]:
        if not self.manifest.exists():
            return
        for line in self.manifest.read_bytes().split(b"\n"):
            try:
                data = json.loads(line)
            except ValueError:
                continue  # a line cut off by a crash was never acknowledged
            data["problems"] = tuple(_problem(each) for each in data["problems"])
            # A later version may say more, an earlier one less.
            yield BatchEntry(**{name: data[name] for name in _FIELDS if name in data})


_FIELDS = tuple(each.name for each in fields(BatchEntry))


def _problem(data: dict[str, object]) -> Problem:
    origin = data.pop("origin")
    return Problem(**data, origin=Origin(**origin) if isinstance(origin, dict) else None)  # type: ignore[arg-type]  # written by `append` from the same record


def content_digest(file: Path) -> str:
    """Hash of a file's bytes. Raises PaybackError when it cannot be read."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        with file.open("rb") as handle:
            while block := handle.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise PaybackError(
            "unreadable-file", str(error.strerror), where=str(file), fix="check the file's rights"
        ) from None
    return digest.hexdigest()


def batch_name(content: str, source: str) -> str:
    """Name of the batch that a source makes of a file of that content."""
    return text_digest([str(SCHEMA_VERSION), content, source])


def text_digest(parts: Iterable[str]) -> str:
    """One short hash of several texts, in order."""
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _sync(path: Path) -> None:
    """Have the disk hold the file, or the folder's list of names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        if not path.is_dir():  # some systems cannot sync a folder; the rename still holds
            raise
    finally:
        os.close(handle)
