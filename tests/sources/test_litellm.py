"""Every trap of docs/formats/litellm.md, on files of a few rows."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from payback.sources import litellm
from payback.sources.formats import Call
from tests.sources.logs import read_logs, without

ROW: dict[str, Any] = {
    "request_id": "chatcmpl-0f9a4c1e-2222-4444-8888-aaaaaaaaaaaa",
    "call_type": "acompletion",
    "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
    "spend": 0.0123,
    "total_tokens": 1100,
    "prompt_tokens": 1000,
    "completion_tokens": 100,
    "startTime": "2026-03-01T10:00:00.000Z",
    "endTime": "2026-03-01T10:00:02.500Z",
    "model": "gpt-5.1",
    "model_group": "house-model",
    "custom_llm_provider": "openai",
    "user": "ann",
    "metadata": {"status": "success", "user_api_key_team_alias": "support"},
    "cache_hit": "False",
    "request_tags": ["use_case:replies", "beta", "User-Agent: litellm/1.89"],
    "team_id": "t-1",
    "end_user": "customer-7",
    "status": "success",
    "session_id": "s-1",
    "messages": [{"role": "user", "content": "CANARY"}],
    "response": {"choices": ["CANARY"]},
    "proxy_server_request": {"body": "CANARY"},
}


def log(folder: Path, *rows: dict[str, Any], name: str = "spend.jsonl") -> Path:
    file = folder / name
    made = [ROW | {"request_id": f"{ROW['request_id']}{at}"} | row for at, row in enumerate(rows)]
    if file.suffix == ".csv":
        with file.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, list(ROW))
            writer.writeheader()
            writer.writerows(
                {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in row.items()}
                for row in made
            )
    elif file.suffix == ".json":
        file.write_text(json.dumps(made, indent=2), encoding="utf-8")
    else:
        file.write_text("".join(json.dumps(row) + "\n" for row in made), encoding="utf-8")
    return file


def used(**usage: Any) -> dict[str, Any]:
    return {"metadata": {"status": "success", "usage_object": usage}}


def counts(file: Path) -> list[tuple[int, ...]]:
    """Fresh, cached, written for five minutes and an hour, output of each call."""
    names = (
        "input_tokens",
        "cached_tokens",
        "cache_write_5m_tokens",
        "cache_write_1h_tokens",
        "output_tokens",
    )
    return [tuple(call.get(name, 0) for name in names) for call in read_logs(file).calls]


@pytest.mark.parametrize("name", ["spend.jsonl", "spend.json", "spend.csv"])
def test_a_row_in_every_layout_is_the_same_call(tmp_path: Path, name: str) -> None:
    file = log(tmp_path, {}, name=name)
    (call,) = read_logs(file).calls
    tags = {
        "end_user": "customer-7",
        "model_group": "house-model",
        "use_case": "replies",
        "beta": "true",
    }
    assert json.loads(call["tags"]) == tags
    assert without(call, "row", "tags") == {
        "time": datetime(2026, 3, 1, 10),  # noqa: DTZ001  the ledger's times are UTC without a zone
        "provider": "openai",
        "model": "gpt-5.1",
        "input_tokens": 1000,
        "output_tokens": 100,
        "stated_cost": Decimal("0.0123"),
        "stated_currency": "USD",
        "seconds": Decimal("2.5"),
        "message": ROW["request_id"] + "0",
        "user": "ann",
        "session": "s-1",
        "trace": "s-1",
        "project": "support",
        "tool": "litellm",
        "file": str(file),
    }


def test_nothing_asked_or_answered_and_no_key_is_held(tmp_path: Path) -> None:
    read = read_logs(log(tmp_path, {}), log(tmp_path, {"request_id": "other"}, name="spend.csv"))
    assert len(read.calls) == 2
    assert "CANARY" not in str(read)
    assert ROW["api_key"] not in str(read)


def test_the_prompt_includes_what_was_cached_and_written(tmp_path: Path) -> None:
    """1,000 of prompt hold 600 read and 100 written: 300 are fresh."""
    file = log(tmp_path, used(cache_read_input_tokens=600, cache_creation_input_tokens=100))
    assert counts(file) == [(300, 600, 100, 0, 100)]


def test_cached_tokens_as_openai_counts_them(tmp_path: Path) -> None:
    file = log(tmp_path, used(prompt_tokens_details={"cached_tokens": 800}))
    assert counts(file) == [(200, 800, 0, 0, 100)]


def test_a_prompt_smaller_than_its_parts_does_not_include_them(tmp_path: Path) -> None:
    """The row of litellm#15056: 31 of prompt beside 1,253 written."""
    row = {"prompt_tokens": 31, "completion_tokens": 467, "total_tokens": 498}
    file = log(tmp_path, row | used(cache_creation_input_tokens=1253, cache_read_input_tokens=0))
    assert counts(file) == [(31, 0, 1253, 0, 467)]


def test_a_total_with_the_parts_on_top_says_that_the_prompt_does_not_include_them(tmp_path: Path) -> None:
    file = log(tmp_path, {"total_tokens": 1700} | used(cache_read_input_tokens=600))
    assert counts(file) == [(1000, 600, 0, 0, 100)]


def test_the_breakdown_of_what_was_written_yields_to_its_total(tmp_path: Path) -> None:
    """The row of litellm#42663: of 184,457 written only 31,490 are in the breakdown.

    734,311 - 426,653 - 184,457 = 123,201 fresh.
    """
    row = {"prompt_tokens": 734311, "completion_tokens": 10, "total_tokens": 734321}
    split = {"ephemeral_5m_input_tokens": 31490, "ephemeral_1h_input_tokens": 0}
    usage = used(
        prompt_tokens=734311,
        cache_read_input_tokens=426653,
        cache_creation_input_tokens=184457,
        prompt_tokens_details={"cache_creation_token_details": split},
        server_tool_use={"web_search_requests": 5},
    )
    file = log(tmp_path, row | usage)
    assert counts(file) == [(123201, 426653, 184457, 0, 10)]
    assert json.loads(read_logs(file).calls[0]["meters"]) == {"web_search": 5}


def test_what_was_written_for_an_hour_costs_more(tmp_path: Path) -> None:
    split = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 300}
    details = {"cache_creation_token_details": split}
    file = log(tmp_path, used(cache_creation_input_tokens=400, prompt_tokens_details=details))
    assert counts(file) == [(600, 0, 100, 300, 100)]


def test_a_spend_of_zero_beside_tokens_is_not_known(tmp_path: Path) -> None:
    """litellm#37923 and #40100: streams are logged with 0; the breakdown may know better."""
    better = {"metadata": {"cost_breakdown": {"total_cost": 0.0006}}}
    first, second = read_logs(log(tmp_path, {"spend": 0.0}, {"spend": 0.0} | better)).calls
    assert "stated_cost" not in first
    assert first["input_tokens"] == 1000
    assert second["stated_cost"] == Decimal("0.0006")


def test_an_answer_from_the_gateways_own_cache_is_no_call(tmp_path: Path) -> None:
    read = read_logs(log(tmp_path, {}, {"cache_hit": "True", "spend": 0.0}))
    assert len(read.calls) == 1
    assert read.skipped == {"gateway-cache": 1}


NOTHING = {"spend": 0.0, "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "status": "failure"}


@pytest.mark.parametrize(
    ("code", "input_tokens"), [("429", 0), ("400", 0), ("408", None), ("500", None), ("", None)]
)
def test_a_failure_cost_nothing_only_where_the_vendor_refused(
    tmp_path: Path, code: str, input_tokens: int | None
) -> None:
    metadata = {
        "error_information": {"error_class": "SomeError", "error_code": code, "error_message": "CANARY"}
    }
    (call,) = litellm.read(log(tmp_path, NOTHING | {"metadata": metadata}), "lines")
    assert isinstance(call, Call)
    assert (call.input_tokens, call.output_tokens, call.error) == (input_tokens, input_tokens, "SomeError")
    assert "CANARY" not in str(call)


def test_no_tokens_of_an_answer_are_not_metered(tmp_path: Path) -> None:
    """litellm#36523: streams through the pass-through are logged with 0 tokens and 0 spend."""
    (call,) = litellm.read(log(tmp_path, NOTHING | {"status": "success"}), "lines")
    assert isinstance(call, Call)
    assert (call.input_tokens, call.output_tokens) == (None, None)


def test_tools_of_the_gateway_are_no_calls(tmp_path: Path) -> None:
    rows = [
        NOTHING | {"status": "success", "call_type": kind} for kind in ("call_mcp_tool", "list_mcp_tools")
    ]
    assert read_logs(log(tmp_path, *rows)).calls == []


def test_a_total_above_its_parts(tmp_path: Path) -> None:
    """50 more: reasoning where it is counted so; otherwise nobody knows of what, and the count is too low."""
    reasoning = used(completion_tokens_details={"reasoning_tokens": 50})
    first, second = read_logs(log(tmp_path, {"total_tokens": 1150} | reasoning, {"total_tokens": 1150})).calls
    assert (first["output_tokens"], first.get("unfinished")) == (150, None)
    assert (second["output_tokens"], second.get("unfinished")) == (100, True)


def test_a_row_written_twice_is_one_call(tmp_path: Path) -> None:
    read = read_logs(log(tmp_path, {}), log(tmp_path, {}, name="again.csv"))
    assert len(read.calls) == 1
    assert read.copies == 1


def test_damage_costs_its_row_alone(tmp_path: Path) -> None:
    file = log(tmp_path, {}, {"startTime": "soon"}, {"prompt_tokens": 1.5}, {})
    file.write_text(file.read_text(encoding="utf-8") + '{"request_id": "torn', encoding="utf-8")
    read = read_logs(file)
    assert len(read.calls) == 2
    assert read.faults == [
        ("spend.jsonl", 2, "time", "startTime"),
        ("spend.jsonl", 3, "not-whole", "prompt_tokens"),
        ("spend.jsonl", 5, "json", ""),
    ]


def test_half_a_character_and_nul_do_not_cost_the_row(tmp_path: Path) -> None:
    file = log(tmp_path, {"user": "ann\ud83d", "request_tags": ["team:\ud83d", "a\0b"], "session_id": "s\0"})
    (call,) = read_logs(file).calls
    assert (call["user"], call["session"]) == ("ann?", "s")
    assert {"team": "?", "ab": "true"}.items() <= json.loads(call["tags"]).items()
