"""A share as it came to be known: limits that hold at every look close in on it, beside its threshold."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor

from payback.days import day as written_day
from payback.report.charts.axis import Axis
from payback.report.charts.canvas import ACCENT, AXIS, INK, RULE, SOFT, WASH, Canvas, text_width
from payback.report.page import Narrowing

HEIGHT, TOP, BELOW = 190.0, 18.0, 40.0
STEP = 10


def draw(canvas: Canvas, chart: Narrowing) -> float:
    """The last share and the threshold are written at the right."""
    bottom = TOP + HEIGHT
    least = floor(min(chart.threshold, *(point.low for point in chart.points)) / STEP) * STEP
    most = ceil(max(chart.threshold, *(point.high for point in chart.points)) / STEP) * STEP
    tall = Decimal(max(most - least, STEP))

    def y_of(value: Decimal) -> float:
        return bottom - float((value - least) / tall) * HEIGHT

    last = chart.points[-1]
    words = (last.text, chart.threshold_text)
    left = text_width(str(most), AXIS) + 10
    right = canvas.width - (
        12 if canvas.narrow else max(text_width(word, AXIS, bold=True) for word in words) + 16
    )
    first = chart.points[0].day
    days = Decimal(max((last.day - first).days, 1))
    by_day = Axis(days, Decimal(1), left, right)
    every = STEP if tall <= 50 else 2 * STEP
    for tick in range(least, most + 1, every):
        y = y_of(Decimal(tick))
        canvas.line(left, y, right, y, INK if tick == least else RULE)
        canvas.text(left - 8, y + 4, str(tick), size=AXIS, fill=SOFT, anchor="end")

    def place(value: Decimal, at: int) -> tuple[float, float]:
        return by_day.at(Decimal((chart.points[at].day - first).days)), y_of(value)

    high = [place(point.high, at) for at, point in enumerate(chart.points)]
    low = [place(point.low, at) for at, point in enumerate(chart.points)]
    canvas.area([*high, *reversed(low)], WASH)
    canvas.path([place(point.share, at) for at, point in enumerate(chart.points)], ACCENT)
    threshold = y_of(chart.threshold)
    canvas.line(left, threshold, right, threshold, INK, dash="5 4")
    x, y = place(last.share, len(chart.points) - 1)
    canvas.dot(x, y, 4, ACCENT)
    apart = 14 if abs(y - threshold) < 14 else 0
    if canvas.narrow:
        canvas.text(right, min(y, threshold) - 8, last.text, bold=True, halo=True, anchor="end")
        canvas.text(
            right, max(y, threshold) + 16, chart.threshold_text, size=AXIS, fill=SOFT, halo=True, anchor="end"
        )
    else:
        above = y <= threshold
        canvas.text(right + 8, y + 4 - (apart if above else 0), last.text, size=AXIS, bold=True)
        canvas.text(
            right + 8, threshold + 4 + (apart if above else 0), chart.threshold_text, size=AXIS, fill=SOFT
        )
    canvas.text(left, bottom + 18, written_day(first), size=AXIS, fill=SOFT)
    canvas.text(right, bottom + 18, written_day(last.day), size=AXIS, fill=SOFT, anchor="end")
    return bottom + BELOW
