"""A verdict on the bundled examples: copied to a folder of your own, assessed, shown."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from payback.cli import schema, written
from payback.cli.assess import print_report
from payback.cli.assessed import assessed
from payback.cli.examples import examples
from payback.locale import say
from payback.records import PaybackError

FOLDER = "payback-demo"
PROJECTS = ("own-model", "fix-issues", "solve-problems")
"""The examples, the one on page one first."""
OTHERS = ("example-group",)
"""Shipped too, but simulated for longer: only by name."""


@click.command(
    short_help=say("a verdict on bundled real data"),
    epilog=examples(
        "payback demo", "payback demo --example example-group", "payback demo --out /tmp/payback"
    ),
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=FOLDER,
    show_default=True,
    metavar="DIR",
    help=say("the folder for the examples and the report"),
)
@click.option(
    "--example",
    type=click.Choice((*PROJECTS, *OTHERS)),
    help=say("one of them alone; example-group is a whole group, with what lies ahead of each use case"),
)
def command(*, out: Path, example: str | None) -> None:
    """Copy the bundled examples into a folder, assess them, and write the report there.

    One is illustrative, two are public benchmarks with real costs. --example example-group looks ahead
    too: it takes a little longer. Files you edited there are never overwritten. Calls nobody.
    """
    from payback.report.build import report
    from payback.report.to_html import html

    names = PROJECTS if example is None else (example,)
    copied(out, names)
    found = assessed([out / name for name in names])
    page = out / "report.html"
    written.write(page, html(report(found)))
    print_report(found, pages=1)
    click.echo(
        "\n".join(("", say("The whole report: {file}", file=page), say("Then try"), *_next(out, names[0])))
    )


def _next(out: Path, first: str) -> list[str]:
    folder = shlex.quote(str(out / first))
    tries = {
        f"payback assess {folder}": say("every figure of one project"),
        f"payback check {folder}": say("the verdict as an exit code"),
        f"payback gate show {folder}": say("were its rules sealed beforehand?"),
    }
    width = max(map(len, tries))
    return [
        *(f"  {call:<{width}}  {words}" for call, words in tries.items()),
        say("and change {file}: it is a model for your own.", file=out / first / "payback.toml"),
    ]


def copied(out: Path, names: Sequence[str] = PROJECTS) -> None:
    """Put the examples into `out`; files there that are as shipped stay. Raises PaybackError."""
    wanted = {out / name: content for name, content in _shipped(names)}
    for place, content in wanted.items():
        if place.exists() and not (place.is_file() and place.read_bytes() == content):
            raise PaybackError(
                "edited-example",
                say("is not as payback ships it, and edited files are never overwritten"),
                where=str(place),
                fix=say(
                    "`payback assess {folder}` reads it as it is; --out NEW gives fresh copies",
                    folder=shlex.quote(str(place.parent)),
                ),
            )
    for place, content in wanted.items():
        if not place.exists():
            _put(place, content)


def _shipped(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file to copy, the schema beside each payback.toml."""
    bundled = resources.files("payback").joinpath("examples")
    for name in names:
        yield from _files(bundled.joinpath(name), name)
        yield f"{name}/{schema.FILE_NAME}", schema.shipped().encode()


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for each in sorted(folder.iterdir(), key=lambda one: one.name):
        if each.name.startswith("."):
            continue  # what payback itself keeps beside a project
        if each.is_dir():
            yield from _files(each, f"{path}/{each.name}")
        else:
            yield f"{path}/{each.name}", each.read_bytes()


def _put(place: Path, content: bytes) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise written.refused(place, error) from None
    written.write_bytes(place, content)
