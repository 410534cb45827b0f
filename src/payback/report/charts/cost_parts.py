"""The parts of the full cost of one unit, each beginning where the last ended, and today's cost below."""

from __future__ import annotations

from decimal import Decimal

from payback.locale import say
from payback.report.charts.axis import Axis, across
from payback.report.charts.canvas import (
    ACCENT,
    AXIS,
    INK,
    LABEL,
    SOFT,
    Canvas,
    clipped,
    text_width,
    wrapped,
)
from payback.report.page import CostParts, Mark, Single

ROW, BAR, TOTAL, SINGLE = 38, 20, 28, 30
SHADE = (0.28, 0.55, 1.0)


def draw(canvas: Canvas, chart: CostParts) -> float:
    """Names left, bars in the middle, amount and range right; on a phone names stand above their bar."""
    left = 0.0 if canvas.narrow else min(0.27 * canvas.width, _names(chart) + 18)
    figures_width = 0.0 if canvas.narrow else 180.0
    axis = Axis.over(
        _largest(chart), left, canvas.width - figures_width - 12, ticks=4 if canvas.narrow else 6
    )
    row = ROW + 18 if canvas.narrow else ROW
    top = 8.0 if canvas.narrow else 24.0
    rows = len(chart.parts) + 1 + (1 if chart.today else 0)
    bottom = top + row * rows + (26 if chart.bands else 0) + (SINGLE if chart.single else 0) + 16
    across(canvas, axis, top, bottom)
    if not canvas.narrow:
        canvas.text(canvas.width - 118, 12, chart.unit, size=AXIS, fill=SOFT, anchor="end")
        canvas.text(canvas.width - 104, 12, say("range"), size=AXIS, fill=SOFT)
    y, sofar = top, Decimal(0)
    for part in chart.parts:
        _part(canvas, part, axis, left, y, sofar)
        sofar += part.amount
        y += row
    y = _total(canvas, chart, axis, left, y + 4, row)
    if chart.today:
        _today(canvas, chart, chart.today, axis, left, y)
    return bottom + 26


def _names(chart: CostParts) -> float:
    marks = [*chart.parts, chart.total, *([chart.today] if chart.today else [])]
    return max(text_width(mark.label, bold=True) for mark in marks)


def _largest(chart: CostParts) -> Decimal:
    ends = [chart.total.amount, *(band.high for band in chart.bands), chart.today_high]
    if chart.today:
        ends.append(chart.today.amount)
    if chart.single:
        ends.append(chart.single.high)
    return max(end for end in ends if end is not None)


def _labels(canvas: Canvas, mark: Mark, left: float, y: float, height: float, *, bold: bool = False) -> float:
    """Name and figures of a row; returns where its bar begins."""
    if canvas.narrow:
        canvas.rect(0, y + 2, canvas.width, 18, "var(--paper)")
        width = canvas.figure(canvas.width, y + 15, mark.text, mark.more)
        canvas.text(0, y + 15, clipped(mark.label, canvas.width - width - 8, bold=bold), bold=bold)
        return y + 22
    middle = y + height / 2 + 4.5
    lines = wrapped(mark.label, left - 14, LABEL, bold=bold, most=2)
    canvas.lines(left - 12, middle - 8 * (len(lines) - 1), lines, bold=bold, anchor="end")
    canvas.text(canvas.width - 118, middle, mark.text, bold=True, anchor="end")
    canvas.text(canvas.width - 104, middle, mark.more, size=AXIS, fill=SOFT)
    return y


def _part(canvas: Canvas, part: Mark, axis: Axis, left: float, y: float, sofar: Decimal) -> None:
    y = _labels(canvas, part, left, y, BAR)
    start, end = axis.at(sofar), axis.at(sofar + part.amount)
    canvas.amount(start, y, max(end - start, 2), BAR, part.evidence)
    known = part.evidence.word if part.evidence is not None else ""
    if end + 8 + text_width(known, AXIS) <= axis.end:
        canvas.text(end + 8, y + BAR / 2 + 4.5, known, size=AXIS, fill=SOFT)
    elif start - 8 - text_width(known, AXIS) >= axis.start:
        canvas.text(start - 8, y + BAR / 2 + 4.5, known, size=AXIS, fill=SOFT, anchor="end")


def _total(canvas: Canvas, chart: CostParts, axis: Axis, left: float, y: float, row: float) -> float:
    bar = _labels(canvas, chart.total, left, y, TOTAL, bold=True)
    sofar = Decimal(0)
    for part in chart.parts:
        start, end = axis.at(sofar), axis.at(sofar + part.amount)
        canvas.amount(start, bar, max(end - start, 2), TOTAL, part.evidence)
        sofar += part.amount
    y += row + 4
    if chart.bands:
        below = bar + TOTAL + 6
        for number, band in enumerate(chart.bands):
            start, end = axis.at(band.low), axis.end if band.high is None else axis.at(band.high)
            canvas.rect(start, below, max(end - start, 2), 11, ACCENT, opacity=SHADE[min(number, 2)])
        last = chart.bands[0].high
        levels = ", ".join(f"{band.level * 100:f}".split(".")[0] for band in reversed(chart.bands))
        words = say("bands: {levels} of 100", levels=levels)
        x = axis.end if last is None else axis.at(last)
        if x + 8 + text_width(words, AXIS) <= axis.end:
            canvas.text(x + 8, below + 10, words, size=AXIS, fill=SOFT)
        y += 26
    if chart.single:
        _single(canvas, chart.single, axis, y)
        y += SINGLE
    return y


def _single(canvas: Canvas, single: Single, axis: Axis, y: float) -> None:
    """A line from the tenth to the nine tenths of single units, with a tick at the half."""
    start, half, end = (axis.at(each) for each in (single.low, single.middle, single.high))
    canvas.rect(start, y + 3, max(end - start, 1), 1.5, SOFT)
    for place in (start, half, end):
        canvas.rect(place - 0.75, y - 1, 1.5, 9.5, SOFT)
    words = say("single ones: {text}", text=single.text)
    if end + 8 + text_width(words, AXIS) <= axis.end:
        canvas.text(end + 8, y + 8, words, size=AXIS, fill=SOFT)
    else:
        canvas.text(axis.start + 4, y + 22, clipped(words, axis.end - axis.start - 4), size=AXIS, fill=SOFT)


def _today(canvas: Canvas, chart: CostParts, today: Mark, axis: Axis, left: float, y: float) -> None:
    bar = _labels(canvas, today, left, y, TOTAL, bold=True)
    tick = axis.at(today.amount)
    start, end = tick, tick
    if chart.today_low is not None and chart.today_high is not None:
        start, end = axis.at(chart.today_low), axis.at(chart.today_high)
        canvas.amount(start, bar, max(end - start, 2), TOTAL, today.evidence, INK)
    canvas.rect(tick - 2, bar - 5, 4, TOTAL + 10, INK)
    known = chart.today_known
    if start - 10 - text_width(known, AXIS) >= axis.start:
        canvas.text(start - 10, bar + TOTAL / 2 + 4.5, known, size=AXIS, fill=SOFT, anchor="end")
    if chart.says and not canvas.narrow:
        _difference(canvas, chart, axis, bar, tick)


def _difference(canvas: Canvas, chart: CostParts, axis: Axis, bar: float, tick: float) -> None:
    """A dotted bridge from the end of the total to today's tick, with the difference above it."""
    level = bar - (40 if chart.bands else 12) - TOTAL / 2 + (8 if chart.bands else 0)
    level -= SINGLE if chart.single else 0
    total = axis.at(chart.total.amount)
    canvas.line(total, level, tick, level, SOFT, dash="2 3")
    canvas.line(tick, level, tick, bar - 6, SOFT, dash="2 3")
    width = text_width(chart.says, bold=True)
    start = min(total, tick)
    x = start + 10 if start + 10 + width <= axis.end else axis.end - width
    canvas.text(x, level - 7, chart.says, bold=True, fill=ACCENT)
