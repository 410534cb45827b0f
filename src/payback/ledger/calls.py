"""Calls out of logs, each counted once, and what the price calendar needs to know of them."""

from __future__ import annotations

from payback.ledger.engine import Engine, quoted
from payback.ledger.facts import TOKENS, Facts, Key
from payback.sources.formats import PLACES

VENDOR_ID = "(chatcmpl-|cmpl-|resp_|msg_|gen-)[A-Za-z0-9_-]{16,}"
"""Ids that vendors make for an answer. Whoever logs one, it is that answer."""
COMPLETE = 'output_tokens desc nulls last, unfinished, input_tokens desc nulls last, "time" nulls last'
"""SQL: of records of one call, the most complete first."""


def once(engine: Engine, within: str = "true") -> tuple[int, dict[str, int]]:
    """Make the table `usage_call`: every call once, the most complete of its records; those `within`, in SQL.

    Returns how many records were copies, and of those skipped how many for which reason. Records of one
    (tool, message, request) are one call; the most complete has the most output and says that it ended.
    A copy in a side conversation, and a record without a request, yield to any other of their message.
    Where several tools logged the answer that a vendor gave an id, the tool with the most complete record
    stands, and learns from the others where the call was made.
    """
    skipped = dict(
        engine.rows(
            f"select skipped, count(*) filter (where {within}) from call_read where skipped is not null group by 1"
        )
    )
    kept = "select * exclude (odd, skipped) from call_read where skipped is null"
    shared = _shared(engine, kept)
    total, several = engine.one(f"""
        select count(*), count(*) - count(distinct hash(tool, message)) filter (where message is not null)
               - count(*) filter (where message is null) from ({kept})""")
    if shared:
        kept = f"""select k.* from ({kept}) k left join shared_call s on k.message = s.message
                   where s.message is null or k.tool = s.tool"""
    if several:
        kept = one_each(kept)
    engine.run("drop table if exists usage_call")
    if several or shared or skipped:
        engine.run(f"create temp table usage_call as {kept}")
    else:  # nothing to leave out: to copy a million rows would cost as much as to price them
        engine.run("alter table call_read rename to usage_call")
    if shared:
        _learn(engine)
    copies = total - engine.one("select count(*) from usage_call")[0]
    if within != "true":  # only now: a call's records may lie on two sides of midnight
        engine.run(f"delete from usage_call where not ({within})")
    return copies, {reason: count for reason, count in skipped.items() if count}


def _shared(engine: Engine, rows: str) -> int:
    """Make the table `shared_call`: answers that several tools logged, by the vendor's id; how many there are.

    `tool` is the one with the most complete record; `session` to `tags` are where the others say it was made.
    """
    if not engine.one("select count(distinct tool) > 1 from call_read")[0]:
        return 0
    order = f'order by aside, {COMPLETE}, tool, file, "row"'
    linked = ", ".join(
        f'first("{name}" {order}) filter (where trace is not null) as "{name}"' for name in ("trace", "span")
    )
    told = ", ".join(f'min("{name}") as "{name}"' for name in PLACES if name not in {"trace", "span"})
    engine.run(f"""
        create or replace temp table shared_call as
        select message, first(tool {order}) as tool, {told}, {linked}
        from ({rows}) where regexp_full_match(message, {quoted(VENDOR_ID)})
        group by message having count(distinct tool) > 1""")
    return int(engine.one("select count(*) from shared_call")[0])


def _learn(engine: Engine) -> None:
    """Fill where a call was made from what other tools say of it; a span only together with its trace."""
    filled = ", ".join(f'"{name}" = coalesce(u."{name}", s."{name}")' for name in PLACES if name != "span")
    engine.run(f"""
        update usage_call u set span = case when u.trace is null then s.span else u.span end, {filled}
        from shared_call s where u.message = s.message""")


def one_each(
    rows: str,
    apart: str = "tool, message",
    ties: str = 'session nulls last, project nulls last, file, "row"',
) -> str:
    """SQL: of `rows`, every call once, by the most complete of its records.

    To take the most complete of each file first, and of those then the most complete, comes to the same:
    the record that stands among all of them stands in its own file too.
    """
    complete = f"{COMPLETE}, {ties}"
    return f"""select * exclude (nth, of_message) from (
        select *, row_number() over (partition by {apart}, coalesce(request, '')
                                     order by aside, {complete}) as nth,
               row_number() over (partition by {apart}
                                  order by aside, request is null, {complete}) as of_message
        from ({rows}))
        where message is null or of_message = 1 or (nth = 1 and not aside and request is not null)"""


def facts(engine: Engine) -> Facts:
    """What the price calendar needs to know of `usage_call`."""
    largest = ", ".join(f"max({column})" for column in TOKENS)
    found = engine.rows(f"""
        select coalesce(provider, ''), coalesce(model, ''), coalesce(service_tier, ''),
               cast(min("time") as date), cast(max("time") as date), count(*), {largest}
        from usage_call group by 1, 2, 3 order by 1, 2, 3""")
    return Facts(
        rows=sum(row[5] for row in found),
        filled={"calls": engine.one("select count(calls) from usage_call")[0]},
        keys=tuple(Key(*row[:5]) for row in found),
        most={name: max((row[6 + at] or 0 for row in found), default=0) for at, name in enumerate(TOKENS)},
    )
