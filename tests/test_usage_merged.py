"""What became of the work, in repositories that git made: each case a few commits and calls around them."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from payback.prices import PriceBook
from payback.records import Money, PaybackError
from payback.usage import Became, Fate, usage
from tests.sources.test_claude_code import answer, log

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
BOOK = PriceBook.bundled()
CALL = Money(Decimal("0.0010195"), "USD")  # Opus 4.5: 3 x 5 + 9 x 0.50 + 40 x 25 USD a million


class Work:
    """A repository, and the log of an agent that works in it. Minutes count from START."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "shop"
        self.logs = folder / "logs"
        self.lines: list[dict[str, object]] = []
        self.folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Ann")
        self.git("config", "user.email", "ann@example.com")

    def git(self, *arguments: str, minute: int = 0, folder: Path | None = None) -> str:
        moment = (START + timedelta(minutes=minute)).isoformat()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            ["git", "-C", str(folder or self.folder), *arguments],
            env=kept
            | {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment, "GIT_CONFIG_GLOBAL": os.devnull},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, name: str, minute: int, folder: Path | None = None) -> str:
        ((folder or self.folder) / name).write_text(f"{name} {minute}\n" * 5)
        self.git("add", name, folder=folder)
        self.git("commit", "-q", "-m", f"Add {name}", minute=minute, folder=folder)
        return self.git("rev-parse", "HEAD", folder=folder)

    def call(self, branch: str, minute: int, session: str = "s", cwd: Path | None = None) -> None:
        number = len(self.lines)
        self.lines.append(
            answer(
                f"m{number}",
                f"r{number}",
                timestamp=(START + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                sessionId=session,
                gitBranch=branch,
                cwd=str(cwd or self.folder),
            )
        )

    def became(self) -> Became:
        (made,) = usage([log(self.logs, *self.lines)], git=[self.folder], book=BOOK).became
        return made

    def fates(self) -> dict[Fate, int]:
        return fates(self.became())


def fates(made: Became) -> dict[Fate, int]:
    """How many calls met each fate; every call costs the same."""
    return {fate: int(amount.amount / CALL.amount) for fate, amount in made.listed.items() if amount.amount}


@pytest.fixture
def work(tmp_path: Path) -> Work:
    made = Work(tmp_path)
    made.commit("readme", -600)
    return made


def branch_with_a_commit(work: Work, name: str = "fix", minute: int = 10) -> str:
    work.git("checkout", "-q", "-b", name)
    work.call(name, minute - 5, session=name)
    work.call(name, minute, session=name)
    sha = work.commit(name, minute + 1)
    work.git("checkout", "-q", "main")
    return sha


def test_merged_by_a_merge_commit(work: Work) -> None:
    branch_with_a_commit(work)
    work.git("merge", "-q", "--no-ff", "fix", minute=30)
    made = work.became()
    assert fates(made) == {Fate.MERGED: 2}
    assert (made.changes, made.total, made.each) == (1, CALL * 2, CALL * 2)


def test_fast_forwarded_and_the_branch_deleted(work: Work) -> None:
    branch_with_a_commit(work)
    work.git("merge", "-q", "--ff-only", "fix")
    work.git("branch", "-q", "-d", "fix")
    assert work.fates() == {Fate.MERGED: 2}


def test_fast_forwarded_commits_are_one_change(work: Work) -> None:
    work.git("checkout", "-q", "-b", "fix")
    for minute in (10, 20, 30):
        work.call("fix", minute)
        work.commit(f"file {minute}", minute + 1)
    work.git("checkout", "-q", "main")
    work.git("merge", "-q", "--ff-only", "fix")
    made = work.became()
    assert (made.changes, fates(made)) == (1, {Fate.MERGED: 3})


@pytest.mark.parametrize("deleted", [False, True])
def test_squashed_into_one_commit(work: Work, deleted: bool) -> None:
    work.git("checkout", "-q", "-b", "fix")
    for minute in (10, 20):
        work.call("fix", minute)
        work.commit(f"file {minute}", minute + 1)
    work.git("checkout", "-q", "main")
    work.commit("meanwhile", 25)
    work.git("merge", "-q", "--squash", "fix")
    work.git("commit", "-q", "-m", "Fix it (#12)", minute=300)
    if deleted:
        work.git("branch", "-q", "-D", "fix")
    made = work.became()
    assert (made.changes, fates(made)) == (1, {Fate.MERGED: 2})


def test_squashed_with_a_file_that_moved(work: Work) -> None:
    """Whatever the user's git shows of renames."""
    branch_with_a_commit(work)
    work.git("checkout", "-q", "fix")
    work.git("mv", "readme", "readme.md")
    work.git("commit", "-q", "-m", "Move", minute=12)
    work.git("checkout", "-q", "main")
    work.git("merge", "-q", "--squash", "fix")
    work.git("commit", "-q", "-m", "Fix it (#12)", minute=300)
    work.git("config", "diff.renames", "copies")
    work.git("config", "diff.noprefix", "true")
    assert work.fates() == {Fate.MERGED: 2}


def test_rebased_and_deleted(work: Work) -> None:
    branch_with_a_commit(work)
    work.commit("meanwhile", 20)
    work.git("checkout", "-q", "fix")
    work.git("rebase", "-q", "main", minute=25)
    work.git("checkout", "-q", "main")
    work.git("merge", "-q", "--ff-only", "fix")
    work.git("branch", "-q", "-D", "fix")
    assert work.fates() == {Fate.MERGED: 2}


def test_picked_onto_the_default_branch(work: Work) -> None:
    sha = branch_with_a_commit(work)
    work.commit("meanwhile", 20)
    work.git("cherry-pick", sha, minute=40)
    assert work.fates() == {Fate.MERGED: 2}


def test_not_merged(work: Work) -> None:
    branch_with_a_commit(work)
    made = work.became()
    assert (fates(made), made.each) == ({Fate.NOT_MERGED: 2}, None)


def test_no_commit_found(work: Work) -> None:
    work.git("checkout", "-q", "-b", "idea")
    work.call("idea", 10)
    work.call("never-here", 10, session="t")
    work.git("checkout", "-q", "main")
    work.commit("meanwhile", 3000)
    assert work.fates() == {Fate.NO_COMMIT: 2}


@pytest.mark.parametrize("way", ["merge", "commit", "squash"])
def test_reverted_and_taken_back_in(work: Work, way: str) -> None:
    sha = branch_with_a_commit(work)
    if way == "squash":
        work.git("merge", "-q", "--squash", "fix")
        work.git("commit", "-q", "-m", "Fix it (#12)", minute=30)
        work.git("revert", "--no-edit", "--no-commit", "HEAD")
        work.git("commit", "-q", "-m", 'Revert "Fix it" (#13)\n\nReverts example/shop#12', minute=40)
    else:
        work.git("merge", "-q", "--no-ff", "fix", minute=30)
        named = ("-m", "1", "HEAD") if way == "merge" else (sha,)
        work.git("revert", "--no-edit", *named, minute=40)
    made = work.became()
    assert (fates(made), made.changes) == ({Fate.REVERTED: 2}, 0)
    work.git("revert", "--no-edit", "HEAD", minute=40)  # in the same second
    assert work.fates() == {Fate.MERGED: 2}


def test_work_on_the_default_branch_is_joined_by_time(work: Work) -> None:
    """A commit within the session; the next one of the day for a session without; nothing a day later."""
    work.call("main", 0, session="a")
    work.commit("a", 5)
    work.call("main", 200, session="b")
    work.commit("b", 600)
    work.call("main", 1000, session="c")
    work.commit("c", 1000 + 1441)
    made = work.became()
    assert (fates(made), made.changes) == ({Fate.MERGED: 2, Fate.NO_COMMIT: 1}, 2)


def test_each_session_of_a_branch_has_its_own_commits(work: Work) -> None:
    """The first session's commit was merged, the second one's came later and was not."""
    branch_with_a_commit(work)
    work.git("merge", "-q", "--no-ff", "fix", minute=30)
    work.git("checkout", "-q", "fix")
    work.call("fix", 300, session="later")
    work.commit("more", 305)
    assert work.fates() == {Fate.MERGED: 2, Fate.NOT_MERGED: 1}


def test_a_work_tree_is_of_the_same_repository(work: Work, tmp_path: Path) -> None:
    aside = tmp_path / "aside"
    work.git("worktree", "add", "-q", "-b", "fix", str(aside))
    work.call("fix", 10, cwd=aside / "src")
    work.commit("x", 11, folder=aside)
    assert work.fates() == {Fate.NOT_MERGED: 1}
    work.git("merge", "-q", "--no-ff", "fix", minute=30)
    assert work.fates() == {Fate.MERGED: 1}


def test_calls_made_elsewhere_are_none_of_it(work: Work, tmp_path: Path) -> None:
    work.call("main", 0, cwd=tmp_path / "shop-two")
    made = work.became()
    assert (made.calls, made.total) == (0, CALL * 0)


def test_the_default_branch_is_the_one_the_remote_names(work: Work, tmp_path: Path) -> None:
    """Work on `trunk`, as last fetched, is on the default branch; nothing is fetched."""
    work.git("branch", "-q", "-m", "main", "trunk")
    work.git("clone", "-q", str(work.folder), str(tmp_path / "clone"))
    work.folder = tmp_path / "clone"
    work.git("config", "user.name", "Ann")
    work.git("config", "user.email", "ann@example.com")
    work.call("trunk", 10)
    work.commit("x", 11)
    assert work.fates() == {Fate.MERGED: 1}


def test_a_repository_without_commits(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.call("main", 0)
    assert work.fates() == {Fate.NO_COMMIT: 1}


def test_no_repository(tmp_path: Path) -> None:
    log(tmp_path, answer())
    with pytest.raises(PaybackError) as told:
        usage([tmp_path], git=[tmp_path])
    assert told.value.code == "no-repository"


def test_no_git(work: Work, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    work.call("main", 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PaybackError) as told:
        work.became()
    assert told.value.code == "no-git"


def test_nothing_a_hostile_repository_names_is_run(work: Work, tmp_path: Path) -> None:
    branch_with_a_commit(work)
    work.commit("meanwhile", 20)
    ran = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {ran}\n")
    trap.chmod(0o755)
    (work.folder / ".gitattributes").write_text("* diff=trap\n")
    work.git("add", ".gitattributes")
    work.git("commit", "-q", "-m", "Trap", minute=21)
    for key in (
        *("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "diff.trap.command"),
        *("diff.trap.textconv", "gpg.program", "pager.log", "core.editor", "uploadpack.packObjectsHook"),
    ):
        work.git("config", key, str(trap))
    work.git("config", "log.showSignature", "true")
    work.git("config", "core.hooksPath", str(tmp_path))
    assert work.fates() == {Fate.NOT_MERGED: 2}
    assert not ran.exists()


def test_a_branch_named_like_an_option_is_a_name(work: Work) -> None:
    work.call("--output=owned", 10)
    assert work.fates() == {Fate.NO_COMMIT: 1}
    assert not list(work.folder.glob("owned*"))
