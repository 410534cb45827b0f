"""Rows of months being written: each knows where it stands, and what it comes to at the base case."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date

from payback.assessment import UseCaseResult
from payback.report.to_xlsx.book import LIVE, NOT_LIVE, Book, Sheet, letters, place
from payback.report.to_xlsx.inputs import Ahead, Placed
from payback.report.to_xlsx.table import number_format

FIRST = 3
"""The column of month 1; before it stand the name of a row, its sum or start, and how it is made."""
ONE = 1
"""The column of what is no month: an input, a sum, or where a running total starts."""
MADE = 2
RESULTS = 7
"""Rows at the top, kept for the results."""

Making = Callable[[int], tuple[str, float | str]]
"""Month counted from 0 -> its formula, and what it comes to."""


class Grid:
    """Writes rows in order. `one` has the base case of what is no month, `rows` that of each month."""

    def __init__(
        self, book: Book, sheet: Sheet, name: str, of: Ahead, case: UseCaseResult, placed: Placed
    ) -> None:
        self.book, self.sheet, self.name, self.of, self.case, self.placed = (
            book, sheet, name, of, case, placed,
        )  # fmt: skip
        self.plan = of.prospect.plan
        self.months = self.plan.months
        self.at: dict[str, int] = {}
        self.one: dict[str, float] = {}
        self.rows: dict[str, list[float]] = {}
        self.row = 1
        returns = case.returns
        self.has_past = bool(returns is not None and returns.history)
        self.spent = float(returns.history[-1].amount) if returns is not None and returns.history else 0.0
        self.now = float(returns.now) if returns is not None else 0.0

    def c(self, key: str) -> str:
        """An input, a sum or a start."""
        return place(self.at[key], ONE)

    def m(self, key: str, month: int) -> str:
        """A row in one month; month -1 is its start."""
        column = FIRST + month if month >= 0 else ONE
        return place(self.at[key], column, fixed=False)

    def span(self, key: str) -> str:
        """A whole row of months."""
        row = self.at[key] + 1
        return f"${letters(FIRST)}${row}:${letters(FIRST + self.months - 1)}${row}"

    def has(self, key: str) -> bool:
        return key in self.at

    def block(self, title: str) -> None:
        """A heading within the sheet."""
        self.row += 1
        for column in range(FIRST + self.months):
            self.sheet.write_blank(self.row, column, None, self.book.style(bottom=1))
        self.book.text(self.sheet, self.row, 0, title, bold=True, bottom=1)
        self.row += 1

    def constant(self, key: str, label: str, formula: str, value: float, unit: str, how: str = "") -> None:
        """One number that is the same in every month."""
        self.at[key], self.one[key] = self.row, value
        self.book.text(self.sheet, self.row, 0, label, text_wrap=True)
        style = self.book.style(num_format=unit)
        self.sheet.write_formula(self.row, ONE, f"={formula}", style, value)
        if how:
            self.book.text(self.sheet, self.row, MADE, how, font_color=NOT_LIVE, text_wrap=True)
        self.row += 1

    def line(
        self, key: str, label: str, how: str, make: Making,
        *, total: bool = True, start: tuple[str, float] | None = None, form: str = "", bold: bool = False,
    ) -> None:  # fmt: skip
        """One row of months, with its sum or its start before it."""
        self.at[key] = self.row
        made = []
        self.rows[key] = values = []
        if start is not None:
            self.one[key] = start[1]
        for month in range(self.months):
            formula, value = make(month)
            values.append(float(value) if not isinstance(value, str) else 0.0)
            made.append((formula, value))
        shown = form or number_format(max((abs(each) for each in values), default=0.0))
        weight = {"bold": True, "top": 1} if bold else {}
        self.book.text(self.sheet, self.row, 0, label, text_wrap=True, **weight)
        above = {"top": 1} if bold else {}
        self.book.text(self.sheet, self.row, MADE, how, font_color=NOT_LIVE, text_wrap=True, **above)
        style = self.book.style(num_format=shown, **weight)
        for month, (formula, value) in enumerate(made):
            self.sheet.write_formula(self.row, FIRST + month, f"={formula}", style, value)
        if start is not None and not start[0]:
            self.sheet.write_number(self.row, ONE, start[1], style)
        elif start is not None:
            self.sheet.write_formula(self.row, ONE, f"={start[0]}", style, start[1])
        elif total:
            self.one[key] = math.fsum(values)
            self.sheet.write_formula(self.row, ONE, f"=SUM({self.span(key)})", style, self.one[key])
        elif weight:
            self.sheet.write_blank(self.row, ONE, None, style)
        self.row += 1

    def entered(self, key: str, label: str, how: str, given: Sequence[float], form: str) -> None:
        """A yellow row: what was entered by month, the last one holding on; empty: nothing, in every month."""
        self.at[key] = self.row
        self.rows[key] = values = []
        self.book.text(self.sheet, self.row, 0, label, text_wrap=True)
        self.book.text(self.sheet, self.row, MADE, how, font_color=NOT_LIVE, text_wrap=True)
        typed = self.book.style(num_format=form, bg_color=LIVE, border=1, border_color="#BF9000")
        held = self.book.style(num_format=form)
        for month in range(self.months):
            if month < len(given):
                values.append(given[month])
                self.sheet.write_number(self.row, FIRST + month, given[month], typed)
            else:
                values.append(values[-1])
                self.sheet.write_formula(
                    self.row, FIRST + month, f"={self.m(key, month - 1)}", held, values[-1]
                )
        self.row += 1

    def ended(self, month: int, ending: Sequence[int]) -> str:
        cells = ",".join(self.m(f"since.{at}", month) for at in ending)
        return f"MAX({cells})"

    def goes_on(self, month: int, ending: Sequence[int]) -> float:
        return 1.0 - max((self.rows[f"since.{at}"][month] for at in ending), default=0.0)

    def going(self, month: int) -> tuple[str, float]:
        """Whether it goes on, as a factor with its sign; empty where nothing can end it."""
        if not self.has("going"):
            return "", 1.0
        return f"*{self.m('going', month)}", self.rows["going"][month]

    def growth(self, key: str) -> Making:
        grows = max(1 + self.one[key], 0.0)
        return lambda m: (
            f"IF({self.m('years', m)}=0,1,MAX(1+{self.c(key)},0)^{self.m('years', m)})", grows ** (m / 12)
        )  # fmt: skip

    def sum_of(self, key: str, label: str, how: str, keys: Sequence[str]) -> None:
        self.line(
            key, label, how,
            lambda m: (
                "+".join(self.m(each, m) for each in keys), math.fsum(self.rows[each][m] for each in keys)
            ),
            bold=True,
        )  # fmt: skip


def after(start: date, months: int) -> date:
    """The day so many months later; of a month's end, no later than the 28th."""
    at = start.month - 1 + months
    return date(start.year + at // 12, at % 12 + 1, min(start.day, 28))
