"""What is said of spending still to come, of the budget, the kill line, and of what deserves a look. No calculation.

Simulated money is rounded; a range stands only where it holds (docs/coverage/burn.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from payback.measures.returns.burn_series import Every, Trailing
from payback.records import Money, Unknown


@dataclass(frozen=True, slots=True)
class Bands:
    """The middle of the futures; `ends` are (level, low, high), inner ones first, empty where none holds."""

    middle: Decimal
    ends: tuple[tuple[Decimal, Decimal, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class PeriodAhead:
    """A week or month to come: its last day, what is spent in it, and all that is spent by then since the start."""

    until: date
    spent: Bands
    to_date: Bands


@dataclass(frozen=True, slots=True)
class CategoryAhead:
    """What a category takes over all periods ahead; `name` is its word on a page."""

    category: str
    name: str
    total: Bands


@dataclass(frozen=True, slots=True)
class CommittedAhead:
    """A contract that runs on: what falls due each month until its last."""

    what: str
    a_month: Money
    until: date


@dataclass(frozen=True, slots=True)
class SpendForecast:
    """Spending by week or month ahead; `known` whole periods stand behind it."""

    every: Every
    known: int
    since: date
    periods: tuple[PeriodAhead, ...]
    categories: tuple[CategoryAhead, ...]
    total: Bands  # over all periods ahead
    committed: tuple[CommittedAhead, ...]
    method: str  # key of docs/formulas.md
    draws: int
    seed: int

    @property
    def until(self) -> date:
        """The last day looked at."""
        return self.periods[-1].until


@dataclass(frozen=True, slots=True)
class Chance:
    """Of 1 future, the share in which it has happened by the end of that day, and the simulation error."""

    by: date
    share: Decimal
    error: Decimal | None


@dataclass(frozen=True, slots=True)
class RunwayAhead:
    """When the budget is used up, in 1, 5 and 9 of 10 futures; None is: not within the time looked at.

    `before_end` is the share of futures in which it is before `end`, the last day the budget is for.
    """

    budget: Money
    left: Money
    early: date | None
    middle: date | None
    late: date | None
    not_within: Decimal
    error: Decimal | None
    until: date
    end: date | None
    before_end: Decimal | None
    says: str


@dataclass(frozen=True, slots=True)
class KillAhead:
    """How likely the kill line is crossed by the end of each period; `likely_on`: when in more than half."""

    line: Money
    unless_accepted: int
    chances: tuple[Chance, ...]
    likely_on: date | None
    says: str


@dataclass(frozen=True, slots=True)
class AboveForecast:
    """The last weeks or month against what was forecast for them from the time before."""

    since: date
    until: date
    spent: Money
    middle: Money
    high: Money
    is_above: bool


class AlertKind(Enum):
    """What an alert is about."""

    BUDGET = "budget used up"
    KILL_LINE = "kill line likely"
    ABOVE = "above forecast"
    GATE = "gate due"
    COMMITTED = "committed spending ends"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something ahead that deserves a look; it moves no verdict."""

    kind: AlertKind
    says: str
    on: date | None = None
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BurnAhead:
    """Trailing spending by category, the forecast of it, and what follows. None: nothing was set to look at."""

    trailing: tuple[tuple[str, Trailing], ...]  # the word of the category on a page; the last is all of it
    forecast: SpendForecast | Unknown
    runway: RunwayAhead | Unknown | None
    kill: KillAhead | Unknown | None
    above: AboveForecast | None
    notes: tuple[str, ...]
