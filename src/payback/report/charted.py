"""Records -> the data of charts. Titles state the finding and count the marks that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from payback import days, numbers
from payback.assessment import ArmResult, Burn, Promise, SegmentRow, TodayResult, UseCaseResult
from payback.locale import say, say_count
from payback.measures.returns.burn_ahead import BurnAhead, RunwayAhead
from payback.numbers import Scale
from payback.records import Evidence, Figure, Money, Unknown
from payback.report import figures
from payback.report.page import (
    AheadMark,
    BurnLine,
    CostParts,
    DayMark,
    IntervalRow,
    Intervals,
    Mark,
    OutAndBack,
    Promised,
    SegmentLine,
    Segments,
    ShareMark,
    Single,
    Tone,
)

MOST_WAYS = 6
"""Ways of working drawn side by side; with more, nobody could read them."""


def out_and_back(
    cases: Sequence[UseCaseResult],
    out: Figure,
    parts: Sequence[tuple[Evidence, Money]],
    unassigned: Figure | None,
    scale: Scale,
) -> OutAndBack:
    """The strip that opens page one."""
    spent = [(case.title, case.out, case.back) for case in cases if isinstance(case.out, Figure)]
    marks = []
    if unassigned is not None and unassigned.value > 0:
        text = scale.short(unassigned.value)
        marks.append(Mark(say("no use case"), text, scale.scaled(unassigned.value), unassigned.evidence))
    for title, figure, back in sorted(spent, key=lambda one: -one[1].value):
        nothing = isinstance(back, Figure) and back.value == 0
        text = scale.short(figure.value)
        more = say("nothing back") if nothing else ""
        marks.append(Mark(title, text, scale.scaled(figure.value), figure.evidence, more))
    came = [(evidence, money.amount) for evidence, money in parts if evidence.counts_as_back]
    total = sum((amount for _, amount in came), Decimal(0))
    return OutAndBack(
        title="",
        subtitle="",
        source="",
        out=tuple(mark for mark in marks if mark.amount > 0),
        out_total=Mark(say("went out"), scale.short(out.value), scale.scaled(out.value)),
        back=tuple(
            Mark(evidence.word, scale.short(amount), scale.scaled(amount), evidence)
            for evidence, amount in came
            if amount != 0
        ),
        back_total=Mark(
            say("came back"),
            scale.short(total) if total else say("nothing"),
            scale.scaled(total),
        ),
    )


def promised(promise: Promise, scale: Scale) -> Promised:
    """What was promised, by how much of it is known."""
    parts = sorted(
        ((evidence, money.amount) for evidence, money in promise.parts if money.amount != 0), reverse=True
    )
    total = sum((amount for _, amount in parts), Decimal(0))
    places = scale.decimals([amount for _, amount in parts])
    said = scale.short(promise.said.amount)
    who = [say("Promised by {name}.", name=promise.by)] if promise.by else []
    if promise.source:
        who.append(say("From: {source}.", source=promise.source.rstrip(".")))
    return Promised(
        title=promise_title(promise, scale),
        subtitle=say("Value promised, by how it is known, {unit}", unit=scale.unit),
        source=" ".join(who),
        parts=tuple(
            Mark(
                _promise_word(evidence),
                scale.text(amount, places),
                scale.scaled(amount),
                evidence,
                numbers.percent(amount / total),
            )
            for evidence, amount in parts
        ),
        total=Mark(say("promised"), said, scale.scaled(promise.said.amount)),
    )


def promise_title(promise: Promise, scale: Scale) -> str:
    """How much of what was promised is a claim, or came back."""
    said, claimed = scale.short(promise.said.amount), only_claimed(promise)
    back = sum((money.amount for known, money in promise.parts if known.counts_as_back), Decimal(0))
    if claimed > 0:
        return say("Of {said} promised, {part} is still only a claim", said=said, part=scale.short(claimed))
    if back > promise.said.amount:
        return say("{said} was promised, {part} came back", said=said, part=scale.short(back))
    part = scale.short(back) if back else say("nothing")
    return say("Of {said} promised, {part} came back", said=said, part=part)


def only_claimed(promise: Promise) -> Decimal:
    """The part of a promise that nothing but somebody's word stands for."""
    return sum((money.amount for known, money in promise.parts if known is Evidence.CLAIMED), Decimal(0))


def _promise_word(evidence: Evidence) -> str:
    return say("only claimed") if evidence is Evidence.CLAIMED else evidence.word


def burn(title: str, burn: Burn, scale: Scale, coming: BurnAhead | None = None) -> BurnLine:
    """The money of one use case, day by day, against its own limit; with `coming`, what is forecast of it."""
    ahead = burn_ahead(coming, scale)
    points = _from_nothing([DayMark(point.day, scale.scaled(point.spent.amount)) for point in burn.points])
    last = burn.points[-1].day
    text = scale.short(burn.spent.amount)
    spent = DayMark(last, scale.scaled(burn.spent.amount), text)
    limit = _limit(burn, scale)
    crossed = _crossed(burn, scale)
    kept = _mark(say("would have kept"), burn.kept, scale) if crossed and burn.kept else None
    return BurnLine(
        title=_burn_title(title, burn, scale, text),
        subtitle=say(
            "Total spent since {month}, {unit}", month=days.month(burn.points[0].day), unit=scale.unit
        ),
        source=_burn_source(burn, scale, coming if ahead else None),
        unit=scale.unit,
        points=points,
        spent=spent,
        limit=limit,
        budget=_mark(say("budget"), burn.budget, scale) if burn.budget else None,
        crossed=crossed,
        kept=kept if kept and kept.amount > 0 else None,
        due=_due(burn, scale, spent),
        goes_on=None if ahead else _goes_on(burn, scale, spent),
        ahead=ahead,
    )


def burn_ahead(coming: BurnAhead | None, scale: Scale) -> tuple[AheadMark, ...]:
    """The forecast of all that is spent, by the end of each week or month; empty without one."""
    if coming is None or isinstance(coming.forecast, Unknown):
        return ()
    marks = []
    for each in coming.forecast.periods:
        middle = each.to_date.middle
        ends = {level: (low, high) for level, low, high in each.to_date.ends}
        inner, outer = (ends.get(Decimal(level), (middle, middle)) for level in ("0.8", "0.95"))
        low, high, lowest, highest = (scale.scaled(amount) for amount in (*inner, *outer))
        marks.append(AheadMark(each.until, scale.scaled(middle), low, high, lowest, highest))
    last = coming.forecast.periods[-1].to_date
    held = next(((low, high) for level, low, high in last.ends if level == Decimal("0.8")), None)
    words = say("{low} to {high}", low=scale.short(held[0]), high=scale.short(held[1])) if held else ""
    marks[-1] = replace(marks[-1], text=scale.short(last.middle), range=words)
    return tuple(marks)


def _from_nothing(points: list[DayMark]) -> tuple[DayMark, ...]:
    """The line begins at nothing: before the first month, or the first day, with money out."""
    first = points[0]
    if first.amount == 0:
        return tuple(points)
    ends_month = (first.day + timedelta(days=1)).day == 1
    before = first.day.replace(day=1) if ends_month else first.day - timedelta(days=1)
    return (DayMark(before, Decimal(0)), *points)


def _burn_title(title: str, burn: Burn, scale: Scale, text: str) -> str:
    if burn.crossed_on is not None:
        went_on = burn.spent_when_crossed is not None and burn.spent_when_crossed < burn.spent
        month = days.month(burn.crossed_on)
        if went_on:
            return say("{title} passed its own limit in {month} and went on", title=title, month=month)
        return say("{title} passed its own limit in {month}", title=title, month=month)
    if burn.undecided:
        return say("{title} may have passed its own limit", title=title)
    if burn.budget is not None:
        left = burn.budget.amount - burn.spent.amount
        amount = scale.short(abs(left))
        if left < 0:
            return say("{title} spent {amount} more than its budget", title=title, amount=amount)
        return say("{title} has {amount} of its budget left", title=title, amount=amount)
    if burn.kill_line is not None and burn.spent <= burn.kill_line:
        below = scale.short(burn.kill_line.amount - burn.spent.amount)
        return say("{title} is {amount} below its own limit", title=title, amount=below)
    return say("{title} spent {amount}", title=title, amount=text)


def _burn_source(burn: Burn, scale: Scale, coming: BurnAhead | None) -> str:
    lines = []
    if burn.undecided:
        lines.append(say("Whether the limit was passed hangs on results nobody has checked."))
    if burn.crossed_on is not None and burn.kept is not None:
        lines.append(say("Kept: spent since that day, less what was already under contract then."))
    for what, money, until in burn.falls_due_for:
        amount = scale.short(money.amount)
        lines.append(
            say("Falls due: {amount} for {what}, to {day}.", what=what, amount=amount, day=days.day(until))
        )
    if coming is not None:
        lines.append(
            say(
                "Goes on: the middle of many futures drawn from how past weeks or months followed each other; the darker "
                "band holds 8 of 10 of them, the lighter one 19 of 20. It takes spending to go on as it did."
            )
        )
        if isinstance(coming.runway, RunwayAhead):
            lines.append(coming.runway.says)
    elif burn.monthly is not None and burn.monthly.amount > 0:
        lines.append(say("Goes on: the mean of the last three months, estimated."))
    if burn.saved_a_month is not None and burn.saved_a_month.amount > 0:
        lines.append(say("Stopping saves {amount} a month.", amount=scale.short(burn.saved_a_month.amount)))
    return " ".join(lines)


def _limit(burn: Burn, scale: Scale) -> Mark | None:
    if burn.kill_line is None:
        return None
    text = scale.short(burn.kill_line.amount)
    needs = ""
    if burn.crossed_on is not None:
        needs = say("too few results by then")
    elif burn.unless_accepted:
        needs = say_count(
            "unless {shown} accepted",
            "unless {shown} accepted",
            burn.unless_accepted,
            shown=numbers.count(burn.unless_accepted),
        )
    return Mark(say("limit {amount}", amount=text), text, scale.scaled(burn.kill_line.amount), more=needs)


def _crossed(burn: Burn, scale: Scale) -> DayMark | None:
    if burn.crossed_on is None:
        return None
    at = burn.spent_when_crossed or burn.kill_line
    if at is None:
        return None
    return DayMark(burn.crossed_on, scale.scaled(at.amount), scale.short(at.amount))


def _mark(label: str, money: Money, scale: Scale) -> Mark:
    return Mark(label, scale.short(money.amount), scale.scaled(money.amount))


def _due(burn: Burn, scale: Scale, spent: DayMark) -> DayMark | None:
    if burn.falls_due.amount <= 0 or burn.falls_due_until is None:
        return None
    text = scale.short(burn.falls_due.amount)
    return DayMark(burn.falls_due_until, spent.amount + scale.scaled(burn.falls_due.amount), text)


def _goes_on(burn: Burn, scale: Scale, spent: DayMark) -> DayMark | None:
    if burn.monthly is None or burn.monthly.amount <= 0:
        return None
    months = 6
    month = spent.day.month - 1 + months
    until = spent.day.replace(year=spent.day.year + month // 12, month=month % 12 + 1, day=1)
    return DayMark(
        until, spent.amount + scale.scaled(burn.monthly.amount) * months, scale.short(burn.monthly.amount)
    )


def intervals(
    case: UseCaseResult, name: str, per: str, values: Sequence[tuple[ArmResult, Figure | Unknown]]
) -> Intervals | None:
    """One band per way of working, by name, and one tick for today. None where nothing is known."""
    known = [(arm, figure) for arm, figure in values if isinstance(figure, Figure)]
    if not known:
        return None
    today = case.today.unit_cost if case.today else None
    tick = today.value if isinstance(today, Figure) else None
    places = numbers.decimals_for([*(figure.value for _, figure in known), tick])
    alike = len({arm.tasks for arm, _ in values}) == 1
    rows = [_interval_row(arm, figure, case.today, places, counted=not alike) for arm, figure in values]
    cheaper = sum(row.tone is Tone.ACCENT for row in rows)
    dearer = sum(row.tone is Tone.ALARM for row in rows)
    return Intervals(
        title=_interval_title(
            name, cheaper, dearer, sum(row.value is not None and row.says != "" for row in rows)
        ),
        subtitle=_interval_subtitle(case.currency, per, rows, values[0][0].tasks if alike else None),
        source=_interval_source(case.today, places),
        rows=tuple(rows),
        band_label=say("with the AI"),
        today_label=say("as today") if tick is not None else "",
        today_text=numbers.number(tick, places) if tick is not None else "",
        unit=case.currency,
    )


def _interval_title(name: str, cheaper: int, dearer: int, shown: int) -> str:
    if cheaper == dearer == 0:
        return say("{name}, by way of working", name=name)
    if shown == 1:
        return say("Cheaper than as today") if cheaper else say("Dearer than as today")
    if cheaper == shown:
        return say("All {all} ways of working are cheaper than as today", all=shown)
    if dearer == 0:
        return say_count(
            "{count} of {all} ways of working is cheaper than as today",
            "{count} of {all} ways of working are cheaper than as today",
            cheaper,
            all=shown,
        )
    if cheaper == 0:
        return say_count(
            "{count} of {all} ways of working is dearer than as today",
            "{count} of {all} ways of working are dearer than as today",
            dearer,
            all=shown,
        )
    return say(
        "Of {all} ways of working, cheaper than as today: {cheaper}; dearer: {dearer}",
        all=shown, cheaper=cheaper, dearer=dearer,
    )  # fmt: skip


def _interval_subtitle(currency: str, per: str, rows: Sequence[IntervalRow], tasks: int | None) -> str:
    unit = say("{currency} per {per}", currency=currency, per=per)
    if tasks is not None and len(rows) > 1:
        unit = say("{unit}, {count} tasks each", unit=unit, count=numbers.count(tasks))
    if any(len(row.bands) > 1 for row in rows):
        return say("{unit}; bands hold 50, 80 and 95 of 100 likely values", unit=unit)
    return say("{unit}; the band is the 95 % range", unit=unit)


def _interval_source(today: TodayResult | None, places: int) -> str:
    if today is None or isinstance(today.unit_cost, Unknown):
        return say("What the work costs as today is not known, so nothing is called cheaper or dearer.")
    text = figures.written(today.unit_cost, None, places)
    amount = f"{text.value} ({text.ranged})" if text.range else text.value
    said = say("declared, not from rows") if today.declared else say("from rows")
    lines = [say("As today {amount}, {known}.", amount=amount, known=said)]
    lines.append(
        say(
            "The full cost holds today's cost for what is not accepted, so both move together. "
            "Cheaper is therefore said only where the whole range of what one accepted result costs, all in, "
            "lies below the whole range of today's cost; dearer only where it lies above."
        )
    )
    return " ".join(lines)


def _interval_row(
    arm: ArmResult,
    found: Figure | Unknown,
    today: TodayResult | None,
    places: int,
    *,
    counted: bool,
) -> IntervalRow:
    more = ""
    if counted:
        more = say_count("{count} task", "{count} tasks", arm.tasks) if arm.tasks < 1000 else say("{count} tasks", count=numbers.count(arm.tasks))  # fmt: skip
    if isinstance(found, Unknown):
        reason = say("not known: {reason}", reason=found.reason)
        return IntervalRow(arm.title, more, say("not known"), "", None, (), None, reason, Tone.SOFT)
    text = figures.written(found, None, places)
    says, tone = against_today(arm, today)
    tick = today.unit_cost if today is not None else None
    return IntervalRow(
        arm.title,
        more,
        text.value,
        text.range,
        found.value,
        figures.bands(found),
        tick.value if isinstance(tick, Figure) else None,
        says,
        tone,
        judged=arm.role == "ai",
    )


def against_today(arm: ArmResult, today: TodayResult | None) -> tuple[str, Tone]:
    """Cheaper or dearer than today, only where the range of an accepted result's cost and today's do not meet.

    The full cost would mislead: it holds today's cost for all that is redone, so both move together.
    The AI's way is cheaper exactly where today costs more than its accepted result, all in
    (docs/formulas.md, "break-even-today").
    """
    if today is None or today.arm == arm.arm or isinstance(today.unit_cost, Unknown):
        return "", Tone.PLAIN
    each = arm.cost_per_accepted
    if isinstance(each, Unknown):
        return say("not decided"), Tone.PLAIN
    declared = today.unit_cost.formula == "declared"  # one number declared is its own range
    if each.interval is None or (today.unit_cost.interval is None and not declared):
        return say("no range, so not compared"), Tone.SOFT
    low, high = _ends(each)
    today_low, today_high = _ends(today.unit_cost)
    if high is not None and today_low is not None and high < today_low:
        return say("cheaper"), Tone.ACCENT
    if low is not None and today_high is not None and low > today_high:
        return say("dearer"), Tone.ALARM
    return say("not decided"), Tone.PLAIN


def _ends(figure: Figure) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most, by chance and by what is missing."""
    low: Decimal | None = figure.value
    high: Decimal | None = figure.value
    for range_ in (figure.interval, figure.bounds):
        if range_ is None:
            continue
        low = None if range_.low is None or low is None else min(low, range_.low)
        high = None if range_.high is None or high is None else max(high, range_.high)
    return low, high


def cost_parts(case: UseCaseResult, arm: ArmResult) -> CostParts | None:
    """The full cost of one unit as parts that add up. None where a part or the total is not known."""
    parts = [(part.name, part.figure) for part in arm.parts if isinstance(part.figure, Figure)]
    total = arm.full_unit_cost
    if isinstance(total, Unknown) or not parts or len(parts) < len(arm.parts):
        return None
    today = case.today.unit_cost if case.today else None
    places = numbers.decimals_for([total.value, *(figure.value for _, figure in parts)])
    drawn = tuple(_part(name, figure, places) for name, figure in parts)
    largest = max(drawn, key=lambda mark: mark.amount)
    whole = figures.written(total, None, places)
    return CostParts(
        title=say(
            "{part} is the largest part: {amount} of {total}",
            part=_capital(largest.label),
            amount=largest.text,
            total=whole.value,
        ),
        subtitle=say(
            "Full cost per {per}, {tasks} tasks, {currency}, with ranges",
            per=case.unit,
            tasks=numbers.count(arm.tasks),
            currency=case.currency,
        ),
        source=say(
            "Solid: in the accounts or billed. Tint: measured. Hatched: estimated. "
            "A part made of a measured share and an estimated cost counts as estimated."
        ),
        unit=case.currency,
        parts=drawn,
        total=Mark(say("with the AI, all in"), whole.value, total.value, total.evidence, whole.range),
        bands=figures.bands(total),
        today=_today_mark(case.today, today, places) if case.today and isinstance(today, Figure) else None,
        today_low=today.interval.low if isinstance(today, Figure) and today.interval else None,
        today_high=today.interval.high if isinstance(today, Figure) and today.interval else None,
        today_known=_today_known(case.today, today),
        says=_less(arm, total, case.today, places),
        single=_single(arm, places),
    )


def _single(arm: ArmResult, places: int) -> Single | None:
    """Single units differ much more than their mean is uncertain: eight of ten lie between these."""
    if arm.single is None:
        return None
    low, middle, high = arm.single.low, arm.single.middle, arm.single.high
    return Single(
        low,
        middle,
        high,
        say(
            "8 of 10 cost {low} to {high}, half of them at most {middle}",
            low=numbers.number(low, places),
            middle=numbers.number(middle, places),
            high=numbers.number(high, places),
        ),
    )


def _part(name: str, figure: Figure, places: int) -> Mark:
    text = figures.written(figure, None, places)
    return Mark(name, text.value, figure.value, figure.evidence, text.range)


def _today_mark(said: TodayResult, today: Figure, places: int) -> Mark:
    text = figures.written(today, None, places)
    name = say("as today, {title}", title=said.title) if said.title else say("as today")
    return Mark(name, text.value, today.value, today.evidence, text.range)


def _today_known(said: TodayResult | None, today: Figure | Unknown | None) -> str:
    if said is None or not isinstance(today, Figure):
        return ""
    who = next((origin.note for origin in today.origins if origin.note), "")
    known = say("{known}: {who}", known=today.evidence.word, who=who) if said.declared and who else ""
    known = known or today.evidence.word
    level = figures.level_of(today.interval)
    return f"{known}, {level}" if level else known


def _less(arm: ArmResult, total: Figure, said: TodayResult | None, places: int) -> str:
    """The distance of the two marks, where it is decided which of them is cheaper."""
    today = said.unit_cost if said is not None else None
    tone = against_today(arm, said)[1]
    if not isinstance(today, Figure) or total.value == today.value or tone not in {Tone.ACCENT, Tone.ALARM}:
        return ""
    amount = numbers.number(abs(today.value - total.value), places)
    weak = today.evidence < Evidence.MEASURED
    if total.value < today.value:
        return (
            say("{amount} less, if today's estimate holds", amount=amount)
            if weak
            else say("{amount} less", amount=amount)
        )
    return say("loses {amount} a unit", amount=amount)


def segments(name: str, rows: Sequence[SegmentRow], arms: Sequence[ArmResult]) -> Segments:
    """Share of accepted results by segment; ways of working by name.

    Where there are many, only the one judged and today's are drawn; the others are figures.
    """
    ordered = sorted(arms, key=lambda arm: arm.title.casefold())
    source = say("Ways of working stand by name, not by result.")
    if len(ordered) > MOST_WAYS:
        rest = len(ordered)
        ordered = [arm for arm in ordered if arm.role != "other"] or ordered[:MOST_WAYS]
        rest -= len(ordered)
        source = say("{count} other ways of working stand under How each figure is known.", count=rest)
    lines = tuple(_segment_line(row, ordered) for row in rows)
    shares = [mark.share for line in lines for mark in line.marks if mark.share is not None]
    warned = sum(bool(line.warning) for line in lines)
    if warned:
        of = len(lines)
        title = say_count(
            "In {count} of {all} kinds of task the whole misleads",
            "In {count} of {all} kinds of task the whole misleads",
            warned,
            all=of,
        )
    elif shares:
        low, high = numbers.number(min(shares), 0), numbers.number(max(shares), 0)
        title = say("By {name}, from {low} to {high} of 100 are accepted", name=name, low=low, high=high)
    else:
        title = say("Accepted, by {name}", name=name)
    return Segments(
        title=title,
        subtitle=say("Accepted results of 100 checked, by {name}; the line is the 95 % range", name=name),
        source=source,
        ways=tuple(arm.title for arm in ordered),
        lines=lines,
    )


def _segment_line(row: SegmentRow, arms: Sequence[ArmResult]) -> SegmentLine:
    cells = {cell.arm: cell for cell in row.cells}
    marks = []
    for arm in arms:
        cell = cells.get(arm.arm)
        if cell is None or isinstance(cell.share, Unknown):
            marks.append(ShareMark(None, None, None, say("none checked"), ""))
            continue
        share, interval = cell.share.value, cell.share.interval
        text = say(
            "{solved} of {checked}",
            solved=numbers.short(cell.solved)
            if cell.solved != cell.solved.to_integral_value()
            else numbers.count(cell.solved),
            checked=numbers.count(cell.checked),
        )
        marks.append(
            ShareMark(
                share * 100,
                None if interval is None or interval.low is None else interval.low * 100,
                None if interval is None or interval.high is None else interval.high * 100,
                text,
                "" if interval is None else numbers.hundredths_spread(interval, 0),
            )
        )
    return SegmentLine(
        row.value, say("{count} tasks", count=numbers.count(row.tasks)), tuple(marks), row.reversal
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
