"""`payback init` in folders of several kinds: what it writes is valid, and assess runs on it at once."""

from __future__ import annotations

import gzip
import json
import os
import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import payback as package
from payback.cli import init
from payback.project import load
from payback.starter import folder as starter_folder
from payback.starter.draft import comment, key, string
from payback.starter.templates import NAMES, templates
from tests.sources.test_claude_code import answer, log

if TYPE_CHECKING:
    from tests.cli.conftest import Done, Payback

CALLS = """\
created_at,ticket_id,model_name,prompt_tokens,completion_tokens,cost_usd
2026-03-01T10:00:00Z,t1,claude-haiku-4-5,1000,200,0.002
2026-03-02T10:00:00Z,t2,claude-haiku-4-5,1000,200,0.002
"""
RESULTS = (
    "ticket_id,resolved_at,resolved,minutes\nt1,2026-03-01T12:00:00Z,yes,2\nt2,2026-03-02T12:00:00Z,no,3\n"
)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of its own, without any log of an agent, and no language."""
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "C")
    return place


@pytest.fixture
def begun(payback: Payback, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """`begun(calls_csv=...)`: these files, init, then assess, which must end with 0; the file that was written."""

    def run(*options: str, **files: str) -> dict[str, Any]:
        folder = tmp_path / "work"
        for name, text in files.items():
            file = folder / name.replace("__", "/").replace("_csv", ".csv").replace("_jsonl", ".jsonl")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        done = payback("init", folder, *options)
        assert done.code == 0, done.err
        return {"said": done.out, **judged(payback, folder)}

    return run


def judged(payback: Payback, folder: Path) -> dict[str, Any]:
    """The file as it was written, which must be valid, and the assessment of it, which must run."""
    text = (folder / "payback.toml").read_text(encoding="utf-8")
    load(folder)
    done = payback("assess", folder, "--json")
    assert done.code == 0, done.err
    (assessment,) = json.loads(done.out)["assessments"]
    return {"text": text, "toml": tomllib.loads(text), "assessment": assessment}


def test_calls_and_results_become_sources_and_a_first_verdict(begun: Callable[..., dict[str, Any]]) -> None:
    found = begun(calls_csv=CALLS, results_csv=RESULTS)
    usage, outcome = found["toml"]["sources"]
    assert usage["columns"] == {
        "time": "created_at", "task": "ticket_id", "model": "model_name", "input_tokens": "prompt_tokens",
        "output_tokens": "completion_tokens", "stated_cost": "cost_usd",
    }  # fmt: skip
    assert usage["constants"] == {"use_case": "work", "stated_currency": "USD"}
    assert outcome["columns"] == {"task": "ticket_id", "decided_at": "resolved_at", "accepted": "resolved"}
    (case,) = found["assessment"]["use_cases"]
    assert (case["verdict"], found["assessment"]["rows_left_out"]) == ("continue", 0)
    assert Decimal(case["out"]["value"]) == Decimal(
        "0.004"
    )  # 2 x (1,000 in at 1 USD and 200 out at 5 USD a million)
    assert "\n# [use_cases.work.today]\n" in found["text"]
    assert "payback assess" in found["said"]


def test_chinese_columns(begun: Callable[..., dict[str, Any]]) -> None:
    calls = "时间,工单号,模型,输入token,输出token\n2026-03-01 10:00:00,甲1,claude-haiku-4-5,1000,200\n"
    results = "工单号,完成时间,是否通过,分钟\n甲1,2026-03-01 12:00:00,1,2\n"
    money = "日期,费用类别,金额(元),备注\n2026-03-01,licence,199.50,席位\n"
    found = begun(a_csv=calls, b_csv=results, c_csv=money)
    assert {one["table"] for one in found["toml"]["sources"]} == {"usage", "outcome", "cost"}
    assert found["toml"]["currency"] == "CNY"
    assert found["assessment"]["rows_left_out"] == 0
    assert "UTC is a guess" in found["said"]


def test_indonesian_columns_with_a_decimal_comma(begun: Callable[..., dict[str, Any]]) -> None:
    money = "tanggal;kategori;jumlah (Rp);keterangan\n2026-03-01;licence;1250000,50;kursi\n"
    results = "id_tiket,selesai_pada,disetujui,menit\nt1,2026-03-01T12:00:00Z,1,4\n"
    found = begun(biaya_csv=money, hasil_csv=results)
    (cost,) = [one for one in found["toml"]["sources"] if one["table"] == "cost"]
    assert (cost["decimal"], cost["constants"]["currency"], found["toml"]["currency"]) == (",", "IDR", "IDR")
    assert Decimal(found["assessment"]["out"]["value"]) == Decimal("1250000.5")


def test_words_that_say_no_yes_or_no_become_a_question(begun: Callable[..., dict[str, Any]]) -> None:
    """A status of open, closed and waiting is not for payback to interpret."""
    rows = "ticket_id,closed_at,status,minutes\n" + "".join(
        f"t{n},2026-03-01T12:00:00Z,{word},1\n" for n, word in enumerate(("open", "closed", "waiting"))
    )
    found = begun(r_csv=rows)
    (source,) = found["toml"]["sources"]
    assert "accepted" not in source["columns"]
    assert "status looks like accepted, but" in found["said"]


def test_money_without_a_category_is_asked_for_and_not_guessed(begun: Callable[..., dict[str, Any]]) -> None:
    found = begun(money_csv="date,amount,currency\n2026-03-01,5,EUR\n", calls_csv=CALLS)
    assert [one["table"] for one in found["toml"]["sources"]] == ["usage"]
    assert "which column is category" in found["said"]
    assert '# table = "cost"' in found["text"]


def test_an_invoice(begun: Callable[..., dict[str, Any]]) -> None:
    found = begun(invoices_csv="invoice_date,service,amount,currency\n2026-03-01,chat,5,EUR\n")
    assert [one["table"] for one in found["toml"]["sources"]] == ["bill_line"]
    assert found["toml"]["currency"] == "EUR"
    assert Decimal(found["assessment"]["out"]["value"]) == 5
    assert "[[currency_rates]]" in found["text"]


def test_two_columns_of_one_meaning_are_nobodys(begun: Callable[..., dict[str, Any]]) -> None:
    found = begun(r_csv="task,Approved,approved,minutes\nt1,1,0,2\n")
    assert "accepted" not in found["toml"]["sources"][0].get("columns", {})


def test_use_cases_named_in_a_file_become_blocks(begun: Callable[..., dict[str, Any]]) -> None:
    rows = 'task,use_case,accepted\nt1,sales,1\nt2,"o\'x""y",0\nt3,sales,1\n'
    found = begun(r_csv=rows)
    assert list(found["toml"]["use_cases"]) == ["sales", "o'x\"y"]
    assert len(found["assessment"]["use_cases"]) == 2


def test_files_alike_are_one_source(begun: Callable[..., dict[str, Any]]) -> None:
    found = begun(logs__jan_csv=CALLS, logs__feb_csv=CALLS.replace("t1", "t3"), results_csv=RESULTS)
    assert sorted(one["path"] for one in found["toml"]["sources"]) == ["logs/*.csv", "results.csv"]
    assert found["assessment"]["rows_left_out"] == 0


def test_json_lines_parquet_and_gzip(payback: Payback, tmp_path: Path) -> None:
    from payback.ledger.engine import Engine

    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "calls.jsonl").write_text(
        '{"timestamp": "2026-03-01T10:00:00Z", "model": "claude-haiku-4-5", "input_tokens": 1, "output_tokens": 2, "x": [1]}\n'
    )
    with gzip.open(folder / "money.csv.gz", "wt") as handle:
        handle.write("day,category,amount,currency\n2026-03-01,run,5,USD\n")
    with Engine() as engine:
        engine.run(
            f"copy (select 't1' as task, true as accepted) to '{folder}/checks.parquet' (format parquet)"
        )
    assert payback("init", folder).code == 0
    found = judged(payback, folder)
    assert sorted(one["table"] for one in found["toml"]["sources"]) == ["cost", "outcome", "usage"]
    assert found["assessment"]["rows_left_out"] == 0


def test_logs_are_known_by_what_is_in_them(payback: Payback, tmp_path: Path) -> None:
    for number in range(3):
        log(tmp_path / "work/sessions", answer(f"m{number}"), name=f"{number}.jsonl")
    (tmp_path / "work/.git").mkdir()
    assert payback("init", tmp_path / "work").code == 0
    found = judged(payback, tmp_path / "work")
    (source,) = found["toml"]["sources"]
    assert (source["path"], source["format"]) == ("sessions/**/*.jsonl", "claude-code")
    assert found["assessment"]["sources"][0]["rows"] == 3
    assert "merged and not reverted" in found["text"]


def test_logs_beside_tables_of_the_same_ending_are_listed(payback: Payback, tmp_path: Path) -> None:
    log(tmp_path / "work", answer("m1"), name="one.jsonl")
    log(tmp_path / "work", answer("m2"), name="two.jsonl")
    (tmp_path / "work/table.jsonl").write_text('{"task": "t", "accepted": 1}\n')
    assert payback("init", tmp_path / "work").code == 0
    found = judged(payback, tmp_path / "work")
    assert [one["path"] for one in found["toml"]["sources"]] == ["one.jsonl", "two.jsonl", "table.jsonl"]
    assert found["assessment"]["problems"] == []


def test_without_anything_the_logs_of_agents_are_taken(payback: Payback, home: Path, tmp_path: Path) -> None:
    log(home / ".claude/projects/-shop", answer())
    folder = tmp_path / "work"
    folder.mkdir()
    done = payback("init", folder)
    assert done.code == 0
    assert "logs of agents on this machine" in done.out
    found = judged(payback, folder)
    (source,) = found["toml"]["sources"]
    assert source["path"] == "~/.claude/projects/**/*.jsonl"
    assert found["assessment"]["sources"][0]["rows"] == 1
    assert str(home) not in found["text"]


def test_where_no_table_can_be_used_the_logs_of_agents_are(
    payback: Payback, home: Path, tmp_path: Path
) -> None:
    log(home / ".claude/projects/-shop", answer())
    (tmp_path / "work").mkdir()
    (tmp_path / "work/phones.csv").write_text("name,phone\na,1\n")
    done = payback("init", tmp_path / "work")
    assert (done.code, "phones.csv: its columns say nothing" in done.out) == (0, True)
    (source,) = tomllib.loads((tmp_path / "work/payback.toml").read_text())["sources"]
    assert source["format"] == "claude-code"


def test_an_empty_folder_says_what_to_do(payback: Payback, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    done = payback("init", tmp_path / "work")
    assert done.code == 2
    assert "nothing here that payback reads" in done.err
    assert "--template support" in done.err
    assert list((tmp_path / "work").iterdir()) == []


def test_a_spreadsheet_alone_is_named(payback: Payback, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work/plan.xlsx").write_bytes(b"PK")
    done = payback("init", tmp_path / "work")
    assert (done.code, "plan.xlsx is a spreadsheet: save it as CSV" in done.err) == (2, True)


def test_every_template_is_a_choice() -> None:
    assert init.TEMPLATES == NAMES == tuple(templates())


@pytest.mark.parametrize("template", NAMES)
def test_a_template_writes_a_valid_file(payback: Payback, tmp_path: Path, template: str) -> None:
    (tmp_path / "work").mkdir()
    assert payback("init", tmp_path / "work", "--template", template).code == 0
    project = load(tmp_path / "work")
    assert (project.label, len(project.use_cases[template].gates)) == ("illustrative", 2)


def test_a_template_runs_where_there_is_nothing_and_says_it_is_made_up(
    payback: Payback, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    assert payback("init", tmp_path / "work", "--template", "documents").code == 0
    found = judged(payback, tmp_path / "work")
    assert (found["assessment"]["label"], found["assessment"]["rows_left_out"]) == ("illustrative", 0)
    (case,) = found["assessment"]["use_cases"]
    assert len(case["gates"]) == 2
    assert "illustrative" in {file.name.partition("_")[0] for file in (tmp_path / "work").glob("*.csv")}


def test_a_template_on_files_of_ones_own_makes_nothing_up(
    begun: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    found = begun("--template", "support", calls_csv=CALLS, results_csv=RESULTS)
    assert found["assessment"]["label"] == ""
    (case,) = found["assessment"]["use_cases"]
    assert (case["unit"], case["gates"], case["today"]) == ("ticket closed", [], None)
    assert '# minutes = "8 to 12"' in found["text"]
    assert sorted(file.name for file in (tmp_path / "work").glob("*.csv")) == ["calls.csv", "results.csv"]


def test_nothing_is_overwritten(payback: Payback, tmp_path: Path) -> None:
    file = tmp_path / "payback.toml"
    file.write_text("mine")
    (tmp_path / "calls.csv").write_text(CALLS)
    done = payback("init", tmp_path)
    assert (done.code, "already" in done.err, file.read_text()) == (2, True, "mine")
    assert payback("init", tmp_path, "--force").code == 0
    assert (tmp_path / "payback.toml.bak").read_text() == "mine"
    written = file.read_text()
    assert payback("init", tmp_path, "--force").code == 0
    assert (tmp_path / "payback.toml.bak").read_text() == "mine"
    assert (tmp_path / "payback.toml.bak2").read_text() == written


def test_stdout_prints_the_file_and_writes_nothing(payback: Payback, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(CALLS)
    done = payback("init", tmp_path, "--stdout")
    assert (done.code, tomllib.loads(done.out)["sources"][0]["table"]) == (0, "usage")
    assert not (tmp_path / "payback.toml").exists()
    assert payback("init", tmp_path, "--stdout", "--json").code == 2


def test_json_has_what_was_found_and_the_file(payback: Payback, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(CALLS)
    (tmp_path / "plan.xlsx").write_bytes(b"PK")
    facts = json.loads(payback("init", tmp_path, "--json").out)
    assert (facts["schema_version"], facts["kind"]) == (1, "init")
    assert [(one["path"], one["active"]) for one in facts["sources"]] == [("calls.csv", True)]
    assert [one["path"] for one in facts["not_used"]] == ["plan.xlsx"]
    assert facts["text"] == (tmp_path / "payback.toml").read_text()


def test_a_folder_where_nothing_can_be_written(
    payback: Payback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "calls.csv").write_text(CALLS)
    monkeypatch.setattr(
        os, "access", lambda _, mode: mode != os.W_OK
    )  # rights do not bind whoever runs as root
    done = payback("init", tmp_path)
    assert (done.code, "cannot be written" in done.err) == (2, True)
    assert payback("init", tmp_path, "--stdout").code == 0
    assert payback("init", tmp_path / "nowhere").code == 2


HOSTILE = [
    'a"b.csv', "it's.csv", "new\nline.csv", "tab\tx.csv", "发票 1.csv", "back\\slash.csv", "[x]*.csv", "\x7fdel.csv",
    "#no comment.csv", "\u202eturned.csv", '"""\n[[sources]]\nevil = 1\n.csv',
]  # fmt: skip


def test_hostile_names_are_only_names(payback: Payback, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    for number, name in enumerate(HOSTILE):  # none like another: files alike are one source
        (folder / name).write_text(CALLS.replace("cost_usd", f"column {number}"))
    done = payback("init", folder)
    assert done.code == 0, done.err
    assert "\x7f" not in done.out
    found = judged(payback, folder)
    assert sorted(one["path"] for one in found["toml"]["sources"]) == sorted(HOSTILE)
    assert set(found["toml"]) == {"name", "currency", "timezone", "sources", "use_cases"}
    assert [one["rows"] for one in found["assessment"]["sources"]] == [2] * len(HOSTILE)


def test_a_hostile_folder_and_hostile_columns(payback: Payback, tmp_path: Path) -> None:
    folder = tmp_path / 'x"\n[evil]\ny = 1 ]'
    folder.mkdir()
    header = CALLS.splitlines()[0] + ',"{curly}","quote"" ]","line\n# [evil]"'
    rows = [row + ",1,2,3" for row in CALLS.splitlines()[1:]]
    (folder / "calls.csv").write_text("\n".join([header, *rows]) + "\n")
    done = payback("init", folder)
    assert done.code == 0, done.err
    found = judged(payback, folder)
    assert found["toml"]["name"] == folder.name
    assert "evil" not in found["toml"]


def test_a_name_that_is_not_text_is_left_out(payback: Payback, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(CALLS)
    (tmp_path / os.fsdecode(b"bad\xff.csv")).write_text(CALLS)
    done = payback("init", tmp_path)
    assert (done.code, "its name cannot be written down" in done.out) == (0, True)


@pytest.mark.parametrize("text", ['a"b\\c', "line\nend\r\t", "\x00\x1f\x7f\x85\u2028", "发票 😀", "'''", ""])
def test_any_text_is_a_toml_string_key_and_comment(text: str) -> None:
    held = tomllib.loads(f"{comment(text)}\na = {string(text)}\n[b]\n{key(text)} = 1\n")
    assert held == {"a": text, "b": {text: 1}}


def test_a_folder_of_many_files_is_looked_at_in_part_and_says_so(
    payback: Payback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter_folder, "MOST_FILES", 50)
    (tmp_path / "calls.csv").write_text(CALLS)
    for number in range(80):
        (tmp_path / f"x{number}.bin").touch()
    done = payback("init", tmp_path)
    assert done.code == 0
    assert "Looked at 50 files" in done.out
    assert "There are more" in done.out


def test_links_that_lead_round_and_folders_of_programs_are_passed_over(
    payback: Payback, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    (folder / "a/node_modules").mkdir(parents=True)
    (folder / "a/round").symlink_to(folder)
    (folder / "lost.csv").symlink_to(folder / "nowhere.csv")
    (folder / "a/calls.csv").write_text(CALLS)
    (folder / "a/node_modules/calls.csv").write_text(CALLS)
    assert payback("init", folder).code == 0
    toml = tomllib.loads((folder / "payback.toml").read_text())
    assert [one["path"] for one in toml["sources"]] == ["a/calls.csv"]


def test_a_currency_guessed_from_the_language_says_so(
    begun: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    found = begun(money_csv="date,category,amount\n2026-03-01,run,5\n")
    assert found["toml"]["currency"] == "EUR"
    assert "EUR: a guess, from the language de_DE.UTF-8" in found["said"]
    assert "EUR is a guess" in found["said"]


def test_a_bill_in_a_known_layout(payback: Payback, tmp_path: Path) -> None:
    bills = sorted((Path(package.__file__).parents[2] / "tests/sources/focus").glob("*.csv"))
    if not bills:
        pytest.skip("no sample of a FOCUS bill")
    (tmp_path / "bill.csv").write_bytes(bills[0].read_bytes())
    done: Done = payback("init", tmp_path)
    assert done.code == 0, done.err
    (source,) = judged(payback, tmp_path)["toml"]["sources"]
    assert source["format"] == "focus"
