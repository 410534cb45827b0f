"""The ranges hold the truth about as often as they say: a small part of benchmarks/coverage, each run."""

from __future__ import annotations

import json
import tokenize
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks.coverage import page
from benchmarks.coverage.laws import LAWS
from benchmarks.coverage.simulate import cell, false_reversals, narrowing
from payback.measures.coverage import held_in_100, held_sentence, share_class, uneven_class
from payback.measures.coverage_table import HELD

ROOT = Path(__file__).parent.parent.parent
BY_KEY = {law.key: law for law in LAWS}
RUNS = 400


@cache
def cells(law: str, clusters: int, *, alone: bool) -> dict[str, dict[str, Any]]:
    return {str(made["quantity"]): made for made in cell(BY_KEY[law], clusters, alone=alone, runs=RUNS)}


# Three standard errors of a share of 400 about 0.95 are 0.033; of one about 0.90, 0.045.
@pytest.mark.parametrize(
    ("law", "clusters", "alone", "quantity", "least"),
    [
        ("lognormal-1.0", 40, False, "cost-per-accepted", 0.915),
        ("lognormal-1.0", 40, False, "break-even-today", 0.915),
        ("lognormal-1.0", 40, False, "full-unit-cost, today 3x", 0.915),
        ("lognormal-1.0", 40, False, "cost-per-task", 0.91),
        ("lognormal-1.0", 40, False, "cost-difference", 0.90),
        ("lognormal-1.0", 40, False, "acceptance-difference", 0.92),
        ("lognormal-1.0", 40, False, "acceptance, clustered-wilson", 0.915),
        ("lognormal-1.0", 40, False, "cost-per-accepted, some missing", 0.95),
        ("lognormal-1.0", 40, False, "full-unit-cost, today 12x, some missing", 0.95),
        ("nearly-all", 40, True, "acceptance, wilson", 0.91),
        ("nearly-all", 40, True, "full-unit-cost, today 12x", 0.92),
        ("nearly-all", 40, True, "acceptance-difference", 0.95),
        ("runaway", 150, False, "cost-per-accepted", 0.90),
        ("runaway", 150, False, "full-unit-cost, today 3x", 0.91),
    ],
    ids=lambda value: str(value).replace(" ", "-"),
)
def test_truth_recovery(law: str, clusters: int, alone: bool, quantity: str, least: float) -> None:
    assert cells(law, clusters, alone=alone)[quantity]["held"] >= least


def test_light_tails_are_seldom_refused() -> None:
    for alone in (False, True):
        made = cells("lognormal-1.0", 40, alone=alone)["cost-per-accepted"]
        assert made["no_upper_limit"] + made["no_range"] <= 0.05


def test_it_beats_the_ranges_it_replaces() -> None:
    heavy, rare = cells("runaway", 150, alone=False), cells("nearly-all", 40, alone=True)
    assert heavy["cost-per-accepted"]["held"] > heavy["cost-per-accepted, log-delta (not used)"]["held"]
    boot = heavy["cost-per-accepted, bootstrap-t (not used)"]
    assert heavy["cost-per-accepted"]["held"] > boot["held"]
    assert heavy["cost-per-accepted"]["width"] < 1.3 * boot["width"]
    assert rare["acceptance, wilson"]["held"] > rare["acceptance, clustered t (not used)"]["held"]
    assert (
        rare["acceptance-difference"]["held"]
        > (rare["acceptance-difference, clustered t (not used)"]["held"])
    )


def test_fewer_data_never_narrow() -> None:
    for costs in (False, True):
        made = narrowing(8, costs=costs, runs=40)
        assert made["outside"] == 0
        assert made["steps"] == 400


def test_reversals_are_seldom_named_where_there_is_none() -> None:
    named = false_reversals(40, 6, runs=200)["named"]
    assert isinstance(named, float)
    assert named <= 0.10


def test_the_page_and_the_table_are_those_of_the_results() -> None:
    results = json.loads((ROOT / "benchmarks" / "coverage" / "results.json").read_text(encoding="utf-8"))
    assert (ROOT / "docs" / "coverage" / "README.md").read_text(encoding="utf-8") == page.page(results)
    assert page.held(results) == HELD
    with tokenize.open(str(ROOT / "src" / "payback" / "measures" / "coverage_table.py")) as file:
        assert file.read() == page.module(results)


def test_every_kind_of_range_was_simulated() -> None:
    assert set(HELD) == {
        "acceptance",
        "acceptance-difference",
        "break-even-today",
        "cost-difference",
        "cost-per-accepted",
        "cost-per-task",
        "full-unit-cost",
    }


def test_the_sentence_looks_up_the_nearest_cell() -> None:
    cell_of_40 = HELD["cost-per-accepted"][40]
    assert held_in_100("cost-per-accepted", 44, 0.7, 0.65) == cell_of_40["even/some"]
    assert held_in_100("cost-per-accepted", 9000, 1.2, 0.65) == HELD["cost-per-accepted"][2400]["uneven/some"]
    assert held_in_100("cost-per-accepted", 44, 0.7, 0.65, 6.5) == cell_of_40["even/some/several"]
    assert held_in_100("cost-per-accepted", 44, 0.7, 0.65, 1.0) == cell_of_40["even/some/one task each"]
    assert held_in_100("anything else", 40, 0.7, 0.65) is None
    assert held_sentence("anything else", 40, 0.7, 0.65) == ""
    assert held_sentence("cost-per-accepted", 40, 0.7, 0.65) == (
        f"built this way, a range held the truth in {cell_of_40['even/some']} of 100 simulated cases like yours"
    )


def test_a_class_too_seldom_simulated_falls_back_on_all() -> None:
    cells_of_acceptance = HELD["acceptance"][40]
    assert "very uneven/some" not in cells_of_acceptance
    assert held_in_100("acceptance", 40, 5.0, 0.65) == cells_of_acceptance["all"]


def test_classes() -> None:
    assert [uneven_class(each) for each in (0.5, 1.0, 2.0)] == ["even", "uneven", "very uneven"]
    assert [share_class(each) for each in (0.1, 0.25, 0.9)] == ["few", "some", "nearly all"]
