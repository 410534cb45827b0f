"""The ways of working of one use case: what each delivered, what it cost, and how they compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from payback.assessment import (
    ArmResult,
    Comparison,
    CostPart,
    SegmentCell,
    SegmentRow,
    TodayResult,
)
from payback.assessor.estimates import ends_of, exact, interval_of, of_pico
from payback.assessor.flows import UNIT_COSTS, Out, Sources, limits_of_spend
from payback.locale import say, say_count
from payback.measures.delivery.acceptance import acceptance
from payback.measures.delivery.comparison import (
    acceptance_difference,
    cost_difference,
    reversals,
)
from payback.measures.delivery.pairs import Pair
from payback.measures.delivery.segments import SegmentWork
from payback.measures.economics.unit_cost import (
    Arm,
    break_even_today,
    cost_per_accepted,
    full_unit_cost,
)
from payback.measures.estimate import Estimate, Floats, generator_for
from payback.measures.work import Exact, Work
from payback.numbers import count as written_count
from payback.numbers import money, of_hundred
from payback.project import Today, UseCase
from payback.quantities import Quantity
from payback.records import (
    PICO,
    Evidence,
    Figure,
    Input,
    Interval,
    Origin,
    Period,
    Unknown,
)

AI, TODAY, OTHER = "ai", "today", "other"
NOTHING = Quantity(Decimal(0), Decimal(0))
DECLARED_LEVEL = Decimal("0.9")
MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Context:
    """What every figure of a use case carries, and what it is made from."""

    name: str
    case: UseCase
    currency: str
    period: Period
    sources: Sources
    file: str

    def title(self, arm: str) -> str:
        """The name a page shows for a way of working."""
        if arm in self.case.arms:
            return self.case.arms[arm]
        today = self.case.today
        if today is not None and arm == today.arm and today.title:
            return today.title
        return arm

    def seed(self, *parts: str) -> str:
        """What the draws of a figure depend on: its names, never the clock."""
        return "\n".join((self.name, *parts))


@dataclass(frozen=True, slots=True)
class PerTask:
    """What every attempt costs besides its calls, per task: people's review, and a share of the rest."""

    review: Quantity
    review_evidence: Evidence
    review_minutes: Decimal | None
    platform: Decimal
    platform_evidence: Evidence

    @property
    def ends(self) -> tuple[float, float]:
        shared = float(self.platform)
        return float(self.review.low) + shared, float(self.review.high) + shared

    @property
    def middle(self) -> Decimal:
        return self.review.middle + self.platform


def per_task(context: Context, arm: str, work: Work, costs: Sequence[Out], judged: str | None) -> PerTask:
    """Review and platform of one way of working; costs that name no way belong to the judged one."""
    mine = [
        line
        for line in costs
        if line.category in UNIT_COSTS and (line.arm == arm or (not line.arm and arm == judged))
    ]
    tasks = work.tasks
    platform = sum((line.amount for line in mine), Decimal(0)) / tasks if tasks else Decimal(0)
    review, minutes = context.case.review, None
    review_cost, graded = NOTHING, Evidence.ESTIMATED
    if review is not None and arm == judged:
        wage = review.wage_per_hour
        spent = review.minutes
        if work.timed:
            minutes = work.minutes / work.timed
            spent = Quantity(minutes, minutes)
        if spent is not None:
            review_cost = Quantity(
                spent.low * wage.low / MINUTES_AN_HOUR, spent.high * wage.high / MINUTES_AN_HOUR
            )
    return PerTask(
        review_cost,
        graded,
        minutes,
        platform,
        min((line.evidence for line in mine), default=Evidence.BOOKED),
    )


def arm_result(
    context: Context,
    arm: str,
    work: Work,
    besides: PerTask,
    today: TodayResult | None,
    role: str,
) -> ArmResult:
    """Everything about one way of working."""
    arrays = work.arm()
    accepted = _acceptance(context, work, arrays)
    notes: list[str] = []
    if accepted_notes := _missing_notes(work):
        notes += accepted_notes
    cost = _cost_per_accepted(context, arm, work, arrays)
    full, parts = _full_unit_cost(context, arm, work, arrays, besides, today)
    return ArmResult(
        arm=arm,
        title=context.title(arm),
        role=role,
        tasks=work.tasks,
        trials=work.trials,
        checked=work.checked,
        acceptance=accepted,
        spend=_spend(context, work),
        cost_per_accepted=cost,
        full_unit_cost=full,
        parts=parts,
        unknown_cost=int(np.ceil(float(work.unknown))),
        unpriced=work.unpriced_calls,
        notes=tuple(notes),
    )


def _missing_notes(work: Work) -> list[str]:
    notes = []
    if unchecked := work.tasks - work.checked:
        notes.append(
            say_count(
                "{count} task was never checked, counted both ways",
                "{count} tasks were never checked, counted both ways",
                unchecked,
            )
        )
    if work.unknown and work.calls:
        notes.append(
            say(
                "the cost of {tasks} of {all} tasks is not known: 0 at the low end, "
                "the largest known cost at the high end",
                tasks=written_count(-(-work.unknown // 1)),
                all=written_count(work.tasks),
            )
        )
    return notes


def _acceptance(context: Context, work: Work, arrays: Arm) -> Figure | Unknown:
    found = acceptance(arrays.n, arrays.checked, arrays.accepted, binary=work.binary)
    if isinstance(found, Unknown):
        return found
    accepted = work.total("accepted")
    share = accepted / work.checked
    shown, missing, notes = interval_of(found.estimate, "acceptance", float(share))
    if found.design_effect is not None:
        notes += (say("design effect {effect:.2f}", effect=found.design_effect),)
    return Figure(
        name="acceptance",
        value=exact(share),
        unit="share",
        formula="acceptance",
        evidence=Evidence.MEASURED,
        period=context.period,
        interval=shown,
        bounds=missing,
        count=work.checked,
        counted=say("tasks"),
        inputs=(
            Input(say("accepted"), _plain(accepted), Evidence.MEASURED),
            Input(say("checked"), written_count(work.checked), Evidence.MEASURED),
        ),
        origins=context.sources.of("outcome"),
        omissions=_unchecked(work),
        notes=notes,
    )


def _unchecked(work: Work) -> tuple[str, ...]:
    missing = work.tasks - work.checked
    if not missing:
        return ()
    return (say_count("{count} task never checked", "{count} tasks never checked", missing),)


def _spend(context: Context, work: Work) -> Figure | Unknown:
    if not work.calls and not work.spent_pico:
        return Unknown(
            say("no call of it is logged"), fix=say("list its usage, or its costs, in payback.toml")
        )
    low, high = limits_of_spend([work])
    bounds = None
    if low != high:
        bounds = Interval(
            low, high, "missing-bounds", None, say("unknown costs at 0, and at the largest known")
        )
    return Figure(
        name="spend",
        value=of_pico(work.spent_pico),
        unit="money",
        formula="spend",
        evidence=Evidence.MEASURED,
        currency=context.currency,
        period=context.period,
        bounds=bounds,
        count=work.calls,
        counted=say("calls"),
        origins=context.sources.of("usage"),
        omissions=tuple(_missing_notes(work)[-1:]) if work.unknown else (),
    )


def mean_cost(work: Work) -> Fraction | None:
    """Known cost over tasks of known cost, in the currency; None where no task's cost is known."""
    known = work.tasks - work.unknown
    if known <= 0:
        return None
    return work.total("pico") / PICO / known


def _cost_per_accepted(context: Context, arm: str, work: Work, arrays: Arm) -> Figure | Unknown:
    accepted, checked = work.total("accepted"), work.checked
    if not checked:
        return Unknown(say("no outcomes checked"), fix=say("list a source of outcomes in payback.toml"))
    if not accepted:
        return Unknown(
            say("no outcome was accepted"),
            fix=say("widen the period, or look at why outcomes are rejected"),
        )
    if not work.calls and not work.unknown:
        return Unknown(
            say("no call of it is logged"), fix=say("list its usage, or its costs, in payback.toml")
        )
    each = mean_cost(work)
    partial = work.total("partial_pico")
    if each is None:
        least = partial / PICO / (accepted + work.tasks - checked)
        if not least:
            return Unknown(say("its calls were not logged"), fix=say("log its calls, or its cost"))
        return Figure(
            name="cost_per_accepted",
            value=exact(least),
            unit="money",
            formula="cost-per-accepted",
            evidence=Evidence.MEASURED,
            currency=context.currency,
            per=context.case.unit,
            period=context.period,
            bounds=Interval(
                exact(least), None, "missing-bounds", None, say("only part of its calls is logged")
            ),
            count=int(accepted),
            counted=say("accepted"),
            origins=context.sources.of("usage", "outcome"),
            omissions=(say("part of the cost of every task is not known: this much or more"),),
        )
    estimate = cost_per_accepted(arrays, generator_for(context.seed(arm, "cost-per-accepted")))
    shown, missing, notes = interval_of(estimate, "cost-per-accepted", float(accepted / checked))
    return Figure(
        name="cost_per_accepted",
        value=exact(each * checked / accepted),
        unit="money",
        formula="cost-per-accepted",
        evidence=Evidence.MEASURED,
        currency=context.currency,
        per=context.case.unit,
        period=context.period,
        interval=shown,
        bounds=missing,
        count=work.checked,
        counted=say("tasks"),
        inputs=(
            Input(say("known cost, repeats averaged"), money(of_pico(work.total("pico")), context.currency), Evidence.MEASURED),
            Input(say("tasks of known cost"), _plain(work.tasks - work.unknown), Evidence.MEASURED),
            Input(say("accepted"), _plain(accepted), Evidence.MEASURED),
            Input(say("checked"), written_count(checked), Evidence.MEASURED),
        ),
        origins=context.sources.of("usage", "outcome"),
        omissions=tuple(_missing_notes(work)),
        notes=notes,
    )  # fmt: skip


def _full_unit_cost(
    context: Context,
    arm: str,
    work: Work,
    arrays: Arm,
    besides: PerTask,
    today: TodayResult | None,
) -> tuple[Figure | Unknown, tuple[CostPart, ...]]:
    each = mean_cost(work)
    if each is None or (not work.calls and not besides.middle):
        return (
            Unknown(
                say("the cost of an attempt is not known"),
                fix=say("list its usage, or its costs, in payback.toml"),
            ),
            (),
        )
    if not work.checked:
        return Unknown(say("no outcomes checked"), fix=say("list a source of outcomes in payback.toml")), ()
    share = work.total("accepted") / work.checked
    parts = [_part(context, say("calls"), exact(each), Evidence.MEASURED)]
    if besides.review.high:
        label = say("review by people")
        if besides.review_minutes is not None:
            label = say("review by people, {minutes:.1f} minutes", minutes=besides.review_minutes)
        parts.append(_part(context, label, besides.review.middle, besides.review_evidence, besides.review))
    if besides.platform:
        parts.append(
            _part(context, say("share of the platform"), besides.platform, besides.platform_evidence)
        )
    ends = ends_of(today.unit_cost) if today is not None else None
    if today is None or ends is None:
        reason = say("what is not accepted is redone as today, and today's cost is not known")
        fix = say("give [use_cases.{name}.today] in payback.toml", name=context.name)
        parts.append(CostPart(say("redone as today"), Unknown(reason, fix=fix)))
        return Unknown(reason, fix=fix), tuple(parts)
    middle = exact(Fraction(ends[0]) + Fraction(ends[1])) / 2
    redone = exact(1 - share)
    redone_range = Quantity(redone * Decimal(str(ends[0])), redone * Decimal(str(ends[1])))
    evidence = Evidence.ESTIMATED if today.declared else Evidence.MEASURED
    parts.append(
        _part(
            context,
            say("redone as today, {share}", share=of_hundred(redone)),
            redone * middle,
            evidence,
            redone_range,
        )
    )
    estimate = full_unit_cost(arrays, ends, besides.ends, generator_for(context.seed(arm, "full-unit-cost")))
    shown, missing, notes = interval_of(estimate, "full-unit-cost", float(share))
    graded = [part.figure.evidence for part in parts if isinstance(part.figure, Figure)]
    return (
        Figure(
            name="full_unit_cost",
            value=sum((part.figure.value for part in parts if isinstance(part.figure, Figure)), Decimal(0)),
            unit="money",
            formula="full-unit-cost",
            evidence=min(graded),
            currency=context.currency,
            per=context.case.unit,
            period=context.period,
            interval=shown,
            bounds=missing,
            count=work.tasks,
            counted=say("tasks"),
            inputs=tuple(
                Input(part.name, money(part.figure.value, context.currency), part.figure.evidence)
                for part in parts
                if isinstance(part.figure, Figure)
            ),
            origins=context.sources.of("usage", "outcome", "cost"),
            omissions=tuple(_missing_notes(work)),
            notes=notes,
        ),
        tuple(parts),
    )


def _part(
    context: Context,
    name: str,
    value: Decimal,
    evidence: Evidence,
    spread: Quantity | None = None,
) -> CostPart:
    shown = None
    if spread is not None and spread.is_range:
        shown = Interval(spread.low, spread.high, "declared", None, say("at the two ends of the range given"))
    return CostPart(
        name,
        Figure(
            name=name,
            value=value,
            unit="money",
            formula="full-unit-cost",
            evidence=evidence,
            currency=context.currency,
            per=context.case.unit,
            period=context.period,
            interval=shown,
            origins=context.sources.of("usage", "outcome", "cost"),
        ),
    )


def today_result(
    context: Context, works: Mapping[str, Work], judged: str | None, besides: PerTask | None
) -> TodayResult | None:
    """How the work is done today: a declared range, or an arm with rows; None where nothing says it."""
    today = context.case.today
    if today is None:
        return None
    declared = today.declared_cost
    if declared is not None:
        unit_cost: Figure | Unknown = _declared(context, today, declared)
    elif today.arm in works:
        unit_cost = _measured_today(context, today.arm, works[today.arm])
    else:
        unit_cost = Unknown(
            say("no row names the way of working {arm}", arm=today.arm),
            fix=say("give its rows that arm, or declare `cost` or `minutes` and `wage_per_hour`"),
        )
    return TodayResult(
        arm=today.arm,
        title=today.title or context.title(today.arm),
        declared=declared is not None,
        unit_cost=unit_cost,
        break_even=_break_even(context, works.get(judged or ""), judged, besides),
        note=today.source,
    )


def _declared(context: Context, today: Today, declared: Quantity) -> Figure:
    inputs = []
    origin = Origin(context.file, note=", ".join(part for part in (today.by, str(today.on or "")) if part))
    if today.minutes is not None and today.wage_per_hour is not None:
        inputs = [
            Input(say("minutes a unit"), str(today.minutes), Evidence.ESTIMATED, origin),
            Input(say("wage an hour"), str(today.wage_per_hour), Evidence.ESTIMATED, origin),
        ]
    return Figure(
        name="unit_cost_today",
        value=declared.middle,
        unit="money",
        formula="declared",
        evidence=Evidence.ESTIMATED,
        currency=context.currency,
        per=context.case.unit,
        interval=Interval(
            declared.low, declared.high, "declared", None, say("the two ends of what was declared")
        )
        if declared.is_range
        else None,
        inputs=tuple(inputs),
        origins=(origin,),
        notes=(today.source,) if today.source else (),
    )


def _measured_today(context: Context, arm: str, work: Work) -> Figure | Unknown:
    if work.calls:
        return _cost_per_accepted(context, arm, work, work.arm())
    wage = context.case.today.wage_per_hour if context.case.today else None
    review = context.case.review.wage_per_hour if context.case.review else None
    rate = wage or review
    accepted = work.total("accepted")
    if not work.timed or rate is None or not accepted:
        return Unknown(
            say("today's way has no cost: no calls, and no minutes with a wage"),
            fix=say("give minutes in its outcome rows and `wage_per_hour`"),
        )
    each = work.minutes / MINUTES_AN_HOUR / exact(accepted)
    return Figure(
        name="unit_cost_today",
        value=each * rate.middle,
        unit="money",
        formula="cost-per-accepted",
        evidence=Evidence.ESTIMATED if rate.is_range else Evidence.MEASURED,
        currency=context.currency,
        per=context.case.unit,
        period=context.period,
        interval=Interval(
            each * rate.low, each * rate.high, "declared", None, say("at the two wages declared")
        )
        if rate.is_range
        else None,
        count=work.timed,
        counted=say("timed"),
        origins=context.sources.of("outcome"),
    )


def _break_even(
    context: Context, work: Work | None, judged: str | None, besides: PerTask | None
) -> Figure | Unknown:
    if work is None or besides is None or judged is None:
        return Unknown(say("no row names the way of working that is judged"))
    each, accepted = mean_cost(work), work.total("accepted")
    if each is None or not accepted or not work.calls:
        return Unknown(say("the cost of an accepted result is not known"))
    estimate = break_even_today(
        work.arm(), besides.ends, generator_for(context.seed(judged, "break-even-today"))
    )
    share = accepted / work.checked
    shown, missing, notes = interval_of(estimate, "break-even-today", float(share))
    return Figure(
        name="break_even_today",
        value=(exact(each) + besides.middle) / exact(share),
        unit="money",
        formula="break-even-today",
        evidence=min(
            Evidence.MEASURED,
            besides.review_evidence if besides.review.high else Evidence.MEASURED,
            besides.platform_evidence if besides.platform else Evidence.MEASURED,
        ),
        currency=context.currency,
        per=context.case.unit,
        period=context.period,
        interval=shown,
        bounds=missing,
        inputs=(
            Input(
                say("an attempt"), money(exact(each) + besides.middle, context.currency), Evidence.MEASURED
            ),
            Input(say("accepted"), of_hundred(exact(share)), Evidence.MEASURED),
        ),
        origins=context.sources.of("usage", "outcome", "cost"),
        notes=notes,
    )


def comparisons(
    context: Context,
    judged: str,
    others: Sequence[str],
    cost_pairs: Mapping[tuple[str, str, str], Pair],
    outcome_pairs: Mapping[tuple[str, str, str], Pair],
) -> tuple[Comparison, ...]:
    """The judged way less each other one, on the tasks both did."""
    found = []
    for other in others:
        key = (context.name, judged, other)
        costs, outcomes = cost_pairs.get(key), outcome_pairs.get(key)
        if costs is None and outcomes is None:
            continue
        found.append(
            Comparison(
                arm=judged,
                against=other,
                tasks=sum((outcomes or costs or Pair()).tasks.values()),
                cost=_cost_difference(context, judged, other, costs),
                acceptance=_acceptance_difference(context, outcomes),
            )
        )
    return tuple(found)


def _arrays(pair: Pair, scale: int = 1) -> tuple[Floats, Floats]:
    cells = sorted(pair.tasks)
    return (
        np.array([float(pair.tasks[cell]) for cell in cells]),
        np.array([float(Fraction(pair.difference[cell]) / scale) for cell in cells]),
    )


def _difference_figure(
    context: Context,
    estimate: Estimate | Unknown,
    value: Decimal,
    tasks: int,
    quantity: str,
) -> Figure | Unknown:
    if isinstance(estimate, Unknown):
        return estimate
    shown, missing, notes = interval_of(estimate, quantity)
    is_money = quantity == "cost-difference"
    return Figure(
        name=quantity.replace("-", "_"),
        value=value,
        unit="money" if is_money else "share",
        formula="paired-difference",
        evidence=Evidence.MEASURED,
        currency=context.currency if is_money else None,
        per=say("task") if is_money else None,
        period=context.period,
        interval=shown,
        bounds=missing,
        count=tasks,
        counted=say("tasks done both ways"),
        origins=context.sources.of("usage", "outcome"),
        notes=notes,
    )


def _cost_difference(context: Context, judged: str, other: str, pair: Pair | None) -> Figure | Unknown:
    if pair is None:
        return Unknown(say("no task has a known cost both ways"))
    tasks, difference = _arrays(pair, PICO)
    total = sum(pair.tasks.values())
    value = of_pico(Fraction(sum(pair.difference.values())) / total)
    estimate = cost_difference(
        tasks, difference, generator_for(context.seed(judged, other, "cost-difference"))
    )
    return _difference_figure(context, estimate, value, total, "cost-difference")


def _acceptance_difference(context: Context, pair: Pair | None) -> Figure | Unknown:
    if pair is None:
        return Unknown(say("no task was checked both ways"))
    total = sum(pair.tasks.values())
    value = exact(Fraction(sum(pair.difference.values())) / total)
    return _difference_figure(
        context, acceptance_difference(*_arrays(pair)), value, total, "acceptance-difference"
    )


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
    found = []
    for name in context.case.segments:
        against = _reversed(context, name, differences, overall)
        values = sorted({key[2] for key in works if key[0] == context.name and key[1] == name})
        for value in sorted(values, key=_segment_order):
            arms = sorted(
                (key[3] for key in works if key[:3] == (context.name, name, value)),
                key=lambda arm: context.title(arm).casefold(),
            )
            cells = tuple(_segment_cell(context, arm, works[context.name, name, value, arm]) for arm in arms)
            tasks = max(
                (sum(works[context.name, name, value, arm].tasks.values()) for arm in arms), default=0
            )
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


def _segment_order(value: str) -> tuple[int, str]:
    return (_DIFFICULTY_ORDER.index(value) if value in _DIFFICULTY_ORDER else -1, value)


def _reversed(
    context: Context,
    name: str,
    differences: Mapping[tuple[str, str], Pair],
    overall: Decimal | None,
) -> dict[str, str]:
    if overall is None:
        return {}
    mine = {value: _arrays(pair) for (of, value), pair in differences.items() if of == name}
    return {
        each.segment: say("the whole misleads here: in this part it goes the other way")
        for each in reversals(float(overall), mine, seed_text=context.seed(name))
    }


def _segment_cell(context: Context, arm: str, work: SegmentWork) -> SegmentCell:
    cells = sorted(work.tasks)

    def column(values: Mapping[str, Exact]) -> Floats:
        return np.array([float(values[cell]) for cell in cells])

    checked, solved = sum(work.checked.values()), Fraction(sum(work.accepted.values()))
    found = acceptance(column(work.tasks), column(work.checked), column(work.accepted), binary=work.binary)
    share: Figure | Unknown
    if isinstance(found, Unknown) or not checked:
        share = found if isinstance(found, Unknown) else Unknown(say("no outcomes checked"))
    else:
        shown, missing, notes = interval_of(found.estimate, "acceptance", float(solved / checked))
        share = Figure(
            name="acceptance",
            value=exact(solved / checked),
            unit="share",
            formula="acceptance",
            evidence=Evidence.MEASURED,
            period=context.period,
            interval=shown,
            bounds=missing,
            count=checked,
            counted=say("tasks"),
            origins=context.sources.of("outcome", "segment"),
            notes=notes,
        )
    return SegmentCell(arm, checked, exact(solved), share)


def _plain(value: Fraction | int) -> str:
    """A count; with decimals where repeats were averaged."""
    whole = Fraction(value)
    if whole.denominator == 1:
        return written_count(int(whole))
    return f"{float(whole):,.2f}"
