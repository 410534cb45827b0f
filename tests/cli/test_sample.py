"""Draw a sample, fill in the sheet as people do, read it back, and see it in the figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from payback.cli.sample_sheet import REASONS, ReadBack, read_back
from payback.ledger.drawing import Candidate, Stratum
from payback.ledger.samples import Sample

if TYPE_CHECKING:
    from tests.cli.conftest import Payback

TASKS = 120
TOML = """\
name = "post room"
currency = "EUR"

[[sources]]
table = "outcome"
path = "verdicts.csv"
timezone = "UTC"
constants = { use_case = "letters", arm = "gpt-99" }

[[sources]]
table = "outcome"
path = "labels/*.csv"
ignore = ["row", "comment"]

[[sources]]
table = "segment"
path = "kinds.csv"

[use_cases.letters]
unit = "letter answered"
arm = "gpt-99"
segments = ["kind"]

[use_cases.letters.judge]
grader = "rubric-7"
"""


def good(number: int) -> bool:
    """What people would say: the truth of a task."""
    return number % 5 != 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """120 letters; a judge wrong about every seventh; nobody has checked one. Twelve are complaints."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "payback.toml").write_text(TOML)
    with (tmp_path / "verdicts.csv").open("w") as file:
        file.write("task,decided_at,accepted,grader\n")
        for number in range(TASKS):
            verdict = good(number) != (number % 7 == 0)
            file.write(f"letter {number:03d},2026-03-{number % 28 + 1:02d} 10:00,{int(verdict)},rubric-7\n")
    with (tmp_path / "kinds.csv").open("w") as file:
        file.write("use_case,task,name,value\n")
        for number in range(TASKS):
            file.write(
                f"letters,letter {number:03d},kind,{'complaint' if number % 10 == 3 else 'question'}\n"
            )
    return tmp_path


def drawn(folder: Path) -> list[dict[str, Any]]:
    file = folder / ".payback" / "record" / "samples.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def cells(file: Path) -> list[list[Any]]:
    if file.suffix == ".csv":
        return list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    return CalamineWorkbook.from_path(str(file)).get_sheet_by_name("sample").to_python()


def filled(file: Path, answer: Callable[[int, str], object]) -> Path:
    """The sheet with answers by place and task; saved as people save it, under another name."""
    rows = cells(file)
    for place, row in enumerate(rows[1:]):
        said = answer(place, str(row[1]))
        row[2:] = said if isinstance(said, list) else [said, "", ""]
    return saved(file.with_name(f"filled-{file.name}"), rows)


def saved(file: Path, rows: Iterable[Iterable[object]]) -> Path:
    if file.suffix == ".csv":
        with file.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows(rows)
        return file
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet("sample")
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(place, column, value)
    book.close()
    return file


def labels(folder: Path) -> dict[str, dict[str, str]]:
    """By task; of several samples those that have a label."""
    found: dict[str, dict[str, str]] = {}
    for file in (folder / "labels").glob("*.csv"):
        with file.open(encoding="utf-8") as handle:
            lines = {line["task"]: line for line in csv.DictReader(handle)}
        found = lines | {task: line for task, line in found.items() if line["accepted"]}
    return found


def truth(_: int, task: str) -> int:
    return int(good(int(task.split()[1])))


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_sample_there_and_back(payback: Payback, folder: Path, ending: str) -> None:
    sheet = folder / f"checks.{ending}"
    done = payback("sample", "letters", "-n", 40, "--seed", 7, "--csv" if ending == "csv" else "--out", sheet)
    assert done.code == 0, done.err
    assert "40 of 120 tasks of letters drawn" in done.out
    rows = cells(sheet)
    assert rows[0] == ["row", "task", "accepted", "reason", "comment"]
    assert len(rows) == 41
    (kept,) = drawn(folder)
    assert (kept["seed"], kept["strata"]) == (7, [["", 120, 40]])
    assert [row[1] for row in rows[1:]] == [row[0] for row in kept["rows"]]
    done = payback("sample", "--read", filled(sheet, truth))
    assert (done.code, done.err) == (0, "")
    assert "40 checks read; 40 of 40 tasks" in done.out
    assert "[[sources]]" not in done.out  # payback.toml lists the folder already
    read = labels(folder)
    assert len(read) == 40
    for task, line in read.items():
        assert line["accepted"] == str(truth(0, task))
        assert line["label_probability"] == "0.333333"
        assert (line["arm"], line["trial"], line["grader"]) == ("gpt-99", "1", "people")


def test_the_sheet_is_blind(payback: Payback, folder: Path) -> None:
    sheet = folder / "checks.xlsx"
    payback("sample", "letters", "-n", 60, "--seed", 1, "--out", sheet)
    book = CalamineWorkbook.from_path(str(sheet))
    everything = json.dumps([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    assert "gpt" not in everything
    assert "rubric" not in everything
    tasks = [row[1] for row in cells(sheet)[1:]]
    assert tasks != sorted(tasks)
    # What the judge said cannot be told from the order: as often accepted in the first half as in the second.
    verdicts = [good(int(task.split()[1])) != (int(task.split()[1]) % 7 == 0) for task in tasks]
    assert abs(sum(verdicts[:30]) - sum(verdicts[30:])) < 12


def test_the_drop_down_offers_the_reasons(payback: Payback, folder: Path) -> None:
    import zipfile

    payback("sample", "letters", "-n", 5, "--out", folder / "checks.xlsx")
    with zipfile.ZipFile(folder / "checks.xlsx") as parts:
        text = parts.read("xl/worksheets/sheet1.xml").decode()
    assert f'"{",".join(REASONS)}"' in text.replace("&quot;", '"')
    assert '<dataValidation type="list"' in text


def test_a_name_that_tells_who_did_the_work_is_said(payback: Payback, folder: Path) -> None:
    text = (folder / "verdicts.csv").read_text().replace("letter 0", "gpt-99 letter 0")
    (folder / "verdicts.csv").write_text(text)
    done = payback("sample", "letters", "-n", 40, "--out", folder / "checks.xlsx")
    assert done.code == 0
    assert "gpt-99" in done.err


def test_the_same_seed_draws_the_same_and_a_larger_sample_holds_the_smaller(
    payback: Payback, folder: Path
) -> None:
    for name, number in (("one", 30), ("two", 30), ("more", 50)):
        payback("sample", "letters", "-n", number, "--seed", 11, "--csv", folder / f"{name}.csv")
    one, two, more = (
        {row[1] for row in cells(folder / f"{name}.csv")[1:]} for name in ("one", "two", "more")
    )
    assert one == two < more
    assert len(drawn(folder)) == 2  # the second was the first


def test_another_seed_draws_others_and_is_kept(payback: Payback, folder: Path) -> None:
    payback("sample", "letters", "-n", 30, "--csv", folder / "one.csv")
    done = payback("sample", "letters", "-n", 30, "--csv", folder / "two.csv")
    one, two = drawn(folder)
    assert one["seed"] != two["seed"]
    assert {row[0] for row in one["rows"]} != {row[0] for row in two["rows"]}
    assert one["key"] in done.err  # the days were sampled before


def test_more_of_the_same_sample_asks_only_for_the_rest(payback: Payback, folder: Path) -> None:
    payback("sample", "letters", "-n", 30, "--seed", 5, "--csv", folder / "one.csv")
    payback("sample", "--read", filled(folder / "one.csv", truth))
    done = payback("sample", "letters", "-n", 50, "--seed", 5, "--csv", folder / "two.csv")
    assert "30 of them were checked before" in done.out
    assert len(cells(folder / "two.csv")) == 21
    payback("sample", "--read", filled(folder / "two.csv", truth))
    assert sum(bool(line["accepted"]) for line in labels(folder).values()) == 50


def test_every_kind_gives_as_many(payback: Payback, folder: Path) -> None:
    done = payback("sample", "letters", "-n", 20, "--by", "kind", "--csv", folder / "one.csv")
    assert "complaint: 10 of 12" in done.out
    assert "question: 10 of 108" in done.out
    payback("sample", "--read", filled(folder / "one.csv", truth))
    chances = {line["label_probability"] for line in labels(folder).values()}
    assert chances == {"0.833333", "0.092593"}


def test_by_what_the_judge_said(payback: Payback, folder: Path) -> None:
    done = payback("sample", "letters", "-n", 20, "--by", "judge", "--csv", folder / "one.csv")
    assert "accepted: 10 of " in done.out
    assert "rejected: 10 of " in done.out


def hand_made(rows: list[list[str]]) -> ReadBack:
    """What becomes of the rows of a sheet of three tasks, a, b and c, whose keys are k-1 to k-3."""
    sample = Sample(
        *("k", "letters", "gpt-99", datetime(2026, 3, 1, tzinfo=UTC), 1, date(2026, 1, 1), date(2026, 2, 1)),
        by="",
        strata=(Stratum("", 9, 3),),
        rows=(Candidate("a"), Candidate("b"), Candidate("c")),
    )
    head = ["row", "task", "accepted", "reason", "comment"]
    return read_back(sample, list(enumerate([head, *rows], start=1)))


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        *((word, "1") for word in ("yes", "Ja", "ya", "是", "TRUE", " 1 ", "1.0", "✓")),
        *((word, "0") for word in ("no", "Nein", "tidak", "否", "FALSE", "0", "0.0")),
        ("0,5", "0.5"),
    ],
)
def test_words_for_yes_and_no(word: str, kept: str) -> None:
    found = hand_made([["k-1", "a", word, "", ""], ["k-2", "b", "", "", ""]])
    assert found.problems == ()
    assert {key: str(label.accepted) for key, label in found.labels.items()} == {"k-1": kept}


@pytest.mark.parametrize("word", ["perhaps", "2", "-1", "nan", "1 or 0"])
def test_an_unclear_word_is_told_and_the_rest_kept(word: str) -> None:
    found = hand_made([["k-1", "a", word, "late", "see file"], ["k-2", "b", "1", "", ""]])
    assert found.problems == ((2, f"accepted is '{word}': write 1 or 0"),)
    assert [str(label.accepted) for label in found.labels.values()] == ["None", "1"]
    assert (found.labels["k-1"].reason, found.labels["k-1"].comment) == ("late", "see file")


def test_what_is_unclear_is_told_at_its_row_and_leaves_5(payback: Payback, folder: Path) -> None:
    payback("sample", "letters", "-n", 3, "--csv", folder / "one.csv")
    done = payback(
        "sample",
        "--read",
        filled(folder / "one.csv", lambda place, _: [("perhaps", 1, 0)[place], "late", "see file"]),
    )
    assert done.code == 5
    assert "one.csv:2: accepted is 'perhaps': write 1 or 0" in done.err
    lines = list(labels(folder).values())
    assert [line["accepted"] for line in lines] == ["", "1", "0"]
    assert {line["comment"] for line in lines} == {
        "see file"
    }  # a comment is kept even where the answer is unclear
    assert {line["reason"] for line in lines} == {"late"}


def test_a_half_filled_sheet_and_the_other_half_later(payback: Payback, folder: Path) -> None:
    payback("sample", "letters", "-n", 10, "--seed", 3, "--out", folder / "one.xlsx")
    done = payback("sample", "--read", filled(folder / "one.xlsx", lambda place, _: 1 if place < 6 else ""))
    assert "6 checks read; 6 of 10 tasks" in done.out
    done = payback("sample", "--read", filled(folder / "one.xlsx", lambda place, _: 0 if place >= 6 else ""))
    assert "4 checks read; 10 of 10 tasks" in done.out  # the first six are still there
    assert sorted(line["accepted"] for line in labels(folder).values()) == ["0"] * 4 + ["1"] * 6


def test_an_answer_that_changes_is_said(payback: Payback, folder: Path) -> None:
    payback("sample", "letters", "-n", 4, "--csv", folder / "one.csv")
    payback("sample", "--read", filled(folder / "one.csv", lambda *_: 1))
    done = payback("sample", "--read", filled(folder / "one.csv", lambda place, _: 0 if place == 2 else 1))
    (line,) = [line for line in done.out.splitlines() if line.startswith("changed since an earlier sheet")]
    assert line.endswith("-3")
    assert "," not in line


def test_rows_twice_unknown_or_sorted_apart(payback: Payback, folder: Path) -> None:
    payback("sample", "letters", "-n", 6, "--seed", 2, "--csv", folder / "one.csv")
    rows = [[*row[:2], "1", "", ""] for row in cells(folder / "one.csv")[1:]]
    rows.append([*rows[0][:2], "1", "", ""])  # twice the same: one check
    rows.append([*rows[1][:2], "0", "", ""])  # twice, and not the same: none
    rows.append(["ffffff-9", "letter 999", "1", "", ""])  # nobody drew it
    rows[2][1], rows[3][1] = rows[3][1], rows[2][1]  # the column task was sorted by itself
    done = payback(
        "sample", "--read", saved(folder / "back.csv", [list(cells(folder / "one.csv")[0]), *rows])
    )
    assert done.code == 5
    assert "back.csv:9: row" in done.err
    assert "more than once with different answers: rows 3, 9" in done.err
    assert "back.csv:10: row 'ffffff-9' is not in this sample" in done.err
    assert done.err.count("another task") == 2
    assert [bool(line["accepted"]) for line in labels(folder).values()] == [
        True,
        False,
        False,
        False,
        True,
        True,
    ]


def test_columns_may_move_and_spreadsheets_may_mangle_names(payback: Payback, folder: Path) -> None:
    text = (folder / "verdicts.csv").read_text().replace("letter ", "")
    (folder / "verdicts.csv").write_text(text)  # tasks are 000, 001 ...: a spreadsheet makes them numbers
    payback("sample", "letters", "-n", 5, "--csv", folder / "one.csv")
    rows = cells(folder / "one.csv")
    moved = [["note of mine", "Accepted", "task", "row"]]
    moved += [["", "1", str(int(row[1])), row[0]] for row in rows[1:]]
    text = "\n".join(";".join(row) for row in moved)  # and semicolons, as many countries save
    (folder / "back.csv").write_text(text + "\n", encoding="utf-8-sig")
    done = payback("sample", "--read", folder / "back.csv")
    assert (done.code, done.err) == (0, "")
    assert "5 checks read" in done.out


def test_a_task_named_like_a_formula_is_no_formula(payback: Payback, folder: Path) -> None:
    text = (folder / "verdicts.csv").read_text().replace("letter ", "=1+")
    (folder / "verdicts.csv").write_text(text)
    for name in ("one.csv", "one.xlsx"):
        payback("sample", "letters", "-n", 3, "--seed", 1, "--out", folder / name)
        shown = str(cells(folder / name)[1][1])
        assert shown.lstrip("'").startswith("=1+")
        assert shown.startswith("'") == name.endswith("csv")
    assert payback("sample", "--read", filled(folder / "one.csv", lambda *_: 1)).code == 0


def test_a_sheet_is_never_overwritten(payback: Payback, folder: Path) -> None:
    payback("sample", "letters", "-n", 3, "--csv", folder / "one.csv")
    before = (folder / "one.csv").read_bytes()
    done = payback("sample", "letters", "-n", 3, "--csv", folder / "one.csv")
    assert done.code == 2
    assert "may hold what people entered" in done.err
    assert (folder / "one.csv").read_bytes() == before
    assert len(drawn(folder)) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sample", "leters"), "did you mean letters?"),
        (("sample",), "there are: letters"),
        (("sample", "letters", "--by", "colour"), "there are: kind, judge"),
        (("sample", "letters", "--arm", "nobody"), "has no task of nobody"),
        (("sample", "--read", "nowhere.xlsx"), "no such file"),
        (("sample", "--read", "kinds.csv"), "no row has the headings"),
    ],
)
def test_what_is_wrong_is_said(payback: Payback, folder: Path, words: tuple[str, ...], says: str) -> None:
    done = payback(*words)
    assert done.code == 2
    assert says in done.err


def test_a_sheet_of_another_project_is_not_read(payback: Payback, folder: Path) -> None:
    payback("sample", "letters", "-n", 3, "--csv", folder / "one.csv")
    (folder / ".payback" / "record" / "samples.jsonl").unlink()
    done = payback("sample", "--read", folder / "one.csv")
    assert done.code == 2
    assert "none of its rows belongs to a sample" in done.err


def test_a_draw_that_was_changed_is_refused(payback: Payback, folder: Path) -> None:
    payback("sample", "letters", "-n", 3, "--csv", folder / "one.csv")
    file = folder / ".payback" / "record" / "samples.jsonl"
    file.write_text(file.read_text().replace('"seed": ', '"seed": 1'))
    done = payback("sample", "--read", folder / "one.csv")
    assert done.code == 2
    assert "samples.jsonl:1: the line does not match its hash" in done.err


def test_without_the_extra_the_sheet_is_a_csv(
    payback: Payback, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    done = payback("sample", "letters", "-n", 3)
    assert done.code == 2
    assert "pip install 'payback[xlsx]'" in done.err
    assert payback("sample", "letters", "-n", 3, "--csv", folder / "one.csv").code == 0
    assert payback("sample", "--read", folder / "one.csv").code == 0


def test_how_many_more_checks_a_narrower_range_takes(payback: Payback, folder: Path) -> None:
    done = payback("sample", "letters", "--width", 20)
    assert done.code == 0
    assert "nobody has checked how often it is right" in done.out
    payback("sample", "letters", "-n", 40, "--seed", 4, "--csv", folder / "one.csv")
    payback("sample", "--read", filled(folder / "one.csv", truth))
    asked = [payback("sample", "letters", "--width", width).out for width in (90, 20, 1)]
    assert "no more checks are needed" in asked[0]
    assert "more checks make the range 20 points wide" in asked[1]
    assert "not even a check of all 120 tasks" in asked[2]
    assert len(drawn(folder)) == 1
