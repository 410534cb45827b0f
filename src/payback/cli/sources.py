"""What payback reads: every format, where it looks by itself, and what a file is recognised as."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from payback.cli.examples import examples
from payback.locale import say, say_count

if TYPE_CHECKING:
    from payback.sources.formats import Format

SCHEMA_VERSION = 1
PAGE = "docs/formats/{name}.md"


@click.command(
    short_help=say("which logs, bills and results payback reads, and what a file is"),
    epilog=examples("payback sources", "payback sources litellm", "payback sources --of exports/"),
)
@click.argument("name", required=False)
@click.option(
    "of",
    "--of",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path, exists=True),
    help=say("what this file, or those in this folder, are recognised as"),
)
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
def command(name: str | None, *, of: tuple[Path, ...], as_json: bool) -> None:
    """Every format payback reads; with NAME, what there is to know of one.

    Columns and quirks of each stand on its page in the documentation. Tables with columns of your own need no
    format: a project names their columns in payback.toml. Exit codes: 2 wrong call.
    """
    from payback.sources import FORMATS

    if name and of:
        raise click.UsageError(say("give the name of a format or --of, not both"))
    if of:
        facts: dict[str, Any] = {"kind": "recognised", "paths": [_recognised(path) for path in of]}
        lines = [line for each in facts["paths"] for line in _path_lines(each)]
    else:
        shown = FORMATS if name is None else [_named(name)]
        facts = {"kind": "sources", "sources": [_facts(format_) for format_ in shown]}
        lines = _table(facts["sources"]) if name is None else _one(facts["sources"][0])
    if as_json:
        click.echo(json.dumps({"schema_version": SCHEMA_VERSION, **facts}, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_plain(line).rstrip() for line in lines))


def _named(name: str) -> Format:
    from payback.sources import FORMATS

    known = {format_.name: format_ for format_ in FORMATS}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        text = say("no format is called {name}", name=name)
        if near:
            text += say("; did you mean {names}?", names=", ".join(near))
        raise click.UsageError(text)
    return known[name]


def _facts(format_: Format) -> dict[str, Any]:
    return {
        "name": format_.name,
        "title": format_.title,
        "fills": list(format_.fills),
        "endings": list(format_.endings),
        "sums": format_.sums,
        "homes": [{"path": f"~/{home}", "there": (Path.home() / home).exists()} for home in format_.homes],
        "page": PAGE.format(name=format_.name),
    }


def _table(facts: list[dict[str, Any]]) -> list[str]:
    heads = [say("name"), say("reads"), say("fills"), say("looks in"), say("there now")]
    rows = [
        [each["name"], each["title"], _filled(each["fills"]), _homes(each), _there(each)] for each in facts
    ]
    widths = [max(len(line[at]) for line in (heads, *rows)) for at in range(len(heads))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in (heads, *rows)
    ]
    return [
        *lines,
        "",
        say("payback sources NAME says more of one; payback sources --of PATH says what a file is"),
    ]


def _homes(facts: dict[str, Any]) -> str:
    return ", ".join(home["path"] for home in facts["homes"]) or say("where you say")


def _there(facts: dict[str, Any]) -> str:
    if not facts["homes"]:
        return ""
    return say("yes") if any(home["there"] for home in facts["homes"]) else say("no")


def _filled(tables: list[str]) -> str:
    words = {"usage": say("calls"), "bill_line": say("bills"), "outcome": say("outcomes")}
    return ", ".join(words.get(table, table) for table in tables)


def _one(facts: dict[str, Any]) -> list[str]:
    lines = [
        f"{facts['title']} ({facts['name']})",
        f"{say('fills'):<10} {_filled(facts['fills'])}",
        f"{say('files'):<10} {', '.join('*' + ending for ending in facts['endings'])}",
    ]
    for number, home in enumerate(facts["homes"]):
        there = say("there") if home["there"] else say("not there")
        lines.append(f"{say('looks in') if number == 0 else '':<10} {home['path']} ({there})")
    if not facts["homes"]:
        lines.append(f"{say('looks in'):<10} {say('nowhere by itself: give its files to payback usage')}")
    if facts["sums"]:
        lines.append(f"{say('note'):<10} {say('sums the vendor made: each row is many calls')}")
    lines.append(f"{say('page'):<10} {facts['page']}")
    return lines


def _recognised(path: Path) -> dict[str, Any]:
    """What lies under a path, by format."""
    from payback.sources import FORMATS
    from payback.sources.discover import discover

    found = discover([path], FORMATS)
    counts = Counter(one.format.name for one in found.files)
    return {
        "path": str(path),
        "formats": [
            {
                "name": name,
                "files": count,
                "first": next(str(one.path) for one in found.files if one.format.name == name),
            }
            for name, count in sorted(counts.items())
        ],
        "same_file_twice": len(found.twice),
        "not_recognised": len(found.strange) + found.others,
        "empty": found.empty,
        "unreadable": [str(file) for file in found.unreadable],
    }


def _path_lines(facts: dict[str, Any]) -> list[str]:
    titles = {each["name"]: _named(each["name"]).title for each in facts["formats"]}
    parts = [
        f"{titles[each['name']]} ({each['name']})"
        + (
            ""
            if each["first"] == facts["path"]
            else ": " + say_count("{count:,} file", "{count:,} files", each["files"])
        )
        for each in facts["formats"]
    ]
    if facts["same_file_twice"]:
        parts.append(
            say_count("{count:,} file is a copy", "{count:,} files are copies", facts["same_file_twice"])
        )
    if facts["not_recognised"]:
        parts.append(
            say_count(
                "{count:,} file of no known format",
                "{count:,} files of no known format",
                facts["not_recognised"],
            )
        )
    if facts["empty"]:
        parts.append(say_count("{count:,} empty file", "{count:,} empty files", facts["empty"]))
    parts += [say("{file} cannot be read", file=file) for file in facts["unreadable"]]
    return [facts["path"], *("  " + part for part in parts or [say("nothing that payback knows")])]


def _plain(text: str) -> str:
    from payback.report.inert import plain

    return plain(text)
