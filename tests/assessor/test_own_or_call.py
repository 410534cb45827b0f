"""Own or call in an assessment: measured ways beside declared ones, by hand."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from payback.records import PaybackError
from payback.returned import OwnOrCall, WayToDo
from tests.assessor.built import Row, assessed, call, figure, near, of, outcome, row, unknown
from tests.assessor.test_capacity import held

D = Decimal
# A month is 30.436875 days; a period of so many days that 30 tasks are 30.436875 a month: September.
NEAR = partial(pytest.approx, rel=0.03)
"""A measured way is drawn within its range, so its mean is not quite its figure."""
SEPTEMBER = "[period]\nfrom = 2026-09-01\nto = 2026-10-01\n"
TODAY = "\n[use_cases.replies.today]\ncost = 5\n"
OTHERS = """
[[use_cases.replies.alternatives]]
name = "a model of our own"
kind = "build"
once = 36000
a_month = 100
per_unit = 0.10

[[use_cases.replies.alternatives]]
name = "rules"
kind = "rules"
once = 720
loses_per_unit = 0.50
"""
VOLUME = "\n[use_cases.replies.returns]\nvolume = 3000\n"


def compared(
    folder: Path, toml: str, head: str = SEPTEMBER, *, tasks: int = 30, **tables: list[Row]
) -> OwnOrCall:
    usage = [call(n) for n in range(tasks)]
    checked = [outcome(n, on="2026-09-30") for n in range(tasks)]
    found = of(assessed(folder, toml, head, usage=usage, outcome=checked, **tables)).own_or_call
    assert found is not None
    return found


def way(found: OwnOrCall, name: str) -> WayToDo:
    (one,) = [each for each in found.ways if each.name == name]
    return one


def test_side_by_side_at_the_volume_stated(tmp_path: Path) -> None:
    found = compared(tmp_path, TODAY + VOLUME + OTHERS)
    # 1.00 a call, all accepted, as far as 30 tasks can tell; 5.00 as today; 36,000 / 36 + 100 and 0.10;
    # 720 / 36 and 0.50
    costs = {each.name: float(figure(each.cost).value) for each in found.ways}
    assert costs == {"ai": NEAR(3000), "as today": 15000, "a model of our own": 1400, "rules": 1520}
    own = way(found, "a model of our own")
    assert row(own.fixed.amount, own.per_unit.amount, own.kind) == (1100, D("0.1"), "build")
    assert found.headline == (
        "At 3,000 units a month a model of our own costs least: 1,400 EUR a month; it is the cheapest in 100 of 100 "
        "futures."
    )


def test_break_evens_and_stretches(tmp_path: Path) -> None:
    found = compared(tmp_path, TODAY + VOLUME + OTHERS)
    even = {(each.below, each.above): each for each in found.break_evens}
    # ai against rules: 20 / 0.50 = 40; ai against its own: 1,100 / 0.90; rules against its own: 1,080 / 0.40
    assert float(even["arm-ai", "alternative-2"].volume or 0) == NEAR(40)
    assert float(even["arm-ai", "alternative-1"].volume or 0) == NEAR(1222)
    assert even["alternative-2", "alternative-1"].volume == 2700
    assert even["alternative-2", "alternative-1"].says == (
        "Up to 2,700 units a month rules is cheaper, above that a model of our own."
    )
    never = even["arm-ai", "today"]
    assert (never.volume, never.always) == (None, "arm-ai")
    assert never.says == "No volume makes them even: ai is cheaper than as today at any."
    assert [each.way for each in found.cheapest] == ["arm-ai", "alternative-2", "alternative-1"]
    first, second, third = found.cheapest
    assert row(first.start, second.end, third.start, third.end) == (0, 2700, 2700, None)
    assert float(first.end or 0) == NEAR(40)
    assert third.at == 3000  # its chance is said at today's volume


def test_the_volume_measured(tmp_path: Path) -> None:
    # 30 tasks in 30 days: 30 / (30 / 30.436875) = 30.44 a month
    found = compared(tmp_path, TODAY + OTHERS)
    assert near(found.volume, "30.44")
    assert figure(found.volume).evidence.key == "measured"


def test_hardware_is_a_cost_a_month_with_a_limit(tmp_path: Path) -> None:
    # 7,200.00 in 30 days is 7,304.85 a month; the 30 tasks kept it busy for half of the time: 60.87 are the most.
    found = compared(tmp_path, TODAY + OTHERS, capacity=[held(committed_until="2026-12-31")])
    ai = way(found, "ai")
    assert row(ai.fixed.amount, ai.limit) == (7305, D("60.87"))
    assert float(ai.per_unit.amount) == NEAR(1)
    assert found.notes[-1] == (
        "22,080 EUR for gpu still falls due until 31 December 2026, whatever is chosen: leaving it before saves none "
        "of that."
    )


def test_hardware_alone_is_held_against_today(tmp_path: Path) -> None:
    found = compared(tmp_path, TODAY, capacity=[held(busy_share=None)])
    assert [each.name for each in found.ways] == ["ai", "as today"]
    assert way(found, "ai").limit is None
    assert (
        found.notes[-1]
        == "How much more the hardware held could do is not known: no row says how busy gpu was."
    )
    (even,) = found.break_evens
    assert float(even.volume or 0) == NEAR(1826)  # 7,304.85 / (5 - 1)


def test_what_is_redone_as_today_is_the_same_draw(tmp_path: Path) -> None:
    # Half is redone as today, which costs 2 to 8: the AI's way is cheaper where today costs more than 2.00.
    toml = '\n[use_cases.replies.today]\ncost = "2 to 8"\n' + VOLUME + OTHERS
    usage = [call(n) for n in range(200)]
    checked = [outcome(n, n % 2) for n in range(200)]
    found = of(assessed(tmp_path, toml, SEPTEMBER, usage=usage, outcome=checked)).own_or_call
    assert found is not None
    ai, today = way(found, "ai"), way(found, "as today")
    # "2 to 8" has its mean at 4.37: 1 + 0.5 x 4.37
    assert float(ai.per_unit.amount) == NEAR(3.19)
    assert float(today.per_unit.amount) == pytest.approx(4.371, rel=0.002)
    (even,) = [each for each in found.break_evens if {each.below, each.above} == {"arm-ai", "today"}]
    assert (even.volume, even.always) == (None, "arm-ai")


def test_interest(tmp_path: Path) -> None:
    head = SEPTEMBER + "[returns]\ndiscount_rate = 0.08\nmonths = 24\n"
    found = compared(tmp_path, TODAY + VOLUME + OTHERS, head)
    # 36,000 at 0.6434 % a month over 24 months: 1,624, and 100 more
    assert row(found.months, found.discount_rate) == (24, D("0.08"))
    assert way(found, "a model of our own").fixed.amount == 1724


def test_a_limit_stated(tmp_path: Path) -> None:
    small = OTHERS.replace("per_unit = 0.10", "per_unit = 0.10\nmost_a_month = 2000")
    found = compared(tmp_path, TODAY + VOLUME + small)
    assert found.headline.startswith("At 3,000 units a month rules costs least: 1,520 EUR a month")
    (even,) = [
        each for each in found.break_evens if (each.below, each.above) == ("alternative-2", "alternative-1")
    ]
    assert even.says.endswith("But a model of our own cannot do as many.")


def test_no_work_at_all(tmp_path: Path) -> None:
    found = compared(tmp_path, TODAY + VOLUME.replace("3000", "0") + OTHERS)
    assert found.headline.startswith(
        "No unit is done a month: ai then costs least, 0 EUR a month. On average "
    )
    assert found.headline.endswith(" rules would from about 39 on.")


def test_an_unknown_volume(tmp_path: Path) -> None:
    found = of(assessed(tmp_path, OTHERS, SEPTEMBER)).own_or_call
    assert found is not None
    assert unknown(found.volume) == "how much work there is a month is not known"
    assert [each.volume for each in found.break_evens] == [2700]
    assert unknown(found.ways[0].cost) == "how much work there is a month is not known"


def test_one_way_alone(tmp_path: Path) -> None:
    one = OTHERS.partition('[[use_cases.replies.alternatives]]\nname = "rules"')[0]
    found = of(assessed(tmp_path, one, SEPTEMBER)).own_or_call
    assert found is not None
    assert found.missing is not None
    assert found.missing.reason == "there is only one way to look at"


def test_nothing_is_shown_where_nobody_asks(tmp_path: Path) -> None:
    usage, checked = [call("1")], [outcome("1")]
    assert of(assessed(tmp_path, TODAY, usage=usage, outcome=checked)).own_or_call is None


def test_the_same_files_the_same_answer(tmp_path: Path) -> None:
    unsure = OTHERS.replace("per_unit = 0.10", 'per_unit = "0.05 to 0.20"').replace("720", '"500 to 900"')
    first, second = (compared(tmp_path / name, TODAY + VOLUME + unsure) for name in "ab")
    assert first == second
    interval = figure(way(first, "rules").cost).interval
    assert interval is not None
    assert interval.level == D("0.9")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param('per_unit = "3 to 1"', "runs backwards", id="a range reversed"),
        pytest.param("per_unit = -1", "alternatives.0.per_unit", id="below zero"),
        pytest.param(
            'per_unit = { value = 1, currency = "USD" }', "no rate from USD to EUR", id="no currency rate"
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(tmp_path: Path, given: str, says: str) -> None:
    with pytest.raises(PaybackError) as caught:
        compared(tmp_path, TODAY + VOLUME + OTHERS.replace("per_unit = 0.10", given))
    assert caught.value.code == "project-value"
    assert says in str(caught.value)
    assert ".toml:" in caught.value.where
