"""Groups that began on a day, or on different days: who did and when, and the published value for a staggered rollout."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from benchmarks.coverage import experiments
from payback.measures.delivery.rollout import Change, Stage, begun, changes, staggered, weekly
from payback.measures.effect import Effect
from payback.records import Unknown
from tests.measures.conftest import DATA

FIRST = date(2026, 1, 5)  # a Monday
SINCE = date(2026, 3, 4)  # a Wednesday
BEFORE, WEEK, AFTER = date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 16)
DID2S = (-5.8950620488205345, 0.5092833040354106)  # pyfixest 0.60.0


def stage(group: str, arm: str, week: date | None, y: float = 0.0, known: int = 1) -> Stage:
    return Stage(group, arm, week, late=week is None or week >= WEEK, tasks=1, known=known, y=y)


def test_a_group_began_on_the_day_unless_other_work_of_its_own_says_otherwise() -> None:
    given = [
        stage("quiet", "people", BEFORE), stage("quiet", "ai", AFTER),
        stage("late", "people", WEEK), stage("late", "ai", AFTER),
        stage("early", "ai", BEFORE), stage("early", "ai", WEEK),
        stage("never", "people", BEFORE), stage("never", "people", AFTER),
    ]  # fmt: skip
    assert begun(given, "ai", SINCE) == {"quiet": WEEK, "late": AFTER, "early": BEFORE, "never": None}


def test_a_groups_means_are_of_tasks_with_a_result() -> None:
    given = [
        stage("a", "people", BEFORE, 30, 3), stage("a", "people", BEFORE, 10, 1),
        stage("a", "ai", AFTER, 12, 2), stage("a", "ai", None, 99, 1),
        stage("b", "people", AFTER, 5, 1), stage("b", "people", BEFORE, 0, 0),
    ]  # fmt: skip
    assert changes(given) == {"a": Change(10, 6, 4, 2), "b": None}


def panel() -> tuple[list[Stage], dict[str, date | None]]:
    """staggered_panel.csv: 60 teams, 16 weeks, begun in week 6, 9, 12 or never."""
    rows, starts = [], {}
    with (DATA / "staggered_panel.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            week = FIRST + timedelta(weeks=int(row["week"]) - 1)
            arm = "ai" if row["treated"] == "1" else "people"
            rows.append(
                Stage(row["team"], arm, week, int(row["week"]) >= 6, 1, 1, float(row["minutes_per_task"]))
            )
            began = int(row["first_treated_week"])
            starts[row["team"]] = FIRST + timedelta(weeks=began - 1) if began else None
    return rows, starts


def test_the_panel_is_that_of_the_published_value() -> None:
    rows, starts = panel()
    assert starts == begun(rows, "ai", min(day for day in starts.values() if day))
    made = weekly(rows, starts)
    assert len(made) == len(rows) == 960
    assert sum(treated for _, _, treated, _ in made) == sum(stage.arm == "ai" for stage in rows)


def test_weeks_in_which_all_had_begun_say_nothing() -> None:
    given = [stage(group, "ai", week, 5) for group in "ab" for week in (WEEK, AFTER)]
    given += [stage("a", "people", BEFORE, 9), stage("b", "people", BEFORE, 9)]
    starts = {"a": WEEK, "b": AFTER}
    assert {week for _, week, *_ in weekly(given, starts)} == {BEFORE.isoformat(), WEEK.isoformat()}
    assert isinstance(staggered([stage("a", "ai", WEEK)], {"a": WEEK}), Unknown)


def test_the_simulated_two_stages_give_the_published_value() -> None:
    rows, starts = panel()
    made = weekly(rows, starts)
    place: defaultdict[str, dict[str, int]] = defaultdict(dict)
    team, week = (
        np.array([place[name].setdefault(str(row[at]), len(place[name])) for row in made])
        for at, name in enumerate(("team", "week"))
    )
    treated = np.array([row[2] for row in made])
    found = experiments.TwoStages(team, week, treated).effect(np.array([row[3] for row in made]))
    assert found.value == pytest.approx(DID2S[0], abs=1e-6)
    assert found.error == pytest.approx(DID2S[1] * math.sqrt(60 / 59), abs=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of its own libraries
def test_pyfixest_gives_the_published_value() -> None:
    pytest.importorskip("pyfixest", reason="needs the extra `staggered`")
    found = staggered(*panel())
    assert isinstance(found, Effect)
    assert found.value == pytest.approx(DID2S[0], abs=1e-6)
    assert found.error == pytest.approx(DID2S[1] * math.sqrt(60 / 59), abs=1e-6)


def test_the_page_is_that_of_the_results() -> None:
    results = json.loads((Path(experiments.__file__).parent / "experiments.json").read_text(encoding="utf-8"))
    assert experiments.PAGE.read_text(encoding="utf-8") == experiments.page(results["cells"], results["runs"])
    printed = [cell["held"] for cell in results["cells"] if cell["held"] and cell["printed"] >= 0.05]
    assert min(printed) >= 0.93
