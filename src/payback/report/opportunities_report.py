"""Where AI could pay at all, in words, as a page, as JSON and as CSV. The words are "at most", never a promise."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from payback import numbers
from payback.assessor.opportunities import Opportunities
from payback.locale import language, say, say_count
from payback.measures.ranges import Uncertain
from payback.measures.returns.opportunities import Opportunity, Spread, Totals
from payback.numbers import Scale
from payback.records import Problem
from payback.report.inert import plain
from payback.report.json_values import Json
from payback.report.page import Cell, Column, Layout, Note, Page, Report, Row, Section, Table, Tone, Verdict

SCHEMA_VERSION = 1
KIND = "opportunities"
SHOWN = 40
"""Kinds of work in the table of a page; JSON and CSV have all."""
TOLD = 5
"""Rows left out told one by one; the rest are counted."""


def report(found: Opportunities) -> Report:
    """One page: the answer, the kinds of work by what they are worth at most, segments, what was left out."""
    one = Page(
        key="opportunities",
        name=say("Opportunities"),
        owner=say("Opportunities"),
        about=_about(found),
        sections=tuple(_sections(found)),
        headline=True,
    )
    return Report(
        title=say("Where AI could pay at most"),
        label="",
        language=language().replace("_", "-"),
        as_of=date.min,
        pages=(one,),
    )


def _about(found: Opportunities) -> str:
    rows = say_count("{rows} row", "{rows} rows", found.table.rows, rows=numbers.count(found.table.rows))
    return say("tables of today's work, {rows}, {unit}", rows=rows, unit=_unit(found))


def _unit(found: Opportunities) -> str:
    return found.currency or say("money as in the tables")


def _money(found: Opportunities, value: float) -> str:
    return numbers.money(_exact(value), found.currency).strip()


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.12g}")


def _sections(found: Opportunities) -> Iterator[Section]:
    yield Section((Verdict(None, "", _headline(found), _dek(found)),))
    if found.found.ranked:
        yield Section((_table(found),))
    if found.found.segments:
        yield Section((_by_segment(found),))
    yield Section((Note(say("Taken for granted"), tuple(_granted(found))),), Layout.FULL)
    yield Section((Note(say("Left out"), tuple(_left_out(found))),), Layout.FOOT)


def _headline(found: Opportunities) -> str:
    whole = found.found.whole
    if not whole.kinds:
        return say("No row says what work costs today.")
    kinds = say_count(
        "{kinds} kind of work", "{kinds} kinds of work", whole.kinds, kinds=numbers.count(whole.kinds)
    )
    spent = _money(found, whole.spent.value)
    if not whole.paying:
        return say(
            "{spent} a year goes into {kinds}. AI can save nothing of it on these terms.",
            spent=spent,
            kinds=kinds,
        )
    worth = _money(found, whole.worth.value)
    if not _has_terms(found):
        return say(
            "{spent} a year goes into {kinds}. AI cannot save more than that.", spent=spent, kinds=kinds
        )
    return say(
        "{spent} a year goes into {kinds}. AI can save at most {worth} of it.",
        spent=spent,
        kinds=kinds,
        worth=worth,
    )


def _has_terms(found: Opportunities) -> bool:
    terms = found.terms
    return any(each is not None for each in (terms.price, terms.accepted, terms.review_minutes))


def _dek(found: Opportunities) -> str:
    whole = found.found.whole
    parts = []
    if _has_terms(found) and whole.kinds:
        parts.append(
            say_count(
                "It can pay in {paying} of {kinds} kind.",
                "It can pay in {paying} of {kinds} kinds.",
                whole.kinds,
                paying=numbers.count(whole.paying),
                kinds=numbers.count(whole.kinds),
            )
        )
    if whole.hours is not None:
        hours = whole.hours.value if whole.hours.is_known else float(f"{whole.hours.value:.3g}")
        parts.append(say("{hours} hours a year are in it.", hours=numbers.count(_exact(round(hours)))))
    parts.append(say("A limit, no promise: whoever claims more is wrong."))
    return " ".join(parts)


def _table(found: Opportunities) -> Table:
    ranked = found.found.ranked[:SHOWN]
    terms = found.terms
    hours = not _has_terms(found) and any(each.hours is not None for each in ranked)
    needs = any(each.least_accepted is not None for each in ranked)
    columns = [
        Column(say("work"), lead=True),
        Column(say("place")),
        Column(say("today"), figures=True),
        *([Column(say("hours a year"), figures=True)] if hours else []),
        Column(say("most a unit may cost"), figures=True),
        *([Column(say("accepted of 100, over"), figures=True)] if needs else []),
        *([Column(say("worth, at most"), figures=True)] if _has_terms(found) else []),
        *([Column(say("units a month, least"), figures=True)] if terms.build is not None else []),
    ]
    rows = [Row(tuple(_cells(found, each, hours=hours, needs=needs))) for each in ranked]
    rest = len(found.found.ranked) - len(ranked)
    source = [
        say("Most a unit may cost: at that price all in nothing is gained."),
        *([say("Accepted: at this share nothing is gained; below it money is lost.")] if needs else []),
        *([_of_build(found)] if terms.build is not None else []),
        *(
            [
                say("Ranges hold the figure 9 times in 10, and all places at once 9 times in 10."),
            ]
            if found.found.draws > 1
            else []
        ),
        *(
            [
                say_count(
                    "{rest} more kind of work: --csv has all.",
                    "{rest} more kinds of work: --csv has all.",
                    rest,
                    rest=numbers.count(rest),
                )
            ]
            if rest > 0
            else []
        ),
    ]
    return Table(
        say("Worth at most, the largest first")
        if _has_terms(found)
        else say("What it costs today, the largest first"),
        _units(found),
        tuple(columns),
        tuple(rows),
        " ".join(source),
    )


def _units(found: Opportunities) -> str:
    """What money the columns are in: a year's in its scale, a unit's as it is."""
    yearly = _yearly(found).unit or say("money as in the tables")
    return say("{yearly} a year; of a unit, {unit}", yearly=yearly, unit=_unit(found))


def _of_build(found: Opportunities) -> str:
    terms = found.terms
    assert terms.build is not None  # noqa: S101  asked for only where it is there
    return say(
        "Least units: from there on a build of {build} can be back in {months} months; enough: there are so many today.",
        build=_written(terms.build, found.currency),
        months=terms.months,
    )


def _written(what: Uncertain, currency: str = "") -> str:
    return f"{plain(what.written)} {currency}".strip()


def _cells(found: Opportunities, each: Opportunity, *, hours: bool, needs: bool) -> Iterator[Cell]:
    scale = _yearly(found)
    yield Cell(each.work.name, Tone.STRONG, more=each.work.segment)
    yield Cell(place(each.places))
    yield _spread(each.spent, scale)
    if hours:
        yield Cell("?") if each.hours is None else _spread(each.hours, Scale(""))
    yield (
        _spread(each.most_a_unit, Scale(""))
        if each.most_a_unit.value > 0
        else Cell(say("nothing"), Tone.ALARM)
    )
    if needs:
        yield _needed(each.least_accepted)
    if _has_terms(found):
        yield (
            _spread(each.worth, scale)
            if each.worth.value > 0
            else Cell(
                say("cannot pay"),
                Tone.ALARM,
                more=_cell_range(each.worth, scale) if each.worth.high > 0 else "",
            )
        )
    if found.terms.build is not None:
        yield _least(each)


def _needed(share: Spread | None) -> Cell:
    if share is None:
        return Cell("?")
    hundred = Spread(*(100 * end for end in (share.value, share.low, share.high)))
    if share.value >= 1:
        return Cell(say("over 100"), Tone.ALARM)
    return _spread(hundred, Scale(""))


def _least(each: Opportunity) -> Cell:
    if each.least_volume is None:
        return Cell(say("none"), Tone.ALARM)
    enough = each.build_chance or 0.0
    if enough >= 1:
        says = say("enough")
    elif enough <= 0:
        says = say("too few")
    else:
        says = say("in {chance} of 100", chance=numbers.fixed(_exact(100 * enough), 0))
    return Cell(numbers.count(math.ceil(each.least_volume.value)), more=says)


def place(places: tuple[int, int]) -> str:
    """2, or 2 to 5."""
    best, worst = places
    return str(best) if best == worst else say("{low} to {high}", low=best, high=worst)


def _yearly(found: Opportunities) -> Scale:
    return Scale.of([_exact(each.spent.value) for each in found.found.ranked], found.currency)


def _spread(what: Spread, scale: Scale) -> Cell:
    value = scale.scaled(_exact(what.value))
    decimals = numbers.decimals_of(value)
    return Cell(numbers.number(value, decimals), more=_cell_range(what, scale))


def _cell_range(what: Spread, scale: Scale) -> str:
    if what.is_known:
        return ""
    value, low = scale.scaled(_exact(what.value)), scale.scaled(_exact(what.low))
    high = scale.scaled(_exact(what.high)) if math.isfinite(what.high) else None
    decimals = numbers.decimals_of(value, 2)
    if low < 0:
        return say(
            "{low} below 0 to {high}",
            low=numbers.fixed(-low, decimals),
            high=numbers.fixed(high or low, decimals),
        )
    return numbers.spread(low, high, decimals)


def _by_segment(found: Opportunities) -> Table:
    scale = _yearly(found)
    columns = [
        Column(say("segment"), lead=True),
        Column(say("kinds of work"), figures=True),
        Column(say("today"), figures=True),
        Column(say("hours a year"), figures=True),
    ]
    if _has_terms(found):
        columns.append(Column(say("worth, at most"), figures=True))
    segments = sorted(found.found.segments.items(), key=lambda each: -each[1].worth.value)
    rows = [Row(tuple(_segment_cells(found, name, each, scale))) for name, each in segments[:SHOWN]]
    return Table(say("By segment"), _units(found), tuple(columns), tuple(rows), "")


def _segment_cells(found: Opportunities, name: str, each: Totals, scale: Scale) -> Iterator[Cell]:
    yield Cell(name or say("no segment named"), Tone.STRONG)
    yield Cell(numbers.count(each.kinds))
    yield _spread(each.spent, scale)
    yield Cell("?") if each.hours is None else _spread(each.hours, Scale(""))
    if _has_terms(found):
        yield _spread(each.worth, scale)


def _granted(found: Opportunities) -> Iterator[str]:
    terms = found.terms
    yield say("all freed time is taken to become money; where it does not, AI is worth less")
    yield (
        say("every result is taken to be accepted: --accepted '80 %' says otherwise")
        if terms.accepted is None
        else say("accepted: {accepted}; the rest is done again as today", accepted=_written(terms.accepted))
    )
    yield (
        say("nobody is taken to check the results: --review-minutes 1 says otherwise")
        if terms.review_minutes is None
        else say(
            "review: {minutes} minutes a unit, at the wage of the row", minutes=_written(terms.review_minutes)
        )
    )
    yield (
        say("a unit is taken to cost nothing: --unit-price 0.30 says otherwise")
        if terms.price is None
        else say("price of a unit all in but review: {price}", price=_written(terms.price, found.currency))
    )
    without = sum(1 for each in found.found.ranked if not each.review_known)
    if without:
        yield say_count(
            "in {number} row review has no price, as no wage is known: it is worth less than said there",
            "in {number} rows review has no price, as no wage is known: it is worth less than said there",
            without,
            number=numbers.count(without),
        )
    no_hours = sum(1 for each in found.found.ranked if each.hours is None)
    if 0 < no_hours < len(found.found.ranked):
        yield say_count(
            "{number} kind of work has no minutes: its hours are in no sum",
            "{number} kinds of work have no minutes: their hours are in no sum",
            no_hours,
            number=numbers.count(no_hours),
        )
    yield say("what building and running it costs, and what wrong results cost, comes off all this")
    yield from (plain(note) for note in found.table.notes)
    yield say("how: docs/formulas.md, worth-at-most; then payback init, and payback assess on a pilot")


def _left_out(found: Opportunities) -> Iterator[str]:
    table = found.table
    out = sum(one.rows for one in table.problems)
    if not out and not table.totals and not table.repeated:
        yield say("no row")
        return
    if out:
        yield say_count(
            "{number} row, in no figure above:",
            "{number} rows, in no figure above:",
            out,
            number=numbers.count(out),
        )
        yield from (_told(one) for one in table.problems[:TOLD])
        if out > TOLD:
            yield say("and {number} more: --json has all", number=numbers.count(out - TOLD))
    if table.totals:
        yield say_count(
            "{number} row that adds up others",
            "{number} rows that add up others",
            table.totals,
            number=numbers.count(table.totals),
        )
    if table.repeated:
        yield say_count(
            "{number} row that is there again, counted once",
            "{number} rows that are there again, counted once",
            table.repeated,
            number=numbers.count(table.repeated),
        )


def _told(one: Problem) -> str:
    where = "" if one.origin is None else f"{one.origin}: "
    column = one.origin.column if one.origin is not None and one.origin.column else ""
    return plain(f"{where}{column}: {one.what}" if column else f"{where}{one.what}")


# --- for machines -----------------------------------------------------------------------------------


def json_text(found: Opportunities) -> str:
    """The same as one JSON document, ending in a line break."""
    return json.dumps(document(found), ensure_ascii=True, indent=2) + "\n"


def document(found: Opportunities) -> Json:
    """What `json_text` writes. Money and hours are a year's."""
    terms = found.terms
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "currency": found.currency or None,
        "terms": {
            "unit_price": _term(terms.price),
            "accepted": _term(terms.accepted),
            "review_minutes": _term(terms.review_minutes),
            "build": _term(terms.build),
            "months": terms.months,
        },
        "at_most": _totals_json(found.found.whole),
        "segments": [
            {"segment": name or None} | _totals_json(each) for name, each in found.found.segments.items()
        ],
        "work": [_work_json(found, each) for each in found.found.ranked],
        "rows": found.table.rows,
        "rows_left_out": sum(one.rows for one in found.table.problems),
        "rows_that_add_up_others": found.table.totals,
        "rows_there_again": found.table.repeated,
        "problems": [
            {
                "code": one.code,
                "where": None if one.origin is None else str(one.origin),
                "column": None if one.origin is None else one.origin.column,
                "what": one.what,
                "fix": one.fix,
            }
            for one in found.table.problems
        ],
        "notes": list(found.table.notes),
    }


def _term(what: Uncertain | None) -> str | None:
    return None if what is None else what.written


def _work_json(found: Opportunities, each: Opportunity) -> Json:
    return {
        "work": each.work.name,
        "segment": each.work.segment or None,
        "from": str(found.origins[each.work]),
        "places": list(each.places),
        "unit_cost_today": _spread_json(each.unit),
        "money_a_year": _spread_json(each.spent),
        "hours_a_year": _spread_json(each.hours),
        "most_a_unit_may_cost": _spread_json(each.most_a_unit),
        "least_accepted": _spread_json(each.least_accepted),
        "worth_at_most": _spread_json(each.worth),
        "chance_that_it_can_pay": round(each.chance, 6),
        "most_a_build_may_cost": _spread_json(each.most_build),
        "least_units_a_month": _spread_json(each.least_volume),
        "chance_of_enough_units": None if each.build_chance is None else round(each.build_chance, 6),
        "review_priced": each.review_known,
    }


def _totals_json(each: Totals) -> Json:
    return {
        "kinds": each.kinds,
        "paying": each.paying,
        "money_a_year": _spread_json(each.spent),
        "hours_a_year": _spread_json(each.hours),
        "worth_at_most": _spread_json(each.worth),
    }


def _spread_json(what: Spread | None) -> Json | None:
    if what is None:
        return None
    return {"value": _finite(what.value), "low": _finite(what.low), "high": _finite(what.high)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


HEAD: Sequence[str] = (
    "work", "segment", "best_place", "worst_place", "unit_cost_today", "money_a_year", "hours_a_year",
    "most_a_unit_may_cost", "least_accepted", "worth_at_most", "worth_low", "worth_high", "most_a_build_may_cost",
    "least_units_a_month", "from",
)  # fmt: skip


def csv_text(found: Opportunities) -> str:
    """Every kind of work, one a row."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(HEAD)
    for each in found.found.ranked:
        write.writerow(
            (
                cell(each.work.name),
                cell(each.work.segment),
                *each.places,
                *(
                    "" if one is None or not math.isfinite(one.value) else f"{one.value:.12g}"
                    for one in (
                        each.unit,
                        each.spent,
                        each.hours,
                        each.most_a_unit,
                        each.least_accepted,
                        each.worth,
                    )
                ),
                f"{each.worth.low:.12g}",
                f"{each.worth.high:.12g}",
                f"{each.most_build.value:.12g}",
                "" if each.least_volume is None else f"{each.least_volume.value:.12g}",
                cell(str(found.origins[each.work])),
            )
        )
    return out.getvalue()


def cell(text: str) -> str:
    """Words in a cell of a CSV, so that no spreadsheet takes them for a formula."""
    words = plain(text)
    return f"'{words}" if words.startswith(("=", "+", "-", "@")) else words
