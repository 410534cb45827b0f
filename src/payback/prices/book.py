"""The price book: what a model costs on a day, with your own prices over it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import date

from payback.locale import say
from payback.prices import listing as files
from payback.prices.listing import Listing, Listings
from payback.prices.names import FIRST_PARTY, known_provider
from payback.prices.own import Discount, Override, concerns, in_force
from payback.prices.price import RATE_NAMES, STANDARD, Price, Unpriced
from payback.prices.resolve import Found, near_names, resolve
from payback.prices.service_tier import service_tier_name, tier_factor

Segments = tuple[tuple[date, "Price | Unpriced"], ...]
"""What holds from each day on, until the next one; the first day is the first there is."""

_Key = tuple[str | None, str, str]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One model that two books list at different standard prices on the same day.

    `differ` names the rates, such as `input`; only rates that both books know are compared, outside
    special hours. `hours` is True where the other book has our price of the special hours.
    """

    ours: Price
    theirs: Price
    differ: tuple[str, ...]
    hours: bool


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Listings, a second book to compare with, and a project's own prices and discounts.

    What was looked up once is kept: a model in a million calls is resolved once.
    """

    listings: Listings
    second: Listings
    overrides: tuple[Override, ...] = ()
    discounts: tuple[Discount, ...] = ()
    _segments: dict[_Key, Segments] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def bundled(cls, overrides: tuple[Override, ...] = (), discounts: tuple[Discount, ...] = ()) -> PriceBook:
        """The book that comes with payback, with your own prices over it."""
        return cls(files.read(files.BOOK), files.read(files.SECOND_BOOK), overrides, discounts)

    def price(
        self,
        model: str,
        provider: str | None = None,
        *,
        on: date,
        service_tier: str | None = STANDARD,
    ) -> Price | Unpriced:
        """The price in force on the UTC day `on`; Unpriced where none is known, with near names.

        An override wins over the book; a discount multiplies the book's price. A service tier with
        no documented factor and no discount of yours is unpriced, not list-priced.
        """
        segments = self.segments(model, provider, service_tier)
        found = segments[bisect_right(segments, on, key=lambda segment: segment[0]) - 1][1]
        if isinstance(found, Unpriced) and isinstance(self._found(model, provider), Unpriced):
            return replace(found, near=near_names(self.listings, model, provider))
        return found

    def history(self, model: str, provider: str | None = None) -> tuple[Price, ...] | Unpriced:
        """Every standard price the book lists for the model, oldest first; nothing of your own in it."""
        found = self._found(model, provider)
        if isinstance(found, Unpriced):
            return replace(found, near=near_names(self.listings, model, provider))
        return tuple(replace(price, found_by=found.found_by) for price in found.listing.prices)

    def disagreements(self, model: str, on: date, provider: str | None = None) -> tuple[Disagreement, ...]:
        """Where the second book lists the model at other prices on `on`; empty where it does not.

        The second book has no dates: it speaks of the day it was retrieved, so it is only held against
        the price of ours that was in force then.
        """
        found = self._found(model, provider)
        if isinstance(found, Unpriced):
            return ()
        disagreement = self._disagreement(found.listing, on)
        return () if disagreement is None else (disagreement,)

    def compared(
        self, on: date, providers: frozenset[str] = FIRST_PARTY
    ) -> tuple[int, tuple[Disagreement, ...]]:
        """How many models both books list under the same name at these providers, and which differ.

        A price our book itself took from the other book is not compared.
        """
        count, found = 0, []
        for provider, model in self.listings.keys:
            ours, theirs = self.listings.find(provider, model), self.second.find(provider, model)
            if provider not in providers or ours is None or theirs is None:
                continue
            price, other = ours.on(on), theirs.on(on)
            if price is None or other is None or not price.rates.known or price.source == other.source:
                continue
            count += 1
            disagreement = self._disagreement(ours, on)
            if disagreement is not None:
                found.append(disagreement)
        return count, tuple(found)

    def segments(
        self, model: str, provider: str | None = None, service_tier: str | None = STANDARD
    ) -> Segments:
        """What the model costs over all time, as stretches of days; at least one, from the first day."""
        key = (provider, model, service_tier_name(service_tier))
        if key not in self._segments:
            self._segments[key] = self._new_segments(*key)
        return self._segments[key]

    def _found(self, model: str, provider: str | None) -> Found | Unpriced:
        return resolve(self.listings, model, provider, witnesses=(self.second,))

    def _new_segments(self, provider: str | None, model: str, service_tier: str) -> Segments:
        found = self._found(model, provider)
        turns = {date.min}
        if isinstance(found, Found):
            turns |= {price.valid_from for price in found.listing.prices if price.valid_from}
        names = _Names.of(model, provider, found)
        # Only the rules about this model, so that a long list of others costs nothing.
        mine = replace(
            self,
            overrides=tuple(own for own in self.overrides if names.are_meant_by(own)),
            discounts=tuple(own for own in self.discounts if names.are_meant_by(own)),
        )
        own_rules: tuple[Override | Discount, ...] = (*mine.overrides, *mine.discounts)
        for own in own_rules:
            turns |= {day for day in (own.first_day, own.first_day_after) if day is not None}
        return tuple(
            (day, mine._price(names, found, service_tier, day))  # noqa: SLF001  a book of the same kind
            for day in sorted(turns)
        )

    def _price(
        self, names: _Names, found: Found | Unpriced, service_tier: str, day: date
    ) -> Price | Unpriced:
        own = self._own(names, found, service_tier, day)
        if own is not None:
            return own
        standard = self._own(names, found, STANDARD, day) or _listed(names, found, day)
        if isinstance(standard, Unpriced):
            return standard
        price = standard if service_tier == STANDARD else self._of_tier(names, standard, service_tier, day)
        if isinstance(price, Unpriced) or standard.own:
            return price
        return self._discounted(price, day)

    def _own(self, names: _Names, found: Found | Unpriced, service_tier: str, day: date) -> Price | None:
        for override in self.overrides:
            if override.service_tier == service_tier and in_force(override, day):
                listing = found.listing if isinstance(found, Found) else None
                return Price(
                    provider=override.provider or (listing.provider if listing else names.provider),
                    model=listing.model if listing else names.model,
                    valid_from=override.first_day,
                    currency=override.currency,
                    rates=override.rates,
                    tier=override.tier,
                    service_tier=service_tier,
                    source=override.source or say("[[prices]] in payback.toml"),
                    own=True,
                    found_by=(say("your own price for {pattern}", pattern=override.model),),
                )
        return None

    def _of_tier(self, names: _Names, standard: Price, service_tier: str, day: date) -> Price | Unpriced:
        for discount in self.discounts:
            if discount.service_tier == service_tier and in_force(discount, day):
                step = say("{tier}: times {factor}, your discount", tier=service_tier, factor=discount.factor)
                price = standard.times(discount.factor, discount.factor)
                return replace(price, service_tier=service_tier, adjustments=(step,))
        known = None
        if not standard.own:
            known = tier_factor(standard.provider, standard.model, service_tier)
        if known is None:
            return Unpriced(
                names.model,
                say(
                    "no {tier} price is known for {model} at {provider}",
                    tier=service_tier,
                    model=standard.model,
                    provider=standard.provider,
                ),
                say("give its factor under [[discounts]] with service_tier in payback.toml"),
            )
        step = say(
            "{tier}: times {factor} ({source})",
            tier=service_tier,
            factor=known.factor,
            source=known.source,
        )
        price = standard.times(known.factor, known.cache_factor)
        return replace(price, service_tier=service_tier, adjustments=(step,))

    def _discounted(self, price: Price, day: date) -> Price:
        for discount in self.discounts:
            if discount.service_tier is None and in_force(discount, day):
                step = say("times {factor}, your discount", factor=discount.factor)
                multiplied = price.times(discount.factor, discount.factor)
                return replace(multiplied, adjustments=(*price.adjustments, step))
        return price

    def _disagreement(self, listing: Listing, day: date) -> Disagreement | None:
        other = self.second.find(listing.provider, listing.model)
        ours, theirs = listing.on(day), None if other is None else other.on(day)
        if ours is None or theirs is None or not ours.rates.known:
            return None
        if theirs.retrieved_on is not None and ours is not listing.on(theirs.retrieved_on):
            return None
        differ = tuple(
            name
            for name in RATE_NAMES
            if (a := getattr(ours.rates, name)) is not None
            and (b := getattr(theirs.rates, name)) is not None
            and a != b
        )
        if not differ:
            return None
        hours = ours.hours is not None and all(
            getattr(ours.hours.rates, name) == getattr(theirs.rates, name) for name in differ
        )
        return Disagreement(ours, theirs, differ, hours)


@dataclass(frozen=True, slots=True)
class _Names:
    """A model and provider as logged, and every name the project's patterns are held against."""

    model: str
    provider: str
    models: frozenset[str]
    providers: frozenset[str]

    @classmethod
    def of(cls, model: str, provider: str | None, found: Found | Unpriced) -> _Names:
        models, providers = {model.casefold()}, set()
        if provider:
            providers |= {provider.casefold(), known_provider(provider) or ""}
        if isinstance(found, Found):
            models.add(found.listing.model.casefold())
            providers.add(found.listing.provider)
        return cls(model, provider or "", frozenset(models), frozenset(providers))

    def are_meant_by(self, own: Override | Discount) -> bool:
        return concerns(own, self.providers, self.models)


def _listed(names: _Names, found: Found | Unpriced, day: date) -> Price | Unpriced:
    if isinstance(found, Unpriced):
        return found
    price = found.listing.on(day)
    where = f"{found.listing.provider}/{found.listing.model}"
    if price is None:
        first = found.listing.prices[0].valid_from
        return Unpriced(
            names.model,
            say("the first price known for {model} is of {day}", model=where, day=first),
            say("give the earlier price under [[prices]] in payback.toml"),
        )
    if not price.rates.known:
        return Unpriced(
            names.model,
            say("{model} is listed without a price per token: {note}", model=where, note=price.note),
            say("give its price under [[prices]] in payback.toml"),
        )
    return replace(price, found_by=found.found_by)
