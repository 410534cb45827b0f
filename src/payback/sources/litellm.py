"""Spend logs of the LiteLLM gateway. Layout, token semantics and traps: docs/formats/litellm.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from payback.sources import exports
from payback.sources.exports import decimal, nested, text
from payback.sources.faults import Fault
from payback.sources.formats import Call, Format, Rows, instant, tokens

NEEDS = ("request_id", "call_type", "spend")
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
NOT_MODELS = ("mcp", "vector_store", "health", "list", "file")
"""Parts of the names of call types in which no model answers, unless the row counts tokens or money."""
UNKNOWN_REFUSALS = frozenset({408, 499})
"""Of the codes 4xx, those after which the model may have worked: the time ran out, the caller left."""


def recognises(path: Path, head: bytes) -> str | None:  # noqa: ARG001  the name says nothing more
    """Where rows have the columns of the table of spend logs."""
    names = exports.header(head)
    if names:
        return exports.CSV if set(NEEDS) <= set(names) else None
    return exports.layout(head) if all(f'"{name}"'.encode() in head for name in NEEDS) else None


def read(file: Path, layout: str) -> Iterator[Call | Fault]:
    """A call for each row that stands for an answer of a model."""
    for row, held in exports.objects(file, layout):
        if isinstance(held, Fault):
            yield held
            continue
        for each in exports.listed(held, "data"):
            made = _call(row, each)
            if isinstance(made, Fault) or _is_call(made, str(each.get("call_type"))):
                yield made


def _is_call(made: Call, kind: str) -> bool:
    counted = made.stated_cost or made.input_tokens or made.output_tokens
    return bool(counted) or not any(part in kind for part in NOT_MODELS)


def _call(row: int, held: Mapping[str, Any]) -> Call | Fault:
    counts: dict[str, int] = {}
    for name in COUNTS:
        given = held.get(name)
        count = tokens(given or 0)
        if count is None:
            return Fault("not-whole", row, name, str(given))
        counts[name] = count
    began = held.get("startTime")
    moment = instant(began)
    if moment is None:
        return Fault("time" if began else "missing", row, "startTime", str(began or ""))
    metadata = nested(held.get("metadata"))
    used = nested(metadata.get("usage_object")) or nested(metadata.get("additional_usage_values"))
    more = nested(metadata.get("additional_usage_values"))
    failed = (text(held.get("status")) or text(metadata.get("status"))) == "failure"
    known = any(counts.values())
    fresh, cached, written_5m, written_1h = _input(counts, used, more)
    output, reasoning, unfinished = _output(counts, fresh + cached + written_5m + written_1h, used, more)
    if failed and not known and _refused(metadata):
        known = True  # the vendor did not even begin: nothing was used, and nothing is charged
    stated = _stated(held, metadata)
    return Call(
        row=row,
        time=moment,
        provider=text(held.get("custom_llm_provider")),
        model=text(held.get("model")),
        service_tier=text(used.get("service_tier")),
        input_tokens=fresh if known else None,
        cached_tokens=cached if known else None,
        cache_write_5m_tokens=written_5m if known else None,
        cache_write_1h_tokens=written_1h if known else None,
        output_tokens=output if known else None,
        reasoning_tokens=reasoning,
        stated_cost=stated,
        stated_currency="USD" if stated else None,
        seconds=_seconds(moment, held.get("endTime")),
        error=_error(metadata) if failed else None,
        meters=_meters(used, more),
        message=text(held.get("request_id")),
        user=text(held.get("user")),
        session=text(held.get("session_id")),
        project=text(metadata.get("user_api_key_team_alias")) or text(held.get("team_id")),
        trace=text(held.get("session_id")),
        tags=_tags(held, metadata),
        unfinished=unfinished,
        skipped="gateway-cache" if str(held.get("cache_hit")).casefold() == "true" else None,
    )


def _input(
    counts: Mapping[str, int], used: Mapping[str, Any], more: Mapping[str, Any]
) -> tuple[int, int, int, int]:
    """Fresh, cached, and written input. The column includes what was cached and written, unless the numbers
    show that it does not: where the parts are larger than it, or the total has them on top.
    """
    details = nested(used.get("prompt_tokens_details")) or nested(more.get("prompt_tokens_details"))
    split = nested(details.get("cache_creation_token_details"))
    cached = _first(
        used.get("cache_read_input_tokens"), more.get("cache_read_input_tokens"), details.get("cached_tokens")
    )
    written = _first(
        used.get("cache_creation_input_tokens"),
        more.get("cache_creation_input_tokens"),
        details.get("cache_creation_tokens"),
        details.get("cache_write_tokens"),
    )
    for_hour = min(_first(split.get("ephemeral_1h_input_tokens")), written)
    prompt, parts = counts["prompt_tokens"], cached + written
    apart = parts > prompt or (
        parts > 0
        and (
            counts["total_tokens"] == prompt + parts + counts["completion_tokens"]
            or tokens(used.get("prompt_tokens")) == prompt + parts
        )
    )
    return prompt if apart else prompt - parts, cached, written - for_hour, for_hour


def _first(*values: object) -> int:
    """The first count above zero."""
    return next((count for value in values if (count := tokens(value))), 0)


def _output(
    counts: Mapping[str, int], prompt: int, used: Mapping[str, Any], more: Mapping[str, Any]
) -> tuple[int, int | None, bool]:
    """Output with reasoning, reasoning, and whether the total knows of tokens that no part has."""
    details = nested(used.get("completion_tokens_details")) or nested(more.get("completion_tokens_details"))
    reasoning = tokens(details.get("reasoning_tokens"))
    output = counts["completion_tokens"]
    missing = counts["total_tokens"] - prompt - output
    if missing > 0 and missing == reasoning:
        return output + missing, reasoning, False
    return output, reasoning, missing > 0


def _stated(held: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    """What the gateway counted, in USD. Zero is not known: streams are logged so."""
    parts = nested(metadata.get("cost_breakdown"))
    for value in (held.get("spend"), parts.get("total_cost")):
        if value and (cost := decimal(value)) is not None and float(cost) > 0:
            return cost
    return None


def _seconds(began: datetime, ended: object) -> str | None:
    moment = instant(ended)
    if moment is None or moment < began:
        return None
    return decimal((moment - began).total_seconds())


def _refused(metadata: Mapping[str, Any]) -> bool:
    code = tokens(nested(metadata.get("error_information")).get("error_code"))
    return code is not None and 400 <= code < 500 and code not in UNKNOWN_REFUSALS


def _error(metadata: Mapping[str, Any]) -> str:
    held = nested(metadata.get("error_information"))
    return text(held.get("error_class")) or text(held.get("error_code")) or "failure"


def _meters(used: Mapping[str, Any], more: Mapping[str, Any]) -> str | None:
    tools = nested(used.get("server_tool_use")) or nested(more.get("server_tool_use"))
    made = {
        name: count
        for name in ("web_search", "web_fetch")
        if (count := tokens(tools.get(f"{name}_requests")))
    }
    return json.dumps(made) if made else None


def _tags(held: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    """Tags of the request ("team:support", "beta"), and who it was made for."""
    made: dict[str, str] = {}
    for tag in exports.words(held.get("request_tags")):
        name, colon, value = tag.partition(":")
        if name != "User-Agent":  # which the gateway adds by itself
            made[name.strip()] = value.strip() if colon else "true"
    places = {
        "end_user": text(held.get("end_user")),
        "key": text(metadata.get("user_api_key_alias")),
        "model_group": text(held.get("model_group")),
    }
    made = {name: value for name, value in places.items() if value} | made
    return json.dumps(made, ensure_ascii=False) if made else None


FORMAT = Format(
    name="litellm",
    title="LiteLLM",
    fills=("usage",),
    endings=(".csv", ".json", ".jsonl"),
    homes=(),
    recognises=recognises,
    read=Rows(read),
)
