"""The facts page one is built on, by hand from the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import accumulate

from payback.project import Project

Rows = list[dict[str, str]]
MONTHS = [f"2026-{month:02}" for month in range(1, 13)]


def by_month(costs: Rows) -> list[int]:
    return [sum(int(row["amount"]) for row in costs if row["day"].startswith(month)) for month in MONTHS]


def test_thirty_million_in_the_year(rows: Callable[[str], Rows]) -> None:
    costs = rows("own-model/costs.csv")
    assert sum(int(row["amount"]) for row in costs) == 30_000_000 == sum(by_month(costs))


def test_the_limit_is_reached_on_30_april_and_not_before(
    rows: Callable[[str], Rows], example: Callable[[str], Project]
) -> None:
    costs = rows("own-model/costs.csv")
    line = example("own-model").use_cases["own-model"].kill_line
    assert line is not None
    days = sorted({row["day"] for row in costs})
    spent = dict(
        zip(
            days,
            accumulate(sum(int(r["amount"]) for r in costs if r["day"] == day) for day in days),
            strict=True,
        )
    )
    assert min(day for day in days if spent[day] >= line.spend) == "2026-04-30"
    assert spent["2026-04-30"] == line.spend == 8_400_000
    assert line.on == date(2026, 1, 12)
    assert spent["2026-12-31"] - spent["2026-04-30"] == 21_600_000


def test_nothing_was_under_contract_when_the_limit_was_reached(rows: Callable[[str], Rows]) -> None:
    committed = [row for row in rows("own-model/costs.csv") if row["committed_until"]]
    assert min(row["day"] for row in committed) == "2026-05-31"
    assert len(committed) == 8  # May to December
    assert {(row["amount"], row["committed_until"]) for row in committed} == {("350000", "2027-06-30")}


def test_six_months_of_the_lease_fall_due_after_the_year(rows: Callable[[str], Rows]) -> None:
    december = [r for r in rows("own-model/costs.csv") if r["committed_until"] and r["day"] == "2026-12-31"]
    until = date.fromisoformat(december[0]["committed_until"])
    months = (until.year - 2026) * 12 + until.month - 12
    assert months * int(december[0]["amount"]) == 2_100_000


def test_stopping_saves_2_2_million_a_month(rows: Callable[[str], Rows]) -> None:
    costs = rows("own-model/costs.csv")
    last = by_month(costs)[-3:]
    assert last == [2_600_000, 2_550_000, 2_500_000]
    assert sum(last) / 3 - 350_000 == 2_200_000


def test_no_check_was_passed_in_twelve_months(rows: Callable[[str], Rows]) -> None:
    checks = rows("own-model/checks.csv")
    assert len(checks) == 36
    assert len({row["asked_to_accept"] for row in checks}) == 36
    assert {row["accepted"] for row in checks} == {"0"}
    assert all(row["reason"] for row in checks)
    assert [sum(row["decided_at"].startswith(month) for row in checks) for month in MONTHS] == [3] * 12


def test_what_was_promised(example: Callable[[str], Project]) -> None:
    case = example("own-model").use_cases["own-model"]
    assert {claim.evidence: claim.amount for claim in case.claims} == {
        "claimed": 6_800_000,
        "estimated": 3_000_000,
    }
    assert all(claim.by and claim.source for claim in case.claims)
    assert (case.owner, case.decide_by) == ("K. Lang", date(2027, 1, 31))
