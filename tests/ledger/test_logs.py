"""Logs as sources of a project: each call once over all files and all days, and none lost.

Expected counts are those of the lines written here, by hand.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import payback
from payback.ledger import Gathered, Ledger
from payback.project import Project
from payback.records import PaybackError
from payback.sources.faults import Fault
from payback.sources.formats import Bill, Call, Format, Outcome, Rows, instant
from tests.ledger.built import HEAD, own_prices
from tests.sources.logs import read_logs
from tests.sources.test_claude_code import answer, log

CLAUDE = '[[sources]]\npath = "logs/**/*.jsonl"\nformat = "claude-code"\n'
PRICE = '[[prices]]\nmodel = "*"\ncurrency = "EUR"\ninput = 1\noutput = 1\n'


def project(folder: Path, sources: str = CLAUDE, more: str = "") -> Project:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "payback.toml").write_text(HEAD + sources + PRICE + more, encoding="utf-8")
    return payback.load(folder)


def rows(project: Project, columns: str, table: str = "usage_row") -> list[tuple[Any, ...]]:
    with Ledger(project) as ledger:
        ledger.gather()
        return ledger.rows(f"select {columns} from {table} order by all")


def gathered(project: Project) -> Gathered:
    with Ledger(project) as ledger:
        return ledger.gather()


def output(project: Project) -> list[int]:
    """Output of each call that stands."""
    return [count for (count,) in rows(project, "output_tokens")]


def test_a_call_becomes_a_row_of_the_ledger(tmp_path: Path) -> None:
    log(tmp_path / "logs", answer(costUSD=0.5))
    one = project(tmp_path)
    columns = (
        "time, provider, model, service, service_tier, trial, input_tokens, cached_tokens, output_tokens"
    )
    (row,) = rows(one, f"{columns}, stated_cost, stated_currency, tags, unfinished")
    assert [str(cell) for cell in row] == [
        "2026-03-01 10:00:00", "None", "claude-opus-4-5-20251101", "claude-code", "standard", "1", "3", "9", "40",
        "500000000000", "USD", '{"project":"~/shop","branch":"main","session":"s-1"}', "None",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("project_", "kept"),
    [
        ("/home/ann/shop", "~/shop"),
        ("/Users/ann/shop", "~/shop"),
        ("C:\\Users\\ann\\shop", "~\\shop"),
        ("/root/shop", "~/shop"),
        ("/home/ann", "~"),
        ("/srv/home/ann", "/srv/home/ann"),
        ("/rooted", "/rooted"),
    ],
)
def test_nobody_s_name_is_kept_of_a_folder(tmp_path: Path, project_: str, kept: str) -> None:
    log(tmp_path / "logs", answer(cwd=project_))
    assert json.loads(rows(project(tmp_path), "tags")[0][0])["project"] == kept


def test_the_most_complete_record_stands_over_all_files(tmp_path: Path) -> None:
    """A placeholder written while the answer streamed, in a file that is read last, does not win."""
    log(tmp_path / "logs", answer(usage_output_tokens=412), name="a.jsonl")
    one = project(tmp_path)
    assert output(one) == [412]
    log(tmp_path / "logs", answer(usage_output_tokens=1, stop_reason=None), name="b.jsonl")
    assert rows(one, "output_tokens, unfinished") == [(412, None)]


def test_a_placeholder_gives_way_to_a_record_received_later(tmp_path: Path) -> None:
    log(tmp_path / "logs", answer(usage_output_tokens=1, stop_reason=None), name="a.jsonl")
    one = project(tmp_path)
    assert rows(one, "output_tokens, unfinished") == [(1, 1)]
    log(tmp_path / "logs", answer(usage_output_tokens=412), name="b.jsonl")
    assert rows(one, "output_tokens, unfinished") == [(412, None)]


def test_a_session_resumed_into_a_new_file_counts_once(tmp_path: Path) -> None:
    """The new file begins with the old lines, under its own session id."""
    log(tmp_path / "logs", answer("m1", "r1"), answer("m2", "r2"), name="s-1.jsonl")
    again = [answer("m1", "r1", sessionId="s-2"), answer("m2", "r2", sessionId="s-2")]
    log(
        tmp_path / "logs",
        *again,
        answer("m3", "r3", sessionId="s-2", usage_output_tokens=7),
        name="s-2.jsonl",
    )
    assert output(project(tmp_path)) == [7, 40, 40]


def test_one_message_of_two_requests_is_two_calls(tmp_path: Path) -> None:
    log(tmp_path / "logs", answer("m1", "r1"), name="a.jsonl")
    log(tmp_path / "logs", answer("m1", "r2", usage_output_tokens=50), name="b.jsonl")
    assert output(project(tmp_path)) == [40, 50]


def test_a_copy_in_a_side_conversation_yields_to_the_original_in_another_file(tmp_path: Path) -> None:
    log(tmp_path / "logs", answer("m1", "r1", usage_output_tokens=40), name="a.jsonl")
    aside = answer("m1", "r9", usage_output_tokens=90, isSidechain=True)
    log(tmp_path / "logs", aside, name="b.jsonl")
    assert output(project(tmp_path)) == [40]


def test_a_log_that_is_deleted_stays_counted(tmp_path: Path) -> None:
    """Claude Code deletes its sessions after thirty days."""
    file = log(tmp_path / "logs", answer("m1", "r1", usage_output_tokens=11), name="old.jsonl")
    log(tmp_path / "logs", answer("m2", "r2", usage_output_tokens=12), name="new.jsonl")
    one = project(tmp_path)
    assert output(one) == [11, 12]
    file.unlink()
    found = gathered(one)
    assert found.problems == ()
    assert found.sources[0].rows == 2
    assert output(one) == [11, 12]


def test_a_deleted_log_whose_calls_another_file_repeats_counts_once(tmp_path: Path) -> None:
    file = log(tmp_path / "logs", answer("m1", "r1"), name="old.jsonl")
    one = project(tmp_path)
    gathered(one)
    file.unlink()
    log(tmp_path / "logs", answer("m1", "r1", sessionId="s-2"), answer("m2", "r2"), name="new.jsonl")
    assert output(one) == [40, 40]


def test_a_log_that_grows_is_read_again_and_counts_once(tmp_path: Path) -> None:
    one = project(tmp_path)
    log(tmp_path / "logs", answer("m1", "r1", usage_output_tokens=1, stop_reason=None))
    assert output(one) == [1]
    log(
        tmp_path / "logs",
        answer("m1", "r1", usage_output_tokens=41),
        answer("m2", "r2", usage_output_tokens=42),
    )
    assert output(one) == [41, 42]


def test_the_same_logs_again_add_nothing_and_change_nothing(tmp_path: Path) -> None:
    for name in ("a", "b"):
        log(tmp_path / "logs", answer(f"m-{name}", "r"), name=f"{name}.jsonl")
    one = project(tmp_path)
    first = gathered(one)
    manifest = (tmp_path / ".payback/record/manifest.jsonl").read_bytes()
    again = gathered(one)
    assert (again, (tmp_path / ".payback/record/manifest.jsonl").read_bytes()) == (first, manifest)
    assert [entry.path for entry in again.sources[0].entries] == ["logs/a.jsonl", "logs/b.jsonl"]
    assert len(list((tmp_path / ".payback/record/usage").glob("*.parquet"))) == 1  # read together


def test_logs_and_tables_fill_the_ledger_side_by_side(tmp_path: Path) -> None:
    log(tmp_path / "logs", answer())
    (tmp_path / "calls.csv").write_text(
        "time,task,model,input_tokens,output_tokens\n2026-03-02T00:00Z,t,m,1,2\n"
    )
    one = project(tmp_path, CLAUDE + '[[sources]]\ntable = "usage"\npath = "calls.csv"\n')
    assert rows(one, "output_tokens, service") == [(2, None), (40, "claude-code")]
    with Ledger(one) as ledger:
        ledger.gather()
        ledger.prepare(*own_prices(one))
        assert ledger.rows("select sum(calls), sum(pico) from task_cost") == [
            (2, (1 + 2 + 3 + 9 + 40) * 10**6)
        ]


def test_a_record_made_before_the_column_unfinished_was_there_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("time,task,model,output_tokens\n2026-03-02T00:00Z,t,m,2\n")
    one = project(tmp_path, '[[sources]]\ntable = "usage"\npath = "calls.csv"\n')
    gathered(one)
    manifest = tmp_path / ".payback/record/manifest.jsonl"
    line = json.loads(manifest.read_text())
    del line["facts"]["filled"]["unfinished"], line["stored_in"]
    manifest.write_text(json.dumps(line) + "\n")
    (stored,) = (tmp_path / ".payback/record/usage").glob("*.parquet")
    with Ledger(one) as ledger:
        ledger.engine.run(
            f"copy (select * exclude (unfinished) from '{stored}') to '{stored}.new' (format parquet)"
        )
    Path(f"{stored}.new").replace(stored)
    assert rows(one, "output_tokens, unfinished") == [(2, None)]


def test_a_use_case_matches_on_the_folder_the_call_was_made_in(tmp_path: Path) -> None:
    log(tmp_path / "logs", answer("m1", "r1", cwd="/home/ann/invoices-2026"), answer("m2", "r2"))
    case = '[use_cases.bills]\nunit = "bill"\nmatch = { "tag.project" = "*/invoice*" }\n'
    one = project(tmp_path, more=case)
    with Ledger(one) as ledger:
        ledger.gather()
        ledger.prepare(*own_prices(one))
        assert ledger.rows("select use_case, calls from task_cost order by 1") == [("", 1), ("bills", 1)]


def test_constants_and_defaults_say_what_a_log_does_not(tmp_path: Path) -> None:
    log(tmp_path / "logs", answer())
    more = 'constants = { use_case = "shop" }\ndefaults = { provider = "anthropic", model = "none" }\n'
    (row,) = rows(project(tmp_path, CLAUDE + more), "use_case, provider, model")
    assert row == ("shop", "anthropic", "claude-opus-4-5-20251101")


def test_damaged_lines_are_told_each_time_with_their_place(tmp_path: Path) -> None:
    log(tmp_path / "logs", answer(), '{"type":"assistant", "message": {"usage":')
    one = project(tmp_path)
    for _ in range(2):
        found = gathered(one)
        (problem,) = found.problems
        assert (problem.code, str(problem.origin), problem.rows) == ("json", "logs/s-1.jsonl:3", 1)
        assert found.sources[0].rows_left_out == 1


def test_files_of_another_kind_in_the_folder_are_named_and_keep_nothing_out(tmp_path: Path) -> None:
    log(tmp_path / "logs", answer())
    (tmp_path / "logs/other.jsonl").write_text('{"a": 1}\n')
    (tmp_path / "logs/empty.jsonl").write_text("\n")
    found = gathered(project(tmp_path))
    (problem,) = found.problems
    assert (problem.code, problem.what, problem.left_out) == (
        "wrong-format",
        "not a log of Claude Code",
        False,
    )


def test_a_file_named_by_itself_must_be_of_its_format(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n')
    (problem,) = gathered(
        project(tmp_path, '[[sources]]\npath = "x.jsonl"\nformat = "claude-code"\n')
    ).problems
    assert (problem.code, problem.left_out) == ("wrong-format", True)


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        ('path = "x"\nformat = "claude-cod"', "unknown-format", "did you mean claude-code?"),
        ('path = "x"\nformat = "claude-code"\ntable = "outcome"', "project-value", "leave `table` out"),
        ('path = "x"', "project-value", 'add table = "usage"'),
        (
            'path = "x"\nformat = "codex"\ncolumns = { time = "t" }',
            "project-value",
            "`columns` is for tables",
        ),
        ('path = "x.csv"\ntable = "usage"\ncheck = "y"', "project-value", "`check` is for logs"),
        ('path = "x"\nformat = "codex"\nconstants = { taks = "y" }', "project-value", "did you mean task?"),
    ],
)
def test_a_source_of_logs_that_cannot_be_meant_is_refused(
    tmp_path: Path, source: str, code: str, says: str
) -> None:
    with pytest.raises(PaybackError) as caught:
        gathered(project(tmp_path, f"[[sources]]\n{source}\n"))
    assert (caught.value.code, says in str(caught.value)) == (code, True), str(caught.value)
    assert "payback.toml:" in str(caught.value)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_how_records_are_spread_over_files_and_runs_changes_nothing(tmp_path: Path, seed: int) -> None:
    """Twenty calls of up to five records each, dealt to four files, each gone after the run that read it.

    Expected: `calls.once` over all of them at once, which tests of its own hold to ccusage's rule.
    """
    given = random.Random(seed)  # noqa: S311  the same records on every run
    records = []
    for call in range(20):
        for _ in range(given.randint(1, 5)):
            done = given.random() < 0.7
            more = {"isSidechain": given.random() < 0.2, "stop_reason": "end_turn" if done else None}
            request = given.choice([f"r{call}", f"r{call}", f"s{call}", None])
            records.append(answer(f"m{call}", request, usage_output_tokens=given.randint(1, 60), **more))
    given.shuffle(records)
    whole = sorted(row["output_tokens"] for row in read_logs(log(tmp_path, *records, name="all.jsonl")).calls)
    one = project(tmp_path / "p")
    for day in range(4):
        file = log(tmp_path / "p/logs", *records[day::4], name=f"{day}.jsonl")
        gathered(one)
        file.unlink()
    assert output(one) == whole


# --- formats that hold bills, checks and sums: a format made for these tests ------------------------------


def read(file: Path, layout: str) -> Any:
    """Each line is the name of a kind of row and its columns."""
    kinds = {"call": Call, "bill": Bill, "outcome": Outcome, "fault": Fault}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        kind, given = json.loads(line)
        for name in ("time", "decided_at"):
            if name in given:
                given[name] = instant(given[name])
        yield kinds[kind](row=number, **given)


MADE = Format(
    name="made", title="Made", fills=("usage", "bill_line", "outcome"), endings=(".log",), homes=(),
    recognises=lambda *_: "", read=Rows(read),
)  # fmt: skip
AT = "2026-03-01T10:00:00Z"


def of(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *lines: tuple[str, dict[str, Any]], more: str = ""
) -> Project:
    monkeypatch.setattr("payback.ledger.logs.FORMATS", (MADE,))
    (folder / "a.log").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return project(folder, f'[[sources]]\npath = "*.log"\nformat = "made"\n{more}')


def test_one_file_may_hold_calls_a_bill_and_checks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one = of(
        monkeypatch,
        tmp_path,
        (
            "call",
            {"time": AT, "model": "m", "input_tokens": 1, "output_tokens": 2, "trace": "t1", "user": "Ann"},
        ),
        ("bill", {"day": "2026-03-01", "billed": "1.25", "currency": "EUR", "account": "a-1"}),
        ("outcome", {"trace": "t1", "accepted": "1", "decided_at": AT, "check": "solved"}),
    )
    for _ in range(2):  # the second time from the record
        (who,) = rows(one, '"user"')[0]
        assert len(who) == 32
        assert rows(one, "billed, account, service", "bill_entry") == [(1_250_000_000_000, "a-1", "made")]
        assert rows(one, "task, trace, cast(accepted as int)", "outcome_row") == [("t1", "t1", 1)]
    with Ledger(one) as ledger:
        ledger.gather()
        ledger.prepare(*own_prices(one))
        assert ledger.rows("select task, calls, unknown_trials from task_cost") == [("t1", 1, 0)]


def test_a_check_finds_its_call_by_the_message_it_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    call = {"time": AT, "model": "m", "input_tokens": 1, "output_tokens": 2}
    one = of(
        monkeypatch,
        tmp_path,
        ("call", call | {"message": "m1"}),
        ("call", call | {"message": "m2", "trace": "t2"}),
        ("outcome", {"message": "m1", "accepted": "1"}),
        ("outcome", {"message": "m2", "accepted": "0"}),
    )
    with Ledger(one) as ledger:
        ledger.gather()
        ledger.prepare(*own_prices(one))
        assert ledger.rows("select task, calls from task_cost order by 1") == [("m1", 1), ("m2", 1)]


def test_a_note_on_a_line_keeps_nothing_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one = of(monkeypatch, tmp_path, ("fault", {"code": "metrics"}))
    for _ in range(2):
        found = gathered(one)
        assert [(problem.code, problem.left_out) for problem in found.problems] == [("metrics", False)]
        assert found.sources[0].rows_left_out == 0


def test_a_call_without_a_time_is_left_out_as_that(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = gathered(of(monkeypatch, tmp_path, ("call", {"model": "m", "output_tokens": 2})))
    assert [(problem.code, problem.rows) for problem in found.problems] == [("missing", 1)]


def test_a_line_of_a_bill_exported_twice_counts_once_as_last_received(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bill = {"day": "2026-03-01", "currency": "EUR", "line": "l-1"}
    one = of(monkeypatch, tmp_path, ("bill", bill | {"billed": "5"}))
    assert rows(one, "billed", "bill_entry") == [(5 * 10**12,)]
    (tmp_path / "b.log").write_text(json.dumps(("bill", bill | {"billed": "4"})))
    assert rows(one, "billed", "bill_entry") == [(4 * 10**12,)]


def test_results_checked_for_several_things_need_the_one_that_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A trace that is polite and wrong is neither accepted nor rejected by whichever check came last."""
    lines = [
        ("outcome", {"trace": "t", "accepted": a, "check": c}) for a, c in (("0", "right"), ("1", "polite"))
    ]
    one = of(monkeypatch, tmp_path, *lines)
    (problem,) = gathered(one).problems
    assert (problem.code, problem.rows) == ("several-checks", 2)
    assert "polite, right" in problem.what
    assert rows(one, "task", "outcome_row") == []
    named = of(monkeypatch, tmp_path, *lines, more='check = "right"\n')
    assert gathered(named).problems == ()
    assert rows(named, "task, cast(accepted as int)", "outcome_row") == [("t", 0)]


def test_rows_that_sum_many_calls_are_refused_and_not_taken_for_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    call = {"time": AT, "model": "m", "input_tokens": 1, "output_tokens": 2}
    one = of(
        monkeypatch, tmp_path, ("call", call | {"calls": 900}), ("call", call | {"calls": 1}), ("call", call)
    )
    found = gathered(one)
    (problem,) = found.problems
    assert (problem.code, problem.rows, "payback usage" in problem.fix) == ("summed-calls", 1, True)
    assert found.sources[0].rows_left_out == 1
    assert len(rows(one, "model")) == 2


def test_of_a_vendor_s_sums_none_is_a_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one = of(monkeypatch, tmp_path, ("call", {"time": AT, "model": "m", "output_tokens": 2}))
    monkeypatch.setattr("payback.ledger.logs.FORMATS", (replace(MADE, sums=True),))
    assert [problem.code for problem in gathered(one).problems] == ["summed-calls"]
    assert rows(one, "model") == []
