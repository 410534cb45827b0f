"""Inputs by how far each moves what the money is worth: the longest bar first, filled by how it is known."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate, pairwise
from typing import NamedTuple

from payback.locale import say
from payback.report.charts.canvas import (
    ACCENT,
    ALARM,
    ALARM_WASH,
    AXIS,
    INK,
    LABEL,
    PAPER,
    RULE,
    SOFT,
    Canvas,
    text_width,
    wrapped,
)
from payback.report.charts.signed_axis import SignedAxis
from payback.report.page_returns import Tornado, TornadoBar, tornado_rest, tornado_shown
from payback.report.returns_words import finding

ROW, BAR, LINE = 40.0, 23.0, 16.0
APART = 7.0
ENDS = 0.24
"""The most of the plot's width that the words at one end of the bars may take; longer ones are wrapped."""
NAMES = 0.28
MOST_LINES = 8
ABOVE = 10.0  # on a phone: what the lines of a name need beside their own height


class _End(NamedTuple):
    """One end of a bar: the money there, and the value of the input."""

    amount: Decimal
    lines: list[str]


def draw(canvas: Canvas, chart: Tornado) -> float:
    """Names left, bars on one axis with the side that loses tinted, and whether each flips at the right."""
    bars = tornado_shown(chart)
    left = 0.0 if canvas.narrow else min(NAMES * canvas.width, _names(bars) + 20)
    right = canvas.width - (0.0 if canvas.narrow else _findings(canvas, bars) + 20)
    axis, edges = _axis(chart, bars, left, right)
    heads = _heads(canvas, chart, axis, edges)
    y = heads + (0 if canvas.narrow else 8)
    tops = list(accumulate((_height(canvas, bar, left, edges) for bar in bars), initial=y))
    bottom = tops[-1] + 2
    _frame(canvas, axis, edges, heads, bottom)
    assessed = axis.at(chart.as_assessed)
    if heads > 24:  # the words of what was assessed stand one line higher
        canvas.line(assessed, 17, assessed, heads, SOFT, dash="2 3")
    spans = list(pairwise(tops)) if canvas.narrow else [(heads, bottom)]
    for bar, (top, end) in zip(bars, pairwise(tops), strict=True):
        if canvas.narrow:
            below = _narrow_name(canvas, bar, top)
            spans[bars.index(bar)] = (below, end)
            _bar(canvas, bar, axis, edges, (below + end) / 2)
        else:
            _name(canvas, bar, left, (top + end) / 2)
            _bar(canvas, bar, axis, edges, (top + end) / 2)
            _finding(canvas, bar, right + 20, (top + end) / 2)
    for top, end in spans:
        canvas.line(assessed, top, assessed, end, INK, width=1.75, dash="2 3")
    return _rest(canvas, chart, bottom + 26)


def _names(bars: tuple[TornadoBar, ...]) -> float:
    return max((text_width(bar.name, bold=bar.flips) for bar in bars), default=0)


def _findings(canvas: Canvas, bars: tuple[TornadoBar, ...]) -> float:
    widest = max((text_width(finding(bar), bold=bar.flips) for bar in bars), default=0)
    return min(widest, 0.2 * canvas.width)


def _ends(bar: TornadoBar, edges: tuple[float, float]) -> tuple[_End, _End]:
    """The lower and the upper end of what the money is worth, with the input's value at each."""
    room = ENDS * (edges[1] - edges[0])
    ends = [
        _End(amount, wrapped(text, room, AXIS, most=MOST_LINES))
        for amount, text in ((bar.at_low, bar.low_text), (bar.at_high, bar.high_text))
    ]
    low, high = sorted(ends, key=lambda end: end.amount)
    return low, high


def _wide(end: _End) -> float:
    return max(text_width(line, AXIS) for line in end.lines)


def _axis(
    chart: Tornado, bars: tuple[TornadoBar, ...], left: float, right: float
) -> tuple[SignedAxis, tuple[float, float]]:
    """The axis, and the edges of the plot: far enough out that the words at the ends of bars stand within."""
    edges = left, right
    ends = [_ends(bar, edges) for bar in bars]
    before = max((_wide(low) for low, _ in ends), default=0) + APART + 8
    after = max((_wide(high) for _, high in ends), default=0) + APART + 8
    amounts = [end.amount for both in ends for end in both]
    ticks = max(3, int((right - left - before - after) // 70))
    axis = SignedAxis.over(
        [*amounts, chart.as_assessed], left + before, right - after, ticks=ticks, whole=False
    )
    return axis, edges


def _heads(canvas: Canvas, chart: Tornado, axis: SignedAxis, edges: tuple[float, float]) -> float:
    """The two sides above the plot, and what was assessed, on a line of its own where they would touch."""
    nothing = axis.at(Decimal(0))
    lose, gain = say("loses"), say("gains")
    loses = nothing - 8 - text_width(lose, bold=True)
    gains = nothing + 8 + text_width(gain, bold=True)
    words = chart.as_assessed_text
    half = text_width(words, AXIS, bold=True) / 2
    x = min(max(axis.at(chart.as_assessed), edges[0] + half), edges[1] - half)
    alone = x - half < gains + 10 and x + half > loses - 10
    y = 30.0 if alone else 13.0
    canvas.text(x, 13, words, size=AXIS, bold=True, fill=INK, anchor="middle")
    if loses >= edges[0]:
        canvas.text(nothing - 8, y, lose, bold=True, fill=ALARM, anchor="end")
    if gains <= edges[1]:
        canvas.text(nothing + 8, y, gain, bold=True, fill=ACCENT)
    return y + 7


def _frame(canvas: Canvas, axis: SignedAxis, edges: tuple[float, float], top: float, bottom: float) -> None:
    nothing = axis.at(Decimal(0))
    if axis.least < 0:
        canvas.rect(edges[0], top, nothing - edges[0], bottom - top, ALARM_WASH)
    free = edges[0]
    for tick in axis.ticks:
        x, word = axis.at(tick), axis.word(tick)
        canvas.line(x, top, x, bottom, INK if tick == 0 else RULE)
        half = text_width(word, AXIS) / 2
        middle = min(max(x, half), canvas.width - half)
        if middle - half >= free:
            canvas.text(middle, bottom + 17, word, size=AXIS, fill=SOFT, anchor="middle")
            free = middle + half + 4


def _height(canvas: Canvas, bar: TornadoBar, left: float, edges: tuple[float, float]) -> float:
    """As high as its name, or the words at its ends, need."""
    ends = LINE * max(len(end.lines) for end in _ends(bar, edges))
    if canvas.narrow:
        return LINE * len(_narrow_lines(canvas, bar)) + ABOVE + max(BAR, ends) + 10
    return max(ROW, LINE * len(_name_lines(bar, left)) + 8, ends + 8)


def _name_lines(bar: TornadoBar, left: float) -> list[str]:
    return wrapped(bar.name, left - 16, bold=bar.flips, most=MOST_LINES)


def _name(canvas: Canvas, bar: TornadoBar, left: float, middle: float) -> None:
    lines = _name_lines(bar, left)
    first = middle - (LABEL + 4) / 2 * (len(lines) - 1) + 4.5
    canvas.lines(left - 14, first, lines, bold=bar.flips, anchor="end")


def _narrow_lines(canvas: Canvas, bar: TornadoBar) -> list[str]:
    taken = text_width(finding(bar), AXIS, bold=bar.flips)
    return wrapped(bar.name, canvas.width - taken - 14, bold=bar.flips, most=MOST_LINES)


def _narrow_name(canvas: Canvas, bar: TornadoBar, top: float) -> float:
    """Name and finding on paper of their own, so that no line runs through them; returns where it ends."""
    lines = _narrow_lines(canvas, bar)
    canvas.rect(0, top, canvas.width, LINE * len(lines) + ABOVE, PAPER)
    canvas.lines(0, top + 17, lines, bold=bar.flips)
    fill = ALARM if bar.flips else SOFT
    canvas.text(canvas.width, top + 17, finding(bar), size=AXIS, bold=bar.flips, fill=fill, anchor="end")
    return top + LINE * len(lines) + ABOVE


def _finding(canvas: Canvas, bar: TornadoBar, x: float, middle: float) -> None:
    lines = wrapped(finding(bar), canvas.width - x + 2, bold=bar.flips)
    first = middle - (LABEL + 4) / 2 * (len(lines) - 1) + 4.5
    canvas.lines(x, first, lines, bold=bar.flips, fill=ALARM if bar.flips else SOFT)


def _bar(
    canvas: Canvas, bar: TornadoBar, axis: SignedAxis, edges: tuple[float, float], middle: float
) -> None:
    """The bar in two colours where it crosses nothing, and the input's value at either end."""
    low, high = _ends(bar, edges)
    nothing = Decimal(0)
    parts = [
        (low.amount, min(high.amount, nothing), ALARM),
        (max(low.amount, nothing), high.amount, ACCENT),
    ]
    for start, end, color in parts:
        if start < end or (start == end == low.amount == high.amount and color is ACCENT):
            x = axis.at(start)
            wide = max(axis.at(end) - x, 2)
            canvas.rect(x, middle - BAR / 2, wide, BAR, PAPER)
            canvas.amount(x, middle - BAR / 2, wide, BAR, bar.evidence, color)
    zero = axis.at(nothing)
    before = axis.at(low.amount) - APART
    if before - _wide(low) < zero < before + APART:
        before = min(before, zero - 6)
        if before - _wide(low) < edges[0]:
            before = axis.at(low.amount) - APART
    after = axis.at(high.amount) + APART
    if after - APART < zero < after + _wide(high):
        after = max(after, zero + 6)
        if after + _wide(high) > edges[1]:
            after = axis.at(high.amount) + APART
    for x, words, anchor in ((before, low.lines, "end"), (after, high.lines, "start")):
        first = middle - LINE / 2 * (len(words) - 1) + 4.5
        canvas.lines(x, first, words, size=AXIS, fill=SOFT, anchor=anchor)


def _rest(canvas: Canvas, chart: Tornado, y: float) -> float:
    """What is not drawn is said below."""
    rest = tornado_rest(chart)
    if not rest:
        return y
    lines = wrapped(rest, canvas.width, AXIS, most=9)
    canvas.lines(0, y + 14, lines, size=AXIS, fill=SOFT)
    return y + 14 + LINE * len(lines) - 8
