"""Calls under their groups: tags of which a call may have several, and days as other clocks show them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from payback.ledger.engine import Engine, quoted
from payback.records import PaybackError, Period
from payback.usage import BY, usage
from payback.usage.groups import grouped
from tests.sources import test_litellm as litellm
from tests.sources.test_claude_code import answer, log

TAGS = ('{"team":"search","env":"prod"}', '{"team":"ads"}', "{}", None, '{"team":"a=b \\"c\\""}')


def keys(by: str, tags: tuple[str | None, ...] = TAGS) -> list[str]:
    """The key of each row that calls with these tags make."""
    with Engine() as engine:
        rows = ", ".join(f"({n}, {'null' if tag is None else quoted(tag)})" for n, tag in enumerate(tags))
        engine.run(f"create temp table made as select * from (values {rows}) made(n, tags)")
        return [key for (key,) in engine.rows(f"select key from {grouped(by, 'made').rows} order by n, key")]


def test_a_call_with_two_tags_is_in_two_rows() -> None:
    assert keys("tag") == ["env=prod", "team=search", "team=ads", "", "", 'team=a=b "c"']
    assert grouped("tag", "made").overlapping


def test_one_tag_gives_each_call_one_row() -> None:
    assert keys("tag:team") == ["search", "ads", "", "", 'a=b "c"']
    assert keys("tag:env") == ["prod", "", "", "", ""]
    assert keys("tag:it's") == [""] * 5
    assert not grouped("tag:team", "made").overlapping


def test_tags_that_are_no_object_are_no_tags() -> None:
    assert keys("tag", ("[1]", "broken")) == ["", ""]
    assert keys("tag:team", ("[1]", "broken")) == ["", ""]


@pytest.mark.parametrize("by", ["tag", "tag:team"])
def test_the_total_counts_every_call_once(tmp_path: Path, by: str) -> None:
    log(tmp_path, answer(), answer("msg_2", "req_2"))
    found = usage([tmp_path], by=by)
    assert (found.total.calls, [row.key for row in found.rows]) == (2, [""])


def test_branches(tmp_path: Path) -> None:
    lines = [answer(f"m{n}", f"r{n}", gitBranch=name) for n, name in enumerate(("main", "fix", "fix"))]
    found = usage([log(tmp_path, *lines)], by="branch")
    assert {row.key: row.counted.calls for row in found.rows} == {"fix": 2, "main": 1}


def test_a_group_nobody_knows_is_a_wrong_call(tmp_path: Path) -> None:
    for by in ("modell", "tag:"):
        with pytest.raises(ValueError, match=by):
            usage([tmp_path], by=by)
    assert "tag" in BY


# In Berlin clocks went from 01:00 UTC on 29 March 2026 on two hours before UTC, until then one hour.
NIGHTS = ("2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z")


def test_days_are_those_of_the_zone(tmp_path: Path) -> None:
    log(tmp_path, *(answer(f"m{n}", f"r{n}", timestamp=night) for n, night in enumerate(NIGHTS)))
    found = usage([tmp_path], by="day", timezone="Europe/Berlin")
    days = {row.key: row.counted.calls for row in found.rows}
    assert days == {"2026-03-28": 1, "2026-03-29": 2, "2026-03-30": 1}
    assert found.period == Period(date(2026, 3, 28), date(2026, 3, 31))
    one = usage([tmp_path], since=date(2026, 3, 29), until=date(2026, 3, 29), timezone="Europe/Berlin")
    assert one.total.calls == 2
    assert usage([tmp_path], since=date.min, until=date.max, timezone="Asia/Jakarta").total.calls == 4


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc", "Europe"])
def test_a_zone_nobody_knows_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(PaybackError) as told:
        usage([log(tmp_path, answer())], timezone=name)
    assert told.value.code == "timezone"


def test_tags_as_a_gateway_logs_them(tmp_path: Path) -> None:
    """LiteLLM; three calls of the same cost, two of a team, one of those in production too."""
    tags: list[list[str]] = [["team:search", "env:prod"], ["team:search"], []]
    litellm.log(tmp_path, *({"request_tags": each} for each in tags))
    by_team = usage([tmp_path], by="tag:team")
    assert {row.key: row.counted.calls for row in by_team.rows} == {"search": 2, "": 1}
    by_tag = usage([tmp_path], by="tag")
    rows = {row.key: row.counted.calls for row in by_tag.rows}
    assert rows | {"team=search": 2, "env=prod": 1} == rows
    assert by_tag.overlapping
    assert by_tag.total == by_team.total
