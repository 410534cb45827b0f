"""payback explain: the lists, one figure with its rows, JSON, and how it ends."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import MakeProject, Payback


def test_without_a_name_it_lists_what_there_is(
    make_project: MakeProject, payback: Payback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(make_project("scale"))
    assert payback("explain").out == (
        "Use cases of scale\n  replies  replies\n  all      the totals of page one\n"
    )
    listed = payback("explain", "replies").out
    assert listed.startswith("Figures of replies\n  money_out ")
    assert any(line.split()[:4] == ["acceptance", "50", "of", "100"] for line in listed.splitlines())


def test_a_figure_down_to_its_rows(
    make_project: MakeProject, payback: Payback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """30 EUR in two rows of costs.csv, row 2 and row 3."""
    monkeypatch.chdir(make_project("scale"))
    done = payback("explain", "replies", "money_out", "--rows", "1")
    assert (done.code, done.err) == (0, "")
    words = " ".join(done.out.split())
    assert "figure 30.0 EUR, in the accounts in full 30.00 EUR" in words
    assert "went in running it: 30.0 EUR, in the accounts" in words
    assert "docs/formulas.md#spend" in words
    assert "costs.csv: 2 rows of cost stand behind it" in words
    assert "row 2 day 2026-01-31, use_case replies, category run, amount 10" in words
    assert "and 1 more" in words


def test_json_has_the_figure_the_formula_and_the_rows(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("scale")
    found = json.loads(payback("explain", "all", "money_out", folder, "--json", "--rows", "2").out)
    assert (found["schema_version"], found["kind"], found["key"]) == (1, "explanation", "money_out")
    assert Decimal(found["figure"]["value"]) == 30
    assert found["formula"]["described_in"] == "docs/formulas.md#spend"
    assert [(file["file"], [row["row"] for row in file["first"]]) for file in found["files"]] == [
        ("costs.csv", [2, 3])
    ]


def test_what_is_not_known_says_why_and_what_would_tell(make_project: MakeProject, payback: Payback) -> None:
    done = payback("explain", "replies", "back", make_project("scale"))
    words = " ".join(done.out.split())
    assert "not known no record of money coming back is listed" in words
    assert "to know it list a source of value in payback.toml" in words


def test_a_wrong_name_is_a_wrong_call(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("scale")
    done = payback("explain", "replies", "aceptance", folder)
    assert (done.code, done.out) == (2, "")
    assert "near it: acceptance" in done.err
    done = payback("explain", "reply", "acceptance", folder)
    assert (done.code, done.out) == (2, "")
    assert "known here: replies, all" in done.err


def test_the_replay_in_plain_words(make_project: MakeProject, payback: Payback) -> None:
    # 10 EUR by 31 January and 1 accepted; 30 EUR by 28 February and 2 of the 3 that were due by 1 February
    folder = make_project("stop")
    words = payback("explain", "replies", "replay", folder).out
    assert words.startswith("replies, month by month, as it was known then.\n")
    january, february = (line for line in words.splitlines() if "accepted;" in line)
    assert january.startswith("31 January 2026: 10.0 EUR spent, 1 accepted; ")
    assert "STOP" not in january
    assert "STOP: The gate “many accepted” failed" in february
    assert "Failed this month: many accepted, within budget." in february
    assert "stopping on that day would have kept 20.0 EUR" in words
    months = json.loads(payback("explain", "replies", "replay", folder, "--json").out)["replayed"]["months"]
    assert [month["verdict"] for month in months] == ["continue", "stop"]


def test_a_use_case_without_rules_has_no_replay(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("none", gates=[("x", "accepted", "at_least = 1")])
    text = (folder / "payback.toml").read_text(encoding="utf-8")
    (folder / "payback.toml").write_text(text[: text.index("[[use_cases.replies.gates]]")], encoding="utf-8")
    assert payback("explain", "replies", "replay", folder).out == (
        "replies has no kill line and no gate, so there is nothing to replay.\n"
    )
