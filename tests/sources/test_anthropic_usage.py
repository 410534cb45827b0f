"""Every trap of docs/formats/anthropic-usage.md, on files of a few results."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from payback.sources import anthropic_usage
from payback.sources.formats import Call
from tests.sources.logs import read_logs, without

RESULT: dict[str, Any] = {
    "uncached_input_tokens": 1500,
    "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500},
    "cache_read_input_tokens": 200,
    "output_tokens": 500,
    "server_tool_use": {"web_search_requests": 10},
    "api_key_id": "apikey_01Rj2N8SVvo6BePZj99NhmiT",
    "workspace_id": "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ",
    "model": "claude-sonnet-4-20250514",
    "service_tier": "standard",
    "context_window": "0-200k",
}
"""The example of the page that documents the report."""


def bucket(*results: dict[str, Any], day: int = 1) -> dict[str, Any]:
    return {
        "starting_at": f"2025-08-{day:02d}T00:00:00Z",
        "ending_at": f"2025-08-{day + 1:02d}T00:00:00Z",
        "results": list(results),
    }


def log(folder: Path, *results: dict[str, Any], name: str = "usage.json") -> Path:
    file = folder / name
    page = {"data": [bucket(*results)], "has_more": False, "next_page": None}
    file.write_text(json.dumps(page, indent=2), encoding="utf-8")
    return file


def test_a_result_is_a_sum_of_calls_that_nobody_counted(tmp_path: Path) -> None:
    file = log(tmp_path, RESULT)
    (made,) = read_logs(file).calls
    assert without(made, "row", "file", "message") == {
        "time": datetime(2025, 8, 1),  # noqa: DTZ001  the ledger's times are UTC without a zone
        "provider": "anthropic",
        "model": "claude-sonnet-4-20250514",
        "service_tier": "standard",
        "input_tokens": 1500,
        "cached_tokens": 200,
        "cache_write_5m_tokens": 500,
        "cache_write_1h_tokens": 1000,
        "output_tokens": 500,
        "meters": '{"web_search": 10}',
        "project": "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ",
        "tags": '{"key": "apikey_01Rj2N8SVvo6BePZj99NhmiT"}',
        "tool": "anthropic-usage",
    }
    (direct,) = anthropic_usage.read(file, "documents")
    assert isinstance(direct, Call)
    assert (direct.calls, direct.long_context) == (0, False)


HEADER = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
    "usage_output_tokens,web_search_count,inference_geo,speed\n"
)


def csv(folder: Path, *lines: str) -> Path:
    file = folder / "claude_api_tokens.csv"
    file.write_text(HEADER + "".join(line + "\n" for line in lines), encoding="utf-8")
    return file


def test_the_csv_of_the_console_is_the_same(tmp_path: Path) -> None:
    """Header and row as its exports of August 2026 have them; a name of a workspace may hold a comma."""
    file = csv(
        tmp_path,
        '2026-08-05,claude-opus-5,Closer App,"Sales, EU",standard,≤ 200k,46981,15969,0,7,16932,3,global,',
    )
    (made,) = read_logs(file).calls
    assert without(made, "row", "file", "message") == {
        "time": datetime(2026, 8, 5),  # noqa: DTZ001  the ledger's times are UTC without a zone
        "provider": "anthropic",
        "model": "claude-opus-5",
        "service_tier": "standard",
        "input_tokens": 46981,
        "cached_tokens": 7,
        "cache_write_5m_tokens": 15969,
        "output_tokens": 16932,
        "meters": '{"web_search": 3}',
        "project": "Sales, EU",
        "tags": '{"key": "Closer App", "inference_geo": "global"}',
        "tool": "anthropic-usage",
    }


@pytest.mark.parametrize(
    ("window", "long"),
    [("0-200k", False), ("200k-1M", True), ("≤ 200k", False), ("> 200k", True), (None, None)],
)
def test_the_window_says_whether_prompts_were_long(
    tmp_path: Path, window: str | None, long: bool | None
) -> None:
    (direct,) = anthropic_usage.read(log(tmp_path, RESULT | {"context_window": window}), "documents")
    assert isinstance(direct, Call)
    assert direct.long_context is long


def test_the_fast_mode_is_a_tier(tmp_path: Path) -> None:
    file = csv(tmp_path, "2026-08-05,claude-opus-5,k,w,standard,≤ 200k,1,0,0,0,1,0,global,fast")
    assert read_logs(file).calls[0]["service_tier"] == "fast"


def test_two_windows_of_one_bucket_are_two_sums(tmp_path: Path) -> None:
    assert len(read_logs(log(tmp_path, RESULT, RESULT | {"context_window": "200k-1M"})).calls) == 2


def test_a_bucket_exported_again_later_counts_once_with_what_came_since(tmp_path: Path) -> None:
    early = log(tmp_path, RESULT | {"output_tokens": 20})
    (made,) = read_logs(early, log(tmp_path, RESULT, name="late.json")).calls
    assert made["output_tokens"] == 500


def test_a_bucket_in_which_nothing_was_used_is_none(tmp_path: Path) -> None:
    nothing = {"uncached_input_tokens": 0, "cache_creation": None, "output_tokens": 0}
    read = read_logs(log(tmp_path, nothing, RESULT))
    assert len(read.calls) == 1
    assert read.faults == []


def test_a_count_that_is_none_costs_its_result_alone(tmp_path: Path) -> None:
    read = read_logs(log(tmp_path, RESULT | {"output_tokens": "many"}, RESULT))
    assert len(read.calls) == 1
    assert [fault[2:] for fault in read.faults] == [("not-whole", "output_tokens")]


PERSON: dict[str, Any] = {
    "actor": {"email_address": "ann@example.com", "type": "user_actor"},
    "core_metrics": {"commits_by_claude_code": 8, "num_sessions": 15},
    "customer_type": "api",
    "date": "2025-08-08T00:00:00Z",
    "model_breakdown": [
        {
            "estimated_cost": {"amount": 186, "currency": "USD"},
            "model": "claude-sonnet-4-20250514",
            "tokens": {"cache_creation": 2340, "cache_read": 8790, "input": 45230, "output": 12450},
        },
        {"model": "claude-3-5-haiku-20241022", "tokens": {"input": 23100, "output": 5680}},
    ],
    "organization_id": "12345678-1234-5678-1234-567812345678",
    "terminal_type": "iTerm.app",
}
"""The example of the page that documents the report, its second model shortened."""


def test_the_report_of_claude_code_is_a_sum_for_each_person_and_model(tmp_path: Path) -> None:
    """186 cents are 1.86."""
    file = tmp_path / "claude_code.json"
    file.write_text(json.dumps({"data": [PERSON], "has_more": False}, indent=2), encoding="utf-8")
    haiku, sonnet = sorted(read_logs(file).calls, key=lambda made: made["model"])
    assert without(sonnet, "row", "file", "message", "tags") == {
        "time": datetime(2025, 8, 8),  # noqa: DTZ001  the ledger's times are UTC without a zone
        "provider": "anthropic",
        "model": "claude-sonnet-4-20250514",
        "input_tokens": 45230,
        "cached_tokens": 8790,
        "cache_write_5m_tokens": 2340,
        "output_tokens": 12450,
        "stated_cost": Decimal("1.86"),
        "stated_currency": "USD",
        "user": "ann@example.com",
        "service": "claude-code",
        "tool": "claude-code-report",
    }
    assert (haiku["input_tokens"], haiku["output_tokens"]) == (23100, 5680)
