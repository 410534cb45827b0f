"""The strip that opens page one: what went out, by use case; below it, to the same length, what came back."""

from __future__ import annotations

from payback.locale import say
from payback.report.charts.canvas import ACCENT, INK, LABEL, PAPER, Canvas, clipped, text_width
from payback.report.page import Mark, OutAndBack

BAR = 32
GAP = 2  # paper between two parts of a bar


def draw(canvas: Canvas, chart: OutAndBack) -> float:
    """Names stand inside their part where they fit, else above and below it in turn, right to left."""
    whole = max(chart.out_total.amount, chart.back_total.amount)
    unit = canvas.width / float(whole) if whole else 0
    heading = f"{chart.out_total.label} {chart.out_total.text}"
    top = 22.0
    canvas.text(0, 14, heading, bold=True)
    below = _out(canvas, chart, unit, top, text_width(heading, bold=True) + 16)
    y = top + BAR + (24 if below else 22)
    if below and canvas.narrow:
        y += 18
    canvas.text(0, y, f"{chart.back_total.label} {chart.back_total.text}", bold=True)
    if chart.back:
        _back(canvas, chart, unit, y + 8)
        return y + 8 + BAR + 2
    return y + 8


def _out(canvas: Canvas, chart: OutAndBack, unit: float, top: float, taken: float) -> bool:
    x = 0.0
    outside: list[tuple[Mark, float, float]] = []
    for mark in chart.out:
        width = float(mark.amount) * unit
        canvas.rect(x, top, max(width - GAP, 1), BAR, INK)
        name = f"{mark.label} {mark.text}"
        longer = f"{name}, {mark.more}" if mark.more else name
        fitting = next((words for words in (longer, name) if text_width(words) + 24 <= width), None)
        if fitting:
            canvas.text(x + 12, top + BAR / 2 + 4.5, fitting, fill=PAPER)
        else:
            outside.append((mark, x, width))
        x += width
    return _named_outside(canvas, outside, top, taken)


def _named_outside(
    canvas: Canvas, outside: list[tuple[Mark, float, float]], top: float, taken: float
) -> bool:
    """Names of thin parts, ending at the part's right edge: the last above, the one before below."""
    edges = {True: canvas.width, False: canvas.width}  # above, below: free up to here
    least = {True: taken, False: 0.0}
    used_below, unnamed = False, 0
    for number, (mark, x, width) in enumerate(reversed(outside)):
        above = number % 2 == 0
        name = f"{mark.label} {mark.text}"
        for side in (above, not above):
            end = min(x + max(width - GAP, 1), edges[side])
            room = end - least[side]
            if text_width(name) <= room or (number == 0 and room > 90):
                words = clipped(name, room)
                canvas.text(end, top - 8 if side else top + BAR + 17, words, anchor="end")
                edges[side] = end - text_width(words) - 14
                used_below = used_below or not side
                break
        else:
            unnamed += 1
    if unnamed:
        words = say("and {count} more, listed below", count=unnamed)
        if text_width(words) <= edges[False]:
            canvas.text(edges[False], top + BAR + 17, words, anchor="end", size=LABEL - 1)
            used_below = True
    return used_below


def _back(canvas: Canvas, chart: OutAndBack, unit: float, y: float) -> None:
    x = 0.0
    for mark in chart.back:
        width = float(mark.amount) * unit
        canvas.amount(x, y, max(width - GAP, 1.5), BAR, mark.evidence, ACCENT)
        x += max(width, 2)
    words = ", ".join(f"{mark.text} {mark.label}" for mark in chart.back)
    if x + 12 + text_width(words) <= canvas.width:
        canvas.text(x + 12, y + BAR / 2 + 4.5, words)
    else:
        canvas.text(12, y + BAR / 2 + 4.5, clipped(words, canvas.width - 24), fill=PAPER)
