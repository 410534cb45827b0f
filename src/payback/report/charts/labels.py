"""Words on a drawing, none on another: each takes the first place where nothing stands yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from payback.report.charts.canvas import LABEL, Canvas, text_width

LEADING = 4
GAP = 3
"""Least distance between words, across and down."""
CROSSING = 24
"""How far words rather move than stand on a line."""


class Box(NamedTuple):
    """A rectangle of the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


class Place(NamedTuple):
    """Where words may stand: the base of their first line, and which end of it `x` is."""

    x: float
    y: float
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Words:
    """Lines of words and how they look. `lead` sets the first line, a figure, larger."""

    lines: list[str]
    fill: str
    size: float = LABEL
    bold: bool = False
    lead: bool = False

    @property
    def width(self) -> float:
        first, *rest = self.lines
        widths = [text_width(line, self.size, bold=self.bold) for line in rest]
        bold = self.bold or self.lead
        return max(text_width(first, self.size + (2 if self.lead else 0), bold=bold), *widths, 0)

    @property
    def height(self) -> float:
        return self.size * 1.25 + (self.size + LEADING) * (len(self.lines) - 1)

    def box(self, at: Place) -> Box:
        width = self.width
        left = at.x - {"start": 0.0, "middle": width / 2, "end": width}[at.anchor]
        top = at.y - self.size - (2 if self.lead else 0)
        return Box(left, top, left + width, top + self.height)


@dataclass(slots=True)
class Labels:
    """What is written on a drawing so far, and the lines that words had better not cross."""

    canvas: Canvas
    taken: list[Box] = field(default_factory=list)
    lines: list[Box] = field(default_factory=list)

    def line(self, points: list[tuple[float, float]]) -> None:
        """A line that is drawn, as small boxes along it."""
        for (x1, y1), (x2, y2) in pairwise(points):
            steps = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) // 4))
            for step in range(steps + 1):
                x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
                self.lines.append(Box(x - 1.5, y - 1.5, x + 1.5, y + 1.5))

    def write(self, words: Words, at: Place) -> Box:
        """Write there, whatever stands there."""
        box = words.box(at)
        halo = any(box.meets(one) for one in self.lines)
        for number, line in enumerate(words.lines):
            lead = words.lead and number == 0
            self.canvas.text(
                at.x,
                at.y + number * (words.size + LEADING),
                line,
                size=words.size + (2 if lead else 0),
                fill=words.fill,
                bold=words.bold or lead,
                anchor=at.anchor,
                halo=halo,
            )
        self.taken.append(Box(box.left - GAP, box.top - GAP / 2, box.right + GAP, box.bottom + GAP / 2))
        return box

    def free(self, box: Box) -> bool:
        """Whether no words stand in the box, and it is within the drawing."""
        within = box.left >= -0.5 and box.right <= self.canvas.width + 0.5
        return within and not any(box.meets(one) for one in self.taken)

    def place(self, words: Words, wanted: Iterable[Place], top: float, bottom: float) -> Box | None:
        """Write as near to a wanted place as there is room, the first one first, and best on no line.

        None: there is no room between `top` and `bottom`.
        """
        reach = int((bottom - top) // 3)
        moves = [
            (abs(3 * step) + 4 * rank, near._replace(y=near.y + 3 * step))
            for rank, near in enumerate(wanted)
            for step in range(-reach, reach + 1)
        ]
        crossing: tuple[float, Place] | None = None
        for far, at in sorted(moves, key=lambda one: one[0]):
            if crossing is not None and crossing[0] <= far:
                break
            box = words.box(at)
            if box.top < top or box.bottom > bottom or not self.free(box):
                continue
            if not any(box.meets(one) for one in self.lines):
                return self.write(words, at)
            crossing = crossing or (far + CROSSING, at)
        return None if crossing is None else self.write(words, crossing[1])
