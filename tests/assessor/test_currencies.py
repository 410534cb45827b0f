"""A project has one currency; what cannot be brought into it is left out and counted."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.assessor.built import assessed, call, cost, figure, of, unknown, value

RATES = """
[[currency_rates]]
from = "USD"
to = "EUR"
day = 2026-08-01
rate = 0.9

[[currency_rates]]
from = "USD"
to = "EUR"
day = 2026-09-10
rate = 0.8

[[currency_rates]]
from = "EUR"
to = "GBP"
day = 2026-08-01
rate = 0.5
"""


def test_each_row_at_the_rate_of_its_day(tmp_path: Path) -> None:
    rows = [
        cost("10.00", "2026-09-09", currency="USD"),  # 9.00
        cost("10.00", "2026-09-10", currency="USD"),  # 8.00
        cost("10.00", "2026-09-10"),  # 10.00, in the same file
        cost("10.00", "2026-09-10", currency="GBP"),  # 1 EUR = 0.5 GBP, so 20.00
    ]
    back = [value("5.00", currency="USD", on="2026-09-30"), value("1.00")]
    found = assessed(tmp_path, RATES, cost=rows, value=back)
    assert figure(found.out).value == 47
    assert figure(found.back).value == 5  # 4.00 and 1.00
    assert found.problems == ()


def test_a_row_without_a_rate_is_left_out_and_counted(tmp_path: Path) -> None:
    rows = [
        cost("10.00", "2026-07-31", currency="USD"),  # before the first rate
        cost("10.00", currency="CNY"),
        cost("7.00", currency="CNY"),
        cost("1.00"),
    ]
    found = assessed(tmp_path, RATES, cost=rows, value=[value("3.00", currency="CNY")])
    assert figure(found.out).value == 1
    assert [(each.code, each.what, each.rows) for each in found.problems] == [
        ("no-currency-rate", "no rate from CNY to EUR", 3),
        ("no-currency-rate", "no rate from USD to EUR", 1),
    ]
    assert [(each.what, each.rows) for each in found.left_out] == [
        ("3 rows left out: no rate from CNY to EUR", 3),
        ("1 row left out: no rate from USD to EUR", 1),
    ]
    assert unknown(found.back) == "no row of these days says what came back"


def test_rows_of_one_currency_and_no_rate_leave_nothing(tmp_path: Path) -> None:
    found = assessed(tmp_path, cost=[cost("10.00", currency="USD")])
    assert unknown(of(found).out) == "no calls, bills or costs are recorded"


def test_prices_in_another_currency(tmp_path: Path) -> None:
    dollars = '\n[[prices]]\nmodel = "d"\ncurrency = "USD"\ninput = 2\noutput = 10\n'
    usage = [call("1", model="d"), call("2", model="d", on="2026-09-10")]
    found = assessed(tmp_path, RATES + dollars, usage=usage)
    assert figure(found.out).value == Decimal("1.7")  # 1.00 USD at 0.9, 1.00 USD at 0.8
