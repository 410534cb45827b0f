"""A long run says on a terminal what it does; a short one, or a pipe, sees nothing."""

from __future__ import annotations

import io
import sys
import time
from typing import TYPE_CHECKING

from payback.cli.progress import CLEARED, Progress

if TYPE_CHECKING:
    import pytest


class _Screen(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def _shown(
    monkeypatch: pytest.MonkeyPatch, *, terminal: bool = True, quiet: bool = False, patience: float = 0.0
) -> str:
    screen = _Screen(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with Progress(quiet=quiet, patience=patience) as progress:
        progress("costs.csv", 0, 2)
        for _ in range(100 if terminal and not quiet and not patience else 1):
            if screen.getvalue():
                break
            time.sleep(0.02)
        progress("checks\x1b[31m.csv", 1, 2)
        progress("", 2, 2)
    return screen.getvalue()


def test_a_long_run_is_told_line_by_line_and_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _shown(monkeypatch).split(CLEARED)
    assert lines == [
        "",
        "0 of 2  costs.csv",
        "1 of 2  checks[31m.csv",
        "2 of 2  working out the figures",
        "",
    ]


def test_a_short_run_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _shown(monkeypatch, patience=60) == ""


def test_a_pipe_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _shown(monkeypatch, terminal=False) == ""


def test_quiet_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _shown(monkeypatch, quiet=True) == ""
