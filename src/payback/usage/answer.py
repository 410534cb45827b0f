"""Logs in, one table out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from payback.ledger import calls
from payback.ledger.engine import Engine, quoted
from payback.ledger.gather import gather
from payback.ledger.gathered import Gathered
from payback.ledger.priced import ListPrice, list_price
from payback.locale import say, say_count
from payback.prices import CurrencyRate, PriceBook
from payback.records import Money, Origin, PaybackError, Period, Problem
from payback.sources import FORMATS
from payback.sources.discover import Discovered, discover
from payback.sources.faults import LISTED, NOTES, log_words, title
from payback.usage.counted import Counted, NotPriced, Plan, PlanPaid, Row, Usage, together
from payback.usage.groups import IN_TIME, UTC_NAME, between, grouped, known, local, place
from payback.usage.merged import became
from payback.usage.metered import load_meters
from payback.usage.overlap import apart
from payback.usage.paid import bills, covered, plan_cost
from payback.usage.unfinished import unfinished
from payback.usage.waste import could_be_read, waste

Progress = Callable[[str, int, int], None]


def usage(
    paths: Sequence[Path],
    *,
    by: str = "model",
    since: date | None = None,
    until: date | None = None,
    timezone: str = UTC_NAME,
    currency: str = "USD",
    book: PriceBook | None = None,
    rates: Sequence[CurrencyRate] = (),
    plans: Sequence[Plan] = (),
    also_ai: Sequence[str] = (),
    git: Sequence[Path] = (),
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Usage:
    """Read the logs under `paths`, count each call once and price it by its day.

    `by` is one of `BY` or `tag:NAME`. `since` and `until` are days of `timezone` (an IANA name), the last
    one included; a price is always that of the UTC day. `also_ai` are patterns of services that count as AI
    on a bill; `git` are folders of repositories in which to look what became of the work; calls later than
    `now`, in UTC, are counted. Raises PaybackError where a path is not there, and where no log is found.
    """
    if not known(by):
        raise ValueError(by)
    within = between(since, until, timezone)
    found = discover(paths, FORMATS, progress)
    _something(paths, found)
    with Engine() as engine:
        gathered = gather(
            engine,
            found.files,
            progress,
            places={place(by), *(("session", "project", "branch") if git else ())},
        )
        if progress is not None:
            progress("", len(found.files), len(found.files))
        copies, skipped = calls.once(engine, within)
        prices = book or PriceBook.bundled()
        overlaps = apart(engine, prices, currency, rates)
        price = list_price(engine, could_be_read(calls.facts(engine)), prices, currency, rates)
        has_meters, meters = load_meters(engine, currency, rates)
        _listed(engine, price, timezone, currency, has_meters=has_meters)
        rows, total = _counts(engine, by, currency)
        not_priced = _not_priced(engine, price)
        period = _period(engine)
        future = _later(engine, now)
        avoidable = waste(engine, price, currency)
        joined = became(engine, git, currency)
        early = unfinished(engine, price, currency) if total.unfinished else None
        layouts = {one.path: one.layout for one in found.files}
        bought = bills(
            engine,
            [layouts[path] for path in gathered.paths],
            currency=currency,
            rates=rates,
            plans=plans,
            also_ai=also_ai,
            since=since,
            until=until,
        )
        paid_in = period or (bought.period if bought else None)
        paid = tuple(_paid(engine, plan, paid_in, currency, rates) for plan in plans)
        tools = tuple(name for (name,) in engine.rows("select distinct tool from usage_call order by tool"))
    return Usage(
        by=by,
        rows=rows,
        overlapping=grouped(by, "").overlapping,
        total=total,
        timezone=timezone,
        currency=currency,
        period=period,
        tools=tools,
        files=gathered.files,
        copies=copies,
        overlaps=overlaps,
        skipped=skipped,
        lines_left_out=gathered.lines_left_out,
        not_priced=not_priced,
        meters=meters,
        unfinished=early,
        future=future,
        waste=avoidable,
        became=joined,
        plans=paid,
        bills=bought,
        problems=_problems(found, gathered),
    )


def homes() -> list[Path]:
    """The folders that the tools payback knows write to, those that are there."""
    places = [Path.home() / home for format_ in FORMATS for home in format_.homes]
    return [place for place in dict.fromkeys(places) if place.exists()]


def _something(paths: Sequence[Path], found: Discovered) -> None:
    if found.missing:
        raise PaybackError(
            "missing-file",
            say("no such file or folder"),
            where=str(found.missing[0]),
            fix=say("check the path"),
        )
    if not found.files and not found.twice:
        raise PaybackError(
            "no-logs",
            say(
                "no log that payback knows lies under {paths}",
                paths=", ".join(map(str, paths)) or say("home"),
            ),
            fix=say("it reads logs of {tools}", tools=", ".join(format_.title for format_ in FORMATS)),
        )


_EACH = "coalesce(calls, 1)"
"""A row of a log is one call; one of an export may sum several."""
_RECORD = "greatest(coalesce(calls, 1), 1)"
"""The same, where a sum of calls that nobody counted is one record."""
_COUNTS = f"""
    coalesce(sum({_EACH}), 0), coalesce(sum(input_tokens), 0), coalesce(sum(cached_tokens), 0),
    coalesce(sum(coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0)), 0),
    coalesce(sum(output_tokens), 0), coalesce(sum(pico), 0), coalesce(sum(assumed) filter (where pico is not null), 0),
    coalesce(sum(stated) filter (where pico is null), 0),
    coalesce(sum({_RECORD}) filter (where pico is null and stated is not null), 0),
    coalesce(sum({_RECORD}) filter (where pico is null and stated is null and metered), 0),
    coalesce(sum({_RECORD}) filter (where pico is null and stated is null and not metered), 0),
    coalesce(sum({_RECORD}) filter (where unfinished), 0),
    coalesce(sum(by_meter) filter (where pico is not null), 0),
    coalesce(sum({_RECORD}) filter (where pico is not null and meter_missing), 0),
    count(*) filter (where calls = 0), count(*) filter (where pico is not null and at_least)"""


def _listed(engine: Engine, price: ListPrice, timezone: str, currency: str, *, has_meters: bool) -> None:
    """Make the view `call_listed`: every call with its list price, and its time `clock` in that zone.

    What a log states counts only in the currency that is shown. A call without tokens that is charged by
    another measure alone costs just that.
    """
    zones = () if timezone == UTC_NAME else _zones(engine)
    counted = "u.input_tokens is not null and u.output_tokens is not null"
    pico, priced, join, by_meter, missing = price.pico, "p.priced", price.join, "0", "false"
    if has_meters:
        by_meter, missing = "coalesce(m.pico, 0)", "coalesce(m.missing, false)"
        alone = "m.whole and u.input_tokens is null and u.output_tokens is null"
        pico = f"case when {alone} then case when not m.missing then m.pico end else {price.pico} + {by_meter} end"
        counted = f"({counted} or coalesce({alone}, false))"
        priced = f"(p.priced or coalesce({alone} and not m.missing, false))"
        join += """ left join call_meter m on u.meters = m.meters and coalesce(u.provider, '') = m.provider
            and coalesce(u.model, '') = m.model and cast(u."time" as date) = m.day"""
    engine.run(f"""create or replace temp view call_listed as
        select u.*, {local(timezone, zones)} as clock, {pico} as pico, {price.assumed} as assumed,
               {counted} as metered, {priced} as has_price, {by_meter} as by_meter, {missing} as meter_missing,
               {price.at_least} as at_least,
               case when stated_currency = {quoted(currency)} then cast(stated_cost * 1000000000000 as DECIMAL(38,0)) end
                   as stated
        from usage_call u {join}""")


def _zones(engine: Engine) -> frozenset[str]:
    return frozenset(name for (name,) in engine.rows("select name from pg_timezone_names()"))


def _counts(engine: Engine, by: str, currency: str) -> tuple[tuple[Row, ...], Counted]:
    groups = grouped(by, "call_listed")
    made = [
        Row(key, _counted(counts, currency))
        for key, *counts in engine.rows(f"select key, {_COUNTS} from {groups.rows} group by 1")
    ]
    made.sort(key=lambda row: row.key)
    if by not in IN_TIME:
        made.sort(key=lambda row: row.counted.cost.amount, reverse=True)
    if groups.overlapping:
        return tuple(made), _counted(engine.one(f"select {_COUNTS} from call_listed"), currency)
    return tuple(made), together([row.counted for row in made], currency)


def _not_priced(engine: Engine, price: ListPrice) -> tuple[NotPriced, ...]:
    return tuple(
        NotPriced(
            model,
            int(count),
            say("the export does not name models: export it grouped by model")
            if sums and not model
            else price.reasons.get((provider, model, tier), ""),
        )
        for provider, model, tier, count, sums in engine.rows(f"""
            select coalesce(provider, ''), coalesce(model, ''), coalesce(service_tier, ''), sum({_RECORD}),
                   bool_and(calls is not null)
            from call_listed where not has_price and stated is null group by 1, 2, 3 order by 4 desc, 2, 3""")
    )


def _later(engine: Engine, now: datetime | None) -> int:
    """Calls more than an hour after `now`; clocks differ by less."""
    if now is None:
        return 0
    after = quoted((now + timedelta(hours=1)).isoformat(sep=" "))
    return int(engine.one(f'select count(*) from usage_call where "time" > timestamp {after}')[0])


def _period(engine: Engine) -> Period | None:
    first, last = engine.one("select cast(min(clock) as date), cast(max(clock) as date) from call_listed")
    return None if first is None else Period(first, last + timedelta(days=1))


def _paid(
    engine: Engine, plan: Plan, period: Period | None, currency: str, rates: Sequence[CurrencyRate]
) -> PlanPaid:
    months, paid = plan_cost(plan, period, currency, rates)
    calls_ = engine.one(f"select {_COUNTS} from call_listed where {covered(plan)}")
    return PlanPaid(plan, months, paid, _counted(calls_, currency))


def _counted(counts: Sequence[Any], currency: str) -> Counted:
    calls_, fresh, cached, written, out, listed, assumed, stated, stated_calls, *missing = map(int, counts)
    unpriced, unmetered, unfinished_calls, by_meter, no_meter_price, uncounted, at_least = missing
    return Counted(
        calls=calls_,
        fresh=fresh,
        cached=cached,
        written=written,
        out=out,
        listed=Money.of_pico(listed, currency),
        assumed=Money.of_pico(assumed, currency),
        stated=Money.of_pico(stated, currency),
        stated_calls=stated_calls,
        unpriced=unpriced,
        unmetered=unmetered,
        unfinished=unfinished_calls,
        by_meter=Money.of_pico(by_meter, currency),
        unpriced_meters=no_meter_price,
        uncounted=uncounted,
        at_least=at_least,
    )


def _problems(found: Discovered, gathered: Gathered) -> tuple[Problem, ...]:
    made = [
        Problem(
            "unknown-log",
            say("no format that payback knows"),
            say("it reads logs of {tools}", tools=", ".join(format_.title for format_ in FORMATS)),
            Origin(str(file)),
            rows=0,
        )
        for file in found.strange[:LISTED]
    ]
    made += [
        Problem(
            "unreadable-file",
            say("the file cannot be opened: {reason}", reason=reason),
            say("give yourself the right to read it, or copy it"),
            Origin(str(file)),
            rows=0,
        )
        for file, reason in list({**found.unreadable, **gathered.unreadable}.items())[:LISTED]
    ]
    made += [
        Problem(
            "same-file-twice",
            say("holds the same bytes as {other}", other=other),
            say("it is counted once; remove one of the two"),
            Origin(str(file)),
            rows=0,
            left_out=False,
        )
        for file, other in list(found.twice.items())[:LISTED]
    ]
    told = 0
    for file, tally in gathered.faults.items():
        for (code, column), rows in tally.counts.items():
            first = tally.first[code, column][0]
            what, fix = log_words(first)
            more = say_count("{count} line like it", "{count} lines like it", rows - 1)
            made.append(
                Problem(
                    code,
                    f"{what}; {more}" if rows > 1 else what,
                    fix,
                    Origin(str(file), first.row, column or None),
                    rows,
                    left_out=code not in NOTES,
                )
            )
            told += rows if code not in NOTES else 0
    if (rest := gathered.lines_left_out - told) > 0:
        what = say_count("{count} more line in other files", "{count} more lines in other files", rest)
        made.append(Problem("json", what, title("json"), None, rest))
    return tuple(made)
