"""Anthropic's own usage, as its interface and its console export it. Token semantics and traps: docs/formats/anthropic-usage.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from payback.sources import exports
from payback.sources.exports import decimal, nested, text
from payback.sources.faults import Fault
from payback.sources.formats import Call, Format, Rows, instant, tokens

LONG = "200k-1m"
"""The window whose every prompt is past the length from which models cost more."""
COLUMNS = {
    "usage_date_utc": "starting_at",
    "model_version": "model",
    "api_key": "api_key_id",
    "workspace": "workspace_id",
    "usage_type": "service_tier",
    "usage_input_tokens_no_cache": "uncached_input_tokens",
    "usage_input_tokens_cache_write": "cache_write",
    "usage_input_tokens_cache_write_5m": "ephemeral_5m_input_tokens",
    "usage_input_tokens_cache_write_1h": "ephemeral_1h_input_tokens",
    "usage_input_tokens_cache_read": "cache_read_input_tokens",
    "usage_output_tokens": "output_tokens",
    "web_search_count": "web_search_requests",
}
"""Names of the console's columns, and what the interface calls the same."""
NEEDS = {"usage_date_utc", "model_version", "usage_input_tokens_no_cache", "usage_output_tokens"}
COUNTS = (
    "uncached_input_tokens",
    "cache_read_input_tokens",
    "ephemeral_5m_input_tokens",
    "ephemeral_1h_input_tokens",
    "output_tokens",
)


def recognises(path: Path, head: bytes) -> str | None:  # noqa: ARG001  the name says nothing more
    """Where the keys or columns are those of a report of messages."""
    names = exports.header(head)
    if names:
        return exports.CSV if set(names) >= NEEDS else None
    return exports.layout(head) if b'"uncached_input_tokens"' in head else None


def read(file: Path, layout: str) -> Iterator[Call | Fault]:
    """A sum of calls for each result of each bucket of time. Nobody counted the calls."""
    for row, held in exports.objects(file, layout):
        if isinstance(held, Fault):
            yield held
            continue
        for bucket in exports.listed(held, "data"):
            for result in exports.listed(bucket, "results"):
                named = {COLUMNS.get(name, name): value for name, value in result.items()}
                yield from _sum(
                    row, bucket.get("starting_at") or named.get("starting_at"), bucket.get("ending_at"), named
                )


def _sum(row: int, began: object, ended: object, held: Mapping[str, Any]) -> Iterator[Call | Fault]:
    """The sum, or what is wrong with it; nothing for a bucket in which nothing was used."""
    given = {**held, **nested(held.get("cache_creation"))}
    counts: dict[str, int] = {}
    for name in COUNTS:
        count = tokens(given.get(name) or 0)
        if count is None:
            yield Fault("not-whole", row, name, str(given.get(name)))
            return
        counts[name] = count
    counts["ephemeral_5m_input_tokens"] += tokens(given.get("cache_write")) or 0
    tools = {**held, **nested(held.get("server_tool_use"))}
    meters = {
        name: count
        for name in ("web_search", "web_fetch", "code_execution")
        if (count := tokens(tools.get(f"{name}_requests")))
    }
    if not any((*counts.values(), *meters.values())):
        return
    moment = instant(began)
    if moment is None:
        yield Fault("time" if began else "missing", row, "starting_at", str(began or ""))
        return
    key, workspace, user = (text(held.get(name)) for name in ("api_key_id", "workspace_id", "account_id"))
    window, place = text(held.get("context_window")), text(held.get("inference_geo"))
    model, tier = text(held.get("model")), text(held.get("speed")) or text(held.get("service_tier"))
    tags = {name: value for name, value in (("key", key), ("inference_geo", place)) if value}
    named = (began, ended, key, workspace, user, model, tier, window, place)
    # Ids are the vendor's own; without any, two accounts may have the same bucket, but hardly the same counts.
    told = () if key or workspace or user else tuple(counts.values())
    yield Call(
        row=row,
        time=moment,
        provider="anthropic",
        model=model,
        service_tier=tier,
        input_tokens=counts["uncached_input_tokens"],
        cached_tokens=counts["cache_read_input_tokens"],
        cache_write_5m_tokens=counts["ephemeral_5m_input_tokens"],
        cache_write_1h_tokens=counts["ephemeral_1h_input_tokens"],
        output_tokens=counts["output_tokens"],
        calls=0,
        long_context=None if window is None else _is_long(window),
        meters=json.dumps(meters) if meters else None,
        message=":".join("" if each is None else str(each) for each in (*named, *told)),
        user=user,
        project=workspace,
        tags=json.dumps(tags) if tags else None,
    )


def _is_long(window: str) -> bool:
    """200k-1M of the interface, "> 200k" of the console; not 0-200k and "≤ 200k"."""
    name = window.casefold().replace(" ", "")
    return name == LONG or name.startswith((">", "200k-"))


def recognises_claude_code(path: Path, head: bytes) -> str | None:  # noqa: ARG001
    """Where the keys are those of a report of Claude Code."""
    known = b'"model_breakdown"' in head and b'"core_metrics"' in head
    return exports.layout(head) if known else None


def read_claude_code(file: Path, layout: str) -> Iterator[Call | Fault]:
    """A sum of calls for each person, day and model. Nobody counted the calls."""
    for row, held in exports.objects(file, layout):
        if isinstance(held, Fault):
            yield held
            continue
        for person in exports.listed(held, "data"):
            moment = instant(person.get("date"))
            for part in exports.listed(person, "model_breakdown"):
                if moment is None:
                    yield Fault(
                        "time" if person.get("date") else "missing",
                        row,
                        "date",
                        str(person.get("date") or ""),
                    )
                elif part is not person and isinstance(part.get("tokens"), dict):
                    yield from _of_person(row, moment.date().isoformat(), person, part)


def _of_person(
    row: int, day: str, person: Mapping[str, Any], part: Mapping[str, Any]
) -> Iterator[Call | Fault]:
    used, actor, cost = part["tokens"], nested(person.get("actor")), nested(part.get("estimated_cost"))
    counts: dict[str, int] = {}
    for name in ("input", "cache_read", "cache_creation", "output"):
        count = tokens(used.get(name) or 0)
        if count is None:
            yield Fault("not-whole", row, f"tokens.{name}", str(used.get(name)))
            return
        counts[name] = count
    if not any(counts.values()):
        return
    who = text(actor.get("email_address")) or text(actor.get("api_key_name"))
    cents = decimal(cost.get("amount"))
    terminal, model = text(person.get("terminal_type")), text(part.get("model"))
    named = (
        day,
        text(person.get("organization_id")),
        who,
        terminal,
        model,
        text(person.get("customer_type")),
    )
    tags = {
        name: value
        for name in ("customer_type", "terminal_type", "subscription_type")
        if (value := text(person.get(name)))
    }
    yield Call(
        row=row,
        time=instant(day),
        provider="anthropic",
        model=model,
        input_tokens=counts["input"],
        cached_tokens=counts["cache_read"],
        cache_write_5m_tokens=counts["cache_creation"],
        output_tokens=counts["output"],
        stated_cost=_hundredth(cents),
        stated_currency=text(cost.get("currency")) if cents else None,
        calls=0,
        message=":".join(each or "" for each in named),
        user=who,
        service="claude-code",
        tags=json.dumps(tags) if tags else None,
    )


def _hundredth(cents: str | None) -> str | None:
    """Cents as whole units."""
    from decimal import Decimal  # noqa: PLC0415  most formats need none

    return None if cents is None else f"{Decimal(cents).scaleb(-2):f}"


FORMAT = Format(
    name="anthropic-usage",
    title="Anthropic usage",
    fills=("usage",),
    endings=(".csv", ".json", ".jsonl"),
    homes=(),
    recognises=recognises,
    read=Rows(read),
    sums=True,
)
CLAUDE_CODE = Format(
    name="claude-code-report",
    title="Claude Code usage report",
    fills=("usage",),
    endings=(".json", ".jsonl"),
    homes=(),
    recognises=recognises_claude_code,
    read=Rows(read_claude_code),
    sums=True,
)
