"""Why figures moved, in words, as a table and as JSON; the parts shown add up to the change shown."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from payback import days, numbers
from payback.assessor.difference import FULL_COST, PER_ACCEPTED, SPEND, Bridge, Difference, ModelMoved, Moved
from payback.assessor.estimates import exact
from payback.locale import say, say_count
from payback.measures.economics.price_volume import (
    ACCEPTANCE,
    BESIDES,
    CALLS,
    MIX,
    NOT_KNOWN,
    PER_CALL,
    PRICE,
    TODAY,
    TOKENS,
    VOLUME,
    rounded,
)
from payback.numbers import Scale
from payback.records import PICO
from payback.report.inert import plain
from payback.report.json_values import Json
from payback.report.json_values import figure as figure_json

SCHEMA_VERSION = 1
KIND = "difference"
ALWAYS = (PRICE, TOKENS, CALLS, MIX, ACCEPTANCE)
"""Factors shown though they moved nothing; the others only where they did."""
PLACES = 12
"""Decimals of amounts in JSON: parts rounded to them add up to the change, to the last digit."""
MODELS_SHOWN = 8


def factor_name(key: str) -> str:
    """The words for a factor."""
    return {
        PRICE: say("price per token"),
        TOKENS: say("tokens per call"),
        PER_CALL: say("cost per call, not split: tokens or prices not known"),
        CALLS: say("calls per task"),
        MIX: say("mix of models"),
        ACCEPTANCE: say("share accepted"),
        BESIDES: say("people, platform and earlier work"),
        TODAY: say("cost as today of what is redone"),
        VOLUME: say("number of tasks, by way of working"),
        NOT_KNOWN: say("not known: tasks of unknown cost, uneven repeats"),
    }[key]


def figure_name(bridge: Bridge) -> str:
    """Cost per ticket closed, all in."""
    if bridge.name == PER_ACCEPTED:
        return say("Cost per accepted {unit}", unit=bridge.per)
    if bridge.name == FULL_COST:
        return say("Full cost per {unit}", unit=bridge.per)
    return say("Calls at list price")


def _untold_name(name: str, unit: str) -> str:
    return {
        PER_ACCEPTED: say("Cost per accepted {unit}", unit=unit),
        FULL_COST: say("Full cost per {unit}", unit=unit),
        SPEND: say("Calls at list price"),
    }[name]


def text(found: Difference, width: int) -> str:
    """Everything that moved, for a terminal."""
    return "\n".join(_squeezed(_lines(found, width))) + "\n"


def _squeezed(lines: Iterator[str]) -> Iterator[str]:
    last = ""
    for line in lines:
        if line or last:
            yield line
        last = line


def _lines(found: Difference, width: int) -> Iterator[str]:
    yield from textwrap.wrap(
        say("{old} against {new}", old=_half(found, old=True), new=_half(found, old=False)), width
    )
    for case in found.cases:
        yield ""
        yield from textwrap.wrap(sentence(found, case), width, subsequent_indent="  ")
        for bridge in case.bridges:
            yield ""
            yield from _bridge(bridge, width)
        for name, reason in case.untold:
            yield ""
            line = say("{figure}: {reason}", figure=_untold_name(name, case.unit), reason=plain(reason))
            yield from textwrap.wrap(line, width, subsequent_indent="  ")
        yield ""
        for line in _notes(case):
            yield from textwrap.wrap(line, width, initial_indent="  ", subsequent_indent="    ")
    if found.spend is not None:
        yield ""
        yield say("All use cases")
        yield from _bridge(found.spend, width)
    yield ""
    left_out = sum(one.rows for one in found.problems if one.left_out)
    if left_out:
        out = say_count("{rows} row left out", "{rows} rows left out", left_out, rows=numbers.count(left_out))
        yield say("{out}: payback assess says which", out=out)
    yield say("how: the mean over every order in which the parts can change; docs/formulas.md, price-volume")


def _half(found: Difference, *, old: bool) -> str:
    half, other = (found.old, found.new) if old else (found.new, found.old)
    period = days.period(half.period)
    return period if half.project == other.project else f"{plain(half.project)}, {period}"


def sentence(found: Difference, case: Moved) -> str:
    """Since April to June 2026: one ticket closed costs 0.21 EUR less (0.18 calls per task, 0.03 price)."""
    since = say("Since {period}", period=_half(found, old=True))
    bridge = next((one for one in case.bridges if one.name in {PER_ACCEPTED, FULL_COST}), None)
    head = f"{plain(case.title)}. {since}: "
    if bridge is None:
        bridge = next(iter(case.bridges), None)
        if bridge is None:
            return head + say("nothing can be compared")
    unit = plain(bridge.per)
    change = bridge.new - bridge.old
    if not change:
        return head + (
            say("one {unit} costs the same", unit=unit)
            if unit
            else say("all calls cost the same at list price")
        )
    scale, places = _scale(bridge)
    whole = _parts(bridge, scale, places)
    by_size = sorted(whole, key=lambda name: -abs(whole[name]))
    told = [
        (
            say("{amount} more by {factor}", amount=_amount(abs(whole[name]), places), factor=_short(name))
            if whole[name] > 0
            else say(
                "{amount} less by {factor}", amount=_amount(abs(whole[name]), places), factor=_short(name)
            )
        )
        for name in by_size
        if whole[name]
    ]
    moved = _units(bridge.new, scale, places) - _units(bridge.old, scale, places)
    size = f"{_amount(abs(moved), places)} {scale.unit}"
    if unit:
        costs = (
            say("one {unit} costs {amount} more", unit=unit, amount=size)
            if change > 0
            else say("one {unit} costs {amount} less", unit=unit, amount=size)
        )
    else:
        costs = (
            say("all calls cost {amount} more at list price", amount=size)
            if change > 0
            else say("all calls cost {amount} less at list price", amount=size)
        )
    return head + (f"{costs} ({', '.join(told)})" if told else costs)


def _short(key: str) -> str:
    return factor_name(key).partition(":")[0].partition(",")[0] if key != BESIDES else factor_name(key)


def _bridge(bridge: Bridge, width: int) -> Iterator[str]:
    """The figure, old and new, and below it what each part moved."""
    scale, places = _scale(bridge)
    old, new = (_units(value, scale, places) for value in (bridge.old, bridge.new))
    yield from textwrap.wrap(
        say(
            "{figure}, {unit}: {old} -> {new} ({change})",
            figure=plain(figure_name(bridge)),
            unit=scale.unit,
            old=_amount(old, places),
            new=_amount(new, places),
            change=_signed(new - old, bridge.new - bridge.old, places),
        ),
        width,
        subsequent_indent="  ",
    )
    whole = _parts(bridge, scale, places)
    shown = [key for key, part in bridge.parts.items() if part or key in ALWAYS]
    names = {key: factor_name(key) for key in shown}
    wide = max((len(name) for name in names.values()), default=0)
    for key in sorted(shown, key=_order):
        yield f"  {names[key]:<{wide}}  {_signed(whole[key], bridge.parts[key], places):>12}"


def _order(key: str) -> int:
    return [PRICE, TOKENS, PER_CALL, CALLS, MIX, VOLUME, ACCEPTANCE, BESIDES, TODAY, NOT_KNOWN].index(key)


def _scale(bridge: Bridge) -> tuple[Scale, int]:
    """The scale of an amount and decimals enough for two digits of the change."""
    amounts = [exact(bridge.old), exact(bridge.new)]
    scale = Scale.of(amounts, bridge.currency)
    change = scale.scaled(exact(bridge.new - bridge.old))
    places = numbers.decimals_of(scale.scaled(max(amounts, key=abs)))
    return scale, min(PLACES, max(places, numbers.decimals_of(change, 2))) if change else places


def _parts(bridge: Bridge, scale: Scale, places: int) -> dict[str, int]:
    """The parts in whole units of the last decimal shown; they add up to the change shown."""
    unit = Fraction(10) ** (places - scale.power)
    change = _units(bridge.new, scale, places) - _units(bridge.old, scale, places)
    return rounded({name: part * unit for name, part in bridge.parts.items()}, Fraction(change))


def _units(value: Fraction, scale: Scale, places: int) -> int:
    """Whole units of the last decimal shown."""
    return round(value * Fraction(10) ** (places - scale.power))


def _amount(units: int, places: int) -> str:
    return numbers.fixed(Decimal(units).scaleb(-places), places)


def _signed(units: int, exactly: Fraction, places: int) -> str:
    """+0.02, -0.18; 0 for nothing, and about 0 for what is too small to show."""
    if not units:
        return say("about 0") if exactly else "0"
    return ("+" if units > 0 else "-") + _amount(abs(units), places)


def _notes(case: Moved) -> Iterator[str]:
    yield say("judged: {way}", way=plain(case.way))
    for models, line in (
        ([one for one in case.models if not one.old], say("new models: {names}")),
        ([one for one in case.models if not one.new], say("models no longer called: {names}")),
    ):
        if models:
            yield line.format(names=_names(models))
    for one in case.models[:MODELS_SHOWN]:
        if one.price is not None and one.price != 1:
            change = numbers.percent(abs(exact(one.price - 1)))
            name = plain(one.model)
            yield (
                say("price of {model}: {change} higher for the same tokens", model=name, change=change)
                if one.price > 1
                else say("price of {model}: {change} lower for the same tokens", model=name, change=change)
            )
    old, new = case.unknown_calls
    if old or new:
        yield say(
            "calls without a known cost, in none of the parts: {old} before, {new} after",
            old=numbers.count(old),
            new=numbers.count(new),
        )


def _names(models: list[ModelMoved]) -> str:
    named = ", ".join(plain(one.model) for one in models[:MODELS_SHOWN])
    rest = len(models) - MODELS_SHOWN
    return say("{names} and {rest} more", names=named, rest=rest) if rest > 0 else named


def json_text(found: Difference) -> str:
    """The same as one JSON document, ending in a line break; amounts keep twelve decimals."""
    return json.dumps(document(found), ensure_ascii=True, indent=2) + "\n"


def document(found: Difference) -> Json:
    """What `json_text` writes."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "title": found.title,
        "old": _half_json(found, old=True),
        "new": _half_json(found, old=False),
        "use_cases": [_case_json(found, case) for case in found.cases],
        "model_spend": None if found.spend is None else _bridge_json(found.spend),
        "rows_left_out": sum(one.rows for one in found.problems if one.left_out),
    }


def _half_json(found: Difference, *, old: bool) -> Json:
    half = found.old if old else found.new
    return {
        "project": half.project,
        "period": {
            "from": half.period.first_day.isoformat(),
            "to": half.period.first_day_after.isoformat(),
        },
        "as_of": half.as_of.isoformat(),
    }


def _case_json(found: Difference, case: Moved) -> Json:
    return {
        "key": case.key,
        "title": case.title,
        "way": case.way,
        "unit": case.unit,
        "sentence": sentence(found, case),
        "figures": [
            {"name": name, "old": figure_json(old), "new": figure_json(new)}
            for name, old, new in case.figures
        ],
        "bridges": [_bridge_json(bridge) for bridge in case.bridges],
        "not_taken_apart": [{"name": name, "reason": reason} for name, reason in case.untold],
        "unknown_calls": {"old": case.unknown_calls[0], "new": case.unknown_calls[1]},
        "models": [
            {
                "model": one.model,
                "old_calls": one.old,
                "new_calls": one.new,
                "price": None if one.price is None else str(exact(one.price)),
            }
            for one in case.models
        ],
    }


def _bridge_json(bridge: Bridge) -> Json:
    old, new = round(bridge.old * PICO), round(bridge.new * PICO)
    whole = rounded({key: part * PICO for key, part in bridge.parts.items()}, Fraction(new - old))
    return {
        "name": bridge.name,
        "currency": bridge.currency,
        "per": bridge.per,
        "old": _pico(old),
        "new": _pico(new),
        "change": _pico(new - old),
        "parts": {key: _pico(units) for key, units in whole.items()},
    }


def _pico(units: int) -> str:
    return f"{Decimal(units).scaleb(-PLACES):f}"
