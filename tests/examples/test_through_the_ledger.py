"""The ledger reads every row of the examples, and prices them as the rows say."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

import payback
from benchmarks.scores import agent_eval
from payback.ledger import Gathered, Ledger
from payback.prices import PriceBook, of_project
from payback.records import PICO

Rows = list[dict[str, str]]

# USD a million tokens in and out, April 2024: OpenAI's price list for its models, Together's for the
# open ones. The last two name no version; README.md of the example says what they are taken for.
APRIL_2024 = {
    "gpt-4-turbo-2024-04-09": ("10", "30"),
    "gpt-4-1106-preview": ("10", "30"),
    "gpt-4-0125": ("10", "30"),
    "azure_gpt-4-0613": ("30", "60"),
    "gpt-3.5-turbo-0125": ("0.5", "1.5"),
    "gpt-3.5-turbo-1106": ("1", "2"),
    "gpt-3.5-turbo-0613": ("1.5", "2"),
    "azure_gpt-35-turbo-0613": ("1.5", "2"),
    "meta-llama/Llama-3-8b-chat-hf": ("0.2", "0.2"),
    "meta-llama/Llama-3-70b-chat-hf": ("0.9", "0.9"),
    "codellama/CodeLlama-34b-Instruct-hf": ("0.776", "0.776"),
    "azure-agent-eval-gpt-4": ("10", "30"),
    "gpt-35-turbo": ("0.5", "1.5"),
}


@contextmanager
def opened(example: Path, scratch: Path) -> Iterator[tuple[Ledger, Gathered]]:
    project = payback.load(shutil.copytree(example, scratch / example.name))
    overrides, discounts, rates = of_project(project)
    with Ledger(project) as ledger:
        gathered = ledger.gather()
        ledger.prepare(PriceBook.bundled(overrides, discounts), rates)
        yield ledger, gathered


@pytest.mark.parametrize("name", ["fix-issues", "own-model", "solve-problems"])
def test_no_row_is_left_out_and_no_call_unpriced(folder: Path, tmp_path: Path, name: str) -> None:
    with opened(folder / name, tmp_path) as (ledger, gathered):
        assert gathered.problems == ()
        assert all(source.rows > 0 and source.rows_left_out == 0 for source in gathered.sources)
        assert ledger.rows("select model from unpriced") == []


def test_every_way_of_working_costs_what_its_tokens_say(
    rows: Callable[[str], Rows], folder: Path, tmp_path: Path
) -> None:
    by_hand: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows("solve-problems/calls.csv.gz"):
        given, made = map(Decimal, APRIL_2024[row["model"]])
        tokens = given * int(row["input_tokens"]) + made * int(row["output_tokens"])
        by_hand[f"{row['strategy']} {row['config']}"] += tokens / 10**6
    with opened(folder / "solve-problems", tmp_path) as (ledger, _):
        found = ledger.rows("select arm, sum(pico), sum(inherited_pico) from task_cost group by arm")
    own = {arm: Decimal(int(pico)) / PICO for arm, pico, _ in found if pico}
    assert own == by_hand
    inherited = {arm: Decimal(int(pico)) / PICO for arm, _, pico in found if pico}
    assert inherited == {
        arm: by_hand["simple " + arm.partition("+")[2]]
        for arm in by_hand
        if arm.startswith("ldb") and not arm.endswith("+reflexion")
    }


def test_unknown_costs_stay_unknown(folder: Path, tmp_path: Path) -> None:
    unknown = "select arm, sum(unknown_trials) from task_cost where unknown_trials > 0 group by arm"
    with opened(folder / "solve-problems", tmp_path) as (ledger, _):
        arms = dict(ledger.rows(unknown))
    whole = {arm: count for arm, count in arms.items() if arm.startswith(("lats", "reflexion"))}
    assert sum(whole.values()) == 984 + 2_459
    starts = {arm: count for arm, count in arms.items() if arm.endswith("+reflexion")}
    assert starts == {
        f"ldb {model}+reflexion": 820
        for model in ("gpt-3.5-turbo-0125", "gpt-3.5-turbo-0613", "gpt-4-0613", "gpt-4-turbo-2024-04-09")
    }
    assert sum(arms.values()) == 984 + 2_459 + 4 * 820 + 820


def test_blank_and_zero_costs_of_the_index_are_unknown(folder: Path, tmp_path: Path) -> None:
    with opened(folder / "fix-issues", tmp_path) as (ledger, _):
        unknown, spent = ledger.rows(
            "select sum(unknown_trials), sum(case when arm = 'claude-opus-4-8' then pico end) from task_cost"
        )[0]
    assert unknown == 25 + 134
    assert Decimal(int(spent)) / PICO == Decimal("370.890782")


def test_the_score_is_absent_without_the_published_totals(tmp_path: Path) -> None:
    assert [row.value for row in agent_eval.run(None, quick=True)] == [None]
    assert [row.value for row in agent_eval.run(tmp_path, quick=True)] == [None]
