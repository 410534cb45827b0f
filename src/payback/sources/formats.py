"""What a format of logs is to payback: how it is recognised, and how its calls are read.

A format is a module with `FORMAT`, listed in `payback.sources.FORMATS`, and a page in docs/formats/.
How to add one: docs/decisions/0008-readers.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from payback.sources.faults import Fault

HEAD = 2**15
"""How many of a file's first bytes a format is recognised by."""
MOST = 2**53
"""A count of tokens above this was not meant."""
DIGITS = 20
FIRST_YEAR, YEAR_AFTER = 2000, 2100
"""A log's clock outside these years was wrong; the ledger refuses the same."""


class Call(NamedTuple):
    """One model call as a log tells it, or a sum of calls as an export does. None is not logged, never zero.

    `message` and `request` are the log's ids: of rows that share both, the most complete one stands.
    `aside` marks a copy in the log of a side conversation, which yields to the original whatever its
    request. `unfinished` says that the output count was written before the output was done: it is a
    lower bound. `skipped` says why the row is no call to be counted, such as "synthetic".
    `calls` is how many calls the row sums, None is one; 0 is a sum of calls that were not counted.
    `long_context` says of a sum whether each of its prompts was past the length from which models cost
    more; None is not said. `meters` is a JSON object of what is charged by another measure than tokens:
    {"web_search": 3}. `tags` is a JSON object of text to text.
    `session` to `tags` say where it was made and what for; nothing of what was asked or answered is here.
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
    seconds: str | None = None  # decimal: how long it took
    error: str | None = None  # its kind, where it failed
    calls: int | None = None
    long_context: bool | None = None
    meters: str | None = None
    message: str | None = None
    request: str | None = None
    user: str | None = None
    session: str | None = None
    project: str | None = None
    branch: str | None = None
    service: str | None = None
    use_case: str | None = None
    task: str | None = None
    arm: str | None = None
    trial: str | None = None
    trace: str | None = None
    span: str | None = None
    tags: str | None = None
    aside: bool = False
    unfinished: bool = False
    skipped: str | None = None


class Bill(NamedTuple):
    """One line of an invoice or of a vendor's cost export. Money is decimal, as written; a credit is negative.

    `billed` is what is paid in cash; `effective` has commitments spread over what they cover; `listed` is
    the vendor's own list price of it. `kind` is usage, credit, tax, purchase, adjustment or correction.
    `line` names the line in every export of it: the same (tool, line) twice is one line.
    """

    row: int
    day: date | None = None  # UTC
    day_after: date | None = None  # of the time charged for, not included; None is one day
    provider: str | None = None
    account: str | None = None
    service: str | None = None  # as the invoice names it
    category: str | None = None  # the sort of service, as the invoice says
    item: str | None = None  # SKU, line item
    model: str | None = None
    service_tier: str | None = None
    kind: str | None = None
    quantity: str | None = None  # decimal
    unit: str | None = None  # of the quantity
    billed: str | None = None
    effective: str | None = None
    listed: str | None = None
    currency: str | None = None
    project: str | None = None
    user: str | None = None
    tags: str | None = None
    line: str | None = None


class Outcome(NamedTuple):
    """One result that was checked: an evaluation event, a score. `accepted` is 0 to 1, None is not checked.

    `check` names what was checked; `message` or `trace` and `span` say of which call.
    """

    row: int
    decided_at: datetime | None = None  # UTC, without a zone
    use_case: str | None = None
    task: str | None = None
    arm: str | None = None
    trial: str | None = None
    accepted: str | None = None  # decimal
    check: str | None = None
    reason: str | None = None  # a label, never an explanation in words
    grader: str | None = None
    trace: str | None = None
    span: str | None = None
    message: str | None = None


def _types(row: type[tuple[Any, ...]], **others: str) -> Mapping[str, str]:
    names: tuple[str, ...] = row._fields  # type: ignore[attr-defined]
    whole = {name: "BIGINT" for name in names if name.endswith("_tokens") or name in {"row", "calls"}}
    return dict.fromkeys(names, "VARCHAR") | whole | others


_EXACT = "DECIMAL(38,12)"
CALL_TYPES = _types(
    Call,
    time="TIMESTAMP",
    stated_cost=_EXACT,
    seconds=_EXACT,
    long_context="BOOLEAN",
    aside="BOOLEAN",
    unfinished="BOOLEAN",
)
"""The engine's type of each column of a `Call`, in its order."""
BILL_TYPES = _types(
    Bill, day="DATE", day_after="DATE", **dict.fromkeys(("quantity", "billed", "effective", "listed"), _EXACT)
)
OUTCOME_TYPES = _types(Outcome, decided_at="TIMESTAMP", accepted=_EXACT)

Read = Call | Bill | Outcome

PLACES = (
    "user", "session", "project", "branch", "service",
    "use_case", "task", "arm", "trial", "trace", "span", "tags",
)  # fmt: skip
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
    """For everything else: a generator of what one file holds, and of what is wrong with the rest.

    It holds no more than a line, or a document of bounded size, at a time.
    """

    read: Callable[[Path, str], Iterator[Read | Fault]]


class Block(NamedTuple):
    """Many rows of one kind, as columns of equal length, each a numpy array; one left out is null.

    A text "" and a count below 0 are null. Decimals are text. `within` is the span that a call's span was
    made in: where both are calls and used the same, they are one call, and the inner one stands.
    """

    kind: type[Call | Outcome]
    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Blocks:
    """For files in which so many rows lie side by side that making each by itself would take longest."""

    read: Callable[[Path, str], Iterator[Block | Fault]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format of logs.

    `recognises(path, head)` is the name of the layout ("" will do) where the file's first bytes (at
    most HEAD) are of this format, else None. `endings` are those of its files inside a folder.
    `homes` are the folders the tool writes to, from the user's own. `fills` are the tables of the ledger
    its rows are of: usage, bill_line, outcome. `sums` says that a vendor made its rows: each sums all
    calls of an account, whoever logged them too.
    """

    name: str  # in payback.toml, in --by tool: claude-code
    title: str  # the tool's own name
    fills: tuple[str, ...]  # tables of the ledger
    endings: tuple[str, ...]
    homes: tuple[str, ...]
    recognises: Callable[[Path, bytes], str | None]
    read: Scan | Rows | Blocks
    sums: bool = False


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
    if value is None:
        return None
    if type(value) is str and value.isdecimal() and value.isascii():
        value = int(value) if len(value) < DIGITS else None
    elif isinstance(value, str | float):
        try:
            value = int(float(value)) if float(value).is_integer() else None
        except (ValueError, OverflowError):
            return None
    return value if type(value) is int and 0 <= value < MOST else None
