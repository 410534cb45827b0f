"""What every test may ask for: a stored result to compare with, and a browser that stays at home."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

from payback.cli.doctor import chromium

# A slow or busy machine is no fault of the code, so no example has a deadline. The same examples each run, so that
# a change fails for what it changed; PAYBACK_EXPLORE=1 draws others, to look for what nobody has met yet.
settings.register_profile("payback", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("explore" if os.environ.get("PAYBACK_EXPLORE") == "1" else "payback")

CHROMIUM_OPTIONS = (
    "--no-sandbox",  # as root, in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
AT_HOME = ("file", "data", "blob", "about")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the expected files, then read the diff")


@pytest.fixture
def expected(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """`expected(path, actual)`: `actual` is what is stored in `path`; `make golden` stores it."""

    def compare(path: Path, actual: str) -> None:
        if request.config.getoption("golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8")
        assert path.exists(), f"{path} is not there yet; `make golden` writes it"
        assert actual == path.read_text(encoding="utf-8"), f"{path} says otherwise; meant? `make golden`"

    return compare


@dataclass
class Browser:
    """Chromium whose pages may reach files and this machine, nothing else."""

    chromium: Any  # playwright.sync_api.Browser
    contexts: ExitStack
    outside: list[str] = field(default_factory=list)  # addresses a page asked for and did not get

    def new_page(self, **options: Any) -> Any:
        """A playwright Page in a context of its own; `options` as for Browser.new_context."""
        context = self.chromium.new_context(**options)
        self.contexts.callback(context.close)
        context.route("**/*", self._at_home)
        return context.new_page()

    def open(self, path: Path, **options: Any) -> Any:
        """A page showing the file in `path`."""
        page = self.new_page(**options)
        page.goto(path.resolve().as_uri())
        return page

    def _at_home(self, route: Any) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in AT_HOME or address.hostname in LOOPBACK:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()


@pytest.fixture(scope="session")
def _launched() -> Iterator[Any]:
    program = chromium()
    if program is None:
        _no_browser("no Chromium on this machine (PAYBACK_CHROMIUM names one elsewhere)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _no_browser("playwright is not installed: pip install -c constraints.txt -e '.[dev,ui]'")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(program), args=list(CHROMIUM_OPTIONS))
        yield launched
        launched.close()


def _no_browser(reason: str) -> None:
    if os.environ.get("PAYBACK_REQUIRE_BROWSER") == "1":
        pytest.fail(f"page tests must run here, but {reason}")
    pytest.skip(reason)


@pytest.fixture
def browser(_launched: Any) -> Iterator[Browser]:
    """A browser for one test (mark it `page`); the test fails if a page asks for an outside address."""
    with ExitStack() as contexts:
        browser = Browser(_launched, contexts)
        yield browser
    assert not browser.outside, f"the page asked for {', '.join(sorted(set(browser.outside)))}"
