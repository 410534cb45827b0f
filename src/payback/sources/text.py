"""Text files: what they are encoded in, their lines, and a file of our own for the cells that are wanted.

A text file is read row by row in bounded memory, so that a damaged row costs that row and no other and is
counted; what the engine then reads leaves it nothing to guess.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, TextIO

from payback.locale import say
from payback.project import Source
from payback.records import PaybackError
from payback.sources.faults import Tally

LONGEST_ROW = 16 * 2**20  # letters; longer is a missing line end, not a row
LONG_ROW = 2**18  # letters; up to here the engine needs no more room than it always takes
MOST_LINES = 10_000  # of one row; beyond it a quote was never closed
SAMPLE = 64 * 2**10
AT_ONCE = 10_000  # rows written together

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A text file, its encoding and whether it is compressed, found out from its first bytes."""

    file: Path
    shown: str  # what to call it
    encoding: str
    zipped: bool

    @property
    def strict(self) -> bool:
        """Whether bytes that are not text survive decoding, so that their row can be told."""
        return not self.encoding.startswith(("utf-16", "utf-32"))


@dataclass(frozen=True, slots=True)
class Staged:
    """A file of ours: `source_row`, then the wanted cells, as CSV that needs no guessing.

    `rows` counts every row of the source file, `left_out` those kept out already; `seen` are the
    names found in it (JSON lines know theirs only once they are read).
    """

    path: Path
    rows: int
    left_out: int
    longest: int  # bytes of the longest row written, where rows are long at all
    tally: Tally
    seen: tuple[str, ...] = ()


def opened(file: Path, shown: str, source: Source) -> Opened:
    """What the first bytes say of a text file. Raises PaybackError where they say it is none."""
    try:
        with file.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
    except OSError as error:
        raise PaybackError(
            "unreadable-file",
            say("the file cannot be opened: {reason}", reason=error.strerror),
            where=shown,
            fix=say("give yourself the right to read it, or copy it"),
        ) from None
    plain = Opened(file, shown, "utf-8", zipped)
    with reading_bytes(plain) as raw:
        head = raw.read(SAMPLE)
    for magic, holds in (
        (b"PAR1", "Parquet"),
        (b"PK\x03\x04", "a zip archive or a spreadsheet"),
        (b"%PDF", "PDF"),
    ):
        if head.startswith(magic):
            raise _other_format(shown, holds)
    return Opened(file, shown, _encoding(head, source, shown), zipped)


def _other_format(shown: str, holds: str) -> PaybackError:
    return PaybackError(
        "wrong-format",
        say("the file holds {holds}, not text", holds=holds),
        where=shown,
        fix=say('set format = "parquet" for this source')
        if holds == "Parquet"
        else say("save it as CSV (UTF-8)"),
    )


def _encoding(head: bytes, source: Source, shown: str) -> str:
    for bom, found in _BOMS:
        if head.startswith(bom):
            return found
    if source.encoding is not None:
        return _codec(source.encoding, shown)
    line = head.split(b"\n", 1)[0]
    if b"\0" in line:
        raise not_text(shown, line.index(b"\0"))
    try:
        line.decode()
    except UnicodeDecodeError as error:
        if error.end < len(head):
            raise not_text(shown, error.start) from None
    return "utf-8"


def _codec(called: str, shown: str) -> str:
    """Python's name of an encoding. Raises PaybackError where there is none for text."""
    try:
        named = codecs.lookup(called).name
        "".encode(named)  # some codecs are not for text
    except LookupError:
        raise PaybackError(
            "unknown-encoding",
            say("no encoding is called {name}", name=repr(called)),
            where=shown,
            fix=say("common ones: utf-8, utf-16, cp1252, latin-1, gb18030, shift_jis"),
        ) from None
    return named


def not_text(shown: str, at: int) -> PaybackError:
    """The error for a file that is not in the encoding it is read in."""
    return PaybackError(
        "bad-encoding",
        say("byte {at} of the file is not UTF-8", at=at),
        where=shown,
        fix=say(
            'save the file as UTF-8, or set encoding = "cp1252" (or what it is) for this source in payback.toml'
        ),
    )


@contextmanager
def reading_bytes(file: Opened) -> Iterator[BinaryIO]:
    """The file's bytes, decompressed. Raises PaybackError where they cannot be."""
    try:
        if file.zipped:
            with gzip.open(file.file, "rb") as unzipped:
                yield unzipped  # type: ignore[misc]  # a GzipFile reads like any binary file
        else:
            with file.file.open("rb") as plain:
                yield plain
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise PaybackError(
            "bad-gzip",
            say("the compressed file is damaged or cut short: {reason}", reason=str(error)),
            where=file.shown,
            fix=say("copy or export it again; `gzip -t` checks one"),
        ) from None


@contextmanager
def reading(file: Opened) -> Iterator[TextIO]:
    """The file's text with its line ends; bytes that are no text come as surrogates (see `damage`)."""
    errors = "surrogateescape" if file.strict else "replace"
    with reading_bytes(file) as raw:
        yield io.TextIOWrapper(raw, encoding=file.encoding, errors=errors, newline="")


class TooLongError(Exception):
    """A row that does not end where rows end."""


@dataclass(slots=True)
class Lines:
    """Lines of a text, which may be put back. `taken` are those given out since the row began."""

    text: TextIO
    taken: list[str] = field(default_factory=list)
    back: deque[str] = field(default_factory=deque)

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if self.back:
            line = self.back.popleft()
        else:
            line = self.text.readline(LONGEST_ROW)
            if not line:
                raise StopIteration
            if len(line) == LONGEST_ROW and not line.endswith(("\n", "\r")):
                self.taken.append("")
                self._skip()
                raise TooLongError
        self.taken.append(line)
        if len(self.taken) > MOST_LINES:
            raise TooLongError
        return line

    def _skip(self) -> None:
        while (rest := self.text.readline(LONGEST_ROW)) and not rest.endswith(("\n", "\r")):
            pass


def damage(lines: Iterable[str], strict: bool) -> tuple[str, str] | None:
    """The code of what makes these lines of a row no text at all, and where; None where they are text."""
    before = 0
    for line in lines:
        if "\0" in line:
            return "nul", ""
        if not line.isascii():
            if not strict:
                if "\ufffd" in line:
                    return "encoding", say("a part of the row")
            elif (bad := _surrogate(line)) is not None:
                at = before + len(line[:bad].encode("utf-8", "surrogateescape"))
                return "encoding", say("byte {at} of the row", at=at)
        before += len(line.encode("utf-8", "surrogateescape")) if strict else 0
    return None


def _surrogate(line: str) -> int | None:
    try:
        line.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def size_written(cells: Iterable[object]) -> int:
    """At most so many bytes in the file of ours."""
    return sum(2 * len(str(cell).encode()) + 3 for cell in cells)


Write = Callable[[Iterable[Sequence[object]]], None]


def limit() -> str:
    """How long a row may be, in words."""
    return say("{count} MiB", count=LONGEST_ROW // 2**20)


@contextmanager
def writing(folder: Path) -> Iterator[tuple[Path, Write]]:
    """A new file in the folder and what writes rows to it."""
    with NamedTemporaryFile(
        "w", dir=folder, prefix="rows-", suffix=".csv", delete=False, encoding="utf-8", newline=""
    ) as out:
        writer = csv.writer(out, lineterminator="\r\n")
        yield Path(out.name), writer.writerows
