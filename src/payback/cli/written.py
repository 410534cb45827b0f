"""Files a command writes: whole or not at all, and what was there before stays until then."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

import click

from payback.locale import say
from payback.records import PaybackError

STDOUT = "-"
"""Where an option names a file, this is the standard output."""


def check(target: str | Path | None) -> None:
    """Refuse a place where nothing can be written, before the work is done. Raises PaybackError."""
    if target is None or str(target) == STDOUT:
        return
    path = Path(target)
    if path.is_dir():
        raise PaybackError(
            "not-a-file", say("this is a folder"), where=str(path), fix=say("name the file to write")
        )
    if not path.parent.is_dir():
        raise PaybackError(
            "no-folder",
            say("there is no folder {folder}", folder=path.parent),
            where=str(path),
            fix=say("make it first, or name another"),
        )


def write(target: str | Path, text: str) -> None:
    """Write `text` as UTF-8 to a file, or to the standard output. Raises PaybackError."""
    if str(target) == STDOUT:
        click.echo(text.encode(), nl=False)
    else:
        check(target)
        write_bytes(Path(target), text.encode())


def tell(target: str | Path, *, quiet: bool = False) -> None:
    """Say on the error output where a file was written."""
    if str(target) != STDOUT and not quiet:
        click.echo(say("written: {file}", file=target), err=True)


def write_bytes(place: Path, content: bytes) -> None:
    """Write a file. Raises PaybackError.

    It is written beside its place and then put there in one step: a full disk or a stopped run
    leaves the old one as it was.
    """
    try:
        if place.exists() and not place.is_file():
            place.write_bytes(content)  # a pipe or a device: nothing there to lose
        else:
            _replace(place.resolve(), content)
    except OSError as error:
        raise refused(place, error) from None


def refused(place: Path, error: OSError) -> PaybackError:
    """What to say where the system refuses to write."""
    return PaybackError(
        "cannot-write",
        say("cannot be written: {reason}", reason=error.strerror or str(error)),
        where=str(place),
        fix=say("check the rights of the folder and the room on the disk"),
    )


def _replace(place: Path, content: bytes) -> None:
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            beside.chmod(place.stat().st_mode & 0o777)
        beside.replace(place)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
