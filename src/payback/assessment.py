"""What one run found: the records that gates fill, reports draw and JSON writes. No calculation.

An `Assessment` is one project; its `UseCaseResult`s hold the figures, each a `Figure` or the
`Unknown` that says why there is none. Sentences are already in the language in force.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from payback.foretold import ForecastRecord
from payback.gates import GateResult, GateState, Verdict
from payback.locale import say
from payback.measures.returns.burn import Burn, BurnPoint
from payback.measures.returns.burn_ahead import Alert, BurnAhead
from payback.measures.returns.replay import Replay
from payback.records import Effect, Evidence, Figure, Money, Period, Problem, Unknown
from payback.returned import OwnOrCall, Returns

__all__ = [
    "ArmResult",
    "Assessment",
    "Burn",
    "BurnPoint",
    "CheckedWork",
    "Comparison",
    "Contrast",
    "CostPart",
    "Decision",
    "Delivery",
    "Experiment",
    "GateResult",
    "GateState",
    "HeldHardware",
    "Omission",
    "Place",
    "Promise",
    "Rated",
    "Retention",
    "Returns",
    "SegmentCell",
    "SegmentRow",
    "ServiceDay",
    "SourceSummary",
    "Stay",
    "TodayResult",
    "UseCaseResult",
    "Verdict",
]


@dataclass(frozen=True, slots=True)
class CostPart:
    """One part of the full cost of a unit: models, review, redone by people, platform."""

    name: str
    figure: Figure | Unknown


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One way of working. `role` is `ai` (the one judged), `today` or `other`.

    `full_unit_cost` and its `parts` (in the order they add up) are per finished unit of work.
    `unpriced` counts calls without a price, `unknown_cost` tasks whose cost is not known.
    """

    arm: str
    title: str
    role: str
    tasks: int
    trials: int
    checked: int
    acceptance: Figure | Unknown
    spend: Figure | Unknown
    cost_per_accepted: Figure | Unknown
    full_unit_cost: Figure | Unknown
    parts: tuple[CostPart, ...] = ()
    unknown_cost: int = 0
    unpriced: int = 0
    notes: tuple[str, ...] = ()
    single: SingleTasks | None = None


@dataclass(frozen=True, slots=True)
class SingleTasks:
    """How much single tasks differ in full cost: what a tenth, half and nine tenths of `tasks` cost at most."""

    low: Decimal
    middle: Decimal
    high: Decimal
    tasks: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The judged arm less another one on the tasks both did: below zero is cheaper or worse."""

    arm: str
    against: str
    tasks: int
    cost: Figure | Unknown
    acceptance: Figure | Unknown


@dataclass(frozen=True, slots=True)
class SegmentCell:
    """One arm on the tasks of one segment value. `share` is solved / checked, as a figure."""

    arm: str
    checked: int
    solved: Decimal
    share: Figure | Unknown


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """The tasks that share a property. `reversal` is a sentence where the whole misleads here."""

    name: str
    value: str
    tasks: int
    cells: tuple[SegmentCell, ...]
    reversal: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """Value promised, split by how much of it is known and how; the parts add to `total`.

    Where more came back than was promised `total` is what came back. `said` is what was promised.
    """

    said: Money
    total: Money
    parts: tuple[tuple[Evidence, Money], ...]
    by: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class TodayResult:
    """How the same work is done today, per unit. `declared` is: a range, without rows."""

    arm: str
    title: str
    declared: bool
    unit_cost: Figure | Unknown
    break_even: Figure | Unknown
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Something to decide or to measure next. An empty `who` is shown as a missing owner."""

    what: str
    worth: str
    costs: str
    who: str
    by: date | None
    use_case: str


@dataclass(frozen=True, slots=True)
class Omission:
    """What was left out or only partly counted, how much of it, and what it can change."""

    what: str
    rows: int
    effect: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """One line about how work is delivered: what it is, the figure, today's, and what must be said of it."""

    label: str
    figure: Figure | Unknown
    today: Figure | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """Of the users, `share` is still there so many days after the first; the ends of its range."""

    day: int
    share: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Retention:
    """How long users stay: a curve by day, of `users`, who left when `gone_after` days passed without use.

    `mean_days` is what a figure of value per user may be multiplied by; `says` the finding, if there is one.
    """

    users: int
    gone_after: int
    followed: int
    points: tuple[Stay, ...]
    mean_days: Figure | Unknown
    says: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """The share accepted as known on a day, and limits that hold at every look at once."""

    day: date
    tasks: int
    share: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Looks:
    """How a gate on the share accepted was approached: its threshold, and the share day by day."""

    gate: str
    threshold: Decimal
    upwards: bool
    confidence: Decimal
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class ServiceDay:
    """Calls of a day, and those that failed."""

    day: date
    calls: int
    errors: int


@dataclass(frozen=True, slots=True)
class Place:
    """Between which places a way of working may stand, of `ways`, by accepted share."""

    arm: str
    best: int
    worst: int
    ways: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the judged way delivers, as far as anybody logs it: empty where nobody does."""

    failures: tuple[Rated, ...] = ()
    harm: tuple[Rated, ...] = ()
    service: tuple[Rated, ...] = ()
    service_days: tuple[ServiceDay, ...] = ()
    adoption: tuple[Rated, ...] = ()
    retention: Retention | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedWork:
    """People's checks of one way of working's tasks, beside a judge's word on them, and what they say of all of it.

    `share` is what people would accept of every task. `checked` of the `drawn` have a label; `picked` have one that
    nobody drew. `both` to `neither` are tasks people and judge looked at, accepted by whom. `changes` says whether
    the judge has changed, `more` what further checks bring.
    """

    arm: str
    title: str
    judge: str
    share: Figure | Unknown
    tasks: int
    looked: int
    drawn: int
    checked: int
    picked: int
    both: int
    people_only: int
    judge_only: int
    neither: int
    agreed: Decimal | None
    kappa: Decimal | None
    kappa_error: Decimal | None
    ac1: Decimal | None
    changes: tuple[str, ...]
    more: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """One result of an experiment: the AI's way less the other one, per task, and what was promised of it, in words."""

    result: str
    label: str
    figure: Figure | Unknown
    promised: str = ""


@dataclass(frozen=True, slots=True)
class Experiment:
    """What the AI changed, by a declared experiment. `known` says how it is known that the AI made the difference."""

    design: Effect
    known: str
    arm: str
    against: str
    since: date | None
    by: str
    source: str
    tested: tuple[Contrast, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldHardware:
    """One pool of hardware held for a use case, over the period or one month of it.

    `allocated` and `busy` are shares of all time; the two costs of an hour stand side by side and are never
    multiplied. `idle` is paid and not busy: `not_allocated`, and `not_busy` of what was allocated.
    `falls_due` must be paid until `due_until` whatever happens.
    """

    name: str
    month: date | None
    hours: Figure
    cost: Figure | Unknown
    allocated: Figure | Unknown
    busy: Figure | Unknown
    per_allocated_hour: Figure | Unknown
    per_busy_hour: Figure | Unknown
    not_allocated: Figure | Unknown
    not_busy: Figure | Unknown
    idle: Figure | Unknown
    falls_due: Money | None = None
    due_until: date | None = None
    months: tuple[HeldHardware, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UseCaseResult:
    """One use case: its verdict and every figure behind it.

    `headline` is the answer in one sentence, `why` the reason for the verdict. `back` counts only
    what is in the accounts, billed or measured; `back_parts` shows every grade, never added.
    """

    key: str
    title: str
    unit: str
    stage: str
    owner: str
    currency: str
    period: Period
    verdict: Verdict
    why: str
    headline: str
    until: date | None
    out: Figure | Unknown
    out_parts: tuple[tuple[str, Figure], ...]
    back: Figure | Unknown
    back_parts: tuple[tuple[Evidence, Money], ...]
    hours_freed: Figure | Unknown
    payback_ratio: Figure | Unknown
    arms: tuple[ArmResult, ...]
    judged: str | None
    today: TodayResult | None
    comparisons: tuple[Comparison, ...]
    segments: tuple[SegmentRow, ...]
    gates: tuple[GateResult, ...]
    burn: Burn | None
    promise: Promise | None
    decisions: tuple[Decision, ...]
    left_out: tuple[Omission, ...]
    notes: tuple[str, ...]
    delivery: Delivery = Delivery()
    checks: tuple[CheckedWork, ...] = ()
    experiment: Experiment | None = None
    looks: Looks | None = None
    hardware: tuple[HeldHardware, ...] = ()
    own_or_call: OwnOrCall | None = None
    returns: Returns | None = None
    burn_ahead: BurnAhead | None = None
    alerts: tuple[Alert, ...] = ()
    replayed: Replay | Unknown | None = None

    def arm(self, name: str | None) -> ArmResult | None:
        """The arm of that name, if it has rows."""
        return next((arm for arm in self.arms if arm.arm == name), None)


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """One source: what was read from it and what was left out."""

    title: str
    table: str
    files: tuple[str, ...]
    rows: int
    left_out: int
    by: str = ""
    licence: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Owned:
    """What an owner spent of the money that no use case takes.

    `kind` is team, project, service, person, account, cost, hardware or invoice, empty where no owner is named;
    `name` is as the rows have it, of a person a number: who spent most of it is 1.
    """

    kind: str
    name: str
    amount: Money
    evidence: Evidence
    calls: int = 0
    or_more: bool = False  # the cost of some of its calls is not known, or not in full

    @property
    def words(self) -> str:
        """Whose it is, as a page says it."""
        words = {
            "person": say("person {name}", name=self.name),
            "team": say("team {name}", name=self.name),
            "project": say("project {name}", name=self.name),
            "service": say("service {name}", name=self.name),
            "account": say("account {name}", name=self.name),
            "cost": say("rows of cost: {name}", name=self.name),
            "hardware": say("hardware held: {name}", name=self.name),
            "invoice": say("invoiced beyond the calls"),
        }
        return words.get(self.kind) or say("no owner named")


@dataclass(frozen=True, slots=True)
class Assessment:
    """One project, assessed. Totals are in `currency`; a benchmark project has no money back."""

    name: str
    title: str
    label: str
    benchmark: bool
    currency: str
    period: Period
    as_of: date
    use_cases: tuple[UseCaseResult, ...]
    out: Figure | Unknown
    back: Figure | Unknown
    back_parts: tuple[tuple[Evidence, Money], ...]
    hours_freed: Figure | Unknown
    payback_ratio: Figure | Unknown
    promise: Promise | None
    pools: tuple[str, ...]
    unassigned: Figure | Unknown | None
    decisions: tuple[Decision, ...]
    left_out: tuple[Omission, ...]
    sources: tuple[SourceSummary, ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    seed: str
    draws: int
    version: str
    project_digest: str
    data_digest: str
    price_book: str
    unassigned_by: tuple[Owned, ...] = ()  # adds up to `unassigned`, largest first
    hardware: tuple[HeldHardware, ...] = ()  # of no use case
    forecasts: ForecastRecord = field(default_factory=ForecastRecord)

    @property
    def rows_left_out(self) -> int:
        """Rows that could not be used at all, over every source."""
        return sum(source.left_out for source in self.sources)
