"""How work is delivered, from rows to figures: only what somebody logs is there."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from payback.assessment import Delivery, Rated
from payback.records import Figure
from tests.assessor.built import Row, assessed, call, figure, of, outcome

FIRST = date(2026, 7, 1)


def day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


def values(rows: tuple[Rated, ...]) -> dict[str, Decimal]:
    return {row.label: figure(row.figure).value for row in rows}


def test_nothing_is_said_of_what_nobody_logs(tmp_path: Path) -> None:
    found = of(assessed(tmp_path, usage=[call("1"), call("2")], outcome=[outcome("1"), outcome("2", 0)]))
    assert found.delivery == Delivery()


def test_reasons_severity_time_errors_and_days(tmp_path: Path) -> None:
    sheet = '\n[use_cases.replies.today]\ncost = 5\n[use_cases.replies.today.service]\nerror_share = "0.01 to 0.03"\n'
    usage: list[Row] = [call(n, on=day(n // 10), seconds=60 + n, error="") for n in range(100)]
    usage += [call(n, on=day(n // 10), seconds=30, error="overloaded") for n in range(10)]
    outcomes: list[Row] = [outcome(n, on=day(n // 10)) for n in range(90)]
    outcomes += [outcome(n, 0, on=day(9), reason="Fabricated", severity="minor") for n in range(90, 97)]
    outcomes += [outcome(97, 0, on=day(9), reason="late", severity="SEVERE"), outcome(98, 0, on=day(9))]
    found = of(assessed(tmp_path, sheet, usage=usage, outcome=outcomes)).delivery
    assert values(found.failures) == {
        "fabricated": Decimal(7) / 99, "late": Decimal(1) / 99, "no reason given": Decimal(1) / 99,
    }  # fmt: skip
    assert values(found.harm) == {"severe failures": Decimal(1) / 99}
    # Tasks 0 to 9 took 30 seconds more: 90 to 99 s; of 60 to 159 the 95th place is 154 s.
    assert values(found.service) == {
        "95 of 100 results take at most": Decimal(154) / 60,
        "calls that failed": Decimal(10) / 110,
        "days it was there": Decimal("0.9"),
    }
    declared = {row.label: row.today for row in found.service}
    assert declared["95 of 100 results take at most"] is None
    errors = declared["calls that failed"]
    assert isinstance(errors, Figure)
    assert errors.value == Decimal("0.02")
    assert (found.service_days[0].calls, found.service_days[0].errors) == (20, 10)
    assert found.service[2].says == "worst day: 1 July 2026, 10 of 20 calls failed"


def test_a_projects_own_words_of_severity(tmp_path: Path) -> None:
    rows = [outcome(n, 0, severity=["Legal", "severe"][n % 2]) for n in range(8)] + [outcome(9)]
    found = of(assessed(tmp_path, 'severe = ["legal"]\n', usage=[call(9)], outcome=rows))
    (severe,) = found.delivery.harm
    assert figure(severe.figure).value == Decimal(4) / 9


def test_users_who_stay_and_users_who_tried_it_once(tmp_path: Path) -> None:
    # 20 users come on day 0: 12 once, 8 on every tenth day to day 90; 2 of them had nothing accepted.
    usage: list[Row] = [call(f"once-{n}", on=day(0), user=f"a{n}") for n in range(12)]
    usage += [call(f"often-{n}-{at}", on=day(at), user=f"b{n}") for n in range(8) for at in range(0, 91, 10)]
    outcomes: list[Row] = [outcome(f"often-{n}-10", on=day(10)) for n in range(6)]
    found = of(assessed(tmp_path, usage=usage, outcome=outcomes)).delivery
    said = values(found.adoption)
    assert said["users who had a result accepted"] == Decimal("0.3")
    assert said["tried once, not used again"] == Decimal("0.6")
    assert said["still there after 28 days (gone: 28 without use)"] == Decimal("0.4")
    assert said["days a user stays, of the first 56"] == Decimal("22.4")  # 0.4 of 56
    assert found.retention is not None
    assert [(each.day, each.share) for each in found.retention.points] == [(0, Decimal("0.4"))]
    assert found.retention.says == ""  # 12 of 20 may be half
    assert found.retention.notes[0].startswith("20 users were there on the first day of the log")


def test_tried_once_is_said_where_the_curve_says_it(tmp_path: Path) -> None:
    usage = [call(n, on=day(0), user=f"a{n}") for n in range(30)] + [call("last", on=day(60), user="z")]
    usage += [call(f"b{n}", on=day(59), user="a1") for n in range(2)]
    found = of(assessed(tmp_path, usage=usage)).delivery
    assert found.retention is not None
    assert found.retention.says == "tried once, not used again: 29 of 30 users"


def test_repeats_that_disagree(tmp_path: Path) -> None:
    rows = [outcome(n, int(n > 2 or trial > 1), trial=trial) for n in range(10) for trial in (1, 2)]
    usage = [call(n, trial=trial) for n in range(10) for trial in (1, 2)]
    said = values(of(assessed(tmp_path, usage=usage, outcome=rows)).delivery.service)
    assert said["tasks whose repeats disagree"] == Decimal("0.3")
    assert said["all of 2 tries accepted"] == Decimal("0.7")
    assert said["at least one of 2 tries accepted"] == 1


def test_a_new_version_of_the_model_is_a_break(tmp_path: Path) -> None:
    price = '\n[[prices]]\nmodel = "m2"\ncurrency = "EUR"\ninput = 2\noutput = 2\n'
    usage = [call(n, on=day(n // 4), model="m" if n < 40 else "m2") for n in range(80)]
    rows = [outcome(n, int(n % 4 > 0 if n < 40 else n % 2), on=day(n // 4)) for n in range(80)]
    (row,) = of(assessed(tmp_path, price, usage=usage, outcome=rows)).delivery.service
    assert row.label == "accepted after 11 July 2026, m2 for m"
    assert figure(row.figure).value == Decimal("-0.25")


def test_costs_missing_more_often_where_results_failed_are_said(tmp_path: Path) -> None:
    usage: list[Row] = [call(n, model="unheard-of" if n < 30 or 100 <= n < 105 else "m") for n in range(200)]
    rows = [outcome(n, int(n >= 100)) for n in range(200)]
    (way,) = of(assessed(tmp_path, usage=usage, outcome=rows)).arms
    assert any(
        note.startswith(
            "costs are missing more often where the result was not accepted: 30 of 100 against 5 of 100"
        )
        for note in way.notes
    )


def test_places_of_three_ways(tmp_path: Path) -> None:
    shares = {"ai": 90, "b": 85, "c": 10}
    rows = [outcome(n, int(n < good), arm=arm) for arm, good in shares.items() for n in range(100)]
    usage = [call(n, arm=arm) for arm in shares for n in range(100)]
    found = of(assessed(tmp_path, usage=usage, outcome=rows)).delivery.places
    assert [(each.arm, each.best, each.worst) for each in found] == [("ai", 1, 2), ("b", 1, 2), ("c", 3, 3)]


def test_a_saving_says_how_many_fewer_it_pays_for(tmp_path: Path) -> None:
    toml = '\n[use_cases.replies.today]\narm = "old"\n'
    usage = [call(n, 250_000) for n in range(100)] + [call(n, 500_000, arm="old") for n in range(100)]
    rows = [outcome(n, int(n != 3), arm=arm) for n in range(100) for arm in ("ai", "old")]
    (compared,) = of(assessed(tmp_path, toml, usage=usage, outcome=rows)).comparisons
    (note,) = figure(compared.acceptance).notes
    # Saves 0.50 a task; as today an accepted one costs 1.00 / 0.99: it pays for 49.5 of 100.
    assert note == (
        "it saves 0.50 EUR a task, which pays for up to 50 of 100 fewer accepted at 1.01 EUR each; "
        "not more than that is lost, 95 % sure"
    )


GATE = '\n[[use_cases.replies.gates]]\nname = "g"\nfigure = "{figure}"\nat_most = {most}\nby = 2026-07-20\n'


def gate(
    folder: Path, figure: str, most: str, last: int, more: tuple[Row, ...] = ()
) -> tuple[str, str, date | None]:
    """Severe failures, each of 4 EUR, on the 3rd, 5th and 9th of July; seen on a day of July."""
    rows: list[Row] = [
        outcome(n, 0, on=day(at), severity="severe", harm_cost=4, harm_currency="EUR")
        for n, at in enumerate((2, 4, 8))
    ]
    rows += [outcome("good", on=day(29)), *more]
    usage = [call(n, on=day(at)) for n, at in ((0, 2), (1, 4), (2, 8), ("good", 20))]
    found = of(
        assessed(
            folder, GATE.format(figure=figure, most=most), "", date(2026, 7, last), usage=usage, outcome=rows
        )
    )
    (result,) = found.gates
    return result.state.value, result.seen, result.on


def test_a_gate_on_severe_failures_fails_on_the_day_it_is_passed(tmp_path: Path) -> None:
    assert gate(tmp_path, "severe_failures", "2", 31) == ("failed", "3 of 2", date(2026, 7, 9))


def test_it_passes_only_when_its_day_has_come(tmp_path: Path) -> None:
    assert gate(tmp_path / "early", "severe_failures", "3", 12) == ("not decided", "3 of 3", None)
    assert gate(tmp_path / "late", "severe_failures", "3", 31) == ("passed", "3 of 3", date(2026, 7, 20))


def test_an_unchecked_result_may_have_been_severe(tmp_path: Path) -> None:
    unchecked = (outcome("later", None, on=day(10)),)
    assert gate(tmp_path, "severe_failures", "3", 31, unchecked)[0] == "not decided"


def test_a_gate_on_the_money_that_harm_cost(tmp_path: Path) -> None:
    assert gate(tmp_path, "harm", "10", 31) == ("failed", "12.0 EUR of 10.0 EUR", date(2026, 7, 9))


def test_where_nobody_tells_of_harm_a_gate_on_it_is_not_decided(tmp_path: Path) -> None:
    toml = GATE.format(figure="severe_failures", most=0)
    (result,) = of(assessed(tmp_path, toml, usage=[call(1)], outcome=[outcome(1)])).gates
    assert (result.state.value, result.seen) == ("not decided", "nobody says what harm was done")
