"""What measured usage would cost at other prices: what `payback what-if` shows.

Everything is measured but what the caller changes; nothing is changed that the caller does not name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback.assessment import TodayResult
from payback.assessor.another_model import Swap, ends, no_worse, way_of
from payback.assessor.capacity import held_by, with_hardware
from payback.assessor.context import Context, Sources
from payback.assessor.delivery import delivered, with_harm
from payback.assessor.estimates import exact
from payback.assessor.exchange import Exchange, Out, outgoings
from payback.assessor.per_task import PerTask, per_task
from payback.assessor.repricing import (
    Prices,
    alike,
    has_long_prompts,
    known_models,
    matches,
    moves,
    refuse_strangers,
    scaled,
)
from payback.assessor.today import today_result
from payback.assessor.unit_costs import Costed, cost_of_accepted, costed, full_cost
from payback.assessor.use_case import judged_of
from payback.assessor.ways import missing_costs, missing_outcomes
from payback.ledger import Ledger
from payback.locale import say
from payback.measures import work
from payback.measures.delivery import pairs
from payback.measures.economics import money, price_volume
from payback.measures.economics.price_volume import ModelCalls
from payback.measures.returns.price_moves import (
    ModelMove,
    price_factor,
    spend_factor,
    turning_factor,
    volume_factor,
)
from payback.prices import PriceBook, of_project
from payback.project import Project, Review, UseCase
from payback.quantities import Quantity
from payback.records import PICO, Figure, PaybackError, Period, Problem, Unknown

Progress = Callable[[str, int, int], None]
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Changes:
    """What the caller changes; the defaults change nothing. Factors are above 0.

    `prices` and `vendor_costs` go by model pattern; a vendor's cost is money per million tokens.
    `model` is (model now, model or way of working in its place).
    """

    prices: tuple[tuple[str, Fraction], ...] = ()
    tokens: Fraction = ONE
    volume: Fraction = ONE
    elasticity: tuple[Fraction, Fraction] = (Fraction(0), Fraction(0))
    reviewer_wage: Quantity | None = None
    as_if: date | None = None
    model: tuple[str, str] | None = None
    vendor_costs: tuple[tuple[str, Decimal], ...] = ()

    @property
    def some(self) -> bool:
        """Whether anything that moves a figure is changed."""
        return replace(self, vendor_costs=()) != Changes()


@dataclass(frozen=True, slots=True)
class VendorCost:
    """What a million tokens of a model cost the buyer, after the changes, and its vendor.

    `price` None: the tokens are not known.
    """

    model: str
    price: Decimal | None
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Spend:
    """What the calls of the judged way cost in the period; two ends after, where the elasticity is a range."""

    before: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Side:
    """The unit costs of one side, and today's cost of the same unit."""

    per_accepted: Figure | Unknown
    full: Figure | Unknown
    today: Figure | Unknown

    @property
    def cheaper(self) -> bool | None:
        """Whether a unit costs less all in than as today; None where one of the two is not known."""
        if not isinstance(self.full, Figure) or not isinstance(self.today, Figure):
            return None
        return self.full.value < self.today.value


@dataclass(frozen=True, slots=True)
class CaseWhatIf:
    """One use case. `share` is what part of the full cost of a unit its calls are, before the changes.

    `price` is the factor on what the same calls cost, `factor` that on what a task's calls cost,
    `volume` (low, high) that on how much work there is, `spends` (low, high) that on all of its
    calls. `turning` is the factor on the cost of calls, all else as changed, from which on the full
    cost is above today's; None where that is not known.
    """

    key: str
    title: str
    way: str
    unit: str
    currency: str
    tasks: int
    share: Decimal | Unknown
    before: Side
    after: Side
    spend: Spend | None
    price: Fraction
    factor: Fraction
    volume: tuple[Fraction, Fraction]
    spends: tuple[Fraction, Fraction]
    turning: Fraction | None
    models: tuple[ModelMove, ...]
    unknown_calls: int
    swap: Swap | None
    vendor_costs: tuple[VendorCost, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Every use case; `rows` is how many rows of the files could be read, `problems` what kept others out."""

    title: str
    project: str
    period: Period
    as_of: date
    changes: Changes
    cases: tuple[CaseWhatIf, ...]
    problems: tuple[Problem, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The rollups of the project's period, money in its currency: read once, asked as often as one likes.

    The pairs are those of the other model `model` names.
    """

    project: Project
    use_cases: Sequence[str]
    model: tuple[str, str] | None
    period: Period
    as_of: date
    problems: tuple[Problem, ...]
    rows: int
    prices: Prices
    works: Mapping[tuple[str, str], work.Work]
    calls: Mapping[tuple[str, str], Sequence[ModelCalls]]
    costs: Mapping[str, Sequence[Out]]
    outcome_pairs: Mapping[tuple[str, str, str], pairs.Pair]
    cost_pairs: Sequence[Sequence[object]]


def what_if(
    project: Project,
    changes: Changes,
    *,
    use_cases: Sequence[str] = (),
    progress: Progress | None = None,
) -> WhatIf:
    """The figures of a project as they are, and as they would be. Raises PaybackError for unknown names."""
    return answer(measured(project, model=changes.model, use_cases=use_cases, progress=progress), changes)


def measured(
    project: Project,
    *,
    model: tuple[str, str] | None = None,
    use_cases: Sequence[str] = (),
    progress: Progress | None = None,
) -> Measured:
    """What the files say, before anything is changed; `model` is the one to ask about, if any."""
    overrides, discounts, rates = of_project(project)
    book = PriceBook.bundled(overrides, discounts)
    exchange = Exchange(project.currency, rates)
    names = _asked(project, use_cases)
    with Ledger(project) as ledger:
        gathered = ledger.gather(progress)
        prepared = ledger.prepare(book, rates, None)
        works = work.work(
            ledger.rows(work.COST_QUERY), ledger.rows(work.OUTCOME_QUERY), ledger.rows(work.SPEND_QUERY)
        )
        calls: defaultdict[tuple[str, str], list[ModelCalls]] = defaultdict(list)
        for each in price_volume.model_calls(ledger.rows(price_volume.MODEL_QUERY)):
            calls[each.use_case, each.arm].append(each)
        costs: defaultdict[str, list[Out]] = defaultdict(list)
        for line in money.costs(ledger.rows(money.COST_QUERY)):
            costs[line.use_case] += outgoings([line], exchange)
        how = delivered(ledger, works, exchange, prepared.as_of)
        spent = with_hardware(with_harm(project, costs, how.harm_days), held_by(ledger, costs, exchange))
        prices = Prices(book, project.currency, tuple(rates))
        compared = _compared(project, names, works, calls, prices, model)
        ledger.load("pair", pairs.PAIR_COLUMNS, compared)
        return Measured(
            project=project,
            use_cases=names,
            model=model,
            period=prepared.period,
            as_of=prepared.as_of,
            problems=(*gathered.problems, *exchange.problems()),
            rows=sum(source.rows for source in gathered.sources),
            prices=prices,
            works=works,
            calls=calls,
            costs={
                name: [line for line in mine if line.day in prepared.period] for name, mine in spent.items()
            },
            outcome_pairs=pairs.pairs(ledger.rows(pairs.OUTCOME_QUERY)) if compared else {},
            cost_pairs=tuple(ledger.rows(pairs.COST_QUERY)) if compared else (),
        )


def answer(found: Measured, changes: Changes) -> WhatIf:
    """The same with what the caller changes; another model only where it was read for that one."""
    if changes.model not in {None, found.model}:
        raise ValueError(f"read for {found.model}, asked about {changes.model}")
    _refuse(found, changes)
    cases = tuple(_case(found, name, changes) for name in found.use_cases)
    project = found.project
    return WhatIf(
        project.title, project.name, found.period, found.as_of, changes, cases, found.problems, found.rows
    )


def _asked(project: Project, asked: Sequence[str]) -> list[str]:
    for name in asked:
        if name not in project.use_cases:
            raise PaybackError(
                "unknown-use-case",
                say("there is no use case {name}", name=name),
                where=str(project.file),
                fix=say("known here: {known}", known=", ".join(project.use_cases) or say("none")),
            )
    return [name for name in project.use_cases if not asked or name in asked]


def _judged(project: Project, name: str, works: Mapping[tuple[str, str], work.Work]) -> str | None:
    return judged_of(project.use_cases[name], {arm: each for (of, arm), each in works.items() if of == name})


def _compared(
    project: Project,
    names: Sequence[str],
    works: Mapping[tuple[str, str], work.Work],
    calls: Mapping[tuple[str, str], Sequence[ModelCalls]],
    prices: Prices,
    model: tuple[str, str] | None,
) -> list[tuple[str, str, str]]:
    """The way of working that calls the other model, and the judged one, in each use case that has both."""
    found = []
    for name in names if model is not None else ():
        judged = _judged(project, name, works)
        other = _other_way(project.use_cases[name], name, judged, works, calls, prices, model)
        if judged is not None and other is not None:
            found.append((name, other, judged))
    return found


def _other_way(
    case: UseCase,
    name: str,
    judged: str | None,
    works: Mapping[tuple[str, str], work.Work],
    calls: Mapping[tuple[str, str], Sequence[ModelCalls]],
    prices: Prices,
    model: tuple[str, str] | None,
) -> str | None:
    """The one other way of working that is named, or whose calls are all to the model named."""
    if model is None:
        return None
    mine = {
        arm: known_models(prices, calls.get((name, arm), ()))
        for of, arm in works
        if of == name and arm != judged
    }
    return way_of(model[1], mine, case.arms)


def _refuse(found: Measured, changes: Changes) -> None:
    """Names that fit no model, and a day on which nothing called has a price, are wrong calls."""
    called = [each for (of, _), mine in found.calls.items() if of in found.use_cases for each in mine]
    patterns = [pattern for pattern, _ in (*changes.prices, *changes.vendor_costs)]
    where = found.project.file.name
    if called:
        refuse_strangers(patterns, known_models(found.prices, called), where)
    if called and changes.model is not None:
        judged = {(name, _judged(found.project, name, found.works)) for name in found.use_cases}
        mine = [each for each in called if (each.use_case, each.arm) in judged]
        refuse_strangers([changes.model[0]], known_models(found.prices, mine), where)
    asked = moves(found.prices, called, (), changes.as_if) if changes.as_if is not None else ()
    if asked and all(each.reason for each in asked):
        raise PaybackError(
            "no-price",
            say("no price is known on {day}: {reason}", day=changes.as_if, reason=asked[0].reason),
            where=asked[0].model,
            fix=say("take a later day, or give prices of that day under [[prices]] in payback.toml"),
        )


def _case(found: Measured, name: str, changes: Changes) -> CaseWhatIf:
    """One use case, before and after."""
    project = found.project
    case, currency = project.use_cases[name], project.currency
    works = {arm: each for (of, arm), each in found.works.items() if of == name}
    context = Context(name, case, currency, found.period, Sources({}), project.file.name)
    judged = judged_of(case, works)
    if judged is None or judged not in works:
        nothing = Unknown(say("no row of these days names the way of working that is judged"))
        return _nothing(context, judged or "", nothing)
    calls = found.calls.get((name, judged), ())
    other = _other_way(case, name, judged, found.works, found.calls, found.prices, changes.model)
    listed = changes.model if other is None else None
    models = moves(found.prices, calls, changes.prices, changes.as_if, listed)
    price = price_factor(models)
    factor = price * changes.tokens
    lines = found.costs.get(name, ())
    waged = replace(context, case=_waged(case, changes.reviewer_wage))
    mine = _costed(context, judged, works[judged], lines, judged)
    besides = per_task(waged, judged, works[judged], lines, judged)
    later = _with(works[judged], factor, besides)
    today, today_later, today_calls = _todays(found, context, works, lines, judged, changes)
    before = _side(context, mine, today)
    after = _side(waged, later, today_later)
    swap = None
    if changes.model is not None and any(
        matches(names, changes.model[0]) for names in known_models(found.prices, calls).values()
    ):
        swap, after, factor = _swapped(
            found,
            waged,
            changes.model,
            other,
            judged,
            (mine, later),
            after,
            factor,
            models,
            changes,
            today_later,
        )
    if not price and any(changes.elasticity):
        raise PaybackError(
            "not-a-change",
            say("an elasticity says nothing of a price of nothing"),
            where=name,
            fix=say("leave --elasticity out, or ask of a price above 0"),
        )
    pico = sum(each.pico for each in models)
    volume = _ordered(volume_factor(price, changes.volume, each) for each in changes.elasticity)
    spends = _ordered(spend_factor(price, factor, changes.volume, each) for each in changes.elasticity)
    spend = None
    if models:
        low, high = (exact(pico * each / PICO) for each in spends)
        spend = Spend(exact(Fraction(pico, PICO)), low, high)
    return CaseWhatIf(
        key=name,
        title=project.title_of(name),
        way=context.title(judged),
        unit=case.unit,
        currency=currency,
        tasks=works[judged].tasks,
        share=_share(mine, before.full),
        before=before,
        after=after,
        spend=spend,
        price=price,
        factor=factor,
        volume=volume,
        spends=spends,
        turning=None if today_calls or swap is not None else _turning(mine, besides, after.today),
        models=models,
        unknown_calls=works[judged].unknown_calls,
        swap=swap,
        vendor_costs=_vendors(found, calls, models, changes),
        notes=tuple(_notes(found, changes, calls, models, mine, later, changed=factor != 1)),
    )


def _nothing(context: Context, judged: str, reason: Unknown) -> CaseWhatIf:
    side = Side(reason, reason, reason)
    return CaseWhatIf(
        context.name, context.case.title or context.name, context.title(judged), context.case.unit,
        context.currency, 0, reason, side, side, None, ONE, ONE, (ONE, ONE), (ONE, ONE), None, (), 0, None, (), (),
    )  # fmt: skip


def _ordered(two: Iterable[Fraction]) -> tuple[Fraction, Fraction]:
    low, high = sorted(two)
    return low, high


def _costed(context: Context, arm: str, each: work.Work, lines: Sequence[Out], judged: str) -> Costed:
    return costed(
        each,
        per_task(context, arm, each, lines, judged),
        (*missing_outcomes(each), *missing_costs(each)),
    )


def _with(each: work.Work, factor: Fraction, besides: PerTask) -> Costed:
    """The same work at another cost of its calls, with what a task costs besides."""
    return costed(scaled(each, factor), besides, (*missing_outcomes(each), *missing_costs(each)))


def _waged(case: UseCase, wage: Quantity | None) -> UseCase:
    """The use case with another reviewer's wage."""
    if wage is None:
        return case
    review = (
        case.review.model_copy(update={"wage_per_hour": wage}) if case.review else Review(wage_per_hour=wage)
    )
    return case.model_copy(update={"review": review})


def _todays(
    found: Measured,
    context: Context,
    works: Mapping[str, work.Work],
    lines: Sequence[Out],
    judged: str,
    changes: Changes,
) -> tuple[TodayResult | None, TodayResult | None, bool]:
    """Today's cost before and after: where today's way makes calls itself, new prices move it too."""
    today = context.case.today
    if today is None or today.arm not in works:
        result = today_result(context, None, None)
        return result, result, False
    each = works[today.arm]
    now = _costed(context, today.arm, each, lines, judged)
    models = moves(
        found.prices, found.calls.get((context.name, today.arm), ()), changes.prices, changes.as_if
    )
    later = _with(each, price_factor(models) * changes.tokens, now.besides)
    return today_result(context, now, None), today_result(context, later, None), bool(each.calls)


def _side(context: Context, way: Costed, today: TodayResult | None) -> Side:
    full, _ = full_cost(context, way, today)
    unknown = Unknown(say("nothing is said of how it is done today"))
    return Side(cost_of_accepted(context, way), full, today.unit_cost if today is not None else unknown)


def _share(way: Costed, full: Figure | Unknown) -> Decimal | Unknown:
    """What part of the full cost of a unit its calls are."""
    if not way.work.calls:
        return Unknown(say("no call is logged, so no price of a model moves anything"))
    if isinstance(full, Unknown):
        return full
    if way.attempt is None or full.value <= 0:
        return Unknown(say("the cost of an attempt is not known"))
    return exact(way.attempt / Fraction(full.value))


def _turning(mine: Costed, besides: PerTask, today: Figure | Unknown) -> Fraction | None:
    if mine.missing is not None or not mine.attempt or not isinstance(today, Figure):
        return None
    return turning_factor(mine.attempt, Fraction(besides.value), mine.share, Fraction(today.value))


def _swapped(
    found: Measured,
    context: Context,
    model: tuple[str, str],
    other: str | None,
    judged: str,
    ways: tuple[Costed, Costed],
    after: Side,
    factor: Fraction,
    models: Sequence[ModelMove],
    changes: Changes,
    today_later: TodayResult | None,
) -> tuple[Swap, Side, Fraction]:
    """Another model in the place of one: what it costs, and whether it was shown to be no worse."""
    mine, later = ways
    today = after.today
    if other is None:
        named = known_models(found.prices, found.calls.get((context.name, judged), ()))
        reasons = [each.reason for each in models if each.reason and matches(named[each.model], model[0])]
        if reasons:
            raise PaybackError(
                "no-price",
                say("{model} has no price to reckon with: {reason}", model=model[1], reason=reasons[0]),
                where=found.project.file.name,
                fix=say("look for its name with payback prices, or name a way of working that calls it"),
            )
        saving = (mine.attempt or Fraction(0)) * (1 - factor)
        swap = Swap(model[0], model[1], "", None, saving, None, ends(later, today, None, None))
        lost = today.value if isinstance(today, Figure) else None
        return replace(swap, lost=lost), _not_shown(after), factor
    calls = found.calls.get((context.name, other), ())
    of_other = price_factor(moves(found.prices, calls, changes.prices, changes.as_if)) * changes.tokens
    new = _with(found.works[context.name, other], of_other, later.besides)
    key = (context.name, other, judged)
    swap = no_worse(
        model,
        context.title(other),
        found.outcome_pairs.get(key),
        found.cost_pairs,
        key,
        (of_other, factor),
        today,
    )
    swap = replace(swap, ends=ends(new, today, later, swap.least))
    if new.attempt is not None and mine.attempt:
        factor = new.attempt / mine.attempt
    if not swap.shown:
        return swap, _not_shown(after), factor
    return swap, _side(context, new, today_later), factor


def _not_shown(after: Side) -> Side:
    reason = Unknown(
        say("not shown to be no worse: both ends stand below"),
        fix=say("let both do the same tasks, under the same task names, and check the results"),
    )
    return Side(reason, reason, after.today)


def _vendors(
    found: Measured, calls: Sequence[ModelCalls], models: Sequence[ModelMove], changes: Changes
) -> tuple[VendorCost, ...]:
    """What a million tokens cost after the changes, against what they cost those who sell them."""
    named = known_models(found.prices, calls)
    told = []
    for each in models:
        cost = next(
            (cost for pattern, cost in changes.vendor_costs if matches(named[each.model], pattern)), None
        )
        if cost is not None:
            per_million = each.price_per_million
            price = None if per_million is None else exact(per_million * each.price / PICO)
            told.append(VendorCost(each.model, price, cost))
    return tuple(told)


def _notes(
    found: Measured,
    changes: Changes,
    calls: Sequence[ModelCalls],
    models: Sequence[ModelMove],
    mine: Costed,
    later: Costed,
    *,
    changed: bool,
) -> list[str]:
    """What the figures take for granted."""
    notes = []
    if changed and not alike(models):
        notes.append(say("models change unlike; every task is taken to use them as all tasks together do"))
    long = has_long_prompts(found.prices, calls) if changes.tokens > 1 else ()
    if long:
        notes.append(
            say(
                "{models} charge more for long prompts: prompts that grow past that limit cost more than this",
                models=", ".join(long),
            )
        )
    shared = bool(mine.besides.rows)
    if shared and (changes.volume != 1 or (any(changes.elasticity) and changed)):
        notes.append(say("rows of cost are taken to grow with the volume: their share of a task stays"))
    if changes.reviewer_wage is not None and mine.besides.value == later.besides.value:
        notes.append(say("the wage changes nothing: no minutes of review are known, or it is that already"))
    return notes
