"""OTLP JSON into records: a request a line, or one document. Keys come in camelCase, and in snake_case."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


class _Held:
    """Columns as they grow."""

    def __init__(self) -> None:
        self.row: list[int] = []
        self.sort: list[int] = []
        self.began: list[int] = []
        self.ended: list[int] = []
        self.failed: list[bool] = []
        self.trace: list[str] = []
        self.span: list[str] = []
        self.parent: list[str] = []
        self.slots: dict[str, dict[int, tuple[int, Any]]] = {}
        self.tags: dict[int, dict[str, str]] = {}
        self.resource: list[int] = []
        self.groups = 0
        self.of_resource: dict[str, dict[int, tuple[int, Any]]] = {}
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
        trace = _id(_get(span, "traceId"), TRACE_LETTERS)
        own = _id(_get(span, "spanId"), SPAN_LETTERS)
        at = len(self.row)
        self._record(row, SPAN, began, trace, own)
        self.ended[at] = _time(span, "endTimeUnixNano")
        self.parent[at] = _id(_get(span, "parentSpanId"), SPAN_LETTERS)
        status = span.get("status")
        self.failed[at] = isinstance(status, dict) and status.get("code") in FAILED
        if attributes:
            _attributes(at, attributes, self.slots, self.tags)
        for event in span.get("events") or ():
            if event.get("name") == EVALUATION:
                self._evaluation(row, event, at)

    def _evaluation(self, row: int, event: Mapping[str, Any], span: int) -> None:
        at = len(self.row)
        self._record(row, EVENT, _time(event, "timeUnixNano"), self.trace[span], self.span[span])
        _attributes(at, event.get("attributes"), self.slots, self.tags)
        for slot in ("use_case", "task", "arm", "trial", "response"):
            values = self.slots.get(slot, {})
            if span in values:
                values.setdefault(at, values[span])

    def _log(self, row: int, record: Mapping[str, Any]) -> None:
        at = len(self.row)
        moment = _time(record, "timeUnixNano") or _time(record, "observedTimeUnixNano")
        trace = _id(_get(record, "traceId"), TRACE_LETTERS)
        self._record(row, LOG, moment, trace, _id(_get(record, "spanId"), SPAN_LETTERS))
        _attributes(at, record.get("attributes"), self.slots, self.tags)
        body = record.get("body")
        said = _get(body, "stringValue") if isinstance(body, dict) else None
        for name in (said, _get(record, "eventName")):
            if isinstance(name, str) and (name in CLAUDE_CODE or name == EVALUATION):
                self.slots.setdefault("event", {})[at] = (0, name)

    def _record(self, row: int, sort: int, began: int, trace: str, span: str) -> None:
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
        size, slots = len(self.row), self.slots
        return Records(
            row=np.array(self.row, dtype=np.int64),
            sort=np.array(self.sort, dtype=np.int8),
            began=np.array(self.began, dtype=np.int64),
            ended=np.array(self.ended, dtype=np.int64),
            failed=np.array(self.failed, dtype=np.bool_),
            trace=partial(_at, self.trace),
            span=partial(_at, self.span),
            parent=partial(_at, self.parent),
            has_parent=np.array([bool(each) for each in self.parent], dtype=np.bool_),
            texts={slot: cache(partial(_words, slots[slot], size)) for slot in TEXTS if slot in slots},
            counts={slot: _counts(slots[slot], size) for slot in TOKENS if slot in slots},
            decimals={slot: _column(slots[slot], size) for slot in DECIMALS if slot in slots},
            tags=self.tags,
            resource=np.array(self.resource, dtype=np.int64),
            of_resource={
                slot: _column(values, self.groups + 1)
                for slot, values in self.of_resource.items()
                if slot in OF_A_RESOURCE
            },
            resource_tags=self.resource_tags,
        )


def _at(ids: list[str], places: NDArray[np.int64]) -> list[str]:
    return [ids[at] for at in places.tolist()]


def _words(values: Mapping[int, tuple[int, Any]], size: int) -> Words:
    numbers: dict[str, int] = {"": 0}
    codes = np.zeros(size, dtype=np.int64)
    if values:
        codes[list(values)] = [numbers.setdefault(value, len(numbers)) for _, value in values.values()]
    return Words(codes, objects(list(numbers)))


def _column(values: Mapping[int, tuple[int, Any]], size: int) -> NDArray[np.object_]:
    made = [""] * size
    for at, (_, value) in values.items():
        made[at] = value
    return objects(made)


def _counts(values: Mapping[int, tuple[int, Any]], size: int) -> NDArray[np.int64]:
    made = np.full(size, MISSING, dtype=np.int64)
    if values:
        made[list(values)] = [value for _, value in values.values()]
    return made


_READ = {
    **{key: (slot, rank, text, "") for key, (slot, rank) in SLOTS.items() if slot in TEXTS},
    **{key: (slot, rank, count, MISSING) for key, (slot, rank) in SLOTS.items() if slot in TOKENS},
    **{key: (slot, rank, decimal, "") for key, (slot, rank) in SLOTS.items() if slot in DECIMALS},
}


def _attributes(
    at: int, listed: Any, slots: dict[str, dict[int, tuple[int, Any]]], tags: dict[int, dict[str, str]]
) -> None:
    """What the allow-list names, into its slots; nothing else is looked into."""
    for attribute in listed or ():
        key = attribute.get("key")
        known = _READ.get(key)
        if known is not None:
            slot, rank, made, nothing = known
            value = made(_value(attribute.get("value")))
            values = slots.setdefault(slot, {})
            if value != nothing and (at not in values or values[at][0] >= rank):
                values[at] = (rank, value)
        elif isinstance(key, str) and key.startswith(TAG) and len(TAG) < len(key) < LONGEST:
            value = _value(attribute.get("value"))
            if isinstance(value, str) and (value := text(value)):
                tags.setdefault(at, {})[key.removeprefix(TAG)] = value


def _value(held: Any) -> Any:
    """A value of the four plain kinds; a whole number may be written as text."""
    if not isinstance(held, dict):
        return None
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
