"""What reading a set of logs came to, besides their rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count as running_number
from pathlib import Path

from payback.sources.faults import LISTED, NOTES, Tally

next_number = running_number(1).__next__
"""For the names of files made for a moment."""


@dataclass(slots=True)
class Gathered:
    """What was read. `faults` are of lines left out, by file; `unreadable` says why a whole file was.

    `paths` are the files that the column `file` counts from 0, `lost` the lines left out of each.
    """

    files: int = 0
    paths: list[Path] = field(default_factory=list)
    lines_left_out: int = 0
    faults: dict[Path, Tally] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)
    lost: dict[Path, int] = field(default_factory=dict)

    def tell(self, file: Path, tally: Tally) -> None:
        """Add what was wrong with the lines of a file."""
        if tally.counts:
            self.lost[file] = sum(rows for (code, _), rows in tally.counts.items() if code not in NOTES)
            self.lines_left_out += self.lost[file]
            if len(self.faults) < LISTED:
                self.faults[file] = tally
