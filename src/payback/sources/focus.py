"""Bills in the FOCUS layout, 1.0 to 1.3. Columns, money and traps: docs/formats/focus.md."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
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
MANY = 2**12
PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,30})?")
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
    met: dict[bytes, int] = {}
    with _plain(file) as plain:
        for row, held in exports.objects(plain, layout):
            if isinstance(held, Fault):
                yield held
                continue
            if layout == exports.CSV:
                yield _line(row, held, met)
                continue
            for each in exports.listed(held, "data"):
                values = {key: value for key, value in each.items() if not isinstance(value, dict | list)}
                yield _line(row, {**values, "Tags": each.get("Tags")}, met)


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


_word = lru_cache(MANY, typed=True)(text)
"""A bill says the same few things over and over."""


@lru_cache(MANY, typed=True)
def _moment(value: object) -> datetime | None:
    """The instant; BigQuery writes 2026-10-01 00:00:00 UTC."""
    return instant(value.removesuffix(" UTC") if isinstance(value, str) else value)


def _line(row: int, held: Mapping[str, Any], met: dict[bytes, int]) -> Bill | Fault:
    """Cash is BilledCost: a commitment when it is bought, and nothing for what it then covers."""
    began = held.get("ChargePeriodStart")
    start = _moment(began)
    if start is None:
        return Fault("time" if _word(began) else "missing", row, "ChargePeriodStart", str(began or ""))
    money: dict[str, str | None] = {}
    for name in ("BilledCost", "EffectiveCost", "ListCost"):
        given = held.get(name)
        money[name] = _decimal(given)
        if money[name] is None and text(str(given or "")) is not None:
            return Fault("number", row, name, str(given))
    if money["BilledCost"] is None:
        return Fault("missing", row, "BilledCost")
    currency = (_word(held.get("BillingCurrency")) or "").upper()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        return Fault("currency" if currency else "missing", row, "BillingCurrency", currency)
    ended = _moment(held.get("ChargePeriodEnd"))
    day_after = (ended - timedelta(microseconds=1)).date() + timedelta(days=1) if ended else None
    return Bill(
        row=row,
        day=start.date(),
        day_after=None if day_after is None or day_after <= start.date() else day_after,
        provider=_word(held.get("ServiceProviderName")) or _word(held.get("ProviderName")),
        account=_word(held.get("BillingAccountId")),
        service=_word(held.get("ServiceName")),
        category=_word(held.get("ServiceCategory")),
        item=_word(held.get("SkuMeter")) or _word(held.get("SkuId")),
        kind=_kind(held),
        quantity=_decimal(held.get("ConsumedQuantity")),
        unit=_word(held.get("ConsumedUnit")),
        billed=money["BilledCost"],
        effective=money["EffectiveCost"],
        listed=money["ListCost"],
        currency=currency,
        project=_word(held.get("SubAccountId")),
        tags=_tags(held.get("Tags")),
        line=_name(held, met),
    )


def _decimal(value: object) -> str | None:
    """Decimal digits; most are written so already."""
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    return decimal(value)


def _kind(held: Mapping[str, Any]) -> str:
    if (_word(held.get("ChargeClass")) or "").casefold() == "correction":
        return "correction"
    return KINDS.get((_word(held.get("ChargeCategory")) or "").casefold(), "usage")


def _tags(value: object) -> str | None:
    return _tags_of(value) if isinstance(value, str) else _tags_in(value)


def _tags_in(value: object) -> str | None:
    """A JSON object of text to text."""
    if not value or value == "NULL":
        return None
    found = {str(key): str(each) for key, each in nested(value).items() if each is not None}
    return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else None


def _name(held: Mapping[str, Any], met: dict[bytes, int]) -> str:
    """The same in every export that holds the line; the second of two alike lines of a file is another."""
    cells = "\x1f".join(map(str, map(held.get, IDENTITY)))
    digest = hashlib.blake2b(cells.encode("utf-8", "replace"), digest_size=12).digest()
    count = met[digest] = met.get(digest, 0) + 1
    return f"{digest.hex()}:{count}"


_tags_of = lru_cache(MANY)(_tags_in)


FORMAT = Format(
    name="focus",
    title="FOCUS",
    fills=("bill_line",),
    endings=(".csv", ".csv.gz", ".json", ".jsonl"),
    homes=(),
    recognises=recognises,
    read=Rows(read),
)
