"""Gates sealed beforehand: what they said, when, and a hash, in a file that goes under version control.

`payback.seals.jsonl` beside payback.toml; one line a seal, the newest last. A line is never changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from payback.locale import say
from payback.project import Gate, Project, UseCase
from payback.records import PaybackError

FILE_NAME = "payback.seals.jsonl"
LATER_KEYS = frozenset({"cap", "least_useful"})


@dataclass(frozen=True, slots=True)
class Seal:
    """What one use case's rules said on the day they were sealed, gate by gate."""

    use_case: str
    on: date
    digest: str
    rules: dict[str, Any]
    data_until: date | None  # the latest day of data when it was sealed

    def gate(self, name: str) -> dict[str, Any] | None:
        """The gate of that name as sealed."""
        found = [each for each in self.rules["gates"] if each["name"] == name]
        return found[0] if found else None


def rules(case: UseCase) -> dict[str, Any]:
    """What a seal covers: gates, kill line and budget. Titles and owners may still change."""
    return json.loads(  # type: ignore[no-any-return]  # an object, as written
        json.dumps(
            {
                "gates": [_gate(gate) for gate in case.gates],
                "kill_line": case.kill_line.model_dump(mode="json") if case.kill_line else None,
                "budget": str(case.budget) if case.budget is not None else None,
                "today": case.today.model_dump(mode="json", exclude={"title", "service"}, fallback=str)
                if case.today
                else None,
            },
            default=str,
        )
    )


def _gate(gate: Gate) -> dict[str, Any]:
    """A gate as sealed. Keys that came after the first seals are there only where they are set."""
    said = gate.model_dump(mode="json", exclude={"owner"})
    return {key: value for key, value in said.items() if value is not None or key not in LATER_KEYS}


def digest(use_case: str, said: dict[str, Any], on: date, data_until: date | None) -> str:
    """SHA-256 over the use case, its rules, the day and the latest day of data, in one canonical form."""
    text = json.dumps(
        [use_case, said, on.isoformat(), data_until and data_until.isoformat()],
        sort_keys=True,
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def seal(project: Project, on: date, data_until: date | None) -> list[Seal]:
    """Write a seal for each use case whose rules changed since its last one; returns what was written."""
    last = latest(project)
    written = []
    for name, case in project.use_cases.items():
        said = rules(case)
        if name in last and last[name].rules == said:
            continue
        written.append(Seal(name, on, digest(name, said, on, data_until), said, data_until))
    if written:
        with (project.folder / FILE_NAME).open("a", encoding="utf-8") as file:
            for each in written:
                file.write(_line(each) + "\n")
    return written


def latest(project: Project) -> dict[str, Seal]:
    """The newest seal of each use case. Raises PaybackError where a line was tampered with."""
    return {each.use_case: each for each in history(project)}


def history(project: Project) -> list[Seal]:
    """Every seal of the project, oldest first. Raises PaybackError where a line was tampered with."""
    file = project.folder / FILE_NAME
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            each = Seal(
                data["use_case"],
                date.fromisoformat(data["on"]),
                data["digest"],
                data["rules"],
                date.fromisoformat(data["data_until"]) if data["data_until"] else None,
            )
        except (ValueError, KeyError, TypeError):
            raise _broken(file, number, say("is not a seal")) from None
        if digest(each.use_case, each.rules, each.on, each.data_until) != each.digest:
            raise _broken(file, number, say("does not match its hash: it was changed after sealing"))
        found.append(each)
    return found


def _line(each: Seal) -> str:
    data = {
        "use_case": each.use_case,
        "on": each.on.isoformat(),
        "data_until": each.data_until.isoformat() if each.data_until else None,
        "digest": each.digest,
        "rules": each.rules,
    }
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def _broken(file: Path, number: int, what: str) -> PaybackError:
    return PaybackError(
        "broken-seal",
        what,
        where=f"{file}:{number}",
        fix=say("restore {name} from version control", name=file.name),
    )
