"""Samples drawn for people to check, as the record keeps them: one line each, never changed.

`.payback/record/samples.jsonl` holds the seed, the strata with their counts, and which row of the sheet is which
task. The sheet itself tells nobody who did the work; this file does.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from payback.ledger.drawing import Candidate, Stratum
from payback.ledger.engine import quoted
from payback.ledger.ledger import Ledger
from payback.locale import say
from payback.project import Project
from payback.records import PaybackError

FILE_NAME = "samples.jsonl"
BY_JUDGE = "judge"
"""The stratum that is no segment: what the judge said."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One draw. `rows` are in the order of the sheet; `key` names the sample, and begins each row's key."""

    key: str
    use_case: str
    arm: str
    drawn_at: datetime
    seed: int
    first_day: date
    first_day_after: date
    by: str
    strata: tuple[Stratum, ...]
    rows: tuple[Candidate, ...]

    def row_key(self, place: int) -> str:
        """The key of a row by its place from 0."""
        return f"{self.key}-{place + 1:0{len(str(len(self.rows)))}d}"

    def chance(self, row: Candidate) -> float:
        """The chance a row's task had of being drawn."""
        return next(each.chance for each in self.strata if each.name == row.stratum)


def universe(ledger: Ledger, use_case: str, arm: str, by: str = "") -> list[Candidate]:
    """Every task of the way of working in the period, with its stratum. The ledger is prepared."""
    stratum, join = "''", ""
    if by == BY_JUDGE:
        stratum = """case when coalesce(l.looked, 0) = 0 then 'no verdict'
                           when l.judged + l.judged >= l.looked then 'accepted' else 'rejected' end"""
        join = "left join task_label l on o.use_case = l.use_case and o.arm = l.arm and o.task = l.task"
    elif by:
        stratum = "coalesce(s.value, '(none)')"
        join = f"""left join (select use_case, arm, task, min(value) as value from task_segment
                              where name = {quoted(by)} group by use_case, arm, task) s
                   on o.use_case = s.use_case and o.arm = s.arm and o.task = s.task"""
    rows = ledger.rows(f"""
        select o.task, coalesce(t.trial, '1'), {stratum}
        from task_outcome o
        left join (select task, min(trial) as trial from attempt
                   where use_case = {quoted(use_case)} and arm = {quoted(arm)} group by task) t
             on o.task = t.task
        {join}
        cross join period
        where o.use_case = {quoted(use_case)} and o.arm = {quoted(arm)} and o.tasks = 1
              and (o.first_day is null or (o.first_day >= period.first_day_of
                                           and o.first_day < period.first_day_after))
        order by o.task
    """)
    return [Candidate(task, trial, kind) for task, trial, kind in rows]


def named(
    sample_of: tuple[str, str],
    *,
    drawn_at: datetime,
    seed: int,
    days: tuple[date, date],
    by: str,
    strata: tuple[Stratum, ...],
    rows: tuple[Candidate, ...],
) -> Sample:
    """A draw with its key, which is the same for the same draw from the same tasks."""
    use_case, arm = sample_of
    drawn = [use_case, arm, seed, by, [[each.name, each.tasks, each.drawn] for each in strata]]
    drawn.append([[row.task, row.trial, row.stratum] for row in rows])
    key = hashlib.sha256(json.dumps(drawn, ensure_ascii=False).encode()).hexdigest()[:6]
    return Sample(key, use_case, arm, drawn_at, seed, days[0], days[1], by, strata, rows)


def keep(project: Project, sample: Sample) -> Sample:
    """Append the sample to the record; one drawn before, from the same tasks with the same seed, is given back."""
    known = next((each for each in kept(project) if each.key == sample.key), None)
    if known is not None:
        return known
    file = _file(project)
    file.parent.mkdir(parents=True, exist_ok=True)
    data = _data(sample)
    line = json.dumps(data | {"digest": _digest(data)}, ensure_ascii=False, sort_keys=True)
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        length = os.fstat(handle).st_size
        os.lseek(handle, max(length - 1, 0), os.SEEK_SET)
        cut_off = os.read(handle, 1) not in {b"\n", b""}
        written = (("\n" if cut_off else "") + line + "\n").encode()
        if os.write(handle, written) != len(written):
            raise OSError(28, os.strerror(28), str(file))
        os.fsync(handle)
    finally:
        os.close(handle)
    return sample


def kept(project: Project) -> list[Sample]:
    """Every sample drawn, oldest first. Raises PaybackError where a line was changed."""
    file = _file(project)
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
        try:
            data = json.loads(line)
        except ValueError:
            continue  # a line cut off by a crash: its sheet was never written
        try:
            digest = data.pop("digest")
            sample = _sample(data)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise _broken(file, number) from None
        if digest != _digest(data):
            raise _broken(file, number)
        found.append(sample)
    return found


def _file(project: Project) -> Path:
    return project.folder / ".payback" / "record" / FILE_NAME


def _data(sample: Sample) -> dict[str, Any]:
    return {
        "key": sample.key,
        "use_case": sample.use_case,
        "arm": sample.arm,
        "drawn_at": sample.drawn_at.isoformat(),
        "seed": sample.seed,
        "first_day": sample.first_day.isoformat(),
        "first_day_after": sample.first_day_after.isoformat(),
        "by": sample.by,
        "strata": [[each.name, each.tasks, each.drawn] for each in sample.strata],
        "rows": [[row.task, row.trial, row.stratum] for row in sample.rows],
    }


def _sample(data: dict[str, Any]) -> Sample:
    return Sample(
        key=data["key"],
        use_case=data["use_case"],
        arm=data["arm"],
        drawn_at=datetime.fromisoformat(data["drawn_at"]),
        seed=data["seed"],
        first_day=date.fromisoformat(data["first_day"]),
        first_day_after=date.fromisoformat(data["first_day_after"]),
        by=data["by"],
        strata=tuple(Stratum(*each) for each in data["strata"]),
        rows=tuple(Candidate(*row) for row in data["rows"]),
    )


def _digest(data: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _broken(file: Path, number: int) -> PaybackError:
    return PaybackError(
        "broken-sample",
        say("the line does not match its hash: it was changed after the draw"),
        where=f"{file}:{number}",
        fix=say("restore the file from a copy, or draw a new sample"),
    )
