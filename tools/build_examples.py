"""Write the data files of the bundled examples: `python -m tools.build_examples FOLDER`.

FOLDER holds `agent_eval` and `openhands_index` as public copies (src/payback/examples/SOURCES.md
says which files of which commit). The same folder gives the same bytes. The project files and
README.md beside the data are written by hand.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "src" / "payback" / "examples"

# --- own-model: made by us ------------------------------------------------------------------------

LEASE_A_MONTH = 350_000
LEASE_FIRST_MONTH = 5
LEASE_UNTIL = date(2027, 6, 30)
# EUR thousands a month: people, contractors, data, GPUs rented by the hour, tools. With the lease,
# January to April make 8,400, the year 30,000, and October to December 2,550 a month on average,
# 2,200 of it avoidable.
MONTHS = (
    (620, 300, 260, 280, 40),
    (700, 420, 360, 380, 40),
    (780, 560, 420, 500, 40),
    (860, 700, 460, 640, 40),
    (900, 680, 400, 470, 50),
    (940, 660, 380, 470, 50),
    (960, 620, 370, 450, 50),
    (960, 600, 360, 430, 50),
    (960, 580, 340, 420, 50),
    (950, 540, 320, 390, 50),
    (950, 520, 300, 380, 50),
    (940, 500, 290, 370, 50),
)
KINDS = (
    ("people", "team salaries"),
    ("build", "contractors"),
    ("data", "text licences and labelling"),
    ("platform", "GPUs rented by the hour"),
    ("licence", "tools and monitoring"),
)
# What the three departments were asked to accept each month, and why they did not.
CHECKS = (
    ("Legal", "contract summaries", "M. Adeyemi"),
    ("Sales", "replies to tenders", "P. Novak"),
    ("Service", "answers to tickets", "R. Silva"),
)
REASONS = (
    ("no model to check yet", "no model to check yet", "no model to check yet"),
    ("no model to check yet", "no model to check yet", "training run failed"),
    ("clauses left out", "prices invented", "training run failed"),
    ("clauses left out", "prices invented", "41 seconds an answer"),
    ("clauses invented", "worse than the bought model", "41 seconds an answer"),
    ("clauses invented", "worse than the bought model", "wrong product named"),
    ("clauses left out", "prices invented", "wrong product named"),
    ("training run failed", "training run failed", "training run failed"),
    ("clauses left out", "worse than the bought model", "wrong product named"),
    ("worse than the bought model", "worse than the bought model", "26 seconds an answer"),
    ("clauses left out", "worse than the bought model", "wrong product named"),
    ("worse than the bought model", "worse than the bought model", "worse than the bought model"),
)


def own_model_costs() -> Iterator[Sequence[object]]:
    """One row per month and kind of cost, booked on the month's last day."""
    for month, amounts in enumerate(MONTHS, start=1):
        day = _last_day(2026, month)
        for (category, note), thousands in zip(KINDS, amounts, strict=True):
            yield day, category, thousands * 1000, note, ""
        if month >= LEASE_FIRST_MONTH:
            yield day, "platform", LEASE_A_MONTH, "GPU lease signed in May", LEASE_UNTIL


def own_model_checks() -> Iterator[Sequence[object]]:
    """One row per month and department: what it was asked to accept, and why it did not."""
    for month, reasons in enumerate(REASONS, start=1):
        for (department, work, checker), reason in zip(CHECKS, reasons, strict=True):
            task = f"2026-{month:02} {department}: {work}"
            yield task, f"{_last_day(2026, month)} 16:00", 0, reason, checker


def _last_day(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


# --- fix-issues: OpenHands index ------------------------------------------------------------------

BENCHMARK = "swe-bench"


def fix_issues_attempts(folder: Path) -> Iterator[Sequence[object]]:
    """One row per model and issue, costs as published, with the day its run was submitted."""
    submitted = {
        row["model"]: row["submission_time"]
        for row in _rows(folder / "openhands_index" / "scores.csv")
        if row["benchmark"] == BENCHMARK
    }
    for row in _rows(folder / "openhands_index" / "instances.csv.gz"):
        if row["benchmark"] == BENCHMARK:
            yield (
                row["model"],
                row["instance_id"],
                row["resolved"],
                row["cost_usd"],
                submitted[row["model"]],
            )


def fix_issues_repositories(attempts: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    """One row per issue and the repository its name starts with: django__django-11099."""
    for issue in sorted({str(attempt[1]) for attempt in attempts}):
        yield issue, issue.rpartition("-")[0]


# --- solve-problems: agent-eval -------------------------------------------------------------------

PROBLEM = re.compile(r"HumanEval[/_](\d+)")


def solve_problems_calls(folder: Path) -> Iterator[Sequence[object]]:
    """Every logged call, as published, without the sampling temperature."""
    for row in _rows(folder / "agent_eval" / "calls.csv.gz"):
        yield (
            row["strategy"],
            row["config"],
            row["run"],
            _problem(row["task_id"]),
            row["call_no"],
            row["ended_at"],
            row["model"],
            row["input_tokens"],
            row["output_tokens"],
            row["inference_s"],
        )


def solve_problems_outcomes(folder: Path) -> Iterator[Sequence[object]]:
    """Every attempt. `calls` is empty where the run's log of calls is not there: cost unknown."""
    for row in _rows(folder / "agent_eval" / "outcomes.csv.gz"):
        logged = row["usage_log_present"] == "1"
        yield (
            row["strategy"],
            row["config"],
            row["run"],
            _problem(row["task_id"]),
            row["is_solved"],
            row["calls_logged"] if logged else "",
            row["ended_at"],
        )


def _problem(written: str) -> str:
    """One name per problem: two strategies write HumanEval_98_count_upper for HumanEval/98."""
    match = PROBLEM.match(written)
    if match is None:
        raise ValueError(f"{written!r} names no HumanEval problem")
    return f"HumanEval/{match.group(1)}"


# --- files ----------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Write every data file and say how large it is."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    attempts = list(fix_issues_attempts(folder))
    _write(
        "own-model/costs.csv",
        ("day", "category", "amount", "note", "committed_until"),
        own_model_costs(),
    )
    _write(
        "own-model/checks.csv",
        ("asked_to_accept", "decided_at", "accepted", "reason", "checked_by"),
        own_model_checks(),
    )
    _write(
        "fix-issues/attempts.csv.gz",
        ("model", "instance_id", "resolved", "cost_usd", "submitted_at"),
        attempts,
    )
    _write("fix-issues/repositories.csv", ("instance_id", "repository"), fix_issues_repositories(attempts))
    _write(
        "solve-problems/calls.csv.gz",
        (
            "strategy",
            "config",
            "run",
            "task_id",
            "call_no",
            "ended_at",
            "model",
            "input_tokens",
            "output_tokens",
            "inference_s",
        ),
        solve_problems_calls(folder),
    )
    _write(
        "solve-problems/outcomes.csv.gz",
        ("strategy", "config", "run", "task_id", "is_solved", "calls", "ended_at"),
        solve_problems_outcomes(folder),
    )
    return 0


def _rows(path: Path) -> Iterator[dict[str, str]]:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    yield from csv.DictReader(io.StringIO(content.decode(), newline=""))


def _write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    content = text.getvalue().encode()
    if name.endswith(".gz"):
        content = gzip.compress(content, 9, mtime=0)
    (EXAMPLES / name).write_bytes(content)
    print(f"{name}: {count:,} rows, {len(content):,} bytes")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
