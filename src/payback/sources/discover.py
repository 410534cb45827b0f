"""The logs under paths a user names: walked once, recognised, each content once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from payback.sources.formats import HEAD, Format, Found

CHUNK = 2**20

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Discovered:
    """What lies under the paths. `files` are in the order of their names.

    `twice` maps a file to the one that holds the same bytes (or is the same file); it is left out.
    `unreadable` says why. `strange` are files the user named one by one that no format recognises;
    `others` counts such files in folders, which hold much besides logs.
    """

    files: list[Found] = field(default_factory=list)
    twice: dict[Path, Path] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)
    strange: list[Path] = field(default_factory=list)
    missing: list[Path] = field(default_factory=list)
    empty: int = 0
    others: int = 0


def discover(
    paths: Sequence[Path], formats: Sequence[Format], progress: Progress | None = None
) -> Discovered:
    """Every log under the paths. Links are followed; a folder or file met again is not gone into again."""
    made = Discovered()
    endings = tuple({ending for format_ in formats for ending in format_.endings})
    places: dict[tuple[int, int], Path] = {}
    contents: dict[tuple[int, bytes], list[Path]] = {}
    for path in paths:
        if not path.exists():
            made.missing.append(path)
            continue
        named = path.is_file()
        for file in (path,) if named else _walked(path, endings, made):
            if progress is not None and len(places) % 1000 == 0:
                progress(file.name, len(places), 0)
            try:
                status = file.stat()
                if (known := places.setdefault((status.st_dev, status.st_ino), file)) is not file:
                    if named or known != file:
                        made.twice[file] = known
                    continue
                with file.open("rb") as opened:
                    head = opened.read(HEAD)
            except OSError as error:
                made.unreadable[file] = error.strerror or str(error)
                continue
            if not head.strip():
                made.empty += 1
                continue
            found = recognised(file, head, formats, status.st_size)
            if found is None:
                if named:
                    made.strange.append(file)
                else:
                    made.others += 1
                continue
            like = contents.setdefault((status.st_size, hashlib.blake2b(head, digest_size=16).digest()), [])
            if (same := _same(file, like, status.st_size)) is not None:
                made.twice[file] = same
                continue
            like.append(file)
            made.files.append(found)
    made.files.sort(key=lambda found: str(found.path))
    return made


def recognised(file: Path, head: bytes, formats: Iterable[Format], size: int) -> Found | None:
    """What the first format that knows the file says it is."""
    for format_ in formats:
        layout = format_.recognises(file, head)
        if layout is not None:
            return Found(file, format_, layout, size)
    return None


def _walked(folder: Path, endings: tuple[str, ...], made: Discovered) -> Iterator[Path]:
    """Files below a folder by name, those of a known ending; a loop of links is gone through once."""
    seen: set[tuple[int, int]] = set()
    waiting = [str(folder)]
    while waiting:
        at = waiting.pop()
        try:
            status = os.stat(at)  # noqa: PTH116  a hundred thousand Paths would cost more than the walk
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(at) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            made.unreadable[Path(at)] = error.strerror or str(error)
            continue
        waiting.extend(entry.path for entry in reversed(entries) if entry.is_dir())
        for entry in entries:
            if entry.name.endswith(endings) and not entry.is_dir():
                yield Path(entry.path)


def _same(file: Path, others: Sequence[Path], size: int) -> Path | None:
    """The one of the others, of the same size and first bytes, that is the same to the last byte."""
    if size <= HEAD:
        return others[0] if others else None
    mine = _digest(file) if others else b""
    return next((other for other in others if _digest(other) == mine), None)


def _digest(file: Path) -> bytes:
    made = hashlib.blake2b(digest_size=16)
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            made.update(chunk)
    return made.digest()
