"""What was promised and what came: claims, rows of forecasts and past assessments, scored; the next one corrected.

What is said now in payback.toml and in rows wins over what the record has of the same words; what is no longer
said stays in the record, and counts, until somebody withdraws it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from statistics import fmean, median

from payback import days, forecasts
from payback.assessment import UseCaseResult
from payback.assessor.came import Came, Facts, came
from payback.assessor.own_forecasts import own_forecasts
from payback.assessor.use_case import Collected, history_of
from payback.foretold import (
    ACCEPTANCE,
    COSTS,
    HOURS,
    MIDDLE,
    MONEY,
    NET,
    QUANTITIES,
    ForecastRecord,
    Foretold,
    Next,
    Scores,
    State,
    Told,
    Track,
    fault,
    quantity_of,
)
from payback.locale import say
from payback.measures import ranges
from payback.measures.returns.forecast import optimism, scoring
from payback.measures.returns.forecast.rows import CheckedDay, ForecastRow
from payback.prices import CurrencyRate
from payback.prices.currency import conversion
from payback.project import Project
from payback.records import Evidence, Origin, Period, Problem

NOT_A_FORECAST = "not-a-forecast"
HORIZONS: tuple[tuple[int, int | None], ...] = ((0, 3), (3, 6), (6, 12), (12, None))
"""Months ahead: more than the first, up to the second."""
DAYS_A_MONTH = 30.436875


@dataclass(frozen=True, slots=True)
class Foretelling:
    """What forecasts are held against, and the rows that hold some; `files` by batch."""

    collected: Collected
    cases: Sequence[UseCaseResult]
    rates: Sequence[CurrencyRate]
    rows: Sequence[ForecastRow]
    files: Mapping[str, str]
    checked: Sequence[CheckedDay]


def forecast_record(project: Project, gathered: Foretelling) -> ForecastRecord:
    """Keep what is new in the record, and hold everything in it against what came.

    A folder that cannot be written changes no figure: a note says so. Raises PaybackError for a changed line.
    """
    rows, problems = said_in_rows(project, gathered)
    facts = _facts(project, gathered)
    as_of = gathered.collected.as_of
    known = forecasts.history(project)
    spoken = _said_this_month(known, as_of)
    own = [
        said
        for case in gathered.cases
        if case.key not in spoken
        for said in own_forecasts(case, facts[case.key].spent, as_of)
        if not fault(said)
    ]
    now = [*said_in_project(project), *rows, *own]
    notes: list[str] = []
    try:
        forecasts.keep(project, now)
    except OSError as error:
        notes.append(
            say(
                "Forecasts could not be kept in .payback: {reason}. They are held against what came all the same.",
                reason=error.strerror or str(error),
            )
        )
    told = _told(project, gathered, facts, known, now)
    tracks = _tracks(project, told)
    by_name = {(each.by.casefold(), each.costs): each for each in tracks}
    told = [_corrected(each, by_name) for each in told]
    return ForecastRecord(tuple(told), tracks, _scores(told), tuple(problems), tuple(notes))


def _said_this_month(known: forecasts.History, as_of: date) -> set[str]:
    """Use cases an assessment spoke of on another day of this month: one word a month is kept, as only it is scored."""
    return {
        said.use_case
        for said in known.foretold.values()
        if said.by_assessment
        and said.made_on is not None
        and said.made_on != as_of
        and (said.made_on.year, said.made_on.month) == (as_of.year, as_of.month)
    }


# --- what is said -----------------------------------------------------------------------------------


def said_in_project(project: Project) -> list[Foretold]:
    """The claims of payback.toml. Claims of one kind by one person on one day are one, added up."""
    merged: dict[tuple[object, ...], Foretold] = {}
    for name, case in project.use_cases.items():
        for claim in case.claims:
            period = claim.period or project.looked_at
            if period is not None and claim.on is not None and period.first_day_after <= claim.on:
                period = None
            for quantity, amount in ((claim.kind, claim.amount), (HOURS, claim.hours)):
                if amount is None:
                    continue
                said = Foretold(
                    name, quantity, period, claim.on, claim.by, amount, amount,
                    currency=project.currency if quantity in MONEY else "",
                    evidence=Evidence[claim.evidence.upper()], source=claim.source, via="payback.toml",
                )  # fmt: skip
                before = merged.get(_same(said))
                merged[_same(said)] = said if before is None else _added(before, said)
    return list(merged.values())


def _added(one: Foretold, other: Foretold) -> Foretold:
    total = (one.low or Decimal(0)) + (other.low or Decimal(0))
    sources = dict.fromkeys(each for each in (one.source, other.source) if each)
    return replace(
        one, low=total, high=total, evidence=min(one.evidence, other.evidence), source="; ".join(sources)
    )


def said_in_rows(project: Project, gathered: Foretelling) -> tuple[list[Foretold], list[Problem]]:
    """The rows of the table `forecast`, and why some are none. Their money is in the project's currency."""
    found: list[Foretold] = []
    problems: list[Problem] = []
    for row in gathered.rows:
        origin = Origin(gathered.files.get(row.batch, ""), row.row)
        said = _of_row(project, row)
        if isinstance(said, Foretold):
            found.append(said)
        else:
            problems.append(Problem(NOT_A_FORECAST, said[0], said[1], origin))
    return found, problems


def _of_row(project: Project, row: ForecastRow) -> Foretold | tuple[str, str]:
    """The forecast of a row; or what is wrong with it, and how to mend it."""
    only = next(iter(project.use_cases)) if len(project.use_cases) == 1 else ""
    case = row.use_case or only
    if case not in project.use_cases:
        return (
            say("use_case is {name}, which is not in payback.toml", name=repr(case)),
            say("write one of: {names}", names=", ".join(project.use_cases)),
        )
    quantity = quantity_of(row.quantity)
    if quantity is None:
        return (
            say("quantity is {name}, which nothing is counted by", name=repr(row.quantity[:40])),
            say("write one of: {names}", names=", ".join(QUANTITIES)),
        )
    period = days.read_period(row.for_period) if row.for_period else project.looked_at
    if period is None:
        return (
            say("for_period is {period}, which is no period", period=repr(row.for_period[:40])),
            say("write 2026, 2026-Q3, 2026-03, or FIRST..END with END not included"),
        )
    low = row.low if row.low is not None else row.high
    high = row.high if row.high is not None else row.low
    said = Foretold(
        case, quantity, period, row.made_on, row.made_by, low, high,
        currency=project.currency if quantity in MONEY else "", via="rows",
    )  # fmt: skip
    wrong = fault(said)
    return (wrong, say("mend the row, or leave it out")) if wrong else said


def _same(said: Foretold) -> tuple[object, ...]:
    """One person's word on one day about one thing: the last such word counts."""
    return said.use_case, said.quantity, said.period, said.made_on, said.made_by.casefold()


# --- held against what came -------------------------------------------------------------------------


def _told(
    project: Project,
    gathered: Foretelling,
    facts: Mapping[str, Facts],
    known: forecasts.History,
    now: Sequence[Foretold],
) -> list[Told]:
    """Every forecast with how it stands, the scored ones with their scores; oldest first."""
    as_of = gathered.collected.as_of
    every = dict(known.foretold) | {forecasts.key_of(each): each for each in now}
    current = {forecasts.key_of(each) for each in now}
    latest: dict[tuple[object, ...], str] = {}
    for key, said in every.items():
        before = latest.get(_same(said))
        if key not in known.withdrawn and (before is None or before not in current or key in current):
            latest[_same(said)] = key
    found = []
    for key, said in every.items():
        if said.by_assessment and said.made_on is not None and said.made_on > as_of:
            continue  # of a later assessment: what is looked at now did not know it
        gone = key not in current and said.via in {"payback.toml", "rows"}
        each = Told(said, key, State.OPEN, gone=gone, horizon=_horizon(said))
        if key in known.withdrawn:
            each = replace(each, state=State.WITHDRAWN, why=known.withdrawn[key].why)
        elif latest[_same(said)] != key:
            each = replace(each, state=State.SAID_AGAIN)
        else:
            each = _held(each, project, gathered.rates, came(said, facts.get(said.use_case)))
        found.append(each)
    found.sort(
        key=lambda each: (each.said.use_case, each.said.made_on or date.min, each.said.quantity, each.key)
    )
    return _counted(found)


def _facts(project: Project, gathered: Foretelling) -> dict[str, Facts]:
    found = {}
    for case in gathered.cases:
        works = [
            work
            for (of, arm), work in gathered.collected.works.items()
            if (of, arm) == (case.key, case.judged)
        ]
        tasks = sum(work.trials for work in works)
        without = sum(work.unknown_trials for work in works)
        found[case.key] = Facts(
            history=history_of(project, case.key, gathered.collected),
            checked=[
                each for each in gathered.checked if (each.use_case, each.arm) == (case.key, case.judged)
            ],
            gates=case.gates,
            without_cost=Decimal(without) / tasks if tasks else Decimal(0),
            benchmark=project.benchmark,
        )
    return found


def _horizon(said: Foretold) -> int | None:
    """Whole months, rounded up, from the day it was said to the end of what it is about."""
    if said.made_on is None or said.period is None:
        return None
    return max(1, -int(-(said.period.first_day_after - said.made_on).days // DAYS_A_MONTH))


def _held(each: Told, project: Project, rates: Sequence[CurrencyRate], what: Came) -> Told:
    """With its amounts in the project's currency, and its scores where something came."""
    said = each.said
    factor = Decimal(1)
    if said.currency and said.currency != project.currency:
        day = said.made_on or (said.period.first_day if said.period else date.min)
        found = conversion(said.currency, project.currency, day, rates)
        if found is None:
            why = say("no rate from {a} to {b}", a=said.currency, b=project.currency)
            return replace(each, state=State.NOT_KNOWN, why=why)
        factor = Decimal(found.factor.numerator) / Decimal(found.factor.denominator)
    said = _times(said, factor)
    low, high = said.ends or (None, None)
    each = replace(
        each, state=what.state, why=what.why, notes=what.notes, came=what.amount, happened=what.happened,
        middle=middle_of(said), low=low, high=high,
    )  # fmt: skip
    if what.happened is not None and said.chance is not None:
        chance = float(said.chance)
        scores = (
            ("brier", scoring.brier(chance, what.happened)),
            ("log", scoring.log_score(chance, what.happened)),
        )
        return replace(each, scores=scores)
    return each if what.amount is None else _against(each, said, float(what.amount))


def _times(said: Foretold, factor: Decimal) -> Foretold:
    if factor == 1:
        return said
    return replace(
        said,
        low=None if said.low is None else said.low * factor,
        high=None if said.high is None else said.high * factor,
        quantiles=tuple((share, value * factor) for share, value in said.quantiles),
    )


def law_of(said: Foretold) -> ranges.Uncertain | None:
    """The distribution a low and a high end stand for; None for quantiles and chances."""
    if said.low is None or said.high is None:
        return None
    low, high = float(said.low), float(said.high)
    if low == high:
        return ranges.known(low)
    if said.quantity == ACCEPTANCE and low > 0 and high < 1:
        with suppress(ValueError):  # a range no beta has
            return ranges.share_between(low, high)
    return ranges.between(low, high)


def middle_of(said: Foretold) -> Decimal | None:
    """The amount said, or the median of a range."""
    if said.quantiles:
        return said.quantile(MIDDLE)
    law = law_of(said)
    if law is None:
        return None
    return said.low if law.is_known else _six(ranges.median(law))


def _six(value: float) -> Decimal:
    return Decimal(f"{value:.6g}") + 0


def _against(each: Told, said: Foretold, amount: float) -> Told:
    """An amount that came, against the one said: ratio, hit, scores and place."""
    law, ends = law_of(said), said.ends
    scores: list[tuple[str, float]] = []
    place = None
    if law is not None:
        scores.append(("crps", scoring.crps(law, amount)))
        place = None if law.is_known else scoring.place_of(law, amount)
    elif said.quantiles:
        shares = [float(share) for share, _ in said.quantiles]
        values = [float(value) for _, value in said.quantiles]
        scores.append(("crps", scoring.crps_of_quantiles(shares, values, amount)))
        place = scoring.place_among(shares, values, amount)
    hit = None
    if ends is not None:
        low, high = float(ends[0]), float(ends[1])
        scores.append(("interval", scoring.interval_score(low, high, amount)))
        hit = low <= amount <= high
    ratio = amount / float(each.middle) if each.middle else None
    return replace(each, ratio=ratio, hit=hit, scores=tuple(scores), place=place)


def _counted(found: Sequence[Told]) -> list[Told]:
    """Marks what the scores count: of one person's words on the same months, so far ahead, the first only."""
    taken: defaultdict[tuple[object, ...], list[Period]] = defaultdict(list)
    marked = []
    for each in found:
        period = each.said.period
        counts = False
        if each.state is State.CAME and each.scores and period is not None:
            mine = taken[
                each.said.made_by.casefold(), each.said.use_case, each.said.quantity, band_of(each.horizon)
            ]
            if not any(_overlap(period, other) for other in mine):
                mine.append(period)
                counts = True
        marked.append(replace(each, counted=counts))
    return marked


def _overlap(one: Period, other: Period) -> bool:
    return one.first_day < other.first_day_after and other.first_day < one.first_day_after


def band_of(horizon: int | None) -> tuple[int, int | None] | None:
    """How many months ahead, in bands."""
    if horizon is None:
        return None
    return next(band for band in HORIZONS if band[1] is None or horizon <= band[1])


def _scores(told: Iterable[Told]) -> tuple[Scores, ...]:
    """Means by person and by how far ahead, in the order of names."""
    groups: defaultdict[tuple[str, tuple[int, int | None] | None], list[Told]] = defaultdict(list)
    names: dict[str, str] = {}
    for each in told:
        if each.counted:
            by = names.setdefault(each.said.made_by.casefold(), each.said.made_by)
            groups[by, band_of(each.horizon)].append(each)
    order = [None, *HORIZONS]
    return tuple(
        _score(by, band, mine)
        for (by, band), mine in sorted(
            groups.items(), key=lambda item: (item[0][0].casefold(), order.index(item[0][1]))
        )
    )


def _score(by: str, band: tuple[int, int | None] | None, mine: Sequence[Told]) -> Scores:
    hits = [each.hit for each in mine if each.hit is not None]
    rate = scoring.hit_rate(sum(hits), len(hits))
    return Scores(
        by=by,
        horizon=band,
        count=len(mine),
        hits=sum(hits),
        ranges=len(hits),
        hit_low=rate.low if isinstance(rate, scoring.Hits) else None,
        hit_high=rate.high if isinstance(rate, scoring.Hits) else None,
        brier=_mean(mine, "brier"),
        log=_mean(mine, "log"),
        miss=_mean(mine, "crps", over=True),
        range_cost=_mean(mine, "interval", over=True),
        shape=scoring.shape([each.place for each in mine if each.place is not None]),
    )


def _mean(mine: Sequence[Told], score: str, *, over: bool = False) -> float | None:
    """The mean of a score; `over` what was said, so that amounts of different size may be averaged."""
    found = [
        value / float(abs(each.middle)) if over and each.middle else value
        for each in mine
        for name, value in each.scores
        if name == score and (not over or each.middle)
    ]
    return fmean(found) if found else None


# --- what past ones came in at, and the next ---------------------------------------------------------


def _tracks(project: Project, told: Sequence[Told]) -> tuple[Track, ...]:
    """Of each person who named amounts, what they came in at, of value and of cost apart.

    A case is a use case and the periods of it that overlap: several promises about the same months are one.
    """
    defaults = {
        False: float(project.forecasts.value_comes_in_at or optimism.VALUE_COMES_IN_AT),
        True: float(project.forecasts.cost_comes_in_at or optimism.COST_COMES_IN_AT),
    }
    names: dict[str, str] = {}
    past: defaultdict[tuple[str, bool], list[Told]] = defaultdict(list)
    for each in told:
        if not _may_be_corrected(each):
            continue
        names.setdefault(each.said.made_by.casefold(), each.said.made_by)
        mine = past[each.said.made_by.casefold(), each.said.quantity in COSTS]
        if each.state is State.CAME and each.came is not None:
            mine.append(each)
    found = []
    for (name, costs), mine in sorted(past.items()):
        cases = _cases(mine)
        next_one = optimism.next_ratio([log for log, _ in cases], defaults[costs])
        found.append(
            Track(
                by=names[name],
                costs=costs,
                cases=len(cases),
                came_in_at=median(ratio for _, ratio in cases) if cases else None,
                next=Next(next_one.middle, next_one.low, next_one.high, next_one.cases),
            )
        )
    return tuple(found)


def _may_be_corrected(each: Told) -> bool:
    """Amounts people named; not what assessments or yes-or-no forecasts say."""
    return (
        not each.said.by_assessment
        and each.said.quantity != NET
        and each.middle is not None
        and each.middle > 0
        and each.state not in {State.SAID_AGAIN, State.WITHDRAWN}
    )


def _cases(mine: Sequence[Told]) -> list[tuple[float, float]]:
    """Each past case's ratio, as a logarithm held within bounds and as it was: means over promises of the case."""
    cases: list[tuple[str, list[Period], list[Told]]] = []
    for each in mine:
        period = each.said.period
        if period is None:
            continue
        touching = [
            case
            for case in cases
            if case[0] == each.said.use_case and any(_overlap(period, other) for other in case[1])
        ]
        periods = [period, *(one for case in touching for one in case[1])]
        promises = [each, *(one for case in touching for one in case[2])]
        cases = [case for case in cases if case not in touching] + [(each.said.use_case, periods, promises)]
    return sorted(
        (
            fmean(
                optimism.log_ratio(float(one.middle or 1), max(float(one.came or 0), 0.0)) for one in promises
            ),
            fmean(one.ratio or 0.0 for one in promises),
        )
        for _, _, promises in cases
    )


def _corrected(each: Told, tracks: Mapping[tuple[str, bool], Track]) -> Told:
    """An open forecast with what it comes in at by the past of who said it, or by the default."""
    if each.state not in {State.OPEN, State.NOT_KNOWN} or not _may_be_corrected(each) or each.middle is None:
        return each
    track = tracks[each.said.made_by.casefold(), each.said.quantity in COSTS]
    most = Decimal(1) if each.said.quantity == ACCEPTANCE else None

    def held(ratio: float | None) -> Decimal | None:
        if ratio is None or each.middle is None:
            return None
        amount = Decimal(f"{float(each.middle) * ratio:.3g}") + 0
        return amount if most is None else min(amount, most)

    middle = held(track.next.ratio)
    if middle is None:
        return each
    return replace(
        each, corrected=(held(track.next.low), middle, held(track.next.high)), corrected_by=track.next
    )
