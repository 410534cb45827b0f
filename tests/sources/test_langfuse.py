"""Every trap of docs/formats/langfuse.md, on files of a few rows."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from payback.sources import langfuse
from payback.sources.formats import Call
from tests.sources.logs import read_logs, without

OBSERVATION: dict[str, Any] = {
    "id": "obs-1",
    "traceId": "trace-1",
    "type": "GENERATION",
    "name": "answer",
    "startTime": "2026-03-01T10:00:00.000Z",
    "endTime": "2026-03-01T10:00:02.500Z",
    "model": "gpt-5.1",
    "environment": "production",
    "level": "DEFAULT",
    "statusMessage": "CANARY",
    "parentObservationId": None,
    "usageDetails": {"input": 300, "output": 50, "total": 350},
    "costDetails": {"input": 0.001, "total": 0.0042},
    "calculatedTotalCost": 0.0042,
    "input": [{"role": "user", "content": "CANARY"}],
    "output": "CANARY",
    "metadata": {"note": "CANARY"},
}


def page(folder: Path, *rows: dict[str, Any], name: str = "observations.json") -> Path:
    made = [OBSERVATION | {"id": f"obs-{at}"} | row for at, row in enumerate(rows, 1)]
    file = folder / name
    file.write_text(json.dumps({"data": made, "meta": {"page": 1}}, indent=2), encoding="utf-8")
    return file


def counts(folder: Path, **usage: int) -> tuple[int, ...]:
    """Fresh, cached, written for five minutes and an hour, output, reasoning."""
    names = (
        "input_tokens",
        "cached_tokens",
        "cache_write_5m_tokens",
        "cache_write_1h_tokens",
        "output_tokens",
    )
    (call,) = read_logs(page(folder, {"usageDetails": usage})).calls
    return tuple(call.get(name, 0) for name in (*names, "reasoning_tokens"))


CALL = {
    "time": datetime(2026, 3, 1, 10),  # noqa: DTZ001  the ledger's times are UTC without a zone
    "model": "gpt-5.1",
    "input_tokens": 300,
    "output_tokens": 50,
    "stated_cost": Decimal("0.0042"),
    "stated_currency": "USD",
    "seconds": Decimal("2.5"),
    "message": "obs-1",
    "trace": "trace-1",
    "span": "obs-1",
    "tags": '{"environment": "production", "observation": "answer"}',
    "tool": "langfuse",
}


def test_a_generation_is_a_call(tmp_path: Path) -> None:
    (call,) = read_logs(page(tmp_path, {})).calls
    assert without(call, "row", "file") == CALL


def test_nothing_asked_or_answered_is_held(tmp_path: Path) -> None:
    read = read_logs(page(tmp_path, {}))
    assert read.calls
    assert "CANARY" not in str(read)


@pytest.mark.parametrize("name", ["observations.jsonl", "observations.csv"])
def test_exports_to_storage_are_the_same(tmp_path: Path, name: str) -> None:
    """Names with underscores, times without a zone in UTC, objects as JSON in cells; enriched with the trace."""
    row = {
        "id": "obs-1",
        "trace_id": "trace-1",
        "type": "GENERATION",
        "name": "answer",
        "start_time": "2026-03-01 10:00:00.000000",
        "end_time": "2026-03-01 10:00:02.500000",
        "provided_model_name": "gpt-5.1",
        "environment": "production",
        "usage_details": {"input": 300, "output": 50, "total": 350},
        "cost_details": {"total": 0.0042},
        "total_cost": 0.0042,
        "user_id": "ann",
        "session_id": "s-1",
        "trace_name": "support",
        "input": "CANARY, and\nanother line",
    }
    file = tmp_path / name
    if name.endswith("csv"):
        with file.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, list(row))
            writer.writeheader()
            writer.writerow({k: json.dumps(v) if isinstance(v, dict) else v for k, v in row.items()})
    else:
        file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (call,) = read_logs(file).calls
    assert without(call, "row", "file") == CALL | {"user": "ann", "session": "s-1", "service": "support"}


def test_a_trace_says_whose_its_observations_and_scores_are(tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    trace = {
        "id": "trace-1",
        "name": "support",
        "userId": "ann",
        "sessionId": "s-1",
        "tags": ["team:eu", "beta"],
    }
    score = {
        "name": "correct",
        "value": 1,
        "dataType": "BOOLEAN",
        "source": "EVAL",
        "timestamp": "2026-03-02T00:00:00Z",
    }
    document = {"trace": trace, "observations": [OBSERVATION], "scores": [score | {"traceId": "trace-1"}]}
    file.write_text(json.dumps(document, indent=1), encoding="utf-8")
    read = read_logs(file)
    (call,) = read.calls
    assert (call["user"], call["session"], call["service"]) == ("ann", "s-1", "support")
    assert json.loads(call["tags"])["team"] == "eu"
    assert [outcome["trace"] for outcome in read.outcomes] == ["trace-1"]


@pytest.mark.parametrize(
    "kind", ["SPAN", "EVENT", "AGENT", "TOOL", "CHAIN", "RETRIEVER", "EVALUATOR", "GUARDRAIL"]
)
def test_a_step_around_a_model_is_no_call(tmp_path: Path, kind: str) -> None:
    assert read_logs(page(tmp_path, {"type": kind}, {})).calls[0]["span"] == "obs-2"


def test_cached_tokens_inside_the_input(tmp_path: Path) -> None:
    """The counts of langfuse#10592 with the total the vendor gave: 17,903 of input hold 17,817 cached."""
    assert counts(tmp_path, input=17_903, input_cached_tokens=17_817, output=10, total=17_913) == (
        86,
        17_817,
        0,
        0,
        10,
        0,
    )


def test_cached_tokens_beside_the_input(tmp_path: Path) -> None:
    assert counts(tmp_path, input=86, input_cached_tokens=17_817, output=10, total=17_913) == (
        86,
        17_817,
        0,
        0,
        10,
        0,
    )


def test_cached_and_written_tokens_of_anthropic(tmp_path: Path) -> None:
    """The counts of langfuse#12306: 5 fresh, 128,955 read, 1,253 written, in the input or beside it."""
    usage = {"cache_read_input_tokens": 128_955, "cache_creation_input_tokens": 1_253, "output": 7}
    expected = (5, 128_955, 1_253, 0, 7, 0)
    assert counts(tmp_path, input=130_213, total=130_220, **usage) == expected
    assert counts(tmp_path, input=5, total=130_220, **usage) == expected


def test_without_a_total_the_input_is_taken_as_langfuse_defines_it(tmp_path: Path) -> None:
    assert counts(tmp_path, input=100, cache_read_input_tokens=60, output=7) == (100, 60, 0, 0, 7, 0)


def test_what_was_written_for_an_hour(tmp_path: Path) -> None:
    """The breakdown is not added to its total."""
    usage = {
        "cache_creation_input_tokens": 400,
        "input_cache_creation_5m": 100,
        "input_cache_creation_1h": 300,
    }
    assert counts(tmp_path, input=10, output=1, **usage) == (10, 0, 100, 300, 1, 0)


def test_reasoning_inside_the_output_and_beside_it(tmp_path: Path) -> None:
    assert counts(tmp_path, input=10, output=50, output_reasoning_tokens=40, total=60) == (
        10,
        0,
        0,
        0,
        50,
        40,
    )
    assert counts(tmp_path, input=10, output=10, output_reasoning_tokens=40, total=60) == (
        10,
        0,
        0,
        0,
        50,
        40,
    )


def test_input_and_output_may_differ_in_what_they_hold(tmp_path: Path) -> None:
    """100 of input hold 60 cached; 10 of output stand beside 40 of reasoning: 150 in all."""
    usage = {"input": 100, "input_cached_tokens": 60, "output": 10, "output_reasoning_tokens": 40}
    assert counts(tmp_path, total=150, **usage) == (40, 60, 0, 0, 50, 40)


def test_sound_is_metered(tmp_path: Path) -> None:
    usage = {"input": 100, "input_audio_tokens": 30, "output": 50, "output_audio_tokens": 20, "total": 150}
    (call,) = read_logs(page(tmp_path, {"usageDetails": usage})).calls
    assert (call["input_tokens"], call["output_tokens"]) == (70, 30)
    assert json.loads(call["meters"]) == {"audio_input_tokens": 30, "audio_output_tokens": 20}


@pytest.mark.parametrize(
    "older",
    [
        {"usage": {"input": 300, "output": 50, "total": 350, "unit": "TOKENS", "inputCost": 0.5}},
        {"usage": {"promptTokens": 300, "completionTokens": 50, "totalTokens": 350}},
        {"promptTokens": 300, "completionTokens": 50, "totalTokens": 350},
    ],
    ids=["usage", "openai", "flat"],
)
def test_counts_of_older_versions(tmp_path: Path, older: dict[str, Any]) -> None:
    (call,) = read_logs(page(tmp_path, {"usageDetails": None} | older)).calls
    assert (call["input_tokens"], call["output_tokens"]) == (300, 50)


@pytest.mark.parametrize("usage", [{}, {"input": 0, "output": 0, "total": 0}])
def test_no_counts_are_not_metered_and_no_cost_is_not_known(tmp_path: Path, usage: dict[str, int]) -> None:
    nothing = {"usageDetails": usage, "calculatedTotalCost": 0, "costDetails": {}}
    file = page(tmp_path, nothing)
    with_nulls = read_logs(file).calls[0]
    assert "stated_cost" not in with_nulls
    (direct,) = langfuse.read(file, "documents")
    assert isinstance(direct, Call)
    assert (direct.input_tokens, direct.output_tokens) == (None, None)


def test_an_error_is_one(tmp_path: Path) -> None:
    assert read_logs(page(tmp_path, {"level": "ERROR"})).calls[0]["error"] == "error"


def test_a_time_that_is_none_costs_its_row_alone(tmp_path: Path) -> None:
    read = read_logs(page(tmp_path, {"startTime": None}, {"usageDetails": {"input": 1.5}}, {}))
    assert len(read.calls) == 1
    assert sorted(fault[2:] for fault in read.faults) == [
        ("missing", "startTime"),
        ("not-whole", "usageDetails.input"),
    ]


SCORE: dict[str, Any] = {
    "id": "score-1",
    "traceId": "trace-1",
    "observationId": "obs-1",
    "name": "correct",
    "value": 1,
    "dataType": "BOOLEAN",
    "stringValue": "True",
    "source": "ANNOTATION",
    "timestamp": "2026-03-02T09:00:00.000Z",
    "comment": "CANARY",
}


def scores(folder: Path, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    file = folder / "scores.jsonl"
    file.write_text("".join(json.dumps(SCORE | row) + "\n" for row in rows), encoding="utf-8")
    read = read_logs(file)
    assert "CANARY" not in str(read)
    return [without(outcome, "row", "file", "tool", "odd") for outcome in read.outcomes]


def test_a_score_is_an_outcome(tmp_path: Path) -> None:
    assert scores(tmp_path, {}) == [
        {
            "decided_at": datetime(2026, 3, 2, 9),  # noqa: DTZ001  the ledger's times are UTC without a zone
            "accepted": 1,
            "check": "correct",
            "grader": "ANNOTATION",
            "trace": "trace-1",
            "span": "obs-1",
        }
    ]


def test_a_category_is_a_label_and_no_share(tmp_path: Path) -> None:
    (outcome,) = scores(tmp_path, {"dataType": "CATEGORICAL", "value": 1, "stringValue": "refused"})
    assert outcome["reason"] == "refused"
    assert "accepted" not in outcome


def test_stars_are_no_shares_even_where_one_is_given(tmp_path: Path) -> None:
    """1 of 5 stars is not accepted in full; a share of another name still counts."""
    stars = [{"name": "stars", "dataType": "NUMERIC", "value": value} for value in (1, 5)]
    found = scores(tmp_path, *stars, {"name": "faithful", "dataType": "NUMERIC", "value": 0.75})
    assert [outcome.get("accepted") for outcome in found] == [None, None, Decimal("0.75")]
