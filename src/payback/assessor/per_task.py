"""What a task costs besides its calls: people's minutes, and a share of what is paid for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from payback.assessor.context import Context
from payback.assessor.estimates import decimal_of, exact
from payback.assessor.exchange import HARDWARE, Out
from payback.locale import say, say_count
from payback.measures.ratio import ratio_interval
from payback.measures.work import Work
from payback.project import UseCase
from payback.quantities import Quantity
from payback.records import Evidence, Input, Interval, Unknown

SHARED = frozenset({"run", "people", "licence", "data", "platform"})
"""Cost rows that every task carries a share of; building is money spent once."""
REVIEW, HARM = "review", "harm"
MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the cost of a task: the money, and the two ends of it where they differ.

    `kind` is people, shared, hardware, review or harm.
    """

    name: str
    value: Decimal
    evidence: Evidence
    low: Decimal
    high: Decimal
    interval: Interval | None = None
    inputs: tuple[Input, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PerTask:
    """The parts, as money per task; `unknown` says why one of them is missing, `notes` what to know.

    `rows` are all rows of cost of this way of working, building too.
    """

    parts: tuple[Part, ...]
    rows: tuple[Out, ...] = ()
    unknown: Unknown | None = None
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> Decimal:
        return sum((part.value for part in self.parts), Decimal(0))

    @property
    def ends(self) -> tuple[float, float]:
        """What each task costs besides its calls, at the least and at the most."""
        return (
            float(sum((part.low for part in self.parts), Decimal(0))),
            float(sum((part.high for part in self.parts), Decimal(0))),
        )


def per_task(context: Context, arm: str, work: Work, costs: Sequence[Out], judged: str | None) -> PerTask:
    """People's minutes and cost rows of one way of working; rows that name no way are the judged one's."""
    parts: list[Part] = []
    notes: list[str] = []
    people = _people(context, arm, work, judged, notes)
    if isinstance(people, Part):
        parts.append(people)
    mine = [line for line in costs if line.arm == arm or (not line.arm and arm == judged)]
    for kind, name, categories in _rows_shared(people):
        lines = [line for line in mine if line.category in categories]
        if lines and work.tasks:
            each = exact(Fraction(sum((line.amount for line in lines), Decimal(0))) / work.tasks)
            again = exact(Fraction(sum((line.again for line in lines), Decimal(0))) / work.tasks)
            known = min(line.evidence for line in lines)
            parts.append(Part(name, each, known, each - again, each, kind=kind))
    if isinstance(people, Part) and any(line.category == REVIEW for line in mine):
        notes.append(say("rows of review are not in it: people's minutes at a wage are"))
    if any(line.category == HARM and line.table == "outcome" for line in mine):
        notes.append(say("the cost of harm is taken as it was: how much it varies is not in the range"))
    if any(line.category == "build" for line in mine):
        notes.append(say("what building it cost is not in it: that is money spent once"))
    missing = people if isinstance(people, Unknown) else None
    return PerTask(tuple(parts), tuple(mine), missing, tuple(notes))


def _rows_shared(people: Part | Unknown | None) -> list[tuple[str, str, frozenset[str]]]:
    """Kinds of cost rows and the name of their part; review counts once, as minutes or as rows."""
    shared = [
        ("shared", say("share of the platform"), SHARED),
        ("hardware", say("share of the hardware"), frozenset({HARDWARE})),
        (HARM, say("harm done"), frozenset({HARM})),
    ]
    if people is None:
        shared.insert(0, (REVIEW, say("review by people"), frozenset({REVIEW})))
    return shared


def wage(case: UseCase, arm: str) -> Quantity | None:
    """The wage of those who work on it: today's people where it is today's way, else those who review."""
    of_today = case.today.wage_per_hour if case.today is not None else None
    of_review = case.review.wage_per_hour if case.review is not None else None
    if case.today is not None and arm == case.today.arm:
        return of_today or of_review
    return of_review or of_today


def _people(
    context: Context, arm: str, work: Work, judged: str | None, notes: list[str]
) -> Part | Unknown | None:
    """People's minutes at a wage; None where there are none, Unknown where only one of the two is known."""
    review = context.case.review if arm == judged else None
    rate = wage(context.case, arm)
    if work.timed:
        if rate is None:
            notes.append(
                say_count(
                    "{count} result has people's minutes, but no wage is given: not counted",
                    "{count} results have people's minutes, but no wage is given: not counted",
                    work.timed,
                )
            )
            return None
        return _timed(work, rate, notes, reviewed=arm == judged)
    if review is None:
        return None
    if review.minutes is None:
        return Unknown(
            say("how long people review a result is not known"),
            fix=say("give `minutes` under [use_cases.{name}.review], or in the rows", name=context.name),
        )
    paid, minutes = review.wage_per_hour, review.minutes
    ends = Quantity(minutes.low * paid.low / MINUTES_AN_HOUR, minutes.high * paid.high / MINUTES_AN_HOUR)
    return Part(
        say("review by people"),
        minutes.middle * paid.middle / MINUTES_AN_HOUR,
        Evidence.ESTIMATED,
        ends.low,
        ends.high,
        Interval(ends.low, ends.high, "declared", None, say("at the two ends of what was declared"))
        if ends.is_range
        else None,
        (
            Input(say("minutes a unit"), str(minutes), Evidence.ESTIMATED),
            Input(say("wage an hour"), str(paid), Evidence.ESTIMATED),
        ),
        "people",
    )


def _timed(work: Work, rate: Quantity, notes: list[str], *, reviewed: bool) -> Part:
    """The mean of the minutes that were taken, at a wage somebody declared."""
    minutes = exact(Fraction(work.minutes) / work.timed)
    cells = [cell for cell in work.cells.values() if cell.timed]
    low = high = minutes
    found = ratio_interval(
        np.array([float(cell.minutes) for cell in cells]),
        np.array([float(cell.timed) for cell in cells]),
    )
    method = "declared"
    if not isinstance(found, Unknown) and found.low is not None and found.high is not None:
        low, high, method = decimal_of(found.low), decimal_of(found.high), found.method
    elif len({cell.minutes / cell.timed for cell in cells}) > 1:
        notes.append(say("too few results were timed for a range of minutes: the range leaves that out"))
    if work.timed < work.trials:
        notes.append(
            say(
                "{timed} of {all} results were timed; the others are taken to be like them",
                timed=work.timed,
                all=work.trials,
            )
        )
    ends = Quantity(low * rate.low / MINUTES_AN_HOUR, high * rate.high / MINUTES_AN_HOUR)
    name = (
        say("people, {minutes:.1f} minutes")
        if work.by_people and not reviewed
        else say("review by people, {minutes:.1f} minutes")
    )
    sentence = say("from {count} timed, at the wage declared", count=work.timed)
    return Part(
        name.format(minutes=minutes),
        minutes * rate.middle / MINUTES_AN_HOUR,
        Evidence.ESTIMATED,
        ends.low,
        ends.high,
        Interval(ends.low, ends.high, method, None, sentence) if ends.is_range else None,
        (
            Input(
                say("minutes a unit, mean of {count}", count=work.timed), f"{minutes:.2f}", Evidence.MEASURED
            ),
            Input(say("wage an hour"), str(rate), Evidence.ESTIMATED),
        ),
        "people",
    )
