"""Every figure, every kind of threshold, before, at and after its day; only what is counted decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from payback import seals
from payback.assessment import GateState, Verdict
from payback.gates import GateResult, Judgement, Seen, judged, judgement, running
from payback.measures.returns.burn import Burn, Line, Spent, burn
from payback.project import Fix, Gate
from payback.records import Evidence, Figure, Interval, Unknown
from tests.assessor.built import assessed, call, cost, of, outcome, project

D = Decimal
BY = date(2026, 9, 30)
BEFORE, AFTER = BY - timedelta(days=1), BY + timedelta(days=10)
PASSED, FAILED, OPEN = GateState.PASSED, GateState.FAILED, GateState.NOT_DECIDED

COUNTED = ("accepted", "value_back", "hours_freed", "spend")
RANGES = ("acceptance", "cost_per_accepted", "full_unit_cost")


def seen(
    as_of: date,
    days: Sequence[tuple[date, int]] = (),
    unchecked: Sequence[tuple[date, int]] = (),
    *,
    spend_unknown: bool = False,
    first: date = date(2026, 9, 1),
) -> Seen:
    """The same counts for every figure that is counted, and ranges far above any threshold."""
    known = running([(day, D(n)) for day, n in days if day <= as_of])
    accepted = running(known_days(days, as_of), known_days(unchecked, as_of))
    high = Figure(
        "f", D(9), "share", "acceptance", Evidence.MEASURED, interval=Interval(D(8), D(10), "wilson")
    )
    return Seen(
        as_of, first, "EUR", accepted, known, spend_unknown, known, known, dict.fromkeys(RANGES, high)
    )


def known_days(days: Sequence[tuple[date, int]], as_of: date) -> list[tuple[date, Decimal]]:
    return [(day, D(n)) for day, n in days if day <= as_of]


def gate(figure: str, by: date | None = BY, /, **more: object) -> Gate:
    return Gate.model_validate({"name": "g", "figure": figure, "by": by, **more})


@pytest.mark.parametrize("figure", COUNTED)
@pytest.mark.parametrize(
    ("as_of", "days", "state", "on"),
    [
        pytest.param(BEFORE, [(BEFORE, 4)], OPEN, None, id="too few, before its day"),
        pytest.param(BEFORE, [(BEFORE, 5)], PASSED, BEFORE, id="enough, before its day"),
        pytest.param(BY, [(BEFORE, 4)], FAILED, BY, id="too few, on its day"),
        pytest.param(BY, [(BEFORE, 4), (BY, 1)], PASSED, BY, id="enough, on its day"),
        pytest.param(AFTER, [(BEFORE, 4), (AFTER, 9)], FAILED, BY, id="enough, too late"),
        pytest.param(AFTER, [(BEFORE, 5)], PASSED, BEFORE, id="enough, in time"),
        pytest.param(AFTER, [(BEFORE, 6), (BY, -2)], FAILED, BY, id="enough, and taken back in time"),
        pytest.param(AFTER, [(BEFORE, 6), (AFTER, -2)], PASSED, BEFORE, id="taken back after its day"),
        pytest.param(AFTER, [], FAILED, BY, id="nothing at all"),
    ],
)
def test_at_least(
    figure: str, as_of: date, days: list[tuple[date, int]], state: GateState, on: date | None
) -> None:
    found = judged(gate(figure, at_least=5), seen(as_of, days))
    assert (found.state, found.on, found.due) == (state, on, BY)


@pytest.mark.parametrize(
    ("as_of", "days", "state", "on"),
    [
        pytest.param(BEFORE, [(BEFORE, 5)], OPEN, None, id="within, before its day"),
        pytest.param(BEFORE, [(BEFORE, 6)], FAILED, BEFORE, id="over, before its day"),
        pytest.param(BY, [(BEFORE, 5)], PASSED, BY, id="within, on its day"),
        pytest.param(AFTER, [(BEFORE, 5), (AFTER, 9)], PASSED, BY, id="over, after its day"),
        pytest.param(AFTER, [(BEFORE, 6), (BY, -1)], PASSED, BY, id="over, and refunded in time"),
    ],
)
def test_spend_at_most(as_of: date, days: list[tuple[date, int]], state: GateState, on: date | None) -> None:
    found = judged(gate("spend", at_most=5), seen(as_of, days))
    assert (found.state, found.on) == (state, on)


def test_spend_that_is_not_all_known_is_not_within() -> None:
    found = judged(gate("spend", at_most=5), seen(AFTER, [(BEFORE, 4)], spend_unknown=True))
    assert (found.state, found.decides) == (OPEN, "pricing the calls without a price")
    over = judged(gate("spend", at_most=5), seen(AFTER, [(BEFORE, 6)], spend_unknown=True))
    assert over.state is FAILED


@pytest.mark.parametrize(
    ("unchecked", "state"),
    [
        pytest.param([(BEFORE, 1)], OPEN, id="one unchecked would be enough"),
        pytest.param([], FAILED, id="none"),
        pytest.param([(AFTER, 1)], FAILED, id="unchecked, but too late"),
    ],
)
def test_unchecked_outcomes_keep_a_gate_open(unchecked: list[tuple[date, int]], state: GateState) -> None:
    found = judged(gate("accepted", at_least=5), seen(AFTER, [(BEFORE, 4)], unchecked))
    assert found.state is state


@pytest.mark.parametrize("figure", ["accepted", "value_back", "hours_freed"])
def test_no_upper_limit_on_what_should_be_much(figure: str) -> None:
    assert judged(gate(figure, at_most=5), seen(AFTER, [(BEFORE, 4)])).state is OPEN


@pytest.mark.parametrize(
    ("figure", "threshold"),
    [
        *product(RANGES, ({"at_most": 1}, {"at_most": 99})),
        ("acceptance", {"at_least": 1}),
        *product(RANGES[1:], ({"below_today": True},)),
    ],
)
@pytest.mark.parametrize("as_of", [BEFORE, BY, AFTER])
def test_a_range_decides_nothing(figure: str, threshold: dict[str, object], as_of: date) -> None:
    found = judged(gate(figure, **threshold), seen(as_of))
    assert (found.state, found.seen) == (OPEN, "9.00, range 8.00 to 10.0")


def test_an_unknown_range_says_why() -> None:
    looked = seen(AFTER)
    looked.ranges["acceptance"] = Unknown("no outcomes checked", "list a source")
    found = judged(gate("acceptance", at_least=1), looked)
    assert (found.state, found.seen, found.decides) == (OPEN, "no outcomes checked", "list a source")


@pytest.mark.parametrize(("days", "state"), [(13, OPEN), (14, PASSED)])
def test_least_weeks(days: int, state: GateState) -> None:
    first = date(2026, 9, 1)
    looked = seen(first + timedelta(days=days - 1), [(first, 9)], first=first)
    found = judged(gate("accepted", None, at_least=5, least_weeks=2), looked)
    assert found.state is state
    if state is OPEN:
        assert found.seen == "1 of 2 whole weeks"


def test_weeks_count_from_the_first_day_of_the_use_case(tmp_path: Path) -> None:
    toml = '\n[[use_cases.replies.gates]]\nname = "g"\nfigure = "accepted"\nat_least = 1\nleast_weeks = 2\n'
    head = "period = { from = 2026-01-01, to = 2027-01-01 }"
    case = of(assessed(tmp_path, toml, head, usage=[call("1")], outcome=[outcome("1", on="2026-09-08")]))
    assert [(each.state, each.seen) for each in case.gates] == [(OPEN, "1 of 2 whole weeks")]


def state(name: str, found: GateState, *, hard: bool = False, due: date | None = None) -> GateResult:
    return GateResult(name, found, "4 of 5", "1 more", due=due, hard=hard)


def burned(spent: int, *, budget: int | None = None, line: int | None = None) -> Burn:
    found = burn(
        [Spent(date(2026, 1, 31), D(spent))],
        [],
        "EUR",
        date(2026, 1, 31),
        budget=None if budget is None else D(budget),
        line=None if line is None else Line(D(line), 1),
    )
    assert found is not None
    return found


FIX = Fix(what="check the other half", by=date(2026, 10, 1))


@pytest.mark.parametrize(
    ("gates", "burn", "fixes", "verdict"),
    [
        pytest.param([], None, [], Verdict.CONTINUE, id="no gate"),
        pytest.param([PASSED], None, [], Verdict.SCALE, id="all passed"),
        pytest.param([PASSED, OPEN], None, [], Verdict.CONTINUE, id="one is open"),
        pytest.param([OPEN, FAILED], None, [], Verdict.FIX, id="one failed"),
        pytest.param([PASSED], None, [FIX], Verdict.FIX, id="something stands in the way"),
        pytest.param([PASSED], burned(9, budget=8), [], Verdict.FIX, id="over budget"),
        pytest.param([PASSED], burned(8, budget=8), [], Verdict.SCALE, id="on budget"),
        pytest.param([PASSED], burned(9, line=9), [FIX], Verdict.STOP, id="kill line before all else"),
        pytest.param([PASSED], burned(9, line=10), [], Verdict.SCALE, id="under the kill line"),
    ],
)
def test_the_first_verdict_that_applies(
    gates: list[GateState], burn: Burn | None, fixes: list[Fix], verdict: Verdict
) -> None:
    results = [state(f"g{place}", found) for place, found in enumerate(gates)]
    assert judgement(results, burn, fixes, no_result="").verdict is verdict


def test_a_hard_gate_stops_before_the_budget_is_fixed() -> None:
    found = judgement(
        [state("soft", FAILED), state("hard", FAILED, hard=True)], burned(9, budget=1), [FIX], no_result=""
    )
    assert found == Judgement(Verdict.STOP, "The gate “hard” failed: 4 of 5.")


def test_the_next_day_that_counts() -> None:
    gates = [
        state("a", OPEN, due=date(2026, 12, 1)),
        state("b", OPEN, due=date(2026, 11, 1)),
        state("c", OPEN),
    ]
    found = judgement(gates, None, [], no_result="")
    assert found == Judgement(
        Verdict.CONTINUE,
        "3 gates are not decided; the next is due on 1 November 2026: b.",
        date(2026, 11, 1),
    )
    undated = judgement([state("a", OPEN), state("b", OPEN)], None, [], no_result="")
    assert undated.why == "2 gates are not decided, and none has a day. The first: a."


SPEND_GATE = """
[[use_cases.replies.gates]]
name = "within ten"
figure = "spend"
at_most = 10
by = 2026-09-30
"""


def test_a_spend_gate_looks_at_every_day_however_many_there_are(tmp_path: Path) -> None:
    # 100 days of 0.10: more than 60 points are drawn by month, but 10.00 is passed on its own day
    rows = [cost("0.11", str(date(2026, 6, 1) + timedelta(days=n))) for n in range(100)]
    case = of(assessed(tmp_path, SPEND_GATE, cost=rows))
    # the 91st row brings it to 10.01: 1 June and 90 days
    assert [(each.state, each.on) for each in case.gates] == [(FAILED, date(2026, 8, 30))]


def test_a_benchmark_spends_too(tmp_path: Path) -> None:
    head = "benchmark = true"
    case = of(assessed(tmp_path, SPEND_GATE, head, cost=[cost("11.00"), cost("0", "2026-10-01")]))
    assert [each.state for each in case.gates] == [FAILED]
    assert case.burn is None


GATES = """
[[use_cases.replies.gates]]
name = "one accepted"
figure = "accepted"
at_least = {least}
"""


def test_a_seal_shows_when_and_whether_a_rule_changed(tmp_path: Path) -> None:
    rows = {"usage": [call("1")], "outcome": [outcome("1")]}
    kill = "\nkill_line = { spend = 50 }\n"
    seals.seal(project(tmp_path, kill + GATES.format(least=1), **rows), date(2026, 8, 1), None)
    same = of(assessed(tmp_path, kill + GATES.format(least=1), **rows))
    assert [(each.sealed_on, each.changed_after_seal) for each in same.gates] == [(date(2026, 8, 1), False)]
    assert same.verdict is Verdict.SCALE
    assert same.notes == ()
    easier = of(assessed(tmp_path, kill + GATES.format(least=0.5), **rows))
    assert [each.changed_after_seal for each in easier.gates] == [True]
    moved = of(assessed(tmp_path, "\nkill_line = { spend = 90 }\n" + GATES.format(least=1), **rows))
    assert moved.notes == (
        "Not as sealed on 1 August 2026: the kill line. The verdict follows the rules as they are now.",
    )


def test_a_sealed_gate_that_was_removed_stays_in_the_way(tmp_path: Path) -> None:
    rows = {"usage": [call("1")], "outcome": [outcome("1")]}
    two = GATES.format(least=1) + GATES.format(least=9).replace("one accepted", "nine accepted")
    seals.seal(project(tmp_path, two, **rows), date(2026, 8, 1), None)
    case = of(assessed(tmp_path, GATES.format(least=1), **rows))
    assert [(each.name, each.state, each.changed_after_seal) for each in case.gates] == [
        ("one accepted", PASSED, False),
        ("nine accepted", OPEN, True),
    ]
    assert (case.verdict, case.why) == (
        Verdict.CONTINUE,
        "Not decided: nine accepted (removed after it was sealed).",
    )
