"""One use case of payback.toml: what is judged, against what, by which rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from payback.days import read_period
from payback.locale import say
from payback.project.kinds import Amount, Part, Quantity, Share
from payback.project.returns import Alternative, Returns
from payback.quantities import Quantity as Range
from payback.quantities import quantity
from payback.records import Period

RESERVED_TODAY = "today"


class TodayService(Part):
    """How well today's way serves, as its owner says: what the AI's way is shown beside."""

    p95_minutes: Quantity | None = Field(None, description="95 of 100 results are there within")
    error_share: Quantity | None = Field(None, description="share of attempts that fail, 0 to 1")
    available_share: Quantity | None = Field(None, description="share of days it is there, 0 to 1")
    by: str = ""
    on: date | None = None
    source: str = ""

    @model_validator(mode="after")
    def _shares(self) -> TodayService:
        for name in ("error_share", "available_share"):
            given = getattr(self, name)
            if given is not None and (given.low < 0 or given.high > 1):
                raise ValueError(say("`{name}` is a share, 0 to 1", name=name))
        return self


class Today(Part):
    """How the same work is done today: a way of working with rows, or a declared range.

    Either `cost` per unit, or `minutes` per unit with `wage_per_hour`. With neither, the rows of
    `arm` are today's way, and `wage_per_hour` is for their minutes. `nothing = true`: nobody does
    it; each unit undone loses `loses`.
    """

    arm: str = RESERVED_TODAY
    title: str = ""
    cost: Quantity | None = None
    minutes: Quantity | None = None
    wage_per_hour: Quantity | None = None
    nothing: bool = False
    loses: Quantity | None = Field(None, description="money a unit left undone loses")
    by: str = Field("", description="who gave the range")
    on: date | None = None
    source: str = Field("", description="where it comes from")
    service: TodayService | None = None

    @model_validator(mode="after")
    def _whole(self) -> Today:
        if self.minutes is not None and self.wage_per_hour is None:
            raise ValueError(say("`minutes` needs `wage_per_hour`"))
        if self.cost is not None and self.minutes is not None:
            raise ValueError(say("give `cost`, or `minutes` and `wage_per_hour`, not both"))
        return self

    @property
    def declared_cost(self) -> Range | None:
        """Money per unit, as declared; None where rows must say it."""
        if self.nothing:
            return self.loses or quantity(0)
        if self.cost is not None:
            return self.cost
        if self.minutes is None or self.wage_per_hour is None:
            return None
        wage, minutes = self.wage_per_hour, self.minutes
        return Range(minutes.low * wage.low / 60, minutes.high * wage.high / 60)


class Review(Part):
    """People looking over each result of the AI."""

    minutes: Quantity | None = Field(None, description="per unit, where the rows do not say")
    wage_per_hour: Quantity
    by: str = ""
    source: str = ""


class Judge(Part):
    """A model or a rule that looks over every result; its rows among the outcomes are no outcomes."""

    grader: str = Field(description="the judge's name in the column `grader` of the outcomes")
    carries_over: bool = Field(
        False,
        description="somebody declares: it is as often right about all tasks as about those people picked to check",
    )
    by: str = Field("", description="who declares it")
    source: str = ""


class Gate(Part):
    """A rule set beforehand: a figure, its threshold, and the day by which it must hold."""

    name: str
    figure: Literal[
        "accepted",
        "spend",
        "acceptance",
        "cost_per_accepted",
        "full_unit_cost",
        "value_back",
        "hours_freed",
        "severe_failures",
        "harm",
    ]
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    below_today: bool = Field(False, description="cheaper than as today")
    confidence: Annotated[Decimal, Field(gt=Decimal("0.5"), lt=1)] = Decimal("0.95")
    cap: Amount | None = Field(
        None, description="of a unit cost: the most the calls of one task may cost; the gate breaks above it"
    )
    least_useful: Share | None = Field(
        None, description="of `acceptance`: it fails only when shown to be below this, not below `at_least`"
    )
    least_weeks: int = Field(0, ge=0, description="not looked at before this many whole weeks")
    by: date | None = None
    hard: bool = Field(False, description="failing it stops the use case")
    owner: str = ""

    @model_validator(mode="after")
    def _one_threshold(self) -> Gate:
        given = [self.at_least is not None, self.at_most is not None, self.below_today]
        if sum(given) != 1:
            raise ValueError(say("give exactly one of `at_least`, `at_most`, `below_today`"))
        if self.below_today and self.figure not in {
            "cost_per_accepted",
            "full_unit_cost",
        }:
            raise ValueError(say("`below_today` fits cost_per_accepted and full_unit_cost"))
        return self

    @model_validator(mode="after")
    def _fitting(self) -> Gate:
        of_money = self.figure in {"cost_per_accepted", "full_unit_cost"}
        if self.cap is not None and not of_money:
            raise ValueError(say("`cap` fits cost_per_accepted and full_unit_cost"))
        if of_money and self.at_least is not None:
            raise ValueError(say("a unit cost is judged by `at_most` or `below_today`"))
        if self.figure in {"severe_failures", "harm"} and self.at_most is None:
            raise ValueError(say("harm is judged by `at_most`"))
        if self.least_useful is not None and (
            self.figure != "acceptance" or self.at_least is None or self.least_useful > self.at_least
        ):
            raise ValueError(say("`least_useful` fits acceptance with `at_least`, and is no higher"))
        return self


class KillLine(Part):
    """Stop when this much is spent and fewer than this many results were accepted."""

    spend: Amount
    unless_accepted: int = Field(1, ge=0)
    on: date | None = Field(None, description="the day it was agreed")
    by: str = ""


class Claim(Part):
    """Value somebody promised."""

    kind: Literal[
        "revenue won",
        "revenue kept",
        "spend removed",
        "spend avoided",
        "loss avoided",
        "time freed",
    ]
    amount: Amount | None = None
    hours: Amount | None = None
    evidence: Literal["estimated", "claimed"] = "claimed"
    by: str = ""
    on: date | None = None
    source: str = ""
    about: str = Field(
        "",
        alias="for",
        description="the days it is about: 2026, 2026-Q3, 2026-03 or FIRST..END; else the project's period",
    )

    @model_validator(mode="after")
    def _something(self) -> Claim:
        if self.amount is None and self.hours is None:
            raise ValueError(say("give `amount` or `hours`"))
        return self

    @model_validator(mode="after")
    def _ahead(self) -> Claim:
        found = self.period
        if self.about and found is None:
            raise ValueError(say("`for` is 2026, 2026-Q3, 2026-03, or FIRST..END with END not included"))
        if found is not None and self.on is not None and found.first_day_after <= self.on:
            raise ValueError(say("`for` is over before `on`, the day it was promised"))
        return self

    @property
    def period(self) -> Period | None:
        """The days it is about, where they are said."""
        return read_period(self.about) if self.about else None


class Inherits(Part):
    """Work of this arm starts from another arm's result: same task, same trial, its cost too."""

    arm: str
    from_arm: str = Field(alias="from")


Result = Literal["minutes", "log minutes", "cost", "acceptance"]


class Experiment(Part):
    """How it is to be known what the AI changed: who chose which work was done which way, and what was promised."""

    design: Literal["randomised", "controlled", "before/after"] = Field(
        description="by chance; some groups began on a day and others did not; everybody began on a day"
    )
    against: str | None = Field(None, description="the other way of working; else today's")
    since: date | None = Field(None, description="the day it began; needed but for a randomised trial")
    on: tuple[Result, ...] = Field((), description="what is compared; else all that the data hold")
    forecast: dict[Result, Quantity] = Field(
        default_factory=dict,
        description="the change promised per task: minutes and cost below zero are less; shares as 0.05",
    )
    by: str = Field("", description="who says that it was done so")
    source: str = ""

    @model_validator(mode="after")
    def _begun(self) -> Experiment:
        if (self.since is None) != (self.design == "randomised"):
            raise ValueError(
                say("`since`, the day it began, goes with controlled and before/after, not with chance")
            )
        return self


class Fix(Part):
    """A named leak or cost that stands in the way; while it is open the verdict is at best `fix`."""

    what: str
    worth: Amount | None = None
    owner: str = ""
    by: date | None = None


class UseCase(Part):
    """One piece of work the AI is meant to do."""

    title: str = ""
    unit: str = Field(description="what one finished piece of work is: ticket closed")
    stage: Literal["explore", "pilot", "production", "rollout"] = "pilot"
    owner: str = ""
    arm: str | None = Field(None, description="the AI's way of working that is judged")
    arms: dict[str, str] = Field(default_factory=dict, description="arm = its name on the page")
    budget: Amount | None = None
    kill_line: KillLine | None = None
    match: dict[str, str] = Field(
        default_factory=dict,
        description='rows it takes: column, or "tag.NAME" = pattern with *; first match wins',
    )
    today: Today | None = None
    review: Review | None = None
    judge: Judge | None = None
    experiment: Experiment | None = None
    gates: tuple[Gate, ...] = ()
    claims: tuple[Claim, ...] = ()
    inherits: tuple[Inherits, ...] = ()
    segments: tuple[str, ...] = Field((), description="segment names to show")
    severe: tuple[str, ...] = Field(
        (), description="words of `severity` that are severe; else severe, critical, fatal, blocker"
    )
    cost_pool: str | None = None
    business: str = Field("", description="the part of the group it belongs to")
    returns: Returns | None = Field(None, description="what lies ahead: does the money come back, and when")
    alternatives: tuple[Alternative, ...] = Field((), description="other ways to have the work done")
    fixes: tuple[Fix, ...] = ()
    decide_by: date | None = None
    notes: tuple[str, ...] = Field((), description="printed on the page as they are")

    @model_validator(mode="after")
    def _matchable(self) -> UseCase:
        allowed = ("service", "model", "provider", "arm", "user", "account")
        for key in self.match:
            if key not in allowed and not key.startswith("tag."):
                raise ValueError(
                    say(
                        'match knows {allowed} and "tag.NAME", not {key}',
                        allowed=", ".join(allowed),
                        key=key,
                    )
                )
        return self
