"""Who goes on using the judged way, as figures and as a curve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback.assessment import Rated, Retention, Stay
from payback.assessor.context import Context
from payback.assessor.estimates import decimal_of, exact
from payback.days import period as written_period
from payback.locale import say, say_count
from payback.measures.delivery.adoption import (
    GONE_AFTER,
    HORIZON,
    SHOWN_FOR,
    Curve,
    Users,
    curve,
    followed,
    mean_days,
    tried_once,
)
from payback.measures.estimate import rounded
from payback.measures.proportion import normal, wilson
from payback.numbers import count as written_count
from payback.records import Evidence, Figure, Input, Interval, Period, Unknown

STAYING = 28
"""The day for which it is said who is still there."""
MOST_COHORTS = 6


def adoption(
    context: Context, found: Sequence[Users], as_of: date
) -> tuple[tuple[Rated, ...], Retention | None]:
    """Users, who of them had a result accepted, who stayed; nothing where nobody logs users."""
    if not found:
        return (), None
    rows = [_accepted(context, found)]
    curves = {days: curve(*followed(found, as_of, days)) for days in SHOWN_FOR}
    main = curves[GONE_AFTER]
    rows.append(_tried(context, found, as_of))
    for days in reversed(SHOWN_FOR):
        stays = _still_there(context, curves[days], days)
        if stays is not None:
            rows.append(stays)
    rows += _cohorts(context, found, as_of)
    if isinstance(main, Unknown):
        return _known(rows), None
    mean = _mean(context, main)
    rows.append(Rated(say("days a user stays, of the first {days}", days=HORIZON), mean))
    return _known(rows), Retention(
        users=main.users,
        gone_after=GONE_AFTER,
        followed=main.followed,
        points=tuple(
            Stay(step.day, *(decimal_of(rounded(each)) for each in (step.share, step.low, step.high)))
            for step in main.steps
        ),
        mean_days=mean,
        says=_finding(found, as_of),
        notes=_notes(found),
    )  # fmt: skip


def _known(rows: Sequence[Rated]) -> tuple[Rated, ...]:
    """Only what the log is long enough for."""
    return tuple(row for row in rows if isinstance(row.figure, Figure))


def _accepted(context: Context, found: Sequence[Users]) -> Rated:
    users, accepted = sum(each.users for each in found), sum(each.accepted for each in found)
    again = sum(each.users for each in found if each.last > each.first)
    figure = _share(
        context, accepted, users, "users_accepted", "users",
        (say("came back on another day"), again),
    )  # fmt: skip
    return Rated(say("users who had a result accepted"), figure)


def _share(
    context: Context, hits: int, of: int, name: str, formula: str, more: tuple[str, int] | None = None
) -> Figure:
    low, high = wilson(hits / of, of, normal(0.95))
    sentence = say("from {count} independent users", count=written_count(of))
    return Figure(
        name=name,
        value=exact(Fraction(hits, of)),
        unit="share",
        formula=formula,
        evidence=Evidence.MEASURED,
        period=context.period,
        interval=Interval(
            decimal_of(rounded(low)), decimal_of(rounded(high)), "wilson", Decimal("0.95"), sentence
        ),
        count=of,
        counted=say("users"),
        inputs=(Input(more[0], written_count(more[1]), Evidence.MEASURED),) if more else (),
        origins=context.sources.of("usage"),
    )


def _tried(context: Context, found: Sequence[Users], as_of: date) -> Rated:
    label = say("tried once, not used again")
    once, old = tried_once(found, as_of)
    if not old:
        reason = say("no user is old enough: it takes {days} days without use to have left", days=GONE_AFTER)
        return Rated(label, Unknown(reason))
    return Rated(label, _share(context, once, old, "tried_once", "users"), says=_finding(found, as_of))


def _finding(found: Sequence[Users], as_of: date) -> str:
    """Said where more than half tried it once, beyond chance."""
    once, old = tried_once(found, as_of)
    if not old or wilson(once / old, old, normal(0.95))[0] <= 1 / 2:
        return ""
    return say(
        "tried once, not used again: {once} of {all} users", once=written_count(once), all=written_count(old)
    )


def _still_there(context: Context, found: Curve | Unknown, gone_after: int) -> Rated | None:
    label = say("still there after {days} days (gone: {gone} without use)", days=STAYING, gone=gone_after)
    if isinstance(found, Unknown):
        return Rated(label, found) if gone_after == GONE_AFTER else None
    step = found.share(STAYING)
    if step is None:
        return Rated(label, Unknown(say("nobody was followed for {days} days yet", days=STAYING)))
    return Rated(label, _stays(context, found, step.share, step.low, step.high, "still_there"))


def _stays(context: Context, found: Curve, share: float, low: float, high: float, name: str) -> Figure:
    sentence = say(
        "from {count} users followed for {days} days at the most", count=found.users, days=found.followed
    )
    return Figure(
        name=name,
        value=decimal_of(rounded(share)),
        unit="share",
        formula="retention",
        evidence=Evidence.MEASURED,
        period=context.period,
        interval=Interval(
            decimal_of(rounded(low)), decimal_of(rounded(high)), "retention", Decimal("0.95"), sentence
        ),
        count=found.users,
        counted=say("users"),
        origins=context.sources.of("usage"),
    )  # fmt: skip


def _cohorts(context: Context, found: Sequence[Users], as_of: date) -> list[Rated]:
    """Who is still there of those who began in each month, where there are several of enough users."""
    by_month: defaultdict[date, list[Users]] = defaultdict(list)
    for each in found:
        by_month[each.first.replace(day=1)].append(each)
    rows = []
    for month in sorted(by_month)[-MOST_COHORTS:]:
        made = curve(*followed(by_month[month], as_of))
        step = None if isinstance(made, Unknown) else made.share(STAYING)
        if isinstance(made, Unknown) or step is None:
            continue
        after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        began = say(
            "began in {month}: still there after {days} days",
            month=written_period(Period(month, after)), days=STAYING,
        )  # fmt: skip
        rows.append(
            Rated(began, _stays(context, made, step.share, step.low, step.high, "still_there_of_month"))
        )
    return rows if len(rows) > 1 else []


def _mean(context: Context, found: Curve) -> Figure | Unknown:
    made = mean_days(found)
    if isinstance(made, Unknown):
        return made
    value, low, high = made
    shown = None
    if low < high:
        sentence = say("from {count} users", count=written_count(found.users))
        shown = Interval(
            decimal_of(rounded(low)), decimal_of(rounded(high)), "retention", Decimal("0.95"), sentence
        )
    return Figure(
        name="days_used",
        value=decimal_of(rounded(value)),
        unit="days",
        formula="retention",
        evidence=Evidence.MEASURED,
        period=context.period,
        interval=shown,
        count=found.users,
        counted=say("users"),
        origins=context.sources.of("usage"),
    )


def _notes(found: Sequence[Users]) -> tuple[str, ...]:
    """What cannot be seen of those who were there when the log begins."""
    first = min(each.first for each in found)
    early = sum(each.users for each in found if each.first == first)
    return (
        say_count(
            "{shown} user was there on the first day of the log and may have begun before it",
            "{shown} users were there on the first day of the log and may have begun before it",
            early,
            shown=written_count(early),
        ),
        say("users share work and habits: their range takes each one to be independent"),
    )
