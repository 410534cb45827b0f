from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from payback.project import Project
from payback.tables import TABLES

SINGLE = ("fix-issues", "own-model", "solve-problems")
NAMES = ("example-group", *SINGLE)
LARGEST = 1_000_000  # bytes of data an example may add to the wheel

Rows = list[dict[str, str]]


def test_the_examples_are_these(folder: Path) -> None:
    assert tuple(sorted(path.name for path in folder.iterdir() if path.is_dir())) == NAMES


@pytest.mark.parametrize("name", SINGLE)
def test_loads_and_judges_one_use_case_of_the_same_name(example: Callable[[str], Project], name: str) -> None:
    project = example(name)
    assert list(project.use_cases) == [name]
    case = project.use_cases[name]
    assert case.arm
    assert case.gates
    assert case.notes


@pytest.mark.parametrize("name", NAMES)
def test_every_source_finds_its_columns(
    example: Callable[[str], Project], rows: Callable[[str], Rows], name: str
) -> None:
    for source in example(name).sources:
        header = set(rows(f"{name}/{source.path}")[0])
        wanted = {
            column
            for written in source.columns.values()
            for column in (re.findall(r"\{(\w+)\}", written) or [written])
        }
        assert wanted <= header
        assert set(source.ignore) <= header
        known = set(TABLES[source.table].names)
        assert header - wanted - set(source.ignore) <= known
        given = known & (header | set(source.columns) | set(source.constants) | set(source.defaults))
        required = {column.name for column in TABLES[source.table].columns if column.required}
        assert required <= given


@pytest.mark.parametrize("name", NAMES)
def test_no_file_lies_unused_and_none_is_large(
    example: Callable[[str], Project], folder: Path, name: str
) -> None:
    named = {source.path for source in example(name).sources} | {"payback.toml", "README.md"}
    lies = {path.name for path in (folder / name).iterdir() if not path.name.startswith(".")}
    assert lies == named  # what payback keeps beside a project begins with a dot, and is not shipped
    assert sum((folder / name / file).stat().st_size for file in named) < LARGEST


@pytest.mark.parametrize("name", NAMES)
def test_says_where_it_is_from_and_what_it_is_not(
    example: Callable[[str], Project], folder: Path, name: str
) -> None:
    text = (folder / name / "README.md").read_text()
    assert "**What it is not.**" in text
    assert "**Licence.**" in text or "MIT" in text
    assert f"## {name}\n" in (folder / "SOURCES.md").read_text()
    project = example(name)
    assert project.benchmark or project.label == "illustrative"
    if project.benchmark:
        assert any("not a ranking of models" in note for note in project.use_cases[name].notes)
        assert all(source.licence and source.link for source in project.sources)
