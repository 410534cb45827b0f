"""The record of forecasts: who said what would come, when, one line each; a line is never changed.

`.payback/record/forecasts.jsonl`. Saying the same again adds nothing. A line that withdraws another leaves it
there, out of the scores.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from payback import days
from payback.foretold import Foretold, fault, period_text
from payback.locale import say
from payback.project import Project
from payback.records import Evidence, PaybackError

FILE_NAME = "forecasts.jsonl"
KEY_LETTERS = 8


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A forecast somebody takes out of the scores, and why."""

    key: str
    why: str
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class History:
    """Everything ever foretold, oldest first, by key; and what of it was withdrawn."""

    foretold: Mapping[str, Foretold] = field(default_factory=dict)
    withdrawn: Mapping[str, Withdrawal] = field(default_factory=dict)


def key_of(said: Foretold) -> str:
    """Its name: the first letters of the hash of what it says."""
    return _digest(_data(said))[:KEY_LETTERS]


def keep(project: Project, found: Iterable[Foretold]) -> int:
    """Append what the record does not have yet; how many that were. Raises OSError where it cannot be written.

    What is no forecast is never kept.
    """
    known = set(history(project).foretold)
    new = {key: each for each in found if (key := key_of(each)) not in known and not fault(each)}
    _append(project, [_data(each) for each in new.values()])
    return len(new)


def withdraw(project: Project, what: Withdrawal) -> None:
    """Take a forecast out of the scores. Raises PaybackError where there is none of that key."""
    known = history(project)
    if what.key not in known.foretold:
        raise PaybackError(
            "no-forecast",
            say("no forecast of this project has the key {key}", key=repr(what.key)),
            where="--withdraw",
            fix=say("`payback forecast` lists them"),
        )
    if what.key not in known.withdrawn:
        _append(project, [{"withdraws": what.key, "why": what.why, "by": what.by, "on": what.on.isoformat()}])


def history(project: Project) -> History:
    """Everything ever foretold. Raises PaybackError where a line was changed."""
    file = _file(project)
    foretold: dict[str, Foretold] = {}
    withdrawn: dict[str, Withdrawal] = {}
    if not file.is_file():
        return History()
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
        try:
            data = json.loads(line)
        except ValueError:
            continue  # a line cut off by a crash was never kept
        try:
            digest = data.pop("digest")
            whole = digest == _digest(data)
            if "withdraws" in data:
                one = Withdrawal(data["withdraws"], data["why"], data["by"], date.fromisoformat(data["on"]))
                withdrawn.setdefault(one.key, one)
            else:
                foretold.setdefault(digest[:KEY_LETTERS], _foretold(data))
        except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
            whole = False
        if not whole:
            raise PaybackError(
                "broken-forecast",
                say("the line does not match its hash: it was changed after it was said"),
                where=f"{file}:{number}",
                fix=say("restore the file from a copy"),
            )
    return History(foretold, withdrawn)


def _file(project: Project) -> Path:
    return project.folder / ".payback" / "record" / FILE_NAME


def _append(project: Project, lines: list[dict[str, Any]]) -> None:
    """All lines in one write, so that two runs at once never mix theirs."""
    if not lines:
        return
    file = _file(project)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(
        json.dumps(data | {"digest": _digest(data)}, ensure_ascii=False, sort_keys=True) + "\n"
        for data in lines
    )
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        length = os.fstat(handle).st_size
        os.lseek(handle, max(length - 1, 0), os.SEEK_SET)
        cut_off = os.read(handle, 1) not in {b"\n", b""}
        written = (("\n" if cut_off else "") + text).encode()
        if os.write(handle, written) != len(written):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))
        os.fsync(handle)
    finally:
        os.close(handle)


def _data(said: Foretold) -> dict[str, Any]:
    return {
        "use_case": said.use_case,
        "quantity": said.quantity,
        "for": period_text(said.period) if said.period else None,
        "made_on": said.made_on.isoformat() if said.made_on else None,
        "made_by": said.made_by,
        "low": _text(said.low),
        "high": _text(said.high),
        "quantiles": [[_text(share), _text(value)] for share, value in said.quantiles],
        "chance": _text(said.chance),
        "currency": said.currency,
        "evidence": said.evidence.key,
        "source": said.source,
        "via": said.via,
    }


def _text(amount: Decimal | None) -> str | None:
    """1e3, 1000 and 1000.0 are one amount and so one line."""
    return None if amount is None else f"{amount.normalize() + 0:f}"


def _foretold(data: Mapping[str, Any]) -> Foretold:
    period = days.read_period(data["for"]) if data["for"] is not None else None
    if period is None and data["for"] is not None:
        raise ValueError(data["for"])
    return Foretold(
        use_case=data["use_case"],
        quantity=data["quantity"],
        period=period,
        made_on=date.fromisoformat(data["made_on"]) if data["made_on"] is not None else None,
        made_by=data["made_by"],
        low=_number(data["low"]),
        high=_number(data["high"]),
        quantiles=tuple((Decimal(share), Decimal(value)) for share, value in data["quantiles"]),
        chance=_number(data["chance"]),
        currency=data["currency"],
        evidence=Evidence[data["evidence"].upper()],
        source=data["source"],
        via=data["via"],
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _digest(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
