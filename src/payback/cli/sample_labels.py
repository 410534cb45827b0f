"""Labels read back from sheets: a CSV of outcomes beside payback.toml, one for each sample, for the project to list."""

from __future__ import annotations

import csv
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from payback.cli.sample_sheet import Label
from payback.ledger.ledger import path_pattern
from payback.ledger.samples import Sample
from payback.project import Project

FOLDER = "labels"
COLUMNS = (
    *("use_case", "task", "arm", "trial", "accepted", "reason", "grader", "decided_at", "label_probability"),
    *("row", "comment"),
)
SOURCE = f"""[[sources]]
table = "outcome"
path = "{FOLDER}/*.csv"
ignore = ["row", "comment"]
"""
"""What payback.toml needs to count them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file now holds: tasks with a label, and keys of rows whose earlier answer was replaced."""

    file: Path
    labelled: int
    replaced: tuple[str, ...]


def file_of(project: Project, sample: Sample) -> Path:
    """Where a sample's labels are."""
    name = re.sub(r"[^\w.-]+", "-", sample.use_case).strip("-.") or "use-case"
    return project.folder / FOLDER / f"{name}-{sample.key}.csv"


def keep(
    project: Project, sample: Sample, labels: Mapping[str, Label], *, grader: str, read_at: datetime
) -> Kept:
    """Write every row of the sample with its label; what an earlier sheet said stays unless this one says otherwise.

    Rows without a label are written too: they say that the task was drawn and is still to be checked.
    """
    file = file_of(project, sample)
    before = _before(file)
    replaced = []
    lines = []
    for place, row in enumerate(sample.rows):
        key = sample.row_key(place)
        old, new = before.get(key, {}), labels.get(key)
        line = {
            "use_case": sample.use_case,
            "task": row.task,
            "arm": sample.arm,
            "trial": row.trial,
            "label_probability": f"{max(1e-6, sample.chance(row)):.6f}",
            "row": key,
        }
        for name in ("accepted", "reason", "grader", "decided_at", "comment"):
            line[name] = old.get(name, "")
        if new is not None:
            line["reason"] = new.reason or line["reason"]
            line["comment"] = new.comment or line["comment"]
        if new is not None and new.accepted is not None:
            same = bool(line["accepted"]) and Decimal(line["accepted"]) == new.accepted
            if line["accepted"] and not same:
                replaced.append(key)
                line["reason"], line["comment"] = new.reason, new.comment or line["comment"]
            if not same:
                line |= {"accepted": str(new.accepted), "grader": grader}
                line["decided_at"] = read_at.isoformat(timespec="seconds")
        lines.append(line)
    _write(file, lines)
    return Kept(file, sum(bool(line["accepted"]) for line in lines), tuple(replaced))


def labelled_tasks(project: Project, sample: Sample, others: list[Sample]) -> set[str]:
    """Tasks that were labelled in an earlier draw with the same seed: they need no second look."""
    found: set[str] = set()
    for other in others:
        if (other.use_case, other.arm, other.seed, other.by) == (
            sample.use_case, sample.arm, sample.seed, sample.by,
        ):  # fmt: skip
            found |= {line["task"] for line in _before(file_of(project, other)).values() if line["accepted"]}
    return found


def listed(project: Project, file: Path) -> bool:
    """Whether a source of payback.toml reads the file as outcomes."""
    path = file.relative_to(project.folder).as_posix()
    return any(
        source.table == "outcome" and path_pattern(source.path).fullmatch(path) for source in project.sources
    )


def _before(file: Path) -> dict[str, dict[str, str]]:
    if not file.exists():
        return {}
    with file.open(encoding="utf-8", newline="") as handle:
        return {line["row"]: line for line in csv.DictReader(handle)}


def _write(file: Path, lines: list[dict[str, str]]) -> None:
    """All of it or nothing: the old file stands until the new one is on disk."""
    file.parent.mkdir(exist_ok=True)
    made = file.with_name(f".{file.stem}-{secrets.token_hex(4)}")
    with made.open("w", encoding="utf-8", newline="") as handle:
        rows = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
        rows.writeheader()
        rows.writerows(lines)
        handle.flush()
        os.fsync(handle.fileno())
    made.replace(file)
