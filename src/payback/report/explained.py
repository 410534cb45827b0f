"""What stands behind one figure: how it is made, from what, how sure it is, and what would change it.

Every figure of an assessment has a key; `named` lists them. Nothing here computes a figure.
"""

from __future__ import annotations

import difflib
import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace

from payback import days
from payback.assessment import ArmResult, Assessment, Comparison, UseCaseResult
from payback.assessor.rows_behind import Behind, FileRows, Rows
from payback.locale import say, say_count
from payback.numbers import count as written_count
from payback.records import Evidence, Figure, Interval, PaybackError, Unknown
from payback.report import figures, formulas
from payback.report.inert import plain, slug
from payback.report.json_values import Json
from payback.report.json_values import figure as figure_json
from payback.report.page import FormulaNote

SCHEMA_VERSION = 1
KIND = "explanation"
ALL = "all"
"""The name under which the totals of page one stand."""
PAGE = "docs/formulas.md"
SAYS = 16
"""Columns of the words at the left of a block."""
_EVERY = ("usage", "outcome", "cost", "value", "bill_line", "capacity")


@dataclass(frozen=True, slots=True)
class Named:
    """One figure and where it stands.

    `behind` says which rows of the ledger it rests on, `left_out` which of its files have rows that
    could not be used.
    """

    use_case: str
    key: str
    label: str
    found: Figure | Unknown
    behind: Behind
    left_out: tuple[str, ...] = ()


def named(project: Assessment) -> tuple[Named, ...]:
    """Every figure of the assessment, the totals first, each under a key of its own within its use case."""
    found = [*_totals(project)]
    for case in project.use_cases:
        found += _of_case(case)
    unread = _unread(project)
    return tuple(
        replace(
            one, left_out=tuple(unread[file] for file in dict.fromkeys(_files(one.found)) if file in unread)
        )
        for one in _distinct(found)
    )


def _unread(project: Assessment) -> dict[str, str]:
    """Files with rows that could not be used; of a source of several files only the sum is known."""
    return {
        file: say_count(
            "{rows} row of {source} could not be used, with unknown effect",
            "{rows} rows of {source} could not be used, with unknown effect",
            source.left_out,
            rows=written_count(source.left_out),
            source=source.title,
        )
        for source in project.sources
        if source.left_out
        for file in source.files
    }


def _files(found: Figure | Unknown) -> Iterator[str]:
    if isinstance(found, Figure):
        yield from (origin.file for origin in found.origins)


def _distinct(found: Sequence[Named]) -> Iterator[Named]:
    """The same key twice is told apart by a number."""
    times: dict[tuple[str, str], int] = {}
    for one in found:
        place = (one.use_case, one.key)
        times[place] = times.get(place, 0) + 1
        yield one if times[place] == 1 else replace(one, key=f"{one.key}-{times[place]}")


def _totals(project: Assessment) -> Iterator[Named]:
    cases = tuple(case.key for case in project.use_cases)

    def of(*tables: str, outside: bool = False) -> Behind:
        return Behind(tables, cases, project.period, outside=outside)

    spent = ("bill_line", "cost", "capacity", "usage")
    yield Named(ALL, "money_out", say("Money out"), project.out, of(*spent))
    yield Named(ALL, "money_back", say("Money back"), project.back, of("value"))
    yield Named(ALL, "hours_freed", say("Hours freed"), project.hours_freed, of("value"))
    yield Named(ALL, "payback_ratio", say("Payback ratio"), project.payback_ratio, of("value", *spent))
    if project.unassigned is not None:
        label = say("Spending of no use case")
        yield Named(ALL, "unassigned", label, project.unassigned, of(*spent, outside=True))
    known = {"out", "back", "hours_freed", "payback_ratio", "unassigned", "use_cases"}
    for key, figure in _others(project, known):
        yield Named(ALL, key, _words(key), figure, of(*_EVERY))


def _of_case(case: UseCaseResult) -> Iterator[Named]:
    def of(*tables: str, arms: tuple[str, ...] = (), category: str = "", segment: str = "") -> Behind:
        value = segment.partition("=")
        return Behind(
            tables, (case.key,), case.period, arms=arms, category=category, segment=(value[0], value[2])
        )

    def put(key: str, label: str, found: Figure | Unknown, behind: Behind) -> Named:
        return Named(case.key, key, label, found, behind)

    spent = ("bill_line", "cost", "capacity", "usage")
    yield put("money_out", say("Money out"), case.out, of(*spent))
    for label, figure in case.out_parts:
        of_models = figure.name == "models"
        behind = of("bill_line", "usage") if of_models else of("cost", category=figure.name)
        behind = of("capacity") if figure.name == "capacity" else behind
        yield put(f"money_out/{figure.name}", say("Money out: {part}", part=label), figure, behind)
    yield put("money_back", say("Money back"), case.back, of("value"))
    yield put("hours_freed", say("Hours freed"), case.hours_freed, of("value"))
    yield put("payback_ratio", say("Payback ratio"), case.payback_ratio, of("value", *spent))
    for arm in sorted(case.arms, key=lambda arm: (arm.arm != case.judged, arm.title.casefold())):
        yield from _of_arm(case, arm)
    today = case.today
    if today is not None:
        rows = () if today.declared else ("usage", "outcome", "cost")
        title = say("Unit cost as today, {way}", way=today.title or today.arm)
        yield put("unit_cost_today", title, today.unit_cost, of(*rows, arms=(today.arm,)))
        title = say("What today's way must cost for both to cost the same")
        mine = (case.judged,) if case.judged else ()
        yield put("break_even_today", title, today.break_even, of("usage", "outcome", "cost", arms=mine))
    for one in case.comparisons:
        yield from _of_comparison(case, one)
    for check in case.checks:
        at = "" if check.arm == case.judged else f"@{check.arm}"
        label = say("Share accepted of all tasks, from a checked sample: {way}", way=check.title)
        yield put(f"sampled_acceptance{at}", label, check.share, of("outcome", arms=(check.arm,)))
    if (tried := case.experiment) is not None:
        behind = of("usage", "outcome", arms=(tried.arm, tried.against))
        for tested in tried.tested:
            label = say("{what}: effect against {way}", what=tested.label, way=_title(case, tried.against))
            yield put(f"effect/{slug(tested.result)}", label, tested.figure, behind)
    for row in case.segments:
        for cell in row.cells:
            at = "" if cell.arm == case.judged else f"@{cell.arm}"
            label = say(
                "Accepted, {name} {value}: {way}", name=row.name, value=row.value, way=_title(case, cell.arm)
            )
            behind = of("outcome", "segment", arms=(cell.arm,), segment=f"{row.name}={row.value}")
            yield put(f"acceptance:{row.name}={row.value}{at}", label, cell.share, behind)
    known = {
        "out",
        "out_parts",
        "back",
        "hours_freed",
        "payback_ratio",
        "arms",
        "today",
        "comparisons",
        "segments",
        "checks",
        "experiment",
    }
    for key, other in _others(case, known):
        yield put(key, _words(key), other, of(*_EVERY, arms=(case.judged,) if case.judged else ()))


def _of_arm(case: UseCaseResult, arm: ArmResult) -> Iterator[Named]:
    at = "" if arm.arm == case.judged else f"@{arm.arm}"
    way = arm.title

    def of(*tables: str) -> Behind:
        return Behind(tables, (case.key,), case.period, arms=(arm.arm,))

    unit = of("usage", "outcome", "cost")
    accepted = say("Share accepted: {way}", way=way)
    yield Named(case.key, f"acceptance{at}", accepted, arm.acceptance, of("outcome"))
    label = say("Money out: {way}", way=way)
    yield Named(case.key, f"spend{at}", label, arm.spend, of("usage", "cost"))
    label = say("Cost per accepted {unit}: {way}", unit=case.unit, way=way)
    yield Named(case.key, f"cost_per_accepted{at}", label, arm.cost_per_accepted, unit)
    label = say("Full cost per {unit}: {way}", unit=case.unit, way=way)
    yield Named(case.key, f"full_unit_cost{at}", label, arm.full_unit_cost, unit)
    for part in arm.parts:
        label = say("Full cost per {unit}, {part}: {way}", unit=case.unit, part=part.name, way=way)
        yield Named(case.key, f"full_unit_cost/{_first_words(part.name)}{at}", label, part.figure, unit)
    for key, other in _others(arm, {"acceptance", "spend", "cost_per_accepted", "full_unit_cost", "parts"}):
        yield Named(case.key, f"{key}{at}", say("{figure}: {way}", figure=_words(key), way=way), other, unit)


def _of_comparison(case: UseCaseResult, one: Comparison) -> Iterator[Named]:
    at = "" if len(case.comparisons) == 1 else f"@{one.against}"
    against = _title(case, one.against)
    both = Behind(("usage", "outcome"), (case.key,), case.period, arms=(one.arm, one.against))
    label = say("Cost of calls against {way}, on the same tasks", way=against)
    yield Named(case.key, f"cost_difference{at}", label, one.cost, both)
    label = say("Share accepted against {way}, on the same tasks", way=against)
    yield Named(
        case.key, f"acceptance_difference{at}", label, one.acceptance, replace(both, tables=("outcome",))
    )
    for key, other in _others(one, {"cost", "acceptance"}):
        label = say("{figure}: against {way}", figure=_words(key), way=against)
        yield Named(case.key, f"{key}{at}", label, other, both)


def _others(holder: object, known: set[str]) -> Iterator[tuple[str, Figure | Unknown]]:
    """Figures in fields that have no name of their own above, by field and by what their holder is called."""
    if not is_dataclass(holder):
        return
    for each in fields(holder):
        if each.name not in known:
            yield from _inside(each.name, getattr(holder, each.name))


def _inside(path: str, value: object) -> Iterator[tuple[str, Figure | Unknown]]:
    if isinstance(value, Figure | Unknown):
        yield path, value
    elif isinstance(value, tuple):
        called = next((one for one in value if isinstance(one, str)), "")
        for one in value:
            yield from _inside(f"{path}/{slug(called)}" if called else path, one)
    elif is_dataclass(value):
        titles = (getattr(value, name, None) for name in ("key", "name", "arm", "kind"))
        called = next((one for one in titles if isinstance(one, str) and one), "")
        head = f"{path}/{slug(called)}" if called else path
        for each in fields(value):
            inner = getattr(value, each.name)
            if isinstance(inner, Figure | Unknown | tuple) or is_dataclass(inner):
                yield from _inside(head if each.name == "figure" else f"{head}/{each.name}", inner)


def _title(case: UseCaseResult, arm: str) -> str:
    found = case.arm(arm)
    return found.title if found is not None else arm


def _first_words(name: str) -> str:
    """The name of a part before its numbers, so that its key stays when they change."""
    return slug(name.partition(",")[0])


def _words(key: str) -> str:
    ahead = {
        "returns/worth": say("What going on is worth more than stopping now"),
        "returns/loss": say("Futures in which going on loses"),
        "returns/back_in": say("Month in which everything spent is back"),
        "returns/rate": say("Rate of return a year from here on"),
        "returns/share_needed": say("Share of what is saved that must turn into money"),
    }
    return ahead.get(key) or key.replace("/", ", ").replace("_", " ")


ALIASES = {
    "out": "money_out",
    "spent": "money_out",
    "back": "money_back",
    "hours": "hours_freed",
    "freed": "hours_freed",
    "ratio": "payback_ratio",
    "accepted": "acceptance",
    "unit_cost": "full_unit_cost",
    "today": "unit_cost_today",
    "break_even": "break_even_today",
    "saved": "cost_difference",
}
"""Other words for a figure."""


def find(all_named: Sequence[Named], use_case: str, key: str) -> Named:
    """The figure called so, or the nearest names. Raises PaybackError."""
    mine = {one.key: one for one in all_named if one.use_case == use_case}
    asked = key.strip().replace("-", "_").casefold()
    by_word = {name.replace("-", "_").casefold(): one for name, one in mine.items()}
    for word in (asked, ALIASES.get(asked, ""), "hours_freed" if asked == "saved" else ""):
        if word in by_word:
            return by_word[word]
    words = {
        **{name: name for name in mine},
        **{alias: name for alias, name in ALIASES.items() if name in mine},
    }
    near = difflib.get_close_matches(asked, words, n=5, cutoff=0.4)
    near = list(dict.fromkeys(words[one] for one in near)) or [name for name in mine if "@" not in name][:8]
    raise PaybackError(
        "unknown-figure",
        say("{use_case} has no figure {key}", use_case=use_case, key=plain(key)),
        fix=say("near it: {names}", names=", ".join(near)),
    )


def case_named(project: Assessment, asked: str) -> str:
    """The use case of that name, `all` for the totals. Raises PaybackError."""
    names = [case.key for case in project.use_cases]
    if asked in names:
        return asked
    if asked in {ALL, "total", project.name}:
        return ALL
    near = difflib.get_close_matches(asked, names, n=3, cutoff=0.4) or names
    raise PaybackError(
        "unknown-use-case",
        say("there is no use case {name}", name=plain(asked)),
        fix=say("known here: {known}", known=", ".join([*near, ALL])),
    )


def list_of_cases(project: Assessment) -> str:
    """The use cases, and the name of the totals."""
    wide = max((len(case.key) for case in project.use_cases), default=0)
    lines = [f"  {case.key:<{wide}}  {plain(case.title)}" for case in project.use_cases]
    lines.append(f"  {ALL:<{wide}}  {say('the totals of page one')}")
    return "\n".join((say("Use cases of {project}", project=plain(project.name)), *lines)) + "\n"


def list_of_figures(all_named: Sequence[Named], use_case: str) -> str:
    """Every figure of one use case, by key, with its value."""
    mine = [one for one in all_named if one.use_case == use_case]
    rows = [(f"'{one.key}'" if " " in one.key else one.key, value_in_words(one.found), one) for one in mine]
    short = [row for row in rows if "@" not in row[0]]  # of another way, or kind of task, the key says it all
    key_wide = max((len(key) for key, _, _ in short), default=0)
    wide = max((len(value) for _, value, _ in short), default=0)
    lines = (
        f"  {key}  {value}" if "@" in key else f"  {key:<{key_wide}}  {value:<{wide}}  {plain(one.label)}"
        for key, value, one in rows
    )
    return "\n".join((say("Figures of {use_case}", use_case=use_case), *lines)) + "\n"


def value_in_words(found: Figure | Unknown) -> str:
    """2.53 EUR per ticket closed; not known."""
    if isinstance(found, Unknown):
        return say("not known")
    text = figures.written(found)
    return " ".join(part for part in (text.value, text.unit, text.word) if part)


def would_change(found: Figure | Unknown) -> tuple[str, ...]:
    """What would move the figure or narrow its range."""
    if isinstance(found, Unknown):
        return (found.fix,) if found.fix else ()
    lines = []
    said = [one.name for one in found.inputs if one.evidence in {Evidence.ESTIMATED, Evidence.CLAIMED}]
    if said:
        names = ", ".join(plain(name) for name in dict.fromkeys(said))
        lines.append(say("rows in the place of what somebody said: {names}", names=names))
    elif found.evidence in {Evidence.ESTIMATED, Evidence.CLAIMED}:
        lines.append(say("rows in the place of what somebody said"))
    if found.bounds is not None:
        lines.append(say("what is missing, once it is known: it then lies within its limits"))
    if found.interval is not None and found.interval.level is not None and found.count:
        more = written_count(3 * found.count)
        lines.append(
            say(
                "more {counted}: about {more} more for a range half as wide", counted=found.counted, more=more
            )
        )
    if not lines:
        lines.append(say("only other rows: it is a plain sum or quotient of those below"))
    return tuple(lines)


def methods(found: Figure) -> Iterator[tuple[Interval, FormulaNote]]:
    """The range and the limits of a figure, each with how it is made."""
    for interval in (found.interval, found.bounds):
        if interval is not None:
            yield interval, formulas.note_of(interval.method)


Line = tuple[str | None, str]
"""A line of words and what stands at its left, once for its block; None: it begins at the edge."""
BLANK: Line = (None, "")


def text(one: Named, rows: Rows | None, width: int) -> str:
    """Everything behind one figure, for a terminal."""
    lines: list[Line] = [(None, f"{one.label}, {one.use_case}" if one.use_case != ALL else one.label)]
    lines += _unknown(one.found) if isinstance(one.found, Unknown) else _known(one.found, one.left_out)
    if rows is not None:
        lines += _rows(rows)
    elif isinstance(one.found, Figure):
        lines += [BLANK, (None, say("its rows, with file and row number: add --rows 5"))]
    shown = (part for head, words in lines for part in _wrapped(head, plain(words), width))
    return "\n".join(shown) + "\n"


def _wrapped(head: str | None, words: str, width: int) -> Iterator[str]:
    """The line in the width, its words one below the other."""
    room = width if head is None else width - SAYS
    parts = textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False) or [""]
    for place, part in enumerate(parts):
        if head is None:
            yield ("  " if place else "") + part
        else:
            yield f"{'' if place else head:<{SAYS}}{part}".rstrip()


def _block(head: str, lines: Sequence[str]) -> list[Line]:
    """Lines beside a word at the left, which stands once."""
    return [("" if place else head, line) for place, line in enumerate(lines)]


def _unknown(found: Unknown) -> list[Line]:
    lines = _block(say("not known"), [found.reason])
    return lines + (_block(say("to know it"), [found.fix]) if found.fix else [])


def _known(found: Figure, unread: Sequence[str]) -> list[Line]:
    opened, written = figures.explanation(found), figures.written(found)
    value = [f"{value_in_words(found)}, {found.evidence.word}"]
    if written.range:
        value.append(say("range {range}", range=written.ranged))
    lines = _block(say("figure"), value)
    lines += _block(say("in full"), [opened.in_full])
    about = [days.period(found.period)] if found.period is not None else []
    about += [say("from {count}", count=opened.counted)] if opened.counted else []
    lines += _block(say("of"), [", ".join(about)] if about else [])
    note = formulas.note_of(found.formula)
    made = [note.formula, note.says, _source(note)] if note.formula else [note.says, _source(note)]
    lines += [BLANK, *_block(say("formula"), made)]
    inputs = []
    for each in opened.inputs:
        known = f", {each.evidence.word}" if each.evidence is not None else ""
        origin = f" ({each.origin})" if each.origin else ""
        inputs.append(f"{each.name}: {each.value}{known}{origin}")
    lines += [BLANK, *_block(say("went in"), inputs)] if inputs else []
    ranged: list[Line] = []
    for interval, method in methods(found):
        head = say("range") if interval is found.interval else say("limits")
        words = opened.range_sentence if interval is found.interval else opened.bounds
        ranged += _block(head, [words, f"{method.title}: {method.formula}", method.says, _source(method)])
    lines += [BLANK, *ranged] if ranged else []
    lines += [BLANK, *_block(say("rows"), opened.origins)] if opened.origins else []
    left_out = [*found.omissions, *dict.fromkeys(unread)]
    lines += [BLANK, *_block(say("left out"), left_out or [say("nothing that is known of")])]
    lines += _block(say("know also"), opened.notes) if opened.notes else []
    return [*lines, *_block(say("would change it"), would_change(found))]


def _source(note: FormulaNote) -> str:
    place = f"{PAGE}#{note.key}"
    return say("{source}; worked number: {place}", source=note.source, place=place) if note.source else place


def _rows(rows: Rows) -> list[Line]:
    """The rows of the ledger, file by file."""
    if not rows.files:
        return [BLANK, (None, say("No row of the ledger stands behind it."))]
    lines = [BLANK]
    for file in rows.files:
        counted = say_count(
            "{rows} row of {table} stands behind it",
            "{rows} rows of {table} stand behind it",
            file.count,
            rows=written_count(file.count),
            table=file.table,
        )
        lines.append((None, f"{file.path}: {counted}"))
        for row in file.rows:
            cells = ", ".join(f"{name} {value}" for name, value in row.cells)
            lines.append(("  " + say("row {number}", number=row.number), cells))
        if len(file.rows) < file.count and file.rows:
            more = say("and {count} more", count=written_count(file.count - len(file.rows)))
            lines.append((f"  {more}", ""))
    return lines


def json_text(one: Named, rows: Rows | None) -> str:
    """The same as one JSON document, ending in a line break."""
    return json.dumps(document(one, rows), ensure_ascii=True, indent=2) + "\n"


def document(one: Named, rows: Rows | None) -> Json:
    """What `json_text` writes."""
    found = one.found
    notes = [note for _, note in methods(found)] if isinstance(found, Figure) else []
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "use_case": one.use_case,
        "key": one.key,
        "label": one.label,
        "in_words": value_in_words(found),
        "figure": figure_json(found),
        "formula": _note_json(formulas.note_of(found.formula)) if isinstance(found, Figure) else None,
        "methods": [_note_json(note) for note in notes],
        "rows_not_used": list(dict.fromkeys(one.left_out)),
        "would_change_it": list(would_change(found)),
        "files": None if rows is None else [_file_json(file) for file in rows.files],
    }


def list_json(all_named: Sequence[Named], use_case: str | None) -> str:
    """The figures of one use case, or of all, with key and value."""
    listed = [
        {"use_case": one.use_case, "key": one.key, "label": one.label, "figure": figure_json(one.found)}
        for one in all_named
        if use_case in {None, one.use_case}
    ]
    whole = {"schema_version": SCHEMA_VERSION, "kind": "figures", "figures": listed}
    return json.dumps(whole, ensure_ascii=True, indent=2) + "\n"


def _note_json(note: FormulaNote) -> Json:
    return {
        "key": note.key,
        "title": note.title,
        "formula": note.formula,
        "says": note.says,
        "source": note.source,
        "described_in": f"{PAGE}#{note.key}",
    }


def _file_json(file: FileRows) -> Json:
    return {
        "file": file.path,
        "table": file.table,
        "rows": file.count,
        "first": [{"row": row.number, "cells": dict(row.cells)} for row in file.rows],
    }
