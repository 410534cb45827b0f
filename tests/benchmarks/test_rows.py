"""A score that falls short is seen, one without data is not counted as reached."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import score
from benchmarks.rows import Row, Standing, table


@pytest.mark.parametrize(
    ("row", "standing"),
    [
        (Row("agrees", 1.0, at_least=1.0), Standing.REACHED),
        (Row("agrees", 0.99, at_least=1.0), Standing.SHORT),
        (Row("coverage", 0.95, at_least=0.93, at_most=0.97), Standing.REACHED),
        (Row("coverage", 0.98, at_least=0.93, at_most=0.97), Standing.SHORT),
        (Row("not a number", float("nan"), at_least=0.0), Standing.SHORT),
        (Row("no bar", 3.0), Standing.SHOWN),
        (Row("no data", None, at_least=1.0), Standing.ABSENT),
    ],
    ids=lambda given: given.name if isinstance(given, Row) else given.name.lower(),
)
def test_a_row_stands_as_its_bar_says(row: Row, standing: Standing) -> None:
    assert row.standing is standing


def test_the_table_shows_value_bar_and_standing() -> None:
    lines = table(
        [Row("totals equal", 105, "runs", at_least=106, bar="published"), Row("peer", None)]
    ).splitlines()
    assert lines[1] == "totals equal       105  runs  at least 106 (published)  FALLS SHORT"
    assert lines[2].split() == ["peer", "absent"]


@pytest.mark.parametrize(
    ("value", "code"), [(1.0, 0), (0.5, 1), (None, 0)], ids=["reached", "short", "absent"]
)
def test_only_a_short_score_fails(value: float | None, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(shared: Path | None, quick: bool) -> list[Row]:
        assert quick
        return [Row("one", value, at_least=1.0)]

    found = SimpleNamespace(__name__="benchmarks.scores.one", run=run)
    monkeypatch.setattr(score, "modules", lambda _: [found])
    assert score.main(["--quick"]) == code


def test_data_elsewhere_are_found_and_missing_data_are_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYBACK_SHARED", str(tmp_path))
    assert score.shared() is None
    (tmp_path / "data").mkdir()
    assert score.shared() == tmp_path
