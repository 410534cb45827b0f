"""What was paid: bills against the list price of the calls they are for. Every sum is worked by hand.

Claude Sonnet 4.5 costs 3 USD a million tokens in and 15 out (platform.claude.com), half of it in a batch: a
call of 100,000 tokens in and 20,000 out is 0.30 + 0.30 = 0.60.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from payback.prices import CurrencyRate
from payback.records import Money, PaybackError, Period
from payback.usage import Billed, Bills, Plan, Usage, usage
from payback.usage.paid import is_ai, vendor_of
from tests.sources.test_anthropic_costs import HEADER, item, report
from tests.sources.test_claude_code import answer, log
from tests.sources.test_focus import bill
from tests.sources.test_openai_costs import costs, page, result

SONNET = "claude-sonnet-4-5-20250929"
numbers = itertools.count()


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def call(day: str, model: str = SONNET) -> dict[str, Any]:
    number = next(numbers)
    return answer(
        f"m{number}",
        f"r{number}",
        model=model,
        timestamp=f"{day}T10:00:00Z",
        usage_input_tokens=100_000,
        usage_output_tokens=20_000,
        usage_cache_read_input_tokens=0,
    )


def logged(folder: Path, days: Sequence[str]) -> Path:
    return log(folder, *(call(day) for day in days), name="session.jsonl")


def read(found: Usage) -> Bills:
    assert found.bills is not None
    return found.bills


def only(found: Usage) -> Billed:
    (month,) = read(found).months
    return month


def parts(month: Billed) -> dict[str, Decimal]:
    made = {part.kind: part.amount.amount for part in month.parts}
    assert month.difference is not None
    assert sum(made.values(), Decimal(0)) == month.difference.amount
    return made


def test_where_the_truth_is_known_the_parts_say_it(tmp_path: Path) -> None:
    """40 calls, half of them in a batch, three of the others not logged.

    Billed 20 x 0.60 + 20 x 0.30 = 18.00, 1.00 of web search, 2.50 of a model no log names, 5.00 of credit, 1.19 of
    tax: 17.69. Listed 37 x 0.60 = 22.20. Difference -4.51: -6.00 for the batch, 1.00, 2.50, -5.00, 1.19, and what is
    left is the three calls: 1.80.
    """
    days = [f"2026-10-{1 + number % 28:02}" for number in range(40)]
    logs = logged(tmp_path, days[:37])
    bills = tmp_path / "bills"
    for day in sorted(set(days)):
        at = [number for number in range(40) if days[number] == day]
        standard, batch = sum(n >= 20 for n in at), sum(n < 20 for n in at)
        more = []
        if day == "2026-10-02":
            search = {"model": None, "service_tier": None, "token_type": None}
            more.append(item("100", description="Web Search Usage", cost_type="web_search", **search))
            more.append(item("250", model="claude-haiku-4-5-20251001", description="Claude Haiku 4.5"))
        items = [item(str(60 * standard)), item(str(30 * batch), service_tier="batch"), *more]
        report(bills, *items, day=day, name=f"{day}.json")
    other = {"ProviderName": "Anthropic", "ServiceName": "Claude API", "EffectiveCost": ""}
    bill(
        bills,
        other | {"ChargeCategory": "Credit", "BilledCost": "-5"},
        other | {"ChargeCategory": "Tax", "BilledCost": "1.19"},
    )
    month = only(usage([logs, bills]))
    assert (month.vendor, month.month, month.calls) == ("anthropic", date(2026, 10, 1), 37)
    assert (month.billed, month.listed, month.difference) == (usd("17.69"), usd("22.20"), usd("-4.51"))
    assert parts(month) == {
        "credit": Decimal(-5),
        "tax": Decimal("1.19"),
        "tier:batch": Decimal(-6),
        "not_by_tokens": Decimal(1),
        "not_logged": Decimal("2.5"),
        "not_explained": Decimal("1.8"),
    }
    names = {part.kind: part.names for part in month.parts}
    assert names["not_logged"] == ("claude-haiku-4-5-20251001",)
    assert names["not_by_tokens"] == ("Web Search Usage",)


def test_a_bill_of_the_logged_calls_leaves_nothing_to_explain(tmp_path: Path) -> None:
    logs = logged(tmp_path, ["2026-10-03", "2026-10-03"])
    found = usage([logs, report(tmp_path, item("120"))])
    month = only(found)
    assert (month.difference, month.parts) == (usd("0"), ())
    assert (found.paid, found.total.listed) == (usd("1.2"), usd("1.2"))  # a bill never adds to usage


def test_searches_that_both_know_of_explain_themselves(tmp_path: Path) -> None:
    """Three web searches at 10 USD a thousand are 0.03, in the log and on the bill; two more were not logged."""
    searching = call("2026-10-03")
    searching["message"]["usage"]["server_tool_use"] = {"web_search_requests": 3}
    logs = log(tmp_path, searching)
    billed = item("5", description="Web Search Usage", cost_type="web_search", model=None, token_type=None)
    month = only(usage([logs, report(tmp_path, item("60"), billed)]))
    assert (month.billed, month.listed) == (usd("0.65"), usd("0.63"))
    assert parts(month) == {"not_by_tokens": Decimal("0.02")}


@pytest.mark.parametrize("seed", range(3))
def test_parts_always_add_up(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311  no secret
    logs = log(
        tmp_path,
        *(call(f"2026-10-{draw.randint(1, 28):02}", draw.choice([SONNET, "acme-7b"])) for _ in range(20)),
        call("2026-10-14"),
    )
    items = [
        item(
            f"{draw.uniform(-50, 900):.9f}",
            model=draw.choice([SONNET, "acme-7b", "claude-opus-4-5", None]),
            service_tier=draw.choice(["standard", "batch", None]),
            description=str(number),
        )
        for number in range(30)
    ]
    parts(only(usage([logs, report(tmp_path, *items, day="2026-10-14")])))


def test_logs_that_begin_on_the_10th_are_compared_from_there(tmp_path: Path) -> None:
    """Logged on the 10th and 12th; billed on the 3rd (2.00), the 10th and the 12th (0.60 each)."""
    logs = logged(tmp_path, ["2026-10-10", "2026-10-12"])
    for day, cents in (("2026-10-03", "200"), ("2026-10-10", "60"), ("2026-10-12", "60")):
        report(tmp_path / "bills", item(cents), day=day, name=f"{day}.json")
    month = only(usage([logs, tmp_path / "bills"]))
    assert month.compared == Period(date(2026, 10, 10), date(2026, 10, 13))
    assert (month.billed, month.apart, month.difference) == (usd("3.2"), usd("2"), usd("0"))


def test_calls_after_the_last_day_of_the_bill_are_not_held_against_it(tmp_path: Path) -> None:
    logs = logged(tmp_path, ["2026-10-10", "2026-10-31"])
    month = only(usage([logs, report(tmp_path, item("60"), day="2026-10-10")]))
    assert (month.difference, month.later, month.calls) == (usd("0"), usd("0.6"), 1)


def test_a_bill_of_a_whole_month_says_no_days(tmp_path: Path) -> None:
    """Logged from the 10th on: 0.60; billed for October: 1.50, whose days nobody knows."""
    october = {"ChargePeriodStart": "2026-10-01T00:00:00Z", "ChargePeriodEnd": "2026-11-01T00:00:00Z"}
    vendor = {"ProviderName": "Anthropic", "ServiceName": "Claude API", "BilledCost": "1.5"}
    month = only(usage([logged(tmp_path, ["2026-10-10"]), bill(tmp_path, october | vendor)]))
    assert month.partly
    assert parts(month) == {"not_explained": Decimal("0.9")}


def test_without_calls_of_the_vendor_nothing_is_compared(tmp_path: Path) -> None:
    month = only(
        usage([logged(tmp_path, ["2026-10-01"]), costs(tmp_path, page(result(12.5, "gpt-5.4, input")))])
    )
    assert (month.vendor, month.billed, month.listed, month.difference) == ("openai", usd("12.5"), None, None)


def test_calls_a_plan_covers_are_not_expected_on_the_invoice(tmp_path: Path) -> None:
    logs = logged(tmp_path, ["2026-10-03", "2026-10-20"])
    until_10th = Plan("claude", 1, usd("20"), last_day=date(2026, 10, 10))
    found = usage([logs, report(tmp_path, item("60"), day="2026-10-20")], plans=[until_10th])
    month = only(found)
    assert (month.calls, month.planned, month.difference) == (1, 1, usd("0"))
    assert (found.plans[0].covered.calls, found.paid) == (1, usd("20.6"))
    everything = only(usage([logs, report(tmp_path, item("60"))], plans=[Plan("claude", 1, usd("20"))]))
    assert (everything.listed, everything.planned) == (None, 2)


def test_only_bills_and_no_logs(tmp_path: Path) -> None:
    report(tmp_path, item("120"), day="2026-09-30", name="a.json")
    report(tmp_path, item("60"), day="2026-10-01", name="b.json")
    found = usage([tmp_path], plans=[Plan("claude", 2, usd("200"))])
    assert [(each.vendor, each.month, each.billed) for each in read(found).months] == [
        ("anthropic", date(2026, 9, 1), usd("1.2")),
        ("anthropic", date(2026, 10, 1), usd("0.6")),
    ]
    assert found.total.calls == 0
    assert (found.plans[0].months, found.paid) == (2, usd("801.8"))  # two seats, September and October


def test_the_same_invoice_under_two_names_and_in_overlapping_exports_counts_once(tmp_path: Path) -> None:
    """The 3rd in both exports, at 1.00 when the day had not ended and at 1.50 after."""
    early = report(tmp_path, item("100"), name="early.json")
    (tmp_path / "copy.json").write_bytes(early.read_bytes())
    (tmp_path / "other_bytes.json").write_text(early.read_text() + "\n")
    report(tmp_path, item("150"), name="late.json")
    found = read(usage([tmp_path]))
    assert (found.paid, found.repeated, found.restated) == (usd("1.5"), 2, 1)


def test_of_a_coarse_and_a_fine_export_of_a_day_only_the_fine_counts(tmp_path: Path) -> None:
    costs(tmp_path, page(result(3)), name="coarse.json")
    costs(tmp_path, page(result(1, "gpt-5.4, input"), result(2, "gpt-5.4, output")), name="fine.json")
    costs(tmp_path, page(result(4), day=1), name="next_day.json")
    found = read(usage([tmp_path]))
    assert (found.paid, found.coarser) == (usd("7"), 1)


def test_of_the_report_and_the_console_s_csv_the_exact_one_counts(tmp_path: Path) -> None:
    report(tmp_path, item("60.4", workspace_id="wrkspc_1"))
    (tmp_path / "console.csv").write_text(
        f"{HEADER}\n2026-10-03,Claude Sonnet 4.5,Main,k,message,≤ 200k,output,0.60,0.60,token,global,,a,active\n",
        encoding="utf-8",
    )
    assert read(usage([tmp_path])).paid == usd("0.604")


def test_of_focus_and_the_vendor_s_own_export_the_own_one_counts(tmp_path: Path) -> None:
    """The 3rd in both: 0.60; tax only in FOCUS; the 4th only in FOCUS."""
    report(tmp_path, item("60"))
    vendor = {"ProviderName": "Anthropic", "BilledCost": "0.60"}
    next_day = {"ChargePeriodStart": "2026-10-04", "ChargePeriodEnd": "2026-10-05"}
    bill(tmp_path, vendor, vendor | {"ChargeCategory": "Tax"}, vendor | next_day)
    found = read(usage([tmp_path]))
    assert (found.paid, found.coarser) == (usd("1.8"), 1)


def test_exports_of_two_organisations_are_not_one_finer_than_the_other(tmp_path: Path) -> None:
    header = "start_time,end_time,amount_value,amount_currency,line_item,project_id,organization_id\n"
    day = "1790812800,1790899200"
    (tmp_path / "one.csv").write_text(f'{header}{day},3,usd,"gpt-5.4, input",proj_1,org-1\n')
    (tmp_path / "two.csv").write_text(f"{header}{day},4,usd,,,org-2\n")
    assert read(usage([tmp_path])).paid == usd("7")


def test_of_a_cloud_only_ai_counts(tmp_path: Path) -> None:
    machines = {"ServiceName": "Amazon Elastic Compute Cloud", "ServiceCategory": "Compute", "SkuId": "ec2"}
    file = bill(
        tmp_path, {}, machines | {"BilledCost": "100"}, machines | {"BilledCost": "-40", "SkuId": "x"}
    )
    found = read(usage([file]))
    assert (found.paid, [(each.lines, each.billed) for each in found.not_ai]) == (
        usd("12.5"),
        [(2, usd("60"))],
    )
    wider = read(usage([file], also_ai=["amazon elastic compute*"]))
    assert (wider.paid, wider.not_ai) == (usd("72.5"), ())


@pytest.mark.parametrize(
    ("provider", "service", "category", "expected"),
    [
        ("OpenAI", "Anything", None, True),
        ("Mistral AI", None, None, True),
        ("AWS", "Amazon Bedrock", "Other", True),
        ("Microsoft", "Azure OpenAI", "AI and Machine Learning", True),
        ("Google Cloud", "Vertex AI", None, True),
        ("Google Cloud", "Compute Engine", "Compute", False),
        ("AWS", "AmazonS3", "Storage", False),
        ("A vendor", "Claude seats", None, True),
        ("", None, None, False),
    ],
)
def test_what_counts_as_ai(provider: str, service: str | None, category: str | None, expected: bool) -> None:
    assert is_ai(vendor_of(provider), service, category) is expected


def test_a_commitment_is_paid_when_it_is_bought(tmp_path: Path) -> None:
    """100 in cash in October; used in November at an effective 40, for nothing."""
    bought = {"ChargeCategory": "Purchase", "BilledCost": "100", "EffectiveCost": "0"}
    used = {
        "ChargePeriodStart": "2026-11-03",
        "ChargePeriodEnd": "2026-11-04",
        "BilledCost": "0",
        "EffectiveCost": "40",
    }
    october, november = read(usage([bill(tmp_path, bought, used)])).months
    assert (october.billed, october.effective) == (usd("100"), usd("0"))
    assert (november.billed, november.effective) == (usd("0"), usd("40"))


def test_money_of_another_currency_needs_a_dated_rate(tmp_path: Path) -> None:
    """10 EUR at 1.25 dollars is 12.50; without a rate it is not in the sum, and said."""
    file = bill(tmp_path, {"BilledCost": "10", "BillingCurrency": "EUR"}, {"BilledCost": "1", "SkuId": "x"})
    without = usage([file])
    assert (without.paid, read(without).other_currencies) == (usd("1"), (Money(Decimal(10), "EUR"),))
    rate = CurrencyRate(date(2026, 10, 1), "EUR", "USD", Decimal("1.25"))
    assert usage([file], rates=[rate]).paid == usd("13.5")
    with pytest.raises(PaybackError) as refused:
        usage([file], plans=[Plan("claude", 1, Money(Decimal(20), "EUR"))])
    assert refused.value.code == "no-currency-rate"
    assert usage([file], rates=[rate], plans=[Plan("claude", 1, Money(Decimal(20), "EUR"))]).paid == usd(
        "38.5"
    )


def test_since_and_until_hold_for_bills(tmp_path: Path) -> None:
    october = {
        "ChargePeriodStart": "2026-10-01",
        "ChargePeriodEnd": "2026-11-01",
        "BilledCost": "300",
        "SkuId": "month",
    }
    file = bill(tmp_path, {}, {"ChargePeriodStart": "2026-10-05", "ChargePeriodEnd": "2026-10-06"}, october)
    found = read(usage([file], since=date(2026, 10, 3), until=date(2026, 10, 4)))
    assert (found.paid, found.beyond) == (usd("12.5"), 1)  # of a month's line nobody knows the days' share


def test_a_plan_costs_the_months_it_was_held(tmp_path: Path) -> None:
    logs = logged(tmp_path, ["2026-08-31", "2026-11-01"])
    held = Plan("claude", 2, usd("100"), date(2026, 9, 15), date(2026, 10, 31))
    found = usage([logs], plans=[held])
    assert (found.plans[0].months, found.paid, found.plans[0].covered.calls) == (2, usd("400"), 0)


def test_the_order_of_files_changes_nothing(tmp_path: Path) -> None:
    logs = logged(tmp_path, ["2026-10-03", "2026-10-04"])
    files = [
        report(tmp_path, item("70"), item("12", service_tier="batch"), name="a.json"),
        report(tmp_path, item("90"), name="b.json"),
        bill(tmp_path, {"ProviderName": "Anthropic", "ChargeCategory": "Tax"}),
        logs,
    ]
    assert read(usage(files)) == read(usage(files[::-1]))
