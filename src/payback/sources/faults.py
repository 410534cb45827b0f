"""What is wrong with a cell or a row, in words. The codes are listed in docs/errors.md."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from payback.locale import say, say_count
from payback.records import Origin, Problem
from payback.tables import TABLES, Column, Kind

if TYPE_CHECKING:
    from payback.project import Source

LISTED = 20
"""How many rows of one fault in one column are listed; the rest are counted."""
SHOWN_LETTERS = 40

NOTES = frozenset({"time-twice", "time-skipped", "duplicate-key", "blank-rows", "cache-beside", "metrics"})
"""Codes that keep nothing out: the row counts, and the reader is told."""

OF_THE_FILE = frozenset(
    {
        "missing-file",
        "not-a-file",
        "unreadable-file",
        "wrong-format",
        "bad-encoding",
        "bad-gzip",
        "json-layout",
    }
)
"""Codes of errors that lie with one file, whatever payback.toml says: the other files still count."""


ORDERED = {"capacity": ("start", "end"), "forecast": ("low", "high")}
"""Two columns of a table of which the first comes first."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one row; `column` is the ledger's (or empty: the whole row)."""

    code: str
    row: int
    column: str = ""
    value: str = ""


@dataclass(slots=True)
class Tally:
    """Faults as they are met: all counted, the first few of each kind kept."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    first: dict[tuple[str, str], list[Fault]] = field(default_factory=dict)


def count(tally: Tally, fault: Fault) -> None:
    """Add a fault to the tally."""
    kind = (fault.code, fault.column)
    tally.counts[kind] = tally.counts.get(kind, 0) + 1
    kept = tally.first.setdefault(kind, [])
    if len(kept) < LISTED:
        kept.append(fault)


def shortened(value: str) -> str:
    """At most forty characters of it, in quotes, without anything that moves a terminal's cursor."""
    clean = "".join(
        " " if unicodedata.category(letter)[0] == "C" else letter for letter in value[: SHOWN_LETTERS + 1]
    )
    return f"'{clean[:SHOWN_LETTERS]}…'" if len(value) > SHOWN_LETTERS else f"'{clean}'"


def problems(tally: Tally, source: Source, file: str, shown: Mapping[str, str]) -> tuple[Problem, ...]:
    """One Problem per listed fault, then one for the rest of its kind, in the order of the rows.

    `shown` maps a ledger column to what the file calls it.
    """
    made: list[Problem] = []
    for kind, faults in tally.first.items():
        code, column = kind
        called = shown.get(column, column)
        for fault in faults:
            what, fix = words(fault, called, source)
            made.append(
                Problem(code, what, fix, Origin(file, fault.row, called or None), left_out=code not in NOTES)
            )
        rest = tally.counts[kind] - len(faults)
        if rest > 0:
            what, fix = words(faults[0], called, source)
            made.append(_rest(code, called, file, faults[-1].row, rest, fix))
    return tuple(sorted(made, key=_place))


def _place(problem: Problem) -> tuple[int, str, str, int]:
    origin = problem.origin
    row = origin.row if origin is not None and origin.row is not None else 2**62
    return (row, (origin.column or "") if origin else "", problem.code, problem.rows)


def _rest(code: str, called: str, file: str, last: int, rest: int, fix: str) -> Problem:
    place = say("in {column}", column=called) if called else say("of this kind")
    what = say_count(
        "after row {last}, {count} more row {place}: {title}",
        "after row {last}, {count} more rows {place}: {title}",
        rest,
        last=last,
        place=place,
        title=title(code),
    )
    return Problem(
        code, what, fix, Origin(file, None, called or None, rows=rest), rows=rest, left_out=code not in NOTES
    )


def title(code: str) -> str:
    """The fault in a few words, for a count."""
    return titles()[code]


def titles() -> dict[str, str]:
    """Every code of a row or a cell, and its title."""
    return {
        "number": say("not a number"),
        "not-whole": say("not a whole number"),
        "negative": say("below 0"),
        "too-large": say("too large to be meant"),
        "share": say("not between 0 and 1"),
        "choice": say("not one of the words"),
        "currency": say("not a currency"),
        "no-currency": say("money without a currency"),
        "missing": say("empty"),
        "time": say("not a time"),
        "time-zone": say("a time without a zone"),
        "time-range": say("a time out of range"),
        "time-twice": say("a time the clocks show twice"),
        "time-skipped": say("a time the clocks skip"),
        "day": say("not a day"),
        "day-range": say("a day out of range"),
        "tags": say("not a JSON object"),
        "order": say("ends in the wrong order"),
        "input-parts": say("parts larger than the whole"),
        "fields": say("a wrong number of cells"),
        "quote": say("a quote that does not close"),
        "nul": say("a NUL byte"),
        "encoding": say("not in the file's encoding"),
        "long-row": say("too long"),
        "json": say("not JSON"),
        "json-object": say("not an object"),
        "json-type": say("a list or an object in place of a value"),
        "duplicate-key": say("a key written twice"),
        "blank-rows": say("nothing but separators"),
    }


def words(fault: Fault, called: str, source: Source) -> tuple[str, str]:
    """What is wrong and how to mend it."""
    shown = shortened(fault.value)
    what, fix = _row_words(fault) if fault.code in _ROW_CODES else _cell_words(fault, called, shown, source)
    return what, fix


def log_words(fault: Fault) -> tuple[str, str]:
    """The same for a line of a log, which a tool wrote and nobody mends by hand."""
    if fault.code in _ROW_CODES:
        return _row_words(fault)
    if fault.code in _TRACE_CODES:
        return _trace_words(fault)
    named = {"column": fault.column, "value": shortened(fault.value)}
    what = {
        "missing": say("{column} is empty, and every row needs it", column=fault.column),
        "time": say("{column} is {value}, not a time between 2000 and 2100", **named),
        "negative": say("{column} is {value}, below 0", **named),
        "too-large": say("{column} is {value}, too large to be meant", **named),
        "not-whole": say("{column} is {value}, not a whole number", **named),
        "number": say("{column} is {value}, not a number", **named),
        "currency": say("{column} is {value}, not a currency", **named),
    }[fault.code]
    return what, say("the line counts nowhere; nothing need be done if there are few")


_TRACE_CODES = frozenset({"message", "cache-beside", "metrics"})


def _trace_words(fault: Fault) -> tuple[str, str]:
    return {
        "message": (
            say("the bytes are no whole protobuf message"),
            say("the other messages count; nothing need be done if there are few"),
        ),
        "cache-beside": (
            say("the input is {value}, and more was cached", value=fault.value),
            say(
                "taken as input beside the cache; the tool that wrote it leaves cached tokens out of its input"
            ),
        ),
        "metrics": (
            say("the file holds metrics: sums, of which no single call can be told"),
            say("export traces too, or log events"),
        ),
    }[fault.code]


_ROW_CODES = frozenset({
    "fields", "quote", "nul", "encoding", "long-row", "json", "json-object", "json-type", "duplicate-key", "blank-rows",
})  # fmt: skip


def _row_words(fault: Fault) -> tuple[str, str]:
    return {
        "fields": (
            say("the row has {count}, unlike the header", count=fault.value),
            say(
                "write as many cells as the header has; a cell that holds the separator stands in double quotes"
            ),
        ),
        "quote": (
            say("a double quote opens or closes at the wrong place"),
            say('close the quote; a quote inside a quoted cell is written twice: "a ""b"" c"'),
        ),
        "nul": (
            say("the row holds a NUL byte"),
            say("the file is damaged there, or not text; export it again"),
        ),
        "encoding": (
            say("{place} is not text in the file's encoding", place=fault.value),
            say(
                'save the file as UTF-8, or set encoding = "cp1252" (or what it is) for this source in payback.toml'
            ),
        ),
        "long-row": (
            say("the row is longer than {limit}", limit=fault.value),
            say("a line end or a closing quote is missing; leave out columns of long text"),
        ),
        "json": (
            say("the line is not JSON: {reason}", reason=fault.value),
            say("write one JSON object a line; a half-written line may be deleted"),
        ),
        "json-type": (
            say("{path} holds a list or an object", path=fault.value),
            say('name a value inside it: columns = { model = "outer.inner" }'),
        ),
        "json-object": (say("the line is not a JSON object"), say("write one JSON object a line")),
        "duplicate-key": (
            say("an object on the line holds the same key twice"),
            say("the last one counts; write each key once"),
        ),
        "blank-rows": (
            say("the row holds nothing but separators"),
            say("nothing is missing if the sheet has empty rows; delete them to be rid of this note"),
        ),
    }[fault.code]


def _cell_words(fault: Fault, called: str, shown: str, source: Source) -> tuple[str, str]:
    column = TABLES[source.table].column(fault.column)
    if column.kind is Kind.HASHED:
        shown = say("a value not shown")
    say_is = {"column": called, "value": shown}
    match fault.code:
        case "number":
            return say("{column} is {value}, not a number", **say_is), _number_fix(
                fault.value, column, source
            )
        case "not-whole":
            return say("{column} is {value}, not a whole number", **say_is), say(
                "write whole digits; a spreadsheet may have shortened the number"
            )
        case "negative":
            return say("{column} is {value}, below 0", **say_is), say(
                "write 0 or more; leave it empty if it is not known"
            )
        case "too-large":
            return say("{column} is {value}, too large to be meant", **say_is), say(
                "check the unit and the decimal sign"
            )
        case "share":
            return say("{column} is {value}, not between 0 and 1", **say_is), say("write 0.85 for 85 %")
        case "choice":
            return say("{column} is {value}, which is not one of the words", **say_is), _choice_fix(
                fault.value, column.choices
            )
        case "currency":
            return say("{column} is {value}, not a currency", **say_is), say(
                "write the three-letter code, such as EUR"
            )
        case "no-currency":
            return say("{column} is money without a currency", **say_is), say(
                "fill the currency's column, or give `defaults` a currency for this source"
            )
        case "missing":
            return say("{column} is empty, and every row needs it", column=called), say(
                "fill it in ({meaning}); a totals row needs none and is rightly left out",
                meaning=column.meaning,
            )
        case "input-parts":
            return say("{column} is {value}, less than the parts it is said to include", **say_is), say(
                "check input_includes in payback.toml: it says what the file's input counts already hold"
            )
        case "tags":
            return say("{column} is not a JSON object", column=called), say(
                'write {"team": "support"}, or leave it empty'
            )
        case "order":
            return say("{column} is {value}, before {first}", first=ORDERED[source.table][0], **say_is), say(
                "swap the two, or mend the one that is wrong"
            )
        case _:
            return _time_words(fault, say_is, source)


def _time_words(fault: Fault, say_is: Mapping[str, str], source: Source) -> tuple[str, str]:
    match fault.code:
        case "time":
            return say("{column} is {value}, not a time", **say_is), say(
                "write 2026-03-31T14:00:00Z, 2026-03-31 16:00:00+02:00, or seconds since 1970"
            )
        case "time-zone":
            return say("{column} is {value}, a time without a zone", **say_is), say(
                'set timezone = "Europe/Berlin" (or what it is) for this source in payback.toml, or write 2026-03-31T14:00:00Z'
            )
        case "time-range":
            return say("{column} is {value}, not between 2000 and 2100", **say_is), say(
                "check the unit if it counts seconds; leave it empty if it is not known"
            )
        case "time-twice":
            return say(
                "{column} is {value}, which the clocks of {zone} show twice", zone=source.timezone, **say_is
            ), say("taken as the second of the two; write times with their zone to be exact")
        case "time-skipped":
            return say(
                "{column} is {value}, which the clocks of {zone} skip", zone=source.timezone, **say_is
            ), say("taken as if they had not been put forward; write times with their zone to be exact")
        case "day":
            return say("{column} is {value}, not a day", **say_is), say("write 2026-03-31")
        case "day-range":
            return say("{column} is {value}, not between 1990 and 2200", **say_is), say(
                "write 2026-03-31, or leave it empty"
            )
        case _:
            raise KeyError(fault.code)


_THOUSANDS = re.compile(r"^[+-]?\d{1,3}([.,' \u00a0\u202f]\d{3})+([.,]\d+)?$")
_COMMA = re.compile(r"^[+-]?[\d. \u00a0']*,\d+$")


def _number_fix(value: str, column: Column, source: Source) -> str:
    text = value.strip()
    if text.endswith("%"):
        return say("write 0.85 for 85 %")
    if any(unicodedata.category(letter) == "Sc" for letter in text) or re.search(r"[A-Z]{3}", text):
        return say("write the number alone; the currency has its own column")
    grouped = _THOUSANDS.match(text) is not None
    if (
        source.decimal == "."
        and _COMMA.match(text)
        and not (grouped and column.kind in {Kind.TOKENS, Kind.WHOLE})
    ):
        plain = _plain(text, ",")
        if grouped and re.fullmatch(r"[+-]?\d+,\d{3}", text):  # 1,234 may be either
            return say("write {one} or {other}, whichever it is", one=text.replace(",", ""), other=plain)
        return say('write {plain}, or set decimal = "," for this source in payback.toml', plain=plain)
    if grouped:
        return say(
            "write {plain}, without separators of thousands",
            plain=_plain(text, source.decimal).replace(".", source.decimal),
        )
    if source.decimal == ",":
        return say("write digits with a decimal comma, as decimal says in payback.toml: 1234,50")
    return say("write digits with a decimal point, or leave it empty if it is not known")


def _plain(text: str, decimal: str) -> str:
    """The number without separators of thousands and with a decimal point."""
    whole, _, part = text.rpartition(decimal) if decimal in text else (text, "", "")
    digits = re.sub(r"[^\d+-]", "", whole)
    return f"{digits}.{part}" if part else digits


def _choice_fix(value: str, choices: Iterable[str]) -> str:
    listed = list(choices)
    like = difflib.get_close_matches(value.lower(), listed, n=1, cutoff=0.5)
    known = say("it is one of {choices}", choices=", ".join(listed))
    return say("did you mean {near}? ", near=like[0]) + known if like else known
