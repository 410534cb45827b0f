"""What one cell becomes, or what is said of it, whatever kind of file it stands in."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payback.records import PaybackError
from tests.sources.reading import KEY, Result, read_file

ROW = {
    "cost": {"day": "2026-03-01", "category": "licence", "amount": "1", "currency": "EUR"},
    "usage": {"time": "2026-03-02T09:00:00Z"},
    "outcome": {"task": "T-1"},
    "capacity": {
        "start": "2026-03-01T00:00:00Z",
        "end": "2026-04-01T00:00:00Z",
        "pool": "a",
        "devices": "8",
        "price_per_device_hour": "2",
        "currency": "USD",
    },
    "forecast": {"made_on": "2026-01-01", "quantity": "value"},
}
quick = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def written(folder: Path, table: str, column: str, cells: list[str], kind: str = "csv") -> Path:
    rows = [ROW[table] | {column: cell} for cell in cells]
    file = folder / f"{table}.{kind}"
    if kind == "jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return file
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def judged(result: Result, column: str, cells: int, first_row: int) -> list[Any]:
    """For each cell its value (None where it is null), or the code of what is wrong as [code]."""
    values: dict[int, Any] = {row["source_row"]: row.get(column) for row in result.rows}
    for problem in result.batch.problems:
        if problem.left_out and problem.origin is not None and problem.origin.row is not None:
            values[problem.origin.row] = [problem.code]
    return [values[first_row + at] for at in range(cells)]


UTC_9 = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001  the ledger's times are UTC without a zone
CASES = [
    ("usage", "input_tokens", "0", 0),
    ("usage", "input_tokens", " 843 ", 843),
    ("usage", "input_tokens", "843.0", 843),  # a column of whole numbers with gaps, as pandas writes it
    ("usage", "input_tokens", "+12", 12),
    ("usage", "input_tokens", "", None),
    ("usage", "input_tokens", "N/A", None),
    ("usage", "input_tokens", "NULL", None),
    ("usage", "input_tokens", "1000000000000", 10**12),
    ("usage", "input_tokens", "1000000000001", ["too-large"]),
    ("usage", "input_tokens", "99999999999999999999999", ["too-large"]),
    ("usage", "input_tokens", "-1", ["negative"]),
    ("usage", "input_tokens", "1.5", ["not-whole"]),
    ("usage", "input_tokens", "1e3", ["not-whole"]),
    ("usage", "input_tokens", "0x10", ["number"]),
    ("usage", "input_tokens", "1_000", ["number"]),
    ("usage", "input_tokens", "1,000", ["number"]),
    ("usage", "input_tokens", "NaN", ["number"]),
    ("usage", "input_tokens", "many", ["number"]),
    ("usage", "seconds", "1.698", Decimal("1.698")),
    ("usage", "seconds", ".5", Decimal("0.5")),
    ("usage", "seconds", "2.5e-3", Decimal("0.0025")),
    ("usage", "seconds", "-0.1", ["negative"]),
    ("usage", "seconds", "1e999", ["too-large"]),
    ("usage", "seconds", "1e15", ["too-large"]),
    ("usage", "seconds", "inf", ["number"]),
    ("usage", "time", "2026-03-02T09:00:00Z", UTC_9),
    ("usage", "time", "2026-03-02 09:00Z", UTC_9),
    ("usage", "time", "2026/03/02 09:00:00 UTC", UTC_9),
    ("usage", "time", "2026-03-02 10:00:00+01:00", UTC_9),
    ("usage", "time", "2026-03-02T10:00:00 +0100", UTC_9),
    ("usage", "time", "2026-03-02T03:30:00-0530", UTC_9),
    ("usage", "time", "2026-03-02T09:00:00.123456789Z", UTC_9 + timedelta(microseconds=123456)),
    ("usage", "time", "2026-03-02T09:00:00,123Z", UTC_9 + timedelta(milliseconds=123)),
    ("usage", "time", "1772442000", UTC_9),
    ("usage", "time", "1772442000.25", UTC_9 + timedelta(milliseconds=250)),
    ("usage", "time", "1772442000123", UTC_9 + timedelta(milliseconds=123)),
    ("usage", "time", "1772442000123456", UTC_9 + timedelta(microseconds=123456)),
    ("usage", "time", "2026-03-02T09:00:00", ["time-zone"]),
    ("usage", "time", "2026-03-02", ["time-zone"]),
    ("usage", "time", "2026-03-02T24:00:00Z", ["time"]),
    ("usage", "time", "2026-03-02T09:00:60Z", ["time"]),
    ("usage", "time", "2026-02-29T09:00:00Z", ["time"]),
    ("usage", "time", "02/03/2026", ["time"]),
    ("usage", "time", "epoch", ["time"]),
    ("usage", "time", "infinity", ["time"]),
    ("usage", "time", "46083", ["time"]),  # a spreadsheet's day number
    ("usage", "time", "20260302", ["time"]),
    ("usage", "time", "1970-01-01T00:00:00Z", ["time-range"]),
    ("usage", "time", "", ["missing"]),
    ("usage", "error", "true", "error"),
    ("usage", "error", "False", None),
    ("usage", "error", "0", None),
    ("usage", "error", "timeout", "timeout"),
    ("usage", "model", " gpt-4o ", "gpt-4o"),
    ("usage", "model", "NA", "NA"),  # a name may be NA; only NULL, null and \N are nothing
    ("usage", "model", "\\N", None),
    ("usage", "tags", '{"team": "ap"}', '{"team": "ap"}'),
    ("usage", "tags", "ap", ["tags"]),
    ("usage", "tags", '["ap"]', ["tags"]),
    ("cost", "day", "2026-03-31", date(2026, 3, 31)),
    ("cost", "day", "2026/03/31", date(2026, 3, 31)),
    ("cost", "day", "2026-03-31 23:30:00+05:00", date(2026, 3, 31)),
    ("cost", "day", "31.03.2026", ["day"]),
    ("cost", "day", "2026-03", ["day"]),
    ("cost", "day", "9999-12-31", ["day-range"]),
    ("cost", "amount", "0.06263163200000002", 62631632000),
    ("cost", "amount", "1.2e-05", 12000000),
    ("cost", "amount", "1E+3", 10**15),
    ("cost", "amount", "-12.50", -12500000000000),
    ("cost", "amount", "0.0000000000005", 0),  # half way, to even
    ("cost", "amount", "0.0000000000015", 2),
    ("cost", "amount", "-0.0000000000025", -2),
    ("cost", "amount", "1000000000000000", 10**27),
    ("cost", "amount", "1000000000000000.01", ["too-large"]),
    ("cost", "amount", "1e999", ["too-large"]),
    ("cost", "amount", "1.234,00", ["number"]),
    ("cost", "amount", "12 EUR", ["number"]),
    ("cost", "amount", "", ["missing"]),
    ("cost", "currency", "usd", "USD"),
    ("cost", "currency", "US$", ["currency"]),
    ("cost", "category", "Licence", "licence"),
    ("cost", "category", "licens", ["choice"]),
    ("cost", "evidence", "", "booked"),
    ("outcome", "accepted", "1", Decimal(1)),
    ("outcome", "accepted", "0.5", Decimal("0.5")),
    ("outcome", "accepted", "yes", Decimal(1)),
    ("outcome", "accepted", "False", Decimal(0)),
    ("outcome", "accepted", "", None),
    ("outcome", "accepted", "1.0001", ["share"]),
    ("outcome", "accepted", "-1", ["share"]),
    ("outcome", "accepted", "85%", ["number"]),
    ("outcome", "accepted", "maybe", ["number"]),
    ("capacity", "end", "2026-02-01T00:00:00Z", ["order"]),
]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize(("table", "column"), sorted({(table, column) for table, column, *_ in CASES}))
def test_cells(table: str, column: str, kind: str, tmp_path: Path) -> None:
    cases = [(text, value) for name, key, text, value in CASES if (name, key) == (table, column)]
    file = written(tmp_path, table, column, [text for text, _ in cases], kind)
    result = read_file({"table": table}, file)
    got = judged(result, column, len(cases), 2 if kind == "csv" else 1)
    assert dict(zip([text for text, _ in cases], got, strict=True)) == dict(cases)


def test_a_comma_for_the_decimal_sign(tmp_path: Path) -> None:
    file = written(tmp_path, "cost", "amount", ["1234,50", "1.234,50", "12", "1,5e3", "1234.50"])
    result = read_file({"table": "cost", "decimal": ","}, file)
    assert judged(result, "amount", 5, 2) == [
        1234_500000000000,
        ["number"],
        12 * 10**12,
        1500 * 10**12,
        ["number"],
    ]
    assert "write 1234,50, without separators of thousands" in str(result.batch.problems[0])


def test_a_person_is_stored_as_a_keyed_hash_and_never_shown(tmp_path: Path) -> None:
    file = written(tmp_path, "usage", "user", ["ann@example.org", ""])
    result = read_file({"table": "usage"}, file)
    assert [row.get("user") for row in result.rows] == [
        sha256((KEY + "ann@example.org").encode()).hexdigest()[:32],
        None,
    ]


def test_zero_may_mean_not_known(tmp_path: Path) -> None:
    file = written(tmp_path, "cost", "amount", ["0", "0.00", "5"])
    result = read_file({"table": "cost", "zero_is_unknown": ["amount"]}, file)
    assert judged(result, "amount", 3, 2) == [["missing"], ["missing"], 5 * 10**12]
    file = written(tmp_path, "usage", "input_tokens", ["0", "7"])
    result = read_file({"table": "usage", "zero_is_unknown": ["input_tokens"]}, file)
    assert judged(result, "input_tokens", 2, 2) == [None, 7]


def few_decimals(number: Decimal) -> bool:
    """The engine reads twenty decimals; more are cut before they are rounded."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -20


AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15) | st.floats(-1e6, 1e6).map(
    lambda number: Decimal(repr(number))
)


@quick
@given(st.lists(AMOUNTS.filter(few_decimals), min_size=1, max_size=20))
def test_money_is_exact(tmp_path: Path, amounts: list[Decimal]) -> None:
    """Against Python's decimals: shifted by twelve, rounded once, half to even."""
    file = written(tmp_path, "cost", "amount", [str(amount) for amount in amounts])
    result = read_file({"table": "cost"}, file)
    context = [
        int((amount * 10**12).quantize(Decimal(1), ROUND_HALF_EVEN)) if amount else 0 for amount in amounts
    ]
    assert [int(row["amount"]) for row in result.rows] == context


@pytest.mark.long
@quick
@given(
    st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Asia/Jakarta", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
    ),
    st.lists(st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1)), min_size=1, max_size=20),  # noqa: DTZ001  local
    st.integers(2001, 2037),
)
def test_local_times_become_utc(tmp_path: Path, zone: str, moments: list[datetime], year: int) -> None:
    """Against Python's zoneinfo; around the changes of the clocks too."""
    at = ZoneInfo(zone)
    for first_of_month in (3, 4, 10, 11):  # clocks change in these months
        start = datetime(year, first_of_month, 1, 2, 15)  # noqa: DTZ001  local
        moments += [start + timedelta(days=day) for day in range(31)]
    file = written(tmp_path, "usage", "time", [moment.isoformat(sep=" ") for moment in moments])
    result = read_file({"table": "usage", "timezone": zone}, file)
    # twice: fold 1 is the second; skipped: Python's fold 0 goes on with the clock before the change
    expected = []
    for moment in moments:
        first, second = (
            moment.replace(tzinfo=at, fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1)
        )
        expected.append(max(first, second))
    assert [row["time"] for row in result.rows] == expected
    odd = {"time-twice": 0, "time-skipped": 0}
    for moment in moments:
        before, after = (moment.replace(tzinfo=at, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
        if before != after:
            odd["time-twice" if before > after else "time-skipped"] += 1
    for code, count in odd.items():
        assert sum(problem.rows for problem in result.batch.problems if problem.code == code) == count


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"constants": {"currency": "euro"}}, "three-letter"),
        ({"constants": {"category": "licens"}}, "it is one of"),
        ({"constants": {"amount": "much"}}, "write a number"),
        ({"defaults": {"day": "1 March"}}, "write the day as"),
        ({"defaults": {"amount": "1e40"}}, "too large"),
    ],
)
def test_a_constant_is_checked(settings_: dict[str, Any], message: str, tmp_path: Path) -> None:
    file = tmp_path / "costs.csv"
    file.write_text("note\nx\n", encoding="utf-8")
    constants = {"day": date(2026, 3, 1), "category": "licence", "amount": 5, "currency": "EUR"}
    given_ = {**constants, **settings_.get("constants", {})}
    given_ = {key: value for key, value in given_.items() if key not in settings_.get("defaults", {})}
    with pytest.raises(PaybackError, match=message) as raised:
        read_file({"table": "cost", **settings_, "constants": given_}, file)
    assert raised.value.code == "source-value"
