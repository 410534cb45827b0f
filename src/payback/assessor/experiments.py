"""What the AI changed, by a declared experiment: effects per task, how it is known that they are effects, and promises."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal

from payback import days
from payback.assessment import Contrast, Experiment
from payback.assessor.context import Context
from payback.assessor.estimates import decimal_of, interval_of
from payback.ledger import Ledger
from payback.locale import say, say_count
from payback.measures.delivery import experiment, rollout
from payback.measures.delivery.experiment import Sums, Way
from payback.measures.delivery.rollout import Stage
from payback.measures.effect import Effect as Found
from payback.measures.effect import chance, estimate
from payback.measures.estimate import Estimate
from payback.measures.work import Work
from payback.numbers import count as written_count
from payback.numbers import decimals_of, fixed, more_or_less, number, short, spread
from payback.project import Experiment as Declared
from payback.project import Project, UseCase
from payback.quantities import Quantity
from payback.records import Effect, Evidence, Figure, Input, Interval, Unknown

MINUTES, LOG_MINUTES, COST, ACCEPTANCE = "minutes", "log minutes", "cost", "acceptance"
RESULTS = (MINUTES, LOG_MINUTES, COST, ACCEPTANCE)
BALANCE = 0.01
"""Our judgement: work is called different where a difference as large comes by chance in fewer than 1 of 100 trials."""
BUCKET = "bucket "
"""Begins the names of many clusters put together, which say nothing of who worked both ways."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the rollups of experiments gave. `grouped`: outcomes name what makes tasks depend on each other."""

    ways: Mapping[tuple[str, str, str], Way] = field(default_factory=dict)
    stages: Mapping[tuple[str, str], Sequence[Stage]] = field(default_factory=dict)
    grouped: bool = False


def tried(project: Project, ledger: Ledger, judged: Mapping[str, str]) -> Tried:
    """Run the rollups for use cases that declare an experiment; `judged` is their way of working, by use case."""
    wanted = [
        (name, judged[name], against, case.experiment.since)
        for name, case in project.use_cases.items()
        if case.experiment is not None and name in judged and (against := against_of(case)) is not None
    ]
    if not wanted:
        return Tried()
    ledger.load("experiment", experiment.EXPERIMENT_COLUMNS, wanted)
    return Tried(
        experiment.ways(ledger.rows(experiment.WAYS_QUERY)),
        rollout.stages(ledger.rows(rollout.WEEKS_QUERY)),
        not ledger.facts["outcome"].never_filled("cluster"),
    )


def against_of(case: UseCase) -> str | None:
    """The way of working an experiment compares with."""
    if case.experiment is not None and case.experiment.against is not None:
        return case.experiment.against
    return case.today.arm if case.today is not None else None


def experiment_of(
    context: Context, judged: str | None, works: Mapping[str, Work], found: Tried
) -> Experiment | None:
    """The declared experiment, or None where none is declared."""
    declared = context.case.experiment
    if declared is None:
        return None
    against = against_of(context.case)
    trial = _Trial(context, declared, judged or "", against or "", works, found)
    every = [trial.tested(result) for result in declared.on or RESULTS]
    asked = {*declared.on, *declared.forecast}
    rows = [one for one in every if isinstance(one.figure, Figure) or one.result in asked] or every[:1]
    notes: list[str] = []
    if judged is None or against is None:
        notes.append(say("name both ways of working: `arm` of the use case and `against` of the experiment"))
    elif declared.design == Effect.RANDOMISED.value:
        notes += trial.balance()
    return Experiment(
        design=Effect(declared.design),
        known=_known(declared),
        arm=judged or "",
        against=against or "",
        since=declared.since,
        by=declared.by,
        source=declared.source,
        tested=tuple(rows),
        notes=tuple(notes),
    )


def _known(declared: Declared) -> str:
    """How it is known that the AI made the difference, in words."""
    day = days.day(declared.since) if declared.since else ""
    return {
        Effect.RANDOMISED: say("randomised: chance chose which task was done which way"),
        Effect.CONTROLLED: say(
            "controlled: groups that began on {day} beside groups that did not; it is the effect if both would "
            "have gone on alike",
            day=day,
        ),
        Effect.BEFORE_AFTER: say(
            "before/after, descriptive: whatever else changed on {day} or later is in it", day=day
        ),
    }[Effect(declared.design)]


@dataclass(frozen=True, slots=True)
class _Trial:
    """One declared experiment and everything it rests on."""

    context: Context
    declared: Declared
    judged: str
    against: str
    works: Mapping[str, Work]
    found: Tried

    def tested(self, result: str) -> Contrast:
        """One result: its effect, or why there is none, beside what was promised of it."""
        refused = self._refused(result)
        figure: Figure | Unknown
        if refused is not None:
            figure = refused
        else:
            figure = self._trial(result) if self.declared.since is None else self._since(result)
        promised = self.declared.forecast.get(result)  # type: ignore[call-overload]  # RESULTS are its keys
        told = ""
        if promised is not None:
            told = _promised(result, promised, figure, self.context.currency)
        return Contrast(result, _label(result), figure, told)

    def _refused(self, result: str) -> Unknown | None:
        for arm in (self.judged, self.against):
            if arm not in self.works:
                return Unknown(say("no row names the way of working {arm}", arm=arm or "?"))
        if result == COST and not all(self.works[arm].calls for arm in (self.judged, self.against)):
            return Unknown(
                say("only calls have a cost task by task, and one of the two ways makes none"),
                fix=say("compare the full cost of a unit instead"),
            )
        return None

    # --- by chance ---------------------------------------------------------------------------------------

    def _pair(self, result: str) -> tuple[Way, Way] | None:
        keys = ((self.context.name, arm, result) for arm in (self.judged, self.against))
        second, first = (self.found.ways.get(key) for key in keys)
        return (second, first) if second is not None and first is not None else None

    def _trial(self, result: str) -> Figure | Unknown:
        pair = self._pair(result)
        if pair is None or not all(way.known for way in pair):
            return self._nothing(result)
        second, first = self._sums(pair)
        refused = experiment.untrusted(result, second, first)
        found = experiment.effect(second, first)
        value = _mean(pair[0].sums) - _mean(pair[1].sums)
        notes = [*_left_out(result, *((way.tasks, way.known) for way in pair)), *self._covariate(pair)]
        made: Estimate | Unknown
        if isinstance(found, Unknown):
            made = found
        elif refused is not None:
            value, made = found.value, refused
        else:
            value, made = found.value, estimate(found)
            if found.saved is not None:
                notes.append(_saved(found.saved))
        means = [
            self._input(result, self.context.title(arm), _mean(way.sums))
            for arm, way in zip((self.judged, self.against), pair, strict=True)
        ]
        return self._figure(
            result, value, made, "regression-adjusted", sum(way.known for way in pair), means, notes
        )

    def _sums(self, pair: tuple[Way, Way]) -> tuple[Sums, Sums]:
        """With what was known beforehand, where it is known of every task."""
        if all(way.expected == way.known for way in pair):
            return pair[0].sums, pair[1].sums
        return experiment.without(pair[0].sums), experiment.without(pair[1].sums)

    def _covariate(self, pair: tuple[Way, Way]) -> list[str]:
        known, expected = sum(way.known for way in pair), sum(way.expected for way in pair)
        if not 0 < expected < known:
            return []
        return [
            say(
                "expected minutes are missing for {missing} of {tasks} tasks, and so are not used",
                missing=written_count(known - expected),
                tasks=written_count(known),
            )
        ]

    def balance(self) -> list[str]:
        """Whether both ways got the same work, and what was worked both ways."""
        pairs = [
            pair for result in RESULTS if (pair := self._pair(result)) and all(way.known for way in pair)
        ]
        if not pairs:
            return []
        notes = []
        whole = next((pair for pair in pairs if all(way.expected == way.known for way in pair)), None)
        if whole is None:
            notes.append(
                say(
                    "whether chance gave both ways the same work cannot be checked: fill `expected_minutes`, known "
                    "before a task is given"
                )
            )
        else:
            found = experiment.effect(*(experiment.expected(way.sums) for way in whole))
            if isinstance(found, Found):
                notes.append(self._same_work(found, *(_mean(experiment.expected(way.sums)) for way in whole)))
        names = [set(way.clusters) for way in max(pairs, key=lambda pair: pair[0].known)]
        both = [name for name in names[0] & names[1] if not name.startswith(BUCKET)]
        if both:
            notes.append(
                say_count(
                    "{count} task or group of tasks was worked both ways and counts in each",
                    "{count} tasks or groups of tasks were worked both ways and count in each",
                    len(both),
                )
            )
        return notes

    def _same_work(self, found: Found, ours: float, theirs: float) -> str:
        values = {
            "way": self.context.title(self.judged),
            "ours": short(_decimal(ours)),
            "other": self.context.title(self.against),
            "theirs": short(_decimal(theirs)),
        }
        if chance(found) < BALANCE:
            return say(
                "the two ways got different work, beyond chance: {ours} minutes were expected of a task of {way}, "
                "{theirs} of {other}; it may not have been chance that chose",
                **values,
            )
        return say(
            "both ways got the same work, as far as can be told: {ours} minutes were expected of a task of {way}, "
            "{theirs} of {other}",
            **values,
        )

    # --- before and after --------------------------------------------------------------------------------

    def _since(self, result: str) -> Figure | Unknown:
        given = self.found.stages.get((self.context.name, result), ())
        placed = [stage for stage in given if stage.week is not None]
        if not any(stage.known for stage in placed):
            return self._nothing(result)
        notes = _left_out(
            result,
            (sum(stage.tasks for stage in placed), sum(stage.known for stage in placed)),
            nowhere=sum(stage.tasks for stage in given if stage.week is None),
        )
        if self.declared.design == Effect.BEFORE_AFTER.value:
            return self._before_after(result, placed, notes)
        return self._controlled(result, placed, notes)

    def _before_after(self, result: str, given: Sequence[Stage], notes: list[str]) -> Figure | Unknown:
        change = rollout.whole(given)
        if change is None:
            return Unknown(
                say("there are no results of before, or none of after"),
                fix=say("let the period of the project begin before `since`"),
            )
        notes.append(say("before and after alone is descriptive: no range of chance holds what else changed"))
        means = [
            self._input(result, say("before"), change.before),
            self._input(result, say("from then on"), change.after),
        ]
        tasks = change.tasks_before + change.tasks_after
        return self._figure(result, change.after - change.before, None, "before-after", tasks, means, notes)

    def _controlled(self, result: str, given: Sequence[Stage], notes: list[str]) -> Figure | Unknown:
        since = self.declared.since
        if not self.found.grouped or since is None:
            return Unknown(
                say("which tasks belong to which group is not known"),
                fix=say("fill `cluster` of the outcomes: the team, or the customer"),
            )
        starts = rollout.begun(given, self.judged, since)
        days_begun = {start for start in starts.values() if start is not None}
        if not days_begun or all(starts.values()):
            return Unknown(
                say("no group began") if not days_begun else say("every group began, so none is a control"),
                fix=say("compare with groups that did not begin, or declare before/after"),
            )
        notes += self._took_up(given, starts)
        if days_begun != {rollout.monday(since)}:
            return self._staggered(result, given, starts, notes)
        changed = rollout.changes(given)
        short_of = sum(change is None for change in changed.values())
        if short_of:
            notes.append(
                say_count(
                    "{count} group has no result before, or none after, and is left out",
                    "{count} groups have no result before, or none after, and are left out",
                    short_of,
                )
            )
        sides = [
            [change for group, change in changed.items() if change and (starts[group] is not None) is began]
            for began in (True, False)
        ]
        if not all(sides):
            return Unknown(say("no group of one kind has results before and after"))
        found = rollout.before_after(*([(one.before, one.after) for one in side] for side in sides))
        means = [
            [sum(part) / len(side) for part in zip(*((o.before, o.after) for o in side), strict=True)]
            for side in sides
        ]
        value = (means[0][1] - means[0][0]) - (means[1][1] - means[1][0])
        made: Estimate | Unknown
        refused = rollout.untrusted(result, *(len(side) for side in sides))
        if isinstance(found, Unknown):
            made = found
        else:
            made = refused or estimate(found, "difference-in-differences")
        names = (say("groups that began"), say("the others"))
        inputs = [
            self._input(result, say("{who}, {when}", who=who, when=when), mean)
            for who, mine in zip(names, means, strict=True)
            for when, mean in zip((say("before"), say("from then on")), mine, strict=True)
        ]
        tasks = sum(one.tasks_before + one.tasks_after for side in sides for one in side)
        return self._figure(result, value, made, "difference-in-differences", tasks, inputs, notes)

    def _took_up(self, given: Sequence[Stage], starts: Mapping[str, object]) -> list[str]:
        """How much of the work of groups that began was done the judged way: an effect of all their work is less."""
        late = [stage for stage in given if stage.late and starts[stage.group] is not None]
        every = sum(stage.tasks for stage in late)
        mine = sum(stage.tasks for stage in late if stage.arm == self.judged)
        if not every or mine == every:
            return []
        return [
            say(
                "all work of the groups that began counts, {share} of 100 tasks of it done as {way}",
                share=f"{100 * mine / every:.0f}",
                way=self.context.title(self.judged),
            )
        ]

    def _staggered(
        self, result: str, given: Sequence[Stage], starts: Mapping[str, object], notes: list[str]
    ) -> Figure | Unknown:
        found = rollout.staggered(given, starts)  # type: ignore[arg-type]  # days or None
        if isinstance(found, Unknown):
            return found
        refused = rollout.untrusted_weeks(result, found.clusters)
        made = refused or estimate(found, "two-stage-differences")
        notes.append(say("the groups began on different days; a group's week counts once"))
        tasks = sum(stage.known for stage in given)
        return self._figure(result, found.value, made, "two-stage-differences", tasks, [], notes)

    # --- the figure --------------------------------------------------------------------------------------

    def _nothing(self, result: str) -> Unknown:
        if result in {MINUTES, LOG_MINUTES}:
            return Unknown(
                say("the minutes of one of the two ways are not known"),
                fix=say("fill `minutes` of the outcomes"),
            )
        return Unknown(say("results of one of the two ways are not known"))

    def _input(self, result: str, name: str, mean: float) -> Input:
        value = _decimal(mean)
        if result == LOG_MINUTES:
            value = _decimal(math.exp(mean))
        text = {
            MINUTES: say("{value} minutes", value=number(value)),
            LOG_MINUTES: say("{value} minutes, as a geometric mean", value=number(value)),
            COST: f"{number(value)} {self.context.currency}",
            ACCEPTANCE: say("{value} of 100", value=number(value * 100)),
        }[result]
        return Input(name, text, Evidence.MEASURED)

    def _figure(
        self,
        result: str,
        value: float,
        made: Estimate | Unknown | None,
        formula: str,
        tasks: int,
        inputs: Sequence[Input],
        notes: Sequence[str],
    ) -> Figure:
        shown, said = None, tuple(notes)
        if made is not None:
            shown, _, about = interval_of(made)
            said = (*about, *notes)
        if shown is not None and result == LOG_MINUTES:
            shown = _share_of(shown)
        how = Input(say("how it is known to be the AI's effect"), _word(Effect(self.declared.design)))
        return Figure(
            name=f"effect_{result.replace(' ', '_')}",
            value=_decimal(math.expm1(value) if result == LOG_MINUTES else value),
            unit={COST: "money", MINUTES: "minutes"}.get(result, "share"),
            formula=formula,
            evidence=Evidence.MEASURED,
            currency=self.context.currency if result == COST else None,
            per=say("task") if result == COST else None,
            period=self.context.period,
            interval=shown,
            count=tasks,
            counted=say("tasks"),
            inputs=(how, *inputs),
            origins=self.context.sources.of("usage", "outcome")
            if result == COST
            else self.context.sources.of("outcome"),
            notes=said,
        )


def _mean(sums: Sums) -> float:
    return float(sums.y.sum() / sums.n.sum())


def _digits(value: float) -> float:
    """To 12 digits: the same whatever order a processor adds in."""
    return float(f"{value:.12g}")


def _decimal(value: float) -> Decimal:
    return decimal_of(_digits(value))


def _share_of(found: Interval) -> Interval:
    """A range of differences of logarithms as shares more or less."""

    def share(value: Decimal) -> Decimal:
        return _decimal(math.expm1(float(value)))

    return replace(
        found,
        low=None if found.low is None else share(found.low),
        high=None if found.high is None else share(found.high),
        bands=tuple((level, share(low), share(high)) for level, low, high in found.bands),
    )


def _left_out(result: str, *counts: tuple[int, int], nowhere: int = 0) -> list[str]:
    """Tasks whose result is not known, or of no known day."""
    tasks, known = (sum(part) for part in zip(*counts, strict=True))
    notes = []
    if known < tasks:
        what = {
            MINUTES: say("minutes"),
            LOG_MINUTES: say("minutes, or they are 0"),
            COST: say("cost"),
            ACCEPTANCE: say("acceptance"),
        }[result]
        notes.append(
            say(
                "{missing} of {tasks} tasks are left out: not known is their {what}",
                missing=written_count(tasks - known),
                tasks=written_count(tasks),
                what=what,
            )
        )
    if nowhere:
        notes.append(say("{tasks} tasks of no known day are left out", tasks=written_count(nowhere)))
    return notes


def _saved(share: float) -> str:
    if share <= 0:
        return say("what was expected of a task explains none of the spread")
    return say(
        "what was expected of a task took away {share} of 100 of the variance", share=f"{100 * share:.0f}"
    )


def _label(result: str) -> str:
    return {
        MINUTES: say("Minutes of a task"),
        LOG_MINUTES: say("Minutes of a task, in proportion"),
        COST: say("Cost of a task's calls"),
        ACCEPTANCE: say("Accepted"),
    }[result]


def _word(effect: Effect) -> str:
    return {
        Effect.RANDOMISED: say("randomised"),
        Effect.CONTROLLED: say("controlled"),
        Effect.BEFORE_AFTER: say("before/after, descriptive"),
        Effect.NONE: say("nobody says"),
    }[effect]


# --- what was promised -----------------------------------------------------------------------------------


def _promised(result: str, promised: Quantity, figure: Figure | Unknown, currency: str) -> str:
    """`promised 5 minutes less, measured 2.4 less (0.7 to 4.0)`."""
    unit = {MINUTES: say("minutes"), COST: currency}.get(result, say("of 100"))
    times = 1 if result in {MINUTES, COST} else 100
    said = _spread(promised.low * times, promised.high * times, unit)
    if isinstance(figure, Unknown):
        return say("promised {promised}; not measured", promised=said)
    value, range_ = figure.value * times, figure.interval
    measured = _one(value)
    if range_ is None or range_.low is None or range_.high is None:
        return say("promised {promised}, measured {measured}", promised=said, measured=measured)
    low, high = range_.low * times, range_.high * times
    told = say(
        "promised {promised}, measured {measured} ({range})",
        promised=said,
        measured=measured,
        range=_ends(low, high, value),
    )
    if promised.high * times < low or promised.low * times > high:
        return say("{told}; the promise lies outside that", told=told)
    return told


def _one(value: Decimal, unit: str = "") -> str:
    return more_or_less(value, f"{short(abs(value))} {unit}".strip(), say("more"), say("less"))


def _spread(low: Decimal, high: Decimal, unit: str) -> str:
    if low == high:
        return _one(low, unit)
    if low >= 0 or high <= 0:
        near, far = sorted((abs(low), abs(high)))
        size = say("{low} to {high}", low=short(near), high=short(far))
        return more_or_less(low or high, f"{size} {unit}", say("more"), say("less"))
    return say("{low} to {high}", low=_one(low, unit), high=_one(high, unit))


def _ends(low: Decimal, high: Decimal, value: Decimal) -> str:
    """The ends of a range beside a value whose direction is said: 0.7 to 4.0; with words where it holds zero."""
    places = decimals_of(value)
    if low >= 0 or high <= 0:
        near, far = sorted((abs(low), abs(high)))
        return spread(near, far, places)
    less, more = (fixed(abs(end), places, ROUND_CEILING) for end in (low, high))
    return say("{less} less to {more} more", less=less, more=more)
