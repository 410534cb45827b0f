"""What came of a quantity in a period, out of the same rows as every other figure; or why that is not known.

Missing is not zero: value nobody recorded, results nobody checked and calls without a price leave it not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from payback import days
from payback.assessor.estimates import exact
from payback.assessor.judging import History
from payback.foretold import (
    ACCEPTANCE,
    ACCEPTED,
    GATE,
    HOURS,
    NET,
    PAID_BACK,
    SPEND,
    UNIT_COST,
    VALUE,
    Foretold,
    State,
)
from payback.gates import GateResult, GateState
from payback.locale import say, say_count
from payback.measures.returns.forecast.rows import CheckedDay
from payback.numbers import count, of_hundred
from payback.records import Period

MOST_WITHOUT_COST = Decimal("0.01")
"""Of tasks: up to this, money out is known well enough to hold a forecast against; our judgement."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything of a use case that a forecast may be held against."""

    history: History
    checked: Sequence[CheckedDay]
    gates: Sequence[GateResult]
    without_cost: Decimal  # share of tasks whose cost is not known
    benchmark: bool = False

    @property
    def spent(self) -> Decimal:
        """All money out that is known."""
        return sum((each.amount for each in self.history.spending), Decimal(0))


@dataclass(frozen=True, slots=True)
class Came:
    """An amount or whether it happened; or, not `CAME`, why there is neither."""

    state: State
    amount: Decimal | None = None
    happened: bool | None = None
    why: str = ""
    notes: tuple[str, ...] = ()


def came(said: Foretold, facts: Facts | None) -> Came:
    """What came of it."""
    if facts is None:
        return Came(State.NOT_KNOWN, why=say("no use case of this name is in payback.toml"))
    period = said.period
    if period is None:
        return Came(
            State.NOT_KNOWN, why=say('it was not said for which days: add for = "2027", or what was meant')
        )
    if said.quantity.startswith(GATE):
        return _gate(said.quantity[len(GATE) :], period, facts)
    if (left := _still_open(period, facts)) is not None:
        return left
    if said.quantity == PAID_BACK:
        return _paid_back(period, facts)
    return _amount(said.quantity, period, facts)


def _still_open(period: Period, facts: Facts) -> Came | None:
    if period.first_day_after <= facts.history.as_of + timedelta(days=1):
        return None
    return Came(State.OPEN, why=say("known after {day}", day=days.day(days.last_day(period))))


def _unknown(why: str) -> Came:
    return Came(State.NOT_KNOWN, why=why)


def _gate(name: str, period: Period, facts: Facts) -> Came:
    gate = next((each for each in facts.gates if each.name.casefold() == name.casefold()), None)
    if gate is None:
        return _unknown(say("there is no gate of this name"))
    last = days.last_day(period)
    if gate.on is not None and gate.on <= last and gate.state is not GateState.NOT_DECIDED:
        return Came(State.CAME, happened=gate.state is GateState.PASSED)
    if gate.state is GateState.PASSED and gate.on is None:
        return _unknown(say("it is passed, and the day is not known"))
    return _still_open(period, facts) or Came(State.CAME, happened=False)


def _paid_back(period: Period, facts: Facts) -> Came:
    last = days.last_day(period)
    until = Period(date.min, period.first_day_after)
    back, out = _amount(VALUE, until, facts), _spend(until, facts)
    if out.amount is None:
        return out
    if back.amount is None:
        return _unknown(say("no row says what came back by {day}", day=days.day(last)))
    return Came(State.CAME, happened=back.amount >= out.amount > 0)


def _amount(quantity: str, period: Period, facts: Facts) -> Came:
    asked = _ASKED.get(quantity)
    return asked(period, facts) if asked is not None else _value(quantity, period, facts)


def _unit_cost(period: Period, facts: Facts) -> Came:
    spent, accepted = _spend(period, facts), _accepted(period, facts)
    if spent.amount is None or accepted.amount is None:
        return accepted if accepted.amount is None else spent
    if not accepted.amount:
        return _unknown(say("no result of these days was accepted, so none has a cost"))
    return Came(State.CAME, spent.amount / accepted.amount, notes=spent.notes)


def _net(period: Period, facts: Facts) -> Came:
    spent, back = _spend(period, facts), _value(VALUE, period, facts)
    if spent.amount is None or back.amount is None:
        return back if back.amount is None else spent
    return Came(State.CAME, back.amount - spent.amount, notes=(*back.notes, *spent.notes))


def _value(quantity: str, period: Period, facts: Facts) -> Came:
    if facts.benchmark:
        return _unknown(say("a benchmark has no customer, so no money can come back"))
    mine = [
        value
        for value in facts.history.values
        if value.day in period
        and (quantity in {VALUE, HOURS} or value.kind == quantity)
        and (value.hours if quantity == HOURS else value.amount) is not None
    ]
    counted = [
        value
        for value in mine
        if (value.evidence if quantity == HOURS else value.money_evidence).counts_as_back
    ]
    if not counted:
        if mine:
            return _unknown(say("what is recorded of these days is only estimated or claimed"))
        return _unknown(say("no row says what came in these days; rows of 0 say that nothing came"))
    amounts = [value.hours if quantity == HOURS else value.amount for value in counted]
    months = {(value.day.year, value.day.month) for value in counted}
    return Came(
        State.CAME,
        sum((each for each in amounts if each is not None), Decimal(0)),
        notes=_gaps(len(months), period),
    )


def _gaps(months: int, period: Period) -> tuple[str, ...]:
    """Says where rows stand in fewer months than the period has; not of all time."""
    if period.first_day == date.min:
        return ()
    first, last = period.first_day, days.last_day(period)
    whole = (last.year - first.year) * 12 + last.month - first.month + 1
    if months >= whole:
        return ()
    return (say("rows stand in {months} of its {all} months", months=months, all=whole),)


def _spend(period: Period, facts: Facts) -> Came:
    if facts.without_cost > MOST_WITHOUT_COST:
        return _unknown(
            say("the cost of {share} of the tasks is not known", share=of_hundred(facts.without_cost))
        )
    mine = [each for each in facts.history.spending if each.day in period]
    if not mine:
        return _unknown(say("no row says what was spent in these days; rows of 0 say that nothing was"))
    notes: tuple[str, ...] = ()
    if facts.without_cost:
        notes = (say("at least: the cost of {share} is not known", share=of_hundred(facts.without_cost)),)
    return Came(State.CAME, sum((each.amount for each in mine), Decimal(0)), notes=notes)


def _accepted(period: Period, facts: Facts) -> Came:
    results = facts.history.results
    if any(each.day == date.min for each in results):
        return _unknown(say("of some results the day is not known"))
    mine = [each for each in results if each.day in period]
    if not mine:
        return _unknown(say("no result stands in these days"))
    unchecked = sum((each.unchecked for each in mine), Decimal(0))
    if unchecked:
        return _unknown(
            say_count(
                "{results} result of these days was not checked",
                "{results} results of these days were not checked",
                int(unchecked.to_integral_value(ROUND_CEILING)),
                results=count(unchecked.to_integral_value(ROUND_CEILING)),
            )
        )
    return Came(State.CAME, sum((each.accepted for each in mine), Decimal(0)))


def _acceptance(period: Period, facts: Facts) -> Came:
    mine = [each for each in facts.checked if each.day is not None and each.day in period]
    checked = sum(each.checked for each in mine)
    if not checked:
        return _unknown(say("no result of these days was checked"))
    return Came(
        State.CAME,
        exact(sum(each.accepted for each in mine) / checked),
        notes=(say("of {count} checked", count=count(exact(checked).to_integral_value())),),
    )


_ASKED: Mapping[str, Callable[[Period, Facts], Came]] = {
    SPEND: _spend,
    ACCEPTED: _accepted,
    ACCEPTANCE: _acceptance,
    UNIT_COST: _unit_cost,
    NET: _net,
}
"""Quantities that are not value of one kind."""
