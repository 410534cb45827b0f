"""Tests that stay true however often they are looked at, for gates on shares and on money.

Each is a bet against "the figure is on the wrong side of its threshold": the stake grows only where that
is false, and by Ville's inequality it ever grows `1 / (1 - confidence)` fold in at most `1 - confidence`
of the cases where it is true. Formulas and sources: docs/formulas.md, "mixture-bet", "cluster-bets",
"monthly-looks".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from scipy.special import betainc, betaln, xlog1py, xlogy

from payback.measures.estimate import Floats

MOST_STAKE, MOST_STAKE_OF_MONEY = 0.5, 0.9
"""Of the bet that could lose everything. Half of it for shares, as Waudby-Smith and Ramdas 2024 do; more for
money, where the cap lies far from most costs, so that half would win at half the speed (docs/coverage/gates.md)."""
FARTHEST = 10**7
"""More cases than this nobody collects: the answer is then "more than anybody checks"."""

# What was decided, in the order in which it came. `checked` outcomes of a day, `accepted` of them;
# `open` outcomes nobody has checked are on the day of their task's first call.
STREAM_QUERY = """
    select o.use_case, o.arm, case when watched.grain = 'day' then '' when watched.grain = 'cell' then o.cell
                                   else o.cluster end as unit,
           coalesce(o.decided_day, o.first_day) as day, o.trials, o.checked, c.unknown_trials,
           sum(o.tasks) as tasks, sum(coalesce(o.accepted, 0)) as accepted,
           sum(c.pico + c.inherited_pico - c.partial_pico) as pico, sum(c.partial_pico) as partial_pico,
           max(c.pico + c.inherited_pico) as most_pico
    from watched
    join task_outcome o on watched.use_case = o.use_case and watched.arm = o.arm
    join task_cost c on o.use_case = c.use_case and o.arm = c.arm and o.task = c.task
    where o.tasks = 1
    group by o.use_case, o.arm, case when watched.grain = 'day' then '' when watched.grain = 'cell' then o.cell
                                     else o.cluster end,
             coalesce(o.decided_day, o.first_day), o.trials, o.checked, c.unknown_trials
    order by o.use_case, o.arm, day, unit, o.trials, o.checked, c.unknown_trials
"""
WATCHED_COLUMNS = (("use_case", "VARCHAR"), ("arm", "VARCHAR"), ("grain", "VARCHAR"))


@dataclass(frozen=True, slots=True)
class Bet:
    """How a bet stands: log of the stake now and of what it must reach, and the place where it first did.

    `won_at` counts observations from 0; None is: not yet. `more` is about how many more observations
    like those so far it takes; None where, going on like this, it never gets there.
    """

    now: float
    needed: float
    won_at: int | None
    more: int | None


def needed(confidence: float) -> float:
    """Log of what a stake of 1 must grow to.

    >>> round(needed(0.95), 4)
    2.9957
    """
    return -math.log1p(-confidence)


def log_mixture(accepted: Floats | float, checked: Floats | float, least: float) -> Floats:
    """Log of the stake against "the share is `least` or less", independent outcomes of 0 or 1.

    A mixture of likelihood ratios with a uniform prior on (least, 1): log B(s+1, n-s+1) + log P(X > least)
    - log(1 - least) - s log least - (n - s) log(1 - least), X ~ Beta(s+1, n-s+1) (Robbins 1970).

    >>> round(float(log_mixture(80, 100, 0.65)), 7)
    4.1625128
    """
    s, n = np.asarray(accepted, dtype=np.float64), np.asarray(checked, dtype=np.float64)
    with np.errstate(divide="ignore"):
        above = np.log(betainc(n - s + 1, s + 1, 1 - least))
    found = betaln(s + 1, n - s + 1) + above - math.log1p(-least) - xlogy(s, least) - xlog1py(n - s, -least)
    return np.asarray(found, dtype=np.float64)


def share_bet(accepted: Floats, checked: Floats, least: float, confidence: float) -> Bet:
    """The bet that the share is above `least`. Arrays: accepted and checked outcomes of each day, in order."""
    s, n = np.cumsum(accepted), np.cumsum(checked)
    path = log_mixture(s, n, least)
    if not len(path):
        return Bet(0.0, needed(confidence), None, None)
    return Bet(
        float(path[-1]),
        needed(confidence),
        _first(path, needed(confidence)),
        _more_cases(float(s[-1]), float(n[-1]), least, needed(confidence)),
    )


def log_bets(values: Floats, least: float, most_stake: float = MOST_STAKE) -> Floats:
    """Log of the stake against "the mean is `least` or less" after each value; values within 0 and 1.

    Each bet rests on the values before it: (mean - least) / (variance + (mean - least)^2), at least 0 and
    at most `most_stake` / least (Waudby-Smith and Ramdas 2024, aGRAPA). Over the last axis, so that many
    streams run at once.
    """
    before = np.arange(values.shape[-1], dtype=np.float64)  # values seen before each
    total = np.cumsum(values, axis=-1)
    mean = (0.5 + total) / (before + 2)  # after each value
    spread = (0.25 + np.cumsum(np.square(values - mean), axis=-1)) / (before + 2)
    past_mean, past_spread = _shifted(mean, 0.5), _shifted(spread, 0.25)
    gap = past_mean - least
    stake = np.clip(gap / (past_spread + gap * gap), 0.0, most_stake / least)
    return np.asarray(np.cumsum(np.log1p(stake * (values - least)), axis=-1), dtype=np.float64)


def mean_bet(values: Floats, least: float, confidence: float, most_stake: float = MOST_STAKE) -> Bet:
    """The bet that the mean is above `least`; one value a cluster, in order of arrival, within 0 and 1."""
    goal = needed(confidence)
    if not len(values):
        return Bet(0.0, goal, None, None)
    path = log_bets(values, least, most_stake)
    now = float(path[-1])
    return Bet(now, goal, _first(path, goal), _more_values(values, least, most_stake, goal - now))


def monthly_bet(
    looks: Sequence[Floats], least: float, confidence: float, most_stake: float = MOST_STAKE
) -> Bet:
    """The bet where clusters go on growing: looked at once a month, each look at its share of the error.

    `looks` are the clusters' means as they stood at the end of each month, in order of their first day.
    Look k must reach k (k + 1) times as much, since 1/(1*2) + 1/(2*3) + ... is 1. `won_at` counts months.
    """
    goal = needed(confidence)
    won, now = None, 0.0
    for at, values in enumerate(looks):
        now = float(log_bets(values, least, most_stake)[-1]) if len(values) else 0.0
        goal = needed(confidence) + math.log((at + 1) * (at + 2))
        if won is None and now >= goal:
            won = at
    last = looks[-1] if looks else np.zeros(0)
    more = _more_values(last, least, most_stake, goal - now) if len(last) else None
    return Bet(now, goal, won, more)


def share_sequence(accepted: int, checked: int, level: float) -> tuple[float, float]:
    """Limits of a share that hold at every look at once: the two-sided beta-binomial confidence sequence.

    All shares p with B(s+1, n-s+1) / (p^s (1-p)^(n-s)) below 1 / (1 - level) (Howard, Ramdas, McAuliffe and
    Sekhon 2021), uniform prior.
    """
    goal = needed(level)
    share = accepted / checked if checked else 0.5

    def stake(p: float) -> float:
        return float(
            betaln(accepted + 1, checked - accepted + 1)
            - xlogy(accepted, p)
            - xlog1py(checked - accepted, -p)
        )

    return (
        _edge(lambda p: stake(p) < goal, share, 0.0),
        _edge(lambda p: stake(p) < goal, share, 1.0),
    )


def _edge(inside: Callable[[float], bool], within: float, outer: float) -> float:
    """Where `inside` ends between a place within and the outer end; the outer end where it never does."""
    if inside(outer):
        return outer
    for _ in range(60):
        middle = (within + outer) / 2
        if inside(middle):
            within = middle
        else:
            outer = middle
    return outer


def _first(path: Floats, goal: float) -> int | None:
    reached = np.flatnonzero(path >= goal)
    return int(reached[0]) if len(reached) else None


def _more_cases(accepted: float, checked: float, least: float, goal: float) -> int | None:
    """How many more outcomes at the present share; none can be said at or below the threshold."""
    if not checked or accepted / checked <= least:
        return None
    share = accepted / checked

    def enough(more: int) -> bool:
        return bool(log_mixture(accepted + share * more, checked + more, least) >= goal)

    high = 1
    while not enough(high):
        high *= 2
        if high > FARTHEST:
            return None
    low = 0 if high == 1 else high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return 0 if enough(0) else high


def _more_values(values: Floats, least: float, most_stake: float, missing: float) -> int | None:
    """How many more clusters like those so far: what is missing over what each adds at the stake of now."""
    if missing <= 0:
        return 0
    mean = float((0.5 + values.sum()) / (len(values) + 1))
    spread = float((0.25 + np.square(values - mean).sum()) / (len(values) + 1))
    gap = mean - least
    stake = min(max(gap / (spread + gap * gap), 0.0), most_stake / least)
    gain = float(np.log1p(stake * (values - least)).mean())
    if gain <= 0 or missing / gain > FARTHEST:
        return None
    return math.ceil(missing / gain)


def _shifted(path: Floats, first: float) -> Floats:
    """What was known before each value."""
    before = np.empty_like(path)
    before[..., 0] = first
    before[..., 1:] = path[..., :-1]
    return before


@dataclass(frozen=True, slots=True)
class Observed:
    """What one unit (a day, a task, a cluster) gave on one day, repeats averaged within the task.

    `open` tasks have no outcome yet, `unknown` ones no cost known in full; money in 10^-12 of the
    currency, `most_pico` that of the dearest task.
    """

    unit: str
    day: date
    tasks: int
    open: float
    accepted: float
    unknown: float
    pico: float
    most_pico: float


def observed(rows: Iterable[Sequence[Any]]) -> Mapping[tuple[str, str], tuple[Observed, ...]]:
    """By use case and way of working, in order of day and unit; rows of STREAM_QUERY.

    What is on no known day was there before everything else.
    """
    found: dict[tuple[str, str], dict[tuple[date, str], Observed]] = {}
    for use_case, arm, unit, day, trials, checked, unknown, tasks, accepted, pico, partial, most in rows:
        mine = found.setdefault((use_case, arm), {})
        key = (day or date.min, str(unit))
        before = mine.get(key) or Observed(key[1], key[0], 0, 0.0, 0.0, 0.0, 0.0, 0.0)
        score = float(accepted) / checked if checked else 0.0
        mine[key] = Observed(
            unit=key[1],
            day=key[0],
            tasks=before.tasks + int(tasks),
            open=before.open + (0.0 if checked else float(tasks)),
            accepted=before.accepted + score,
            unknown=before.unknown + float(tasks) * unknown / trials,
            pico=before.pico + float(pico + partial) / trials,
            most_pico=max(before.most_pico, float(most) / trials),
        )
    return {key: tuple(mine[at] for at in sorted(mine)) for key, mine in found.items()}


Value = Callable[[Observed], float]
"""What a unit is worth to a bet, from 0 to 1."""


def bet(
    given: Sequence[Observed],
    value: Value,
    least: float,
    confidence: float,
    *,
    grouped: bool,
    until: date,
    most_stake: float = MOST_STAKE,
) -> tuple[Bet, date | None]:
    """The bet that the mean value of a unit is above `least`, and the day it was won.

    Where tasks come in groups, a group is the unit. While groups go on growing, only the ends of months
    are looked at, each at its share of the error; otherwise every unit is.
    """
    if not grouped or _one_day_each(given):
        values = np.array([value(each) for each in given], dtype=np.float64)
        made = mean_bet(values, least, confidence, most_stake)
        return made, None if made.won_at is None else given[made.won_at].day
    ends = _month_ends(given, until)
    looks = [
        np.array([value(each) for each in merged([one for one in given if one.day <= end])], dtype=np.float64)
        for end in ends
    ]
    made = monthly_bet(looks, least, confidence, most_stake)
    return made, None if made.won_at is None else ends[made.won_at]


def share_bet_of(given: Sequence[Observed], least: float, confidence: float) -> tuple[Bet, date | None]:
    """The bet that more than `least` of independent tasks are accepted; what nobody checked counts as not."""
    accepted = np.array([each.accepted for each in given], dtype=np.float64)
    made = share_bet(accepted, np.array([each.tasks for each in given], dtype=np.float64), least, confidence)
    return made, None if made.won_at is None else given[made.won_at].day


def merged(given: Iterable[Observed]) -> list[Observed]:
    """Every unit once, in the order of their first days."""
    found: dict[str, Observed] = {}
    for each in given:
        before = found.get(each.unit)
        found[each.unit] = (
            each
            if before is None
            else Observed(
                unit=each.unit,
                day=before.day,
                tasks=before.tasks + each.tasks,
                open=before.open + each.open,
                accepted=before.accepted + each.accepted,
                unknown=before.unknown + each.unknown,
                pico=before.pico + each.pico,
                most_pico=max(before.most_pico, each.most_pico),
            )
        )
    return list(found.values())


def _one_day_each(given: Sequence[Observed]) -> bool:
    return len({each.unit for each in given}) == len(given)


def _month_ends(given: Sequence[Observed], until: date) -> list[date]:
    """Last days of months, from the first that has something to the last that is over."""
    known = [each.day for each in given if each.day > date.min]
    if not known:
        return [until]
    year, month = min(known).year, min(known).month
    ends: list[date] = []
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        end = date(year, month, 1) - timedelta(days=1)
        if end > until:
            return ends
        ends.append(end)
