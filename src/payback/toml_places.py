"""Where each key of a TOML text stands, so that a fault can be shown at its line and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Path = tuple[str | int, ...]
"""The way to a value: keys, and running numbers in arrays, as pydantic names it."""

Place = tuple[int, int]
"""Line and column, from 1."""

START: Place = (1, 1)


def places(text: str) -> Mapping[Path, Place]:
    """The place of every key, table and array element of a TOML text."""
    found = _Places()
    root = _parser().parse(text.encode()).root_node
    found.pairs(root, ())
    for child in root.named_children:
        if child.type == "table":
            found.table(child)
        elif child.type == "table_array_element":
            found.element(child)
    return found.known


def nearest(known: Mapping[Path, Place], path: Path) -> Place:
    """The place of the path, else of the nearest thing above it that stands in the file."""
    while path and path not in known:
        path = path[:-1]
    return known.get(path, START)


@dataclass(slots=True)
class _Places:
    """The places found so far, and how many elements each array of tables has."""

    known: dict[Path, Place] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)

    def table(self, node: Any) -> None:
        path = self._numbered(_keys(node.named_children[0]))
        self._note(path, node)
        self.pairs(node, path)

    def element(self, node: Any) -> None:
        written = _keys(node.named_children[0])
        array = (*self._numbered(written[:-1]), written[-1])
        number = self.counts.get(array, 0)
        self.counts[array] = number + 1
        self._note((*array, number), node)
        self._note(array, node)
        self.pairs(node, (*array, number))

    def pairs(self, node: Any, base: Path) -> None:
        for child in node.named_children:
            if child.type == "pair":
                name, held = child.named_children[0], child.named_children[-1]
                path = (*base, *_keys(name))
                self._note(path, name)
                self._held(held, path)

    def _held(self, node: Any, path: Path) -> None:
        if node.type == "inline_table":
            self.pairs(node, path)
        elif node.type == "array":
            elements = (child for child in node.named_children if child.type != "comment")
            for number, child in enumerate(elements):
                self._note((*path, number), child)
                self._held(child, (*path, number))

    def _numbered(self, keys: list[str]) -> Path:
        """A header's path with the running number of each array of tables on the way."""
        path: Path = ()
        for key in keys:
            path += (key,)
            if path in self.counts:
                path += (self.counts[path] - 1,)
        return path

    def _note(self, path: Path, node: Any) -> None:
        row, column = node.start_point
        self.known.setdefault(path, (row + 1, column + 1))


def _keys(node: Any) -> list[str]:
    if node.type == "dotted_key":
        return [key for child in node.named_children for key in _keys(child)]
    written = node.text.decode()
    return [written.strip("\"'") if node.type == "quoted_key" else written]


@cache
def _parser() -> Any:
    import tree_sitter_toml  # noqa: PLC0415  only needed to say where a fault stands
    from tree_sitter import Language, Parser  # noqa: PLC0415

    return Parser(Language(tree_sitter_toml.language()))
