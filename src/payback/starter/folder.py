"""What lies in a folder: logs by their format, tables, and what payback does not read. Nothing is changed there."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from payback.sources.discover import recognised
from payback.sources.formats import HEAD, Format

MOST_FILES = 20_000
"""Files looked at; a folder with more is named, and the rest left alone."""
MOST_OPENED = 2_000
"""Files of a known ending opened to see what they are."""
SAMPLE = 2**18
"""Bytes of a table that are tried."""
TABLES = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson")
SHEETS = (".xlsx", ".xls", ".ods", ".numbers")
PASSED_OVER = frozenset({"node_modules", "__pycache__", "site-packages", "venv", "target", "dist", "build"})
"""Folders of programs; so is one whose name begins with a dot."""


@dataclass(slots=True)
class Seen:
    """What was found. Paths are relative to the folder; of `logs` the format, its folder and how many files.

    `strange` are names that cannot be written down in payback.toml.
    """

    folder: Path
    logs: dict[tuple[str, str, str], list[Path]] = field(default_factory=dict)  # (format, folder, ending)
    tables: list[Path] = field(default_factory=list)
    sheets: list[Path] = field(default_factory=list)
    strange: list[Path] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)
    repository: bool = False
    files: int = 0
    cut_short: bool = False


def look(folder: Path, formats: Sequence[Format]) -> Seen:
    """Go through the folder, a bounded number of files; links to folders are not followed. Raises OSError."""
    seen = Seen(folder, repository=(folder / ".git").exists())
    os.scandir(folder).close()
    endings = tuple({ending for format_ in formats for ending in format_.endings} | set(TABLES))
    opened = 0
    for path in _walked(folder, seen):
        name = path.name.lower().removesuffix(".gz")
        if name.endswith(SHEETS):
            seen.sheets.append(path)
        if not name.endswith(endings):
            continue
        try:
            str(path).encode()
        except UnicodeEncodeError:
            seen.strange.append(path)
            continue
        if opened == MOST_OPENED:
            seen.cut_short = True
            break
        opened += 1
        _kept(folder, path, name, formats, seen)
    return seen


def _kept(folder: Path, path: Path, name: str, formats: Sequence[Format], seen: Seen) -> None:
    try:
        with (folder / path).open("rb") as handle:
            head = handle.read(HEAD)
        size = (folder / path).stat().st_size
    except OSError:
        seen.unreadable.append(path)
        return
    if not head.strip():
        return
    found = recognised(folder / path, head, formats, size)
    if found is not None:
        top = path.parts[0] if len(path.parts) > 1 else ""
        seen.logs.setdefault((found.format.name, top, path.suffix), []).append(path)
    elif name.endswith(TABLES) and path.name != "payback.seals.jsonl":
        seen.tables.append(path)


def _walked(folder: Path, seen: Seen) -> Iterator[Path]:
    waiting = [""]
    while waiting:
        at = waiting.pop()
        try:
            with os.scandir(folder / at) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError:
            seen.unreadable.append(Path(at))
            continue
        inside = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith(".") and entry.name not in PASSED_OVER:
                    inside.append(str(Path(at) / entry.name))
                continue
            if seen.files == MOST_FILES:
                seen.cut_short = True
                return
            seen.files += 1
            if not entry.name.startswith(".") and entry.is_file():
                yield Path(at) / entry.name
        waiting.extend(reversed(inside))


def sample(file: Path, scratch: Path) -> Path:
    """The first lines of a table, in a file of their own that ends with a whole line. Raises OSError."""
    name = file.name.removesuffix(".gz")
    if file.name.endswith(".gz"):
        with gzip.open(file) as handle:
            head = handle.read(SAMPLE)
    else:
        with file.open("rb") as handle:
            head = handle.read(SAMPLE)
    whole = head if len(head) < SAMPLE else head[: head.rfind(b"\n") + 1] or head
    made = scratch / f"sample{Path(name).suffix.lower()}"
    made.write_bytes(whole)
    return made
