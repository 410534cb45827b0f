"""Own or call: the measured ways of working and those declared as alternatives, side by side at any volume."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from payback import days
from payback.assessment import ArmResult, HeldHardware, TodayResult
from payback.assessor.context import Context
from payback.assessor.returns import Reader
from payback.assessor.returns.prospect import DAYS_A_MONTH, MONTHS
from payback.assessor.returns.rounding import as_money, plain, share, shown
from payback.assessor.returns.stated import MONEY, UNITS
from payback.assessor.unit_costs import Costed
from payback.locale import say, say_count
from payback.measures.draws import DRAWS
from payback.measures.economics.unit_cost import full_unit_cost
from payback.measures.ranges import Uncertain, between, known, mean, measured, median, quantile
from payback.measures.returns import own_or_call as measure
from payback.measures.returns.own_or_call import NOTHING, Compared, Crossing, Share, Stretch, Way
from payback.numbers import count as written_count
from payback.numbers import money, number, of_hundred
from payback.project import RESERVED_TODAY, Alternative, Project, StatedValue
from payback.records import Evidence, Figure, Interval, Unknown
from payback.returned import BreakEvenVolume, CheapestFor, OwnOrCall, WayToDo

TODAY = "today"
MOST_MEASURED = 8
"""Measured ways shown beside alternatives: the judged one, today's, and the cheapest others."""
NINETY = Decimal("0.90")


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found of a use case that its ways are held against each other with."""

    ways: Mapping[str, Costed]
    arms: Sequence[ArmResult]
    today: TodayResult | None
    judged: str | None
    hardware: Sequence[HeldHardware]
    looked_at: tuple[date, date]  # first day and day after the last that has data

    @property
    def months(self) -> Decimal:
        first, after = self.looked_at
        return Decimal((after - first).days) / DAYS_A_MONTH


@dataclass(frozen=True, slots=True)
class _Named:
    """A way with what a page says of it."""

    way: Way
    title: str
    kind: str
    evidence: Evidence


def own_or_call(project: Project, context: Context, reader: Reader, found: Found) -> OwnOrCall | None:
    """None where payback.toml names no alternative and no hardware is held.

    Raises PaybackError, with its place, for an alternative that cannot be read.
    """
    case = context.case
    if not case.alternatives and not found.hardware:
        return None
    said = case.returns
    months = (said.months if said else None) or project.returns.months or MONTHS
    rate = said.discount_rate if said is not None else None
    rate = rate if rate is not None else project.returns.discount_rate
    notes: list[str] = []
    shared = _today(found.today)
    ways = _measured(context, found, notes)
    ways += [_declared(context, reader, number_, each) for number_, each in enumerate(case.alternatives)]
    volume, figure = _volume(context, reader, found)
    notes += _of_hardware(found.hardware)
    if len(ways) < 2:
        if not case.alternatives:
            return None
        missing = Unknown(
            say("there is only one way to look at"),
            fix=say("list another under [[use_cases.{name}.alternatives]]", name=context.name),
        )
        return OwnOrCall(months, rate, figure, (), (), (), (), (), "", tuple(notes), missing)
    seed = zlib.crc32(f"{context.name}: own or call".encode())
    result = measure.compared(
        [each.way for each in ways],
        volume,
        months,
        rate=None if rate is None else float(rate),
        shared=shared,
        seed=seed,
    )
    return _result(context, ways, result, figure, months, rate, tuple(notes), seed)


def _today(today: TodayResult | None) -> dict[str, Uncertain]:
    """Today's cost of a unit: ways that redo work as today share one draw of it."""
    if today is None or not isinstance(today.unit_cost, Figure):
        return {}
    return {TODAY: _uncertain(today.unit_cost)}


def _uncertain(figure: Figure) -> Uncertain:
    """A figure within its range; a declared range is one somebody is 90 % sure of."""
    value, ends = float(figure.value), figure.interval
    if ends is None or ends.low is None or ends.high is None or ends.low == ends.high:
        return known(value)
    if ends.level is None:
        return between(float(ends.low), float(ends.high))
    return measured(value, float(ends.low), float(ends.high), float(ends.level))


def _measured(context: Context, found: Found, notes: list[str]) -> list[_Named]:
    """Ways of working with rows, and today's where it is only declared."""
    ways: list[_Named] = []
    today = found.today
    for arm in found.arms:
        if arm.role == TODAY:
            continue
        if isinstance(arm.full_unit_cost, Unknown):
            notes.append(say("{way} is left out: {reason}.", way=arm.title, reason=arm.full_unit_cost.reason))
            continue
        ways.append(_of_rows(found, arm, arm.full_unit_cost, notes))
    ways.sort(key=lambda each: (each.way.name != f"arm-{found.judged}", median(each.way.per_unit)))
    if len(ways) > MOST_MEASURED:
        gone = len(ways) - MOST_MEASURED
        notes.append(
            say_count(
                "{count} dearer way of working is left out.",
                "{count} dearer ways of working are left out.",
                gone,
            )
        )
        ways = ways[:MOST_MEASURED]
    if today is not None and isinstance(today.unit_cost, Figure):
        nothing = context.case.today is not None and context.case.today.nothing
        named = "" if today.title == RESERVED_TODAY else today.title
        title = say("as today, {title}", title=named) if named else say("as today")
        title = say("doing nothing, as today") if nothing else title
        kind = "nothing" if nothing else "people" if today.declared else "measured"
        evidence = Evidence.ESTIMATED if today.declared else today.unit_cost.evidence
        ways.append(_Named(Way(TODAY, carries=(Share(TODAY, 1.0),)), title, kind, evidence))
    return ways


def _of_rows(found: Found, arm: ArmResult, figure: Figure, notes: list[str]) -> _Named:
    """A measured way: what every task carries a share of is a cost a month, the rest is a cost a unit.

    What is redone as today is taken out and added with the draw of today's cost that all ways share.
    """
    way = found.ways[arm.arm]
    now = found.today.unit_cost if found.today is not None else None
    redone = float(1 - way.share)
    today = float(now.value) if isinstance(now, Figure) else 0.0
    fixed = sum((part.value for part in way.besides.parts if part.kind in {"shared", "hardware"}), Decimal(0))
    apart = float(fixed) + redone * today
    estimate = full_unit_cost(way.arm, (today, today), way.besides.ends)
    per_unit = known(float(figure.value) - apart)
    ends = None if isinstance(estimate, Unknown) else estimate.range
    if ends is not None and not isinstance(ends, Unknown) and ends.low is not None and ends.high is not None:
        low, high = min(ends.low, float(figure.value)), max(ends.high, float(figure.value))
        per_unit = measured(float(figure.value) - apart, low - apart, high - apart, ends.level or 0.95)
    else:
        notes.append(say("{way}: its unit cost has no range, so it is taken as known.", way=arm.title))
    a_month = known(float(fixed * way.work.tasks / found.months))
    limit = _limit(found, way) if arm.arm == found.judged else None
    carries = (Share(TODAY, redone),) if isinstance(now, Figure) else ()
    made = Way(f"arm-{arm.arm}", a_month=a_month, per_unit=per_unit, carries=carries, limit=limit)
    return _Named(made, arm.title, "measured", figure.evidence)


def _limit(found: Found, way: Costed) -> float | None:
    """Units a month if every hour paid were busy: the busiest pool is full first; None where that is not known."""
    busy = [pool.busy.value for pool in found.hardware if isinstance(pool.busy, Figure)]
    if not busy or len(busy) < len(found.hardware) or not max(busy):
        return None
    return float(way.work.tasks / found.months / max(busy))


def _declared(context: Context, reader: Reader, place: int, one: Alternative) -> _Named:
    """An alternative of payback.toml; what it does not give is nothing."""
    evidence = [Evidence.ESTIMATED]

    def part(key: str) -> Uncertain:
        stated: StatedValue | None = getattr(one, key)
        if stated is None:
            return NOTHING
        path = ("use_cases", context.name, "alternatives", place, key)
        read = reader.read(stated, path, key, one.name, MONEY)
        evidence.append(read.evidence)
        return read.what

    way = Way(
        f"alternative-{place + 1}",
        once=part("once"),
        a_month=part("a_month"),
        per_unit=part("per_unit"),
        loses_per_unit=part("loses_per_unit"),
        limit=None if one.most_a_month is None else float(one.most_a_month),
    )
    return _Named(way, one.name, one.kind, min(evidence))


def _volume(context: Context, reader: Reader, found: Found) -> tuple[Uncertain | None, Figure | Unknown]:
    """Units a month: as stated under returns, else as many as the judged way did."""
    said = context.case.returns.volume if context.case.returns is not None else None
    if isinstance(said, StatedValue):
        read = reader.read(
            said,
            ("use_cases", context.name, "returns", "volume"),
            "volume",
            say("units of work a month"),
            UNITS,
        )
        interval = None
        if not read.what.is_known:
            low, high = (Decimal(f"{quantile(read.what, end):.6g}") for end in (measure.LOW, measure.HIGH))
            interval = Interval(plain(low), plain(high), "declared", NINETY, say("as declared"))
        value = plain(Decimal(f"{mean(read.what):.6g}"))
        return read.what, _volume_figure(context, value, read.evidence, interval, "declared")
    if isinstance(said, tuple) and said:
        value = plain(shown(float(sum(said, Decimal(0)) / len(said))))
        return known(float(value)), _volume_figure(context, value, Evidence.ESTIMATED, None, "declared")
    way = found.ways.get(found.judged or "")
    if way is not None and way.work.tasks:
        value = plain(shown(float(way.work.tasks / found.months)))
        figure = _volume_figure(context, value, Evidence.MEASURED, None, "monthly-volume", way.work.tasks)
        return known(float(way.work.tasks / found.months)), figure
    return None, Unknown(
        say("how much work there is a month is not known"),
        fix=say("give `volume` under [use_cases.{name}.returns]", name=context.name),
    )


def _volume_figure(
    context: Context,
    value: Decimal,
    evidence: Evidence,
    interval: Interval | None,
    formula: str,
    tasks: int = 0,
) -> Figure:
    return Figure(
        name="units_a_month",
        value=value,
        unit="count",
        formula=formula,
        evidence=evidence,
        period=context.period,
        interval=interval,
        count=tasks or None,
        counted=say("units a month"),
        origins=context.sources.of("usage", "outcome") if tasks else (),
    )


def _of_hardware(held: Sequence[HeldHardware]) -> list[str]:
    """What must be said of hardware that is held already."""
    notes = [
        say(
            "{amount} for {pool} still falls due until {day}, whatever is chosen: leaving it before saves none of that.",
            amount=money(pool.falls_due.amount, pool.falls_due.currency),
            pool=pool.name,
            day=days.day(pool.due_until),
        )
        for pool in held
        if pool.falls_due is not None and pool.due_until is not None
    ]
    silent = [pool.name for pool in held if isinstance(pool.busy, Unknown)]
    if silent:
        notes.append(
            say(
                "How much more the hardware held could do is not known: no row says how busy {pools} was.",
                pools=", ".join(silent),
            )
        )
    return notes


def _result(
    context: Context,
    ways: Sequence[_Named],
    found: Compared,
    volume: Figure | Unknown,
    months: int,
    rate: Decimal | None,
    notes: tuple[str, ...],
    seed: int,
) -> OwnOrCall:
    names = {each.way.name: each.title for each in ways}
    evens = tuple(_break_even(each, names) for each in found.crossings)
    cheapest = tuple(_cheapest(each) for each in found.stretches)
    return OwnOrCall(
        months=months,
        discount_rate=rate,
        volume=volume,
        ways=tuple(_way(context, each, found, volume) for each in ways),
        break_evens=evens,
        cheapest=cheapest,
        grid=tuple(plain(shown(at)) for at in found.grid),
        chances=tuple((key, tuple(share(each) for each in found.chances[key])) for key in names),
        headline=_headline(context, found, names, volume, cheapest),
        notes=notes,
        draws=DRAWS,
        seed=seed,
    )


def _way(context: Context, each: _Named, found: Compared, volume: Figure | Unknown) -> WayToDo:
    key = each.way.name
    line, now = found.lines[key], found.today.get(key)
    cost: Figure | Unknown = Unknown(say("how much work there is a month is not known"))
    if now is not None and isinstance(volume, Figure):
        low, high = (plain(shown(end)) for end in (now.low, now.high))
        value = plain(shown(now.cost.value))
        ranged = low < high
        cost = Figure(
            name="monthly_cost",
            value=value,
            unit="money",
            formula="monthly-cost",
            evidence=min(each.evidence, volume.evidence),
            currency=context.currency,
            per=say("month"),
            interval=Interval(
                min(low, value), max(high, value), "simulated", NINETY, say("in 90 of 100 futures")
            )
            if ranged
            else None,
        )
    return WayToDo(
        key=key,
        name=each.title,
        kind=each.kind,
        evidence=each.evidence,
        fixed=as_money(line.fixed, context.currency),
        per_unit=as_money(line.slope, context.currency),
        limit=None if line.limit is None else plain(shown(line.limit)),
        cost=cost,
        cheapest=None if now is None else share(now.cheapest),
        too_many=None if now is None else share(now.too_many),
    )


def _break_even(found: Crossing, names: Mapping[str, str]) -> BreakEvenVolume:
    below, above = names[found.below], names[found.above]
    volume, low, high = (
        None if each is None else plain(shown(each)) for each in (found.volume, found.low, found.high)
    )
    if volume is not None:
        says = say(
            "Up to {volume} units a month {below} is cheaper, above that {above}.",
            volume=number(volume),
            below=below,
            above=above,
        )
        if found.beyond is not None:
            says += " " + say("But {way} cannot do as many.", way=names[found.beyond])
    elif found.always is None:
        says = say("{one} and {other} cost the same at any volume.", one=below, other=above)
    else:
        says = say(
            "No volume makes them even: {way} is cheaper than {other} at any.",
            way=names[found.always],
            other=below if found.always == found.above else above,
        )
    return BreakEvenVolume(
        found.below, found.above, volume, found.always, share(found.chance), low, high, says
    )


def _cheapest(found: Stretch) -> CheapestFor:
    end = None if found.end is None else plain(shown(found.end))
    return CheapestFor(plain(shown(found.start)), end, found.way, plain(shown(found.at)), share(found.chance))


def _headline(
    context: Context,
    found: Compared,
    names: Mapping[str, str],
    volume: Figure | Unknown,
    cheapest: Sequence[CheapestFor],
) -> str:
    """Which way costs least at today's volume, how sure that is, and where another one would."""
    if found.volume is None or isinstance(volume, Unknown):
        return say("How much work there is a month is not known: each way is shown by volume.")
    units = found.volume[0]
    able = {key: now for key, now in found.today.items() if found.lines[key].can(units)}
    if not able:
        return say("No way here can do {volume} units a month.", volume=number(volume.value))
    best = min(able, key=lambda key: able[key].cost.value)
    cost = money(as_money(able[best].cost.value, context.currency).amount, context.currency)
    if units == 0:
        first = say(
            "No unit is done a month: {way} then costs least, {cost} a month.", way=names[best], cost=cost
        )
    else:
        first = say(
            "At {volume} units a month {way} costs least: {cost} a month; it is the cheapest in {chance} futures.",
            volume=written_count(volume.value) if volume.value >= 100 else number(volume.value),
            way=names[best],
            cost=cost,
            chance=of_hundred(share(able[best].cheapest)),
        )
    over = next(
        (each for each in cheapest if each.start > Decimal(units) and each.way not in {best, None}), None
    )
    if over is not None and over.way is not None:
        first += " " + say(
            "On average {way} would from about {volume} on.",
            volume=written_count(plain(shown(float(over.start), 2))),
            way=names[over.way],
        )
    return first
