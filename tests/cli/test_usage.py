"""What `payback usage` prints, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources.test_claude_code import answer, log


def run(*arguments: str, folder: Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home or folder), "XDG_CONFIG_HOME": "", "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "payback", "usage", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def projects(home: Path) -> Path:
    """A home where Claude Code has worked: one call each, then one of no price, one unfinished, one torn."""
    return log(
        home / ".claude" / "projects" / "-home-ann-shop",
        answer(usage_input_tokens=1_000_000, usage_output_tokens=1, usage_cache_read_input_tokens=0),
        answer("msg_2", "req_2", model="acme-tuned-7b"),
        answer("msg_3", "req_3", stop_reason=None),
        answer("msg_4", "req_4", model="<synthetic>"),
        '{"type":"assist',
    )


def test_the_screen(tmp_path: Path) -> None:
    """1,000,000 x 5 + 1 x 25 and 3 x 5 + 9 x 0.50 + 40 x 25 USD a million = 5.0010445 for Opus 4.5."""
    projects(tmp_path)
    done = run("--plan", "claude=2x200", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == """\
1 March 2026, days in UTC, USD, 3 calls, 1 file
You paid 400.00. At list price: 5.00 or more.

model                     calls  fresh in  cached in  cache writes  out    list price
claude-opus-4-5-20251101      2     1.0 M          9             0   41  5.00 or more
acme-tuned-7b                 1         3          9             0   40    not priced
total                         3     1.0 M         18             0   81  5.00 or more

paid   flat plan claude, 2 seats, 1 month: 400.00, as you say; covers 3 calls, 5.00 or more at list
         price
more?  1 call logs an unfinished output count: up to 1.60 more at list (the longest answer of the
         model)
       1 call without a price: no price is known for acme-tuned-7b; see payback prices acme-tuned-7b
out    1 message that no model made
       1 damaged line
       {place}:6: the line is not JSON: Unterminated string starting at
""".format(place=tmp_path / ".claude/projects/-home-ann-shop/s-1.jsonl")
    )


def test_json_and_csv_hold_every_digit(tmp_path: Path) -> None:
    projects(tmp_path)
    held = json.loads(run("--json", folder=tmp_path).stdout)
    assert (held["schema_version"], held["kind"], held["from"], held["to"]) == (
        1,
        "usage",
        "2026-03-01",
        "2026-03-02",
    )
    assert held["total"]["list_price"] == "5.0010445"
    assert held["problems"][0]["code"] == "json"
    (opus, acme) = csv.DictReader(io.StringIO(run("--csv", folder=tmp_path).stdout))
    assert (opus["list_price"], acme["unpriced_calls"]) == ("5.0010445", "1")


def test_prices_and_currency_of_the_project_come_first(tmp_path: Path) -> None:
    projects(tmp_path)
    (tmp_path / "payback.toml").write_text(
        """
name = "shop"
currency = "EUR"
[[prices]]
model = "acme-*"
input = 1
output = 2
cached = 0.5
[[currency_rates]]
from = "EUR"
to = "USD"
day = 2026-01-01
rate = 1.25
""",
        encoding="utf-8",
    )
    total = json.loads(run("--json", folder=tmp_path).stdout)["total"]
    # 3 x 1 + 9 x 0.5 + 40 x 2 = 87.5 millionths of a dollar; (5.0010445 + 0.0000875) / 1.25
    assert total["list_price"] == "4.0009056"
    assert json.loads(run("--json", "--currency", "USD", folder=tmp_path).stdout)["total"]["list_price"] == (
        "5.001132"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "nowhere: no such file or folder"),
        ((".", "--plan", "claude"), "--plan claude is not a plan"),
        ((".", "--json", "--csv"), "cannot both"),
        ((".", "--by", "tag:"), "tag: is none of model, day"),
        ((".", "--timezone", "Mars/Olympus"), "Mars/Olympus is no time zone"),
        (("empty",), "no log that payback knows lies under empty"),
    ],
    ids=["no path", "no plan", "two forms", "no group", "no zone", "no logs"],
)
def test_a_wrong_call_says_what_is_wrong(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    projects(tmp_path)
    (tmp_path / "empty").mkdir()
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_where_no_line_can_be_read_the_exit_code_says_so(tmp_path: Path) -> None:
    file = log(tmp_path, answer(usage_input_tokens=-1))
    done = run(str(file), folder=tmp_path)
    assert done.returncode == 5
    assert "damaged" in done.stdout


def test_text_from_a_log_moves_no_cursor(tmp_path: Path) -> None:
    log(tmp_path, answer(model="evil\x1b[2J\u202emodel"))
    shown = run(".", folder=tmp_path).stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_it_needs_no_pydantic_to_start(tmp_path: Path) -> None:
    """What reads logs without a project loads nothing that only projects need."""
    projects(tmp_path)
    code = (
        "import sys; from payback import cli\n"
        "try: cli.main(['usage'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('pydantic', 'numpy', 'jinja2') if name in sys.modules], file=sys.stderr)"
    )
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.strip() == "[]"


def test_less_than_a_cent_is_not_nothing(tmp_path: Path) -> None:
    """3 x 5 + 9 x 0.50 + 40 x 25 USD a million = 0.0010195."""
    log(tmp_path, answer())
    assert "At list price: 0.0010." in run(".", folder=tmp_path).stdout
