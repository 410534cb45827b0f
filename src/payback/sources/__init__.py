"""One reader per format people already have. The tuple below is the registry."""

from __future__ import annotations

from pathlib import Path

from payback.project import Source
from payback.sources import table

READERS = (table,)


def files(source: Source, folder: Path) -> tuple[Path, ...]:
    """The files a source names, in the order of their names. Raises PaybackError where there are none."""
    named = folder / source.path
    if named.is_file():
        return (named,)
    if any(letter in source.path for letter in "*?["):
        matched = tuple(sorted(one for one in folder.glob(source.path) if one.is_file()))
        if matched:
            return matched
    table.check(named, source.path)
    raise table.missing(named, source.path)
