"""The verdict as it was known on an earlier day is that of the data cut by hand at that day."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import payback
from payback.assessment import Assessment, Rated, UseCaseResult, Verdict
from payback.records import Figure, Unknown
from tests.assessor.built import assessed, call, cost, figure, of, outcome, row, value

EXAMPLE = Path(payback.__file__).parent / "examples" / "own-model"
DAY_OF = {"costs.csv": "day", "checks.csv": "decided_at", "value.csv": "day"}
YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _copied(tmp_path_factory.mktemp("whole") / "own-model")


@pytest.fixture(scope="module")
def cut_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cut")


def _copied(folder: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".payback")))


def _cut(folder: Path, last: date) -> Path:
    """The example with every row after `last` taken out. An empty file would be a fault of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    made = _copied(folder)
    text = (made / "payback.toml").read_text(encoding="utf-8")
    for name, column in DAY_OF.items():
        with (made / name).open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        at = header.index(column)
        kept = [row for row in rows if date.fromisoformat(row[at][:10]) <= last]
        with (made / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *kept])
    (made / "payback.toml").write_text(text, encoding="utf-8")
    return made


def _comparable(found: Assessment) -> UseCaseResult:
    """The use case without where its figures stand in files, which a shorter file changes."""
    (case,) = found.use_cases
    case = replace(
        case, replayed=None
    )  # where rows still to come are in the files it is made only when asked for
    case = replace(case, delivery=replace(case.delivery, failures=_rated(case.delivery.failures)))
    return replace(case, out=_bare(case.out), out_parts=(), back=_bare(case.back), hours_freed=_bare(case.hours_freed),
                   payback_ratio=_bare(case.payback_ratio),
                   arms=tuple(replace(arm, acceptance=_bare(arm.acceptance), spend=_bare(arm.spend), parts=(), full_unit_cost=_bare(arm.full_unit_cost)) for arm in case.arms))  # fmt: skip


def _rated(rows: tuple[Rated, ...]) -> tuple[Rated, ...]:
    return tuple(replace(one, figure=_bare(one.figure)) for one in rows)


def _bare(found: Figure | Unknown) -> Figure | Unknown:
    return replace(found, origins=(), inputs=()) if isinstance(found, Figure) else found


@pytest.mark.long
@given(last=st.sampled_from(YEAR))
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_any_day_of_the_year_is_the_data_cut_at_that_day(whole: Path, cut_folders: Path, last: date) -> None:
    looked_back = _comparable(payback.assess(whole, as_of=last))
    assert looked_back == _comparable(payback.assess(_cut(cut_folders / "own-model", last), as_of=last))


@pytest.mark.parametrize(
    ("last", "stopped"),
    [(date(2026, 4, 29), False), (date(2026, 4, 30), True), (date(2026, 5, 1), True)],
)
def test_it_stops_from_30_april_and_not_before(whole: Path, last: date, stopped: bool) -> None:
    found = of(payback.assess(whole, as_of=last))
    assert (found.verdict is Verdict.STOP) is stopped
    if last == date(2026, 4, 30):
        assert (
            found.why
            == "No accepted result in 4 months. Passed its own limit on 30 April 2026, at 8.4 million EUR."
        )


def test_what_is_known_on_a_day(tmp_path: Path) -> None:
    usage = [call("1", on="2026-09-01"), call("2", on="2026-09-03"), call("3", on="2026-09-05")]
    outcomes = [outcome("1", on="2026-09-02"), outcome("2", on="2026-09-06"), outcome("3", on="2026-09-07")]
    rows = [cost("5.00", "2026-09-02"), cost("7.00", "2026-09-06")]
    back = [value("1.00", on="2026-09-03"), value("2.00", on="2026-09-07")]
    case = of(
        assessed(tmp_path, "", "", date(2026, 9, 4), usage=usage, outcome=outcomes, cost=rows, value=back)
    )
    (ai,) = case.arms
    # Two tickets have begun; the second's result is still to come: not checked, and not rejected.
    assert row(ai.tasks, ai.checked, figure(ai.acceptance).value) == (2, 1, 1)
    assert figure(case.out).value == 7  # 1 + 1 + 5
    assert figure(case.back).value == 1


@pytest.mark.parametrize("day", ["2026-09-02", None])
def test_a_ticket_that_has_not_begun_is_not_there(tmp_path: Path, day: str | None) -> None:
    usage = [call("1", on="2026-09-01"), call("2", on="2026-09-05")]
    outcomes = [outcome("1", on="2026-09-01"), outcome("2", on=day and "2026-09-06")]
    case = of(assessed(tmp_path, "", "", date(2026, 9, 4), usage=usage, outcome=outcomes))
    (ai,) = case.arms
    assert (ai.tasks, ai.checked, ai.unknown_cost) == (1, 1, 0)
    assert case.left_out == ()
