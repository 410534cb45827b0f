"""Groups that began with the AI on a day: which did and when, and what they did before and after, week by week.

Groups that all began on one day are a difference in differences (docs/formulas.md). Those that began on different days
need an estimator that does not take groups that began earlier for a control: Gardner 2022, by pyfixest, which is in
the extra `staggered`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from payback.locale import say
from payback.measures.effect import Effect
from payback.measures.estimate import Floats
from payback.records import Unknown

# Tasks of no known day cannot be placed before or after: they have no row in the calendar.
WEEKS_QUERY = """
    select e.use_case, r.result, r.cluster, r.arm, c.week,
           case when r.first_day < e.since then 0 else 1 end as late, count(*) as tasks,
           sum(r.known) as known, sum(r.y) as y
    from experiment e
    join task_result r on e.use_case = r.use_case and (e.arm = r.arm or e.against = r.arm)
    left join calendar c on r.first_day = c.day
    cross join period
    where e.since is not null
          and (r.first_day is null or (r.first_day >= period.first_day_of
                                       and r.first_day < period.first_day_after))
    group by e.use_case, r.result, r.cluster, r.arm, c.week, case when r.first_day < e.since then 0 else 1 end
    order by e.use_case, r.result, r.cluster, r.arm, c.week, late
"""


FEWEST_GROUPS = 5
"""Groups that began, and groups that did not, for a range; costs of groups never get one (docs/coverage)."""
FEWEST_BEGINNING_APART = 20
"""Groups, where they began on different days."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a group did one way in a week, before or from the day (`late`); `week` None is of no known day.

    `y` is the sum of the result over the `known` of its `tasks`.
    """

    group: str
    arm: str
    week: date | None
    late: bool
    tasks: int
    known: int
    y: float


def stages(rows: Iterable[Sequence[Any]]) -> Mapping[tuple[str, str], list[Stage]]:
    """From the rows of `WEEKS_QUERY`, by use case and result."""
    found: defaultdict[tuple[str, str], list[Stage]] = defaultdict(list)
    for use_case, result, group, arm, week, late, tasks, known, y in rows:
        found[use_case, result].append(
            Stage(group, arm, week, bool(late), int(tasks), int(known), float(y or 0))
        )
    return found


def monday(day: date) -> date:
    """The week of a day."""
    return day - timedelta(days=day.weekday())


def begun(given: Sequence[Stage], arm: str, since: date) -> Mapping[str, date | None]:
    """The week each group began to work in the judged way; None for one that never did.

    A group whose first such task comes later than `since`, with no other work in between, began with the others.
    """
    mine = [stage for stage in given if stage.arm == arm and stage.week is not None]
    others = [stage for stage in given if stage.arm != arm and stage.late]
    first: dict[str, date] = {}
    for stage in mine:
        week = stage.week or since
        first[stage.group] = min(first.get(stage.group, week), week)
    apart = {stage.group for stage in mine if not stage.late}
    apart |= {
        stage.group for stage in others if stage.week and stage.week < first.get(stage.group, stage.week)
    }
    return {
        stage.group: first[stage.group]
        if stage.group in apart
        else monday(since)
        if stage.group in first
        else None
        for stage in given
    }


@dataclass(frozen=True, slots=True)
class Change:
    """A group's mean per task before and from the day, and its tasks with a known result in each."""

    before: float
    after: float
    tasks_before: int
    tasks_after: int


def changes(given: Sequence[Stage]) -> Mapping[str, Change | None]:
    """By group; None where it has no result before, or none after."""
    totals: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for stage in given:
        mine = totals[stage.group]
        if stage.week is not None:
            mine[2 * stage.late] += stage.y
            mine[2 * stage.late + 1] += stage.known
    return {
        group: Change(y / n, y_after / n_after, int(n), int(n_after)) if n and n_after else None
        for group, (y, n, y_after, n_after) in totals.items()
    }


def whole(given: Sequence[Stage]) -> Change | None:
    """All groups as one."""
    merged = [
        Stage("", stage.arm, stage.week, stage.late, stage.tasks, stage.known, stage.y) for stage in given
    ]
    return changes(merged).get("")


def before_after(
    treated: Sequence[tuple[float, float]], control: Sequence[tuple[float, float]]
) -> Effect | Unknown:
    """Difference in differences: how much more the treated groups changed than the others (Card and Krueger 1994).

    A pair a group: its mean before, and after. Each group is one observation; Welch's t.
    """
    changes = [np.array([after - before for before, after in each]) for each in (treated, control)]
    for each in changes:
        if len(each) < 2:
            return Unknown(say("a comparison before and after takes at least two groups of each kind"))
    parts = [(float(each.var(ddof=1)) / len(each), len(each)) for each in changes]
    variance = sum(part for part, _ in parts)
    if variance <= 0:
        return Unknown(say("every group changed the same, so the sample shows no spread"))
    return Effect(
        value=float(changes[0].mean() - changes[1].mean()),
        error=math.sqrt(variance),
        freedom=variance**2 / sum(part**2 / (count - 1) for part, count in parts),
        clusters=len(changes[0]) + len(changes[1]),
        worth=min(count for _, count in parts),
        spread=min(_spread(each) for each in changes),
    )


def untrusted(result: str, began: int, others: int) -> Unknown | None:
    """Why there is no range: where simulated ones held the truth in fewer than 93 of 100 (docs/coverage/experiments.md)."""
    if result == "cost":
        return Unknown(say("no range: a few dear tasks decide a group's mean cost"))
    if min(began, others) < FEWEST_GROUPS:
        return Unknown(
            say(
                "no range: {began} groups began and {others} did not; it takes {least} of either",
                began=began,
                others=others,
                least=FEWEST_GROUPS,
            )
        )
    return None


def untrusted_weeks(result: str, groups: int) -> Unknown | None:
    """The same where groups began on different days."""
    if result == "cost":
        return Unknown(say("no range: a few dear tasks decide a group's mean cost"))
    if groups < FEWEST_BEGINNING_APART:
        return Unknown(
            say(
                "no range: {groups} groups began on different days; it takes {least}",
                groups=groups,
                least=FEWEST_BEGINNING_APART,
            )
        )
    return None


def _spread(changes: Floats) -> float:
    """As how many groups they count, if all moved the mean alike."""
    squares = np.square(changes - changes.mean())
    fourth = float(np.square(squares).sum())
    return float(squares.sum()) ** 2 / fourth if fourth > 0 else 0.0


def staggered(given: Sequence[Stage], starts: Mapping[str, date | None]) -> Effect | Unknown:
    """The mean change in the weeks after each group began: two stages (Gardner 2022), errors by group.

    A group's week is one observation. Weeks in which every group has begun say nothing of what would have been, and
    are left out, as are groups that had begun in their first week.
    """
    panel = weekly(given, starts)
    groups = {group for group, *_ in panel}
    if not any(treated for *_, treated, _ in panel):
        return Unknown(say("no week has groups that began beside groups that had not"))
    try:
        import pandas  # noqa: PLC0415, ICN001  only where the extra `staggered` is installed
        import pyfixest  # noqa: PLC0415
    except ImportError:
        return Unknown(
            say("the groups began on different days, which a plain comparison gets wrong"),
            fix=say("install payback[staggered], or compare groups that began on one day"),
        )
    table = pandas.DataFrame(panel, columns=["team", "week", "treated", "y"])
    fitted = pyfixest.did2s(
        table,
        yname="y",
        first_stage="~ 0 | team + week",
        second_stage="~ treated",
        treatment="treated",
        cluster="team",
    )
    count = len(groups)
    return Effect(
        value=float(fitted.coef().loc["treated"]),
        error=float(fitted.se().loc["treated"]) * math.sqrt(count / (count - 1)),
        freedom=count - 1,
        clusters=count,
    )


def weekly(given: Sequence[Stage], starts: Mapping[str, date | None]) -> list[tuple[str, str, int, float]]:
    """Group, week, whether it had begun (1 or 0) and its mean, for weeks and groups that can be compared."""
    sums: defaultdict[tuple[str, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for stage in given:
        if stage.week is not None and stage.known:
            mine = sums[stage.group, stage.week]
            mine[0] += stage.y
            mine[1] += stage.known
    rows = [
        (group, week, int((start := starts.get(group)) is not None and week >= start), y / n)
        for (group, week), (y, n) in sorted(sums.items())
    ]
    compared = {week for _, week, treated, _ in rows if not treated}
    rows = [row for row in rows if row[1] in compared]
    followed = {group for group, _, treated, _ in rows if not treated}
    return [(group, week.isoformat(), treated, y) for group, week, treated, y in rows if group in followed]
