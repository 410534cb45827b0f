"""The same calls in several places: counted once, and said. Amounts by hand.

USD a million tokens (payback's price book): gpt-5.4 in 2.50, out 15, past 272,000 tokens of prompt in 5, out
22.50; Sonnet 4.5 in 3, out 15, past 200,000 in 6, out 22.50.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from payback.cli.usage import command
from payback.ledger import calls
from payback.ledger.engine import Engine
from payback.ledger.gather import gather
from payback.ledger.priced import list_price
from payback.prices import PriceBook
from payback.records import Money
from payback.sources import FORMATS
from payback.sources.discover import discover
from payback.usage import usage
from payback.usage.overlap import Overlap, apart
from tests.sources.logs import read_logs
from tests.sources.test_claude_code import answer
from tests.sources.test_claude_code import log as claude_code
from tests.sources.test_litellm import log as litellm

START = 1772323200  # 2026-03-01T00:00:00Z
RESPONSE = "msg_01ABCDEFGHIJKLMNOPQRSTUV"


@dataclass(frozen=True)
class Standing:
    overlaps: tuple[Overlap, ...]
    calls: int
    listed: Money


@contextmanager
def opened(*paths: Path) -> Iterator[Engine]:
    with Engine() as engine:
        gather(engine, discover(paths, FORMATS).files)
        calls.once(engine)
        yield engine


def standing(*paths: Path) -> Standing:
    """What stands in the table once what overlaps is taken out."""
    book = PriceBook.bundled()
    with opened(*paths) as engine:
        overlaps = apart(engine, book, "USD")
        price = list_price(engine, calls.facts(engine), book, "USD", ())
        count, pico = engine.one(
            f"select sum(coalesce(calls, 1)), coalesce(sum({price.pico}), 0) from usage_call u {price.join}"
        )
    return Standing(overlaps, int(count or 0), Money.of_pico(int(pico), "USD"))


def dollars(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def openai(folder: Path, *results: dict[str, Any], name: str = "openai.json", start: int = START) -> Path:
    file = folder / name
    made = [
        {
            "object": "organization.usage.completions.result",
            "project_id": "proj_a",
            "model": "gpt-5.4",
            "output_tokens": 0,
        }
        | each
        for each in results
    ]
    bucket = {"object": "bucket", "start_time": start, "end_time": start + 86400, "results": made}
    file.write_text(json.dumps({"object": "page", "data": [bucket]}), encoding="utf-8")
    return file


def anthropic(folder: Path, *results: dict[str, Any], name: str = "anthropic.json") -> Path:
    file = folder / name
    made = [
        {"workspace_id": "w", "model": "claude-sonnet-4-5-20250929", "output_tokens": 0} | each
        for each in results
    ]
    bucket = {"starting_at": "2026-03-01T00:00:00Z", "ending_at": "2026-03-02T00:00:00Z", "results": made}
    file.write_text(json.dumps({"data": [bucket]}), encoding="utf-8")
    return file


def logged(
    folder: Path, *tokens: int, model: str = "gpt-5.4", day: int = 1, name: str = "spend.jsonl"
) -> Path:
    rows: Sequence[dict[str, Any]] = [
        {
            "model": model,
            "prompt_tokens": count,
            "completion_tokens": 0,
            "total_tokens": count,
            "startTime": f"2026-03-{day:02d}T10:00:00Z",
        }
        for count in tokens
    ]
    return litellm(folder, *rows, name=name)


def test_a_days_sum_is_not_priced_like_one_long_prompt(tmp_path: Path) -> None:
    """1,000,000 tokens of 100 calls at 2.50 are 2.50; one call of so many would be 5."""
    assert standing(
        openai(tmp_path, {"input_tokens": 1_000_000, "num_model_requests": 100})
    ).listed == dollars("2.5")
    assert standing(logged(tmp_path, 1_000_000)).listed == dollars("5")


@pytest.mark.parametrize(
    ("window", "amount"), [("0-200k", "3"), ("200k-1M", "6"), (None, "3")], ids=["short", "long", "not said"]
)
def test_the_vendor_says_which_prompts_were_long(tmp_path: Path, window: str | None, amount: str) -> None:
    """1,000,000 tokens at 3; at 6 where each prompt was longer than 200,000."""
    file = anthropic(tmp_path, {"uncached_input_tokens": 1_000_000, "context_window": window})
    assert standing(file).listed == dollars(amount)


def test_a_long_window_counts_even_where_the_sum_is_small(tmp_path: Path) -> None:
    """100,000 tokens at 6 are 0.60: part of a bucket may be below the length its prompts were past."""
    file = anthropic(tmp_path, {"uncached_input_tokens": 100_000, "context_window": "200k-1M"})
    assert standing(file).listed == dollars("0.6")


def test_a_sum_that_does_not_say_is_a_lower_bound(tmp_path: Path) -> None:
    """Of three sums, one does not say how long its prompts were."""
    files = [
        anthropic(tmp_path, {"uncached_input_tokens": 10, "context_window": "0-200k"}, name="a.json"),
        anthropic(tmp_path, {"uncached_input_tokens": 11, "context_window": "200k-1M"}, name="b.json"),
        anthropic(tmp_path, {"uncached_input_tokens": 12}, name="c.json"),
    ]
    with opened(*files) as engine:
        price = list_price(engine, calls.facts(engine), PriceBook.bundled(), "USD", ())
        found = engine.rows(f"select input_tokens from usage_call u {price.join} where {price.at_least}")
    assert found == [(12,)]


def test_the_side_with_more_tokens_stands(tmp_path: Path) -> None:
    """The vendor has 1,000,000 (2.50), the logs 800,000 in two calls of 400,000, each long (2 x 2.00)."""
    found = standing(
        openai(tmp_path, {"input_tokens": 1_000_000, "num_model_requests": 9}),
        logged(tmp_path, 400_000, 400_000),
    )
    assert (found.calls, found.listed) == (9, dollars("2.5"))
    assert found.overlaps == (Overlap("openai", "openai-usage", "", 2, 0, 1, dollars("4"), or_more=False),)


def test_logs_stand_where_they_have_more_or_as_much(tmp_path: Path) -> None:
    """100,000 in the vendor's sum (0.25), of which it does not say how long its prompts were."""
    found = standing(
        openai(tmp_path, {"input_tokens": 100_000, "num_model_requests": 3}), logged(tmp_path, 60_000, 40_000)
    )
    assert (found.calls, found.listed) == (2, dollars("0.25"))
    assert found.overlaps == (Overlap("openai", "", "openai-usage", 3, 0, 1, dollars("0.25"), or_more=True),)


def test_other_days_models_and_sellers_are_other_calls(tmp_path: Path) -> None:
    vendor = openai(tmp_path, {"input_tokens": 100, "num_model_requests": 1})
    found = standing(
        vendor,
        logged(tmp_path, 10, day=2, name="day.jsonl"),
        logged(tmp_path, 10, model="gpt-5.1", name="model.jsonl"),
        litellm(
            tmp_path,
            {"model": "gpt-5.4", "custom_llm_provider": "azure", "request_id": "azure-1"},
            name="azure.jsonl",
        ),
    )
    assert found.overlaps == ()


def test_a_dated_name_and_one_with_its_seller_are_the_same_model(tmp_path: Path) -> None:
    found = standing(
        openai(tmp_path, {"model": "gpt-5.4-2026-03-05", "input_tokens": 100, "num_model_requests": 1}),
        logged(tmp_path, 10, model="openai/gpt-5.4"),
    )
    assert [(each.aside, each.calls) for each in found.overlaps] == [("", 1)]


def test_logs_that_name_no_seller_are_matched_by_model(tmp_path: Path) -> None:
    """Claude Code names none. Its answer is of 2026-03-01."""
    folder = tmp_path / "claude"
    claude_code(
        folder, answer(model="claude-sonnet-4-5-20250929", usage_input_tokens=10, usage_output_tokens=1)
    )
    found = standing(folder, anthropic(tmp_path, {"uncached_input_tokens": 1000}))
    assert [(each.kept, each.aside, each.calls) for each in found.overlaps] == [("anthropic-usage", "", 1)]


def test_two_reports_of_one_vendor_are_two_sides(tmp_path: Path) -> None:
    """What API customers used in Claude Code is in both; nobody counted the calls."""
    report = tmp_path / "claude_code.json"
    person = {
        "actor": {"email_address": "ann@example.com"},
        "core_metrics": {},
        "date": "2026-03-01",
        "model_breakdown": [{"model": "claude-sonnet-4-5-20250929", "tokens": {"input": 1000, "output": 0}}],
    }
    report.write_text(json.dumps({"data": [person]}), encoding="utf-8")
    found = standing(report, anthropic(tmp_path, {"uncached_input_tokens": 5000, "context_window": "0-200k"}))
    assert found.listed == dollars("0.015")
    (each,) = found.overlaps
    assert (each.kept, each.aside, each.calls, each.uncounted) == (
        "anthropic-usage",
        "claude-code-report",
        0,
        1,
    )
    assert each.listed == dollars("0.003")


def test_a_sum_without_models_yields_to_what_names_them(tmp_path: Path) -> None:
    total = openai(tmp_path, {"model": None, "input_tokens": 900, "num_model_requests": 5}, name="total.json")
    by_model = openai(tmp_path, {"input_tokens": 800, "num_model_requests": 4})
    found = standing(total, by_model)
    assert found.calls == 4
    assert [(each.kept, each.calls, each.or_more) for each in found.overlaps] == [("openai-usage", 5, True)]
    assert standing(total).calls == 5


def test_the_order_of_files_changes_nothing(tmp_path: Path) -> None:
    first = openai(tmp_path, {"input_tokens": 100, "num_model_requests": 1}, name="z.json")
    again = tmp_path / "again"
    again.mkdir()
    second = openai(again, {"input_tokens": 100, "num_model_requests": 1}, name="a.json")
    log = logged(tmp_path, 50, 50)
    assert standing(first, log) == standing(log, second)


def test_an_answer_that_two_tools_logged_is_one_call(tmp_path: Path) -> None:
    """Claude Code has the full output and the session; the gateway the team and the tags."""
    folder = tmp_path / "claude"
    claude_code(folder, answer(RESPONSE, usage_input_tokens=10, usage_output_tokens=300))
    gateway = litellm(tmp_path, {"prompt_tokens": 10, "completion_tokens": 200, "total_tokens": 210})
    text = gateway.read_text(encoding="utf-8").replace(
        '"chatcmpl-0f9a4c1e-2222-4444-8888-aaaaaaaaaaaa0"', f'"{RESPONSE}"'
    )
    gateway.write_text(text.replace('"session_id": "s-1"', '"session_id": null'), encoding="utf-8")
    read = read_logs(folder, gateway)
    (made,) = read.calls
    assert read.copies == 1
    assert (made["tool"], made["output_tokens"]) == ("claude-code", 300)
    assert made["user"] == "ann"
    assert json.loads(made["tags"])["use_case"] == "replies"


def test_ids_that_are_not_a_vendors_are_each_tools_own(tmp_path: Path) -> None:
    folder = tmp_path / "claude"
    claude_code(folder, answer("1", usage_input_tokens=10, usage_output_tokens=300))
    assert len(read_logs(folder, litellm(tmp_path, {"request_id": "1"})).calls) == 2


def test_usage_counts_what_overlaps_once_and_says_how_much_that_was(tmp_path: Path) -> None:
    """As above: 9 calls of the vendor at 2.50 stand; the logs' two, long, would be 4.00 more."""
    vendor = openai(tmp_path, {"input_tokens": 1_000_000, "num_model_requests": 9})
    found = usage([vendor, logged(tmp_path, 400_000, 400_000)])
    assert (found.total.calls, found.total.uncounted) == (9, 0)
    assert found.total.listed == dollars("2.5")
    assert found.total.or_more  # gpt-5.4 has a price for long prompts, and the sum does not say how many were
    assert [(each.kept, each.aside, each.calls) for each in found.overlaps] == [("openai-usage", "", 2)]


def test_calls_that_nobody_counted_are_not_claimed(tmp_path: Path) -> None:
    file = anthropic(tmp_path, {"uncached_input_tokens": 1_000_000, "context_window": "0-200k"})
    found = usage([file, logged(tmp_path, 10)])
    assert (found.total.calls, found.total.uncounted) == (1, 1)
    text = CliRunner().invoke(command, ["--quiet", str(file)]).output
    assert "1 sum of uncounted calls, 1 file" in text
    assert re.search(r"claude-sonnet-4-5-20250929 +\? +1\.0 M +0 +0 +0 +3\.00", text)


def test_what_overlaps_is_said(tmp_path: Path) -> None:
    vendor = openai(tmp_path, {"input_tokens": 1_000_000, "num_model_requests": 9})
    log = logged(tmp_path, 400_000, 400_000)
    text = " ".join(CliRunner().invoke(command, ["--quiet", str(vendor), str(log)]).output.split())
    assert (
        "2 calls in logs are also in the export OpenAI usage, of the same days and models, and count once: "
        "4.00 more at list if they are others" in text
    )
    assert "1 sum of calls does not say how long its prompts were: long ones cost more" in text


def test_a_sum_without_models_says_how_to_export_it(tmp_path: Path) -> None:
    total = openai(tmp_path, {"model": None, "input_tokens": 900, "num_model_requests": 5})
    text = " ".join(CliRunner().invoke(command, ["--quiet", str(total)]).output.split())
    assert "5 calls without a price: the export does not name models: export it grouped by model" in text
    assert "not priced" in text


def test_a_trace_and_a_gateway_know_different_things_of_one_call(tmp_path: Path) -> None:
    """The same counts in both: one call, with the trace's span and session and the gateway's person and price."""
    gateway = litellm(tmp_path, {"session_id": None})
    response = json.loads(gateway.read_text(encoding="utf-8"))["request_id"]
    told = {
        "gen_ai.operation.name": {"stringValue": "chat"},
        "gen_ai.request.model": {"stringValue": "gpt-5.1"},
        "gen_ai.response.id": {"stringValue": response},
        "gen_ai.usage.input_tokens": {"intValue": "1000"},
        "gen_ai.usage.output_tokens": {"intValue": "100"},
        "gen_ai.conversation.id": {"stringValue": "conversation-9"},
    }
    span = {
        "traceId": "0af7651916cd43dd8448eb211c80319c",
        "spanId": "b7ad6b7169203331",
        "name": "chat gpt-5.1",
        "kind": 3,
        "startTimeUnixNano": "1772359200000000000",
        "endTimeUnixNano": "1772359202500000000",
        "attributes": [{"key": key, "value": value} for key, value in told.items()],
    }
    trace = tmp_path / "traces.jsonl"
    trace.write_text(
        json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}) + "\n", encoding="utf-8"
    )
    (made,) = read_logs(trace, gateway).calls
    assert (made["tool"], made["user"], made["session"]) == ("litellm", "ann", "conversation-9")
    assert (made["trace"], made["span"]) == (span["traceId"], span["spanId"])
