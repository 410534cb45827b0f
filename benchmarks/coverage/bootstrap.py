"""The bootstrap-t on the log scale, the best of the known ranges for skewed costs: what ours is held against.

Efron and Tibshirani 1993, ch. 12; Davison and Hinkley 1997, 5.2. Never narrower than log-delta.
"""

from __future__ import annotations

import numpy as np

from benchmarks.coverage.laws import Generator
from payback.measures.estimate import Floats, Range, student
from payback.measures.ratio import fieller_g, relative_error

RESAMPLES = 999  # 25 of them lie beyond either end of a 95 % range


def counts(generator: Generator, clusters: int) -> Floats:
    """How often each cluster is drawn in each resample; one set serves a batch of independent runs."""
    drawn = generator.integers(0, clusters, (RESAMPLES, clusters)) + clusters * np.arange(RESAMPLES)[:, None]
    tally = np.bincount(drawn.ravel(), minlength=RESAMPLES * clusters)
    return tally.reshape(RESAMPLES, clusters).astype(np.float64)


def quantiles(x: Floats, y: Floats, drawn: Floats) -> Floats:
    """The 25th lowest and highest of (log R* - log R) / se*, a column a run; x and y are runs by clusters."""
    clusters, columns = x.shape[1], x.shape[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = (x / x.sum(axis=1, keepdims=True)).T
        base = (y / y.sum(axis=1, keepdims=True)).T
        sums = drawn @ np.hstack([part, base, part * part, part * base, base * base])
        above, below, xx, xy, yy = (sums[:, i * columns : (i + 1) * columns] for i in range(5))
        ratio = above / below
        square = np.maximum(xx - 2 * ratio * xy + ratio * ratio * yy, 0.0)
        far = np.log(ratio) / (np.sqrt(clusters / (clusters - 1) * square) / above)
    far = np.where(above <= 0, -np.inf, np.where(below <= 0, np.inf, far))
    return np.sort(np.where(np.isnan(far), 0.0, far), axis=0)[[24, -25]]


def bootstrap_t(x: Floats, y: Floats, ends: Floats) -> Range:
    """The range of sum(x)/sum(y) from `quantiles`; open where the denominator may be 0."""
    ratio, error, critical = float(x.sum() / y.sum()), relative_error(x, y), student(len(x), 0.95)
    closed = fieller_g(y) < 1
    below = max(critical, float(ends[1])) if closed else critical
    with np.errstate(over="ignore"):
        low = ratio * float(np.exp(-below * error))
        high = ratio * float(np.exp(max(critical, -float(ends[0])) * error))
    return Range(low, high if closed and np.isfinite(high) else None, "bootstrap-t", "")
