"""Labelled lines over one x axis, with marks where something happens on it."""

from __future__ import annotations

from decimal import Decimal

from payback.locale import say
from payback.report.charts.canvas import (
    ACCENT,
    AXIS,
    INK,
    MID,
    RULE,
    SOFT,
    Canvas,
    text_width,
    wrapped,
)
from payback.report.charts.labels import Labels, Place, Words
from payback.report.charts.signed_axis import SignedAxis
from payback.report.page_returns import LineMark, LineOf, Lines

HEIGHT, HEAD, LEADING = 210.0, 34.0, 17.0
MARK = 240.0
BESIDE = 0.3
"""The most of the width that the names of lines may take; longer ones are wrapped."""
PLAIN = (INK, MID, SOFT)
Drawn = tuple[LineOf, str, list[tuple[float, float]]]


def draw(canvas: Canvas, chart: Lines) -> float:
    """Names stand right of their lines."""
    labels = Labels(canvas)
    top = HEAD + LEADING * (_mark_lines(canvas, chart) - 1)
    bottom = top + HEIGHT
    up = SignedAxis.over([point.y for line in chart.lines for point in line.points], bottom, top, ticks=5)
    left = max(text_width(_word(up, tick), AXIS) for tick in up.ticks) + 10
    names = max(text_width(line.label, AXIS, bold=line.strong) for line in chart.lines)
    margin = min(names + 14, BESIDE * canvas.width)
    right = canvas.width - margin
    places = [point.x for line in chart.lines for point in line.points] + [mark.x for mark in chart.marks]
    across = SignedAxis.over(places, left, right, ticks=max(2, int((right - left) // 80)), whole=False)
    for tick in up.ticks:
        y = up.at(tick)
        canvas.line(left, y, right, y, INK if tick == 0 else RULE)
        labels.write(Words([_word(up, tick)], SOFT, AXIS), Place(left - 8, y + 4, "end"))
    _below(canvas, labels, across, bottom)
    labels.write(
        Words(wrapped(chart.x_label, right - left, AXIS), SOFT, AXIS),
        Place((left + right) / 2, bottom + 36, "middle"),
    )
    _marks(canvas, labels, chart, across, top, bottom)
    drawn = _paths(canvas, labels, chart, across, up)
    _names(canvas, labels, drawn, right, (top, bottom))
    _points(labels, drawn, right, bottom)
    return bottom + 46


def _word(axis: SignedAxis, tick: Decimal) -> str:
    return say("{amount} below zero", amount=axis.word(tick)) if tick < 0 else axis.word(tick)


def _below(canvas: Canvas, labels: Labels, across: SignedAxis, bottom: float) -> None:
    for tick in across.ticks:
        x, text = across.at(tick), across.word(tick)
        half = text_width(text, AXIS) / 2
        words, at = Words([text], SOFT, AXIS), Place(min(x, canvas.width - half), bottom + 19, "middle")
        canvas.line(x, bottom, x, bottom + 5, INK)
        if labels.free(words.box(at)):
            labels.write(words, at)


def _mark_lines(canvas: Canvas, chart: Lines) -> int:
    """Lines that the words of marks take above the plot."""
    return max((len(_mark_words(canvas, mark)) for mark in chart.marks), default=1)


def _mark_words(canvas: Canvas, mark: LineMark) -> list[str]:
    return wrapped(mark.text, min(MARK, canvas.width), bold=True, most=3)


def _marks(
    canvas: Canvas, labels: Labels, chart: Lines, across: SignedAxis, top: float, bottom: float
) -> None:
    """A dotted line for each mark, its words above."""
    for mark in chart.marks:
        x = across.at(mark.x)
        canvas.line(x, top - 10, x, bottom, SOFT, dash="2 3")
        labels.line([(x, top - 10), (x, bottom)])
        lines = _mark_words(canvas, mark)
        words = Words(lines, ACCENT, bold=True)
        half = words.width / 2
        middle = min(max(x, half), canvas.width - half)
        start = top - 16 - LEADING * (len(lines) - 1)
        places = [Place(middle, start, "middle"), Place(x + 7, top + 14), Place(x - 7, top + 14, "end")]
        labels.place(words, places, 0, bottom - 4)


def _paths(canvas: Canvas, labels: Labels, chart: Lines, across: SignedAxis, up: SignedAxis) -> list[Drawn]:
    drawn: list[Drawn] = []
    plain = 0
    for line in chart.lines:
        color = ACCENT if line.strong else PLAIN[plain % len(PLAIN)]
        plain += 0 if line.strong else 1
        points = [(across.at(point.x), up.at(point.y)) for point in line.points]
        canvas.path(points, color, width=2.5 if line.strong else 1.75, dash="6 4" if line.later else "")
        labels.line(points)
        drawn.append((line, color, points))
    return drawn


def _names(
    canvas: Canvas, labels: Labels, drawn: list[Drawn], right: float, plot: tuple[float, float]
) -> None:
    """Each name as near to the end of its line as the others allow."""
    top_of, bottom = plot
    waiting = []
    for line, color, points in drawn:
        lines = wrapped(line.label, canvas.width - right - 12, AXIS, bold=line.strong)
        waiting.append((points[-1][1], Words(lines, _text(color), AXIS, bold=line.strong)))
    waiting.sort(key=lambda one: one[0])
    rest = sum(words.height + 3 for _, words in waiting)
    free = top_of - 14
    for y, words in waiting:
        rest -= words.height + 3
        top = max(free, min(y - words.height / 2, bottom + 8 - rest - words.height))
        labels.write(words, Place(right + 8, top + AXIS))
        free = top + words.height + 3


def _points(labels: Labels, drawn: list[Drawn], right: float, bottom: float) -> None:
    """Dots where a line is labelled."""
    for line, color, points in drawn:
        for point, (x, y) in zip(line.points, points, strict=True):
            if not point.text:
                continue
            labels.canvas.dot(x, y, 4, color)
            words = Words([point.text], _text(color), bold=True)
            half = words.width / 2
            middle = min(max(x, half), right - half)
            places = [Place(middle, y - 10, "middle"), Place(middle, y + 20, "middle")]
            labels.place(words, places, 0, bottom - 2)


def _text(color: str) -> str:
    """Words in the colour of their line, where it is dark enough to read."""
    return SOFT if color == MID else color
