"""Costs of OpenAI. Pages as in OpenAI's reference; CSV columns as in exports people published."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.sources.logs import read_logs

OCTOBER = 1790812800  # 2026-10-01T00:00:00Z, by `date -u -d @1790812800`
DAY = 86400


def result(value: object, item: str | None = None, project: str | None = None) -> dict[str, Any]:
    return {
        "object": "organization.costs.result",
        "amount": {"value": value, "currency": "usd"},
        "line_item": item,
        "project_id": project,
    }


def page(*results: dict[str, Any], day: int = 0) -> dict[str, Any]:
    start = OCTOBER + day * DAY
    bucket = {"object": "bucket", "start_time": start, "end_time": start + DAY, "results": list(results)}
    return {"object": "page", "data": [bucket], "has_more": False, "next_page": None}


def costs(folder: Path, *pages: dict[str, Any], name: str = "costs.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(json.dumps(pages[0], indent=1) if len(pages) == 1 else json.dumps(pages))
    return file


def test_amounts_are_dollars(tmp_path: Path) -> None:
    """The example of the reference: 0.06 usd on 2024-11-01."""
    bucket = {"object": "bucket", "start_time": 1730419200, "end_time": 1730505600, "results": [result(0.06)]}
    (line,) = read_logs(costs(tmp_path, {"object": "page", "data": [bucket], "has_more": False})).bills
    assert (line["billed"], line["currency"]) == (Decimal("0.06"), "USD")
    assert (line["day"], line["day_after"]) == (date(2024, 11, 1), date(2024, 11, 2))
    assert (line["provider"], line["kind"]) == ("openai", "usage")


def test_pages_one_after_the_other_and_amounts_as_text(tmp_path: Path) -> None:
    pages = [page(result("0.8958740000000000")), page(result(1e-07), day=1)]
    listed = costs(tmp_path / "a", *pages)
    lines = tmp_path / "a" / "more.json"
    lines.write_text("".join(json.dumps(page(result(2), day=day)) + "\n" for day in (2, 3)))
    assert [line["billed"] for line in read_logs(listed, lines).bills] == [
        *(Decimal("0.895874"), Decimal("0.0000001"), Decimal(2), Decimal(2))
    ]


@pytest.mark.parametrize(
    ("item", "model", "tier"),
    [
        ("gpt-5.4-2026-03-05, cached input", "gpt-5.4-2026-03-05", None),
        ("gpt-4o-2024-08-06, Output", "gpt-4o-2024-08-06", None),
        ("gpt-4o-2024-08-06 batch, input", "gpt-4o-2024-08-06", "batch"),
        ("gpt-5.4 (flex), input", "gpt-5.4", "flex"),
        ("GPT-4o mini", "gpt-4o-mini", None),
        ("text-embedding-3-small, input", "text-embedding-3-small", None),
        ("web search tool calls", None, None),
        ("Completions", None, None),
        (None, None, None),
    ],
)
def test_a_line_item_names_a_model_or_what_is_not_charged_by_tokens(
    tmp_path: Path, item: str | None, model: str | None, tier: str | None
) -> None:
    (line,) = read_logs(costs(tmp_path, page(result(1, item)))).bills
    assert (line.get("item"), line.get("model"), line.get("service_tier")) == (item, model, tier)


def test_a_day_exported_twice_keeps_its_names(tmp_path: Path) -> None:
    first = costs(
        tmp_path, page(result(1, "gpt-5.4, input", "proj_a"), result(2, "gpt-5.4, input", "proj_b"))
    )
    again = costs(tmp_path, page(result(9, "gpt-5.4, input", "proj_a")), name="later.json")
    names = [line["line"] for line in read_logs(first, again).bills]
    assert (names[0] == names[2], len(set(names))) == (True, 2)


def test_the_dashboard_s_export_leaves_days_without_costs_empty(tmp_path: Path) -> None:
    file = tmp_path / "cost.csv"
    file.write_text(
        "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,"
        "organization_id,organization_name\n"
        "1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,0.8958740000000000,usd,,,org-1,P\n"
        "1759968000,1760054400,2025-10-09T00:00:00+00:00,2025-10-10T00:00:00+00:00,,,,,,\n"
    )
    found = read_logs(file)
    (line,) = found.bills
    assert (line["day"], line["billed"], line["account"]) == (date(2025, 10, 5), Decimal("0.895874"), "org-1")
    assert found.faults == []


def test_of_the_old_export_the_cents_are_not_read(tmp_path: Path) -> None:
    """`cost` is in cents, `cost_in_major` in dollars."""
    file = tmp_path / "cost-2024-08-01-2024-09-01.csv"
    file.write_text(
        "timestamp,currency,name,cost,organization_id,organization_name,project_id,project_name,cost_in_major,date\n"
        "1722470400,usd,GPT-4o mini,123.45,org-1,Ours,proj_a,Shop,1.2345,2024-08-01\n"
    )
    (line,) = read_logs(file).bills
    assert (line["billed"], line["model"], line["project"]) == (Decimal("1.2345"), "gpt-4o-mini", "proj_a")
    assert line["day"] == date(2024, 8, 1)


def test_pages_of_usage_are_no_costs(tmp_path: Path) -> None:
    usage = {"object": "organization.usage.completions.result", "input_tokens": 1000, "model": "gpt-5.4"}
    file = costs(tmp_path, page(usage))
    assert [each for each in read_logs(file).bills if each["tool"] == "openai-costs"] == []


def test_a_damaged_amount_costs_that_line(tmp_path: Path) -> None:
    found = read_logs(costs(tmp_path, page(result("many"), result(None), result(1))))
    assert {fault[2:] for fault in found.faults} == {("number", "amount"), ("missing", "amount")}
    assert [line["billed"] for line in found.bills] == [1]
