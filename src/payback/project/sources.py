"""Files that fill the ledger's tables: what payback.toml says of each."""

from __future__ import annotations

import difflib
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from payback.locale import say
from payback.project.kinds import Part, Zone
from payback.tables import TABLES, TOKEN_COLUMNS

TABLE_FORMATS = ("csv", "parquet", "jsonl")
"""Formats of tables, whose columns the user maps; any other is of logs, and fills tables by itself."""
ONLY_TABLES = (
    "columns", "ignore", "timezone", "decimal", "delimiter", "encoding", "zero_is_unknown", "input_includes",
)  # fmt: skip
"""Keys of a source that say how a table is read: a log says it itself."""
LOGGED = ("usage", "bill_line", "outcome")
"""The tables that logs may fill."""


class Source(Part):
    """One file, or a pattern of files, that fills one table of the ledger; logs fill those they hold."""

    table: Literal[
        "",
        "usage",
        "capacity",
        "bill_line",
        "cost",
        "outcome",
        "segment",
        "value",
        "forecast",
    ] = Field("", description="needed, but for logs, which fill usage, bill_line or outcome by themselves")
    path: str = Field(description="relative to payback.toml; may hold * and ** and begin with ~")
    format: str | None = Field(
        None,
        description="csv, parquet, jsonl, or of logs: claude-code, codex, ...; else by the file's ending",
        examples=[*TABLE_FORMATS, "claude-code"],
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="ledger column = the file's column, or text with {columns} in it",
    )
    constants: dict[str, str | int | Decimal | date] = Field(
        default_factory=dict, description="ledger column = one value for every row"
    )
    defaults: dict[str, str | int | Decimal | date] = Field(
        default_factory=dict,
        description="ledger column = value where the cell is empty",
    )
    ignore: tuple[str, ...] = Field((), description="columns of the file known not to be needed")
    timezone: Zone | None = Field(None, description="zone of times that carry none")
    decimal: Literal[".", ","] = "."
    delimiter: str | None = Field(None, min_length=1, max_length=1, description="else found out")
    encoding: str | None = Field(None, description="else found out")
    zero_is_unknown: tuple[str, ...] = Field((), description="ledger columns where 0 means not known")
    input_includes: tuple[Literal["cached", "cache_writes"], ...] = Field(
        (), description="what the file's input_tokens already include"
    )
    title: str = Field("", description="what the file is, for the page")
    by: str = Field("", description="who made it")
    licence: str = ""
    link: str = Field("", description="where it comes from; shown, never opened")
    check: str | None = Field(
        None, description="of logs whose outcomes were checked for several things: the one that decides"
    )

    @property
    def of_logs(self) -> bool:
        """Whether its format is one of logs."""
        return self.format is not None and self.format not in TABLE_FORMATS

    @model_validator(mode="after")
    def _whole(self) -> Source:
        if not self.of_logs:
            if not self.table:
                raise ValueError(
                    say('add table = "usage", "outcome", "cost" or another; or the format of a log')
                )
            if self.check is not None:
                raise ValueError(say("`check` is for logs; of a table, map the column that decides"))
        elif given := [key for key in ONLY_TABLES if key in self.model_fields_set]:
            raise ValueError(
                say(
                    "`{key}` is for tables (csv, parquet, jsonl); logs of {format} are read as they are",
                    key=given[0],
                    format=self.format,
                )
            )
        return self

    @model_validator(mode="after")
    def _known_columns(self) -> Source:
        if self.table:
            names = TABLES[self.table].names
        else:
            names = tuple(name for table in LOGGED for name in TABLES[table].names)
        for key in (
            *self.columns,
            *self.constants,
            *self.defaults,
            *self.zero_is_unknown,
        ):
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
                hint = say("; did you mean {near}?", near=near[0]) if near else ""
                raise ValueError(
                    say("{table} has no column {key}", table=self.table or say("a log"), key=key)
                    + hint
                    + say(" It has: {names}", names=", ".join(names))
                )
        return self


INPUT_PARTS = {
    "cached": ("cached_tokens",),
    "cache_writes": tuple(name for name in TOKEN_COLUMNS if name.startswith("cache_write")),
}
"""Which ledger columns `input_includes` takes out of a file's input_tokens."""
