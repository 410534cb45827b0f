"""The `payback` command. Each command lives in a module of its own, imported only when it runs."""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import click
from click.shell_completion import CompletionItem, shell_complete

from payback import __version__
from payback.locale import say
from payback.records import PaybackError

BUG, WRONG_CALL = 1, 2
"""Exit codes every command shares; those of its answers stand in its --help."""
INTERRUPTED, PIPE_CLOSED = 130, 141  # 128 + the signal, as shells count
COMPLETION = "_PAYBACK_COMPLETE"
"""Set by the lines of `payback completion` when a shell asks what may come next."""


def commands() -> dict[str, dict[str, str]]:
    """Commands by the question they answer, each with its line in --help.

    `payback.cli.NAME:command` is the code of NAME; a - in it is a _ there.
    """
    return {
        say("Does it pay?"): {
            "demo": say("a verdict on bundled real data"),
            "assess": say("the verdict on each use case, and what it rests on"),
            "check": say("the verdict as an exit code, for CI"),
            "sample": say("draw work for people to check, and read their checks"),
            "explain": say("what stands behind a figure, down to the rows"),
            "diff": say("why a cost moved between two periods or projects"),
            "forecast": say("who promised what, what came, and what the next promise is worth"),
            "what-if": say("the same usage at other prices, with more tokens or more work"),
            "portfolio": say("which use cases to fund together, and what to do when"),
            "opportunities": say("where AI could pay at most, from tables of today's work"),
        },
        say("By which rules?"): {
            "gate": say("seal gates before the data arrive, show them, plan them"),
        },
        say("What does it cost?"): {
            "usage": say("calls, tokens and list price, from the logs you have"),
            "prices": say("list prices by model and day, with their source"),
        },
        say("Set-up"): {
            "init": say("a first payback.toml for what lies in a folder"),
            "sources": say("which logs, bills and results payback reads, and what a file is"),
            "schema": say("the JSON Schema of payback.toml"),
            "doctor": say("what is installed, and where"),
            "completion": say("tab completion for bash, zsh or fish"),
        },
    }


class Commands(click.Group):
    """Finds commands by name; lists and completes them without importing any."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return [name for group in commands().values() for name in group]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"payback.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.list_commands(ctx)))
        for question, group in commands().items():
            with formatter.section(question):
                formatter.write_dl([(f"{name:<{width}}", line) for name, line in group.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        named = [
            CompletionItem(name, help=line)
            for group in commands().values()
            for name, line in group.items()
            if name.startswith(incomplete)
        ]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    cls=Commands,
    subcommand_metavar="COMMAND",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\n" + say("Each command has its own: payback assess --help"),
)
@click.version_option(__version__, prog_name="payback", message="%(prog)s %(version)s")
def payback() -> None:
    """Does your AI spending pay back, and how do you know?"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code; no stack trace for a user's mistake."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        return _answer(arguments)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return WRONG_CALL
    except PaybackError as error:
        click.echo(f"payback: {error}", err=True)
        return WRONG_CALL
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left (`payback prices | head`). Nothing more may be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001  the last line of defence: say whose fault it is
        _report(error)
        return BUG


def _answer(arguments: Sequence[str] | None) -> int:
    # Not payback.main(): it turns a closed pipe into exit code 1, which here means a fault of ours.
    asked = os.environ.get(COMPLETION)
    if asked:
        return shell_complete(payback, {}, "payback", COMPLETION, asked)
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without our signs shows ? in their place
    with payback.make_context("payback", given, color=_colour()) as ctx:
        payback.invoke(ctx)
        sys.stdout.flush()
    return 0


def _colour() -> bool | None:
    """NO_COLOR and FORCE_COLOR as no-color.org and force-color.org have them; None: as the terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def _report(error: Exception) -> None:
    if os.environ.get("PAYBACK_DEBUG") == "1":
        traceback.print_exception(error)
    click.echo(
        say("payback: this is a fault in payback, not in your files: {error}", error=repr(error))
        + "\n  "
        + say("run it again with PAYBACK_DEBUG=1 and report what it prints, with `payback doctor`"),
        err=True,
    )
