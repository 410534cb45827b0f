"""Ten million calls: from the record to tasks, outcomes and cost by use case and week, against hand-written SQL.

The peer is reference.sql: what a person who knows DuckDB writes for this one question, over the same
calls. Both run in turns, each in a process of its own, and must give the same rows. pandas and the
reading of new files stand beside them. PAYBACK_BENCH_MILLIONS=1 is a quick run; PAYBACK_BENCH_FOLDER
keeps the calls and the record for the next run.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.rows import Row

ROOT = Path(__file__).parent.parent
BESIDE = ROOT.parent / "shared"
REPEATS = 5
RATIO_BAR, MEMORY_BAR = 1.3, 1000.0

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Spent:
    """What one answer took."""

    wall: float
    cpu: float


def run() -> list[Row]:
    """Ratios of time and the peak of memory; "absent" without the generator of the calls."""
    peers = Path(os.environ.get("PAYBACK_SHARED") or BESIDE) / "peers"
    if not (peers / "make_usage.py").exists():
        return [Row("calls to weeks, CPU against SQL by hand", None, note=f"no {peers}")]
    millions = int(os.environ.get("PAYBACK_BENCH_MILLIONS") or 10)
    with _folder() as folder:
        _make(peers, folder, millions)
        return [*_answers(folder, peers, millions), *_pandas(folder, peers), *_reading(folder, millions)]


@contextmanager
def _folder() -> Iterator[Path]:
    kept = os.environ.get("PAYBACK_BENCH_FOLDER")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
    else:
        with tempfile.TemporaryDirectory(prefix="payback-bench-") as made:
            yield Path(made)


def _make(peers: Path, folder: Path, millions: int) -> None:
    """The calls, and a project that reads them."""
    marker = folder / f"made-{millions}"
    if not marker.exists():
        subprocess.run([sys.executable, str(peers / "make_usage.py"), str(folder), str(millions)], check=True)
        marker.touch()
    project = folder / "project"
    project.mkdir(exist_ok=True)
    (project / "payback.toml").write_text(_project(folder), encoding="utf-8")


def _project(folder: Path) -> str:
    import duckdb

    prices = f"""
        select model, cast(effective_from as date) as "from",
               lead(cast(effective_from as date)) over (partition by model order by effective_from) as "to",
               input_pico, cached_pico, output_pico
        from read_parquet('{folder / "prices.parquet"}') order by model, effective_from
    """
    with duckdb.connect() as connection:
        priced = connection.execute(prices).fetchall()
    lines = [
        'name = "ten million calls"\ncurrency = "USD"',
        '[[sources]]\ntable = "usage"\npath = "../usage/*.parquet"\ntimezone = "UTC"',
        'columns = { time = "ts", task = "unit_id" }\ninput_includes = ["cached"]',
        '[[sources]]\ntable = "outcome"\npath = "../outcomes.parquet"',
        'columns = { task = "unit_id", grader = "graded_by" }',
    ]
    for model, start, end, fresh, cached, output in priced:
        until = f"to = {end}\n" if end else ""
        lines.append(
            f'[[prices]]\nmodel = "{model}"\nfrom = {start}\n{until}'
            f"input = {fresh / 10**6}\ncached = {cached / 10**6}\noutput = {output / 10**6}"
        )
    return "\n".join(lines) + "\n"


def _answers(folder: Path, peers: Path, millions: int) -> list[Row]:
    """Ours and the peer's in turns."""
    with _started("ours", folder, peers) as ours, _started("reference", folder, peers) as reference:
        pairs = [(_asked(ours), _asked(reference)) for _ in range(REPEATS + 1)][1:]  # the first warms up
        (mine, memory), (theirs, memory_theirs) = _ended(ours), _ended(reference)
    same = f"{len(mine)} rows" if mine == theirs else "THE ROWS DIFFER"
    of = f"{millions} M calls"
    return [
        Row(
            f"{of} to weeks, rows equal to SQL by hand",
            float(mine == theirs),
            at_least=1,
            bar="the same rows",
            note=same,
        ),
        _ratio(f"{of} to weeks, CPU against SQL by hand", [(a.cpu, b.cpu) for a, b in pairs], RATIO_BAR),
        _ratio(f"{of} to weeks, time against SQL by hand", [(a.wall, b.wall) for a, b in pairs], RATIO_BAR),
        Row(
            f"{of} to weeks, peak memory",
            memory,
            "MB",
            at_most=MEMORY_BAR,
            note=f"SQL by hand {memory_theirs:.0f} MB",
        ),
    ]


def _ratio(name: str, pairs: list[tuple[float, float]], bar: float | None) -> Row:
    """The median of the ratios of turns that followed each other: what else the machine did meets both."""
    ours, theirs = (median(each) for each in zip(*pairs, strict=True))
    note = f"{ours:.2f} s against {theirs:.2f} s, {len(pairs)} turns"
    return Row(name, median(a / b for a, b in pairs), "times", at_most=bar, note=note)


def _pandas(folder: Path, peers: Path) -> list[Row]:
    name = "the same in pandas, CPU against ours"
    try:
        import pandas as pd
        import pyarrow as pa  # type: ignore[import-untyped]  # publishes no types
    except ImportError as missing:
        return [Row(name, None, note=str(missing))]
    with _started("pandas", folder, peers) as theirs, _started("ours", folder, peers) as ours:
        _asked(ours)
        pair = (_asked(theirs).cpu, _asked(ours).cpu)
        (rows, memory), (mine, _) = _ended(theirs), _ended(ours)
    said = "" if rows == mine else "; THE ROWS DIFFER"
    row = _ratio(name, [pair], None)
    versions = f"pandas {pd.__version__}, pyarrow {pa.__version__}"
    return [Row(row.name, row.value, row.unit, note=f"{row.note}, {memory:.0f} MB, {versions}{said}")]


def _reading(folder: Path, millions: int) -> list[Row]:
    """New files into the record, against a plain copy of the same files."""
    pairs = []
    for _ in range(2):
        with _started("ingest", folder, folder) as ours, _started("copy", folder, folder) as copy:
            pairs.append((_asked(ours).cpu, _asked(copy).cpu))
            (rows, memory), (copied, _) = _ended(ours), _ended(copy)
            assert rows == copied
    row = _ratio(f"{millions} M calls read into the record, CPU against a plain copy", pairs, None)
    return [Row(row.name, row.value, row.unit, note=f"{row.note}, {memory:.0f} MB")]


@contextmanager
def _started(job: str, folder: Path, peers: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.bench_usage", job, str(folder), str(peers)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()


def _asked(process: subprocess.Popen[str]) -> Spent:
    return Spent(**_told(process, "go"))


def _ended(process: subprocess.Popen[str]) -> tuple[Rows, float]:
    """The rows of the last answer and the process's peak memory in MB."""
    told = _told(process, "end")
    return [tuple(row) for row in told["rows"]], told["memory"]


def _told(process: subprocess.Popen[str], word: str) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(word + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the process ended: {process.args!r}")
    told: dict[str, Any] = json.loads(line)
    return told


# --- In a process of its own -----------------------------------------------------------------------------


def _serve(job: str, folder: Path, peers: Path) -> None:
    """Answer "go" with what the job took and "end" with its rows."""
    with JOBS[job](folder, peers) as answer:
        rows: Rows = []
        for word in sys.stdin:
            if word.strip() == "go":
                before, at = _cpu(), time.perf_counter()
                rows = answer()
                told: dict[str, Any] = {"wall": time.perf_counter() - at, "cpu": _cpu() - before}
            else:
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 * 1.024**2
                told = {"rows": [_plain(row) for row in rows], "memory": memory}
            print(json.dumps(told), flush=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [str(value) if hasattr(value, "year") or isinstance(value, str) else int(value) for value in row]


Answer = Callable[[], Rows]


@contextmanager
def _ours(folder: Path, _: Path) -> Iterator[Answer]:
    """The record is up to date; everything from there to the rows is made anew each time."""
    import payback
    from payback.ledger import Ledger
    from payback.measures.economics.money import WEEKLY_QUERY
    from payback.prices import PriceBook, of_project

    project = payback.load(folder / "project")
    overrides, discounts, rates = of_project(project)
    with Ledger(project) as ledger:
        ledger.gather()

        def answer() -> Rows:
            ledger.prepare(PriceBook.bundled(overrides, discounts), rates)
            return ledger.rows(WEEKLY_QUERY)

        yield answer


@contextmanager
def _reference(folder: Path, peers: Path) -> Iterator[Answer]:
    import duckdb

    query = (peers / "reference.sql").read_text(encoding="utf-8")
    os.chdir(folder)
    with duckdb.connect() as connection:
        yield lambda: connection.execute(query).fetchall()


@contextmanager
def _in_pandas(folder: Path, _: Path) -> Iterator[Answer]:
    import pandas as pd

    def answer() -> Rows:
        names = ["ts", "use_case", "unit_id", "model", "input_tokens", "cached_tokens", "output_tokens"]
        calls = pd.concat([pd.read_parquet(file, columns=names) for file in sorted(folder.glob("usage/*"))])
        prices = pd.read_parquet(folder / "prices.parquet").sort_values("effective_from")
        prices = prices.rename(columns={"effective_from": "day"})
        prices["day"] = prices["day"].astype("datetime64[us]")
        calls["day"] = calls["ts"].dt.floor("D").astype("datetime64[us]")
        calls = pd.merge_asof(calls.sort_values("ts"), prices, on="day", by="model")
        fresh = calls["input_tokens"] - calls["cached_tokens"]
        calls["pico"] = (
            fresh * calls["input_pico"]
            + calls["cached_tokens"] * calls["cached_pico"]
            + calls["output_tokens"] * calls["output_pico"]
        )
        unit = calls.groupby("unit_id", sort=False).agg(
            use_case=("use_case", "min"), first=("ts", "min"), pico=("pico", "sum"), calls=("ts", "size")
        )
        day = unit["first"].dt.floor("D")
        unit["week"] = (day - pd.to_timedelta(day.dt.day_of_week, unit="D")).dt.date
        unit = unit.join(pd.read_parquet(folder / "outcomes.parquet").set_index("unit_id")["accepted"])
        weeks = unit.groupby(["use_case", "week"]).agg(
            units=("calls", "size"),
            calls=("calls", "sum"),
            graded=("accepted", "count"),
            pico=("pico", "sum"),
            accepted=("accepted", "sum"),
        )
        return [tuple(row) for row in weeks.reset_index().itertuples(index=False)]

    yield answer


@contextmanager
def _ingest(folder: Path, _: Path) -> Iterator[Answer]:
    """Every file read, checked and kept in a record that is empty before."""
    import payback
    from payback.ledger import Ledger

    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        target = Path(scratch) / "project"
        target.mkdir()
        text = (folder / "project" / "payback.toml").read_text(encoding="utf-8")
        (target / "payback.toml").write_text(text.replace('"../', '"../../'), encoding="utf-8")
        with Ledger(payback.load(target)) as ledger:
            yield lambda: [(each.rows,) for each in ledger.gather().sources]


@contextmanager
def _copy(folder: Path, _: Path) -> Iterator[Answer]:
    import duckdb

    with tempfile.TemporaryDirectory(dir=folder) as scratch, duckdb.connect() as connection:

        def copied(files: str, target: str) -> tuple[int]:
            rows = connection.execute(
                f"copy (select * from read_parquet('{folder / files}')) to '{Path(scratch) / target}' "
                "(format parquet, compression zstd)"
            ).fetchall()
            return (int(rows[0][0]),)

        yield lambda: [
            copied("usage/*.parquet", "usage.parquet"),
            copied("outcomes.parquet", "outcomes.parquet"),
        ]


JOBS: dict[str, Callable[[Path, Path], Any]] = {
    "ours": _ours,
    "reference": _reference,
    "pandas": _in_pandas,
    "ingest": _ingest,
    "copy": _copy,
}

if __name__ == "__main__":
    _serve(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    sys.stdout.flush()
