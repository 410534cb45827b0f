"""Costs of an Anthropic organisation: pages of the cost report, and CSV of the Console.

Units, columns and traps: docs/formats/anthropic-costs.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from payback.sources import exports
from payback.sources.exports import decimal, text
from payback.sources.faults import Fault
from payback.sources.formats import Bill, Format, Rows, instant

PAGES, EXPORT = "pages", "export"
PAGE = re.compile(rb'"starting_at"\s*:')
COUNTS = re.compile(rb'"(?:uncached_input_tokens|core_metrics)"\s*:')  # reports of usage
AMOUNT = re.compile(rb'"amount"\s*:\s*["\d-]')
NEEDS = {"usage_date_utc", "cost_usd"}
CENTS = 100
PAGE_NAMES = (
    "workspace_id", "description", "cost_type", "model", "service_tier", "context_window", "token_type",
    "inference_geo", "speed",
)  # fmt: skip
EXPORT_NAMES = (
    "workspace", "api_key", "api_key_id", "usage_type", "model", "context_window", "token_type", "cost_type",
    "inference_geo", "speed",
)  # fmt: skip


def recognises(path: Path, head: bytes) -> str | None:  # noqa: ARG001  the name says nothing more
    """Where JSON has buckets with amounts, or a header has the Console's columns."""
    names = {name.casefold() for name in exports.header(head)}
    if names >= NEEDS:
        return EXPORT
    costs = PAGE.search(head) and AMOUNT.search(head) and not COUNTS.search(head)
    return PAGES if not names and costs else None


def read(file: Path, layout: str) -> Iterator[Bill | Fault]:
    """A bill line for each result. The report counts in cents, the Console's CSV in dollars."""
    if layout == PAGES:
        for row, held in exports.objects(file, exports.DOCUMENTS):
            if isinstance(held, Fault):
                yield held
                continue
            for bucket in exports.listed(held, "data"):
                for result in exports.listed(bucket, "results"):
                    if "amount" in result:
                        yield _of_report(row, bucket, result)
        return
    met: dict[str, int] = {}
    for row, held in exports.objects(file, exports.CSV):
        yield held if isinstance(held, Fault) else _of_console(row, held, met)


def _of_report(row: int, bucket: Mapping[str, Any], held: Mapping[str, Any]) -> Bill | Fault:
    start, ended = instant(bucket.get("starting_at")), instant(bucket.get("ending_at"))
    if start is None:
        began = bucket.get("starting_at")
        return Fault("time" if began else "missing", row, "starting_at", str(began or ""))
    cents = decimal(held.get("amount"))
    if cents is None:
        given = held.get("amount")
        return Fault("number" if text(str(given or "")) else "missing", row, "amount", str(given or ""))
    currency = (text(held.get("currency")) or "USD").upper()
    if currency != "USD":  # whose smallest unit may be no hundredth; the report knows no other so far
        return Fault("currency", row, "currency", currency)
    day_after = (ended - timedelta(microseconds=1)).date() + timedelta(days=1) if ended else None
    return Bill(
        row=row,
        day=start.date(),
        day_after=None if day_after is None or day_after <= start.date() else day_after,
        provider="anthropic",
        service="Claude API",
        item=text(held.get("description")) or text(held.get("cost_type")),
        model=text(held.get("model")),
        service_tier=text(held.get("service_tier")),
        kind="usage",
        billed=f"{Decimal(cents) / CENTS:f}",
        currency=currency,
        project=text(held.get("workspace_id")),
        line=_name([start.date().isoformat(), *(text(held.get(name)) or "" for name in PAGE_NAMES)]),
    )


def _of_console(row: int, held: Mapping[str, Any], met: dict[str, int]) -> Bill | Fault:
    cells = {name.casefold(): cell for name, cell in held.items()}
    day = instant(cells.get("usage_date_utc"))
    if day is None:
        began = cells.get("usage_date_utc")
        return Fault("time" if text(began) else "missing", row, "usage_date_utc", str(began or ""))
    billed = decimal(cells.get("cost_usd"))
    if billed is None:
        given = str(cells.get("cost_usd") or "")
        return Fault("number" if given.strip() else "missing", row, "cost_usd", given)
    kind, batch = text(cells.get("cost_type")), "batch" in (text(cells.get("usage_type")) or "").casefold()
    tokens_of = kind in {None, "token", "tokens"}
    key = _name([day.date().isoformat(), *(text(cells.get(name)) or "" for name in EXPORT_NAMES)])
    met[key] = met.get(key, 0) + 1
    model = text(cells.get("model"))
    return Bill(
        row=row,
        day=day.date(),
        provider="anthropic",
        service="Claude API",
        item=text(cells.get("token_type")) if tokens_of else kind,
        model=model.casefold().replace(" ", "-") if model and tokens_of else None,
        service_tier="batch" if batch else None,
        kind="usage",
        billed=billed,
        listed=decimal(cells.get("list_price_usd")),
        currency="USD",
        project=text(cells.get("workspace")),
        user=text(cells.get("api_key_id")) or text(cells.get("api_key")),
        line=f"{key}:{met[key]}",
    )


def _name(parts: list[str]) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()


FORMAT = Format(
    name="anthropic-costs",
    title="Anthropic costs",
    fills=("bill_line",),
    endings=(".json", ".jsonl", ".csv"),
    homes=(),
    recognises=recognises,
    read=Rows(read),
)
