"""`payback prices`: what people read and what programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from payback.cli.prices import command
from payback.records import PaybackError


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a payback.toml above it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def facts(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    found: dict[str, Any] = json.loads(result.output)
    assert found["schema_version"] == 1
    return found


def test_a_price_with_its_source_and_its_changes() -> None:
    output = run("o3", "--on", "2025-06-01").output
    assert output.splitlines() == [
        "o3 at openai, standard: list price on 2025-06-01, USD per million tokens",
        "  fresh input                   10",
        "  cached input                 2.5",
        "  output                        40",
        "",
        "source  genai-prices 0.2.3; cached: pydantic/genai-prices 0b2c115 azure.yml, o3-2025-04-16",
        "read on 2026-11-21",
        "note    0.2.3 lists the later cached rate of 0.5 for the time before the cut too",
        "",
        "Every list price, per million tokens",
        "  from the start  fresh input 10; cached input 2.5; output 40",
        "  2025-06-10      fresh input 2 (80 % less); cached input 0.5 (80 % less); output 8 (80 % less)",
    ]


def test_tiers_hours_and_other_books_are_said() -> None:
    long = run("claude-sonnet-4-5-20250929").output
    assert "claude-sonnet-4-5 (claude-sonnet-4-5-20250929) at anthropic" in long
    assert "Past 200,000 input tokens, all tokens of the call cost" in long
    assert "without the release date" in long
    dear = run("deepseek-v4-pro").output
    assert "From 01:00 to 04:00 and 06:00 to 10:00 UTC, Monday to Friday" in dear
    assert "fresh input 0.66 (51.7 % more)" in dear
    assert "fresh input 1.32 in litellm 1.109.1, 0.66 here" in dear


def test_an_unknown_cached_rate_is_said_and_not_0() -> None:
    assert "cached input                 not known" in run("gpt-4-0613").output


def test_json_has_exact_decimals_and_nulls() -> None:
    found = facts("o3")
    assert found["priced"] is True
    assert (found["provider"], found["model"], found["on"]) == ("openai", "o3", "2026-11-21")
    assert found["rates"] == {
        "input": "2",
        "cached": "0.5",
        "cache_write_5m": None,
        "cache_write_1h": None,
        "output": "8",
    }
    assert [one["valid_from"] for one in found["history"]] == [None, "2025-06-10"]
    assert found["history"][1]["percent_change"] == {"input": "-80", "cached": "-80", "output": "-80"}


def test_json_of_tiers_hours_and_disagreements() -> None:
    assert facts("claude-sonnet-4-5")["tier"]["above_input_tokens"] == 200_000
    found = facts("deepseek-v4-pro")
    assert found["hours"]["utc"] == [["01:00", "04:00"], ["06:00", "10:00"]]
    assert found["hours"]["weekdays_only"] is True
    (other,) = found["disagreements"]
    assert other["rates"]["input"] == {"here": "0.66", "there": "1.32"}
    assert other["has_rate_of_hours"] is True


def test_an_unknown_model_is_refused_with_near_names() -> None:
    with pytest.raises(PaybackError, match="no price is known for claude-sonet-4-5") as refused:
        run("claude-sonet-4-5")
    assert "claude-sonnet-4-5" in refused.value.fix
    assert refused.value.code == "no-price"


def test_an_unknown_model_in_json_ends_with_2() -> None:
    result = run("claude-sonet-4-5", "--json")
    assert result.exit_code == 2
    found = json.loads(result.output)
    assert (found["schema_version"], found["priced"]) == (1, False)
    assert "claude-sonnet-4-5" in found["near"]


def test_a_tier_nobody_documents_is_refused_without_near_names() -> None:
    with pytest.raises(PaybackError, match="no priority price is known") as refused:
        run("gpt-4o-mini", "--tier", "priority")
    assert "listed names" not in refused.value.fix


def test_batch_shows_where_its_factor_comes_from() -> None:
    output = run("claude-opus-4-8", "--tier", "batch").output
    assert "claude-opus-4-8 at anthropic, batch: price after factors" in output
    assert "applied batch: times 0.5 (https://platform.claude.com" in output


def test_prices_of_the_project_come_first(nowhere: Path) -> None:
    (nowhere / "payback.toml").write_text(
        """
        name = "test"
        currency = "EUR"
        [[prices]]
        model = "acme-*"
        input = 0.25
        output = 0.5
        currency = "EUR"
        source = "contract 17"
        [[discounts]]
        factor = 0.9
        """,
        encoding="utf-8",
    )
    own = run("acme-7b").output
    assert "your own price on 2026-11-21, EUR per million tokens" in own
    assert "source  contract 17" in own
    assert "times 0.9, your discount" in run("o3").output
    assert facts()["overrides"] == 1
    assert "payback.toml: 1 price of your own, 1 discount" in run().output


def test_a_broken_project_file_is_said(nowhere: Path) -> None:
    (nowhere / "payback.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(PaybackError) as refused:
        run("o3")
    assert refused.value.code == "project-syntax"


def test_without_a_model_it_says_what_the_book_holds() -> None:
    lines = run().output.splitlines()
    assert lines[0].endswith("providers, last read on 2026-11-21")
    assert lines[1] == "Of 164 models of their makers that a second book prices too, 7 differ"
    assert facts()["compared"] == 164


def test_a_day_that_is_no_day_is_a_wrong_call() -> None:
    result = CliRunner().invoke(command, ["o3", "--on", "yesterday"])
    assert result.exit_code == 2
    assert isinstance(command, click.Command)
