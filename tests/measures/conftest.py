"""Small vectors whose answers were computed by other programs (data/README.md)."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from payback.measures.estimate import Floats

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Pairs:
    """paired_cases.csv summed by cluster."""

    n: Floats
    accepted: Mapping[str, Floats]
    cost: Mapping[str, Floats]


@pytest.fixture(scope="session")
def expected() -> Any:
    return json.loads((DATA / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def judged_elsewhere() -> Any:
    """What other programs make of judge_labels.csv."""
    return json.loads((DATA / "judge_expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def pairs() -> Pairs:
    with (DATA / "paired_cases.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    keys = sorted({row["cluster"] for row in rows})
    place = np.array([keys.index(row["cluster"]) for row in rows])

    def by_cluster(column: str) -> Floats:
        return np.bincount(place, weights=[float(row[column]) for row in rows]).astype(np.float64)

    return Pairs(
        n=np.bincount(place).astype(float),
        accepted={arm: by_cluster(f"{arm}_ok") for arm in ("champion", "challenger")},
        cost={arm: by_cluster(f"{arm}_cost") for arm in ("champion", "challenger")},
    )


@pytest.fixture(scope="session")
def returns_expected() -> Any:
    """Distributions, cash flows and the worth of information."""
    return json.loads((DATA / "returns_expected.json").read_text(encoding="utf-8"))
