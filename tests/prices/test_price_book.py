"""What the bundled book says, against published prices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from payback import prices
from payback.prices import Price, PriceBook, Unpriced
from payback.prices import listing as files
from payback.prices.listing import COLUMNS, listings
from payback.prices.price import RATE_NAMES, per_million

TODAY = date(2026, 11, 21)

AGENT_EVAL_MODELS = {
    # Every name in the call logs of benediktstroebl/agent-eval @ e59c01b, run in April 2024, with the
    # list price of that month. OpenAI: openai.com/pricing of April 2024, as 0.0015/0.002 and so on a
    # thousand in langchain-ai/langchain@3894b4d and huggingface.co/spaces/Bikatr7/Kudasai (ba92d48).
    # Together: together.ai/pricing, as genai-prices 0.2.3 keeps it.
    "gpt-4-turbo-2024-04-09": ("openai", "10", "30"),
    "azure_gpt-35-turbo-0613": ("azure", "1.5", "2"),
    "gpt-3.5-turbo-0125": ("openai", "0.5", "1.5"),
    "azure_gpt-4-0613": ("azure", "30", "60"),
    "gpt-3.5-turbo-1106": ("openai", "1", "2"),
    "meta-llama/Llama-3-8b-chat-hf": ("together", "0.2", "0.2"),
    "gpt-3.5-turbo-0613": ("openai", "1.5", "2"),
    "gpt-4-1106-preview": ("openai", "10", "30"),
    "codellama/CodeLlama-34b-Instruct-hf": ("together", "0.776", "0.776"),
    "meta-llama/Llama-3-70b-chat-hf": ("together", "0.9", "0.9"),
    "azure-agent-eval-gpt-4": ("azure", "10", "30"),
    "gpt-35-turbo": ("azure", "0.5", "1.5"),
    "gpt-4-0125": ("azure", "10", "30"),
}


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return PriceBook.bundled()


def in_and_out(found: Price | Unpriced) -> tuple[Decimal | None, Decimal | None]:
    assert isinstance(found, Price), found
    return per_million(found.rates.input), per_million(found.rates.output)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # OpenAI cut o3 by 80 % on 10 June 2025, from 10/40 (genai-prices, openai.yml; jehna/humanify#406
        # quotes platform.openai.com/docs/pricing of April 2025 with 10/40).
        (date(2025, 6, 9), ("10", "40")),
        (date(2025, 6, 10), ("2", "8")),
    ],
)
def test_o3_became_cheaper_on_10_june_2025(book: PriceBook, day: date, expected: tuple[str, str]) -> None:
    assert in_and_out(book.price("o3", on=day)) == tuple(map(Decimal, expected))


@pytest.mark.parametrize("model", AGENT_EVAL_MODELS)
def test_every_model_of_agent_eval_resolves(book: PriceBook, model: str) -> None:
    provider, fresh, output = AGENT_EVAL_MODELS[model]
    found = book.price(model, on=date(2024, 4, 20))
    assert isinstance(found, Price)
    assert found.provider == provider
    assert in_and_out(found) == (Decimal(fresh), Decimal(output))


def test_an_unknown_model_is_unpriced_with_near_names(book: PriceBook) -> None:
    found = book.price("claude-sonet-4-5", on=TODAY)
    assert isinstance(found, Unpriced)
    assert "claude-sonnet-4-5" in found.near
    assert found.fix


def test_a_model_without_a_price_per_token_is_unpriced(book: PriceBook) -> None:
    found = book.price("whisper-1", "openai", on=TODAY)
    assert isinstance(found, Unpriced)
    assert "without a price per token" in found.reason


def test_a_day_before_the_first_price_is_unpriced() -> None:
    small = PriceBook(listings([row(valid_from="2026-07-30")]), listings([]))
    assert isinstance(small.price("m", "p", on=date(2026, 7, 30)), Price)
    found = small.price("m", "p", on=date(2026, 7, 29))
    assert isinstance(found, Unpriced)
    assert "2026-07-30" in found.reason


def test_a_missing_cache_rate_stays_missing(book: PriceBook) -> None:
    found = book.price("gpt-4-0613", on=TODAY)
    assert isinstance(found, Price)
    assert found.rates.cached is None
    assert found.rates.cache_write_5m is None


def test_no_rate_of_either_book_is_zero(book: PriceBook) -> None:
    for listed in (book.listings, book.second):
        for provider, model in listed.keys:
            found = listed.find(provider, model)
            assert found is not None
            for price in found.prices:
                rates = [price.rates, *(part.rates for part in (price.tier, price.hours) if part)]
                assert all(getattr(one, name) != 0 for one in rates for name in RATE_NAMES), model


def test_claude_writes_to_the_cache_have_two_prices(book: PriceBook) -> None:
    # platform.claude.com/docs/en/about-claude/pricing: Sonnet 4.5 at 3.75 for five minutes, 6 for an
    # hour, 0.30 read; past 200k tokens 6 in, 22.50 out, and the multipliers of the cache on top.
    found = book.price("claude-sonnet-4-5-20250929", on=date(2026, 1, 1))
    assert isinstance(found, Price)
    assert [per_million(getattr(found.rates, name)) for name in RATE_NAMES] == list(
        map(Decimal, ("3", "0.3", "3.75", "6", "15"))
    )
    assert found.tier is not None
    assert (found.tier.above, found.tier.rule) == (200_000, "cliff")
    assert [per_million(getattr(found.tier.rates, name)) for name in RATE_NAMES] == list(
        map(Decimal, ("6", "0.6", "7.5", "12", "22.5"))
    )


def test_gpt_5_6_luna_writes_past_the_threshold_at_the_long_rate(book: PriceBook) -> None:
    # BerriAI/litellm#35270: cache_creation_input_token_cost_above_272k_tokens 5e-07.
    found = book.price("gpt-5.6-luna", on=date(2026, 8, 1))
    assert isinstance(found, Price)
    assert found.tier is not None
    assert per_million(found.tier.rates.cache_write_5m) == Decimal("0.5")


def test_a_tier_that_names_no_cache_rate_leaves_it_unknown(book: PriceBook) -> None:
    found = book.price("x-ai/grok-4-fast", "openrouter", on=TODAY)
    assert isinstance(found, Price)
    assert found.tier is not None
    assert found.rates.cached is not None
    assert found.tier.rates.cached is None


def test_a_model_with_two_tiers_is_unpriced_rather_than_wrong(book: PriceBook) -> None:
    found = book.price("qwen/qwen3.7-flash", "openrouter", on=TODAY)
    assert isinstance(found, Unpriced)
    assert "two tiers" in found.reason


def test_history_is_every_list_price_oldest_first(book: PriceBook) -> None:
    found = book.history("gpt-5.6-terra")
    assert not isinstance(found, Unpriced)
    assert [(price.valid_from, *in_and_out(price)) for price in found] == [
        (None, Decimal("2.5"), Decimal(15)),
        (date(2026, 7, 30), Decimal(2), Decimal(12)),
    ]
    assert isinstance(book.history("no-such-model"), Unpriced)


def test_deepseek_has_dear_hours_on_weekdays(book: PriceBook) -> None:
    # api-docs.deepseek.com/quick_start/pricing, since 10 September 2026: 0.15/0.60 off-peak, twice
    # that from 01:00 to 04:00 and 06:00 to 10:00 UTC, Monday to Friday.
    found = book.price("deepseek-v4-flash", on=date(2026, 9, 15))
    assert isinstance(found, Price)
    assert found.hours is not None
    assert in_and_out(found) == (Decimal("0.15"), Decimal("0.6"))
    assert found.hours.stretches == ((3600, 14_400), (21_600, 36_000))
    assert found.hours.weekdays_only
    assert per_million(found.hours.rates.output) == Decimal("1.2")


def test_deepseek_had_no_dear_hours_before_17_august_2026(book: PriceBook) -> None:
    found = book.price("deepseek-v4-flash", on=date(2026, 8, 16))
    assert isinstance(found, Price)
    assert found.hours is None


def test_the_books_disagree_about_few_models(book: PriceBook) -> None:
    # A first count, of the two sources as they came and of 113 models, found 8; six were DeepSeek's.
    # Review gave deepseek-chat and -reasoner their later price; this one counts every first-party
    # seller, and the makers' models on Google's cloud.
    count, differ = book.compared(TODAY)
    assert count == 164
    assert {found.ours.model: found.hours for found in differ} == {
        "deepseek-flash": True,
        "deepseek-v3.2": False,
        "deepseek-v4-flash": True,
        "deepseek-v4-pro": True,
        "claude-3-5-haiku": False,
        "mistral-large-4": False,
        "grok-code-fast-1": False,
    }


def test_a_disagreement_names_the_rates(book: PriceBook) -> None:
    (found,) = book.disagreements("grok-code-fast-1", TODAY)
    assert found.theirs.source == "litellm 1.109.1"
    assert found.differ == ("input", "cached", "output")
    assert book.disagreements("o3", TODAY) == ()
    assert book.disagreements("o3", date(2025, 6, 1)) == (), "an undated book says nothing of the past"
    assert book.disagreements("no-such-model", TODAY) == ()


def test_the_book_says_when_it_was_read() -> None:
    assert prices.as_of() == TODAY


def test_every_listing_can_be_read_and_says_its_source(book: PriceBook) -> None:
    for listed in (book.listings, book.second):
        for provider, model in listed.keys:
            found = listed.find(provider, model)
            assert found is not None
            assert found.prices
            assert all(price.source and price.retrieved_on for price in found.prices)


def row(**cells: str) -> tuple[str, ...]:
    return tuple(({"provider": "p", "model": "m", "input": "1"} | cells).get(name, "") for name in COLUMNS)


def test_hours_that_pass_midnight_become_two_stretches() -> None:
    found = listings([row(), row(window="16:30-00:30", input="0.5")]).find("p", "M")
    assert found is not None
    assert found.prices[0].hours is not None
    assert found.prices[0].hours.stretches == ((0, 1800), (59_400, 86_400))


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        pytest.param([row(), row()], "2 rows for the day", id="twice the same"),
        pytest.param([row(window="01:00-02:00")], "0 rows for the day", id="hours alone"),
        pytest.param(
            [row(), row(window="01:00-02:00", input="2"), row(window="03:00-04:00", input="3")],
            "more kinds of hours",
            id="hours at two prices",
        ),
        pytest.param(
            [row(tier_above="200000", tier_rule="cliff"), row(window="01:00-02:00")],
            "both a tier and hours",
            id="tier and hours",
        ),
        pytest.param([row(tier_above="1", tier_rule="slope")], "slope", id="unknown rule"),
    ],
)
def test_a_book_the_columns_cannot_hold_is_refused(rows: list[tuple[str, ...]], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        listings(rows).find("p", "m")


def test_a_file_with_other_columns_is_no_price_book() -> None:
    with pytest.raises(ValueError, match="not those of a price book"):
        files.read(files.FOLDER / "aliases.csv")
