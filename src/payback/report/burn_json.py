"""Spending still to come, alerts and the replay -> JSON. Numbers are strings and keep their digits."""

from __future__ import annotations

from decimal import Decimal

from payback.assessment import UseCaseResult
from payback.measures.returns.burn_ahead import (
    AboveForecast,
    Alert,
    Bands,
    BurnAhead,
    KillAhead,
    RunwayAhead,
    SpendForecast,
)
from payback.measures.returns.burn_series import Trailing
from payback.measures.returns.replay import MonthThen
from payback.records import Unknown
from payback.report.json_values import Json, money


def burn_ahead(found: BurnAhead | None) -> Json | None:
    """Trailing means, the forecast and what follows from it; None where nothing was spent."""
    if found is None:
        return None
    return {
        "trailing": [_trailing(name, each) for name, each in found.trailing],
        "forecast": _forecast(found.forecast),
        "runway": _runway(found.runway),
        "kill_line": _kill(found.kill),
        "above": _above(found.above),
        "notes": list(found.notes),
    }


def alert(found: Alert) -> Json:
    """Something ahead that deserves a look."""
    return {
        "kind": found.kind.value,
        "says": found.says,
        "on": found.on.isoformat() if found.on else None,
        "share": _text(found.share),
    }


def replayed(case: UseCaseResult) -> Json | None:
    """Every month's end as it was known then; None where no rule was set or nobody asked."""
    found = case.replayed
    if found is None:
        return None
    if isinstance(found, Unknown):
        return _unknown(found)
    return {
        "months": [_month(each) for each in found.months],
        "stopped_on": found.stopped.day.isoformat() if found.stopped else None,
        "says": found.says,
    }


def _month(found: MonthThen) -> Json:
    return {
        "day": found.day.isoformat(),
        "spent": money(found.spent),
        "accepted": found.accepted,
        "gates": [{"name": gate.name, "state": gate.state} for gate in found.gates],
        "verdict": found.verdict,
        "why": found.why,
        "kept": money(found.kept),
    }


def _trailing(name: str, found: Trailing) -> Json:
    return {
        "category": found.category,
        "name": name,
        "last": _text(found.last),
        "recent": _text(found.recent),
        "recent_months": found.recent_months,
        "year": _text(found.year),
        "year_months": found.year_months,
        "range": None
        if found.range is None
        else {"low": str(found.range[0]), "high": str(found.range[1]), "level": "0.95"},
    }


def _forecast(found: SpendForecast | Unknown) -> Json:
    if isinstance(found, Unknown):
        return _unknown(found)
    return {
        "every": found.every.value,
        "known": found.known,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "periods": [
            {
                "until": each.until.isoformat(),
                "spent": _bands(each.spent),
                "to_date": _bands(each.to_date),
            }
            for each in found.periods
        ],
        "categories": [
            {"category": each.category, "name": each.name, "total": _bands(each.total)}
            for each in found.categories
        ],
        "total": _bands(found.total),
        "committed": [
            {"what": each.what, "a_month": money(each.a_month), "until": each.until.isoformat()}
            for each in found.committed
        ],
        "method": found.method,
        "draws": found.draws,
        "seed": found.seed,
    }


def _runway(found: RunwayAhead | Unknown | None) -> Json | None:
    if found is None:
        return None
    if isinstance(found, Unknown):
        return _unknown(found)
    return {
        "budget": money(found.budget),
        "left": money(found.left),
        "in_1_of_10": found.early.isoformat() if found.early else None,
        "in_5_of_10": found.middle.isoformat() if found.middle else None,
        "in_9_of_10": found.late.isoformat() if found.late else None,
        "not_within": str(found.not_within),
        "error": _text(found.error),
        "until": found.until.isoformat(),
        "budget_end": found.end.isoformat() if found.end else None,
        "before_budget_end": _text(found.before_end),
        "says": found.says,
    }


def _kill(found: KillAhead | Unknown | None) -> Json | None:
    if found is None:
        return None
    if isinstance(found, Unknown):
        return _unknown(found)
    return {
        "line": money(found.line),
        "unless_accepted": found.unless_accepted,
        "chances": [
            {"by": each.by.isoformat(), "share": str(each.share), "error": _text(each.error)}
            for each in found.chances
        ],
        "likely_on": found.likely_on.isoformat() if found.likely_on else None,
        "says": found.says,
    }


def _above(found: AboveForecast | None) -> Json | None:
    if found is None:
        return None
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "spent": money(found.spent),
        "middle": money(found.middle),
        "high": money(found.high),
        "is_above": found.is_above,
    }


def _bands(found: Bands) -> Json:
    return {
        "middle": str(found.middle),
        "bands": [
            {"level": str(level), "low": str(low), "high": str(high)} for level, low, high in found.ends
        ],
    }


def _unknown(found: Unknown) -> Json:
    return {"unknown": found.reason, "fix": found.fix}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
