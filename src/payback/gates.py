"""Figures against the rules set beforehand: pass, fail or not decided, and the verdict.

What can be counted decides as it stands: money, days, numbers of results, the kill line. A share or a
unit cost decides by a bet that stays true however often it is looked at, never by its range: looked at
again and again, a 95 % range would pass a gate it should not in up to 40 of 100 cases
(docs/decisions/0005-what-decides.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from math import ceil

from payback.days import day as written_day
from payback.locale import say, say_count
from payback.measures.returns.burn import Burn
from payback.numbers import count, hundredths, money, number
from payback.project import Fix, Gate
from payback.records import Figure, Unknown
from payback.returned import Returns

DAYS_A_WEEK = 7
SEVERE, HARM = "severe_failures", "harm"
HARM_FIGURES = frozenset({SEVERE, HARM})


class Verdict(Enum):
    """In the order they are tried: the first that applies is the verdict."""

    STOP = "stop"
    WAIT = "wait"
    FIX = "fix"
    CONTINUE = "continue"
    SCALE = "scale"

    @property
    def word(self) -> str:
        return {
            Verdict.STOP: say("STOP"),
            Verdict.WAIT: say("WAIT"),
            Verdict.FIX: say("FIX"),
            Verdict.CONTINUE: say("CONTINUE"),
            Verdict.SCALE: say("SCALE"),
        }[self]


class GateState(Enum):
    """How a gate stands."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_DECIDED = "not decided"

    @property
    def word(self) -> str:
        return {
            GateState.PASSED: say("passed"),
            GateState.FAILED: say("failed"),
            GateState.NOT_DECIDED: say("not decided"),
        }[self]


@dataclass(frozen=True, slots=True)
class GateResult:
    """A gate, what is seen of it, and what would decide it. `on` is the day it was decided."""

    name: str
    state: GateState
    seen: str
    decides: str
    on: date | None = None
    due: date | None = None
    owner: str = ""
    hard: bool = False
    sealed_on: date | None = None
    changed_after_seal: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """Something counted up day by day. `open_by` is how much more it may have been by a day."""

    days: tuple[tuple[date, Decimal], ...]
    open_by: tuple[tuple[date, Decimal], ...] = ()

    def by(self, day: date) -> Decimal:
        """The count at the end of `day`."""
        return _until(self.days, day)

    def more_by(self, day: date) -> Decimal:
        """How much more it may have been: outcomes nobody checked, costs nobody knows."""
        return _until(self.open_by, day)

    def reached(self, least: Decimal, by: date) -> date | None:
        """The day since when the count was `least` or more, to the end of `by`; what is taken back counts."""
        return self._since(lambda total: total >= least, by)

    def passed(self, most: Decimal, by: date) -> date | None:
        """The day since when the count was more than `most`, to the end of `by`."""
        return self._since(lambda total: total > most, by)

    def _since(self, holds: Callable[[Decimal], bool], by: date) -> date | None:
        since = None
        for day, total in self.days:
            if day > by:
                break
            since = (since or day) if holds(total) else None
        return since


def running(
    daily: Sequence[tuple[date, Decimal]], open_daily: Sequence[tuple[date, Decimal]] = ()
) -> Running:
    """Daily amounts, in any order, as a running total."""
    return Running(_summed(daily), _summed(open_daily))


@dataclass(frozen=True, slots=True)
class Watched:
    """A gate on a share or a unit cost: the days on which the bets that it passes, and fails, were won.

    `more_to_pass` and `more_to_fail` are about how many more tasks like those so far it takes; None where,
    going on like this, it never gets there. `units` are tasks, or groups of them where `grouped`.
    """

    tasks: int
    units: int
    grouped: bool
    passed_on: date | None
    failed_on: date | None
    more_to_pass: int | None
    more_to_fail: int | None
    each_costs: Decimal | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What gates look at, from the first day of the use case. Money in `currency`.

    `ranges` are what is shown of shares and unit costs, by figure; `watched` decides on them, by gate.
    """

    as_of: date
    first_day: date
    currency: str
    accepted: Running
    spend: Running
    spend_unknown: bool
    value_back: Running
    hours_freed: Running
    ranges: dict[str, Figure | Unknown]
    watched: Mapping[str, Watched | Unknown] = field(default_factory=dict)
    harmed: Mapping[str, Running] = field(default_factory=dict)  # severe failures and harm, where told of


def judged(gate: Gate, seen: Seen) -> GateResult:
    """One gate on what is seen."""
    weeks = max(0, (seen.as_of - seen.first_day + timedelta(days=1)).days // DAYS_A_WEEK)
    if weeks < gate.least_weeks:
        return _result(
            gate,
            GateState.NOT_DECIDED,
            say("{weeks} of {least} whole weeks", weeks=weeks, least=gate.least_weeks),
            say("not looked at before then"),
        )
    if gate.figure in seen.ranges:
        return _watched(gate, seen, seen.watched.get(gate.name), _in_range(seen.ranges[gate.figure]))
    if gate.figure in HARM_FIGURES:
        return _harm(gate, seen, seen.harmed.get(gate.figure))
    if gate.figure == "spend":
        return _at_most(gate, seen) if gate.at_most is not None else _at_least(gate, seen, seen.spend)
    counted = {
        "accepted": seen.accepted,
        "value_back": seen.value_back,
        "hours_freed": seen.hours_freed,
    }[gate.figure]
    if gate.at_most is not None:
        return _result(
            gate,
            GateState.NOT_DECIDED,
            _amount(gate, seen, counted.by(seen.as_of)),
            say("another threshold: an upper limit on this figure is not judged; set `at_least`"),
        )
    return _at_least(gate, seen, counted)


def _at_least(gate: Gate, seen: Seen, counted: Running) -> GateResult:
    least = gate.at_least or Decimal(0)
    deadline = min(gate.by, seen.as_of) if gate.by else seen.as_of
    so_far = counted.by(deadline)
    shown = say("{so_far} of {least}", so_far=_amount(gate, seen, so_far), least=_amount(gate, seen, least))
    reached = counted.reached(least, deadline)
    if reached is not None:
        return _result(gate, GateState.PASSED, shown, say("nothing more needed"), reached)
    if gate.by is None or seen.as_of < gate.by:
        missing = say("{missing} more", missing=_amount(gate, seen, least - so_far))
        return _result(gate, GateState.NOT_DECIDED, shown, missing)
    more = counted.more_by(deadline)
    if so_far + more >= least:
        unchecked = say_count(
            "checking the {count} outcome of those days that nobody has checked",
            "checking the {count} outcomes of those days that nobody has checked",
            ceil(more),
        )
        return _result(gate, GateState.NOT_DECIDED, shown, unchecked)
    if gate.figure == "spend" and seen.spend_unknown:
        return _result(gate, GateState.NOT_DECIDED, shown, say("pricing the calls without a price"))
    return _result(gate, GateState.FAILED, shown, say("nothing: its day has passed"), gate.by)


def _at_most(gate: Gate, seen: Seen) -> GateResult:
    most = gate.at_most or Decimal(0)
    deadline = min(gate.by, seen.as_of) if gate.by else seen.as_of
    spent = seen.spend.by(deadline)
    shown = say("{spent} of {most}", spent=_amount(gate, seen, spent), most=_amount(gate, seen, most))
    over = seen.spend.passed(most, deadline)
    if over is not None:
        return _result(gate, GateState.FAILED, shown, say("nothing: it was passed"), over)
    if gate.by is None or seen.as_of < gate.by:
        left = say("its day, with {left} left", left=_amount(gate, seen, most - spent))
        return _result(gate, GateState.NOT_DECIDED, shown, left)
    if seen.spend_unknown:
        return _result(gate, GateState.NOT_DECIDED, shown, say("pricing the calls without a price"))
    return _result(gate, GateState.PASSED, shown, say("nothing more needed"), gate.by)


def _harm(gate: Gate, seen: Seen, counted: Running | None) -> GateResult:
    """A count that can only grow: it fails on the day it is passed, and passes only when its day has come."""
    if counted is None:
        told = (
            say("fill the column severity of the outcomes")
            if gate.figure == SEVERE
            else say("fill the column harm_cost of the outcomes, or list rows of cost of category harm")
        )
        return _result(gate, GateState.NOT_DECIDED, say("nobody says what harm was done"), told)
    most = gate.at_most or Decimal(0)
    deadline = min(gate.by, seen.as_of) if gate.by else seen.as_of
    so_far = counted.by(deadline)
    shown = say("{spent} of {most}", spent=_amount(gate, seen, so_far), most=_amount(gate, seen, most))
    over = counted.passed(most, deadline)
    if over is not None:
        return _result(gate, GateState.FAILED, shown, say("nothing: it was passed"), over)
    if gate.by is None or seen.as_of < gate.by:
        left = say("its day, with {left} left", left=_amount(gate, seen, most - so_far))
        return _result(gate, GateState.NOT_DECIDED, shown, left)
    unchecked = seen.accepted.more_by(deadline)
    if unchecked and (gate.figure == HARM or so_far + unchecked > most):
        checking = say_count(
            "checking the {count} outcome of those days that nobody has checked",
            "checking the {count} outcomes of those days that nobody has checked",
            ceil(unchecked),
        )
        return _result(gate, GateState.NOT_DECIDED, shown, checking)
    return _result(gate, GateState.PASSED, shown, say("nothing more needed"), gate.by)


def _watched(gate: Gate, seen: Seen, found: Watched | Unknown | None, shown: str) -> GateResult:
    if found is None:
        figure = seen.ranges[gate.figure]
        return _result(gate, GateState.NOT_DECIDED, shown, figure.fix if isinstance(figure, Unknown) else "")
    if isinstance(found, Unknown):
        return _result(gate, GateState.NOT_DECIDED, f"{shown}; {found.reason}", found.fix)
    earliest = seen.first_day + timedelta(weeks=gate.least_weeks)
    passed, failed = (
        None if day is None else max(day, earliest) if gate.least_weeks else day
        for day in (found.passed_on, found.failed_on)
    )
    if passed is not None and (failed is None or passed <= failed):
        return _result(gate, GateState.PASSED, shown, say("nothing more needed"), _dated(passed, seen))
    if failed is not None:
        return _result(
            gate, GateState.FAILED, shown, say("nothing: it is below what was asked"), _dated(failed, seen)
        )
    if gate.by is not None and seen.as_of >= gate.by:
        return _result(
            gate, GateState.NOT_DECIDED, shown, say("its day has passed undecided: set a new day, or stop")
        )
    return _result(gate, GateState.NOT_DECIDED, shown, _more(found, seen.currency))


def _more(found: Watched, currency: str) -> str:
    """How many more cases and how much money would decide it, going on like this."""
    more = found.more_to_pass if found.more_to_pass is not None else found.more_to_fail
    if more is None:
        return say("more cases than anybody checks: it is too close to its threshold")
    what = (
        say_count(
            "about {count:,} more case like these", "about {count:,} more cases like these", max(1, more)
        )
        if found.more_to_pass is not None
        else say_count(
            "about {count:,} more case like these would show that it fails",
            "about {count:,} more cases like these would show that it fails",
            max(1, more),
        )
    )
    if found.grouped and found.units:
        groups = max(1, round(more * found.units / found.tasks))
        what += say_count(", of {count:,} more group", ", of {count:,} more groups", groups)
    if found.each_costs is not None:
        what += say(", {amount}", amount=money(found.each_costs * max(1, more), currency))
    return what


def _dated(day: date, seen: Seen) -> date:
    """The day it was decided; what has no day of its own was decided on the as-of day."""
    return day if day > date.min else seen.as_of


def _in_range(figure: Figure | Unknown) -> str:
    """What is seen of a figure: its value and its range."""
    if isinstance(figure, Unknown):
        return figure.reason
    low = high = None
    if figure.interval is not None:
        low, high = figure.interval.low, figure.interval.high
    if low is None or high is None:
        return _short(figure, figure.value)
    return say(
        "{value}, range {low} to {high}",
        value=_short(figure, figure.value),
        low=_short(figure, low),
        high=_short(figure, high),
    )


def _short(figure: Figure, value: Decimal) -> str:
    return money(value, figure.currency) if figure.currency else number(value)


def _amount(gate: Gate, seen: Seen, value: Decimal) -> str:
    if gate.figure in {"spend", "value_back", HARM}:
        return money(value, seen.currency)
    return number(value) if value != value.to_integral_value() else count(value)


def _result(gate: Gate, state: GateState, seen: str, decides: str, on: date | None = None) -> GateResult:
    return GateResult(
        name=gate.name,
        state=state,
        seen=seen,
        decides=decides,
        on=on,
        due=gate.by,
        owner=gate.owner,
        hard=gate.hard,
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict and the reason for it, in a sentence or two; `until` is the next day that counts."""

    verdict: Verdict
    why: str
    until: date | None = None


def judgement(
    gates: Sequence[GateResult],
    burn: Burn | None,
    fixes: Sequence[Fix],
    *,
    no_result: str,
    returns: Returns | None = None,
) -> Judgement:
    """The first verdict that applies: stop, wait, fix, continue, scale.

    `returns` is what lies ahead; without it nothing is known of waiting, or of what going on is worth.
    `no_result` is said where the kill line was crossed: "No accepted result in 12 months."
    """
    if burn is not None and burn.crossed_on is not None:
        return Judgement(Verdict.STOP, f"{no_result} {_crossed(burn)}".strip())
    failed = [gate for gate in gates if gate.state is GateState.FAILED]
    hard = [gate for gate in failed if gate.hard]
    if hard:
        return Judgement(
            Verdict.STOP,
            say("The gate “{name}” failed: {seen}.", name=hard[0].name, seen=hard[0].seen),
        )
    later = ahead(returns)
    if later is not None and later.verdict in {Verdict.STOP, Verdict.WAIT}:
        return later
    if burn is not None and burn.budget is not None and burn.spent.amount > burn.budget.amount:
        return Judgement(
            Verdict.FIX,
            say(
                "{spent} spent, {over} over budget.",
                spent=money(burn.spent.amount, burn.spent.currency),
                over=money((burn.spent - burn.budget).amount, burn.spent.currency),
            ),
        )
    if fixes:
        return Judgement(Verdict.FIX, say("In the way: {what}.", what=fixes[0].what), fixes[0].by)
    if failed:
        return Judgement(
            Verdict.FIX,
            say("The gate “{name}” failed: {seen}.", name=failed[0].name, seen=failed[0].seen),
        )
    open_gates = [gate for gate in gates if gate.state is GateState.NOT_DECIDED]
    if later is not None:
        return replace(later, until=next_to_decide(open_gates).due if open_gates else None)
    if burn is not None and burn.undecided:
        return Judgement(
            Verdict.CONTINUE,
            say(
                "Its own limit is passed, unless outcomes that nobody has checked were accepted: check them."
            ),
        )
    if open_gates:
        first = next_to_decide(open_gates)
        if len(open_gates) == 1:
            why = say("Not decided: {gate} ({seen}).", gate=first.name, seen=first.seen)
        elif first.due is not None:
            why = say(
                "{count} gates are not decided; the next is due on {day}: {gate}.",
                count=len(open_gates),
                day=written_day(first.due),
                gate=first.name,
            )
        else:
            why = say(
                "{count} gates are not decided, and none has a day. The first: {gate}.",
                count=len(open_gates),
                gate=first.name,
            )
        return Judgement(Verdict.CONTINUE, why, first.due)
    if not gates:
        return Judgement(Verdict.CONTINUE, say("No gate is set, so nothing can be decided: set one."))
    return Judgement(Verdict.SCALE, say("All {count} gates passed.", count=len(gates)))


def ahead(returns: Returns | None) -> Judgement | None:
    """Stop, wait or continue for what lies ahead; None where going on is worth it, or nothing is known.

    Only money that is still to come is looked at. A difference counts that is beyond twice its simulation error.
    """
    if returns is None or not returns.choices:
        return None
    go_on = returns.choice("go_on")
    waits = [each for each in returns.choices if each.months_waited]
    best = max(waits, key=lambda each: each.worth.amount, default=None)
    pilot = returns.pilot
    error = 2 * (go_on.error or Decimal(0))
    tried = pilot.worth.amount if pilot is not None else Decimal(0)
    beyond = max(error, 2 * (best.error or Decimal(0))) if best is not None else error
    if best is not None and best.worth.amount > max(go_on.worth.amount, tried, Decimal(0)) + beyond:
        more = {
            "gain": money(best.worth.amount - go_on.worth.amount, returns.currency),
            "worth": money(best.worth.amount, returns.currency),
        }
        why = (
            say_count(
                "Going on in {count} month is worth {gain} more than now, and {worth} more than stopping.",
                "Going on in {count} months is worth {gain} more than now, and {worth} more than stopping.",
                best.months_waited,
                **more,
            )
            if returns.history
            else say_count(
                "Starting in {count} month is worth {gain} more than now, and {worth} more than never.",
                "Starting in {count} months is worth {gain} more than now, and {worth} more than never.",
                best.months_waited,
                **more,
            )
        )
        return Judgement(Verdict.WAIT, why, returns.start_after(best.months_waited))
    if pilot is not None and pilot.worth.amount > max(go_on.worth.amount, Decimal(0)) + error:
        why = say(
            "Trying first is worth {gain} more than going on now, and {worth} more than stopping.",
            gain=money(pilot.worth.amount - go_on.worth.amount, returns.currency),
            worth=money(pilot.worth.amount, returns.currency),
        )
        return Judgement(Verdict.CONTINUE, why)
    if go_on.worth.amount + error >= 0:
        return None
    lost = say(
        "Going on is worth {amount} less than stopping now, and loses in {parts} of 100 futures",
        amount=money(-go_on.worth.amount, returns.currency),
        parts=hundredths(go_on.loss),
    )
    first = next((each for each in returns.measure_next if each.pays and each.costs is not None), None)
    if first is not None and first.costs is not None:
        known = say(
            "{what} first: it costs {costs} and is worth up to {worth}",
            what=first.what,
            costs=money(first.costs.amount, returns.currency),
            worth=money(first.worth.amount, returns.currency),
        )
        return Judgement(Verdict.CONTINUE, f"{lost}. {known}.")
    return Judgement(Verdict.STOP, f"{lost}.")


def next_to_decide(gates: Sequence[GateResult]) -> GateResult:
    """Of gates not decided, the one that is due first; of those without a day, the first."""
    return min(gates, key=lambda gate: gate.due or date.max)


def _crossed(burn: Burn) -> str:
    if burn.crossed_on is None or burn.spent_when_crossed is None or burn.kept is None:
        return ""
    currency = burn.spent.currency
    day, spent = written_day(burn.crossed_on), money(burn.spent_when_crossed.amount, currency)
    if burn.kept.amount <= 0:
        return say("Passed its own limit on {day}, at {spent}.", day=day, spent=spent)
    return say(
        "Passed its own limit on {day}, at {spent}; stopping then would have kept {kept}.",
        day=day,
        spent=spent,
        kept=money(burn.kept.amount, currency),
    )


def _summed(daily: Sequence[tuple[date, Decimal]]) -> tuple[tuple[date, Decimal], ...]:
    total = Decimal(0)
    found: dict[date, Decimal] = {}
    for day, amount in sorted(daily):
        total += amount
        found[day] = total
    return tuple(found.items())


def _until(days: Sequence[tuple[date, Decimal]], day: date) -> Decimal:
    return next((total for each, total in reversed(days) if each <= day), Decimal(0))
