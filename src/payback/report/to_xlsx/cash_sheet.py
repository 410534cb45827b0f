"""Money by month of one use case, each step a row of live formulas: the cash model of measures.returns.cash.

Beside each formula stands what it comes to at the base case, for readers that do not work formulas out.
Formula and worked number: docs/formulas.md, "cash-ahead".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from payback.assessment import UseCaseResult
from payback.assessor.returns import Prospect
from payback.locale import say
from payback.measures.returns import cash
from payback.records import Figure, Unknown
from payback.report.to_xlsx import cash_money, cash_rows
from payback.report.to_xlsx.book import NOT_LIVE, Book, quoted, reference
from payback.report.to_xlsx.grid import FIRST, MADE, ONE, RESULTS, Grid
from payback.report.to_xlsx.inputs import Ahead, Placed
from payback.report.to_xlsx.table import number_format

A_PAGE = 24
"""Months that fit on the width of a printed page."""
HEAD = 3
"""Rows that stay in sight: the title and the months."""


@dataclass(frozen=True, slots=True)
class Results:
    """Where the results of a cash sheet stand, as other sheets refer to them, and what they come to."""

    sheet: str
    worth: str | None = None
    assessed: str | None = None
    back: str | None = None
    needed: str | None = None
    values: dict[str, float | str] = field(default_factory=dict)
    missing: Unknown | None = None


def write(book: Book, of: Ahead, case: UseCaseResult, placed: Placed) -> Results:
    """Write the sheet of one use case; where its future cannot be worked out, why."""
    sheet, name = book.sheet(say("Cash {name}", name=of.name))
    book.text(sheet, 0, 0, say("Cash ahead: {title}", title=case.title or of.name), bold=True, font_size=14)
    if of.prospect.missing is not None:
        missing = of.prospect.missing
        book.text(sheet, 2, 0, say("Not known: {reason}", reason=missing.reason), bold=True)
        book.text(sheet, 3, 0, missing.fix)
        sheet.set_column(0, 0, 100)
        return Results(name, missing=missing)
    g = Grid(book, sheet, name, of, case, placed)
    cash_rows.months(g)
    top = g.row + 1
    g.row += RESULTS
    for block in (
        cash_rows.inputs_used, cash_rows.calendar, cash_rows.risks, cash_rows.work, cash_rows.saved,
        cash_rows.gains, cash_money.money_out, cash_money.net, cash_money.stopped, cash_money.even,
    ):  # fmt: skip
        block(g)
    found = _results(g, top)
    _set_up(g)
    return found


def _results(g: Grid, top: int) -> Results:
    """The rows at the top, last, since they look at all others."""
    one, c = g.one, g.c
    g.row = top
    share = g.placed.cells.get(cash.REALISATION)
    realised = g.of.prospect.realised
    worth = one["worth"] - one["stop_worth"]
    unsaid = say("not known")
    live = f"{c('worth')}-{c('stop_worth')}"
    money = number_format(worth)
    values: dict[str, float | str] = {}

    def put(label: str, formula: str, value: float | str, form: str, how: str) -> str:
        g.book.text(g.sheet, g.row, 0, label, bold=True)
        style = g.book.style(bold=True, num_format=form, align="right")
        g.sheet.write_formula(g.row, ONE, f"={formula}", style, value)
        g.book.text(g.sheet, g.row, MADE, how, font_color=NOT_LIVE)
        g.row += 1
        return reference(g.name, g.row - 1, ONE)

    if share is not None:
        live = f"IF(ISNUMBER({share}),{live},{quoted(unsaid)})"
    values["worth"] = worth if realised else unsaid
    worth_at = put(
        say("Going on is worth more than stopping by, {currency}", currency=g.of.currency), live,
        values["worth"], money, say("live: the worth of net - the worth if stopped, over these months"),
    )  # fmt: skip
    assessed_at = None
    if realised:
        assessed = _as_assessed(g.of.prospect)
        values["assessed"] = assessed
        g.book.text(g.sheet, g.row, 0, say("the same as payback worked it out"))
        g.sheet.write_number(g.row, ONE, assessed, g.book.style(num_format=money, align="right"))
        g.book.text(g.sheet, g.row, MADE, say("every input at its median; fixed"), font_color=NOT_LIVE)
        assessed_at = reference(g.name, g.row, ONE)
        g.row += 1
    even: float | str
    if one["even_none"] >= 0:
        even = 0.0
    else:
        even = -one["even_none"] / one["even_each"] if one["even_each"] > 0 else say("no share is enough")
    none, each = c("even_none"), c("even_each")
    values["needed"] = even
    needed_at = put(
        say("Share of what is saved that must turn into money"),
        f"IF({none}>=0,0,IF({each}>0,-{none}/{each},{quoted(say('no share is enough'))}))",
        even, "0.0%", say("live: above 100 % not even all of it is enough"),
    )  # fmt: skip
    values["back"] = back = _back(g)
    never = quoted(say("never in these months"))
    start = repr(g.now)
    ever = f"IF(MAX({g.span('is_back')})=1,{c('back_at')}+{start},{never})"
    formula = f"IF(MAX({g.span('below')})=0,{start},{ever})"
    if g.has_past:
        formula = f"IF({c('total')}>=0,{start},{ever})"
    back_at = put(
        say("Months from the first money out until all of it is back"), formula, back, "0.0",
        say("live: {months} of these months are past", months=f"{g.now:g}"),
    )  # fmt: skip
    _simulated(g)
    if not realised:
        words = say("Nobody says which share of what is saved turns into money: below, all of it does.")
        g.book.text(g.sheet, g.row, 0, words, bold=True, font_color="#C00000")
    return Results(g.name, worth_at, assessed_at, back_at, needed_at, values)


def _back(g: Grid) -> float | str:
    total, rows = g.one["total"], g.rows
    if (g.has_past and total >= 0) or not (rows["below"][-1] or total < 0):
        return g.now
    if not rows["is_back"][-1]:
        return say("never in these months")
    return g.now + g.one["back_at"]


def _simulated(g: Grid) -> None:
    """What payback simulated, which does not follow."""
    returns = g.case.returns
    if returns is None:
        return
    for label, found in (
        (say("simulated: mean worth"), returns.worth),
        (say("simulated: chance of a loss"), returns.loss),
    ):
        g.book.text(g.sheet, g.row, 0, label, font_color=NOT_LIVE)
        if isinstance(found, Figure):
            form = "0.0%" if found.unit == "share" else number_format(float(found.value))
            style = g.book.style(num_format=form, font_color=NOT_LIVE, align="right")
            g.sheet.write_number(g.row, ONE, float(found.value), style)
            words = say("fixed")
            if found.interval is not None and None not in {found.interval.low, found.interval.high}:
                words = say(
                    "fixed; 9 of 10 futures lie between {low} and {high}",
                    low=f"{found.interval.low:,}", high=f"{found.interval.high:,}",
                )  # fmt: skip
            g.book.text(g.sheet, g.row, MADE, words, font_color=NOT_LIVE)
        else:
            g.book.text(g.sheet, g.row, ONE, say("not known"), italic=True, font_color=NOT_LIVE)
            g.book.text(g.sheet, g.row, MADE, found.reason, font_color=NOT_LIVE)
        g.row += 1


def _set_up(g: Grid) -> None:
    sheet = g.sheet
    sheet.set_column(0, 0, 44)
    sheet.set_column(ONE, ONE, 21)
    sheet.set_column(MADE, MADE, 46)
    sheet.set_column(FIRST, FIRST + g.months - 1, 11)
    sheet.freeze_panes(HEAD, MADE)
    sheet.repeat_rows(0, HEAD - 1)
    sheet.repeat_columns(0, ONE)
    sheet.fit_to_pages(-(-g.months // A_PAGE), 0)


def _as_assessed(prospect: Prospect) -> float:
    """What going on is worth with every input at its median: `as_assessed`, unrounded."""
    import numpy as np  # noqa: PLC0415  heavy

    from payback.measures.ranges import median  # noqa: PLC0415

    values = {key: np.array([median(each)]) for key, each in prospect.distributions.items()}
    return float(cash.net_of_stopping(prospect.plan, values)[0])
