"""Spending still to come of one use case: its forecast, runway, kill line, and what deserves a look."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from payback import days
from payback.assessor.exchange import Invoiced, Out, without_invoice
from payback.assessor.judging import History
from payback.assessor.money_out import category_name
from payback.locale import say, say_count
from payback.measures.returns.burn import Burn, contracts
from payback.measures.returns.burn_ahead import (
    AboveForecast,
    Bands,
    BurnAhead,
    CategoryAhead,
    Chance,
    CommittedAhead,
    KillAhead,
    PeriodAhead,
    RunwayAhead,
    SpendForecast,
)
from payback.measures.returns.burn_series import (
    Booked,
    Every,
    Gap,
    Spending,
    as_floats,
    counted_by,
    spending,
    total_of,
    trailing,
)
from payback.numbers import count as written_count
from payback.numbers import money, of_hundred
from payback.project import UseCase
from payback.records import Money, PaybackError, Unknown

if TYPE_CHECKING:  # numpy's heavier rooms wait until something is forecast
    from payback.measures.draws import Simulated
    from payback.measures.estimate import Floats
    from payback.measures.returns.burn_forecast import Futures, Span

MODELS = "models"
LEAST_MONTHS, MOST_MONTHS = 6, 36
COUNTS = 0.2
"""Share of spending from which on a category decides how far ahead is looked."""
NAMED_GAPS = 4
DAYS_A_MONTH = Decimal("30.4375")
BUILD = "build"


@dataclass(frozen=True, slots=True)
class Budgeted:
    """What a use case is given: the last day the budget is for is that of its gate on spending, else the period's."""

    case: UseCase
    currency: str
    end: date | None
    by_ets: bool = False


def booked(
    costs: Sequence[Out],
    bills: Sequence[Invoiced],
    calls: Sequence[tuple[date, Decimal]],
    as_of: date,
) -> list[Booked]:
    """All money out by category; an invoice stands in the place of its month's list prices."""
    found = [
        Booked(each.day, each.amount, each.category, each.what, each.committed_until, each.a_day)
        for each in costs
    ]
    known = [bill for bill in bills if bill.day <= as_of]
    found += [Booked(each.day, each.amount, MODELS) for each in known]
    if any(amount for _, amount in calls):
        found += [Booked(day, amount, MODELS) for day, amount in without_invoice(calls, known)]
    return [each for each in found if each.day <= as_of]


def budget_end(case: UseCase, looked_until: date | None, as_of: date) -> date | None:
    """The last day the budget is for: of its gates on spending, else of the period looked at; None if past."""
    days_named = [gate.by for gate in case.gates if gate.figure == "spend" and gate.at_most and gate.by]
    end = max(days_named, default=looked_until)
    return end if end is not None and end > as_of else None


def ahead(
    key: str, lines: Sequence[Booked], known: History, burn: Burn | None, given: Budgeted
) -> BurnAhead | None:
    """What lies ahead of its spending; None where nothing was spent."""
    if burn is None or not any(each.amount for each in lines):
        return None
    as_of = known.as_of
    means = tuple((_name(each.category), each) for each in trailing(lines, as_of))
    every = counted_by(lines)
    found = spending(lines, as_of, every)
    notes = [_gap(gap, every) for gap in found.gaps]
    drawn = _futures(key, lines, found, given, as_of, notes)
    if isinstance(drawn, Unknown):
        return BurnAhead(means, drawn, _no_runway(given, burn, drawn), None, None, tuple(notes))
    futures, forecast = drawn.futures, drawn.forecast(burn.spent.amount)
    return BurnAhead(
        means,
        forecast,
        _runway(futures, burn, given),
        _kill(futures, known, burn, drawn.seed),
        _above(found, given.currency, drawn.seed),
        tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Futures, and what was needed to draw them."""

    futures: Futures
    found: Spending
    committed: tuple[CommittedAhead, ...]
    method: str
    seed: int

    def forecast(self, spent: Decimal) -> SpendForecast:
        from payback.measures.returns.burn_forecast import span  # noqa: PLC0415

        futures = self.futures
        steps = [futures.step(number) for number in range(len(futures.ends))]
        return SpendForecast(
            every=self.found.every,
            known=futures.known,
            since=self.found.periods[0],
            periods=tuple(
                PeriodAhead(each.until, _bands(each.spent), _bands(each.total, spent)) for each in steps
            ),
            categories=tuple(
                CategoryAhead(
                    category, _name(category), _bands(span(paths.sum(axis=1), paths.shape[1], futures.known))
                )
                for category, paths in futures.paths.items()
            ),
            total=_bands(steps[-1].total),
            committed=self.committed,
            method=self.method,
            draws=len(futures.total),
            seed=self.seed,
        )


def _futures(
    key: str, lines: Sequence[Booked], found: Spending, given: Budgeted, as_of: date, notes: list[str]
) -> _Drawn | Unknown:
    import numpy as np  # noqa: PLC0415

    from payback.measures.returns import burn_forecast as draw  # noqa: PLC0415

    every = found.every
    series = {name: as_floats(amounts) for name, amounts in found.free.items()}
    counted = {name: int((~np.isnan(values)).sum()) for name, values in series.items()}
    running = contracts(lines, as_of)
    weights = {name: float(np.nansum(values[-draw.REACH :])) for name, values in series.items()}
    whole = sum(weights.values())
    known = min((n for name, n in counted.items() if weights[name] >= COUNTS * whole), default=0)
    if known < draw.FEWEST and (series or not running):
        return _too_few(known, every, draw.FEWEST)
    last_row = max(each.day for each in lines)
    if every.after(last_row, draw.REACH + 1) <= as_of:
        return Unknown(
            say("no money out is recorded since {day}", day=days.day(last_row)),
            fix=say("add the rows since then; a row of 0 says that nothing was spent"),
        )
    wanted = _wanted(every, as_of, given.end)
    count = min(wanted, draw.REACH * known) if series else wanted
    if count < wanted:
        notes.append(
            say_count(
                "Looked {count} period ahead: three times what is known of the past.",
                "Looked {count} periods ahead: three times what is known of the past.",
                count,
            )
        )
    ends = draw.period_ends(every, as_of, count)
    seed = zlib.crc32(f"{key} {as_of}".encode())
    paths: dict[str, Floats] = {}
    method = "burn-forecast"
    begun = _begun(lines, every, as_of)
    for name, values in series.items():
        if name == BUILD and _is_built(values):
            paths[name] = np.zeros((draw.DRAWS, count))
            notes.append(
                say("What building it cost is not forecast to come again: it was not paid of late, or once.")
            )
        elif counted[name] < draw.FEWEST:
            paths[name] = np.full((draw.DRAWS, count), float(np.nanmean(values)) if counted[name] else 0.0)
            notes.append(_too_new(name, every))
        else:
            paths[name] = draw.paths(values, count, seed=[seed])
            if given.by_ets:
                method = _by_ets(paths, name, values, notes) or method
        spent = float(begun.get(name, Decimal(0)))
        paths[name][:, 0] = np.maximum(paths[name][:, 0] - spent, 0.0)
    for each in running:
        mine = paths.setdefault(each.category, np.zeros((draw.DRAWS, count)))
        for number, amount in _falls_due(each, ends, as_of):
            mine[:, number] += amount
    total = np.sum(list(paths.values()), axis=0)
    committed = tuple(
        CommittedAhead(each.what or each.category, _a_month(each, given.currency), each.committed_until)
        for each in running
        if each.committed_until is not None
    )
    return _Drawn(draw.Futures(every, ends, paths, total, known or 99), found, committed, method, seed)


def _by_ets(paths: dict[str, Floats], name: str, values: Floats, notes: list[str]) -> str | None:
    """The middle by AutoETS, with our own spread about it; None where a period is missing of it."""
    import numpy as np  # noqa: PLC0415

    from payback.measures.returns import burn_forecast as draw  # noqa: PLC0415

    known = values[int(np.flatnonzero(~np.isnan(values))[0]) :]
    if np.isnan(known).any():
        notes.append(say("{name}: periods are missing, so not forecast by ETS.", name=_name(name)))
        return None
    try:
        middle = draw.middle_by_ets(known, 1, paths[name].shape[1])
    except ImportError:
        raise PaybackError(
            "project-value",
            say("spend_forecast is ets, and statsforecast, which makes that forecast, is not installed"),
            fix=say('pip install "payback[forecast]", or take spend_forecast out of [returns]'),
        ) from None
    paths[name] = draw.recentred(paths[name], middle)
    return "burn-forecast-ets"


def _a_month(each: Booked, currency: str) -> Money:
    amount = each.amount if each.a_day is None else (each.a_day * DAYS_A_MONTH).quantize(Decimal("0.01"))
    return Money(amount, currency)


def _wanted(every: Every, as_of: date, end: date | None) -> int:
    """Periods to look ahead: to the budget's end, at least six months, at most three years."""
    until = max(days.months_on(as_of, LEAST_MONTHS), end or as_of)
    until = min(until, days.months_on(as_of, MOST_MONTHS))
    count, first = 0, as_of + timedelta(days=1)
    while every.after(first, count) <= until:
        count += 1
    return max(count, 1)


def _falls_due(each: Booked, ends: Sequence[date], as_of: date) -> list[tuple[int, float]]:
    """The periods in which a contract falls due, and how much of it: each month, or each day."""
    until = min(each.committed_until or each.day, ends[-1])
    found: list[tuple[int, float]] = []
    if each.a_day is not None:
        start = as_of
        for number, end in enumerate(ends):
            days_due = (min(end, until) - start).days
            if days_due > 0:
                found.append((number, float(each.a_day) * days_due))
            start = end
        return found
    month, last = 1, (each.committed_until or each.day)
    while ((day := days.months_on(each.day, month)).year, day.month) <= (last.year, last.month):
        if as_of < day <= ends[-1]:
            number = next(place for place, end in enumerate(ends) if day <= end)
            found.append((number, float(each.amount)))
        month += 1
    return found


def _is_built(values: Floats) -> bool:
    """Whether building is over: it was paid in one period, or in none of the last two."""
    paid = values > 0  # a period that is not known counts as not paid
    return int(paid.sum()) <= 1 or not paid[-2:].any()


def _begun(lines: Sequence[Booked], every: Every, as_of: date) -> dict[str, Decimal]:
    """What each category took of the period that has begun, outside contracts."""
    start = every.start(as_of + timedelta(days=1))
    found: dict[str, Decimal] = {}
    for each in lines:
        if start <= each.day <= as_of and each.committed_until is None:
            found[each.category] = found.get(each.category, Decimal(0)) + each.amount
    return found


def _too_few(known: int, every: Every, fewest: int) -> Unknown:
    reason = (
        say_count(
            "{count} whole week of spending is known; a forecast takes {fewest}",
            "{count} whole weeks of spending are known; a forecast takes {fewest}",
            known,
            fewest=fewest,
        )
        if every is Every.WEEK
        else say_count(
            "{count} whole month of spending is known; a forecast takes {fewest}",
            "{count} whole months of spending are known; a forecast takes {fewest}",
            known,
            fewest=fewest,
        )
    )
    return Unknown(reason, fix=say("add the rows of earlier months, or look again when there are more"))


def _too_new(name: str, every: Every) -> str:
    if every is Every.WEEK:
        return say("{name}: fewer than 3 weeks known; their mean is taken to go on.", name=_name(name))
    return say("{name}: fewer than 3 months known; their mean is taken to go on.", name=_name(name))


def _gap(gap: Gap, every: Every) -> str:
    """What is missing, in words: never taken as 0."""
    if every is Every.WEEK:
        named = [say("the week of {day}", day=days.day(day)) for day in gap.periods[:NAMED_GAPS]]
    else:
        named = [days.month(day) for day in gap.periods[:NAMED_GAPS]]
    when = ", ".join(named)
    if len(gap.periods) > NAMED_GAPS:
        when = say("{when} and {count} more", when=when, count=len(gap.periods) - NAMED_GAPS)
    if not gap.category:
        return say(
            "No row of money out in {when}: not known, and not taken as 0. A row of 0 says that nothing was spent.",
            when=when,
        )
    name = _name(gap.category)
    if gap.ended:
        return say(
            "{name}: no row in {when}, so it is taken to have ended and is not forecast.",
            name=name,
            when=when,
        )
    return say(
        "{name}: no row in {when}: not known, and not taken as 0. A row of 0 says that nothing was spent.",
        name=name,
        when=when,
    )


def _name(category: str) -> str:
    if not category:
        return say("all of it")
    return say("models") if category == MODELS else category_name(category)


def _no_runway(given: Budgeted, burn: Burn, why: Unknown) -> Unknown | None:
    return why if given.case.budget is not None and not _over(burn) else None


def _over(burn: Burn) -> bool:
    return burn.budget is not None and burn.spent.amount >= burn.budget.amount


def _runway(futures: Futures, burn: Burn, given: Budgeted) -> RunwayAhead | None:
    """None without a budget, and where it is used up already."""
    from payback.measures.returns.burn_forecast import runway  # noqa: PLC0415

    if burn.budget is None or _over(burn):
        return None
    left = burn.budget - burn.spent
    found = runway(float(left.amount), futures)
    early, middle, late = (
        None if each is None else futures.ends[each - 1] for each in (found.early, found.middle, found.late)
    )
    before = None
    if given.end is not None:
        inside = [number for number, day in enumerate(futures.ends) if day < given.end]
        before = _share(found.by_period[inside[-1]]) if inside else Decimal(0)
    until = futures.ends[-1]
    not_within = _share(found.not_within)
    return RunwayAhead(
        burn.budget, left, early, middle, late, not_within, _error(found.not_within), until, given.end, before,
        _runway_words(left, early, middle, late, not_within, until),
    )  # fmt: skip


def _runway_words(
    left: Money, early: date | None, middle: date | None, late: date | None, not_within: Decimal, until: date
) -> str:
    """The runway in one sentence."""
    amount = money(left.amount, left.currency)
    if early is None:
        return say(
            "The {amount} left of the budget lasts beyond {day} in {share} futures.",
            amount=amount, day=days.day(until), share=futures_in(not_within),
        )  # fmt: skip
    steps = [(early, say("1 of 10 futures")), (middle, say("half of them")), (late, say("9 of 10"))]
    latest = {day: share for day, share in steps if day is not None}  # of one day, the largest share
    if len(latest) == 1 and late is not None:
        latest = {late: say("9 of 10 futures")}
    elif early == middle:
        latest[early] = say("half of the futures")
    said = ", ".join(
        say("by {day} in {share}", day=days.day(day), share=share) for day, share in latest.items()
    )
    words = say("The {amount} left of the budget is used up {when}.", amount=amount, when=said)
    if late is None:
        words += " " + say(
            "In {share} futures it lasts beyond {day}.", share=futures_in(not_within), day=days.day(until)
        )
    return words


def futures_in(share: Decimal) -> str:
    """`62 of 100`; what is simulated is never said to be certain."""
    if share > Decimal("0.99"):
        return say("more than 99 of 100")
    if share < Decimal("0.01"):
        return say("fewer than 1 of 100")
    return of_hundred(share, 0)


def _kill(futures: Futures, known: History, burn: Burn, seed: int) -> KillAhead | None:
    """None without a kill line, and where it was crossed already."""
    from payback.measures.returns.burn_forecast import counts_ahead, kill_line_ahead  # noqa: PLC0415

    if burn.kill_line is None or burn.unless_accepted is None or burn.crossed_on is not None:
        return None
    counts = _results(known, futures)
    so_far = sum((float(each.accepted + each.unchecked) for each in known.results), 0.0)
    drawn = counts_ahead(counts, futures.total.shape[1], seed=[seed], draws=len(futures.total))
    found = kill_line_ahead(
        futures, float(burn.spent.amount), drawn, so_far, float(burn.kill_line.amount), burn.unless_accepted
    )
    chances = tuple(
        Chance(day, _share(each), _error(each)) for day, each in zip(futures.ends, found, strict=True)
    )
    likely = next((each.by for each in chances if each.share > Decimal("0.5")), None)
    last = chances[-1]
    limit = say(
        "Its own limit, {line} spent with {least}",
        line=money(burn.kill_line.amount, burn.kill_line.currency),
        least=say_count(
            "nothing accepted",
            "fewer than {shown} accepted",
            burn.unless_accepted,
            shown=written_count(burn.unless_accepted),
        ),
    )
    words = (
        say(
            "{limit}, is crossed by {day} in more than half of the futures.",
            limit=limit,
            day=days.day(likely),
        )
        if likely is not None
        else say(
            "{limit}, is crossed by {day} in {share} futures.",
            limit=limit,
            day=days.day(last.by),
            share=futures_in(last.share),
        )
    )
    return KillAhead(burn.kill_line, burn.unless_accepted, chances, likely, words)


def _results(known: History, futures: Futures) -> Floats:
    """Accepted or still to be checked, by whole period so far."""
    import numpy as np  # noqa: PLC0415

    every = futures.every
    dated = [each for each in known.results if each.day > date.min]
    after = every.start(known.as_of + timedelta(days=1))
    found: list[float] = []
    at = every.start(known.first_day)
    while at < after:
        end = every.after(at)
        found.append(
            sum((float(each.accepted + each.unchecked) for each in dated if at <= each.day < end), 0.0)
        )
        at = end
    return np.maximum(np.array(found, dtype=np.float64), 0.0)


def _above(found: Spending, currency: str, seed: int) -> AboveForecast | None:
    from payback.measures.returns.burn_forecast import recent_against_before  # noqa: PLC0415

    seen = recent_against_before(as_floats(total_of(found)), found.periods, found.every, seed=[seed])
    if seen is None:
        return None
    spent, middle, high = (Money(_rounded(each), currency) for each in (seen.spent, seen.middle, seen.high))
    return AboveForecast(seen.since, seen.until, spent, middle, high, seen.is_above)


def _bands(found: Span, more: Decimal = Decimal(0)) -> Bands:
    more = more.quantize(Decimal("0.01"))
    return Bands(
        _rounded(found.middle) + more,
        tuple(
            (Decimal(str(level)), _rounded(low) + more, _rounded(high) + more)
            for level, low, high in found.bands
        ),
    )


def _rounded(amount: float) -> Decimal:
    """Simulated money to four digits, which is more than is known of it."""
    if amount == 0:
        return Decimal(0)
    return (
        Decimal(f"{amount:.4g}").quantize(Decimal("0.01")) if abs(amount) < 1e6 else Decimal(f"{amount:.4g}")
    )


def _share(found: Simulated) -> Decimal:
    return Decimal(str(round(found.value, 3)))


def _error(found: Simulated) -> Decimal | None:
    return None if found.error is None else Decimal(str(round(found.error, 4)))
