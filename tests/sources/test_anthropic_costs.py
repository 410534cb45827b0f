"""Costs of Anthropic. Pages as in Anthropic's reference; CSV columns as in exports people published."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.sources.logs import read_logs

HEADER = (
    "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,"
    "cost_type,inference_geo,speed,api_key_id,api_key_status"
)


def item(amount: object, **more: Any) -> dict[str, Any]:
    return {
        "amount": amount,
        "currency": "USD",
        "description": "Claude Sonnet 4.5 Usage - Input Tokens",
        "cost_type": "tokens",
        "model": "claude-sonnet-4-5-20250929",
        "service_tier": "standard",
        "context_window": "0-200k",
        "token_type": "uncached_input_tokens",
        "workspace_id": None,
        **more,
    }


def report(folder: Path, *items: dict[str, Any], day: str = "2026-10-03", name: str = "report.json") -> Path:
    after = date.fromisoformat(day).toordinal() + 1
    bucket = {
        "starting_at": f"{day}T00:00:00Z",
        "ending_at": f"{date.fromordinal(after)}T00:00:00Z",
        "results": list(items),
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(json.dumps({"data": [bucket], "has_more": False, "next_page": None}))
    return file


@pytest.mark.parametrize(
    ("amount", "dollars"),
    [("123.45", "1.2345"), ("123.78912", "1.2378912"), ("0.0001", "0.000001"), ("-50", "-0.5")],
)
def test_the_report_counts_in_cents(tmp_path: Path, amount: str, dollars: str) -> None:
    """Anthropic's reference: "123.45" in "USD" represents $1.23."""
    (line,) = read_logs(report(tmp_path, item(amount))).bills
    assert (line["billed"], line["currency"]) == (Decimal(dollars), "USD")


def test_a_line_of_the_report(tmp_path: Path) -> None:
    (line,) = read_logs(report(tmp_path, item("100", service_tier="batch", workspace_id="wrkspc_1"))).bills
    assert (line["day"], line["day_after"]) == (date(2026, 10, 3), date(2026, 10, 4))
    assert (line["provider"], line["service_tier"], line["project"]) == ("anthropic", "batch", "wrkspc_1")
    assert (line["model"], line["kind"]) == ("claude-sonnet-4-5-20250929", "usage")


def test_what_is_not_charged_by_tokens_has_no_model(tmp_path: Path) -> None:
    search = item("12", description="Web Search Usage", cost_type="web_search", model=None, token_type=None)
    (line,) = read_logs(report(tmp_path, search)).bills
    assert (line["item"], line.get("model")) == ("Web Search Usage", None)


def test_lines_that_differ_in_one_thing_are_two(tmp_path: Path) -> None:
    file = report(
        tmp_path,
        item("1"),
        item("1", token_type="output_tokens"),  # noqa: S106  no password
        item("1", context_window="200k-1M"),
        item("1", service_tier="batch"),
        item("1", inference_geo="us"),
        item("1", workspace_id="wrkspc_1"),
    )
    again = report(tmp_path, item("2"), name="again.json")
    names = [line["line"] for line in read_logs(file, again).bills]
    assert len(set(names)) == 6  # the last is the first again, at another amount


def test_another_currency_is_not_guessed(tmp_path: Path) -> None:
    assert [fault[2:] for fault in read_logs(report(tmp_path, item("1", currency="JPY"))).faults] == [
        ("currency", "currency")
    ]


def test_the_console_s_export_counts_in_dollars(tmp_path: Path) -> None:
    file = tmp_path / "claude_api_cost_2026_08.csv"
    file.write_text(
        f"{HEADER}\n"
        "2026-08-05,Claude Sonnet 4.5,Default,demo,message,≤ 200k,input_cache_read,0.10,1.00,token,global,,apikey_1,active\n"
        "2026-08-05,,Default,demo,,,,0.30,0.30,web_search,,,apikey_1,active\n",
        encoding="utf-8",
    )
    tokens, search = read_logs(file).bills
    assert (tokens["day"], tokens["billed"], tokens["listed"]) == (
        date(2026, 8, 5),
        Decimal("0.1"),
        Decimal(1),
    )
    assert (tokens["model"], tokens["item"]) == ("claude-sonnet-4.5", "input_cache_read")
    assert (search["item"], search.get("model"), search["billed"]) == ("web_search", None, Decimal("0.3"))


def test_an_early_export_had_fewer_columns(tmp_path: Path) -> None:
    file = tmp_path / "claude_api_cost_2024_12.csv"
    file.write_text(
        "usage_date_utc,model,workspace,api_key,usage_type,token_type,cost_usd\n"
        "2024-12-07,Claude 3.5 Sonnet 2024-10-22,,S,message,input_no_cache,0.02\n"
    )
    (line,) = read_logs(file).bills
    assert (line["model"], line["billed"]) == ("claude-3.5-sonnet-2024-10-22", Decimal("0.02"))


def test_a_bad_row_costs_that_row(tmp_path: Path) -> None:
    file = tmp_path / "cost.csv"
    file.write_text("usage_date_utc,cost_usd\n2026-08-01,free\nAugust,0.1\n2026-08-02,0.25\n")
    found = read_logs(file)
    assert [fault[1:] for fault in found.faults] == [(2, "number", "cost_usd"), (3, "time", "usage_date_utc")]
    assert [line["billed"] for line in found.bills] == [Decimal("0.25")]
