"""Hardware held, and own or call, as a reader sees them: words, figures and lines of a small project."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from payback.assessment import Assessment
from payback.report.build import report
from payback.report.own_or_call_blocks import chart
from payback.report.to_html import html
from payback.report.to_json import json_text
from payback.report.to_json import schema as the_schema
from payback.report.to_markdown import markdown
from payback.report.to_terminal import terminal
from tests.assessor.built import assessed, call, of, outcome, row
from tests.assessor.test_capacity import held
from tests.assessor.test_own_or_call import OTHERS, SEPTEMBER, TODAY, VOLUME
from tests.report import schema

D = Decimal


@cache
def project(more: str = "", busy: str | None = "0.5") -> Assessment:
    rows = [held(busy_share=busy, committed_until="2026-12-31")]
    usage, checked = [call(n) for n in range(30)], [outcome(n, on="2026-09-30") for n in range(30)]
    with TemporaryDirectory() as folder:
        toml = TODAY + VOLUME + OTHERS + more
        return assessed(Path(folder), toml, SEPTEMBER, usage=usage, outcome=checked, capacity=rows)


def text(found: Assessment) -> str:
    return " ".join(terminal(report([found]), 100, color=False).split())


def test_the_terminal_says_what_an_hour_costs() -> None:
    shown = text(project())
    assert "Hardware held: a busy hour costs 5.00 EUR, a paid one 2.50 EUR" in shown
    assert "3,600 EUR of 7,200 EUR paid went to hours that did no work" in shown
    assert "until 31 December 2026" in shown


def test_a_share_nobody_gives_is_not_known_on_the_page() -> None:
    shown = text(project(busy=None))
    assert "no row says how much of the time was busy; at least 2.50 EUR" in shown
    assert "a busy hour costs" not in shown


def test_the_table_begins_with_the_cheapest() -> None:
    shown = text(project())
    table = shown[shown.index("Own or call, money a month") :]
    assert table.index("a model of our own") < table.index("rules") < table.index("as today")
    even = "Up to 2,700 units a month rules is cheaper, above that a model of our own."
    assert even in markdown(report([project()]))
    assert "2,700 and more a model of our own 100" in shown


def test_the_drawing_keeps_to_ways_that_stay_in_it() -> None:
    case = of(project())
    assert case.own_or_call is not None
    drawn = chart(case, case.own_or_call)
    assert drawn is not None
    assert [line.label for line in drawn.lines if line.strong] == ["a model of our own"]
    assert {line.label for line in drawn.lines} == {"a model of our own", "rules"}
    assert drawn.source == "Not drawn, for at most volumes they are far dearer: ai, as today."
    ends = {line.label: (line.points[0].y, line.points[-1]) for line in drawn.lines}
    start, end = ends["a model of our own"]
    assert start == 1100  # money a month without a unit
    assert end.y == 1100 + D("0.1") * end.x
    assert [mark.text for mark in drawn.marks][-1] == "as planned"


def test_a_way_that_is_full_ends_there() -> None:
    small = OTHERS.replace("per_unit = 0.10", "per_unit = 0.10\nmost_a_month = 3500")
    with TemporaryDirectory() as folder:
        found = assessed(
            Path(folder),
            TODAY + VOLUME + small,
            SEPTEMBER,
            usage=[call(1)],
            outcome=[outcome(1, on="2026-09-30")],
        )
    case = of(found)
    assert case.own_or_call is not None
    drawn = chart(case, case.own_or_call)
    assert drawn is not None
    (line,) = [each for each in drawn.lines if each.label == "a model of our own"]
    assert row(line.points[-1].x, line.points[-1].text) == (3500, "full")


def test_every_renderer_takes_them_and_json_is_as_its_schema_says() -> None:
    found = project()
    written = report([found])
    for drawn in (html(written), markdown(written)):
        assert "a model of our own" in drawn
    document, rules = json.loads(json_text([found])), the_schema()
    assert list(schema.faults(document, rules, rules)) == []
    (case,) = document["assessments"][0]["use_cases"]
    (pool,) = case["hardware"]
    assert D(pool["per_busy_hour"]["value"]) == 5
    assert pool["falls_due"] == {"amount": "22080.000000000000", "currency": "EUR"}
    assert [each["kind"] for each in case["own_or_call"]["ways"]] == ["measured", "people", "build", "rules"]
    assert case["own_or_call"]["cheapest"][-1]["to"] is None
    assert len(case["own_or_call"]["grid"]) == len(case["own_or_call"]["chances"]["today"]) == 41
