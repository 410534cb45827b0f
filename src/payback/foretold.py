"""What somebody said would come: the noun, the quantities it may be about, and what is no forecast at all.

A `Foretold` is one person's word on one quantity of one use case in one period: an amount, a range he is 90 %
sure of, quantiles, or the chance that something happens. `Told` is the same beside what came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Literal

from payback import days
from payback.locale import say, say_count
from payback.numbers import count, number
from payback.records import Evidence, Period, Problem, Unknown
from payback.tables import VALUE_KINDS

VALUE, SPEND, ACCEPTED, ACCEPTANCE = "value", "spend", "accepted", "acceptance"
UNIT_COST, HOURS, PAID_BACK, NET = "unit cost", "hours freed", "paid back", "net"
GATE = "gate "
"""A gate is foretold as `gate NAME`: the chance that it is passed by the end of the period."""

MONEY = frozenset({VALUE, SPEND, NET, UNIT_COST, *VALUE_KINDS})
COSTS = frozenset({SPEND, UNIT_COST})
"""Quantities of which more is worse: optimism says too little."""
QUANTITIES = (VALUE, *VALUE_KINDS, HOURS, SPEND, NET, UNIT_COST, ACCEPTED, ACCEPTANCE, PAID_BACK)
_ALSO = {
    "money back": VALUE,
    "value back": VALUE,
    "cost": SPEND,
    "money out": SPEND,
    "hours": HOURS,
    "payback": PAID_BACK,
    "payback month": PAID_BACK,
    "money is back": PAID_BACK,
}

Via = Literal["payback.toml", "rows", "added", "assessment"]
ASSESSMENT = "payback"
"""Who made the forecasts of an assessment."""

LOW, MIDDLE, HIGH = Decimal("0.05"), Decimal("0.5"), Decimal("0.95")
LEAST_CHANCE = Decimal("0.001")
"""A simulation is never surer than this: that nothing like it was drawn does not make it impossible."""
MOST = Decimal("1e15")


@dataclass(frozen=True, slots=True)
class Foretold:
    """One forecast. `low` is `high` where one number was said; `quantiles` are (share below, value), rising.

    `period` None: it was not said for when. `made_on` None: the day is not known. Money is in `currency`.
    """

    use_case: str
    quantity: str
    period: Period | None
    made_on: date | None
    made_by: str
    low: Decimal | None = None
    high: Decimal | None = None
    quantiles: tuple[tuple[Decimal, Decimal], ...] = ()
    chance: Decimal | None = None
    currency: str = ""
    evidence: Evidence = Evidence.CLAIMED
    source: str = ""
    via: Via = "added"

    @property
    def yes_or_no(self) -> bool:
        """Whether it is about something that happens or does not."""
        return of_yes_or_no(self.quantity)

    def quantile(self, share: Decimal) -> Decimal | None:
        """The value that this share lies below, evenly between the quantiles said; None outside of them."""
        for (low, value), (high, above) in zip(self.quantiles, self.quantiles[1:], strict=False):
            if low <= share <= high:
                return value + (above - value) * (share - low) / (high - low)
        return self.quantiles[0][1] if len(self.quantiles) == 1 and self.quantiles[0][0] == share else None

    @property
    def by_assessment(self) -> bool:
        return self.via == "assessment"

    @property
    def ends(self) -> tuple[Decimal, Decimal] | None:
        """The ends of its 90 % range, where it has one."""
        if self.quantiles:
            low, high = self.quantile(LOW), self.quantile(HIGH)
            return None if low is None or high is None else (low, high)
        if self.low is None or self.high is None or self.low == self.high:
            return None
        return self.low, self.high


def of_yes_or_no(quantity: str) -> bool:
    """Whether a quantity happens or does not, and so takes a chance."""
    return quantity == PAID_BACK or quantity.startswith(GATE)


def quantity_of(text: str) -> str | None:
    """The quantity a word means: `cost` is spend, `value_back` is value; None for an unknown one."""
    words = " ".join(text.replace("_", " ").split())
    plain = words.casefold()
    if plain.startswith(GATE) and len(words) > len(GATE):
        return GATE + words[len(GATE) :]
    return plain if plain in QUANTITIES else _ALSO.get(plain)


def unit_of(quantity: str) -> str:
    """money, count, share, hours or yes or no: keys, not words for people."""
    if of_yes_or_no(quantity):
        return "yes or no"
    return "money" if quantity in MONEY else {HOURS: "hours", ACCEPTANCE: "share"}.get(quantity, "count")


def words_of(quantity: str) -> str:
    """What a page calls it."""
    if quantity.startswith(GATE):
        return say("gate “{gate}” passed", gate=quantity[len(GATE) :])
    return {
        VALUE: say("money back"),
        SPEND: say("money out"),
        NET: say("money back less money out"),
        ACCEPTED: say("results accepted"),
        ACCEPTANCE: say("share accepted"),
        UNIT_COST: say("money out per accepted result"),
        HOURS: say("hours freed"),
        PAID_BACK: say("the money is back"),
        "revenue won": say("revenue won"),
        "revenue kept": say("revenue kept"),
        "spend removed": say("spend removed"),
        "spend avoided": say("spend avoided"),
        "loss avoided": say("loss avoided"),
        "time freed": say("time freed, in money"),
    }.get(quantity, quantity)


def period_text(period: Period) -> str:
    """2026, 2026-Q3, 2026-03 or FIRST..END: what `days.read_period` reads."""
    first = period.first_day
    for text in (f"{first:%Y}", f"{first:%Y}-Q{(first.month + 2) // 3}", f"{first:%Y-%m}"):
        if days.read_period(text) == period:
            return text
    return f"{first.isoformat()}..{period.first_day_after.isoformat()}"


def fault(said: Foretold) -> str:
    """Why it is no forecast that could ever be held against what came; empty where it is one."""
    return _fault_of_amounts(said) or _fault_of_time(said)


def _fault_of_time(said: Foretold) -> str:
    if said.period is not None and said.period.first_day >= said.period.first_day_after:
        return say("its period has no day")
    if said.period is None or said.made_on is None or said.made_on < said.period.first_day_after:
        return ""
    return say(
        "{period} was over on {day}, before it was said on {made}",
        period=period_text(said.period),
        day=days.day(days.last_day(said.period)),
        made=days.day(said.made_on),
    )


def _fault_of_amounts(said: Foretold) -> str:
    amounts = [
        each for each in (said.low, said.high, *(value for _, value in said.quantiles)) if each is not None
    ]
    if said.yes_or_no:
        if said.chance is None or amounts:
            return say("{quantity} happens or does not: it takes a chance", quantity=words_of(said.quantity))
        if not 0 < said.chance < 1:
            return say(
                "a chance of {chance} is a promise that nothing can go otherwise: write one between 0 % and 100 %",
                chance=said.chance,
            )
        return ""
    if said.chance is not None:
        return say("{quantity} is an amount: it takes a low and a high end", quantity=words_of(said.quantity))
    if not amounts or (said.low is None) != (said.high is None):
        return say("it says no amount")
    if any(not each.is_finite() or abs(each) > MOST for each in amounts):
        return say("an amount is too large to be meant")
    if said.low is not None and said.high is not None and said.low > said.high:
        return say("the low end {low} is above the high end {high}", low=said.low, high=said.high)
    shares, values = [each[0] for each in said.quantiles], [each[1] for each in said.quantiles]
    if shares != sorted(set(shares)) or values != sorted(values):
        return say("its quantiles do not rise")
    if said.quantity != NET and any(each < 0 for each in amounts):
        return say("an amount is below 0")
    if said.quantity == ACCEPTANCE and any(each > 1 for each in amounts):
        return say("a share is 0 to 1: 0.85 for 85 %")
    return ""


def ahead(
    use_case: str,
    made_on: date,
    currency: str,
    *,
    paid_back: Mapping[date, float],
    amounts: Mapping[tuple[str, date], Mapping[float, float]],
    begins: date | None = None,
) -> tuple[Foretold, ...]:
    """What an assessment says of the time after its last day of data, `made_on`.

    `paid_back`: the chance that the money is back before a day. `amounts`: (quantity, first day after), such as
    ("value", 2027-04-01), with values by the share below them, such as {0.05: 10.0, 0.5: 20.0, 0.95: 40.0}.
    Every period begins on the day after `made_on`, or on `begins`. Numbers are rounded to six digits, so that
    the same files give the same line on any machine.
    """
    begins = begins or date.fromordinal(made_on.toordinal() + 1)
    said: list[Foretold] = []
    for after, chance in sorted(paid_back.items()):
        held = min(max(_digits(chance), LEAST_CHANCE), 1 - LEAST_CHANCE)
        said.append(_own(use_case, PAID_BACK, Period(begins, after), made_on, chance=held))
    for (quantity, after), shares in sorted(amounts.items()):
        values = tuple((_digits(share), _digits(shares[share])) for share in sorted(shares))
        said.append(
            _own(
                use_case,
                quantity,
                Period(begins, after),
                made_on,
                quantiles=values,
                currency=currency if quantity in MONEY else "",
            )
        )
    return tuple(said)


def _own(
    use_case: str,
    quantity: str,
    period: Period,
    made_on: date,
    *,
    quantiles: tuple[tuple[Decimal, Decimal], ...] = (),
    chance: Decimal | None = None,
    currency: str = "",
) -> Foretold:
    return Foretold(
        use_case, quantity, period, made_on, ASSESSMENT, quantiles=quantiles, chance=chance,
        currency=currency, evidence=Evidence.ESTIMATED, via="assessment",
    )  # fmt: skip


def _digits(value: float) -> Decimal:
    return Decimal(f"{value:.6g}").normalize() + 0


# --- beside what came -------------------------------------------------------------------------------


class State(Enum):
    """How a forecast stands."""

    OPEN = "open"  # its period is not over
    CAME = "came"
    NOT_KNOWN = "not known"  # its period is over, and nothing says what came
    SAID_AGAIN = "said again"  # the same person put it otherwise on the same day
    WITHDRAWN = "withdrawn"

    @property
    def word(self) -> str:
        return {
            State.OPEN: say("open"),
            State.CAME: say("came"),
            State.NOT_KNOWN: say("not known yet"),
            State.SAID_AGAIN: say("said again"),
            State.WITHDRAWN: say("withdrawn"),
        }[self]


@dataclass(frozen=True, slots=True)
class Next:
    """What an estimate is multiplied by. `low` and `high` None: a default, from `cases` too few past ones."""

    ratio: float
    low: float | None
    high: float | None
    cases: int

    @property
    def is_default(self) -> bool:
        return self.low is None


@dataclass(frozen=True, slots=True)
class Told:
    """One forecast beside what came. Amounts are in the project's currency, whatever it was said in.

    `middle` is the amount said, or the median of the range. `horizon` is how many months ahead it was said.
    `counted`: it is in the scores; of several about the same months by one person only the first is.
    `corrected` is low, middle and high of an open one by the past of who said it; `gone`: no longer said where
    it was.
    """

    said: Foretold
    key: str
    state: State
    middle: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    came: Decimal | None = None
    happened: bool | None = None
    why: str = ""
    notes: tuple[str, ...] = ()
    ratio: float | None = None
    hit: bool | None = None
    scores: tuple[tuple[str, float], ...] = ()
    place: float | None = None
    horizon: int | None = None
    counted: bool = False
    corrected: tuple[Decimal | None, Decimal, Decimal | None] | None = None
    corrected_by: Next | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """What somebody's past estimates came in at, of value or of cost, and what the next is multiplied by.

    `came_in_at` is the median of what came over what was said; None without a past case.
    """

    by: str
    costs: bool
    cases: int
    came_in_at: float | None
    next: Next

    @property
    def words(self) -> str:
        """Claims of M. Duarte came in at 0.4 of what was said in 6 past cases."""
        if self.came_in_at is None:
            return (
                say(
                    "{by}: no money out foretold before has come due here.", by=self.by or say("Nobody named")
                )
                if self.costs
                else say(
                    "{by}: nothing promised before has come due here.", by=self.by or say("Nobody named")
                )
            )
        ratio = number(Decimal(self.came_in_at), 2)
        if not self.came_in_at:
            return say_count(
                "Nothing came of what {by} promised in {cases} past case.",
                "Mostly nothing came of what {by} promised in {cases} past cases.",
                self.cases,
                by=self.by or say("nobody named"),
                cases=count(self.cases),
            )
        if self.costs:
            return say_count(
                "What {by} said of cost came in at {ratio} times that in {cases} past case.",
                "What {by} said of cost came in at {ratio} times that in {cases} past cases.",
                self.cases,
                by=self.by or say("nobody named"),
                ratio=ratio,
                cases=count(self.cases),
            )
        return say_count(
            "Claims of {by} came in at {ratio} of what was said in {cases} past case.",
            "Claims of {by} came in at {ratio} of what was said in {cases} past cases.",
            self.cases,
            by=self.by or say("nobody named"),
            ratio=ratio,
            cases=count(self.cases),
        )

    @property
    def next_words(self) -> str:
        """What the next is multiplied by, and by whose record."""
        ratio = number(Decimal(self.next.ratio), 2)
        if self.next.low is None or self.next.high is None:
            return (
                say(
                    "Money out is taken at {ratio} times it: a default, not this owner's record.", ratio=ratio
                )
                if self.costs
                else say(
                    "The next is taken at {ratio} of it: a default, not this owner's record.", ratio=ratio
                )
            )
        low, high = (number(Decimal(each), 2) for each in (self.next.low, self.next.high))
        return (
            say("Money out is taken at {ratio} times it ({low} to {high}).", ratio=ratio, low=low, high=high)
            if self.costs
            else say("The next is taken at {ratio} of it ({low} to {high}).", ratio=ratio, low=low, high=high)
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """Scored forecasts of one person so many months ahead; None where none of that kind was scored.

    `horizon` is (more than, up to) months, or None where the day it was said is not known. `miss` and `range_cost`
    are the mean continuous ranked probability score and interval score, each over what was said.
    """

    by: str
    horizon: tuple[int, int | None] | None
    count: int
    hits: int
    ranges: int
    hit_low: float | None
    hit_high: float | None
    brier: float | None
    log: float | None
    miss: float | None
    range_cost: float | None
    shape: tuple[int, ...] | Unknown


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """What was promised and what came, of a project: each forecast, each person's past, and the scores."""

    told: tuple[Told, ...] = ()
    tracks: tuple[Track, ...] = ()
    scores: tuple[Scores, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, use_case: str) -> tuple[Told, ...]:
        """What people foretold of a use case, without what assessments did."""
        return tuple(
            each
            for each in self.told
            if each.said.use_case == use_case
            and not each.said.by_assessment
            and each.state not in {State.SAID_AGAIN, State.WITHDRAWN}
        )
