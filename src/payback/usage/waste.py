"""Money that may have been avoided, as far as logs can say it (docs/guides/usage.md, "May have been avoided").

Only within sessions that the log tells apart, and only at prices that are known, none assumed. Side
conversations are compared with themselves alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from payback.ledger.engine import Engine
from payback.ledger.facts import Facts
from payback.ledger.priced import ListPrice
from payback.records import Money

SHORT_LIFE, LONG_LIFE = 300, 3600
"""Seconds a cache written for five minutes, or for an hour, lives after its last use (Anthropic, prompt caching)."""
AGAIN = 60
"""Seconds within which a call with the same input, after one that failed, is the same call asked again."""

MICROSECONDS = 10**6
SESSION_A_FILE = "claude-code"
"""Whose files hold a session each, so that its id need not be read."""


@dataclass(frozen=True, slots=True)
class Waste:
    """What may have been avoided, at list price. None of it overlaps.

    `rewritten`: tokens written to the cache again because it had lapsed, above reading them. `unread`: the last
    writes of a session, which nothing read, above sending them plainly. `failed`: calls that failed and are
    charged all the same; `again` of them were asked again within a minute.
    """

    rewritten: Money
    rewritten_tokens: int
    unread: Money
    unread_tokens: int
    failed: Money
    failed_calls: int
    again: int

    @property
    def total(self) -> Money:
        return self.rewritten + self.unread + self.failed


def waste(engine: Engine, price: ListPrice, currency: str) -> Waste:
    """Of the calls in `usage_call` and `call_listed`."""
    _turns(engine)
    rewritten, rewritten_tokens = _dearer(engine, price, "lapsed > 0", _READ_INSTEAD, "lapsed")
    unread, unread_tokens = _dearer(engine, price, "unread > 0", _SENT_PLAINLY, "unread")
    failed, failed_calls, again = _failed(engine)
    return Waste(
        rewritten=Money.of_pico(rewritten, currency),
        rewritten_tokens=rewritten_tokens,
        unread=Money.of_pico(unread, currency),
        unread_tokens=unread_tokens,
        failed=Money.of_pico(failed, currency),
        failed_calls=failed_calls,
        again=again,
    )


def could_be_read(facts: Facts) -> Facts:
    """The facts of calls, as if each read from the cache what it wrote: the price then has that part too."""
    written = facts.most.get("cache_write_5m_tokens", 0) + facts.most.get("cache_write_1h_tokens", 0)
    return replace(facts, most={**facts.most, "cached_tokens": facts.most.get("cached_tokens", 0) + written})


_SHORT, _LONG = "coalesce(cache_write_5m_tokens, 0)", "coalesce(cache_write_1h_tokens, 0)"
_WRITTEN = f"({_SHORT} + {_LONG})"
_READ_INSTEAD = f"""cache_write_5m_tokens - least(lapsed, {_SHORT}) as cache_write_5m_tokens,
    cache_write_1h_tokens - (lapsed - least(lapsed, {_SHORT})) as cache_write_1h_tokens,
    coalesce(cached_tokens, 0) + lapsed as cached_tokens"""
_SENT_PLAINLY = (
    """0 as cache_write_5m_tokens, 0 as cache_write_1h_tokens, input_tokens + unread as input_tokens"""
)


def _turns(engine: Engine) -> None:
    """Make the table `cache_turn`: calls that wrote to the cache, and what of it was for nothing.

    `lapsed`: what the call before left in the cache (read and written there) and this one did not read, at
    most what it wrote, where more time passed than the cache lives. `unread`: what the last call of a session
    wrote; not of one that is also the first, whose instructions other sessions may have read.
    """
    session = f"(session is not null or tool = '{SESSION_A_FILE}')"
    apart = "partition by talk, file"
    turn = f"over ({apart} order by moment, tie)"
    life = f"case when long then {LONG_LIFE * MICROSECONDS} else {SHORT_LIFE * MICROSECONDS} end"
    # Few columns are put in order; the others join what is found.
    engine.run(f"""create or replace temp table cache_turn as
        with narrow as (
            select rowid as turn, error is null as well, {_WRITTEN} as written, {_LONG} > 0 as for_long,
                   coalesce(cached_tokens, 0) as cached, epoch_us("time") as moment, hash(message) as tie, file,
                   hash(tool, session, model, aside) as talk
            from usage_call where {session} and "time" is not null and model is not null),
        turn as (
            select *, lag(cached + written) {turn} as left_before, moment - lag(moment) {turn} as idle,
                   lead(moment) {turn} is null as last_one, bool_or(for_long) over ({apart}) as long
            from narrow),
        known as (
            select turn, last_one, left_before, written,
                   case when idle > {life} then least(written, greatest(left_before - cached, 0)) else 0 end as lapsed
            from turn where written > 0 and well),
        found as (
            select turn, lapsed,
                   case when last_one and left_before is not null and lapsed = 0 then written else 0 end as unread
            from known)
        select u.*, f.turn, f.lapsed, f.unread
        from found f join usage_call u on u.rowid = f.turn where lapsed > 0 or unread > 0""")


def _dearer(engine: Engine, price: ListPrice, which: str, instead: str, tokens: str) -> tuple[int, int]:
    """By how much these calls cost more than they would have `instead`; and of how many tokens."""
    pico, count = engine.one(f"""
        with was as (select turn, {tokens} as tokens, {price.pico} as pico, {price.assumed} as assumed
                     from (select * from cache_turn where {which}) u {price.join}),
             otherwise as (select turn, {price.pico} as pico, {price.assumed} as assumed
                     from (select * replace ({instead}) from cache_turn where {which}) u {price.join})
        select coalesce(sum(was.pico - otherwise.pico), 0), coalesce(sum(tokens), 0)
        from was join otherwise using (turn)
        where was.pico > otherwise.pico and was.assumed = 0 and otherwise.assumed = 0""")
    return int(pico), int(count)


def _failed(engine: Engine) -> tuple[int, int, int]:
    """Calls that failed and have a price: pico, how many, and how many of them were asked again."""
    asked = f"input_tokens + coalesce(cached_tokens, 0) + {_WRITTEN}"
    pico, calls, again = engine.one(f"""
        with failed as (select tool, session, model, "time", pico, {asked} as asked
                        from call_listed where error is not null and pico is not null)
        select coalesce(sum(pico), 0), count(*), count(*) filter (where exists (
            select 1 from usage_call u where u.tool = f.tool and u.session = f.session and u.model = f.model
                and {asked} = f.asked and u."time" > f."time"
                and epoch_us(u."time") <= epoch_us(f."time") + {AGAIN * MICROSECONDS}))
        from failed f""")
    return int(pico), int(calls), int(again)
