"""Hardware held, and own or call -> JSON."""

from __future__ import annotations

from decimal import Decimal

from payback.assessment import HeldHardware
from payback.report.json_values import Json, figure, money
from payback.returned import OwnOrCall


def hardware(held: HeldHardware) -> Json:
    """One pool over the period, with its months; a month has no months of its own."""
    return {
        "pool": held.name,
        "month": f"{held.month:%Y-%m}" if held.month else None,
        "hours": figure(held.hours),
        "cost": figure(held.cost),
        "allocated": figure(held.allocated),
        "busy": figure(held.busy),
        "per_allocated_hour": figure(held.per_allocated_hour),
        "per_busy_hour": figure(held.per_busy_hour),
        "not_allocated": figure(held.not_allocated),
        "allocated_not_busy": figure(held.not_busy),
        "idle": figure(held.idle),
        "falls_due": money(held.falls_due),
        "due_until": held.due_until.isoformat() if held.due_until else None,
        "months": [hardware(month) for month in held.months],
        "notes": list(held.notes),
    }


def own_or_call(found: OwnOrCall | None) -> Json | None:
    """None where no alternative is named and no hardware held."""
    if found is None:
        return None
    return {
        "months": found.months,
        "discount_rate": _number(found.discount_rate),
        "volume": figure(found.volume),
        "headline": found.headline,
        "ways": [
            {
                "key": way.key,
                "name": way.name,
                "kind": way.kind,
                "evidence": way.evidence.key,
                "fixed": money(way.fixed),
                "per_unit": money(way.per_unit),
                "limit": _number(way.limit),
                "cost": figure(way.cost),
                "cheapest": _number(way.cheapest),
                "too_many": _number(way.too_many),
            }
            for way in found.ways
        ],
        "break_evens": [
            {
                "below": each.below,
                "above": each.above,
                "volume": _number(each.volume),
                "always": each.always,
                "chance": str(each.chance),
                "low": _number(each.low),
                "high": _number(each.high),
                "says": each.says,
            }
            for each in found.break_evens
        ],
        "cheapest": [
            {
                "from": str(each.start),
                "to": _number(each.end),
                "way": each.way,
                "at": str(each.at),
                "chance": str(each.chance),
            }
            for each in found.cheapest
        ],
        "grid": [str(at) for at in found.grid],
        "chances": {key: [str(each) for each in chances] for key, chances in found.chances},
        "missing": None
        if found.missing is None
        else {"unknown": found.missing.reason, "fix": found.missing.fix},
        "notes": list(found.notes),
        "draws": found.draws,
        "seed": found.seed,
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
