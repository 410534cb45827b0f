"""What calls cost whose log wrote the output count too early (docs/guides/usage.md, "Or more").

Where finished calls of the same tool and model are many, their mean output is taken; else the longest
answer the model gives, where its maker says so. The logged count stands where it is larger.
"""

from __future__ import annotations

from dataclasses import dataclass

from payback.ledger.engine import Engine
from payback.ledger.priced import ListPrice
from payback.prices.output_limit import most_output
from payback.records import Money

ENOUGH = 30
"""Finished calls whose mean is taken for the others: from about so many on, a mean has a spread of its own."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What unfinished calls cost beyond what is logged, at list price.

    `about` for `about_calls`, if they answered as finished ones do; `at_most` for `at_most_calls`, if each
    answered as long as its model can; of `unknown` calls nothing can be said.
    """

    calls: int
    about: Money
    about_calls: int
    at_most: Money
    at_most_calls: int

    @property
    def unknown(self) -> int:
        return self.calls - self.about_calls - self.at_most_calls


def unfinished(engine: Engine, price: ListPrice, currency: str) -> Unfinished:
    """Of the calls in `call_listed`."""
    found = engine.rows("""
        select tool, coalesce(model, ''), count(*) filter (where unfinished),
               count(*) filter (where not unfinished and output_tokens > 0),
               sum(output_tokens) filter (where not unfinished and output_tokens > 0)
        from usage_call group by 1, 2 having count(*) filter (where unfinished) > 0 order by 1, 2""")
    supposed = []
    for tool, model, _, finished, output in found:
        if finished >= ENOUGH:
            supposed.append((tool, model, -(-int(output) // finished), True))
        elif (most := most_output(model)) is not None:
            supposed.append((tool, model, most, False))
    sums = {True: (0, 0), False: (0, 0)}
    if supposed:
        kinds = [("tool", "VARCHAR"), ("model", "VARCHAR"), ("output", "BIGINT"), ("by_mean", "BOOLEAN")]
        engine.load("supposed_output", kinds, supposed)
        # A call's price with the supposed output in the place of the logged one, and without.
        made = engine.rows(f"""
            with early as (
                select u.*, s.output as supposed, s.by_mean from usage_call u
                join supposed_output s on u.tool = s.tool and coalesce(u.model, '') = s.model
                where u.unfinished and u.output_tokens is not null and u.input_tokens is not null),
            told as (select {price.pico} as pico, by_mean from early u {price.join}),
            full_length as (
                select {price.pico} as pico, by_mean
                from (select * replace (greatest(output_tokens, supposed) as output_tokens) from early) u {price.join})
            select by_mean, count(pico), sum(pico), (select sum(pico) from told t where t.by_mean = f.by_mean)
            from full_length f where pico is not null group by by_mean""")
        sums |= {by_mean: (calls, int(high) - int(low)) for by_mean, calls, high, low in made}
    return Unfinished(
        calls=sum(row[2] for row in found),
        about=Money.of_pico(sums[True][1], currency),
        about_calls=sums[True][0],
        at_most=Money.of_pico(sums[False][1], currency),
        at_most_calls=sums[False][0],
    )
