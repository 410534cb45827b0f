"""`payback usage --live`: the table again and again while logs grow, until Ctrl-C."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from payback.locale import say
from payback.records import PaybackError

SHARE = 4
"""Reading takes at most one part in so many and one of the time: of large logs, the table comes less often."""
SCREEN, BACK = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
"""A screen of its own without a cursor, and back to the shell's."""
HOME, END_OF_LINE, REST = "\x1b[H", "\x1b[K", "\x1b[J"

State = tuple[tuple[str, int, int], ...]


def watch(ask: Callable[[], Sequence[str]], paths: Callable[[], Sequence[Path]], seconds: float) -> None:
    """Show what `ask` says, again whenever a file under `paths` changed; on Ctrl-C leave the last one standing."""
    seen = _state(paths())
    took, lines = _timed(ask)  # what is wrong with the call is said before the screen is taken
    try:
        _put(SCREEN)
        while True:
            _draw(lines, seconds)
            time.sleep(max(seconds, SHARE * took))
            if (state := _state(paths())) != seen:
                seen = state
                try:
                    took, lines = _timed(ask)
                except PaybackError as error:  # a log was moved; it may come back
                    lines = [str(error)]
    except KeyboardInterrupt:
        pass
    finally:
        _put(BACK)
    sys.stdout.write("\n".join(lines) + "\n")


def _timed(ask: Callable[[], Sequence[str]]) -> tuple[float, Sequence[str]]:
    start = time.perf_counter()
    lines = ask()
    return time.perf_counter() - start, lines


def _draw(lines: Sequence[str], seconds: float) -> None:
    """As much as the terminal holds; the last line says how to get out."""
    columns, rows = shutil.get_terminal_size()
    shown = [line[: columns - 1] for line in lines[: rows - 1]]
    clock = datetime.now(UTC).strftime("%H:%M:%S")
    foot = say("{clock} UTC, looks again every {seconds} s, Ctrl-C ends", clock=clock, seconds=f"{seconds:g}")
    filled = [*shown, *[""] * (rows - 1 - len(shown)), foot[: columns - 1]]
    _put(HOME + f"{END_OF_LINE}\r\n".join(filled) + END_OF_LINE + REST)


def _state(paths: Sequence[Path]) -> State:
    """Name, size and time of every file."""
    return tuple(sorted(each for path in paths for each in _files(path)))


def _files(path: Path) -> Iterator[tuple[str, int, int]]:
    files = (
        [path]
        if path.is_file()
        else (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    )
    for file in files:
        with suppress(OSError):  # gone between two looks
            held = file.stat()
            yield str(file), held.st_size, held.st_mtime_ns


def _put(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
