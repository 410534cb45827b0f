"""Figures and the nouns in them -> JSON. A number keeps every digit as a string."""

from __future__ import annotations

from typing import Any

from payback.records import Figure, Input, Interval, Money, Origin, Period, Unknown

Json = dict[str, Any]


def figure(found: Figure | Unknown) -> Json:
    """A figure, or why there is none."""
    if isinstance(found, Unknown):
        return {"unknown": found.reason, "fix": found.fix}
    return {
        "name": found.name,
        "value": str(found.value),
        "unit": found.unit,
        "currency": found.currency,
        "per": found.per,
        "period": period(found.period) if found.period else None,
        "interval": interval(found.interval),
        "bounds": interval(found.bounds),
        "evidence": found.evidence.key,
        "count": found.count,
        "counted": found.counted,
        "formula": found.formula,
        "inputs": [input_of(one) for one in found.inputs],
        "origins": [origin(one) for one in found.origins],
        "omissions": list(found.omissions),
        "notes": list(found.notes),
    }


def interval(found: Interval | None) -> Json | None:
    """A range and how it was made."""
    if found is None:
        return None
    return {
        "low": None if found.low is None else str(found.low),
        "high": None if found.high is None else str(found.high),
        "level": None if found.level is None else str(found.level),
        "method": found.method,
        "sentence": found.sentence,
        "bands": [
            {"level": str(level), "low": str(low), "high": str(high)} for level, low, high in found.bands
        ],
    }


def period(days: Period) -> Json:
    """Days, the last not included."""
    return {"from": days.first_day.isoformat(), "to": days.first_day_after.isoformat()}


def money(found: Money | None) -> Json | None:
    """An amount and its currency."""
    return None if found is None else {"amount": str(found.amount), "currency": found.currency}


def input_of(one: Input) -> Json:
    """One number that went in."""
    return {
        "name": one.name,
        "value": one.value,
        "evidence": one.evidence.key if one.evidence is not None else None,
        "origin": origin(one.origin) if one.origin else None,
    }


def origin(one: Origin) -> Json:
    """The file, and the row where known."""
    return {"file": one.file, "row": one.row, "column": one.column, "rows": one.rows, "note": one.note}
