"""Cost per accepted outcome, full cost per completed unit, and where the AI stops being worth it.

Formulas, sources and worked numbers: docs/formulas.md, "cost-per-accepted", "full-unit-cost",
"break-even-today", "missing-bounds". Arrays have one entry a cluster, of one use case and arm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from payback.locale import say
from payback.measures.estimate import (
    LEVEL,
    Estimate,
    Floats,
    Range,
    rounded,
    student,
    too_few,
)
from payback.measures.proportion import clopper_pearson
from payback.measures.ratio import norm, range_of, reach, union
from payback.records import Unknown

Ends = tuple[float, float]
"""Low and high end of a declared amount; equal where it is one number."""

NOTHING: Ends = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Arm:
    """What one way of doing one use case did, by cluster.

    `n` tasks; `checked` of them with a known outcome, `accepted` the sum of their scores (0 to 1);
    `cost` the sum of known costs; `unknown` tasks whose cost is not known. Repeats are averaged
    within the task first. `largest_cost` is the most a task of unknown cost can have cost: the
    largest known cost of one task; where it is not given, the largest total of a cluster.
    """

    n: Floats
    checked: Floats
    accepted: Floats
    cost: Floats
    unknown: Floats
    largest_cost: float | None = None

    @property
    def tasks(self) -> float:
        """All tasks."""
        return float(self.n.sum())

    @property
    def share(self) -> float:
        """Accepted over checked."""
        return float(self.accepted.sum() / self.checked.sum())

    @property
    def cost_per_task(self) -> float:
        """Known cost over tasks of known cost."""
        return float(self.cost.sum()) / (self.tasks - float(self.unknown.sum()))

    @property
    def dearest_cost(self) -> Floats:
        """Cost by cluster with every unknown cost at the largest known one."""
        largest = self.largest_cost if self.largest_cost is not None else max(0.0, float(self.cost.max()))
        return self.cost + self.unknown * largest

    @property
    def incomplete(self) -> bool:
        """Whether an outcome or a cost is missing."""
        return bool(self.unknown.sum() > 0 or (self.n - self.checked).sum() > 0)


@dataclass(frozen=True, slots=True)
class Spent:
    """Money out by cluster, besides what today's way then redoes, at its least and at its most."""

    least: Floats
    most: Floats


def spent(arm: Arm, per_task: float) -> Spent:
    """Cost and what every attempt costs besides; unknown costs are nothing, or the largest known one."""
    return Spent(arm.cost + arm.n * per_task, arm.dearest_cost + arm.n * per_task)


def cost_per_accepted(arm: Arm, *, level: float = LEVEL) -> Estimate | Unknown:
    """All cost over all accepted outcomes.

    What is missing is taken to be like what is known: mean known cost over accepted share. The range
    goes from all unchecked accepted at no cost for the unpriced, to none accepted at the largest
    cost for the unpriced. Where nothing was accepted, see `least_cost_per_accepted`.
    """
    return break_even_today(arm, NOTHING, level=level)


def break_even_today(arm: Arm, per_task: Ends, *, level: float = LEVEL) -> Estimate | Unknown:
    """What today's way must cost per unit for the AI's way to cost the same: (cost + n per_task) / accepted.

    It follows from cost/n + (1 - share) today + per_task = today; below it the AI's way costs more.
    `per_task` is what every attempt costs besides: review by people, share of the platform.
    """
    if missing := _missing(arm):
        return missing
    if arm.accepted.sum() <= 0:
        return Unknown(
            say("no outcome was accepted"), fix=say("widen the period, or look at why outcomes are rejected")
        )
    value = (arm.cost_per_task + sum(per_task) / 2) / arm.share
    at_low = per_accepted_range(arm, per_task[0], level=level)
    at_high = at_low if per_task[0] == per_task[1] else per_accepted_range(arm, per_task[1], level=level)
    limits = None
    if arm.incomplete:
        limits = _limits(
            float(spent(arm, per_task[0]).least.sum() / most_accepted(arm).sum()),
            float(spent(arm, per_task[1]).most.sum() / arm.accepted.sum()),
        )
    return Estimate(value, union(at_low, at_high), limits)


def full_unit_cost(arm: Arm, today: Ends, per_task: Ends, *, level: float = LEVEL) -> Estimate | Unknown:
    """Full cost per completed unit: (cost + rejected x today + n x per_task) / n.

    What the AI does not get accepted is redone today's way. The value is at the middle of the
    declared ends; the range is the envelope of the ranges at today's and per_task's low and high ends.
    """
    if missing := _missing(arm):
        return missing
    value = arm.cost_per_task + (1 - arm.share) * sum(today) / 2 + sum(per_task) / 2
    at_low, at_high = (full_cost_range(arm, today[end], per_task[end], level=level) for end in (0, 1))
    limits = None
    if arm.incomplete:
        redone_least = float((arm.n - most_accepted(arm)).sum()) * today[0]
        redone_most = float((arm.n - arm.accepted).sum()) * today[1]
        limits = _limits(
            (float(spent(arm, per_task[0]).least.sum()) + redone_least) / arm.tasks,
            (float(spent(arm, per_task[1]).most.sum()) + redone_most) / arm.tasks,
        )
    return Estimate(value, union(at_low, at_high), limits)


def most_accepted(arm: Arm) -> Floats:
    """Accepted by cluster with every unchecked outcome accepted."""
    return arm.accepted + (arm.n - arm.checked)


def per_accepted_range(arm: Arm, per_task: float, *, level: float = LEVEL) -> Range | Unknown:
    """The range of (cost + n per_task) / accepted.

    A cluster moves the log of the ratio by x/X - y/Y, and x/X - n/N of that by what it spent. Each is
    taken where it is farthest out given what is missing (docs/formulas.md, "costliest-case").
    """
    money, least, most = spent(arm, per_task), arm.accepted, most_accepted(arm)
    least_x, most_x = float(money.least.sum()), float(money.most.sum())
    if least_x <= 0:
        return Unknown(say("nothing was spent, or credits cancel the cost, so there is no range"))
    if few := too_few(len(arm.n)):
        return few
    x_low = np.minimum(money.least / least_x, money.least / most_x)
    x_high = np.maximum(money.most / least_x, money.most / most_x)
    y_low, y_high = least / most.sum(), most / least.sum()
    parts = np.maximum(np.abs(x_low - y_high), np.abs(x_high - y_low))
    apart = np.maximum(np.abs(y_low - 1 / len(least)), np.abs(y_high - 1 / len(least)))
    return range_of(
        least_x / float(most.sum()),
        most_x / float(least.sum()),
        reach(parts, x_high - arm.n / arm.tasks),
        money=money.most,
        size=float(arm.n.mean()),
        level=level,
        closed=student(len(least), level) * norm(apart) < 1,  # Fieller's g
    )


def full_cost_range(arm: Arm, today: float, per_task: float, *, level: float = LEVEL) -> Range | Unknown:
    """The range of (cost + rejected x today + n x per_task) / n.

    As in `per_accepted_range`; added is the variance of half an average cluster accepted and half a
    one rejected, so that a sample in which all, or none, was accepted has a width.
    """
    money, least, most = spent(arm, per_task), arm.accepted, most_accepted(arm)
    n, tasks, clusters = arm.n, arm.tasks, len(arm.n)
    total_low = float(money.least.sum()) + float((n - most).sum()) * today
    total_high = float(money.most.sum()) + float((n - least).sum()) * today
    if total_low <= 0:
        return Unknown(say("nothing was spent, or credits cancel the cost, so there is no range"))
    if few := too_few(clusters):
        return few
    mean_low, mean_high = float(money.least.sum()) / tasks, float(money.most.sum()) / tasks
    share_low, share_high = float(least.sum()) / tasks, float(most.sum()) / tasks
    spent_low, spent_high = money.least - mean_high * n, money.most - mean_low * n
    parts_low = spent_low + today * (share_low * n - most)
    parts_high = spent_high + today * (share_high * n - least)
    parts = np.maximum(np.abs(parts_low), np.abs(parts_high)) / total_low
    away = max(share**2 + (1 - share) ** 2 for share in (share_low, share_high)) / 2
    added = today * tasks / clusters / total_low * math.sqrt(clusters / (clusters - 1) * away)
    return range_of(
        total_low / tasks,
        total_high / tasks,
        reach(parts, spent_high / total_low, added=added),
        money=money.most + (n - least) * today,
        size=float(n.mean()),
        level=level,
    )


def least_cost_per_accepted(arm: Arm, *, level: float = LEVEL) -> float:
    """Where nothing was accepted: the least an accepted outcome can cost.

    Known cost over n times the upper Clopper-Pearson limit of the share, none of as many independent
    cases as there are clusters with a checked outcome having been accepted.
    """
    upper = clopper_pearson(0, float((arm.checked > 0).sum()), level)[1]
    return rounded(float(arm.cost.sum()) / (upper * arm.tasks))


def break_even_acceptance(cost_per_task: float, per_task: float, today: float) -> float | None:
    """The accepted share at which the AI's way costs what today's does; None where no share does.

    >>> break_even_acceptance(0.41, 0.74, 5.0)
    0.23
    """
    if today <= 0:
        return None
    share = (cost_per_task + per_task) / today
    return rounded(share) if share <= 1 else None


def _missing(arm: Arm) -> Unknown | None:
    if arm.tasks <= 0:
        return Unknown(say("no tasks in this period"))
    if arm.checked.sum() <= 0:
        return Unknown(say("no outcomes checked"), fix=say("list a source of outcomes in payback.toml"))
    if arm.unknown.sum() >= arm.tasks:
        return Unknown(say("no cost is known"), fix=say("add prices for these models, or rows of cost"))
    return None


def _limits(low: float, high: float) -> Range:
    return Range(
        low=rounded(low),
        high=rounded(high),
        method="missing-bounds",
        sentence=say(
            "if all, or none, of the unchecked had been accepted, and the unpriced had cost nothing, or the most"
        ),
        level=None,
    )
