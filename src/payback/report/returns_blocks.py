"""What lies ahead of a use case, as blocks: when the money is back, what moves it, what to measure, what else to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, Decimal

from payback import days, numbers
from payback.assessment import Promise, UseCaseResult
from payback.foretold import Track
from payback.locale import say, say_count
from payback.numbers import Scale
from payback.records import Evidence, Figure, Interval, Unknown
from payback.report.page import Block, Cell, Column, Layout, Note, Row, Section, Table, Tone
from payback.report.page_returns import (
    Bridge,
    BridgeStep,
    Came,
    Fan,
    FanBand,
    FanLimit,
    MeasureNext,
    PathPoint,
    QuantileDots,
    Tornado,
    TornadoBar,
    dots_title,
    fan_title,
)
from payback.report.returns_inputs import FOLDED_FROM, input_words, inputs, said_note, vendor_note
from payback.report.shelf import Shelf
from payback.returned import Measurement, Moved, Returns


def sections(case: UseCaseResult, shelf: Shelf, tracks: Sequence[Track] = ()) -> tuple[Section, ...]:
    """Everything of one use case that lies ahead, in the order a reader asks; nothing where nothing is stated."""
    found = case.returns
    if found is None:
        return ()
    scale = _scale(found)
    if not found.is_known:
        return (Section((_unknown(found, shelf),)), *inputs(found))
    charts = [block for block in (_dots(found), _fan(case, found, scale)) if block is not None]
    return (
        Section((_summary(found, scale, shelf),)),
        *([Section((said,))] if (said := said_note(found, tracks)) is not None else []),
        *([Section(tuple(charts), Layout.PAIR if len(charts) > 1 else Layout.FULL)] if charts else []),
        *([Section((_tornado(found, scale),))] if found.moved else []),
        Section((measure_next(found),), Layout.BOX),
        *([Section((_knowing(found),))] if found.knowing else []),
        Section((_choices(found, scale),)),
        *([Section((_risks(found, scale),))] if found.risks else []),
        *([Section((note,))] if (note := vendor_note(found)) is not None else []),
        Section((_years(found, scale),)),
        *inputs(found),
    )


def _scale(found: Returns) -> Scale:
    amounts = [found.as_assessed, *(point.amount for point in (*found.history, *found.path))]
    if isinstance(found.worth, Figure):
        amounts.append(found.worth.value)
    return Scale.of(amounts, found.currency)


def worth_words(amount: Decimal, currency: str) -> str:
    """A gain or a loss of money in words, never a bare minus."""
    written = numbers.money(abs(amount), currency)
    return say("loses {amount}", amount=written) if amount < 0 else say("gains {amount}", amount=written)


def answer(found: Returns) -> str:
    """What lies ahead, in a sentence for the top of a page; empty where it is not known."""
    if not isinstance(found.worth, Figure) or not isinstance(found.loss, Figure):
        if isinstance(found.share_needed, Figure):
            return say(
                "It pays if {share} of what is saved turns into money, over {months} months.",
                share=numbers.of_hundred(found.share_needed.value),
                months=found.months,
            )
        return ""
    worth = worth_words(found.worth.value, found.currency)
    back = sum(dot is not None for dot in found.dots)
    if not found.dots:
        return ""
    if isinstance(found.back_in, Figure) and back == len(found.dots):
        return say(
            "Going on {worth} over {months} months, on average; the money is back by month {month} in half of "
            "the futures.",
            worth=worth, months=found.months, month=numbers.fixed(found.back_in.value, 0, ROUND_CEILING),
        )  # fmt: skip
    return say(
        "Going on {worth} over {months} months, on average; the money comes back in {back} of {all} futures.",
        worth=worth, months=found.months, back=back, all=len(found.dots),
    )  # fmt: skip


def in_short(found: Returns | None) -> str:
    """By when it pays, for a line of page one; empty where that is not known."""
    if found is None:
        return ""
    if not found.dots:
        if isinstance(found.share_needed, Figure):
            return say(
                "Pays if {share} of what is saved turns into money.",
                share=numbers.of_hundred(found.share_needed.value),
            )
        return ""
    best = found.best
    if best is not None and (best.months_waited or best.key == "pilot") and best.worth.amount > 0:
        return say(
            "{choice}: {gains} on average, loses in {parts} of 100 futures.",
            choice=f"{best.label[0].upper()}{best.label[1:]}",
            gains=worth_words(best.worth.amount, found.currency),
            parts=numbers.hundredths(best.loss),
        )
    paid = [dot for dot in found.dots if dot is not None]
    most = len(found.dots) * 9 // 10
    if len(paid) >= most:
        month = numbers.fixed(paid[most - 1], 0, ROUND_CEILING)
        return say(
            "Pays by month {month} in {paid} of {all} futures.", month=month, paid=most, all=len(found.dots)
        )
    if not paid:
        return say("Pays back in none of {all} futures.", all=len(found.dots))
    return say("Pays back in {paid} of {all} futures.", paid=len(paid), all=len(found.dots))


def _unknown(found: Returns, shelf: Shelf) -> Block:
    """Why nothing can be said of what lies ahead, and which share would have to turn into money."""
    reason, fix = "", ""
    if isinstance(found.worth, Unknown):
        reason, fix = found.worth.reason, found.worth.fix
    lines = [_sentence(reason)]
    if isinstance(found.share_needed, Figure):
        shelf.put(say("Share of what is saved that must turn into money"), found.share_needed)
        lines.insert(0, _needed(found.share_needed, found.months))
    elif isinstance(found.share_needed, Unknown):
        lines.insert(0, _sentence(found.share_needed.reason))
    if fix:
        lines.append(_sentence(fix))
    return Note(say("What lies ahead"), tuple(line for line in lines if line))


def _needed(figure: Figure, months: int) -> str:
    text = say(
        "It pays over {months} months if {share} of what is saved turns into money",
        months=months,
        share=numbers.of_hundred(figure.value),
    )
    shown = figure.interval
    if shown is not None and shown.low is not None and shown.high is not None:
        text += say(
            " ({low} to {high} in 9 of 10 futures)",
            low=numbers.hundredths(shown.low, 0),
            high=numbers.hundredths(shown.high, 0),
        )
    return f"{text}."


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}." if text else ""


def _summary(found: Returns, scale: Scale, shelf: Shelf) -> Table:
    """The figures of what lies ahead."""
    rows = []

    def add(label: str, figure: Figure | Unknown, text: str, more: str = "") -> None:
        key = shelf.put(label, figure, scale if isinstance(figure, Figure) and figure.currency else None)
        evidence = figure.evidence if isinstance(figure, Figure) else None
        rows.append(
            Row((Cell(label, Tone.STRONG), Cell(text, evidence=evidence, opens=key), Cell(more, Tone.SOFT)))
        )

    worth = found.worth
    assert isinstance(worth, Figure)  # noqa: S101  asked by the caller
    over = say("Going on instead of stopping now, over {months} months", months=found.months)
    add(over, worth, _signed(worth.value, scale), _ends(worth.interval, lambda end: _signed(end, scale)))
    if isinstance(found.loss, Figure):
        add(say("Futures in which going on loses"), found.loss, numbers.of_hundred(found.loss.value))
    back = say("Month in which everything spent is back")
    if isinstance(found.back_in, Figure):
        add(
            back, found.back_in, say("half by month {month}", month=numbers.fixed(found.back_in.value, 0, ROUND_CEILING)),
            _ends(found.back_in.interval, lambda end: numbers.fixed(end, 0, ROUND_CEILING), never=True),
        )  # fmt: skip
    else:
        add(back, found.back_in, say("not known"), found.back_in.reason)
    if isinstance(found.share_needed, Figure):
        label = say("Share of what is saved that must turn into money")
        shown = found.share_needed
        add(
            label,
            shown,
            numbers.of_hundred(shown.value),
            _ends(shown.interval, lambda end: numbers.hundredths(end, 0)),
        )
    if isinstance(found.rate, Figure):
        label = say("Rate of return a year from here on")
        rate = found.rate
        add(label, rate, numbers.percent(rate.value), _ends(rate.interval, numbers.percent))
    else:
        shelf.put(say("Rate of return a year from here on"), found.rate)
    if found.falls_due.amount:
        rows.append(
            Row(
                (
                    Cell(say("Falls due even if it stops now"), Tone.STRONG),
                    Cell(scale.text(found.falls_due.amount)),
                    Cell(say("under contract, in both cases"), Tone.SOFT),
                )
            )
        )
    if found.stopping.amount:
        stops = found.stopping.amount
        label = say("Stopping itself brings") if stops > 0 else say("Stopping itself costs")
        rows.append(Row((Cell(label, Tone.STRONG), Cell(scale.text(abs(stops))), Cell(""))))
    notes = [_sentence(note) for note in found.notes]
    discount = (
        say("discounted at {rate} a year", rate=numbers.percent(found.discount_rate))
        if found.discount_rate is not None
        else say("not discounted")
    )
    return Table(
        say("What lies ahead"),
        say(
            "From {day}, {unit}, {discount}; {draws} simulated futures; what was spent before is not in it",
            day=days.day(found.start), unit=scale.unit, discount=discount, draws=numbers.count(found.draws),
        ),
        (Column("", lead=True), Column(say("on average"), figures=True), Column(say("9 of 10 futures"), free=True)),
        tuple(rows),
        source=" ".join(notes),
        marks=True,
    )  # fmt: skip


def _signed(amount: Decimal, scale: Scale) -> str:
    written = scale.text(abs(amount))
    if amount == 0:
        return written
    return say("loses {amount}", amount=written) if amount < 0 else say("gains {amount}", amount=written)


def _ends(shown: Interval | None, written: Callable[[Decimal], str], *, never: bool = False) -> str:
    if shown is None or shown.low is None:
        return ""
    if shown.high is None:
        return (
            say("{low} to never", low=written(shown.low))
            if never
            else say("{low} or more", low=written(shown.low))
        )
    return say("{low} to {high}", low=written(shown.low), high=written(shown.high))


def _dots(found: Returns) -> QuantileDots | None:
    if not found.dots:
        return None
    horizon = int(found.now) + found.months
    by = 12 if found.now < 12 and horizon > 12 else min(horizon, 12 * (int(found.now) // 12 + 1))
    return QuantileDots(
        title=dots_title(found.dots, by),
        subtitle=say(
            "Month in which the money is back, counted from the first money out; each dot is 1 future in {count}",
            count=len(found.dots),
        ),
        source=say(
            "{count} equally likely futures drawn from the ranges below. Open dots never pay back within {months} "
            "months.",
            count=len(found.dots), months=horizon,
        ),
        dots=found.dots,
        horizon=horizon,
        by=by,
    )  # fmt: skip


def _fan(case: UseCaseResult, found: Returns, scale: Scale) -> Fan | None:
    if len(found.path) < 2:
        return None
    levels = [level for level, _, _ in found.path[0].ends]
    months = tuple(point.month for point in found.path)
    middle = tuple(scale.scaled(point.amount) for point in found.path)
    bands = tuple(
        FanBand(
            level,
            tuple(scale.scaled(point.ends[place][1]) for point in found.path),
            tuple(scale.scaled(point.ends[place][2]) for point in found.path),
        )
        for place, level in enumerate(levels)
    )
    so_far = ""
    if found.history and found.history[-1].amount:
        last = found.history[-1].amount
        amount = scale.short(abs(last))
        so_far = (
            say("{amount} out so far", amount=amount)
            if last < 0
            else say("{amount} back so far", amount=amount)
        )
    line = None
    burn = case.burn
    met = burn is not None and burn.points[-1].accepted >= (burn.unless_accepted or 0)
    if burn is not None and burn.kill_line is not None and burn.crossed_on is None and not met:
        limit = burn.kill_line.amount
        line = FanLimit(-scale.scaled(limit), say("its own limit, {amount} out", amount=scale.short(limit)))
    past = (
        say("To month {month} from the rows, then simulated: the same futures as in the dots.",
            month=numbers.number(found.now, 0))
        if found.history
        else say("Simulated: the same futures as in the dots.")
    )  # fmt: skip
    return Fan(
        title=fan_title(months, middle),
        subtitle=say(
            "Money back less money out, {unit}; bands hold 50, 80 and 95 of 100 futures", unit=scale.unit
        ),
        source=past,
        history=tuple(PathPoint(point.month, scale.scaled(point.amount)) for point in found.history),
        months=months,
        middle=middle,
        bands=bands,
        so_far=so_far,
        kill_line=line,
    )


def _tornado(found: Returns, scale: Scale) -> Tornado:
    flips = sum(each.flips for each in found.moved)
    title = (
        say_count(
            "{count} input alone can turn gain into loss",
            "{count} inputs can each turn gain into loss",
            flips,
        )
        if flips
        else say("No input alone turns gain into loss, or loss into gain")
    )
    base = found.as_assessed or Decimal(0)
    return Tornado(
        title=title,
        subtitle=say(
            "What going on is worth over {months} months when one input moves over its 90 % range and the rest stay, "
            "{unit}",
            months=found.months, unit=scale.unit,
        ),
        source=say(
            "The mean over all futures, in the table above, lies elsewhere where bad surprises cost more than good ones bring. "
            "Filled by how the input is known: outline claimed, hatched estimated, tint measured, solid billed or in "
            "the accounts. Beside each bar: the input at that end."
        ),
        bars=tuple(_bar(each, found, scale) for each in found.moved),
        as_assessed=scale.scaled(base),
        as_assessed_text=say("every input at its middle, {worth}", worth=_signed(base, scale)),
    )  # fmt: skip


def _bar(each: Moved, found: Returns, scale: Scale) -> TornadoBar:
    return TornadoBar(
        each.label,
        scale.scaled(each.worth_at_low),
        scale.scaled(each.worth_at_high),
        each.low_words or input_words(each.low, each.unit, found.currency),
        each.high_words or input_words(each.high, each.unit, found.currency),
        each.evidence,
        each.flips,
    )


def measure_next(found: Returns) -> MeasureNext:
    """The one thing to measure before deciding, or that there is none."""
    title = say("Measure next")
    if not found.measure_next:
        return MeasureNext(
            title,
            say("Nothing that could be measured would change the decision."),
            say(
                "Whatever it turned out to be within its range, going on would stay as good or as bad a choice."
            ),
        )
    first, *rest = found.measure_next
    says, strong = _costs_and_worth(first)
    if first.why:
        says = f"{says}: {first.why}."
    more = tuple(f"{each.what}. {_costs_and_worth(each)[0]}." for each in rest)
    best = found.best
    if best is not None and best.key not in {"go_on", "stop"}:
        more = (
            say(
                "Worth between going on now and stopping; on average it is best to {choice}.",
                choice=best.label,
            ),
            *more,
        )
    return MeasureNext(title, f"{first.what}.", says, more[:3], strong)


def _knowing(found: Returns) -> Table:
    """What it would be worth to know each input, and groups of them."""
    scale = Scale.of([each.worth.amount for each in found.knowing], found.currency)
    return Table(
        say("What it would be worth to know"),
        say(
            "At most, to this decision, {unit}; what several are worth together is no sum of these",
            unit=scale.unit,
        ),
        (Column("", lead=True), Column(say("worth up to"), figures=True), Column(say("known today"))),
        tuple(
            Row(
                (
                    Cell(each.label),
                    Cell(scale.text(each.worth.amount)),
                    Cell(each.evidence.word if each.evidence is not None else "", evidence=each.evidence),
                )
            )
            for each in found.knowing
        ),
        folded=len(found.knowing) > FOLDED_FROM,
    )


def _costs_and_worth(each: Measurement) -> tuple[str, tuple[str, ...]]:
    worth = numbers.money(each.worth.amount, each.worth.currency)
    if each.costs is None:
        return say("Worth up to {worth} to this decision", worth=worth), (worth,)
    costs = numbers.money(each.costs.amount, each.costs.currency)
    text = say("Costs about {costs}, worth up to {worth}", costs=costs, worth=worth)
    if not each.pays:
        text = say("Costs about {costs}, worth only up to {worth}", costs=costs, worth=worth)
    return text, (costs, worth)


def _choices(found: Returns, scale: Scale) -> Table:
    best = max(found.choices, key=lambda each: each.worth.amount)
    rows = tuple(
        Row(
            (
                Cell(each.label, Tone.STRONG if each.key == best.key else Tone.PLAIN),
                Cell(
                    _signed(each.worth.amount, scale)
                    if each.key != "stop"
                    else say("nothing more, nothing less")
                ),
                Cell(numbers.of_hundred(each.loss) if each.key != "stop" else ""),
                Cell(scale.text(each.regret.amount)),
                Cell(scale.text(each.regret_high.amount)),
            )
        )
        for each in sorted(found.choices, key=lambda each: -each.worth.amount)
    )
    return Table(
        say("On average it is best to {choice}", choice=best.label),
        say("Every choice on the same futures, against stopping now, {unit}", unit=scale.unit),
        (
            Column(say("choice"), lead=True),
            Column(say("on average"), figures=True),
            Column(say("loses in"), figures=True),
            Column(say("regret, on average"), figures=True),
            Column(say("in the worst 1 of 20"), figures=True),
        ),
        rows,
        source=say(
            "Regret: by how much another choice would have been better, once it is known how things went."
        ),
    )


def _risks(found: Returns, scale: Scale) -> Table:
    return Table(
        say("What may happen, and what it takes"),
        say("Within {months} months, {unit}", months=found.months, unit=scale.unit),
        (Column(say("event"), lead=True), Column(say("happens in"), figures=True),
         Column(say("takes on average"), figures=True)),
        tuple(
            Row((Cell(each.name), Cell(numbers.of_hundred(each.chance)), Cell(_signed_cost(each.takes.amount, scale))))
            for each in found.risks
        ),
    )  # fmt: skip


def _signed_cost(amount: Decimal, scale: Scale) -> str:
    return scale.text(amount) if amount >= 0 else say("brings {amount}", amount=scale.text(-amount))


def _years(found: Returns, scale: Scale) -> Table:
    rows = []
    for year in found.years:
        net = year.saved.amount + year.gained.amount - year.out.amount
        rows.append(
            Row(
                (
                    Cell(say("months {first} to {last}", first=year.first_month, last=year.last_month)),
                    Cell(
                        _signed(year.saved.amount, scale)
                        if year.saved.amount < 0
                        else scale.text(year.saved.amount)
                    ),
                    Cell(scale.text(year.gained.amount)),
                    Cell(scale.text(year.out.amount)),
                    Cell(_signed(net, scale), Tone.STRONG),
                )
            )
        )
    return Table(
        say("Money by year, on average"),
        say("From {day}, {unit}, not discounted", day=days.day(found.start), unit=scale.unit),
        (
            Column("", lead=True), Column(say("saved on the work"), figures=True),
            Column(say("other money in"), figures=True), Column(say("money out"), figures=True),
            Column(say("in less out"), figures=True),
        ),
        tuple(rows),
        folded=True,
    )  # fmt: skip


def bridge(promise: Promise, scale: Scale) -> Bridge | None:
    """From what was promised to what is known to have come, step by step; None where all of it has."""
    known = {grade: money.amount for grade, money in promise.parts if money.amount}
    verified = sum((amount for grade, amount in known.items() if grade.counts_as_back), Decimal(0))
    steps: list[BridgeStep] = []
    labels = {
        Evidence.CLAIMED: say("still only a claim"),
        Evidence.ESTIMATED: say("estimated, not in the accounts"),
    }
    for grade, label in labels.items():
        if known.get(grade):
            amount = known[grade]
            steps.append(BridgeStep(label, -scale.scaled(amount), scale.short(amount), Came.NOT_SEEN, grade))
    said = promise.said.amount
    left = said - sum((known.get(grade, Decimal(0)) for grade in labels), Decimal(0)) - verified
    if left < 0:
        steps.append(
            BridgeStep(say("more than was promised"), -scale.scaled(left), scale.short(-left), Came.MORE)
        )
    elif left > 0:
        steps.append(BridgeStep(say("did not come"), -scale.scaled(left), scale.short(left), Came.NOT_COME))
    if not steps:
        return None
    came = scale.short(verified) if verified else say("nothing")
    return Bridge(
        title=say("Of {said} promised, {came} is verified", said=scale.short(said), came=came),
        subtitle=say("From what was promised to what is known to have come, {unit}", unit=scale.unit),
        source=" ".join(
            part
            for part in (
                say("Promised by {name}.", name=promise.by) if promise.by else "",
                say("From: {source}.", source=promise.source.rstrip(".")) if promise.source else "",
            )
            if part
        ),
        promised=BridgeStep(say("promised"), scale.scaled(said), scale.short(said), Came.PROMISED, Evidence.CLAIMED),
        steps=tuple(steps),
        verified=BridgeStep(
            say("verified"), scale.scaled(verified), came, Came.VERIFIED,
            min((grade for grade in known if grade.counts_as_back), default=None),
        ),
    )  # fmt: skip
