"""The judged way of working less another one, on the tasks both did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from payback.assessment import Comparison
from payback.assessor.context import Context
from payback.assessor.estimates import exact, interval_of, of_pico
from payback.locale import say
from payback.measures.delivery.comparison import acceptance_difference, cost_difference
from payback.measures.delivery.pairs import Pair
from payback.measures.estimate import Estimate, Floats
from payback.measures.work import Work
from payback.records import PICO, Evidence, Figure, Unknown

Key = tuple[str, str, str]


def comparisons(
    context: Context,
    judged: str,
    others: Sequence[str],
    works: Mapping[str, Work],
    cost_pairs: Mapping[Key, Pair],
    outcome_pairs: Mapping[Key, Pair],
) -> tuple[Comparison, ...]:
    """The judged way less each other one; where no task was done both ways there is none."""
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
                acceptance=_acceptance_difference(context, outcomes),
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
