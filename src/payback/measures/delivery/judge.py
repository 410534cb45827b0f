"""Acceptance of all work, from people's checks of a random part of it and a judge's word on the rest.

A judge (a model, a rule) is cheap and wrong in its own way. People's labels on a random sample say how
wrong: the judge's mean over all tasks, corrected by what people said where both looked. Arrays have one
entry a cluster on their last axis; axes before it are repetitions, as in simulations. Formulas and
sources: docs/formulas.md, "judge-corrected", "sampled", "rogan-gladen".
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from payback.locale import say
from payback.measures.agreement import Agreement, MonthCounts
from payback.measures.estimate import BANDS, LEVEL, Floats, Range, rounded, student
from payback.measures.proportion import normal, wilson
from payback.records import Unknown

_PLACE = """
    task_label.tasks = 1
    and (first_day is null or (first_day >= period.first_day_of and first_day < period.first_day_after))
"""
_BOTH_LOOKED = "checked > 0 and looked > 0"
_PEOPLE, _JUDGE = "accepted + accepted >= checked", "judged + judged >= looked"

# `checked` and `looked` are how many trials people and the judge said something of; repeats are averaged within the
# task. A chance of 0 is: nobody drew it.
QUERY = f"""
    select use_case, arm, cell, checked, looked, label_probability as chance, sum(tasks) as tasks,
           sum(accepted) as accepted, sum(judged) as judged, sum(judged_square) as judged_square,
           sum(accepted * judged) as product,
           sum(case when {_BOTH_LOOKED} and {_PEOPLE} and {_JUDGE} then 1 else 0 end) as both_yes,
           sum(case when {_BOTH_LOOKED} and {_PEOPLE} and not {_JUDGE} then 1 else 0 end) as people_only,
           sum(case when {_BOTH_LOOKED} and not {_PEOPLE} and {_JUDGE} then 1 else 0 end) as judge_only,
           sum(case when {_BOTH_LOOKED} and not {_PEOPLE} and not {_JUDGE} then 1 else 0 end) as both_no
    from task_label, period
    where {_PLACE}
    group by use_case, arm, cell, checked, looked, label_probability
    order by use_case, arm, cell, checked, looked, chance
"""

# By the month of the work, to see whether the judge has changed.
MONTH_QUERY = f"""
    select use_case, arm, calendar.month as month, cell,
           sum(case when {_PEOPLE} then 1 else 0 end) as accepted,
           sum(case when {_PEOPLE} and {_JUDGE} then 1 else 0 end) as accepted_right,
           sum(case when {_PEOPLE} then 0 else 1 end) as rejected,
           sum(case when {_PEOPLE} or {_JUDGE} then 0 else 1 end) as rejected_right
    from task_label
    join calendar on task_label.first_day = calendar.day
    cross join period
    where {_BOTH_LOOKED} and {_PLACE}
    group by use_case, arm, calendar.month, cell
    order by use_case, arm, month, cell
"""

FEWEST_LABELS = 30
"""Fewest tasks people checked, and the judge too, for a corrected figure: the least simulated (docs/coverage)."""

FEWEST_GROUPS = 20
"""Fewest clusters they must lie in: the least simulated at which the range held (docs/coverage)."""

LEAST_TELLING = 0.2
"""Least sensitivity + specificity - 1 for Rogan and Gladen's figure: below it the judge tells next to nothing."""

FEWEST_OF_EACH = 10
"""Fewest tasks people accepted, and rejected, for the judge's sensitivity and specificity."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Sums by cluster. A task's weight is one over its chance of having been drawn.

    `drawn` tasks have a label, `drawn_judge` is the judge's sum on them. `weight`, `people` and `judge`
    are the same weighted, with people's labels. `missing` is the weight of tasks that were drawn and not
    checked; they count among the `others`. `others` are tasks without a label, `others_judge` the judge's sum on them. `product` is
    the weighted sum of label x judge, `squares` the judge's sum of squares over all tasks. `times` is how
    many clusters are alike, 1 where left out.
    """

    drawn: Floats
    drawn_judge: Floats
    weight: Floats
    people: Floats
    judge: Floats
    others: Floats
    others_judge: Floats
    product: Floats
    squares: Floats
    missing: Floats
    times: Floats

    def total(self, values: Floats) -> Floats:
        """The sum over clusters."""
        return np.asarray((values * self.times).sum(axis=-1), dtype=np.float64)


@dataclass(slots=True)
class _Cell:
    """One cluster, exactly; the fields are those of `Labels`."""

    drawn: Fraction = Fraction(0)
    drawn_judge: Fraction = Fraction(0)
    weight: Fraction = Fraction(0)
    people: Fraction = Fraction(0)
    judge: Fraction = Fraction(0)
    others: Fraction = Fraction(0)
    others_judge: Fraction = Fraction(0)
    product: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)
    missing: Fraction = Fraction(0)


_FIELDS = (
    *("drawn", "drawn_judge", "weight", "people", "judge", "others"),
    *("others_judge", "product", "squares", "missing"),
)


@dataclass
class Looked:
    """What people and a judge said of one way of working's tasks; `rows` are those of QUERY after its key.

    `months` are the tasks both looked at by month and cluster.
    """

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    months: dict[str, dict[str, tuple[int, int, int, int]]] = field(default_factory=dict)

    def _count(
        self, *, checked: bool | None = None, looked: bool | None = None, drawn: bool | None = None
    ) -> int:
        """Tasks people checked or not, the judge looked at or not, chance drew or not."""
        return sum(
            int(tasks)
            for _, by_people, by_judge, chance, tasks, *_ in self.rows
            if (checked is None or bool(by_people) == checked)
            and (looked is None or bool(by_judge) == looked)
            and (drawn is None or bool(chance) == drawn)
        )

    @cached_property
    def tasks(self) -> int:
        return self._count()

    @cached_property
    def looked(self) -> int:
        """Tasks the judge said something of."""
        return self._count(looked=True)

    @cached_property
    def drawn(self) -> int:
        """Tasks chance drew, checked or not."""
        return self._count(drawn=True)

    @cached_property
    def checked(self) -> int:
        """Tasks chance drew that people checked."""
        return self._count(drawn=True, checked=True)

    @cached_property
    def picked(self) -> int:
        """Tasks people checked that nobody drew."""
        return self._count(drawn=False, checked=True)

    @cached_property
    def groups(self) -> int:
        """Clusters the judge looked at."""
        return len({cell for cell, _, by_judge, *_ in self.rows if by_judge})

    @cached_property
    def judged(self) -> Fraction:
        """The judge's mean over the tasks it looked at; 0 where it looked at none."""
        total = sum((Fraction(row[6]) / row[2] for row in self.rows if row[2]), Fraction(0))
        return total / self.looked if self.looked else Fraction(0)

    @cached_property
    def agreement(self) -> Agreement:
        """Of tasks both looked at: those drawn, or, where none were, those picked."""
        rows = [row for row in self.rows if bool(row[3]) == bool(self.checked)]
        both, people, judge, neither = (float(sum(int(row[at]) for row in rows)) for at in range(9, 13))
        return Agreement(both, people, judge, neither)

    @cached_property
    def labels(self) -> Labels:
        """Sums by cluster, clusters by name. Where the judge said nothing of a task, its mean stands."""
        cells: defaultdict[str, _Cell] = defaultdict(_Cell)
        for name, checked, looked, chance, tasks, accepted, judged, square, product, *_ in self.rows:
            cell = cells[name]
            said = Fraction(judged) / looked if looked else self.judged * tasks
            cell.squares += Fraction(square) / looked**2 if looked else self.judged**2 * tasks
            if not (chance and checked):
                cell.others += tasks
                cell.others_judge += said
                if chance:
                    cell.missing += tasks / Fraction(chance)
                continue
            weight, label = 1 / Fraction(chance), Fraction(accepted) / checked
            cell.drawn += tasks
            cell.drawn_judge += said
            cell.weight += weight * tasks
            cell.people += weight * label
            cell.judge += weight * said
            both = Fraction(product) / (checked * looked) if looked else self.judged * label
            cell.product += weight * both
        ordered = [cells[name] for name in sorted(cells)]
        columns = {name: np.array([float(getattr(cell, name)) for cell in ordered]) for name in _FIELDS}
        return Labels(**columns, times=np.ones(len(ordered)))

    def by_month(self) -> dict[str, MonthCounts]:
        """The same clusters in every month."""
        cells = sorted({cell for month in self.months.values() for cell in month})
        found = {}
        for month, counted in self.months.items():
            table = np.array([counted.get(cell, (0, 0, 0, 0)) for cell in cells], dtype=np.float64)
            found[month] = MonthCounts(table[:, 0], table[:, 1], table[:, 2], table[:, 3])
        return found


def looked_at(
    rows: Iterable[Sequence[Any]], month_rows: Iterable[Sequence[Any]]
) -> Mapping[tuple[str, str], Looked]:
    """By use case and way of working, from the rows of the two queries."""
    found: defaultdict[tuple[str, str], Looked] = defaultdict(Looked)
    for use_case, arm, *rest in rows:
        found[use_case, arm].rows.append(tuple(rest))
    for use_case, arm, month, cell, *counted in month_rows:
        of = found[use_case, arm].months.setdefault(month.strftime("%Y-%m"), {})
        accepted, accepted_right, rejected, rejected_right = map(int, counted)
        of[cell] = (accepted, accepted_right, rejected, rejected_right)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected share with its variance, as `limits` needs them; one entry a repetition.

    `lean` is how far the figure leans on the judge: 0 is people's labels alone. `groups` are clusters with a
    label, `worth` is how many there are if all were of one weight (Kish), `rest` the people's labels less
    what is leant on the judge, `judges` the part of the variance that no further label takes away.
    """

    value: Floats
    variance: Floats
    lean: Floats
    groups: Floats
    worth: Floats
    rest: Floats
    judges: Floats


def lean(labels: Labels) -> Floats:
    """The slope of people's labels on the judge's, which makes the variance least; from 0 up.

    Of all tasks, labelled ones too: times N / (n + N) it is PPI++'s lambda (Angelopoulos, Duchi and Zrnic 2023,
    arXiv 2311.01453, example 6.1), which is held to 0 to 1.
    """
    weight, count = labels.total(labels.weight), labels.total(labels.drawn)
    rest = labels.total(labels.others)
    every = count + rest
    judged = (labels.total(labels.drawn_judge) + labels.total(labels.others_judge)) / every
    spread = (labels.total(labels.squares) - every * judged * judged) / (every - 1)
    together = labels.total(labels.product) / weight - (
        labels.total(labels.people) * labels.total(labels.judge) / weight**2
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(spread > 1e-12, together / spread, 0.0)
        most = np.where(rest > 0, every / rest, np.inf)
    return np.clip(slope, 0.0, most)


def corrected(labels: Labels, leaning: Floats | None = None, *, added: float = 1.0) -> Corrected:
    """mean(judge, all) x lean + mean(people - lean x judge, drawn), and its variance by cluster.

    Without `leaning`, as much as pays. A cluster's parts in both means count as one, so its tasks may depend
    on one another whether people saw them or not. To the spread, not to the figure, one case of either
    disagreement is added, of the largest weight: no sample shows all that can go wrong. With none `added` it is
    the plain variance of PPI++, too small where people and judge seldom differ; kept as a yardstick.
    """
    by = lean(labels) if leaning is None else np.asarray(leaning, dtype=np.float64)
    weight, count = labels.total(labels.weight), labels.total(labels.drawn)
    others = labels.total(labels.others)
    every = count + others
    said, judged = labels.total(labels.people) / weight, labels.total(labels.judge) / weight
    of_drawn = labels.total(labels.drawn_judge) / count
    with np.errstate(divide="ignore", invalid="ignore"):
        of_others = np.where(others > 0, labels.total(labels.others_judge) / others, 0.0)
        heavy = np.where(labels.drawn * labels.times > 0, labels.weight / labels.drawn, 0.0)
    largest = heavy.max(axis=-1)
    rest = said - by * judged
    value = rest + by * (of_drawn * count + of_others * others) / every
    case = added * largest
    whole = weight + 2 * case
    middle = (rest * weight + case * (1 - by)) / whole

    def across(value: Floats) -> Floats:
        return value[..., None]

    own = labels.people - across(by) * labels.judge - across(middle) * labels.weight
    of_judge = labels.others_judge - across(of_others) * labels.others
    of_judge = of_judge + labels.drawn_judge - across(of_drawn) * labels.drawn
    over = across(by / every) * of_judge
    variance = labels.total(np.square(own / across(whole) + over))
    extra = np.square(1 - middle) + np.square(by + middle)
    variance = variance + added * np.square(largest / whole) * extra
    groups = labels.total((labels.drawn > 0).astype(np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = variance * groups / (groups - 1)
    worth = weight**2 / labels.total(np.square(labels.weight))
    return Corrected(value, variance, by, groups, worth, rest, labels.total(np.square(over)))


def limits(value: float, variance: float, worth: float, critical: float) -> tuple[float, float]:
    """Wilson's limits of a share as if of value (1 - value) / variance cases, but no fewer than `worth`."""
    share = min(1.0, max(0.0, value))
    return wilson(share, max(worth, share * (1 - share) / variance), critical)


@dataclass(frozen=True, slots=True)
class Sampled:
    """The share of all work that people would accept, and how it was found.

    `method` is a key of docs/formulas.md: `judge-corrected`, `sampled` or `rogan-gladen`. `labels` are the tasks
    people checked, `tasks` all of them, `lean` how far the figure leans on the judge. `people` is what the
    labels say without the judge; `worth` how many labels without a judge would tell as much. `missing` is the
    share of the tasks drawn that nobody has checked.
    """

    value: float
    range: Range | Unknown
    method: str
    labels: int
    tasks: int
    lean: float = 0.0
    people: Range | None = None
    worth: float | None = None
    missing: float = 0.0
    notes: tuple[str, ...] = ()


def sampled(labels: Labels, *, judged: bool, level: float = LEVEL) -> Sampled | Unknown:
    """What people would accept of all work, from labels whose tasks were drawn by chance.

    Leans on the judge where it was `judged` and there are enough labels; else people's labels stand alone.
    Tasks drawn and not checked count as all rejected at the low end and all accepted at the high end.
    """
    count = float(labels.total(labels.drawn))
    tasks = count + float(labels.total(labels.others))
    if count <= 0:
        return Unknown(
            say("nobody has checked a task of the sample"),
            fix=say("fill in the sheet and read it with `payback sample --read FILE`"),
        )
    nothing = np.zeros(np.shape(labels.total(labels.drawn)))
    alone = corrected(labels, nothing)
    groups = int(alone.groups)
    share = float(labels.total(labels.missing))
    share /= share + float(labels.total(labels.weight))
    plain = _range(alone, share, "sampled", labels, level) if groups > 1 else None
    shown = Sampled(
        value=rounded(float(alone.value)),
        range=plain or _too_few(count, groups),
        method="sampled",
        labels=round(count),
        tasks=round(tasks),
        people=plain,
        missing=share,
    )
    if groups < FEWEST_GROUPS:
        return replace(shown, range=_too_few(count, groups), people=None)
    if not judged:
        return shown
    if count < FEWEST_LABELS:
        few = say(
            "people checked {labels} of these tasks; the judge counts from {fewest} on",
            labels=round(count),
            fewest=FEWEST_LABELS,
        )
        return replace(shown, notes=(few,))
    # Not people's range where the judge tells nothing: which of the two is printed must not hang on the sample.
    best = corrected(labels)
    told: tuple[str, ...] = ()
    if best.lean <= 0:
        told = (say("the judge says nothing of what people accept here, so their checks stand alone"),)
    return replace(
        shown,
        value=rounded(min(1.0, max(0.0, float(best.value)))),
        range=_range(best, share, "judge-corrected", labels, level),
        method="judge-corrected",
        lean=rounded(float(best.lean) * (1 - count / tasks)),
        worth=rounded(count * float(alone.variance / best.variance)),
        notes=told,
    )


def more_labels(labels: Labels, width: float, *, judged: bool, level: float = LEVEL) -> int | Unknown:
    """How many more labels would make the range no wider than `width`, if they are like those there are.

    Unknown where not even a label on every task would: then the judge's own spread is in the way.
    """
    found = corrected(labels, None if judged else np.zeros(np.shape(labels.total(labels.drawn))))
    count = float(labels.total(labels.drawn))
    tasks = count + float(labels.total(labels.others))
    fixed = float(found.judges)
    variable = max(0.0, float(found.variance) - fixed) * count

    def wide(number: float) -> float:
        clusters = max(2, round(float(found.groups) * number / count))
        low, high = limits(
            float(found.value),
            fixed + variable / number,
            float(found.worth) * number / count,
            student(clusters, level),
        )
        return high - low

    if wide(tasks) > width:
        return Unknown(
            say("not even a check of all {tasks} tasks gives so narrow a range", tasks=round(tasks)),
            fix=say("widen the period, so that there are more tasks, or ask for a wider range"),
        )
    low, high = count, tasks
    if wide(low) <= width:
        return 0
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (low, middle) if wide(middle) <= width else (middle, high)
    return math.ceil(high - count)


def _range(found: Corrected, missing: float, method: str, labels: Labels, level: float) -> Range:
    groups, by, rest = int(found.groups), float(found.lean), float(found.rest)
    ends = {}
    for each in (*BANDS, level):
        low, high = limits(
            float(found.value), float(found.variance), float(found.worth), student(groups, each)
        )
        ends[each] = (
            rounded(max(0.0, low - missing * (rest + by))),
            rounded(min(1.0, high + missing * (1 - rest))),
        )
    return Range(
        low=ends[level][0],
        high=ends[level][1],
        method=method,
        sentence=say(
            "from people's checks in {groups} independent cases or groups, and the judge on all tasks",
            groups=groups,
        )
        if method == "judge-corrected"
        else say(
            "from people's checks in {groups} independent cases or groups drawn by chance", groups=groups
        ),
        level=level,
        bands=tuple((each, *ends[each]) for each in BANDS if each < level),
        clusters=groups,
        size=rounded(float(labels.total(labels.drawn)) / groups),
    )


def _too_few(count: float, groups: int) -> Unknown:
    return Unknown(
        say(
            "{labels} checks in {groups} independent cases or groups are too few for a range; it takes {fewest}",
            labels=round(count),
            groups=groups,
            fewest=FEWEST_GROUPS,
        ),
        fix=say("check more of the sample, or draw a larger one with `payback sample`"),
    )


def rogan_gladen(
    agreement: Agreement,
    judged: float,
    tasks: float,
    *,
    groups: float | None = None,
    level: float = LEVEL,
) -> Sampled | Unknown:
    """(judged + specificity - 1) / (sensitivity + specificity - 1): Rogan and Gladen 1978.

    For labels that were picked, if the judge is as often right about them as about all others. `judged` is the
    share of `tasks` the judge accepted, `groups` how many independent cases or groups they are. Limits: Lang and
    Reiczigel 2014, with every group counted as one case.
    """
    if refused := _cannot_carry(agreement):
        return refused
    sensitivity = agreement.both / agreement.accepted
    specificity = agreement.neither / agreement.rejected
    value = (judged + specificity - 1) / (sensitivity + specificity - 1)
    each = min(1.0, (groups or tasks) / tasks)
    ends = {}
    for one in (*BANDS, level):
        low, high = lang_reiczigel(agreement, judged, tasks, normal(one), worth=each)
        ends[one] = rounded(min(1.0, max(0.0, low))), rounded(min(1.0, max(0.0, high)))
    return Sampled(
        value=rounded(min(1.0, max(0.0, value))),
        range=Range(
            low=ends[level][0],
            high=ends[level][1],
            method="rogan-gladen",
            sentence=say("if the judge is as often right about all tasks as about those people checked"),
            level=level,
            bands=tuple((one, *ends[one]) for one in BANDS if one < level),
            clusters=round(groups or tasks),
        ),
        method="rogan-gladen",
        labels=round(agreement.count),
        tasks=round(tasks),
        lean=1.0,
    )


def lang_reiczigel(
    agreement: Agreement, judged: float, tasks: float, critical: float, *, worth: float = 1.0
) -> tuple[float, float]:
    """Limits of Rogan and Gladen's figure: a case added here and there, and a shift (Lang and Reiczigel 2014).

    `worth` is what one task counts, less than 1 where tasks of a group are alike.
    """
    square = critical * critical
    yes, no, every = agreement.accepted * worth, agreement.rejected * worth, tasks * worth
    sensitivity = (agreement.both * worth + 1) / (yes + 2)
    specificity = (agreement.neither * worth + 1) / (no + 2)
    seen = (judged * every + square / 2) / (every + square)
    telling = sensitivity + specificity - 1
    share = (seen + specificity - 1) / telling
    of_yes = sensitivity * (1 - sensitivity) / (yes + 2)
    of_no = specificity * (1 - specificity) / (no + 2)
    shift = 2 * square * (share * of_yes - (1 - share) * of_no)
    spread = seen * (1 - seen) / (every + square) + (1 - share) ** 2 * of_no + share**2 * of_yes
    half = critical / telling * math.sqrt(spread)
    return share + shift - half, share + shift + half


def _cannot_carry(agreement: Agreement) -> Unknown | None:
    if min(agreement.accepted, agreement.rejected) < FEWEST_OF_EACH:
        return Unknown(
            say(
                "people accepted {accepted} and rejected {rejected} of the tasks they checked; "
                "it takes {fewest} of each to say how often the judge is right",
                accepted=round(agreement.accepted),
                rejected=round(agreement.rejected),
                fewest=FEWEST_OF_EACH,
            ),
            fix=say("check more tasks: draw them with `payback sample`"),
        )
    telling = agreement.both / agreement.accepted + agreement.neither / agreement.rejected - 1
    if telling < LEAST_TELLING:
        return Unknown(
            say("the judge accepts what people reject nearly as often as what they accept"),
            fix=say("change the judge, or check a random sample: `payback sample`"),
        )
    return None


def not_random(picked: int) -> Unknown:
    """The refusal of labels that nobody drew by chance."""
    return Unknown(
        say(
            "people checked {labels} tasks without a known chance of being drawn, so they may be picked ones",
            labels=picked,
        ),
        fix=say(
            "draw a sample with `payback sample`, fill label_probability, or set carries_over = true "
            "under judge if it is as often right about them as about all others"
        ),
    )
