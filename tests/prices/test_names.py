"""From a logged name to a listing: every rule, and where it must not guess."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from payback.prices import Price, PriceBook, Unpriced
from payback.prices.listing import COLUMNS, FOLDER, Listings, listings
from payback.prices.names import MAKERS, forms, known_provider, maker
from payback.prices.resolve import Found, resolve

DAY = date(2026, 8, 1)


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return PriceBook.bundled()


@pytest.mark.parametrize(
    ("logged", "provider", "expected"),
    [
        pytest.param("o3-2025-04-16", None, "openai/o3", id="date with hyphens"),
        pytest.param("claude-sonnet-4-5-20250929", "anthropic", "anthropic/claude-sonnet-4-5", id="date"),
        pytest.param("claude-haiku-4-5@20251001", "vertex_ai", "google/claude-haiku-4-5", id="date after @"),
        pytest.param("claude-opus-4-5[1m]", None, "anthropic/claude-opus-4-5", id="window mark"),
        pytest.param("openai/gpt-4o", None, "openai/gpt-4o", id="route"),
        pytest.param("openai/gpt-4o", "openrouter", "openrouter/openai/gpt-4o", id="openrouter's own name"),
        pytest.param("models/gemini-2.5-pro", "gcp.gemini", "google/gemini-2.5-pro", id="path"),
        pytest.param(
            "publishers/google/models/gemini-2.5-pro", "vertex_ai", "google/gemini-2.5-pro", id="long path"
        ),
        pytest.param(
            "us.anthropic.claude-opus-4-8-v1:0",
            None,
            "aws/regional.anthropic.claude-opus-4-8-v1:0",
            id="region",
        ),
        pytest.param(
            "global.anthropic.claude-opus-4-8-v1:0",
            "aws.bedrock",
            "aws/global.anthropic.claude-opus-4-8-v1:0",
            id="global",
        ),
        pytest.param(
            "bedrock/eu.anthropic.claude-opus-5",
            None,
            "aws/regional.anthropic.claude-opus-5",
            id="route and region",
        ),
        pytest.param(
            "anthropic.claude-3-opus-20240229-v1:0",
            "bedrock",
            "aws/regional.anthropic.claude-3-opus-20240229-v1:0",
            id="Bedrock without a region",
        ),
        pytest.param(
            "us.anthropic.claude-opus-5-v1:0", "aws", "aws/regional.anthropic.claude-opus-5", id="revision"
        ),
        pytest.param("claude-3.5-sonnet", None, "anthropic/claude-3-5-sonnet", id="version with a dot"),
        pytest.param("Claude-Opus-4-8", None, "anthropic/claude-opus-4-8", id="case"),
        pytest.param("claude-opus-4-20250514", None, "anthropic/claude-opus-4-0", id="date, then alias"),
        pytest.param("claude-3-5-haiku", None, "anthropic/claude-3-5-haiku-latest", id="listed as latest"),
        pytest.param("o4-mini-latest", None, "openai/o4-mini", id="latest"),
        pytest.param("gpt-4o-2024-05-13", None, "openai/gpt-4o-2024-05-13", id="a date with its own price"),
        pytest.param("gpt-3.5-turbo-0613", None, "openai/gpt-3.5-turbo-0613", id="a version is no date"),
        pytest.param("trinity-large-thinking", None, "arcee/trinity-large-thinking", id="maker"),
    ],
)
def test_a_logged_name_resolves(book: PriceBook, logged: str, provider: str | None, expected: str) -> None:
    found = book.price(logged, provider, on=DAY)
    assert isinstance(found, Price), found
    assert f"{found.provider}/{found.model}" == expected
    literal = logged.casefold() == found.model.casefold()
    assert bool(found.found_by) is not literal


@pytest.mark.parametrize(
    ("logged", "provider"),
    [
        pytest.param("gpt-oss-120b", None, id="several sellers at different prices"),
        pytest.param("qwen3.6-plus", None, id="only a reseller lists it"),
        pytest.param("gpt-4-0613-extra", None, id="nobody lists it"),
        pytest.param("gpt-9-0101", None, id="a short date is never dropped"),
        pytest.param("claude-opus-4-8", "groq", id="not at that seller"),
        pytest.param("gpt-4o", "some-gateway", id="a seller the book does not know"),
    ],
)
def test_a_name_is_not_guessed(book: PriceBook, logged: str, provider: str | None) -> None:
    found = book.price(logged, provider, on=DAY)
    assert isinstance(found, Unpriced)
    assert found.reason
    assert found.fix


def small_book(*rows: tuple[str, str, str]) -> Listings:
    """Rows of provider, model, input price."""
    cells = ({"provider": p, "model": m, "input": rate, "output": rate} for p, m, rate in rows)
    return listings(tuple(row.get(name, "") for name in COLUMNS) for row in cells)


def test_a_date_is_not_dropped_where_the_dated_name_costs_something_else() -> None:
    book = small_book(("azure", "gpt-x", "2"), ("openai", "gpt-x-2026-01-02", "5"))
    found = resolve(book, "gpt-x-2026-01-02", "azure")
    assert isinstance(found, Unpriced)
    assert "another price" in found.reason


def test_a_second_book_is_a_witness_too() -> None:
    book = small_book(("openai", "gpt-x", "2"))
    same = small_book(("openai", "gpt-x-2026-01-02", "2"))
    other = small_book(("openai", "gpt-x-2026-01-02", "5"))
    assert isinstance(resolve(book, "gpt-x-2026-01-02", None, witnesses=(same,)), Found)
    assert isinstance(resolve(book, "gpt-x-2026-01-02", None, witnesses=(other,)), Unpriced)


def test_sellers_at_the_same_price_are_one_answer() -> None:
    book = small_book(("groq", "llama-z", "1"), ("together", "llama-z", "1"))
    found = resolve(book, "llama-z", None)
    assert isinstance(found, Found)
    assert found.found_by == ("groq, together list it at the same price",)


def test_the_maker_comes_before_other_sellers() -> None:
    book = small_book(("azure", "gpt-z", "1"), ("openai", "gpt-z", "2"))
    found = resolve(book, "gpt-z", None)
    assert isinstance(found, Found)
    assert found.listing.provider == "openai"


def test_a_model_only_another_seller_lists_is_taken_and_said() -> None:
    found = resolve(small_book(("together", "llama-z", "1")), "llama-z", None)
    assert isinstance(found, Found)
    assert found.found_by == ("only together lists it",)


def test_the_most_literal_reading_comes_first() -> None:
    first = forms("openai/gpt-4o-2024-08-06", None)[0]
    assert (first.model, first.found_by, first.lossy) == ("openai/gpt-4o-2024-08-06", (), False)


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        ("aws.bedrock", "aws"),
        ("OpenAI", "openai"),
        (" gcp.vertex_ai ", "google"),
        ("acme", "acme"),
        ("", None),
        (None, None),
    ],
)
def test_providers_have_one_name(logged: str | None, expected: str | None) -> None:
    assert known_provider(logged) == expected


def test_makers_are_sellers_of_the_book(book: PriceBook) -> None:
    sellers = {seller for seller, _ in book.listings.keys}
    assert {name for _, name in MAKERS} - {""} <= sellers
    assert maker("gpt-oss-20b") is None
    assert maker("o3-mini") == "openai"


@pytest.mark.parametrize("name", ["aliases.csv", "providers.csv"])
def test_every_alias_has_a_reason_and_leads_somewhere(book: PriceBook, name: str) -> None:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["logged"].casefold() for row in rows}) == len(rows)
    sellers = {seller for seller, _ in book.listings.keys}
    for row in rows:
        assert row["reason"]
        assert row["provider"] in sellers
        if "model" in row:
            assert book.listings.find(row["provider"], row["model"]), row
