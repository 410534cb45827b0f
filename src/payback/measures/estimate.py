"""An estimate from clusters of tasks, and the range around it.

A cluster (a customer, a document) is what makes tasks depend on each other; it is the unit of every
range here, never the call. Arrays have one entry a cluster. Formulas and sources: docs/formulas.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from payback.locale import say
from payback.records import Unknown

Floats = npt.NDArray[np.float64]

LEVEL = 0.95
BANDS = (0.5, 0.8)
"""Inner ranges, for shading; always inside the outer one."""

FEWEST_CLUSTERS = 5
"""Our judgement: the smallest number simulated (docs/coverage); below it the spread itself is a guess."""

_DIGITS = 12  # a range is the same to the last digit whatever order a processor adds in


@dataclass(frozen=True, slots=True)
class Range:
    """Low and high end, how they were made, and for whom.

    `low` or `high` None is: no such limit can be given. `level` None is: a limit from what is
    missing, not from sampling. `bands` are (level, low, high), inner ones first, and empty where an
    end is open. `method` is a key of docs/formulas.md. `uneven` is how unequal the clusters are
    (standard deviation over mean of their totals), `size` how many tasks one has: by these
    docs/coverage looks up like cases.
    """

    low: float | None
    high: float | None
    method: str
    sentence: str
    level: float | None = LEVEL
    bands: tuple[tuple[float, float, float], ...] = ()
    clusters: int = 0
    uneven: float = 0.0
    size: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its range or why there is none, and its limits given what is missing.

    `value` takes what is missing to be like what is known; `missing` are the least and the most the
    sample's own figure can be, whatever the missing turn out to be (None where nothing is missing).
    """

    value: float
    range: Range | Unknown
    missing: Range | None = None


def rounded(value: float) -> float:
    """`value` to 12 significant digits."""
    return float(f"{value:.{_DIGITS}g}")


@cache
def student(clusters: int, level: float) -> float:
    """Two-sided quantile of Student's t with one degree of freedom less than there are clusters."""
    return float(stdtrit(clusters - 1, 0.5 + level / 2))


def uneven(totals: Floats) -> float:
    """Standard deviation over mean of the clusters' totals."""
    mean = float(totals.mean())
    return float(totals.std()) / abs(mean) if mean else 0.0


def too_few(clusters: int) -> Unknown | None:
    """Why so few clusters give no range."""
    if clusters >= FEWEST_CLUSTERS:
        return None
    return Unknown(
        say(
            "{clusters} independent cases or groups are too few for a range; it takes {fewest}",
            clusters=clusters,
            fewest=FEWEST_CLUSTERS,
        ),
        fix=say("widen the period, or check outcomes from more customers or documents"),
    )
