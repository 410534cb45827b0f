"""The prepared tables: trials, duplicates, the as-of day, difficulty, clusters, and a project without data."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from payback.ledger import Ledger
from payback.ledger.prepare import MOST_CELLS
from payback.measures.delivery.monitoring import WATCHED_COLUMNS
from payback.measures.delivery.pairs import PAIR_COLUMNS
from payback.records import Period
from tests.ledger.built import PRICE, Row, answers, asked, made, opened, own_prices, written
from tests.measures.rollups import rollups

CALL: dict[str, object] = {
    "time": "2026-01-05 10:00:00",
    "use_case": "u",
    "arm": "a",
    "task": "t",
    "model": "m",
    "input_tokens": 1_000_000,
    "output_tokens": 0,
}
OUTCOME: dict[str, object] = {
    "use_case": "u",
    "task": "t",
    "arm": "a",
    "accepted": 1,
    "decided_at": "2026-01-07 10:00:00",
}
COST = 2 * 10**12
USE_CASE = '[use_cases.u]\nunit = "thing"\narm = "a"\n'


def test_a_project_without_data_has_empty_tables(tmp_path: Path) -> None:
    with Ledger(made(tmp_path, USE_CASE)) as ledger:
        assert ledger.gather().problems == ()
        prepared = ledger.prepare(*own_prices(ledger.project))
        ledger.load("pair", PAIR_COLUMNS, [])
        ledger.load("watched", WATCHED_COLUMNS, [])
        assert prepared.period == Period(date(1970, 1, 1), date(1970, 1, 2))
        assert not any(answers(ledger, rollups()).values())


def test_a_day_without_data_is_no_day_of_zero(tmp_path: Path) -> None:
    calls = [CALL, CALL | {"task": "later", "time": "2026-01-08 10:00:00"}]
    with opened(made(tmp_path, PRICE, usage=calls)) as ledger:
        days = ledger.rows(rollups()["economics.money.SPEND_BY_DAY_QUERY"])
        assert days == [("u", date(2026, 1, 5), COST), ("u", date(2026, 1, 8), COST)]
        assert ledger.rows("select count(*) from calendar") == [(5,)]


def test_the_period_is_all_days_with_data_unless_one_is_asked_for(tmp_path: Path) -> None:
    files: dict[str, list[Row]] = {
        "usage": [CALL],
        "outcome": [OUTCOME],
        "cost": [_cost("2025-12-30")],
        "value": [_value("2026-02-01")],
    }
    with Ledger(made(tmp_path / "all", PRICE, **files)) as ledger:
        ledger.gather()
        prepared = ledger.prepare(*own_prices(ledger.project))
        assert prepared.as_of == date(2026, 2, 1)
        assert prepared.period == Period(date(2025, 12, 30), date(2026, 2, 2))
    head = 'name = "test"\ncurrency = "EUR"\n[period]\nfrom = 2026-01-01\nto = 2026-04-01\n'
    with Ledger(made(tmp_path / "asked", PRICE, head, **files)) as ledger:
        ledger.gather()
        period = ledger.prepare(*own_prices(ledger.project)).period
        assert period == Period(date(2026, 1, 1), date(2026, 2, 2))


def _cost(day: str) -> Row:
    return {"day": day, "use_case": "u", "category": "build", "amount": 5, "currency": "EUR"}


def _value(day: str) -> Row:
    return {
        "day": day, "use_case": "u", "kind": "revenue won", "amount": 7, "currency": "EUR", "evidence": "booked",
    }  # fmt: skip


def test_weeks_begin_on_monday_and_fiscal_years_are_named_after_their_end(tmp_path: Path) -> None:
    head = 'name = "test"\ncurrency = "EUR"\n[fiscal]\nfirst_month = 4\n'
    calls = [CALL | {"time": "2025-12-31 10:00:00"}, CALL | {"task": "b", "time": "2026-04-01 10:00:00"}]
    query = "select week, month, fiscal_year from calendar where day in ('2026-01-01', '2026-03-31', '2026-04-01') order by day"
    assert asked(made(tmp_path, PRICE, head, usage=calls), query) == [
        (date(2025, 12, 29), date(2026, 1, 1), 2026),
        (date(2026, 3, 30), date(2026, 3, 1), 2026),
        (date(2026, 3, 30), date(2026, 4, 1), 2027),
    ]


def test_trials_of_a_task_are_one_row_with_their_sums(tmp_path: Path) -> None:
    calls = [CALL | {"trial": trial} for trial in (1, 1, 2, 3)]
    outcomes = [
        OUTCOME | {"trial": 1, "minutes": 3},
        OUTCOME | {"trial": 2, "accepted": 0, "minutes": "4.5"},
        OUTCOME | {"trial": 3, "accepted": None},
    ]
    with opened(made(tmp_path, PRICE, usage=calls, outcome=outcomes)) as ledger:
        assert ledger.rows("select trials, calls, pico, unknown_trials from task_cost") == [
            (3, 4, 4 * COST, 0)
        ]
        found = ledger.rows("select trials, checked, accepted, timed, minutes from task_outcome")
        assert found == [(3, 2, 1, 2, Decimal("7.5"))]


def test_a_trial_without_calls_is_unknown_unless_its_log_or_minutes_say_so(tmp_path: Path) -> None:
    outcomes = [
        OUTCOME | {"task": "no log"},
        OUTCOME | {"task": "no call", "calls": 0},
        OUTCOME | {"task": "by hand", "minutes": 5, "arm": "people"},
        OUTCOME | {"task": "looked over", "minutes": 5},
        OUTCOME | {"task": "calls missing", "calls": 3},
        OUTCOME | {"task": "t", "calls": 1},
        OUTCOME | {"task": "not metered", "use_case": "v"},
    ]
    calls = [CALL, CALL | {"task": "calls missing"}]
    query = "select task, unknown_trials, pico, partial_pico from task_cost order by task"
    assert asked(made(tmp_path, PRICE, usage=calls, outcome=outcomes), query) == [
        ("by hand", 0, 0, 0),
        ("calls missing", 1, COST, COST),
        ("looked over", 1, 0, 0),
        ("no call", 0, 0, 0),
        ("no log", 1, 0, 0),
        ("not metered", 0, 0, 0),
        ("t", 0, COST, 0),
    ]


INHERITS = USE_CASE + '[[use_cases.u.inherits]]\narm = "b"\nfrom = "a"\n'


def test_work_that_starts_from_another_result_carries_its_cost(tmp_path: Path) -> None:
    calls = [
        CALL | {"arm": "b"},
        CALL,
        CALL | {"arm": "b", "task": "seed unknown"},
        CALL | {"task": "seed unknown", "output_tokens": None},
        CALL | {"arm": "b", "task": "no seed"},
        CALL | {"arm": "b", "trial": 2, "task": "another trial"},
        CALL | {"trial": 1, "task": "another trial"},
    ]
    query = """select task, pico, inherited_pico, unknown_trials, partial_pico from task_cost
               where arm = 'b' order by task"""
    assert asked(made(tmp_path, PRICE + INHERITS, usage=calls), query) == [
        ("another trial", COST, 0, 1, COST),
        ("no seed", COST, 0, 1, COST),
        ("seed unknown", COST, 0, 1, COST),
        ("t", COST, COST, 0, 0),
    ]


def test_the_same_call_twice_is_one_call(tmp_path: Path) -> None:
    """In one file and in two; without a span a call is its own."""
    call = CALL | {"trace": "1", "span": "a"}
    calls = [call, call, call | {"span": "b"}, call | {"trace": "2"}, CALL | {"trace": "1", "span": None}] * 2
    project = made(tmp_path, PRICE, usage=calls)
    assert asked(project, "select calls, pico from task_cost") == [(5, 5 * COST)]


def test_of_copies_the_last_received_counts(tmp_path: Path) -> None:
    """Within a file and across files; a span without a trace is one of its own."""
    call = CALL | {"trace": "1", "span": "a"}
    loose = CALL | {"trace": None, "span": "a"}
    more = '[[sources]]\ntable = "usage"\npath = "calls/*.csv"\ntimezone = "UTC"\n'
    project = made(tmp_path, more + PRICE)
    written(tmp_path / "calls/1.csv", [call | {"input_tokens": 3}, call | {"input_tokens": 2}, loose])
    assert asked(project, "select calls, pico from task_cost") == [(2, COST + 4 * 10**6)]
    written(
        tmp_path / "calls/2.csv",
        [call | {"input_tokens": 1}, loose | {"input_tokens": 7}, call | {"span": "b"}],
    )
    assert asked(project, "select calls, pico from task_cost") == [(3, COST + 2 * 10**6 + 14 * 10**6)]


def test_unpriced_calls_are_listed_once(tmp_path: Path) -> None:
    call = CALL | {"trace": "1", "span": "a", "model": "x"}
    assert asked(made(tmp_path, PRICE, usage=[call, call]), "select model, calls from unpriced") == [("x", 1)]


def test_a_later_outcome_replaces_the_earlier(tmp_path: Path) -> None:
    rows = [OUTCOME | {"accepted": score} for score in (1, "0.5", 0)]
    query = "select checked, accepted from task_outcome"
    assert asked(made(tmp_path / "one file", outcome=rows), query) == [(1, 0)]

    folder = tmp_path / "files"
    project = made(folder, '[[sources]]\ntable = "outcome"\npath = "checks/*.csv"\ntimezone = "UTC"\n')
    for number, row in enumerate(rows):
        written(folder / f"checks/{number}.csv", [row])
    assert asked(project, query) == [(1, 0)]
    written(folder / "checks/00-first-by-name-last-to-come.csv", [OUTCOME | {"accepted": "0.25"}])
    assert asked(project, query) == [(1, Decimal("0.25"))]


def test_nothing_later_than_the_as_of_day_is_known(tmp_path: Path) -> None:
    calls: list[Row] = [
        CALL,
        CALL | {"time": "2026-01-06 00:00:00"},
        CALL | {"task": "later", "time": "2026-01-09 10:00:00"},
    ]
    outcomes: list[Row] = [
        OUTCOME | {"minutes": 9},
        OUTCOME | {"arm": "human", "decided_at": "2026-01-05 23:59:59", "minutes": 5},
    ]
    files: dict[str, list[Row]] = {
        "usage": calls,
        "outcome": outcomes,
        "cost": [_cost("2026-01-05"), _cost("2026-01-06")],
    }
    files |= {"value": [_value("2026-01-05"), _value("2026-01-06")]}
    with opened(made(tmp_path, PRICE, **files), as_of=date(2026, 1, 5)) as ledger:
        cost = ledger.rows("select arm, task, calls, pico from task_cost order by arm")
        assert cost == [("a", "t", 1, COST), ("human", "t", 0, 0)]
        found = ledger.rows("select arm, checked, accepted, timed, minutes from task_outcome order by arm")
        assert found == [("a", 0, None, 0, None), ("human", 1, 1, 1, 5)]
        assert ledger.rows("select count(*) from cost_row") == [(1,)]
        assert ledger.rows("select count(*) from value_row") == [(1,)]
        assert ledger.rows("select * from period") == [(date(2026, 1, 5), date(2026, 1, 6))]


def test_a_check_still_to_come_does_not_hide_the_one_before_it(tmp_path: Path) -> None:
    outcomes = [OUTCOME | {"accepted": 1}, OUTCOME | {"accepted": 0, "decided_at": "2026-02-01 10:00:00"}]
    project = made(tmp_path, PRICE, usage=[CALL], outcome=outcomes)
    query = "select checked, accepted from task_outcome"
    assert asked(project, query, as_of=date(2026, 1, 6)) == [(0, None)]
    assert asked(project, query, as_of=date(2026, 1, 7)) == [(1, 1)]
    assert asked(project, query) == [(1, 0)]


@pytest.mark.parametrize("seed", range(3))
def test_difficulty_is_what_the_others_solved(tmp_path: Path, seed: int) -> None:
    given = random.Random(seed)  # noqa: S311  the same rows on every run
    shares: dict[tuple[str, str], list[Fraction]] = defaultdict(list)
    outcomes = []
    for task in map(str, range(60)):
        for arm in "abcdefg"[: given.randrange(1, 8)]:
            for trial in range(given.choice([1, 1, 3])):
                score = given.choice([None, "0", "0", "1", "1", "0.5", "0.2"])
                outcomes.append(OUTCOME | {"task": task, "arm": arm, "trial": trial, "accepted": score})
                shares[task, arm] += [Fraction(score)] if score is not None else []
    expected = {}
    for task, arm in shares:
        others = [
            sum(s, Fraction(0)) / len(s) for (t, a), s in shares.items() if t == task and a != arm and s
        ]
        expected[task, arm] = _difficulty(others)
    more = '[use_cases.u]\nunit = "thing"\nsegments = ["difficulty"]\n'
    found = asked(made(tmp_path, more, outcome=outcomes), "select task, arm, value from task_segment")
    assert {(task, arm): value for task, arm, value in found} == expected
    assert len(found) == len(expected)
    assert len(set(expected.values())) == 6


def _difficulty(others: list[Fraction]) -> str:
    if not others:
        return "nobody else tried"
    share = sum(others) / len(others)
    if share == 0:
        return "no other solved it"
    if share == 1:
        return "all others solved it"
    if share < Fraction(1, 3):
        return "under a third solved it"
    return "a third to two thirds" if share < Fraction(2, 3) else "over two thirds solved it"


def test_a_property_given_twice_is_one_and_the_nearest_counts(tmp_path: Path) -> None:
    segments: list[Row] = [
        {"task": "t", "name": "language", "value": "de", "use_case": None},
        {"task": "t", "name": "language", "value": "fr", "use_case": None},
        {"task": "t", "name": "language", "value": "en", "use_case": "v"},
        {"task": "t", "name": "difficulty", "value": "hard", "use_case": "u"},
        {"task": "nobody's", "name": "language", "value": "it", "use_case": None},
    ]
    outcomes = [OUTCOME, OUTCOME | {"arm": "b"}, OUTCOME | {"use_case": "v"}]
    more = '[use_cases.u]\nunit = "thing"\nsegments = ["difficulty"]\n'
    query = "select use_case, arm, name, value from task_segment order by all"
    assert asked(made(tmp_path, more, outcome=outcomes, segment=segments), query) == [
        ("u", "a", "difficulty", "hard"),
        ("u", "a", "language", "fr"),
        ("u", "b", "difficulty", "hard"),
        ("u", "b", "language", "fr"),
        ("v", "a", "language", "en"),
    ]


@pytest.mark.parametrize("clustered", [False, True], ids=["tasks", "clusters"])
def test_many_clusters_are_put_in_buckets_that_keep_the_totals(tmp_path: Path, clustered: bool) -> None:
    count = MOST_CELLS + 904
    given = random.Random(5)  # noqa: S311  the same rows on every run
    tokens = [given.randrange(10**6) for _ in range(count)]
    calls = [CALL | {"task": f"{n:05d}", "input_tokens": used} for n, used in enumerate(tokens)]
    outcomes = [OUTCOME | {"task": f"{n:05d}", "accepted": n % 2} for n in range(count)]
    if clustered:  # two tasks a cluster: too few for buckets
        outcomes = [row | {"cluster": f"customer {n // 2}"} for n, row in enumerate(outcomes)]
    few = [OUTCOME | {"arm": "human", "task": f"{n:05d}"} for n in range(100)]
    with opened(made(tmp_path, PRICE, usage=calls, outcome=outcomes + few)) as ledger:
        cells = dict(ledger.rows("select arm, count(distinct cell) from task_cost group by arm"))
        assert cells["human"] == 100
        assert cells["a"] == count // 2 if clustered else 2000 < cells["a"] <= MOST_CELLS
        rows = ledger.rows(rollups()["work.COST_QUERY"])
        assert sum(row[6] for row in rows) == sum(tokens) * 2_000_000
        assert sum(row[5] for row in rows if row[0] == "u" and row[1] == "a") == count
        rows = ledger.rows(rollups()["work.OUTCOME_QUERY"])
        assert sum(row[5] for row in rows if row[1] == "a") == count // 2


def test_costs_beyond_64_bits_add_up_exactly(tmp_path: Path) -> None:
    more = '[[prices]]\nmodel = "m"\ncurrency = "EUR"\ninput = 900_000_000\noutput = 1\n'
    calls = [CALL | {"input_tokens": 20_000 + n} for n in range(5)]
    exact = sum(900 * 10**12 * (20_000 + n) for n in range(5))
    assert exact > 2**63
    with opened(made(tmp_path, more, usage=calls)) as ledger:
        assert ledger.rows("select pico from task_cost") == [(exact,)]
        assert ledger.rows(rollups()["work.SPEND_QUERY"])[0][4] == exact


@pytest.mark.long
def test_prepared_columns_keep_their_types_in_every_shape(tmp_path: Path) -> None:
    """One trial or several, with a link or without: a rollup sees the same columns."""
    shapes: dict[str, dict[str, list[Row]]] = {
        "one": {"usage": [CALL], "outcome": [OUTCOME]},
        "several": {"usage": [CALL, CALL | {"trial": 2}], "outcome": [OUTCOME]},
        "no calls": {"outcome": [OUTCOME]},
        "no outcomes": {"usage": [CALL]},
        "nothing": {},
    }
    found = set()
    for name, rows in shapes.items():
        for more in (USE_CASE, INHERITS):
            with opened(made(tmp_path / name / str(len(more)), PRICE + more, **rows)) as ledger:
                tables = ("task_cost", "task_outcome", "task_segment", "cost_row", "calendar", "period")
                found.add(str([ledger.rows(f"describe {table}") for table in tables]))
    assert len(found) == 1
