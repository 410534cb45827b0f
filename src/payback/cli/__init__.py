"""The `payback` command. Each command lives in a module of its own, imported only when it runs."""

from __future__ import annotations

import importlib
import sys

import click

from payback import __version__
from payback.locale import say
from payback.records import PaybackError

GROUPS: dict[str, tuple[str, ...]] = {
    "Does it pay?": ("demo", "assess", "check"),
    "By which rules?": ("gate",),
    "What does it cost?": ("prices",),
    "Set-up": ("schema", "doctor", "completion"),
}
"""Commands by the question they answer; `payback.cli.NAME:command` is each one's code."""


class Commands(click.Group):
    """Finds commands by name without importing the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in GROUPS.values() for name in names]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"payback.cli.{name}")
        command: click.Command = module.command
        return command


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="payback", message="%(prog)s %(version)s")
def payback() -> None:
    """Does your AI spending pay back, and how do you know?"""


def main() -> None:
    """Run the command line; a user's mistake ends with its message and no stack trace."""
    try:
        payback()
    except PaybackError as error:
        click.echo(f"payback: {error}", err=True)
        sys.exit(2)
