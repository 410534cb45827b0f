"""The same calls in logs and in what a vendor summed: counted once, and said.

Logs and sums have no id in common. They are taken for the same calls where seller, model and UTC day are
the same: there the side with more tokens stands, and the other is left out of the table with its amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from payback.ledger import calls
from payback.ledger.engine import Engine, quoted
from payback.ledger.priced import list_price
from payback.prices import CurrencyRate, PriceBook
from payback.prices.names import known_provider
from payback.records import Money
from payback.sources import FORMATS

LOGS = ""
"""The side of all logs together; a vendor's sums are a side for each format."""
SUMS = frozenset(format_.name for format_ in FORMATS if format_.sums)
NAME = r"regexp_replace(lower(regexp_replace(model, '^.*/', '')), '[-@](latest|20\d\d-?\d\d-?\d\d)$', '')"
"""SQL: a model without the seller before it and the date behind it, which one side has and the other not."""
TEXT = "'completions'"
"""SQL: the kind of sum that logs are of, too; others never name a model, or models of their own."""
USED = " + ".join(
    f"coalesce({column}, 0)"
    for column in (
        "input_tokens",
        "cached_tokens",
        "cache_write_5m_tokens",
        "cache_write_1h_tokens",
        "output_tokens",
    )
)


@dataclass(frozen=True, slots=True)
class Overlap:
    """What one side has of the same seller, models and days as another, which stands.

    `kept` and `aside` name formats, "" is all logs. `calls` are those left out; of `uncounted` sums nobody
    counted the calls. `listed` is their list price, a lower bound where `or_more`. If they are other calls
    after all, so much is missing, and never more.
    """

    provider: str
    kept: str
    aside: str
    calls: int
    uncounted: int
    days: int
    listed: Money
    or_more: bool


def apart(
    engine: Engine, book: PriceBook, currency: str, rates: Sequence[CurrencyRate] = ()
) -> tuple[Overlap, ...]:
    """Take out of `usage_call` what another side has too; say what that was."""
    tools = {tool for (tool,) in engine.rows("select distinct tool from usage_call")}
    if not tools & SUMS:
        return ()
    _sides(engine)
    if not engine.one("select count(*) from usage_aside")[0]:
        return ()
    price = list_price(engine, calls.facts(engine), book, currency, rates)
    found = engine.rows(f"""
        select a.seller, a.kept, a.side, sum(coalesce(u.calls, 1)), count(*) filter (where u.calls = 0),
               count(distinct a.day), coalesce(sum({price.pico}), 0),
               bool_or({price.pico} is null or {price.at_least} or u.unfinished)
        from usage_call u {price.join} join usage_aside a on u.rowid = a.id
        group by 1, 2, 3 order by 1, 2, 3""")
    engine.run("delete from usage_call where rowid in (select id from usage_aside)")
    return tuple(
        Overlap(seller, kept, side, int(count), uncounted, days, Money.of_pico(int(pico), currency), more)
        for seller, kept, side, count, uncounted, days, pico, more in found
    )


def _sides(engine: Engine) -> None:
    """Make `usage_aside`: rows of `usage_call` that yield, with the side they are on and the one that stands.

    A sum that names no model yields to whatever names the models of its seller and day.
    """
    sellers = [
        (logged, known_provider(logged) or logged)
        for (logged,) in engine.rows("select distinct provider from usage_call where provider is not null")
    ]
    engine.load("usage_seller", (("logged", "VARCHAR"), ("seller", "VARCHAR")), sellers)
    sums = ", ".join(quoted(name) for name in sorted(SUMS))
    engine.run(f"""
        create or replace temp table usage_side as
        with each_call as (
            select u.rowid as id, u.service, case when u.tool in ({sums}) then u.tool else {quoted(LOGS)} end as side,
                   s.seller, {NAME} as name, cast(u.time as date) as day, {USED} as used
            from usage_call u left join usage_seller s on u.provider = s.logged),
        summed as (
            select name, day, min(seller) as seller from each_call
            where side <> {quoted(LOGS)} and name is not null group by 1, 2)
        select e.id, e.side, e.service, coalesce(e.seller, d.seller) as seller, e.name, e.day, e.used
        from each_call e left join summed d on e.name = d.name and e.day = d.day""")
    engine.run(f"""
        create or replace temp table usage_aside as
        with sides as (
            select seller, name, day, side, sum(used) as used from usage_side
            where seller is not null and name is not null group by 1, 2, 3, 4),
        standing as (
            select seller, name, day, first(side order by used desc, side) as kept from sides
            group by 1, 2, 3 having count(*) > 1),
        named as (
            select seller, day, first(side order by used desc, side) as kept from sides group by 1, 2)
        select u.id, u.side, u.seller, u.day, s.kept
        from usage_side u join standing s on u.seller = s.seller and u.name = s.name and u.day = s.day
        where u.side <> s.kept
        union all
        select u.id, u.side, u.seller, u.day, n.kept
        from usage_side u join named n on u.seller = n.seller and u.day = n.day
        where u.name is null and u.side <> {quoted(LOGS)} and coalesce(u.service, {TEXT}) = {TEXT}""")
