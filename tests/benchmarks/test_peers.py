"""What stands beside ours is counted right, and the pages say what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import bench_statistics
from benchmarks.coverage import peers, research
from benchmarks.coverage.peer import runs
from benchmarks.rows import Standing

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "benchmarks" / "coverage"


def stored(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def cell(kind: str, of: str, **more: Any) -> dict[str, Any]:
    usual = {
        "about": "40",
        "method": "m",
        "runs": 100,
        "held": 0.95,
        "below": 0.02,
        "width": 1.0,
        "seconds": 0.001,
    }
    return {"kind": kind, "of": of, **usual, **more}


def test_ranges_are_counted_by_hand() -> None:
    # Truth 2: inside, wholly below, wholly above, open upwards from below it; widths 2, 0.5 and 1.
    made = peers.held([(1.0, 3.0), (1.0, 1.5), (2.5, 3.5), (1.5, None)], 2.0, 2.0)
    assert made == {"runs": 4, "held": 0.5, "below": 0.25, "width": 0.5}
    assert peers.held([(1.0, None)], 2.0, 2.0)["width"] is None


def test_the_paired_cases_give_what_other_programs_said(expected_of_measures: Any) -> None:
    want = expected_of_measures["acceptance_paired_cases"]
    made = peers.exact(peers._paired_cases())
    assert made["standard error by cluster"][0] == pytest.approx(
        want["champion"]["se_cluster_inspect"], rel=1e-9
    )
    assert made["McNemar"][0] == pytest.approx(want["mcnemar_exact"]["p_exact"], rel=1e-9)


@pytest.fixture
def expected_of_measures() -> Any:
    file = ROOT / "tests" / "measures" / "data" / "expected.json"
    return json.loads(file.read_text(encoding="utf-8"))


def test_a_peer_is_handed_the_tasks_that_are_there() -> None:
    there = np.array([[[1, 1, 0], [1, 0, 0]]])
    drawn = {"there": there, "first": there, "second": 0 * there, "cost": np.arange(6.0).reshape(1, 2, 3)}
    (run,) = runs(drawn)
    assert run.cluster.tolist() == [0, 0, 1]
    assert run.first.tolist() == [1.0, 1.0, 1.0]
    assert run.cost.tolist() == [0.0, 1.0, 3.0]


def test_an_absent_peer_is_said_with_its_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAYBACK_PEERS", str(tmp_path))
    with peers._python() as (python, why):
        assert python is None
        assert peers._asked(python, why, "evalsig", tmp_path, 1.0) == {"absent": why}
        assert str(tmp_path) in why
    (row,) = bench_statistics.rows({"peers": {"evalsig": {"absent": "no such folder"}}, "cells": []})
    assert (row.standing, row.note) == (Standing.ABSENT, "no such folder")


@pytest.mark.parametrize(
    ("held", "below", "width", "standings"),
    [
        (0.94, 0.04, 1.5, [Standing.REACHED] * 3),
        (0.93, 0.05, 1.6, [Standing.SHORT] * 3),
    ],
    ids=["reached", "short"],
)
def test_bars_are_those_of_bootstrap_t(
    held: float, below: float, width: float, standings: list[Standing]
) -> None:
    cells = [
        cell("cost per accepted", "payback", held=held, below=below, width=width),
        cell("cost per accepted", "for comparison", method="bootstrap-t on the log scale"),
        cell("cost per accepted", "claimeval", held=0.5),
    ]
    made = list(bench_statistics.rows({"peers": {}, "cells": cells}))
    assert [row.standing for row in made] == [*standings, Standing.SHOWN, Standing.SHOWN]


def test_only_our_gate_has_a_bar() -> None:
    cells = [
        {"kind": "gate", "about": "a", "of": of, "method": method, "runs": 9, "passed": 0.06, "seconds": 0.1}
        for of, method in (("payback", "bets"), ("payback", "b: not what it does"), ("evalsig", "s"))
    ]
    standings = [row.standing for row in bench_statistics.rows({"peers": {}, "cells": cells})]
    assert standings == [Standing.SHORT, Standing.SHOWN, Standing.SHOWN]


def test_a_rule_is_summed_by_hand() -> None:
    boot = {"held": 0.9, "below": 0.1, "width": 2.0}
    rule = {"held": 0.88, "below": 0.03, "width": 3.2, "open": 0.0}
    other = {"held": 0.95, "below": 0.05, "width": 1.0, "open": 0.0}
    made = research.summed([{"bootstrap-t": boot, "x": rule}, {"bootstrap-t": boot, "x": other}], "x")
    assert (made.cells, made.short, made.wide, made.below) == (2, 1, 1, 1)
    assert made.widest == pytest.approx(1.6)
    assert made.worst == pytest.approx(88)


def test_what_is_printed_is_short_of_bootstrap_t_in_no_cell() -> None:
    made = research.summed(stored("research")["cells"], "whole")
    assert (made.cells, made.short, made.wide) == (80, 0, 0)


def test_the_pages_are_those_of_the_results() -> None:
    pages = ROOT / "docs" / "coverage"
    assert (pages / "peers.md").read_text(encoding="utf-8") == peers.page(stored("peers"))
    assert (pages / "research.md").read_text(encoding="utf-8") == research.page(stored("research"))
