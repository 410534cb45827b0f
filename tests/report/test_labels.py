"""Words on a drawing keep their distance, however close the lines lie that they name."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payback.assessment import Burn
from payback.numbers import Scale
from payback.records import Money
from payback.report import charted, charts
from payback.report.charts.canvas import Canvas, text_width, wrapped
from payback.report.charts.labels import Box, Labels, Place, Words
from payback.report.page import IntervalRow, Intervals, Tone
from tests.report.sample import OWN_MODEL, eur

TEXT = re.compile(r'<text x="(-?[\d.]+)" y="(-?[\d.]+)" font-size="([\d.]+)"([^>]*)>([^<]*)</text>')
TOUCH = 2.0
WIDTHS = (354, 443, 637, 720, 1120)


def boxes(drawn: str) -> list[tuple[Box, str]]:
    """Where the words of a drawing stand, by the widths it was made with."""
    found = []
    for x, y, size, more, text in TEXT.findall(drawn):
        anchor = re.search(r'text-anchor="(\w+)"', more)
        words = Words([html.unescape(text)], "", float(size), bold="font-weight" in more)
        box = words.box(Place(float(x), float(y), anchor[1] if anchor else "start"))
        found.append((box._replace(bottom=box.top + float(size) * 1.2), text))
    return found


def touching(drawn: str) -> list[tuple[str, str]]:
    return [
        (text, other)
        for (one, text), (two, other) in combinations(boxes(drawn), 2)
        if min(one.right, two.right) - max(one.left, two.left) > TOUCH
        and min(one.bottom, two.bottom) - max(one.top, two.top) > TOUCH
    ]


def burn() -> Burn:
    assert OWN_MODEL.burn is not None
    return OWN_MODEL.burn


# 30 out; the budget runs through the words beside the bracket, the limit, what falls due and zero in turn.
@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize("budget", [0.5, 7, 8.4, 9, 15, 19, 24, 29.5, 30, 31, 32.1, 34, 46], ids=str)
def test_labels_of_spending_keep_apart_wherever_the_budget_lies(width: int, budget: float) -> None:
    found = replace(burn(), budget=eur(str(budget * 1_000_000)))
    drawn = charts.svg(charted.burn("Own model", found, Scale("EUR", 6)), width, "c")
    assert touching(drawn) == []
    for words in ("limit 8.4", "30 spent", "21.6", f"budget {budget:g}", "stops now"):
        assert any(words in text for _, text in boxes(drawn)), words


@settings(max_examples=60)
@example(budget=10, limit=29, due=0, monthly=0)
@given(budget=st.integers(1, 60), limit=st.integers(1, 29), due=st.integers(0, 40), monthly=st.integers(0, 9))
def test_labels_of_spending_keep_apart_for_any_amounts(
    budget: int, limit: int, due: int, monthly: int
) -> None:
    def million(amount: int) -> Money:
        return eur(str(amount * 1_000_000))

    found = replace(
        burn(),
        budget=million(budget),
        kill_line=million(limit),
        spent_when_crossed=million(limit),
        kept=million(30 - limit),
        falls_due=million(due),
        monthly=million(monthly),
    )
    chart = charted.burn("Own model", found, Scale("EUR", 6))
    for width in (354, 637):
        assert touching(charts.svg(chart, width, "c")) == []


def test_words_give_way_to_words_and_rather_move_than_cross_a_line() -> None:
    labels = Labels(Canvas(200, "c"))
    first = labels.place(Words(["here"], "x"), [Place(10, 50)], 0, 200)
    second = labels.place(Words(["there"], "x"), [Place(10, 50)], 0, 200)
    assert first is not None
    assert second is not None
    assert not first.meets(second)
    labels.line([(100, 50), (200, 50)])
    third = labels.place(Words(["line"], "x"), [Place(120, 54)], 0, 200)
    assert third is not None
    assert third.bottom < 50 or third.top > 50


def test_no_room_is_said() -> None:
    assert Labels(Canvas(30, "c")).place(Words(["far too long for this"], "x"), [Place(0, 20)], 0, 99) is None


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_long_names_of_ways_of_working_are_never_cut(width: int) -> None:
    names = (
        "debugger gpt-4-turbo-2024-04-09 on the answer of Reflexion gpt-4-turbo-2024-04-09 (cost is a lower bound)",
        "cheapest-first/llama-3-8b-instruct+gpt-3.5-turbo-0613+llama-3-70b-instruct+gpt-4-turbo-2024-04-09",
        "short",
    )
    row = IntervalRow(
        "", "164 tasks", "0.005", "0.003 to 0.008", burn().spent.amount, (), None, "", Tone.PLAIN
    )
    rows = tuple(replace(row, label=name) for name in names)
    drawn = charts.svg(Intervals("t", "s", "", rows, "", "", "", "EUR"), width, "c")
    assert "…" not in re.sub(r"<desc.*?</desc>", "", drawn)
    assert touching(drawn) == []


def test_a_word_wider_than_its_line_breaks_after_its_marks() -> None:
    lines = wrapped("gpt-4-turbo-2024-04-09", 80)
    assert "".join(lines) == "gpt-4-turbo-2024-04-09"
    assert all(text_width(line) <= 80 for line in lines)
