"""What a use case takes a month, what lies ahead of its spending, and how it stood at every month's end."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from payback import days
from payback.assessment import GateState, UseCaseResult, Verdict
from payback.locale import say, say_count
from payback.measures.returns.burn_ahead import (
    AlertKind,
    Bands,
    BurnAhead,
    KillAhead,
    RunwayAhead,
    SpendForecast,
)
from payback.measures.returns.burn_series import Trailing
from payback.measures.returns.replay import MonthThen, Replay
from payback.numbers import Scale, count, money
from payback.records import Evidence, Unknown
from payback.report.page import Block, Cell, Column, Note, Row, Table, Tone

FOLDED_FROM = 8
"""Months above which the replay opens only when asked for."""
NEARLY_ALL = Decimal("0.8")


def blocks(case: UseCaseResult, scale: Scale) -> tuple[Block, ...]:
    """Nothing where nothing was spent and no rule was set."""
    made: list[Block] = []
    if case.burn_ahead is not None:
        if case.burn_ahead.trailing:
            made.append(_trailing(case.burn_ahead, scale))
        lines = ahead_lines(case)
        if lines:
            made.append(Note(say("How long the money lasts"), lines))
    if isinstance(case.replayed, Replay):
        made.append(_replay(case.replayed, scale))
    elif isinstance(case.replayed, Unknown):
        made.append(
            Note(
                say("Month by month"),
                (_no_replay(case.replayed),),
            )
        )  # fmt: skip
    return tuple(made)


def ahead_lines(case: UseCaseResult) -> tuple[str, ...]:
    """Runway, kill line and what else deserves a look, then what is missing."""
    found = case.burn_ahead
    if found is None:
        return ()
    lines: list[str] = []
    if isinstance(found.forecast, Unknown):
        lines.append(
            say(
                "No forecast: {reason}. {fix}.",
                reason=found.forecast.reason,
                fix=_capital(found.forecast.fix),
            )
        )
    if isinstance(found.runway, RunwayAhead):
        lines.append(found.runway.says)
    if isinstance(found.kill, KillAhead):
        lines.append(found.kill.says)
    told = {AlertKind.ABOVE, AlertKind.GATE, AlertKind.COMMITTED}
    lines += [alert.says for alert in case.alerts if alert.kind in told]
    return (*lines, *found.notes)


def _trailing(found: BurnAhead, scale: Scale) -> Table:
    forecast = found.forecast if isinstance(found.forecast, SpendForecast) else None
    amounts = [
        amount for _, each in found.trailing for amount in (each.last, each.recent, each.year, each.range and each.range[0])
    ]  # fmt: skip
    places = scale.decimals([*amounts, *(_middle(found, each) for _, each in found.trailing)])
    total = found.trailing[-1][1]
    columns = [
        Column(say("category"), lead=True),
        Column(say("last whole month"), figures=True),
        Column(say("a month, mean of 3"), figures=True),
        Column(say("a month, mean of 12"), figures=True),
    ]
    if forecast is not None:
        columns.append(Column(say("to {day}, forecast", day=days.short_day(forecast.until)), figures=True))
    title = say("What it takes a month")
    if total.recent is not None:
        title = say("It took {amount} a month of late", amount=scale.short(total.recent))
    return Table(
        title=title,
        subtitle=say(
            "{unit}. A month that is not known is left out of its mean, never taken as 0", unit=scale.unit
        ),
        columns=tuple(columns),
        rows=tuple(_trailing_row(name, each, found, scale, places) for name, each in found.trailing),
        source=_source(forecast),
    )


def _source(forecast: SpendForecast | None) -> str:
    if forecast is None:
        return ""
    return say(
        "The forecast takes spending to go on as it did. The second line holds 8 of 10 futures. Committed spending falls "
        "due until its last day."
    )


def _middle(found: BurnAhead, each: Trailing) -> Decimal | None:
    bands = _ahead_of(found, each)
    return None if bands is None else bands.middle


def _ahead_of(found: BurnAhead, each: Trailing) -> Bands | None:
    """What the forecast says of a category over all periods ahead; of all of it what is still to come."""
    forecast = found.forecast
    if isinstance(forecast, Unknown):
        return None
    if each.category:
        return next((one.total for one in forecast.categories if one.category == each.category), None)
    return forecast.total


def _trailing_row(name: str, each: Trailing, found: BurnAhead, scale: Scale, places: int) -> Row:
    cells = [
        Cell(name, Tone.STRONG),
        _amount(each.last, scale, places),
        _amount(each.recent, scale, places, _of(each.recent_months, 3)),
        _amount(
            each.year,
            scale,
            places,
            _between(each.range, scale, places) if each.range else _of(each.year_months, 12),
        ),
    ]
    if not isinstance(found.forecast, Unknown):
        bands = _ahead_of(found, each)
        if bands is None:
            cells.append(Cell(say("not forecast"), Tone.SOFT))
        else:
            ends = next(((low, high) for level, low, high in bands.ends if level == NEARLY_ALL), None)
            cells.append(
                Cell(
                    scale.text(bands.middle, places),
                    evidence=Evidence.ESTIMATED,
                    more=_between(ends, scale, places) if ends else "",
                )
            )
    return Row(tuple(cells), total=not each.category)


def _amount(amount: Decimal | None, scale: Scale, places: int, more: str = "") -> Cell:
    return (
        Cell(say("not known"), Tone.SOFT) if amount is None else Cell(scale.text(amount, places), more=more)
    )


def _of(months: int, most: int) -> str:
    return "" if months == most else say_count("of {count} month", "of {count} months", months)


def _between(ends: tuple[Decimal, Decimal], scale: Scale, places: int) -> str:
    low, high = (scale.text(end, places) for end in ends)
    return say("{low} to {high}", low=low, high=high)


def _replay(found: Replay, scale: Scale) -> Table:
    places = scale.decimals(
        amount for each in found.months for amount in (each.spent.amount, each.kept.amount)
    )
    rows = tuple(
        Row(
            (
                Cell(days.short_month(each.day), Tone.STRONG),
                Cell(scale.text(each.spent.amount, places)),
                Cell(count(each.accepted)),
                _gates(each, before),
                Cell(each.word, badge=Verdict(each.verdict)),
                Cell(scale.text(each.kept.amount, places)),
            )
        )
        for before, each in zip((None, *found.months), found.months, strict=False)
    )
    return Table(
        title=replay_title(found, scale),
        subtitle=say(
            "As it was known at each month's end, by the rules of today's payback.toml; {unit}",
            unit=scale.unit,
        ),
        columns=(
            Column(say("end of"), lead=True),
            Column(say("spent"), figures=True),
            Column(say("accepted"), figures=True),
            Column(say("gates")),
            Column(say("verdict then")),
            Column(say("stopping then keeps"), figures=True),
        ),
        rows=rows,
        source=say(
            "Kept: what was spent since, less what was under contract on that day and falls due anyway."
        ),
        folded=len(rows) > FOLDED_FROM,
    )


def replay_title(found: Replay, scale: Scale) -> str:
    """When its own rules would first have stopped it, and what that would have kept."""
    if found.stopped is None:
        return say("Month by month: its rules would not have stopped it")
    month = days.month(found.stopped.day)
    if found.stopped.kept.amount <= 0:
        return say("Its rules would have stopped it in {month}", month=month)
    return say(
        "Its rules would have stopped it in {month} and kept {amount}",
        month=month,
        amount=scale.short(found.stopped.kept.amount),
    )


def _gates(month: MonthThen, before: MonthThen | None) -> Cell:
    """How many stand how, and the names of those that failed in this month."""
    if not month.gates:
        return Cell(say("none set"), Tone.SOFT)
    fresh = [name for name in _failed(month) if before is None or name not in _failed(before)]
    more = say("failed: {names}", names=", ".join(fresh)) if fresh else ""
    return Cell(gate_counts(month), Tone.ALARM if fresh else Tone.PLAIN, more=more)


def _failed(month: MonthThen) -> list[str]:
    return [gate.name for gate in month.gates if gate.state == GateState.FAILED.value]


def gate_counts(month: MonthThen) -> str:
    """`1 failed, 2 not decided`."""
    counted = {gate.word: 0 for gate in month.gates}
    for gate in month.gates:
        counted[gate.word] += 1
    return ", ".join(say("{number} {state}", number=number, state=word) for word, number in counted.items())


def replay_words(case: UseCaseResult) -> str:
    """The replay in plain words, a line a month, ending in a line break."""
    found = case.replayed
    if found is None:
        return (
            say("{title} has no kill line and no gate, so there is nothing to replay.", title=case.title)
            + "\n"
        )
    if isinstance(found, Unknown):
        return _no_replay(found) + "\n"
    lines = [say("{title}, month by month, as it was known then.", title=case.title), found.says, ""]
    before: Sequence[str] = ()
    for each in found.months:
        spent = money(each.spent.amount, each.spent.currency)
        kept = money(each.kept.amount, each.kept.currency)
        words = say(
            "{day}: {spent} spent, {accepted} accepted; {gates}. {verdict}: {why}",
            day=days.day(each.day),
            spent=spent,
            accepted=count(each.accepted),
            gates=gate_counts(each) or say("no gate"),
            verdict=each.word,
            why=each.why,
        )
        failed = _failed(each)
        if fresh := [name for name in failed if name not in before]:
            words += " " + say("Failed this month: {names}.", names=", ".join(fresh))
        before = failed
        lines.append(words)
        if each.kept.amount > 0:
            lines.append("  " + say("stopping on that day would have kept {kept}", kept=kept))
    return "\n".join(lines) + "\n"


def _no_replay(why: Unknown) -> str:
    return say("Not shown: {reason}. For it: {fix}.", reason=why.reason, fix=why.fix)


def _capital(text: str) -> str:
    return (text[:1].upper() + text[1:]).rstrip(".")
