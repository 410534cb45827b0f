"""The report in a browser: light, dark, phone, paper; nothing asked for, nothing too small, nothing cut."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from payback.report.build import report
from payback.report.to_html import html
from tests.cli.conftest import process
from tests.conftest import Browser
from tests.report.sample import ASSESSMENTS

pytestmark = pytest.mark.page

LEAST_PIXELS = 12
SHEET = (703, 1031)  # A4 less 12 mm on each side, in CSS pixels
WIDTHS = (390, 800, 1280)
SMALLEST_TEXT = """() => {
  const sizes = [];
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || !parent.getClientRects().length || parent.closest('title, desc')) continue;
    const svg = parent.closest('svg');
    const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    sizes.push([parseFloat(getComputedStyle(parent).fontSize) * scale, node.data.trim().slice(0, 40)]);
  }
  return sizes.sort((a, b) => a[0] - b[0])[0];
}"""
OUTSIDE_ITS_DRAWING = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  if (!frame.width) return [];
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return box.left < frame.left - 2 || box.right > frame.right + 2;
  }).map(text => text.textContent);
})"""


WORDS_DRAWN = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  if (!frame.width) return [];
  return [[...svg.querySelectorAll('text')].map(text => {
    const box = text.getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom, text.textContent];
  })];
})"""
OPENED = """most => {
  const all = [...document.querySelectorAll('details')];
  all.filter(one => one.classList.contains('fold')).forEach(one => one.open = true);
  const lines = all.filter(one => !one.classList.contains('fold'));
  lines.filter((_, place) => place < most).forEach(one => one.open = true);
  lines.filter((_, place) => place >= most).forEach(one => one.remove());
}"""
MOST_OPEN = 200  # lines of figures that axe reads; all are made alike
TOUCH = 1.5  # pixels that boxes of lines set close may share; their letters do not
MOST_HIGH, MOST_BYTES = 9_000, 1_700_000


@pytest.fixture(scope="session")
def of_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "report.html"
    path.write_text(html(report(ASSESSMENTS)), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def of_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of `payback demo`, made once."""
    folder = tmp_path_factory.mktemp("demo")
    done = process("demo", cwd=folder)
    assert done.code == 0, done.err
    return folder / "payback-demo" / "report.html"


@pytest.fixture
def shown(of_sample: Path) -> Path:
    return of_sample


@pytest.fixture(params=["sample", "demo"])
def either(request: pytest.FixtureRequest) -> Path:
    """The sample's report, or the demo's."""
    path: Path = request.getfixturevalue(f"of_{request.param}")
    return path


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_nothing_scrolls_sideways_and_no_text_is_small(browser: Browser, either: Path, width: int) -> None:
    page = browser.open(either, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    size, text = page.evaluate(SMALLEST_TEXT)
    assert size >= LEAST_PIXELS - 0.01, text
    assert page.evaluate(OUTSIDE_ITS_DRAWING) == []


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_no_words_of_a_drawing_stand_on_others(browser: Browser, either: Path, width: int) -> None:
    page = browser.open(either, viewport={"width": width, "height": 900})
    found = [
        (one[4], other[4])
        for drawing in page.evaluate(WORDS_DRAWN)
        for one, other in combinations(drawing, 2)
        if min(one[2], other[2]) - max(one[0], other[0]) > TOUCH
        and min(one[3], other[3]) - max(one[1], other[1]) > TOUCH
    ]
    assert found == []


def test_a_page_with_many_ways_of_working_stays_short_and_the_file_small(
    browser: Browser, of_demo: Path
) -> None:
    page = browser.open(of_demo, viewport={"width": 1280, "height": 900})
    high = page.evaluate("[...document.querySelectorAll('.page')].map(one => one.offsetHeight)")
    assert max(high) < MOST_HIGH
    assert of_demo.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280], ids=str)
def test_axe_finds_nothing(browser: Browser, either: Path, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = browser.open(
        either, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page.evaluate(OPENED, MOST_OPEN)
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_page_one_is_printed_on_one_sheet(browser: Browser, either: Path) -> None:
    page = browser.open(either)
    page.add_style_tag(content=".page + .page { display: none }")
    assert sheets(page) == 1


def test_paper_is_light_whatever_the_screen(browser: Browser, either: Path) -> None:
    page = browser.open(either, color_scheme="dark", viewport={"width": SHEET[0], "height": SHEET[1]})
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.querySelector('#page-one').getBoundingClientRect().height") <= SHEET[1]
    assert page.evaluate(OUTSIDE_ITS_DRAWING) == []


def test_a_figure_opens_its_formula(browser: Browser, shown: Path) -> None:
    page = browser.open(shown, viewport={"width": 1280, "height": 900})
    row = page.locator("#use-invoice-match details", has_text="Matching agent 2: full cost, all in")
    assert not row.locator("dl").is_visible()
    row.locator("summary").click()
    opened = row.locator("dl").inner_text()
    assert "(cost + rejected x today" in opened
    assert "311 invoices never checked" in opened
    assert "ledger/2026.csv, 412 rows" in opened


def test_a_figure_of_page_one_leads_to_what_stands_behind_it(browser: Browser, shown: Path) -> None:
    page = browser.open(shown, viewport={"width": 1280, "height": 900})
    page.locator("#page-one a", has_text="0.82").first.click()
    assert page.locator("#use-invoice-match-money-back dl").is_visible()


def test_the_first_key_press_offers_to_skip(browser: Browser, shown: Path) -> None:
    page = browser.open(shown)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"


def test_without_colours_of_its_own_the_page_is_still_marked(browser: Browser, shown: Path) -> None:
    page = browser.open(shown, forced_colors="active", viewport={"width": 1280, "height": 900})
    assert page.locator("#page-one .mark.measured").first.is_visible()


def sheets(page: Any) -> int:
    printed: bytes = page.pdf(prefer_css_page_size=True, print_background=True)
    return len(re.findall(rb"/Type\s*/Page\b", printed))
