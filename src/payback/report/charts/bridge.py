"""From promised to verified: each step begins where the last one ended."""

from __future__ import annotations

from decimal import Decimal

from payback.locale import say
from payback.records import Evidence
from payback.report.charts.canvas import (
    ACCENT,
    ALARM,
    ALARM_WASH,
    AXIS,
    INK,
    PAPER,
    RULE,
    SOFT,
    Canvas,
    text_width,
    wrapped,
)
from payback.report.charts.signed_axis import SignedAxis
from payback.report.page_returns import Bridge, BridgeStep, Came
from payback.report.returns_words import known

ROW, BAR, ENDS, LINE = 40.0, 22.0, 28.0, 17.0
ABOVE = 9.0  # on a phone: what the lines of a name need beside their own height
NAMES = 0.34


def draw(canvas: Canvas, chart: Bridge) -> float:
    """Names left, bars in the middle, amounts right; on a phone names stand above their bar."""
    rows = [chart.promised, *chart.steps, chart.verified]
    names = max(text_width(row.label, bold=_whole(row)) for row in rows)
    left = 0.0 if canvas.narrow else min(NAMES * canvas.width, names + 20)
    figures = 0.0 if canvas.narrow else max(text_width(row.text, bold=True) for row in rows) + 20
    spans = spans_of(chart)
    axis = SignedAxis.over(
        [end for span in spans for end in span], left, canvas.width - figures - 6,
        ticks=4 if canvas.narrow else 6, whole=False,
    )  # fmt: skip
    top = 4.0
    heights = [_height(canvas, row, left) for row in rows]
    bottom = top + sum(heights) + 6
    _frame(canvas, axis, top, bottom)
    y, last = top, None
    for row, span, height in zip(rows, spans, heights, strict=True):
        begin = _words(canvas, row, left, y, height)
        high = ENDS if _whole(row) else BAR
        bar = begin + (y + height - begin) / 2 - high / 2
        if last is not None and not canvas.narrow:
            x = axis.at(last[0])
            canvas.line(x, last[1], x, bar, SOFT, dash="2 3")
        _bar(canvas, row, axis, span, bar, high)
        last = (span[1], bar + high)
        y += height
    return bottom + 24


def spans_of(chart: Bridge) -> list[tuple[Decimal, Decimal]]:
    """Where each bar begins and ends: promised from nothing, steps from the end before, verified from nothing."""
    at = chart.promised.amount
    spans = [(Decimal(0), at)]
    for step in chart.steps:
        spans.append((at, at + step.amount))
        at += step.amount
    return [*spans, (Decimal(0), chart.verified.amount)]


def _whole(step: BridgeStep) -> bool:
    return step.came in {Came.PROMISED, Came.VERIFIED}


def _frame(canvas: Canvas, axis: SignedAxis, top: float, bottom: float) -> None:
    free = float("-inf")
    for tick in axis.ticks:
        x = axis.at(tick)
        word = say("{amount} below zero", amount=axis.word(tick)) if tick < 0 else axis.word(tick)
        canvas.line(x, top, x, bottom, INK if tick == 0 else RULE)
        half = text_width(word, AXIS) / 2
        middle = min(max(x, half), canvas.width - half)
        if middle - half >= free:
            canvas.text(middle, bottom + 17, word, size=AXIS, fill=SOFT, anchor="middle")
            free = middle + half + 4


def _lines(canvas: Canvas, row: BridgeStep, left: float) -> list[str]:
    room = canvas.width - text_width(row.text, bold=True) - 14 if canvas.narrow else left - 16
    return wrapped(row.label, room, bold=_whole(row), most=8)


def _height(canvas: Canvas, row: BridgeStep, left: float) -> float:
    lines = LINE * len(_lines(canvas, row, left))
    if canvas.narrow:
        return lines + ABOVE + (ENDS if _whole(row) else BAR) + 10
    return max(ROW + (4 if _whole(row) else 0), lines + 10)


def _words(canvas: Canvas, row: BridgeStep, left: float, y: float, height: float) -> float:
    """Name and amount of a row; returns where its bar may begin."""
    lines = _lines(canvas, row, left)
    fill = ALARM if row.came is Came.NOT_COME else INK
    if canvas.narrow:
        canvas.rect(0, y, canvas.width, LINE * len(lines) + ABOVE, PAPER)
        canvas.lines(0, y + 17, lines, bold=_whole(row))
        canvas.text(canvas.width, y + 17, row.text, bold=True, fill=fill, anchor="end")
        return y + LINE * len(lines) + ABOVE
    middle = y + height / 2
    first = middle - LINE / 2 * (len(lines) - 1) + 4.5
    canvas.lines(left - 14, first, lines, bold=_whole(row), anchor="end")
    canvas.text(canvas.width, middle + 4.5, row.text, bold=True, fill=fill, anchor="end")
    return y


def _bar(
    canvas: Canvas,
    row: BridgeStep,
    axis: SignedAxis,
    span: tuple[Decimal, Decimal],
    y: float,
    high: float,
) -> None:
    start, end = axis.at(min(span)), axis.at(max(span))
    wide = max(end - start, 2)
    loses = row.came is Came.NOT_COME or (row.came is Came.VERIFIED and row.amount < 0)
    if row.came is Came.NOT_COME:
        canvas.rect(start + 0.75, y + 0.75, max(wide - 1.5, 0.5), high - 1.5, ALARM_WASH, stroke=ALARM)
    else:
        if row.amount:
            canvas.rect(start, y, wide, high, PAPER)
        canvas.amount(start, y, wide, high, row.evidence, ALARM if loses else ACCENT)
    words = known(row)
    if not words:
        return
    fill = ALARM if loses else SOFT
    middle = y + high / 2
    size, wide_words, nothing = AXIS, text_width(words, AXIS), axis.at(Decimal(0))
    edge = nothing if start >= nothing else axis.start  # words left of a bar had better not cross nothing
    if wide_words <= axis.end - end - 8:
        canvas.text(end + 8, middle + 4.5, words, size=size, fill=fill)
    elif wide_words <= start - edge - 12:
        canvas.text(start - 8, middle + 4.5, words, size=size, fill=fill, anchor="end")
    elif wide_words <= wide - 16:
        hatched = row.evidence not in {None, Evidence.CLAIMED}
        if hatched:
            canvas.rect(start + 6, middle - 9, wide_words + 8, 18, PAPER)
        canvas.text(start + 10, middle + 4.5, words, size=size, fill=fill)
    else:
        room, x, anchor = max((axis.end - end - 8, end + 8, "start"), (start - edge - 12, start - 8, "end"))
        lines = wrapped(words, room, size, most=2)
        canvas.lines(x, middle - 8 * (len(lines) - 1) + 4.5, lines, size=size, fill=fill, anchor=anchor)
