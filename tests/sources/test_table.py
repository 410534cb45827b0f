"""Files as people have them, each beside the rows it becomes and what is said of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from payback.project import Source
from payback.records import PaybackError
from payback.tables import ENGINE_TYPE, TABLES
from tests.sources.reading import KEY, Result, connected, read_file, told

FOLDER = Path(__file__).parent / "table"
SAMPLES = sorted(file.stem for file in FOLDER.glob("*.toml"))


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples(sample: str, expected: Callable[[Path, str], None]) -> None:
    source = Source.model_validate(
        tomllib.loads((FOLDER / f"{sample}.toml").read_text(encoding="utf-8"), parse_float=Decimal)
    )
    result = read_file(source, FOLDER / source.path)
    lines = "".join(json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in result.rows)
    expected(FOLDER / f"{sample}.expected.txt", told(result) + lines)


def parquet(folder: Path, query: str, **settings: Any) -> Result:
    file = folder / "rows.parquet"
    with connected() as connection:
        connection.execute("set TimeZone = 'Asia/Tokyo'").fetchall()
        connection.execute(f"copy ({query}) to '{file}' (format parquet)").fetchall()
    return read_file({"table": "usage", **settings}, file)


NINE = datetime(2026, 3, 2, 9)  # noqa: DTZ001  the ledger's times are UTC without a zone
TIME = "timestamptz '2026-03-02 10:00:00+01' as time"


@pytest.mark.parametrize(
    ("sql", "zone", "value"),
    [
        ("timestamptz '2026-03-02 10:00:00+01'", None, NINE),
        ("timestamp '2026-03-02 09:00:00'", "UTC", NINE),
        ("timestamp '2026-03-02 10:00:00'", "Europe/Berlin", NINE),
        ("timestamp_ns '2026-03-02 10:00:00'", "Europe/Berlin", NINE),
        ("timestamp_ms '2026-03-02 10:00:00'", "Europe/Berlin", NINE),
        ("date '2026-03-02'", "UTC", NINE - timedelta(hours=9)),
        ("1772442000::bigint", None, NINE),
        ("1772442000000::bigint", None, NINE),
        ("1772442000.0::double", None, NINE),
        ("'2026-03-02T09:00:00Z'", None, NINE),
        ("timestamp '2026-03-02 09:00:00'", None, ["time-zone"]),
        ("timestamp '1960-01-01 09:00:00'", "UTC", ["time-range"]),
        ("null::timestamp", "UTC", ["missing"]),
    ],
)
def test_times_of_parquet(sql: str, zone: str | None, value: Any, tmp_path: Path) -> None:
    result = parquet(tmp_path, f"select {sql} as time", **({"timezone": zone} if zone else {}))
    assert (result.codes() or result.rows[0]["time"]) == value


@pytest.mark.parametrize(
    ("table", "column", "sql", "value"),
    [
        ("usage", "input_tokens", "12::utinyint", 12),
        ("usage", "input_tokens", "12::hugeint", 12),
        ("usage", "input_tokens", "12.0::double", 12),
        ("usage", "input_tokens", "12.00::decimal(9,2)", 12),
        ("usage", "input_tokens", "'12'", 12),
        ("usage", "input_tokens", "12.5::double", ["not-whole"]),
        ("usage", "input_tokens", "'nan'::double", ["number"]),
        ("usage", "input_tokens", "'inf'::float", ["number"]),
        ("usage", "input_tokens", "1e300::double", ["too-large"]),
        ("usage", "input_tokens", "-1::tinyint", ["negative"]),
        ("usage", "input_tokens", "10::hugeint ** 30", ["too-large"]),
        ("usage", "seconds", "1.5::float", Decimal("1.5")),
        ("usage", "seconds", "'nan'::double", ["number"]),
        ("usage", "seconds", "1e300::double", ["too-large"]),
        ("usage", "stated_cost", "0.1::double", 10**11),
        ("usage", "stated_cost", "0.0000125::double", 12500000),
        ("usage", "stated_cost", "1.23456789012345678::decimal(20,17)", 1234567890123),
        ("usage", "stated_cost", "-3::integer", -3 * 10**12),
        ("usage", "stated_cost", "'nan'::double", ["number"]),
        ("usage", "error", "true", "error"),
        ("usage", "error", "false", None),
        ("usage", "tags", "{'team': 'ap'}", '{"team":"ap"}'),
        ("usage", "tags", "map {'team': 'ap'}", '{"team":"ap"}'),
        ("usage", "model", "' gpt '", " gpt "),  # as it is
        ("usage", "model", "''", None),
        ("usage", "task", "7::bigint", "7"),
        (
            "usage",
            "task",
            "uuid '00000000-0000-0000-0000-000000000001'",
            "00000000-0000-0000-0000-000000000001",
        ),
        ("outcome", "accepted", "true", Decimal(1)),
        ("outcome", "accepted", "0.25::double", Decimal("0.25")),
        ("outcome", "accepted", "2", ["share"]),
    ],
)
def test_types_of_parquet(table: str, column: str, sql: str, value: Any, tmp_path: Path) -> None:
    base = {"usage": f"{TIME}, 'USD' as stated_currency", "outcome": "'T' as task"}[table]
    if column == "task":
        base = TIME
    result = parquet(tmp_path, f'select {base}, {sql} as "{column}"', table=table)
    assert (result.codes() or result.rows[0].get(column)) == value


@pytest.mark.parametrize("sql", ["[1]", "{'a': 1}", "'x'::blob", "true", "date '2026-01-01'"])
def test_a_type_that_cannot_be_meant(sql: str, tmp_path: Path) -> None:
    with pytest.raises(PaybackError) as raised:
        parquet(tmp_path, f"select {TIME}, {sql} as input_tokens")
    assert raised.value.code == "column-type"


def test_structures_of_parquet(tmp_path: Path) -> None:
    result = parquet(
        tmp_path,
        f"""select {TIME}, {{'in': 5, 'deep': {{'out.put': 6}}}} as usage, 'x' as "a.b", 3 as file_row_number""",
        columns={"input_tokens": "usage.in", "output_tokens": "usage.deep.out.put", "model": "a.b"},
    )
    (row,) = result.rows
    assert (row["input_tokens"], row["output_tokens"], row["model"], row["source_row"]) == (5, 6, "x", 1)
    assert [problem.origin.column for problem in result.batch.problems if problem.origin] == [
        "file_row_number"
    ]


def test_a_column_of_parquet_called_like_ours(tmp_path: Path) -> None:
    result = parquet(tmp_path, f'select {TIME}, 7 as source_row, 8 as c0, 9 as "given time"')
    assert result.rows[0]["source_row"] == 1


def test_rows_of_parquet_are_numbered_in_order(tmp_path: Path) -> None:
    result = parquet(
        tmp_path,
        """select timestamp '2026-01-01' + to_seconds(i) as time, case when i % 1000 = 7 then -1 else i end as input_tokens
           from range(300000) rows(i)""",
        timezone="UTC",
    )
    assert (result.batch.rows_read, result.batch.rows_left_out) == (299_700, 300)
    assert all(row["input_tokens"] == row["source_row"] - 1 for row in result.rows)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_rows_have_the_ledgers_columns_and_types(name: str, tmp_path: Path) -> None:
    """Whatever kind of file, whatever is in it."""
    table = TABLES[name]
    from payback.ledger.ingest import read

    row = {
        column.name: {"time": "2026-03-02T09:00:00Z", "day": "2026-03-02", "text": "x"}.get(
            column.kind.value, "1"
        )
        for column in table.columns
    }
    row |= {key: "EUR" for key in row if key.endswith("currency")}
    row |= {column.name: column.choices[0] for column in table.columns if column.choices}
    row |= {"tags": "{}"} if "tags" in row else {}
    wanted = [
        *((column.name, ENGINE_TYPE[column.kind]) for column in table.columns),
        ("source_row", "BIGINT"),
    ]
    with connected() as connection:
        kept = ", ".join(f"'{value}' as \"{key}\"" for key, value in row.items())
        connection.execute(f"copy (select {kept}) to '{tmp_path}/rows.parquet' (format parquet)").fetchall()
        (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
        cells = [value.replace('"', '""') for value in row.values()]
        (tmp_path / "rows.csv").write_text(",".join(row) + "\n" + ",".join(cells) + "\n", encoding="utf-8")
        (tmp_path / "quoted.csv").write_text(
            ",".join(f'"{key}"' for key in row) + "\n" + ",".join(cells) + "\n", encoding="utf-8"
        )
        (tmp_path / "empty.csv").write_text("", encoding="utf-8")
        for file in ("rows.parquet", "rows.jsonl", "rows.csv", "quoted.csv", "empty.csv"):
            source = Source.model_validate({"table": name, "path": file})
            batch = read(connection, source, tmp_path / file, person_key=KEY, scratch=tmp_path)
            described = connection.execute(f"describe {batch.relation}").fetchall()
            assert [(column, kind) for column, kind, *_ in described] == wanted, file
            assert batch.rows_read == (0 if file == "empty.csv" else 1), batch.problems


def test_the_same_rows_in_any_kind_of_file_are_the_same_rows(tmp_path: Path) -> None:
    columns = f"""{TIME}, 'gpt' as model, 12 as input_tokens, 0.125 as stated_cost, 'EUR' as stated_currency,
        'Ann' as user, 1.5::double as seconds"""
    with connected() as connection:
        for kind in ("parquet", "csv", "json"):
            connection.execute("set TimeZone = 'UTC'").fetchall()
            connection.execute(
                f"copy (select {columns}) to '{tmp_path}/rows.{kind}' (format {kind})"
            ).fetchall()
    (tmp_path / "rows.json").rename(tmp_path / "rows.jsonl")
    read = [
        read_file({"table": "usage"}, tmp_path / f"rows.{kind}").rows[0]
        for kind in ("parquet", "csv", "jsonl")
    ]
    for row in read:
        row.pop("source_row")
    assert read[0] == read[1] == read[2]
    assert read[0]["time"] == NINE


def test_wrong_endings(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    with connected() as connection:
        connection.execute(f"copy (select {TIME}) to '{file}' (format parquet)").fetchall()
    with pytest.raises(PaybackError, match="holds Parquet"):
        read_file({"table": "usage"}, file)
    assert read_file({"table": "usage", "format": "parquet"}, file).batch.rows_read == 1
    plain = tmp_path / "rows.csv.gz"
    plain.write_text("time\n2026-03-02T09:00:00Z\n", encoding="utf-8")  # called .gz, but is not
    assert read_file({"table": "usage"}, plain).batch.rows_read == 1


def test_a_day_of_parquet(tmp_path: Path) -> None:
    settings = {"table": "cost", "constants": {"category": "run", "currency": "EUR", "amount": 1}}
    for sql in ("date '2026-03-31'", "timestamp '2026-03-31 23:00:00'", "'2026-03-31'"):
        assert parquet(tmp_path, f"select {sql} as day", **settings).rows[0]["day"] == date(2026, 3, 31)


def test_parquet_without_rows(tmp_path: Path) -> None:
    assert parquet(tmp_path, f"select {TIME} where false").codes() == ["no-rows"]
