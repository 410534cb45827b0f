"""What to fund together: the best choice under budget, people and risk, on draws of all use cases at once.

Each use case has ways to go on, one of which is chosen; doing nothing is always one. Formulas and sources:
docs/formulas.md, "portfolio", "worst-twentieth", "shared-work", "joint-claims".
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from payback.measures.estimate import Floats
from payback.measures.funding import (
    Case,
    Chosen,
    Limits,
    Option,
    Overlap,
    Picks,
    Pool,
    Problem,
    brings,
    check,
    mean_of_worst,
    only,
    with_nothing,
    worst_count,
    worst_mean,
)
from payback.measures.yes_or_no import Rows, least_cost

MOST_CHOICES = 2**14
"""Up to so many choices are all worked out; of more a solver finds the best."""
FUTURES, FEWER_FUTURES = 200, 64
"""Looked at one by one in hindsight, where all choices are worked out and where not."""
MOST_ROUNDS = 300
TRIES, HALVINGS = 24, 6
"""Choices looked at one after another, and how finely a limit is then looked for, where losses must be rare."""
_AT_ONCE = 64
_CLOSE = 1e-7  # of the largest amount: less is no difference
_ROOM = 2e-6  # of the same: as far as the solver may be off


def best(problem: Problem, limits: Limits) -> Chosen | None:
    """The choice of the largest mean worth within the limits; None where not even doing nothing is within them.

    Raises ValueError for requirements that cannot be (see `check`).
    """
    return Chooser(problem).best(limits)


class Chooser:
    """Chooses again and again from one problem: what is learnt of its draws is kept between choices."""

    def __init__(self, problem: Problem, *, exhaustive: bool = True) -> None:
        self.problem = replace(problem, cases=tuple(map(with_nothing, problem.cases)))
        check(self.problem.cases)
        self.options = [(case, option) for case in self.problem.cases for option in case.options]
        self.draws = max((len(option.net) for _, option in self.options), default=1)
        self.net = np.zeros((self.draws, len(self.options)))
        for place, (_, option) in enumerate(self.options):
            self.net[:, place] = option.net
        self.shared = [self._shared(overlap) for overlap in self.problem.overlaps]
        self.claims = [self._claims(pool) for pool in self.problem.pools]
        self.caps = [np.broadcast_to(pool.cap, (self.draws,)) for pool in self.problem.pools]
        sizes = [float(np.abs(self.net).max(initial=0.0)), *(option.money for _, option in self.options)]
        self.scale = max(*sizes, 1e-12)
        self.members = [(at, place) for at, shared in enumerate(self.shared) for place in shared]
        self.pool_cuts: list[tuple[int, Floats, float]] = []  # pool, its claims over some draws, their cap
        self.worst_cuts: list[tuple[int, Floats, float]] = []  # how many draws, their worth, a constant
        self.every = _every(self) if exhaustive else None

    def _shared(self, overlap: Overlap) -> dict[int, Floats]:
        """The shared part of what each option of the overlap brings, by the option's place."""
        return {
            place: overlap.share * np.broadcast_to(brings(option), (self.draws,))
            for place, (case, option) in enumerate(self.options)
            if case.name in overlap.use_cases and option.does
        }

    def _claims(self, pool: Pool) -> Floats:
        nothing = np.zeros(self.draws)
        return np.column_stack(
            [
                np.broadcast_to(pool.claims.get((case.name, option.way), nothing), (self.draws,))
                for case, option in self.options
            ]
        )

    # --- what a choice is worth -------------------------------------------------------------------------

    def evaluated(self, picks: Picks, counting: Picks) -> Chosen:
        """Of options taken, and of members of overlaps that count."""
        taken = np.asarray(picks, dtype=np.float64)
        net = self.net @ taken
        plain = float(net.mean())
        counts: list[str | None] = [None] * len(self.shared)
        for (at, place), counted in zip(self.members, counting, strict=True):
            if picks[place] and not counted:
                net = net - self.shared[at][place]
            elif picks[place]:
                counts[at] = self.options[place][0].name
        for claims, cap in zip(self.claims, self.caps, strict=True):
            net = net - np.maximum(claims @ taken - cap, 0.0)
        chosen = [each for each, pick in zip(self.options, picks, strict=True) if pick]
        return Chosen(
            {case.name: option.way for case, option in chosen},
            tuple(counts),
            net,
            float(net.mean()),
            float((net < -_ROOM * self.scale).mean()),
            worst_mean(net),
            sum(option.money for _, option in chosen),
            sum(option.people for _, option in chosen),
            plain - float(net.mean()),
        )

    def within(self, chosen: Chosen, limits: Limits) -> bool:
        """Whether a choice keeps what is asked of money, people, risk and spread, and of what goes together."""
        room = _CLOSE * self.scale
        picked = [(case, option) for case, option in self.options if chosen.ways[case.name] == option.way]
        if limits.most_likely_loss is not None and chosen.loss > limits.most_likely_loss + _ROOM:
            return False
        if limits.worst_loss is not None and chosen.worst < -limits.worst_loss - room:
            return False
        return self._kept(picked, limits)

    def _kept(self, picked: Sequence[tuple[Case, Option]], limits: Limits) -> bool:
        """The same without risk, for one option of each use case."""
        room = _CLOSE * self.scale
        money = sum(option.money for _, option in picked)
        people = sum(option.people for _, option in picked)
        if limits.budget is not None and money > limits.budget + room:
            return False
        if limits.people is not None and people > limits.people + 1e-7:
            return False
        if limits.most_share is not None:
            by_business: dict[str, float] = {}
            for case, option in picked:
                by_business[case.business] = by_business.get(case.business, 0.0) + option.money
            if max(by_business.values(), default=0.0) > limits.most_share * limits.spread_over(money) + room:
                return False
        return self.goes_together(picked)

    def goes_together(self, picked: Sequence[tuple[Case, Option]]) -> bool:
        """Whether what is required is there, what is excluded is not, and what is forced is taken."""
        doing = {case.name for case, option in picked if option.does}
        for case, option in picked:
            if self.problem.forced.get(case.name, option.way) != option.way:
                return False
            if option.does and not (set(case.requires) <= doing and not set(case.excludes) & doing):
                return False
        return True

    # --- choosing ---------------------------------------------------------------------------------------

    def best(self, limits: Limits) -> Chosen | None:
        """The choice of the largest mean worth within the limits; None where there is none."""
        if self.every is not None:
            return self._best_of_all(self.every, limits)
        most = limits.most_likely_loss
        never: list[Floats] = []
        while True:  # from the largest worth down: the first that keeps the chance of a loss is the best
            found = self._settled(limits, None, never)
            if found is None or most is None or found.loss <= most + _ROOM:
                return found
            if len(never) == TRIES:
                break
            never.append(self._taken(found))
        # Where the mean of the worst share of draws is not below 0, fewer than that share lose. The largest
        # share that still keeps the limit is looked for by halving: a choice within it, near the best.
        kept, low, high = None, most, 1.0
        for _ in range(HALVINGS):
            share = low if kept is None else (low + high) / 2
            found = self._settled(limits, share, ())
            if found is not None and found.loss <= most + _ROOM:
                if kept is None or found.worth > kept.worth:
                    kept = found
                low = share
            elif kept is None:
                return None
            else:
                high = share
        return kept

    def _best_of_all(self, every: _Every, limits: Limits) -> Chosen | None:
        """The first that keeps the limits, from the largest worth down."""
        open_to = np.flatnonzero(every.kept(limits, _CLOSE * self.scale))
        order = open_to[np.argsort(-every.worth[open_to], kind="stable")]
        if not len(order):
            return None
        if limits.most_likely_loss is None and limits.worst_loss is None:
            return self.evaluated(every.picks[order[0]], every.counting[order[0]])
        for first in range(0, len(order), _AT_ONCE):
            rest = order[first : first + _AT_ONCE]
            fresh = rest[np.isnan(every.loss[rest])]
            if len(fresh):
                nets = self._nets(every, fresh, slice(None))
                count = worst_count(self.draws)
                every.worst[fresh] = np.partition(nets, count - 1, axis=1)[:, :count].mean(axis=1)
                every.loss[fresh] = (nets < -_ROOM * self.scale).mean(axis=1)
            good = np.ones(len(rest), dtype=bool)
            if limits.most_likely_loss is not None:
                good &= every.loss[rest] <= limits.most_likely_loss + _ROOM
            if limits.worst_loss is not None:
                good &= every.worst[rest] >= -limits.worst_loss - _CLOSE * self.scale
            if good.any():
                at = rest[int(np.argmax(good))]
                return self.evaluated(every.picks[at], every.counting[at])
        return None

    def _nets(self, every: _Every, rows: npt.NDArray[np.int64], draws: slice) -> Floats:
        """Worth of some choices in some draws; a row a choice."""
        taken = every.picks[rows].astype(np.float64)
        found = taken @ self.net[draws].T
        for place, (at, option) in enumerate(self.members):
            silent = taken[:, option] * ~every.counting[rows, place]
            found -= silent[:, None] * self.shared[at][option][draws]
        for claims, cap in zip(self.claims, self.caps, strict=True):
            found -= np.maximum(taken @ claims[draws].T - cap[draws], 0.0)
        return np.asarray(found, dtype=np.float64)

    def often(self, limits: Limits) -> dict[str, float]:
        """How often each use case is under way in the choice that would be best if the future were known.

        Over some of the draws, evenly picked; limits of risk have no meaning there.
        """
        plain = Limits(limits.budget, limits.people)
        times = {case.name: 0 for case in self.problem.cases}
        step = max(1, self.draws // (FEWER_FUTURES if self.every is None else FUTURES))
        looked = len(range(0, self.draws, step))
        if self.every is not None:
            rows = np.flatnonzero(self.every.kept(plain, _CLOSE * self.scale))
            if not len(rows):
                return dict.fromkeys(times, 0.0)
            tops = rows[np.argmax(self._nets(self.every, rows, slice(0, None, step)), axis=0)]
            taken = self.every.picks[tops].sum(axis=0)
            for place, (case, option) in enumerate(self.options):
                times[case.name] += int(taken[place]) * option.does
        else:
            for draw in range(0, self.draws, step):
                alone = Chooser(only(self.problem, slice(draw, draw + 1)))
                if (chosen := alone.best(plain)) is None:
                    continue
                for case, option in alone.options:
                    times[case.name] += int(option.does and chosen.ways[case.name] == option.way)
        return {name: count / looked for name, count in times.items()}

    def _taken(self, chosen: Chosen) -> Floats:
        return np.array([float(chosen.ways[case.name] == option.way) for case, option in self.options])

    def _settled(self, limits: Limits, level: float | None, never: Sequence[Floats]) -> Chosen | None:
        """The best choice by the solver, cuts added until its worth and its worst draws are what they are.

        None of `never` is chosen. With `level` the mean of that worst share of draws may not be below 0. Cuts are looked for with parts of
        options first, which is quick, then with whole ones.
        """
        bounds = []
        if limits.worst_loss is not None:
            bounds.append((worst_count(self.draws), -limits.worst_loss))
        if level is not None:
            bounds.append((max(1, math.floor(level * self.draws + 1e-9)), 0.0))
        whole = False
        for _ in range(MOST_ROUNDS):
            solved = self._solved(limits, bounds, never, whole=whole)
            if solved is None:
                return None
            picks, counting, over = solved
            net = self._net_of(picks, counting)
            fresh = self._cut_pools(picks, over)
            for count, least in bounds:
                if mean_of_worst(net, count) < least - _CLOSE * self.scale:
                    self._cut_worst(picks, net, count)
                    fresh = True
            if not fresh and whole:
                return self.evaluated(picks > 0.5, counting > 0.5)
            whole = whole or not fresh
        raise RuntimeError("the choice does not settle")  # each round takes one choice out: never so many

    def _net_of(self, picks: Floats, counting: Floats) -> Floats:
        """Worth a draw of options taken in whole or in part."""
        net = self.net @ picks
        for place, (at, option) in enumerate(self.members):
            net = net - (picks[option] - counting[place]) * self.shared[at][option]
        for claims, cap in zip(self.claims, self.caps, strict=True):
            net = net - np.maximum(claims @ picks - cap, 0.0)
        return np.asarray(net, dtype=np.float64)

    def _cut_pools(self, taken: Floats, over: Floats) -> bool:
        """A cut for each pool whose claims exceed it by more than the choice was told."""
        fresh = False
        for at, (claims, cap) in enumerate(zip(self.claims, self.caps, strict=True)):
            beyond = claims @ taken - cap
            above = beyond > 0
            if float(np.where(above, beyond, 0.0).mean()) > over[at] + _CLOSE * self.scale:
                self.pool_cuts.append(
                    (
                        at,
                        np.where(above[:, None], claims, 0.0).mean(axis=0),
                        float(np.where(above, cap, 0.0).mean()),
                    )
                )
                fresh = True
        return fresh

    def _cut_worst(self, taken: Floats, net: Floats, count: int) -> None:
        """A cut from the worst draws of a choice that loses too much in them.

        Whatever is chosen, the mean of its worst draws is at most its mean over these.
        """
        worst = np.argpartition(net, count - 1)[:count]
        row = self.net[worst].mean(axis=0)
        constant = 0.0
        more = []
        for at, place in self.members:
            part = float(self.shared[at][place][worst].mean())
            row[place] -= part
            more.append(part)
        for claims, cap in zip(self.claims, self.caps, strict=True):
            above = (claims[worst] @ taken - cap[worst]) > 0
            row -= np.where(above[:, None], claims[worst], 0.0).mean(axis=0)
            constant += float(np.where(above, cap[worst], 0.0).mean())
        self.worst_cuts.append((count, np.concatenate([row, more]), constant))

    def _solved(
        self,
        limits: Limits,
        bounds: Sequence[tuple[int, float]],
        never: Sequence[Floats],
        *,
        whole: bool,
    ) -> tuple[Floats, Floats, Floats] | None:
        """Options taken, members that count, and by how much pools are exceeded, as the solver sees it."""
        count, members, pools = len(self.options), len(self.members), len(self.claims)
        means = self.net.mean(axis=0) / self.scale
        worth = np.concatenate([means, np.zeros(members), -np.ones(pools)])
        for place, (at, option) in enumerate(self.members):
            part = float(self.shared[at][option].mean()) / self.scale
            worth[option] -= part
            worth[count + place] += part
        rows = Rows(count + members + pools)
        for row, low, high in self._rules(limits):
            rows.add(row, low, high)
        for choice in never:
            rows.add(dict(enumerate(2 * choice - 1)), -math.inf, float(choice.sum()) - 1)
        for size, cut, constant in self.worst_cuts:
            for asked, least in bounds:
                if size >= asked:  # the worst of fewer draws is worse still
                    rows.add(dict(enumerate(cut / self.scale)), (least - constant) / self.scale, math.inf)
        answer = least_cost(-worth, count + members, rows, whole=whole)
        if answer is None:
            return None
        return answer[:count], answer[count : count + members], answer[count + members :] * self.scale

    def _rules(self, limits: Limits) -> Iterator[tuple[dict[int, float], float, float]]:
        """Rows of the problem but for the chance of a loss: variable = factor, and between which ends."""
        count, members = len(self.options), len(self.members)
        places: dict[str, list[int]] = {}
        for place, (case, _) in enumerate(self.options):
            places.setdefault(case.name, []).append(place)
        doing = {name: [at for at in each if self.options[at][1].does] for name, each in places.items()}
        for case in self.problem.cases:
            yield dict.fromkeys(places[case.name], 1.0), 1.0, 1.0
            if (way := self.problem.forced.get(case.name)) is not None:
                yield {at: 1.0 for at in places[case.name] if self.options[at][1].way == way}, 1.0, 1.0
            for other in case.requires:
                yield (
                    dict.fromkeys(doing[case.name], 1.0) | dict.fromkeys(doing[other], -1.0),
                    -math.inf,
                    0.0,
                )
            for other in case.excludes:
                yield dict.fromkeys([*doing[case.name], *doing[other]], 1.0), -math.inf, 1.0
        for at in range(len(self.shared)):
            own = [count + place for place, (of, _) in enumerate(self.members) if of == at]
            yield dict.fromkeys(own, 1.0), -math.inf, 1.0
        for place, (_, option) in enumerate(self.members):
            yield {count + place: 1.0, option: -1.0}, -math.inf, 0.0
        money = {
            place: option.money / self.scale for place, (_, option) in enumerate(self.options) if option.money
        }
        if limits.budget is not None and money:
            yield money, -math.inf, limits.budget / self.scale
        people = {place: option.people for place, (_, option) in enumerate(self.options) if option.people}
        if limits.people is not None and people:
            yield people, -math.inf, limits.people
        if limits.most_share is not None:
            for business in dict.fromkeys(case.business for case in self.problem.cases):
                of_it = {at: each for at, each in money.items() if self.options[at][0].business == business}
                if limits.budget is not None:
                    yield of_it, -math.inf, limits.most_share * limits.budget / self.scale
                    continue
                all_of_it = {at: -limits.most_share * each for at, each in money.items()}
                yield (
                    all_of_it | {at: each + all_of_it[at] for at, each in of_it.items()},
                    -math.inf,
                    0.0,
                )
        for at, claims, cap in self.pool_cuts:
            row = {place: float(each) / self.scale for place, each in enumerate(claims) if each}
            yield row | {count + members + at: -1.0}, -math.inf, cap / self.scale


@dataclass(frozen=True, slots=True)
class _Every:
    """Every choice that keeps what goes together, a row each: options taken, members that count, what it takes.

    `loss` and `worst` are filled in where they were asked for; nan elsewhere.
    """

    picks: npt.NDArray[np.bool_]
    counting: npt.NDArray[np.bool_]
    worth: Floats
    money: Floats
    people: Floats
    most_in_one: Floats
    loss: Floats
    worst: Floats

    def kept(self, limits: Limits, room: float) -> npt.NDArray[np.bool_]:
        """Which keep the limits of money, people and spread."""
        found = np.ones(len(self.picks), dtype=bool)
        if limits.budget is not None:
            found &= self.money <= limits.budget + room
        if limits.people is not None:
            found &= self.people <= limits.people + 1e-7
        if limits.most_share is not None:
            base = self.money if limits.budget is None else limits.budget
            found &= self.most_in_one <= limits.most_share * base + room
        return found


def _every(chooser: Chooser) -> _Every | None:
    """All choices, or None where there are too many."""
    options, members = chooser.options, chooser.members
    places: dict[str, list[int]] = {}
    for place, (case, _) in enumerate(options):
        places.setdefault(case.name, []).append(place)
    if math.prod(map(len, places.values())) > MOST_CHOICES:
        return None
    picks, counting = [], []
    for taken in itertools.product(*places.values()):
        if not chooser.goes_together([options[place] for place in taken]):
            continue
        row = np.zeros(len(options), dtype=bool)
        row[list(taken)] = True
        groups: list[list[int | None]] = [
            [at for at, (of, option) in enumerate(members) if of == group and row[option]] or [None]
            for group in range(len(chooser.shared))
        ]
        for counted in itertools.product(*groups):
            picks.append(row)
            counting.append([at in counted for at in range(len(members))])
        if len(picks) > MOST_CHOICES:
            return None
    made = np.array(picks, dtype=bool).reshape(len(picks), len(options))
    silent = np.array(counting, dtype=bool).reshape(len(picks), len(members))
    taken_all = made.astype(np.float64)
    money = taken_all * [option.money for _, option in options]
    names = list(dict.fromkeys(case.business for case, _ in options))
    by_business = [
        money[:, [case.business == name for case, _ in options]].sum(axis=1) for name in names
    ] or [np.zeros(len(picks))]
    found = _Every(
        made,
        silent,
        np.zeros(len(picks)),
        money.sum(axis=1),
        taken_all @ np.array([option.people for _, option in options]),
        np.max(by_business, axis=0),
        np.full(len(picks), np.nan),
        np.full(len(picks), np.nan),
    )
    worth = taken_all @ chooser.net.mean(axis=0)
    for place, (at, option) in enumerate(members):
        worth -= taken_all[:, option] * ~silent[:, place] * chooser.shared[at][option].mean()
    for claims, cap in zip(chooser.claims, chooser.caps, strict=True):
        for first in range(0, len(picks), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            worth[some] -= np.maximum(taken_all[some] @ claims.T - cap, 0.0).mean(axis=1)
    return replace(found, worth=worth)
