"""What was promised, as one bar filled by how it is known, and below it each part with its share."""

from __future__ import annotations

from payback.report.charts.canvas import AXIS, LABEL, RULE, SOFT, Canvas, clipped
from payback.report.page import Promised

BAR, ROW = 40, 37
GAP = 2


def draw(canvas: Canvas, chart: Promised) -> float:
    """One bar, then a row per part: mark, word, amount, share of the promise."""
    whole = sum((part.amount for part in chart.parts), start=chart.parts[0].amount * 0)
    x, least = 0.0, 3.0
    room = canvas.width - least * len(chart.parts)
    for part in chart.parts:
        width = least + float(part.amount / whole) * room
        canvas.amount(x, 0, width - GAP, BAR, part.evidence)
        x += width
    y = BAR + 10.0
    amounts, shares = canvas.width - 58, canvas.width
    for number, part in enumerate(chart.parts):
        middle = y + ROW / 2 + 4.5
        canvas.amount(0, middle - 11, 13, 13, part.evidence)
        canvas.text(21, middle, clipped(part.label, amounts - 100, 14), size=14)
        canvas.text(amounts - 20, middle, part.text, size=14, anchor="end")
        canvas.text(shares, middle, part.more, size=max(AXIS, LABEL), fill=SOFT, anchor="end")
        y += ROW
        if number < len(chart.parts):
            canvas.line(0, y, canvas.width, y, RULE)
    return y + 2
