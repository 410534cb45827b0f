"""100,000 spans of OTLP, as protobuf and as JSON lines: beside the protocol's own Python classes, and beside json.

All run in turns, each in a process of its own; what an empty file costs is taken off each, so that start-up does not
count. payback prices the calls too; the peers copy each span's attributes into a dict and add up its tokens, which is
the least a reader can do. The classes are those of opentelemetry-proto: PAYBACK_OTLP_PYTHON names a Python that has
them where this one has not. PAYBACK_BENCH_FOLDER keeps the spans for the next run.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.rows import Row

ROOT = Path(__file__).parent.parent
BESIDE = ROOT.parent / "shared"
SPANS, REPEATS = 100_000, 3
BAR = 100_000

PROTOBUF = """
import struct, sys
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
raw, at, tokens, spans = open(sys.argv[1], 'rb').read(), 0, 0, 0
while at < len(raw):
    (size,) = struct.unpack_from('<I', raw, at)
    request = ExportTraceServiceRequest()
    request.ParseFromString(raw[at + 4 : at + 4 + size])
    at += 4 + size
    for group in request.resource_spans:
        for scope in group.scope_spans:
            for span in scope.spans:
                held = {}
                for each in span.attributes:
                    held[each.key] = getattr(each.value, each.value.WhichOneof('value'))
                tokens += held['gen_ai.usage.input_tokens']
                spans += 1
print(spans, tokens)
"""
JSON = """
import json, sys
tokens = spans = 0
for line in open(sys.argv[1]):
    for group in json.loads(line)['resourceSpans']:
        for scope in group['scopeSpans']:
            for span in scope['spans']:
                held = {each['key']: next(iter(each['value'].values())) for each in span['attributes']}
                tokens += int(held['gen_ai.usage.input_tokens'])
                spans += 1
print(spans, tokens)
"""


def run() -> list[Row]:
    """Spans a CPU second and ratios; "absent" without the generator of the spans or the protocol's classes."""
    make = Path(os.environ.get("PAYBACK_SHARED") or BESIDE) / "peers" / "make_spans.py"
    python = os.environ.get("PAYBACK_OTLP_PYTHON") or sys.executable
    has = subprocess.run([python, "-c", "import opentelemetry.proto"], capture_output=True, check=False)
    if not make.exists() or has.returncode:
        note = "no opentelemetry-proto" if make.exists() else f"no {make}"
        return [Row("spans in protobuf, a CPU second", None, note=note)]
    with _folder() as folder:
        spans = folder / "spans"
        if not spans.exists():
            subprocess.run([python, str(make), str(spans), str(SPANS)], check=True)
        for kind in ("pb", "jsonl"):
            (folder / f"none.{kind}").write_bytes(b"" if kind == "pb" else b'{"resourceSpans":[]}\n')
        turns = [_turn(spans, folder, python) for _ in range(REPEATS + 1)]  # the first warms up
        return _rows(turns[1:])


def _turn(spans: Path, folder: Path, python: str) -> dict[str, float]:
    """CPU seconds of each reader, without its start-up."""
    ours = [sys.executable, "-m", "payback", "usage", "--json", "--quiet"]
    start = _cpu([*ours, str(folder / "none.jsonl")])[0]
    made = {}
    for kind, program, by in (("pb", PROTOBUF, python), ("jsonl", JSON, sys.executable)):
        file = str(spans / f"spans.{kind}")
        spent, said = _cpu([*ours, file])
        peer, peer_said = _cpu([by, "-c", program, file])
        total: Mapping[str, int] = json.loads(said)["total"]
        counted = [total["calls"], total["input_tokens"] + total["cached_tokens"]]
        assert counted == [int(word) for word in peer_said.split()], "they do not read the same"
        made[kind] = spent - start
        made[f"{kind} peer"] = peer - _cpu([by, "-c", program, str(folder / f"none.{kind}")])[0]
    return made


def _rows(turns: Sequence[Mapping[str, float]]) -> list[Row]:
    def middle(name: str) -> float:
        return median(turn[name] for turn in turns)

    rows = []
    for kind, words, peer in (
        ("pb", "protobuf", "opentelemetry-proto"),
        ("jsonl", "JSON lines", "json.loads"),
    ):
        rows += [
            Row(
                f"spans in {words}, a CPU second",
                SPANS / middle(kind),
                "a second",
                at_least=BAR if kind == "pb" else None,
            ),
            Row(f"spans in {words}, a CPU second, {peer}", SPANS / middle(f"{kind} peer"), "a second"),
            Row(
                f"spans in {words}, CPU of {peer} against ours",
                median(turn[f"{kind} peer"] / turn[kind] for turn in turns),
                "times",
            ),
        ]
    return rows


def _cpu(command: Sequence[str]) -> tuple[float, str]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        list(command), capture_output=True, text=True, check=True, cwd=tempfile.gettempdir()
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


@contextmanager
def _folder() -> Iterator[Path]:
    kept = os.environ.get("PAYBACK_BENCH_FOLDER")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
    else:
        with tempfile.TemporaryDirectory(prefix="payback-bench-") as made:
            yield Path(made)
