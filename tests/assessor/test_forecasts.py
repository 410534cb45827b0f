"""What was promised and what came, on projects whose rows can be added up by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import payback
from payback.assessment import Assessment
from payback.foretold import Scores, State, Told, Track
from payback.report import forecast_report
from payback.report.build import report
from payback.report.page import Promised, Table
from payback.report.page_returns import Bridge
from tests.assessor.built import Row, call, cost, outcome, project, row, value

CLAIM = """
[[use_cases.replies.claims]]
kind = "spend removed"
amount = {amount}
by = "{by}"
on = {on}
for = "{about}"
"""
ROWS = [call("t1"), call("t2")]


def claim(amount: object = 100, by: str = "M. Duarte", on: str = "2026-01-10", about: str = "2026-Q3") -> str:
    return CLAIM.format(amount=amount, by=by, on=on, about=about)


def forecast(low: object, high: object, about: str = "2026-Q3", **more: object) -> Row:
    return {
        "made_on": "2026-06-20",
        "made_by": "D. Roth",
        "use_case": "replies",
        "quantity": "value",
        "low": low,
        "high": high,
        "for_period": about,
        **more,
    }


def told(found: Assessment, quantity: str = "") -> list[Told]:
    """What people said, of one quantity where one is named."""
    return [each for each in found.forecasts.of("replies") if quantity in {"", each.said.quantity}]


def only(found: Assessment, quantity: str = "") -> Told:
    (each,) = told(found, quantity)
    return each


def past(found: Assessment, by: str = "M. Duarte") -> Track:
    (each,) = (track for track in found.forecasts.tracks if track.by == by and not track.costs)
    return each


def test_a_claim_is_held_against_what_is_in_the_accounts(tmp_path: Path) -> None:
    """30 booked and 10 measured of 100; 500 estimated do not count, nor does another kind."""
    values = [
        value(30), value(10, "measured"), value(500, "estimated"), value(7, kind="revenue won"),
        value(9, on="2026-10-01"),
    ]  # fmt: skip
    each = only(payback.assess(project(tmp_path, claim(), value=values, usage=ROWS)))
    assert row(each.state, each.came, each.ratio) == (State.CAME, 40, 0.4)
    assert each.horizon == 9  # 10 January to the end of September: 8.7 months
    assert dict(each.scores) == {"crps": 60}
    assert each.notes == ("rows stand in 1 of its 3 months",)


def test_no_row_is_not_nothing_and_a_row_of_nought_is(tmp_path: Path) -> None:
    later = [value(5, on="2026-10-02")]
    each = only(payback.assess(project(tmp_path / "a", claim(), value=later, usage=ROWS)))
    assert row(each.state, each.came, each.scores) == (State.NOT_KNOWN, None, ())
    assert "rows of 0 say that nothing came" in each.why
    each = only(payback.assess(project(tmp_path / "b", claim(), value=[*later, value(0)], usage=ROWS)))
    assert row(each.state, each.came, each.ratio) == (State.CAME, 0, 0)
    claimed = [*later, value(50, "claimed")]
    each = only(payback.assess(project(tmp_path / "c", claim(), value=claimed, usage=ROWS)))
    assert "only estimated or claimed" in each.why


def test_while_its_days_last_it_is_open(tmp_path: Path) -> None:
    each = only(payback.assess(project(tmp_path, claim(), value=[value(30, on="2026-09-29")], usage=ROWS)))
    assert row(each.state, each.came) == (State.OPEN, None)
    assert each.why == "known after 30 September 2026"


def test_claims_of_one_kind_add_up_and_without_days_there_is_nothing_to_hold_them_against(
    tmp_path: Path,
) -> None:
    both = claim(60) + claim(40)
    each = only(payback.assess(project(tmp_path / "a", both, value=[value(50)], usage=ROWS)))
    assert row(each.middle, each.ratio) == (100, 0.5)
    without = claim().replace('for = "2026-Q3"\n', "")
    each = only(payback.assess(project(tmp_path / "b", without, value=[value(50)], usage=ROWS)))
    assert each.state is State.NOT_KNOWN
    assert "not said for which days" in each.why
    days = "[period]\nfrom = 2026-09-01\nto = 2026-10-01\n"
    each = only(payback.assess(project(tmp_path / "c", without, days, value=[value(50)], usage=ROWS)))
    assert (each.state, each.ratio) == (State.CAME, 0.5)


def test_rows_of_forecasts_by_quantity(tmp_path: Path) -> None:
    """Out: two calls at 1.00 and 8 of platform; accepted 1 of 2; 3 hours; 20 back: net 10, 10 a result."""
    values = [value(20), value(None, kind="time freed", hours=3, currency=None)]
    rows = [
        forecast(10, 30),
        forecast(5, 9, quantity="cost"),
        forecast(1, 2, quantity="hours freed"),
        forecast(1, None, quantity="accepted"),
        forecast("0.2", "0.6", quantity="acceptance"),
        forecast(8, 12, quantity="unit cost"),
        forecast(5, 25, quantity="net"),
    ]
    checks = [outcome("t1"), outcome("t2", 0)]
    found = payback.assess(
        project(tmp_path, usage=ROWS, cost=[cost(8)], outcome=checks, value=values, forecast=rows)
    )
    came = {each.said.quantity: (each.came, each.hit) for each in told(found)}
    assert came == {
        "value": (20, True),
        "spend": (10, False),
        "hours freed": (3, False),
        "accepted": (1, None),
        "acceptance": (Decimal("0.5"), True),
        "unit cost": (10, True),
        "net": (10, True),
    }
    interval = dict(next(each.scores for each in told(found, "spend")))["interval"]
    assert interval == pytest.approx(4 + 20 * 1)


def test_results_nobody_checked_and_calls_without_a_price_leave_it_not_known(tmp_path: Path) -> None:
    rows = [forecast(1, 3, quantity="accepted"), forecast(1, 3, quantity="spend")]
    checks = [outcome("t1"), outcome("t2", None)]
    calls = [call("t1"), call("t2", model="nobody-knows")]
    values = [value(1)]
    found = payback.assess(project(tmp_path, usage=calls, outcome=checks, value=values, forecast=rows))
    why = {each.said.quantity: each.why for each in told(found)}
    assert why == {
        "accepted": "1 result of these days was not checked",
        "spend": "the cost of 50 of 100 of the tasks is not known",
    }


BAD: tuple[tuple[Row, str], ...] = (
    (forecast(1, 2, quantity="happiness"), "quantity is 'happiness'"),
    (forecast(1, 2, about="next year"), "for_period is 'next year'"),
    (forecast(1, 2, about="2026-Q1"), "2026-Q1 was over on 31 March 2026, before it was said"),
    (forecast(1, 2, use_case="elsewhere"), "use_case is 'elsewhere'"),
    (forecast(None, None), "no amount"),
    (forecast(1, 2, quantity="paid back"), "takes a chance"),
    (forecast(1, 85, quantity="acceptance"), "a share is 0 to 1"),
)


@pytest.fixture(scope="module")
def with_bad_rows(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    """A row that is a forecast, and one of each that is none below it."""
    rows = [forecast(1, 2), *(bad for bad, _ in BAD)]
    return payback.assess(project(tmp_path_factory.mktemp("bad"), usage=ROWS, forecast=rows))


@pytest.mark.parametrize("place", range(len(BAD)), ids=[what for _, what in BAD])
def test_rows_that_are_no_forecast(with_bad_rows: Assessment, place: int) -> None:
    problem = with_bad_rows.forecasts.problems[place]
    assert problem.code == "not-a-forecast"
    assert BAD[place][1] in problem.what
    assert problem.origin is not None
    assert problem.origin.row == place + 3  # the header is row 1
    assert problem in with_bad_rows.problems


def test_other_rows_still_count(with_bad_rows: Assessment) -> None:
    assert only(with_bad_rows).middle == pytest.approx(Decimal("1.41421"))


def test_a_range_the_wrong_way_round_is_kept_out_by_its_reader(tmp_path: Path) -> None:
    found = payback.assess(project(tmp_path, usage=ROWS, forecast=[forecast(5, 1)]))
    assert [each.code for each in found.problems if each.left_out] == ["order"]
    assert told(found) == []


def past_quarters(shares: list[object], by: str = "M. Duarte") -> tuple[str, list[Row]]:
    """A claim of 100 for each of so many months of 2026, and what came of it."""
    claims = "".join(
        claim(100, by, on="2025-12-01", about=f"2026-{month:02}") for month in range(1, len(shares) + 1)
    )
    values = [value(share, on=f"2026-{month:02}-20") for month, share in enumerate(shares, start=1)]
    return claims, values


def test_five_past_cases_correct_the_next(tmp_path: Path) -> None:
    """Five that came in at half: 0.489 (0.163 to 1.467), the worked numbers of docs/formulas.md."""
    claims, values = past_quarters([50] * 5)
    found = payback.assess(project(tmp_path, claims + claim(1000, about="2027"), value=values, usage=ROWS))
    track = past(found)
    assert (track.cases, track.came_in_at) == (5, 0.5)
    assert track.words == "Claims of M. Duarte came in at 0.50 of what was said in 5 past cases."
    assert track.next_words == "The next is taken at 0.49 of it (0.16 to 1.47)."
    (next_one,) = (each for each in told(found) if each.state is State.OPEN)
    assert next_one.middle == 1000
    assert next_one.corrected == (Decimal(163), Decimal(489), Decimal(1470))


def test_below_five_a_default_that_is_called_one(tmp_path: Path) -> None:
    claims, values = past_quarters([50] * 4)
    toml = claims + claim(1000, about="2027")
    found = payback.assess(project(tmp_path / "a", toml, value=values, usage=ROWS))
    assert past(found).next.is_default
    assert past(found).next_words == "The next is taken at 0.44 of it: a default, not this owner's record."
    (next_one,) = (each for each in told(found) if each.state is State.OPEN)
    assert next_one.corrected == (None, Decimal(440), None)
    head = "[forecasts]\nvalue_comes_in_at = 0.6\n"
    found = payback.assess(project(tmp_path / "b", toml, head, value=values, usage=ROWS))
    assert past(found).next.ratio == 0.6


def test_promises_about_the_same_months_are_one_case(tmp_path: Path) -> None:
    claims, values = past_quarters([50] * 3)
    more = claim(300, on="2025-12-02", about="2026-Q1")
    found = payback.assess(project(tmp_path, claims + more, value=values, usage=ROWS))
    assert past(found).cases == 1


def test_one_persons_past_is_not_anothers(tmp_path: Path) -> None:
    claims, values = past_quarters([50] * 5)
    toml = claims + claim(1000, by="K. Lang", about="2027")
    found = payback.assess(project(tmp_path, toml, value=values, usage=ROWS))
    assert (past(found, "K. Lang").cases, past(found, "K. Lang").next.is_default) == (0, True)


def test_ranges_that_held_are_counted_by_how_far_ahead(tmp_path: Path) -> None:
    """Two of three quarters within; the second word on the third quarter is shown, and not counted again."""
    rows = [
        forecast(10, 30, "2026-Q1", made_on="2025-12-20"),
        forecast(10, 15, "2026-Q2", made_on="2026-03-20"),
        forecast(10, 30, "2026-Q3"),
        forecast(19, 21, "2026-Q3", made_on="2026-06-25"),
    ]
    values = [value(20, on=day) for day in ("2026-02-20", "2026-05-20", "2026-08-20", "2026-09-30")]
    found = payback.assess(project(tmp_path, usage=ROWS, value=values, forecast=rows))
    (score,) = found.forecasts.scores
    assert isinstance(score, Scores)
    assert (score.by, score.horizon, score.count, score.ranges, score.hits) == ("D. Roth", (3, 6), 3, 3, 1)
    assert [each.counted for each in told(found)].count(True) == 3


def test_the_same_files_give_the_same_and_write_nothing_twice(tmp_path: Path) -> None:
    made = project(tmp_path, claim(), value=[value(30)], usage=ROWS)
    first = payback.assess(made)
    file = tmp_path / ".payback" / "record" / "forecasts.jsonl"
    kept = file.read_text()
    assert payback.assess(made) == first
    assert file.read_text() == kept


def test_a_claim_that_was_edited_stays_and_one_of_the_same_day_is_a_correction(tmp_path: Path) -> None:
    made = project(tmp_path, claim(100), value=[value(30)], usage=ROWS)
    payback.assess(made)
    file = tmp_path / "payback.toml"
    text = file.read_text()
    file.write_text(text.replace("amount = 100", "amount = 60"))
    assert only(payback.assess(tmp_path)).middle == 60
    file.write_text(text.replace("amount = 100", "amount = 60").replace("2026-01-10", "2026-05-10"))
    both = told(payback.assess(tmp_path))
    assert [row(each.middle, each.gone) for each in both] == [(60, True), (60, False)]
    file.write_text(text)
    states = {(each.middle, each.state) for each in payback.assess(tmp_path).forecasts.told}
    assert (Decimal(100), State.CAME) in states
    assert (None, State.SAID_AGAIN) in states


def test_a_folder_that_cannot_be_written_changes_no_figure(tmp_path: Path) -> None:
    (tmp_path / ".payback" / "record" / "forecasts.jsonl").mkdir(parents=True)
    found = payback.assess(project(tmp_path, claim(), value=[value(40)], usage=ROWS))
    assert only(found).ratio == 0.4
    assert any("could not be kept" in note for note in found.notes)


def test_money_in_another_currency_takes_the_rate_of_the_day_it_was_said(tmp_path: Path) -> None:
    from payback import forecasts
    from payback.foretold import Foretold
    from payback.records import Period

    said = Foretold(
        "replies", "value", Period(date(2026, 7, 1), date(2026, 10, 1)), date(2026, 6, 1), "D. Roth",
        Decimal(100), Decimal(100), currency="USD",
    )  # fmt: skip
    made = project(tmp_path, value=[value(40)], usage=ROWS)
    forecasts.keep(made, [said])
    each = only(payback.assess(made))
    assert (each.state, each.why) == (State.NOT_KNOWN, "no rate from USD to EUR")
    file = tmp_path / "payback.toml"
    rate = '\n[[currency_rates]]\nfrom = "USD"\nto = "EUR"\nday = 2026-01-01\nrate = 0.8\n'
    file.write_text(file.read_text() + rate)
    each = only(payback.assess(tmp_path))
    assert row(each.middle, each.ratio) == (80, 0.5)


def test_chances_of_being_paid_back_and_of_a_gate(tmp_path: Path) -> None:
    """10 out by the end of September, 12 back: paid back. Two accepted of at least two: passed on 2 September."""
    from payback import forecasts
    from payback.foretold import Foretold
    from payback.records import Period

    gate = '\n[[use_cases.replies.gates]]\nname = "two"\nfigure = "accepted"\nat_least = 2\nby = 2026-09-30\n'
    made = project(
        tmp_path, gate, usage=ROWS, cost=[cost(8)], value=[value(12)], outcome=[outcome("t1"), outcome("t2")]
    )
    quarter, before = (
        Period(date(2026, 7, 1), date(2026, 10, 1)),
        Period(date(2026, 8, 1), date(2026, 9, 1)),
    )
    said = [
        Foretold("replies", quantity, period, date(2026, 6, 1), "D. Roth", chance=Decimal("0.7"))
        for quantity in ("paid back", "gate two", "gate three")
        for period in (quarter, before)
    ]
    forecasts.keep(made, said)
    found = {(each.said.quantity, each.said.period == quarter): each for each in told(payback.assess(made))}
    assert {key: each.happened for key, each in found.items()} == {
        ("paid back", True): True,
        ("paid back", False): None,
        ("gate two", True): True,
        ("gate two", False): False,
        ("gate three", True): None,
        ("gate three", False): None,
    }
    assert dict(found["gate two", True].scores)["brier"] == pytest.approx(0.09)
    assert found["gate three", True].why == "there is no gate of this name"
    assert found["paid back", False].state is State.NOT_KNOWN


def test_what_an_assessment_said_is_held_against_what_came(tmp_path: Path) -> None:
    """100 a month: seen at the end of June, July to September are 300, and that is what they were."""
    costs = [cost(100, on=f"2026-{month:02}-15") for month in range(1, 10)]
    values = [value(1, on="2026-06-30"), value(1, on="2026-09-30")]
    budget = "\n[use_cases.replies.kill_line]\nspend = 5000\n"
    made = project(tmp_path, budget, cost=costs, value=values)
    early = payback.assess(made, as_of=date(2026, 6, 30))
    own = [each for each in early.forecasts.told if each.said.by_assessment]
    assert own
    assert all(each.state is State.OPEN for each in own)
    found = [
        each
        for each in payback.assess(made).forecasts.told
        if each.said.by_assessment and each.said.made_on == date(2026, 6, 30) and each.state is State.CAME
    ]
    (spend,) = (each for each in found if each.said.quantity == "spend")
    assert row(spend.middle, spend.came, spend.ratio) == (300, 300, 1)
    assert early == payback.assess(made, as_of=date(2026, 6, 30))  # a later look changes no earlier one
    payback.assess(made, as_of=date(2026, 6, 29))  # of a month only the first assessment is kept
    kept = (tmp_path / ".payback" / "record" / "forecasts.jsonl").read_text()
    assert '"made_on": "2026-06-30"' in kept
    assert "2026-06-29" not in kept


def test_the_page_shows_what_was_promised(tmp_path: Path) -> None:
    claims, values = past_quarters([50] * 5)
    found = payback.assess(project(tmp_path, claims + claim(1000, about="2027"), value=values, usage=ROWS))
    (table,) = forecast_report.blocks(found, "replies")
    assert isinstance(table, Table)
    assert "came in at 0.50 of what was said in 5 past cases" in table.source
    assert table.rows[-1].cells[3].text.startswith("taken at 489 EUR (163 EUR to 1,470 EUR)")
    assert table.rows[0].cells[3].text == "0.50 of what was said"
    assert forecast_report.blocks(found, "elsewhere") == ()
    page = next(page for page in report([found]).pages if page.name == "Replies")
    bars = [
        block for section in page.sections for block in section.blocks if isinstance(block, Promised | Bridge)
    ]
    (bar,) = bars
    assert bar.source.endswith(" Claims of M. Duarte came in at 0.50 of what was said in 5 past cases.")
