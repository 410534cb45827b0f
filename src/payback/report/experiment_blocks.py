"""What the AI changed, by a declared experiment: the effects, how it is known that they are, and what was promised."""

from __future__ import annotations

from payback.assessment import Contrast, UseCaseResult
from payback.locale import say
from payback.numbers import Scale
from payback.numbers import count as written_count
from payback.records import Figure, Unknown
from payback.report import figures
from payback.report.figures import Sense
from payback.report.page import Block, Cell, Column, Note, Row, Table, Tone
from payback.report.shelf import Shelf


def experiment(case: UseCaseResult, shelf: Shelf) -> tuple[Block, ...]:
    """A table of effects, and what to know of them; nothing where no experiment is declared."""
    found = case.experiment
    if found is None:
        return ()
    names = {arm.arm: arm.title for arm in case.arms}
    ours, theirs = names.get(found.arm, found.arm), names.get(found.against, found.against)
    known = found.known[:1].upper() + found.known[1:]
    if found.by:
        known = say("{known} (declared by {who})", known=known, who=found.by)
    blocks: list[Block] = []
    if found.tested:
        blocks.append(
            Table(
                title=say("What {way} changed against {other}", way=ours, other=theirs),
                subtitle=known,
                columns=(
                    Column(say("per task"), lead=True),
                    Column(say("effect"), figures=True),
                    Column(say("unit")),
                    Column(say("tasks"), figures=True),
                    Column(say("promised and measured")),
                ),
                rows=tuple(_row(one, case, shelf) for one in found.tested),
                marks=True,
            )
        )
    told = [f"{known}."] if not found.tested else []
    for one in found.tested:
        told += _about(one)
    told += [f"{note.rstrip('.')}." for note in found.notes]
    if told:
        lines = tuple(dict.fromkeys(line[:1].upper() + line[1:] for line in told))
        blocks.append(Note(say("About the experiment"), lines))
    return tuple(blocks)


def _row(one: Contrast, case: UseCaseResult, shelf: Shelf) -> Row:
    scale = Scale(case.currency) if one.result == "cost" else None
    cell = shelf.cell(say("Effect: {what}", what=one.label), one.figure, scale, sense=_sense(one.result))
    unit = figures.unit_of(one.figure, scale) if isinstance(one.figure, Figure) else ""
    tasks = one.figure.count if isinstance(one.figure, Figure) else None
    return Row(
        (
            Cell(one.label, Tone.STRONG),
            cell,
            Cell(unit, Tone.SOFT),
            Cell("" if tasks is None else written_count(tasks)),
            Cell(one.promised),
        )
    )


def _sense(result: str) -> Sense:
    if result == "cost":
        return figures.dearer_or_cheaper()
    return figures.more_or_fewer() if result == "acceptance" else Sense(say("more"), say("less"))


def _about(one: Contrast) -> list[str]:
    """`Minutes of a task: what was expected of a task took away 70 of 100 of the variance.`"""
    if isinstance(one.figure, Unknown):
        parts = ["; ".join(part for part in (one.figure.reason, one.figure.fix) if part)]
    else:
        parts = list(one.figure.notes)
    return [f"{one.label}: {part.rstrip('.')}." for part in parts]
