"""Files to verdicts: the one place that hands each measure's query to the ledger.

`assess` is what `payback assess` runs; see `payback.assessment` for what it returns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from payback import __version__, seals
from payback.assessment import Assessment, SourceSummary
from payback.assessor.capacity import hardware, held_by, with_hardware
from payback.assessor.checked import looked
from payback.assessor.context import Sources
from payback.assessor.delivery import delivered, with_harm
from payback.assessor.estimates import of_pico
from payback.assessor.exchange import Exchange, comings, invoiced, outgoings
from payback.assessor.experiments import tried
from payback.assessor.forecasts import Foretelling, forecast_record
from payback.assessor.judging import Accepted
from payback.assessor.left_out import left_out
from payback.assessor.money_back import payback_ratio
from payback.assessor.owners import owners
from payback.assessor.replayed import replays
from payback.assessor.returns import Prospect, Reader
from payback.assessor.totals import added, pools, promises, total, unassigned
from payback.assessor.use_case import Collected, compared_with, judged_of, use_case_result
from payback.assessor.watching import Stream, grains
from payback.ledger import Gathered, Ledger
from payback.ledger.ledger import SourceFiles
from payback.ledger.record import content_digest
from payback.locale import say
from payback.measures import work
from payback.measures.delivery import monitoring, pairs, segments
from payback.measures.economics import money, spread
from payback.measures.economics import owners as owner_rows
from payback.measures.returns import vendors
from payback.measures.returns.forecast import rows as forecast_rows
from payback.prices import PriceBook, of_project
from payback.prices import as_of as price_book_day
from payback.project import Project, load
from payback.records import Origin, Period

__all__ = ["assess", "assess_ahead"]

Progress = Callable[[str, int, int], None]


def assess(
    project: Project | str | Path,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
    replay: bool = False,
) -> Assessment:
    """Read what the project names, and say for each use case whether the money comes back.

    `as_of` looks at the data as known at the end of that day; without it, of the latest event.
    With `replay` it also says how each use case with a kill line or gates stood at every month's end.
    Raises PaybackError for a broken project file; what is wrong with rows is in `left_out`.
    """
    return assess_ahead(project, as_of=as_of, progress=progress, replay=replay)[0]


def assess_ahead(
    project: Project | str | Path,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
    replay: bool = False,
) -> tuple[Assessment, dict[str, Prospect]]:
    """The same, and the future of each use case that states one, ready to be drawn together with the others."""
    if not isinstance(project, Project):
        project = load(project)
    overrides, discounts, rates = of_project(project)
    book = PriceBook.bundled(overrides, discounts)
    exchange = Exchange(project.currency, rates)
    with Ledger(project) as ledger:
        gathered = ledger.gather(progress)
        prepared = ledger.prepare(book, rates, as_of)
        found = _collected(
            project,
            ledger,
            gathered,
            exchange,
            prepared.as_of,
            prepared.period,
            Reader(project, rates, prepared.as_of),
        )
        unpriced = ledger.rows("select provider, model, reason, calls from unpriced order by model, provider")
        (unfinished,) = ledger.rows("select coalesce(sum(unfinished_calls), 0) from trial_cost")[0]
        loose = owner_rows.loose_calls(ledger.rows(owner_rows.OWNER_QUERY))
        owned_bills = owner_rows.owned_bills(ledger.rows(owner_rows.BILL_OWNER_QUERY))
        foretold = forecast_rows.forecast_rows(ledger.rows(forecast_rows.FORECAST_QUERY))
        checked = forecast_rows.checked_days(ledger.rows(forecast_rows.CHECKED_QUERY))
        sealed = seals.latest(project)

        def known_on(day: date) -> Collected:
            then = ledger.prepare(book, rates, day)
            in_currency, reader = Exchange(project.currency, rates), Reader(project, rates, then.as_of)
            return _collected(project, ledger, gathered, in_currency, then.as_of, then.period, reader)

        rows = ledger.facts["usage"].rows + ledger.facts["outcome"].rows
        replayed = replays(project, found, sealed, known_on, rows=rows, anew=replay)
    period = prepared.period
    nobodys = unassigned(project, period, found.works, found.spend_by_day, found.costs, found.bills)
    assessed = {name: use_case_result(project, name, found, sealed.get(name)) for name in project.use_cases}
    cases = tuple(replace(case, replayed=replayed.get(name)) for name, (case, _) in assessed.items())
    files = {entry.batch: entry.path for each in gathered.sources for entry in each.entries}
    forecasts = forecast_record(project, Foretelling(found, cases, rates, foretold, files, checked))
    problems = (*gathered.problems, *exchange.problems(), *forecasts.problems)
    period = prepared.period
    out = total([case.out for case in cases], "money_out", "spend", period)
    back = total([case.back for case in cases], "money_back", "value-back", period)
    assessment = Assessment(
        name=project.name,
        title=project.title,
        label=project.label,
        benchmark=project.benchmark,
        currency=project.currency,
        period=period,
        as_of=prepared.as_of,
        use_cases=cases,
        out=out,
        back=back,
        back_parts=added([case.back_parts for case in cases], project.currency),
        hours_freed=total([case.hours_freed for case in cases], "hours_freed", "hours-freed", period),
        payback_ratio=payback_ratio(out, back),
        promise=promises([case.promise for case in cases], project.currency),
        pools=pools(project, cases),
        unassigned=nobodys,
        hardware=hardware(found.held.get("", ()), project.currency, period, _origins(gathered.sources), None),
        unassigned_by=owners(project, period, nobodys, loose, found.costs, owned_bills, exchange),
        decisions=tuple(decision for case in cases for decision in case.decisions),
        left_out=left_out(problems, unpriced, cases, int(unfinished)),
        sources=tuple(_summary(each) for each in gathered.sources),
        forecasts=forecasts,
        notes=(*project.notes, *forecasts.notes),
        problems=problems,
        seed=say("from the name of each use case") if any(case.returns for case in cases) else "",
        draws=max((case.returns.draws for case in cases if case.returns), default=0),
        version=__version__,
        project_digest=content_digest(project.file),
        data_digest=gathered.digest,
        price_book=str(price_book_day()),
    )
    return assessment, {name: future for name, (_, future) in assessed.items() if future is not None}


def _collected(
    project: Project,
    ledger: Ledger,
    gathered: Gathered,
    exchange: Exchange,
    as_of: date,
    period: Period,
    reader: Reader,
) -> Collected:
    """Run every rollup."""
    works = work.work(
        ledger.rows(work.COST_QUERY), ledger.rows(work.OUTCOME_QUERY), ledger.rows(work.SPEND_QUERY)
    )
    compared = _pairs(project, works)
    ledger.load("pair", pairs.PAIR_COLUMNS, compared)
    differences = _differences(project, ledger, compared)
    judged = _judged(project, works)
    streams = _streams(project, ledger, works, judged)
    spend: defaultdict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for use_case, day, pico in ledger.rows(money.SPEND_BY_DAY_QUERY):
        spend[use_case].append((day, of_pico(int(pico))))
    accepted: defaultdict[tuple[str, str], list[Accepted]] = defaultdict(list)
    for use_case, arm, day, trials, whole, unchecked in ledger.rows(money.ACCEPTED_BY_DAY_QUERY):
        of_day = Accepted(day, Fraction(whole) / trials, Fraction(int(unchecked), trials))
        accepted[use_case, arm].append(of_day)
    costs = money.costs(ledger.rows(money.COST_QUERY))
    values = money.values(ledger.rows(money.VALUE_QUERY))
    bills = money.bills(ledger.rows(money.BILL_QUERY))
    how = delivered(ledger, works, exchange, as_of)
    outgoing = {name: outgoings(mine, exchange) for name, mine in _by_use_case(costs).items()}
    held = held_by(ledger, outgoing, exchange)
    return Collected(
        works=works,
        cost_pairs=pairs.pairs(ledger.rows(pairs.COST_QUERY)),
        outcome_pairs=pairs.pairs(ledger.rows(pairs.OUTCOME_QUERY)),
        segments=segments.segments(ledger.rows(segments.QUERY)),
        segment_differences=differences,
        streams=streams,
        alike=spread.alike(ledger.rows(spread.QUERY), set(judged.items())),
        looked=looked(ledger),
        tried=tried(project, ledger, judged),
        costs=with_hardware(with_harm(project, outgoing, how.harm_days), held),
        held=held,
        values={name: comings(mine, exchange) for name, mine in _by_use_case(values).items()},
        bills={name: invoiced(mine, exchange) for name, mine in _by_use_case(bills).items()},
        spend_by_day=spend,
        accepted_by_day=accepted,
        delivered=how,
        sources=_sources(project, gathered.sources),
        as_of=as_of,
        period=period,
        reader=reader,
        vendors=vendors.vendors(ledger.rows(vendors.VENDOR_QUERY)),
    )


def _pairs(project: Project, works: Mapping[tuple[str, str], work.Work]) -> list[tuple[str, str, str]]:
    """The judged way of working of each use case and those it is compared with: today's, or all there are."""
    found = []
    for name, case in project.use_cases.items():
        mine = {arm: each for (of, arm), each in works.items() if of == name}
        judged = judged_of(case, mine)
        if judged in mine:
            found += [(name, judged, other) for other in compared_with(case, mine, judged)]
    return found


def _differences(
    project: Project, ledger: Ledger, compared: Sequence[tuple[str, str, str]]
) -> dict[tuple[str, str, str], pairs.Pair]:
    """The judged way less today's by property of the task; not asked for where today's way has no rows."""
    shown = {
        name
        for name, _, against in compared
        if (case := project.use_cases[name]).segments and case.today and case.today.arm == against
    }
    found: defaultdict[tuple[str, str, str], pairs.Pair] = defaultdict(pairs.Pair)
    if not shown:
        return found
    for use_case, _, _, name, value, cell, times, times_against, *rest in ledger.rows(
        segments.DIFFERENCE_QUERY
    ):
        if use_case in shown:
            tasks, ours, theirs = rest
            gap = work.mean(ours, times) - work.mean(theirs, times_against)
            found[use_case, name, value].add(cell, int(tasks), gap)
    return found


def _judged(project: Project, works: Mapping[tuple[str, str], work.Work]) -> dict[str, str]:
    """The way of working each use case is judged by, where it has rows."""
    judged = {}
    for name, case in project.use_cases.items():
        arm = judged_of(case, {arm: each for (of, arm), each in works.items() if of == name})
        if arm is not None and (name, arm) in works:
            judged[name] = arm
    return judged


def _streams(
    project: Project,
    ledger: Ledger,
    works: Mapping[tuple[str, str], work.Work],
    judged: Mapping[str, str],
) -> dict[tuple[str, str], Stream]:
    """What the judged ways of working gave in order of time, where a gate on a share or unit cost asks for it."""
    grouped = not ledger.facts["outcome"].never_filled("cluster")
    wanted = grains(project, judged, works, grouped=grouped)
    ledger.load("watched", monitoring.WATCHED_COLUMNS, wanted)
    if not wanted:
        return {}
    found = monitoring.observed(ledger.rows(monitoring.STREAM_QUERY))
    return {key: Stream(rows, grouped, works[key].binary) for key, rows in found.items()}


def _by_use_case(lines: Sequence[Any]) -> dict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for line in lines:
        found[line.use_case].append(line)
    return dict(found)


def _sources(project: Project, found: Sequence[SourceFiles]) -> dict[str, Sources]:
    """The files behind each use case: those that name it, and those that name none."""
    by_case: dict[str, Sources] = {}
    for name in project.use_cases:
        tables: defaultdict[str, list[Origin]] = defaultdict(list)
        for each in found:
            named = each.source.constants.get("use_case")
            if named is not None and named != name:
                continue
            for entry in each.entries:
                tables[entry.table].append(Origin(entry.path, rows=entry.rows, note=each.source.title))
            if each.source.table:
                tables.setdefault(each.source.table, [])
        by_case[name] = Sources({table: tuple(origins) for table, origins in tables.items()})
    return by_case


def _origins(found: Sequence[SourceFiles]) -> Sources:
    """The files of every source, by table."""
    tables: defaultdict[str, list[Origin]] = defaultdict(list)
    for each in found:
        for entry in each.entries:
            tables[entry.table].append(Origin(entry.path, rows=entry.rows, note=each.source.title))
    return Sources({table: tuple(origins) for table, origins in tables.items()})


def _summary(found: SourceFiles) -> SourceSummary:
    source = found.source
    return SourceSummary(
        title=source.title or source.path,
        table=source.table or ", ".join(dict.fromkeys(entry.table for entry in found.entries)),
        files=tuple(dict.fromkeys(entry.path for entry in found.entries)),
        rows=found.rows,
        left_out=found.rows_left_out,
        by=source.by,
        licence=source.licence,
        link=source.link,
    )
