"""How often a range built this way held the truth in simulation, for samples like the one at hand.

"Like" is: about as many clusters, costs about as uneven, about as many accepted, one task to a cluster or
more, over the laws of docs/coverage taken equally often. So it is the coverage given what can be seen of a sample, and not
that of a law nobody can know to be theirs.
"""

from __future__ import annotations

import math

from payback.locale import say
from payback.measures.coverage_table import HELD

UNEVEN_FROM, VERY_UNEVEN_FROM = 1.0, 2.0
"""Standard deviation over mean of the clusters' money from which it is called uneven, very uneven."""

FEW_BELOW, NEARLY_ALL_FROM = 0.25, 0.90
"""Accepted shares below and from which few, or nearly all, were accepted."""


def uneven_class(uneven: float) -> str:
    """`even`, `uneven` or `very uneven`."""
    if uneven < UNEVEN_FROM:
        return "even"
    return "uneven" if uneven < VERY_UNEVEN_FROM else "very uneven"


def share_class(share: float) -> str:
    """`few`, `some` or `nearly all` accepted."""
    if share < FEW_BELOW:
        return "few"
    return "some" if share < NEARLY_ALL_FROM else "nearly all"


ALONE_BELOW = 1.5
"""Mean tasks in a cluster below which tasks are taken to stand alone."""


def size_class(size: float) -> str:
    """`one task each` or `several`."""
    return "one task each" if size < ALONE_BELOW else "several"


def held_in_100(
    quantity: str, clusters: int, uneven: float, share: float, size: float | None = None
) -> int | None:
    """Of 100 ranges for samples like this one, how many held the truth; None for a quantity not simulated.

    `quantity` is a key of `HELD`: cost-per-accepted, full-unit-cost, break-even-today, cost-per-task,
    acceptance, acceptance-difference, cost-difference. `clusters`, `uneven` and `size` are those of the
    `Range`, `share` is the accepted share seen; without `size` both kinds of clusters are pooled.
    """
    table = HELD.get(quantity)
    if table is None:
        return None
    nearest = min(table, key=lambda known: abs(math.log(known / max(1, clusters))))
    cells = table[nearest]
    like = f"{uneven_class(uneven)}/{share_class(share)}"
    if size is not None and (exact := cells.get(f"{like}/{size_class(size)}")) is not None:
        return exact
    return cells.get(like, cells["all"])


def held_sentence(
    quantity: str, clusters: int, uneven: float, share: float, size: float | None = None
) -> str:
    """The same in words; empty for a quantity not simulated."""
    held = held_in_100(quantity, clusters, uneven, share, size)
    if held is None:
        return ""
    return say(
        "built this way, a range held the truth in {held} of 100 simulated cases like yours", held=held
    )
