"""The browser other tests use really shows pages, and really stops at the machine's edge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Browser

pytestmark = pytest.mark.page


def test_a_file_is_shown(browser: Browser, tmp_path: Path) -> None:
    shown = tmp_path / "page.html"
    shown.write_text("<!doctype html><title>Shown</title><p>3 of every 100</p>", encoding="utf-8")
    page = browser.open(shown, viewport={"width": 390, "height": 800}, color_scheme="dark")
    assert page.title() == "Shown"
    assert page.inner_text("p") == "3 of every 100"


def test_an_outside_address_is_noticed_and_not_reached(browser: Browser, tmp_path: Path) -> None:
    shown = tmp_path / "page.html"
    shown.write_text('<!doctype html><img src="https://example.org/pixel.png">', encoding="utf-8")
    browser.open(shown)
    assert browser.outside == ["https://example.org/pixel.png"]
    browser.outside.clear()  # expected here; anywhere else it fails the test
