"""Who goes on using it: how long users stay after their first day (docs/formulas.md, "retention").

A user has left when W days passed without use. Whether someone left at day t can only be seen when t + W days
have passed since the first one: users are followed that far and no further, whatever they did after.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from payback.locale import say
from payback.measures.estimate import LEVEL, Floats
from payback.measures.proportion import normal, wilson
from payback.records import Unknown

# Every day there is, whatever the period: who stays is seen from the first use on.
QUERY = """
    select use_case, arm, first_day, last_day, count(*) as users, sum(accepted) as accepted
    from user_use
    group by use_case, arm, first_day, last_day
    order by use_case, arm, first_day, last_day
"""

Key = tuple[str, str]
"""(use case, way of working)"""

GONE_AFTER = 28
"""Days without use after which a user has left, unless asked otherwise."""
SHOWN_FOR = (7, 14, 28)
HORIZON = 56
"""Days to which mean use is added up."""
FEWEST_USERS = 10
"""Our judgement: fewer users make no curve."""


@dataclass(frozen=True, slots=True)
class Users:
    """Users with the same first and last day of use; of them so many had a result accepted."""

    first: date
    last: date
    users: int
    accepted: int


def users(rows: Iterable[Sequence[Any]]) -> Mapping[Key, list[Users]]:
    """From the rows of QUERY."""
    found: defaultdict[Key, list[Users]] = defaultdict(list)
    for use_case, arm, first, last, count, accepted in rows:
        found[use_case, arm].append(Users(first, last, int(count), int(accepted or 0)))
    return dict(found)


@dataclass(frozen=True, slots=True)
class Step:
    """From `day` after the first one on, `share` of the users stay; low and high end of its range."""

    day: int
    share: float
    low: float
    high: float
    at_risk: int
    left: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Kaplan and Meier 1958. `followed` is the last day anybody was followed to."""

    steps: tuple[Step, ...]
    users: int
    followed: int

    def share(self, day: int) -> Step | None:
        """The step in force on a day; None where nobody was followed so far."""
        if day > self.followed:
            return None
        held = [step for step in self.steps if step.day <= day]
        return held[-1] if held else Step(0, 1.0, *wilson(1.0, self.users, normal(LEVEL)), self.users, 0)

    @property
    def median(self) -> int | None:
        """The day from which half or fewer stay; None where more than half are still there."""
        return next((step.day for step in self.steps if step.share <= 0.5 + 1e-12), None)


def followed(
    found: Iterable[Users], as_of: date, gone_after: int = GONE_AFTER
) -> tuple[list[int], list[int]]:
    """Users by day they were followed to: those who left then, and those seen to stay at least so long.

    Users younger than `gone_after` days tell nothing yet and are in neither.
    """
    left: defaultdict[int, int] = defaultdict(int)
    stayed: defaultdict[int, int] = defaultdict(int)
    for each in found:
        seen_to = (as_of - each.first).days - gone_after
        if seen_to < 0:
            continue
        used = (each.last - each.first).days
        if used <= seen_to:
            left[used] += each.users
        else:
            stayed[seen_to] += each.users
    last = max((*left, *stayed), default=-1)
    return [left[day] for day in range(last + 1)], [stayed[day] for day in range(last + 1)]


def curve(left: Sequence[int], stayed: Sequence[int], level: float = LEVEL) -> Curve | Unknown:
    """The share that stays, by day; `left` and `stayed` count users by day.

    The range is log-log (Kalbfleisch and Prentice 1980); where all, or none, stay, Wilson's of those at risk.
    """
    at_risk = everyone = sum(left) + sum(stayed)
    if everyone < FEWEST_USERS:
        return Unknown(
            say("{users} users are too few to say who stays; it takes {fewest}", users=everyone, fewest=FEWEST_USERS)
        )  # fmt: skip
    share, variance, critical = 1.0, 0.0, normal(level)
    steps = []
    for day, (gone, over) in enumerate(zip(left, stayed, strict=True)):
        if gone:
            share *= (at_risk - gone) / at_risk
            if at_risk > gone:
                variance += gone / (at_risk * (at_risk - gone))
            low, high = _log_log(share, variance, critical, at_risk)
            steps.append(Step(day, share, low, high, at_risk, gone))
        at_risk -= gone + over
    return Curve(tuple(steps), everyone, len(left) - 1)


def _log_log(share: float, variance: float, critical: float, at_risk: int) -> tuple[float, float]:
    if share <= 1e-12 or share >= 1:
        return wilson(round(share), at_risk, critical)
    reach = critical * math.sqrt(variance) / math.log(share)
    return share ** math.exp(-reach), share ** math.exp(reach)


def mean_days(
    found: Curve, horizon: int = HORIZON, level: float = LEVEL
) -> tuple[float, float, float] | Unknown:
    """Days a user stays within the first `horizon` ones, on average: area below the curve, low, high.

    Restricted mean (Irwin 1949) with Greenwood's variance. Unknown where nobody was followed so long.
    """
    if found.followed < horizon and (not found.steps or found.steps[-1].share > 1e-12):
        return Unknown(say("nobody was followed for {days} days yet", days=horizon))
    days = [0, *(step.day for step in found.steps if step.day < horizon), horizon]
    shares = [1.0, *(step.share for step in found.steps if step.day < horizon)]
    widths: Floats = np.diff(np.array(days, dtype=np.float64)) * np.array(shares)
    area = float(widths.sum())
    variance = 0.0
    for place, step in enumerate(step for step in found.steps if step.day < horizon):
        rest = float(widths[place + 1 :].sum())
        if step.at_risk > step.left:
            variance += rest**2 * step.left / (step.at_risk * (step.at_risk - step.left))
    reach = normal(level) * math.sqrt(variance)
    return area, max(0.0, area - reach), min(float(horizon), area + reach)


def tried_once(found: Iterable[Users], as_of: date, gone_after: int = GONE_AFTER) -> tuple[int, int]:
    """Users who used it on one day and not again, of those old enough to tell."""
    old = [each for each in found if (as_of - each.first).days >= gone_after]
    return sum(each.users for each in old if each.last == each.first), sum(each.users for each in old)
