"""The share of all work people would accept, in an assessment: from a drawn sample, from picked checks, with a judge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from payback.assessment import CheckedWork
from payback.records import Evidence, Figure, Unknown
from tests.assessor.built import Row, assessed, outcome

JUDGE = '[use_cases.replies.judge]\ngrader = "rubric"\n'
TASKS = 300


def good(number: int) -> bool:
    return number % 5 != 0  # 80 %


def said(number: int) -> bool:
    return good(number) != (number % 11 == 0)  # the judge is wrong about one in eleven


def verdicts(count: int = TASKS, **more: Any) -> list[Row]:
    return [outcome(f"t{n}", int(said(n)), grader="rubric", **more) for n in range(count)]


def labels(numbers: Sequence[int], chance: object = "0.2", **more: object) -> list[Row]:
    more = {"grader": "people", "on": "2026-09-10", "label_probability": chance} | more
    return [outcome(f"t{n}", int(good(n)), **more) for n in numbers]  # type: ignore[arg-type]  # any cell


def checks(folder: Path, rows: Sequence[Row], more: str = JUDGE) -> CheckedWork:
    (found,) = assessed(folder, more, outcome=rows).use_cases[0].checks
    return found


def share(found: CheckedWork) -> Figure:
    assert isinstance(found.share, Figure), found.share
    return found.share


SIXTY = [7 * n % TASKS for n in range(60)]  # 7 and 300 share no factor: sixty different tasks


def test_a_sample_and_a_judge_give_the_corrected_share(tmp_path: Path) -> None:
    found = checks(tmp_path, [*verdicts(), *labels(SIXTY)])
    figure = share(found)
    assert (figure.formula, figure.evidence) == ("judge-corrected", Evidence.MEASURED)
    assert (found.tasks, found.looked, found.drawn, found.checked, found.picked) == (300, 300, 60, 60, 0)
    # By hand: lean = cov / var over the judge's 300 answers; see below for the same in fractions.
    people, judge = [good(n) for n in SIXTY], [said(n) for n in SIXTY]
    every = [said(n) for n in range(TASKS)]
    cov = sum(a and b for a, b in zip(people, judge, strict=True)) / 60 - sum(people) / 60 * sum(judge) / 60
    middle = sum(every) / 300
    lean = cov / (middle * (1 - middle) * 300 / 299)
    expected = sum(people) / 60 + lean * (middle - sum(judge) / 60)
    assert float(figure.value) == pytest.approx(expected, abs=1e-9)
    assert figure.interval is not None
    assert figure.interval.low is not None
    assert figure.interval.high is not None
    assert figure.interval.low < Decimal("0.8") < figure.interval.high
    assert (found.both + found.people_only, found.judge_only + found.neither) == (
        sum(people),
        60 - sum(people),
    )
    assert "more checks make the range" in found.more


def test_a_judges_rows_are_no_outcomes(tmp_path: Path) -> None:
    case = assessed(tmp_path, JUDGE, outcome=[*verdicts(), *labels(SIXTY)]).use_cases[0]
    (arm,) = case.arms
    assert (arm.tasks, arm.checked) == (300, 60)
    assert isinstance(arm.acceptance, Figure)
    assert arm.acceptance.value * 60 == sum(good(n) for n in SIXTY)


def test_the_order_of_people_and_judge_changes_nothing(tmp_path: Path) -> None:
    rows = [*verdicts(), *labels(SIXTY)]
    first, second = checks(tmp_path / "one", rows), checks(tmp_path / "two", rows[::-1])
    assert (first.share, first.agreed) == (second.share, second.agreed)


def test_without_the_name_of_the_judge_its_rows_are_outcomes_as_before(tmp_path: Path) -> None:
    case = assessed(tmp_path, outcome=verdicts()).use_cases[0]
    assert case.arms[0].checked == 300
    assert case.checks == ()


def test_a_sample_alone_stands_for_all_tasks(tmp_path: Path) -> None:
    rows = [outcome(f"t{n}", None) for n in range(TASKS)]
    figure = share(checks(tmp_path, [*rows, *labels(SIXTY)], more=""))
    assert figure.formula == "sampled"
    assert float(figure.value) == pytest.approx(sum(good(n) for n in SIXTY) / 60)


def test_a_judge_alone_is_no_figure(tmp_path: Path) -> None:
    found = checks(tmp_path, verdicts())
    assert isinstance(found.share, Unknown)
    assert "nobody has checked how often it is right" in found.share.reason
    assert "payback sample" in (found.share.fix or "")


def test_checks_that_somebody_picked_are_refused(tmp_path: Path) -> None:
    found = checks(tmp_path, [*verdicts(), *labels(SIXTY, chance=None)])
    assert isinstance(found.share, Unknown)
    assert "60 tasks without a known chance" in found.share.reason
    assert found.picked == 60


def test_picked_checks_count_where_somebody_declares_the_judges_errors_carry_over(tmp_path: Path) -> None:
    # People looked at 15 rejected and 45 accepted of the judge's; all tasks as in the formula by hand.
    declared = JUDGE + 'carries_over = true\nby = "R. Silva"\n'
    figure = share(checks(tmp_path, [*verdicts(), *labels(SIXTY, chance=None)], more=declared))
    assert (figure.formula, figure.evidence) == ("rogan-gladen", Evidence.ESTIMATED)
    right_yes = sum(good(n) and said(n) for n in SIXTY) / sum(good(n) for n in SIXTY)
    right_no = sum(not good(n) and not said(n) for n in SIXTY) / sum(not good(n) for n in SIXTY)
    judged = sum(said(n) for n in range(TASKS)) / TASKS
    assert float(figure.value) == pytest.approx(
        (judged + right_no - 1) / (right_yes + right_no - 1), abs=1e-9
    )
    assert "declared by R. Silva" in " ".join(figure.notes)


def test_picked_checks_beside_a_sample_are_left_out_of_the_share(tmp_path: Path) -> None:
    bad = [n for n in range(TASKS) if not good(n) and n not in SIXTY][:20]
    alone = share(checks(tmp_path / "one", [*verdicts(), *labels(SIXTY)]))
    beside = checks(tmp_path / "two", [*verdicts(), *labels(SIXTY), *labels(bad, chance=None)])
    assert share(beside).value == alone.value
    assert beside.picked == 20
    assert "20 checks of tasks nobody drew" in " ".join(share(beside).notes)


def test_a_task_drawn_stays_drawn_when_a_complaint_replaces_its_outcome(tmp_path: Path) -> None:
    """Otherwise the drawn tasks that go wrong would leave the sample one by one."""
    first = labels(SIXTY)
    turned = [n for n in SIXTY if good(n)][:10]
    complaints = [outcome(f"t{n}", 0, on="2026-09-20", grader="service desk") for n in turned]
    found = checks(tmp_path, [*verdicts(), *first, *complaints])
    assert (found.drawn, found.picked) == (60, 0)
    assert float(share(found).value) < 0.75


def test_a_row_still_to_be_checked_hides_no_outcome(tmp_path: Path) -> None:
    open_rows = [{**row, "accepted": None, "decided_at": None} for row in labels(SIXTY[50:])]
    known = [outcome(f"t{SIXTY[59]}", 1)]
    found = checks(tmp_path, [*verdicts(), *known, *labels(SIXTY[:50]), *open_rows])
    assert (found.drawn, found.checked) == (60, 51)
    assert "9 tasks of the sample are not checked" in " ".join(share(found).notes)
    full = share(checks(tmp_path / "full", [*verdicts(), *labels(SIXTY)])).interval
    gaps = share(found).interval
    assert full is not None
    assert gaps is not None
    assert (gaps.high or 0) - (gaps.low or 0) > (full.high or 0) - (full.low or 0)


def test_uneven_chances_are_weighed_back(tmp_path: Path) -> None:
    """All 60 rejected tasks and every eighth accepted one: people say half, the truth is 80 %."""
    bad = [n for n in range(TASKS) if not good(n)]
    fine = [n for n in range(TASKS) if good(n)][::8]
    rows = [outcome(f"t{n}", None) for n in range(TASKS)]
    found = checks(tmp_path, [*rows, *labels(bad, chance=1), *labels(fine, chance="0.125")], more="")
    # The chance is stored to six digits: 30 x 8 / (30 x 8 + 60)
    assert float(share(found).value) == pytest.approx(0.8, abs=1e-9)


def test_tasks_of_one_customer_are_one_group(tmp_path: Path) -> None:
    rows = [*verdicts(cluster="c0"), *labels(SIXTY, cluster="c0")]
    found = checks(tmp_path, rows)
    assert share(found).interval is None
    assert "too few for a range" in " ".join(share(found).notes)


def test_as_of_an_earlier_day_nobody_had_checked(tmp_path: Path) -> None:
    rows = [*verdicts(), *labels(SIXTY)]
    case = assessed(tmp_path, JUDGE, "", date(2026, 9, 5), outcome=rows).use_cases[0]
    (found,) = case.checks
    assert (found.tasks, found.drawn, found.looked) == (300, 0, 300)
    assert isinstance(found.share, Unknown)


def test_scores_and_repeats_are_averaged_within_the_task(tmp_path: Path) -> None:
    rows = [{**row, "trial": trial} for row in verdicts() for trial in (1, 2)]
    scored = [{**row, "accepted": "0.75" if row["trial"] == 1 else row["accepted"]} for row in rows]
    doubled = [{**row, "trial": trial} for row in labels(SIXTY) for trial in (1, 2)]
    found = checks(tmp_path, [*scored, *doubled])
    assert (found.tasks, found.checked, found.looked) == (300, 60, 300)
    assert share(found).formula == "judge-corrected"
    assert 0.7 < float(share(found).value) < 0.9


def test_a_judge_that_got_worse_is_told_with_its_month(tmp_path: Path) -> None:
    def on(number: int) -> str:
        return f"2026-{number % 3 + 7:02d}-10"

    def word(number: int) -> int:
        return int(good(number) and (on(number)[:7] != "2026-09" or number % 2 == 0))

    rows = [outcome(f"t{n}", word(n), grader="rubric", on=on(n)) for n in range(TASKS)]
    people = [
        outcome(f"t{n}", int(good(n)), on=on(n), grader="people", label_probability=1) for n in range(TASKS)
    ]
    found = checks(tmp_path, [*rows, *people])
    told = [line for line in found.changes if line.startswith("September 2026")]
    assert told == ["September 2026: of what people accepted the judge accepted 50 %, in other months 100 %"]


def test_the_page_and_the_json_have_it(tmp_path: Path) -> None:
    import json

    from payback.report.build import report
    from payback.report.to_json import json_text
    from payback.report.to_markdown import markdown

    found = assessed(tmp_path, JUDGE, outcome=[*verdicts(), *labels(SIXTY)])
    (check,) = json.loads(json_text([found]))["assessments"][0]["use_cases"][0]["checks"]
    assert check["agreement"]["both"] + check["agreement"]["people_only"] == sum(good(n) for n in SIXTY)
    text = markdown(report([found]))
    assert "All tasks, from those people checked" in text
    assert "People and rubric, task by task" in text


def test_a_label_made_later_leaves_its_task_in_its_period(tmp_path: Path) -> None:
    head = "[period]\nfrom = 2026-09-01\nto = 2026-10-01\n"
    rows = [*verdicts(), *labels(SIXTY, on="2026-11-20")]
    (found,) = assessed(tmp_path, JUDGE, head, outcome=rows).use_cases[0].checks
    assert (found.tasks, found.checked) == (300, 60)
