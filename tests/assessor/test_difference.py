"""Why figures moved, from files: prices that changed, tasks of unknown cost, two projects."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest

import payback
from payback.assessor.difference import Bridge, Difference, between_periods, between_projects
from payback.measures.economics.price_volume import ACCEPTANCE, BESIDES, CALLS, MIX, NOT_KNOWN, PRICE, TOKENS
from payback.project import Project
from payback.records import Figure, PaybackError, Period
from payback.report import moved
from tests.ledger.built import Row, made
from tests.ledger.mixed import mixed

EXAMPLES = Path(payback.__file__).parent / "examples"
JUNE = Period(date(2026, 6, 1), date(2026, 7, 1))
JULY = Period(date(2026, 7, 1), date(2026, 8, 1))

# A million tokens of m cost 2 in and 10 out in June, half of that in July.
RULES = """
[[prices]]
model = "m"
currency = "EUR"
to = 2026-07-01
input = 2
output = 10

[[prices]]
model = "m"
currency = "EUR"
from = 2026-07-01
input = 1
output = 5

[[prices]]
model = "n"
currency = "EUR"
input = 4
output = 4

[use_cases.u]
unit = "ticket closed"
arm = "bot"
[use_cases.u.today]
arm = "human"
cost = "5"
"""


def month(of: str, accepted: Sequence[int | None], calls: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Usage and outcomes of one month: each task makes these calls."""
    usage: list[Row] = []
    outcomes: list[Row] = []
    for number, taken in enumerate(accepted):
        named = {"use_case": "u", "arm": "bot", "task": f"{of}-{number}"}
        usage += [{**named, "time": f"2026-{of}-10 10:00:00", "model": "m", **call} for call in calls]
        outcomes.append({**named, "decided_at": f"2026-{of}-11 10:00:00", "accepted": taken})
    return usage, outcomes


def project(folder: Path, *months: tuple[list[Row], list[Row]], rules: str = RULES) -> Project:
    usage = [row for each, _ in months for row in each]
    outcome = [row for _, each in months for row in each]
    return made(folder, rules, usage=usage, outcome=outcome)


def call(fresh: int, out: int, **more: object) -> Row:
    return {"input_tokens": fresh, "output_tokens": out, **more}


def bridge(found: Difference, name: str) -> Bridge:
    return next(one for one in found.cases[0].bridges if one.name == name)


def nonzero(one: Bridge) -> dict[str, Fraction]:
    return {name: part for name, part in one.parts.items() if part}


def test_a_price_cut_and_fewer_accepted_by_hand(tmp_path: Path) -> None:
    """A call of 100,000 in and 10,000 out costs 0.30 in June, 0.15 in July; 3 of 4 and 2 of 4 accepted.

    0.30 / 0.75 = 0.40, then 0.15 / 0.50 = 0.30. Price -0.15 x (4/3 + 2) / 2 = -0.25; acceptance
    (2 - 4/3) x (0.30 + 0.15) / 2 = 0.15; together -0.10.
    """
    made_ = project(
        tmp_path,
        month("06", [1, 1, 1, 0], [call(100_000, 10_000)]),
        month("07", [1, 1, 0, 0], [call(100_000, 10_000)]),
    )
    one = bridge(between_periods(made_, JUNE, JULY), "cost_per_accepted")
    assert (one.old, one.new) == (Fraction("0.4"), Fraction("0.3"))
    assert nonzero(one) == {PRICE: Fraction("-0.25"), ACCEPTANCE: Fraction("0.15")}


def test_full_cost_and_spend_by_hand(tmp_path: Path) -> None:
    """The same rows. Full: 0.30 + 0.25 x 5 = 1.55, then 0.15 + 0.5 x 5 = 2.65. Spend: 4 x 0.30, 4 x 0.15."""
    made_ = project(
        tmp_path,
        month("06", [1, 1, 1, 0], [call(100_000, 10_000)]),
        month("07", [1, 1, 0, 0], [call(100_000, 10_000)]),
    )
    found = between_periods(made_, JUNE, JULY)
    full, spend = bridge(found, "full_unit_cost"), bridge(found, "model_spend")
    assert (full.old, full.new) == (Fraction("1.55"), Fraction("2.65"))
    assert nonzero(full) == {PRICE: Fraction("-0.15"), ACCEPTANCE: Fraction("1.25")}
    assert nonzero(spend) == {PRICE: Fraction("-0.60")}


def test_every_factor_at_once_as_all_orders_say(tmp_path: Path) -> None:
    """From two calls of 100,000/10,000 a task to one of 200,000/10,000: every order of change, averaged."""
    made_ = project(
        tmp_path,
        month("06", [1, 1, 1, 0], [call(100_000, 10_000)] * 2),
        month("07", [1, 1, 0, 0], [call(200_000, 10_000)]),
    )
    per_call = {  # (tokens, price): old and new
        (0, 0): Fraction("0.30"), (1, 0): Fraction("0.50"), (0, 1): Fraction("0.15"), (1, 1): Fraction("0.25")
    }  # fmt: skip
    factors = [PRICE, TOKENS, CALLS, ACCEPTANCE]

    def cost(new: set[str]) -> Fraction:
        calls, share = (1 if CALLS in new else 2), (Fraction(2, 4) if ACCEPTANCE in new else Fraction(3, 4))
        return calls * per_call[int(TOKENS in new), int(PRICE in new)] / share

    expected = dict.fromkeys(factors, Fraction(0))
    for order in permutations(factors):
        for place, name in enumerate(order):
            expected[name] += (cost({*order[: place + 1]}) - cost({*order[:place]})) / 24
    assert nonzero(bridge(between_periods(made_, JUNE, JULY), "cost_per_accepted")) == expected


def test_a_model_in_place_of_another_is_mix(tmp_path: Path) -> None:
    """Without m in July its price cut is nobody's: 110,000 tokens of n at 4 cost 0.44 for 0.30."""
    made_ = project(
        tmp_path,
        month("06", [1, 1], [call(100_000, 10_000)]),
        month("07", [1, 1], [call(100_000, 10_000, model="n")]),
    )
    found = between_periods(made_, JUNE, JULY)
    assert nonzero(bridge(found, "cost_per_accepted")) == {MIX: Fraction("0.14")}
    shown = moved.text(found, 88)
    assert "new models: n" in shown
    assert "models no longer called: m" in shown


def test_an_unpriced_model_is_in_no_part(tmp_path: Path) -> None:
    made_ = project(
        tmp_path,
        month("06", [1, 1], [call(100_000, 10_000)]),
        month("07", [1, 1, 1], [call(100_000, 10_000)]),
        month("07", [1], [call(5, 5, model="nobody-prices-this")]),
    )
    found = between_periods(made_, JUNE, JULY, use_cases=["u"])
    assert found.cases[0].unknown_calls == (0, 1)
    one = bridge(found, "cost_per_accepted")
    assert (one.old, one.new) == (Fraction("0.3"), Fraction("0.15"))
    assert nonzero(one) == {PRICE: Fraction("-0.15")}
    assert "calls without a known cost, in none of the parts: 0 before, 1 after" in moved.text(found, 88)


def test_what_people_cost_is_apart_from_calls(tmp_path: Path) -> None:
    review = '[use_cases.u.review]\nminutes = "3"\nwage_per_hour = "20"\n'
    made_ = project(
        tmp_path,
        month("06", [1], [call(100_000, 10_000)]),
        month("07", [1], [call(100_000, 10_000)]),
        rules=RULES + review,
    )
    one = bridge(between_periods(made_, JUNE, JULY), "cost_per_accepted")
    assert (one.old, one.new) == (Fraction("1.3"), Fraction("1.15"))
    assert nonzero(one) == {PRICE: Fraction("-0.15")}
    assert one.parts[BESIDES] == 0


def test_none_accepted_leaves_the_spend(tmp_path: Path) -> None:
    made_ = project(
        tmp_path, month("06", [0, 0], [call(100_000, 10_000)]), month("07", [1, 1], [call(100_000, 10_000)])
    )
    found = between_periods(made_, JUNE, JULY)
    assert [one.name for one in found.cases[0].bridges] == ["full_unit_cost", "model_spend"] or [
        one.name for one in found.cases[0].bridges
    ] == ["model_spend"]
    assert "no outcome was accepted" in dict(found.cases[0].untold)["cost_per_accepted"]
    assert nonzero(bridge(found, "model_spend")) == {PRICE: Fraction("-0.30")}


DEC = Period(date(2025, 12, 20), date(2026, 1, 1))
JAN = Period(date(2026, 1, 1), date(2026, 2, 1))


@pytest.fixture(scope="module")
def much(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return mixed(tmp_path_factory.mktemp("mixed"))


def test_the_same_period_twice_moves_nothing(much: Project) -> None:
    found = between_periods(much, JAN, JAN)
    assert [one.parts for case in found.cases for one in case.bridges if any(one.parts.values())] == []
    assert any(case.bridges for case in found.cases)


@pytest.mark.long
def test_bridges_start_and_end_at_the_figures_and_swap(much: Project) -> None:
    """Repeats, unknown costs, calls of no task, inherited work, two rates: whatever there is, it adds up."""
    there, back = between_periods(much, DEC, JAN), between_periods(much, JAN, DEC)
    seen = 0
    for case, turned in zip(there.cases, back.cases, strict=True):
        figures = {name: (old, new) for name, old, new in case.figures}
        for one, other in zip(case.bridges, turned.bridges, strict=True):
            assert sum(one.parts.values()) == one.new - one.old
            assert dict(other.parts) == {name: -part for name, part in one.parts.items()}
            for figure, value in zip(figures.get(one.name, ()), (one.old, one.new), strict=False):
                assert isinstance(figure, Figure)
                assert abs(Fraction(figure.value) - value) < Fraction(1, 10**12)
                seen += 1
    assert seen >= 2
    tickets = next(case for case in there.cases if case.key == "tickets")
    assert any(one.parts.get(NOT_KNOWN) for one in tickets.bridges)


def test_what_is_shown_adds_up_to_the_change_shown(much: Project) -> None:
    for one in moved.document(between_periods(much, DEC, JAN))["use_cases"]:
        assert one["bridges"]
        for each in one["bridges"]:
            parts = sum((Decimal(part) for part in each["parts"].values()), Decimal(0))
            assert parts == Decimal(each["change"]) == Decimal(each["new"]) - Decimal(each["old"])


def test_the_sentence_and_the_bridge_say_the_same_change(tmp_path: Path) -> None:
    """0.0224934 and 0.0224959 are shown as 0.022493 and 0.022496: 3 apart as shown, 2.5 in full."""
    months = month("06", [1], [call(100_000, 10_000)]), month("07", [1], [call(100_000, 10_000)])
    found = between_periods(project(tmp_path, *months), JUNE, JULY)
    old, new = Fraction("0.0224934"), Fraction("0.0224959")
    one = replace(bridge(found, "cost_per_accepted"), old=old, new=new, parts={PRICE: new - old})
    shown = moved.text(replace(found, cases=(replace(found.cases[0], bridges=(one,)),)), 88)
    assert "costs 0.000003 EUR more (0.000003 more by price per token)" in " ".join(shown.split())
    assert "EUR: 0.022493 -> 0.022496 (+0.000003)" in shown


def test_two_projects(tmp_path: Path) -> None:
    old = project(tmp_path / "old", month("06", [1, 1, 1, 0], [call(100_000, 10_000)]))
    new = project(tmp_path / "new", month("07", [1, 1, 0, 0], [call(100_000, 10_000)]))
    one = bridge(between_projects(old, new), "cost_per_accepted")
    assert nonzero(one) == {PRICE: Fraction("-0.25"), ACCEPTANCE: Fraction("0.15")}


def test_two_currencies_are_not_compared(tmp_path: Path) -> None:
    old = project(tmp_path / "old", month("06", [1], [call(1, 1)]))
    file = tmp_path / "old" / "payback.toml"
    other = tmp_path / "new"
    other.mkdir()
    (other / "payback.toml").write_text(file.read_text().replace('currency = "EUR"', 'currency = "USD"', 1))
    with pytest.raises(PaybackError, match="EUR and USD"):
        between_projects(old, payback.load(other))


def test_an_unknown_use_case_is_refused(tmp_path: Path) -> None:
    made_ = project(tmp_path, month("06", [1], [call(1, 1)]))
    with pytest.raises(PaybackError, match="no use case nonsense") as refused:
        between_periods(made_, JUNE, JULY, use_cases=["nonsense"])
    assert refused.value.fix == "known here: u"


GPT_4 = """
[[prices]]
model = "*gpt-4-0613"
currency = "USD"
input = {fresh}
output = {out}
"""


def test_a_published_price_cut_on_published_runs(tmp_path: Path) -> None:
    """gpt-4-0613 asked once, at its list price of 30 and 60 a million tokens and at 10 and 30, those of gpt-4-turbo:
    the tokens are added up here from the example's own file, and accepted results from the other.
    """
    for name, fresh, out in (("before", 30, 60), ("after", 10, 30)):
        folder = tmp_path / name
        folder.mkdir()
        text = (EXAMPLES / "solve-problems" / "payback.toml").read_text(encoding="utf-8")
        judged = 'arm = "simple_boosting l3_8b-gpt-3.5-turbo-0613-l3_70b-gpt4-0613"\nnotes'
        assert judged in text
        text = text.replace(judged, 'arm = "simple gpt-4-0613"\nnotes')
        (folder / "payback.toml").write_text(text + GPT_4.format(fresh=fresh, out=out), encoding="utf-8")
        for file in ("calls.csv.gz", "outcomes.csv.gz"):
            _copied(file, folder / file)
    found = between_projects(payback.load(tmp_path / "before"), payback.load(tmp_path / "after"))
    one = bridge(found, "cost_per_accepted")
    calls, outcomes = _lines("calls.csv.gz"), _lines("outcomes.csv.gz")
    fresh, out = (sum(int(row[name]) for row in calls) for name in ("input_tokens", "output_tokens"))
    solved = sum(int(row["is_solved"]) for row in outcomes if row["is_solved"])
    assert one.old == Fraction(fresh * 30 + out * 60, 10**6 * solved)
    assert nonzero(one) == {PRICE: Fraction(-(fresh * 20 + out * 30), 10**6 * solved)}


def _copied(name: str, file: Path) -> None:
    """That way's lines of a file of the example."""
    lines = _lines(name)
    with gzip.open(file, "wt", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


@cache
def _lines(name: str) -> list[dict[str, str]]:
    with gzip.open(EXAMPLES / "solve-problems" / name, "rt", encoding="utf-8", newline="") as handle:
        every = csv.DictReader(handle)
        return [row for row in every if (row["strategy"], row["config"]) == ("simple", "gpt-4-0613")]
