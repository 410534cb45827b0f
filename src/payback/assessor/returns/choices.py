"""What else could be done than going on: stop, wait, try first; what each is worth and may be regretted by."""

from __future__ import annotations

import numpy as np

from payback.assessor.returns.prospect import Prospect
from payback.assessor.returns.rounding import as_money, share
from payback.locale import say, say_count
from payback.measures.draws import average
from payback.measures.estimate import Floats
from payback.measures.returns.cash import later
from payback.measures.returns.options import after_pilot, regrets
from payback.measures.returns.simulation import Simulation, present_value
from payback.returned import Choice

WAITS = (3, 6, 12)
"""Months; whoever waits a year looks again then."""
GO_ON, STOP, PILOT = "go_on", "stop", "pilot"


def wait(months: int) -> str:
    """The key of waiting so long."""
    return f"wait_{months}"


def choices(prospect: Prospect, currency: str, found: Simulation) -> tuple[Choice, ...]:
    """Every choice on the same futures, going on first."""
    values, plan = found.draws.values, prospect.plan
    worths: dict[str, Floats] = {GO_ON: found.net, STOP: np.zeros_like(found.net)}
    labels = {GO_ON: say("go on now"), STOP: say("stop now")}
    for months in WAITS:
        if months < plan.months:
            worths[wait(months)] = later(plan, values, months)
            labels[wait(months)] = say_count("wait {count} month", "wait {count} months", months)
    if prospect.pilot is not None:
        pilot = prospect.pilot
        then = later(plan, values, pilot.months)
        monthly = np.zeros((1, pilot.months))
        monthly[:] = 1 / pilot.months
        spread = float(present_value(monthly, plan.yearly_rate)[0])
        worths[PILOT] = after_pilot(then, values[pilot.cost] * spread, pilot.catches, pilot.spares)
        labels[PILOT] = say_count(
            "try for {count} month, then decide", "try for {count} months, then decide", pilot.months
        )
    waited = {wait(months): months for months in WAITS}
    by_choice = regrets(worths)
    known = {GO_ON: (found.mean, found.loss.value)}
    for key, each in worths.items():
        known.setdefault(key, (average(each, found.draws.scrambles), float((each < 0).mean())))
    return tuple(
        Choice(
            key,
            labels[key],
            as_money(known[key][0].value, currency),
            None if (error := known[key][0].error) is None else as_money(error, currency).amount,
            share(known[key][1]),
            as_money(by_choice[key].mean, currency),
            as_money(by_choice[key].high, currency),
            share(by_choice[key].best),
            waited.get(key, 0),
        )
        for key in worths
    )
