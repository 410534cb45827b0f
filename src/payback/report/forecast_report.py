"""What was promised and what came: the table of a use case's page, `payback forecast` in words, and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from payback import days, numbers
from payback.assessment import Assessment
from payback.foretold import (
    ASSESSMENT,
    COSTS,
    ForecastRecord,
    Scores,
    State,
    Told,
    Track,
    period_text,
    unit_of,
    words_of,
)
from payback.locale import language, say, say_count
from payback.records import Unknown
from payback.report.page import Block, Cell, Column, Note, Page, Report, Row, Section, Table, Tone

SCHEMA_VERSION = 1
KIND = "forecast"
FOLDED_FROM = 8
"""Promises of a use case above which their table opens only when asked for."""

Json = dict[str, Any]


def blocks(project: Assessment, use_case: str) -> tuple[Block, ...]:
    """The table of what people foretold of a use case; nothing where nobody did."""
    told = project.forecasts.of(use_case)
    if not told:
        return ()
    return (
        promised(
            say("What was promised and what came"),
            told,
            _tracks_of(project.forecasts, told),
            project.currency,
        ),
    )


def past_of_value(project: Assessment, use_case: str) -> str:
    """What those who promised value here came in at before, for the bar of promises; empty where nothing came due."""
    tracks = _tracks_of(project.forecasts, project.forecasts.of(use_case))
    return " ".join(track.words for track in tracks if track.cases and not track.costs)


def _tracks_of(record: ForecastRecord, told: Sequence[Told]) -> list[Track]:
    """The past of those who said something here, and of the side they spoke about."""
    asked = {
        (each.said.made_by.casefold(), each.said.quantity in COSTS)
        for each in told
        if each.middle is not None
    }
    return [track for track in record.tracks if (track.by.casefold(), track.costs) in asked]


def promised(title: str, told: Sequence[Told], tracks: Sequence[Track], currency: str) -> Table:
    """One line a promise: who said what, when and for when, what came, and what of it."""
    return Table(
        title=title,
        subtitle=_subtitle(told),
        columns=(
            Column(say("promised"), lead=True),
            Column(say("said"), figures=True),
            Column(say("came"), figures=True),
            Column(say("what of it"), free=True),
        ),
        rows=tuple(_row(each, currency) for each in told),
        source=" ".join(f"{track.words} {track.next_words}" for track in tracks),
        marks=True,
        folded=len(told) > FOLDED_FROM,
    )


def _subtitle(told: Sequence[Told]) -> str:
    came = sum(each.state is State.CAME for each in told)
    return say(
        "{came} of {all} can be held against what came; as said, and never changed",
        came=numbers.count(came),
        all=numbers.count(len(told)),
    )


def _row(each: Told, currency: str) -> Row:
    said = each.said
    who = _who(said.made_by)
    if said.made_on is not None:
        who = say("{who}, {day}", who=who, day=days.short_day(said.made_on))
    about = days.period(said.period) if said.period else say("for no period")
    return Row(
        (
            Cell(words_of(said.quantity), Tone.STRONG, more=say("{about}; {who}", about=about, who=who)),
            Cell(_said(each, currency), evidence=said.evidence, more=_how_sure(each)),
            _came(each, currency),
            Cell(_outcome(each, currency), Tone.SOFT, more=_remark(each)),
        )
    )


def _who(name: str) -> str:
    return say("past assessments") if name == ASSESSMENT else name or say("nobody named")


def _said(each: Told, currency: str) -> str:
    if each.said.chance is not None:
        return numbers.of_hundred(each.said.chance)
    if each.low is not None and each.high is not None:
        return say(
            "{low} to {high}",
            low=_amount(each, each.low, currency),
            high=_amount(each, each.high, currency),
        )
    return _amount(each, each.middle, currency) if each.middle is not None else ""


def _how_sure(each: Told) -> str:
    if each.said.chance is not None:
        return say("chance")
    if each.low is not None and each.middle is not None:
        return say("90 % sure")
    return ""


def _amount(each: Told, amount: Decimal, currency: str) -> str:
    match unit_of(each.said.quantity):
        case "money":
            return numbers.money(amount, currency)
        case "share":
            return numbers.of_hundred(amount)
        case "hours":
            return say("{hours} hours", hours=numbers.number(amount))
        case _:
            return numbers.number(amount)


def _came(each: Told, currency: str) -> Cell:
    if each.state is not State.CAME:
        return Cell(each.state.word, Tone.SOFT)
    if each.happened is not None:
        return Cell(say("yes") if each.happened else say("no"), Tone.STRONG)
    if each.came is None:
        return Cell("")
    if each.came == 0:
        return Cell(say("nothing"), Tone.ALARM)
    return Cell(_amount(each, each.came, currency), Tone.STRONG)


def _outcome(each: Told, currency: str) -> str:
    """Held or not, and how much of it came; of an open one, what it is taken at."""
    if each.state is State.CAME:
        return _held(each)
    if each.corrected is None or each.corrected_by is None:
        return each.why
    low, middle, high = each.corrected
    taken = say("taken at {amount}", amount=_amount(each, middle, currency))
    if low is not None and high is not None:
        taken = say(
            "taken at {amount} ({low} to {high})",
            amount=_amount(each, middle, currency),
            low=_amount(each, low, currency),
            high=_amount(each, high, currency),
        )
    return f"{taken}; {each.why}" if each.why else taken


def _held(each: Told) -> str:
    parts = []
    if each.hit is not None:
        parts.append(say("within the range") if each.hit else say("outside the range"))
    if each.ratio is not None:
        parts.append(
            say("{ratio} of what was said", ratio=numbers.number(Decimal(each.ratio), 2))
            if each.ratio
            else say("nothing of what was said")
        )
    scores = dict(each.scores)
    if "brier" in scores:
        parts.append(say("Brier score {score}", score=numbers.number(Decimal(scores["brier"]), 2)))
    return ", ".join(parts)


def _remark(each: Told) -> str:
    notes = list(each.notes)
    if each.gone:
        notes.append(say("no longer said where it was"))
    if each.corrected_by is not None and each.corrected_by.is_default:
        notes.append(say("by a default, not this owner's record"))
    return "; ".join(notes)


# --- payback forecast -------------------------------------------------------------------------------


def report(found: Assessment, use_case: str | None = None, *, scores_only: bool = False) -> Report:
    """Every forecast by use case and how each person's came in, for a terminal."""
    record = found.forecasts
    titles = {case.key: case.title for case in found.use_cases}
    told = [each for each in record.told if use_case in {None, each.said.use_case}]
    shown = [each for each in told if each.state not in {State.SAID_AGAIN, State.WITHDRAWN}]
    parts: list[Block] = []
    if not scores_only:
        for key in dict.fromkeys(each.said.use_case for each in shown):
            mine = [each for each in shown if each.said.use_case == key and not _waits(each)]
            if mine:
                parts.append(promised(titles.get(key, key), mine, (), found.currency))
        if waiting := sum(_waits(each) for each in shown):
            parts.append(Note(say("Of assessments"), (_waiting(waiting),)))
        aside = [each for each in told if each not in shown and not each.said.by_assessment]
        if aside:
            parts.append(Note(say("Kept, and not counted"), tuple(_aside(each) for each in aside)))
    if not shown:
        parts.append(
            Note(
                say("No forecast"),
                (
                    say(
                        "Nobody said what would come: add [[use_cases.NAME.claims]] with `for`, rows of the "
                        "table forecast, or `payback forecast add`."
                    ),
                ),
            )
        )
    names = {each.said.made_by.casefold() for each in shown}
    tracks = [track for track in record.tracks if track.by.casefold() in names]
    if tracks:
        lines = tuple(f"{track.words} {track.next_words}" for track in tracks)
        parts.append(Note(say("What past promises came in at"), lines))
    scores = [each for each in record.scores if each.by.casefold() in names]
    if scores:
        parts.append(_scores_table(scores))
        parts += _shapes(scores)
    elif shown:
        parts.append(Note(say("Scores"), (say("None yet: nothing that was foretold has come due."),)))
    if record.problems:
        parts.append(Note(say("Rows that are no forecast"), tuple(str(one) for one in record.problems)))
    if record.notes:
        parts.append(Note(say("Notes"), record.notes))
    page = Page("forecast", say("Forecasts"), found.name, found.title, (Section(tuple(parts)),), found.label)
    return Report(
        title=f"{found.name}: {say('what was promised and what came')}",
        label=found.label,
        language=language().replace("_", "-"),
        as_of=found.as_of,
        pages=(page,),
    )


def _waits(each: Told) -> bool:
    """Whether an assessment foretold it and it has not come due: too many to list."""
    return each.said.by_assessment and each.state is not State.CAME


def _waiting(waiting: int) -> str:
    return say_count(
        "{shown} forecast of past assessments has not come due; --json lists it.",
        "{shown} forecasts of past assessments have not come due; --json lists them.",
        waiting,
        shown=numbers.count(waiting),
    )


def _aside(each: Told) -> str:
    return say(
        "{key}: {by}, {what}: {state}",
        key=each.key,
        by=each.said.made_by or say("nobody named"),
        what=words_of(each.said.quantity),
        state=f"{each.state.word}, {each.why}" if each.why else each.state.word,
    )


def _scores_table(scores: Sequence[Scores]) -> Table:
    return Table(
        title=say("How good they were, by how far ahead they were said"),
        subtitle=say("Lower is better, but for the ranges that held: 90 of 100 should"),
        columns=(
            Column(say("who"), lead=True),
            Column(say("months ahead")),
            Column(say("forecasts"), figures=True),
            Column(say("ranges that held"), figures=True),
            Column(say("Brier"), figures=True),
            Column(say("log"), figures=True),
            Column(say("miss, of what was said"), figures=True),
            Column(say("interval score"), figures=True),
        ),
        rows=tuple(_scores_row(each) for each in scores),
        source=say(
            "Of several forecasts by one person about the same months, as far ahead, the first counts. "
            "Miss: continuous ranked probability score over what was said; for one number, the distance."
        ),
    )


def _scores_row(each: Scores) -> Row:
    held, more = "", ""
    if each.ranges and each.hit_low is not None and each.hit_high is not None:
        held = say("{hits} of {ranges}", hits=each.hits, ranges=each.ranges)
        more = say(
            "{low} to {high} of 100",
            low=numbers.number(Decimal(100 * each.hit_low), 0),
            high=numbers.number(Decimal(100 * each.hit_high), 0),
        )
    return Row(
        (
            Cell(_who(each.by), Tone.STRONG),
            Cell(_ahead(each.horizon)),
            Cell(numbers.count(each.count)),
            Cell(held, more=more),
            Cell(_score(each.brier)),
            Cell(_score(each.log)),
            Cell(_score(each.miss)),
            Cell(_score(each.range_cost)),
        )
    )


def _ahead(horizon: tuple[int, int | None] | None) -> str:
    if horizon is None:
        return say("not known")
    low, high = horizon
    return say("over {low}", low=low) if high is None else say("{low} to {high}", low=low, high=high)


def _score(value: float | None) -> str:
    if value is None:
        return ""
    return say("no limit") if math.isinf(value) else numbers.number(Decimal(f"{value:.3g}"))


def _shapes(scores: Sequence[Scores]) -> list[Block]:
    """In which tenth of the forecasts the truth fell, where there are enough of them."""
    lines = []
    for each in scores:
        if isinstance(each.shape, Unknown):
            continue
        lines.append(
            say(
                "{by}, {ahead} months ahead: {tenths} (of {all}, from the low end of the forecast to its high end)",
                by=_who(each.by),
                ahead=_ahead(each.horizon),
                tenths=" ".join(str(one) for one in each.shape),
                all=sum(each.shape),
            )
        )
    return [Note(say("Where in the forecasts the truth fell, in tenths"), tuple(lines))] if lines else []


# --- JSON -------------------------------------------------------------------------------------------


def json_text(found: Assessment, use_case: str | None = None) -> str:
    """Every forecast, score and past of the project as one JSON document, ending in a line break."""
    return json.dumps(document(found, use_case), ensure_ascii=True, indent=2) + "\n"


def document(found: Assessment, use_case: str | None = None) -> Json:
    """What `json_text` writes. Numbers are decimals written as text, but for counts."""
    record = found.forecasts
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "title": found.title,
        "project": found.name,
        "currency": found.currency,
        "as_of": found.as_of.isoformat(),
        "forecasts": [told_json(each) for each in record.told if use_case in {None, each.said.use_case}],
        "past": [track_json(each) for each in record.tracks],
        "scores": [_scores_json(each) for each in record.scores],
        "problems": [
            {
                "code": one.code,
                "what": one.what,
                "fix": one.fix,
                "where": str(one.origin) if one.origin else None,
            }
            for one in record.problems
        ],
        "notes": list(record.notes),
    }


def told_json(each: Told) -> Json:
    """One forecast beside what came."""
    said = each.said
    return {
        "key": each.key,
        "use_case": said.use_case,
        "quantity": said.quantity,
        "unit": unit_of(said.quantity),
        "for": period_text(said.period) if said.period else None,
        "made_on": said.made_on.isoformat() if said.made_on else None,
        "made_by": said.made_by,
        "evidence": said.evidence.key,
        "source": said.source,
        "said_in": said.via,
        "no_longer_said": each.gone,
        "low": _text(said.low),
        "high": _text(said.high),
        "quantiles": [[_text(share), _text(value)] for share, value in said.quantiles],
        "chance": _text(said.chance),
        "currency": said.currency or None,
        "months_ahead": each.horizon,
        "state": each.state.value,
        "middle": _text(each.middle),
        "came": _text(each.came),
        "happened": each.happened,
        "why": each.why,
        "notes": list(each.notes),
        "ratio": _number(each.ratio),
        "within_range": each.hit,
        "scores": {name: _number(value) for name, value in each.scores},
        "counted": each.counted,
        "taken_at": None if each.corrected is None or each.corrected_by is None else _taken(each),
    }


def people_json(record: ForecastRecord) -> Json:
    """What people foretold and what their past ones came in at; what assessments said is left to `payback forecast`."""
    told = [each for each in record.told if not each.said.by_assessment]
    return {
        "told": [told_json(each) for each in told],
        "past": [track_json(each) for each in record.tracks],
    }


def _taken(each: Told) -> Json:
    low, middle, high = each.corrected or (None, None, None)
    by = each.corrected_by
    return {
        "low": _text(low),
        "amount": _text(middle),
        "high": _text(high),
        "default": by is not None and by.is_default,
        "past_cases": 0 if by is None else by.cases,
    }


def track_json(each: Track) -> Json:
    """What somebody's past estimates came in at."""
    return {
        "by": each.by,
        "of_cost": each.costs,
        "past_cases": each.cases,
        "came_in_at": _number(each.came_in_at),
        "next_ratio": {
            "ratio": _number(each.next.ratio),
            "low": _number(each.next.low),
            "high": _number(each.next.high),
        },
        "default": each.next.is_default,
    }


def _scores_json(each: Scores) -> Json:
    return {
        "by": each.by,
        "months_ahead": None if each.horizon is None else list(each.horizon),
        "forecasts": each.count,
        "ranges": each.ranges,
        "within_range": each.hits,
        "within_range_share": None
        if each.hit_low is None
        else [_number(each.hit_low), _number(each.hit_high)],
        "brier": _number(each.brier),
        "log": _number(each.log),
        "crps_of_what_was_said": _number(each.miss),
        "interval_score_of_what_was_said": _number(each.range_cost),
        "tenths": {"unknown": each.shape.reason} if isinstance(each.shape, Unknown) else list(each.shape),
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _number(value: float | None) -> str | None:
    """Six digits; None where there is none, or no limit to it."""
    return None if value is None or math.isinf(value) else f"{Decimal(f'{value:.6g}').normalize() + 0:f}"
