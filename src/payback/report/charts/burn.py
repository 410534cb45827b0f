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
    LABEL,
    PAPER,
    RULE,
    SOFT,
    Canvas,
    text_width,
    wrapped,
)
from payback.report.charts.labels import Box, Labels, Place, Words
from payback.report.page import BurnLine, DayMark

HEIGHT = 300
SHADE = (0.14, 0.28)  # of 19 and of 8 in 20 futures; they lie on each other
MOST_TIMES = Decimal("2.5")
"""The axis ends at this many times the largest middle or limit, however far a band goes."""


def draw(canvas: Canvas, chart: BurnLine) -> float:
    """Labels stand on the marks; later months are dashed."""
    plot = _Plot(canvas, chart)
    plot.grid()
    plot.ahead()
    plot.kept()
    plot.limits()
    plot.later()
    plot.right_labels()
    plot.spent()
    plot.crossing()
    plot.named()
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
        later += [mark.day for mark in chart.ahead[-1:]]
        self.last = max([self.today, *later])
        amounts = [point.amount for point in chart.points]
        amounts += [mark.amount for mark in (chart.limit, chart.budget, chart.due, chart.goes_on) if mark]
        amounts += [mark.amount for mark in chart.ahead]
        largest = max(amounts)
        largest = max(
            largest, min(largest * MOST_TIMES, max([mark.high for mark in chart.ahead], default=largest))
        )
        words = max((text_width(word) for word in self._right_words()), default=0)
        self.margin = 8.0 if canvas.narrow else min(150.0, words + 14)
        self.top = 40.0
        self.bottom = self.top + (HEIGHT - 40 if canvas.narrow else HEIGHT)
        axis = Axis.over(largest, self.bottom, self.top, ticks=5)
        self.left = max(text_width(axis.word(tick), AXIS) for tick in axis.ticks) + 10
        self.right = canvas.width - self.margin
        self.axis = axis
        self.beside: list[_Beside] = []
        self.labels = Labels(canvas)
        self.waiting: list[tuple[Words, list[Place]]] = []
        self.levels = 0

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
        if chart.ahead:
            words.extend(self._ahead_words())
        return words

    def _ahead_words(self) -> list[str]:
        """The words for the end of the forecast: its middle, then what 8 of 10 futures lie within."""
        last = self.chart.ahead[-1]
        words = [say("goes on: {amount}", amount=last.text)]
        if last.range:
            words += [last.range, say("in 8 of 10")]
        return words

    def ahead(self) -> None:
        """Bands of what is spent if it goes on, and their middle; a band that leaves the drawing is cut."""
        canvas, chart = self.canvas, self.chart
        if not chart.ahead:
            return
        start = (self.x(self.today), self.y(chart.spent.amount))

        def along(amounts: list[Decimal]) -> list[tuple[float, float]]:
            marks = zip(chart.ahead, amounts, strict=True)
            return [start, *((self.x(mark.day), max(self.top, self.y(amount))) for mark, amount in marks)]

        bands = (
            ([mark.lowest for mark in chart.ahead], [mark.highest for mark in chart.ahead]),
            ([mark.low for mark in chart.ahead], [mark.high for mark in chart.ahead]),
        )
        for (low, high), shade in zip(bands, SHADE, strict=True):
            canvas.area([*along(high), *reversed(along(low))], ACCENT, opacity=shade)
        middle = along([mark.amount for mark in chart.ahead])
        canvas.path(middle, INK, width=2, dash="6 4")
        self.labels.line(middle)
        if canvas.narrow:
            words, end = Words(self._ahead_words(), INK), middle[-1]
            places = [
                Place(self.right, end[1] + 17, "end"),
                Place(self.right, end[1] - words.height - 6, "end"),
            ]
            self.waiting.append((words, places))
        else:
            self.beside.append(_Beside(middle[-1][1], self._ahead_words(), INK, bold=False))

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
            self.labels.write(Words([self.axis.word(tick)], SOFT, AXIS), Place(self.left - 8, y + 4, "end"))
        for day, text in self._dates():
            x = self.x(day)
            anchor = "start" if x < self.left + 20 else "end" if x > self.canvas.width - 30 else "middle"
            words, at = Words([text], SOFT, AXIS), Place(x, self.bottom + 20, anchor)
            if self.labels.free(words.box(at)):
                canvas.line(x, self.bottom, x, self.bottom + 5, INK)
                self.labels.write(words, at)
        if self.last > self.today:
            x = self.x(self.today)
            above = self.top - (32 if canvas.narrow else 16)
            canvas.line(x, above, x, self.bottom, SOFT, dash="2 3")
            self.labels.line([(x, above), (x, self.bottom)])
            words = Words([say("today")], SOFT, AXIS)
            left = Place(x - 6, above + 8, "end")
            self.labels.write(words, left if self.labels.free(words.box(left)) else Place(x + 6, above + 8))

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
        """The dashed levels of the budget and of the limit."""
        chart = self.chart
        if chart.budget:
            self._level(chart.budget.amount, [f"{chart.budget.label} {chart.budget.text}"], SOFT)
        if chart.limit:
            words = [chart.limit.label]
            if not self.canvas.narrow and chart.limit.more:
                words.extend(wrapped(chart.limit.more, self.margin - 8))
            self._level(chart.limit.amount, words, ALARM)

    def _level(self, amount: Decimal, words: list[str], color: str) -> None:
        y = self.y(amount)
        self.canvas.line(self.left, y, self.right, y, color, width=2, dash="5 4")
        self.labels.line([(self.left, y), (self.right, y)])
        if self.canvas.narrow:
            start = self.left + 5
            ends = (Place(self.right, y + 16, "end"), Place(self.right, y - 7, "end"))
            starts = (Place(start, y - 7), Place(start, y + 16))
            self.waiting.append((Words(words, color), [*ends, *starts]))
            self.levels += 1
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
        """The line up to today and, where it was passed, what stopping at the limit would have kept."""
        canvas, chart = self.canvas, self.chart
        points = [(self.x(point.day), self.y(point.amount)) for point in chart.points]
        canvas.path(points, INK)
        self.labels.line(points)
        x, y = self.x(self.today), self.y(chart.spent.amount)
        canvas.dot(x, y, 4.5, INK)
        words = Words([say("{amount} spent", amount=chart.spent.text)], INK, bold=True)
        left = Place(x - 10, y - 9, "end")
        places = [left, Place(x - 10, y + 5, "end"), Place(x + 8, y + 18), Place(self.left + 5, y - 9)]
        self._place(words, places)
        if chart.kept is not None and chart.crossed is not None:
            self._bracket(x)

    def _bracket(self, x: float) -> None:
        """Square bracket beside today: what stopping at the limit would have kept."""
        chart = self.chart
        if chart.kept is None or chart.crossed is None:
            return
        base = self.y(chart.crossed.amount)
        bottom = base - 4
        top = min(self.y(chart.crossed.amount + chart.kept.amount) + 6, base - 12)
        after = self.last > self.today
        side, back = (x + 12, -5) if after else (x - 12, 5)
        points = [(side + back, top), (side, top), (side, bottom), (side + back, bottom)]
        self.canvas.path(points, ALARM, width=1.5)
        self.labels.line(points)
        words = Words([chart.kept.text, *wrapped(say("would have been kept"), 92)], ALARM, lead=True)
        middle = (top + bottom) / 2 - words.height / 2 + LABEL
        at = Place(side + 9, middle) if after else Place(side - 9, middle, "end")
        other = Place(x - 12, middle, "end") if after else Place(x + 9, middle)
        self._place(words, [at, other])

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
            self.labels.line([start, end])
            lines = self._later_words(mark, due=due)
            if canvas.narrow:
                words = Words(lines, color, bold=due)
                below, above = end[1] + 17, end[1] - words.height + LABEL - 6
                ends = (below, above) if due else (above, below)
                left = Place(end[0] - 12, end[1] + 4, "end")
                self.waiting.append((words, [*(Place(canvas.width, y, "end") for y in ends), left]))
            else:
                self.beside.append(_Beside(end[1], lines, color, bold=due))

    def named(self) -> None:
        """On a phone: the words for lines, where nothing else stands; those after today first."""
        for words, places in (*self.waiting[self.levels :], *self.waiting[: self.levels]):
            self._place(words, places)

    def right_labels(self) -> None:
        """Words right of the plot, each near its line, none on another."""
        free = self.top - 20
        waiting = sorted(self.beside, key=lambda one: one.y)
        rest = sum(one.height for one in waiting)
        for one in waiting:
            rest -= one.height
            top = max(one.y - one.height / 2, free)
            top = max(free, min(top, self.bottom + 6 - rest - one.height))
            words = Words(one.words, one.color, bold=one.bold)
            self.labels.write(words, Place(self.right + 8, top + 12))
            free = top + one.height

    def _place(self, words: Words, places: list[Place]) -> Box | None:
        """Write in the plot where there is room; the description has what finds none."""
        return self.labels.place(words, places, self.top - 36, self.bottom - 2)

    def _later_words(self, mark: DayMark, *, due: bool) -> list[str]:
        if due:
            if self.canvas.narrow:
                return [say("stops now:"), say("{amount} still due", amount=mark.text)]
            return [say("stops now: {amount}", amount=mark.text), say("still falls due")]
        if self.canvas.narrow:
            return [say("goes on:"), say("{amount} a month", amount=mark.text)]
        return [say("goes on: {amount}", amount=mark.text), say("a month more")]

    def crossing(self) -> None:
        """The ring where the limit was passed, and the words that say when."""
        chart, canvas = self.chart, self.canvas
        if chart.crossed is None:
            return
        x, y = self.x(chart.crossed.day), self.y(chart.crossed.amount)
        text = say(
            "{day}: its own limit would have stopped it here, at {amount}",
            day=days.short_day(chart.crossed.day, near=self.first), amount=chart.crossed.text,
        )  # fmt: skip
        words = Words(wrapped(text, 150 if not canvas.narrow else 118, bold=True, most=4), ALARM, bold=True)
        half = words.width / 2
        middle = min(max(x, self.left + half + 4), self.right - half)
        rows = len(words.lines)
        top = max(self.top + 14, min(y - 90, self.y(chart.spent.amount) + 10) - 17 * rows / 2)
        if y - top < 17 * rows + 14:
            top = max(self.top, y - 17 * rows - 18)
        start = Place(self.left + 4, top)
        box = self._place(words, [Place(middle, top, "middle"), start, Place(self.right, top, "end")])
        if box is not None:
            foot = min(max(x, box.left + 8), box.right - 8)
            end = (foot, box.bottom + 2) if box.bottom < y else (foot, box.top - 2)
            canvas.line(*end, x, y - 7 if box.bottom < y else y + 7, SOFT)
            self.labels.line([end, (x, y)])
        canvas.dot(x, y, 6, PAPER, stroke=ALARM)
