"""What a format of logs is to payback: how it is recognised, and how its calls are read.

A format is a module with `FORMAT`, listed in `payback.sources.FORMATS`, and a page in docs/formats/.
How to add one: docs/decisions/0008-readers.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from payback.sources.faults import Fault

HEAD = 2**15
"""How many of a file's first bytes a format is recognised by."""
MOST = 2**53
"""A count of tokens above this was not meant."""
FIRST_YEAR, YEAR_AFTER = 2000, 2100
"""A log's clock outside these years was wrong; the ledger refuses the same."""


class Call(NamedTuple):
    """One model call as a log tells it. None is not logged, never zero.

    `message` and `request` are the log's ids: of rows that share both, the most complete one stands.
    `aside` marks a copy in the log of a side conversation, which yields to the original whatever its
    request. `unfinished` says that the output count was written before the output was done: it is a
    lower bound. `skipped` says why the row is no call to be counted, such as "synthetic".
    `session` to `branch` say where it was made; nothing of what was asked or answered is here.
    """

    row: int  # of the file, as an editor counts
    time: datetime | None = None  # UTC, without a zone
    provider: str | None = None
    model: str | None = None
    service_tier: str | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    stated_cost: str | None = None  # decimal, as written
    stated_currency: str | None = None
    user: str | None = None
    message: str | None = None
    request: str | None = None
    session: str | None = None
    project: str | None = None
    branch: str | None = None
    aside: bool = False
    unfinished: bool = False
    skipped: str | None = None


_TOKENS = tuple(name for name in Call._fields if name.endswith("_tokens"))
CALL_TYPES: Mapping[str, str] = (
    dict.fromkeys(Call._fields, "VARCHAR")
    | dict.fromkeys(("row", *_TOKENS), "BIGINT")
    | {"time": "TIMESTAMP", "stated_cost": "DECIMAL(38,12)"}
    | dict.fromkeys(("aside", "unfinished"), "BOOLEAN")
)
"""The engine's type of each column of a `Call`, in its order."""


PLACES = ("user", "session", "project", "branch")
"""Columns that only some questions need; left out of a reading that does not."""


class Leaf(Enum):
    """A value of a JSON log that is wanted, by the engine's type."""

    TEXT = "VARCHAR"
    TIME = "VARCHAR "  # with a zone; the blank only tells it from TEXT
    TOKENS = "BIGINT"
    FLAG = "BOOLEAN"


Fields = Mapping[str, "Leaf | Fields"]
"""The wanted values of a line, by their keys: the allow-list. Nothing else is ever kept."""


@dataclass(frozen=True, slots=True)
class Scan:
    """For large, regular files of JSON lines: the engine reads all of them in one query.

    `fields` is what is wanted of a line. `columns` gives, for a layout, the columns of a `Call` as SQL
    over those fields; what it leaves out is null. `is_call` says of a line, and `call` in SQL, whether it
    stands for a call; other lines have no faults. Every line has one of `marks`: one with none of them is
    looked at again. `rare` fields are only read then; a call that needs them has no `message` until it is.
    """

    fields: Fields
    marks: tuple[str, ...]
    rare: tuple[str, ...]
    call: str
    is_call: Callable[[Mapping[str, Any]], bool]
    columns: Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Rows:
    """For everything else: a generator of the calls in one file, and of what is wrong with others.

    It holds no more than a line, or a document of bounded size, at a time.
    """

    read: Callable[[Path, str], Iterator[Call | Fault]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format of logs.

    `recognises(path, head)` is the name of the layout ("" will do) where the file's first bytes (at
    most HEAD) are of this format, else None. `endings` are those of its files inside a folder.
    `homes` are the folders the tool writes to, from the user's own.
    """

    name: str  # in payback.toml, in --by tool: claude-code
    title: str  # the tool's own name
    fills: tuple[str, ...]  # tables of the ledger
    endings: tuple[str, ...]
    homes: tuple[str, ...]
    recognises: Callable[[Path, bytes], str | None]
    read: Scan | Rows


@dataclass(frozen=True, slots=True)
class Found:
    """A file and what it was recognised as."""

    path: Path
    format: Format
    layout: str
    size: int


def instant(text: object) -> datetime | None:
    """The UTC instant a log's time names, without a zone; None where it names none or the clock was wrong.

    A time without a zone is taken as UTC; a number as seconds or milliseconds since 1970.
    """
    try:
        if isinstance(text, str):
            moment = datetime.fromisoformat(text)
        elif isinstance(text, int | float) and not isinstance(text, bool):
            moment = datetime.fromtimestamp(text / 1000 if abs(text) > 10**11 else text, UTC)
        else:
            return None
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if FIRST_YEAR <= moment.year < YEAR_AFTER else None


def tokens(value: object) -> int | None:
    """A count of tokens; None where it is none. A fraction of zero (1200.0) is whole."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str | float):
        try:
            value = int(value) if float(value).is_integer() else None
        except (ValueError, OverflowError):
            return None
    return value if isinstance(value, int) and 0 <= value < MOST else None
