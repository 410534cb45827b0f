"""OTLP JSON into records: a request a line, or one document. Keys come in camelCase, and in snake_case."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from payback.locale import say
from payback.sources import log_lines
from payback.sources.faults import Fault
from payback.sources.otlp.records import (
    EVENT,
    LOG,
    MISSING,
    SPAN,
    Records,
    Words,
    count,
    decimal,
    objects,
    text,
)
from payback.sources.otlp.vocabulary import (
    CLAUDE_CODE,
    DECIMALS,
    EVALUATION,
    INHERITED,
    LONGEST,
    OF_A_RESOURCE,
    SLOTS,
    TAG,
    TEXTS,
    TOKENS,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_ONCE = 20_000
LONGEST_LINE = 64 * 2**20
KEYS = {**TEXTS, **TOKENS, **DECIMALS}
TRACE_LETTERS, SPAN_LETTERS = 32, 16
FAILED = {2, "2", "STATUS_CODE_ERROR"}
HEX = frozenset("0123456789abcdef")
VALUES = (
    "stringValue", "intValue", "doubleValue", "boolValue",
    "string_value", "int_value", "double_value", "bool_value",
)  # fmt: skip


def read(file: Path, *, lines: bool) -> Iterator[Records | Fault]:
    """The records of a file, some thousand at a time."""
    held = _Held()
    for row, each in _lines(file) if lines else ((1, log_lines.document(file)),):
        if isinstance(each, Fault):
            yield each
            continue
        try:
            held.add(row, each)
        except (TypeError, AttributeError, ValueError):
            yield Fault("json-type", row, "", "resourceSpans")
        if len(held.row) >= AT_ONCE:
            yield held.records()
            held = _Held()
    yield held.records()


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    with file.open("rb") as raw:
        number = 0
        while line := raw.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                while (rest := raw.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield number, Fault("long-row", number, "", say("{count} MiB", count=LONGEST_LINE // 2**20))
            elif not line.isspace():
                yield number, log_lines.parsed(number, line)


class _Column(NamedTuple):
    """What is written under one name: of which records, and the value as it stands."""

    at: list[int]
    value: list[Any]


class _Held:
    """Columns as they grow."""

    def __init__(self) -> None:
        self.row: list[int] = []
        self.sort: list[int] = []
        self.began: list[int] = []
        self.ended: list[int] = []
        self.failed: list[bool] = []
        self.trace: list[object] = []
        self.span: list[object] = []
        self.parent: list[object] = []
        self.known = {key: _Column([], []) for key in SLOTS}
        self.said: dict[int, str] = {}  # which event a log record's field or body names
        self.of_span: dict[int, int] = {}  # the span of an event
        self.tags: dict[int, dict[str, str]] = {}
        self.resource: list[int] = []
        self.groups = 0
        self.of_resource = {key: _Column([], []) for key, (slot, _) in SLOTS.items() if slot in OF_A_RESOURCE}
        self.resource_tags: dict[int, dict[str, str]] = {}

    def add(self, row: int, request: Mapping[str, Any]) -> None:
        """Every record of a request that is looked at."""
        for outer, inner, listed, add in (
            ("resourceSpans", "scopeSpans", "spans", self._span),
            ("resourceLogs", "scopeLogs", "logRecords", self._log),
        ):
            for group in _get(request, outer) or ():
                resource = group.get("resource")
                if resource:
                    _attributes(self.groups, resource.get("attributes"), self.of_resource, self.resource_tags)
                scopes = _get(group, inner) or _get(group, "instrumentationLibrarySpans") or ()
                for scope in scopes:
                    for record in _get(scope, listed) or ():
                        add(row, record)
                self.groups += 1

    def _span(self, row: int, span: Mapping[str, Any]) -> None:
        attributes = span.get("attributes")
        began = _time(span, "startTimeUnixNano")
        at = len(self.row)
        self._record(row, SPAN, began, _get(span, "traceId"), _get(span, "spanId"))
        self.ended[at] = _time(span, "endTimeUnixNano")
        self.parent[at] = _get(span, "parentSpanId")
        status = span.get("status")
        self.failed[at] = isinstance(status, dict) and status.get("code") in FAILED
        if attributes:
            _attributes(at, attributes, self.known, self.tags)
        for event in span.get("events") or ():
            if event.get("name") == EVALUATION:
                self._evaluation(row, event, at)

    def _evaluation(self, row: int, event: Mapping[str, Any], span: int) -> None:
        at = len(self.row)
        self._record(row, EVENT, _time(event, "timeUnixNano"), self.trace[span], self.span[span])
        _attributes(at, event.get("attributes"), self.known, self.tags)
        self.of_span[at] = span

    def _log(self, row: int, record: Mapping[str, Any]) -> None:
        at = len(self.row)
        moment = _time(record, "timeUnixNano") or _time(record, "observedTimeUnixNano")
        self._record(row, LOG, moment, _get(record, "traceId"), _get(record, "spanId"))
        _attributes(at, record.get("attributes"), self.known, self.tags)
        body = record.get("body")
        said = _get(body, "stringValue") if isinstance(body, dict) else None
        for name in (said, _get(record, "eventName")):
            if isinstance(name, str) and (name in CLAUDE_CODE or name == EVALUATION):
                self.said[at] = name

    def _record(self, row: int, sort: int, began: int, trace: object, span: object) -> None:
        self.row.append(row)
        self.sort.append(sort)
        self.began.append(began)
        self.ended.append(0)
        self.failed.append(False)
        self.trace.append(trace)
        self.span.append(span)
        self.parent.append("")
        self.resource.append(self.groups)

    def records(self) -> Records:
        """The columns, whole."""
        size = len(self.row)
        return Records(
            row=np.array(self.row, dtype=np.int64),
            sort=np.array(self.sort, dtype=np.int8),
            began=np.array(self.began, dtype=np.int64),
            ended=np.array(self.ended, dtype=np.int64),
            failed=np.array(self.failed, dtype=np.bool_),
            trace=partial(_ids, self.trace, TRACE_LETTERS),
            span=partial(_ids, self.span, SPAN_LETTERS),
            parent=partial(_ids, self.parent, SPAN_LETTERS),
            has_parent=np.array([bool(each) for each in self.parent], dtype=np.bool_),
            texts={
                slot: cache(
                    partial(
                        _words,
                        columns,
                        size,
                        self.said if slot == "event" else {},
                        self.of_span if slot in INHERITED else {},
                    )
                )
                for slot in TEXTS
                if (columns := _columns(self.known, slot)) or (slot == "event" and self.said)
            },
            counts={
                slot: _counts(columns, size) for slot in TOKENS if (columns := _columns(self.known, slot))
            },
            decimals={
                slot: objects(_read(columns, size, decimal))
                for slot in DECIMALS
                if (columns := _columns(self.known, slot))
            },
            tags=self.tags,
            resource=np.array(self.resource, dtype=np.int64),
            of_resource={
                slot: objects(_read(columns, self.groups + 1, text))
                for slot in OF_A_RESOURCE
                if (columns := _columns(self.of_resource, slot))
            },
            resource_tags=self.resource_tags,
        )


def _columns(known: Mapping[str, _Column], slot: str) -> list[_Column]:
    """What was written for a slot, the name that counts last."""
    return [known[key] for key in reversed(KEYS[slot]) if key in known and known[key].at]


def _ids(ids: list[object], letters: int, places: NDArray[np.int64]) -> list[str]:
    return [_id(ids[at], letters) for at in places.tolist()]


def _read(columns: Sequence[_Column], size: int, made: Callable[[object], str]) -> list[str]:
    """A column of texts; a name that says nothing leaves what another says."""
    values = [""] * size
    for column in columns:
        for at, held in zip(column.at, column.value, strict=True):
            if value := made(_value(held)):
                values[at] = value
    return values


def _words(
    columns: Sequence[_Column], size: int, said: Mapping[int, str], of_span: Mapping[int, int]
) -> Words:
    values = _read(columns, size, text)
    for at, name in said.items():
        values[at] = name
    for at, span in of_span.items():
        values[at] = values[at] or values[span]
    numbers: dict[str, int] = {"": 0}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return Words(np.array(codes, dtype=np.int64), objects(list(numbers)))


def _counts(columns: Sequence[_Column], size: int) -> NDArray[np.int64]:
    values = [MISSING] * size
    for column in columns:
        for at, held in zip(column.at, column.value, strict=True):
            value = count(_value(held))
            if value != MISSING:
                values[at] = value
    return np.array(values, dtype=np.int64)


def _attributes(at: int, listed: Any, known: Mapping[str, _Column], tags: dict[int, dict[str, str]]) -> None:
    """Values of what the allow-list names; they are read once they are asked for. Nothing else is looked into."""
    for attribute in listed or ():
        key = attribute["key"]
        if (column := known.get(key)) is not None:
            column.at.append(at)
            column.value.append(attribute.get("value"))
        elif isinstance(key, str) and key.startswith(TAG) and len(TAG) < len(key) < LONGEST:
            value = _value(attribute.get("value"))
            if isinstance(value, str) and (value := text(value)):
                tags.setdefault(at, {})[key.removeprefix(TAG)] = value


def _value(held: Any) -> Any:
    """A value of the four plain kinds; a whole number may be written as text."""
    if not isinstance(held, dict):
        return None
    if (value := held.get("stringValue")) is not None:
        return value
    for kind in VALUES:
        if kind in held:
            value = held[kind]
            if kind in {"intValue", "int_value"} and isinstance(value, str):
                return int(value) if len(value) < 20 and value.lstrip("-").isdecimal() else None
            return value
    return None


def _get(held: Mapping[str, Any], name: str) -> Any:
    """A value by its name in camelCase, else in snake_case."""
    value = held.get(name)
    return held.get(_SNAKE[name]) if value is None else value


_SNAKE = {
    name: "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)
    for name in (
        "resourceSpans", "scopeSpans", "spans", "instrumentationLibrarySpans", "resourceLogs", "scopeLogs",
        "logRecords", "traceId", "spanId", "parentSpanId", "startTimeUnixNano", "endTimeUnixNano",
        "timeUnixNano", "observedTimeUnixNano", "eventName", "stringValue",
    )
}  # fmt: skip


def _time(held: Mapping[str, Any], name: str) -> int:
    """Nanoseconds since 1970; 0 where there are none that can be meant."""
    value = _get(held, name)
    if isinstance(value, str):
        value = int(value) if len(value) < 20 and value.isdecimal() else 0
    return value if isinstance(value, int) and 0 < value < 2**63 else 0


def _id(value: object, letters: int) -> str:
    """An id as hex, however it is written: hex, base64, or base64 of hex; "" for none."""
    if not isinstance(value, str) or not value:
        return ""
    lower = value.lower()
    if len(lower) != letters or not HEX.issuperset(lower):
        try:
            raw = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return ""
        lower = raw.decode("latin-1").lower() if len(raw) == letters else raw.hex()
        if len(lower) != letters or not HEX.issuperset(lower):
            return ""
    return "" if lower == "0" * letters else lower
