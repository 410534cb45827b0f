"""What this installation is made of, for a question or a bug report."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from payback import __version__
from payback.cli.examples import examples
from payback.locale import FOLDER, language, say

SCHEMA_VERSION = 1
ENGINES = ("duckdb", "numpy", "scipy", "pydantic", "jinja2", "click")
OPTIONAL = ("playwright", "datafusion", "sqlglot", "pandas")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@click.command(
    short_help=say("what is installed, and where"), epilog=examples("payback doctor", "payback doctor --json")
)
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
def command(*, as_json: bool) -> None:
    """Version, Python, folders, engines and optional tools. Reads no data and calls nobody."""
    facts = examined()
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        if name == "schema_version":
            continue
        if isinstance(value, dict):
            click.echo(f"{name}:")
            for part, detail in value.items():
                click.echo(f"  {part:<12} {_shown(detail)}")
        else:
            click.echo(f"{name:<14} {_shown(value)}")


def examined() -> dict[str, Any]:
    """Everything `payback doctor` says, ready for JSON; null is not found."""
    from payback.prices import as_of

    browser = chromium()
    return {
        "schema_version": SCHEMA_VERSION,
        "payback": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "language": language(),
        "languages": sorted(path.name for path in FOLDER.iterdir() if (path / "LC_MESSAGES").is_dir()),
        "prices_as_of": as_of().isoformat(),
        "paths": {
            "python": sys.executable,
            "payback": str(Path(__file__).parent.parent),
            "working": str(Path.cwd()),
            "project": _project(),
            "chromium": str(browser) if browser else None,
        },
        "engines": {name: _version(name) for name in ENGINES},
        "optional": {name: _version(name) for name in OPTIONAL},
    }


def chromium() -> Path | None:
    """The Chromium or Chrome to draw pages with: PAYBACK_CHROMIUM, else the first on the path."""
    named = os.environ.get("PAYBACK_CHROMIUM")
    for name in (named,) if named else BROWSERS:
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _project() -> str | None:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "payback.toml").is_file():
            return str(folder / "payback.toml")
    return None


def _shown(value: object) -> str:
    if value is None:
        return say("not found")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)
