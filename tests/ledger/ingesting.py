"""A process that brings a project's record up to date and says so after each file: for tests that kill it."""

from __future__ import annotations

import sys

import payback
from payback.ledger import Ledger


def main(folder: str) -> None:
    """Print the name of each file once what comes before it is acknowledged, and "done" at the end."""
    with Ledger(payback.load(folder)) as ledger:
        print("ready", flush=True)  # noqa: T201  the test listens
        sys.stdin.readline()
        ledger.gather(lambda name, done, _: print(done, name, flush=True))  # noqa: T201
        print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
