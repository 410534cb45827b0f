"""What a git repository remembers of its branches, asked of the `git` program: read only, offline, nothing run.

Only ids, parents, times and names of branches are kept; of messages, which commit a revert takes back and
the number of a pull request. A repository may come from anybody: nothing its configuration names is run.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from payback.locale import say
from payback.records import PaybackError

HARMLESS = (
    *("--no-pager", "--no-optional-locks", "--literal-pathspecs"),
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat"),
    *("-c", "log.showSignature=false", "-c", "protocol.allow=never"),
)
PLAIN_DIFF = ("--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short")
SETTINGS = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}
USUAL_NAMES = ("main", "master", "trunk", "develop")
"""Of the default branch, where no remote says it."""
UPSTREAMS = ("origin", "upstream")
EARLIER = timedelta(days=1)

_MOVED = re.compile(r"checkout: moving from (\S+) to (\S+)")
_REVERTS = re.compile(r"This reverts commit ([0-9a-f]{7,64})")
_REVERTS_NUMBER = re.compile(r"^Reverts \S*#(\d+)\s*$", re.MULTILINE)
_NUMBER = re.compile(r"(?:^Merge pull request #(\d+) )|(?:\(#(\d+)\)$)")


@dataclass(frozen=True, slots=True)
class Commit:
    """`seconds` since 1970 when its author made it; a rebase keeps that."""

    sha: str
    parents: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Landed:
    """That a commit's change is in the default branch: `change` names what brought it, once for all it brought."""

    change: str
    reverted: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """The commits a branch has for itself, and of those whose change is in the default branch, how."""

    commits: tuple[Commit, ...]
    landed: Mapping[str, Landed]


@dataclass(slots=True)
class Repository:
    """A repository as far back as was asked. `folders` are its work trees, also those that are gone."""

    folder: Path
    folders: tuple[str, ...]
    default: str | None
    tips: tuple[str, ...] = ()  # of the default branch, here and as last fetched
    commits: dict[str, Commit] = field(default_factory=dict)  # all of the default branch
    line: dict[str, Commit] = field(
        default_factory=dict
    )  # those made on it or merged into it, by first parents
    brought_by: dict[str, str] = field(default_factory=dict)  # commit to the one of `line` that brought it
    reverted: set[str] = field(default_factory=set)
    branches: dict[str, set[str]] = field(
        default_factory=dict
    )  # name to tips, also of branches that are gone
    patches: dict[str, str] | None = None  # patch id to the commit of `line`


def repository(folder: Path, since: datetime) -> Repository:
    """The repository `folder` lies in, its commits from a day before `since` (UTC) on."""
    made = Repository(folder, tuple(_work_trees(folder)), None)
    references = _references(folder)
    made.default = _default(folder, references)
    _add_tips(made, references)
    for work_tree in made.folders:
        if Path(work_tree).is_dir():
            _add_left(made, Path(work_tree))
    if made.tips:
        _add_commits(made, since - EARLIER)
    return made


def branch(made: Repository, name: str | None) -> Branch:
    """The commits of a branch; of the default one where none is named."""
    if not made.tips:
        return Branch((), {})
    if name in {None, "", "HEAD", made.default}:
        own = made.line.values()
        return Branch(tuple(own), {one.sha: _landed(made, one.sha, one.sha) for one in own})
    commits: dict[str, Commit] = {}
    landed: dict[str, Landed] = {}
    for tip in sorted(made.branches.get(str(name), ())):
        merged = list(_merged(made, tip))
        forwarded = tip in made.line
        for one in merged:
            commits[one.sha] = one
            brought = f"branch {name}" if forwarded else made.brought_by.get(one.sha, one.sha)
            landed[one.sha] = _landed(made, one.sha, brought)
        if not merged:
            left = _unmerged(made, tip)
            commits |= {one.sha: one for one in left}
            landed |= _same_changes(made, tip, left, str(name))
    return Branch(tuple(commits.values()), landed)


def _landed(made: Repository, sha: str, change: str) -> Landed:
    return Landed(change, sha in made.reverted or made.brought_by.get(sha, sha) in made.reverted)


def _merged(made: Repository, tip: str) -> Iterator[Commit]:
    """Commits of a tip that lies in the default branch: fast-forwarded to, or brought by a merge."""
    if tip not in made.commits:
        return
    on_line = tip in made.line
    todo, seen = [tip], {tip}
    while todo:
        one = made.commits.get(todo.pop())
        if one is None or (not on_line and one.sha in made.line):
            continue
        if len(one.parents) < 2:
            yield one
        parents = one.parents[:1] if on_line else one.parents
        todo += [parent for parent in parents if parent not in seen]
        seen.update(parents)


def _unmerged(made: Repository, tip: str) -> list[Commit]:
    """Commits of a tip that are not in the default branch; none where the tip is gone from the repository."""
    text = _tried(
        made.folder, "log", "-z", "--no-merges", f"--format={_FORMAT}", tip, "--not", *made.tips, "--"
    )
    return [commit for commit, _ in _parsed(text)]


def _same_changes(made: Repository, tip: str, left: Collection[Commit], name: str) -> dict[str, Landed]:
    """Which of these commits the default branch has as changes of its own: rebased, or squashed into one."""
    if not left:
        return {}
    if made.patches is None:
        made.patches = _patches(made.folder, *made.line)
    base = _tried(made.folder, "merge-base", tip, *made.tips[:1]).strip()
    if base:
        squashed = _patches(made.folder, base, tip, whole=True)
        for patch in squashed:
            if patch in made.patches:
                return {one.sha: _landed(made, made.patches[patch], made.patches[patch]) for one in left}
    own = _patches(made.folder, *(one.sha for one in left))
    landed = {}
    for patch, sha in own.items():
        if (same := made.patches.get(patch)) is not None:
            landed[sha] = _landed(made, same, f"branch {name}")
    return landed


def _patches(folder: Path, *revisions: str, whole: bool = False) -> dict[str, str]:
    """Patch ids of these commits, or of the `whole` difference between two, each with its commit."""
    if not revisions:
        return {}
    # One command for both: `git diff` would show a file moved as moved, and the ids would differ.
    shown = ("diff-tree", "-p", *PLAIN_DIFF, *(revisions if whole else ("--stdin", "--root")))
    with tempfile.TemporaryFile() as names, tempfile.TemporaryFile() as ids:
        if not whole:
            names.write("".join(f"{sha}\n" for sha in revisions).encode())
            names.seek(0)
        differences = subprocess.Popen(  # noqa: S603  git, with arguments of ours
            _command(folder, shown),
            stdin=names,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_settings(),
        )
        subprocess.run(  # noqa: S603  git, with arguments of ours
            _command(folder, ("patch-id", "--stable")),
            stdin=differences.stdout,
            stdout=ids,
            stderr=subprocess.DEVNULL,
            env=_settings(),
            check=False,
        )
        if differences.stdout is not None:
            differences.stdout.close()
        differences.wait()
        ids.seek(0)
        pairs = [line.split() for line in ids.read().decode().splitlines()]
    return {patch: sha for patch, sha in pairs}  # noqa: C416  pairs are lists


def _work_trees(folder: Path) -> Iterator[str]:
    for line in _asked(folder, "worktree", "list", "--porcelain", "-z").split("\0"):
        if line.startswith("worktree "):
            yield line.removeprefix("worktree ")


def _references(folder: Path) -> dict[str, tuple[str, str]]:
    """Name to id and to what it stands for."""
    text = _asked(
        folder,
        "for-each-ref",
        "--format=%(refname)%00%(objectname)%00%(symref)",
        "refs/heads",
        "refs/remotes",
    )
    rows = (line.split("\0") for line in text.splitlines())
    return {name: (sha, stands_for) for name, sha, stands_for in rows}


def _default(folder: Path, references: Mapping[str, tuple[str, str]]) -> str | None:
    for remote in UPSTREAMS:
        prefix = f"refs/remotes/{remote}/"
        stands_for = references.get(f"{prefix}HEAD", ("", ""))[1]
        if stands_for.startswith(prefix):
            return stands_for.removeprefix(prefix)
    for name in USUAL_NAMES:
        if f"refs/heads/{name}" in references or f"refs/remotes/origin/{name}" in references:
            return name
    return _tried(folder, "symbolic-ref", "--short", "-q", "HEAD").strip() or None


def _add_tips(made: Repository, references: Mapping[str, tuple[str, str]]) -> None:
    tips = []
    for full, (sha, stands_for) in references.items():
        if full.startswith("refs/heads/"):
            name, ours = full.removeprefix("refs/heads/"), True
        else:
            remote, _, name = full.removeprefix("refs/remotes/").partition("/")
            ours = remote in UPSTREAMS
        if stands_for:
            continue
        if name == made.default:
            tips += [sha] if ours else []
        else:
            made.branches.setdefault(name, set()).add(sha)
    made.tips = tuple(dict.fromkeys(tips))


def _add_left(made: Repository, work_tree: Path) -> None:
    """Where branches stood when they were left, as the log of HEAD has it: their own tip may be gone."""
    text = _tried(work_tree, "log", "-g", "-z", "--format=%H%x1f%gs", "HEAD", "--")
    on, last = None, None
    for entry in reversed([each for each in text.split("\0") if each]):
        sha, _, said = entry.partition("\x1f")
        if (moved := _MOVED.match(said)) is not None:
            if last is not None:
                _add_tip(made, moved[1], last)
            on = moved[2]
        last = sha
    if on is not None and last is not None:
        _add_tip(made, on, last)


def _add_tip(made: Repository, name: str, sha: str) -> None:
    if name != made.default:
        made.branches.setdefault(name, set()).add(sha)


_FORMAT = "%H%x1f%P%x1f%at%x1f%s"


def _parsed(text: str) -> Iterator[tuple[Commit, str]]:
    for row in text.split("\0"):
        if row:
            sha, parents, seconds, subject = row.split("\x1f", 3)
            yield Commit(sha, tuple(parents.split()), int(seconds)), subject


def _add_commits(made: Repository, since: datetime) -> None:
    after = since.replace(tzinfo=UTC).isoformat()
    text = _asked(made.folder, "log", "-z", f"--since={after}", f"--format={_FORMAT}", *made.tips, "--")
    subjects: dict[str, str] = {}
    for commit, subject in _parsed(text):
        made.commits[commit.sha] = commit
        subjects[commit.sha] = subject
    for tip in made.tips:
        at: str | None = tip
        chain = []
        while at is not None and at in made.commits and at not in made.line:
            chain.append(made.commits[at])
            at = next(iter(made.commits[at].parents), None)
        for one in reversed(chain):
            made.line[one.sha] = one
    for one in made.line.values():
        _bring(made, one)
    numbers = {
        number: sha
        for sha in made.line
        if (found := _NUMBER.search(subjects[sha]))
        for number in [found[1] or found[2]]
    }
    _add_reverted(made, numbers, after)


def _bring(made: Repository, merge: Commit) -> None:
    """Say of every commit a merge brought that it did."""
    made.brought_by[merge.sha] = merge.sha
    todo = list(merge.parents[1:])
    while todo:
        sha = todo.pop()
        if sha in made.commits and sha not in made.line and sha not in made.brought_by:
            made.brought_by[sha] = merge.sha
            todo += made.commits[sha].parents


def _add_reverted(made: Repository, numbers: Mapping[str, str], after: str) -> None:
    """Commits of the default branch that a later one takes back; not where that one was taken back itself."""
    text = _asked(
        made.folder,
        *(
            "log",
            "-z",
            f"--since={after}",
            "--format=%H%x1f%B",
            "-E",
            "--grep=^(This reverts commit|Reverts )",
        ),
        *(*made.tips, "--"),
    )
    for row in filter(None, text.split("\0")):  # the last word first
        sha, _, message = row.partition("\x1f")
        if sha in made.reverted or made.brought_by.get(sha, sha) in made.reverted:
            continue
        made.reverted |= {
            one for prefix in _REVERTS.findall(message) for one in made.commits if one.startswith(prefix)
        }
        made.reverted |= {numbers[number] for number in _REVERTS_NUMBER.findall(message) if number in numbers}


def _asked(folder: Path, *arguments: str) -> str:
    """What git answers."""
    try:
        done = subprocess.run(  # noqa: S603  git, with arguments of ours
            _command(folder, arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_settings(),
            check=False,
        )
    except OSError as error:
        raise PaybackError(
            "no-git",
            say("the program git cannot be started: {reason}", reason=error.strerror or str(error)),
            fix=say("install git, or leave out --git"),
        ) from error
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise PaybackError(
            "no-repository",
            say("git finds no repository here: {reason}", reason=told[0] if told else ""),
            where=str(folder),
            fix=say("name the folder of a repository that you own"),
        )
    return done.stdout.decode("utf-8", "replace")


def _tried(folder: Path, *arguments: str) -> str:
    """The answer, "" where git has none: an object that is gone, a log that was never kept."""
    try:
        return _asked(folder, *arguments)
    except PaybackError:
        return ""


def _command(folder: Path, arguments: Iterable[str]) -> list[str]:
    return ["git", *HARMLESS, "-C", str(folder), *arguments]


def _settings() -> dict[str, str]:
    """Our own surroundings without what would point git elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | SETTINGS
