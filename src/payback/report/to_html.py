"""The report as one HTML file: no script, no request to anywhere, light, dark, paper and phone.

Text passes one escape on its way into the page, whether into HTML or into a drawing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from payback.assessment import GateState, Verdict
from payback.locale import say, say_count
from payback.records import Evidence
from payback.report import charts, formulas, inert, page
from payback.report.page import Block, Cell, Chart, Layout, Page, Report, Row, Section, Table
from payback.report.page_returns import MeasureNext

TEMPLATES = Path(__file__).parent / "templates"
WIDE, MAIN, SIDE, MIDDLE, NARROW = 1120, 637, 443, 720, 354
"""Widths of the drawings: all of the page, the two columns of a pair, a tablet, a phone."""
DENSE_ROWS, DENSER_ROWS = 6, 10
"""Rows of tables on page one above which its print is set smaller."""
LONG_TABLE = 16
"""Rows of a table from which they stand closer."""
TEMPLATE_OF: dict[type, str] = {
    page.Verdict: "verdict.html",
    page.Table: "table.html",
    page.FigureRows: "figure_rows.html",
    page.Note: "note.html",
    page.Formulas: "formulas.html",
    MeasureNext: "measure_next.html",
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """One chart at one width; `name` is the class that shows it."""

    name: str
    svg: Markup


def html(report: Report) -> str:
    """The whole report as one self-contained file."""
    writer = _Writer(report)
    css = Markup(_environment().get_template("report.css").render())  # noqa: S704  our own file
    return writer.render("report.html", report=report, css=css, links=writer.links, block=writer.block)


class _Writer:
    """Renders blocks, counting drawings so that no two share an id."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.drawn = 0
        self.keys = _keys(report)
        self.words = _words()

    def render(self, template: str, **values: Any) -> Markup:
        text = (
            _environment()
            .get_template(template)
            .render(
                words=self.words,
                opens=self.opens,
                badged=_badged,
                is_verdict=_is_verdict,
                gate_class=_gate_class,
                marks_in=_marks_in,
                formula_of=formulas.note_of,
                density=_density,
                long_from=LONG_TABLE,
                count_of=_count_of,
                emphasised=_emphasised,
                **values,
            )
        )
        return Markup(text)  # noqa: S704  each value in it went through `finalize`

    def block(self, block: Block, at: Page, section: Section, *, side: bool = False) -> Markup:
        """One block, with headings one level below those of its page."""
        levels = {"top": "h1", "heading": "h2"} if at.headline else {"top": "h2", "heading": "h3"}
        foot = section.layout is Layout.FOOT
        template = TEMPLATE_OF.get(type(block))
        if template is not None:
            return self.render(template, block=block, foot=foot, side=side, **levels)
        if not isinstance(block, get_args(Chart)):
            raise TypeError(type(block).__name__)
        width = WIDE if section.layout is not Layout.PAIR else SIDE if side else MAIN
        drawings = [
            self.drawing(name, block, size)
            for name, size in (("wide", width), ("middle", MIDDLE), ("narrow", NARROW))
        ]
        return self.render("chart.html", block=block, drawings=drawings, **levels)

    def drawing(self, name: str, chart: Chart, width: int) -> Drawing:
        self.drawn += 1
        return Drawing(name, Markup(charts.svg(chart, width, f"c{self.drawn}")))  # noqa: S704  escaped by Canvas

    def links(self, at: Page) -> Markup:
        """Page one, the use cases, how it is known; the current one is not a link."""
        pages = self.report.pages
        first_case = next((one for one in pages[1:-1]), None)
        here = pages.index(at)
        shown = [(pages[0], pages[0].name)]
        if first_case is not None:
            shown.append((at if at in pages[1:-1] else first_case, say("Use cases")))
        shown.append((pages[-1], pages[-1].name))
        neighbours = []
        if at in pages[1:-1] and here + 1 < len(pages) - 1:
            neighbours.append((pages[here + 1], say("Next: {name}", name=pages[here + 1].name)))
        parts = [
            f'<strong aria-current="page">{inert.escaped(name)}</strong>'
            if one is at
            else f'<a href="#{inert.escaped(one.key)}">{inert.escaped(name)}</a>'
            for one, name in (*shown, *neighbours)
        ]
        return Markup(f'<p class="links">{"".join(parts)}</p>')  # noqa: S704  escaped just above

    def opens(self, cell: Cell) -> bool:
        """Whether there is something to open: a key nobody wrote would lead nowhere."""
        return cell.opens in self.keys


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_inert,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _inert(value: object) -> object:
    """Text becomes harmless here; what is marked up already passes."""
    if isinstance(value, Markup):
        return value
    return Markup(inert.escaped(str(value)))  # noqa: S704  the one place where text enters


def _keys(report: Report) -> frozenset[str]:
    found = {one.key for one in report.pages}
    for one in report.pages:
        for section in one.sections:
            for block in section.blocks:
                if isinstance(block, page.FigureRows):
                    found.update(row.key for row in block.rows)
    return frozenset(found)


def _badged(row: Row) -> bool:
    return any(_is_verdict(cell) for cell in row.cells)


def _is_verdict(cell: Cell) -> bool:
    return isinstance(cell.badge, Verdict)


def _gate_class(state: GateState) -> str:
    return "undecided" if state is GateState.NOT_DECIDED else state.value


def _count_of(block: page.FigureRows | Table) -> str:
    if isinstance(block, Table):
        return say_count("{count} row", "{count} rows", len(block.rows))
    return say_count("{count} figure", "{count} figures", len(block.rows))


def _emphasised(text: str, strong: tuple[str, ...]) -> list[tuple[str, bool]]:
    """The text in parts; those named in `strong` are set bold."""
    if not strong:
        return [(text, False)]
    named = "|".join(re.escape(one) for one in sorted(strong, key=len, reverse=True) if one)
    return [(part, part in strong) for part in re.split(f"({named})", text) if part]


def _density(one: Page) -> str:
    """How tightly page one is printed, so that its tables stay on one sheet."""
    tables = [block for section in one.sections for block in section.blocks if isinstance(block, Table)]
    rows = sum(len(table.rows) for table in tables)
    return "denser" if rows > DENSER_ROWS else "dense" if rows > DENSE_ROWS else ""


def _marks_in(table: Table) -> list[Evidence]:
    """The marks a table wears, strongest first, so that the line below explains no other."""
    found = {cell.evidence for row in table.rows for cell in row.cells if cell.evidence is not None}
    return sorted(found, reverse=True)


def _words() -> dict[str, str]:
    return {
        "skip": say("Skip to the report"),
        "known": say("How a figure is known:"),
        "opens": say("A dotted line opens the formula and the rows."),
        "figure": say("figure"),
        "value": say("value"),
        "range": say("range"),
        "evidence": say("evidence"),
        "origin": say("from"),
        "not_known": say("Not known:"),
        "fix": say("What would give it:"),
        "formula": say("formula"),
        "in_full": say("in full"),
        "rests_on": say("rests on"),
        "limits": say("limits"),
        "inputs": say("what went in"),
        "rows": say("rows"),
        "no_rows": say("none named: computed from other figures"),
        "left_out": say("left out"),
        "nothing": say("nothing"),
        "notes": say("notes"),
    }
