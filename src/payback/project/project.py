"""The whole of payback.toml, and the prices, rates and pools it names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, PrivateAttr, WithJsonSchema, model_validator

from payback.locale import say
from payback.project.kinds import Amount, Currency, Part, Zone
from payback.project.returns import Ahead, PortfolioLimits
from payback.project.sources import Source
from payback.project.use_case import UseCase
from payback.records import Period

FILE_NAME = "payback.toml"


class PeriodRange(Part):
    """Days looked at: `from` is included, `to` is not."""

    first_day: date = Field(alias="from")
    first_day_after: date = Field(alias="to")

    @model_validator(mode="after")
    def _forwards(self) -> PeriodRange:
        if self.first_day >= self.first_day_after:
            raise ValueError(say("`from` must come before `to`"))
        return self


class CostPool(Part):
    """What a department costs; use cases that draw on it cannot claim more together."""

    total: Amount
    source: str = ""


class PriceOverride(Part):
    """Your own price, per million tokens; wins over the bundled book."""

    model: str = Field(description="name as logged; may hold *")
    provider: str | None = None
    first_day: date | None = Field(None, alias="from")
    first_day_after: date | None = Field(None, alias="to")
    currency: Currency = "USD"
    input: Amount
    output: Amount
    cached: Amount | None = None
    cache_write_5m: Amount | None = None
    cache_write_1h: Amount | None = None
    source: str = ""


class PriceDiscount(Part):
    """A factor on the book's price: 0.8 is a fifth less."""

    factor: Annotated[Decimal, Field(ge=0, le=10), WithJsonSchema({"type": "number", "minimum": 0})]
    model: str = "*"
    provider: str | None = None
    service_tier: str | None = None
    first_day: date | None = Field(None, alias="from")
    first_day_after: date | None = Field(None, alias="to")
    source: str = ""


class Rate(Part):
    """1 of `from` is `rate` of `to` from `day` on."""

    from_currency: Currency = Field(alias="from")
    to_currency: Currency = Field(alias="to")
    day: date
    rate: Annotated[Decimal, Field(gt=0, le=Decimal("1e9")), WithJsonSchema({"type": "number"})]
    source: str = ""


class Fiscal(Part):
    """The fiscal year: the month it starts in."""

    first_month: int = Field(1, ge=1, le=12)


class Forecasts(Part):
    """What estimates come in at where their author has no past here: of 100 said, 44 is 0.44."""

    value_comes_in_at: Annotated[Decimal, Field(gt=0, le=20), WithJsonSchema({"type": "number"})] | None = (
        Field(None, description="of value and hours; else 0.44, as of large IT projects")
    )
    cost_comes_in_at: Annotated[Decimal, Field(gt=0, le=20), WithJsonSchema({"type": "number"})] | None = (
        Field(None, description="of money out; else 1.45, as of large IT projects")
    )


class Project(Part):
    """Everything payback.toml says. Made by `load`; `folder` is where the file stands."""

    name: str
    title: str = Field("AI spending", description="what the report is about")
    label: str = Field("", description="printed on every page: illustrative, draft")
    benchmark: bool = Field(False, description="test tasks, no customer: never added to anybody's money")
    currency: Currency
    timezone: Zone = "UTC"
    fiscal: Fiscal = Fiscal(first_month=1)
    period: PeriodRange | None = None
    sources: tuple[Source, ...] = ()
    use_cases: dict[str, UseCase] = Field(default_factory=dict)
    cost_pools: dict[str, CostPool] = Field(default_factory=dict)
    returns: Ahead = Ahead()
    forecasts: Forecasts = Forecasts()
    portfolio: PortfolioLimits | None = None
    prices: tuple[PriceOverride, ...] = ()
    discounts: tuple[PriceDiscount, ...] = ()
    currency_rates: tuple[Rate, ...] = ()
    notes: tuple[str, ...] = ()

    _folder: Path = PrivateAttr(default_factory=Path.cwd)

    @model_validator(mode="after")
    def _pools_exist(self) -> Project:
        for name, case in self.use_cases.items():
            if case.cost_pool is not None and case.cost_pool not in self.cost_pools:
                raise ValueError(
                    say(
                        "use case {name} names the cost pool {pool}, which is not under [cost_pools]",
                        name=name,
                        pool=case.cost_pool,
                    )
                )
        return self

    @model_validator(mode="after")
    def _use_cases_exist(self) -> Project:
        for name, case in self.use_cases.items():
            ahead = case.returns
            for other in (*ahead.requires, *ahead.excludes) if ahead is not None else ():
                if other not in self.use_cases or other == name:
                    raise ValueError(
                        say(
                            "use case {name} names {other}, which is not another one under [use_cases]",
                            name=name,
                            other=other,
                        )
                    )
        return self

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def file(self) -> Path:
        return self._folder / FILE_NAME

    @property
    def looked_at(self) -> Period | None:
        """The period asked for, or None for all there is."""
        if self.period is None:
            return None
        return Period(self.period.first_day, self.period.first_day_after)

    def title_of(self, use_case: str) -> str:
        """The name a page shows for a use case."""
        return self.use_cases[use_case].title or use_case
