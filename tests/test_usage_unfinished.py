"""How much more calls cost whose log wrote the output count too early; every figure by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from payback.prices.output_limit import most_output
from payback.records import Money
from payback.usage import Unfinished, usage
from tests.sources.test_claude_code import answer, log

OPUS, SONNET = "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929"


def dollars(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def early(folder: Path) -> Unfinished:
    found = usage([folder]).unfinished
    assert found is not None
    return found


def finished(count: int, output: int = 1000, model: str = OPUS) -> list[dict[str, object]]:
    return [answer(f"f{n}", f"rf{n}", model=model, usage_output_tokens=output) for n in range(count)]


def test_many_finished_calls_of_a_model_say_how_long_its_answers_are(tmp_path: Path) -> None:
    """Opus 4.5 at 25 USD a million out: (1,000 - 4) x 25 = 0.0249 for each of two; a third logs more than the mean."""
    cut = [answer(f"u{n}", f"ru{n}", stop_reason=None, usage_output_tokens=4) for n in range(2)]
    longer = answer("u3", "ru3", stop_reason=None, usage_output_tokens=1500)
    log(tmp_path, *finished(30), *cut, longer)
    found = early(tmp_path)
    assert (found.calls, found.about_calls, found.at_most_calls, found.unknown) == (3, 3, 0, 0)
    assert found.about == dollars("0.0498")


def test_with_few_finished_calls_it_is_the_longest_answer_of_the_model(tmp_path: Path) -> None:
    """(64,000 - 4) x 25 USD a million = 1.5999."""
    log(tmp_path, *finished(29), answer("u", "ru", stop_reason=None, usage_output_tokens=4))
    found = early(tmp_path)
    assert (found.about_calls, found.at_most_calls, found.at_most) == (0, 1, dollars("1.5999"))


def test_the_price_of_a_long_prompt_holds_for_what_is_missing_too(tmp_path: Path) -> None:
    """Sonnet 4.5 past 200,000 tokens of prompt: 22.50 USD a million out; (1,000 - 0) x 22.50 = 0.0225."""
    long_one = answer(
        "u",
        "ru",
        model=SONNET,
        stop_reason=None,
        usage_output_tokens=0,
        usage_cache_read_input_tokens=250_000,
    )
    log(tmp_path, *finished(30, model=SONNET), long_one)
    assert early(tmp_path).about == dollars("0.0225")


def test_where_nobody_says_how_long_nothing_is_made_up(tmp_path: Path) -> None:
    unpriced = [answer(f"p{n}", f"rp{n}", model="acme-7b", usage_output_tokens=9) for n in range(30)]
    log(
        tmp_path,
        *unpriced,
        answer("u", "ru", model="acme-7b", stop_reason=None),
        answer("v", "rv", model="claude-3-opus-20240229", stop_reason=None),
    )
    found = early(tmp_path)
    assert (found.calls, found.unknown, found.about, found.at_most) == (2, 2, dollars("0"), dollars("0"))


def test_finished_calls_need_no_guess(tmp_path: Path) -> None:
    assert usage([log(tmp_path, answer())]).unfinished is None


def test_limits_are_found_under_every_name_of_a_model() -> None:
    """Anthropic's table of models: Opus 4 gives 32,000, 4.5 gives 64,000, 4.6 and later 128,000."""
    limits = {
        "claude-opus-4-20250514": 32_000,
        "claude-opus-4-1-20250805": 32_000,
        OPUS: 64_000,
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0": 64_000,
        "claude-opus-4-8": 128_000,
        "claude-haiku-4-5": 64_000,
        "gpt-5": None,
    }
    assert {name: most_output(name) for name in limits} == limits
