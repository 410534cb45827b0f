"""Which listing of the book a logged model is: the maker's own first, and never a guess between prices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from payback.locale import say
from payback.prices.listing import Listing, Listings
from payback.prices.names import Form, alias, forms, known_provider, maker
from payback.prices.price import Unpriced

NEVER_ASSUMED = frozenset({"cursor", "github-copilot", "openai-decisions", "quicksilverpro", "typesafe"})
"""Sellers with prices of their own kind (subscriptions, resale): only taken where they are logged."""


@dataclass(frozen=True, slots=True)
class Found:
    """A listing, and the rules that led to it from the name as logged."""

    listing: Listing
    found_by: tuple[str, ...]


def resolve(
    book: Listings, model: str, provider: str | None, *, witnesses: Iterable[Listings] = ()
) -> Found | Unpriced:
    """The listing for a logged model and provider, or why there is none.

    1. Every reading of the name (payback.prices.names), the most literal first, aliases before rules.
       A provider that is given, or named by the reading, must list it; without one, the maker of the
       model must.
    2. Without a provider and without the maker's price: the only provider that lists it, or any of
       several at the same prices. At different prices it stays unpriced.
    Where a rule dropped a date, a revision or `-latest`, and `book` or one of `witnesses` lists the
    longer name at another price, it stays unpriced too.
    """
    named = known_provider(provider)
    readings = forms(model, named)
    for form in readings:
        for reading in (alias(form), form):
            if reading is None:
                continue
            seller = reading.provider or maker(reading.model)
            listing = None if seller is None else book.find(seller, reading.model)
            if listing is not None:
                return _unless_disputed(book, witnesses, readings, reading, listing)
    if named is None:
        for form in readings:
            listed = book.providers_of.get(form.model.casefold(), ())
            sellers = tuple(seller for seller in listed if seller not in NEVER_ASSUMED)
            if form.provider is None and sellers:
                return _of_several(book, form, sellers)
    return _unknown(book, model, named)


def near_names(book: Listings, model: str, provider: str | None) -> tuple[str, ...]:
    """Up to five listed models spelt much like `model`, at the provider if one is known."""
    named = known_provider(provider)
    listed = {name: seller for seller, name in book.keys if named in {None, seller}}
    if not listed:
        listed = {name: seller for seller, name in book.keys}
    bare = model.casefold().rpartition("/")[2]
    names = get_close_matches(bare, listed, n=5, cutoff=0.6)
    found = (book.find(listed[name], name) for name in names)
    return tuple(listing.model for listing in found if listing is not None)


def _of_several(book: Listings, form: Form, sellers: tuple[str, ...]) -> Found | Unpriced:
    found = [listing for seller in sellers if (listing := book.find(seller, form.model)) is not None]
    if len({_all_rates(listing) for listing in found}) == 1:
        step = (
            say("only {provider} lists it", provider=sellers[0])
            if len(sellers) == 1
            else say("{providers} list it at the same price", providers=", ".join(sellers))
        )
        return Found(found[0], (*form.found_by, step))
    return Unpriced(
        form.model,
        say(
            "{providers} list {model} at different prices, and no provider was logged",
            providers=", ".join(sellers),
            model=form.model,
        ),
        say("log the provider, or give your price under [[prices]] in payback.toml"),
    )


def _unless_disputed(
    book: Listings,
    witnesses: Iterable[Listings],
    readings: tuple[Form, ...],
    reading: Form,
    listing: Listing,
) -> Found | Unpriced:
    if not reading.lossy:
        return Found(listing, reading.found_by)
    listed = {_main_rates(listing, index) for index in range(len(listing.prices))}
    sellers = {listing.provider, maker(listing.model)} - {None}
    for form in readings:
        if len(form.model) <= len(reading.model):
            continue
        for other_book in (book, *witnesses):
            for seller in sellers:
                other = other_book.find(str(seller), form.model)
                if other is not None and _main_rates(other, -1) not in listed:
                    return Unpriced(
                        form.model,
                        say(
                            "{model} is like {found}, but is listed at another price elsewhere",
                            model=form.model,
                            found=f"{listing.provider}/{listing.model}",
                        ),
                        say("give its price under [[prices]] in payback.toml"),
                    )
    return Found(listing, reading.found_by)


def _unknown(book: Listings, model: str, provider: str | None) -> Unpriced:
    fix = say("check the spelling, or give its price under [[prices]] in payback.toml")
    if provider is None:
        return Unpriced(model, say("no price is known for {model}", model=model), fix)
    sellers = book.providers_of.get(model.casefold(), ())
    if sellers:
        reason = say(
            "{provider} has no price for {model} in the book; {others} do",
            provider=provider,
            model=model,
            others=", ".join(sellers),
        )
        return Unpriced(model, reason, fix)
    reason = say("no price is known for {model} at {provider}", model=model, provider=provider)
    return Unpriced(model, reason, fix)


_MainRates = tuple[Decimal | None, Decimal | None]


def _main_rates(listing: Listing, index: int) -> _MainRates:
    rates = listing.prices[index].rates
    return rates.input, rates.output


def _all_rates(listing: Listing) -> tuple[object, ...]:
    return tuple((price.valid_from, price.rates, price.tier, price.hours) for price in listing.prices)
