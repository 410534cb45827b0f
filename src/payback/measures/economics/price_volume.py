"""Why a cost moved: price, tokens a call, calls a task, mix, acceptance and the rest, adding up exactly.

Formula and source: docs/formulas.md, "price-volume". Money is in exact fractions of 10^-12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import product
from math import factorial
from typing import Any

from payback.prices.cost import CallTokens, call_cost_pico
from payback.prices.price_calendar import CalendarRow

# The days of a period are those of a task's first call, as in every other figure.
MODEL_QUERY = """
    select use_case, arm, provider, model, service_tier, day, sum(calls) as calls,
           sum(known_calls) as known_calls, sum(metered_calls) as metered_calls,
           sum(input_tokens) as input_tokens, sum(cached_tokens) as cached_tokens,
           sum(cache_write_5m_tokens) as cache_write_5m_tokens,
           sum(cache_write_1h_tokens) as cache_write_1h_tokens,
           sum(output_tokens) as output_tokens, sum(pico) as pico
    from model_call, period
    where first_day >= period.first_day_of and first_day < period.first_day_after
    group by use_case, arm, provider, model, service_tier, day
    order by use_case, arm, provider, model, service_tier, day
"""

# What tasks carry over from the work they started from, over their tries.
INHERITED_QUERY = """
    select use_case, arm, sum(inherited_pico) as pico
    from task_cost, period
    where tasks = 1 and (first_day is null or (first_day >= period.first_day_of
                                               and first_day < period.first_day_after))
    group by use_case, arm
    order by use_case, arm
"""

PRICE, TOKENS, PER_CALL, CALLS, MIX = "price", "tokens_per_call", "cost_per_call", "calls_per_task", "mix"
ACCEPTANCE, BESIDES, TODAY, VOLUME, NOT_KNOWN = "acceptance", "besides", "today", "volume", "not_known"
OF_CALLS = (PRICE, TOKENS, PER_CALL, MIX)
"""What moves the cost of a call; `cost_per_call` holds models whose tokens or prices are not known."""

OLD, NEW = 0, 1


@dataclass(frozen=True, slots=True)
class ModelCalls:
    """Calls of one model on one day. Tokens and `pico` are of those whose cost is known."""

    use_case: str
    arm: str
    provider: str
    model: str
    service_tier: str
    day: date
    calls: int
    known: int
    metered: int
    tokens: CallTokens
    pico: int

    @property
    def key(self) -> tuple[str, str, str, date]:
        """Where the price calendar has its rates."""
        return (self.provider, self.model, self.service_tier, self.day)


def model_calls(rows: Iterable[Sequence[Any]]) -> list[ModelCalls]:
    """From the rows of MODEL_QUERY."""
    found = []
    for use_case, arm, provider, model, tier, day, *counts in rows:
        calls, known, metered, *tokens, pico = map(int, counts)
        of = CallTokens(*tokens)
        found.append(ModelCalls(use_case, arm, provider, model, tier, day, calls, known, metered, of, pico))
    return found


@dataclass(frozen=True, slots=True)
class Called:
    """Calls of known cost to one model, and what they would cost at the other side's rates.

    `elsewhere` None: their tokens, or a rate, are not known.
    """

    calls: int
    pico: int
    elsewhere: Fraction | None = None


Rates = Mapping[tuple[str, str, str, date], CalendarRow]


def called(mine: Sequence[ModelCalls], theirs: Sequence[ModelCalls], own: Rates, other: Rates) -> Called:
    """One model's calls, and their cost at the rates of the other side's days.

    What the calls cost is multiplied by how their tokens' list price changes from rate to rate: so a
    tier or an hour they were charged at stays theirs. `theirs` weigh the other side's days by calls.
    """
    calls, pico = sum(each.known for each in mine), sum(each.pico for each in mine)
    known = [each for each in theirs if each.known]
    if not known or any(each.metered < each.known for each in mine):
        return Called(calls, pico)
    here = [list_price(own.get(each.key), each.tokens) for each in mine if each.known]
    tokens = _added(each.tokens for each in mine)
    weights: dict[CalendarRow | None, int] = {}
    for each in known:
        row = other.get(each.key)
        flat = None if row is None else _flat(row)
        weights[flat] = weights.get(flat, 0) + each.known
    there = [(list_price(row, tokens), weight) for row, weight in weights.items()]
    listed = [price for price in here if price is not None]
    elsewhere = [(price, weight) for price, weight in there if price is not None]
    if len(listed) < len(here) or len(elsewhere) < len(there):
        return Called(calls, pico)
    at_other = Fraction(
        sum(price * weight for price, weight in elsewhere), sum(weight for _, weight in elsewhere)
    )
    at_own = sum(listed)
    if at_own:
        return Called(calls, pico, pico * at_other / at_own)
    return Called(calls, pico, at_other if not pico else None)


def list_price(row: CalendarRow | None, tokens: CallTokens) -> int | None:
    """All these tokens at the plain rates of a day, cache rates that are missing at their most."""
    return None if row is None else call_cost_pico(_flat(row), tokens, end="high")


def _flat(row: CalendarRow) -> CalendarRow:
    """The plain rates alone, so that days of the same rates are one."""
    return replace(
        row, day=date.min, reason="", note="", tier_above=None, window_from_second=None, window_to_second=None,
        window_2_from_second=None, window_2_to_second=None,
    )  # fmt: skip


def _added(tokens: Iterable[CallTokens]) -> CallTokens:
    each = list(tokens)
    return CallTokens(
        input=sum(one.input for one in each),
        cached=sum(one.cached for one in each),
        write_5m=sum(one.write_5m for one in each),
        write_1h=sum(one.write_1h for one in each),
        output=sum(one.output for one in each),
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One way of working in one of the two periods, in 10^-12 of the currency.

    `models` hold calls of known cost, `tries` all tasks with their repeats. `attempt` is what the calls
    of a task cost as the figures count it, `besides` people, platform and work it started from.
    """

    models: Mapping[str, Called]
    tries: int
    attempt: Fraction = Fraction(0)
    besides: Fraction = Fraction(0)
    share: Fraction = Fraction(1)
    today: Fraction = Fraction(0)

    @property
    def calls(self) -> int:
        return sum(each.calls for each in self.models.values())

    @property
    def pico(self) -> int:
        return sum(each.pico for each in self.models.values())

    @property
    def calls_per_try(self) -> Fraction:
        return Fraction(self.calls, self.tries) if self.tries else Fraction(0)

    @property
    def rest(self) -> Fraction:
        """What the figure counts beyond the calls of known cost: tasks of unknown cost, uneven repeats."""
        return self.attempt - Fraction(self.pico, self.tries or 1)


Parts = dict[str, Fraction]
"""What each factor moved, by its name; they add up to new less old, exactly."""


def of_accepted(old: Side, new: Side) -> Parts:
    """Why cost per accepted outcome moved. Both shares are above 0."""
    per_call, sides = _per_call(old, new), (old, new)

    def cost(at: Mapping[str, int]) -> Fraction:
        calls = sides[at[CALLS]].calls_per_try * per_call(*(at[name] for name in OF_CALLS))
        return (calls + sides[at[NOT_KNOWN]].rest + sides[at[BESIDES]].besides) / sides[at[ACCEPTANCE]].share

    return shapley((*OF_CALLS, CALLS, ACCEPTANCE, BESIDES, NOT_KNOWN), cost)


def of_full_cost(old: Side, new: Side) -> Parts:
    """Why the full cost of a finished unit moved."""
    per_call, sides = _per_call(old, new), (old, new)

    def cost(at: Mapping[str, int]) -> Fraction:
        calls = sides[at[CALLS]].calls_per_try * per_call(*(at[name] for name in OF_CALLS))
        redone = (1 - sides[at[ACCEPTANCE]].share) * sides[at[TODAY]].today
        return calls + sides[at[NOT_KNOWN]].rest + sides[at[BESIDES]].besides + redone

    return shapley((*OF_CALLS, CALLS, ACCEPTANCE, BESIDES, TODAY, NOT_KNOWN), cost)


def of_spend(old: Side, new: Side) -> Parts:
    """Why what calls cost at list price moved. Without tasks on a side that has calls, calls are its volume."""
    per_call, sides = _per_call(old, new), (old, new)
    by_calls = any(side.calls and not side.tries for side in sides)
    volume = [side.calls if by_calls else side.tries for side in sides]
    rate = [Fraction(1)] * 2 if by_calls else [side.calls_per_try for side in sides]
    for side in (OLD, NEW):
        if not volume[side]:
            rate[side] = rate[1 - side]  # where nothing was done, nothing is known of how

    def spend(at: Mapping[str, int]) -> Fraction:
        return volume[at[VOLUME]] * rate[at[CALLS]] * per_call(*(at[name] for name in OF_CALLS))

    return shapley((*OF_CALLS, CALLS, VOLUME), spend)


def _per_call(old: Side, new: Side) -> Callable[[int, int, int, int], Fraction]:
    """What a call costs with price, tokens, cost per call and mix each of the old or the new side."""
    names = sorted({name for side in (old, new) for name, each in side.models.items() if each.calls})

    @cache
    def per_call(price: int, tokens: int, unsplit: int, mix: int) -> Fraction:
        weighed = (old, new)[mix] if (old, new)[mix].calls else (old, new)[1 - mix]
        if not weighed.calls:
            return Fraction(0)
        total = Fraction(0)
        for name in names:
            found = weighed.models.get(name)
            if found is not None and found.calls:
                both = (old.models.get(name), new.models.get(name))
                total += found.calls * _of_model(both, price, tokens, unsplit)
        return total / weighed.calls

    return per_call


def _of_model(both: tuple[Called | None, Called | None], price: int, tokens: int, unsplit: int) -> Fraction:
    """What a call of one model costs; a model of one side alone costs what it does there."""
    old, new = both
    if old is None or not old.calls or new is None or not new.calls:
        only = new if old is None or not old.calls else old
        return Fraction(only.pico, only.calls) if only is not None else Fraction(0)
    if old.elsewhere is None or new.elsewhere is None:
        found = (old, new)[unsplit]
        return Fraction(found.pico, found.calls)
    found = (old, new)[tokens]
    cost = found.pico if price == tokens else found.elsewhere
    return Fraction(cost or 0) / found.calls


def shapley(factors: Sequence[str], value: Callable[[Mapping[str, int]], Fraction]) -> Parts:
    """What each factor moves on average over every order in which they can be changed from old to new.

    >>> parts = shapley(("a", "b"), lambda at: Fraction((2, 3)[at["a"]] * (10, 20)[at["b"]]))
    >>> parts == {"a": Fraction(15), "b": Fraction(25)}
    True
    """
    known = {
        at: value(dict(zip(factors, at, strict=True))) for at in product((OLD, NEW), repeat=len(factors))
    }
    every = len(factors)
    weight = [Fraction(factorial(n) * factorial(every - n - 1), factorial(every)) for n in range(every)]
    parts: Parts = {}
    for place, name in enumerate(factors):
        moved = Fraction(0)
        for at, before in known.items():
            if at[place] == OLD:
                after = known[*at[:place], NEW, *at[place + 1 :]]
                if after != before:
                    moved += weight[sum(at)] * (after - before)
        parts[name] = moved
    return parts


def rounded(parts: Mapping[str, Fraction], total: Fraction) -> dict[str, int]:
    """The parts in whole units that add up to the whole `total`: the largest remainders are rounded up.

    >>> rounded({"a": Fraction(3, 2), "b": Fraction(3, 2), "c": Fraction(-1)}, Fraction(2))
    {'a': 2, 'b': 1, 'c': -1}
    """
    whole = {name: part.numerator // part.denominator for name, part in parts.items()}
    left = int(total) - sum(whole.values())
    order = sorted(parts, key=lambda name: whole[name] - parts[name])
    for turn in range(abs(left)):
        name = order[turn % len(order)] if left > 0 else order[-1 - turn % len(order)]
        whole[name] += 1 if left > 0 else -1
    return whole
