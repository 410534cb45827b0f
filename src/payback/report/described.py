"""A chart in words: every mark that is drawn, for readers who do not see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from payback import days, numbers
from payback.locale import say
from payback.records import Evidence
from payback.report.page import (
    BurnLine,
    Chart,
    CostParts,
    Intervals,
    Mark,
    Narrowing,
    OutAndBack,
    Promised,
    Segments,
    Staying,
)
from payback.report.page_returns import (
    Bridge,
    Fan,
    Lines,
    QuantileDots,
    Tornado,
    dots_by,
    dots_never,
    level_month,
    month_of,
    tornado_rest,
    tornado_shown,
)
from payback.report.returns_words import end_words, ends_of, fan_places, finding, known, money, parts_of


@dataclass(frozen=True, slots=True)
class Line:
    """One mark: what it is, its figure, and the words beside it."""

    label: str
    text: str
    more: str = ""
    evidence: Evidence | None = None

    @property
    def known(self) -> str:
        """How it is known, unless its label says so."""
        word = self.evidence.word if self.evidence is not None else ""
        return "" if word in self.label else word

    @property
    def sentence(self) -> str:
        return f"{self.label}: " + ", ".join(part for part in (self.text, self.more, self.known) if part)


def lines(chart: Chart) -> tuple[Line, ...]:
    """Every mark of the chart, in the order it is drawn."""
    if isinstance(chart, OutAndBack):
        return tuple(_out_and_back(chart))
    if isinstance(chart, Intervals):
        return tuple(_intervals(chart))
    if isinstance(chart, BurnLine):
        return tuple(_burn(chart))
    if isinstance(chart, Promised):
        return tuple(_mark(part) for part in chart.parts)
    if isinstance(chart, Segments):
        return tuple(_segments(chart))
    if isinstance(chart, CostParts):
        return tuple(_cost_parts(chart))
    if isinstance(chart, Staying):
        return tuple(_staying(chart))
    if isinstance(chart, Narrowing):
        return tuple(_narrowing(chart))
    if isinstance(chart, QuantileDots):
        return tuple(_dots(chart))
    if isinstance(chart, Fan):
        return tuple(_fan(chart))
    if isinstance(chart, Tornado):
        return tuple(_tornado(chart))
    if isinstance(chart, Bridge):
        return tuple(_bridge(chart))
    if isinstance(chart, Lines):
        return tuple(_lines(chart))
    assert_never(chart)


def sentence(chart: Chart) -> str:
    """All marks in one paragraph."""
    return ". ".join(line.sentence.rstrip(".") for line in lines(chart)) + "."


def _mark(mark: Mark) -> Line:
    return Line(mark.label, mark.text, mark.more, mark.evidence)


def _out_and_back(chart: OutAndBack) -> Iterator[Line]:
    yield _mark(chart.out_total)
    for mark in chart.out:
        yield _mark(mark)
    yield _mark(chart.back_total)
    for mark in chart.back:
        yield Line(say("back, {known}", known=mark.label), mark.text)


def _intervals(chart: Intervals) -> Iterator[Line]:
    for row in chart.rows:
        yield Line(row.label, row.text, ", ".join(part for part in (row.range, row.says) if part))
    today = sorted({row.today for row in chart.rows if row.today is not None})
    if today and len(chart.rows) > 1:
        yield Line(chart.today_label, chart.today_text)


def _burn(chart: BurnLine) -> Iterator[Line]:
    yield Line(say("spent by {day}", day=days.day(chart.spent.day)), chart.spent.text)
    if chart.budget:
        yield _mark(chart.budget)
    if chart.limit:
        yield Line(say("its own limit"), chart.limit.text, chart.limit.more)
    if chart.crossed:
        yield Line(say("passed on {day}", day=days.day(chart.crossed.day)), chart.crossed.text)
    if chart.kept:
        yield Line(say("stopping then would have kept"), chart.kept.text)
    if chart.due:
        yield Line(
            say("if it stops now, still falls due by {day}", day=days.day(chart.due.day)), chart.due.text
        )
    if chart.goes_on:
        yield Line(say("if it goes on, each month"), chart.goes_on.text, "", Evidence.ESTIMATED)
    if chart.ahead:
        last = chart.ahead[-1]
        more = say("{range} in 8 of 10 futures", range=last.range) if last.range else ""
        yield Line(
            say("if it goes on, all spent by {day}", day=days.day(last.day)),
            last.text,
            more,
            Evidence.ESTIMATED,
        )


def _segments(chart: Segments) -> Iterator[Line]:
    for line in chart.lines:
        for way, mark in zip(chart.ways, line.marks, strict=True):
            yield Line(f"{line.label}, {way}", mark.text, mark.range)
        if line.warning:
            yield Line(line.label, line.warning)


def _narrowing(chart: Narrowing) -> Iterator[Line]:
    for point in chart.points:
        if point.text:
            yield Line(days.day(point.day), point.text, numbers.spread(point.low, point.high, 0))
    yield Line(say("threshold"), chart.threshold_text)


def _staying(chart: Staying) -> Iterator[Line]:
    for point in chart.points:
        if point.text:
            yield Line(say("still there on day {day}", day=point.day), point.text, point.range)


def _cost_parts(chart: CostParts) -> Iterator[Line]:
    for part in chart.parts:
        yield _mark(part)
    yield _mark(chart.total)
    if chart.single:
        yield Line(say("single ones"), chart.single.text)
    if chart.today:
        yield Line(chart.today.label, chart.today.text, chart.today.more or "", chart.today.evidence)
    if chart.says:
        yield Line(say("difference"), chart.says)


def _dots(chart: QuantileDots) -> Iterator[Line]:
    """Parts of the time up to the last that has a dot, then never."""
    for first, last, count in parts_of(chart):
        label = say("months {first} to {last}", first=first, last=last)
        yield Line(label if first < last else say("month {month}", month=first), str(count))
    yield Line(say("never in {months} months", months=chart.horizon), str(dots_never(chart.dots)))
    soon = say("{count} of {of}", count=dots_by(chart.dots, chart.by), of=len(chart.dots))
    yield Line(say("by month {month}", month=chart.by), soon)


def _fan(chart: Fan) -> Iterator[Line]:
    if chart.history:
        last = chart.history[-1]
        yield Line(say("month {month}, so far", month=numbers.short(last.month)), money(last.amount))
    worst, best = ends_of(chart)
    for place in fan_places(chart):
        ends = ""
        if chart.bands:
            low, high = money(chart.bands[0].low[place]), money(chart.bands[0].high[place])
            ends = f"{worst} {low}, {best} {high}"
        name = say("month {month}, middle path", month=numbers.short(chart.months[place]))
        yield Line(name, money(chart.middle[place]), ends)
    yield from _fan_marks(chart)


def beside(chart: Fan | Lines) -> Iterator[Line]:
    """What is said beside a table of the same amounts."""
    yield from _fan_marks(chart) if isinstance(chart, Fan) else _line_marks(chart)


def _fan_marks(chart: Fan) -> Iterator[Line]:
    """The words that stand in the plot."""
    level = level_month(chart.months, chart.middle)
    if level is not None:
        yield Line(say("middle path level"), say("in month {month}", month=month_of(level)))
    if chart.kill_line:
        yield Line(money(chart.kill_line.amount), chart.kill_line.text, chart.kill_line.more)
    if chart.committed_until is not None:
        yield Line(say("month {month}", month=numbers.short(chart.committed_until)), chart.committed_text)


def _tornado(chart: Tornado) -> Iterator[Line]:
    for bar in tornado_shown(chart):
        yield Line(bar.name, finding(bar), ", ".join(end_words(bar)), bar.evidence)
    rest = tornado_rest(chart)
    if rest:
        yield Line(say("not shown"), rest)


def _bridge(chart: Bridge) -> Iterator[Line]:
    for step in (chart.promised, *chart.steps, chart.verified):
        words = known(step)
        said = step.evidence is not None and step.evidence.word in words
        yield Line(step.label, step.text, words, None if said else step.evidence)


def _lines(chart: Lines) -> Iterator[Line]:
    for line in chart.lines:
        first, last = line.points[0], line.points[-1]
        ends = say("{first} at {start}", first=numbers.short(first.y), start=numbers.short(first.x))
        yield Line(
            line.label, say("{last} at {end}", last=numbers.short(last.y), end=numbers.short(last.x)), ends
        )
    yield from _line_marks(chart)


def _line_marks(chart: Lines) -> Iterator[Line]:
    for line in chart.lines:
        for point in line.points:
            if point.text:
                yield Line(f"{line.label}, {numbers.short(point.x)}", point.text)
    for mark in chart.marks:
        yield Line(numbers.short(mark.x), mark.text)
