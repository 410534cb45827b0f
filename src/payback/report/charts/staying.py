"""Users still there by days since their first use: steps down, and the range around them."""

from __future__ import annotations

from decimal import Decimal

from payback.locale import say
from payback.report.charts.axis import Axis
from payback.report.charts.canvas import ACCENT, AXIS, INK, RULE, SOFT, WASH, Canvas, text_width
from payback.report.page import Staying, StayMark

HEIGHT, TOP, BELOW = 200.0, 16.0, 44.0
WHOLE = Decimal(100)


def draw(canvas: Canvas, chart: Staying) -> float:
    """Marked days carry their share above the curve."""
    bottom = TOP + HEIGHT
    of_users = Axis.over(WHOLE, bottom, TOP, ticks=4)
    left = max(text_width(of_users.word(tick), AXIS) for tick in of_users.ticks) + 10
    right = canvas.width - 12
    by_day = Axis(Decimal(max(chart.followed, 1)), Decimal(1), left, right)
    for tick in of_users.ticks:
        y = of_users.at(tick)
        canvas.line(left, y, right, y, INK if tick == 0 else RULE)
        canvas.text(left - 8, y + 4, of_users.word(tick), size=AXIS, fill=SOFT, anchor="end")
    points = [StayMark(0, WHOLE, WHOLE, WHOLE), *chart.points]
    ends = [*(Decimal(point.day) for point in points[1:]), Decimal(chart.followed)]

    def steps(values: list[Decimal]) -> list[tuple[float, float]]:
        made = []
        for point, end, value in zip(points, ends, values, strict=True):
            y = of_users.at(value)
            made += [(by_day.at(Decimal(point.day)), y), (by_day.at(end), y)]
        return made

    low, high = steps([point.low for point in points]), steps([point.high for point in points])
    canvas.area([*high, *reversed(low)], WASH)
    canvas.path(steps([point.share for point in points]), ACCENT)
    free = float("-inf")
    for point in chart.points:
        if not point.text:
            continue
        x, y = by_day.at(Decimal(point.day)), of_users.at(point.share)
        word = say("day {day}", day=point.day)
        width = max(text_width(point.text, bold=True), text_width(word, AXIS))
        start = min(x + 7, right - width)  # right of the step, above the line that follows it
        if start < free:
            continue
        canvas.dot(x, y, 4, ACCENT)
        canvas.text(start, max(y - 10, 12), point.text, bold=True, halo=True)
        canvas.text(start, bottom + 18, word, size=AXIS, fill=SOFT)
        free = start + width + 8
    return bottom + BELOW
