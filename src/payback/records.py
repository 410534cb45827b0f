"""The nouns everything speaks: money, periods, evidence, where a figure came from, what is not known.

Nothing here reads a file, runs a query or imports another room (only the catalogue of words).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import Enum, IntEnum

from payback.locale import say

PICO = 10**12
"""The engine counts money in whole 10^-12 of the currency; so do prices per token."""


class PaybackError(Exception):
    """A wrong call or a broken project file: what is wrong, where, and how to mend it.

    `code` names the entry in docs/errors.md.
    """

    def __init__(self, code: str, message: str, *, fix: str = "", where: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.fix, self.where = code, message, fix, where

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  {self.fix}" if self.fix else head


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount of one currency. Two currencies never add."""

    amount: Decimal
    currency: str

    @classmethod
    def of_pico(cls, pico: int, currency: str) -> Money:
        """From whole 10^-12 of the currency, as the engine returns it."""
        return cls(Decimal(pico).scaleb(-12), currency)

    @property
    def pico(self) -> int:
        """Whole 10^-12 of the currency, rounded half to even."""
        return int(self.amount.scaleb(12).to_integral_value(ROUND_HALF_EVEN))

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.amount * factor, self.currency)

    def __truediv__(self, divisor: Decimal | int) -> Money:
        return Money(self.amount / Decimal(divisor), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise PaybackError(
                "two-currencies",
                say("{a} and {b} do not add", a=self.currency, b=other.currency),
                fix=say("add dated rates under [[currency_rates]] in payback.toml"),
            )
        return other.amount


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first_day` to `first_day_after`, the last one not included."""

    first_day: date
    first_day_after: date

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day < self.first_day_after

    @property
    def days(self) -> int:
        return (self.first_day_after - self.first_day).days


class Evidence(IntEnum):
    """How an amount is known, weakest first, so that `min` of several is what the sum is worth."""

    CLAIMED = 0  # a pitch, a press line
    ESTIMATED = 1  # a range somebody gave
    MEASURED = 2  # a log, a checked sample
    BILLED = 3  # an invoice
    BOOKED = 4  # in the accounts, money received

    @property
    def word(self) -> str:
        return {
            Evidence.CLAIMED: say("claimed"),
            Evidence.ESTIMATED: say("estimated"),
            Evidence.MEASURED: say("measured"),
            Evidence.BILLED: say("billed"),
            Evidence.BOOKED: say("in the accounts"),
        }[self]

    @property
    def key(self) -> str:
        """The word in files and JSON: booked, billed, measured, estimated, claimed."""
        return self.name.lower()

    @property
    def counts_as_back(self) -> bool:
        """Whether money known this way counts as having come back."""
        return self >= Evidence.MEASURED


class Effect(Enum):
    """How it is known that the AI caused a difference."""

    RANDOMISED = "randomised"
    CONTROLLED = "controlled"
    BEFORE_AFTER = "before/after"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Origin:
    """The file, and the row in it where known; row 1 is the header, as a spreadsheet counts."""

    file: str
    row: int | None = None
    column: str | None = None
    rows: int | None = None  # how many rows stand behind a figure
    note: str = ""  # who said it, or where to read it

    def __str__(self) -> str:
        return f"{self.file}:{self.row}" if self.row is not None else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """Something kept a row, or part of it, out; or is odd enough to say. Bad rows are data.

    `code` names the entry in docs/errors.md. `rows` counts how many rows share the problem when
    only the first few are listed one by one. `left_out` is False where the row still counts.
    """

    code: str
    what: str
    fix: str
    origin: Origin | None = None
    rows: int = 1
    left_out: bool = True

    def __str__(self) -> str:
        head = f"{self.origin}: " if self.origin else ""
        return f"{head}{self.what}\n  {self.fix}"


@dataclass(frozen=True, slots=True)
class Interval:
    """A range and how it was made. `high` None is: no upper limit can be given.

    `method` is a key of docs/formulas.md; `sentence` says in plain words what the range is.
    `level` is the nominal coverage; bounds for missing data have `level` None: they are limits.
    """

    low: Decimal | None
    high: Decimal | None
    method: str
    level: Decimal | None = Decimal("0.95")
    sentence: str = ""
    bands: tuple[tuple[Decimal, Decimal, Decimal], ...] = ()  # (level, low, high), for 50 and 80 %


@dataclass(frozen=True, slots=True)
class Unknown:
    """A figure that cannot be had: why, and what would give it."""

    reason: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """One number that went into a figure, in words and digits, with how it is known."""

    name: str
    value: str
    evidence: Evidence | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number somebody may sign.

    `value` is in `unit` ("count", "share", "hours", "ratio", "months") or, where `currency` is
    set, that money, per `per` if given ("issue resolved"). `interval` is sampling or declared
    uncertainty; `bounds` are the least and most it can be given what is missing. `count` is how
    many `counted` (tasks, clusters) it rests on. `formula` is a key of docs/formulas.md.
    """

    name: str
    value: Decimal
    unit: str
    formula: str
    evidence: Evidence
    currency: str | None = None
    per: str | None = None
    period: Period | None = None
    interval: Interval | None = None
    bounds: Interval | None = None
    count: int | None = None
    counted: str = ""
    inputs: tuple[Input, ...] = ()
    origins: tuple[Origin, ...] = ()
    omissions: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def money(self) -> Money:
        """The value as money; only for figures with a currency."""
        if self.currency is None:
            raise TypeError(f"{self.name} is not money")
        return Money(self.value, self.currency)

    @property
    def only_a_least(self) -> bool:
        """Whether all that is known is that it is this much or more."""
        bounds = self.bounds
        return self.interval is None and bounds is not None and bounds.low is not None and bounds.high is None
