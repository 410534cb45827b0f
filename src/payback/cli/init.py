"""A first payback.toml for what lies in a folder: it runs at once, and asks what is missing."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from payback.cli import written
from payback.cli.examples import examples
from payback.locale import say, say_count
from payback.records import PaybackError

if TYPE_CHECKING:
    from payback.sources.formats import Format
    from payback.starter import Draft, Seen

SCHEMA_VERSION = 1
FILE_NAME = "payback.toml"
TEMPLATES = ("support", "documents", "coding", "reconciliation", "one-person")
SHOWN = 12
"""Files that are not used, and questions, that the terminal lists; --json has all."""


@click.command(
    short_help=say("a first payback.toml for what lies in a folder"),
    epilog=examples(
        "payback init",
        "payback init invoices --template documents",
        "payback init --stdout > draft.toml",
    ),
)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--template", type=click.Choice(TEMPLATES), help=say("begin with the unit and rules of that kind of work")
)
@click.option("--force", is_flag=True, help=say("keep the payback.toml there as payback.toml.bak"))
@click.option("--stdout", "to_stdout", is_flag=True, help=say("print the file, write nothing"))
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
def command(folder: Path, *, template: str | None, force: bool, to_stdout: bool, as_json: bool) -> None:
    """Look at DIR, recognise logs, tables and bills, and write a payback.toml there.

    Without logs in DIR, the folders that agents write to are used. Nothing is asked, nothing is
    overwritten, nothing leaves this machine. What is a guess says so; what is missing stays a
    comment with its question. `payback assess` then gives a first verdict.
    """
    if to_stdout and as_json:
        raise click.UsageError(say("--stdout and --json cannot both go to the standard output"))
    target = folder / FILE_NAME
    if not to_stdout:
        _free(target, force=force)
    seen = _looked(folder)
    homes = [] if seen.logs or seen.tables else _homes()
    nothing = not (seen.logs or seen.tables or homes)
    if nothing and template is None:
        raise _nothing_found(folder, seen)
    draft = _draft(seen, homes, template, sample_made=nothing)
    if not any(one.active for one in draft.sources) and (homes := _homes()):
        draft = _draft(seen, homes, template, sample_made=False)
    kept = None
    if not to_stdout:
        if nothing:
            _samples(folder)
        kept = _kept(target) if target.exists() else None
        written.write(target, draft.text)
    if to_stdout:
        written.write(written.STDOUT, draft.text)
    elif as_json:
        click.echo(json.dumps(_facts(folder, target, seen, draft), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(folder, target, kept, seen, homes, draft)))


def _free(target: Path, *, force: bool) -> None:
    """Refuse to overwrite, before anything is read. Raises PaybackError."""
    if not target.parent.is_dir():
        raise PaybackError(
            "no-folder",
            say("there is no folder {folder}", folder=target.parent),
            where=str(target),
            fix=say("make it first, or name another"),
        )
    if target.exists() and not force:
        raise PaybackError(
            "project-exists",
            say("there is a payback.toml already"),
            where=str(target),
            fix=say("--force keeps it as payback.toml.bak; --stdout prints a new one beside it"),
        )
    if not os.access(target.parent, os.W_OK):
        raise written.refused(target, PermissionError(13, os.strerror(13)))


def _kept(target: Path) -> Path:
    """Put the old file aside under a name that is free."""
    place = target.with_name(f"{FILE_NAME}.bak")
    number = 1
    while place.exists():
        number += 1
        place = target.with_name(f"{FILE_NAME}.bak{number}")
    written.write_bytes(place, target.read_bytes())
    return place


def _looked(folder: Path) -> Seen:
    """What lies in the folder. Raises PaybackError."""
    from payback.sources import FORMATS
    from payback.starter import look

    try:
        return look(folder, FORMATS)
    except OSError as error:
        raise PaybackError(
            "unreadable-file",
            say("the folder cannot be opened: {reason}", reason=error.strerror or str(error)),
            where=str(folder),
            fix=say("give yourself the right to read it"),
        ) from None


def _homes() -> list[tuple[Format, str]]:
    """The folders that tools write to, as `~/...`, where there is a log of theirs."""
    from payback.sources import FORMATS

    return [
        (format_, f"~/{home}")
        for format_ in FORMATS
        for home in format_.homes
        if format_.endings and _holds(Path.home() / home, format_)
    ]


def _holds(home: Path, format_: Format) -> bool:
    """Whether a log of the format lies there: any file of its ending, found among the first thousands."""
    from payback.sources import FORMATS
    from payback.starter import look

    if not home.is_dir():
        return False
    try:
        seen = look(home, FORMATS)
    except OSError:
        return False
    return any(name == format_.name and ending == format_.endings[0] for name, _, ending in seen.logs)


def _draft(
    seen: Seen, homes: Sequence[tuple[Format, str]], template: str | None, *, sample_made: bool
) -> Draft:
    from payback.sources import FORMATS
    from payback.starter import draft, templates

    return draft(
        seen,
        homes,
        FORMATS,
        language=os.environ.get("LC_ALL") or os.environ.get("LANG") or "",
        template=templates()[template] if template is not None else None,
        sample_made=sample_made,
    )


def _samples(folder: Path) -> None:
    """The made-up files of a template, beside the file; none that is there is touched."""
    from payback.starter import sample_files

    for name, text in sample_files().items():
        if not (folder / name).exists():
            written.write(folder / name, text)


def _nothing_found(folder: Path, seen: Seen) -> PaybackError:
    looked = say_count("{count:,} file", "{count:,} files", seen.files)
    what = say(
        "nothing here that payback reads; looked at {files}, and where agents write their logs", files=looked
    )
    if seen.sheets:
        what += "; " + say("{file} is a spreadsheet: save it as CSV", file=seen.sheets[0])
    return PaybackError(
        "nothing-found",
        what,
        where=str(folder),
        fix=say(
            "put logs, CSV, Parquet or JSON lines there, or see how it looks with made-up files: {command}",
            command=f"payback init {shlex.quote(str(folder))} --template support",
        ),
    )


def _lines(
    folder: Path,
    target: Path,
    kept: Path | None,
    seen: Seen,
    homes: Sequence[tuple[Format, str]],
    draft: Draft,
) -> list[str]:
    looked = say_count("Looked at {count:,} file", "Looked at {count:,} files", seen.files)
    lines = [
        say("{looked} in {folder}.", looked=looked, folder=say("this folder") if folder == Path() else folder)
    ]
    if seen.cut_short:
        lines.append(say("There are more: name what is missing in payback.toml yourself."))
    if homes:
        lines.append(say("Nothing there can be used as it is: the logs of agents on this machine are taken."))
    lines.append("")
    lines += [_noted(one.what, one.path) for one in draft.sources if one.active]
    lines += [_noted(say("not yet"), f"{one.path}: {one.what}") for one in draft.sources if not one.active]
    lines += [_noted(say("not used"), f"{path}: {why}") for path, why in draft.not_used[:SHOWN]]
    if (rest := len(draft.not_used) - SHOWN) > 0:
        lines.append(_noted("", say("{count} more; --json has them", count=rest)))
    lines.append(_noted(say("currency"), f"{draft.currency}: {draft.currency_from}"))
    for number, question in enumerate(draft.questions[:SHOWN]):
        lines.append(_noted(say("to answer") if number == 0 else "", question))
    if (rest := len(draft.questions) - SHOWN) > 0:
        lines.append(_noted("", say("{count} more; they stand in the file", count=rest)))
    lines += ["", say("written: {file}", file=target)]
    if kept is not None:
        lines.append(say("the old one: {file}", file=kept))
    asked = "" if folder == Path() else f" {shlex.quote(str(folder))}"
    lines.append(say("next: {command}", command=f"payback assess{asked}"))
    return [_plain(line) for line in lines]


def _noted(head: str, text: str) -> str:
    return f"{head:<12}  {text}"


def _plain(text: str) -> str:
    from payback.report.inert import plain

    return plain(text)


def _facts(folder: Path, target: Path, seen: Seen, draft: Draft) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "init",
        "folder": _text(folder),
        "written": _text(target),
        "files_looked_at": seen.files,
        "cut_short": seen.cut_short,
        "repository": seen.repository,
        "currency": {"code": draft.currency, "from": draft.currency_from},
        "sources": [
            {"path": one.path, "what": one.what, "active": one.active, "question": one.question or None}
            for one in draft.sources
        ],
        "not_used": [{"path": _plain(path), "why": why} for path, why in draft.not_used],
        "text": draft.text,
    }


def _text(path: Path) -> str:
    return str(path).encode("utf-8", "replace").decode()
