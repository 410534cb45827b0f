"""Why results of the judged way were not accepted, how bad it was and what it cost, as figures."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from payback.assessment import Rated
from payback.assessor.accepted_share import plain
from payback.assessor.context import Context
from payback.assessor.estimates import exact, interval, interval_of, of_pico
from payback.ledger.delivered import OTHER_REASONS
from payback.locale import say, say_count
from payback.measures.delivery.harm import (
    SEVERE,
    Failures,
    HarmCost,
    at_most,
    mean_harm,
    share_of,
    word,
    worst_of,
)
from payback.measures.work import Exact, Work
from payback.numbers import count as written_count
from payback.numbers import money, number, of_hundred
from payback.records import PICO, Evidence, Figure, Input, Interval, Unknown

ONE_IN = (100, 1000)
"""The worst 1 in so many results, where there are at least so many."""


def reasons(context: Context, found: Failures | None, work: Work | None) -> tuple[Rated, ...]:
    """How often a result was not accepted for each reason, most frequent first; what nobody gave a reason for last."""
    if found is None or work is None or not any(found.lost) or not found.judged:
        return ()
    named = sorted(
        (name for name in found.lost if name), key=lambda name: (-found.count(found.lost[name]), name)
    )
    rows = [_rated(context, found, work, name, found.lost[name]) for name in named]
    if found.lost.get(""):
        rows.append(_rated(context, found, work, "", found.lost[""]))
    return tuple(rows)


def _rated(context: Context, found: Failures, work: Work, name: str, hits: Mapping[str, Exact]) -> Rated:
    unnamed = found.lost.get("", {}) if name else {}
    label = name or say("no reason given")
    if name == OTHER_REASONS:
        label = say("other reasons")
    return Rated(label, _share(context, found, work, "failures", hits, unnamed))


def _share(
    context: Context,
    found: Failures,
    work: Work,
    name: str,
    hits: Mapping[str, Exact],
    unnamed: Mapping[str, Exact],
) -> Figure:
    unchecked = {
        cell: each.tasks - each.checked for cell, each in work.cells.items() if each.tasks > each.checked
    }
    estimate = share_of(found, hits, unnamed, unchecked)
    shown, missing, notes = interval_of(estimate, "acceptance", estimate.value)
    total = found.count(hits)
    return Figure(
        name=name,
        value=exact(total / found.judged),
        unit="share",
        formula="failures",
        evidence=Evidence.MEASURED,
        period=context.period,
        interval=shown,
        bounds=missing,
        count=int(found.judged),
        counted=say("tasks"),
        inputs=(
            Input(say("failed so"), plain(total), Evidence.MEASURED),
            Input(say("checked"), plain(found.judged), Evidence.MEASURED),
        ),
        origins=context.sources.of("outcome"),
        notes=notes,
    )


def severe_words(context: Context) -> frozenset[str]:
    """The words of `severity` that count as severe: the project's own, else the usual ones."""
    return frozenset(word(each) for each in context.case.severe) or SEVERE


def severe(context: Context, found: Failures | None, work: Work | None) -> tuple[Rated, ...]:
    """How often a result was severely wrong, and the most it can be; nothing where nobody says how bad results are."""
    if found is None or work is None or not found.bad or not found.judged:
        return ()
    hits: dict[str, Exact] = {}
    words = severe_words(context)
    for name, cells in found.bad.items():
        if name in words:
            for cell, part in cells.items():
                hits[cell] = hits.get(cell, 0) + part
    figure = _share(context, found, work, "severe_failures", hits, {})
    most = at_most(found, hits)
    says = say("at most {share} of those checked, 95 % sure", share=_small(Decimal(str(most))))
    unknown = [name for name in sorted(found.bad) if name not in words]
    seen = ", ".join(f"“{name}”" for name in unknown)
    note = say("counted as severe: {words}", words=", ".join(f"“{each}”" for each in sorted(words)))
    if seen:
        note = say("{counted}; not: {seen}", counted=note, seen=seen)
    shown = Figure(
        name=figure.name,
        value=figure.value,
        unit="share",
        formula="most-share",
        evidence=Evidence.MEASURED,
        period=context.period,
        interval=figure.interval,
        bounds=figure.bounds,
        count=figure.count,
        counted=figure.counted,
        inputs=figure.inputs,
        origins=figure.origins,
        notes=(*figure.notes, says, note),
    )
    return (Rated(say("severe failures"), shown, says=says),)


def _small(share: Decimal) -> str:
    """`1.4 of 100`, or `3 of 10,000` where it is far below that."""
    if share >= Decimal("0.01"):
        return of_hundred(share)
    return say("{count} of 10,000", count=number((share * 10_000).quantize(Decimal("0.1"))))


def cost(context: Context, found: HarmCost | None, *, in_rows: bool) -> tuple[Rated, ...]:
    """What wrong results cost: all of it, per task, and how much hangs on the worst of them."""
    if found is None:
        return ()
    total, largest = of_pico(found.total), of_pico(found.largest)
    tail = []
    if found.harmed > 1 and total > 0:
        tail.append(say("the largest is {share} of it", share=of_hundred(largest / total)))
    for one_in in ONE_IN:
        worst = worst_of(found, one_in)
        if worst:
            tail.append(
                say(
                    "the worst 1 in {count} results cost {amount} or more",
                    count=written_count(one_in),
                    amount=money(of_pico(worst), context.currency),
                )
            )
    omissions = [
        say_count(
            "{shown} result that was not accepted has no cost of harm: it counts as nothing",
            "{shown} results that were not accepted have no cost of harm: they count as nothing",
            found.untold,
            shown=written_count(found.untold),
        )
    ] if found.untold else []  # fmt: skip
    if in_rows:
        omissions.append(say("not added to money out: rows of cost of category harm are"))
    every = Figure(
        name="harm",
        value=total,
        unit="money",
        formula="harm",
        evidence=Evidence.MEASURED,
        currency=context.currency,
        period=context.period,
        count=found.harmed,
        counted=say("results"),
        origins=context.sources.of("outcome"),
        omissions=tuple(omissions),
        notes=tuple(tail),
    )
    return (
        Rated(say("harm done"), every, says="; ".join(tail)),
        Rated(say("harm a task"), _mean(context, found)),
    )


def _mean(context: Context, found: HarmCost) -> Figure:
    made = mean_harm(found, PICO)
    shown: Interval | None = None
    notes: tuple[str, ...] = ()
    if isinstance(made, Unknown):
        notes = (made.reason,)
    else:
        shown, notes = interval(made), made.notes
    tasks = Fraction(sum(found.tasks.values()))
    return Figure(
        name="harm_per_task",
        value=of_pico(Fraction(sum(found.pico.values())) / tasks),
        unit="money",
        formula="harm",
        evidence=Evidence.MEASURED,
        currency=context.currency,
        per=context.case.unit,
        period=context.period,
        interval=shown,
        count=int(tasks),
        counted=say("tasks"),
        origins=context.sources.of("outcome"),
        notes=notes,
    )
