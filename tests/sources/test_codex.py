"""Every trap of docs/formats/codex.md, on a file of a few lines."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.sources.logs import read_logs

Counts = tuple[int, int, int, int]  # input with what was cached, cached, output with reasoning, reasoning


def line(kind: str, payload: dict[str, Any], at: str = "2026-03-01T10:00:00.000Z") -> dict[str, Any]:
    return {"timestamp": at, "type": kind, "payload": payload}


def meta(session: str = "s-1", **more: Any) -> dict[str, Any]:
    held = {"id": session, "cwd": "/home/ann/shop", "git": {"branch": "main"}, "instructions": "CANARY"}
    return line("session_meta", held | more)


def turn(model: str = "gpt-5.1-codex") -> dict[str, Any]:
    return line("turn_context", {"model": model, "cwd": "/home/ann/shop"})


def sums(counts: Counts) -> dict[str, int]:
    names = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens")
    return dict(zip(names, counts, strict=True)) | {"total_tokens": counts[0] + counts[2]}


def counted(
    total: Counts | None, last: Counts | None = None, at: str = "2026-03-01T10:00:00.000Z"
) -> dict[str, Any]:
    info = {}
    if total is not None:
        info["total_token_usage"] = sums(total)
    if last is not None:
        info["last_token_usage"] = sums(last)
    return line("event_msg", {"type": "token_count", "info": info, "rate_limits": None}, at)


def log(folder: Path, *lines: dict[str, Any] | str, name: str = "rollout-1.jsonl") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    written = [each if isinstance(each, str) else json.dumps(each, separators=(",", ":")) for each in lines]
    file.write_text("\n".join(written) + "\n", encoding="utf-8")
    return file


def used(*paths: Path) -> list[Counts]:
    """Fresh, cached, output, reasoning of each call."""
    names = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
    return [tuple(call.get(name, 0) for name in names) for call in read_logs(*paths).calls]


def test_a_call_as_it_is_logged(tmp_path: Path) -> None:
    """Input 1,000 includes 600 cached; output 90 includes 40 of reasoning."""
    file = log(tmp_path, meta(), turn(), counted((1000, 600, 90, 40), (1000, 600, 90, 40)))
    (call,) = read_logs(file).calls
    assert call == {
        "row": 3,
        "time": datetime(2026, 3, 1, 10),  # noqa: DTZ001  the ledger's times are UTC without a zone
        "model": "gpt-5.1-codex",
        "input_tokens": 400,
        "cached_tokens": 600,
        "output_tokens": 90,
        "reasoning_tokens": 40,
        "message": "s-1:1000:600:0:90:40",
        "session": "s-1",
        "project": "/home/ann/shop",
        "branch": "main",
        "tool": "codex",
        "file": str(file),
    }


def test_totals_run_on_and_their_growth_is_the_call(tmp_path: Path) -> None:
    file = log(
        tmp_path,
        meta(),
        turn(),
        counted((100, 0, 10, 0)),
        counted((350, 80, 30, 5), at="2026-03-01T10:01:00Z"),
    )
    assert used(file) == [(100, 0, 10, 0), (170, 80, 20, 5)]


def test_a_count_written_twice_is_one_call(tmp_path: Path) -> None:
    """Codex repeats the last count when a rate limit changes."""
    same = counted((100, 0, 10, 0), (100, 0, 10, 0))
    assert used(log(tmp_path, meta(), turn(), same, same, same)) == [(100, 0, 10, 0)]


def test_a_count_that_was_lost_is_in_the_next_growth(tmp_path: Path) -> None:
    torn = json.dumps(counted((200, 0, 20, 0), (100, 0, 10, 0)))[:60]
    file = log(
        tmp_path, meta(), turn(), counted((100, 0, 10, 0)), torn, counted((300, 0, 30, 0), (100, 0, 10, 0))
    )
    read = read_logs(file)
    assert sum(call["input_tokens"] for call in read.calls) == 300
    assert [fault[1:3] for fault in read.faults] == [(4, "json")]


def test_a_total_that_falls_was_started_anew(tmp_path: Path) -> None:
    again = counted((50, 0, 5, 0), (50, 0, 5, 0), "2026-03-01T10:01:00Z")
    assert used(log(tmp_path, meta(), turn(), counted((900, 0, 90, 0)), again)) == [
        (900, 0, 90, 0),
        (50, 0, 5, 0),
    ]


def test_a_fork_repeats_its_parent_and_adds_its_own(tmp_path: Path) -> None:
    """ccusage#897, #950: the copies carry the time of the fork, so only what they count can tell."""
    first, second = counted((100, 0, 10, 0), (100, 0, 10, 0)), counted((300, 0, 20, 0), (200, 0, 10, 0))
    parent = log(tmp_path, meta(), turn(), first, second)
    at = "2026-03-05T10:00:00Z"
    copies = [each | {"timestamp": at} for each in (first, second)]
    own = counted((450, 0, 33, 0), (150, 0, 13, 0), at)
    fork = log(
        tmp_path, meta("s-2", forked_from_id="s-1"), meta(), turn(), *copies, own, name="rollout-2.jsonl"
    )
    assert used(parent, fork) == [(100, 0, 10, 0), (200, 0, 10, 0), (150, 0, 13, 0)]
    assert [call["session"] for call in read_logs(parent, fork).calls] == ["s-1", "s-1", "s-2"]
    assert [call["time"].day for call in read_logs(parent, fork).calls] == [1, 1, 5]


def test_a_fork_without_its_parents_lines_inherits_only_the_total(tmp_path: Path) -> None:
    own = counted((450, 0, 33, 0), (150, 0, 13, 0))
    assert used(log(tmp_path, meta("s-2", forked_from_id="s-1"), turn(), own)) == [(150, 0, 13, 0)]


def test_two_sessions_that_begin_alike_are_two_calls(tmp_path: Path) -> None:
    one = log(tmp_path, meta("s-1"), turn(), counted((100, 0, 10, 0)))
    two = log(tmp_path, meta("s-2"), turn(), counted((100, 0, 10, 0)), name="rollout-2.jsonl")
    assert len(used(one, two)) == 2


def test_written_to_the_cache_is_part_of_the_input(tmp_path: Path) -> None:
    event = counted((1000, 600, 90, 40))
    event["payload"]["info"]["total_token_usage"]["cache_write_input_tokens"] = 100
    (call,) = read_logs(log(tmp_path, meta(), turn(), event)).calls
    assert (call["input_tokens"], call["cached_tokens"], call["cache_write_5m_tokens"]) == (300, 600, 100)


def test_each_call_has_the_model_of_its_turn(tmp_path: Path) -> None:
    file = log(
        tmp_path,
        meta(),
        counted((10, 0, 1, 0), at="2026-03-01T09:00:00Z"),
        turn("gpt-5.1-codex"),
        counted((20, 0, 2, 0), at="2026-03-01T10:00:00Z"),
        turn("gpt-5.4"),
        counted((30, 0, 3, 0), at="2026-03-01T11:00:00Z"),
    )
    assert [call.get("model") for call in read_logs(file).calls] == [None, "gpt-5.1-codex", "gpt-5.4"]


def test_every_bad_line_is_told(tmp_path: Path) -> None:
    file = log(
        tmp_path,
        meta(),
        turn(),
        '{"timestamp":"2026-03-01T10:00:00Z","type":"response_item","payload":{"te',
        counted((10, 0, 1, 0), at="1970-01-01T00:00:00Z"),
        counted((-5, 0, 1, 0)),
        counted(None),
        counted((20, 0, 2, 0)),
    )
    read = read_logs(file)
    assert len(read.calls) == 1
    assert [fault[1:3] for fault in read.faults] == [(3, "json"), (4, "time"), (5, "not-whole")]


def test_nothing_that_was_asked_or_answered_is_kept(tmp_path: Path) -> None:
    said = line("response_item", {"type": "message", "content": [{"text": "CANARY token_count"}]})
    assert "CANARY" not in repr(read_logs(log(tmp_path, meta(), turn(), said, counted((10, 0, 1, 0)))))
