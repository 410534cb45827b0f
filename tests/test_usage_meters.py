"""What is charged by another measure than tokens; every figure by hand from the price table's own sources."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from payback.prices import CurrencyRate
from payback.prices.listing import FOLDER
from payback.prices.meters import meter_price
from payback.records import Money
from payback.usage import Usage, usage
from tests.sources import test_openai_usage as openai
from tests.sources.test_claude_code import answer, log

OPUS_CALL = Decimal("0.0010195")  # 3 x 5 + 9 x 0.50 + 40 x 25 USD a million


def dollars(amount: str | Decimal) -> Money:
    return Money(Decimal(amount), "USD")


def searched(message: str, web: int, fetched: int = 0) -> dict[str, object]:
    used = {"web_search_requests": web, "web_fetch_requests": fetched}
    return answer(message, f"req of {message}", usage_server_tool_use=used)


def read(folder: Path, **result: object) -> Usage:
    """One result of OpenAI's usage export."""
    return usage([openai.log(folder, result)])


def test_searches_are_part_of_the_list_price_and_shown_apart(tmp_path: Path) -> None:
    """Anthropic: 10 USD for 1,000 searches, so 3 + 2 are 0.05; pages fetched cost nothing beyond tokens."""
    found = usage([log(tmp_path, searched("m1", 3), searched("m2", 2, 4), searched("m3", 0))])
    assert found.total.by_meter == dollars("0.05")
    assert found.total.listed == dollars(3 * OPUS_CALL + Decimal("0.05"))
    assert [(each.meter, int(each.quantity), each.listed) for each in found.meters] == [
        ("web_fetch", 4, dollars("0")),
        ("web_search", 5, dollars("0.05")),
    ]
    assert not found.total.or_more


def test_a_call_written_down_several_times_searched_once(tmp_path: Path) -> None:
    found = usage([log(tmp_path, searched("m1", 3), searched("m1", 3))])
    assert found.total.by_meter == dollars("0.03")


def test_searches_stand_in_every_group_they_belong_to(tmp_path: Path) -> None:
    log(tmp_path, searched("m1", 1), searched("m2", 2) | {"gitBranch": "fix"})
    found = usage([tmp_path], by="branch")
    assert {row.key: row.counted.by_meter for row in found.rows} == {
        "main": dollars("0.01"),
        "fix": dollars("0.02"),
    }


def test_they_are_turned_into_the_currency_shown(tmp_path: Path) -> None:
    log(tmp_path, searched("m1", 5))
    rates = [CurrencyRate(date(2026, 1, 1), "EUR", "USD", Decimal("1.25"))]
    assert usage([tmp_path], currency="EUR", rates=rates).total.by_meter == Money(Decimal("0.04"), "EUR")


@pytest.mark.parametrize(
    ("result", "cost"),
    [
        (
            {"object": "organization.usage.audio_transcriptions.result", "seconds": 90, "model": "whisper-1"},
            "0.009",
        ),
        (
            {"object": "organization.usage.audio_speeches.result", "characters": 2000, "model": "tts-1"},
            "0.03",
        ),
        (
            {"object": "organization.usage.audio_speeches.result", "characters": 2000, "model": "tts-1-hd"},
            "0.06",
        ),
    ],
    ids=["0.006 a minute", "15 a million", "30 a million"],
)
def test_what_has_no_tokens_costs_its_meter_alone(
    tmp_path: Path, result: dict[str, object], cost: str
) -> None:
    found = read(tmp_path, num_model_requests=1, **result)
    assert (found.total.listed, found.total.by_meter) == (dollars(cost), dollars(cost))
    assert not found.total.or_more
    assert found.not_priced == ()


def test_a_meter_without_a_known_price_is_not_free(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        object="organization.usage.images.result",
        images=2,
        num_model_requests=2,
        model="dall-e-3",
    )
    assert [(each.meter, int(each.quantity), each.listed) for each in found.meters] == [("image", 2, None)]
    assert found.total.or_more
    assert found.total.listed == dollars("0")


def test_a_call_with_tokens_and_an_unknown_meter_is_a_lower_bound(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        object=openai.COMPLETIONS,
        input_tokens=1000,
        output_tokens=0,
        output_audio_tokens=0,
        input_audio_tokens=100,
        num_model_requests=1,
        model="gpt-5.1-2025-11-13",
    )
    assert found.total.unpriced_meters == 1
    assert found.total.or_more


@pytest.mark.parametrize(
    ("meter", "model", "provider", "price"),
    [
        ("web_search", "claude-opus-4-5-20251101", None, "10"),
        (
            "web_search",
            "us.anthropic.claude-opus-4-5-20251101-v1:0",
            "aws.bedrock",
            None,
        ),  # not told of clouds
        ("web_search", "gpt-5.1", None, "10"),
        ("web_search_preview", "gpt-4o", "openai", "25"),
        ("web_search_preview", "gpt-5", "openai", "10"),
        ("web_search", "grok-4", None, "5"),
        ("web_search", "gemini-3-pro-preview", None, "14"),
        ("web_search", "gemini-2.5-pro", None, None),  # paid by the prompt, not by the search
        ("web_search", "acme-7b", None, None),
        ("code_execution", "claude-opus-4-5", None, None),
    ],
)
def test_prices_of_meters(meter: str, model: str, provider: str | None, price: str | None) -> None:
    found = meter_price(meter, model, provider)
    assert (None if found is None else found.price) == (None if price is None else Decimal(price))


def test_every_price_says_where_it_is_from() -> None:
    with (FOLDER / "meters.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["source"] and row["retrieved_on"] for row in rows)
    assert len({(row["meter"], row["provider"], row["model"]) for row in rows}) == len(rows)
