"""Bills in the FOCUS layout. Each trap is a row; the sample is the FinOps Foundation's own (focus/README.md)."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.sources.logs import Read, read_logs

SAMPLE = Path(__file__).parent / "focus" / "sample_1_0.csv"
PLAIN = {
    "BilledCost": "12.50",
    "EffectiveCost": "12.50",
    "ListCost": "15.00",
    "BillingCurrency": "USD",
    "BillingAccountId": "acct-1",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargePeriodStart": "2026-10-03T00:00:00Z",
    "ChargePeriodEnd": "2026-10-04T00:00:00Z",
    "ProviderName": "AWS",
    "ServiceName": "Amazon Bedrock",
    "ServiceCategory": "AI and Machine Learning",
    "SkuId": "sku-1",
    "SubAccountId": "team-a",
    "Tags": '{"team": "a"}',
}


def bill(folder: Path, *rows: dict[str, str], name: str = "bill.csv", delimiter: str = ",") -> Path:
    names = list(dict.fromkeys(name for row in (PLAIN, *rows) for name in row))
    file = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, names, delimiter=delimiter, restval="")
        writer.writeheader()
        writer.writerows(PLAIN | row for row in rows)
    return file


def only(found: Read) -> dict[str, object]:
    (line,) = found.bills
    return line


def test_a_line(tmp_path: Path) -> None:
    line = only(read_logs(bill(tmp_path, {"ConsumedQuantity": "3.5", "ConsumedUnit": "1M tokens"})))
    assert {name: line[name] for name in line if name not in {"line", "file", "tool", "row"}} == {
        "day": date(2026, 10, 3),
        "day_after": date(2026, 10, 4),
        "provider": "AWS",
        "account": "acct-1",
        "service": "Amazon Bedrock",
        "category": "AI and Machine Learning",
        "item": "sku-1",
        "kind": "usage",
        "quantity": Decimal("3.5"),
        "unit": "1M tokens",
        "billed": Decimal("12.5"),
        "effective": Decimal("12.5"),
        "listed": Decimal(15),
        "currency": "USD",
        "project": "team-a",
        "tags": '{"team": "a"}',
    }
    assert (line["tool"], line["row"]) == ("focus", 2)


def test_the_foundation_s_sample_adds_up() -> None:
    """-2.12911690115 in all, -0.15189756178 of it AI: added by another program (DuckDB, as decimals)."""
    found = read_logs(SAMPLE)
    assert (len(found.bills), found.faults) == (51, [])
    assert sum(line.get("billed", 0) for line in found.bills) == Decimal("-2.12911690115")
    ai = [line["billed"] for line in found.bills if line["category"] == "AI and Machine Learning"]
    assert (len(ai), sum(ai)) == (9, Decimal("-0.15189756178"))
    kinds = sorted(line["kind"] for line in found.bills if line["kind"] != "usage")
    assert kinds == ["adjustment", "adjustment", "credit"]
    assert "NULL" not in {str(value) for line in found.bills for value in line.values()}


def test_credits_are_negative_and_every_category_is_a_kind_of_its_own(tmp_path: Path) -> None:
    rows = [{"ChargeCategory": kind} for kind in ("Usage", "Purchase", "Tax", "Credit", "Adjustment")]
    rows.append({"ChargeCategory": "Usage", "ChargeClass": "Correction", "BilledCost": "-3"})
    found = read_logs(bill(tmp_path, *rows))
    assert [line["kind"] for line in found.bills] == [
        *("usage", "purchase", "tax", "credit", "adjustment", "correction")
    ]
    assert found.bills[-1]["billed"] == Decimal(-3)


def test_a_commitment_is_cash_once_and_its_use_is_only_effective(tmp_path: Path) -> None:
    """Bought for 100 on the 1st, used on the 3rd: 100 in cash, and 40 + 60 as it is used up."""
    bought = {"ChargeCategory": "Purchase", "BilledCost": "100", "EffectiveCost": "0"}
    used = {"BilledCost": "0", "EffectiveCost": "40", "CommitmentDiscountStatus": "Used"}
    unused = {"BilledCost": "0", "EffectiveCost": "60", "CommitmentDiscountStatus": "Unused"}
    found = read_logs(bill(tmp_path, bought, used, unused))
    assert sum(line.get("billed", 0) for line in found.bills) == 100
    assert sum(line.get("effective", 0) for line in found.bills) == 100


@pytest.mark.parametrize(
    ("start", "end", "day", "after"),
    [
        ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", date(2026, 10, 1), date(2026, 11, 1)),
        ("2026-10-03T22:00:00Z", "2026-10-03T23:00:00Z", date(2026, 10, 3), date(2026, 10, 4)),
        ("2026-10-03 22:00:00", "2026-10-04 00:00:00", date(2026, 10, 3), date(2026, 10, 4)),
        ("2026-10-03T22:00:00-07:00", "2026-10-04T00:00:00-07:00", date(2026, 10, 4), date(2026, 10, 5)),
        ("2026-10-03 00:00:00 UTC", "2026-10-04 00:00:00 UTC", date(2026, 10, 3), date(2026, 10, 4)),
        ("2026-10-03T00:00Z", "2026-10-04T00:00Z", date(2026, 10, 3), date(2026, 10, 4)),
        ("2026-10-03", "", date(2026, 10, 3), None),
    ],
)
def test_periods_are_days_of_utc(tmp_path: Path, start: str, end: str, day: date, after: date | None) -> None:
    line = only(read_logs(bill(tmp_path, {"ChargePeriodStart": start, "ChargePeriodEnd": end})))
    assert (line["day"], line.get("day_after")) == (day, after)


def test_a_price_in_credits_is_no_money(tmp_path: Path) -> None:
    """FOCUS 1.2: PricingCurrency may be a vendor's own credits; BilledCost stands in BillingCurrency."""
    priced = {"PricingCurrency": "TOKENS", "PricingCurrencyEffectiveCost": "90000", "BilledCost": "0.9"}
    line = only(read_logs(bill(tmp_path, priced)))
    assert (line["billed"], line["currency"]) == (Decimal("0.9"), "USD")
    assert read_logs(bill(tmp_path, {"BillingCurrency": "CREDITS"})).faults == [
        ("bill.csv", 2, "currency", "BillingCurrency")
    ]


def test_of_1_3_the_service_provider_is_read(tmp_path: Path) -> None:
    line = only(read_logs(bill(tmp_path, {"ProviderName": "", "ServiceProviderName": "Anthropic"})))
    assert line["provider"] == "Anthropic"


def test_compressed_and_with_semicolons(tmp_path: Path) -> None:
    plain = bill(tmp_path, {}, {"BilledCost": "-1"}, delimiter=";")
    packed = tmp_path / "bill.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert [line["billed"] for line in read_logs(tmp_path).bills] == [Decimal("12.5"), Decimal(-1)]


def test_of_a_file_cut_short_nothing_counts(tmp_path: Path) -> None:
    packed = tmp_path / "bill.csv.gz"
    packed.write_bytes(gzip.compress(SAMPLE.read_bytes())[:-2000])
    assert read_logs(packed).bills == []


def test_json_lines(tmp_path: Path) -> None:
    """As Vercel gives them, tags as an object."""
    file = tmp_path / "charges.jsonl"
    row = PLAIN | {"BilledCost": 0.06, "Tags": {"ProjectName": "shop"}}
    file.write_text("".join(json.dumps(row | {"SkuId": sku}) + "\n" for sku in "ab"))
    assert [(line["billed"], line["tags"]) for line in read_logs(file).bills] == [
        (Decimal("0.06"), '{"ProjectName": "shop"}')
    ] * 2


def test_a_list_in_place_of_a_value_is_no_value(tmp_path: Path) -> None:
    file = tmp_path / "charges.jsonl"
    file.write_text(json.dumps(PLAIN | {"ServiceName": ["a"], "Tags": ["b"]}) + "\n")
    line = only(read_logs(file))
    assert (line.get("service"), line.get("tags"), line["billed"]) == (None, None, Decimal("12.5"))


def test_a_line_keeps_its_name_in_another_export_whatever_the_amount(tmp_path: Path) -> None:
    first = read_logs(bill(tmp_path / "a", {}, {}, {"SkuId": "sku-2"}))
    second = read_logs(bill(tmp_path / "b", {"BilledCost": "13"}, {"BilledCost": "14"}, {"SkuId": "sku-2"}))
    names = [line["line"] for line in first.bills]
    assert len(set(names)) == 3  # two alike lines of one file are two
    assert names == [line["line"] for line in second.bills]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ({"BilledCost": "1,5"}, "number", "BilledCost"),
        ({"BilledCost": "NULL"}, "missing", "BilledCost"),
        ({"ListCost": "dear"}, "number", "ListCost"),
        ({"BillingCurrency": ""}, "missing", "BillingCurrency"),
        ({"ChargePeriodStart": "October"}, "time", "ChargePeriodStart"),
        ({"ChargePeriodStart": "NULL"}, "missing", "ChargePeriodStart"),
    ],
)
def test_a_bad_row_costs_that_row(tmp_path: Path, row: dict[str, str], code: str, column: str) -> None:
    found = read_logs(bill(tmp_path, {}, row, {}))
    assert found.faults == [("bill.csv", 3, code, column)]
    assert len(found.bills) == 2


def test_another_table_of_costs_is_no_bill(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("day,vendor,billed,currency\n2026-10-01,OpenAI,12.50,USD\n")
    assert read_logs(file).found.strange == [file]
