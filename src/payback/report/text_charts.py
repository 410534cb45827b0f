"""Charts of the returns room in plain characters: dots in rows, bars on one axis, small tables."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from payback import numbers
from payback.locale import say
from payback.records import Evidence
from payback.report.page import Cell, Column, Row, Table, Tone
from payback.report.page_returns import (
    Bridge,
    Came,
    Fan,
    Lines,
    QuantileDots,
    Tornado,
    TornadoBar,
    dots_never,
    tornado_shown,
)
from payback.report.returns_words import ends_of, fan_places, parts_of, side

DOT, OPEN = "\u25cf", "\u25cb"
FILL = {
    Evidence.BOOKED: "#",
    Evidence.BILLED: "#",
    Evidence.MEASURED: "=",
    Evidence.ESTIMATED: "/",
    Evidence.CLAIMED: ".",
}
PLAIN_FILL = "x"  # what did not come
ZERO, HERE = "|", ":"
MOST_ROWS = 8


def dots(chart: QuantileDots) -> list[str]:
    """A row of dots for each part of the time, and one of open dots for never."""
    return [*(DOT * count for _, _, count in parts_of(chart)), OPEN * dots_never(chart.dots)]


def tornado_bars(chart: Tornado, width: int) -> list[str]:
    """Each shown bar on an axis of `width` characters: | is nothing, : as assessed, the fill how it is known."""
    bars = tornado_shown(chart)
    ends = [end for bar in bars for end in (bar.at_low, bar.at_high)]
    axis = _Axis([*ends, chart.as_assessed], width)
    return [_tornado_bar(bar, axis, chart.as_assessed) for bar in bars]


def _tornado_bar(bar: TornadoBar, axis: _Axis, assessed: Decimal) -> str:
    row = axis.filled(bar.at_low, bar.at_high, fill_of(bar.evidence))
    row[axis.at(assessed)] = HERE
    row[axis.at(Decimal(0))] = ZERO
    return "".join(row)


def bridge_bars(chart: Bridge, width: int) -> list[str]:
    """The steps on one axis, each from where the last ended."""
    at = chart.promised.amount
    spans = [(Decimal(0), at)]
    for step in chart.steps:
        spans.append((at, at + step.amount))
        at += step.amount
    spans.append((Decimal(0), chart.verified.amount))
    axis = _Axis([end for span in spans for end in span], width)
    rows = (chart.promised, *chart.steps, chart.verified)
    fills = [PLAIN_FILL if row.came is Came.NOT_COME else fill_of(row.evidence) for row in rows]
    return ["".join(axis.filled(*span, fill)).rstrip() for span, fill in zip(spans, fills, strict=True)]


def fill_of(evidence: Evidence | None) -> str:
    """The character for how an amount is known, as in the bars of a promise."""
    return "#" if evidence is None else FILL[evidence]


class _Axis:
    """Characters from the least to the largest amount, which hold nothing."""

    def __init__(self, amounts: Sequence[Decimal], width: int) -> None:
        self.least, self.most = min(Decimal(0), *amounts), max(Decimal(0), *amounts)
        self.width = width

    def at(self, amount: Decimal) -> int:
        span = (self.most - self.least) or Decimal(1)
        return min(self.width - 1, int((amount - self.least) / span * (self.width - 1) + Decimal("0.5")))

    def filled(self, one: Decimal, other: Decimal, fill: str) -> list[str]:
        start, end = sorted((self.at(one), self.at(other)))
        row = [" "] * self.width
        if one != other:
            row[start : end + 1] = fill * (end + 1 - start)
        return row


def table(chart: Fan | Lines) -> Table | None:
    """A chart of paths as a small table by month, or by x; None where the lines share no places."""
    return _fan_table(chart) if isinstance(chart, Fan) else _lines_table(chart)


def _fan_table(chart: Fan) -> Table:
    worst, best = ends_of(chart)
    columns = [Column(say("month"), lead=True), Column(say("middle path"), figures=True)]
    sides = [(chart.middle, 1)]
    if chart.bands:
        wide = chart.bands[0]
        columns = [columns[0], Column(worst, figures=True), columns[1], Column(best, figures=True)]
        sides = [(wide.low, 0), (chart.middle, 1), (wide.high, 2)]
    decimals = numbers.decimals_for(amount for amounts, _ in sides for amount in amounts)
    rows = []
    if chart.history:
        last = chart.history[-1]
        known = Cell(side(last.amount, numbers.number(abs(last.amount), decimals)))
        cells = (Cell(""), known, Cell("")) if chart.bands else (known,)
        name = say("{month}, so far", month=numbers.short(last.month))
        rows.append(Row((Cell(name), *cells)))
    for place in fan_places(chart):
        month = chart.months[place]
        if chart.history and month == chart.history[-1].month:
            continue
        texts = [
            Cell(side(amounts[place], numbers.number(abs(amounts[place]), decimals))) for amounts, _ in sides
        ]
        rows.append(Row((Cell(numbers.short(month)), *texts)))
    return Table("", "", tuple(columns), tuple(rows))


def _lines_table(chart: Lines) -> Table | None:
    shared = {tuple(point.x for point in line.points) for line in chart.lines}
    if len(shared) != 1:
        return None
    places = next(iter(shared))
    steps = min(len(places), MOST_ROWS) - 1
    chosen = sorted({round((len(places) - 1) * step / steps) for step in range(steps + 1)}) if steps else [0]
    amounts = [line.points[place].y for line in chart.lines for place in chosen]
    decimals = numbers.decimals_for(amounts)
    columns = (
        Column(chart.x_label, lead=True),
        *(Column(line.label, figures=True) for line in chart.lines),
    )
    rows = tuple(
        Row(
            (
                Cell(numbers.short(places[place])),
                *(
                    Cell(
                        numbers.number(line.points[place].y, decimals),
                        Tone.STRONG if line.strong else Tone.PLAIN,
                    )
                    for line in chart.lines
                ),
            )
        )
        for place in chosen
    )
    return Table("", "", columns, rows)
