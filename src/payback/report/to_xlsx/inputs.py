"""The sheet of inputs: one row each, the yellow cell of which the cash sheets are worked out from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from payback.assessor.returns import Input, Prospect
from payback.assessor.returns.stated import FACTOR, GROWTH, MINUTES, MONEY, SHARE, UNITS
from payback.locale import say
from payback.measures import ranges
from payback.measures.returns import cash
from payback.records import Evidence, Origin
from payback.report.to_xlsx.book import CHANGED, LIVE, NOT_LIVE, Book, Sheet, place, reference
from payback.report.to_xlsx.table import HEAD, Column, Kind, head, heading, number_format

MONTHS = "months"
ENDS = (0.05, 0.95)
PILOT = "pilot.cost"
# Rows that are no stated quantity but stand in the plan.
RATE, BUILD_MONTHS, WAITS, POOL = "discount_rate", "build_months", "months_waited", "cost_pool_a_month"
MIDDLE, BASE = 5, 6
"""Columns of the median as payback has it, and of the yellow cell."""


def luck_input(place: int) -> str:
    """The name of when a risk comes: the share of futures in which it comes later. Its median is a half."""
    return f"risk.{place + 1}.luck"


def month_input(place: int, part: str) -> str:
    """The names of the first and the last month in which a value comes."""
    return f"value.{place + 1}.{part}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet. `base` None: nobody says, and the cell is empty; `live` is whether it is yellow."""

    key: str
    label: str
    written: str
    base: float | None
    unit: str
    low: float | None = None
    mean: float | None = None
    high: float | None = None
    shape: str = ""
    evidence: Evidence | None = None
    by: str = ""
    origin: Origin | None = None
    live: bool = True


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the inputs of one use case stand: a reference to each yellow cell, its name and its row."""

    cells: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ahead:
    """The future of one use case, under the name it has in this workbook."""

    name: str
    currency: str
    prospect: Prospect


def lines_of(prospect: Prospect) -> tuple[Line, ...]:
    """Every input of a use case: what is given, what the plan says, and what counts as nothing."""
    given = [_stated(each) for each in prospect.inputs.values() if not each.key.endswith(".when")]
    keys = {line.key for line in given}
    unsaid = [
        Line(key, label, say("not given"), cash.NEUTRAL.get(key, 0.0), unit)
        for key, (label, unit) in _standard().items()
        if key not in keys
        and not (key == cash.VOLUME and prospect.plan.volumes)
        and not (key == cash.REALISATION and not prospect.realised)
    ]
    return (*given, *_nobody_says(prospect), *_of_plan(prospect), *unsaid)


def _stated(each: Input) -> Line:
    low, middle, high = (ranges.quantile(each.what, level) for level in (ENDS[0], 0.5, ENDS[1]))
    return Line(
        key=each.key,
        label=each.label,
        written=each.what.written,
        base=middle,
        unit=each.unit,
        low=low,
        mean=ranges.mean(each.what),
        high=high,
        shape=ranges.shape_word(each.what) or say("taken as known"),
        evidence=each.evidence,
        by=each.by,
        origin=each.origin,
        live=each.key != PILOT,
    )


def _nobody_says(prospect: Prospect) -> list[Line]:
    """The one input without a default."""
    if prospect.realised:
        return []
    label = say("share of what is saved that becomes money")
    return [Line(cash.REALISATION, label, say("nobody says: enter it here"), None, SHARE)]


def _of_plan(prospect: Prospect) -> list[Line]:
    plan = prospect.plan
    declared = say("as declared")
    lines = [
        Line(
            RATE,
            say("discount rate: what a year's wait costs"),
            declared if prospect.discount_rate is not None else say("not given"),
            plan.yearly_rate,
            GROWTH,
        ),
        Line(
            BUILD_MONTHS,
            say("months of building"),
            declared if plan.build_months else say("none"),
            float(plan.build_months),
            MONTHS,
        ),
        Line(WAITS, say("months waited before anything happens"), say("none"), float(plan.waits), MONTHS),
    ]
    if plan.pool is not None:
        lines.append(
            Line(POOL, say("what the cost pool costs a month: more cannot be saved"), declared, plan.pool, MONEY)
        )  # fmt: skip
    for at, gain in enumerate(plan.gains):
        first, last = (month_input(at, part) for part in ("from_month", "until_month"))
        if gain.per == "once":
            label = say("{what}: in which month of running it comes", what=gain.name)
            lines.append(Line(first, label, declared, float(gain.first), MONTHS))
            continue
        label = say("{what}: from which month of running on", what=gain.name)
        lines.append(Line(first, label, declared, float(gain.first), MONTHS))
        label = say("{what}: until which month of running", what=gain.name)
        said = declared if gain.last else say("to the end")
        lines.append(Line(last, label, said, float(gain.last or plan.months), MONTHS))
    for at, event in enumerate(plan.events):
        label = say("{risk}: share of futures in which it comes later", risk=event.name)
        lines.append(Line(luck_input(at), label, say("at its median"), 0.5, SHARE))
    return lines


def _standard() -> dict[str, tuple[str, str]]:
    """Every input the cash model knows, in its words; those of values and risks apart."""
    return {
        cash.VOLUME: (say("units of work a month"), UNITS),
        cash.VOLUME_GROWTH: (say("growth of the work a year"), GROWTH),
        cash.ADOPTION: (say("share of the work done this way"), SHARE),
        cash.RETENTION: (say("share of users still there a year later"), SHARE),
        cash.ACCEPTANCE: (say("share of results accepted"), SHARE),
        cash.MINUTES_TODAY: (say("minutes a unit as today"), MINUTES),
        cash.COST_TODAY: (say("cost of a unit as today"), MONEY),
        cash.TODAY_GROWTH: (say("growth of today's cost a year"), GROWTH),
        cash.REVIEW_MINUTES: (say("minutes of review a unit"), MINUTES),
        cash.REVIEW_COST: (say("review by people, a unit"), MONEY),
        cash.WAGE: (say("an hour of people"), MONEY),
        cash.REALISATION: (say("share of what is saved that becomes money"), SHARE),
        cash.MODEL_COST: (say("models, a unit"), MONEY),
        cash.PRICE_CHANGE: (say("change of model prices a year"), GROWTH),
        cash.PLATFORM_COST: (say("share of the platform, a unit"), MONEY),
        cash.HARM: (say("harm done, a unit"), MONEY),
        cash.FIXED: (say("fixed cost a month"), MONEY),
        cash.BUILD: (say("still to be spent on building"), MONEY),
        cash.EXIT: (say("cost of stopping"), MONEY),
        cash.SALVAGE: (say("money back when it stops"), MONEY),
        cash.SWITCHING: (say("cost of moving to another vendor"), MONEY),
    }


def write(book: Book, futures: Sequence[Ahead]) -> Mapping[str, Placed]:
    """Write the sheet; say where each input stands, by the name of its use case."""
    sheet, name = book.sheet(say("Inputs"))
    heading(
        book, sheet, say("Inputs"),
        say("Change a yellow cell: the cash sheets and the Read me follow. The 5 %, mean and 95 % do not."),
    )  # fmt: skip
    head(book, sheet, HEAD, _columns())
    row = HEAD + 1
    placed: dict[str, Placed] = {}
    for each in futures:
        at = placed[each.name] = Placed()
        for line in lines_of(each.prospect):
            _row(book, sheet, row, each, line)
            if line.live:
                at.cells[line.key] = reference(name, row, BASE)
                at.names[line.key] = book.name(f"{each.name}_{line.key}", at.cells[line.key])
            at.lines[line.key] = line
            row += 1
    if row > HEAD + 1:
        last = row - 1
        changed = book.writer.add_format({"bg_color": CHANGED, "bold": True})
        sheet.conditional_format(
            HEAD + 1, BASE, last, BASE,
            {
                "type": "formula",
                "criteria": f"={place(HEAD + 1, BASE, fixed=False)}<>{place(HEAD + 1, MIDDLE, fixed=False)}",
                "format": changed,
            },
        )  # fmt: skip
        sheet.autofilter(HEAD, 0, last, len(_columns()) - 1)
    sheet.freeze_panes(HEAD + 1, 3)
    sheet.repeat_rows(HEAD)
    return placed


def _columns() -> tuple[Column, ...]:
    return (
        Column(say("Use case"), 16),
        Column(say("Input"), 40),
        Column(say("Key"), 17),
        Column(say("As said"), 20),
        Column(say("5 %"), 11, Kind.NUMBER),
        Column(say("Median"), 11, Kind.NUMBER),
        Column(say("In the base case"), 13, Kind.NUMBER),
        Column(say("Mean"), 11, Kind.NUMBER),
        Column(say("95 %"), 11, Kind.NUMBER),
        Column(say("Unit"), 12),
        Column(say("Evidence"), 14),
        Column(say("Understood as"), 18),
        Column(say("Who says so"), 18),
        Column(say("Source"), 34),
        Column(say("Row"), 8, Kind.NUMBER),
    )


def _row(book: Book, sheet: Sheet, row: int, of: Ahead, line: Line) -> None:
    soft = {} if line.evidence is not None or line.base is None else {"font_color": NOT_LIVE}
    evidence = "" if line.evidence is None else line.evidence.word
    origin = line.origin
    source = "" if origin is None else ", ".join(part for part in (origin.file, origin.note) if part)
    for at, text in (
        (0, of.name), (1, line.label), (2, line.key), (3, line.written), (9, unit_word(line.unit, of.currency)),
        (10, evidence), (11, line.shape), (12, line.by), (13, source),
    ):  # fmt: skip
        book.text(sheet, row, at, text, text_wrap=True, **soft)
    if origin is not None and origin.row is not None:
        sheet.write_number(row, 14, origin.row, book.style(num_format="0"))
    for at, value in ((4, line.low), (MIDDLE, line.base), (7, line.mean), (8, line.high)):
        if value is not None:
            sheet.write_number(row, at, value, book.style(num_format=number_of(line.unit, value), **soft))
    if not line.live:
        book.text(sheet, row, BASE, say("not in it"), italic=True, font_color=NOT_LIVE, align="right")
        return
    style = book.style(
        num_format=number_of(line.unit, line.base or 0.0), bg_color=LIVE, border=1, border_color="#BF9000"
    )
    if line.base is None:
        sheet.write_blank(row, BASE, None, style)
    else:
        sheet.write_number(row, BASE, line.base, style)
    _guard(sheet, row, line)


def _guard(sheet: Sheet, row: int, line: Line) -> None:
    """What the cell takes: a spreadsheet says so where something else is entered, and lets it be."""
    rules = {
        SHARE: (0, 1, say("a share lies between 0 % and 100 %")),
        GROWTH: (-0.99, 10, say("a growth is more than -100 % a year")),
        MONTHS: (0, 240, say("a number of months")),
    }
    low, high, message = rules.get(line.unit, (0, 1e15, say("a number from 0")))
    sheet.data_validation(
        row, BASE, row, BASE,
        {
            "validate": "integer" if line.unit == MONTHS else "decimal",
            "criteria": "between",
            "minimum": low,
            "maximum": high,
            "ignore_blank": True,
            "error_type": "warning",
            "error_message": message,
        },
    )  # fmt: skip


def number_of(unit: str, value: float) -> str:
    """How a number of that unit is written."""
    if unit in {SHARE, GROWTH}:
        return "0.0%"
    if unit == MONTHS:
        return "0"
    return number_format(value)


def unit_word(unit: str, currency: str) -> str:
    """The unit in a word."""
    return {
        MONEY: currency,
        SHARE: say("share"),
        GROWTH: say("share a year"),
        MINUTES: say("minutes"),
        UNITS: say("units"),
        FACTOR: say("times"),
        MONTHS: say("months"),
    }.get(unit, unit)
