"""Cost of every run against the totals its authors published: priced by our ledger, call by call.

The bundled example `solve-problems` holds the calls; the published totals are read where they are
found and never copied. Of 147 runs with a log, 106 have a published total. Tokens must be equal in
all; costs in 40, in 20 more at the price the authors took for gpt-3.5-turbo-0613, and in the 46
debugger runs once the cost of the answer they start from is added. 20 of these start from calls of
Reflexion that were not published: there the published cost of that run is what is added.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import payback
from benchmarks.rows import Row
from payback.ledger import Ledger
from payback.prices import Override, PriceBook, of_project
from payback.project import Project
from payback.records import PICO

EXAMPLE = Path(payback.__file__).parent / "examples" / "solve-problems"
PUBLISHED = ("author_run_totals_0409.csv", "author_run_totals_0613.csv")

# What the authors multiply the tokens of gpt-3.5-turbo-0613 with (their eval.ipynb): the price of
# 0125. OpenAI's list price of 0613 was 1.50 and 2.00 USD a million.
AUTHORS_PRICES = tuple(
    Override(model, Decimal("0.5"), Decimal("1.5"))
    for model in ("gpt-3.5-turbo-0613", "azure_gpt-35-turbo-0613")
)
CLOSE = Decimal("1e-9")  # USD; they add in binary floating point

Run = tuple[str, str]  # way of working, run


@dataclass(frozen=True, slots=True)
class Total:
    """One run: its tokens, and what it cost by itself."""

    input_tokens: int
    output_tokens: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Spent:
    """One run in our ledger; `start` is what the answers it starts from cost, None where not known."""

    total: Total
    start: Decimal | None


def run(shared: Path | None, quick: bool) -> list[Row]:  # noqa: ARG001  two seconds: no sample needed
    """The rows of the table; everything is compared, quick or not."""
    folder = None if shared is None else shared / "data" / "usage" / "agent_eval"
    if folder is None or not all((folder / name).is_file() for name in PUBLISHED):
        return [Row("agent-eval: runs equal to the published totals", None, note="no published totals")]
    published = dict(_published(folder))
    with tempfile.TemporaryDirectory() as scratch:  # the ledger writes its record beside payback.toml
        project = payback.load(shutil.copytree(EXAMPLE, Path(scratch) / "example"))
        with Ledger(project) as ledger:
            ledger.gather()
            at_list = dict(_spent(ledger, ()))
            at_theirs = dict(_spent(ledger, AUTHORS_PRICES))
    return _rows(project, published, at_list, at_theirs)


def _rows(
    project: Project, published: dict[Run, Total], at_list: dict[Run, Spent], at_theirs: dict[Run, Spent]
) -> list[Row]:
    both = sorted(published.keys() & at_list.keys())
    tokens = sum(
        (published[key].input_tokens, published[key].output_tokens)
        == (at_list[key].total.input_tokens, at_list[key].total.output_tokens)
        for key in both
    )
    starts = {way.arm: way.from_arm for case in project.use_cases.values() for way in case.inherits}
    how = {key: _how(key, starts, published, at_list[key], at_theirs[key]) for key in both}
    found = Counter(how.values())
    debugger = found["start"] + found["published start"]
    explained = len(both) - found["not equal"]
    unlike = [" ".join(key) for key in both if how[key] == "not equal"]
    source = "published run totals"
    return [
        Row("agent-eval: runs with a log", len(at_list), "runs", 147, 147, "logs in the example"),
        Row("agent-eval: of these with a published total", len(both), "runs", 106, 106, source),
        Row("agent-eval: token totals equal", tokens, "runs", len(both), bar=source),
        Row("agent-eval: cost equal at list price", found["list"], "runs", 40, bar=source),
        Row(
            "agent-eval: more at the authors' price of gpt-3.5-turbo-0613",
            found["authors' price"],
            "runs",
            20,
            bar=source,
        ),
        Row(
            "agent-eval: debugger runs equal with the cost of their start",
            debugger,
            "runs",
            46,
            bar=source,
            note=f"in {found['published start']} the start's calls are not published, its total is",
        ),
        Row(
            "agent-eval: costs explained",
            explained,
            "runs",
            len(both),
            bar=source,
            note="; ".join(unlike[:3]),
        ),
    ]


def _how(
    key: Run, starts: dict[str, str], published: dict[Run, Total], at_list: Spent, at_theirs: Spent
) -> str:
    """Which of the known differences makes the costs equal."""
    arm, trial = key
    said = published[key].cost
    if arm not in starts:
        if _close(at_list.total.cost, said):
            return "list"
        return "authors' price" if _close(at_theirs.total.cost, said) else "not equal"
    for spent in (at_list, at_theirs):
        if spent.start is not None and _close(spent.total.cost + spent.start, said):
            return "start"
        start = published.get((starts[arm], trial))
        if spent.start is None and start is not None and _close(spent.total.cost + start.cost, said):
            return "published start"
    return "not equal"


def _close(ours: Decimal, theirs: Decimal) -> bool:
    return abs(ours - theirs) < CLOSE


def _published(folder: Path) -> Iterator[tuple[Run, Total]]:
    for name in PUBLISHED:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield (
                    (f"{row['strategy']} {row['model']}", row["run"]),
                    Total(
                        int(Decimal(row["total_prompt_tokens"])),
                        int(Decimal(row["total_completion_tokens"])),
                        Decimal(row["total_cost"]),
                    ),
                )


def _spent(ledger: Ledger, prices: tuple[Override, ...]) -> Iterator[tuple[Run, Spent]]:
    """Every run that made a call, at the bundled book with the project's own and `prices` over it."""
    overrides, discounts, rates = of_project(ledger.project)
    ledger.prepare(PriceBook.bundled((*prices, *overrides), discounts), rates)
    tokens = {
        (arm, trial): (int(given), int(made))
        for arm, trial, given, made in ledger.rows(
            "select arm, trial, sum(input_tokens), sum(output_tokens) from usage_row group by arm, trial"
        )
    }
    attempts = ledger.rows("""
        select arm, trial, sum(pico), sum(inherited_pico), sum(unknown_calls),
               sum(case when unknown then 1 else 0 end)
        from attempt group by arm, trial
    """)
    for arm, trial, pico, inherited, unknown_calls, unknown in attempts:
        if (arm, trial) in tokens:
            assert unknown_calls == 0, f"{arm} {trial}: {unknown_calls} calls without a price"
            start = None if unknown else Decimal(int(inherited)) / PICO
            yield (arm, trial), Spent(Total(*tokens[arm, trial], Decimal(int(pico)) / PICO), start)
