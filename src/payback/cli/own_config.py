"""What a person set up for all projects on a machine: config.toml in the folder where settings live.

[[plans]]
name = "claude"        # covers tools and models whose name begins so
seats = 2
monthly = 200.00       # a seat
currency = "USD"
from = 2026-10-01      # may be left out, as may `to`; both days included

ai_services = ["Amazon EC2*"]   # services of a bill that count as AI too
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from payback.locale import say
from payback.records import Money, PaybackError

if TYPE_CHECKING:
    from payback.usage import Plan

PLAN_KEYS = ("name", "seats", "monthly", "currency", "from", "to")
KEYS = ("plans", "ai_services")


@dataclass(frozen=True, slots=True)
class OwnConfig:
    """The plans that are paid, and patterns of services that count as AI on a bill."""

    plans: tuple[Plan, ...] = ()
    ai_services: tuple[str, ...] = ()


def place(environment: Mapping[str, str] = os.environ, *, windows: bool = sys.platform == "win32") -> Path:
    """Where it would be: $XDG_CONFIG_HOME or ~/.config, on Windows %APPDATA%; then payback/config.toml."""
    given = environment.get("APPDATA" if windows else "XDG_CONFIG_HOME", "")
    home = Path(given) if given and Path(given).is_absolute() else Path.home() / ".config"
    return home / "payback" / "config.toml"


def load(file: Path | None = None) -> OwnConfig:
    """What the file says; nothing where there is none. Raises PaybackError with line and key."""
    file = file or place()
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return OwnConfig()
    except (OSError, UnicodeDecodeError) as error:
        raise PaybackError("own-config", str(error), where=str(file), fix=_example()) from None
    try:
        held = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PaybackError("own-config", str(error), where=str(file), fix=_example()) from None
    return _Reading(file, text).config(held)


@dataclass(frozen=True, slots=True)
class _Reading:
    file: Path
    text: str

    def config(self, held: Mapping[str, Any]) -> OwnConfig:
        for key in held:
            if key not in KEYS:
                raise self.fault((key,), say("there is no such key here: {keys}", keys=", ".join(KEYS)))
        services = held.get("ai_services", [])
        if not isinstance(services, list) or not all(isinstance(each, str) for each in services):
            raise self.fault(("ai_services",), say("it is a list of names of services"))
        plans = held.get("plans", [])
        if not isinstance(plans, list) or not all(isinstance(each, dict) for each in plans):
            raise self.fault(("plans",), say("plans are written as tables under [[plans]]"))
        return OwnConfig(tuple(self.plan(number, each) for number, each in enumerate(plans)), tuple(services))

    def plan(self, number: int, held: Mapping[str, Any]) -> Plan:
        from payback.usage import Plan

        at = ("plans", number)
        for key in held:
            if key not in PLAN_KEYS:
                raise self.fault(
                    (*at, key), say("there is no such key here: {keys}", keys=", ".join(PLAN_KEYS))
                )
        for key in ("name", "monthly"):
            if key not in held:
                raise self.fault(at, say("a plan needs {key}", key=key))
        name, seats, currency = held["name"], held.get("seats", 1), held.get("currency", "USD")
        if not isinstance(name, str) or not name.strip():
            raise self.fault(
                (*at, "name"), say("it is the beginning of the names of tools and models it covers")
            )
        if isinstance(seats, bool) or not isinstance(seats, int) or seats < 1:
            raise self.fault((*at, "seats"), say("seats are a whole number from 1"))
        if (
            not isinstance(currency, str)
            or len(currency) != 3
            or not (currency.isascii() and currency.isupper())
        ):
            raise self.fault((*at, "currency"), say("write the three-letter code, such as EUR"))
        return Plan(
            name.strip(),
            seats,
            Money(self.amount((*at, "monthly"), held["monthly"]), currency),
            self.day((*at, "from"), held.get("from")),
            self.day((*at, "to"), held.get("to")),
        )

    def amount(self, at: tuple[str | int, ...], value: object) -> Decimal:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            amount = Decimal(value)
            if amount.is_finite() and 0 <= amount < 10**12:
                return amount
        raise self.fault(at, say("it is the price of a seat a month, a number from 0"))

    def day(self, at: tuple[str | int, ...], value: object) -> date | None:
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise self.fault(at, say("write a day without quotes: 2026-10-01"))

    def fault(self, at: tuple[str | int, ...], what: str) -> PaybackError:
        from payback.toml_places import nearest, places

        line, _ = nearest(places(self.text), at)
        key = ".".join(str(part) for part in at if isinstance(part, str))
        raise PaybackError(
            "own-config",
            say("{key}: {what}", key=key, what=what),
            where=f"{self.file}:{line}",
            fix=_example(),
        )


def _example() -> str:
    return say(
        '[[plans]] with name = "claude", seats = 2, monthly = 200, currency = "USD"; docs/guides/usage.md'
    )
