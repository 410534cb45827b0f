"""`payback forecast`: shown, scored, added and taken back; what it refuses and in which words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Done, MakeProject, Payback

CLAIM = """
[[use_cases.replies.claims]]
kind = "spend removed"
amount = 500
by = "R. Silva"
on = 2025-12-01
for = "2026-02"
"""


@pytest.fixture
def folder(make_project: MakeProject) -> Path:
    return make_project("scale", more=CLAIM)


def add(payback: Payback, folder: Path, *options: str, on: str = "2026-01-05") -> Done:
    """A forecast of money out in February 2026 by D. Roth, unless said otherwise."""
    given = list(options)
    for name, usual in (("--quantity", "spend"), ("--for", "2026-02"), ("--by", "D. Roth")):
        if name not in given:
            given += [name, usual]
    return payback("forecast", "add", "replies", *given, "--on", on, "--folder", folder)


def test_it_is_shown_and_scored(payback: Payback, folder: Path) -> None:
    """20 EUR were spent in February: within 15 to 25; and 0.2 squared is the Brier score of a 4 in 5 chance."""
    assert "kept as" in add(payback, folder, "--low", "15", "--high", "25").out
    add(payback, folder, "--quantity", "gate some accepted", "--chance", "80%", "--for", "2026-Q1")
    done = payback("forecast", "--folder", folder)
    assert done.code == 0
    assert "15.0 EUR to 25.0 EUR" in done.out
    assert "2 of 3 can be held against what came" in done.out
    assert "not known yet" in done.out
    data = json.loads(payback("forecast", "--folder", folder, "--json").out)
    assert (data["kind"], data["schema_version"], data["currency"]) == ("forecast", 1, "EUR")
    spend = next(each for each in data["forecasts"] if each["quantity"] == "spend")
    assert (spend["came"], spend["within_range"], spend["state"]) == ("20.000000000000", True, "came")
    gate = next(each for each in data["forecasts"] if each["unit"] == "yes or no")
    assert gate["scores"]["brier"] == "0.04"
    claim = next(each for each in data["forecasts"] if each["quantity"] == "spend removed")
    assert (claim["state"], claim["came"], claim["scores"]) == ("not known", None, {})
    assert claim["taken_at"] == {
        "low": None,
        "amount": "220",
        "high": None,
        "default": True,
        "past_cases": 0,
    }
    scored = payback("forecast", "score", "--folder", folder, "--use-case", "replies")
    assert scored.code == 0
    assert "How good they were" in scored.out
    assert "15.0 EUR to 25.0 EUR" not in scored.out


def test_the_same_is_kept_once(payback: Payback, folder: Path) -> None:
    first = add(payback, folder, "--low", "15", "--high", "25", "--json")
    again = add(payback, folder, "--low", "15.0", "--high", "25", "--json")
    one, two = json.loads(first.out), json.loads(again.out)
    assert (one["new"], two["new"], one["key"] == two["key"]) == (True, False, True)


def test_it_can_be_taken_back(payback: Payback, folder: Path) -> None:
    key = json.loads(add(payback, folder, "--low", "15", "--json").out)["key"]
    done = payback("forecast", "withdraw", key, "--by", "D. Roth", "--why", "wrong month", "--folder", folder)
    assert (done.code, done.out) == (0, f"withdrawn: {key}\n")
    shown = payback("forecast", "--folder", folder).out
    assert f"{key}: D. Roth, money out: withdrawn, wrong month" in shown
    done = payback("forecast", "withdraw", "00000000", "--by", "x", "--why", "y", "--folder", folder)
    assert done.code == 2
    assert "no forecast of this project has the key '00000000'" in done.err


@pytest.mark.parametrize(
    ("options", "where", "what"),
    [
        (("--low", "25", "--high", "15"), "--low, --high", "the low end 25 is above the high end 15"),
        (("--low", "1", "--for", "2025-11"), "--for", "over on 30 November 2025, before it was said"),
        (("--low", "1", "--for", "soon"), "--for", "'soon' is no period"),
        (("--low", "1", "--quantity", "joy"), "--quantity", "'joy' is nothing that is counted"),
        (("--low", "1", "--quantity", "gate joy"), "--quantity", "replies has no gate called 'joy'"),
        (("--low", "1", "--currency", "USD"), "--currency", "no rate from USD to EUR"),
        (("--low", "1", "--currency", "dollars"), "--currency", "'dollars' is no currency"),
        (("--low", "1 to 2"), "--low", "'1 to 2' is a range"),
        (("--high", "many"), "--high", "'many' is not a number"),
        ((), "--low, --high", "it says no amount"),
        (("--chance", "0.5"), "--chance", "it takes a low and a high end"),
        (("--quantity", "paid back", "--chance", "maybe"), "--chance", "'maybe' is no chance"),
        (("--quantity", "paid back", "--chance", "100%"), "--chance", "nothing can go otherwise"),
        (("--quantity", "paid back", "--low", "3"), "--chance", "it takes a chance"),
    ],
)
def test_what_is_no_forecast(
    payback: Payback, folder: Path, options: tuple[str, ...], where: str, what: str
) -> None:
    done = add(payback, folder, *options)
    assert done.code == 2
    assert done.err.startswith(f"payback: {where}: ")
    assert what in done.err
    assert not (folder / ".payback" / "record" / "forecasts.jsonl").exists()


def test_an_unknown_use_case_is_told_before_anything_is_read(payback: Payback, folder: Path) -> None:
    for words in (("forecast", "--use-case", "nobody"), ("forecast", "score", "--use-case", "nobody")):
        done = payback(*words, "--folder", folder)
        assert done.code == 2
        assert "no use case is called 'nobody'" in done.err


def test_where_nobody_said_anything(payback: Payback, make_project: MakeProject) -> None:
    done = payback("forecast", "--folder", make_project("scale"))
    assert done.code == 0
    assert "Nobody said what would come" in done.out


def test_it_cannot_be_kept_in_a_folder_that_cannot_be_written(payback: Payback, folder: Path) -> None:
    (folder / ".payback").write_text("no folder")
    done = add(payback, folder, "--low", "15")
    assert done.code == 2
    assert "the forecast cannot be kept" in done.err


def test_a_claim_over_before_it_was_made_is_a_fault_of_the_project_file(
    payback: Payback, make_project: MakeProject
) -> None:
    for about, what in (("2025-11", "`for` is over before `on`"), ("soon", "`for` is 2026, 2026-Q3")):
        project = make_project("scale", name=about, more=CLAIM.replace("2026-02", about))
        done = payback("forecast", "--folder", project)
        assert done.code == 2
        assert what in done.err


@pytest.mark.parametrize("words", [(), ("add",), ("score",), ("withdraw",)])
def test_help_has_an_example(payback: Payback, words: tuple[str, ...]) -> None:
    done = payback("forecast", *words, "--help")
    assert done.code == 0
    assert "payback forecast" in done.out[done.out.index("Example") :]
