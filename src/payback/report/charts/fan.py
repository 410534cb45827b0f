"""Money back less money out by month: as booked up to today, then bands of futures round the middle path."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from payback.locale import say
from payback.report.charts import months_axis
from payback.report.charts.canvas import (
    ACCENT,
    ALARM,
    AXIS,
    INK,
    PAPER,
    RULE,
    SOFT,
    Canvas,
    text_width,
    wrapped,
)
from payback.report.charts.labels import Box, Labels, Place, Words
from payback.report.charts.signed_axis import SignedAxis
from payback.report.page_returns import Fan, level_month, month_of
from payback.report.returns_words import ends_of, side

HEIGHT, TOP = 222.0, 24.0
SHADE = (0.16, 0.26, 0.40)  # widest band to narrowest; they lie on each other
Point = tuple[float, float]


def draw(canvas: Canvas, chart: Fan) -> float:
    """Bands, then the two lines, then words where nothing stands yet."""
    plot = _Plot(canvas, chart)
    plot.grid()
    plot.bands()
    plot.levels()
    plot.paths()
    plot.months()
    plot.ends()
    plot.named()
    return plot.bottom + 46


class _Plot:
    """Where months and amounts stand in this drawing."""

    def __init__(self, canvas: Canvas, chart: Fan) -> None:
        self.canvas, self.chart = canvas, chart
        self.labels = Labels(canvas)
        self.top = TOP
        self.bottom = TOP + HEIGHT
        amounts = [point.amount for point in chart.history] + list(chart.middle)
        amounts += [end for band in chart.bands for ends in (band.low, band.high) for end in ends]
        if chart.kill_line:
            amounts.append(chart.kill_line.amount)
        room = Decimal("0.1") if canvas.narrow or chart.kill_line else Decimal("0.03")
        self.axis = SignedAxis.over(amounts, self.bottom, self.top, ticks=4, whole=False, room=room)
        words = [side(tick, self.axis.word(tick)) for tick in self.axis.ticks]
        self.left = max(text_width(word, AXIS) for word in words) + 10
        names = [*ends_of(chart), say("middle path")]
        margin = 10.0 if canvas.narrow else max(text_width(name, AXIS) for name in names) + 10
        self.right = canvas.width - margin
        last = [point.month for point in chart.history] + list(chart.months)
        self.horizon = max([*last, chart.committed_until or Decimal(0), Decimal(1)])

    def x(self, month: Decimal) -> float:
        return self.left + (self.right - self.left) * float(month / self.horizon)

    def path(self, amounts: tuple[Decimal, ...]) -> list[Point]:
        return [
            (self.x(month), self.axis.at(one)) for month, one in zip(self.chart.months, amounts, strict=True)
        ]

    def grid(self) -> None:
        for tick in self.axis.ticks:
            y = self.axis.at(tick)
            self.canvas.line(self.left, y, self.right, y, RULE)
            self.labels.line([(self.left, y), (self.right, y)])
            words = Words([side(tick, self.axis.word(tick))], SOFT, AXIS)
            self.labels.write(words, Place(self.left - 8, y + 4, "end"))

    def bands(self) -> None:
        for number, band in enumerate(self.chart.bands):
            high, low = self.path(band.high), self.path(band.low)
            self.canvas.area([*high, *reversed(low)], ACCENT, opacity=SHADE[min(number, 2)])
            if number == 0:
                self._covered(high, low)

    def _covered(self, high: list[Point], low: list[Point]) -> None:
        """Words had better not stand on the bands: boxes along them."""
        for (x1, top1), (x2, top2), (_, base1), (_, base2) in (
            (*tops, *bases) for tops, bases in zip(pairwise(high), pairwise(low), strict=True)
        ):
            steps = max(1, int((x2 - x1) // 6))
            for step in range(steps):
                share = (step + 0.5) / steps
                top, base = top1 + (top2 - top1) * share, base1 + (base2 - base1) * share
                left = x1 + (x2 - x1) * step / steps
                self.labels.lines.append(Box(left, top, left + (x2 - x1) / steps, base))

    def levels(self) -> None:
        """Nothing, the kill line, and the month to which money is committed."""
        canvas, chart = self.canvas, self.chart
        nothing = self.axis.at(Decimal(0))
        canvas.line(self.left, nothing, self.right, nothing, INK)
        self.labels.line([(self.left, nothing), (self.right, nothing)])
        if chart.kill_line:
            y = self.axis.at(chart.kill_line.amount)
            canvas.line(self.left, y, self.right, y, ALARM, width=1.5, dash="5 4")
            self.labels.line([(self.left, y), (self.right, y)])
        if chart.committed_until is not None:
            x = self.x(chart.committed_until)
            canvas.line(x, self.top - 8, x, self.bottom, SOFT, dash="2 3")
            self.labels.line([(x, self.top - 8), (x, self.bottom)])

    def paths(self) -> None:
        canvas, chart = self.canvas, self.chart
        middle = self.path(chart.middle)
        canvas.path(middle, ACCENT, width=2)
        self.labels.line(middle)
        booked = [(self.x(point.month), self.axis.at(point.amount)) for point in chart.history]
        if booked:
            canvas.path(booked, INK)
            self.labels.line(booked)
            canvas.dot(*booked[-1], 4.5, INK)
            self._keep_free(booked[-1])
        level = level_month(chart.months, chart.middle)
        if level is not None:
            self._keep_free((self.x(level), self.axis.at(Decimal(0))))

    def _keep_free(self, at: Point) -> None:
        """No words on a dot."""
        x, y = at
        self.labels.taken.append(Box(x - 6, y - 6, x + 6, y + 6))

    def months(self) -> None:
        today = [self.chart.history[-1].month] if self.chart.history else []
        months_axis.draw(
            self.canvas, self.labels, (self.horizon, self.left, self.right), self.bottom,
            [Decimal(0), *today],
        )  # fmt: skip

    def ends(self) -> None:
        """The names of the ends of the fan, right of it; on a phone within it."""
        chart = self.chart
        worst, best = ends_of(chart)
        named = [(self.axis.at(chart.middle[-1]), say("middle path"))]
        if chart.bands:
            named += [
                (self.axis.at(chart.bands[0].high[-1]), best),
                (self.axis.at(chart.bands[0].low[-1]), worst),
            ]
        if self.canvas.narrow:
            for y, name in sorted(named)[:: max(1, len(named) - 1)] if chart.bands else []:
                above = name == best
                self._place([name], SOFT, [Place(self.right, y - 7 if above else y + 16, "end")], bold=False)
            return
        free = float("-inf")
        rows = sorted(named)
        for number, (y, name) in enumerate(rows):
            at = max(free, min(y + 4, self.bottom + 4 - 16 * (len(rows) - 1 - number)))
            self.labels.write(Words([name], SOFT, AXIS), Place(self.right + 8, at))
            free = at + 16

    def named(self) -> None:
        """What is out so far, when it is level again, the kill line, the end of what is committed."""
        chart = self.chart
        if chart.kill_line:
            y = self.axis.at(chart.kill_line.amount)
            limit = chart.kill_line
            said = limit.text if self.canvas.narrow or not limit.more else f"{limit.text}, {limit.more}"
            lines = wrapped(said, (self.right - self.left) * (0.8 if self.canvas.narrow else 0.6), bold=True)
            start, end = self.left + 6, self.right - 4
            places = [
                Place(start, y + 16),
                Place(start, y - 7),
                Place(end, y + 16, "end"),
                Place(end, y - 7, "end"),
            ]
            self._place(lines, ALARM, places)
        if chart.history and chart.so_far:
            x, y = self.x(chart.history[-1].month), self.axis.at(chart.history[-1].amount)
            above = min(y, self.axis.at(Decimal(0))) - 28
            places = [Place(x, y + 20, "middle"), Place(x - 8, y + 20), Place(x + 10, y + 22)]
            places += [Place(x, above, "middle"), Place(x, above - 20, "middle")]
            self._pointed(wrapped(chart.so_far, 150, bold=True), INK, places, (x, y))
        self._level()
        if chart.committed_until is not None and chart.committed_text:
            x = self.x(chart.committed_until)
            lines = wrapped(chart.committed_text, 130, AXIS)
            self._place(lines, SOFT, [Place(x + 6, self.top), Place(x - 6, self.top, "end")], bold=False)

    def _level(self) -> None:
        level = level_month(self.chart.months, self.chart.middle)
        if level is None:
            return
        x, y = self.x(level), self.axis.at(Decimal(0))
        lines = wrapped(say("level in month {month}", month=month_of(level)), 150, bold=True)
        far = [Place(x - away, y - up, "end") for up in (70, 95, 120, 45) for away in (30, 60, 0)]
        far += [Place(x + 10, y - 95), Place(x - 20, y + 70, "end")]
        self._pointed(lines, ACCENT, far, (x, y))
        self.canvas.dot(x, y, 5, PAPER, stroke=ACCENT)

    def _pointed(self, lines: list[str], fill: str, places: list[Place], at: Point) -> None:
        """Words for a point, and a thin line to it where they stand apart from it."""
        x, y = at
        box = self._place(lines, fill, places)
        if box is None:
            return
        foot = min(max(x, box.left + 8), box.right - 8)
        edge = box.bottom + 1 if box.bottom < y else box.top - 1
        if abs(edge - y) > 14:
            self.canvas.line(foot, edge, x, y - 7 if box.bottom < y else y + 7, SOFT)

    def _place(self, lines: list[str], fill: str, places: list[Place], *, bold: bool = True) -> Box | None:
        words = Words(lines, fill, AXIS if not bold else 13, bold=bold)
        held = [self._held(words, place) for place in places]
        return self.labels.place(words, held, 0, self.bottom + 2)

    def _held(self, words: Words, place: Place) -> Place:
        """Moved across as far as it must to stand within the plot."""
        box = words.box(place)
        right = self.canvas.width - 2
        move = max(self.left + 4 - box.left, 0.0) or min(right - box.right, 0.0)
        return place._replace(x=place.x + move)
