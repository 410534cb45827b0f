"""payback gate: rules written with day and hash, and compared with those of today."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from payback import load, seals

if TYPE_CHECKING:
    from tests.cli.conftest import MakeProject, Payback

SEALS = "payback.seals.jsonl"


def _edit(folder: Path, old: str, new: str, name: str = "payback.toml") -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def test_a_seal_is_written_and_named(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("fix")
    done = payback("gate", "seal", folder, "--on", "2026-02-01")
    (line,) = (folder / SEALS).read_text().splitlines()
    sealed = json.loads(line)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"replies: sealed on 2026-02-01, {sealed['digest'][:12]}",
        "  3 gates",
        "  there are data until 2026-02-28: for those, these rules came afterwards",
        f"written: {folder / SEALS}; commit it",
    ]
    assert sealed["data_until"] == "2026-02-28"
    assert len(sealed["rules"]["gates"]) == 3


def test_without_data_the_seal_says_none(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("fix")
    for file in ("costs.csv", "checks.csv"):
        (folder / file).unlink()
    done = payback("gate", "seal", folder)
    assert (done.code, done.err) == (0, "")
    assert "there are data" not in done.out
    (seal,) = seals.history(load(folder))
    assert seal.data_until is None


def test_data_that_cannot_be_read_do_not_stop_a_seal(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("fix")
    _edit(folder, "day,category,amount", "when,category,amount", "costs.csv")
    done = payback("gate", "seal", folder)
    assert done.code == 0
    assert "cannot be read" in done.err
    assert seals.history(load(folder))[0].data_until is None


def test_sealing_again_writes_only_what_changed(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("fix")
    payback("gate", "seal", folder, "--on", "2026-02-01")
    before = (folder / SEALS).read_text()
    assert "nothing changed since the last seal" in payback("gate", "seal", folder).out
    assert (folder / SEALS).read_text() == before
    _edit(folder, "at_most = 25", "at_most = 35")
    payback("gate", "seal", folder, "--on", "2026-02-02")
    after = (folder / SEALS).read_text()
    assert after.startswith(before)
    assert [seal.on for seal in seals.history(load(folder))] == [date(2026, 2, 1), date(2026, 2, 2)]


@pytest.mark.parametrize("day", ["2026-01-31", "9999-01-01"])
def test_a_seal_comes_after_the_last_and_not_from_the_future(
    day: str, make_project: MakeProject, payback: Payback
) -> None:
    folder = make_project("fix")
    payback("gate", "seal", folder, "--on", "2026-02-01")
    _edit(folder, "at_most = 25", "at_most = 35")
    done = payback("gate", "seal", folder, "--on", day)
    assert (done.code, done.out) == (2, "")
    assert day in done.err
    assert len((folder / SEALS).read_text().splitlines()) == 1


def test_a_seal_without_a_rule_says_so(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("scale")
    text = (folder / "payback.toml").read_text()
    (folder / "payback.toml").write_text(text.partition("\n[[use_cases.replies.gates]]")[0])
    assert "nothing in it can fail" in payback("gate", "seal", folder).out


def test_show_says_what_is_unchanged_changed_new_and_gone(
    make_project: MakeProject, payback: Payback
) -> None:
    folder = make_project("stop", more="budget = 40\n")
    assert payback("gate", "show", folder).out == "replies: never sealed; `payback gate seal` does it\n"
    payback("gate", "seal", folder, "--on", "2026-02-01")
    assert {line.split(":")[0] for line in _shown(payback, folder)} == {"unchanged"}
    _edit(folder, "hard = true", "")
    _edit(folder, "at_most = 25", "at_most = 35")
    _edit(folder, "more accepted", "even more accepted")
    _edit(folder, "budget = 40", "budget = 50")
    assert sorted(_shown(payback, folder)) == [
        "changed since: budget: 40 is now 50",
        "changed since: many accepted: hard was yes, is no",
        "changed since: within budget: at_most was 25, is 35",
        "never sealed: even more accepted",
        "removed since: more accepted",
        "unchanged: some accepted",
    ]


def _shown(payback: Payback, folder: Path) -> list[str]:
    done = payback("gate", "show", folder)
    assert (done.code, done.err) == (0, "")
    head, *lines = done.out.splitlines()
    assert head.startswith("replies: sealed on 2026-02-01, ")
    assert head.endswith(", with data until 2026-02-28")
    return [line.strip() for line in lines]


def test_a_use_case_that_is_gone_is_told(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("scale")
    payback("gate", "seal", folder, "--on", "2026-02-01")
    _edit(folder, "replies", "answers")
    assert "replies: sealed on 2026-02-01, no longer in payback.toml" in payback("gate", "show", folder).out


@pytest.mark.parametrize("call", [("gate", "show"), ("gate", "seal"), ("check",), ("assess",)], ids=" ".join)
def test_a_seal_changed_by_hand_is_refused(
    call: tuple[str, ...], make_project: MakeProject, payback: Payback
) -> None:
    folder = make_project("fix")
    payback("gate", "seal", folder, "--on", "2026-02-01")
    _edit(folder, '"at_most": "25"', '"at_most": "99"', SEALS)
    done = payback(*call, folder)
    assert (done.code, done.out) == (2, "")
    assert f"{SEALS}:1" in done.err


def test_the_days_of_data_of_a_seal_cannot_be_edited(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("fix")
    payback("gate", "seal", folder, "--on", "2026-02-01")
    _edit(folder, '"2026-02-28"', "null", SEALS)
    done = payback("gate", "show", folder)
    assert done.code == 2
    assert "does not match its hash" in done.err


def test_check_says_which_gate_changed_after_its_seal(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("fix")
    payback("gate", "seal", folder, "--on", "2026-02-01")
    assert "changed after it was sealed" not in payback("check", folder).out
    _edit(folder, "at_most = 25", "at_most = 28")
    lines = [line for line in payback("check", folder).out.splitlines() if "changed after" in line]
    assert len(lines) == 1
    assert "within budget" in lines[0]


def test_check_says_which_other_rule_changed_after_its_seal(
    make_project: MakeProject, payback: Payback
) -> None:
    folder = make_project("scale", more="budget = 40\nkill_line = { spend = 90 }\n")
    payback("gate", "seal", folder, "--on", "2026-02-01")
    assert "Not as sealed" not in payback("check", folder).out
    _edit(folder, "spend = 90", "spend = 95")
    assert "Not as sealed on 1 February 2026: the kill line." in payback("check", folder).out
    done = payback("check", folder, "--summary", "-", "--junit", folder / "out.xml")
    assert "Not as sealed on 1 February 2026: the kill line." in done.out
    assert "Not as sealed" in (folder / "out.xml").read_text()
    (case,) = json.loads(payback("check", folder, "--json").out)["use_cases"]
    assert len(case["not_as_sealed"]) == 1


def test_a_gate_removed_after_its_seal_still_shows(make_project: MakeProject, payback: Payback) -> None:
    folder = make_project("fix")
    payback("gate", "seal", folder, "--on", "2026-02-01")
    text = (folder / "payback.toml").read_text()
    start = text.index('\n[[use_cases.replies.gates]]\nname = "within budget"')
    end = text.index("\n[[use_cases.replies.gates]]", start + 1)
    (folder / "payback.toml").write_text(text[:start] + text[end:])
    done = payback("check", folder)
    assert done.code == 4
    assert "within budget: removed after it was sealed" in done.out


@pytest.mark.parametrize("name", ["seal", "show"])
def test_each_has_help_with_an_example(name: str, payback: Payback) -> None:
    done = payback("gate", name, "--help")
    assert done.code == 0
    assert f"payback gate {name}" in done.out.partition("Example")[2]


PLANNED = """
name = "planned"
currency = "EUR"
[use_cases.replies]
unit = "ticket closed"
[use_cases.replies.today]
cost = "5 to 6"
[[use_cases.replies.gates]]
name = "9 of 10 right"
figure = "acceptance"
at_least = 0.9
[[use_cases.replies.gates]]
name = "cheaper than today"
figure = "full_unit_cost"
below_today = true
cap = 5
[[use_cases.replies.gates]]
name = "without a cap"
figure = "cost_per_accepted"
at_most = 2
"""


@pytest.mark.long
def test_a_plan_says_how_many_tasks_and_how_much_money(tmp_path: Path, payback: Payback) -> None:
    (tmp_path / "payback.toml").write_text(PLANNED, encoding="utf-8")
    done = payback("gate", "plan", tmp_path, "--share", "0.98", "--task-cost", "1.20", "--json")
    assert done.code == 0
    found = json.loads(done.out)
    share, money, no_cap = found["gates"]
    assert [need["truth"] for need in share["needs"]] == [0.925, 0.95, 0.975, 0.98]
    halves = [need["half"] for need in share["needs"]]
    assert halves == sorted(halves, reverse=True)
    assert (money["threshold"], no_cap["needs"]) == (5.0, [])
    assert "cap" in no_cap["why_not"]
    shown = payback("gate", "plan", tmp_path, "--share", "0.98", "--task-cost", "1.20").out
    assert "replies: 9 of 10 right" in shown
    assert f"{halves[-1]} tasks" in shown


def test_a_plan_without_data_asks_for_what_it_needs(tmp_path: Path, payback: Payback) -> None:
    (tmp_path / "payback.toml").write_text(PLANNED, encoding="utf-8")
    assert "give the share that will be accepted: --share" in payback("gate", "plan", tmp_path).out


def test_a_plan_starts_from_what_is_seen(make_project: MakeProject, payback: Payback) -> None:
    done = payback("gate", "plan", make_project("fix"))
    assert (done.code, done.out) == (0, "no gate on a share or a unit cost: counts need no plan\n")
