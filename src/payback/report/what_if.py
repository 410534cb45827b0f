"""What other prices would change, in words, as a table and as JSON; the share of models comes first."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from payback import days, numbers
from payback.assessor.another_model import End, Swap
from payback.assessor.estimates import exact
from payback.assessor.what_if import CaseWhatIf, Changes, Side, WhatIf
from payback.locale import say, say_count
from payback.numbers import Scale
from payback.records import Figure, Unknown
from payback.report.inert import plain
from payback.report.json_values import Json
from payback.report.json_values import figure as figure_json

SCHEMA_VERSION = 1
KIND = "what_if"


def text(found: WhatIf, width: int) -> str:
    """Every use case, for a terminal."""
    return "\n".join(_lines(found, width)) + "\n"


def _lines(found: WhatIf, width: int) -> Iterator[str]:
    for case in found.cases:
        yield from textwrap.wrap(sentence(found, case), width, subsequent_indent="  ")
        yield ""
        yield from _table(found, case, width)
        for line in _notes(found, case):
            yield from textwrap.wrap(line, width, initial_indent="  ", subsequent_indent="    ")
        yield ""
    left_out = sum(one.rows for one in found.problems if one.left_out)
    if left_out:
        out = say_count("{rows} row left out", "{rows} rows left out", left_out, rows=numbers.count(left_out))
        yield say("{out}: payback assess says which", out=out)
    yield say("how: measured usage, at other prices; docs/formulas.md, price-moves")


def sentence(found: WhatIf, case: CaseWhatIf) -> str:
    """Replies. Models are 16 of 100 of what one ticket closed costs. With price x 0.5 it costs 1.40 EUR, not 1.55."""
    unit = plain(case.unit)
    if isinstance(case.share, Unknown):
        first = say(
            "What part of the cost is models is not known: {reason}.", reason=plain(case.share.reason)
        )
    else:
        share = numbers.of_hundred(case.share)
        first = say("Models are {share} of what one {unit} costs, all in.", share=share, unit=unit)
    return " ".join((f"{plain(case.title)}.", first, _outcome(found, case)))


def _outcome(found: WhatIf, case: CaseWhatIf) -> str:
    if not found.changes.some:
        return say("Nothing is changed, so nothing moves: name a change, such as --price.")
    change = ", ".join(changed(found.changes, case.currency))
    swap = case.swap
    if swap is not None and not swap.shown:
        return say(
            "With {change}: not shown that {new} is accepted as often, so there are two ends, below.",
            change=change,
            new=plain(swap.way or swap.new),
        )
    for before, after, full in (
        (case.before.full, case.after.full, True),
        (case.before.per_accepted, case.after.per_accepted, False),
    ):
        if isinstance(before, Figure) and isinstance(after, Figure):
            what = say("it") if full else say("an accepted {unit}", unit=plain(case.unit))
            return say(
                "With {change} {what} costs {moved}.",
                change=change,
                what=what,
                moved=_moved(before.value, after.value, case.currency),
            )
    return say("What a unit costs with {change} is not known.", change=change)


def _moved(before: Decimal, after: Decimal, currency: str) -> str:
    """0.30 EUR instead of 0.40 EUR (25 % less); as much as now."""
    if before == after:
        return say("as much as now, {amount}", amount=numbers.money(after, currency))
    new, old = numbers.money(after, currency), numbers.money(before, currency)
    if before <= 0:
        return say("{new} instead of {old}", new=new, old=old)
    size = numbers.percent(abs(after - before) / before)
    return (
        say("{new} instead of {old}, {size} less", new=new, old=old, size=size)
        if after < before
        else say("{new} instead of {old}, {size} more", new=new, old=old, size=size)
    )


def changed(changes: Changes, currency: str) -> list[str]:
    """Every change in a few words."""
    found = []
    if changes.as_if is not None:
        found.append(say("list prices of {day}", day=days.day(changes.as_if)))
    if changes.model is not None:
        found.append(say("{new} for {old}", new=plain(changes.model[1]), old=plain(changes.model[0])))
    found += [
        say("every price x {factor}", factor=times(factor))
        if pattern == "*"
        else say("price of {model} x {factor}", model=plain(pattern), factor=times(factor))
        for pattern, factor in changes.prices
    ]
    if changes.tokens != 1:
        found.append(say("tokens x {factor}", factor=times(changes.tokens)))
    if changes.volume != 1:
        found.append(say("volume x {factor}", factor=times(changes.volume)))
    if any(changes.elasticity):
        found.append(say("elasticity {ends}", ends=_ends(changes.elasticity)))
    if changes.reviewer_wage is not None:
        found.append(
            say("reviewers at {wage} {currency} an hour", wage=changes.reviewer_wage, currency=currency)
        )
    return found


def times(factor: Fraction) -> str:
    """A factor with as many digits as say it: 0.5, 1.65."""
    value = exact(factor)
    return numbers.fixed(value, max(2, numbers.decimals_of(value))).rstrip("0").rstrip(".,")


def _ends(two: tuple[Fraction, Fraction]) -> str:
    low, high = (times(each) for each in two)
    return low if low == high else say("{low} to {high}", low=low, high=high)


def _table(found: WhatIf, case: CaseWhatIf, width: int) -> Iterator[str]:
    unit = plain(case.unit)
    pairs = (
        (say("cost per accepted {unit}", unit=unit), case.before.per_accepted, case.after.per_accepted),
        (say("full cost per {unit}", unit=unit), case.before.full, case.after.full),
        (say("as today, per {unit}", unit=unit), case.before.today, case.after.today),
    )
    known = [one.value for _, *both in pairs for one in both if isinstance(one, Figure)]
    scale = Scale.of(known, case.currency)
    places = max((numbers.decimals_of(scale.scaled(each)) for each in known), default=0)
    rows = [
        (
            say("{period}, {unit}", period=days.period(found.period), unit=scale.unit),
            say("now"),
            say("what if"),
            say("range of it"),
        )
    ]
    for name, before, after in pairs:
        old, new = (_cell(one, scale, places) for one in (before, after))
        rows.append((name, old, new, _range(after, scale, places)))
    if case.spend is not None:
        spend = case.spend
        money = Scale.of([spend.before, spend.low, spend.high], case.currency)
        decimals = money.decimals([spend.before, spend.low, spend.high])
        old, low, high = (money.text(each, decimals) for each in (spend.before, spend.low, spend.high))
        both = low if spend.low == spend.high else say("{low} to {high}", low=low, high=high)
        name = say("all its calls") if money == scale else say("all its calls, {unit}", unit=money.unit)
        rows.append((name, old, both, ""))
    wide = [max(len(row[place]) for row in rows) for place in range(4)]
    wide[0] = min(wide[0], max(20, width - wide[1] - wide[2] - wide[3] - 8))
    for name, *cells in rows:
        start, *more = textwrap.wrap(name, wide[0], subsequent_indent="  ") or [""]
        yield f"  {start:<{wide[0]}}  {cells[0]:>{wide[1]}}  {cells[1]:>{wide[2]}}  {cells[2]}".rstrip()
        yield from (f"  {line}" for line in more)


def _cell(one: Figure | Unknown, scale: Scale, places: int) -> str:
    return "?" if isinstance(one, Unknown) else scale.text(one.value, places)


def _range(one: Figure | Unknown, scale: Scale, places: int) -> str:
    if isinstance(one, Unknown):
        return ""
    shown = one.interval or one.bounds
    return "" if shown is None else scale.spread(shown, places)


def _notes(found: WhatIf, case: CaseWhatIf) -> Iterator[str]:
    yield from _unknown(case)
    yield from _without_range(case)
    yield from _of_cost(found, case)
    if (line := against_today(case)) is not None:
        yield line
    yield from _of_spend(found, case)
    if case.swap is not None:
        yield from _of_swap(case, case.swap)
    for each in case.models:
        if each.reason:
            share = Fraction(each.pico, sum(one.pico for one in case.models) or 1)
            yield say(
                "{model}, {share} of the cost of calls: {reason}; such calls stay at what they cost",
                model=plain(each.model),
                share=numbers.of_hundred(exact(share)),
                reason=plain(each.reason),
            )
    for one in case.vendor_costs:
        yield _of_vendor(one.model, one.price, one.cost, case.currency)
    if case.unknown_calls:
        yield say_count(
            "{calls} call has no known cost: it is in no amount, and taken to change like the others",
            "{calls} calls have no known cost: they are in no amount, and taken to change like the others",
            case.unknown_calls,
            calls=numbers.count(case.unknown_calls),
        )
    yield from (plain(note) for note in case.notes)


def _unknown(case: CaseWhatIf) -> Iterator[str]:
    reasons = (
        (say("full cost"), case.before.full),
        (say("cost per accepted"), case.before.per_accepted),
        (say("as today"), case.before.today),
        *(() if case.swap is not None else ((say("full cost, then"), case.after.full),)),
    )
    told: set[str] = set()
    for name, one in reasons:
        if isinstance(one, Unknown) and one.reason not in told:
            told.add(one.reason)
            yield say("{figure} is not known: {reason}", figure=name, reason=plain(one.reason))


def _without_range(case: CaseWhatIf) -> Iterator[str]:
    """Why there is no range, once for each reason."""
    told = dict.fromkeys(
        one.notes[0]
        for one in (case.after.per_accepted, case.after.full)
        if isinstance(one, Figure) and one.interval is None and one.bounds is None and one.notes
    )
    yield from (say("no range: {reason}", reason=plain(reason)) for reason in told)


def _of_cost(found: WhatIf, case: CaseWhatIf) -> Iterator[str]:
    """What prices and tokens together do to a task's calls, where they do not pull the same way."""
    tokens = found.changes.tokens
    if case.swap is not None or case.price == 1:
        return
    if case.factor == 1:
        if case.price == Fraction(1, 2) and tokens == 2:
            yield say("halving the price and doubling the tokens leaves the cost as it is")
        else:
            yield say(
                "price x {price} with tokens x {tokens} leaves the cost as it is",
                price=times(case.price),
                tokens=times(tokens),
            )
        return
    if tokens == 1:
        if found.changes.as_if is not None or len({each.price for each in case.models}) > 1:
            yield say("the same calls cost x {price}", price=times(case.price))
        return
    yield say(
        "the calls of a task cost x {factor}: price x {price}, tokens x {tokens}",
        factor=times(case.factor),
        price=times(case.price),
        tokens=times(tokens),
    )


def against_today(case: CaseWhatIf) -> str | None:
    """Whether the comparison with today turns, and at which cost of calls it would."""
    before, after = case.before.cheaper, case.after.cheaper
    if before is None or after is None:
        return None
    if before != after:
        return (
            say("this turns it: cheaper than as today, which it is not now")
            if after
            else say("this turns it: no longer cheaper than as today")
        )
    turning = case.turning
    head = (
        say("cheaper than as today, now and then") if after else say("not cheaper than as today, now or then")
    )
    if turning is None:
        return head
    if turning <= 0:
        return say(
            "{head}, whatever calls cost: people, platform and what is redone cost as much already", head=head
        )
    return (
        say(
            "{head}; it turns if its calls cost {factor} times what they do now",
            head=head,
            factor=times(turning),
        )
        if after
        else say(
            "{head}; it turns only if its calls cost {factor} times what they do now or less",
            head=head,
            factor=times(turning),
        )
    )


def _of_spend(found: WhatIf, case: CaseWhatIf) -> Iterator[str]:
    """What all calls cost together: the lower price may bring more of them."""
    if case.spend is None or not found.changes.some:
        return
    low, high = case.spends
    if any(found.changes.elasticity) and case.price != 1:
        yield say(
            "with that price there is {volume} times the work; spend falls only where price^(1 + elasticity) x tokens x volume is below 1: here {factor}",
            volume=_ends(case.volume),
            factor=_ends(case.spends),
        )
    if low == high == 1 and case.price != 1:
        yield say("all calls together cost what they do now")
    elif low > 1 and case.price < 1:
        yield say("all calls together cost more, though the price fell")


def _of_swap(case: CaseWhatIf, swap: Swap) -> Iterator[str]:
    name = plain(swap.way or swap.new)
    if not swap.way:
        yield say(
            "no way of working here calls {model}: whether it is accepted as often was never shown, and other models count and write other tokens",
            model=plain(swap.new),
        )
    elif swap.shown and swap.margin is not None and swap.least is not None:
        yield say(
            "{way} was shown to be no worse on {tasks} tasks done both ways: at most {least} fewer accepted (95 % sure), and what it saves pays for {margin}",
            way=name,
            tasks=numbers.count(swap.tasks or 0),
            least=numbers.of_hundred(Decimal(str(max(0.0, -swap.least)))),
            margin=numbers.of_hundred(swap.margin),
        )
    else:
        yield say("{way} was not shown to be no worse: {reason}", way=name, reason=_why_not(swap))
    if swap.margin is not None and swap.saving is not None and (not swap.way or swap.reason):
        yield say(
            "it saves {saving} a task: that pays for up to {margin} fewer accepted",
            saving=numbers.money(exact(swap.saving), case.currency),
            margin=numbers.of_hundred(swap.margin),
        )
    if swap.way and len(case.models) > 1:
        yield say(
            "{way} is a whole way of working: it takes the place of every call, to whichever model", way=name
        )
    for place, end in enumerate(swap.ends):
        yield _of_end(end, case, first=not place)


def _why_not(swap: Swap) -> str:
    if swap.reason or swap.least is None or swap.margin is None:
        return plain(swap.reason)
    return say(
        "up to {least} fewer may be accepted, and what it saves pays for {margin} on {tasks} tasks done both ways",
        least=numbers.of_hundred(Decimal(str(-swap.least))),
        margin=numbers.of_hundred(swap.margin),
        tasks=numbers.count(swap.tasks or 0),
    )


def _of_end(end: End, case: CaseWhatIf, *, first: bool) -> str:
    """What it costs at one end, and whether that is less than as today."""
    full = say("not known") if end.full is None else numbers.money(end.full, case.currency)
    today = case.after.today
    if end.full is not None and isinstance(today, Figure):
        full = (
            say("{full} all in, cheaper than as today", full=full)
            if end.full < today.value
            else say("{full} all in, not cheaper than as today", full=full)
        )
    else:
        full = say("{full} all in", full=full)
    if end.per_accepted is None:
        return say("at the worst that is known, none accepted: {full}", full=full)
    each, share = numbers.money(end.per_accepted, case.currency), numbers.of_hundred(end.accepted)
    return (
        say(
            "if accepted as often as now, {share}: {each} per accepted, {full}",
            share=share,
            each=each,
            full=full,
        )
        if first
        else say(
            "at the worst that is known, {share}: {each} per accepted, {full}",
            share=share,
            each=each,
            full=full,
        )
    )


def _of_vendor(model: str, price: Decimal | None, cost: Decimal, currency: str) -> str:
    name = plain(model)
    if price is None:
        return say(
            "{model}: the tokens of some calls are not known, so there is no price to hold against the vendor's cost",
            model=name,
        )
    paid, costs = numbers.money(price, currency), numbers.money(cost, currency)
    if not price and cost:
        return say(
            "{model} is sold at a loss: it costs you nothing and its vendor {costs} a million tokens",
            model=name,
            costs=costs,
        )
    if price < cost:
        return say(
            "{model} is sold at a loss: a million tokens cost you {paid} and its vendor {costs}; without that it costs {factor} times as much",
            model=name, paid=paid, costs=costs, factor=times(Fraction(cost) / Fraction(price)),
        )  # fmt: skip
    return say(
        "{model} is not sold at a loss: a million tokens cost you {paid} and its vendor {costs}",
        model=name,
        paid=paid,
        costs=costs,
    )


def json_text(found: WhatIf) -> str:
    """The same as one JSON document, ending in a line break."""
    return json.dumps(document(found), ensure_ascii=True, indent=2) + "\n"


def document(found: WhatIf) -> Json:
    """What `json_text` writes. Factors and amounts are decimals written as text."""
    changes = found.changes
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "title": found.title,
        "project": found.project,
        "period": {
            "from": found.period.first_day.isoformat(),
            "to": found.period.first_day_after.isoformat(),
        },
        "as_of": found.as_of.isoformat(),
        "changes": {
            "prices": [{"model": pattern, "factor": _text(factor)} for pattern, factor in changes.prices],
            "as_if": None if changes.as_if is None else changes.as_if.isoformat(),
            "tokens": _text(changes.tokens),
            "volume": _text(changes.volume),
            "elasticity": [_text(each) for each in changes.elasticity],
            "reviewer_wage": None if changes.reviewer_wage is None else str(changes.reviewer_wage),
            "model": None if changes.model is None else {"old": changes.model[0], "new": changes.model[1]},
        },
        "use_cases": [_case_json(found, case) for case in found.cases],
        "rows_left_out": sum(one.rows for one in found.problems if one.left_out),
    }


def _text(value: Fraction) -> str:
    return f"{exact(value):f}"


def _case_json(found: WhatIf, case: CaseWhatIf) -> Json:
    share = case.share
    return {
        "key": case.key,
        "title": case.title,
        "way": case.way,
        "unit": case.unit,
        "tasks": case.tasks,
        "sentence": sentence(found, case),
        "model_share": {"unknown": share.reason} if isinstance(share, Unknown) else str(share),
        "before": _side_json(case.before),
        "after": _side_json(case.after),
        "spend": None
        if case.spend is None
        else {
            "currency": case.currency,
            "before": str(case.spend.before),
            "low": str(case.spend.low),
            "high": str(case.spend.high),
        },
        "factors": {
            "price": _text(case.price),
            "cost_of_calls": _text(case.factor),
            "volume": [_text(each) for each in case.volume],
            "spend": [_text(each) for each in case.spends],
        },
        "turns": None
        if None in {case.before.cheaper, case.after.cheaper}
        else case.before.cheaper != case.after.cheaper,
        "turning_factor": None if case.turning is None else _text(case.turning),
        "models": [
            {
                "model": each.model,
                "calls": each.calls,
                "tokens": each.tokens,
                "before": _text(Fraction(each.pico, 10**12)),
                "price": _text(each.price),
                "not_priced": each.reason or None,
            }
            for each in case.models
        ],
        "unknown_calls": case.unknown_calls,
        "in_its_place": None if case.swap is None else _swap_json(case.swap),
        "vendor_costs": [
            {
                "model": each.model,
                "price_per_million": None if each.price is None else str(each.price),
                "cost_per_million": str(each.cost),
                "at_a_loss": None if each.price is None else each.price < each.cost,
            }
            for each in case.vendor_costs
        ],
        "notes": list(case.notes),
    }


def _side_json(side: Side) -> Json:
    return {
        "cost_per_accepted": figure_json(side.per_accepted),
        "full_unit_cost": figure_json(side.full),
        "unit_cost_today": figure_json(side.today),
        "cheaper_than_today": side.cheaper,
    }


def _swap_json(swap: Swap) -> Json:
    return {
        "old": swap.old,
        "new": swap.new,
        "way": swap.way or None,
        "shown_to_be_no_worse": swap.shown,
        "reason": swap.reason or None,
        "tasks_both_ways": swap.tasks,
        "saving_per_task": None if swap.saving is None else _text(swap.saving),
        "lost_per_result": None if swap.lost is None else str(swap.lost),
        "margin": None if swap.margin is None else str(swap.margin),
        "least_difference": swap.least,
        "ends": [
            {
                "accepted": str(end.accepted),
                "cost_per_accepted": None if end.per_accepted is None else str(end.per_accepted),
                "full_unit_cost": None if end.full is None else str(end.full),
            }
            for end in swap.ends
        ],
    }
