"""What lies ahead of a use case -> JSON."""

from __future__ import annotations

from decimal import Decimal

from payback.report.json_values import Json, figure, money, origin
from payback.returned import (
    Choice,
    InputLine,
    Measurement,
    Moved,
    PathPoint,
    Returns,
    Within,
)


def returns(found: Returns | None) -> Json | None:
    """None where payback.toml says nothing of what lies ahead."""
    if found is None:
        return None
    return {
        "months": found.months,
        "start": found.start.isoformat(),
        "discount_rate": _number(found.discount_rate),
        "now": str(found.now),
        "worth": figure(found.worth),
        "loss": figure(found.loss),
        "back_in": figure(found.back_in),
        "never": _number(found.never),
        "dots": [_number(dot) for dot in found.dots],
        "within": [_within(each) for each in found.within],
        "history": [_point(each) for each in found.history],
        "path": [_point(each) for each in found.path],
        "rate_of_return": figure(found.rate),
        "share_needed": figure(found.share_needed) if found.share_needed is not None else None,
        "falls_due": money(found.falls_due),
        "stopping": money(found.stopping),
        "inputs": [_input(each) for each in found.inputs],
        "as_assessed": _number(found.as_assessed),
        "moved": [_moved(each) for each in found.moved],
        "breaks_even": [
            {
                "input": each.key,
                "label": each.label,
                "unit": each.unit,
                "value": str(each.value),
                "chance": str(each.chance),
            }
            for each in found.breaks_even
        ],
        "knowing_all": money(found.knowing_all),
        "knowing": [
            {
                "what": each.key,
                "label": each.label,
                "worth": money(each.worth),
                "evidence": each.evidence.key if each.evidence is not None else None,
            }
            for each in found.knowing
        ],
        "measure_next": [_measurement(each) for each in found.measure_next],
        "choices": [_choice(each) for each in found.choices],
        "risks": [
            {"name": each.name, "kind": each.kind, "chance": str(each.chance), "takes": money(each.takes)}
            for each in found.risks
        ],
        "years": [
            {
                "first_month": each.first_month,
                "last_month": each.last_month,
                "saved": money(each.saved),
                "gained": money(each.gained),
                "out": money(each.out),
            }
            for each in found.years
        ],
        "vendors": [
            {"name": each.name, "share": str(each.share), "calls": each.calls} for each in found.vendors
        ],
        "switching": _input(found.switching) if found.switching is not None else None,
        "notes": list(found.notes),
        "draws": found.draws,
        "seed": found.seed,
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _within(each: Within) -> Json:
    return {"month": str(each.month), "share": str(each.share), "error": _number(each.error)}


def _point(each: PathPoint) -> Json:
    return {
        "month": str(each.month),
        "amount": str(each.amount),
        "bands": [
            {"level": str(level), "low": str(low), "high": str(high)} for level, low, high in each.ends
        ],
    }


def _input(each: InputLine) -> Json:
    return {
        "input": each.key,
        "label": each.label,
        "written": each.written,
        "low": str(each.low),
        "median": str(each.median),
        "mean": str(each.mean),
        "high": str(each.high),
        "unit": each.unit,
        "shape": each.shape,
        "evidence": each.evidence.key,
        "by": each.by,
        "origin": origin(each.origin) if each.origin else None,
    }


def _moved(each: Moved) -> Json:
    return {
        "input": each.key,
        "label": each.label,
        "unit": each.unit,
        "low": str(each.low),
        "high": str(each.high),
        "worth_at_low": str(each.worth_at_low),
        "worth_at_high": str(each.worth_at_high),
        "flips": each.flips,
        "evidence": each.evidence.key,
    }


def _measurement(each: Measurement) -> Json:
    return {
        "input": each.key,
        "what": each.what,
        "cases": each.cases,
        "costs": money(each.costs),
        "worth": money(each.worth),
        "why": each.why,
        "pays": each.pays,
    }


def _choice(each: Choice) -> Json:
    return {
        "choice": each.key,
        "label": each.label,
        "worth": money(each.worth),
        "error": _number(each.error),
        "loss": str(each.loss),
        "regret": money(each.regret),
        "regret_high": money(each.regret_high),
        "best": str(each.best),
    }
