"""Every trap of docs/formats/gemini-cli.md, on a file of a few lines."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.sources.logs import read_logs

HEAD = {"sessionId": "s-1", "projectHash": "f00d", "startTime": "2026-03-01T09:00:00Z", "kind": "main"}


def answer(name: str = "m-1", **more: int) -> dict[str, Any]:
    counts = {"input": 1000, "output": 50, "cached": 600, "thoughts": 20, "tool": 7, "total": 1077}
    return {
        "id": name,
        "type": "gemini",
        "timestamp": "2026-03-01T10:00:00.000Z",
        "model": "gemini-2.5-pro",
        "content": "CANARY",
        "thoughts": [{"description": "CANARY"}],
        "tokens": counts | more,
    }


def written(folder: Path, layout: str, *messages: dict[str, Any], name: str = "session-1") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    question = {"id": "q", "type": "user", "timestamp": "2026-03-01T09:59:00Z", "content": "CANARY"}
    if layout == "document":
        file = folder / f"{name}.json"
        file.write_text(json.dumps({**HEAD, "messages": [question, *messages]}, indent=2), encoding="utf-8")
    else:
        file = folder / f"{name}.jsonl"
        lines = [HEAD, question, *messages, {"$set": {"lastUpdated": "2026-03-01T10:00:00Z"}}]
        file.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    return file


@pytest.mark.parametrize("layout", ["document", "lines"])
def test_a_call_as_it_is_logged(tmp_path: Path, layout: str) -> None:
    """Input 1,000 includes 600 cached and not the 7 of tools; thoughts come on top of the output."""
    file = written(tmp_path, layout, answer())
    (call,) = read_logs(file).calls
    call.pop("row")
    assert call == {
        "time": datetime(2026, 3, 1, 10),  # noqa: DTZ001  the ledger's times are UTC without a zone
        "model": "gemini-2.5-pro",
        "input_tokens": 407,
        "cached_tokens": 600,
        "output_tokens": 70,
        "reasoning_tokens": 20,
        "message": "m-1",
        "session": "s-1",
        "project": "f00d",
        "tool": "gemini-cli",
        "file": str(file),
    }


def test_an_answer_written_again_is_one_call(tmp_path: Path) -> None:
    """Lines are added as an answer grows, and a session of the old layout is copied into the new one."""
    grown = [answer(output=0, thoughts=0), answer(), answer("m-2")]
    written(tmp_path, "lines", *grown, {"$set": {"messages": [answer(), answer("m-2")]}})
    written(tmp_path, "document", answer())
    assert [(call["message"], call["output_tokens"]) for call in read_logs(tmp_path).calls] == [
        ("m-1", 70),
        ("m-2", 70),
    ]


def test_what_was_taken_back_was_paid(tmp_path: Path) -> None:
    assert len(read_logs(written(tmp_path, "lines", answer(), {"$rewindTo": "q"}, answer("m-2"))).calls) == 2


def test_an_answer_without_counts_is_no_call(tmp_path: Path) -> None:
    waiting: dict[str, Any] = answer() | {"tokens": None}
    assert read_logs(written(tmp_path, "lines", waiting)).calls == []


def test_damage_costs_a_line_or_the_document(tmp_path: Path) -> None:
    lines = written(tmp_path, "lines", answer(), answer("m-2", output=-1), answer("m-3"))
    lines.write_text(lines.read_text(encoding="utf-8") + '{"id":"m-4","ty', encoding="utf-8")
    torn = written(tmp_path / "b", "document", answer("m-9"))
    torn.write_text(torn.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    read = read_logs(tmp_path)
    assert [call["message"] for call in read.calls] == ["m-1", "m-3"]
    assert [fault[:3] for fault in read.faults] == [
        ("session-1.json", 1, "json"),
        ("session-1.jsonl", 4, "not-whole"),
        ("session-1.jsonl", 7, "json"),
    ]


def test_nothing_that_was_asked_or_answered_is_kept(tmp_path: Path) -> None:
    written(tmp_path, "lines", answer())
    written(tmp_path, "document", answer("m-2"))
    assert "CANARY" not in repr(read_logs(tmp_path))
