"""What somebody's past estimates came in at, and what that makes of the next one.

Past ratios (what came over what was said) are taken as lognormal, with a prior: a few cases are pulled towards
what such estimates come in at elsewhere. Formula, prior and sources: docs/formulas.md, "past-optimism".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

LEVEL = 0.9
FEWEST_CASES = 5
"""Below it a default is used, and called one: with fewer the spread of somebody's ratios is a guess."""
MOST = 20.0
"""A ratio counts as at most this, and at least as one over it: nothing at all came of it is a twentieth."""

VALUE_COMES_IN_AT = 0.44
"""Large IT projects gave 56 % less value than predicted (Bloch, Blumberg and Laartz 2012, over 5,400 projects)."""
COST_COMES_IN_AT = 1.45
"""The same projects ran 45 % over budget."""

PRIOR_CASES = 1.0  # what the default is worth against past cases
PRIOR_SPREAD, PRIOR_SURE = 1.0, 2.0  # of the logarithm of ratios, and as sure of it as after so many cases


@dataclass(frozen=True, slots=True)
class Learned:
    """The next ratio's law, from so many past cases: a Student t of its logarithm."""

    centre: float
    scale: float
    freedom: float
    cases: int


@dataclass(frozen=True, slots=True)
class NextRatio:
    """What the next estimate is multiplied by: the middle, and the ends of its 90 % range; none for a default."""

    middle: float
    low: float | None
    high: float | None
    cases: int


def log_ratio(said: float, came: float) -> float:
    """Logarithm of what came over what was said (above 0), held between a twentieth and twenty times.

    >>> round(log_ratio(100, 40), 4)
    -0.9163
    """
    if said <= 0:
        raise ValueError(said)
    return math.log(min(max(came / said, 1 / MOST), MOST))


def learned(logs: Sequence[float], comes_in_at: float) -> Learned:
    """From the logarithms of past ratios and the default (normal with unknown mean and spread, conjugate prior).

    With n cases of mean x and sum of squares S: k = 1 + n, centre = (log default + n x) / k, and
    (2 + n) s^2 = 2 + S + n / k * (x - log default)^2; the next is t with 2 + n degrees of freedom around
    the centre, scale s * sqrt(1 + 1 / k). Gelman et al. 2013, section 3.3.
    """
    count = len(logs)
    prior = math.log(comes_in_at)
    mean = math.fsum(logs) / count if count else prior
    squares = math.fsum((each - mean) ** 2 for each in logs)
    weight = PRIOR_CASES + count
    freedom = PRIOR_SURE + count
    spread = (
        PRIOR_SURE * PRIOR_SPREAD**2 + squares + PRIOR_CASES * count / weight * (mean - prior) ** 2
    ) / freedom
    return Learned(
        centre=(PRIOR_CASES * prior + count * mean) / weight,
        scale=math.sqrt(spread * (1 + 1 / weight)),
        freedom=freedom,
        cases=count,
    )


def next_ratio(logs: Sequence[float], comes_in_at: float, level: float = LEVEL) -> NextRatio:
    """What the next estimate comes in at; the default, without a range, below five past cases.

    Where nothing came of a past case the range begins at nothing: no lognormal says that.
    """
    if len(logs) < FEWEST_CASES:
        return NextRatio(comes_in_at, None, None, len(logs))
    found = learned(logs, comes_in_at)
    half = float(stdtrit(found.freedom, 0.5 + level / 2)) * found.scale
    low = 0.0 if min(logs) <= -math.log(MOST) else math.exp(found.centre - half)
    return NextRatio(math.exp(found.centre), low, math.exp(found.centre + half), found.cases)
