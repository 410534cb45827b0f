"""Traces of OpenTelemetry: what counts as a call, in which words, and what of a file survives damage.

Expected values are worked out beside each test from the conventions named in docs/formats/otlp.md.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from payback.sources import otlp
from payback.sources.formats import Block
from tests.sources.logs import Read, read_logs, without
from tests.sources.otlp_made import (
    BEGAN,
    SPAN,
    TRACE,
    chat,
    framed,
    lines,
    log,
    logs,
    protobuf,
    span,
    traces,
    varint,
)

FRAMINGS = ("little", "big", "varying", "bare")


def read(tmp_path: Path, content: bytes, name: str = "traces.jsonl") -> Read:
    file = tmp_path / name
    file.write_bytes(content)
    return read_logs(file)


def both(tmp_path: Path, request: Mapping[str, Any]) -> Read:
    """As JSON and as protobuf: the same, and what it is."""
    as_json = read(tmp_path, lines(request))
    as_protobuf = read(tmp_path, framed(protobuf(request)), "traces.pb")
    assert [without(each, "file") for each in as_json.calls] == [
        without(each, "file") for each in as_protobuf.calls
    ]
    assert [without(each, "file") for each in as_json.outcomes] == [
        without(each, "file") for each in as_protobuf.outcomes
    ]
    assert [fault[1:] for fault in as_json.faults] == [fault[1:] for fault in as_protobuf.faults]
    return as_protobuf


def one(tmp_path: Path, attributes: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    (call,) = both(tmp_path, traces(span(attributes, **others))).calls
    return call


def test_a_call_in_the_words_of_today(tmp_path: Path) -> None:
    given = chat(
        gen_ai__response__model="gpt-4o-2024-08-06",
        gen_ai__response__id="chatcmpl-1",
        gen_ai__conversation__id="conversation",
        gen_ai__usage__cache_creation__input_tokens=100,
        gen_ai__usage__reasoning__output_tokens=30,
        openai__response__service_tier="flex",
        user__id="somebody",
        gen_ai__agent__name="helper",
    ) | {
        "payback.use_case": "answers",
        "payback.task": "t1",
        "payback.arm": "new",
        "payback.trial": "2",
        "payback.tag.team": "support",
    }
    call = one(tmp_path, given)
    assert str(call.pop("time")) == "2026-01-05 00:00:00"
    assert str(call.pop("seconds")) == "1.500000000000"
    assert json.loads(call.pop("tags")) == {"agent": "helper", "team": "support"}
    assert without(call, "file") == {
        "row": 1,
        "tool": "otlp",
        "provider": "openai",
        "model": "gpt-4o-2024-08-06",
        "service_tier": "flex",
        "input_tokens": 700,  # 1,000 less 200 read from and 100 written to the cache
        "cached_tokens": 200,
        "cache_write_5m_tokens": 100,
        "output_tokens": 50,
        "reasoning_tokens": 30,
        "message": "chatcmpl-1",
        "session": "conversation",
        "user": "somebody",
        "service": "shop",
        "use_case": "answers",
        "task": "t1",
        "arm": "new",
        "trial": "2",
        "trace": TRACE,
        "span": SPAN,
    }


@pytest.mark.parametrize(
    "words",
    [
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.prompt_tokens": 1000,
            "gen_ai.usage.completion_tokens": 50,
            "gen_ai.usage.cache_read_input_tokens": 200,
            "gen_ai.usage.reasoning_tokens": 30,
        },
        {
            "openinference.span.kind": "LLM",
            "llm.system": "other",
            "llm.provider": "openai",
            "llm.model_name": "gpt-4o",
            "llm.token_count.prompt": 1000,
            "llm.token_count.completion": 50,
            "llm.token_count.prompt_details.cache_read": 200,
            "llm.token_count.completion_details.reasoning": 30,
        },
        {
            "llm.request.type": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "llm.usage.prompt_tokens": 1000,
            "llm.usage.completion_tokens": 50,
            "llm.usage.cache_read_input_tokens": 200,
            "llm.usage.reasoning_tokens": 30,
        },
        {  # no operation at all, as the AI SDK of Vercel writes
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 50,
            "gen_ai.usage.cache_read.input_tokens": 200,
            "gen_ai.usage.reasoning.output_tokens": 30,
        },
    ],
    ids=["earlier", "openinference", "openllmetry", "no operation"],
)
def test_other_words_for_the_same_call(tmp_path: Path, words: Mapping[str, Any]) -> None:
    call = one(tmp_path, words)
    names = ("provider", "model", "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
    assert tuple(call[name] for name in names) == ("openai", "gpt-4o", 800, 200, 50, 30)


def test_the_new_name_counts_before_the_old_one_wherever_it_stands(tmp_path: Path) -> None:
    new, old = {"gen_ai.usage.input_tokens": 1000}, {"gen_ai.usage.prompt_tokens": 7}
    rest = {"gen_ai.operation.name": "chat", "gen_ai.usage.output_tokens": 1}
    assert one(tmp_path, rest | new | old)["input_tokens"] == 1000
    assert one(tmp_path, rest | old | new)["input_tokens"] == 1000


@pytest.mark.parametrize(
    "told",
    [
        {"gen_ai.operation.name": "invoke_agent"},
        {"gen_ai.operation.name": "execute_tool"},
        {"gen_ai.operation.name": "invoke_workflow"},
        {"openinference.span.kind": "AGENT"},
        {"openinference.span.kind": "CHAIN"},
        {"openinference.span.kind": "TOOL"},
        {"traceloop.span.kind": "workflow"},
        {"llm.request.type": "rerank"},
    ],
    ids=str,
)
def test_what_goes_around_calls_repeats_their_tokens_and_is_none(
    tmp_path: Path, told: dict[str, str]
) -> None:
    outer = {name: value for name, value in chat().items() if name != "gen_ai.operation.name"} | told
    inner = span(chat(), spanId="00000000000000aa", parentSpanId=SPAN)
    found = both(tmp_path, traces(span(outer), inner))
    assert [call["span"] for call in found.calls] == ["00000000000000aa"]


def test_more_cached_than_input_means_that_the_cache_is_beside_it(tmp_path: Path) -> None:
    found = both(tmp_path, traces(span(chat(gen_ai__usage__input_tokens=10))))
    (call,) = found.calls
    assert (call["input_tokens"], call["cached_tokens"]) == (10, 200)
    assert [fault[2] for fault in found.faults] == ["cache-beside"]
    assert found.lines_left_out == 0


def test_missing_counts_are_not_zero(tmp_path: Path) -> None:
    call = one(tmp_path, {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"})
    assert not {"input_tokens", "output_tokens", "cached_tokens"} & call.keys()
    request = traces(span(chat(gen_ai__usage__output_tokens=0)), span({"gen_ai.operation.name": "chat"}))
    assert _output(tmp_path, request) == [0, -1]


def test_an_embedding_has_no_output(tmp_path: Path) -> None:
    given = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.request.model": "e",
        "gen_ai.usage.input_tokens": 9,
    }
    other = {"openinference.span.kind": "EMBEDDING", "embedding.model_name": "e", "llm.token_count.prompt": 9}
    assert one(tmp_path, other)["model"] == "e"
    assert _output(
        tmp_path, traces(span(given), span(other), span({**given, "gen_ai.usage.input_tokens": "?"}))
    ) == [0, 0]


@pytest.mark.parametrize("count", [-5, 2.5, "many", 2**60])
def test_a_count_that_is_none_leaves_the_call_out(tmp_path: Path, count: object) -> None:
    sound = span(chat(), spanId="00000000000000aa")
    found = both(tmp_path, traces(span(chat(gen_ai__usage__output_tokens=count)), sound))
    assert [call["span"] for call in found.calls] == ["00000000000000aa"]
    assert [fault[1:] for fault in found.faults] == [(1, "not-whole", "output_tokens")]


@pytest.mark.parametrize("count", ["50", 50.0])
def test_a_count_may_be_written_as_text_or_with_a_fraction_of_zero(tmp_path: Path, count: object) -> None:
    assert one(tmp_path, chat(gen_ai__usage__output_tokens=count))["output_tokens"] == 50


def test_the_same_response_told_by_two_instrumentations_is_one_call(tmp_path: Path) -> None:
    inner = span(chat(gen_ai__response__id="r"), spanId="00000000000000aa")
    found = both(tmp_path, traces(span(chat(gen_ai__response__id="r")), inner))
    assert (len(found.calls), found.copies) == (1, 1)


def test_of_a_call_within_a_call_of_the_same_tokens_the_inner_one_stands(tmp_path: Path) -> None:
    inner = span(chat(), spanId="00000000000000aa", parentSpanId=SPAN)
    innermost = span(chat(), spanId="00000000000000bb", parentSpanId="00000000000000aa")
    found = both(tmp_path, traces(span(chat()), innermost, inner))
    assert [call["span"] for call in found.calls] == ["00000000000000bb"]


def test_a_call_within_a_call_of_other_tokens_is_another(tmp_path: Path) -> None:
    inner = span(chat(gen_ai__usage__output_tokens=51), spanId="00000000000000aa", parentSpanId=SPAN)
    other_trace = span(chat(), spanId="00000000000000bb", parentSpanId=SPAN, traceId="1" * 32)
    assert len(both(tmp_path, traces(span(chat()), inner, other_trace)).calls) == 3


def test_a_call_without_counts_around_one_with_them_is_that_one(tmp_path: Path) -> None:
    inner = span(chat(), spanId="00000000000000aa", parentSpanId=SPAN)
    found = both(tmp_path, traces(span({"gen_ai.operation.name": "chat"}), inner))
    assert [call["span"] for call in found.calls] == ["00000000000000aa"]


def test_a_span_exported_twice_is_one_call_also_without_a_response_id(tmp_path: Path) -> None:
    found = both(tmp_path, traces(span(chat()), span(chat())))
    assert (len(found.calls), found.copies) == (1, 1)
    assert found.calls[0]["message"] == f"{TRACE}/{SPAN}"


def test_spans_without_ids_are_each_a_call(tmp_path: Path) -> None:
    none = {"traceId": "0" * 32, "spanId": "0" * 16}
    found = both(tmp_path, traces(span(chat(), **none), span(chat(), **none)))
    assert [call.keys() & {"message", "trace", "span"} for call in found.calls] == [set(), set()]


def test_what_failed_says_its_kind(tmp_path: Path) -> None:
    assert one(tmp_path, chat(error__type="timeout"), status={"code": 2})["error"] == "timeout"
    assert one(tmp_path, chat(), status={"code": 2, "message": "SECRET"})["error"] == "error"
    assert "error" not in one(tmp_path, chat(), status={"code": 1})


@pytest.mark.parametrize(
    ("given", "cost", "currency"),
    [
        ({"gen_ai.usage.cost": 0.0125}, "0.012500000000", "USD"),
        ({"gen_ai.usage.cost.amount": "0.5", "gen_ai.usage.cost.currency": "eur"}, "0.500000000000", "EUR"),
        ({"llm.cost.total": 1e-05}, "0.000010000000", "USD"),
        ({"gen_ai.usage.cost": 0.0}, None, None),  # what nobody knew
        ({"gen_ai.usage.cost": 1.5, "gen_ai.usage.cost.currency": "points"}, None, None),
    ],
    ids=str,
)
def test_what_it_cost_as_the_span_states(
    tmp_path: Path, given: dict[str, Any], cost: str | None, currency: str | None
) -> None:
    call = one(tmp_path, chat() | given)
    assert call.get("stated_currency") == currency
    assert (str(call["stated_cost"]) if "stated_cost" in call else None) == cost


def test_what_a_resource_says_holds_for_its_spans_unless_they_say_otherwise(tmp_path: Path) -> None:
    general = {
        "service.name": "shop",
        "payback.use_case": "general",
        "deployment.environment.name": "test",
        "payback.tag.team": "a",
        "host.name": "SECRET",
    }
    own = span(chat(payback__use_case="own", payback__tag__team="b"), spanId="00000000000000aa")
    found = both(tmp_path, traces(span(chat()), own, resource=general))
    assert [(call["use_case"], json.loads(call["tags"])) for call in found.calls] == [
        ("own", {"environment": "test", "team": "b"}),
        ("general", {"environment": "test", "team": "a"}),
    ]


def test_a_time_that_was_not_meant_leaves_the_call_out(tmp_path: Path) -> None:
    request = traces(span(chat(), startTimeUnixNano="5", endTimeUnixNano="6"), span(chat()))
    found = both(tmp_path, request)
    assert len(found.calls) == 1
    assert [fault[1:] for fault in found.faults] == [(1, "time", "time")]


def test_a_result_that_was_checked(tmp_path: Path) -> None:
    checked = {
        "name": "gen_ai.evaluation.result",
        "timeUnixNano": str(BEGAN + 10**9),
        "attributes": _attributes(
            {
                "gen_ai.evaluation.name": "Relevance",
                "gen_ai.evaluation.score.value": 0.75,
                "gen_ai.evaluation.score.label": "relevant",
                "gen_ai.evaluation.explanation": "SECRET",
            }
        ),
    }
    graded = {
        **checked,
        "attributes": _attributes(
            {"gen_ai.evaluation.score.value": 4.0, "gen_ai.evaluation.score.label": "good"}
        ),
    }
    found = both(
        tmp_path, traces(span(chat(payback__task="t1", gen_ai__response__id="r"), events=[checked, graded]))
    )
    first, second = found.outcomes
    assert str(first.pop("decided_at")) == "2026-01-05 00:00:01"
    assert str(first.pop("accepted")) == "0.750000000000"
    assert without(first, "file") == {
        "row": 1,
        "tool": "otlp",
        "check": "Relevance",
        "reason": "relevant",
        "task": "t1",
        "message": "r",
        "trace": TRACE,
        "span": SPAN,
    }
    assert "accepted" not in second, "4 of 5 is no share"
    assert second["reason"] == "good"


def test_a_result_in_a_log_record(tmp_path: Path) -> None:
    given = {"gen_ai.evaluation.name": "Tests", "gen_ai.evaluation.score.value": 1, "gen_ai.response.id": "r"}
    record = log(given, eventName="gen_ai.evaluation.result", traceId=TRACE, spanId=SPAN)
    (outcome,) = both(tmp_path, logs(record)).outcomes
    assert (str(outcome["accepted"]), outcome["check"], outcome["message"], outcome["span"]) == (
        "1.000000000000",
        "Tests",
        "r",
        SPAN,
    )


@pytest.mark.parametrize(
    ("said", "accepted"), [(True, "1.000000000000"), (0.25, "0.250000000000"), (7, None)]
)
def test_payback_s_own_word_for_a_result_on_any_span(tmp_path: Path, said: Any, accepted: str | None) -> None:
    found = both(tmp_path, traces(span({"payback.outcome.accepted": said, "payback.task": "t"})))
    assert not found.calls
    (outcome,) = found.outcomes
    assert (outcome["task"], outcome.get("accepted") and str(outcome["accepted"])) == ("t", accepted)


def test_calls_that_claude_code_logs(tmp_path: Path) -> None:
    given = {
        "event.name": "api_request",
        "session.id": "s",
        "model": "claude-opus-4-5",
        "input_tokens": "12",  # Claude Code 2.x writes some counts as text; the cache is beside them
        "output_tokens": 300,
        "cache_read_tokens": 84562,
        "cache_creation_tokens": 7096,
        "cost_usd": 0.25,
        "duration_ms": 1521,
        "request_id": "req_1",
        "speed": "fast",
        "user.email": "SECRET",
    }
    found = both(tmp_path, logs(log(given), log({**given, "event.name": "api_error"})))
    (call,) = found.calls
    assert (str(call.pop("stated_cost")), str(call.pop("seconds"))) == ("0.250000000000", "1.521000000000")
    assert without(call, "file", "time") == {
        "row": 1,
        "tool": "otlp",
        "model": "claude-opus-4-5",
        "service_tier": "fast",
        "input_tokens": 12,
        "cached_tokens": 84562,
        "cache_write_5m_tokens": 7096,
        "output_tokens": 300,
        "stated_currency": "USD",
        "message": "req_1",
        "session": "s",
    }
    assert not found.faults


def test_calls_of_claude_code_are_told_by_their_body_too_and_numbered_where_they_have_no_id(
    tmp_path: Path,
) -> None:
    given = {"model": "m", "input_tokens": 1, "output_tokens": 2, "session.id": "s"}
    body = {"stringValue": "claude_code.api_request"}
    records = [log({**given, "event.sequence": number}, body=body) for number in (3, 4, 4)]
    found = both(tmp_path, logs(*records, log(given, body={"stringValue": "claude_code.user_prompt"})))
    assert [call["message"] for call in found.calls] == ["s/3", "s/4"]
    assert found.copies == 1


def test_a_call_of_claude_code_as_event_and_as_span_is_one(tmp_path: Path) -> None:
    given = {
        "model": "m",
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_read_tokens": 9,
        "request_id": "req_1",
    }
    request = traces(span({**given, "span.type": "llm_request"})) | logs(
        log({**given, "event.name": "api_request"})
    )
    found = both(tmp_path, request)
    assert [(call["input_tokens"], call["cached_tokens"], call["message"]) for call in found.calls] == [
        (1, 9, "req_1")
    ]
    assert found.copies == 1


SECRETS = {
    "gen_ai.input.messages": "SECRET",
    "gen_ai.output.messages": ["SECRET"],
    "gen_ai.system_instructions": "SECRET",
    "gen_ai.prompt.0.content": "SECRET",
    "llm.input_messages.0.message.content": "SECRET",
    "embedding.text": "SECRET",
    "embedding.embeddings.0.embedding.text": "SECRET",
    "input.value": "SECRET",
    "server.address": "SECRET",
    "api_base": "SECRET",
    "exception.stacktrace": "SECRET",
    "gen_ai.usage.input_tokens.": "SECRET",  # a key that begins like one of ours
    "user.idx": "SECRET",
    "payback.taskx": "SECRET",
    "gen_ai.evaluation.explanation": "SECRET",
    "payback.tag": "SECRET",
}


def test_nothing_but_the_allow_list_is_ever_held(tmp_path: Path) -> None:
    crash = {"name": "exception", "timeUnixNano": str(BEGAN), "attributes": _attributes(SECRETS)}
    named = SECRETS | {"gen_ai.evaluation.name": "Tone"}
    checked = {**crash, "name": "gen_ai.evaluation.result", "attributes": _attributes(named)}
    one_ = span(
        {**SECRETS, **chat()}, events=[crash, checked], name="SECRET", status={"code": 2, "message": "SECRET"}
    )
    request = traces(one_, resource=SECRETS) | logs(
        log({**SECRETS, "event.name": "api_request"}, body={"stringValue": "SECRET"})
    )
    found = both(tmp_path, request)
    assert (len(found.calls), len(found.outcomes)) == (2, 1)
    assert "SECRET" not in repr(found)


def test_a_name_far_too_long_to_be_one_is_not_held(tmp_path: Path) -> None:
    call = one(tmp_path, chat(payback__task="x" * 5000, payback__arm="y" * 1000))
    assert "task" not in call
    assert call["arm"] == "y" * 1000


@pytest.mark.parametrize(
    "encode",
    [
        str.upper,
        lambda id_: base64.b64encode(bytes.fromhex(id_)).decode(),
        lambda id_: base64.b64encode(id_.encode()).decode(),
    ],
    ids=["hex", "base64", "base64 of hex"],
)
def test_ids_come_as_hex_in_base64_and_as_both(tmp_path: Path, encode: Any) -> None:
    found = read(tmp_path, lines(traces(span(chat(), traceId=encode(TRACE), spanId=encode(SPAN)))))
    assert [(call["trace"], call["span"]) for call in found.calls] == [(TRACE, SPAN)]


def test_json_comes_in_snake_case_with_numbers_as_numbers_and_as_one_document(tmp_path: Path) -> None:
    one_ = {
        "trace_id": TRACE,
        "span_id": SPAN,
        "start_time_unix_nano": BEGAN,
        "end_time_unix_nano": BEGAN + 1_500_000_000,
        "attributes": [
            {"key": key, "value": {"int_value": value} if isinstance(value, int) else {"string_value": value}}
            for key, value in chat().items()
        ],
    }
    request = {"resource_spans": [{"scope_spans": [{"spans": [one_]}]}]}
    usual = read(tmp_path, lines(traces(span(chat()), resource={}))).calls
    assert read(tmp_path, lines(request)).calls == usual
    document = read(tmp_path, json.dumps(request, indent=2).encode(), "a.json")
    assert [without(call, "file") for call in document.calls] == [without(call, "file") for call in usual]
    assert document.found.files[0].layout == "document"


@pytest.mark.parametrize("kind", FRAMINGS)
def test_protobuf_comes_in_four_framings(tmp_path: Path, kind: str) -> None:
    requests = [
        traces(span(chat(payback__task=str(number)), spanId=f"{number:016x}")) for number in range(1, 60)
    ]
    found = read(tmp_path, framed(*map(protobuf, requests), kind=kind), "a.pb")
    assert found.found.files[0].layout == kind
    assert sorted((call["row"], call["task"]) for call in found.calls) == [
        (row, str(row)) for row in range(1, 60)
    ]


def test_metrics_alone_are_known_and_of_no_use(tmp_path: Path) -> None:
    found = read(tmp_path, lines({"resourceMetrics": [{"scopeMetrics": []}]}))
    assert [fault[2] for fault in found.faults] == ["metrics"]
    assert (found.calls, found.lines_left_out) == ([], 0)
    metric = bytes.fromhex("0a02") + b"xy" + bytes.fromhex("3a00")  # name, sum
    request = b"\x12" + varint(len(metric)) + metric
    request = b"\x12" + varint(len(request)) + request
    request = b"\x0a" + varint(len(request)) + request
    found = read(tmp_path, framed(request, request), "metrics.pb")
    assert [fault[2] for fault in found.faults] == ["metrics"]


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 400,
        b"\x0a" * 400,
        b"PAR1" + b"\x15\x04" * 200,
        b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x0d" * 50,
        bytes(range(256)) * 3,
    ],
    ids=["nothing", "line ends", "parquet", "png", "every byte"],
)
def test_other_binary_files_are_not_taken_for_traces(tmp_path: Path, content: bytes) -> None:
    assert not read(tmp_path, content, "a.bin").found.files


def test_recognising_a_file_loads_no_numpy() -> None:
    code = "import sys; from pathlib import Path; from payback.sources import otlp; otlp.recognises(Path(sys.executable), bytes(range(200))); print('numpy' in sys.modules)"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def _output(tmp_path: Path, request: Mapping[str, Any]) -> list[int]:
    """Counts of output as they are read, -1 for one that is missing."""
    file = tmp_path / "counts.pb"
    file.write_bytes(framed(protobuf(request)))
    blocks = [each for each in otlp.read(file, "little") if isinstance(each, Block)]
    return [count for block in blocks for count in block.columns["output_tokens"].tolist()]


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return span(values)["attributes"]  # type: ignore[no-any-return]
