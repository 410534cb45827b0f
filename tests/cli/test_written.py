"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from payback.cli import written
from payback.records import PaybackError


def test_a_file_is_replaced_and_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("old")
    file.chmod(0o640)
    written.write(file, "new ✓")
    assert file.read_text(encoding="utf-8") == "new ✓"
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    written.write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_what_was_there_stays_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.html"
    file.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PaybackError, match="No space left on device"):
        written.write(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.name == "nt", reason="no such device on Windows")
def test_a_device_is_written_to() -> None:
    written.write("/dev/null", "nothing")
    assert not Path("/dev/null").is_file()


def test_no_place_to_write_is_told(tmp_path: Path) -> None:
    with pytest.raises(PaybackError, match="there is no folder"):
        written.check(tmp_path / "none" / "file")
    with pytest.raises(PaybackError, match="this is a folder"):
        written.check(tmp_path)
    written.check(None)
    written.check("-")
