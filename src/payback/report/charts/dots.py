"""Futures as dots over the month in which the money is back, and a column of its own for never."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import count

from payback.locale import say
from payback.report.charts import months_axis
from payback.report.charts.canvas import (
    ACCENT,
    ALARM,
    ALARM_WASH,
    AXIS,
    INK,
    LABEL,
    PAPER,
    WASH,
    Canvas,
    text_width,
    wrapped,
)
from payback.report.charts.labels import Labels, Place, Words
from payback.report.page_returns import QuantileDots, dots_by, dots_never

HEIGHT, HEAD, MOST_HIGH = 222.0, 46.0, 330.0
DOT, APART = 18.0, 3.0
NEVER, BETWEEN = 92.0, 26.0
SIDE, LEAD = 2.0, 20.0
"""Left of month 0; more where the first bin begins before it."""


def draw(canvas: Canvas, chart: QuantileDots) -> float:
    """The tinted part ends with the month of the title; no bin lies on both sides of it."""
    right = canvas.width - NEVER - BETWEEN
    horizon = Decimal(max(chart.horizon, 1))
    width = bin_months(chart, right - SIDE)
    left = LEAD if chart.by % width else SIDE
    stacks = Counter(bin_of(dot, chart.by, width) for dot in chart.dots if dot is not None)
    never = dots_never(chart.dots)
    most = max([*stacks.values(), never])
    height = min(max(HEIGHT, HEAD + most * (DOT - APART)), MOST_HIGH)
    across = min(DOT + APART, (height - HEAD) / most)
    scale = _Scale(horizon, left, right, height, across)
    labels = Labels(canvas)
    _tint(canvas, labels, chart, scale)
    for place, dots in stacks.items():
        middle = scale.x(chart.by + (place - Decimal("0.5")) * width)
        _stack(canvas, middle, dots, scale, open_=False)
    canvas.line(left - 0.5, height, right, height, INK)
    months_axis.draw(canvas, labels, (horizon, left, right), height)
    _never(canvas, labels, chart, scale, never)
    return height + 46


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where months stand, the base of the stacks, and the room of one dot."""

    horizon: Decimal
    left: float
    right: float
    base: float
    across: float

    def x(self, month: Decimal) -> float:
        return self.left + (self.right - self.left) * float(month / self.horizon)


def bin_months(chart: QuantileDots, room: float) -> int:
    """Months of a bin: the fewest in which a dot has room, of numbers that divide the month of the title if any do."""
    least = (DOT + APART) * chart.horizon / max(room, 1)
    wanted = next(months for months in count(1) if months >= least)
    dividing = [months for months in range(wanted, 2 * wanted + 1) if chart.by % months == 0]
    return dividing[0] if dividing else wanted


def bin_of(dot: Decimal, by: int, width: int) -> int:
    """Which bin a dot is in: bin 0 ends with the month of the title, which lies in it; later ones count up."""
    past = (max(dot, Decimal("0.01")) - by) / width
    return int(past.to_integral_value(ROUND_CEILING))


def _stack(canvas: Canvas, x: float, dots: int, scale: _Scale, *, open_: bool) -> None:
    radius = (scale.across - APART * scale.across / (DOT + APART)) / 2
    for place in range(dots):
        y = scale.base - 1.5 - scale.across * (place + 0.5)
        if open_:
            canvas.dot(x, y, radius - 1.25, PAPER, stroke=ALARM)
        else:
            canvas.dot(x, y, radius, ACCENT)


def _tint(canvas: Canvas, labels: Labels, chart: QuantileDots, scale: _Scale) -> None:
    """The part up to the month of the title, and how many dots stand in it."""
    end = scale.x(min(Decimal(chart.by), scale.horizon))
    canvas.rect(scale.left, 0, end - scale.left, scale.base, WASH)
    soon = dots_by(chart.dots, chart.by)
    found = say("{count} of {of}", count=soon, of=len(chart.dots)) if soon else say("none")
    when = say("by month {month}", month=chart.by)
    size = LABEL if text_width(when, bold=True) + 8 <= end - scale.left else AXIS
    words = Words([when, found], ACCENT, size, bold=True)
    labels.write(words, Place(scale.left + (6 if size == LABEL else 4), 19))


def _never(canvas: Canvas, labels: Labels, chart: QuantileDots, scale: _Scale, never: int) -> None:
    left = canvas.width - NEVER
    middle = left + NEVER / 2
    canvas.rect(left, 0, NEVER, scale.base, ALARM_WASH)
    canvas.line(left, scale.base, canvas.width, scale.base, ALARM, width=1.5)
    head = say("never: {count}", count=never) if never else say("never: none")
    _middle(labels, wrapped(head, NEVER - 6, bold=True, most=2), middle, 19)
    _stack(canvas, middle, never, scale, open_=True)
    foot = say("never in {months} months", months=chart.horizon)
    labels.write(Words(wrapped(foot, NEVER, AXIS), ALARM, AXIS), Place(middle, scale.base + 19, "middle"))


def _middle(labels: Labels, lines: Sequence[str], x: float, y: float) -> None:
    labels.write(Words(list(lines), ALARM, bold=True), Place(x, y, "middle"))
