"""A drawing being made: marks and words as SVG text. Every word passes the page's one escape."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from payback.records import Evidence
from payback.report.inert import escaped

INK, SOFT, ACCENT, MID, ALARM = "var(--ink)", "var(--soft)", "var(--accent)", "var(--mid)", "var(--alarm)"
PAPER, RULE, WASH, ALARM_WASH = "var(--paper)", "var(--rule)", "var(--wash)", "var(--alarm-wash)"
LABEL, AXIS = 13, 12
"""Sizes of text in a drawing; nothing is smaller than AXIS."""
NARROW = 480
"""Drawings below this width are for a phone: labels above their marks, fewer ticks."""
_THIN = set("iljtfrI.,:;'|!()[] ")
_WIDE = set("mwMW%@")
_BREAKS = re.compile(r"[^-/_+,]+[-/_+,]*\s*|[-/_+,]+\s*")
SAFETY = 1.06  # fonts differ; paper is printed a tenth larger


def text_width(text: str, size: float = LABEL, *, bold: bool = False) -> float:
    """About how wide words are; for keeping labels apart, not for setting type."""
    total = 0.0
    for mark in text:
        if unicodedata.east_asian_width(mark) in "WF":
            total += 1.0
        elif mark in _THIN:
            total += 0.3
        elif mark in _WIDE:
            total += 0.86
        elif mark.isupper():
            total += 0.68
        else:
            total += 0.57
    return total * size * SAFETY * (1.05 if bold else 1.0)


def wrapped(text: str, width: float, size: float = LABEL, *, bold: bool = False, most: int = 3) -> list[str]:
    """The words in lines no wider than `width`; what does not fit in `most` lines ends in three dots."""
    lines: list[str] = []
    line = ""
    for word in _words(text, width, size, bold=bold):
        longer = line + word
        if line and text_width(longer.rstrip(), size, bold=bold) > width:
            lines.append(line.rstrip())
            line = word
        else:
            line = longer
    lines.append(line.rstrip())
    cut = [clipped(one, width, size, bold=bold) for one in lines[:most]]
    if len(lines) > most:
        cut[-1] = clipped(f"{cut[-1]} {lines[most]}", width, size, bold=bold)
    return cut


def _words(text: str, width: float, size: float, *, bold: bool) -> list[str]:
    """The words with the space after each; one wider than a line may break after - / _ + or a comma."""
    words = [f"{word} " for word in text.split()]
    return [
        part
        for word in words
        for part in ([word] if text_width(word, size, bold=bold) <= width else _BREAKS.findall(word))
    ]


def clipped(text: str, width: float, size: float = LABEL, *, bold: bool = False) -> str:
    """The words, cut with three dots where they are wider; their full form stands in the description."""
    if text_width(text, size, bold=bold) <= width:
        return text
    while text and text_width(text + "…", size, bold=bold) > width:
        text = text[:-1]
    return text.rstrip() + "…"


@dataclass(slots=True)
class Canvas:
    """SVG elements in the order they are drawn. `key` keeps ids apart from those of other drawings."""

    width: float
    key: str
    parts: list[str] = field(default_factory=list)
    hatches: dict[str, str] = field(default_factory=dict)

    @property
    def narrow(self) -> bool:
        return self.width < NARROW

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        stroke: str = "",
        dashed: bool = False,
        opacity: float = 1,
    ) -> None:
        more = f' stroke="{stroke}" stroke-width="1.5"' if stroke else ""
        more += ' stroke-dasharray="4 3"' if dashed else ""
        more += f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0))}" height="{_n(height)}" fill="{fill}"{more}/>'
        )

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        stroke: str = RULE,
        *,
        width: float = 1,
        dash: str = "",
    ) -> None:
        more = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{stroke}" stroke-width="{width:g}"{more}/>'
        )

    def path(
        self, points: list[tuple[float, float]], stroke: str, *, width: float = 2.5, dash: str = ""
    ) -> None:
        more = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<polyline points="{_points(points)}" fill="none" stroke="{stroke}" stroke-width="{width:g}" stroke-linejoin="round" stroke-linecap="butt"{more}/>'
        )

    def area(self, points: list[tuple[float, float]], fill: str, *, opacity: float = 1) -> None:
        more = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.parts.append(f'<polygon points="{_points(points)}" fill="{fill}"{more}/>')

    def dot(self, x: float, y: float, radius: float, fill: str, *, stroke: str = "") -> None:
        more = f' stroke="{stroke}" stroke-width="2.5"' if stroke else ""
        self.parts.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{radius:g}" fill="{fill}"{more}/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = LABEL,
        fill: str = INK,
        bold: bool = False,
        anchor: str = "start",
        halo: bool = False,
    ) -> None:
        """Words on one line; `halo` keeps a line behind them at a distance."""
        more = ' font-weight="600"' if bold else ""
        more += f' paint-order="stroke" stroke="{PAPER}" stroke-width="4"' if halo else ""
        more += f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size:g}" fill="{fill}"{more}>{escaped(words)}</text>'
        )

    def lines(
        self,
        x: float,
        y: float,
        words: list[str],
        *,
        size: float = LABEL,
        fill: str = INK,
        bold: bool = False,
        anchor: str = "start",
    ) -> None:
        """Lines of words below each other, the first on `y`."""
        for number, line in enumerate(words):
            self.text(x, y + number * (size + 4), line, size=size, fill=fill, bold=bold, anchor=anchor)

    def figure(self, end: float, y: float, text: str, range_: str) -> float:
        """A figure in bold and its range after it, both ending at `end`; returns their width."""
        if range_:
            self.text(end, y, range_, size=AXIS, fill=SOFT, anchor="end")
        width = text_width(range_, AXIS) + 12 if range_ else 0.0
        self.text(end - width, y, text, size=AXIS, bold=True, anchor="end")
        return width + text_width(text, AXIS, bold=True)

    def amount(
        self, x: float, y: float, width: float, height: float, evidence: Evidence | None, color: str = ACCENT
    ) -> None:
        """A bar filled by how its amount is known: solid, tint, hatched or dashed."""
        if evidence is Evidence.CLAIMED:
            self.rect(
                x + 0.75, y + 0.75, max(width - 1.5, 0.5), height - 1.5, "none", stroke=color, dashed=True
            )
        elif evidence is Evidence.ESTIMATED:
            fill = f"url(#{self.hatch(color)})"
            self.rect(x + 0.75, y + 0.75, max(width - 1.5, 0.5), height - 1.5, fill, stroke=color)
        elif evidence is Evidence.MEASURED:
            fill = MID if color == ACCENT else color
            self.rect(
                x + 0.75,
                y + 0.75,
                max(width - 1.5, 0.5),
                height - 1.5,
                fill,
                stroke=color,
                opacity=1 if color == ACCENT else 0.35,
            )
        else:
            self.rect(x, y, max(width, 1), height, color)

    def hatch(self, color: str) -> str:
        """The id of a hatching in `color`. It names the palette, so it follows light and dark."""
        if color not in self.hatches:
            self.hatches[color] = f"{self.key}-h{len(self.hatches)}"
        return self.hatches[color]

    def svg(self, height: float, title: str, description: str) -> str:
        """The finished drawing, with its title and its words for those who do not see it."""
        patterns = "".join(
            f'<pattern id="{name}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            f'<rect width="5" height="5" fill="{PAPER}"/><rect width="1.8" height="5" fill="{color}"/></pattern>'
            for color, name in self.hatches.items()
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(self.width)} {_n(height)}" role="img" '
            f'aria-labelledby="{self.key}-t {self.key}-d"><title id="{self.key}-t">{escaped(title)}</title>'
            f'<desc id="{self.key}-d">{escaped(description)}</desc>'
            f"{f'<defs>{patterns}</defs>' if patterns else ''}{''.join(self.parts)}</svg>"
        )


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
