"""Writes the newest versions that fit pyproject.toml into constraints.txt and requirements.lock.

constraints.txt has no hashes (pip refuses them for `-e .`); requirements.lock has them, for
images and servers. Both hold for every platform and name no address.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMPILE = (
    *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--all-extras", "--universal"),
    *("--python-version", "3.11", "--no-header", "--no-annotate", "--quiet"),
)
CONSTRAINTS = "constraints.txt"
HASHED = "requirements.lock"


def main() -> None:
    """Write both files; the second from the versions of the first."""
    _compile("--upgrade", "--output-file", CONSTRAINTS)
    _compile("--constraints", CONSTRAINTS, "--generate-hashes", "--output-file", HASHED)


def _compile(*options: str) -> None:
    subprocess.run([*COMPILE, *options], cwd=ROOT, check=True)  # noqa: S603  no word of it comes from outside


if __name__ == "__main__":
    main()
