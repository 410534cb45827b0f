"""Counts and unit costs of the OpenHands index, by hand from the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest

from payback.project import Project

Rows = list[dict[str, str]]
ATTEMPTS = "fix-issues/attempts.csv.gz"


def test_34_models_on_500_issues_once_each(rows: Callable[[str], Rows]) -> None:
    attempts = rows(ATTEMPTS)
    assert len(attempts) == 17_000
    assert set(Counter(row["model"] for row in attempts).values()) == {500}
    assert len({row["model"] for row in attempts}) == 34
    assert len({(row["model"], row["instance_id"]) for row in attempts}) == 17_000


def test_unknown_costs_are_kept_as_they_are(rows: Callable[[str], Rows]) -> None:
    attempts = rows(ATTEMPTS)
    assert sum(not row["cost_usd"] for row in attempts) == 25
    zeros = Counter(row["model"] for row in attempts if row["cost_usd"] and not Decimal(row["cost_usd"]))
    assert zeros == {"GLM-5": 95, "claude-sonnet-4-6": 21, "Qwen3-Coder-Next": 18}
    assert all(Decimal(row["cost_usd"]) >= 0 for row in attempts if row["cost_usd"])
    assert Counter(row["resolved"] for row in attempts) == {"1": 12_285, "0": 4_706, "": 9}


def test_zero_is_declared_unknown(example: Callable[[str], Project]) -> None:
    usage = next(source for source in example("fix-issues").sources if source.table == "usage")
    assert usage.zero_is_unknown == ("stated_cost",)


# Published means of the same rows: 1.55, 0.89 and 1.93. None of the three has an unknown cost, so
# every way of treating unknown costs gives these.
@pytest.mark.parametrize(
    ("model", "spent", "resolved", "each"),
    [
        ("claude-sonnet-4-5", "575.28", 371, "1.55"),
        ("claude-opus-4-8", "370.89", 419, "0.89"),
        ("GPT-5.5", "754.15", 391, "1.93"),
    ],
)
def test_cost_per_resolved_issue(
    rows: Callable[[str], Rows], model: str, spent: str, resolved: int, each: str
) -> None:
    attempts = [row for row in rows(ATTEMPTS) if row["model"] == model]
    assert all(row["cost_usd"] and Decimal(row["cost_usd"]) for row in attempts)
    cost = sum(Decimal(row["cost_usd"]) for row in attempts)
    assert f"{cost:.2f}" == spent
    assert sum(row["resolved"] == "1" for row in attempts) == resolved
    assert f"{cost / resolved:.2f}" == each


def test_where_costs_are_unknown_the_treatment_moves_the_figure(rows: Callable[[str], Rows]) -> None:
    attempts = [row for row in rows(ATTEMPTS) if row["model"] == "GLM-5"]
    known = [row for row in attempts if row["cost_usd"] and Decimal(row["cost_usd"])]
    cost = sum(Decimal(row["cost_usd"]) for row in known)
    as_if_free = cost / sum(row["resolved"] == "1" for row in attempts)
    known_only = cost / sum(row["resolved"] == "1" for row in known)
    assert (f"{as_if_free:.2f}", f"{known_only:.2f}") == ("1.42", "1.73")


def test_every_model_has_one_moment_of_submission(rows: Callable[[str], Rows]) -> None:
    attempts = rows(ATTEMPTS)
    moments = {(row["model"], row["submitted_at"]) for row in attempts}
    assert len(moments) == 34
    assert min(moment for _, moment in moments).startswith("2026-01-26T")
    assert max(moment for _, moment in moments).startswith("2026-06-12T")
    assert all(moment.endswith("+00:00") for _, moment in moments)


def test_every_issue_has_its_repository(rows: Callable[[str], Rows]) -> None:
    repositories = rows("fix-issues/repositories.csv")
    assert {row["instance_id"] for row in repositories} == {row["instance_id"] for row in rows(ATTEMPTS)}
    assert len(repositories) == 500
    assert all(row["instance_id"].startswith(row["repository"] + "-") for row in repositories)
    counts = Counter(row["repository"] for row in repositories)
    assert len(counts) == 12
    assert counts["django__django"] == 231


def test_todays_way_follows_from_the_publications(example: Callable[[str], Project]) -> None:
    today = example("fix-issues").use_cases["fix-issues"].today
    assert today is not None
    assert today.minutes is not None
    assert today.wage_per_hour is not None
    least = (0 * 194 + 15 * 261 + 60 * 42 + 240 * 3) / 500
    most = (15 * 194 + 60 * 261 + 240 * 42 + 480 * 3) / 500
    assert str(today.minutes) == f"{least:.0f} to {most:.0f}"
    overhead = 45.65 / 32.07
    low, high = (year / 2080 * overhead for year in (79_850, 211_450))
    assert str(today.wage_per_hour) == f"{low:.0f} to {high:.0f}"
    assert "bls.gov" in today.source
    assert today.by
