"""How the judged way delivers: service beside today's sheet, why results failed, harm, and who stays.

Each table is there only where somebody logs what it tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from payback import numbers
from payback.assessment import Place, Rated, Retention, UseCaseResult
from payback.locale import say
from payback.numbers import Scale
from payback.records import Figure
from payback.report import figures
from payback.report.page import Block, Cell, Column, Note, Row, Staying, StayMark, Table, Tone
from payback.report.shelf import Shelf

CURVE_DAYS = (0, 1, 7, 14, 28, 56, 84)
"""Days at which the share is written; the JSON has every step."""
FOLDED_FROM = 16


def blocks(case: UseCaseResult, shelf: Shelf) -> tuple[Block, ...]:
    """The tables of delivery, in the order a reader asks: is it quick and there, where does it fail, who stays."""
    found = case.delivery
    made: list[Block] = []
    if found.service:
        made.append(_service(found.service, shelf))
    if found.failures:
        title = say("Why results were not accepted")
        made.append(_table(title, found.failures, shelf, case, say("of 100 checked; ranges are 95 %")))
    if found.harm:
        made.append(_table(say("Severe failures and what they cost"), found.harm, shelf, case))
    if found.adoption:
        made.append(_table(say("Who goes on using it"), found.adoption, shelf, case))
    if found.retention is not None and len(found.retention.points) > 1:
        made += _curve(found.retention)
    if found.places:
        made.append(_places(found.places, case))
    return tuple(made)


def _cells(one: Rated, shelf: Shelf, scale: Scale | None = None) -> tuple[Cell, Cell]:
    name = one.label[:1].upper() + one.label[1:]
    sense = figures.more_or_fewer() if _is_change(one) else None
    cell = shelf.cell(name, one.figure, scale, sense=sense)
    unit = figures.unit_of(one.figure, scale) if isinstance(one.figure, Figure) else ""
    return cell, Cell(unit, Tone.SOFT)


def _is_change(one: Rated) -> bool:
    return isinstance(one.figure, Figure) and one.figure.formula == "version-change"


def _service(rows: Sequence[Rated], shelf: Shelf) -> Table:
    """Measured beside declared: without a declared sheet, no column for it."""
    declared = any(one.today is not None for one in rows)
    lines = []
    for one in rows:
        cell, unit = _cells(one, shelf)
        today = [Cell("") if one.today is None else figures.cell(one.today)] if declared else []
        lines.append(Row((Cell(one.label, Tone.STRONG, more=one.says), cell, *today, unit)))
    columns = [Column(say("what"), lead=True), Column(say("measured"), figures=True)]
    if declared:
        columns.append(Column(say("as today, declared"), figures=True))
    return Table(
        title=say("How it serves"),
        subtitle=say("The second line of a figure is its 95 % range, or the one it names"),
        columns=(*columns, Column(say("unit"))),
        rows=tuple(lines),
        marks=True,
    )


def _table(title: str, rows: Sequence[Rated], shelf: Shelf, case: UseCaseResult, subtitle: str = "") -> Table:
    lines = []
    for one in rows:
        scale = None
        if isinstance(one.figure, Figure) and one.figure.currency and not one.figure.per:
            scale = Scale.of([one.figure.value], case.currency)
        cell, unit = _cells(one, shelf, scale)
        lines.append(Row((Cell(one.label, Tone.STRONG, more=one.says), cell, unit)))
    return Table(
        title=title,
        subtitle=subtitle or say("The second line of a figure is its 95 % range, or the one it names"),
        columns=(Column(say("what"), lead=True), Column(say("measured"), figures=True), Column(say("unit"))),
        rows=tuple(lines),
        marks=True,
        folded=len(lines) > FOLDED_FROM,
    )


def _curve(found: Retention) -> list[Block]:
    """The curve, with the share written at the days people speak of."""
    points = [StayMark(each.day, each.share * 100, each.low * 100, each.high * 100) for each in found.points]
    for day in CURVE_DAYS:
        held = [point for point in points if point.day <= day]
        if day > found.followed or not held:
            continue
        last = held[-1]
        share = say("{share} of 100", share=numbers.number(last.share.quantize(Decimal(1)), 0))
        marked = replace(last, day=day, text=share, range=numbers.spread(last.low, last.high, 0))
        points = sorted([*(point for point in points if point.day != day), marked], key=lambda each: each.day)
    chart = Staying(
        title=found.says or say("How many are still there"),
        subtitle=say(
            "Of 100 users, by days since the first use, from {users}; gone means {days} days without use",
            users=numbers.count(found.users),
            days=found.gone_after,
        ),
        source="",
        points=tuple(points),
        followed=found.followed,
    )
    made: list[Block] = [chart]
    if found.notes:
        made.append(Note(say("What the curve cannot see"), tuple(f"{one}." for one in found.notes)))
    return made


def _places(found: Sequence[Place], case: UseCaseResult) -> Table:
    names = {arm.arm: arm.title for arm in case.arms}
    rows = []
    for place in sorted(found, key=lambda each: names.get(each.arm, each.arm).casefold()):
        where = say("{best} to {worst}", best=place.best, worst=place.worst)
        if place.best == place.worst:
            where = str(place.best)
        rows.append(Row((Cell(names.get(place.arm, place.arm), Tone.STRONG), Cell(where))))
    return Table(
        title=say("Which ways can be told apart by what was accepted"),
        subtitle=say(
            "By name, not by result: between which of {ways} places each may stand, all of them right "
            "together in 95 of 100 cases",
            ways=found[0].ways,
        ),
        columns=(Column(say("way of working"), lead=True), Column(say("place"), figures=True)),
        rows=tuple(rows),
        folded=True,
    )
