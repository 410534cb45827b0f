"""The report as Markdown, for the summary of a CI run or a mail: readable as it is, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from payback.records import Evidence
from payback.report import described, page, text_charts
from payback.report.inert import markdown as inert
from payback.report.page import (
    Block,
    Cell,
    Chart,
    FigureRow,
    FigureRows,
    Formulas,
    Intervals,
    Note,
    Report,
    Table,
    Tone,
)
from payback.report.page_returns import Fan, Lines, MeasureNext, QuantileDots


def markdown(report: Report, *, detail: bool = False) -> str:
    """Headings, tables and sentences. `detail` adds what opens behind each figure, and formulas."""
    lines: list[str] = []
    for number, one in enumerate(report.pages):
        if number:
            lines.append("---")
        lines.append(f"**{inert(one.owner)}**: {inert(one.about)}")
        for section in one.sections:
            if section.detail and not detail:
                continue
            for block in section.blocks:
                lines.extend(_block(block, top=one.headline, detail=detail))
    return "\n\n".join(line for line in lines if line) + "\n"


def _block(block: Block, *, top: bool, detail: bool) -> Iterator[str]:
    """Paragraphs; a table is one."""
    if isinstance(block, page.Verdict):
        badge = f"{block.verdict.word}: " if block.verdict else ""
        yield f"{'#' if top else '##'} {badge}{inert(block.headline)}"
        yield inert(block.dek)
        yield inert(block.until)
    elif isinstance(block, Table):
        yield from _titled(block.title, block.subtitle, top=top)
        yield _table([column.head for column in block.columns], _rows(block), _right(block))
        yield inert(block.source)
    elif isinstance(block, FigureRows):
        yield from _titled(block.title, "", top=top)
        yield _figures(block)
        if detail:
            yield from (_explained(row) for row in block.rows if row.explanation)
    elif isinstance(block, Note):
        yield f"**{inert(block.title)}**: " + " ".join(inert(line) for line in block.lines)
    elif isinstance(block, Formulas):
        yield from _titled(block.title, "", top=top)
        yield "\n".join(
            f"- **{inert(one.title)}** (`{one.key}`): {inert(one.formula)}. {inert(one.says)} {inert(one.source)}".rstrip()
            for one in block.formulas
        )
    elif isinstance(block, MeasureNext):
        yield from _titled(f"{block.title}: {block.headline}", "", top=top)
        yield inert(block.says)
        yield " ".join(inert(line) for line in block.more)
    else:
        yield from _chart(block, top=top)


def _titled(title: str, subtitle: str, *, top: bool) -> Iterator[str]:
    if title:
        yield f"{'##' if top else '###'} {inert(title)}"
    yield inert(subtitle)


def _chart(chart: Chart, *, top: bool) -> Iterator[str]:
    yield from _titled(chart.title, "" if isinstance(chart, Intervals) else chart.subtitle, top=top)
    if isinstance(chart, Intervals) and chart.repeats:
        yield "\n".join(f"- {inert(row.label)}: {inert(row.says)}" for row in chart.rows if row.says)
    elif isinstance(chart, Fan | Lines) and (amounts := text_charts.table(chart)) is not None:
        yield _table([column.head for column in amounts.columns], _rows(amounts), _right(amounts))
        yield _marks(described.beside(chart))
    elif isinstance(chart, QuantileDots):
        yield _marks(described.lines(chart), text_charts.dots(chart))
    else:
        yield _marks(described.lines(chart))
    yield inert(chart.source)


def _marks(lines: Iterable[described.Line], dots: Sequence[str] = ()) -> str:
    """One row a mark; `dots` stand beside the first of them."""
    rows = [[inert(line.label), inert(line.text), inert(line.more), line.known] for line in lines]
    for row, drawn in zip(rows, dots, strict=False):
        row[2] = drawn
    return _table(["", "", "", ""], rows, (False, True, False, False))


def _word(evidence: Evidence | None) -> str:
    return evidence.word if evidence is not None else ""


def _rows(table: Table) -> list[list[str]]:
    return [[_cell(cell, strong=row.total) for cell in row.cells] for row in table.rows]


def _right(table: Table) -> tuple[bool, ...]:
    return tuple(column.figures for column in table.columns)


def _cell(cell: Cell, *, strong: bool) -> str:
    text = inert(cell.text)
    if text and (strong or cell.badge is not None or cell.tone in {Tone.STRONG, Tone.ALARM}):
        text = f"**{text}**"
    more = ", ".join(part for part in (inert(cell.more), _word(cell.evidence)) if part)
    return f"{text} ({more})" if more and text else text or more


def _figures(block: FigureRows) -> str:
    rows = []
    for row in block.rows:
        known = inert(row.unknown) if row.unknown else _word(row.evidence)
        rows.append(
            [
                inert(row.label),
                f"{inert(row.value)} {inert(row.unit)}".strip(),
                inert(row.range),
                known,
                inert(row.origin),
            ]
        )
    return _table(["", "", "", "", ""], rows, (False, True, True, False, False))


def _explained(row: FigureRow) -> str:
    found = row.explanation
    if found is None:
        return ""
    parts = [found.formula, found.in_full, found.counted, found.range_sentence, found.bounds]
    parts.extend(f"{line.name} {line.value}" for line in found.inputs)
    parts.extend((*found.origins, *found.omissions, *found.notes))
    return f"- **{inert(row.label)}**: " + "; ".join(inert(part) for part in parts if part)


def _table(heads: list[str], rows: list[list[str]], right: tuple[bool, ...]) -> str:
    if not rows:
        return ""
    lines = ["| " + " | ".join(inert(head) for head in heads) + " |"]
    lines.append("|" + "|".join(" ---: " if one else " --- " for one in right) + "|")
    lines.extend("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join(lines)
