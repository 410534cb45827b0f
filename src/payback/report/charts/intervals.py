"""Ranges as bands of 50, 80 and 95 of 100, one row each on a shared axis, with one thick tick for today."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate

from payback.locale import say
from payback.report.charts.axis import Axis, across
from payback.report.charts.canvas import (
    ACCENT,
    ALARM,
    AXIS,
    INK,
    RULE,
    SOFT,
    Canvas,
    clipped,
    text_width,
    wrapped,
)
from payback.report.page import Band, IntervalRow, Intervals, Tone

ROW, TIGHT_ROW, BAND, NARROW_ROW = 44, 36, 16, 74
LINE, NARROW_LINE = 16, 17
MANY, MOST_LINES = 12, 9
NAMES = 0.34
"""The most of a drawing's width that names of ways of working may take; longer ones are wrapped."""
SHADE = {0: 0.28, 1: 0.55, 2: 1.0}  # widest to narrowest band


def draw(canvas: Canvas, chart: Intervals) -> float:
    """Name and count left, bands in the middle, the finding and the figure right."""
    left = 0.0 if canvas.narrow else min(NAMES * canvas.width, _names(chart) + 24)
    right = canvas.width - (8 if canvas.narrow else _findings(chart) + 28)
    top = 30.0
    heights = [_height(canvas, chart, row, left) for row in chart.rows]
    tops = list(accumulate(heights, initial=top))
    bottom = tops.pop()
    open_ended = any(band.high is None for row in chart.rows for band in row.bands)
    room = Decimal("0.25") if open_ended else Decimal(0)
    axis = Axis.over(_largest(chart), left + 4, right, ticks=4 if canvas.narrow else 6, room=room)
    _frame(canvas, chart, axis, tops, bottom)
    for row, y, height in zip(chart.rows, tops, heights, strict=True):
        if canvas.narrow:
            _narrow_row(canvas, row, axis, y)
        else:
            _row(canvas, row, axis, y + height / 2, right)
    return bottom + 26


def _height(canvas: Canvas, chart: Intervals, row: IntervalRow, left: float) -> float:
    """As high as its name in lines needs."""
    if canvas.narrow:
        return NARROW_ROW + NARROW_LINE * (len(_narrow_name(canvas, row)) - 1)
    lines = len(_name(row, left - 12)) + (1 if row.more else 0)
    return max(ROW if len(chart.rows) <= MANY else TIGHT_ROW, LINE * lines + 8)


def _name(row: IntervalRow, room: float) -> list[str]:
    return wrapped(row.label, room, bold=row.judged, most=MOST_LINES)


def _narrow_name(canvas: Canvas, row: IntervalRow) -> list[str]:
    """The name in lines that leave room for the figure, which stands on the first."""
    taken = text_width(row.text, AXIS, bold=True) if row.value is not None else 0.0
    taken += text_width(row.range, AXIS) + 12 if row.range else 0.0
    return wrapped(row.label, canvas.width - taken - 8, bold=row.judged, most=MOST_LINES)


def _names(chart: Intervals) -> float:
    return max(max(text_width(row.label, bold=True), text_width(row.more, AXIS)) for row in chart.rows)


def _findings(chart: Intervals) -> float:
    """Room for the figure, its range and the finding, right of the axis."""
    return min(
        340.0,
        max(
            max(
                text_width(_figure(row), bold=True) + text_width(row.range, AXIS) + 14,
                text_width(row.says, AXIS),
            )
            for row in chart.rows
        ),
    )


def _figure(row: IntervalRow) -> str:
    return row.text


def _largest(chart: Intervals) -> Decimal:
    ends = [row.today for row in chart.rows] + [row.value for row in chart.rows]
    known = [end for end in ends if end is not None]
    closed = [band.high for row in chart.rows for band in row.bands if band.high is not None]
    return max([*known, *closed], default=Decimal(1))


def _frame(canvas: Canvas, chart: Intervals, axis: Axis, tops: list[float], bottom: float) -> None:
    top = tops[0]
    across(canvas, axis, top, bottom)
    ticks = [row.today for row in chart.rows if row.today is not None]
    if ticks:
        words = f"{chart.today_label} {chart.today_text}"
        half = text_width(words, bold=True) / 2
        x = min(max(axis.at(ticks[0]), half), canvas.width - half)
        canvas.text(x, top - 10, words, bold=True, anchor="middle")
    if not canvas.narrow:
        for y in tops[1:]:
            canvas.line(0, y, canvas.width, y, RULE)


def _row(canvas: Canvas, row: IntervalRow, axis: Axis, middle: float, right: float) -> None:
    room = axis.start - 16
    name = _name(row, room)
    first = middle - LINE / 2 * (len(name) + bool(row.more)) + 13
    for number, line in enumerate(name):
        canvas.text(0, first + LINE * number, line, bold=row.judged)
    if row.more:
        canvas.text(0, first + LINE * len(name), clipped(row.more, room, AXIS), size=AXIS, fill=SOFT)
    _bands(canvas, row, axis, middle - BAND / 2)
    x = right + 24
    fill = _color(row)
    if row.value is None:
        lines = wrapped(row.says, canvas.width - x, AXIS, most=2)
        canvas.lines(x, middle - (8 * (len(lines) - 1)) + 4, lines, size=AXIS, fill=SOFT)
        return
    above = middle - 3 if row.says else middle + 4
    canvas.text(x, above, row.text, bold=True)
    if row.range:
        canvas.text(x + text_width(row.text, bold=True) + 10, above, row.range, size=AXIS, fill=SOFT)
    if row.says:
        canvas.text(x, middle + 13, row.says, size=AXIS, fill=fill, bold=row.tone is Tone.ALARM)


def _narrow_row(canvas: Canvas, row: IntervalRow, axis: Axis, y: float) -> None:
    name = _narrow_name(canvas, row)
    canvas.rect(0, y + 6, canvas.width, 34 + NARROW_LINE * (len(name) - 1), "var(--paper)")
    canvas.figure(canvas.width, y + 19, row.text if row.value is not None else "", row.range)
    canvas.lines(0, y + 19, name, bold=row.judged)
    y += NARROW_LINE * (len(name) - 1)
    under = row.says if row.value is None or row.says else row.more
    canvas.text(
        0,
        y + 35,
        clipped(under, canvas.width, AXIS),
        size=AXIS,
        fill=_color(row) if row.says and row.value else SOFT,
    )
    _bands(canvas, row, axis, y + 48)


def _color(row: IntervalRow) -> str:
    return {Tone.ALARM: ALARM, Tone.ACCENT: ACCENT}.get(row.tone, SOFT)


def _bands(canvas: Canvas, row: IntervalRow, axis: Axis, y: float) -> None:
    color = ALARM if row.tone is Tone.ALARM else ACCENT
    shades = _shades(row.bands)
    for band, shade in zip(row.bands, shades, strict=True):
        start = axis.at(band.low)
        end = axis.end if band.high is None else axis.at(band.high)
        canvas.rect(start, y, max(end - start, 2), BAND, color, opacity=shade)
        if band.high is None:
            canvas.text(end - 4, y - 4, say("no upper limit"), size=AXIS, fill=SOFT, anchor="end")
    if row.value is not None and not row.bands:
        canvas.dot(axis.at(row.value), y + BAND / 2, 5, color)
    if row.value is not None and len(row.bands) == 1:
        canvas.rect(axis.at(row.value) - 1.5, y, 3, BAND, color)
    if row.today is not None:
        canvas.rect(axis.at(row.today) - 2, y - 7, 4, BAND + 14, INK)


def _shades(bands: tuple[Band, ...]) -> list[float]:
    """Darker the narrower the band; a single band is the wide, light one."""
    return [SHADE[min(number, 2)] for number in range(len(bands))]
