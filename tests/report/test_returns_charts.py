"""Charts of the returns room: what is drawn is what is counted, nothing overlaps, every renderer says the same."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payback.measures.returns.simulation import dots_of
from payback.records import Evidence
from payback.report import charts, described, text_charts
from payback.report.charts.dots import bin_of
from payback.report.page_returns import (
    MOST_BARS,
    Bridge,
    Fan,
    FanBand,
    FanLimit,
    LineOf,
    LinePoint,
    MeasureNext,
    PathPoint,
    QuantileDots,
    Tornado,
    dots_by,
    dots_never,
    dots_title,
    fan_title,
    level_month,
    month_of,
    tornado_rest,
    tornado_shown,
)
from payback.report.returns_words import end_words, parts_of
from payback.report.to_html import html
from payback.report.to_markdown import markdown
from payback.report.to_terminal import terminal
from tests.conftest import Browser
from tests.report.returns_sample import (
    BELOW,
    BLOCKS,
    BRIDGE,
    CROWDED,
    DOTS,
    FAN,
    HARDER,
    LIMITED,
    LINES,
    LONG,
    MEASURE,
    NEVER,
    TORNADO,
    D,
    quantile_dots,
    report,
)
from tests.report.sample import HOSTILE
from tests.report.test_labels import TEXT, WIDTHS, boxes, touching
from tests.report.test_pages import OUTSIDE_ITS_DRAWING, SMALLEST_TEXT, TOUCH, WORDS_DRAWN
from tests.report.test_renderers import alone, words

HERE = Path(__file__).parent
DRAWN = [block for block in (*BLOCKS, *HARDER) if not isinstance(block, MeasureNext)]
NAMES = [f"{number} {type(block).__name__}" for number, block in enumerate(DRAWN)]
CIRCLE = re.compile(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)" fill="var\(--(\w+)\)"')
MONTHS = st.one_of(st.just(NEVER), st.floats(0, 36))


def drawing(block: Any, width: int) -> str:
    drawn: str = charts.svg(block, width, "c")
    return drawn


def without_words(drawn: str) -> str:
    """The drawing without its description, which has everything in full."""
    return re.sub(r"<desc.*?</desc>", "", drawn)


# --- dots -------------------------------------------------------------------------------------------


def test_dots_of_twenty_futures_are_the_futures() -> None:
    months = [*range(1, 17), NEVER, NEVER, NEVER, NEVER]
    assert dots_of(months, 20) == (*D(*range(1, 17)), None, None, None, None)


def test_a_dot_is_the_month_of_the_draw_at_its_quantile() -> None:
    # 200 draws 0.1 to 20.0: quantile 1/40 is draw 5 (0.5), 3/40 draw 15 (1.5), and so on to draw 195 (19.5)
    assert dots_of((number / 10 for number in range(200, 0, -1)), 20) == D(
        *[0.5 + step for step in range(20)]
    )


def test_dots_are_rounded_up_and_what_floats_are_off_by_is_not() -> None:
    assert dots_of([12.001], 1) == D("12.01")
    assert dots_of([12.0000000001], 1) == D(12)
    assert dots_of([0.1 + 0.2], 1) == D("0.3")


@pytest.mark.parametrize("months", [[], [1.0, float("nan")]], ids=["none", "not a number"])
def test_no_draws_and_no_numbers_are_refused(months: list[float]) -> None:
    with pytest.raises(ValueError, match="months"):
        dots_of(months, 20)


@given(st.lists(MONTHS, min_size=1, max_size=300), st.integers(1, 36))
def test_counted_dots_are_within_half_a_dot_of_the_share_of_draws(months: list[float], by: int) -> None:
    dots = dots_of(months)
    share = sum(round(month, 6) <= by for month in months) / len(months)
    assert abs(dots_by(dots, by) / 20 - share) <= 1 / 40 + 1e-9
    never = sum(month == NEVER for month in months) / len(months)
    assert abs(dots_never(dots) / 20 - never) <= 1 / 40 + 1e-9


@pytest.mark.parametrize(
    ("months", "by", "title"),
    [
        ([8] * 9 + [20] * 7 + [NEVER] * 4, 12, "Pays within a year in 9 of 20 futures; in 4, never"),
        ([8] * 9 + [20] * 11, 18, "Pays within 18 months in 9 of 20 futures"),
        ([20] * 19 + [NEVER], 12, "Pays within a year in none of 20 futures; in 1, never"),
        ([NEVER] * 20, 12, "Never pays back, in any of 20 futures"),
        ([12.0] * 20, 12, "Pays within a year in all 20 futures"),
    ],
)
def test_the_title_counts_the_dots(months: list[float], by: int, title: str) -> None:
    assert dots_title(dots_of(months), by) == title


@given(st.decimals(0, 60, places=2), st.integers(1, 40), st.integers(1, 12))
def test_no_bin_crosses_the_month_of_the_title(dot: Decimal, by: int, width: int) -> None:
    assert (bin_of(dot, by, width) <= 0) == (dot <= by)


@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize(
    "chart", [one for one in DRAWN if isinstance(one, QuantileDots)], ids=lambda one: one.title
)
def test_every_dot_is_drawn_on_its_side_and_on_no_other(chart: QuantileDots, width: int) -> None:
    drawn = drawing(chart, width)
    circles = [(float(x), float(y), float(r), fill) for x, y, r, fill in CIRCLE.findall(drawn)]
    assert sum(fill == "paper" for *_, fill in circles) == dots_never(chart.dots)
    tinted = re.search(
        r'<rect x="([\d.]+)" y="0" width="([\d.]+)" height="([\d.]+)" fill="var\(--wash\)"', drawn
    )
    assert tinted is not None
    end, base = float(tinted[1]) + float(tinted[2]), float(tinted[3])
    inside = [x for x, *_, fill in circles if fill == "accent" and x < end]
    assert len(inside) == dots_by(chart.dots, chart.by)
    assert len(circles) == 20
    for (x1, y1, r1, _), (x2, y2, r2, _) in combinations(circles, 2):
        assert (x1 - x2) ** 2 + (y1 - y2) ** 2 >= (r1 + r2) ** 2
    assert all(r <= x <= width - r and 0 <= y <= base for x, y, r, _ in circles)
    heads = [box for box, text in boxes(drawn) if text.startswith(("by month", "never:")) or " of 20" in text]
    for x, y, r, _ in circles:
        assert not any(box.left < x + r and x - r < box.right and y - r < box.bottom for box in heads)


@given(st.lists(MONTHS, min_size=20, max_size=60), st.integers(1, 30), st.sampled_from(WIDTHS))
@settings(max_examples=80)
def test_dots_never_overlap(months: list[float], by: int, width: int) -> None:
    drawn = drawing(quantile_dots(months, by=by), width)
    circles = [(float(x), float(y), float(r)) for x, y, r, _ in CIRCLE.findall(drawn)]
    assert len(circles) == 20
    for (x1, y1, r1), (x2, y2, r2) in combinations(circles, 2):
        assert (x1 - x2) ** 2 + (y1 - y2) ** 2 >= (r1 + r2) ** 2
    assert touching(drawn) == []


def test_in_a_terminal_dots_stand_in_rows_that_add_up() -> None:
    text = terminal(alone(DOTS), 80, color=False)
    assert "months 7 to 12            9  ●●●●●●●●●\n" in text
    assert "never in 36 months        4  ○○○○\n" in text
    assert text.count("●") == 16
    assert text.count("○") == 4
    assert "by month 12         9 of 20" in text


@given(st.lists(MONTHS, min_size=1, max_size=60), st.integers(1, 35))
def test_rows_of_a_terminal_hold_every_dot_and_one_ends_with_the_title(months: list[float], by: int) -> None:
    chart = quantile_dots(months, by=by)
    parts = parts_of(chart)
    assert sum(count for *_, count in parts) + dots_never(chart.dots) == 20
    assert sum(count for _, last, count in parts if last <= by) == dots_by(chart.dots, by)
    assert all(first == before + 1 for (_, before, _), (first, _, _) in pairwise(parts))


# --- the fan ----------------------------------------------------------------------------------------


def test_where_the_middle_path_is_level_by_hand() -> None:
    # from -9.7 in month 3 to 8.9 in month 24 on a straight line: 3 + 21 x 9.7 / 18.6
    level = level_month(D(3, 24), D(-9.7, 8.9))
    assert level is not None
    assert float(level) == pytest.approx(3 + 21 * 9.7 / 18.6)
    assert month_of(level) == 14
    assert level_month(D(0, 12), D(0, 5)) is None
    assert level_month(D(0, 12), D(0, -5)) is None
    assert level_month(D(0, 1, 2, 3), D(0, -4, 0, 4)) == 2
    assert month_of(Decimal(2)) == 2


def test_the_title_of_a_fan_is_what_its_middle_path_does() -> None:
    assert FAN.title == "The middle path is level again in month 14"
    assert fan_title(D(0, 24), D(0, -5)) == "The middle path is not level again within 24 months"
    assert fan_title(D(0, 24), D(0, 5)).startswith("On the middle path more comes back than goes out")


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_a_fan_names_its_ends_its_limit_and_where_it_is_level(width: int) -> None:
    said = [html_module.unescape(text) for *_, text in TEXT.findall(drawing(LIMITED, width))]
    for text in (
        "level in month 14",
        "best 1 in 40",
        "worst 1 in 40",
        "9,700 out so far",
        "committed to month 7",
    ):
        assert text in said
    assert any(text.startswith("limit: 12,000 out") for text in said)
    assert {"40 back", "20 out", "0"} <= set(said)


def test_bands_are_as_wide_as_their_names_say() -> None:
    wide = replace(FAN, bands=(FanBand(Decimal("0.9"), FAN.bands[0].low, FAN.bands[0].high),))
    assert "best 1 in 20" in words(html(alone(wide)))


AMOUNT = st.integers(-50, 50).map(Decimal)


@settings(max_examples=60)
@given(
    paths=st.lists(st.lists(AMOUNT, min_size=7, max_size=7).map(sorted), min_size=2, max_size=8),
    started=st.booleans(),
    limit=st.none() | st.integers(-60, -1),
    committed=st.none() | st.integers(0, 30),
    width=st.sampled_from(WIDTHS),
)
def test_words_on_a_fan_keep_apart_for_any_paths(
    paths: list[list[Decimal]], started: bool, limit: int | None, committed: int | None, width: int
) -> None:
    months = tuple(Decimal(3 * step) for step in range(1, len(paths) + 1))
    start = (PathPoint(Decimal(0), Decimal(0)), PathPoint(months[0], paths[0][3]))
    chart = replace(
        FAN,
        history=start if started else (),
        months=months,
        middle=tuple(path[3] for path in paths),
        bands=tuple(
            FanBand(Decimal(level), tuple(path[at] for path in paths), tuple(path[6 - at] for path in paths))
            for at, level in enumerate(("0.95", "0.8", "0.5"))
        ),
        kill_line=None if limit is None else FanLimit(Decimal(limit), f"limit: {-limit} out"),
        committed_until=None if committed is None else Decimal(committed),
        committed_text=f"committed to month {committed}",
    )
    drawn = drawing(chart, width)
    assert touching(drawn) == []
    assert all(box.left >= -1 and box.right <= width + 1 for box, _ in boxes(drawn))


def test_a_fan_without_bands_or_history_is_drawn_and_written() -> None:
    bare = replace(FAN, history=(), months=D(0, 12), middle=D(0, 5), bands=(), so_far="")
    assert "middle path" in drawing(bare, 637)
    assert "12" in terminal(alone(bare), 80, color=False)
    flat = replace(bare, middle=D(0, 0))
    assert "NaN" not in drawing(flat, 354)


def test_a_table_of_a_fan_has_its_ends_in_every_text() -> None:
    for text in (terminal(alone(LIMITED), 80, color=False), markdown(alone(LIMITED))):
        for figure in ("20.0 out", "8.9 back", "40.6 back", "limit: 12,000 out", "in month 14"):
            assert figure in text


# --- the tornado ------------------------------------------------------------------------------------


def test_the_longest_bars_come_first_and_the_rest_is_said() -> None:
    shown = tornado_shown(TORNADO)
    assert [bar.length for bar in shown] == sorted((bar.length for bar in TORNADO.bars), reverse=True)
    assert shown[0].name == "share of freed hours that become money"
    assert tornado_rest(TORNADO) == ""
    assert len(CROWDED.bars) == 11
    assert len(tornado_shown(CROWDED)) == MOST_BARS
    said = "3 more inputs move it less: input number 6, input number 7, input number 8"
    assert tornado_rest(CROWDED) == said
    for text in (
        words(html(alone(CROWDED))),
        terminal(alone(CROWDED), 80, color=False),
        markdown(alone(CROWDED)),
    ):
        assert said in " ".join(text.split())
    hidden = replace(CROWDED, bars=tuple(replace(bar, flips=True) for bar in CROWDED.bars))
    assert tornado_rest(hidden).endswith("; 3 of them flip the verdict")


def test_the_value_of_the_input_stands_at_the_end_where_it_has_that_worth() -> None:
    # more redone tickets are worth less: 35 of 100 stands at the lower end
    redone = next(bar for bar in TORNADO.bars if bar.name == "redone by people")
    assert end_words(redone) == ("gains 5.5 at 35 of 100", "gains 15.7 at 20 of 100")
    at = {html_module.unescape(text): float(x) for x, *_, text in TEXT.findall(drawing(TORNADO, 1120))}
    assert at["35 of 100"] < at["20 of 100"]
    assert at["14 of 100"] < at["30 of 100"]
    assert at["loses"] < at["gains"]


def test_inputs_that_flip_say_so_in_bold() -> None:
    drawn = drawing(TORNADO, 1120)
    found = [(text, "font-weight" in more) for *_, more, text in TEXT.findall(drawn) if "flip" in text]
    assert found == [("flips the verdict", True)] * 2 + [("does not flip", False)] * 4


def test_bars_are_filled_by_how_the_input_is_known() -> None:
    drawn = without_words(drawing(TORNADO, 1120))
    # claimed and estimated bars cross nothing: one part in the colour of loss, one in that of gain
    assert len(re.findall(r'fill="none" stroke="[^"]+" stroke-width="1.5" stroke-dasharray', drawn)) == 2
    assert len(re.findall(r'<rect [^>]*fill="url\(#', drawn)) == 4  # minutes twice, an hour, the platform
    assert drawn.count('fill="var(--mid)"') == 1
    assert len(set(re.findall(r'<pattern id="([^"]+)"', drawn))) == 2


def test_one_bar_that_moves_nothing_is_drawn() -> None:
    still = replace(TORNADO, bars=(replace(TORNADO.bars[0], at_low=Decimal(3), at_high=Decimal(3)),))
    assert "20 EUR" in drawing(still, 637)
    assert "20 EUR" in terminal(alone(still), 80, color=False)


@settings(max_examples=60)
@given(
    ends=st.lists(st.tuples(AMOUNT, AMOUNT), min_size=1, max_size=10),
    assessed=AMOUNT,
    width=st.sampled_from(WIDTHS),
    long=st.booleans(),
)
def test_words_on_a_tornado_keep_apart(
    ends: list[tuple[Decimal, Decimal]], assessed: Decimal, width: int, long: bool
) -> None:
    bars = tuple(
        replace(TORNADO.bars[0], name=LONG if long else f"input {number}", at_low=low, at_high=high)
        for number, (low, high) in enumerate(ends)
    )
    drawn = drawing(replace(TORNADO, bars=bars, as_assessed=assessed), width)
    assert touching(drawn) == []
    assert all(box.left >= -1 and box.right <= width + 1 for box, _ in boxes(drawn))


def test_a_tornado_in_a_terminal_has_its_bars_on_one_axis() -> None:
    lines = terminal(alone(TORNADO), 80, color=False).splitlines()
    bars = [line for line in lines if "|" in line and "at" in line]
    assert len(bars) == 6
    assert len({line.index("|") for line in bars}) == 1
    assert len({line.index(":", line.index("|")) for line in bars}) == 1
    assert any("loses 7.2 at 14 of 100" in line and "gains 29 at 30 of 100" in line for line in bars)
    assert any(line.strip() == "| no gain, no loss; : as assessed, gains 10.9" for line in lines)


# --- the bridge -------------------------------------------------------------------------------------


@pytest.mark.parametrize("chart", [BRIDGE, BELOW], ids=["above", "below"])
def test_steps_lead_from_promised_to_verified(chart: Bridge) -> None:
    assert chart.promised.amount + sum(step.amount for step in chart.steps) == chart.verified.amount


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_each_step_begins_where_the_last_ended(width: int) -> None:
    drawn = without_words(drawing(BRIDGE, width))
    assert "did not come" in drawn
    assert "estimated, not yet in the" in drawn
    bars = [
        (float(x), float(x) + float(wide))
        for x, wide in re.findall(
            r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="(?:22|28)" fill="var\(--(?:paper|accent)\)"/>',
            drawn,
        )
    ]
    starts, ends = zip(*dict.fromkeys(bars), strict=True)
    assert starts[0] == starts[-1]  # promised and verified begin at nothing
    assert ends[0] == pytest.approx(ends[1], abs=0.2)  # the first step is taken off the end of promised
    assert starts[1] == pytest.approx(ends[2], abs=0.2)


def test_a_bridge_in_a_terminal_has_its_steps_on_one_axis() -> None:
    text = terminal(alone(BRIDGE), 80, color=False)
    assert "  promised                               9.8  " + "." * 30 + "\n    claimed\n" in text
    assert "own model: licences sold          less 2.2   xxxxxxxx\n    did not come\n" in text
    assert [len(bar) for bar in text_charts.bridge_bars(BRIDGE, 30)][:2] == [30, 30]


# --- lines and measure next ----------------------------------------------------------------------


def test_lines_that_share_no_places_are_written_one_by_one() -> None:
    other = LineOf(
        "quoted", (LinePoint(Decimal(5), Decimal(1)), LinePoint(Decimal(9), Decimal(4), "4 at the end"))
    )
    mixed = replace(LINES, lines=(LINES.lines[0], other))
    assert text_charts.table(mixed) is None
    assert "4 at the end" in terminal(alone(mixed), 80, color=False)
    assert "own model level at 6,200" in terminal(alone(LINES), 80, color=False)


def test_measure_next_is_one_action_with_its_amounts_in_bold() -> None:
    page = html(alone(MEASURE))
    assert "Costs about <strong>510</strong>, worth up to <strong>8,000</strong>: it narrows" in page
    assert ">Time 100 tickets done by people.</h2>" in page
    for text in (terminal(alone(MEASURE), 80, color=False), markdown(alone(MEASURE))):
        assert "Measure next: Time 100 tickets done by people." in text
        assert "do it later" in text


def test_hostile_words_are_inert_in_the_charts() -> None:
    bad = replace(MEASURE, headline=HOSTILE, says=f"{HOSTILE} 510", strong=(HOSTILE, "510"))
    named = replace(TORNADO, bars=(replace(TORNADO.bars[0], name=HOSTILE, low_text=HOSTILE),))
    stepped = replace(BRIDGE, promised=replace(BRIDGE.promised, label=HOSTILE, more=HOSTILE))
    lines = replace(LINES, x_label=HOSTILE, lines=(replace(LINES.lines[0], label=HOSTILE),))
    for block in (bad, named, stepped, lines):
        page, screen, mark = (
            html(alone(block)),
            terminal(alone(block), 80, color=False),
            markdown(alone(block)),
        )
        assert "<script" not in page
        assert "<script" not in mark.replace("\\<", "")
        for text in (page, screen, mark):
            assert "\x1b" not in text
            assert "\u202e" not in text


# --- all of them ------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize("block", DRAWN, ids=NAMES)
def test_nothing_overlaps_and_nothing_is_cut(block: Any, width: int) -> None:
    drawn = drawing(block, width)
    assert touching(drawn) == []
    assert "…" not in without_words(drawn)
    assert all(box.left >= -1 and box.right <= width + 1 for box, _ in boxes(drawn))
    assert min(float(size) for _, _, size, _, _ in TEXT.findall(drawn)) >= 12


@pytest.mark.parametrize("block", DRAWN, ids=NAMES)
@pytest.mark.parametrize("width", [60, 80, 100], ids=str)
def test_a_terminal_keeps_its_width_and_says_every_figure(block: Any, width: int) -> None:
    text = terminal(alone(block), width, color=False)
    assert max(map(len, text.splitlines())) <= width
    found = described.beside(block) if text_charts_table(block) else described.lines(block)
    flat = " ".join(text.split())
    for line in found:
        assert line.text in flat


def text_charts_table(block: Any) -> bool:
    return isinstance(block, Fan | type(LINES)) and text_charts.table(block) is not None


def test_evidence_is_a_word_in_every_text() -> None:
    chart: Tornado = TORNADO
    for text in (terminal(alone(chart), 80, color=False), markdown(alone(chart)), words(html(alone(chart)))):
        for known in (Evidence.CLAIMED, Evidence.ESTIMATED, Evidence.MEASURED, Evidence.BILLED):
            assert known.word in text


@pytest.mark.parametrize("name", ["terminal", "markdown"])
def test_text_is_what_is_stored(name: str, expected: Callable[[Path, str], None]) -> None:
    made = report()
    text = terminal(made, 80, color=False) if name == "terminal" else markdown(made)
    expected(HERE / f"returns.{name}.expected.{'txt' if name == 'terminal' else 'md'}", text)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("returns") / "report.html"
    path.write_text(html(report()), encoding="utf-8")
    return path


@pytest.mark.page
@pytest.mark.parametrize("width", [390, 800, 1280], ids=str)
def test_in_a_browser_nothing_is_cut_or_stands_on_anything(browser: Browser, demo: Path, width: int) -> None:
    page = browser.open(demo, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OUTSIDE_ITS_DRAWING) == []
    size, text = page.evaluate(SMALLEST_TEXT)
    assert size >= 11.99, text
    found = [
        (one[4], other[4])
        for drawn in page.evaluate(WORDS_DRAWN)
        for one, other in combinations(drawn, 2)
        if min(one[2], other[2]) - max(one[0], other[0]) > TOUCH
        and min(one[3], other[3]) - max(one[1], other[1]) > TOUCH
    ]
    assert found == []


@pytest.mark.page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_charts(browser: Browser, demo: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = browser.open(demo, viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True)
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.page
def test_on_paper_nothing_is_cut(browser: Browser, demo: Path) -> None:
    page = browser.open(demo, color_scheme="dark", viewport={"width": 703, "height": 1031})
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(OUTSIDE_ITS_DRAWING) == []
