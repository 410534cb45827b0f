"""Build the two price books in src/payback/prices from the public ones: python -m tools.build_price_book FOLDER.

FOLDER holds genai_prices_0.2.3.csv.gz and litellm_price_snapshots.csv.gz, column cuts of those
projects' price files. What is taken, changed and left out: src/payback/prices/README.md.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from payback.prices.listing import BOOK, COLUMNS, SECOND_BOOK, Listings, listings
from payback.prices.price import per_million
from payback.prices.resolve import Found, resolve

Row = dict[str, str]

RETRIEVED_ON = "2026-11-21"
GENAI = "genai-prices 0.2.3"
LITELLM_NEWEST_FIRST = ("1.109.1", "1.80.0", "1.73.0", "1.55.0", "0.11.1")
REVIEW = Path(__file__).parent / "price_book_review.csv"

LITELLM_PROVIDERS = {
    "anthropic": "anthropic",
    "azure": "azure",
    "azure_ai": "azure",
    "azure_text": "azure",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "cohere": "cohere",
    "cohere_chat": "cohere",
    "deepseek": "deepseek",
    "fireworks_ai": "fireworks",
    "gemini": "google",
    "groq": "groq",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshot": "moonshotai",
    "openai": "openai",
    "perplexity": "perplexity",
    "text-completion-openai": "openai",
    "together_ai": "together",
    "vertex_ai-anthropic_models": "google",
    "vertex_ai-chat-models": "google",
    "vertex_ai-language-models": "google",
    "xai": "x-ai",
    "zai": "zai",
}
"""Only sellers genai-prices knows too; where two map to one, the earlier in the file wins."""

ROUTES = re.compile(
    r"^(azure|azure_ai|gemini|vertex_ai|xai|groq|together_ai|bedrock|moonshot|mistral|deepseek|perplexity"
    r"|zai|minimax|cohere|fireworks_ai/accounts/fireworks/models|fireworks_ai)/"
)
SIZE_CLASS = re.compile(r"^(together-ai|fireworks-ai)-")  # a price for a size, not a model

LEFT_OUT = re.compile(
    r"(chat-bison|codechat-bison|code-gecko)"  # were sold by the character
    r"|gemini-1\.5-(flash|pro)-(exp|preview|latest)"  # per character, or misplaced points
    r"|claude-instant"  # 1.63/5.51 and a tenth of it in two releases
    r"|gpt-35-turbo-(instruct|0301)"  # an Azure name under OpenAI; 0.2/2, where OpenAI's 0301 was 1.5/2
    r"|deepseek-v4-flash-vision-exp"  # only the peak price; an alias of deepseek-v4-flash here
)
"""Prices of litellm's that review found wrong or not comparable; they are in neither book."""

TIER_FOLLOWS_INPUT = re.compile(r"claude|gpt-5\.6|gpt-6")
"""Models whose price for writing to the cache rises with the input's past the threshold: Anthropic's
multipliers stack with long context (platform.claude.com/docs/en/about-claude/pricing), OpenAI's long
context rates are for all token buckets (pydantic/genai-prices#463). The cuts left these tiers out; what
is derived here is equal to the package's own, wherever that has one."""
RESELLER = "quicksilverpro"  # its own prices; nothing is derived for it
HOUR_WRITE = re.compile(
    r"anthropic/claude|(aws|google)/.*claude-(fable|mythos|(opus|sonnet|haiku)-(4-[5-9]|5))"
)
"""Who sells one-hour writes to Claude's cache: the clouds only from the 4.5 models on."""


def main() -> None:
    """Write book.csv and second_book.csv."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the two public books are")
    folder: Path = parser.parse_args().folder
    litellm = list(_read(folder / "litellm_price_snapshots.csv.gz"))
    review = list(_read(REVIEW))
    rows = list(_genai(_read(folder / "genai_prices_0.2.3.csv.gz"), review))
    rows += _missing_there(_book(rows), litellm)
    _write(BOOK, rows)
    _write(SECOND_BOOK, _litellm(litellm, LITELLM_NEWEST_FIRST[0]))


def _genai(rows: Iterable[Row], review: list[Row]) -> Iterator[Row]:
    """genai-prices as it is, but for the models of the review, which stand in the review's words."""
    reviewed = {(row["provider"], row["model"]) for row in review}
    yield from review
    for row in rows:
        if (row["provider"], row["model"]) in reviewed:
            continue
        made = _blank(row["provider"], row["model"], GENAI)
        made["valid_from"] = row["valid_from"]
        made["window"] = _window(row["time_of_day_utc"])
        if row["tiers"].count("input_mtok>") > 1:
            made["note"] = f"two tiers, which the columns cannot hold: {row['tiers']}"
        elif not row["input_usd_per_mtok"]:
            made["note"] = "free, or not charged by the token"
        else:
            made |= _rates(
                row["input_usd_per_mtok"],
                row["cache_read_usd_per_mtok"],
                row["cache_write_usd_per_mtok"],
                row["output_usd_per_mtok"],
            )
            _set_tier(made, row["tiers"])
            _set_hour_write(made)
        yield made


def _litellm(rows: Iterable[Row], version: str) -> Iterator[Row]:
    """One release's prices, of the sellers both books know."""
    seen = set()
    for row in rows:
        provider = LITELLM_PROVIDERS.get(row["provider"])
        model = _bare(row)
        key = (provider, model.casefold())
        if row["litellm_version"] != version or provider is None or key in seen:
            continue
        if SIZE_CLASS.match(model) or LEFT_OUT.match(model) or not _positive(row["input_usd_per_mtok"]):
            continue
        seen.add(key)
        made = _blank(provider, model, f"litellm {version}")
        made |= _rates(
            row["input_usd_per_mtok"],
            row["cache_read_usd_per_mtok"],
            row["cache_write_usd_per_mtok"],
            row["output_usd_per_mtok"],
        )
        above = row["input_above_200k_usd_per_mtok"], row["output_above_200k_usd_per_mtok"]
        if all(_positive(rate) for rate in above):
            _set_tier(made, f"input_mtok>200000:{above[0]};output_mtok>200000:{above[1]}")
        _set_hour_write(made)
        yield made


def _missing_there(book: Listings, litellm: list[Row]) -> list[Row]:
    """Models genai-prices does not have, or has at another price under a shorter name.

    From the newest release that has them; the note says what older releases said.
    """
    newest: dict[tuple[str, str], Row] = {}
    for version in LITELLM_NEWEST_FIRST:
        for row in _litellm(litellm, version):
            key = (row["provider"], row["model"].casefold())
            if key in newest:
                _add_older_price(newest[key], row, version)
            elif key not in book.by_provider_and_model:
                newest[key] = row
    return [row for row in newest.values() if not _priced_alike(book, row)]


def _priced_alike(book: Listings, row: Row) -> bool:
    """Whether the name's rules lead to a listing with this very price, which then has its history too."""
    found = resolve(book, row["model"], row["provider"])
    return isinstance(found, Found) and any(
        _text(per_million(price.rates.input)) == row["input"]
        and _text(per_million(price.rates.output)) == row["output"]
        for price in found.listing.prices
    )


def _add_older_price(newer: Row, older: Row, version: str) -> None:
    if (newer["input"], newer["output"]) != (older["input"], older["output"]):
        said = f"litellm {version} had {older['input']}/{older['output']}"
        newer["note"] = "; ".join(filter(None, (newer["note"], said)))


def _set_tier(made: Row, tiers: str) -> None:
    """`input_mtok>200000:6;...`: past the threshold all tokens pay it. No tier of its own: not known."""
    if not tiers:
        return
    made["tier_rule"] = "cliff"
    for part in tiers.split(";"):
        name, above, rate = re.split("[>:]", part)
        column = {"input_mtok": "input", "output_mtok": "output", "cache_read_mtok": "cached"}[name]
        made["tier_above"] = above
        made[f"tier_{column}"] = _text(Decimal(rate))
    written = made["cache_write_5m"]
    if written and made["provider"] != RESELLER and TIER_FOLLOWS_INPUT.search(made["model"]):
        rate = Decimal(written) * Decimal(made["tier_input"]) / Decimal(made["input"])
        made["tier_cache_write_5m"] = _text(rate)


def _set_hour_write(made: Row) -> None:
    """Claude's one-hour write is twice the input (platform.claude.com/docs/en/about-claude/pricing)."""
    if made["cache_write_5m"] and HOUR_WRITE.match(f"{made['provider']}/{made['model']}"):
        made["cache_write_1h"] = _text(2 * Decimal(made["input"]))
        if made["tier_input"]:
            made["tier_cache_write_1h"] = _text(2 * Decimal(made["tier_input"]))


def _rates(fresh: str, cached: str, written: str, output: str) -> Row:
    """Rates as exact text. litellm's 0 for cache rates and for output is no price: it stays unknown."""
    cells = {"input": fresh, "cached": cached, "cache_write_5m": written, "output": output}
    return {name: _text(Decimal(cell)) if _positive(cell) else "" for name, cell in cells.items()}


def _positive(cell: str) -> bool:
    return bool(cell) and Decimal(cell) > 0


def _text(number: Decimal | None) -> str:
    """The shortest exact text: 3.0 is 3, 0.30 is 0.3."""
    return "" if number is None else f"{number.normalize():f}"


def _window(time_of_day: str) -> str:
    """00:30:00+00:00-16:30:00+00:00 -> 00:30-16:30."""
    clocks = re.findall(r"(\d\d:\d\d):00\+00:00", time_of_day)
    return "-".join(clocks)


def _bare(row: Row) -> str:
    return ROUTES.sub("", row["model"])


def _blank(provider: str, model: str, source: str) -> Row:
    return dict.fromkeys(COLUMNS, "") | {
        "provider": provider,
        "model": model,
        "source": source,
        "retrieved_on": RETRIEVED_ON,
    }


def _book(rows: Iterable[Row]) -> Listings:
    return listings(tuple(row[name] for name in COLUMNS) for row in rows)


def _read(path: Path) -> Iterator[Row]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
    else:
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def _write(path: Path, rows: Iterable[Row]) -> None:
    ordered = sorted(rows, key=lambda row: (row["provider"], row["model"], row["valid_from"], row["window"]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)
    print(f"{path.name}: {len(ordered)} rows, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
