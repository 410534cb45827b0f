"""Counts over a batch, taken once when it is stored: they tell later runs which SQL is needed.

A fact may say too much (a batch cut at an earlier as-of day holds less) but never too little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from payback.ledger.engine import Engine, quoted

TOKENS = (
    "input_tokens",
    "cached_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
)
_SERVICE = ("seconds", "error", "user")
_COUNTED = {
    "usage": (
        "use_case",
        "arm",
        "task",
        "model",
        "stated_cost",
        "span",
        "trace",
        "unfinished",
        *TOKENS,
        *_SERVICE,
    ),
    "outcome": (
        "use_case",
        "arm",
        "cluster",
        "trace",
        "decided_at",
        "calls",
        "minutes",
        "rework_minutes",
        "reason",
        "severity",
        "harm_cost",
        "expected_minutes",
    ),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A model as logged, and the UTC days it was called on, first and last."""

    provider: str
    model: str
    service_tier: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Facts:
    """Of all rows of one table: how many, in how many each column is filled, and extremes.

    `keys` and `most` (the largest count of each kind of token in one call) are of usage alone;
    `distinct` counts distinct outcomes batch by batch, `batches` how many batches there are.
    """

    rows: int = 0
    batches: int = 0
    filled: Mapping[str, int] = field(default_factory=dict)
    trials: frozenset[str] = frozenset()
    distinct: int = 0
    keys: tuple[Key, ...] = ()
    most: Mapping[str, int] = field(default_factory=dict)

    def all_filled(self, column: str) -> bool:
        return self.filled.get(column, 0) == self.rows

    def never_filled(self, column: str) -> bool:
        return self.filled.get(column, self.rows) == 0

    @property
    def one_trial(self) -> str | None:
        """The only trial there is, if there is only one."""
        return next(iter(self.trials)) if len(self.trials) == 1 else None


def batch_facts(engine: Engine, table: str, file: Path) -> dict[str, Any]:
    """The facts of a batch just staged, as the manifest keeps them; empty for small tables."""
    return facts_in(engine, table, f"read_parquet({quoted(file)})")


def facts_in(engine: Engine, table: str, scan: str) -> dict[str, Any]:
    """The facts of what a name in SQL stands for; empty for small tables."""
    columns = _COUNTED.get(table)
    if columns is None:
        return {}
    counts = ", ".join(f'count("{column}")' for column in columns)
    rows, least, most, *filled = engine.one(f"select count(*), min(trial), max(trial), {counts} from {scan}")
    facts: dict[str, Any] = {
        "rows": rows,
        "filled": dict(zip(columns, filled, strict=True)),
        "trials": sorted({least, most} - {None}),
    }
    if table == "outcome":
        facts["distinct"] = engine.one(
            f"select count(*) from (select distinct use_case, task, arm, trial from {scan})"
        )[0]
        return facts
    largest = ", ".join(f"max({column})" for column in TOKENS)
    found = engine.rows(f"""
        select coalesce(provider, ''), coalesce(model, ''), coalesce(service_tier, ''),
               cast(min(time) as date), cast(max(time) as date), {largest}
        from {scan} group by 1, 2, 3 order by 1, 2, 3
    """)
    facts["keys"] = [[*key[:3], key[3].isoformat(), key[4].isoformat()] for key in found]
    facts["most"] = {
        name: max((key[5 + i] or 0 for key in found), default=0) for i, name in enumerate(TOKENS)
    }
    return facts


def facts_of(batches: Iterable[Mapping[str, Any]]) -> Facts:
    """The facts of several batches of one table together."""
    known = [each for each in batches if each]
    keys: dict[tuple[str, str, str], Key] = {}
    for each in known:
        for provider, model, tier, first, last in each.get("keys", ()):
            start, end = date.fromisoformat(first), date.fromisoformat(last)
            name = (provider, model, tier)
            if name in keys:
                start, end = min(start, keys[name].first), max(end, keys[name].last)
            keys[name] = Key(provider, model, tier, start, end)
    columns = {column for each in known for column in each["filled"]}
    return Facts(
        rows=sum(each["rows"] for each in known),
        batches=len(known),
        # What an earlier version did not count may be filled in every row.
        filled={
            column: sum(each["filled"].get(column, each["rows"]) for each in known) for column in columns
        },
        trials=frozenset(trial for each in known for trial in each["trials"]),
        distinct=sum(each.get("distinct", 0) for each in known),
        keys=tuple(keys[name] for name in sorted(keys)),
        most={name: max((each.get("most", {}).get(name, 0) for each in known), default=0) for name in TOKENS},
    )
