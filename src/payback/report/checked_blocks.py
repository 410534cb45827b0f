"""What people's checks of a sample, and a judge, say of all the work: the share, and how far the two agree."""

from __future__ import annotations

from decimal import Decimal

from payback import numbers
from payback.assessment import CheckedWork, UseCaseResult
from payback.locale import say
from payback.report.page import Block, Cell, Column, Note, Row, Table, Tone
from payback.report.shelf import Shelf


def checked(case: UseCaseResult, shelf: Shelf) -> tuple[Block, ...]:
    """A table of shares, one of agreement for each judge, and what to know of them."""
    if not case.checks:
        return ()
    blocks: list[Block] = [_shares(case.checks, shelf)]
    blocks += [_agreement(one) for one in case.checks if one.kappa is not None or one.agreed is not None]
    notes = [f"{one.title}: {line}." for one in case.checks for line in (*one.changes, one.more) if line]
    if notes:
        blocks.append(Note(say("The judge over time, and more checks"), tuple(notes)))
    return tuple(blocks)


def _shares(checks: tuple[CheckedWork, ...], shelf: Shelf) -> Table:
    rows = []
    for one in checks:
        figure = shelf.cell(say("{arm}: accepted, all tasks", arm=one.title), one.share)
        drawn = say("of {count} drawn", count=numbers.count(one.drawn)) if one.drawn else say("none drawn")
        looked = numbers.count(one.looked) if one.looked else ""
        rows.append(
            Row(
                (
                    Cell(one.title, Tone.STRONG),
                    Cell(numbers.count(one.tasks)),
                    Cell(numbers.count(one.checked or one.picked), more=drawn),
                    Cell(looked, more=one.judge if one.looked else ""),
                    figure,
                )
            )
        )
    return Table(
        title=say("All tasks, from those people checked"),
        subtitle=say("What people would accept of every task; the second line of a figure is its 95 % range"),
        columns=(
            Column(say("way of working"), lead=True),
            Column(say("tasks"), figures=True),
            Column(say("checked by people"), figures=True),
            Column(say("seen by the judge"), figures=True),
            Column(say("accepted, of 100"), figures=True),
        ),
        rows=tuple(rows),
        marks=True,
    )


def _agreement(one: CheckedWork) -> Table:
    def row(name: str, yes: int, no: int) -> Row:
        return Row((Cell(name, Tone.STRONG), Cell(numbers.count(yes)), Cell(numbers.count(no))))

    said = [say("alike in {share} of 100", share=_hundred(one.agreed))] if one.agreed is not None else []
    if one.kappa is not None:
        said.append(
            say("kappa {kappa} (standard error {error})", kappa=_two(one.kappa), error=_two(one.kappa_error))
        )
    if one.ac1 is not None:
        said.append(say("AC1 {value}", value=_two(one.ac1)))
    return Table(
        title=say("People and {judge}, task by task", judge=one.judge or say("the judge")),
        subtitle=", ".join(said),
        columns=(
            Column(say("{arm}, tasks both looked at", arm=one.title), lead=True),
            Column(say("judge: accepted"), figures=True),
            Column(say("judge: rejected"), figures=True),
        ),
        rows=(
            row(say("people: accepted"), one.both, one.people_only),
            row(say("people: rejected"), one.judge_only, one.neither),
        ),
    )


def _hundred(share: Decimal) -> str:
    return f"{100 * share:.0f}"


def _two(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:.2f}"
