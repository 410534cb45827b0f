"""An axis with nothing somewhere on it: money out on one side, money back on the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from payback import numbers
from payback.report.charts.axis import step_for

LEAST = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class SignedAxis:
    """From `least` to `most`, which hold 0, drawn from `start` to `end` (end below start for a vertical axis)."""

    least: Decimal
    most: Decimal
    step: Decimal
    start: float
    end: float

    @classmethod
    def over(
        cls,
        amounts: Iterable[Decimal],
        start: float,
        end: float,
        *,
        ticks: int = 5,
        whole: bool = True,
        room: Decimal = Decimal(0),
    ) -> SignedAxis:
        """An axis that holds all amounts and 0; `whole` lets it end on ticks, `room` is a share beyond both ends."""
        found = [Decimal(0), *amounts]
        low, high = min(found), max(found)
        step = step_for(max(high - low, LEAST), ticks)
        low, high = low - room * (high - low), high + room * (high - low)
        if whole:
            low = (low / step).to_integral_value(ROUND_FLOOR) * step
            high = (high / step).to_integral_value(ROUND_CEILING) * step
        return cls(low, high if high > low else low + step, step, start, end)

    def at(self, amount: Decimal) -> float:
        share = float((amount - self.least) / (self.most - self.least))
        return self.start + (self.end - self.start) * min(max(share, 0.0), 1.0)

    @property
    def ticks(self) -> list[Decimal]:
        first = int((self.least / self.step).to_integral_value(ROUND_CEILING))
        last = int((self.most / self.step).to_integral_value(ROUND_FLOOR))
        return [self.step * number for number in range(first, last + 1)]

    def word(self, tick: Decimal) -> str:
        """The size of a tick; the words beside the axis say which side it is on."""
        exponent = self.step.normalize().as_tuple().exponent
        places = max(0, -exponent) if isinstance(exponent, int) else 0
        return numbers.fixed(abs(tick), places)
