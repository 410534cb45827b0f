"""What of a use case's spending deserves a look before it is too late, in plain lines. An alert moves no verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from payback import days
from payback.assessment import ArmResult
from payback.assessor.burn_ahead import futures_in
from payback.gates import GateResult, GateState, Seen
from payback.locale import say
from payback.measures.returns.burn_ahead import Alert, AlertKind, BurnAhead, KillAhead, RunwayAhead
from payback.numbers import money
from payback.project import UseCase
from payback.records import Unknown

WARN_AT = Decimal("0.2")
"""Share of futures from which on a budget used up too early is told: 1 in 5; our judgement."""
DUE_WITHIN = 14
ENDS_WITHIN = 90
"""Days ahead: gates due with nothing measured; contracts that end, since notice is often three months."""


def unmeasured(case: UseCase, seen: Seen, ai: ArmResult | None) -> dict[str, bool]:
    """By gate, whether nothing at all was measured of what it looks at."""
    counted = {"value_back": seen.value_back, "hours_freed": seen.hours_freed, "spend": seen.spend}
    found = {}
    for gate in case.gates:
        if gate.figure in seen.ranges:
            found[gate.name] = isinstance(seen.ranges[gate.figure], Unknown)
        elif gate.figure == "accepted":
            found[gate.name] = ai is None or not ai.checked
        elif gate.figure in counted:
            found[gate.name] = not counted[gate.figure].days
        else:
            found[gate.name] = seen.harmed.get(gate.figure) is None
    return found


def alerts(
    found: BurnAhead | None,
    gates: Sequence[GateResult],
    unmeasured: Mapping[str, bool],
    as_of: date,
) -> tuple[Alert, ...]:
    """What deserves a look before it is too late. `unmeasured`: gates for which nothing was measured."""
    told: list[Alert] = []
    if found is not None:
        told += [*_budget_alert(found, WARN_AT), *_kill_alert(found), *_above_alert(found)]
    told += [
        Alert(
            AlertKind.GATE,
            say(
                "The gate “{name}” is due on {day}, and nothing has been measured for it.",
                name=gate.name,
                day=days.day(gate.due),
            ),
            gate.due,
        )
        for gate in gates
        if gate.due is not None
        and gate.state is GateState.NOT_DECIDED
        and as_of <= gate.due <= as_of + timedelta(days=DUE_WITHIN)
        and unmeasured.get(gate.name, False)
    ]
    if found is not None and not isinstance(found.forecast, Unknown):
        told += [
            Alert(
                AlertKind.COMMITTED,
                say(
                    "Committed until {day}: {what}, {amount} a month. Renew it or let it end.",
                    day=days.day(each.until),
                    what=each.what,
                    amount=money(each.a_month.amount, each.a_month.currency),
                ),
                each.until,
            )
            for each in found.forecast.committed
            if each.until <= as_of + timedelta(days=ENDS_WITHIN)
        ]
    return tuple(told)


def with_budget(told: Sequence[Alert], found: BurnAhead | None, warn_at: Decimal) -> tuple[Alert, ...]:
    """The same alerts, that of the budget by another share of futures."""
    rest = [alert for alert in told if alert.kind is not AlertKind.BUDGET]
    return tuple([*_budget_alert(found, warn_at), *rest] if found is not None else rest)


def _budget_alert(found: BurnAhead, warn_at: Decimal) -> list[Alert]:
    runway = found.runway
    if not isinstance(runway, RunwayAhead):
        return []
    amount = money(runway.budget.amount, runway.budget.currency)
    if runway.end is not None and runway.before_end is not None:
        if runway.before_end <= warn_at:
            return []
        words = say(
            "In {share} futures the budget of {amount} is used up before {day}, its last day.",
            share=futures_in(runway.before_end), amount=amount, day=days.day(runway.end),
        )  # fmt: skip
        return [Alert(AlertKind.BUDGET, words, runway.middle or runway.early, runway.before_end)]
    share = 1 - runway.not_within
    if share <= warn_at:
        return []
    words = say(
        "In {share} futures the budget of {amount} is used up by {day}.",
        share=futures_in(share), amount=amount, day=days.day(runway.until),
    )  # fmt: skip
    return [Alert(AlertKind.BUDGET, words, runway.middle or runway.early, share)]


def _kill_alert(found: BurnAhead) -> list[Alert]:
    kill = found.kill
    if not isinstance(kill, KillAhead) or kill.likely_on is None:
        return []
    share = next(each.share for each in kill.chances if each.by == kill.likely_on)
    return [Alert(AlertKind.KILL_LINE, kill.says, kill.likely_on, share)]


def _above_alert(found: BurnAhead) -> list[Alert]:
    seen = found.above
    if seen is None or not seen.is_above:
        return []
    words = say(
        "{spent} was spent from {since} to {until}; from the time before, at most {high} was to be expected.",
        spent=money(seen.spent.amount, seen.spent.currency),
        since=days.day(seen.since),
        until=days.day(seen.until),
        high=money(seen.high.amount, seen.high.currency),
    )
    return [Alert(AlertKind.ABOVE, words, seen.until)]
