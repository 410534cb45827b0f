"""What the documents say is so: links lead somewhere, commands exist, error codes are the code's."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest

from payback import cli

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "payback"
ERRORS = ROOT / "docs" / "errors.md"
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`|^((?: {4}|\t).*)$", re.MULTILINE)  # code in a line, or a line of code
CALL = re.compile(r"(?:^\s*|[$/(&|;]\s*|\s)payback((?: [a-z][a-z-]*(?![\w.-]))+)")


def _pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changelog.d/*.md")])


PAGES = _pages()
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for match in LINK.finditer(text):
        link = urlsplit(match[1] or match[2])
        if link.scheme:
            continue  # outside: never fetched by a test
        target = page if not link.path else (page.parent / unquote(link.path))
        assert target.exists(), f"{page.name} links to {match[0]}"
        if link.fragment and target.suffix == ".md":
            assert link.fragment in _anchors(target), f"{page.name}: no heading for {match[0]}"


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, made as GitHub makes them."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+?) *$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_in_documents_exist(page: Path) -> None:
    for call in _calls(page.read_text(encoding="utf-8")):
        fault = _unknown(cli.payback, call.split())
        assert fault is None, f"{page.name}: `payback {call}`: {fault}"


def _calls(text: str) -> Iterator[str]:
    """The words after `payback` wherever a page shows code."""
    spans = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    spans += [span or line for span, line in SPAN.findall(BLOCK.sub("", text))]
    for span in spans:
        for match in CALL.finditer(span):
            yield match[1].strip()


def _unknown(command: click.Command, words: list[str]) -> str | None:
    """Why these words are no call, as far as commands of commands go; None if they are one."""
    for word in words:
        if not isinstance(command, click.Group):
            return None  # the rest are arguments
        found = command.get_command(click.Context(command), word)
        if found is None:
            return f"there is no {word}"
        command = found
    return None


def test_the_readme_shows_the_two_first_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme


def test_documents_name_targets_that_make_knows() -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(
            re.findall(r"(?:`|^ {4}|^)make ([a-z]+)\b", page.read_text(encoding="utf-8"), re.MULTILINE)
        )
        assert named <= known, f"{page.name} names {sorted(named - known)}"


def test_every_error_has_an_entry_and_every_entry_an_error() -> None:
    if not ERRORS.exists():
        pytest.skip("docs/errors.md is not written yet")
    raised, explained = dict(_raised()), _explained()
    assert not (missing := {code: raised[code] for code in raised.keys() - explained}), f"no entry: {missing}"
    assert not (stale := explained - _words()), f"no longer raised: {sorted(stale)}"


def _words() -> set[str]:
    """Every text in the source: a code may be chosen before it is raised, or be a row's."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _raised() -> Iterator[tuple[str, str]]:
    """Code and place of each PaybackError and Problem in the source."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node) in {"PaybackError", "Problem"}:
                codes = [word.value for word in node.keywords if word.arg == "code"] or node.args[:1]
                for code in codes:
                    for part in ast.walk(code):
                        if isinstance(part, ast.Constant) and isinstance(part.value, str):
                            yield part.value, f"{path.name}:{node.lineno}"


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _explained() -> set[str]:
    """The codes docs/errors.md explains: headings, and first cells of its tables, in backticks or not."""
    text = BLOCK.sub("", ERRORS.read_text(encoding="utf-8"))
    headings = re.findall(r"^#{2,} +`?([a-z0-9-]+)`? *$", text, re.MULTILINE)
    cells = re.findall(r"^\| *`([a-z0-9-]+)` *\|", text, re.MULTILINE)
    return {code for code in (*headings, *cells) if CODE.fullmatch(code)}


def test_only_our_own_files_are_kept() -> None:
    """No lock file with addresses in it; no catalogue that the build makes."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    kept = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not [
        name for name in kept if Path(name).name in {"uv.lock", "pylock.toml"} or name.endswith(".mo")
    ]
