"""payback assess --xlsx: what it writes, and what it refuses."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook

from tests.assessor.built import project
from tests.assessor.test_returns import AHEAD, TABLES, TODAY

if TYPE_CHECKING:
    from tests.cli.conftest import Payback

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "workbook.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The support desk, with a future."""
    made = tmp_path_factory.mktemp("command")
    project(made, TODAY + AHEAD, **TABLES)
    return made


def test_the_command_writes_it(folder: Path, payback: Payback) -> None:
    done = payback("assess", folder, "--quiet", "--xlsx", folder / "report.xlsx")
    assert (done.code, done.out, done.err) == (0, "", "")
    names = CalamineWorkbook.from_path(str(folder / "report.xlsx")).sheet_names
    told = GUIDE.read_text(encoding="utf-8").split("## ", 1)[0]
    assert names == re.findall(
        r"^\| (?!sheet)(\w[\w ]+) \|", told, re.MULTILINE
    )  # those of the guide, in order
    done = payback("assess", folder, "--xlsx", folder / "report.xlsx")  # again, with the report here
    assert done.code == 0
    assert "written:" in done.err
    assert "Replies" in done.out


def test_the_command_refuses_what_is_no_file(folder: Path, payback: Payback) -> None:
    done = payback("assess", folder, "--xlsx", "-")
    assert done.code == 2
    assert "a workbook goes to a file" in done.err
    done = payback("assess", folder, "--xlsx", folder / "nowhere" / "report.xlsx")
    assert done.code == 2
    assert "there is no folder" in done.err


def test_without_the_library_the_command_says_how_to_get_it(
    folder: Path, payback: Payback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    done = payback("assess", folder, "--xlsx", folder / "none.xlsx")
    assert done.code == 2
    assert "pip install 'payback[xlsx]'" in done.err
    assert not (folder / "none.xlsx").exists()
