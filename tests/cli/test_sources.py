"""What `payback sources` prints, and that the documentation has every format it lists."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from payback.cli.sources import command
from payback.sources import FORMATS
from tests.sources.test_claude_code import answer, log
from tests.sources.test_litellm import log as litellm

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent.parent


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_every_format_is_listed_with_what_is_there_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".claude" / "projects").mkdir(parents=True)
    lines = run().output.splitlines()
    assert [line.split()[0] for line in lines[1 : len(FORMATS) + 1]] == [format_.name for format_ in FORMATS]
    of = {line.split()[0]: line for line in lines[1 : len(FORMATS) + 1]}
    assert of["claude-code"].endswith("yes")
    assert of["codex"].endswith("no")
    assert of["litellm"].endswith("where you say")
    assert re.search(r"\bcalls, outcomes\b", of["langfuse"])


def test_one_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run("openai-usage").output.splitlines() == [
        "OpenAI usage (openai-usage)",
        "fills      calls",
        "files      *.csv, *.json, *.jsonl",
        "looks in   nowhere by itself: give its files to payback usage",
        "note       sums the vendor made: each row is many calls",
        "page       docs/formats/openai-usage.md",
    ]
    assert "~/.codex/sessions (not there)" in run("codex").output


def test_a_name_that_is_none(tmp_path: Path) -> None:
    result = run("lite-llm")
    assert result.exit_code == 2
    assert "no format is called lite-llm; did you mean litellm?" in result.output
    assert run("litellm", "--of", str(tmp_path)).exit_code == 2


def test_what_files_are_recognised_as(tmp_path: Path) -> None:
    log(tmp_path / "logs", answer())
    log(tmp_path / "logs", answer("msg_2", "req_2"), name="other.jsonl")
    (tmp_path / "logs" / "notes.json").write_text("{}", encoding="utf-8")
    spend = litellm(tmp_path, {})
    strange = tmp_path / "strange.txt"
    strange.write_text("hello\n", encoding="utf-8")
    result = run("--of", str(tmp_path / "logs"), "--of", str(spend), "--of", str(strange))
    assert result.output.splitlines() == [
        str(tmp_path / "logs"),
        "  Claude Code (claude-code): 2 files",
        "  1 file of no known format",
        str(spend),
        "  LiteLLM (litellm)",
        str(strange),
        "  1 file of no known format",
    ]


def test_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    facts = json.loads(run("litellm", "--json").output)
    assert facts == {
        "schema_version": 1,
        "kind": "sources",
        "sources": [
            {
                "name": "litellm",
                "title": "LiteLLM",
                "fills": ["usage"],
                "endings": [".csv", ".json", ".jsonl"],
                "sums": False,
                "homes": [],
                "page": "docs/formats/litellm.md",
            }
        ],
    }
    spend = litellm(tmp_path, {})
    (path,) = json.loads(run("--of", str(spend), "--json").output)["paths"]
    assert path["formats"] == [{"name": "litellm", "files": 1, "first": str(spend)}]


def test_the_documentation_lists_every_format() -> None:
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {f"formats/{format_.name}.md" for format_ in FORMATS}
    assert sorted(page for page in pages if not (ROOT / "docs" / page).is_file()) == []
    assert sorted(page for page in pages if f"({page})" not in listed) == []
