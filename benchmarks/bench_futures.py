"""How long the whole of what lies ahead takes: 100 use cases of 12 uncertain inputs, everything a page shows.

Each use case has other amounts (seeded), 36 months, 8,192 futures: worth, chance of a loss, payback month, paths, rate of
return, what each input is worth to know, what to measure next, one at a time, break-evens, waiting, a pilot. CPU and
wall, beside the same without a change of prices, growth and retention, which is what depends on months.
"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal

from benchmarks.rows import Row
from payback.assessor.returns.outlook import Past, outlook
from payback.assessor.returns.prospect import Prospect, Trial
from payback.assessor.returns.stated import GROWTH, MINUTES, MONEY, SHARE, UNITS, Input
from payback.measures.ranges import Uncertain, uncertain
from payback.measures.returns.cash import Plan
from payback.records import Evidence, Money

USE_CASES = 100
BY_MONTH = {"volume_growth", "retention", "price_change"}


def prospects(count: int) -> list[Prospect]:
    """Use cases with 12 uncertain inputs each, the amounts by a seed."""
    dice = random.Random(5)  # noqa: S311  no secret
    found = []
    for number in range(count):
        size = dice.uniform(0.5, 2)
        stated = {
            "volume": (f"{800 * size:.0f} to {1500 * size:.0f}", UNITS),
            "volume_growth": ("pert(-0.1, 0.05, 0.2)", GROWTH),
            "adoption": ("60 % to 90 %", SHARE),
            "retention": ("70 % to 95 %", SHARE),
            "acceptance": ("beta(40, 12)", SHARE),
            "minutes_today": ("4 to 15", MINUTES),
            "review_minutes": ("0.5 to 2", MINUTES),
            "wage_per_hour": ("25 to 40", MONEY),
            "realisation_share": ("15 % to 60 %", SHARE),
            "model_cost": (f"{0.05 * size:.3f} to {0.6 * size:.3f}", MONEY),
            "price_change": ("pert(-0.5, -0.2, 0.1)", GROWTH),
            "build": (f"{5000 * size:.0f} to {30000 * size:.0f}", MONEY),
        }
        inputs = {key: _input(key, uncertain(text), unit) for key, (text, unit) in stated.items()}
        inputs["pilot.cost"] = _input("pilot.cost", uncertain("2000"), MONEY)
        plan = Plan(months=36, build_months=2, ramp=(0.3, 0.6, 1.0), yearly_rate=0.08)
        pilot = Trial("pilot.cost", 3, 0.8, 0.85)
        start = date(2026, 10, 1)
        found.append(
            Prospect(f"case-{number}", plan, inputs, (), True, start, Decimal("0.08"), None, (), pilot)
        )
    return found


def _input(key: str, what: Uncertain, unit: str) -> Input:
    return Input(key, key.replace("_", " "), unit, what, Evidence.ESTIMATED)


def seconds(found: list[Prospect]) -> tuple[float, float]:
    """CPU and wall seconds of all of them."""
    cpu, wall = time.process_time(), time.perf_counter()
    for each in found:
        outlook("EUR", each, Past((), Decimal(0), Decimal(0)), Money(Decimal(0), "EUR"))
    return time.process_time() - cpu, time.perf_counter() - wall


def run() -> list[Row]:
    """A hundred use cases: with inputs that change from month to month, and the same without them."""
    every = prospects(USE_CASES)
    seconds(every[:1])  # imports
    cpu, wall = seconds(every)
    flat = [
        replace(each, inputs={key: one for key, one in each.inputs.items() if key not in BY_MONTH})
        for each in every
    ]
    flat_cpu, _ = seconds(flat)
    return [
        Row(
            f"{USE_CASES} use cases x 12 inputs, everything a page shows",
            cpu, "CPU s", at_most=20, bar="20 s", note=f"{wall:.1f} s by the clock; 36 months, 8,192 futures",
        ),
        Row(f"{USE_CASES} use cases x 9 inputs, nothing changing by month", flat_cpu, "CPU s"),
    ]  # fmt: skip
