"""The ledger's tables as data: what one row is, its columns, their units and what is refused.

Readers, the store, the JSON Schema and docs/formats/ledger.md are all made from this one list.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a cell holds; the engine's type for it stands in ENGINE_TYPE."""

    TEXT = "text"
    TIME = "time"  # UTC, without a zone once stored
    DAY = "day"
    TOKENS = "tokens"  # whole, from 0; null is unmetered
    NUMBER = "number"  # exact decimal, from 0
    SHARE = "share"  # 0 to 1
    MONEY = "money"  # stored as whole 10^-12 of the row's currency; negative is a credit
    WHOLE = "whole"  # whole number, from 0
    HASHED = "hashed"  # names a person: only its keyed hash is stored


ENGINE_TYPE = {
    Kind.TEXT: "VARCHAR",
    Kind.TIME: "TIMESTAMP",
    Kind.DAY: "DATE",
    Kind.TOKENS: "BIGINT",
    Kind.NUMBER: "DECIMAL(18,6)",
    Kind.SHARE: "DECIMAL(9,6)",
    Kind.MONEY: "DECIMAL(38,0)",
    Kind.WHOLE: "BIGINT",
    Kind.HASHED: "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `required` means a row without it is left out; `choices` lists allowed words."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None  # where the source has no such column or the cell is empty


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the ledger. `day_of` is the column whose UTC day places a row in the record."""

    name: str
    one_row: str
    columns: tuple[Column, ...]
    day_of: str | None
    key: tuple[str, ...] = ()  # rows equal in these are one fact; the last received one stands

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


EVIDENCE_WORDS = ("booked", "billed", "measured", "estimated", "claimed")
COST_CATEGORIES = (
    "build",
    "run",
    "people",
    "licence",
    "data",
    "review",
    "platform",
    "harm",
)
VALUE_KINDS = (
    "revenue won",
    "revenue kept",
    "spend removed",
    "spend avoided",
    "loss avoided",
    "time freed",
)
TOKEN_COLUMNS = (
    "input_tokens",
    "cached_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
)

_C, _K = Column, Kind

USAGE = Table(
    "usage",
    "one model or tool call",
    (
        _C("time", _K.TIME, "when the call ended or was logged", required=True),
        _C("use_case", _K.TEXT, "the use case; else `match` in payback.toml assigns it"),
        _C(
            "arm",
            _K.TEXT,
            "the way of working: `human`, `rules`, a model, an agent version",
        ),
        _C("task", _K.TEXT, "the work item; pairs ways of working"),
        _C("trial", _K.TEXT, "which repeat of the task", default="1"),
        _C("provider", _K.TEXT, "who ran the model, as the price book names it"),
        _C(
            "model",
            _K.TEXT,
            "the model as logged; aliases are resolved by the price book",
        ),
        _C("service", _K.TEXT, "the service that made the call, for `match`"),
        _C(
            "service_tier",
            _K.TEXT,
            "standard, batch, flex, priority",
            default="standard",
        ),
        _C(
            "input_tokens",
            _K.TOKENS,
            "fresh input, without cached and cache-write tokens",
        ),
        _C("cached_tokens", _K.TOKENS, "input read from a cache"),
        _C("cache_write_5m_tokens", _K.TOKENS, "input written to a five-minute cache"),
        _C("cache_write_1h_tokens", _K.TOKENS, "input written to a one-hour cache"),
        _C("output_tokens", _K.TOKENS, "output, reasoning included"),
        _C("reasoning_tokens", _K.TOKENS, "of the output, hidden reasoning"),
        _C("stated_cost", _K.MONEY, "what the log itself says the call cost"),
        _C("stated_currency", _K.TEXT, "currency of stated_cost"),
        _C("seconds", _K.NUMBER, "duration"),
        _C("error", _K.TEXT, "what went wrong; empty is nothing"),
        _C("user", _K.HASHED, "who; stored as a keyed hash"),
        _C("trace", _K.TEXT, "trace id, joins outcomes where task is unknown"),
        _C(
            "span",
            _K.TEXT,
            "span or message id; the same (trace, span) twice is one call",
        ),
        _C("tags", _K.TEXT, "JSON object of text to text, for `match`"),
        _C(
            "unfinished",
            _K.WHOLE,
            "1: the output was counted before it was done, so there was that much or more; empty is done",
        ),
    ),
    day_of="time",
    key=("trace", "span"),
)

CAPACITY = Table(
    "capacity",
    "a stretch of owned or reserved hardware",
    (
        _C("start", _K.TIME, "from", required=True),
        _C("end", _K.TIME, "to, not included", required=True),
        _C("pool", _K.TEXT, "which hardware", required=True),
        _C("use_case", _K.TEXT, "the use case it stood for"),
        _C("devices", _K.NUMBER, "how many", required=True),
        _C("allocated_share", _K.SHARE, "share of the time handed to somebody"),
        _C("busy_share", _K.SHARE, "share of the time computing"),
        _C("price_per_device_hour", _K.MONEY, "full price of one device hour"),
        _C("currency", _K.TEXT, "currency of the price"),
        _C("committed_until", _K.DAY, "paid for until this day whatever happens"),
    ),
    day_of="start",
)

BILL_LINE = Table(
    "bill_line",
    "one line of an invoice",
    (
        _C("day", _K.DAY, "the day charged for", required=True),
        _C("account", _K.TEXT, "billing account"),
        _C("service", _K.TEXT, "service named on the invoice"),
        _C("model", _K.TEXT, "model, where the invoice names it"),
        _C("kind", _K.TEXT, "usage, credit, tax, purchase"),
        _C("billed", _K.MONEY, "invoiced; credits are negative", required=True),
        _C("effective", _K.MONEY, "after commitments are spread"),
        _C("currency", _K.TEXT, "currency", required=True),
        _C("use_case", _K.TEXT, "the use case; else `match` assigns it"),
    ),
    day_of="day",
)

COST = Table(
    "cost",
    "money out that has no usage, capacity or bill rows",
    (
        _C(
            "day",
            _K.DAY,
            "the day it falls on; a monthly sum on its first day",
            required=True,
        ),
        _C("use_case", _K.TEXT, "the use case"),
        _C("arm", _K.TEXT, "the way of working it belongs to; empty is the AI's"),
        _C("category", _K.TEXT, "what for", required=True, choices=COST_CATEGORIES),
        _C("amount", _K.MONEY, "money out; refunds are negative", required=True),
        _C("currency", _K.TEXT, "currency", required=True),
        _C(
            "evidence",
            _K.TEXT,
            "how it is known",
            choices=EVIDENCE_WORDS,
            default="booked",
        ),
        _C(
            "committed_until",
            _K.DAY,
            "this much a month falls due until then, whatever happens",
        ),
        _C("note", _K.TEXT, "what it was"),
    ),
    day_of="day",
)

OUTCOME = Table(
    "outcome",
    "the result of one task by one way of working in one trial",
    (
        _C("use_case", _K.TEXT, "the use case"),
        _C("task", _K.TEXT, "the work item", required=True),
        _C("arm", _K.TEXT, "the way of working"),
        _C("trial", _K.TEXT, "which repeat of the task", default="1"),
        _C("cluster", _K.TEXT, "what makes tasks depend on each other; else the task"),
        _C("decided_at", _K.TIME, "when it was accepted or not"),
        _C(
            "accepted",
            _K.SHARE,
            "1 accepted, 0 not, between for a score; empty is not checked",
        ),
        _C("reason", _K.TEXT, "why not"),
        _C("severity", _K.TEXT, "how bad"),
        _C("grader", _K.TEXT, "who or what checked it"),
        _C("label_probability", _K.SHARE, "chance this task had of being checked"),
        _C("minutes", _K.NUMBER, "minutes of people's work on it: review, or doing it"),
        _C("minutes_by", _K.HASHED, "whose minutes; stored as a keyed hash"),
        _C("rework_minutes", _K.NUMBER, "minutes of putting it right"),
        _C("harm_cost", _K.MONEY, "what a wrong result cost"),
        _C("harm_currency", _K.TEXT, "currency of harm_cost"),
        _C("expected_minutes", _K.NUMBER, "minutes it was expected to take"),
        _C(
            "calls",
            _K.WHOLE,
            "calls its log holds; 0 is a known cost of nothing, empty not known",
        ),
        _C("trace", _K.TEXT, "trace id, where the task is not known to the calls"),
    ),
    day_of="decided_at",
    key=("use_case", "task", "arm", "trial"),
)

SEGMENT = Table(
    "segment",
    "a property of a task",
    (
        _C("use_case", _K.TEXT, "the use case"),
        _C("task", _K.TEXT, "the work item", required=True),
        _C("name", _K.TEXT, "which property", required=True),
        _C("value", _K.TEXT, "its value", required=True),
    ),
    day_of=None,
    key=("use_case", "task", "name"),
)

VALUE = Table(
    "value",
    "money in, or out of the old way",
    (
        _C("day", _K.DAY, "the day it falls on", required=True),
        _C("use_case", _K.TEXT, "the use case"),
        _C("kind", _K.TEXT, "what it is", required=True, choices=VALUE_KINDS),
        _C("amount", _K.MONEY, "money; time freed has hours instead"),
        _C("hours", _K.NUMBER, "hours freed"),
        _C("currency", _K.TEXT, "currency of amount"),
        _C(
            "evidence",
            _K.TEXT,
            "how it is known",
            required=True,
            choices=EVIDENCE_WORDS,
        ),
        _C("note", _K.TEXT, "what it was, who says so"),
    ),
    day_of="day",
)

FORECAST = Table(
    "forecast",
    "what was promised",
    (
        _C("made_on", _K.DAY, "the day it was promised", required=True),
        _C("made_by", _K.TEXT, "who promised"),
        _C("use_case", _K.TEXT, "the use case"),
        _C("quantity", _K.TEXT, "what: value, cost, accepted", required=True),
        _C("low", _K.NUMBER, "low end"),
        _C("high", _K.NUMBER, "high end"),
        _C("for_period", _K.TEXT, "for which period, such as 2026 or 2026-03"),
    ),
    day_of="made_on",
)

TABLES = {
    table.name: table for table in (USAGE, CAPACITY, BILL_LINE, COST, OUTCOME, SEGMENT, VALUE, FORECAST)
}
