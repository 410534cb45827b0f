"""Every call with its cost: calls joined to the price calendar on provider, model, tier and UTC day.

The SQL written here equals `payback.prices.call_cost_pico`, which the tests compare it with. Only
the terms that some call or some price needs are written, which is what makes ten million calls
quick: no term for cached tokens where no call has any, no tier or hours where no price has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from payback.ledger.assigning import DEFAULT_ARM, assigned, judged_arm, no_task
from payback.ledger.engine import Engine, quoted
from payback.ledger.facts import Facts, Key
from payback.ledger.standing import standing
from payback.prices import CalendarRow, CurrencyRate, Price, PriceBook, calendar
from payback.prices.cost import WRITTEN_AT_MOST
from payback.prices.currency import conversion

if TYPE_CHECKING:
    from payback.project import Project

PARTS = ("input", "cached", "write_5m", "write_1h", "output")
TOKENS = {
    "input": "input_tokens",
    "cached": "cached_tokens",
    "write_5m": "cache_write_5m_tokens",
    "write_1h": "cache_write_1h_tokens",
    "output": "output_tokens",
}
AS_LOGGED = (
    *(
        "provider",
        "model",
        "service_tier",
        *TOKENS.values(),
        "batch",
        "source_row",
        "service",
        "tags",
        "unfinished",
    ),
    *("seconds", "error", '"user"'),
)
"""Columns of a call that its cost carries on; the engine reads them only where a query asks for them."""
METERED = "u.input_tokens is not null and u.output_tokens is not null"
NONE = "cast(0 as bigint)"
ONE_DAY = timedelta(days=1)
AT_LEAST = "u.calls is not null and u.long_context is null and p.tier_above is not null"
LARGEST = 2**62
"""Products of tokens and rates above this are computed in 128 bits, which is slower."""


@dataclass(frozen=True, slots=True)
class _Needs:
    """What the calls and their prices need of the SQL."""

    parts: tuple[str, ...]  # kinds of tokens that some call has
    tiers: bool
    windows: bool
    unpriced: bool
    assumed: bool
    rateless: frozenset[str]  # kinds of tokens without a rate in some price: output of embeddings
    providers: bool
    service_tiers: bool
    stated: bool
    spans: bool
    traces: bool
    tasks_missing: bool
    named: bool  # every call says its use case
    filled: frozenset[str]  # columns that every call fills
    wide: bool
    sums: bool  # some rows are sums of calls


def priced_calls(
    engine: Engine,
    project: Project,
    usage: Facts,
    book: PriceBook,
    rates: Sequence[CurrencyRate],
) -> dict[str, str]:
    """Make the view `call_cost` and the table `unpriced`; returns the sums over it that never vary.

    `call_cost`: use_case, arm, task, trial, time, pico (null: not known), assumed_pico (of pico,
    what is there only because a missing cache rate was taken at its most), unpriced (0 or 1), and of
    the row as logged its model, its tokens, its place (`batch`, `source_row`), seconds, error and user.
    """
    stretches = _stretches(usage.keys, book, project.currency, rates)
    rows = [each.row for each in stretches]
    needs = _needs_of(rows, usage)
    _load_calendar(engine, stretches, needs)
    _load_stated_rates(engine, project, rates, stated=needs.stated)
    _drop_copies(engine, spans=needs.spans)
    engine.run(f"create or replace temp view call_cost as {_call_cost(engine, project, needs)}")
    _load_unpriced(engine, rows, needs)
    constant = {}
    if not needs.traces and usage.one_trial is not None:
        constant["trial"] = quoted(usage.one_trial)
    if not needs.traces and usage.never_filled("arm") and judged_arm(project) == quoted(DEFAULT_ARM):
        constant["arm"] = quoted(DEFAULT_ARM)
    if not needs.unpriced:
        constant["unpriced_calls"] = NONE
        if not needs.rateless and {"input_tokens", "output_tokens"} <= needs.filled:
            constant["unknown_calls"] = NONE
    if not needs.assumed:
        constant["assumed_pico"] = NONE
    if usage.never_filled("unfinished"):
        constant["unfinished_calls"] = NONE
    return constant


def _drop_copies(engine: Engine, *, spans: bool) -> None:
    """The view `call_known`: every call once; of one logged twice, the last received.

    Copies are few: their hashes are found first, and only those rows are put in order. Sorting all
    calls by their span takes five times as long.
    """
    if not spans:
        engine.run("create or replace temp view call_known as select * from usage_known")
        return
    copies = """
        select trace, span, batch, source_row, received from usage_known
        where span is not null and hash(trace, span) in (
            select hash(trace, span) from usage_known where span is not null
            group by hash(trace, span) having count(*) > 1)
    """
    engine.run(f"create or replace temp table copied as {standing(copies, 'trace, span')}")
    engine.run("""
        create or replace temp view call_known as
        select u.* from usage_known u
        left join copied c on u.span = c.span and u.trace is not distinct from c.trace
        where c.span is null or (u.batch = c.batch and u.source_row = c.source_row)
    """)


@dataclass(frozen=True, slots=True)
class ListPrice:
    """SQL over calls called `u`, joined as `join` says: what each costs at list price.

    `pico` is null where that is not known; `assumed` is what of it is there only because a missing
    cache rate was taken at its most. `at_least` says of a sum of calls that some of its prompts may have
    been long, and dearer, which it does not say. `reasons` says of (provider, model, service tier) why a
    day of theirs has no price.
    """

    join: str
    pico: str
    assumed: str
    at_least: str
    reasons: dict[tuple[str, str, str], str]


def list_price(
    engine: Engine, usage: Facts, book: PriceBook, currency: str, rates: Sequence[CurrencyRate]
) -> ListPrice:
    """Load the price calendar for these calls and say how to join it."""
    stretches = _stretches(usage.keys, book, currency, rates)
    rows = [each.row for each in stretches]
    needs = _needs_of(rows, usage, sums=not usage.never_filled("calls"))
    _load_calendar(engine, stretches, needs)
    return ListPrice(
        " ".join(_price_join(needs)),
        _amount("pico", needs),
        _amount("assumed", needs) if needs.assumed else "0",
        AT_LEAST if needs.sums and needs.tiers else "false",
        {(row.provider, row.model, row.service_tier): row.reason for row in rows if not row.priced},
    )


def _needs_of(rows: Sequence[CalendarRow], usage: Facts, *, sums: bool = False) -> _Needs:
    most = {part: usage.most.get(column, 0) for part, column in TOKENS.items()}
    parts = ("input", *(part for part in PARTS[1:-1] if most[part]), "output")
    charged = {_charged(row, kind) for row in rows if row.priced for kind in _kinds(row)}
    dearest = max((rate for each in charged for rate in each.rates if rate is not None), default=0)
    places = {part: PARTS.index(part) for part in parts}
    return _Needs(
        parts=parts,
        tiers=any(row.tier_above is not None for row in rows),
        windows=any(row.window_from_second is not None for row in rows),
        unpriced=any(not row.priced for row in rows),
        assumed=any(each.assumed[place] for each in charged for place in places.values()),
        rateless=frozenset(
            part for part, place in places.items() if any(each.rates[place] is None for each in charged)
        ),
        providers=any(key.provider for key in usage.keys),
        service_tiers=len({key.service_tier for key in usage.keys}) > 1,
        stated=not usage.never_filled("stated_cost"),
        spans=not usage.never_filled("span"),
        traces=not usage.never_filled("trace"),
        tasks_missing=not usage.all_filled("task"),
        named=usage.all_filled("use_case"),
        filled=frozenset(name for name in ("model", *TOKENS.values()) if usage.all_filled(name)),
        wide=dearest * max(sum(most.values()), 1) > LARGEST,
        sums=sums,
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A row of the price calendar and the last day it holds on; it holds from its own day on."""

    row: CalendarRow
    last: date


def _stretches(
    keys: Iterable[Key], book: PriceBook, currency: str, rates: Sequence[CurrencyRate]
) -> list[_Stretch]:
    """The calendar for these models and days, with days in one row on which nothing can change."""
    starts, ends = [], []
    for key in keys:
        days = _turns(key, book, rates)
        starts += [(key.provider or None, key.model, key.service_tier, day) for day in days]
        ends += [*(day - ONE_DAY for day in days[1:]), key.last]
    return [
        _Stretch(row, last) for row, last in zip(calendar(book, starts, currency, rates), ends, strict=True)
    ]


def _turns(key: Key, book: PriceBook, rates: Sequence[CurrencyRate]) -> list[date]:
    """The first day, and every later one on which the price or a currency rate may be another."""
    segments = book.segments(key.model, key.provider or None, key.service_tier)
    if any(isinstance(price, Price) and price.hours is not None for _, price in segments):
        days = range(key.first.toordinal(), key.last.toordinal() + 1)  # weekends may differ
        return [date.fromordinal(day) for day in days]
    turns = {day for day, _ in segments} | {rate.day for rate in rates}
    return [key.first, *sorted(day for day in turns if key.first < day <= key.last)]


def _kinds(row: CalendarRow) -> Iterator[str]:
    yield ""
    if row.tier_above is not None:
        yield "tier_"
    if row.window_from_second is not None:
        yield "window_"


@dataclass(frozen=True, slots=True)
class _Charged:
    """Rates of `PARTS`, cache rates that are missing at their most, and how much of each is assumed.

    None: a call with such tokens has no known cost, one without them has.
    """

    rates: tuple[int | None, ...]
    assumed: tuple[int | None, ...]


def _charged(row: CalendarRow, kind: str) -> _Charged:
    return _with_most(tuple(getattr(row, f"{kind}{part}_pico") for part in PARTS))


@cache
def _with_most(given: tuple[int | None, ...]) -> _Charged:
    fresh = given[0]
    if fresh is None:
        return _Charged(given, tuple(None if rate is None else 0 for rate in given))
    most = (fresh, fresh, WRITTEN_AT_MOST * fresh, WRITTEN_AT_MOST * fresh, None)
    rates = tuple(high if rate is None else rate for rate, high in zip(given, most, strict=True))
    assumed = tuple(high if rate is None else 0 for rate, high in zip(given, most, strict=True))
    return _Charged(rates, assumed)


_KEY = ("provider", "model", "service_tier", "day")
_key_of = attrgetter(*_KEY)
_price_of = attrgetter(
    *(each.name for each in fields(CalendarRow) if each.name not in {*_KEY, "currency", "reason", "note"})
)


def _load_calendar(engine: Engine, stretches: Sequence[_Stretch], needs: _Needs) -> None:
    """`price_day`: rates with a missing cache rate at its most, and what of that is assumed.

    Few prices hold for many days: they are numbered and written once.
    """
    prices: dict[object, tuple[int, CalendarRow]] = {}
    keys = [
        (*_key_of(each.row), each.last, prices.setdefault(_price_of(each.row), (len(prices), each.row))[0])
        for each in stretches
    ]
    kinds = ["", *(["tier_"] if needs.tiers else []), *(["window_"] if needs.windows else [])]
    whole = "HUGEINT" if needs.wide else "BIGINT"
    columns = [
        ("number", "BIGINT"),
        ("priced", "BOOLEAN"),
        ("tier_above", "BIGINT"),
        ("tier_rule", "VARCHAR"),
        *((f"window_{n}", "BIGINT") for n in ("from_1", "to_1", "from_2", "to_2")),
        *(
            (f"{kind}{part}_{each}", whole)
            for kind in kinds
            for each in ("pico", "assumed")
            for part in PARTS
        ),
    ]

    def line(number: int, row: CalendarRow) -> list[object]:
        cells: list[object] = [
            number,
            row.priced,
            row.tier_above,
            row.tier_rule,
            row.window_from_second,
            row.window_to_second,
            row.window_2_from_second,
            row.window_2_to_second,
        ]
        for kind in kinds:
            charged = _charged(row, kind)
            cells += [*charged.rates, *charged.assumed]
        return cells

    engine.load("price", columns, (line(*price) for price in prices.values()))
    names = [(name, "VARCHAR") for name in _KEY[:-1]]
    engine.load("price_key", [*names, ("first", "DATE"), ("last", "DATE"), ("number", "BIGINT")], keys)
    engine.run("""
        create or replace temp table price_day as
        select k.* exclude (number), p.* exclude (number)
        from (select provider, model, service_tier, number,
                     cast(unnest(generate_series(first, last, interval 1 day)) as date) as day
              from price_key) k
        join price p on k.number = p.number
    """)


def _load_stated_rates(
    engine: Engine, project: Project, rates: Sequence[CurrencyRate], *, stated: bool
) -> None:
    """`stated_rate`: `top / bottom` of the project's currency for 1 of a cost in the log, by currency and day."""
    found: list[tuple[str, date, int, int]] = []
    if stated:
        for currency, day in engine.rows(
            "select distinct stated_currency, cast(time as date) from usage_known "
            "where stated_cost is not null and stated_currency is not null"
        ):
            converted = conversion(currency, project.currency, day, rates)
            if converted is not None:
                found.append((currency, day, *converted.factor.as_integer_ratio()))
    engine.load(
        "stated_rate",
        (("currency", "VARCHAR"), ("day", "DATE"), ("top", "HUGEINT"), ("bottom", "HUGEINT")),
        found,
    )


def _stated() -> str:
    """SQL: the cost a log states, converted exactly and rounded once, half to even, sign apart.

    The whole units of `bottom` go first, so that no product leaves 128 bits.
    """
    cost = "abs(cast(u.stated_cost as hugeint))"
    rest = f"({cost} % s.bottom * s.top)"
    whole = f"({cost} // s.bottom * s.top + {rest} // s.bottom)"
    twice = f"(2 * ({rest} % s.bottom))"
    up = f"{twice} > s.bottom or ({twice} = s.bottom and {whole} % 2 = 1)"
    return f"cast(sign(u.stated_cost) * ({whole} + case when {up} then 1 else 0 end) as hugeint)"


def _call_cost(engine: Engine, project: Project, needs: _Needs) -> str:
    book = _amount("pico", needs)
    pico = book
    if needs.stated:
        pico = f"coalesce(cast({book} as hugeint), {_stated()})"
    joins = _price_join(needs, "join")  # the calendar has every model on every day it was called on
    if needs.stated:
        joins.append(
            "left join stated_rate s on u.stated_currency = s.currency and cast(u.time as date) = s.day"
        )
    columns = frozenset(row[0] for row in engine.rows("select column_name from (describe usage_known)"))
    task = "u.task"
    if needs.tasks_missing:
        by_trace = "joined_by_trace.task, " if needs.traces else ""
        task = f"coalesce(u.task, {by_trace}{no_task(project)})"
    if needs.tasks_missing and needs.traces:
        engine.run("""
            create or replace temp table joined_by_trace as
            select trace, min(use_case) as use_case, min(arm) as arm, min(task) as task,
                   min(trial) as trial
            from outcome_known where trace is not null group by trace having count(*) = 1
        """)
        joins.append("left join joined_by_trace on u.task is null and u.trace = joined_by_trace.trace")
        use_case = f"coalesce(joined_by_trace.use_case, {assigned(project, columns, 'u')})"
        arm = "coalesce(joined_by_trace.arm, u.arm)"
        trial = "coalesce(case when u.task is null then joined_by_trace.trial end, u.trial)"
    else:
        named = "u.use_case" if needs.named else assigned(project, columns, "u")
        use_case, arm, trial = named, "u.arm", "u.trial"
    unpriced = f"not p.priced and {METERED}" if needs.unpriced else "false"
    assumed = f"case when {book} is not null then {_amount('assumed', needs)} end" if needs.assumed else "0"
    return f"""
        select use_case, coalesce(arm, {judged_arm(project)}) as arm, task, trial, time, pico,
               {"coalesce(assumed_pico, 0)" if needs.assumed else "0"} as assumed_pico,
               {"case when unpriced and pico is null then 1 else 0 end" if needs.unpriced else "0"} as unpriced,
               {", ".join(AS_LOGGED)}
        from (select {use_case} as use_case, {arm} as arm, {task} as task, {trial} as trial, u.time,
                     {pico} as pico, {assumed} as assumed_pico, {unpriced} as unpriced,
                     {", ".join(f"u.{column}" for column in AS_LOGGED)}
              from call_known u {" ".join(joins)})
    """


def _price_join(needs: _Needs, kind: str = "left join") -> list[str]:
    model = "u.model" if "model" in needs.filled else "coalesce(u.model, '')"
    joins = [f"{kind} price_day p on {model} = p.model and cast(u.time as date) = p.day"]
    if needs.providers:
        joins.append("and coalesce(u.provider, '') = p.provider")
    if needs.service_tiers:
        joins.append("and coalesce(u.service_tier, '') = p.service_tier")
    return joins


def _amount(measure: str, needs: _Needs) -> str:
    """SQL: the cost of a call at the rates called `measure` (`pico`, or what is `assumed` of it).

    A sum of calls pays the rates of long prompts only where it says that all its prompts were long.
    """
    parts = [part for part in needs.parts if measure == "pico" or part not in {"input", "output"}]
    if not parts:
        return "0"

    def tokens(part: str) -> str:
        column = f"u.{TOKENS[part]}"
        if part not in {"input", "output"} and TOKENS[part] not in needs.filled:
            column = f"coalesce({column}, 0)"
        return f"cast({column} as hugeint)" if needs.wide else column

    def sum_of(kind: str, count: dict[str, str]) -> str:
        return " + ".join(_term(count[part], f"p.{kind}{part}_{measure}", part, needs) for part in parts)

    whole = {part: tokens(part) for part in needs.parts}
    plain = sum_of("", whole)
    if not needs.tiers and not needs.windows:
        return f"({plain})"
    branches = []
    if needs.windows:
        second = "(epoch_us(u.time) // 1000000 % 86400)"
        inside = " or ".join(
            f"({second} >= p.window_from_{n} and {second} < p.window_to_{n})" for n in (1, 2)
        )
        branches.append(f"when {inside} then {sum_of('window_', whole)}")
    if needs.tiers:
        prompt = " + ".join(whole[part] for part in needs.parts if part != "output")
        over = f"({prompt} - p.tier_above)"
        above: dict[str, str] = {}
        left = over
        # The end of the prompt is above the threshold: fresh, then written, then cached tokens.
        for part in ("input", "write_1h", "write_5m", "cached"):
            if part in whole:
                above[part] = f"least({whole[part]}, {left})"
                left = f"greatest({left} - {whole[part]}, 0)"
        above["output"] = "0"
        below = {part: f"({whole[part]} - {above[part]})" for part in whole}
        if needs.sums:  # many short prompts are no long one: only the vendor knows how long they were
            long = f"when u.long_context and p.tier_rule = 'cliff' then {sum_of('tier_', whole)}"
            branches.append(f"when u.calls is not null then case {long} else {plain} end")
        branches.append(
            f"when {prompt} > p.tier_above and p.tier_rule = 'cliff' then {sum_of('tier_', whole)}"
        )
        branches.append(f"when {prompt} > p.tier_above then {sum_of('', below)} + {sum_of('tier_', above)}")
    return f"(case {' '.join(branches)} else {plain} end)"


def _term(count: str, rate: str, part: str, needs: _Needs) -> str:
    if count == "0":
        return "0"
    if part in needs.rateless:
        return f"(case when {count} = 0 then 0 else {count} * {rate} end)"
    return f"{count} * {rate}"


def _load_unpriced(engine: Engine, rows: Sequence[CalendarRow], needs: _Needs) -> None:
    """`unpriced`: calls of each model that had no price on some day and whose log states no cost."""
    reasons = {(row.provider, row.model, row.service_tier): row.reason for row in rows if not row.priced}
    names = ("provider", "model", "service_tier", "reason")
    engine.load(
        "unpriced_key", [(name, "VARCHAR") for name in names], ((*key, why) for key, why in reasons.items())
    )
    if not reasons:
        engine.run(
            "create or replace temp table unpriced as select *, cast(0 as bigint) as calls from unpriced_key"
        )
        return
    rated = "left join stated_rate s on u.stated_currency = s.currency and cast(u.time as date) = s.day"
    engine.run(f"""
        create or replace temp table unpriced as
        select k.provider, k.model, k.service_tier, k.reason, count(*) as calls
        from call_known u
        join price_day p on coalesce(u.model, '') = p.model and coalesce(u.provider, '') = p.provider
             and coalesce(u.service_tier, '') = p.service_tier and cast(u.time as date) = p.day
        join unpriced_key k on k.model = p.model and k.provider = p.provider
             and k.service_tier = p.service_tier
        {rated if needs.stated else ""}
        where not p.priced and {METERED} {"and (u.stated_cost is null or s.day is null)" if needs.stated else ""}
        group by k.provider, k.model, k.service_tier, k.reason
    """)
