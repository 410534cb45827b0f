"""The two exports of versions agree and name no address; the wheel holds what it needs to run alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXPORTS = ("constraints.txt", "requirements.lock")
PINNED = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^\s;\\]+)(?: ; ([^\\]+?))?(?: \\)?$", re.MULTILINE)


def _pins(name: str) -> list[tuple[str, str, str]]:
    return PINNED.findall((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"http|://|index-url|find-links|trusted-host|@ |file:", text, re.IGNORECASE)


def test_both_exports_name_the_same_versions() -> None:
    constraints, hashed = map(_pins, EXPORTS)
    assert constraints == hashed, "run `make lock`"
    assert len(constraints) == len((ROOT / "constraints.txt").read_text(encoding="utf-8").split("\n")) - 1


def test_every_version_in_the_lock_has_a_hash() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for block in re.split(r"\n(?=[a-z0-9])", text.strip()):
        assert "--hash=sha256:" in block, block


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    names = {re.split(r"[<>=!~;\[ ]", one, maxsplit=1)[0].lower() for one in asked}
    assert names <= {name for name, _, _ in _pins("constraints.txt")}, "run `make lock`"


def test_the_wheel_runs_alone(tmp_path: Path) -> None:
    """Built, unpacked into a folder of its own and run from there, with nothing of the checkout."""
    built = _run("-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    alone = tmp_path / "alone"
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        packed.extractall(alone)
    source = ROOT / "src"
    expected = {
        str(path.relative_to(source))
        for path in (source / "payback").rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.name != ".DS_Store"
    }
    assert expected <= names, "files beside the code that the wheel does not hold"
    assert any(name.endswith(".mo") for name in names)
    shown = _run(
        "-P", "-c", "import payback.cli; print(payback.__file__); payback.cli.main(['--help'])", at=alone
    )
    assert shown.returncode == 0, shown.stderr
    assert str(alone) in shown.stdout
    assert "Does your AI spending pay back" in shown.stdout


def _run(
    *arguments: str, cwd: Path | None = None, at: Path | None = None
) -> subprocess.CompletedProcess[str]:
    place = {"PYTHONPATH": str(at)} if at else {}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd or at,
        env=os.environ | place,
        capture_output=True,
        text=True,
        check=False,
    )
