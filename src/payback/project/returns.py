"""What payback.toml says of the future: money still to come in and out, what is unsure of it, what else could be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from payback.locale import say
from payback.project.kinds import Amount, Currency, Part, Share

MOST_MONTHS = 240


class StatedValue(Part):
    """A quantity as somebody states it, who that is, and what one more observation of it would cost.

    The value is read as a distribution where it is used (payback.measures.ranges).
    """

    value: Decimal | str = Field(
        description='12, "200 to 800" (90 % sure), "60 % to 90 %", "17 of 20", "pert(2, 5, 14)", "beta(40, 12)"'
    )
    evidence: Literal["booked", "billed", "measured", "estimated", "claimed"] = "estimated"
    currency: Currency | None = Field(None, description="of money; else the project's")
    by: str = ""
    on: date | None = None
    source: str = ""
    one_more_costs: Amount | None = Field(
        None, description="what looking at one more case would cost, for the worth of measuring it"
    )


def _stated(given: Any) -> Any:
    if isinstance(given, bool) or given is None or isinstance(given, dict | StatedValue | list):
        return given
    return {"value": given}


Stated = Annotated[
    StatedValue,
    BeforeValidator(_stated),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number"},
                {
                    "type": "string",
                    "examples": ["200 to 800", "60 % to 90 %", "17 of 20", "pert(2, 5, 14)", "beta(40, 12)"],
                },
                {
                    "type": "object",
                    "required": ["value"],
                    "additionalProperties": False,
                    "properties": {
                        "value": {"anyOf": [{"type": "number"}, {"type": "string"}]},
                        "evidence": {"enum": ["booked", "billed", "measured", "estimated", "claimed"]},
                        "currency": {"type": "string"},
                        "by": {"type": "string"},
                        "on": {"type": "string", "format": "date"},
                        "source": {"type": "string"},
                        "one_more_costs": {"type": "number", "minimum": 0},
                    },
                },
            ],
            "description": "a number, a distribution, or a table with `value`, `evidence`, `by`, `source`, `on`",
        }
    ),
]
_Shares = tuple[Share, ...]
_Rate = Annotated[Decimal, Field(gt=-1), WithJsonSchema({"type": "number"})]


class _Discounted(Part):
    discount_rate: _Rate | None = Field(
        None, description="what a year's wait costs, as a share: 0.08; without it nothing is discounted"
    )
    months: int | None = Field(None, ge=1, le=MOST_MONTHS, description="how far ahead is looked; else 36")

    @model_validator(mode="after")
    def _share(self) -> _Discounted:
        if self.discount_rate is not None and self.discount_rate > 1:
            raise ValueError(
                say(
                    "a year's discount of {rate} is {percent} %: write 0.12 for 12 %",
                    rate=self.discount_rate,
                    percent=self.discount_rate * 100,
                )
            )
        return self


class Ahead(_Discounted):
    """How every use case looks ahead."""

    spend_forecast: Literal["as of late", "ets"] = Field(
        "as of late",
        description="the middle of the forecast of spending; ets needs the extra payback[forecast]",
    )


class ValueAhead(Part):
    """Money expected to come in, by kind; once, every month, or with each finished unit."""

    kind: Literal[
        "revenue won", "revenue kept", "spend removed", "spend avoided", "loss avoided", "time freed"
    ]
    name: str = ""
    per_unit: Stated | None = None
    a_month: Stated | None = None
    once: Stated | None = None
    share: Stated | None = Field(None, description="how much of it the AI is the reason for; else all of it")
    from_month: int = Field(1, ge=1, le=MOST_MONTHS)
    until_month: int | None = Field(None, ge=1, le=MOST_MONTHS)

    @model_validator(mode="after")
    def _one(self) -> ValueAhead:
        if sum(each is not None for each in (self.per_unit, self.a_month, self.once)) != 1:
            raise ValueError(say("give exactly one of `per_unit`, `a_month`, `once`"))
        if self.until_month is not None and self.until_month < self.from_month:
            raise ValueError(say("`until_month` comes before `from_month`"))
        if self.kind == "time freed" and self.share is None:
            raise ValueError(say("freed time becomes money only in part: give `share`, such as 20 % to 40 %"))
        return self


class Risk(Part):
    """Something that may happen in any year, and what it would do."""

    name: str
    kind: Literal["regulator", "price", "withdrawn", "lawsuit", "person", "other"] = "other"
    yearly_chance: Stated
    costs: Stated | None = Field(None, description="money out when it happens")
    model_cost_times: Stated | None = Field(None, description="what models cost afterwards, times before")
    ends: bool = Field(False, description="the use case ends when it happens")
    switching: bool = Field(False, description="`switching_cost` is paid when it happens")

    @model_validator(mode="after")
    def _does(self) -> Risk:
        if self.costs is None and self.model_cost_times is None and not self.ends and not self.switching:
            raise ValueError(say("say what it does: `costs`, `model_cost_times`, `switching` or `ends`"))
        return self


class MovesTogether(Part):
    """Two inputs that rise together (rank correlation above 0) or against each other."""

    inputs: tuple[str, str]
    rank: Annotated[
        Decimal, Field(ge=-1, le=1), WithJsonSchema({"type": "number", "minimum": -1, "maximum": 1})
    ]


class Pilot(Part):
    """A trial before going on: what it costs, how long it takes, and how well its gate tells good from bad."""

    cost: Stated
    months: int = Field(3, ge=1, le=60)
    catches: Share = Field(description="of 100 cases that would pay, how many its gate lets through: 0.8")
    spares: Share = Field(description="of 100 cases that would not pay, how many its gate stops: 0.85")


class Returns(_Discounted):
    """What lies ahead of one use case. What is not given is taken as measured, where it is measured."""

    start: date | None = Field(None, description="first day of month 1; else the day after the last data")
    build: Stated | None = Field(None, description="money still to be spent before it runs")
    build_months: int = Field(1, ge=1, le=MOST_MONTHS)
    volume: Stated | tuple[Decimal, ...] | None = Field(
        None, description="units of work a month, or a list by month; else as measured"
    )
    volume_growth: Stated | None = Field(None, description="a year, as a share: 0.1")
    adoption: Stated | None = Field(None, description="share of the volume done this way; else all of it")
    ramp_up: _Shares = Field((), description="share of that reached in month 1, 2, ... of running")
    retention: Stated | None = Field(None, description="share of adoption that is still there a year later")
    acceptance: Stated | None = Field(None, description="share of results accepted; else as measured")
    minutes_today: Stated | None = Field(None, description="minutes a unit as today; else today's")
    cost_today: Stated | None = Field(None, description="money a unit as today, where it is not minutes")
    today_growth: Stated | None = Field(None, description="how today's cost rises a year, as a share")
    review_minutes: Stated | None = None
    wage_per_hour: Stated | None = None
    realisation_share: Stated | None = Field(
        None, description="share of what is saved that turns into money; there is no default"
    )
    model_cost: Stated | None = Field(None, description="models, a unit; else as measured")
    price_change: Stated | None = Field(None, description="of models, a year, as a share: -0.3")
    price_schedule: tuple[Annotated[Decimal, Field(ge=0)], ...] = Field(
        (), description="price of models by month, as a share of today's"
    )
    platform_cost: Stated | None = Field(None, description="share of the platform, a unit; else as measured")
    fixed_a_month: Stated | None = None
    harm_per_unit: Stated | None = None
    exit_cost: Stated | None = Field(None, description="money out on the day it is stopped")
    salvage: Stated | None = Field(None, description="money back on the day it is stopped")
    switching_cost: Stated | None = Field(None, description="of moving to another vendor")
    values: tuple[ValueAhead, ...] = ()
    risks: tuple[Risk, ...] = ()
    together: tuple[MovesTogether, ...] = ()
    pilot: Pilot | None = None
    people: Stated | None = Field(None, description="person-months it still needs")
    requires: tuple[str, ...] = Field((), description="use cases that must be done first")
    excludes: tuple[str, ...] = Field((), description="use cases that cannot be done as well")
    earliest: date | None = Field(None, description="not before this day")

    @model_validator(mode="after")
    def _fits(self) -> Returns:
        if self.minutes_today is not None and self.cost_today is not None:
            raise ValueError(say("give `minutes_today` or `cost_today`, not both"))
        if self.price_change is not None and self.price_schedule:
            raise ValueError(say("give `price_change` or `price_schedule`, not both"))
        if isinstance(self.volume, tuple) and (not self.volume or any(each < 0 for each in self.volume)):
            raise ValueError(say("`volume` by month is a list of numbers from 0"))
        return self


class Alternative(Part):
    """Another way to have the work done: what it costs once, a month and a unit."""

    name: str
    kind: Literal["build", "tune", "call", "agent", "rules", "people", "nothing"]
    once: Stated | None = None
    a_month: Stated | None = None
    per_unit: Stated | None = None
    loses_per_unit: Stated | None = Field(None, description="money a unit done this way loses")
    most_a_month: Amount | None = Field(None, description="units a month it can do; else any number")


class Overlap(Part):
    """Use cases that do partly the same work: `share` of the smaller one's worth comes only once."""

    use_cases: tuple[str, ...] = Field(min_length=2)
    share: Stated


class PortfolioLimits(Part):
    """What there is for all use cases together, and how much risk is borne."""

    budget: Amount | None = None
    people: Amount | None = Field(None, description="person-months")
    most_likely_loss: Share | None = Field(None, description="chance of losing money over all, at most")
    worst_loss: Amount | None = Field(None, description="mean loss in the worst 1 of 20 futures, at most")
    most_share_per_business: Share | None = None
    together: tuple[MovesTogether, ...] = Field((), description='inputs as "use-case.input"')
    overlaps: tuple[Overlap, ...] = ()
