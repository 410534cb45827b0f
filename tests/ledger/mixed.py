"""A small project with everything in it that a rollup may trip over, always the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from payback.project import Project
from tests.ledger.built import Row, made

HEAD = """
name = "mixed"
currency = "EUR"
timezone = "Europe/Berlin"

[fiscal]
first_month = 4

[period]
from = 2025-12-22
to = 2026-02-01

[[currency_rates]]
from = "EUR"
to = "USD"
day = 2025-12-01
rate = 1.0842

[use_cases.tickets]
unit = "ticket closed"
arm = "bot"
segments = ["difficulty", "language"]
[use_cases.tickets.match]
service = "ticket-*"
[use_cases.tickets.today]
arm = "human"
[use_cases.tickets.judge]
grader = "rubric"
[[use_cases.tickets.inherits]]
arm = "bot+check"
from = "bot"

[use_cases.invoices]
unit = "invoice matched"
arm = "reader"
[use_cases.invoices.match]
"tag.team" = "ap"
"""

# A price change at midnight UTC, in dollars; a model that nothing prices; one dear beyond 64 bits.
PRICES = """
[[prices]]
model = "small"
to = 2026-01-01
input = 2.5
output = 10
cached = 0.25

[[prices]]
model = "small"
from = 2026-01-01
input = 1.25
output = 5

[[prices]]
model = "gold"
currency = "EUR"
input = 900000000
output = 900000000
"""

FIRST = datetime(2025, 12, 20, 22, 30, tzinfo=UTC)
WEEKS_ACROSS_NEW_YEAR = 5


def mixed(folder: Path) -> Project:
    """Calls, outcomes, properties and money of 240 tasks over five weeks around New Year."""
    given = random.Random(20260101)  # noqa: S311  the same rows on every run
    usage: list[Row] = []
    outcome: list[Row] = []
    segment: list[Row] = []
    for number in range(240):
        case, arms = ("tickets", ["bot", "bot+check"]) if number % 3 else ("invoices", ["reader"])
        task = f"{case}-{number:03d}"
        begun = FIRST + timedelta(minutes=given.randrange(WEEKS_ACROSS_NEW_YEAR * 7 * 1440))
        for arm in arms:
            for trial in range(1, given.choice([1, 1, 2, 3]) + 1):
                usage += _calls(given, number, case, arm, task, trial, begun)
                outcome += _outcomes(given, number, case, arm, task, trial, begun)
                outcome += _judged(number, arm, task, trial, begun)
        if case == "tickets":
            segment.append({"task": task, "name": "language", "value": given.choice(["de", "fr", "en"])})
        if case == "tickets" and number % 4:
            outcome.append(
                {
                    "use_case": case,
                    "task": task,
                    "arm": "human",
                    "trial": 1,
                    "decided_at": _text(begun + timedelta(hours=5)),
                    "accepted": given.choice([0, 1, 1, None]),
                    "minutes": given.randrange(2, 40),
                    "rework_minutes": given.choice([None, 1.5]),
                    "cluster": f"customer-{number % 17}",
                }
            )
    usage += [_call("gold", begun, service="ticket-desk", task="tickets-dear", input_tokens=20_000)] * 1
    usage += [_call("small", FIRST, service="batch", task=None, input_tokens=10_000)]
    begun = FIRST + timedelta(days=9)
    usage += [_call("small", begun, service="batch", input_tokens=10_000, tags={"team": "data"})]
    usage += [_call("nobody-prices-this", begun, service="batch", input_tokens=10_000)]
    usage += [_call("small", begun, input_tokens=10_000, user="ann", unfinished=1)]
    usage += [_call("small", begun, input_tokens=10_000)]
    money = _money()
    return made(
        folder, PRICES, HEAD, usage=usage, outcome=outcome, segment=segment, cost=money["cost"],
        value=money["value"], bill_line=money["bill_line"], capacity=_capacity(), forecast=_forecasts(),
    )  # fmt: skip


def _calls(
    given: random.Random, number: int, case: str, arm: str, task: str, trial: int, begun: datetime
) -> list[Row]:
    named: dict[str, object] = {"arm": arm, "task": task, "trial": trial}
    named["service"] = "ticket-desk" if case == "tickets" else "mail"
    named["tags"] = {"team": "ap"} if case == "invoices" else None
    calls = []
    for step in range(given.randrange(1, 4)):
        model = "nobody-prices-this" if number % 29 == 5 else "small"
        call = _call(model, begun + timedelta(minutes=step), **named)
        call |= {"input_tokens": given.randrange(50_000), "output_tokens": given.randrange(2_000)}
        call["cached_tokens"] = given.choice([None, 0, 700])
        if number % 31 == 3 and step == 1:
            call["output_tokens"] = None
        call["seconds"] = None if number % 23 == 4 else f"{(number * 37 + step * 911) % 4000 / 8}"
        call["error"] = "rate limit" if (number + step) % 19 == 0 else ""
        call["user"] = f"user-{number % 9}"
        calls.append(call)
    return list(calls)


def _call(model: str, at: datetime, **more: object) -> dict[str, object]:
    call: dict[str, object] = {"time": _text(at), "model": model, "output_tokens": 100}
    return call | more


def _outcomes(
    given: random.Random, number: int, case: str, arm: str, task: str, trial: int, begun: datetime
) -> list[Row]:
    if number % 13 == 7:  # nothing is known yet
        return []
    row: dict[str, object] = {"use_case": case, "task": task, "arm": arm, "trial": trial}
    row["cluster"] = f"customer-{number % 17}" if case == "tickets" else None
    row["decided_at"] = _text(begun + timedelta(hours=given.randrange(2, 200)))
    row["accepted"] = given.choice([None, 0, 1, 1, 1, 0.5]) if case == "tickets" else 0
    row["minutes"] = given.choice([None, 3, 4.25])
    row["expected_minutes"] = None if number % 5 == 1 else f"{number % 7 + 2}.5"
    if row["accepted"] in {0, 0.5}:
        row["reason"] = ["wrong", "Sounds  like AI", "late", None][number % 4]
        row["severity"] = ["minor", "severe", None][number % 3]
    if number % 17 == 3:
        row |= {"harm_cost": f"{(number + trial) * 7}.5", "harm_currency": ["EUR", "USD"][number % 2]}
    if number % 3 == 1:  # the sample people checked
        row["label_probability"] = 0.25 if number % 2 else 0.5
    return [row | {"accepted": 1}, row] if number % 11 == 2 else [row]  # a second check replaces the first


def _judged(number: int, arm: str, task: str, trial: int, begun: datetime) -> list[Row]:
    """The judge's rows name no use case, and half of them no way of working; it gives scores."""
    if number % 3 == 0 or number % 17 == 4:
        return []
    row: dict[str, object] = {"task": task, "trial": trial, "grader": "rubric"}
    row["arm"] = arm if arm != "bot" or number % 2 else None
    row["decided_at"] = _text(begun + timedelta(hours=1))
    row["accepted"] = (0.9, 0.25, 1, 0)[(number + trial) % 4]
    return [row]


def _money() -> dict[str, list[Row]]:
    cost: list[Row] = [
        {"day": "2025-12-31", "use_case": "tickets", "category": "build", "amount": "1250000.10", "currency": "EUR"},
        {"day": "2025-12-31", "use_case": "tickets", "category": "build", "amount": "-250.05", "currency": "EUR"},
        {"day": "2026-01-01", "use_case": "tickets", "category": "people", "amount": 900, "currency": "USD", "note": "sprint"},
        {"day": "2026-01-05", "category": "platform", "amount": 77, "currency": "EUR", "committed_until": "2026-12-31"},
        {"day": "2026-01-05", "use_case": "invoices", "arm": "human", "category": "people", "amount": 77, "currency": "EUR", "evidence": "estimated"},
    ]  # fmt: skip
    value: list[Row] = [
        {"day": "2026-01-31", "use_case": "tickets", "kind": "spend removed", "amount": "99999999.99", "currency": "EUR", "evidence": "booked"},
        {"day": "2026-01-31", "use_case": "tickets", "kind": "spend removed", "amount": "0.01", "currency": "EUR", "evidence": "booked"},
        {"day": "2026-01-31", "use_case": "tickets", "kind": "revenue won", "amount": 10, "currency": "USD", "evidence": "claimed"},
        {"day": "2026-01-31", "use_case": "invoices", "kind": "time freed", "hours": "12.5", "evidence": "measured"},
    ]  # fmt: skip
    bill: list[Row] = [
        {"day": "2026-01-01", "service": "ticket-desk", "billed": "310.07", "currency": "USD"},
        {"day": "2026-01-01", "service": "ticket-desk", "billed": "-10.07", "currency": "USD", "kind": "credit"},
        {"day": "2026-01-01", "service": "other", "billed": "5", "currency": "EUR"},
        {"day": "2026-01-02", "service": "other", "billed": "3", "currency": "EUR", "use_case": "tickets"},
    ]  # fmt: skip
    return {"cost": cost, "value": value, "bill_line": bill}


def _forecasts() -> list[Row]:
    """Promises with and without a name, a range and a period."""
    return [
        {"made_on": "2025-11-03", "made_by": "R. Silva", "use_case": "tickets", "quantity": "value", "low": "1000.50",
         "high": 2500, "for_period": "2026"},
        {"made_on": "2025-12-24", "made_by": None, "use_case": None, "quantity": "accepted", "low": 10, "high": None,
         "for_period": None},
    ]  # fmt: skip


def _capacity() -> list[Row]:
    """Two pools over New Year: shares missing, busy beyond allocated, hours that overlap, a price in dollars."""
    return [
        {"start": "2025-12-20T00:00:00Z", "end": "2026-01-10T12:30:00Z", "pool": "gpu", "use_case": "tickets", "devices": "8", "allocated_share": "0.75", "busy_share": "0.333333", "price_per_device_hour": "2.50", "currency": "EUR", "committed_until": "2026-12-31"},
        {"start": "2026-01-10T12:30:00Z", "end": "2026-01-20T00:00:00.000001Z", "pool": "gpu", "use_case": "tickets", "devices": "7.5", "busy_share": "0.5", "price_per_device_hour": "2.75", "currency": "USD", "committed_until": "2026-12-31"},
        {"start": "2026-01-09T00:00:00Z", "end": "2026-01-11T00:00:00Z", "pool": "gpu", "use_case": "tickets", "devices": "1", "allocated_share": "0.2", "busy_share": "0.4"},
        {"start": "2025-12-31T00:00:00Z", "end": "2026-03-01T00:00:00Z", "pool": "other", "use_case": "tickets", "devices": "2", "allocated_share": "0", "price_per_device_hour": "1", "currency": "EUR"},
    ]  # fmt: skip


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
