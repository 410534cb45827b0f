"""What `payback usage --git` says of the work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_usage import run
from tests.sources.test_claude_code import log
from tests.test_usage_merged import Work, branch_with_a_commit


def test_shares_and_the_price_of_a_merged_change(tmp_path: Path) -> None:
    """Three branches of two calls at 0.10 each: one merged, one merged and reverted, one left; an idea of one call."""
    work = Work(tmp_path)
    work.commit("readme", -600)
    for number in range(3):
        branch_with_a_commit(work, f"fix-{number}", 30 * number + 10)
    for number in range(2):
        work.git("merge", "-q", "--no-ff", f"fix-{number}", minute=100 + number)
    work.git("revert", "--no-edit", "-m", "1", "HEAD", minute=200)
    work.call("idea", 5, session="s")
    for line in work.lines:
        line["message"]["usage"] = {"input_tokens": 20_000, "output_tokens": 0}  # type: ignore[index]
    logs = log(work.logs, *work.lines)
    done = run(str(logs), "--git", ".", folder=work.folder, home=tmp_path)
    assert done.stdout.splitlines()[-2:] == [
        "went   merged 29 %   not merged 29 %   reverted 29 %   no commit found 14 %   (--git .)",
        "       1 merged change, 0.70 at list, what led nowhere included",
    ]
    (facts,) = json.loads(run(str(logs), "--git", ".", "--json", folder=work.folder).stdout)["repositories"]
    assert (facts["merged"], facts["no_commit"], facts["list_price_each"]) == ("0.2", "0.1", "0.7")


def test_calls_of_another_place(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.call("main", 0, cwd=Path("/elsewhere"))
    done = run(str(log(work.logs, *work.lines)), "--git", ".", folder=work.folder)
    assert done.stdout.splitlines()[-1] == "went   no call was made in this repository   (--git .)"


@pytest.mark.parametrize("place", ["nowhere", "logs"])
def test_no_repository(tmp_path: Path, place: str) -> None:
    work = Work(tmp_path)
    work.call("main", 0)
    log(work.logs, *work.lines)
    done = run(str(work.logs), "--git", place, folder=tmp_path)
    assert done.returncode == 2
    assert "git finds no repository here" in done.stderr
