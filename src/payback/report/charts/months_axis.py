"""Months after the start, below a drawing: ticks at round numbers of months, years where there are many."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from payback import numbers
from payback.locale import say
from payback.report.charts.canvas import AXIS, INK, SOFT, Canvas, text_width
from payback.report.charts.labels import Labels, Place, Words

STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120)
APART = 44.0
BELOW = 40.0
"""Height that ticks and the words below them take."""


def ticks(horizon: Decimal, room: float) -> list[Decimal]:
    """Round months from 0 to `horizon`, as many as stand apart on `room`."""
    usual = 12 if horizon >= 24 else 3 if horizon >= 12 else 1
    wanted = max(Decimal(usual), horizon * Decimal(APART / max(room, 1)))
    step = next((one for one in STEPS if one >= wanted), STEPS[-1])
    return [Decimal(month) for month in range(0, int(horizon) + 1, step)]


def draw(
    canvas: Canvas,
    labels: Labels,
    axis: tuple[Decimal, float, float],
    bottom: float,
    first: Iterable[Decimal] = (),
) -> None:
    """Ticks of the axis (months, from, to); those of `first` go before round ones that would touch them."""
    horizon, left, right = axis
    for month in [*first, *ticks(horizon, right - left)]:
        x = left + (right - left) * float(month / max(horizon, Decimal(1)))
        text = numbers.short(month)
        half = text_width(text, AXIS) / 2
        words, at = Words([text], SOFT, AXIS), Place(min(x, canvas.width - half), bottom + 19, "middle")
        if x - half >= 0 and not labels.free(words.box(at)):
            continue
        canvas.line(x, bottom, x, bottom + 5, INK)
        labels.write(words, at if x - half >= 0 else Place(0, bottom + 19))
    name = Words([say("months after the start")], SOFT, AXIS)
    labels.write(name, Place((left + right) / 2, bottom + 36, "middle"))
