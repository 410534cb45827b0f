"""The judged way of working less another one, on the tasks both did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from payback.assessment import Comparison
from payback.assessor.context import Context
from payback.assessor.estimates import decimal_of, exact, interval_of, of_pico
from payback.locale import say
from payback.measures.delivery.comparison import (
    acceptance_difference,
    cost_difference,
    least_difference,
    margin_of,
)
from payback.measures.delivery.pairs import Pair
from payback.measures.estimate import Estimate, Floats
from payback.measures.work import Work
from payback.numbers import money, of_hundred
from payback.records import PICO, Evidence, Figure, Unknown

Key = tuple[str, str, str]


def comparisons(
    context: Context,
    judged: str,
    others: Sequence[str],
    works: Mapping[str, Work],
    cost_pairs: Mapping[Key, Pair],
    outcome_pairs: Mapping[Key, Pair],
    redone: Figure | Unknown | None = None,
) -> tuple[Comparison, ...]:
    """The judged way less each other one; where no task was done both ways there is none.

    `redone` is what a result not accepted costs, done as today: it says how many of them a saving pays for.
    """
    found = []
    for other in others:
        key = (context.name, judged, other)
        costs, outcomes = cost_pairs.get(key), outcome_pairs.get(key)
        if costs is None and outcomes is None:
            continue
        cost: Figure | Unknown
        if works[judged].calls and works[other].calls:
            cost = _cost_difference(context, costs)
        else:
            cost = Unknown(
                say("only calls are compared task by task, and one of the two ways makes none"),
                fix=say("compare the full cost of a unit instead"),
            )
        found.append(
            Comparison(
                arm=judged,
                against=other,
                tasks=sum((outcomes or costs or Pair()).tasks.values()),
                cost=cost,
                acceptance=_not_worse(
                    context, _acceptance_difference(context, outcomes), outcomes, cost, redone
                ),
            )
        )
    return tuple(found)


def arrays(pair: Pair, scale: int = 1) -> tuple[Floats, Floats]:
    """Tasks and difference by cluster, in the order of the clusters' names; the nearest floats."""
    cells = sorted(pair.tasks)
    return (
        np.array([float(pair.tasks[cell]) for cell in cells]),
        np.array([float(each / scale) for each in (pair.difference[cell] for cell in cells)]),
    )


def _mean(pair: Pair) -> Fraction:
    return Fraction(sum(pair.difference.values())) / sum(pair.tasks.values())


def _cost_difference(context: Context, pair: Pair | None) -> Figure | Unknown:
    if pair is None:
        return Unknown(say("no task has a known cost both ways"))
    estimate = cost_difference(*arrays(pair, PICO))
    return _figure(context, pair, estimate, of_pico(_mean(pair)), "cost-difference")


def _acceptance_difference(context: Context, pair: Pair | None) -> Figure | Unknown:
    if pair is None:
        return Unknown(say("no task was checked both ways"))
    estimate = acceptance_difference(*arrays(pair))
    return _figure(context, pair, estimate, exact(_mean(pair)), "acceptance-difference")


def _not_worse(
    context: Context,
    found: Figure | Unknown,
    pair: Pair | None,
    cost: Figure | Unknown,
    redone: Figure | Unknown | None,
) -> Figure | Unknown:
    """The difference, with whether it is small enough for what the cheaper way saves."""
    if (
        isinstance(found, Unknown) or pair is None or not isinstance(cost, Figure) or cost.value >= 0
        or not isinstance(redone, Figure) or redone.value <= 0
    ):  # fmt: skip
        return found
    margin = margin_of(float(-cost.value), float(redone.value))
    least = least_difference(*arrays(pair))
    paid = say(
        "it saves {saving} a task, which pays for up to {margin} fewer accepted at {lost} each",
        saving=money(-cost.value, context.currency),
        margin=of_hundred(decimal_of(min(1.0, margin))),
        lost=money(redone.value, context.currency),
    )
    if isinstance(least, Unknown):
        return replace(found, notes=(*found.notes, paid))
    shown = (
        say("not more than that is lost, 95 % sure")
        if least > -margin
        else say("that not more is lost is not shown")
    )
    return replace(found, notes=(*found.notes, f"{paid}; {shown}"))


def _figure(
    context: Context, pair: Pair, estimate: Estimate | Unknown, value: Decimal, quantity: str
) -> Figure | Unknown:
    if isinstance(estimate, Unknown):
        return estimate
    shown, missing, notes = interval_of(estimate, quantity)
    is_money = quantity == "cost-difference"
    return Figure(
        name=quantity.replace("-", "_"),
        value=value,
        unit="money" if is_money else "share",
        formula="paired-difference",
        evidence=Evidence.MEASURED,
        currency=context.currency if is_money else None,
        per=say("task") if is_money else None,
        period=context.period,
        interval=shown,
        bounds=missing,
        count=sum(pair.tasks.values()),
        counted=say("tasks done both ways"),
        origins=context.sources.of("usage", "outcome"),
        notes=(*notes, say("calls alone, without people's minutes and the platform")) if is_money else notes,
    )
