"""Why figures moved from one period, or project, to another: what `payback diff` shows.

Both sides are made from the rows as known today, or as of one day, by the rules of `assess`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from payback.assessor.capacity import held_by, with_hardware
from payback.assessor.context import Context, Sources
from payback.assessor.exchange import Exchange, Out, outgoings
from payback.assessor.per_task import per_task
from payback.assessor.today import today_result
from payback.assessor.unit_costs import Costed, cost_of_accepted, costed, full_cost
from payback.assessor.use_case import judged_of
from payback.assessor.ways import missing_costs, missing_outcomes
from payback.ledger import Ledger
from payback.locale import say
from payback.measures import work
from payback.measures.economics import money, price_volume
from payback.measures.economics.price_volume import Called, ModelCalls, Parts, Rates, Side
from payback.prices import CurrencyRate, Price, PriceBook, calendar, of_project
from payback.prices.price import STANDARD
from payback.prices.service_tier import service_tier_name
from payback.project import Project
from payback.records import PICO, Figure, PaybackError, Period, Problem, Unknown

Progress = Callable[[str, int, int], None]
PER_ACCEPTED, FULL_COST, SPEND = "cost_per_accepted", "full_unit_cost", "model_spend"
UNIT_COSTS = (PER_ACCEPTED, FULL_COST)
PERIOD_COLUMNS = (("first_day_of", "DATE"), ("first_day_after", "DATE"))


@dataclass(frozen=True, slots=True)
class Bridge:
    """Why one figure moved. `parts` are money by factor and add up to `new` less `old`, exactly."""

    name: str
    currency: str
    per: str
    old: Fraction
    new: Fraction
    parts: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class ModelMoved:
    """Calls of known cost to one model, old and new; `price` is new over old for the new tokens, if known."""

    model: str
    old: int
    new: int
    price: Fraction | None


@dataclass(frozen=True, slots=True)
class Moved:
    """One use case. `figures` are old and new by name, `untold` says why one of them has no bridge.

    `way` is the way of working that is judged, `unknown_calls` how many calls, old and new, have no
    known cost and are in no part.
    """

    key: str
    title: str
    way: str
    unit: str
    figures: tuple[tuple[str, Figure | Unknown, Figure | Unknown], ...]
    bridges: tuple[Bridge, ...]
    untold: tuple[tuple[str, str], ...]
    unknown_calls: tuple[int, int]
    models: tuple[ModelMoved, ...]


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two sides: the project and the days it is of."""

    project: str
    period: Period
    as_of: date


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that moved. `spend` is what all calls cost at list price, over every use case.

    `rows` is how many rows of the files could be read, of two projects the fewer, `problems` what kept others out.
    """

    title: str
    old: Half
    new: Half
    cases: tuple[Moved, ...]
    spend: Bridge | None
    problems: tuple[Problem, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class _Found:
    """The rollups of one side, money in the project's currency; `calls` by way and model."""

    project: Project
    half: Half
    works: Mapping[tuple[str, str], work.Work]
    costs: Mapping[str, Sequence[Out]]
    calls: Mapping[tuple[str, str], Mapping[str, Sequence[ModelCalls]]]
    inherited: Mapping[tuple[str, str], int]
    rates: Rates


@dataclass(frozen=True, slots=True)
class _Way:
    """The judged way of working of one side, and its two unit costs."""

    arm: str
    title: str
    costed: Costed | None
    today: Fraction
    figures: Mapping[str, Figure | Unknown]


def between_periods(
    project: Project,
    old: Period,
    new: Period,
    *,
    as_of: date | None = None,
    use_cases: Sequence[str] = (),
    progress: Progress | None = None,
) -> Difference:
    """Why the figures of one project moved from one period to another."""
    (before, after), problems, rows = _found(project, (old, new), as_of, progress)
    return _difference(before, after, use_cases, problems, rows)


def between_projects(
    old: Project,
    new: Project,
    *,
    as_of: date | None = None,
    use_cases: Sequence[str] = (),
    progress: Progress | None = None,
) -> Difference:
    """Why figures differ from one project to another, each over its own period. Raises for two currencies."""
    if old.currency != new.currency:
        raise PaybackError(
            "two-currencies",
            say("{a} and {b} do not add", a=old.currency, b=new.currency),
            where=str(new.file),
            fix=say("assess both in one currency, with dated rates under [[currency_rates]]"),
        )
    (before,), problems, rows = _found(old, (None,), as_of, progress)
    (after,), others, more = _found(new, (None,), as_of, progress)
    return _difference(before, after, use_cases, (*problems, *others), min(rows, more))


def _found(
    project: Project, periods: Sequence[Period | None], as_of: date | None, progress: Progress | None
) -> tuple[list[_Found], tuple[Problem, ...], int]:
    """One reading of the files, asked once for each period (None is the project's own), and how many rows it gave."""
    overrides, discounts, rates = of_project(project)
    book = PriceBook.bundled(overrides, discounts)
    exchange = Exchange(project.currency, rates)
    found = []
    with Ledger(project) as ledger:
        gathered = ledger.gather(progress)
        prepared = ledger.prepare(book, rates, as_of)
        costs: defaultdict[str, list[Out]] = defaultdict(list)
        for line in money.costs(ledger.rows(money.COST_QUERY)):
            costs[line.use_case] += outgoings([line], exchange)
        spent = with_hardware(costs, held_by(ledger, costs, exchange))
        for period in periods:
            days = period or prepared.period
            half = Half(project.name, days, prepared.as_of)
            ledger.load("period", PERIOD_COLUMNS, [(days.first_day, days.first_day_after)])
            found.append(_of_period(project, ledger, half, spent, book, rates))
    rows = sum(source.rows for source in gathered.sources)
    return found, (*gathered.problems, *exchange.problems()), rows


def _of_period(
    project: Project,
    ledger: Ledger,
    half: Half,
    costs: Mapping[str, Sequence[Out]],
    book: PriceBook,
    rates: Sequence[CurrencyRate],
) -> _Found:
    """The rollups of the period that is loaded."""
    every = price_volume.model_calls(ledger.rows(price_volume.MODEL_QUERY))
    calls: defaultdict[tuple[str, str], defaultdict[str, list[ModelCalls]]]
    calls = defaultdict(lambda: defaultdict(list))
    for each in every:
        calls[each.use_case, each.arm][_name(book, each)].append(each)
    logged = ((each.provider or None, each.model, each.service_tier or None, each.day) for each in every)
    return _Found(
        project=project,
        half=half,
        works=work.work(
            ledger.rows(work.COST_QUERY), ledger.rows(work.OUTCOME_QUERY), ledger.rows(work.SPEND_QUERY)
        ),
        costs={name: [line for line in mine if line.day in half.period] for name, mine in costs.items()},
        calls=calls,
        inherited={(of, arm): int(pico) for of, arm, pico in ledger.rows(price_volume.INHERITED_QUERY)},
        rates={
            (row.provider, row.model, row.service_tier, row.day): row
            for row in calendar(book, logged, project.currency, rates)
        },
    )


def _name(book: PriceBook, calls: ModelCalls) -> str:
    """What the price book calls the model, so that one logged under two names is one."""
    tier = service_tier_name(calls.service_tier)
    price = book.price(calls.model, calls.provider or None, on=calls.day, service_tier=tier)
    parts = (price.provider, price.model) if isinstance(price, Price) else (calls.provider, calls.model)
    name = "/".join(part for part in parts if part) or say("(no model named)")
    return name if tier == STANDARD else f"{name} ({tier})"


def _difference(
    old: _Found, new: _Found, use_cases: Sequence[str], problems: tuple[Problem, ...], rows: int
) -> Difference:
    pairs = _pairs(old.project, new.project, use_cases)
    cases = tuple(_moved(old, new, before, after) for before, after in pairs)
    spends = [bridge for case in cases for bridge in case.bridges if bridge.name == SPEND]
    total = _added(spends) if len(spends) > 1 else None
    return Difference(new.project.title, old.half, new.half, cases, total, problems, rows)


def _pairs(old: Project, new: Project, asked: Sequence[str]) -> list[tuple[str, str]]:
    """Use cases of the same name; the only one of each project, whatever it is called. Raises PaybackError."""
    shared = [name for name in new.use_cases if name in old.use_cases]
    for name in asked:
        if name not in shared:
            raise PaybackError(
                "unknown-use-case",
                say("there is no use case {name}", name=name),
                where=str(new.file),
                fix=say("known here: {known}", known=", ".join(shared) or say("none")),
            )
    if asked:
        return [(name, name) for name in shared if name in asked]
    if not shared and len(old.use_cases) == len(new.use_cases) == 1:
        return [(next(iter(old.use_cases)), next(iter(new.use_cases)))]
    if not shared:
        raise PaybackError(
            "no-use-case",
            say("no use case is in both"),
            where=str(new.file),
            fix=say("add one under [use_cases.NAME] in payback.toml"),
        )
    return [(name, name) for name in shared]


def _moved(old: _Found, new: _Found, before: str, after: str) -> Moved:
    case, currency = new.project.use_cases[after], new.project.currency
    ways = (_way(old, before), _way(new, after))
    sides = _sides((old, new), (before, after), ways)
    figures: list[tuple[str, Figure | Unknown, Figure | Unknown]] = []
    bridges: list[Bridge] = []
    untold: list[tuple[str, str]] = []
    for name in (PER_ACCEPTED, FULL_COST):
        first, last = (way.figures[name] for way in ways)
        figures.append((name, first, last))
        reason = _untold(first, last)
        if reason or sides is None:
            untold.append((name, reason))
        elif name == PER_ACCEPTED:
            totals = [(side.attempt + side.besides) / side.share for side in sides]
            bridges.append(_bridge(name, currency, case.unit, totals, price_volume.of_accepted(*sides)))
        else:
            totals = [side.attempt + side.besides + (1 - side.share) * side.today for side in sides]
            bridges.append(_bridge(name, currency, case.unit, totals, price_volume.of_full_cost(*sides)))
    spend, models = _spend((old, new), (before, after), currency)
    if spend is None:
        untold.append((SPEND, say("no call of known cost is logged on either side")))
    else:
        bridges.append(spend)
    return Moved(
        key=after,
        title=new.project.title_of(after),
        way=ways[1].title or ways[0].title,
        unit=case.unit,
        figures=tuple(figures),
        bridges=tuple(bridges),
        untold=tuple(untold),
        unknown_calls=(_unknown_calls(old, before), _unknown_calls(new, after)),
        models=models,
    )


def _way(found: _Found, name: str) -> _Way:
    """What the judged way of working costs, by the rules of `assess`."""
    project = found.project
    case = project.use_cases[name]
    works = {arm: each for (of, arm), each in found.works.items() if of == name}
    judged = judged_of(case, works)
    context = Context(name, case, project.currency, found.half.period, Sources({}), project.file.name)
    if judged is None or judged not in works:
        nothing = Unknown(say("no row of these days names the way of working that is judged"))
        return _Way(
            judged or "", context.title(judged or ""), None, Fraction(0), dict.fromkeys(UNIT_COSTS, nothing)
        )
    lines = found.costs.get(name, ())
    ways = {
        arm: costed(
            each,
            per_task(context, arm, each, lines, judged),
            (*missing_outcomes(each), *missing_costs(each)),
        )
        for arm, each in works.items()
    }
    mine = ways[judged]
    per_accepted = cost_of_accepted(context, mine)
    today = today_result(context, ways.get(case.today.arm) if case.today else None, per_accepted)
    full, _ = full_cost(context, mine, today)
    as_today = today.unit_cost if today is not None else None
    return _Way(
        judged,
        context.title(judged),
        mine,
        Fraction(as_today.value) if isinstance(as_today, Figure) else Fraction(0),
        {PER_ACCEPTED: per_accepted, FULL_COST: full},
    )


def _untold(old: Figure | Unknown, new: Figure | Unknown) -> str:
    """Why a unit cost is not taken apart; empty where it is."""
    for figure, side in ((old, say("before")), (new, say("after"))):
        if isinstance(figure, Unknown):
            return say("not known {side}: {reason}", side=side, reason=figure.reason)
        if figure.only_a_least:
            return say("only a least cost is known {side}", side=side)
    return ""


def _sides(
    found: tuple[_Found, _Found], names: tuple[str, str], ways: tuple[_Way, _Way]
) -> tuple[Side, Side] | None:
    """Both sides in 10^-12 of the currency; None where a unit cost cannot be had on one of them."""
    keys = [(name, way.arm) for name, way in zip(names, ways, strict=True)]
    made = []
    for place in (0, 1):
        way, mine = ways[place].costed, found[place]
        if way is None or way.attempt is None or not way.work.checked or not way.work.total("accepted"):
            return None
        carried = Fraction(mine.inherited.get(keys[place], 0), way.work.trials or 1)
        made.append(
            Side(
                models=_called(mine, keys[place], found[1 - place], keys[1 - place]),
                tries=way.work.trials,
                attempt=way.attempt * PICO - carried,
                besides=Fraction(way.besides.value) * PICO + carried,
                share=way.share,
                today=ways[place].today * PICO,
            )
        )
    return made[0], made[1]


def _called(
    mine: _Found, key: tuple[str, str], theirs: _Found, their_key: tuple[str, str]
) -> dict[str, Called]:
    """Calls of known cost by model, each also at the other side's rates."""
    others = theirs.calls.get(their_key, {})
    return {
        model: price_volume.called(calls, others.get(model, ()), mine.rates, theirs.rates)
        for model, calls in mine.calls.get(key, {}).items()
        if any(each.known for each in calls)
    }


def _spend(
    found: tuple[_Found, _Found], names: tuple[str, str], currency: str
) -> tuple[Bridge | None, tuple[ModelMoved, ...]]:
    """Why the calls of a use case cost more or less, over all its ways of working; and its models."""
    arms = {arm for each, name in zip(found, names, strict=True) for of, arm in each.calls if of == name}
    bridges: list[Bridge] = []
    models: defaultdict[str, list[list[Called]]] = defaultdict(lambda: [[], []])
    for arm in sorted(arms):
        sides = []
        for place in (0, 1):
            key, their_key = (names[place], arm), (names[1 - place], arm)
            called = _called(found[place], key, found[1 - place], their_key)
            for model, calls in called.items():
                models[model][place].append(calls)
            tried = found[place].works.get(key)
            sides.append(Side(called, tried.trials if tried is not None else 0))
        parts = price_volume.of_spend(sides[0], sides[1])
        bridges.append(_bridge(SPEND, currency, "", [Fraction(side.pico) for side in sides], parts))
    told = tuple(_model_moved(model, *sides) for model, sides in sorted(models.items()))
    return (_added(bridges) if told else None), told


def _model_moved(model: str, old: Sequence[Called], new: Sequence[Called]) -> ModelMoved:
    """How its price moved: what its new calls cost over what they would have cost before."""
    before = [each.elsewhere for each in new]
    known = [each for each in before if each is not None]
    price = None
    if len(known) == len(before) and (at_old := sum(known, Fraction(0))):
        price = sum(each.pico for each in new) / at_old
    return ModelMoved(model, sum(each.calls for each in old), sum(each.calls for each in new), price)


def _bridge(name: str, currency: str, per: str, totals: Sequence[Fraction], parts: Parts) -> Bridge:
    old, new = totals
    return Bridge(
        name, currency, per, old / PICO, new / PICO, {key: part / PICO for key, part in parts.items()}
    )


def _added(bridges: Sequence[Bridge]) -> Bridge:
    """Bridges of one currency as one: part by part."""
    first = bridges[0]
    return Bridge(
        first.name,
        first.currency,
        first.per,
        sum((each.old for each in bridges), Fraction(0)),
        sum((each.new for each in bridges), Fraction(0)),
        {
            name: sum((each.parts.get(name, Fraction(0)) for each in bridges), Fraction(0))
            for name in dict.fromkeys(name for each in bridges for name in each.parts)
        },
    )


def _unknown_calls(found: _Found, name: str) -> int:
    return sum(each.unknown_calls for (of, _), each in found.works.items() if of == name)
