"""Compiles the catalogues of words (.po, in git) into what gettext reads (.mo, in the wheel)."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = "src/payback/locale/*/LC_MESSAGES/payback.po"


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs before every wheel, the editable one too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  the hook's own signature
        if self.target_name == "wheel":
            build_data["artifacts"].extend(str(path) for path in compiled(Path(self.root)))


def compiled(root: Path) -> list[Path]:
    """The .mo files just written, one per catalogue, relative to `root`."""
    return [_compiled(path).relative_to(root) for path in sorted(root.glob(CATALOGUES))]


def _compiled(source: Path) -> Path:
    with source.open("rb") as words:
        catalogue = read_po(words, locale=source.parent.parent.name)
    target = source.with_suffix(".mo")
    words_read = BytesIO()
    write_mo(words_read, catalogue)
    if not target.exists() or target.read_bytes() != words_read.getvalue():
        # Whole or not at all: a program that starts meanwhile reads the catalogue as it was.
        made = target.with_name(f".{target.name}-{os.getpid()}")
        made.write_bytes(words_read.getvalue())
        made.replace(target)
    return target
