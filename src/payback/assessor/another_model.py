"""Another model in the place of one: only what was shown on the same tasks counts as no worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from payback.assessor.estimates import decimal_of, exact
from payback.assessor.repricing import matches
from payback.assessor.unit_costs import Costed
from payback.locale import say
from payback.measures.delivery.comparison import least_difference
from payback.measures.delivery.pairs import Pair
from payback.measures.work import mean
from payback.records import PICO, Figure, PaybackError, Unknown


@dataclass(frozen=True, slots=True)
class End:
    """What it costs if this share is accepted. `per_accepted` None: nothing is; `full` None: today is not known."""

    accepted: Decimal
    per_accepted: Decimal | None
    full: Decimal | None


@dataclass(frozen=True, slots=True)
class Swap:
    """A model `old` whose place `new` takes. `way` is the way of working that was measured, "" where none was.

    `saving` a task and `lost` by a result not accepted are money; `least` is how much less often, at
    the worst, it is accepted (95 % sure, on `tasks` done both ways). `ends`: accepted as often as
    now, and at the worst that is known.
    """

    old: str
    new: str
    way: str
    tasks: int | None
    saving: Fraction | None
    lost: Decimal | None
    ends: tuple[End, ...] = ()
    least: float | None = None
    reason: str = ""

    @property
    def margin(self) -> Decimal | None:
        """The drop in the share accepted that the saving pays for."""
        if self.saving is None or self.saving <= 0 or self.lost is None or self.lost <= 0:
            return None
        return exact(min(Fraction(1), self.saving / Fraction(self.lost)))  # margin_of, exactly

    @property
    def shown(self) -> bool:
        """Whether it was shown to be no worse, by a margin that is in money."""
        margin = self.margin
        return margin is not None and self.least is not None and self.least > -float(margin)


def way_of(
    new: str, ways: Mapping[str, Mapping[str, Sequence[str]]], titles: Mapping[str, str]
) -> str | None:
    """The way of working with this name, or the only one whose calls are all to a model of this name.

    Raises PaybackError where several are. None: nobody has tried it.
    """
    for arm in ways:
        if new.casefold() in {arm.casefold(), titles.get(arm, arm).casefold()}:
            return arm
    found = [
        arm
        for arm, models in ways.items()
        if models and all(matches(names, new) for names in models.values())
    ]
    if len(found) > 1:
        raise PaybackError(
            "several-ways",
            say("several ways of working call {model}", model=new),
            fix=say("name one of them in its place: {ways}", ways=", ".join(sorted(found))),
        )
    return found[0] if found else None


def no_worse(
    model: tuple[str, str],
    way: str,
    outcomes: Pair | None,
    cost_rows: Sequence[Sequence[object]],
    key: tuple[str, str, str],
    factors: tuple[Fraction, Fraction],
    today: Figure | Unknown,
) -> Swap:
    """The new way against the judged one on the tasks both did, at the changed cost of their calls.

    `factors` are those on the cost of calls of the new way and of the judged one. The margin is what
    the saving pays for, at today's cost of a result that is not accepted.
    """
    old, new = model
    saving = _saving(cost_rows, key, factors)
    lost = today.value if isinstance(today, Figure) else None
    if outcomes is None:
        return Swap(old, new, way, 0, saving, lost, reason=say("no task was checked both ways"))
    cells = sorted(outcomes.tasks)
    least = least_difference(
        np.array([float(outcomes.tasks[cell]) for cell in cells]),
        np.array([float(outcomes.difference[cell]) for cell in cells]),
    )
    tasks = sum(outcomes.tasks.values())
    if isinstance(least, Unknown):
        return Swap(old, new, way, tasks, saving, lost, reason=least.reason)
    reason = ""
    if saving is None:
        reason = say("no task has a known cost both ways")
    elif saving <= 0:
        reason = say("it does not cost less on the same tasks")
    elif lost is None:
        reason = say("what a result not accepted costs is not known, so there is no margin in money")
    return Swap(old, new, way, tasks, saving, lost, least=least, reason=reason)


def _saving(
    rows: Sequence[Sequence[object]], key: tuple[str, str, str], factors: tuple[Fraction, Fraction]
) -> Fraction | None:
    """What a task costs less the new way, on tasks of known cost both ways; repeats are averaged."""
    tasks, saved = 0, Fraction(0)
    for use_case, arm, against, _, times, times_against, count, ours, theirs in rows:
        if (use_case, arm, against) == key:
            tasks += _whole(count)
            saved += mean(_whole(theirs), _whole(times_against)) * factors[1]
            saved -= mean(_whole(ours), _whole(times)) * factors[0]
    return saved / tasks / PICO if tasks else None


def _whole(value: object) -> int:
    return int(str(value))


def ends(
    new: Costed,
    today: Figure | Unknown,
    judged: Costed | None,
    least: float | None,
) -> tuple[End, ...]:
    """Accepted as often as now, and as seldom as is possible: never, unless a worst is known."""
    now = judged or new
    if now.missing is not None or new.attempt is None:
        return ()
    spent = exact(new.attempt) + new.besides.value
    redone = today.value if isinstance(today, Figure) else None
    highest = exact(now.share)
    lowest = Decimal(0) if least is None else max(Decimal(0), highest + decimal_of(least))
    return tuple(
        End(share, spent / share if share else None, None if redone is None else spent + (1 - share) * redone)
        for share in (highest, min(lowest, highest))
    )
