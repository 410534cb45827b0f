"""Spending still to come: many futures drawn from how past periods followed each other.

The seasonal naive forecast (as last time) and smoother kin of it, each drawn as often as it has been right so far, with
their own past misses (residual bootstrap: Hyndman and Athanasopoulos 2021, 5.5). Calls by day are summed to whole
weeks, which holds their weekly season exactly. Formula and worked number: docs/formulas.md, "burn-forecast"; how often
the bands hold: docs/coverage/burn.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from payback.measures.draws import SCRAMBLES, Simulated, average
from payback.measures.estimate import Floats
from payback.measures.returns.burn_series import Every
from payback.measures.returns.simulation import by_month, kill_line_by_month, quantile_of, runway_months

DRAWS = 4096
FEWEST = 3
"""Known periods below which nothing is forecast."""
LEVELS = (0.5, 0.8, 0.95)
AS_FAR_AS = {0.5: 6}
BANDS_REACH = 2
"""Periods ahead up to which a band of a level holds often enough to be shown, and of any level as many times what is
known (docs/coverage/burn.md)."""
FEWEST_BEFORE = 9
"""Known periods before the last ones that it takes to say that these are above what was to be expected."""
REACH = 3
"""Nothing is forecast further ahead than this many times what is known of the past."""
SPEEDS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
"""How much of each miss the level takes over: 1 is as last time (naive), 0 the mean of all so far."""
NAIVE_COUNTS = 8.0
"""As last time is the forecast unless misses say otherwise."""
TEMPER = 0.5
"""How far past misses decide between speeds: 1 would trust so few of them too much."""
WIDEN, WIDEN_FEW = 1.25, 1.0
"""Misses are taken larger by 1.25 + 1 / their number, found by simulation of coverage."""
YEAR = 12
FEWEST_YEARS = 2
FEWEST_FOR_SHARES = 5
"""Misses from which on growth by a share, not by an amount, is thought of."""
LARGEST_SPREAD = 2.0
LARGEST_RISE = 20.0
"""No path rises above this many times the largest period so far."""
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Span:
    """The middle of the futures, and the (level, low, high) of those bands that hold."""

    middle: float
    bands: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One period ahead: its last day, what is spent in it, and all that is spent by then since now."""

    until: date
    spent: Span
    total: Span


@dataclass(frozen=True, slots=True)
class Futures:
    """Spending by period ahead, one row a future, of all and of each category.

    The first period may have begun: of it only what is still to come. `known` is the fewest known periods of
    any category that counts.
    """

    every: Every
    ends: tuple[date, ...]
    paths: Mapping[str, Floats]
    total: Floats
    known: int
    scrambles: int = SCRAMBLES

    def step(self, number: int) -> Step:
        """What is said of one period ahead, the first is 0."""
        return Step(
            self.ends[number],
            span(self.total[:, number], number + 1, self.known),
            span(self.total[:, : number + 1].sum(axis=1), number + 1, self.known),
        )


@dataclass(frozen=True, slots=True)
class Runway:
    """When what is left is used up: the period by whose end it is in 1, 5 and 9 of 10 futures.

    None is: not within all periods looked at, in which a share of `not_within` does not use it up.
    """

    early: int | None
    middle: int | None
    late: int | None
    not_within: Simulated
    by_period: tuple[Simulated, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    """One way to go on: its level, how many periods it is of, and its past misses, the latest last."""

    speed: float
    in_shares: bool
    season: int
    levels: Floats
    seen: Floats
    misses: Floats
    next_slot: int


def seasonal_naive(values: Sequence[float], season: int, ahead: int) -> list[float]:
    """Each period as the last one of its place in the season.

    >>> seasonal_naive([1, 2, 3, 4, 5], 3, 4)
    [3, 4, 5, 3]
    """
    if len(values) < season:
        raise ValueError("fewer values than one season")
    return [values[len(values) - season + step % season] for step in range(ahead)]


def paths(values: Floats, ahead: int, *, seed: Sequence[int], draws: int = DRAWS, step: int = 1) -> Floats:
    """Futures of one series, a row each; nan in `values` is a period not known. Never below 0.

    The same `step` draws the same past periods: series drawn with one step move together as they did.
    """
    known = values[~np.isnan(values)]
    if len(known) < FEWEST:
        raise ValueError("fewer known periods than a forecast takes")
    together = np.random.default_rng([step, *seed])
    own = np.random.default_rng([int(abs(float(known.sum())) * 100) % 2**32, *seed])
    if float(np.ptp(known)) == 0.0:
        return np.full((draws, ahead), max(0.0, float(known[0])))
    fits = _fits(values)
    chances = _chances(fits, values)
    picked = own.choice(len(fits), draws, p=chances)
    most = max(fit.misses.size for fit in fits)
    pool_at, miss_at = together.random((draws, most)), together.random((draws, ahead))
    found = np.empty((draws, ahead))
    highest = LARGEST_RISE * float(known.max())
    for number in np.unique(picked):
        mine = np.flatnonzero(picked == number)
        found[mine] = _drawn(fits[number], pool_at[mine], miss_at[mine], own, highest)
    return found


def _fits(values: Floats) -> list[_Fit]:
    known = int((~np.isnan(values)).sum())
    seasons = [1]
    if len(values) >= FEWEST_YEARS * YEAR and known >= FEWEST_YEARS * YEAR - 2:
        seasons.append(YEAR)
    shares = known - 1 >= FEWEST_FOR_SHARES and float(np.nanmin(values)) > 0
    scales = [(values, False), *([(np.log(values), True)] if shares else [])]
    return [
        _fit(series, speed, season, in_shares=logs)
        for season in seasons
        for series, logs in scales
        for speed in SPEEDS
    ]


def _fit(values: Floats, speed: float, season: int, *, in_shares: bool) -> _Fit:
    """Each period's miss is against the level before it, so none has been fitted to itself."""
    levels, seen = np.full(season, np.nan), np.zeros(season)
    misses = np.full(len(values), np.nan)
    for number, value in enumerate(values):
        slot = number % season
        if np.isnan(value):
            continue
        seen[slot] += 1
        if seen[slot] == 1:
            levels[slot] = value
            continue
        misses[number] = value - levels[slot]
        levels[slot] += max(speed, 1 / seen[slot]) * misses[number]
    levels[np.isnan(levels)] = np.nanmean(levels)
    return _Fit(speed, in_shares, season, levels, seen, misses, len(values) % season)


def _chances(fits: Sequence[_Fit], values: Floats) -> Floats:
    """How often each is drawn: by how large its misses were, over the periods that all of them have."""
    shared = ~np.any([np.isnan(fit.misses) for fit in fits], axis=0)
    if not shared.any():
        shared = ~np.isnan(fits[0].misses)
    count = int(shared.sum())
    scale = float(np.nanmean(np.abs(values))) ** 2
    likely = np.empty(len(fits))
    for number, fit in enumerate(fits):
        squares = float(np.nansum(np.square(fit.misses[shared])))
        jacobian = float(np.log(values[shared]).sum()) if fit.in_shares else 0.0
        floor = _TINY * (1.0 if fit.in_shares else scale)
        likely[number] = -count / 2 * np.log(squares + floor) - jacobian
    chances = np.exp(TEMPER * (likely - likely.max()))
    chances *= [NAIVE_COUNTS if fit.speed == 1 else 1.0 for fit in fits]
    return np.asarray(chances / chances.sum(), dtype=np.float64)


def _drawn(fit: _Fit, pool_at: Floats, miss_at: Floats, own: np.random.Generator, highest: float) -> Floats:
    """Futures of one way to go on.

    Their drift is the mean of misses drawn anew, so it is as unsure as it is; and a part of it, mostly the larger,
    because what has risen does not rise for ever (damped trend: Gardner and McKenzie 1985).
    """
    misses = fit.misses[~np.isnan(fit.misses)]
    count, futures = len(misses), len(pool_at)
    drift = misses[(pool_at[:, -count:] * count).astype(np.int64)].mean(axis=1)
    drift *= np.sqrt(own.random(futures))
    freedom = max(count - 1, 1)
    spread = np.sqrt(freedom / own.chisquare(freedom, futures))
    if fit.in_shares:
        spread = np.minimum(spread, LARGEST_SPREAD)
    spread *= (WIDEN + WIDEN_FEW / count) * np.sqrt(count / freedom)
    about = (misses - misses.mean())[(miss_at * count).astype(np.int64)]
    moves = about * spread[:, None] + drift[:, None]
    levels = np.tile(fit.levels, (futures, 1))
    seen = fit.seen.copy()
    found = np.empty_like(moves)
    top = np.log(highest) if fit.in_shares else highest
    for ahead in range(moves.shape[1]):
        slot = (fit.next_slot + ahead) % fit.season
        seen[slot] += 1
        found[:, ahead] = np.minimum(levels[:, slot] + moves[:, ahead], top)
        levels[:, slot] += max(fit.speed, 1 / seen[slot]) * moves[:, ahead]
    return np.asarray(np.exp(found) if fit.in_shares else np.maximum(found, 0.0), dtype=np.float64)


def counts_ahead(counts: Floats, ahead: int, *, seed: Sequence[int], draws: int = DRAWS) -> Floats:
    """Results by period ahead. Where there was none so far, as many as so long without one still allows.

    That is a Poisson number whose rate has Jeffreys' prior: gamma(1/2) over the periods known.
    """
    known = counts[~np.isnan(counts)]
    if len(known) < FEWEST or not known.any():
        random = np.random.default_rng([7, *seed])
        rate = random.gamma(0.5, 1.0, draws) / max(len(known), 1)
        return np.asarray(random.poisson(rate[:, None], (draws, ahead)), dtype=np.float64)
    return np.floor(paths(counts, ahead, seed=seed, draws=draws) + 0.5)


def span(values: Floats, ahead: int, known: int) -> Span:
    """The middle and those bands that hold so many periods ahead; none where every future is the same."""
    middle = float(np.median(values))
    if float(np.ptp(values)) == 0.0 or ahead > BANDS_REACH * known:
        return Span(middle, ())
    bands = []
    for level in LEVELS:
        if ahead <= AS_FAR_AS.get(level, ahead):
            low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
            bands.append((level, float(low), float(high)))
    return Span(middle, tuple(bands))


def period_ends(every: Every, as_of: date, ahead: int) -> tuple[date, ...]:
    """The last day of each period ahead; the first is the one that the day after `as_of` lies in."""
    first = as_of + timedelta(days=1)
    return tuple(every.after(first, number + 1) - timedelta(days=1) for number in range(ahead))


def runway(left: float, futures: Futures) -> Runway:
    """When what is left of a budget is used up: quantiles over futures, never balance / burn."""
    periods = runway_months(left, -futures.total)
    ahead = futures.total.shape[1]
    found = [quantile_of(periods, share, futures.scrambles) for share in (0.1, 0.5, 0.9)]
    early, middle, late = (None if each is None else int(each.value) for each in found)
    return Runway(
        early,
        middle,
        late,
        average(np.isinf(periods).astype(np.float64), futures.scrambles),
        by_month(periods, ahead, futures.scrambles),
    )


def kill_line_ahead(
    futures: Futures, spent: float, results: Floats, so_far: float, line: float, unless_accepted: float
) -> tuple[Simulated, ...]:
    """Chance that the kill line is crossed by the end of each period ahead.

    `so_far` and `results` count what is accepted or still to be checked, as the line itself does.
    """
    to_date = spent + np.cumsum(futures.total, axis=1)
    accepted = so_far + np.cumsum(results, axis=1)
    crossed = kill_line_by_month(to_date, accepted, line, unless_accepted)
    return tuple(average(column, futures.scrambles) for column in crossed.T)


@dataclass(frozen=True, slots=True)
class Above:
    """The last periods against what was forecast for them from before; `high` is the top of the 95 % band."""

    since: date
    until: date
    spent: float
    middle: float
    high: float

    @property
    def is_above(self) -> bool:
        return self.spent > self.high


def recent_against_before(
    values: Floats, periods: Sequence[date], every: Every, *, seed: Sequence[int]
) -> Above | None:
    """What the last 4 weeks, or the last month, took beside their forecast; None with too little before them."""
    last = 4 if every is Every.WEEK else 1
    before, recent = values[:-last], values[-last:]
    known = int((~np.isnan(before)).sum())
    if len(recent) < last or np.isnan(recent).any() or known < FEWEST_BEFORE:
        return None
    drawn = paths(before, last, seed=seed).sum(axis=1)
    middle, high = np.quantile(drawn, [0.5, 0.975])
    until = every.after(periods[-1]) - timedelta(days=1)
    return Above(periods[-last], until, float(recent.sum()), float(middle), float(high))


def middle_by_ets(values: Floats, season: int, ahead: int) -> Floats:
    """The forecast of AutoETS (statsforecast). Raises ImportError where it is not installed."""
    from statsforecast.models import AutoETS  # noqa: PLC0415  an extra, and slow to import

    found = AutoETS(season_length=season).forecast(y=np.asarray(values, dtype=np.float64), h=ahead)
    return np.asarray(np.maximum(found["mean"], 0.0), dtype=np.float64)


def recentred(drawn: Floats, middle: Floats) -> Floats:
    """Futures moved so that their medians are these."""
    return np.asarray(np.maximum(drawn - np.median(drawn, axis=0) + middle, 0.0), dtype=np.float64)
