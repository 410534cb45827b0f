"""What the record holds: each fact once, nothing acknowledged lost, names hashed."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

import payback
from payback.ledger import Gathered, Ledger
from payback.ledger.ledger import path_pattern
from payback.measures.delivery.monitoring import WATCHED_COLUMNS
from payback.project import Project
from payback.records import PaybackError
from tests.ledger.built import HEAD, PRICE, answers, made, own_prices, source, written
from tests.ledger.mixed import mixed
from tests.measures.rollups import rollups

PATTERN = source("usage", "calls/**/*.csv") + PRICE


def call(task: str, **more: object) -> dict[str, object]:
    return {
        "time": "2026-01-05 10:00:00", "use_case": "u", "task": task, "model": "m", "input_tokens": 100,
        "output_tokens": 10,
    } | more  # fmt: skip


def project(folder: Path, more: str = PATTERN) -> Project:
    return made(folder, more)


def tasks(project: Project) -> list[str]:
    """Every task the project's ledger has, as often as it has a call."""
    with Ledger(project) as ledger:
        ledger.gather()
        ledger.prepare(*own_prices(project))
        return [
            task
            for task, calls in ledger.rows("select task, calls from task_cost order by task")
            for _ in range(calls)
        ]


def gathered(project: Project) -> Gathered:
    with Ledger(project) as ledger:
        return ledger.gather()


def kept(project: Project) -> set[str]:
    return {file.name for file in (project.folder / ".payback/record").rglob("*.parquet")}


def test_the_same_files_again_add_nothing(tmp_path: Path) -> None:
    written(tmp_path / "calls/a.csv", [call("a")])
    one = project(tmp_path)
    first = gathered(one)
    files, manifest = kept(one), (tmp_path / ".payback/record/manifest.jsonl").read_bytes()
    again = gathered(one)
    assert again.digest == first.digest
    assert again == first
    assert kept(one) == files
    assert (tmp_path / ".payback/record/manifest.jsonl").read_bytes() == manifest


def test_a_changed_file_replaces_what_it_gave(tmp_path: Path) -> None:
    written(tmp_path / "calls/a.csv", [call("a"), call("b")])
    one = project(tmp_path)
    assert tasks(one) == ["a", "b"]
    written(tmp_path / "calls/a.csv", [call("a"), call("c")])
    assert tasks(one) == ["a", "c"]


def test_a_file_that_is_gone_stays_counted_where_a_pattern_found_it(tmp_path: Path) -> None:
    for name in "ab":
        written(tmp_path / f"calls/2026/{name}.csv", [call(name)])
    one = project(tmp_path)
    assert tasks(one) == ["a", "b"]
    (tmp_path / "calls/2026/a.csv").unlink()
    assert tasks(one) == ["a", "b"]
    shutil.rmtree(tmp_path / "calls")
    assert tasks(one) == ["a", "b"]
    assert gathered(one).problems == ()


def test_a_file_that_is_gone_belongs_to_the_source_whose_pattern_found_it(tmp_path: Path) -> None:
    """Two sources read alike, from two folders; and a pattern may be changed to another folder."""
    for name in "ab":
        written(tmp_path / f"{name}/x.csv", [call(name)])
    one = project(tmp_path, source("usage", "a/*.csv") + source("usage", "b/*.csv") + PRICE)
    gathered(one)
    (tmp_path / "b/x.csv").unlink()
    assert [each.rows for each in gathered(one).sources] == [1, 1]
    assert tasks(one) == ["a", "b"]
    assert tasks(project(tmp_path, source("usage", "a/*.csv") + PRICE)) == ["a"]


def test_a_file_named_by_its_path_counts_only_while_it_is_there(tmp_path: Path) -> None:
    one = made(tmp_path, PRICE, usage=[call("a")])
    assert tasks(one) == ["a"]
    (tmp_path / "usage.csv").unlink()
    assert [problem.code for problem in gathered(one).problems] == ["missing-file"]
    assert tasks(one) == []


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("calls/*.csv", "calls/a.csv", True),
        ("calls/*.csv", "calls/b/a.csv", False),
        ("calls/**/*.csv", "calls/a.csv", True),
        ("calls/**/*.csv", "calls/b/c/a.csv", True),
        ("calls/**/*.csv", "call/a.csv", False),
        ("*.csv", "calls.csv.gz", False),
        ("./*.csv", "calls.csv", True),
        ("calls-[0-9][0-9].csv", "calls-07.csv", True),
        ("calls-[!0-9].csv", "calls-7.csv", False),
        ("calls-[ab].csv", "calls-c.csv", False),
        ("calls-?.csv", "calls-7.csv", True),
        ("calls-?.csv", "calls-.csv", False),
        ("a+b(1)*.csv", "a+b(1) x.csv", True),
        ("../logs/*.csv", "../logs/a.csv", True),
        ("/var/log/*.csv", "/var/log/a.csv", True),
    ],
)
def test_a_pattern_takes_what_glob_would(pattern: str, path: str, found: bool) -> None:
    assert bool(path_pattern(pattern).fullmatch(path)) == found


def test_the_same_content_under_two_names_counts_once(tmp_path: Path) -> None:
    for name in ("a", "copy of a"):
        written(tmp_path / f"calls/{name}.csv", [call("a")])
    one = project(tmp_path)
    assert [problem.code for problem in gathered(one).problems] == ["same-file-twice"]
    assert tasks(one) == ["a"]


def test_a_renamed_file_counts_once(tmp_path: Path) -> None:
    written(tmp_path / "calls/a.csv", [call("a")])
    one = project(tmp_path)
    gathered(one)
    (tmp_path / "calls/a.csv").rename(tmp_path / "calls/march.csv")
    assert tasks(one) == ["a"]
    assert gathered(one).problems == ()


def test_a_log_that_is_rotated_keeps_every_call(tmp_path: Path) -> None:
    """log.csv becomes log-1.csv and starts anew."""
    written(tmp_path / "calls/log.csv", [call("a")])
    one = project(tmp_path)
    gathered(one)
    (tmp_path / "calls/log.csv").rename(tmp_path / "calls/log-1.csv")
    written(tmp_path / "calls/log.csv", [call("b")])
    assert tasks(one) == ["a", "b"]


def test_other_settings_read_the_file_anew(tmp_path: Path) -> None:
    written(tmp_path / "calls/a.csv", [call("a")])
    assert tasks(project(tmp_path)) == ["a"]
    swapped = source("usage", "calls/**/*.csv", 'columns = { task = "model", model = "task" }')
    assert tasks(project(tmp_path, swapped)) == ["m"]


def test_one_file_may_fill_two_tables(tmp_path: Path) -> None:
    row = call("a", accepted=1, decided_at="2026-01-05 10:00:00", arm="x")
    written(tmp_path / "all.csv", [row])
    checked = source("outcome", "all.csv", 'ignore = ["time", "model", "input_tokens", "output_tokens"]')
    calls = source("usage", "all.csv", 'ignore = ["accepted", "decided_at"]')
    one = project(tmp_path, calls + checked + PRICE)
    with Ledger(one) as ledger:
        assert ledger.gather().problems == ()
        ledger.prepare(*own_prices(one))
        assert ledger.rows("select task, calls from task_cost") == [("a", 1)]
        assert ledger.rows("select task, accepted from task_outcome") == [("a", 1)]


def test_a_file_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    written(tmp_path / "calls/a.csv", [call("a")])
    (tmp_path / "calls/b.csv.gz").write_bytes(gzip.compress(b"time,task\n" * 99)[:-9])
    one = project(tmp_path, source("usage", "calls/*") + PRICE)
    found = [(problem.code, str(problem.origin)) for problem in gathered(one).problems]
    assert found == [("bad-gzip", "calls/b.csv.gz")]
    assert tasks(one) == ["a"]


def test_a_fault_of_the_mapping_stops_with_its_place(tmp_path: Path) -> None:
    written(tmp_path / "calls/a.csv", [call("a")])
    one = project(tmp_path, source("usage", "calls/*.csv", 'columns = { task = "tasks" }'))
    with pytest.raises(PaybackError) as raised:
        gathered(one)
    assert raised.value.code == "unknown-column"


@pytest.mark.long
@pytest.mark.parametrize("share", [0.001, 0.2, 0.5, 0.99])
def test_a_half_written_line_and_debris_are_ignored(tmp_path: Path, share: float) -> None:
    written(tmp_path / "calls/ä\u2028.csv", [call("a")])  # a separator that ends no line
    one = project(tmp_path)
    digest = gathered(one).digest
    record = tmp_path / ".payback/record"
    manifest = record / "manifest.jsonl"
    line = manifest.read_bytes()
    (record / "usage/.staging-0123456789abcdef.parquet").write_bytes(b"PAR1 half")
    (record / "usage/000000000000000000000000.parquet").write_bytes(b"")
    cut = line[: int(len(line) * share)].rpartition("ä".encode())[0] + "ä".encode()[:1]
    for half in (line[: int(len(line) * share)], cut):  # the second ends within a letter
        manifest.write_bytes(line + half)
        assert gathered(one).digest == digest
    written(tmp_path / "calls/b.csv", [call("b")])
    assert tasks(one) == ["a", "b"]  # the new line starts on a line of its own
    before = manifest.read_bytes()
    assert tasks(one) == ["a", "b"]
    assert manifest.read_bytes() == before


def test_rows_that_are_missing_from_the_disk_are_read_again(tmp_path: Path) -> None:
    written(tmp_path / "calls/a.csv", [call("a")])
    one = project(tmp_path)
    gathered(one)
    for file in (tmp_path / ".payback/record/usage").iterdir():
        file.unlink()
    assert tasks(one) == ["a"]


def test_a_manifest_of_a_later_version_is_read(tmp_path: Path) -> None:
    written(tmp_path / "calls/a.csv", [call("a")])
    one = project(tmp_path)
    digest = gathered(one).digest
    manifest = tmp_path / ".payback/record/manifest.jsonl"
    entry = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(entry | {"new": 1}) + "\n", encoding="utf-8")
    assert gathered(one).digest == digest


def test_only_the_hash_of_a_name_is_kept(tmp_path: Path) -> None:
    name = "Annegret Mustermann-Feldhausen"
    calls = [call("a", user=name, prompt="Dear committee, my salary is 47,113 euros"), call("b", user=name)]
    outcomes = [
        {"task": "a", "accepted": 1, "decided_at": "2026-01-05 10:00:00", "minutes": 3, "minutes_by": name}
    ]
    one = made(tmp_path, PRICE, usage=calls, outcome=outcomes)
    with Ledger(one) as ledger:
        ledger.gather()
        users = ledger.rows('select distinct "user" from usage_row')
        assert len(users) == 1
        assert len(users[0][0]) == 32
    for file in (tmp_path / ".payback").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"Annegret" not in content
            assert b"Mustermann" not in content
            assert b"salary" not in content
    key = tmp_path / ".payback/key"
    assert key.stat().st_mode & 0o077 == 0
    before = key.read_bytes()
    gathered(one)
    assert key.read_bytes() == before


def test_the_key_of_the_names_moves_no_figure(tmp_path: Path) -> None:
    found = []
    for folder in ("one", "two"):
        calls = [call("a", user="x"), call("b", user="y")]
        one = made(tmp_path / folder, PRICE, usage=calls)
        found.append(everything(one))
    assert found[0] == found[1]
    assert (tmp_path / "one/.payback/key").read_bytes() != (tmp_path / "two/.payback/key").read_bytes()


def everything(project: Project) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every rollup."""
    with Ledger(project) as ledger:
        ledger.gather()
        ledger.prepare(*own_prices(project))
        ledger.load(
            "pair",
            (("use_case", "VARCHAR"), ("arm", "VARCHAR"), ("against", "VARCHAR")),
            [("tickets", "bot", "human")],
        )
        ledger.load("watched", WATCHED_COLUMNS, [("tickets", "bot", "cluster")])
        return answers(ledger, rollups())


@pytest.mark.long
def test_how_rows_are_split_and_ordered_changes_nothing(tmp_path: Path) -> None:
    whole = mixed(tmp_path / "whole")
    expected = everything(whole)
    given = random.Random(11)  # noqa: S311  the same split on every run
    for parts in (1, 3):
        folder = tmp_path / f"in {parts}"
        folder.mkdir()
        text = (tmp_path / "whole/payback.toml").read_text(encoding="utf-8")
        for file in (tmp_path / "whole").glob("*.csv"):
            header, *lines = file.read_text(encoding="utf-8").splitlines()
            if file.stem == "forecast":  # which file and row it stands in is part of what is asked
                shutil.copy(file, folder / file.name)
                continue
            if file.stem != "outcome":  # there the later row stands, so the order means something
                given.shuffle(lines)
            for part in range(parts):
                kept = lines[part * len(lines) // parts : (part + 1) * len(lines) // parts]
                (folder / f"{file.stem}-{part}.csv").write_text(
                    "\n".join([header, *kept]) + "\n", encoding="utf-8"
                )
            text = text.replace(f'"{file.name}"', f'"{file.stem}-*.csv"')
        (folder / "payback.toml").write_text(text, encoding="utf-8")
        assert everything(payback.load(folder)) == expected


def test_a_cache_that_is_deleted_changes_nothing(tmp_path: Path) -> None:
    one = made(tmp_path, PRICE, usage=[call("a")])
    expected = everything(one)
    cache = tmp_path / ".payback/cache"
    cache.mkdir(exist_ok=True)
    shutil.rmtree(cache)
    assert everything(one) == expected
    assert {each.name for each in (tmp_path / ".payback").iterdir()} == {"key", "record"}


def test_a_reader_of_the_record_needs_no_right_to_write(tmp_path: Path) -> None:
    """Files in the record are whole at every moment: a second ledger may be open on it."""
    one = made(tmp_path, PRICE, usage=[call("a")])
    with Ledger(one) as first:
        first.gather()
        first.prepare(*own_prices(one))
        assert tasks(one) == ["a"]
        assert first.rows("select task from task_cost") == [("a",)]


def test_a_project_file_alone_is_a_project(tmp_path: Path) -> None:
    (tmp_path / "payback.toml").write_text(HEAD, encoding="utf-8")
    assert gathered(payback.load(tmp_path)) == Gathered((), (), gathered(payback.load(tmp_path)).digest)
