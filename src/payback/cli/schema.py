"""The JSON Schema of payback.toml, for editors and checkers."""

from __future__ import annotations

from importlib import resources

import click

from payback.cli import written
from payback.cli.examples import examples
from payback.locale import say

FILE_NAME = "payback.schema.json"


@click.command(
    short_help=say("the JSON Schema of payback.toml"),
    epilog=examples("payback schema --out payback.schema.json", "payback schema | less"),
)
@click.option("--out", metavar="FILE", default=written.STDOUT, help=say("write it there"))
def command(*, out: str) -> None:
    """Every key payback.toml may have, and what each accepts.

    With `#:schema ./payback.schema.json` as the first line of payback.toml, an editor that knows
    TOML completes keys and marks faults as you type.
    """
    written.write(out, shipped())
    written.tell(out)


def shipped() -> str:
    """The schema as it comes with payback."""
    return resources.files("payback").joinpath(FILE_NAME).read_text(encoding="utf-8")
