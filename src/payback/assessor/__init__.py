"""Files to verdicts: the one place that hands each measure's query to the ledger.

`assess` is what `payback assess` runs; see `payback.assessment` for what it returns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from payback import __version__, seals
from payback.assessment import (
    Assessment,
    Omission,
    Promise,
    SourceSummary,
    UseCaseResult,
)
from payback.assessor.estimates import of_pico
from payback.assessor.flows import (
    Exchange,
    Sources,
    comings,
    invoiced,
    outgoings,
    payback_ratio,
)
from payback.assessor.use_case import Collected, judged_of, use_case_result
from payback.ledger import Gathered, Ledger
from payback.ledger.ledger import SourceFiles
from payback.ledger.record import content_digest
from payback.locale import say, say_count
from payback.measures import work
from payback.measures.delivery import pairs, segments
from payback.measures.economics import money
from payback.measures.estimate import RESAMPLES
from payback.numbers import money as written_money
from payback.prices import PriceBook, of_project
from payback.prices import as_of as price_book_day
from payback.project import Project, load
from payback.records import (
    Evidence,
    Figure,
    Input,
    Money,
    Origin,
    Period,
    Problem,
    Unknown,
)

__all__ = ["assess"]

Progress = Callable[[str, int, int], None]


def assess(
    project: Project | str | Path,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Read what the project names, and say for each use case whether the money comes back.

    `as_of` looks at the data as known at the end of that day; without it, of the latest event.
    Raises PaybackError for a broken project file; what is wrong with rows is in `left_out`.
    """
    if not isinstance(project, Project):
        project = load(project)
    overrides, discounts, rates = of_project(project)
    book = PriceBook.bundled(overrides, discounts)
    with Ledger(project) as ledger:
        gathered = ledger.gather(progress)
        prepared = ledger.prepare(book, rates, as_of)
        exchange = Exchange(project.currency, rates)
        collected = _collected(project, ledger, gathered, exchange, prepared.as_of, prepared.period)
        unpriced = ledger.rows("select provider, model, reason, calls from unpriced order by model, provider")
    sealed = seals.latest(project)
    cases = tuple(use_case_result(project, name, collected, sealed.get(name)) for name in project.use_cases)
    problems = (*gathered.problems, *exchange.problems())
    return Assessment(
        name=project.name,
        title=project.title,
        label=project.label,
        benchmark=project.benchmark,
        currency=project.currency,
        period=prepared.period,
        as_of=prepared.as_of,
        use_cases=cases,
        out=(out := _total([case.out for case in cases], "money_out", "spend", prepared.period)),
        back=(back := _total([case.back for case in cases], "money_back", "value-back", prepared.period)),
        back_parts=_added([case.back_parts for case in cases], project.currency),
        hours_freed=_total(
            [case.hours_freed for case in cases], "hours_freed", "hours-freed", prepared.period
        ),
        payback_ratio=payback_ratio(out, back),
        promise=_promises([case.promise for case in cases], project.currency),
        pools=_pools(project, cases),
        unassigned=_unassigned(project, collected),
        decisions=tuple(decision for case in cases for decision in case.decisions),
        left_out=_left_out(problems, unpriced, cases),
        sources=tuple(_summary(each) for each in gathered.sources),
        notes=project.notes,
        problems=problems,
        seed=say("the names of the use case, the way of working and the figure"),
        draws=RESAMPLES,
        version=__version__,
        project_digest=content_digest(project.file),
        data_digest=gathered.digest,
        price_book=str(price_book_day()),
    )


def _collected(
    project: Project,
    ledger: Ledger,
    gathered: Gathered,
    exchange: Exchange,
    as_of: date,
    period: Period,
) -> Collected:
    """Run every rollup."""
    works = work.work(
        ledger.rows(work.COST_QUERY), ledger.rows(work.OUTCOME_QUERY), ledger.rows(work.SPEND_QUERY)
    )
    ledger.load("pair", pairs.PAIR_COLUMNS, _pairs(project, works))
    differences: defaultdict[tuple[str, str, str], pairs.Pair] = defaultdict(pairs.Pair)
    for use_case, _, against, name, value, *rest in ledger.rows(segments.DIFFERENCE_QUERY):
        today = project.use_cases[use_case].today
        if today is not None and today.arm == against:
            cell, times, times_against, tasks, ours, theirs = rest
            gap = work.mean(ours, times) - work.mean(theirs, times_against)
            differences[use_case, name, value].add(cell, int(tasks), gap)
    spend = defaultdict(list)
    for use_case, day, pico in ledger.rows(money.SPEND_BY_DAY_QUERY):
        spend[use_case].append((day, of_pico(int(pico))))
    accepted = defaultdict(list)
    for use_case, arm, day, total, unchecked in ledger.rows(money.ACCEPTED_BY_DAY_QUERY):
        accepted[use_case, arm].append((day, Fraction(total or 0), int(unchecked)))
    costs = money.costs(ledger.rows(money.COST_QUERY))
    values = money.values(ledger.rows(money.VALUE_QUERY))
    bills = money.bills(ledger.rows(money.BILL_QUERY))
    return Collected(
        works=works,
        cost_pairs=pairs.pairs(ledger.rows(pairs.COST_QUERY)),
        outcome_pairs=pairs.pairs(ledger.rows(pairs.OUTCOME_QUERY)),
        segments=segments.segments(ledger.rows(segments.QUERY)),
        segment_differences=dict(differences),
        costs={name: outgoings(mine, exchange) for name, mine in _by_use_case(costs).items()},
        values={name: comings(mine, exchange) for name, mine in _by_use_case(values).items()},
        bills={name: invoiced(mine, exchange) for name, mine in _by_use_case(bills).items()},
        spend_by_day=spend,
        accepted_by_day=accepted,
        sources=_sources(project, gathered.sources),
        as_of=as_of,
        period=period,
    )


def _pairs(project: Project, works: Mapping[tuple[str, str], work.Work]) -> list[tuple[str, str, str]]:
    """The judged way of working of each use case against every other one that has rows."""
    found = []
    for name, case in project.use_cases.items():
        mine = {arm: each for (of, arm), each in works.items() if of == name}
        judged = judged_of(case, mine)
        if judged in mine:
            found += [(name, judged, other) for other in sorted(mine) if other != judged]
    return found


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
                tables[each.source.table].append(Origin(entry.path, rows=entry.rows, note=each.source.title))
            tables.setdefault(each.source.table, [])
        by_case[name] = Sources({table: tuple(origins) for table, origins in tables.items()})
    return by_case


def _total(figures: Sequence[Figure | Unknown], name: str, formula: str, period: Period) -> Figure | Unknown:
    """The sum of what is known; where nothing is, the first reason. What is not known is said."""
    known = [figure for figure in figures if isinstance(figure, Figure)]
    unknown = [figure for figure in figures if isinstance(figure, Unknown)]
    if not known:
        return unknown[0] if unknown else Unknown(say("no use case is declared"))
    first = known[0]
    counted = [figure for figure in known if figure.value] or known
    return Figure(
        name=name,
        value=sum((figure.value for figure in known), Decimal(0)),
        unit=first.unit,
        formula=formula,
        evidence=min(figure.evidence for figure in counted),
        currency=first.currency,
        period=period,
        inputs=tuple(each for figure in known for each in figure.inputs) if len(known) == 1 else (),
        origins=tuple(dict.fromkeys(origin for figure in known for origin in figure.origins)),
        omissions=(
            *(omission for figure in known for omission in figure.omissions),
            *(
                [say_count("not known for {count} use case", "not known for {count} use cases", len(unknown))]
                if unknown
                else []
            ),
        ),
    )


def _added(
    parts: Sequence[Sequence[tuple[Evidence, Money]]], currency: str
) -> tuple[tuple[Evidence, Money], ...]:
    totals: dict[Evidence, Decimal] = {}
    for each in parts:
        for grade, amount in each:
            totals[grade] = totals.get(grade, Decimal(0)) + amount.amount
    return tuple((grade, Money(totals[grade], currency)) for grade in sorted(totals, reverse=True))


def _promises(found: Sequence[Promise | None], currency: str) -> Promise | None:
    made = [promise for promise in found if promise is not None]
    if not made:
        return None
    return Promise(
        said=Money(sum((promise.said.amount for promise in made), Decimal(0)), currency),
        total=Money(sum((promise.total.amount for promise in made), Decimal(0)), currency),
        parts=_added([promise.parts for promise in made], currency),
        by="; ".join(dict.fromkeys(promise.by for promise in made if promise.by)),
        source="; ".join(dict.fromkeys(promise.source for promise in made if promise.source)),
    )


def _pools(project: Project, cases: Sequence[UseCaseResult]) -> tuple[str, ...]:
    """For each cost pool, what its use cases claim together against what it costs."""
    found = []
    for name, pool in project.cost_pools.items():
        drawing = [case for case in cases if project.use_cases[case.key].cost_pool == name]
        claimed = sum((case.promise.said.amount for case in drawing if case.promise), Decimal(0))
        if not drawing or not claimed or not pool.total:
            continue
        share = 100 * claimed / pool.total
        sentence = say(
            "{pool}: together the use cases claim {share:.0f} % of what it costs, {total}.",
            pool=name,
            share=share,
            total=written_money(pool.total, project.currency),
        )
        if claimed > pool.total:
            sentence += " " + say("More than all of it: at most that much can come back.")
        found.append(sentence)
    return tuple(found)


def _unassigned(project: Project, collected: Collected) -> Figure | None:
    """Spend that no declared use case takes; None where there is none."""
    spent = Decimal(0)
    calls = 0
    names: set[str] = set()
    for (name, _), each in collected.works.items():
        if name not in project.use_cases:
            spent += of_pico(each.spent_pico)
            calls += each.calls
            names.add(name or say("no use case"))
    for name, lines in collected.costs.items():
        if name not in project.use_cases:
            spent += sum((line.amount for line in lines), Decimal(0))
            names.add(name or say("no use case"))
    for name, bills in collected.bills.items():
        if name not in project.use_cases:
            spent += sum((amount for _, amount, _ in bills), Decimal(0))
            names.add(name or say("no use case"))
    if not spent and not calls:
        return None
    return Figure(
        name="unassigned",
        value=spent,
        unit="money",
        formula="spend",
        evidence=Evidence.MEASURED,
        currency=project.currency,
        period=collected.period,
        count=calls,
        counted=say("calls"),
        inputs=tuple(Input(say("named in the rows"), name) for name in sorted(names)),
    )


def _left_out(
    problems: Sequence[Problem],
    unpriced: Sequence[tuple[Any, ...]],
    cases: Sequence[UseCaseResult],
) -> tuple[Omission, ...]:
    """What was left out, rows first, then what is only partly known, each with what it can change."""
    found = []
    by_code: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.left_out:
            by_code[problem.code].append(problem)
    for _, mine in sorted(by_code.items(), key=lambda item: -sum(each.rows for each in item[1])):
        rows = sum(each.rows for each in mine)
        found.append(
            Omission(
                say_count(
                    "{count} row left out: {what}", "{count} rows left out: {what}", rows, what=mine[0].what
                )
                if rows
                else f"{mine[0].origin}: {mine[0].what}",
                rows,
                mine[0].fix,
                tuple(mine[:5]),
            )
        )
    for provider, model, reason, calls in unpriced:
        name = f"{provider}/{model}" if provider else model or say("(no model named)")
        found.append(
            Omission(
                say_count(
                    "{count} call of {model} has no price",
                    "{count} calls of {model} have no price",
                    calls,
                    model=name,
                ),
                int(calls),
                reason,
            )
        )
    several = len(cases) > 1
    for case in cases:
        for omission in case.left_out:
            what = f"{case.title}: {omission.what}" if several else omission.what
            found.append(Omission(what, omission.rows, omission.effect, omission.problems))
    return tuple(found)


def _summary(found: SourceFiles) -> SourceSummary:
    source = found.source
    return SourceSummary(
        title=source.title or source.path,
        table=source.table,
        files=tuple(entry.path for entry in found.entries),
        rows=found.rows,
        left_out=found.rows_left_out,
        by=source.by,
        licence=source.licence,
        link=source.link,
    )
