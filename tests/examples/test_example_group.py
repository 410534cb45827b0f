"""The illustrative group: payback finds again what its rows were drawn from, and its futures are recomputed by hand."""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import shutil
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

import pytest

import payback
from payback.assessment import ArmResult, Assessment, UseCaseResult, Verdict
from payback.gates import GateState
from payback.measures import ranges
from payback.project import Project
from payback.records import Evidence, Figure, Interval, Unknown
from payback.returned import Returns
from tools import make_example_group as truth

pytestmark = pytest.mark.long
NAME = "example-group"
EUR_FOR_USD = 0.86


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    """The example, assessed once in a copy."""
    folder = tmp_path_factory.mktemp("examples") / NAME
    shutil.copytree(truth.FOLDER, folder, ignore=shutil.ignore_patterns(".payback"))
    return payback.assess(folder)


@pytest.fixture(scope="module")
def case(assessed: Assessment) -> Callable[[str], UseCaseResult]:
    """`case("invoice-match")`: one of its use cases."""
    by_key = {each.key: each for each in assessed.use_cases}
    return by_key.__getitem__


def value(given: Figure | Unknown | None) -> float:
    assert isinstance(given, Figure), given
    return float(given.value)


def ends(given: Figure | Unknown | None) -> tuple[float, float]:
    assert isinstance(given, Figure), given
    shown = given.interval
    assert isinstance(shown, Interval)
    assert shown.low is not None
    assert shown.high is not None
    return float(shown.low), float(shown.high)


def ahead(given: UseCaseResult) -> Returns:
    assert given.returns is not None
    return given.returns


def judged(given: UseCaseResult) -> ArmResult:
    assert given.judged is not None
    found = given.arm(given.judged)
    assert found is not None
    return found


# --- the files --------------------------------------------------------------------------------------


def test_the_generator_gives_the_files_that_are_shipped() -> None:
    made = truth.files()
    shipped = {path.name: path.read_bytes() for path in truth.FOLDER.glob("*.csv*")}
    assert set(made) == set(shipped)
    for name, content in made.items():
        if name.endswith(".gz"):  # another zlib may pack the same rows otherwise
            assert gzip.decompress(content) == gzip.decompress(shipped[name]), name
            assert shipped[name][4:8] == bytes(4), f"{name} carries a time"
        else:
            assert content == shipped[name], name


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert truth.files() == truth.files()


def test_all_of_it_is_small() -> None:
    assert sum(path.stat().st_size for path in truth.FOLDER.iterdir()) < 400_000


def test_it_is_labelled(example: Callable[[str], Project]) -> None:
    project = example(NAME)
    assert (project.label, project.benchmark) == ("illustrative", False)
    assert "made up" in project.use_cases["support-replies"].notes[0]
    assert all(source.by == "made up for this example" for source in project.sources)


def test_no_row_is_left_out_and_only_the_router_has_no_price(assessed: Assessment) -> None:
    assert [each.what for each in assessed.left_out if "row" in each.what] == []
    assert any(truth.UNPRICED_MODEL in each.what for each in assessed.left_out)


# --- what payback should find again -----------------------------------------------------------------


def test_support_replies_is_found_again(case: Callable[[str], UseCaseResult]) -> None:
    found = case("support-replies")
    arm = judged(found)
    true_share = sum(kind.share * kind.accepted for kind in truth.KINDS)
    low, high = ends(arm.acceptance)
    assert low < true_share < high
    fresh, cached, out = truth.TICKET_PRICE
    calls = truth.CALLS * sum(
        kind.share * (kind.fresh * fresh + kind.cached * cached + kind.out * out) for kind in truth.KINDS
    ) / 1e6 * EUR_FOR_USD  # fmt: skip
    today = 25 / 60 * (10.1 + 14.4) / 2
    platform = truth.TICKET_PLATFORM * 3 / truth.TICKETS
    whole = calls + truth.REVIEW_MINUTES * 25 / 60 + platform + (1 - true_share) * today
    assert value(found.today.unit_cost if found.today else None) == pytest.approx(today)
    low, high = ends(arm.full_unit_cost)
    assert low < whole < high
    assert low < value(arm.full_unit_cost) < high
    assert value(arm.full_unit_cost) == pytest.approx(2.53, abs=0.01)  # as README.md says
    parts = {
        part.name.split(",")[0]: float(part.figure.value)
        for part in arm.parts
        if isinstance(part.figure, Figure)
    }
    assert parts["calls"] == pytest.approx(calls, rel=0.03)
    assert parts["share of the platform"] == pytest.approx(platform)
    assert parts["review by people"] == pytest.approx(truth.REVIEW_MINUTES * 25 / 60, rel=0.12)


def test_support_replies_money_out_by_hand(
    rows: Callable[[str], list[dict[str, str]]], case: Callable[[str], UseCaseResult]
) -> None:
    billed = sum(
        Decimal(row["billed"]) for row in rows(f"{NAME}/bills.csv") if row["use_case"] == "support-replies"
    )
    by_hand = billed * Decimal("0.86") + 3 * truth.TICKET_PLATFORM
    found = case("support-replies")
    assert value(found.out) == pytest.approx(float(by_hand))
    assert value(found.back) == 0
    tickets = rows(f"{NAME}/tickets.csv.gz")
    accepted = sum(row["sent_as_written"] == "1" for row in tickets)
    hours = (accepted * truth.TICKET_MINUTES_TODAY - len(tickets) * truth.REVIEW_MINUTES) / 60
    assert value(found.hours_freed) == pytest.approx(hours, abs=1.5)  # rows hold whole hours a month


def test_never_checked_is_as_many_as_drawn(case: Callable[[str], UseCaseResult]) -> None:
    left = " ".join(each.what for each in case("support-replies").left_out)
    assert f"{truth.UNCHECKED} tasks were never checked" in left


def test_disputed_refunds_cost_more_with_the_ai() -> None:
    """What the note in payback.toml says, from what the rows are drawn from."""
    kind = truth.KINDS[-1]
    fresh, cached, out = truth.TICKET_PRICE
    calls = truth.CALLS * (kind.fresh * fresh + kind.cached * cached + kind.out * out) / 1e6 * EUR_FOR_USD
    today = 25 / 60 * (10.1 + 14.4) / 2
    assert calls + truth.REVIEW_MINUTES * 25 / 60 + 0.12 + (1 - kind.accepted) * today > today


def test_segments_are_in_the_order_they_were_drawn_in(case: Callable[[str], UseCaseResult]) -> None:
    shown = {each.value: each for each in case("support-replies").segments if each.name == "kind of ticket"}
    assert set(shown) == {kind.name for kind in truth.KINDS}
    for kind in truth.KINDS:
        cell = shown[kind.name].cells[0]
        low, high = ends(cell.share)
        assert low <= kind.accepted <= high


def test_invoice_match_is_found_again(case: Callable[[str], UseCaseResult]) -> None:
    arm = judged(case("invoice-match"))
    low, high = ends(arm.acceptance)
    assert low < truth.INVOICE_ACCEPTED < high
    low, high = ends(arm.full_unit_cost)
    assert (round(low, 2), round(high, 2)) == pytest.approx((1.34, 1.56), abs=0.02)
    assert high < 2.10  # as today, at the least
    hours = sum((date(2026, m + 1, 1) - date(2026, m, 1)).days * 24 for m in truth.MONTHS)
    parts = {part.name: float(part.figure.value) for part in arm.parts if isinstance(part.figure, Figure)}
    assert parts["share of the hardware"] == pytest.approx(hours * truth.GPU_HOUR / truth.INVOICES)


def test_sales_assistant_is_found_again(case: Callable[[str], UseCaseResult]) -> None:
    found = case("sales-assistant")
    low, high = ends(judged(found).acceptance)
    assert low < truth.OFFER_ACCEPTED < high
    assert value(found.out) == 3 * (truth.SEATS * truth.SEAT + truth.OFFER_PLATFORM)
    assert value(found.back) == sum(truth.OFFER_REVENUE.values())


# --- verdicts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "verdict", "until"),
    [
        ("support-replies", Verdict.CONTINUE, date(2026, 12, 15)),
        ("invoice-match", Verdict.SCALE, None),
        ("sales-assistant", Verdict.CONTINUE, date(2027, 2, 28)),
        ("contract-review", Verdict.CONTINUE, date(2027, 3, 31)),
        ("contract-suite", Verdict.CONTINUE, date(2027, 6, 30)),
        ("voice-agent", Verdict.WAIT, date(2027, 10, 1)),
    ],
)
def test_verdict(
    case: Callable[[str], UseCaseResult], name: str, verdict: Verdict, until: date | None
) -> None:
    found = case(name)
    assert (found.verdict, found.until) == (verdict, until), found.why


def test_gates_of_support_replies(case: Callable[[str], UseCaseResult]) -> None:
    wrong, cheaper, budget = case("support-replies").gates
    assert (wrong.state, wrong.on) == (GateState.PASSED, date(2026, 9, 30))
    assert cheaper.state is GateState.PASSED
    assert (budget.state, budget.due, budget.owner) == (GateState.NOT_DECIDED, date(2026, 12, 15), "D. Roth")


def test_invoice_match_pays_by_month_17(case: Callable[[str], UseCaseResult]) -> None:
    dots = ahead(case("invoice-match")).dots
    assert sum(dot is not None and dot <= 17 for dot in dots) >= 18


def test_support_replies_pays_within_a_year_in_about_half_its_futures(
    case: Callable[[str], UseCaseResult],
) -> None:
    dots = ahead(case("support-replies")).dots
    assert 8 <= sum(dot is not None and dot <= 12 for dot in dots) <= 10
    assert 4 <= sum(dot is None for dot in dots) <= 6


def test_nobody_said_which_hours_are_money_so_the_share_needed_is_shown(
    case: Callable[[str], UseCaseResult],
) -> None:
    found = ahead(case("sales-assistant"))
    assert isinstance(found.worth, Unknown)
    assert 0.3 < value(found.share_needed) < 0.5
    assert found.falls_due.amount == 5 * truth.SEATS * truth.SEAT  # October to February


def test_waiting_is_best_only_where_prices_fall(case: Callable[[str], UseCaseResult]) -> None:
    for name in ("support-replies", "invoice-match", "contract-review", "contract-suite", "voice-agent"):
        choices = [each for each in ahead(case(name)).choices if each.key != "pilot"]
        best = max(choices, key=lambda each: each.worth.amount)
        assert best.key == ("wait_12" if name == "voice-agent" else "go_on"), name


def test_a_pilot_is_best_for_the_plan(case: Callable[[str], UseCaseResult]) -> None:
    best = max(ahead(case("contract-review")).choices, key=lambda each: each.worth.amount)
    assert best.key == "pilot"


def test_something_pays_to_be_measured_next(case: Callable[[str], UseCaseResult]) -> None:
    for name in ("support-replies", "contract-review"):
        first = ahead(case(name)).measure_next[0]
        assert first.pays
        assert first.costs is not None
        assert first.costs.amount < first.worth.amount


# --- the base case, month by month ------------------------------------------------------------------


def middle(text: str, unit: str, evidence: Evidence) -> float:
    """The median of an input as it is written on the page."""
    if match := re.fullmatch(r"(\S+) \(\S+ to \S+\)", text):
        return float(match[1])  # measured
    if unit == "growth" and " to " in text:
        low, high = (float(end) for end in text.split(" to "))
        return (low + high) / 2
    if unit != "share" and " to " in text:
        low, high = (float(end) for end in text.split(" to "))
        return math.sqrt(low * high)
    return ranges.median(ranges.uncertain(text))


@pytest.mark.parametrize(
    "name", ["support-replies", "invoice-match", "contract-review", "contract-suite", "voice-agent"]
)
def test_the_base_case_by_hand(
    case: Callable[[str], UseCaseResult], example: Callable[[str], Project], name: str
) -> None:
    """Every input at its median, month by month, in plain Python: what the page calls as assessed."""
    found = ahead(case(name))
    said = tomllib.loads((truth.FOLDER / "payback.toml").read_text())
    of = {each.key: middle(each.written, each.unit, each.evidence) for each in found.inputs}
    flows = month_by_month(said["use_cases"][name]["returns"], of, found.months)
    worth = sum(flow / 1.08 ** (month / 12) for month, flow in enumerate(flows))
    worth -= stopping(found, of)
    assert found.as_assessed is not None
    assert worth == pytest.approx(float(found.as_assessed), rel=2e-3)
    back = month_back(-float(past(case(name))), flows) + float(found.now)
    low, high = ends_of_month(found)
    assert low <= back <= high


def month_by_month(said: Mapping[str, Any], of: Mapping[str, float], months: int) -> list[float]:
    """Money in less money out of each month. A risk whose yearly chance is p happens 12 ln(1/2) / ln(1 - p) months
    from now at the median of its time; what it does then is done."""
    build_months = said.get("build_months", 1) if "build" in said else 0
    flows = []
    over = False
    dearer = 1.0
    for month in range(months):
        years, running = month / 12, month - build_months
        flow = -of.get("build", 0) / build_months if month < build_months else 0.0
        for place, risk in enumerate(said.get("risks", ()), start=1):
            comes = 12 * math.log(0.5) / math.log(1 - of[f"risk.{place}.chance"])
            if math.floor(comes) == month and not over:
                flow -= of.get(f"risk.{place}.costs", 0)
                flow -= of["switching_cost"] if risk.get("switching") and running >= 0 else 0
                dearer *= of.get(f"risk.{place}.times", 1)
                over |= bool(risk.get("ends"))
        if running >= 0 and not over:
            ramp = said.get("ramp_up", [1])
            units = of["volume"] * of.get("adoption", 1) * ramp[min(running, len(ramp) - 1)]
            units *= (1 + of.get("volume_growth", 0)) ** years * of.get("retention", 1) ** (running / 12)
            minute = of.get("wage_per_hour", 0) / 60
            today = of.get("minutes_today", 0) * minute + of.get("cost_today", 0)
            each = of["acceptance"] * today - of.get("review_minutes", 0) * minute
            flow += units * each * (1 + of.get("today_growth", 0)) ** years * of["realisation_share"]
            flow -= units * of["model_cost"] * (1 + of.get("price_change", 0)) ** years * dearer
            flow -= units * (of.get("platform_cost", 0) + of.get("harm_per_unit", 0)) + of.get(
                "fixed_a_month", 0
            )
            for place, gain in enumerate(said.get("values", ()), start=1):
                if running + 1 >= gain.get("from_month", 1):
                    flow += of[f"value.{place}"] * of.get(f"value.{place}.share", 1)
        flows.append(flow)
    return flows


def month_back(before: float, flows: list[float]) -> float:
    """The month after the last in which less had come back than had gone out; inf where that is the last of all."""
    totals = list(accumulate(flows, initial=before))
    below = max((month for month, total in enumerate(totals) if total < 0), default=-1)
    return below + 1 if below + 1 < len(totals) else math.inf


def stopping(found: Returns, of: dict[str, float]) -> float:
    """What stopping now is worth: salvage less its cost, less what falls due in any case, month by month."""
    due = float(found.falls_due.amount) / 3  # the only contract that still runs here ends in three months
    still = math.fsum(due / 1.08 ** (month / 12) for month in range(3))
    return float(-of.get("exit_cost", 0.0) - still)


def past(found: UseCaseResult) -> Decimal:
    """Money out less money back so far."""
    history = ahead(found).history
    return -history[-1].amount if history else Decimal(0)


def ends_of_month(found: Returns) -> tuple[float, float]:
    """9 of 10 futures; without an upper end, never."""
    shown = found.back_in.interval if isinstance(found.back_in, Figure) else None
    if shown is None or shown.low is None:
        return 0.0, math.inf
    return float(shown.low), float(shown.high) if shown.high is not None else math.inf


def test_readme_counts_rows_as_they_are() -> None:
    text = (truth.FOLDER / "README.md").read_text()
    for name, content in truth.files().items():
        plain = gzip.decompress(content) if name.endswith(".gz") else content
        count = len(list(csv.reader(io.StringIO(plain.decode(), newline="")))) - 1
        line = next(line for line in text.splitlines() if f"`{name}`" in line)
        assert f"{count:,}" in line, (name, count, line)
