"""Blocks of the returns room: when money comes back, what turns the verdict, what a promise became.

As on every page a chart is data: exact positions in its own unit beside the words for them. What a title
counts is computed here from the marks that are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import Enum

from payback.locale import say, say_count
from payback.records import Evidence

FUTURES = 20
"""Dots of a quantile dotplot: few enough to be counted (Kay, Kola, Hullman, Munson 2016)."""
MOST_BARS = 8
YEAR = 12


# --- when the money is back: dots -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QuantileDots:
    """Equally likely futures by the month in which the money is back.

    `dots` are months after the start, None never within `horizon` months. The tinted part
    ends with month `by`. `dots_title` writes a title that counts these dots.
    """

    title: str
    subtitle: str
    source: str
    dots: tuple[Decimal | None, ...]
    horizon: int
    by: int = YEAR


def dots_by(dots: Sequence[Decimal | None], month: int) -> int:
    """How many have their money back by the end of `month`."""
    return sum(dot is not None and dot <= month for dot in dots)


def dots_never(dots: Sequence[Decimal | None]) -> int:
    """How many never have it back."""
    return sum(dot is None for dot in dots)


def dots_title(dots: Sequence[Decimal | None], by: int = YEAR) -> str:
    """Pays within a year in 9 of 20 futures; in 4, never."""
    soon, never, of = dots_by(dots, by), dots_never(dots), len(dots)
    if never == of:
        return say("Never pays back, in any of {of} futures", of=of)
    within = say("within a year") if by == YEAR else say("within {months} months", months=by)
    if soon == of:
        return say("Pays {within} in all {of} futures", within=within, of=of)
    if soon:
        title = say("Pays {within} in {soon} of {of} futures", within=within, soon=soon, of=of)
    else:
        title = say("Pays {within} in none of {of} futures", within=within, of=of)
    return say("{title}; in {never}, never", title=title, never=never) if never else title


# --- how money goes out and comes back: a fan -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PathPoint:
    """Money back less money out up to the end of a month; below zero more is out than back."""

    month: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class FanBand:
    """The range that holds `level` (a share) of the futures; one amount a month of `Fan.months`."""

    level: Decimal
    low: tuple[Decimal, ...]
    high: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class FanLimit:
    """A level drawn across: limit, 12,000 out. `amount` is below zero for money out; `more` is left out on a phone."""

    amount: Decimal
    text: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Fan:
    """Money back less money out, by months after the start: as booked up to today, then as futures.

    `history` runs from month 0 to today (empty: nothing has started). `months` run from today on, the first
    being that of the last of `history` or 0; `middle` and each band of `bands`, widest first, have one entry
    a month. `so_far` are the words at the end of the history (9,700 out so far). `committed_until` is the
    month to which money is committed whatever is decided. `fan_title` writes a title from the middle path.
    """

    title: str
    subtitle: str
    source: str
    history: tuple[PathPoint, ...]
    months: tuple[Decimal, ...]
    middle: tuple[Decimal, ...]
    bands: tuple[FanBand, ...]
    so_far: str = ""
    kill_line: FanLimit | None = None
    committed_until: Decimal | None = None
    committed_text: str = ""


def level_month(months: Sequence[Decimal], middle: Sequence[Decimal]) -> Decimal | None:
    """Where the middle path is level after having been below; None where it never is."""
    was: tuple[Decimal, Decimal] | None = None
    below = False
    for month, amount in zip(months, middle, strict=True):
        if below and amount >= 0 and was is not None:
            before, short = was
            return before + (month - before) * -short / (amount - short)
        below = below or amount < 0
        was = (month, amount)
    return None


def month_of(when: Decimal) -> int:
    """The month in which a time after the start lies: 13.2 months after it is in month 14."""
    return int(when.to_integral_value(ROUND_CEILING))


def fan_title(months: Sequence[Decimal], middle: Sequence[Decimal]) -> str:
    """The middle path is level again in month 14."""
    level = level_month(months, middle)
    if level is not None:
        return say("The middle path is level again in month {month}", month=month_of(level))
    if middle and min(middle) >= 0:
        return say("On the middle path more comes back than goes out from the start")
    return say(
        "The middle path is not level again within {months} months", months=month_of(months[-1] - months[0])
    )


# --- what drives it: a tornado ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """One input over its 90 % range: what the money is worth at either end, and the input's value there."""

    name: str
    at_low: Decimal
    at_high: Decimal
    low_text: str  # the input's value at its low end: 14 of 100
    high_text: str
    evidence: Evidence | None
    flips: bool

    @property
    def length(self) -> Decimal:
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True, slots=True)
class Tornado:
    """Net worth when one input moves and the rest stay. Every renderer shows `tornado_shown` and says the rest."""

    title: str
    subtitle: str
    source: str
    bars: tuple[TornadoBar, ...]
    as_assessed: Decimal
    as_assessed_text: str  # as assessed, gains 10.9


def tornado_shown(chart: Tornado) -> tuple[TornadoBar, ...]:
    """The longest bars, longest first; bars of one length as they were given."""
    return tuple(sorted(chart.bars, key=lambda bar: -bar.length))[:MOST_BARS]


def tornado_rest(chart: Tornado) -> str:
    """What the inputs not shown do: 3 more move it less: a, b, c. Empty where all are shown."""
    left = sorted(chart.bars, key=lambda bar: -bar.length)[MOST_BARS:]
    if not left:
        return ""
    flip = sum(bar.flips for bar in left)
    names = ", ".join(bar.name for bar in left)
    said = say_count("{count} more input moves it less: {names}", "{count} more inputs move it less: {names}",
                     len(left), names=names)  # fmt: skip
    return say("{said}; {flip} of them flip the verdict", said=said, flip=flip) if flip else said


# --- from promised to verified: a bridge ------------------------------------------------------------


class Came(Enum):
    """What became of a part of a promise."""

    PROMISED = "promised"
    NOT_SEEN = "not seen"  # claimed, or estimated and not yet in the accounts: taken off until it is seen
    NOT_COME = "not come"
    MORE = "more"  # above the promise
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class BridgeStep:
    """One step: its name, the change (below zero takes off), the words for it, and how it is known."""

    label: str
    amount: Decimal
    text: str
    came: Came
    evidence: Evidence | None = None
    more: str = ""


@dataclass(frozen=True, slots=True)
class Bridge:
    """From promised, by steps that add up, to verified."""

    title: str
    subtitle: str
    source: str
    promised: BridgeStep
    steps: tuple[BridgeStep, ...]
    verified: BridgeStep


# --- lines over one axis ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinePoint:
    """A point of a line; `text` where it is labelled."""

    x: Decimal
    y: Decimal
    text: str = ""


@dataclass(frozen=True, slots=True)
class LineOf:
    """One line and its name. `strong` is the one the chart is about; `later` is an estimate and dashed."""

    label: str
    points: tuple[LinePoint, ...]
    strong: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class LineMark:
    """A place on the x axis with its words: level at 4,000 a month."""

    x: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Labelled lines over one x axis. The unit of y stands in the subtitle, that of x in `x_label`."""

    title: str
    subtitle: str
    source: str
    x_label: str
    lines: tuple[LineOf, ...]
    marks: tuple[LineMark, ...] = ()


# --- what to measure next ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeasureNext:
    """A tinted box: one action, what it costs and is worth, and up to three lines more.

    `strong` are parts of `says` set bold, such as the two amounts. `title` is Measure next.
    """

    title: str
    headline: str
    says: str
    more: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
