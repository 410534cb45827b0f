"""What lies ahead of the support desk of test_support_replies.py: by hand at the medians, and refused where it cannot be."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import payback
from payback.assessment import UseCaseResult, Verdict
from payback.assessor.returns import Known, Reader, prospect
from payback.project import Project
from payback.records import Evidence, Figure, PaybackError, Period, Unknown
from payback.returned import Returns
from tests.assessor.built import assessed, cost, figure, of, project, unknown
from tests.assessor.test_support_replies import CALLS, COSTS, OUTCOMES, VALUES

TODAY = """
[use_cases.replies.today]
arm = "people"
minutes = "10 to 14"
wage_per_hour = 24
by = "D. Roth"

[use_cases.replies.review]
wage_per_hour = 24
"""
AHEAD = """
[use_cases.replies.returns]
months = 12
volume = 1_000
realisation_share = { value = "20 % to 40 %", evidence = "claimed", by = "D. Roth" }
fixed_a_month = 800
"""
TABLES = {"usage": CALLS, "outcome": OUTCOMES, "cost": COSTS, "value": VALUES}


def look(folder: Path, toml: str, head: str = "", /, **more: object) -> UseCaseResult:
    return of(assessed(folder, TODAY + toml, head, **{**TABLES, **more}))  # type: ignore[arg-type]


def ahead(case: UseCaseResult) -> Returns:
    assert case.returns is not None
    return case.returns


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> UseCaseResult:
    return look(tmp_path_factory.mktemp("ahead"), AHEAD)


def test_nothing_is_said_where_nothing_is_stated(tmp_path: Path) -> None:
    assert look(tmp_path, "").returns is None


def test_at_the_medians_it_is_the_hand_calculation(case: UseCaseResult) -> None:
    # minutes: sqrt(10 x 14) = 11.832; share: median of the beta between 20 and 40 of 100, about 0.2953
    # a month: 1,000 x (0.73 x 11.832 - 1.5) x 0.4 x share - 1,000 x (0.40 + 0.12) - 800
    shown = ahead(case)
    share = float(next(each.median for each in shown.inputs if each.key == "realisation_share"))
    assert share == pytest.approx(0.295, abs=0.002)
    a_month = 1000 * (0.73 * math.sqrt(140) - 1.5) * 24 / 60 * share - 520 - 800
    assert float(shown.as_assessed or 0) == pytest.approx(12 * a_month, rel=2e-3)


def test_what_is_measured_is_taken_within_its_range(case: UseCaseResult) -> None:
    inputs = {each.key: each for each in ahead(case).inputs}
    assert inputs["acceptance"].median == Decimal("0.73")
    assert inputs["acceptance"].evidence is Evidence.MEASURED
    # Wilson 0.6357 to 0.8073 is its 95 % range, so 90 % lies within
    assert Decimal("0.6357") < inputs["acceptance"].low < Decimal("0.66")
    assert inputs["model_cost"].median == Decimal("0.4")
    assert (inputs["platform_cost"].low, inputs["platform_cost"].high) == (Decimal("0.12"), Decimal("0.12"))
    assert inputs["review_minutes"].median == Decimal("1.5")
    assert inputs["minutes_today"].by == "D. Roth"


def test_the_worth_is_as_sure_as_its_weakest_input(case: UseCaseResult) -> None:
    worth = figure(ahead(case).worth)
    assert worth.evidence is Evidence.CLAIMED
    assert worth.interval is not None
    assert worth.interval.low is not None
    assert worth.interval.high is not None
    assert worth.interval.low < worth.value < worth.interval.high


def test_every_figure_speaks_of_the_same_futures(case: UseCaseResult) -> None:
    shown = ahead(case)
    go_on, stop = shown.choice("go_on"), shown.choice("stop")
    assert stop.worth.amount == 0
    assert float(go_on.worth.amount) == pytest.approx(float(figure(shown.worth).value), rel=2e-3, abs=5)
    assert float(go_on.loss) == pytest.approx(float(figure(shown.loss).value), abs=0.01)
    assert shown.never is not None
    never = sum(dot is None for dot in shown.dots)
    assert abs(never / len(shown.dots) - float(shown.never)) <= 0.05
    # the regret of the best choice is what knowing everything would be worth, among go on and stop at least
    assert shown.knowing_all is not None
    best = max(shown.choices, key=lambda each: each.worth.amount)
    assert best.regret.amount >= shown.knowing_all.amount * Decimal("0.98")


def test_the_past_is_shown_and_never_moves_the_worth(tmp_path: Path, case: UseCaseResult) -> None:
    dear = look(tmp_path, AHEAD, cost=[*COSTS, cost("50000.00", "2026-07-02", "build")])
    assert figure(ahead(dear).worth).value == figure(ahead(case).worth).value
    assert ahead(dear).choices == ahead(case).choices
    assert ahead(dear).measure_next == ahead(case).measure_next
    assert dear.verdict is case.verdict
    # 252 out and 75 back so far; 50,000 more out
    assert ahead(case).history[-1].amount == Decimal(-177)
    assert ahead(dear).history[-1].amount == Decimal(-50177)
    assert (ahead(dear).never or 0) > (ahead(case).never or 0)


def test_without_a_share_that_becomes_money_the_share_needed_is_said(tmp_path: Path) -> None:
    stated = AHEAD.replace("realisation_share", "# realisation_share")
    shown = ahead(look(tmp_path, stated))
    assert "nobody says" in unknown(shown.worth)
    # (520 + 800) / (1,000 x (0.73 x 11.832 - 1.5) x 0.4) = 46 of 100 at the medians
    needed = figure(shown.share_needed)
    assert float(needed.value) == pytest.approx(1320 / (1000 * (0.73 * math.sqrt(140) - 1.5) * 0.4), abs=0.01)
    assert not shown.choices


def test_a_use_case_that_loses_and_that_nothing_could_teach_is_stopped(tmp_path: Path) -> None:
    loses = look(tmp_path, AHEAD.replace('"20 % to 40 %"', '"5 % to 8 %"'))
    assert loses.verdict is Verdict.STOP
    assert "less than stopping now" in loses.why


def test_where_knowing_more_is_worth_its_cost_it_goes_on_and_measures(tmp_path: Path) -> None:
    stated = AHEAD.replace("fixed_a_month = 800", "fixed_a_month = 450").replace(
        'value = "20 % to 40 %"', 'value = "5 % to 60 %", one_more_costs = 20'
    )
    case = look(tmp_path, stated)
    first = ahead(case).measure_next[0]
    assert first.key == "realisation_share"
    assert first.pays
    assert first.costs is not None
    assert first.costs.amount == 20
    if figure(ahead(case).worth).value < 0:
        assert case.verdict is Verdict.CONTINUE
    assert first.what in case.decisions[0].what


def test_checking_more_is_priced_by_the_minutes_it_takes(tmp_path: Path) -> None:
    # 1.5 minutes of review at 24.00 an hour are 0.60 a check; so many checks cost so many times 0.60
    stated = AHEAD.replace('"20 % to 40 %"', "0.36").replace("fixed_a_month = 800", "fixed_a_month = 510")
    shown = ahead(look(tmp_path, stated))
    check = next(each for each in shown.measure_next if each.key == "acceptance")
    assert check.cases is not None
    assert check.costs is not None
    assert float(check.costs.amount) == pytest.approx(0.6 * check.cases, rel=0.01)
    time = next((each for each in shown.measure_next if each.key == "minutes_today"), None)
    assert time is not None
    assert "D. Roth" in time.why


def test_waiting_for_cheaper_models_is_the_verdict(tmp_path: Path) -> None:
    stated = AHEAD.replace("fixed_a_month = 800", 'model_cost = "3 to 4"\nplatform_cost = 0') + (
        '\nprice_change = "-95 % to -90 %"\n'
    )
    case = look(tmp_path, stated.replace("months = 12", "months = 36"))
    assert case.verdict is Verdict.WAIT
    assert case.until is not None
    waited = max(ahead(case).choices, key=lambda each: each.worth.amount)
    assert waited.months_waited in {3, 6, 12}
    assert case.decisions[0].what.startswith("Wait with")


def test_a_risk_takes_its_part(tmp_path: Path, case: UseCaseResult) -> None:
    risk = AHEAD + (
        '\n[[use_cases.replies.returns.risks]]\nname = "a lawsuit"\nkind = "lawsuit"\nyearly_chance = 0.2\n'
        "costs = 10_000\n"
    )
    shown = ahead(look(tmp_path, risk))
    (line,) = shown.risks
    assert line.chance == Decimal("0.2")  # within twelve months, a chance of 0.2 a year
    assert float(line.takes.amount) == pytest.approx(2000, rel=0.02)
    gap = float(figure(ahead(case).worth).value - figure(shown.worth).value)
    assert gap == pytest.approx(2000, rel=0.05)


def test_a_pilot_with_a_gate_stands_beside_the_other_choices(tmp_path: Path) -> None:
    stated = (
        AHEAD + "\n[use_cases.replies.returns.pilot]\ncost = 300\nmonths = 2\ncatches = 0.8\nspares = 0.85\n"
    )
    pilot = ahead(look(tmp_path, stated)).choice("pilot")
    assert pilot.label == "try for 2 months, then decide"


def test_money_in_another_currency_takes_a_rate(tmp_path: Path, case: UseCaseResult) -> None:
    stated = AHEAD.replace("fixed_a_month = 800", 'fixed_a_month = { value = 1_600, currency = "USD" }')
    rate = '\n[[currency_rates]]\nfrom = "USD"\nto = "EUR"\nday = 2026-01-01\nrate = 0.5\n'
    shown = ahead(look(tmp_path, stated + rate))
    assert figure(shown.worth).value == figure(ahead(case).worth).value


def test_correlations_that_cannot_hold_together_are_mended_and_said(tmp_path: Path) -> None:
    stated = AHEAD.replace("volume = 1_000", 'volume = "900 to 1_100"\nadoption = "50 % to 90 %"') + "".join(
        f'\n[[use_cases.replies.returns.together]]\ninputs = ["{one}", "{other}"]\nrank = {rank}\n'
        for one, other, rank in (
            ("volume", "adoption", 0.9),
            ("adoption", "minutes_today", 0.9),
            ("volume", "minutes_today", -0.9),
        )
    )
    notes = " ".join(ahead(look(tmp_path, stated)).notes)
    assert "cannot hold together; the nearest that can are used" in notes


def test_a_list_of_months_that_is_too_short_holds_on_and_is_said(tmp_path: Path) -> None:
    notes = " ".join(ahead(look(tmp_path, AHEAD.replace("volume = 1_000", "volume = [500, 1_000]"))).notes)
    assert "given for 2 of 12 months: the last one holds on" in notes


def test_without_money_out_first_there_is_no_rate_of_return(case: UseCaseResult, tmp_path: Path) -> None:
    assert "goes only one way" in unknown(ahead(case).rate) or "just once" in unknown(ahead(case).rate)
    built = AHEAD.replace("fixed_a_month = 800", "build = 900") + "start = 2026-10-01\n"
    rate = ahead(look(tmp_path, built)).rate
    assert isinstance(rate, Figure)
    assert rate.value > 0


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ('volume = "800 to 200"', "runs backwards"),
        ('adoption = "90 % to 60 %"', "a range of a share rises"),
        ("adoption = 1.4", "is no share"),
        ('minutes_today = "pert(9, 5, 3)"', "in rising order"),
        ('model_cost = "-1 to 1"', "may be below 0"),
        ("price_change = -1", "would leave less than nothing"),
        ('fixed_a_month = { value = 9, currency = "CHF" }', "no rate from CHF to EUR"),
        ("discount_rate = 12", "write 0.12 for 12 %"),
        ("build = 9\nbuild_months = 12", "built only after the 12 months"),
        ('[[use_cases.replies.returns.together]]\ninputs = ["volume", "wage"]\nrank = 0.5', "not an uncertain input"),
        ('[[use_cases.replies.returns.risks]]\nname = "x"\nyearly_chance = 2\nends = true', "is no share"),
        ('[[use_cases.replies.returns.risks]]\nname = "x"\nyearly_chance = 0.1\nswitching = true', "switching_cost"),
        ('[[use_cases.replies.returns.values]]\nkind = "revenue won"', "exactly one of"),
        ('requires = ["nobody"]', "which is not another one"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(tmp_path: Path, stated: str, says: str) -> None:
    day = date(2026, 9, 30)
    period = Period(date(2026, 7, 1), date(2026, 10, 1))
    known = Known(None, None, None, None, None, (period.first_day, period.first_day_after), period, day)

    def read() -> None:
        project = with_instead(tmp_path, stated)
        prospect(project, "replies", Reader(project, (), day), known)

    with pytest.raises(PaybackError, match=re.escape(says)) as refused:
        read()
    assert "payback.toml:" in str(refused.value)


@pytest.mark.parametrize("stated", ["volume = 0", "volume = [0, 0]"])
def test_without_any_work_there_is_nothing_to_simulate(tmp_path: Path, stated: str) -> None:
    worth = ahead(of(payback.assess(with_instead(tmp_path, stated)))).worth
    assert isinstance(worth, Unknown)
    assert worth.reason == "there is no work: the volume is 0"
    assert "give `volume`" in worth.fix


def with_instead(folder: Path, stated: str) -> Project:
    """The desk with one key stated in another way."""
    key = stated.split(" ", 1)[0]
    lines = [line for line in AHEAD.splitlines() if not line.startswith(key) or key.startswith("[")]
    return project(folder, TODAY + "\n".join([*lines, stated]) + "\n", **TABLES)


def test_what_is_missing_is_said_with_its_remedy(tmp_path: Path) -> None:
    bare = of(
        assessed(tmp_path, "\n[use_cases.replies.returns]\nmonths = 12\n", usage=CALLS, outcome=OUTCOMES)
    )
    assert "nothing says what it saves or brings in" in unknown(ahead(bare).worth)
