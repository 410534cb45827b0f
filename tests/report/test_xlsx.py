"""The workbook: a spreadsheet engine works its formulas out, and they come to what cash.py gives, at any inputs."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import formualizer
import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from payback.assessment import Assessment, Delivery, UseCaseResult
from payback.assessor import assess_ahead
from payback.assessor.returns import Input, Prospect
from payback.measures import ranges
from payback.measures.returns import cash
from payback.measures.returns.simulation import payback_month
from payback.records import Evidence, Figure, Money, Origin, PaybackError, Unknown
from payback.report import explained
from payback.report.to_xlsx import Column, Kind, Table, workbook
from payback.report.to_xlsx.book import safe_cell_name, safe_sheet_name
from payback.report.to_xlsx.inputs import BUILD_MONTHS, POOL, RATE, WAITS, luck_input, month_input
from payback.returned import PathPoint, Returns
from tests.assessor.built import project
from tests.assessor.test_returns import AHEAD, TABLES, TODAY
from tests.report.sample import ASSESSMENTS, BENCHMARK, GROUP, HOSTILE, INVOICE_MATCH

RICH = (
    TODAY
    + AHEAD.replace("months = 12", "months = 24")
    + """
build = "2_000 to 4_500"
build_months = 2
volume_growth = "0 to 0.1"
adoption = "70 % to 95 %"
ramp_up = [0.3, 0.6, 1]
retention = "80 % to 95 %"
price_change = "-0.4 to -0.1"
harm_per_unit = "0.01 to 0.05"
today_growth = "0.02 to 0.05"
exit_cost = 500
salvage = 100
switching_cost = "1_000 to 3_000"
discount_rate = 0.08

[[use_cases.replies.returns.values]]
kind = "loss avoided"
name = "duplicate payments caught"
a_month = "50 to 200"
share = "50 % to 90 %"
from_month = 3
until_month = 20

[[use_cases.replies.returns.values]]
kind = "spend removed"
once = 400

[[use_cases.replies.returns.values]]
kind = "spend avoided"
per_unit = 0.02

[[use_cases.replies.returns.risks]]
name = "the vendor doubles its price"
kind = "price"
yearly_chance = "35 % to 45 %"
model_cost_times = 2

[[use_cases.replies.returns.risks]]
name = "=the model is withdrawn"
kind = "withdrawn"
yearly_chance = 0.3
switching = true
costs = 200

[use_cases.replies.returns.pilot]
cost = "500 to 800"
months = 3
catches = 0.8
spares = 0.85
"""
)
FUNCTIONS = {"SUM", "IF", "MAX", "MIN", "AND", "OR", "INT", "LN", "INDEX", "ISNUMBER", "ABS"}
"""Every spreadsheet has them, under these names in a file."""


@dataclass
class Sheets:
    """A workbook in a spreadsheet engine. `shown` are the values a reader without one sees."""

    engine: Any
    shown: Mapping[str, list[list[Any]]]
    is_worked_out: bool = False

    @classmethod
    def of(cls, content: bytes) -> Sheets:
        read = CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = {
            name: read.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in read.sheet_names
        }
        return cls(formualizer.load_workbook_bytes(content, strategy="eager_all"), shown)

    def row(self, sheet: str, label: str, column: int = 0) -> int:
        """The one row with that label, counted from 1."""
        (found,) = (at for at, cells in enumerate(self.shown[sheet], start=1) if cells[column] == label)
        return found

    def value(self, sheet: str, row: int, column: int) -> Any:
        """What a cell comes to; both counted from 1."""
        if not self.is_worked_out:
            self.engine.evaluate_all()
            self.is_worked_out = True
        return self.engine.get_value(sheet, row, column)

    def put(self, sheet: str, row: int, column: int, value: float) -> None:
        """Type into a cell."""
        self.engine.set_value(sheet, row, column, value)
        self.is_worked_out = False

    def result(self, sheet: str, label: str) -> Any:
        """What stands beside a label of a cash sheet."""
        return self.value(sheet, self.row(sheet, label), 2)

    def months(self, sheet: str, label: str) -> list[float]:
        row = self.row(sheet, label)
        return [float(self.value(sheet, row, at)) for at in range(4, len(self.shown[sheet][row - 1]) + 1)]

    def enter(self, key: str, value: float, use_case: str = "replies") -> None:
        """Type into a yellow cell."""
        (row,) = (
            at
            for at, cells in enumerate(self.shown["Inputs"], start=1)
            if (cells[0], cells[2]) == (use_case, key)
        )
        self.put("Inputs", row, 7, value)


WORTH, BACK = (
    "Going on is worth more than stopping by, EUR",
    "Months from the first money out until all of it is back",
)
NEEDED = "Share of what is saved that must turn into money"


def medians(prospect: Prospect) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    return {key: np.array([ranges.median(each)]) for key, each in prospect.distributions.items()}


def worth(
    prospect: Prospect, plan: cash.Plan | None = None, entered: Mapping[str, float] | None = None
) -> float:
    """What going on is worth at the medians, or at what is entered."""
    values = {**medians(prospect), **{key: np.array([each]) for key, each in (entered or {}).items()}}
    return float(cash.net_of_stopping(plan or prospect.plan, values)[0])


# --- random plans


def anything(rng: np.random.Generator) -> Prospect:
    """A future nobody would plan: each part of the cash model now and then."""
    often: Callable[[], bool] = lambda: bool(rng.random() < 0.6)  # noqa: E731
    months = int(rng.integers(3, 19))
    given: dict[str, ranges.Uncertain] = {}

    def amount(key: str, low: float, high: float) -> None:
        given[key] = ranges.between(low, high) if rng.random() < 0.7 else ranges.known((low + high) / 2)

    for key, low, high in (
        (cash.VOLUME_GROWTH, -0.3, 0.4), (cash.ADOPTION, 0.4, 0.9), (cash.RETENTION, 0.5, 0.95),
        (cash.TODAY_GROWTH, -0.1, 0.1), (cash.REVIEW_MINUTES, 0.5, 3), (cash.REVIEW_COST, 0.1, 3),
        (cash.REALISATION, 0.3, 0.95), (cash.MODEL_COST, 0.05, 0.6), (cash.PLATFORM_COST, 0.01, 0.2),
        (cash.HARM, 0.01, 0.3), (cash.FIXED, 50, 900), (cash.EXIT, 100, 900), (cash.SALVAGE, 10, 300),
        (cash.SWITCHING, 100, 4000), (cash.PRICE_CHANGE, -0.6, 0.3),
    ):  # fmt: skip
        if often():
            amount(key, low, high)
    if often():
        amount(cash.MINUTES_TODAY, 2, 14)
        amount(cash.WAGE, 20, 40)
    else:
        amount(cash.COST_TODAY, 0.5, 6)
    amount(cash.ACCEPTANCE, 0.4, 0.9)
    volumes = (
        tuple(float(each) for each in rng.integers(0, 2500, int(rng.integers(1, 40)))) if often() else ()
    )
    if not volumes:
        amount(cash.VOLUME, 50, 2500)
    build_months = int(rng.integers(1, months)) if often() else 0
    if build_months:
        amount(cash.BUILD, 500, 9000)
    gains = []
    for at in range(int(rng.integers(0, 4))):
        per = ("unit", "month", "once")[int(rng.integers(3))]
        amount(cash.value_input(at), 0.1, 2 if per == "unit" else 300)
        shared, first = often(), int(rng.integers(1, 12))
        if shared:
            amount(cash.share_input(at), 0.2, 0.9)
        last = first + int(rng.integers(0, 12)) if often() else None
        gains.append(cash.Gain(f"gain {at}", "loss avoided", per, first, last, shared))
    events = []
    for at in range(int(rng.integers(0, 4))):
        chance = float(rng.choice([0.0, 0.05, 0.3, 0.5, 0.75, 0.875, 0.9, 0.999]))
        given[cash.risk_input(at, "chance")] = ranges.known(chance)
        costs, times, ends, switching = (often() for _ in range(4))
        if costs:
            amount(cash.risk_input(at, "costs"), 100, 4000)
        if times:
            amount(cash.risk_input(at, "times"), 0.5, 3)
        events.append(cash.Event(f"risk {at}", costs, times, ends and often(), switching))
        given[cash.risk_input(at, "when")] = ranges.Uncertain("", ranges.Shape.NORMAL, (0.0, 1.0))
    plan = cash.Plan(
        months=months,
        build_months=build_months,
        volumes=volumes,
        ramp=tuple(float(each) for each in np.sort(rng.random(int(rng.integers(1, 8))))) if often() else (),
        prices=tuple(float(each) for each in rng.uniform(0.2, 1, int(rng.integers(1, 40))))
        if often()
        else (),
        gains=tuple(gains),
        events=tuple(events),
        committed=tuple(float(each) for each in rng.integers(0, 1200, int(rng.integers(1, 40))))
        if often()
        else (),
        pool=float(rng.uniform(50, 2000)) if often() else None,
        yearly_rate=float(rng.uniform(0, 0.2)) if often() else 0.0,
    )
    inputs = {
        key: Input(key, f"the {key}", "factor", what, Evidence.ESTIMATED) for key, what in given.items()
    }
    return Prospect("u", plan, inputs, (), True, date(2026, 1, 31), None, None, ())


def future(
    prospect: Prospect, spent: float | None = None, months: str = "2.5"
) -> tuple[Assessment, dict[str, Prospect]]:
    """A project of one use case with that future, and money out before."""
    why = Unknown("not simulated")
    points = () if spent is None else (PathPoint(Decimal(months), Decimal(str(spent))),)
    returns = Returns(
        currency="EUR", months=prospect.plan.months, start=prospect.start, discount_rate=None,
        now=Decimal(months if points else "0"), worth=why, loss=why, back_in=why, never=None, dots=(), within=(),
        history=points, path=(), rate=why, share_needed=why, falls_due=Money(Decimal(0), "EUR"),
        stopping=Money(Decimal(0), "EUR"), inputs=(), moved=(), as_assessed=None, breaks_even=(),
        knowing_all=None, measure_next=(), choices=(), risks=(), years=(),
    )  # fmt: skip
    case = replace(
        INVOICE_MATCH,
        key="u",
        returns=returns,
        arms=(),
        comparisons=(),
        segments=(),
        gates=(),
        delivery=Delivery(),
    )
    return replace(GROUP, use_cases=(case,)), {"u": prospect}


@pytest.mark.parametrize("seed", range(30))
def test_any_plan_comes_to_what_the_cash_model_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    prospect = anything(rng)
    spent = None if rng.random() < 0.3 else float(rng.integers(-9000, 500))
    sheets = Sheets.of(workbook([future(prospect, spent)]))
    values = medians(prospect)
    money = cash.ahead(prospect.plan, values)
    near = pytest.approx
    for label, row in (
        ("units done this way", money.units), ("saved, as money", money.saved), ("models", money.models),
        ("money out", money.out), ("net", money.flows), ("falls due in any case", money.falls_due),
    ):  # fmt: skip
        assert sheets.months("Cash u", label) == near(row[0].tolist(), rel=1e-9, abs=1e-9), label
    assert sheets.result("Cash u", WORTH) == near(worth(prospect), rel=1e-6)
    (needed,) = cash.break_even_share(prospect.plan, values)
    assert sheets.result("Cash u", NEEDED) == (
        near(needed, rel=1e-6) if np.isfinite(needed) else "no share is enough"
    )
    (back,) = 2.5 * (spent is not None) + payback_month(np.hstack([[[spent or 0.0]], money.flows]))
    if spent is not None and spent >= 0:
        back = 2.5
    assert sheets.result("Cash u", BACK) == (
        near(back, rel=1e-6) if np.isfinite(back) else "never in these months"
    )
    # the value beside each formula, for readers that do not work formulas out, is the same
    places = [
        (at, column, shown)
        for at, cells in enumerate(sheets.shown["Cash u"], start=1)
        for column, shown in enumerate(cells, start=1)
        if isinstance(shown, float)
    ]
    worked = [float(sheets.value("Cash u", at, column) or 0) for at, column, _ in places]
    np.testing.assert_allclose(worked, [shown for *_, shown in places], rtol=1e-9, atol=1e-9)


def test_the_plans_try_every_part() -> None:
    # otherwise the test above would hold of formulas that are never asked
    plans = [anything(np.random.default_rng(seed)) for seed in range(30)]
    money = [cash.ahead(each.plan, medians(each)) for each in plans]
    assert {each.plan.pool is None for each in plans} == {True, False}
    assert any((each.saved < 0).any() for each in money)
    assert any((each.out == each.falls_due).any() and each.falls_due.any() for each in money)
    ended = [each for each in plans if any(event.ends for event in each.plan.events)]
    assert any(cash.ahead(each.plan, medians(each)).units[0, -1] == 0 for each in ended)
    assert {gain.per for each in plans for gain in each.plan.gains} == {"unit", "month", "once"}
    backs = np.concatenate([payback_month(each.flows) for each in money])
    assert np.isinf(backs).any()
    assert (np.isfinite(backs) & (backs > 0)).any()


# --- a project from files


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assessment, dict[str, Prospect]]:
    return assess_ahead(project(tmp_path_factory.mktemp("rich"), RICH, **TABLES))


@pytest.fixture(scope="module")
def content(rich: tuple[Assessment, dict[str, Prospect]]) -> bytes:
    return workbook([rich])


@pytest.fixture
def sheets(content: bytes) -> Sheets:
    return Sheets.of(content)


def test_the_base_case_is_as_assessed(rich: tuple[Assessment, dict[str, Prospect]], sheets: Sheets) -> None:
    returns = rich[0].use_cases[0].returns
    assert returns is not None
    assert returns.as_assessed is not None
    assert sheets.result("Cash replies", WORTH) == pytest.approx(
        float(returns.as_assessed), rel=5e-4
    )  # 4 digits
    assert sheets.result("Cash replies", WORTH) == pytest.approx(worth(rich[1]["replies"]), rel=1e-6)
    row = sheets.row("Read me", "replies, EUR")
    assert sheets.value("Read me", row, 2) == pytest.approx(sheets.value("Read me", row, 3), rel=1e-9)
    assert sheets.value("Read me", row, 6) == "the same"


def test_every_input_moves_the_result_as_in_the_cash_model(
    rich: tuple[Assessment, dict[str, Prospect]], sheets: Sheets
) -> None:
    prospect = rich[1]["replies"]
    base = worth(prospect)
    moved = 0
    for key, what in prospect.distributions.items():
        if key.endswith(".when") or key == "pilot.cost":
            continue
        middle = ranges.median(what)
        for value in (ranges.quantile(what, 0.95) if not what.is_known else middle * 1.1, 0.0):
            sheets.enter(key, value)
            expected = worth(prospect, entered={key: value})
            assert sheets.result("Cash replies", WORTH) == pytest.approx(expected, rel=1e-6), (key, value)
            moved += abs(expected - base) > 1e-9
        sheets.enter(key, middle)
    assert moved > 30
    assert sheets.result("Cash replies", WORTH) == pytest.approx(base, rel=1e-9)


def test_volume_a_tenth_more_and_nothing_realised(
    rich: tuple[Assessment, dict[str, Prospect]], sheets: Sheets
) -> None:
    prospect = rich[1]["replies"]
    sheets.enter("volume", 1100)
    sheets.enter("realisation_share", 0)
    assert sheets.result("Cash replies", WORTH) == pytest.approx(
        worth(prospect, entered={"volume": 1100.0, "realisation_share": 0.0}), rel=1e-6
    )
    assert sum(sheets.months("Cash replies", "saved, as money")) == 0
    assert sheets.value("Read me", sheets.row("Read me", "replies, EUR"), 6) == "an input was changed"


def test_the_plan_can_be_changed_too(rich: tuple[Assessment, dict[str, Prospect]], sheets: Sheets) -> None:
    prospect = rich[1]["replies"]
    plan = prospect.plan

    def now() -> float:
        return float(sheets.result("Cash replies", WORTH))

    sheets.enter(WAITS, 3)
    assert now() == pytest.approx(float(cash.later(plan, medians(prospect), 3)[0]), rel=1e-6)
    sheets.enter(WAITS, 0)
    sheets.enter(RATE, 0.15)
    assert now() == pytest.approx(worth(prospect, replace(plan, yearly_rate=0.15)), rel=1e-6)
    sheets.enter(RATE, 0.08)
    sheets.enter(BUILD_MONTHS, 5)
    assert now() == pytest.approx(worth(prospect, replace(plan, build_months=5)), rel=1e-6)
    sheets.enter(BUILD_MONTHS, 0)  # nothing in cash.py: here what is left to spend is then spent at once
    assert sheets.months("Cash replies", "building")[:2] == pytest.approx([3000, 0], rel=1e-4)
    sheets.enter(BUILD_MONTHS, 2)
    sheets.enter(month_input(0, "from_month"), 7)
    later = (replace(plan.gains[0], first=7), *plan.gains[1:])
    assert now() == pytest.approx(worth(prospect, replace(plan, gains=later)), rel=1e-6)
    sheets.enter(month_input(0, "from_month"), 3)
    sheets.enter(luck_input(0), 0.9)
    score = 1.2815515655446004  # the normal score of 0.9
    assert now() == pytest.approx(worth(prospect, entered={cash.risk_input(0, "when"): score}), rel=1e-6)


def test_a_yellow_schedule_holds_its_last_month(
    rich: tuple[Assessment, dict[str, Prospect]], sheets: Sheets
) -> None:
    prospect = rich[1]["replies"]
    row = sheets.row("Cash replies", "share reached, by month of running")
    sheets.put("Cash replies", row, 6, 0.8)  # month 3 was 1
    plan = replace(prospect.plan, ramp=(0.3, 0.6, 0.8))
    assert sheets.result("Cash replies", WORTH) == pytest.approx(worth(prospect, plan), rel=1e-6)


def test_by_hand() -> None:
    # 100 units a month x (0.5 x 6 minutes x 40 / 60 - 0.50) x 0.8 = 120 in; 100 x 0.10 + 20 = 30 out: 90 a month.
    # Month 1 builds at 135; stopping costs 10. Worth: 3 x 90 - 135 + 10 = 145.
    # All of what is saved: 450; none: -90 - 135 + 10 = -215; so 215 / 450 must turn into money.
    # 50 were spent in the 1.5 months before: -50, -185, -95, -5, 85: back 5 / 90 into month 4.
    known = {
        cash.VOLUME: 100.0, cash.ACCEPTANCE: 0.5, cash.MINUTES_TODAY: 6.0, cash.WAGE: 40.0,
        cash.REVIEW_COST: 0.5, cash.REALISATION: 0.8, cash.MODEL_COST: 0.1, cash.FIXED: 20.0,
        cash.BUILD: 135.0, cash.EXIT: 10.0,
    }  # fmt: skip
    inputs = {
        key: Input(key, key, "factor", ranges.known(value), Evidence.BILLED) for key, value in known.items()
    }
    prospect = Prospect("u", cash.Plan(4, 1), inputs, (), True, date(2026, 1, 1), None, None, ())
    sheets = Sheets.of(workbook([future(prospect, -50, "1.5")]))
    assert sheets.months("Cash u", "net") == pytest.approx([-135, 90, 90, 90])
    assert sheets.result("Cash u", WORTH) == pytest.approx(145)
    assert sheets.result("Cash u", NEEDED) == pytest.approx(215 / 450)
    assert sheets.result("Cash u", BACK) == pytest.approx(1.5 + 3 + 5 / 90)


def test_inputs_say_who_where_and_how_sure(
    rich: tuple[Assessment, dict[str, Prospect]], sheets: Sheets
) -> None:
    rows = {cells[2]: cells for cells in sheets.shown["Inputs"] if cells[0] == "replies"}
    case = rich[0].use_cases[0]
    assert case.returns is not None
    for line in case.returns.inputs:
        cells = rows[line.key]
        assert cells[1] == line.label
        assert cells[3] == line.written
        ends = [float(each) for each in (line.low, line.median, line.mean, line.high)]
        assert [cells[at] for at in (4, 5, 7, 8)] == pytest.approx(ends, rel=1e-3)
        assert (cells[10], cells[12]) == (line.evidence.word, line.by)
    assert rows["minutes_today"][12:14] == ["D. Roth", "payback.toml, D. Roth"]
    assert rows["pilot.cost"][6] == "not in it"
    assert rows[cash.COST_TODAY][3] == "not given"
    assert rows[cash.REALISATION][10] == "claimed"


def test_the_same_project_gives_the_same_bytes(
    rich: tuple[Assessment, dict[str, Prospect]], content: bytes
) -> None:
    assert workbook([rich]) == content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert "2026-09-30T00:00:00Z" in packed.read("docProps/core.xml").decode()  # as of, not the clock


def test_it_is_for_paper_too(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        pages = [packed.read(name).decode() for name in packed.namelist() if "worksheets/sheet" in name]
    assert len(pages) == 7
    assert all('orientation="landscape"' in page and "fitToPage" in page for page in pages)
    assert sum("<pane " in page for page in pages) == 6  # all but the Read me
    assert sum("dataValidation " in page for page in pages) == 1


def formulas(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        pages = [packed.read(name).decode() for name in packed.namelist() if "worksheets/sheet" in name]
    return [each for page in pages for each in re.findall(r"<f>(.*?)</f>", page)]


def test_formulas_use_what_every_spreadsheet_has(content: bytes) -> None:
    found = formulas(content)
    assert len(found) > 1000
    names = {
        name
        for each in found
        for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", re.sub(r"&quot;.*?&quot;", "", each))
    }
    assert names <= FUNCTIONS
    assert not any("[" in each or "http" in each for each in found)


def test_text_from_outside_stays_text(content: bytes) -> None:
    assert not any("withdrawn" in each for each in formulas(content))
    made = workbook([(one, {}) for one in ASSESSMENTS])
    assert not any(mark in each for each in formulas(made) for mark in ("script", "gpj", "evil"))
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        assert not any(
            "hyperlink" in packed.read(name).decode("utf-8", "replace") for name in packed.namelist()
        )
    assert any(
        "alert(1)" in str(cell) for rows in Sheets.of(made).shown.values() for row in rows for cell in row
    )
    for sign in "=+-@":
        table = Table("t", f"{sign}1+1", (Column("a"),), ((f"{sign}cmd|x",),))
        made = workbook([(GROUP, {})], more=(table,))
        with zipfile.ZipFile(io.BytesIO(made)) as packed:
            assert 'quotePrefix="1"' in packed.read("xl/styles.xml").decode()
        assert Sheets.of(made).shown["t"][4][0] == f"{sign}cmd|x"


# --- where there is less


def test_without_a_future_there_is_no_cash_sheet() -> None:
    sheets = Sheets.of(workbook([(one, {}) for one in ASSESSMENTS]))
    assert list(sheets.shown) == ["Read me", "Figures", "Unit cost", "Gates", "Left out"]
    told = [row[0] for row in sheets.shown["Read me"]]
    assert any("No use case says what lies ahead" in line for line in told)


def test_what_is_missing_is_said_in_words(tmp_path: Path) -> None:
    found = assess_ahead(
        project(tmp_path, "\n[use_cases.replies.returns]\nmonths = 12\n", usage=TABLES["usage"])
    )
    missing = found[1]["replies"].missing
    assert missing is not None
    sheets = Sheets.of(workbook([found]))
    told = [row[0] for row in sheets.shown["Cash replies"]]
    assert f"Not known: {missing.reason}" in told
    assert missing.fix in told
    assert sheets.shown["Read me"][sheets.row("Read me", "replies, EUR") - 1][1] == "not known"


def test_a_share_nobody_says_can_be_entered(tmp_path: Path) -> None:
    toml = re.sub(r"realisation_share.*\n", "", TODAY + AHEAD)
    found = assess_ahead(project(tmp_path, toml, **TABLES))
    sheets = Sheets.of(workbook([found]))
    assert sheets.result("Cash replies", WORTH) == "not known"
    needed = sheets.result("Cash replies", NEEDED)
    case = found[0].use_cases[0]
    assert case.returns is not None
    assert isinstance(case.returns.share_needed, Figure)
    assert needed == pytest.approx(
        float(case.returns.share_needed.value), abs=0.02
    )  # base case, median of futures
    sheets.enter("realisation_share", 0.5)
    assert sheets.result("Cash replies", WORTH) == pytest.approx(
        worth(found[1]["replies"], entered={"realisation_share": 0.5}), rel=1e-6
    )
    sheets.enter("realisation_share", needed)
    assert sheets.result("Cash replies", WORTH) == pytest.approx(0, abs=1e-6)


def test_every_figure_has_a_row() -> None:
    sheets = Sheets.of(workbook([(one, {}) for one in ASSESSMENTS]))
    rows = sheets.shown["Figures"][4:]
    expected = [(each.name, one) for each in ASSESSMENTS for one in explained.named(each)]
    assert len(rows) == len(expected)
    for cells, (name, one) in zip(rows, expected, strict=True):
        assert (cells[0], cells[2]) == (name, one.key)
        if isinstance(one.found, Unknown):
            assert cells[4] == "not known"
            assert cells[15].startswith(one.found.reason[:20])
        else:
            assert cells[4] == pytest.approx(float(one.found.value))
            assert cells[9] == one.found.evidence.word


def test_the_parts_of_a_unit_cost_add_up_by_formula() -> None:
    sheets = Sheets.of(workbook([(GROUP, {})]))
    sums = 0
    for at, cells in enumerate(sheets.shown["Unit cost"], start=1):
        if cells[3] == "in all" and isinstance(cells[4], float):
            assert sheets.value("Unit cost", at, 5) == pytest.approx(cells[7], rel=1e-9)
            sums += 1
    ways = [arm for case in GROUP.use_cases for arm in case.arms]
    assert sums == sum(isinstance(arm.full_unit_cost, Figure) and bool(arm.parts) for arm in ways)
    last = next(at for at, cells in enumerate(sheets.shown["Unit cost"], start=1) if cells[3] == "in all")
    before = float(sheets.value("Unit cost", last, 5))
    sheets.put("Unit cost", 5, 5, sheets.shown["Unit cost"][4][4] + 1000)  # a part of the same way
    assert float(sheets.value("Unit cost", last, 5)) == pytest.approx(before + 1000)


def test_gates_and_what_was_left_out_are_there() -> None:
    sheets = Sheets.of(workbook([(GROUP, {}), (BENCHMARK, {})]))
    gates = [gate for one in (GROUP, BENCHMARK) for case in one.use_cases for gate in case.gates]
    assert len(sheets.shown["Gates"]) - 4 == max(len(gates), 1)
    assert {row[4] for row in sheets.shown["Gates"][4:]} <= {"passed", "failed", "not decided"}
    left = [each for one in (GROUP, BENCHMARK) for each in one.left_out]
    assert sum(row[2] in {each.what for each in left} for row in sheets.shown["Left out"][4:]) >= len(left)


def test_projects_with_the_same_use_case_are_kept_apart(rich: tuple[Assessment, dict[str, Prospect]]) -> None:
    other = (replace(rich[0], name="second [a/b] " + "x" * 40), rich[1])
    sheets = Sheets.of(workbook([rich, other]))
    cash_sheets = [name for name in sheets.shown if name.startswith("Cash ")]
    assert len(cash_sheets) == 2
    for name in cash_sheets:
        assert len(name) <= 31
        assert sheets.result(name, WORTH) == pytest.approx(worth(rich[1]["replies"]), rel=1e-6)
    sheets.enter("volume", 2000, use_case=f"{rich[0].name} replies")
    first, second = (float(sheets.result(name, WORTH)) for name in cash_sheets)
    assert first == pytest.approx(worth(rich[1]["replies"], entered={"volume": 2000.0}), rel=1e-6)
    assert second == pytest.approx(worth(rich[1]["replies"]), rel=1e-6)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Cash invoices", "Cash invoices"),
        ("Cash a/b:c?d*e[f]\\g", "Cash a b c d e f g"),
        ("'quoted'", "quoted"),
        ("x" * 40, "x" * 31),
        ("", "Sheet"),
        ("History", "History_"),
        (HOSTILE[:12], "<script>aler"),
    ],
    ids=["plain", "forbidden", "quotes", "long", "nothing", "kept", "hostile"],
)
def test_names_of_sheets_are_safe(title: str, name: str) -> None:
    assert safe_sheet_name(title) == name


def test_names_of_sheets_are_unlike_each_other() -> None:
    taken: list[str] = []
    for title in ("Cash " + "x" * 40, "cash " + "X" * 40, "Cash " + "x" * 26):
        taken.append(safe_sheet_name(title, taken))
    assert taken[1:] == ["cash " + "X" * 24 + " 2", "Cash " + "x" * 24 + " 3"]


@pytest.mark.parametrize("wanted", ["a1", "R1C1", "3d", "", "é", "x.value.1.share", "a b-c"])
def test_names_of_cells_are_safe(wanted: str) -> None:
    name = safe_cell_name(wanted)
    assert re.fullmatch(r"[a-z_][a-z0-9_]*", name)
    assert "_" in name  # so that it is no cell


def test_nothing_assessed_is_refused() -> None:
    with pytest.raises(PaybackError, match="nothing to report"):
        workbook([])


def test_more_sheets_follow_the_first() -> None:
    table = Table(
        "Plan",
        "What to fund.",
        (Column("Use case"), Column("Money", 12, Kind.NUMBER), Column("Share", 8, Kind.SHARE), Column("By", 12, Kind.DATE)),
        (("invoices", Money(Decimal("12.5"), "EUR"), Decimal("0.25"), date(2026, 3, 1)), ("replies", None, Unknown("x"), None)),
    )  # fmt: skip
    sheets = Sheets.of(workbook([(GROUP, {})], more=(table,)))
    assert list(sheets.shown)[:2] == ["Read me", "Plan"]
    assert sheets.shown["Plan"][4] == ["invoices", 12.5, 0.25, date(2026, 3, 1)]
    assert sheets.shown["Plan"][5] == ["replies", "", "not known", ""]


def test_a_use_case_without_ranges_of_its_own_is_written(
    rich: tuple[Assessment, dict[str, Prospect]],
) -> None:
    # every origin, note and name that may be missing
    case: UseCaseResult = replace(rich[0].use_cases[0], title="", owner="", until=None, notes=())
    bare = {
        key: replace(each, by="", origin=None if key != "volume" else Origin("a.csv", 7))
        for key, each in rich[1]["replies"].inputs.items()
    }
    found = replace(rich[0], use_cases=(case,)), {"replies": replace(rich[1]["replies"], inputs=bare)}
    rows = {cells[2]: cells for cells in Sheets.of(workbook([found])).shown["Inputs"]}
    assert rows["volume"][13:15] == ["a.csv", 7.0]
    assert POOL not in rows
