"""What came back to one use case: money by how it is known, hours, the ratio, and what was promised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from payback.assessment import Promise
from payback.assessor.context import Sources
from payback.assessor.exchange import Back
from payback.locale import say
from payback.numbers import money, number, of_hundred
from payback.project import Claim
from payback.quantities import Quantity
from payback.records import Evidence, Figure, Input, Money, Period, Unknown


def money_back(
    values: Sequence[Back], currency: str, period: Period, sources: Sources, *, benchmark: bool
) -> tuple[Figure | Unknown, tuple[tuple[Evidence, Money], ...]]:
    """What came back, counting only what is in the accounts, billed or measured; and every grade."""
    if benchmark:
        return Unknown(say("a benchmark has no customer, so no money can come back")), ()
    if not sources.has("value"):
        return _not_recorded(say("no record of money coming back is listed")), ()
    if not values:
        return _not_recorded(say("no row of these days says what came back")), ()
    with_money = [value for value in values if value.amount is not None]
    amounts = {
        grade: sum((value.amount or Decimal(0) for value in mine), Decimal(0))
        for grade in sorted(Evidence, reverse=True)
        if (mine := [value for value in with_money if value.money_evidence is grade])
    }
    parts = tuple((grade, Money(amount, currency)) for grade, amount in amounts.items() if amount)
    counted = {grade: amount for grade, amount in amounts.items() if grade.counts_as_back}
    looked_at = counted or {value.evidence: Decimal(0) for value in values}
    return (
        Figure(
            name="money_back",
            value=sum(counted.values(), Decimal(0)),
            unit="money",
            formula="value-back",
            evidence=min([grade for grade, amount in looked_at.items() if amount] or looked_at),
            currency=currency,
            period=period,
            count=sum(value.rows for value in values),
            counted=say("rows"),
            inputs=tuple(Input(grade.word, money(each.amount, currency), grade) for grade, each in parts),
            origins=sources.of("value"),
            omissions=(
                *(
                    say("{amount} only {grade}, not counted", amount=money(each.amount, currency), grade=grade.word)
                    for grade, each in parts
                    if not grade.counts_as_back
                ),
                *_priced_hours(with_money, currency),
            ),
        ),
        parts,
    )  # fmt: skip


def _not_recorded(reason: str) -> Unknown:
    return Unknown(reason, fix=say("list a source of value in payback.toml; rows of 0 say that nothing came"))


def _priced_hours(values: Sequence[Back], currency: str) -> tuple[str, ...]:
    """What is said of freed hours that somebody gave a price, though the accounts do not show it."""
    priced = sum(
        (
            value.amount or Decimal(0)
            for value in values
            if value.priced_hours and value.evidence.counts_as_back
        ),
        Decimal(0),
    )
    if not priced:
        return ()
    return (
        say("{amount} is freed time at a price, not in the accounts: estimated", amount=money(priced, currency)),
    )  # fmt: skip


def hours_freed(
    values: Sequence[Back], period: Period, sources: Sources, *, benchmark: bool
) -> Figure | Unknown:
    """Hours freed, whatever they may be worth; only measured ones, or better, count."""
    if benchmark:
        return Unknown(say("a benchmark frees nobody's hours"))
    if not sources.has("value"):
        return Unknown(
            say("no record of hours freed is listed"),
            fix=say("list a source of value with kind time freed in payback.toml"),
        )
    lines = [value for value in values if value.hours is not None]
    if not values:
        return Unknown(
            say("no row of these days says what came back"),
            fix=say("list a source of value with kind time freed in payback.toml"),
        )
    counted = [value for value in lines if value.evidence.counts_as_back]
    return Figure(
        name="hours_freed",
        value=_hours(counted),
        unit="hours",
        formula="hours-freed",
        evidence=min(value.evidence for value in counted or values),
        period=period,
        count=sum(value.rows for value in counted),
        counted=say("rows"),
        origins=sources.of("value"),
        omissions=tuple(
            say("{hours} hours only {grade}, not counted", hours=number(hours), grade=grade.word)
            for grade in (Evidence.ESTIMATED, Evidence.CLAIMED)
            if (hours := _hours([value for value in lines if value.evidence is grade]))
        ),
    )


def _hours(values: Iterable[Back]) -> Decimal:
    return sum((value.hours for value in values if value.hours is not None), Decimal(0))


def hours_needed(
    hours: Figure | Unknown, out: Figure | Unknown, back: Figure | Unknown, wage: Quantity | None
) -> str:
    """Which share of the freed hours must turn into money for the spending to come back; empty if not known."""
    if wage is None or not isinstance(hours, Figure) or not isinstance(out, Figure) or hours.value <= 0:
        return ""
    missing = out.value - (back.value if isinstance(back, Figure) else Decimal(0))
    worth = hours.value * wage.middle
    if missing <= 0 or worth <= 0:
        return ""
    wages = money(wage.middle, out.currency or "")
    if missing > worth:
        return say(
            "even if all of them turned into money, at {wage} an hour, they would not pay for it", wage=wages
        )
    return say(
        "pays if {share} of them turn into money, at {wage} an hour", share=of_hundred(missing / worth), wage=wages
    )  # fmt: skip


def payback_ratio(out: Figure | Unknown, back: Figure | Unknown) -> Figure | Unknown:
    """Money back over money out."""
    if isinstance(out, Unknown):
        return out
    if isinstance(back, Unknown):
        return back
    if out.value <= 0:
        return Unknown(say("nothing was spent, so there is no ratio"))
    return Figure(
        name="payback_ratio",
        value=back.value / out.value,
        unit="ratio",
        formula="payback-ratio",
        evidence=min(out.evidence, back.evidence),
        period=out.period,
        inputs=(
            Input(say("money back"), money(back.value, back.currency or ""), back.evidence),
            Input(say("money out"), money(out.value, out.currency or ""), out.evidence),
        ),
        origins=(*back.origins, *out.origins),
        omissions=(*back.omissions, *out.omissions),
    )


def promise(
    claims: Sequence[Claim], back_parts: Sequence[tuple[Evidence, Money]], currency: str
) -> Promise | None:
    """What was promised, split by how much of it is known and how; None where nothing was.

    What came back is taken off the claimed part first: a verified amount replaces a claim. A promise
    and a record that are both estimated may be the same money, so the larger stands for both.
    """
    said = sum((claim.amount for claim in claims if claim.amount is not None), Decimal(0))
    if not said:
        return None
    known = {grade: each.amount for grade, each in back_parts}
    verified = [(grade, known[grade]) for grade in sorted(known, reverse=True) if grade.counts_as_back]
    came = sum((amount for _, amount in verified), Decimal(0))
    left = max(Decimal(0), said - came)
    ranged = sum(
        (claim.amount for claim in claims if claim.amount is not None and claim.evidence == "estimated"),
        Decimal(0),
    )
    estimated = min(left, max(ranged, known.get(Evidence.ESTIMATED, Decimal(0))))
    parts = [*verified, (Evidence.ESTIMATED, estimated), (Evidence.CLAIMED, left - estimated)]
    return Promise(
        said=Money(said, currency),
        total=Money(came + left, currency),
        parts=tuple((grade, Money(amount, currency)) for grade, amount in parts if amount),
        by="; ".join(dict.fromkeys(claim.by for claim in claims if claim.by)),
        source="; ".join(dict.fromkeys(claim.source for claim in claims if claim.source)),
    )
