"""Hardware held by a use case: what an allocated and a busy hour cost, and what was paid for neither."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from payback import days
from payback.assessment import HeldHardware, UseCaseResult
from payback.locale import say
from payback.numbers import Scale, money, spread
from payback.records import Figure, Unknown
from payback.report import figures
from payback.report.page import Block, Cell, Column, Note, Row, Table, Tone
from payback.report.shelf import Shelf, value_of


def blocks(case: UseCaseResult, shelf: Shelf) -> tuple[Block, ...]:
    """Two tables by pool, one by month, and what must be said of the rows; nothing without rows of capacity."""
    held = case.hardware
    if not held:
        return ()
    made: list[Block] = [_hours(case, shelf), _idle(case, shelf)]
    if any(len(pool.months) > 1 for pool in held):
        made.append(_months(case))
    notes = tuple(note for pool in held for note in pool.notes)
    if notes:
        made.append(Note(say("What must be said of the hardware"), notes))
    return tuple(made)


def _hours(case: UseCaseResult, shelf: Shelf) -> Table:
    held, unit = case.hardware, Scale(case.currency)
    scale = Scale.of([value_of(pool.cost) for pool in held], case.currency)
    places = figures.places_for(
        [*(pool.per_allocated_hour for pool in held), *(pool.per_busy_hour for pool in held)], unit
    )
    return Table(
        title=_hours_title(held, case.currency),
        subtitle=say(
            "Both shares are of all hours paid. The two costs of an hour share out the same money two ways: they are "
            "never multiplied or added"
        ),
        columns=(
            Column(say("pool"), lead=True),
            Column(say("device hours paid"), figures=True),
            Column(say("{unit} paid", unit=scale.unit), figures=True),
            Column(say("allocated, of 100"), figures=True),
            Column(say("{currency} per allocated hour", currency=case.currency), figures=True),
            Column(say("busy, of 100"), figures=True),
            Column(say("{currency} per busy hour", currency=case.currency), figures=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(pool.name, Tone.STRONG),
                    _cell(shelf, say("{pool}: device hours", pool=pool.name), pool.hours),
                    _cell(shelf, say("{pool}: paid", pool=pool.name), pool.cost, scale),
                    _cell(shelf, say("{pool}: allocated", pool=pool.name), pool.allocated),
                    _cell(
                        shelf,
                        say("{pool}: cost per allocated hour", pool=pool.name),
                        pool.per_allocated_hour,
                        unit,
                        places,
                    ),
                    _cell(shelf, say("{pool}: busy", pool=pool.name), pool.busy),
                    _cell(
                        shelf,
                        say("{pool}: cost per busy hour", pool=pool.name),
                        pool.per_busy_hour,
                        unit,
                        places,
                    ),
                )
            )
            for pool in held
        ),
        marks=True,
    )


def _hours_title(held: Sequence[HeldHardware], currency: str) -> str:
    """What a busy hour costs against a paid one, where there is one pool and both are known."""
    first = held[0]
    if len(held) == 1 and isinstance(first.per_busy_hour, Figure) and isinstance(first.cost, Figure):
        return say(
            "Hardware held: a busy hour costs {busy}, a paid one {paid}",
            busy=money(first.per_busy_hour.value, currency),
            paid=money(first.cost.value / first.hours.value, currency),
        )
    return say("Hardware held: what an hour costs")


def _idle(case: UseCaseResult, shelf: Shelf) -> Table:
    held = case.hardware
    due = any(pool.falls_due for pool in held)
    scale = Scale.of(
        [
            *(value_of(pool.cost) for pool in held),
            *(pool.falls_due.amount for pool in held if pool.falls_due),
        ],
        case.currency,
    )
    columns = [
        Column(say("pool"), lead=True),
        Column(say("nobody had it"), figures=True),
        Column(say("handed out, not used"), figures=True),
        Column(say("paid and not busy"), figures=True),
    ]
    if due:
        columns.append(Column(say("still falls due"), figures=True))
    rows = []
    for pool in held:
        cells = [
            Cell(pool.name, Tone.STRONG),
            _cell(shelf, say("{pool}: paid, not allocated", pool=pool.name), pool.not_allocated, scale),
            _cell(shelf, say("{pool}: allocated, not busy", pool=pool.name), pool.not_busy, scale),
            _cell(shelf, say("{pool}: paid, not busy", pool=pool.name), pool.idle, scale),
        ]
        if due:
            cells.append(_due(pool, scale))
        rows.append(Row(tuple(cells)))
    return Table(
        title=_idle_title(held, case.currency),
        subtitle=scale.unit,
        columns=tuple(columns),
        rows=tuple(rows),
        source=say("What still falls due is paid whatever happens; a day to come counts 24 hours.")
        if due
        else "",
        marks=True,
    )


def _idle_title(held: Sequence[HeldHardware], currency: str) -> str:
    idle = [pool.idle.value for pool in held if isinstance(pool.idle, Figure)]
    paid = [pool.cost.value for pool in held if isinstance(pool.cost, Figure)]
    if len(idle) != len(held) or not any(paid):
        return say("Paid and idle")
    lost = sum(idle, Decimal(0))
    if not lost:
        return say("Nothing was paid for idle hours")
    return say(
        "{idle} of {paid} paid went to hours that did no work",
        idle=money(lost, currency),
        paid=money(sum(paid, Decimal(0)), currency),
    )


def _due(pool: HeldHardware, scale: Scale) -> Cell:
    if pool.falls_due is None or pool.due_until is None:
        return Cell(say("nothing"))
    return Cell(scale.text(pool.falls_due.amount), more=say("until {day}", day=days.day(pool.due_until)))


def _months(case: UseCaseResult) -> Table:
    """By pool and month, folded: figures without what stands behind them, which the JSON has."""
    unit = Scale(case.currency)
    every = [month for pool in case.hardware for month in pool.months]
    scale = Scale.of([value_of(month.cost) for month in every], case.currency)
    places = figures.places_for(
        [*(m.per_allocated_hour for m in every), *(m.per_busy_hour for m in every)], unit
    )
    rows = [
        Row(
            (
                Cell(say("{pool}, {month}", pool=pool.name, month=_month_of(month)), Tone.STRONG),
                figures.cell(month.cost, scale),
                figures.cell(month.per_allocated_hour, unit, places),
                figures.cell(month.per_busy_hour, unit, places),
                figures.cell(month.idle, scale, zero=say("nothing")),
            )
        )
        for pool in case.hardware
        for month in pool.months
    ]
    return Table(
        title=say("Hardware held, month by month"),
        subtitle=say("{unit}, and {currency} an hour", unit=scale.unit, currency=case.currency),
        columns=(
            Column(say("pool and month"), lead=True),
            Column(say("paid"), figures=True),
            Column(say("per allocated hour"), figures=True),
            Column(say("per busy hour"), figures=True),
            Column(say("paid and not busy"), figures=True),
        ),
        rows=tuple(rows),
        folded=True,
    )


def _month_of(month: HeldHardware) -> str:
    return "" if month.month is None else f"{month.month:%Y-%m}"


def _cell(
    shelf: Shelf, label: str, found: Figure | Unknown, scale: Scale | None = None, places: int | None = None
) -> Cell:
    """A figure with its limits on the second line, where something is not said."""
    cell = shelf.cell(label, found, scale, places, zero=say("nothing"))
    if isinstance(found, Figure) and found.bounds is not None and not cell.more:
        ends = found.bounds
        power = scale.power if scale else 0
        hundred = 100 if found.unit == "share" else 1
        low, high = (None if end is None else end.scaleb(-power) * hundred for end in (ends.low, ends.high))
        shown = places if places is not None else figures.places_for([found], scale)
        return Cell(
            cell.text,
            cell.tone,
            cell.evidence,
            say("limits {ends}", ends=spread(low, high, shown)),
            cell.opens,
        )
    return cell
