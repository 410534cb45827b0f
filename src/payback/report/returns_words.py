"""Words that more than one renderer writes for the charts of the returns room."""

from __future__ import annotations

from decimal import Decimal

from payback import numbers
from payback.locale import say
from payback.report.page_returns import BridgeStep, Came, Fan, QuantileDots, TornadoBar, dots_by


def parts_of(chart: QuantileDots) -> list[tuple[int, int, int]]:
    """Months from and to, and how many dots: half years, or longer parts; one ends with the month of the title.

    They go up to the last that has a dot.
    """
    months = next(size for size in (1, 2, 3, 6, 12, 24, 60, 10_000) if chart.horizon <= 8 * size)
    first = chart.by % months or months
    ends = [*range(first, chart.horizon, months), chart.horizon]
    found, before, sooner = [], 0, 0
    for end in ends:
        upto = dots_by(chart.dots, end)
        found.append((before + 1, end, upto - sooner))
        before, sooner = end, upto
    while found and found[-1][2] == 0:
        found.pop()
    return found


def side(amount: Decimal, written: str) -> str:
    """A size and which side of nothing it is on: 20 out, 40 back, 0."""
    if amount == 0:
        return written
    return say("{amount} back", amount=written) if amount > 0 else say("{amount} out", amount=written)


def money(amount: Decimal) -> str:
    """An amount in words: 9.7 out."""
    return side(amount, numbers.short(abs(amount)))


def ends_of(chart: Fan) -> tuple[str, str]:
    """The names of the ends of the widest band: worst 1 in 40, best 1 in 40."""
    if not chart.bands:
        return "", ""
    one_in = round(2 / (1 - float(chart.bands[0].level)))
    return say("worst 1 in {number}", number=one_in), say("best 1 in {number}", number=one_in)


def fan_places(chart: Fan) -> list[int]:
    """Places of `months` that stand in words: at most eight, as evenly as they come, with the first and last."""
    last = len(chart.months) - 1
    steps = min(last, 7)
    return sorted({round(last * step / steps) for step in range(steps + 1)}) if steps else [0] * (last + 1)


def finding(bar: TornadoBar) -> str:
    """Whether the input can turn the verdict."""
    return say("flips the verdict") if bar.flips else say("does not flip")


def worth(amount: Decimal) -> str:
    """A gain or a loss as words: loses 1.24."""
    if amount == 0:
        return say("neither loses nor gains")
    written = numbers.short(abs(amount))
    return say("gains {amount}", amount=written) if amount > 0 else say("loses {amount}", amount=written)


def end_words(bar: TornadoBar) -> tuple[str, str]:
    """What the money is worth at either end and the input's value there, the lower worth first."""
    ends = sorted([(bar.at_low, bar.low_text), (bar.at_high, bar.high_text)], key=lambda end: end[0])
    low, high = (say("{worth} at {value}", worth=worth(amount), value=text) for amount, text in ends)
    return low, high


def known(step: BridgeStep) -> str:
    """The words beside a bar: what became of the part, or how it is known."""
    if step.more:
        return step.more
    if step.came is Came.NOT_COME:
        return say("did not come")
    return step.evidence.word if step.evidence is not None else ""
