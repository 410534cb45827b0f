"""Own or call, as blocks: what each way costs at today's volume, a drawing by volume, and where ways are even."""

from __future__ import annotations

from decimal import Decimal

from payback import numbers
from payback.assessment import UseCaseResult
from payback.locale import say
from payback.numbers import Scale
from payback.records import Evidence, Figure, Unknown
from payback.report.page import Block, Cell, Column, Note, Row, Table, Tone
from payback.report.page_returns import LineMark, LineOf, LinePoint, Lines
from payback.report.shelf import Shelf
from payback.returned import BreakEvenVolume, CheapestFor, OwnOrCall, WayToDo

FOLDED_FROM = 4
"""Pairs above which their table opens only when asked for."""
MOST_LINES = 6
MOST_OF_IT = Decimal("0.6")
ROOM = 2
"""A drawing is this many times as tall as the cheapest way at its right end; dearer lines leave it."""


def blocks(case: UseCaseResult, shelf: Shelf) -> tuple[Block, ...]:
    """The headline and table, the drawing, the stretches, the pairs, and the notes; nothing without alternatives."""
    found = case.own_or_call
    if found is None:
        return ()
    if found.missing is not None:
        lines = (f"{found.missing.reason}: {found.missing.fix}.", *found.notes)
        return (Note(say("Own or call"), lines),)
    made: list[Block] = [_ways(case, found, shelf)]
    drawing = chart(case, found)
    if drawing is not None:
        made.append(drawing)
    made += [
        _stretches(found),
        _pairs(found),
        Note(say("How the ways are held against each other"), _how(found)),
    ]
    return tuple(made)


def _ways(case: UseCaseResult, found: OwnOrCall, shelf: Shelf) -> Table:
    """The cheapest at today's volume first; without a volume in the order they came."""
    known = [way for way in found.ways if isinstance(way.cost, Figure)]
    ordered = sorted(known, key=lambda way: figures_value(way.cost)) or list(found.ways)
    scale = Scale.of([figures_value(way.cost) for way in known], case.currency)
    months = Scale.of([way.fixed.amount for way in found.ways], case.currency)
    places = numbers.decimals_for(way.per_unit.amount for way in found.ways)
    limited = any(way.limit is not None for way in found.ways)
    columns = [
        Column(say("way"), lead=True),
        Column(say("{unit} a month, whatever is done", unit=months.unit), figures=True),
        Column(say("{currency} a unit", currency=case.currency), figures=True),
        Column(_at_volume(found, scale), figures=True),
        Column(say("cheapest, of 100 futures"), figures=True),
    ]
    if limited:
        columns.append(Column(say("at most, a month"), figures=True))
    rows = []
    for way in ordered:
        cells = [
            Cell(way.name, Tone.STRONG, more=_kind(way) if _kind(way) != way.name else ""),
            Cell(months.text(way.fixed.amount) if way.fixed.amount else say("nothing")),
            Cell(numbers.number(way.per_unit.amount, places) if way.per_unit.amount else say("nothing")),
            shelf.cell(say("{way}: cost a month", way=way.name), way.cost, scale, zero=say("nothing")),
            Cell(_chance(way)),
        ]
        if limited:
            cells.append(Cell(_most(way)))
        rows.append(Row(tuple(cells)))
    return Table(
        title=found.headline,
        subtitle=say(
            "Own or call, money a month and per {unit}: means over futures, and the range of 90 of 100 on the second line",
            unit=case.unit,
        ),
        columns=tuple(columns),
        rows=tuple(rows),
        marks=True,
    )


def figures_value(found: Figure | Unknown) -> Decimal:
    """The value; 0 of what is not known, which is sorted apart."""
    return found.value if isinstance(found, Figure) else Decimal(0)


def _at_volume(found: OwnOrCall, scale: Scale) -> str:
    if isinstance(found.volume, Unknown):
        return say("{unit} a month today", unit=scale.unit)
    return say(
        "{unit} a month at {volume} units", unit=scale.unit, volume=numbers.number(found.volume.value, 0)
    )


def _kind(way: WayToDo) -> str:
    return {
        "build": say("build"),
        "tune": say("tune a model"),
        "call": say("call a model"),
        "agent": say("buy an agent"),
        "rules": say("rules"),
        "people": say("people"),
        "nothing": say("nothing is done"),
        "measured": say("measured here"),
    }.get(way.kind, way.kind)


def _chance(way: WayToDo) -> str:
    if way.cheapest is None:
        return say("not known")
    if way.too_many == 1:
        return say("too many for it")
    return _of_hundred(way.cheapest) if way.cheapest else say("never")


def _of_hundred(chance: Decimal) -> str:
    """Whole parts of 100; neither none nor all of them where it is not quite."""
    parts = chance * 100
    if 0 < parts < 1:
        return say("under 1")
    if Decimal(99) < parts < Decimal(100):
        return say("over 99")
    return numbers.fixed(parts, 0)


def _most(way: WayToDo) -> str:
    return say("any number") if way.limit is None else numbers.number(way.limit)


def chart(case: UseCaseResult, found: OwnOrCall) -> Lines | None:
    """Mean cost a month by volume, with today's volume and where the cheapest way changes."""
    reach = found.grid[-1]
    if not reach:
        return None
    able = [_cost(way, reach) for way in found.ways if way.limit is None or way.limit >= reach]
    tall = ROOM * max([*([min(able)] if able else []), *_switches(found), Decimal(0)])
    if not tall:
        return None
    winners = [each.way for each in found.cheapest]
    shown = [way for way in found.ways if _stays(way, reach, tall)]
    if not shown:
        return None
    shown.sort(key=lambda way: (way.key not in winners, figures_value(way.cost)))
    shown = shown[:MOST_LINES]
    scale = Scale.of([tall], case.currency)
    today = found.volume.value if isinstance(found.volume, Figure) else None
    first = found.way(_today_best(found, today))
    marks = [
        LineMark(each.start, say("{way} from here on", way=way.name))
        for each in found.cheapest
        if each.start and (way := found.way(each.way)) is not None and each.start <= reach
    ]
    if today is not None and today <= reach:
        stated = isinstance(found.volume, Figure) and found.volume.evidence < Evidence.MEASURED
        marks.append(LineMark(today, say("as planned") if stated else say("as measured")))
    left = [way.name for way in found.ways if way not in shown]
    dearer = say("Not drawn, for at most volumes they are far dearer: {ways}.", ways=", ".join(left))
    return Lines(
        title=_chart_title(found, today),
        subtitle=say("{unit} a month, on average, by units a month", unit=scale.unit),
        source=dearer if left else "",
        x_label=say("units a month ({unit})", unit=case.unit),
        lines=tuple(_line(way, reach, tall, scale, strong=way is first) for way in shown),
        marks=tuple(sorted(marks, key=lambda mark: mark.x)),
    )


def _chart_title(found: OwnOrCall, today: Decimal | None) -> str:
    """Where the cheapest way changes next."""
    ways = [each for each in found.cheapest if each.way is not None]
    if len(ways) < 2:
        only = found.way(ways[0].way) if ways else None
        return say("{way} costs least at any volume", way=only.name) if only else say("Cost by volume")
    after = next((each for each in ways[1:] if today is None or each.start > today), ways[-1])
    way = found.way(after.way)
    return say(
        "From {volume} units a month {way} costs least",
        volume=numbers.number(after.start),
        way=way.name if way else "",
    )


def _today_best(found: OwnOrCall, today: Decimal | None) -> str | None:
    if today is None:
        return None
    holding = [
        each for each in found.cheapest if each.start <= today and (each.end is None or today < each.end)
    ]
    return holding[0].way if holding else None


def _cost(way: WayToDo, volume: Decimal) -> Decimal:
    return way.fixed.amount + way.per_unit.amount * volume


def _switches(found: OwnOrCall) -> list[Decimal]:
    """What the cheapest way costs where another one takes over."""
    return [
        _cost(way, each.end)
        for each in found.cheapest
        if each.end is not None and (way := found.way(each.way)) is not None
    ]


def _line(way: WayToDo, reach: Decimal, tall: Decimal, scale: Scale, *, strong: bool) -> LineOf:
    """From no unit to where the way is full, or the drawing ends."""
    end = min(reach, _leaves(way, tall))
    words = ""
    if way.limit is not None and way.limit < end:
        end, words = way.limit, say("full")
    first, last = (scale.scaled(_cost(way, at)) for at in (Decimal(0), end))
    return LineOf(way.name, (LinePoint(Decimal(0), first), LinePoint(end, last, words)), strong=strong)


def _leaves(way: WayToDo, tall: Decimal) -> Decimal:
    """The volume at which its line leaves the drawing at the top."""
    if way.per_unit.amount <= 0:
        return Decimal("Infinity") if way.fixed.amount <= tall else Decimal(0)
    return max(Decimal(0), (tall - way.fixed.amount) / way.per_unit.amount)


def _stays(way: WayToDo, reach: Decimal, tall: Decimal) -> bool:
    """Whether its line is in the drawing for most of it, so that its name can stand at its end."""
    return _leaves(way, tall) >= reach * MOST_OF_IT


def _stretches(found: OwnOrCall) -> Table:
    return Table(
        title=say("Which way costs least, by volume"),
        subtitle=say("On average; how sure that is, at one volume within each stretch"),
        columns=(
            Column(say("units a month"), lead=True),
            Column(say("way")),
            Column(say("cheapest, of 100 futures"), figures=True),
        ),
        rows=tuple(_stretch(each, found) for each in found.cheapest),
    )


def _stretch(each: CheapestFor, found: OwnOrCall) -> Row:
    start = numbers.number(each.start)
    words = (
        say("{start} and more", start=start)
        if each.end is None
        else say("{start} to {end}", start=start, end=numbers.number(each.end))
    )
    way = found.way(each.way)
    if way is None:
        return Row((Cell(words, Tone.STRONG), Cell(say("no way here can do as many"), Tone.SOFT), Cell("")))
    chance = Cell(_of_hundred(each.chance), more=say("at {volume}", volume=numbers.number(each.at)))
    return Row((Cell(words, Tone.STRONG), Cell(way.name), chance))


def _pairs(found: OwnOrCall) -> Table:
    return Table(
        title=say("Where two ways cost the same"),
        subtitle=say(
            "Units a month; the second line holds 90 of 100 of those futures that have such a volume"
        ),
        columns=(
            Column(say("on average"), lead=True, free=True),
            Column(say("break-even"), figures=True),
            Column(say("there is one, of 100 futures"), figures=True),
        ),
        rows=tuple(_pair(each) for each in found.break_evens),
        folded=len(found.break_evens) > FOLDED_FROM,
    )


def _pair(each: BreakEvenVolume) -> Row:
    volume = Cell(say("none"), Tone.SOFT)
    ends = ""
    if each.low is not None and each.high is not None and each.low < each.high:
        ends = say("{low} to {high}", low=numbers.number(each.low), high=numbers.number(each.high))
    if each.volume is not None:
        volume = Cell(numbers.number(each.volume), more=ends)
    return Row((Cell(each.says), volume, Cell(_of_hundred(each.chance))))


def _how(found: OwnOrCall) -> tuple[str, ...]:
    """What the figures take for granted."""
    spread = say(
        "What is paid once is spread evenly over {months} months, without interest.", months=found.months
    )
    if found.discount_rate:
        spread = say(
            "What is paid once is spread over {months} months, with interest at {rate} a year.",
            months=found.months,
            rate=numbers.percent(found.discount_rate),
        )
    return (
        spread,
        say("Means are over futures: that of a measured way can differ a little from its figure above."),
        *found.notes,
    )
