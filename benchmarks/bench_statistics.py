"""Ranges and gates beside inspect-ai, evalsig, evaltrust and claimeval, on the same draws; the page is docs/coverage/peers.md.

PAYBACK_PEERS names an environment that has the peers (a folder made by venv); without it they are installed into one
made for the run. A part of the runs of `python -m benchmarks.coverage.peers`, which writes the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.coverage.peers import PEERS, Cell, measured
from benchmarks.rows import Row

PART = 0.3  # of the runs and of the time of the page
SAME = 1e-9
POINTS_LESS, TIMES_WIDER, BELOW, WRONGLY = 1.0, 1.5, 4.0, 5.0
"""What a range may fall short of bootstrap-t by, how much wider it may be, and in % how often it may lie wholly
below the truth or a gate may pass wrongly."""

BOOT = "bootstrap-t"


def run() -> list[Row]:
    """Agreement, coverage, false passes and time; a peer that is not here is "absent"."""
    return list(rows(measured(PART)))


def rows(results: Mapping[str, Any]) -> Iterator[Row]:
    """From what benchmarks.coverage.peers measured."""
    for name, told in results["peers"].items():
        if "absent" in told:
            yield Row(f"{name} beside ours", None, note=told["absent"])
    cells: Sequence[Cell] = results["cells"]
    yield from (_agreement(cell, results["peers"]) for cell in cells if cell["kind"] == "exact")
    for kind in ("acceptance", "difference", "cost per task", "cost per accepted"):
        for about in dict.fromkeys(cell["about"] for cell in cells if cell["kind"] == kind):
            yield from _ranges([cell for cell in cells if cell["kind"] == kind and cell["about"] == about])
        yield from _times(
            [cell for cell in cells if cell["kind"] == kind and cell["about"].endswith("40 clusters")]
        )
    for cell in cells:
        if cell["kind"] == "gate":
            ours = cell["of"] == "payback" and "not what it does" not in cell["method"]
            yield Row(
                f"wrong passes, {cell['about']}, {cell['of']}, {cell['method']}",
                100 * cell["passed"],
                "of 100",
                at_most=WRONGLY if ours else None,
                note=f"{cell['runs']} streams, every case looked at",
            )


def _agreement(cell: Cell, peers: Mapping[str, Mapping[str, str]]) -> Row:
    return Row(
        f"{cell['method']}, off {cell['of']}'s",
        cell["apart"],
        at_most=SAME,
        note=f"paired_cases.csv, version {peers[cell['of']]['version']}",
    )


def _ranges(cells: Sequence[Cell]) -> Iterator[Row]:
    """Ours with its bars, then the peers', on the same draws."""
    boot = next((cell for cell in cells if cell["method"].startswith(BOOT)), None)
    for cell in cells:
        what = f"{cell['kind']}, {cell['about']}, {cell['of']}, {cell['method']}"
        bars = boot is not None and cell["of"] == "payback"
        yield Row(
            f"{what}: holds the truth",
            100 * cell["held"],
            "of 100",
            at_least=100 * boot["held"] - POINTS_LESS if boot is not None and bars else None,
            bar="bootstrap-t's less a point" if bars else "",
            note=_note(cell),
        )
        if boot is not None and bars:
            yield Row(f"{what}: wholly below", 100 * cell["below"], "of 100", at_most=BELOW)
            yield Row(
                f"{what}: width against {BOOT}'s", cell["width"] / boot["width"], "times", at_most=TIMES_WIDER
            )


def _times(cells: Sequence[Cell]) -> Iterator[Row]:
    """Each peer's time for a range against ours, in the first cell given."""
    here = [cell for cell in cells if cell["about"] == cells[0]["about"]]
    ours = next((cell for cell in here if cell["of"] == "payback"), None)
    for cell in here:
        if ours is not None and cell["of"] in PEERS:
            yield Row(
                f"{cell['kind']}, {cell['about']}, {cell['of']}, {cell['method']}: time against ours",
                cell["seconds"] / ours["seconds"],
                "times",
                note=f"{1000 * cell['seconds']:.2g} ms against {1000 * ours['seconds']:.2g}",
            )


def _note(cell: Cell) -> str:
    width = "no width" if cell["width"] is None else f"width {cell['width']:.2f}"
    spent = "" if cell["seconds"] is None else f", {1000 * cell['seconds']:.2g} ms each"
    return f"{cell['runs']} runs, {width}, {100 * cell['below']:.1f} wholly below{spent}"
