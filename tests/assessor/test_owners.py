"""Whose the spending is that no use case takes. By hand: 500,000 tokens of model m are 1.00 EUR."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from payback.assessment import Assessment
from payback.records import Evidence
from payback.report.build import report
from payback.report.to_html import html
from payback.report.to_terminal import terminal
from tests.assessor.built import Row, assessed, call, cost, figure, of, outcome, row


def whose(found: Assessment) -> list[tuple[str, Any]]:
    return [(one.words, one.amount.amount) for one in found.unassigned_by]


def added_up(found: Assessment) -> bool:
    return figure(found.unassigned).value == sum(one.amount.amount for one in found.unassigned_by)


def loose(task: object = None, euros: int = 1, **more: Any) -> Row:
    return call(task, euros * 500_000, use_case=None, **more)


def test_each_row_has_one_owner_the_first_it_names(tmp_path: Path) -> None:
    tags = {"team": "data", "project": "~/acme"}
    usage = [
        call("mine"),
        loose(euros=2, tags=tags, service="batch", user="ann"),
        loose(euros=3, tags={"project": "~/acme"}, service="batch", user="ann"),
        loose(euros=4, service="batch", user="ann"),
        loose(euros=5, user="ann"),
        loose(euros=9),
    ]
    found = assessed(tmp_path, usage=usage)
    assert whose(found) == [
        ("person 1", 5), ("service batch", 4), ("project ~/acme", 3), ("team data", 2), ("no owner named", 9),
    ]  # fmt: skip
    assert figure(found.unassigned).value == 23


def test_people_are_numbered_by_what_they_spent(tmp_path: Path) -> None:
    usage = [call("mine"), loose(user="zoe", euros=2), loose(user="ann"), loose(user="zoe", euros=2)]
    assert whose(assessed(tmp_path, usage=usage)) == [("person 1", 4), ("person 2", 1)]


def test_owners_of_one_day_and_of_one_task_are_told_apart(tmp_path: Path) -> None:
    usage = [call("mine"), *(loose(task, service=name) for task in (None, "t") for name in ("a", "b", "b"))]
    found = assessed(tmp_path, usage=usage)
    assert whose(found) == [("service b", 4), ("service a", 2)]
    assert [one.calls for one in found.unassigned_by] == [4, 2]


def test_only_the_period_counts(tmp_path: Path) -> None:
    head = "period = { from = 2026-09-01, to = 2026-10-01 }"
    usage = [call("mine"), loose(service="a"), loose(service="a", on="2026-08-01")]
    assert whose(assessed(tmp_path, "", head, usage=usage)) == [("service a", 1)]


def test_a_use_case_nobody_declared_is_no_use_case(tmp_path: Path) -> None:
    found = assessed(tmp_path, usage=[call("mine"), call("x", use_case="typo", service="a")])
    assert whose(found) == [("service a", 1)]


def test_an_unknown_cost_is_told_and_not_nothing(tmp_path: Path) -> None:
    usage = [call("mine"), loose(service="a"), loose(service="a", model="unheard-of")]
    (one,) = assessed(tmp_path, usage=usage).unassigned_by
    assert row(one.words, one.amount.amount, one.calls, one.or_more) == ("service a", 1, 2, True)


def test_rows_of_cost_stand_under_what_they_were_for(tmp_path: Path) -> None:
    rows = [cost("7.00", use_case=None), cost("2.50", use_case=None, note="seats")]
    found = assessed(tmp_path, usage=[call("mine"), loose(service="a")], cost=rows)
    assert dict(whose(found))["rows of cost: seats"] == Decimal("2.50")
    assert added_up(found)
    assert figure(found.unassigned).value == Decimal("10.50")


def bill(billed: str, **more: object) -> dict[str, object]:
    return {"day": "2026-09-01", "billed": billed, "currency": "EUR", **more}


def test_an_invoice_without_calls_is_by_account_then_service(tmp_path: Path) -> None:
    bills = [
        bill("4", account="a-1", service="chat"),
        bill("2", service="chat"),
        bill("1"),
        bill("-1", account="a-1"),
    ]
    found = assessed(tmp_path, cost=[cost("1.00")], bill_line=bills)
    assert whose(found) == [("account a-1", 3), ("service chat", 2), ("no owner named", 1)]
    assert {one.evidence for one in found.unassigned_by} == {Evidence.BILLED}


def test_of_an_invoice_and_its_calls_no_money_counts_twice(tmp_path: Path) -> None:
    found = assessed(
        tmp_path, usage=[call("mine"), loose(service="a", euros=3)], bill_line=[bill("6", account="x")]
    )
    # 6.00 invoiced, 1.00 of it for the use case, 3.00 for service a at list price: 2.00 more
    assert whose(found) == [("service a", 3), ("invoiced beyond the calls", 2)]
    assert figure(found.unassigned).value == 5


def test_it_adds_up_in_other_currencies_too(tmp_path: Path) -> None:
    head = '[[currency_rates]]\nfrom = "USD"\nto = "EUR"\nday = 2026-01-01\nrate = 0.9\n'
    bills = [bill("3.33", account="a", currency="USD"), bill("1", account="b")]
    made = assessed(tmp_path, "\n" + head, cost=[cost("1.00")], bill_line=bills)
    assert whose(made) == [("account a", Decimal("2.997")), ("account b", 1)]
    assert added_up(made)


def test_page_one_begins_with_it_where_it_is_larger_than_any_use_case(tmp_path: Path) -> None:
    usage = [call("mine", 1_000_000), *(loose(service=f"s{n}", euros=n) for n in range(1, 8))]
    found = assessed(tmp_path, usage=usage)
    page = terminal(report([found]), 100, color=False)
    assert "28 more is unassigned: no use case takes it; 7 of it is service s7." in page
    page = page[page.index("No use case") :]
    assert (
        page.index("No use case")
        < page.index("of it: service s7")
        < page.index("3 others")
        < page.index("Replies ")
    )
    text = html(report([found]))
    assert "of it: service s7" in text


def test_page_one_ends_with_it_where_it_is_smaller(tmp_path: Path) -> None:
    found = assessed(tmp_path, usage=[call("mine", 5_000_000), loose(service="s")])
    page = terminal(report([found]), 100, color=False)
    assert page.index("Replies ") < page.index("of it: service s")


def test_a_hostile_owner_is_only_text(tmp_path: Path) -> None:
    found = assessed(tmp_path, usage=[call("mine"), loose(service="<script>alert(1)</script>\x1b[31m")])
    assert "<script>alert" not in html(report([found]))
    assert "\x1b[31m" not in terminal(report([found]), 100, color=False)


def test_calls_logged_before_they_were_done_cost_that_much_or_more(tmp_path: Path) -> None:
    usage = [call("1"), call("2", unfinished=1), call("3")]
    found = assessed(tmp_path, usage=usage, outcome=[outcome(n) for n in (1, 2, 3)])
    out = figure(of(found).out)
    assert out.value == 3
    assert out.bounds is not None
    assert out.bounds.low == 3
    assert out.bounds.high == 4  # one task known in part: at most the dearest known on top
    (omission,) = [each for each in found.left_out if "before it was done" in each.what]
    assert (omission.rows, "or more" in omission.effect) == (1, True)


def test_calls_of_a_use_case_that_no_result_joins_are_told(tmp_path: Path) -> None:
    usage = [call("1"), call(None, 1_000_000)]
    found = assessed(tmp_path, usage=usage, outcome=[outcome(1)])
    assert [one.what for one in of(found).left_out if "name no task" in one.what] == [
        "2.00 EUR went to calls that name no task, so no result joins them"
    ]
    told = assessed(tmp_path / "none", usage=[call(None)])
    assert not [one for one in of(told).left_out if "name no task" in one.what]


def test_without_tasks_nothing_bounds_what_unfinished_calls_cost(tmp_path: Path) -> None:
    out = figure(of(assessed(tmp_path, usage=[call(None), call(None, unfinished=1)])).out)
    assert row(out.value, out.only_a_least) == (2, True)
