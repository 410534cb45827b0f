"""Tab completion: prints the few lines a shell needs."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from payback.cli import COMPLETION
from payback.cli.examples import examples
from payback.locale import say

SHELLS = ("bash", "zsh", "fish")


@click.command(
    short_help=say("tab completion for bash, zsh or fish"),
    epilog=examples(
        'eval "$(payback completion bash)"',
        "payback completion fish > ~/.config/fish/completions/payback.fish",
    ),
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """The lines that make SHELL complete payback's commands and options; add them to its start-up file."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(say("no completion for {shell}", shell=shell))
    click.echo(kind(ctx.find_root().command, {}, "payback", COMPLETION).source())
