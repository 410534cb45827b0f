"""Which columns of a file fill which columns of the ledger, from a source in payback.toml."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from string import Formatter

from payback.locale import say
from payback.project import INPUT_PARTS, Source
from payback.records import PaybackError
from payback.tables import TABLES, Column, Kind

NEAR = 0.5  # how like a name must be to be suggested (difflib's ratio)


@dataclass(frozen=True, slots=True)
class Fill:
    """A ledger column filled from the file: one of its columns, or text made of several.

    `parts` are (text before, column of the file or None); a plain column is one part without text.
    """

    column: Column
    parts: tuple[tuple[str, str | None], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.parts if name is not None)

    @property
    def plain(self) -> bool:
        return len(self.parts) == 1 and not self.parts[0][0] and self.parts[0][1] is not None

    @property
    def shown(self) -> str:
        """What to call it in a message: as the file does."""
        return " + ".join(self.names) or self.column.name


def wanted(source: Source) -> tuple[Fill, ...]:
    """What the source would take from any file: what `columns` says, and every ledger column by its own name."""
    fills = []
    for column in TABLES[source.table].columns:
        written = source.columns.get(column.name)
        if written is not None:
            fills.append(Fill(column, _parts(written)))
        elif column.name not in source.constants and column.name not in source.ignore:
            fills.append(Fill(column, (("", column.name),)))
    return tuple(fills)


def found(source: Source, header: Collection[str], where: str) -> tuple[Fill, ...]:
    """What the file with these column names fills. Raises PaybackError where the mapping does not fit it."""
    fills = []
    for fill in wanted(source):
        written = source.columns.get(fill.column.name)
        if written is not None and written in header:  # its name may hold a brace
            fills.append(Fill(fill.column, (("", written),)))
        elif written is not None:
            for name in fill.names:
                if name not in header:
                    raise _unknown(fill.column.name, name, header, where)
            fills.append(fill)
        elif fill.column.name in header:
            fills.append(fill)
    _check(source, fills, header, where)
    return tuple(fills)


def _parts(written: str) -> tuple[tuple[str, str | None], ...]:
    if "{" not in written:
        return (("", written),)
    try:
        return tuple((text, name) for text, name, _, _ in Formatter().parse(written))
    except ValueError:
        return (("", written),)


def near(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """The names most like this one, letters' case aside."""
    lower: dict[str, str] = {}
    for one in names:
        lower.setdefault(one.lower(), one)
    return [lower[match] for match in difflib.get_close_matches(name.lower(), lower, n=count, cutoff=NEAR)]


def _unknown(key: str, name: str, header: Collection[str], where: str) -> PaybackError:
    like = near(name, header)
    return PaybackError(
        "unknown-column",
        say(
            "{key} is to come from the column {name}, which the file does not have", key=key, name=repr(name)
        ),
        where=where,
        fix=say("did you mean {near}?", near=say(" or ").join(like)) if like else _has(header),
    )


def _has(header: Collection[str]) -> str:
    shown = list(header)[:20]
    more = say(" and {count} more", count=len(header) - len(shown)) if len(header) > len(shown) else ""
    return say("it has: {names}", names=", ".join(shown)) + more


def _check(source: Source, fills: Collection[Fill], header: Collection[str], where: str) -> None:
    """Raise where a column cannot be filled by any row, or money would have no currency."""
    filled = {fill.column.name for fill in fills}
    given = filled | set(source.constants)
    both = sorted(set(source.columns) & set(source.constants))
    if both:
        raise PaybackError(
            "filled-twice",
            say("{key} has a column and a constant", key=both[0]),
            where=where,
            fix=say("keep one; a value for empty cells goes under `defaults`"),
        )
    table = TABLES[source.table]
    for column in table.columns:
        known = column.name in given or column.name in source.defaults or column.default is not None
        if column.required and not known:
            raise (
                _no_currency(column.name, where)
                if column.name == "currency"
                else _missing(column, header, where)
            )
    for column in table.columns:
        if column.kind is Kind.MONEY and column.name in given:
            currency = currency_of(column.name)
            if currency not in given and currency not in source.defaults:
                raise _no_currency(currency, where)
    for part in source.input_includes:
        if not filled & set(INPUT_PARTS[part]) and not set(source.defaults) & set(INPUT_PARTS[part]):
            raise PaybackError(
                "input-parts",
                say(
                    "input_includes says {part}, but nothing fills {columns}",
                    part=part,
                    columns=" or ".join(INPUT_PARTS[part]),
                ),
                where=where,
                fix=say("map the column that holds them, or take {part} out of input_includes", part=part),
            )


def currency_of(money: str) -> str:
    """The column that holds the currency of a column of money."""
    own = {"stated_cost": "stated_currency", "harm_cost": "harm_currency"}
    return own.get(money, "currency")


def _no_currency(column: str, where: str) -> PaybackError:
    return PaybackError(
        "no-currency",
        say("money without a currency"),
        where=where,
        fix=say(
            'add constants = {{ {column} = "EUR" }} to the source, or map the column that holds it',
            column=column,
        ),
    )


def _missing(column: Column, header: Collection[str], where: str) -> PaybackError:
    like = near(column.name, header, 1)
    example = like[0] if like else say("its column")
    return PaybackError(
        "missing-column",
        say("nothing fills {key}, which every row needs: {meaning}", key=column.name, meaning=column.meaning),
        where=where,
        fix=say('write columns = {{ {key} = "{example}" }}; ', key=column.name, example=example)
        + _has(header),
    )
