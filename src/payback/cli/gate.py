"""Rules sealed before the data arrive: written with day and hash, and compared with those of today."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from payback.cli.examples import examples
from payback.cli.progress import Progress
from payback.locale import say, say_count
from payback.records import PaybackError

if TYPE_CHECKING:
    from payback.project import Project
    from payback.seals import Seal

HASH_SHOWN = 12
FOLDER = click.Path(path_type=Path)


@click.group(
    short_help=say("seal gates before the data arrive, show them, plan them"),
    subcommand_metavar="COMMAND",
    epilog=examples("payback gate seal", "payback gate show"),
)
def command() -> None:
    """Rules set beforehand: gates, kill line, budget and today's way of each use case."""


@command.command(
    "seal",
    short_help=say("write the rules of today with day and hash"),
    epilog=examples("payback gate seal", "payback gate seal invoices --on 2026-01-12"),
)
@click.argument("folder", metavar="[DIR]", default=".", type=FOLDER)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help=say("the day of the seal; without it, today"),
)
def seal(folder: Path, *, on: datetime | None) -> None:
    """Write the rules of the project in DIR into payback.seals.jsonl, to be committed beside payback.toml.

    Only use cases whose rules changed since their last seal get a new one; a line is never changed.
    Each says until which day there were data: rules sealed after those days were not set beforehand.
    """
    from payback import load, seals

    project = load(folder)
    day = _day(project, on.date() if on else None)
    new = seals.seal(project, day, _data_until(project))
    file = project.folder / seals.FILE_NAME
    if not new:
        click.echo(say("nothing changed since the last seal: {file}", file=file))
        return
    for each in new:
        click.echo("\n".join(_sealed_lines(each)))
    click.echo(say("written: {file}; commit it", file=file))


@command.command(
    "show",
    short_help=say("the sealed rules against those of today"),
    epilog=examples("payback gate show", "payback gate show invoices"),
)
@click.argument("folder", metavar="[DIR]", default=".", type=FOLDER)
def show(folder: Path) -> None:
    """What was sealed in the project in DIR, when, and what has changed since.

    Exit code 2 where a seal was changed after it was written.
    """
    from payback import load, seals

    project = load(folder)
    sealed = seals.latest(project)
    if not project.use_cases:
        click.echo(say("no use case in {file}", file=project.file))
    for name, case in project.use_cases.items():
        lines = (
            _compared(sealed[name], seals.rules(case))
            if name in sealed
            else [say("{use_case}: never sealed; `payback gate seal` does it", use_case=name)]
        )
        click.echo("\n".join(lines))
    for name, each in sealed.items():
        if name not in project.use_cases:
            click.echo(
                say("{use_case}: sealed on {day}, no longer in payback.toml", use_case=name, day=each.on)
            )


@command.command(
    "plan",
    short_help=say("how many cases, and how much money, a gate will need"),
    epilog=examples(
        "payback gate plan", "payback gate plan --share 0.92 --group 5 --alike 0.2 --task-cost 1.20"
    ),
)
@click.argument("folder", metavar="[DIR]", default=".", type=FOLDER)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="SHARE",
    help=say("the share that will really be accepted; without it, what is seen so far, and some others"),
)
@click.option(
    "--task-cost",
    type=click.FloatRange(0, min_open=True),
    metavar="MONEY",
    help=say("what the calls of a task cost; without it, what is seen so far"),
)
@click.option(
    "--group",
    type=click.IntRange(1, 1000),
    default=1,
    help=say("tasks of one customer or document; 1 if independent"),
)
@click.option(
    "--alike",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.2,
    show_default=True,
    help=say("how alike the tasks of a group are: their intraclass correlation"),
)
@click.option("--json", "as_json", is_flag=True, help=say("machine-readable, with schema_version"))
def plan(
    folder: Path, *, share: float | None, task_cost: float | None, group: int, alike: float, as_json: bool
) -> None:
    """Run the test of each gate on a share or a unit cost on 1,000 made-up streams of 4,000 tasks.

    Says for several truths after how many tasks half of the streams, and nine of ten, have passed it. Looked
    at at every task: that costs nothing, since the test stays true.
    """
    import json

    from payback import load
    from payback.cli import gate_plan
    from payback.measures.delivery.planning import Shape

    project = load(folder)
    seen = gate_plan.seen_so_far(project)
    plans = [
        each
        for name in project.use_cases
        for each in gate_plan.plans(
            project, name, seen.get(name), share, task_cost, Shape(group, alike if group > 1 else 0.0)
        )
    ]
    if as_json:
        click.echo(json.dumps(gate_plan.facts(plans, project.currency), indent=2, ensure_ascii=False))
        return
    if not plans:
        click.echo(say("no gate on a share or a unit cost: counts need no plan"))
    for each in plans:
        click.echo("\n".join(gate_plan.lines(each, project.currency)))


def _day(project: Project, asked: date | None) -> date:
    """The day of a new seal. Raises PaybackError for a day to come, or one before the last seal."""
    from zoneinfo import ZoneInfo

    from payback import seals

    today = datetime.now(ZoneInfo(project.timezone)).date()
    day = asked or today
    last = max((each.on for each in seals.history(project)), default=day)
    if day > today:
        raise PaybackError(
            "seal-day",
            say("{day} is still to come", day=day),
            fix=say("seal on the day itself: leave out --on"),
        )
    if day < last:
        raise PaybackError(
            "seal-day",
            say("{day} is before the last seal, of {last}", day=day, last=last),
            fix=say("seals stand in the order they were made: name a later day, or leave out --on"),
        )
    return day


def _data_until(project: Project) -> date | None:
    """The latest day in the data; None where there are none yet, or they cannot be read."""
    from payback import assess

    if not project.sources:
        return None
    try:
        with Progress() as progress:
            found = assess(project, progress=progress)
    except PaybackError as error:
        if error.code == "broken-seal":
            raise
        click.echo(
            say(
                "the data cannot be read, so the seal does not say how far they reach: {reason}", reason=error
            ),
            err=True,
        )
        return None
    return found.as_of if any(source.rows for source in found.sources) else None


def _sealed_lines(each: Seal) -> list[str]:
    lines = [
        say(
            "{use_case}: sealed on {day}, {hash}",
            use_case=each.use_case,
            day=each.on,
            hash=each.digest[:HASH_SHOWN],
        ),
        "  " + "; ".join(_holds(each.rules)),
    ]
    if not each.rules["gates"] and each.rules["kill_line"] is None:
        lines.append("  " + say("nothing in it can fail: set a gate or a kill line in payback.toml"))
    if each.data_until is not None:
        lines.append(
            "  "
            + say("there are data until {day}: for those, these rules came afterwards", day=each.data_until)
        )
    return lines


def _holds(rules: dict[str, Any]) -> list[str]:
    """What a seal covers, in words."""
    gates = say_count("{count} gate", "{count} gates", len(rules["gates"]))
    return [gates, *(words for key, words in _other_rules().items() if rules[key] is not None)]


def _other_rules() -> dict[str, str]:
    return {"kill_line": say("kill line"), "budget": say("budget"), "today": say("as today")}


def _compared(each: Seal, now: dict[str, Any]) -> list[str]:
    """A heading, and a line for each rule sealed or present."""
    head = say(
        "{use_case}: sealed on {day}, {hash}",
        use_case=each.use_case,
        day=each.on,
        hash=each.digest[:HASH_SHOWN],
    )
    if each.data_until is not None:
        head = say("{head}, with data until {day}", head=head, day=each.data_until)
    before = {gate["name"]: gate for gate in each.rules["gates"]}
    after = {gate["name"]: gate for gate in now["gates"]}
    lines = [_state(before.get(name), after.get(name), name) for name in dict.fromkeys((*before, *after))]
    for key, words in _other_rules().items():
        if each.rules[key] is not None or now[key] is not None:
            lines.append(_state(each.rules[key], now[key], words))
    return [head, *(f"  {line}" for line in lines)]


def _state(before: Any, after: Any, name: str) -> str:
    if before == after:
        return say("unchanged: {name}", name=name)
    if before is None:
        return say("never sealed: {name}", name=name)
    if after is None:
        return say("removed since: {name}", name=name)
    return say("changed since: {name}: {changes}", name=name, changes="; ".join(_changes(before, after)))


def _changes(before: Any, after: Any) -> list[str]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return [say("{old} is now {new}", old=_value(before), new=_value(after))]
    return [
        say("{key} was {old}, is {new}", key=key, old=_value(before.get(key)), new=_value(after.get(key)))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    ]


def _value(value: Any) -> str:
    if value is None:
        return say("not set")
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return str(value)
