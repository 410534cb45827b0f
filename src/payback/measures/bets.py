"""Tests that stay true however often they are looked at, for gates on shares and on money.

Each is a bet against "the figure is on the wrong side of its threshold": the stake grows only where that
is false, and by Ville's inequality it ever grows `1 / (1 - confidence)` fold in at most `1 - confidence`
of the cases where it is true. Formulas and sources: docs/formulas.md, "mixture-bet", "cluster-bets",
"monthly-looks".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaln, xlog1py, xlogy

from payback.measures.estimate import Floats

MOST_STAKE, MOST_STAKE_OF_MONEY = 0.5, 0.9
"""Of the bet that could lose everything. Half of it for shares, as Waudby-Smith and Ramdas 2024 do; more for
money, where the cap lies far from most costs, so that half would win at half the speed (docs/coverage/gates.md)."""
FARTHEST = 10**7
"""More cases than this nobody collects: the answer is then "more than anybody checks"."""


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


def share_sequence(accepted: float, checked: float, level: float) -> tuple[float, float]:
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


def mean_sequence(values: Floats, level: float) -> tuple[float, float]:
    """The same for a mean of values within 0 and 1: the thresholds that neither bet has won against.

    Each side at half of the error (Waudby-Smith and Ramdas 2024).
    """
    goal = needed(level) + math.log(2)

    def low_end(given: Floats) -> float:
        def within(least: float) -> bool:
            return least >= 1 or bool(log_bets(given, max(least, 1e-9))[-1] < goal)

        return 0.0 if within(1e-9) else _edge(within, 1.0, 0.0)

    return low_end(values), 1 - low_end(1 - values)


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
