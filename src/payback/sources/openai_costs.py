"""Costs of an OpenAI organisation: pages of the costs interface, and CSV of the dashboard, old and new.

Units, columns and traps: docs/formats/openai-costs.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from payback.sources import exports
from payback.sources.exports import decimal, text
from payback.sources.faults import Fault
from payback.sources.formats import Bill, Format, Rows, instant

PAGES, EXPORT, OLD_EXPORT = "pages", "export", "old-export"
PAGE = re.compile(rb'"organization[._]costs[._]result"')
BUCKET = re.compile(rb'"bucket"[^\]]{0,400}"amount"\s*:\s*\{[^}]*"value"', re.DOTALL)
NEEDS = {"start_time", "amount_value", "amount_currency"}
OLD_NEEDS = {"name", "currency", "cost_in_major", "date"}
MODEL = re.compile(
    r"(?:ft:)?(?:gpt|o\d|chatgpt|codex|computer-use|text-|davinci|babbage|whisper|tts|dall-e|omni|sora)",
    re.IGNORECASE,
)
TIERS = {"batch": "batch", "flex": "flex", "priority": "priority"}


def recognises(path: Path, head: bytes) -> str | None:  # noqa: ARG001  the name says nothing more
    """Where JSON names a result of the costs interface, or a header has the columns of an export."""
    names = {name.casefold() for name in exports.header(head)}
    if names >= NEEDS:
        return EXPORT
    if names >= OLD_NEEDS:
        return OLD_EXPORT
    return PAGES if not names and (PAGE.search(head) or BUCKET.search(head)) else None


def read(file: Path, layout: str) -> Iterator[Bill | Fault]:
    """A bill line for each result that has an amount. Amounts are dollars, not cents."""
    if layout == PAGES:
        for row, held in exports.objects(file, exports.DOCUMENTS):
            if isinstance(held, Fault):
                yield held
                continue
            for bucket in exports.listed(held, "data"):
                for result in exports.listed(bucket, "results", "result"):
                    amount = result.get("amount")
                    if isinstance(amount, dict):
                        yield _line(
                            row, {**bucket, **result, "value": amount.get("value")}, amount.get("currency")
                        )
        return
    for row, held in exports.objects(file, exports.CSV):
        if isinstance(held, Fault):
            yield held
            continue
        cells = {name.casefold(): cell for name, cell in held.items()}
        if layout == EXPORT:
            if text(cells["amount_value"]) is None and text(cells["amount_currency"]) is None:
                continue  # a day without costs
            yield _line(row, {**cells, "value": cells["amount_value"]}, cells["amount_currency"])
        else:
            given = {
                **cells,
                "value": cells["cost_in_major"],
                "line_item": cells["name"],
            }  # `cost` is in cents
            yield _line(row, {**given, "start_time": cells["date"], "end_time": None}, cells["currency"])


def _line(row: int, held: Mapping[str, Any], currency: object) -> Bill | Fault:
    start, ended = _moment(held.get("start_time")), _moment(held.get("end_time"))
    if start is None:
        began = held.get("start_time")
        return Fault("time" if began else "missing", row, "start_time", str(began or ""))
    billed = decimal(held.get("value"))
    if billed is None:
        given = held.get("value")
        return Fault("number" if text(str(given or "")) else "missing", row, "amount", str(given or ""))
    code = (text(currency) or "").upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        return Fault("currency" if code else "missing", row, "currency", code)
    item = text(held.get("line_item"))
    model, tier = _model(item)
    day_after = (ended - timedelta(microseconds=1)).date() + timedelta(days=1) if ended else None
    # The same in every export of the day, whatever the amount: a day exported before it ended is restated.
    place = (held.get("organization_id"), held.get("project_id"), held.get("api_key_id"), held.get("user_id"))
    named = "\x1f".join(text(part) or "" for part in (start.date().isoformat(), item, *place))
    return Bill(
        row=row,
        day=start.date(),
        day_after=None if day_after is None or day_after <= start.date() else day_after,
        provider="openai",
        account=text(held.get("organization_id")),
        service="OpenAI API",
        item=item,
        model=model,
        service_tier=tier,
        kind="usage",
        quantity=decimal(held.get("quantity")),
        billed=billed,
        currency=code,
        project=text(held.get("project_id")),
        user=text(held.get("api_key_id")) or text(held.get("user_id")),
        line=hashlib.blake2b(named.encode("utf-8", "replace"), digest_size=12).hexdigest(),
    )


def _moment(value: object) -> Any:
    return instant(int(value) if isinstance(value, str) and value.strip().isdigit() else value)


def _model(item: str | None) -> tuple[str | None, str | None]:
    """Model and tier that a line item names: `gpt-5.4, cached input`, `gpt-4o batch, output`, `GPT-4o mini`."""
    if item is None or not MODEL.match(item):
        return None, None
    words = re.split(r"[\s,|()]+", item.casefold())
    tier = next((TIERS[word] for word in words if word in TIERS), None)
    name = re.sub(r"\s*[(,|].*$", "", item)
    name = re.sub(r"\s+(?:batch|flex|priority)\b.*$", "", name, flags=re.IGNORECASE)
    return name.strip().replace(" ", "-").casefold() or None, tier


FORMAT = Format(
    name="openai-costs",
    title="OpenAI costs",
    fills=("bill_line",),
    endings=(".json", ".jsonl", ".csv"),
    homes=(),
    recognises=recognises,
    read=Rows(read),
)
