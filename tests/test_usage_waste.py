"""What may have been avoided, on logs of a few calls; every figure by hand.

Opus 4.5, USD a million: fresh 5, cached 0.50, written for five minutes 6.25, for an hour 10, out 25.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from payback.records import Money
from payback.usage import Waste, usage
from tests.sources.test_claude_code import answer, log


def dollars(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def turn(
    number: int, minute: int, *, cached: int, written: int, hour: bool = False, **more: Any
) -> dict[str, Any]:
    """A call that many minutes into the session."""
    life = "ephemeral_1h_input_tokens" if hour else "ephemeral_5m_input_tokens"
    return answer(
        f"m{number}",
        f"r{number}",
        timestamp=f"2026-03-01T{10 + minute // 60}:{minute % 60:02}:00Z",
        usage_cache_read_input_tokens=cached,
        usage_cache_creation_input_tokens=written,
        usage_cache_creation={life: written},
        **more,
    )


def found(folder: Path, *lines: dict[str, Any], name: str = "s-1.jsonl") -> Waste:
    return usage([log(folder, *lines, name=name)]).waste


def test_a_cache_that_lapsed_was_written_again(tmp_path: Path) -> None:
    """The first leaves 20,000 in the cache; after six minutes the second reads 5,000 of them and writes 18,000:
    15,000 of these were there before. 15,000 x (6.25 - 0.50) = 0.08625. What it wrote besides is not read by a
    later call, but it is counted once.
    """
    waste = found(
        tmp_path, turn(1, 0, cached=5_000, written=15_000), turn(2, 6, cached=5_000, written=18_000)
    )
    assert (waste.rewritten, waste.rewritten_tokens) == (dollars("0.08625"), 15_000)
    assert waste.unread_tokens == 0


def test_within_its_life_nothing_lapsed(tmp_path: Path) -> None:
    """Five minutes are not more than five minutes. The 18,000 were written last and never read:
    18,000 x (6.25 - 5) = 0.0225.
    """
    waste = found(
        tmp_path, turn(1, 0, cached=5_000, written=15_000), turn(2, 5, cached=5_000, written=18_000)
    )
    assert waste.rewritten_tokens == 0
    assert (waste.unread, waste.unread_tokens) == (dollars("0.0225"), 18_000)


def test_a_cache_of_an_hour_lives_an_hour(tmp_path: Path) -> None:
    """After 59 minutes it lived; after 61 it had lapsed: 20,000 x (10 - 0.50) = 0.19."""
    first = turn(1, 0, cached=0, written=20_000, hour=True)
    lived = found(tmp_path / "a", first, turn(2, 59, cached=0, written=20_000, hour=True))
    lapsed = found(tmp_path / "b", first, turn(2, 61, cached=0, written=20_000, hour=True))
    assert (lived.rewritten_tokens, lapsed.rewritten) == (0, dollars("0.19"))


def test_what_a_later_call_reads_was_no_waste(tmp_path: Path) -> None:
    """Only the last write, 1,000 x (6.25 - 5) = 0.00125, is read by nobody."""
    waste = found(
        tmp_path,
        turn(1, 0, cached=0, written=20_000),
        turn(2, 3, cached=20_000, written=500),
        turn(3, 60, cached=20_500, written=1_000),
    )
    assert (waste.rewritten_tokens, waste.unread) == (0, dollars("0.00125"))


def test_the_only_call_of_a_session_may_be_read_by_others(tmp_path: Path) -> None:
    assert found(tmp_path, turn(1, 0, cached=0, written=20_000)).total == dollars("0")


def test_sessions_models_and_side_conversations_are_kept_apart(tmp_path: Path) -> None:
    first = turn(1, 0, cached=0, written=20_000)
    for name, second in {
        "model": turn(2, 30, cached=0, written=20_000, model="claude-sonnet-4-5-20250929"),
        "aside": turn(2, 30, cached=0, written=20_000, isSidechain=True),
    }.items():
        assert found(tmp_path / name, first, second).total == dollars("0"), name
    log(tmp_path / "files", first, name="one.jsonl")
    log(tmp_path / "files", turn(2, 30, cached=0, written=20_000), name="two.jsonl")
    assert usage([tmp_path / "files"]).waste.total == dollars("0")


def test_where_no_price_is_known_nothing_is_said(tmp_path: Path) -> None:
    waste = found(
        tmp_path,
        turn(1, 0, cached=0, written=20_000, model="acme-7b"),
        turn(2, 30, cached=0, written=20_000, model="acme-7b"),
    )
    assert waste.total == dollars("0")


@pytest.mark.parametrize("by", ["model", "session"])
def test_order_of_lines_changes_nothing(tmp_path: Path, by: str) -> None:
    lines = [turn(n, 7 * n, cached=0, written=10_000 + n) for n in range(8)]
    there = usage([log(tmp_path / "a", *lines)], by=by).waste
    back = usage([log(tmp_path / "b", *reversed(lines))], by=by).waste
    assert there == back
    assert there.rewritten_tokens == sum(10_000 + n for n in range(7))


def spend(
    number: int, second: int, *, failed: bool = False, prompt: int = 1000, session: str | None = "s"
) -> str:
    """A line of LiteLLM's spend log, gpt-4o: 2.50 in, 10 out USD a million."""
    return json.dumps(
        {
            "request_id": f"r{number}",
            "call_type": "acompletion",
            "model": "gpt-4o",
            "custom_llm_provider": "openai",
            "startTime": f"2026-03-01T10:00:{second:02}Z",
            "endTime": f"2026-03-01T10:00:{second:02}Z",
            "prompt_tokens": prompt,
            "completion_tokens": 0 if failed else 100,
            "total_tokens": prompt,
            "spend": 0.0,
            "session_id": session,
            "status": "failure" if failed else "success",
            "metadata": {"status": "failure" if failed else "success"},
            "api_key": "k",
        }
    )


def logged(folder: Path, *lines: str) -> Waste:
    file = folder / "spend.jsonl"
    file.write_text("\n".join(lines) + "\n")
    return usage([file]).waste


def test_calls_that_failed_and_were_charged(tmp_path: Path) -> None:
    """Two failed with 1,000 and 2,000 in: 3,000 x 2.50 = 0.0075. The first was asked again after 20 seconds."""
    waste = logged(
        tmp_path,
        spend(1, 0, failed=True),
        spend(2, 20),
        spend(3, 30, failed=True, prompt=2000),
        spend(4, 31, prompt=2001),
    )
    assert (waste.failed, waste.failed_calls, waste.again) == (dollars("0.0075"), 2, 1)


def test_without_a_session_nobody_knows_who_asked_again(tmp_path: Path) -> None:
    waste = logged(tmp_path, spend(1, 0, failed=True, session=None), spend(2, 20, session=None))
    assert (waste.failed_calls, waste.again) == (1, 0)
