"""No row of a CSV file is lost without a word, however damaged, and a good one is what Python's csv reads."""

from __future__ import annotations

import csv
import gzip
import io
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payback.project import Source
from payback.records import PaybackError
from payback.sources import delimited, text
from tests.sources.reading import connected, read_file

quick = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SEGMENT = {"table": "segment"}
NAMES = ("task", "name", "value")
TIME = "2026-03-02T09:00:00Z"


def nothing(cell: str) -> bool:
    return cell.strip() in {"", "NULL", "null", "\\N"}


LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
CELLS = st.text(LETTERS, max_size=12) | st.sampled_from(
    ['a "b" c', "a,b", "two\nlines", "two\r\nlines", "é", " x ", ""]
)


@pytest.mark.long
@quick
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=30),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_a_well_formed_file_is_what_csv_reads(
    tmp_path: Path, rows: list[tuple[str, ...]], end: str, delimiter: str, blank_lines: bool, quoting: Any
) -> None:
    as_csv_reads(tmp_path, rows, end, delimiter, blank_lines, quoting)


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "rows",
    [
        [("", "", ""), ("", "\n", "\r"), ("0", "0", "0")],
        [("", "", ""), ("", "\r", "\n"), ("0", "0", "0")],
        [("", "", ""), ("", "\r", "")],
        [("", "", ""), ("", "\n", "")],
        [("a", "b\rc", "two\nlines"), ("0", "0", "0")],
        [("a", "b\nc", "two\rlines"), ("0", "0", "0")],
        [("a", "\r", "d"), ("\r", "\r", "\r"), ("\n", "\n", "\n"), ("0", "0", "0")],
    ],
)
def test_a_bare_line_end_in_a_cell_cuts_its_row_as_csv_cuts_it(
    tmp_path: Path, rows: list[tuple[str, ...]], end: str, delimiter: str
) -> None:
    as_csv_reads(tmp_path, rows, end, delimiter, blank_lines=False, quoting=csv.QUOTE_MINIMAL)


def as_csv_reads(
    tmp_path: Path, rows: list[tuple[str, ...]], end: str, delimiter: str, blank_lines: bool, quoting: Any
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(NAMES)
    for row in rows:
        writer.writerow(row)
        if blank_lines:
            out.write(end)
    file = tmp_path / "segments.csv"
    file.write_bytes(out.getvalue().encode())

    reference = list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=delimiter))
    numbered = [(number, row) for number, row in enumerate(reference, 1) if number > 1 and row and any(row)]
    result = read_file({**SEGMENT, "delimiter": delimiter}, file)
    fits = [(number, row) for number, row in numbered if len(row) == 3]  # a bare \r in a cell ends its row
    good = {number: [cell.strip() for cell in row] for number, row in fits if not any(map(nothing, row))}
    assert {row["source_row"]: [row[name] for name in NAMES] for row in result.rows} == good
    assert result.batch.rows_read + result.batch.rows_left_out == len(numbered)


DAMAGE = ("short", "long", "quote", "late quote", "nul", "bytes", "blank", "separators", "half")


@pytest.mark.long
@quick
@given(st.lists(st.sampled_from(("good",) * 9 + DAMAGE), max_size=60), st.randoms(), st.booleans())
def test_damage_costs_its_own_row_only(
    tmp_path: Path, kinds: list[str], chance: random.Random, quoted: bool
) -> None:
    """Every good row arrives with its number; every bad one is counted."""
    lines, good, bad = [b"task,name,value"], {}, 0
    for number, kind in enumerate(kinds, 2):
        cells = [f"t{number}", "kind", f"v{chance.randrange(10**6)}"]
        whole = ",".join(f'"{cell}"' if quoted else cell for cell in cells).encode()
        damaged = {
            "good": whole,
            "short": whole.rpartition(b",")[0],
            "long": whole + b",more",
            "quote": b'"' + whole.replace(b'"', b""),
            "late quote": b"t,n," + b'"' + whole.replace(b'"', b""),
            "nul": whole.replace(b"v", b"\0"),
            "bytes": whole.replace(b"v", b"\xff"),
            "blank": b"",
            "separators": b",,",
            "half": whole[:3],
        }[kind]
        lines.append(damaged)
        if kind == "good":
            good[number] = cells
        elif kind not in {"blank", "separators"}:
            bad += 1
    file = tmp_path / "segments.csv"
    file.write_bytes(b"\n".join(lines) + b"\n")
    result = read_file(SEGMENT, file)
    assert {row["source_row"]: [row[name] for name in NAMES] for row in result.rows} == good
    assert result.batch.rows_left_out == bad
    assert sum(problem.rows for problem in result.batch.problems if problem.left_out) == bad


def test_a_clean_file_and_the_same_file_with_a_quote_in_it_are_read_alike(tmp_path: Path) -> None:
    """The engine reads the first where it is, Python the second."""
    rows = [f"t{at},kind,v{at * 7919 % 1000}" for at in range(50_000)]
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text("\n".join(["task,name,value", *rows]), encoding="utf-8")
    other.write_text(
        "\n".join(["task,name,value", *rows[:-1], '"t49999",kind,v' + str(49_999 * 7919 % 1000)]),
        encoding="utf-8",
    )
    source = Source.model_validate({"path": "plain.csv", **SEGMENT})
    opened = text.opened(plain, "plain.csv", source)
    form = delimited.layout(opened, source, NAMES)
    assert form is not None
    assert delimited.clean(opened, form) is not None
    assert delimited.clean(text.opened(other, "other.csv", source), form) is None
    assert read_file(SEGMENT, plain).rows == read_file(SEGMENT, other).rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1"])
@pytest.mark.parametrize("zipped", [False, True])
def test_encodings(encoding: str, zipped: bool, tmp_path: Path) -> None:
    file = tmp_path / "segments.csv"
    data = 'task,name,value\nt1,größe,klein\nt2,größe,"sehr groß"\n'.encode(encoding)
    file.write_bytes(gzip.compress(data) if zipped else data)
    given_ = {} if encoding.startswith("utf") else {"encoding": encoding}
    result = read_file({**SEGMENT, **given_}, file)
    assert [(row["name"], row["value"]) for row in result.rows] == [
        ("größe", "klein"),
        ("größe", "sehr groß"),
    ]
    assert not result.batch.problems


def test_chinese_in_gb18030(tmp_path: Path) -> None:
    file = tmp_path / "segments.csv"
    file.write_bytes("task,name,value\nt1,部门,财务\n".encode("gb18030"))
    assert read_file({**SEGMENT, "encoding": "gb18030"}, file).rows[0]["value"] == "财务"


@pytest.mark.parametrize("space", ["\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\xa0", "\u2028", "\u3000"])
def test_odd_spaces_are_taken_off_a_cell_whoever_reads_it(space: str, tmp_path: Path) -> None:
    file = tmp_path / "segments.csv"
    for quote in ("", '"'):
        file.write_text(f"task,name,value\n{quote}t1{quote},a,b{space}\nt2,a,{space}\n", encoding="utf-8")
        assert [row["value"] for row in read_file(SEGMENT, file).rows] == ["b"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_a_missing_last_one(end: str, tmp_path: Path) -> None:
    file = tmp_path / "segments.csv"
    file.write_bytes(end.join(["task,name,value", "t1,a,b", "t2,a,b"]).encode())
    assert [row["source_row"] for row in read_file(SEGMENT, file).rows] == [2, 3]


def test_mixed_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "segments.csv"
    file.write_bytes(b"task,name,value\r\nt1,a,b\nt2,a,b\rt3,a,b\r\n")
    assert [row["task"] for row in read_file(SEGMENT, file).rows] == ["t1", "t2", "t3"]


@pytest.mark.parametrize("name", ["a*b.csv", "a?b.csv", "a[1].csv", "it's.csv", "ä b.csv", "{x}.csv"])
def test_a_files_name_is_no_pattern(name: str, tmp_path: Path) -> None:
    (tmp_path / "aXb.csv").write_text("task,name,value\nother,a,b\n", encoding="utf-8")
    (tmp_path / "a1.csv").write_text("task,name,value\nother,a,b\n", encoding="utf-8")
    for cell in ("b", '"b"'):
        (tmp_path / name).write_text(f"task,name,value\nt1,a,{cell}\n", encoding="utf-8")
        assert [row["task"] for row in read_file(SEGMENT, tmp_path / name).rows] == ["t1"]


def test_a_scratch_folders_name_is_no_pattern(tmp_path: Path) -> None:
    from payback.ledger.ingest import read

    folder = tmp_path / "a[1]*"
    folder.mkdir()
    file = tmp_path / "segments.csv"
    file.write_text('task,name,value\nt1,a,"b"\n', encoding="utf-8")
    with connected() as connection:
        source = Source.model_validate({"path": "x", **SEGMENT})
        batch = read(connection, source, file, person_key="k", scratch=folder)
        assert connection.execute(f"select count(*) from {batch.relation}").fetchall() == [(1,)]


def test_only_the_first_twenty_of_a_kind_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    rows = [f"{TIME},{-at}" for at in range(1, 101)] + [f"{TIME},x"] * 3 + [f"{TIME},5"]
    file.write_text("\n".join(["time,input_tokens", *rows]), encoding="utf-8")
    batch = read_file({"table": "usage"}, file).batch
    assert (batch.rows_read, batch.rows_left_out) == (1, 103)
    negative = [problem for problem in batch.problems if problem.code == "negative"]
    assert [problem.rows for problem in negative] == [1] * 20 + [80]
    assert "after row 21, 80 more rows in input_tokens: below 0" in str(negative[-1])
    assert sum(problem.rows for problem in batch.problems if problem.code == "number") == 3


def test_a_row_with_two_faults_is_left_out_once(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(f"time,input_tokens\nnow,-1\n{TIME},1\n", encoding="utf-8")
    batch = read_file({"table": "usage"}, file).batch
    assert (batch.rows_read, batch.rows_left_out) == (1, 1)
    assert sorted(problem.code for problem in batch.problems) == ["negative", "time"]


def test_good_rows_between_two_lone_quotes_are_not_lost(tmp_path: Path) -> None:
    """The quotes match, so that csv reads one row of the wrong width where there are two good rows."""
    file = tmp_path / "segments.csv"
    file.write_text('task,name,value\n"t1,a,b\nt2,a,b\nt3,a,b\nt4,b"\nt5,a,b\n', encoding="utf-8")
    result = read_file(SEGMENT, file)
    assert [(row["source_row"], row["task"]) for row in result.rows] == [(3, "t2"), (4, "t3"), (6, "t5")]
    assert (result.batch.rows_left_out, set(result.codes())) == (2, {"quote", "fields"})


def test_a_row_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (text, delimited):
        monkeypatch.setattr(module, "LONGEST_ROW", 1000)
        monkeypatch.setattr(module, "LONG_ROW", 500)
    file = tmp_path / "segments.csv"
    file.write_text("task,name,value\nt1,a,b\nt2,a," + "x" * 5000 + "\nt3,a,b\n", encoding="utf-8")
    result = read_file(SEGMENT, file)
    assert [row["task"] for row in result.rows] == ["t1", "t3"]
    assert result.codes() == ["long-row"]
    file.write_text("x" * 5000 + "\nt3,a,b\n", encoding="utf-8")
    with pytest.raises(PaybackError, match="first line is longer"):
        read_file(SEGMENT, file)


def test_a_long_cell_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "segments.csv"
    file.write_text(f'task,name,value\nt1,a,{"x" * 3_000_000}\nt2,a,"{"y" * 3_000_000}"\n', encoding="utf-8")
    assert [len(row["value"]) for row in read_file(SEGMENT, file).rows] == [3_000_000] * 2
    file.write_text(f"task,name,value\nt1,a,{'x' * 3_000_000}\n", encoding="utf-8")
    assert [len(row["value"]) for row in read_file(SEGMENT, file).rows] == [3_000_000]


def test_a_quote_that_is_never_closed_in_a_long_file(tmp_path: Path) -> None:
    rows = [f"t{at},a,b" for at in range(30_000)]
    rows[5] = 't5,"a,b'
    rows[20_000] = 't20000,"a,b'
    file = tmp_path / "segments.csv"
    file.write_text("\n".join(["task,name,value", *rows, ""]), encoding="utf-8")
    batch = read_file(SEGMENT, file).batch
    assert (batch.rows_read, batch.rows_left_out) == (29_998, 2)
    assert [problem.origin.row for problem in batch.problems if problem.origin] == [7, 20_002]


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("task;name;value", {}),
        ("task\tname\tvalue", {}),
        ("task|name|value", {}),
        ("sep=;\ntask;name;value", {}),
        ("\n\ntask,name,value", {}),
        (" task , name ,value ", {}),
        ('"task","name","value"', {}),
        ("task,a;name,value", {"columns": {"name": "a;name"}}),
    ],
)
def test_headers(head: str, names: dict[str, Any], tmp_path: Path) -> None:
    delimiter = next(
        one
        for one in (",", ";", "\t", "|")
        if f"task{one}" in head or f'task"{one}' in head or f"task {one}" in head
    )
    file = tmp_path / "segments.csv"
    file.write_text(head + "\n" + delimiter.join(["t1", "a", "b"]) + "\n", encoding="utf-8")
    (row,) = read_file({**SEGMENT, **names}, file).rows
    assert [row[name] for name in NAMES] == ["t1", "a", "b"]
    assert row["source_row"] == head.count("\n") + 2


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xef\xbb\xbf", b"task,name,value", b"task,name,value\n\n"]
)
def test_nothing_in_it(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "segments.csv"
    file.write_bytes(content)
    result = read_file(SEGMENT, file)
    assert (result.batch.rows_read, result.batch.rows_left_out, result.codes()) == (0, 0, ["no-rows"])
