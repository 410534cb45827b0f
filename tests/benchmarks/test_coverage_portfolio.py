"""The simulation of how often places hold is what the page says of it."""

from __future__ import annotations

import json

import pytest

from benchmarks.coverage import portfolio


@pytest.mark.long
def test_places_hold_about_as_often_as_meant_and_not_where_ranges_are_too_narrow() -> None:
    as_stated = portfolio.places(4, 1.3, 1.0, 30)
    narrow = portfolio.places(12, 1.3, portfolio.TOO_NARROW, 30)
    assert as_stated["places_right"] >= 0.8
    assert narrow["places_right"] <= 0.5


def test_the_page_is_that_of_the_stored_numbers() -> None:
    stored = json.loads((portfolio.HERE / "portfolio.json").read_text(encoding="utf-8"))
    assert portfolio.PAGE.read_text(encoding="utf-8") == portfolio.page(stored)
