"""What `usage` answers with. No calculation beyond adding up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from payback.records import Money, Period, Problem
from payback.usage.merged import Became
from payback.usage.metered import Metered
from payback.usage.overlap import Overlap
from payback.usage.paid import Bills
from payback.usage.unfinished import Unfinished
from payback.usage.waste import Waste


@dataclass(frozen=True, slots=True)
class Counted:
    """Calls together. Token counts are of the calls that log them; `unmetered` calls log no input or no output.

    `listed` is the list price of the calls that have one, `assumed` what of it rests on a cache rate
    nobody lists, taken at its most, `by_meter` what of it is charged by another measure than tokens; such a
    measure has no price in `unpriced_meters` of them. Of the others, `stated` sums what the logs themselves say they cost;
    `unpriced` calls have neither. `unfinished` calls log an output count written too early: theirs, and
    so the list price, is a lower bound. `uncounted` are sums of calls that nobody counted, which are not
    among `calls`, but each one record of the other counts; `at_least` are sums of which some prompts may
    have been long, and dearer.
    """

    calls: int
    fresh: int
    cached: int
    written: int
    out: int
    listed: Money
    assumed: Money
    stated: Money
    stated_calls: int
    unpriced: int
    unmetered: int
    unfinished: int
    by_meter: Money
    unpriced_meters: int
    uncounted: int
    at_least: int

    @property
    def cost(self) -> Money:
        """At list price; what the log states where there is none."""
        return self.listed + self.stated

    @property
    def records(self) -> int:
        """Calls, and sums of calls that nobody counted."""
        return self.calls + self.uncounted

    @property
    def or_more(self) -> bool:
        """Whether the cost is a lower bound."""
        return bool(
            self.unpriced or self.unmetered or self.unfinished or self.unpriced_meters or self.at_least
        )


@dataclass(frozen=True, slots=True)
class Row:
    """The calls of one group; `key` "" is not logged."""

    key: str
    counted: Counted


@dataclass(frozen=True, slots=True)
class NotPriced:
    """A model without a price: how many of its calls, and why."""

    model: str
    calls: int
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is paid each month whatever is used: `seats` times `monthly`, for a tool or a family of models.

    From `first_day` to `last_day`, both included; None is open.
    """

    name: str  # claude: tools and models whose name begins so
    seats: int
    monthly: Money
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class PlanPaid:
    """A plan over the months of the period: what it cost, and the list price of the calls it covers."""

    plan: Plan
    months: int
    paid: Money
    covered: Counted


@dataclass(frozen=True, slots=True)
class Usage:
    """The answer. `period` is from the first call's day to the last one's, None without calls.

    Where groups are `overlapping`, a call may stand in several rows, which then add up to more than the total.
    `future` calls were logged at a time that has not come yet.
    """

    by: str
    rows: tuple[Row, ...]
    overlapping: bool
    total: Counted
    timezone: str
    currency: str
    period: Period | None
    tools: tuple[str, ...]
    files: int
    copies: int
    overlaps: tuple[Overlap, ...]
    skipped: Mapping[str, int]
    lines_left_out: int
    not_priced: tuple[NotPriced, ...]
    meters: tuple[Metered, ...]
    unfinished: Unfinished | None
    future: int
    waste: Waste
    became: tuple[Became, ...]
    plans: tuple[PlanPaid, ...]
    bills: Bills | None  # None where no bill was read
    problems: tuple[Problem, ...]

    @property
    def paid(self) -> Money | None:
        """Everything known to have been paid, plans and bills; None where nothing is."""
        known = [plan.paid for plan in self.plans]
        if self.bills is not None and self.bills.paid is not None:
            known.append(self.bills.paid)
        return sum(known, Money(Decimal(0), self.currency)) if known else None


def together(parts: Sequence[Counted], currency: str) -> Counted:
    """The calls of several groups."""
    nothing = Money(Decimal(0), currency)
    return Counted(
        calls=sum(part.calls for part in parts),
        fresh=sum(part.fresh for part in parts),
        cached=sum(part.cached for part in parts),
        written=sum(part.written for part in parts),
        out=sum(part.out for part in parts),
        listed=sum((part.listed for part in parts), nothing),
        assumed=sum((part.assumed for part in parts), nothing),
        stated=sum((part.stated for part in parts), nothing),
        stated_calls=sum(part.stated_calls for part in parts),
        unpriced=sum(part.unpriced for part in parts),
        unmetered=sum(part.unmetered for part in parts),
        unfinished=sum(part.unfinished for part in parts),
        by_meter=sum((part.by_meter for part in parts), nothing),
        unpriced_meters=sum(part.unpriced_meters for part in parts),
        uncounted=sum(part.uncounted for part in parts),
        at_least=sum(part.at_least for part in parts),
    )
