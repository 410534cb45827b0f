"""Small projects whose figures can be worked out by hand: rows, a payback.toml, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import payback
from payback.assessment import Assessment, UseCaseResult
from payback.project import Project
from payback.records import Figure, Unknown
from tests.ledger.built import PRICE, Row, made, source, written

__all__ = [
    "CASE",
    "PRICE",
    "Row",
    "assessed",
    "call",
    "cost",
    "figure",
    "made",
    "near",
    "of",
    "outcome",
    "project",
    "row",
    "source",
    "unknown",
    "value",
    "written",
]

CASE = '\n[use_cases.replies]\ntitle = "Replies"\nunit = "ticket closed"\narm = "ai"\nowner = "D. Roth"\n'
"""One use case, judged by the way of working called `ai`."""


def call(task: object, pico_in: int = 500_000, on: str = "2026-09-01", **more: object) -> Row:
    """A call of the model m (2 EUR a million tokens in): 500,000 tokens are 1.00 EUR."""
    return {
        "time": f"{on}T10:00:00",
        "use_case": "replies",
        "arm": "ai",
        "task": task,
        "model": "m",
        "input_tokens": pico_in,
        "output_tokens": 0,
        **more,
    }


def outcome(task: object, accepted: object = 1, on: str | None = "2026-09-02", **more: object) -> Row:
    """The result of a task; `accepted` None is not checked."""
    return {
        "use_case": "replies",
        "arm": "ai",
        "task": task,
        "accepted": accepted,
        "decided_at": on and f"{on}T10:00:00",
        **more,
    }


def cost(amount: object, on: str = "2026-09-01", category: str = "platform", **more: object) -> Row:
    """Money out that has no calls."""
    return {
        "day": on,
        "use_case": "replies",
        "category": category,
        "amount": amount,
        "currency": "EUR",
        "evidence": "booked",
        **more,
    }


def value(amount: object, evidence: str = "booked", on: str = "2026-09-30", **more: object) -> Row:
    """Money that came back, or is said to have."""
    return {
        "day": on,
        "use_case": "replies",
        "kind": "spend removed",
        "amount": amount,
        "currency": "EUR",
        "evidence": evidence,
        **more,
    }


def assessed(
    folder: Path, toml: str = "", head: str = "", as_of: date | None = None, /, **tables: Sequence[Row]
) -> Assessment:
    """The assessment of a project with one file a table."""
    return payback.assess(project(folder, toml, head, **tables), as_of=as_of)


def project(folder: Path, toml: str = "", head: str = "", /, **tables: Sequence[Row]) -> Project:
    """A project of one use case, in EUR, with the price of the model m."""
    text = f'name = "test"\ncurrency = "EUR"\n{head}\n'
    return made(folder, PRICE + CASE + toml, text, **tables)


def of(found: Assessment) -> UseCaseResult:
    """Its only use case."""
    (case,) = found.use_cases
    return case


def figure(found: Figure | Unknown | None) -> Figure:
    """A figure that must be there."""
    assert isinstance(found, Figure), found
    return found


def unknown(found: Figure | Unknown | None) -> str:
    """Why there is no figure, where there must be none."""
    assert isinstance(found, Unknown), found
    return found.reason


def row(*cells: Any) -> tuple[Any, ...]:
    """Several values to compare at once, whole numbers with decimals."""
    return cells


def near(found: Figure | Unknown | None, expected: str) -> bool:
    """Whether a figure is this number, to twelve digits."""
    return abs(figure(found).value - Decimal(expected)) < Decimal("1e-12")
