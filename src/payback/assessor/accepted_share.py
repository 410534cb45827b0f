"""The share that was accepted, of a way of working or of one kind of its tasks, as a figure."""

from __future__ import annotations

from fractions import Fraction

from payback.assessor.context import Context
from payback.assessor.estimates import exact, interval_of
from payback.locale import say
from payback.measures.delivery.acceptance import acceptance
from payback.measures.estimate import Floats
from payback.numbers import count as written_count
from payback.records import Evidence, Figure, Input, Origin, Unknown


def accepted_share(
    context: Context,
    columns: tuple[Floats, Floats, Floats],
    accepted: Fraction,
    checked: int,
    *,
    binary: bool,
    origins: tuple[Origin, ...],
    omissions: tuple[str, ...] = (),
) -> Figure | Unknown:
    """Accepted over checked; `columns` are tasks, checked and accepted by cluster."""
    found = acceptance(*columns, binary=binary)
    if isinstance(found, Unknown):
        return found
    share = accepted / checked
    shown, missing, notes = interval_of(found.estimate, "acceptance", float(share))
    if found.design_effect is not None and found.design_effect > 1:
        alike = say(
            "tasks of one customer or document are alike: 100 of them tell as much as {worth:.0f} on their own",
            worth=100 / found.design_effect,
        )
        notes = (*notes, alike)
    return Figure(
        name="acceptance",
        value=exact(share),
        unit="share",
        formula="acceptance",
        evidence=Evidence.MEASURED,
        period=context.period,
        interval=shown,
        bounds=missing,
        count=checked,
        counted=say("tasks"),
        inputs=(
            Input(say("accepted"), plain(accepted), Evidence.MEASURED),
            Input(say("checked"), written_count(checked), Evidence.MEASURED),
        ),
        origins=origins,
        omissions=omissions,
        notes=notes,
    )


def plain(value: Fraction | int) -> str:
    """A count; with decimals where repeats were averaged."""
    whole = Fraction(value)
    if whole.denominator == 1:
        return written_count(int(whole))
    return f"{float(whole):,.2f}"
