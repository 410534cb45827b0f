"""Hardware held in an assessment: once in money out, in the unit cost, in what falls due; two costs of an hour. By hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from payback.assessment import HeldHardware, UseCaseResult
from payback.assessor.rows_behind import Behind, rows_behind
from payback.records import Period
from tests.assessor.built import Row, assessed, call, cost, figure, near, of, outcome, project, row, unknown

D = Decimal
TODAY = "\n[use_cases.replies.today]\ncost = 5\n"


def held(start: str = "2026-09-01", end: str = "2026-10-01", **more: object) -> Row:
    """Four devices in September at 2.50: 2,880 hours, 7,200.00; 80 of 100 allocated, 50 of 100 busy."""
    return {
        "start": f"{start}T00:00:00Z",
        "end": f"{end}T00:00:00Z",
        "pool": "gpu",
        "use_case": "replies",
        "devices": 4,
        "allocated_share": "0.8",
        "busy_share": "0.5",
        "price_per_device_hour": "2.50",
        "currency": "EUR",
        **more,
    }


def pool(case: UseCaseResult) -> HeldHardware:
    (found,) = case.hardware
    return found


def parts(case: UseCaseResult) -> dict[str, Decimal]:
    return {name: part.value for name, part in case.out_parts}


def test_an_allocated_hour_and_a_busy_hour(tmp_path: Path) -> None:
    gpu = pool(of(assessed(tmp_path, capacity=[held()])))
    assert row(figure(gpu.hours).value, figure(gpu.cost).value) == (2880, 7200)
    assert near(gpu.allocated, "0.8")
    assert near(gpu.busy, "0.5")
    assert near(gpu.per_allocated_hour, "3.125")  # 7,200 / (0.8 x 2,880)
    assert near(gpu.per_busy_hour, "5")  # 7,200 / (0.5 x 2,880), not 7,200 / (0.4 x 2,880)
    assert near(gpu.not_allocated, "1440")  # 0.2 x 7,200
    assert near(gpu.not_busy, "2160")  # 0.3 x 7,200
    assert near(gpu.idle, "3600")
    assert figure(gpu.per_busy_hour).bounds is None
    assert gpu.notes == ()


def test_months_add_up_to_the_whole(tmp_path: Path) -> None:
    rows = [held(), held("2026-10-01", "2026-11-01", busy_share="0.25", devices=2)]
    gpu = pool(of(assessed(tmp_path, capacity=rows)))
    # October: 2 x 744 hours, 3,720.00, a quarter busy: 10.00 a busy hour, 2,790.00 idle
    assert [each.month for each in gpu.months] == [date(2026, 9, 1), date(2026, 10, 1)]
    assert [figure(each.cost).value for each in gpu.months] == [7200, 3720]
    assert near(gpu.months[1].per_busy_hour, "10")
    assert figure(gpu.cost).value == 10920
    assert near(gpu.idle, "6390")  # 3,600 + 2,790
    assert near(gpu.per_busy_hour, str(D(10920) / D(1812)))  # 1,440 + 372 busy hours


def test_it_is_in_money_out_once_and_in_the_burn(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, capacity=[held()], cost=[cost("100.00")], usage=[call("1")]))
    assert parts(case) == {"models": 1, "hardware held": 7200, "platform": 100}
    assert figure(case.out).value == 7301
    assert case.burn is not None
    assert case.burn.spent.amount == 7301


def test_every_unit_carries_its_share(tmp_path: Path) -> None:
    tasks = "12345678"
    found = assessed(
        tmp_path,
        TODAY,
        usage=[call(n) for n in tasks],
        outcome=[outcome(n) for n in tasks],
        capacity=[held()],
    )
    (way,) = of(found).arms
    shown = {part.name: figure(part.figure).value for part in way.parts}
    assert shown == {"calls": 1, "share of the hardware": 900, "redone as today, 0 of 100": 0}
    assert near(way.full_unit_cost, "901")


def test_what_still_falls_due(tmp_path: Path) -> None:
    # 4 x 24 x 2.50 = 240.00 a day, from 1 October to 31 December: 92 days.
    case = of(assessed(tmp_path, capacity=[held(committed_until="2026-12-31")]))
    gpu = pool(case)
    assert gpu.falls_due is not None
    assert row(gpu.falls_due.amount, gpu.due_until) == (22080, date(2026, 12, 31))
    assert case.burn is not None
    assert case.burn.falls_due.amount == 22080
    assert case.burn.saved_a_month is not None
    assert row(case.burn.saved_a_month.amount) == (0,)  # stopping now saves nothing of it


def test_devices_given_back_in_the_middle_fall_due_no_more(tmp_path: Path) -> None:
    rows = [
        held(end="2026-09-16", committed_until="2026-10-10"),
        held("2026-09-16", devices=1, committed_until="2026-10-10"),
    ]
    gpu = pool(of(assessed(tmp_path, capacity=rows)))
    assert gpu.falls_due is not None
    assert gpu.falls_due.amount == 600  # 1 x 24 x 2.50 x 10 days


def test_crossing_the_kill_line_keeps_only_what_was_not_under_contract(tmp_path: Path) -> None:
    # 240.00 a day; the line of 2,400 is reached on 10 September. Later 20 days, 4,800.00, were owed until the 20th: 2,400.
    toml = "\nkill_line = { spend = 2400, unless_accepted = 1 }\n"
    case = of(assessed(tmp_path, toml, capacity=[held(committed_until="2026-09-20")]))
    assert case.burn is not None
    assert case.burn.kept is not None
    assert row(case.burn.crossed_on, case.burn.kept.amount) == (date(2026, 9, 10), 2400)


def test_a_missing_busy_share_is_not_known_with_its_limit(tmp_path: Path) -> None:
    gpu = pool(of(assessed(tmp_path, capacity=[held(busy_share=None)])))
    assert near(gpu.per_allocated_hour, "3.125")
    assert unknown(gpu.busy) == "no row says how much of the time was busy"
    assert unknown(gpu.per_busy_hour) == "no row says how much of the time was busy; at least 2.50 EUR"
    assert unknown(gpu.idle) == "no row says how much of the time was busy; between nothing and 7,200 EUR"


def test_partly_missing_has_limits(tmp_path: Path) -> None:
    rows = [held(), held("2026-10-01", "2026-10-31", busy_share=None)]
    gpu = pool(of(assessed(tmp_path, capacity=rows)))
    # 14,400.00 for 5,760 hours. Half of September's 2,880 busy; October the same, all, or none of it.
    per_hour = figure(gpu.per_busy_hour)
    assert per_hour.bounds is not None
    assert row(per_hour.value, per_hour.bounds.high) == (5, 10)  # 14,400 / 2,880 and 14,400 / 1,440
    assert round(per_hour.bounds.low or D(0), 6) == round(D(14400) / D(4320), 6)
    assert per_hour.omissions == (
        "2,880 device hours do not say how much was busy: taken to be like the others",
    )


def test_never_busy_is_said(tmp_path: Path) -> None:
    gpu = pool(of(assessed(tmp_path, capacity=[held(busy_share=0)])))
    assert unknown(gpu.per_busy_hour) == "no hour is said to be busy: 7,200 EUR bought none"
    assert near(gpu.idle, "7200")


def test_busier_than_allocated_cannot_be_split(tmp_path: Path) -> None:
    gpu = pool(
        of(assessed(tmp_path, capacity=[held(), held("2026-10-01", "2026-10-31", allocated_share="0.3")]))
    )
    # 14,400.00; September's split says 2,160 of 7,200; October cannot be split: nothing to all of it
    found = figure(gpu.not_busy)
    assert found.bounds is not None
    assert row(found.value, found.bounds.low, found.bounds.high) == (4320, 2160, 9360)
    assert found.omissions[-1] == "2,880 device hours say that they were busy for longer than allocated"
    assert near(gpu.per_busy_hour, "5")


def test_rows_that_overlap_are_counted_and_said_with_limits(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, capacity=[held(), held("2026-09-21", "2026-10-11", devices=1)]))
    # One device for 20 days: 480 hours, 1,200.00, of which 10 days lie within September's row: 600.00
    out = figure(case.out)
    assert out.bounds is not None
    assert row(out.value, out.bounds.low, out.bounds.high) == (8400, 7800, 8400)
    assert pool(case).notes == (
        (
            "gpu: 1 row overlaps an earlier one of the same pool, by 240 device hours and 600 EUR. "
            "All are counted; where they are the same devices, remove one."
        ),
    )


def test_rows_of_cost_that_name_the_pool_stand_in_its_place(tmp_path: Path) -> None:
    rows = [held(), held("2026-10-01", "2026-10-31")]
    case = of(assessed(tmp_path, capacity=rows, cost=[cost("7000.00", "2026-09-30", "run", note="GPU")]))
    assert parts(case) == {"running it": 7000, "hardware held": 7200}  # October's
    assert figure(case.out).value == 14200
    (note,) = pool(case).notes
    assert note == (
        "gpu: in 1 month rows of cost name this pool and stand in its place in money out; by hours and price it "
        "would be 7,200 EUR."
    )
    assert near(pool(case).per_busy_hour, "5")  # hours still cost what they cost


def test_an_invoice_that_names_the_pool_stands_in_its_place(tmp_path: Path) -> None:
    bill: Row = {
        "day": "2026-09-30",
        "use_case": "replies",
        "service": "gpu",
        "billed": "6900.00",
        "currency": "EUR",
    }
    case = of(assessed(tmp_path, capacity=[held()], bill_line=[bill]))
    assert figure(case.out).value == 6900


def test_hardware_of_no_use_case_is_unassigned(tmp_path: Path) -> None:
    found = assessed(tmp_path, capacity=[held(use_case=None)], cost=[cost("1.00")])
    assert figure(found.unassigned).value == 7200
    assert [(each.kind, each.name, row(each.amount.amount)) for each in found.unassigned_by] == [
        ("hardware", "gpu", (7200,))
    ]
    (gpu,) = found.hardware
    assert near(gpu.per_busy_hour, "5")
    assert of(found).hardware == ()


RATES = '\n[[currency_rates]]\nfrom = "USD"\nto = "EUR"\nday = 2026-09-01\nrate = 0.8\n'


def test_a_price_in_another_currency(tmp_path: Path) -> None:
    gpu = pool(of(assessed(tmp_path, RATES, capacity=[held(currency="USD")])))
    assert figure(gpu.cost).value == 5760
    assert near(gpu.per_busy_hour, "4")


def test_a_price_without_a_currency_rate_is_no_price(tmp_path: Path) -> None:
    found = assessed(tmp_path, capacity=[held(currency="USD")], cost=[cost("1.00")])
    case = of(found)
    assert [(each.code, each.rows) for each in found.problems] == [("no-currency-rate", 1)]
    assert unknown(pool(case).cost) == "no price of a device hour is known"
    assert near(pool(case).busy, "0.5")
    assert row(figure(case.out).value, figure(case.out).only_a_least) == (1, True)


def test_shares_above_one_are_left_out(tmp_path: Path) -> None:
    found = assessed(tmp_path, capacity=[held(busy_share="1.2")], cost=[cost("1.00")])
    assert [each.code for each in found.problems] == ["share"]
    assert of(found).hardware == ()


def test_only_hardware_without_a_price(tmp_path: Path) -> None:
    case = of(assessed(tmp_path, capacity=[held(price_per_device_hour=None, currency=None)]))
    assert unknown(case.out) == "2,880 device hours have no price"


def test_the_rows_behind_hardware_are_counted_once(tmp_path: Path) -> None:
    given = project(tmp_path, capacity=[held(), held("2026-10-01", "2026-11-01")])
    september = Period(date(2026, 9, 1), date(2026, 10, 1))
    (file,) = rows_behind(given, Behind(("capacity",), ("replies",), september), 5).files
    assert (file.path, file.count, [each.number for each in file.rows]) == ("capacity.csv", 1, [2])
    assert dict(file.rows[0].cells)["price_per_device_hour"].startswith("2.5")
