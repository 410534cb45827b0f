"""Blocks of columns, as some formats read their files, into the engine's tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from payback.ledger.engine import Engine, quoted
from payback.ledger.gathered import Gathered
from payback.ledger.generated import TABLES
from payback.sources import faults
from payback.sources.faults import Fault, Tally
from payback.sources.formats import PLACES, Block, Blocks, Call, Found

WITHIN = "call_within"
USED = ("input_tokens", "cached_tokens", "cache_write_5m_tokens")


def blocked(engine: Engine, group: Sequence[Found], made: Gathered, places: Collection[str]) -> None:
    """Add the rows of these files, a block at a time. Calls made within another that used the same are one."""
    inside = False
    for one in group:
        read = one.format.read
        if not isinstance(read, Blocks):
            continue
        tally = Tally()
        number = len(made.paths)
        made.paths.append(one.path)
        try:
            for each in read.read(one.path, one.layout):
                if isinstance(each, Fault):
                    faults.count(tally, each)
                    continue
                if "within" in each.columns:
                    if not inside:
                        engine.run(f"""create or replace temp table {WITHIN} (trace VARCHAR, span VARCHAR,
                            within VARCHAR, used BIGINT, output_tokens BIGINT)""")
                    inside = True
                _insert(engine, each, one.format.name, number, places)
        except OSError as error:
            made.unreadable[one.path] = error.strerror or str(error)
        made.tell(one.path, tally)
    if inside:
        _only_the_inner(engine, group[0].format.name)


def _insert(engine: Engine, block: Block, tool: str, number: int, places: Collection[str]) -> None:
    table, types = TABLES[block.kind]
    linked = {"trace", "span"} if "within" in block.columns else set()
    columns = {
        name: values() if callable(values) else values
        for name, values in block.columns.items()
        if block.kind is not Call or name not in PLACES or name in places or name in linked
    }
    shown = ", ".join(
        _sql(name, types[name], values)
        for name, values in columns.items()
        if name in types and (values.dtype.kind != "i" or (values >= 0).any())
    )
    flags = "false as aside, false as unfinished, " if block.kind is Call else ""
    engine.connection.register("block_read", columns)
    engine.run(f"""insert into {table} by name
        select {shown}, {flags}{quoted(tool)} as tool, {number} as file, false as odd from block_read""")
    if "within" in columns:
        used = " + ".join(f"greatest({name}, 0)" for name in USED)
        engine.run(f"""insert into {WITHIN}
            select trace, span, within, {used}, output_tokens from block_read where within <> ''""")
    engine.connection.unregister("block_read")


def _sql(name: str, kind: str, values: Any) -> str:
    """The column as the table has it. Numbers below 0 and texts of nothing are null; decimals come as text,
    or as a number that is exact to nine places.
    """
    if kind == "BIGINT":
        made = f'case when "{name}" >= 0 then cast("{name}" as BIGINT) end'
    elif kind == "VARCHAR":
        made = f"nullif(\"{name}\", '')"
    elif values.dtype.kind == "f":
        made = f'case when "{name}" >= 0 then cast(try_cast("{name}" as DECIMAL(38,9)) as {kind}) end'
    else:
        made = f'try_cast("{name}" as {kind})'
    return f'{made} as "{name}"'


def _only_the_inner(engine: Engine, tool: str) -> None:
    """A call that another was made within, of the same tokens or of none, is that other told once more."""
    used = " + ".join(f"coalesce(call_read.{name}, 0)" for name in USED)
    engine.run(f"""delete from call_read using {WITHIN} inner_
        where call_read.tool = {quoted(tool)} and call_read.trace = inner_.trace
          and call_read.span = inner_.within and inner_.span <> inner_.within
          and (({used} = inner_.used and coalesce(call_read.output_tokens, -1) = inner_.output_tokens)
               or (call_read.input_tokens is null and call_read.output_tokens is null))""")
    engine.run(f"drop table {WITHIN}")
