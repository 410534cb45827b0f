"""The bundled examples, read with nothing but the standard library."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import payback
from payback.project import Project

EXAMPLES = Path(payback.__file__).parent / "examples"

Rows = list[dict[str, str]]


@cache
def _rows(name: str) -> Rows:
    content = (EXAMPLES / name).read_bytes()
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@pytest.fixture
def rows() -> Callable[[str], Rows]:
    """`rows("own-model/costs.csv")`: every row of a data file, as written."""
    return _rows


@pytest.fixture
def example() -> Callable[[str], Project]:
    """`example("own-model")`: its project."""
    return lambda name: payback.load(EXAMPLES / name)


@pytest.fixture
def folder() -> Path:
    return EXAMPLES
