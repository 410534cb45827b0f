"""Every trap of docs/formats/opencode.md, on a few messages."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.sources.logs import read_logs

CREATED = 1772359200000  # 2026-03-01T10:00:00Z


def answer(name: str = "msg_1", **more: Any) -> dict[str, Any]:
    tokens = {"input": 30, "output": 50, "reasoning": 20, "cache": {"read": 600, "write": 100}}
    return {
        "id": name,
        "sessionID": "ses_1",
        "role": "assistant",
        "time": {"created": CREATED, "completed": CREATED + 5000},
        "providerID": "anthropic",
        "modelID": "claude-opus-4-5",
        "path": {"cwd": "/home/ann/shop", "root": "/"},
        "cost": 0.0125,
        "tokens": tokens,
        "summary": "CANARY",
    } | more


def document(folder: Path, message: dict[str, Any]) -> Path:
    file = folder / "storage" / "message" / "ses_1" / f"{message['id']}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(message, indent=2), encoding="utf-8")
    return file


def database(folder: Path, *messages: dict[str, Any] | str, second: tuple[dict[str, Any], ...] = ()) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "opencode.db"
    with closing(sqlite3.connect(file)) as made:
        made.execute("create table message (id text, session_id text, data text)")
        made.execute(
            "create table session_message (id text, session_id text, type text, seq integer, data text)"
        )
        for n, each in enumerate(messages):
            name = each["id"] if isinstance(each, dict) else f"torn_{n}"
            data = (
                json.dumps({k: v for k, v in each.items() if k != "id"}) if isinstance(each, dict) else each
            )
            made.execute("insert into message values (?, 'ses_1', ?)", (name, data))
        for n, each in enumerate(second):
            row = (each["id"], "assistant", n, json.dumps(each))
            made.execute("insert into session_message values (?, 'ses_1', ?, ?, ?)", row)
        made.commit()
    return file


def test_a_call_as_it_is_logged(tmp_path: Path) -> None:
    """Input excludes the cache; 20 tokens of reasoning come on top of 50 of output."""
    expected = {
        "row": 1,
        "time": datetime(2026, 3, 1, 10),  # noqa: DTZ001  the ledger's times are UTC without a zone
        "provider": "anthropic",
        "model": "claude-opus-4-5",
        "input_tokens": 30,
        "cached_tokens": 600,
        "cache_write_5m_tokens": 100,
        "output_tokens": 70,
        "reasoning_tokens": 20,
        "stated_cost": Decimal("0.0125"),
        "stated_currency": "USD",
        "message": "msg_1",
        "session": "ses_1",
        "project": "/home/ann/shop",
        "tool": "opencode",
    }
    for file in (document(tmp_path / "a", answer()), database(tmp_path / "b", answer())):
        (call,) = read_logs(file).calls
        assert call.pop("file") == str(file)
        assert call == expected


def test_messages_of_three_generations_are_one_call_each(tmp_path: Path) -> None:
    """OpenCode 1.2 copied files into a database, 2 that table into another."""
    second = {
        name: value for name, value in answer().items() if name not in {"role", "providerID", "modelID"}
    }
    second["model"] = {"id": "claude-opus-4-5", "providerID": "anthropic"}
    document(tmp_path, answer())
    database(tmp_path, answer(), second=(second, second | {"id": "msg_2"}))
    assert [call["message"] for call in read_logs(tmp_path).calls] == ["msg_1", "msg_2"]


def test_reasoning_is_counted_once_where_the_total_tells(tmp_path: Path) -> None:
    """Older versions logged OpenAI's output with its reasoning inside (anomalyco/opencode#17566)."""
    inside = answer()["tokens"] | {"total": 30 + 50 + 600 + 100}
    (call,) = read_logs(document(tmp_path, answer(tokens=inside))).calls
    assert (call["output_tokens"], call["reasoning_tokens"]) == (50, 20)


def test_a_cost_of_nothing_is_not_known(tmp_path: Path) -> None:
    (call,) = read_logs(document(tmp_path, answer(cost=0))).calls
    assert "stated_cost" not in call


def test_an_answer_under_way_is_a_lower_bound_and_an_empty_one_no_call(tmp_path: Path) -> None:
    nothing = {"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}
    read = read_logs(
        database(
            tmp_path,
            answer(time={"created": CREATED}),
            answer("msg_2", tokens=nothing),
            answer("q", role="user"),
        )
    )
    assert [call.get("unfinished") for call in read.calls] == [True]
    assert read.skipped == {"empty": 1}


def test_damage_is_told(tmp_path: Path) -> None:
    file = database(tmp_path, answer(), '{"role":"assis', answer("msg_2", time={"created": 5}))
    read = read_logs(file)
    assert [call["message"] for call in read.calls] == ["msg_1"]
    assert sorted(fault[2] for fault in read.faults) == ["json", "time"]


def test_a_database_that_is_none_is_told(tmp_path: Path) -> None:
    file = tmp_path / "opencode.db"
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    read = read_logs(document(tmp_path, answer()), file)
    assert len(read.calls) == 1


def test_nothing_that_was_asked_or_answered_is_kept(tmp_path: Path) -> None:
    document(tmp_path, answer())
    assert "CANARY" not in repr(read_logs(tmp_path))
