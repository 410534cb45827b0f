"""Money spent up to each day, its own limit, where it was passed, and what follows after stopping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from payback import days
from payback.locale import say
from payback.report.charts.axis import Axis
from payback.report.charts.canvas import (
    ACCENT,
    ALARM,
    ALARM_WASH,
    AXIS,
    INK,
    PAPER,
    RULE,
    SOFT,
    Canvas,
    text_width,
    wrapped,
)
from payback.report.page import BurnLine, DayMark

HEIGHT = 300


def draw(canvas: Canvas, chart: BurnLine) -> float:
    """Labels stand on the marks; later months are dashed."""
    plot = _Plot(canvas, chart)
    plot.grid()
    plot.limits()
    plot.kept()
    plot.later()
    plot.spent()
    plot.crossing()
    plot.right_labels()
    return plot.bottom + 26


@dataclass(frozen=True, slots=True)
class _Beside:
    """Words that stand right of the plot, as near to `y` as others allow."""

    y: float
    words: list[str]
    color: str
    bold: bool

    @property
    def height(self) -> float:
        return 17.0 * len(self.words) + 5


class _Plot:
    """Where days and amounts stand in this drawing."""

    def __init__(self, canvas: Canvas, chart: BurnLine) -> None:
        self.canvas, self.chart = canvas, chart
        self.first = chart.points[0].day
        self.today = chart.spent.day
        later = [mark.day for mark in (chart.due, chart.goes_on) if mark is not None]
        self.last = max([self.today, *later])
        amounts = [point.amount for point in chart.points]
        amounts += [mark.amount for mark in (chart.limit, chart.budget, chart.due, chart.goes_on) if mark]
        largest = max(amounts)
        words = max((text_width(word) for word in self._right_words()), default=0)
        self.margin = 8.0 if canvas.narrow else min(150.0, words + 14)
        self.top = 40.0
        self.bottom = self.top + (HEIGHT - 40 if canvas.narrow else HEIGHT)
        axis = Axis.over(largest, self.bottom, self.top, ticks=5)
        self.left = max(text_width(axis.word(tick), AXIS) for tick in axis.ticks) + 10
        self.right = canvas.width - self.margin
        self.axis = axis
        self.beside: list[_Beside] = []

    def _right_words(self) -> list[str]:
        chart = self.chart
        words = []
        if chart.limit:
            words.append(chart.limit.label)
            words.append(say("too few results"))
        if chart.budget:
            words.append(f"{chart.budget.label} {chart.budget.text}")
        if chart.due:
            words.append(say("still falls due"))
        if chart.goes_on:
            words.append(say("a month more"))
        return words

    def x(self, day: date) -> float:
        whole = max((self.last - self.first).days, 1)
        return self.left + (self.right - self.left) * (day - self.first).days / whole

    def y(self, amount: Decimal) -> float:
        return self.axis.at(amount)

    def grid(self) -> None:
        canvas = self.canvas
        for tick in self.axis.ticks:
            y = self.y(tick)
            canvas.line(self.left, y, self.right, y, INK if tick == 0 else RULE)
            canvas.text(self.left - 8, y + 4, self.axis.word(tick), size=AXIS, fill=SOFT, anchor="end")
        for day, words in self._dates():
            x = self.x(day)
            anchor = "start" if x < self.left + 20 else "end" if x > self.canvas.width - 30 else "middle"
            canvas.line(x, self.bottom, x, self.bottom + 5, INK)
            canvas.text(x, self.bottom + 20, words, size=AXIS, fill=SOFT, anchor=anchor)
        if self.last > self.today:
            x = self.x(self.today)
            canvas.line(x, self.top - (32 if canvas.narrow else 16), x, self.bottom, SOFT, dash="2 3")
            y = self.top - (24 if canvas.narrow else 8)
            canvas.text(x - 6, y, say("today"), size=AXIS, fill=SOFT, anchor="end")

    def _dates(self) -> list[tuple[date, str]]:
        """The first day, and the starts of months or half years between, as many as there is room for."""
        total = (self.last - self.first).days
        room = max(2, int((self.right - self.left) // 110))
        steps = (1, 2, 3, 6, 12, 24)
        step = next((step for step in steps if total / (30.4 * step) <= room), 24)
        if total < 60:
            return [
                (self.first, days.short_day(self.first)),
                (self.last, days.short_day(self.last, near=self.first)),
            ]
        found: list[tuple[date, str]] = []
        month = self.first.replace(day=1)
        while month <= self.last:
            if (month >= self.first and (month.month - 1) % step == 0) or month == self.first:
                words = days.short_month(month, year=month.month == 1 or not found)
                found.append((month, words))
            after = month.month % 12 + 1
            month = date(month.year + (1 if after == 1 else 0), after, 1)
        return found or [(self.first, days.short_day(self.first))]

    def limits(self) -> None:
        canvas, chart = self.canvas, self.chart
        if chart.budget:
            self._level(chart.budget.amount, [f"{chart.budget.label} {chart.budget.text}"], SOFT)
        if chart.limit:
            words = [chart.limit.label]
            if not canvas.narrow and chart.limit.more:
                words.extend(wrapped(chart.limit.more, self.margin - 8))
            self._level(chart.limit.amount, words, ALARM)

    def _level(self, amount: Decimal, words: list[str], color: str) -> None:
        y = self.y(amount)
        self.canvas.line(self.left, y, self.right, y, color, width=2, dash="5 4")
        if self.canvas.narrow:
            self.canvas.text(self.right, y + 16, words[0], fill=color, anchor="end")
        else:
            self.beside.append(_Beside(y, words, color, bold=False))

    def kept(self) -> None:
        """The wash between the line and the limit since it was passed."""
        chart = self.chart
        if chart.crossed is None or chart.kept is None:
            return
        crossed = chart.crossed
        base = self.y(crossed.amount)
        after = [point for point in chart.points if point.day > crossed.day]
        if not after:
            return
        line = [(self.x(crossed.day), base), *((self.x(point.day), self.y(point.amount)) for point in after)]
        self.canvas.area([*line, (self.x(after[-1].day), base)], ALARM_WASH)

    def spent(self) -> None:
        canvas, chart = self.canvas, self.chart
        canvas.path([(self.x(point.day), self.y(point.amount)) for point in chart.points], INK)
        x, y = self.x(self.today), self.y(chart.spent.amount)
        canvas.dot(x, y, 4.5, INK)
        words = say("{amount} spent", amount=chart.spent.text)
        canvas.text(x - 10, y - 9, words, bold=True, anchor="end")
        if chart.kept is not None and chart.crossed is not None:
            self._bracket(x)

    def _bracket(self, x: float) -> None:
        """Square bracket right of today: what stopping at the limit would have kept."""
        canvas, chart = self.canvas, self.chart
        if chart.kept is None or chart.crossed is None:
            return
        base = self.y(chart.crossed.amount)
        bottom = self.y(chart.crossed.amount) - 4
        top = min(self.y(chart.crossed.amount + chart.kept.amount) + 6, base - 12)
        side = x + 12 if self.last > self.today else x - 12
        back = -5 if self.last > self.today else 5
        canvas.path(
            [(side + back, top), (side, top), (side, bottom), (side + back, bottom)], ALARM, width=1.5
        )
        words = wrapped(say("would have been kept"), 92)
        middle = max((top + bottom) / 2, top + 10)
        anchor = "start" if self.last > self.today else "end"
        at = side + 9 if anchor == "start" else side - 9
        canvas.text(at, middle - 6, chart.kept.text, size=15, bold=True, fill=ALARM, anchor=anchor)
        canvas.lines(at, middle + 11, words, fill=ALARM, anchor=anchor)

    def later(self) -> None:
        """After today: what still falls due if it stops, and what it takes if it goes on."""
        canvas, chart = self.canvas, self.chart
        start = (self.x(self.today), self.y(chart.spent.amount))
        for mark, due in ((chart.goes_on, False), (chart.due, True)):
            if mark is None:
                continue
            color = ACCENT if due else INK
            end = (self.x(mark.day), self.y(mark.amount))
            canvas.path([start, end], color, width=2, dash="6 4")
            words = self._later_words(mark, due=due)
            if canvas.narrow:
                y = end[1] + (17 if due else -9)
                canvas.lines(canvas.width, y, words, fill=color, bold=due, anchor="end")
            else:
                self.beside.append(_Beside(end[1], words, color, bold=due))

    def right_labels(self) -> None:
        """Words right of the plot, each near its line, none on another."""
        free = self.top - 20
        waiting = sorted(self.beside, key=lambda one: one.y)
        rest = sum(one.height for one in waiting)
        for one in waiting:
            rest -= one.height
            top = max(one.y - one.height / 2, free)
            top = max(free, min(top, self.bottom + 6 - rest - one.height))
            self.canvas.lines(self.right + 8, top + 12, one.words, fill=one.color, bold=one.bold)
            free = top + one.height

    def _later_words(self, mark: DayMark, *, due: bool) -> list[str]:
        if due:
            if self.canvas.narrow:
                return [say("stops now:"), say("{amount} still due", amount=mark.text)]
            return [say("stops now: {amount}", amount=mark.text), say("still falls due")]
        if self.canvas.narrow:
            return [say("goes on: {amount} a month more", amount=mark.text)]
        return [say("goes on: {amount}", amount=mark.text), say("a month more")]

    def crossing(self) -> None:
        chart, canvas = self.chart, self.canvas
        if chart.crossed is None:
            return
        x, y = self.x(chart.crossed.day), self.y(chart.crossed.amount)
        words = say(
            "{day}: its own limit would have stopped it here, at {amount}",
            day=days.short_day(chart.crossed.day, near=self.first), amount=chart.crossed.text,
        )  # fmt: skip
        lines = wrapped(words, 150 if not canvas.narrow else 118, bold=True, most=4)
        widest = max(text_width(line, bold=True) for line in lines)
        middle = min(max(x, self.left + widest / 2 + 4), self.right - widest / 2)
        top = max(self.top + 14, min(y - 90, self.y(chart.spent.amount) + 10) - 17 * len(lines) / 2)
        if y - top < 17 * len(lines) + 14:
            top = max(self.top, y - 17 * len(lines) - 18)
        canvas.lines(middle, top, lines, bold=True, fill=ALARM, anchor="middle")
        canvas.line(x, top + 17 * (len(lines) - 1) + 8, x, y - 7, SOFT)
        canvas.dot(x, y, 6, PAPER, stroke=ALARM)
