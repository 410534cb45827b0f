"""What the kill line, the budget and the gates of a use case look at: money and results, day by day.

They look from the first day there is, whatever period the figures are of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback import seals
from payback.assessor.estimates import exact
from payback.assessor.exchange import Back, Invoiced, Out, without_invoice
from payback.days import day as written_day
from payback.gates import GateResult, GateState, Running, Seen, Watched, judged, running
from payback.locale import say
from payback.measures.returns.burn import Burn, Line, Result, Spent, burn
from payback.project import UseCase
from payback.records import Figure, Unknown


@dataclass(frozen=True, slots=True)
class Accepted:
    """Results of a day: of how many tasks accepted, of how many not known; `day` None is: on no day known."""

    day: date | None
    accepted: Fraction
    unchecked: Fraction


@dataclass(frozen=True, slots=True)
class History:
    """Everything of a use case to the as-of day, in the project's currency."""

    spending: Sequence[Spent]
    results: Sequence[Result]
    values: Sequence[Back]
    as_of: date

    @property
    def first_day(self) -> date:
        """The first day anything is known of."""
        days = (
            *(each.day for each in self.spending),
            *(each.day for each in self.results if each.day > date.min),
            *(each.day for each in self.values),
        )
        return min(days, default=self.as_of)


def history(
    costs: Sequence[Out],
    bills: Sequence[Invoiced],
    calls: Sequence[tuple[date, Decimal]],
    results: Iterable[Accepted],
    values: Sequence[Back],
    as_of: date,
) -> History:
    """Spending, results and values by day; an invoice stands in the place of its month's list prices."""
    spending = [Spent(line.day, line.amount, line.what, line.committed_until, line.a_day) for line in costs]
    spending += [Spent(bill.day, bill.amount, say("invoices")) for bill in bills]
    spending += [Spent(day, amount, say("calls")) for day, amount in without_invoice(calls, bills)]
    return History(
        [each for each in spending if each.day <= as_of],
        [each for given in results for each in _dated(given, as_of) if each.day <= as_of],
        [value for value in values if value.day <= as_of],
        as_of,
    )


def _dated(given: Accepted, as_of: date) -> list[Result]:
    """A result of no known day is there on the as-of day, and may have been there on any day before."""
    accepted, unchecked = exact(given.accepted), exact(given.unchecked)
    if given.day is not None:
        return [Result(given.day, accepted, unchecked)]
    return [Result(date.min, Decimal(0), accepted + unchecked), Result(as_of, accepted, -accepted)]


def burned(case: UseCase, currency: str, known: History) -> Burn | None:
    """Spending against the budget and the kill line."""
    line = None
    if case.kill_line is not None:
        line = Line(case.kill_line.spend, case.kill_line.unless_accepted)
    return burn(known.spending, known.results, currency, known.as_of, budget=case.budget, line=line)


def seen(
    known: History,
    currency: str,
    ranges: Mapping[str, Figure | Unknown],
    bets: Mapping[str, Watched | Unknown],
    *,
    spend_unknown: bool,
    harmed: Mapping[str, Running] | None = None,
) -> Seen:
    """What gates look at."""
    counted = [value for value in known.values if value.evidence.counts_as_back]
    return Seen(
        as_of=known.as_of,
        first_day=known.first_day,
        currency=currency,
        accepted=running(
            [(each.day, each.accepted) for each in known.results],
            [(each.day, each.unchecked) for each in known.results],
        ),
        spend=running([(each.day, each.amount) for each in known.spending]),
        spend_unknown=spend_unknown,
        value_back=_back(known.values),
        hours_freed=running([(value.day, value.hours) for value in counted if value.hours is not None]),
        ranges=dict(ranges),
        watched=bets,
        harmed=harmed or {},
    )


def _back(values: Sequence[Back]) -> Running:
    return running(
        [
            (value.day, value.amount)
            for value in values
            if value.amount is not None and value.money_evidence.counts_as_back
        ]
    )


def gate_results(case: UseCase, looked_at: Seen, sealed: seals.Seal | None) -> tuple[GateResult, ...]:
    """Every gate, beside what was sealed. A gate sealed and since removed stays, and is not decided."""
    results = [judged(gate, looked_at) for gate in case.gates]
    if sealed is None:
        return tuple(results)
    now = {gate["name"]: gate for gate in seals.rules(case)["gates"]}
    shown = [
        replace(result, sealed_on=sealed.on, changed_after_seal=sealed.gate(result.name) != now[result.name])
        for result in results
    ]
    shown += [
        GateResult(
            name=gate["name"],
            state=GateState.NOT_DECIDED,
            seen=say("removed after it was sealed"),
            decides=say("put it back, or seal the rules again"),
            hard=gate["hard"],
            sealed_on=sealed.on,
            changed_after_seal=True,
        )
        for gate in sealed.rules["gates"]
        if gate["name"] not in now
    ]
    return tuple(shown)


def changed_rules(case: UseCase, sealed: seals.Seal | None) -> tuple[str, ...]:
    """What is said of a kill line, a budget or today's cost that is not what was sealed."""
    if sealed is None:
        return ()
    now = seals.rules(case)
    names = {"kill_line": say("the kill line"), "budget": say("the budget"), "today": say("today's cost")}
    changed = [name for key, name in names.items() if now[key] != sealed.rules.get(key)]
    if not changed:
        return ()
    return (
        say(
            "Not as sealed on {day}: {what}. The verdict follows the rules as they are now.",
            day=written_day(sealed.on),
            what=", ".join(changed),
        ),
    )
