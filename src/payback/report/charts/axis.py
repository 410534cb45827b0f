"""One axis: round ticks, and where an amount stands in the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from payback import numbers

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


def step_for(largest: Decimal, ticks: int) -> Decimal:
    """The smallest round step that needs no more than `ticks` of them."""
    rough = largest / ticks
    power = Decimal(1).scaleb(rough.adjusted())
    return next(step * power for step in STEPS if step * power >= rough)
