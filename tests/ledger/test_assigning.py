"""Which use case, way of working, task and day a row belongs to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.ledger.built import PRICE, Row, asked, made

CALL: dict[str, object] = {
    "time": "2026-01-05 10:00:00",
    "model": "m",
    "task": "t",
    "input_tokens": 1_000_000,
    "output_tokens": 0,
}
RULES = """
[use_cases.invoices]
unit = "invoice"
arm = "reader"
match = { service = "invoice-*", "tag.team" = "ap" }

[use_cases.tickets]
unit = "ticket"
match = { service = "ticket-?" }

[use_cases.rest]
unit = "thing"
match = { "tag.cost.centre" = "47*" }

[use_cases.unmatched]
unit = "thing"
"""


@pytest.mark.parametrize(
    ("row", "use_case"),
    [
        ({"service": "invoice-eu", "tags": {"team": "ap"}}, "invoices"),
        ({"service": "invoice-eu", "tags": {"team": "hr"}}, ""),
        ({"service": "invoice-eu"}, ""),
        ({"service": "INVOICE-eu", "tags": {"team": "ap"}}, ""),
        ({"service": "ticket-1"}, "tickets"),
        ({"service": "ticket-12"}, ""),
        ({"service": "ticket-1", "tags": {"cost.centre": "4711"}}, "tickets"),
        ({"service": "x", "tags": {"cost.centre": "4711"}}, "rest"),
        ({"service": "x", "tags": {"cost": {"centre": "4711"}}}, ""),
        ({"service": "x"}, ""),
        ({"use_case": "tickets", "service": "invoice-eu", "tags": {"team": "ap"}}, "tickets"),
        ({"use_case": "not declared", "service": "ticket-1"}, "not declared"),
    ],
    ids=str,
)
def test_the_first_rule_that_fits_takes_the_row(
    tmp_path: Path, row: dict[str, object], use_case: str
) -> None:
    project = made(tmp_path, PRICE + RULES, usage=[{"service": None, "tags": None} | CALL | row])
    assert asked(project, "select use_case, pico from task_cost") == [(use_case, 2 * 10**12)]


def test_every_row_of_money_is_assigned_the_same_way(tmp_path: Path) -> None:
    bill: list[Row] = [
        {"day": "2026-01-05", "service": "ticket-1", "billed": 1, "currency": "EUR"},
        {"day": "2026-01-05", "service": "cafeteria", "billed": 2, "currency": "EUR"},
    ]
    found = asked(
        made(tmp_path, RULES, bill_line=bill), "select use_case, billed from bill_row order by billed"
    )
    assert found == [("tickets", 10**12), ("", 2 * 10**12)]


def test_without_a_rule_nothing_is_assigned(tmp_path: Path) -> None:
    assert asked(made(tmp_path, PRICE, usage=[CALL]), "select use_case, arm from task_cost") == [("", "ai")]


def test_a_row_without_a_way_of_working_is_done_by_the_judged_one(tmp_path: Path) -> None:
    calls = [CALL | {"use_case": "invoices"}, CALL | {"use_case": "tickets"}]
    found = asked(
        made(tmp_path, PRICE + RULES, usage=calls), "select use_case, arm from task_cost order by use_case"
    )
    assert found == [("invoices", "reader"), ("tickets", "ai")]


@pytest.mark.parametrize(
    ("zone", "time", "day"),
    [
        ("Europe/Berlin", "2026-01-05 22:59:59", date(2026, 1, 5)),
        ("Europe/Berlin", "2026-01-05 23:00:00", date(2026, 1, 6)),
        ("Europe/Berlin", "2026-07-05 22:00:00", date(2026, 7, 6)),  # summer time
        ("America/New_York", "2026-01-06 04:59:59", date(2026, 1, 5)),
        ("Asia/Jakarta", "2025-12-31 17:00:00", date(2026, 1, 1)),
        ("Asia/Kolkata", "2026-01-05 18:30:00", date(2026, 1, 6)),
        ("UTC", "2026-01-05 23:59:59.999999", date(2026, 1, 5)),
    ],
)
def test_a_day_is_the_day_of_the_business(tmp_path: Path, zone: str, time: str, day: date) -> None:
    head = f'name = "test"\ncurrency = "EUR"\ntimezone = "{zone}"\n'
    rows: dict[str, list[Row]] = {
        "usage": [CALL | {"time": time}],
        "outcome": [{"task": "t", "accepted": 1, "decided_at": time}],
    }
    query = "select c.first_day, o.decided_day, period.first_day_of from task_cost c, task_outcome o, period"
    assert asked(made(tmp_path, PRICE, head, **rows), query) == [(day, day, day)]


def test_a_task_belongs_to_the_period_of_its_first_call(tmp_path: Path) -> None:
    """With all its cost, whenever it was spent; a task begun before does not count at all."""
    head = 'name = "test"\ncurrency = "EUR"\n[period]\nfrom = 2026-01-05\nto = 2026-01-06\n'
    calls = [
        CALL | {"task": "before", "time": "2026-01-04 23:59:59"},
        CALL | {"task": "before"},
        CALL | {"task": "in", "time": "2026-01-05 00:00:00"},
        CALL | {"task": "in", "time": "2026-01-09 00:00:00"},
        CALL | {"task": "after", "time": "2026-01-06 00:00:00"},
    ]
    query = """select task, pico from task_cost, period
               where first_day >= period.first_day_of and first_day < period.first_day_after"""
    assert asked(made(tmp_path, PRICE, head, usage=calls), query) == [("in", 4 * 10**12)]


def test_spend_without_a_task_stays_in_the_cost_of_its_way_and_is_no_unit(tmp_path: Path) -> None:
    none = CALL | {"task": None, "use_case": "tickets"}
    calls = [none, none, none | {"time": "2026-01-06 10:00:00"}, CALL | {"use_case": "tickets"}]
    found = asked(
        made(tmp_path, PRICE + RULES, usage=calls),
        "select first_day, tasks, calls, pico from task_cost order by 1, 2",
    )
    assert found == [
        (date(2026, 1, 5), 0, 2, 4 * 10**12),
        (date(2026, 1, 5), 1, 1, 2 * 10**12),
        (date(2026, 1, 6), 0, 1, 2 * 10**12),
    ]


def test_calls_without_a_task_find_their_outcome_by_trace(tmp_path: Path) -> None:
    """The outcome names the work; a trace of two outcomes names none."""
    none = CALL | {"task": None, "arm": "gpt"}
    calls = [none | {"trace": "a"}, none | {"trace": "a"}, none | {"trace": "b"}, none | {"trace": None}]
    outcomes: list[Row] = [
        {"use_case": "tickets", "task": "1", "arm": "bot", "trial": 2, "trace": "a", "accepted": 1},
        {"use_case": "tickets", "task": "2", "arm": "bot", "trial": 1, "trace": "b", "accepted": 1},
        {"use_case": "tickets", "task": "3", "arm": "bot", "trial": 1, "trace": "b", "accepted": 0},
    ]
    project = made(tmp_path, PRICE + RULES, usage=calls, outcome=outcomes)
    found = asked(
        project, "select use_case, arm, task, calls, pico, unknown_trials from task_cost order by 1, 2, 3"
    )
    assert found == [
        ("", "gpt", "no task: 2026-01-05", 2, 4 * 10**12, 0),
        ("tickets", "bot", "1", 2, 4 * 10**12, 0),
        ("tickets", "bot", "2", 0, 0, 1),
        ("tickets", "bot", "3", 0, 0, 1),
    ]


OUTCOME: dict[str, object] = {"task": "t", "accepted": 1, "decided_at": "2026-01-07 10:00:00"}
JOINED = """select c.use_case, c.arm, c.task, c.calls, c.unknown_trials, o.accepted
            from task_cost c join task_outcome o using (use_case, arm, task) order by all"""


def test_an_outcome_is_found_by_its_task_alone(tmp_path: Path) -> None:
    project = made(tmp_path, PRICE + RULES, usage=[CALL | {"use_case": "tickets"}], outcome=[OUTCOME])
    assert asked(project, JOINED) == [("tickets", "ai", "t", 1, 0, 1)]


def test_an_outcome_is_at_home_where_its_task_is(tmp_path: Path) -> None:
    """Use case from the calls of the task; the way of working too where only one did it."""
    calls = [
        CALL | {"use_case": "tickets", "arm": "a"},
        CALL | {"use_case": "invoices", "arm": "a", "task": "u"},
        CALL | {"use_case": "invoices", "arm": "reader", "task": "u"},
    ]
    outcomes = [OUTCOME, OUTCOME | {"task": "u"}, OUTCOME | {"task": "nobody's"}]
    assert asked(made(tmp_path, PRICE + RULES, usage=calls, outcome=outcomes), JOINED) == [
        ("", "ai", "nobody's", 0, 0, 1),
        ("invoices", "a", "u", 1, 0, None),
        ("invoices", "reader", "u", 1, 0, 1),
        ("tickets", "a", "t", 1, 0, 1),
    ]


def test_another_trial_of_a_task_is_at_home_there_too(tmp_path: Path) -> None:
    project = made(
        tmp_path,
        PRICE + RULES,
        usage=[CALL | {"use_case": "tickets"}],
        outcome=[OUTCOME, OUTCOME | {"trial": 2}],
    )
    query = "select use_case, arm, task, trials, calls, unknown_trials from task_cost"
    assert asked(project, query) == [("tickets", "ai", "t", 2, 1, 1)]


def test_two_rows_about_the_same_work_count_its_cost_once(tmp_path: Path) -> None:
    """One says where it belongs, the other does not: the last received stands."""
    outcomes = [OUTCOME | {"use_case": "tickets", "arm": "ai", "accepted": 0}, OUTCOME]
    project = made(tmp_path, PRICE + RULES, usage=[CALL | {"use_case": "tickets"}], outcome=outcomes)
    query = "select c.pico, c.calls, c.trials, o.accepted, o.checked from task_cost c, task_outcome o"
    assert asked(project, query) == [(2 * 10**12, 1, 1, 1, 1)]
