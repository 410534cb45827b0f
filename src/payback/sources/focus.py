"""Bills in the FOCUS layout, 1.0 to 1.3. Columns, money and traps: docs/formats/focus.md."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any

from payback.sources import exports
from payback.sources.exports import decimal, nested, text
from payback.sources.faults import Fault
from payback.sources.formats import Bill, Format, Rows, instant

NEEDS = ("BilledCost", "BillingCurrency", "ChargeCategory", "ChargePeriodStart")
GZIP = b"\x1f\x8b"
CHUNK = 2**20
KINDS = {
    "usage": "usage",
    "purchase": "purchase",
    "tax": "tax",
    "credit": "credit",
    "adjustment": "adjustment",
}
IDENTITY = (
    "InvoiceId", "ChargePeriodStart", "ChargePeriodEnd", "BillingAccountId", "SubAccountId", "ProviderName",
    "ServiceProviderName", "ServiceName", "ResourceId", "SkuId", "SkuPriceId", "SkuMeter", "RegionId",
    "AvailabilityZone", "ChargeCategory", "ChargeClass", "ChargeFrequency", "ChargeDescription",
    "PricingCategory", "PricingUnit", "CommitmentDiscountId", "CommitmentDiscountStatus", "BillingCurrency", "Tags",
)  # fmt: skip
"""What a line is known by in another export of it: everything but amounts, which are restated."""


def recognises(path: Path, head: bytes) -> str | None:  # noqa: ARG001  the name says nothing more
    """Where a header, or JSON, has the columns that FOCUS requires."""
    if head.startswith(GZIP):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, len(head))
        except zlib.error:
            return None
    names = exports.header(head)
    if names:
        return exports.CSV if set(NEEDS) <= set(names) else None
    return exports.layout(head) if all(f'"{name}"'.encode() in head for name in NEEDS) else None


def read(file: Path, layout: str) -> Iterator[Bill | Fault]:
    """A bill line for each row. Nothing is added up, and nothing left out for what it is charged for."""
    met: dict[str, int] = {}
    with _plain(file) as plain:
        for row, held in exports.objects(plain, layout):
            if isinstance(held, Fault):
                yield held
                continue
            for each in exports.listed(held, "data"):
                yield _line(row, each, met)


@contextmanager
def _plain(file: Path) -> Iterator[Path]:
    """The file, decompressed where it must be: as a whole, so that of a damaged one not half is counted."""
    with file.open("rb") as opened:
        if opened.read(2) != GZIP:
            yield file
            return
    with TemporaryDirectory(prefix="payback-") as folder:
        plain = Path(folder) / file.stem
        try:
            with gzip.open(file) as packed, plain.open("wb") as out:
                copyfileobj(packed, out, CHUNK)
        except (EOFError, zlib.error) as error:
            raise OSError(0, str(error)) from error
        yield plain


def _line(row: int, held: Mapping[str, Any], met: dict[str, int]) -> Bill | Fault:
    """Cash is BilledCost: a commitment when it is bought, and nothing for what it then covers."""
    began = held.get("ChargePeriodStart")
    start = instant(began)
    if start is None:
        return Fault("time" if text(began) else "missing", row, "ChargePeriodStart", str(began or ""))
    money: dict[str, str | None] = {}
    for name in ("BilledCost", "EffectiveCost", "ListCost"):
        given = held.get(name)
        money[name] = decimal(given)
        if money[name] is None and text(str(given or "")) is not None:
            return Fault("number", row, name, str(given))
    if money["BilledCost"] is None:
        return Fault("missing", row, "BilledCost")
    currency = (text(held.get("BillingCurrency")) or "").upper()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        return Fault("currency" if currency else "missing", row, "BillingCurrency", currency)
    ended = instant(held.get("ChargePeriodEnd"))
    day_after = (ended - timedelta(microseconds=1)).date() + timedelta(days=1) if ended else None
    return Bill(
        row=row,
        day=start.date(),
        day_after=None if day_after is None or day_after <= start.date() else day_after,
        provider=text(held.get("ServiceProviderName")) or text(held.get("ProviderName")),
        account=text(held.get("BillingAccountId")),
        service=text(held.get("ServiceName")),
        category=text(held.get("ServiceCategory")),
        item=text(held.get("SkuMeter")) or text(held.get("SkuId")),
        kind=_kind(held),
        quantity=decimal(held.get("ConsumedQuantity")),
        unit=text(held.get("ConsumedUnit")),
        billed=money["BilledCost"],
        effective=money["EffectiveCost"],
        listed=money["ListCost"],
        currency=currency,
        project=text(held.get("SubAccountId")),
        tags=_tags(held.get("Tags")),
        line=_name(held, met),
    )


def _kind(held: Mapping[str, Any]) -> str:
    if (text(held.get("ChargeClass")) or "").casefold() == "correction":
        return "correction"
    return KINDS.get((text(held.get("ChargeCategory")) or "").casefold(), "usage")


def _tags(value: object) -> str | None:
    """A JSON object of text to text; a key without a value is true in FOCUS."""
    found = {str(key): str(each) for key, each in nested(value).items() if each is not None}
    return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else None


def _name(held: Mapping[str, Any], met: dict[str, int]) -> str:
    """The same in every export that holds the line; the second of two alike lines of a file is another."""
    cells = json.dumps([held.get(name) for name in IDENTITY], sort_keys=True)
    digest = hashlib.blake2b(cells.encode("utf-8", "replace"), digest_size=12).hexdigest()
    met[digest] = met.get(digest, 0) + 1
    return f"{digest}:{met[digest]}"


FORMAT = Format(
    name="focus",
    title="FOCUS",
    fills=("bill_line",),
    endings=(".csv", ".csv.gz", ".json", ".jsonl"),
    homes=(),
    recognises=recognises,
    read=Rows(read),
)
