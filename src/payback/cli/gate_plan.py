"""What `payback gate plan` works out and prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from payback.cli.progress import Progress
from payback.locale import say
from payback.measures.delivery.planning import LONGEST, Need, Shape, money_need, share_need
from payback.numbers import money
from payback.records import Figure, PaybackError

if TYPE_CHECKING:
    from payback.project import Gate, Project

SCHEMA_VERSION = 1
STEPS = (0.25, 0.5, 0.75)
"""Truths looked at for a share: so far on the way from the threshold to 1 (or to 0)."""
CHEAPER = (0.9, 0.75, 0.5)
"""Truths looked at for a unit cost: so much of the threshold."""


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is seen of a use case already: the share accepted, and what a task costs, all in."""

    share: float | None
    task_cost: float | None
    today: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A gate and what it needs for each truth; `why_not` where it cannot be planned."""

    use_case: str
    gate: Gate
    threshold: float | None
    needs: tuple[Need, ...]
    task_cost: float | None
    why_not: str = ""


def seen_so_far(project: Project) -> dict[str, SoFar]:
    """From the data there are; nothing where there are none, or none that can be read."""
    from payback import assess

    if not project.sources:
        return {}
    try:
        with Progress() as progress:
            found = assess(project, progress=progress)
    except PaybackError:
        return {}
    made = {}
    for case in found.use_cases:
        arm = next((arm for arm in case.arms if arm.arm == case.judged), None)
        share = _value(arm.acceptance) if arm else None
        unit = _value(arm.cost_per_accepted) if arm else None
        today = case.today.unit_cost if case.today else None
        made[case.key] = SoFar(
            share, unit * share if unit is not None and share else None, _low(today) if today else None
        )
    return made


def plans(
    project: Project,
    name: str,
    seen: SoFar | None,
    share: float | None,
    task_cost: float | None,
    shape: Shape,
) -> list[Plan]:
    """A plan for each gate of the use case that is on a share or a unit cost."""
    case = project.use_cases[name]
    known = seen or SoFar(None, None, None)
    if known.today is None and case.today is not None and case.today.declared_cost is not None:
        known = SoFar(known.share, known.task_cost, float(case.today.declared_cost.low))
    accepted = share if share is not None else known.share
    cost = task_cost if task_cost is not None else known.task_cost
    made = []
    for gate in case.gates:
        if gate.figure == "acceptance":
            made.append(_of_share(name, gate, accepted, cost, shape))
        elif gate.figure in {"cost_per_accepted", "full_unit_cost"}:
            made.append(_of_money(name, gate, known.today, accepted, cost, shape))
    return made


def _of_share(name: str, gate: Gate, accepted: float | None, cost: float | None, shape: Shape) -> Plan:
    upwards = gate.at_least is not None
    threshold = float((gate.at_least if upwards else gate.at_most) or 0)
    end = 1.0 if upwards else 0.0
    truths = [threshold + step * (end - threshold) for step in STEPS]
    if accepted is not None and (accepted > threshold) == upwards and 0 < accepted < 1:
        truths.append(accepted)
    confidence = float(gate.confidence)
    needs = []
    for truth in sorted({round(truth, 4) for truth in truths}):
        low, real = (threshold, truth) if upwards else (1 - threshold, 1 - truth)
        need = share_need(low, real, confidence, shape)
        needs.append(Need(truth, need.passing, need.half, need.most))
    return Plan(name, gate, threshold, tuple(needs), cost)


def _of_money(
    name: str, gate: Gate, today: float | None, accepted: float | None, cost: float | None, shape: Shape
) -> Plan:
    threshold = today if gate.below_today else float(gate.at_most or 0)
    if gate.cap is None:
        return Plan(
            name, gate, threshold, (), cost, say("it has no `cap`, and without one it is never decided")
        )
    if threshold is None:
        return Plan(name, gate, None, (), cost, say("today's cost is not known: declare it"))
    if gate.figure == "full_unit_cost" and not gate.below_today:
        return Plan(
            name, gate, threshold, (), cost, say("only cheaper-than-today is planned for the full cost")
        )
    if accepted is None:
        return Plan(name, gate, threshold, (), cost, say("give the share that will be accepted: --share"))
    truths = {round(part * threshold, 6) for part in CHEAPER}
    if cost is not None and cost / accepted < threshold:
        truths.add(round(cost / accepted, 6))
    cap = float(gate.cap)
    needs = tuple(
        money_need(threshold, cap, 0.0, accepted, min(truth * accepted, cap), float(gate.confidence), shape)
        for truth in sorted(truths)
        if truth * accepted < cap
    )
    return Plan(name, gate, threshold, needs, cost)


def lines(plan: Plan, currency: str) -> list[str]:
    """A gate and its table."""
    head = say("{use_case}: {gate}", use_case=plan.use_case, gate=plan.gate.name)
    if plan.why_not:
        return [head, "  " + plan.why_not]
    of_share = plan.gate.figure == "acceptance"
    rows = [
        (
            say("really accepted") if of_share else say("really costs"),
            say("passes"),
            say("half by"),
            say("9 of 10 by"),
            say("which costs"),
        )
    ]
    for need in plan.needs:
        shown = f"{need.truth:.3g}" if of_share else money(Decimal(str(round(need.truth, 6))), currency)
        price = ""
        if plan.task_cost is not None and need.half is not None:
            low = Decimal(str(need.half * plan.task_cost))
            high = Decimal(str(need.most * plan.task_cost)) if need.most is not None else None
            price = (
                say("{low} or more", low=money(low, currency))
                if high is None
                else say("{low} to {high}", low=money(low, currency), high=money(high, currency))
            )
        rows.append(
            (
                shown,
                say("{share:.0f} of 100", share=100 * need.passing),
                _tasks(need.half),
                _tasks(need.most),
                price or "-",
            )
        )
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        head,
        *(
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ),
    ]


def _tasks(count: int | None) -> str:
    return (
        say("over {count:,} tasks", count=LONGEST) if count is None else say("{count:,} tasks", count=count)
    )


def facts(found: Sequence[Plan], currency: str) -> dict[str, Any]:
    """The plans as JSON."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "gate plan",
        "currency": currency,
        "longest": LONGEST,
        "gates": [
            {
                "use_case": plan.use_case,
                "gate": plan.gate.name,
                "figure": plan.gate.figure,
                "threshold": plan.threshold,
                "task_cost": plan.task_cost,
                "why_not": plan.why_not or None,
                "needs": [
                    {
                        "truth": need.truth,
                        "passing": need.passing,
                        "half": need.half,
                        "nine_of_ten": need.most,
                    }
                    for need in plan.needs
                ],
            }
            for plan in found
        ],
    }


def _value(figure: object) -> float | None:
    return float(figure.value) if isinstance(figure, Figure) else None


def _low(figure: object) -> float | None:
    if not isinstance(figure, Figure):
        return None
    low = figure.interval.low if figure.interval is not None else None
    return float(low if low is not None else figure.value)
