"""Outcomes by kind of task: where the whole hides a part that goes the other way."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from payback.assessment import SegmentCell, SegmentRow
from payback.assessor.accepted_share import accepted_share
from payback.assessor.comparisons import arrays
from payback.assessor.context import Context
from payback.assessor.estimates import exact
from payback.locale import say
from payback.measures.delivery.comparison import reversals
from payback.measures.delivery.pairs import Pair
from payback.measures.delivery.segments import SegmentWork
from payback.measures.estimate import Floats
from payback.measures.work import Exact


def segment_rows(
    context: Context,
    works: Mapping[tuple[str, str, str, str], SegmentWork],
    differences: Mapping[tuple[str, str], Pair],
    overall: Decimal | None,
) -> tuple[SegmentRow, ...]:
    """Outcomes by property, in the order the project names them, each way of working by name.

    `differences` are the judged way less today's, by property and value; a value that goes against
    the `overall` difference beyond chance is said.
    """
    by_value: dict[tuple[str, str], dict[str, SegmentWork]] = {}
    for (use_case, name, value, arm), work in works.items():
        if use_case == context.name:
            by_value.setdefault((name, value), {})[arm] = work
    found = []
    for name in context.case.segments:
        against = _reversed(name, differences, overall)
        values = [value for of, value in by_value if of == name]
        for value in sorted(values, key=_order):
            mine = by_value[name, value]
            arms = sorted(mine, key=lambda arm: context.title(arm).casefold())
            cells = tuple(_cell(context, arm, mine[arm]) for arm in arms)
            tasks = max((sum(work.tasks.values()) for work in mine.values()), default=0)
            found.append(SegmentRow(name, value, tasks, cells, against.get(value, "")))
    return tuple(found)


_DIFFICULTY_ORDER = (
    "all others solved it",
    "over two thirds solved it",
    "a third to two thirds",
    "under a third solved it",
    "no other solved it",
    "nobody else tried",
)


def _order(value: str) -> tuple[int, str]:
    return (_DIFFICULTY_ORDER.index(value) if value in _DIFFICULTY_ORDER else -1, value)


def _reversed(
    name: str, differences: Mapping[tuple[str, str], Pair], overall: Decimal | None
) -> dict[str, str]:
    if overall is None:
        return {}
    mine = {value: arrays(pair) for (of, value), pair in differences.items() if of == name}
    return {
        each.segment: say("the whole misleads here: in this part it goes the other way")
        for each in reversals(float(overall), mine)
    }


def _cell(context: Context, arm: str, work: SegmentWork) -> SegmentCell:
    cells = sorted(work.tasks)

    def column(values: Mapping[str, Exact]) -> Floats:
        return np.array([float(values[cell]) for cell in cells])

    checked, solved = sum(work.checked.values()), Fraction(sum(work.accepted.values()))
    share = accepted_share(
        context,
        (column(work.tasks), column(work.checked), column(work.accepted)),
        solved,
        checked,
        binary=work.binary,
        origins=context.sources.of("outcome", "segment"),
    )
    return SegmentCell(arm, checked, exact(solved), share)
