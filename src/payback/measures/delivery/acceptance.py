"""The share of outcomes that were accepted (formulas and sources: docs/formulas.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from payback.locale import say
from payback.measures.estimate import LEVEL, Estimate, Floats, Range, rounded, too_few
from payback.measures.proportion import clustered_t, share_range
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
    spread = refused or share_range(n, least, most, alone=alone, level=level)
    return Acceptance(Estimate(value, spread, missing), effect)
