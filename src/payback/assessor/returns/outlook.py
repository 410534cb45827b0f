"""The futures of one use case: what going on is worth, when the money is back, and what that hangs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from payback.assessor.judging import History
from payback.assessor.returns.choices import choices
from payback.assessor.returns.learning import measure_next, worth_of_knowing
from payback.assessor.returns.prospect import DAYS_A_MONTH, Prospect
from payback.assessor.returns.rounding import as_money, months, plain, share, shown
from payback.assessor.returns.stated import Input
from payback.days import months_on
from payback.locale import say
from payback.measures import ranges
from payback.measures.draws import Simulated, average
from payback.measures.estimate import Floats
from payback.measures.returns import cash
from payback.measures.returns.cash import Ahead, Worth, ahead, break_even_share
from payback.measures.returns.information import break_evens, one_at_a_time, worth
from payback.measures.returns.simulation import (
    Simulation,
    by_month,
    dots_of,
    internal_rate,
    payback_month,
    quantile_of,
    simulate,
)
from payback.measures.returns.vendors import Vendor
from payback.numbers import hundredths, of_hundred
from payback.records import Evidence, Figure, Interval, Money, Unknown
from payback.records import Input as Stated
from payback.returned import (
    BreaksEven,
    InputLine,
    Moved,
    PathPoint,
    Returns,
    RiskLine,
    VendorLine,
    Within,
    YearAhead,
)

FUTURES = 20
BANDS = (0.95, 0.8, 0.5)
MARKS = (6, 12, 18, 24, 36, 48, 60)
RATED_OF = 4
"""Rates of return take one part in so many of the futures: whole scrambles, and each by some sixty steps."""
UNIQUE = 0.95
"""A rate of return is said where so many futures have exactly one."""
ENDS = (0.05, 0.95)
NEVER_HAPPENS = -40.0  # the normal score of a risk that does not come


@dataclass(frozen=True, slots=True)
class Past:
    """Money back less money out to date, month by month, and how many months that took."""

    points: tuple[PathPoint, ...]
    total: Decimal
    months: Decimal


def past(known: History, start: date) -> Past:
    """What was spent and what counts as come back, from the first money out."""
    days = [each.day for each in known.spending if each.amount]
    if not days:
        return Past((), Decimal(0), Decimal(0))
    first = min(days)
    moves = [(each.day, -each.amount) for each in known.spending]
    moves += [
        (each.day, each.amount)
        for each in known.values
        if each.amount is not None and each.money_evidence.counts_as_back
    ]
    points = [PathPoint(Decimal(0), Decimal(0))]
    after = first.replace(day=1)
    while after <= known.as_of:
        after = (after + timedelta(days=32)).replace(day=1)
        end = min(after, known.as_of + timedelta(days=1))
        total = sum((amount for day, amount in moves if day < end), Decimal(0))
        points.append(PathPoint(_months_between(first, end), total))
    return Past(tuple(points), points[-1].amount, _months_between(first, start))


def vendor_lines(found: Sequence[Vendor]) -> tuple[VendorLine, ...]:
    """Vendors by their share of what models cost, the largest first; of calls where no cost is known."""
    pico, calls = sum(each.pico for each in found), sum(each.calls for each in found)
    return tuple(
        VendorLine(
            each.name,
            share(each.pico / pico if pico > 0 else each.calls / calls if calls else 0.0),
            each.calls,
        )
        for each in found
    )


def _months_between(first: date, after: date) -> Decimal:
    """Whole months of the calendar, and a part for the days left over."""
    whole = (after.year - first.year) * 12 + after.month - first.month - (after.day < first.day)
    return whole + round(Decimal((after - months_on(first, whole)).days) / DAYS_A_MONTH, 1)


def outlook(currency: str, prospect: Prospect, before: Past, falls_due: Money) -> Returns:
    """Draw the futures and say what they hold; where something is missing, what it is."""
    lines = tuple(_line(each) for each in prospect.inputs.values() if not _hidden(each))
    if prospect.missing is not None:
        return _empty(currency, prospect, before, falls_due, lines, prospect.missing, None)
    plan = prospect.plan
    drawn = prospect.distributions
    if not prospect.realised:
        drawn = {**drawn, cash.REALISATION: ranges.known(1.0)}

    net = Worth(plan)
    found = simulate(drawn, net, prospect.together, seed=prospect.seed)
    values = found.draws.values
    needed = _needed(prospect, break_even_share(plan, values), found.draws.scrambles)
    if not prospect.realised:
        nobody = Unknown(
            say("nobody says which share of what is saved turns into money"),
            fix=say("give `realisation_share` under [use_cases.{name}.returns]", name=prospect.name),
        )
        return _empty(currency, prospect, before, falls_due, lines, nobody, needed)
    money = ahead(plan, values)
    known_worth = worth(found.net, found.draws, slopes=found.slopes, mean=found.mean.value)
    start = np.full((found.draws.count, 1), float(before.total))
    back = float(before.months) + payback_month(np.hstack([start, money.flows]))
    if before.total >= 0 and before.points:
        back = np.full_like(back, float(before.months))
    return Returns(
        currency=currency,
        months=plan.months,
        start=prospect.start,
        discount_rate=prospect.discount_rate,
        now=before.months,
        worth=_worth(currency, prospect, found),
        loss=_loss(prospect, found),
        back_in=_back_in(prospect, back, before, found.draws.scrambles),
        never=share(float(np.isinf(back).mean())),
        dots=dots_of(back, FUTURES),
        within=_within(back, before, plan.months, found.draws.scrambles),
        history=before.points,
        path=_path(before, money.flows),
        rate=_rate(prospect, money.flows),
        share_needed=needed,
        falls_due=falls_due,
        stopping=as_money(float(money.stopping.mean()), currency),
        inputs=lines,
        moved=_moved(prospect, drawn, net),
        as_assessed=plain(shown(float(net({key: np.array([ranges.median(each)]) for key, each in drawn.items()})[0]))),
        breaks_even=tuple(
            BreaksEven(
                each.name,
                prospect.inputs[each.name].label,
                prospect.inputs[each.name].unit,
                plain(shown(each.value)),
                share(each.chance),
            )
            for each in break_evens(drawn, net)
            if not _hidden(prospect.inputs[each.name])
        ),
        knowing_all=as_money(known_worth.everything.value, currency),
        knowing=worth_of_knowing(currency, prospect, found, known_worth, net),
        measure_next=measure_next(currency, prospect, found, known_worth),
        choices=choices(prospect, currency, found),
        risks=_risks(prospect, currency, values, found),
        years=_years(money, plan.months, currency),
        notes=(*prospect.notes, *found.notes),
        switching=next((each for each in lines if each.key == cash.SWITCHING), None),
        draws=found.draws.count,
        seed=prospect.seed,
    )  # fmt: skip


def _empty(
    currency: str,
    prospect: Prospect,
    before: Past,
    falls_due: Money,
    lines: tuple[InputLine, ...],
    why: Unknown,
    needed: Figure | Unknown | None,
) -> Returns:
    return Returns(
        currency=currency, months=prospect.plan.months, start=prospect.start,
        discount_rate=prospect.discount_rate, now=before.months, worth=why, loss=why, back_in=why, never=None,
        dots=(), within=(), history=before.points, path=(), rate=why, share_needed=needed, falls_due=falls_due,
        stopping=Money(Decimal(0), currency), inputs=lines, moved=(), as_assessed=None, breaks_even=(),
        knowing_all=None, measure_next=(), choices=(), risks=(), years=(), notes=prospect.notes,
        seed=prospect.seed,
    )  # fmt: skip


def _hidden(each: Input) -> bool:
    """When something happens is drawn, but nobody states it."""
    return each.key.endswith(".when")


def _line(each: Input) -> InputLine:
    what = each.what
    low, middle, high = (ranges.quantile(what, level) for level in (0.05, 0.5, 0.95))
    return InputLine(
        key=each.key,
        label=each.label,
        written=what.written,
        low=plain(shown(low)),
        median=plain(shown(middle)),
        mean=plain(shown(ranges.mean(what))),
        high=plain(shown(high)),
        unit=each.unit,
        shape=ranges.shape_word(what),
        evidence=each.evidence,
        by=each.by,
        origin=each.origin,
    )


def _evidence(prospect: Prospect) -> Evidence:
    return min((each.evidence for each in prospect.inputs.values()), default=Evidence.ESTIMATED)


def _inputs(prospect: Prospect) -> tuple[Stated, ...]:
    return tuple(
        Stated(each.label, each.what.written, each.evidence, each.origin)
        for each in prospect.inputs.values()
        if not _hidden(each)
    )


def _simulated(found: Sequence[Simulated], sentence: str) -> Interval:
    low, high = (plain(shown(each.value)) for each in found)
    return Interval(low, high, "simulated", Decimal("0.9"), sentence)


def _worth(currency: str, prospect: Prospect, found: Simulation) -> Figure:
    return Figure(
        name="worth_ahead",
        value=plain(shown(found.mean.value)),
        unit="money",
        formula="cash-ahead",
        evidence=_evidence(prospect),
        currency=currency,
        interval=_simulated(
            [found.quantiles[level] for level in ENDS],
            say("9 of 10 simulated futures, if the inputs are as stated"),
        ),
        count=found.draws.count,
        counted=say("futures"),
        inputs=_inputs(prospect),
        notes=prospect.notes,
    )


def _loss(prospect: Prospect, found: Simulation) -> Figure:
    return Figure(
        name="chance_of_loss",
        value=share(found.loss.value),
        unit="share",
        formula="chance-of-loss",
        evidence=_evidence(prospect),
        count=found.draws.count,
        counted=say("futures"),
    )


def _back_in(prospect: Prospect, back: Floats, before: Past, scrambles: int) -> Figure | Unknown:
    if before.points and before.total >= 0:
        return Figure(
            "back_in", before.months, "months", "payback-month", Evidence.BOOKED,
            notes=(say("everything spent has already come back"),),
        )  # fmt: skip
    middle = quantile_of(back, 0.5, scrambles)
    if middle is None:
        return Unknown(
            say(
                "in {share} the money is not back within {months} months",
                share=of_hundred(Decimal(str(float(np.isinf(back).mean())))),
                months=prospect.plan.months,
            ),
            fix=say("see what moves it most, and what to measure next"),
        )
    low, high = (quantile_of(back, level, scrambles) for level in ENDS)
    interval = None
    if low is not None:
        interval = Interval(
            months(low.value),
            None if high is None else months(high.value),
            "simulated",
            Decimal("0.9"),
            say("9 of 10 simulated futures, if the inputs are as stated"),
        )
    return Figure(
        name="back_in",
        value=months(middle.value),
        unit="months",
        formula="payback-month",
        evidence=_evidence(prospect),
        interval=interval,
        count=len(back),
        counted=say("futures"),
    )


def _within(back: Floats, before: Past, ahead_of: int, scrambles: int) -> tuple[Within, ...]:
    last = int(before.months) + ahead_of
    chances = by_month(back, last, scrambles)
    return tuple(
        Within(
            Decimal(month),
            share(chances[month - 1].value),
            None if (error := chances[month - 1].error) is None else Decimal(f"{error:.4f}"),
        )
        for month in MARKS
        if before.months < month <= last
    )


def _path(before: Past, flows: Floats) -> tuple[PathPoint, ...]:
    total = float(before.total) + np.cumsum(flows, axis=1)
    levels = [side for level in BANDS for side in ((1 - level) / 2, (1 + level) / 2)]
    found = np.quantile(total, [0.5, *levels], axis=0)
    points = [
        PathPoint(
            before.months,
            before.total,
            tuple((Decimal(str(level)), before.total, before.total) for level in BANDS),
        )
    ]
    for month in range(flows.shape[1]):
        ends = tuple(
            (
                Decimal(str(level)),
                plain(shown(float(found[1 + 2 * place, month]))),
                plain(shown(float(found[2 + 2 * place, month]))),
            )
            for place, level in enumerate(BANDS)
        )
        points.append(PathPoint(before.months + month + 1, plain(shown(float(found[0, month]))), ends))
    return tuple(points)


def _rate(prospect: Prospect, flows: Floats) -> Figure | Unknown:
    found = internal_rate(flows[: len(flows) // RATED_OF])
    only = np.isfinite(found)
    flows = flows[: len(found)]
    if float(only.mean()) < UNIQUE:
        one_way = ~((flows > 0).any(axis=1) & (flows < 0).any(axis=1))
        if float(one_way.mean()) > float((~only & ~one_way).mean()):
            reason = say(
                "in {parts} of 100 futures money goes only one way from here on, so there is no rate of return",
                parts=hundredths(Decimal(f"{one_way.mean():.4f}")),
            )
        else:
            reason = say(
                "in {parts} of 100 futures money does not first go out and then come back just once, so no one "
                "rate of return exists",
                parts=hundredths(Decimal(f"{(~only).mean():.4f}")),
            )
        return Unknown(reason, fix=say("use what it is worth, and the month in which the money is back"))
    yearly = np.expm1(12 * np.log1p(found[only]))
    middle, low, high = (float(each) for each in np.quantile(yearly, [0.5, *ENDS]))
    return Figure(
        name="rate_of_return",
        value=share(middle),
        unit="share",
        formula="internal-rate",
        evidence=_evidence(prospect),
        interval=Interval(
            share(low), share(high), "simulated", Decimal("0.9"),
            say("9 of 10 simulated futures, if the inputs are as stated"),
        ),
        count=int(only.sum()),
        counted=say("futures"),
    )  # fmt: skip


def _needed(prospect: Prospect, shares: Floats, scrambles: int) -> Figure | Unknown | None:
    """Which share of what is saved must turn into money; None where nothing is saved on today's way."""
    if not {cash.MINUTES_TODAY, cash.COST_TODAY} & set(prospect.inputs):
        return None
    middle = quantile_of(shares, 0.5, scrambles)
    if middle is None or middle.value > 1:
        return Unknown(
            say("even if all of what is saved turned into money, it would not pay in most futures")
        )
    low, high = (quantile_of(shares, level, scrambles) for level in ENDS)
    return Figure(
        name="share_needed",
        value=share(middle.value),
        unit="share",
        formula="break-even-share",
        evidence=_evidence(prospect),
        interval=Interval(
            share(low.value) if low is not None else None,
            share(high.value) if high is not None and high.value <= 1 else None,
            "simulated",
            Decimal("0.9"),
            say("9 of 10 simulated futures, if the inputs are as stated"),
        ),
    )


def _moved(prospect: Prospect, drawn: Mapping[str, ranges.Uncertain], net: Worth) -> tuple[Moved, ...]:
    found = []
    for bar in one_at_a_time(drawn, net):
        each = prospect.inputs[bar.name]
        if bar.net_at_low == bar.net_at_high:
            continue
        low_words = high_words = ""
        if _hidden(each):
            low_words, high_words = say("does not happen"), say("happens soon")
        found.append(
            Moved(
                bar.name, each.label, each.unit, plain(shown(bar.low)), plain(shown(bar.high)),
                plain(shown(bar.net_at_low)), plain(shown(bar.net_at_high)), bar.flips, each.evidence,
                low_words, high_words,
            )
        )  # fmt: skip
    return tuple(found)


def _risks(
    prospect: Prospect, currency: str, values: Mapping[str, Floats], found: Simulation
) -> tuple[RiskLine, ...]:
    lines = []
    for place, event in enumerate(prospect.plan.events):
        when = cash.risk_input(place, "when")
        chance = values[cash.risk_input(place, "chance")]
        spared = Worth(prospect.plan)({**values, when: np.full_like(chance, NEVER_HAPPENS)})
        within = 1 - (1 - chance) ** (prospect.plan.months / 12)
        takes = average(spared - found.net, found.draws.scrambles)
        lines.append(
            RiskLine(event.name, event.kind, share(float(within.mean())), as_money(takes.value, currency))
        )
    return tuple(lines)


def _years(money: Ahead, last: int, currency: str) -> tuple[YearAhead, ...]:
    found = []
    for first in range(0, last, 12):
        until = min(first + 12, last)
        saved, gained, out = (
            as_money(float(each[:, first:until].sum(axis=1).mean()), currency)
            for each in (money.saved, money.gained, money.out)
        )
        found.append(YearAhead(first + 1, until, saved, gained, out))
    return tuple(found)
