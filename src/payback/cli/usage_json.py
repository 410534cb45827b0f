"""`payback usage` for programs: JSON and CSV, every digit."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from payback.cli import usage_paid
from payback.records import Money

if TYPE_CHECKING:
    from payback.usage import Counted, Unfinished, Usage

SCHEMA_VERSION = 1


def facts(found: Usage) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "usage",
        "by": found.by,
        "timezone": found.timezone,
        "currency": found.currency,
        "from": found.period.first_day.isoformat() if found.period else None,
        "to": found.period.first_day_after.isoformat() if found.period else None,
        "tools": list(found.tools),
        "files": found.files,
        "total": _counted_facts(found.total),
        "rows_overlap": found.overlapping,
        "rows": [{_column(found.by): row.key or None, **_counted_facts(row.counted)} for row in found.rows],
        "paid": None if found.paid is None else _exact(found.paid),
        "plans": [
            {
                "name": paid.plan.name,
                "seats": paid.plan.seats,
                "monthly": _exact(paid.plan.monthly),
                "months": paid.months,
                "paid": _exact(paid.paid),
                "covered": _counted_facts(paid.covered),
            }
            for paid in found.plans
        ],
        **usage_paid.facts(found.bills),
        "not_priced": [
            {"model": each.model or None, "calls": each.calls, "reason": each.reason}
            for each in found.not_priced
        ],
        "meters": [
            {
                "meter": each.meter,
                "quantity": f"{each.quantity.normalize():f}",
                "list_price": None if each.listed is None else _exact(each.listed),
            }
            for each in found.meters
        ],
        "may_have_been_avoided": {
            "cache_rewritten": _exact(found.waste.rewritten),
            "cache_rewritten_tokens": found.waste.rewritten_tokens,
            "cache_unread": _exact(found.waste.unread),
            "cache_unread_tokens": found.waste.unread_tokens,
            "failed": _exact(found.waste.failed),
            "failed_calls": found.waste.failed_calls,
            "failed_calls_asked_again": found.waste.again,
        },
        "repositories": [
            {
                "folder": str(made.folder),
                "calls": made.calls,
                "unpriced_calls": made.unpriced,
                "list_price": _exact(made.total),
                **{fate.value: _exact(amount) for fate, amount in made.listed.items()},
                "merged_changes": made.changes,
                "list_price_each": None if made.each is None else f"{made.each.amount.normalize():f}",
            }
            for made in found.became
        ],
        "unfinished": None if found.unfinished is None else _unfinished_facts(found.unfinished),
        "copies": found.copies,
        "overlaps": [
            {
                "provider": each.provider,
                "kept": each.kept or None,
                "aside": each.aside or None,
                "days": each.days,
                "calls": each.calls,
                "uncounted_sums": each.uncounted,
                "list_price": _exact(each.listed),
                "or_more": each.or_more,
            }
            for each in found.overlaps
        ],
        "skipped": dict(found.skipped),
        "lines_left_out": found.lines_left_out,
        "problems": [
            {
                "code": problem.code,
                "file": problem.origin.file if problem.origin else None,
                "row": problem.origin.row if problem.origin else None,
                "what": problem.what,
                "fix": problem.fix,
                "rows": problem.rows,
                "left_out": problem.left_out,
            }
            for problem in found.problems
        ],
    }


def _column(by: str) -> str:
    """use_case; tag for tag:NAME."""
    return by.partition(":")[0].replace("-", "_")


def _unfinished_facts(early: Unfinished) -> dict[str, Any]:
    return {
        "calls": early.calls,
        "about_calls": early.about_calls,
        "about_more": _exact(early.about),
        "at_most_calls": early.at_most_calls,
        "at_most_more": _exact(early.at_most),
        "unknown_calls": early.unknown,
    }


def _counted_facts(counted: Counted) -> dict[str, Any]:
    return {
        "calls": counted.calls,
        "input_tokens": counted.fresh,
        "cached_tokens": counted.cached,
        "cache_write_tokens": counted.written,
        "output_tokens": counted.out,
        "list_price": _exact(counted.listed),
        "list_price_assumed": _exact(counted.assumed),
        "stated_cost": _exact(counted.stated),
        "stated_calls": counted.stated_calls,
        "unpriced_calls": counted.unpriced,
        "unmetered_calls": counted.unmetered,
        "unfinished_calls": counted.unfinished,
        "uncounted_sums": counted.uncounted,
        "sums_at_least": counted.at_least,
        "list_price_by_meter": _exact(counted.by_meter),
        "unpriced_meter_calls": counted.unpriced_meters,
        "or_more": counted.or_more,
    }


def table_csv(found: Usage) -> str:
    out = io.StringIO()
    group = _column(found.by)
    rows = [{group: row.key, "currency": found.currency, **_counted_facts(row.counted)} for row in found.rows]
    names = [group, "currency", *_counted_facts(found.total), *usage_paid.COLUMNS]
    writer = csv.DictWriter(out, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    writer.writerows(usage_paid.rows(found, group))
    return out.getvalue()


def _exact(money: Money) -> str:
    """Every digit there is, as text: a JSON number would lose some."""
    amount = money.amount.normalize()
    return f"{amount:f}"
