"""Charts as SVG text: own drawings, no library, one per width. `svg` draws any chart of the page model."""

from __future__ import annotations

from typing import assert_never

from payback.report.charts import (
    burn,
    cost_parts,
    intervals,
    narrowing,
    out_and_back,
    promised,
    segments,
    staying,
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
    assert_never(chart)
