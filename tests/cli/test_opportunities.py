"""payback opportunities: the guide, files as people have them, how it ends."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from payback.cli.opportunities import command

if TYPE_CHECKING:
    from tests.cli.conftest import Payback

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "opportunities.md"
SMALL = "work,segment,volume a month,minutes,wage (EUR)\ntickets,EU,1000,6,30\ntickets,US,500,6,30\nforms,,100,3,20\n"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """36,000 + 18,000 + 1,200 a year."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "work.csv").write_text(SMALL)
    return tmp_path


def test_the_guide_comes_out_as_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, payback: Payback
) -> None:
    monkeypatch.chdir(tmp_path)
    text = GUIDE.read_text(encoding="utf-8")
    table, shown, end = re.findall(r"^```(?:csv)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    Path("work.csv").write_text(table)
    done = payback(
        "opportunities", "work.csv", "--unit-price", "0.20 to 0.60", "--review-minutes", 1, "--build", 20000
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(shown)
    assert done.out.endswith(end)


def test_options_in_the_guide_exist() -> None:
    known = {option for each in command.params if isinstance(each, click.Option) for option in each.opts}
    assert set(re.findall(r"--[a-z][a-z-]+", GUIDE.read_text(encoding="utf-8"))) <= known


def test_it_says_at_most(small: Path, payback: Payback) -> None:
    done = payback("opportunities", small / "work.csv", "--unit-price", 1)
    assert "55,200 EUR a year goes into 3 kinds of work. AI can save at most 36,000 EUR of it." in done.out
    assert "It can pay in 2 of 3 kinds." in done.out
    assert "cannot pay" in done.out  # forms: 1.00 a unit, at 1.00 nothing is gained
    assert "no promise" in done.out


def test_json(small: Path, payback: Payback) -> None:
    done = payback("opportunities", small / "work.csv", "--unit-price", 1, "--build", 12000, "--json")
    found = json.loads(done.out)
    assert (found["kind"], found["currency"], found["rows"]) == ("opportunities", "EUR", 3)
    first = found["work"][0]
    assert (first["work"], first["segment"], first["places"]) == ("tickets", "EU", [1, 1])
    assert first["money_a_year"] == {"value": 36000.0, "low": 36000.0, "high": 36000.0}
    assert first["worth_at_most"]["value"] == 24000.0
    assert first["least_units_a_month"]["value"] == 500.0  # 12,000 / (12 x 2.00)
    assert first["least_accepted"]["value"] == pytest.approx(1 / 3)
    assert first["from"].endswith("work.csv:2")
    assert {each["segment"]: each["worth_at_most"]["value"] for each in found["segments"]} == {
        "EU": 24000.0,
        "US": 12000.0,
        None: 0.0,
    }


def test_csv_is_no_formula(small: Path, payback: Payback) -> None:
    (small / "work.csv").write_text(SMALL + "=1+1,,1,1,1\n")
    done = payback("opportunities", small / "work.csv", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["work"] for row in rows] == ["tickets", "tickets", "forms", "'=1+1"]
    assert [row["money_a_year"] for row in rows] == ["36000", "18000", "1200", "0.2"]


def test_a_workbook_with_a_title_and_two_sheets(small: Path, payback: Payback) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(str(small / "work.xlsx"))
    first, second, third = (book.add_worksheet(name) for name in ("A", "B", "Notes"))
    first.write(0, 0, "Work in 2026")
    for at, row in enumerate([["work", "volume a month", "minutes", "wage"], ["tickets", 1000, 6, 30]]):
        first.write_row(at + 2, 0, row)
    for at, row in enumerate([["work", "volume a month", "minutes", "wage"], ["forms", 100, "2 to 4", 20]]):
        second.write_row(at, 0, row)
    third.write_row(0, 0, ["by", "me"])
    book.close()
    found = json.loads(payback("opportunities", small / "work.xlsx", "--json").out)
    assert [(each["work"], each["from"].rpartition("/")[2]) for each in found["work"]] == [
        ("tickets", "work.xlsx, A:4"),
        ("forms", "work.xlsx, B:2"),
    ]
    assert found["work"][0]["money_a_year"]["value"] == 36000.0
    assert any("Notes is no table of work" in note for note in found["notes"])


@pytest.mark.parametrize(
    "content",
    [
        SMALL.replace(",", ";").encode(),
        SMALL.replace(",", "\t").encode(),
        SMALL.encode("utf-8-sig"),
        SMALL.encode("utf-16"),
        ("sep=;\n" + SMALL.replace(",", ";")).encode(),
        SMALL.replace("\n", "\r\n").encode(),
    ],
    ids=["semicolons", "tabs", "mark", "utf-16", "sep", "dos"],
)
def test_csv_in_any_dress(small: Path, payback: Payback, content: bytes) -> None:
    (small / "work.csv").write_bytes(content)
    found = json.loads(payback("opportunities", small / "work.csv", "--json").out)
    assert found["at_most"]["money_a_year"]["value"] == 55200.0


def test_a_file_named_twice_counts_once(small: Path, payback: Payback) -> None:
    found = json.loads(payback("opportunities", "work.csv", small / "work.csv", "--json").out)
    assert (found["rows"], found["at_most"]["money_a_year"]["value"]) == (3, 55200.0)


def test_a_copy_is_not_counted_again(small: Path, payback: Payback) -> None:
    (small / "copy.csv").write_text(SMALL)
    done = payback("opportunities", "work.csv", "copy.csv")
    assert "3 rows that are there again, counted once" in done.out
    assert "55,200 EUR a year" in done.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.csv",), "no such file"),
        (("work.pdf",), "payback reads CSV and xlsx here, not .pdf"),
        ((".",), "this is a folder"),
        (("bad.csv",), "is not UTF-8"),
        (("book.csv",), "the file holds a spreadsheet, not text"),
        (("book.xlsx",), "cannot be read as a sheet"),
        (("empty.csv",), "no column gives work"),
        (("work.csv", "--map", "minutes"), "does not say which column is what"),
        (("work.csv", "--map", "minutes=Handling"), "which the file does not have"),
        (("work.csv", "--unit-price", "-1"), "is below 0"),
        (("work.csv", "--unit-price", "cheap"), "is not a number"),
        (("work.csv", "--unit-price", "0.6 to 0.2"), "runs backwards"),
        (("work.csv", "--build", "0 to 5"), "is not above 0"),
        (("work.csv", "--wage", "0"), "is not above 0"),
        (("work.csv", "--accepted", "80"), "is no share"),
        (("work.csv", "--accepted", "0"), "is no share"),
        (("work.csv", "--months", "0"), "--months"),
        (("work.csv", "--json", "--csv"), "cannot both"),
        ((), "TABLE"),
    ],
)
def test_bad_input(small: Path, payback: Payback, arguments: tuple[str, ...], says: str) -> None:
    (small / "work.pdf").write_bytes(b"%PDF")
    (small / "bad.csv").write_bytes(b"work,\xff\n")
    (small / "book.csv").write_bytes(b"PK\x03\x04")
    (small / "book.xlsx").write_bytes(b"PK\x03\x04")
    (small / "empty.csv").write_bytes(b"")
    done = payback("opportunities", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert "fault in payback" not in done.err


def test_no_row_that_counts_ends_with_5(small: Path, payback: Payback) -> None:
    (small / "work.csv").write_text("work,volume,minutes,wage\ntickets,,6,30\n")
    done = payback("opportunities", "work.csv")
    assert (done.code, done.out) == (5, "")
    assert "no row says what work costs today" in done.err
    assert "work.csv:2: no volume" in done.err
