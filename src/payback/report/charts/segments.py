"""Accepted of 100, by kind of task: a dot and its range for each way of working, side by side by name."""

from __future__ import annotations

from payback.report.charts.canvas import (
    ACCENT,
    ALARM,
    AXIS,
    INK,
    LABEL,
    RULE,
    SOFT,
    Canvas,
    clipped,
    text_width,
    wrapped,
)
from payback.report.page import SegmentLine, Segments, ShareMark

ROW, NARROW_ROW = 46, 36
LEAST_PANEL = 150


def draw(canvas: Canvas, chart: Segments) -> float:
    """Panels side by side, one a way of working; on a phone the ways stand below each kind."""
    if canvas.narrow:
        return _narrow(canvas, chart)
    left = min(0.24 * canvas.width, max(text_width(line.label, bold=True) for line in chart.lines) + 24)
    left = max(left, 120)
    per_row = max(1, int((canvas.width - left) // LEAST_PANEL))
    y = 0.0
    for start in range(0, len(chart.ways), per_row):
        places = list(range(start, min(start + per_row, len(chart.ways))))
        y = _panels(canvas, chart, places, left, y) + 28
    return y - 16


def _panels(canvas: Canvas, chart: Segments, places: list[int], left: float, y: float) -> float:
    width = (canvas.width - left) / len(places)
    heads = {place: wrapped(chart.ways[place], width - 24, LABEL, bold=True, most=2) for place in places}
    top = y + 16 * max(len(lines) for lines in heads.values()) + 10
    bottom = top + ROW * len(chart.lines)
    for number, place in enumerate(places):
        x = left + number * width
        canvas.lines(x, y + 13, heads[place], bold=True)
        _scale(canvas, x, x + width - 24, top, bottom)
    for number, line in enumerate(chart.lines):
        middle = top + number * ROW + ROW / 2
        if number:
            canvas.line(0, middle - ROW / 2, canvas.width, middle - ROW / 2, RULE)
        _name(canvas, line, middle, left - 16)
        for panel, place in enumerate(places):
            x = left + panel * width
            _mark(canvas, line.marks[place], x, x + width - 24, middle, bool(line.warning))
    return bottom + 20


def _scale(canvas: Canvas, start: float, end: float, top: float, bottom: float) -> None:
    for tick in (0, 50, 100):
        x = start + (end - start) * tick / 100
        canvas.line(x, top, x, bottom, INK if tick == 0 else RULE)
        anchor = {0: "start", 100: "end"}.get(tick, "middle")
        canvas.text(x, bottom + 16, str(tick), size=AXIS, fill=SOFT, anchor=anchor)


def _name(canvas: Canvas, line: SegmentLine, middle: float, room: float) -> None:
    fill = ALARM if line.warning else INK
    canvas.text(0, middle - 3, clipped(line.label, room, bold=True), bold=True, fill=fill)
    canvas.text(0, middle + 13, clipped(line.more, room, AXIS), size=AXIS, fill=SOFT)


def _mark(canvas: Canvas, mark: ShareMark, start: float, end: float, middle: float, warned: bool) -> None:
    if mark.share is None:
        canvas.text(start + 8, middle + 4, mark.text, size=AXIS, fill=SOFT)
        return
    color = ALARM if warned else ACCENT
    x = _at(mark.share, start, end)
    y = middle + 8
    if mark.low is not None and mark.high is not None:
        canvas.rect(
            _at(mark.low, start, end),
            y - 5,
            _at(mark.high, start, end) - _at(mark.low, start, end),
            10,
            color,
            opacity=0.28,
        )
    canvas.dot(x, y, 5, color)
    half = text_width(mark.text, AXIS) / 2
    middle_x = min(max(x, start + half + 4), end - half)
    canvas.text(middle_x, middle - 6, mark.text, size=AXIS, anchor="middle")


def _at(share: object, start: float, end: float) -> float:
    return start + (end - start) * min(max(float(str(share)), 0.0), 100.0) / 100


def _narrow(canvas: Canvas, chart: Segments) -> float:
    """On a phone each way of working has a line of words and, below it, its mark on the whole width."""
    y = 0.0
    end = canvas.width - 8
    for line in chart.lines:
        fill = ALARM if line.warning else INK
        canvas.text(0, y + 15, clipped(line.label, canvas.width - 100, bold=True), bold=True, fill=fill)
        canvas.text(canvas.width, y + 15, line.more, size=AXIS, fill=SOFT, anchor="end")
        y += 24
        for tick in (0, 50, 100):
            x = 1 + (end - 1) * tick / 100
            canvas.line(x, y, x, y + NARROW_ROW * len(chart.ways), INK if tick == 0 else RULE)
        for way, mark in zip(chart.ways, line.marks, strict=True):
            _narrow_mark(canvas, way, mark, end, y, warned=bool(line.warning))
            y += NARROW_ROW
        y += 12
    for tick, anchor in ((0, "start"), (50, "middle"), (100, "end")):
        canvas.text(1 + (end - 1) * tick / 100, y + 4, str(tick), size=AXIS, fill=SOFT, anchor=anchor)
    return y + 10


def _narrow_mark(canvas: Canvas, way: str, mark: ShareMark, end: float, y: float, *, warned: bool) -> None:
    words = text_width(mark.text, AXIS)
    canvas.rect(4, y + 2, canvas.width - 4, 15, "var(--paper)")
    canvas.text(6, y + 14, clipped(way, canvas.width - words - 20, AXIS), size=AXIS)
    canvas.text(canvas.width, y + 14, mark.text, size=AXIS, anchor="end", fill=SOFT)
    if mark.share is None:
        return
    color = ALARM if warned else ACCENT
    middle = y + 26
    if mark.low is not None and mark.high is not None:
        low, high = _at(mark.low, 1, end), _at(mark.high, 1, end)
        canvas.rect(low, middle - 4, high - low, 8, color, opacity=0.28)
    canvas.dot(_at(mark.share, 1, end), middle, 4.5, color)
