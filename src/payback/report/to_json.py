"""Assessments -> JSON, versioned. Keys and words of evidence are the same in every language.

The schema is assessment.schema.json beside this file. A figure keeps every digit as a string.
"""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Sequence
from decimal import Decimal

from payback.assessment import (
    ArmResult,
    Assessment,
    Burn,
    CheckedWork,
    Comparison,
    Decision,
    Delivery,
    Experiment,
    GateResult,
    Looks,
    Omission,
    Owned,
    Promise,
    Rated,
    Retention,
    SegmentRow,
    SourceSummary,
    TodayResult,
    UseCaseResult,
)
from payback.records import Evidence, Money, Problem
from payback.report.burn_json import alert, burn_ahead, replayed
from payback.report.forecast_report import people_json
from payback.report.held_json import hardware, own_or_call
from payback.report.json_values import Json, figure, money, origin, period
from payback.report.returns_json import returns

SCHEMA_VERSION = 1
KIND = "assessment"
SCHEMA = "assessment.schema.json"

_UNSEEN = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def json_text(assessments: Sequence[Assessment]) -> str:
    """The whole result as one document, ending in a line break."""
    text = json.dumps(document(assessments), ensure_ascii=False, indent=2)
    return _UNSEEN.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n"


def schema() -> Json:
    """The JSON Schema of `json_text`."""
    return dict(json.loads(pkgutil.get_data("payback.report", SCHEMA) or b"{}"))


def document(assessments: Sequence[Assessment]) -> Json:
    """What the schema describes: the first assessment is the headline, in the order given."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "assessments": [_assessment(project) for project in assessments],
    }


def _parts(parts: tuple[tuple[Evidence, Money], ...]) -> list[Json]:
    return [{"evidence": evidence.key, "money": money(amount)} for evidence, amount in parts]


def _assessment(project: Assessment) -> Json:
    return {
        "name": project.name,
        "title": project.title,
        "label": project.label,
        "benchmark": project.benchmark,
        "currency": project.currency,
        "period": period(project.period),
        "as_of": project.as_of.isoformat(),
        "out": figure(project.out),
        "back": figure(project.back),
        "back_parts": _parts(project.back_parts),
        "hours_freed": figure(project.hours_freed),
        "payback_ratio": figure(project.payback_ratio),
        "promise": _promise(project.promise),
        "pools": list(project.pools),
        "unassigned": figure(project.unassigned) if project.unassigned is not None else None,
        "unassigned_by": [_owned(one) for one in project.unassigned_by],
        "unassigned_hardware": [hardware(pool) for pool in project.hardware],
        "forecasts": people_json(project.forecasts),
        "use_cases": [_use_case(case) for case in project.use_cases],
        "decisions": [_decision(one) for one in project.decisions],
        "left_out": [_omission(one) for one in project.left_out],
        "rows_left_out": project.rows_left_out,
        "sources": [_source(one) for one in project.sources],
        "notes": list(project.notes),
        "problems": [_problem(one) for one in project.problems],
        "seed": project.seed,
        "draws": project.draws,
        "version": project.version,
        "project_digest": project.project_digest,
        "data_digest": project.data_digest,
        "price_book": project.price_book,
    }


def _owned(one: Owned) -> Json:
    return {
        "kind": one.kind,
        "name": one.name,
        "money": money(one.amount),
        "evidence": one.evidence.key,
        "calls": one.calls,
        "or_more": one.or_more,
    }


def _use_case(case: UseCaseResult) -> Json:
    return {
        "key": case.key,
        "title": case.title,
        "unit": case.unit,
        "stage": case.stage,
        "owner": case.owner,
        "currency": case.currency,
        "period": period(case.period),
        "verdict": case.verdict.value,
        "why": case.why,
        "headline": case.headline,
        "until": case.until.isoformat() if case.until else None,
        "out": figure(case.out),
        "out_parts": [{"name": name, "figure": figure(part)} for name, part in case.out_parts],
        "back": figure(case.back),
        "back_parts": _parts(case.back_parts),
        "hours_freed": figure(case.hours_freed),
        "payback_ratio": figure(case.payback_ratio),
        "arms": [_arm(arm) for arm in case.arms],
        "judged": case.judged,
        "today": _today(case.today),
        "comparisons": [_comparison(one) for one in case.comparisons],
        "segments": [_segment(row) for row in case.segments],
        "checks": [_checked(one) for one in case.checks],
        "experiment": _experiment(case.experiment),
        "gates": [_gate(gate) for gate in case.gates],
        "looks": _looks(case.looks),
        "burn": _burn(case.burn),
        "burn_ahead": burn_ahead(case.burn_ahead),
        "alerts": [alert(one) for one in case.alerts],
        "replayed": replayed(case),
        "returns": returns(case.returns),
        "hardware": [hardware(pool) for pool in case.hardware],
        "own_or_call": own_or_call(case.own_or_call),
        "promise": _promise(case.promise),
        "decisions": [_decision(one) for one in case.decisions],
        "left_out": [_omission(one) for one in case.left_out],
        "notes": list(case.notes),
        "delivery": _delivery(case.delivery),
    }


def _delivery(found: Delivery) -> Json:
    return {
        "failures": [_rated(one) for one in found.failures],
        "harm": [_rated(one) for one in found.harm],
        "service": [_rated(one) for one in found.service],
        "service_days": [
            {"day": each.day.isoformat(), "calls": each.calls, "errors": each.errors}
            for each in found.service_days
        ],
        "adoption": [_rated(one) for one in found.adoption],
        "retention": _retention(found.retention),
        "places": [
            {"arm": each.arm, "best": each.best, "worst": each.worst, "ways": each.ways}
            for each in found.places
        ],
    }


def _rated(one: Rated) -> Json:
    return {
        "label": one.label,
        "figure": figure(one.figure),
        "today": figure(one.today) if one.today is not None else None,
        "says": one.says,
    }


def _retention(found: Retention | None) -> Json | None:
    if found is None:
        return None
    return {
        "users": found.users,
        "gone_after": found.gone_after,
        "followed": found.followed,
        "points": [
            {"day": each.day, "share": str(each.share), "low": str(each.low), "high": str(each.high)}
            for each in found.points
        ],
        "mean_days": figure(found.mean_days),
        "says": found.says,
        "notes": list(found.notes),
    }


def _arm(arm: ArmResult) -> Json:
    return {
        "arm": arm.arm,
        "title": arm.title,
        "role": arm.role,
        "tasks": arm.tasks,
        "trials": arm.trials,
        "checked": arm.checked,
        "acceptance": figure(arm.acceptance),
        "spend": figure(arm.spend),
        "cost_per_accepted": figure(arm.cost_per_accepted),
        "full_unit_cost": figure(arm.full_unit_cost),
        "parts": [{"name": part.name, "figure": figure(part.figure)} for part in arm.parts],
        "unknown_cost": arm.unknown_cost,
        "unpriced": arm.unpriced,
        "notes": list(arm.notes),
        "single_tasks": None
        if arm.single is None
        else {
            "tenth": str(arm.single.low),
            "half": str(arm.single.middle),
            "nine_tenths": str(arm.single.high),
            "tasks": arm.single.tasks,
        },
    }


def _looks(found: Looks | None) -> Json | None:
    if found is None:
        return None
    return {
        "gate": found.gate,
        "threshold": str(found.threshold),
        "upwards": found.upwards,
        "confidence": str(found.confidence),
        "looks": [
            {
                "day": each.day.isoformat(),
                "tasks": each.tasks,
                "share": str(each.share),
                "low": str(each.low),
                "high": str(each.high),
            }
            for each in found.looks
        ],
    }


def _checked(one: CheckedWork) -> Json:
    def number(value: Decimal | None) -> str | None:
        return None if value is None else str(value)

    return {
        "arm": one.arm,
        "title": one.title,
        "judge": one.judge,
        "share": figure(one.share),
        "tasks": one.tasks,
        "looked": one.looked,
        "drawn": one.drawn,
        "checked": one.checked,
        "picked": one.picked,
        "agreement": {
            "both": one.both,
            "people_only": one.people_only,
            "judge_only": one.judge_only,
            "neither": one.neither,
            "agreed": number(one.agreed),
            "kappa": number(one.kappa),
            "kappa_error": number(one.kappa_error),
            "ac1": number(one.ac1),
        },
        "changes": list(one.changes),
        "more": one.more,
    }


def _experiment(found: Experiment | None) -> Json | None:
    if found is None:
        return None
    return {
        "design": found.design.value,
        "known": found.known,
        "arm": found.arm,
        "against": found.against,
        "since": found.since.isoformat() if found.since else None,
        "by": found.by,
        "source": found.source,
        "tested": [
            {
                "result": one.result,
                "label": one.label,
                "figure": figure(one.figure),
                "promised": one.promised,
            }
            for one in found.tested
        ],
        "notes": list(found.notes),
    }


def _today(today: TodayResult | None) -> Json | None:
    if today is None:
        return None
    return {
        "arm": today.arm,
        "title": today.title,
        "declared": today.declared,
        "unit_cost": figure(today.unit_cost),
        "break_even": figure(today.break_even),
        "note": today.note,
    }


def _comparison(one: Comparison) -> Json:
    return {
        "arm": one.arm,
        "against": one.against,
        "tasks": one.tasks,
        "cost": figure(one.cost),
        "acceptance": figure(one.acceptance),
    }


def _segment(row: SegmentRow) -> Json:
    return {
        "name": row.name,
        "value": row.value,
        "tasks": row.tasks,
        "cells": [
            {
                "arm": cell.arm,
                "checked": cell.checked,
                "solved": str(cell.solved),
                "share": figure(cell.share),
            }
            for cell in row.cells
        ],
        "reversal": row.reversal,
    }


def _gate(gate: GateResult) -> Json:
    return {
        "name": gate.name,
        "state": gate.state.value,
        "seen": gate.seen,
        "decides": gate.decides,
        "on": gate.on.isoformat() if gate.on else None,
        "due": gate.due.isoformat() if gate.due else None,
        "owner": gate.owner,
        "hard": gate.hard,
        "sealed_on": gate.sealed_on.isoformat() if gate.sealed_on else None,
        "changed_after_seal": gate.changed_after_seal,
    }


def _burn(burn: Burn | None) -> Json | None:
    if burn is None:
        return None
    return {
        "points": [
            {"day": point.day.isoformat(), "spent": money(point.spent), "accepted": point.accepted}
            for point in burn.points
        ],
        "spent": money(burn.spent),
        "budget": money(burn.budget),
        "kill_line": money(burn.kill_line),
        "unless_accepted": burn.unless_accepted,
        "crossed_on": burn.crossed_on.isoformat() if burn.crossed_on else None,
        "undecided": burn.undecided,
        "spent_when_crossed": money(burn.spent_when_crossed),
        "kept": money(burn.kept),
        "falls_due": money(burn.falls_due),
        "falls_due_until": burn.falls_due_until.isoformat() if burn.falls_due_until else None,
        "falls_due_for": [
            {"what": what, "money": money(amount), "until": until.isoformat()}
            for what, amount, until in burn.falls_due_for
        ],
        "monthly": money(burn.monthly),
        "saved_a_month": money(burn.saved_a_month),
    }


def _promise(promise: Promise | None) -> Json | None:
    if promise is None:
        return None
    return {
        "said": money(promise.said),
        "total": money(promise.total),
        "parts": _parts(promise.parts),
        "by": promise.by,
        "source": promise.source,
    }


def _decision(one: Decision) -> Json:
    return {
        "what": one.what,
        "worth": one.worth,
        "costs": one.costs,
        "who": one.who,
        "by": one.by.isoformat() if one.by else None,
        "use_case": one.use_case,
    }


def _omission(one: Omission) -> Json:
    return {
        "what": one.what,
        "rows": one.rows,
        "effect": one.effect,
        "problems": [_problem(problem) for problem in one.problems],
    }


def _problem(one: Problem) -> Json:
    return {
        "code": one.code,
        "what": one.what,
        "fix": one.fix,
        "origin": origin(one.origin) if one.origin else None,
        "rows": one.rows,
        "left_out": one.left_out,
    }


def _source(one: SourceSummary) -> Json:
    return {
        "title": one.title,
        "table": one.table,
        "files": list(one.files),
        "rows": one.rows,
        "left_out": one.left_out,
        "by": one.by,
        "licence": one.licence,
        "link": one.link,
    }
