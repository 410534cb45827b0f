"""Calls in, one table out: every call once, at the price of its day; what is not known is said."""

from __future__ import annotations

import json
import os
import random
import resource
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from payback.records import Money, PaybackError, Period
from payback.usage import BY, Plan, usage
from tests.sources.test_claude_code import answer, log

SONNET = "claude-sonnet-4-5-20250929"


def dollars(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def test_each_call_is_priced_by_its_own_tokens_and_day(tmp_path: Path) -> None:
    """By hand, USD a million: Sonnet 4.5 in 3, cached 0.30, written 3.75, out 15; past 200,000 tokens of
    prompt all of the call at 6, 0.60, 7.50, 22.50 (platform.claude.com, long context).

    Call 1: 1,000 x 3 + 100,000 x 0.30 + 2,000 x 3.75 + 400 x 15 = 3,000 + 30,000 + 7,500 + 6,000 = 0.0465.
    Call 2: 1,000 x 6 + 250,000 x 0.60 + 400 x 22.50 = 6,000 + 150,000 + 9,000 = 0.165.
    """
    log(
        tmp_path,
        answer(
            model=SONNET,
            usage_input_tokens=1000,
            usage_cache_read_input_tokens=100_000,
            usage_cache_creation_input_tokens=2000,
            usage_output_tokens=400,
        ),
        answer(
            "msg_2",
            "req_2",
            model=SONNET,
            usage_input_tokens=1000,
            usage_cache_read_input_tokens=250_000,
            usage_output_tokens=400,
        ),
    )
    found = usage([tmp_path])
    assert found.total.listed == dollars("0.2115")
    assert not found.total.or_more
    assert found.period == Period(date(2026, 3, 1), date(2026, 3, 2))


def test_a_model_without_a_price_is_counted_aloud_and_never_zero(tmp_path: Path) -> None:
    log(
        tmp_path,
        answer(),
        answer("msg_2", model="acme-tuned-7b"),
        answer("msg_3", model="acme-priced-7b", costUSD=0.25),
    )
    found = usage([tmp_path])
    (missing,) = found.not_priced
    assert (missing.model, missing.calls) == ("acme-tuned-7b", 1)
    assert "acme-tuned-7b" in missing.reason
    assert (found.total.unpriced, found.total.stated, found.total.stated_calls) == (1, dollars("0.25"), 1)
    assert found.total.or_more


@pytest.mark.parametrize("by", BY)
def test_groups_add_up_to_the_whole(tmp_path: Path, by: str) -> None:
    draw = random.Random(3)  # noqa: S311  no secret
    for session in range(3):
        lines = [
            answer(
                f"msg_{session}_{n}",
                f"req_{session}_{n}",
                model=draw.choice([SONNET, "claude-opus-4-5-20251101", "acme-7b"]),
                timestamp=f"2026-0{draw.randint(1, 4)}-1{draw.randint(0, 9)}T10:00:00Z",
                sessionId=f"s-{session}",
                cwd=f"/home/ann/{draw.choice('ab')}",
                usage_output_tokens=draw.randint(1, 500),
                stop_reason=draw.choice([None, "end_turn"]),
            )
            for n in range(20)
        ]
        log(tmp_path, *lines, name=f"s-{session}.jsonl")
    whole, found = usage([tmp_path]), usage([tmp_path], by=by)
    assert found.total == whole.total
    assert sum(row.counted.calls for row in found.rows) == 60
    assert len(found.rows) == {"tool": 1, "user": 1, "session": 3, "project": 2}.get(by, len(found.rows))


def test_days_from_and_to_are_both_included(tmp_path: Path) -> None:
    days = ("2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z", "2026-03-03T23:59:59Z", "2026-03-04T00:00:00Z")
    log(tmp_path, *(answer(f"m{n}", f"r{n}", timestamp=day) for n, day in enumerate(days)))
    found = usage([tmp_path], by="day", since=date(2026, 3, 2), until=date(2026, 3, 3))
    assert [row.key for row in found.rows] == ["2026-03-02", "2026-03-03"]


def test_a_plan_is_paid_by_the_month_whatever_is_used(tmp_path: Path) -> None:
    days = ("2026-01-31T10:00:00Z", "2026-03-01T10:00:00Z")
    log(tmp_path, *(answer(f"m{n}", f"r{n}", timestamp=day) for n, day in enumerate(days)))
    found = usage([tmp_path], plans=[Plan("claude", 2, dollars("200"))])
    assert found.paid == dollars("1200")  # 2 seats, January to March
    assert found.plans[0].covered.calls == 2


def test_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    """Under two names, behind a link, and in a loop of links."""
    file = log(tmp_path / "a", answer("msg_1"))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "copy.jsonl").write_bytes(file.read_bytes())
    (tmp_path / "b" / "link.jsonl").symlink_to(file)
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "b" / "empty.jsonl").touch()
    (tmp_path / "b" / "other.jsonl").write_text('{"not": "a log"}\n')
    found = usage([tmp_path, tmp_path / "a"])
    assert (found.total.calls, found.files) == (1, 1)
    assert {problem.code for problem in found.problems} == {"same-file-twice"}
    assert not any(problem.left_out for problem in found.problems)


def test_a_path_that_is_not_there_and_a_folder_without_logs(tmp_path: Path) -> None:
    with pytest.raises(PaybackError) as missing:
        usage([tmp_path / "nowhere"])
    with pytest.raises(PaybackError) as nothing:
        usage([tmp_path])
    assert (missing.value.code, nothing.value.code) == ("missing-file", "no-logs")


def test_a_file_that_is_no_log_is_told_when_it_was_named(tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text('{"not": "a log"}\n')
    found = usage([log(tmp_path, answer()), other])
    assert [problem.code for problem in found.problems] == ["unknown-log"]


@pytest.mark.parametrize("share", [0.01, 0.1])
def test_of_a_damaged_log_every_good_line_counts(tmp_path: Path, share: float) -> None:
    draw = random.Random(5)  # noqa: S311  no secret
    lines: list[dict[str, object] | str] = []
    for n in range(2000):
        line = json.dumps(answer(f"m{n}", f"r{n}"))
        lines.append(line[: draw.randint(1, len(line) - 1)] if draw.random() < share else line)
    bad = sum(1 for line in lines if not str(line).endswith("}}") and not _is_json(str(line)))
    found = usage([log(tmp_path, *lines)])
    assert bad > 0
    assert (found.total.calls, found.lines_left_out) == (2000 - bad, bad)
    assert sum(problem.rows for problem in found.problems) == bad


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def test_a_line_without_an_end_costs_that_line_and_no_memory(tmp_path: Path) -> None:
    file = log(tmp_path, answer())
    with file.open("ab") as out:
        for _ in range(40):
            out.write(b'{"type":"user","x":"' + b"x" * 2**20)
        out.write(b"\n" + json.dumps(answer("msg_2", "req_2")).encode() + b"\n")
    log(tmp_path, answer("msg_3", "req_3"), name="other.jsonl")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = usage([tmp_path])
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (found.total.calls, found.lines_left_out) == (3, 1)
    assert found.problems[0].code == "long-row"
    assert grown < 200 * 1024  # KiB; the line alone takes 40 MiB, a copy for each layer would be seen


def test_order_and_splitting_of_files_change_nothing(tmp_path: Path) -> None:
    lines = [answer(f"m{n % 30}", f"r{n % 30}", usage_output_tokens=n) for n in range(60)]
    log(tmp_path / "one", *lines)
    _split(tmp_path / "many", lines)
    one, many = usage([tmp_path / "one"]), usage([tmp_path / "many"])
    assert one.total == many.total


def _split(folder: Path, lines: Sequence[dict[str, object]]) -> None:
    for n, line in enumerate(reversed(lines)):
        log(folder, line, name=f"{n}.jsonl")


def test_many_small_files_are_read_together_and_a_damaged_one_is_still_named(tmp_path: Path) -> None:
    for n in range(150):
        log(tmp_path, answer(f"m{n}", f"r{n}"), *(["{torn"] if n == 77 else []), name=f"{n:03}.jsonl")
    found = usage([tmp_path])
    assert (found.total.calls, found.lines_left_out, found.files) == (150, 1, 150)
    (problem,) = found.problems
    assert str(problem.origin) == f"{tmp_path / '077.jsonl'}:3"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    log(tmp_path, answer())
    log(tmp_path, answer("msg_2"), name="secret.jsonl").chmod(0)
    found = usage([tmp_path])
    assert [problem.code for problem in found.problems] == ["unreadable-file"]


def test_a_clock_that_jumps_is_believed_and_the_future_is_counted(tmp_path: Path) -> None:
    """A year before its neighbours, and ten after now: kept both; an hour of difference between clocks is no jump."""
    days = ("2025-03-01T10:00:00Z", "2026-03-01T10:00:00Z", "2026-03-01T10:59:00Z", "2036-03-01T10:00:00Z")
    log(tmp_path, *(answer(f"m{n}", f"r{n}", timestamp=day) for n, day in enumerate(days)))
    found = usage([tmp_path], now=datetime(2026, 3, 1, 10))  # noqa: DTZ001  UTC, as the ledger's times
    assert (found.total.calls, found.future) == (4, 1)
    assert usage([tmp_path]).future == 0
