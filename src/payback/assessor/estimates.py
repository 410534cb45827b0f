"""From what measures return (floats and ranges) to figures somebody may sign (exact, with evidence)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from payback.measures.coverage import held_sentence
from payback.measures.estimate import Estimate, Range
from payback.records import PICO, Figure, Interval, Unknown


def exact(value: Fraction | int) -> Decimal:
    """A fraction as a decimal of 28 digits."""
    whole = Fraction(value)
    return Decimal(whole.numerator) / Decimal(whole.denominator)


def of_pico(pico: Fraction | int) -> Decimal:
    """10^-12 of the currency as an amount."""
    return exact(Fraction(pico) / PICO)


def interval(found: Range, quantity: str = "", share: float = 1.0) -> Interval:
    """A range as a page shows it; `quantity` finds how often such a range held in simulation."""
    sentence = found.sentence
    if quantity:
        held = held_sentence(quantity, found.clusters, found.uneven, share, found.size)
        sentence = "; ".join(part for part in (sentence, held) if part)
    return Interval(
        low=None if found.low is None else decimal_of(found.low),
        high=None if found.high is None else decimal_of(found.high),
        method=found.method,
        level=None if found.level is None else Decimal(str(found.level)),
        sentence=sentence,
        bands=tuple(
            (Decimal(str(level)), Decimal(str(low)), Decimal(str(high))) for level, low, high in found.bands
        ),
    )


def interval_of(
    estimate: Estimate | Unknown, quantity: str = "", share: float = 1.0
) -> tuple[Interval | None, Interval | None, tuple[str, ...]]:
    """The range of an estimate, its limits for missing data, and what must be said with them."""
    if isinstance(estimate, Unknown):
        return None, None, (estimate.reason,)
    missing = None if estimate.missing is None else interval(estimate.missing)
    if isinstance(estimate.range, Unknown):
        return None, missing, (estimate.range.reason,)
    return interval(estimate.range, quantity, share), missing, estimate.range.notes


def value_of(figure: Figure | Unknown | None) -> Decimal | None:
    """The value, if there is one."""
    return figure.value if isinstance(figure, Figure) else None


def ends_of(figure: Figure | Unknown | None) -> tuple[float, float] | None:
    """Low and high end of a figure's range, or its value twice."""
    if not isinstance(figure, Figure):
        return None
    shown = figure.interval
    if shown is None or shown.low is None or shown.high is None:
        return float(figure.value), float(figure.value)
    return float(shown.low), float(shown.high)


def decimal_of(value: float) -> Decimal:
    """The shortest decimal that is this float."""
    return Decimal(str(value))
