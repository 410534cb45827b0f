"""Hardware held, by business day: hours of a day, clocks that change, rows that overlap, the as-of day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import payback
from payback.ledger import Ledger
from payback.measures.returns.idle import HELD_QUERY, Held, held
from tests.assessor.built import row
from tests.ledger.built import Row, made, opened, own_prices, source, written

D = Decimal


def stretch(start: str, end: str, devices: object = 1, **more: object) -> Row:
    return {"start": start, "end": end, "pool": "gpu", "use_case": "replies", "devices": devices, **more}


def days(folder: Path, *rows: Row, zone: str = "UTC", as_of: date | None = None) -> list[Held]:
    head = f'name = "test"\ncurrency = "EUR"\ntimezone = "{zone}"\n'
    with opened(made(folder, "", head, capacity=rows), as_of) as ledger:
        return held(ledger.rows(HELD_QUERY))


def test_a_stretch_is_cut_at_midnight(tmp_path: Path) -> None:
    # 2 devices from 18:00 on the 1st to 06:00 on the 3rd: 6, 24 and 6 hours each.
    found = days(tmp_path, stretch("2026-09-01T18:00:00Z", "2026-09-03T06:00:00Z", 2))
    assert [row(each.day.day, each.hours, each.last_devices, each.rows) for each in found] == [
        (1, 12, 2, 1),
        (2, 48, 2, 0),
        (3, 12, 2, 0),
    ]


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        pytest.param("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23, id="clocks go forward: 23 hours"),
        pytest.param("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25, id="clocks go back: 25 hours"),
    ],
)
def test_days_of_23_and_25_hours(tmp_path: Path, start: str, end: str, hours: int) -> None:
    # Each is one whole day in Berlin: local midnight to local midnight.
    (day,) = days(tmp_path, stretch(start, end, 4), zone="Europe/Berlin")
    assert row(day.hours, day.last_devices) == (4 * hours, 4)


def test_a_year_in_a_zone_with_summer_time_is_8760_hours(tmp_path: Path) -> None:
    found = days(tmp_path, stretch("2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"), zone="Europe/Berlin")
    assert len(found) == 365
    assert sum(each.hours for each in found) == 8760


def test_a_zone_whose_clocks_change_at_midnight_loses_no_hour(tmp_path: Path) -> None:
    # In Santiago there is no midnight on 6 September 2026: the day starts at 01:00.
    found = days(tmp_path, stretch("2026-09-04T04:00:00Z", "2026-09-08T03:00:00Z"), zone="America/Santiago")
    assert sum(each.hours for each in found) == 95
    assert [each.hours for each in found] == [24, 24, 23, 24]


def test_shares_weigh_by_device_time_and_silence_is_not_zero(tmp_path: Path) -> None:
    found = days(
        tmp_path,
        stretch("2026-09-01T00:00:00Z", "2026-09-01T12:00:00Z", 3, allocated_share="0.5", busy_share="0.25"),
        stretch("2026-09-01T12:00:00Z", "2026-09-02T00:00:00Z", 1, allocated_share="1"),
    )
    (day,) = found
    # 36 + 12 hours, all with an allocated share: 18 + 12; busy said of 36, 9 of them; both said of 36, 9 spare.
    assert row(day.hours, day.allocated.of, day.allocated.hours) == (48, 48, 30)
    assert row(day.busy.of, day.busy.hours, day.spare.of, day.spare.hours) == (36, 9, 36, 9)
    assert row(day.last_devices, day.again, day.odd) == (1, 0, 0)


def test_busy_for_longer_than_allocated_is_set_aside(tmp_path: Path) -> None:
    (day,) = days(
        tmp_path,
        stretch("2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z", allocated_share="0.2", busy_share="0.4"),
    )
    assert row(day.odd, day.spare.of, day.busy.hours) == (24, 0, Fraction(96, 10))


def test_rows_that_overlap_are_counted_and_said(tmp_path: Path) -> None:
    found = days(
        tmp_path,
        stretch("2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z", 2),
        stretch("2026-09-01T06:00:00Z", "2026-09-01T10:00:00Z", 1),  # within: 4 hours again
        stretch("2026-09-01T20:00:00Z", "2026-09-02T04:00:00Z", 1),  # 4 of its 8 hours again
    )
    assert [row(each.day.day, each.hours, each.again, each.again_rows) for each in found] == [
        (1, 56, 8, 2),
        (2, 4, 0, 0),
    ]


def test_another_use_case_on_the_same_pool_is_no_overlap(tmp_path: Path) -> None:
    other = dict(stretch("2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z"), use_case="other")
    found = days(tmp_path, stretch("2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z"), other)
    assert [each.again for each in found] == [0, 0]


def test_nothing_after_the_as_of_day(tmp_path: Path) -> None:
    rows = [stretch("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z")]
    assert sum(each.hours for each in days(tmp_path, *rows, as_of=date(2026, 9, 10))) == 240


def test_a_reservation_without_shares_does_not_move_the_last_day(tmp_path: Path) -> None:
    reserved = stretch("2026-09-01T00:00:00Z", "2027-01-01T00:00:00Z")
    cost = {"day": "2026-09-10", "category": "platform", "amount": 1, "currency": "EUR"}
    with opened(made(tmp_path / "cost", capacity=[reserved], cost=[cost])) as ledger:
        assert sum(each.hours for each in held(ledger.rows(HELD_QUERY))) == 240
    # Alone it is looked at to its end; with a busy share it has happened.
    assert sum(each.hours for each in days(tmp_path / "alone", reserved)) == 122 * 24
    busy = dict(reserved, busy_share="0.5")
    with opened(made(tmp_path / "busy", capacity=[busy], cost=[cost])) as ledger:
        assert sum(each.hours for each in held(ledger.rows(HELD_QUERY))) == 122 * 24


def test_a_row_begun_before_the_period_counts_as_one(tmp_path: Path) -> None:
    head = 'name = "test"\ncurrency = "EUR"\n[period]\nfrom = 2026-09-10\nto = 2026-09-12\n'
    project = made(tmp_path, "", head, capacity=[stretch("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z")])
    with opened(project) as ledger:
        found = held(ledger.rows(HELD_QUERY))
    assert sum(each.rows for each in found if each.day in {date(2026, 9, 10), date(2026, 9, 11)}) == 1


def test_devices_held_when_the_day_ends(tmp_path: Path) -> None:
    found = days(
        tmp_path,
        stretch(
            "2026-09-01T00:00:00Z", "2026-09-01T12:00:00Z", 8, price_per_device_hour="1.00", currency="EUR"
        ),
        stretch(
            "2026-09-01T12:00:00Z", "2026-09-01T20:00:00Z", 4, price_per_device_hour="1.50", currency="EUR"
        ),
        stretch(
            "2026-09-01T12:00:00Z", "2026-09-01T20:00:00Z", 2, price_per_device_hour="1.50", currency="EUR"
        ),
    )
    assert [row(each.price, each.last_devices) for each in found] == [(1, 0), (D("1.5"), 6)]


def test_a_local_time_that_does_not_exist_is_said_and_counted_from_an_hour_later(tmp_path: Path) -> None:
    """02:30 on 29 March 2026 was never shown in Berlin: it is read as 03:30, so until noon 8.5 hours."""
    written(tmp_path / "c.csv", [stretch("2026-03-29T02:30:00", "2026-03-29T12:00:00")])
    text = 'name = "test"\ncurrency = "EUR"\ntimezone = "Europe/Berlin"\n'
    zone = 'timezone = "UTC"\n'
    here = source("capacity", "c.csv").replace(zone, zone.replace("UTC", "Europe/Berlin"))
    (tmp_path / "payback.toml").write_text(text + here, encoding="utf-8")
    with Ledger(payback.load(tmp_path)) as ledger:
        assert [each.code for each in ledger.gather().problems] == ["time-skipped"]
        ledger.prepare(*own_prices(ledger.project))
        assert [each.hours for each in held(ledger.rows(HELD_QUERY))] == [Fraction(17, 2)]
