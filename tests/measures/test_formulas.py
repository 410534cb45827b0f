"""docs/formulas.md: its worked numbers come out, and every method a range can name has a section."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "formulas.md"
MODULES = (
    "payback.measures.delivery.comparison",
    "payback.measures.economics.unit_cost",
    "payback.measures.proportion",
)


def test_the_worked_numbers_come_out() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried > 40
    assert failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_the_worked_numbers_in_the_code_come_out(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried > 0
    assert failed == 0


def test_every_method_has_a_section() -> None:
    headings = set(re.findall(r"^## (\S+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    asked = {
        "spend",
        "burn",
        "payback-ratio",
        "cost-per-accepted",
        "full-unit-cost",
        "break-even-today",
        "mcnemar",
    }
    named = {
        method
        for path in (ROOT / "src" / "payback" / "measures").rglob("*.py")
        for method in re.findall(r'"(wilson|[a-z]+-[a-z-]+)"', _methods(path.read_text(encoding="utf-8")))
    }
    assert asked | named | {"clopper-pearson", "clustered-t"} <= headings


def _methods(code: str) -> str:
    return "\n".join(line for line in code.splitlines() if "method=" in line)
