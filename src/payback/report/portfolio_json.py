"""The portfolio for machines: as JSON, as CSV, and as plain rows for a sheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from payback.assessor.portfolio import PlanLine, Portfolio, Spread, Sum
from payback.report.json_values import Json
from payback.report.opportunities_report import cell
from payback.report.portfolio_report import way_words

SCHEMA_VERSION = 1
KIND = "portfolio"


def json_text(found: Portfolio) -> str:
    """The same as one JSON document, ending in a line break."""
    return json.dumps(document(found), ensure_ascii=True, indent=2) + "\n"


def document(found: Portfolio) -> Json:
    """What `json_text` writes. Amounts are decimals written as text."""
    limits = found.limits
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "project": found.name,
        "title": found.title,
        "label": found.label or None,
        "as_of": found.as_of.isoformat(),
        "currency": found.currency,
        "limits": {
            "budget": limits.budget,
            "people": limits.people,
            "most_likely_loss": limits.most_likely_loss,
            "worst_loss": limits.worst_loss,
            "most_share_per_business": limits.most_share,
        },
        "chosen": None if found.best is None else _sum_json(found.best),
        "nothing": {"worth": "0", "loss": "0", "money": "0", "people": "0"},
        "use_cases": [_line_json(line) for line in found.lines],
        "by_budget": [_sum_json(each) for each in found.by_budget],
        "by_risk": [_sum_json(each) for each in found.by_risk],
        "by_business": [{"business": name or None, "money": str(money)} for name, money in found.by_business],
        "not_weighed": [
            {"use_case": each.key, "reason": each.reason, "fix": each.fix} for _, each in found.left
        ],
        "notes": list(found.notes),
        "futures": found.draws,
        "rows_left_out": sum(one.rows for one in found.problems if one.left_out),
    }


def _sum_json(each: Sum) -> Json:
    return {
        "use_cases": list(each.chosen),
        "worth": _spread_json(each.worth),
        "loss": str(each.loss),
        "worst_1_in_20": str(each.worst),
        "money": str(each.money),
        "people": str(each.people),
        "lost_to_shared_work": str(each.lost),
        "simulation_error_of_worth": None if each.error is None else str(each.error),
    }


def _spread_json(each: Spread) -> Json:
    return {"mean": str(each.mean), "low": str(each.low), "high": str(each.high)}


def _line_json(line: PlanLine) -> Json:
    return {
        "key": line.key,
        "title": line.title,
        "business": line.business or None,
        "owner": line.owner or None,
        "when": line.when,
        "way": line.way or None,
        "worth": _spread_json(line.worth),
        "loss": str(line.loss),
        "money": str(line.money),
        "people": str(line.people),
        "places": list(line.places),
        "best_in": str(line.often),
        "gate": line.gate or None,
        "gate_due": None if line.gate_due is None else line.gate_due.isoformat(),
        "on": None if line.on is None else line.on.isoformat(),
        "why": line.why or None,
        "choosing_it_costs": None if line.costs_less is None else str(line.costs_less),
    }


HEAD: Sequence[str] = (
    "use_case", "title", "business", "owner", "when", "do", "worth", "worth_low", "worth_high", "loss", "money", "people",
    "best_place", "worst_place", "best_in", "gate", "gate_due", "on", "why",
)  # fmt: skip


def rows(found: Portfolio) -> list[tuple[str, ...]]:
    """The plan as rows under HEAD: what a sheet or a CSV takes."""
    return [
        (
            line.key,
            line.title,
            line.business,
            line.owner,
            line.when,
            way_words(line),
            *(str(each) for each in (line.worth.mean, line.worth.low, line.worth.high, line.loss)),
            str(line.money),
            str(line.people),
            *map(str, line.places),
            str(line.often),
            line.gate,
            "" if line.gate_due is None else line.gate_due.isoformat(),
            "" if line.on is None else line.on.isoformat(),
            line.why,
        )
        for line in found.lines
    ]


def csv_text(found: Portfolio) -> str:
    """One use case a row."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(HEAD)
    for row in rows(found):
        write.writerow([cell(each) for each in row])
    return out.getvalue()
