"""The verdict as an exit code, for CI: what stands in a merge's way, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from payback.cli import written
from payback.cli.assessed import assessed, nothing_left_out
from payback.cli.examples import examples
from payback.locale import say

if TYPE_CHECKING:
    from payback.cli.judged import Judged
    from payback.gates import Verdict

SCHEMA_VERSION = 1
STOPPED, UNDECIDED = 3, 4
"""Exit codes: a use case comes out stop or fix; wait or continue. 3 is worse than 4."""
FAIL_ON = {
    "stop": {"stop": STOPPED},
    "fail": {"stop": STOPPED, "fix": STOPPED},
    "undecided": {"stop": STOPPED, "fix": STOPPED, "wait": UNDECIDED, "continue": UNDECIDED},
}
"""The exit code of each verdict; those not listed end with 0."""


@click.command(
    short_help=say("the verdict as an exit code, for CI"),
    epilog=examples(
        "payback check",
        "payback check --fail-on stop",
        "payback check --as-of 2026-09-30 --warn-at 0.1",
        "payback check --strict --junit payback.xml --summary payback.md",
    ),
)
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--fail-on",
    type=click.Choice(list(FAIL_ON)),
    default="undecided",
    show_default=True,
    help=say("stop: only stop is not 0; fail: fix too; undecided: wait and continue too"),
)
@click.option("--strict", is_flag=True, help=say("exit code 5 where any row was left out"))
@click.option(
    "--junit",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=say("write JUnit XML: a test case for each verdict and gate"),
)
@click.option(
    "--summary",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help=say("write a short Markdown summary; - prints it"),
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help=say("look at the data as they were at the end of that day; without it, the latest day in them"),
)
@click.option(
    "--warn-at",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    metavar="SHARE",
    help=say("share of futures from which on a budget used up too early is told"),
)
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
def command(
    folders: tuple[Path, ...],
    *,
    as_of: datetime | None,
    warn_at: float,
    fail_on: str,
    strict: bool,
    junit: str | None,
    summary: str | None,
    as_json: bool,
) -> None:
    """End by the verdict of the project in each DIR; without DIR, of the one we stand in.

    Exit codes: 0 scale; 3 stop or fix; 4 wait or continue; the worst of several use cases counts,
    3 before 4. 5 where no row of a project could be read, or with --strict a row was left out;
    2 wrong call or broken payback.toml. What deserves a look (a budget used up too early, a gate due
    with nothing measured) is told below the gates and changes no exit code.
    """
    from payback.cli.check_summary import junit_xml, markdown
    from payback.cli.judged import judged

    if as_json and summary == written.STDOUT:
        raise click.UsageError(say("--json and --summary - cannot both go to the standard output"))
    for file in (junit, summary):
        written.check(file)
    found = assessed(folders, as_of=as_of.date() if as_of else None)
    cases = judged(folders, found, warn_at=Decimal(str(warn_at)))
    code = exit_code((one.case.verdict for one in cases), fail_on)
    for target, drawn in ((junit, junit_xml), (summary, markdown)):
        if target is not None:
            written.write(target, drawn(cases))
            written.tell(target)
    if as_json:
        written.write(written.STDOUT, json.dumps(_facts(cases, fail_on, code), indent=2) + "\n")
    elif summary != written.STDOUT:
        click.echo("\n".join(_lines(cases)))
    if strict:
        nothing_left_out(found)
    raise click.exceptions.Exit(code)


def exit_code(verdicts: Iterable[Verdict], fail_on: str) -> int:
    """The exit code of the worst verdict: 3 before 4 before 0."""
    codes = {FAIL_ON[fail_on].get(verdict.value, 0) for verdict in verdicts}
    return min(codes - {0}, default=0)


def _lines(cases: Sequence[Judged]) -> list[str]:
    from payback.cli.judged import gate_words, left_out
    from payback.report.inert import plain

    lines = []
    for one in cases:
        lines.append(f"{one.case.verdict.word}  {one.name}: {plain(one.case.why)}")
        width = max((len(gate.state.word) for gate in one.case.gates), default=0)
        lines += [
            f"  {gate.state.word:<{width}}  {plain(gate.name)}: {gate_words(gate)}" for gate in one.case.gates
        ]
        lines += [f"  {line}" for line in one.not_as_sealed]
        lines += [f"  {say('look')}: {plain(alert.says)}" for alert in one.alerts]
    projects = {id(one.project): one.project for one in cases}
    return lines + [line for project in projects.values() for line in left_out(project)]


def _facts(cases: Sequence[Judged], fail_on: str, code: int) -> dict[str, Any]:
    """The answer as JSON; gates as `payback assess --json` has them."""
    from payback.report.burn_json import alert
    from payback.report.to_json import document

    projects = {id(one.project): one.project for one in cases}
    drawn = [case for each in document([*projects.values()])["assessments"] for case in each["use_cases"]]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "check",
        "fail_on": fail_on,
        "exit_code": code,
        "rows_left_out": sum(project.rows_left_out for project in projects.values()),
        "use_cases": [
            {
                "project": one.project.name,
                "as_of": one.project.as_of.isoformat(),
                **{key: case[key] for key in ("key", "title", "stage", "verdict", "why", "until", "gates")},
                "not_as_sealed": list(one.not_as_sealed),
                "alerts": [alert(each) for each in one.alerts],
            }
            for one, case in zip(cases, drawn, strict=True)
        ],
    }
