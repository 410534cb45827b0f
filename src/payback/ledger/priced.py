"""Every call with its cost: calls joined to the price calendar on provider, model, tier and UTC day.

The SQL written here equals `payback.prices.call_cost_pico`, which the tests compare it with. Only
the terms that some call or some price needs are written, which is what makes ten million calls
quick: no term for cached tokens where no call has any, no tier or hours where no price has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from payback.ledger.assigning import DEFAULT_ARM, assigned, judged_arm, no_task
from payback.ledger.engine import Engine, quoted
from payback.ledger.facts import Facts, Key
from payback.prices import CalendarRow, CurrencyRate, PriceBook, calendar
from payback.prices.cost import WRITTEN_AT_MOST
from payback.prices.currency import conversion
from payback.project import Project

PARTS = ("input", "cached", "write_5m", "write_1h", "output")
TOKENS = {
    "input": "input_tokens",
    "cached": "cached_tokens",
    "write_5m": "cache_write_5m_tokens",
    "write_1h": "cache_write_1h_tokens",
    "output": "output_tokens",
}
KINDS = ("", "tier_", "window_")
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
    output_free: bool  # some priced model has no output rate: embeddings
    providers: bool
    service_tiers: bool
    stated: bool
    spans: bool
    traces: bool
    tasks_missing: bool
    named: bool  # every call says its use case
    wide: bool


def priced_calls(
    engine: Engine,
    project: Project,
    usage: Facts,
    book: PriceBook,
    rates: Sequence[CurrencyRate],
) -> dict[str, str]:
    """Make the view `call_cost` and the table `unpriced`; returns its columns that never vary.

    `call_cost`: use_case, arm, task, trial, time, pico (null: not known), assumed_pico (of pico,
    what is there only because a missing cache rate was taken at its most), unpriced (0 or 1).
    """
    rows = calendar(book, _days_of(usage.keys), project.currency, rates)
    most = {part: usage.most.get(column, 0) for part, column in TOKENS.items()}
    dearest = max((rate for row in rows for rate in _rates(row) if rate is not None), default=0)
    parts = ("input", *(part for part in PARTS[1:-1] if most[part]), "output")
    needs = _Needs(
        parts=parts,
        tiers=any(row.tier_above is not None for row in rows),
        windows=any(row.window_from_second is not None for row in rows),
        unpriced=any(not row.priced for row in rows),
        assumed=any(
            row.priced and getattr(row, f"{kind}{part}_pico") is None
            for row in rows
            for kind in _kinds(row)
            for part in parts[1:-1]
        ),
        output_free=any(row.priced and row.output_pico is None for row in rows),
        providers=any(key.provider for key in usage.keys),
        service_tiers=len({key.service_tier for key in usage.keys}) > 1,
        stated=not usage.never_filled("stated_cost"),
        spans=not usage.never_filled("span"),
        traces=not usage.never_filled("trace"),
        tasks_missing=not usage.all_filled("task"),
        named=usage.all_filled("use_case"),
        wide=dearest * WRITTEN_AT_MOST * sum(most.values()) > LARGEST,
    )
    _load_calendar(engine, rows, needs)
    _load_stated_rates(engine, project, rates, stated=needs.stated)
    engine.run(f"create or replace temp view call_cost as {_call_cost(engine, project, needs)}")
    _load_unpriced(engine, rows)
    constant = {}
    if not needs.traces and usage.one_trial is not None:
        constant["trial"] = quoted(usage.one_trial)
    if not needs.traces and usage.never_filled("arm") and judged_arm(project) == quoted(DEFAULT_ARM):
        constant["arm"] = quoted(DEFAULT_ARM)
    if not needs.unpriced:
        constant["unpriced"] = "0"
    if not needs.assumed:
        constant["assumed_pico"] = "0"
    return constant


def _days_of(keys: Iterable[Key]) -> Iterator[tuple[str | None, str, str, date]]:
    for key in keys:
        for ordinal in range(key.first.toordinal(), key.last.toordinal() + 1):
            yield key.provider or None, key.model, key.service_tier, date.fromordinal(ordinal)


def _kinds(row: CalendarRow) -> Iterator[str]:
    yield ""
    if row.tier_above is not None:
        yield "tier_"
    if row.window_from_second is not None:
        yield "window_"


def _rates(row: CalendarRow) -> Iterator[int | None]:
    return (getattr(row, f"{kind}{part}_pico") for kind in KINDS for part in PARTS)


def _load_calendar(engine: Engine, rows: Sequence[CalendarRow], needs: _Needs) -> None:
    """`price_day`: rates with a missing cache rate at its most, and what of that is assumed."""
    kinds = ["", *(["tier_"] if needs.tiers else []), *(["window_"] if needs.windows else [])]
    columns = [
        ("provider", "VARCHAR"),
        ("model", "VARCHAR"),
        ("service_tier", "VARCHAR"),
        ("day", "DATE"),
        ("priced", "BOOLEAN"),
        ("tier_above", "BIGINT"),
        ("tier_rule", "VARCHAR"),
        *((f"window_{n}", "BIGINT") for n in ("from_1", "to_1", "from_2", "to_2")),
    ]
    for kind in kinds:
        columns += [(f"{kind}{part}_pico", "BIGINT") for part in PARTS]
        columns += [(f"{kind}{part}_assumed", "BIGINT") for part in PARTS]

    def line(row: CalendarRow) -> list[object]:
        cells: list[object] = [
            row.provider,
            row.model,
            row.service_tier,
            row.day,
            row.priced,
            row.tier_above,
            row.tier_rule,
            row.window_from_second,
            row.window_to_second,
            row.window_2_from_second,
            row.window_2_to_second,
        ]
        for kind in kinds:
            cells += _with_most(row, kind)
        return cells

    engine.load("price_day", columns, (line(row) for row in rows))


def _with_most(row: CalendarRow, kind: str) -> list[int | None]:
    """The five rates of one kind, cache rates that are missing at their most; then what is assumed."""
    given: list[int | None] = [getattr(row, f"{kind}{part}_pico") for part in PARTS]
    fresh = given[0]
    most: list[int | None] = [
        fresh,
        *(None if fresh is None else factor * fresh for factor in (1, WRITTEN_AT_MOST, WRITTEN_AT_MOST)),
        None,
    ]
    rates = [rate if rate is not None else high for rate, high in zip(given, most, strict=True)]
    assumed = [high if rate is None else 0 for rate, high in zip(given, most, strict=True)]
    return [*rates, *assumed]


def _load_stated_rates(
    engine: Engine, project: Project, rates: Sequence[CurrencyRate], *, stated: bool
) -> None:
    """`stated_rate`: factor to the project's currency, by currency and day, for costs in the log."""
    found: list[tuple[str, date, str]] = []
    if stated:
        for currency, day in engine.rows(
            "select distinct stated_currency, cast(time as date) from usage_known "
            "where stated_cost is not null and stated_currency is not null"
        ):
            converted = conversion(currency, project.currency, day, rates)
            if converted is not None:
                ratio = converted.factor
                scaled = round(ratio * 10**12)
                found.append((currency, day, f"{scaled // 10**12}.{scaled % 10**12:012d}"))
    engine.load(
        "stated_rate",
        (("currency", "VARCHAR"), ("day", "DATE"), ("factor", "DECIMAL(18,12)")),
        found,
    )


def _call_cost(engine: Engine, project: Project, needs: _Needs) -> str:
    book = _amount("pico", needs)
    pico = book
    if needs.stated:
        stated = "cast(round_even(cast(u.stated_cost as decimal(20,0)) * s.factor, 0) as decimal(38,0))"
        pico = f"coalesce(cast({book} as decimal(38,0)), {stated})"
    joins = ["left join price_day p on coalesce(u.model, '') = p.model and cast(u.time as date) = p.day"]
    if needs.providers:
        joins.append("and coalesce(u.provider, '') = p.provider")
    if needs.service_tiers:
        joins.append("and coalesce(u.service_tier, '') = p.service_tier")
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
        arm = "coalesce(u.arm, joined_by_trace.arm)"
        trial = "coalesce(case when u.task is null then joined_by_trace.trial end, u.trial)"
    else:
        named = "u.use_case" if needs.named else assigned(project, columns, "u")
        use_case, arm, trial = named, "u.arm", "u.trial"
    calls = "usage_known"
    if needs.spans:  # one call logged twice is one call: the last received stands
        calls = (
            "(select * from usage_known qualify span is null or row_number() over "
            "(partition by trace, span order by received desc, source_row desc) = 1)"
        )
    unpriced = "0"
    if needs.unpriced:
        unpriced = (
            "case when not p.priced and u.input_tokens is not null and u.output_tokens is not null "
            "then 1 else 0 end"
        )
    assumed = _amount("assumed", needs) if needs.assumed else "0"
    return f"""
        select use_case, coalesce(arm, {judged_arm(project)}) as arm, task, trial, time,
               pico, assumed_pico, unpriced
        from (select {use_case} as use_case, {arm} as arm, {task} as task, {trial} as trial, u.time,
                     {pico} as pico, {assumed} as assumed_pico, {unpriced} as unpriced
              from {calls} u {" ".join(joins)})
    """


def _amount(measure: str, needs: _Needs) -> str:
    """SQL: the cost of a call at the rates called `measure` (`pico`, or what is `assumed` of it)."""
    parts = [part for part in needs.parts if measure == "pico" or part not in {"input", "output"}]
    if not parts:
        return "0"

    def tokens(part: str) -> str:
        column = f"u.{TOKENS[part]}"
        if part not in {"input", "output"}:
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
        second = "(epoch(u.time)::bigint % 86400)"
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
        branches.append(
            f"when {prompt} > p.tier_above and p.tier_rule = 'cliff' then {sum_of('tier_', whole)}"
        )
        branches.append(f"when {prompt} > p.tier_above then {sum_of('', below)} + {sum_of('tier_', above)}")
    return f"(case {' '.join(branches)} else {plain} end)"


def _term(count: str, rate: str, part: str, needs: _Needs) -> str:
    if count == "0":
        return "0"
    if part == "output" and needs.output_free:
        return f"(case when {count} = 0 then 0 else {count} * {rate} end)"
    return f"{count} * {rate}"


def _load_unpriced(engine: Engine, rows: Sequence[CalendarRow]) -> None:
    """`unpriced`: calls and tokens of each model that had no price on some day, with the reason."""
    reasons = {(row.provider, row.model, row.service_tier): row.reason for row in rows if not row.priced}
    columns = (
        ("provider", "VARCHAR"),
        ("model", "VARCHAR"),
        ("service_tier", "VARCHAR"),
        ("reason", "VARCHAR"),
    )
    engine.load("unpriced_key", columns, ((*key, reason) for key, reason in reasons.items()))
    if not reasons:
        engine.run(
            "create or replace temp table unpriced as select *, cast(0 as bigint) as calls from unpriced_key"
        )
        return
    engine.run("""
        create or replace temp table unpriced as
        select k.provider, k.model, k.service_tier, k.reason, count(*) as calls
        from usage_known u
        join price_day p on coalesce(u.model, '') = p.model and coalesce(u.provider, '') = p.provider
             and coalesce(u.service_tier, '') = p.service_tier and cast(u.time as date) = p.day
        join unpriced_key k on k.model = p.model and k.provider = p.provider
             and k.service_tier = p.service_tier
        where not p.priced and u.input_tokens is not null and u.output_tokens is not null
        group by k.provider, k.model, k.service_tier, k.reason
    """)
