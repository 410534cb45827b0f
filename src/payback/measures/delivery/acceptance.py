"""The share of outcomes that were accepted (formulas and sources: docs/formulas.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from payback.locale import say
from payback.measures.estimate import (
    BANDS,
    LEVEL,
    Estimate,
    Floats,
    Range,
    rounded,
    too_few,
    uneven,
)
from payback.measures.proportion import clustered_t, clustered_wilson, normal, wilson
from payback.records import Unknown


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The accepted share, and how many times dependence between tasks swells its variance.

    `design_effect` is None where tasks stand alone or scores are not all 0 or 1.
    """

    estimate: Estimate
    design_effect: float | None = None


def acceptance(
    n: Floats, checked: Floats, accepted: Floats, *, binary: bool, level: float = LEVEL
) -> Acceptance | Unknown:
    """Accepted over checked, with its range, by cluster.

    `n` tasks, of which `checked` have a known outcome, `accepted` the sum of their scores, repeats
    averaged within the task first; `binary` where every task's score is 0 or 1. Wilson's range where
    no two tasks share a cluster and scores are 0 or 1; else Wilson's with the number of tasks
    cut down to what they are worth (clustered-wilson). Unchecked outcomes are counted as all
    rejected at the low end and all accepted at the high end, in the range as in the limits.
    """
    there = n > 0
    n, checked, accepted = n[there], checked[there], accepted[there]
    if checked.sum() <= 0:
        return Unknown(say("no outcomes checked"), fix=say("list a source of outcomes in payback.toml"))
    value = float(accepted.sum() / checked.sum())
    unchecked = n - checked
    missing = None
    if unchecked.sum() > 0:
        missing = Range(
            low=rounded(float(accepted.sum() / n.sum())),
            high=rounded(float((accepted + unchecked).sum() / n.sum())),
            method="missing-bounds",
            sentence=say("if none, or all, of the unchecked had been accepted"),
            level=None,
        )
    alone = binary and bool(np.all(n == 1))
    least, most = accepted, accepted + unchecked
    effect = None
    if not alone and len(n) > 1 and binary:
        effect = clustered_t(checked, accepted).design_effect
    refused = None if alone else too_few(len(n))
    spread = refused or _range(n, least, most, alone=alone, level=level)
    return Acceptance(Estimate(value, spread, missing), effect)


def _range(n: Floats, least: Floats, most: Floats, *, alone: bool, level: float) -> Range:
    limits = {}
    for each in (*BANDS, level):
        if alone:
            count, critical = float(n.sum()), normal(each)
            limits[each] = (
                wilson(float(least.sum()) / count, count, critical)[0],
                wilson(float(most.sum()) / count, count, critical)[1],
            )
        else:
            limits[each] = clustered_wilson(n, least, most, each)
    return Range(
        low=rounded(limits[level][0]),
        high=rounded(limits[level][1]),
        method="wilson" if alone else "clustered-wilson",
        sentence=say("from {count} independent cases", count=len(n))
        if alone
        else say("from {count} groups of cases", count=len(n)),
        level=level,
        bands=tuple(
            (each, rounded(limits[each][0]), rounded(limits[each][1])) for each in BANDS if each < level
        ),
        clusters=len(n),
        uneven=rounded(uneven(n)),
        size=rounded(float(n.mean())),
    )
