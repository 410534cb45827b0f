"""What went into the futures of a use case: each input in words, who says so, and the vendors it depends on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from payback import numbers
from payback.foretold import Track
from payback.locale import say
from payback.measures.returns.cash import REALISATION
from payback.records import Evidence, Figure
from payback.report.page import Cell, Column, Note, Row, Section, Table, Tone
from payback.returned import InputLine, Returns

FOLDED_FROM = 8
"""Lines of inputs above which their table opens only when asked for."""


def input_words(value: Decimal, unit: str, currency: str) -> str:
    """The value of an input with its unit."""
    match unit:
        case "share":
            return numbers.of_hundred(value)
        case "growth":
            part = numbers.percent(abs(value))
            return say("{part} down", part=part) if value < 0 else say("{part} up", part=part)
        case "money":
            return numbers.money(value, currency)
        case "minutes":
            return say("{minutes} min", minutes=numbers.short(value))
        case _:
            return numbers.short(value)


def vendor_note(found: Returns) -> Note | None:
    """How much hangs on one vendor, and what moving away would cost; None where no calls are logged."""
    if not found.vendors:
        return None
    first = found.vendors[0]
    name = first.name or say("a vendor the logs do not name")
    lines = [
        say(
            "Of every 100 spent on models {parts} go to {vendor}.",
            parts=numbers.hundredths(first.share),
            vendor=name,
        )
    ]
    if found.switching is not None:
        cost = written(found.switching, found.currency)
        lines.append(
            say(
                "Moving to another vendor would cost {cost}, {known}.",
                cost=cost,
                known=found.switching.evidence.word,
            )
        )
    else:
        lines.append(say("What moving to another vendor would cost is not stated: give `switching_cost`."))
    return Note(say("Dependence on one vendor"), tuple(lines))


def inputs(found: Returns) -> tuple[Section, ...]:
    """The table of all inputs; nothing where there are none."""
    if not found.inputs:
        return ()
    even = {each.key: each for each in found.breaks_even}
    rows = tuple(
        Row(
            (
                Cell(each.label, Tone.STRONG),
                Cell(written(each, found.currency)),
                Cell(_understood(each)),
                Cell(
                    input_words(even[each.key].value, each.unit, found.currency) if each.key in even else ""
                ),
                Cell(each.evidence.word, evidence=each.evidence, more=each.by),
            )
        )
        for each in found.inputs
    )
    table = Table(
        say("What went into the futures"),
        say("Each input as it was said or measured, as it was understood, and where it turns gain into loss"),
        (
            Column(say("input"), lead=True), Column(say("as said"), figures=True),
            Column(say("understood as"), free=True), Column(say("breaks even at"), figures=True),
            Column(say("known")),
        ),
        rows,
        folded=len(rows) > FOLDED_FROM,
    )  # fmt: skip
    return (Section((table,), detail=True),)


def written(each: InputLine, currency: str) -> str:
    """An input as it was said: one value, or its range."""
    if each.is_known:
        return input_words(each.median, each.unit, currency)
    return say(
        "{low} to {high}",
        low=_bare(each.low, each.unit),
        high=input_words(each.high, each.unit, currency),
    )


def _bare(value: Decimal, unit: str) -> str:
    if unit == "share":
        return numbers.hundredths(value)
    if unit == "growth":
        return input_words(value, unit, "")
    return numbers.short(value)


def _understood(each: InputLine) -> str:
    if each.is_known:
        return say("taken as known")
    return say(
        "median {median}, mean {mean} ({shape})",
        median=_bare(each.median, each.unit),
        mean=_bare(each.mean, each.unit),
        shape=each.shape,
    )


def said_note(found: Returns, tracks: Sequence[Track]) -> Note | None:
    """Inputs that somebody claims, beside what came of the claims that person made before; None where none did."""
    by_name = {track.by.casefold(): track for track in tracks if not track.costs and track.cases}
    lines = []
    for each in found.inputs:
        track = by_name.get(each.by.casefold()) if each.by and each.evidence is Evidence.CLAIMED else None
        if track is None:
            continue
        line = say(
            "“{what}” is taken as {who} says it. {record}", what=each.label, who=each.by, record=track.words
        )
        if each.key == REALISATION and isinstance(found.share_needed, Figure) and not each.is_known:
            ratio = Decimal(f"{track.next.ratio:.2f}")
            line += " " + say(
                "At {ratio} of what was said it would be {low} to {high} of 100; {needed} are needed.",
                ratio=numbers.number(ratio, 2),
                low=numbers.hundredths(each.low * ratio, 0),
                high=numbers.hundredths(each.high * ratio, 0),
                needed=numbers.hundredths(found.share_needed.value, 0),
            )
        lines.append(line)
    return Note(say("Who says so"), tuple(lines)) if lines else None
