"""Every code of docs/errors.md that a file can provoke has a file that does, beside what is then said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from payback.project import load
from payback.records import PaybackError
from payback.sources import files
from payback.sources.faults import OF_THE_FILE, titles
from tests.sources.reading import read_file, told

FOLDER = Path(__file__).parent / "bad_input"
CODES = sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir())


@pytest.mark.parametrize("code", CODES)
def test_what_is_said(
    code: str, expected: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = _said(FOLDER / code)
    assert f"[{code}" in said, said
    expected(FOLDER / code / "expected.txt", said)


def _said(folder: Path) -> str:
    try:
        project = load(folder / "payback.toml" if (folder / "payback.toml").exists() else folder / "nowhere")
        return "".join(
            told(read_file(source, file, shown=file.relative_to(folder).as_posix()))
            for source in project.sources
            for file in files(source, folder)
        )
    except PaybackError as error:
        return told(error).replace(f"{folder}/", "")


def test_every_code_has_a_file_but_those_that_no_small_file_can_provoke() -> None:
    """Codes of rows and cells are listed in one place; each needs its folder."""
    without = {"long-row"}  # 16 MiB; tests/sources/test_delimited.py
    assert set(titles()) - without <= set(CODES)
    assert set(CODES) >= OF_THE_FILE
