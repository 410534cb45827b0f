"""What the ledger does with a reader's plan: in order, without a trace, and with a second way where the first fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from payback.ledger.ingest import read
from payback.project import Source
from payback.records import PaybackError
from payback.sources import delimited
from tests.sources.reading import connected, read_file

TIME = "2026-03-02T09:00:00Z"


def calls(folder: Path, *rows: str) -> Path:
    file = folder / "calls.csv"
    file.write_text("\n".join(["time,model", *rows]) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("rows", [1, 3])
def test_a_file_the_engine_sees_otherwise_is_read_row_by_row(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the check of a file had let something pass: the count differs, or the engine refuses it."""
    file = calls(tmp_path, f"{TIME},gpt", f'{TIME},"gpt', f"{TIME},gpt,more")
    monkeypatch.setattr(delimited, "clean", lambda _file, _form: delimited.Clean(rows, "\n"))
    result = read_file({"table": "usage"}, file)
    assert (result.batch.rows_read, result.batch.rows_left_out) == (1, 2)
    assert result.codes() == ["quote", "fields"]


def test_a_parquet_file_with_a_damaged_page(tmp_path: Path) -> None:
    file = tmp_path / "calls.parquet"
    with connected() as connection:
        connection.execute(
            f"copy (select timestamp '2026-01-01' + to_seconds(i) as time, i as input_tokens from range(10000) rows(i)) "
            f"to '{file}' (format parquet, compression zstd)"
        ).fetchall()
    data = bytearray(file.read_bytes())
    data[len(data) // 4 : len(data) // 4 + 400] = b"\0" * 400
    file.write_bytes(data)
    with pytest.raises(PaybackError) as raised:
        read_file({"table": "usage", "timezone": "UTC"}, file)
    assert raised.value.code == "unreadable-file"


def test_reading_leaves_the_connection_as_it_was(tmp_path: Path) -> None:
    file = calls(tmp_path, f"{TIME},gpt")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with connected() as connection:
        batch = read(
            connection,
            Source.model_validate({"table": "usage", "path": "x"}),
            file,
            person_key="k",
            scratch=scratch,
        )
        assert connection.execute("select current_setting('preserve_insertion_order')").fetchall() == [
            (False,)
        ]
        assert connection.execute(f"select model, source_row from {batch.relation}").fetchall() == [
            ("gpt", 2)
        ]
        assert "arm" in batch.unfilled
        assert not {"time", "model", "trial", "service_tier"} & set(batch.unfilled)
        batch.close()
        assert connection.execute("select count(*) from duckdb_views() where not internal").fetchall() == [
            (0,)
        ]
        assert not list(scratch.iterdir())


def test_the_key_for_people_stands_in_no_query(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(f"time,user\n{TIME},ann\n", encoding="utf-8")
    with connected() as connection:
        source = Source.model_validate({"table": "usage", "path": "x"})
        batch = read(connection, source, file, person_key="very secret", scratch=tmp_path)
        views = connection.execute("select sql from duckdb_views() where not internal").fetchall()
        assert "very secret" not in str(views)
        assert "ann" not in str(connection.execute(f"select * from {batch.relation}").fetchall())
