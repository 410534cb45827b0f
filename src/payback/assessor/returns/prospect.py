"""The inputs and the plan of a use case's future: as stated in payback.toml, else as measured."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np

from payback.assessment import ArmResult, TodayResult
from payback.assessor.per_task import Part
from payback.assessor.returns.stated import (
    FACTOR,
    GROWTH,
    MINUTES,
    MONEY,
    SHARE,
    UNITS,
    Input,
    Reader,
    from_nothing,
    scaled,
)
from payback.assessor.unit_costs import Costed
from payback.days import day as written_day
from payback.locale import say
from payback.measures.draws import Together
from payback.measures.ranges import Shape, Uncertain, between, known, measured, share_of, uncertain
from payback.measures.ratio import ratio_interval
from payback.measures.returns import cash
from payback.measures.returns.burn import Burn
from payback.measures.returns.cash import Event, Gain, Plan
from payback.measures.work import Work
from payback.project import Project, StatedValue, UseCase
from payback.quantities import Quantity
from payback.records import Evidence, Figure, Interval, Origin, Period, Unknown

MONTHS = 36
"""How far ahead is looked where nobody says."""
DAYS_A_MONTH = Decimal("30.436875")  # of the Gregorian calendar: 146,097 days in 4,800 months


@dataclass(frozen=True, slots=True)
class Known:
    """What a run found of a use case that its future rests on; None is: nothing."""

    way: Costed | None
    ai: ArmResult | None
    today: TodayResult | None
    today_way: Costed | None
    burn: Burn | None
    looked_at: tuple[date, date]  # first day and day after the last that has results
    period: Period
    as_of: date


@dataclass(frozen=True, slots=True)
class Trial:
    """A pilot: the key of its cost, how long it takes, and how well its gate tells good from bad."""

    cost: str
    months: int
    catches: float
    spares: float


@dataclass(frozen=True, slots=True)
class Prospect:
    """A use case's future, ready to be drawn. `missing` says why there is none.

    `realised` is whether somebody said which share of what is saved turns into money.
    """

    name: str
    plan: Plan
    inputs: Mapping[str, Input]
    together: tuple[Together, ...]
    realised: bool
    start: date
    discount_rate: Decimal | None
    missing: Unknown | None
    notes: tuple[str, ...]
    pilot: Trial | None = None

    @property
    def seed(self) -> int:
        """The same for the same use case, whatever else is in the project."""
        return zlib.crc32(self.name.encode())

    @property
    def distributions(self) -> dict[str, Uncertain]:
        return {key: each.what for key, each in self.inputs.items()}


def prospect(project: Project, name: str, reader: Reader, found: Known) -> Prospect | None:
    """The future of one use case; None where payback.toml says nothing of it."""
    case = project.use_cases[name]
    if case.returns is None:
        return None
    return _Builder(project, name, case, reader, found).built()


class _Builder:
    """Puts one prospect together, input by input."""

    def __init__(self, project: Project, name: str, case: UseCase, reader: Reader, found: Known) -> None:
        assert case.returns is not None  # noqa: S101  asked for by prospect
        self.project, self.name, self.case, self.reader, self.found = project, name, case, reader, found
        self.said = case.returns
        self.inputs: dict[str, Input] = {}
        self.missing: Unknown | None = None
        self.notes: list[str] = []

    def built(self) -> Prospect:
        said, found = self.said, self.found
        gains = self._gains()
        self._today()
        saves = bool({cash.MINUTES_TODAY, cash.COST_TODAY} & set(self.inputs))
        by_unit = saves or any(gain.per == "unit" for gain in gains)
        by_unit = by_unit or (said.model_cost is not None and said.model_cost.value != 0)
        if not saves and not gains:
            self._lacks(
                say("nothing says what it saves or brings in"),
                say("say how it is done today, or list [[use_cases.{name}.returns.values]]", name=self.name),
            )
        self._people()
        self._work(by_unit)
        self._money(by_unit)
        realised = said.realisation_share is not None or not saves
        self._stated(said.realisation_share, "realisation_share", cash.REALISATION, _realisation(self), SHARE)
        events = self._events()
        start = self._start()
        rate = said.discount_rate if said.discount_rate is not None else self.project.returns.discount_rate
        if rate is None:
            self.notes.append(
                say("nothing is discounted: money in three years counts like money now (`discount_rate`)")
            )
        plan = Plan(
            months=self._months,
            build_months=said.build_months if said.build is not None else 0,
            volumes=tuple(map(float, said.volume)) if isinstance(said.volume, tuple) else (),
            ramp=tuple(map(float, said.ramp_up)),
            prices=tuple(map(float, said.price_schedule)),
            gains=gains,
            events=events,
            committed=_committed(found.burn, found.as_of)[_whole_months(found.as_of, start) :],
            pool=self._pool(),
            yearly_rate=float(rate or 0),
        )
        if said.build is not None and said.build_months >= plan.months:
            raise self.reader.fault(
                ("use_cases", self.name, "returns", "build_months"),
                say("it would be built only after the {months} months looked at", months=plan.months),
            )
        self.notes.append(say("taxes are left out"))
        pilot = self._pilot()
        return Prospect(
            self.name,
            plan,
            self.inputs,
            self._together(),
            realised,
            start,
            rate,
            self.missing,
            tuple(self.notes),
            pilot,
        )

    def _lacks(self, reason: str, fix: str) -> None:
        self.missing = self.missing or Unknown(reason, fix)

    def _read(
        self, stated: StatedValue, path: tuple[str | int, ...], key: str, label: str, unit: str
    ) -> Input:
        return self.reader.read(stated, ("use_cases", self.name, "returns", *path), key, label, unit)

    def _stated(self, stated: StatedValue | None, path: str, key: str, label: str, unit: str) -> bool:
        """Take an input where it is stated."""
        if stated is None:
            return False
        self.inputs[key] = self._read(stated, (path,), key, label, unit)
        return True

    def _take(
        self, key: str, label: str, unit: str, what: Uncertain, evidence: Evidence,
        *, by: str = "", origin: Origin | None = None, cases: int | None = None, spread: float | None = None,
    ) -> None:  # fmt: skip
        self.inputs[key] = Input(key, label, unit, what, evidence, by, origin, None, cases, spread)

    def _gains(self) -> tuple[Gain, ...]:
        gains = []
        for place, each in enumerate(self.said.values):
            per = "unit" if each.per_unit else "month" if each.a_month else "once"
            path = {"unit": "per_unit", "month": "a_month", "once": "once"}[per]
            stated = each.per_unit or each.a_month or each.once
            assert stated is not None  # noqa: S101  exactly one of them, says the project
            name = each.name or each.kind
            key = cash.value_input(place)
            self.inputs[key] = self._read(stated, ("values", place, path), key, name, MONEY)
            if each.share is not None:
                share = cash.share_input(place)
                label = say("{what}: share that is the AI's doing", what=name)
                self.inputs[share] = self._read(each.share, ("values", place, "share"), share, label, SHARE)
            gains.append(
                Gain(name, each.kind, per, each.from_month, each.until_month, each.share is not None)
            )
        return tuple(gains)

    def _today(self) -> None:
        """What a unit costs as today: minutes of people, or money."""
        said, today, found = self.said, self.case.today, self.found
        minutes, money = say("minutes a unit as today"), say("cost of a unit as today")
        if self._stated(said.minutes_today, "minutes_today", cash.MINUTES_TODAY, minutes, MINUTES):
            pass
        elif self._stated(said.cost_today, "cost_today", cash.COST_TODAY, money, MONEY):
            return
        elif today is not None and found.today is not None:
            figure = found.today.unit_cost
            way = found.today_way
            if (
                not found.today.declared
                and way is not None
                and way.work.by_people
                and len(way.besides.parts) == 1
                and isinstance(figure, Figure)
            ):
                self._timed(cash.MINUTES_TODAY, minutes, way.work)
            elif found.today.declared and today.minutes is not None and not today.nothing:
                self._declared(cash.MINUTES_TODAY, minutes, MINUTES, today.minutes, today.by)
            elif isinstance(figure, Figure):
                label = say("what a unit left undone loses") if today.nothing else money
                by = today.by if found.today.declared else ""
                self._figure(cash.COST_TODAY, label, MONEY, figure, by)
        today_grows = say("growth of today's cost a year")
        self._stated(said.today_growth, "today_growth", cash.TODAY_GROWTH, today_grows, GROWTH)

    def _people(self) -> None:
        """People looking over results, and what an hour of people costs."""
        said, case, way = self.said, self.case, self.found.way
        label = say("minutes of review a unit")
        part = next((each for each in way.besides.parts if each.kind == "people"), None) if way else None
        if self._stated(said.review_minutes, "review_minutes", cash.REVIEW_MINUTES, label, MINUTES):
            pass
        elif way is not None and part is not None and way.work.timed:
            self._timed(cash.REVIEW_MINUTES, label, way.work)
        elif case.review is not None and case.review.minutes is not None:
            self._declared(cash.REVIEW_MINUTES, label, MINUTES, case.review.minutes, case.review.by)
        if way is not None and cash.REVIEW_MINUTES not in self.inputs:
            self._part(cash.REVIEW_COST, say("review by people, a unit"), "review")
        self._reviewed_at_its_wage()
        if not {cash.MINUTES_TODAY, cash.REVIEW_MINUTES} & set(self.inputs):
            return
        wage = say("an hour of people")
        if self._stated(said.wage_per_hour, "wage_per_hour", cash.WAGE, wage, MONEY):
            return
        today, review = case.today, case.review
        if today is not None and today.wage_per_hour is not None:
            self._declared(cash.WAGE, wage, MONEY, today.wage_per_hour, today.by)
        elif review is not None:
            self._declared(cash.WAGE, wage, MONEY, review.wage_per_hour, review.by)
        else:
            self._lacks(
                say("what an hour of people costs is not known"),
                say("give `wage_per_hour` under [use_cases.{name}.returns]", name=self.name),
            )

    def _reviewed_at_its_wage(self) -> None:
        """Minutes of review at the wage of those who review, where it is another than that of today's way."""
        today, review, said = self.case.today, self.case.review, self.said
        minutes = self.inputs.get(cash.REVIEW_MINUTES)
        of_today = today.wage_per_hour if today is not None else None
        if minutes is None or review is None or of_today is None or said.wage_per_hour is not None:
            return
        if review.wage_per_hour == of_today:
            return
        paid = float(review.wage_per_hour.middle) / cash.MINUTES_AN_HOUR
        if paid <= 0:
            return
        del self.inputs[cash.REVIEW_MINUTES]
        self.inputs[cash.REVIEW_COST] = replace(
            minutes, key=cash.REVIEW_COST, label=say("review by people, a unit"), unit=MONEY,
            what=scaled(minutes.what, paid), one_more_costs=None,
        )  # fmt: skip

    def _work(self, by_unit: bool) -> None:
        """How much work there is, how much of it is done this way, and how much is accepted."""
        said, found = self.said, self.found
        volume = say("units of work a month")
        work = found.way.work if found.way is not None else None
        if isinstance(said.volume, StatedValue):
            self._stated(said.volume, "volume", cash.VOLUME, volume, UNITS)
        elif said.volume is None and work is not None and work.tasks:
            first, after = found.looked_at
            months = Decimal((after - first).days) / DAYS_A_MONTH
            a_month = float(work.tasks / months)
            self._take(cash.VOLUME, volume, UNITS, known(a_month), Evidence.MEASURED, cases=work.tasks)
        elif said.volume is None and by_unit:
            self._lacks(
                say("how much work there is a month is not known"),
                say("give `volume` under [use_cases.{name}.returns]", name=self.name),
            )
        if said.adoption is not None and said.volume is None and cash.VOLUME in self.inputs:
            raise self.reader.fault(
                ("use_cases", self.name, "returns", "adoption"),
                say("`adoption` needs `volume`: the work that is measured is done this way already"),
            )
        self._look_at_volume()
        for stated, key, label, unit in (
            (said.volume_growth, cash.VOLUME_GROWTH, say("growth of the work a year"), GROWTH),
            (said.adoption, cash.ADOPTION, say("share of the work done this way"), SHARE),
            (said.retention, cash.RETENTION, say("share of users still there a year later"), SHARE),
        ):
            self._stated(stated, key, key, label, unit)
        accepted = say("share of results accepted")
        if self._stated(said.acceptance, "acceptance", cash.ACCEPTANCE, accepted, SHARE):
            return
        figure = found.ai.acceptance if found.ai is not None else None
        if isinstance(figure, Figure):
            self._figure(cash.ACCEPTANCE, accepted, SHARE, figure, work=work)
        elif by_unit:
            self._lacks(
                say("which share of results is accepted is not known"),
                say("list a source of outcomes, or give `acceptance` under [use_cases.{name}.returns]",
                    name=self.name),
            )  # fmt: skip

    def _look_at_volume(self) -> None:
        """No work at all is no future; a list that is too short holds on, which is said."""
        said = self.said.volume
        given = self.inputs.get(cash.VOLUME)
        nothing = given is not None and given.what.is_known and given.what.parameters[0] == 0
        if nothing or (isinstance(said, tuple) and not any(said)):
            self._lacks(
                say("there is no work: the volume is 0"),
                say("give `volume`, units a month, under [use_cases.{name}.returns]", name=self.name),
            )
        for name, months in (("volume", said), ("price_schedule", self.said.price_schedule)):
            if isinstance(months, tuple) and 0 < len(months) < self._months:
                self.notes.append(
                    say(
                        "`{name}` is given for {given} of {months} months: the last one holds on",
                        name=name, given=len(months), months=self._months,
                    )
                )  # fmt: skip

    @property
    def _months(self) -> int:
        return self.said.months or self.project.returns.months or MONTHS

    def _money(self, by_unit: bool) -> None:
        """What a unit costs with the AI, and money that comes with no unit."""
        said, found = self.said, self.found
        models = say("models, a unit")
        if not self._stated(said.model_cost, "model_cost", cash.MODEL_COST, models, MONEY):
            if found.way is not None and found.way.attempt is not None:
                self._attempt(cash.MODEL_COST, models, found.way)
            elif by_unit and (found.way is None or found.way.work.calls or not found.way.besides.parts):
                self._lacks(
                    say("what a unit costs with the AI is not known"),
                    say(
                        "list its usage, or give `model_cost` under [use_cases.{name}.returns]",
                        name=self.name,
                    ),
                )
        platform = say("share of the platform, a unit")
        if not self._stated(said.platform_cost, "platform_cost", cash.PLATFORM_COST, platform, MONEY):
            self._part(cash.PLATFORM_COST, platform, "shared")
        if said.fixed_a_month is None:
            self._hardware()
        harm = say("harm done, a unit")
        if not self._stated(said.harm_per_unit, "harm_per_unit", cash.HARM, harm, MONEY):
            self._part(cash.HARM, harm, "harm")
        for stated, key, label, unit in (
            (said.price_change, cash.PRICE_CHANGE, say("change of model prices a year"), GROWTH),
            (said.fixed_a_month, cash.FIXED, say("fixed cost a month"), MONEY),
            (said.build, cash.BUILD, say("still to be spent on building"), MONEY),
            (said.exit_cost, cash.EXIT, say("cost of stopping"), MONEY),
            (said.salvage, cash.SALVAGE, say("money back when it stops"), MONEY),
            (said.switching_cost, cash.SWITCHING, say("cost of moving to another vendor"), MONEY),
        ):
            self._stated(stated, key, key, label, unit)

    def _events(self) -> tuple[Event, ...]:
        events = []
        for place, risk in enumerate(self.said.risks):
            parts = (
                ("chance", "yearly_chance", risk.yearly_chance, say("chance a year"), SHARE),
                ("costs", "costs", risk.costs, say("cost"), MONEY),
                ("times", "model_cost_times", risk.model_cost_times, say("price of models, times"), FACTOR),
            )
            for part, path, stated, label, unit in parts:
                if stated is None:
                    continue
                key = cash.risk_input(place, part)
                named = say("{risk}: {part}", risk=risk.name, part=label)
                self.inputs[key] = self._read(stated, ("risks", place, path), key, named, unit)
            if risk.switching and self.said.switching_cost is None:
                raise self.reader.fault(
                    ("use_cases", self.name, "returns", "risks", place),
                    say(
                        "`switching` needs `switching_cost` under [use_cases.{name}.returns]", name=self.name
                    ),
                )
            when = cash.risk_input(place, "when")
            score = Uncertain(risk.name, Shape.NORMAL, (0.0, 1.0))
            self.inputs[when] = Input(when, risk.name, FACTOR, score, Evidence.ESTIMATED)
            events.append(
                Event(
                    risk.name,
                    risk.costs is not None,
                    risk.model_cost_times is not None,
                    risk.ends,
                    risk.switching,
                    risk.kind,
                )
            )
        return tuple(events)

    def _start(self) -> date:
        """The first day of month 1: as stated, but what is in the rows already does not lie ahead."""
        after = self.found.as_of + timedelta(days=1)
        stated = self.said.start
        if stated is None or (stated < after and self.found.burn is None):
            return stated or after
        if stated < after:
            self.notes.append(
                say("`start` is before the last data, which are in the past already: month 1 begins {day}",
                    day=written_day(after))
            )  # fmt: skip
        return max(stated, after)

    def _pilot(self) -> Trial | None:
        pilot = self.said.pilot
        if pilot is None:
            return None
        if pilot.months >= self._months:
            raise self.reader.fault(
                ("use_cases", self.name, "returns", "pilot", "months"),
                say("the pilot would end only after the {months} months looked at", months=self._months),
            )
        key = "pilot.cost"
        self.inputs[key] = self._read(pilot.cost, ("pilot", "cost"), key, say("cost of the pilot"), MONEY)
        return Trial(key, pilot.months, float(pilot.catches), float(pilot.spares))

    def _together(self) -> tuple[Together, ...]:
        found: list[Together] = []
        seen: set[frozenset[str]] = set()
        for place, pair in enumerate(self.said.together):
            both = frozenset(pair.inputs)
            if len(both) < len(pair.inputs) or both in seen:
                raise self.reader.fault(
                    ("use_cases", self.name, "returns", "together", place),
                    say("write each pair of two inputs once"),
                )
            seen.add(both)
            for name in pair.inputs:
                unsure = name in self.inputs and not self.inputs[name].what.is_known
                if not unsure:
                    names = ", ".join(key for key, each in self.inputs.items() if not each.what.is_known)
                    raise self.reader.fault(
                        ("use_cases", self.name, "returns", "together", place),
                        say("{name} is not an uncertain input of this use case", name=name),
                        say("uncertain here: {names}", names=names),
                    )
            found.append(Together(pair.inputs[0], pair.inputs[1], float(pair.rank)))
        return tuple(found)

    def _pool(self) -> float | None:
        if self.case.cost_pool is None:
            return None
        months = Decimal((self.project.looked_at or self.found.period).days) / DAYS_A_MONTH
        return float(self.project.cost_pools[self.case.cost_pool].total / months)

    def _declared(self, key: str, label: str, unit: str, given: Quantity, by: str) -> None:
        origin = Origin(self.project.file.name, note=by)
        what = uncertain(str(given))
        if given.is_range and given.low <= 0:
            what = from_nothing(float(given.low), float(given.high), str(given))
        self._take(key, label, unit, what, Evidence.ESTIMATED, by=by, origin=origin)

    def _figure(
        self, key: str, label: str, unit: str, figure: Figure, by: str = "", work: Work | None = None
    ) -> None:
        """A figure of this run, within its range."""
        what = _within(float(figure.value), figure.interval, share=unit == SHARE)
        if unit == SHARE and work is not None and what.is_known and work.checked:
            accepted = round(Fraction(work.total("accepted")))
            what = replace(share_of(accepted, work.checked), written=f"{accepted} of {work.checked}")
        origin = figure.origins[0] if figure.origins else None
        self._take(key, label, unit, what, figure.evidence, by=by, origin=origin, cases=figure.count)

    def _timed(self, key: str, label: str, work: Work) -> None:
        """Mean minutes of the results that were timed, within its range over clusters."""
        cells = [cell for cell in work.cells.values() if cell.timed]
        mean = float(Fraction(work.minutes) / work.timed)
        each = np.array([float(cell.minutes) / cell.timed for cell in cells])
        found = ratio_interval(
            np.array([float(cell.minutes) for cell in cells]),
            np.array([float(cell.timed) for cell in cells]),
        )
        what = known(mean)
        if not isinstance(found, Unknown) and found.low is not None and found.high is not None:
            what = measured(mean, found.low, found.high)
        spread = float(each.std(ddof=1) / each.mean()) if len(each) > 1 and each.mean() > 0 else None
        self._take(key, label, MINUTES, what, Evidence.MEASURED, cases=work.timed, spread=spread)

    def _attempt(self, key: str, label: str, way: Costed) -> None:
        """What the calls of a unit cost, within its range over clusters."""
        attempt = way.attempt
        assert attempt is not None  # noqa: S101  asked by the caller
        value = float(attempt)
        if value <= 0:
            self._take(key, label, MONEY, known(0.0), Evidence.MEASURED)
            return
        found = ratio_interval(way.arm.cost, way.arm.n)
        what = known(value)
        if (
            not isinstance(found, Unknown)
            and found.low is not None
            and found.high is not None
            and found.low <= value <= found.high
        ):
            what = measured(value, found.low, found.high)
        self._take(key, label, MONEY, what, Evidence.MEASURED, cases=way.work.tasks)

    def _hardware(self) -> None:
        """Hardware held costs the same whatever is done: what it cost a month."""
        way = self.found.way
        parts = [each for each in way.besides.parts if each.kind == "hardware"] if way is not None else []
        if way is None or not parts:
            return
        first, after = self.found.looked_at
        months = Decimal((after - first).days) / DAYS_A_MONTH
        low, value, high = (
            float(sum((getattr(part, end) for part in parts), Decimal(0)) * way.work.tasks / months)
            for end in ("low", "value", "high")
        )
        what = between(low, high) if 0 < low < high else known(value)
        self._take(
            cash.FIXED, say("hardware held, a month"), MONEY, what, min(part.evidence for part in parts)
        )

    def _part(self, key: str, label: str, kind: str) -> None:
        """One part of the full cost of a unit, where this run found one."""
        way = self.found.way
        parts: list[Part] = (
            [each for each in way.besides.parts if each.kind == kind] if way is not None else []
        )
        if not parts:
            return
        value, low, high = (
            float(sum((getattr(part, end) for part in parts), Decimal(0))) for end in ("value", "low", "high")
        )
        what = between(low, high) if 0 < low < high else known(value)
        self._take(key, label, MONEY, what, min(part.evidence for part in parts))


def _realisation(builder: _Builder) -> str:
    if cash.MINUTES_TODAY in builder.inputs:
        return say("share of freed hours that become money")
    return say("share of what is saved that becomes money")


def _within(value: float, shown: Interval | None, *, share: bool) -> Uncertain:
    """A figure within its range: one that was declared is 90 % sure, one that was measured as it says."""
    if shown is None or shown.low is None or shown.high is None or shown.low == shown.high:
        return known(value)
    low, high = float(shown.low), float(shown.high)
    if shown.level is None:
        return between(low, high) if low > 0 else from_nothing(low, high, "")
    if share and not (low > 0 and high < 1):
        return known(value)
    return measured(value, low, high, float(shown.level), share=share)


def _whole_months(as_of: date, start: date) -> int:
    """Months between the as-of day and the first day of month 1, which have their own contracts."""
    after = as_of + timedelta(days=1)
    return max(0, (start.year - after.year) * 12 + start.month - after.month - (start.day < after.day))


def _committed(burn: Burn | None, as_of: date) -> tuple[float, ...]:
    """What falls due month by month whatever is decided, from the month after the as-of day."""
    if burn is None or not burn.falls_due_for:
        return ()
    by_month: dict[int, float] = {}
    for _, amount, until in burn.falls_due_for:
        months = max(1, (until.year - as_of.year) * 12 + until.month - as_of.month)
        for month in range(months):
            by_month[month] = by_month.get(month, 0.0) + float(amount.amount) / months
    return tuple(by_month.get(month, 0.0) for month in range(max(by_month) + 1))
