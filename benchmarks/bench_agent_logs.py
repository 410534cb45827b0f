"""Sessions of a coding agent, 200,000 answers in 425 MB: beside ccusage, and beside DuckDB reading the same columns.

All run in turns, each in a process of its own, start-up included. ccusage comes from npm into a folder of its
own (PAYBACK_CCUSAGE names one that has it); without npm or its program for this machine it is "absent".
PAYBACK_BENCH_FOLDER keeps the logs for the next run.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median

from benchmarks.rows import Row

ROOT = Path(__file__).parent.parent
BESIDE = ROOT.parent / "shared"
REPEATS = 3
CCUSAGE = "ccusage@20"
FASTER_BAR, DUCKDB_BAR = 3.0, 1.5
CENT = Decimal("0.01")

TYPED = """
import sys, duckdb
used = '''STRUCT(input_tokens BIGINT, output_tokens BIGINT, cache_creation_input_tokens BIGINT,
    cache_read_input_tokens BIGINT, cache_creation STRUCT(ephemeral_5m_input_tokens BIGINT,
    ephemeral_1h_input_tokens BIGINT), service_tier VARCHAR, speed VARCHAR)'''
message = f'STRUCT(id VARCHAR, model VARCHAR, stop_reason VARCHAR, "usage" {used})'
print(duckdb.connect().execute(f'''
    select count(*), sum(message."usage".output_tokens) from (
        select distinct on (message.id, "requestId") * from read_json('{sys.argv[1]}/projects/*/*.jsonl',
            format = 'newline_delimited', columns = {{type: 'VARCHAR', timestamp: 'TIMESTAMP',
            "requestId": 'VARCHAR', "isSidechain": 'BOOLEAN', "costUSD": 'DOUBLE', message: '{message}'}})
        where message."usage" is not null)''').fetchall())
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one answer took, and what it said."""

    wall: float
    cpu: float
    said: str


def run() -> list[Row]:
    """Ratios of time, and where the totals part; "absent" without the generator of the logs."""
    peers = Path(os.environ.get("PAYBACK_SHARED") or BESIDE) / "peers"
    if not (peers / "make_agent_logs.py").exists():
        return [Row("agent logs, answers a second", None, note=f"no {peers}")]
    with _folder() as folder:
        logs = folder / "agent-logs"
        if not logs.exists():
            subprocess.run([sys.executable, str(peers / "make_agent_logs.py"), str(logs)], check=True)
        ours = [sys.executable, "-m", "payback", "usage", str(logs), "--by", "model", "--json", "--quiet"]
        typed = [sys.executable, "-c", TYPED, str(logs)]
        ccusage = _ccusage(folder)
        theirs = [*ccusage, "claude", "daily", "--offline", "--json", "--breakdown"] if ccusage else None
        shown = {"CLAUDE_CONFIG_DIR": str(logs)}
        turns = [
            (_spent(ours, {}), _spent(typed, {}), _spent(theirs, shown) if theirs else None)
            for _ in range(REPEATS + 1)  # the first warms up
        ]
        return _rows(turns[1:])


def _rows(turns: Sequence[tuple[Spent, Spent, Spent | None]]) -> list[Row]:
    found = json.loads(turns[0][0].said)
    calls = found["total"]["calls"]
    mine = [ours for ours, _, _ in turns]
    rows = [
        Row("agent logs, answers a second", calls / median(one.wall for one in mine), "a second"),
        Row("agent logs, answers a CPU second", calls / median(one.cpu for one in mine), "a second"),
        Row(
            "agent logs, CPU against DuckDB reading the same columns",
            median(ours.cpu / typed.cpu for ours, typed, _ in turns),
            "times",
            at_most=DUCKDB_BAR,
        ),
        Row(
            "agent logs, time against DuckDB reading the same columns",
            median(ours.wall / typed.wall for ours, typed, _ in turns),
            "times",
            at_most=DUCKDB_BAR,
        ),
    ]
    pairs = [(ours, theirs) for ours, _, theirs in turns if theirs is not None]
    if not pairs:
        return [
            *rows,
            Row("agent logs, answers a second against ccusage", None, note="no ccusage: npm installs it"),
        ]
    return [
        *rows,
        Row(
            "agent logs, answers a second against ccusage",
            median(theirs.wall / ours.wall for ours, theirs in pairs),
            "times",
            at_least=FASTER_BAR,
        ),
        Row(
            "agent logs, answers a CPU second against ccusage",
            median(theirs.cpu / ours.cpu for ours, theirs in pairs),
            "times",
            at_least=FASTER_BAR,
        ),
        _difference(found["rows"], json.loads(pairs[0][1].said)),
    ]


def _difference(
    ours: Sequence[Mapping[str, str]], theirs: Mapping[str, list[Mapping[str, list[Mapping[str, str]]]]]
) -> Row:
    """Models at which the totals differ though no tier rule is in play: none are expected.

    Sonnet 4.5 has a tier: Anthropic charges all of a long call at it, ccusage what is above 200,000.
    """
    summed: dict[str, Decimal] = {}
    for day in theirs["daily"]:
        for model in day["modelBreakdowns"]:
            name = str(model["modelName"])
            summed[name] = summed.get(name, Decimal(0)) + Decimal(str(model["cost"]))
    gaps = {row["model"]: Decimal(row["list_price"]) - summed.get(row["model"], Decimal(0)) for row in ours}
    unexplained = [name for name, gap in gaps.items() if abs(gap) >= CENT and "sonnet-4-5" not in name]
    said = ", ".join(f"{name} {gap:+,.2f}" for name, gap in gaps.items())
    return Row(
        "agent logs, models that differ from ccusage without a tier", len(unexplained), at_most=0, note=said
    )


def _spent(command: Sequence[str], more: Mapping[str, str]) -> Spent:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        list(command),
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=True,
        cwd=tempfile.gettempdir(),
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout)


def _ccusage(folder: Path) -> list[str] | None:
    """The command, or None where it cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    place = Path(os.environ.get("PAYBACK_CCUSAGE") or folder / "ccusage")
    program = place / "node_modules" / "ccusage" / "src" / "cli.js"
    if not program.exists():
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [npm, "install", "--silent", "--no-audit", "--no-fund", CCUSAGE], cwd=place, check=False
        )
    if not program.exists():
        return None
    tried = subprocess.run([node, str(program), "--version"], capture_output=True, check=False)
    return [node, str(program)] if tried.returncode == 0 else None


@contextmanager
def _folder() -> Iterator[Path]:
    kept = os.environ.get("PAYBACK_BENCH_FOLDER")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
    else:
        with tempfile.TemporaryDirectory(prefix="payback-bench-") as made:
            yield Path(made)
