"""What to fund together, as pages a board can adopt, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from payback import days, numbers
from payback.assessor.portfolio import LATER, NEXT, NOW, STOP, PlanLine, Portfolio, Spread, Sum
from payback.locale import language, say, say_count
from payback.numbers import Scale
from payback.report.opportunities_report import place
from payback.report.page import (
    Cell,
    Column,
    Layout,
    Note,
    Page,
    Report,
    Row,
    Section,
    Table,
    Tone,
    Verdict,
)
from payback.report.page_returns import LineMark, LineOf, LinePoint, Lines

THOUSANDS_FROM = 10_000
"""Amounts from which on a table of them is in thousands: no range here supports more digits."""
WHENS = (NOW, NEXT, LATER, STOP)


def report(found: Portfolio, *, drawn: bool = False) -> Report:
    """Two pages: what to fund and what more money would bring; and the plan: now, next, later, stop.

    `drawn` is for a page whose lines are drawn: they then rise in steps; in a table each step is one row.
    """
    about = (
        say("{title}, as of {day}, {unit}", title=found.title, day=days.day(found.as_of), unit=found.currency)
        if found.rows
        else say("{title}, from statements alone, {unit}", title=found.title, unit=found.currency)
    )
    first = Page(
        "portfolio",
        say("Portfolio"),
        found.name,
        about,
        tuple(_first(found, drawn=drawn)),
        found.label,
        headline=True,
    )
    plan = Page("plan", say("Plan"), found.name, about, tuple(_second(found)), found.label)
    return Report(
        title=say("{name}: what to fund", name=found.name),
        label=found.label,
        language=language().replace("_", "-"),
        as_of=found.as_of,
        pages=(first, plan) if found.lines else (first,),
    )


def _first(found: Portfolio, *, drawn: bool) -> Iterator[Section]:
    yield Section((Verdict(None, "", headline(found), dek(found)),))
    if found.lines:
        yield Section((_table(found),))
        yield Section((_against_nothing(found),))
    if len(found.by_budget) > 1:
        yield Section((_budget_chart(found, drawn=drawn),))
    if len(found.by_risk) > 1:
        yield Section((_risk_chart(found, drawn=drawn),))
    if found.left:
        yield Section((_left(found),))
    yield Section((Note(say("Taken for granted"), tuple(_granted(found))),), Layout.FOOT)


def _second(found: Portfolio) -> Iterator[Section]:
    for when in WHENS:
        lines = [line for line in found.lines if line.when == when]
        if lines:
            yield Section((_plan(found, when, lines),))
    yield Section((_adopt(found),), Layout.BOX)


# --- words ------------------------------------------------------------------------------------------


def headline(found: Portfolio) -> str:
    """Fund 4 of 5: worth 84,890 EUR on average, for 50,140 EUR."""
    if found.best is None:
        return say("Nothing keeps all these limits, not even doing nothing.")
    chosen = len(found.best.chosen)
    if not chosen:
        worth = [line for line in found.lines if line.worth.mean > 0 and line.when != STOP]
        if not worth:
            return say("Fund none of these {all}: doing nothing is worth more.", all=len(found.lines))
        if (budget := _too_small(found)) is not None:
            return say(
                "A budget of {budget} pays for none of these {all}.",
                budget=_money(found, budget),
                all=len(found.lines),
            )
        return say("Within these limits none of these {all} can be funded.", all=len(found.lines))
    return say_count(
        "Fund {chosen} of {all}: worth {worth} on average, for {money}.",
        "Fund {chosen} of {all}: worth {worth} on average, for {money}.",
        chosen,
        chosen=chosen,
        all=len(found.lines),
        worth=_money(found, found.best.worth.mean),
        money=_money(found, found.best.money),
    )


def dek(found: Portfolio) -> str:
    """How sure that is, and what doing nothing is worth."""
    if found.best is None:
        return say(
            "Stopping what must stop costs more than the limits allow: raise the budget or the worst loss."
        )
    best, parts = found.best, []
    if best.chosen and best.worth.low == best.worth.high:
        parts.append(say("Nothing in it is uncertain, as it is stated."))
    elif best.chosen:
        parts.append(
            say(
                "In 9 of 10 futures it brings between {low} and {high}; it loses money in {loss} of 100.",
                low=_signed(found, best.worth.low),
                high=_signed(found, best.worth.high),
                loss=numbers.number(
                    best.loss * 100, 0 if best.loss >= Decimal("0.1") or not best.loss else 1
                ),
            )
        )
    parts.append(say("Doing nothing is worth 0."))
    if not best.chosen and _too_small(found) is not None:
        cheapest = min(line.money for line in found.lines)
        parts.append(say("The cheapest needs {cheapest}.", cheapest=_money(found, cheapest)))
    return " ".join(parts)


def _too_small(found: Portfolio) -> Decimal | None:
    """The budget, where not even the cheapest use case can be had for it."""
    if found.limits.budget is None:
        return None
    budget = Decimal(f"{found.limits.budget:.12g}")
    return budget if min((line.money for line in found.lines), default=budget) > budget else None


def _money(found: Portfolio, amount: Decimal) -> str:
    return numbers.money(amount, found.currency)


def _signed(found: Portfolio, amount: Decimal) -> str:
    written = f"{numbers.count(abs(amount))} {found.currency}"
    return say("a loss of {amount}", amount=written) if amount < 0 else written


def way_words(line: PlanLine) -> str:
    """What to do with a use case, in two or three words."""
    if line.when in {STOP, LATER}:
        if line.when == LATER:
            return say("not now")
        return say("stop") if line.runs else say("do not begin")
    if line.way == "pilot":
        return say("try first")
    if line.way.startswith("wait_"):
        months = int(line.way.rpartition("_")[2])
        return say_count("wait {count} month", "wait {count} months", months)
    return say("go on") if line.runs else say("begin")


def when_words(when: str) -> str:
    """The heading of a part of the plan."""
    return {NOW: say("Now"), NEXT: say("Next"), LATER: say("Later"), STOP: say("Stop")}[when]


# --- page one ---------------------------------------------------------------------------------------


def _scale(found: Portfolio) -> Scale:
    amounts = [each for line in found.lines for each in (line.worth.mean, line.money)]
    scale = Scale.of(amounts, found.currency)
    if not scale.power and max(map(abs, amounts), default=Decimal(0)) >= THOUSANDS_FROM:
        return Scale(found.currency, numbers.THOUSAND)
    return scale


def _table(found: Portfolio) -> Table:
    scale = _scale(found)
    columns = (
        Column(say("use case"), lead=True),
        Column(say("place")),
        Column(say("worth"), figures=True),
        Column(say("loses, of 100"), figures=True),
        Column(say("money"), figures=True),
        Column(say("people"), figures=True),
        Column(say("best, of 100"), figures=True),
    )
    rows = [Row(tuple(_row(line, scale))) for line in found.lines]
    if found.best is not None:
        rows.append(Row(tuple(_total(found.best, scale)), total=True))
    return Table(
        say("What to fund"),
        say("worth and money in {unit}, people in months of one person", unit=scale.unit),
        columns,
        tuple(rows),
        say(
            "Worth: what it is worth more than stopping or not beginning, at today's worth, on average; below it where 9 of "
            "10 futures lie. Place: by worth; all places hold together 9 times in 10. Best: in how many of 100 futures it "
            "would be chosen if the future were known."
        ),
    )


def _row(line: PlanLine, scale: Scale) -> Iterator[Cell]:
    yield Cell(line.title, Tone.STRONG, more=way_words(line))
    yield Cell(place(line.places))
    yield Cell(_amount(line.worth.mean, scale), more=_range(line.worth, scale))
    yield Cell(_hundredths(line.loss))
    yield Cell(_amount(line.money, scale))
    yield Cell(numbers.number(line.people, 1) if line.people else "0")
    yield Cell(_hundredths(line.often))


def _total(best: Sum, scale: Scale) -> Iterator[Cell]:
    yield Cell(say("all that is chosen"), Tone.STRONG)
    yield Cell("")
    yield Cell(_amount(best.worth.mean, scale), more=_range(best.worth, scale))
    yield Cell(_hundredths(best.loss))
    yield Cell(_amount(best.money, scale))
    yield Cell(numbers.number(best.people, 1) if best.people else "0")
    yield Cell("")


def _hundredths(share: Decimal) -> str:
    return numbers.number(share * 100, 0) if share else "0"


def _amount(amount: Decimal, scale: Scale) -> str:
    text = scale.text(abs(amount))
    return say("loses {amount}", amount=text) if amount < 0 else text


def _range(worth: Spread, scale: Scale) -> str:
    if worth.low == worth.high:
        return ""
    places = numbers.decimals_of(scale.scaled(max(abs(worth.low), abs(worth.high))), 2)
    low, high = (numbers.fixed(abs(scale.scaled(each)), places) for each in (worth.low, worth.high))
    if worth.low < 0 <= worth.high:
        return say("{low} below 0 to {high}", low=low, high=high)
    if worth.high < 0:
        return say("{low} to {high} below 0", low=low, high=high)
    return say("{low} to {high}", low=low, high=high)


def _against_nothing(found: Portfolio) -> Table:
    """The choice beside doing nothing, and the limits it keeps."""
    best = found.best
    assert best is not None  # noqa: S101  there are lines only where there is a choice
    limits, scale = found.limits, _scale(found)
    rows = [
        (say("worth on average"), _amount(best.worth.mean, scale), "0", ""),
        (
            say("loses money, of 100 futures"),
            _hundredths(best.loss),
            "0",
            "" if limits.most_likely_loss is None else _hundredths(Decimal(str(limits.most_likely_loss))),
        ),
        (
            say("mean of the worst 1 in 20"),
            _amount(best.worst, scale),
            "0",
            ""
            if limits.worst_loss is None
            else say("loses {amount}", amount=scale.text(Decimal(str(limits.worst_loss)))),
        ),
        (
            say("money"),
            _amount(best.money, scale),
            "0",
            "" if limits.budget is None else scale.text(Decimal(f"{limits.budget:.12g}")),
        ),
        (
            say("people, months"),
            numbers.number(best.people, 1) if best.people else "0",
            "0",
            "" if limits.people is None else numbers.number(Decimal(f"{limits.people:.12g}"), 1),
        ),
    ]
    if found.by_business and limits.most_share is not None:
        name, most = found.by_business[0]
        base = Decimal(f"{limits.spread_over(float(best.money)):.12g}")
        rows.append(
            (
                say("money in one business, of 100: {name}", name=name or say("none named")),
                _hundredths(most / base) if base else "0",
                "0",
                _hundredths(Decimal(str(limits.most_share))),
            )
        )
    source = ""
    if best.lost > 0:
        source = say(
            "Work that several do, and departments that cannot save more than they cost, take {lost} from the sum.",
            lost=_money(found, best.lost),
        )
    return Table(
        say("Beside doing nothing"),
        say("money in {unit}", unit=scale.unit),
        (
            Column("", lead=True),
            Column(say("this choice"), figures=True),
            Column(say("nothing"), figures=True),
            Column(say("limit"), figures=True),
        ),
        tuple(
            Row((Cell(name), Cell(here, Tone.STRONG), Cell(nothing), Cell(limit or say("none"))))
            for name, here, nothing, limit in rows
        ),
        source,
    )


def _budget_chart(found: Portfolio, *, drawn: bool) -> Lines:
    scale = Scale.of([each.worth.mean for each in found.by_budget], found.currency)
    points = sorted(found.by_budget, key=lambda each: each.money)
    marks: tuple[LineMark, ...] = ()
    if found.best is not None:
        marks = (
            LineMark(
                scale.scaled(found.best.money),
                say("chosen: {worth}", worth=scale.short(found.best.worth.mean)),
            ),
        )
    return Lines(
        say("What more money would bring"),
        say("best worth on average for each budget, {unit}", unit=scale.unit),
        _steps_in_words(found, points),
        say("money laid out, {unit}", unit=scale.unit),
        (
            LineOf(
                say("worth"),
                _stepped(
                    [(scale.scaled(each.money), scale.scaled(each.worth.mean)) for each in points],
                    drawn=drawn,
                ),
                strong=True,
            ),
        ),
        marks,
    )


def _stepped(points: Sequence[tuple[Decimal, Decimal]], *, drawn: bool) -> tuple[LinePoint, ...]:
    """A line that rises where the next choice is within reach, not before."""
    found: list[LinePoint] = []
    for x, y in points:
        if found and drawn:
            found.append(LinePoint(x, found[-1].y))
        found.append(LinePoint(x, y))
    return tuple(found)


def _steps_in_words(found: Portfolio, points: Sequence[Sum]) -> str:
    """What each step of money adds: 5,153: Support replies."""
    titles = {line.key: line.title for line in found.lines}
    parts = []
    before: set[str] = set()
    for each in points:
        now = set(each.chosen)
        more = [titles.get(key, key) for key in each.chosen if key not in before]
        less = [titles.get(key, key) for key in before if key not in now]
        if more or less:
            words = say("with {names}", names=", ".join(more)) if more else ""
            without = say("without {names}", names=", ".join(sorted(less))) if less else ""
            parts.append(f"{numbers.short(each.money)}: {', '.join(one for one in (words, without) if one)}")
        before = now
    return "; ".join(parts) + "." if parts else ""


def _risk_chart(found: Portfolio, *, drawn: bool) -> Lines:
    scale = Scale.of([each.worth.mean for each in found.by_risk], found.currency)
    points = sorted(found.by_risk, key=lambda each: -each.worst)
    return Lines(
        say("What more risk would bring"),
        say("best worth on average for each loss in the worst 1 of 20 futures, {unit}", unit=scale.unit),
        "",
        say("mean loss in the worst 1 of 20 futures, {unit}", unit=scale.unit),
        (
            LineOf(
                say("worth"),
                _stepped(
                    [
                        (scale.scaled(max(Decimal(0), -each.worst)), scale.scaled(each.worth.mean))
                        for each in points
                    ],
                    drawn=drawn,
                ),
                strong=True,
            ),
        ),
    )


def _left(found: Portfolio) -> Table:
    return Table(
        say("Not weighed"),
        "",
        (
            Column(say("use case"), lead=True),
            Column(say("why"), free=True),
            Column(say("what would help"), free=True),
        ),
        tuple(
            Row((Cell(title, Tone.STRONG), Cell(each.reason), Cell(each.fix))) for title, each in found.left
        ),
        say("They are in no sum above, neither with their worth nor with their money."),
    )


def _granted(found: Portfolio) -> Iterator[str]:
    yield from found.notes
    yield say(
        "{draws} futures, the same for all use cases; how: docs/formulas.md, portfolio",
        draws=numbers.count(found.draws),
    )
    out = sum(one.rows for one in found.problems if one.left_out)
    if out:
        yield say_count(
            "{rows} row left out: payback assess says which",
            "{rows} rows left out: payback assess says which",
            out,
            rows=numbers.count(out),
        )


# --- the plan ---------------------------------------------------------------------------------------


def _plan(found: Portfolio, when: str, lines: Sequence[PlanLine]) -> Table:
    scale = _scale(found)
    return Table(
        when_words(when),
        "",
        (
            Column(say("use case"), lead=True),
            Column(say("do")),
            Column(say("gate"), free=True),
            Column(say("by")),
            Column(say("owner")),
            Column(say("money, {unit}", unit=scale.unit), figures=True),
        ),
        tuple(Row(tuple(_plan_row(line, scale))) for line in lines),
        "",
    )


def _plan_row(line: PlanLine, scale: Scale) -> Iterator[Cell]:
    why = line.why
    if line.costs_less is not None and line.costs_less > 0:
        more = say(
            "choosing it all the same would cost {amount}",
            amount=numbers.money(line.costs_less, scale.currency),
        )
        why = f"{why}; {more}" if why else more
    yield Cell(line.title, Tone.STRONG)
    on = "" if line.on is None or line.when == STOP else days.day(line.on)
    if line.when == LATER and on:
        on = say("look again {day}", day=on)
    elif line.when in {NOW, NEXT} and on:
        on = say("from {day}", day=on)
    yield Cell(way_words(line), Tone.ALARM if line.when == STOP else Tone.PLAIN, more=on)
    yield Cell(line.gate or say("no gate named"), Tone.PLAIN if line.gate else Tone.ALARM, more=why)
    due = line.gate_due
    yield Cell(days.day(due) if due is not None else say("no day") if line.gate_open else "")
    yield Cell(line.owner or say("no owner named"), Tone.PLAIN if line.owner else Tone.ALARM)
    money = line.money if line.when in {NOW, NEXT} else Decimal(0)
    yield Cell(
        scale.text(money) if money else "0",
        more="" if line.when != LATER else say("needs {money}", money=scale.text(line.money)),
    )


def _adopt(found: Portfolio) -> Note:
    best = found.best
    assert best is not None  # noqa: S101  there are lines only where there is a choice
    missing = [line.title for line in found.lines if not line.owner and line.when != STOP]
    gates = [line.title for line in found.lines if not line.gate and line.when in {NOW, NEXT}]
    at_once = sum((line.money for line in found.lines if line.when == NOW), Decimal(0))
    later = sum((line.money for line in found.lines if line.when == NEXT), Decimal(0))
    people = numbers.number(best.people, 1) if best.people else "0"
    lines = [say("Release {money} for what is now; nothing for the rest.", money=_money(found, at_once))]
    if later:
        lines.append(
            say(
                "Set aside {money} for what is next, each on its day and only if it is then judged again.",
                money=_money(found, later),
            )
        )
    lines.append(say("All of it takes {people} person-months.", people=people))
    if missing:
        lines.append(say("Name an owner first: {names}.", names=", ".join(missing)))
    if gates:
        lines.append(say("Name a gate first: {names}.", names=", ".join(gates)))
    lines.append(say("A gate that fails stops its use case; its money goes back to this budget."))
    return Note(say("To adopt"), tuple(lines))
