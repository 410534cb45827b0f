"""How long results of the judged way take, how often calls fail, and whether repeats agree, beside today's sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from payback.assessment import Rated, ServiceDay
from payback.assessor.context import Context
from payback.assessor.estimates import decimal_of, exact, interval_of
from payback.days import day as written_day
from payback.locale import say, say_count
from payback.measures.delivery.repeats import (
    MOST_TRIES,
    Repeats,
    disagreements,
    mean_over_tasks,
    scores,
)
from payback.measures.delivery.service import (
    Calls,
    Day,
    Times,
    Version,
    change,
    changes_of,
    error_rate,
    slowest,
    slowest_range,
)
from payback.measures.estimate import Estimate
from payback.numbers import count as written_count
from payback.quantities import Quantity
from payback.records import Evidence, Figure, Input, Interval

SECONDS_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Timed:
    """Times of a way of working; `within` are results by cluster, and how many of them were within the figure."""

    times: Times
    within: tuple[tuple[int, int], ...]


def service(
    context: Context, timed: Timed | None, errors: Calls | None, days: Sequence[Day]
) -> tuple[Rated, ...]:
    """Time, errors and days, those of them that are logged, each beside what today's way is said to do."""
    sheet = context.case.today.service if context.case.today is not None else None
    rows = []
    if timed is not None:
        today = _declared(context, sheet.p95_minutes if sheet else None, "minutes")
        rows.append(Rated(say("95 of 100 results take at most"), _time(context, timed), today))
    if errors is not None:
        today = _declared(context, sheet.error_share if sheet else None, "share")
        rows.append(Rated(say("calls that failed"), _errors(context, errors), today))
    if days:
        today = _declared(context, sheet.available_share if sheet else None, "share")
        rows.append(Rated(say("days it was there"), _available(context, days), today, _worst(days)))
    return tuple(rows)


def _declared(context: Context, given: Quantity | None, unit: str) -> Figure | None:
    if given is None or context.case.today is None:
        return None
    ends = None
    if given.is_range:
        sentence = say("at the two ends of what was declared")
        ends = Interval(given.low, given.high, "declared", Decimal("0.90"), sentence)
    return Figure(
        name="today_service",
        value=given.middle,
        unit=unit,
        formula="declared",
        evidence=Evidence.ESTIMATED,
        interval=ends,
    )


def _time(context: Context, timed: Timed) -> Figure:
    found = timed.times
    results = np.array([float(each) for each, _ in timed.within])
    within = np.array([float(hits) for _, hits in timed.within])
    estimate = Estimate(float(slowest(found)) / SECONDS_A_MINUTE, slowest_range(found, results, within))
    shown, _, notes = interval_of(estimate)
    if shown is not None:
        shown = Interval(_minutes(shown.low), _minutes(shown.high), shown.method, shown.level, shown.sentence)
    omissions: tuple[str, ...] = ()
    if found.unknown:
        told = say_count(
            "the time of {shown} result is not known: quickest at the low end, slowest at the high end",
            "the time of {shown} results is not known: quickest at the low end, slowest at the high end",
            found.unknown,
            shown=written_count(found.unknown),
        )
        omissions = (told,)
    return Figure(
        name="slowest_twentieth",
        value=slowest(found) / SECONDS_A_MINUTE,
        unit="minutes",
        formula="slowest-twentieth",
        evidence=Evidence.MEASURED,
        period=context.period,
        interval=shown,
        count=found.known,
        counted=say("results"),
        origins=context.sources.of("usage"),
        omissions=omissions,
        notes=(*notes, say("the seconds of its calls added up; waiting between them is not in it")),
    )


def _minutes(seconds: Decimal | None) -> Decimal | None:
    return None if seconds is None else seconds / SECONDS_A_MINUTE


def _errors(context: Context, found: Calls) -> Figure:
    calls, failed = sum(found.calls.values()), sum(found.errors.values())
    estimate = error_rate(found)
    shown, _, notes = interval_of(estimate, "acceptance", estimate.value)
    return Figure(
        name="error_rate",
        value=exact(Fraction(failed, calls)),
        unit="share",
        formula="error-rate",
        evidence=Evidence.MEASURED,
        period=context.period,
        interval=shown,
        count=calls,
        counted=say("calls"),
        inputs=(
            Input(say("failed"), written_count(failed), Evidence.MEASURED),
            Input(say("calls"), written_count(calls), Evidence.MEASURED),
        ),
        origins=context.sources.of("usage"),
        notes=notes,
    )


def _available(context: Context, days: Sequence[Day]) -> Figure:
    up = sum(not each.down for each in days)
    with_errors = sum(each.errors > 0 for each in days)
    return Figure(
        name="available_days",
        value=exact(Fraction(up, len(days))),
        unit="share",
        formula="available-days",
        evidence=Evidence.MEASURED,
        period=context.period,
        count=len(days),
        counted=say("days with calls"),
        inputs=(
            Input(say("days on which fewer than half of the calls failed"), written_count(up)),
            Input(say("days on which any call failed"), written_count(with_errors)),
        ),
        origins=context.sources.of("usage"),
        notes=(say("a count of the days there were, without a range: days of an outage follow each other"),),
    )


def _worst(days: Sequence[Day]) -> str:
    worst = max(days, key=lambda each: (each.errors / each.calls, each.calls))
    if not worst.errors:
        return ""
    return say(
        "worst day: {day}, {errors} of {calls} calls failed",
        day=written_day(worst.day),
        errors=written_count(worst.errors),
        calls=written_count(worst.calls),
    )


def service_days(days: Sequence[Day]) -> tuple[ServiceDay, ...]:
    """Calls and failed calls, day by day."""
    return tuple(ServiceDay(each.day, each.calls, each.errors) for each in days)


def consistency(context: Context, found: Repeats | None) -> tuple[Rated, ...]:
    """Whether repeats of a task agree, and how often all, or one, of as many tries as every task has succeed."""
    if found is None or not found.count:
        return ()
    tries = min(found.fewest, MOST_TRIES)
    rows = [
        Rated(say("tasks whose repeats disagree"), _over_tasks(context, found, disagreements(found), "repeats-apart"))
    ]  # fmt: skip
    for every, label in (
        (True, say("all of {tries} tries accepted", tries=tries)),
        (False, say("at least one of {tries} tries accepted", tries=tries)),
    ):
        rows.append(Rated(label, _over_tasks(context, found, scores(found, tries, every=every), "pass-k")))
    return tuple(rows)


def _over_tasks(
    context: Context, found: Repeats, score: dict[tuple[int, int], Fraction], formula: str
) -> Figure:
    value, estimate = mean_over_tasks(found, score)
    shown, _, notes = interval_of(estimate, "acceptance", estimate.value)
    return Figure(
        name=formula.replace("-", "_"),
        value=exact(value),
        unit="share",
        formula=formula,
        evidence=Evidence.MEASURED,
        period=context.period,
        interval=shown,
        count=found.count,
        counted=say("tasks done more than once"),
        origins=context.sources.of("outcome"),
        notes=notes,
    )


def changes(context: Context, found: Sequence[Version]) -> tuple[Rated, ...]:
    """What changed when one version took the place of another: seen, not caused."""
    rows = []
    for before, after in changes_of(found):
        estimate = change(before, after)
        shown, _, notes = interval_of(estimate)
        figure = Figure(
            name="version_change",
            value=decimal_of(round(after.share - before.share, 12)),
            unit="share",
            formula="version-change",
            evidence=Evidence.MEASURED,
            period=context.period,
            interval=shown,
            count=before.known + after.known,
            counted=say("tasks"),
            inputs=(
                Input(before.name, f"{before.share:.3f}", Evidence.MEASURED),
                Input(after.name, f"{after.share:.3f}", Evidence.MEASURED),
            ),
            origins=context.sources.of("usage", "outcome"),
            notes=(*notes, say("different tasks before and after: the work may have changed too")),
        )
        label = say(
            "accepted after {day}, {after} for {before}",
            day=written_day(after.first), after=after.name, before=before.name,
        )  # fmt: skip
        rows.append(Rated(label, figure))
    return tuple(rows)
