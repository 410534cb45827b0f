"""OpenAI's own usage, as its interface and its dashboard export it. Token semantics and traps: docs/formats/openai-usage.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from payback.sources import exports
from payback.sources.exports import text
from payback.sources.faults import Fault
from payback.sources.formats import Call, Format, Rows, instant, tokens

RESULT = re.compile(rb'"organization\.usage\.\w+\.result"')
BUCKET = re.compile(rb'"object"\s*:\s*"bucket"')
COSTS = re.compile(rb'"organization\.costs\.result"')
SPAN = {"start_time", "end_time"}
COUNTS = (
    "input_tokens",
    "output_tokens",
    "input_cached_tokens",
    "input_cache_write_tokens",
    "input_audio_tokens",
    "output_audio_tokens",
    "num_model_requests",
)
MEASURES = {
    "images": "image",
    "characters": "characters",
    "seconds": "audio_seconds",
    "num_sessions": "code_execution",
}
"""What results other than of tokens count, and what payback calls it."""
TOOLS = {"web_search_calls": "web_search", "file_search_calls": "file_search"}
"""Results that count `num_requests` of a tool, and what payback calls them."""
KINDS = {
    "images": "images",
    "characters": "audio_speeches",
    "seconds": "audio_transcriptions",
    "num_sessions": "code_interpreter_sessions",
    "usage_bytes": "vector_stores",
    "output_tokens": "completions",
    "input_tokens": "embeddings",
}
"""What a row of CSV is, which does not say so, by the first of these that it fills."""
MADE_NOTHING = frozenset({"embeddings", "moderations"})
"""What gives no tokens back."""


def recognises(path: Path, head: bytes) -> str | None:  # noqa: ARG001  the name says nothing more
    """Where results, or buckets without any, are of usage and not of costs."""
    names = set(exports.header(head))
    if names:
        counted = names & {"num_model_requests", "num_sessions", "usage_bytes"}
        empty = names == SPAN | {"start_time_iso", "end_time_iso"}
        return exports.CSV if names >= SPAN and (counted or empty) else None
    usage = RESULT.search(head) or (BUCKET.search(head) and not COSTS.search(head))
    return exports.layout(head) if usage else None


def read(file: Path, layout: str) -> Iterator[Call | Fault]:
    """A sum of calls for each result of each bucket of time."""
    for row, held in exports.objects(file, layout):
        if isinstance(held, Fault):
            yield held
            continue
        for bucket in exports.listed(held, "data"):
            for result in exports.listed(bucket, "results", "result"):
                yield from _sum(row, bucket, result)


def _sum(row: int, bucket: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[Call | Fault]:
    """The sum, or what is wrong with it; nothing for a bucket in which nothing was used."""
    kind = _kind(result)
    counts: dict[str, int | None] = {}
    for name in COUNTS:
        given = result.get(name)
        counts[name] = tokens(given)
        if counts[name] is None and given not in (None, ""):
            yield Fault("not-whole", row, name, str(given))
            return
    measured = {name: count for key, name in MEASURES.items() if (count := tokens(result.get(key)))}
    if kind in TOOLS and (count := tokens(result.get("num_requests"))):
        measured[TOOLS[kind]] = count
    if kind is None or not any((*measured.values(), *counts.values())):
        return
    began = bucket.get("start_time")
    moment = instant(int(began) if isinstance(began, str) and began.isdigit() else began)
    if moment is None:
        yield Fault("time" if began else "missing", row, "start_time", str(began or ""))
        return
    prompt, output = counts["input_tokens"], counts["output_tokens"]
    cached, written = counts["input_cached_tokens"] or 0, counts["input_cache_write_tokens"] or 0
    heard, spoken = counts["input_audio_tokens"] or 0, counts["output_audio_tokens"] or 0
    sound = {"audio_input_tokens": heard, "audio_output_tokens": spoken}
    if text(result.get("input_text_tokens")) is None:
        heard = spoken = 0  # exports that do not tell text apart never had sound among their tokens
    if cached + written + heard > (prompt or 0) or spoken > (output or 0):
        yield Fault("too-large", row, "input_cached_tokens", str(cached))
        return
    key, project, user = (text(result.get(name)) for name in ("api_key_id", "project_id", "user_id"))
    tier = "batch" if str(result.get("batch")).casefold() == "true" else text(result.get("service_tier"))
    model = text(result.get("model"))
    meters = measured | {name: count for name, count in sound.items() if count}
    bounds = (began, bucket.get("end_time"))
    named = (kind, key, project, user, model, tier, text(result.get("size")), text(result.get("source")))
    # Ids are the vendor's own; without any, two accounts may have the same bucket, but hardly the same counts.
    told = () if key or project or user else tuple(counts.values())
    yield Call(
        row=row,
        time=moment,
        provider="openai",
        model=model,
        service_tier=tier,
        input_tokens=None if prompt is None else prompt - cached - written - heard,
        cached_tokens=None if prompt is None else cached,
        cache_write_5m_tokens=None if prompt is None else written,
        output_tokens=0 if kind in MADE_NOTHING else None if output is None else output - spoken,
        calls=counts["num_model_requests"] or 0,
        meters=json.dumps(meters) if meters else None,
        message=":".join("" if each is None else str(each) for each in (*bounds, *named, *told)),
        user=user,
        project=project,
        service=kind,
        tags=json.dumps({"key": key}) if key else None,
    )


def _kind(result: Mapping[str, Any]) -> str | None:
    """completions, embeddings, images...; None where it stands for no use of a model, but for storage."""
    named = str(result.get("object") or "").removeprefix("organization.usage.").removesuffix(".result")
    if not named:
        named = next((kind for mark, kind in KINDS.items() if text(result.get(mark))), "")
    return named if named and named != "vector_stores" else None


FORMAT = Format(
    name="openai-usage",
    title="OpenAI usage",
    fills=("usage",),
    endings=(".csv", ".json", ".jsonl"),
    homes=(),
    recognises=recognises,
    read=Rows(read),
    sums=True,
)
