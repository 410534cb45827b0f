"""The page model: what stands on a page and in which order, without saying how it is drawn.

A Report is pages, a Page is sections, a Section is blocks: Verdict, FigureRows, Table, Note and the
charts. A chart is data, not pixels: exact positions beside the words for them. Every renderer
handles every block; a test sees to it. All text is in the language in force and not yet escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import get_args

from payback import assessment
from payback.records import Evidence
from payback.report.page_returns import Bridge, Fan, Lines, MeasureNext, QuantileDots, Tornado


class Tone(Enum):
    """How a word is meant; renderers choose the look."""

    PLAIN = "plain"
    STRONG = "strong"
    SOFT = "soft"
    ALARM = "alarm"
    ACCENT = "accent"


class Layout(Enum):
    """How the blocks of a section stand to each other."""

    FULL = "full"  # one below the other
    PAIR = "pair"  # the first on the wide side, the others beside it
    BOX = "box"  # tinted: what to decide or to measure
    FOOT = "foot"  # last, with a rule above: left out, as of


# --- tables -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """A heading with its unit. `figures` stand right; `lead` names the row; `free` is a sentence."""

    head: str
    figures: bool = False
    lead: bool = False
    free: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Words or a figure already written. `more` is the smaller second line: a range, a count.

    `opens` is the key of the FigureRow, or of the page, that explains it.
    """

    text: str
    tone: Tone = Tone.PLAIN
    evidence: Evidence | None = None
    more: str = ""
    opens: str = ""
    badge: assessment.Verdict | assessment.GateState | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns."""

    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`marks` asks for the line that explains the marks of evidence below the table.

    `folded`: on a screen it opens only when asked for.
    """

    title: str
    subtitle: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    source: str = ""
    marks: bool = False
    folded: bool = False


# --- figures and what stands behind them ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InputLine:
    """One number that went in, as written on the page."""

    name: str
    value: str
    evidence: Evidence | None
    origin: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What opens behind a figure: formula, inputs, rows it came from, what was left out."""

    formula: str  # key of formulas.py
    in_full: str
    counted: str
    range_method: str  # key of formulas.py or ""
    range_sentence: str
    bounds: str
    inputs: tuple[InputLine, ...]
    origins: tuple[str, ...]
    omissions: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure: its name, value with unit, range and evidence. `unknown` says why there is none."""

    key: str
    label: str
    value: str
    unit: str
    range: str
    evidence: Evidence | None
    origin: str
    explanation: Explanation | None = None
    unknown: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class FigureRows:
    """`How each figure is known`."""

    title: str
    subtitle: str
    rows: tuple[FigureRow, ...]
    folded: bool = False


# --- words ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer that opens a page. `verdict` None: a page that sums up several."""

    verdict: assessment.Verdict | None
    until: str
    headline: str
    dek: str


@dataclass(frozen=True, slots=True)
class Note:
    """Lines of words under a title. `detail` lines are for paper and left out of a terminal."""

    title: str
    lines: tuple[str, ...]
    tone: Tone = Tone.PLAIN
    detail: bool = False


@dataclass(frozen=True, slots=True)
class FormulaNote:
    """A formula or method: its name, the formula itself, what it says and where it comes from."""

    key: str
    title: str
    formula: str
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Formulas:
    """Every formula and method the report used."""

    title: str
    subtitle: str
    formulas: tuple[FormulaNote, ...]


# --- charts -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing drawn: where (`amount`, in the chart's unit), and the words for it."""

    label: str
    text: str
    amount: Decimal
    evidence: Evidence | None = None
    more: str = ""


@dataclass(frozen=True, slots=True)
class OutAndBack:
    """What went out, by use case, above what came back, by evidence, to one length."""

    title: str
    subtitle: str
    source: str
    out: tuple[Mark, ...]
    out_total: Mark
    back: tuple[Mark, ...]
    back_total: Mark


@dataclass(frozen=True, slots=True)
class Band:
    """The range that holds `level` of the likely values; `high` None has no upper limit."""

    level: Decimal
    low: Decimal
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One way of working or segment. `today` is its own tick; `says` the finding, if there is one."""

    label: str
    more: str
    text: str
    range: str
    value: Decimal | None
    bands: tuple[Band, ...]
    today: Decimal | None
    says: str
    tone: Tone
    judged: bool = False


@dataclass(frozen=True, slots=True)
class Intervals:
    """Gradient bands on one shared axis, with one thick tick for today."""

    title: str
    subtitle: str
    source: str
    rows: tuple[IntervalRow, ...]
    band_label: str
    today_label: str
    today_text: str
    unit: str
    repeats: bool = True  # a table beside it says the same in figures


@dataclass(frozen=True, slots=True)
class DayMark:
    """A point of a line: a day, an amount, and words where it is labelled."""

    day: date
    amount: Decimal
    text: str = ""


@dataclass(frozen=True, slots=True)
class AheadMark:
    """A day to come: the middle of the futures and the ends of the bands of 8 of 10 and 19 of 20 of them."""

    day: date
    amount: Decimal
    low: Decimal
    high: Decimal
    lowest: Decimal
    highest: Decimal
    text: str = ""
    range: str = ""


@dataclass(frozen=True, slots=True)
class BurnLine:
    """Money spent up to each day, the limit, where it was crossed, and what follows after stopping."""

    title: str
    subtitle: str
    source: str
    unit: str
    points: tuple[DayMark, ...]
    spent: DayMark
    limit: Mark | None
    budget: Mark | None
    crossed: DayMark | None
    kept: Mark | None
    due: DayMark | None
    goes_on: DayMark | None
    ahead: tuple[AheadMark, ...] = ()  # in the place of `goes_on`; the last has words


@dataclass(frozen=True, slots=True)
class Promised:
    """What was promised, split by how it is known. `share` of each part stands in `more`."""

    title: str
    subtitle: str
    source: str
    parts: tuple[Mark, ...]
    total: Mark


@dataclass(frozen=True, slots=True)
class ShareMark:
    """One way of working in one segment: the share, its range, and the words for both."""

    share: Decimal | None
    low: Decimal | None
    high: Decimal | None
    text: str
    range: str


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """The tasks that share a property, and how each way of working did on them."""

    label: str
    more: str
    marks: tuple[ShareMark, ...]
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Segments:
    """Share of accepted results by kind of task; ways of working by name, never ranked."""

    title: str
    subtitle: str
    source: str
    ways: tuple[str, ...]
    lines: tuple[SegmentLine, ...]


@dataclass(frozen=True, slots=True)
class Single:
    """What a tenth, half and nine tenths of single units cost at most: how much they differ."""

    low: Decimal
    middle: Decimal
    high: Decimal
    text: str  # 8 of 10 cost 0.8 to 6.4


@dataclass(frozen=True, slots=True)
class CostParts:
    """The parts of the full cost of one unit, adding up to the total, against today."""

    title: str
    subtitle: str
    source: str
    unit: str
    parts: tuple[Mark, ...]  # `more` is the range
    total: Mark
    bands: tuple[Band, ...]
    today: Mark | None
    today_low: Decimal | None
    today_high: Decimal | None
    today_known: str  # how today's cost is known, and by whom
    says: str  # `2.57 less`, only where the figures support it
    single: Single | None = None


@dataclass(frozen=True, slots=True)
class StayMark:
    """Of 100 users, how many stay from a day on, and the ends of the range; `text` where it is labelled."""

    day: int
    share: Decimal
    low: Decimal
    high: Decimal
    text: str = ""
    range: str = ""


@dataclass(frozen=True, slots=True)
class Staying:
    """Users still there, by days since their first use: a curve that only falls. `followed` is its last day."""

    title: str
    subtitle: str
    source: str
    points: tuple[StayMark, ...]
    followed: int


@dataclass(frozen=True, slots=True)
class LookMark:
    """A look: what is known on a day, of 100, and the limits that hold at every look at once."""

    day: date
    share: Decimal
    low: Decimal
    high: Decimal
    text: str = ""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """How a share came to be known: limits that hold at every look, closing in on it, and its threshold."""

    title: str
    subtitle: str
    source: str
    points: tuple[LookMark, ...]
    threshold: Decimal
    threshold_text: str


Chart = (
    OutAndBack
    | Intervals
    | BurnLine
    | Promised
    | Segments
    | CostParts
    | Staying
    | Narrowing
    | QuantileDots
    | Fan
    | Tornado
    | Bridge
    | Lines
)
Block = Verdict | FigureRows | Table | Note | Formulas | MeasureNext | Chart
BLOCKS: tuple[type, ...] = get_args(Block)
CHARTS: tuple[type, ...] = get_args(Chart)


# --- pages ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks that stand together. `detail` sections are for paper and left out of a terminal."""

    blocks: tuple[Block, ...]
    layout: Layout = Layout.FULL
    detail: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `key` is its anchor, `name` what links call it, `about` the line at its top.

    `label` (illustrative, draft) is that of the project the page is about.
    """

    key: str
    name: str
    owner: str
    about: str
    sections: tuple[Section, ...]
    label: str = ""
    headline: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a renderer needs. `label` (illustrative, draft) is that of the headline project."""

    title: str
    label: str
    language: str
    as_of: date
    pages: tuple[Page, ...]

    @property
    def one(self) -> Page:
        """The page for the chairman."""
        return self.pages[0]
