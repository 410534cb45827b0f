"""OTLP made by hand, for tests: a span as JSON, and the same as protobuf, written field by field."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

BEGAN = 1_767_571_200 * 10**9  # 2026-01-05T00:00:00Z
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def span(attributes: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """A span that took a second and a half, in the JSON of the protocol."""
    return {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": "chat gpt-4o",
        "kind": 3,
        "startTimeUnixNano": str(BEGAN),
        "endTimeUnixNano": str(BEGAN + 1_500_000_000),
        "attributes": attributes_of(attributes),
        **others,
    }


def chat(**others: Any) -> dict[str, Any]:
    """The attributes of an ordinary call: 1,000 tokens in, of which 200 from the cache, and 50 out."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.cache_read.input_tokens": 200,
        "gen_ai.usage.output_tokens": 50,
    } | {key.replace("__", "."): value for key, value in others.items()}


def log(attributes: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """A log record."""
    return {"timeUnixNano": str(BEGAN), "attributes": attributes_of(attributes), **others}


def attributes_of(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _json_value(value)} for key, value in values.items()]


def _json_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_json_value(each) for each in value]}}
    return {"stringValue": value}


def traces(*spans: Mapping[str, Any], resource: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A request with one resource."""
    named = {"attributes": attributes_of({"service.name": "shop"} if resource is None else resource)}
    return {
        "resourceSpans": [{"resource": named, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(spans)}]}]
    }


def logs(*records: Mapping[str, Any]) -> dict[str, Any]:
    """A request of log records."""
    return {"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {}, "logRecords": list(records)}]}]}


def lines(*requests: Mapping[str, Any]) -> bytes:
    """Requests as JSON lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in requests)


def varint(value: int) -> bytes:
    value &= 2**64 - 1
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])


def text(number: int, value: bytes | str) -> bytes:
    """A field of bytes."""
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def whole(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def fixed(number: int, value: int) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<Q", value)


def protobuf(request: Mapping[str, Any]) -> bytes:
    """The same request as the bytes of the protocol."""
    groups = b""
    for outer, inner, listed, one in (
        ("resourceSpans", "scopeSpans", "spans", _span),
        ("resourceLogs", "scopeLogs", "logRecords", _log),
    ):
        for group in request.get(outer, []):
            made = text(1, _attributes(1, group["resource"].get("attributes", [])))
            for scope in group[inner]:
                records = b"".join(text(2, one(record)) for record in scope[listed])
                made += text(2, text(1, text(1, "x")) + records)
            groups += text(1, made)
    return groups


def _span(span_: Mapping[str, Any]) -> bytes:
    made = text(1, bytes.fromhex(span_["traceId"])) + text(2, bytes.fromhex(span_["spanId"]))
    if "parentSpanId" in span_:
        made += text(4, bytes.fromhex(span_["parentSpanId"]))
    made += text(5, span_["name"]) + whole(6, span_["kind"])
    made += fixed(7, int(span_["startTimeUnixNano"])) + fixed(8, int(span_["endTimeUnixNano"]))
    made += _attributes(9, span_["attributes"])
    for event in span_.get("events", []):
        about = fixed(1, int(event["timeUnixNano"])) + text(2, event["name"])
        made += text(11, about + _attributes(3, event["attributes"]))
    if "status" in span_:
        made += text(15, text(2, span_["status"].get("message", "")) + whole(3, span_["status"]["code"]))
    return made + varint(16 << 3 | 5) + struct.pack("<I", 257)


def _log(record: Mapping[str, Any]) -> bytes:
    made = fixed(1, int(record["timeUnixNano"])) + whole(2, 9) + text(3, "INFO")
    if "body" in record:
        made += text(5, _value(record["body"]))
    made += _attributes(6, record["attributes"])
    for number, name in ((9, "traceId"), (10, "spanId")):
        if name in record:
            made += text(number, bytes.fromhex(record[name]))
    if "eventName" in record:
        made += text(12, record["eventName"])
    return made + fixed(11, int(record["timeUnixNano"]) + 5)


def _attributes(number: int, listed: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(text(number, text(1, each["key"]) + text(2, _value(each["value"]))) for each in listed)


def _value(held: Mapping[str, Any]) -> bytes:
    ((kind, value),) = held.items()
    match kind:
        case "stringValue":
            return text(1, value)
        case "boolValue":
            return whole(2, int(value))
        case "intValue":
            return whole(3, int(value))
        case "doubleValue":
            return varint(4 << 3 | 1) + struct.pack("<d", value)
        case _:
            return text(5, b"".join(text(1, _value(each)) for each in value["values"]))


def framed(*messages: bytes, kind: str = "little") -> bytes:
    """Messages as a file holds them."""
    match kind:
        case "little":
            return b"".join(struct.pack("<I", len(each)) + each for each in messages)
        case "big":
            return b"".join(struct.pack(">I", len(each)) + each for each in messages)
        case "varying":
            return b"".join(varint(len(each)) + each for each in messages)
        case _:
            return b"".join(messages)
