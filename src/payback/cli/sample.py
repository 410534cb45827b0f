"""A random sample of the work for people to check: the sheet, and its labels read back."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payback.cli.assessed import UNREADABLE, kept
from payback.cli.examples import examples
from payback.cli.progress import Progress
from payback.locale import say, say_count
from payback.records import PaybackError

if TYPE_CHECKING:
    from payback.ledger.samples import Sample
    from payback.project import Project

SHOWN = 20
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    short_help=say("draw work for people to check, and read their checks"),
    epilog=examples(
        "payback sample invoices -n 200",
        "payback sample invoices -n 200 --by judge --csv checks.csv",
        "payback sample invoices --width 5",
        "payback sample --read sample-invoices-1c5e0f.xlsx",
    ),
)
@click.argument("use_case", metavar="[USE_CASE]", required=False)
@click.option(
    "number", "-n", type=click.IntRange(min=1), default=200, show_default=True, help=say("how many tasks")
)
@click.option("--by", default="", metavar="NAME", help=say("as many of each kind: a segment, or judge"))
@click.option("--arm", metavar="ARM", help=say("the way of working; else the one judged"))
@click.option("--seed", type=click.IntRange(min=0), help=say("draw the same again; else drawn and kept"))
@click.option("--out", type=FILE, metavar="FILE", help=say("the sheet; else sample-USE_CASE-KEY.xlsx here"))
@click.option("as_csv", "--csv", type=FILE, metavar="FILE", help=say("write the sheet as CSV"))
@click.option(
    "--width",
    type=click.FloatRange(0, 100, min_open=True, max_open=True),
    metavar="POINTS",
    help=say("say how many more checks give a range so wide, and draw nothing"),
)
@click.option("--read", type=FILE, metavar="FILE", help=say("read a sheet that people filled in"))
@click.option("--grader", default="people", show_default=True, metavar="NAME", help=say("who filled it in"))
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=".",
    metavar="DIR",
    help=say("the project; else here"),
)
def command(
    use_case: str | None,
    *,
    number: int,
    by: str,
    arm: str | None,
    seed: int | None,
    out: Path | None,
    as_csv: Path | None,
    width: float | None,
    read: Path | None,
    grader: str,
    folder: Path,
) -> None:
    """Draw a random sample of the tasks of USE_CASE for people to check.

    The sheet is blind: no model, no way of working, tasks in an order by chance. The record keeps seed and chances.
    With --read, what people entered goes into the folder labels beside payback.toml.

    Exit code 5 where entries of a sheet could not be used.
    """
    from payback import load

    project = load(folder)
    with kept(project):
        if read is not None:
            _read(project, read, grader)
        elif use_case is None:
            raise PaybackError(
                "unknown-use-case",
                say("name the use case to draw from"),
                fix=say("there are: {names}", names=", ".join(project.use_cases)),
            )
        elif width is not None:
            _more(project, use_case, width)
        else:
            _draw(
                project,
                use_case,
                number,
                by=by,
                arm=arm,
                seed=seed,
                out=as_csv or out,
                csv=as_csv is not None,
            )


def _draw(
    project: Project,
    use_case: str,
    number: int,
    *,
    by: str,
    arm: str | None,
    seed: int | None,
    out: Path | None,
    csv: bool,
) -> None:
    from payback.assessor.sampling import draw_sample
    from payback.cli import sample_labels, sample_sheet
    from payback.ledger import samples

    if out is not None and csv and out.suffix.lower() != ".csv":
        out = out.with_name(out.name + ".csv")
    if out is not None:
        sample_sheet.free(out)
    with Progress() as progress:
        sample, notes = draw_sample(
            project,
            use_case,
            number,
            seed=secrets.randbelow(2**32) if seed is None else seed,
            drawn_at=datetime.now(UTC).replace(microsecond=0),
            by=by,
            arm=arm,
            progress=progress,
        )
    file = out or Path(f"{sample_labels.file_of(project, sample).stem}.xlsx")
    file = file if out else file.with_name(f"sample-{file.name}")
    done = sample_labels.labelled_tasks(
        project, sample, [each for each in samples.kept(project) if each.key != sample.key]
    )
    sample_sheet.write(sample, file, without=done)
    for line in _drawn(sample, len([row for row in sample.rows if row.task in done])):
        click.echo(line)
    for note in notes:
        click.echo(say("note: {note}", note=note), err=True)
    click.echo(say("written: {file}; fill it in, then: payback sample --read {file}", file=file))


def _more(project: Project, use_case: str, width: float) -> None:
    from payback.assessor.sampling import more_checks

    with Progress() as progress:
        found = more_checks(project, use_case, width / 100, progress=progress)
    for title, told in found:
        click.echo(f"{title}: {told}")


def _drawn(sample: Sample, done: int) -> list[str]:
    tasks = sum(each.tasks for each in sample.strata)
    lines = [
        say(
            "{drawn} of {tasks} tasks of {use_case} drawn, sample {key}, seed {seed}",
            drawn=len(sample.rows),
            tasks=tasks,
            use_case=sample.use_case,
            key=sample.key,
            seed=sample.seed,
        )
    ]
    if len(sample.strata) > 1:
        lines += [
            "  " + say("{name}: {drawn} of {tasks}", name=each.name, drawn=each.drawn, tasks=each.tasks)
            for each in sample.strata
        ]
    if done:
        lines.append(
            "  "
            + say_count(
                "{done} of them was checked before and is not in the sheet",
                "{done} of them were checked before and are not in the sheet",
                done,
                done=done,
            )
        )
    return lines


def _read(project: Project, file: Path, grader: str) -> None:
    from payback.cli import sample_labels, sample_sheet
    from payback.ledger import samples

    table = sample_sheet.rows_of(file)
    drawn = {each.key: each for each in samples.kept(project)}
    key = sample_sheet.sample_key(table, drawn)
    if key is None:
        raise PaybackError(
            "no-sample",
            say("none of its rows belongs to a sample of this project"),
            where=str(file),
            fix=say("read it in the project it was drawn in (--folder DIR), with the column row as it was"),
        )
    sample = drawn[key]
    given = sample_sheet.read_back(sample, table)
    done = sample_labels.keep(
        project, sample, given.labels, grader=grader, read_at=datetime.now(UTC).replace(microsecond=0)
    )
    read = sum(label.accepted is not None for label in given.labels.values())
    click.echo(
        say(
            "{read} checks read; {labelled} of {drawn} tasks of sample {key} now have one",
            read=read,
            labelled=done.labelled,
            drawn=len(sample.rows),
            key=key,
        )
    )
    if done.replaced:
        click.echo(say("changed since an earlier sheet: {rows}", rows=", ".join(done.replaced[:SHOWN])))
    click.echo(say("written: {file}", file=done.file))
    if not sample_labels.listed(project, done.file):
        click.echo(say("add this to {file}, so that they count:", file=project.file))
        click.echo("\n" + sample_labels.SOURCE)
    for number, problem in given.problems[:SHOWN]:
        click.echo(f"{file}:{number}: {problem}", err=True)
    if len(given.problems) > SHOWN:
        click.echo(say("and {count} more", count=len(given.problems) - SHOWN), err=True)
    if given.problems:
        click.echo(say("mend these in the sheet and read it again; the rest is kept"), err=True)
        click.get_current_context().exit(UNREADABLE)
