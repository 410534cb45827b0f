"""The verdict as an exit code, for CI: what stands in a merge's way, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from payback.cli import written
from payback.cli.assessed import assessed, nothing_left_out
from payback.cli.examples import examples
from payback.locale import say, say_count
from payback.records import PaybackError

if TYPE_CHECKING:
    from payback.assessment import Assessment, GateResult, UseCaseResult
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
@click.option("as_json", "--json", is_flag=True, help=say("machine-readable, with schema_version"))
def command(
    folders: tuple[Path, ...],
    *,
    fail_on: str,
    strict: bool,
    junit: str | None,
    summary: str | None,
    as_json: bool,
) -> None:
    """End by the verdict of the project in each DIR; without DIR, of the one we stand in.

    Exit codes: 0 scale; 3 stop or fix; 4 wait or continue; the worst of several use cases counts,
    3 before 4. 5 where no row of a project could be read, or with --strict a row was left out;
    2 wrong call or broken payback.toml.
    """
    from payback.cli.check_summary import junit_xml, markdown

    if as_json and summary == written.STDOUT:
        raise click.UsageError(say("--json and --summary - cannot both go to the standard output"))
    for file in (junit, summary):
        written.check(file)
    found = assessed(folders)
    _something_to_judge(found)
    code = exit_code((case.verdict for project in found for case in project.use_cases), fail_on)
    for target, drawn in ((junit, junit_xml), (summary, markdown)):
        if target is not None:
            written.write(target, drawn(found))
            written.tell(target)
    if as_json:
        written.write(written.STDOUT, json.dumps(_facts(found, fail_on, code), indent=2) + "\n")
    elif summary != written.STDOUT:
        click.echo("\n".join(_lines(found)))
    if strict:
        nothing_left_out(found)
    raise click.exceptions.Exit(code)


def exit_code(verdicts: Iterable[Verdict], fail_on: str) -> int:
    """The exit code of the worst verdict: 3 before 4 before 0."""
    codes = {FAIL_ON[fail_on].get(verdict.value, 0) for verdict in verdicts}
    return min(codes - {0}, default=0)


def _something_to_judge(found: Sequence[Assessment]) -> None:
    for project in found:
        if not project.use_cases:
            raise PaybackError(
                "no-use-case",
                say("{name} names no use case, so there is nothing to judge", name=project.name),
                fix=say("add one under [use_cases.NAME] in payback.toml"),
            )


def _lines(found: Sequence[Assessment]) -> list[str]:
    lines = []
    for project in found:
        for case in project.use_cases:
            lines.append(f"{case.verdict.word}  {name_of(project, case, found)}: {_plain(case.why)}")
            lines += [f"  {line}" for line in _gate_lines(case.gates)]
        lines += left_out(project)
    return lines


def left_out(project: Assessment) -> list[str]:
    """What was left out of a project, as one line; none where nothing was."""
    problems = [one for one in project.problems if one.left_out]
    if not problems:
        return []
    where = f"{problems[0].origin}: " if problems[0].origin else ""
    first = _plain(where + problems[0].what)
    if not project.rows_left_out:
        return [say("left out: {first}", first=first)]
    return [
        say_count(
            "left out: {count} row: {first}",
            "left out: {count} rows: {first}",
            project.rows_left_out,
            first=first,
        )
    ]


def _gate_lines(gates: Sequence[GateResult]) -> list[str]:
    width = max((len(gate.state.word) for gate in gates), default=0)
    return [f"{gate.state.word:<{width}}  {_plain(gate.name)}: {gate_words(gate)}" for gate in gates]


def name_of(project: Assessment, case: UseCaseResult, found: Sequence[Assessment]) -> str:
    """What a use case is called in the answer; with its project where there are several."""
    name = f"{project.name}/{case.key}" if len(found) > 1 else case.key
    return _plain(name)


def gate_words(gate: GateResult) -> str:
    """What is seen of a gate, what would decide it, by when and who sees to it."""
    from payback.gates import GateState
    from payback.days import day

    words = [gate.seen]
    if gate.state is GateState.NOT_DECIDED:
        words.append(gate.decides)
        if gate.due is not None:
            words.append(say("due {day}", day=day(gate.due)))
    elif gate.on is not None:
        words.append(say("on {day}", day=day(gate.on)))
    if gate.owner:
        words.append(say("owner {name}", name=gate.owner))
    if gate.changed_after_seal:
        words.append(say("changed after it was sealed"))
    return _plain("; ".join(word for word in words if word))


def _facts(found: Sequence[Assessment], fail_on: str, code: int) -> dict[str, Any]:
    """The answer as JSON: verdicts and gates as `payback assess --json` has them."""
    from payback.report.to_json import document

    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "check",
        "fail_on": fail_on,
        "exit_code": code,
        "rows_left_out": sum(project.rows_left_out for project in found),
        "use_cases": [
            {
                "project": project["name"],
                "as_of": project["as_of"],
                **{key: case[key] for key in ("key", "title", "stage", "verdict", "why", "until", "gates")},
            }
            for project in document(found)["assessments"]
            for case in project["use_cases"]
        ],
    }


def _plain(text: str) -> str:
    from payback.report.inert import plain

    return plain(text)
