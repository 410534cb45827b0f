"""Gates on shares and unit costs: passed, failed or not decided, by bets worked out by hand or by simulation."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from payback.assessment import GateState, Verdict
from payback.gates import GateResult
from payback.measures.bets import log_mixture, needed, share_sequence
from tests.assessor.built import Row, assessed, call, of, outcome, row

PASSED, FAILED, OPEN = GateState.PASSED, GateState.FAILED, GateState.NOT_DECIDED
FIRST = date(2026, 9, 1)


def day(number: int) -> str:
    return (FIRST + timedelta(number)).isoformat()


def outcomes(given: str, *, group: int = 0, a_day: int = 5) -> list[Row]:
    """One task a letter: y accepted, n not, ? nobody checked; `a_day` of them a day, groups of `group`."""
    score = {"y": 1, "n": 0, "?": None}
    return [
        outcome(at, score[each], day(at // a_day), **({"cluster": f"c{at // group}"} if group else {}))
        for at, each in enumerate(given)
    ]


def calls(given: str, *, cost: float = 1.0, a_day: int = 5) -> list[Row]:
    """A call a task; 500,000 tokens of the model m are 1.00 EUR."""
    return [call(at, round(500_000 * cost), day(at // a_day)) for at, _ in enumerate(given)]


def gate(
    folder: Path, rule: str, given: str, /, *, cost: float = 1.0, group: int = 0, toml: str = ""
) -> GateResult:
    found = of(
        assessed(
            folder,
            f'{toml}\n[[use_cases.replies.gates]]\nname = "g"\n{rule}\n',
            usage=calls(given, cost=cost),
            outcome=outcomes(given, group=group),
        )
    )
    (made,) = found.gates
    return made


def test_a_share_passes_on_the_day_its_bet_is_won(tmp_path: Path) -> None:
    """All accepted against 0.8: the stake is 0.2^-1 x (1 - 0.8^(n+1)) / ((n+1) 0.8^n), 20 at n = 25 by hand."""
    stakes = [(1 - 0.8 ** (n + 1)) / ((n + 1) * 0.2 * 0.8**n) for n in range(30)]
    enough = next(n for n, stake in enumerate(stakes) if stake >= 20)
    assert float(log_mixture(enough, enough, 0.8)) >= needed(0.95)
    found = gate(tmp_path, 'figure = "acceptance"\nat_least = 0.8', "y" * 40)
    assert (found.state, found.on) == (PASSED, FIRST + timedelta((enough - 1) // 5))


def test_what_nobody_checked_keeps_it_open(tmp_path: Path) -> None:
    found = gate(tmp_path, 'figure = "acceptance"\nat_least = 0.8', "y" * 40 + "?" * 15)
    assert found.state is PASSED  # it was won before they came
    found = gate(tmp_path / "other", 'figure = "acceptance"\nat_least = 0.8', "?" * 15 + "y" * 40)
    assert found.state is OPEN


def test_a_low_share_fails_and_a_hard_gate_stops(tmp_path: Path) -> None:
    found = of(
        assessed(
            tmp_path,
            '\n[[use_cases.replies.gates]]\nname = "g"\nfigure = "acceptance"\nat_least = 0.8\nhard = true\n',
            usage=calls("yn" * 30),
            outcome=outcomes("yn" * 30),
        )
    )
    assert found.gates[0].state is FAILED
    assert found.verdict is Verdict.STOP


def test_it_fails_only_below_the_least_useful_share_where_one_is_set(tmp_path: Path) -> None:
    rule = 'figure = "acceptance"\nat_least = 0.8\nleast_useful = 0.5'
    assert gate(tmp_path, rule, "yn" * 30).state is OPEN
    assert gate(tmp_path / "bad", rule, "nnny" * 20).state is FAILED


def test_an_upper_limit_is_the_same_the_other_way_round(tmp_path: Path) -> None:
    assert gate(tmp_path, 'figure = "acceptance"\nat_most = 0.2', "n" * 40).state is PASSED
    assert gate(tmp_path / "high", 'figure = "acceptance"\nat_most = 0.2', "y" * 40).state is FAILED


def test_not_decided_says_how_many_more_cases_and_what_they_cost(tmp_path: Path) -> None:
    found = gate(tmp_path, 'figure = "acceptance"\nat_least = 0.8', "yyyyyyyyyn" * 3)
    more = next(
        more for more in range(1000) if float(log_mixture(27 + 0.9 * more, 30 + more, 0.8)) >= needed(0.95)
    )
    assert found.state is OPEN
    assert found.decides == f"about {more} more cases like these, {more}.0 EUR"


def test_a_gate_past_its_day_undecided_says_so(tmp_path: Path) -> None:
    found = gate(tmp_path, 'figure = "acceptance"\nat_least = 0.8\nby = 2026-09-03', "yn" * 20)
    assert (found.state, "its day has passed undecided" in found.decides) == (OPEN, True)


def test_what_came_after_its_day_does_not_count(tmp_path: Path) -> None:
    found = gate(tmp_path, 'figure = "acceptance"\nat_least = 0.8\nby = 2026-09-03', "y" * 60)
    assert found.state is OPEN


def test_groups_count_once(tmp_path: Path) -> None:
    """40 accepted tasks in four groups are four observations, which decide nothing."""
    assert gate(tmp_path, 'figure = "acceptance"\nat_least = 0.8', "y" * 40, group=10).state is OPEN


CHEAP = 'figure = "cost_per_accepted"\nat_most = 4\ncap = 4'


def test_a_unit_cost_passes_under_a_cap(tmp_path: Path) -> None:
    """1.00 a task, all accepted, against 4.00: gains of 3.00 where 4.00 may be lost or won."""
    found = gate(tmp_path, CHEAP, "y" * 60)
    assert (found.state, found.seen) == (PASSED, found.seen)
    assert found.on is not None


def test_a_dear_one_fails(tmp_path: Path) -> None:
    assert gate(tmp_path, CHEAP, "yn" * 60, cost=3.5).state is FAILED


def test_without_a_cap_it_is_not_decided(tmp_path: Path) -> None:
    found = gate(tmp_path, 'figure = "cost_per_accepted"\nat_most = 4', "y" * 60)
    assert found.state is OPEN
    assert "`cap`" in found.decides


def test_a_task_over_the_cap_breaks_the_gate(tmp_path: Path) -> None:
    found = gate(tmp_path, 'figure = "cost_per_accepted"\nat_most = 4\ncap = 0.5', "y" * 60)
    assert found.state is OPEN
    assert "more than the 0.50 EUR that one may cost" in found.seen


TODAY = '\n[use_cases.replies.today]\ncost = "5 to 6"\n'


@pytest.mark.parametrize("figure", ["cost_per_accepted", "full_unit_cost"])
def test_cheaper_than_today(tmp_path: Path, figure: str) -> None:
    rule = f'figure = "{figure}"\nbelow_today = true\ncap = 5'
    assert gate(tmp_path, rule, "y" * 80, toml=TODAY).state is PASSED
    assert gate(tmp_path / "dear", rule, "nnny" * 40, cost=4, toml=TODAY).state is FAILED


def test_without_today_it_is_not_decided(tmp_path: Path) -> None:
    found = gate(tmp_path, 'figure = "full_unit_cost"\nbelow_today = true\ncap = 5', "y" * 80)
    assert (found.state, "today's cost is not known" in found.seen) == (OPEN, True)


def test_a_cost_nobody_knows_counts_as_the_cap(tmp_path: Path) -> None:
    """Every second task has calls of a model without a price: at the cap of 4.00 nothing is gained on them."""
    given = "y" * 60
    unpriced = [
        each if at % 2 else {**each, "model": "nobody-prices-this"} for at, each in enumerate(calls(given))
    ]
    found = of(
        assessed(
            tmp_path,
            f'\n[[use_cases.replies.gates]]\nname = "g"\n{CHEAP.replace("at_most = 4", "at_most = 2")}\n',
            usage=unpriced,
            outcome=outcomes(given),
        )
    )
    assert found.gates[0].state is OPEN


def test_all_gates_passed_is_scale(tmp_path: Path) -> None:
    rules = "".join(
        f'\n[[use_cases.replies.gates]]\nname = "g{at}"\n{rule}\n'
        for at, rule in enumerate(['figure = "acceptance"\nat_least = 0.8', CHEAP])
    )
    found = of(assessed(tmp_path, rules, usage=calls("y" * 80), outcome=outcomes("y" * 80)))
    assert found.verdict is Verdict.SCALE


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('figure = "accepted"\nat_least = 3\ncap = 5', "`cap` fits"),
        ('figure = "cost_per_accepted"\nat_least = 3', "`at_most` or `below_today`"),
        ('figure = "acceptance"\nat_least = 0.5\nleast_useful = 0.6', "no higher"),
    ],
)
def test_rules_that_do_not_fit_are_refused(tmp_path: Path, rule: str, message: str) -> None:
    with pytest.raises(Exception, match=message):
        gate(tmp_path, rule, "y")


def test_looks_are_drawn_day_by_day_and_only_come_nearer(tmp_path: Path) -> None:
    found = of(
        assessed(
            tmp_path,
            '\n[[use_cases.replies.gates]]\nname = "g"\nfigure = "acceptance"\nat_least = 0.8\n',
            usage=calls("y" * 30 + "n?y" * 10),
            outcome=outcomes("y" * 30 + "n?y" * 10),
        )
    ).looks
    assert found is not None
    assert (found.gate, str(found.threshold), len(found.looks)) == ("g", "0.8", 12)
    lows, highs = [each.low for each in found.looks], [each.high for each in found.looks]
    assert lows == sorted(lows)
    assert highs == sorted(highs, reverse=True)
    first = found.looks[0]
    assert row(first.tasks, first.share, first.high) == (5, 1, 1)
    low, high = share_sequence(5, 5, 0.95)
    assert float(first.low) == pytest.approx(low, abs=1e-6)
    assert high == 1
    assert float(found.looks[-1].share) == pytest.approx(40 / 50)  # of what was checked


def test_without_days_or_a_gate_on_a_share_nothing_is_drawn(tmp_path: Path) -> None:
    assert of(assessed(tmp_path, usage=calls("yyyy"), outcome=outcomes("yyyy"))).looks is None
