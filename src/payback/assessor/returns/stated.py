"""What payback.toml states of the future, read as distributions: refused with line and column where impossible."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from payback.locale import say
from payback.measures.ranges import (
    NINETY,
    Shape,
    Uncertain,
    between,
    known,
    pert,
    quantile,
    share_between,
    uncertain,
)
from payback.prices import CurrencyRate
from payback.prices.currency import conversion
from payback.project import Project, StatedValue, place_of
from payback.quantities import quantity
from payback.records import Evidence, Origin, PaybackError

MONEY, SHARE, GROWTH, MINUTES, UNITS, FACTOR = "money", "share", "growth", "minutes", "units", "factor"
"""Units of an input: a share is 0 to 1, a growth above -1, all others from 0."""
_OF = re.compile(r"^\s*\d+\s+of\s+\d+\s*$")
_OUTER = 1e-4  # of a range, which may lie beyond a limit that nothing can pass


@dataclass(frozen=True, slots=True)
class Input:
    """One input of the cash model: how unsure it is, how it is known, and what one more case would cost."""

    key: str
    label: str
    unit: str
    what: Uncertain
    evidence: Evidence
    by: str = ""
    origin: Origin | None = None
    one_more_costs: Decimal | None = None
    cases: int | None = None  # how many cases it rests on, where it is measured
    spread: float | None = None  # of single cases, over their mean


class Reader:
    """Reads the stated values of one project, money in its currency."""

    def __init__(self, project: Project, rates: Sequence[CurrencyRate], as_of: date) -> None:
        self._project = project
        self._rates = rates
        self._as_of = as_of

    def read(
        self, stated: StatedValue, path: tuple[str | int, ...], key: str, label: str, unit: str
    ) -> Input:
        """One stated value. Raises PaybackError with its place."""
        try:
            what = _distribution(stated.value, unit)
            _refuse_impossible(what, unit)
        except ValueError as error:
            raise self.fault(path, str(error)) from None
        if stated.currency is not None:
            if unit != MONEY:
                raise self.fault(path, say("`currency` goes with money, and this is none"))
            what = scaled(what, self._rate(stated.currency, path))
        evidence = Evidence[stated.evidence.upper()]
        note = ", ".join(part for part in (stated.by, str(stated.on or ""), stated.source) if part)
        origin = Origin(self._project.file.name, note=note)
        one_more = stated.one_more_costs
        if one_more is not None and stated.currency is not None:
            one_more = Decimal(str(float(one_more) * self._rate(stated.currency, path)))
        return Input(key, label, unit, what, evidence, stated.by, origin, one_more)

    def fault(self, path: tuple[str | int, ...], message: str, fix: str = "") -> PaybackError:
        """A broken value of payback.toml, with its place."""
        dotted = ".".join(str(part) for part in path)
        return PaybackError(
            "project-value",
            f"{dotted}: {message}",
            where=place_of(self._project, path),
            fix=fix or say("`payback schema` prints what each key accepts"),
        )

    def _rate(self, currency: str, path: tuple[str | int, ...]) -> float:
        found = conversion(currency, self._project.currency, self._as_of, self._rates)
        if found is None:
            raise self.fault(
                path,
                say("no rate from {a} to {b}", a=currency, b=self._project.currency),
                say("add it under [[currency_rates]] in payback.toml"),
            )
        return float(Fraction(found.factor))


def _distribution(value: Decimal | str, unit: str) -> Uncertain:
    """As `uncertain`, but a range of a share stays between 0 and 1 and a growth may be in per cent below 0."""
    text = str(value).strip()
    if unit not in {SHARE, GROWTH} and (text.endswith("%") or _OF.match(text)):
        raise ValueError(say("{written} is a share, and this is none", written=text))
    if unit == GROWTH and text.endswith("%"):
        found = quantity(text.replace("%", " ").strip())
        low, high = float(found.low) / 100, float(found.high) / 100
        return between(low, high, text) if found.is_range else known(low, text)
    if unit == SHARE and not text.endswith(("%", ")")) and " of " not in text:
        found = quantity(value)
        if found.is_range:
            return share_between(float(found.low), float(found.high), text)
    if unit == GROWTH and not text.endswith(("%", ")")):
        found = quantity(value)
        if found.is_range:
            return _normal(float(found.low), float(found.high), text)
    return uncertain(value)


def _normal(low: float, high: float, text: str) -> Uncertain:
    """A range of a growth: even-sided, also where both ends lie above 0."""
    if not low < high:
        return between(low, high, text)
    return Uncertain(text, Shape.NORMAL, ((low + high) / 2, (high - low) / (2 * NINETY)))


def _refuse_impossible(what: Uncertain, unit: str) -> None:
    low, high = (
        (what.parameters[0],) * 2 if what.is_known else (quantile(what, _OUTER), quantile(what, 1 - _OUTER))
    )
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(say("{written} has no end", written=what.written))
    if unit == SHARE and not (low >= 0 and high <= 1):
        raise ValueError(
            say("{written} is no share: write 0 to 1, or per cent as in 60 %", written=what.written)
        )
    if unit == GROWTH and low <= -1:
        raise ValueError(say("{written} a year would leave less than nothing", written=what.written))
    if unit not in {SHARE, GROWTH} and low < 0:
        raise ValueError(
            say("{written} may be below 0: write pert(least, likely, most)", written=what.written)
        )


def scaled(what: Uncertain, factor: float) -> Uncertain:
    """The same times a factor above 0."""
    if factor == 1:
        return what
    first, *rest = what.parameters
    match what.shape:
        case Shape.LOGNORMAL | Shape.MEASURED_LOG:
            parameters: tuple[float, ...] = (first + math.log(factor), *rest)
        case Shape.BETA | Shape.PERT:
            a, b, least, most = what.parameters
            parameters = (a, b, least * factor, most * factor)
        case Shape.MEASURED_SHARE:
            raise AssertionError(what)
        case _:
            parameters = tuple(each * factor for each in what.parameters)
    return replace(what, parameters=parameters)


def from_nothing(low: float, high: float, text: str) -> Uncertain:
    """A declared range from 0: even-sided between its ends, for nothing costs or takes less than nothing."""
    return pert(low, (low + high) / 2, high, text)
