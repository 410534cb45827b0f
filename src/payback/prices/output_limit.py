"""The longest answer a model gives, where its maker says so: an upper end for counts that were never finished."""

from __future__ import annotations

import csv
from fnmatch import fnmatchcase
from functools import cache

from payback.prices.listing import FOLDER
from payback.prices.names import forms


def most_output(model: str) -> int | None:
    """Tokens of output in one call at most; None where nobody says."""
    for form in forms(model, None):
        for pattern, most in _limits():
            if fnmatchcase(form.model.casefold(), f"*{pattern}"):  # clouds put a region and a maker before it
                return most
    return None


@cache
def _limits() -> tuple[tuple[str, int], ...]:
    with (FOLDER / "output_limits.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["model"], int(row["most_output_tokens"])) for row in csv.DictReader(file))
