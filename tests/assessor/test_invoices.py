"""An invoice is the truth for money: it stands in the place of list prices and is never added to them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from payback.assessment import UseCaseResult
from payback.records import Evidence
from tests.assessor.built import Row, assessed, call, figure, near, of, outcome, row


def bill(amount: str, on: str = "2026-09-01", **more: object) -> Row:
    return {"day": on, "use_case": "replies", "billed": amount, "currency": "EUR", **more}


def inputs(case: UseCaseResult) -> dict[str, str]:
    models = dict(case.out_parts)["models"]
    return {each.name: each.value for each in models.inputs}


USAGE = [call(n) for n in "1234"]  # 4.00 at list price, in September
OUTCOMES = [outcome(n) for n in "1234"]


def test_the_invoice_replaces_the_list_price_and_the_difference_is_shown(tmp_path: Path) -> None:
    # 3.50 billed, a credit of 0.50: 3.00, against 4.00 at list price
    case = of(
        assessed(
            tmp_path, usage=USAGE, outcome=OUTCOMES, bill_line=[bill("3.50"), bill("-0.50", kind="credit")]
        )
    )
    out = figure(case.out)
    assert row(out.value, out.evidence) == (3, Evidence.BILLED)
    assert inputs(case) == {
        "invoiced": "3.00 EUR",
        "the same calls at list price": "4.00 EUR",
        "invoiced less list price": "-1.00 EUR",
    }
    # Units stay at list price, and that is said
    assert near(case.arms[0].cost_per_accepted, "1")
    assert {each.what: each.effect for each in case.left_out} == {
        "unit costs are at list price, not as invoiced": "money out is as invoiced; "
        "the calls in each unit cost 25 of 100 less than shown"
    }
    assert case.burn is not None
    assert case.burn.spent.amount == 3


def test_a_month_without_an_invoice_counts_at_list_price(tmp_path: Path) -> None:
    # August 2.00 at list price and no invoice yet; September 4.00, invoiced at 5.00
    usage = [call("0", 1_000_000, on="2026-08-20"), *USAGE]
    case = of(assessed(tmp_path, usage=usage, bill_line=[bill("5.00", "2026-09-30")]))
    out = figure(case.out)
    assert row(out.value, out.evidence) == (7, Evidence.MEASURED)
    assert inputs(case)["calls at list price, of months without an invoice"] == "2.00 EUR"
    assert inputs(case)["the same calls at list price"] == "4.00 EUR"
    assert case.burn is not None
    assert case.burn.spent.amount == 7


def test_unpriced_calls_do_not_matter_where_an_invoice_says_what_they_cost(tmp_path: Path) -> None:
    usage = [*USAGE, call("5", model="nobody-prices-this")]
    case = of(assessed(tmp_path, usage=usage, bill_line=[bill("9.00")]))
    out = figure(case.out)
    assert row(out.value, out.bounds, out.omissions) == (9, None, ())


def test_invoices_alone(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, bill_line=[bill("9.00")]))
    assert figure(case.out).value == 9
    assert inputs(case) == {"invoiced": "9.00 EUR"}


def test_an_invoice_of_no_use_case_is_not_added_to_the_calls_it_is_for(tmp_path: Path) -> None:
    found = assessed(tmp_path, usage=USAGE, bill_line=[bill("5.50", use_case=None)])
    assert figure(of(found).out).value == 4  # what the calls cost at list price
    unassigned = figure(found.unassigned)
    assert unassigned.value == Decimal("1.5")  # 5.50 less 4.00: the rest of the invoice
    assert {each.name: each.value for each in unassigned.inputs} == {
        "calls at list price": "0 EUR",
        "rows of cost": "0 EUR",
        "invoices": "5.50 EUR",
        "of them for calls of use cases, at list price": "4.00 EUR",
        "named in the rows": "no use case",
    }
    assert found.out == of(found).out or figure(found.out).value == 4


def test_an_invoice_in_another_currency(tmp_path: Path) -> None:
    rates = '[[currency_rates]]\nfrom = "USD"\nto = "EUR"\nday = 2026-08-01\nrate = 0.9\n'
    case = of(assessed(tmp_path, rates, usage=USAGE, bill_line=[bill("10.00", currency="USD"), bill("1.00")]))
    assert figure(case.out).value == 10  # 9.00 and 1.00
