"""One page model feeds every renderer: each handles every block, and all say the same figures."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from payback.records import Evidence, Unknown
from payback.report import charts, described, page
from payback.report.build import report
from payback.report.formulas import note_of, notes
from payback.report.known_page import every_figure
from payback.report.page import BLOCKS, CHARTS, Block, Cell, Page, Report, Section, Table
from payback.report.to_html import html
from payback.report.to_markdown import markdown
from payback.report.to_terminal import terminal
from tests.report import returns_sample
from tests.report.sample import ASSESSMENTS, BENCHMARK, GROUP, HOSTILE

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MADE = report(ASSESSMENTS)


def blocks(of: Report) -> Iterator[Block]:
    for one in of.pages:
        for section in one.sections:
            yield from section.blocks


EVERY = (*blocks(MADE), *returns_sample.BLOCKS)


def alone(block: Block) -> Report:
    """A report that holds nothing but one block."""
    only = Page("page-one", "Page one", "Group", "spending", (Section((block,)),), headline=True)
    return replace(MADE, pages=(only,))


def words(text: str) -> str:
    """The words of an HTML page, as a reader meets them."""
    text = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    return " ".join(html_module.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_the_sample_has_every_block_and_every_chart() -> None:
    assert {type(block) for block in EVERY} == set(BLOCKS)
    assert set(CHARTS) < set(BLOCKS)


@pytest.mark.parametrize("kind", BLOCKS, ids=lambda kind: kind.__name__)
def test_every_renderer_handles_every_block(kind: type) -> None:
    block = next(block for block in EVERY if isinstance(block, kind))
    made = alone(block)
    for text in (words(html(made)), terminal(made, 88, color=False), markdown(made, detail=True)):
        assert len(text) > 30


@pytest.mark.parametrize("kind", CHARTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("width", [354, 443, 637, 720, 1120], ids=str)
def test_every_chart_is_drawn_at_every_width(kind: type, width: int) -> None:
    for block in EVERY:
        if isinstance(block, kind):
            drawn = charts.svg(block, width, "c")  # type: ignore[arg-type]  # kinds of chart only
            assert 'role="img"' in drawn
            sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', drawn)]
            assert min(sizes, default=12) >= 12
            places = [float(x) for x in re.findall(r'<(?:rect|text|line)[^>]* x1?="(-?[\d.]+)"', drawn)]
            assert all(-1 <= x <= width + 1 for x in places)
            assert "NaN" not in drawn
            assert "currentColor" not in drawn


def test_every_mark_of_a_chart_is_in_every_renderer() -> None:
    on_page, in_terminal, in_markdown = words(html(MADE)), terminal(MADE, 100, color=False), markdown(MADE)
    for block in blocks(MADE):
        if not isinstance(block, CHARTS):
            continue
        for line in described.lines(block):  # type: ignore[arg-type]  # kinds of chart only
            assert line.text in on_page
            assert line.text in in_terminal.replace("\n", " ") or line.text in " ".join(in_terminal.split())
            assert line.text in in_markdown or HOSTILE[:5] in line.label


def test_every_cell_of_a_table_is_in_every_renderer() -> None:
    on_page = words(html(MADE))
    in_terminal = set(re.findall(r"\d[\d.,]*\d|\d", terminal(MADE, 100, color=False)))
    in_markdown = "".join(markdown(MADE).split())
    for block in blocks(MADE):
        if not isinstance(block, Table):
            continue
        for cell in (cell for row in block.rows for cell in row.cells):
            if not cell.text or HOSTILE[:8] in cell.text:
                continue
            assert cell.text in on_page
            assert figures_of(cell) <= in_terminal
            assert cell.text.replace(" ", "") in in_markdown.replace("\\", "")


def figures_of(cell: Cell) -> set[str]:
    return {cell.text} if re.fullmatch(r"\d[\d.,]*\d|\d", cell.text) else set()


@pytest.mark.parametrize("name", ["terminal", "markdown"])
def test_text_is_what_is_stored(name: str, expected: Callable[[Path, str], None]) -> None:
    text = terminal(MADE, 88, color=False) if name == "terminal" else markdown(MADE, detail=True)
    expected(HERE / f"report.{name}.expected.{'txt' if name == 'terminal' else 'md'}", text)


def test_the_terminal_opens_with_the_answer_and_keeps_its_width() -> None:
    for width in (60, 80, 100):
        lines = terminal(MADE, width, color=False).splitlines()
        assert "34.6 went out, 1.1 came back: 3 of every 100." in lines[1:3]
        assert max(map(len, lines)) <= width


def test_colour_is_refused_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = terminal(MADE, 88, color=True)
    assert "\x1b[1m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == terminal(MADE, 88, color=False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in terminal(MADE, 88, color=True)


def test_hostile_text_is_inert_everywhere() -> None:
    page_text, screen, mark = html(MADE), terminal(MADE, 88, color=False), markdown(MADE, detail=True)
    for text in (page_text, screen, mark):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<script" not in page_text
    assert "&lt;script&gt;" in page_text
    assert "<script" not in mark.replace("\\<", "")
    assert not re.search(r"(?<!\\)\]\(", mark)
    assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', page_text))


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    text = html(MADE)
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'content="{policy}"' in text
    assert not re.search(r"<(?:script|link|img|iframe|object|embed|form|base)\b", text)
    assert not re.search(r"\son\w+=", text)
    assert not re.search(r"url\((?!#)", text)
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', text))


def test_every_link_has_its_target_and_no_id_is_there_twice() -> None:
    text = html(MADE)
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'href="#([^"]*)"', text) + re.findall(r"url\(#([^)]*)\)", text)
    assert set(targets) <= set(ids)
    for labels in re.findall(r'aria-labelledby="([^"]*)"', text):
        assert set(labels.split()) <= set(ids)


def test_headings_go_down_one_level_at_a_time() -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", html(MADE))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_figure_opens_its_formula_and_its_rows() -> None:
    text = words(html(MADE))
    for figure in every_figure(ASSESSMENTS):
        assert note_of(figure.formula).title in text
        for origin in figure.origins:
            assert str(origin) in text
        for left_out in figure.omissions:
            assert left_out in text


def test_what_is_not_known_gives_its_reason_and_never_a_zero() -> None:
    text = words(html(MADE))
    for project in ASSESSMENTS:
        for case in project.use_cases:
            for arm in case.arms:
                for found in (arm.acceptance, arm.cost_per_accepted, arm.full_unit_cost):
                    if isinstance(found, Unknown):
                        assert found.reason in text


def test_pages_never_use_the_words_of_the_code() -> None:
    for text in (words(html(MADE)), terminal(MADE, 88, color=False), markdown(MADE, detail=True)):
        for word in ("arm", "arms", "incumbent", "cluster", "clusters", "graded", "EVPPI"):
            assert not re.search(rf"\b{word}\b", text, re.IGNORECASE), word


def test_no_loss_is_a_bare_minus() -> None:
    for text in (words(html(MADE)), terminal(MADE, 88, color=False)):
        assert not re.search(r"(?<![\w-])[-\u2212]\d", text)


def test_ways_of_working_stand_by_name() -> None:
    for block in blocks(MADE):
        if isinstance(block, page.Segments):
            assert list(block.ways) == sorted(block.ways, key=str.casefold)
        if isinstance(block, page.Intervals):
            names = [row.label for row in block.rows]
            assert names == sorted(names, key=str.casefold)


def test_counts_in_titles_are_those_of_the_marks_drawn() -> None:
    for block in blocks(MADE):
        if isinstance(block, page.Intervals) and "cheaper than as today:" in block.title:
            says = [row.says for row in block.rows]
            assert (
                f"cheaper than as today: {says.count('cheaper')}; dearer: {says.count('dearer')}"
                in block.title
            )
        if isinstance(block, page.Segments):
            warned = sum(bool(line.warning) for line in block.lines)
            assert block.title.startswith(f"In {warned} of {len(block.lines)}")


def test_only_what_counts_is_added_as_back() -> None:
    strip = next(block for block in blocks(MADE) if isinstance(block, page.OutAndBack))
    assert {mark.evidence for mark in strip.back} == {Evidence.BOOKED, Evidence.MEASURED}
    assert strip.back_total.text == "1.1"


def test_a_missing_owner_is_said() -> None:
    assert "no one yet" in words(html(MADE))


def test_a_benchmark_may_be_the_headline_and_nothing_is_added_to_it() -> None:
    made = report([BENCHMARK, GROUP])
    headline = next(block for block in blocks(made) if isinstance(block, page.Verdict))
    assert "no customer" in headline.headline
    assert "34.6" not in headline.headline
    assert "Other projects, not added" in words(html(made))


def test_a_project_without_use_cases_or_figures_is_still_a_report() -> None:
    none = Unknown("nothing was read")
    empty = replace(
        GROUP,
        use_cases=(),
        out=none,
        back=none,
        back_parts=(),
        promise=None,
        decisions=(),
        pools=(),
        sources=(),
    )
    text = words(html(report([empty])))
    assert "What went out is not known" in text
    assert "nothing was read" in text
    assert "nothing was read" in terminal(report([empty]), 80, color=False)


def test_unassigned_money_heads_the_list() -> None:
    made = report([replace(GROUP, unassigned=GROUP.out)])
    table = next(block for block in blocks(made) if isinstance(block, Table))
    assert table.rows[0].cells[0].text == "No use case"


def test_the_formulas_of_the_documents_are_all_known() -> None:
    headings = re.findall(
        r"^## (\S+)$", (ROOT / "docs" / "formulas.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert set(headings) <= {note.key for note in notes()}


def test_a_formula_nobody_described_still_names_itself() -> None:
    assert note_of("net-present-value").title == "net-present-value"
