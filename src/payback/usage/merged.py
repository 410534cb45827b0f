"""What became of the work: calls joined to the branches of a repository (docs/guides/usage.md, "Did it get in")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path, PurePath

from payback.ledger.engine import Engine
from payback.records import Money
from payback.usage.repository import Branch, Commit, Repository, branch, repository

AFTER = 3600
"""Seconds after the last call of a session in which a commit is still of that session."""
NEXT_DAY = 86_400
"""Seconds in which the next commit on the default branch is taken for that of a session without its own."""


class Fate(Enum):
    """What became of a session's work."""

    MERGED = "merged"
    NOT_MERGED = "not_merged"
    REVERTED = "reverted"
    NO_COMMIT = "no_commit"


@dataclass(frozen=True, slots=True)
class Became:
    """Of the calls made in one repository: what they cost at list price by what became of the work.

    `changes` are the merged changes that this work brought. `unpriced` calls are in no amount.
    """

    folder: Path
    calls: int
    unpriced: int
    listed: dict[Fate, Money]
    changes: int

    @property
    def total(self) -> Money:
        first, *others = self.listed.values()
        return sum(others, first)

    @property
    def each(self) -> Money | None:
        """List price for each merged change, what led nowhere included."""
        return self.total / self.changes if self.changes else None


@dataclass(frozen=True, slots=True)
class Session:
    """Calls of one session on one branch, in one folder; seconds since 1970."""

    project: str
    branch: str | None
    first: int
    last: int
    calls: int
    pico: int
    unpriced: int


def became(engine: Engine, folders: Sequence[Path], currency: str) -> tuple[Became, ...]:
    """For each repository, of the calls in `call_listed` that were made in it."""
    if not folders:
        return ()
    sessions = [
        Session(project, name, first, last, calls, int(pico), unpriced)
        for project, name, first, last, calls, pico, unpriced in engine.rows("""
            select project, branch, epoch_us(min("time")) // 1000000, epoch_us(max("time")) // 1000000, count(*),
                   coalesce(sum(pico), 0), count(*) filter (where pico is null)
            from call_listed where project is not null and "time" is not null
            group by project, branch, coalesce(session, strftime("time", '%Y-%m-%d')) order by all""")
    ]
    since = datetime.fromtimestamp(min((one.first for one in sessions), default=0), UTC)
    return tuple(
        _became(repository(folder, since.replace(tzinfo=None)), sessions, currency) for folder in folders
    )


def _became(made: Repository, sessions: Sequence[Session], currency: str) -> Became:
    roots = {PurePath(name) for name in made.folders}
    roots |= {PurePath(Path(name).resolve()) for name in made.folders}
    here = [
        one
        for one in sessions
        if not roots.isdisjoint((PurePath(one.project), *PurePath(one.project).parents))
    ]
    pico = dict.fromkeys(Fate, 0)
    changes: set[str] = set()
    branches: dict[str | None, Branch] = {}
    for one in here:
        if one.branch not in branches:
            branches[one.branch] = branch(made, one.branch)
        fate, brought = _fate(made, branches[one.branch], one)
        pico[fate] += one.pico
        changes |= brought
    return Became(
        folder=made.folder,
        calls=sum(one.calls for one in here),
        unpriced=sum(one.unpriced for one in here),
        listed={fate: Money.of_pico(amount, currency) for fate, amount in pico.items()},
        changes=len(changes),
    )


def _fate(made: Repository, work: Branch, session: Session) -> tuple[Fate, set[str]]:
    """What became of the commits of a session, and the merged changes they are part of."""
    own = _commits(work, session, on_default=session.branch in {None, "", "HEAD", made.default})
    if not own:
        return Fate.NO_COMMIT, set()
    landed = [work.landed[one.sha] for one in own if one.sha in work.landed]
    if changes := {one.change for one in landed if not one.reverted}:
        return Fate.MERGED, changes
    return (Fate.REVERTED if landed else Fate.NOT_MERGED), set()


def _commits(work: Branch, session: Session, *, on_default: bool) -> list[Commit]:
    """Those made during a session and within an hour after it; if none, the next one of its branch."""
    within = [one for one in work.commits if session.first <= one.seconds <= session.last + AFTER]
    if within:
        return within
    until = session.last + NEXT_DAY if on_default else None
    later = [
        one for one in work.commits if one.seconds > session.last and (until is None or one.seconds <= until)
    ]
    return sorted(later, key=lambda one: (one.seconds, one.sha))[:1]
