"""One axis: round ticks, and where an amount stands in the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from payback import numbers
from payback.report.charts.canvas import AXIS, INK, RULE, SOFT, Canvas, text_width

STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Axis:
    """From 0 to `most` in steps, drawn from `start` to `end` (end below start for a vertical axis)."""

    most: Decimal
    step: Decimal
    start: float
    end: float

    @classmethod
    def over(
        cls, largest: Decimal, start: float, end: float, ticks: int = 5, room: Decimal = Decimal(0)
    ) -> Axis:
        """An axis that holds `largest`, and `room` beyond it as a share."""
        wanted = max(largest, Decimal("1e-9")) * (1 + room)
        step = step_for(wanted, ticks)
        most = (wanted / step).to_integral_value(ROUND_CEILING) * step
        return cls(most, step, start, end)

    def at(self, amount: Decimal) -> float:
        share = float(min(max(amount / self.most, Decimal(0)), Decimal(1)))
        return self.start + (self.end - self.start) * share

    @property
    def ticks(self) -> list[Decimal]:
        return [self.step * number for number in range(int(self.most / self.step) + 1)]

    def word(self, tick: Decimal) -> str:
        exponent = self.step.normalize().as_tuple().exponent
        places = max(0, -exponent) if isinstance(exponent, int) else 0
        return numbers.fixed(tick, places)


def across(canvas: Canvas, axis: Axis, top: float, bottom: float) -> None:
    """The lines of a horizontal axis and their words below, those that have room beside each other."""
    free = float("-inf")
    for tick in axis.ticks:
        x, word = axis.at(tick), axis.word(tick)
        canvas.line(x, top, x, bottom, INK if tick == 0 else RULE)
        width = text_width(word, AXIS)
        left = x if tick == 0 else min(x - width / 2, canvas.width - width)
        if left >= free:
            canvas.text(left, bottom + 17, word, size=AXIS, fill=SOFT)
            free = left + width + 4


def step_for(largest: Decimal, ticks: int) -> Decimal:
    """The smallest round step that needs no more than `ticks` of them."""
    rough = largest / ticks
    power = Decimal(1).scaleb(rough.adjusted())
    return next(step * power for step in STEPS if step * power >= rough)
