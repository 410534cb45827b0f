"""One line on the error output that says what a long run is doing. Short runs and pipes see none."""

from __future__ import annotations

import os
import shutil
import sys
from threading import Lock, Timer
from types import TracebackType
from typing import Self

from payback.locale import say

PATIENCE_SECONDS = 2.0
"""Work that is done sooner needs no line."""
CLEARED = "\r\x1b[K"


class Progress:
    """`with Progress(quiet=...) as progress: progress("reading costs.csv", 0, 3)`."""

    def __init__(self, *, quiet: bool = False, patience: float = PATIENCE_SECONDS) -> None:
        self._silent = quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
        self._patience = patience
        self._lock = Lock()
        self._text = ""
        self._begun = False
        self._timer: Timer | None = None

    def __enter__(self) -> Self:
        if not self._silent:
            self._timer = Timer(self._patience, self._begin)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is None:
            return
        self._timer.cancel()
        with self._lock:
            self._silent = True
            if self._begun:
                _put(CLEARED)

    def __call__(self, what: str, done: int, total: int) -> None:
        """What is being done, and how far; as `payback.assess` tells it."""
        with self._lock:
            count = say("{done} of {total}", done=done, total=total) if total else ""
            self._text = "  ".join(part for part in (count, what or say("working out the figures")) if part)
            if self._begun and not self._silent:
                self._draw()

    def _begin(self) -> None:
        with self._lock:
            if not self._silent:
                self._begun = True
                self._draw()

    def _draw(self) -> None:
        from payback.report.inert import plain

        if not self._text:
            return
        width = shutil.get_terminal_size().columns - 1
        _put(CLEARED + plain(self._text)[:width])


def _put(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
