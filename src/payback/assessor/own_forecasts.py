"""What an assessment itself says of the months to come: spending, money back less money out, when it is back.

Kept like everybody else's word, so that it can be held against what came.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from payback.assessment import UseCaseResult
from payback.foretold import NET, SPEND, Foretold, ahead
from payback.measures.returns.burn_ahead import SpendForecast

MONTHS = (3, 6, 12)
DAYS_A_MONTH = 30.436875
Quantiles = Mapping[float, float]


def own_forecasts(case: UseCaseResult, spent: Decimal, as_of: date) -> tuple[Foretold, ...]:
    """Of one use case, for the next 3, 6 and 12 months as far as it looks; `spent` is all money out to `as_of`."""
    found = [*ahead(case.key, as_of, case.currency, paid_back={}, amounts=_spending(case, spent, as_of))]
    returns = case.returns
    if returns is None or not returns.is_known:
        return tuple(found)
    begins = max(returns.start, as_of + timedelta(days=1))
    found += ahead(case.key, as_of, case.currency, paid_back={}, amounts=_net(case), begins=begins)
    found += ahead(case.key, as_of, case.currency, paid_back=_paid_back(case), amounts={})
    return tuple(found)


def _spending(case: UseCaseResult, spent: Decimal, as_of: date) -> dict[tuple[str, date], Quantiles]:
    forecast = case.burn_ahead.forecast if case.burn_ahead else None
    if not isinstance(forecast, SpendForecast):
        return {}
    found: dict[tuple[str, date], Quantiles] = {}
    for months in MONTHS:
        wanted = later(as_of + timedelta(days=1), months) - timedelta(days=1)
        period = next((each for each in forecast.periods if each.until >= wanted), None)
        if period is not None:
            law = _law(period.to_date.middle, period.to_date.ends, spent)
            found[SPEND, period.until + timedelta(days=1)] = {
                share: max(value, 0.0) for share, value in law.items()
            }
    return found


def _net(case: UseCaseResult) -> dict[tuple[str, date], Quantiles]:
    returns = case.returns
    if returns is None or not returns.path:
        return {}
    now = returns.path[0].amount
    return {
        (NET, later(returns.start, months)): _law(returns.path[months].amount, returns.path[months].ends, now)
        for months in MONTHS
        if months < len(returns.path)
    }


def _paid_back(case: UseCaseResult) -> dict[date, float]:
    """Months of the page count from the first money out: `now` of them are gone when the future starts."""
    returns = case.returns
    if returns is None:
        return {}
    found = {}
    for each in returns.within:
        left = each.month - returns.now
        whole = int(left)
        days = round(float(left - whole) * DAYS_A_MONTH)
        found[later(returns.start, whole) + timedelta(days=days)] = float(each.share)
    return found


def _law(
    middle: Decimal, ends: tuple[tuple[Decimal, Decimal, Decimal], ...], less: Decimal
) -> dict[float, float]:
    """Quantiles by the share below them, of what is added to what is there already."""
    found = {0.5: float(middle - less)}
    for level, low, high in ends:
        found[float((1 - level) / 2)] = float(low - less)
        found[float((1 + level) / 2)] = float(high - less)
    return found


def later(day: date, months: int) -> date:
    """The same day so many months on, or the last one of a shorter month."""
    place = day.month - 1 + months
    first = date(day.year + place // 12, place % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first.replace(day=1) + timedelta(days=day.day - 1), last)
