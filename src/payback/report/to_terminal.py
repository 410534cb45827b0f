"""The report as plain text: the verdict first, columns where they fit, lines with labels where not."""

from __future__ import annotations

import os
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from typing import assert_never

from payback.assessment import GateState, Verdict
from payback.locale import say
from payback.records import Evidence
from payback.report import described, inert, page, returns_words, text_charts
from payback.report.page import (
    Block,
    Cell,
    Chart,
    Column,
    FigureRow,
    FigureRows,
    Formulas,
    Intervals,
    Note,
    OutAndBack,
    Promised,
    Report,
    Row,
    Section,
    Table,
    Tone,
)
from payback.report.page_returns import (
    Bridge,
    Fan,
    Lines,
    MeasureNext,
    QuantileDots,
    Tornado,
    tornado_rest,
    tornado_shown,
)

LEAST_WIDTH, MOST_WIDTH = 60, 100
GAP = 2
LEAST_WORDS = 14  # columns of words below this are hard to read; then each row becomes a card
LEAD_MOST = 18
BAR = 30
HEAD_WIDTH = 13
SHORT = 16  # longer words stand in no column
FILL = {
    Evidence.BOOKED: "#",
    Evidence.BILLED: "#",
    Evidence.MEASURED: "=",
    Evidence.ESTIMATED: "/",
    Evidence.CLAIMED: ".",
}
BOLD, RED, BLUE, DIM, RESET = "\x1b[1m", "\x1b[31m", "\x1b[36m", "\x1b[2m", "\x1b[0m"


def terminal(report: Report, width: int, color: bool) -> str:
    """The report for a terminal. `color` asks for it; NO_COLOR in the environment refuses it."""
    pen = _Pen(max(LEAST_WIDTH, min(MOST_WIDTH, width)), color and not os.environ.get("NO_COLOR"))
    return "\n".join(_squeezed(pen.report(report))) + "\n"


def _squeezed(lines: Iterator[str]) -> Iterator[str]:
    """No trailing spaces, never two empty lines, none at the ends."""
    waiting = False
    started = False
    for line in lines:
        text = line.rstrip()
        if not text:
            waiting = started
            continue
        if waiting:
            yield ""
        waiting, started = False, True
        yield text


class _Pen:
    """Writes blocks in one width, with or without colour."""

    def __init__(self, width: int, color: bool) -> None:
        self.width, self.color = width, color

    def report(self, report: Report) -> Iterator[str]:
        for number, one in enumerate(report.pages):
            if number:
                yield ""
                yield "-" * self.width
            yield from self.wrapped(f"{inert.plain(one.owner)}: {inert.plain(one.about)}")
            for section in one.sections:
                if not section.detail:
                    yield from self.section(section)

    def section(self, section: Section) -> Iterator[str]:
        for block in section.blocks:
            yield from self.block(block)
            yield ""

    def block(self, block: Block) -> Iterator[str]:
        if isinstance(block, page.Verdict):
            yield from self.verdict(block)
        elif isinstance(block, Table):
            yield from self.table(block)
        elif isinstance(block, FigureRows):
            yield from self.figure_rows(block)
        elif isinstance(block, Note):
            yield from self.note(block)
        elif isinstance(block, Formulas):
            yield from self.formulas(block)
        elif isinstance(block, MeasureNext):
            yield from self.measure_next(block)
        else:
            yield from self.chart(block)

    def verdict(self, block: page.Verdict) -> Iterator[str]:
        word = f"{block.verdict.word}  " if block.verdict else ""
        first, *rest = self.lines(word + inert.plain(block.headline))
        if block.verdict:
            word = block.verdict.word
            first = self.painted(word, _tone_of(block.verdict)) + self.painted(
                first[len(word) :], Tone.STRONG
            )
        else:
            first = self.painted(first, Tone.STRONG)
        yield first
        yield from (self.painted(line, Tone.STRONG) for line in rest)
        yield from self.wrapped(inert.plain(block.dek))
        yield from self.wrapped(inert.plain(block.until))

    def note(self, block: Note) -> Iterator[str]:
        title = inert.plain(block.title)
        if len(block.lines) == 1:
            yield from self.wrapped(f"{title}: {inert.plain(block.lines[0])}", hang=2)
            return
        yield self.painted(title, Tone.STRONG)
        for line in block.lines:
            yield from self.wrapped(inert.plain(line), indent=2)

    def measure_next(self, block: MeasureNext) -> Iterator[str]:
        words = f"{inert.plain(block.title)}: {inert.plain(block.headline)}"
        yield from (self.painted(line, Tone.STRONG) for line in self.lines(words))
        for line in (block.says, *block.more):
            yield from self.wrapped(inert.plain(line), indent=2)

    def formulas(self, block: Formulas) -> Iterator[str]:
        yield self.painted(inert.plain(block.title), Tone.STRONG)
        for one in block.formulas:
            yield from self.wrapped(f"{one.title} ({one.key}): {one.formula}", indent=2, hang=4)
            yield from self.wrapped(f"{one.says} {one.source}", indent=4)

    def chart(self, chart: Chart) -> Iterator[str]:
        title = inert.plain(chart.title)
        if title:
            yield from (self.painted(line, Tone.STRONG) for line in self.lines(title))
        if isinstance(chart, Intervals) and chart.repeats:
            yield from self.wrapped(inert.plain(chart.source))
            return
        if chart.subtitle:
            yield from self.wrapped(inert.plain(chart.subtitle))
        yield from self.marks(chart)
        if chart.source:
            yield from self.wrapped(inert.plain(chart.source))

    def marks(self, chart: Chart) -> Iterator[str]:
        if isinstance(chart, OutAndBack):
            yield from self.strip(chart)
        elif isinstance(chart, Tornado):
            yield from self.tornado(chart)
        elif isinstance(chart, Bridge):
            yield from self.bridge(chart)
        elif isinstance(chart, Fan | Lines) and (amounts := text_charts.table(chart)) is not None:
            yield from self.table(amounts)
            yield from self.rows(tuple(described.beside(chart)), [])
        else:
            yield from self.rows(described.lines(chart), self.bars(chart))

    def rows(self, found: Sequence[described.Line], bars: Sequence[str]) -> Iterator[str]:
        """One line a mark, its parts below those of the others."""
        if not found:
            return
        widths = [
            min(max(_cells(inert.plain(line.label)) for line in found), self.width // 2),
            max((_cells(line.text) for line in found if _cells(line.text) <= SHORT), default=0),
            max((_cells(line.more) for line in found if _cells(line.more) <= SHORT), default=0),
        ]
        for number, line in enumerate(found):
            label, text, more = (inert.plain(part) for part in (line.label, line.text, line.more))
            parts = [_left(label, widths[0]), _right(text, widths[1]), _left(more, widths[2]), line.known]
            start = f"  {'  '.join(parts)}".rstrip()
            bar = bars[number] if number < len(bars) else ""
            yield from self.wrapped(f"{start}  {bar}".rstrip(), hang=4, keep=True)

    def bridge(self, chart: Bridge) -> Iterator[str]:
        """A step with its amount and its bar, and below it what became of it."""
        found = described.lines(chart)
        amounts = max(_cells(inert.plain(line.text)) for line in found)
        names = min(max(_cells(inert.plain(line.label)) for line in found), self.width - amounts - BAR - 6)
        bars = text_charts.bridge_bars(chart, BAR)
        for line, bar in zip(found, bars, strict=True):
            first, *rest = self.within(line.label, names)
            yield f"  {_left(first, names)}  {_right(inert.plain(line.text), amounts)}  {bar}"
            yield from (f"  {one}" for one in rest)
            words = ", ".join(part for part in (inert.plain(line.more), line.known) if part)
            yield from self.wrapped(words, indent=4)

    def tornado(self, chart: Tornado) -> Iterator[str]:
        """Two lines an input: whether it flips the verdict, and its bar between the words for its ends."""
        shown = tornado_shown(chart)
        ends = [returns_words.end_words(bar) for bar in shown]
        sides = [max((_cells(words[side]) for words in ends), default=0) for side in (0, 1)]
        room = min(BAR, self.width - sum(sides) - 8)
        bars = text_charts.tornado_bars(chart, room) if room >= LEAST_WORDS else []
        for number, (bar, words) in enumerate(zip(shown, ends, strict=True)):
            known = f" ({bar.evidence.word})" if bar.evidence is not None else ""
            name = f"  {inert.plain(bar.name)}{known}: {returns_words.finding(bar)}"
            tone = Tone.STRONG if bar.flips else Tone.PLAIN
            yield from (self.painted(line, tone) for line in self.lines(name, hang=4, keep=True))
            low, high = (inert.plain(word) for word in words)
            if bars:
                yield f"    {_right(low, sides[0])}  {bars[number]}  {high}"
            else:
                yield from self.wrapped(f"    {low}, {high}", hang=4, keep=True)
        if bars:
            zero, here = text_charts.ZERO, text_charts.HERE
            key = say("{zero} no gain, no loss; {here} {assessed}", zero=zero, here=here,
                      assessed=inert.plain(chart.as_assessed_text))  # fmt: skip
            yield from self.wrapped(key, indent=2, hang=4)
        else:
            yield from self.wrapped(inert.plain(chart.as_assessed_text), indent=2, hang=4)
        yield from self.wrapped(inert.plain(tornado_rest(chart)), indent=2, hang=4)

    def bars(self, chart: Chart) -> list[str]:
        """A bar for each part of a promise, filled by how it is known; a dot for each future."""
        if isinstance(chart, QuantileDots):
            return text_charts.dots(chart)
        if not isinstance(chart, Promised):
            return []
        whole = max(part.amount for part in chart.parts)
        return [
            FILL[part.evidence or Evidence.CLAIMED] * max(1, int(part.amount / whole * BAR))
            for part in chart.parts
        ]

    def strip(self, chart: OutAndBack) -> Iterator[str]:
        """Two sentences: what went out and for what, what came back and how it is known."""
        out = "; ".join(
            ", ".join(part for part in (f"{mark.label} {mark.text}", mark.more) if part) for mark in chart.out
        )
        back = ", ".join(f"{mark.text} {mark.label}" for mark in chart.back)
        for total, parts in ((chart.out_total, out), (chart.back_total, back)):
            more = f": {inert.plain(parts)}" if parts else ""
            yield from self.wrapped(f"{total.label} {total.text}{more}", hang=2)

    def figure_rows(self, block: FigureRows) -> Iterator[str]:
        """How each figure is known: only what is not known, for the tables have the rest."""
        unknown = [row for row in block.rows if row.unknown]
        known = len(block.rows) - len(unknown)
        text = say("{known} of {all} figures known", known=known, all=len(block.rows))
        yield from self.wrapped(f"{inert.plain(block.title)}: {text}")
        reasons: dict[str, list[FigureRow]] = {}
        for row in unknown:
            reasons.setdefault(row.unknown, []).append(row)
        for reason, rows in reasons.items():
            names = "; ".join(inert.plain(row.label) for row in rows[:3])
            rest = say(" and {count} more", count=len(rows) - 3) if len(rows) > 3 else ""
            fix = f" ({inert.plain(rows[0].fix)})" if rows[0].fix else ""
            yield from self.wrapped(f"{names}{rest}: {inert.plain(reason)}{fix}", indent=2, hang=4)

    def table(self, table: Table) -> Iterator[str]:
        if table.title:
            yield from (self.painted(line, Tone.STRONG) for line in self.lines(inert.plain(table.title)))
        if table.subtitle:
            yield from self.wrapped(inert.plain(table.subtitle))
        widths = self.widths(table)
        yield from self.columns(table, widths) if widths else self.cards(table)
        if table.source:
            yield from self.wrapped(inert.plain(table.source))

    def widths(self, table: Table) -> list[int] | None:
        """Characters per column, or None where the table does not fit."""
        common = _common_evidence(table)
        natural = [
            max(
                max(map(_cells, _head(column, common[place])), default=0),
                *(_widest(row.cells[place], known=common[place] is None) for row in table.rows),
                0,
            )
            for place, column in enumerate(table.columns)
        ]
        least = [
            width if column.figures else min(width, LEAD_MOST if column.lead else LEAST_WORDS)
            for width, column in zip(natural, table.columns, strict=True)
        ]
        room = self.width - GAP * (len(natural) - 1)
        if sum(least) > room:
            return None
        spare = room - sum(least)
        widths = list(least)
        while spare > 0:
            wanting = [place for place, width in enumerate(widths) if width < natural[place]]
            if not wanting:
                break
            for place in wanting[:spare]:
                widths[place] += 1
                spare -= 1
        return widths

    def columns(self, table: Table, widths: list[int]) -> Iterator[str]:
        common = _common_evidence(table)
        heads = [
            _head(column, known) if column.figures else self.within(column.head, width)
            for column, known, width in zip(table.columns, common, widths, strict=True)
        ]
        yield from self.row([Cell("", Tone.SOFT) for _ in heads], heads, table.columns, widths)
        for row in table.rows:
            stacks = [
                _stack(cell, width, figures=column.figures, known=known is None)
                for cell, width, column, known in zip(row.cells, widths, table.columns, common, strict=True)
            ]
            yield from self.row(row.cells, stacks, table.columns, widths)

    def row(
        self, cells: Sequence[Cell], stacks: list[list[str]], columns: Sequence[Column], widths: list[int]
    ) -> Iterator[str]:
        for level in range(max(map(len, stacks))):
            parts = []
            for cell, lines, column, width in zip(cells, stacks, columns, widths, strict=True):
                text = lines[level] if level < len(lines) else ""
                shown = self.painted(text, _cell_tone(cell)) if level == 0 else text
                gap = " " * (width - _cells(text))
                parts.append(gap + shown if column.figures else shown + gap)
            yield (" " * GAP).join(parts)

    def cards(self, table: Table) -> Iterator[str]:
        label_width = max(_cells(inert.plain(column.head)) for column in table.columns[1:])
        for row in table.rows:
            yield from self.card(row, table.columns, label_width)

    def card(self, row: Row, columns: Sequence[Column], label_width: int) -> Iterator[str]:
        lead = inert.plain(row.cells[0].text)
        more = f" ({inert.plain(row.cells[0].more)})" if row.cells[0].more else ""
        yield from (self.painted(line, Tone.STRONG) for line in self.lines(lead + more))
        for cell, column in zip(row.cells[1:], columns[1:], strict=True):
            if not cell.text:
                continue
            known = cell.evidence.word if cell.evidence is not None else ""
            parts = (inert.plain(cell.text), inert.plain(cell.more), known)
            text = "   ".join(part for part in parts if part)
            label = _left(inert.plain(column.head), label_width)
            yield from self.wrapped(f"  {label}  {text}", hang=label_width + 4, keep=True)

    def wrapped(self, text: str, *, indent: int = 0, hang: int = 0, keep: bool = False) -> Iterator[str]:
        if text.strip():
            yield from self.lines(text, indent=indent, hang=max(indent, hang), keep=keep)

    def lines(self, text: str, *, indent: int = 0, hang: int = 0, keep: bool = False) -> list[str]:
        """Text in lines of this width; `keep` leaves its inner spaces."""
        if keep and _cells(text) <= self.width:
            return [text]
        plain = text if keep else " ".join(text.split())
        return textwrap.wrap(
            plain,
            self.width,
            initial_indent=" " * indent,
            subsequent_indent=" " * hang,
            break_on_hyphens=False,
            drop_whitespace=True,
        ) or [""]

    def within(self, text: str, width: int) -> list[str]:
        """Words in lines of a column's width."""
        return textwrap.wrap(inert.plain(text), max(width, 1), break_on_hyphens=False) or [""]

    def painted(self, text: str, tone: Tone) -> str:
        codes = {Tone.STRONG: BOLD, Tone.ALARM: BOLD + RED, Tone.ACCENT: BOLD + BLUE, Tone.SOFT: DIM}
        return f"{codes[tone]}{text}{RESET}" if self.color and tone in codes and text.strip() else text


def _tone_of(verdict: Verdict) -> Tone:
    return Tone.ALARM if verdict is Verdict.STOP else Tone.ACCENT


def _cell_tone(cell: Cell) -> Tone:
    badge = cell.badge
    if badge is None:
        return cell.tone
    if isinstance(badge, Verdict):
        return _tone_of(badge)
    match badge:
        case GateState.FAILED:
            return Tone.ALARM
        case GateState.PASSED:
            return Tone.ACCENT
        case GateState.NOT_DECIDED:
            return Tone.STRONG
        case _:
            assert_never(badge)


def _common_evidence(table: Table) -> list[Evidence | None]:
    """How a column's figures are all known, where there are several and they are known alike."""
    found = []
    for place in range(len(table.columns)):
        marks = [row.cells[place].evidence for row in table.rows if row.cells[place].evidence is not None]
        found.append(marks[0] if len(marks) > 1 and len(set(marks)) == 1 else None)
    return found


def _head(column: Column, known: Evidence | None) -> list[str]:
    """A heading; over figures in lines no longer than they are, with how all of them are known."""
    head = inert.plain(column.head)
    lines = textwrap.wrap(head, HEAD_WIDTH, break_on_hyphens=False) if column.figures else [head]
    return [*(lines or [""]), *([known.word] if known is not None else [])]


def _stack(cell: Cell, width: int, *, figures: bool, known: bool) -> list[str]:
    """The lines of a cell: the figure, below it its range and how it is known."""
    if figures:
        word = cell.evidence.word if known and cell.evidence is not None else ""
        return [part for part in (inert.plain(cell.text), inert.plain(cell.more), word) if part] or [""]
    lines = textwrap.wrap(inert.plain(cell.text), max(width, 1), break_on_hyphens=False) or [""]
    if cell.more:
        lines.extend(textwrap.wrap(inert.plain(cell.more), max(width, 1), break_on_hyphens=False))
    return lines


def _widest(cell: Cell, *, known: bool) -> int:
    word = cell.evidence.word if known and cell.evidence is not None else ""
    return max(_cells(inert.plain(cell.text)), _cells(inert.plain(cell.more)), _cells(word))


def _cells(text: str) -> int:
    """Columns a terminal needs: two for a Chinese character, none for an accent."""
    return sum(
        0 if unicodedata.combining(mark) else 2 if unicodedata.east_asian_width(mark) in "WF" else 1
        for mark in text
    )


def _left(text: str, width: int) -> str:
    return text + " " * (width - _cells(text))


def _right(text: str, width: int) -> str:
    return " " * (width - _cells(text)) + text
