"""payback demo: from the installed package to a verdict and a page, alone and offline."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from payback.cli import demo
from payback.cli.demo import PROJECTS
from tests.cli.conftest import process

if TYPE_CHECKING:
    from tests.cli.conftest import Payback

ROOT = Path(__file__).parents[2]
ALONE = """
import socket, sys
def nobody(*_): raise AssertionError("the demo calls somebody")
socket.socket.connect = socket.getaddrinfo = nobody
import payback.cli
assert payback.__file__.startswith(sys.argv[1]), payback.__file__
payback.cli.main(["demo", "--out", sys.argv[2]])
"""


def test_the_examples_are_copied_as_shipped(tmp_path: Path) -> None:
    demo.copied(tmp_path / "out")
    shipped = ROOT / "src" / "payback" / "examples"
    for name in PROJECTS:
        copied = {file.name: file.read_bytes() for file in (tmp_path / "out" / name).iterdir()}
        schema = copied.pop("payback.schema.json")
        assert schema == (ROOT / "src" / "payback" / "payback.schema.json").read_bytes()
        assert copied == {
            file.name: file.read_bytes() for file in (shipped / name).iterdir() if file.is_file()
        }


def test_one_example_alone_is_copied(tmp_path: Path) -> None:
    demo.copied(tmp_path, demo.OTHERS)
    assert [place.name for place in tmp_path.iterdir()] == ["example-group"]
    assert (tmp_path / "example-group" / "payback.schema.json").is_file()


def test_an_example_nobody_ships_is_refused(payback: Payback, tmp_path: Path) -> None:
    done = payback("demo", "--out", tmp_path, "--example", "example-gruop")
    assert done.code == 2
    assert "example-group" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_the_group_alone_end_to_end(payback: Payback, tmp_path: Path) -> None:
    done = payback("demo", "--out", tmp_path, "--example", "example-group")
    assert (done.code, done.err) == (0, "")
    for verdict in ("SCALE", "CONTINUE", "WAIT"):
        assert verdict in done.out
    assert f"payback assess {tmp_path}/example-group" in done.out
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Voice agent" in page
    assert "illustrative" in page


def test_copying_again_keeps_what_is_there(tmp_path: Path) -> None:
    demo.copied(tmp_path)
    (tmp_path / "own-model" / "notes.txt").write_text("mine")
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")}
    demo.copied(tmp_path)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")} == before


def test_an_edited_file_is_never_overwritten(payback: Payback, tmp_path: Path) -> None:
    edited = tmp_path / "solve-problems" / "payback.toml"
    edited.parent.mkdir()
    edited.write_text("mine")
    done = payback("demo", "--out", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert str(edited) in done.err
    assert edited.read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["solve-problems"]


def test_a_file_in_the_way_is_told(payback: Payback, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert payback("demo", "--out", tmp_path / "file").code == 2
    done = payback("demo", "--out", tmp_path / "file" / "below")
    assert done.code == 2
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_the_demo_end_to_end(tmp_path: Path) -> None:
    done = process("demo", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("Example Group: AI spending")
    assert "STOP" in done.out
    assert "fix-issues" in done.out or "Fix issues" in done.out
    page = tmp_path / "payback-demo" / "report.html"
    assert "The whole report: payback-demo/report.html" in lines
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    again = process("demo", cwd=tmp_path)
    assert again == done
    tried = [line.split("  ")[1] for line in lines if line.startswith("  payback ")]
    assert len(tried) == 3
    for call in tried:
        assert process(*call.split()[1:], cwd=tmp_path).code in {0, 3}


@pytest.mark.long
@pytest.mark.slow
def test_the_demo_runs_from_the_wheel_alone(tmp_path: Path) -> None:
    """Unpacked into a folder nobody may write to, with no network."""
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    alone = tmp_path / "alone"
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as packed:
        packed.extractall(alone)
    held = set(alone.rglob("*"))
    for place in (alone, *held):
        place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-B", "-c", ALONE, str(alone), str(tmp_path / "out")],
            env={"PYTHONPATH": str(alone), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert set(alone.rglob("*")) == held
    finally:
        for place in (alone, *held):
            place.chmod(0o755)
    assert "STOP" in done.stdout
    assert (tmp_path / "out" / "report.html").is_file()
