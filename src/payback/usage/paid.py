"""What was paid: bills by vendor and month against the list price of the calls they are for.

Bills never add to usage. Of a bill, the difference to the list price is split into what is known; the rest
is "not explained", so that the parts always add up to the difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import TYPE_CHECKING

from payback.ledger.engine import Engine, quoted
from payback.locale import say
from payback.prices import CurrencyRate
from payback.prices.currency import conversion
from payback.prices.names import FIRST_PARTY, known_provider, maker
from payback.prices.price import STANDARD
from payback.prices.service_tier import service_tier_name, tier_factor
from payback.records import Money, PaybackError, Period

if TYPE_CHECKING:
    from payback.usage.counted import Plan

ONE_DAY = timedelta(days=1)
CLOUDS = frozenset({"aws", "azure", "google", "oracle", "ibm", "alibaba", "tencent", "vercel"})
"""Who sells much besides models: of their bills only AI counts."""
BILLERS = {
    "amazon web services": "aws",
    "amazon web services, inc.": "aws",
    "amazon": "aws",
    "microsoft": "azure",
    "microsoft azure": "azure",
    "google cloud": "google",
    "google cloud platform": "google",
    "gcp": "google",
    "open ai": "openai",
    "openai, inc.": "openai",
    "anthropic, pbc": "anthropic",
    "mistral ai": "mistral",
}
"""What FOCUS calls who sends the invoice, besides the names of the price book."""
AI_CATEGORY = "ai and machine learning"
AI_SERVICES = re.compile(
    r"\b(bedrock|openai|anthropic|claude|gemini|vertex ai|mistral|cohere|generative ai|foundry models)\b",
    re.IGNORECASE,
)
"""Services of a cloud that sell models, whatever category they are given."""
TOKEN_WORDS = re.compile(r"completion|embedding|token|input|output|\bmodels?\b", re.IGNORECASE)
OWN_COSTS = ("openai-costs", "anthropic-costs")
"""Formats in which a vendor exports all its costs of a day: of two exports of a day the finer one counts."""
EXACT = "pages"
"""The layout of theirs that is not rounded."""

CREDIT, TAX, PURCHASE, CORRECTION = "credit", "tax", "purchase", "correction"
METERED, NOT_LOGGED, NOT_PRICED, UNEXPLAINED = "not_by_tokens", "not_logged", "not_priced", "not_explained"
TIER = "tier:"
_KINDS = {CREDIT: CREDIT, TAX: TAX, PURCHASE: PURCHASE, "adjustment": CORRECTION, CORRECTION: CORRECTION}


@dataclass(frozen=True, slots=True)
class Part:
    """One reason why a bill differs from the list price: billed less listed, a discount is negative.

    `kind` is credit, tax, purchase, correction; not_by_tokens, not_logged, not_priced (with the `names` of items
    or models); tier:batch and the like; not_explained.
    """

    kind: str
    amount: Money
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Billed:
    """The AI part of a vendor's bills of a month.

    `listed` is the list price of the vendor's `calls` in the logs over the days `compared`, those a plan
    covers left out; None where there are none, or where no rate turns the bill's currency into the one
    shown. `difference`, which the parts add up to, is what was billed for those days less the list price.
    `apart` was billed for days of the month that the logs do not cover; `later` is the list price of calls
    on days the bill does not cover. Where a bill names no days, `partly` says that it covers more of them
    than the logs.
    """

    vendor: str
    month: date  # its first day
    lines: int
    billed: Money
    effective: Money | None
    calls: int = 0
    listed: Money | None = None
    or_more: bool = False  # the list price is a lower bound
    difference: Money | None = None
    parts: tuple[Part, ...] = ()
    compared: Period | None = None
    apart: Money | None = None
    later: Money | None = None
    partly: bool = False
    planned: int = 0  # calls of the month that a plan covers


@dataclass(frozen=True, slots=True)
class NotAi:
    """Lines of bills for something else."""

    lines: int
    billed: Money


@dataclass(frozen=True, slots=True)
class Bills:
    """All bills. Lines `repeated` in another export count once, `restated` ones by the larger amount.

    `coarser` lines are of days that a finer export holds too; `beyond` lines reach beyond the days asked for.
    """

    currency: str
    months: tuple[Billed, ...]
    not_ai: tuple[NotAi, ...] = ()
    repeated: int = 0
    restated: int = 0
    coarser: int = 0
    beyond: int = 0
    period: Period | None = None

    @property
    def paid(self) -> Money | None:
        """The AI part, in cash, of all that could be turned into the currency; None without any."""
        known = [each.billed for each in self.months if each.billed.currency == self.currency]
        return sum(known, Money(Decimal(0), self.currency)) if known else None

    @property
    def other_currencies(self) -> tuple[Money, ...]:
        """What could not, by currency."""
        sums: dict[str, Money] = {}
        for each in self.months:
            code = each.billed.currency
            if code != self.currency:
                sums[code] = sums.get(code, Money(Decimal(0), code)) + each.billed
        return tuple(sums.values())


@dataclass(frozen=True, slots=True)
class _Line:
    """Lines of a bill that are alike in all that is compared, in the currency shown where there is a rate."""

    vendor: str
    is_ai: bool
    model: str | None
    tier: str
    item: str | None
    kind: str
    day: date
    day_after: date
    lines: int
    billed: Money
    effective: Money | None

    @property
    def is_long(self) -> bool:
        return self.day_after - self.day > ONE_DAY


@dataclass(frozen=True, slots=True)
class _Calls:
    """Calls of a day, alike in model and tier."""

    model: str
    tier: str
    day: date
    calls: int
    listed: Money
    by_meter: Money  # of it, not for tokens
    has_price: bool
    or_more: bool
    planned: bool


def bills(
    engine: Engine,
    layouts: Sequence[str],
    *,
    currency: str,
    rates: Sequence[CurrencyRate] = (),
    plans: Sequence[Plan] = (),
    also_ai: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> Bills | None:
    """What the table `bill_read` holds, against the calls of `call_listed`; None without bills.

    `layouts` are those of the files that the column `file` counts. `also_ai` are patterns of services to
    count as AI. Lines count that lie in the UTC days `since` to `until`.
    """
    if not engine.one("select count(*) from bill_read")[0]:
        return None
    _load_vendors(engine)
    repeated, restated = _once(engine)
    coarser = _finest(engine, layouts)
    within = _within(since, until)
    beyond = engine.one(f"""
        select count(*) from bill_kept where not ({within})
               and {_overlaps(since, until)}""")[0]
    lines = list(_lines(engine, within, currency, rates, also_ai))
    calls = _calls(engine, currency, plans)
    months = tuple(_months(lines, calls, currency))
    days = [(line.day, line.day_after) for line in lines if line.is_ai]
    return Bills(
        currency=currency,
        months=months,
        not_ai=tuple(_not_ai(lines)),
        repeated=repeated,
        restated=restated,
        coarser=coarser,
        beyond=beyond,
        period=Period(min(first for first, _ in days), max(after for _, after in days)) if days else None,
    )


def vendor_of(provider: str | None) -> str:
    """Who sends the invoice, as the price book names it; what is not known stays as it is."""
    name = (provider or "").strip()
    return BILLERS.get(name.casefold()) or known_provider(name) or ""


def is_ai(vendor: str, service: str | None, category: str | None, also: Iterable[str] = ()) -> bool:
    """Whether a line of a bill is for AI: all of a vendor of models, and of a cloud its AI services.

    A vendor that is neither counts by the category and name of the service, too.
    """
    name = (service or "").casefold()
    if any(fnmatchcase(name, pattern.casefold()) for pattern in also):
        return True
    if vendor in FIRST_PARTY and vendor not in CLOUDS:
        return True
    return (category or "").casefold() == AI_CATEGORY or AI_SERVICES.search(name) is not None


def _load_vendors(engine: Engine) -> None:
    names = [
        name for (name,) in engine.rows("select distinct coalesce(provider, '') from bill_read order by 1")
    ]
    engine.load(
        "bill_vendor",
        [("name", "VARCHAR"), ("vendor", "VARCHAR")],
        [(name, vendor_of(name)) for name in names],
    )


def _once(engine: Engine) -> tuple[int, int]:
    """The table `bill_once`: every line once; returns how many were met again, and how many at another amount."""
    engine.run("""
        create or replace temp table bill_once as
        select * exclude (nth) from (
            select b.*, v.vendor, min(billed) over same <> max(billed) over same as restated,
                   row_number() over (partition by tool, coalesce(line, file || ' ' || "row")
                                      order by abs(billed) desc, file, "row") as nth
            from bill_read b join bill_vendor v on coalesce(b.provider, '') = v.name
            window same as (partition by tool, coalesce(line, file || ' ' || "row")))
        where nth = 1""")
    total, kept, restated = engine.one("""
        select (select count(*) from bill_read), count(*), count(*) filter (where restated) from bill_once""")
    return total - kept, restated


def _finest(engine: Engine, layouts: Sequence[str]) -> int:
    """The table `bill_kept`: of a vendor's day in several exports of all its costs, only the finest.

    Exports are of one account where some name none. FOCUS yields to a vendor's own export. Returns how many
    lines that leaves out. Taxes and credits stay: a vendor's own export has none.
    """
    engine.load(
        "bill_file",
        [("file", "BIGINT"), ("exact", "BIGINT")],
        [(number, int(layout == EXACT)) for number, layout in enumerate(layouts)],
    )
    own = ", ".join(map(quoted, OWN_COSTS))
    engine.run(f"""
        create or replace temp table bill_kept as
        with own as (
            select vendor, day, file, bool_and(account is not null) over (partition by vendor, day) as named, account,
                   4 * (item is not null)::int + 2 * (project is not null)::int + exact as fine
            from bill_once join bill_file using (file) where kind = 'usage' and tool in ({own})),
        grain as (
            select vendor, day, case when named then account else '' end as account, file, max(fine) as fine
            from own group by all),
        coarse as (
            select vendor, day, account, file from grain
            qualify fine < max(fine) over (partition by vendor, day, account)),
        days as (select distinct vendor, day from grain)
        select o.* from bill_once o
        where o.kind <> 'usage' or not (
            case when o.tool in ({own})
            then exists (from coarse c where c.vendor = o.vendor and c.day = o.day and c.file = o.file
                         and c.account in ('', o.account))
            else exists (from days d where d.vendor = o.vendor and d.day >= o.day and d.day < {_after("o.")}) end)""")
    return int(engine.one("select (select count(*) from bill_once) - (select count(*) from bill_kept)")[0])


def _after(of: str = "") -> str:
    return f"coalesce({of}day_after, {of}day + interval 1 day)"


def _within(since: date | None, until: date | None) -> str:
    parts = ["true"]
    if since is not None:
        parts.append(f"day >= date '{since}'")
    if until is not None:
        parts.append(f"{_after()} <= date '{until + ONE_DAY}'")
    return " and ".join(parts)


def _overlaps(since: date | None, until: date | None) -> str:
    parts = ["true"]
    if since is not None:
        parts.append(f"{_after()} > date '{since}'")
    if until is not None:
        parts.append(f"day <= date '{until}'")
    return " and ".join(parts)


def _lines(
    engine: Engine, within: str, currency: str, rates: Sequence[CurrencyRate], also_ai: Sequence[str]
) -> Iterable[_Line]:
    factors: dict[tuple[str, date], Fraction | None] = {}
    for (
        vendor,
        service,
        category,
        model,
        tier,
        item,
        kind,
        day,
        after,
        own,
        count,
        billed,
        effective,
    ) in engine.rows(f"""
            select vendor, service, category, model, service_tier, case when tool in ({", ".join(map(quoted, OWN_COSTS))}) then item end as item,
                   kind, day, day_after, currency, count(*), sum(billed), sum(effective)
            from bill_kept where {within} group by all order by all"""):
        if (own, day) not in factors:
            found = conversion(own, currency, day, rates)
            factors[own, day] = None if found is None else found.factor
        factor = factors[own, day]
        yield _Line(
            vendor=vendor,
            is_ai=is_ai(vendor, service, category, also_ai),
            model=model,
            tier=service_tier_name(tier),
            item=item,
            kind=kind or "usage",
            day=day,
            day_after=after or day + ONE_DAY,
            lines=count,
            billed=Money(billed, own) if factor is None else _exchanged(billed, factor, currency),
            effective=None
            if effective is None
            else Money(effective, own)
            if factor is None
            else _exchanged(effective, factor, currency),
        )


def _exchanged(amount: Decimal, factor: Fraction, currency: str) -> Money:
    """The amount at a rate, to whole 10^-12, rounded half to even, once."""
    return Money.of_pico(round(Fraction(amount) * factor * 10**12), currency)


def _calls(engine: Engine, currency: str, plans: Sequence[Plan]) -> Mapping[str, list[_Calls]]:
    """The calls of the logs by who would send the invoice for them."""
    found: dict[str, list[_Calls]] = {}
    planned = " or ".join(covered(plan) for plan in plans) or "false"
    for provider, model, tier, day, is_planned, count, pico, metered, priced, unknown in engine.rows(f"""
            select provider, coalesce(model, ''), service_tier, cast("time" as date), coalesce({planned}, false),
                   sum(coalesce(calls, 1)), coalesce(sum(pico), 0),
                   coalesce(sum(by_meter) filter (where pico is not null), 0), count(pico) > 0,
                   count(*) filter (where pico is null or unfinished or meter_missing) > 0
            from call_listed group by all order by all"""):
        vendor = known_provider(provider) or maker(_bare(model)) or ""
        found.setdefault(vendor, []).append(
            _Calls(
                model=model,
                tier=service_tier_name(tier),
                day=day,
                calls=int(count),
                listed=Money.of_pico(int(pico), currency),
                by_meter=Money.of_pico(int(metered), currency),
                has_price=priced,
                or_more=unknown,
                planned=is_planned,
            )
        )
    return found


def plan_cost(
    plan: Plan, period: Period | None, currency: str, rates: Sequence[CurrencyRate]
) -> tuple[int, Money]:
    """Months of the plan that hold a day of the period, and what they cost: a seat is paid by the month.

    Raises PaybackError where no rate in force turns the plan's money into the currency.
    """
    paid, months = Money(Decimal(0), currency), 0
    if period is None:
        return months, paid
    first = max(period.first_day, plan.first_day or period.first_day)
    last = min(period.first_day_after - ONE_DAY, plan.last_day or period.first_day_after)
    while first <= last:
        found = conversion(plan.monthly.currency, currency, first, rates)
        if found is None:
            raise PaybackError(
                "no-currency-rate",
                say(
                    "no currency rate from {a} to {b} is in force on {day}",
                    a=plan.monthly.currency,
                    b=currency,
                    day=first,
                ),
                where=say("plan {name}", name=plan.name),
                fix=say("add dated rates under [[currency_rates]] in payback.toml"),
            )
        paid += _exchanged(plan.monthly.amount * plan.seats, found.factor, currency)
        months += 1
        first = _next_month(first)
    return months, paid


def covered(plan: Plan) -> str:
    """SQL over `call_listed`: whether a plan covers a call, by the name of its tool or model and its UTC day."""
    name = quoted(plan.name.casefold())
    parts = [f"(starts_with(tool, {name}) or starts_with(lower(model), {name}))"]
    if plan.first_day is not None:
        parts.append(f"\"time\" >= timestamp '{plan.first_day}'")
    if plan.last_day is not None:
        parts.append(f"\"time\" < timestamp '{plan.last_day + ONE_DAY}'")
    return f"({' and '.join(parts)})"


def _not_ai(lines: Iterable[_Line]) -> Iterable[NotAi]:
    sums: dict[str, NotAi] = {}
    for line in lines:
        if not line.is_ai:
            code = line.billed.currency
            known = sums.get(code, NotAi(0, Money(Decimal(0), code)))
            sums[code] = NotAi(known.lines + line.lines, known.billed + line.billed)
    return sums.values()


def _months(lines: Sequence[_Line], calls: Mapping[str, Sequence[_Calls]], currency: str) -> Iterable[Billed]:
    groups: dict[tuple[str, date, str], list[_Line]] = {}
    for line in lines:
        if line.is_ai:
            groups.setdefault((line.vendor, line.day.replace(day=1), line.billed.currency), []).append(line)
    for (vendor, month, code), mine in sorted(groups.items(), key=lambda group: group[0]):
        nothing = Money(Decimal(0), code)
        billed = sum((line.billed for line in mine), nothing)
        spread = [line.effective for line in mine if line.effective is not None]
        effective = sum(spread, nothing) if len(spread) == len(mine) else None
        made = Billed(vendor, month, sum(line.lines for line in mine), billed, effective)
        if code != currency:
            yield made
            continue
        spans = [
            (line.day, line.day_after) for line in lines if line.vendor == vendor and line.kind == "usage"
        ]
        yield _compared(made, mine, calls.get(vendor, ()), spans)


def _compared(
    made: Billed, lines: Sequence[_Line], calls: Sequence[_Calls], spans: Sequence[tuple[date, date]]
) -> Billed:
    """The bill of a month against the vendor's calls, over the days both cover."""
    first, after = made.month, _next_month(made.month)
    of_month = [each for each in calls if first <= each.day < after]
    planned = sum(each.calls for each in of_month if each.planned)
    own = [each for each in calls if not each.planned]
    logged = [each.day for each in own]
    usage = [line for line in lines if line.kind == "usage"]
    window, partly = Period(first, after), False
    if spans:
        window = _common(window, Period(min(day for day, _ in spans), max(end for _, end in spans)))
    if logged:
        known = Period(min(logged), max(logged) + ONE_DAY)
        if any(line.is_long for line in usage):
            partly = known.first_day > window.first_day or known.first_day_after < window.first_day_after
        else:
            window = _common(window, known)
    here = [each for each in own if each.day in window]
    if not here:
        return replace(made, planned=planned)
    nothing = Money(Decimal(0), made.billed.currency)
    within = [line for line in lines if line.kind != "usage" or line.is_long or line.day in window]
    counted = sum((line.billed for line in within), nothing)
    listed = sum((each.listed for each in here), nothing)
    later = sum((each.listed for each in of_month if not each.planned and each.day not in window), nothing)
    difference = counted - listed
    parts = list(_parts(made.vendor, within, here, nothing))
    rest = difference - sum((part.amount for part in parts), nothing)
    if rest.amount:
        parts.append(Part(UNEXPLAINED, rest))
    return replace(
        made,
        calls=sum(each.calls for each in here),
        listed=listed,
        or_more=any(each.or_more for each in here),
        difference=difference,
        parts=tuple(parts),
        compared=window,
        apart=made.billed - counted,
        later=later,
        partly=partly,
        planned=planned,
    )


def _parts(vendor: str, lines: Sequence[_Line], calls: Sequence[_Calls], nothing: Money) -> Iterable[Part]:
    """What is known of the difference, each part once; those of nothing left out."""
    sums: dict[str, Money] = {}
    names: dict[str, dict[str, None]] = {}
    logged = {_normal(each.model) for each in calls}
    priced = {_normal(each.model) for each in calls if each.has_price}

    def add(kind: str, amount: Money, name: str | None = None) -> None:
        sums[kind] = sums.get(kind, nothing) + amount
        if name and amount.amount:
            names.setdefault(kind, {})[name] = None

    for line in lines:
        if line.kind in _KINDS:
            add(_KINDS[line.kind], line.billed)
        elif line.model is None:
            if line.item is not None and not TOKEN_WORDS.search(line.item):
                add(METERED, line.billed, line.item)
        elif _normal(line.model) not in logged:
            add(NOT_LOGGED, line.billed, line.model)
        elif _normal(line.model) not in priced:
            add(NOT_PRICED, line.billed, line.model)
        else:
            add(TIER + line.tier, -_over_standard(vendor, line.model, line.tier, line.billed))
    for each in calls:
        if each.has_price:
            add(TIER + each.tier, _over_standard(vendor, each.model, each.tier, each.listed - each.by_meter))
            add(METERED, -each.by_meter)
    for kind in sorted(sums, key=lambda kind: (kind not in _KINDS, kind)):
        if sums[kind].amount:
            yield Part(kind, sums[kind], tuple(names.get(kind, ())))


def _over_standard(vendor: str, model: str, tier: str, amount: Money) -> Money:
    """How much more the standard tier asks than the amount, which was charged in `tier`."""
    found = None if tier == STANDARD else tier_factor(vendor, _bare(model), tier)
    if found is None or not found.factor:
        return Money(Decimal(0), amount.currency)
    share = Fraction(1) / Fraction(found.factor) - 1
    return Money.of_pico(round(Fraction(amount.amount) * share * 10**12), amount.currency)


def _common(one: Period, other: Period) -> Period:
    first = max(one.first_day, other.first_day)
    return Period(first, max(first, min(one.first_day_after, other.first_day_after)))


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _bare(model: str) -> str:
    return model.rpartition("/")[2]


def _normal(model: str) -> str:
    """claude-sonnet-4-5 for claude-sonnet-4-5-20250929[1m] and claude-sonnet-4.5; the same rule for both sides."""
    name = re.sub(r"\[.*\]$", "", _bare(model).strip().casefold())
    name = re.sub(r"[\s._]+", "-", name)
    return re.sub(r"[-@](20\d{6}|20\d\d-\d\d-\d\d|latest)$", "", name)
