"""The first sheet: what the workbook is, the verdicts, and whether the live figures still are payback's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from payback.assessment import Assessment
from payback.days import day, period
from payback.locale import say
from payback.report.to_xlsx.book import CHANGED, LIVE, NOT_LIVE, Book, Sheet, place, quoted
from payback.report.to_xlsx.cash_sheet import Results
from payback.report.to_xlsx.inputs import Ahead
from payback.report.to_xlsx.table import number_format

CLOSE = "10^-6"
"""How far, of its size, a recomputed figure may lie from payback's: far below what anybody reads."""


def write(
    book: Book,
    sheet: Sheet,
    projects: Sequence[Assessment],
    ahead: Sequence[Ahead],
    results: Mapping[str, Results],
) -> None:
    """Fill the first sheet; those it refers to are there by now."""
    for column, width in enumerate((30, 20, 20, 22, 22, 90)):
        sheet.set_column(column, column, width)
    first = projects[0]
    book.text(sheet, 0, 0, first.title or first.name, bold=True, font_size=16)
    row = 1
    if first.label:
        book.text(sheet, row, 0, first.label, font_color=NOT_LIVE)
        row += 1
    row = _what(book, sheet, row + 1, live=bool(ahead))
    row = _verdicts(book, sheet, row + 1, projects)
    if ahead:
        row = _live(book, sheet, row + 1, ahead, results)
        row = _notes(book, sheet, row + 1, ahead)
    _rests_on(book, sheet, row + 1, projects)


def _what(book: Book, sheet: Sheet, row: int, *, live: bool) -> int:
    """What it is, and what its colours mean."""
    book.text(sheet, row, 0, say("What this is"), bold=True, bottom=1)
    row += 1
    told = [say("What payback found, with what each figure rests on, to be checked cell by cell.")]
    if live:
        told += [
            say("The cash sheets work out the base case from the sheet Inputs, by formulas, month by month."),
            say("Change a yellow cell and everything follows; a changed one turns orange."),
            say("The ranges were simulated by payback and do not follow."),
            say("The base case has every input at its median. The mean over all futures is another figure:"
                " where inputs are multiplied, or risks come early or late, the two differ."),
            say("What was spent before is not in what going on is worth. Taxes are left out."),
        ]  # fmt: skip
    else:
        told.append(
            say("No use case says what lies ahead of it, so there is no cash sheet: see `returns` in the guide of payback.toml.")
        )  # fmt: skip
    for line in told:
        book.text(sheet, row, 0, line)
        row += 1
    if live:
        for style, words in (
            ({"bg_color": LIVE, "border": 1}, say("yellow: an input; change it")),
            ({"bg_color": CHANGED, "bold": True}, say("orange: an input that was changed")),
            ({"font_color": NOT_LIVE}, say("grey: words, or figures that do not follow")),
        ):
            book.text(sheet, row, 0, words, **style)
            row += 1
    return row


def _verdicts(book: Book, sheet: Sheet, row: int, projects: Sequence[Assessment]) -> int:
    """The verdict on each use case, and why."""
    for at, heading in enumerate(
        (say("Use case"), say("Verdict"), say("Until"), say("Owner"), say("Stage"), say("Why"))
    ):
        book.text(sheet, row, at, heading, bold=True, bottom=1)
    row += 1
    for project in projects:
        for case in project.use_cases:
            title = case.title or case.key
            book.text(
                sheet, row, 0, title if len(projects) == 1 else f"{project.name}: {title}", text_wrap=True
            )
            book.text(sheet, row, 1, case.verdict.word, bold=True)
            if case.until is not None:
                book.text(sheet, row, 2, day(case.until))
            book.text(sheet, row, 3, case.owner or say("nobody"))
            book.text(sheet, row, 4, case.stage)
            why = " ".join(part for part in (case.headline, case.why) if part)
            book.text(sheet, row, 5, why, text_wrap=True)
            row += 1
    return row


def _live(
    book: Book, sheet: Sheet, row: int, ahead: Sequence[Ahead], results: Mapping[str, Results]
) -> int:  # fmt: skip
    """The results of the cash sheets beside payback's own."""
    heads = (
        say("Cash ahead, live"),
        say("Going on rather than stopping is worth"),
        say("The same, by payback"),
        say("Share of what is saved that must turn into money"),
        say("Months until all of it is back"),
        say("The check"),
    )
    for at, heading in enumerate(heads):
        book.text(
            sheet,
            row,
            at,
            heading,
            bold=True,
            bottom=1,
            text_wrap=True,
            align="left" if at in {0, 5} else "right",
        )
    row += 1
    for of in ahead:
        found = results[of.name]
        book.text(sheet, row, 0, f"{of.name}, {of.currency}")
        if found.missing is not None:
            book.text(sheet, row, 1, say("not known"), italic=True, font_color=NOT_LIVE, align="right")
            book.text(sheet, row, 5, found.missing.reason)
            row += 1
            continue
        for at, reference, key, form in (
            (1, found.worth, "worth", ""), (2, found.assessed, "assessed", ""), (3, found.needed, "needed", "0.0%"),
            (4, found.back, "back", "0.0"),
        ):  # fmt: skip
            if reference is None:
                book.text(sheet, row, at, say("not known"), italic=True, font_color=NOT_LIVE, align="right")
                continue
            value = found.values[key]
            shown = form or ("General" if isinstance(value, str) else number_format(value))
            style = book.style(num_format=shown, align="right")
            sheet.write_formula(row, at, f"={reference}", style, value)
        if found.assessed is not None:
            live, fixed = (place(row, at, fixed=False) for at in (1, 2))
            same, other = say("the same"), say("an input was changed")
            sheet.write_formula(
                row, 5,
                f"=IF(ABS({live}-{fixed})<={CLOSE}*MAX(1,ABS({fixed})),{quoted(same)},{quoted(other)})",
                book.style(), same,
            )  # fmt: skip
        else:
            book.text(sheet, row, 5, say("nobody says which share of what is saved turns into money"))
        row += 1
    return row


def _notes(book: Book, sheet: Sheet, row: int, ahead: Sequence[Ahead]) -> int:
    """What must be said of each future."""
    lines = [(of.name, note) for of in ahead for note in of.prospect.notes]
    if not lines:
        return row
    book.text(sheet, row, 0, say("What must be said of it"), bold=True, bottom=1)
    row += 1
    for name, note in lines:
        book.text(sheet, row, 0, name)
        book.text(sheet, row, 1, note)
        row += 1
    return row


def _rests_on(book: Book, sheet: Sheet, row: int, projects: Sequence[Assessment]) -> None:
    """Versions and digests: the same ones give the same workbook."""
    book.text(sheet, row, 0, say("What it rests on"), bold=True, bottom=1)
    row += 1
    for project in projects:
        for label, words in (
            (say("Project"), project.name),
            (say("As of"), day(project.as_of)),
            (say("Period"), period(project.period)),
            (say("Currency"), project.currency),
            (say("payback"), project.version),
            (say("Price book of"), project.price_book),
            (say("Digest of payback.toml"), project.project_digest),
            (say("Digest of the data"), project.data_digest),
            *((say("Note"), note) for note in project.notes),
        ):
            book.text(sheet, row, 0, label)
            book.text(sheet, row, 1, words)
            row += 1
        row += 1
