"""Your own prices, discounts and service tiers over the book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from payback import project
from payback.prices import Discount, Override, Price, PriceBook, Unpriced, of_project
from payback.prices.price import per_million
from payback.prices.service_tier import service_tier_name

DAY = date(2026, 3, 2)


def million(found: Price | Unpriced, name: str = "input") -> Decimal | None:
    assert isinstance(found, Price), found
    return per_million(getattr(found.rates, name))


def test_an_override_wins_over_the_book_on_its_days() -> None:
    own = Override(
        "o3*",
        input=Decimal("1.75"),
        output=Decimal(7),
        currency="EUR",
        first_day=date(2026, 3, 1),
        first_day_after=date(2026, 4, 1),
        source="contract 2026-17",
    )
    book = PriceBook.bundled(overrides=(own,))
    found = book.price("o3-2025-04-16", on=date(2026, 3, 31))
    assert isinstance(found, Price)
    assert (found.own, found.currency, found.source) == (True, "EUR", "contract 2026-17")
    assert (found.provider, found.model) == ("openai", "o3")
    assert million(found) == Decimal("1.75")
    assert found.rates.cached is None
    assert million(book.price("o3", on=date(2026, 2, 28))) == 2
    assert million(book.price("o3", on=date(2026, 4, 1))) == 2


def test_an_override_prices_a_model_nobody_lists() -> None:
    own = Override("acme-*", input=Decimal("0.2"), output=Decimal("0.4"), provider="inhouse")
    book = PriceBook.bundled(overrides=(own,))
    found = book.price("acme-tuned-7b", "inhouse", on=DAY)
    assert isinstance(found, Price)
    assert (found.provider, found.model) == ("inhouse", "acme-tuned-7b")
    assert isinstance(book.price("acme-tuned-7b", "elsewhere", on=DAY), Unpriced)
    assert isinstance(book.price("other-7b", "inhouse", on=DAY), Unpriced)


def test_an_override_without_a_provider_prices_any() -> None:
    book = PriceBook.bundled(overrides=(Override("acme", input=Decimal(1)),))
    assert million(book.price("ACME", on=DAY)) == 1
    assert million(book.price("acme", "anybody", on=DAY)) == 1


def test_an_override_names_the_provider_as_logged_or_as_the_book_does() -> None:
    for name in ("aws.bedrock", "aws"):
        book = PriceBook.bundled(overrides=(Override("*", input=Decimal(1), provider=name),))
        assert million(book.price("global.anthropic.claude-opus-5", "aws.bedrock", on=DAY)) == 1


def test_an_override_brings_its_tier() -> None:
    own = Override(
        "m",
        input=Decimal(1),
        output=Decimal(2),
        tier_above=100_000,
        tier_rule="excess",
        tier_input=Decimal(3),
    )
    found = PriceBook.bundled(overrides=(own,)).price("m", on=DAY)
    assert isinstance(found, Price)
    assert found.tier is not None
    assert (found.tier.above, found.tier.rule) == (100_000, "excess")
    assert per_million(found.tier.rates.input) == 3
    assert found.tier.rates.output is None


def test_the_first_override_that_fits_is_taken() -> None:
    book = PriceBook.bundled(overrides=(Override("o3", input=Decimal(1)), Override("*", input=Decimal(9))))
    assert million(book.price("o3", on=DAY)) == 1
    assert million(book.price("o4-mini", on=DAY)) == 9


def test_a_discount_multiplies_every_rate_of_the_book() -> None:
    book = PriceBook.bundled(discounts=(Discount(Decimal("0.8"), model="claude-*", provider="anthropic"),))
    found = book.price("claude-sonnet-4-5", on=DAY)
    # 3, 0.30, 3.75, 15 and past the threshold 6, each times 0.8, by hand.
    assert [million(found, name) for name in ("input", "cached", "cache_write_5m", "output")] == [
        Decimal("2.4"),
        Decimal("0.24"),
        Decimal(3),
        Decimal(12),
    ]
    assert isinstance(found, Price)
    assert found.tier is not None
    assert per_million(found.tier.rates.input) == Decimal("4.8")
    assert found.adjustments == ("times 0.8, your discount",)
    assert million(book.price("gpt-4o", on=DAY)) == Decimal("2.5")


def test_a_discount_has_days() -> None:
    book = PriceBook.bundled(
        discounts=(Discount(Decimal("0.5"), first_day=date(2026, 3, 1), first_day_after=date(2026, 3, 2)),)
    )
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2))
    assert [million(book.price("o3", on=day)) for day in days] == [2, 1, 2]


def test_a_discount_reaches_the_dear_hours() -> None:
    book = PriceBook.bundled(discounts=(Discount(Decimal("0.5")),))
    found = book.price("deepseek-v4-pro", on=date(2026, 10, 1))
    assert isinstance(found, Price)
    assert found.hours is not None
    assert per_million(found.hours.rates.input) == Decimal("0.66")


def test_a_discount_leaves_an_override_alone() -> None:
    book = PriceBook.bundled((Override("o3", input=Decimal(1)),), (Discount(Decimal("0.5")),))
    assert million(book.price("o3", on=DAY)) == 1


def test_batch_is_half_where_the_seller_says_so() -> None:
    # platform.claude.com/docs/en/build-with-claude/batch-processing: all usage at 50 %.
    found = PriceBook.bundled().price("claude-opus-4-8", on=date(2026, 7, 1), service_tier="Batch")
    assert [million(found, name) for name in ("input", "cached", "cache_write_5m", "output")] == [
        Decimal("2.5"),
        Decimal("0.25"),
        Decimal("3.125"),
        Decimal("12.5"),
    ]
    assert isinstance(found, Price)
    assert found.service_tier == "batch"
    assert "platform.claude.com" in found.adjustments[0]


def test_cached_input_in_a_batch_is_unknown_where_nobody_says() -> None:
    # ai.google.dev/gemini-api/docs/optimization: batch at 50 %, which does not stack with the cache's.
    found = PriceBook.bundled().price("gemini-2.5-pro", on=DAY, service_tier="batch")
    assert million(found) == Decimal("0.625")
    assert million(found, "cached") is None


@pytest.mark.parametrize(
    ("model", "tier", "rates"),
    [
        # As genai-prices 0.2.3 has them; o3 from 2/8 and 0.50 cached.
        ("o3", "priority", ("3.5", "0.875", "14")),
        ("o3", "batch", ("1", None, "4")),
        ("gpt-5.2", "flex", ("0.875", "0.0875", "7")),
        ("mistral-large-2512", "batch", ("0.25", "0.025", "0.75")),
        ("grok-4.3", "batch", ("1", "0.16", "2")),
    ],
)
def test_tiers_that_are_documented(model: str, tier: str, rates: tuple[str | None, ...]) -> None:
    found = PriceBook.bundled().price(model, on=DAY, service_tier=tier)
    expected = [None if rate is None else Decimal(rate) for rate in rates]
    assert [million(found, name) for name in ("input", "cached", "output")] == expected


@pytest.mark.parametrize(
    ("model", "provider", "tier"),
    [("gpt-4o-mini", None, "priority"), ("gpt-4o", "azure", "batch"), ("grok-4.6", None, "batch")],
)
def test_a_tier_nobody_documents_is_not_list_priced(model: str, provider: str | None, tier: str) -> None:
    found = PriceBook.bundled().price(model, provider, on=DAY, service_tier=tier)
    assert isinstance(found, Unpriced)
    assert "service_tier" in found.fix
    assert found.near == ()


def test_a_discount_that_names_a_tier_is_its_factor() -> None:
    discounts = (
        Discount(Decimal("0.6"), service_tier="batch"),
        Discount(Decimal(2), model="o3", service_tier="scale"),
        Discount(Decimal("0.9")),
    )
    book = PriceBook.bundled(discounts=discounts)
    # By hand: 2 x 0.6 x 0.9, in the place of OpenAI's own half; 2 x 2 x 0.9; 2 x 0.9.
    assert million(book.price("o3", on=DAY, service_tier="batch")) == Decimal("1.08")
    assert million(book.price("o3", on=DAY, service_tier="scale")) == Decimal("3.6")
    assert million(book.price("o3", on=DAY)) == Decimal("1.8")


def test_an_override_of_the_standard_price_says_nothing_of_other_tiers() -> None:
    own = (Override("o3", input=Decimal(1)),)
    assert isinstance(PriceBook.bundled(own).price("o3", on=DAY, service_tier="batch"), Unpriced)
    half = (Discount(Decimal("0.5"), service_tier="batch"),)
    assert million(PriceBook.bundled(own, half).price("o3", on=DAY, service_tier="batch")) == Decimal("0.5")
    batch = (Override("o3", input=Decimal("0.7"), service_tier="batch"),)
    assert million(PriceBook.bundled(batch).price("o3", on=DAY, service_tier="batch")) == Decimal("0.7")
    assert million(PriceBook.bundled(batch).price("o3", on=DAY)) == 2


def test_words_for_the_standard_tier() -> None:
    words = (None, "", "default", "STANDARD", "on_demand", "Flex")
    assert [service_tier_name(word) for word in words] == ["standard"] * 5 + ["flex"]


def test_a_project_file_gives_prices_discounts_and_rates(tmp_path: Path) -> None:
    (tmp_path / "payback.toml").write_text(
        """
        name = "test"
        currency = "EUR"

        [[prices]]
        model = "acme-*"
        input = 0.25
        output = 0.5
        cached = 0.05
        currency = "EUR"
        from = 2026-01-01

        [[discounts]]
        factor = 0.85
        provider = "anthropic"

        [[currency_rates]]
        from = "EUR"
        to = "USD"
        day = 2026-01-02
        rate = 1.0842
        """,
        encoding="utf-8",
    )
    overrides, discounts, rates = of_project(project.load(tmp_path))
    book = PriceBook.bundled(overrides, discounts)
    found = book.price("acme-7b", on=DAY)
    assert isinstance(found, Price)
    assert (found.currency, found.valid_from) == ("EUR", date(2026, 1, 1))
    assert million(found, "cached") == Decimal("0.05")
    assert million(book.price("claude-opus-4-8", on=DAY)) == Decimal("4.25")
    assert [(rate.from_currency, rate.to_currency, rate.rate) for rate in rates] == [
        ("EUR", "USD", Decimal("1.0842"))
    ]
