"""What is a forecast, what is none, and the lines it is kept in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from payback import forecasts
from payback.foretold import (
    Foretold,
    ahead,
    fault,
    period_text,
    quantity_of,
    unit_of,
)
from payback.project import Project, load
from payback.records import PaybackError, Period

YEAR = Period(date(2027, 1, 1), date(2028, 1, 1))
SAID = Foretold(
    "replies", "value", YEAR, date(2026, 11, 1), "R. Silva", Decimal(200), Decimal(800), currency="EUR"
)
CHANCE = replace(SAID, quantity="paid back", low=None, high=None, currency="", chance=Decimal("0.6"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "payback.toml").write_text('name = "test"\ncurrency = "EUR"\n')
    return load(tmp_path)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (SAID, ""),
        (CHANCE, ""),
        (replace(SAID, made_on=date(2028, 1, 1)), "2027 was over on 31 December 2027, before it was said"),
        (replace(SAID, period=Period(date(2027, 1, 1), date(2027, 1, 1))), "its period has no day"),
        (replace(SAID, low=Decimal(900)), "the low end 900 is above the high end 800"),
        (replace(SAID, low=None, high=None), "no amount"),
        (replace(SAID, high=None), "no amount"),
        (replace(SAID, low=Decimal(-1)), "below 0"),
        (replace(SAID, high=Decimal("1e16")), "too large"),
        (replace(SAID, high=Decimal("NaN")), "too large"),
        (replace(SAID, quantity="net", low=Decimal(-100)), ""),
        (replace(SAID, quantity="acceptance", low=Decimal(0), high=Decimal(85)), "a share is 0 to 1"),
        (replace(SAID, chance=Decimal("0.5")), "an amount: it takes a low and a high end"),
        (replace(CHANCE, chance=None), "it takes a chance"),
        (replace(CHANCE, low=Decimal(1), high=Decimal(1)), "it takes a chance"),
        (replace(CHANCE, chance=Decimal(1)), "nothing can go otherwise"),
        (replace(CHANCE, chance=Decimal(0)), "nothing can go otherwise"),
        (
            replace(
                SAID,
                low=None,
                high=None,
                quantiles=((Decimal("0.5"), Decimal(2)), (Decimal("0.9"), Decimal(1))),
            ),
            "do not rise",
        ),
    ],
)
def test_what_can_never_be_held_against_anything_is_refused(said: Foretold, why: str) -> None:
    assert (why in fault(said)) if why else fault(said) == ""


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("value", "value"),
        ("value_back", "value"),
        ("Cost", "spend"),
        ("money out", "spend"),
        ("spend removed", "spend removed"),
        ("payback month", "paid back"),
        ("gate Within Budget", "gate Within Budget"),
        ("gate ", None),
        ("happiness", None),
        ("", None),
    ],
)
def test_words_for_a_quantity(text: str, quantity: str | None) -> None:
    assert quantity_of(text) == quantity


def test_units() -> None:
    found = [unit_of(each) for each in ("value", "net", "hours freed", "acceptance", "accepted", "gate x")]
    assert found == ["money", "money", "hours", "share", "count", "yes or no"]


@pytest.mark.parametrize("text", ["2027", "2027-Q3", "2027-03", "2027-01-15..2027-04-15"])
def test_a_period_is_written_as_it_is_read(text: str) -> None:
    from payback.days import read_period

    period = read_period(text)
    assert period is not None
    assert period_text(period) == text


def test_quantiles_between_those_said() -> None:
    """Half way between 10 at 0.05 and 20 at 0.5 lies 0.275; nothing is known outside."""
    said = replace(
        SAID,
        low=None,
        high=None,
        quantiles=tuple((Decimal(s), Decimal(v)) for s, v in (("0.05", 10), ("0.5", 20), ("0.95", 60))),
    )
    assert said.quantile(Decimal("0.275")) == 15
    assert said.ends == (Decimal(10), Decimal(60))
    assert replace(said, quantiles=said.quantiles[1:]).ends is None


def test_what_an_assessment_says() -> None:
    """Six digits; never surer than 1 in 1,000; from the day after the last one of the data."""
    first, second = ahead(
        "replies",
        date(2026, 9, 30),
        "EUR",
        paid_back={date(2027, 10, 1): 0.0},
        amounts={("spend", date(2027, 1, 1)): {0.95: 4000.1234567, 0.05: 1000, 0.5: 2000}},
    )
    assert (first.chance, first.period) == (Decimal("0.001"), Period(date(2026, 10, 1), date(2027, 10, 1)))
    assert second.quantiles[-1] == (Decimal("0.95"), Decimal("4000.12"))
    assert second.currency == "EUR"
    assert not fault(first)
    assert not fault(second)


def lines(project: Project) -> list[str]:
    return (project.folder / ".payback" / "record" / forecasts.FILE_NAME).read_text().splitlines()


def test_the_same_is_kept_once_and_comes_back_as_it_was(project: Project) -> None:
    assert forecasts.keep(project, [SAID, CHANCE]) == 2
    assert forecasts.keep(project, [CHANCE, SAID, replace(SAID, low=Decimal("200.00"))]) == 0
    assert list(forecasts.history(project).foretold.values()) == [SAID, CHANCE]
    assert len(lines(project)) == 2


def test_what_is_no_forecast_is_never_kept(project: Project) -> None:
    assert forecasts.keep(project, [replace(SAID, period=Period(date(2027, 1, 1), date(2027, 1, 1)))]) == 0
    assert forecasts.history(project).foretold == {}


def test_a_changed_line_is_told(project: Project) -> None:
    forecasts.keep(project, [SAID, CHANCE])
    file = project.folder / ".payback" / "record" / forecasts.FILE_NAME
    file.write_text(file.read_text().replace('"high": "800"', '"high": "300"'))
    with pytest.raises(PaybackError) as error:
        forecasts.history(project)
    assert error.value.code == "broken-forecast"
    assert error.value.where.endswith("forecasts.jsonl:1")


@pytest.mark.parametrize("line", ["[1, 2]", '{"digest": "0"}', '{"withdraws": "x", "digest": "0"}', "7"])
def test_a_line_that_is_none_is_told(project: Project, line: str) -> None:
    forecasts.keep(project, [SAID])
    file = project.folder / ".payback" / "record" / forecasts.FILE_NAME
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(PaybackError) as error:
        forecasts.history(project)
    assert error.value.where.endswith(":2")


def test_a_line_cut_off_by_a_crash_was_never_kept(project: Project) -> None:
    forecasts.keep(project, [SAID])
    file = project.folder / ".payback" / "record" / forecasts.FILE_NAME
    file.write_text(file.read_text() + file.read_text()[:40])
    assert forecasts.keep(project, [CHANCE]) == 1
    assert list(forecasts.history(project).foretold.values()) == [SAID, CHANCE]


def test_two_runs_at_once_may_write_the_same_line_twice(project: Project) -> None:
    forecasts.keep(project, [SAID])
    file = project.folder / ".payback" / "record" / forecasts.FILE_NAME
    file.write_text(file.read_text() * 2)
    assert len(forecasts.history(project).foretold) == 1


def test_what_is_withdrawn_stays(project: Project) -> None:
    forecasts.keep(project, [SAID])
    key = forecasts.key_of(SAID)
    for _ in range(2):
        forecasts.withdraw(project, forecasts.Withdrawal(key, "wrong year", "R. Silva", date(2026, 12, 1)))
    known = forecasts.history(project)
    assert list(known.foretold) == [key]
    assert known.withdrawn[key].why == "wrong year"
    assert [max(json.loads(each)) for each in lines(project)] == ["via", "withdraws"]


def test_what_was_never_said_cannot_be_withdrawn(project: Project) -> None:
    with pytest.raises(PaybackError) as error:
        forecasts.withdraw(project, forecasts.Withdrawal("00000000", "", "", date(2026, 12, 1)))
    assert error.value.code == "no-forecast"
