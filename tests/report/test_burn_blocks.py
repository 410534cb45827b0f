"""Blocks and chart of burn: what the table, the fan and the replay show of records made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from payback.measures.returns.burn_ahead import (
    Alert,
    AlertKind,
    Bands,
    BurnAhead,
    CategoryAhead,
    PeriodAhead,
    RunwayAhead,
    SpendForecast,
)
from payback.measures.returns.burn_series import Every, Trailing
from payback.measures.returns.replay import GateThen, MonthThen, Replay
from payback.numbers import Scale
from payback.records import Money, Unknown
from payback.report import burn_blocks, charted, described, to_json
from payback.report.build import report
from payback.report.page import Note, Table
from payback.report.to_html import html
from payback.report.to_markdown import markdown
from payback.report.to_terminal import terminal
from tests.report.sample import ASSESSMENTS, OWN_MODEL
from tests.report.schema import faults

D = Decimal
SCALE = Scale("EUR")


def eur(amount: int) -> Money:
    return Money(D(amount), "EUR")


def bands(middle: int, reach: int) -> Bands:
    ends = ((D("0.8"), D(middle - reach), D(middle + reach)), (D("0.95"), D(middle - 2 * reach), D(middle + 2 * reach)))  # fmt: skip
    return Bands(D(middle), ends)


FORECAST = SpendForecast(
    Every.MONTH, 6, date(2026, 7, 1),
    (
        PeriodAhead(date(2027, 1, 31), bands(100, 10), bands(700, 10)),
        PeriodAhead(date(2027, 2, 28), bands(100, 20), bands(800, 30)),
    ),
    (CategoryAhead("people", "people", bands(200, 30)),), bands(200, 30), (), "burn-forecast", 4096, 1,
)  # fmt: skip
TRAILING = (
    ("people", Trailing("people", D(90), D(95), 3, D(80), 6, None)),
    ("data", Trailing("data", None, None, 0, D(20), 4, (D(15), D(25)))),
    ("all of it", Trailing("", D(90), D(95), 3, D(100), 6, None)),
)
RUNWAY = RunwayAhead(
    eur(900), eur(300), None, None, None, D("0.95"), D("0.003"), date(2027, 2, 28), None, None,
    "The 300 EUR left of the budget lasts beyond 28 February 2027 in 95 of 100 futures.",
)  # fmt: skip
AHEAD = BurnAhead(TRAILING, FORECAST, RUNWAY, None, None, ("No row of money out in March 2026.",))


def month(number: int, spent: int, state: str, verdict: str, kept: int) -> MonthThen:
    gate = GateThen("a result", state, state)
    return MonthThen(date(2026, number, 28), eur(spent), number, (gate,), verdict, verdict.upper(), "Why.", eur(kept))  # fmt: skip


MONTHS = (
    month(1, 100, "not decided", "continue", 200),
    month(2, 200, "failed", "stop", 90),
    month(3, 300, "failed", "stop", 0),
)
REPLAY = Replay(MONTHS, MONTHS[1], "Said.")
ALERT = Alert(AlertKind.GATE, "The gate is due.", date(2026, 12, 31), None)
CASE = replace(OWN_MODEL, burn_ahead=AHEAD, replayed=REPLAY, alerts=(ALERT,))


def table(number: int) -> Table:
    found = [block for block in burn_blocks.blocks(CASE, SCALE) if isinstance(block, Table)]
    return found[number]


def test_trailing_burn_by_category() -> None:
    people, data, total = table(0).rows
    assert [cell.text for cell in people.cells] == ["people", "90", "95", "80", "200"]
    assert [cell.more for cell in people.cells] == ["", "", "", "of 6 months", "170 to 230"]
    assert [cell.text for cell in data.cells] == ["data", "not known", "not known", "20", "not forecast"]
    assert data.cells[3].more == "15 to 25"
    assert (total.total, total.cells[4].text) == (True, "200")
    assert table(0).title == "It took 95 a month of late"


def test_the_runway_alerts_and_what_is_missing_stand_below() -> None:
    (note,) = [block for block in burn_blocks.blocks(CASE, SCALE) if isinstance(block, Note)]
    assert note.lines == (RUNWAY.says, ALERT.says, "No row of money out in March 2026.")


def test_without_a_forecast_it_says_why() -> None:
    why = Unknown("2 whole months are known", fix="look again")
    case = replace(CASE, burn_ahead=replace(AHEAD, forecast=why, runway=why))
    shown = burn_blocks.blocks(case, SCALE)
    assert isinstance(shown[0], Table)
    assert len(shown[0].columns) == 4
    assert isinstance(shown[1], Note)
    assert shown[1].lines[0] == "No forecast: 2 whole months are known. Look again."


def test_the_replay_names_a_gate_in_the_month_it_failed() -> None:
    replay = table(1)
    assert replay.title == "Its rules would have stopped it in February 2026 and kept 90"
    assert [row.cells[3].more for row in replay.rows] == ["", "failed: a result", ""]
    assert [row.cells[5].text for row in replay.rows] == ["200", "90", "0"]
    assert not replay.folded
    long = replace(REPLAY, months=MONTHS * 3)
    (folded,) = [
        block
        for block in burn_blocks.blocks(replace(CASE, replayed=long, burn_ahead=None), SCALE)
        if isinstance(block, Table)
    ]
    assert folded.folded


def test_the_chart_has_the_bands_in_the_place_of_a_straight_line() -> None:
    assert OWN_MODEL.burn is not None
    plain, drawn = (charted.burn("Own model", OWN_MODEL.burn, SCALE, each) for each in (None, AHEAD))
    assert plain.goes_on is not None
    assert not plain.ahead
    assert drawn.goes_on is None
    last = drawn.ahead[-1]
    assert [last.amount, last.low, last.high, last.lowest, last.highest] == [800, 770, 830, 740, 860]
    assert RUNWAY.says in drawn.source
    said = described.lines(drawn)[-1].sentence
    assert "28 February 2027" in said
    assert "770 to 830 in 8 of 10 futures" in said


def test_every_renderer_draws_it_and_the_json_fits_its_schema() -> None:
    project = replace(ASSESSMENTS[0], use_cases=(CASE,))
    whole = report([project])
    for drawn in (html(whole), markdown(whole), terminal(whole, 88, color=False)):
        assert "Its rules would have stopped it in February 2026" in drawn
        assert "The gate is due." in drawn
    schema = to_json.schema()
    document = json.loads(to_json.json_text([project]))
    assert list(faults(document, schema, schema)) == []
    case = document["assessments"][0]["use_cases"][0]
    assert case["replayed"]["stopped_on"] == "2026-02-28"
    assert case["burn_ahead"]["forecast"]["total"]["middle"] == "200"
    assert case["alerts"][0]["kind"] == "gate due"
