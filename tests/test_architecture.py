"""Imports point one way, the map in ARCHITECTURE.md is the tree, and few rooms touch the outside.

Each check reads the source with `ast`; nothing is imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "payback"

# What readers may import from each other: nouns they share. Nothing else.
SHARED_BY_READERS = {
    f"payback.sources.{noun}"
    for noun in (
        "cells",
        "delimited",
        "exports",
        "faults",
        "formats",
        "json_lines",
        "log_lines",
        "mapping",
        "text",
    )
}
# What measures of the returns room may import from each other: money by month. Nothing else.
SHARED_BY_RETURNS = {f"payback.measures.returns.{noun}" for noun in ("burn", "burn_series", "simulation")}
ONLY = {"duckdb": {"ledger"}, "pydantic": {"project"}}
MAY_OPEN_FILES = {
    "locale": "its catalogues",
    "project": "payback.toml",
    "seals": "the seals beside payback.toml",
    "forecasts": "the record of forecasts",
    "sources": "what the user names",
    "prices": "its own data",
    "ledger": "the record",
    "starter": "the folder it is asked to look at",
    "server": "its own pages",
    "cli": "whatever the command says",
}
OPENS = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
CLOCK = {("date", "today"), ("datetime", "now"), ("datetime", "utcnow"), ("time", "time")}
MAY_READ_THE_CLOCK = {"cli", "server", "ledger"}


@dataclass(frozen=True)
class Module:
    """One file of payback."""

    name: str  # payback.sources.rows
    tree: ast.Module

    @property
    def room(self) -> str:
        """Its place on the map: the first word after `payback`."""
        return self.name.split(".")[1]

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything it imports, wherever in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}:{node.lineno}: write the import in full"
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def modules() -> list[Module]:
    """Every file of the package but its __init__ and __main__, which stand outside the rooms."""
    return [
        Module(_name(path), ast.parse(path.read_text(encoding="utf-8"), str(path)))
        for path in sorted(SOURCE.rglob("*.py"))
        if path not in {SOURCE / "__init__.py", SOURCE / "__main__.py"}
    ]


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(("payback", *(part for part in parts if part != "__init__")))


def map_lines() -> list[str]:
    """The map in ARCHITECTURE.md: one room a line, the one everybody may import first."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    block = re.search(r"^```rooms\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert block, "ARCHITECTURE.md has lost its map: a code block that starts with ```rooms"
    return block[1].splitlines()


MODULES = modules()
ROOMS = [line.split()[0].removesuffix(".py").removesuffix("/") for line in map_lines()]


def told(faults: Iterable[str]) -> None:
    """Fail with every fault on a line of its own."""
    listed = list(faults)
    assert not listed, "\n  ".join(("", *listed))


def test_the_map_names_every_room() -> None:
    built = {module.room for module in MODULES}
    assert built <= set(ROOMS), "a room is missing on the map in ARCHITECTURE.md"


def test_the_map_names_no_room_twice() -> None:
    assert len(ROOMS) == len(set(ROOMS))


def test_the_map_names_files_and_folders_as_they_are() -> None:
    for line in map_lines():
        place = SOURCE / line.split()[0]
        there = place.is_dir() if line.split()[0].endswith("/") else place.is_file()
        planned = line.endswith("(not built yet)")
        assert there != planned, f"ARCHITECTURE.md is not the tree: {line}"


def test_a_room_imports_only_rooms_above_it_on_the_map() -> None:
    place = {room: number for number, room in enumerate(ROOMS)}
    told(
        f"{module.name}:{line} imports {name}: {room} comes after {module.room}"
        for module in MODULES
        for line, name in module.imports()
        if (room := _room(name)) and place[room] > place.get(module.room, 0)
    )


def _room(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "payback" and len(parts) > 1 and parts[1] in ROOMS else None


def test_readers_share_only_nouns() -> None:
    """A reader of several files is a folder, and they are its own."""
    told(
        f"{module.name}:{line} imports {target}"
        for module, line, target in _neighbours("sources")
        if target not in SHARED_BY_READERS and not _same_folder(module.name, target)
    )


def _same_folder(name: str, other: str) -> bool:
    folder = name.rpartition(".")[0]
    return folder.count(".") > 1 and folder == other.rpartition(".")[0]  # payback.sources.FOLDER


def test_measures_share_only_statistics() -> None:
    """A measure, in the folder of its question, may use what stands directly in measures/; no other measure.

    Money by month, simulated or spent, is what the measures of the returns room share.
    """
    told(
        f"{module.name}:{line} imports {target}"
        for module, line, target in _neighbours("measures")
        if target.count(".") > 2  # payback.measures.FOLDER.MEASURE
        and target not in SHARED_BY_RETURNS
    )


def _neighbours(room: str) -> Iterator[tuple[Module, int, str]]:
    """Imports from file to file within a room; a package's __init__, the registry, may list its files."""
    files = {module.name for module in MODULES if module.room == room}
    for module in MODULES:
        if module.room == room and not _registry(module):
            for line, name in module.imports():
                target = _module(name, files)
                if target not in {None, module.name, f"payback.{room}"}:
                    yield module, line, str(target)


def _registry(module: Module) -> bool:
    return (SOURCE.parent / Path(*module.name.split("."))).is_dir()  # a package's __init__ lists its files


def _module(name: str, files: set[str]) -> str | None:
    """The file an imported name lives in."""
    if name in files:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in files else None


@pytest.mark.parametrize("library", sorted(ONLY))
def test_one_room_knows_this_library(library: str) -> None:
    told(
        f"{module.name}:{line} imports {name}"
        for module in MODULES
        if module.room not in ONLY[library]
        for line, name in module.imports()
        if name.split(".")[0] == library
    )


def test_only_these_rooms_open_files() -> None:
    told(
        f"{module.name}:{line} opens a file"
        for module in MODULES
        if module.room not in MAY_OPEN_FILES
        for line, called in _calls(module)
        if called[-1] in OPENS
    )


def test_only_these_rooms_read_the_clock() -> None:
    """`--as-of` is the latest event in the data; the day it is today moves no figure."""
    told(
        f"{module.name}:{line} reads the clock"
        for module in MODULES
        if module.room not in MAY_READ_THE_CLOCK
        for line, called in _calls(module)
        if called[-2:] in CLOCK
    )


def _calls(module: Module) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and dotted name of every call: ("path", "open")."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else ""
            yield node.lineno, tuple(called.rsplit(".", 2)[-2:])
