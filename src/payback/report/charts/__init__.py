"""Charts as SVG text: own drawings, no library, one per width. `svg` draws any chart of the page model."""

from __future__ import annotations

from typing import assert_never

from payback.report.charts import (
    bridge,
    burn,
    cost_parts,
    dots,
    fan,
    intervals,
    lines,
    narrowing,
    out_and_back,
    promised,
    segments,
    staying,
    tornado,
)
from payback.report.charts.canvas import Canvas
from payback.report.described import sentence
from payback.report.page import (
    BurnLine,
    Chart,
    CostParts,
    Intervals,
    Narrowing,
    OutAndBack,
    Promised,
    Segments,
    Staying,
)
from payback.report.page_returns import Bridge, Fan, Lines, QuantileDots, Tornado


def svg(chart: Chart, width: int, key: str) -> str:
    """The drawing of a chart, `width` units wide; `key` keeps its ids apart from other drawings."""
    canvas = Canvas(width, key)
    height = _drawn(canvas, chart)
    return canvas.svg(height, chart.title or chart.subtitle, sentence(chart))


def _drawn(canvas: Canvas, chart: Chart) -> float:
    """Draw, and return the height that was needed."""
    if isinstance(chart, OutAndBack):
        return out_and_back.draw(canvas, chart)
    if isinstance(chart, Intervals):
        return intervals.draw(canvas, chart)
    if isinstance(chart, BurnLine):
        return burn.draw(canvas, chart)
    if isinstance(chart, Promised):
        return promised.draw(canvas, chart)
    if isinstance(chart, Segments):
        return segments.draw(canvas, chart)
    if isinstance(chart, CostParts):
        return cost_parts.draw(canvas, chart)
    if isinstance(chart, Staying):
        return staying.draw(canvas, chart)
    if isinstance(chart, Narrowing):
        return narrowing.draw(canvas, chart)
    if isinstance(chart, QuantileDots):
        return dots.draw(canvas, chart)
    if isinstance(chart, Fan):
        return fan.draw(canvas, chart)
    if isinstance(chart, Tornado):
        return tornado.draw(canvas, chart)
    if isinstance(chart, Bridge):
        return bridge.draw(canvas, chart)
    if isinstance(chart, Lines):
        return lines.draw(canvas, chart)
    assert_never(chart)
