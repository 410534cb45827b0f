"""Every trap of docs/formats/claude-code.md, on a file of a few lines."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from payback.sources import claude_code, log_lines
from payback.sources.formats import Scan
from tests.sources.logs import read_logs

OPUS = "claude-opus-4-5-20251101"


def answer(message: str = "msg_1", request: str | None = "req_1", **more: Any) -> dict[str, Any]:
    """A line as Claude Code 2 writes it; `usage_*` go into the usage, others to the line."""
    usage = {
        "input_tokens": 3,
        "output_tokens": 40,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 9,
    }
    usage |= {name.removeprefix("usage_"): more.pop(name) for name in list(more) if name.startswith("usage_")}
    held = {"id": message, "model": more.pop("model", OPUS), "role": "assistant", "usage": usage}
    held["stop_reason"] = more.pop("stop_reason", "end_turn")
    held["content"] = [{"type": "text", "text": "CANARY of an answer"}]
    line = {
        "parentUuid": "u0",
        "isSidechain": False,
        "cwd": "/home/ann/shop",
        "sessionId": "s-1",
        "gitBranch": "main",
        "type": "assistant",
        "uuid": f"uuid of {message}",
        "timestamp": "2026-03-01T10:00:00.000Z",
        "message": held,
    }
    if request is not None:
        line["requestId"] = request
    return line | more


def question() -> dict[str, Any]:
    return {
        "parentUuid": None,
        "isSidechain": False,
        "sessionId": "s-1",
        "type": "user",
        "uuid": "u0",
        "timestamp": "2026-03-01T09:59:00Z",
        "message": {"role": "user", "content": "CANARY of a question"},
    }


def log(folder: Path, *lines: dict[str, Any] | str, name: str = "s-1.jsonl") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    written = [line if isinstance(line, str) else json.dumps(line) for line in (question(), *lines)]
    file.write_text("\n".join(written) + "\n", encoding="utf-8")
    return file


def test_tools_of_the_server_are_meters(tmp_path: Path) -> None:
    uses = [(2, 0), (0, 3), (1, 4), (0, 0)]
    lines = [
        answer(
            f"m{n}",
            f"r{n}",
            usage_server_tool_use={"web_search_requests": web, "web_fetch_requests": fetched},
        )
        for n, (web, fetched) in enumerate(uses)
    ]
    made = [json.loads(call.get("meters", "{}")) for call in read_logs(log(tmp_path, *lines, "{torn")).calls]
    assert made == [{"web_search": 2}, {"web_fetch": 3}, {"web_search": 1, "web_fetch": 4}, {}]


def test_a_call_as_it_is_logged(tmp_path: Path) -> None:
    parts = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 20}
    line = answer(
        usage_cache_creation_input_tokens=120,
        usage_cache_creation=parts,
        usage_service_tier="standard",
        costUSD=0.0123456789,
    )
    (call,) = read_logs(log(tmp_path, line)).calls
    assert call.pop("file") == str(tmp_path / "s-1.jsonl")
    assert call == {
        "time": datetime(2026, 3, 1, 10),  # noqa: DTZ001  the ledger's times are UTC without a zone
        "model": OPUS,
        "service_tier": "standard",
        "input_tokens": 3,
        "cached_tokens": 9,
        "cache_write_5m_tokens": 100,
        "cache_write_1h_tokens": 20,
        "output_tokens": 40,
        "stated_cost": Decimal("0.0123456789"),
        "stated_currency": "USD",
        "message": "msg_1",
        "request": "req_1",
        "session": "s-1",
        "project": "/home/ann/shop",
        "branch": "main",
        "tool": "claude-code",
    }


@pytest.mark.parametrize(
    ("total", "short", "long", "expected"),
    [
        (100, 60, 40, (60, 40)),  # parts add up
        (100, 0, 0, (100, None)),  # zeros beside a total: the total counts
        (100, 60, 0, (100, None)),  # parts that fall short: the rest is written for five minutes
        (0, 60, 40, (60, 40)),  # a total that falls short: nothing logged is lost
        (100, None, None, (100, None)),  # logs of 2025 have no parts
    ],
    ids=str,
)
def test_the_parts_of_cache_writes_against_their_total(
    tmp_path: Path, total: int, short: int | None, long: int | None, expected: tuple[int, int | None]
) -> None:
    parts = {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}
    used: dict[str, Any] = {"usage_cache_creation_input_tokens": total}
    if short is not None:
        used["usage_cache_creation"] = parts
    (call,) = read_logs(log(tmp_path, answer(**used))).calls
    assert (call.get("cache_write_5m_tokens"), call.get("cache_write_1h_tokens") or None) == expected


def test_of_the_records_of_a_message_the_most_complete_stands(tmp_path: Path) -> None:
    """Claude Code writes a line for each block of an answer, the first with a placeholder of 1."""
    lines = [
        answer(usage_output_tokens=1, stop_reason=None),
        answer(usage_output_tokens=250, stop_reason="tool_use"),
        answer(usage_output_tokens=8, stop_reason=None),
    ]
    read = read_logs(log(tmp_path, *lines))
    assert [(call["output_tokens"], call.get("unfinished")) for call in read.calls] == [(250, None)]
    assert read.copies == 2


def test_an_answer_that_never_says_it_ended_is_a_lower_bound(tmp_path: Path) -> None:
    """anthropics/claude-code#22686 and #27361: only the first, partial count is ever written."""
    (call,) = read_logs(log(tmp_path, answer(usage_output_tokens=8, stop_reason=None))).calls
    assert call["unfinished"]


def test_a_log_without_any_stop_reason_says_nothing_of_ends(tmp_path: Path) -> None:
    line = answer()
    del line["message"]["stop_reason"]
    (call,) = read_logs(log(tmp_path, line)).calls
    assert "unfinished" not in call


def test_without_a_request_id_the_message_is_the_call(tmp_path: Path) -> None:
    """Claude Code 2.1 may leave requestId out (junhoyeo/tokscale#563)."""
    lines = [
        answer(request=None, usage_output_tokens=5),
        answer(request=None, usage_output_tokens=50),
        answer(usage_output_tokens=50),
    ]
    assert [call["output_tokens"] for call in read_logs(log(tmp_path, *lines)).calls] == [50]


def test_one_message_id_under_two_requests_is_two_calls(tmp_path: Path) -> None:
    assert len(read_logs(log(tmp_path, answer(request="req_1"), answer(request="req_2"))).calls) == 2


def test_a_side_conversation_that_repeats_its_parent_adds_nothing(tmp_path: Path) -> None:
    """ccusage#913: the copy has another request id, and the parent's cached tokens."""
    log(tmp_path, answer(usage_output_tokens=40))
    copy = answer(request="req_9", usage_output_tokens=41, isSidechain=True)
    own = answer("msg_2", "req_10", isSidechain=True)
    log(tmp_path, copy, copy | {"requestId": "req_11"}, own, name="s-1/subagents/agent-a.jsonl")
    read = read_logs(tmp_path)
    assert [(call["message"], call["output_tokens"]) for call in read.calls] == [("msg_1", 40), ("msg_2", 40)]


def test_a_session_taken_up_again_repeats_its_calls(tmp_path: Path) -> None:
    log(tmp_path, answer(), answer("msg_2", "req_2"))
    log(tmp_path, answer(sessionId="s-2"), answer("msg_3", "req_3", sessionId="s-2"), name="s-2.jsonl")
    read = read_logs(tmp_path)
    assert [(call["message"], call["session"]) for call in read.calls] == [
        ("msg_1", "s-1"),
        ("msg_2", "s-1"),
        ("msg_3", "s-2"),
    ]


def test_what_no_model_said_is_no_call(tmp_path: Path) -> None:
    read = read_logs(log(tmp_path, answer(), answer("msg_2", model="<synthetic>")))
    assert (len(read.calls), read.skipped) == (1, {"synthetic": 1})


def test_the_fast_mode_has_a_price_of_its_own(tmp_path: Path) -> None:
    (call,) = read_logs(log(tmp_path, answer(usage_speed="fast", usage_service_tier="standard"))).calls
    assert call["service_tier"] == "fast"


def test_every_good_line_counts_and_every_bad_one_is_told(tmp_path: Path) -> None:
    good = [answer(f"msg_{n}", f"req_{n}") for n in range(5)]
    file = log(
        tmp_path,
        good[0],
        '{"type":"assistant","message":{"id":"msg_x","usa',  # torn
        good[1],
        answer("msg_y", usage_input_tokens="many"),
        answer("msg_y", usage_output_tokens=-1),
        answer("msg_y", timestamp="1970-01-01T00:00:00Z"),  # a clock before it was set
        answer("msg_y", timestamp=None),
        good[2],
        "[]",
        good[3] | {"toolUseResult": "\ud83d"},  # half a character, as JavaScript cuts them
        good[4],
    )
    with file.open("ab") as out:
        out.write(b'{"type":"assistant","uuid":"\xff\xfe"}\n' + b"\0\0\0\n" + b'{"type":"assist')
    read = read_logs(file)
    assert [call["message"] for call in read.calls] == [f"msg_{n}" for n in range(5)]
    assert [call["row"] for call in read.calls] == [2, 4, 9, 11, 12]
    assert read.faults == [
        ("s-1.jsonl", 3, "json", ""),
        ("s-1.jsonl", 5, "not-whole", "message.usage.input_tokens"),
        ("s-1.jsonl", 6, "negative", "message.usage.output_tokens"),
        ("s-1.jsonl", 7, "time", "time"),
        ("s-1.jsonl", 8, "missing", "time"),
        ("s-1.jsonl", 10, "json-object", ""),
        ("s-1.jsonl", 13, "encoding", ""),
        ("s-1.jsonl", 14, "json", ""),
        ("s-1.jsonl", 15, "json", ""),
    ]


def test_a_damaged_file_gives_the_same_calls_as_a_sound_one(tmp_path: Path) -> None:
    lines = [
        answer(
            f"msg_{n}",
            f"req_{n}",
            usage_cache_creation_input_tokens=n,
            timestamp=f"2026-03-01T1{n}:00:00+02:00",
        )
        for n in range(5)
    ]
    sound = read_logs(log(tmp_path / "a", *lines)).calls
    mended = read_logs(log(tmp_path / "b", *lines, "{")).calls
    for call in (*sound, *mended):
        call.pop("file")
        call.pop("row", None)
    assert mended == sound


def test_nothing_that_was_asked_or_answered_is_kept(tmp_path: Path) -> None:
    log(tmp_path, answer(), name="a.jsonl")
    log(tmp_path, answer("msg_2"), "{torn", name="b.jsonl")  # read line by line
    assert "CANARY" not in repr(read_logs(tmp_path))
    assert isinstance(claude_code.FORMAT.read, Scan)
    assert "CANARY" not in repr(
        log_lines.checked(1, answer(), claude_code.FORMAT.read)
    )  # what goes to a file of ours
