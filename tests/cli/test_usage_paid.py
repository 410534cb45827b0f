"""How `payback usage` words what was paid."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from payback.cli.usage import command
from payback.cli.usage_paid import paid, vendor
from payback.records import Money, Period
from payback.usage import Billed, Bills, Part, Usage, usage
from tests.sources.test_anthropic_costs import item, report
from tests.sources.test_focus import bill
from tests.test_usage_paid import logged, usd


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object) -> str:
    made = CliRunner().invoke(command, [*map(str, arguments), "--quiet"], catch_exceptions=False)
    assert made.exit_code == 0, made.output
    return made.output


def sentence(**changes: object) -> str:
    """The line of one bill, on one line."""
    month = Billed("openai", date(2026, 10, 1), 3, usd("1391.12"), None, **changes)  # type: ignore[arg-type]
    found = Usage.__new__(Usage)
    for name, value in {"plans": (), "bills": Bills("USD", (month,)), "currency": "USD"}.items():
        object.__setattr__(found, name, value)
    return " ".join(" ".join(paid(found)).split())


COMPARED = {
    "calls": 10,
    "compared": Period(date(2026, 10, 1), date(2026, 11, 1)),
    "apart": usd("0"),
    "later": usd("0"),
}


def test_under_list() -> None:
    said = sentence(
        listed=usd("1435.50"),
        difference=usd("-44.38"),
        parts=(Part("tier:batch", usd("-40.10")), Part("not_explained", usd("-4.28"))),
        **COMPARED,
    )
    assert (
        said
        == "paid invoice OpenAI 2026-10 1,391.12 billed; 44.38 under list: 40.10 batch, 4.28 not explained"
    )


def test_over_list_and_parts_that_go_the_other_way() -> None:
    said = sentence(
        listed=usd("1300"),
        or_more=True,
        difference=usd("91.12"),
        parts=(
            Part("credit", usd("-20")),
            Part("not_by_tokens", usd("11.12"), ("web search", "code", "files", "images")),
            Part("not_explained", usd("100")),
        ),
        **COMPARED,
    )
    assert said == (
        "paid invoice OpenAI 2026-10 1,391.12 billed; 91.12 over list (1,300.00 or more): "
        "11.12 not charged by tokens (web search, code, files and 1 more), 100.00 not explained; "
        "the other way 20.00 credits"
    )


def test_shown_parts_add_up_to_the_shown_difference() -> None:
    """-0.005 three times is -0.015: shown as -0.02 (half to even), its parts as 0.00, 0.00 and what is left."""
    third = usd("-0.005")
    said = sentence(
        listed=usd("1391.135"),
        difference=usd("-0.015"),
        parts=(Part("tier:batch", third), Part("credit", third), Part("not_explained", third)),
        **COMPARED,
    )
    assert said.endswith("0.02 under list: 0.02 batch")


def test_nothing_to_explain_and_nothing_to_compare() -> None:
    assert sentence(listed=usd("1391.12"), difference=usd("0"), **COMPARED).endswith("billed; equal to list")
    assert sentence().endswith("billed; no calls of it in the logs")
    assert sentence(planned=2).endswith("billed; no calls of it in the logs but 2 calls that a plan covers")


def test_days_that_only_one_covers() -> None:
    some = {
        "apart": usd("2"),
        "later": usd("0.6"),
        "compared": Period(date(2026, 10, 10), date(2026, 10, 13)),
    }
    said = sentence(listed=usd("1389.12"), difference=usd("0"), **(COMPARED | some))
    assert "2.00 is for other days" in said
    assert "calls of other days, 0.60 at list, are not on it" in said
    assert "10" in said


def test_a_loss_of_money_is_a_word_and_so_is_a_gain(home: Path) -> None:
    said = run(bill(home, {"BilledCost": "-5"}))
    assert "You were credited 5.00 more than was billed." in said
    assert "invoice AWS 2026-10 5.00 credited" in said


def test_a_vendor_is_written_as_it_writes_itself() -> None:
    assert [vendor(name) for name in ("openai", "acme", "")] == ["OpenAI", "acme", "a vendor not named"]


def test_only_bills(home: Path) -> None:
    said = run(report(home, item("120")))
    assert "You paid 1.20." in said
    assert "invoice Anthropic 2026-10 1.20 billed; no calls of it in the logs" in said


def test_a_bad_line_of_a_bill_is_said_and_the_rest_counts(home: Path) -> None:
    said = run(bill(home, {}, {"BilledCost": "dear"}))
    assert "You paid 12.50." in said
    assert "1 damaged line" in said
    assert "BilledCost is 'dear', not a number" in said


def test_json_and_csv_carry_bills_and_parts(home: Path) -> None:
    logs = logged(home, ["2026-10-03", "2026-10-03"])
    files = (logs, report(home, item("90"), item("30", service_tier="batch")))
    (month,) = json.loads(run(*files, "--json"))["bills"]
    assert (month["vendor"], month["billed"], month["list_price"]) == ("anthropic", "1.2", "1.2")
    assert {part["kind"]: Decimal(part["amount"]) for part in month["parts"]} == {
        "tier:batch": Decimal("-0.3"),
        "not_explained": Decimal("0.3"),
    }
    group, row = csv.DictReader(io.StringIO(run(*files, "--csv")))
    assert (group["paid_as"], group["list_price"]) == ("", "1.2")
    assert (row["model"], row["paid_as"], row["paid"]) == ("anthropic 2026-10", "bill", "1.2")
    assert (row["difference"], row["not_explained"]) == ("0", "0.3")


def test_a_plan_of_the_configuration_yields_to_one_of_the_call(home: Path) -> None:
    logs = logged(home, ["2026-10-03"])
    file = home / "settings" / "payback" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[[plans]]\nname = "claude"\nseats = 2\nmonthly = 200\n')
    assert "You paid 400.00." in run(logs)
    assert "You paid 20.00." in run(logs, "--plan", "Claude=20")


def test_a_service_may_be_counted_as_ai(home: Path) -> None:
    file = bill(home, {"ServiceName": "Amazon EC2", "ServiceCategory": "Compute", "BilledCost": "1204.1"})
    assert "not AI: 1 line, 1,204.10 USD, not counted" in run(file)
    assert "You paid 1,204.10." in run(file, "--ai", "amazon ec2")


def test_money_without_a_rate_stands_beside_the_sum(home: Path) -> None:
    file = bill(home, {"BillingCurrency": "EUR"}, {"SkuId": "2", "BilledCost": "1"})
    assert usage([file]).paid == Money(Decimal(1), "USD")
    assert "You paid 1.00, and 12.50 EUR, which no rate in force turns into USD." in run(file)
    assert "You paid 12.50 EUR, which no rate in force turns into USD." in run(
        bill(home / "euro", {"BillingCurrency": "EUR"})
    )
