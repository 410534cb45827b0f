"""The portfolio as a sheet: one use case a row, chosen or not as 1 or 0, and sums that follow when that is changed."""

from __future__ import annotations

from decimal import Decimal

from payback.assessor.portfolio import PlanLine, Portfolio
from payback.locale import say
from payback.report.portfolio_report import way_words
from payback.report.to_xlsx.table import HEAD, Column, Formula, Kind, Table, Value

CHOSEN, WORTH, MONEY, PEOPLE = "E", "F", "J", "K"
"""Columns of the sheet that formulas refer to."""
FUNDED = {"now", "next"}


def plan(found: Portfolio) -> Table:
    """The plan, its sums live. Worth of the whole is the sum less what shared work takes, which is simulated."""
    first = HEAD + 2  # a sheet counts from 1, and the headings stand above
    last = first + len(found.lines) - 1
    rows = [_row(line) for line in found.lines]
    if found.lines:
        rows += _sums(found, first, last)
    return Table(
        say("Portfolio"),
        say(
            "In {currency}, worth on average over {draws} futures. Write 1 or 0 under “chosen”: the sums follow; what "
            "use cases take from each other does not.",
            currency=found.currency, draws=found.draws,
        ),
        (
            Column(say("use case"), 28), Column(say("do"), 26), Column(say("when"), 8), Column(say("owner"), 14),
            Column(say("chosen"), 9, Kind.NUMBER), Column(say("worth"), 13, Kind.NUMBER),
            Column(say("1 in 20 below"), 13, Kind.NUMBER), Column(say("1 in 20 above"), 13, Kind.NUMBER),
            Column(say("loses in"), 10, Kind.SHARE), Column(say("money"), 13, Kind.NUMBER),
            Column(say("people, months"), 10, Kind.NUMBER), Column(say("best place"), 8, Kind.NUMBER),
            Column(say("worst place"), 8, Kind.NUMBER), Column(say("gate"), 36), Column(say("gate due"), 12, Kind.DATE),
            Column(say("business"), 18), Column(say("on"), 12, Kind.DATE),
        ),
        tuple(rows),
    )  # fmt: skip


def _row(line: PlanLine) -> tuple[Value, ...]:
    return (
        line.title, way_words(line), line.when, line.owner, int(line.when in FUNDED), line.worth.mean,
        line.worth.low, line.worth.high, line.loss, line.money, line.people, *line.places, line.gate,
        line.gate_due, line.business, line.on,
    )  # fmt: skip


def _sums(found: Portfolio, first: int, last: int) -> list[tuple[Value, ...]]:
    """All that is chosen, what there is, and what is left of it."""
    chosen = [line for line in found.lines if line.when in FUNDED]

    def summed(column: str, amounts: list[Decimal]) -> Formula:
        cells = f"${CHOSEN}${first}:${CHOSEN}${last},{column}{first}:{column}{last}"
        return Formula(f"SUMPRODUCT({cells})", float(sum(amounts, Decimal(0))))

    money = summed(MONEY, [line.money for line in chosen])
    people = summed(PEOPLE, [line.people for line in chosen])
    worth = summed(WORTH, [line.worth.mean for line in chosen])
    rows = [_wide(say("all that is chosen"), worth=worth, money=money, people=people)]
    if found.best is not None:
        lost = found.best.lost
        rows.append(_wide(say("what shared work takes"), worth=-lost))
        whole = Formula(f"{WORTH}{last + 1}+{WORTH}{last + 2}", float(worth.value) - float(lost))
        rows.append(_wide(say("worth together"), worth=whole))
    limits = {MONEY: (found.limits.budget, money), PEOPLE: (found.limits.people, people)}
    if any(limit is not None for limit, _ in limits.values()):
        there = last + len(rows) + 1
        budget, months = (limits[column][0] for column in (MONEY, PEOPLE))
        rows.append(_wide(say("what there is"), money=budget, people=months))
        left = {
            column: None
            if limit is None
            else Formula(f"{column}{there}-{column}{last + 1}", limit - float(used.value))
            for column, (limit, used) in limits.items()
        }
        rows.append(_wide(say("left"), money=left[MONEY], people=left[PEOPLE]))
    return rows


def _wide(label: str, *, worth: Value = None, money: Value = None, people: Value = None) -> tuple[Value, ...]:
    return (label, None, None, None, None, worth, None, None, None, money, people, *[None] * 6)
