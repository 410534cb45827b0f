"""`payback usage --live` on a terminal of its own, while a log grows."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.test_usage import run
from tests.sources.test_claude_code import answer, log

pty = pytest.importorskip("pty", reason="no terminals to be had here")
PATIENCE = 60.0


class Terminal:
    """A terminal of 30 lines and 100 columns in which `payback usage --live` runs."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.ours, theirs = pty.openpty()
        self.text = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "payback", "usage", *arguments],
            cwd=folder,
            env={**os.environ, "HOME": str(folder), "LINES": "30", "COLUMNS": "100", "TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def read_until(self, pattern: str) -> None:
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, self.text):
            assert time.monotonic() < end, self.text
            if select.select([self.ours], [], [], 1)[0]:
                try:
                    self.text += os.read(self.ours, 65536).decode()
                except OSError:
                    break
        assert re.search(pattern, self.text), self.text

    def ended(self) -> int:
        code = self.process.wait(PATIENCE)
        self.read_until(r"\x1b\[\?1049l(.|\n)*files?\r\n")
        os.close(self.ours)
        return code


def test_a_number_grows_with_the_log_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    """A second call doubles the tokens out: 40, then 80."""
    file = log(tmp_path / "logs", answer())
    terminal = Terminal(tmp_path, str(file.parent), "--live", "--interval", "0.2", "--by", "session")
    try:
        terminal.read_until(r"1 call, 1 file(.|\n)*s-1 +1 +3 +9 +0 +40 +0\.00(.|\n)*Ctrl-C ends")
        with file.open("a") as out:
            out.write(json.dumps(answer("msg_2", "req_2")) + "\n")
        terminal.read_until(r"2 calls, 1 file(.|\n)*s-1 +2 +6 +18 +0 +80 +0\.00")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.ended() == 0
    finally:
        terminal.process.kill()
    after = terminal.text.rpartition("\x1b[?1049l")[2]
    assert "2 calls, 1 file" in after  # the last table stays
    assert "\x1b" not in after


def test_a_wrong_call_never_takes_the_screen(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "nowhere", "--live")
    try:
        terminal.read_until("no such file or folder")
        assert terminal.process.wait(PATIENCE) == 2
    finally:
        terminal.process.kill()
    assert "\x1b[?1049h" not in terminal.text


@pytest.mark.parametrize("more", [(), ("--json",), ("--csv",)])
def test_without_a_terminal_it_is_a_wrong_call(tmp_path: Path, more: tuple[str, ...]) -> None:
    log(tmp_path, answer())
    done = run(".", "--live", *more, folder=tmp_path)
    assert done.returncode == 2
    assert "--live is for a terminal" in done.stderr
