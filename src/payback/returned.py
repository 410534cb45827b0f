"""What lies ahead of a use case, as one run found it: the records that reports draw. No calculation.

Simulated money is rounded to what its simulation error allows. Months count from the first money out
where there was any, else from now; `now` is how many months that is ago.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from payback.days import months_on
from payback.records import Evidence, Figure, Money, Origin, Unknown


@dataclass(frozen=True, slots=True)
class InputLine:
    """One input: what was said or measured, and how it was understood.

    `low` and `high` are its 5 % and 95 % points, equal where it is taken as known. `unit` is money, share,
    minutes, units, growth or factor.
    """

    key: str
    label: str
    written: str
    low: Decimal
    median: Decimal
    mean: Decimal
    high: Decimal
    unit: str
    shape: str
    evidence: Evidence
    by: str = ""
    origin: Origin | None = None

    @property
    def is_known(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Within:
    """Of 1 future, the share in which it has happened by the end of that month, and the simulation error."""

    month: Decimal
    share: Decimal
    error: Decimal | None


@dataclass(frozen=True, slots=True)
class PathPoint:
    """Money back less money out up to the end of a month; `ends` are (level, low, high) of what is simulated."""

    month: Decimal
    amount: Decimal
    ends: tuple[tuple[Decimal, Decimal, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """What going on is worth when one input stands at either end of its 90 % range, the others at their medians."""

    key: str
    label: str
    unit: str
    low: Decimal
    high: Decimal
    worth_at_low: Decimal
    worth_at_high: Decimal
    flips: bool
    evidence: Evidence
    low_words: str = ""
    high_words: str = ""


@dataclass(frozen=True, slots=True)
class BreaksEven:
    """The value of an input at which going on is worth nothing; `chance` that it lies on the losing side."""

    key: str
    label: str
    unit: str
    value: Decimal
    chance: Decimal


@dataclass(frozen=True, slots=True)
class Measurement:
    """Something to measure before deciding: how many `cases`, what that costs and is worth at most.

    `cases` None: no number of cases is meant, `worth` is then of knowing it exactly. `costs` None: not known.
    `pays` is whether it is worth more than it costs.
    """

    key: str
    what: str
    cases: int | None
    costs: Money | None
    worth: Money
    why: str
    pays: bool


@dataclass(frozen=True, slots=True)
class WorthLine:
    """What it would be worth to this decision to know something exactly; `evidence` is how it is known today."""

    key: str
    label: str
    worth: Money
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that could be done now: what it is worth on average, and what choosing it may be regretted by.

    `regret` is the mean by which another choice would have been better, `regret_high` what it is more than in
    1 of 20 futures. `best` is how often no other choice is better.
    """

    key: str  # go_on, stop, wait_3, pilot
    label: str
    worth: Money
    error: Decimal | None
    loss: Decimal
    regret: Money
    regret_high: Money
    best: Decimal
    months_waited: int = 0


@dataclass(frozen=True, slots=True)
class RiskLine:
    """Something that may happen: how likely within the months looked at, and what it takes from the mean worth."""

    name: str
    kind: str
    chance: Decimal
    takes: Money


@dataclass(frozen=True, slots=True)
class VendorLine:
    """A vendor of models and its share of what models cost; of the calls where no cost is known."""

    name: str
    share: Decimal
    calls: int


@dataclass(frozen=True, slots=True)
class YearAhead:
    """Money of one year ahead, means over the futures."""

    first_month: int
    last_month: int
    saved: Money
    gained: Money
    out: Money


@dataclass(frozen=True, slots=True)
class Returns:
    """Whether the money comes back from here on, and how likely.

    `worth` is what going on is worth more than stopping now, over `months` from `start`; `loss` the chance that
    it is worth less. `back_in` is the month in which everything spent has come back, counting what was spent
    before; `never` the share of futures in which it does not. `rate` is the yearly internal rate of return from
    here on. `share_needed` is the share of what is saved that must turn into money.
    """

    currency: str
    months: int
    start: date
    discount_rate: Decimal | None
    now: Decimal
    worth: Figure | Unknown
    loss: Figure | Unknown
    back_in: Figure | Unknown
    never: Decimal | None
    dots: tuple[Decimal | None, ...]
    within: tuple[Within, ...]
    history: tuple[PathPoint, ...]
    path: tuple[PathPoint, ...]
    rate: Figure | Unknown
    share_needed: Figure | Unknown | None
    falls_due: Money
    stopping: Money
    inputs: tuple[InputLine, ...]
    moved: tuple[Moved, ...]
    as_assessed: Decimal | None
    breaks_even: tuple[BreaksEven, ...]
    knowing_all: Money | None
    measure_next: tuple[Measurement, ...]
    choices: tuple[Choice, ...]
    risks: tuple[RiskLine, ...]
    years: tuple[YearAhead, ...]
    notes: tuple[str, ...] = field(default=())
    draws: int = 0
    seed: int = 0
    knowing: tuple[WorthLine, ...] = ()
    vendors: tuple[VendorLine, ...] = ()
    switching: InputLine | None = None

    @property
    def is_known(self) -> bool:
        return isinstance(self.worth, Figure)

    def choice(self, key: str) -> Choice:
        """One of the choices. Raises KeyError."""
        for each in self.choices:
            if each.key == key:
                return each
        raise KeyError(key)

    @property
    def best(self) -> Choice | None:
        """What is worth most on average; None where nothing is known."""
        return max(self.choices, key=lambda each: each.worth.amount, default=None)

    @property
    def pilot(self) -> Choice | None:
        """Trying first, where a pilot is stated."""
        return next((each for each in self.choices if each.key == "pilot"), None)

    def start_after(self, months: int) -> date:
        """The day it would go on after waiting."""
        return months_on(self.start, months)


@dataclass(frozen=True, slots=True)
class WayToDo:
    """One way of having the work done: what a month of it costs whatever is done (`fixed`), and a unit (`per_unit`).

    `kind` is build, tune, call, agent, rules, people, nothing, or `measured` of a way of working that has rows.
    `cost` is that of a month at today's volume, `cheapest` in what share of futures no other way is cheaper at it,
    `limit` the most units a month it can do, `too_many` the share of futures in which there are more.
    """

    key: str
    name: str
    kind: str
    evidence: Evidence
    fixed: Money
    per_unit: Money
    limit: Decimal | None
    cost: Figure | Unknown
    cheapest: Decimal | None
    too_many: Decimal | None


@dataclass(frozen=True, slots=True)
class BreakEvenVolume:
    """The units a month at which two ways cost the same on average: `below` is cheaper under it, `above` over it.

    `volume` None: there is none; then `always` is cheaper at every volume, or neither is. `chance` is the share of
    futures with such a volume, `low` and `high` its 90 % range among them.
    """

    below: str
    above: str
    volume: Decimal | None
    always: str | None
    chance: Decimal
    low: Decimal | None
    high: Decimal | None
    says: str


@dataclass(frozen=True, slots=True)
class CheapestFor:
    """From `start` to `end` units a month (None: no end) the way that costs least on average; None: no way can.

    `chance` is the share of futures in which it is the cheapest at the volume `at`.
    """

    start: Decimal
    end: Decimal | None
    way: str | None
    at: Decimal
    chance: Decimal


@dataclass(frozen=True, slots=True)
class OwnOrCall:
    """The ways of having the work done side by side. `missing` says why they cannot be held against each other.

    `volume` is units a month today. `chances` has, for each way, how often it is the cheapest at each volume of
    `grid`. What is paid once is spread over `months`, with interest at `discount_rate` where one is given.
    """

    months: int
    discount_rate: Decimal | None
    volume: Figure | Unknown
    ways: tuple[WayToDo, ...]
    break_evens: tuple[BreakEvenVolume, ...]
    cheapest: tuple[CheapestFor, ...]
    grid: tuple[Decimal, ...]
    chances: tuple[tuple[str, tuple[Decimal, ...]], ...]
    headline: str
    notes: tuple[str, ...]
    missing: Unknown | None = None
    draws: int = 0
    seed: int = 0

    def way(self, key: str | None) -> WayToDo | None:
        """The way of that key."""
        return next((each for each in self.ways if each.key == key), None)
